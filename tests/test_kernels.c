/* Calibrated kernels through sim_run(), against arithmetic on paper and closed forms.
 *
 * The profile is tests/scenarios/kernels.yaml, whose times are round: `point` takes 10
 * ms a call, `line` 1 us a byte, `rows` 10, 20, 40 ms for 1, 4, 16 rows of a task,
 * `shared` 10 ms times n, 1.25 times as long where two CPUs work at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/gsl.h"
#include "base/rng.h"
#include "model/llm.h"
#include "model/sizing.h"
#include "scenario_text.h"
#include "sim/run.h"

#define N(rows) (sizeof rows / sizeof rows[0])

static const char *profile(struct sp_arena *arena)
{
    const char *folder = getenv("SRCDIR");
    char *path = sp_arena_printf(arena, "%s/tests/scenarios/kernels.yaml",
                                 folder != NULL ? folder : "."),
         *whole = realpath(path, NULL);
    const char *kept;

    assert_non_null(whole);
    kept = sp_arena_strdup(arena, whole);
    free(whole);
    return kept;
}

/* Reads a whole scenario in which PROFILE stands for the profile's path. */
static struct model_scenario *read_text(const char *text, struct sp_arena *arena,
                                        struct sp_err *err)
{
    const char *at = strstr(text, "PROFILE");
    struct model_scenario *sc = NULL;
    char *whole = sp_arena_printf(arena, "%.*s%s%s", (int)(at - text), text,
                                  profile(arena), at + strlen("PROFILE"));

    if (scenario_from_bytes(whole, strlen(whole), arena, &sc, err) != SP_OK)
        return NULL;
    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans; w++)
            if (model_size_plan(&sc->policies[p].plans[w], sc->policies[p].types,
                                sc->policies[p].n_types, err) != SP_OK)
                return NULL;
    return sc;
}

static const struct model_result *run_n(const char *text, int32_t replications,
                                        struct sp_arena *arena)
{
    struct model_result *r = NULL;
    struct sp_err err = {0};
    struct model_scenario *sc = read_text(text, arena, &err);

    if (sc == NULL)
        fail_msg("%s", err.text);
    if (sim_run(sc,
                &(struct sim_options){
                    .seed = 1, .replications = replications, .version = "test"},
                arena, &r, &err) != SP_OK)
        fail_msg("%s", err.text);
    return r;
}

static const struct model_policy_result *run_one(const char *text,
                                                 struct sp_arena *arena)
{
    return run_n(text, 1, arena)->policies;
}

/* A few roundings of 1e-9 s. */
static void is(const char *what, double got, double want)
{
    if (!(fabs(got - want) <= 1e-7 * fabs(want)))
        fail_msg("%s: %.12g, expected %.12g", what, got, want);
}

static void within(const char *what, double got, double want, double frac)
{
    if (!(fabs(got - want) <= frac * fabs(want)))
        fail_msg("%s: %.6g, expected %.6g to within %g", what, got, want, frac);
}

/* ---- one stage of one slot: the time of all items is the sum of the tasks' ---- */

#define TOP "scenario: s\nprofiles: PROFILE\n"
#define ONE_SLOT(fleet, source, stage)                                                 \
    TOP "fleet: { n: { price: 1, " fleet ", count: 1 } }\n"                            \
        "workloads: { w: { kind: pipeline, source: { " source                          \
        " }, stages: { a: { " stage " } } } }\n"                                       \
        "policies: { p: { w: { bundle: apart } } }\n"

