/* `fleet`: node types, from the catalog or by hand, and a policy's overrides of them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/catalog.h"
#include "model/scenario_parts.h"

static const struct model_word option_words[] = {
    {"on-demand", "paid for while it is held"},
    {"owned", "paid for from start to end"},
    {NULL, NULL},
};

static const struct model_word billing_words[] = {
    {"second", "with a minimum"},
    {"hour", "whole hours"},
    {NULL, NULL},
};

/* ---- the catalog ---- */

static const struct model_instance *find_instance(const struct model_reader *r,
                                                  const char *name,
                                                  const struct model_catalog **catalog,
                                                  const char **nearest)
{
    for (int i = 0; i < 2; i++) {
        const struct model_instance *row;
        const char *near = NULL;

        if (r->catalogs[i] == NULL)
            continue;
        row = model_catalog_find(r->catalogs[i], name, &near);
        if (row != NULL) {
            *catalog = r->catalogs[i];
            return row;
        }
        if (*nearest == NULL)
            *nearest = near;
    }
    return NULL;
}

static int64_t thousandths(double whole)
{
    return isnan(whole) ? 0 : llround(whole * 1000);
}

static void take_price(struct model_reader *r, const struct model_instance *row,
                       const struct model_catalog *catalog,
                       struct model_node_type *type)
{
    bool own = strcmp(catalog->origin, "built-in") != 0;

    if (isnan(row->ondemand_usd_h))
        return;
    type->has_price = true;
    type->uusd_per_h = sp_uusd_from_usd(row->ondemand_usd_h);
    type->price_basis = MODEL_BASIS_LIST_PRICE;
    type->price_source =
        sp_arena_printf(r->arena, "catalog %s%s%s %s", own ? catalog->origin : "",
                        own ? ": " : "", row->price_source, row->price_date);
}

static enum sp_status read_type(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_node_type *type = record;
    const struct model_catalog *catalog = NULL;
    const struct model_instance *row;
    const char *nearest = NULL;
    char quoted[80];

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "type") != SP_OK)
        return SP_EINPUT;
    row = find_instance(r, node->text, &catalog, &nearest);
    sp_text_quote(node->text, quoted, sizeof quoted);
    if (row == NULL && nearest != NULL)
        return model_read_fail(r, node,
                               "type: %s is not in the catalog, did you mean '%s'?",
                               quoted, nearest);
    if (row == NULL)
        return model_read_fail(r, node,
                               "type: %s is not in the catalog; 'stageplan catalog "
                               "list' shows what is",
                               quoted);
    type->catalog_type = sp_arena_strdup(r->arena, row->name);
    type->has.mcpu = thousandths(row->vcpu);
    type->has.mgpu = thousandths(row->gpu_count);
    if (!isnan(row->memory_gib))
        type->has.memory_bytes = llround(row->memory_gib * 0x1p30);
    if (!isnan(row->network_gbps))
        type->nic_bytes_per_s = row->network_gbps * 1e9 / 8;
    if (row->gpu_model[0] != '\0')
        type->gpu_model = sp_arena_strdup(r->arena, row->gpu_model);
    take_price(r, row, catalog, type);
    return SP_OK;
}

/* ---- keys with a grammar of their own ---- */

static enum sp_status read_price(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_node_type *type = record;
    struct sp_err found = {0};
    double usd_per_h = 0;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "price") != SP_OK)
        return SP_EINPUT;
    if (sp_parse_usd_per_h(node->text, &usd_per_h, &found) != SP_OK)
        return model_read_fail(r, node, "price: %s", found.text);
    type->has_price = true;
    type->uusd_per_h = sp_uusd_from_usd(usd_per_h);
    type->price_basis = MODEL_BASIS_ASSUMED;
    type->price_source = "scenario";
    return SP_OK;
}

struct billing {
    const char *per;
    int64_t minimum_ns;
};

static const struct model_key billing_keys[] = {
    {.name = "per",
     .kind = MODEL_KEY_WORD,
     .offset = offsetof(struct billing, per),
     .words = billing_words,
     .required = true,
     .help = "second or hour"},
    {.name = "minimum",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct billing, minimum_ns),
     .unless = "60s",
     .help = "the least time paid for"},
    {.name = NULL},
};

static enum sp_status read_billing(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_node_type *type = record;
    struct billing billing = {0};
    const struct model_yaml_node *minimum = model_yaml_get(node, "minimum");

    if (model_keys_read(r, node, "billing", billing_keys, &billing) != SP_OK)
        return SP_EINPUT;
    if (strcmp(billing.per, "second") == 0) {
        type->billing_minimum_ns = billing.minimum_ns;
        return SP_OK;
    }
    if (minimum != NULL)
        return model_read_fail(
            r, minimum->key,
            "minimum: whole hours have none, expected it with per: second");
    type->billing = MODEL_BILLING_HOUR;
    type->billing_minimum_ns = 0;
    return SP_OK;
}

