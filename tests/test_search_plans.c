/* Plans whose answers are known by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "tests/near.h"
#include "tests/plan_world.h"

/* 1024 items/s x 2 s = 2048 CPUs, 1024 / 8 x 0.25 s = 32 GPUs. */
#define PRACTICAL(until, plan)                                                         \
    "scenario: practical\nreplications: 1\nuntil: " until "\n"                         \
    "measure: { from: 60s, to: " until " }\nfleet:\n"                                  \
    "  gpu-node: { cpu: 64, gpu: 8, memory: 512Gi, price: 32 USD/h }\n"                \
    "  cpu-node: { cpu: 64, memory: 256Gi, price: 4 USD/h }\n"                         \
    "workloads:\n  embed:\n    kind: pipeline\n"                                       \
    "    source: { rate: 1024/s, arrivals: constant }\n    stages:\n"                  \
    "      preprocess: { cpu: 1, time: 2s, output: 600Ki }\n"                          \
    "      infer: { gpu: 1, batch: 8, time: { fixed: 10ms, per_item: 30ms } }\n" plan

static const struct model_planned_step *step_named(const struct model_planned *p,
                                                   const char *what)
{
    for (int32_t i = 0; i < p->n_steps; i++)
        if (strcmp(p->steps[i].what, what) == 0)
            return &p->steps[i];
    fail_msg("no step '%s'", what);
    return NULL;
}

/* Workload and prices alone: the seed's 4 GPU and 28 CPU nodes, at (4 x 32 + 28 x 4) /
 * 6 = 40 USD in 10 minutes. */
static void practical_example_is_found_from_workload_and_prices(void **state)
{
    struct plan_world *w =
        plan_world_new(PRACTICAL("600s", "plan: { partitions: all }\n"));
    const struct model_planned *p = plan_world_search(w, (struct plan_world_how){0});

    (void)state;
    assert_true(p->feasible && p->complete);
    assert_int_equal(plan_world_nodes(&p->best, "gpu-node"), 4);
    assert_int_equal(plan_world_nodes(&p->best, "cpu-node"), 28);
    assert_int_equal(plan_world_units(&p->best, "infer"), 32);
    assert_int_equal(plan_world_units(&p->best, "preprocess"), 2048);
    assert_near(p->best.usd.mean, 40, 1e-4);
    assert_near(p->bound_usd, 40, 1e-3);
    assert_true(p->gap_frac < 1e-4);
    assert_false(step_named(p, "one gpu-node fewer")->met);
    assert_false(step_named(p, "one cpu-node fewer")->met);
    assert_true(step_named(p, "one cpu-node more")->met);
    assert_near(step_named(p, "one cpu-node more")->usd.mean, 4.0 / 6, 1e-4);
    assert_near(step_named(p, "one gpu-node fewer")->usd.mean, -32.0 / 6, 1e-4);
    assert_true(p->n_bindings > 0 && p->bindings[0].value > 0.99);
    plan_world_free(w);
}

/* ---- rows: a scenario, and what must come of it ---- */

#define FLEET(more) "fleet:\n  n: { cpu: 4, price: 1 USD/h" more " }\n"
#define WORK(source, stages)                                                           \
    "workloads:\n  w:\n    kind: pipeline\n    source: { " source                      \
    " }\n    stages:\n" stages
/* 2/s x 1 s: two CPUs busy. */
#define STEADY WORK("rate: 2/s, arrivals: constant", "      s: { cpu: 1, time: 1s }\n")
/* 100 s of work on four CPUs a node. */
#define BATCH WORK("items: 100", "      s: { cpu: 1, time: 1s }\n")
#define ELASTIC                                                                        \
    "fleet:\n  n: { cpu: 4, price: 1 USD/h, idle_timeout: 1s }\n"                      \
    "workloads:\n  w:\n    kind: jobs\n    source: { rate: 1/h }\n    jobs: { j: { "   \
    "cpu: 1, duration: 1m } }\n"
#define AS_NEEDED "policies: { e: { w: {} } }\n"
#define BY_SECOND ", billing: { per: second, minimum: 0s }"

