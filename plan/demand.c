/* Pipelines, serving and jobs, each in its own way. */
#include "plan/demand.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/job.h"
#include "model/jobs.h"
#include "model/serving.h"
#include "model/sizing.h"

struct builder {
    struct sp_arena *arena;
    const struct model_scenario *sc;
    const struct model_policy *policy;
    const struct model_goals *goals;
    struct plan_demand *demand;
    int32_t room;
};

static void leave_out(struct builder *b, const char *workload, const char *why)
{
    if (b->demand->unknown == NULL)
        b->demand->unknown = sp_arena_printf(b->arena, "%s: %s", workload, why);
}

static struct plan_demand_row *add_row(struct builder *b, int32_t workload)
{
    struct plan_demand *d = b->demand;
    struct plan_demand_row *row;

    d->rows = sp_arena_more(b->arena, d->rows, d->n, &b->room, sizeof *d->rows);
    row = &d->rows[d->n++];
    *row = (struct plan_demand_row){.workload = workload, .stage = SP_NO_ID};
    row->factor =
        sp_arena_array(b->arena, (size_t)b->policy->n_types + 1, sizeof *row->factor);
    for (int32_t t = 0; t < b->policy->n_types; t++)
        row->factor[t] = 1;
    return row;
}

/* ---- how much of what arrives must be done ---- */

static double horizon_s(const struct model_scenario *sc)
{
    return sc->until_ns >= 0 ? sp_s_from_ns(sc->until_ns) : INFINITY;
}

/* When a source's last item has arrived, if a horizon does not cut it off; INFINITY: it
 * does not end; 0 where all is there at once. */
static double source_end_s(const struct model_source *s)
{
    double end = s->for_ns >= 0 ? sp_s_from_ns(s->for_ns) : INFINITY;

    if (s->kind == MODEL_SOURCE_FIXED)
        return 0;
    if (s->kind == MODEL_SOURCE_TRACE && s->trace.known)
        return fmin(end, s->trace.span_s / s->trace_scale);
    if (s->items >= 0 && s->rate_per_s > 0)
        return fmin(end, (double)s->items / s->rate_per_s);
    return end;
}

/* Items that arrive in the run; NaN unknown. */
static double arrivals(const struct model_scenario *sc, const struct model_source *s)
{
    double all = model_source_items(s), by_horizon = s->rate_per_s * horizon_s(sc);

    if (s->kind == MODEL_SOURCE_CLOSED)
        return NAN;
    if (s->kind == MODEL_SOURCE_TRACE && s->trace.known && s->trace.span_s > 0)
        by_horizon =
            (double)s->trace.rows * horizon_s(sc) * s->trace_scale / s->trace.span_s;
    if (s->kind == MODEL_SOURCE_FIXED)
        return all;
    return isnan(all) ? (isfinite(by_horizon) ? by_horizon : NAN)
                      : fmin(all, by_horizon > 0 ? by_horizon : INFINITY);
}

static bool is_of(const struct model_goal *g, const char *figure)
{
    return strcmp(g->kind->figure, figure) == 0;
}

static double window_s(const struct model_scenario *sc)
{
    double to = sc->measure_to_ns >= 0 ? sp_s_from_ns(sc->measure_to_ns) : INFINITY;

    if (sc->measure == MODEL_MEASURE_ALL)
        return horizon_s(sc);
    return fmin(to, horizon_s(sc)) - (sc->measure == MODEL_MEASURE_WINDOW
                                          ? sp_s_from_ns(sc->measure_from_ns)
                                          : 0);
}

/* What one goal asks for of the `items` that arrive. */
static double asked_share(const struct builder *b, const struct model_goal *g,
                          double items)
{
    if (is_of(g, "keeps_up_frac") || is_of(g, "slo_attained"))
        return g->value;
    if (is_of(g, "makespan_s"))
        return 1;
    if (is_of(g, "per_s") || is_of(g, "goodput_per_s"))
        return g->value * (1 - g->tolerance_frac) * horizon_s(b->sc) / items;
    return 0;
}

/* The share of a workload's arrivals that the goals ask for.  Without a horizon a run
 * ends when all is done.  Of a window's figures that is less what may have been under
 * way when it began, `path_s` of service an item. */
