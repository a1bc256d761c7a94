/* Conservative backfilling: who holds what, and when, as far as is expected.
 *
 * What is free throughout a time is kept on a second set of nodes, whose free amounts
 * are, per device, the least of that time; members find their places there by first
 * fit.  The time slides from one start to the next, and only nodes on which something
 * begins or ends meanwhile are worked out again. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/units.h"
#include "sim/cluster_rows.h"

/* A member on its node from .. to. */
struct booking {
    int64_t from_ns, to_ns;
    struct sim_hold hold;
    struct model_amounts needs;
    int32_t next; /* on the node */
};

struct sim_plan {
    struct sp_arena *arena;
    struct sim_cluster *c;
    struct sim_nodes *nodes;
    int64_t now_ns;
    struct booking *rows;
    int32_t n, room;
    int32_t *by_start, *by_end; /* rows, the first first */
    int32_t start_room, end_room;
    int32_t *first_on, n_nodes; /* rows */
};

struct sim_plan *sim_plan_new(struct sp_arena *arena, struct sim_cluster *c,
                              const struct model_policy *first_fit)
{
    struct sim_plan *p = sp_arena_alloc(arena, sizeof *p);

    p->arena = arena;
    p->c = c;
    p->nodes = sim_nodes_new(arena, first_fit, NULL, 0);
    sim_nodes_trial(p->nodes, true);
    return p;
}

void sim_plan_shape(struct sim_plan *p, int32_t shape,
                    const struct model_amounts *needs, int64_t allowed_types)
{
    int32_t same = sim_nodes_shape(p->nodes, needs, allowed_types);

    sp_assert(same == shape);
}

/* ---- bookings ---- */

/* Nobody holds anything for no time: a moment at least. */
static int64_t later(int64_t now_ns, int64_t hold_ns)
{
    if (hold_ns < 1)
        hold_ns = 1;
    return hold_ns < INT64_MAX - now_ns ? now_ns + hold_ns : INT64_MAX;
}

static int64_t time_of(const struct sim_plan *p, int32_t row, bool start)
{
    return start ? p->rows[row].from_ns : p->rows[row].to_ns;
}

static void insert(const struct sim_plan *p, int32_t *list, int32_t n, int32_t row,
                   bool start)
{
    int64_t at_ns = time_of(p, row, start);

    for (; n > 0 && time_of(p, list[n - 1], start) > at_ns; n--)
        list[n] = list[n - 1];
    list[n] = row;
}

static void book(struct sim_plan *p, const struct sim_hold *hold,
                 const struct model_amounts *needs, int64_t from_ns, int64_t to_ns)
{
    p->rows = sp_arena_more(p->arena, p->rows, p->n, &p->room, sizeof *p->rows);
    p->by_start =
        sp_arena_more(p->arena, p->by_start, p->n, &p->start_room, sizeof *p->by_start);
    p->by_end =
        sp_arena_more(p->arena, p->by_end, p->n, &p->end_room, sizeof *p->by_end);
    p->rows[p->n] = (struct booking){.from_ns = from_ns,
                                     .to_ns = to_ns,
                                     .hold = *hold,
                                     .needs = *needs,
                                     .next = p->first_on[hold->node]};
    p->first_on[hold->node] = p->n;
    insert(p, p->by_start, p->n, p->n, true);
    insert(p, p->by_end, p->n, p->n, false);
    p->n++;
}

static void note(struct sim_plan *p, int32_t unit)
{
    const struct sim_cluster *c = p->c;
    const struct sim_asked *u = &c->units[unit];
    const struct sim_kind *k = &c->kinds[u->kind];
    int64_t end_ns = u->end_ns > p->now_ns ? u->end_ns : p->now_ns + 1;

    for (int32_t i = 0; i < k->members; i++)
        book(p, &c->seats[u->seats + i].hold, sim_cluster_member_needs(c, unit, i),
             p->now_ns, end_ns);
}

