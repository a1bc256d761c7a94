/* report/workbook.h, by its unpacked parts: formulas with their values, names as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/workbook.h"
#include "tests/book_fixture.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

struct unpacked {
    struct sp_arena *arena;
    char *folder;
    const char *path;
    char *workbook, *strings, *charts[64];
};

static void unpack_result(struct unpacked *u, const struct report_context *c)
{
    struct sp_err err = {0};

    u->folder = help_folder_new(u->arena);
    u->path = help_path(u->arena, u->folder, "x.xlsx");
    if (report_workbook_write(u->path, c, &err) != SP_OK)
        fail_msg("%s", err.text);
    u->workbook = help_unzip(u->arena, u->path, "xl/workbook.xml");
    u->strings = help_unzip(u->arena, u->path, "xl/sharedStrings.xml");
    for (int i = 0; i < 64; i++)
        u->charts[i] =
            help_unzip(u->arena, u->path,
                       sp_arena_printf(u->arena, "xl/charts/chart%d.xml", i + 1));
}

/* A result with everything that a workbook shows. */
static struct model_result *full_result(struct unpacked *u,
                                        const struct fixture_options *options)
{
    struct model_result *r = fixture_result_new(u->arena, options);

    book_fixture_fill(u->arena, r);
    return r;
}

static void unpack(struct unpacked *u, const struct fixture_options *options)
{
    struct report_context c;

    u->arena = sp_arena_new();
    c = book_fixture_context(u->arena, full_result(u, options),
                             options->name != NULL ? options->name : "time of infer");
    unpack_result(u, &c);
}

static void done(struct unpacked *u)
{
    help_folder_remove(u->folder);
    sp_arena_free(u->arena);
}

/* NULL where the workbook has no such sheet. */
static const char *sheet(struct unpacked *u, const char *name)
{
    const char *at =
        strstr(u->workbook, sp_arena_printf(u->arena, "<sheet name=\"%s\" ", name));

    if (at == NULL)
        return NULL;
    return help_unzip(u->arena, u->path,
                      sp_arena_printf(u->arena, "xl/worksheets/sheet%d.xml",
                                      atoi(strstr(at, "sheetId=\"") + 9)));
}

/* The element of one cell: from its "<c r=" to "</c>" or "/>". */
static const char *cell(struct unpacked *u, const char *name, const char *at)
{
    const char *all = sheet(u, name), *from, *to;

    if (all == NULL)
        fail_msg("there is no sheet %s", name);
    from = strstr(all, sp_arena_printf(u->arena, "<c r=\"%s\"", at));
    if (from == NULL)
        fail_msg("sheet %s has no cell %s", name, at);
    to = strstr(from, "<c r=\"") == from ? strstr(from + 1, "<c r=\"") : NULL;
    if (to == NULL || to > strstr(from, "</row>"))
        to = strstr(from, "</row>");
    return sp_arena_printf(u->arena, "%.*s", (int)(to - from), from);
}

static void check_formula(struct unpacked *u, const char *name, const char *at,
                          const char *formula, double value)
{
    const char *c = cell(u, name, at), *v = strstr(c, "</f><v>");

    if (strstr(c, sp_arena_printf(u->arena, "<f>%s</f>", formula)) == NULL)
        fail_msg("%s is %s, expected the formula %s", at, c, formula);
    assert_non_null(v);
    assert_true(fabs(strtod(v + strlen("</f><v>"), NULL) - value) <=
                1e-9 * fabs(value));
}

static const char *const all_sheets[] = {
    "Summary",     "Assumptions", "Policies", "Stages",     "Kernels",     "Fleet",
    "Utilization", "Latency",     "Cost",     "Allocation", "Sensitivity", "Timeline",
    "Prices",      "Calibration", "Log",      "Cells"};
enum { SHEETS = sizeof all_sheets / sizeof all_sheets[0] };

static void sheets_have_their_names_and_order(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.kernels = true});
    for (int i = 0; i < SHEETS; i++)
        assert_non_null(strstr(
            u.workbook, sp_arena_printf(u.arena, "<sheet name=\"%s\" sheetId=\"%d\"",
                                        all_sheets[i], i + 1)));
    assert_int_equal(help_occurrences(u.workbook, "<sheet name="), SHEETS);
    done(&u);
}

