#include "tests/plot_fixture.h"

#include <math.h>

void plot_fixture_cells(struct sp_arena *arena, struct model_result *r)
{
    static const struct model_cost_cell even[] = {
        {MODEL_PART_WORK, MODEL_CPU, 0, NULL, NULL, NULL, 20, 20000000, 20000000, 20,
         20},
        {MODEL_PART_IDLE, MODEL_CPU, 0, NULL, NULL, NULL, 6, 6888889, 6888889, 6.888889,
         6.888889},
        {MODEL_PART_STRANDED, MODEL_GPU, 0, NULL, NULL, NULL, 30, 30000000, 30000000,
         30, 30}};
    static const struct model_cost_cell odd[] = {
        {MODEL_PART_WORK, MODEL_CPU, 1, NULL, NULL, NULL, 20, 10000000, 10000000, 10,
         10},
        {MODEL_PART_BOOT, MODEL_CPU, 1, NULL, NULL, NULL, 2, 1000000, 1000000, 1, 1},
        {MODEL_PART_IDLE, MODEL_CPU, 1, NULL, NULL, NULL, 4, 2333333, 2333333, 2.333333,
         2.333333}};

    for (int32_t i = 0; i < r->n_policies; i++) {
        struct model_cost *c = &r->policies[i].cost;

        if (!c->known)
            continue;
        c->n_cells = 3;
        c->cells = sp_arena_array(arena, 3, sizeof *c->cells);
        for (int k = 0; k < 3; k++)
            c->cells[k] = i % 2 == 0 ? even[k] : odd[k];
        c->floor_usd = model_stat_one(9);
    }
}

void plot_fixture_cdfs(struct sp_arena *arena, struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++) {
        struct model_workload_result *w = &r->policies[i].workloads[0];

        w->n_cdfs = 1;
        w->cdfs = sp_arena_array(arena, 1, sizeof *w->cdfs);
        w->cdfs[0] =
            (struct model_cdf){.what = w->serving != NULL ? "e2e" : "latency",
                               .n = 4,
                               .s = sp_arena_array(arena, 4, sizeof(double)),
                               .frac = sp_arena_array(arena, 4, sizeof(double))};
        for (int k = 0; k < 4; k++) {
            w->cdfs[0].s[k] = (i + 1) * pow(2, k);
            w->cdfs[0].frac[k] = (k + 1) / 4.0;
        }
    }
}

void plot_fixture_leases(struct sp_arena *arena, struct model_result *r, int32_t n)
{
    static const char *const ends[] = {"end of run", "taken back", "idle"};
    const int64_t hour_ns = INT64_C(3600000000000);

    for (int32_t i = 0; i < r->n_policies; i++) {
        struct model_timeline *t = &r->policies[i].timeline;

        t->n_leases = n;
        t->all_leases = n;
        t->sample = "everything";
        t->leases = sp_arena_array(arena, (size_t)n, sizeof *t->leases);
        for (int32_t k = 0; k < n; k++)
            t->leases[k] =
                (struct model_lease){.node = k,
                                     .ready_ns = k == n - 1 ? -1 : hour_ns / 60,
                                     .end_ns = (1 + k % 3) * hour_ns,
                                     .ended = ends[k % 3]};
    }
}

void plot_fixture_curves(struct sp_arena *arena, struct model_result *r)
{
    static struct model_kernel_point gemm[] = {
        {1, 1, 0.1, 1, true}, {10, 2, 0.1, 2.2, true}, {100, 10, 0.5, 9, false}};
    static struct model_kernel_point hash[] = {{NAN, 0.001, 0, 0.001, true}};
    const struct model_kernel_curve curves[] = {
        {"host", "sgemm", "gpu0", "m", "a + b x (a 1, b 0.08)", 0.1, 200, 100, 40, 10,
         "datasheet", 3, gemm},
        {"host", "hash", "cpu", "", "a (a 0.001)", 0, NAN, NAN, NAN, NAN, "", 1, hash}};
    struct model_kernel_curve *copy = sp_arena_alloc(arena, sizeof curves);

    copy[0] = curves[0];
    copy[1] = curves[1];
    r->n_curves = 2;
    r->curves = copy;
}

struct report_context plot_fixture_others(struct sp_arena *arena,
                                          struct model_result *r)
{
    static const struct report_change nodes = {.group = "fleet",
                                               .name = "gpu-node: nodes",
                                               .unit = "",
                                               .here = 1,
                                               .there = 2},
                                      price = {.group = "fleet",
                                               .name = "gpu-node: price",
                                               .unit = "USD/h",
                                               .here = 2,
                                               .there = 4};
    struct report_change(*changes)[2] = sp_arena_array(arena, 3, sizeof *changes);
    static const struct model_stat usd[3][2] = {
        {{40, 2}, {20, 1}}, {{40, 2}, {80, 1}}, {{60, 3}, {120, 4}}};
    static const struct model_stat time_s[3][2] = {
        {{100, NAN}, {100, NAN}}, {{200, NAN}, {200, NAN}}, {{100, NAN}, {100, NAN}}};
    struct report_other *others = sp_arena_array(arena, 3, sizeof *others);

    changes[0][0] = nodes;
    changes[1][0] = price;
    changes[2][0] = nodes;
    changes[2][1] = price;
    for (int i = 0; i < 3; i++)
        others[i] = (struct report_other){.run = 2 + i,
                                          .seed = 7,
                                          .n_changes = i == 2 ? 2 : 1,
                                          .changes = changes[i],
                                          .usd = usd[i],
                                          .time_s = time_s[i]};
    r->policies[0].cost.usd.mean = 20;
    r->policies[1].cost.usd.mean = 10;
    return (struct report_context){.result = r, .n_others = 3, .others = others};
}
