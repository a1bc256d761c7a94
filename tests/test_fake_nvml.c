/* The stand-in for the management library says what FAKE_NVML asks for. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void *library;

/* Calls an entry point: they all return int and take a few pointers and numbers. */
#define FUNCTION(name, parameters)                                                     \
    int(*name) parameters = NULL;                                                      \
    *(void **)&name = dlsym(library, #name);                                           \
    assert_non_null(*(void **)&name)

static const struct row {
    const char *name, *words, *id;
    int init, handle;
    unsigned celsius, mhz, processes;
    unsigned long long reasons;
} rows[] = {
    {"calm", "", "0000:01:00.0", 0, 0, 45, 1500, 1, 0},
    {"hot_and_throttled", "hot,throttle", "0000:01:00.0", 0, 0, 91, 1050, 1, 0x40},
    {"idle", "idle", "0000:01:00.0", 0, 0, 45, 1500, 1, 1},
    {"shared", "busy", "0000:01:00.0", 0, 0, 45, 1500, 2, 0},
    {"no_driver", "no-driver", "0000:01:00.0", 9, 1, 0, 0, 0, 0},
    {"another_device", "", "0000:02:00.0", 0, 6, 0, 0, 0, 0},
};

static void says_what_was_asked_for(void **state)
{
    const struct row *row = *state;
    unsigned celsius, mhz, n = 0, processes[2 * 6];
    unsigned long long reasons;
    void *device = NULL;
    FUNCTION(nvmlInit_v2, (void));
    FUNCTION(nvmlShutdown, (void));
    FUNCTION(nvmlDeviceGetHandleByPciBusId_v2, (const char *, void **));
    FUNCTION(nvmlDeviceGetTemperature, (void *, int, unsigned *));
    FUNCTION(nvmlDeviceGetClockInfo, (void *, int, unsigned *));
    FUNCTION(nvmlDeviceGetCurrentClocksEventReasons, (void *, unsigned long long *));
    FUNCTION(nvmlDeviceGetComputeRunningProcesses_v3, (void *, unsigned *, void *));

    setenv("FAKE_NVML", row->words, 1);
    assert_int_equal(nvmlInit_v2(), row->init);
    assert_int_equal(nvmlDeviceGetHandleByPciBusId_v2(row->id, &device), row->handle);
    if (row->handle == 0) {
        assert_int_equal(nvmlDeviceGetTemperature(device, 0, &celsius), 0);
        assert_int_equal(celsius, row->celsius);
        assert_int_equal(nvmlDeviceGetClockInfo(device, 1, &mhz), 0);
        assert_int_equal(mhz, row->mhz);
        assert_int_equal(nvmlDeviceGetCurrentClocksEventReasons(device, &reasons), 0);
        assert_true(reasons == row->reasons);
        assert_int_equal(nvmlDeviceGetComputeRunningProcesses_v3(device, &n, NULL), 7);
        assert_int_equal(n, row->processes);
        assert_int_equal(nvmlDeviceGetComputeRunningProcesses_v3(device, &n, processes),
                         0);
        assert_int_equal(processes[0], getpid());
    }
    assert_int_equal(nvmlShutdown(), row->init == 0 ? 0 : 1);
}

int main(void)
{
    struct CMUnitTest tests[sizeof rows / sizeof rows[0]];

    library = dlopen(getenv("FAKE_NVML_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return 99;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = says_what_was_asked_for,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("fake_nvml", tests, NULL, NULL);
}
