/* KV blocks one by one, and the store of a pool. */
#include "base/status.h"
#include "tests/twin_serving_rows.h"

int64_t tw_kv_free(const struct tw_kv *kv)
{
    return kv->capacity - kv->used;
}

static void hold(struct tw_kv *kv, struct tw_request *q, int32_t id)
{
    struct tw_block *b = &kv->blocks[id];

    if (b->holders++ == 0) {
        int32_t i = 0;

        while (i < kv->n_free && kv->freed[i] != id)
            i++;
        if (i < kv->n_free) {
            for (kv->n_free--; i < kv->n_free; i++)
                kv->freed[i] = kv->freed[i + 1];
        }
        kv->used++;
        kv->peak = kv->used > kv->peak ? kv->used : kv->peak;
    }
    if (q->n_blocks == q->room) {
        int32_t room = 2 * q->room + 16;

        q->blocks = sp_arena_grow(kv->arena, q->blocks, (size_t)q->room, (size_t)room,
                                  sizeof *q->blocks);
        q->room = room;
    }
    q->blocks[q->n_blocks++] = id;
}

/* A block never used before, where there is one. */
static int32_t new_block(struct tw_kv *kv)
{
    if (kv->n == kv->room) {
        int32_t room = 2 * kv->room + 16;

        kv->blocks = sp_arena_grow(kv->arena, kv->blocks, (size_t)kv->room,
                                   (size_t)room, sizeof *kv->blocks);
        kv->freed = sp_arena_grow(kv->arena, kv->freed, (size_t)kv->room, (size_t)room,
                                  sizeof *kv->freed);
        kv->room = room;
    }
    return kv->n++;
}

void tw_kv_take(struct tw_kv *kv, struct tw_request *q, int64_t blocks)
{
    sp_assert(blocks <= tw_kv_free(kv));
    for (int64_t i = 0; i < blocks; i++) {
        int32_t id = kv->n < kv->capacity ? new_block(kv) : kv->freed[0];

        kv->blocks[id].content = TW_OWN;
        kv->blocks[id].name = (uint64_t)q->number;
        kv->blocks[id].at = q->n_blocks;
        hold(kv, q, id);
    }
}

/* The block with such a content, or SP_NO_ID. */
static int32_t block_with(const struct tw_kv *kv, enum tw_content content,
                          uint64_t name, int32_t at)
{
    for (int32_t i = 0; i < kv->n; i++) {
        const struct tw_block *b = &kv->blocks[i];

        if (b->content == content && b->name == name && b->at == at)
            return i;
    }
    return SP_NO_ID;
}

static bool group_there(const struct tw_kv *kv, uint64_t hash)
{
    for (int32_t i = 0; i < kv->group; i++)
        if (block_with(kv, TW_HASHED, hash, i) == SP_NO_ID)
            return false;
    return true;
}

static int64_t group_tokens(const struct tw_kv *kv)
{
    return (int64_t)kv->group * kv->block_size;
}

/* Full blocks of the prompt that the trace names. */
static int64_t named_groups(const struct tw_kv *kv, const struct tw_request *q)
{
    int64_t full = kv->group == 0 ? 0 : q->row->prompt / group_tokens(kv);

    return full < q->row->n_hashes ? full : q->row->n_hashes;
}

/* Leading groups that are there by name. */
static int32_t groups_found(const struct tw_kv *kv, const struct tw_request *q,
                            int64_t tokens)
{
    int32_t n = 0;

    while (n < named_groups(kv, q) && (n + 1) * group_tokens(kv) <= tokens &&
           group_there(kv, q->row->hashes[n]))
        n++;
    return n;
}

/* Blocks of its own that follow the first `from`. */
static int32_t own_found(const struct tw_kv *kv, const struct tw_request *q,
                         int32_t from, int64_t tokens)
{
    int32_t n = from;

    while ((n + 1) * (int64_t)kv->block_size <= tokens &&
           block_with(kv, TW_OWN, (uint64_t)q->number, n) != SP_NO_ID)
        n++;
    return n - from;
}

static int32_t found_block(const struct tw_kv *kv, const struct tw_request *q,
                           const struct tw_found *found, int32_t at)
{
    return at < found->named ? block_with(kv, TW_HASHED, q->row->hashes[at / kv->group],
                                          at % kv->group)
                             : block_with(kv, TW_OWN, (uint64_t)q->number, at);
}

