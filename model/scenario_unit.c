/* `units`: what a policy deploys as one thing. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

/* The record while it is read. */
struct unit_keys {
    struct model_unit unit;
    const struct model_plan *plan;
    const struct model_policy *policy;
};

/* ---- keys with a grammar of their own ---- */

static int32_t find_stage(const struct model_plan *plan, const char *name)
{
    for (int32_t i = 0; i < plan->n_stages; i++)
        if (strcmp(plan->stages[i].name, name) == 0)
            return i;
    return SP_NO_ID;
}

static enum sp_status unknown_stage(struct model_reader *r,
                                    const struct model_yaml_node *node,
                                    const struct model_plan *plan)
{
    const char *names[MODEL_STAGES_MAX];

    for (int32_t i = 0; i < plan->n_stages; i++)
        names[i] = plan->stages[i].name;
    return model_read_unknown(r, node, "stage", names, plan->n_stages);
}

/* In the order of the stages, whatever the user's. */
static void add_slots(struct model_unit *unit, int32_t stage, int32_t cap)
{
    int32_t at = unit->n_slots++;

    for (; at > 0 && unit->slots[at - 1].stage > stage; at--)
        unit->slots[at] = unit->slots[at - 1];
    unit->slots[at] = (struct model_slots){.stage = stage, .cap = cap};
}

static enum sp_status read_slots(struct model_reader *r,
                                 const struct model_yaml_node *map, void *record)
{
    const struct model_key cap_key = {
        .name = "slots", .kind = MODEL_KEY_COUNT32, .min = 1, .max = MODEL_UNITS_MAX};
    struct unit_keys *keys = record;

    if (model_read_kind(r, map, MODEL_YAML_MAP, "slots") != SP_OK)
        return SP_EINPUT;
    if (map->n == 0)
        return model_read_fail(r, model_read_owner(map),
                               "slots: found none, expected a stage and its slots");
    for (int32_t i = 0; i < map->n; i++) {
        int32_t stage = find_stage(keys->plan, map->keys[i]->text), cap = 0;

        if (stage == SP_NO_ID)
            return unknown_stage(r, map->keys[i], keys->plan);
        if (model_key_parse(r, map->items[i], &cap_key, &cap) != SP_OK)
            return SP_EINPUT;
        add_slots(&keys->unit, stage, cap);
    }
    return SP_OK;
}

static enum sp_status read_fused_time(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    struct unit_keys *keys = record;

    if (!keys->unit.fused)
        return model_read_fail(r, node->key, "'time' of a unit goes with fused: true");
    keys->unit.has_fused_time = true;
    return model_time_read(r, node, keys->plan, &keys->unit.fused_time);
}

static enum sp_status read_startup(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct unit_keys *keys = record;

    return model_dist_read(r, node, "startup", MODEL_SECONDS, &keys->unit.startup_s);
}

/* A node type, or all that the fleet calls by the name: purchase options, teams'. */
static enum sp_status allow_type(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 const struct model_policy *policy, int64_t *allowed)
{
    const char *names[2 * MODEL_TYPES_MAX];
    bool found = false;
    int32_t n = 0;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "on") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < policy->n_types; i++) {
        const struct model_node_type *type = &policy->types[i];

        names[n++] = type->name;
        if (model_read_find(type->group, names, n) == SP_NO_ID)
            names[n++] = type->group;
        if (strcmp(node->text, type->name) != 0 && strcmp(node->text, type->group) != 0)
            continue;
        *allowed |= INT64_C(1) << i;
        found = true;
    }
    if (!found)
        return model_read_unknown(r, node, "node type", names, n);
    return SP_OK;
}

