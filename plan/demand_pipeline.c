/* Stages: visits and times, each as small as it can be in the mean, and what chance may
 * take off. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/profile.h"
#include "model/sizing.h"
#include "plan/demand_parts.h"

/* ---- times that are not above the mean, whatever is drawn (Jensen) ---- */

/* Keeps the points of the lower convex hull; returns how many. */
static int32_t hull(double *x, double *y, int32_t n)
{
    int32_t k = 0;

    for (int32_t i = 0; i < n; i++) {
        while (k >= 2 && (y[k - 1] - y[k - 2]) * (x[i] - x[k - 2]) >=
                             (y[i] - y[k - 2]) * (x[k - 1] - x[k - 2]))
            k--;
        x[k] = x[i];
        y[k++] = y[i];
    }
    return k;
}

static const struct model_table *convex_table(const struct model_table *t,
                                              struct sp_arena *arena)
{
    struct model_table *to = sp_arena_alloc(arena, sizeof *to);
    double *x = sp_arena_array(arena, (size_t)t->n, sizeof *x);
    double *s = sp_arena_array(arena, (size_t)t->n, sizeof *s);

    memcpy(x, t->x, (size_t)t->n * sizeof *x);
    memcpy(s, t->s, (size_t)t->n * sizeof *s);
    *to = *t;
    to->n = hull(x, s, t->n);
    to->x = x;
    to->s = s;
    return to;
}

static const struct model_kernel *convex_kernel(const struct model_kernel *k,
                                                struct sp_arena *arena)
{
    const size_t n = (size_t)k->n_points;
    struct model_kernel *to = sp_arena_alloc(arena, sizeof *to);
    double *x = sp_arena_array(arena, n + 1, sizeof *x);
    double *s = sp_arena_array(arena, n + 1, sizeof *s);

    for (size_t i = 0; i < n; i++) {
        x[i] = k->points[i].x;
        s[i] = k->points[i].s;
    }
    *to = *k;
    to->n_points = hull(x, s, k->n_points);
    to->points = sp_arena_array(arena, n + 1, sizeof *to->points);
    for (int32_t i = 0; i < to->n_points; i++)
        to->points[i] = (struct model_profile_point){.x = x[i], .s = s[i]};
    return to;
}

static const struct model_kernel_use *convex_use(const struct model_kernel_use *use,
                                                 struct sp_arena *arena)
{
    struct model_kernel_use *to = sp_arena_alloc(arena, sizeof *to);
    const struct model_kernel **by =
        sp_arena_array(arena, (size_t)use->n_types + 1, sizeof *by);

    *to = *use;
    for (int32_t t = 0; t < use->n_types; t++)
        by[t] = use->by_type[t] != NULL ? convex_kernel(use->by_type[t], arena) : NULL;
    to->by_type = by;
    return to;
}

/* ---- a plan that asks for no more than the true one ---- */

/* Items emitted over those that a ratio of out to in says, where tasks may hold any
 * number up to a batch: what `in` does not divide is rounded down, to one at least. */
static double least_ratio(const struct model_stage *s)
{
    double least = 1;

    for (int32_t n = 1; n <= s->batch && s->gather_in > 1; n++) {
        double exact = (double)s->gather_out * n / s->gather_in;

        least = fmin(least, fmax(1, floor(exact)) / exact);
    }
    return least;
}

/* The same over all of the `entering` items, where tasks are full but for the last. */
static double last_ratio(const struct model_stage *s, double entering)
{
    double exact = entering * s->gather_out / s->gather_in;

    return s->gather_in > 1 && exact > 0 ? fmax(0, 1 - 1 / exact) : 1;
}

static struct model_plan least_plan(const struct model_plan *plan, double items,
                                    struct sp_arena *arena)
{
    const size_t n = (size_t)plan->n_stages;
    const bool stalls = plan->source.kind == MODEL_SOURCE_CLOSED;
    struct model_plan p = *plan;
    struct model_flow flow;

    p.stages = sp_arena_array(arena, n + 1, sizeof *p.stages);
    memcpy(p.stages, plan->stages, n * sizeof *p.stages);
    for (int32_t s = 0; s < p.n_stages; s++) {
        struct model_stage *m = &p.stages[s];

        if (m->time.table != NULL && m->time.table_by != MODEL_BY_ITEMS)
            m->time.table = convex_table(m->time.table, arena);
        if (m->time.kernel != NULL && !m->time.kernel->by_features)
            m->time.kernel = convex_use(m->time.kernel, arena);
        model_plan_flow(&p, &flow);
        m->keep_frac *= m->linger_ns >= 0 || stalls
                            ? least_ratio(m)
                            : last_ratio(m, items * flow.visits[s]);
    }
    return p;
}

