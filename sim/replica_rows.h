/* The rows of a replica, for the files sim/replica*.c only.
 *
 * The clock of a batch is the number of iterations that have decoded: as all decoding
 * sequences do so together, a sequence is described by constants.  Its context is base
 * + decoded, it has all of its output at decoded = finish, and it needs a block more
 * when (base + decoded) is a multiple of block_size: one counter for each residue.
 *
 * A *span* is what runs: one iteration with chunks of prompts, or any number of
 * iterations that only decode.  `decoded` and everything about sequences is as of
 * its beginning until it is over; blocks that decoding sequences take on the way are
 * counted in one holding, `grown`, and become a sequence's own when it leaves.
 */
#ifndef SIM_REPLICA_ROWS_H
#define SIM_REPLICA_ROWS_H

#include "base/units.h"
#include "model/iteration.h"
#include "sim/batching.h"
#include "sim/kv_cache.h"
#include "sim/replica.h"

enum { SPAN_SEGMENTS = 64 }; /* lines of the time source in one span, at most */

enum sim_seq_state {
    SEQ_FREE,
    SEQ_WAITING,  /* preempted */
    SEQ_PROMPT,   /* running; its prompt (and output so far) is being computed */
    SEQ_DECODE,   /* running */
    SEQ_HELD,     /* prefilled; its blocks stay */
    SEQ_RESERVED, /* its KV cache is on its way */
    SEQ_JOINING,  /* has arrived; decodes from the next iteration on */
};

/* A request that has been admitted here, or has blocks here. */
struct sim_seq {
    enum sim_seq_state state;
    int32_t request;
    int32_t prev, next; /* running, in the order of admission; next also: free rows */
    int32_t at;         /* DECODE: place in the finish heap */
    int32_t prompt, output, n_hashes;
    int32_t generated; /* as it began to decode, or later */
    int32_t own_from;  /* groups it held when it was preempted: where its run begins */
    bool first;        /* its first token here came out */
    bool own_rest;     /* a group's name was taken: the rest stays its own */
    bool fresh;        /* has not decoded since it last became DECODE */
    int64_t number, key, rank; /* rank: order of admission */
    int64_t context;           /* PROMPT, WAITING: computed so far */
    int64_t reserved_ns;       /* RESERVED: since when */
    int64_t lost;              /* tokens computed once: below are recomputed ones */
    int64_t base, finish;      /* DECODE */
    sp_i128 last;              /* tick of its last token; DECODE: if fresh */
    struct sim_kv_holding h;
};

struct sim_wait {
    int64_t key, number;
    int32_t request;
    int32_t seq; /* SP_NO_ID: not admitted yet */
};

struct sim_finish {
    int64_t finish, rank;
    int32_t seq;
};

struct sim_chunk {
    int32_t seq;
    int64_t tokens;
    bool ends;
};

/* Told at the end of a step. */
struct sim_told {
    int32_t request;
    bool preempted; /* else scheduled */
};

/* Iterations from.. of a span, up to the next segment's. */
struct sim_segment {
    int64_t from;
    sp_i128 begin; /* tick */
    struct model_line line;
    bool beyond, compute_bound;
};

struct sim_span {
    bool runs;
    int64_t count;            /* iterations */
    int64_t counted;          /* of them in the statistics */
    int64_t taken;            /* of them with their blocks */
    int64_t decodes;          /* sequences that decode in it */
    int64_t used;             /* blocks held, without those it takes for decoding */
    int64_t decode_ticks;     /* of a mixed iteration: for its decodes */
    struct model_batch batch; /* of the first */
    int32_t n_segments;
    struct sim_segment segments[SPAN_SEGMENTS];
};

struct sim_replica {
    struct sim_replica_env env;
    const struct sim_batching *batching;
    const struct sim_order *order;
    int32_t role_seat; /* index in sim_request.seat */
    int32_t block, max_seqs, budget;
    int32_t hash_tokens, hash_blocks; /* 0: hashes are of no use here */
    struct sim_kv_cache *kv;
    struct sim_kv_holding grown;

    struct sim_seq *seqs;
    int32_t n_seqs, seqs_room, free_seq;
    int32_t oldest, newest; /* running */
    int32_t n_running;      /* PROMPT and DECODE */
    int32_t n_reserved;     /* RESERVED and JOINING */
    int32_t n_requests;     /* all that are here */
    int64_t outstanding;
    int64_t ranks;
    int32_t begun; /* PROMPT with a part computed between iterations, or SP_NO_ID */

    struct sim_wait *waiting; /* heap */
    int32_t n_waiting, waiting_room;

