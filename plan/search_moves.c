/* From the best fleet: fewer nodes of a type, or of one type fewer and of another so
 * many that it is still cheaper; large steps first; until nothing helps. */
#include <math.h>
#include <string.h>

#include "plan/search_parts.h"

enum { ROUNDS_MAX = 200 };

struct moves {
    struct plan_look *l;
    const struct plan_space *s;
    int32_t *at, *to; /* nodes */
};

static void stand(struct moves *m)
{
    const struct plan_evaluated *best = plan_evaluated_of(m->l->e, m->l->best);

    memcpy(m->at, best->candidate.nodes, (size_t)m->s->n_types * sizeof *m->at);
}

static bool can_be_cheaper(const struct moves *m)
{
    return plan_space_allows(m->l, m->s, m->to) &&
           plan_space_usd_least(m->l, m->s, m->to) < m->l->best_usd * (1 - 1e-9);
}

/* m->to: is it better?  Then it is where we stand. */
static bool go(struct moves *m)
{
    double before = m->l->best_usd;

    if (m->l->over || !can_be_cheaper(m))
        return false;
    (void)plan_fleet_try(m->l, &(struct plan_try){.space = m->s,
                                                  .nodes = m->to,
                                                  .family = SP_NO_ID,
                                                  .most = PLAN_OPTIONS_LIGHT});
    if (!(m->l->best_usd < before))
        return false;
    stand(m);
    return true;
}

static void start_from_here(struct moves *m)
{
    memcpy(m->to, m->at, (size_t)m->s->n_types * sizeof *m->to);
}

static bool fewer(struct moves *m, int32_t type)
{
    for (int32_t k = (m->at[type] - m->s->least[type] + 1) / 2; k > 0; k /= 2) {
        start_from_here(m);
        m->to[type] -= k;
        if (go(m))
            return true;
    }
    return false;
}

/* Work that ends may be cheaper on more nodes, where hours or nodes are whole. */
static bool more(struct moves *m, int32_t type)
{
    int32_t most = m->s->most[type] - m->at[type];

    if (m->s->time_known)
        return false;
    for (int32_t k = m->at[type] > 0 ? m->at[type] : 1; k > 0; k /= 2) {
        if (k > most)
            continue;
        start_from_here(m);
        m->to[type] += k;
        if (go(m))
            return true;
    }
    return false;
}

/* k of one type for as many of another as cost less (of a run whose time is known, else
 * the same). */
static bool swap(struct moves *m, int32_t from, int32_t to)
{
    for (int32_t k = m->at[from] - m->s->least[from]; k > 0; k /= 2) {
        double worth = k * m->s->usd[from], each = m->s->usd[to];
        double count = each > 0 ? ceil(worth / each - 1e-9) - m->s->time_known : k;

        if (count < 1 || count > m->s->most[to] - m->at[to])
            continue;
        start_from_here(m);
        m->to[from] -= k;
        m->to[to] += (int32_t)count;
        if (go(m))
            return true;
    }
    return false;
}

static bool any_move(struct moves *m)
{
    const int32_t n = m->s->n_types;

    for (int32_t t = 0; t < n; t++)
        if (fewer(m, t))
            return true;
    for (int32_t a = 0; a < n; a++)
        for (int32_t b = 0; b < n; b++)
            if (a != b && swap(m, a, b))
                return true;
    for (int32_t t = 0; t < n; t++)
        if (more(m, t))
            return true;
    return false;
}

void plan_improve(struct plan_look *l, const struct plan_space *s)
{
    size_t n = (size_t)s->n_types + 1;
    struct moves m = {.l = l,
                      .s = s,
                      .at = sp_arena_array(l->arena, n, sizeof *m.at),
                      .to = sp_arena_array(l->arena, n, sizeof *m.to)};
    const struct plan_candidate *c;

    if (l->best == SP_NO_ID)
        return;
    c = &plan_evaluated_of(l->e, l->best)->candidate;
    if (c->shape == SP_NO_ID || l->shapes[c->shape].policy != s->policy)
        return;
    stand(&m);
    for (int i = 0; i < ROUNDS_MAX && !l->over; i++)
        if (!any_move(&m))
            return;
}