static double wanted_share(const struct builder *b, int32_t w, double items,
                           double path_s)
{
    double share = 0;

    if (b->sc->until_ns < 0)
        return 1;
    for (int32_t i = 0; i < b->goals->n; i++) {
        const struct model_goal *g = &b->goals->goals[i];

        if (g->of.workload == SP_NO_ID && is_of(g, "time_s"))
            share = 1;
        if (g->of.workload != w)
            continue;
        share =
            fmax(share, asked_share(b, g, items) - (b->sc->measure != MODEL_MEASURE_ALL
                                                        ? path_s / window_s(b->sc)
                                                        : 0));
    }
    return fmin(share, 1);
}

/* ---- pipelines ---- */

static uint64_t stage_types(const struct model_plan *plan, int32_t stage)
{
    uint64_t types = 0;

    for (int32_t u = 0; u < plan->n_units; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++)
            if (plan->units[u].slots[i].stage == stage)
                types |= (uint64_t)plan->units[u].allowed_types;
    return types != 0 ? types : UINT64_MAX;
}

static bool has_fused_time(const struct model_plan *plan)
{
    for (int32_t u = 0; u < plan->n_units; u++)
        if (plan->units[u].has_fused_time)
            return true;
    return false;
}

/* Seconds of a full batch on the fastest type, and the factors of the others. */
static double fastest(const struct builder *b, const struct model_plan *plan,
                      int32_t stage, double *factor)
{
    double least = INFINITY;

    for (int32_t t = 0; t < b->policy->n_types; t++) {
        factor[t] = model_stage_time_on_s(plan, stage, b->policy->types, t);
        if (isnan(factor[t]))
            return NAN;
        least = fmin(least, factor[t]);
    }
    for (int32_t t = 0; t < b->policy->n_types; t++)
        factor[t] = least > 0 ? factor[t] / least : 1;
    return least;
}

static double path_s(const struct builder *b, const struct model_plan *plan)
{
    double sum = 0;

    for (int32_t s = 0; s < plan->n_stages; s++)
        sum += fmin(model_stage_mean_time_s(plan, s, 1) * 2, window_s(b->sc));
    return sum;
}

static void add_pipeline(struct builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    const double items = arrivals(b->sc, &plan->source);
    struct model_flow flow;
    double share;

    if (isnan(items) || has_fused_time(plan)) {
        leave_out(b, plan->workload,
                  isnan(items) ? "how much arrives is not known before a run"
                               : "a fused unit has a time of its own");
        return;
    }
    model_plan_flow(plan, &flow);
    share = wanted_share(b, w, items, path_s(b, plan));
    for (int32_t s = 0; s < plan->n_stages && share > 0; s++) {
        struct plan_demand_row *row = add_row(b, w);
        double time_s = fastest(b, plan, s, row->factor);

        row->stage = s;
        row->name = sp_arena_printf(b->arena, "stage %s", plan->stages[s].name);
        row->needs = plan->stages[s].slot_needs;
        row->allowed_types = stage_types(plan, s);
        row->slot_s = share * items * flow.visits[s] * flow.attempts[s] * time_s /
                      plan->stages[s].batch;
        if (!isfinite(row->slot_s)) {
            b->demand->n--;
            leave_out(b, plan->workload, "the mean time of a stage is not known");
        }
    }
}

/* ---- serving ---- */

/* Least ticks for a token, over batches of 1, 2, ... up to `most`: of a chunk of prompt
 * as if each of its tokens looked at itself alone, of a decode without context.  NaN:
 * the source knows none of them. */
static double least_s_a_token(const struct model_pool *pool, bool decode, int64_t most)
{
    double least = NAN;

    for (int64_t n = 1; n <= most; n += 1 + n / 64) {
        struct model_batch batch = {0};
        struct model_iteration_time time;
        struct sp_err why;

        if (decode) {
            batch.decodes = (int32_t)n;
            batch.decode_context = n;
            batch.decode_least = batch.decode_most = 1;
        } else {
            batch.prefills = 1;
            batch.prefill_tokens = batch.prefill_pairs = batch.prefill_squares = n;
        }
        if (model_iteration_time(pool->iteration, &batch, &time, &why) != SP_OK)
            continue;
        least =
            fmin(least, (double)time.ticks / (1 << MODEL_TICK_BITS) * 1e-9 / (double)n);
    }
    return least;
}

