/* The plan with one thing more or fewer, each run like the plan itself. */
#include <math.h>
#include <string.h>

#include "plan/planned.h"

enum { RATIOS_MAX = 4, STEPS_MAX = 200 };

struct steps {
    struct plan_look *l;
    const struct plan_space *s;
    const struct plan_view *v; /* of the plan */
    const struct plan_candidate *plan;
    int32_t id;
    int32_t n_pools;
    struct model_planned *out;
};

static const struct plan_shape *shape_of(const struct steps *st)
{
    return &st->l->shapes[st->v->shape];
}

/* ---- what comes of a step ---- */

static const char *text_of(const struct steps *st,
                           const struct model_planned_fleet *fleet)
{
    const struct model_goals *goals = st->l->ask->goals;
    const char *text = NULL;

    if (fleet->why_not != NULL)
        return fleet->why_not;
    if (!fleet->met && fleet->refused > 0)
        return plan_planned_refused(st->l, fleet);
    for (int32_t g = 0; g < goals->n; g++) {
        double miss = fleet->goals[g].miss;

        if (!(miss > 0))
            continue;
        text = sp_arena_printf(st->l->arena, "%s%s%s", text != NULL ? text : "misses ",
                               text != NULL ? "; " : "", goals->goals[g].text);
        text = isfinite(miss)
                   ? sp_arena_printf(st->l->arena, "%s by %.*f %%", text,
                                     miss < 0.1 ? 2 : 1, 100 * miss)
                   : sp_arena_printf(st->l->arena, "%s: too much is not done", text);
    }
    return text != NULL ? text : "meets every target";
}

static struct model_planned_step *new_step(struct steps *st, const char *what,
                                           bool fewer_nodes)
{
    struct model_planned_step *step = &st->out->steps[st->out->n_steps++];

    step->what = what;
    step->fewer_nodes = fewer_nodes;
    step->usd = (struct model_stat){NAN, NAN};
    return step;
}

static void cannot(struct steps *st, const char *what, bool fewer_nodes,
                   const char *why)
{
    struct model_planned_step *step = new_step(st, what, fewer_nodes);

    step->text = why;
    step->fleet.why_not = why;
}

static void run_step(struct steps *st, const char *what, bool fewer_nodes,
                     const struct plan_candidate *c)
{
    struct model_planned_step *step;
    const struct plan_evaluated *row;
    int32_t id = SP_NO_ID;

    if (st->out->n_steps == STEPS_MAX ||
        !plan_look_evaluate(st->l, c, 1, st->l->ask->replications, &id))
        return;
    row = plan_evaluated_of(st->l->e, id);
    step = new_step(st, what, fewer_nodes);
    plan_planned_fleet(st->l, id, false, &step->fleet);
    step->met = step->fleet.met;
    step->text = text_of(st, &step->fleet);
    if (row->n_runs > 0)
        step->usd = plan_evaluated_difference(row, plan_evaluated_of(st->l->e, st->id));
}

/* ---- nodes ---- */

static void step_nodes(struct steps *st, int32_t type, int32_t by)
{
    const int32_t n = st->s->n_types;
    struct sp_arena *arena = st->l->arena;
    int32_t *nodes = sp_arena_array(arena, (size_t)n + 1, sizeof *nodes);
    int32_t *units = sp_arena_array(arena, (size_t)st->n_pools + 1, sizeof *units);
    const char *what = sp_arena_printf(arena, "one %s %s", st->s->p->types[type].name,
                                       by > 0 ? "more" : "fewer");

    memcpy(nodes, st->plan->nodes, (size_t)n * sizeof *nodes);
    nodes[type] += by;
    if (nodes[type] < 0 || st->s->p->types[type].listed)
        return;
    if (!plan_space_allows(st->l, st->s, nodes))
        cannot(st, what, by < 0,
               "its 'min', 'max' or 'nodes' of 'plan' do not allow it");
    else if (!plan_fill_of(st->l, st->s, st->v, nodes, units))
        cannot(st, what, by < 0, "no room for each of the units");
    else
        run_step(st, what, by < 0,
                 &(struct plan_candidate){
                     .shape = st->v->shape, .units = units, .nodes = nodes});
}

