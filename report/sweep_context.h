/* A sweep as a report's context: the point in its middle as the run that is reported,
 * the other points as other runs that have one or two inputs otherwise.  So lines and
 * heat maps of runs draw sweeps, too. */
#ifndef REPORT_SWEEP_CONTEXT_H
#define REPORT_SWEEP_CONTEXT_H

#include "report/context.h"
#include "report/sweep.h"

enum { REPORT_SWEEP_OTHERS_MAX = 5000 };

/* In `arena`; of the result only what identifies it, and cost and time of each policy,
 * are filled.  NULL: there is no point, or its figures can't be had. */
struct report_context *report_sweep_context(const struct report_sweep *s,
                                            struct sp_arena *arena);

#endif
