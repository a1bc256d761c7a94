/* report/json.h: the shape that others read, key by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

/* Written, read back; the caller gives it back. */
static json_t *read_back(const struct fixture_options *options)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "result.json");
    struct sp_err err = {0};
    json_error_t why;
    json_t *root;

    assert_int_equal(report_json_write(path, fixture_result_new(arena, options), &err),
                     SP_OK);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        fail_msg("%d: %s", why.line, why.text);
    help_folder_remove(folder);
    sp_arena_free(arena);
    return root;
}

/* The value at "policies.0.nodes.1.usd"; the test fails where there is none. */
static json_t *at(json_t *root, const char *path)
{
    char copy[256], *rest = copy, *key;
    json_t *value = root;

    strncpy(copy, path, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    while ((key = strsep(&rest, ".")) != NULL) {
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(key))
                                     : json_object_get(value, key);
        if (value == NULL)
            fail_msg("%s: no \"%s\"", path, key);
    }
    return value;
}

static void every_key_of_the_interface_is_there(void **state)
{
    static const struct {
        const char *path;
        json_type type;
    } rows[] = {
        {"stageplan", JSON_STRING},
        {"scenario", JSON_STRING},
        {"seed", JSON_INTEGER},
        {"inputs", JSON_ARRAY},
        {"inputs.0.file", JSON_STRING},
        {"inputs.0.xxh64", JSON_STRING},
        {"policies", JSON_ARRAY},
        {"policies.0.name", JSON_STRING},
        {"policies.0.end", JSON_STRING},
        {"policies.0.time_s", JSON_REAL},
        {"policies.0.nodes.0.type", JSON_STRING},
        {"policies.0.nodes.0.option", JSON_STRING},
        {"policies.0.nodes.0.peak", JSON_INTEGER},
        {"policies.0.nodes.0.mean", JSON_REAL},
        {"policies.0.nodes.0.hours", JSON_REAL},
        {"policies.0.nodes.0.usd", JSON_REAL},
        {"policies.0.resources.gpu.provisioned_h", JSON_REAL},
        {"policies.0.resources.gpu.allocated_h", JSON_REAL},
        {"policies.0.resources.gpu.busy_h", JSON_REAL},
        {"policies.0.resources.gpu.busy_of_provisioned", JSON_REAL},
        {"policies.0.resources.gpu.allocated_of_provisioned", JSON_REAL},
        {"policies.0.resources.cpu.busy_of_provisioned", JSON_REAL},
        {"policies.0.resources.memory.busy_of_provisioned", JSON_REAL},
        {"policies.0.workloads.0.name", JSON_STRING},
        {"policies.0.workloads.0.kind", JSON_STRING},
        {"policies.0.workloads.0.items.in", JSON_INTEGER},
        {"policies.0.workloads.0.items.done", JSON_INTEGER},
        {"policies.0.workloads.0.items.in_flight", JSON_INTEGER},
        {"policies.0.workloads.0.items.dropped", JSON_INTEGER},
        {"policies.0.workloads.0.per_s", JSON_REAL},
        {"policies.0.workloads.0.latency_s.mean", JSON_REAL},
        {"policies.0.workloads.0.latency_s.p50", JSON_REAL},
        {"policies.0.workloads.0.latency_s.p90", JSON_REAL},
        {"policies.0.workloads.0.latency_s.p99", JSON_REAL},
        {"policies.0.workloads.0.latency_s.max", JSON_REAL},
        {"policies.0.workloads.0.stages.1.name", JSON_STRING},
        {"policies.0.workloads.0.stages.1.slots", JSON_REAL},
        {"policies.0.workloads.0.stages.1.busy_frac", JSON_REAL},
        {"policies.0.workloads.0.stages.1.wait_s.p99", JSON_REAL},
        {"policies.0.workloads.0.stages.1.bottleneck", JSON_TRUE},
        {"policies.0.workloads.0.stages.0.bottleneck", JSON_FALSE},
        {"policies.1.workloads.0.stages.1.tasks_lost", JSON_INTEGER},
        {"policies.0.cost.usd", JSON_REAL},
        {"policies.0.cost.usd_per_1k_items", JSON_REAL},
        {"policies.0.cost.idle_usd", JSON_REAL},
        {"policies.0.cost.unallocated_usd", JSON_REAL},
        {"policies.0.cost.lines.0.workload", JSON_STRING},
        {"policies.0.cost.lines.0.stage", JSON_STRING},
        {"policies.0.cost.lines.0.kind", JSON_STRING},
        {"policies.0.cost.lines.0.usd", JSON_REAL},
        {"policies.0.cost.lines.3.workload", JSON_NULL},
        {"policies.0.cost.lines.3.stage", JSON_NULL},
        {"comparison.0.policy", JSON_STRING},
        {"comparison.0.baseline", JSON_STRING},
        {"comparison.0.usd_ratio", JSON_REAL},
        {"comparison.0.time_ratio", JSON_REAL},
        {"comparison.0.gpu_nodes_ratio", JSON_REAL},
    };
    json_t *root = read_back(&(struct fixture_options){0});

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_typeof(at(root, rows[i].path)) != rows[i].type)
            fail_msg("%s has another type", rows[i].path);
    json_decref(root);
}