static void sheets_with_nothing_to_say_are_left_out(void **state)
{
    static const char *const absent[] = {"Serving",     "Jobs",  "Teams",
                                         "Kernels",     "Cost",  "Timeline",
                                         "Calibration", "Cells", "Allocation"};
    struct unpacked u = {.arena = sp_arena_new()};
    struct report_context c = {
        .result = fixture_result_new(u.arena, &(struct fixture_options){0}),
        .created_s = 1};

    (void)state;
    unpack_result(&u, &c);
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        assert_null(sheet(&u, absent[i]));
    done(&u);
}

/* Row 7 is the last stage of the second policy. */
static void tasks_lost_with_nodes_are_counted(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.strings, "tasks lost"));
    assert_non_null(strstr(cell(&u, "Stages", "U6"), "<v>0</v>"));
    assert_non_null(strstr(cell(&u, "Stages", "U7"), "<v>17</v>"));
    done(&u);
}

/* 32 nodes at 32 USD/h or 4 of them and 28 at 4 USD/h, for 200 s; a month of 730 h is
 * 13,140 runs. */
static void money_is_formulas_over_named_prices(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.workbook, "<definedName name=\"price_gpu_node\">"
                                       "'Assumptions'!$C$6</definedName>"));
    assert_non_null(strstr(cell(&u, "Assumptions", "C6"), "<v>32</v>"));
    assert_non_null(strstr(cell(&u, "Assumptions", "C8"), "<v>730</v>"));
    check_formula(&u, "Prices", "C4",
                  "IF(ISNUMBER(price_gpu_node),price_gpu_node,\"no price\")", 32);
    check_formula(
        &u, "Prices", "D4",
        "IF(ISNUMBER(C4),C4*(1-discount)*(1-reserved_share*reserved_discount),"
        "\"no price\")",
        32);
    check_formula(&u, "Fleet", "I5",
                  "IF(ISNUMBER(Prices!$H$4),L5*Prices!$H$4,IF(ISNUMBER(H5),G5*H5,"
                  "\"unknown\"))",
                  4 * 200.0 / 3600 * 32);
    check_formula(&u, "Policies", "B10",
                  "IF(COUNT(Fleet!$I$5:$I$6)=ROWS(Fleet!$I$5:$I$6),"
                  "SUM(Fleet!$I$5:$I$6),\"unknown\")",
                  40.0 / 3);
    check_formula(&u, "Policies", "D10",
                  "IF(AND(ISNUMBER(B10),ISNUMBER(runs_per_month)),B10*runs_per_month,"
                  "\"unknown\")",
                  40.0 / 3 * 13140);
    check_formula(&u, "Policies", "B15",
                  "IF(AND(ISNUMBER(D9),ISNUMBER(D10)),D9-D10,\"unknown\")",
                  (56 + 8.0 / 9 - 40.0 / 3) * 13140);
    done(&u);
}

/* Of the second policy's cells, rows 9 to 18: two nodes with five each. */
static void parts_lines_and_owners_are_sums_over_cells(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    check_formula(&u, "Cells", "M9",
                  "IF(ISNUMBER(Prices!$H$4),J9*Prices!$H$4,\"new run\")",
                  0.3 * 4 * 200.0 / 3600 * 32);
    check_formula(&u, "Cost", "B7", "SUMIFS(Cells!$M$9:$M$18,Cells!$P$9:$P$18,1)",
                  0.4 * 40 / 3);
    assert_non_null(
        strstr(sheet(&u, "Allocation"), "SUMIFS(Cells!$M$9:$M$18,Cells!$S$9:$S$18,1)"));
    done(&u);
}

static const char *checks_of(struct unpacked *u)
{
    return sheet(u, "Allocation");
}

/* A cell more than the bill: sums no longer are the bill, and the cells that must be 0
 * are not. */
static void bill_that_does_not_add_up_is_told(void **state)
{
    struct unpacked u = {.arena = sp_arena_new()}, good;
    struct model_result *r = full_result(&u, &(struct fixture_options){0});
    struct report_context c = {.result = r, .created_s = 1};

    (void)state;
    unpack(&good, &(struct fixture_options){0});
    assert_non_null(strstr(cell(&good, "Policies", "H19"), "<v>ok</v>"));
    assert_non_null(strstr(cell(&good, "Summary", "B4"), "<v>ok</v>"));
    assert_int_equal(help_occurrences(checks_of(&good), ",5)</f><v>0</v>"), 4);
    assert_int_equal(
        help_occurrences(checks_of(&good), "operator=\"notEqual\"><formula>0<"), 4);
    r->policies[0].cost.lines[0].uusd += 1;
    r->policies[1].cost.cells[0].mean_usd += 1;
    unpack_result(&u, &c);
    assert_non_null(strstr(cell(&u, "Policies", "H19"), "<v>DIFFERS</v>"));
    assert_non_null(strstr(cell(&u, "Summary", "B4"), "<v>see Policies</v>"));
    assert_int_equal(help_occurrences(checks_of(&u), ",5)</f><v>0</v>"), 2);
    assert_int_equal(help_occurrences(checks_of(&u), ",5)</f><v>1</v>"), 2);
    done(&good);
    done(&u);
}

