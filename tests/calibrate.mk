# Calibration: its library and those below.
include %D%/worker.mk

# The fits, known answers.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_fit_form
%C%_test_fit_form_SOURCES = %D%/test_fit_form.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_form_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit_features
%C%_test_fit_features_SOURCES = %D%/test_fit_features.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_features_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit_scaling
%C%_test_fit_scaling_SOURCES = %D%/test_fit_scaling.c %D%/fit_rig.c %D%/fit_rig.h
%C%_test_fit_scaling_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
check_PROGRAMS += %D%/test_fit
%C%_test_fit_SOURCES = %D%/test_fit.c %D%/fit_rig.c %D%/fit_rig.h \
	%D%/trace_files.c %D%/trace_files.h
%C%_test_fit_LDADD = libcalibrate.a $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif

include %D%/device.mk

# OpenCL: on whatever device is there (PoCL where CI runs), with its cache of built
# kernels in the build tree.
if HAVE_CMOCKA
if HAVE_OPENCL
check_PROGRAMS += %D%/test_opencl
%C%_test_opencl_SOURCES = %D%/test_opencl.c $(DEVICE_CASES)
%C%_test_opencl_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
endif
clean-local: clean-pocl
clean-pocl:
	rm -rf %D%/pocl
.PHONY: clean-pocl
# The kernels on the CPU.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_cal_queue %D%/test_bpe %D%/test_jpeg_reference \
	%D%/test_cpu_kernels %D%/test_kernel_inputs
KERNEL_TEST_LIBS = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_cal_queue_SOURCES = %D%/test_cal_queue.c
%C%_test_cal_queue_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_bpe_SOURCES = %D%/test_bpe.c
%C%_test_bpe_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_jpeg_reference_SOURCES = %D%/test_jpeg_reference.c
%C%_test_jpeg_reference_CFLAGS = $(AM_CFLAGS) $(TURBOJPEG_CFLAGS)
%C%_test_jpeg_reference_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_kernel_inputs_SOURCES = %D%/test_kernel_inputs.c
%C%_test_kernel_inputs_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS)
%C%_test_kernel_inputs_LDADD = $(KERNEL_TEST_LIBS)
%C%_test_cpu_kernels_SOURCES = %D%/test_cpu_kernels.c
%C%_test_cpu_kernels_LDADD = $(KERNEL_TEST_LIBS)
SLOW_TESTS += %D%/test_cpu_kernels
LONG_TESTS += %D%/test_cpu_kernels
endif

# honest measuring on the CPU
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_campaign %D%/test_canary %D%/test_estimate %D%/test_gate \
	%D%/test_measure
%C%_test_campaign_SOURCES = %D%/test_campaign.c %D%/near.h %D%/scripted_world.c %D%/scripted_world.h
%C%_test_campaign_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_canary_SOURCES = %D%/test_canary.c %D%/near.h
%C%_test_canary_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_estimate_SOURCES = %D%/test_estimate.c %D%/near.h
%C%_test_estimate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_gate_SOURCES = %D%/test_gate.c
%C%_test_gate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_measure_SOURCES = %D%/test_measure.c
%C%_test_measure_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif

# tables measured elsewhere
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_import
%C%_test_import_SOURCES = %D%/test_import.c %D%/profile_text.h
%C%_test_import_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
dist_check_SCRIPTS += %D%/e2e_calibrate.sh %D%/e2e_opencl.sh

# The real pipeline, and its verdict.
if HAVE_CMOCKA
check_PROGRAMS += %D%/test_validate %D%/test_verdict
%C%_test_validate_SOURCES = %D%/test_validate.c
%C%_test_validate_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
%C%_test_verdict_SOURCES = %D%/test_verdict.c
%C%_test_verdict_LDADD = $(CALIBRATE_LIBS) $(MODEL_LIBS) $(BASE_LIBS) $(TEST_LIBS)
endif
