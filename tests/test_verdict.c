/* Which rounds count, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "calibrate/verdict.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])
/* A round's error in percent, others' cores, the canaries, the share of time waited. */
#define CLEAN(e)                                                                       \
    {                                                                                  \
        e, 0.01, true, 0.001                                                           \
    }
#define BUSY(e)                                                                        \
    {                                                                                  \
        e, 0.5, true, 0.3                                                              \
    }
#define CANARY(e)                                                                      \
    {                                                                                  \
        e, 0.01, false, 0.001                                                          \
    }
#define ALONE(e)                                                                       \
    {                                                                                  \
        e, 1.5, true, 0.001                                                            \
    }
#define END                                                                            \
    {                                                                                  \
        NAN, 0, false, 0                                                               \
    }

static struct row {
    const char *name;
    struct {
        double error, foreign;
        bool canary;
        double waited;
    } rounds[9];
    bool realtime;
    enum model_verdict want;
    int32_t counting;
    double error;
    const char *why; /* a part of it */
} rows[] = {
    {"small_error_passes",
     {CLEAN(1), CLEAN(-2), CLEAN(3), END},
     false,
     MODEL_VERDICT_PASS,
     3,
     1,
     "within 5%: off by +1.0%"},
    {"nearly_five_passes",
     {CLEAN(4.9), CLEAN(4.9), CLEAN(4.9), END},
     false,
     MODEL_VERDICT_PASS,
     3,
     4.9,
     "3 of 3 rounds"},
    {"more_than_five_warns",
     {CLEAN(-6), CLEAN(-6), CLEAN(-6), END},
     false,
     MODEL_VERDICT_WARN,
     3,
     -6,
     "more than 5%: off by -6.0%"},
    {"nearly_fifteen_warns",
     {CLEAN(14.9), CLEAN(14.9), CLEAN(14.9), END},
     false,
     MODEL_VERDICT_WARN,
     3,
     14.9,
     "more than 5%"},
    {"more_than_fifteen_fails",
     {CLEAN(16), CLEAN(16), CLEAN(16), END},
     false,
     MODEL_VERDICT_FAIL,
     3,
     16,
     "more than 15%"},
    /* MADn of -2, 8, 18 is 14.83: twice 1.2533 x 14.83 / sqrt(3) = 21.5 */
    {"scatter_widens_the_band",
     {CLEAN(-2), CLEAN(8), CLEAN(18), END},
     false,
     MODEL_VERDICT_PASS,
     3,
     8,
     "two standard errors"},
    {"one_round_has_no_scatter",
     {CLEAN(6), END},
     false,
     MODEL_VERDICT_WARN,
     1,
     6,
     "1 of 1 round"},
    {"dirty_rounds_left_out_beside_three_clean",
     {CLEAN(1), BUSY(90), CLEAN(1), BUSY(95), CANARY(50), CLEAN(1), BUSY(99), END},
     false,
     MODEL_VERDICT_PASS,
     3,
     1,
     "3 of 7 rounds"},
    {"most_dirty_says_nothing",
     {CLEAN(1), BUSY(1), CLEAN(1), BUSY(1), BUSY(1), END},
     false,
     MODEL_VERDICT_INCONCLUSIVE,
     5,
     1,
     "others used the CPUs in 3 of 5 rounds (median 0.50 cores)"},
    {"bad_canaries_are_dirty",
     {CANARY(1), CANARY(1), CLEAN(1), END},
     false,
     MODEL_VERDICT_INCONCLUSIVE,
     3,
     1,
     "canaries were bad in 2"},
    {"half_dirty_of_few_all_count",
     {CLEAN(1), BUSY(3), END},
     false,
     MODEL_VERDICT_PASS,
     2,
     2,
     "2 of 2 rounds"},
    {"others_do_not_matter_under_fifo",
     {ALONE(1), ALONE(1), ALONE(1), END},
     true,
     MODEL_VERDICT_PASS,
     3,
     1,
     "within 5%"},
    {"waiting_matters_under_fifo",
     {{1, 0, true, 0.1}, {1, 0, true, 0.1}, {1, 0, true, 0.1}, END},
     true,
     MODEL_VERDICT_INCONCLUSIVE,
     3,
     1,
     "waited for a CPU in 3 of 3"},
    {"waiting_unknown_under_fifo",
     {{1, 0, true, NAN}, {1, 0, true, NAN}, {1, 0, true, NAN}, END},
     true,
     MODEL_VERDICT_PASS,
     3,
     1,
     "within 5%"},
    {"unknown_foreign_is_clean",
     {{1, NAN, true, 0}, {1, NAN, true, 0}, {1, NAN, true, 0}, END},
     false,
     MODEL_VERDICT_PASS,
     3,
     1,
     "within 5%"},
    {"no_round_says_nothing",
     {END},
     false,
     MODEL_VERDICT_INCONCLUSIVE,
     0,
     NAN,
     "no round"},
};

