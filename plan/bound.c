/* The program for a time, for node-hours, and for the time of a fleet. */
#include "plan/bound.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "plan/milp.h"
#include "plan/pack.h"
#include "plan/pack_nodes.h"
#include "plan/price.h"

enum { PIECES = 24, OPEN_PIECES_MAX = 100, TREE_MAX = 2000, FEW_MILLION = 4000000 };
static const double open_step = 1.15, far_s = 1e11; /* far_s: three thousand years */

struct program {
    struct sp_arena *arena;
    const struct model_policy *policy;
    const struct plan_demand *demand;
    struct plan_milp *milp;
    int32_t *node;     /* column of the nodes, or node-hours, by type */
    int32_t first_row; /* of the work */
};

/* What it pays, in whole micro-dollars as bills are, rounded down. */
static double node_usd(const struct model_node_type *t, double s)
{
    return floor((double)t->uusd_per_h * plan_billed_h(t, s) * (1 - 1e-12)) / 1e6;
}

void plan_bound_range(const struct model_policy *policy, int32_t t,
                      const struct model_goals *goals, int32_t *least, int32_t *most)
{
    const struct model_node_type *type = &policy->types[t];
    const char *group = type->group != NULL ? type->group : type->name;
    bool alone = true;

    for (int32_t i = 0; i < policy->n_types; i++)
        alone = alone && (i == t || policy->types[i].group_id != type->group_id);
    *least = 0;
    *most = type->fixed ? MODEL_NODES_MAX : type->max;
    if (type->listed)
        *least = *most = type->count;
    for (int32_t i = 0; i < goals->n_ranges && !type->listed; i++)
        if (strcmp(goals->ranges[i].group, group) == 0) {
            *least = alone ? goals->ranges[i].min : 0;
            *most = *most < goals->ranges[i].max ? *most : goals->ranges[i].max;
        }
}

/* ---- rows that all programs share ---- */

/* Slots of a row that a node of type t has at most; 0: it can't run there.  Shares of
 * one device may make up several (units with resources of their own). */
static double slots_alone(const struct plan_demand_row *row,
                          const struct model_policy *policy, int32_t t)
{
    double n = FEW_MILLION;

    if ((row->allowed_types >> t & 1) == 0 || !isfinite(row->factor[t]))
        return 0;
    for (int resource = 0; resource < 3; resource++) {
        double needs = plan_amount(&row->needs, resource);
        double has = plan_amount(&policy->types[t].has, resource);

        if (needs > 0 && !(resource == 2 && has < 0))
            n = fmin(n, floor(has / needs));
    }
    return n;
}

/* Slots of row s on type t, whole ones on a node; SP_NO_ID: it can't run there. */
static int32_t add_slots(struct program *p, int32_t s, int32_t t)
{
    const struct plan_demand_row *row = &p->demand->rows[s];
    const double alone = slots_alone(row, p->policy, t);
    int32_t x, limit;

    if (alone <= 0)
        return SP_NO_ID;
    x = plan_milp_column(p->milp, row->name, 0, 0, INFINITY, false);
    plan_milp_set(p->milp, p->first_row + s, x, 1 / row->factor[t]);
    if (alone >= FEW_MILLION) /* needs next to nothing */
        return x;
    limit = plan_milp_row(p->milp, "whole slots", -INFINITY, 0);
    plan_milp_set(p->milp, limit, x, 1);
    plan_milp_set(p->milp, limit, p->node[t], -alone);
    return x;
}

static void add_resource(struct program *p, int32_t t, const int32_t *x, int resource)
{
    const double has = plan_amount(&p->policy->types[t].has, resource);
    int32_t row;

    if (has <= 0)
        return; /* not limited, or nobody who needs it is there */
    row = plan_milp_row(p->milp, "resource", -INFINITY, 0);
    plan_milp_set(p->milp, row, p->node[t], -1);
    for (int32_t s = 0; s < p->demand->n; s++)
        if (x[s] != SP_NO_ID)
            plan_milp_set(p->milp, row, x[s],
                          plan_amount(&p->demand->rows[s].needs, resource) / has);
}

/* The work of each row in units of `scale` slot-seconds, and what it may hold; `done`:
 * what is done in any case. */
static void add_rows(struct program *p, double scale, bool done)
{
    int32_t *x = sp_arena_array(p->arena, (size_t)p->demand->n + 1, sizeof *x);

    for (int32_t s = 0; s < p->demand->n; s++) {
        int32_t row = plan_milp_row(
            p->milp, p->demand->rows[s].name,
            (done ? p->demand->rows[s].floor_s : p->demand->rows[s].slot_s) / scale,
            INFINITY);

        if (s == 0)
            p->first_row = row;
    }
    for (int32_t t = 0; t < p->policy->n_types; t++) {
        for (int32_t s = 0; s < p->demand->n; s++)
            x[s] = add_slots(p, s, t);
        for (int resource = 0; resource < 3; resource++)
            add_resource(p, t, x, resource);
    }
}