static double mean_tokens(const struct model_plan *plan, int32_t size)
{
    const struct model_source *s = &plan->source;

    if (s->kind == MODEL_SOURCE_TRACE)
        return s->trace.known ? s->trace.mean_size[size] : NAN;
    return model_dist_mean(size == MODEL_PROMPT_TOKENS ? &plan->serving->prompt_tokens
                                                       : &plan->serving->output_tokens);
}

static void add_replicas(struct builder *b, int32_t w, int32_t pool, double replica_s)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct plan_demand_row *row;

    if (isnan(replica_s)) {
        leave_out(b, plan->workload, "how long an iteration takes at least");
        return;
    }
    row = add_row(b, w);
    row->stage = pool;
    row->name = sp_arena_printf(b->arena, "replicas %s", plan->stages[pool].name);
    row->needs = plan->stages[pool].slot_needs;
    row->allowed_types = (uint64_t)plan->units[pool].allowed_types;
    row->slot_s = replica_s;
}

/* A batch that does both takes at least as long as either part of it alone. */
static void add_serving(struct builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    const struct model_serving *s = plan->serving;
    const double items = arrivals(b->sc, &plan->source);
    const double share = isnan(items) ? NAN : wanted_share(b, w, items, 0);
    const double prompts = share * items * mean_tokens(plan, MODEL_PROMPT_TOKENS);
    const double outputs =
        share * items * fmax(0, mean_tokens(plan, MODEL_OUTPUT_TOKENS) - 1);

    if (isnan(prompts) || isnan(outputs) ||
        (s->n_pools > 1 && (s->n_pools > 2 || s->pools[0].role == s->pools[1].role))) {
        leave_out(b, plan->workload, "several pools, or tokens that are not known");
        return;
    }
    for (int32_t p = 0; p < s->n_pools && share > 0; p++) {
        const struct model_pool *pool = &s->pools[p];
        double prefill =
            pool->prefix != MODEL_PREFIX_NONE
                ? 0
                : prompts * least_s_a_token(pool, false, pool->max_num_batched_tokens);
        double decode = outputs * least_s_a_token(pool, true, pool->max_num_seqs);

        add_replicas(b, w, p,
                     pool->role == MODEL_ROLE_PREFILL  ? prefill
                     : pool->role == MODEL_ROLE_DECODE ? decode
                                                       : fmax(prefill, decode));
    }
}

/* ---- jobs ---- */

static double fastest_speed(const struct builder *b, const struct model_jobs *jobs,
                            double *factor)
{
    double best = 0;

    for (int32_t t = 0; t < b->policy->n_types; t++) {
        factor[t] = model_job_speed(jobs, b->policy->types[t].gpu_model);
        best = fmax(best, factor[t]);
    }
    for (int32_t t = 0; t < b->policy->n_types; t++)
        factor[t] = best / factor[t];
    return best;
}

/* Slots of one GPU where a job may be split, else of a member. */
static void add_class(struct builder *b, int32_t w, const struct model_job_class *c,
                      double jobs_n)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct plan_demand_row *row = add_row(b, w);
    int64_t parts = c->members > 0 ? 1 : c->needs.mgpu / 1000;
    double speed = fastest_speed(b, plan->jobs, row->factor);

    parts = parts < 1 ? 1 : parts;
    row->name = sp_arena_printf(b->arena, "jobs %s", c->name);
    row->allowed_types = UINT64_MAX;
    row->needs = (struct model_amounts){c->needs.mcpu / parts, c->needs.mgpu / parts,
                                        c->needs.memory_bytes / parts};
    row->slot_s = jobs_n * (double)parts * (c->members > 0 ? c->members : 1) *
                  model_dist_mean(&c->duration_s) / speed;
}

