/* sim/event_queue.h against a sorted array, the slow way, under every mix of
 * operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/event_queue.h"

enum { SLOTS_MAX = 600, STEPS = 20000 };

/* ---- the oracle: pending events, searched from end to end ---- */

struct want {
    bool pending;
    int64_t time_ns;
    int32_t priority;
    uint64_t order; /* 0: by slot */
};

struct oracle {
    struct want slot[SLOTS_MAX];
    int32_t n;
    uint64_t order;
};

static bool sooner(const struct want *a, const struct want *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->order < b->order;
}

static int32_t oracle_next(const struct oracle *o)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < o->n; i++)
        if (o->slot[i].pending && /* of two set by slot the lower goes first */
            (best == SP_NO_ID || sooner(&o->slot[i], &o->slot[best])))
            best = i;
    return best;
}

/* ---- one run ---- */

static struct mix {
    const char *name;
    int32_t slots;                /* at the start */
    int64_t spread;               /* times are now + 0 .. spread: 0 makes mass ties */
    double set, clear, pop, grow; /* chances; the rest sets the slot that was popped */
} mixes[] = {
    {"one_slot", 1, 5, 0.3, 0.2, 0.4, 0},
    {"all_at_one_time", 50, 0, 0.5, 0.1, 0.3, 0},
    {"mass_ties", 200, 3, 0.4, 0.1, 0.4, 0},
    {"mostly_set_and_popped", 300, 1000000, 0.1, 0.02, 0.45, 0},
    {"mostly_rescheduled", 300, 1000000, 0.7, 0.1, 0.15, 0},
    {"mostly_cleared", 64, 100, 0.4, 0.4, 0.15, 0},
    {"growing_from_nothing", 0, 100, 0.4, 0.1, 0.3, 0.05},
    {"far_apart", 100, INT64_MAX / 4 / STEPS, 0.4, 0.1, 0.4, 0},
};
#define N_MIXES (sizeof mixes / sizeof mixes[0])

struct both {
    struct sim_event_queue *q;
    struct oracle o;
    struct sp_rng r;
    int64_t now_ns, spread;
    struct want latest; /* popped at this instant */
};

static int64_t pick(struct both *b, int64_t n)
{
    return (int64_t)(sp_rng_uniform(&b->r) * (double)n);
}

static void grow(struct both *b)
{
    if (b->o.n == SLOTS_MAX)
        return;
    assert_int_equal(sim_event_queue_slot_new(b->q, b->o.n + 7, b->o.n * 3), b->o.n);
    b->o.n++;
}

static void set(struct both *b, int32_t slot)
{
    struct want w = {true, b->now_ns + pick(b, b->spread + 1),
                     (int32_t)pick(b, SIM_EVENT_PRIORITIES), ++b->o.order};

    if (pick(b, 3) == 0) {
        w.order = 0;
        sim_event_queue_set_by_slot(b->q, slot, w.time_ns, w.priority);
    } else {
        sim_event_queue_set(b->q, slot, w.time_ns, w.priority);
    }
    b->o.slot[slot] = w;
}

static int32_t pop(struct both *b)
{
    int32_t want = oracle_next(&b->o);
    struct sim_event ev;

    if (want == SP_NO_ID) {
        assert_false(sim_event_queue_pop(b->q, &ev));
        return SP_NO_ID;
    }
    assert_true(sim_event_queue_pop(b->q, &ev));
    assert_int_equal(ev.slot, want);
    assert_true(ev.time_ns == b->o.slot[want].time_ns);
    assert_int_equal(ev.kind, want + 7);
    assert_int_equal(ev.subject, want * 3);
    b->o.slot[want].pending = false;
    if (ev.time_ns != b->now_ns || sooner(&b->latest, &b->o.slot[want]))
        b->latest = b->o.slot[want];
    b->now_ns = ev.time_ns;
    for (int32_t p = 0; p < SIM_EVENT_PRIORITIES; p++)
        assert_int_equal(sim_event_queue_past(b->q, p),
                         b->latest.priority > p ||
                             (b->latest.priority == p && b->latest.order > 0));
    return want;
}

static void step(struct both *b, const struct mix *m)
{
    double u = sp_rng_uniform(&b->r);

    if (u < m->grow || b->o.n == 0) {
        grow(b);
    } else if (u < m->grow + m->set) {
        set(b, (int32_t)pick(b, b->o.n));
    } else if (u < m->grow + m->set + m->clear) {
        int32_t slot = (int32_t)pick(b, b->o.n);

        sim_event_queue_clear(b->q, slot);
        b->o.slot[slot].pending = false;
    } else if (u < m->grow + m->set + m->clear + m->pop) {
        pop(b);
    } else { /* what handlers do: pop, and set the same slot again */
        int32_t slot = pop(b);

        if (slot != SP_NO_ID)
            set(b, slot);
    }
}

