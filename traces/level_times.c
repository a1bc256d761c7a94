/* An open-addressed table from level to time, sorted when it is asked. */
#include "traces/level_times.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

struct entry {
    int64_t level, time; /* time 0: free */
};

struct trace_level_times {
    struct sp_arena *arena;
    struct entry *entry;
    size_t n, room; /* room: a power of two, at least twice n */
    int64_t total;
    sp_i128 integral;
};

enum { ROOM_FIRST = 64 };

struct trace_level_times *trace_level_times_new(struct sp_arena *arena)
{
    struct trace_level_times *t = sp_arena_alloc(arena, sizeof *t);

    t->arena = arena;
    t->room = ROOM_FIRST;
    t->entry = sp_arena_array(arena, t->room, sizeof *t->entry);
    return t;
}

/* The entry of a level, or the free one where it would go. */
static struct entry *find(const struct trace_level_times *t, int64_t level)
{
    /* Fibonacci hashing: the golden ratio of 2^64 spreads neighbours. */
    size_t at = (size_t)(((uint64_t)level * UINT64_C(0x9e3779b97f4a7c15)) >> 20);

    for (at &= t->room - 1; t->entry[at].time != 0; at = (at + 1) & (t->room - 1))
        if (t->entry[at].level == level)
            break;
    return &t->entry[at];
}

static void grow(struct trace_level_times *t)
{
    struct entry *old = t->entry;
    size_t old_room = t->room;

    t->room *= 2;
    t->entry = sp_arena_array(t->arena, t->room, sizeof *t->entry);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].time != 0)
            *find(t, old[i].level) = old[i];
    sp_arena_give_back(t->arena, old, old_room, sizeof *old);
}

void trace_level_times_add(struct trace_level_times *t, int64_t level, int64_t time)
{
    struct entry *e;

    sp_assert(level >= 0 && time >= 0);
    if (time == 0)
        return;
    e = find(t, level);
    t->n += e->time == 0;
    e->level = level;
    e->time += time;
    t->total += time;
    t->integral += sp_i128_mul(level, time);
    if (t->n * 2 > t->room)
        grow(t);
}

static int by_level(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return (x->level > y->level) - (x->level < y->level);
}

int64_t trace_level_times_quantile(const struct trace_level_times *t, int permille)
{
    struct entry *sorted = sp_xcalloc(t->n + 1, sizeof *sorted);
    sp_i128 want = ((sp_i128)t->total * permille + 999) / 1000, seen = 0;
    size_t n = 0, at = 0;
    int64_t level = 0;

    for (size_t i = 0; i < t->room; i++)
        if (t->entry[i].time != 0)
            sorted[n++] = t->entry[i];
    qsort(sorted, n, sizeof *sorted, by_level);
    for (; at < n && seen < want; at++) {
        seen += sorted[at].time;
        level = sorted[at].level;
    }
    free(sorted);
    return level;
}

int64_t trace_level_times_total(const struct trace_level_times *t)
{
    return t->total;
}

sp_i128 trace_level_times_integral(const struct trace_level_times *t)
{
    return t->integral;
}
