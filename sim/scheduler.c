/* The tables of orders and of passing rules, and the pass. */
#include "sim/scheduler.h"

#include <string.h>

#include "base/status.h"
#include "sim/cluster_rows.h"

/* ---- orders ---- */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static const struct sim_asked *first_unit(const struct sim_cluster *c, int32_t kind)
{
    return &c->units[sim_cluster_first_of(c, kind)];
}

static int by_asking(const struct sim_cluster *c, int32_t a, int32_t b)
{
    const struct sim_asked *x = first_unit(c, a), *y = first_unit(c, b);
    int s = compare(x->since_ns, y->since_ns);

    if (s == 0)
        s = compare(x->number, y->number);
    return s != 0 ? s : (x->serial < y->serial ? -1 : 1);
}

static int by_priority(const struct sim_cluster *c, int32_t a, int32_t b)
{
    int s = compare(c->kinds[b].priority, c->kinds[a].priority);

    return s != 0 ? s : by_asking(c, a, b);
}

static int by_work(const struct sim_cluster *c, int32_t a, int32_t b)
{
    int s = compare(first_unit(c, a)->work_ns, first_unit(c, b)->work_ns);

    return s != 0 ? s : by_asking(c, a, b);
}

static int by_size(const struct sim_cluster *c, int32_t a, int32_t b)
{
    const struct model_amounts *x = &c->kinds[a].spec.needs;
    const struct model_amounts *y = &c->kinds[b].spec.needs;
    int s = compare(y->mgpu, x->mgpu);

    if (s == 0)
        s = compare(y->memory_bytes, x->memory_bytes);
    if (s == 0)
        s = compare(y->mcpu, x->mcpu);
    return s != 0 ? s : compare(a, b);
}

const struct sim_queue_order sim_queue_orders[] = {
    {"largest-first", "what needs most GPUs, then memory, then CPUs", false, false,
     by_size},
    {"fifo", "who asked first", false, false, by_asking},
    {"priority", "the highest priority, then who asked first", false, false,
     by_priority},
    {"shortest-first", "the least time expected, then who asked first", true, false,
     by_work},
    {"fair-share", "the team with the least share, then as priority", false, true,
     by_priority},
};
const int32_t sim_n_queue_orders = sizeof sim_queue_orders / sizeof sim_queue_orders[0];

const struct sim_passing sim_passings[] = {
    {"skip", "whatever fits starts, in the order of the queue", SIM_CLOSES_KIND,
     SIM_RESERVES_NOTHING},
    {"strict", "nothing starts before what is ahead of it", SIM_CLOSES_QUEUE,
     SIM_RESERVES_NOTHING},
    {"easy", "what does not delay the first that waits may start", SIM_CLOSES_KIND,
     SIM_RESERVES_HEAD},
    {"conservative", "what delays nobody ahead of it may start", SIM_CLOSES_KIND,
     SIM_RESERVES_PLAN},
};
const int32_t sim_n_passings = sizeof sim_passings / sizeof sim_passings[0];

const struct sim_queue_order *sim_queue_order_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_queue_orders; i++)
        if (name == NULL || strcmp(sim_queue_orders[i].name, name) == 0)
            return &sim_queue_orders[i];
    return NULL;
}

const struct sim_passing *sim_passing_find(const char *name)
{
    for (int32_t i = 0; i < sim_n_passings; i++)
        if (name == NULL || strcmp(sim_passings[i].name, name) == 0)
            return &sim_passings[i];
    return NULL;
}

/* ---- what could be different this time ---- */

static bool strict(const struct sim_cluster *c)
{
    return c->passing->closes == SIM_CLOSES_QUEUE;
}

