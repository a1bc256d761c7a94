/* What may be chosen, and what is known of it before any run. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "model/serving.h"
#include "plan/price.h"
#include "plan/search_parts.h"
#include "plan/search_view.h"

/* ---- prices ---- */

static bool may_be_lost(const struct model_node_type *t)
{
    return t->loss.taken_back || t->loss.availability != NULL;
}

static enum sp_status price_types(const struct plan_look *l, struct plan_space *s,
                                  struct sp_err *err)
{
    for (int32_t t = 0; t < s->n_types; t++) {
        const struct model_node_type *type = &s->p->types[t];

        if (!type->has_price && s->most[t] > 0)
            return sp_fail(err, SP_EINPUT,
                           "%s: node type '%s' has no price, and without one no fleet "
                           "is the cheapest",
                           l->ask->scenario->path, type->name);
        s->usd[t] = type->has_price ? (double)type->uusd_per_h / 1e6 : 0;
        if (s->time_known)
            s->usd[t] *= plan_billed_h(type, s->demand.time_s);
        s->may_be_lost = s->may_be_lost || (s->most[t] > 0 && may_be_lost(type));
    }
    return SP_OK;
}

double plan_space_bill(const struct plan_space *s, const int32_t *nodes, double time_s)
{
    double usd = 0;

    for (int32_t t = 0; t < s->n_types; t++)
        usd += nodes[t] * s->usd[t] *
               (s->time_known ? 1 : plan_billed_h(&s->p->types[t], time_s));
    return usd;
}

double plan_space_billed_least_h(const struct plan_space *s, double time_s)
{
    double least = INFINITY;

    for (int32_t t = 0; t < s->n_types; t++)
        if (s->most[t] > 0)
            least = fmin(least, plan_billed_h(&s->p->types[t], time_s));
    return least;
}

double plan_space_usd(const struct plan_space *s, const int32_t *nodes)
{
    double usd = 0;

    for (int32_t t = 0; t < s->n_types; t++)
        usd += nodes[t] * s->usd[t];
    return usd;
}

double plan_space_usd_least(const struct plan_look *l, const struct plan_space *s,
                            const int32_t *nodes)
{
    double time_s;

    if (s->time_known)
        return plan_space_usd(s, nodes);
    time_s = plan_bound_time_s(s->p, &s->demand, nodes);
    if (time_s * l->luck > s->demand.most_s)
        return INFINITY;
    return plan_space_bill(s, nodes, time_s * l->luck);
}

const struct plan_space *plan_look_space(const struct plan_look *l, int32_t policy)
{
    for (int32_t i = 0; i < l->n_spaces; i++)
        if (l->spaces[i].policy == policy)
            return &l->spaces[i];
    return NULL;
}

/* ---- numbers of nodes ---- */

static const char *group_of(const struct model_node_type *t)
{
    return t->group != NULL ? t->group : t->name;
}

static bool is_in(const struct model_node_type *t, const char *group)
{
    return !t->listed && strcmp(group_of(t), group) == 0;
}

static int32_t types_in(const struct plan_space *s, const char *group)
{
    int32_t n = 0;

    for (int32_t t = 0; t < s->n_types; t++)
        n += is_in(&s->p->types[t], group);
    return n;
}

static void set_ranges(const struct plan_look *l, struct plan_space *s)
{
    const struct model_goals *goals = l->ask->goals;

    for (int32_t t = 0; t < s->n_types; t++)
        plan_bound_range(s->p, t, goals, &s->least[t], &s->most[t]);
}

bool plan_space_allows(const struct plan_look *l, const struct plan_space *s,
                       const int32_t *nodes)
{
    const struct model_goals *goals = l->ask->goals;

    for (int32_t t = 0; t < s->n_types; t++)
        if (nodes[t] < s->least[t] || nodes[t] > s->most[t])
            return false;
    for (int32_t i = 0; i < goals->n_ranges; i++) {
        const struct model_node_range *r = &goals->ranges[i];
        int64_t sum = 0;

        for (int32_t t = 0; t < s->n_types; t++)
            sum += is_in(&s->p->types[t], r->group) ? nodes[t] : 0;
        if (types_in(s, r->group) > 0 && (sum < r->min || sum > r->max))
            return false;
    }
    return true;
}

