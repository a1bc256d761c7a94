/* The search for the cheapest fleet and bundling that meet the goals.
 *
 * 1. A bound for every policy (plan/bound.h) and a start: units for the load, nodes
 * that hold them.
 * 2. Repair, partition by partition: the load is scaled up until the runs meet the
 *    goals, then down between the last two by bisection.
 * 3. Moves from the best: fewer nodes, and of one type or purchase option some for so
 *    many of another as are cheaper.
 * 4. The fleets that are left, by price, each ruled out by its own bound, by a larger
 *    fleet that missed, or by a run; until none is left (`complete`) or the runs are
 *    used up.
 *
 * On each fleet the bundlings, slot ratios and proportions of units that its bound
 * leaves open are run until one meets the goals or, where they differ in cost, raced:
 * more and more replications, all the same ones, and who is dearer with 95 % confidence
 * is dropped.  docs/design.md, "The planner".
 */
#ifndef PLAN_SEARCH_H
#define PLAN_SEARCH_H

#include "model/planned.h"
#include "plan/evaluate.h"

/* How far it is, between batches of runs. */
struct plan_progress {
    int64_t runs;
    int32_t candidates;
    double best_usd;  /* of a run; INFINITY: nothing meets the targets so far */
    double bound_usd; /* no fleet of fixed size is below; INFINITY, NaN: see above */
};

struct plan_ask {
    struct model_scenario *scenario; /* sized and checked as far as it can be */
    const struct model_goals *goals;
    const struct sim_options *run;
    int32_t replications;  /* of what is told, 10 */
    double precision_frac; /* of cost: 0.01 */
    int64_t runs_max;
    int32_t threads;
    bool frontier;
    const char *ratio; /* "prep:gpu" or NULL: the ratio finder instead */
    double busy_frac;  /* of the ratio finder: 0.95 */
    bool (*stop)(void *self, const struct plan_progress *now); /* or NULL */
    void *stop_self;
};

/* *planned lives in `arena`.  Infeasible targets are an answer, not an error.
 *   SP_EINPUT  the scenario can't be planned for: a price is missing; a ratio of what
 *              is not there. */
SP_CHECKED enum sp_status plan_search(const struct plan_ask *ask,
                                      struct sp_arena *arena,
                                      struct model_planned **planned,
                                      struct sp_err *err);

#endif
