/* report/planned.h: a plan on a terminal and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/planned.h"
#include "report/planned_parts.h"
#include "report/text.h"
#include "tests/planned_fixture.h"
#include "tests/report_help.h"

#define N(rows) (sizeof rows / sizeof rows[0])

static const char *const hostile[] = {
    "=HYPERLINK(\"http://x\",\"y\")",
    "two\nlines\tand \"quotes\" \\ '",
    "\xf0\x9f\x8d\x95\xf0\x9f\x8d\x95 \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e <script>",
    "\x1b[31mred\x1b[0m \xe2\x80\xae backwards",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
};

/* ---- on a terminal ---- */

static char *printed(struct sp_arena *arena, const struct model_planned *p, int columns,
                     bool blocks)
{
    const struct report_terminal_options how = {.columns = columns, .blocks = blocks};
    char *text = NULL, *own;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    struct sp_err err = {0};

    assert_non_null(f);
    if (report_planned_print(f, p, &how, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(fclose(f), 0);
    own = sp_arena_strdup(arena, text);
    free(text);
    return own;
}

static const struct fact {
    const char *name;
    enum fixture_plan which;
    const char *want[8]; /* in this order, blanks and line breaks as one blank */
} facts[] = {
    /* 240 USD/h x 730 h = 175200 USD; 40 / 39.96 - 1 = 0.1 % */
    {"the_plan_comes_first",
     FIXTURE_PLAN_FULL,
     {"=> 4 gpu-node and 28 cpu-node: 240.00 USD/h, 175200 USD a month (40.00 USD a "
      "run of 10m)",
      "gpu-node on-demand 4 32.00 128.00 93440",
      "cpu-node on-demand 28 4.00 112.00 81760", "all 32 240.00 175200",
      "prep embed preprocess 1 2048 99.5%", "gpu embed infer 1 32 90.0%"}},
    {"the_bound_and_the_gap_stand_in_words",
     FIXTURE_PLAN_FULL,
     {"No fleet of fixed size costs less than 39.96 USD a run (239.76 USD/h at the "
      "plan's time): GPU time of infer, CPU time of preprocess. The plan is 0.1 % "
      "above "
      "it.",
      "the work costs 37.50 USD or more.",
      "Complete: 12 fleets could have been cheaper",
      "1234 candidates, 567 runs; cost to 1.0%."}},
    {"targets_have_figure_runs_and_verdict",
     FIXTURE_PLAN_FULL,
     {"embed: latency p99 at most 2 s 1.8 s +- 12 ms 10 of 10 yes",
      "* embed: done of what arrives at least 99 % 99.80% +- 0.04% 10 of 10 yes",
      "* follows from the scenario"}},
    /* 14 s of 2 s is 600 % more */
    {"what_binds_is_what_fewer_nodes_miss",
     FIXTURE_PLAN_FULL,
     {"Binds: embed: latency p99 at most 2 s (one cpu-node fewer misses it by 600.0 %)",
      "how full is of", "GPU of gpu-node 31.50 GPU 32 GPU",
      "target embed: latency p99 1.8 s 2 s", "target embed: rate 1018/s 1024/s"}},
    /* 1024 / 240 = 4.267; 4 of 244 USD/h are 1.6 % */
    {"who_loses_is_told_with_by_how_much",
     FIXTURE_PLAN_FULL,
     {"Bundling: disaggregated: every stage is a unit of its own (preprocess | infer); "
      "bundling loses here: preprocess + infer with 32 gpu-node costs 326.7 % more.",
      "Second of those run: 4 gpu-node and 29 cpu-node (preprocess | infer), 40.67 USD "
      "a run; the plan: cheaper by 1.6 %.",
      "Cheapest other mix: 32 gpu-node (preprocess + infer), 170.67 USD a run; the "
      "plan: cheaper by 76.6 %."}},
    {"policies_as_written_stand_beside_it",
     FIXTURE_PLAN_FULL,
     {"monolithic 170.67 1024.00 +326.7 % yes", "starved 34.67 208.00 -13.3 % NO",
      "misses embed: latency p99 at most 2 s by 375.0 %", "barred - - - NO",
      "unit 'gpu' fits on no node type"}},
    {"steps_say_what_misses_and_what_gains",
     FIXTURE_PLAN_FULL,
     {"one cpu-node fewer -0.6667 MISSED latency p99 is 14 s, 600 % over",
      "one cpu-node more +0.6667 +- 0.1000 met latency p99 falls by 50 ms",
      "one unit infer more - can't no room on these nodes"}},
    {"the_frontier_is_a_table_and_bars",
     FIXTURE_PLAN_FULL,
     {"- frontier -", "latency p99 USD a run met", "1.8 s 40.00 ####............ yes",
      "4 gpu-node and 28 cpu-node: preprocess | infer",
      "1.7 s 170.67 ################ yes", "32 gpu-node: preprocess + infer"}},
    {"prices_have_source_and_date",
     FIXTURE_PLAN_FULL,
     {"gpu-node 32.00 assumed scenario undated",
      "cpu-node 4.00 list price catalog prices 2026-07-20",
      "catalog: built-in, prices of 2026-07-20"}},
    {"what_can_not_be_met_is_named_first",
     FIXTURE_PLAN_INFEASIBLE,
     {"INFEASIBLE: embed: latency p99 at most 2 s can't be met: the service times",
      "=> closest: 4 gpu-node and 40 cpu-node: 288.00 USD/h",
      "embed: latency p99 at most 2 s 2.3 s +- 12 ms 4 of 10 NO"}},
    {"nothing_is_close",
     FIXTURE_PLAN_NOTHING,
     {"INFEASIBLE: embed: latency p99", "No fleet of fixed size costs less than"}},
    {"the_least_ratio_that_is_enough_is_the_answer",
     FIXTURE_PLAN_RATIO,
     {"=> prep:gpu: 61 for each keep it 95.3% +- 0.2% busy (95.0% asked for)",
      "32 32 to 1 50.0% +- 0.1%", "* 61 61 to 1 95.3% +- 0.2%",
      "* 64 64 to 1 99.9% +- 0.1%"}},
};

/* Blanks and line breaks are one blank: how lines are broken is for other tests. */
static char *squeezed(char *text)
{
    char *to = text;

    for (const char *p = text; *p != '\0'; p++)
        if (*p != ' ' && *p != '\n')
            *to++ = *p;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = '\0';
    return text;
}

static void a_fact_is_told(void **state)
{
    const struct fact *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_planned *p = fixture_planned(arena, row->which, NULL);
    const char *text = squeezed(printed(arena, p, 80, false)), *at = text;

    for (int i = 0; i < 8 && row->want[i] != NULL; i++) {
        at = strstr(at, row->want[i]);
        if (at == NULL)
            fail_msg("no '%s' (in this order) in:\n%s", row->want[i], text);
    }
    sp_arena_free(arena);
}

static void check_lines(const char *text, int columns)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        char *line = strndup(text, size);

        for (const char *c = line; *c != '\0'; c++)
            if ((unsigned char)*c < ' ' || *c == '\x7f')
                fail_msg("a control character in '%s'", line);
        assert_null(strstr(line, "\xe2\x80\xae"));
        if (report_text_width(line) > columns)
            fail_msg("%d columns of %d: '%s'", report_text_width(line), columns, line);
        free(line);
        text += size + (text[size] == '\n');
    }
}

