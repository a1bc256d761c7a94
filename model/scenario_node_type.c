/* One node type of the fleet: its keys, from the catalog or by hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/catalog.h"
#include "model/factor.h"
#include "model/scenario_parts.h"

#define USD_PER_H_MAX 1e6 /* as of a price in USD */

/* The record while it is read. */
struct type_keys {
    struct model_node_type type;      /* first: functions of rows see it */
    const struct model_instance *row; /* of the catalog, or NULL */
    const struct model_catalog *catalog;
    double discount_frac;
    double price_factor; /* of the catalog's price */
    struct launch {
        int32_t max;
        int64_t every_ns;
    } launch;
};

static const struct model_word billing_words[] = {
    {"second", "with a minimum"},
    {"hour", "whole hours"},
    {NULL, NULL},
};

/* ---- the catalog ---- */

static int64_t thousandths(double whole)
{
    return isnan(whole) ? 0 : llround(whole * 1000);
}

static void take_price(struct model_reader *r, const struct type_keys *keys,
                       double usd_per_h, const char *source, const char *date,
                       struct model_node_type *type)
{
    bool own = strcmp(keys->catalog->origin, "built-in") != 0;

    type->has_price = !isnan(usd_per_h);
    type->price_source = "none";
    type->price_date = "";
    if (!type->has_price)
        return;
    type->uusd_per_h = sp_uusd_from_usd(usd_per_h);
    type->price_basis = MODEL_BASIS_LIST_PRICE;
    type->price_source =
        sp_arena_printf(r->arena, "catalog %s%s%s %s", own ? keys->catalog->origin : "",
                        own ? ": " : "", source, date);
    type->price_date = sp_arena_strdup(r->arena, date);
}

static enum sp_status read_type(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct type_keys *keys = record;
    struct model_node_type *type = &keys->type;
    const struct model_instance *row = NULL;

    if (model_catalog_row(r, node, &row, &keys->catalog) != SP_OK)
        return SP_EINPUT;
    type->catalog_type = sp_arena_strdup(r->arena, row->name);
    type->catalog = sp_arena_strdup(r->arena, keys->catalog->origin);
    type->has.mcpu = thousandths(row->vcpu);
    type->has.mgpu = thousandths(row->gpu_count);
    if (!isnan(row->memory_gib))
        type->has.memory_bytes = llround(row->memory_gib * 0x1p30);
    if (!isnan(row->network_gbps))
        type->nic_bytes_per_s = row->network_gbps * 1e9 / 8;
    if (row->gpu_model[0] != '\0')
        type->gpu_model = sp_arena_strdup(r->arena, row->gpu_model);
    keys->row = row;
    take_price(r, keys, row->ondemand_usd_h, row->price_source, row->price_date, type);
    return SP_OK;
}

/* ---- keys with a grammar of their own ---- */

enum sp_status model_price_read(struct model_reader *r,
                                const struct model_yaml_node *node, int64_t *uusd_per_h)
{
    struct sp_err found = {0};
    double usd_per_h = 0;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "price") != SP_OK)
        return SP_EINPUT;
    if (sp_parse_usd_per_h(node->text, &usd_per_h, &found) != SP_OK)
        return model_read_fail(r, node, "price: %s", found.text);
    *uusd_per_h = sp_uusd_from_usd(usd_per_h);
    return SP_OK;
}

static bool is_factor(const struct model_yaml_node *price)
{
    return price != NULL && price->kind == MODEL_YAML_SCALAR &&
           model_factor_is(price->text);
}

static enum sp_status read_price(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct type_keys *keys = record;
    struct model_node_type *type = &keys->type;
    struct sp_err found = {0};

    if (is_factor(node)) {
        if (model_factor_read(node->text, &keys->price_factor, &found) != SP_OK)
            return model_read_fail(r, node, "price: %s", found.text);
        return SP_OK;
    }
    if (model_price_read(r, node, &type->uusd_per_h) != SP_OK)
        return SP_EINPUT;
    type->has_price = true;
    type->price_basis = MODEL_BASIS_ASSUMED;
    type->price_source = "scenario";
    type->price_date = "";
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

/* Jobs may ask for GPUs that the catalog does not know. */
static enum sp_status read_gpu_model(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    struct model_node_type *type = record;
    const struct model_gpu *gpu = NULL;
    struct model_reader quiet = *r;

    quiet.err = NULL;
    if (r->has_jobs && model_gpu_read(&quiet, node, &gpu) != SP_OK)
        return model_read_name(r, node, "gpu_model", &type->gpu_model);
    if (gpu == NULL && model_gpu_read(r, node, &gpu) != SP_OK)
        return SP_EINPUT;
    type->gpu_model = model_gpu_name(gpu);
    return SP_OK;
}

static enum sp_status read_interruptions(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         void *record)
{
    return model_interruptions_read(r, node, &((struct type_keys *)record)->type.loss);
}

static enum sp_status read_failures(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    return model_failures_read(r, node, &((struct type_keys *)record)->type.loss);
}

static enum sp_status read_team(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    return model_team_id(r, node, &((struct type_keys *)record)->type.team);
}

static const struct model_key launch_keys[] = {
    {.name = "max",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct launch, max),
     .min = 1,
     .max = MODEL_NODES_MAX,
     .required = true,
     .help = "nodes requested"},
    {.name = "every",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct launch, every_ns),
     .min = 1e-3,
     .required = true,
     .help = "in this time"},
    {.name = NULL},
};