static const struct sum {
    const char *name, *text;
    double time_s;
    int64_t calls;
} sums[] = {
    {"one_point_is_every_calls_time",
     ONE_SLOT("cpu: 1", "items: 10", "time: { kernel: point }"), 0.1, 10},
    {"times_multiplies",
     ONE_SLOT("cpu: 1", "items: 10", "time: { kernel: point, times: 2.5 }"), 0.25, 10},
    {"other_parts_of_the_time_add_up",
     ONE_SLOT("cpu: 1", "items: 10, bytes: 1000",
              "batch: 5, time: { kernel: point, fixed: 7ms, per_item: 1ms, per: { "
              "bytes: 1us } }"),
     2 * (0.05 + 0.007 + 0.005 + 5e-3), 10},
    {"a_kernel_called_per_item_is_summed_over_the_batch",
     ONE_SLOT("cpu: 1", "items: 8", "batch: 4, time: { kernel: point }"), 0.08, 8},
    {"a_kernel_called_per_task_is_asked_for_the_sum",
     ONE_SLOT("cpu: 1", "items: 8", "batch: 4, time: { kernel: rows, m: 1 }"), 0.04, 2},
    {"the_short_last_task_asks_for_less",
     ONE_SLOT("cpu: 1", "items: 5", "batch: 4, time: { kernel: rows, m: 1 }"), 0.03, 2},
    {"between_points_times_are_log_log", /* sqrt(1 * 4) lies half way */
     ONE_SLOT("cpu: 1", "items: 1", "time: { kernel: rows, m: 2 }"),
     0.0141421356237309505, 1},
    {"the_axis_may_be_the_items_bytes",
     ONE_SLOT("cpu: 1", "items: 3, bytes: 20000",
              "time: { kernel: line, bytes: bytes }"),
     0.06, 3},
    {"the_axis_may_be_a_size_scaled_and_shifted",
     ONE_SLOT("cpu: 1", "items: 2, sizes: { kb: 8 }",
              "time: { kernel: line, bytes: { size: kb, times: 1000, plus: 2Ki } }"),
     2 * 0.010048, 2},
    {"outside_of_the_table_the_form_goes_on",
     ONE_SLOT("cpu: 1", "items: 1", "time: { kernel: line, bytes: 1M }"), 1.0, 1},
    {"a_faster_cpu_takes_less",
     ONE_SLOT("cpu: 1, cpu_speed: 2", "items: 10", "time: { kernel: point }"), 0.05,
     10},
    {"on_the_measured_gpu_nothing_changes",
     ONE_SLOT("cpu: 1, gpu: 1, gpu_model: H100-SXM5", "items: 10",
              "gpu: 1, time: { kernel: gemm, device: gpu0, m: 50 }"),
     0.05, 10},
    {"where_nobody_knows_the_gpu_it_is_as_measured",
     ONE_SLOT("cpu: 1, gpu: 1", "items: 10",
              "gpu: 1, time: { kernel: gemm, device: gpu1, m: 50 }"),
     0.5, 10},
};

static void the_sum_is_as_on_paper(void **state)
{
    const struct sum *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(row->text, arena);

    is("time", p->time_s.mean, row->time_s);
    assert_true(isnan(p->time_s.half95));
    assert_int_equal(p->workloads[0].n_kernels, 1);
    assert_int_equal(p->workloads[0].kernels[0].calls, row->calls);
    sp_arena_free(arena);
}

/* The utilization law of what was just simulated: a batch's mean is known before. */
static void the_bottleneck_analysis_knows_the_mean(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p;

    (void)state;
    p = run_one(
        ONE_SLOT("cpu: 1", "items: 100", "batch: 4, time: { kernel: rows, m: 1 }"),
        arena);
    is("bound", p->workloads[0].bound_per_s, 4 / 0.02);
    is("done", p->workloads[0].per_s.mean, 4 / 0.02);
    p = run_one(
        ONE_SLOT("cpu: 1", "items: 100, bytes: 600000",
                 "time: { kernel: image, bytes: bytes, megapixels: 2, times: 3 }"),
        arena);
    is("by features", p->workloads[0].stages[0].mean_service_s,
       3 * (0.001 + 0.006 + 0.016));
    sp_arena_free(arena);
}

