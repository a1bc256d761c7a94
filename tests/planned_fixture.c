/* 4 x 32 + 28 x 4 = 240 USD/h for 600 s is 40 USD. */
#include "tests/planned_fixture.h"

#include <math.h>
#include <string.h>

struct maker {
    struct sp_arena *arena;
    const char *name; /* or NULL */
};

static const char *or_name(const struct maker *m, const char *plain)
{
    return m->name != NULL ? m->name : plain;
}

#define COPY(m, array) copy((m), (array), sizeof(array))
static void *copy(const struct maker *m, const void *of, size_t size)
{
    return memcpy(sp_arena_alloc(m->arena, size), of, size);
}

static const struct model_goal_kind *kind_of(const char *key)
{
    const struct model_goal_kind *k = model_goal_kinds;

    while (strcmp(k->key, key) != 0)
        k++;
    return k;
}

static const struct model_goals *goals_of(const struct maker *m)
{
    const struct model_goal goals[] = {
        {.kind = kind_of("latency_p99"),
         .value = 2,
         .text = sp_arena_printf(m->arena, "%s: latency p99 at most 2 s",
                                 or_name(m, "embed")),
         .line = 7},
        {.kind = kind_of("keeps_up"),
         .value = 0.99,
         .text = sp_arena_printf(m->arena, "%s: done of what arrives at least 99 %%",
                                 or_name(m, "embed")),
         .implied = true},
    };
    struct model_goals *all = sp_arena_alloc(m->arena, sizeof *all);

    *all = (struct model_goals){.n = 2, .goals = COPY(m, goals)};
    return all;
}

struct sizes {
    int32_t gpu_nodes, cpu_nodes, gpus, preps;
    double latency_s;
    bool met;
};

static struct model_planned_fleet fleet_of(const struct maker *m, struct sizes s,
                                           const char *partition)
{
    const double per_h = s.gpu_nodes * 32 + s.cpu_nodes * 4;
    const struct model_planned_nodes nodes[] = {
        {or_name(m, "gpu-node"), "on-demand", or_name(m, "gpu-node"), s.gpu_nodes, NAN,
         32},
        {or_name(m, "cpu-node"), "on-demand", or_name(m, "cpu-node"), s.cpu_nodes, NAN,
         4},
    };
    const struct model_planned_unit units[] = {
        {or_name(m, "embed"), or_name(m, "prep"), "preprocess 1", 1, s.preps, 0.995},
        {or_name(m, "embed"), or_name(m, "gpu"), "infer 1", 1, s.gpus, 0.9},
    };
    const struct model_planned_goal goals[] = {
        {{s.latency_s, 0.012}, s.met ? 1 : 0.4, s.latency_s / 2 - 1},
        {{0.998, 0.0004}, 1, -0.008},
    };

    const struct model_planned_unit all[] = {{or_name(m, "embed"), or_name(m, "all"),
                                              "preprocess 64 + infer 1", 2, s.gpus,
                                              0.9}};
    const bool joined = strstr(partition, " + ") != NULL;

    return (struct model_planned_fleet){
        .partition = partition,
        .n_nodes = 2,
        .nodes = COPY(m, nodes),
        .n_units = joined ? 1 : 2,
        .units = joined ? COPY(m, all) : COPY(m, units),
        .n_runs = 10,
        .met = s.met,
        .usd = {per_h / 6, 0},
        .usd_per_h = {per_h, 0},
        .time_s = {600, 0},
        .goals = COPY(m, goals),
        .traded = {s.latency_s, 0.012},
    };
}

static const struct sizes planned = {4, 28, 32, 2048, 1.8, true};

static void put_beside(const struct maker *m, struct model_planned *p)
{
    struct model_planned_fleet written[] = {
        fleet_of(m, (struct sizes){32, 0, 32, 32, 1.7, true}, "preprocess + infer"),
        fleet_of(m, (struct sizes){4, 20, 32, 1536, 9.5, false}, "preprocess | infer"),
        {.partition = "preprocess | infer",
         .policy = or_name(m, "barred"),
         .why_not = "unit 'gpu' fits on no node type"},
    };

    written[0].policy = or_name(m, "monolithic");
    written[1].policy = or_name(m, "starved");
    p->n_written = 3;
    p->written = COPY(m, written);
    p->second =
        fleet_of(m, (struct sizes){4, 29, 32, 2112, 1.75, true}, "preprocess | infer");
    p->second_usd = (struct model_stat){4.0 / 6, 0};
    p->runner_up =
        fleet_of(m, (struct sizes){32, 0, 32, 32, 1.7, true}, "preprocess + infer");
    p->runner_up_usd = (struct model_stat){(1024 - 240) / 6.0, 0};
}

