/* One replica of a serving engine: iterations of continuous batching, as vLLM runs
 * them.
 *
 * It knows requests, KV blocks and the time of an iteration; it has not heard of pools,
 * nodes, routes or money.  docs/design.md, "Serving: what happens when", says exactly
 * what an iteration does.
 *
 * Work is done per change of the batch: while the same sequences decode, a whole span
 * of iterations is one step whose end, tokens and gaps come in closed form.  Clock:
 * ticks of 2^-20 ns since 0, 128 bits; an iteration that ends at tick x is seen at
 * ceil(x) ns.
 *
 * Driving it: after any call, sim_replica_next_ns() is when sim_replica_step() must be
 * called.  Requests that are there at the instant an iteration begins are seen by it:
 * so what comes and goes at an instant (submit, join, release) goes before all its
 * steps or after all of them (stepped_ns), and reservations after them: then a span is
 * the same as its iterations one by one, also where an iteration within it begins at
 * that very instant.
 */
#ifndef SIM_REPLICA_H
#define SIM_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/wide.h"
#include "model/serving.h"
#include "sim/histogram.h"
#include "sim/prefix_store.h"
#include "sim/request.h"

struct sim_replica;

/* What happened in the iterations that have ended, over a pool; all exact sums. */
struct sim_replica_counts {
    int64_t iterations, prefill_tokens, decode_tokens; /* tokens computed; a prompt's
        last chunk brings the first output token and counts as prefill */
    int64_t decode_iterations; /* of iterations, those that decode */
    int64_t output_tokens;     /* made and kept or streamed: first tokens included */
    int64_t recomputed_tokens; /* of prefill_tokens: computed before, here or (where it
        came with output) elsewhere, and lost */
    int64_t preemptions;
    int64_t prefix_tokens, prefix_found_tokens; /* of prompts at their first admission:
        all, and found in a prefix cache */
    int64_t prefix_blocks, prefix_found_blocks; /* the same in the trace's blocks */
    int64_t beyond;         /* iterations outside of what the time source knows */
    sp_i128 busy_ticks;     /* sum of the iterations' times; of these: */
    sp_i128 compute_ticks;  /* in iterations that are bound by computing */
    sp_i128 decode_ticks;   /* for decoding: of a mixed iteration, what its decodes
                             * alone would take, at most all of it */
    sp_i128 pairs;          /* (query, key) pairs of attention */
    int64_t rows;           /* rows of the head: tokens sampled */
    sp_i128 kv_block_ticks; /* integral of blocks held: per iteration, blocks held when
                             * it has begun times its time */
};

struct sim_replica_stats {
    struct sim_replica_counts counts;
    struct sim_histogram gaps; /* inter-token latency: between a request's successive
                                * tokens, each to the nanosecond below */
};

/* What the owner is told, during sim_replica_step(). */
struct sim_replica_client {
    void *self;
    /* The request's first chunk is in the iteration that begins now (first admission at
     * this replica). */
    void (*scheduled)(void *self, int32_t request, int64_t now_ns);
    /* Its first output token came out. */
    void (*first_token)(void *self, int32_t request, int64_t now_ns);
    /* It has all of its output and is gone from here. */
    void (*done)(void *self, int32_t request, int64_t now_ns);
    /* PREFILL role: its prompt is computed (after first_token) and more output is
     * wanted; its blocks stay held until sim_replica_release(). */
    void (*prefilled)(void *self, int32_t request, int64_t now_ns);
    /* It was preempted and waits again: what was reserved for it at a decode replica
     * should go back, or two replicas may wait for each other.  May be NULL. */
    void (*preempted)(void *self, int32_t request, int64_t now_ns);
    /* Blocks became free: a transfer that waits for room may look again.  May be NULL.
     */
    void (*freed)(void *self, int64_t now_ns);
};

struct sim_replica_env {
    struct sp_arena *arena;
    struct sim_requests *requests;
    const struct model_pool *pool;
    int32_t hash_block_tokens;       /* of the requests' hashes; 0: none */
    struct sim_prefix_store *store;  /* with MODEL_PREFIX_STORE, else NULL */
    struct sim_replica_stats *stats; /* shared by the pool's replicas */
    struct sim_replica_client client;
    int64_t span_limit; /* iterations of one span at most; 0: no limit.  For tests and
                         * benches: changes no result */
    /* The instant whose steps are over, in the owner's hands: what comes there finds
     * begun what begins then.  NULL: all that comes goes before the steps. */
    const int64_t *stepped_ns;
};