bool plan_written_allowed(const struct plan_look *l, int32_t policy)
{
    const struct model_goals *goals = l->ask->goals;
    const struct model_policy *p = &l->ask->scenario->policies[policy];

    for (int32_t i = 0; i < goals->n_ranges; i++) {
        const struct model_node_range *r = &goals->ranges[i];
        int64_t least = 0, most = 0;
        bool any = false;

        for (int32_t t = 0; t < p->n_types; t++) {
            const struct model_node_type *type = &p->types[t];

            if (!is_in(type, r->group))
                continue;
            any = true;
            least += type->fixed ? type->count : type->min;
            most += type->fixed ? type->count : type->max;
        }
        if (any && (least < r->min || most > r->max))
            return false;
    }
    return true;
}

/* ---- shapes ---- */

static const struct model_unit *pool_unit(const struct plan_shape *shape, int32_t pool)
{
    return &shape->plans[shape->pools[pool].plan].units[shape->pools[pool].unit];
}

int32_t plan_pool_slots(const struct plan_shape *shape, int32_t pool, int32_t workload,
                        int32_t stage)
{
    const struct model_unit *unit = pool_unit(shape, pool);

    if (shape->pools[pool].plan != workload)
        return 0;
    for (int32_t i = 0; i < unit->n_slots; i++)
        if (unit->slots[i].stage == stage)
            return unit->slots[i].cap;
    return 0;
}

/* Slots busy at a time, or slot-seconds. */
static double amount_of(const struct plan_space *s, const struct plan_demand_row *row)
{
    double amount = s->time_known ? row->slots : row->slot_s;

    return isnan(amount) ? 0 : amount;
}

/* Where several pools have slots of a stage they share its work by their slots. */
static double pool_load(const struct plan_space *s, const struct plan_shape *shape,
                        int32_t pool)
{
    double load = 0;

    for (int32_t r = 0; r < s->load.n; r++) {
        const struct plan_demand_row *row = &s->load.rows[r];
        int32_t all = 0;

        if (plan_pool_slots(shape, pool, row->workload, row->stage) == 0)
            continue;
        for (int32_t i = 0; i < shape->n_pools; i++)
            all += plan_pool_slots(shape, i, row->workload, row->stage);
        load = fmax(load, amount_of(s, row) / all);
    }
    return load;
}

static bool same_stages(const struct model_unit *a, const struct model_unit *b)
{
    if (a->n_slots != b->n_slots)
        return false;
    for (int32_t i = 0; i < a->n_slots; i++)
        if (a->slots[i].stage != b->slots[i].stage)
            return false;
    return true;
}

static bool same_partition(const struct plan_shape *a, const struct plan_shape *b)
{
    if (a->n_pools != b->n_pools)
        return false;
    for (int32_t i = 0; i < a->n_pools; i++)
        if (a->pools[i].plan != b->pools[i].plan ||
            !same_stages(pool_unit(a, i), pool_unit(b, i)))
            return false;
    return true;
}

/* Units alike, their names aside, of one policy's rules. */
static bool same_units(const struct plan_shape *a, const struct plan_shape *b)
{
    for (int32_t i = 0; i < a->n_pools; i++) {
        const struct model_unit *x = pool_unit(a, i), *y = pool_unit(b, i);

        if (x->allowed_types != y->allowed_types || x->own_needs != y->own_needs ||
            x->fused != y->fused || x->has_fused_time || y->has_fused_time ||
            memcmp(&x->startup_s, &y->startup_s, sizeof x->startup_s) != 0 ||
            (x->own_needs && memcmp(&x->needs, &y->needs, sizeof x->needs) != 0))
            return false;
        for (int32_t k = 0; k < x->n_slots; k++)
            if (x->slots[k].cap != y->slots[k].cap)
                return false;
    }
    return true;
}

