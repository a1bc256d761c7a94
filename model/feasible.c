/* Necessary conditions, one function each. */
#include "model/feasible.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "base/units.h"
#include "base/wide.h"
#include "model/result.h"
#include "model/sizing.h"

struct check {
    const struct model_scenario *scenario;
    const struct model_policy *policy;
    const struct model_plan *plan;
    struct sp_err *err;
};

enum { QUOTED_BYTES = 80 };

static enum sp_status SP_PRINTF(3, 4)
    refuse(const struct check *c, int32_t line, const char *fmt, ...)
{
    char message[1024], policy[QUOTED_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    return sp_fail(c->err, SP_EINFEASIBLE, "%s:%d: policy %s can't work: %s",
                   c->scenario->path, (int)line,
                   sp_text_quote(c->policy->name, policy, sizeof policy), message);
}

/* ---- amounts ---- */

static int64_t amount(const struct model_amounts *a, enum model_resource r)
{
    switch (r) {
    case MODEL_GPU:
        return a->mgpu;
    case MODEL_CPU:
        return a->mcpu;
    case MODEL_MEMORY:
        break;
    }
    return a->memory_bytes;
}

/* "64 cpu", "1.5 gpu", "512 GiB of memory" */
static const char *show(double v, enum model_resource r, char *buf, size_t size)
{
    char bytes[40];

    if (r == MODEL_MEMORY)
        snprintf(buf, size, "%s of memory", sp_format_bytes(v, bytes, sizeof bytes));
    else
        snprintf(buf, size, "%.10g %s", v / 1000, model_resource_name(r));
    return buf;
}

static bool is_unlimited(const struct model_node_type *t, enum model_resource r)
{
    return r == MODEL_MEMORY && t->has.memory_bytes < 0;
}

static bool has_enough(const struct model_node_type *t,
                       const struct model_amounts *needs, enum model_resource r)
{
    return is_unlimited(t, r) || amount(&t->has, r) >= amount(needs, r);
}

static bool may_run_on(const struct model_unit *unit, int32_t type)
{
    return (unit->allowed_types >> type & 1) != 0;
}

static bool fits(const struct model_node_type *t, const struct model_amounts *needs)
{
    for (enum model_resource r = 0; r <= MODEL_MEMORY; r++)
        if (!has_enough(t, needs, r))
            return false;
    return true;
}

/* ---- units on nodes ---- */

/* The node type with most of a resource that the unit may run on. */
static const struct model_node_type *
largest(const struct check *c, const struct model_unit *unit, enum model_resource r)
{
    const struct model_node_type *best = NULL;

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct model_node_type *type = &c->policy->types[t];

        if (may_run_on(unit, t) && (best == NULL || is_unlimited(type, r) ||
                                    amount(&type->has, r) > amount(&best->has, r)))
            best = type;
    }
    return best;
}

static enum sp_status too_large(const struct check *c, const struct model_unit *unit,
                                const struct model_amounts *needs)
{
    char name[QUOTED_BYTES], type[QUOTED_BYTES], need[64], has[64], gpu[64];

    sp_text_quote(unit->name, name, sizeof name);
    for (enum model_resource r = 0; r <= MODEL_MEMORY; r++) {
        const struct model_node_type *best = largest(c, unit, r);

        if (has_enough(best, needs, r))
            continue;
        return refuse(
            c, unit->line,
            "unit %s needs %s, and the largest node it may run on, %s, has %s", name,
            show((double)amount(needs, r), r, need, sizeof need),
            sp_text_quote(best->name, type, sizeof type),
            show((double)amount(&best->has, r), r, has, sizeof has));
    }
    return refuse(
        c, unit->line,
        "unit %s needs %s with %s%s%s, and no node it may run on has all of them", name,
        show((double)needs->mcpu, MODEL_CPU, need, sizeof need),
        show((double)needs->mgpu, MODEL_GPU, gpu, sizeof gpu),
        needs->memory_bytes > 0 ? " and " : "",
        needs->memory_bytes > 0
            ? show((double)needs->memory_bytes, MODEL_MEMORY, has, sizeof has)
            : "");
}