static void kernels_say_what_was_asked_and_measured(void **state)
{
    static const struct {
        const char *path;
        double value;
    } rows[] = {
        {"calls", 100000},      {"extrapolated", 12500},  {"asked_least", 0.5},
        {"asked_most", 12},     {"measured_least", 0.25}, {"measured_most", 8},
        {"cores_most", 64},     {"measured_cores", 16},   {"slowdown_most", 1.5},
        {"slowdown_low", 1.25}, {"slowdown_high", 1.75},  {"sd_frac", 0.03},
    };
    json_t *root = read_back(&(struct fixture_options){.kernels = true});
    json_t *one = at(root, "policies.1.workloads.0.kernels.0");
    json_t *other = at(root, "policies.1.workloads.0.kernels.1");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_number_value(json_object_get(one, rows[i].path)) != rows[i].value)
            fail_msg("%s differs", rows[i].path);
    assert_string_equal(json_string_value(at(one, "stage")), "preprocess");
    assert_string_equal(json_string_value(at(one, "kernel")), "jpeg_decode");
    assert_string_equal(json_string_value(at(one, "profile")), "host");
    assert_string_equal(json_string_value(at(one, "axis")), "megapixels");
    assert_true(json_is_false(at(one, "converged")));
    assert_string_equal(json_string_value(at(other, "basis")), "datasheet");
    assert_true(json_is_null(at(other, "asked_least")));
    assert_true(json_is_true(at(other, "by_features")));
    json_decref(root);
    root = read_back(&(struct fixture_options){0});
    assert_null(json_object_get(at(root, "policies.0.workloads.0"), "kernels"));
    json_decref(root);
}

static void jobs_have_the_keys_of_their_interface(void **state)
{
    static const struct {
        const char *path;
        json_type type;
    } rows[] = {
        {"policies.0.teams.2.name", JSON_STRING},
        {"policies.0.teams.0.allocated_uusd", JSON_INTEGER},
        {"policies.0.teams.0.resources.memory.busy_h", JSON_REAL},
        {"policies.0.teams.0.borrowed_gpu_h", JSON_REAL},
        {"policies.0.teams.0.peak_gpus", JSON_REAL},
        {"policies.0.bill.idle_uusd", JSON_INTEGER},
        {"policies.0.fragmentation.by_shape", JSON_REAL},
        {"policies.0.bought.1.reason", JSON_STRING},
        {"policies.0.nodes_lost.failed", JSON_INTEGER},
        {"policies.0.peak_gpus_demand", JSON_REAL},
        {"policies.0.explained.0", JSON_STRING},
        {"policies.0.workloads.0.jobs.all.queue_s.p99", JSON_REAL},
        {"policies.0.workloads.0.jobs.all.wait_by_cause.head of line", JSON_REAL},
        {"policies.0.workloads.0.jobs.teams.2.completion_s.mean", JSON_REAL},
        {"policies.0.workloads.0.jobs.sizes.2.slowdown.p90", JSON_REAL},
        {"policies.0.workloads.0.jobs.preempted", JSON_INTEGER},
        {"policies.0.workloads.0.jobs.deadlines_missed", JSON_INTEGER},
        {"policies.0.workloads.0.jobs.lost_gpu_h", JSON_REAL},
        {"policies.0.workloads.0.jobs.makespan_s", JSON_REAL},
        {"policies.0.workloads.0.jobs.floor_usd", JSON_REAL},
        {"policies.0.workloads.0.jobs.allocation", JSON_NULL},
        {"comparison.0.jobs.0.wait_difference_s", JSON_REAL},
        {"comparison.0.jobs.0.teams.2.baseline_wait_s", JSON_REAL},
    };
    json_t *root =
        read_back(&(struct fixture_options){.jobs = true, .explained = "0 s arrives"});

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_typeof(at(root, rows[i].path)) != rows[i].type)
            fail_msg("%s has another type", rows[i].path);
    json_decref(root);
}