static void every_line_fits_whatever_the_names_are(void **state)
{
    static const int widths[] = {60, 80, 132};

    (void)state;
    for (int which = 0; which < FIXTURE_PLANS; which++)
        for (size_t w = 0; w < N(widths); w++)
            for (size_t h = 0; h < N(hostile) + 1; h++) {
                struct sp_arena *arena = sp_arena_new();
                const struct model_planned *p =
                    fixture_planned(arena, (enum fixture_plan)which,
                                    h < N(hostile) ? hostile[h] : NULL);

                check_lines(printed(arena, p, widths[w], w % 2 == 1), widths[w]);
                sp_arena_free(arena);
            }
}

static void an_interrupted_search_says_so(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_planned *p = fixture_planned(arena, FIXTURE_PLAN_BARE, NULL);

    (void)state;
    assert_null(strstr(printed(arena, p, 80, false), "PARTIAL"));
    p->interrupted = true;
    p->complete = false;
    p->complete_text = NULL;
    assert_non_null(
        strstr(printed(arena, p, 80, false), "PARTIAL: interrupted; this is the best"));
    assert_non_null(strstr(printed(arena, p, 80, false), "Not complete: "));
    sp_arena_free(arena);
}

static void a_bound_that_is_not_known_is_no_number(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_planned *p = fixture_planned(arena, FIXTURE_PLAN_BARE, NULL);
    const char *text;

    (void)state;
    p->bound_usd = p->floor_usd = p->gap_frac = NAN;
    text = printed(arena, p, 80, false);
    assert_non_null(strstr(text, "No bound is known"));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "Whatever is bought"));
    p->bound_usd = 0;
    p->gap_frac = INFINITY;
    text = printed(arena, p, 80, false);
    assert_non_null(strstr(text, "No bound above 0 is known"));
    assert_null(strstr(text, " inf "));
    p->feasible = false;
    p->bound_usd = INFINITY;
    assert_null(strstr(printed(arena, p, 80, false), "fixed size costs"));
    sp_arena_free(arena);
}