    int64_t decoded;
    struct sim_finish *finish; /* heap of DECODE */
    int32_t n_decode, finish_room;
    int64_t base_sum, base_least, base_most;
    bool extremes_known;
    int64_t *residues; /* sequences by base modulo block */
    int32_t *fresh;
    int32_t n_fresh, fresh_room;
    int32_t *joining;
    int32_t n_joining, joining_room;

    sp_i128 clock;       /* tick at which the last iteration ended */
    sp_i128 last_decode; /* the last that decoded */
    int64_t wake_ns;     /* idle, and to begin then; else INT64_MAX */
    int64_t next_ns;
    bool stepping, left; /* in step; something left or was preempted in it */
    struct sim_span span;
    struct sim_chunk *chunks;
    int32_t n_chunks, chunks_room;
    struct sim_told *told;
    int32_t n_told, told_room;
    uint64_t *hashes; /* scratch */
    int32_t hashes_room;
};

/* ---- replica_batch.c: who is here ---- */

static inline int64_t sim_blocks_of(const struct sim_replica *r, int64_t tokens)
{
    return (tokens + r->block - 1) / r->block;
}

int32_t sim_seq_new(struct sim_replica *r, int32_t request);
void sim_seq_free(struct sim_replica *r, int32_t id);

void sim_waiting_push(struct sim_replica *r, struct sim_wait wait);
struct sim_wait sim_waiting_pop(struct sim_replica *r);

/* To the end of the running ones / out of them. */
void sim_running_add(struct sim_replica *r, int32_t id);
void sim_running_remove(struct sim_replica *r, int32_t id);

/* A running sequence with `context` tokens begins / ceases to decode, between spans. */
void sim_decode_enter(struct sim_replica *r, int32_t id, int64_t context);
void sim_decode_leave(struct sim_replica *r, int32_t id);

void sim_decode_extremes(struct sim_replica *r);

/* A decoding sequence's holding says what it holds: the blocks of `tokens` tokens. */
void sim_decode_settle_blocks(struct sim_replica *r, int32_t id, int64_t tokens);

/* Blocks that decoding sequences take in the next `count` iterations. */
int64_t sim_decode_takes(const struct sim_replica *r, int64_t count);
/* The most iterations whose blocks are within `blocks`, the first being paid for. */
int64_t sim_decode_lasts(const struct sim_replica *r, int64_t blocks);
/* Residue of the sequences that take a block in iteration i from now. */
static inline int64_t sim_decode_residue(const struct sim_replica *r, int64_t i)
{
    int64_t at = (r->decoded + i) % r->block;

    return at == 0 ? 0 : r->block - at;
}

/* Names of the first n blocks of a prompt, good until the next call; NULL for n 0. */
const uint64_t *sim_seq_hashes(struct sim_replica *r, int32_t request, int32_t n);
/* Its blocks are given back. */
void sim_seq_release(struct sim_replica *r, int32_t id, bool again);

/* ---- replica_plan.c: what the next iteration is ---- */

/* Whether the first that waits would be admitted to an iteration that begins now. */
bool sim_plan_admits(struct sim_replica *r);
/* Fills the span from `tick` on, or leaves it not running. */
SP_CHECKED enum sp_status sim_plan_next(struct sim_replica *r, sp_i128 tick,
                                        struct sp_err *err);

/* ---- replica_span.c: the iterations that run ---- */

/* Segments of a span of at most `count` decoding iterations, or of one with chunks. */
SP_CHECKED enum sp_status sim_span_begin(struct sim_replica *r, sp_i128 tick,
                                         int64_t count, struct sp_err *err);
sp_i128 sim_span_tick(const struct sim_span *span, int64_t count); /* end of these */
/* Iterations of the span that have ended by now. */
int64_t sim_span_ended(const struct sim_span *span, int64_t now_ns);
/* Up to the one in progress: it ends now or later. */
int64_t sim_span_in_progress(const struct sim_span *span, int64_t now_ns);
void sim_span_cut(struct sim_replica *r, int64_t count);
void sim_span_take(struct sim_replica *r, int64_t count);  /* blocks, up to these */
void sim_span_count(struct sim_replica *r, int64_t count); /* statistics */

static inline int64_t sim_ns_ceil(sp_i128 tick)
{
    const sp_i128 mask = ((sp_i128)1 << MODEL_TICK_BITS) - 1;

    tick = (tick + mask) >> MODEL_TICK_BITS;
    return tick < SP_NS_FAR ? (int64_t)tick : SP_NS_FAR;
}

static inline sp_i128 sim_tick_of(int64_t ns)
{
    return sp_i128_mul(ns, (int64_t)1 << MODEL_TICK_BITS);
}

#endif
