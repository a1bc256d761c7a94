/* Bounds against hand arithmetic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "plan/bound.h"
#include "tests/scenario_text.h"

/* 3.6 USD/h is 0.001 USD a second. */
#define NODE "n: { cpu: 4, price: 3.6 USD/h, billing: { per: second, minimum: 0s } }"

static struct row {
    const char *name;
    struct scenario_text text;
    double usd, floor_usd; /* NAN: not known; INFINITY: none can */
    int32_t nodes[2];      /* a start; -1: not looked at */
    const char *says, *unknown;
} rows[] = {
    /* 1024/s x 0.99: 31.68 GPUs, 4 nodes with 256 CPUs; 2027.52 CPUs: 27.7 nodes more.
     * In parts 3.96 x 32 + (2027.52 - 3.96 x 64) / 64 x 4 = 237.6 USD/h.  Ten minutes.
     */
    {"the practical example is 240 USD/h",
     {.top = "until: 600s\nmeasure: { from: 60s, to: 600s }",
      .fleet =
          "g: { cpu: 64, gpu: 8, price: 32 USD/h }, c: { cpu: 64, price: 4 USD/h }",
      .source = "{ rate: 1024/s, arrivals: constant, for: 600s }",
      .stages = "{ prep: { cpu: 1, time: 2s }, infer: { gpu: 1, batch: 8, time: { "
                "fixed: 10ms, per_item: 30ms } } }"},
     .usd = 40,
     .floor_usd = 39.6,
     .nodes = {4, 28},
     .says = "stage prep 53 %, stage infer 47 %"},
    /* 100 CPU-minutes: 0.42 node-hours. */
    {"whole hours are paid for",
     {.top = "plan: { targets: { deadline: 2h } }",
      .fleet = "n: { cpu: 4, price: 1 USD/h, billing: { per: hour } }",
      .source = "{ items: 100 }",
      .stages = "{ a: { time: 60s } }"},
     .usd = 1,
     .floor_usd = 1,
     .nodes = {1, -1},
     .says = "one node, however little there is to do"},
    /* A second of a node for a minute, of which a quarter is needed. */
    {"the billing minimum is paid for",
     {.top = "plan: { targets: { deadline: 2h } }",
      .fleet = "n: { cpu: 4, price: 3.6 USD/h }",
      .source = "{ items: 1 }"},
     .usd = 0.06,
     .floor_usd = 0.00025,
     .nodes = {1, -1}},
    {"memory without limit takes any number",
     {.top = "plan: { targets: { deadline: 1h } }",
      .fleet = NODE,
      .source = "{ items: 100 }",
      .stages = "{ a: { memory: 100Gi, time: 4s } }"},
     .usd = 0.1,
     .floor_usd = 0.1,
     .nodes = {1, -1}},
    /* 100 s on 4 slots of which memory holds 3, in 10 s: 3.3 nodes. */
    {"memory binds",
     {.top = "plan: { targets: { deadline: 10s } }",
      .fleet = "n: { cpu: 4, memory: 7Gi, price: 3.6 USD/h, billing: { per: second, "
               "minimum: 0s } }",
      .source = "{ items: 100 }",
      .stages = "{ a: { memory: 2Gi, time: 1s } }"},
     .usd = 100. / 3 * 0.001,
     .floor_usd = 100. / 3 * 0.001,
     .nodes = {4, -1},
     .says = "stage a 100 %"},
    {"too few nodes are infeasible",
     {.top = "plan: { targets: { deadline: 10s }, nodes: { n: 0..2 } }",
      .fleet = NODE,
      .source = "{ items: 100 }"},
     .usd = INFINITY,
     .floor_usd = 0.025,
     .nodes = {0, -1},
     .says = "no number of the nodes allowed does the work in the time allowed"},
    {"nodes that must be held are paid for",
     {.top = "until: 100s\nplan: { nodes: { n: 5..9 } }",
      .fleet = NODE,
      .source = "{ rate: 1/s, arrivals: constant }"},
     .usd = 0.5,
     .floor_usd = 0.02475, /* 99 of 100 items */
     .nodes = {5, -1}},
    /* 8/s less 1 %, of 1 s: 7.92 of 8 slots for 100 s. */
    {"a rate bounds a closed loop",
     {.top = "until: 100s\nplan: { targets: { rate: 8/s } }",
      .fleet = NODE,
      .source = "{ population: 20, think: 1s }"},
     .usd = 0.2,
     .floor_usd = 0.198,
     .nodes = {2, -1}},
    /* ... over the last 40 s, with a start of 10 s and a task under way at their begin:
     * 7.92 x 40 / (40 + 11) = 6.2 slots. */
    {"a window may have been worked ahead for",
     {.top = "until: 100s\nmeasure: { from: 60s }\nplan: { targets: { rate: 8/s } }",
      .fleet = NODE,
      .source = "{ population: 20, think: 1s }",
      .plan = "{ units: { u: { slots: { a: 1 }, count: 2, startup: 10s } } }"},
     .usd = 0.2,
     .floor_usd = 7.92 * 40 / 4 * 0.001,
     .nodes = {2, -1}},
    {"a closed loop alone asks for nothing that is known",
     {.top = "until: 100s\nplan: { targets: { latency_p99: 2s } }",
      .fleet = NODE,
      .source = "{ population: 20, think: 1s }"},
     .usd = 0,
     .floor_usd = 0,
     .nodes = {0, -1},
     .unknown = "w: how much arrives is not known before a run"},
    {"without a price nothing is known",
     {.top = "until: 100s",
      .fleet = "n: { cpu: 4 }",
      .source = "{ rate: 1/s, arrivals: constant }"},
     .usd = NAN,
     .floor_usd = NAN,
     .nodes = {1, -1}},
    /* 400 arrive in the mean; four deviations of 20 may not, of the others 99 % count,
     * of which four deviations of sqrt(316.8) x 1 s may be quicker. */
    {"what is drawn may be less",
     {.top = "until: 100s",
      .fleet = NODE,
      .source = "{ rate: 4/s, arrivals: poisson }",
      .stages = "{ a: { time: { dist: exponential, mean: 1s } } }"},
     .usd = 0.1,
     .floor_usd = (316.8 - 4 * 17.798876369) / 4 * 0.001,
     .nodes = {1, -1}},
};