/* Sums over teams and lines are the bill, on both bases; waits are those of the
 * fixture. */
static void jobs_values_are_those_of_the_result(void **state)
{
    json_t *root = read_back(&(struct fixture_options){.jobs = true, .n_teams = 7});
    json_t *p = at(root, "policies.1");
    int64_t allocated = 0, busy = 0;

    (void)state;
    for (size_t i = 0; i < json_array_size(at(p, "teams")); i++) {
        json_t *team = json_array_get(at(p, "teams"), i);

        allocated += json_integer_value(at(team, "allocated_uusd"));
        busy += json_integer_value(at(team, "busy_uusd"));
    }
    allocated += json_integer_value(at(p, "bill.unallocated_uusd")) +
                 json_integer_value(at(p, "bill.rounding_uusd"));
    busy += json_integer_value(at(p, "bill.idle_uusd")) +
            json_integer_value(at(p, "bill.unallocated_uusd")) +
            json_integer_value(at(p, "bill.rounding_uusd"));
    assert_int_equal(allocated, 13333333);
    assert_int_equal(busy, 13333333);
    assert_int_equal(json_integer_value(at(p, "bill.sum_allocated_uusd")), 13333333);
    assert_int_equal(json_integer_value(at(p, "bill.sum_busy_uusd")), 13333333);
    p = at(p, "workloads.0.jobs");
    assert_int_equal(json_array_size(at(p, "teams")), 7);
    assert_true(json_real_value(at(p, "teams.6.queue_s.mean")) == 7200);
    assert_true(json_real_value(at(p, "teams.0.wait_by_cause.capacity")) == 0.5);
    assert_int_equal(json_integer_value(at(p, "all.arrived")), 1200);
    json_decref(root);
}

static void other_kinds_have_nothing_of_jobs(void **state)
{
    static const char *const keys[] = {"teams",  "bill",       "fragmentation",
                                       "bought", "nodes_lost", "explained"};
    json_t *root = read_back(&(struct fixture_options){.serving = true});

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_null(json_object_get(at(root, "policies.0"), keys[i]));
    assert_null(json_object_get(at(root, "policies.0.workloads.0"), "jobs"));
    assert_null(json_object_get(at(root, "comparison.0"), "jobs"));
    json_decref(root);
    root = read_back(&(struct fixture_options){.jobs = true, .no_price = true});
    assert_true(json_is_null(at(root, "policies.0.bill")));
    assert_true(json_is_null(at(root, "policies.0.teams.0.busy_uusd")));
    json_decref(root);
    root = read_back(&(struct fixture_options){.jobs = true, .endless = true});
    assert_true(json_is_null(at(root, "policies.0.workloads.0.jobs.all.queue_s.mean")));
    assert_int_equal(json_array_size(at(
                         root, "policies.0.workloads.0.jobs.allocation.allocated_pct")),
                     131);
    json_decref(root);
}

