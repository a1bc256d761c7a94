/* A 4-ary winner tree with the 16-byte keys inline: four siblings fill a cache line,
 * and the path from a slot to the root is known before any comparison, so all its lines
 * are fetched at once.  Key: time, then priority | order of setting | slot, compared as
 * one 128-bit number without a branch. */
#include "sim/event_queue.h"

#include <stdatomic.h>
#include <string.h>

#include "base/status.h"
#include "base/wide.h"

enum { LEVELS_MAX = 13, SLOT_BITS = 22, ORDER_BITS = 40, FIRST_SLOTS = 4 };
enum { BIG_LEVELS = 8, FEW_LEVELS = 4 }; /* 16,384 slots: past the second cache */

struct key {
    uint64_t low, time; /* low: priority (2 bits), order of setting (40), slot (22) */
};

struct group {
    struct key key[4];
};

struct owner { /* of a slot: read together when it is popped */
    int32_t kind, subject;
};

static const struct key never = {UINT64_MAX, UINT64_MAX};

struct sim_event_queue {
    struct sp_arena *arena;
    int32_t n_slots, capacity;
    int32_t n_levels; /* level 0 holds the slots, the last a single key */
    int32_t ahead;    /* level whose winners are fetched early; 0: the tree is small */
    int32_t fired;    /* popped and still in the tree, or SP_NO_ID */
    struct key
        *level[LEVELS_MAX]; /* each padded to whole groups of four, on a cache line */
    int32_t level_groups[LEVELS_MAX];
    struct owner *owner; /* of each slot */
    void *block; /* what levels and owners lie in, with a cache line to spare for
                    alignment */
    size_t block_bytes;
    uint64_t order;   /* of the last one set; by slot: none, 0 */
    uint64_t reached; /* most (priority | order) popped at this instant */
    int64_t now_ns;
};

/* The smaller of two keys.  Compilers turn the obvious expression into a branch that is
 * taken at random; on x86-64 four instructions say what is meant. */
static inline struct key key_min(struct key a, struct key b)
{
#if defined(__x86_64__)
    uint64_t scratch;

    __asm__("movq %[alow], %[t]\n\t"
            "cmpq %[blow], %[t]\n\t"
            "movq %[atime], %[t]\n\t"
            "sbbq %[btime], %[t]\n\t"
            "cmovaeq %[blow], %[alow]\n\t"
            "cmovaeq %[btime], %[atime]"
            : [alow] "+&r"(a.low), [atime] "+&r"(a.time), [t] "=&r"(scratch)
            : [blow] "r"(b.low), [btime] "r"(b.time)
            : "cc");
    return a;
#else
    sp_u128 ka = (sp_u128)a.time << 64 | a.low, kb = (sp_u128)b.time << 64 | b.low;

    return ka < kb ? a : b;
#endif
}

static inline bool key_equal(struct key a, struct key b)
{
    return a.low == b.low && a.time == b.time;
}

static inline struct key group_min(const struct key *group)
{
    return key_min(key_min(group[0], group[1]), key_min(group[2], group[3]));
}

/* Makes the levels for `capacity` slots, all empty. */
static void lay_out(struct sim_event_queue *q, int32_t capacity)
{
    int32_t n = capacity, l = 0;
    size_t groups = 0, bytes;
    struct group *at;

    for (;; l++) {
        sp_assert(l < LEVELS_MAX);
        q->level_groups[l] = (n + 3) / 4;
        groups += (size_t)q->level_groups[l];
        if (n == 1)
            break;
        n = q->level_groups[l];
    }
    q->n_levels = l + 1;
    q->ahead = q->n_levels > BIG_LEVELS ? q->n_levels - FEW_LEVELS : 0;
    q->capacity = capacity;
    bytes = groups * sizeof *at;
    q->block_bytes = bytes + (size_t)capacity * sizeof *q->owner + sizeof *at;
    q->block = sp_arena_alloc(q->arena, q->block_bytes);
    at = (struct group *)(((uintptr_t)q->block + sizeof *at - 1) & ~(sizeof *at - 1));
    memset(at, 0xff, bytes);
    for (l = 0; l < q->n_levels; at += q->level_groups[l++])
        q->level[l] = at->key;
    q->owner = (struct owner *)at;
}

/* Lays out the tree for `capacity` slots and plays the tournament anew. */
static void rebuild(struct sim_event_queue *q, int32_t capacity)
{
    const struct key *old = q->level[0];
    const struct owner *old_owner = q->owner;
    void *old_block = q->block;
    size_t n = (size_t)q->n_slots, old_bytes = q->block_bytes;

    lay_out(q, capacity);
    if (n > 0) {
        memcpy(q->level[0], old, n * sizeof *old);
        memcpy(q->owner, old_owner, n * sizeof *old_owner);
    }
    sp_arena_give_back(q->arena, old_block, old_bytes, 1);
    for (int32_t l = 1; l < q->n_levels; l++)
        for (int32_t i = 0; i < q->level_groups[l - 1]; i++)
            q->level[l][i] = group_min(q->level[l - 1] + 4 * i);
}

struct sim_event_queue *sim_event_queue_new(struct sp_arena *arena)
{
    struct sim_event_queue *q = sp_arena_alloc(arena, sizeof *q);

    q->arena = arena;
    q->fired = SP_NO_ID;
    rebuild(q, FIRST_SLOTS);
    return q;
}

int32_t sim_event_queue_slot_new(struct sim_event_queue *q, int32_t kind,
                                 int32_t subject)
{
    if (q->n_slots == q->capacity) {
        sp_assert(q->n_slots < SIM_EVENT_SLOTS_MAX);
        rebuild(q, 2 * q->capacity);
    }
    q->owner[q->n_slots] = (struct owner){kind, subject};
    return q->n_slots++;
}

