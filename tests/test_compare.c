/* sim/run_parts.h: intervals against the printed tables of Student's t, and the
 * sentence that a comparison ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/stat.h"
#include "sim/run_parts.h"

/* ---- means and intervals ---- */

/* Quantiles of 97.5 % as tables print them. */
static void half_width_is_students_t(void **state)
{
    static const struct {
        int32_t n;
        double t;
    } table[] = {{2, 12.706}, {3, 4.303},  {5, 2.776},  {10, 2.262},
                 {21, 2.086}, {31, 2.042}, {61, 2.000}, {121, 1.980}};
    double v[121];

    (void)state;
    for (int i = 0; i < 121; i++)
        v[i] = i % 2 == 0 ? 7 : 9;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int32_t n = table[i].n, nines = n / 2, sevens = n - nines;
        double mean = (7.0 * sevens + 9.0 * nines) / n;
        double sum = sevens * pow(7 - mean, 2) + nines * pow(9 - mean, 2);
        struct model_stat s = model_stat_of(v, n);

        assert_true(fabs(s.mean - mean) < 1e-12);
        assert_true(fabs(s.half95 / sqrt(sum / (n - 1) / n) - table[i].t) < 0.00051);
    }
}

static void what_was_not_measured_is_left_out(void **state)
{
    const double some[] = {NAN, 4, NAN, 6}, none[] = {NAN, NAN}, same[] = {3, 3, 3};
    struct model_stat s = model_stat_of(some, 4);

    (void)state;
    assert_true(s.mean == 5 && fabs(s.half95 - 12.706205) < 1e-5);
    s = model_stat_of(some, 2);
    assert_true(s.mean == 4 && isnan(s.half95));
    s = model_stat_of(none, 2);
    assert_true(isnan(s.mean) && isnan(s.half95));
    s = model_stat_of(same, 3);
    assert_true(s.mean == 3 && s.half95 == 0);
}

static void a_ratio_is_of_means(void **state)
{
    const double a[] = {1, 10}, b[] = {10, 1}, half[] = {5, 0.5}, none[] = {0, 0};
    const double some[] = {2, NAN, 4}, others[] = {1, 5, NAN};
    struct model_stat r = model_stat_ratio(a, b, 2);

    (void)state;
    assert_true(r.mean == 1); /* off by -9 and 9: 12.706205 x 9 / 5.5 */
    assert_true(fabs(r.half95 - 12.706205 * 9 / 5.5) < 1e-5);
    r = model_stat_ratio(half, b, 2); /* pairs in proportion */
    assert_true(r.mean == 0.5 && r.half95 == 0);
    r = model_stat_ratio(some, others, 3);
    assert_true(r.mean == 2 && isnan(r.half95));
    r = model_stat_ratio(none, b, 2);
    assert_true(r.mean == 0 && r.half95 == 0);
    r = model_stat_ratio(b, none, 2);
    assert_true(isnan(r.mean) && isnan(r.half95));
}

/* ---- verdicts ---- */

enum { RUNS = 3 };

struct side {
    double usd[RUNS], time_s[RUNS];
    int64_t done;
    double gpu_busy; /* NaN: no GPUs */
    const char *bottleneck;
    bool deadlocks;    /* in the last replication */
    int64_t last_done; /* in the last replication, unless 0 */
    double last_busy;  /* likewise */
};

