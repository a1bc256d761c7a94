/* Every cell of a workbook with a value, one a line: sheet, cell, "f" (a formula) or
 * "v", value, with tabs between; for comparing what two programs calculate.  Reads what
 * we write and what spreadsheet programs write. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tests/report_help.h"

struct reader {
    struct sp_arena *arena;
    const char *path;
    char **shared; /* texts by number */
    int n_shared;
};

/* The text between `from` and the next `to`; *p is left behind it; NULL: there is none
 * before `end`. */
static char *between(struct sp_arena *arena, const char **p, const char *end,
                     const char *from, const char *to)
{
    const char *a = strstr(*p, from), *b;

    if (a == NULL || (end != NULL && a >= end))
        return NULL;
    a += strlen(from);
    b = strstr(a, to);
    if (b == NULL)
        return NULL;
    *p = b + strlen(to);
    return sp_arena_printf(arena, "%.*s", (int)(b - a), a);
}

/* Characters that would break a line are blanks. */
static char *one_line(char *text)
{
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\n' || *p == '\t' || *p == '\r')
            *p = ' ';
    return text;
}

/* What is inside <t>...</t>, of all runs of a text, put together. */
static char *text_of(struct sp_arena *arena, const char *from, const char *end)
{
    char *all = sp_arena_strdup(arena, "");

    while (from < end) {
        const char *t = strstr(from, "<t"), *body;

        if (t == NULL || t >= end)
            break;
        if (t[2] != '>' && t[2] != ' ') {
            from = t + 2;
            continue;
        }
        body = strchr(t, '>');
        if (body[-1] == '/') {
            from = body;
            continue;
        }
        from = strstr(body, "</t>");
        all = sp_arena_printf(arena, "%s%.*s", all, (int)(from - body - 1), body + 1);
    }
    return one_line(all);
}

static void read_shared(struct reader *r)
{
    const char *p = help_unzip(r->arena, r->path, "xl/sharedStrings.xml");
    int room = p != NULL ? help_occurrences(p, "<si") : 0;

    r->shared = sp_arena_array(r->arena, (size_t)room + 1, sizeof *r->shared);
    while (p != NULL && (p = strstr(p, "<si")) != NULL) {
        const char *end = strstr(p, "</si>"), *close = strchr(p, '>');

        if (p[3] != '>' && p[3] != ' ' && p[3] != '/') { /* <sip...: another element */
            p += 3;
            continue;
        }
        if (close[-1] == '/') {
            r->shared[r->n_shared++] = sp_arena_strdup(r->arena, "");
            p = close;
            continue;
        }
        r->shared[r->n_shared++] = text_of(r->arena, p, end);
        p = end;
    }
}

static const char *attribute(struct reader *r, const char *element, const char *close,
                             const char *name)
{
    const char *p = element;
    char *value = between(r->arena, &p, close, name, "\"");

    return value != NULL ? value : "";
}

static void print_cell(struct reader *r, const char *sheet, const char *c,
                       const char *close, const char *end)
{
    const char *p = close, *type = attribute(r, c, close, " t=\"");
    const char *f = strstr(close, "<f"), *v;
    bool formula = f != NULL && f < end;
    char *value = between(r->arena, &p, end, "<v>", "</v>");

    if (value == NULL && strcmp(type, "inlineStr") != 0)
        return;
    v = value;
    if (strcmp(type, "inlineStr") == 0)
        v = text_of(r->arena, close, end);
    else if (strcmp(type, "s") == 0)
        v = r->shared[atoi(value)];
    else if (strcmp(type, "str") == 0)
        v = one_line(value);
    else if (strcmp(type, "e") == 0)
        v = sp_arena_printf(r->arena, "ERROR %s", value);
    printf("%s\t%s\t%c\t%s\n", sheet, attribute(r, c, close, " r=\""),
           formula ? 'f' : 'v', v);
}

static void print_sheet(struct reader *r, const char *name, int n)
{
    const char *p = help_unzip(
        r->arena, r->path, sp_arena_printf(r->arena, "xl/worksheets/sheet%d.xml", n));

    while (p != NULL && (p = strstr(p, "<c ")) != NULL) {
        const char *close = strchr(p, '>');

        if (close[-1] != '/')
            print_cell(r, name, p, close, strstr(close, "</c>"));
        p = close;
    }
}

int main(int argc, char **argv)
{
    struct reader r = {.arena = sp_arena_new()};
    const char *book, *p;
    char *name;

    if (argc != 2) {
        fprintf(stderr, "usage: book_values FILE.xlsx\n");
        return 2;
    }
    r.path = argv[1];
    book = help_unzip(r.arena, r.path, "xl/workbook.xml");
    if (book == NULL) {
        fprintf(stderr, "%s: is no workbook\n", argv[1]);
        return 1;
    }
    read_shared(&r);
    p = book;
    for (int n = 1; (name = between(r.arena, &p, NULL, "<sheet name=\"", "\"")) != NULL;
         n++)
        print_sheet(&r, name, n);
    sp_arena_free(r.arena);
    return 0;
}
