/* Error bars hold the truth as often as they say: many experiments on single queues of
 * which theory knows the answer.
 *
 * M/M/1 with mu = 1 and load rho = 0.3: the time in system is exponential with rate
 * mu - lambda = 0.7, so its mean is 1.4286 s and its p99 ln(100) / 0.7 = 6.5788 s.
 *
 * What could spoil the count, against the half width of an interval (replications, 5 of
 * 10,000 s: 4.0 % of the mean, 8.4 % of the p99; one run of 200,000 s: 1.6 and 3.4 %;
 * measured, and printed below):
 *   - The empty start.  The queue forgets it as exp(-t / tau), tau =
 *     1 / (1 - sqrt(rho))^2 = 4.9 s.  It is cut after 100 s = 20 tau: what is left of
 *     it is below 1e-8 of the mean.
 *   - Few values: the p99 of few is too low.  How far the mean of all experiments' p99
 *     is from the truth is printed, with the histogram's part below, and must be below
 *     a tenth of the half width.
 *   - The histogram.  A quantile is off by at most 1/256 = 0.4 %: a twentieth of the
 *     half width of replications, at most a tenth of that of one run.
 * A shift of d half widths takes 1 % of the coverage for d = 0.15, 0.1 % for d = 0.05.
 *
 * The bounds: of `n` experiments each holds the truth with 0.95, so the share is within
 * 4.1 sqrt(0.95 * 0.05 / n) but for 4 times in 100,000: 93 to 97 % of 2,000
 * (STAGEPLAN_SLOW), 90.5 to 99.5 % of 400.  Seeds are fixed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "base/rng.h"
#include "model/stat.h"
#include "plan_build.h"
#include "sim/rounds.h"

#define RHO 0.3
static const double mean_s = 1 / (1 - RHO);
static const double p99_s = 4.605170185988092 / (1 - RHO);

struct held {
    bool mean, p99, has_mean, has_p99;
    double mean_half, p99_half, p99_s;
    bool rate, has_rate;
};

struct experiments {
    const char *name;
    int32_t replications;
    double for_s; /* measured, of each */
    struct held *held;
    struct held all_halves;
    int64_t n, mean, p99, rate, has_mean, has_p99, has_rate;
};

static struct plan_build mm1(struct sp_arena *arena, double for_s)
{
    struct plan_build b = plan_new(arena);

    plan_stage(&b, "serve", plan_exponential(1));
    plan_unit(&b, 0, 1, 1);
    plan_poisson(&b, RHO, 100, 100 + for_s);
    return b;
}

static bool holds(struct model_stat s, double truth)
{
    return fabs(s.mean - truth) <= s.half95;
}

static void *experiment(void *self, int64_t i)
{
    const struct experiments *e = self;
    struct sp_arena *arena = sp_arena_new();
    const struct plan_build b = mm1(arena, e->for_s);
    const struct sim_options o = {
        .seed = 1000 + (uint64_t)i, .replications = e->replications, .batches = true};
    const struct model_workload_result *w;
    struct model_result *r;

    assert_int_equal(sim_run(b.sc, &o, arena, &r, NULL), SP_OK);
    w = r->policies[0].workloads;
    e->held[i] = (struct held){.mean = holds(w->latency.mean_s, mean_s),
                               .p99 = holds(w->latency.p99_s, p99_s),
                               .rate = holds(w->per_s, RHO),
                               .has_mean = !isnan(w->latency.mean_s.half95),
                               .has_p99 = !isnan(w->latency.p99_s.half95),
                               .has_rate = !isnan(w->per_s.half95),
                               .mean_half = w->latency.mean_s.half95,
                               .p99_half = w->latency.p99_s.half95,
                               .p99_s = w->latency.p99_s.mean};
    sp_arena_free(arena);
    return NULL;
}

static bool count(void *self, int64_t i, void *result)
{
    struct experiments *e = self;
    const struct held *h = &e->held[i];

    (void)result;
    e->mean += h->mean;
    e->p99 += h->p99;
    e->rate += h->rate;
    e->all_halves.p99_s += h->p99_s / (double)e->n;
    e->has_mean += h->has_mean;
    e->has_p99 += h->has_p99;
    e->has_rate += h->has_rate;
    e->all_halves.mean_half += h->has_mean ? h->mean_half : 0;
    e->all_halves.p99_half += h->has_p99 ? h->p99_half : 0;
    return true;
}

static bool slow(void)
{
    return getenv("STAGEPLAN_SLOW") != NULL;
}

static void within_bounds(const struct experiments *e, const char *what, int64_t held,
                          int64_t of)
{
    const double share = (double)held / (double)of;
    const double bound = 4.1 * sqrt(0.95 * 0.05 / (double)of);

    printf("%s: %s held in %.2f %% of %lld\n", e->name, what, 100 * share,
           (long long)of);
    if (!(fabs(share - 0.95) <= bound))
        fail_msg("%s: the interval of %s holds the truth %lld of %lld times, expected "
                 "%.1f to %.1f %%",
                 e->name, what, (long long)held, (long long)of, 100 * (0.95 - bound),
                 100 * (0.95 + bound));
}

