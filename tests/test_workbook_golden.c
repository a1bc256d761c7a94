/* A workbook part by part against files that were looked at by hand: of sheets each
 * cell with its formula, value or text (long tables by their first rows); of other
 * parts the XML, an element a line.  UPDATE_GOLDEN=1 writes the files anew.
 *
 * Volatile, and left out: docProps/core.xml (the date is tested here),
 * docProps/app.xml, xl/theme, xl/styles.xml, xl/drawings (places of charts, shapes of
 * comments). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/workbook.h"
#include "tests/book_fixture.h"
#include "tests/report_help.h"
#include "tests/result_fixture.h"

enum { ROWS_MOST = 45, SHEETS = 15 };

struct book {
    struct sp_arena *arena;
    char *folder;
    const char *path;
    const char **shared;
    int n_shared;
};

/* ---- a sheet as lines ---- */

static const char *cut(struct sp_arena *arena, const char *from, const char *to)
{
    return sp_arena_printf(arena, "%.*s", (int)(to - from), from);
}

static void read_shared(struct book *b)
{
    const char *p = help_unzip(b->arena, b->path, "xl/sharedStrings.xml");

    b->shared = sp_arena_array(b->arena, (size_t)help_occurrences(p, "<si>"),
                               sizeof *b->shared);
    while ((p = strstr(p, "<si><t")) != NULL) {
        const char *text = strchr(p + 5, '>') + 1;

        b->shared[b->n_shared++] = cut(b->arena, text, strstr(text, "</t>"));
        p = text;
    }
}

/* "C6 = price * 2 -> 64", "C6: 64", "A1: text" */
static const char *cell_line(struct book *b, const char *c, const char *end)
{
    const char *r = strstr(c, "r=\"") + 3, *at = cut(b->arena, r, strchr(r, '"'));
    const char *f = strstr(c, "<f>"), *v = strstr(c, "<v>"), *value;

    if (v == NULL || v > end)
        return NULL;
    value = cut(b->arena, v + 3, strstr(v, "</v>"));
    if (f != NULL && f < end)
        return sp_arena_printf(b->arena, "%s = %s -> %s\n", at,
                               cut(b->arena, f + 3, strstr(f, "</f>")), value);
    if (strstr(c, "t=\"s\"") != NULL && strstr(c, "t=\"s\"") < v)
        value = b->shared[atoi(value)];
    return sp_arena_printf(b->arena, "%s: %s\n", at, value);
}

/* What stands behind the cells: merged ones, filters, validation, formats. */
static const char *rest_of(struct book *b, const char *xml)
{
    const char *p = strstr(xml, "</sheetData>");
    char *all = sp_arena_strdup(b->arena, "");

    for (; p != NULL && *p != '\0'; p = strchr(p, '>') + 1)
        all = sp_arena_printf(b->arena, "%s%s\n", all,
                              cut(b->arena, p, strchr(p, '>') + 1));
    return all;
}

static const char *sheet_text(struct book *b, const char *xml)
{
    const char *p = xml, *cells = strstr(xml, "</sheetData>");
    char *all = sp_arena_strdup(b->arena, "");
    int rows = 0;

    while ((p = strstr(p, "<c r=")) != NULL && p < cells) {
        const char *end = strchr(p, '>');
        const char *line;

        rows = help_occurrences(cut(b->arena, xml, p), "<row ");
        if (rows > ROWS_MOST)
            break;
        if (end[-1] != '/')
            end = strstr(p, "</c>");
        line = cell_line(b, p, end);
        if (line != NULL)
            all = sp_arena_printf(b->arena, "%s%s", all, line);
        p = end;
    }
    return sp_arena_printf(b->arena, "%s%d rows in all\n%s", all,
                           help_occurrences(xml, "<row "), rest_of(b, xml));
}

static const char *xml_text(struct book *b, const char *xml)
{
    char *all = sp_arena_alloc(b->arena, 2 * strlen(xml) + 1), *out = all;

    for (const char *p = xml; *p != '\0'; p++) {
        *out++ = *p;
        if (*p == '>' && p[1] == '<')
            *out++ = '\n';
    }
    *out++ = '\n';
    *out = '\0';
    return all;
}

/* ---- comparing ---- */

static void check_part(struct book *b, const char *name, const char *text)
{
    const char *root = getenv("SRCDIR");
    const char *path =
        sp_arena_printf(b->arena, "%s/tests/golden/workbook/%s.txt", root, name);
    const char *wanted = help_file_read(b->arena, path, NULL);

    if (getenv("UPDATE_GOLDEN") != NULL) {
        help_file_write(path, text, strlen(text));
        return;
    }
    if (wanted == NULL)
        fail_msg("%s is not there: UPDATE_GOLDEN=1 writes it", path);
    for (int line = 1; strcmp(wanted, text) != 0; line++) {
        size_t a = strcspn(wanted, "\n"), c = strcspn(text, "\n");

        if (a != c || strncmp(wanted, text, a) != 0)
            fail_msg("%s:%d: is '%.*s', expected '%.*s'", name, line, (int)c, text,
                     (int)a, wanted);
        wanted += a + 1;
        text += c + 1;
    }
}

static struct book make_book(void)
{
    struct book b = {.arena = sp_arena_new()};
    struct model_result *r =
        fixture_result_new(b.arena, &(struct fixture_options){.n_runs = 3});
    struct report_context c;

    book_fixture_fill(b.arena, r);
    r->version = "VERSION";
    c = book_fixture_context(b.arena, r, "time of infer");
    b.folder = help_folder_new(b.arena);
    b.path = help_path(b.arena, b.folder, "x.xlsx");
    assert_int_equal(report_workbook_write(b.path, &c, NULL), SP_OK);
    read_shared(&b);
    return b;
}

static void parts_are_as_they_were_looked_at(void **state)
{
    static const char *const parts[] = {"xl/workbook.xml", "xl/comments1.xml",
                                        "[Content_Types].xml"};
    struct book b;
    const char *xml;

    (void)state;
    if (getenv("SRCDIR") == NULL)
        skip();
    b = make_book();
    for (int i = 1; i <= SHEETS; i++)
        check_part(
            &b, sp_arena_printf(b.arena, "sheet%d", i),
            sheet_text(&b, help_unzip(b.arena, b.path,
                                      sp_arena_printf(
                                          b.arena, "xl/worksheets/sheet%d.xml", i))));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *slash = strrchr(parts[i], '/');

        check_part(&b, slash != NULL ? slash + 1 : "content_types",
                   xml_text(&b, help_unzip(b.arena, b.path, parts[i])));
    }
    for (int i = 1;
         (xml = help_unzip(b.arena, b.path,
                           sp_arena_printf(b.arena, "xl/charts/chart%d.xml", i))) !=
         NULL;
         i++)
        if (strstr(xml, "Utilization!") == NULL && strstr(xml, "Latency!") == NULL &&
            strstr(xml, "Timeline!") == NULL)
            check_part(&b, sp_arena_printf(b.arena, "chart%d", i), xml_text(&b, xml));
    assert_non_null(strstr(help_unzip(b.arena, b.path, "docProps/core.xml"),
                           "2023-11-14T22:13:20Z"));
    help_folder_remove(b.folder);
    sp_arena_free(b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_as_they_were_looked_at),
    };

    return cmocka_run_group_tests_name("workbook_golden", tests, NULL, NULL);
}