static void a_sized_plan_has_slots_for_its_kernels(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};
    struct model_scenario *sc = read_text(
        TOP "fleet: { n: { price: 1, cpu: 64 } }\nworkloads: { w: { kind: pipeline, "
            "source: { "
            "rate: 500/s, for: 1m }, stages: { a: { time: { kernel: point } }, b: { "
            "time: { kernel: point, times: 3 } } } } }\n"
            "policies: { p: { w: { bundle: apart, size: { items_per_s: 500 } } } }\n",
        arena, &err);

    (void)state;
    assert_non_null(sc);
    assert_int_equal(sc->policies[0].plans[0].units[0].count, 5);
    assert_int_equal(sc->policies[0].plans[0].units[1].count, 15);
    sp_arena_free(arena);
}

/* ---- fused units ---- */

#define FUSED(unit)                                                                    \
    TOP "fleet: { n: { price: 1, cpu: 2, count: 1 } }\nworkloads: { w: { kind: "       \
        "pipeline, "                                                                   \
        "source: { items: 10 }, stages: { a: { time: { kernel: point } }, b: { time: " \
        "{ kernel: point, times: 3 } } } } }\n"                                        \
        "policies: { p: { w: { units: { u: { slots: { a: 1, b: 1 }, fused: true" unit  \
        " } } } } }\n"

static void a_fused_task_is_the_sum_of_its_kernels(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(FUSED(""), arena);

    (void)state;
    is("time", p->time_s.mean, 0.4);
    assert_int_equal(p->workloads[0].n_kernels, 2);
    assert_int_equal(p->workloads[0].kernels[1].calls, 10);
    sp_arena_free(arena);
}

/* 10 ms in all, shared out 1 : 3; what the stages' kernels say is not asked for. */
static void a_fused_units_kernel_is_its_whole_time(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p =
        run_one(FUSED(", time: { kernel: shared, n: 2 }"), arena);
    const struct model_workload_result *w = &p->workloads[0];

    (void)state;
    is("time", p->time_s.mean, 10 * 0.02);
    is("first part", w->stages[0].service.mean_s.mean, 0.005);
    is("second part", w->stages[1].service.mean_s.mean, 0.015);
    assert_int_equal(w->n_kernels, 1);
    assert_true(w->kernels[0].fused);
    assert_string_equal(w->kernels[0].stage, "u");
    assert_int_equal(w->kernels[0].calls, 10);
    is("its own CPU", w->kernels[0].cores_most, 1);
    sp_arena_free(arena);
}

/* ---- cores ---- */

#define SHARED(fleet, stages, units)                                                   \
    TOP "fleet: { n: { price: 1, " fleet                                               \
        " } }\nworkloads: { w: { kind: pipeline, source: { "                           \
        "items: 4 }, stages: { " stages                                                \
        " } } }\npolicies: { p: { w: { units: { " units " } } } }\n"

/* Starting one after the other: 10 ms alone until 10, 12.5 beside the first until 12.5;
 * the third beside the second until 22.5, the fourth beside the third until 25. */
static void a_call_is_slowed_down_by_the_cpus_at_work(void **state)
{
    static const struct {
        const char *text;
        double time_s, service_s, cores, slowdown;
    } rows[] = {
        {SHARED("cpu: 2, count: 1", "a: { time: { kernel: shared, n: 1 } }",
                "u: { slots: { a: 2 } }"),
         0.025, 0.011875, 2, 1.25},
        {SHARED("cpu: 2, count: 1",
                "a: { time: { kernel: shared, n: 1, contention: false } }",
                "u: { slots: { a: 2 } }"),
         0.02, 0.01, NAN, NAN},
        /* Two nodes of a CPU each: nobody is beside anybody. */
        {SHARED("cpu: 1, count: 2", "a: { time: { kernel: shared, n: 1 } }",
                "u: { slots: { a: 1 }, count: 2 }"),
         0.02, 0.01, 1, 1},
        /* What another stage works at counts.  a: 0 to 10, 10 to 20 (b's first begins
         * in that instant, after it), 20 to 32.5 beside that one, which ends at 25, and
         * 32.5 to 45 beside the second; b ends at 25, 40, 55, 70. */
        {SHARED("cpu: 2, count: 1",
                "a: { time: { kernel: shared, n: 1 } }, b: { time: 15ms }",
                "u: { slots: { a: 1 } }, v: { slots: { b: 1 } }"),
         0.07, 0.01125, 2, 1.25},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct model_policy_result *p = run_one(rows[i].text, arena);
        const struct model_kernel_asked *k = &p->workloads[0].kernels[0];

        is("time", p->time_s.mean, rows[i].time_s);
        is("service", p->workloads[0].stages[0].service.mean_s.mean, rows[i].service_s);
        if (isnan(rows[i].cores)) {
            assert_true(isnan(k->cores_most) && isnan(k->slowdown_most));
        } else {
            is("cores", k->cores_most, rows[i].cores);
            is("slow-down", k->slowdown_most, rows[i].slowdown);
        }
        is("measured", k->known_cores, 2);
        sp_arena_free(arena);
    }
}