static void add_trace(struct builder *b, int32_t w, double share)
{
    const struct model_job_summary *sum = &b->policy->plans[w].jobs->summary;
    const struct {
        const char *name;
        struct model_amounts needs;
        double s;
    } rows[] = {{"jobs, GPUs", {0, 1000, 0}, sum->gpu_s},
                {"jobs, CPUs", {1000, 0, 0}, sum->cpu_s}};

    for (int i = 0; i < 2; i++) {
        struct plan_demand_row *row = add_row(b, w);
        double speed = fastest_speed(b, b->policy->plans[w].jobs, row->factor);

        row->name = rows[i].name;
        row->allowed_types = UINT64_MAX;
        row->needs = rows[i].needs;
        row->slot_s = share * rows[i].s / speed;
    }
}

static void add_jobs(struct builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    const struct model_jobs *jobs = plan->jobs;
    const double items = arrivals(b->sc, &plan->source);
    double shares = 0, share = isnan(items) ? 0 : wanted_share(b, w, items, 0);

    for (int32_t c = 0; c < jobs->n_classes; c++)
        shares += jobs->classes[c].share;
    if (isnan(items) || jobs->forever || jobs->shuffle ||
        (jobs->n_classes == 0 && !jobs->summary.known)) {
        leave_out(b, plan->workload, "how much work arrives is not known before a run");
        return;
    }
    if (share <= 0)
        return;
    if (jobs->n_classes == 0 && share >= 1 && plan->source.for_ns < 0 &&
        plan->source.items < 0)
        add_trace(b, w, share);
    for (int32_t c = 0; c < jobs->n_classes; c++)
        if (!jobs->classes[c].forever)
            add_class(b, w, &jobs->classes[c],
                      share * items * jobs->classes[c].share / shares);
}

/* ---- times ---- */

/* Without a horizon the last item has to arrive; with one, a source that goes on until
 * then keeps the run going. */
static double least_s(const struct model_scenario *sc, const struct model_policy *p)
{
    double end = 0;

    for (int32_t w = 0; w < p->n_plans; w++) {
        const struct model_source *s = &p->plans[w].source;
        double gap = s->rate_per_s > 0 ? 1 / s->rate_per_s : 0;

        if (s->kind == MODEL_SOURCE_CLOSED)
            continue;
        end = fmax(end, fmax(0, source_end_s(s) - gap));
    }
    end = fmin(end, horizon_s(sc));
    return isfinite(end) ? end : 0;
}

/* A horizon until which some source goes on. */
static double known_s(const struct builder *b)
{
    for (int32_t w = 0; w < b->policy->n_plans; w++)
        if (source_end_s(&b->policy->plans[w].source) >= horizon_s(b->sc))
            return isfinite(horizon_s(b->sc)) ? horizon_s(b->sc) : NAN;
    return NAN;
}

static double most_s(const struct builder *b)
{
    double most = horizon_s(b->sc);

    for (int32_t i = 0; i < b->goals->n; i++)
        if (is_of(&b->goals->goals[i], "time_s"))
            most = fmin(most, b->goals->goals[i].value);
    return most;
}

void plan_demand_of(const struct model_scenario *sc, int32_t policy,
                    const struct model_goals *goals, struct sp_arena *arena,
                    struct plan_demand *demand)
{
    struct builder b = {.arena = arena,
                        .sc = sc,
                        .policy = &sc->policies[policy],
                        .goals = goals,
                        .demand = demand};

    *demand = (struct plan_demand){.least_s = least_s(sc, b.policy), .floor_frac = 1};
    demand->most_s = most_s(&b);
    if (sc->measure != MODEL_MEASURE_ALL && isfinite(horizon_s(sc)))
        demand->floor_frac = window_s(sc) / horizon_s(sc);
    for (int32_t w = 0; w < sc->n_workloads; w++)
        switch (b.policy->plans[w].kind) {
        case MODEL_KIND_PIPELINE:
            add_pipeline(&b, w);
            break;
        case MODEL_KIND_SERVING:
            add_serving(&b, w);
            break;
        case MODEL_KIND_JOBS:
            add_jobs(&b, w);
            break;
        }
    demand->time_s = known_s(&b);
    if (!isnan(demand->time_s))
        demand->least_s = demand->time_s;
    for (int32_t i = 0; i < demand->n; i++)
        demand->rows[i].slots = demand->rows[i].slot_s / demand->time_s;
}
