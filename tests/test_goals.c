/* The plan block: what every key becomes, the message that each mistake gets, what
 * follows where nothing is written, and how far a run misses a goal. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/goals.h"
#include "model/serving.h"

#define N(rows) (sizeof rows / sizeof rows[0])

enum { SETS_MAX = 3, GOALS_MAX = 4 };

/* ---- scenarios ---- */

static const char *const pipeline =
    "  embed:\n"
    "    kind: pipeline\n"
    "    source: { rate: 100/s, for: 60s }\n"
    "    stages: { prep: { cpu: 1, time: 10ms }, infer: { gpu: 1, time: 5ms } }\n";
static const char *const chat =
    "  chat.eu:\n"
    "    kind: serving\n"
    "    model: llama-3.1-8b\n"
    "    source: { rate: 1/s, for: 60s, prompt_tokens: 100, output_tokens: 10 }\n"
    "    slo: { ttft: 1s, tpot: 100ms, attain: 95% }\n"
    "    engine: { gpu: 1, cpu: 8, time: roofline }\n";
static const char *const no_engine =
    "  bot:\n"
    "    kind: serving\n"
    "    model: llama-3.1-8b\n"
    "    source: { rate: 1/s, for: 60s, prompt_tokens: 100, output_tokens: 10 }\n";
static const char *const jobs = "  train:\n"
                                "    kind: jobs\n"
                                "    source: { rate: 10/h, for: 1h }\n"
                                "    jobs: { small: { gpu: 1, duration: 60s } }\n"
                                "    target: { wait: 1h, quantile: 0.9 }\n";
static const char *const fleet = "fleet:\n  node.1: { cpu: 64, gpu: 8, gpu_model: "
                                 "H100-SXM5-80GB, price: 1 USD/h }\n";
static const char *const serving_policy =
    "policies: { p: { chat.eu: { replicas: 2 } } }\n";

static const char *scenario_of(struct sp_arena *arena, const char *workloads,
                               const char *plan, const char *policies)
{
    return sp_arena_printf(arena, "scenario: s\n%s\n%sworkloads:\n%s%s", plan, fleet,
                           workloads, policies);
}

static enum sp_status read_text(const char *text, const struct model_set *sets,
                                bool to_plan, struct sp_arena *arena,
                                struct model_scenario **sc, struct sp_err *err)
{
    char path[] = "/tmp/stageplan-test-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    enum sp_status status;
    int32_t n = 0;

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    while (n < SETS_MAX && sets[n].path != NULL)
        n++;
    status = to_plan ? model_scenario_read_to_plan(path, sets, n, arena, sc, err)
                     : model_scenario_read(path, sets, n, arena, sc, err);
    unlink(path);
    return status;
}

/* ---- good rows: what the goals are ---- */

