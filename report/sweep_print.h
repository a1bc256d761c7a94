/* A sweep on a terminal: what was varied, who leads where, the least and the most of
 * the figures that count, points that nothing beats, where the lead changes. */
#ifndef REPORT_SWEEP_PRINT_H
#define REPORT_SWEEP_PRINT_H

#include <stdio.h>

#include "report/sweep.h"
#include "report/terminal.h"

struct report_sweep_asked {
    int32_t n; /* 0: cost, time and, of each workload, those of its kind */
    const struct model_figure_of *figures;
};

/*   SP_EINPUT, SP_EIO  a figure can't be read (its message comes at close), or `out` is
 *                      full. */
SP_CHECKED enum sp_status report_sweep_print(FILE *out,
                                             const struct report_sweep *sweep,
                                             const struct report_sweep_asked *asked,
                                             const struct report_terminal_options *how,
                                             struct sp_err *err);

#endif
