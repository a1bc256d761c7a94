/* Numbers of units that have room on given nodes: in the proportions of the load, and
 * from there, one kind fewer and the others as many more as then have room. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/pack_nodes.h"
#include "plan/search_parts.h"
#include "plan/search_view.h"

enum { PLAN_POOLS_TOPPED = 32, PLAN_TOP_UPS = 64 };

/* Of more units than this, one more or fewer hardly changes a proportion. */
enum { PLAN_UNITS_FINE = 1000 };

/* ---- what slots can do ---- */

/* Work of a row that one slot does in a second, at most, on these nodes. */
static double speed_most(const struct plan_space *s, const struct plan_demand_row *row,
                         const int32_t *nodes)
{
    double most = 0;

    for (int32_t t = 0; t < s->n_types; t++)
        if (nodes[t] > 0 && (row->allowed_types >> t & 1) != 0)
            most = fmax(most, row->factor != NULL ? 1 / row->factor[t] : 1);
    return most;
}

/* Slots of a row that the units have; INFINITY where pools are not chosen. */
static double slots_of(const struct plan_shape *shape,
                       const struct plan_demand_row *row, const int32_t *units)
{
    double slots = 0;
    bool chosen = false;

    for (int32_t i = 0; i < shape->n_pools; i++) {
        int32_t cap = plan_pool_slots(shape, i, row->workload, row->stage);

        chosen = chosen || cap > 0;
        slots += (double)cap * units[i];
    }
    return chosen ? slots : INFINITY;
}

static void rate(const struct plan_look *l, const struct plan_space *s,
                 const struct plan_shape *shape, const int32_t *nodes,
                 struct plan_option *o)
{
    o->margin = INFINITY;
    o->time_s = s->demand.least_s * l->luck;
    for (int32_t r = 0; r < s->demand.n; r++) {
        const struct plan_demand_row *row = &s->demand.rows[r];
        double had = slots_of(shape, row, o->units) * speed_most(s, row, nodes);

        if (s->time_known && row->slots > 0)
            o->margin = fmin(o->margin, had / row->slots);
        if (!s->time_known && row->slot_s > 0)
            o->time_s = fmax(o->time_s, row->slot_s / had * l->luck);
    }
}

/* What the demand says can't be done needs no run. */
static bool could_do(const struct plan_space *s, const struct plan_option *o)
{
    return o->margin >= 1 - 1e-9 && !(o->time_s > s->demand.most_s * (1 + 1e-9));
}

/* ---- fills ---- */

/* Whether so many have room when the largest are placed first. */
static bool have_room(const struct plan_space *s, const struct plan_view *v, int32_t n,
                      const int32_t *nodes, const int32_t *units)
{
    struct sp_arena *arena = sp_arena_new();
    bool room = plan_filled_add_all(
        plan_filled_new(arena, s->p->types, s->n_types, nodes, v->kinds, n), units);

    sp_arena_free(arena);
    return room;
}

/* Filled in turn, a kind may stand where only another could have stood: the scarcest
 * first, one more each that has room when all are placed anew. */
static void top_up(const struct plan_space *s, const struct plan_view *v, int32_t n,
                   const int32_t *nodes, const double *weight, int32_t *units)
{
    bool closed[PLAN_POOLS_TOPPED] = {false};

    for (int added = 0; n <= PLAN_POOLS_TOPPED && added < PLAN_TOP_UPS;) {
        int32_t k = SP_NO_ID;

        for (int32_t i = 0; i < n; i++)
            if (!closed[i] && weight[i] > 0 &&
                (k == SP_NO_ID || units[i] / weight[i] < units[k] / weight[k]))
                k = i;
        if (k == SP_NO_ID)
            return;
        units[k]++;
        if (units[k] <= MODEL_UNITS_MAX && have_room(s, v, n, nodes, units)) {
            added++;
            continue;
        }
        units[k]--;
        closed[k] = true;
    }
}

bool plan_fill_of(const struct plan_look *l, const struct plan_space *s,
                  const struct plan_view *v, const int32_t *nodes, int32_t *units)
{
    const int32_t n = l->shapes[v->shape].n_pools;
    double *weight = sp_xcalloc((size_t)n + 1, sizeof *weight);
    bool each = true;

    memset(units, 0, (size_t)n * sizeof *units);
    for (int32_t i = 0; i < n; i++)
        weight[i] = v->load[i] > 0 ? v->load[i] : 1e-9;
    plan_pack_fill(s->p->types, s->n_types, nodes, v->kinds, weight, n, units);
    top_up(s, v, n, nodes, weight, units);
    free(weight);
    for (int32_t i = 0; i < n; i++)
        each = each && units[i] > 0;
    return each;
}

struct fills {
    const struct plan_look *l;
    const struct plan_space *s;
    const struct plan_view *v;
    const struct plan_shape *shape;
    const int32_t *nodes;
    struct sp_arena *arena;
    int32_t n;
    struct plan_option rows[PLAN_FILLS_MAX];
    bool cut;
};

static void pack_fill(const struct fills *f, const double *weight, int32_t *units)
{
    plan_pack_fill(f->s->p->types, f->s->n_types, f->nodes, f->v->kinds, weight,
                   f->shape->n_pools, units);
    top_up(f->s, f->v, f->shape->n_pools, f->nodes, weight, units);
}

