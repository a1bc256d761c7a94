/* `fleet`: what each of its entries stands for, with a policy's overrides: one node
 * type, one for each purchase option, or one for each team.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/factor.h"
#include "model/scenario_parts.h"

/* What has been read so far. */
struct fleet {
    struct model_policy *policy;
    const struct model_yaml_node *over; /* of the policy, or NULL */
    int32_t n_groups;
};

static const char *const elastic_keys[] = {"min",    "max",      "idle_timeout",
                                           "launch", "per_team", NULL};
static const char *const fixed_keys[] = {"count", "per_team", NULL};
static const char *const shared_keys[] = {"count",        "min",          "max",
                                          "idle_timeout", "launch",       "options",
                                          "team",         "return_after", NULL};
static const char *const option_keys[] = {"options", NULL};

/* ---- maps laid over each other ---- */

static bool has_any(const struct model_yaml_node *map, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        if (model_yaml_get(map, *keys) != NULL)
            return true;
    return false;
}

/* A price that is a factor is one of the price below it, where one stands there. */
static const struct model_yaml_node *
multiply_price(struct model_reader *r, const struct model_yaml_node *base,
               const struct model_yaml_node *over, const struct model_yaml_node *merged)
{
    const struct model_yaml_node *from = model_yaml_get(base, "price");
    const struct model_yaml_node *by = model_yaml_get(over, "price"), *key, *item;
    struct model_yaml_node *price = sp_arena_alloc(r->arena, sizeof *price);
    struct model_yaml_node map = {.kind = MODEL_YAML_MAP, .text = "", .n = 1};
    double factor = 1;

    if (from == NULL || by == NULL || !model_factor_is(by->text) ||
        model_factor_read(by->text, &factor, NULL) != SP_OK)
        return merged;
    *price = *by;
    price->text = model_factor_times(r->arena, from->text, factor);
    if (price->text == NULL)
        return merged;
    key = by->key;
    item = price;
    map.keys = &key;
    map.items = &item;
    return model_yaml_merge(r->arena, merged, &map, NULL);
}

/* A map with another's keys laid over it; a count there takes the place of min and max
 * here, and the other way round, and that of what belongs to teams. */
static const struct model_yaml_node *lay_over(struct model_reader *r,
                                              const struct model_yaml_node *base,
                                              const struct model_yaml_node *over)
{
    static const char *const elastic[] = {"min", "max", "idle_timeout", "launch", NULL};
    const char *const *drop = NULL;

    if (over == NULL)
        return base;
    if (model_yaml_get(over, "per_team") != NULL)
        drop = shared_keys;
    else if (model_yaml_get(over, "count") != NULL)
        drop = elastic_keys;
    else if (has_any(over, elastic))
        drop = fixed_keys;
    return multiply_price(r, base, over, model_yaml_merge(r->arena, base, over, drop));
}

static enum sp_status merge_type(struct model_reader *r,
                                 const struct model_yaml_node *base,
                                 const struct model_yaml_node *over,
                                 const struct model_yaml_node **merged)
{
    if (model_read_kind(r, base, MODEL_YAML_MAP, "a node type") != SP_OK ||
        (over != NULL &&
         model_read_kind(r, over, MODEL_YAML_MAP, "a node type") != SP_OK))
        return SP_EINPUT;
    *merged = lay_over(r, base, over);
    return SP_OK;
}

/* ---- node types ---- */

enum sp_status model_fleet_add(struct model_reader *r,
                               const struct model_yaml_node *where,
                               struct model_policy *policy,
                               const struct model_node_type *type)
{
    char quoted[80];

    for (int32_t i = 0; i < policy->n_types; i++)
        if (strcmp(policy->types[i].name, type->name) == 0)
            return model_read_fail(r, where, "there are two node types called %s",
                                   sp_text_quote(type->name, quoted, sizeof quoted));
    if (policy->n_types == MODEL_TYPES_MAX)
        return model_read_fail(r, where,
                               "fleet: more than %d node types, with each purchase "
                               "option, team and kind of listed nodes",
                               (int)MODEL_TYPES_MAX);
    policy->types[policy->n_types++] = *type;
    return SP_OK;
}

/* An entry that is one node type. */
static enum sp_status read_alone(struct model_reader *r,
                                 const struct model_yaml_node *map, const char *name,
                                 struct fleet *f)
{
    static const char *const of_options[] = {"name", "return_after"};
    struct model_node_type type = {
        .name = name, .group = name, .group_id = f->n_groups++};

