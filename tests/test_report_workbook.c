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
#include "tests/report_help.h"
#include "tests/result_fixture.h"

/* Sheets by the number of their part. */
enum {
    SUMMARY = 1,
    ASSUMPTIONS,
    POLICIES,
    STAGES,
    FLEET,
    UTILIZATION,
    COST_LINES,
    SHEETS = 7
};

struct unpacked {
    struct sp_arena *arena;
    char *sheets[SHEETS + 1], *workbook, *strings, *charts[32];
};

static void unpack(struct unpacked *u, const struct fixture_options *options)
{
    char *folder;
    const char *path;
    struct sp_err err = {0};

    u->arena = sp_arena_new();
    folder = help_folder_new(u->arena);
    path = help_path(u->arena, folder, "x.xlsx");
    if (report_workbook_write(path, fixture_result_new(u->arena, options), 1700000000,
                              &err) != SP_OK)
        fail_msg("%s", err.text);
    u->workbook = help_unzip(u->arena, path, "xl/workbook.xml");
    u->strings = help_unzip(u->arena, path, "xl/sharedStrings.xml");
    for (int i = 1; i <= SHEETS; i++) {
        u->sheets[i] = help_unzip(
            u->arena, path, sp_arena_printf(u->arena, "xl/worksheets/sheet%d.xml", i));
        assert_non_null(u->sheets[i]);
    }
    for (int i = 0; i < 32; i++)
        u->charts[i] = help_unzip(
            u->arena, path, sp_arena_printf(u->arena, "xl/charts/chart%d.xml", i + 1));
    help_folder_remove(folder);
}

/* The element of one cell: from its "<c r=" to "</c>" or "/>". */
static const char *cell(struct unpacked *u, int sheet, const char *at)
{
    const char *from =
        strstr(u->sheets[sheet], sp_arena_printf(u->arena, "<c r=\"%s\"", at));
    const char *to;

    if (from == NULL)
        fail_msg("sheet %d has no cell %s", sheet, at);
    to = strstr(from, "<c r=\"") == from ? strstr(from + 1, "<c r=\"") : NULL;
    if (to == NULL || to > strstr(from, "</row>"))
        to = strstr(from, "</row>");
    return sp_arena_printf(u->arena, "%.*s", (int)(to - from), from);
}

static void check_formula(struct unpacked *u, int sheet, const char *at,
                          const char *formula, double value)
{
    const char *c = cell(u, sheet, at), *v = strstr(c, "</f><v>");

    if (strstr(c, sp_arena_printf(u->arena, "<f>%s</f>", formula)) == NULL)
        fail_msg("%s is %s, expected the formula %s", at, c, formula);
    assert_non_null(v);
    assert_true(fabs(strtod(v + strlen("</f><v>"), NULL) - value) <= 1e-9 * value);
}

static void sheets_have_their_names(void **state)
{
    static const char *const names[] = {"Summary", "Assumptions", "Policies",  "Stages",
                                        "Fleet",   "Utilization", "Cost lines"};
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    for (int i = 0; i < SHEETS; i++)
        assert_non_null(strstr(u.workbook, sp_arena_printf(u.arena,
                                                           "<sheet name=\"%s\" "
                                                           "sheetId=\"%d\"",
                                                           names[i], i + 1)));
    sp_arena_free(u.arena);
}

/* Row 7 is the last stage of the second policy. */
static void tasks_lost_with_nodes_are_counted(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.strings, "tasks lost"));
    assert_non_null(strstr(cell(&u, STAGES, "U6"), "<v>0</v>"));
    assert_non_null(strstr(cell(&u, STAGES, "U7"), "<v>17</v>"));
    sp_arena_free(u.arena);
}

