/* How many replicas: what an autoscaling rule sees of a pool, the periodic tick, and
 * the first replica of a pool that is at zero. */
#include "sim/serving_rows.h"

void sim_serving_wake(struct sim_serving *w, bool decode, int32_t request)
{
    const struct sim_request *r = sim_requests_at(w->requests, request);
    int32_t wake = SP_NO_ID;

    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];

        if ((p->m->role == MODEL_ROLE_DECODE) != decode ||
            !sim_serving_pool_holds(w, i, r->prompt, r->output))
            continue;
        if (p->asked > 0)
            return; /* one is there, or on its way */
        if (wake == SP_NO_ID && p->unit->count_kind == MODEL_COUNT_AUTOSCALED &&
            p->unit->autoscale.max > 0)
            wake = i;
    }
    if (wake != SP_NO_ID)
        sim_serving_units_ask(w, wake, 1);
}

/* Busy time of the pool's replicas over their time up, since the last look. */
static double utilization(struct sim_serving *w, struct sim_serving_pool *p)
{
    sp_i128 slots = sim_level_integral(&p->slots, w->now_ns), busy = 0;
    double share;

    for (int32_t t = 0; t < w->env.policy->n_types; t++)
        busy += sim_level_integral(&p->busy[t], w->now_ns);
    share = slots > p->seen_slots ? sp_double_from_i128(busy - p->seen_busy) /
                                        sp_double_from_i128(slots - p->seen_slots)
                                  : 0;
    p->seen_slots = slots;
    p->seen_busy = busy;
    return share;
}

/* Mean of the requests that were there since the last look. */
static double ongoing(struct sim_serving *w, struct sim_serving_pool *p)
{
    sp_i128 sum = sim_level_integral(&p->ongoing, w->now_ns);
    int64_t span_ns = w->now_ns - p->seen_ns;
    double mean = span_ns > 0
                      ? sp_double_from_i128(sum - p->seen_ongoing) / (double)span_ns
                      : (double)p->ongoing.n;

    p->seen_ongoing = sum;
    p->seen_ns = w->now_ns;
    return mean;
}

static struct sim_autoscale_seen look(struct sim_serving *w, struct sim_serving_pool *p)
{
    int64_t slots = (int64_t)p->asked * p->m->max_num_seqs;

    return (struct sim_autoscale_seen){.now_ns = w->now_ns,
                                       .asked = p->asked,
                                       .up = p->up,
                                       .utilization = utilization(w, p),
                                       .waiting = p->waiting.n,
                                       .ongoing = ongoing(w, p),
                                       .slots = slots,
                                       .in_flight = (double)p->ongoing.n};
}

void sim_serving_scale_start(struct sim_serving *w, int32_t pool)
{
    struct sim_serving_pool *p = &w->pools[pool];
    const struct model_autoscale *a = &p->unit->autoscale;

    p->tick_slot = sim_event_queue_slot_new(
        w->env.queue, w->env.first_kind + SIM_SERVE_AUTOSCALE, pool);
    p->autoscale = sim_autoscale_state(w->arena, a);
    sim_event_queue_set(w->env.queue, p->tick_slot, w->now_ns + a->interval_ns, 3);
    sim_serving_units_ask(w, pool, a->min);
}

void sim_serving_tick(struct sim_serving *w, int32_t pool)
{
    struct sim_serving_pool *p = &w->pools[pool];
    const struct model_autoscale *a = &p->unit->autoscale;
    const struct sim_autoscaler *rule = sim_autoscaler_find(a->rule);
    struct sim_autoscale_seen seen = look(w, p);
    int32_t want = rule->desired(a, &p->autoscale, &seen);

    if (want == 0 && p->asked > 0 && sim_serving_waited_for(w, pool))
        want = 1; /* the last one is not taken from those who wait for it */
    if (want > p->asked)
        sim_serving_units_ask(w, pool, want - p->asked);
    else if (want < p->asked)
        sim_serving_units_drain(w, pool, p->asked - want);
    sim_event_queue_set(w->env.queue, p->tick_slot, w->now_ns + a->interval_ns, 3);
}
