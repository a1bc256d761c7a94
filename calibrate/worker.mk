# devices: the plan, the CUDA backend, the worker and its parent
libcalibrate_a_SOURCES += \
	%D%/cublaslt.c \
	%D%/cuda.c %D%/cuda_api.h %D%/cuda_device.h \
	%D%/cuda_module.c %D%/cuda_parts.h %D%/cuda_stream.c \
	%D%/device_backends.c \
	%D%/device_block.c %D%/device_block.h \
	%D%/device_catalog.c \
	%D%/device_check.c \
	%D%/device_plan.c %D%/device_plan.h \
	%D%/device_rig.c %D%/device_rig.h \
	%D%/device_rows.c %D%/device_rows.h \
	%D%/device_sample.c \
	%D%/kernel_device.c \
	%D%/nvml.c \
	%D%/worker.c \
	%D%/worker_line.c %D%/worker_line.h \
	%D%/worker_process.c %D%/worker_process.h
libcalibrate_a_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR='"$(pkglibexecdir)"' \
	-DPKGDATADIR='"$(pkgdatadir)"'

# Devices are measured by a program of its own, beside stageplan when built.
pkglibexec_PROGRAMS += stageplan-worker
stageplan_worker_SOURCES = %D%/worker_main.c
stageplan_worker_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS)
