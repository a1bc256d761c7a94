/* A program over ways to fill a node; then first fit, which is what the cluster does:
 * where it finds no room that the program saw, the cheapest node that helps is added.
 */
#include "plan/pack.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "plan/milp.h"
#include "plan/pack_nodes.h"
#include "plan/price.h"

enum {
    PATTERNS_MAX = 2000, /* of all node types: more, and the program is in sums */
    TREE_MAX = 5000,
    REPAIRS_MAX = 64,
};

struct packing {
    struct sp_arena *arena;
    const struct model_node_type *types;
    int32_t n_types;
    const int32_t *least, *most;
    const struct plan_kind *kinds;
    const int32_t *units;
    int32_t n_kinds;
};

/* ---- in sums: a bound, and exact where nothing is left over on a node ---- */

/* sum over kinds of need y <= has n. */
static void add_resource(const struct packing *p, struct plan_milp *milp, int32_t t,
                         int32_t node, const int32_t *y, int resource)
{
    const double has = plan_amount(&p->types[t].has, resource);
    int32_t row;

    if (has <= 0) /* not limited, or nobody who needs it is there */
        return;
    row = plan_milp_row(milp, "resource", -INFINITY, 0);
    plan_milp_set(milp, row, node, -1);
    for (int32_t k = 0; k < p->n_kinds; k++)
        if (y[k] != SP_NO_ID)
            plan_milp_set(milp, row, y[k],
                          plan_amount(&p->kinds[k].needs, resource) / has);
}

/* Columns 0 .. of the nodes by type, rows 0 .. of the units by kind. */
static struct plan_milp *program_of(const struct packing *p)
{
    struct plan_milp *milp = plan_milp_new(p->arena);

    for (int32_t t = 0; t < p->n_types; t++)
        plan_milp_column(milp, p->types[t].name, plan_price_usd_per_h(&p->types[t]),
                         p->least[t], p->most[t], true);
    for (int32_t k = 0; k < p->n_kinds; k++)
        plan_milp_row(milp, "units", p->units[k], INFINITY);
    return milp;
}

static struct plan_milp_answer pack_sums(const struct packing *p)
{
    struct plan_milp *milp = program_of(p);
    int32_t *y = sp_arena_array(p->arena, (size_t)p->n_kinds + 1, sizeof *y);

    for (int32_t t = 0; t < p->n_types; t++) {
        for (int32_t k = 0; k < p->n_kinds; k++) {
            int32_t alone = plan_pack_alone(&p->types[t], t, &p->kinds[k]), row;

            y[k] = SP_NO_ID;
            if (alone == 0)
                continue;
            y[k] = plan_milp_column(milp, "y", 0, 0, INFINITY, true);
            plan_milp_set(milp, k, y[k], 1);
            row = plan_milp_row(milp, "alone", -INFINITY, 0);
            plan_milp_set(milp, row, y[k], 1);
            plan_milp_set(milp, row, t, alone < p->units[k] ? -alone : -p->units[k]);
        }
        for (int resource = 0; resource < 3; resource++)
            add_resource(p, milp, t, t, y, resource);
    }
    return plan_milp_solve(milp, TREE_MAX, p->arena);
}

/* ---- in patterns: exact ---- */

/* Ways to fill a node of each type to which no unit can be added. */
struct patterns {
    int32_t n;
    int32_t *type;
    int32_t *counts; /* [pattern][kind] */
};

struct filling {
    const struct packing *p;
    struct patterns *to;
    int32_t type;
    int32_t *counts;
};

static bool holds(const struct filling *f)
{
    int32_t *nodes = sp_arena_array(f->p->arena, (size_t)f->p->n_types, sizeof *nodes);
    struct plan_filled *filled;

    nodes[f->type] = 1;
    filled = plan_filled_new(f->p->arena, f->p->types, f->p->n_types, nodes,
                             f->p->kinds, f->p->n_kinds);
    return plan_filled_add_all(filled, f->counts);
}

static bool is_full(struct filling *f)
{
    for (int32_t k = 0; k < f->p->n_kinds; k++) {
        bool more;

        if (f->counts[k] >= f->p->units[k])
            continue;
        f->counts[k]++;
        more = holds(f);
        f->counts[k]--;
        if (more)
            return false;
    }
    return true;
}

