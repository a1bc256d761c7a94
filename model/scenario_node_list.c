/* `nodes` of a fleet's entry: the nodes of a list, as node types of those alike. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "base/units.h"
#include "model/csv.h"
#include "model/jobs.h"
#include "model/node_list.h"
#include "model/scenario_parts.h"

/* The entry while it is read. */
struct listed_keys {
    const struct model_yaml_node *gpu_prices; /* or NULL */
    bool by_team; /* nodes belong to the teams that the list names */
};

struct listed {
    struct model_reader *r;
    const struct model_yaml_node *map; /* what the list does not say */
    const struct model_yaml_node *where;
    const char *name;
    const struct model_node_list *list;
    struct listed_keys keys;
    struct sp_names *kinds; /* kind and team of each type, in its order */
    int32_t first;          /* of its types */
    int32_t *n_groups;
    struct model_policy *policy;
};

/* ---- keys ---- */

/* What the list says, or what makes no sense of it. */
static const char *const of_list[] = {
    "type",   "cpu",     "num_cpus", "gpu",         "num_gpus",     "gpu_model",
    "memory", "count",   "min",      "max",         "idle_timeout", "boot",
    "launch", "options", "per_team", "return_after"};

static enum sp_status read_gpu_prices(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    int64_t uusd = 0;

    if (model_read_kind(r, node, MODEL_YAML_MAP, "gpu_prices") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < node->n; i++)
        if (model_price_read(r, node->items[i], &uusd) != SP_OK)
            return SP_EINPUT;
    ((struct listed_keys *)record)->gpu_prices = node;
    return SP_OK;
}

static const struct model_key listed_keys[] = {
    {.name = "nodes", .kind = MODEL_KEY_NOTE, .help = "a list of nodes"},
    {.name = "gpu_prices",
     .kind = MODEL_KEY_READ,
     .read = read_gpu_prices,
     .help = "of one GPU of a model"},
    {.name = "by_team",
     .kind = MODEL_KEY_BOOL,
     .offset = offsetof(struct listed_keys, by_team),
     .help = "nodes belong to the teams of the list"},
    {.name = "tie_ranks", .kind = MODEL_KEY_NOTE, .help = "places among equals"},
    {.name = NULL},
};

/* Takes the keys above out of the entry's map; the rest is of a node type. */
static enum sp_status read_keys(struct model_reader *r,
                                const struct model_yaml_node *map,
                                struct listed_keys *keys,
                                const struct model_yaml_node **rest)
{
    static const struct model_yaml_node nothing = {.kind = MODEL_YAML_MAP, .text = ""};
    static const char *const own[] = {"nodes", "gpu_prices", "by_team", "tie_ranks",
                                      NULL};

    for (size_t i = 0; i < sizeof of_list / sizeof of_list[0]; i++)
        if (model_yaml_get(map, of_list[i]) != NULL)
            return model_read_fail(r, model_yaml_get(map, of_list[i])->key,
                                   "'%s' does not go with 'nodes': it is of the list",
                                   of_list[i]);
    for (const struct model_key *key = listed_keys; key->name != NULL; key++) {
        const struct model_yaml_node *node = model_yaml_get(map, key->name);
        void *field = (char *)keys + key->offset;

        if (node == NULL || key->kind == MODEL_KEY_NOTE)
            continue;
        if ((key->kind == MODEL_KEY_READ
                 ? key->read(r, node, keys)
                 : model_key_parse(r, node, key, field)) != SP_OK)
            return SP_EINPUT;
    }
    *rest = model_yaml_merge(r->arena, map, &nothing, own);
    return SP_OK;
}

/* ---- node types ---- */

/* "cluster/V100-8gpu-96cpu-768Gi (team)" */
static const char *name_type(const struct listed *l,
                             const struct model_listed_kind *kind, const char *team)
{
    const char *gpus = "", *memory = "";

    if (kind->has.mgpu > 0)
        gpus = sp_arena_printf(l->r->arena, "%s%s%dgpu-", kind->gpu_model,
                               kind->gpu_model[0] != '\0' ? "-" : "",
                               (int)(kind->has.mgpu / 1000));
    if (kind->has.memory_bytes >= 0)
        memory = sp_arena_printf(l->r->arena, "-%.10gGi",
                                 (double)kind->has.memory_bytes / 0x1p30);
    return sp_arena_printf(
        l->r->arena, "%s/%s%gcpu%s%s%s%s", l->name, gpus, (double)kind->has.mcpu / 1000,
        memory, team[0] != '\0' ? " (" : "", team, team[0] != '\0' ? ")" : "");
}