static void run(struct experiments *e)
{
    double off;
    struct sp_pool_work work = {.n = e->n,
                                .threads = sp_pool_cores(),
                                .ahead = e->n,
                                .work = experiment,
                                .done = count,
                                .self = e};

    e->held = sp_xcalloc((size_t)e->n, sizeof *e->held);
    assert_int_equal(sp_pool_run(&work), e->n);
    free(e->held);
    printf("%s: half widths: mean %.2f %%, p99 %.2f %%\n", e->name,
           100 * e->all_halves.mean_half / (double)e->has_mean / mean_s,
           100 * e->all_halves.p99_half / (double)e->has_p99 / p99_s);
    off = e->all_halves.p99_s / p99_s - 1;
    printf("%s: the p99 is off by %.2f %% in the mean\n", e->name, 100 * off);
    assert_true(fabs(off) <= 0.1 * e->all_halves.p99_half / (double)e->has_p99 / p99_s);
    within_bounds(e, "the mean", e->mean, e->has_mean);
    within_bounds(e, "the p99", e->p99, e->has_p99);
}

static void replications_hold_the_truth(void **state)
{
    struct experiments e = {.name = "replications",
                            .replications = 5,
                            .for_s = 10000,
                            .n = slow() ? 2000 : 400};

    (void)state;
    run(&e);
    assert_int_equal(e.has_mean, e.n);
    assert_int_equal(e.has_p99, e.n);
}

static void batches_of_one_run_hold_the_truth(void **state)
{
    struct experiments e = {.name = "batches",
                            .replications = 1,
                            .for_s = slow() ? 200000 : 100000,
                            .n = slow() ? 2000 : 200};

    (void)state;
    run(&e);
    within_bounds(&e, "the throughput", e.rate, e.has_rate);
    assert_true((double)e.has_mean >=
                0.95 * (double)e.n); /* most runs are long enough */
    assert_true((double)e.has_p99 >= 0.95 * (double)e.n);
}

/* ---- common random numbers ---- */

/* The same queue with a server 5 % faster: the ratio of mean times, pair by pair and
 * with pairs broken (each replication against the next one's). */
static void pairs_under_common_random_numbers_are_narrower(void **state)
{
    enum { RUNS = 40 };
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = mm1(arena, 10000);
    const struct sim_options o = {.seed = 7, .replications = RUNS};
    double paired[RUNS], broken[RUNS], factor;
    struct sim_rounds r;

    (void)state;
    plan_policy_copy(&b, "faster");
    b.plan->stages[0].time.fixed = plan_exponential(0.95);
    sim_rounds_init(&r, b.sc, &o, arena);
    assert_int_equal(sim_rounds_add(&r, RUNS, NULL), SP_OK);
    for (int32_t i = 0; i < RUNS; i++) {
        const double faster = r.policies[1].runs[i].workloads[0].latency.mean_s.mean;

        paired[i] = faster / r.policies[0].runs[i].workloads[0].latency.mean_s.mean;
        broken[i] = faster /
                    r.policies[0].runs[(i + 1) % RUNS].workloads[0].latency.mean_s.mean;
    }
    factor = model_stat_of(broken, RUNS).half95 / model_stat_of(paired, RUNS).half95;
    printf("common random numbers: intervals of ratios narrower by %.1f\n", factor);
    assert_true(factor > 3);
    sp_arena_free(arena);
}

/* ---- warm-up ---- */

/* Mean over experiments of the mean time in system: of everything, of what MSER leaves.
 */
static double mean_of(int32_t backlog, enum model_measure measure, double *half95)
{
    enum { EXPERIMENTS = 100, ITEMS = 4000 };
    double means[EXPERIMENTS];
    struct model_stat stat;

    for (int32_t i = 0; i < EXPERIMENTS; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct sp_rng rng = sp_rng_from_key(500 + (uint64_t)i);
        struct plan_build b = plan_new(arena);
        double *at = sp_arena_array(arena, (size_t)(backlog + ITEMS), sizeof *at);
        const struct plan_times times = {.n = backlog + ITEMS, .s = at};

        for (int32_t k = backlog; k < backlog + ITEMS; k++)
            at[k] = (k > 0 ? at[k - 1] : 0) + 2 * sp_rng_exponential(&rng);
        plan_stage(&b, "serve", plan_exponential(1));
        plan_unit(&b, 0, 1, 1);
        plan_trace(&b, &times);
        b.sc->measure = measure;
        means[i] = plan_run(&b, (struct plan_how){.seed = 1 + (uint64_t)i,
                                                  .replications = 1,
                                                  .times = &times})
                       ->policies[0]
                       .workloads[0]
                       .latency.mean_s.mean;
        sp_arena_free(arena);
    }
    stat = model_stat_of(means, EXPERIMENTS);
    *half95 = stat.half95;
    return stat.mean;
}

/* rho = 0.5, 2 s in the long run.  From empty 4,000 customers are hardly off; behind a
 * backlog of 100 the first wait for 100 s, and the queue takes 200 s to be gone. */
static void mser_takes_the_bias_of_the_start_away(void **state)
{
    double half, all, cut;

    (void)state;
    all = mean_of(0, MODEL_MEASURE_ALL, &half);
    cut = mean_of(0, MODEL_MEASURE_MSER, &half);
    printf("from empty: %.3f s of all, %.3f s (+- %.3f) after the cut\n", all, cut,
           half);
    assert_true(fabs(cut - 2) <= 2 * half);
    all = mean_of(100, MODEL_MEASURE_ALL, &half);
    cut = mean_of(100, MODEL_MEASURE_MSER, &half);
    printf("backlog of 100: %.3f s of all, %.3f s (+- %.3f) after the cut\n", all, cut,
           half);
    assert_true(all > 3);
    assert_true(fabs(cut - 2) <= 0.05 * (all - 2) + 2 * half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replications_hold_the_truth),
        cmocka_unit_test(batches_of_one_run_hold_the_truth),
        cmocka_unit_test(pairs_under_common_random_numbers_are_narrower),
        cmocka_unit_test(mser_takes_the_bias_of_the_start_away),
    };

    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