/* Not one of those that are there. */
static bool is_new(const struct fills *f, const int32_t *units)
{
    const int32_t n = f->shape->n_pools;

    for (int32_t i = 0; i < f->n; i++)
        if (n == 0 || memcmp(f->rows[i].units, units, (size_t)n * sizeof *units) == 0)
            return false;
    return true;
}

static void add_fill(struct fills *f, const int32_t *units)
{
    struct plan_option o = {.shape = f->v->shape};
    size_t n = (size_t)f->shape->n_pools;

    if (!is_new(f, units))
        return;
    o.units = sp_arena_array(f->arena, n + 1, sizeof *o.units);
    if (n > 0)
        memcpy(o.units, units, n * sizeof *units);
    rate(f->l, f->s, f->shape, f->nodes, &o);
    if (f->n > 0 && !could_do(f->s, &o))
        return;
    if (f->n == PLAN_FILLS_MAX) {
        f->cut = true;
        return;
    }
    f->rows[f->n++] = o;
}

static int64_t others(const int32_t *units, int32_t n, int32_t but)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += i == but ? 0 : units[i];
    return sum;
}

/* So many fewer of one kind that there is room for more of the others. */
static void trade(struct fills *f, int32_t from, int32_t pool, double *weight,
                  int32_t *units)
{
    const int32_t n = f->shape->n_pools;
    const int32_t *had = f->rows[from].units;

    for (int32_t i = 0; i < n; i++)
        weight[i] = i == pool ? 0 : f->v->load[i] > 0 ? f->v->load[i] : 1e-9;
    for (int64_t fewer = 1; fewer < had[pool]; fewer *= 2) {
        memcpy(units, had, (size_t)n * sizeof *units);
        units[pool] -= (int32_t)fewer;
        pack_fill(f, weight, units);
        if (others(units, n, pool) > others(had, n, pool)) {
            add_fill(f, units);
            return;
        }
    }
}

/* Of the other kinds, the one with most units for its load that can do with fewer. */
static int32_t least_missed(const struct fills *f, int32_t but, const int32_t *units)
{
    int32_t k = SP_NO_ID;

    for (int32_t i = 0; i < f->shape->n_pools; i++)
        if (i != but && units[i] > 1 &&
            (k == SP_NO_ID || units[i] / fmax(f->v->load[i], 1e-9) >
                                  units[k] / fmax(f->v->load[k], 1e-9)))
            k = i;
    return k;
}

/* One more of a kind, for which several others may have to make room: a CPU of one and
 * a GPU of another. */
static void make_way(struct fills *f, int32_t from, int32_t pool, double *weight,
                     int32_t *units)
{
    const int32_t n = f->shape->n_pools;
    const int32_t *had = f->rows[from].units;

    if (others(had, n, SP_NO_ID) > PLAN_UNITS_FINE)
        return;
    memcpy(units, had, (size_t)n * sizeof *units);
    units[pool]++;
    while (!have_room(f->s, f->v, n, f->nodes, units)) {
        int32_t k = least_missed(f, pool, units);

        if (k == SP_NO_ID)
            return;
        units[k]--;
    }
    for (int32_t i = 0; i < n; i++)
        weight[i] = i == pool ? 0 : f->v->load[i] > 0 ? f->v->load[i] : 1e-9;
    pack_fill(f, weight, units);
    add_fill(f, units);
}

static void fill(struct fills *f)
{
    const int32_t n = f->shape->n_pools;
    double *weight = sp_arena_array(f->arena, (size_t)n + 1, sizeof *weight);
    int32_t *units = sp_arena_array(f->arena, (size_t)n + 1, sizeof *units);

    if (plan_fill_of(f->l, f->s, f->v, f->nodes, units))
        add_fill(f, units);
    if (n == 0) /* jobs, or all scaled by themselves: the nodes alone */
        f->n = 1, f->rows[0] = (struct plan_option){
                      .shape = f->v->shape, .units = units, .margin = INFINITY};
    for (int32_t i = 0; n > 1 && i < f->n; i++)
        for (int32_t pool = 0; pool < n; pool++) {
            trade(f, i, pool, weight, units);
            make_way(f, i, pool, weight, units);
        }
}

/* ---- all shapes ---- */

static int likelier(const void *x, const void *y)
{
    const struct plan_option *a = x, *b = y;

    if (a->margin != b->margin)
        return a->margin > b->margin ? -1 : 1;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    return (a->shape > b->shape) - (a->shape < b->shape);
}

int32_t plan_options_of(struct plan_look *l, const struct plan_space *s,
                        const int32_t *nodes, int32_t family, struct sp_arena *scratch,
                        struct plan_option **options)
{
    struct fills *f = sp_arena_alloc(scratch, sizeof *f);
    int32_t n = 0, room = 0;

    *options = NULL;
    for (int32_t i = 0; i < s->n_views; i++) {
        if (family != SP_NO_ID && s->views[i].family != family)
            continue;
        *f = (struct fills){.l = l,
                            .s = s,
                            .v = &s->views[i],
                            .shape = &l->shapes[s->views[i].shape],
                            .nodes = nodes,
                            .arena = scratch};
        fill(f);
        l->fills_cut = l->fills_cut || f->cut;
        for (int32_t k = 0; k < f->n; k++) {
            if (!could_do(s, &f->rows[k]))
                continue;
            *options = sp_arena_more(scratch, *options, n, &room, sizeof **options);
            (*options)[n++] = f->rows[k];
        }
    }
    if (n > 1)
        qsort(*options, (size_t)n, sizeof **options, likelier);
    return n;
}