/* The entry's map with what the list says of a kind, as if it had been written there.
 */
static const struct model_yaml_node *map_of(const struct listed *l,
                                            const struct model_listed_kind *kind)
{
    enum { N = 4 };
    static const char *const names[N] = {"cpu", "gpu", "count", "memory"};
    struct sp_arena *arena = l->r->arena;
    struct model_yaml_node *keys = sp_arena_array(arena, 2 * N, sizeof *keys);
    const struct model_yaml_node **places =
        sp_arena_array(arena, 2 * N, sizeof *places);
    struct model_yaml_node *items = keys + N;
    struct model_yaml_node over = {.kind = MODEL_YAML_MAP,
                                   .text = "",
                                   .n = kind->has.memory_bytes >= 0 ? N : N - 1,
                                   .keys = places,
                                   .items = places + N};

    for (int i = 0; i < N; i++) {
        keys[i] = *l->where->key;
        keys[i].text = names[i];
        items[i] = *l->where;
        items[i].key = &keys[i];
        places[i] = &keys[i];
        places[N + i] = &items[i];
    }
    items[0].text = sp_arena_printf(arena, "%lldm", (long long)kind->has.mcpu);
    items[1].text = sp_arena_printf(arena, "%lldm", (long long)kind->has.mgpu);
    items[2].text = "0"; /* counted node by node */
    items[3].text = sp_arena_printf(arena, "%lld", (long long)kind->has.memory_bytes);
    return model_yaml_merge(arena, l->map, &over, NULL);
}

/* GPUs times what one costs, where that is stated. */
static enum sp_status set_price(struct listed *l, struct model_node_type *type)
{
    const struct model_yaml_node *prices = l->keys.gpu_prices;
    int64_t uusd = 0;

    for (int32_t i = 0; prices != NULL && type->gpu_model != NULL && i < prices->n;
         i++) {
        if (!model_gpu_names_match(prices->keys[i]->text, type->gpu_model))
            continue;
        if (model_price_read(l->r, prices->items[i], &uusd) != SP_OK)
            return SP_EINPUT;
        type->has_price = true;
        type->uusd_per_h = uusd * (type->has.mgpu / 1000);
        type->has_list_price = true;
        type->list_uusd_per_h = type->uusd_per_h;
        type->price_basis = MODEL_BASIS_ASSUMED;
        type->price_source = "scenario";
        type->price_date = "";
        return SP_OK;
    }
    return SP_OK;
}

static enum sp_status add_type(struct listed *l, const struct model_listed_kind *kind,
                               const char *team)
{
    struct model_node_type type = {.name = name_type(l, kind, team),
                                   .group = l->name,
                                   .group_id = (*l->n_groups)++};
    struct model_yaml_node name = *l->where;

    if (model_node_type_read(l->r, map_of(l, kind), &type) != SP_OK)
        return SP_EINPUT;
    type.listed = true;
    if (kind->gpu_model[0] != '\0')
        type.gpu_model = kind->gpu_model;
    name.text = team;
    if ((team[0] != '\0' && model_team_id(l->r, &name, &type.team) != SP_OK) ||
        set_price(l, &type) != SP_OK)
        return SP_EINPUT;
    return model_fleet_add(l->r, l->where, l->policy, &type);
}

/* ---- nodes ---- */

static enum sp_status add_node(struct listed *l, const struct model_listed_node *node)
{
    const struct model_listed_kind *kind = &l->list->kinds[node->kind];
    const char *team = l->keys.by_team ? node->team : "";
    char key[MODEL_NAME_MAX + 40];
    int size = snprintf(key, sizeof key, "%d %s", (int)node->kind, team);
    int32_t known = sp_names_count(l->kinds);
    int32_t type = sp_names_add(l->kinds, key, (size_t)size, INT32_MAX);
    struct model_node_type *row;

    if (type == known && add_type(l, kind, team) != SP_OK)
        return SP_EINPUT;
    row = &l->policy->types[l->first + type];
    row->count++;
    row->min = row->max = row->count;
    l->policy->nodes[l->policy->n_nodes++] = (struct model_node){
        .name = node->name, .type = l->first + type, .tie_rank = -1};
    return SP_OK;
}

static enum sp_status add_nodes(struct listed *l)
{
    struct model_policy *p = l->policy;
    const struct model_node_list *list = l->list;

