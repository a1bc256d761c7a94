/* Columns and lines. */
#include "report/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/text.h"

static const char *const escapes[] = {
    [REPORT_PLAIN] = "",           [REPORT_BOLD] = "\033[1m",  [REPORT_DIM] = "\033[2m",
    [REPORT_ALARM] = "\033[1;31m", [REPORT_GOOD] = "\033[32m",
};

static void style_on(struct report_page *page, enum report_style style)
{
    if (page->options->colour)
        fputs(escapes[style], page->out);
}

static void style_off(struct report_page *page, enum report_style style)
{
    if (page->options->colour && style != REPORT_PLAIN)
        fputs("\033[0m", page->out);
}

static const char *ellipsis(const struct report_page *page)
{
    return page->options->blocks ? "\u2026" : "...";
}

static const char *clean(struct report_page *page, const char *text)
{
    return report_text_clean(page->arena, text,
                             page->options->ascii_only ? REPORT_TEXT_ASCII
                                                       : REPORT_TEXT_LINE);
}

static int columns_of(const struct report_terminal_options *options)
{
    if (options->columns == 0)
        return REPORT_TERMINAL_COLUMNS;
    if (options->columns < REPORT_TERMINAL_LEAST)
        return REPORT_TERMINAL_LEAST;
    return options->columns < REPORT_TERMINAL_MOST ? options->columns
                                                   : REPORT_TERMINAL_MOST;
}

void report_page_open(struct report_page *page,
                      const struct report_terminal_options *options)
{
    *page = (struct report_page){
        .options = options, .columns = columns_of(options), .arena = sp_arena_new()};
    page->out = open_memstream(&page->text, &page->size);
    sp_assert(page->out != NULL);
}

static void copy_trimmed(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t line = strcspn(text, "\n"), keep = line;

        while (keep > 0 && text[keep - 1] == ' ')
            keep--;
        fwrite(text, 1, keep, out);
        fputc('\n', out);
        text += line + (text[line] == '\n');
    }
}

enum sp_status report_page_close(struct report_page *page, FILE *out,
                                 struct sp_err *err)
{
    sp_arena_free(page->arena);
    sp_assert(fclose(page->out) == 0);
    copy_trimmed(out, page->text);
    free(page->text);
    if (fflush(out) != 0 || ferror(out))
        return sp_fail(err, SP_EIO, "the report can't be written to standard output");
    return SP_OK;
}

const char *report_page_name(struct report_page *page, const char *text, int columns)
{
    return report_text_fit(page->arena, clean(page, text), columns, ellipsis(page));
}

void report_page_cell(struct report_page *page, const char *text, int columns,
                      enum report_align align, enum report_style style)
{
    const char *fitted = report_page_name(page, text, columns);
    int pad = columns - report_text_width(fitted);

    if (fitted[0] == '\0') /* nothing to colour, and nothing to keep the blanks for */
        style = REPORT_PLAIN;
    if (align == REPORT_RIGHT)
        fprintf(page->out, "%*s", pad, "");
    style_on(page, style);
    fputs(fitted, page->out);
    style_off(page, style);
    if (align == REPORT_LEFT)
        fprintf(page->out, "%*s", pad, "");
}

/* ---- tables ---- */

enum {
    COLUMNS_MOST = 16,
    NAME_LEAST = 12, /* "above 16384" is a name, too */
    NAME_MOST = 40
};

struct table {
    const struct report_column *columns;
    int n, widths[COLUMNS_MOST]; /* 0: left out */
};

static int width_of(const struct table *t)
{
    int width = 1;

    for (int i = 0; i < t->n; i++)
        width += t->widths[i] > 0 ? 1 + t->widths[i] : 0;
    return width;
}

static bool is_name(const struct table *t, int i)
{
    return t->columns[i].align == REPORT_LEFT && t->columns[i].head[0] != '\0';
}

/* Takes a column from the widest name; false where all are narrow. */
static bool take_from_names(struct table *t)
{
    int widest = -1;

    for (int i = 0; i < t->n; i++)
        if (is_name(t, i) && t->widths[i] > NAME_LEAST &&
            (widest < 0 || t->widths[i] > t->widths[widest]))
            widest = i;
    if (widest >= 0)
        t->widths[widest]--;
    return widest >= 0;
}

/* Bars go first, then names give way; where that is not enough columns will go to a
 * line below, and names keep their room. */
static void make_narrower(struct table *t, int columns)
{
    struct table whole;

    for (int i = 0; i < t->n && width_of(t) > columns; i++)
        if (t->columns[i].head[0] == '\0')
            t->widths[i] = 0;
    whole = *t;
    while (width_of(t) > columns)
        if (!take_from_names(t)) {
            *t = whole;
            return;
        }
}

static struct table table_of(const struct report_page *page,
                             const struct report_column *columns, int n)
{
    struct table t = {.columns = columns, .n = n};
    int room = page->columns - REPORT_TERMINAL_COLUMNS;

    sp_assert(n <= COLUMNS_MOST);
    for (int i = 0; i < n; i++)
        t.widths[i] = columns[i].columns;
    if (width_of(&t) > page->columns)
        make_narrower(&t, page->columns);
    else if (room < 0)
        return t;
    else if (n > 0 && is_name(&t, 0) && t.widths[0] < NAME_MOST)
        t.widths[0] += room < NAME_MOST - t.widths[0] ? room : NAME_MOST - t.widths[0];
    return t;
}

/* How many of them are to be written: empty ones at the end take no line. */
static int texts_of(const struct table *t, const char *const *texts)
{
    int n = t->n;

    while (n > 0 && (t->widths[n - 1] == 0 || texts[n - 1][0] == '\0'))
        n--;
    return n;
}