static bool is_there(const struct plan_look *l, const struct plan_space *s,
                     int32_t shape)
{
    for (int32_t i = 0; i < s->n_views; i++) {
        const struct plan_shape *had = &l->shapes[s->views[i].shape];

        if (same_partition(had, &l->shapes[shape]) &&
            same_units(had, &l->shapes[shape]))
            return true;
    }
    return false;
}

static int32_t family_of(const struct plan_look *l, struct plan_space *s, int32_t shape)
{
    for (int32_t i = 0; i < s->n_views; i++)
        if (same_partition(&l->shapes[s->views[i].shape], &l->shapes[shape]))
            return s->views[i].family;
    return s->n_families++;
}

static void add_view(struct plan_look *l, struct plan_space *s, int32_t shape)
{
    const struct plan_shape *of = &l->shapes[shape];
    size_t n = (size_t)of->n_pools + 1;
    struct plan_view *v = &s->views[s->n_views];

    v->shape = shape;
    v->family = family_of(l, s, shape);
    v->kinds = sp_arena_array(l->arena, n, sizeof *v->kinds);
    v->load = sp_arena_array(l->arena, n, sizeof *v->load);
    for (int32_t i = 0; i < of->n_pools; i++) {
        const struct model_unit *unit = pool_unit(of, i);

        v->kinds[i] = (struct plan_kind){
            .needs = model_unit_needs(&of->plans[of->pools[i].plan], unit),
            .allowed_types = (uint64_t)unit->allowed_types};
        v->load[i] = pool_load(s, of, i);
    }
    s->n_views++;
}

/* ---- spaces ---- */

/* The least time that any number of nodes takes. */
static double time_least_s(const struct plan_look *l, const struct plan_space *s)
{
    int32_t *most = sp_arena_array(l->arena, (size_t)s->n_types + 1, sizeof *most);

    if (s->time_known)
        return s->demand.time_s;
    memcpy(most, s->most, (size_t)s->n_types * sizeof *most);
    return plan_bound_time_s(s->p, &s->demand, most);
}

/* A goal that everything that comes is done, of a kind of workload that has one. */
static bool all_done(const struct model_scenario *sc, int32_t workload,
                     struct model_goal *goal)
{
    const struct model_plan *plan = &sc->policies[0].plans[workload];

    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++)
        if (k->of_workload && k->work_kind == plan->kind &&
            k->unit == MODEL_GOAL_FRAC && !k->at_most) {
            *goal = (struct model_goal){
                .kind = k,
                .of = {.workload = workload},
                .value = 1,
                .slo = plan->serving != NULL ? &plan->serving->slo : NULL,
                .text = ""};
            return true;
        }
    return false;
}

/* Where a search starts: units for all that comes, whether or not a goal says that so
 * much must be done. */
static void load_of(struct plan_look *l, struct plan_space *s)
{
    const struct model_scenario *sc = l->ask->scenario;
    struct model_goals goals = l->goals;

    goals.goals = sp_arena_array(l->arena, (size_t)(goals.n + sc->n_workloads) + 1,
                                 sizeof *goals.goals);
    memcpy(goals.goals, l->goals.goals, (size_t)goals.n * sizeof *goals.goals);
    for (int32_t w = 0; w < sc->n_workloads; w++)
        goals.n += all_done(sc, w, &goals.goals[goals.n]);
    plan_demand_of(sc, s->policy, &goals, l->arena, &s->load);
}

