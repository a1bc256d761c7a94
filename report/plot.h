/* Pictures by gnuplot, which runs as a process of its own (no shell): utilization over
 * time for each policy, cost by policy, and the latencies and the SLO of each serving
 * workload.
 *
 * In the folder are left, for each picture, its script (.gp), its data (.dat) and the
 * picture (.png); `cd DIR && gnuplot X.gp` draws it again.  Names of the scenario are
 * quoted so that they stay text in a script.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <stdbool.h>

#include "base/status.h"
#include "model/result.h"

/* Writes scripts and data to `folder` (made where absent) and has `gnuplot` (a name to
 * be found in PATH, or a path) draw them.  *drawn is false where there is no gnuplot:
 * the scripts and data are there, and the caller says so. SP_EIO  the folder can't be
 * written to, or gnuplot failed. */
SP_CHECKED enum sp_status report_plot_write(const char *folder,
                                            const struct model_result *result,
                                            const char *gnuplot, bool *drawn,
                                            struct sp_err *err);

#endif