static const struct good {
    const char *name;
    const char *plan; /* of the scenario, "" none */
    struct model_set sets[SETS_MAX];
    const char *const *workloads[3]; /* NULL ends; none: the pipeline */
    const char *policies;            /* NULL: none */
    const char *want[GOALS_MAX];     /* texts, in order; implied ones begin with '*' */
} goods[] = {
    {.name = "a_pipeline_keeps_up_unless_told",
     .plan = "",
     .want = {"*embed: done of what arrives at least 99 %"}},
    {.name = "targets_of_the_run",
     .plan = "plan: { targets: { deadline: 1h, budget: 100 USD, cost_per_h: $3/h } }",
     .want = {"all work done in at most 1h", "cost of the run at most 100 USD",
              "cost per hour at most 3 USD/h, within 0.1 %"}},
    {.name = "a_budget_alone_leaves_what_is_implied",
     .plan = "plan: { targets: { budget: 100 } }",
     .want = {"cost of the run at most 100 USD",
              "*embed: done of what arrives at least 99 %"}},
    {.name = "targets_of_a_workload",
     .plan = "plan: { targets: { embed: { latency_p99: 2s, latency_p50: 100ms } } }",
     .want = {"embed: latency p99 at most 2 s", "embed: latency p50 at most 100 ms"}},
    {.name = "the_only_workload_need_not_be_named",
     .plan = "plan: { targets: { latency_mean: 1s } }",
     .want = {"embed: latency mean at most 1 s"}},
    {.name = "a_rate_may_be_missed_by_a_hundredth",
     .plan = "plan: { targets: { rate: 6000/min } }",
     .want = {"embed: rate at least 100/s, within 1 %"}},
    {.name = "a_cost_alone_leaves_what_is_implied",
     .plan = "plan: { targets: { embed: { cost_per_1k_items: 1 USD } } }",
     .want = {"embed: cost of 1,000 items at most 1 USD",
              "*embed: done of what arrives at least 99 %"}},
    {.name = "set_adds_what_is_not_there",
     .plan = "",
     .sets = {{"plan.targets.embed.latency_p99", "2s"},
              {"plan.targets.deadline", "2m"},
              {"plan.nodes.node.1", "0..4"}},
     .want = {"embed: latency p99 at most 2 s", "all work done in at most 2m"}},
    {.name = "set_replaces_what_is_there",
     .plan = "plan: { targets: { embed: { latency_p99: 5s } } }",
     .sets = {{"plan.targets.embed.latency_p99", "2s"}},
     .want = {"embed: latency p99 at most 2 s"}},
    {.name = "a_dot_in_a_workload_name_is_no_step",
     .plan = "",
     .sets = {{"plan.targets.chat.eu.ttft_p99", "500ms"}},
     .workloads = {&chat},
     .policies = "serving",
     .want = {"chat.eu: TTFT p99 at most 500 ms"}},
    {.name = "serving_attains_its_slo",
     .plan = "plan: { partitions: as-written }",
     .workloads = {&chat},
     .policies = "serving",
     .want = {"*chat.eu: SLO attained at least 95 %"}},
    {.name = "serving_is_deployed_as_its_engine_says",
     .plan = "",
     .workloads = {&chat},
     .want = {"*chat.eu: SLO attained at least 95 %"}},
    {.name = "serving_has_goodput",
     .plan = "plan: { targets: { rate: 1/s } }",
     .workloads = {&chat},
     .policies = "serving",
     .want = {"chat.eu: goodput at least 1/s, within 1 %"}},
    {.name = "jobs_meet_their_target",
     .plan = "",
     .workloads = {&jobs},
     .want = {"*train: queue wait p90 at most 1h"}},
    {.name = "no_deadline_may_be_missed",
     .plan = "plan: { targets: { train: { deadlines_missed: 0% } } }",
     .workloads = {&jobs, &pipeline},
     .want = {"train: deadlines missed at most 0 %",
              "*embed: done of what arrives at least 99 %"}},
    {.name = "a_deadline_of_the_run_is_enough_for_all",
     .plan = "plan: { targets: { deadline: 2h } }",
     .workloads = {&jobs, &pipeline},
     .want = {"all work done in at most 2h"}},
    {.name = "a_size_says_what_for",
     .plan = "",
     .policies = "policies: { p: { embed: { bundle: apart, size: { deadline: 90s } } } "
                 "}",
     .want = {"*all work done in at most 1m 30s"}},
    {.name = "a_sized_rate_is_a_goal",
     .plan = "",
     .policies = "policies: { p: { embed: { bundle: apart, size: { items_per_s: 50 } } "
                 "} }",
     .want = {"*embed: rate at least 50/s, within 1 %"}},
};

static const char *workloads_of(const struct good *row, struct sp_arena *arena)
{
    const char *text = "";

    for (int i = 0; i < 3 && row->workloads[i] != NULL; i++)
        text = sp_arena_printf(arena, "%s%s", text, *row->workloads[i]);
    return text[0] != '\0' ? text : pipeline;
}

static const char *policies_of(const struct good *row)
{
    if (row->policies == NULL)
        return "";
    return strcmp(row->policies, "serving") == 0 ? serving_policy : row->policies;
}

static void goals_are_those_wanted(void **state)
{
    const struct good *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = NULL;
    struct model_goals goals = {0};
    struct sp_err err = {0};
    const char *text =
        scenario_of(arena, workloads_of(row, arena), row->plan, policies_of(row));

    if (read_text(text, row->sets, true, arena, &sc, &err) != SP_OK ||
        model_goals_of(sc, &goals, &err) != SP_OK)
        fail_msg("%s", err.text);
    for (int32_t i = 0; i < goals.n && i < GOALS_MAX; i++) {
        const char *want = row->want[i] != NULL ? row->want[i] : "nothing";

        assert_string_equal(goals.goals[i].text, want + (want[0] == '*'));
        assert_int_equal(goals.goals[i].implied, want[0] == '*');
        assert_string_equal(goals.goals[i].of.figure->name,
                            goals.goals[i].kind->figure);
    }
    assert_true(goals.n == GOALS_MAX || row->want[goals.n] == NULL);
    sp_arena_free(arena);
}

