/* How many units of one kind keep another busy: the source never runs dry, the number
 * of the other is fixed, and that of the one found by bisection.
 *
 * A run lasts as long as some hundred tasks of the busiest stage, and is measured after
 * its first quarter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/text.h"
#include "base/units.h"
#include "model/search.h"
#include "model/sizing.h"
#include "model/stat.h"
#include "plan/pack_nodes.h"
#include "plan/planned.h"
#include "sim/run_parts.h"

enum { TASKS = 400, MOST_TIMES = 64, UNITS_OF = 8, UNITS_MOST = 1024 };

struct ratio {
    struct plan_look *l;
    const struct plan_shape *shape;
    int32_t workload, a, b;  /* units of its plan */
    double per_s_a, per_s_b; /* source items that one unit bears */
    int32_t of;              /* units of b */
    double run_s;
    int32_t n, room;
    struct model_planned_ratio *rows;
};

/* ---- what is asked for ---- */

static int32_t unit_named(const struct model_plan *plan, const char *name, size_t len)
{
    for (int32_t u = 0; u < plan->n_units; u++)
        if (strlen(plan->units[u].name) == len &&
            strncmp(plan->units[u].name, name, len) == 0)
            return u;
    for (int32_t u = 0; u < plan->n_units; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++) {
            const char *stage = plan->stages[plan->units[u].slots[i].stage].name;

            if (strlen(stage) == len && strncmp(stage, name, len) == 0)
                return u;
        }
    return SP_NO_ID;
}

/* The first bundling in which the two are units of their own. */
static bool find_units(struct ratio *r, const char *text, const char *colon)
{
    const struct plan_look *l = r->l;

    for (int32_t i = 0; i < l->n_shapes; i++)
        for (int32_t w = 0; w < l->ask->scenario->n_workloads; w++) {
            const struct model_plan *plan = &l->shapes[i].plans[w];

            if (plan->kind != MODEL_KIND_PIPELINE)
                continue;
            r->a = unit_named(plan, text, (size_t)(colon - text));
            r->b = unit_named(plan, colon + 1, strlen(colon + 1));
            r->shape = &l->shapes[i];
            r->workload = w;
            if (r->a != SP_NO_ID && r->b != SP_NO_ID && r->a != r->b)
                return true;
        }
    return false;
}

static enum sp_status parse(struct ratio *r, const char *text, struct sp_err *err)
{
    const char *colon = strchr(text, ':');
    char quoted[200];

    if (colon != NULL && find_units(r, text, colon))
        return SP_OK;
    return sp_fail(err, SP_EINPUT,
                   "--ratio %s: expected two units or stages of one pipeline, such as "
                   "'preprocess:infer'",
                   sp_text_quote(text, quoted, sizeof quoted));
}

/* ---- by bottleneck analysis ---- */

static const struct model_plan *plan_of(const struct ratio *r)
{
    return &r->shape->plans[r->workload];
}

static double unit_per_s(const struct model_unit *unit, const double *slots)
{
    double per_s = INFINITY, sum = 0;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        double each = slots[unit->slots[i].stage];

        sum += each;
        if (each > 0)
            per_s = fmin(per_s, unit->slots[i].cap / each);
    }
    return unit->fused && sum > 0 ? 1 / sum : per_s;
}

static int32_t units_on_a_node(const struct ratio *r, const struct model_unit *unit)
{
    const struct model_policy *p = &r->l->ask->scenario->policies[r->shape->policy];
    const struct plan_kind kind = {model_unit_needs(plan_of(r), unit),
                                   (uint64_t)unit->allowed_types};
    int32_t most = 0;

    for (int32_t t = 0; t < p->n_types; t++) {
        int32_t alone = plan_pack_alone(&p->types[t], t, &kind);

        most = alone > most ? alone : most;
    }
    return most;
}

static enum sp_status analyse(struct ratio *r, struct sp_err *err)
{
    const struct model_policy *p = &r->l->ask->scenario->policies[r->shape->policy];
    const struct model_plan *plan = plan_of(r);
    const struct model_unit *b = &plan->units[r->b];
    double slots[MODEL_STAGES_MAX], longest = 0;
    int32_t worth = units_on_a_node(r, b);

    model_plan_slots(plan, p->types, p->n_types, slots);
    r->per_s_a = unit_per_s(&plan->units[r->a], slots);
    r->per_s_b = unit_per_s(b, slots);
    if (!isfinite(r->per_s_a) || !isfinite(r->per_s_b))
        return sp_fail(err, SP_EINPUT,
                       "--ratio %s: what they take in the mean is not known",
                       r->l->ask->ratio);
    r->of = worth >= 1 && worth <= 2 * UNITS_OF ? worth : UNITS_OF;
    /* Where one of a serves many of b: so many of b that several of a are needed. */
    r->of = (int32_t)fmin(UNITS_MOST,
                          fmax(r->of, ceil(UNITS_OF * r->per_s_a / r->per_s_b)));
    for (int32_t i = 0; i < plan->n_units; i++)
        for (int32_t k = 0; k < plan->units[i].n_slots; k++) {
            double s = model_stage_mean_time_s(plan, plan->units[i].slots[k].stage, 1);

            longest = isnan(s) ? longest : fmax(longest, s);
        }
    r->run_s = TASKS * longest;
    return SP_OK;
}