static void serving_has_the_keys_of_its_interface(void **state)
{
    static const struct {
        const char *path;
        json_type type;
    } rows[] = {
        {"requests", JSON_INTEGER},
        {"ttft_s.mean", JSON_REAL},
        {"ttft_s.p50", JSON_REAL},
        {"ttft_s.p90", JSON_REAL},
        {"ttft_s.p99", JSON_REAL},
        {"ttft_s.max", JSON_REAL},
        {"tpot_s.p99", JSON_REAL},
        {"itl_s.p99", JSON_REAL},
        {"e2e_s.p99", JSON_REAL},
        {"queue_s.p99", JSON_REAL},
        {"goodput_per_s", JSON_REAL},
        {"slo_attained", JSON_REAL},
        {"tokens_per_s.prompt", JSON_REAL},
        {"tokens_per_s.output", JSON_REAL},
        {"tokens_per_s_per_gpu", JSON_REAL},
        {"usd_per_million_tokens", JSON_REAL},
        {"usd_per_million_prompt_tokens", JSON_REAL},
        {"usd_per_million_output_tokens", JSON_REAL},
        {"model", JSON_STRING},
        {"retried", JSON_INTEGER},
        {"slo.ttft_s", JSON_REAL},
        {"slo.e2e_s", JSON_NULL},
        {"slo.attain", JSON_REAL},
        {"classes.0.prompt_tokens_up_to", JSON_INTEGER},
        {"classes.2.prompt_tokens_up_to", JSON_NULL},
        {"classes.0.ttft_s.p99", JSON_REAL},
        {"classes.0.slo_attained", JSON_REAL},
        {"pools.0.name", JSON_STRING},
        {"pools.0.role", JSON_STRING},
        {"pools.0.iteration_time", JSON_STRING},
        {"pools.0.kv_capacity", JSON_STRING},
        {"pools.0.kv_blocks", JSON_NULL},
        {"pools.0.gpu_model", JSON_NULL},
        {"pools.0.gpus_per_replica", JSON_INTEGER},
        {"pools.0.compute_bound_of_busy", JSON_REAL},
        {"pools.0.flop_utilization", JSON_REAL},
        {"pools.0.preemptions", JSON_INTEGER},
        {"pools.0.prefix_found_blocks", JSON_INTEGER},
        {"pools.0.queue_s.p50", JSON_REAL},
        {"transfers.count", JSON_INTEGER},
        {"transfers.held_back_s.p99", JSON_REAL},
        {"attainment.bucket_s", JSON_REAL},
        {"attainment.finished.19", JSON_INTEGER},
        {"attainment.met.19", JSON_INTEGER},
    };
    json_t *root = read_back(&(struct fixture_options){.serving = true});
    json_t *pipeline = read_back(&(struct fixture_options){0});
    json_t *serving = at(root, "policies.0.workloads.0.serving");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_typeof(at(serving, rows[i].path)) != rows[i].type)
            fail_msg("%s has another type", rows[i].path);
    assert_null(json_object_get(at(pipeline, "policies.0.workloads.0"), "serving"));
    assert_null(json_object_get(at(pipeline, "comparison.0"), "serving"));
    assert_true(json_real_value(at(root, "comparison.0.serving.0.tpot_p99_ratio")) ==
                0.5);
    assert_int_equal(json_integer_value(at(
                         root, "policies.0.workloads.0.items.dropped_by.KV capacity")),
                     4);
    json_decref(root);
    json_decref(pipeline);
}

static void serving_values_are_those_of_the_result(void **state)
{
    static const struct {
        const char *path;
        double want;
    } rows[] = {
        {"ttft_s.p50", 0.25},
        {"tpot_s.p50", 0.01},
        {"itl_s.p50", 0.009},
        {"e2e_s.p50", 3},
        {"queue_s.p50", 0.125},
        {"slo_attained", 0.95},
        {"half95.slo_attained", 0.95 / 50},
        {"tokens_per_s.prompt", 99990.0 * 1000 / 200},
        {"tokens_per_s.output", 99990},
        {"tokens_per_s.half95.output", 99990.0 / 50},
        {"usd_per_million_tokens", 13333333 / 1e6 / 119.988},
        {"pools.0.busy_frac", 0.93},
        {"pools.1.decode_of_busy", 1},
        {"pools.1.half95.kv_used_frac", 0.42 / 50},
        {"transfers.time_s.p50", 0.02},
        {"transfers.held_back_s.p50", 0.004},
    };
    json_t *root = read_back(&(struct fixture_options){.serving = true, .n_runs = 10});
    json_t *serving = at(root, "policies.1.workloads.0.serving");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fabs(json_real_value(at(serving, rows[i].path)) - rows[i].want) >
            1e-12 * rows[i].want)
            fail_msg("%s is not %g", rows[i].path, rows[i].want);
    json_decref(root);
}

static void values_are_those_of_the_result(void **state)
{
    json_t *root = read_back(&(struct fixture_options){0});
    json_int_t sum = 0;

    (void)state;
    assert_string_equal(json_string_value(at(root, "stageplan")), "0.1.0");
    assert_int_equal(json_integer_value(at(root, "seed")), 7);
    assert_string_equal(json_string_value(at(root, "inputs.0.xxh64")),
                        "0123456789abcdef");
    assert_int_equal(json_array_size(at(root, "policies")), 2);
    assert_string_equal(json_string_value(at(root, "policies.1.name")),
                        "disaggregated");
    assert_int_equal(json_integer_value(at(root, "policies.1.nodes.1.peak")), 28);
    assert_true(json_real_value(
                    at(root, "policies.0.resources.gpu.busy_of_provisioned")) == 0.125);
    assert_int_equal(json_integer_value(at(root, "policies.0.workloads.0.items.done")),
                     99990);
    assert_string_equal(json_string_value(at(root, "comparison.0.baseline")),
                        "monolithic");
    for (size_t i = 0; i < 5; i++) {
        char path[64];

        snprintf(path, sizeof path, "policies.0.cost.lines.%zu.uusd", i);
        sum += json_integer_value(at(root, path));
    }
    assert_int_equal(sum, 56888889);
    assert_int_equal(json_array_size(at(root, "policies.0.series.gpu.busy")),
                     FIXTURE_BUCKETS);
    json_decref(root);
}

