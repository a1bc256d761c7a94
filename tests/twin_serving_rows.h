/* What the parts of the twin of serving know of each other. */
#ifndef TESTS_TWIN_SERVING_ROWS_H
#define TESTS_TWIN_SERVING_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/twin_serving.h"

/* ---- KV blocks ---- */

enum tw_content { TW_NOTHING, TW_HASHED, TW_OWN };

struct tw_block {
    int32_t holders;
    enum tw_content content;
    uint64_t name; /* HASHED: the hash; OWN: number of the request */
    int32_t at;    /* HASHED: place in its group; OWN: place in the sequence */
};

struct tw_kv {
    struct sp_arena *arena;
    int64_t capacity; /* INT64_MAX: not limited */
    bool caching;
    int32_t block_size, group; /* KV blocks of a hash; 0: no hashes */
    int32_t n, room;           /* blocks ever used */
    struct tw_block *blocks;
    int32_t n_free, *freed; /* least recently freed first; room as above */
    int64_t used, peak;
};

struct tw_request {
    int64_t number;
    const struct serving_request *row;
    struct twin_request_result *r;
    int64_t generated; /* output tokens so far */
    int64_t target;    /* tokens to compute before it decodes */
    int64_t computed;  /* tokens in the KV cache */
    int64_t before;    /* most tokens that were in a KV cache and were lost */
    bool decoding;
    bool here_before;       /* was admitted here before */
    int64_t given;          /* tokens in the iteration that runs */
    int64_t keeps;          /* blocks kept free for it while one is filled */
    int64_t first_chunk_ns; /* when the first chunk's iteration began here */
    int64_t submitted_ns, prefilled_ns;
    sp_i128 last_tick; /* of its last token; 0: none yet */
    int32_t n_blocks, room, *blocks;
    int32_t
        named; /* blocks that it had by name when it was preempted, the first ones */
    struct tw_replica *from;  /* where its prompt was computed */
    struct tw_replica *to;    /* picked to decode */
    struct tw_request *there; /* what it is in that replica */
};

int64_t tw_kv_free(const struct tw_kv *kv);
void tw_kv_take(struct tw_kv *kv, struct tw_request *q, int64_t blocks);
/* Blocks at the beginning of a sequence that are there: by name, then its own. */
struct tw_found {
    int32_t named, own;
    int64_t held; /* of them, by others */
};
/* For at most `tokens`: those of its prompt by name or, with `own`, those that it had
 * by name before it was preempted and its own that follow them (none where the former
 * are not all there). */
struct tw_found tw_kv_find(const struct tw_kv *kv, const struct tw_request *q,
                           int64_t tokens, bool own);
void tw_kv_hold(struct tw_kv *kv, struct tw_request *q, const struct tw_found *found);
/* A chunk that ends at `tokens` is in an iteration: names the prompt's full blocks up
 * to there that go by no name, where no other block has it. */
void tw_kv_name(struct tw_kv *kv, struct tw_request *q, int64_t tokens);
void tw_kv_release(struct tw_kv *kv, struct tw_request *q, bool again);

/* ---- a store of the trace's blocks, for a pool ---- */

struct tw_store {
    int64_t room;
    int32_t n;
    uint64_t *hashes; /* least recently used first */
};
int32_t tw_store_match(const struct tw_store *s, const struct serving_request *q);
void tw_store_use(struct tw_store *s, const struct serving_request *q);

/* ---- replicas ---- */

struct tw_list {
    int32_t n;
    struct tw_request **q;
};

struct tw_replica {
    struct tw_run *run;
    const struct model_pool *pool;
    struct twin_pool_result *r;
    struct tw_store *store;
    int32_t pool_id, number;
    double nic_bytes_per_s;
    int64_t nic_out_ns, nic_in_ns;
    struct tw_kv kv;
    struct tw_list running, waiting; /* running: in the order of admission */
    int32_t reserved, held; /* caches on their way to it; prompts that wait to go */
    bool busy;
    bool look; /* idle, and something changed: it steps at this instant */
    sp_i128 begin_tick, end_tick;
    int64_t end_ns;
};

void tw_list_add(struct tw_list *l, struct tw_request *q);
void tw_list_drop(struct tw_list *l, const struct tw_request *q);

bool tw_replica_fits(const struct tw_replica *r, const struct serving_request *q,
                     bool whole);
/* Something changed: if it is idle, it looks. */
void tw_replica_wake(struct tw_replica *r);
void tw_replica_submit(struct tw_replica *r, struct tw_request *q);
void tw_replica_join(struct tw_replica *r, struct tw_request *q);
/* Its iteration has ended; or it is idle and something changed. */
void tw_replica_step(struct tw_replica *r);
int64_t tw_replica_requests(const struct tw_replica *r);
int64_t tw_replica_outstanding(const struct tw_replica *r);

/* ---- the workload ---- */

struct tw_transfer {
    int64_t at_ns;
    bool held; /* without delay, from a step: it arrives when all of them are over */
    struct tw_request *q;
};

struct tw_run {
    struct sp_arena *arena;
    const struct model_serving *m;
    const struct serving_trace *trace;
    struct twin_serving_result *r;
    FILE *log;
    int64_t now_ns;
    bool stepping;
    int32_t n_arrived, hash_tokens;
    int32_t n_replicas;
    struct tw_replica *replicas;
    int32_t last[2];      /* round robin of requests, of prefilled ones */
    struct tw_list line;  /* prefilled, waiting for a decode replica */
    struct tw_list ahead; /* whose first chunk began at this instant (overlap) */
    struct tw_list back;  /* preempted at this instant, with a place picked ahead */
    bool look;            /* the line has grown, or a decode replica freed something */
    int32_t n_transfers;
    struct tw_transfer *transfers; /* in the order in which they began */
};

int64_t tw_ceil_ns(sp_i128 tick);
/* What replicas tell. */
void tw_run_scheduled(struct tw_run *run, struct tw_replica *r, struct tw_request *q);
void tw_run_token(struct tw_run *run, struct tw_request *q, sp_i128 tick);
void tw_run_done(struct tw_run *run, struct tw_request *q);
void tw_run_prefilled(struct tw_run *run, struct tw_replica *r, struct tw_request *q);
void tw_run_preempted(struct tw_run *run, struct tw_request *q);

#endif