static void an_elastic_policy_has_no_fixed_prices(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_planned *p = fixture_planned(arena, FIXTURE_PLAN_BARE, NULL);
    char *text;

    (void)state;
    p->best.policy = "scaled";
    p->best.nodes[0].mean = 2.5;
    p->best.nodes[1].count = p->best.units[0].count = -1;
    p->gap_frac = 40 / 37.5 - 1;
    text = squeezed(printed(arena, p, 80, false));
    assert_non_null(strstr(text,
                           "=> policy 'scaled' as written, up to 4 gpu-node (2.500 "
                           "in the mean) and any cpu-node: "));
    assert_non_null(strstr(text, "cpu-node on-demand any 4.00 - -"));
    assert_non_null(strstr(text, "Policy 'scaled' as written; nodes at their peak"));
    /* 40 USD against the floor of 37.50, not against what binds fixed fleets */
    assert_non_null(strstr(text, "CPU time of preprocess. Whatever is bought, in any "
                                 "parts and by the second, the work costs 37.50 USD or "
                                 "more. The plan is 6.7 % above it."));
    assert_non_null(strstr(text, "preprocess 1 any 99.5%"));
    sp_arena_free(arena);
}

/* ---- words ---- */

static void units_are_one_of_four_bundlings(void **state)
{
    static const struct {
        struct model_planned_unit units[4]; /* workload NULL ends */
        enum report_bundling want;
    } rows[] = {
        {{{.workload = NULL}}, REPORT_BUNDLING_NONE},
        {{{"a", .n_stages = 1}}, REPORT_BUNDLING_NONE},
        {{{"a", .unit = "x + y", .n_stages = 1}},
         REPORT_BUNDLING_NONE}, /* a stage's name */
        {{{"a", .n_stages = 1}, {"a", .n_stages = 1}}, REPORT_BUNDLING_APART},
        {{{"a", .n_stages = 2}}, REPORT_BUNDLING_ALL},
        {{{"a", .n_stages = 2}, {"a", .n_stages = 1}}, REPORT_BUNDLING_BETWEEN},
        {{{"a", .n_stages = 1},
          {"a", .n_stages = 1},
          {"b", .n_stages = 1},
          {"b", .n_stages = 1}},
         REPORT_BUNDLING_APART},
        {{{"a", .n_stages = 2}, {"b", .n_stages = 2}}, REPORT_BUNDLING_ALL},
        {{{"a", .n_stages = 2}, {"b", .n_stages = 1}, {"b", .n_stages = 1}},
         REPORT_BUNDLING_BETWEEN},
        {{{"a", .n_stages = 2}, {"b", .n_stages = 1}}, REPORT_BUNDLING_ALL},
    };

    (void)state;
    for (size_t i = 0; i < N(rows); i++) {
        struct model_planned_unit units[4];
        struct model_planned_fleet f = {.units = units};

        memcpy(units, rows[i].units, sizeof units);
        while (f.n_units < 4 && units[f.n_units].workload != NULL)
            f.n_units++;
        assert_int_equal(report_planned_bundling(&f), rows[i].want);
    }
}