/* Of two workloads on a node each counts: the second's task finds the first's. */
static void other_workloads_count_too(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(
        TOP "fleet: { n: { price: 1, cpu: 2, count: 1 } }\n"
            "workloads:\n"
            "  v: { kind: pipeline, source: { items: 1 }, stages: { a: { time: 1s } } "
            "}\n"
            "  w: { kind: pipeline, source: { items: 1 }, stages: { a: { time: { "
            "kernel: shared, n: 1 } } } }\n"
            "policies: { p: { v: { bundle: apart }, w: { bundle: apart } } }\n",
        arena);

    (void)state;
    is("service", p->workloads[1].stages[0].service.mean_s.mean, 0.0125);
    sp_arena_free(arena);
}

/* Spot nodes that are taken back, tasks that fail, a horizon in the midst of tasks: the
 * run itself checks at its end that every CPU at work has been taken off again. */
static void what_began_to_work_ends(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(
        TOP "until: 200s\nfleet: { n: { price: 1, cpu: 4, option: spot, max: 3, "
            "interruptions: { rate: 100/h } } }\n"
            "workloads: { w: { kind: pipeline, source: { rate: 5/s }, stages: { a: { "
            "cpu: 500m, time: { kernel: shared, n: 10, times: 3 }, retries: { rate: "
            "10% } }, b: "
            "{ cpu: 2, time: { kernel: shared, n: 10, times: 2 } } } } }\n"
            "policies: { p: { w: { units: { u: { slots: { a: 4, b: 1 } } } } } }\n",
        arena);
    const struct model_workload_result *w = &p->workloads[0];

    (void)state;
    assert_int_equal(p->end, MODEL_END_HORIZON);
    assert_true(p->nodes_taken_back > 0 && w->stages[0].lost > 0);
    assert_true(w->stages[0].retried > 0 && w->stages[1].done > 100);
    is("CPUs of all slots", w->kernels[0].cores_most, 4);
    sp_arena_free(arena);
}

/* ---- spread of items ---- */

enum { SPREAD_ITEMS = 40000 };

/* Of a lognormal with cv 0.5: sigma = sqrt(ln 1.25) = 0.472, and n = 40,000, the mean
 * has a relative sd of 0.5 / sqrt(n) = 0.0025, the logarithm of the median one of
 * sqrt(pi / 2) sigma / sqrt(n) = 0.0030, that of the 90th percentile sqrt(0.1 * 0.9) /
 * 0.1755 sigma / sqrt(n) = 0.0040; tolerances are four of each, and 1/256 for the
 * histogram.  The same items take the same time under both policies. */
