/* No bill is below the bound: random pipelines, serving and jobs under random policies.
 *
 * Where nothing is drawn, exactly, in every run that did all of its work; else the
 * bound leaves out what chance may take of one run (four standard deviations), and is
 * held against every run as well.  BOUND_SEED=n runs and prints one scenario;
 * STAGEPLAN_SLOW=1 runs more.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/rng.h"
#include "base/units.h"
#include "model/jobs.h"
#include "plan/bound.h"
#include "sim/run.h"
#include "tests/scenario_random.h"
#include "tests/serving_random.h"
#include "tests/twin_jobs_case.h"

enum { N_QUICK = 150, SLOW_FACTOR = 20 };

static const struct model_goals none;

/* What a law has looked at, so that it can be told from one that looks at nothing. */
struct seen {
    int32_t runs, floors, bounds; /* of these with a floor, a bound above 0 */
    int32_t near;                 /* bills of at most twice the bound */
};

static uint64_t first_seed(void)
{
    const char *one = getenv("BOUND_SEED");

    return one != NULL ? strtoull(one, NULL, 10) : 1;
}

static uint64_t last_seed(void)
{
    const char *slow = getenv("STAGEPLAN_SLOW");

    if (getenv("BOUND_SEED") != NULL)
        return first_seed();
    return N_QUICK * (slow != NULL && *slow == '1' ? SLOW_FACTOR : 1u);
}

static bool is_printed(void)
{
    return getenv("BOUND_SEED") != NULL;
}

/* Nodes that are lost are not paid for any more. */
static bool is_fixed(const struct model_policy *policy)
{
    for (int32_t t = 0; t < policy->n_types; t++) {
        const struct model_loss *loss = &policy->types[t].loss;

        if (!policy->types[t].fixed || loss->taken_back || loss->fails ||
            loss->availability != NULL)
            return false;
    }
    return true;
}

static int32_t leases(const struct model_policy_result *p)
{
    double n = 1;

    for (int32_t i = 0; i < p->n_nodes; i++)
        n += p->nodes[i].hours.mean * 60 + p->nodes[i].peak;
    return (int32_t)fmin(n, 1e6);
}

/* Of a fixed fleet, each of which is one lease. */
static double nodes_of(const struct model_policy_result *p)
{
    double n = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        n += p->nodes[i].peak;
    return n;
}

static bool all_done(const struct model_policy_result *p)
{
    if (p->end != MODEL_END_DONE || isnan(p->cost.usd.mean))
        return false;
    for (int32_t w = 0; w < p->n_workloads; w++)
        if (model_refused(&p->workloads[w]) > 0)
            return false;
    return true;
}

/* Leases are rounded to whole micro-dollars. */
static void holds(const struct model_scenario *sc, int32_t policy,
                  const struct model_policy_result *p, const struct model_goals *goals,
                  uint64_t seed, struct seen *seen)
{
    struct sp_arena *arena = sp_arena_new();
    const double usd = p->cost.usd.mean, cut = 0.5e-6 * leases(p);
    struct plan_demand demand;
    struct plan_bound bound;

    plan_demand_of(sc, policy, goals, arena, &demand);
    plan_bound_of(&sc->policies[policy], &demand, goals, arena, &bound);
    seen->runs++;
    seen->floors += bound.floor_usd > 0;
    if (usd < bound.floor_usd - cut)
        fail_msg("BOUND_SEED=%d policy %s: bill %.9g, floor %.9g", (int)seed,
                 sc->policies[policy].name, usd, bound.floor_usd);
    if (is_fixed(&sc->policies[policy])) {
        seen->bounds += bound.usd > 0;
        seen->near += bound.usd > 0 && usd < 2 * bound.usd;
        if (usd < bound.usd - 0.5e-6 * nodes_of(p))
            fail_msg("BOUND_SEED=%d policy %s: bill %.9g, bound %.9g", (int)seed,
                     sc->policies[policy].name, usd, bound.usd);
    }
    sp_arena_free(arena);
}

/* ---- pipelines ---- */

/* Few nodes, all of them fixed, so that the work is what takes the time. */
static void make_scarce(struct model_scenario *sc, uint64_t seed)
{
    struct sp_rng rng = sp_rng_from_key(seed);

    for (int32_t p = 0; p < sc->n_policies; p++) {
        struct model_policy *policy = &sc->policies[p];

        for (int32_t t = 0; t < policy->n_types; t++) {
            struct model_node_type *type = &policy->types[t];

            type->fixed = true;
            type->count = (int32_t)(sp_rng_next(&rng) % 2);
            type->min = type->max = type->count;
            type->boot_s = (struct model_dist){.kind = MODEL_DIST_CONSTANT};
            type->idle_timeout_ns = 0;
        }
        for (int32_t u = 0; u < policy->plans[0].n_units; u++) {
            policy->plans[0].units[u].startup_s =
                (struct model_dist){.kind = MODEL_DIST_CONSTANT};
            policy->plans[0].units[u].count *= 3;
        }
    }
}