/* The nodes that there are, open where they are. */
static void mirror_nodes(struct sim_plan *p)
{
    const struct sim_nodes *real = p->c->nodes;
    int32_t n = sim_nodes_n(real);

    if (n > p->n_nodes)
        p->first_on = sp_arena_grow(p->arena, p->first_on, (size_t)p->n_nodes,
                                    (size_t)n, sizeof *p->first_on);
    for (; p->n_nodes < n; p->n_nodes++) {
        int32_t id = sim_nodes_add(p->nodes, sim_nodes_state(real, p->n_nodes)->type);

        sp_assert(id == p->n_nodes);
        p->first_on[id] = SP_NO_ID;
    }
    for (int32_t i = 0; i < n; i++) {
        bool open = sim_nodes_is_open(real, i);

        if (open && !sim_nodes_is_open(p->nodes, i))
            sim_nodes_open(p->nodes, i);
        else if (!open && sim_nodes_is_open(p->nodes, i))
            sim_nodes_close(p->nodes, i);
    }
}

void sim_plan_note(struct sim_plan *p, int32_t unit)
{
    mirror_nodes(p);
    note(p, unit);
}

/* In the order in which they leave, so that none has to find its place. */
void sim_plan_begin(struct sim_plan *p, int64_t now_ns)
{
    struct sim_cluster *c = p->c;
    int32_t n = 0, *list;

    p->now_ns = now_ns;
    p->n = 0;
    mirror_nodes(p);
    for (int32_t i = 0; i < p->n_nodes; i++)
        p->first_on[i] = SP_NO_ID;
    list = sim_backfill_leaving(c, &n);
    for (int32_t i = 0; i < n; i++)
        note(p, list[i]);
    free(list);
    for (int32_t i = 0; i < c->n_units; i++)
        if (c->units[i].life == SIM_UNIT_PLACED && c->units[i].end_ns == INT64_MAX)
            note(p, i);
}

/* ---- what is free throughout a time ---- */

static struct sim_node_state empty(const struct sim_node_state *s)
{
    struct sim_node_state e = *s;

    e.free_mcpu = s->has.mcpu;
    e.free_memory = s->free_memory == INT64_MAX ? INT64_MAX : s->has.memory_bytes;
    for (int32_t g = 0; g < s->gpus; g++)
        e.device_mgpu[g] = 1000;
    return e;
}

static void take_off(struct sim_node_state *s, const struct booking *b)
{
    s->free_mcpu -= b->needs.mcpu;
    if (s->free_memory != INT64_MAX)
        s->free_memory -= sim_amount(&b->needs, MODEL_MEMORY);
    for (int32_t g = 0; g < s->gpus; g++)
        if (b->hold.whole >> g & 1)
            s->device_mgpu[g] = (int16_t)(s->device_mgpu[g] - 1000);
    if (b->hold.device != SP_NO_ID)
        s->device_mgpu[b->hold.device] =
            (int16_t)(s->device_mgpu[b->hold.device] - b->needs.mgpu);
}

static struct sim_node_state free_at(const struct sim_plan *p, int32_t node,
                                     int64_t at_ns)
{
    struct sim_node_state s = empty(sim_nodes_state(p->nodes, node));

    for (int32_t r = p->first_on[node]; r != SP_NO_ID; r = p->rows[r].next)
        if (p->rows[r].from_ns <= at_ns && p->rows[r].to_ns > at_ns)
            take_off(&s, &p->rows[r]);
    return s;
}

static void lower_to(struct sim_node_state *s, const struct sim_node_state *by)
{
    if (by->free_mcpu < s->free_mcpu)
        s->free_mcpu = by->free_mcpu;
    if (by->free_memory < s->free_memory)
        s->free_memory = by->free_memory;
    for (int32_t g = 0; g < s->gpus; g++)
        if (by->device_mgpu[g] < s->device_mgpu[g])
            s->device_mgpu[g] = by->device_mgpu[g];
}

