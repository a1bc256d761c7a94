#include "tests/plan_naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run_parts.h"

struct walk {
    const struct plan_naive *n;
    const struct plan_shape *shape;
    const struct model_policy *policy;
    int32_t shape_id;
    int32_t nodes[8], units[8];
    struct plan_naive_best best;
};

/* ---- one try ---- */

static struct model_policy policy_of(const struct walk *w, struct sp_arena *arena)
{
    struct model_policy p = *w->policy;
    size_t n = (size_t)p.n_types;

    p.types = sp_arena_array(arena, n, sizeof *p.types);
    memcpy(p.types, w->policy->types, n * sizeof *p.types);
    for (int32_t t = 0; t < p.n_types; t++) {
        p.types[t].fixed = true;
        p.types[t].count = w->nodes[t];
    }
    p.plans = sp_arena_array(arena, (size_t)p.n_plans, sizeof *p.plans);
    for (int32_t i = 0; i < p.n_plans; i++) {
        size_t units = (size_t)w->shape->plans[i].n_units;

        p.plans[i] = w->shape->plans[i];
        p.plans[i].units = sp_arena_array(arena, units + 1, sizeof *p.plans[i].units);
        if (units > 0)
            memcpy(p.plans[i].units, w->shape->plans[i].units,
                   units * sizeof *p.plans[i].units);
    }
    for (int32_t i = 0; i < w->shape->n_pools; i++) {
        struct model_unit *u =
            &p.plans[w->shape->pools[i].plan].units[w->shape->pools[i].unit];

        u->count_kind = MODEL_COUNT_GIVEN;
        u->count = w->units[i];
    }
    return p;
}

static bool meets(const struct plan_naive *n, const struct model_policy_result *r,
                  struct sp_arena *arena)
{
    struct model_run_figures run;
    struct model_workload_figures *works =
        sp_arena_array(arena, (size_t)n->scenario->n_workloads, sizeof *works);

    model_figures_take(r, &run, works);
    for (int32_t g = 0; g < n->goals->n; g++)
        if (!(model_goal_miss(&n->goals->goals[g], &run, works) <= 0))
            return false;
    return true;
}

/* Mean cost where at least nine of ten runs meet every goal; else INFINITY. */
static double usd_of(const struct walk *w)
{
    const int32_t runs = w->n->run->replications;
    struct sp_arena *arena = sp_arena_new();
    struct model_policy policy = policy_of(w, arena);
    struct model_scenario sc = *w->n->scenario;
    double usd = 0;
    int32_t met = 0;

    sc.n_policies = 1;
    sc.policies = &policy;
    sc.baseline = 0;
    for (int32_t k = 0; k < runs; k++) {
        const struct sim_run_one one = {
            .scenario = &sc, .policy = &policy, .options = w->n->run, .replication = k};
        struct model_policy_result r = {0};

        if (sim_run_one(&one, arena, &r, NULL) != SP_OK)
            break;
        met += meets(w->n, &r, arena);
        usd += r.cost.usd.mean / runs;
    }
    sp_arena_free(arena);
    return 10 * met >= 9 * runs ? usd : INFINITY;
}

static void try_it(struct walk *w)
{
    double usd = usd_of(w);

    w->best.tried++;
    if (!(usd < w->best.usd))
        return;
    w->best.usd = usd;
    w->best.shape = w->shape_id;
    memcpy(w->best.nodes, w->nodes, sizeof w->nodes);
    memcpy(w->best.units, w->units, sizeof w->units);
}

/* ---- all of them ---- */

/* By sums of CPUs and GPUs: no more units than that have room. */
static bool sums_fit(const struct walk *w, int32_t pools)
{
    int64_t cpu = 0, gpu = 0;

    for (int32_t t = 0; t < w->policy->n_types; t++) {
        cpu += w->nodes[t] * w->policy->types[t].has.mcpu;
        gpu += w->nodes[t] * w->policy->types[t].has.mgpu;
    }
    for (int32_t i = 0; i < pools; i++) {
        const struct model_plan *plan = &w->shape->plans[w->shape->pools[i].plan];
        struct model_amounts a =
            model_unit_needs(plan, &plan->units[w->shape->pools[i].unit]);

        cpu -= w->units[i] * a.mcpu;
        gpu -= w->units[i] * a.mgpu;
    }
    return cpu >= 0 && gpu >= 0;
}

static void all_units(struct walk *w, int32_t pool)
{
    if (pool == w->shape->n_pools) {
        try_it(w);
        return;
    }
    for (w->units[pool] = 1; w->units[pool] <= w->n->units_max; w->units[pool]++) {
        if (!sums_fit(w, pool + 1))
            break;
        all_units(w, pool + 1);
    }
    w->units[pool] = 0;
}

static const struct model_node_range *range_of(const struct walk *w, int32_t type)
{
    const struct model_node_type *t = &w->policy->types[type];

    for (int32_t i = 0; i < w->n->goals->n_ranges; i++)
        if (strcmp(w->n->goals->ranges[i].group, t->group) == 0)
            return &w->n->goals->ranges[i];
    sp_bug(__FILE__, __LINE__, "no range for %s", t->group);
}

static int32_t held(const struct walk *w, int32_t types, const char *group)
{
    int32_t n = 0;

    for (int32_t t = 0; t < types; t++)
        n += strcmp(w->policy->types[t].group, group) == 0 ? w->nodes[t] : 0;
    return n;
}

static void all_nodes(struct walk *w, int32_t type)
{
    const struct model_node_range *r;

    if (type == w->policy->n_types) {
        for (int32_t i = 0; i < w->n->goals->n_ranges; i++)
            if (held(w, type, w->n->goals->ranges[i].group) <
                w->n->goals->ranges[i].min)
                return;
        all_units(w, 0);
        return;
    }
    r = range_of(w, type);
    for (w->nodes[type] = 0; held(w, type + 1, r->group) <= r->max; w->nodes[type]++)
        all_nodes(w, type + 1);
    w->nodes[type] = 0;
}

struct plan_naive_best plan_naive_search(const struct plan_naive *n)
{
    struct walk w = {.n = n, .best = {.usd = INFINITY, .shape = SP_NO_ID}};

    for (int32_t i = 0; i < n->n_shapes; i++) {
        w.shape_id = i;
        w.shape = &n->shapes[i];
        w.policy = &n->scenario->policies[w.shape->policy];
        all_nodes(&w, 0);
    }
    return w.best;
}
