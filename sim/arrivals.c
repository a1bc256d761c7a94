/* Gaps of the arrival processes. */
#include "sim/arrivals.h"

#include <math.h>

#include "base/units.h"
#include "model/diurnal.h"
#include "sim/draw.h"

/* The gap that was drawn when the last one was used, and the next one for the next
 * time: what an event leads to is then known before it happens, and the processor need
 * not wait. */
static double poisson_gap_s(struct sim_arrivals *s)
{
    double gap = s->gap_ahead_s;

    s->gap_ahead_s = sp_rng_exponential(&s->rng) / s->m->rate_per_s;
    return gap;
}

/* Poisson with a rate that swings: thinning (Lewis and Shedler, 1979). */
static double diurnal_gap_s(struct sim_arrivals *s, double from_s)
{
    const struct model_source *m = s->m;
    const struct model_diurnal swing = {m->amplitude, m->period_s, m->peak_s};
    double most = m->rate_per_s * (1 + m->amplitude), t = from_s;

    for (;;) {
        t += sp_rng_exponential(&s->rng) / most;
        if (sp_rng_uniform(&s->rng) * most <=
            m->rate_per_s * model_diurnal_factor(&swing, t))
            return t - from_s;
    }
}

static double gap_s(struct sim_arrivals *s, int64_t now_ns)
{
    const struct model_source *m = s->m;

    switch (m->kind) {
    case MODEL_SOURCE_FIXED:
        return 0;
    case MODEL_SOURCE_GAMMA: {
        struct model_dist d = model_dist_gamma(1 / m->rate_per_s, m->cv);

        return sim_draw(&d, &s->rng);
    }
    case MODEL_SOURCE_DIURNAL:
        return diurnal_gap_s(s, sp_s_from_ns(now_ns));
    default:
        return poisson_gap_s(s);
    }
}

void sim_arrivals_init(struct sim_arrivals *s, const struct model_source *m,
                       const struct model_arrivals *trace, uint64_t key)
{
    *s = (struct sim_arrivals){.m = m, .trace = trace, .rng = sp_rng_from_key(key)};
    if (m->kind == MODEL_SOURCE_POISSON)
        poisson_gap_s(s); /* draws the first */
}

bool sim_arrivals_may(const struct sim_arrivals *s, int64_t time_ns)
{
    return (s->m->items < 0 || s->made < s->m->items) &&
           (s->m->for_ns < 0 || time_ns < s->m->for_ns);
}

bool sim_arrivals_next(struct sim_arrivals *s, int64_t now_ns, struct model_arrival *a,
                       struct sp_err *err)
{
    const struct model_source *m = s->m;

    if (m->items >= 0 && s->made >= m->items)
        return false;
    if (m->kind == MODEL_SOURCE_TRACE) {
        if (!s->trace->next(s->trace->self, a, &err->status, err))
            return false;
    } else if (m->kind == MODEL_SOURCE_CONSTANT) { /* no rounding piles up */
        a->time_ns = sp_ns_from_s((double)s->made / m->rate_per_s);
    } else {
        a->time_ns = now_ns + sp_ns_from_s(gap_s(s, now_ns));
    }
    return sim_arrivals_may(s, a->time_ns);
}

uint32_t sim_size_from(double v)
{
    return v < 0 ? 0 : v > (double)UINT32_MAX ? UINT32_MAX : (uint32_t)llround(v);
}
