/* Arrival processes and draws of lengths. */
#include "traces/generate.h"

#include <math.h>
#include <stdio.h>

#include "base/gsl.h"
#include "base/status.h"
#include "base/units.h"
#include "model/diurnal.h"

static struct sp_rng stream(uint64_t seed, const char *name)
{
    char full[MODEL_NAME_MAX + 32];

    snprintf(full, sizeof full, "trace generate %s", name);
    return sp_rng_from_key(sp_rng_stream_key(seed, 0, full));
}

struct trace_generator trace_generator_of(const struct trace_recipe *recipe)
{
    struct trace_generator g = {.recipe = recipe,
                                .arrivals = stream(recipe->seed, "arrivals"),
                                .rows = stream(recipe->seed, "rows")};

    sp_assert(recipe->requests >= 0 || recipe->for_ns >= 0);
    for (int32_t i = 0; i < recipe->n_sizes; i++)
        g.sizes[i] = stream(recipe->seed, recipe->names[i]);
    return g;
}

/* Poisson with a rate that swings: thinning (Lewis and Shedler, 1979). */
static double diurnal_gap_s(const struct trace_recipe *r, double from_s,
                            struct sp_rng *rng)
{
    const struct model_diurnal swing = {r->amplitude, r->period_s, r->peak_s};
    double most = r->rate_per_s * (1 + r->amplitude), gap_s = 0, share;

    do {
        gap_s += sp_rng_exponential(rng) / most;
        share = model_diurnal_factor(&swing, from_s + gap_s);
    } while (sp_rng_uniform(rng) * (1 + r->amplitude) > share);
    return gap_s;
}

/* When the next one arrives; INT64_MAX: past a century. */
static int64_t next_time(struct trace_generator *g)
{
    const struct trace_recipe *r = g->recipe;
    double shape, gap_s = 0;

    switch (r->arrivals) {
    case MODEL_SOURCE_CONSTANT: /* from the start, so that no rounding piles up */
        gap_s = (double)g->made / r->rate_per_s;
        return gap_s < sp_s_from_ns(SP_NS_MAX) ? sp_ns_from_s(gap_s) : INT64_MAX;
    case MODEL_SOURCE_GAMMA:
        shape = 1 / (r->cv * r->cv);
        gap_s = sp_gsl_gamma(&g->arrivals, shape, 1 / (shape * r->rate_per_s));
        break;
    case MODEL_SOURCE_DIURNAL:
        gap_s = diurnal_gap_s(r, sp_s_from_ns(g->time_ns), &g->arrivals);
        break;
    default:
        gap_s = sp_rng_exponential(&g->arrivals) / r->rate_per_s;
    }
    if (gap_s >= sp_s_from_ns(SP_NS_MAX - g->time_ns))
        return INT64_MAX;
    return g->time_ns + sp_ns_from_s(gap_s);
}

/* Values of a file come as they are; a law's are rounded, and at least 1. */
static uint32_t draw(const struct model_dist *d, struct sp_rng *rng)
{
    double v = d->a, least = 1;

    if (d->kind == MODEL_DIST_EMPIRICAL) {
        v = model_dist_empirical(d, sp_rng_uniform(rng));
        least = 0;
    } else if (d->kind == MODEL_DIST_LOGNORMAL) {
        v = sp_gsl_lognormal(rng, d->a, d->b);
    }
    return (uint32_t)fmin(fmax(round(v), least), (double)UINT32_MAX);
}

static void draw_sizes(struct trace_generator *g, struct trace_row *row)
{
    const struct trace_recipe *r = g->recipe;
    const struct trace_length_rows *rows = r->rows;
    int64_t k;

    for (int32_t i = 0; i < r->n_sizes && rows == NULL; i++)
        row->size[i] = draw(&r->sizes[i], &g->sizes[i]);
    if (rows == NULL)
        return;
    k = (int64_t)(sp_rng_uniform(&g->rows) * (double)rows->n);
    for (int32_t i = 0; i < rows->n_sizes; i++)
        row->size[i] = rows->sizes[k * rows->n_sizes + i];
}

bool trace_generator_next(struct trace_generator *g, struct trace_row *row)
{
    const struct trace_recipe *r = g->recipe;
    int64_t time_ns;

    if (r->requests >= 0 && g->made >= r->requests)
        return false;
    time_ns = next_time(g);
    if (time_ns == INT64_MAX || (r->for_ns >= 0 && time_ns >= r->for_ns))
        return false;
    g->time_ns = time_ns;
    g->made++;
    *row = (struct trace_row){.time_ns = time_ns};
    draw_sizes(g, row);
    return true;
}