/* ---- units ---- */

static bool has_room(const struct steps *st, int32_t pool)
{
    struct sp_arena *arena = st->l->arena;
    double *weight = sp_arena_array(arena, (size_t)st->n_pools + 1, sizeof *weight);
    int32_t *units = sp_arena_array(arena, (size_t)st->n_pools + 1, sizeof *units);

    memcpy(units, st->plan->units, (size_t)st->n_pools * sizeof *units);
    weight[pool] = 1;
    plan_pack_fill(st->s->p->types, st->s->n_types, st->plan->nodes, st->v->kinds,
                   weight, st->n_pools, units);
    return units[pool] > st->plan->units[pool];
}

static void step_units(struct steps *st, int32_t pool, int32_t by)
{
    const struct plan_shape *shape = shape_of(st);
    const struct model_plan *plan = &shape->plans[shape->pools[pool].plan];
    struct sp_arena *arena = st->l->arena;
    int32_t *units = sp_arena_array(arena, (size_t)st->n_pools + 1, sizeof *units);
    const char *what = sp_arena_printf(arena, "one unit %s %s",
                                       plan->units[shape->pools[pool].unit].name,
                                       by > 0 ? "more" : "fewer");

    memcpy(units, st->plan->units, (size_t)st->n_pools * sizeof *units);
    units[pool] += by;
    if (units[pool] < 1)
        return;
    if (by > 0 && !has_room(st, pool))
        cannot(st, what, false, "no room on these nodes");
    else
        run_step(st, what, false,
                 &(struct plan_candidate){
                     .shape = st->v->shape, .units = units, .nodes = st->plan->nodes});
}

/* ---- slots ---- */

static void step_ratios(struct steps *st)
{
    int32_t had = 0;

    for (int32_t i = 0; i < st->s->n_views && had < RATIOS_MAX; i++) {
        const struct plan_view *v = &st->s->views[i];
        const struct plan_shape *shape = &st->l->shapes[v->shape];
        int32_t *units;

        if (v->family != st->v->family || v->shape == st->v->shape)
            continue;
        units = sp_arena_array(st->l->arena, (size_t)shape->n_pools + 1, sizeof *units);
        had++;
        if (plan_fill_of(st->l, st->s, v, st->plan->nodes, units))
            run_step(st,
                     sp_arena_printf(st->l->arena, "units '%s' instead", shape->name),
                     false,
                     &(struct plan_candidate){
                         .shape = v->shape, .units = units, .nodes = st->plan->nodes});
    }
}

/* ---- all ---- */

static const struct plan_view *view_of(const struct plan_space *s, int32_t shape)
{
    for (int32_t i = 0; i < s->n_views; i++)
        if (s->views[i].shape == shape)
            return &s->views[i];
    return NULL;
}

void plan_steps_of(struct plan_look *l, int32_t id, struct model_planned *out)
{
    const struct plan_candidate *c = &plan_evaluated_of(l->e, id)->candidate;
    struct steps st = {.l = l, .plan = c, .id = id, .out = out};

    if (c->shape == SP_NO_ID)
        return;
    st.s = plan_look_space(l, l->shapes[c->shape].policy);
    st.v = view_of(st.s, c->shape);
    st.n_pools = l->shapes[c->shape].n_pools;
    out->steps = sp_arena_array(l->arena, STEPS_MAX, sizeof *out->steps);
    for (int32_t t = 0; t < st.s->n_types; t++) {
        step_nodes(&st, t, -1);
        step_nodes(&st, t, 1);
    }
    for (int32_t i = 0; i < st.n_pools && i < 40; i++) {
        step_units(&st, i, -1);
        step_units(&st, i, 1);
    }
    step_ratios(&st);
}
