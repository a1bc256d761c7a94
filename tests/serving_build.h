/* Serving scenarios built in memory, for tests of the simulation: no YAML, no files.
 *
 * serving_new() makes one policy with one serving workload without pools yet, on one
 * kind of fixed node; serving_pool() adds a pool with times that hands can add up: an
 * iteration takes 10 ms where it decodes and 1 ms more for each token of a prompt.
 * Tests then change the records where they differ; everything lives in the arena.
 */
#ifndef TESTS_SERVING_BUILD_H
#define TESTS_SERVING_BUILD_H

#include <stdint.h>

#include "base/arena.h"
#include "model/items.h"
#include "model/result.h"
#include "model/scenario.h"
#include "model/serving.h"

struct serving_build {
    struct sp_arena *arena;
    struct model_scenario *sc;
    struct model_policy *policy;
    struct model_node_type *node;
    struct model_plan *plan;
    struct model_source *source;
    struct model_serving *serving;
};

struct serving_build serving_new(struct sp_arena *arena);

/* `count` replicas of one GPU, chunked prefill, 1,000 tokens an iteration, 100
 * sequences, blocks of 10 tokens without limit. */
struct model_pool *serving_pool(struct serving_build *b, enum model_role role,
                                int32_t count);
/* The unit of the pool that was added last. */
struct model_unit *serving_unit(struct serving_build *b);

/* Seconds of an iteration: `prefill_s` a token of prompt, `decode_s` where it decodes.
 */
struct model_iteration *serving_times(struct sp_arena *arena, double prefill_s,
                                      double decode_s);

/* A literal array as the trace. */
struct serving_arrival {
    double s;
    uint32_t prompt, output;
};
struct serving_trace {
    int32_t n;
    const struct serving_arrival *rows;
};
void serving_trace(struct serving_build *b, const struct serving_trace *trace);

struct serving_how {
    uint64_t seed;
    const struct serving_trace *trace;
    const struct model_item_sink *items;
    int64_t span_limit;
    int32_t timeline_slices;
    bool lax; /* without verifying after every event */
};
/* Runs every policy once; a failure ends the process with its message. */
const struct model_result *serving_run(const struct serving_build *b,
                                       struct serving_how how);

#endif
