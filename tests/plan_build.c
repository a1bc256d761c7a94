/* Records with defaults, and a trace opener over an array. */
#include "plan_build.h"

#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "tests/array_trace.h"

static const char *const work[] = {"work"};

struct plan_build plan_new(struct sp_arena *arena)
{
    struct plan_build b = {.arena = arena};

    b.sc = sp_arena_alloc(arena, sizeof *b.sc);
    b.sc->arena = arena;
    b.sc->name = "built";
    b.sc->path = "built";
    b.sc->until_ns = -1;
    b.sc->n_workloads = 1;
    b.sc->workloads = sp_arena_alloc(arena, sizeof work);
    memcpy(b.sc->workloads, work, sizeof work);
    b.sc->n_policies = 1;
    b.sc->policies = sp_arena_array(arena, PLAN_POLICIES, sizeof *b.sc->policies);
    b.policy = &b.sc->policies[0];
    *b.policy = (struct model_policy){
        .name = "only", .placement = "first-fit", .n_types = 1, .n_plans = 1};
    b.policy->types = b.node = sp_arena_array(arena, 4, sizeof *b.node);
    *b.node = (struct model_node_type){
        .name = "node",
        .option = "owned",
        .has = {.mcpu = 1000000000, .memory_bytes = -1},
        .has_price = true,
        .uusd_per_h = 1000000,
        .boot_s = plan_constant(0),
        .store_bytes = -1,
        .cpu_speed = 1,
        .fixed = true,
        .count = 1,
    };
    b.policy->plans = b.plan = sp_arena_alloc(arena, sizeof *b.plan);
    *b.plan = (struct model_plan){
        .workload = "work", .rule = "downstream-first", .size_deadline_ns = -1};
    b.plan->stages = sp_arena_array(arena, PLAN_STAGES, sizeof *b.plan->stages);
    b.plan->units = sp_arena_array(arena, PLAN_UNITS, sizeof *b.plan->units);
    b.source = &b.plan->source;
    *b.source = (struct model_source){
        .kind = MODEL_SOURCE_FIXED, .items = 1, .for_ns = -1, .trace_scale = 1};
    return b;
}

struct model_dist plan_constant(double value)
{
    return (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = value};
}

struct model_dist plan_exponential(double mean)
{
    return (struct model_dist){.kind = MODEL_DIST_EXPONENTIAL, .a = mean};
}

struct model_stage *plan_stage(struct plan_build *b, const char *name,
                               struct model_dist time_s)
{
    int32_t id = b->plan->n_stages++;
    struct model_stage *s = &b->plan->stages[id];

    sp_assert(id < PLAN_STAGES);
    *s = (struct model_stage){.name = name,
                              .slot_needs = {.mcpu = 1000},
                              .batch = 1,
                              .linger_ns = -1,
                              .gather_in = 1,
                              .gather_out = 1,
                              .keep_frac = 1};
    s->time.fixed = time_s;
    s->n_from = id > 0;
    s->from[0] = id - 1;
    return s;
}

void plan_unit_add(struct model_unit *unit, int32_t stage, int32_t slots)
{
    unit->slots[unit->n_slots++] = (struct model_slots){stage, slots};
}

struct model_unit *plan_unit(struct plan_build *b, int32_t stage, int32_t slots,
                             int32_t count)
{
    struct model_unit *u = &b->plan->units[b->plan->n_units++];

    sp_assert(b->plan->n_units <= PLAN_UNITS);
    *u = (struct model_unit){
        .name = b->plan->stages[stage].name, .count = count, .allowed_types = -1};
    plan_unit_add(u, stage, slots);
    return u;
}

void plan_apart(struct plan_build *b, int32_t slots)
{
    for (int32_t s = 0; s < b->plan->n_stages; s++) {
        bool has = false;

        for (int32_t u = 0; u < b->plan->n_units; u++)
            for (int32_t i = 0; i < b->plan->units[u].n_slots; i++)
                has = has || b->plan->units[u].slots[i].stage == s;
        if (!has)
            plan_unit(b, s, slots, 1);
    }
}

static void *copied(struct plan_build *b, const void *rows, size_t count, size_t size)
{
    return memcpy(sp_arena_array(b->arena, count, size), rows, count * size);
}

void plan_policy_copy(struct plan_build *b, const char *name)
{
    struct model_policy *p = &b->sc->policies[b->sc->n_policies];

    sp_assert(b->sc->n_policies++ < PLAN_POLICIES);
    *p = *b->policy;
    p->name = name;
    p->types = copied(b, p->types, 4, sizeof *p->types);
    p->plans = copied(b, p->plans, 1, sizeof *p->plans);
    p->plans->stages =
        copied(b, p->plans->stages, PLAN_STAGES, sizeof *p->plans->stages);
    p->plans->units = copied(b, p->plans->units, PLAN_UNITS, sizeof *p->plans->units);
    b->policy = p;
    b->node = p->types;
    b->plan = p->plans;
    b->source = &b->plan->source;
}

void plan_poisson(struct plan_build *b, double per_s, double from_s, double until_s)
{
    *b->source = (struct model_source){.kind = MODEL_SOURCE_POISSON,
                                       .rate_per_s = per_s,
                                       .items = -1,
                                       .for_ns = -1,
                                       .trace_scale = 1};
    b->sc->until_ns = sp_ns_from_s(until_s);
    b->sc->measure = MODEL_MEASURE_WINDOW;
    b->sc->measure_from_ns = sp_ns_from_s(from_s);
    b->sc->measure_to_ns = -1;
}

/* ---- an array as a trace ---- */

/* The rows that stand for the times; none without them. */
static struct array_trace trace_of(const struct plan_build *b,
                                   const struct plan_times *times)
{
    int32_t n = times != NULL ? times->n : 0;
    struct model_arrival *rows = sp_arena_array(b->arena, (size_t)n, sizeof *rows);

    for (int32_t i = 0; i < n; i++)
        rows[i].time_ns = sp_ns_from_s(times->s[i]);
    return (struct array_trace){.arena = b->arena, .n = n, .rows = rows};
}

void plan_trace(struct plan_build *b, const struct plan_times *times)
{
    *b->source = array_trace_source(times->n);
}

/* ---- running ---- */

const struct model_result *plan_run(const struct plan_build *b, struct plan_how how)
{
    struct array_trace trace = trace_of(b, how.times);
    struct model_trace_opener traces = array_trace_opener(&trace);
    struct sim_options o = {.seed = how.seed,
                            .replications = how.replications,
                            .verify = how.verify,
                            .timeline_slices = how.timeline_slices,
                            .digest = true,
                            .traces = &traces,
                            .version = "test"};
    struct model_result *r = NULL;
    struct sp_err err = {.status = SP_OK};

    if (sim_run(b->sc, &o, b->arena, &r, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "the run failed: %s", err.text);
    return r;
}
