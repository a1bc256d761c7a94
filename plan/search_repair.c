/* Repair: each partition is given units for the load, then for twice and four times the
 * load, until its runs meet the goals; then the least of it between the last two. */
#include <math.h>
#include <string.h>

#include "plan/search_parts.h"
#include "plan/search_view.h"

enum { BISECTIONS = 6, FAMILIES_MAX = 12, SHAPES_PACKED = 8, NO_PROGRESS = 3 };

/* ---- nodes for a load ---- */

/* Unit-seconds become units: as few as end in time, or, where nothing presses, one of
 * the kind that has most to do. */
static double per_load(const struct plan_space *s, const struct plan_view *v, int32_t n)
{
    double most = 0;

    if (s->time_known)
        return 1;
    if (isfinite(s->demand.most_s) && s->demand.most_s > 0)
        return 1 / s->demand.most_s;
    for (int32_t i = 0; i < n; i++)
        most = fmax(most, v->load[i]);
    return most > 0 ? 1 / most : 1;
}

static void units_for(const struct plan_look *l, const struct plan_space *s,
                      const struct plan_view *v, double factor, int32_t *units)
{
    const int32_t n = l->shapes[v->shape].n_pools;
    const double per = per_load(s, v, n) * factor;

    for (int32_t i = 0; i < n; i++) {
        double want = ceil(v->load[i] * per - 1e-9);

        units[i] = (int32_t)fmin(fmax(1, want), MODEL_UNITS_MAX);
    }
}

/* What can't be told in units: the bound's nodes, more by the factor. */
static bool scaled_bound(const struct plan_look *l, const struct plan_space *s,
                         double factor, int32_t *nodes)
{
    bool any = false;

    if (s->bound.nodes == NULL)
        return false;
    for (int32_t t = 0; t < s->n_types; t++) {
        double want = ceil(s->bound.nodes[t] * factor - 1e-9);

        nodes[t] = (int32_t)fmin(fmax(s->least[t], want), s->most[t]);
        any = any || nodes[t] > 0;
    }
    return any && plan_space_allows(l, s, nodes);
}

/* The cheapest nodes that hold a family's units for `factor` times the load. */
static bool nodes_for(const struct plan_look *l, const struct plan_space *s,
                      int32_t family, double factor, int32_t *nodes)
{
    struct sp_arena *scratch = sp_arena_new();
    double least = INFINITY;
    int32_t packed_shapes = 0;

    for (int32_t i = 0; i < s->n_views; i++) {
        const struct plan_view *v = &s->views[i];
        const int32_t n = l->shapes[v->shape].n_pools;
        int32_t *units = sp_arena_array(scratch, (size_t)n + 1, sizeof *units);
        struct plan_packed packed = {0};

        if (v->family != family || n == 0 || packed_shapes++ == SHAPES_PACKED)
            continue;
        units_for(l, s, v, factor, units);
        plan_pack(s->p->types, s->n_types, s->least, s->most, v->kinds, units, n,
                  scratch, &packed);
        if (!packed.fits || packed.usd_per_h >= least ||
            !plan_space_allows(l, s, packed.nodes))
            continue;
        least = packed.usd_per_h;
        memcpy(nodes, packed.nodes, (size_t)s->n_types * sizeof *nodes);
    }
    sp_arena_free(scratch);
    return isfinite(least) || scaled_bound(l, s, factor, nodes);
}

/* ---- a family ---- */

struct repair {
    struct plan_look *l;
    const struct plan_space *s;
    int32_t family;
    double miss; /* of the last fleet tried */
};

/* A fleet for the load: does it do?  *none: there is no such fleet. */
static bool meets(struct repair *r, double factor, bool *none)
{
    int32_t *nodes =
        sp_arena_array(r->l->arena, (size_t)r->s->n_types + 1, sizeof *nodes);
    struct plan_tried tried;

    *none = !nodes_for(r->l, r->s, r->family, factor, nodes);
    if (*none)
        return false;
    tried = plan_fleet_try(r->l, &(struct plan_try){.space = r->s,
                                                    .nodes = nodes,
                                                    .family = r->family,
                                                    .most = PLAN_OPTIONS_LIGHT});
    r->miss =
        tried.id == SP_NO_ID
            ? INFINITY
            : plan_evaluated_total_miss(r->l->e, plan_evaluated_of(r->l->e, tried.id));
    return tried.met;
}

/* The least factor that does, as far as bisection tells; its fleets become the best as
 * they are met. */
static void bisect(struct repair *r, double misses, double meets_at)
{
    for (int i = 0; i < BISECTIONS && !r->l->over; i++) {
        double middle = sqrt(misses * meets_at);
        bool none;

        if (meets(r, middle, &none))
            meets_at = middle;
        else
            misses = middle;
    }
}

static void repair_family(struct repair *r)
{
    double factor = 1, least = INFINITY;
    int stuck = 0;

    for (int i = 0; i < PLAN_DOUBLINGS && stuck < NO_PROGRESS && !r->l->over; i++) {
        bool none;

        if (meets(r, factor, &none)) {
            if (factor > 1)
                bisect(r, factor / 2, factor);
            return;
        }
        if (none && i > 0)
            return;
        stuck = isinf(r->miss) || r->miss < least * 0.99 ? 0 : stuck + 1;
        least = fmin(least, r->miss);
        factor *= 2;
    }
}

/* ---- all families ---- */

/* What a family's fleet for the load costs: the cheapest go first. */
static void cost_families(const struct plan_look *l, const struct plan_space *s,
                          double *usd)
{
    int32_t *nodes = sp_arena_array(l->arena, (size_t)s->n_types + 1, sizeof *nodes);

    for (int32_t f = 0; f < s->n_families; f++)
        usd[f] = nodes_for(l, s, f, 1, nodes) ? plan_space_usd(s, nodes) : INFINITY;
}

