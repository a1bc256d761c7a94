/* What the files that write scripts of gnuplot share.  Internal to report/plot*.c.
 *
 * A family of plots says how many of it there are, whether one of them has anything to
 * show, and writes its data and its script; report/plot.c has the table of families.
 * A script draws its panels within report_plot_begin() and report_plot_end(), which
 * make it draw twice: as SVG and as PNG. */
#ifndef REPORT_PLOT_PARTS_H
#define REPORT_PLOT_PARTS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"
#include "report/context.h"

enum {
    REPORT_PLOT_TITLE = 90,  /* columns of a title */
    REPORT_PLOT_LEGEND = 26, /* of a name in a legend */
    REPORT_PLOT_COLOURS = 8,
};

struct report_plots {
    struct sp_arena *arena;
    const char *folder;
    const struct report_context *context;
    const struct model_result *r;
    int n_stems;
    const char **stems;
};

/* Writes the data or the script of number `id` of a family. */
typedef void (*report_plot_writer)(const struct report_plots *p, int32_t id, FILE *out);

struct report_plot_family {
    const char *stem;
    int32_t (*count)(const struct report_plots *p);
    bool (*applies)(const struct report_plots *p, int32_t id);
    /* What number `id` is of: part of its stem; NULL: there is only one. */
    const char *(*name)(const struct report_plots *p, int32_t id);
    report_plot_writer data, script;
};

/* Writes data and scripts of the families to p->folder, made where absent, and has
 * gnuplot draw them; p->arena is the caller's.  As report_plot_write(). */
SP_CHECKED enum sp_status
report_plot_write_families(struct report_plots *p,
                           const struct report_plot_family *const *families, int n,
                           const char *gnuplot, bool *drawn, struct sp_err *err);

extern const struct report_plot_family report_plot_utilization, report_plot_cost,
    report_plot_waterfall, report_plot_tradeoff, report_plot_tornado,
    report_plot_latency, report_plot_serving, report_plot_jobs, report_plot_gantt,
    report_plot_fit, report_plot_roofline, report_plot_sweep, report_plot_grid;

/* ---- counts and names that families share ---- */

int32_t report_plot_count_one(const struct report_plots *p);
int32_t report_plot_count_policies(const struct report_plots *p);
int32_t report_plot_count_workloads(const struct report_plots *p);
const char *report_plot_policy_name(const struct report_plots *p, int32_t id);
const char *report_plot_workload_name(const struct report_plots *p, int32_t id);

/* Workload `id` of a policy; NULL where it has none of that number. */
const struct model_workload_result *report_plot_workload(const struct report_plots *p,
                                                         int32_t policy, int32_t id);

/* ---- text ---- */

/* "text" as gnuplot takes it, in at most `columns` columns: one line that is a string
 * and nothing but a string, whatever it holds, in a picture of either kind. */
const char *report_plot_quoted(struct sp_arena *arena, const char *text, int columns);

/* The same for the label of a tic, which is a format for numbers too: percent signs are
 * doubled. */
const char *report_plot_tic(struct sp_arena *arena, const char *text, int columns);

/* "utilization-2-disaggregated": safe as a file's name, unique by its number. */
const char *report_plot_stem(const struct report_plots *p,
                             const struct report_plot_family *family, int32_t id);

/* ---- data ---- */

/* The line that every file of data begins with. */
void report_plot_data_head(const struct report_plots *p, const char *what, FILE *out);

/* A comment that says what number `i` is called. */
void report_plot_data_name(const struct report_plots *p, int32_t i, const char *name,
                           FILE *out);

/* " 0.5", or " ?", which is gnuplot's missing value. */
void report_plot_value(FILE *out, double v);

/* ---- scripts ---- */

struct report_picture {
    const char *stem, *title, *subtitle; /* any text; subtitle "" : none */
    int height;                          /* pixels */
};

void report_plot_begin(const struct report_plots *p,
                       const struct report_picture *picture, FILE *out);
void report_plot_end(FILE *out);

/* Where a panel lies: number `index` of rows x columns, by rows. */
struct report_panel {
    int height; /* of the picture */
    int index, rows, columns;
    double legend_frac; /* of the width, kept free on the right for the legend */
    int under;          /* pixels kept free beneath it; 0: what tics and a label take */
    int left;           /* pixels kept free left of it; 0: what tics and a label take */
};

/* Says so to gnuplot; the legend goes to the right of the first panel.  What a panel
 * before has set stays set. */
void report_plot_panel(const struct report_panel *panel, FILE *out);

/* Tics at 0, 1, ... called after the policies; `mark` is put behind the names of those
 * that it holds of (NULL: none). */
void report_plot_policy_tics(const struct report_plots *p,
                             const char *(*mark)(const struct report_plots *p,
                                                 int32_t policy),
                             FILE *out);

/* Pixels that these tics take beneath a panel. */
int report_plot_policy_tics_px(const struct report_plots *p);

/* "lc rgb '#0072b2' dt 1", and " pt 5": how what is numbered `id` is told from others,
 * by more than colour. */
const char *report_plot_line(const struct report_plots *p, int32_t id);
const char *report_plot_point(const struct report_plots *p, int32_t id);

#endif
