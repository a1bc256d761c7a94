/* Small random scenarios to plan for, as text: one or two node types (with purchase
 * options), a pipeline of one to three stages, a rate to keep up with or work that
 * ends, with or without a deadline or a latency target; a few nodes of each type. */
#ifndef TESTS_PLAN_RANDOM_H
#define TESTS_PLAN_RANDOM_H

#include <stdint.h>

#include "base/arena.h"

/* In the words of docs/scenario.md; the same for the same seed, in `arena`. */
const char *plan_random_text(uint64_t seed, struct sp_arena *arena);

#endif