/* ---- a run ---- */

/* As many of the other units as never hold anybody up. */
static int32_t count_of(const struct ratio *r, int32_t unit, int32_t n,
                        const double *slots)
{
    double per_s = unit_per_s(&plan_of(r)->units[unit], slots), want;

    if (unit == r->a)
        return n;
    if (unit == r->b)
        return r->of;
    want = isfinite(per_s) ? ceil(2 * r->of * r->per_s_b / per_s) : 1;
    return (int32_t)fmin(fmax(1, want), MODEL_UNITS_MAX);
}

static struct model_dist always(double value)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = value};
}

static void endless(struct model_source *s, int32_t n_sizes)
{
    const bool trace = s->kind == MODEL_SOURCE_TRACE;

    for (int32_t i = 0; trace && i < n_sizes; i++)
        s->size[i] = always(s->trace.mean_size[i]);
    if (trace)
        s->bytes = always(s->trace.mean_bytes);
    s->kind = MODEL_SOURCE_FIXED;
    s->items = MODEL_COUNT_MAX;
    s->for_ns = -1;
    s->pull = false;
    s->trace_path = NULL;
}

static void set_plan(const struct ratio *r, int32_t n, struct model_plan *plan,
                     struct sp_arena *arena)
{
    const struct model_policy *p = &r->l->ask->scenario->policies[r->shape->policy];
    double slots[MODEL_STAGES_MAX];
    struct model_unit *units =
        sp_arena_array(arena, (size_t)plan->n_units, sizeof *units);

    model_plan_slots(plan, p->types, p->n_types, slots);
    memcpy(units, plan->units, (size_t)plan->n_units * sizeof *units);
    for (int32_t u = 0; u < plan->n_units; u++) {
        units[u].count_kind = MODEL_COUNT_GIVEN;
        units[u].count = count_of(r, u, n, slots);
    }
    plan->units = units;
    endless(&plan->source, plan->n_sizes);
}

/* Nodes that hold them all. */
static bool set_nodes(const struct model_plan *plan, struct model_policy *policy,
                      struct sp_arena *arena)
{
    const size_t n = (size_t)policy->n_types, k = (size_t)plan->n_units;
    struct model_node_type *types = sp_arena_array(arena, n, sizeof *types);
    int32_t *least = sp_arena_array(arena, n, sizeof *least);
    int32_t *most = sp_arena_array(arena, n, sizeof *most);
    int32_t *units = sp_arena_array(arena, k, sizeof *units);
    struct plan_kind *kinds = sp_arena_array(arena, k, sizeof *kinds);
    struct plan_packed packed = {0};

    memcpy(types, policy->types, n * sizeof *types);
    for (size_t t = 0; t < n; t++) {
        least[t] = types[t].listed ? types[t].count : 0;
        most[t] = types[t].listed ? types[t].count : MODEL_NODES_MAX;
    }
    for (size_t u = 0; u < k; u++) {
        units[u] = plan->units[u].count;
        kinds[u] = (struct plan_kind){model_unit_needs(plan, &plan->units[u]),
                                      (uint64_t)plan->units[u].allowed_types};
    }
    plan_pack(types, (int32_t)n, least, most, kinds, units, (int32_t)k, arena, &packed);
    for (size_t t = 0; t < n && packed.fits; t++) {
        types[t].fixed = true;
        types[t].count = packed.nodes[t];
        types[t].loss = (struct model_loss){0};
    }
    policy->types = types;
    return packed.fits;
}

/* A scenario of the one workload with n units of a. */
static struct model_scenario *scenario_of(const struct ratio *r, int32_t n,
                                          struct sp_arena *arena)
{
    struct model_scenario *sc = sp_arena_alloc(arena, sizeof *sc);
    struct model_policy *policy = sp_arena_alloc(arena, sizeof *policy);
    struct model_plan *plan = sp_arena_alloc(arena, sizeof *plan);

    *sc = *r->l->ask->scenario;
    *policy = sc->policies[r->shape->policy];
    *plan = *plan_of(r);
    set_plan(r, n, plan, arena);
    policy->plans = plan;
    policy->n_plans = 1;
    sc->workloads = &sc->workloads[r->workload];
    sc->n_workloads = 1;
    sc->policies = policy;
    sc->n_policies = 1;
    sc->baseline = 0;
    sc->until_ns = sp_ns_from_s(r->run_s);
    sc->measure = MODEL_MEASURE_WINDOW;
    sc->measure_from_ns = sc->until_ns / 4;
    sc->measure_to_ns = -1;
    return set_nodes(plan, policy, arena) ? sc : NULL;
}

struct busy_runs {
    const struct ratio *r;
    const struct model_scenario *sc;
    double *busy; /* by replication */
};