static enum sp_status read_launch(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct type_keys *keys = record;

    if (model_keys_read(r, node, "launch", launch_keys, &keys->launch) != SP_OK)
        return SP_EINPUT;
    keys->type.launch_max = keys->launch.max;
    keys->type.launch_every_ns = keys->launch.every_ns;
    return SP_OK;
}

/* ---- one node type ---- */

#define AT(field) offsetof(struct type_keys, type.field)

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
     .words = model_option_words,
     .unless = "on-demand",
     .help = "on-demand, owned, reserved or spot"},
    {.name = "discount",
     .kind = MODEL_KEY_FRACTION,
     .offset = offsetof(struct type_keys, discount_frac),
     .help = "off the price"},
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
    {.name = "launch",
     .kind = MODEL_KEY_READ,
     .read = read_launch,
     .help = "how fast elastic nodes are requested"},
    {.name = "return_after",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(return_after_ns),
     .help = "a stand-in is given up so long after a better option can be had"},
    {.name = "interruptions",
     .kind = MODEL_KEY_READ,
     .read = read_interruptions,
     .help = "how spot nodes are taken back"},
    {.name = "failures",
     .kind = MODEL_KEY_READ,
     .read = read_failures,
     .help = "how nodes break"},
    {.name = "team", .kind = MODEL_KEY_READ, .read = read_team, .help = "whose it is"},
    {.name = "options", .kind = MODEL_KEY_NOTE, .help = "tried in this order"},
    {.name = "name", .kind = MODEL_KEY_NOTE, .help = "of an option"},
    {.name = "per_team", .kind = MODEL_KEY_NOTE, .help = "nodes of each team"},
    {.name = "nodes", .kind = MODEL_KEY_NOTE, .help = "a list of nodes"},
    {.name = "gpu_prices", .kind = MODEL_KEY_NOTE, .help = "of a list's GPUs"},
    {.name = "by_team", .kind = MODEL_KEY_NOTE, .help = "of a list's nodes"},
    {.name = "tie_ranks", .kind = MODEL_KEY_NOTE, .help = "of a list's nodes"},
    {.name = NULL},
};

static const char *const elastic_keys[] = {"min", "max", "idle_timeout", "launch",
                                           NULL};

/* What the keys say together. */
static enum sp_status check_size(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_node_type *type)
{
    const struct model_yaml_node *gpu = model_yaml_get(map, "gpu");

    if (gpu == NULL)
        gpu = model_yaml_get(map, "num_gpus");
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
    const bool owned =
        type->kind == MODEL_OPTION_OWNED || type->kind == MODEL_OPTION_RESERVED;

    type->fixed = model_yaml_get(map, "count") != NULL || (owned && r->to_plan);
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
    if (type->fixed && type->kind == MODEL_OPTION_SPOT)
        return model_read_fail(r, model_yaml_get(map, "option"),
                               "option: spot nodes may be taken back, so a fixed fleet "
                               "has none; expected the key 'max', and perhaps 'min'");
    if (!type->fixed && owned)
        return model_read_fail(
            r, model_yaml_get(map, "option"),
            "option: %s nodes are there from the start, expected the "
            "key 'count' with it",
            type->option);
    return SP_OK;
}

/* What the same node costs on demand, as far as this option alone tells. */
static void take_list_price(const struct type_keys *keys, struct model_node_type *type)
{
    type->has_list_price = type->has_price;
    type->list_uusd_per_h = type->uusd_per_h;
    if (type->kind == MODEL_OPTION_ON_DEMAND || keys->row == NULL ||
        isnan(keys->row->ondemand_usd_h))
        return;
    type->has_list_price = true;
    type->list_uusd_per_h = sp_uusd_from_usd(keys->row->ondemand_usd_h);
}

