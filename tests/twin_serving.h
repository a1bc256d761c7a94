/* The twin of serving: the semantics of docs/design.md section 7 a second time, slow
 * and naive.
 *
 * Every iteration of every replica is stepped, each with a question of its own to
 * model_iteration_time(); lists are arrays scanned from one end to the other; the KV
 * cache is a row of blocks, each with its holders and its content, and those that
 * nobody holds in a list, least recently freed first.  It was written from the page and
 * from the headers, not from sim/replica.c, sim/serving.c or sim/kv_cache.c, and shares
 * with sim/ only the histogram and the rounding of base/units.h.
 *
 * Left out: autoscaling, failures, random routing, start-up, windows (it measures the
 * whole run), sources other than a trace.  Every replica has a node of its own, where
 * nodes have NICs.
 */
#ifndef TESTS_TWIN_SERVING_H
#define TESTS_TWIN_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/arrivals.h"
#include "model/result.h"
#include "model/scenario.h"
#include "model/serving.h"
#include "sim/histogram.h"

/* Requests as an array; also a trace for sim_run(). */
struct serving_request {
    int64_t time_ns; /* never falling */
    uint32_t prompt, output, priority;
    int32_t n_hashes;
    const uint64_t *hashes;
};
struct serving_trace {
    struct sp_arena *arena; /* of the passes over it */
    int32_t n, hash_block_tokens;
    const struct serving_request *rows;
};
struct model_trace_opener serving_trace_opener(const struct serving_trace *trace);

struct twin_request_result {
    int64_t arrived_ns, left_ns; /* -1: in flight at the end */
    int32_t dropped;             /* enum model_drop, or SP_NO_ID */
    int64_t scheduled_ns, first_ns, last_ns;
    bool good;
};

struct twin_pool_result {
    int64_t iterations, decoding_iterations, prefill_tokens, decode_tokens;
    int64_t recomputed_tokens, preemptions, beyond;
    int64_t prefix_tokens, prefix_found_tokens, prefix_blocks, prefix_found_blocks;
    int64_t busy_ns; /* from the instant one begins to that at which it ends */
    sp_i128 busy_ticks, compute_ticks, decode_ticks;
    sp_i128 pairs; /* (query, key) pairs of attention */
    int64_t rows;  /* of the head: tokens sampled */
    double kv_block_s;
    int64_t kv_peak; /* of one replica */
    struct sim_histogram queue;
};

struct twin_serving_result {
    struct twin_request_result *requests;
    int64_t in, done, in_flight, dropped_by[MODEL_DROP_REASONS], good;
    int64_t prompt_tokens, output_tokens; /* of requests done */
    int64_t end_ns;                       /* when the last of all left */
    struct sim_histogram ttft, tpot, itl, e2e, queue;
    struct sim_histogram class_ttft[MODEL_CLASSES_MAX], class_tpot[MODEL_CLASSES_MAX],
        class_e2e[MODEL_CLASSES_MAX];
    int64_t class_done[MODEL_CLASSES_MAX], class_good[MODEL_CLASSES_MAX];
    int64_t transfers, transfer_bytes;
    struct sim_histogram transfer, held_back;
    struct twin_pool_result pools[MODEL_POOLS_MAX];
};

/* One policy whose only workload is serving.  With `log` (a FILE) every iteration is
 * written to it.  Everything lives in `arena`. */
void twin_serving_run(const struct model_policy *policy,
                      const struct serving_trace *trace, struct sp_arena *arena,
                      void *log, struct twin_serving_result *result);

#endif
