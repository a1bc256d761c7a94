/* A replica (or one for prompts and one that decodes) driven by a list of requests, for
 * tests: a time source whose ticks are written down, and a log of all that was told.
 */
#ifndef TESTS_REPLICA_RIG_H
#define TESTS_REPLICA_RIG_H

#include "base/rng.h"
#include "model/iteration.h"
#include "sim/replica.h"

/* Prompts: prompt + token per token + pair per (query, key) pair; decodes: decode +
 * each per sequence + context per token of context, and past `kink` tokens of context
 * `bend` more for each.  An iteration of both: the sum.  Ticks. */
struct model_iteration {
    int64_t prompt, token, pair, decode, each, context, kink, bend;
    int64_t line_most;  /* iterations of a line; 0: no limit */
    int64_t fails_past; /* tokens of context that it does not know; 0: knows all */
};

enum rig_kind {
    RIG_SCHEDULED,
    RIG_FIRST,
    RIG_DONE,
    RIG_PREFILLED,
    RIG_PREEMPTED,
    RIG_FREED,
    RIG_LOST
};

struct rig_event {
    enum rig_kind kind;
    int32_t number; /* of the request; -1: none */
    int64_t ns;
};

struct rig_request {
    int64_t at_ns;
    uint32_t prompt, output, priority;
    int32_t n_hashes;
    uint64_t hashes[16];
};

struct rig_options {
    struct model_iteration it;
    struct model_pool pool; /* names, sizes; iteration is set by the rig */
    bool split;             /* a prefill and a decode replica */
    int64_t transfer_ns;
    int64_t decode_kv_blocks;
    int32_t hash_tokens;
    int64_t span_limit;
    int32_t n;
    const struct rig_request *requests;
    uint64_t settle_seed; /* not 0: settles and verifies at random times */
    int64_t lose_ns;      /* the first replica is lost then; 0: never */
    int64_t stop_ns;      /* 0: when all is done */
    bool verify;
    bool overlap; /* the decode replica's room is asked for as the prompt begins */
};

struct rig_result {
    struct sim_replica_stats stats[2];
    struct rig_event *events;
    int32_t n_events, room;
    int64_t steps;
    int64_t kv_peak;
    enum sp_status status;
    struct sp_arena *arena;
    struct sp_err err;
    int64_t end_ns;
};

/* Free with rig_free(). */
struct rig_result *rig_run(const struct rig_options *o);
void rig_free(struct rig_result *result);

/* When a request had this happen; -1: never.  The nth time, from 0. */
int64_t rig_when(const struct rig_result *result, enum rig_kind kind, int32_t number,
                 int32_t nth);
bool rig_same(const struct rig_result *a, const struct rig_result *b);

#endif
