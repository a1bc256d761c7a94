/* The fake driver answers as the driver does: what it refuses, what sticks, and the
 * misbehaviour that FAKE_CUDA asks for.  Each row is a process of its own, since a
 * driver has state. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/driver_rig.h"

#define N(rows) (sizeof rows / sizeof rows[0])

static struct driver d;

/* ---- what a row does: code, the driver's answer ---- */

static cu_ptr memory_of(size_t bytes)
{
    cu_ptr p = 0;

    d.cuMemAlloc_v2(&p, bytes);
    return p;
}

static void *kernel(const char *name)
{
    void *function = NULL;

    d.cuModuleGetFunction(&function, d.module, name);
    return function;
}

static int launch_spin(cu_ptr out, unsigned blocks, unsigned threads)
{
    int n = 3;
    void *args[] = {&out, &n};

    return d.cuLaunchKernel(kernel("spin"), blocks, 1, 1, threads, 1, 1, 0, NULL, args,
                            NULL);
}

static int nothing(void)
{
    return 0;
}

static int allocation(void)
{
    cu_ptr p;

    return d.cuMemAlloc_v2(&p, 1 << 20);
}

static int too_large_allocation(void)
{
    cu_ptr p;

    return d.cuMemAlloc_v2(&p, (size_t)1 << 40);
}

static int empty_allocation(void)
{
    cu_ptr p;

    return d.cuMemAlloc_v2(&p, 0);
}

static int launch(void)
{
    int code = launch_spin(memory_of(4 * 256), 1, 256);

    return code != 0 ? code : d.cuCtxSynchronize();
}

static int second_launch(void)
{
    int code = launch();

    return code != 0 ? code : launch();
}

static int launch_of_2048_threads(void)
{
    return launch_spin(memory_of(4 * 2048), 1, 2048);
}

static int launch_of_no_blocks(void)
{
    return launch_spin(memory_of(4), 0, 1);
}