static enum sp_status check_unit_fits(const struct check *c,
                                      const struct model_unit *unit,
                                      const struct model_amounts *needs)
{
    bool fits_somewhere = false, there = false;
    char name[QUOTED_BYTES];

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct model_node_type *type = &c->policy->types[t];

        if (!may_run_on(unit, t) || !fits(type, needs))
            continue;
        fits_somewhere = true;
        there |= type->max > 0;
    }
    if (!fits_somewhere)
        return too_large(c, unit, needs);
    if (!there)
        return refuse(c, unit->line,
                      "there are no nodes that unit %s fits on (count or max "
                      "is 0)",
                      sp_text_quote(unit->name, name, sizeof name));
    return SP_OK;
}

static enum sp_status check_unit_gpus(const struct check *c,
                                      const struct model_unit *unit,
                                      const struct model_amounts *needs)
{
    char name[QUOTED_BYTES];

    if (needs->mgpu < 1000 || needs->mgpu % 1000 == 0)
        return SP_OK;
    return refuse(
        c, unit->line,
        "unit %s: a share of a GPU is below 1, from 1 GPUs are whole; found %.10g",
        sp_text_quote(unit->name, name, sizeof name), (double)needs->mgpu / 1000);
}

static enum sp_status check_slots_fit(const struct check *c,
                                      const struct model_unit *unit,
                                      const struct model_amounts *needs)
{
    char name[QUOTED_BYTES], stage[QUOTED_BYTES], need[64], has[64];

    for (int32_t i = 0; i < unit->n_slots; i++) {
        const struct model_stage *s = &c->plan->stages[unit->slots[i].stage];

        for (enum model_resource r = 0; r <= MODEL_MEMORY; r++)
            if (amount(&s->slot_needs, r) > amount(needs, r))
                return refuse(
                    c, unit->line,
                    "a slot of stage %s needs %s, and its unit %s has %s",
                    sp_text_quote(s->name, stage, sizeof stage),
                    show((double)amount(&s->slot_needs, r), r, need, sizeof need),
                    sp_text_quote(unit->name, name, sizeof name),
                    show((double)amount(needs, r), r, has, sizeof has));
    }
    return SP_OK;
}

/* ---- units in the fleet ---- */

static int32_t least_count(const struct model_unit *unit)
{
    return unit->count_kind == MODEL_COUNT_AUTOSCALED ? unit->autoscale.min
                                                      : unit->count;
}

/* Units of a kind that an empty node takes, as far as one resource goes. */
static double per_node(const struct model_node_type *t,
                       const struct model_amounts *needs, enum model_resource r)
{
    int64_t need = amount(needs, r), has = amount(&t->has, r);

    if (need == 0 || is_unlimited(t, r))
        return INFINITY;
    if (r == MODEL_GPU && need < 1000) /* shares of one device each */
        return (double)(has / 1000 * (1000 / need));
    return (double)(has / need);
}

static enum sp_status check_unit_count(const struct check *c,
                                       const struct model_unit *unit,
                                       const struct model_amounts *needs)
{
    double room = 0, room_by[MODEL_RESOURCES] = {0};
    enum model_resource scarce = MODEL_GPU;
    char name[QUOTED_BYTES];

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct model_node_type *type = &c->policy->types[t];
        double fit = INFINITY;

        if (!may_run_on(unit, t) || type->max == 0)
            continue;
        for (enum model_resource r = 0; r <= MODEL_MEMORY; r++) {
            room_by[r] += per_node(type, needs, r) * type->max;
            fit = fmin(fit, per_node(type, needs, r));
        }
        room += fit * type->max;
    }
    for (enum model_resource r = 0; r <= MODEL_MEMORY; r++)
        if (room_by[r] < room_by[scarce])
            scarce = r;
    if (room >= least_count(unit))
        return SP_OK;
    return refuse(
        c, unit->line,
        "its fleet has room for %.0f units %s and there are to be %d; %s is scarce",
        room, sp_text_quote(unit->name, name, sizeof name), (int)least_count(unit),
        model_resource_name(scarce));
}

