/* report/csv_text.h, report/csv_out.h: fields that read back the same, texts that stay
 * texts, every table with its columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/csv.h"
#include "report/csv_out.h"
#include "report/csv_text.h"
#include "report/file.h"
#include "tests/exports_fixture.h"
#include "tests/report_help.h"

#define N_ROWS(rows) (sizeof rows / sizeof rows[0])

static void a_text_stays_a_text(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "\n"},
        {"plain", "plain\n"},
        {"two words", "two words\n"},
        {"a,b", "\"a,b\"\n"},
        {"say \"x\"", "\"say \"\"x\"\"\"\n"},
        {"=1+1", "\"'=1+1\"\n"},
        {"+1", "\"'+1\"\n"},
        {"-1", "\"'-1\"\n"},
        {"@SUM(A1)", "\"'@SUM(A1)\"\n"},
        {"  =1+1", "\"'  =1+1\"\n"},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\"\n"}, /* full-width = */
        {"\t=1", "\"'\xef\xbf\xbd=1\"\n"},
        {"\r=1", "\"'\xef\xbf\xbd=1\"\n"},
        {"a=b", "a=b\n"},
        {"a-b", "a-b\n"},
        {"a\nb", "a\xef\xbf\xbd"
                 "b\n"},
        {"a\xff", "a\xef\xbf\xbd\n"},
        {"'quoted", "'quoted\n"},
    };

    (void)state;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        char *got = NULL;
        size_t size;
        struct report_csv csv;
        FILE *out = open_memstream(&got, &size);

        report_csv_init(&csv, out);
        report_csv_text(&csv, rows[i].text);
        report_csv_end(&csv);
        report_csv_fini(&csv);
        fclose(out);
        assert_string_equal(got, rows[i].want);
        free(got);
    }
}

static void a_figure_is_exact(void **state)
{
    static const struct {
        int64_t uusd;
        const char *want;
    } rows[] = {{0, "0.000000"},
                {1, "0.000001"},
                {-1, "-0.000001"},
                {1000000, "1.000000"},
                {-12345678, "-12.345678"},
                {INT64_MAX, "9223372036854.775807"},
                {INT64_MIN, "-9223372036854.775808"}};
    static const double reals[] = {
        0.1, 1.0 / 3, 1e300, 5e-324, 123456789.123456789, 1e15, 0.30000000000000004};
    char *got = NULL, digits[REPORT_CSV_NUMBER];
    size_t size;
    struct report_csv csv;
    FILE *out = open_memstream(&got, &size);
    const char *p;

    (void)state;
    report_csv_init(&csv, out);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        report_csv_usd(&csv, rows[i].uusd);
        report_csv_end(&csv);
    }
    report_csv_real(&csv, NAN);
    report_csv_real(&csv, INFINITY);
    report_csv_end(&csv);
    report_csv_fini(&csv);
    fclose(out);
    p = got;
    for (size_t i = 0; i < N_ROWS(rows); i++, p = strchr(p, '\n') + 1)
        assert_memory_equal(p, rows[i].want, strlen(rows[i].want));
    assert_string_equal(p, ",\n"); /* what is not known is empty */
    free(got);
    for (size_t i = 0; i < N_ROWS(reals); i++)
        assert_true(strtod(report_csv_number(reals[i], digits), NULL) == reals[i]);
    assert_string_equal(report_csv_number(0.1, digits), "0.1");
}

/* ---- the folder ---- */

static const char *const tables[] = {
    "policies",   "resources",     "workloads",   "stages",   "nodes",
    "cost_lines", "cells",         "utilization", "latency",  "cdf",
    "serving",    "serving_pools", "job_groups",  "teams",    "leases",
    "comparison", "inputs",        "assumptions", "warnings", "run"};

struct table {
    struct model_csv_field **rows; /* the header is row 0 */
    int32_t n, columns;
};

