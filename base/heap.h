/* A binary heap of row ids, whose rows know where they are in it: so a row can be taken
 * out, or moved after its key changed, from anywhere.
 *
 * The order and the place of a row belong to the caller, in functions that are given
 * with each call; equal keys leave in no stated order, so `before` should be total.
 * Memory comes from an arena.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* A zeroed one is empty. */
struct sp_heap {
    int32_t *ids; /* ids[0] is the first */
    int32_t n, room;
};

struct sp_heap_rule {
    struct sp_arena *arena;
    void *self;
    bool (*before)(const void *self, int32_t a, int32_t b);
    /* Row `id` is at `at` now; SP_NO_ID: not in the heap any more.  May be NULL. */
    void (*moved)(void *self, int32_t id, int32_t at);
};

/* Each O(log n). */
void sp_heap_push(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t id);
void sp_heap_remove(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at);
void sp_heap_update(struct sp_heap *h, const struct sp_heap_rule *rule, int32_t at);

/* No row is before its parent; aborts if one is.  O(n). */
void sp_heap_verify(const struct sp_heap *h, const struct sp_heap_rule *rule);

#endif