static void *one_run(void *self, int64_t i)
{
    const struct busy_runs *b = self;
    struct sp_arena *arena = sp_arena_new();
    const struct model_unit *unit = &b->sc->policies[0].plans[0].units[b->r->b];
    struct sim_options run = *b->r->l->ask->run;
    struct model_policy_result p = {0};
    const struct sim_run_one one = {.scenario = b->sc,
                                    .policy = b->sc->policies,
                                    .options = &run,
                                    .replication = (int32_t)i};
    double *busy = sp_xcalloc(1, sizeof *busy);

    run.replications = b->r->l->ask->replications;
    run.items = NULL;
    run.explain = NULL;
    run.policies = NULL;
    run.timeline_slices = 0;
    *busy = NAN;
    if (sim_run_one(&one, arena, &p, NULL) == SP_OK)
        for (int32_t k = 0; k < unit->n_slots; k++)
            *busy =
                fmax(*busy, p.workloads[0].stages[unit->slots[k].stage].busy_frac.mean);
    sp_arena_free(arena);
    return busy;
}

static bool told(void *self, int64_t i, void *result)
{
    struct busy_runs *b = self;

    b->busy[i] = *(double *)result;
    free(result);
    return true;
}

/* ---- rows ---- */

static const struct model_planned_ratio *row_of(const struct ratio *r, int32_t count)
{
    for (int32_t i = 0; i < r->n; i++)
        if (r->rows[i].count == count)
            return &r->rows[i];
    return NULL;
}

static void add_row(struct ratio *r, int32_t count, const double *busy)
{
    const struct plan_ask *ask = r->l->ask;
    struct model_planned_ratio row = {
        .per = (double)count / r->of, .count = count, .of = r->of};
    int32_t enough = 0;

    for (int32_t k = 0; k < ask->replications; k++)
        enough += busy[k] >= ask->busy_frac;
    row.busy_frac = model_stat_of(busy, ask->replications);
    row.enough = enough >= model_goal_runs_enough(ask->replications);
    r->rows = sp_arena_more(r->l->arena, r->rows, r->n, &r->room, sizeof *r->rows);
    r->rows[r->n++] = row;
}

/* Runs `count` units of a where that has not been done; whether they are enough. */
static enum sp_status test_count(void *self, int64_t count, bool *enough,
                                 struct sp_err *err)
{
    struct ratio *r = self;
    const struct plan_ask *ask = r->l->ask;
    struct sp_arena *arena = sp_arena_new();
    struct busy_runs b = {.r = r};
    const struct sp_pool_work work = {.n = ask->replications,
                                      .threads = ask->threads,
                                      .ahead = 4 * (int64_t)ask->threads,
                                      .work = one_run,
                                      .done = told,
                                      .self = &b};
    enum sp_status status = SP_OK;

    if (row_of(r, (int32_t)count) == NULL) {
        b.sc = scenario_of(r, (int32_t)count, arena);
        b.busy = sp_arena_array(arena, (size_t)ask->replications, sizeof *b.busy);
        if (b.sc == NULL)
            status = sp_fail(err, SP_EINPUT,
                             "--ratio %s: there are no nodes for %lld units of the one "
                             "and %d of the other",
                             ask->ratio, (long long)count, (int)r->of);
        else if (sp_pool_run(&work) == ask->replications)
            add_row(r, (int32_t)count, b.busy);
    }
    sp_arena_free(arena);
    if (status == SP_OK)
        *enough = row_of(r, (int32_t)count)->enough;
    return status;
}

static int by_count(const void *x, const void *y)
{
    const struct model_planned_ratio *a = x, *b = y;

    return (a->count > b->count) - (a->count < b->count);
}

/* Around the answer, so that it is seen how fast it falls. */
static enum sp_status curve(struct ratio *r, int64_t answer, struct sp_err *err)
{
    static const double parts[] = {0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5};
    enum sp_status status = SP_OK;
    bool enough;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == SP_OK; i++) {
        int64_t count = llround(parts[i] * (double)answer);

        if (count >= 1)
            status = test_count(r, count, &enough, err);
    }
    return status;
}

enum sp_status plan_ratio_of(struct plan_look *l, struct model_planned *out,
                             struct sp_err *err)
{
    struct ratio r = {.l = l};
    struct model_search_least search = {.test = test_count, .self = &r};
    enum sp_status status = parse(&r, l->ask->ratio, err);

    if (status == SP_OK)
        status = analyse(&r, err);
    if (status != SP_OK)
        return status;
    out->ratio = l->ask->ratio;
    out->ratio_busy_frac = l->ask->busy_frac;
    out->ratio_analysis = l->ask->busy_frac * r.per_s_b / r.per_s_a;
    search.start = (int64_t)fmax(1, ceil(out->ratio_analysis * r.of - 1e-9));
    search.most = search.start * MOST_TIMES;
    status = model_search_smallest(&search, err);
    if (status == SP_OK)
        status = curve(&r, search.passes > 0 ? search.passes : search.start, err);
    if (status != SP_OK)
        return status;
    qsort(r.rows, (size_t)r.n, sizeof *r.rows, by_count);
    out->feasible = search.passes > 0;
    out->n_ratios = r.n;
    out->ratios = r.rows;
    return SP_OK;
}
