/* A page of text on a terminal: columns, bars, wrapped sentences.  Texts given to a
 * page may hold anything; what comes out is clean and fits. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"
#include "report/terminal.h"

struct report_page {
    FILE *out;
    struct sp_arena *arena; /* for texts of this page */
    const struct report_terminal_options *options;
    int columns; /* of a line */
    char *text;  /* what was written, once `out` is closed */
    size_t size;
};

/* A page is written to memory first. */
void report_page_open(struct report_page *page,
                      const struct report_terminal_options *options);

/* Copies it to `out`, which is stdout, without the blanks that pad the last column of a
 * line, and ends it.  SP_EIO where `out` could not take it all. */
SP_CHECKED enum sp_status report_page_close(struct report_page *page, FILE *out,
                                            struct sp_err *err);

enum report_style { REPORT_PLAIN, REPORT_BOLD, REPORT_DIM, REPORT_ALARM, REPORT_GOOD };
enum report_align { REPORT_LEFT, REPORT_RIGHT };

/* `text` in exactly `columns` columns: cut or padded. */
void report_page_cell(struct report_page *page, const char *text, int columns,
                      enum report_align align, enum report_style style);

/* A table: each column with a blank before it, after a margin of one.  On a narrow page
 * bars (columns without a heading) go and names give way, or columns go to a line below
 * where that is not enough; on a wide one the first column takes more of its names. */
struct report_column {
    const char *head;
    int columns;
    enum report_align align;
};
void report_page_head(struct report_page *page, const struct report_column *columns,
                      int n);

/* One row; `texts` has one text for each column, the first of which has `style`. `mark`
 * is one character for the margin. */
void report_page_row(struct report_page *page, const struct report_column *columns,
                     int n, const char *const *texts, char mark,
                     enum report_style style);

/* Between a value and its half width, as the terminal can show it. */
const char *report_page_plus_minus(const struct report_page *page);

/* A figure as one of report/format.h's functions writes it. */
const char *report_page_figure(struct report_page *page,
                               char *(*format)(double v, char *buf), double v);

/* A clean copy of `text` in at most `columns` columns, for sentences. */
const char *report_page_name(struct report_page *page, const char *text, int columns);

/* The end of a path, which tells more than its beginning, in at most `columns`. */
const char *report_page_path(struct report_page *page, const char *path, int columns);

/* `frac` (clamped to 0..1) of `columns` columns filled. */
const char *report_page_bar(struct report_page *page, double frac, int columns);

/* One sentence or more, wrapped; every line begins with `indent` blanks, the first with
 * `lead` after them. */
void report_page_wrap(struct report_page *page, int indent, const char *lead,
                      const char *text, enum report_style style);

/* A heading, drawn out to the full width. */
void report_page_rule(struct report_page *page, const char *title);

void report_page_end_line(struct report_page *page);

/* "text, name <= limit" for a latency's limit; `text` where it is NaN. */
const char *report_page_limit(struct report_page *page, const char *text,
                              const char *name, double limit_s);

#endif
