/* The utilization law applied to stages, units and plans. */
#include "model/sizing.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "base/wide.h"
#include "model/profile.h"

/* ---- needs ---- */

static int64_t saturate(sp_i128 v)
{
    return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

struct model_amounts model_unit_needs(const struct model_plan *plan,
                                      const struct model_unit *unit)
{
    sp_i128 mcpu = 0, mgpu = 0, memory = 0;

    if (unit->own_needs)
        return unit->needs;
    for (int32_t i = 0; i < unit->n_slots; i++) {
        const struct model_amounts *slot =
            &plan->stages[unit->slots[i].stage].slot_needs;

        mcpu += sp_i128_mul(slot->mcpu, unit->slots[i].cap);
        mgpu += sp_i128_mul(slot->mgpu, unit->slots[i].cap);
        memory += sp_i128_mul(slot->memory_bytes, unit->slots[i].cap);
    }
    return (struct model_amounts){saturate(mcpu), saturate(mgpu), saturate(memory)};
}

/* ---- flow ---- */

/* a * b where a factor of 0 wins over an unknown one. */
static double times(double a, double b)
{
    return a > 0 || isnan(a) ? a * b : 0;
}

static double mean_source_bytes(const struct model_source *s)
{
    if (s->kind == MODEL_SOURCE_TRACE)
        return s->trace.known ? s->trace.mean_bytes : NAN;
    return model_dist_mean(&s->bytes);
}

static double mean_source_size(const struct model_source *s, int32_t k)
{
    if (s->kind == MODEL_SOURCE_TRACE)
        return s->trace.known ? s->trace.mean_size[k] : NAN;
    return model_dist_mean(&s->size[k]);
}

static double fail_all(const struct model_stage *s)
{
    return pow(s->fail_frac, s->retries_max + 1);
}

/* Items emitted per item that enters. */
static double ratio(const struct model_stage *s)
{
    return (double)s->gather_out / s->gather_in * s->keep_frac * (1 - fail_all(s));
}

/* Tries of a task: 1 + p + ... + p^max. */
static double attempts(const struct model_stage *s)
{
    if (s->fail_frac >= 1)
        return s->retries_max + 1;
    return (1 - fail_all(s)) / (1 - s->fail_frac);
}

static double route_share(const struct model_stage *from, int32_t to)
{
    for (int32_t i = 0; from->has_route && i < from->n_route; i++)
        if (from->route_to[i] == to)
            return from->route_share[i];
    return 1;
}

/* An item that leaves a stage. */
struct mean_item {
    double bytes, size[MODEL_SIZES_MAX];
};

static struct mean_item mean_output(const struct model_plan *plan,
                                    const struct model_flow *flow, int32_t stage)
{
    const struct model_stage *s = &plan->stages[stage];
    const double share = (double)s->gather_in / s->gather_out;
    struct mean_item item = {.bytes = s->output_bytes};

    item.bytes += times(s->output_factor, flow->bytes[stage] * share);
    for (int32_t k = 0; k < plan->n_sizes; k++) {
        item.size[k] = flow->size[stage][k] * share;
        item.bytes += times(s->output_per_size[k], item.size[k]);
    }
    return item;
}

/* Mean of `had` things of mean a and `more` of mean b. */
static double mix(double had, double a, double more, double b)
{
    return (times(had, a) + times(more, b)) / (had + more);
}

/* What one input brings to the stage. */
static void add_input(const struct model_plan *plan, int32_t from, int32_t to,
                      bool joined, struct model_flow *flow)
{
    const struct model_stage *f = &plan->stages[from];
    const struct mean_item item = mean_output(plan, flow, from);
    double items = flow->visits[from] * ratio(f) * route_share(f, to);
    double had = flow->visits[to];

    if (items <= 0)
        return;
    if (joined) { /* one item of all copies */
        flow->visits[to] = fmin(had, items);
        flow->bytes[to] += item.bytes;
        memcpy(flow->size[to], item.size, sizeof item.size);
        return;
    }
    flow->bytes[to] = mix(had, flow->bytes[to], items, item.bytes);
    for (int32_t k = 0; k < plan->n_sizes; k++)
        flow->size[to][k] = mix(had, flow->size[to][k], items, item.size[k]);
    flow->visits[to] += items;
}

static void enter_source(const struct model_plan *plan, int32_t to,
                         struct model_flow *flow)
{
    flow->visits[to] = 1;
    flow->bytes[to] = mean_source_bytes(&plan->source);
    for (int32_t k = 0; k < plan->n_sizes; k++)
        flow->size[to][k] = mean_source_size(&plan->source, k);
}

void model_plan_flow(const struct model_plan *plan, struct model_flow *flow)
{
    *flow = (struct model_flow){0};
    for (int32_t id = 0; id < plan->n_stages; id++) {
        const struct model_stage *s = &plan->stages[id];
        bool joined = s->join == MODEL_JOIN_ALL && s->n_from > 1;

        flow->attempts[id] = attempts(s);
        flow->visits[id] = joined ? INFINITY : 0;
        for (int32_t i = 0; i < s->n_from; i++)
            add_input(plan, s->from[i], id, joined, flow);
        if (isinf(flow->visits[id]))
            flow->visits[id] = 0;
        if (s->n_from == 0)
            enter_source(plan, id, flow);
    }
}

/* ---- times ---- */

static double table_at(const struct model_table *t, double x)
{
    int32_t i = 1;

    if (!(x >= t->x[0] && x <= t->x[t->n - 1]))
        return NAN;
    if (t->n == 1)
        return t->s[0];
    while (t->x[i] < x)
        i++;
    return t->s[i - 1] +
           (t->s[i] - t->s[i - 1]) * (x - t->x[i - 1]) / (t->x[i] - t->x[i - 1]);
}

static double table_mean(const struct model_plan *plan, const struct model_flow *flow,
                         int32_t stage, const struct model_time *t)
{
    double n = plan->stages[stage].batch;

    if (t->table_by == MODEL_BY_ITEMS)
        return table_at(t->table, n);
    if (t->table_by == MODEL_BY_BYTES)
        return table_at(t->table, n * flow->bytes[stage]);
    return table_at(t->table, n * flow->size[stage][t->table_by]);
}

static double amount_mean(const struct model_item_amount *a,
                          const struct model_plan *plan, const struct model_flow *flow,
                          int32_t stage)
{
    double sum = a->fixed + times(a->per_byte, flow->bytes[stage]);

    for (int32_t k = 0; k < plan->n_sizes; k++)
        sum += times(a->per_size[k], flow->size[stage][k]);
    return sum;
}

/* One call for `items` mean items, by the estimate; NaN: outside of all it knows. */
static double kernel_call(const struct model_plan *plan, const struct model_flow *flow,
                          int32_t stage, const struct model_kernel_use *use,
                          const struct model_kernel *k, double items)
{
    const struct model_kernel_draw estimate = {0};
    double amounts[MODEL_FEATURES_MAX];

    if (!use->by_features)
        return model_kernel_at(k, &estimate,
                               items * amount_mean(&use->x, plan, flow, stage))
            .s;
    for (int32_t i = 0; i < k->features.n; i++) {
        amounts[i] = items * amount_mean(&use->features[i], plan, flow, stage);
        if (isnan(amounts[i]))
            return NAN;
    }
    return model_kernel_by_features(k, &estimate, amounts).s;
}

/* Calls for a full batch on node type t, where its kernel can run. */
static double kernel_on(const struct model_plan *plan, const struct model_flow *flow,
                        int32_t stage, const struct model_kernel_use *use, int32_t t)
{
    const double batch = plan->stages[stage].batch;
    const bool per_item = use->kernel->calls == MODEL_CALLS_PER_ITEM;
    double s =
        kernel_call(plan, flow, stage, use, use->by_type[t], per_item ? 1 : batch);

    return use->times * (per_item ? batch * s : s);
}

/* On the slowest node type that it may run on, with its cores to itself. */
static double kernel_mean(const struct model_plan *plan, const struct model_flow *flow,
                          int32_t stage, const struct model_kernel_use *use)
{
    double longest = 0;

    for (int32_t t = 0; t < use->n_types; t++) {
        double s;

        if (use->by_type[t] == NULL)
            continue;
        s = kernel_on(plan, flow, stage, use, t);
        if (isnan(s))
            return NAN;
        longest = fmax(longest, s);
    }
    return longest;
}

/* Of a full batch as it comes to `stage`, on a node of speed 1, without its kernel. */
static double plain_mean(const struct model_plan *plan, const struct model_flow *flow,
                         int32_t stage, const struct model_time *t)
{
    double item =
        model_dist_mean(&t->per_item) + times(t->per_byte_s, flow->bytes[stage]);

    for (int32_t k = 0; k < plan->n_sizes; k++)
        item += times(t->per_size_s[k], flow->size[stage][k]);
    return model_dist_mean(&t->fixed) + plan->stages[stage].batch * item +
           (t->table != NULL ? table_mean(plan, flow, stage, t) : 0);
}

static double time_mean(const struct model_plan *plan, const struct model_flow *flow,
                        int32_t stage, const struct model_time *t)
{
    return plain_mean(plan, flow, stage, t) +
           (t->kernel != NULL ? kernel_mean(plan, flow, stage, t->kernel) : 0);
}

static double stage_time(const struct model_plan *plan, const struct model_flow *flow,
                         int32_t stage, double cpu_speed)
{
    const struct model_stage *s = &plan->stages[stage];

    return time_mean(plan, flow, stage, &s->time) /
           (s->slot_needs.mgpu > 0 ? 1 : cpu_speed);
}

double model_stage_mean_time_s(const struct model_plan *plan, int32_t stage,
                               double cpu_speed)
{
    struct model_flow flow;

    model_plan_flow(plan, &flow);
    return stage_time(plan, &flow, stage, cpu_speed);
}

double model_stage_time_on_s(const struct model_plan *plan, int32_t stage,
                             const struct model_node_type *types, int32_t type)
{
    const struct model_time *t = &plan->stages[stage].time;
    const bool gpu = plan->stages[stage].slot_needs.mgpu > 0;
    struct model_flow flow;
    double s;

    model_plan_flow(plan, &flow);
    s = plain_mean(plan, &flow, stage, t);
    if (t->kernel != NULL && t->kernel->by_type[type] == NULL)
        return INFINITY;
    if (t->kernel != NULL)
        s += kernel_on(plan, &flow, stage, t->kernel, type);
    return s / (gpu ? 1 : types[type].cpu_speed);
}

/* ---- units ---- */

/* The slowest node type that the unit may meet; 1 where there is none. */
static double slowest_speed(const struct model_unit *unit,
                            const struct model_node_type *types, int32_t n_types)
{
    double slowest = INFINITY;

    for (int32_t t = 0; t < n_types; t++)
        if ((unit->allowed_types >> t & 1) != 0 && types[t].max > 0 &&
            types[t].cpu_speed < slowest)
            slowest = types[t].cpu_speed;
    return isinf(slowest) ? 1 : slowest;
}

/* Slots that a rate of 1 source item per second keeps busy, by stage. */
struct demand {
    struct model_flow flow;
    double slots[MODEL_STAGES_MAX];
};

static void find_demand(const struct model_plan *plan,
                        const struct model_node_type *types, int32_t n_types,
                        struct demand *d)
{
    model_plan_flow(plan, &d->flow);
    for (int32_t u = 0; u < plan->n_units; u++) {
        const struct model_unit *unit = &plan->units[u];
        double speed = slowest_speed(unit, types, n_types);

        for (int32_t i = 0; i < unit->n_slots; i++) {
            int32_t s = unit->slots[i].stage;

            d->slots[s] = d->flow.visits[s] * d->flow.attempts[s] *
                          stage_time(plan, &d->flow, s, speed) / plan->stages[s].batch;
        }
    }
}

/* Units that a rate of 1 needs, and the stage that makes it so. */
struct load {
    double units;
    int32_t stage;
};

static void raise(struct load *load, double units, int32_t stage)
{
    if (isnan(units) || units > load->units)
        *load = (struct load){units, stage};
}

static int64_t amount(const struct model_amounts *a, int resource)
{
    return resource == 0 ? a->mcpu : resource == 1 ? a->mgpu : a->memory_bytes;
}

/* A resource that the stages of a unit share. */
static void raise_by_resource(const struct model_plan *plan,
                              const struct model_unit *unit, const struct demand *d,
                              int resource, struct load *load)
{
    double sum = 0, most = -1, has = (double)amount(&unit->needs, resource);
    int32_t stage = SP_NO_ID;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        int32_t s = unit->slots[i].stage;
        double need =
            times((double)amount(&plan->stages[s].slot_needs, resource), d->slots[s]);

        sum += need;
        if (need > most) {
            most = need;
            stage = s;
        }
    }
    if (has > 0)
        raise(load, sum / has, stage);
}