/* Whether all was looked at and how near the bound is are two things. */
static void a_gap_says_what_it_is(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_planned *p = fixture_planned(arena, FIXTURE_PLAN_BARE, NULL);

    (void)state;
    assert_null(strstr(squeezed(printed(arena, p, 80, false)), "the gap to the bound"));
    p->bound_usd = 10;
    p->gap_frac = 3;
    assert_non_null(strstr(squeezed(printed(arena, p, 80, false)),
                           "the gap to the bound is no saving that was left out"));
    p->complete = false;
    assert_non_null(strstr(squeezed(printed(arena, p, 80, false)),
                           "a fleet up to 75.0 % cheaper is not ruled out"));
    p->complete = true;
    p->bound_usd = 0;
    p->gap_frac = INFINITY;
    assert_null(strstr(squeezed(printed(arena, p, 80, false)), "the gap to the bound"));
    sp_arena_free(arena);
}

/* 240 USD/h by price; 252 are 5 % more, and 183960 USD in 730 hours. */
static void what_was_billed_beyond_the_price_is_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_planned *p = fixture_planned(arena, FIXTURE_PLAN_BARE, NULL);
    const char *text;

    (void)state;
    assert_null(strstr(squeezed(printed(arena, p, 80, false)), "were billed"));
    p->best.usd_per_h = (struct model_stat){252, 1};
    text = squeezed(printed(arena, p, 80, false));
    assert_non_null(strstr(text, "252.00 +- 1.00 USD/h, 183960 +- 730 USD a month"));
    assert_non_null(
        strstr(text, "all 32 240.00 175200 The runs were billed 5.0 % more"));
    sp_arena_free(arena);
}

static void a_difference_is_never_a_bare_number(void **state)
{
    static const struct {
        double usd;
        struct model_stat more;
        const char *want;
    } rows[] = {
        {88, {12, 3}, "cheaper by 12.0 % +- 3.0"},
        {100, {0.5, 0.6}, "no difference in cost shown"},
        {100, {0, 0}, "no difference in cost shown"},
        {88, {12, NAN}, "cheaper by 12.0 %"},
        {88, {12, 0}, "cheaper by 12.0 %"},
        {88, {12, 0.04}, "cheaper by 12.0 %"},
        {110, {-10, 1}, "dearer by 10.0 % +- 1.0"},
        {100, {NAN, NAN}, "its cost is not known"},
        {NAN, {1, NAN}, "its cost is not known"},
    };
    const struct report_terminal_options how = {.columns = 80};
    struct report_page page;
    struct sp_err err = {0};
    FILE *null = fopen("/dev/null", "w");

    (void)state;
    assert_non_null(null);
    report_page_open(&page, &how);
    for (size_t i = 0; i < N(rows); i++)
        assert_string_equal(report_planned_cheaper(&page, rows[i].usd, rows[i].more),
                            rows[i].want);
    assert_int_equal(report_page_close(&page, null, &err), SP_OK);
    assert_int_equal(fclose(null), 0);
}

/* ---- JSON ---- */

static json_t *written(struct help_place *place, const struct model_planned *p)
{
    const char *path = help_path(place->arena, place->folder, "plan.json");
    struct sp_err err = {0};
    json_error_t why;
    json_t *root;

    if (report_planned_write_json(path, p, &err) != SP_OK)
        fail_msg("%s", err.text);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        fail_msg("%s", why.text);
    return root;
}

static json_t *at(json_t *root, const char *path)
{
    char *parts = strdup(path), *rest = parts, *part;

    while ((part = strsep(&rest, ".")) != NULL && root != NULL)
        root = json_is_array(root) ? json_array_get(root, (size_t)atoi(part))
                                   : json_object_get(root, part);
    free(parts);
    return root;
}

