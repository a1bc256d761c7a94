/* model/figure.h: every member is in the table once, and is what the result says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/figure.h"
#include "model/sweep.h"
#include "tests/near.h"

/* ---- the table ---- */

static void covers_once(const struct model_figure *table, size_t from, size_t size)
{
    char seen[sizeof(struct model_workload_figures)] = {0};
    size_t bytes = from;

    for (; table->name != NULL; table++) {
        for (size_t i = 0; i < sizeof(double); i++) {
            assert_true(table->at + i < size);
            assert_int_equal(seen[table->at + i], 0);
            seen[table->at + i] = 1;
        }
        bytes += sizeof(double);
    }
    assert_int_equal(bytes, size);
}

static void every_member_of_a_run_stands_once(void **state)
{
    (void)state;
    /* all but `end`, which stands first */
    covers_once(model_figures_run, offsetof(struct model_run_figures, usd),
                sizeof(struct model_run_figures));
}

static void every_member_of_a_workload_stands_once(void **state)
{
    (void)state;
    covers_once(model_figures_workload, 0, sizeof(struct model_workload_figures));
}

static void rows_are_in_order_of_members_with_names_of_their_own(void **state)
{
    const struct model_figure *tables[] = {model_figures_run, model_figures_workload};

    (void)state;
    for (int t = 0; t < 2; t++)
        for (const struct model_figure *f = tables[t]; f->name != NULL; f++) {
            assert_true(f == tables[t] || f[-1].at < f->at);
            assert_true(f->unit != NULL && f->help[0] != '\0');
            assert_null(strchr(f->name, '.'));
            for (int u = 0; u < 2; u++)
                for (const struct model_figure *g = tables[u]; g->name != NULL; g++)
                    assert_true(g == f || strcmp(g->name, f->name) != 0);
        }
}

/* ---- what a text names ---- */

static const char *const one[] = {"embed"};
static const char *const two[] = {"chat", "batch.night"};

static struct parse_row {
    const char *name, *text;
    bool several;
    int32_t workload; /* -2: refused */
    const char *want; /* the figure, or the message */
} parse_rows[] = {
    {"figure_of_the_run", "usd", false, SP_NO_ID, "usd"},
    {"figure_of_the_run_beside_workloads", "time_s", true, SP_NO_ID, "time_s"},
    {"of_the_only_workload_alone", "latency_p99_s", false, 0, "latency_p99_s"},
    {"of_a_workload", "embed.per_s", false, 0, "per_s"},
    {"name_with_a_dot", "batch.night.makespan_s", true, 1, "makespan_s"},
    {"of_several_alone", "per_s", true, -2,
     "'per_s': a figure of a workload, of which there are 2, expected WORKLOAD.per_s, "
     "the first workload is 'chat'"},
    {"slip", "latency_p9_s", false, -2,
     "'latency_p9_s': no such figure, did you mean 'latency_p90_s'?"},
    {"slip_behind_a_workload", "embed.done_", false, -2,
     "'embed.done_': no such figure, did you mean 'done'?"},
    {"figure_of_the_run_behind_a_workload", "embed.time_s", false, -2,
     "'embed.time_s': no such figure, expected FIGURE or WORKLOAD.FIGURE, such as "
     "latency_p99_s or per_s"},
    {"nothing_like_it", "colour", false, -2,
     "'colour': no such figure, expected FIGURE or WORKLOAD.FIGURE, such as usd or "
     "time_s"},
    {"empty", "", false, -2,
     "'': no such figure, expected FIGURE or WORKLOAD.FIGURE, such as usd or time_s"},
    {"workload_alone", "embed.", false, -2,
     "'embed.': no such figure, expected FIGURE or WORKLOAD.FIGURE, such as "
     "latency_p99_s or per_s"},
    {"other_workload", "embd.usd", false, -2,
     "'embd.usd': no such workload, did you mean 'embed'?"},
    {"part_of_a_workload", "batch.makespan_s", true, -2,
     "'batch.makespan_s': no such workload, did you mean 'chat'?"},
};

