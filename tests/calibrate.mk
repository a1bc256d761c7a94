# Calibration: its library and those below.

# The kernels on the CPU.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_cal_queue %D%/test_bpe %D%/test_jpeg_reference \
	%D%/test_kernels
KERNEL_TEST_LIBS = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_cal_queue_SOURCES = %D%/test_cal_queue.c
%C%_test_cal_queue_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_bpe_SOURCES = %D%/test_bpe.c
%C%_test_bpe_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_jpeg_reference_SOURCES = %D%/test_jpeg_reference.c
%C%_test_jpeg_reference_CFLAGS = $(AM_CFLAGS) $(TURBOJPEG_CFLAGS)
%C%_test_jpeg_reference_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_kernels_SOURCES = %D%/test_kernels.c
%C%_test_kernels_LDADD = $(KERNEL_TEST_LIBS)
SLOW_TESTS += %D%/test_kernels
LONG_TESTS += %D%/test_kernels
endif
