/* The fleets that are left, by price: each number of nodes of each type once, from the
 * least on. */
#include <math.h>
#include <string.h>

#include "plan/search_parts.h"

#define FLEETS_MAX INT64_C(200000) /* looked at */
/* Of work that ends the bound leaves open many fleets that are too large to be cheap:
 * after so many in a row that were not cheaper the search ends. */
#define IN_VAIN_MAX 300
#define SMALL       5000
#define BOUND_OFF   1e-5 /* so much of it the bound's solver has taken off */

struct fleet {
    double usd;
    int64_t number; /* of its making: fleets of one price leave in that order */
    int32_t last;   /* only this type and those after it get more: no fleet twice */
    int32_t *nodes;
};

struct heap {
    struct sp_arena *arena;
    int64_t n, room, made;
    struct fleet *rows;
};

/* ---- the heap ---- */

static bool before(const struct fleet *a, const struct fleet *b)
{
    return a->usd < b->usd || (a->usd == b->usd && a->number < b->number);
}

static void push(struct heap *h, struct fleet f)
{
    int64_t at = h->n++;

    if (h->n > h->room) {
        int64_t want = h->room == 0 ? 64 : 2 * h->room;

        h->rows = sp_arena_grow(h->arena, h->rows, (size_t)h->room, (size_t)want,
                                sizeof *h->rows);
        h->room = want;
    }
    f.number = h->made++;
    for (; at > 0 && before(&f, &h->rows[(at - 1) / 2]); at = (at - 1) / 2)
        h->rows[at] = h->rows[(at - 1) / 2];
    h->rows[at] = f;
}

static struct fleet pop(struct heap *h)
{
    struct fleet top = h->rows[0], last = h->rows[--h->n];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < h->n && before(&h->rows[child + 1], &h->rows[child]))
            child++;
        if (child >= h->n || !before(&h->rows[child], &last))
            break;
        h->rows[at] = h->rows[child];
        at = child;
    }
    h->rows[at] = last;
    return top;
}

/* ---- fleets ---- */

static bool is_free(const struct plan_space *s, int32_t type)
{
    return !(s->usd[type] > 0);
}

/* What costs nothing is held as often as it may be, within reason. */
static void least_fleet(const struct plan_space *s, struct heap *h)
{
    struct fleet f = {
        .nodes = sp_arena_array(h->arena, (size_t)s->n_types + 1, sizeof *f.nodes)};

    for (int32_t t = 0; t < s->n_types; t++) {
        int32_t many = s->bound.nodes != NULL ? 4 * s->bound.nodes[t] + 16 : 64;

        f.nodes[t] = s->least[t];
        if (is_free(s, t))
            f.nodes[t] = s->most[t] < many ? s->most[t] : many;
    }
    f.usd = plan_space_usd(s, f.nodes);
    push(h, f);
}

static void push_larger(const struct plan_space *s, struct heap *h,
                        const struct fleet *f)
{
    const size_t n = (size_t)s->n_types;

    for (int32_t t = f->last; t < s->n_types; t++) {
        struct fleet next = {.last = t};

        if (is_free(s, t) || f->nodes[t] >= s->most[t])
            continue;
        next.nodes = sp_arena_array(h->arena, n + 1, sizeof *next.nodes);
        memcpy(next.nodes, f->nodes, n * sizeof *next.nodes);
        next.nodes[t]++;
        next.usd = plan_space_usd(s, next.nodes);
        push(h, next);
    }
}

/* No fleet of this price or more is cheaper than the best; of work that ends, by more
 * than the precision. */
static bool is_past(const struct plan_look *l, const struct plan_space *s, double usd)
{
    double off = s->time_known ? BOUND_OFF : l->ask->precision_frac;

    if (s->bound.usd * l->luck * (1 + off) >= l->best_usd)
        return true;
    if (s->time_known)
        return usd >= l->best_usd * (1 - 1e-9);
    return usd * plan_space_billed_least_h(s, s->time_least_s * l->luck) >=
           l->best_usd / (1 + off);
}

static bool worth_a_run(const struct plan_look *l, const struct plan_space *s,
                        const struct fleet *f)
{
    double usd;

    if (!plan_space_allows(l, s, f->nodes))
        return false;
    if (s->time_known)
        return true;
    usd = plan_space_usd_least(l, s, f->nodes);
    return usd < l->best_usd / (1 + l->ask->precision_frac);
}

bool plan_space_is_small(const struct plan_space *s)
{
    double fleets = 1;

    for (int32_t t = 0; t < s->n_types; t++)
        fleets *= s->most[t] - s->least[t] + 1.0;
    return fleets <= SMALL;
}

/* Runs a fleet that could be cheaper. */
static void run_fleet(struct plan_look *l, const struct plan_space *s,
                      const struct fleet *f)
{
    (void)plan_fleet_try(
        l, &(struct plan_try){
               .space = s, .nodes = f->nodes, .family = SP_NO_ID, .most = INT32_MAX});
    l->fleets_run++;
}

bool plan_search_rest(struct plan_look *l, const struct plan_space *s)
{
    struct heap h = {.arena = sp_arena_new()};
    int64_t in_vain = 0;
    bool all = false;

    least_fleet(s, &h);
    for (int64_t i = 0; i < FLEETS_MAX && in_vain < IN_VAIN_MAX && !l->over; i++) {
        const double before = l->best_usd;
        struct fleet f;

        all = h.n == 0 || is_past(l, s, h.rows[0].usd);
        if (all)
            break;
        f = pop(&h);
        push_larger(s, &h, &f);
        l->fleets++;
        if (!worth_a_run(l, s, &f))
            continue;
        run_fleet(l, s, &f);
        if (!s->time_known)
            in_vain = l->best_usd < before ? 0 : in_vain + 1;
    }
    sp_arena_free(h.arena);
    return all && !l->over;
}