    for (size_t i = 0; i < sizeof of_options / sizeof of_options[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, of_options[i]);

        if (node != NULL)
            return model_read_fail(r, node->key, "'%s' goes with 'options'",
                                   of_options[i]);
    }
    if (model_node_type_read(r, map, &type) != SP_OK)
        return SP_EINPUT;
    return model_fleet_add(r, model_read_owner(map), f->policy, &type);
}

/* ---- options ---- */

/* "gpu-node/spot": the option's own name, or what it is. */
static enum sp_status name_option(struct model_reader *r,
                                  const struct model_yaml_node *map, const char *entry,
                                  const char **name)
{
    const struct model_yaml_node *own = model_yaml_get(map, "name");
    const struct model_yaml_node *option = model_yaml_get(map, "option");
    const struct model_key key = {
        .name = "option", .kind = MODEL_KEY_WORD, .words = model_option_words};
    const char *word = NULL;

    if (own == NULL && option == NULL)
        return model_read_fail(r, model_read_owner(map),
                               "an option needs the key 'option': on-demand, owned, "
                               "reserved or spot");
    if (own != NULL && model_read_name(r, own, "name", &word) != SP_OK)
        return SP_EINPUT;
    if (own == NULL && model_key_parse(r, option, &key, &word) != SP_OK)
        return SP_EINPUT;
    *name = sp_arena_printf(r->arena, "%s/%s", entry, word);
    return SP_OK;
}

static enum sp_status read_option(struct model_reader *r,
                                  const struct model_yaml_node *outer,
                                  const struct model_yaml_node *map, int32_t rank,
                                  struct fleet *f, struct model_node_type *type)
{
    const struct model_yaml_node *over = NULL;

    if (model_read_kind(r, map, MODEL_YAML_MAP, "an option") != SP_OK ||
        name_option(r, map, type->group, &type->name) != SP_OK)
        return SP_EINPUT;
    if (has_any(map, option_keys))
        return model_read_fail(r, model_yaml_get(map, "options")->key,
                               "'options' within an option");
    if (f->over != NULL)
        over = model_yaml_get(f->over, type->name);
    map = lay_over(r, outer, map);
    if (merge_type(r, map, over, &map) != SP_OK)
        return SP_EINPUT;
    type->group_rank = rank;
    if (model_node_type_read(r, map, type) != SP_OK)
        return SP_EINPUT;
    if (rank == 0)
        type->return_after_ns = -1;
    return SP_OK;
}

/* The list price of a group is that of its option on demand, where it has one. */
static void share_list_price(struct model_policy *policy, int32_t group)
{
    const struct model_node_type *on_demand = NULL;

    for (int32_t t = policy->n_types - 1; t >= 0; t--)
        if (policy->types[t].group_id == group && policy->types[t].has_list_price &&
            policy->types[t].kind == MODEL_OPTION_ON_DEMAND)
            on_demand = &policy->types[t];
    for (int32_t t = 0; on_demand != NULL && t < policy->n_types; t++)
        if (policy->types[t].group_id == group) {
            policy->types[t].has_list_price = true;
            policy->types[t].list_uusd_per_h = on_demand->list_uusd_per_h;
        }
}

/* What is outside of the options is the default of each. */
static enum sp_status read_options(struct model_reader *r,
                                   const struct model_yaml_node *map, const char *name,
                                   struct fleet *f)
{
    const struct model_yaml_node *options = model_yaml_get(map, "options");
    const struct model_yaml_node *outer, *own = model_yaml_get(map, "name");
    const int32_t group = f->n_groups++;

    if (model_read_kind(r, options, MODEL_YAML_SEQ, "options") != SP_OK)
        return SP_EINPUT;
    if (options->n == 0)
        return model_read_fail(r, options, "options: found none, expected one or more");
    if (own != NULL)
        return model_read_fail(r, own->key, "'name' is of one of the options");
    outer = model_yaml_merge(
        r->arena, map, &(struct model_yaml_node){.kind = MODEL_YAML_MAP}, option_keys);
    for (int32_t i = 0; i < options->n; i++) {
        struct model_node_type type = {.group = name, .group_id = group};

        if (read_option(r, outer, options->items[i], i, f, &type) != SP_OK ||
            model_fleet_add(r, options->items[i], f->policy, &type) != SP_OK)
            return SP_EINPUT;
    }
    share_list_price(f->policy, group);
    return SP_OK;
}

/* ---- teams ---- */