static void cells_that_may_be_changed_are_marked_and_checked(void **state)
{
    static const char *const names[] = {"hours_per_month", "discount",
                                        "reserved_share",  "reserved_discount",
                                        "swing",           "runs_per_month"};
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(
            strstr(u.workbook,
                   sp_arena_printf(u.arena, "<definedName name=\"%s\">", names[i])));
    assert_non_null(strstr(sheet(&u, "Assumptions"), "<dataValidations count=\"7\">"));
    assert_int_equal(help_occurrences(help_unzip(u.arena, u.path, "xl/comments1.xml"),
                                      "<comment ref"),
                     7);
    done(&u);
}

static void usd_per_million_tokens_follow_the_prices(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.serving = true});
    /* requests x 1,200 tokens, in millions: 99,990 were done */
    assert_true(fabs(strtod(strstr(cell(&u, "Serving", "Z6"), "<v>") + 3, NULL) -
                     119.988) < 1e-4);
    check_formula(&u, "Serving", "W7",
                  "IF(AND(ISNUMBER(Policies!$B$10),ISNUMBER(Z7),Z7&lt;&gt;0),"
                  "Policies!$B$10/Z7,\"unknown\")",
                  40.0 / 3 / 119.988);
    assert_non_null(strstr(sheet(&u, "Summary"), "<f>Serving!$W$7</f>"));
    done(&u);
    unpack(&u, &(struct fixture_options){.serving = true, .no_price = true});
    assert_non_null(strstr(cell(&u, "Serving", "W6"), "<v>unknown</v>"));
    assert_true(fabs(strtod(strstr(cell(&u, "Serving", "Z6"), "<v>") + 3, NULL) -
                     119.988) < 1e-9);
    done(&u);
}

static void serving_has_its_tables(void **state)
{
    static const char *const strings[] = {
        "Pools of replicas",    "By length of the prompt", "The SLO over time",
        "KV held back p99 (s)", "llama-3.1-70b",           "time to first token"};
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.serving = true});
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        assert_non_null(strstr(u.strings, strings[i]));
    done(&u);
    unpack(&u, &(struct fixture_options){.serving = true, .name = "=1+1 "});
    assert_int_equal(help_occurrences(sheet(&u, "Serving"), "<f>"), 2 * 3);
    done(&u);
}

static void jobs_have_their_sheets(void **state)
{
    struct unpacked u = {.arena = sp_arena_new()};
    struct model_result *r = full_result(&u, &(struct fixture_options){.jobs = true});
    struct report_context c = {.result = r, .created_s = 1};
    const char *teams;

    (void)state;
    unpack_result(&u, &c);
    assert_non_null(strstr(u.strings, "more than 8 GPUs"));
    assert_non_null(strstr(u.strings, "waiting: head of line"));
    assert_non_null(strstr(u.strings, "cheapest for 1 GPU + 8 CPUs"));
    assert_int_equal(help_occurrences(sheet(&u, "Jobs"), "<f>"), 0);
    /* The first policy: 3 teams from row 6, 3 lines that are no team's, sum, bill. */
    teams = sheet(&u, "Teams");
    assert_non_null(strstr(teams, "<f>SUM(C6:C11)</f><v>56.888889</v>"));
    assert_non_null(strstr(teams, "<f>SUM(D6:D11)</f><v>56.888889</v>"));
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(C12-C13),0)</f><v>0</v>"));
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(D12-D13),0)</f><v>0</v>"));
    assert_int_equal(help_occurrences(teams, "<v>ok</v>"), 2);
    r->policies[0].teams[1].busy_uusd += 1;
    help_folder_remove(u.folder);
    unpack_result(&u, &c);
    teams = sheet(&u, "Teams");
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(D12-D13),0)</f><v>1</v>"));
    assert_int_equal(help_occurrences(teams, "<v>DIFFERS</v>"), 1);
    done(&u);
}

