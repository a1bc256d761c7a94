/* The books of a running serving workload, recomputed the slow way. */
#include "sim/serving_rows.h"

static void verify_pool(const struct sim_serving *w, const struct sim_serving_pool *p)
{
    int32_t asked = 0, up = 0, slots = 0, n_free = 0;
    int64_t here = (p->id == w->gate_pool ? w->n_gate : 0) +
                   (p->id == w->line_pool ? w->n_line : 0);

    for (int32_t i = 0; i < p->n_rows; i++) {
        const struct sim_serving_replica *r = &w->replicas[p->rows[i]];

        sp_assert(r->pool == p->id && (i == 0 || p->rows[i] > p->rows[i - 1]));
        n_free += r->state == SIM_REPLICA_FREE;
        asked += r->state != SIM_REPLICA_FREE && r->state != SIM_REPLICA_DRAINING;
        up += r->state == SIM_REPLICA_UP;
        slots += r->state == SIM_REPLICA_UP || r->state == SIM_REPLICA_DRAINING;
        if (r->engine == NULL)
            continue;
        sim_replica_verify(r->engine);
        here += sim_replica_load(r->engine).requests;
    }
    sp_assert(here == p->ongoing.n);
    sp_assert(n_free == p->n_free && asked == p->asked && up == p->up &&
              slots == p->slots.n);
}

/* A request is at one replica, at two while its KV cache moves, or at the gateway. */
static void verify_requests(const struct sim_serving *w)
{
    int64_t there = w->n_gate, at_two = 0, waiting = w->n_gate + w->n_line, levels = 0;

    for (int32_t i = 0; i < w->n_replicas; i++)
        if (w->replicas[i].engine != NULL)
            there += sim_replica_load(w->replicas[i].engine).requests;
    for (int32_t i = 0; i < w->n_handovers; i++)
        at_two += w->handovers[i].state != SIM_HANDOVER_FREE &&
                  w->handovers[i].dest != SP_NO_ID;
    sp_assert(there - at_two == w->in_flight);
    sp_assert(sim_requests_live(w->requests) == w->in_flight);
    for (int32_t i = 0; i < w->n_pools; i++)
        levels += w->pools[i].waiting.n;
    sp_assert(levels >= waiting);
}

void sim_serving_verify(const void *self)
{
    const struct sim_serving *w = self;
    int64_t dropped = 0;
    int32_t stepping = 0, starting = 0, moving = 0;

    if (w->err.status != SP_OK)
        return;
    for (int32_t i = 0; i < w->n_pools; i++)
        verify_pool(w, &w->pools[i]);
    for (int i = 0; i < MODEL_DROP_REASONS; i++)
        dropped += w->dropped_by[i];
    sp_assert(w->in == w->done + w->in_flight + dropped);
    verify_requests(w);
    for (int32_t i = 0; i < w->n_replicas; i++) {
        stepping += w->replicas[i].step_ns != INT64_MAX;
        starting += w->replicas[i].state == SIM_REPLICA_STARTING;
    }
    for (int32_t i = 0; i < w->n_handovers; i++)
        moving += w->handovers[i].state == SIM_HANDOVER_MOVING;
    sp_assert(stepping == w->n_stepping && starting == w->n_starting &&
              moving == w->n_moving);
}
