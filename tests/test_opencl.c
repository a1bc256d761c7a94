/* The device kernels on a real OpenCL device, against the same references as in the
 * emulation; queues that are held, events, what is said where there is nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "calibrate/kernels.h"
#include "tests/device_cases.h"

#ifdef __SANITIZE_ADDRESS__
/* What a driver leaves behind at exit is the driver's. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpocl\nleak:libLLVM\nleak:libOpenCL\n";
}
#endif

static struct sp_arena *arena;
static struct cal_device *device;
static struct cal_device_info info;
static struct cal_stream *stream;

/* ---- a rig over the interface ---- */

static bool has(void *self, const char *kernel)
{
    (void)self;
    return cal_opencl.function(device, kernel, NULL) != NULL;
}

static cal_memory *alloc(void *self, size_t bytes)
{
    (void)self;
    return cal_opencl.alloc(device, bytes, NULL);
}

static void give_back(void *self, cal_memory *memory)
{
    (void)self;
    cal_opencl.free(device, memory);
}

static bool put(void *self, cal_memory *to, const void *from, size_t bytes)
{
    (void)self;
    return cal_opencl.to_device(stream, to, from, bytes, NULL) == SP_OK &&
           cal_opencl.finish(stream, NULL) == SP_OK;
}

static bool get(void *self, void *to, cal_memory *from, size_t bytes)
{
    (void)self;
    return cal_opencl.to_host(stream, to, from, bytes, NULL) == SP_OK &&
           cal_opencl.finish(stream, NULL) == SP_OK;
}

static bool launch(void *self, const char *kernel, const struct cal_grid *grid,
                   const struct cal_arg *args, int32_t n_args)
{
    struct cal_function *f = cal_opencl.function(device, kernel, NULL);

    (void)self;
    return f != NULL &&
           cal_opencl.launch(stream, f, grid, args, n_args, NULL) == SP_OK &&
           cal_opencl.finish(stream, NULL) == SP_OK;
}

static void kernel_agrees_with_its_reference(void **state)
{
    const struct device_rig rig = {.has = has,
                                   .alloc = alloc,
                                   .free = give_back,
                                   .put = put,
                                   .get = get,
                                   .launch = launch};
    char why[300] = "";

    switch (device_case_run(*state, &rig, why, sizeof why)) {
    case DEVICE_RIGHT:
        break;
    case DEVICE_LACKS_KERNEL:
        skip(); /* a number format that it has not */
        break;
    case DEVICE_WRONG:
        fail_msg("%s", why);
    }
}

/* ---- queues and events ---- */

static void count_to(struct cal_function *f, cal_memory *out, int32_t n)
{
    const struct cal_grid grid = {{1, 1, 1}, {1, 1, 1}};
    const struct cal_arg args[] = {{CAL_ARG_MEMORY, {.memory = out}},
                                   {CAL_ARG_I32, {.i32 = n}}};

    assert_int_equal(cal_opencl.launch(stream, f, &grid, args, 2, NULL), SP_OK);
}

/* A host that saw the result before release() would see a queue that does not hold. */
static void held_queue_does_nothing_until_it_is_released(void **state)
{
    const struct timespec while_held = {.tv_nsec = 20000000};
    float *seen = cal_opencl.host_alloc(device, sizeof *seen, NULL);
    cal_memory *out = cal_opencl.alloc(device, sizeof *seen, NULL);
    struct cal_function *spin = cal_opencl.function(device, "spin", NULL);
    bool held = false;

    (void)state;
    assert_non_null(seen);
    assert_non_null(out);
    assert_non_null(spin);
    *seen = -1;
    assert_int_equal(cal_opencl.hold(stream, NULL), SP_OK);
    count_to(spin, out, 1);
    assert_int_equal(cal_opencl.to_host(stream, seen, out, sizeof *seen, NULL), SP_OK);
    nanosleep(&while_held, NULL);
    assert_true(*(volatile float *)seen == -1);
    assert_int_equal(cal_opencl.release(stream, &held, NULL), SP_OK);
    assert_true(held);
    assert_int_equal(cal_opencl.finish(stream, NULL), SP_OK);
    assert_true(*seen != -1);
    cal_opencl.free(device, out);
    cal_opencl.host_free(device, seen);
}

static double between(struct cal_event *from, struct cal_event *to)
{
    double s = -1;

    assert_int_equal(cal_opencl.elapsed(device, from, to, &s, NULL), SP_OK);
    return s;
}

static void events_are_in_the_order_of_the_stream_and_their_times_add_up(void **state)
{
    struct cal_event *at[3];
    cal_memory *out = cal_opencl.alloc(device, sizeof(float), NULL);
    struct cal_function *spin = cal_opencl.function(device, "spin", NULL);

    (void)state;
    for (int i = 0; i < 3; i++) {
        at[i] = cal_opencl.event(device, NULL);
        count_to(spin, out, 100000);
        assert_int_equal(cal_opencl.record(stream, at[i], NULL), SP_OK);
    }
    assert_int_equal(cal_opencl.finish(stream, NULL), SP_OK);
    assert_true(between(at[0], at[1]) > 0);
    assert_true(between(at[1], at[2]) > 0);
    assert_true(between(at[1], at[0]) == -between(at[0], at[1]));
    /* whole nanoseconds below a second: their sum in doubles is off by less than 1e-12
     */
    assert_true(fabs(between(at[0], at[1]) + between(at[1], at[2]) -
                     between(at[0], at[2])) < 1e-12);
    for (int i = 0; i < 3; i++)
        cal_opencl.event_free(device, at[i]);
    cal_opencl.free(device, out);
}