static int launch_of_no_kernel(void)
{
    static int not_a_kernel;

    return d.cuLaunchKernel(&not_a_kernel, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
}

static int launch_in_no_stream(void)
{
    static int not_a_stream;

    return d.cuLaunchKernel(kernel("empty"), 1, 1, 1, 1, 1, 1, 0, &not_a_stream, NULL,
                            NULL);
}

static int launch_without_arguments(void)
{
    return d.cuLaunchKernel(kernel("spin"), 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
}

static int launch_on_freed_memory(void)
{
    cu_ptr p = memory_of(64);

    d.cuMemFree_v2(p);
    return launch_spin(p, 1, 1) != 0 ? 0 : d.cuCtxSynchronize();
}

static int allocation_after_a_bad_access(void)
{
    launch_on_freed_memory();
    return allocation();
}

static int unknown_kernel(void)
{
    void *function;

    return d.cuModuleGetFunction(&function, d.module, "gemm_f64");
}

static int module_of_text(void)
{
    void *module;

    return d.cuModuleLoadData(&module, "no image at all");
}

static int free_of_unknown_memory(void)
{
    return d.cuMemFree_v2(memory_of(64) + 4);
}

static int second_free(void)
{
    cu_ptr p = memory_of(64);

    return d.cuMemFree_v2(p) != 0 ? 0 : d.cuMemFree_v2(p);
}

static int pinned_free_of_other_memory(void)
{
    static int mine;

    return d.cuMemFreeHost(&mine);
}

static int copy_of(size_t bytes)
{
    static char host[128];

    return d.cuMemcpyHtoDAsync_v2(memory_of(64), host, bytes, NULL);
}

static int copy_that_fits(void)
{
    return copy_of(64);
}

static int copy_beyond_the_end(void)
{
    return copy_of(65);
}

static int copy_from_beyond_the_end(void)
{
    static char host[128];

    return d.cuMemcpyDtoHAsync_v2(host, memory_of(64) + 1, 64, NULL);
}

static int device_pointer_of_pageable_memory(void)
{
    static int mine;
    cu_ptr p;

    return d.cuMemHostGetDevicePointer_v2(&p, &mine, 0);
}

static int time_of_events(bool record_first, bool record_second)
{
    void *from, *to;
    float ms;

    d.cuEventCreate(&from, 0);
    d.cuEventCreate(&to, 0);
    if (record_first)
        d.cuEventRecord(from, NULL);
    d.cuCtxSynchronize();
    if (record_second)
        d.cuEventRecord(to, NULL);
    return d.cuEventElapsedTime(&ms, from, to);
}

static int time_from_no_event(void)
{
    return time_of_events(false, false);
}

static int time_to_what_is_not_yet(void)
{
    return time_of_events(true, true);
}

static int second_device(void)
{
    int device;

    return d.cuDeviceGet(&device, 1);
}

static int work_without_a_context(void)
{
    d.cuCtxSetCurrent(NULL);
    return allocation();
}

static int copied_back_byte(void)
{
    cu_ptr p = memory_of(1);
    unsigned char byte = 7;

    d.cuMemsetD8Async(p, 42, 1, NULL);
    d.cuMemcpyDtoHAsync_v2(&byte, p, 1, NULL);
    d.cuCtxSynchronize();
    return byte;
}

enum { KILLED = 1000 }; /* and the signal */

static const struct row {
    const char *name, *words;
    int (*act)(void);
    int want; /* of driver_start(), or of act() after a good start */
} rows[] = {
    {"starts", "", nothing, 0},
    {"no_device_is_100", "no-device", nothing, 100},
    {"stub_is_34", "stub", nothing, 34},
    {"old_driver_refuses_the_module", "old", nothing, 222},
    {"no_code_for_the_device_is_209", "no-binary", nothing, 209},
    {"an_error_can_be_asked_for", "error=999@cuModuleLoadData", nothing, 999},
    {"second_device_where_there_are_two", "devices=2", second_device, 0},
    {"second_device_of_one", "", second_device, 101},
    {"allocation", "", allocation, 0},
    {"no_memory", "oom", allocation, 2},
    {"more_than_there_is", "", too_large_allocation, 2},
    {"less_memory", "memory=1000", allocation, 2},
    {"allocation_of_nothing", "", empty_allocation, 1},
    {"without_a_context", "", work_without_a_context, 201},
    {"launch", "", launch, 0},
    {"launch_of_2048_threads", "", launch_of_2048_threads, 1},
    {"launch_of_no_blocks", "", launch_of_no_blocks, 1},
    {"launch_of_no_kernel", "", launch_of_no_kernel, 400},
    {"launch_in_no_stream", "", launch_in_no_stream, 400},
    {"launch_without_arguments", "", launch_without_arguments, 1},
    {"launch_on_freed_memory", "", launch_on_freed_memory, 700},
    {"a_bad_access_sticks", "", allocation_after_a_bad_access, 700},
    {"unknown_kernel", "", unknown_kernel, 500},
    {"module_of_text", "", module_of_text, 200},
    {"free_of_unknown_memory", "", free_of_unknown_memory, 1},
    {"second_free", "", second_free, 1},
    {"pinned_free_of_other_memory", "", pinned_free_of_other_memory, 1},
    {"copy_that_fits", "", copy_that_fits, 0},
    {"copy_beyond_the_end", "", copy_beyond_the_end, 1},
    {"copy_from_beyond_the_end", "", copy_from_beyond_the_end, 1},
    {"device_pointer_of_pageable_memory", "", device_pointer_of_pageable_memory, 1},
    {"time_from_no_event", "", time_from_no_event, 400},
    {"time_to_what_is_not_yet", "", time_to_what_is_not_yet, 600},
    {"set_bytes_come_back", "", copied_back_byte, 42},
    {"garbage_comes_back", "garbage-data", copied_back_byte, 0xa5},
    {"first_launch_crashes", "crash@cuLaunchKernel", launch, KILLED + SIGSEGV},
    {"second_launch_crashes", "crash@cuLaunchKernel:2", second_launch,
     KILLED + SIGSEGV},
    {"first_launch_does_not", "crash@cuLaunchKernel:2", launch, 0},
    {"hangs_until_somebody_stops_it", "hang@cuLaunchKernel", launch, KILLED + SIGALRM},
};

/* In a process of its own; its code comes back through a pipe. */
static int outcome(const struct row *row)
{
    int ends[2], code = -1, status = 0;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        setenv("FAKE_CUDA", row->words, 1);
        alarm(strncmp(row->words, "hang", 4) == 0 ? 1 : 60);
        code = driver_start(&d);
        if (code == 0)
            code = row->act();
        _exit(write(ends[1], &code, sizeof code) != sizeof code);
    }
    close(ends[1]);
    if (read(ends[0], &code, sizeof code) != sizeof code)
        code = -1;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? KILLED + WTERMSIG(status) : code;
}

static void answer_is_the_drivers(void **state)
{
    const struct row *row = *state;

    assert_int_equal(outcome(row), row->want);
}

static void nothing_works_before_init(void **state)
{
    int count;

    (void)state;
    assert_int_equal(d.cuDeviceGetCount(&count), 3);
}

static void codes_have_names(void **state)
{
    const char *text = "";

    (void)state;
    assert_int_equal(d.cuGetErrorName(100, &text), 0);
    assert_string_equal(text, "CUDA_ERROR_NO_DEVICE");
    assert_int_equal(d.cuGetErrorString(2, &text), 0);
    assert_string_equal(text, "out of memory");
    assert_int_equal(d.cuGetErrorName(12345, &text), 1);
    assert_null(text);
}

int main(void)
{
    struct CMUnitTest tests[N(rows) + 2] = {
        cmocka_unit_test(nothing_works_before_init),
        cmocka_unit_test(codes_have_names),
    };

    unsetenv("FAKE_CUDA");
    driver_load(&d, getenv("FAKE_CUDA_LIBRARY"));
    for (size_t i = 0; i < N(rows); i++)
        tests[i + 2] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = answer_is_the_drivers,
                                .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("fake_cuda", tests, NULL, NULL);
}