static struct seen pipelines(struct scenario_random how, bool scarce)
{
    struct seen seen = {0};

    for (how.seed = first_seed(); how.seed <= last_seed(); how.seed++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_scenario *sc = scenario_random_new(&how, arena);
        struct sim_options options = {
            .seed = how.seed, .replications = 1, .version = "test"};
        struct model_result *result;
        struct sp_err err = {0};

        if (scarce)
            make_scarce(sc, how.seed);
        if (is_printed())
            scenario_random_print(stderr, sc);
        if (sim_run(sc, &options, arena, &result, &err) != SP_OK)
            fail_msg("seed %d: %s", (int)how.seed, err.text);
        for (int32_t p = 0; p < sc->n_policies; p++)
            if (all_done(&result->policies[p]))
                holds(sc, p, &result->policies[p], &none, how.seed, &seen);
        sp_arena_free(arena);
    }
    return seen;
}

static void enough(const struct seen *seen, int32_t floors, int32_t bounds,
                   int32_t near)
{
    if (is_printed())
        return;
    assert_true(seen->floors >= floors && seen->bounds >= bounds && seen->near >= near);
}

static void no_pipeline_of_constant_times_is_cheaper(void **state)
{
    struct seen seen =
        pipelines((struct scenario_random){.lossless = true, .constant = true}, false);

    (void)state;
    enough(&seen, 100, 30, 0);
}

static void no_pipeline_on_few_nodes_is_cheaper(void **state)
{
    struct seen seen = pipelines(
        (struct scenario_random){
            .lossless = true, .constant = true, .items_min = 200, .items_max = 400},
        true);

    (void)state;
    enough(&seen, 30, 30, 10);
}

static void no_pipeline_with_chance_is_cheaper(void **state)
{
    struct seen seen = pipelines((struct scenario_random){.scaled = true}, false);

    (void)state;
    enough(&seen, 50, 10, 0);
}

static void no_large_pipeline_with_chance_is_cheaper(void **state)
{
    struct seen seen = pipelines(
        (struct scenario_random){.scaled = true, .items_min = 500, .items_max = 900},
        true);

    (void)state;
    enough(&seen, 20, 20, 5);
}

/* ---- goals ---- */

/* A goal of the only workload. */
static struct model_goals goal_of(const char *key, double value, double tolerance_frac,
                                  struct model_goal *goal)
{
    const struct model_goal_kind *k = model_goal_kinds;
    const char *const workload = "w";
    struct sp_err err;

    while (strcmp(k->key, key) != 0)
        k++;
    *goal = (struct model_goal){
        .kind = k, .value = value, .tolerance_frac = tolerance_frac};
    assert_int_equal(model_figure_parse(k->figure, &workload, 1, &goal->of, &err),
                     SP_OK);
    return (struct model_goals){.n = 1, .goals = goal};
}

static bool meets(const struct model_policy_result *p, const struct model_goal *goal)
{
    struct model_run_figures run;
    struct model_workload_figures work;

    model_figures_take(p, &run, &work);
    return !isnan(p->cost.usd.mean) && model_goal_miss(goal, &run, &work) <= 0;
}

/* Arrivals without end until a horizon, of which a window counts; units that start
 * sooner and later. */
static void make_endless(struct model_scenario *sc, uint64_t seed)
{
    struct sp_rng rng = sp_rng_from_key(seed + 1000);
    const double per_s = 0.5 + 3 * sp_rng_uniform(&rng);

    sc->until_ns = sp_ns_from_s(200);
    sc->measure = MODEL_MEASURE_WINDOW;
    sc->measure_from_ns = sp_ns_from_s((double)(sp_rng_next(&rng) % 120));
    sc->measure_to_ns = -1;
    for (int32_t p = 0; p < sc->n_policies; p++) {
        struct model_plan *plan = &sc->policies[p].plans[0];

        plan->source.kind = MODEL_SOURCE_CONSTANT;
        plan->source.rate_per_s = per_s;
        plan->source.items = plan->source.for_ns = -1;
        for (int32_t u = 0; u < plan->n_units; u++)
            plan->units[u].startup_s.a = (double)(sp_rng_next(&rng) % 3) * 20;
    }
}

/* Whoever meets a rate over the window, or the share that arrives of all, paid as much
 * as the bound for it; rates are those that were met, so that none is asked for less.
 */
