# Kernels on this machine -> a profile.
noinst_LIBRARIES += libcalibrate.a
libcalibrate_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TURBOJPEG_CFLAGS) \
	$(HWLOC_CFLAGS) $(XXHASH_CFLAGS) $(ZSTD_CFLAGS) -pthread
CALIBRATE_LIBS = libcalibrate.a $(JANSSON_LIBS) $(TURBOJPEG_LIBS) \
	$(HWLOC_LIBS) $(ZSTD_LIBS) $(XXHASH_LIBS) $(PTHREAD_LIBS)

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
	%D%/fit.c \
	%D%/fit.h \
	%D%/fit_features.c \
	%D%/fit_form.c \
	%D%/fit_kernel.c \
	%D%/fit_kink.c \
	%D%/fit_parts.h \
	%D%/fit_relative.c \
	%D%/fit_scaling.c \
	%D%/fit_spread.c \
	%D%/device.h \
	%D%/device_kernels.c %D%/device_kernels.h \
	%D%/worker.h \
	%D%/validate.h

# honest measuring on the CPU
libcalibrate_a_SOURCES += \
	%D%/block.c %D%/block.h \
	%D%/campaign.c %D%/campaign.h \
	%D%/canary.c %D%/canary.h \
	%D%/canary_loops.c \
	%D%/circumstances.c %D%/circumstances.h \
	%D%/cores.c %D%/cores.h \
	%D%/estimate.c %D%/estimate.h \
	%D%/gate.c %D%/gate.h \
	%D%/machine.c %D%/machine.h \
	%D%/measure.c \
	%D%/measure_facts.c \
	%D%/measure_keep.c \
	%D%/measure_parts.h \
	%D%/world.h

# the real pipeline and its verdict
libcalibrate_a_SOURCES += \
	%D%/flow.c %D%/flow.h \
	%D%/hop.c %D%/hop.h \
	%D%/pipe.c %D%/pipe.h \
	%D%/pipelines.c \
	%D%/validate.c \
	%D%/verdict.c %D%/verdict.h

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

include %D%/device/local.mk

# tables measured elsewhere
libcalibrate_a_SOURCES += \
	%D%/import.c %D%/import.h \
	%D%/import_parts.h \
	%D%/import_rows.c

include %D%/worker.mk