static void items_differ_as_the_profile_says(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(
        TOP "fleet: { n: { price: 1, cpu: 4, count: 1 } }\nworkloads: { w: { kind: "
            "pipeline, "
            "source: { items: 40000 }, stages: { a: { time: { kernel: spread } } } } "
            "}\n"
            "policies:\n  p: { w: { bundle: apart } }\n"
            "  q: { w: { units: { u: { slots: { a: 4 } } } } }\n",
        arena);
    const struct model_times *t = &p[0].workloads[0].stages[0].service;
    const double sigma = sqrt(log(1.25));

    (void)state;
    assert_int_equal(t->count, SPREAD_ITEMS);
    within("mean", t->mean_s.mean, 0.01, 0.01);
    within("median", t->p50_s.mean, 0.01 * exp(-sigma * sigma / 2), 0.012 + 1 / 256.0);
    within("p90", t->p90_s.mean, 0.01 * exp(1.2815515655 * sigma - sigma * sigma / 2),
           0.016 + 1 / 256.0);
    is("the same under both", p[1].workloads[0].stages[0].service.mean_s.mean,
       t->mean_s.mean);
    assert_true(p[1].time_s.mean < p[0].time_s.mean / 3);
    sp_arena_free(arena);
}

/* What features leave unexplained: cv 0.1, whatever item_cv says; four standard errors
 * of the mean of 10,000 are 0.4 %. */
static void by_features_their_own_spread_counts(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p =
        run_one(ONE_SLOT("cpu: 1", "items: 10000, bytes: 200000",
                         "time: { kernel: image, bytes: bytes, megapixels: 2 }"),
                arena);
    const struct model_times *t = &p->workloads[0].stages[0].service;
    const double sigma = sqrt(log(1.01)), mean = 0.001 + 0.002 + 0.016;

    (void)state;
    within("mean", t->mean_s.mean, mean, 0.004);
    within("p90", t->p90_s.mean, mean * exp(1.2815515655 * sigma - sigma * sigma / 2),
           0.007 + 1 / 256.0);
    assert_true(p->workloads[0].kernels[0].by_features);
    assert_true(isnan(p->workloads[0].kernels[0].x_least));
    sp_arena_free(arena);
}

/* Pollaczek-Khinchine: M/D/1 of load 1/2 waits rho s / (2 (1 - rho)) = 5 ms.  An
 * M/M/1's mean wait over n customers has the variance 29 s^2 / n at this load (Whitt
 * 1989), M/D/1's is less; with 300,000 five standard deviations of the former are 10 %
 * of 5 ms. */
static void a_fixed_kernel_makes_an_md1_queue(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(
        ONE_SLOT("cpu: 1", "rate: 50/s, items: 300000", "time: { kernel: point }"),
        arena);

    (void)state;
    within("wait", p->workloads[0].stages[0].wait.mean_s.mean, 0.005, 0.1);
    within("busy", p->workloads[0].stages[0].busy_frac.mean, 0.5, 0.01);
    sp_arena_free(arena);
}

/* ---- what is not known exactly ---- */

#define PRICED                                                                         \
    TOP "fleet: { n: { cpu: 1, count: 1, price: 36 USD/h, billing: { per: second, "    \
        "minimum: 0 } } }\nworkloads: { w: { kind: pipeline, source: { items: 10 }, "  \
        "stages: { a: { time: { kernel: point, times: 10000 } } } } }\n"               \
        "policies:\n  p: { w: { bundle: apart } }\n"                                   \
        "  q: { w: { bundle: apart, stages: { a: { time: { kernel: point, times: "     \
        "20000 } } } } }\n"

/* 1,000 s at 0.01 USD/s.  The level is lognormal of mean 1 and sd 10 % (sqrt(e^0.01 -
 * 1) = 0.10025): what the true level would give lies within t(0.975, 399) 0.10025
 * sqrt(1 + 1/400) = 19.7 % of the mean, however many replications there are.  The sd of
 * 400 draws has itself a relative sd of 1 / sqrt(800) = 3.5 %, their mean one of 0.5 %;
 * four of each. */