static void json_has_every_figure_unrounded(void **state)
{
    static const struct {
        const char *path;
        double want;
    } rows[] = {
        {"seed", 1},
        {"replications", 10},
        {"precision_frac", 0.01},
        {"plan.best.nodes.1.count", 28},
        {"plan.best.nodes.0.usd_per_h", 32},
        {"plan.best.units.0.count", 2048},
        {"plan.best.units.0.busy_frac", 0.995},
        {"plan.best.usd.mean", 240 / 6.0},
        {"plan.best.targets.0.value.half95", 0.012},
        {"plan.best.targets.0.miss_frac", 1.8 / 2 - 1},
        {"plan.targets.0.at_most", 2},
        {"plan.targets.1.at_least", 0.99},
        {"plan.bound.usd", 39.96},
        {"plan.bound.gap_frac", 40 / 39.96 - 1},
        {"plan.bound.floor_usd", 37.5},
        {"plan.second.usd_more.mean", 4.0 / 6},
        {"plan.runner_up.usd_more.mean", (1024 - 240) / 6.0},
        {"plan.as_written.0.usd_per_h.mean", 1024},
        {"plan.steps.0.usd_more.mean", -4.0 / 6},
        {"plan.steps.1.fleet.nodes.1.count", 29},
        {"plan.binds.0.limit", 32},
        {"plan.frontier.points.2.traded.mean", 1.7},
        {"plan.candidates", 1234},
        {"plan.runs", 567},
        {"values.1.value", 4},
    };
    struct help_place *place = *state;
    json_t *root =
        written(place, fixture_planned(place->arena, FIXTURE_PLAN_FULL, NULL));

    for (size_t i = 0; i < N(rows); i++) {
        json_t *value = at(root, rows[i].path);

        if (!json_is_number(value))
            fail_msg("%s is no number", rows[i].path);
        if (json_number_value(value) != rows[i].want)
            fail_msg("%s is %.17g, expected %.17g", rows[i].path,
                     json_number_value(value), rows[i].want);
    }
    assert_true(json_is_true(at(root, "plan.feasible")));
    assert_true(json_is_null(at(root, "plan.ratio")));
    assert_true(json_is_null(at(root, "plan.as_written.2.usd")));
    assert_string_equal(json_string_value(at(root, "plan.frontier.figure")),
                        "latency_p99_s");
    json_decref(root);
}

static void json_of_an_infeasible_plan_has_what_comes_closest(void **state)
{
    struct help_place *place = *state;
    json_t *root =
        written(place, fixture_planned(place->arena, FIXTURE_PLAN_INFEASIBLE, NULL));

    assert_true(json_is_false(at(root, "plan.feasible")));
    assert_null(at(root, "plan.best"));
    assert_int_equal(json_integer_value(at(root, "plan.closest.nodes.1.count")), 40);
    assert_true(json_is_null(at(root, "plan.bound.gap_frac")));
    json_decref(root);
}

static void json_holds_any_name(void **state)
{
    struct help_place *place = *state;

    for (int which = 0; which < FIXTURE_PLANS; which++)
        for (size_t h = 0; h < N(hostile); h++)
            json_decref(
                written(place, fixture_planned(place->arena, (enum fixture_plan)which,
                                               hostile[h])));
}

int main(void)
{
    static struct CMUnitTest tests[64] = {
        cmocka_unit_test(every_line_fits_whatever_the_names_are),
        cmocka_unit_test(an_interrupted_search_says_so),
        cmocka_unit_test(a_bound_that_is_not_known_is_no_number),
        cmocka_unit_test(an_elastic_policy_has_no_fixed_prices),
        cmocka_unit_test(units_are_one_of_four_bundlings),
        cmocka_unit_test(a_gap_says_what_it_is),
        cmocka_unit_test(what_was_billed_beyond_the_price_is_told),
        cmocka_unit_test(a_difference_is_never_a_bare_number),
        cmocka_unit_test_setup_teardown(json_has_every_figure_unrounded,
                                        help_place_set_up, help_place_tear_down),
        cmocka_unit_test_setup_teardown(
            json_of_an_infeasible_plan_has_what_comes_closest, help_place_set_up,
            help_place_tear_down),
        cmocka_unit_test_setup_teardown(json_holds_any_name, help_place_set_up,
                                        help_place_tear_down),
    };
    size_t n = 11;

    for (size_t i = 0; i < N(facts); i++)
        tests[n++] = (struct CMUnitTest){.name = facts[i].name,
                                         .test_func = a_fact_is_told,
                                         .initial_state = (void *)(uintptr_t)&facts[i]};
    return _cmocka_run_group_tests("planned", tests, n, NULL, NULL);
}
