# Calibration: its library and those below.

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
	%D%/test_fake_clock \
	%D%/test_fake_cuda
DRIVER_TEST_LIBS = libcalibrate.a libbase.a $(TEST_LIBS) -lm
%C%_test_device_kernels_SOURCES = %D%/test_device_kernels.c $(DRIVER_TESTS)
%C%_test_device_kernels_LDADD = $(DRIVER_TEST_LIBS)
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
