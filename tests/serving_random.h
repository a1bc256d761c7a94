/* Small random serving scenarios, valid and made from a seed: for tests of what must
 * always hold.  The same seed and options give the same scenario.  Half of them live on
 * a grid of whole milliseconds, so that events meet at the same instant and their order
 * counts.
 */
#ifndef TESTS_SERVING_RANDOM_H
#define TESTS_SERVING_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/serving_build.h"

struct serving_random {
    uint64_t seed;
    int32_t items_max; /* 60 where 0 */
    bool steady;       /* nothing fails or is scaled, no start-up, nodes for all */
    bool ties;         /* all times are 0 or a few times 10 ms: most events coincide */
    bool losses;       /* nodes are taken back and break; the run has an end in time */
    bool beside;       /* a pipeline, or another serving workload, on the same fleet */
};

struct serving_build serving_random_new(const struct serving_random *how,
                                        struct sp_arena *arena);

/* For people. */
void serving_random_print(FILE *out, const struct serving_build *b);

#endif
