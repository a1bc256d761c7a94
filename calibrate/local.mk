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
	%D%/device_kernels.h \
	%D%/worker.h \
	%D%/validate.h
libcalibrate_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TURBOJPEG_CFLAGS) \
	$(OPENBLAS_CFLAGS) $(HWLOC_CFLAGS) $(XXHASH_CFLAGS) $(ZSTD_CFLAGS) -pthread
CALIBRATE_LIBS = libcalibrate.a $(JANSSON_LIBS) $(TURBOJPEG_LIBS) $(OPENBLAS_LIBS) \
	$(HWLOC_LIBS) $(ZSTD_LIBS) $(XXHASH_LIBS) -pthread

# OpenCL: its headers give the types, the library is found at run time; the kernels'
# source is compiled in as text.
libcalibrate_a_SOURCES += %D%/device_source.h %D%/opencl_api.h %D%/opencl_parts.h
if HAVE_OPENCL
libcalibrate_a_SOURCES += %D%/opencl.c %D%/opencl_stream.c
else
libcalibrate_a_SOURCES += %D%/opencl_none.c
endif
nodist_libcalibrate_a_SOURCES = %D%/opencl_source.c
CAL_OPENCL_TEXTS = $(srcdir)/%D%/device/opencl.h $(srcdir)/%D%/device/kernels.inc
CLEANFILES += %D%/opencl_source.c
%D%/opencl_source.c: $(CAL_OPENCL_TEXTS) $(srcdir)/model/embed.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v name=cal_opencl_source \
		-v header=calibrate/device_source.h -f $(srcdir)/model/embed.awk \
		$(CAL_OPENCL_TEXTS) >$@-t && mv $@-t $@