/* The nodes that gained room before this pass are its fresh ones. */
static void read_fresh(struct sim_cluster *c)
{
    const int32_t *gained;
    int32_t n = sim_nodes_gained(c->nodes, &gained);

    sim_evict_again_note(c);
    c->n_fresh = 0;
    for (int32_t i = 0; i < n; i++) {
        if (!sim_nodes_is_open(c->nodes, gained[i]))
            continue;
        c->fresh = sp_arena_more(c->arena, c->fresh, c->n_fresh, &c->fresh_room,
                                 sizeof *c->fresh);
        c->fresh[c->n_fresh++] = gained[i];
    }
    sim_nodes_forget_gained(c->nodes);
}

static bool on_one_node(const struct sim_kind *k)
{
    return k->members == 1 || k->spec.gang == MODEL_GANG_STRICT_PACK;
}

/* Whether the fresh nodes can bring what a kind that had no room lacked: false is
 * certain.  Counts their room as gained. */
static bool fresh_may_hold(struct sim_cluster *c, struct sim_kind *k)
{
    bool one_node = on_one_node(k);
    int32_t shape = one_node && k->members > 1 ? k->sum_shape : k->shape;

    for (int32_t i = 0; i < c->n_fresh; i++) {
        if (one_node && sim_nodes_fits(c->nodes, c->fresh[i], shape))
            return true;
        if (!one_node)
            k->lacks -= sim_gang_room(c, c->fresh[i], k->shape, k->lacks);
        if (!one_node && k->lacks == 0)
            return k->rest_shape == SP_NO_ID || sim_gang_enough_free(c, k);
    }
    return false;
}

/* 0: not known, any node that gains may help (so it is where only the rest has no room,
 * and where nodes can be bought for the others). */
static void lacks_now(const struct sim_cluster *c, struct sim_kind *k, int32_t found)
{
    int32_t want = k->members - (k->rest_shape != SP_NO_ID);

    k->lacks = want > found && !c->elastic ? want - found : 0;
}

static bool worth_a_look(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];

    if (!k->no_room)
        return c->quota_freed && sim_quota_admits(c->quota, k->spec.team, k->total);
    if (c->n_fresh == 0 ||
        (k->lacks == 0 && !c->elastic && !sim_gang_enough_free(c, k)))
        return false;
    return k->lacks == 0 || fresh_may_hold(c, k);
}

/* Whose turn it is depends on the first of a queue, whether or not that one can start:
 * with several queues, where one of a queue may start, none of it may be left out.
 * Where some may evict, nobody may be left out: what an eviction frees is for those
 * whose turn comes after it, and not for those whose turn was before. */
static void unshut_kinds(struct sim_cluster *c)
{
    bool all = c->passing->reserves != SIM_RESERVES_NOTHING || c->market_moved ||
               sim_evict_may_ever(c);

    if (strict(c))
        return;
    for (int32_t i = 0; i < c->n_waiting; i++) {
        int32_t kind = c->waiting[i];
        struct sim_queue *q = &c->queues[c->kinds[kind].queue];
        bool shut = c->kinds[kind].at == SP_NO_ID;
        bool worth = shut && worth_a_look(c, kind); /* it counts what is fresh, too */

        if (shut && !worth && !all)
            continue;
        q->looked_pass = c->pass;
        sim_cluster_unshut(c, kind);
    }
    for (int32_t i = 0; i < c->n_waiting && c->n_queues > 1; i++)
        if (c->queues[c->kinds[c->waiting[i]].queue].looked_pass == c->pass)
            sim_cluster_unshut(c, c->waiting[i]);
}

/* ---- the first candidate ---- */

struct candidate {
    int32_t queue, kind;
    bool borrows;
    double share;
};

static struct candidate candidate_of(const struct sim_cluster *c, int32_t queue)
{
    struct candidate d = {.queue = queue, .kind = c->queues[queue].kinds.ids[0]};
    const struct sim_kind *k = &c->kinds[d.kind];

    if (c->n_queues == 1)
        return d;
    d.borrows = sim_quota_borrows(c->quota, k->spec.team, k->total);
    if (c->order->fair_between)
        d.share = sim_quota_share(c->quota, k->spec.team, k->total);
    return d;
}

