/* What comes, from when to when; the rows are of the files beside. */
#include "plan/demand.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/diurnal.h"
#include "model/sizing.h"
#include "plan/demand_parts.h"

void plan_demand_leave_out(struct plan_demand_builder *b, const char *workload,
                           const char *why)
{
    if (b->demand->unknown == NULL)
        b->demand->unknown = sp_arena_printf(b->arena, "%s: %s", workload, why);
}

struct plan_demand_row *plan_demand_add_row(struct plan_demand_builder *b,
                                            int32_t workload)
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

/* ---- sources ---- */

double plan_demand_horizon_s(const struct model_scenario *sc)
{
    return sc->until_ns >= 0 ? sp_s_from_ns(sc->until_ns) : INFINITY;
}

static double for_s(const struct model_source *s)
{
    return s->for_ns >= 0 ? sp_s_from_ns(s->for_ns) : INFINITY;
}

/* Gaps are drawn, one by one. */
static bool is_drawn(const struct model_source *s)
{
    return s->kind == MODEL_SOURCE_POISSON || s->kind == MODEL_SOURCE_GAMMA ||
           s->kind == MODEL_SOURCE_DIURNAL;
}

/* Variance of the number of arrivals over its mean. */
static double dispersion(const struct model_source *s)
{
    return s->kind == MODEL_SOURCE_GAMMA ? fmax(1, s->cv * s->cv) : 1;
}

/* Arrivals of mean `mean`, and so many standard deviations. */
static double drawn(const struct model_source *s, double mean, double sigmas)
{
    return isinf(mean) ? mean : fmax(0, mean + sigmas * sqrt(mean * dispersion(s)));
}

/* The integral of the rate from 0 to `s` seconds. */
static double mean_until(const struct model_source *m, double s)
{
    const double turn =
        m->kind == MODEL_SOURCE_DIURNAL ? 2 * MODEL_PI / m->period_s : 0;

    if (isinf(s) || turn <= 0)
        return m->rate_per_s * s;
    return m->rate_per_s *
           (s + m->amplitude / turn *
                    (sin(turn * (s - m->peak_s)) + sin(turn * m->peak_s)));
}

/* A trace counts where a run sees all of it: what a part of it holds is not known. */
static double trace_arrivals(const struct model_source *s, double end_s)
{
    if (!s->trace.known || (s->items >= 0 && s->items < s->trace.rows) ||
        s->trace.span_s / s->trace_scale >= end_s)
        return NAN;
    return (double)s->trace.rows;
}

double plan_demand_arrivals(const struct model_scenario *sc,
                            const struct model_source *s, double sigmas)
{
    const double end_s = fmin(for_s(s), plan_demand_horizon_s(sc));
    const double items = s->items >= 0 ? (double)s->items : INFINITY;
    double n = NAN;

    switch (s->kind) {
    case MODEL_SOURCE_CLOSED:
        n = isinf(end_s) ? items : NAN;
        break;
    case MODEL_SOURCE_TRACE:
        return trace_arrivals(s, end_s);
    case MODEL_SOURCE_FIXED:
        n = items;
        break;
    case MODEL_SOURCE_CONSTANT: /* at 0, 1 / rate, 2 / rate, ... */
        n = fmin(items, ceil(s->rate_per_s * end_s * (1 - 1e-12)));
        break;
    case MODEL_SOURCE_POISSON:
    case MODEL_SOURCE_GAMMA:
    case MODEL_SOURCE_DIURNAL:
        n = fmin(items, drawn(s, mean_until(s, end_s), sigmas));
        break;
    }
    return isinf(n) ? NAN : n;
}

/* ---- times ---- */

