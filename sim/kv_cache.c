/* Free content in one list, oldest first: hashed groups, and runs of blocks that were
 * some sequence's own.  Blocks that were never used are a number and are taken first.
 */
#include "sim/kv_cache.h"

#include "base/status.h"
#include "sim/id_table.h"

enum kind {
    FREE_ROW, /* on the list of free rows, linked by `next` */
    GROUP,    /* findable by hash; on the list while refs is 0 */
    RUN,      /* a preempted sequence's: its first `blocks` blocks, findable by it */
    REMNANT,  /* blocks that nobody can find any more */
};

struct row {
    uint64_t hash;      /* GROUP */
    int64_t blocks;     /* a RUN stays as a row with 0 until its sequence looks */
    int32_t prev, next; /* in the list; SP_NO_ID ends */
    int32_t refs;       /* GROUP: holders */
    enum kind kind;
};

struct sim_kv_cache {
    struct sp_arena *arena;
    struct sim_kv_shape shape;
    int64_t used, peak;
    int64_t own;     /* of used: of sequences, not in groups */
    int64_t content; /* blocks in the list */
    struct row *rows;
    int32_t n_rows, room, free_row;
    int32_t oldest, newest;
    struct sim_id_table groups;
};

static void forget_rows(struct sim_kv_cache *kv)
{
    kv->used = kv->own = kv->content = 0;
    kv->n_rows = 0;
    kv->free_row = kv->oldest = kv->newest = SP_NO_ID;
}

struct sim_kv_cache *sim_kv_cache_new(struct sp_arena *arena, struct sim_kv_shape shape)
{
    struct sim_kv_cache *kv = sp_arena_alloc(arena, sizeof *kv);

    sp_assert(shape.blocks >= 0 && shape.hash_blocks >= 0);
    kv->arena = arena;
    kv->shape = shape;
    forget_rows(kv);
    return kv;
}

int64_t sim_kv_free(const struct sim_kv_cache *kv)
{
    return kv->shape.blocks - kv->used;
}

int64_t sim_kv_used(const struct sim_kv_cache *kv)
{
    return kv->used;
}

int64_t sim_kv_peak(const struct sim_kv_cache *kv)
{
    return kv->peak;
}

static bool finds_groups(const struct sim_kv_cache *kv)
{
    return kv->shape.caching && kv->shape.hash_blocks > 0;
}

/* ---- rows and the list ---- */

static int32_t row_new(struct sim_kv_cache *kv, enum kind kind, int64_t blocks)
{
    int32_t id = kv->free_row;

    if (id != SP_NO_ID) {
        kv->free_row = kv->rows[id].next;
    } else {
        kv->rows =
            sp_arena_more(kv->arena, kv->rows, kv->n_rows, &kv->room, sizeof *kv->rows);
        id = kv->n_rows++;
    }
    kv->rows[id] = (struct row){
        .kind = kind, .blocks = blocks, .prev = SP_NO_ID, .next = SP_NO_ID};
    return id;
}

static void row_free(struct sim_kv_cache *kv, int32_t id)
{
    kv->rows[id] = (struct row){.kind = FREE_ROW, .next = kv->free_row};
    kv->free_row = id;
}

static void list_append(struct sim_kv_cache *kv, int32_t id)
{
    kv->rows[id].prev = kv->newest;
    kv->rows[id].next = SP_NO_ID;
    if (kv->newest != SP_NO_ID)
        kv->rows[kv->newest].next = id;
    else
        kv->oldest = id;
    kv->newest = id;
    kv->content += kv->rows[id].blocks;
}

static void list_remove(struct sim_kv_cache *kv, int32_t id)
{
    const struct row *row = &kv->rows[id];

    if (row->prev != SP_NO_ID)
        kv->rows[row->prev].next = row->next;
    else
        kv->oldest = row->next;
    if (row->next != SP_NO_ID)
        kv->rows[row->next].prev = row->prev;
    else
        kv->newest = row->prev;
    kv->content -= row->blocks;
}

static void use(struct sim_kv_cache *kv, int64_t blocks)
{
    kv->used += blocks;
    kv->peak = kv->used > kv->peak ? kv->used : kv->peak;
}

/* ---- groups ---- */