struct sim_replica *sim_replica_new(const struct sim_replica_env *env);

/* Whether a request of so many tokens can ever finish in a replica of the pool: its
 * prompt and all but the last of its output within the KV cache (PREFILL: its prompt).
 */
bool sim_replica_fits(const struct model_pool *pool, int64_t prompt, int64_t output);

/* The request waits here from now on, nothing of it computed (a retry begins anew; one
 * whose `generated` is above 0 has its prompt and these recomputed).  O(log waiting),
 * unless it would be first and might be admitted. */
void sim_replica_submit(struct sim_replica *r, int32_t request, int64_t now_ns);

/* DECODE role.  Takes the blocks that prompt + generated - 1 tokens need (before its
 * first token: its prompt), for a request whose KV cache is on its way; false: there is
 * no room.  Its place among the max_num_seqs is taken, too. */
bool sim_replica_reserve(struct sim_replica *r, int32_t request, int64_t now_ns);
/* Its KV cache has arrived: it decodes from the next iteration on.  `generated` and
 * last_token_ns are those of its last token. */
void sim_replica_join(struct sim_replica *r, int32_t request, int64_t now_ns);

/* PREFILL role: the KV cache has moved, its blocks are free (and keep their content
 * where prefix caching is on).  Also for a reservation that is not used. */
void sim_replica_release(struct sim_replica *r, int32_t request, int64_t now_ns);
/* DECODE role: the reservation is not used.  Like sim_replica_reserve(), and unlike all
 * else, after the steps of its instant. */
void sim_replica_cancel(struct sim_replica *r, int32_t request, int64_t now_ns);

/* When the iteration or span that runs ends; INT64_MAX: nothing runs.  May come closer
 * with a submit (the iteration in progress is let end), never past. */
int64_t sim_replica_next_ns(const struct sim_replica *r);

/* It is sim_replica_next_ns(): tells the client what ended and begins the next.  First
 * tokens are told, then sequences that leave, then (of the next iteration) preempted
 * and scheduled ones, then freed; from preempted(), scheduled() and freed() the client
 * may call the replica again, from the others all but sim_replica_lose() and
 * sim_replica_step().  The replica keeps submitted_ns, scheduled_ns, first_token_ns and
 * last_token_ns of its requests. SP_EINPUT  the time source does not know such a batch.
 */
SP_CHECKED enum sp_status sim_replica_step(struct sim_replica *r, int64_t now_ns,
                                           struct sp_err *err);

/* Counts the iterations that have ended by now; before stats are read or reset. Changes
 * nothing of what comes. */
void sim_replica_settle(struct sim_replica *r, int64_t now_ns);

/* The replica is lost at once, with the iteration in progress (one that ends at this
 * instant has ended, but nobody is told any more): all its requests, in the
 * order of their numbers, to `ids` (room for sim_replica_load().requests); their
 * `generated` is set to what had come out.  Prefilled ones that are still held and
 * reservations are among them.  It can be used anew. */
int32_t sim_replica_lose(struct sim_replica *r, int64_t now_ns, int32_t *ids);

struct sim_replica_load {
    int32_t waiting, running, requests; /* running includes reservations; requests is
                                         * all that are here */
    int64_t outstanding_tokens; /* prompt tokens of requests without a first token here,
                                 * and 1 for each request */
    int64_t kv_free, kv_used, kv_peak;
};
/* Blocks are as of the last call that took a time: settle first where they decide. */
struct sim_replica_load sim_replica_load(const struct sim_replica *r);

/* Of these alone, for routers that look at every replica for each request. */
int32_t sim_replica_requests(const struct sim_replica *r);
int64_t sim_replica_outstanding_tokens(const struct sim_replica *r);

/* Prompt tokens that it would find cached for these hashes; as of the same time. */
int64_t sim_replica_match_tokens(struct sim_replica *r, int32_t request);

/* Busy: an iteration is running. */
bool sim_replica_busy(const struct sim_replica *r);

/* Recomputes everything the slow way; aborts on a difference. */
void sim_replica_verify(const struct sim_replica *r);

#endif
