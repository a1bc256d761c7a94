/* A cache of keys that forgets the one that was not used for longest.
 *
 * What a cache holds is the caller's business: this says which keys are in it.  Memory
 * grows with the keys held (about 32 bytes each), up to the capacity.  Every operation
 * is O(1) on average; nothing depends on chance or on addresses.  One thread.
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <stdbool.h>
#include <stdint.h>

struct sp_lru;

enum { SP_LRU_CAPACITY_MAX = 1 << 29 };

/* An empty cache for 1 .. SP_LRU_CAPACITY_MAX keys. */
struct sp_lru *sp_lru_new(int32_t capacity);
void sp_lru_free(struct sp_lru *lru); /* NULL is fine */

/* Uses `key`: it is now the youngest, and where it was not there and the cache was
 * full, the oldest is not any more.  Says whether it was there. */
bool sp_lru_touch(struct sp_lru *lru, uint64_t key);

/* Whether `key` is there; changes nothing. */
bool sp_lru_has(const struct sp_lru *lru, uint64_t key);

int32_t sp_lru_len(const struct sp_lru *lru);

/* Recomputes every invariant the slow way; aborts on a difference.  O(n). */
void sp_lru_verify(const struct sp_lru *lru);

#endif
