/* A workbook as a grid of cells: the only file that knows libxlsxwriter is book.c.
 *
 * Texts are always text: a name that begins with "=" is never a formula.  Every formula
 * carries the value that it has now, for readers that don't calculate.  The same calls
 * give the same bytes.  Rows and columns count from 0.  The first failure sticks and is
 * told at close.
 */
#ifndef REPORT_BOOK_H
#define REPORT_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct report_book;
struct report_sheet;

enum report_look {
    REPORT_LOOK_TEXT,
    REPORT_LOOK_WRAP, /* long text, over several lines */
    REPORT_LOOK_TITLE,
    REPORT_LOOK_SECTION,
    REPORT_LOOK_HEAD,
    REPORT_LOOK_NOTE,
    REPORT_LOOK_STRONG,  /* bold, over several lines */
    REPORT_LOOK_NAME,    /* bold, one line */
    REPORT_LOOK_NUMBER,  /* 1,234.5 */
    REPORT_LOOK_COUNT,   /* 1,234 */
    REPORT_LOOK_GENERAL, /* as many digits as it needs */
    REPORT_LOOK_SCIENCE, /* 1.234E-05 */
    REPORT_LOOK_PERCENT,
    REPORT_LOOK_RATIO,  /* 0.125x */
    REPORT_LOOK_USD,    /* 1,234.56 */
    REPORT_LOOK_UUSD,   /* 1,234.567890 */
    REPORT_LOOK_SIGNED, /* +1,234.56 */
    REPORT_LOOK_TOTAL,  /* 1,234.56, bold, a line above */
    REPORT_LOOK_KEY,    /* a number that formulas look for; in the background */
    REPORT_LOOK_EDIT,   /* a price that the reader may change: blue on yellow */
    REPORT_LOOK_EDIT_PERCENT,
    REPORT_LOOK_CALC, /* a price that follows */
    REPORT_LOOKS
};

struct report_book_head {
    const char *title;   /* whose it is: on the head of each page */
    const char *subject; /* "version 1, seed 7": at its foot */
    int64_t created_s;   /* Unix time: the only date in it */
};

/* Starts a workbook that will be `path`.  SP_EIO  the folder can't be written to, or
 * `path` is no regular file. */
SP_CHECKED enum sp_status report_book_open(const char *path,
                                           const struct report_book_head *head,
                                           struct report_book **book,
                                           struct sp_err *err);

/* Writes the file whole or not at all, and frees `book`. */
SP_CHECKED enum sp_status report_book_close(struct report_book *book,
                                            struct sp_err *err);

/* A sheet (name of at most 31 characters) with columns of these widths, in characters.
 * The first `frozen_rows` rows stay in sight. */
struct report_sheet *report_book_sheet(struct report_book *book, const char *name,
                                       const double *widths, int n_widths,
                                       int frozen_rows);

void report_sheet_text(struct report_sheet *sheet, int row, int column,
                       const char *text, enum report_look look);

/* Height of a row that holds `lines` lines of plain text. */
void report_sheet_height(struct report_sheet *sheet, int row, double lines);

/* NaN leaves the cell blank. */
void report_sheet_number(struct report_sheet *sheet, int row, int column, double value,
                         enum report_look look);

/* `value` is what the formula gives now; where that is a text: `text` (else NULL). */
void report_sheet_formula(struct report_sheet *sheet, int row, int column,
                          const char *formula, double value, const char *text,
                          enum report_look look);

/* Text over several columns of one row, wrapped, `lines` lines high. */
void report_sheet_paragraph(struct report_sheet *sheet, int row, int first, int last,
                            int lines, const char *text, enum report_look look);

/* Green where the cell says `good`, red where it says anything else. */
void report_sheet_flag(struct report_sheet *sheet, int row, int column,
                       const char *good);

/* Bars behind shares 0..1. */
void report_sheet_share_bars(struct report_sheet *sheet, int first_row, int last_row,
                             int column);

/* A filter over the heads of a table. */
void report_sheet_filter(struct report_sheet *sheet, int head_row, int last_row,
                         int last_column);

/* Red where the number is not 0, green where it is. */
void report_sheet_zero(struct report_sheet *sheet, int row, int column);

/* What a cell takes: a number of this range; `title` (at most 32 characters) and `text`
 * (at most 255; both ours) are shown when it is chosen, and `text` as its comment. */
void report_sheet_allow(struct report_sheet *sheet, int row, int column, double least,
                        double most, const char *title, const char *text);

/* A column that is not shown. */
void report_sheet_hide(struct report_sheet *sheet, int column);

/* Names one cell for formulas.  Letters, digits and underscores, not a cell's address.
 */
void report_book_name(struct report_book *book, const char *name, const char *sheet,
                      int row, int column);

enum report_chart_kind {
    REPORT_CHART_AREAS,  /* stacked */
    REPORT_CHART_SHARES, /* areas, stacked to 100 % */
    REPORT_CHART_LINES,
    REPORT_CHART_COLUMNS,
    REPORT_CHART_STACKED,      /* columns */
    REPORT_CHART_BARS,         /* lying, the first on top; series over each other */
    REPORT_CHART_STACKED_BARS, /* lying, the first on top */
    REPORT_CHART_SCATTER,      /* a curve through points */
    REPORT_CHART_KINDS
};

struct report_chart_series {
    const char *name; /* ours, not a user's; NULL: what the cell name_row, name_column
                       * of the data's sheet says */
    int column;
    uint32_t rgb;
    bool hidden; /* holds the others up: no fill, not in the legend */
    bool quiet;  /* not in the legend */
    bool points; /* of a scatter: no line */
    bool dashed;
    int name_row, name_column;
    int first_row, last_row, x_column; /* of a scatter */
};

struct report_chart {
    const char
        *title; /* begins with a word of ours: one that begins with "=" is a formula */
    const char *x_title, *y_title;
    const char *data_sheet;
    int first_row, last_row, x_column;
    int n_series;
    const struct report_chart_series *series;
    enum report_chart_kind kind;
    const char *y_format; /* of numbers; NULL: as they are */
    bool log_x, log_y;
    double y_most;     /* 0: as it comes */
    int width, height; /* pixels */
};

void report_sheet_chart(struct report_sheet *sheet, int row, int column,
                        const struct report_chart *chart);

/* Rows of plain height that a chart of so many pixels covers. */
static inline int report_chart_rows(int height)
{
    return height / 20 + 2;
}

/* "B7", "$B$7": a cell's address, in `arena`. */
const char *report_cell_at(struct sp_arena *arena, int row, int column);
const char *report_cell_fixed(struct sp_arena *arena, int row, int column);

#endif