static enum sp_status read_boot(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_node_type *type = record;

    return model_dist_read(r, node, "boot", MODEL_SECONDS, &type->boot_s);
}

static enum sp_status read_gpu_model(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    const struct model_gpu *gpu = NULL;

    if (model_gpu_read(r, node, &gpu) != SP_OK)
        return SP_EINPUT;
    ((struct model_node_type *)record)->gpu_model = model_gpu_name(gpu);
    return SP_OK;
}

/* ---- one node type ---- */

#define AT(field) offsetof(struct model_node_type, field)

static const struct model_key type_keys[] = {
    {.name = "type", .kind = MODEL_KEY_READ, .read = read_type, .help = "catalog row"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(has.mcpu),
     .help = "CPUs of a node"},
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(has.mgpu),
     .help = "GPUs of a node, whole"},
    {.name = "gpu_model",
     .kind = MODEL_KEY_READ,
     .read = read_gpu_model,
     .help = "which GPU its nodes have"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(has.memory_bytes),
     .help = "not limited where not given"},
    {.name = "price",
     .kind = MODEL_KEY_READ,
     .read = read_price,
     .help = "USD per hour"},
    {.name = "option",
     .kind = MODEL_KEY_WORD,
     .offset = AT(option),
     .words = option_words,
     .unless = "on-demand",
     .help = "on-demand or owned"},
    {.name = "billing",
     .kind = MODEL_KEY_READ,
     .read = read_billing,
     .help = "increments"},
    {.name = "boot",
     .kind = MODEL_KEY_READ,
     .read = read_boot,
     .help = "request to ready"},
    {.name = "network",
     .kind = MODEL_KEY_BYTES_PER_S,
     .offset = AT(nic_bytes_per_s),
     .help = "NIC, each direction"},
    {.name = "object_store",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(store_bytes),
     .help = "bytes of outputs that wait"},
    {.name = "spill",
     .kind = MODEL_KEY_BYTES_PER_S,
     .offset = AT(spill_bytes_per_s),
     .help = "disk behind the object store"},
    {.name = "cpu_speed",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(cpu_speed),
     .min = 0.001,
     .max = 1000,
     .unless = "1",
     .help = "relative speed"},
    {.name = "count",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(count),
     .max = MODEL_NODES_MAX,
     .help = "fixed fleet"},
    {.name = "min",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(min),
     .max = MODEL_NODES_MAX,
     .unless = "0",
     .help = "elastic fleet: kept at least"},
    {.name = "max",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(max),
     .max = MODEL_NODES_MAX,
     .unless = "1000000",
     .help = "elastic fleet: held at most"},
    {.name = "idle_timeout",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(idle_timeout_ns),
     .unless = "60s",
     .help = "an empty elastic node goes back after this long"},
    {.name = NULL},
};

static const char *const elastic_keys[] = {"min", "max", "idle_timeout", NULL};
static const char *const fixed_keys[] = {"count", NULL};

/* What the keys say together. */
static enum sp_status check_size(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_node_type *type)
{
    const struct model_yaml_node *gpu = model_keys_get(map, &type_keys[2]);

    if (type->has.mcpu == 0)
        return model_read_fail(
            r, model_read_owner(map), "a node type needs the key 'cpu', more than 0%s",
            type->catalog_type != NULL ? "; the catalog does not say" : "");
    if (type->has.mgpu % 1000 != 0 || type->has.mgpu > MODEL_GPUS_MAX * 1000)
        return model_read_fail(r, gpu != NULL ? gpu : model_yaml_get(map, "type"),
                               "gpu: found %g, expected a whole number from 0 to %d",
                               (double)type->has.mgpu / 1000, (int)MODEL_GPUS_MAX);
    if (type->has.mgpu == 0 && model_yaml_get(map, "gpu_model") != NULL)
        return model_read_fail(r, model_yaml_get(map, "gpu_model")->key,
                               "gpu_model: the node has no GPU, expected the key 'gpu' "
                               "with it");
    if (type->has.memory_bytes == 0)
        return model_read_fail(
            r, model_yaml_get(map, "memory"),
            "memory: found 0, expected more, or no key: not limited");
    if (type->spill_bytes_per_s > 0 && type->store_bytes < 0)
        return model_read_fail(
            r, model_yaml_get(map, "spill"),
            "spill: takes what does not fit the object store, expected the key "
            "'object_store' with it");
    return SP_OK;
}