static void put_steps(const struct maker *m, struct model_planned *p)
{
    const struct model_planned_step steps[] = {
        {.what = sp_arena_printf(m->arena, "one %s fewer", or_name(m, "cpu-node")),
         .fewer_nodes = true,
         .usd = {-4.0 / 6, 0},
         .met = false,
         .text = "latency p99 is 14 s, 600 % over",
         .fleet = fleet_of(m, (struct sizes){4, 27, 32, 1984, 14, false},
                           "preprocess | infer")},
        {.what = sp_arena_printf(m->arena, "one %s more", or_name(m, "cpu-node")),
         .usd = {4.0 / 6, 0.1},
         .met = true,
         .text = "latency p99 falls by 50 ms",
         .fleet = p->second},
        {.what = "one unit infer more",
         .usd = {NAN, NAN},
         .met = false,
         .text = "no room on these nodes",
         .fleet = {.why_not = "no room on these nodes"}},
    };
    const struct model_planned_binding bindings[] = {
        {or_name(m, "GPU of gpu-node"), false, 31.5, 32, "GPU"},
        {"target embed: latency p99", true, 1.8, 2, "s"},
        {"target embed: rate", true, 1018.18, 1024, "items/s"},
    };

    p->n_steps = 3;
    p->steps = COPY(m, steps);
    p->n_bindings = 3;
    p->bindings = COPY(m, bindings);
}

static void put_frontier(const struct maker *m, struct model_planned *p)
{
    const struct model_planned_fleet frontier[] = {
        p->best,
        p->second,
        fleet_of(m, (struct sizes){32, 0, 32, 32, 1.7, true}, "preprocess + infer"),
    };

    p->n_frontier = 3;
    p->frontier = COPY(m, frontier);
    p->frontier_of.figure = model_figures_workload;
    while (strcmp(p->frontier_of.figure->name, "latency_p99_s") != 0)
        p->frontier_of.figure++;
}

static void put_ratios(const struct maker *m, struct model_planned *p)
{
    const struct model_planned_ratio ratios[] = {
        {32, 32, 1, {0.5, 0.001}, false},
        {61, 61, 1, {0.953, 0.002}, true},
        {64, 64, 1, {0.999, 0.001}, true},
    };

    p->ratio = or_name(m, "prep:gpu");
    p->ratio_busy_frac = 0.95;
    p->n_ratios = 3;
    p->ratios = COPY(m, ratios);
}

static void put_basis(const struct maker *m, struct model_planned *p)
{
    const struct model_input inputs[] = {
        {"fleet", or_name(m, "gpu-node: price"), 32, NULL, "USD/h", "assumed",
         "scenario", "", "all policies"},
        {"fleet", or_name(m, "cpu-node: price"), 4, NULL, "USD/h", "list price",
         "catalog prices", "2026-07-20", "all policies"},
        {"fleet", "gpu-node: cpu", 64, NULL, "", "assumed", "scenario", "",
         "all policies"},
    };
    const struct model_input_file files[] = {
        {or_name(m, "scenario.yaml"), UINT64_C(0x0123456789abcdef)}};

    p->n_inputs = 3;
    p->inputs = COPY(m, inputs);
    p->catalog = "built-in, prices of 2026-07-20";
    p->n_files = 1;
    p->files = COPY(m, files);
}

static void put_infeasible(const struct maker *m, struct model_planned *p)
{
    p->feasible = false;
    p->missed = "embed: latency p99 at most 2 s can't be met: the service times on "
                "the path alone take 2.3 s";
    p->gap_frac = NAN;
    p->best =
        fleet_of(m, (struct sizes){4, 40, 32, 2816, 2.3, false}, "preprocess | infer");
}

struct model_planned *fixture_planned(struct sp_arena *arena, enum fixture_plan which,
                                      const char *name)
{
    const struct maker maker = {arena, name}, *m = &maker;
    struct model_planned *p = sp_arena_alloc(arena, sizeof *p);

    *p = (struct model_planned){
        .name = or_name(m, "practical"),
        .path = "scenario.yaml",
        .version = "0.0",
        .seed = 1,
        .replications = 10,
        .precision_frac = 0.01,
        .goals = goals_of(m),
        .feasible = true,
        .bound_usd = 39.96,
        .floor_usd = 37.5,
        .bound_text = "GPU time of infer, CPU time of preprocess",
        .gap_frac = 40 / 39.96 - 1,
        .complete = true,
        .complete_text = "12 fleets could have been cheaper; "
                         "9 by their bounds, 3 by runs were not",
        .candidates = 1234,
        .runs = 567};
    p->best = fleet_of(m, planned, "preprocess | infer");
    if (which == FIXTURE_PLAN_BARE)
        return p;
    put_basis(m, p);
    if (which == FIXTURE_PLAN_RATIO)
        put_ratios(m, p);
    if (which == FIXTURE_PLAN_INFEASIBLE || which == FIXTURE_PLAN_NOTHING)
        put_infeasible(m, p);
    if (which == FIXTURE_PLAN_NOTHING)
        p->best = (struct model_planned_fleet){0};
    if (which != FIXTURE_PLAN_FULL)
        return p;
    put_beside(m, p);
    put_steps(m, p);
    put_frontier(m, p);
    return p;
}
