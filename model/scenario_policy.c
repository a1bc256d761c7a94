/* `workloads` and `policies`: each policy gets its own copy of all that it runs. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

/* ---- workloads ---- */

static const struct model_word kind_words[] = {
    [MODEL_KIND_PIPELINE] = {"pipeline", "a graph of stages"},
    [MODEL_KIND_SERVING] = {"serving", "requests to a language model"},
    [MODEL_KIND_JOBS] = {"jobs", "rigid jobs that ask for a gang of members"},
    {NULL, NULL},
};

static const struct model_key pipeline_keys[] = {
    {.name = "kind", .kind = MODEL_KEY_NOTE, .help = "pipeline"},
    {.name = "source", .kind = MODEL_KEY_NOTE, .required = true, .help = "its items"},
    {.name = "stages", .kind = MODEL_KEY_NOTE, .required = true, .help = "its stages"},
    {.name = "team", .kind = MODEL_KEY_NOTE, .help = "whose it is"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of its units"},
    {.name = "preemptible", .kind = MODEL_KEY_NOTE, .help = "its units"},
    {.name = NULL},
};

static const struct model_key serving_keys[] = {
    {.name = "kind", .kind = MODEL_KEY_NOTE, .help = "serving"},
    {.name = "model",
     .kind = MODEL_KEY_NOTE,
     .required = true,
     .help = "a name of the library, or a shape"},
    {.name = "source",
     .kind = MODEL_KEY_NOTE,
     .required = true,
     .help = "its requests"},
    {.name = "slo", .kind = MODEL_KEY_NOTE, .help = "what a request must meet"},
    {.name = "classes", .kind = MODEL_KEY_NOTE, .help = "bounds of prompt tokens"},
    {.name = "engine", .kind = MODEL_KEY_NOTE, .help = "settings of all pools"},
    {.name = "team", .kind = MODEL_KEY_NOTE, .help = "whose it is"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of its units"},
    {.name = "preemptible", .kind = MODEL_KEY_NOTE, .help = "its units"},
    {.name = NULL},
};

static enum sp_status read_kind(struct model_reader *r,
                                const struct model_yaml_node *map,
                                struct model_plan *plan)
{
    const struct model_key kind = {
        .name = "kind", .kind = MODEL_KEY_WORD, .words = kind_words};
    const struct model_yaml_node *node;
    const char *word = NULL;

    if (model_read_kind(r, map, MODEL_YAML_MAP, "a workload") != SP_OK)
        return SP_EINPUT;
    node = model_yaml_get(map, "kind");
    if (node == NULL)
        return model_read_fail(r, model_read_owner(map),
                               "a workload needs the key 'kind': pipeline, serving or "
                               "jobs");
    if (model_key_parse(r, node, &kind, &word) != SP_OK)
        return SP_EINPUT;
    plan->kind = (enum model_kind)model_word_index(kind_words, word);
    if (plan->kind == MODEL_KIND_JOBS)
        return SP_OK;
    return model_keys_read(
        r, map, plan->kind == MODEL_KIND_SERVING ? "a serving workload" : "a workload",
        plan->kind == MODEL_KIND_SERVING ? serving_keys : pipeline_keys, plan);
}

/* Who takes an item says when it arrives. */
static enum sp_status check_pull(struct model_reader *r,
                                 const struct model_yaml_node *pull,
                                 const struct model_plan *plan)
{
    int32_t fed = 0;

    for (int32_t s = 0; s < plan->n_stages; s++)
        fed += plan->stages[s].n_from == 0;
    if (!plan->source.pull || fed == 1)
        return SP_OK;
    return model_read_fail(r, pull,
                           "pull: the source feeds %d stages, expected one that takes "
                           "its items",
                           (int)fed);
}

/* All of it, with the overrides of a policy (NULL: none): `over` holds its keys. */
static enum sp_status read_workload(struct model_reader *r,
                                    const struct model_yaml_node *map,
                                    const struct model_yaml_node *over,
                                    const struct model_policy *policy,
                                    struct model_plan *plan)
{
    const bool has = over != NULL;

    if (read_kind(r, map, plan) != SP_OK)
        return SP_EINPUT;
    if (plan->kind == MODEL_KIND_JOBS)
        return model_jobs_read(r, map, over, policy, plan);
    if (model_owner_read(r, map, over, plan) != SP_OK)
        return SP_EINPUT;
    if (plan->kind == MODEL_KIND_SERVING)
        return model_serving_read(r, map, has ? model_yaml_get(over, "model") : NULL,
                                  plan);
    if (model_source_read(r, model_yaml_get(map, "source"), plan) != SP_OK)
        return SP_EINPUT;
    if (model_stages_read(r, model_yaml_get(map, "stages"),
                          has ? model_yaml_get(over, "stages") : NULL, plan) != SP_OK)
        return SP_EINPUT;
    return check_pull(r, model_yaml_get(model_yaml_get(map, "source"), "pull"), plan);
}

/* A workload's name is a key of every policy, beside these. */
static const char *const reserved[] = {"placement", "fleet", "scheduling", "teams"};
enum { N_RESERVED = sizeof reserved / sizeof reserved[0] };

enum sp_status model_workloads_read(struct model_reader *r,
                                    const struct model_yaml_node *workloads)
{
    struct model_scenario *s = r->scenario;

    if (model_read_kind(r, workloads, MODEL_YAML_MAP, "workloads") != SP_OK)
        return SP_EINPUT;
    if (workloads->n == 0 || workloads->n > MODEL_WORKLOADS_MAX)
        return model_read_fail(r, model_read_owner(workloads),
                               "workloads: found %d, expected 1 to %d",
                               (int)workloads->n, (int)MODEL_WORKLOADS_MAX);
    s->n_workloads = workloads->n;
    s->workloads =
        sp_arena_array(r->arena, (size_t)s->n_workloads, sizeof *s->workloads);
    for (int32_t i = 0; i < s->n_workloads; i++) {
        struct model_plan plan = {0};

        if (model_read_name(r, workloads->keys[i], "workload", &s->workloads[i]) !=
            SP_OK)
            return SP_EINPUT;
        if (model_read_find(s->workloads[i], reserved, N_RESERVED) != SP_NO_ID)
            return model_read_fail(
                r, workloads->keys[i],
                "a workload called '%s', which is a key of every policy",
                s->workloads[i]);
        if (read_workload(r, workloads->items[i], NULL, NULL, &plan) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* ---- size ---- */

static enum sp_status read_size(struct model_reader *r,
                                const struct model_yaml_node *map, void *record);

static const struct model_word bundle_words[] = {
    {"apart", "a unit for each stage"},
    {"together", "one container with the fewest slots that keep the proportions"},
    {NULL, NULL},
};

struct plan_keys {
    struct model_plan plan;
    const char *bundle;
};

#define AT(field) offsetof(struct plan_keys, plan.field)

static const struct model_key size_keys[] = {
    {.name = "items_per_s",
     .kind = MODEL_KEY_PER_S,
     .offset = AT(size_items_per_s),
     .help = "items of the source per second"},
    {.name = "deadline",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(size_deadline_ns),
     .min = 1e-3,
     .help = "all items done in this time"},
    {.name = "headroom",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(headroom_frac),
     .help = "extra capacity"},
    {.name = NULL},
};

static const struct model_key plan_keys[] = {
    {.name = "rule",
     .kind = MODEL_KEY_WORD,
     .offset = AT(rule),
     .words = model_rule_words,
     .unless = MODEL_RULE_DEFAULT,
     .help = "which stage gets a freed slot"},
    {.name = "bundle",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct plan_keys, bundle),
     .words = bundle_words,
     .help = "apart or together"},
    {.name = "size", .kind = MODEL_KEY_READ, .read = read_size, .help = "what for"},
    {.name = "units", .kind = MODEL_KEY_NOTE, .help = "a map of units"},
    {.name = "stages", .kind = MODEL_KEY_NOTE, .help = "overrides of stages"},
    {.name = "team", .kind = MODEL_KEY_NOTE, .help = "whose it is"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of its units"},
    {.name = "preemptible", .kind = MODEL_KEY_NOTE, .help = "its units"},
    {.name = NULL},
};

/* How many items come is known, or will be once the trace has been read. */
static bool items_known(const struct model_source *s)
{
    bool rate = s->kind != MODEL_SOURCE_FIXED && s->kind != MODEL_SOURCE_CLOSED;

    return s->items >= 0 || s->kind == MODEL_SOURCE_TRACE || (rate && s->for_ns >= 0);
}

static enum sp_status read_size(struct model_reader *r,
                                const struct model_yaml_node *map, void *record)
{
    const struct model_yaml_node *deadline = model_yaml_get(map, "deadline");
    const struct model_yaml_node *rate = model_yaml_get(map, "items_per_s");
    struct plan_keys *keys = record;

    if (model_keys_read(r, map, "size", size_keys, record) != SP_OK)
        return SP_EINPUT;
    if ((deadline != NULL) == (rate != NULL))
        return model_read_fail(r, model_read_owner(map),
                               "size: expected one of items_per_s and deadline");
    if (deadline != NULL && !items_known(&keys->plan.source))
        return model_read_fail(
            r, deadline->key,
            "deadline: how many items come is not known, expected items "
            "or for at the source");
    return SP_OK;
}

/* ---- bundles ---- */

static void set_count(bool sized, struct model_unit *unit)
{
    unit->count_kind = sized ? MODEL_COUNT_SIZED : MODEL_COUNT_GIVEN;
    unit->count = sized ? 0 : 1;
}

static void bundle_apart(struct model_reader *r, struct model_plan *plan,
                         const struct model_unit *start)
{
    plan->n_units = plan->n_stages;
    plan->units = sp_arena_array(r->arena, (size_t)plan->n_units, sizeof *plan->units);
    for (int32_t i = 0; i < plan->n_stages; i++) {
        plan->units[i] = *start;
        plan->units[i].name = plan->stages[i].name;
        plan->units[i].n_slots = 1;
        plan->units[i].slots[0] = (struct model_slots){.stage = i, .cap = 1};
        plan->units[i].needs = model_unit_needs(plan, &plan->units[i]);
    }
}

/* Caps of 0 are for model_size_plan(), which knows the proportions. */
static void bundle_together(struct model_reader *r, struct model_plan *plan,
                            const struct model_unit *start)
{
    plan->n_units = 1;
    plan->units = sp_arena_array(r->arena, 1, sizeof *plan->units);
    plan->units[0] = *start;
    plan->units[0].name = "container";
    plan->units[0].n_slots = plan->n_stages;
    for (int32_t i = 0; i < plan->n_stages; i++)
        plan->units[0].slots[i] = (struct model_slots){.stage = i, .cap = 0};
}

static enum sp_status read_units(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_policy *policy,
                                 struct plan_keys *keys)
{
    const struct model_yaml_node *bundle = model_yaml_get(map, "bundle");
    const struct model_yaml_node *units = model_yaml_get(map, "units");
    bool sized = model_yaml_get(map, "size") != NULL;
    struct model_unit start = {0};

    if (bundle != NULL && units != NULL)
        return model_read_fail(r, units->key,
                               "'units' does not go with 'bundle': one or the other");
    if (bundle == NULL && units == NULL)
        return model_read_fail(r, model_read_owner(map),
                               "a workload in a policy needs 'bundle' or 'units'");
    if (units != NULL)
        return model_units_read(r, units, policy, sized, &keys->plan);
    start.line = bundle->line;
    start.allowed_types = (INT64_C(1) << policy->n_types) - 1;
    set_count(sized, &start);
    if (strcmp(keys->bundle, "apart") == 0)
        bundle_apart(r, &keys->plan, &start);
    else
        bundle_together(r, &keys->plan, &start);
    return SP_OK;
}

/* ---- policies ---- */

static enum sp_status read_plan(struct model_reader *r,
                                const struct model_yaml_node *map,
                                const struct model_yaml_node *workload,
                                const struct model_policy *policy,
                                struct model_plan *plan)
{
    struct plan_keys keys = {.plan = {.workload = workload->key->text,
                                      .line = workload->key->line,
                                      .size_deadline_ns = -1}};

    if ((map != NULL &&
         model_read_kind(r, map, MODEL_YAML_MAP, workload->key->text) != SP_OK) ||
        read_workload(r, workload, map, policy, &keys.plan) != SP_OK)
        return SP_EINPUT;
    if (keys.plan.kind == MODEL_KIND_JOBS) {
        *plan = keys.plan;
        return SP_OK;
    }
    if (keys.plan.kind == MODEL_KIND_SERVING) {
        *plan = keys.plan;
        return model_serving_plan_read(r, map, workload, policy, plan);
    }
    if (model_keys_read(r, map, "a workload in a policy", plan_keys, &keys) != SP_OK ||
        read_units(r, map, policy, &keys) != SP_OK)
        return SP_EINPUT;
    *plan = keys.plan;
    return SP_OK;
}

static enum sp_status check_keys(struct model_reader *r,
                                 const struct model_yaml_node *map)
{
    const struct model_scenario *s = r->scenario;
    const char *names[MODEL_WORKLOADS_MAX + N_RESERVED];
    const int32_t n = s->n_workloads + N_RESERVED;

    for (int32_t i = 0; i < n; i++)
        names[i] = i < N_RESERVED ? reserved[i] : s->workloads[i - N_RESERVED];
    for (int32_t i = 0; i < map->n; i++)
        if (model_read_find(map->keys[i]->text, names, n) == SP_NO_ID)
            return model_read_unknown(r, map->keys[i], "key of a policy", names, n);
    return SP_OK;
}

static enum sp_status read_placement(struct model_reader *r,
                                     const struct model_yaml_node *map,
                                     struct model_policy *policy)
{
    const struct model_key key = {
        .name = "placement", .kind = MODEL_KEY_WORD, .words = model_placement_words};
    const struct model_yaml_node *node = model_yaml_get(map, "placement");

    struct model_yaml_node named;

    policy->placement = MODEL_PLACEMENT_DEFAULT;
    if (node == NULL)
        return SP_OK;
    named = *node;
    named.text = model_placement_name(node->text);
    return model_key_parse(r, &named, &key, &policy->placement);
}

/* Jobs are deployed as they come: a policy need not say how. */
static bool is_jobs(const struct model_yaml_node *workload)
{
    const struct model_yaml_node *kind = model_yaml_get(workload, "kind");

    return strcmp(kind->text, kind_words[MODEL_KIND_JOBS].name) == 0;
}

/* Node types of other teams are not for it. */
static enum sp_status keep_to_team(struct model_reader *r,
                                   const struct model_yaml_node *where,
                                   const struct model_policy *policy,
                                   struct model_plan *plan)
{
    char quoted[80], team[80];
    int64_t own = 0;

    for (int32_t t = 0; t < policy->n_types; t++)
        if (policy->types[t].team == SP_NO_ID || policy->types[t].team == plan->team)
            own |= INT64_C(1) << t;
    for (int32_t u = 0; u < plan->n_units; u++) {
        struct model_unit *unit = &plan->units[u];

        unit->allowed_types &= own;
        if (unit->allowed_types == 0)
            return model_read_fail(
                r, model_read_owner(where),
                "unit %s: the nodes it may run on belong to other teams than its own, "
                "%s",
                sp_text_quote(unit->name, quoted, sizeof quoted),
                sp_text_quote(r->teams[plan->team], team, sizeof team));
    }
    return SP_OK;
}

static enum sp_status read_policy(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct model_policy *policy)
{
    const struct model_yaml_node *root = r->doc.root;
    const struct model_yaml_node *workloads = model_yaml_get(root, "workloads");
    const struct model_scenario *s = r->scenario;

    if (model_read_kind(r, map, MODEL_YAML_MAP, "a policy") != SP_OK ||
        check_keys(r, map) != SP_OK || read_placement(r, map, policy) != SP_OK ||
        model_fleet_read(r, model_yaml_get(root, "fleet"), model_yaml_get(map, "fleet"),
                         policy) != SP_OK)
        return SP_EINPUT;
    policy->n_plans = s->n_workloads;
    policy->plans =
        sp_arena_array(r->arena, (size_t)s->n_workloads, sizeof *policy->plans);
    for (int32_t i = 0; i < s->n_workloads; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, s->workloads[i]);

        if (node == NULL && !is_jobs(workloads->items[i]))
            return model_read_fail(
                r, model_read_owner(map),
                "policy '%s' does not say how workload '%s' is deployed", policy->name,
                s->workloads[i]);
        if (read_plan(r, node, workloads->items[i], policy, &policy->plans[i]) !=
                SP_OK ||
            keep_to_team(r, node, policy, &policy->plans[i]) != SP_OK ||
            model_kernels_resolve(r, policy, &policy->plans[i]) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* ---- a policy where none is written ---- */

static const struct model_yaml_node *map_of_one(struct sp_arena *arena,
                                                const struct model_yaml_node *where,
                                                const char *key,
                                                const struct model_yaml_node *item)
{
    struct model_yaml_node *name = sp_arena_alloc(arena, sizeof *name);
    struct model_yaml_node *copy = sp_arena_alloc(arena, sizeof *copy);
    struct model_yaml_node *map = sp_arena_alloc(arena, sizeof *map);
    const struct model_yaml_node **places = sp_arena_array(arena, 2, sizeof *places);

    *name = *where;
    *copy = *item;
    *map = *where;
    name->kind = MODEL_YAML_SCALAR;
    name->text = key;
    copy->key = name;
    places[0] = name;
    places[1] = copy;
    map->kind = MODEL_YAML_MAP;
    map->text = "";
    map->n = 1;
    map->keys = &places[0];
    map->items = &places[1];
    return map;
}

/* "bundle: apart", "replicas: 1". */
static const struct model_yaml_node *imply_plan(struct model_reader *r,
                                                const struct model_yaml_node *key,
                                                const struct model_yaml_node *workload)
{
    const char *kind = model_yaml_get(workload, "kind")->text;
    const bool serving = strcmp(kind, kind_words[MODEL_KIND_SERVING].name) == 0;
    struct model_yaml_node value = *key;

    value.text = serving ? "1" : "apart";
    return map_of_one(r->arena, key, serving ? "replicas" : "bundle", &value);
}

/* "apart: { WORKLOAD: { bundle: apart }, ... }", every node where its workload stands.
 */
static const struct model_yaml_node *imply_policy(struct model_reader *r)
{
    static const struct model_yaml_node nothing = {.kind = MODEL_YAML_MAP, .text = ""};
    const struct model_yaml_node *workloads = model_yaml_get(r->doc.root, "workloads");
    const struct model_yaml_node *all = &nothing;

    for (int32_t i = 0; i < workloads->n; i++) {
        const struct model_yaml_node *key = workloads->keys[i], *one;

        if (is_jobs(workloads->items[i]))
            continue;
        one = map_of_one(r->arena, key, key->text,
                         imply_plan(r, key, workloads->items[i]));
        all = all == &nothing ? one : model_yaml_merge(r->arena, all, one, NULL);
    }
    return map_of_one(r->arena, workloads->key, "apart", all);
}

static enum sp_status find_policies(struct model_reader *r,
                                    const struct model_yaml_node **map)
{
    *map = model_yaml_get(r->doc.root, "policies");
    if (*map != NULL)
        return SP_OK;
    if (!r->to_plan && model_yaml_get(r->doc.root, "plan") == NULL)
        return model_read_fail(r, r->doc.root,
                               "a scenario needs the key 'policies': to compare; "
                               "'stageplan plan' finds one");
    r->scenario->policies_implied = true;
    *map = imply_policy(r);
    return SP_OK;
}

enum sp_status model_policies_read(struct model_reader *r)
{
    const struct model_yaml_node *map = NULL;
    struct model_scenario *s = r->scenario;

    if (find_policies(r, &map) != SP_OK)
        return SP_EINPUT;
    if (model_read_kind(r, map, MODEL_YAML_MAP, "policies") != SP_OK)
        return SP_EINPUT;
    if (map->n == 0 || map->n > MODEL_POLICIES_MAX)
        return model_read_fail(r, model_read_owner(map),
                               "policies: found %d, expected 1 to %d", (int)map->n,
                               (int)MODEL_POLICIES_MAX);
    s->n_policies = map->n;
    s->policies = sp_arena_array(r->arena, (size_t)map->n, sizeof *s->policies);
    for (int32_t i = 0; i < map->n; i++) {
        if (model_read_name(r, map->keys[i], "policy", &s->policies[i].name) != SP_OK)
            return SP_EINPUT;
        s->policies[i].line = map->keys[i]->line;
        if (read_policy(r, map->items[i], &s->policies[i]) != SP_OK)
            return SP_EINPUT;
    }
    return model_teams_read(r, map);
}