static void doubles_come_back_the_same(void **state)
{
    json_t *root = read_back(&(struct fixture_options){0});

    (void)state;
    assert_true(json_real_value(at(root, "policies.0.nodes.0.hours")) ==
                32 * 200.0 / 3600);
    assert_true(json_real_value(at(root, "policies.0.cost.usd_per_1k_items")) ==
                56888889 / 1e6 / 99.99);
    json_decref(root);
}

static void half_widths_come_with_replications_only(void **state)
{
    json_t *one = read_back(&(struct fixture_options){0});
    json_t *ten = read_back(&(struct fixture_options){.n_runs = 10});

    (void)state;
    assert_null(json_object_get(at(one, "policies.0"), "half95"));
    assert_true(json_real_value(at(ten, "policies.0.half95.time_s")) == 4);
    assert_true(json_real_value(at(
                    ten, "policies.0.workloads.0.latency_s.half95.mean")) == 4.0 / 50);
    assert_true(json_real_value(at(ten, "comparison.0.half95.usd_ratio")) ==
                0.234375 / 50);
    assert_int_equal(json_integer_value(at(ten, "replications")), 10);
    json_decref(one);
    json_decref(ten);
}

static void unknown_is_null_and_no_zero(void **state)
{
    json_t *root = read_back(&(struct fixture_options){.no_price = true});

    (void)state;
    assert_true(json_is_null(at(root, "policies.0.cost.usd")));
    assert_true(json_is_null(at(root, "policies.0.cost.idle_usd")));
    assert_true(json_is_null(at(root, "policies.0.nodes.0.usd")));
    assert_true(json_is_null(at(root, "comparison.0.usd_ratio")));
    assert_int_equal(json_array_size(at(root, "policies.0.cost.lines")), 0);
    json_decref(root);
}

static void hostile_names_come_back_as_they_were(void **state)
{
    static const char *const names[] = {"=1+1 ", "\"q'u\\o\nte\t", "\033[31m",
                                        "\u540d\u524d", "</script>"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *root = read_back(&(struct fixture_options){.name = names[i]});
        const char *name = json_string_value(at(root, "policies.0.name"));

        assert_int_equal(strncmp(name, names[i], strlen(names[i])), 0);
        assert_string_equal(name + strlen(names[i]), "monolithic0");
        json_decref(root);
    }
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
    json_t *root = read_back(&(struct fixture_options){.name = "a\xFF"});

    (void)state;
    assert_string_equal(json_string_value(at(root, "scenario")), "a\uFFFDpractical0");
    json_decref(root);
}

static void a_run_that_never_began_is_still_a_result(void **state)
{
    json_t *root = read_back(
        &(struct fixture_options){.empty = true, .partial = true, .deadlock = true});

    (void)state;
    assert_true(json_is_true(at(root, "partial")));
    assert_string_equal(json_string_value(at(root, "policies.1.end")), "deadlock");
    assert_int_equal(json_array_size(at(root, "policies.0.nodes")), 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_interface_is_there),
        cmocka_unit_test(serving_has_the_keys_of_its_interface),
        cmocka_unit_test(kernels_say_what_was_asked_and_measured),
        cmocka_unit_test(jobs_have_the_keys_of_their_interface),
        cmocka_unit_test(jobs_values_are_those_of_the_result),
        cmocka_unit_test(other_kinds_have_nothing_of_jobs),
        cmocka_unit_test(serving_values_are_those_of_the_result),
        cmocka_unit_test(values_are_those_of_the_result),
        cmocka_unit_test(doubles_come_back_the_same),
        cmocka_unit_test(half_widths_come_with_replications_only),
        cmocka_unit_test(unknown_is_null_and_no_zero),
        cmocka_unit_test(hostile_names_come_back_as_they_were),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(a_run_that_never_began_is_still_a_result),
    };

    return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
