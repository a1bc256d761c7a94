# Kernels on this machine -> a profile.
noinst_LIBRARIES += libcalibrate.a
libcalibrate_a_SOURCES = \
	%D%/kernel.h \
	%D%/bpe.c %D%/bpe.h \
	%D%/bpe_learn.c %D%/bpe_learn.h \
	%D%/kernel_bpe.c \
	%D%/kernel_handoff.c \
	%D%/kernel_hash.c \
	%D%/kernel_jpeg.c \
	%D%/kernel_json.c \
	%D%/kernel_memory.c \
	%D%/kernel_resize.c \
	%D%/kernel_sgemm.c \
	%D%/kernel_util.c %D%/kernel_util.h \
	%D%/kernel_zstd.c \
	%D%/kernels.c %D%/kernels.h \
	%D%/jpeg_reference.c %D%/jpeg_reference.h \
	%D%/input_image.c %D%/input_image.h \
	%D%/input_text.c %D%/input_text.h \
	%D%/openblas.c %D%/openblas.h \
	%D%/queue.c %D%/queue.h \
	%D%/measured.h \
	%D%/measure.h \
	%D%/fit.h \
	%D%/device.h \
	%D%/device_kernels.h \
	%D%/worker.h \
	%D%/validate.h
libcalibrate_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TURBOJPEG_CFLAGS) \
	$(HWLOC_CFLAGS) $(XXHASH_CFLAGS) $(ZSTD_CFLAGS) -pthread
CALIBRATE_LIBS = libcalibrate.a $(JANSSON_LIBS) $(TURBOJPEG_LIBS) \
	$(HWLOC_LIBS) $(ZSTD_LIBS) $(XXHASH_LIBS) -pthread
