/* Small random scenarios to plan for, as text in the words of docs/scenario.md: one or
 * two node types, some with purchase options, a few nodes of each. */
#ifndef TESTS_PLAN_RANDOM_H
#define TESTS_PLAN_RANDOM_H

#include <stdint.h>

#include "base/arena.h"

/* The same for the same seed, in `arena`. */
typedef const char *(*plan_random_text)(uint64_t seed, struct sp_arena *arena);

/* One to three stages; a rate to keep up with, with or without a target of latency, or
 * work that ends, with a deadline that may be far. */
const char *plan_random_pipeline(uint64_t seed, struct sp_arena *arena);

/* Replicas of a model whose iterations take a stated time, and a target of TTFT or SLO.
 */
const char *plan_random_serving(uint64_t seed, struct sp_arena *arena);

/* One or two kinds of jobs, and a target of their waits. */
const char *plan_random_jobs(uint64_t seed, struct sp_arena *arena);

#endif
