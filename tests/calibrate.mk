# Calibration: its library and those below.
# OpenCL: on whatever device is there (PoCL where CI runs), with its cache of built
# kernels in the build tree.
if HAVE_CMOCKA
if HAVE_OPENCL
check_PROGRAMS += %D%/test_opencl
%C%_test_opencl_SOURCES = %D%/test_opencl.c %D%/device_cases.c \
	%D%/device_cases.h %D%/device_reference.c %D%/device_reference.h
%C%_test_opencl_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
endif
clean-local: clean-pocl
clean-pocl:
	rm -rf %D%/pocl
.PHONY: clean-pocl