static struct table read_table(struct sp_arena *arena, const char *folder,
                               const char *name)
{
    char *text = help_file_read(
        arena, help_path(arena, folder, sp_arena_printf(arena, "%s.csv", name)), NULL);
    struct table t = {0};
    struct model_csv csv;
    struct sp_err err = {0};
    int32_t n, room = 0;

    if (text == NULL)
        fail_msg("%s.csv is not there", name);
    model_csv_init(&csv, name, text, arena);
    for (;;) {
        struct model_csv_field *fields;

        if (model_csv_next(&csv, &fields, &n, &err) != SP_OK)
            fail_msg("%s", err.text);
        if (n == 0)
            return t;
        if (t.n == 0)
            t.columns = n;
        if (n != t.columns)
            fail_msg("%s.csv:%d: %d fields, expected %d", name, (int)fields[0].line,
                     (int)n, (int)t.columns);
        t.rows = sp_arena_more(arena, t.rows, t.n, &room, sizeof(void *));
        t.rows[t.n++] = fields;
    }
}

static const char *cell(const struct table *t, int32_t row, const char *column)
{
    for (int32_t i = 0; i < t->columns; i++)
        if (strcmp(t->rows[0][i].text, column) == 0)
            return t->rows[row][i].text;
    fail_msg("no column %s", column);
    return NULL;
}

static const struct row {
    const char *name;
    struct fixture_exports f;
} rows[] = {
    {"pipeline", {.seed = 1}},
    {"replications", {.seed = 2, .options = {.n_runs = 4}}},
    {"jobs", {.seed = 3, .options = {.jobs = true}}},
    {"serving", {.seed = 4, .options = {.serving = true}}},
    {"nine_policies", {.seed = 5, .options = {.n_policies = 9}}},
    {"hostile_names",
     {.seed = 6, .options = {.name = "=HYPERLINK(\"x\");\n<b>,\xff", .jobs = true}}},
    {"no_price", {.seed = 7, .options = {.no_price = true}}},
    {"nothing_ran", {.options = {.empty = true}}},
};

static void tables_are_whole_and_have_a_row_each(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_path(arena, help_folder_new(arena), "tables");
    struct report_context *c = fixture_exports_new(arena, &row->f);
    const struct model_result *r = c->result;
    struct sp_err err = {0};
    int64_t stages = 0, cells = 0, leases = 0, buckets = 0;
    struct table t;

    if (report_csv_out_write(folder, c, &err) != SP_OK)
        fail_msg("%s", err.text);
    assert_int_equal(help_folder_count(folder), N_ROWS(tables));
    for (size_t i = 0; i < N_ROWS(tables); i++)
        assert_true(read_table(arena, folder, tables[i]).n >= 1);
    for (int32_t i = 0; i < r->n_policies; i++) {
        for (int32_t w = 0; w < r->policies[i].n_workloads; w++)
            stages += r->policies[i].workloads[w].n_stages;
        cells += r->policies[i].cost.n_cells;
        leases += r->policies[i].timeline.n_leases;
        buckets += r->policies[i].series.n;
    }
    assert_int_equal(read_table(arena, folder, "policies").n, 1 + r->n_policies);
    assert_int_equal(read_table(arena, folder, "stages").n, 1 + stages);
    assert_int_equal(read_table(arena, folder, "leases").n, 1 + leases);
    assert_int_equal(read_table(arena, folder, "utilization").n, 1 + buckets);
    assert_int_equal(read_table(arena, folder, "comparison").n, 1 + r->n_comparisons);
    t = read_table(arena, folder, "cells");
    assert_int_equal(t.n, 1 + cells);
    help_folder_remove(sp_arena_printf(arena, "%s/..", folder));
    sp_arena_free(arena);
}

/* Fields read back are the result's values, not near them. */
static void what_is_read_back_is_the_result(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct report_context *c = fixture_exports_new(
        arena, &(struct fixture_exports){.seed = 31, .options = {.n_runs = 3}});
    const struct model_policy_result *p = &c->result->policies[0];
    struct table t;

    (void)state;
    assert_int_equal(report_csv_out_write(folder, c, NULL), SP_OK);
    t = read_table(arena, folder, "cells");
    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *k = &p->cost.cells[i];
        const char *hours = cell(&t, 1 + i, "hours"), *usd = cell(&t, 1 + i, "usd");

        assert_string_equal(cell(&t, 1 + i, "part"), model_part_name(k->part));
        assert_true(isnan(k->hours) ? *hours == '\0' : strtod(hours, NULL) == k->hours);
        assert_int_equal(strtoll(usd, NULL, 10) * 1000000 +
                             strtoll(strchr(usd, '.') + 1, NULL, 10),
                         k->uusd);
    }
    t = read_table(arena, folder, "policies");
    assert_string_equal(cell(&t, 1, "policy"), p->name);
    assert_true(strtod(cell(&t, 1, "usd"), NULL) == p->cost.usd.mean);
    assert_true(strtod(cell(&t, 1, "usd_half95"), NULL) == p->cost.usd.half95);
    t = read_table(arena, folder, "run");
    assert_string_equal(t.rows[1][1].text, "stageplan version");
    help_folder_remove(folder);
    sp_arena_free(arena);
}