/* `price: *1.2` is of the catalog's. */
static enum sp_status multiply_price(struct model_reader *r,
                                     const struct model_yaml_node *price,
                                     const struct type_keys *keys,
                                     struct model_node_type *type)
{
    double usd_per_h;

    if (!is_factor(price))
        return SP_OK;
    if (!type->has_price)
        return model_read_fail(r, price,
                               "price: found '%s', but there is no price that it could "
                               "multiply, expected USD per hour",
                               price->text);
    usd_per_h = sp_usd_from_uusd(type->uusd_per_h) * keys->price_factor;
    if (usd_per_h > USD_PER_H_MAX)
        return model_read_fail(
            r, price, "price: found '%s' of %g USD/h, expected at most %g", price->text,
            sp_usd_from_uusd(type->uusd_per_h), USD_PER_H_MAX);
    type->uusd_per_h = sp_uusd_from_usd(usd_per_h);
    type->price_source = sp_arena_printf(r->arena, "%s, times %.15g",
                                         type->price_source, keys->price_factor);
    return SP_OK;
}

/* What a node of the option costs, where only the catalog says. */
static enum sp_status check_price(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct type_keys *keys)
{
    const struct model_yaml_node *discount = model_yaml_get(map, "discount");
    struct model_node_type *type = &keys->type;
    const struct model_yaml_node *price = model_yaml_get(map, "price");
    const bool of_catalog = keys->row != NULL && (price == NULL || is_factor(price));

    if (of_catalog && type->kind == MODEL_OPTION_SPOT && discount == NULL)
        take_price(r, keys, keys->row->spot_usd_h,
                   sp_arena_printf(r->arena, "%s, spot", keys->row->price_source),
                   keys->row->spot_date, type);
    if (of_catalog && type->kind == MODEL_OPTION_RESERVED && discount == NULL)
        return model_read_fail(r, model_yaml_get(map, "option"),
                               "option: the catalog has no price of reserved nodes, "
                               "expected the key 'price' or 'discount' with it");
    if (multiply_price(r, price, keys, type) != SP_OK)
        return SP_EINPUT;
    take_list_price(keys, type);
    if (discount == NULL)
        return SP_OK;
    if (!type->has_price)
        return model_read_fail(r, discount->key,
                               "discount: there is no price that it could be taken "
                               "from, expected the key 'price'");
    type->uusd_per_h = sp_uusd_from_usd(sp_usd_from_uusd(type->uusd_per_h) *
                                        (1 - keys->discount_frac));
    type->price_source = sp_arena_printf(r->arena, "%s, less %g %%", type->price_source,
                                         keys->discount_frac * 100);
    return SP_OK;
}

static enum sp_status check_option(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct model_node_type *type)
{
    static const char *const of_list[] = {"gpu_prices", "by_team", "tie_ranks"};
    const struct model_yaml_node *taken = model_yaml_get(map, "interruptions");

    for (size_t i = 0; i < sizeof of_list / sizeof of_list[0]; i++)
        if (model_yaml_get(map, of_list[i]) != NULL)
            return model_read_fail(r, model_yaml_get(map, of_list[i])->key,
                                   "'%s' goes with 'nodes', a list of them",
                                   of_list[i]);
    if (model_yaml_get(map, "nodes") != NULL)
        return model_read_fail(r, model_yaml_get(map, "nodes")->key,
                               "'nodes' is of an entry of the fleet, not of an option");
    if (taken != NULL && type->kind != MODEL_OPTION_SPOT)
        return model_read_fail(r, taken->key,
                               "'interruptions' goes with option: spot, found %s; "
                               "'failures' is for nodes that break",
                               type->option);
    return SP_OK;
}

enum sp_status model_node_type_read(struct model_reader *r,
                                    const struct model_yaml_node *map,
                                    struct model_node_type *type)
{
    struct type_keys keys = {.type = *type};

    keys.type.price_source = "none";
    keys.type.price_date = "";
    keys.type.has.memory_bytes = -1;
    keys.type.billing = MODEL_BILLING_SECOND;
    keys.type.billing_minimum_ns = 60 * SP_NS_PER_S;
    keys.type.store_bytes = -1;
    keys.type.team = SP_NO_ID;
    keys.type.return_after_ns = -1;
    if (model_keys_read(r, map, "a node type", type_keys, &keys) != SP_OK)
        return SP_EINPUT;
    keys.type.kind =
        (enum model_option)model_word_index(model_option_words, keys.type.option);
    if (check_size(r, map, &keys.type) != SP_OK ||
        check_count(r, map, &keys.type) != SP_OK ||
        check_price(r, map, &keys) != SP_OK ||
        check_option(r, map, &keys.type) != SP_OK)
        return SP_EINPUT;
    *type = keys.type;
    return SP_OK;
}
