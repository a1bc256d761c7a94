# The device kernels on an emulated GPU: a fake driver, in C++.
FAKE_CUDA_SOURCES = \
	%D%/fake_cuda/behaviour.cc %D%/fake_cuda/behaviour.h \
	%D%/fake_cuda/device.cc %D%/fake_cuda/device.h \
	%D%/fake_cuda/driver.cc \
	%D%/fake_cuda/emulate.cc %D%/fake_cuda/emulate.h \
	%D%/fake_cuda/kernel_table.cc %D%/fake_cuda/kernel_table.h
DEVICE_CASES = \
	%D%/device_cases.c %D%/device_cases.h \
	%D%/device_reference.c %D%/device_reference.h
DRIVER_TESTS = $(DEVICE_CASES) %D%/driver_rig.c %D%/driver_rig.h
EXTRA_DIST += $(FAKE_CUDA_SOURCES) $(DRIVER_TESTS)

# A driver that lacks nearly all, and the management library, new and old.
FAKE_DRIVERS = \
	%D%/fake_cuda/libolddriver.so \
	%D%/fake_nvml/libfakenvml.so \
	%D%/fake_nvml/libfakenvmlold.so
%C%_fake_cuda_libolddriver_so_SOURCES = %D%/fake_cuda/old_driver.c
%C%_fake_cuda_libolddriver_so_CFLAGS = $(AM_CFLAGS) -fPIC
%C%_fake_cuda_libolddriver_so_LDFLAGS = -shared
%C%_fake_nvml_libfakenvml_so_SOURCES = %D%/fake_nvml/nvml.c
%C%_fake_nvml_libfakenvml_so_CFLAGS = $(AM_CFLAGS) -fPIC
%C%_fake_nvml_libfakenvml_so_LDFLAGS = -shared
%C%_fake_nvml_libfakenvmlold_so_SOURCES = %D%/fake_nvml/nvml.c
%C%_fake_nvml_libfakenvmlold_so_CFLAGS = $(AM_CFLAGS) -fPIC -DFAKE_NVML_OLD
%C%_fake_nvml_libfakenvmlold_so_LDFLAGS = -shared
EXTRA_PROGRAMS += $(FAKE_DRIVERS)
check_DATA += $(FAKE_DRIVERS)
CLEANFILES += $(FAKE_DRIVERS)

if HAVE_CMOCKA
check_PROGRAMS += %D%/test_fake_nvml
%C%_test_fake_nvml_SOURCES = %D%/test_fake_nvml.c
%C%_test_fake_nvml_LDADD = $(TEST_LIBS)
endif

if HAVE_CXX
EXTRA_PROGRAMS += %D%/fake_cuda/libfakecuda.so
check_DATA += %D%/fake_cuda/libfakecuda.so
CLEANFILES += %D%/fake_cuda/libfakecuda.so
%C%_fake_cuda_libfakecuda_so_SOURCES = $(FAKE_CUDA_SOURCES)
%C%_fake_cuda_libfakecuda_so_CXXFLAGS = $(AM_CXXFLAGS) -fPIC
%C%_fake_cuda_libfakecuda_so_LDFLAGS = -shared
if HAVE_CMOCKA
check_PROGRAMS += \
	%D%/test_device_barriers \
	%D%/test_device_bounds \
	%D%/test_device_kernels \
	%D%/test_emulate \
	%D%/test_fake_clock \
	%D%/test_fake_cuda
DRIVER_TEST_LIBS = libcalibrate.a libbase.a $(TEST_LIBS) -lm
%C%_test_device_kernels_SOURCES = %D%/test_device_kernels.c $(DRIVER_TESTS)
%C%_test_device_kernels_LDADD = $(DRIVER_TEST_LIBS)
%C%_test_emulate_SOURCES = %D%/test_emulate.cc %D%/fake_cuda/emulate.cc \
	%D%/fake_cuda/emulate.h
%C%_test_emulate_LDADD = $(TEST_LIBS)
%C%_test_fake_clock_SOURCES = %D%/test_fake_clock.c $(DRIVER_TESTS)
%C%_test_fake_clock_LDADD = $(DRIVER_TEST_LIBS)
%C%_test_fake_cuda_SOURCES = %D%/test_fake_cuda.c $(DRIVER_TESTS)
%C%_test_fake_cuda_LDADD = $(DRIVER_TEST_LIBS)
%C%_test_device_barriers_SOURCES = %D%/test_device_barriers.c $(DRIVER_TESTS) \
	%D%/kernel_mutants.c %D%/kernel_mutants.h
%C%_test_device_barriers_LDADD = $(DRIVER_TEST_LIBS)
%C%_test_device_bounds_SOURCES = %D%/test_device_bounds.c $(DRIVER_TESTS) \
	%D%/kernel_mutants.c %D%/kernel_mutants.h $(FAKE_CUDA_SOURCES)
%C%_test_device_bounds_CXXFLAGS = $(AM_CXXFLAGS) $(ASAN_CXXFLAGS) -g
%C%_test_device_bounds_LDFLAGS = $(ASAN_CXXFLAGS) -Wl,--export-dynamic
%C%_test_device_bounds_LDADD = $(DRIVER_TEST_LIBS)
endif
endif