static bool goes_before(const struct sim_cluster *c, const struct candidate *a,
                        const struct candidate *b)
{
    if (a->borrows != b->borrows)
        return b->borrows;
    if (a->share != b->share)
        return a->share < b->share;
    return c->order->compare(c, a->kind, b->kind) < 0;
}

static int32_t first_kind(const struct sim_cluster *c)
{
    struct candidate best = {.kind = SP_NO_ID};

    for (int32_t q = 0; q < c->n_queues; q++) {
        struct candidate d;

        if (c->queues[q].kinds.n == 0 || c->queues[q].closed_pass == c->pass)
            continue;
        d = candidate_of(c, q);
        if (best.kind == SP_NO_ID || goes_before(c, &d, &best))
            best = d;
    }
    return best.kind;
}

/* ---- one candidate ---- */

enum answer { STARTED, NO_QUOTA, NO_ROOM, KEPT_OUT, GONE };

/* What the fresh nodes cannot hold where there was no room in the last pass. */
static bool surely_full(struct sim_cluster *c, int32_t kind)
{
    enum { FEW = 32 };
    struct sim_kind *k = &c->kinds[kind];
    bool known = k->no_room || (k->full_pass >= 0 && k->full_pass == c->pass - 1);

    if (!known || c->market_open || c->evicted_pass == c->pass)
        return false;
    if (c->n_fresh == 0)
        return true;
    if (on_one_node(k))
        return c->n_fresh <= FEW && !fresh_may_hold(c, k);
    /* Of those that were shut, what is fresh has been counted. */
    return k->lacks > 0 && (k->no_room || !fresh_may_hold(c, k));
}

static bool take_room(struct sim_cluster *c, int32_t unit)
{
    int32_t kind = c->units[unit].kind, found = 0;
    struct sim_kind *k = &c->kinds[kind];
    uint64_t draw = (uint64_t)c->units[unit].number;

    k->lacks = 0;
    if (k->members > 1 && !sim_gang_enough_free(c, k))
        return false;
    if (sim_gang_take(c, kind, draw, &found))
        return true;
    lacks_now(c, k, found);
    return false;
}

static bool evicts(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    if (c->n_heads > 0 || !sim_evict_may_help(c, c->units[unit].kind) ||
        !sim_evict_for(c, unit, now_ns))
        return false;
    c->evicted_pass = c->pass; /* what was known to be full may not be */
    return true;
}

/* Evicted for; those told may have asked for the room again, or taken it. */
static enum answer start_after_evicting(struct sim_cluster *c, int32_t unit,
                                        uint64_t serial, enum answer otherwise,
                                        int64_t now_ns)
{
    if (c->units[unit].serial != serial || c->units[unit].life != SIM_UNIT_WAITS)
        return GONE;
    if (!take_room(c, unit))
        return otherwise;
    sim_cluster_seat(c, unit, now_ns);
    return STARTED;
}

static enum answer look_at(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    int32_t kind = c->units[unit].kind;
    const struct sim_kind *k = &c->kinds[kind];
    uint64_t draw = (uint64_t)c->units[unit].number, serial = c->units[unit].serial;
    enum answer no = NO_ROOM;

    if (!sim_quota_admits(c->quota, k->spec.team, k->total)) {
        no = NO_QUOTA;
    } else if (!surely_full(c, kind)) {
        bool ok = take_room(c, unit) ||
                  (c->asks && c->n_heads == 0 && sim_gang_buy(c, kind, draw, now_ns));

        if (ok && (c->n_heads == 0 || sim_backfill_spares(c, unit, now_ns))) {
            sim_cluster_seat(c, unit, now_ns);
            return STARTED;
        }
        if (ok) {
            sim_gang_undo(c, kind);
            return KEPT_OUT;
        }
    }
    if (evicts(c, unit, now_ns))
        return start_after_evicting(c, unit, serial, no, now_ns);
    return no;
}

