/* Small random scenarios, valid and made from a seed: for tests of what must always
 * hold.
 *
 * The same seed and options give the same scenario.  Half of them live on a grid: all
 * times are whole seconds, so that events meet at the same instant and their order
 * counts.  Records are made directly, without a file; every policy has been sized and
 * is feasible.
 */
#ifndef TESTS_SCENARIO_RANDOM_H
#define TESTS_SCENARIO_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "model/scenario.h"

struct scenario_random {
    uint64_t seed;
    int32_t items_min, items_max; /* of the source; 5 and 200 where both are 0 */
    bool scaled; /* with autoscaled pools, Ray's budgets, gamma and diurnal arrivals */
    bool lossless;    /* nothing fails, nothing is filtered, no horizon */
    bool constant;    /* every service time is constant and nothing scales it */
    bool losses;      /* nodes are taken back and break; the run has an end in time */
    const char *rule; /* the only rule, or NULL: any */
};

/* Lives in `arena`. */
struct model_scenario *scenario_random_new(const struct scenario_random *how,
                                           struct sp_arena *arena);

/* For people, in the words of docs/scenario.md. */
void scenario_random_print(FILE *out, const struct model_scenario *scenario);

#endif