static enum sp_status check_count(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct model_node_type *type)
{
    type->fixed = model_yaml_get(map, "count") != NULL;
    for (const char *const *key = elastic_keys; *key != NULL; key++) {
        const struct model_yaml_node *node = model_yaml_get(map, *key);

        if (type->fixed && node != NULL)
            return model_read_fail(
                r, node->key,
                "'%s' does not go with 'count': a fleet is fixed (count) "
                "or elastic (min, max, idle_timeout)",
                *key);
    }
    if (type->fixed)
        type->min = type->max = type->count;
    if (type->min > type->max)
        return model_read_fail(r, model_yaml_get(map, "min"),
                               "min: found %d, expected at most max, which is %d",
                               (int)type->min, (int)type->max);
    if (strcmp(type->option, "owned") == 0 && !type->fixed)
        return model_read_fail(
            r, model_yaml_get(map, "option"),
            "option: owned nodes are there from the start, expected the "
            "key 'count' with it");
    return SP_OK;
}

static enum sp_status read_node_type(struct model_reader *r,
                                     const struct model_yaml_node *map,
                                     struct model_node_type *type)
{
    *type = (struct model_node_type){.name = type->name,
                                     .price_source = "none",
                                     .has.memory_bytes = -1,
                                     .billing = MODEL_BILLING_SECOND,
                                     .billing_minimum_ns = 60 * SP_NS_PER_S,
                                     .store_bytes = -1};
    if (model_keys_read(r, map, "a node type", type_keys, type) != SP_OK ||
        check_size(r, map, type) != SP_OK)
        return SP_EINPUT;
    return check_count(r, map, type);
}

/* The entry of the fleet with the policy's keys laid over it; a count there takes the
 * place of min and max here, and the other way round. */
static enum sp_status merge_type(struct model_reader *r,
                                 const struct model_yaml_node *base,
                                 const struct model_yaml_node *over,
                                 const struct model_yaml_node **merged)
{
    const char *const *drop = NULL;

    if (model_read_kind(r, base, MODEL_YAML_MAP, "a node type") != SP_OK ||
        (over != NULL &&
         model_read_kind(r, over, MODEL_YAML_MAP, "a node type") != SP_OK))
        return SP_EINPUT;
    if (over != NULL && model_yaml_get(over, "count") != NULL)
        drop = elastic_keys;
    for (const char *const *key = elastic_keys; over != NULL && *key != NULL; key++)
        if (drop == NULL && model_yaml_get(over, *key) != NULL)
            drop = fixed_keys;
    *merged = model_yaml_merge(r->arena, base, over, drop);
    return SP_OK;
}

static enum sp_status check_overrides(struct model_reader *r,
                                      const struct model_yaml_node *over,
                                      const char *const *names, int32_t n)
{
    if (over == NULL)
        return SP_OK;
    if (model_read_kind(r, over, MODEL_YAML_MAP, "fleet") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < over->n; i++)
        if (model_read_find(over->keys[i]->text, names, n) == SP_NO_ID)
            return model_read_unknown(r, over->keys[i], "node type", names, n);
    return SP_OK;
}

enum sp_status model_fleet_read(struct model_reader *r,
                                const struct model_yaml_node *fleet,
                                const struct model_yaml_node *over,
                                struct model_policy *policy)
{
    const char *names[MODEL_TYPES_MAX];

    if (model_read_kind(r, fleet, MODEL_YAML_MAP, "fleet") != SP_OK)
        return SP_EINPUT;
    if (fleet->n == 0 || fleet->n > MODEL_TYPES_MAX)
        return model_read_fail(r, model_read_owner(fleet),
                               "fleet: found %d node types, expected 1 to %d",
                               (int)fleet->n, (int)MODEL_TYPES_MAX);
    for (int32_t i = 0; i < fleet->n; i++)
        if (model_read_name(r, fleet->keys[i], "node type", &names[i]) != SP_OK)
            return SP_EINPUT;
    if (check_overrides(r, over, names, fleet->n) != SP_OK)
        return SP_EINPUT;
    policy->n_types = fleet->n;
    policy->types = sp_arena_array(r->arena, (size_t)fleet->n, sizeof *policy->types);
    for (int32_t i = 0; i < fleet->n; i++) {
        const struct model_yaml_node *map = NULL;

        policy->types[i].name = names[i];
        if (merge_type(r, fleet->items[i],
                       over != NULL ? model_yaml_get(over, names[i]) : NULL,
                       &map) != SP_OK ||
            read_node_type(r, map, &policy->types[i]) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}
