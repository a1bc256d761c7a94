/* The files that `run` and `report` write when they are asked to: one table, in
 * outputs.c, of which both take their options. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "cli/cli.h"
#include "model/items.h"
#include "report/context.h"

/* Rows of a command's table of options. */
/* clang-format off */
#define CLI_OUTPUT_OPTIONS \
    {"xlsx", 0, "FILE", "write a workbook with live formulas"}, \
    {"json", 0, "FILE", "write the result as JSON"}, \
    {"html", 0, "FILE", "write a page for a browser, in one file"}, \
    {"plot", 0, "DIR", "draw plots with gnuplot; -: a few of them as text"}, \
    {"focus", 0, "FILE", "write the bill as FinOps FOCUS 1.2 rows"}, \
    {"timeline", 0, "FILE", "write what happened when as a Chrome/Perfetto trace"}, \
    {"metrics", 0, "FILE", "write the figures as OpenMetrics text"}, \
    {"csv", 0, "DIR", "write every table as a CSV file"}, \
    {"start", 0, "DATE", "what date --focus takes the run to begin on (default: the " \
     "first of this month)"}
/* clang-format on */

enum { CLI_OUTPUTS_MAX = 16 };

struct cli_outputs {
    const char *db;                    /* path, or NULL: not asked for */
    const char *path[CLI_OUTPUTS_MAX]; /* by row of the table; NULL: not asked for */
    const char *start;                 /* date of time 0, or NULL */
    bool want_items;                   /* rows per item go to the database */
    struct model_item_row *items;      /* kept until the run is in the database */
    int64_t n_items, items_room;
};

/* What the options say; --db and --items too, where the command has them. */
struct cli_outputs cli_outputs_asked(const struct cli_parsed *parsed);

/* Whether anything of the table but `except` was asked for. */
bool cli_outputs_any(const struct cli_outputs *o, const char *except);

/* Slices worth keeping for what was asked for: see struct sim_options. */
int32_t cli_outputs_timeline_slices(const struct cli_outputs *o);

/* The path given for an option of the table, or NULL. */
const char *cli_outputs_path(const struct cli_outputs *o, const char *option);

/* A word before a long run: whether the files could be written, --items has a --db, and
 * no two go to one file. */
SP_CHECKED enum sp_status cli_outputs_check(const struct cli_outputs *o,
                                            struct sp_err *err);

/* Refuses an output that is a file the run is made from, called `what` in the message;
 * `path` is that file.
 *   SP_EINPUT  writing would destroy it. */
SP_CHECKED enum sp_status cli_outputs_refuse_input(const struct cli_outputs *o,
                                                   const char *what, const char *path,
                                                   struct sp_err *err);

/* Keeps one row: the function of a struct model_item_sink, `self` a struct cli_outputs.
 */
void cli_outputs_keep_item(void *self, const struct model_item_row *row);

/* Writes what was asked for; c->created_s is said in all of it. */
SP_CHECKED enum sp_status cli_outputs_write(const struct cli_outputs *o,
                                            const struct report_context *c,
                                            struct sp_err *err);

/* Draws all plots to a folder; says so on stderr where there is no gnuplot. */
SP_CHECKED enum sp_status cli_outputs_plot(const char *folder,
                                           const struct report_context *c,
                                           struct sp_err *err);

/* What was asked for as text on stdout (--plot -), to be called after the terminal's
 * report. */
SP_CHECKED enum sp_status cli_outputs_show(const struct cli_outputs *o,
                                           const struct report_context *c,
                                           struct sp_err *err);

/* Now, or SOURCE_DATE_EPOCH where files have to come out the same. */
int64_t cli_outputs_now_s(void);

/* One line on stdout for each that was asked for: what it is and its path. */
void cli_outputs_print(const struct cli_outputs *o);

void cli_outputs_fini(struct cli_outputs *o);

#endif