static struct row {
    const char *name, *text;
    bool feasible;
    int32_t nodes, others; /* of "n", of the others; -1: bought as needed */
    double usd;            /* NAN: any */
    const char *missed;    /* a part of it */
} rows[] = {
    {"one_node_for_half_of_it", "until: 1h\n" FLEET("") STEADY, .feasible = true,
     .nodes = 1, .usd = 1},
    /* 100 s / 4 CPUs = 25 s > 20 s; 8 CPUs take 13 s; 12 take 9 s, 16 take 7 s. */
    {"a_deadline_takes_two_nodes",
     FLEET(BY_SECOND) BATCH
     "plan: { targets: { deadline: 20s }, nodes: { n: 0..4 } }\n",
     .feasible = true, .nodes = 2, .usd = 2 * 13 / 3600.0},
    /* 25 s of one node is less than two for 13 s. */
    {"without_haste_fewer_nodes_are_cheaper",
     FLEET(BY_SECOND) BATCH "plan: { targets: { deadline: 1m } }\n", .feasible = true,
     .nodes = 1, .usd = 25 / 3600.0},
    /* Its service alone takes longer. */
    {"latency_below_the_service_time_is_out_of_reach",
     "until: 5m\n" FLEET("") STEADY
     "plan: { targets: { w: { latency_p90: 500ms } } }\n",
     .missed = "latency p90"},
    {"too_few_nodes_are_allowed",
     FLEET(BY_SECOND) BATCH
     "plan: { targets: { deadline: 20s }, nodes: { n: 0..1 } }\n",
     .missed = ""},
    /* 1 USD/h for an hour. */
    {"a_budget_below_the_cheapest_is_out_of_reach",
     "until: 1h\n" FLEET("") STEADY "plan: { targets: { budget: 0.9 USD } }\n",
     .missed = ""},
    {"a_budget_above_the_cheapest_is_met",
     "until: 1h\n" FLEET("") STEADY "plan: { targets: { budget: 1.1 USD } }\n",
     .feasible = true, .nodes = 1, .usd = 1},
    {"the_cheaper_of_two_node_types_is_bought",
     "until: 1h\nfleet:\n  n: { cpu: 4, price: 1 USD/h }\n  m: { cpu: 2, price: 0.4 "
     "USD/h }\n" STEADY "plan: { partitions: all }\n",
     .feasible = true, .nodes = 0, .others = 1, .usd = 0.4},
    {"the_cheaper_purchase_option_is_bought",
     "until: 1h\nfleet:\n  n: { cpu: 4, options: [{ option: reserved, price: 0.6 "
     "USD/h, "
     "count: 1 }, { option: on-demand, price: 1 USD/h }] }\n" STEADY
     "plan: { partitions: all }\n",
     .feasible = true, .nodes = 0, .others = 1, .usd = 0.6},
    {"nodes_that_must_be_held_are_held",
     "until: 1h\n" FLEET("") STEADY "plan: { nodes: { n: 3 } }\n", .feasible = true,
     .nodes = 3, .usd = 3},
    /* Hours are whole: 25 s cost one. */
    {"hours_are_whole",
     FLEET(", billing: { per: hour }") BATCH "plan: { targets: { deadline: 30s } }\n",
     .feasible = true, .nodes = 1, .usd = 1},
    /* A node for a minute in the hour costs less than one that is held: 10 USD. */
    {"a_policy_that_buys_as_it_needs_may_be_cheaper",
     "until: 10h\n" ELASTIC AS_NEEDED "plan: { targets: { w: { queue_p90: 5m } } }\n",
     .feasible = true, .nodes = -1, .usd = NAN},
    /* The same, but it may buy as many as it likes, and one is allowed. */
    {"a_policy_that_may_buy_more_than_is_allowed_is_no_plan",
     "until: 10h\n" ELASTIC AS_NEEDED
     "plan: { targets: { w: { queue_p90: 5m } }, nodes: { n: 0..1 } }\n",
     .feasible = true, .nodes = 1, .usd = 10},
    /* The same, but nobody wrote a policy: nodes are held. */
    {"what_stands_in_for_policies_is_no_plan",
     "until: 10h\n" ELASTIC "plan: { targets: { w: { queue_p90: 5m } } }\n",
     .feasible = true, .nodes = 1, .usd = 10},
    /* 20/s x 1 s are 20 CPUs, and of 24 no item waits; slow ones, cheaper for the work,
     * take 2 s however many. */
    {"nodes_too_slow_for_the_target_give_way_to_dearer_ones",
     "until: 60s\nfleet:\n  n: { cpu: 8, price: 1 USD/h }\n  m: { cpu: 8, price: 0.3 "
     "USD/h, cpu_speed: 0.5 }\n" WORK(
         "rate: 20/s, arrivals: constant, for: 60s",
         "      s: { cpu: 1, time: 1s }\n") "plan: { targets: { latency_p99: 1.5s } "
                                            "}\n",
     .feasible = true, .nodes = 3, .usd = 0.05},
    /* Four GPUs for half the price hold none of them: 10 h x 16 USD/h. */
    {"jobs_that_only_the_dearer_type_can_hold_have_one",
     "until: 10h\nfleet:\n  n: { cpu: 8, gpu: 8, price: 16 USD/h }\n  m: { cpu: 8, "
     "gpu: 4, price: 7 USD/h }\nworkloads:\n  w:\n    kind: jobs\n    source: { "
     "rate: 1/h }\n    jobs: { j: { gpu: 8, duration: 10m } }\n"
     "plan: { targets: { w: { queue_p90: 5h } } }\n",
     .feasible = true, .nodes = 1, .usd = 160},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static int32_t others_than(const struct model_planned_fleet *f, const char *type)
{
    int32_t n = 0;

    for (int32_t i = 0; i < f->n_nodes; i++)
        n += strcmp(f->nodes[i].type, type) == 0 ? 0 : f->nodes[i].count;
    return n;
}

static void is_planned_as_by_hand(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct plan_world *w = plan_world_new(sp_arena_printf(
        arena, "scenario: s\nreplications: 2\n%s%s", row->text,
        strstr(row->text, "plan:") == NULL ? "plan: { partitions: all }\n" : ""));
    const struct model_planned *p = plan_world_search(w, (struct plan_world_how){0});

    assert_int_equal(p->feasible, row->feasible);
    if (!row->feasible) {
        assert_non_null(p->missed);
        assert_non_null(strstr(p->missed, row->missed));
        assert_non_null(p->best.partition); /* what comes closest */
        assert_false(p->best.met);
    } else {
        assert_true(p->complete);
        assert_true(p->floor_usd <= p->best.usd.mean + 1e-6);
        if (row->nodes >= 0) {
            assert_int_equal(plan_world_nodes(&p->best, "n"), row->nodes);
            assert_int_equal(others_than(&p->best, "n"), row->others);
        }
        assert_int_equal(p->best.policy != NULL, row->nodes < 0);
        if (!isnan(row->usd))
            assert_near(p->best.usd.mean, row->usd, 2e-6);
    }
    plan_world_free(w);
    sp_arena_free(arena);
}

/* ---- the same again ---- */

static const char uneven[] =
    "scenario: uneven\nreplications: 4\nfleet:\n"
    "  g: { cpu: 4, gpu: 2, price: 3 USD/h, billing: { per: second, minimum: 0s } }\n"
    "  c: { cpu: 6, price: 1 USD/h, billing: { per: second, minimum: 0s } }\n"
    "workloads:\n  w:\n    kind: pipeline\n    source: { items: 60 }\n    stages:\n"
    "      prep: { cpu: 1, time: { dist: exponential, mean: 2s } }\n"
    "      infer: { gpu: 1, time: { dist: exponential, mean: 500ms } }\n"
    "plan: { targets: { deadline: 30s } }\n";

static void answer_is_the_same_with_two_threads_and_when_asked_again(void **state)
{
    const struct plan_world_how how[] = {
        {.threads = 1, .frontier = true},
        {.threads = 2, .frontier = true},
        {.threads = 1, .frontier = true},
    };
    struct plan_world *w = plan_world_new(uneven);
    const char *first = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
        const char *text = plan_world_print(plan_world_search(w, how[i]), w->arena);

        if (first == NULL)
            first = text;
        assert_string_equal(text, first);
    }
    plan_world_free(w);
}