/* Every number of kind `k` and of those after it; false: there are too many. */
static bool fill_from(struct filling *f, int32_t k)
{
    struct patterns *to = f->to;

    if (k == f->p->n_kinds) {
        if (!is_full(f))
            return true;
        if (to->n == PATTERNS_MAX)
            return false;
        to->type[to->n] = f->type;
        memcpy(&to->counts[(size_t)to->n * (size_t)k], f->counts,
               (size_t)k * sizeof *f->counts);
        to->n++;
        return true;
    }
    for (f->counts[k] = 0; f->counts[k] <= f->p->units[k] && holds(f); f->counts[k]++)
        if (!fill_from(f, k + 1))
            return false;
    f->counts[k] = 0;
    return true;
}

/* Numbers to look at for one node of a type, at most. */
static bool are_few(const struct packing *p)
{
    double sum = 0;

    for (int32_t t = 0; t < p->n_types; t++) {
        double ways = 1;

        for (int32_t k = 0; k < p->n_kinds; k++)
            ways *=
                1 + fmin(p->units[k], plan_pack_alone(&p->types[t], t, &p->kinds[k]));
        sum += ways;
    }
    return sum <= 10 * PATTERNS_MAX;
}

static bool find_patterns(const struct packing *p, struct patterns *to)
{
    const size_t most = PATTERNS_MAX, kinds = (size_t)p->n_kinds;

    if (!are_few(p))
        return false;
    to->n = 0;
    to->type = sp_arena_array(p->arena, most, sizeof *to->type);
    to->counts = sp_arena_array(p->arena, most * kinds, sizeof *to->counts);
    for (int32_t t = 0; t < p->n_types; t++) {
        struct filling f = {.p = p, .to = to, .type = t};

        f.counts = sp_arena_array(p->arena, kinds + 1, sizeof *f.counts);
        if (!fill_from(&f, 0))
            return false;
    }
    return true;
}

static struct plan_milp_answer pack_patterns(const struct packing *p,
                                             const struct patterns *of)
{
    struct plan_milp *milp = program_of(p);

    for (int32_t t = 0; t < p->n_types; t++) {
        plan_milp_row(milp, "nodes", -INFINITY, 0);
        plan_milp_set(milp, p->n_kinds + t, t, -1);
    }
    for (int32_t i = 0; i < of->n; i++) {
        int32_t z = plan_milp_column(milp, "pattern", 0, 0, INFINITY, true);

        plan_milp_set(milp, p->n_kinds + of->type[i], z, 1);
        for (int32_t k = 0; k < p->n_kinds; k++)
            plan_milp_set(milp, k, z, of->counts[i * p->n_kinds + k]);
    }
    return plan_milp_solve(milp, TREE_MAX, p->arena);
}

/* ---- first fit ---- */

static bool first_fit(const struct packing *p, const int32_t *nodes)
{
    struct plan_filled *f =
        plan_filled_new(p->arena, p->types, p->n_types, nodes, p->kinds, p->n_kinds);

    return plan_filled_add_all(f, p->units);
}

/* One more of the cheapest type of which one, or as many as double, lets all fit. */
static bool repair(const struct packing *p, int32_t *nodes)
{
    for (int32_t more = 1; more <= REPAIRS_MAX; more *= 2) {
        int32_t best = SP_NO_ID;

        for (int32_t t = 0; t < p->n_types; t++) {
            if (nodes[t] > p->most[t] - more)
                continue;
            nodes[t] += more;
            if (first_fit(p, nodes) &&
                (best == SP_NO_ID ||
                 p->types[t].uusd_per_h < p->types[best].uusd_per_h))
                best = t;
            nodes[t] -= more;
        }
        if (best != SP_NO_ID) {
            nodes[best] += more;
            return true;
        }
    }
    return false;
}

static void take_nodes(const struct packing *p, const struct plan_milp_answer *answer,
                       int32_t *nodes)
{
    for (int32_t t = 0; t < p->n_types; t++)
        nodes[t] = (int32_t)answer->x[t];
}

static double price(const struct packing *p, const int32_t *nodes)
{
    double usd = 0;

    for (int32_t t = 0; t < p->n_types; t++)
        usd += nodes[t] * plan_price_usd_per_h(&p->types[t]);
    return usd;
}