/* ---- bad rows: the message, with its place ---- */

static const struct bad {
    const char *name;
    const char *plan;
    struct model_set sets[SETS_MAX];
    const char *const *second; /* another workload beside the pipeline, or NULL */
    const char *const *only;   /* instead of it, or NULL */
    const char *want;          /* is in the message */
} bads[] = {
    {.name = "no_such_key",
     .plan = "plan: { target: { deadline: 1h } }",
     .want = ":2:9: unknown key of plan 'target', did you mean 'targets'?"},
    {.name = "no_such_target",
     .plan = "plan: { targets: { deadlin: 1h } }",
     .want = ":2:20: unknown target or workload 'deadlin', did you mean 'deadline'?"},
    {.name = "no_such_target_of_a_workload",
     .plan = "plan: { targets: { embed: { latency_p9: 1h } } }",
     .want = ":2:29: unknown target of a pipeline workload 'latency_p9', did you mean "
             "'latency_p9"},
    {.name = "serving_targets_are_not_for_pipelines",
     .plan = "plan: { targets: { embed: { ttft_p99: 1s } } }",
     .want =
         "unknown target of a pipeline workload 'ttft_p99', expected one of 'rate'"},
    {.name = "no_such_workload",
     .plan = "plan: { targets: { embd: { rate: 1/s } } }",
     .want = ":2:20: unknown target or workload 'embd', did you mean 'embed'?"},
    {.name = "a_target_of_which_of_two",
     .plan = "plan: { targets: { latency_p99: 1s } }",
     .second = &jobs,
     .want = ":2:20: target 'latency_p99' is of a workload, expected it below the name "
             "of one"},
    {.name = "a_time_needs_its_unit",
     .plan = "plan: { targets: { deadline: 5 } }",
     .want = ":2:30: deadline: "},
    {.name = "no_time_at_all",
     .plan = "plan: { targets: { latency_p99: 0s } }",
     .want = ":2:33: latency_p99: found '0s', expected more than 0"},
    {.name = "more_than_all",
     .plan = "plan: { targets: { keeps_up: 101% } }",
     .want = ":2:30: keeps_up: "},
    {.name = "money_is_no_time",
     .plan = "plan: { targets: { budget: 3h } }",
     .want = ":2:28: budget: "},
    {.name = "a_price_is_no_amount",
     .plan = "plan: { targets: { budget: 3 USD/h } }",
     .want = ":2:28: budget: "},
    {.name = "targets_are_a_map",
     .plan = "plan: { targets: [deadline] }",
     .want = ":2:18: targets: found a list, expected a map"},
    {.name = "a_target_is_no_map",
     .plan = "plan: { targets: { deadline: { a: 1 } } }",
     .want = ":2:30: deadline: found a map, expected a plain value"},
    {.name = "faster_than_it_comes",
     .plan = "plan: { targets: { rate: 101/s } }",
     .want = ":2:26: rate: found 101/s, and the source brings 100/s: expected no more"},
    {.name = "done_after_the_end",
     .plan = "until: 60s\nplan: { targets: { deadline: 61s } }",
     .want = ":3:30: deadline: it is after until"},
    {.name = "no_such_nodes",
     .plan = "plan: { nodes: { node.2: 3 } }",
     .want = ":2:18: unknown node type 'node.2', did you mean 'node.1'?"},
    {.name = "a_range_falls",
     .plan = "plan: { nodes: { node.1: 4..3 } }",
     .want = ":2:26: nodes: found 4..3, expected the lower number first"},
    {.name = "half_a_node",
     .plan = "plan: { nodes: { node.1: 0..1.5 } }",
     .want = ":2:26: nodes: "},
    {.name = "no_such_partitions",
     .plan = "plan: { partitions: as-writen }",
     .want = ":2:21: partitions: found 'as-writen', did you mean 'as-written'?"},
    {.name = "the_command_line_is_named",
     .plan = "",
     .sets = {{"plan.targets.embd.rate", "1/s"}},
     .want = "--set plan.targets.embd.rate=1/s: unknown target or workload 'embd', did "
             "you mean 'embed'?"},
    {.name = "no_map_over_a_value",
     .plan = "plan: { targets: { embed: { rate: 1/s } } }",
     .sets = {{"plan.targets.embed", "1/s"}},
     .want = "--set plan.targets.embed=1/s: a map stands there, expected the path of a "
             "plain value"},
    {.name = "no_value_below_a_value",
     .plan = "plan: { partitions: all }",
     .sets = {{"plan.partitions.x", "1"}},
     .want = "--set plan.partitions.x=1: a plain value stands there, expected a map"},
    {.name = "nobody_knows_how_to_serve",
     .plan = "",
     .second = &no_engine,
     .want = ": a pool needs the key 'time': of an iteration"},
};