static struct program program_new(struct sp_arena *arena,
                                  const struct model_policy *policy,
                                  const struct plan_demand *demand)
{
    struct program p = {arena, policy, demand, plan_milp_new(arena), NULL, 0};

    p.node = sp_arena_array(arena, (size_t)policy->n_types + 1, sizeof *p.node);
    return p;
}

/* ---- fleets of fixed size ---- */

/* Groups of several options, whose sum the goals limit. */
static void add_ranges(struct program *p, const struct model_goals *goals)
{
    for (int32_t i = 0; i < goals->n_ranges; i++) {
        int32_t row =
            plan_milp_row(p->milp, "range", goals->ranges[i].min, goals->ranges[i].max);

        for (int32_t t = 0; t < p->policy->n_types; t++) {
            const struct model_node_type *type = &p->policy->types[t];

            if (strcmp(type->group != NULL ? type->group : type->name,
                       goals->ranges[i].group) == 0)
                plan_milp_set(p->milp, row, p->node[t], 1);
        }
    }
}

/* Work has at least a node that it runs on, however long it may take. */
static void add_one_node(struct program *p)
{
    for (int32_t s = 0; s < p->demand->n; s++) {
        const struct plan_demand_row *row = &p->demand->rows[s];
        int32_t one;

        if (row->slot_s <= 0)
            continue;
        one = plan_milp_row(p->milp, "a node", 1, INFINITY);
        for (int32_t t = 0; t < p->policy->n_types; t++)
            if (slots_alone(row, p->policy, t) > 0)
                plan_milp_set(p->milp, one, p->node[t], 1);
    }
}

/* Fleets that do the work in `done_s`, billed for `billed_s`. */
static struct plan_milp_answer solve_fixed(struct program *p,
                                           const struct model_goals *goals,
                                           double billed_s, double done_s)
{
    for (int32_t t = 0; t < p->policy->n_types; t++) {
        const struct model_node_type *type = &p->policy->types[t];
        int32_t least, most;

        plan_bound_range(p->policy, t, goals, &least, &most);
        p->node[t] = plan_milp_column(p->milp, type->name, node_usd(type, billed_s),
                                      least, most, true);
    }
    add_rows(p, done_s, false);
    add_ranges(p, goals);
    add_one_node(p);
    return plan_milp_solve(p->milp, TREE_MAX, p->arena);
}

static double fixed_usd(const struct model_policy *policy,
                        const struct plan_demand *demand,
                        const struct model_goals *goals, double billed_s, double done_s)
{
    struct sp_arena *scratch = sp_arena_new();
    struct program p = program_new(scratch, policy, demand);
    double usd = solve_fixed(&p, goals, billed_s, done_s).bound;

    sp_arena_free(scratch);
    return usd;
}

/* The least over the pieces of least_s .. most_s.  Without an end to them: until even
 * the cheapest nodes that do something cost more by then. */
static double pieces_usd(const struct model_policy *policy,
                         const struct plan_demand *demand,
                         const struct model_goals *goals)
{
    const bool ends = isfinite(demand->most_s);
    const double step =
        ends ? pow(demand->most_s / demand->least_s, 1.0 / PIECES) : open_step;
    double least = INFINITY, from = demand->least_s;

    if (demand->most_s <= demand->least_s)
        return fixed_usd(policy, demand, goals, demand->most_s, demand->most_s);
    for (int i = 0; i < (ends ? PIECES : OPEN_PIECES_MAX); i++) {
        least = fmin(least, fixed_usd(policy, demand, goals, from, from * step));
        from *= step;
        if (!ends && fixed_usd(policy, demand, goals, from, far_s) >= least)
            return least;
    }
    return ends ? least : 0;
}

/* ---- node-hours ---- */

static double floor_usd(const struct model_policy *policy,
                        const struct plan_demand *demand)
{
    struct sp_arena *scratch = sp_arena_new();
    struct program p = program_new(scratch, policy, demand);
    double usd;

    for (int32_t t = 0; t < policy->n_types; t++)
        p.node[t] = plan_milp_column(
            p.milp, policy->types[t].name, plan_price_usd_per_h(&policy->types[t]), 0,
            INFINITY, policy->types[t].billing == MODEL_BILLING_HOUR);
    add_rows(&p, 3600, true);
    usd = plan_milp_solve(p.milp, TREE_MAX, scratch).bound;
    sp_arena_free(scratch);
    return fmax(usd, 0);
}

