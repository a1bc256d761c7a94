/* A cache of keys that forgets the one that was not used for longest.
 *
 * What a cache holds is the caller's business: this says which keys are in it.  Memory
 * comes from the arena given to sp_lru_new(), grows with the keys held (about 32 bytes
 * each) up to the capacity, and goes with the arena.  Every operation is O(1) on
 * average; nothing depends on chance or on addresses.  One thread.
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sp_lru;

enum { SP_LRU_KEYS_MAX = 1 << 29 };

/* An empty cache for `capacity` keys, >= 1; INT64_MAX: it forgets none.  To hold more
 * than SP_LRU_KEYS_MAX (12 GiB) stops the process. */
struct sp_lru *sp_lru_new(struct sp_arena *arena, int64_t capacity);

/* Uses `key`: it is now the youngest, and where it was not there and the cache was
 * full, the oldest is not any more.  Says whether it was there. */
bool sp_lru_touch(struct sp_lru *lru, uint64_t key);

/* Whether `key` is there; changes nothing. */
bool sp_lru_has(const struct sp_lru *lru, uint64_t key);

int32_t sp_lru_len(const struct sp_lru *lru);

/* Recomputes every invariant the slow way; aborts on a difference.  O(n). */
void sp_lru_verify(const struct sp_lru *lru);

#endif