static void a_mistake_gets_its_message(void **state)
{
    const struct bad *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};
    const char *work =
        sp_arena_printf(arena, "%s%s", row->only != NULL ? *row->only : pipeline,
                        row->second != NULL ? *row->second : "");

    assert_int_equal(read_text(scenario_of(arena, work, row->plan, ""), row->sets, true,
                               arena, &sc, &err),
                     SP_EINPUT);
    if (strstr(err.text, row->want) == NULL)
        fail_msg("found '%s', expected '%s'", err.text, row->want);
    sp_arena_free(arena);
}

/* ---- nothing to meet ---- */

static const struct {
    const char *workload, *want;
} lacking[] = {
    {"  w:\n    kind: pipeline\n    source: { items: 10 }\n"
     "    stages: { a: { cpu: 1, time: 1s } }\n",
     "workload 'w' has nothing to meet, expected plan.targets with 'deadline: 1h'"},
    {"  w:\n    kind: pipeline\n    source: { population: 3, think: 1s, for: 1h }\n"
     "    stages: { a: { cpu: 1, time: 1s } }\n",
     "workload 'w' has nothing to meet, expected plan.targets with its 'rate'"},
    {"  w:\n    kind: jobs\n    source: { rate: 10/h, for: 1h }\n"
     "    jobs: { small: { gpu: 1, duration: 60s } }\n",
     "workload 'w' has nothing to meet, expected its 'target'"},
};

static void who_has_nothing_to_meet_is_told_what_could_be(void **state)
{
    const struct model_set none[SETS_MAX] = {{0}};

    (void)state;
    for (size_t i = 0; i < N(lacking); i++) {
        struct sp_arena *arena = sp_arena_new();
        const char *text = scenario_of(arena, lacking[i].workload, "", "");
        struct model_scenario *sc = NULL;
        struct model_goals goals = {0};
        struct sp_err err = {0};

        if (read_text(text, none, true, arena, &sc, &err) != SP_OK)
            fail_msg("%s", err.text);
        assert_int_equal(model_goals_of(sc, &goals, &err), SP_EINPUT);
        if (strstr(err.text, lacking[i].want) == NULL)
            fail_msg("found '%s', expected '%s'", err.text, lacking[i].want);
        sp_arena_free(arena);
    }
}

/* ---- what need not be written ---- */