static void costs_are_formulas_over_named_prices(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(u.workbook, "<definedName name=\"price_gpu_node\">"
                                       "'Assumptions'!$C$4</definedName>"));
    assert_non_null(strstr(cell(&u, ASSUMPTIONS, "C4"), "<v>32</v>"));
    check_formula(&u, FLEET, "H4",
                  "IF(ISNUMBER(price_gpu_node),price_gpu_node,\"no price\")", 32);
    check_formula(&u, FLEET, "I4", "IF(ISNUMBER(H4),G4*H4,\"unknown\")",
                  32 * 200.0 / 3600 * 32);
    check_formula(&u, POLICIES, "B10",
                  "IF(COUNT(Fleet!$I$5:$I$6)=ROWS(Fleet!$I$5:$I$6),"
                  "SUM(Fleet!$I$5:$I$6),\"unknown\")",
                  40.0 / 3);
    check_formula(
        &u, POLICIES, "D10",
        "IF(AND(ISNUMBER(B10),ISNUMBER($B$9),$B$9&lt;&gt;0),B10/$B$9,\"unknown\")",
        0.234375);
    check_formula(&u, SUMMARY, "H8", "Policies!$B$10", 40.0 / 3);
    check_formula(&u, SUMMARY, "J8", "Policies!$D$10", 0.234375);
    check_formula(&u, SUMMARY, "D7", "Policies!$H$4", 0.125);
    sp_arena_free(u.arena);
}

/* Where something serves, the sheet Serving is the fourth. */
enum { SERVING = 4 };

static void usd_per_million_tokens_follow_the_prices(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.serving = true});
    assert_non_null(strstr(u.workbook, "<sheet name=\"Serving\" sheetId=\"4\""));
    /* requests x 1,200 tokens, in millions: 99,990 were done */
    assert_true(fabs(strtod(strstr(cell(&u, SERVING, "Z6"), "<v>") + 3, NULL) -
                     119.988) < 1e-4);
    check_formula(&u, SERVING, "W7",
                  "IF(AND(ISNUMBER(Policies!$B$10),ISNUMBER(Z7),Z7&lt;&gt;0),"
                  "Policies!$B$10/Z7,\"unknown\")",
                  40.0 / 3 / 119.988);
    sp_arena_free(u.arena);
    unpack(&u, &(struct fixture_options){.serving = true, .no_price = true});
    assert_non_null(strstr(cell(&u, SERVING, "W6"), "<v>unknown</v>"));
    assert_true(fabs(strtod(strstr(cell(&u, SERVING, "Z6"), "<v>") + 3, NULL) -
                     119.988) < 1e-9);
    sp_arena_free(u.arena);
}

static void serving_has_its_tables_and_charts(void **state)
{
    static const char *const strings[] = {
        "Pools of replicas", "By length of the prompt", "The SLO over time",
        "KV held back p99 (s)", "llama-3.1-70b"};
    struct unpacked u;
    int n = 0;

    (void)state;
    unpack(&u, &(struct fixture_options){.serving = true});
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        assert_non_null(strstr(u.strings, strings[i]));
    while (n < 32 && u.charts[n] != NULL)
        n++;
    assert_int_equal(n, 1 + 3 + 2 + 2 * 2);
    sp_arena_free(u.arena);
    unpack(&u, &(struct fixture_options){0});
    assert_null(strstr(u.workbook, "Serving"));
    sp_arena_free(u.arena);
    unpack(&u, &(struct fixture_options){.serving = true, .name = "=1+1 "});
    assert_int_equal(help_occurrences(u.sheets[SERVING], "<f>"), 2 * 3);
    sp_arena_free(u.arena);
}

static void bills_reconcile(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){0});
    assert_non_null(strstr(cell(&u, POLICIES, "H14"), "<v>ok</v>"));
    assert_non_null(strstr(cell(&u, SUMMARY, "B4"), "<v>ok</v>"));
    check_formula(&u, POLICIES, "E14", "SUM('Cost lines'!$E$4:$E$8)", 56.888889);
    assert_int_equal(help_occurrences(u.sheets[POLICIES], "operator=\"equal\""), 2);
    sp_arena_free(u.arena);
}

static void bill_that_does_not_add_up_is_told(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "x.xlsx");
    struct model_result *r = fixture_result_new(arena, &(struct fixture_options){0});

    (void)state;
    r->policies[0].cost.lines[0].uusd += 1;
    assert_int_equal(report_workbook_write(path, r, 1, NULL), SP_OK);
    assert_non_null(
        strstr(help_unzip(arena, path, "xl/worksheets/sheet3.xml"), "<v>DIFFERS</v>"));
    assert_non_null(strstr(help_unzip(arena, path, "xl/worksheets/sheet1.xml"),
                           "<v>see Policies</v>"));
    help_folder_remove(folder);
    sp_arena_free(arena);
}