/* The least that is free on a node from .. to, which only what begins can lower. */
static void work_out(struct sim_plan *p, int32_t node, int64_t from_ns, int64_t to_ns)
{
    struct sim_node_state least = free_at(p, node, from_ns);

    for (int32_t r = p->first_on[node]; r != SP_NO_ID; r = p->rows[r].next)
        if (p->rows[r].from_ns > from_ns && p->rows[r].from_ns < to_ns) {
            struct sim_node_state then = free_at(p, node, p->rows[r].from_ns);

            lower_to(&least, &then);
        }
    least.free_mgpu = 0;
    for (int32_t g = 0; g < least.gpus; g++)
        least.free_mgpu += least.device_mgpu[g];
    sim_nodes_set_free(p->nodes, node, &least);
}

/* A time that slides: where it begins and ends, and what it has passed by then. */
struct slide {
    int64_t from_ns, hold_ns;
    int32_t ended, begun; /* of by_end: to <= from_ns; of by_start: from < its end */
};

static void slide_to(struct sim_plan *p, struct slide *w, int64_t from_ns)
{
    int64_t to_ns = later(from_ns, w->hold_ns);

    w->from_ns = from_ns;
    for (; w->ended < p->n && time_of(p, p->by_end[w->ended], false) <= from_ns;
         w->ended++)
        work_out(p, p->rows[p->by_end[w->ended]].hold.node, from_ns, to_ns);
    for (; w->begun < p->n && time_of(p, p->by_start[w->begun], true) < to_ns;
         w->begun++)
        work_out(p, p->rows[p->by_start[w->begun]].hold.node, from_ns, to_ns);
}

/* ---- a place for a unit ---- */

static bool fits_throughout(struct sim_plan *p, int32_t unit)
{
    struct sim_cluster *c = p->c;
    struct sim_nodes *real = c->nodes;
    int32_t kind = c->units[unit].kind, found;
    bool ok;

    c->nodes = p->nodes;
    /* Not by sums first: what runs longer than was expected overlaps with what is
     * planned, and its node then has less than nothing. */
    ok = sim_gang_take(c, kind, (uint64_t)c->units[unit].number, &found);
    if (ok) {
        int32_t n = c->n_holds;

        sim_gang_undo(c, kind); /* the holds stay in their rows */
        c->n_holds = n;
    }
    sim_nodes_trial(p->nodes, true);
    c->nodes = real;
    return ok;
}

static void all_nodes(struct sim_plan *p, int64_t from_ns, int64_t hold_ns)
{
    for (int32_t i = 0; i < p->n_nodes; i++)
        work_out(p, i, from_ns, later(from_ns, hold_ns));
}

static void slide_begin(struct sim_plan *p, int32_t unit, struct slide *w)
{
    *w = (struct slide){.hold_ns = p->c->units[unit].work_ns};
    all_nodes(p, p->now_ns, w->hold_ns);
    slide_to(p, w, p->now_ns);
}

bool sim_plan_start(struct sim_plan *p, int32_t unit)
{
    struct sim_cluster *c = p->c;
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    struct slide w;

    slide_begin(p, unit, &w);
    if (!fits_throughout(p, unit))
        return false;
    for (int32_t i = 0; i < k->members; i++)
        sim_nodes_retake(c->nodes, &c->holds[i], sim_cluster_seat_shape(k, i));
    return true;
}

void sim_plan_reserve(struct sim_plan *p, int32_t unit)
{
    struct sim_cluster *c = p->c;
    const struct sim_kind *k = &c->kinds[c->units[unit].kind];
    struct slide w;
    int64_t at_ns;

    slide_begin(p, unit, &w);
    do {
        at_ns = w.ended < p->n ? time_of(p, p->by_end[w.ended], false) : INT64_MAX;
        if (at_ns == INT64_MAX)
            return; /* nothing that ends helps */
        slide_to(p, &w, at_ns);
    } while (!fits_throughout(p, unit));
    for (int32_t i = 0; i < k->members; i++)
        book(p, &c->holds[i],
             sim_cluster_seat_shape(k, i) == k->shape ? &k->spec.needs : &k->spec.rest,
             at_ns, later(at_ns, w.hold_ns));
}