static void policies_follow_where_a_plan_is_wanted(void **state)
{
    const struct model_set none[SETS_MAX] = {{0}};
    struct sp_arena *arena = sp_arena_new();
    const char *text = scenario_of(arena, pipeline, "", "");
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(read_text(text, none, false, arena, &sc, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "a scenario needs the key 'policies'"));
    err = (struct sp_err){0};
    text = scenario_of(arena, pipeline, "plan: { partitions: all }", "");
    if (read_text(text, none, false, arena, &sc, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_true(sc->policies_implied);
    assert_int_equal(sc->n_policies, 1);
    assert_int_equal(sc->policies[0].plans[0].n_units, 2);
    assert_string_equal(sc->policies[0].plans[0].units[0].name, "prep");
    assert_int_equal(sc->policies[0].plans[0].units[1].count, 1);
    sp_arena_free(arena);
}

static void reserved_nodes_need_no_count_to_be_planned(void **state)
{
    const struct model_set none[SETS_MAX] = {{0}};
    struct sp_arena *arena = sp_arena_new();
    const char *text = sp_arena_printf(
        arena,
        "scenario: s\nfleet: { n: { cpu: 8, gpu: 1, price: 1, option: reserved "
        "} }\nworkloads:\n%spolicies: { p: { embed: { bundle: apart } } }\n",
        pipeline);
    struct model_scenario *sc = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(read_text(text, none, false, arena, &sc, &err), SP_EINPUT);
    err = (struct sp_err){0};
    if (read_text(text, none, true, arena, &sc, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_true(sc->policies[0].types[0].fixed);
    assert_int_equal(sc->policies[0].types[0].count, 0);
    sp_arena_free(arena);
}

static void ranges_of_nodes_are_kept(void **state)
{
    const struct model_set none[SETS_MAX] = {{0}};
    static const struct {
        const char *text;
        int32_t min, max;
    } rows[] = {{"0..64", 0, 64}, {"10", 10, 10}, {"2..2", 2, 2}, {"0", 0, 0}};

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        const char *plan = sp_arena_printf(
            arena, "plan: { nodes: { node.1: %s }, partitions: as-written }",
            rows[i].text);
        struct model_scenario *sc = NULL;
        struct sp_err err = {0};

        if (read_text(scenario_of(arena, pipeline, plan, ""), none, true, arena, &sc,
                      &err) != SP_OK)
            fail_msg("%s", err.text);
        assert_int_equal(sc->goals->n_ranges, 1);
        assert_string_equal(sc->goals->ranges[0].group, "node.1");
        assert_int_equal(sc->goals->ranges[0].min, rows[i].min);
        assert_int_equal(sc->goals->ranges[0].max, rows[i].max);
        assert_true(sc->goals->as_written);
        sp_arena_free(arena);
    }
}

/* ---- how far a run misses ---- */

static const struct model_slo slo = {
    .ttft_ns = INT64_C(1000000000), .tpot_ns = INT64_C(100000000), .e2e_ns = -1};

static const struct miss {
    const char *name;
    const char *key;
    enum model_kind kind;
    double value;
    enum model_end end;
    struct model_run_figures run;
    struct model_workload_figures work;
    double want;
    double path_s;
} misses[] = {
    {.name = "half_over",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .latency_p99_s = 3},
     .want = 0.5},
    {.name = "just_met",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 10, .latency_p99_s = 2},
     .want = 0},
    {.name = "met_with_room",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .latency_p99_s = 1},
     .want = -0.5},
    {.name = "not_measured",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .latency_p99_s = NAN},
     .want = INFINITY},
    {.name = "stuck",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_DEADLOCK,
     .run = {.time_s = 100},
     .work = {.done = 10, .latency_p99_s = 1},
     .want = INFINITY},
    {.name = "nothing_came",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.latency_p99_s = NAN},
     .want = 0},
    /* 10 items/s come; in 2 s of latency 20 may be in flight, and 50 of 1000 late */
    {.name = "the_last_may_be_in_flight",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 930, .in_flight = 70, .latency_p99_s = 1},
     .want = -0.5},
    {.name = "a_queue_that_grows_is_no_latency",
     .key = "latency_p99",
     .kind = MODEL_KIND_PIPELINE,
     .value = 2,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 929, .in_flight = 71, .latency_p99_s = 1},
     .want = INFINITY},
    {.name = "a_rate_within_a_hundredth",
     .key = "rate",
     .kind = MODEL_KIND_PIPELINE,
     .value = 100,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .per_s = 99},
     .want = 0},
    {.name = "a_rate_of_half",
     .key = "rate",
     .kind = MODEL_KIND_PIPELINE,
     .value = 100,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .per_s = 49.5},
     .want = 0.5},
    {.name = "a_deadline_met",
     .key = "deadline",
     .kind = MODEL_KIND_PIPELINE,
     .value = 200,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10},
     .want = -0.5},
    {.name = "a_deadline_needs_all_done",
     .key = "deadline",
     .kind = MODEL_KIND_PIPELINE,
     .value = 200,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 10, .in_flight = 1},
     .want = INFINITY},
    {.name = "a_budget_passed",
     .key = "budget",
     .kind = MODEL_KIND_PIPELINE,
     .value = 10,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100, .usd = 12.5},
     .work = {.done = 10},
     .want = 0.25},
    {.name = "no_deadline_missed",
     .key = "deadlines_missed",
     .kind = MODEL_KIND_JOBS,
     .value = 0,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .deadlines_missed_frac = 0},
     .want = 0},
    {.name = "of_none_a_tenth",
     .key = "deadlines_missed",
     .kind = MODEL_KIND_JOBS,
     .value = 0,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100},
     .work = {.done = 10, .deadlines_missed_frac = 0.1},
     .want = 0.1},
    {.name = "jobs_undone",
     .key = "queue_p90",
     .kind = MODEL_KIND_JOBS,
     .value = 60,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 94, .in_flight = 6, .queue_p90_s = 1},
     .want = INFINITY},
    {.name = "a_job_that_no_node_holds",
     .key = "queue_p90",
     .kind = MODEL_KIND_JOBS,
     .value = 60,
     .end = MODEL_END_DONE,
     .run = {.time_s = 100, .refused = 1},
     .work = {.done = 999, .dropped = 1, .queue_p90_s = 30},
     .want = INFINITY},
    {.name = "requests_that_no_replica_holds_are_not_fast",
     .key = "deadline",
     .kind = MODEL_KIND_SERVING,
     .value = 60,
     .end = MODEL_END_DONE,
     .run = {.time_s = 1, .refused = 10},
     .work = {.dropped = 10},
     .want = INFINITY},
    {.name = "a_budget_is_kept_by_refusing",
     .key = "budget",
     .kind = MODEL_KIND_SERVING,
     .value = 60,
     .end = MODEL_END_DONE,
     .run = {.time_s = 1, .usd = 30, .refused = 10},
     .work = {.dropped = 10},
     .want = -0.5},
    {.name = "few_jobs_undone",
     .key = "queue_p90",
     .kind = MODEL_KIND_JOBS,
     .value = 60,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 95, .in_flight = 5, .queue_p90_s = 30},
     .want = -0.5},
    /* 10 items/s come; on a way of 3 s 30 are in flight, 20 of 1000 are behind */
    {.name = "on_the_way_is_not_behind",
     .key = "keeps_up",
     .kind = MODEL_KIND_PIPELINE,
     .value = 0.98,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 950, .in_flight = 50, .keeps_up_frac = 0.95},
     .want = 0,
     .path_s = 3},
    {.name = "behind_is_behind",
     .key = "keeps_up",
     .kind = MODEL_KIND_PIPELINE,
     .value = 1,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 100},
     .work = {.done = 950, .in_flight = 50, .keeps_up_frac = 0.95},
     .want = 0.05},
    /* 10 requests/s; 1 s + 10 tokens of 0.1 s: 20 may be in flight, 100 are late */
    {.name = "late_requests_miss_the_slo",
     .key = "slo_attained",
     .kind = MODEL_KIND_SERVING,
     .value = 0.9,
     .end = MODEL_END_HORIZON,
     .run = {.time_s = 102},
     .work = {.done = 900,
              .in_flight = 120,
              .slo_attained = 1,
              .ttft_mean_s = 0.5,
              .e2e_mean_s = 1,
              .tpot_mean_s = 0.05},
     .want = 0},
};

