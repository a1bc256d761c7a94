# Kernels on this machine -> a profile.
noinst_LIBRARIES += libcalibrate.a
libcalibrate_a_SOURCES = \
	%D%/kernel.h \
	%D%/kernel_handoff.c \
	%D%/kernel_hash.c \
	%D%/kernel_jpeg.c \
	%D%/kernel_memory.c \
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
	%D%/world.h
# the real pipeline and its verdict
libcalibrate_a_SOURCES += \
	%D%/flow.c %D%/flow.h \
	%D%/hop.c %D%/hop.h \
	%D%/pipe.c %D%/pipe.h \
	%D%/pipelines.c \
	%D%/validate.c \
	%D%/verdict.c %D%/verdict.h
# devices: the plan, the CUDA backend, the worker and its parent
libcalibrate_a_SOURCES += \
	%D%/cublaslt.c \
	%D%/cuda.c %D%/cuda_api.h %D%/cuda_module.c %D%/cuda_parts.h \
	%D%/device_backends.c \
	%D%/device_block.c %D%/device_block.h \
	%D%/device_catalog.c \
	%D%/device_check.c \
	%D%/device_plan.c %D%/device_plan.h \
	%D%/device_rig.c %D%/device_rig.h \
	%D%/device_rows.c %D%/device_rows.h \
	%D%/device_sample.c \
	%D%/nvml.c \
	%D%/worker.c \
	%D%/worker_line.c %D%/worker_line.h \
	%D%/worker_process.c %D%/worker_process.h
libcalibrate_a_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR='"$(pkglibexecdir)"' \
	-DPKGDATADIR='"$(pkgdatadir)"'
libcalibrate_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(TURBOJPEG_CFLAGS) \
	$(HWLOC_CFLAGS) $(XXHASH_CFLAGS) $(ZSTD_CFLAGS) -pthread
CALIBRATE_LIBS = libcalibrate.a $(JANSSON_LIBS) $(TURBOJPEG_LIBS) \
	$(HWLOC_LIBS) $(ZSTD_LIBS) $(XXHASH_LIBS) $(PTHREAD_LIBS)

# Devices are measured by a program of its own, beside stageplan when built.
pkglibexec_PROGRAMS += stageplan-worker
stageplan_worker_SOURCES = %D%/worker_main.c
stageplan_worker_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS)
include %D%/device/local.mk
