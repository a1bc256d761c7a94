/* The scenario's tree with the plan laid over. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/planned.h"
#include "model/scenario.h"
#include "model/serving.h"
#include "model/yaml.h"

typedef const struct model_yaml_node *tree;

struct laying {
    struct sp_arena *arena;
    const struct model_scenario *sc;
    const struct model_planned *planned;
    const struct model_policy *policy; /* the plan */
    tree root, base; /* the scenario; the policy that the plan was made from, or an
                      * empty map */
};

/* ---- helpers ---- */

static tree get_map(tree map, const char *key)
{
    tree item = map == NULL ? NULL : model_yaml_get(map, key);

    return item != NULL && item->kind == MODEL_YAML_MAP ? item : model_yaml_empty_map();
}

static tree number(const struct laying *l, int64_t n)
{
    return model_yaml_scalar(l->arena, sp_arena_printf(l->arena, "%" PRId64, n));
}

static tree with(const struct laying *l, tree map, const char *key, tree item)
{
    return model_yaml_with(l->arena, map, key, item);
}

static tree without_all(const struct laying *l, tree map, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        map = model_yaml_without(l->arena, map, *keys);
    return map;
}

/* ---- nodes ---- */

static const char *const of_counts[] = {"count",  "min",      "max", "idle_timeout",
                                        "launch", "per_team", NULL};

static bool is_per_team(const struct laying *l, const struct model_node_type *type)
{
    tree of_policy = get_map(get_map(l->base, "fleet"), type->group);
    tree of_fleet = get_map(get_map(l->root, "fleet"), type->group);

    return model_yaml_get(of_policy, "per_team") != NULL ||
           (model_yaml_get(of_fleet, "per_team") != NULL &&
            model_yaml_get(of_policy, "count") == NULL &&
            model_yaml_get(of_policy, "max") == NULL);
}

/* "count: 4"; of spot nodes, which are replaced when they are lost, min and max. */
static tree with_count(const struct laying *l, tree map,
                       const struct model_node_type *type)
{
    map = without_all(l, map, of_counts);
    if (type->fixed)
        return with(l, map, "count", number(l, type->count));
    map = with(l, map, "min", number(l, type->min));
    return with(l, map, "max", number(l, type->max));
}

static tree with_team(const struct laying *l, tree map,
                      const struct model_node_type *type)
{
    tree teams = get_map(map, "per_team");
    const char *team = l->policy->teams[type->team].name;

    map = without_all(l, map, of_counts);
    return with(l, map, "per_team", with(l, teams, team, number(l, type->count)));
}

static tree lay_fleet(const struct laying *l)
{
    tree fleet = get_map(l->base, "fleet");

    for (int32_t t = 0; t < l->policy->n_types; t++) {
        const struct model_node_type *type = &l->policy->types[t];
        const char *key = type->name;

        if (type->listed)
            continue;
        if (is_per_team(l, type)) {
            key = type->group;
            fleet = with(l, fleet, key, with_team(l, get_map(fleet, key), type));
        } else {
            fleet = with(l, fleet, key, with_count(l, get_map(fleet, key), type));
        }
    }
    return fleet;
}

/* ---- units ---- */

static tree slots_of(const struct laying *l, const struct model_plan *plan,
                     const struct model_unit *unit)
{
    tree slots = model_yaml_empty_map();

    for (int32_t i = 0; i < unit->n_slots; i++)
        slots = with(l, slots, plan->stages[unit->slots[i].stage].name,
                     number(l, unit->slots[i].cap));
    return slots;
}

static tree types_of(const struct laying *l, const struct model_unit *unit)
{
    tree names[64];
    int32_t n = 0;

    for (int32_t t = 0; t < l->policy->n_types; t++)
        if ((unit->allowed_types >> t & 1) != 0)
            names[n++] = model_yaml_scalar(l->arena, l->policy->types[t].name);
    return n == l->policy->n_types ? NULL : model_yaml_list(l->arena, names, n);
}

/* The unit as the policy had it, if it had one of this name with just these stages. */
static tree written_unit(const struct laying *l, const struct model_plan *plan,
                         const struct model_unit *unit)
{
    tree units = get_map(get_map(l->base, plan->workload), "units");
    tree map = get_map(units, unit->name), slots = get_map(map, "slots");

    if (slots->n != unit->n_slots)
        return NULL;
    for (int32_t i = 0; i < unit->n_slots; i++)
        if (model_yaml_get(slots, plan->stages[unit->slots[i].stage].name) == NULL)
            return NULL;
    return map;
}

/* Start-up of a unit that is made anew: that of the last of its stages that the policy
 * had in a unit. */
static tree startup_of(const struct laying *l, const struct model_plan *plan,
                       const struct model_unit *unit)
{
    tree units = get_map(get_map(l->base, plan->workload), "units"), found = NULL;

    for (int32_t i = 0; i < unit->n_slots; i++)
        for (int32_t u = 0; u < units->n; u++) {
            const char *stage = plan->stages[unit->slots[i].stage].name;

            if (model_yaml_get(get_map(units->items[u], "slots"), stage) != NULL)
                found = model_yaml_get(units->items[u], "startup");
        }
    return found;
}

static tree lay_unit(const struct laying *l, const struct model_plan *plan,
                     const struct model_unit *unit)
{
    tree map = written_unit(l, plan, unit), on, startup;

    if (unit->count_kind == MODEL_COUNT_AUTOSCALED && map != NULL)
        return map;
    if (map != NULL) {
        map = model_yaml_without(l->arena, map, "autoscale");
        map = with(l, map, "slots", slots_of(l, plan, unit));
        return with(l, map, "count", number(l, unit->count));
    }
    map = with(l, model_yaml_empty_map(), "slots", slots_of(l, plan, unit));
    map = with(l, map, "count", number(l, unit->count));
    on = types_of(l, unit);
    startup = startup_of(l, plan, unit);
    if (on != NULL)
        map = with(l, map, "on", on);
    return startup != NULL ? with(l, map, "startup", startup) : map;
}

