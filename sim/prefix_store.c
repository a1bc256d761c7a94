/* Rows in a ring, oldest first, and a table of their names.  A full store gives the
 * row of the block that leaves to the one that comes. */
#include "sim/prefix_store.h"

#include "base/status.h"
#include "sim/id_table.h"

struct row {
    uint64_t hash;
    int32_t prev, next; /* in the order of last use; SP_NO_ID ends */
};

struct sim_prefix_store {
    struct sp_arena *arena;
    int64_t limit;
    struct row *rows;
    int32_t n, room;
    int32_t oldest, newest;
    struct sim_id_table table;
};

struct sim_prefix_store *sim_prefix_store_new(struct sp_arena *arena, int64_t blocks)
{
    struct sim_prefix_store *s = sp_arena_alloc(arena, sizeof *s);

    sp_assert(blocks >= 0);
    s->arena = arena;
    s->limit = blocks;
    s->oldest = s->newest = SP_NO_ID;
    return s;
}

static void list_remove(struct sim_prefix_store *s, int32_t id)
{
    const struct row *row = &s->rows[id];

    if (row->prev != SP_NO_ID)
        s->rows[row->prev].next = row->next;
    else
        s->oldest = row->next;
    if (row->next != SP_NO_ID)
        s->rows[row->next].prev = row->prev;
    else
        s->newest = row->prev;
}

static void list_append(struct sim_prefix_store *s, int32_t id)
{
    s->rows[id].prev = s->newest;
    s->rows[id].next = SP_NO_ID;
    if (s->newest != SP_NO_ID)
        s->rows[s->newest].next = id;
    else
        s->oldest = id;
    s->newest = id;
}

/* A row for a block that comes: a new one, or that of the oldest block. */
static int32_t row_for(struct sim_prefix_store *s)
{
    int32_t id = s->oldest;

    if (s->n < s->limit) {
        s->rows = sp_arena_more(s->arena, s->rows, s->n, &s->room, sizeof *s->rows);
        return s->n++;
    }
    sim_id_table_remove(&s->table, s->rows[id].hash);
    list_remove(s, id);
    return id;
}

static void touch(struct sim_prefix_store *s, uint64_t hash)
{
    int32_t id = sim_id_table_find(&s->table, hash);

    if (id != SP_NO_ID) {
        list_remove(s, id);
    } else {
        id = row_for(s);
        s->rows[id].hash = hash;
        sim_id_table_put(&s->table, s->arena, hash, id);
    }
    list_append(s, id);
}

int32_t sim_prefix_store_match(const struct sim_prefix_store *s, const uint64_t *hashes,
                               int32_t n)
{
    int32_t found = 0;

    while (found < n && sim_id_table_find(&s->table, hashes[found]) != SP_NO_ID)
        found++;
    return found;
}

int32_t sim_prefix_store_use(struct sim_prefix_store *s, const uint64_t *hashes,
                             int32_t n)
{
    int32_t found = sim_prefix_store_match(s, hashes, n);

    for (int32_t i = 0; i < n && s->limit > 0; i++)
        touch(s, hashes[i]);
    return found;
}

int64_t sim_prefix_store_blocks(const struct sim_prefix_store *s)
{
    return s->n;
}

void sim_prefix_store_verify(const struct sim_prefix_store *s)
{
    int32_t before = SP_NO_ID, n = 0;

    for (int32_t id = s->oldest; id != SP_NO_ID; id = s->rows[id].next) {
        sp_assert(s->rows[id].prev == before);
        sp_assert(sim_id_table_find(&s->table, s->rows[id].hash) == id);
        before = id;
        n++;
    }
    sp_assert(before == s->newest && n == s->n && n == s->table.n && n <= s->limit);
    sim_id_table_verify(&s->table);
}
