/* sim/cdf.h: against sorted samples, against the time in system of M/M/1, and filled in
 * by every kind of workload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "sim/cdf.h"
#include "tests/jobs_build.h"
#include "tests/plan_build.h"
#include "tests/serving_build.h"

/* The least time whose share is at least p. */
static double read_off(const struct model_cdf *c, double p)
{
    for (int32_t i = 0; i < c->n; i++)
        if (c->frac[i] >= p)
            return c->s[i];
    fail_msg("no share is %g", p);
    return NAN;
}

static void rises_to_one(const struct model_cdf *c)
{
    assert_in_range(c->n, 1, SIM_CDF_POINTS);
    assert_true(c->s[0] >= 0 && c->frac[0] > 0);
    for (int32_t i = 1; i < c->n; i++)
        assert_true(c->s[i] > c->s[i - 1] && c->frac[i] > c->frac[i - 1]);
    assert_true(c->frac[c->n - 1] == 1);
}

/* ---- against sorted samples ---- */

enum { MOST = 20000 };

static double exponential_ns(struct sp_rng *r)
{
    return 1e9 * sp_rng_exponential(r);
}

static double wide_ns(struct sp_rng *r) /* twelve decades */
{
    return pow(10, 3 + 12 * sp_rng_uniform(r));
}

static double tiny_ns(struct sp_rng *r)
{
    return 256 * sp_rng_uniform(r);
}

static double zeros_and_ones_ns(struct sp_rng *r)
{
    return sp_rng_uniform(r) < 0.5 ? 0 : 1;
}

static double one_value_ns(struct sp_rng *r)
{
    (void)r;
    return 123456789;
}

