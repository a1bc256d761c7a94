/* What an autoscaling rule sees of a pool, and the periodic tick. */
#include <math.h>

#include "sim/pipeline_rows.h"

/* Slot-time that tasks held until now: fetching, served, blocked or waiting for a gang.
 */
static sp_i128 stage_held(const struct sim_pipeline *p, const struct sim_stage *s)
{
    sp_i128 held = sim_level_integral(&s->fetching, p->now_ns) +
                   sim_level_integral(&s->blocked_slots, p->now_ns) +
                   sim_level_integral(&s->at_barrier, p->now_ns);

    for (int32_t t = 0; t < p->env.policy->n_types; t++)
        held += sim_level_integral(&s->busy[t], p->now_ns);
    return held;
}

/* What the tasks that held slots since the last tick asked for, of what the units that
 * were up have: CPU or GPU, whichever is used more (of several metrics the HPA follows
 * the highest). Slots would not do: a unit whose stages share its CPUs has more slots
 * than CPUs. */
static double utilization(struct sim_pipeline *p, struct sim_pool *pool)
{
    const struct sim_stage *first = &p->stages[pool->stages[0]];
    sp_i128 mcpu = 0, mgpu = 0,
            units = sim_level_integral(&first->slots, p->now_ns) /
                    (pool->m->fused ? 1 : pool->caps[0]),
            span = units - pool->last_units;
    double cpu = 0, gpu = 0;

    for (int32_t i = 0; i < pool->n_stages; i++) {
        const struct sim_stage *s = &p->stages[pool->stages[i]];
        const struct model_amounts *of = /* a fused task holds all of its unit */
            pool->m->fused ? &pool->needs : &s->m->slot_needs;
        sp_i128 held = stage_held(p, s);

        mcpu += held * of->mcpu;
        mgpu += held * of->mgpu;
    }
    if (span > 0 && pool->needs.mcpu > 0)
        cpu =
            (double)(mcpu - pool->last_mcpu) / (double)span / (double)pool->needs.mcpu;
    if (span > 0 && pool->needs.mgpu > 0)
        gpu =
            (double)(mgpu - pool->last_mgpu) / (double)span / (double)pool->needs.mgpu;
    pool->last_units = units;
    pool->last_mcpu = mcpu;
    pool->last_mgpu = mgpu;
    return fmax(cpu, gpu);
}

/* Items that wait or are in a task, which counts as a full batch; their mean since the
 * last tick. */
static double ongoing(const struct sim_pipeline *p, struct sim_pool *pool)
{
    int64_t span_ns = p->now_ns - pool->last_tick_ns;
    sp_i128 sum = 0, before = pool->last_ongoing;

    for (int32_t i = 0; i < pool->n_stages; i++) {
        const struct sim_stage *s = &p->stages[pool->stages[i]];

        sum +=
            sim_level_integral(&s->waiting, p->now_ns) + stage_held(p, s) * s->m->batch;
    }
    pool->last_ongoing = sum;
    pool->last_tick_ns = p->now_ns;
    return span_ns > 0 ? sp_double_from_i128(sum - before) / (double)span_ns : 0;
}

static int64_t queued(const struct sim_pipeline *p, const struct sim_pool *pool)
{
    int64_t n = 0;

    for (int32_t i = 0; i < pool->n_stages; i++)
        n += p->stages[pool->stages[i]].waiting.n;
    return n;
}

static bool input_ended(const struct sim_pipeline *p, const struct sim_pool *pool)
{
    for (int32_t i = 0; i < pool->n_stages; i++)
        if (!p->stages[pool->stages[i]].input_done ||
            p->stages[pool->stages[i]].waiting.n > 0)
            return false;
    return true;
}

static int64_t slots_asked(const struct sim_pool *pool)
{
    int64_t per_unit = 0;

    for (int32_t i = 0; i < pool->n_stages; i++)
        per_unit += pool->caps[i];
    return per_unit * pool->asked;
}

/* Tasks that run, and batches that wait within one more per slot. */
static double tasks_in_flight(const struct sim_pipeline *p, const struct sim_pool *pool)
{
    int64_t running = 0, batches = 0, ahead;

    for (int32_t i = 0; i < pool->n_stages; i++) {
        const struct sim_stage *s = &p->stages[pool->stages[i]];

        running += s->running;
        batches += s->waiting.n / s->m->batch;
    }
    ahead = 2 * slots_asked(pool) - running;
    return (double)(running + (batches < ahead ? batches : ahead));
}

static struct sim_autoscale_seen look(struct sim_pipeline *p, struct sim_pool *pool)
{
    return (struct sim_autoscale_seen){.now_ns = p->now_ns,
                                       .asked = pool->asked,
                                       .up = pool->up,
                                       .utilization = utilization(p, pool),
                                       .waiting = queued(p, pool),
                                       .ongoing = ongoing(p, pool),
                                       .slots = slots_asked(pool),
                                       .in_flight = tasks_in_flight(p, pool),
                                       .ended = input_ended(p, pool)};
}

/* ---- ticks ---- */

void sim_pool_autoscale_start(struct sim_pipeline *p, struct sim_pool *pool)
{
    const struct model_autoscale *a = &pool->m->autoscale;

    pool->tick_slot = sim_event_queue_slot_new(
        p->env.queue, p->env.first_kind + SIM_PIPE_AUTOSCALE, pool->id);
    pool->last_tick_ns = p->now_ns;
    pool->autoscale = sim_autoscale_state(p->arena, a);
    sim_event_queue_set(p->env.queue, pool->tick_slot, p->now_ns + a->interval_ns, 2);
    sim_units_ask(p, pool, a->min);
}

void sim_pool_autoscale_tick(struct sim_pipeline *p, struct sim_pool *pool)
{
    const struct model_autoscale *a = &pool->m->autoscale;
    const struct sim_autoscaler *rule = sim_autoscaler_find(a->rule);
    struct sim_autoscale_seen seen;
    int32_t want;

    if (pool->complete)
        return;
    seen = look(p, pool);
    want = rule->desired(a, &pool->autoscale, &seen);
    if (want > pool->asked)
        sim_units_ask(p, pool, want - pool->asked);
    else if (want < pool->asked)
        sim_units_give_back(p, pool, pool->asked - want, rule->drains_busy);
    sim_event_queue_set(p->env.queue, pool->tick_slot, p->now_ns + a->interval_ns, 2);
}