/* ---- times ---- */

/* Seconds of an item on node type `t`, in the batch that suits best: the largest, but
 * where a table or a kernel may say otherwise. */
static double item_time_s(struct model_plan *p, int32_t stage,
                          const struct model_node_type *types, int32_t t)
{
    struct model_stage *s = &p->stages[stage];
    const bool affine = s->time.table == NULL && s->time.kernel == NULL;
    const int32_t batch = s->batch;
    double least = NAN;

    for (s->batch = affine ? batch : 1; s->batch <= batch; s->batch++)
        least = fmin(least, model_stage_time_on_s(p, stage, types, t) / s->batch);
    s->batch = batch;
    return least;
}

/* Of an item on the fastest type, and the factors of the others; NaN not known. */
static double fastest(const struct plan_demand_builder *b, struct model_plan *p,
                      int32_t stage, double *factor)
{
    double least = INFINITY;

    for (int32_t t = 0; t < b->policy->n_types; t++) {
        factor[t] = item_time_s(p, stage, b->policy->types, t);
        if (isnan(factor[t]))
            return NAN;
        least = fmin(least, factor[t]);
    }
    for (int32_t t = 0; t < b->policy->n_types; t++)
        factor[t] = least > 0 ? factor[t] / least : 1;
    return isinf(least) ? NAN : least;
}

/* ---- chance ---- */

static double variance(const struct model_dist *d)
{
    const double mean = model_dist_mean(d);

    return model_dist_scv(d) * mean * mean;
}

/* Squared coefficient of variation of what items carry: the largest; of a trace that a
 * run sees whole the sum is known. */
static double carried_scv(const struct model_plan *plan)
{
    double scv = 0;

    if (plan->source.kind == MODEL_SOURCE_TRACE)
        return 0;
    for (int32_t k = 0; k < plan->n_sizes; k++)
        scv = fmax(scv, model_dist_scv(&plan->source.size[k]));
    return fmax(scv, model_dist_scv(&plan->source.bytes));
}

static double draws_fixed(const struct model_plan *plan, int32_t stage)
{
    const struct model_stage *s = &plan->stages[stage];

    return variance(&s->time.fixed) / s->batch + variance(&s->time.per_item);
}

/* Visits of the stage by one source item, at most. */
static double most_visits(const struct model_plan *plan, int32_t stage,
                          struct sp_arena *arena)
{
    const size_t n = (size_t)plan->n_stages;
    struct model_plan p = *plan;
    struct model_flow flow;

    p.stages = sp_arena_array(arena, n + 1, sizeof *p.stages);
    memcpy(p.stages, plan->stages, n * sizeof *p.stages);
    for (int32_t s = 0; s < p.n_stages; s++) {
        p.stages[s].keep_frac = 1;
        p.stages[s].fail_frac = 0;
        p.stages[s].has_route = false;
    }
    model_plan_flow(&p, &flow);
    return flow.visits[stage];
}

/* Variance of the work of a source item at a stage, an item of which takes item_s on
 * the fastest type. */
static double work_variance(const struct plan_demand_builder *b,
                            const struct model_plan *plan,
                            const struct model_flow *flow, int32_t stage, double item_s,
                            double speed)
{
    const struct model_stage *s = &plan->stages[stage];
    const double visits = flow->visits[stage], tries = flow->attempts[stage];
    const double scv = carried_scv(plan),
                 kernel_cv =
                     s->time.kernel != NULL ? s->time.kernel->kernel->item_cv : 0;
    const double spread = most_visits(plan, stage, b->arena) * visits - visits * visits;
    double v = visits * tries * draws_fixed(plan, stage) / (speed * speed);
    double constant = (model_dist_mean(&s->time.fixed) / s->batch +
                       model_dist_mean(&s->time.per_item)) /
                      speed;
    double carried = fmax(0, item_s - constant);

    v += visits * tries * fmax(1, visits) * carried * carried *
         (scv + kernel_cv * kernel_cv);
    v += fmax(0, spread) * item_s * item_s;
    if (s->fail_frac > 0 && s->fail_frac < 1)
        v += visits * s->batch * item_s * item_s * s->fail_frac /
             ((1 - s->fail_frac) * (1 - s->fail_frac));
    return v;
}

/* ---- windows ---- */

/* So long before a window stages may have worked ahead: until the last of the units has
 * started; not known where some follow the load or wait for others. */