    p->nodes =
        sp_arena_grow(l->r->arena, p->nodes, (size_t)p->n_nodes,
                      (size_t)p->n_nodes + (size_t)list->n_nodes, sizeof *p->nodes);
    for (int32_t i = 0; i < list->n_nodes; i++)
        if (add_node(l, &list->nodes[i]) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

/* A price for a GPU that no node has is a slip of the pen. */
static enum sp_status check_prices(const struct listed *l)
{
    const struct model_yaml_node *prices = l->keys.gpu_prices;
    char quoted[80];

    for (int32_t i = 0; prices != NULL && i < prices->n; i++) {
        bool found = false;

        for (int32_t k = 0; k < l->list->n_kinds; k++)
            found |= l->list->kinds[k].gpu_model[0] != '\0' &&
                     model_gpu_names_match(prices->keys[i]->text,
                                           l->list->kinds[k].gpu_model);
        if (!found)
            return model_read_fail(
                l->r, prices->keys[i], "gpu_prices: no node of the list has a GPU %s",
                sp_text_quote(prices->keys[i]->text, quoted, sizeof quoted));
    }
    return SP_OK;
}

/* ---- places among equals ---- */

struct tie_row {
    const char *node;
    double rank;
};

static const struct model_column tie_columns[] = {
    {.name = "node",
     .kind = MODEL_COLUMN_TEXT,
     .offset = offsetof(struct tie_row, node),
     .required = true},
    {.name = "tie_rank",
     .kind = MODEL_COLUMN_NUMBER,
     .offset = offsetof(struct tie_row, rank),
     .required = true,
     .max = INT32_MAX},
    {.name = NULL},
};

static enum sp_status load_ranks(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 struct tie_row **rows, int32_t *n)
{
    struct sp_err found = {0};
    struct model_csv csv;
    char *text = NULL;
    void *read = NULL;

    if (model_file_note(r, node, "tie_ranks") != SP_OK)
        return SP_EINPUT;
    if (model_text_load(model_file_path(r, node->text), 64, r->arena, &text, &found) !=
        SP_OK)
        return model_read_fail(r, node, "tie_ranks: %s", found.text);
    model_csv_init(&csv, node->text, text, r->arena);
    if (model_csv_read_rows(&csv, tie_columns, sizeof **rows, NULL, &read, n, &found) !=
        SP_OK)
        return model_read_fail(r, node, "tie_ranks: %s", found.text);
    *rows = read;
    return SP_OK;
}

/* Of the nodes that were added last. */
static enum sp_status set_ranks(struct listed *l, const struct model_yaml_node *node)
{
    struct sp_names *names = sp_names_new(l->r->arena);
    struct model_node *nodes = l->policy->nodes + l->policy->n_nodes - l->list->n_nodes;
    struct tie_row *rows = NULL;
    char quoted[80];
    int32_t n = 0;

    if (node == NULL)
        return SP_OK;
    if (load_ranks(l->r, node, &rows, &n) != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < l->list->n_nodes; i++)
        sp_names_add(names, nodes[i].name, strlen(nodes[i].name), INT32_MAX);
    for (int32_t i = 0; i < n; i++) {
        int32_t id = sp_names_find(names, rows[i].node, strlen(rows[i].node));

        if (id == SP_NO_ID)
            return model_read_fail(l->r, node, "tie_ranks: node %s is not in the list",
                                   sp_text_quote(rows[i].node, quoted, sizeof quoted));
        if (!(rows[i].rank >= 0) || rows[i].rank != floor(rows[i].rank))
            return model_read_fail(l->r, node,
                                   "tie_ranks: node %s has no whole number as its rank",
                                   sp_text_quote(rows[i].node, quoted, sizeof quoted));
        nodes[id].tie_rank = (int32_t)rows[i].rank;
    }
    return SP_OK;
}

enum sp_status model_listed_read(struct model_reader *r,
                                 const struct model_yaml_node *map, const char *name,
                                 int32_t *n_groups, struct model_policy *policy)
{
    struct listed l = {.r = r,
                       .name = name,
                       .where = model_yaml_get(map, "nodes"),
                       .first = policy->n_types,
                       .n_groups = n_groups,
                       .policy = policy,
                       .kinds = sp_names_new(r->arena)};

    if (read_keys(r, map, &l.keys, &l.map) != SP_OK ||
        model_file_list(r, l.where, &l.list) != SP_OK || check_prices(&l) != SP_OK ||
        add_nodes(&l) != SP_OK)
        return SP_EINPUT;
    return set_ranks(&l, model_yaml_get(map, "tie_ranks"));
}
