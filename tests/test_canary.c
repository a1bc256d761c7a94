/* The canaries compute what they say they do; the reference learns and forgives.  No
 * time is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calibrate/canary.h"
#include "tests/near.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct loop_row {
    const char *name;
    uint64_t x, k;
    int64_t rounds;
} loop_rows[] = {
    {"one_round", 3, 5, 1},
    {"two_rounds", 3, 0x9e3779b97f4a7c15u, 2},
    {"as_many_as_a_check", 3, 0x9e3779b97f4a7c15u, 2048},
    {"a_factor_of_one_changes_nothing", 12345, 1, 7},
    {"nothing_times_something", 0, 99, 3},
    {"all_bits", UINT64_MAX, UINT64_MAX, 1001},
};

/* Multiplied and added one by one, modulo 2^64. */
static void loops_count_as_arithmetic_does(void **state)
{
    const struct loop_row *row = *state;
    uint64_t product = row->x, sum = 0;

    if (!cal_canary_has())
        skip();
    for (int64_t i = 0; i < row->rounds * CAL_CHAIN_STEP; i++)
        product *= row->k;
    for (int64_t i = 0; i < row->rounds * CAL_ADDS_STEP; i++)
        sum += row->k;
    assert_true(cal_canary_chain(row->x, row->k, row->rounds) == product);
    assert_true(cal_canary_adds(row->k, row->rounds) == sum);
}

/* ---- one check, with a clock of ours ---- */

struct clock {
    int32_t reads;
    const int64_t *steps; /* ns from each reading to the next */
};

static int64_t stepping(void *self)
{
    struct clock *c = self;
    int64_t now_ns = 1000;

    for (int32_t i = 0; i < c->reads; i++)
        now_ns += c->steps[i];
    c->reads++;
    return now_ns;
}

/* Chain, adds and the way to the next try, three times. */
static void check_is_the_best_of_three(void **state)
{
    static const int64_t steps[] = {40960, 9830, 10, 32768, 12000, 10, 50000, 6144, 10};
    struct clock clock = {0, steps};
    struct cal_speed seen;

    (void)state;
    if (!cal_canary_has())
        skip();
    seen = cal_canary_check(stepping, &clock);
    assert_int_equal(clock.reads, 9);
    assert_near(seen.multiplies_per_ns, 2048 * 16 / 32768.0, 1e-12);
    assert_near(seen.adds_per_ns, 3072 * 32 / 6144.0, 1e-12);
}

static void clock_that_stands_still_reads_zero(void **state)
{
    static const int64_t steps[9] = {0};
    struct clock clock = {0, steps};
    struct cal_speed seen = cal_canary_check(stepping, &clock);

    (void)state;
    assert_true(seen.multiplies_per_ns == 0 && seen.adds_per_ns == 0);
}

/* ---- the reference ---- */

static struct reference_row {
    const char *name;
    double best, seen[3]; /* 0 ends */
    double want;          /* the best after them */
    double check;         /* then this speed ... */
    bool good;
} reference_rows[] = {
    {"the_first_reading_is_taken", 0, {1.25}, 1.25, 1.25, true},
    {"slower_ones_change_nothing", 1, {0.9, 0.5}, 1, 1, true},
    {"a_little_faster_raises_it", 1, {1.04}, 1.04, 1.04, true},
    {"one_jump_is_not_believed", 1, {1.2}, 1, 1, true},
    {"nor_with_slower_ones_between", 1, {1.2, 0.9, 1.2}, 1, 1, true},
    {"a_second_one_raises_by_five_percent", 1, {1.2, 1.2}, 1.05, 1.2, true},
    {"and_the_third_again", 1, {1.2, 1.2, 1.2}, 1.05 * 1.05, 1.1, true},
    {"three_percent_slower_is_good", 1, {0}, 1, 0.9701, true},
    {"more_is_not", 1, {0}, 1, 0.9699, false},
    {"faster_is_good", 1, {0}, 1, 1.5, true},
};

static struct cal_speed both(double speed)
{
    return (struct cal_speed){speed, 10 * speed};
}

static void reference_follows(void **state)
{
    const struct reference_row *row = *state;
    struct cal_reference r = {.best = both(row->best)};

    for (int i = 0; i < 3 && row->seen[i] > 0; i++)
        cal_reference_learn(&r, both(row->seen[i]));
    assert_near(r.best.multiplies_per_ns, row->want, 1e-12);
    assert_near(r.best.adds_per_ns, 10 * row->want, 1e-11);
    assert_int_equal(cal_reference_good(&r, both(row->check)), row->good);
}

static void either_canary_rejects(void **state)
{
    const struct cal_reference r = {.best = {1, 10}};

    (void)state;
    assert_true(cal_reference_good(&r, (struct cal_speed){1, 10}));
    assert_false(cal_reference_good(&r, (struct cal_speed){0.9, 10}));
    assert_false(cal_reference_good(&r, (struct cal_speed){1, 9}));
}

/* A CPU without canaries: readings are 0, and rejecting all would measure nothing. */
static void without_canaries_all_is_good(void **state)
{
    struct cal_reference r = {0};

    (void)state;
    cal_reference_learn(&r, (struct cal_speed){0, 0});
    assert_true(cal_reference_good(&r, (struct cal_speed){0, 0}));
    assert_int_equal(r.raised, 0);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS(loop_rows) + N_ROWS(reference_rows) + 4] = {
        cmocka_unit_test(check_is_the_best_of_three),
        cmocka_unit_test(clock_that_stands_still_reads_zero),
        cmocka_unit_test(either_canary_rejects),
        cmocka_unit_test(without_canaries_all_is_good),
    };
    size_t n = 4;

    for (size_t i = 0; i < N_ROWS(loop_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = loop_rows[i].name,
                                         .test_func = loops_count_as_arithmetic_does,
                                         .initial_state = &loop_rows[i]};
    for (size_t i = 0; i < N_ROWS(reference_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = reference_rows[i].name,
                                         .test_func = reference_follows,
                                         .initial_state = &reference_rows[i]};
    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
