/* `plan`: targets, how many nodes may be held, which bundlings may be looked at. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/goals.h"
#include "model/scenario_parts.h"

/* ---- targets ---- */

/* The row of a key, of the run or of workloads of a kind; NULL: none. */
static const struct model_goal_kind *kind_named(const char *key, bool of_workload,
                                                enum model_kind work)
{
    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++)
        if (k->of_workload == of_workload && (!of_workload || k->work_kind == work) &&
            strcmp(k->key, key) == 0)
            return k;
    return NULL;
}

static int32_t names_of(bool of_workload, enum model_kind work, const char **names)
{
    int32_t n = 0;

    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++)
        if (k->of_workload == of_workload && (!of_workload || k->work_kind == work))
            names[n++] = k->key;
    return n;
}

static enum sp_status parse_value(const char *text, enum model_goal_unit unit,
                                  double *value, struct sp_err *err)
{
    switch (unit) {
    case MODEL_GOAL_S:
        return sp_parse_duration_s(text, value, err);
    case MODEL_GOAL_PER_S:
        return sp_parse_per_s(text, value, err);
    case MODEL_GOAL_FRAC:
        return sp_parse_fraction(text, value, err);
    case MODEL_GOAL_USD:
        return sp_parse_usd(text, value, err);
    case MODEL_GOAL_USD_PER_H:
        return sp_parse_usd_per_h(text, value, err);
    }
    return SP_OK;
}

/* Room for all that one could write. */
enum { GOALS_MAX = 64 * (MODEL_WORKLOADS_MAX + 1) };

/* The only workload's target may stand beside those of the run or below its name: told
 * both ways it is one target, and what --set says counts. */
static enum sp_status add_target(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 const struct model_goal *goal,
                                 struct model_goals *goals)
{
    for (int32_t i = 0; i < goals->n; i++) {
        struct model_goal *had = &goals->goals[i];

        if (had->kind != goal->kind || had->of.workload != goal->of.workload)
            continue;
        if ((had->line == 0) == (goal->line == 0))
            return model_read_fail(
                r, node,
                "%s: it is told twice, with the workload's name and without, "
                "expected it once",
                goal->kind->key);
        if (goal->line == 0)
            *had = *goal;
        return SP_OK;
    }
    goals->goals[goals->n++] = *goal;
    return SP_OK;
}

static enum sp_status read_target(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_goal_kind *kind, int32_t workload,
                                  struct model_goals *goals)
{
    struct sp_err why = {0};
    double value = 0;
    char quoted[80];

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, kind->key) != SP_OK)
        return SP_EINPUT;
    if (parse_value(node->text, kind->unit, &value, &why) != SP_OK)
        return model_read_fail(r, node, "%s: %s", kind->key, why.text);
    if (value == 0 && !(kind->at_most && kind->unit == MODEL_GOAL_FRAC))
        return model_read_fail(r, node, "%s: found %s, expected more than 0", kind->key,
                               sp_text_quote(node->text, quoted, sizeof quoted));
    return add_target(r, node,
                      &(struct model_goal){.kind = kind,
                                           .of = {.workload = workload},
                                           .value = value,
                                           .line = node->line},
                      goals);
}

static enum model_kind kind_of_workload(const struct model_reader *r, int32_t workload)
{
    return r->scenario->policies[0].plans[workload].kind;
}

static const char *const kind_names[] = {[MODEL_KIND_PIPELINE] = "pipeline",
                                         [MODEL_KIND_SERVING] = "serving",
                                         [MODEL_KIND_JOBS] = "jobs"};