static enum sp_status check_sum(const struct check *c, enum model_resource r)
{
    const struct model_policy *p = c->policy;
    sp_i128 need = 0, has = 0;
    char needs[64], fleet[64];

    for (int32_t t = 0; t < p->n_types; t++) {
        if (is_unlimited(&p->types[t], r) && p->types[t].max > 0)
            return SP_OK;
        has += sp_i128_mul(amount(&p->types[t].has, r), p->types[t].max);
    }
    for (int32_t w = 0; w < p->n_plans; w++)
        for (int32_t u = 0; u < p->plans[w].n_units; u++) {
            const struct model_unit *unit = &p->plans[w].units[u];
            const struct model_amounts needed = model_unit_needs(&p->plans[w], unit);

            need += sp_i128_mul(amount(&needed, r), least_count(unit));
        }
    if (need <= has)
        return SP_OK;
    return refuse(c, p->line, "its units need %s in all, and its fleet has at most %s",
                  show(sp_double_from_i128(need), r, needs, sizeof needs),
                  show(sp_double_from_i128(has), r, fleet, sizeof fleet));
}

/* ---- data ---- */

/* The least that a distribution of sizes gives. */
static double least(const struct model_dist *d)
{
    if (d->kind == MODEL_DIST_CONSTANT || d->kind == MODEL_DIST_UNIFORM)
        return d->a;
    return d->kind == MODEL_DIST_EMPIRICAL ? d->values[0] : 0;
}

/* Bytes that a full task emits at least, leaving out what grows with its input. */
static double least_output(const struct model_plan *plan, const struct model_stage *s)
{
    double bytes = s->output_bytes;

    for (int32_t k = 0; k < plan->n_sizes && plan->source.kind != MODEL_SOURCE_TRACE;
         k++)
        bytes += s->output_per_size[k] * least(&plan->source.size[k]);
    return bytes * s->batch / s->gather_in * s->gather_out;
}

static bool has_consumer(const struct model_plan *plan, int32_t stage)
{
    for (int32_t i = 0; i < plan->n_stages; i++)
        for (int32_t k = 0; k < plan->stages[i].n_from; k++)
            if (plan->stages[i].from[k] == stage)
                return true;
    return false;
}

static enum sp_status check_output(const struct check *c, const struct model_unit *unit,
                                   const struct model_amounts *needs, int32_t stage)
{
    const struct model_stage *s = &c->plan->stages[stage];
    const struct model_node_type *best = NULL;
    double bytes = least_output(c->plan, s);
    char name[QUOTED_BYTES], type[QUOTED_BYTES], task[40], store[40];

    for (int32_t t = 0; t < c->policy->n_types; t++) {
        const struct model_node_type *node = &c->policy->types[t];

        if (!may_run_on(unit, t) || !fits(node, needs))
            continue;
        if (node->store_bytes < 0 || node->spill_bytes_per_s > 0)
            return SP_OK;
        if (best == NULL || node->store_bytes > best->store_bytes)
            best = node;
    }
    if (best == NULL || (double)best->store_bytes >= bytes ||
        !has_consumer(c->plan, stage))
        return SP_OK;
    return refuse(c, s->line,
                  "a task of stage %s emits %s, and the largest object store it "
                  "may have, that of %s, holds %s",
                  sp_text_quote(s->name, name, sizeof name),
                  sp_format_bytes(bytes, task, sizeof task),
                  sp_text_quote(best->name, type, sizeof type),
                  sp_format_bytes((double)best->store_bytes, store, sizeof store));
}

/* ---- stages ---- */