static void names_a_figure_or_is_refused(void **state)
{
    const struct parse_row *row = *state;
    struct model_figure_of of = {-7, NULL};
    struct sp_err err = {0};
    enum sp_status s = model_figure_parse(row->text, row->several ? two : one,
                                          row->several ? 2 : 1, &of, &err);

    if (row->workload == -2) {
        assert_int_equal(s, SP_EINPUT);
        assert_string_equal(err.text, row->want);
        assert_int_equal(of.workload, -7);
        return;
    }
    assert_int_equal(s, SP_OK);
    assert_int_equal(of.workload, row->workload);
    assert_string_equal(of.figure->name, row->want);
}

static void every_figure_is_found_by_its_name(void **state)
{
    struct model_run_figures run = {0};
    struct model_workload_figures workloads[2] = {0};
    struct model_figure_of of;
    double value = 1;
    char text[100];

    (void)state;
    for (const struct model_figure *f = model_figures_run; f->name != NULL; f++) {
        memcpy((char *)&run + f->at, &value, sizeof value);
        assert_int_equal(model_figure_parse(f->name, two, 2, &of, NULL), SP_OK);
        assert_near(model_figure_value(of, &run, workloads), value++, 0);
    }
    for (const struct model_figure *f = model_figures_workload; f->name != NULL; f++) {
        memcpy((char *)&workloads[1] + f->at, &value, sizeof value);
        snprintf(text, sizeof text, "batch.night.%s", f->name);
        assert_int_equal(model_figure_parse(text, two, 2, &of, NULL), SP_OK);
        assert_near(model_figure_value(of, &run, workloads), value++, 0);
    }
}

/* ---- taken from a result ---- */

/* Of one run: the mean, p50, p90, p99 and the most. */
#define TIMES(n, mean, p50, p90, p99, most)                                            \
    {                                                                                  \
        .count = n, .mean_s = {mean, NAN}, .p50_s = {p50, NAN}, .p90_s = {p90, NAN},   \
        .p99_s = {p99, NAN}, .max_s = {                                                \
            most,                                                                      \
            NAN                                                                        \
        }                                                                              \
    }

/* Ten seconds at 72 USD/h are 0.2 USD. */
static struct model_policy_result by_hand(void)
{
    static struct model_node_use nodes[] = {{.mean = {1.5, NAN}}, {.mean = {2, NAN}}};
    static struct model_cost_line lines[] = {
        {"a", "s", MODEL_LINE_BUSY, 100000},
        {"a", NULL, MODEL_LINE_IDLE, 20000},
        {"b", "t", MODEL_LINE_BUSY, 50000},
        {NULL, NULL, MODEL_LINE_UNALLOCATED_GPU, 30000}};
    static struct model_stage_result stages[] = {
        {.busy_frac = {0.25, NAN}}, {.busy_frac = {0.75, NAN}, .bottleneck = true}};
    static struct model_workload_result workloads[] = {
        {.name = "a",
         .in = 10,
         .done = 6,
         .dropped = 2,
         .in_flight = 2,
         .per_s = {0.6, NAN},
         .latency = TIMES(6, 1, 2, 3, 4, 5),
         .n_stages = 2,
         .stages = stages}};

    return (struct model_policy_result){
        .end = MODEL_END_HORIZON,
        .time_s = {10, NAN},
        .n_nodes = 2,
        .nodes = nodes,
        .resources[MODEL_GPU] = {.busy_of_provisioned = {0.5, NAN},
                                 .allocated_of_provisioned = {0.6, NAN}},
        .resources[MODEL_CPU] = {.busy_of_provisioned = {0.7, NAN},
                                 .allocated_of_provisioned = {0.8, NAN}},
        .n_workloads = 1,
        .workloads = workloads,
        .cost = {.known = true,
                 .uusd = 200000,
                 .usd = {0.2, NAN},
                 .idle_usd = {0.02, NAN},
                 .unallocated_usd = {0.03, NAN},
                 .n_lines = 4,
                 .lines = lines,
                 .floor_usd = {0.1, NAN}},
        .nodes_taken_back = 3,
        .nodes_failed = 4,
        .n_gpu_nodes_peak = 5,
        .events = 1234,
    };
}