/* ---- when it can't be done ---- */

static const struct report_context *full_context;
static const char *full_folder;

static enum sp_status write_full(void *context)
{
    (void)context;
    return report_csv_out_write(full_folder, full_context, NULL);
}

static void a_full_disk_leaves_no_half_file(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);

    (void)state;
    full_context = fixture_exports_new(arena, &(struct fixture_exports){.seed = 41});
    full_folder = folder;
    assert_int_equal(help_with_full_disk(3000, write_full, NULL), SP_EIO);
    for (size_t i = 0; i < N_ROWS(tables); i++)
        if (help_file_read(
                arena,
                help_path(arena, folder, sp_arena_printf(arena, "%s.csv", tables[i])),
                NULL) != NULL)
            (void)read_table(arena, folder, tables[i]); /* whole */
    assert_null(help_file_read(arena, help_path(arena, folder, "cells.csv"), NULL));
    assert_null(help_file_read(arena, help_path(arena, folder, "run.csv"), NULL));
    help_folder_remove(folder);
    sp_arena_free(arena);
}

static void a_folder_that_is_a_file_is_refused(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    const char *file = help_path(arena, folder, "file");
    struct sp_err err = {0};

    (void)state;
    help_file_write(file, "x", 1);
    assert_int_equal(report_folder_check(file, &err), SP_EIO);
    assert_non_null(strstr(err.text, "is no folder"));
    assert_int_equal(report_folder_check(help_path(arena, folder, "no/such"), NULL),
                     SP_EIO);
    assert_int_equal(report_folder_check(help_path(arena, folder, "new"), NULL), SP_OK);
    assert_int_equal(help_folder_count(folder), 1); /* asking leaves nothing behind */
    help_folder_remove(folder);
    sp_arena_free(arena);
}

/* ---- a spreadsheet program ---- */

/* Names that look like formulas come back from a real program as they were and
 * nothing was computed. */
static void a_spreadsheet_program_computes_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *folder = help_folder_new(arena);
    struct report_context *c = fixture_exports_new(
        arena, &(struct fixture_exports){.seed = 51, .options = {.name = "=2*21&"}});
    const char *command = sp_arena_printf(
        arena, "HOME=%s ssconvert --recalc %s/policies.csv %s/back.csv >%s/log 2>&1",
        folder, folder, folder, folder);
    struct table before, after;
    int status;

    (void)state;
    assert_int_equal(report_csv_out_write(folder, c, NULL), SP_OK);
    status = system(command);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        help_folder_remove(folder);
        sp_arena_free(arena);
        print_message("ssconvert is not there\n");
        skip();
    }
    assert_int_equal(status, 0);
    before = read_table(arena, folder, "policies");
    after = read_table(arena, folder, "back");
    assert_int_equal(before.n, after.n);
    for (int32_t i = 1; i < before.n; i++) {
        const char *name = cell(&after, i, "policy");

        const char *said = cell(&before, i, "policy");

        assert_int_equal(said[0], '\''); /* some take it for the mark of a text */
        assert_string_equal(name, name[0] == '\'' ? said : said + 1);
        assert_null(strstr(name, "42"));
    }
    help_folder_remove(folder);
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[6 + N_ROWS(rows)] = {
        cmocka_unit_test(a_text_stays_a_text),
        cmocka_unit_test(a_figure_is_exact),
        cmocka_unit_test(what_is_read_back_is_the_result),
        cmocka_unit_test(a_full_disk_leaves_no_half_file),
        cmocka_unit_test(a_folder_that_is_a_file_is_refused),
        cmocka_unit_test(a_spreadsheet_program_computes_nothing),
    };

    for (size_t i = 0; i < N_ROWS(rows); i++)
        tests[6 + i] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = tables_are_whole_and_have_a_row_each,
                                .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("report_csv", tests, NULL, NULL);
}