int32_t sim_kv_match(const struct sim_kv_cache *kv, const uint64_t *hashes, int32_t n)
{
    int32_t found = 0;

    if (!finds_groups(kv))
        return 0;
    while (found < n && sim_id_table_find(&kv->groups, hashes[found]) != SP_NO_ID)
        found++;
    return found;
}

int64_t sim_kv_match_free_blocks(const struct sim_kv_cache *kv, const uint64_t *hashes,
                                 int32_t n)
{
    int64_t free = 0;

    if (!finds_groups(kv))
        return 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t id = sim_id_table_find(&kv->groups, hashes[i]);

        if (id == SP_NO_ID)
            break;
        if (kv->rows[id].refs == 0)
            free += kv->shape.hash_blocks;
    }
    return free;
}

static int32_t group_find(const struct sim_kv_cache *kv, uint64_t hash)
{
    int32_t id = sim_id_table_find(&kv->groups, hash);

    sp_assert(id != SP_NO_ID && kv->rows[id].kind == GROUP);
    return id;
}

void sim_kv_hold_found(struct sim_kv_cache *kv, struct sim_kv_holding *h,
                       const uint64_t *hashes, int32_t groups)
{
    sp_assert(h->groups == 0 && h->own == 0);
    for (int32_t i = 0; i < groups; i++) {
        int32_t id = group_find(kv, hashes[i]);

        if (kv->rows[id].refs++ == 0) {
            list_remove(kv, id);
            use(kv, kv->shape.hash_blocks);
        }
    }
    h->groups = groups;
}

bool sim_kv_name(struct sim_kv_cache *kv, struct sim_kv_holding *h, uint64_t hash)
{
    int32_t id;

    if (!finds_groups(kv) || sim_id_table_find(&kv->groups, hash) != SP_NO_ID)
        return false;
    sp_assert(h->own >= kv->shape.hash_blocks);
    id = row_new(kv, GROUP, kv->shape.hash_blocks);
    kv->rows[id].hash = hash;
    kv->rows[id].refs = 1;
    sim_id_table_put(&kv->groups, kv->arena, hash, id);
    h->own -= kv->shape.hash_blocks;
    kv->own -= kv->shape.hash_blocks;
    h->groups++;
    return true;
}

/* ---- taking ---- */

/* Up to `want` blocks of the oldest row: a run or remnant loses its last ones, a group
 * cannot be found any more and leaves a remnant in its place. */
static int64_t take_oldest(struct sim_kv_cache *kv, int64_t want)
{
    int32_t id = kv->oldest;
    struct row *row = &kv->rows[id];
    int64_t taken = row->blocks < want ? row->blocks : want;

    if (row->kind == GROUP) {
        sim_id_table_remove(&kv->groups, row->hash);
        row->kind = REMNANT;
    }
    if (taken == row->blocks)
        list_remove(kv, id);
    else
        kv->content -= taken;
    row->blocks -= taken;
    if (row->blocks == 0 && row->kind == REMNANT)
        row_free(kv, id);
    return taken;
}

void sim_kv_take(struct sim_kv_cache *kv, struct sim_kv_holding *h, int64_t blocks)
{
    int64_t lack = blocks - (sim_kv_free(kv) - kv->content); /* never used go first */

    sp_assert(blocks >= 0 && blocks <= sim_kv_free(kv));
    while (lack > 0)
        lack -= take_oldest(kv, lack);
    h->own += blocks;
    kv->own += blocks;
    use(kv, blocks);
}

/* ---- giving back, and own blocks found again ---- */

/* A run that its sequence does not look for any more. */
static void run_abandon(struct sim_kv_cache *kv, struct sim_kv_holding *h)
{
    int32_t id = h->run - 1;

    if (h->run == 0)
        return;
    sp_assert(kv->rows[id].kind == RUN);
    h->run = 0;
    if (kv->rows[id].blocks > 0 && kv->shape.blocks == INT64_MAX)
        list_remove(kv, id); /* nobody will need the room */
    else if (kv->rows[id].blocks > 0) {
        kv->rows[id].kind = REMNANT;
        return;
    }
    row_free(kv, id);
}

/* Its own blocks go to the new end of the list; remnants that are neighbours there are
 * one row. */