static enum sp_status begin_space(struct plan_look *l, struct plan_space *s,
                                  int32_t policy, struct sp_err *err)
{
    size_t n;

    s->policy = policy;
    s->p = &l->ask->scenario->policies[policy];
    s->n_types = s->p->n_types;
    n = (size_t)s->n_types + 1;
    s->least = sp_arena_array(l->arena, n, sizeof *s->least);
    s->most = sp_arena_array(l->arena, n, sizeof *s->most);
    s->usd = sp_arena_array(l->arena, n, sizeof *s->usd);
    set_ranges(l, s);
    plan_demand_of(l->ask->scenario, policy, &l->goals, l->arena, &s->demand);
    s->time_known = !isnan(s->demand.time_s);
    if (price_types(l, s, err) != SP_OK)
        return SP_EINPUT;
    load_of(l, s);
    plan_bound_of(s->p, &s->demand, l->ask->goals, l->arena, &s->bound);
    s->time_least_s = time_least_s(l, s);
    s->views = sp_arena_array(l->arena, (size_t)l->n_shapes + 1, sizeof *s->views);
    for (int32_t i = 0; i < l->n_shapes; i++)
        if (l->shapes[i].policy == policy && !is_there(l, s, i))
            add_view(l, s, i);
    return SP_OK;
}

/* ---- goals ---- */

/* Whether less of it follows from less of the bill. */
static bool is_of_cost(const struct model_goal *goal, bool time_known)
{
    const char *name = goal->kind->figure;

    if (strcmp(name, "usd_per_h") == 0)
        return time_known;
    return strncmp(name, "usd", 3) == 0;
}

static void take_goals(struct plan_look *l)
{
    const struct model_goals *all = l->ask->goals;
    struct plan_demand demand;

    plan_demand_of(l->ask->scenario, 0, all, l->arena, &demand);
    l->goals = *all;
    l->goals.n = 0;
    l->goals.goals =
        sp_arena_array(l->arena, (size_t)all->n + 1, sizeof *l->goals.goals);
    for (int32_t g = 0; g < all->n; g++)
        if (!is_of_cost(&all->goals[g], !isnan(demand.time_s)))
            l->goals.goals[l->goals.n++] = all->goals[g];
}

/* Between batches: how far it is, and whether to go on. */
static bool on_batch(void *self, int64_t runs)
{
    const struct plan_look *l = self;
    struct plan_progress now = {.runs = runs,
                                .candidates = plan_evaluator_candidates(l->e),
                                .best_usd = l->best_usd,
                                .bound_usd = INFINITY};

    for (int32_t i = 0; i < l->n_spaces; i++)
        now.bound_usd = fmin(now.bound_usd, l->spaces[i].bound.usd);
    return l->ask->stop != NULL && l->ask->stop(l->ask->stop_self, &now);
}

enum sp_status plan_look_begin(struct plan_look *l, const struct plan_ask *ask,
                               struct sp_arena *arena, struct sp_err *err)
{
    const struct model_scenario *sc = ask->scenario;

    *l = (struct plan_look){.ask = ask,
                            .arena = arena,
                            .err = err,
                            .luck = 1,
                            .best = SP_NO_ID,
                            .best_usd = INFINITY};
    if (ask->ratio == NULL)
        take_goals(l);
    l->shapes = plan_shapes_of(sc, ask->goals->as_written, PLAN_SHAPES_MAX, arena,
                               &l->n_shapes, &l->all_shapes);
    l->options = (struct plan_evaluate_options){.scenario = sc,
                                                .goals = &l->goals,
                                                .shapes = l->shapes,
                                                .n_shapes = l->n_shapes,
                                                .run = ask->run,
                                                .replications = ask->replications,
                                                .threads = ask->threads,
                                                .runs_max = ask->runs_max,
                                                .stop = on_batch,
                                                .stop_self = l};
    l->e = plan_evaluator_new(arena, &l->options);
    l->spaces = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *l->spaces);
    for (int32_t p = 0; ask->ratio == NULL && p < sc->n_policies; p++) {
        if (begin_space(l, &l->spaces[l->n_spaces], p, err) != SP_OK)
            return SP_EINPUT;
        l->n_spaces++;
    }
    return SP_OK;
}
