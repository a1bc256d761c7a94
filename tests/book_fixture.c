#include "tests/book_fixture.h"

#include <math.h>

/* ---- cells ---- */

static const struct share {
    enum model_part part;
    int32_t resource;
    int stage; /* -1: none */
    bool of_workload;
    double frac;
} shares[] = {
    {MODEL_PART_WORK, MODEL_CPU, 0, true, 0.3},
    {MODEL_PART_WORK, MODEL_GPU, 1, true, 0.1},
    {MODEL_PART_IDLE, MODEL_CPU, -1, true, 0.2},
    {MODEL_PART_STRANDED, MODEL_GPU, -1, false, 0.3},
    {MODEL_PART_ROUNDING, MODEL_RESOURCES, -1, false, 0.1},
};
enum { SHARES = sizeof shares / sizeof shares[0] };

static struct model_cost_cell cell_of(const struct model_policy_result *p, int32_t node,
                                      const struct share *s)
{
    const struct model_workload_result *w = &p->workloads[0];
    double usd = p->nodes[node].usd.mean * s->frac;
    int64_t uusd = (int64_t)(usd * 1e6);

    return (struct model_cost_cell){
        .part = s->part,
        .resource = s->resource,
        .node = node,
        .workload = s->of_workload ? w->name : NULL,
        .stage =
            s->stage >= 0 && s->stage < w->n_stages ? w->stages[s->stage].name : NULL,
        .team = s->of_workload && p->n_teams > 0 ? p->teams[0].name : NULL,
        .hours = s->resource < MODEL_RESOURCES ? 100 * s->frac : NAN,
        .uusd = uusd,
        .list_uusd = uusd,
        .mean_usd = usd,
        .mean_list_usd = usd,
    };
}

static void fill_cells(struct sp_arena *arena, struct model_policy_result *p)
{
    struct model_cost *c = &p->cost;

    if (!c->known || p->n_workloads == 0)
        return;
    c->cells = sp_arena_array(arena, (size_t)(SHARES * p->n_nodes), sizeof *c->cells);
    for (int32_t n = 0; n < p->n_nodes; n++)
        for (int i = 0; i < SHARES; i++)
            c->cells[c->n_cells++] = cell_of(p, n, &shares[i]);
}

/* ---- what happened when ---- */

static void fill_leases(struct sp_arena *arena, struct model_policy_result *p)
{
    enum { LEASES = 100 };
    struct model_timeline *t = &p->timeline;

    t->sample = "everything";
    if (p->n_nodes == 0)
        return;
    t->leases = sp_arena_array(arena, LEASES, sizeof *t->leases);
    for (int32_t i = 0; i < LEASES; i++)
        t->leases[t->n_leases++] = (struct model_lease){
            .node = i,
            .use = i % p->n_nodes,
            .requested_ns = i * INT64_C(1000000000),
            .ready_ns = i == 7 ? -1 : (i + 20) * INT64_C(1000000000),
            .end_ns = INT64_C(200000000000),
            .ended = i == 7 ? "taken back" : "end of run",
        };
    t->all_leases = LEASES;
}

static void fill_cdf(struct sp_arena *arena, struct model_workload_result *w)
{
    enum { POINTS = 300 };
    struct model_cdf *c = sp_arena_alloc(arena, sizeof *c);

    *c = (struct model_cdf){.what = "latency", .n = POINTS};
    c->s = sp_arena_array(arena, POINTS, sizeof *c->s);
    c->frac = sp_arena_array(arena, POINTS, sizeof *c->frac);
    for (int32_t i = 0; i < POINTS; i++) {
        c->s[i] = 0.01 * (i + 1);
        c->frac[i] = (double)(i + 1) / POINTS;
    }
    w->n_cdfs = 1;
    w->cdfs = c;
}

/* ---- kernels ---- */

static void fill_curve(struct sp_arena *arena, struct model_result *r)
{
    enum { POINTS = 5 };
    struct model_calibration *c = sp_arena_alloc(arena, sizeof *c);
    struct model_kernel_curve *k = sp_arena_alloc(arena, sizeof *k);

    *c = (struct model_calibration){r->name, "profile.yaml", "16 cores", "",
                                    "2026-11-20"};
    *k = (struct model_kernel_curve){.profile = r->name,
                                     .kernel = r->name,
                                     .device = "cpu",
                                     .axis = "megapixels",
                                     .form = "a + b x",
                                     .off_frac = 0.05,
                                     .flop = NAN,
                                     .bytes = NAN,
                                     .peak_flop_per_s = NAN,
                                     .peak_bytes_per_s = NAN,
                                     .peak_source = "",
                                     .n = POINTS};
    k->points = sp_arena_array(arena, POINTS, sizeof *k->points);
    for (int i = 0; i < POINTS; i++)
        k->points[i] = (struct model_kernel_point){.x = 1 << i,
                                                   .measured_s = 0.001 * (1 << i),
                                                   .half95_s = 0.0001,
                                                   .fitted_s = 0.00105 * (1 << i),
                                                   .converged = i != 3};
    r->n_calibrations = r->n_curves = 1;
    r->calibrations = c;
    r->curves = k;
}

void book_fixture_fill(struct sp_arena *arena, struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++) {
        struct model_policy_result *p = &r->policies[i];

        fill_cells(arena, p);
        fill_leases(arena, p);
        for (int32_t k = 0; k < p->n_workloads; k++)
            fill_cdf(arena, &p->workloads[k]);
    }
    fill_curve(arena, r);
}

struct report_context book_fixture_context(struct sp_arena *arena,
                                           const struct model_result *r,
                                           const char *name)
{
    struct report_change *change = sp_arena_alloc(arena, sizeof *change);
    struct report_other *other = sp_arena_alloc(arena, sizeof *other);
    struct model_stat *usd = sp_arena_array(arena, (size_t)r->n_policies, sizeof *usd);

    *change = (struct report_change){
        .group = "workload", .name = name, .unit = "s", .here = 1, .there = 2};
    for (int32_t i = 0; i < r->n_policies; i++)
        usd[i] = model_stat_one(1.1 * r->policies[i].cost.usd.mean);
    *other = (struct report_other){.run = 2,
                                   .seed = 7,
                                   .n_changes = 1,
                                   .changes = change,
                                   .usd = usd,
                                   .time_s = usd};
    return (struct report_context){
        .result = r, .created_s = 1700000000, .n_others = 1, .others = other};
}