static struct load fused_load(const struct model_plan *plan,
                              const struct model_unit *unit, const struct demand *d,
                              double speed)
{
    int32_t first = unit->slots[0].stage, longest = first;
    struct load load = {0, SP_NO_ID};
    double sum = 0;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        int32_t s = unit->slots[i].stage;

        sum += d->slots[s];
        if (d->slots[s] > d->slots[longest])
            longest = s;
    }
    if (unit->has_fused_time) {
        const struct model_amounts needs = model_unit_needs(plan, unit);

        sum = d->flow.visits[first] * d->flow.attempts[first] /
              plan->stages[first].batch *
              time_mean(plan, &d->flow, first, &unit->fused_time) /
              (needs.mgpu > 0 ? 1 : speed);
    }
    raise(&load, sum, longest);
    return load;
}

static struct load unit_load(const struct model_plan *plan,
                             const struct model_unit *unit, const struct demand *d,
                             double speed)
{
    struct load load = {0, SP_NO_ID};

    if (unit->fused)
        return fused_load(plan, unit, d, speed);
    for (int32_t i = 0; i < unit->n_slots && !isnan(load.units); i++)
        raise(&load, d->slots[unit->slots[i].stage] / unit->slots[i].cap,
              unit->slots[i].stage);
    for (int resource = 0; unit->own_needs && resource < 3 && !isnan(load.units);
         resource++)
        raise_by_resource(plan, unit, d, resource, &load);
    return load;
}