struct tw_found tw_kv_find(const struct tw_kv *kv, const struct tw_request *q,
                           int64_t tokens, bool own)
{
    struct tw_found found = {0};

    if (!kv->caching)
        return found;
    found.named = groups_found(kv, q, tokens) * kv->group;
    if (own && found.named < q->named)
        return (struct tw_found){0};
    if (own) {
        found.named = q->named;
        found.own = own_found(kv, q, q->named, tokens);
    }
    for (int32_t i = 0; i < found.named + found.own; i++)
        found.held += kv->blocks[found_block(kv, q, &found, i)].holders > 0;
    return found;
}

void tw_kv_hold(struct tw_kv *kv, struct tw_request *q, const struct tw_found *found)
{
    for (int32_t i = 0; i < found->named + found->own; i++)
        hold(kv, q, found_block(kv, q, found, i));
}

static void forget(struct tw_kv *kv, uint64_t hash)
{
    for (int32_t i = 0; i < kv->n; i++)
        if (kv->blocks[i].content == TW_HASHED && kv->blocks[i].name == hash)
            kv->blocks[i].content = TW_NOTHING;
}

/* The g-th group of the sequence goes by its name. */
static bool is_named(const struct tw_kv *kv, const struct tw_request *q, int32_t g)
{
    const struct tw_block *b = &kv->blocks[q->blocks[g * kv->group]];

    return b->content == TW_HASHED && b->name == q->row->hashes[g];
}

void tw_kv_name(struct tw_kv *kv, struct tw_request *q, int64_t tokens)
{
    if (!kv->caching)
        return;
    for (int32_t g = 0; g < named_groups(kv, q); g++) {
        uint64_t hash = q->row->hashes[g];

        if ((g + 1) * group_tokens(kv) > tokens)
            return;
        if (is_named(kv, q, g))
            continue;
        if (group_there(kv, hash))
            return;       /* another has the name: it and those after it stay its own */
        forget(kv, hash); /* what is left of one that lost blocks */
        for (int32_t i = 0; i < kv->group; i++) {
            struct tw_block *b = &kv->blocks[q->blocks[g * kv->group + i]];

            b->content = TW_HASHED;
            b->name = hash;
            b->at = i;
        }
    }
}

void tw_kv_release(struct tw_kv *kv, struct tw_request *q, bool again)
{
    q->named = 0;
    while (q->named < q->n_blocks &&
           kv->blocks[q->blocks[q->named]].content == TW_HASHED)
        q->named++;
    for (int32_t i = q->n_blocks - 1; i >= 0; i--) {
        int32_t id = q->blocks[i];
        struct tw_block *b = &kv->blocks[id];
        bool full = (i + 1) * (int64_t)kv->block_size <= q->computed;

        if (b->content == TW_OWN && !(again && full && kv->caching))
            b->content = TW_NOTHING;
        if (--b->holders > 0)
            continue;
        kv->freed[kv->n_free++] = id;
        kv->used--;
    }
    q->n_blocks = 0;
}

/* ---- the store ---- */

static int32_t place_in(const struct tw_store *s, uint64_t hash)
{
    for (int32_t i = 0; i < s->n; i++)
        if (s->hashes[i] == hash)
            return i;
    return SP_NO_ID;
}

int32_t tw_store_match(const struct tw_store *s, const struct serving_request *q)
{
    int32_t n = 0;

    while (n < q->n_hashes && place_in(s, q->hashes[n]) != SP_NO_ID)
        n++;
    return n;
}

static void drop_at(struct tw_store *s, int32_t at)
{
    for (s->n--; at < s->n; at++)
        s->hashes[at] = s->hashes[at + 1];
}

void tw_store_use(struct tw_store *s, const struct serving_request *q)
{
    for (int32_t i = 0; i < q->n_hashes; i++) {
        int32_t at = place_in(s, q->hashes[i]);

        if (at != SP_NO_ID)
            drop_at(s, at);
        else if (s->n == s->room)
            drop_at(s, 0);
        s->hashes[s->n++] = q->hashes[i];
    }
}
