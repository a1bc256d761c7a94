/* Other runs of the database by the inputs in which they differ from this one. */
#ifndef REPORT_PLOT_RUNS_H
#define REPORT_PLOT_RUNS_H

#include "report/plot_parts.h"

bool report_plot_same_input(const struct report_change *a,
                            const struct report_change *b);

/* Inputs that are numbers here and there, of runs that differ in one or two; each once,
 * in the order of the runs. */
struct report_plot_inputs {
    int32_t n;
    const struct report_change **inputs;
};
struct report_plot_inputs report_plot_inputs_of(const struct report_plots *p);

#endif