enum sp_status model_on_read(struct model_reader *r, const struct model_yaml_node *node,
                             const struct model_policy *policy, int64_t *allowed)
{
    if (node->kind != MODEL_YAML_SEQ)
        return allow_type(r, node, policy, allowed);
    if (node->n == 0)
        return model_read_fail(r, node, "on: found none, expected a node type");
    for (int32_t i = 0; i < node->n; i++)
        if (allow_type(r, node->items[i], policy, allowed) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

static enum sp_status read_on(struct model_reader *r,
                              const struct model_yaml_node *node, void *record)
{
    struct unit_keys *keys = record;

    return model_on_read(r, node, keys->policy, &keys->unit.allowed_types);
}

static enum sp_status read_autoscale(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    struct unit_keys *keys = record;

    keys->unit.count_kind = MODEL_COUNT_AUTOSCALED;
    return model_autoscale_read(r, node, MODEL_KIND_PIPELINE, &keys->unit.autoscale);
}

/* ---- one unit ---- */

#define AT(field) offsetof(struct unit_keys, unit.field)

static const struct model_key unit_keys[] = {
    {.name = "slots",
     .kind = MODEL_KEY_READ,
     .read = read_slots,
     .required = true,
     .help = "tasks of each stage at a time"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(needs.mcpu),
     .help = "CPUs that its stages share"},
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_GPU,
     .offset = AT(needs.mgpu),
     .help = "GPUs that its stages share"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(needs.memory_bytes),
     .help = "that its stages share"},
    {.name = "count",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(count),
     .min = 1,
     .max = MODEL_UNITS_MAX,
     .help = "how many units"},
    {.name = "autoscale",
     .kind = MODEL_KEY_READ,
     .read = read_autoscale,
     .help = "rule"},
    {.name = "fused",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(fused),
     .help = "one task goes through all stages"},
    {.name = "time",
     .kind = MODEL_KEY_READ,
     .read = read_fused_time,
     .help = "if fused"},
    {.name = "startup",
     .kind = MODEL_KEY_READ,
     .read = read_startup,
     .help = "of a unit"},
    {.name = "on", .kind = MODEL_KEY_READ, .read = read_on, .help = "node types"},
    {.name = NULL},
};

/* What the user left out of cpu, gpu and memory is the sum over the slots. */
static void complete_needs(const struct model_yaml_node *map,
                           const struct model_plan *plan, struct model_unit *unit)
{
    const struct model_amounts sum = model_unit_needs(plan, unit);
    bool cpu = model_keys_get(map, &unit_keys[1]) != NULL;
    bool gpu = model_keys_get(map, &unit_keys[2]) != NULL;
    bool memory = model_keys_get(map, &unit_keys[3]) != NULL;

    unit->own_needs = cpu || gpu || memory;
    unit->needs = (struct model_amounts){
        .mcpu = cpu ? unit->needs.mcpu : sum.mcpu,
        .mgpu = gpu ? unit->needs.mgpu : sum.mgpu,
        .memory_bytes = memory ? unit->needs.memory_bytes : sum.memory_bytes,
    };
}

static enum sp_status check_count(struct model_reader *r,
                                  const struct model_yaml_node *map, bool sized,
                                  struct model_unit *unit)
{
    const struct model_yaml_node *count = model_yaml_get(map, "count");

    if (count != NULL && unit->count_kind == MODEL_COUNT_AUTOSCALED)
        return model_read_fail(
            r, count->key,
            "'count' does not go with 'autoscale', which has min and max");
    if (unit->count_kind == MODEL_COUNT_AUTOSCALED)
        unit->count = unit->autoscale.min;
    else if (count == NULL && sized)
        unit->count_kind = MODEL_COUNT_SIZED;
    else if (count == NULL)
        unit->count = 1;
    return SP_OK;
}

/* ---- fused units ---- */

static bool feeds_only(const struct model_plan *plan, int32_t from, int32_t to)
{
    for (int32_t i = 0; i < plan->n_stages; i++)
        for (int32_t k = 0; k < plan->stages[i].n_from; k++)
            if (plan->stages[i].from[k] == from && i != to)
                return false;
    return plan->stages[to].n_from == 1 && plan->stages[to].from[0] == from;
}

/* Why a stage can't be part of a fused task, or NULL.  The last one may emit as it
 * likes. */
static const char *unfit_for_fusion(const struct model_unit *unit,
                                    const struct model_plan *plan, int32_t at)
{
    const struct model_stage *s = &plan->stages[unit->slots[at].stage];
    bool last = at == unit->n_slots - 1;

    if (s->gang)
        return "it is a gang";
    if (s->batch != plan->stages[unit->slots[0].stage].batch)
        return "its batch differs from the first stage's";
    if (at > 0 && (s->barrier || s->buffer > 0))
        return "nothing waits within a fused task (barrier, buffer)";
    if (!last &&
        (s->gather_in != 1 || s->gather_out != 1 || s->keep_frac < 1 || s->has_route))
        return "one item in must be one out (expand, gather, keep, route)";
    if (!last && !feeds_only(plan, unit->slots[at].stage, unit->slots[at + 1].stage))
        return "the stages are no chain";
    return NULL;
}

static enum sp_status check_fused(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  const struct model_plan *plan,
                                  const struct model_unit *unit)
{
    for (int32_t at = 0; unit->fused && at < unit->n_slots; at++) {
        const char *why = unfit_for_fusion(unit, plan, at);

        if (why != NULL)
            return model_read_fail(r, model_yaml_get(map, "fused")->key,
                                   "fused: stage '%s' can't be part of one task: %s",
                                   plan->stages[unit->slots[at].stage].name, why);
    }
    return SP_OK;
}

static enum sp_status read_unit(struct model_reader *r,
                                const struct model_yaml_node *map,
                                const struct unit_keys *start, bool sized,
                                struct model_unit *unit)
{
    struct unit_keys keys = *start;

    if (model_keys_read(r, map, "a unit", unit_keys, &keys) != SP_OK ||
        check_count(r, map, sized, &keys.unit) != SP_OK ||
        check_fused(r, map, keys.plan, &keys.unit) != SP_OK)
        return SP_EINPUT;
    complete_needs(map, keys.plan, &keys.unit);
    if (keys.unit.allowed_types == 0)
        keys.unit.allowed_types = (INT64_C(1) << keys.policy->n_types) - 1;
    *unit = keys.unit;
    return SP_OK;
}

/* ---- all of them ---- */

static enum sp_status check_partition(struct model_reader *r,
                                      const struct model_yaml_node *map,
                                      const struct model_plan *plan)
{
    int32_t unit_of[MODEL_STAGES_MAX];

    memset(unit_of, 0xff, sizeof unit_of);
    for (int32_t u = 0; u < plan->n_units; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++) {
            int32_t stage = plan->units[u].slots[i].stage;
            const char *name = plan->stages[stage].name;

            if (unit_of[stage] != SP_NO_ID)
                return model_read_fail(
                    r,
                    model_yaml_get(model_yaml_get(map->items[u], "slots"), name)->key,
                    "stage '%s' is in unit '%s' already, expected it in exactly one",
                    name, plan->units[unit_of[stage]].name);
            unit_of[stage] = u;
        }
    for (int32_t i = 0; i < plan->n_stages; i++)
        if (unit_of[i] == SP_NO_ID)
            return model_read_fail(
                r, model_read_owner(map),
                "stage '%s' is in no unit, expected it in exactly one",
                plan->stages[i].name);
    return SP_OK;
}

enum sp_status model_units_read(struct model_reader *r,
                                const struct model_yaml_node *map,
                                const struct model_policy *policy, bool sized,
                                struct model_plan *plan)
{
    if (model_read_kind(r, map, MODEL_YAML_MAP, "units") != SP_OK)
        return SP_EINPUT;
    if (map->n == 0 || map->n > MODEL_STAGES_MAX)
        return model_read_fail(r, model_read_owner(map),
                               "units: found %d, expected 1 to %d", (int)map->n,
                               (int)MODEL_STAGES_MAX);
    plan->n_units = map->n;
    plan->units = sp_arena_array(r->arena, (size_t)map->n, sizeof *plan->units);
    for (int32_t i = 0; i < map->n; i++) {
        struct unit_keys start = {.plan = plan, .policy = policy};

        if (model_read_name(r, map->keys[i], "unit", &start.unit.name) != SP_OK)
            return SP_EINPUT;
        start.unit.line = map->keys[i]->line;
        if (read_unit(r, map->items[i], &start, sized, &plan->units[i]) != SP_OK)
            return SP_EINPUT;
    }
    return check_partition(r, map, plan);
}