static enum sp_status check_stage(const struct check *c, const struct model_flow *flow,
                                  int32_t stage)
{
    const struct model_stage *s = &c->plan->stages[stage];
    const struct model_source *source = &c->plan->source;
    bool closed = source->kind == MODEL_SOURCE_CLOSED;
    char name[QUOTED_BYTES];

    sp_text_quote(s->name, name, sizeof name);
    if (s->buffer > 0 && s->buffer < s->batch)
        return refuse(c, s->line,
                      "the buffer of stage %s holds %d items, and its batch is %d",
                      name, (int)s->buffer, (int)s->batch);
    if (s->barrier && s->buffer > 0)
        return refuse(c, s->line,
                      "stage %s has a barrier and a buffer: what waits for room in the "
                      "buffer holds up the end of the input that the barrier waits for",
                      name);
    if (s->barrier && closed)
        return refuse(
            c, s->line,
            "stage %s has a barrier, and in a closed loop its input never ends", name);
    if (s->barrier && !model_source_ends(source))
        return refuse(
            c, s->line,
            "stage %s has a barrier, and its input never ends: the source has "
            "neither items nor for",
            name);
    if (closed && s->linger_ns < 0 &&
        s->batch > source->population * flow->visits[stage])
        return refuse(
            c, s->line,
            "the batch of stage %s is %d, and of %d customers at most %.6g items "
            "can wait there at a time; expected a linger",
            name, (int)s->batch, (int)source->population,
            source->population * flow->visits[stage]);
    return SP_OK;
}

/* ---- all of it ---- */

/* Within a fused task nothing goes to a store but what its last stage makes. */
static bool emits(const struct model_unit *unit, int32_t stage)
{
    for (int32_t i = 0; unit->fused && i < unit->n_slots; i++)
        if (unit->slots[i].stage > stage)
            return false;
    return true;
}

static enum sp_status check_unit(const struct check *c, const struct model_unit *unit)
{
    const struct model_amounts needs = model_unit_needs(c->plan, unit);
    enum sp_status status = check_unit_gpus(c, unit, &needs);

    if (status == SP_OK)
        status = check_slots_fit(c, unit, &needs);
    if (status == SP_OK)
        status = check_unit_fits(c, unit, &needs);
    if (status == SP_OK)
        status = check_unit_count(c, unit, &needs);
    for (int32_t i = 0; i < unit->n_slots && status == SP_OK; i++)
        if (emits(unit, unit->slots[i].stage))
            status = check_output(c, unit, &needs, unit->slots[i].stage);
    return status;
}

/* The simulation has room for so many things that are active at a time. */
static enum sp_status check_active(const struct check *c)
{
    int64_t active = 0;

    for (int32_t w = 0; w < c->policy->n_plans; w++) {
        const struct model_plan *plan = &c->policy->plans[w];

        active +=
            plan->source.kind == MODEL_SOURCE_CLOSED ? plan->source.population : 0;
        for (int32_t u = 0; u < plan->n_units; u++) {
            const struct model_unit *unit = &plan->units[u];
            int64_t slots = 1, units = unit->count_kind == MODEL_COUNT_AUTOSCALED
                                           ? unit->autoscale.max
                                           : unit->count;

            for (int32_t i = 0; i < unit->n_slots; i++)
                slots += unit->slots[i].cap;
            active += slots > MODEL_ACTIVE_MAX ? slots : units * slots;
        }
    }
    if (active <= MODEL_ACTIVE_MAX)
        return SP_OK;
    return refuse(
        c, c->policy->line,
        "%lld tasks, units and customers could be active at a time, expected at "
        "most %d",
        (long long)active, MODEL_ACTIVE_MAX);
}

enum sp_status model_feasible_check(const struct model_scenario *scenario,
                                    const struct model_policy *policy,
                                    struct sp_err *err)
{
    struct check c = {.scenario = scenario, .policy = policy, .err = err};
    enum sp_status status = SP_OK;
    struct model_flow flow;

    for (int32_t w = 0; w < policy->n_plans && status == SP_OK; w++) {
        c.plan = &policy->plans[w];
        model_plan_flow(c.plan, &flow);
        for (int32_t i = 0; i < c.plan->n_stages && status == SP_OK; i++)
            status = check_stage(&c, &flow, i);
        for (int32_t u = 0; u < c.plan->n_units && status == SP_OK; u++)
            status = check_unit(&c, &c.plan->units[u]);
    }
    for (enum model_resource r = 0; r <= MODEL_MEMORY && status == SP_OK; r++)
        status = check_sum(&c, r);
    return status == SP_OK ? check_active(&c) : status;
}