static void the_interval_of_cost_is_that_of_the_kernel(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_n(PRICED, 400, arena)->policies;
    const double half =
        sp_gsl_student_t_quantile(0.975, 399) * sqrt((exp(0.01) - 1) * (1 + 1.0 / 400));

    (void)state;
    within("time", p->time_s.mean, 1000, 0.02);
    within("its interval", p->time_s.half95, 1000 * half, 0.14);
    within("cost", p->cost.usd.mean, 10, 0.02);
    within("its interval", p->cost.usd.half95, 10 * half, 0.14);
    is("sd", p->workloads[0].kernels[0].sd_frac, 0.1);
    assert_int_equal(p->workloads[0].kernels[0].calls, 4000);
    sp_arena_free(arena);
}

/* A kernel takes 1 s, is measured with an error of 10 % and says so: the interval of
 * cost holds what it truly costs in 95 of 100 calibrations, not in the 54 of 100 that
 * the interval of eight draws' mean would.  The share of 400 has a sd of 1.1 %; four of
 * them, and 1 % since level and cost are lognormal. */
static void the_interval_of_cost_holds_the_truth_in_95_of_100(void **state)
{
    enum { TRIALS = 400, REPLICATIONS = 8 };
    struct sp_rng rng = sp_rng_from_key(sp_rng_stream_key(1, 0, "calibrations"));
    int32_t held = 0;

    (void)state;
    for (uint64_t i = 0; i < TRIALS; i++) {
        double wrong = exp(0.1 * sp_gsl_normal_quantile(sp_rng_uniform(&rng)));
        struct sp_arena *arena = sp_arena_new();
        const char *text = sp_arena_printf(
            arena,
            ONE_SLOT("cpu: 1", "items: 1", "time: { kernel: point, times: %.17g }"),
            100 * wrong);
        struct model_result *r = NULL;
        struct sp_err err = {0};
        struct model_scenario *sc = read_text(text, arena, &err);
        const struct sim_options o = {
            .seed = i, .replications = REPLICATIONS, .version = "test"};

        if (sc == NULL || sim_run(sc, &o, arena, &r, &err) != SP_OK)
            fail_msg("%s", err.text);
        held += fabs(r->policies[0].time_s.mean - 1) <= r->policies[0].time_s.half95;
        sp_arena_free(arena);
    }
    within("share", (double)held / TRIALS, 0.95, 0.054);
}

/* Replication by replication q takes exactly twice as long: the draw is the same. */
static void policies_meet_the_same_draw(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r = run_n(PRICED, 5, arena);

    (void)state;
    assert_true(r->policies[0].time_s.half95 > 10);
    is("ratio", r->comparisons[0].time_ratio.mean, 2);
    assert_true(r->comparisons[0].time_ratio.half95 < 1e-9);
    sp_arena_free(arena);
}

static void one_replication_is_the_estimate(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_policy_result *p = run_one(PRICED, arena);

    (void)state;
    is("time", p->time_s.mean, 1000);
    assert_int_equal(p->cost.uusd, 10000000);
    sp_arena_free(arena);
}

/* ---- told ---- */

static bool warned(const struct model_result *r, const char *of)
{
    for (int32_t i = 0; i < r->n_warnings; i++)
        if (strstr(r->warnings[i], of) != NULL)
            return true;
    return false;
}

/* Whether an input whose name has `word` in it says that basis. */
static bool rests_on(const struct model_result *r, const char *word, const char *basis)
{
    for (int32_t i = 0; i < r->n_inputs; i++)
        if (strstr(r->inputs[i].name, word) != NULL &&
            strcmp(r->inputs[i].basis, basis) == 0)
            return true;
    return false;
}

static bool assumes(const struct model_result *r, const char *id)
{
    for (int32_t i = 0; i < r->n_assumptions; i++)
        if (strcmp(r->assumptions[i].id, id) == 0)
            return true;
    return false;
}

