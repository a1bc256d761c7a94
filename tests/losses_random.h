/* Random losses and limits for the node types of a random scenario: taken back by
 * chance or by a record, broken and repaired, launch rates, options of a group. */
#ifndef TESTS_LOSSES_RANDOM_H
#define TESTS_LOSSES_RANDOM_H

#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

/* Changes `n` types, some of them; the same seed does the same.  Nodes live for some
 * tens of `step_ns`; all fixed times are whole ones. */
void losses_random(struct model_node_type *types, int32_t n, uint64_t seed,
                   int64_t step_ns, struct sp_arena *arena);

#endif
