/* Rows in a list by age, found through a table with open addressing: a slot holds a
 * row's index, keys are looked for from their own slot onwards, and a slot that empties
 * is filled from those behind it, so that no search meets a gap before its key. */
#include "base/lru.h"

#include <string.h>

#include "base/rng.h"
#include "base/status.h"

enum { NONE = -1, ROOM_FIRST = 64, SLOTS_PER_ROW = 2 };

struct row {
    uint64_t key;
    int32_t older, younger;
};

struct sp_lru {
    struct sp_arena *arena;
    int64_t capacity;
    int32_t n, room;
    int32_t oldest, youngest;
    struct row *rows;
    int32_t *slots; /* SLOTS_PER_ROW * room of them, a power of two */
    uint32_t mask;
};

/* ---- table ---- */

static uint32_t home_of(const struct sp_lru *lru, uint64_t key)
{
    return (uint32_t)(sp_mix64(key) >> 32) & lru->mask;
}

/* The slot of `key`, or the empty one in which it belongs. */
static uint32_t find(const struct sp_lru *lru, uint64_t key)
{
    uint32_t slot = home_of(lru, key);

    while (lru->slots[slot] != NONE && lru->rows[lru->slots[slot]].key != key)
        slot = (slot + 1) & lru->mask;
    return slot;
}

/* Empties `slot` and moves up those that were pushed past it. */
static void empty_slot(struct sp_lru *lru, uint32_t slot)
{
    uint32_t next = slot;

    for (;;) {
        next = (next + 1) & lru->mask;
        if (lru->slots[next] == NONE)
            break;
        /* It may move to `slot` unless its own slot lies behind that one. */
        uint32_t home = home_of(lru, lru->rows[lru->slots[next]].key);
        if (((next - home) & lru->mask) >= ((next - slot) & lru->mask)) {
            lru->slots[slot] = lru->slots[next];
            slot = next;
        }
    }
    lru->slots[slot] = NONE;
}

static void resize(struct sp_lru *lru, int32_t room)
{
    size_t old_slots = SLOTS_PER_ROW * (size_t)lru->room;
    size_t n_slots = SLOTS_PER_ROW * (size_t)room;

    sp_assert(room <= SP_LRU_KEYS_MAX);
    lru->rows = sp_arena_grow(lru->arena, lru->rows, (size_t)lru->n, (size_t)room,
                              sizeof *lru->rows);
    sp_arena_give_back(lru->arena, lru->slots, old_slots, sizeof *lru->slots);
    lru->slots = sp_arena_array(lru->arena, n_slots, sizeof *lru->slots);
    memset(lru->slots, 0xff, n_slots * sizeof *lru->slots);
    lru->room = room;
    lru->mask = (uint32_t)n_slots - 1;
    for (int32_t i = 0; i < lru->n; i++)
        lru->slots[find(lru, lru->rows[i].key)] = i;
}

/* ---- list ---- */

static void unlink_row(struct sp_lru *lru, int32_t i)
{
    const struct row *row = &lru->rows[i];

    *(row->older != NONE ? &lru->rows[row->older].younger : &lru->oldest) =
        row->younger;
    *(row->younger != NONE ? &lru->rows[row->younger].older : &lru->youngest) =
        row->older;
}

static void link_youngest(struct sp_lru *lru, int32_t i)
{
    lru->rows[i].older = lru->youngest;
    lru->rows[i].younger = NONE;
    *(lru->youngest != NONE ? &lru->rows[lru->youngest].younger : &lru->oldest) = i;
    lru->youngest = i;
}

/* ---- public ---- */

struct sp_lru *sp_lru_new(struct sp_arena *arena, int64_t capacity)
{
    struct sp_lru *lru = sp_arena_alloc(arena, sizeof *lru);

    sp_assert(capacity >= 1);
    lru->arena = arena;
    lru->capacity = capacity;
    lru->oldest = lru->youngest = NONE;
    resize(lru, ROOM_FIRST);
    return lru;
}

/* A row for a new key: another, or the oldest one's. */
static int32_t take_row(struct sp_lru *lru)
{
    int32_t i = lru->oldest;

    if (lru->n < lru->capacity) {
        if (lru->n == lru->room)
            resize(lru, 2 * lru->room);
        return lru->n++;
    }
    empty_slot(lru, find(lru, lru->rows[i].key));
    unlink_row(lru, i);
    return i;
}

bool sp_lru_touch(struct sp_lru *lru, uint64_t key)
{
    int32_t i = lru->slots[find(lru, key)];
    bool there = i != NONE;

    if (there) {
        if (i == lru->youngest)
            return true;
        unlink_row(lru, i);
    } else {
        i = take_row(lru);
        lru->rows[i].key = key;
        lru->slots[find(lru, key)] = i;
    }
    link_youngest(lru, i);
    return there;
}

bool sp_lru_has(const struct sp_lru *lru, uint64_t key)
{
    return lru->slots[find(lru, key)] != NONE;
}

int32_t sp_lru_len(const struct sp_lru *lru)
{
    return lru->n;
}

void sp_lru_verify(const struct sp_lru *lru)
{
    int32_t listed = 0, slotted = 0, older = NONE;

    for (int32_t i = lru->oldest; i != NONE; i = lru->rows[i].younger) {
        sp_assert(++listed <= lru->n && lru->rows[i].older == older);
        sp_assert(lru->slots[find(lru, lru->rows[i].key)] == i);
        older = i;
    }
    for (uint32_t slot = 0; slot <= lru->mask; slot++)
        slotted += lru->slots[slot] != NONE;
    sp_assert(older == lru->youngest && listed == lru->n && slotted == lru->n);
    sp_assert(lru->n <= lru->capacity && lru->n <= lru->room);
}