static void no_fleet_that_meets_its_goal_is_cheaper(void **state)
{
    struct scenario_random how = {.lossless = true, .constant = true};
    struct seen seen = {0};

    (void)state;
    for (how.seed = first_seed(); how.seed <= 2 * last_seed(); how.seed++) {
        struct sp_arena *arena = sp_arena_new();
        struct model_scenario *sc = scenario_random_new(&how, arena);
        struct sim_options options = {
            .seed = how.seed, .replications = 1, .version = "test"};
        struct model_result *result;
        struct sp_err err = {0};

        make_scarce(sc, how.seed);
        make_endless(sc, how.seed);
        if (is_printed())
            scenario_random_print(stderr, sc);
        if (sim_run(sc, &options, arena, &result, &err) != SP_OK)
            fail_msg("seed %d: %s", (int)how.seed, err.text);
        for (int32_t p = 0; p < sc->n_policies; p++) {
            const struct model_policy_result *r = &result->policies[p];
            const double rate = r->workloads[0].per_s.mean;
            struct model_run_figures run;
            struct model_workload_figures work;
            struct model_goal goal;
            struct model_goals goals = goal_of("rate", rate, 0, &goal);

            model_figures_take(r, &run, &work);
            if (rate > 0 && meets(r, &goal))
                holds(sc, p, r, &goals, how.seed, &seen);
            goals = goal_of("keeps_up", work.keeps_up_frac, 0, &goal);
            if (meets(r, &goal))
                holds(sc, p, r, &goals, how.seed, &seen);
        }
        sp_arena_free(arena);
    }
    enough(&seen, 100, 100, 50);
}

/* ---- serving ---- */

static void no_serving_is_cheaper(void **state)
{
    struct seen seen = {0};

    (void)state;
    for (uint64_t seed = first_seed(); seed <= last_seed(); seed++) {
        struct sp_arena *arena = sp_arena_new();
        const struct serving_random how = {.seed = seed, .steady = seed % 2 == 0};
        struct serving_build b = serving_random_new(&how, arena);
        const struct model_result *r;

        if (is_printed())
            serving_random_print(stderr, &b);
        r = serving_run(&b, (struct serving_how){.seed = seed, .lax = true});
        if (all_done(&r->policies[0]))
            holds(b.sc, 0, &r->policies[0], &none, seed, &seen);
        sp_arena_free(arena);
    }
    enough(&seen, 20, 20, 0);
}

/* ---- jobs ---- */

/* As a pass over the trace finds it. */
static struct model_job_summary sum_up(const struct jobs_case *c)
{
    const struct model_jobs *jobs = c->sc->policies[0].plans[0].jobs;
    struct model_job_summary sum = jobs->summary;

    sum.known = true;
    sum.jobs = c->n;
    sum.gpu_s = sum.cpu_s = 0;
    for (int32_t i = 0; i < c->n; i++) {
        const struct model_job *j = &c->jobs[i];
        double members = j->members > 0 ? j->members : 1;
        double mcpu = j->needs.mcpu >= 0
                          ? (double)j->needs.mcpu
                          : (double)j->needs.mgpu / 1000 * (double)jobs->mcpu_per_gpu;

        sum.span_ns = j->arrival_ns;
        if (j->duration_ns == MODEL_NEVER)
            continue;
        sum.gpu_s +=
            sp_s_from_ns(j->duration_ns) * members * (double)j->needs.mgpu / 1e3;
        sum.cpu_s += sp_s_from_ns(j->duration_ns) * members * mcpu / 1e3;
    }
    return sum;
}

static void no_jobs_are_cheaper(void **state)
{
    struct seen seen = {0};

    (void)state;
    for (uint64_t seed = first_seed(); seed <= last_seed(); seed++) {
        struct sp_arena *arena = sp_arena_new();
        struct jobs_case c = jobs_case_random(seed, arena);
        struct model_job_opener opener = jobs_case_opener(&c);
        struct sim_options options = {
            .seed = seed, .replications = 1, .version = "test", .jobs = &opener};
        struct model_result *result;
        struct sp_err err = {0};

        if (is_printed())
            jobs_case_print(stderr, &c);
        if (sim_run(c.sc, &options, arena, &result, &err) != SP_OK)
            fail_msg("seed %d: %s", (int)seed, err.text);
        c.sc->policies[0].plans[0].jobs->summary = sum_up(&c);
        if (all_done(&result->policies[0]))
            holds(c.sc, 0, &result->policies[0], &none, seed, &seen);
        sp_arena_free(arena);
    }
    enough(&seen, 20, 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pipeline_of_constant_times_is_cheaper),
        cmocka_unit_test(no_pipeline_on_few_nodes_is_cheaper),
        cmocka_unit_test(no_pipeline_with_chance_is_cheaper),
        cmocka_unit_test(no_large_pipeline_with_chance_is_cheaper),
        cmocka_unit_test(no_fleet_that_meets_its_goal_is_cheaper),
        cmocka_unit_test(no_serving_is_cheaper),
        cmocka_unit_test(no_jobs_are_cheaper),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("bound_laws", tests, NULL, NULL);
}