static const struct tell {
    const char *name, *text;
    const char *warning; /* the only one, or NULL: none */
    int64_t extrapolated;
    bool spread, contention;
} tells[] = {
    {"within_what_was_measured_nothing_is_warned_of",
     ONE_SLOT("cpu: 1", "items: 2", "time: { kernel: line, bytes: 100k }"), NULL, 0,
     false, false},
    {"extrapolated_calls_are_counted",
     ONE_SLOT("cpu: 1", "items: 2", "time: { kernel: line, bytes: 100001 }"),
     "policy 'p': stage 'a': 2 of 2 calls of kernel 'line' lie outside of what was "
     "measured (bytes from 100001 to 100001, measured from 1000 to 100000): their "
     "times "
     "are extrapolated",
     2, false, false},
    {"features_beyond_what_was_measured_are_named",
     ONE_SLOT("cpu: 1", "items: 2",
              "time: { kernel: image, bytes: 1G, megapixels: 2 }"),
     "policy 'p': stage 'a': 2 of 2 calls of kernel 'image' lie outside of what was "
     "measured (the features of its items): their times are extrapolated",
     2, true, false},
    {"a_kernel_that_did_not_converge_is_named",
     ONE_SLOT("cpu: 1", "items: 2", "time: { kernel: shared, n: 1 }"),
     "kernel 'shared' of profile 'profile' was not measured as exactly as it should "
     "be: the core was never quiet",
     0, false, true},
    {"a_gpu_that_nobody_knows_is_told",
     ONE_SLOT("cpu: 1, gpu: 1", "items: 1",
              "gpu: 1, time: { kernel: gemm, device: gpu1, m: 50 }"),
     "policy 'p': the times of 'a' were measured on 'made up GPU', and that the nodes "
     "have such a GPU is not known",
     0, false, false},
    {"items_that_differ_are_an_assumption",
     ONE_SLOT("cpu: 1", "items: 2", "time: { kernel: spread }"), NULL, 0, true, false},
};

static void what_a_reader_should_know_is_told(void **state)
{
    const struct tell *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r = run_n(row->text, 1, arena);

    assert_int_equal(r->n_warnings, row->warning != NULL);
    if (row->warning != NULL)
        assert_string_equal(r->warnings[0], row->warning);
    assert_int_equal(r->policies[0].workloads[0].kernels[0].extrapolated,
                     row->extrapolated);
    assert_true(assumes(r, "A-kernel-draws"));
    assert_true(assumes(r, "A-kernel-spread") == row->spread);
    assert_true(assumes(r, "A-kernel-contention") == row->contention);
    assert_false(assumes(r, "A-kernel-transfer"));
    sp_arena_free(arena);
}

/* Measured on two: 5 are beyond twice that, 4 are not.  With replications the interval
 * carries it. */
static void cores_far_beyond_those_measured_are_told(void **state)
{
    static const char text[] =
        TOP "fleet: { n: { price: 1, cpu: 8, count: 1 } }\nworkloads: { w: { kind: "
            "pipeline, "
            "source: { items: 100 }, stages: { a: { time: { kernel: shared, n: 1 } } } "
            "} }\npolicies:\n  p: { w: { units: { u: { slots: { a: 4 } } } } }\n"
            "  q: { w: { units: { u: { slots: { a: 5 } } } } }\n";
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r = run_n(text, 1, arena);

    (void)state;
    assert_false(warned(r, "policy 'p'"));
    assert_true(warned(r, "policy 'q': stage 'a': up to 5 CPUs work at once, and "
                          "kernel 'shared' was measured on at most 2"));
    assert_true(warned(r,
                       "of kernel 'shared' lie outside of what was measured (up to 5 "
                       "CPUs at work at once, measured on 2)"));
    assert_int_equal(r->policies[0].workloads[0].kernels[0].extrapolated, 0);
    /* All but the first four, and the last ones, which start beside fewer. */
    assert_true(r->policies[1].workloads[0].kernels[0].extrapolated >= 90);
    assert_false(warned(run_n(text, 2, arena), "CPUs work at once"));
    sp_arena_free(arena);
}