/* ---- what a failure closes ---- */

static void close_after(struct sim_cluster *c, int32_t unit, enum answer answer,
                        int64_t now_ns)
{
    int32_t kind = c->units[unit].kind;
    struct sim_kind *k = &c->kinds[kind];

    if (answer == NO_ROOM)
        k->full_pass = c->pass;
    if (strict(c)) {
        c->queues[k->queue].closed_pass = c->pass;
        return;
    }
    if (answer == KEPT_OUT) {
        sim_cluster_set_aside(c, unit);
        return;
    }
    k->no_room = answer == NO_ROOM && c->passing->reserves == SIM_RESERVES_NOTHING;
    sim_cluster_shut(c, kind);
    if (answer == NO_ROOM && c->passing->reserves == SIM_RESERVES_HEAD)
        sim_backfill_reserve(c, unit, now_ns);
}

/* ---- causes ---- */

static bool has_room_for_one(struct sim_cluster *c, struct sim_kind *k)
{
    if (k->witness == SP_NO_ID || !sim_nodes_is_open(c->nodes, k->witness) ||
        !sim_nodes_fits(c->nodes, k->witness, k->shape))
        k->witness = sim_nodes_find(c->nodes, k->shape, 0);
    return k->witness != SP_NO_ID;
}

/* Whether all members of a kind that waits would find room now. */
static bool would_fit(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];
    int32_t found;

    if (k->no_room || k->full_pass == c->pass ||
        c->passing->reserves == SIM_RESERVES_NOTHING)
        return false;
    if (!sim_gang_take(c, kind, 0, &found))
        return false;
    sim_gang_undo(c, kind);
    return true;
}

static enum model_cause cause_of(struct sim_cluster *c, int32_t kind)
{
    struct sim_kind *k = &c->kinds[kind];

    if (!sim_quota_admits(c->quota, k->spec.team, k->total))
        return MODEL_CAUSE_QUOTA;
    if (would_fit(c, kind))
        return MODEL_CAUSE_HEAD_OF_LINE;
    if (k->members > 1 && has_room_for_one(c, k))
        return MODEL_CAUSE_GANG;
    return sim_gang_enough_for_one(c, k) ? MODEL_CAUSE_FRAGMENTATION
                                         : MODEL_CAUSE_CAPACITY;
}

/* The first of a strict queue has the queue's clock, the others their kinds'. */
static void tell_first(struct sim_cluster *c, struct sim_queue *q, int64_t now_ns)
{
    int32_t kind = q->kinds.n > 0 ? q->kinds.ids[0] : SP_NO_ID;
    int32_t unit = kind != SP_NO_ID ? sim_cluster_first_of(c, kind) : SP_NO_ID;
    struct sim_asked *u;

    if (q->first != unit && q->first != SP_NO_ID) {
        u = &c->units[q->first];
        sim_clock_read(&q->clock, now_ns, 1, u->waited_ns);
        sim_clock_read(&c->kinds[u->kind].clock, now_ns, -1, u->waited_ns);
        u->first_in_queue = false;
    }
    if (unit == SP_NO_ID) {
        q->first = unit;
        return;
    }
    sim_clock_set(&q->clock, cause_of(c, kind), now_ns);
    if (q->first == unit)
        return;
    u = &c->units[unit];
    sim_clock_read(&c->kinds[kind].clock, now_ns, 1, u->waited_ns);
    sim_clock_read(&q->clock, now_ns, -1, u->waited_ns);
    u->first_in_queue = true;
    q->first = unit;
}