static void kernels_have_their_sheet(void **state)
{
    struct unpacked u;
    const char *kernels;

    (void)state;
    unpack(&u, &(struct fixture_options){.kernels = true});
    assert_non_null(strstr(u.strings, "<t>jpeg_decode</t>"));
    assert_non_null(strstr(u.strings, "<t>extrapolated</t>"));
    kernels = sheet(&u, "Kernels");
    /* A row for each stage of both policies; of the first policy's first: */
    assert_int_equal(help_occurrences(kernels, "<v>12500</v>"), 4);
    assert_non_null(strstr(kernels, "<c r=\"J4\""));
    assert_non_null(strstr(kernels, "<v>0.25</v>"));
    assert_non_null(strstr(kernels, "<v>1.75</v>"));
    assert_non_null(strstr(kernels, "<v>0.153</v>"));
    done(&u);
}

static void jobs_without_price_or_teams_or_end_are_written(void **state)
{
    const struct fixture_options rows[] = {
        {.jobs = true, .no_price = true},
        {.jobs = true, .n_teams = 1},
        {.jobs = true, .endless = true, .n_runs = 3},
        {.jobs = true, .name = "=1+1 ", .n_teams = 40},
    };
    struct unpacked u;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unpack(&u, &rows[i]);
        assert_null(strstr(sheet(&u, "Jobs"), "nan"));
        assert_null(strstr(sheet(&u, "Teams"), "<f>1+1"));
        done(&u);
    }
}

/* ---- names from files ---- */

static int count_formulas(struct unpacked *u)
{
    int n = 0;

    for (int i = 0; i < SHEETS; i++)
        n += help_occurrences(sheet(u, all_sheets[i]), "<f>");
    return n;
}

/* Cells of kind "s" are text; a formula is one only where we put it, and none holds a
 * name. */
static void hostile_names_stay_text(void **state)
{
    char long_name[301];
    const char *const names[] = {"=1+1",         "+1",
                                 "-1",           "@SUM(A1)",
                                 "\"q'\n<&>",    "\t=cmd|' /C calc'!A0",
                                 ">0",           "*",
                                 "&L&Z&A",       "\u202eabc",
                                 "\U0001F680 x", "<script>alert(1)</script>",
                                 long_name};
    struct unpacked plain, u;
    int formulas;

    (void)state;
    memset(long_name, 'x', 300);
    long_name[300] = '\0';
    unpack(&plain, &(struct fixture_options){.kernels = true});
    formulas = count_formulas(&plain);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        unpack(&u, &(struct fixture_options){.name = names[n], .kernels = true});
        assert_int_equal(count_formulas(&u), formulas);
        for (int i = 0; i < SHEETS; i++) {
            const char *xml = sheet(&u, all_sheets[i]);

            assert_null(strstr(xml, "<f>1+1"));
            assert_null(strstr(xml, "cmd|' /C calc'!A0</f>"));
            assert_null(strstr(xml, "<script"));
        }
        for (int i = 0; i < 64 && u.charts[i] != NULL; i++) {
            assert_null(strstr(u.charts[i], "<script"));
            assert_null(strstr(u.charts[i], "<c:f>1+1"));
            assert_null(strstr(u.charts[i], "<c:f>cmd"));
        }
        assert_non_null(strstr(cell(&u, "Fleet", "A4"), "t=\"s\""));
        done(&u);
    }
    unpack(&u, &(struct fixture_options){.name = "a<&>\033\n"});
    assert_non_null(strstr(u.strings, "a&lt;&amp;&gt;\uFFFD\nmonolithic0"));
    assert_null(strchr(u.charts[1], '\033'));
    done(&u);
    done(&plain);
}

/* In the head of a page "&" begins a code, and 255 characters are all. */
static void heads_of_pages_hold_names_as_text(void **state)
{
    struct unpacked u;
    const char *head;

    (void)state;
    unpack(&u,
           &(struct fixture_options){.name = "&Z&F&[Path]&&&&&&&&&&&&&&&&&&&&&&&&&&&"
                                             "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&"});
    head =
        strstr(sheet(&u, "Log"), "<oddHeader>&amp;L&amp;&amp;Z&amp;&amp;F&amp;&amp;");
    assert_non_null(head);
    assert_true(strstr(head, "</oddHeader>") - head < 11 + 5 * 255);
    done(&u);
}

/* Names of cells: a letter first, then letters, digits and underscores, all different.
 */