static const struct model_goal_kind *kind_of(const char *key, enum model_kind work)
{
    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++)
        if (strcmp(k->key, key) == 0 && (!k->of_workload || k->work_kind == work))
            return k;
    fail_msg("no kind '%s'", key);
    return NULL;
}

static void a_run_misses_by_so_much(void **state)
{
    const struct miss *row = *state;
    struct model_goal goal = {.kind = kind_of(row->key, row->kind),
                              .value = row->value,
                              .path_s = row->path_s,
                              .slo = &slo};
    const struct model_figure *f = model_figures_run;
    struct model_run_figures run = row->run;
    double miss;

    goal.of.workload = goal.kind->of_workload ? 0 : SP_NO_ID;
    goal.tolerance_frac = goal.kind->unit == MODEL_GOAL_PER_S ? 0.01 : 0;
    if (goal.kind->of_workload)
        f = model_figures_workload;
    while (strcmp(f->name, goal.kind->figure) != 0)
        f++;
    goal.of.figure = f;
    run.end = row->end;
    miss = model_goal_miss(&goal, &run, &row->work);
    if (isinf(row->want))
        assert_true(isinf(miss) && miss > 0);
    else
        assert_true(fabs(miss - row->want) < 1e-12);
}

/* 10 ms + 5 ms; with a batch of 8 at 100/s, 70 ms until it is full, or the linger. */
static void the_way_of_an_item_is_the_sum_of_its_means(void **state)
{
    static const struct {
        const char *stages;
        double want;
    } rows[] = {
        {"{ a: { cpu: 1, time: 10ms }, b: { gpu: 1, time: 5ms } }", 0.015},
        {"{ a: { cpu: 1, time: 10ms }, b: { gpu: 1, batch: 8, time: { per_item: 1ms } "
         "} "
         "}",
         0.01 + 0.07 + 0.008},
        {"{ a: { cpu: 1, batch: 8, linger: 20ms, time: 10ms } }", 0.03},
        {"{ a: { cpu: 1, time: 1s }, b: { cpu: 1, time: 2s, from: [a] }, c: { cpu: 1, "
         "time: 5s, from: [a] } }",
         6},
    };
    const struct model_set none[SETS_MAX] = {{0}};

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct sp_arena *arena = sp_arena_new();
        const char *work = sp_arena_printf(
            arena,
            "  w:\n    kind: pipeline\n    source: { rate: 100/s, for: 60s }\n    "
            "stages: %s\n",
            rows[i].stages);
        struct model_scenario *sc = NULL;
        struct model_goals goals = {0};
        struct sp_err err = {0};

        if (read_text(scenario_of(arena, work, "", ""), none, true, arena, &sc, &err) !=
                SP_OK ||
            model_goals_of(sc, &goals, &err) != SP_OK)
            fail_msg("%s", err.text);
        assert_true(fabs(goals.goals[0].path_s - rows[i].want) < 1e-9);
        sp_arena_free(arena);
    }
}