static void run_figures_are_what_the_result_says(void **state)
{
    struct model_policy_result p = by_hand();
    struct model_run_figures f;
    struct model_workload_figures w;

    (void)state;
    model_figures_take(&p, &f, &w);
    assert_int_equal(f.end, MODEL_END_HORIZON);
    assert_near(f.usd, 0.2, 0);
    assert_near(f.usd_per_h, 72, 1e-12);
    assert_near(f.time_s, 10, 0);
    assert_near(f.floor_usd, 0.1, 0);
    assert_near(f.idle_usd, 0.02, 0);
    assert_near(f.unallocated_usd, 0.03, 0);
    assert_near(f.gpu_busy_frac, 0.5, 0);
    assert_near(f.gpu_allocated_frac, 0.6, 0);
    assert_near(f.cpu_busy_frac, 0.7, 0);
    assert_near(f.cpu_allocated_frac, 0.8, 0);
    assert_near(f.gpu_nodes_peak, 5, 0);
    assert_near(f.nodes_mean, 3.5, 0);
    assert_near(f.nodes_lost, 7, 0);
    assert_near(f.events, 1234, 0);
}

static void pipeline_has_figures_of_a_pipeline_alone(void **state)
{
    struct model_policy_result p = by_hand();
    struct model_run_figures run;
    struct model_workload_figures f;

    (void)state;
    model_figures_take(&p, &run, &f);
    assert_near(f.done, 6, 0);
    assert_near(f.dropped, 2, 0);
    assert_near(f.in_flight, 2, 0);
    assert_near(f.per_s, 0.6, 0);
    assert_near(f.keeps_up_frac, 0.8, 1e-15);
    assert_near(f.usd_per_1k_items, 0.2 / 6 * 1000, 1e-12); /* all of the bill */
    assert_near(f.latency_mean_s, 1, 0);
    assert_near(f.latency_p50_s, 2, 0);
    assert_near(f.latency_p90_s, 3, 0);
    assert_near(f.latency_p99_s, 4, 0);
    assert_near(f.busy_frac, 0.75, 0);
    for (const struct model_figure *g = model_figures_workload; g->name != NULL; g++)
        if (g->at >= offsetof(struct model_workload_figures, ttft_mean_s))
            assert_true(
                isnan(model_figure_value((struct model_figure_of){0, g}, &run, &f)));
}

static void serving_and_jobs_have_theirs(void **state)
{
    struct model_policy_result p = by_hand();
    struct model_serving_result s = {.ttft = TIMES(1, 11, 12, 13, 14, 15),
                                     .tpot = TIMES(1, 21, 22, 23, 24, 25),
                                     .e2e = TIMES(1, 31, 32, 33, 34, 35),
                                     .has_slo = true,
                                     .slo_attained = {0.9, NAN},
                                     .goodput_per_s = {41, NAN},
                                     .usd_per_million_tokens = {42, NAN}};
    struct model_job_group all = {.queue = TIMES(1, 51, 52, 53, 54, 55),
                                  .completion = TIMES(1, 61, 62, 63, 64, 65)};
    struct model_jobs_result j = {
        .groups = &all, .makespan_s = {71, NAN}, .deadlines = 8, .deadlines_missed = 2};
    struct model_workload_result workloads[2] = {
        {.name = "a", .done = 2, .serving = &s}, {.name = "b", .done = 4, .jobs = &j}};
    struct model_run_figures run;
    struct model_workload_figures f[2];

    (void)state;
    p.n_workloads = 2;
    p.workloads = workloads;
    model_figures_take(&p, &run, f);
    assert_near(f[0].ttft_mean_s, 11, 0);
    assert_near(f[0].ttft_p50_s, 12, 0);
    assert_near(f[0].ttft_p90_s, 13, 0);
    assert_near(f[0].ttft_p99_s, 14, 0);
    assert_near(f[0].tpot_mean_s, 21, 0);
    assert_near(f[0].tpot_p99_s, 24, 0);
    assert_near(f[0].e2e_mean_s, 31, 0);
    assert_near(f[0].e2e_p99_s, 34, 0);
    assert_near(f[0].slo_attained, 0.9, 0);
    assert_near(f[0].goodput_per_s, 41, 0);
    assert_near(f[0].usd_per_million_tokens, 42, 0);
    assert_true(isnan(f[0].makespan_s) && isnan(f[0].queue_mean_s));
    assert_near(f[1].queue_mean_s, 51, 0);
    assert_near(f[1].queue_p50_s, 52, 0);
    assert_near(f[1].queue_p90_s, 53, 0);
    assert_near(f[1].queue_p99_s, 54, 0);
    assert_near(f[1].completion_mean_s, 61, 0);
    assert_near(f[1].completion_p99_s, 64, 0);
    assert_near(f[1].makespan_s, 71, 0);
    assert_near(f[1].deadlines_missed_frac, 0.25, 0);
    assert_true(isnan(f[1].ttft_mean_s) && isnan(f[1].slo_attained));
    /* each pays its own lines: 0.12 USD for 2 items, 0.05 USD for 4 */
    assert_near(f[0].usd_per_1k_items, 60, 1e-9);
    assert_near(f[1].usd_per_1k_items, 12.5, 1e-9);
}