static void tell_causes(struct sim_cluster *c, int64_t now_ns)
{
    if (strict(c)) {
        for (int32_t q = 0; q < c->n_queues; q++)
            tell_first(c, &c->queues[q], now_ns);
        return;
    }
    if (c->told_change == c->changes && c->passing->reserves == SIM_RESERVES_NOTHING)
        return; /* nobody took or gave anything since */
    c->told_change = c->changes;
    for (int32_t i = 0; i < c->n_waiting; i++) {
        struct sim_kind *k = &c->kinds[c->waiting[i]];
        enum model_cause cause = cause_of(c, c->waiting[i]);

        if (cause != k->clock.now)
            sim_clock_set(&k->clock, cause, now_ns);
    }
}

/* ---- the pass ---- */

static void pass_in_order(struct sim_cluster *c, int64_t now_ns)
{
    int32_t kind;

    while ((kind = first_kind(c)) != SP_NO_ID) {
        int32_t unit = sim_cluster_first_of(c, kind);
        enum answer answer = look_at(c, unit, now_ns);

        if (answer != STARTED && answer != GONE)
            close_after(c, unit, answer, now_ns);
    }
}

/* It starts, and from then on its end is known better. */
static void start_and_note(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    uint64_t serial = c->units[unit].serial;

    sim_cluster_seat(c, unit, now_ns);
    if (c->units[unit].serial == serial && c->units[unit].life == SIM_UNIT_PLACED)
        sim_plan_note(c->plan, unit);
}

/* The first of all may evict; the plan, in which nothing else waits, is made again. */
static bool start_by_evicting(struct sim_cluster *c, int32_t unit, int64_t now_ns)
{
    uint64_t serial = c->units[unit].serial;

    if (!evicts(c, unit, now_ns) ||
        start_after_evicting(c, unit, serial, NO_ROOM, now_ns) != STARTED)
        return false;
    sim_plan_begin(c->plan, now_ns);
    return true;
}

static void plan_one(struct sim_cluster *c, int32_t unit, bool first, int64_t now_ns)
{
    int32_t kind = c->units[unit].kind;
    const struct sim_kind *k = &c->kinds[kind];
    bool admitted = sim_quota_admits(c->quota, k->spec.team, k->total);

    if (admitted &&
        (sim_plan_start(c->plan, unit) || sim_gang_buy_all(c, kind, now_ns))) {
        start_and_note(c, unit, now_ns);
        return;
    }
    if (first && start_by_evicting(c, unit, now_ns))
        return;
    if (c->units[unit].life != SIM_UNIT_WAITS)
        return;
    if (admitted)
        sim_plan_reserve(c->plan, unit);
    sim_cluster_set_aside(c, unit);
}

/* In order, each of the first `depth` has its place in the plan. */
static void pass_by_plan(struct sim_cluster *c, int64_t now_ns)
{
    sim_plan_begin(c->plan, now_ns);
    for (int32_t i = 0; i < c->policy->scheduling.depth; i++) {
        int32_t kind = first_kind(c);

        if (kind == SP_NO_ID)
            return;
        plan_one(c, sim_cluster_first_of(c, kind), i == 0, now_ns);
    }
}

static void put_back_aside(struct sim_cluster *c)
{
    while (c->n_aside > 0) {
        int32_t unit = c->aside[--c->n_aside];

        sim_cluster_put_back(c, unit);
    }
}

void sim_scheduler_pass(struct sim_cluster *c, int64_t now_ns)
{
    if (c->n_waiting == 0)
        return;
    /* Not earlier: what loses its place asks again before it has left. */
    if (c->asked_mgpu > c->peak_asked_mgpu)
        c->peak_asked_mgpu = c->asked_mgpu;
    c->pass++;
    c->now_ns = now_ns;
    c->n_heads = 0;
    read_fresh(c);
    unshut_kinds(c);
    c->market_open = c->market_moved;
    c->quota_freed = c->market_moved = false;
    if (c->plan != NULL)
        pass_by_plan(c, now_ns);
    else
        pass_in_order(c, now_ns);
    put_back_aside(c);
    tell_causes(c, now_ns);
    sim_story_waits(c, now_ns);
}