/* Sums first: what first fit confirms is the cheapest.  Else patterns, where they are
 * few; else repaired. */
static void pack(const struct packing *p, struct plan_packed *packed)
{
    struct plan_milp_answer answer = pack_sums(p);
    struct patterns patterns;

    packed->bound_usd_per_h = answer.bound;
    if (isinf(answer.cost))
        return;
    take_nodes(p, &answer, packed->nodes);
    packed->fits = first_fit(p, packed->nodes);
    if (!packed->fits && find_patterns(p, &patterns)) {
        answer = pack_patterns(p, &patterns);
        packed->bound_usd_per_h = fmax(packed->bound_usd_per_h, answer.bound);
        if (!isinf(answer.cost)) {
            take_nodes(p, &answer, packed->nodes);
            packed->fits = first_fit(p, packed->nodes);
        }
    }
    if (!packed->fits)
        packed->fits = repair(p, packed->nodes);
    packed->usd_per_h = price(p, packed->nodes);
}

void plan_pack(const struct model_node_type *types, int32_t n_types,
               const int32_t *least, const int32_t *most, const struct plan_kind *kinds,
               const int32_t *units, int32_t n_kinds, struct sp_arena *arena,
               struct plan_packed *packed)
{
    struct packing p = {.arena = sp_arena_new(),
                        .types = types,
                        .n_types = n_types,
                        .least = least,
                        .most = most,
                        .kinds = kinds,
                        .units = units,
                        .n_kinds = n_kinds};

    *packed = (struct plan_packed){
        .nodes = sp_arena_array(arena, (size_t)n_types + 1, sizeof *packed->nodes)};
    pack(&p, packed);
    sp_arena_free(p.arena);
}

/* ---- filling up ---- */

/* The kind that has fewest units for its weight and may find room. */
static int32_t neediest(const int32_t *units, const double *weight, const bool *closed,
                        int32_t n_kinds)
{
    int32_t best = SP_NO_ID;

    for (int32_t k = 0; k < n_kinds; k++)
        if (!closed[k] && weight[k] > 0 &&
            (best == SP_NO_ID || units[k] / weight[k] < units[best] / weight[best]))
            best = k;
    return best;
}

/* The kind that has most units for its weight. */
static int32_t richest(const int32_t *units, const double *weight, int32_t n_kinds)
{
    int32_t best = SP_NO_ID;

    for (int32_t k = 0; k < n_kinds; k++)
        if (units[k] > 0 && weight[k] > 0 &&
            (best == SP_NO_ID || units[k] / weight[k] > units[best] / weight[best]))
            best = k;
    return best;
}

/* Placed in turn they had room, placed by size as the cluster does they may not: takes
 * some off then, ever more. */
static void settle(const struct packing *p, const double *weight, int32_t *units)
{
    for (int32_t less = 1;; less += less) {
        struct sp_arena *arena = sp_arena_new();
        struct plan_filled *f =
            plan_filled_new(arena, p->types, p->n_types, p->most, p->kinds, p->n_kinds);
        bool fits = plan_filled_add_all(f, units);

        sp_arena_free(arena);
        for (int32_t i = 0; i < less && !fits; i++) {
            int32_t k = richest(units, weight, p->n_kinds);

            if (k == SP_NO_ID)
                return;
            units[k]--;
        }
        if (fits)
            return;
    }
}

void plan_pack_fill(const struct model_node_type *types, int32_t n_types,
                    const int32_t *nodes, const struct plan_kind *kinds,
                    const double *weight, int32_t n_kinds, int32_t *units)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_filled *f =
        plan_filled_new(arena, types, n_types, nodes, kinds, n_kinds);
    bool *closed = sp_arena_array(arena, (size_t)n_kinds + 1, sizeof *closed);
    int32_t k;

    if (plan_filled_add_all(f, units))
        while ((k = neediest(units, weight, closed, n_kinds)) != SP_NO_ID) {
            if (units[k] < MODEL_UNITS_MAX && plan_filled_add(f, k))
                units[k]++;
            else
                closed[k] = true;
        }
    settle(&(struct packing){.types = types,
                             .n_types = n_types,
                             .most = nodes,
                             .kinds = kinds,
                             .units = units,
                             .n_kinds = n_kinds},
           weight, units);
    sp_arena_free(arena);
}
