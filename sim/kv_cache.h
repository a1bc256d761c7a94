/* The KV cache of one replica in blocks, as vLLM's block pool: what sequences hold,
 * what is free, and in free blocks the content that a later prompt may find again.
 *
 * Two kinds of content.  Blocks of prompts that the trace names by hashes are found by
 * hash, shared by counting, and stay findable when nobody holds them, until their room
 * is needed: the least recently held goes first, of one sequence the last block first.
 * All other blocks of a sequence are its own; once free only that sequence finds them
 * again (a preempted one that comes back), and what nobody can find has its turn all
 * the same.  Blocks that were never used go before all of these.  With prefix caching
 * off nothing is found and the cache is one counter.
 *
 * A hash stands for `hash_blocks` KV blocks (the trace's block over the engine's); a
 * hashed group counts once whatever the number of its holders.
 */
#ifndef SIM_KV_CACHE_H
#define SIM_KV_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sim_kv_cache;

struct sim_kv_shape {
    int64_t blocks;      /* capacity; INT64_MAX: not limited */
    int32_t hash_blocks; /* KV blocks of one hash; 0: no hashes */
    bool caching;        /* free blocks keep their content */
};

struct sim_kv_cache *sim_kv_cache_new(struct sp_arena *arena,
                                      struct sim_kv_shape shape);

/* Blocks that can be taken now: never used, or free with or without content. */
int64_t sim_kv_free(const struct sim_kv_cache *kv);
int64_t sim_kv_used(const struct sim_kv_cache *kv); /* held by sequences */
int64_t sim_kv_peak(const struct sim_kv_cache *kv);

/* Groups at the beginning of hashes[0..n-1] that are there (held or free), without
 * touching them.  O(groups found). */
int32_t sim_kv_match(const struct sim_kv_cache *kv, const uint64_t *hashes, int32_t n);

/* The same, free groups only: what holding them takes out of sim_kv_free(). */
int64_t sim_kv_match_free_blocks(const struct sim_kv_cache *kv, const uint64_t *hashes,
                                 int32_t n);

/* A sequence's holdings; zeroed to begin with. */
struct sim_kv_holding {
    int64_t own;    /* blocks of its own that it holds */
    int32_t groups; /* hashed groups that it holds, the first ones of its prompt */
    int32_t run;    /* its own blocks left behind free, row id + 1; 0 none */
};

/* Holds the first `groups` groups, which sim_kv_match() found. */
void sim_kv_hold_found(struct sim_kv_cache *kv, struct sim_kv_holding *h,
                       const uint64_t *hashes, int32_t groups);

/* Takes blocks of its own; the caller made sure of sim_kv_free(). */
void sim_kv_take(struct sim_kv_cache *kv, struct sim_kv_holding *h, int64_t blocks);

/* The first hash_blocks `own` blocks, now computed and full, become the group `hash`,
 * findable; where the hash is there already they stay the sequence's own.  Returns
 * whether it is now a group.  Groups are named in order; after a false the holding
 * names no more (the groups after it would not be its first ones). */
bool sim_kv_name(struct sim_kv_cache *kv, struct sim_kv_holding *h, uint64_t hash);

/* Gives all back, hashes[0..h->groups-1] being those of its groups.  `again`: the
 * sequence will come back (preempted) and may find its own blocks through h->run, as
 * far as nobody took them: the last ones are taken first.
 */
void sim_kv_release(struct sim_kv_cache *kv, struct sim_kv_holding *h,
                    const uint64_t *hashes, bool again);

/* Own blocks that a preempted sequence finds again (its first ones; the last of them
 * may not be full); holding them, after sim_kv_hold_found().  Those it does not hold
 * then are nobody's: so it is called, if with 0, whenever such a sequence comes back.
 */
int64_t sim_kv_find_own(const struct sim_kv_cache *kv, const struct sim_kv_holding *h);
void sim_kv_hold_own(struct sim_kv_cache *kv, struct sim_kv_holding *h, int64_t blocks);

/* All content is lost (the replica is); holdings of sequences are the caller's to
 * forget. */
void sim_kv_clear(struct sim_kv_cache *kv);

/* Recomputes all counts from the lists; aborts on a difference. */
void sim_kv_verify(const struct sim_kv_cache *kv);

#endif