static int32_t cheapest(const double *usd, const bool *done, int32_t n)
{
    int32_t best = SP_NO_ID;

    for (int32_t f = 0; f < n; f++)
        if (!done[f] && (best == SP_NO_ID || usd[f] < usd[best]))
            best = f;
    return best;
}

/* ---- nodes of a kind, more and more ---- */

/* So many of type `type`, or of each; false: so many are not allowed. */
static bool so_many(const struct plan_look *l, const struct plan_space *s, int32_t type,
                    int32_t count, int32_t *nodes)
{
    for (int32_t t = 0; t < s->n_types; t++) {
        const bool wanted = type == SP_NO_ID || type == t;
        const int32_t n = wanted && !s->p->types[t].listed ? count : 0;

        nodes[t] = n > s->most[t] ? s->most[t] : n < s->least[t] ? s->least[t] : n;
    }
    return plan_space_allows(l, s, nodes);
}

static void grow(struct plan_look *l, const struct plan_space *s, int32_t type)
{
    int32_t *nodes = sp_arena_array(l->arena, (size_t)s->n_types + 1, sizeof *nodes);
    double least = INFINITY;
    int stuck = 0;

    for (int32_t i = 0; i <= PLAN_DOUBLINGS && stuck < NO_PROGRESS && !l->over; i++) {
        struct plan_tried tried;
        double miss = INFINITY;

        if (!so_many(l, s, type, 1 << i, nodes))
            return;
        tried = plan_fleet_try(l, &(struct plan_try){.space = s,
                                                     .nodes = nodes,
                                                     .family = SP_NO_ID,
                                                     .most = PLAN_OPTIONS_LIGHT});
        if (tried.met)
            return;
        if (tried.id != SP_NO_ID)
            miss = plan_evaluated_total_miss(l->e, plan_evaluated_of(l->e, tried.id));
        stuck = isinf(miss) || miss < least * 0.99 ? 0 : stuck + 1;
        least = fmin(least, miss);
    }
}

/* What the load alone would buy may be unable to hold some of what comes: gangs that
 * want a larger node.  Then each type alone, and all of them. */
static void grow_each(struct plan_look *l, const struct plan_space *s)
{
    for (int32_t t = 0; t < s->n_types && !l->over; t++)
        if (s->most[t] > 0)
            grow(l, s, t);
    if (s->n_types > 1 && l->best == SP_NO_ID && !l->over)
        grow(l, s, SP_NO_ID);
}

/* Whether the fleets of some partition missed by a number, which more of the same do
 * not bring down. */
static bool repair_families(struct plan_look *l, const struct plan_space *s)
{
    bool by_number = false;
    size_t n = (size_t)s->n_families + 1;
    double *usd = sp_arena_array(l->arena, n, sizeof *usd);
    bool *done = sp_arena_array(l->arena, n, sizeof *done);
    int32_t f;

    cost_families(l, s, usd);
    for (int i = 0; i < FAMILIES_MAX && !l->over; i++) {
        struct repair r = {.l = l, .s = s, .miss = INFINITY};

        f = cheapest(usd, done, s->n_families);
        if (f == SP_NO_ID)
            break;
        done[f] = true;
        r.family = f;
        repair_family(&r);
        by_number = by_number || isfinite(r.miss);
    }
    return by_number;
}

void plan_repair(struct plan_look *l, const struct plan_space *s)
{
    const bool by_number = repair_families(l, s);

    if (l->best == SP_NO_ID && !l->over && (s->n_types > 1 || !by_number))
        grow_each(l, s);
}

/* ---- the largest ---- */

/* The limit of a group goes to its first type: its options are the same nodes. */
static bool largest(const struct plan_look *l, const struct plan_space *s,
                    int32_t *nodes)
{
    for (int32_t t = 0; t < s->n_types; t++) {
        nodes[t] = s->most[t];
        for (int32_t i = 0; i < t && !s->p->types[t].listed; i++)
            if (s->p->types[i].group_id == s->p->types[t].group_id)
                nodes[t] = s->least[t];
        if (nodes[t] >= MODEL_NODES_MAX)
            return false;
    }
    return plan_space_allows(l, s, nodes);
}

/* What no bound leaves a chance is run all the same: it shows how near one comes. */
static void run_anyway(struct plan_look *l, const struct plan_space *s,
                       const int32_t *nodes)
{
    int32_t family = SP_NO_ID;

    for (int32_t i = 0; i < s->n_views && !l->over; i++) {
        const struct plan_view *v = &s->views[i];
        const size_t n = (size_t)l->shapes[v->shape].n_pools;
        int32_t *units, id;

        if (v->family == family || v->family >= FAMILIES_MAX)
            continue;
        family = v->family;
        units = sp_arena_array(l->arena, n + 1, sizeof *units);
        if (plan_fill_of(l, s, v, nodes, units))
            (void)plan_look_evaluate(l,
                                     &(struct plan_candidate){.shape = v->shape,
                                                              .units = units,
                                                              .nodes = nodes},
                                     1, l->ask->replications, &id);
    }
}

void plan_try_largest(struct plan_look *l, const struct plan_space *s)
{
    int32_t *nodes = sp_arena_array(l->arena, (size_t)s->n_types + 1, sizeof *nodes);
    struct plan_tried tried;

    if (!largest(l, s, nodes))
        return;
    tried = plan_fleet_try(
        l, &(struct plan_try){
               .space = s, .nodes = nodes, .family = SP_NO_ID, .most = INT32_MAX});
    if (tried.id == SP_NO_ID)
        run_anyway(l, s, nodes);
}
