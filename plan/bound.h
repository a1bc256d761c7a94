/* A lower bound on the bill, and where a search starts: a mixed-integer program over
 * nodes (whole) and slots of each stage on each node type (any share).
 *
 *   min   sum_t price_t n_t time
 *   with  sum_t speed_st x_st >= load_s                 each stage gets its work done
 *         sum_s need_sr x_st <= has_tr n_t              resources of the nodes
 *         x_st <= floor(has_t / need_s) n_t             slots are whole
 *         least_t <= n_t <= most_t
 *
 * With whole n_t no fleet of fixed size that does the work is cheaper; with any n_t and
 * hours instead of nodes nothing is (the floor).  Where the time is not fixed (a batch
 * with a deadline) the program is in node-hours, with whole hours where that is how
 * nodes are billed, and the least nodes that the deadline asks for.
 */
#ifndef PLAN_BOUND_H
#define PLAN_BOUND_H

#include "plan/demand.h"

struct plan_bound {
    double usd;       /* fixed fleets; INFINITY: nothing can meet the goals, `text` */
    double floor_usd; /* anything */
    double usd_per_h; /* of the fleet below */
    int32_t n_types;
    int32_t *nodes;   /* a start: whole nodes by type, the program's answer */
    const char *text; /* what binds: "GPU time of infer; CPU time of preprocess" */
};

/* `ranges` by node type: what the goals allow.  With a price missing both are NaN. */
void plan_bound_of(const struct model_policy *policy, const struct plan_demand *demand,
                   const struct model_goals *goals, struct sp_arena *arena,
                   struct plan_bound *bound);

/* No run of nodes[] (fixed, by type) can be over before this, seconds; its bill is at
 * least that time x its price. */
double plan_bound_time_s(const struct model_policy *policy,
                         const struct plan_demand *demand, const int32_t *nodes);

#endif
