/* Scenarios built in memory, for tests of the simulation: no YAML, no files.
 *
 * plan_new() makes the smallest scenario that runs: one policy, one pipeline workload
 * without stages yet, on one fixed node with as many CPUs as anybody wants.  Tests then
 * change the records where they differ; everything lives in the arena.
 */
#ifndef TESTS_PLAN_BUILD_H
#define TESTS_PLAN_BUILD_H

#include <stdint.h>

#include "base/arena.h"
#include "model/result.h"
#include "model/scenario.h"
#include "sim/run.h"

enum {
    PLAN_STAGES = MODEL_STAGES_MAX,
    PLAN_UNITS = MODEL_STAGES_MAX,
    PLAN_POLICIES = 4
};

struct plan_build {
    struct sp_arena *arena;
    struct model_scenario *sc;
    struct model_policy *policy;
    struct model_node_type *node;
    struct model_plan *plan;
    struct model_source *source;
};

struct plan_build plan_new(struct sp_arena *arena);

struct model_dist plan_constant(double value);
struct model_dist plan_exponential(double mean);

/* A stage of one CPU a slot with `time_s` a task, fed by the stage added before it (the
 * first by the source).  Its id is its index. */
struct model_stage *plan_stage(struct plan_build *b, const char *name,
                               struct model_dist time_s);

/* `count` units of `slots` slots of one stage. */
struct model_unit *plan_unit(struct plan_build *b, int32_t stage, int32_t slots,
                             int32_t count);

/* One more stage in the unit. */
void plan_unit_add(struct model_unit *unit, int32_t stage, int32_t slots);

/* A unit of its own, with `slots` slots, for each stage that has none yet. */
void plan_apart(struct plan_build *b, int32_t slots);

/* Copies the policy that was built last, with rows of its own, and makes it the
 * current. */
void plan_policy_copy(struct plan_build *b, const char *name);

/* An open Poisson source from 0 to the horizon, measured from `from_s` on. */
void plan_poisson(struct plan_build *b, double per_s, double from_s, double until_s);

/* A literal array as the trace: times in seconds. */
struct plan_times {
    int32_t n;
    const double *s;
};
void plan_trace(struct plan_build *b, const struct plan_times *times);

/* Runs every policy with the row verification that `verify` asks for; a failure ends
 * the process with its message. */
struct plan_how {
    uint64_t seed;
    int32_t replications;
    bool verify;
    int32_t timeline_slices;
    const struct plan_times *times; /* where the source is a trace */
};
const struct model_result *plan_run(const struct plan_build *b, struct plan_how how);

#endif
