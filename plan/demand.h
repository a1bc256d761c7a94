/* What the work of a scenario asks of any fleet, whatever is bundled with what: slots
 * kept busy, from bottleneck analysis (model/sizing.h) and its twins for serving and
 * jobs.
 *
 * A row is a stage (of serving the replicas, of jobs a class): its work is at least
 * `slot_s` slot-seconds, on the node type on which it is fastest; each slot holds
 * `needs` of a node meanwhile.  Batches are as large as suits best, and only what the
 * goals ask for is counted: a rate or a share of what arrives where they bound one, all
 * of it where work must end, nothing where they ask for none.
 *
 * Where something is drawn, `slot_s` is the mean less four standard deviations of one
 * run's work: a run that draws less is one in thirty thousand.
 *
 * What is left out, and why: a fused unit with a time of its own, whose stages alone
 * would take another; a closed loop without a number of items, whose load is what the
 * fleet makes of it; traces that were not summed up, or of which a run sees a part.
 * `unknown` says so, and the row is not there.
 */
#ifndef PLAN_DEMAND_H
#define PLAN_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/goals.h"
#include "model/scenario.h"

struct plan_demand_row {
    int32_t workload, stage;    /* stage SP_NO_ID: of jobs */
    const char *name;           /* "stage infer", "jobs train" */
    struct model_amounts needs; /* of one slot */
    double slot_s;  /* that nodes held from begin to end must be able to do */
    double floor_s; /* that is done in any run: of a rate over a window not before it */
    double slots;   /* busy at a time, in the mean; NaN where time_s is not known */
    uint64_t allowed_types; /* of the policy's node types; bit i */
    double *factor; /* by node type: its time there over that on the fastest, >= 1 */
};

struct plan_demand {
    int32_t n;
    struct plan_demand_row *rows;
    double time_s;  /* of every run: a horizon until which work comes; NaN: not known */
    double least_s; /* no run is over before: its last item arrives, or its horizon */
    double most_s;  /* it must be over by then: a horizon, a deadline; or INFINITY */
    const char *unknown; /* what is left out, or NULL */
};

/* Under policy `policy`'s view of the workloads. */
void plan_demand_of(const struct model_scenario *sc, int32_t policy,
                    const struct model_goals *goals, struct sp_arena *arena,
                    struct plan_demand *demand);

#endif
