/* Values from the command line, laid over the file before it is read. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/factor.h"
#include "model/scenario_parts.h"

/* Whether a path can only be meant for the top: a key of it, there or not. */
static bool is_of_top(const struct model_reader *r, const struct model_key *top,
                      const char *path)
{
    size_t n = strcspn(path, ".");

    if (path[n] == '\0' || model_yaml_has_path(r->doc.root, path))
        return true;
    for (const struct model_key *key = top; key->name != NULL; key++)
        if (strlen(key->name) == n && strncmp(key->name, path, n) == 0)
            return true;
    return false;
}

static enum sp_status ambiguous(struct model_reader *r, const struct model_set *set,
                                const char *const *names, int32_t n)
{
    char quoted[80], list[300] = "";
    size_t used = 0;

    for (int32_t i = 0; i < n && used + sizeof quoted + 8 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0       ? ""
                                 : i == n - 1 ? " and "
                                              : ", ",
                                 sp_text_quote(names[i], quoted, sizeof quoted));
    return sp_fail(r->err, SP_EINPUT,
                   "--set %s=%s: workloads %s can have it, expected the path of one, "
                   "such as workloads.%s.%s",
                   set->path, set->value, list, names[0], set->path);
}

/* A price that does not stand there is a factor of the catalog's. */
static bool may_follow(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL && strcmp(dot, ".price") == 0;
}

/* What stands at the path times the factor that is to be set there. */
static enum sp_status multiply(struct model_reader *r, const char *path,
                               const char **value)
{
    const struct model_yaml_node *node = model_yaml_at(r->doc.root, path);
    char where[120], found[80];
    struct sp_err why = {0};
    double factor = 1;
    const char *product;

    sp_text_quote(path, where, sizeof where);
    if (model_factor_read(*value, &factor, &why) != SP_OK)
        return sp_fail(r->err, SP_EINPUT, "--set %s: %s", where, why.text);
    if (node == NULL && may_follow(path))
        return SP_OK;
    if (node == NULL || node->kind != MODEL_YAML_SCALAR)
        return sp_fail(
            r->err, SP_EINPUT,
            "--set %s: %s stands there, expected a number for %s to multiply", where,
            node == NULL ? "nothing" : model_yaml_kind_name(node->kind), *value);
    product = model_factor_times(r->arena, node->text, factor);
    if (product == NULL)
        return sp_fail(
            r->err, SP_EINPUT,
            "--set %s: %s stands there, expected a number for %s to multiply", where,
            sp_text_quote(node->text, found, sizeof found), *value);
    *value = product;
    return SP_OK;
}

/* At a path from the top; `parts` of those that need not be there. */
static enum sp_status set_at(struct model_reader *r, const char *path,
                             const char *value, const char *const *parts, int32_t n)
{
    if (model_factor_is(value) && multiply(r, path, &value) != SP_OK)
        return SP_EINPUT;
    return n > 0 ? model_yaml_put(&r->doc, parts, n, path, value, r->err)
                 : model_yaml_set(&r->doc, path, value, r->err);
}

/* Whether a scalar can stand at a path: `path` from the top. */
static bool can_be_set(const struct model_reader *r, const char *path)
{
    struct model_yaml trial = r->doc;

    return model_yaml_set(&trial, path, "", NULL) == SP_OK;
}

/* A path that is not of the top is one below the only workload that can have it. */
static enum sp_status apply_set(struct model_reader *r, const struct model_key *top,
                                const struct model_set *set)
{
    const struct model_yaml_node *workloads = model_yaml_get(r->doc.root, "workloads");
    const char *names[MODEL_WORKLOADS_MAX], *parts[MODEL_PLAN_PARTS_MAX];
    const char *found = set->path;
    int32_t n = model_plan_path(r, set->path, parts);

    if (n > 0 || is_of_top(r, top, set->path) || workloads == NULL ||
        workloads->kind != MODEL_YAML_MAP || workloads->n > MODEL_WORKLOADS_MAX)
        return set_at(r, set->path, set->value, parts, n);
    for (int32_t i = 0; i < workloads->n; i++) {
        const char *name = workloads->keys[i]->text;
        const char *path =
            sp_arena_printf(r->arena, "workloads.%s.%s", name, set->path);

        if (!model_yaml_has_path(workloads->items[i], set->path) ||
            !can_be_set(r, path))
            continue;
        found = path;
        names[n++] = name;
    }
    if (n > 1)
        return ambiguous(r, set, names, n);
    return set_at(r, found, set->value, NULL, 0);
}

enum sp_status model_sets_apply(struct model_reader *r, const struct model_key *top,
                                const struct model_set *sets, int32_t n_sets)
{
    enum sp_status status = SP_OK;

    for (int32_t i = 0; status == SP_OK && i < n_sets; i++)
        status = apply_set(r, top, &sets[i]);
    return status;
}
