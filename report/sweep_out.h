/* A sweep as files: JSON, CSV, plots.  docs/exports.md names members and columns. */
#ifndef REPORT_SWEEP_OUT_H
#define REPORT_SWEEP_OUT_H

#include <stdbool.h>

#include "report/sweep.h"

/* Points of one JSON file: it is built in memory.  More go to CSV. */
enum { REPORT_SWEEP_JSON_MAX = 100000 };

/*   SP_EINPUT  too many points for one file.
 *   SP_EIO     it can't be written. */
SP_CHECKED enum sp_status report_sweep_json_write(const char *path,
                                                  const struct report_sweep *sweep,
                                                  struct sp_err *err);

/* points.csv: a row for each point and policy, of each figure mean and half width, and
 * the difference to the baseline; axes.csv; sweep.csv: what was asked for, last. */
SP_CHECKED enum sp_status report_sweep_csv_write(const char *folder,
                                                 const struct report_sweep *sweep,
                                                 struct sp_err *err);

/* Lines along the axes and heat maps of pairs of them, through the point in the middle;
 * the front; what figures depend on.  *drawn as report_plot_write(). */
SP_CHECKED enum sp_status report_sweep_plot_write(const char *folder,
                                                  const struct report_sweep *sweep,
                                                  const char *gnuplot, bool *drawn,
                                                  struct sp_err *err);

#endif
