# Kernels on this machine -> a profile.
noinst_LIBRARIES += libcalibrate.a
libcalibrate_a_SOURCES = \
	%D%/kernel.h \
	%D%/kernel_hash.c \
	%D%/kernel_memory.c \
	%D%/kernel_util.c %D%/kernel_util.h \
	%D%/kernel_zstd.c \
	%D%/kernels.c %D%/kernels.h \
	%D%/input_text.c %D%/input_text.h \
	%D%/queue.c %D%/queue.h \
	%D%/measured.h \
	%D%/measure.h \
	%D%/fit.h \
	%D%/device.h \
	%D%/device_kernels.c %D%/device_kernels.h \
	%D%/worker.h \
	%D%/validate.h
libcalibrate_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TURBOJPEG_CFLAGS) \
	$(OPENBLAS_CFLAGS) $(HWLOC_CFLAGS) $(XXHASH_CFLAGS) $(ZSTD_CFLAGS) -pthread
CALIBRATE_LIBS = libcalibrate.a $(JANSSON_LIBS) $(TURBOJPEG_LIBS) $(OPENBLAS_LIBS) \
	$(HWLOC_LIBS) $(ZSTD_LIBS) $(XXHASH_LIBS) -pthread

# The device kernels: one source, compiled by nvcc to a file of data.
EXTRA_DIST += %D%/device/kernels.inc %D%/device/opencl.h %D%/device/cuda.h \
	%D%/device/kernels.cu
if HAVE_NVCC
pkgdata_DATA += %D%/device/kernels.fatbin
endif
CLEANFILES += %D%/device/kernels.fatbin
AM_V_NVCC = $(am__v_NVCC_@AM_V@)
am__v_NVCC_ = $(am__v_NVCC_@AM_DEFAULT_V@)
am__v_NVCC_0 = @echo "  NVCC    " $@;
am__v_NVCC_1 =
%D%/device/kernels.fatbin: $(srcdir)/%D%/device/kernels.cu $(srcdir)/%D%/device/cuda.h \
		$(srcdir)/%D%/device/kernels.inc
	$(AM_V_NVCC)$(MKDIR_P) %D%/device && \
	$(NVCC) $(NVCCFLAGS) $(CUDA_GENCODE) --fatbin -o $@ $(srcdir)/%D%/device/kernels.cu