static void cell_names_are_valid_and_different(void **state)
{
    static const char *const names[] = {"",  "A1", "R1C1", "a b!c'd\"", "\u540d\u524d",
                                        "=", "0"};

    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct unpacked u;
        char *p;

        unpack(&u, &(struct fixture_options){.name = names[n]});
        p = strstr(u.workbook, "<definedName name=\"price_");
        assert_non_null(p);
        p += strlen("<definedName name=\"");
        assert_int_equal(
            p[strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_")],
            '"');
        assert_int_equal(help_occurrences(u.workbook, "<definedName name=\"price_"), 2);
        done(&u);
    }
}

/* Two types whose names differ only in what a cell's name can't hold. */
static void types_that_look_alike_get_cells_of_their_own(void **state)
{
    struct unpacked u = {.arena = sp_arena_new()};
    struct model_result *r = full_result(&u, &(struct fixture_options){0});
    struct report_context c = {.result = r, .created_s = 1};

    (void)state;
    r->policies[0].nodes[0].type = r->policies[1].nodes[0].type = "a-node";
    r->policies[1].nodes[1].type = "A node";
    unpack_result(&u, &c);
    assert_non_null(strstr(u.workbook, "\"price_a_node\""));
    assert_non_null(strstr(u.workbook, "\"price_A_node_2\""));
    done(&u);
}

static void missing_price_is_a_cell_to_fill_in(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.no_price = true});
    assert_null(strstr(cell(&u, "Assumptions", "C6"), "<v>"));
    assert_non_null(strstr(cell(&u, "Fleet", "I4"), "<v>unknown</v>"));
    assert_non_null(strstr(cell(&u, "Policies", "B9"), "<v>unknown</v>"));
    assert_non_null(strstr(cell(&u, "Policies", "H19"), "t=\"s\""));
    assert_null(sheet(&u, "Cells"));
    done(&u);
}

/* ---- charts and long tables ---- */

static void each_policy_has_its_charts(void **state)
{
    struct unpacked u;
    int n = 0;

    (void)state;
    unpack(&u, &(struct fixture_options){.n_policies = 3});
    while (n < 64 && u.charts[n] != NULL)
        n++;
    /* cost; GPUs, CPUs, queue; latency; parts; waterfalls; tornados; nodes; a kernel */
    assert_int_equal(n, 1 + 3 * 3 + 1 + 1 + 2 + 2 + 3 + 1);
    assert_non_null(strstr(u.charts[1], "<c:grouping val=\"percentStacked\"/>"));
    done(&u);
}

static void long_tables_are_samples_that_say_so(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.strings, "60 of 100 leases, evenly chosen"));
    assert_int_equal(help_occurrences(sheet(&u, "Timeline"), "<row "), 2 + 2 * 62);
    done(&u);
}

static void other_runs_are_swings_and_in_the_log(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.strings, "<t>workload: time of infer</t>"));
    assert_non_null(strstr(u.strings, "workload: time of infer: 2 instead of 1"));
    done(&u);
}

static void empty_result_is_still_a_workbook(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.empty = true, .partial = true});
    assert_non_null(strstr(u.strings, "PARTIAL"));
    done(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sheets_have_their_names_and_order),
        cmocka_unit_test(sheets_with_nothing_to_say_are_left_out),
        cmocka_unit_test(tasks_lost_with_nodes_are_counted),
        cmocka_unit_test(money_is_formulas_over_named_prices),
        cmocka_unit_test(parts_lines_and_owners_are_sums_over_cells),
        cmocka_unit_test(bill_that_does_not_add_up_is_told),
        cmocka_unit_test(cells_that_may_be_changed_are_marked_and_checked),
        cmocka_unit_test(usd_per_million_tokens_follow_the_prices),
        cmocka_unit_test(serving_has_its_tables),
        cmocka_unit_test(jobs_have_their_sheets),
        cmocka_unit_test(kernels_have_their_sheet),
        cmocka_unit_test(jobs_without_price_or_teams_or_end_are_written),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(heads_of_pages_hold_names_as_text),
        cmocka_unit_test(cell_names_are_valid_and_different),
        cmocka_unit_test(types_that_look_alike_get_cells_of_their_own),
        cmocka_unit_test(missing_price_is_a_cell_to_fill_in),
        cmocka_unit_test(each_policy_has_its_charts),
        cmocka_unit_test(long_tables_are_samples_that_say_so),
        cmocka_unit_test(other_runs_are_swings_and_in_the_log),
        cmocka_unit_test(empty_result_is_still_a_workbook),
    };

    return cmocka_run_group_tests_name("report_workbook", tests, NULL, NULL);
}