/* The last item of a source arrives no earlier; INFINITY: it does not end. */
static double last_arrival_s(const struct model_source *s)
{
    double end = for_s(s), gap = s->rate_per_s > 0 ? 1 / s->rate_per_s : 0;

    if (s->kind == MODEL_SOURCE_CLOSED)
        return s->items < 0 && s->for_ns < 0 ? INFINITY : 0;
    if (s->kind == MODEL_SOURCE_FIXED)
        return 0;
    if (s->kind == MODEL_SOURCE_TRACE)
        return !s->trace.known ? 0
               : s->items >= 0 && s->items < s->trace.rows
                   ? 0
                   : s->trace.span_s / s->trace_scale;
    if (s->kind == MODEL_SOURCE_DIURNAL) { /* at its fastest */
        gap /= 1 + s->amplitude;
        end = isinf(end) || s->amplitude >= 1
                  ? (isinf(end) ? end : 0)
                  : fmax(0, end - 10 / (s->rate_per_s * (1 - s->amplitude)));
    } else if (is_drawn(s)) {
        end -= 10 * dispersion(s) * gap;
    } else {
        end -= gap;
    }
    if (s->items >= 0)
        end = fmin(end, (is_drawn(s) ? drawn(s, (double)s->items, -PLAN_DEMAND_SIGMAS)
                                     : (double)s->items - 1) *
                            gap);
    return fmax(0, end);
}

static double dist_least(const struct model_dist *d)
{
    switch (d->kind) {
    case MODEL_DIST_CONSTANT:
    case MODEL_DIST_UNIFORM:
        return fmax(0, d->a);
    case MODEL_DIST_EMPIRICAL:
        return fmax(0, d->values[0]);
    default:
        return 0;
    }
}

/* An item of a pipeline is in service for so long at least. */
static double service_least_s(const struct model_policy *p,
                              const struct model_plan *plan)
{
    double least = INFINITY, fastest = 1;

    for (int32_t t = 0; t < p->n_types; t++)
        fastest = fmax(fastest, p->types[t].cpu_speed);
    for (int32_t u = 0; u < plan->n_units; u++)
        if (plan->units[u].has_fused_time)
            return 0;
    for (int32_t s = 0; s < plan->n_stages; s++)
        if (plan->stages[s].n_from == 0)
            least = fmin(least, (dist_least(&plan->stages[s].time.fixed) +
                                 dist_least(&plan->stages[s].time.per_item)) /
                                    fastest);
    return isinf(least) ? 0 : least;
}

static double least_s(const struct model_scenario *sc, const struct model_policy *p)
{
    double end = 0;

    for (int32_t w = 0; w < p->n_plans; w++)
        end = fmax(end, last_arrival_s(&p->plans[w].source) +
                            service_least_s(p, &p->plans[w]));
    end = fmin(end, plan_demand_horizon_s(sc));
    return isfinite(end) ? end : 0;
}

static bool goes_on(const struct model_source *s, double horizon)
{
    if (s->kind == MODEL_SOURCE_FIXED)
        return false;
    if (s->items < 0 && s->kind != MODEL_SOURCE_TRACE)
        return for_s(s) >= horizon;
    return last_arrival_s(s) >= horizon;
}

/* A horizon until which some source goes on. */
static double known_s(const struct plan_demand_builder *b)
{
    const double horizon = plan_demand_horizon_s(b->sc);

    for (int32_t w = 0; w < b->policy->n_plans; w++)
        if (isfinite(horizon) && goes_on(&b->policy->plans[w].source, horizon))
            return horizon;
    return NAN;
}

static double most_s(const struct plan_demand_builder *b)
{
    double most = plan_demand_horizon_s(b->sc);

    for (int32_t i = 0; i < b->goals->n; i++)
        if (strcmp(b->goals->goals[i].kind->figure, "time_s") == 0)
            most = fmin(most, b->goals->goals[i].value);
    return most;
}

void plan_demand_of(const struct model_scenario *sc, int32_t policy,
                    const struct model_goals *goals, struct sp_arena *arena,
                    struct plan_demand *demand)
{
    struct plan_demand_builder b = {.arena = arena,
                                    .sc = sc,
                                    .policy = &sc->policies[policy],
                                    .goals = goals,
                                    .demand = demand};

    *demand = (struct plan_demand){.least_s = least_s(sc, b.policy)};
    demand->most_s = most_s(&b);
    for (int32_t w = 0; w < sc->n_workloads; w++)
        switch (b.policy->plans[w].kind) {
        case MODEL_KIND_PIPELINE:
            plan_demand_pipeline(&b, w);
            break;
        case MODEL_KIND_SERVING:
            plan_demand_serving(&b, w);
            break;
        case MODEL_KIND_JOBS:
            plan_demand_jobs(&b, w);
            break;
        }
    demand->time_s = known_s(&b);
    for (int32_t i = 0; i < demand->n; i++)
        demand->rows[i].slots = demand->rows[i].slot_s / demand->time_s;
}
