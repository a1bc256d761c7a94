/* Swings of prices from the bill by node type, of other inputs from other runs. */
#include "report/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct maker {
    struct sp_arena *arena;
    const struct report_context *c;
    struct report_sensitivity *s;
    int32_t baseline, room;
};

static struct report_swing *add(struct maker *m)
{
    m->s->swings =
        sp_arena_more(m->arena, m->s->swings, m->s->n, &m->room, sizeof *m->s->swings);
    m->s->swings[m->s->n] =
        (struct report_swing){.low = NAN, .high = NAN, .usd_low = NAN, .usd_high = NAN};
    return &m->s->swings[m->s->n++];
}

/* ---- prices ---- */

static bool same_price(const struct model_node_use *a, const struct model_node_use *b)
{
    return strcmp(a->type, b->type) == 0 && a->usd_per_h == b->usd_per_h;
}

/* Money that a policy pays at the price that `like` has. */
static double usd_at(const struct model_policy_result *p,
                     const struct model_node_use *like)
{
    double usd = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        if (same_price(&p->nodes[i], like))
            usd += p->nodes[i].usd.mean;
    return usd;
}

static bool seen_before(const struct model_policy_result *of, int32_t i,
                        const struct model_policy_result *also)
{
    for (int32_t k = 0; k < i; k++)
        if (same_price(&of->nodes[k], &of->nodes[i]))
            return true;
    for (int32_t k = 0; also != NULL && k < also->n_nodes; k++)
        if (same_price(&also->nodes[k], &of->nodes[i]))
            return true;
    return false;
}

static void add_price(struct maker *m, const struct model_node_use *node, double frac)
{
    const struct model_policy_result *all = m->c->result->policies;
    double moves = usd_at(&all[m->baseline], node) - usd_at(&all[m->s->policy], node);
    struct report_swing *s;

    if (!(fabs(moves) > 0) || !(node->usd_per_h > 0))
        return;
    s = add(m);
    s->input = sp_arena_printf(m->arena, "price of %s", node->type);
    s->unit = "USD/h";
    s->here = node->usd_per_h;
    s->low = node->usd_per_h * (1 - frac);
    s->high = node->usd_per_h * (1 + frac);
    s->usd_low = m->s->usd - frac * moves;
    s->usd_high = m->s->usd + frac * moves;
}

static void add_prices(struct maker *m, double frac)
{
    const struct model_policy_result *base = &m->c->result->policies[m->baseline];
    const struct model_policy_result *p = &m->c->result->policies[m->s->policy];

    for (int32_t i = 0; i < base->n_nodes; i++)
        if (!seen_before(base, i, NULL))
            add_price(m, &base->nodes[i], frac);
    for (int32_t i = 0; i < p->n_nodes; i++)
        if (!seen_before(p, i, base))
            add_price(m, &p->nodes[i], frac);
}

/* ---- other runs ---- */

static const char *input_name(struct sp_arena *arena, const struct report_change *c)
{
    return sp_arena_printf(arena, "%s: %s", c->group, c->name);
}

static struct report_swing *measured_swing(struct maker *m,
                                           const struct report_change *c)
{
    const char *name = input_name(m->arena, c);
    struct report_swing *s;

    for (int32_t i = 0; i < m->s->n; i++)
        if (m->s->swings[i].measured && strcmp(m->s->swings[i].input, name) == 0)
            return &m->s->swings[i];
    s = add(m);
    s->measured = true;
    s->input = name;
    s->unit = c->unit;
    s->here = c->here;
    return s;
}

/* The runs furthest from this one on either side are kept. */
static void add_measured(struct maker *m, const struct report_other *o)
{
    const struct report_change *c = o->changes;
    double usd = o->usd[m->baseline].mean - o->usd[m->s->policy].mean;
    struct report_swing *s;

    if (isnan(usd) || isnan(c->here) || isnan(c->there) || c->here == c->there)
        return;
    s = measured_swing(m, c);
    if (c->there < s->here && !(c->there >= s->low)) {
        s->low = c->there;
        s->usd_low = usd;
    } else if (c->there > s->here && !(c->there <= s->high)) {
        s->high = c->there;
        s->usd_high = usd;
    }
}

/* ---- all of it ---- */

static double width(const struct report_swing *s, double usd)
{
    double low = isnan(s->usd_low) ? usd : s->usd_low;
    double high = isnan(s->usd_high) ? usd : s->usd_high;

    return fmax(fmax(low, high), usd) - fmin(fmin(low, high), usd);
}

/* By width; equal ones by name, so that the order is always the same. */
static void sort(struct report_sensitivity *s)
{
    for (int32_t i = 1; i < s->n; i++) {
        struct report_swing moved = s->swings[i];
        double w = width(&moved, s->usd);
        int32_t k = i;

        for (; k > 0; k--) {
            double before = width(&s->swings[k - 1], s->usd);

            if (before > w ||
                (before == w && strcmp(s->swings[k - 1].input, moved.input) <= 0))
                break;
            s->swings[k] = s->swings[k - 1];
        }
        s->swings[k] = moved;
    }
}

struct report_sensitivity *report_sensitivity_of(struct sp_arena *arena,
                                                 const struct report_context *c,
                                                 int32_t policy, double frac)
{
    const struct model_result *r = c->result;
    struct maker m = {.arena = arena, .c = c, .baseline = r->baseline};

    if (r->baseline == SP_NO_ID || policy == r->baseline ||
        !r->policies[policy].cost.known || !r->policies[r->baseline].cost.known)
        return NULL;
    m.s = sp_arena_alloc(arena, sizeof *m.s);
    m.s->policy = policy;
    m.s->usd =
        r->policies[r->baseline].cost.usd.mean - r->policies[policy].cost.usd.mean;
    add_prices(&m, frac);
    for (int32_t i = 0; i < c->n_others; i++)
        if (c->others[i].n_changes == 1)
            add_measured(&m, &c->others[i]);
    sort(m.s);
    return m.s;
}
