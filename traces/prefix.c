/* One LRU for each capacity, and one that never forgets. */
#include "traces/prefix.h"

#include "base/arena.h"
#include "base/lru.h"

static const int32_t capacities[TRACE_PREFIX_CACHES] = {1000, 10000, 30000, 50000,
                                                        100000};

struct trace_prefix_pass {
    struct sp_arena *arena; /* it lies there itself */
    struct trace_prefix found;
    struct sp_lru *all, *caches[TRACE_PREFIX_CACHES];
};

struct trace_prefix_pass *trace_prefix_new(int32_t block_tokens)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_prefix_pass *p = sp_arena_alloc(arena, sizeof *p);

    p->arena = arena;
    p->found.block_tokens = block_tokens;
    p->found.unlimited.capacity = -1;
    p->all = sp_lru_new(arena, TRACE_PREFIX_DISTINCT_MAX);
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++) {
        p->caches[i] = sp_lru_new(arena, capacities[i]);
        p->found.caches[i].capacity = capacities[i];
    }
    return p;
}

void trace_prefix_free(struct trace_prefix_pass *p)
{
    if (p != NULL)
        sp_arena_free(p->arena);
}

/* Blocks of the leading run that are there; all are afterwards. */
static int32_t leading_hits(struct sp_lru *lru, const uint64_t *hashes, int32_t n)
{
    int32_t run = 0;

    for (int32_t i = 0; i < n; i++)
        run += sp_lru_touch(lru, hashes[i]) && run == i;
    return run;
}

static void add_hits(struct trace_prefix_hits *hits, int64_t run, int32_t block_tokens,
                     int64_t tokens)
{
    int64_t hit = run * block_tokens;

    hits->blocks += run;
    hits->tokens += hit < tokens ? hit : tokens; /* the last block may be partial */
}

void trace_prefix_add(struct trace_prefix_pass *p, const uint64_t *hashes, int32_t n,
                      int64_t tokens)
{
    struct trace_prefix *f = &p->found;

    if (tokens < 0)
        tokens = (int64_t)n * f->block_tokens;
    f->blocks += n;
    f->tokens += tokens;
    add_hits(&f->unlimited, leading_hits(p->all, hashes, n), f->block_tokens, tokens);
    f->distinct = sp_lru_len(p->all);
    f->overflow = f->distinct == TRACE_PREFIX_DISTINCT_MAX;
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        add_hits(&f->caches[i], leading_hits(p->caches[i], hashes, n), f->block_tokens,
                 tokens);
}

struct trace_prefix trace_prefix_result(const struct trace_prefix_pass *p)
{
    return p->found;
}