static void verdict_as_wanted(void **state)
{
    const struct row *row = *state;
    struct model_validation_round rounds[COUNT(row->rounds)];
    struct sp_arena *arena = sp_arena_new();
    struct cal_verdict v;
    int32_t n = 0, counting = 0;

    for (; !isnan(row->rounds[n].error); n++)
        rounds[n] = (struct model_validation_round){
            .per_s = 100,
            .simulated_per_s = 100 + row->rounds[n].error,
            .foreign_cores = row->rounds[n].foreign,
            .waited_frac = row->rounds[n].waited,
            .canary_good = row->rounds[n].canary};
    v = cal_verdict_of(rounds, n, row->realtime, arena);
    for (int32_t i = 0; i < n; i++)
        counting += rounds[i].counts;
    assert_string_equal(model_verdict_name(v.verdict), model_verdict_name(row->want));
    assert_int_equal(v.counting, row->counting);
    assert_int_equal(counting, row->counting);
    if (isnan(row->error))
        assert_true(isnan(v.error));
    else
        assert_true(fabs(100 * v.error - row->error) < 1e-9);
    if (strstr(v.why, row->why) == NULL)
        fail_msg("'%s' does not say '%s'", v.why, row->why);
    sp_arena_free(arena);
}

/* Of -2, 8, 18: 1.2533 x 14.826 / sqrt(3) = 10.728 %; an outlier changes nothing. */
static void standard_error_of_the_median(void **state)
{
    struct model_validation_round rounds[3] = {
        {.per_s = 100, .simulated_per_s = 98, .canary_good = true},
        {.per_s = 100, .simulated_per_s = 108, .canary_good = true},
        {.per_s = 100, .simulated_per_s = 118, .canary_good = true}};
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    assert_true(fabs(cal_verdict_of(rounds, 3, false, arena).error_se - 0.10728) <
                1e-5);
    rounds[2].simulated_per_s = 300;
    assert_true(fabs(cal_verdict_of(rounds, 3, false, arena).error_se - 0.10728) <
                1e-5);
    assert_true(isnan(cal_verdict_of(rounds, 1, false, arena).error_se));
    sp_arena_free(arena);
}

static void median_of_even_odd_and_unknown(void **state)
{
    const double x[] = {3, NAN, 1, 2, 10};

    (void)state;
    assert_true(model_validation_median(x, 5) == 2.5);
    assert_true(model_validation_median(x, 4) == 2);
    assert_true(isnan(model_validation_median(x + 1, 1)));
    assert_true(isnan(model_validation_median(x, 0)));
}

int main(void)
{
    struct CMUnitTest tests[COUNT(rows) + 2] = {
        cmocka_unit_test(standard_error_of_the_median),
        cmocka_unit_test(median_of_even_odd_and_unknown),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        tests[i + 2] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = verdict_as_wanted,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