/* ---- what binds ---- */

static const char *binding_text(const struct plan_demand *demand, const double *duals,
                                double done_s, struct sp_arena *arena)
{
    const char *text = NULL;
    double sum = 0;

    for (int32_t s = 0; s < demand->n; s++)
        sum += duals[s] * demand->rows[s].slot_s / done_s;
    for (int32_t s = 0; s < demand->n && sum > 0; s++) {
        double pct = 100 * duals[s] * demand->rows[s].slot_s / done_s / sum;

        if (pct >= 0.5)
            text = sp_arena_printf(arena, "%s%s%s %.0f %%", text != NULL ? text : "",
                                   text != NULL ? ", " : "", demand->rows[s].name, pct);
    }
    if (text == NULL && demand->n > 0)
        return "one node, however little there is to do";
    return text != NULL ? text : "nothing";
}

static bool all_priced(const struct model_policy *policy)
{
    for (int32_t t = 0; t < policy->n_types; t++)
        if (!policy->types[t].has_price)
            return false;
    return true;
}

/* Nodes that are taken back or break are not paid for to the end. */
static bool may_be_lost(const struct model_policy *policy)
{
    for (int32_t t = 0; t < policy->n_types; t++) {
        const struct model_loss *loss = &policy->types[t].loss;

        if (loss->taken_back || loss->availability != NULL || loss->fails)
            return true;
    }
    return false;
}

/* A time in which the work may be done, where one has to be named: the longest; else
 * that of one node of each type. */
static double long_s(const struct model_policy *policy,
                     const struct plan_demand *demand)
{
    int32_t one[64];
    double s;

    if (isfinite(demand->most_s))
        return demand->most_s;
    for (int32_t t = 0; t < policy->n_types && t < 64; t++)
        one[t] = 1;
    s = plan_bound_time_s(policy, demand, one);
    return isfinite(s) && s > 0 ? s : 3600;
}

void plan_bound_of(const struct model_policy *policy, const struct plan_demand *demand,
                   const struct model_goals *goals, struct sp_arena *arena,
                   struct plan_bound *bound)
{
    struct sp_arena *scratch = sp_arena_new();
    struct program p = program_new(scratch, policy, demand);
    struct plan_milp_answer answer;
    const double done_s = long_s(policy, demand);

    *bound = (struct plan_bound){.n_types = policy->n_types, .text = "nothing"};
    bound->nodes =
        sp_arena_array(arena, (size_t)policy->n_types + 1, sizeof *bound->nodes);
    answer = solve_fixed(&p, goals, fmax(demand->least_s, 1), done_s);
    bound->floor_usd = floor_usd(policy, demand);
    if (answer.end == PLAN_MILP_INFEASIBLE) {
        bound->usd = INFINITY;
        bound->text =
            "no number of the nodes allowed does the work in the time allowed";
    } else {
        for (int32_t t = 0; t < policy->n_types && !isinf(answer.cost); t++) {
            bound->nodes[t] = (int32_t)answer.x[p.node[t]];
            bound->usd_per_h +=
                bound->nodes[t] * plan_price_usd_per_h(&policy->types[t]);
        }
        bound->text = binding_text(demand, answer.duals, done_s, arena);
        bound->usd = bound->floor_usd;
        if (demand->least_s > 0 && demand->n > 0 && !may_be_lost(policy))
            bound->usd = fmax(bound->usd, pieces_usd(policy, demand, goals));
    }
    if (!all_priced(policy))
        bound->usd = bound->floor_usd = bound->usd_per_h = NAN;
    sp_arena_free(scratch);
}

/* ---- the time of a fleet ---- */

double plan_bound_time_s(const struct model_policy *policy,
                         const struct plan_demand *demand, const int32_t *nodes)
{
    struct sp_arena *scratch = sp_arena_new();
    struct program p = program_new(scratch, policy, demand);
    struct plan_milp_answer answer;
    int32_t time =
        plan_milp_column(p.milp, "hours", 1, demand->least_s / 3600, INFINITY, false);

    for (int32_t t = 0; t < policy->n_types; t++) {
        int32_t row;

        p.node[t] =
            plan_milp_column(p.milp, policy->types[t].name, 0, 0, INFINITY, false);
        row = plan_milp_row(p.milp, "node-hours", -INFINITY, 0);
        plan_milp_set(p.milp, row, p.node[t], 1);
        plan_milp_set(p.milp, row, time, -nodes[t]);
    }
    add_rows(&p, 3600, false);
    answer = plan_milp_solve(p.milp, 1, scratch);
    sp_arena_free(scratch);
    return answer.end == PLAN_MILP_INFEASIBLE ? INFINITY : 3600 * fmax(answer.bound, 0);
}