static void what_was_not_measured_is_nan(void **state)
{
    struct model_policy_result p = by_hand();
    struct model_workload_result nothing = {.name = "a", .per_s = {NAN, NAN}};
    struct model_serving_result s = {.slo_attained = {1, NAN},
                                     .goodput_per_s = {1, NAN}};
    struct model_run_figures run;
    struct model_workload_figures f;

    (void)state;
    nothing.serving = &s;
    p.cost.known = false;
    p.workloads = &nothing;
    model_figures_take(&p, &run, &f);
    assert_true(isnan(run.usd) && isnan(run.usd_per_h) && isnan(run.floor_usd) &&
                isnan(run.idle_usd) && isnan(run.unallocated_usd));
    assert_true(isnan(f.keeps_up_frac) && isnan(f.usd_per_1k_items) && isnan(f.per_s) &&
                isnan(f.busy_frac));
    assert_true(isnan(f.slo_attained) && isnan(f.goodput_per_s)); /* no SLO */
    p.cost.known = true;
    p.time_s.mean = 0;
    model_figures_take(&p, &run, &f);
    assert_near(run.usd, 0.2, 0);
    assert_true(isnan(run.usd_per_h) && isnan(f.usd_per_1k_items));
}

static void designs_have_names(void **state)
{
    (void)state;
    assert_string_equal(model_design_name(MODEL_DESIGN_GRID), "grid");
    assert_string_equal(model_design_name(MODEL_DESIGN_ONE_AT_A_TIME), "one-at-a-time");
    for (int i = 0; i < MODEL_DESIGNS; i++)
        assert_true(strlen(model_design_name((enum model_design)i)) > 2);
}

#define N_ROWS (sizeof parse_rows / sizeof parse_rows[0])

int main(void)
{
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(every_member_of_a_run_stands_once),
        cmocka_unit_test(every_member_of_a_workload_stands_once),
        cmocka_unit_test(rows_are_in_order_of_members_with_names_of_their_own),
        cmocka_unit_test(every_figure_is_found_by_its_name),
        cmocka_unit_test(run_figures_are_what_the_result_says),
        cmocka_unit_test(pipeline_has_figures_of_a_pipeline_alone),
        cmocka_unit_test(serving_and_jobs_have_theirs),
        cmocka_unit_test(what_was_not_measured_is_nan),
        cmocka_unit_test(designs_have_names),
    };
    enum { N_ALONE = sizeof alone / sizeof alone[0] };
    struct CMUnitTest tests[N_ALONE + N_ROWS];

    memcpy(tests, alone, sizeof alone);
    for (size_t i = 0; i < N_ROWS; i++)
        tests[N_ALONE + i] =
            (struct CMUnitTest){.name = parse_rows[i].name,
                                .test_func = names_a_figure_or_is_refused,
                                .initial_state = &parse_rows[i]};
    return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