/* ---- plans ---- */

/* Up to the next whole number, save for the rounding of the sums above. */
static double round_up(double x)
{
    return ceil(x - 1e-9 * fmax(1, x));
}

static enum sp_status unknown_time(const struct model_plan *plan, int32_t stage,
                                   struct sp_err *err)
{
    const struct model_source *source = &plan->source;
    char workload[80], name[80];

    sp_text_quote(plan->workload, workload, sizeof workload);
    sp_text_quote(plan->stages[stage].name, name, sizeof name);
    return sp_fail(
        err, SP_EINPUT,
        "workload %s: no size can be found, the mean time of stage %s is not "
        "known: %s",
        workload, name,
        source->kind == MODEL_SOURCE_TRACE && !source->trace.known
            ? "the trace has not been read"
        : plan->stages[stage].time.kernel != NULL
            ? "its kernel's measurements don't cover a full batch of mean sizes, and "
              "its profile has no form to go on with"
            : "its table does not cover a full batch of mean sizes");
}

static enum sp_status too_many(const struct model_plan *plan,
                               const struct model_unit *unit, double count,
                               const char *what, struct sp_err *err)
{
    char workload[80], name[80];

    return sp_fail(
        err, SP_EINFEASIBLE, "workload %s: unit %s needs %.6g %s, expected at most %d",
        sp_text_quote(plan->workload, workload, sizeof workload),
        sp_text_quote(unit->name, name, sizeof name), count, what, MODEL_UNITS_MAX);
}

