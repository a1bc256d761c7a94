/* What the parts of the page share.  Internal to report/html*.c. */
#ifndef REPORT_HTML_PARTS_H
#define REPORT_HTML_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "report/context.h"
#include "report/story.h"
#include "report/waterfall.h"

/* What bounds the page; where something is left out it says so. */
enum {
    REPORT_HTML_CHARTED = 8,  /* policies that are drawn */
    REPORT_HTML_NODES = 24,   /* rows of a Gantt chart */
    REPORT_HTML_POINTS = 120, /* of a line, an area, a row of a Gantt chart */
    REPORT_HTML_STAGES = 400, /* rows of stages */
    REPORT_HTML_INPUTS = 1500,
    REPORT_HTML_NOTES = 200, /* warnings, assumptions, files */
};

struct report_html {
    FILE *out;
    struct sp_arena *arena;
    const struct report_context *context;
    const struct model_result *r;
    const struct report_story *story;
    int32_t n_charted; /* of the policies */
    int32_t n_charts;  /* so far: ids of charts */
};

typedef char *(*report_html_format)(double v, char *buf);

/* ---- html_text.c ---- */

/* Text between tags; it is data, whatever it holds. */
void report_html_text(struct report_html *h, const char *text);

/* The value of an attribute in double quotes. */
void report_html_attribute(struct report_html *h, const char *text);

/* A name that somebody gave to something: isolated, so that its direction stays its
 * own. */
void report_html_name(struct report_html *h, const char *name);

/* A sentence in which names stand in 'quotes': these are isolated, too. */
void report_html_sentence(struct report_html *h, const char *text);

/* "1,234.56", "0.0123": for people. */
char *report_html_usd(double usd, char *buf);

/* A figure in the page's arena; "12.3 ± 0.4" where there is a half width. */
const char *report_html_figure(struct report_html *h, report_html_format format,
                               double v);
const char *report_html_stat(struct report_html *h, report_html_format format,
                             struct model_stat stat);

/* ---- sections, in the order of the page ---- */

void report_html_decision(struct report_html *h);
void report_html_compare(struct report_html *h);
void report_html_panel(struct report_html *h);
void report_html_panel_data(struct report_html *h);
void report_html_cost(struct report_html *h);
void report_html_time(struct report_html *h);
void report_html_latency(struct report_html *h);
void report_html_nodes(struct report_html *h);
void report_html_stages(struct report_html *h);
void report_html_inputs(struct report_html *h);
void report_html_notes(struct report_html *h);

/* ---- what is worked out once ---- */

/* "<section id=.. aria-labelledby=..><h2>": ended by report_html_section_end(). */
void report_html_section(struct report_html *h, const char *id, const char *title);
void report_html_section_end(struct report_html *h);

/* A paragraph of `class`. */
void report_html_paragraph(struct report_html *h, const char *class_name,
                           const char *text);

/* A table in a box that scrolls by itself where it is too wide. */
void report_html_table(struct report_html *h, const char *class_name,
                       const char *caption);
void report_html_table_end(struct report_html *h);

/* The data of a chart behind a <details>; ended with report_html_data_end(). */
void report_html_data(struct report_html *h, const char *const *heads, int n);
void report_html_data_end(struct report_html *h);

/* Cells of a table's row: <th scope=row> and <td class=n>. */
void report_html_cell(struct report_html *h, const char *text);
void report_html_head(struct report_html *h, const char *text);

/* "<p> ... and N more": where rows were left out. */
void report_html_more(struct report_html *h, int64_t left_out, const char *what);

#endif
