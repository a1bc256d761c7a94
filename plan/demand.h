/* What the work of a scenario asks of any fleet, whatever is bundled with what: slots
 * kept busy, from bottleneck analysis (model/sizing.h) and its twins for serving and
 * jobs.
 *
 * A row is a stage (a phase of serving, a class of jobs): in the mean at least `slots`
 * of its slots are busy all the time, or, of work that ends, `slot_s` slot-seconds are
 * served in all; each holds `needs` of a node meanwhile.  Batches are full, iterations
 * as large as they may be, each row on the fastest node type that it may use: what is
 * told is never more than what a run needs in the mean.
 */
#ifndef PLAN_DEMAND_H
#define PLAN_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/goals.h"
#include "model/scenario.h"

struct plan_demand_row {
    int32_t workload, stage;
    struct model_amounts needs; /* of one slot */
    double slots;  /* busy at a time, mean over the run, on a node of speed 1; NaN:
                    * `slot_s` is what is known */
    double slot_s; /* of all work; NaN: the work does not end */
    bool by_speed; /* cpu_speed divides its time */
    uint64_t allowed_types;    /* of the policy's node types; bit i */
    const double *type_factor; /* time on type i over that on the fastest; NULL: all 1
                                * but for the speed */
};

struct plan_demand {
    int32_t n;
    struct plan_demand_row *rows;
    double time_s; /* of the run, where that is known beforehand (a horizon); NaN */
    double most_s; /* a deadline that the goals set; INFINITY */
    const char *unknown; /* what keeps a row from being known, or NULL */
};

/* Under policy `policy`'s view of the workloads; goals that bound a rate count. */
void plan_demand_of(const struct model_scenario *sc, int32_t policy,
                    const struct model_goals *goals, struct sp_arena *arena,
                    struct plan_demand *demand);

#endif
