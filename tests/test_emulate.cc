/* The emulated grid finds threads that part at barriers, and gives each block fresh
 * memory; kernels of our own, each written to be wrong or right in one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#include "tests/fake_cuda/emulate.h"

enum { THREADS_N = 48 };

static int order_seen[THREADS_N], seen_n;
static float sums[4];

static void all_meet(void *const *)
{
    BARRIER();
    order_seen[seen_n++ % THREADS_N] = THREAD(0);
    BARRIER();
}

static void one_leaves_early(void *const *)
{
    if (THREAD(0) == 5)
        return;
    BARRIER();
}

static void one_waits_elsewhere(void *const *)
{
    if (THREAD(0) == 5)
        BARRIER();
    else
        BARRIER();
}

static void even_ones_wait_once_more(void *const *)
{
    for (int i = 0; i < 1 + THREAD(0) % 2; i++)
        BARRIER();
}

/* Thread t adds up what all wrote: 1 + 2 + ... */
static void share(void *const *)
{
    SHARED(float, room, THREADS_N);
    float sum = 0;

    room[THREAD(0)] = (float)(THREAD(0) + 1);
    BARRIER();
    for (int i = 0; i < THREADS(0); i++)
        sum += room[i];
    sums[BLOCK(0)] = sum;
}

static void read_before_writing(void *const *)
{
    SHARED(float, room, THREADS_N);

    BARRIER();
    sums[BLOCK(0)] = room[THREAD(0)];
    room[THREAD(0)] = 1;
}

static const struct row {
    const char *name;
    void (*kernel)(void *const *);
    bool has_barriers, good;
} rows[] = {
    {"all_meet", all_meet, true, true},
    {"one_that_leaves_early_is_found", one_leaves_early, true, false},
    {"one_that_waits_elsewhere_is_found", one_waits_elsewhere, true, false},
    {"some_that_wait_once_more_are_found", even_ones_wait_once_more, true, false},
    {"a_barrier_where_none_was_said_to_be_is_found", all_meet, false, false},
    {"memory_is_shared", share, true, true},
};

static bool run(void (*kernel)(void *const *), bool has_barriers, unsigned blocks)
{
    struct emu_grid grid = {{blocks, 1, 1}, {THREADS_N, 1, 1}};

    seen_n = 0;
    return emu_run(kernel, NULL, has_barriers, &grid);
}

static void outcome_is_as_wanted(void **state)
{
    const struct row *row = static_cast<const struct row *>(*state);

    for (int o = EMU_FORWARD; o <= EMU_SHUFFLED; o++) {
        emu_options.order = static_cast<enum emu_order>(o);
        assert_int_equal(run(row->kernel, row->has_barriers, 2), row->good);
        assert_int_equal(emu_error()[0] == '\0', row->good);
        /* what went wrong leaves nothing behind */
        assert_true(run(all_meet, true, 3));
    }
}

static void every_thread_runs_once_in_each_order(void **)
{
    for (int o = EMU_FORWARD; o <= EMU_SHUFFLED; o++) {
        bool seen[THREADS_N] = {false};

        emu_options.order = static_cast<enum emu_order>(o);
        assert_true(run(all_meet, true, 1));
        assert_int_equal(seen_n, THREADS_N);
        for (int i = 0; i < THREADS_N; i++)
            seen[order_seen[i]] = true;
        for (int i = 0; i < THREADS_N; i++)
            assert_true(seen[i]);
        assert_int_equal(order_seen[0] == 0, o == EMU_FORWARD);
        assert_int_equal(order_seen[0] == THREADS_N - 1, o == EMU_BACKWARD);
    }
}

static void a_blocks_memory_is_its_own_and_fresh(void **)
{
    emu_options.order = EMU_FORWARD;
    assert_true(run(share, true, 4));
    for (float sum : sums)
        assert_true(sum == THREADS_N * (THREADS_N + 1) / 2);
    assert_true(run(read_before_writing, true, 4));
    for (float sum : sums)
        assert_true(isnan(sum));
}

static void halves_are_those_of_the_standard(void **)
{
    /* IEEE 754 binary16: least subnormal, least normal, one, most, a third */
    assert_true(emu_half(0x0001) == 0x1p-24f && emu_half(0x0400) == 0x1p-14f);
    assert_true(emu_half(0x3c00) == 1.0f && emu_half(0x7bff) == 65504.0f);
    assert_true(emu_half(0xb555) == -0.333251953125f);
    assert_true(isinf(emu_half(0x7c00)) && isnan(emu_half(0x7e00)));
}

int main()
{
    const size_t n = sizeof rows / sizeof rows[0];
    struct CMUnitTest tests[n + 3] = {
        cmocka_unit_test(every_thread_runs_once_in_each_order),
        cmocka_unit_test(a_blocks_memory_is_its_own_and_fresh),
        cmocka_unit_test(halves_are_those_of_the_standard),
    };

    for (size_t i = 0; i < n; i++) {
        tests[i + 3] = cmocka_unit_test(outcome_is_as_wanted);
        tests[i + 3].name = rows[i].name;
        tests[i + 3].initial_state = const_cast<struct row *>(&rows[i]);
    }
    return cmocka_run_group_tests_name("emulate", tests, NULL, NULL);
}