static enum sp_status read_workload_targets(struct model_reader *r,
                                            const struct model_yaml_node *map,
                                            int32_t workload, struct model_goals *goals)
{
    enum model_kind work = kind_of_workload(r, workload);
    const char *names[64];
    char what[80];

    for (int32_t i = 0; i < map->n; i++) {
        const struct model_goal_kind *kind = kind_named(map->keys[i]->text, true, work);

        if (kind == NULL) {
            snprintf(what, sizeof what, "target of a %s workload", kind_names[work]);
            return model_read_unknown(r, map->keys[i], what, names,
                                      names_of(true, work, names));
        }
        if (read_target(r, map->items[i], kind, workload, goals) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

static enum sp_status unknown_target(struct model_reader *r,
                                     const struct model_yaml_node *key)
{
    const struct model_scenario *s = r->scenario;
    const char *names[MODEL_WORKLOADS_MAX + 128];
    int32_t n = names_of(false, MODEL_KIND_PIPELINE, names);

    for (int32_t w = 0; w < s->n_workloads; w++)
        names[n++] = s->workloads[w];
    if (s->n_workloads == 1)
        n += names_of(true, kind_of_workload(r, 0), names + n);
    else
        for (enum model_kind k = MODEL_KIND_PIPELINE; k <= MODEL_KIND_JOBS; k++)
            if (kind_named(key->text, true, k) != NULL)
                return model_read_fail(
                    r, key,
                    "target '%s' is of a workload, expected it below "
                    "the name of one",
                    key->text);
    return model_read_unknown(r, key, "target or workload", names, n);
}

static enum sp_status read_entry(struct model_reader *r,
                                 const struct model_yaml_node *key,
                                 const struct model_yaml_node *node,
                                 struct model_goals *goals)
{
    const struct model_scenario *s = r->scenario;
    const struct model_goal_kind *kind =
        kind_named(key->text, false, MODEL_KIND_PIPELINE);
    int32_t workload = model_read_find(key->text, s->workloads, s->n_workloads);

    if (node->kind == MODEL_YAML_MAP && workload != SP_NO_ID)
        return read_workload_targets(r, node, workload, goals);
    if (kind != NULL)
        return read_target(r, node, kind, SP_NO_ID, goals);
    if (workload != SP_NO_ID)
        return model_read_kind(r, node, MODEL_YAML_MAP, "targets of a workload");
    if (s->n_workloads == 1)
        kind = kind_named(key->text, true, kind_of_workload(r, 0));
    if (kind == NULL)
        return unknown_target(r, key);
    return read_target(r, node, kind, 0, goals);
}

static enum sp_status read_targets(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   struct model_goals *goals)
{
    if (model_read_kind(r, map, MODEL_YAML_MAP, "targets") != SP_OK)
        return SP_EINPUT;
    goals->goals = sp_arena_array(r->arena, GOALS_MAX, sizeof *goals->goals);
    for (int32_t i = 0; i < map->n; i++)
        if (read_entry(r, map->keys[i], map->items[i], goals) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

/* ---- what targets and workloads say together ---- */

static const struct model_yaml_node *node_of(const struct model_reader *r,
                                             const struct model_yaml_node *targets,
                                             const struct model_goal *goal)
{
    const struct model_yaml_node *map = NULL;

    if (goal->of.workload != SP_NO_ID)
        map = model_yaml_get(targets, r->scenario->workloads[goal->of.workload]);
    if (map != NULL && map->kind == MODEL_YAML_MAP &&
        model_yaml_get(map, goal->kind->key) != NULL)
        return model_yaml_get(map, goal->kind->key);
    return model_yaml_get(targets, goal->kind->key);
}

/* NaN: what arrives is not paced by the source, or not known yet. */
static double source_per_s(const struct model_source *s)
{
    switch (s->kind) {
    case MODEL_SOURCE_CONSTANT:
    case MODEL_SOURCE_POISSON:
    case MODEL_SOURCE_GAMMA:
    case MODEL_SOURCE_DIURNAL:
        return s->rate_per_s;
    case MODEL_SOURCE_FIXED:
    case MODEL_SOURCE_CLOSED:
    case MODEL_SOURCE_TRACE:
        break;
    }
    return NAN;
}

static enum sp_status check_rate(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 const struct model_goal *goal)
{
    const struct model_policy *p = &r->scenario->policies[0];
    double per_s = source_per_s(&p->plans[goal->of.workload].source);

    if (!(goal->value > per_s))
        return SP_OK;
    return model_read_fail(r, node,
                           "rate: found %.10g/s, and the source brings %.10g/s: "
                           "expected no more than that",
                           goal->value, per_s);
}

static enum sp_status check_deadline(struct model_reader *r,
                                     const struct model_yaml_node *node,
                                     const struct model_goal *goal)
{
    const struct model_scenario *s = r->scenario;
    char quoted[80];

    for (int32_t w = 0; w < s->n_workloads; w++)
        if (!model_source_ends(&s->policies[0].plans[w].source))
            return model_read_fail(
                r, node, "deadline: the source of workload %s has no end",
                sp_text_quote(s->workloads[w], quoted, sizeof quoted));
    if (s->until_ns >= 0 && goal->value > sp_s_from_ns(s->until_ns))
        return model_read_fail(r, node,
                               "deadline: it is after until, where the run ends, "
                               "expected an earlier time");
    return SP_OK;
}

static enum sp_status check_goals(struct model_reader *r,
                                  const struct model_yaml_node *targets,
                                  const struct model_goals *goals)
{
    enum sp_status status = SP_OK;

    for (int32_t i = 0; i < goals->n && status == SP_OK; i++) {
        const struct model_goal *goal = &goals->goals[i];
        const struct model_yaml_node *node = node_of(r, targets, goal);

        if (strcmp(goal->kind->key, "deadline") == 0)
            status = check_deadline(r, node, goal);
        if (goal->kind->unit == MODEL_GOAL_PER_S)
            status = check_rate(r, node, goal);
    }
    return status;
}

/* ---- nodes ---- */

static enum sp_status read_range(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 struct model_node_range *range)
{
    const struct model_key count = {
        .name = "nodes", .kind = MODEL_KEY_COUNT32, .max = MODEL_NODES_MAX};
    struct model_yaml_node low = *node, high = *node;
    const char *dots = strstr(node->text, "..");

    if (dots != NULL) {
        low.text =
            sp_arena_printf(r->arena, "%.*s", (int)(dots - node->text), node->text);
        high.text = dots + 2;
    }
    if (model_key_parse(r, &low, &count, &range->min) != SP_OK ||
        model_key_parse(r, &high, &count, &range->max) != SP_OK)
        return SP_EINPUT;
    if (range->min > range->max)
        return model_read_fail(r, node,
                               "nodes: found %d..%d, expected the lower number first",
                               (int)range->min, (int)range->max);
    return SP_OK;
}

static enum sp_status read_nodes(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 struct model_goals *goals)
{
    const struct model_yaml_node *fleet = model_yaml_get(r->doc.root, "fleet");
    const char *names[MODEL_TYPES_MAX];

    if (model_read_kind(r, map, MODEL_YAML_MAP, "nodes") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < fleet->n; i++)
        names[i] = fleet->keys[i]->text;
    goals->n_ranges = map->n;
    goals->ranges = sp_arena_array(r->arena, (size_t)map->n + 1, sizeof *goals->ranges);
    for (int32_t i = 0; i < map->n; i++) {
        int32_t t = model_read_find(map->keys[i]->text, names, fleet->n);

        if (t == SP_NO_ID)
            return model_read_unknown(r, map->keys[i], "node type", names, fleet->n);
        goals->ranges[i].group = names[t];
        if (model_read_kind(r, map->items[i], MODEL_YAML_SCALAR, names[t]) != SP_OK ||
            read_range(r, map->items[i], &goals->ranges[i]) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* ---- the block ---- */

static const struct model_word partition_words[] = {
    {"all", "every way to bundle stages in units"},
    {"as-written", "only that of the policies"},
    {NULL, NULL},
};

struct plan_keys {
    const char *partitions;
};

static const struct model_key block_keys[] = {
    {.name = "targets", .kind = MODEL_KEY_NOTE, .help = "what must be met"},
    {.name = "nodes", .kind = MODEL_KEY_NOTE, .help = "how many may be held"},
    {.name = "partitions",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct plan_keys, partitions),
     .words = partition_words,
     .unless = "all",
     .help = "which bundlings may be chosen"},
    {.name = NULL},
};

enum sp_status model_plan_block_read(struct model_reader *r)
{
    const struct model_yaml_node *map = model_yaml_get(r->doc.root, "plan");
    const struct model_yaml_node *targets, *nodes;
    struct model_goals *goals;
    struct plan_keys keys = {0};

    if (map == NULL)
        return SP_OK;
    if (model_keys_read(r, map, "plan", block_keys, &keys) != SP_OK)
        return SP_EINPUT;
    goals = sp_arena_alloc(r->arena, sizeof *goals);
    *goals =
        (struct model_goals){.as_written = strcmp(keys.partitions, "as-written") == 0};
    targets = model_yaml_get(map, "targets");
    nodes = model_yaml_get(map, "nodes");
    if ((targets != NULL && (read_targets(r, targets, goals) != SP_OK ||
                             check_goals(r, targets, goals) != SP_OK)) ||
        (nodes != NULL && read_nodes(r, nodes, goals) != SP_OK))
        return SP_EINPUT;
    r->scenario->goals = goals;
    return SP_OK;
}

/* ---- from the command line ---- */

/* How much of `path` is a workload's name with a dot behind it: the longest. */
static size_t workload_part(const struct model_yaml_node *workloads, const char *path)
{
    size_t longest = 0;

    for (int32_t i = 0; i < workloads->n; i++) {
        const char *name = workloads->keys[i]->text;
        size_t n = strlen(name);

        if (n > longest && strncmp(name, path, n) == 0 && path[n] == '.')
            longest = n;
    }
    return longest > 0 ? longest : strcspn(path, ".");
}

int32_t model_plan_path(struct model_reader *r, const char *path,
                        const char *parts[MODEL_PLAN_PARTS_MAX])
{
    const struct model_yaml_node *workloads = model_yaml_get(r->doc.root, "workloads");
    const char *rest;
    int32_t n = 0;
    size_t k;

    if (strncmp(path, "plan.", 5) != 0)
        return 0;
    parts[n++] = "plan";
    rest = path + 5;
    k = strcspn(rest, ".");
    parts[n++] = sp_arena_printf(r->arena, "%.*s", (int)k, rest);
    if (rest[k] == '\0')
        return n;
    rest += k + 1;
    if (strcmp(parts[1], "targets") == 0 && workloads != NULL &&
        workloads->kind == MODEL_YAML_MAP) {
        k = workload_part(workloads, rest);
        if (rest[k] == '.') {
            parts[n++] = sp_arena_printf(r->arena, "%.*s", (int)k, rest);
            rest += k + 1;
        }
    }
    parts[n++] = rest;
    return n;
}
