/* The cheapest fleet by trying everything: each bundling, each number of nodes of each
 * type, each number of units, run one after the other, written without the planner. */
#ifndef TESTS_PLAN_NAIVE_H
#define TESTS_PLAN_NAIVE_H

#include <stdint.h>

#include "model/goals.h"
#include "plan/shape.h"
#include "sim/run.h"

struct plan_naive {
    const struct model_scenario *scenario;
    const struct model_goals *goals; /* with a range for every group */
    const struct plan_shape *shapes; /* the bundlings to try */
    int32_t n_shapes;
    const struct sim_options *run;
    int32_t units_max; /* of a kind */
};

struct plan_naive_best {
    double usd; /* INFINITY: nothing meets the goals */
    int32_t shape;
    int32_t nodes[8], units[8];
    int64_t tried;
};

struct plan_naive_best plan_naive_search(const struct plan_naive *n);

#endif
