/* The fake driver's streams and clock: what is enqueued waits, gates hold it, and times
 * are those worked out by hand from the figures in tests/fake_cuda/device.cc: 2500 ns a
 * launch, 100 ns an event, 2000 bytes and 20,000 operations a nanosecond, 25 bytes a
 * nanosecond each way over the link. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/driver_rig.h"

static struct driver d;

static cu_ptr memory_of(size_t bytes)
{
    cu_ptr p = 0;

    assert_int_equal(d.cuMemAlloc_v2(&p, bytes), 0);
    return p;
}

static void *pinned_of(size_t bytes)
{
    void *p = NULL;

    assert_int_equal(d.cuMemHostAlloc(&p, bytes, 0), 0);
    return memset(p, 0, bytes);
}

static void *stream_new(void)
{
    void *s = NULL;

    assert_int_equal(d.cuStreamCreate(&s, 1), 0);
    return s;
}

static void launch(void *stream, const char *name, unsigned blocks, unsigned threads,
                   void **args)
{
    void *function;

    assert_int_equal(d.cuModuleGetFunction(&function, d.module, name), 0);
    assert_int_equal(
        d.cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, stream, args, NULL),
        0);
}

static void *record(void *stream)
{
    void *event;

    assert_int_equal(d.cuEventCreate(&event, 0), 0);
    assert_int_equal(d.cuEventRecord(event, stream), 0);
    return event;
}

static double ns_between(void *from, void *to)
{
    float ms = NAN;

    assert_int_equal(d.cuEventElapsedTime(&ms, from, to), 0);
    return (double)ms * 1e6;
}

static void assert_near(double found, double want)
{
    /* times come as float milliseconds, from a clock of some milliseconds */
    if (!(fabs(found - want) <= 1e-6 * want + 0.5))
        fail_msg("%.9g, expected %.9g", found, want);
}

static void triad(void *stream, int64_t n)
{
    cu_ptr a = memory_of((size_t)n * 4), b = memory_of((size_t)n * 4);
    float q = 2;
    void *args[] = {&a, &b, &b, &q, &n};

    launch(stream, "triad", 64, 256, args);
}

static void shut(void *stream, int *flag, int64_t looks)
{
    void *args[] = {&flag, &looks};

    launch(stream, "gate", 1, 1, args);
}

/* ---- promises ---- */

static void nothing_runs_until_somebody_waits(void **state)
{
    float *out = pinned_of(4);
    int n = 1;
    void *args[] = {&out, &n}, *stream = stream_new();

    (void)state;
    launch(stream, "spin", 1, 1, args);
    assert_true(*out == 0.0f);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_true(*out == 0.25f);
}

static void arguments_are_taken_at_the_launch(void **state)
{
    float *out = pinned_of(4), *other = pinned_of(4);
    int n = 1;
    void *args[] = {&out, &n}, *stream = stream_new();

    (void)state;
    launch(stream, "spin", 1, 1, args);
    args[0] = &other;
    n = 100;
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_true(*out == 0.25f && *other == 0.0f);
}

static void a_launch_takes_its_overhead_and_its_bytes(void **state)
{
    void *stream = stream_new(), *from, *to;

    (void)state;
    from = record(stream);
    triad(stream, 1000000);
    to = record(stream);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    /* the host enqueued it after `from`: 2 allocations of 50,000 ns, look-up 200 and
     * launch 2000 ns later */
    assert_near(ns_between(from, to), 2 * 50000 + 200 + 2000 + 2500 + 12e6 / 2000);
}

static void a_gate_hides_the_hosts_pace(void **state)
{
    int *flag = pinned_of(8);
    void *stream = stream_new(), *from, *to;

    (void)state;
    shut(stream, flag, 1000000);
    from = record(stream);
    for (int i = 0; i < 4; i++)
        triad(stream, 1000000);
    to = record(stream);
    flag[0] = 1;
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_int_equal(flag[1], 0);
    /* `to` takes its own 100 ns */
    assert_near(ns_between(from, to), 4 * (2500 + 12e6 / 2000) + 100);
}

static void a_gate_that_stays_shut_says_so(void **state)
{
    int *flag = pinned_of(8);
    void *stream = stream_new(), *after;

    (void)state;
    shut(stream, flag, 1000);
    after = record(stream);
    for (int i = 0; i < 100; i++)
        assert_int_equal(d.cuEventQuery(after), 600);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_int_equal(d.cuEventQuery(after), 0);
    assert_int_equal(flag[1], 1);
}

static void looking_at_an_event_gets_there(void **state)
{
    void *stream = stream_new(), *after;
    int looks = 0;

    (void)state;
    triad(stream, 1000);
    triad(stream, 1000);
    after = record(stream);
    while (d.cuEventQuery(after) == 600)
        looks++;
    assert_int_equal(looks, 3); /* an operation each */
    assert_int_equal(d.cuEventQuery(after), 0);
}

/* Two streams, held and let go together; time from the first's begin to each end. */
static void together(void (*first)(void *), void (*second)(void *), double *first_ns,
                     double *second_ns)
{
    int *flag = pinned_of(8);
    void *a = stream_new(), *b = stream_new(), *from, *a_done, *b_done;

    shut(a, flag, 1000000);
    shut(b, flag, 1000000);
    from = record(a);
    first(a);
    a_done = record(a);
    second(b);
    b_done = record(b);
    flag[0] = 1;
    assert_int_equal(d.cuCtxSynchronize(), 0);
    *first_ns = ns_between(from, a_done);
    *second_ns = ns_between(from, b_done);
}