static double ahead_s(const struct plan_demand_builder *b,
                      const struct model_plan *plan)
{
    double ahead = 0;

    for (int32_t t = 0; t < b->policy->n_types; t++)
        if (!b->policy->types[t].fixed && b->policy->types[t].boot_s.a > 0)
            return INFINITY;
    for (int32_t s = 0; s < plan->n_stages; s++)
        if (plan->stages[s].barrier || plan->stages[s].linger_ns < 0)
            if (plan->stages[s].barrier || plan->stages[s].batch > 1)
                return INFINITY;
    for (int32_t u = 0; u < plan->n_units; u++) {
        const struct model_unit *unit = &plan->units[u];

        if (unit->count_kind == MODEL_COUNT_AUTOSCALED ||
            unit->startup_s.kind != MODEL_DIST_CONSTANT)
            return INFINITY;
        ahead = fmax(ahead, unit->startup_s.a);
    }
    return ahead;
}

/* And what is in service when it begins: the mean age of a task, over all stages, on
 * the slowest type. */
static double lead_s(const struct plan_demand_builder *b, struct model_plan *p)
{
    double lead = ahead_s(b, p);

    for (int32_t s = 0; s < p->n_stages; s++) {
        double longest = 0, scv;

        for (int32_t t = 0; t < b->policy->n_types; t++) {
            double s_on = model_stage_time_on_s(p, s, b->policy->types, t);

            longest = isfinite(s_on) ? fmax(longest, s_on) : longest;
        }
        if (p->stages[s].time.table != NULL || p->stages[s].time.kernel != NULL ||
            p->n_sizes > 0)
            return INFINITY;
        scv = fmax(model_dist_scv(&p->stages[s].time.fixed),
                   model_dist_scv(&p->stages[s].time.per_item));
        lead += longest * fmax(1, (1 + scv) / 2);
    }
    return lead;
}

/* ---- rows ---- */

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

/* Source items that may be left undone where so many are wanted. */
static double left_out(const struct model_source *s, const struct plan_wanted *wanted)
{
    double n = isnan(wanted->arrive_most)
                   ? INFINITY
                   : fmax(0, wanted->arrive_most - wanted->floor);

    /* of a closed loop they are in flight */
    return s->kind == MODEL_SOURCE_CLOSED ? fmin(n, s->population) : n;
}

/* Where not every item comes to a stage, those that do may be the ones that are left
 * out: `passed_by` is their work, of the `floor` items. */
static double least_work(double items, double floor, double mean, double passed_by,
                         double variance_s2)
{
    if (items <= 0 || floor <= 0)
        return 0;
    return fmax(0, items * mean - passed_by * items / floor -
                       PLAN_DEMAND_SIGMAS * sqrt(items * variance_s2));
}

static void add_stage(struct plan_demand_builder *b, int32_t w, int32_t s,
                      struct model_plan *p, const struct plan_wanted *wanted)
{
    struct plan_demand_row *row = plan_demand_add_row(b, w);
    struct model_flow flow;
    double item_s = fastest(b, p, s, row->factor), mean, v, speed = 1, rare, passed_by;

    for (int32_t t = 0; t < b->policy->n_types && p->stages[s].slot_needs.mgpu == 0;
         t++)
        speed = fmax(speed, b->policy->types[t].cpu_speed);
    model_plan_flow(p, &flow);
    mean = flow.visits[s] * flow.attempts[s] * item_s;
    v = work_variance(b, p, &flow, s, item_s, speed);
    if (!isfinite(mean) || !isfinite(v)) {
        b->demand->n--;
        plan_demand_leave_out(b, p->workload,
                              sp_arena_printf(b->arena,
                                              "the mean time of stage %s is not known",
                                              p->stages[s].name));
        return;
    }
    row->stage = s;
    row->name = sp_arena_printf(b->arena, "stage %s", p->stages[s].name);
    row->needs = p->stages[s].slot_needs;
    row->allowed_types = stage_types(p, s);
    rare = most_visits(p, s, b->arena) - flow.visits[s];
    passed_by =
        rare > 0 ? left_out(&p->source, wanted) * rare * flow.attempts[s] * item_s : 0;
    row->slot_s = least_work(wanted->items, wanted->floor, mean, passed_by, v);
    row->floor_s = least_work(wanted->floor, wanted->floor, mean, passed_by, v);
}

void plan_demand_pipeline(struct plan_demand_builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct model_plan p = least_plan(plan, 0, b->arena);
    struct plan_wanted wanted = plan_demand_wanted(b, w, lead_s(b, &p));

    if (isnan(wanted.arrive) && wanted.items <= 0)
        plan_demand_leave_out(b, plan->workload,
                              "how much arrives is not known before a run");
    if (has_fused_time(plan))
        plan_demand_leave_out(b, plan->workload, "a fused unit has a time of its own");
    if (wanted.items <= 0 || has_fused_time(plan))
        return;
    p = least_plan(plan, wanted.floor, b->arena);
    for (int32_t s = 0; s < plan->n_stages; s++)
        add_stage(b, w, s, &p, &wanted);
}
