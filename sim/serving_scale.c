/* How many replicas: autoscaled pools, and the first replica of one that is at zero. */
#include "sim/serving_rows.h"

void sim_serving_scale_start(struct sim_serving *w, int32_t pool)
{
    sim_serving_units_ask(w, pool, w->pools[pool].unit->autoscale.min);
}

void sim_serving_tick(struct sim_serving *w, int32_t pool)
{
    (void)w;
    (void)pool;
}

void sim_serving_wake(struct sim_serving *w, bool decode, int32_t request)
{
    const struct sim_request *r = sim_requests_at(w->requests, request);
    int32_t wake = SP_NO_ID;

    for (int32_t i = 0; i < w->n_pools; i++) {
        const struct sim_serving_pool *p = &w->pools[i];

        if ((p->m->role == MODEL_ROLE_DECODE) != decode ||
            !sim_serving_pool_holds(p, r->prompt, r->output))
            continue;
        if (p->asked > 0)
            return; /* one is on its way */
        if (wake == SP_NO_ID && p->unit->count_kind == MODEL_COUNT_AUTOSCALED &&
            p->unit->autoscale.max > 0)
            wake = i;
    }
    if (wake != SP_NO_ID)
        sim_serving_units_ask(w, wake, 1);
}