/* Texts in their columns; those without room begin a line below the second one. */
static void put_row(struct report_page *page, const struct table *t,
                    const char *const *texts, char mark, enum report_style first,
                    enum report_style others)
{
    int column = 1, n = texts_of(t, texts);

    fputc(mark, page->out);
    for (int i = 0; i < n; i++) {
        if (t->widths[i] == 0)
            continue;
        if (column + 1 + t->widths[i] > page->columns) {
            column = 2 + t->widths[0];
            fprintf(page->out, "\n%*s", column, "");
        }
        fputc(' ', page->out);
        report_page_cell(page, texts[i], t->widths[i], t->columns[i].align,
                         i == 0 ? first : others);
        column += 1 + t->widths[i];
    }
    report_page_end_line(page);
}

void report_page_head(struct report_page *page, const struct report_column *columns,
                      int n)
{
    const struct table t = table_of(page, columns, n);
    const char *heads[COLUMNS_MOST];

    for (int i = 0; i < n; i++)
        heads[i] = columns[i].head;
    put_row(page, &t, heads, ' ', REPORT_DIM, REPORT_DIM);
}

void report_page_row(struct report_page *page, const struct report_column *columns,
                     int n, const char *const *texts, char mark,
                     enum report_style style)
{
    const struct table t = table_of(page, columns, n);

    put_row(page, &t, texts, mark, style, REPORT_PLAIN);
}

const char *report_page_plus_minus(const struct report_page *page)
{
    return page->options->blocks ? "\u00B1" : "+-";
}

const char *report_page_figure(struct report_page *page,
                               char *(*format)(double v, char *buf), double v)
{
    return format(v, sp_arena_alloc(page->arena, REPORT_FIGURE));
}

const char *report_page_limit(struct report_page *page, const char *text,
                              const char *name, double limit_s)
{
    if (isnan(limit_s))
        return text;
    return sp_arena_printf(page->arena, "%s%s%s <= %s", text,
                           text[0] != '\0' ? ", " : "", name,
                           report_page_figure(page, report_format_seconds, limit_s));
}

const char *report_page_bar(struct report_page *page, double frac, int columns)
{
    static const char *const eighths[] = {"",       "\u258F", "\u258E", "\u258D",
                                          "\u258C", "\u258B", "\u258A", "\u2589"};
    bool blocks = page->options->blocks;
    double share = isnan(frac) ? 0 : fmin(fmax(frac, 0), 1);
    int steps = (int)lround(share * columns * (blocks ? 8 : 1));
    int full = blocks ? steps / 8 : steps, part = blocks ? steps % 8 : 0;
    int empty = columns - full - (part > 0);
    char *bar = sp_arena_alloc(page->arena, (size_t)(3 * columns + 4));

    for (int i = 0; i < full; i++)
        strcat(bar, blocks ? "\u2588" : "#");
    strcat(bar, eighths[part]);
    for (int i = 0; i < empty; i++)
        strcat(bar, blocks ? "\u00B7" : ".");
    return bar;
}

/* Bytes of the first word of `text` (which starts with one), at most `columns` wide. */
static size_t word_bytes(const char *text, int columns)
{
    const char *p = text, *end = text;
    int width = 0;
    uint32_t code;

    while ((code = report_text_next(&p)) != 0 && code != ' ' && code != '\n') {
        width += report_text_columns(code);
        if (width > columns && end != text)
            break;
        end = p;
    }
    return (size_t)(end - text);
}

enum { SENTENCE_MOST = 100 }; /* columns that are read with ease */

void report_page_wrap(struct report_page *page, int indent, const char *lead,
                      const char *text, enum report_style style)
{
    int left = indent + report_text_width(lead), column = left;
    int right = page->columns < SENTENCE_MOST ? page->columns : SENTENCE_MOST;
    const char *p = clean(page, text);
    bool first = true;

    fprintf(page->out, "%*s", indent, "");
    style_on(page, style);
    fputs(lead, page->out);
    while (*(p += strspn(p, " ")) != '\0') {
        size_t n = word_bytes(p, right - left);
        const char *word = sp_arena_printf(page->arena, "%.*s", (int)n, p);
        int width = report_text_width(word);

        if (!first && column + 1 + width > right) {
            fprintf(page->out, "\n%*s", left, "");
            column = left;
        } else if (!first) {
            fputc(' ', page->out);
            column++;
        }
        fputs(word, page->out);
        column += width;
        first = false;
        p += n;
    }
    style_off(page, style);
    report_page_end_line(page);
}

void report_page_rule(struct report_page *page, const char *title)
{
    const char *name = report_page_name(page, title, page->columns - 8);
    int left = page->columns - 4 - report_text_width(name);
    const char *dash = page->options->blocks ? "\u2500" : "-";

    report_page_end_line(page);
    style_on(page, REPORT_BOLD);
    fprintf(page->out, "%s%s %s ", dash, dash, name);
    for (int i = 0; i < left; i++)
        fputs(dash, page->out);
    style_off(page, REPORT_BOLD);
    report_page_end_line(page);
}

void report_page_end_line(struct report_page *page)
{
    fputc('\n', page->out);
}

const char *report_page_path(struct report_page *page, const char *path, int columns)
{
    enum { DOTS = 3 };
    const char *text = clean(page, path);

    if (report_text_width(text) <= columns)
        return text;
    while (report_text_width(text) > columns - DOTS)
        report_text_next(&text);
    return sp_arena_printf(page->arena, "...%s", text);
}