static void large_triad(void *stream)
{
    triad(stream, 1000000);
}

static void copy_in(void *stream)
{
    assert_int_equal(
        d.cuMemcpyHtoDAsync_v2(memory_of(1000000), pinned_of(1000000), 1000000, stream),
        0);
}

static void copy_out(void *stream)
{
    assert_int_equal(
        d.cuMemcpyDtoHAsync_v2(pinned_of(1000000), memory_of(1000000), 1000000, stream),
        0);
}

static void two_kernels_share_the_memory(void **state)
{
    double first, second;

    (void)state;
    together(large_triad, large_triad, &first, &second);
    /* Each asks for 6000 / 8500 of it, so both at once take 24 / 17 as long.  The
     * second begins 100 ns before the first, which waits for the event `from`, and the
     * first has 100 ns left to do alone. */
    assert_near(second, 8400 * 24. / 17 + 100);
    assert_near(first, 8400 * 24. / 17 + 100 + 100);
}

static void copies_and_kernels_overlap(void **state)
{
    double copy, kernel;

    (void)state;
    together(copy_in, large_triad, &copy, &kernel);
    assert_near(copy, 1500 + 1e6 / 25 + 100);
    assert_near(kernel, 8500);
    together(copy_in, copy_out, &copy, &kernel);
    assert_near(copy, 1500 + 1e6 / 25 + 100);
    assert_near(kernel, 1500 + 1e6 / 25);
}

static void pageable_copies_wait_and_are_slow(void **state)
{
    static char mine[1000000];
    void *stream = stream_new(), *from, *to;
    cu_ptr p = memory_of(sizeof mine);

    (void)state;
    from = record(stream);
    assert_int_equal(d.cuMemcpyHtoDAsync_v2(p, mine, sizeof mine, stream), 0);
    to = record(stream);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    /* from its call's 2000 ns on: 4 x 1500 ns and 10 bytes a nanosecond; then the host
     * makes (200 ns) and records (1000 ns) the event */
    assert_near(ns_between(from, to), 2000 + 6000 + 1e5 + 1200);
}

static double clock_ghz(void)
{
    int64_t *out = pinned_of(24);
    int n = 100000;
    void *args[] = {&out, &n}, *stream = stream_new();

    launch(stream, "clock_probe", 1, 1, args);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_true(out[1] > 0);
    return (double)out[0] / (double)out[1];
}

static void the_clock_probe_sees_a_slow_clock(void **state)
{
    (void)state;
    assert_true(fabs(clock_ghz() - 1.5) < 1e-3);
    setenv("FAKE_CUDA", "noise=0,slow-clock", 1);
    assert_true(fabs(clock_ghz() - 1.05) < 1e-3);
    setenv("FAKE_CUDA", "noise=0", 1);
}

static void too_much_work_takes_its_time_and_computes_nothing(void **state)
{
    void *stream = stream_new(), *from, *to;
    float *out = pinned_of(4);
    int n = 1000000;
    void *args[] = {&out, &n};

    (void)state;
    setenv("FAKE_CUDA", "noise=0,compute=1000", 1);
    from = record(stream);
    launch(stream, "spin", 1, 1, args);
    to = record(stream);
    assert_int_equal(d.cuStreamSynchronize(stream), 0);
    assert_true(*out == 0.0f);
    assert_true(ns_between(from, to) > 4e6 / 1.5);
    setenv("FAKE_CUDA", "noise=0", 1);
}

static void noise_is_bounded(void **state)
{
    void *stream = stream_new(), *from, *to;
    int *flag = pinned_of(8);
    double least = INFINITY, most = 0;

    (void)state;
    setenv("FAKE_CUDA", "noise=0.05", 1);
    for (int i = 0; i < 50; i++) {
        double ns;

        flag[0] = 0;
        shut(stream, flag, 1000000);
        from = record(stream);
        triad(stream, 100000);
        to = record(stream);
        flag[0] = 1;
        assert_int_equal(d.cuStreamSynchronize(stream), 0);
        ns = ns_between(from, to) - 100;
        least = fmin(least, ns);
        most = fmax(most, ns);
    }
    setenv("FAKE_CUDA", "noise=0", 1);
    assert_true(least >= 3100 * 0.95 - 1 && most <= 3100 * 1.05 + 1);
    assert_true(most / least >
                1.02); /* fifty draws all in a third of the range: 1e-20 */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_runs_until_somebody_waits),
        cmocka_unit_test(arguments_are_taken_at_the_launch),
        cmocka_unit_test(a_launch_takes_its_overhead_and_its_bytes),
        cmocka_unit_test(a_gate_hides_the_hosts_pace),
        cmocka_unit_test(a_gate_that_stays_shut_says_so),
        cmocka_unit_test(looking_at_an_event_gets_there),
        cmocka_unit_test(two_kernels_share_the_memory),
        cmocka_unit_test(copies_and_kernels_overlap),
        cmocka_unit_test(pageable_copies_wait_and_are_slow),
        cmocka_unit_test(the_clock_probe_sees_a_slow_clock),
        cmocka_unit_test(too_much_work_takes_its_time_and_computes_nothing),
        cmocka_unit_test(noise_is_bounded),
    };
    int failed;

    setenv("FAKE_CUDA", "noise=0", 1);
    driver_load(&d, getenv("FAKE_CUDA_LIBRARY"));
    if (driver_start(&d) != 0)
        return 1;
    failed = cmocka_run_group_tests_name("fake_clock", tests, NULL, NULL);
    fflush(NULL);
    _exit(failed); /* what is still the driver's is not a leak */
}
