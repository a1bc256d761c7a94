/* Linear probing; removal moves later names of the cluster back, so no graves. */
#include "sim/id_table.h"

#include <string.h>

#include "base/rng.h"
#include "base/status.h"

static int64_t home(const struct sim_id_table *t, uint64_t key)
{
    return (int64_t)(sp_mix64(key) & (uint64_t)(t->room - 1));
}

static int64_t after(const struct sim_id_table *t, int64_t at)
{
    return (at + 1) & (t->room - 1);
}

/* The slot of the name, or the empty one where it would go. */
static int64_t seek(const struct sim_id_table *t, uint64_t key)
{
    int64_t at = home(t, key);

    while (t->slots[at].id_1 != 0 && t->slots[at].key != key)
        at = after(t, at);
    return at;
}

int32_t sim_id_table_find(const struct sim_id_table *t, uint64_t key)
{
    return t->n == 0 ? SP_NO_ID : t->slots[seek(t, key)].id_1 - 1;
}

static void grow(struct sim_id_table *t, struct sp_arena *arena)
{
    enum { FIRST_SLOTS = 64 };
    struct sim_id_table old = *t;

    t->room = old.room == 0 ? FIRST_SLOTS : 2 * old.room;
    t->slots = sp_arena_array(arena, (size_t)t->room, sizeof *t->slots);
    for (int64_t i = 0; i < old.room; i++)
        if (old.slots[i].id_1 != 0)
            t->slots[seek(t, old.slots[i].key)] = old.slots[i];
    sp_arena_give_back(arena, old.slots, (size_t)old.room, sizeof *old.slots);
}

void sim_id_table_put(struct sim_id_table *t, struct sp_arena *arena, uint64_t key,
                      int32_t id)
{
    int64_t at;

    if (2 * (t->n + 1) > t->room)
        grow(t, arena);
    at = seek(t, key);
    sp_assert(id >= 0 && id < INT32_MAX && t->slots[at].id_1 == 0);
    t->slots[at] = (struct sim_id_table_slot){key, id + 1};
    t->n++;
}

void sim_id_table_remove(struct sim_id_table *t, uint64_t key)
{
    int64_t hole;

    sp_assert(t->n > 0);
    hole = seek(t, key);
    sp_assert(t->slots[hole].id_1 != 0);
    for (int64_t at = after(t, hole); t->slots[at].id_1 != 0; at = after(t, at)) {
        int64_t way = (at - home(t, t->slots[at].key)) & (t->room - 1);

        if (way >= ((at - hole) & (t->room - 1))) { /* it was pushed past the hole */
            t->slots[hole] = t->slots[at];
            hole = at;
        }
    }
    t->slots[hole] = (struct sim_id_table_slot){0};
    t->n--;
}

void sim_id_table_clear(struct sim_id_table *t)
{
    if (t->room > 0)
        memset(t->slots, 0, (size_t)t->room * sizeof *t->slots);
    t->n = 0;
}

void sim_id_table_verify(const struct sim_id_table *t)
{
    int64_t n = 0;

    for (int64_t i = 0; i < t->room; i++)
        if (t->slots[i].id_1 != 0) {
            sp_assert(seek(t, t->slots[i].key) == i);
            n++;
        }
    sp_assert(n == t->n && 2 * n <= t->room);
}