int32_t sim_event_queue_slots(const struct sim_event_queue *q)
{
    return q->n_slots;
}

/* One of the next few dozen to leave is known: its rows are fetched meanwhile. */
static inline void fetch_ahead(const struct sim_event_queue *q, struct key key)
{
    size_t slot = key.low & ((1u << SLOT_BITS) - 1);

    if (key.time == UINT64_MAX)
        return;
    __builtin_prefetch(&q->level[0][slot], 1);
    __builtin_prefetch(&q->level[1][slot >> 2], 1);
    __builtin_prefetch(&q->owner[slot], 0);
}

/* Carries the key at level[from][*i] up to level `to`; returns the winner there. */
static inline struct key replay_levels(struct sim_event_queue *q, int32_t *i,
                                       struct key key, int32_t from, int32_t to)
{
    for (int32_t l = from; l < to; l++) {
        struct key *group = q->level[l] + (*i & ~3);
        struct key rest = key_min(group[(*i + 2) & 3], group[(*i + 3) & 3]);

        q->level[l][*i] = key;
        key = key_min(key, key_min(group[(*i + 1) & 3], rest));
        *i >>= 2;
    }
    return key;
}

/* The key of a slot that held the minimum changed: every level up may change. */
static inline void replay_all(struct sim_event_queue *q, int32_t slot, struct key key)
{
    int32_t i = slot;

    if (q->ahead > 0) {
        key = replay_levels(q, &i, key, 0, q->ahead);
        fetch_ahead(q, key);
    }
    key = replay_levels(q, &i, key, q->ahead, q->n_levels - 1);
    q->level[q->n_levels - 1][0] = key;
}

/* The same, stopping where nothing changes further up. */
static inline void replay_until_same(struct sim_event_queue *q, int32_t slot,
                                     struct key key)
{
    int32_t i = slot;

    for (int32_t l = 0; l < q->n_levels; l++) {
        if (key_equal(q->level[l][i], key))
            return;
        q->level[l][i] = key;
        if (l == q->n_levels - 1)
            return;
        key = group_min(q->level[l] + (i & ~3));
        i >>= 2;
    }
}

static inline void set(struct sim_event_queue *q, int32_t slot, int64_t time_ns,
                       int32_t priority, uint64_t order)
{
    struct key key;

    sp_assert(time_ns >= q->now_ns && slot >= 0 && slot < q->n_slots);
    sp_assert(q->order >> ORDER_BITS == 0);
    key.time = (uint64_t)time_ns;
    key.low = (uint64_t)priority << (ORDER_BITS + SLOT_BITS) | order << SLOT_BITS |
              (uint64_t)slot;
    if (slot == q->fired) {
        q->fired = SP_NO_ID;
        replay_all(q, slot, key);
    } else {
        replay_until_same(q, slot, key);
    }
}

void sim_event_queue_set(struct sim_event_queue *q, int32_t slot, int64_t time_ns,
                         int32_t priority)
{
    set(q, slot, time_ns, priority, ++q->order);
}

void sim_event_queue_set_by_slot(struct sim_event_queue *q, int32_t slot,
                                 int64_t time_ns, int32_t priority)
{
    q->order++;
    set(q, slot, time_ns, priority, 0);
}

bool sim_event_queue_past(const struct sim_event_queue *q, int32_t priority)
{
    return q->reached > (uint64_t)priority << ORDER_BITS;
}

void sim_event_queue_clear(struct sim_event_queue *q, int32_t slot)
{
    if (slot == q->fired)
        q->fired = SP_NO_ID;
    replay_until_same(q, slot, never);
}

bool sim_event_queue_pending(const struct sim_event_queue *q, int32_t slot)
{
    return slot != q->fired && !key_equal(q->level[0][slot], never);
}

bool sim_event_queue_pop(struct sim_event_queue *q, struct sim_event *ev)
{
    struct key top;
    uint64_t reached;

    if (q->fired != SP_NO_ID) {
        replay_all(q, q->fired, never);
        q->fired = SP_NO_ID;
    }
    top = q->level[q->n_levels - 1][0];
    if (top.time == UINT64_MAX)
        return false;
    ev->slot = (int32_t)(top.low & ((1u << SLOT_BITS) - 1));
    ev->time_ns = (int64_t)top.time;
    /* The caller goes on with the slot while its owner is fetched.  Without the fence
     * gcc joins both in one vector store, and the slot waits for the cache miss. */
    atomic_signal_fence(memory_order_seq_cst);
    ev->kind = q->owner[ev->slot].kind;
    ev->subject = q->owner[ev->slot].subject;
    reached = top.low >> SLOT_BITS;
    q->reached = ev->time_ns > q->now_ns || reached > q->reached ? reached : q->reached;
    q->now_ns = ev->time_ns;
    q->fired = ev->slot;
    return true;
}

uint64_t sim_event_queue_count(const struct sim_event_queue *q)
{
    return q->order;
}

void sim_event_queue_verify(const struct sim_event_queue *q)
{
    for (int32_t l = 1; l < q->n_levels; l++)
        for (int32_t i = 0; i < q->level_groups[l - 1]; i++)
            sp_assert(key_equal(q->level[l][i], group_min(q->level[l - 1] + 4 * i)));
    for (int32_t s = 0; s < q->n_slots; s++) {
        struct key k = q->level[0][s];

        if (key_equal(k, never))
            continue;
        sp_assert((k.low & ((1u << SLOT_BITS) - 1)) == (uint64_t)s);
        sp_assert(s == q->fired || (int64_t)k.time >= q->now_ns);
    }
}