/* Sheets 4 and 5 of 9. */
static const char *sheet_of(struct sp_arena *arena, const char *path, int n)
{
    return help_unzip(arena, path,
                      sp_arena_printf(arena, "xl/worksheets/sheet%d.xml", n));
}

static void jobs_have_their_sheets(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "x.xlsx"), *book, *jobs, *teams, *texts;
    struct model_result *r =
        fixture_result_new(arena, &(struct fixture_options){.jobs = true});

    (void)state;
    assert_int_equal(report_workbook_write(path, r, 1, NULL), SP_OK);
    book = help_unzip(arena, path, "xl/workbook.xml");
    assert_non_null(strstr(book, "<sheet name=\"Jobs\" sheetId=\"4\""));
    assert_non_null(strstr(book, "<sheet name=\"Teams\" sheetId=\"5\""));
    texts = help_unzip(arena, path, "xl/sharedStrings.xml");
    assert_non_null(strstr(texts, "more than 8 GPUs"));
    assert_non_null(strstr(texts, "waiting: head of line"));
    assert_non_null(strstr(texts, "cheapest for 1 GPU + 8 CPUs"));
    jobs = sheet_of(arena, path, 4);
    assert_int_equal(help_occurrences(jobs, "<f>"), 0);
    /* The first policy: 3 teams from row 6, 3 lines that are no team's, sum, bill. */
    teams = sheet_of(arena, path, 5);
    assert_non_null(strstr(teams, "<f>SUM(C6:C11)</f><v>56.888889</v>"));
    assert_non_null(strstr(teams, "<f>SUM(D6:D11)</f><v>56.888889</v>"));
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(C12-C13),0)</f><v>0</v>"));
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(D12-D13),0)</f><v>0</v>"));
    assert_int_equal(help_occurrences(teams, "<v>ok</v>"), 2);
    r->policies[0].teams[1].busy_uusd += 1;
    assert_int_equal(report_workbook_write(path, r, 1, NULL), SP_OK);
    teams = sheet_of(arena, path, 5);
    assert_non_null(strstr(teams, "<f>ROUND(1000000*(D12-D13),0)</f><v>1</v>"));
    assert_int_equal(help_occurrences(teams, "<v>DIFFERS</v>"), 1);
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void kernels_have_their_sheet(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *path = help_path(arena, folder, "x.xlsx"), *kernels, *texts;

    (void)state;
    assert_int_equal(
        report_workbook_write(
            path, fixture_result_new(arena, &(struct fixture_options){.kernels = true}),
            1, NULL),
        SP_OK);
    assert_non_null(strstr(help_unzip(arena, path, "xl/workbook.xml"),
                           "<sheet name=\"Kernels\" sheetId=\"5\""));
    texts = help_unzip(arena, path, "xl/sharedStrings.xml");
    assert_non_null(strstr(texts, "<t>jpeg_decode</t>"));
    assert_non_null(strstr(texts, "<t>extrapolated</t>"));
    kernels = sheet_of(arena, path, 5);
    /* A row for each stage of both policies; of the first policy's first: */
    assert_int_equal(help_occurrences(kernels, "<v>12500</v>"), 4);
    assert_non_null(strstr(kernels, "<c r=\"J4\""));
    assert_non_null(strstr(kernels, "<v>0.25</v>"));
    assert_non_null(strstr(kernels, "<v>1.75</v>"));
    assert_non_null(strstr(kernels, "<v>0.153</v>"));
    assert_int_equal(
        report_workbook_write(
            path, fixture_result_new(arena, &(struct fixture_options){0}), 1, NULL),
        SP_OK);
    assert_null(strstr(help_unzip(arena, path, "xl/workbook.xml"), "Kernels"));
    help_folder_remove(folder);
    sp_arena_free(arena);
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
        assert_non_null(strstr(u.workbook, "name=\"Jobs\""));
        assert_null(strstr(u.sheets[3], "nan"));
        assert_null(strstr(u.sheets[4], "<f>1+1"));
        sp_arena_free(u.arena);
    }
}