/* A unit's own name, or one that fits: a name has so many bytes at most. */
static const char *name_of(const struct laying *l, const struct model_plan *plan,
                           int32_t u)
{
    if (strlen(plan->units[u].name) <= MODEL_NAME_MAX)
        return plan->units[u].name;
    return sp_arena_printf(l->arena, "unit %" PRId32, u + 1);
}

static tree lay_pipeline(const struct laying *l, const struct model_plan *plan)
{
    static const char *const drop[] = {"bundle", "size", "units", NULL};
    tree units = model_yaml_empty_map();

    for (int32_t u = 0; u < plan->n_units; u++)
        units = with(l, units, name_of(l, plan, u), lay_unit(l, plan, &plan->units[u]));
    return with(l, without_all(l, get_map(l->base, plan->workload), drop), "units",
                units);
}

static tree lay_serving(const struct laying *l, const struct model_plan *plan)
{
    tree map = get_map(l->base, plan->workload), pools = get_map(map, "pools");

    if (pools->n == 0)
        return with(l, map, "replicas", number(l, plan->units[0].count));
    for (int32_t u = 0; u < plan->n_units; u++) {
        const char *name = plan->units[u].name;

        if (plan->units[u].count_kind != MODEL_COUNT_AUTOSCALED)
            pools = with(l, pools, name,
                         with(l, get_map(pools, name), "count",
                              number(l, plan->units[u].count)));
    }
    return with(l, map, "pools", pools);
}

/* ---- the policy ---- */

static tree lay_policy(const struct laying *l)
{
    tree map = with(l, l->base, "fleet", lay_fleet(l));

    for (int32_t w = 0; w < l->policy->n_plans; w++) {
        const struct model_plan *plan = &l->policy->plans[w];

        if (plan->kind == MODEL_KIND_PIPELINE)
            map = with(l, map, plan->workload, lay_pipeline(l, plan));
        if (plan->kind == MODEL_KIND_SERVING)
            map = with(l, map, plan->workload, lay_serving(l, plan));
    }
    return map;
}

/* "plan", or "plan 2" where the scenario has one. */
static const char *policy_name(const struct laying *l, tree policies)
{
    const char *name = "plan";

    for (int i = 2; model_yaml_get(policies, name) != NULL; i++)
        name = sp_arena_printf(l->arena, "plan %d", i);
    return name;
}

/* Policies that can't be run at all are left out: the rest could not be, either. */
static tree without_hopeless(const struct laying *l, tree policies)
{
    const struct model_planned *p = l->planned;

    for (int32_t i = 0; i < p->n_written; i++)
        if (p->written[i].why_not != NULL && p->written[i].policy != NULL)
            policies = model_yaml_without(l->arena, policies, p->written[i].policy);
    return policies;
}

/* ---- the scenario ---- */

/* "options" of an entry with a count in the one of this rank, if it lacks one. */
static tree with_option_count(const struct laying *l, tree options,
                              const struct model_node_type *type)
{
    tree *items = sp_arena_array(l->arena, (size_t)options->n + 1, sizeof *items);

    for (int32_t i = 0; i < options->n; i++) {
        items[i] = options->items[i];
        if (i == type->group_rank && model_yaml_get(items[i], "count") == NULL)
            items[i] = with(l, items[i], "count", number(l, type->count));
    }
    return model_yaml_list(l->arena, items, options->n);
}

/* Owned and reserved nodes have a count wherever they stand. */
static tree with_counts(const struct laying *l, tree fleet)
{
    for (int32_t t = 0; t < l->policy->n_types; t++) {
        const struct model_node_type *type = &l->policy->types[t];
        tree map = get_map(fleet, type->group), options;

        if ((type->kind != MODEL_OPTION_OWNED && type->kind != MODEL_OPTION_RESERVED) ||
            type->listed || model_yaml_get(map, "count") != NULL ||
            model_yaml_get(map, "per_team") != NULL)
            continue;
        options = model_yaml_get(map, "options");
        if (options != NULL)
            map = with(l, map, "options", with_option_count(l, options, type));
        else
            map = with(l, map, "count", number(l, type->count));
        fleet = with(l, fleet, type->group, map);
    }
    return fleet;
}

const struct model_yaml_node *model_planned_tree(const struct model_scenario *sc,
                                                 const struct model_planned *planned,
                                                 struct sp_arena *arena,
                                                 const char **policy)
{
    struct laying l = {.arena = arena,
                       .sc = sc,
                       .planned = planned,
                       .policy = planned->policy,
                       .root = sc->tree};
    tree policies = get_map(sc->tree, "policies"), root = sc->tree;
    const char *name = planned->best.policy;

    policies = without_hopeless(&l, policies);
    if (planned->policy != NULL) {
        name = policy_name(&l, policies);
        l.base = get_map(get_map(sc->tree, "policies"),
                         sc->policies[planned->policy_of].name);
        policies = with(&l, policies, name, lay_policy(&l));
        root = with(&l, root, "fleet", with_counts(&l, get_map(root, "fleet")));
    }
    root = with(
        &l, root, "seed",
        model_yaml_scalar(arena, sp_arena_printf(arena, "%" PRIu64, planned->seed)));
    root = with(&l, root, "replications", number(&l, planned->replications));
    root = with(&l, root, "baseline", model_yaml_scalar(arena, name));
    *policy = name;
    return with(&l, root, "policies", policies);
}