static enum sp_status read_per_team(struct model_reader *r,
                                    const struct model_yaml_node *map, const char *name,
                                    struct fleet *f)
{
    static const char *const drop[] = {"per_team", NULL};
    const struct model_yaml_node *teams = model_yaml_get(map, "per_team");
    struct model_yaml_node count = *teams->key;
    const struct model_yaml_node *key = &count, *value = NULL, *merged;
    struct model_yaml_node over = {
        .kind = MODEL_YAML_MAP, .text = "", .n = 1, .keys = &key, .items = &value};

    if (model_read_kind(r, teams, MODEL_YAML_MAP, "per_team") != SP_OK)
        return SP_EINPUT;
    if (teams->n == 0)
        return model_read_fail(r, model_read_owner(teams),
                               "per_team: found none, expected a number of nodes for "
                               "one or more teams");
    for (const char *const *k = shared_keys; *k != NULL; k++)
        if (model_yaml_get(map, *k) != NULL)
            return model_read_fail(r, model_yaml_get(map, *k)->key,
                                   "'%s' does not go with 'per_team', which says how "
                                   "many nodes each team has",
                                   *k);
    count.text = "count";
    for (int32_t i = 0; i < teams->n; i++) {
        struct model_node_type type = {.group = name, .group_id = f->n_groups++};
        int32_t team = 0;

        value = teams->items[i];
        if (model_team_id(r, teams->keys[i], &team) != SP_OK)
            return SP_EINPUT;
        merged = model_yaml_merge(r->arena, map, &over, drop);
        type.name = sp_arena_printf(r->arena, "%s (%s)", name, teams->keys[i]->text);
        if (model_node_type_read(r, merged, &type) != SP_OK)
            return SP_EINPUT;
        type.team = team;
        if (model_fleet_add(r, teams->keys[i], f->policy, &type) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* ---- the fleet ---- */

static enum sp_status read_entry(struct model_reader *r,
                                 const struct model_yaml_node *entry, struct fleet *f)
{
    const struct model_yaml_node *map = NULL, *over = NULL;
    const char *name = NULL;

    if (model_read_name(r, entry->key, "node type", &name) != SP_OK)
        return SP_EINPUT;
    if (f->over != NULL)
        over = model_yaml_get(f->over, name);
    if (merge_type(r, entry, over, &map) != SP_OK)
        return SP_EINPUT;
    if (model_yaml_get(map, "nodes") != NULL)
        return model_listed_read(r, map, name, &f->n_groups, f->policy);
    if (model_yaml_get(map, "per_team") != NULL)
        return read_per_team(r, map, name, f);
    if (model_yaml_get(map, "options") != NULL)
        return read_options(r, map, name, f);
    return read_alone(r, map, name, f);
}

/* A policy may override what the fleet names, and an option of it: "gpu-node/spot". */
static enum sp_status check_overrides(struct model_reader *r,
                                      const struct model_yaml_node *fleet,
                                      const struct fleet *f)
{
    const char *names[2 * MODEL_TYPES_MAX];
    int32_t n = 0;

    for (int32_t i = 0; i < fleet->n; i++)
        names[n++] = fleet->keys[i]->text;
    for (int32_t i = 0; i < f->policy->n_types; i++)
        if (strchr(f->policy->types[i].name, '/') != NULL)
            names[n++] = f->policy->types[i].name;
    for (int32_t i = 0; f->over != NULL && i < f->over->n; i++)
        if (model_read_find(f->over->keys[i]->text, names, n) == SP_NO_ID)
            return model_read_unknown(r, f->over->keys[i], "node type", names, n);
    return SP_OK;
}

enum sp_status model_fleet_read(struct model_reader *r,
                                const struct model_yaml_node *fleet,
                                const struct model_yaml_node *over,
                                struct model_policy *policy)
{
    struct fleet f = {.policy = policy, .over = over};

    if (model_read_kind(r, fleet, MODEL_YAML_MAP, "fleet") != SP_OK ||
        (over != NULL && model_read_kind(r, over, MODEL_YAML_MAP, "fleet") != SP_OK))
        return SP_EINPUT;
    if (fleet->n == 0 || fleet->n > MODEL_TYPES_MAX)
        return model_read_fail(r, model_read_owner(fleet),
                               "fleet: found %d node types, expected 1 to %d",
                               (int)fleet->n, (int)MODEL_TYPES_MAX);
    policy->n_types = 0;
    policy->types = sp_arena_array(r->arena, MODEL_TYPES_MAX, sizeof *policy->types);
    for (int32_t i = 0; i < fleet->n; i++)
        if (read_entry(r, fleet->items[i], &f) != SP_OK)
            return SP_EINPUT;
    return check_overrides(r, fleet, &f);
}
