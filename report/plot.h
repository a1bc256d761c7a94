/* Pictures by gnuplot, which runs as a process of its own (no shell): what a result
 * says to the eye.  docs/design.md lists them; which of them are drawn depends on what
 * the result has.
 *
 * In the folder are left, for each picture, its script (.gp), its data (.dat) and the
 * picture twice (.svg, .png); `cd DIR && gnuplot X.gp` draws both again.  Names of the
 * scenario are quoted so that they stay text in all of them.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"
#include "report/context.h"

/* Writes scripts and data to `folder` (made where absent) and has `gnuplot` (a name to
 * be found in PATH, or a path) draw them.  *drawn is false where there is no gnuplot:
 * the scripts and data are there, and the caller says so. SP_EIO  the folder can't be
 * written to, or gnuplot failed: no picture is there by halves. */
SP_CHECKED enum sp_status report_plot_write(const char *folder,
                                            const struct report_context *context,
                                            const char *gnuplot, bool *drawn,
                                            struct sp_err *err);

struct report_plot_terminal {
    int columns, rows; /* of one plot */
    bool colour;
};

/* The size of the terminal and whether it has colours, where `out` is one; else 80 x 24
 * without.  Reads the environment. */
struct report_plot_terminal report_plot_terminal_for(FILE *out);

/* Draws a few of them as text: cost, its waterfall, utilization, latencies. */
SP_CHECKED enum sp_status report_plot_print(FILE *out,
                                            const struct report_plot_terminal *terminal,
                                            const struct report_context *context,
                                            const char *gnuplot, bool *drawn,
                                            struct sp_err *err);

#endif