/* validate's stage, on the first device that there is. */
static void stage_of_validate_computes_what_it_says(void **state)
{
    const struct cal_kernel *kernel = &cal_kernel_device_resize;
    struct cal_state *s = NULL;
    struct sp_err err = {0};
    uint64_t digest;

    (void)state;
    assert_int_equal(kernel->open(kernel, 1, 1, &s, &err), SP_OK);
    assert_int_equal(kernel->check(s, &err), SP_OK);
    digest = kernel->digest(s);
    kernel->run(s, 1);
    assert_true(kernel->digest(s) == digest);
    kernel->damage(s);
    assert_int_equal(kernel->check(s, &err), SP_EIO);
    assert_non_null(strstr(err.text, "device_resize: found "));
    kernel->close(s);
}

/* Where no library is, the stage says so of each backend. */
static void stage_of_validate_needs_a_device(void **state)
{
    struct cal_state *s = NULL;
    struct sp_err err = {0};

    (void)state;
    setenv(cal_opencl.env, "/nowhere/libOpenCL.so.1", 1);
    setenv(cal_cuda.env, "/nowhere/libcuda.so.1", 1);
    assert_int_equal(
        cal_kernel_device_resize.open(&cal_kernel_device_resize, 1, 1, &s, &err),
        SP_EIO);
    assert_string_equal(err.text, "no device: cuda: no driver; opencl: no driver");
    assert_null(s);
    unsetenv(cal_opencl.env);
    unsetenv(cal_cuda.env);
}

static void what_can_not_be_is_an_error_in_words(void **state)
{
    const struct cal_grid wide = {{1, 1, 1}, {1 << 20, 1, 1}};
    struct sp_err err = {0};

    (void)state;
    assert_null(cal_opencl.function(device, "no_such_kernel", &err));
    assert_string_equal(err.text, "OpenCL: no kernel no_such_kernel: error -46");
    err = (struct sp_err){0};
    assert_int_equal(cal_opencl.launch(stream,
                                       cal_opencl.function(device, "empty", NULL),
                                       &wide, NULL, 0, &err),
                     SP_EIO);
    assert_non_null(strstr(err.text, "OpenCL: empty can't be launched: error -5"));
    err = (struct sp_err){0};
    assert_null(cal_opencl.alloc(device, (size_t)1 << 60, &err));
    assert_non_null(
        strstr(err.text, "OpenCL: no memory for 1152921504606846976 bytes"));
}

static void device_says_what_it_is(void **state)
{
    (void)state;
    assert_true(info.is.is_gpu);
    assert_true(strlen(info.is.model) > 0);
    assert_true(info.memory_bytes > 0);
    assert_true(info.threads_most >= CAL_ROW_THREADS);
    assert_true(info.units > 0);
    assert_true(info.holds);
    assert_string_equal(info.is.facts[0].name, "backend");
    assert_string_equal(info.is.facts[0].value, "opencl");
}

/* ---- without a device ---- */

static void state_is_told_where_there_is_no_device(void **state)
{
    static const struct {
        const char *library;
        enum cal_device_state is;
        const char *says;
    } rows[] = {
        {"/nowhere/libOpenCL.so.1", CAL_DEVICE_NO_DRIVER, "/nowhere/libOpenCL.so.1"},
        {"libm.so.6", CAL_DEVICE_OLD_DRIVER,
         "it has no clGetPlatformIDs: OpenCL 1.2 is needed"},
    };
    struct cal_device *none = NULL;
    const char *why = "";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setenv(cal_opencl.env, rows[i].library, 1);
        assert_int_equal(cal_opencl.open(arena, &none, &why), rows[i].is);
        assert_non_null(strstr(why, rows[i].says));
        assert_null(none);
    }
    unsetenv(cal_opencl.env);
}

static int use_device(void)
{
    const char *why = "";
    struct sp_err err = {0};
    enum cal_device_state is = cal_opencl.open(arena, &device, &why);

    if (is != CAL_DEVICE_OK) {
        fprintf(stderr, "skipped: no OpenCL device: %s\n", why);
        return 77;
    }
    if (cal_opencl.select(device, 0, &info, &err) != SP_OK ||
        (stream = cal_opencl.stream_new(device, &err)) == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[200] = {
        cmocka_unit_test(device_says_what_it_is),
        cmocka_unit_test(held_queue_does_nothing_until_it_is_released),
        cmocka_unit_test(events_are_in_the_order_of_the_stream_and_their_times_add_up),
        cmocka_unit_test(stage_of_validate_computes_what_it_says),
        cmocka_unit_test(stage_of_validate_needs_a_device),
        cmocka_unit_test(what_can_not_be_is_an_error_in_words),
        cmocka_unit_test(state_is_told_where_there_is_no_device),
    };
    int n = 7, code;

    unsetenv(cal_opencl.env);
    arena = sp_arena_new();
    code = use_device();
    if (code != 0)
        return code;
    for (int i = 0; i < device_cases_n; i++)
        tests[n++] =
            (struct CMUnitTest){.name = device_cases[i].name,
                                .test_func = kernel_agrees_with_its_reference,
                                .initial_state = (void *)(uintptr_t)&device_cases[i]};
    code = _cmocka_run_group_tests("opencl", tests, (size_t)n, NULL, NULL);
    cal_opencl.stream_free(device, stream);
    cal_opencl.close(device);
    sp_arena_free(arena);
    return code;
}