static void close_below(double bound, double want, const char *what)
{
    if (isnan(want) ? !isnan(bound)
        : isinf(want)
            ? !isinf(bound)
            : !(bound <= want * (1 + 1e-12) && bound >= want * (1 - 1e-5) - 2e-6))
        fail_msg("%s is %.17g, expected %.17g", what, bound, want);
}

static void is_as_by_hand(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc;
    struct model_goals goals;
    struct plan_demand demand;
    struct plan_bound bound;
    struct sp_err err = {0};
    const char *text = scenario_text_format(&row->text, arena);

    if (scenario_from_bytes(text, strlen(text), arena, &sc, &err) != SP_OK ||
        model_goals_of(sc, &goals, &err) != SP_OK)
        fail_msg("%s", err.text);
    plan_demand_of(sc, 0, &goals, arena, &demand);
    plan_bound_of(&sc->policies[0], &demand, &goals, arena, &bound);
    close_below(bound.floor_usd, row->floor_usd, "floor");
    close_below(bound.usd, row->usd, "bound");
    for (int32_t t = 0; t < bound.n_types && row->nodes[t] >= 0; t++)
        assert_int_equal(bound.nodes[t], row->nodes[t]);
    if (row->says != NULL)
        assert_string_equal(bound.text, row->says);
    if (row->unknown != NULL)
        assert_string_equal(demand.unknown, row->unknown);
    else
        assert_null(demand.unknown);
    sp_arena_free(arena);
}

int main(void)
{
    enum { N_ROWS = sizeof rows / sizeof rows[0] };
    struct CMUnitTest tests[N_ROWS];

    sp_gsl_quiet();
    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = is_as_by_hand,
                                       .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