/* Cells of kind "s" are text; a formula is one only where we put it. */
static void hostile_names_stay_text(void **state)
{
    static const char *const names[] = {
        "=1+1", "+1", "-1", "@SUM(A1)", "\"q'\n<&>", "\t=cmd|' /C calc'!A0"};
    struct unpacked plain, u;
    int formulas = 0, others;

    (void)state;
    unpack(&plain, &(struct fixture_options){0});
    for (int i = 1; i <= SHEETS; i++)
        formulas += help_occurrences(plain.sheets[i], "<f>");
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        unpack(&u, &(struct fixture_options){.name = names[n]});
        others = 0;
        for (int i = 1; i <= SHEETS; i++) {
            others += help_occurrences(u.sheets[i], "<f>");
            assert_null(strstr(u.sheets[i], "cmd|"));
            assert_null(strstr(u.sheets[i], "1+1"));
        }
        assert_int_equal(others, formulas);
        assert_non_null(strstr(cell(&u, FLEET, "A4"), "t=\"s\""));
        sp_arena_free(u.arena);
    }
    unpack(&u, &(struct fixture_options){.name = "a<&>\033\n"});
    assert_non_null(strstr(u.strings, "a&lt;&amp;&gt;\uFFFD\nmonolithic0"));
    assert_null(strchr(u.charts[1], '\033'));
    sp_arena_free(u.arena);
    sp_arena_free(plain.arena);
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
        sp_arena_free(u.arena);
    }
}

/* Two types whose names differ only in what a cell's name can't hold. */
static void types_that_look_alike_get_cells_of_their_own(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena), *workbook;
    const char *path = help_path(arena, folder, "x.xlsx");
    struct model_result *r = fixture_result_new(arena, &(struct fixture_options){0});

    (void)state;
    r->policies[0].nodes[0].type = r->policies[1].nodes[0].type = "a-node";
    r->policies[1].nodes[1].type = "A node";
    assert_int_equal(report_workbook_write(path, r, 1, NULL), SP_OK);
    workbook = help_unzip(arena, path, "xl/workbook.xml");
    assert_non_null(strstr(workbook, "\"price_a_node\""));
    assert_non_null(strstr(workbook, "\"price_A_node_2\""));
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void missing_price_is_a_cell_to_fill_in(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.no_price = true});
    assert_null(strstr(cell(&u, ASSUMPTIONS, "C4"), "<v>"));
    assert_non_null(strstr(cell(&u, FLEET, "I4"), "<v>unknown</v>"));
    assert_non_null(strstr(cell(&u, SUMMARY, "H7"), "<v>unknown</v>"));
    assert_non_null(strstr(cell(&u, POLICIES, "H14"), "t=\"s\""));
    sp_arena_free(u.arena);
}

static void each_policy_has_its_charts(void **state)
{
    struct unpacked u;
    int n = 0;

    (void)state;
    unpack(&u, &(struct fixture_options){.n_policies = 3});
    while (n < 32 && u.charts[n] != NULL)
        n++;
    assert_int_equal(n, 1 + 2 * 3);
    assert_non_null(strstr(u.charts[1], "Utilization!$E$52:$E$91"));
    sp_arena_free(u.arena);
}

static void empty_result_is_still_a_workbook(void **state)
{
    struct unpacked u;

    (void)state;
    unpack(&u, &(struct fixture_options){.empty = true, .partial = true});
    assert_non_null(strstr(u.strings, "PARTIAL"));
    sp_arena_free(u.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sheets_have_their_names),
        cmocka_unit_test(tasks_lost_with_nodes_are_counted),
        cmocka_unit_test(costs_are_formulas_over_named_prices),
        cmocka_unit_test(usd_per_million_tokens_follow_the_prices),
        cmocka_unit_test(serving_has_its_tables_and_charts),
        cmocka_unit_test(jobs_have_their_sheets),
        cmocka_unit_test(kernels_have_their_sheet),
        cmocka_unit_test(jobs_without_price_or_teams_or_end_are_written),
        cmocka_unit_test(bills_reconcile),
        cmocka_unit_test(bill_that_does_not_add_up_is_told),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(cell_names_are_valid_and_different),
        cmocka_unit_test(types_that_look_alike_get_cells_of_their_own),
        cmocka_unit_test(missing_price_is_a_cell_to_fill_in),
        cmocka_unit_test(each_policy_has_its_charts),
        cmocka_unit_test(empty_result_is_still_a_workbook),
    };

    return cmocka_run_group_tests_name("report_workbook", tests, NULL, NULL);
}