/* ---- the table ---- */

static void every_kind_names_a_figure_that_is_there(void **state)
{
    (void)state;
    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++) {
        const struct model_figure *f =
            k->of_workload ? model_figures_workload : model_figures_run;

        while (f->name != NULL && strcmp(f->name, k->figure) != 0)
            f++;
        if (f->name == NULL)
            fail_msg("%s: no figure '%s'", k->key, k->figure);
        if (f->better != MODEL_BETTER_NEITHER)
            assert_int_equal(k->at_most, f->better == MODEL_BETTER_LOWER);
    }
}

static void nine_of_ten_runs_decide(void **state)
{
    static const int32_t rows[][2] = {{1, 1},   {2, 2},   {9, 9},   {10, 9},
                                      {11, 10}, {20, 18}, {100, 90}};

    (void)state;
    for (size_t i = 0; i < N(rows); i++)
        assert_int_equal(model_goal_runs_enough(rows[i][0]), rows[i][1]);
}

int main(void)
{
    static struct CMUnitTest tests[128] = {
        cmocka_unit_test(who_has_nothing_to_meet_is_told_what_could_be),
        cmocka_unit_test(policies_follow_where_a_plan_is_wanted),
        cmocka_unit_test(reserved_nodes_need_no_count_to_be_planned),
        cmocka_unit_test(ranges_of_nodes_are_kept),
        cmocka_unit_test(every_kind_names_a_figure_that_is_there),
        cmocka_unit_test(nine_of_ten_runs_decide),
        cmocka_unit_test(the_way_of_an_item_is_the_sum_of_its_means),
    };
    size_t n = 7;

    for (size_t i = 0; i < N(goods); i++)
        tests[n++] = (struct CMUnitTest){.name = goods[i].name,
                                         .test_func = goals_are_those_wanted,
                                         .initial_state = (void *)(uintptr_t)&goods[i]};
    for (size_t i = 0; i < N(bads); i++)
        tests[n++] = (struct CMUnitTest){.name = bads[i].name,
                                         .test_func = a_mistake_gets_its_message,
                                         .initial_state = (void *)(uintptr_t)&bads[i]};
    for (size_t i = 0; i < N(misses); i++)
        tests[n++] =
            (struct CMUnitTest){.name = misses[i].name,
                                .test_func = a_run_misses_by_so_much,
                                .initial_state = (void *)(uintptr_t)&misses[i]};
    return _cmocka_run_group_tests("goals", tests, n, NULL, NULL);
}