static void leaves_in_the_order_of_a_sorted_array(void **state)
{
    const struct mix *m = *state;
    struct sp_arena *arena = sp_arena_new();
    struct both b = {
        .q = sim_event_queue_new(arena), .r = sp_rng_from_key(5), .spread = m->spread};

    for (int32_t i = 0; i < m->slots; i++)
        grow(&b);
    for (int32_t i = 0; i < STEPS; i++) {
        int32_t any;

        step(&b, m);
        sim_event_queue_verify(b.q);
        any = b.o.n > 0 ? (int32_t)pick(&b, b.o.n) : SP_NO_ID;
        if (any != SP_NO_ID)
            assert_true(sim_event_queue_pending(b.q, any) == b.o.slot[any].pending);
    }
    assert_int_equal(sim_event_queue_slots(b.q), b.o.n);
    assert_int_equal(sim_event_queue_count(b.q), b.o.order);
    while (pop(&b) != SP_NO_ID)
        sim_event_queue_verify(b.q);
    sp_arena_free(arena);
}

/* ---- by hand ---- */

static void empty_queue_pops_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_event_queue *q = sim_event_queue_new(arena);
    struct sim_event ev;

    (void)state;
    assert_false(sim_event_queue_pop(q, &ev));
    assert_int_equal(sim_event_queue_slot_new(q, 1, 2), 0);
    assert_false(sim_event_queue_pop(q, &ev));
    assert_false(sim_event_queue_pending(q, 0));
    sim_event_queue_clear(q, 0); /* nothing to clear is fine */
    sp_arena_free(arena);
}

/* A slot set while it is the popped one, at the same time, goes behind what waits
 * there. */
static void same_time_goes_by_priority_then_by_order_of_setting(void **state)
{
    static const int32_t want[] = {2, 1, 3, 0, 1};
    struct sp_arena *arena = sp_arena_new();
    struct sim_event_queue *q = sim_event_queue_new(arena);
    struct sim_event ev;

    (void)state;
    for (int32_t i = 0; i < 4; i++)
        sim_event_queue_slot_new(q, 0, i);
    sim_event_queue_set(q, 0, 10, 3);
    sim_event_queue_set(q, 1, 10, 1);
    sim_event_queue_set(q, 2, 10, 0);
    sim_event_queue_set(q, 3, 10, 1);
    for (int32_t i = 0; i < 5; i++) {
        assert_true(sim_event_queue_pop(q, &ev));
        assert_int_equal(ev.slot, want[i]);
        if (i == 1)
            sim_event_queue_set(q, 1, 10, 3);
    }
    assert_false(sim_event_queue_pop(q, &ev));
    sp_arena_free(arena);
}

/* Whatever the order of setting, and before what is set in order. */
static void what_is_set_by_slot_goes_by_slot(void **state)
{
    static const int32_t want[] = {1, 3, 0, 2};
    struct sp_arena *arena = sp_arena_new();
    struct sim_event_queue *q = sim_event_queue_new(arena);
    struct sim_event ev;

    (void)state;
    for (int32_t i = 0; i < 4; i++)
        sim_event_queue_slot_new(q, 0, i);
    sim_event_queue_set(q, 0, 10, 2);
    sim_event_queue_set_by_slot(q, 3, 10, 2);
    sim_event_queue_set_by_slot(q, 1, 10, 2);
    sim_event_queue_set(q, 2, 10, 3);
    for (int32_t i = 0; i < 4; i++) {
        assert_true(sim_event_queue_pop(q, &ev));
        assert_int_equal(ev.slot, want[i]);
        assert_true(sim_event_queue_past(q, 1));
        assert_int_equal(sim_event_queue_past(q, 2), i >= 2);
        assert_false(sim_event_queue_past(q, 3) && i < 3);
    }
    sp_arena_free(arena);
}

/* Handlers may put something before what was just popped in rank, at the same time. */
static void urgent_event_set_at_the_popped_time_leaves_next(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_event_queue *q = sim_event_queue_new(arena);
    struct sim_event ev;

    (void)state;
    for (int32_t i = 0; i < 3; i++)
        sim_event_queue_slot_new(q, 0, i);
    sim_event_queue_set(q, 0, 5, 2);
    sim_event_queue_set(q, 1, 5, 3);
    assert_true(sim_event_queue_pop(q, &ev));
    sim_event_queue_set(q, 2, 5, 0);
    sim_event_queue_verify(q);
    assert_true(sim_event_queue_pop(q, &ev));
    assert_int_equal(ev.slot, 2);
    assert_true(sim_event_queue_pop(q, &ev));
    assert_int_equal(ev.slot, 1);
    assert_false(sim_event_queue_pop(q, &ev));
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[N_MIXES + OTHERS] = {
        cmocka_unit_test(empty_queue_pops_nothing),
        cmocka_unit_test(same_time_goes_by_priority_then_by_order_of_setting),
        cmocka_unit_test(what_is_set_by_slot_goes_by_slot),
        cmocka_unit_test(urgent_event_set_at_the_popped_time_leaves_next),
    };

    for (size_t i = 0; i < N_MIXES; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = mixes[i].name,
                                .test_func = leaves_in_the_order_of_a_sorted_array,
                                .initial_state = &mixes[i]};
    return cmocka_run_group_tests_name("event_queue", tests, NULL, NULL);
}