static void own_release(struct sim_kv_cache *kv, struct sim_kv_holding *h, bool again)
{
    int64_t blocks = h->own;

    h->own = 0;
    kv->own -= blocks;
    kv->used -= blocks;
    if (blocks == 0 || !kv->shape.caching)
        return;
    if (again) {
        h->run = row_new(kv, RUN, blocks) + 1;
        list_append(kv, h->run - 1);
    } else if (kv->shape.blocks == INT64_MAX) { /* nobody will need the room */
        return;
    } else if (kv->newest != SP_NO_ID && kv->rows[kv->newest].kind == REMNANT) {
        kv->rows[kv->newest].blocks += blocks;
        kv->content += blocks;
    } else {
        list_append(kv, row_new(kv, REMNANT, blocks));
    }
}

void sim_kv_release(struct sim_kv_cache *kv, struct sim_kv_holding *h,
                    const uint64_t *hashes, bool again)
{
    run_abandon(kv, h);
    own_release(kv, h, again);
    for (int32_t i = h->groups - 1; i >= 0; i--) {
        int32_t id = group_find(kv, hashes[i]);

        sp_assert(kv->rows[id].refs > 0);
        if (--kv->rows[id].refs == 0) {
            kv->used -= kv->shape.hash_blocks;
            list_append(kv, id);
        }
    }
    h->groups = 0;
}

int64_t sim_kv_find_own(const struct sim_kv_cache *kv, const struct sim_kv_holding *h)
{
    return h->run == 0 ? 0 : kv->rows[h->run - 1].blocks;
}

void sim_kv_hold_own(struct sim_kv_cache *kv, struct sim_kv_holding *h, int64_t blocks)
{
    sp_assert(blocks >= 0 && blocks <= sim_kv_find_own(kv, h));
    if (blocks > 0) {
        struct row *run = &kv->rows[h->run - 1];

        if (blocks == run->blocks)
            list_remove(kv, h->run - 1);
        else
            kv->content -= blocks;
        run->blocks -= blocks;
        h->own += blocks;
        kv->own += blocks;
        use(kv, blocks);
    }
    run_abandon(kv, h);
}

void sim_kv_clear(struct sim_kv_cache *kv)
{
    forget_rows(kv);
    sim_id_table_clear(&kv->groups);
}

/* ---- verification ---- */

static void verify_list(const struct sim_kv_cache *kv)
{
    int32_t before = SP_NO_ID, listed = 0, should = 0;
    int64_t content = 0;

    for (int32_t id = kv->oldest; id != SP_NO_ID; id = kv->rows[id].next) {
        const struct row *row = &kv->rows[id];

        sp_assert(row->prev == before && row->kind != FREE_ROW && row->blocks > 0);
        sp_assert(row->kind != GROUP || row->refs == 0);
        content += row->blocks;
        before = id;
        listed++;
    }
    for (int32_t id = 0; id < kv->n_rows; id++) {
        const struct row *row = &kv->rows[id];

        should += row->kind == GROUP ? row->refs == 0
                                     : row->kind != FREE_ROW && row->blocks > 0;
    }
    sp_assert(before == kv->newest && content == kv->content && listed == should);
}

void sim_kv_verify(const struct sim_kv_cache *kv)
{
    int64_t held = 0, groups = 0, free_rows = 0;

    for (int32_t id = 0; id < kv->n_rows; id++) {
        const struct row *row = &kv->rows[id];

        free_rows += row->kind == FREE_ROW;
        if (row->kind != GROUP)
            continue;
        sp_assert(sim_id_table_find(&kv->groups, row->hash) == id);
        sp_assert(row->refs >= 0 && row->blocks == kv->shape.hash_blocks);
        groups++;
        held += row->refs > 0 ? row->blocks : 0;
    }
    for (int32_t id = kv->free_row; id != SP_NO_ID; id = kv->rows[id].next) {
        sp_assert(kv->rows[id].kind == FREE_ROW);
        free_rows--;
    }
    sp_assert(free_rows == 0 && groups == kv->groups.n);
    sp_assert(kv->used == held + kv->own && kv->own >= 0 && kv->used <= kv->peak);
    sp_assert(kv->content <= kv->shape.blocks - kv->used);
    sp_assert(kv->shape.caching || (kv->n_rows == 0 && kv->content == 0));
    sim_id_table_verify(&kv->groups);
    verify_list(kv);
}