static void without_a_form_nothing_is_extrapolated(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_result *r = NULL;
    struct sp_err err = {0};
    struct model_scenario *sc = read_text(
        ONE_SLOT("cpu: 1", "items: 1", "time: { kernel: rows, m: 17 }"), arena, &err);

    (void)state;
    assert_non_null(sc);
    assert_int_equal(sim_run(sc, &(struct sim_options){.seed = 1, .replications = 1},
                             arena, &r, &err),
                     SP_EINPUT);
    assert_string_equal(err.text,
                        "stage 'a': kernel 'rows' was asked for 17 m, it was measured "
                        "from 1 to 16, and its profile has no form to go on with");
    sp_arena_free(arena);
}

/* ---- other GPUs ---- */

/* Computing binds `gemm`, whose time is 0 + b m: on an A100 b is longer by the ratio of
 * the datasheets' bf16 rates. */
static void on_another_gpu_the_datasheets_count(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_result *r =
        run_n(ONE_SLOT("cpu: 1, gpu: 1, gpu_model: A100-SXM4-80GB", "items: 10",
                       "gpu: 1, time: { kernel: gemm, device: gpu0, m: 50 }"),
              1, arena);
    const struct model_kernel_asked *k = r->policies[0].workloads[0].kernels;
    struct model_gpu from, to;

    (void)state;
    assert_int_equal(model_gpu_find("H100-SXM5-80GB", arena, &from, NULL), SP_OK);
    assert_int_equal(model_gpu_find("A100-SXM4-80GB", arena, &to, NULL), SP_OK);
    is("time", r->policies[0].time_s.mean,
       0.05 * from.bf16_flop_per_s / to.bf16_flop_per_s);
    assert_int_equal(k->basis, MODEL_BASIS_DATASHEET);
    is("sd", k->sd_frac, sqrt(0.03 * 0.03 + 0.25 * 0.25));
    assert_true(rests_on(r, "kernel", "datasheet"));
    assert_true(assumes(r, "A-kernel-transfer"));
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest plain[] = {
        cmocka_unit_test(the_bottleneck_analysis_knows_the_mean),
        cmocka_unit_test(a_sized_plan_has_slots_for_its_kernels),
        cmocka_unit_test(a_fused_task_is_the_sum_of_its_kernels),
        cmocka_unit_test(a_fused_units_kernel_is_its_whole_time),
        cmocka_unit_test(a_call_is_slowed_down_by_the_cpus_at_work),
        cmocka_unit_test(other_workloads_count_too),
        cmocka_unit_test(what_began_to_work_ends),
        cmocka_unit_test(items_differ_as_the_profile_says),
        cmocka_unit_test(by_features_their_own_spread_counts),
        cmocka_unit_test(a_fixed_kernel_makes_an_md1_queue),
        cmocka_unit_test(the_interval_of_cost_is_that_of_the_kernel),
        cmocka_unit_test(the_interval_of_cost_holds_the_truth_in_95_of_100),
        cmocka_unit_test(policies_meet_the_same_draw),
        cmocka_unit_test(one_replication_is_the_estimate),
        cmocka_unit_test(cores_far_beyond_those_measured_are_told),
        cmocka_unit_test(without_a_form_nothing_is_extrapolated),
        cmocka_unit_test(on_another_gpu_the_datasheets_count),
    };
    struct CMUnitTest tests[N(plain) + N(sums) + N(tells)];
    size_t n = 0;

    sp_gsl_quiet();
    for (size_t i = 0; i < N(plain); i++)
        tests[n++] = plain[i];
    for (size_t i = 0; i < N(sums); i++)
        tests[n++] = (struct CMUnitTest){.name = sums[i].name,
                                         .test_func = the_sum_is_as_on_paper,
                                         .initial_state = (void *)(uintptr_t)&sums[i]};
    for (size_t i = 0; i < N(tells); i++)
        tests[n++] = (struct CMUnitTest){.name = tells[i].name,
                                         .test_func = what_a_reader_should_know_is_told,
                                         .initial_state = (void *)(uintptr_t)&tells[i]};
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