static struct row {
    const char *name;
    double (*draw)(struct sp_rng *r);
    int n, points; /* points: at least so many */
} rows[] = {
    {"exponential", exponential_ns, MOST, 140},
    {"twelve_decades", wide_ns, MOST, 140},
    {"below_256_ns", tiny_ns, MOST, 100},
    {"as_many_items_as_percents", exponential_ns, 100, 70},
    {"seven_items_are_seven_points", wide_ns, 7, 7},
    {"two_values_are_two_points", zeros_and_ones_ns, MOST, 2},
    {"one_value_is_one_point", one_value_ns, MOST, 1},
    {"one_item", exponential_ns, 1, 1},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The share of the sample that is at most so much. */
static double share_until(const int64_t *v, int n, double ns)
{
    int k = 0;

    while (k < n && (double)v[k] <= ns)
        k++;
    return (double)k / n;
}

/* A time stands for its bucket, which is within 1/256 of it. */
static void shares_are_those_of(const struct model_cdf *c, const int64_t *v, int n)
{
    for (int32_t i = 0; i < c->n; i++) {
        double ns = c->s[i] * 1e9;
        double low = share_until(v, n, ns * (1 - 1.0 / 254) - 0.001);
        double high = share_until(v, n, ns * (1 + 1.0 / 254) + 0.001);

        if (!(c->frac[i] >= low && c->frac[i] <= high))
            fail_msg("point %d: %.17g at %.17g s, exactly %.17g to %.17g", i,
                     c->frac[i], c->s[i], low, high);
    }
    assert_true(c->s[c->n - 1] == (double)v[n - 1] / 1e9);
}

static void quantiles_are_those_of(const struct model_cdf *c, const int64_t *v, int n)
{
    static const int64_t per_mille[] = {10, 250, 500, 900, 950, 990, 999, 1000};

    for (size_t i = 0; i < sizeof per_mille / sizeof per_mille[0]; i++) {
        double want = (double)v[(per_mille[i] * n + 999) / 1000 - 1];
        double got = read_off(c, (double)per_mille[i] / 1000) * 1e9;

        /* the last bucket is its largest time: as far off as it is wide */
        if (!(fabs(got - want) <= want / 128 + 1e-6))
            fail_msg("%ld per mille: %.17g, exactly %.17g", (long)per_mille[i], got,
                     want);
    }
}

static void points_are_on_the_sorted_sample(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_rng r = sp_rng_from_key(11);
    struct sim_histogram h;
    struct model_workload_result w;
    int64_t *v = sp_arena_array(arena, (size_t)row->n, sizeof *v);

    sim_histogram_init(&h, arena);
    for (int i = 0; i < row->n; i++) {
        v[i] = (int64_t)row->draw(&r);
        sim_histogram_add(&h, v[i], 1);
    }
    qsort(v, (size_t)row->n, sizeof *v, by_value);
    sim_cdf_fill(&(struct sim_cdf_source){"latency", &h}, 1, arena, &w);
    assert_int_equal(w.n_cdfs, 1);
    assert_string_equal(w.cdfs[0].what, "latency");
    rises_to_one(&w.cdfs[0]);
    assert_true(w.cdfs[0].n >= row->points);
    shares_are_those_of(&w.cdfs[0], v, row->n);
    quantiles_are_those_of(&w.cdfs[0], v, row->n);
    sp_arena_free(arena);
}

static void what_has_no_time_is_left_out(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_histogram none, some;
    struct model_workload_result w;
    const struct sim_cdf_source sources[] = {
        {"a", &none}, {"b", &some}, {"c", NULL}, {"d", &some}};

    (void)state;
    sim_histogram_init(&none, arena);
    sim_histogram_init(&some, arena);
    sim_histogram_add(&some, 5, 3);
    sim_cdf_fill(sources, 4, arena, &w);
    assert_int_equal(w.n_cdfs, 2);
    assert_string_equal(w.cdfs[0].what, "b");
    assert_string_equal(w.cdfs[1].what, "d");
    sim_cdf_fill(sources, 1, arena, &w);
    assert_int_equal(w.n_cdfs, 0);
    sp_arena_free(arena);
}

/* ---- in results ---- */

static void agrees_with(const struct model_cdf *c, const struct model_times *t)
{
    static const double p[] = {0.5, 0.9, 0.99};
    const double want[] = {t->p50_s.mean, t->p90_s.mean, t->p99_s.mean};

    rises_to_one(c);
    assert_true(c->s[c->n - 1] == t->max_s.mean);
    for (int i = 0; i < 3; i++) {
        double got = read_off(c, p[i]);

        assert_true(got == want[i] ||
                    (got == t->max_s.mean && got - want[i] <= got / 128 + 1e-9));
    }
}

/* The time in system is exponential with rate mu - lambda; 200,000 customers of a fixed
 * seed come within 0.01 of it everywhere.  A mean that is 5 % off is off by 0.018. */
static void latency_of_m_m_1_is_exponential(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = plan_new(arena);
    const struct model_workload_result *w;

    (void)state;
    plan_stage(&b, "serve", plan_exponential(1));
    plan_unit(&b, 0, 1, 1);
    b.node->has.mcpu = 1000;
    plan_poisson(&b, 0.5, 1000, 400000);
    w = &plan_run(&b, (struct plan_how){5, 1, .verify = false})
             ->policies[0]
             .workloads[0];
    assert_int_equal(w->n_cdfs, 1);
    assert_string_equal(w->cdfs[0].what, "latency");
    assert_true(w->cdfs[0].n > 140);
    agrees_with(&w->cdfs[0], &w->latency);
    for (int32_t i = 0; i < w->cdfs[0].n; i++) {
        double want = 1 - exp(-0.5 * w->cdfs[0].s[i]);

        if (!(fabs(w->cdfs[0].frac[i] - want) < 0.01))
            fail_msg("%g s: %g, expected %g", w->cdfs[0].s[i], w->cdfs[0].frac[i],
                     want);
    }
    sp_arena_free(arena);
}

/* Prompts of 10, 20 and 30 tokens take 10, 20 and 30 ms alone; then 10 ms a token. */
static void requests_have_three(void **state)
{
    static const struct serving_arrival rows_of[] = {
        {0, 10, 1}, {1, 20, 3}, {2, 30, 5}, {3, 30, 1}};
    const struct serving_trace trace = {4, rows_of};
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_workload_result *w;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1);
    serving_trace(&b, &trace);
    w = &serving_run(&b, (struct serving_how){.seed = 1, .trace = &trace})
             ->policies[0]
             .workloads[0];
    assert_int_equal(w->n_cdfs, 3);
    assert_string_equal(w->cdfs[0].what, "ttft");
    assert_string_equal(w->cdfs[1].what, "tpot");
    assert_string_equal(w->cdfs[2].what, "e2e");
    agrees_with(&w->cdfs[0], &w->serving->ttft);
    agrees_with(&w->cdfs[1], &w->serving->tpot);
    agrees_with(&w->cdfs[2], &w->serving->e2e);
    assert_int_equal(w->cdfs[0].n, 3); /* two took 30 ms */
    assert_true(w->cdfs[0].frac[0] == 0.25 && w->cdfs[0].frac[1] == 0.5);
    assert_true(fabs(w->cdfs[0].s[1] - 0.020) < 0.0001);
    sp_arena_free(arena);
}

/* The second job waits for the first. */
static void jobs_have_two(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    jobs_add(&b, 0, 100, 8);
    jobs_add(&b, 0, 300, 8);
    r = jobs_run(&b, (struct jobs_how){.seed = 1});
    assert_int_equal(r.work->n_cdfs, 2);
    assert_string_equal(r.work->cdfs[0].what, "queue");
    assert_string_equal(r.work->cdfs[1].what, "completion");
    agrees_with(&r.work->cdfs[0], &r.jobs->groups[0].queue);
    agrees_with(&r.work->cdfs[1], &r.jobs->groups[0].completion);
    assert_true(r.work->cdfs[0].s[0] == 0 && r.work->cdfs[0].s[1] == 100);
    assert_true(r.work->cdfs[1].s[1] == 400 && r.work->cdfs[1].frac[0] == 0.5);
    sp_arena_free(arena);
}

static void nothing_done_has_none(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct jobs_ran r;

    (void)state;
    jobs_add(&b, 0, 100, 9); /* fits no node */
    r = jobs_run(&b, (struct jobs_how){.seed = 1});
    assert_int_equal(r.work->done, 0);
    assert_int_equal(r.work->n_cdfs, 0);
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 5 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(what_has_no_time_is_left_out),
        cmocka_unit_test(latency_of_m_m_1_is_exponential),
        cmocka_unit_test(requests_have_three),
        cmocka_unit_test(jobs_have_two),
        cmocka_unit_test(nothing_done_has_none),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = points_are_on_the_sorted_sample,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("cdf", tests, NULL, NULL);
}
