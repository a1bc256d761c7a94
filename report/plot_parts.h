/* What the files that write scripts of gnuplot share.  Internal to report/plot*.c. */
#ifndef REPORT_PLOT_PARTS_H
#define REPORT_PLOT_PARTS_H

#include <stdio.h>

#include "base/arena.h"
#include "model/result.h"

enum { REPORT_PLOT_TITLE = 60 }; /* columns of a title */

struct report_plots {
    struct sp_arena *arena;
    const char *folder;
    const struct model_result *r;
    int n_scripts;
    const char **scripts; /* names within the folder */
};

/* Writes the data or the script that is about policy or workload `id`. */
typedef void (*report_plot_writer)(const struct report_plots *p, int32_t id, FILE *out);

/* "text" as gnuplot takes it, in at most `columns` columns: one line that is a string
 * and nothing but a string, whatever it holds. */
const char *report_plot_quoted(const struct report_plots *p, const char *text,
                               int columns);

/* The same for the label of a tic, which is a format for numbers too: percent signs are
 * doubled. */
const char *report_plot_tic(const struct report_plots *p, const char *text);

/* "utilization-2-disaggregated": safe as a file's name, unique by its number. */
const char *report_plot_stem(const struct report_plots *p, const char *what, int32_t id,
                             const char *name);

/* Begins a script whose picture is `stem`.png, `height` pixels high. */
void report_plot_head(const struct report_plots *p, const char *stem, int height,
                      FILE *out);

/* Whether some policy serves workload `id`; its data and its script. */
bool report_plot_serves(const struct report_plots *p, int32_t id);
void report_plot_serving_data(const struct report_plots *p, int32_t id, FILE *out);
void report_plot_serving_script(const struct report_plots *p, int32_t id, FILE *out);

/* The same of jobs. */
bool report_plot_has_jobs(const struct report_plots *p, int32_t id);
void report_plot_jobs_data(const struct report_plots *p, int32_t id, FILE *out);
void report_plot_jobs_script(const struct report_plots *p, int32_t id, FILE *out);

#endif