static void
frontier_begins_at_the_plan_and_each_fleet_is_dearer_and_faster(void **state)
{
    struct plan_world *w = plan_world_new(uneven);
    const struct model_planned *p =
        plan_world_search(w, (struct plan_world_how){.frontier = true});

    (void)state;
    assert_true(p->n_frontier >= 3);
    assert_near(p->frontier[0].usd.mean, p->best.usd.mean, 1e-9);
    for (int32_t i = 1; i < p->n_frontier; i++) {
        assert_true(p->frontier[i].usd.mean >= p->frontier[i - 1].usd.mean);
        assert_true(p->frontier[i].traded.mean < p->frontier[i - 1].traded.mean);
        assert_true(p->frontier[i].met);
        assert_near(p->frontier[i].traded.mean, p->frontier[i].time_s.mean, 1e-9);
    }
    plan_world_free(w);
}

static void search_that_may_not_run_says_so(void **state)
{
    struct plan_world *w = plan_world_new(uneven);
    const struct model_planned *p =
        plan_world_search(w, (struct plan_world_how){.runs_max = 30});

    (void)state;
    assert_false(p->complete);
    if (p->feasible)
        assert_non_null(strstr(p->complete_text, "30 runs"));
    plan_world_free(w);
}

/* ---- ratios ---- */

/* Eight GPUs of a node at 8 items in 250 ms take 256 items/s; 95 % of that is 243.2/s,
 * at 2 s an item 486.4 CPUs. */
static void ratio_is_that_of_the_utilization_law(void **state)
{
    struct plan_world *w =
        plan_world_new(PRACTICAL("600s", "plan: { partitions: all }\n"));
    const struct model_planned *p = plan_world_search(
        w, (struct plan_world_how){.ratio = "preprocess:infer", .busy_frac = 0.95});
    int32_t least = 0;

    (void)state;
    assert_near(p->ratio_analysis, 60.8, 1e-9);
    for (int32_t i = p->n_ratios - 1; i >= 0; i--) {
        assert_int_equal(p->ratios[i].of, 8);
        if (p->ratios[i].enough)
            least = p->ratios[i].count;
    }
    assert_int_equal(least, 487);
    plan_world_free(w);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 5] = {
        cmocka_unit_test(practical_example_is_found_from_workload_and_prices),
        cmocka_unit_test(answer_is_the_same_with_two_threads_and_when_asked_again),
        cmocka_unit_test(
            frontier_begins_at_the_plan_and_each_fleet_is_dearer_and_faster),
        cmocka_unit_test(search_that_may_not_run_says_so),
        cmocka_unit_test(ratio_is_that_of_the_utilization_law),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 5] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = is_planned_as_by_hand,
                                           .initial_state = &rows[i]};
    sp_gsl_quiet();
    return cmocka_run_group_tests_name("search_plans", tests, NULL, NULL);
}