static bool has_open_caps(const struct model_unit *unit)
{
    return unit->n_slots > 0 && unit->slots[0].cap == 0;
}

/* The slots of the stage that gets one: of those with GPU, or of all where none has
 * one, the stage that needs least.  INFINITY where no stage takes any time. */
static double anchor_slots(const struct model_plan *plan, const struct model_unit *unit,
                           const struct demand *d)
{
    double least = INFINITY, least_gpu = INFINITY;

    for (int32_t i = 0; i < unit->n_slots; i++) {
        int32_t s = unit->slots[i].stage;

        if (d->slots[s] <= 0)
            continue;
        least = fmin(least, d->slots[s]);
        if (plan->stages[s].slot_needs.mgpu > 0)
            least_gpu = fmin(least_gpu, d->slots[s]);
    }
    return isinf(least_gpu) ? least : least_gpu;
}

void model_unit_fill_needs(const struct model_plan *plan, struct model_unit *unit)
{
    unit->needs = model_unit_needs(plan, unit);
    if (unit->needs.mgpu < 1000 || unit->needs.mgpu % 1000 == 0)
        return;
    unit->needs.mgpu += 1000 - unit->needs.mgpu % 1000;
    unit->own_needs = true;
}

static enum sp_status fill_caps(const struct model_plan *plan, const struct demand *d,
                                struct model_unit *unit, struct sp_err *err)
{
    double one;

