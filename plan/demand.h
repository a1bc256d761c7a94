/* What the work of a scenario asks of any fleet, whatever is bundled with what: slots
 * kept busy, from bottleneck analysis (model/sizing.h) and its twins for serving and
 * jobs.
 *
 * A row is a stage (of serving the replicas, of jobs a class): its work is at least
 * `slot_s` slot-seconds in the mean, on the node type on which it is fastest; each slot
 * holds `needs` of a node meanwhile.  Batches are full and iterations as large as they
 * may be, and only what the goals ask for is counted: a rate or a share of what arrives
 * where they bound one, all of it where work must end, nothing where they ask for none.
 *
 * What is left out, and why: a fused unit with a time of its own, whose stages alone
 * would take another; a closed loop, whose load is what the fleet makes of it; traces
 * that were not summed up.  `unknown` says so, and the row is not there.
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
    double slot_s;
    double slots; /* busy at a time, in the mean; NaN where time_s is not known */
    uint64_t allowed_types; /* of the policy's node types; bit i */
    double *factor; /* by node type: its time there over that on the fastest, >= 1 */
};

struct plan_demand {
    int32_t n;
    struct plan_demand_row *rows;
    double time_s;  /* of every run: a horizon until which work comes; NaN: not known */
    double least_s; /* no run is over before: its last item arrives, or its horizon */
    double most_s;  /* it must be over by then: a horizon, a deadline; or INFINITY */
    double floor_frac; /* of slot_s, what nobody gets around who holds nodes only while
                        * they work: the window's share of the run */
    const char *unknown; /* what is left out, or NULL */
};

/* Under policy `policy`'s view of the workloads. */
void plan_demand_of(const struct model_scenario *sc, int32_t policy,
                    const struct model_goals *goals, struct sp_arena *arena,
                    struct plan_demand *demand);

#endif
