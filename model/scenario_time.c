/* `time`: what a task takes. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

#define TABLE_S_MAX (100.0 * 365 * 24 * 3600) /* SP_NS_MAX */

enum sp_status model_size_find(struct model_reader *r,
                               const struct model_yaml_node *node,
                               const struct model_plan *plan, int32_t *size)
{
    const char *names[MODEL_SIZES_MAX + 1];
    int32_t n = plan->n_sizes;

    if (strcmp(node->text, "bytes") == 0) {
        *size = MODEL_BY_BYTES;
        return SP_OK;
    }
    memcpy(names, plan->size_names, (size_t)n * sizeof names[0]);
    names[n] = "bytes";
    *size = model_read_find(node->text, names, n);
    if (*size != SP_NO_ID)
        return SP_OK;
    return model_read_unknown(r, node, "size", names, n + 1);
}

/* The record while it is read: rows of the table need the plan's names of sizes. */
struct time_keys {
    struct model_time time;
    const struct model_plan *plan;
};

static enum sp_status read_fixed(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct time_keys *keys = record;

    return model_dist_read(r, node, "fixed", MODEL_SECONDS, &keys->time.fixed);
}

static enum sp_status read_per_item(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct time_keys *keys = record;

    return model_dist_read(r, node, "per_item", MODEL_SECONDS, &keys->time.per_item);
}

static enum sp_status read_per(struct model_reader *r,
                               const struct model_yaml_node *node, void *record)
{
    const struct model_key seconds = {.name = "per", .kind = MODEL_KEY_DURATION_S};
    struct time_keys *keys = record;

    if (model_read_kind(r, node, MODEL_YAML_MAP, "per") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < node->n; i++) {
        int32_t size = 0;
        double s = 0;

        if (model_size_find(r, node->keys[i], keys->plan, &size) != SP_OK ||
            model_key_parse(r, node->items[i], &seconds, &s) != SP_OK)
            return SP_EINPUT;
        if (size == MODEL_BY_BYTES)
            keys->time.per_byte_s = s;
        else
            keys->time.per_size_s[size] = s;
    }
    return SP_OK;
}

static enum sp_status check_table(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_columns *c)
{
    if (c->n_cols != 2)
        return model_read_fail(
            r, node, "table: %s has one column, expected two: x,seconds", node->text);
    for (int32_t i = 0; i < c->n; i++) {
        if (i > 0 && c->a[i] <= c->a[i - 1])
            return model_read_fail(r, node,
                                   "table: %s: x falls or repeats, from %g to %g, "
                                   "expected it to rise",
                                   node->text, c->a[i - 1], c->a[i]);
        if (c->b[i] > TABLE_S_MAX)
            return model_read_fail(r, node,
                                   "table: %s: found %g seconds, expected at most %g",
                                   node->text, c->b[i], TABLE_S_MAX);
    }
    return SP_OK;
}

static enum sp_status read_table(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct time_keys *keys = record;
    struct model_columns c = {0};
    struct model_table *table;

    if (model_file_columns(r, node, "table", &c) != SP_OK ||
        check_table(r, node, &c) != SP_OK)
        return SP_EINPUT;
    table = sp_arena_alloc(r->arena, sizeof *table);
    *table = (struct model_table){.path = node->text, .n = c.n, .x = c.a, .s = c.b};
    keys->time.table = table;
    return SP_OK;
}

static enum sp_status read_by(struct model_reader *r,
                              const struct model_yaml_node *node, void *record)
{
    struct time_keys *keys = record;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "by") != SP_OK)
        return SP_EINPUT;
    if (keys->time.table == NULL)
        return model_read_fail(r, node->key,
                               "'by' is what 'table' is looked up with, which "
                               "is not there");
    keys->time.table_by = MODEL_BY_ITEMS;
    if (strcmp(node->text, "items") == 0)
        return SP_OK;
    return model_size_find(r, node, keys->plan, &keys->time.table_by);
}

static const struct model_key time_keys[] = {
    {.name = "fixed",
     .kind = MODEL_KEY_READ,
     .read = read_fixed,
     .help = "once a task"},
    {.name = "per_item",
     .kind = MODEL_KEY_READ,
     .read = read_per_item,
     .help = "once an item"},
    {.name = "per",
     .kind = MODEL_KEY_READ,
     .read = read_per,
     .help = "per unit of size"},
    {.name = "table", .kind = MODEL_KEY_READ, .read = read_table, .help = "x,seconds"},
    {.name = "by", .kind = MODEL_KEY_READ, .read = read_by, .help = "x of the table"},
    {.name = "kernel", .kind = MODEL_KEY_NOTE, .help = "of a profile"},
    {.name = NULL},
};

enum sp_status model_time_read(struct model_reader *r,
                               const struct model_yaml_node *node,
                               const struct model_plan *plan, struct model_time *time)
{
    struct time_keys keys = {
        .plan = plan, .time = {.table_by = MODEL_BY_ITEMS, .basis = time->basis}};
    enum sp_status status;

    if (node->kind == MODEL_YAML_SCALAR || model_yaml_get(node, "dist") != NULL) {
        status = model_dist_read(r, node, "time", MODEL_SECONDS, &keys.time.fixed);
    } else if (model_yaml_get(node, "kernel") != NULL) {
        status = model_kernel_read(r, node, plan, time_keys, &keys, &keys.time);
    } else {
        status = model_keys_read(r, node, "time", time_keys, &keys);
        if (status == SP_OK && node->n == 0)
            status =
                model_read_fail(r, model_read_owner(node),
                                "time: found nothing, expected fixed, per_item, per, "
                                "table or kernel");
    }
    if (status == SP_OK)
        *time = keys.time;
    return status;
}