    for (int32_t i = 0; i < unit->n_slots; i++)
        if (isnan(d->slots[unit->slots[i].stage]))
            return unknown_time(plan, unit->slots[i].stage, err);
    one = anchor_slots(plan, unit, d);
    for (int32_t i = 0; i < unit->n_slots; i++) {
        double cap = fmax(1, round_up(d->slots[unit->slots[i].stage] / one));

        if (cap > MODEL_UNITS_MAX)
            return too_many(plan, unit, cap, "slots of a stage", err);
        unit->slots[i].cap = (int32_t)cap;
    }
    model_unit_fill_needs(plan, unit);
    return SP_OK;
}

double model_source_items(const struct model_source *s)
{
    double items = s->items >= 0 ? (double)s->items : INFINITY;
    double for_s = s->for_ns >= 0 ? sp_s_from_ns(s->for_ns) : INFINITY;

    if (s->kind == MODEL_SOURCE_TRACE) {
        double part =
            s->trace.span_s > 0 ? for_s * s->trace_scale / s->trace.span_s : 1;

        if (!s->trace.known)
            return NAN;
        items = fmin(items, (double)s->trace.rows * fmin(1, part));
    } else if (s->rate_per_s > 0) {
        items = fmin(items, s->rate_per_s * for_s);
    }
    return isinf(items) ? NAN : items;
}

static double wanted_rate(const struct model_plan *plan)
{
    if (plan->size_items_per_s > 0)
        return plan->size_items_per_s;
    return model_source_items(&plan->source) / sp_s_from_ns(plan->size_deadline_ns);
}

static enum sp_status fill_count(const struct model_plan *plan, const struct demand *d,
                                 double speed, struct model_unit *unit,
                                 struct sp_err *err)
{
    struct load load = unit_load(plan, unit, d, speed);
    double rate = wanted_rate(plan), count;

    if (isnan(load.units) || isnan(rate))
        return unknown_time(plan, load.stage != SP_NO_ID ? load.stage : 0, err);
    count = fmax(1, round_up(rate * (1 + plan->headroom_frac) * load.units));
    if (count > MODEL_UNITS_MAX)
        return too_many(plan, unit, count, "copies", err);
    unit->count = (int32_t)count;
    return SP_OK;
}

enum sp_status model_size_plan(struct model_plan *plan,
                               const struct model_node_type *types, int32_t n_types,
                               struct sp_err *err)
{
    struct demand d = {0};
    enum sp_status status = SP_OK;

    if (plan->kind != MODEL_KIND_PIPELINE)
        return SP_OK;
    find_demand(plan, types, n_types, &d);
    for (int32_t u = 0; u < plan->n_units && status == SP_OK; u++)
        if (has_open_caps(&plan->units[u]))
            status = fill_caps(plan, &d, &plan->units[u], err);
    for (int32_t u = 0; u < plan->n_units && status == SP_OK; u++)
        if (plan->units[u].count_kind == MODEL_COUNT_SIZED)
            status =
                fill_count(plan, &d, slowest_speed(&plan->units[u], types, n_types),
                           &plan->units[u], err);
    return status;
}

void model_plan_slots(const struct model_plan *plan,
                      const struct model_node_type *types, int32_t n_types,
                      double *slots)
{
    struct demand d = {0};

    find_demand(plan, types, n_types, &d);
    memcpy(slots, d.slots, (size_t)plan->n_stages * sizeof *slots);
}

struct model_rate_bound model_plan_bound(const struct model_plan *plan,
                                         const struct model_node_type *types,
                                         int32_t n_types)
{
    struct model_rate_bound bound = {NAN, SP_NO_ID};
    struct demand d = {0};

    if (plan->kind != MODEL_KIND_PIPELINE)
        return bound;
    find_demand(plan, types, n_types, &d);
    for (int32_t u = 0; u < plan->n_units; u++) {
        const struct model_unit *unit = &plan->units[u];
        struct load load =
            unit_load(plan, unit, &d, slowest_speed(unit, types, n_types));
        double count = unit->count_kind == MODEL_COUNT_AUTOSCALED ? unit->autoscale.max
                                                                  : unit->count;

        if (isnan(load.units))
            return (struct model_rate_bound){NAN, SP_NO_ID};
        if (load.units > 0 && !(count / load.units >= bound.per_s))
            bound = (struct model_rate_bound){count / load.units, load.stage};
    }
    return bound;
}
