/* A store of prompt blocks beside the KV caches (MODEL_PREFIX_STORE), shared by the
 * replicas of a pool: the names of its blocks, the least recently used leaving first.
 * Memory follows the distinct blocks that it keeps.
 */
#ifndef SIM_PREFIX_STORE_H
#define SIM_PREFIX_STORE_H

#include <stdint.h>

#include "base/arena.h"

struct sim_prefix_store;

/* Room for `blocks` blocks, >= 0; INT64_MAX: not limited. */
struct sim_prefix_store *sim_prefix_store_new(struct sp_arena *arena, int64_t blocks);

/* Leading blocks of hashes[0..n-1] that are there; all n are then touched or put in, in
 * order, least recently used ones leaving.  O(n). */
int32_t sim_prefix_store_use(struct sim_prefix_store *s, const uint64_t *hashes,
                             int32_t n);

/* The same without touching anything.  O(blocks found). */
int32_t sim_prefix_store_match(const struct sim_prefix_store *s, const uint64_t *hashes,
                               int32_t n);

int64_t sim_prefix_store_blocks(const struct sim_prefix_store *s); /* that are there */

/* Recomputes every invariant the slow way; aborts on a difference.  O(blocks). */
void sim_prefix_store_verify(const struct sim_prefix_store *s);

#endif
