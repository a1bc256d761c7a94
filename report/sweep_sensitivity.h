/* What a figure of a sweep depends on: functions of its rows.
 *
 * Of a sweep of design `indices` the Sobol' indices of each axis (model/indices.h); of
 * one-at-a-time a tornado: what each axis does alone.  Both of a policy's figure, or of
 * its difference to the baseline at the same point and replication: what the choice
 * between the two depends on.  docs/design.md, "Sensitivity".
 */
#ifndef REPORT_SWEEP_SENSITIVITY_H
#define REPORT_SWEEP_SENSITIVITY_H

#include "model/indices.h"
#include "report/sweep.h"

struct report_sweep_measure {
    struct model_figure_of of;
    int32_t policy;
    bool difference; /* policy - baseline, which there is and is another */
};

/* Over the rows whose points are all there; a point's value is the mean of its
 * replications.  Inputs are the axes.  False: the design is another, or values can't be
 * had. */
bool report_sweep_indices_of(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             struct sp_arena *arena, struct model_indices *indices);

/* The inputs by their total index, the highest first. */
int32_t *report_sweep_indices_order(const struct model_indices *indices,
                                    struct sp_arena *arena);

struct report_sweep_swing {
    int32_t axis;
    const char *low_text, *high_text; /* what the axis was set to */
    struct model_stat low, high;      /* the figure there */
    struct model_stat change;         /* high - low, replication by replication */
    bool turns; /* of a difference: its sign at an end is not that as it is, both shown
                 * by their intervals, or bare where there are none */
};

struct report_sweep_tornado {
    struct model_stat here;            /* as it is */
    int32_t n;                         /* axes whose two points are there */
    struct report_sweep_swing *swings; /* the widest first; without a value last */
};

/* False: the design is another, point 0 is not there, or values can't be had. */
bool report_sweep_tornado_of(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             struct sp_arena *arena,
                             struct report_sweep_tornado *tornado);

#endif
