/* What the goals ask for, in items; and the least that a share of draws sums to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/gsl.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/serving.h"
#include "plan/demand_parts.h"

static bool is_of(const struct model_goal *g, const char *figure)
{
    return strcmp(g->kind->figure, figure) == 0;
}

/* ---- windows ---- */

struct window {
    double from_s, length_s; /* of an unknown one the least length, from the latest */
};

static struct window window_of(const struct model_scenario *sc)
{
    const double end = plan_demand_horizon_s(sc);
    double from, to;

    switch (sc->measure) {
    case MODEL_MEASURE_ALL:
        break;
    case MODEL_MEASURE_MSER: /* cuts off half at most */
        return (struct window){end / 2, end / 2};
    case MODEL_MEASURE_WINDOW:
        from = fmin(sp_s_from_ns(sc->measure_from_ns), end);
        to = sc->measure_to_ns >= 0 ? fmin(sp_s_from_ns(sc->measure_to_ns), end) : end;
        return (struct window){from, fmax(0, to - from)};
    }
    return (struct window){0, end};
}

/* ---- shares of what arrives ---- */

/* Things in flight when the run ends may be so late that they don't count. */
static double grace_s(const struct model_plan *plan, const struct model_goal *g,
                      double horizon)
{
    const struct model_slo *slo;
    double rest = INFINITY;

    if (!is_of(g, "slo_attained"))
        return g->value;
    slo = &plan->serving->slo;
    if (slo->e2e_ns >= 0)
        rest = sp_s_from_ns(slo->e2e_ns);
    if (slo->ttft_ns >= 0 && slo->tpot_ns >= 0 &&
        plan->source.kind != MODEL_SOURCE_TRACE) {
        const struct model_dist *d = &plan->serving->output_tokens;

        rest = fmin(rest, sp_s_from_ns(slo->ttft_ns) + sp_s_from_ns(slo->tpot_ns) *
                                                           model_dist_mean(d) *
                                                           (1 + model_dist_scv(d)));
    }
    return fmin(rest, horizon);
}

static double asked_share(const struct plan_demand_builder *b,
                          const struct model_plan *plan, const struct model_goal *g)
{
    const double horizon = plan_demand_horizon_s(b->sc);

    if (is_of(g, "keeps_up_frac"))
        return g->value;
    if (plan->kind == MODEL_KIND_JOBS)
        return model_goal_is_cost(g->kind) ? 0 : 1 - MODEL_UNDONE_FRAC;
    if (is_of(g, "slo_attained"))
        return g->value * (1 - grace_s(plan, g, horizon) / horizon);
    if (g->kind->unit == MODEL_GOAL_S)
        return 1 - MODEL_UNDONE_FRAC - grace_s(plan, g, horizon) / horizon;
    return 0;
}

static void want(struct plan_wanted *w, double items, double floor)
{
    w->items = fmax(w->items, items);
    w->floor = fmax(w->floor, fmin(items, floor));
}

/* A rate over a window: what leaves in it may have been worked on before it. */
static void want_rate(const struct plan_demand_builder *b, const struct model_goal *g,
                      double lead_s, struct plan_wanted *w)
{
    const struct window window = window_of(b->sc);
    const double done = g->value * (1 - g->tolerance_frac) * window.length_s;
    const double lead = window.from_s > 0 ? fmin(lead_s, window.from_s) : 0;

    if (window.length_s > 0)
        want(w, done / (window.length_s + lead) * plan_demand_horizon_s(b->sc), done);
}

struct plan_wanted plan_demand_wanted(const struct plan_demand_builder *b, int32_t w,
                                      double lead_s)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct plan_wanted wanted = {
        .arrive = plan_demand_arrivals(b->sc, &plan->source, -PLAN_DEMAND_SIGMAS),
        .arrive_most = plan_demand_arrivals(b->sc, &plan->source, PLAN_DEMAND_SIGMAS)};

    if (plan->kind == MODEL_KIND_JOBS && plan->jobs->n_classes == 0)
        wanted.arrive =
            plan->jobs->summary.known ? (double)plan->jobs->summary.jobs : NAN;
    if (b->sc->until_ns < 0)
        want(&wanted, wanted.arrive, wanted.arrive);
    for (int32_t i = 0; i < b->goals->n && b->sc->until_ns >= 0; i++) {
        const struct model_goal *g = &b->goals->goals[i];
        double share = 0;

        if (g->of.workload == SP_NO_ID && is_of(g, "time_s"))
            share = 1;
        if (g->of.workload == w && g->kind->unit == MODEL_GOAL_PER_S)
            want_rate(b, g, lead_s, &wanted);
        else if (g->of.workload == w)
            share = asked_share(b, plan, g);
        if (share > 0)
            want(&wanted, share * wanted.arrive, share * wanted.arrive);
    }
    return wanted;
}

/* ---- the least of draws ---- */

/* Of gammas of scale 1: the value that `share` of them are below. */
static double gamma_quantile(double share, double shape)
{
    double low = 0, high = shape + 1;

    while (sp_gsl_gamma_cdf(high, shape, 1) < share && high < 1e9)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        double mid = (low + high) / 2;

        *(sp_gsl_gamma_cdf(mid, shape, 1) < share ? &low : &high) = mid;
    }
    return low;
}

static double empirical_least(const struct model_dist *d, double share)
{
    double sum = 0, had = 0;

    for (int32_t i = 0; i < d->n && had < share; i++) {
        double p = fmin(d->cdf[i], share) - had;

        sum += fmax(0, p) * d->values[i];
        had = fmax(had, d->cdf[i]);
    }
    return sum;
}

double plan_demand_least_mean(const struct model_dist *d, double share)
{
    const double mean = model_dist_mean(d), left = -log1p(-share);

    if (share <= 0)
        return 0;
    if (share >= 1)
        return mean;
    switch (d->kind) {
    case MODEL_DIST_CONSTANT:
        return share * d->a;
    case MODEL_DIST_EXPONENTIAL:
        return mean * (share - (1 - share) * left);
    case MODEL_DIST_GAMMA:
        return mean * sp_gsl_gamma_cdf(gamma_quantile(share, d->a), d->a + 1, 1);
    case MODEL_DIST_LOGNORMAL:
        return mean * sp_gsl_normal_cdf(sp_gsl_normal_quantile(share) - d->b);
    case MODEL_DIST_WEIBULL:
        return mean * sp_gsl_gamma_cdf(left, 1 + 1 / d->b, 1);
    case MODEL_DIST_UNIFORM:
        return share * (d->a + share * (d->b - d->a) / 2);
    case MODEL_DIST_EMPIRICAL:
        return empirical_least(d, share);
    }
    return 0;
}