static const struct row {
    const char *name;
    struct side a, b;
    double usd_ratio, time_ratio; /* NaN: none */
    const char *says, *says_too, *never;
} rows[] = {
    {"cheaper",
     {{10, 10, 10}, {100, 100, 100}, 5, 1, "infer", .deadlocks = false},
     {{80, 80, 80}, {100, 100, 100}, 5, 0.125, "prep", .deadlocks = false},
     0.125,
     1,
     "'new' is cheaper by 87.5 % than 'old', in the same time",
     "GPUs are busy 100.0 % of the time paid for, against 12.5 %; the bottleneck is "
     "'infer' "
     "instead of 'prep'",
     NULL},
    {"dearer_loses",
     {{12, 12, 12}, {50, 50, 50}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {100, 100, 100}, 5, NAN, "x", .deadlocks = false},
     1.2,
     0.5,
     "'new' loses: it is dearer by 20.0 % than 'old', in 50.0 % less time",
     "'x' is the bottleneck either way",
     NULL},
    {"the_same_is_no_gain",
     {{10.04, 10.04, 10.04}, {125, 125, 125}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {100, 100, 100}, 5, NAN, "x", .deadlocks = false},
     1.004,
     1.25,
     "no gain: 'new' costs the same as 'old', in 25.0 % more time",
     "",
     NULL},
    /* pairs: 0.5, 1, 1.8: mean 1.1, half width 4.303 * 0.656 / sqrt(3), about 1.6 */
    {"within_the_bars_is_not_certain",
     {{5, 10, 18}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     1.1,
     1,
     "no difference shown: 'new' costs +10.0 % +- 162.9 against 'old'",
     "",
     NULL},
    /* pairs: 0.5, 0.6, 0.7: mean 0.6, half width 4.303 * 0.1 / sqrt(3) = 0.248 */
    {"what_is_shown_has_its_bar",
     {{5, 6, 7}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     0.6,
     1,
     "'new' is cheaper by 40.0 % +- 24.8 than 'old'",
     "",
     NULL},
    /* 10 USD for 5 items against 10 for 10: twice as much per item */
    {"other_work_is_compared_per_item",
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {1, 1, 1}, 10, NAN, "x", .deadlocks = false},
     1,
     1,
     "is dearer by 100.0 % per item done than 'old'",
     "",
     NULL},
    {"other_work_in_any_pair_is_compared_per_item",
     {{5, 5, 5}, {1, 1, 1}, 5, NAN, "x", .last_done = 10},
     {{5, 5, 5}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     1,
     1,
     "per item done",
     "",
     NULL},
    /* of ratios 0.1, 1 and 10 the mean is 3.7, whichever is the baseline; off by -9, 0
     * and 9, of a mean of 4: half width 4.303 x 9 / sqrt(3) / 4 = 5.59 */
    {"ratios_are_of_means_not_means_of_ratios",
     {{1, 1, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{10, 1, 1}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     1,
     1,
     "no difference shown: 'new' costs +0.0 % +- 558.9 against 'old'",
     "",
     NULL},
    {"the_same_by_its_mean_alone_is_not_called_the_same",
     {{10, 10, 10}, {50, 100, 150}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {100, 100, 100}, 5, NAN, "x", .deadlocks = false},
     1,
     1,
     "no gain: 'new' costs the same as 'old', no difference in time shown (+0.0 % +- "
     "124.2)",
     "",
     NULL},
    /* 0.5, 0.5, 0.8 against 0.5: 10 points, half width 4.303 x 17.3 / sqrt(3) */
    {"shares_of_gpus_have_a_bar",
     {{10, 10, 10}, {1, 1, 1}, 5, 0.5, "x", .last_busy = 0.8},
     {{10, 10, 10}, {1, 1, 1}, 5, 0.5, "x", .deadlocks = false},
     1,
     1,
     "GPUs are busy 60.0 % of the time paid for, against 50.0 % (no difference shown: "
     "+10.0 points +- 43.0)",
     "",
     NULL},
    {"free_baseline_gives_no_ratio",
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{0, 0, 0}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     NAN,
     1,
     "no comparison of costs: 'old' has none, in the same time",
     "",
     NULL},
    {"who_has_no_cost_is_named",
     {{NAN, NAN, NAN}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     {{10, 10, 10}, {2, 2, 2}, 5, NAN, "x", .deadlocks = false},
     NAN,
     0.5,
     "no comparison of costs: 'new' has none, in 50.0 % less time",
     "",
     NULL},
    {"without_work_there_is_no_bottleneck",
     {{5, 5, 5}, {1, 1, 1}, 5, NAN, NULL, .deadlocks = false},
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, NULL, .deadlocks = false},
     0.5,
     1,
     "'new' is cheaper by 50.0 % than 'old', in the same time",
     "",
     .never = "bottleneck"},
    {"deadlock_of_any_replication_gives_none",
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = true},
     {{10, 10, 10}, {1, 1, 1}, 5, NAN, "x", .deadlocks = false},
     NAN,
     NAN,
     "no comparison: 'new' deadlocked",
     "",
     NULL},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static struct model_policy_result *runs_of(struct sp_arena *arena, const char *name,
                                           const struct side *side)
{
    struct model_policy_result *p = sp_arena_array(arena, RUNS, sizeof *p);

    for (int i = 0; i < RUNS; i++) {
        struct model_workload_result *w = sp_arena_alloc(arena, sizeof *w);
        const bool last = i == RUNS - 1;

        w->stages = sp_arena_alloc(arena, sizeof *w->stages);
        w->stages->name = side->bottleneck;
        w->stages->bottleneck = side->bottleneck != NULL;
        w->stages->busy_frac.mean = 1;
        w->n_stages = 1;
        w->done = last && side->last_done > 0 ? side->last_done : side->done;
        p[i] = (struct model_policy_result){
            .name = name, .n_workloads = 1, .workloads = w};
        p[i].cost.usd.mean = side->usd[i];
        p[i].cost.usd_per_1k_items.mean = 1000 * side->usd[i] / (double)w->done;
        p[i].time_s.mean = side->time_s[i];
        p[i].resources[MODEL_GPU].busy_of_provisioned.mean =
            last && side->last_busy > 0 ? side->last_busy : side->gpu_busy;
        p[i].end = last && side->deadlocks ? MODEL_END_DEADLOCK : MODEL_END_DONE;
    }
    return p;
}

static void same_or_nan(double got, double want)
{
    assert_true(isnan(want) ? isnan(got) : fabs(got - want) < 1e-12);
}

static void verdict_says_what_the_figures_say(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_comparison c = {0};

    sim_compare(runs_of(arena, "new", &row->a), runs_of(arena, "old", &row->b), RUNS,
                arena, &c);
    same_or_nan(c.usd_ratio.mean, row->usd_ratio);
    same_or_nan(c.time_ratio.mean, row->time_ratio);
    if (strstr(c.verdict, row->says) == NULL ||
        strstr(c.verdict, row->says_too) == NULL)
        fail_msg("'%s' doesn't say '%s' and '%s'", c.verdict, row->says, row->says_too);
    if (row->never != NULL && strstr(c.verdict, row->never) != NULL)
        fail_msg("'%s' says '%s'", c.verdict, row->never);
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 3 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(half_width_is_students_t),
        cmocka_unit_test(what_was_not_measured_is_left_out),
        cmocka_unit_test(a_ratio_is_of_means),
    };
    struct row copies[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++) {
        copies[i] = rows[i];
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = verdict_says_what_the_figures_say,
                                .initial_state = &copies[i]};
    }
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
