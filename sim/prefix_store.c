/* A cache of names (base/lru.h); none at all where there is no room. */
#include "sim/prefix_store.h"

#include "base/lru.h"
#include "base/status.h"

struct sim_prefix_store {
    struct sp_lru *names; /* NULL: no room */
};

struct sim_prefix_store *sim_prefix_store_new(struct sp_arena *arena, int64_t blocks)
{
    struct sim_prefix_store *s = sp_arena_alloc(arena, sizeof *s);

    sp_assert(blocks >= 0);
    s->names = blocks > 0 ? sp_lru_new(arena, blocks) : NULL;
    return s;
}

int32_t sim_prefix_store_match(const struct sim_prefix_store *s, const uint64_t *hashes,
                               int32_t n)
{
    int32_t found = 0;

    while (found < n && s->names != NULL && sp_lru_has(s->names, hashes[found]))
        found++;
    return found;
}

int32_t sim_prefix_store_use(struct sim_prefix_store *s, const uint64_t *hashes,
                             int32_t n)
{
    int32_t found = sim_prefix_store_match(s, hashes, n);

    for (int32_t i = 0; i < n && s->names != NULL; i++)
        sp_lru_touch(s->names, hashes[i]);
    return found;
}

int64_t sim_prefix_store_blocks(const struct sim_prefix_store *s)
{
    return s->names != NULL ? sp_lru_len(s->names) : 0;
}

void sim_prefix_store_verify(const struct sim_prefix_store *s)
{
    if (s->names != NULL)
        sp_lru_verify(s->names);
}
