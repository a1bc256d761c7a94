/* A lower bound on the bill, and where a search starts: a mixed-integer program over
 * nodes (whole) and slots of each row of the demand on each node type (any share).
 *
 *   min   sum_t price_t billed_t(T) n_t
 *   with  sum_t x_st / factor_st >= slot_s / T        each row gets its work done in T
 *         sum_s need_sr x_st <= has_tr n_t            resources of the nodes
 *         x_st <= floor(has_t / need_s) n_t           slots are whole
 *         least_t <= n_t <= most_t
 *
 * Where a run's length T is known (a horizon) that is `usd`: no fleet of fixed size
 * that does the work is cheaper.  Where T may be anything between two ends, the span is
 * cut in pieces, each priced at its begin and given the capacity of its end; the least
 * of them counts.  With node-hours in any parts instead of whole nodes (whole hours
 * where that is how they are billed) it is `floor_usd`, which nothing beats: not
 * elastic fleets, nor spot.  Where nodes may be lost, and are not paid for then, `usd`
 * is the floor.  What a run may draw less than the mean is off (plan/demand.h). The
 * floor knows no leases, each of which a bill rounds to whole micro-dollars: it may be
 * below by half of one for each, of a fixed fleet for each node.
 */
#ifndef PLAN_BOUND_H
#define PLAN_BOUND_H

#include "plan/demand.h"

struct plan_bound {
    double usd;       /* fixed fleets; INFINITY: no fleet can meet the goals, `text` */
    double floor_usd; /* anything; both NaN where a price is missing, 0 where nothing is
                       * asked for */
    double usd_per_h; /* of the fleet below */
    int32_t n_types;
    int32_t *nodes; /* a start: whole nodes by type, the program's answer at the longest
                     * time allowed */
    const char *text; /* what binds: "stage infer 69 %, stage preprocess 31 %" */
};

void plan_bound_of(const struct model_policy *policy, const struct plan_demand *demand,
                   const struct model_goals *goals, struct sp_arena *arena,
                   struct plan_bound *bound);

/* No run of nodes[] (fixed, by type) can be over before this, seconds; INFINITY: they
 * can't do it at all. */
double plan_bound_time_s(const struct model_policy *policy,
                         const struct plan_demand *demand, const int32_t *nodes);

/* How many nodes of type t the goals, its list or its `max` allow, least and most; of a
 * group of purchase options the sum is limited too: by the caller. */
void plan_bound_range(const struct model_policy *policy, int32_t t,
                      const struct model_goals *goals, int32_t *least, int32_t *most);

#endif
