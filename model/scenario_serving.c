/* `kind: serving`: the workload, and how a policy serves it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* ---- the workload ---- */

#define AT(field) offsetof(struct model_slo, field)

static const struct model_key slo_keys[] = {
    {.name = "ttft",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(ttft_ns),
     .min = 1e-9,
     .help = "arrival until the first token"},
    {.name = "tpot",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(tpot_ns),
     .min = 1e-9,
     .help = "mean time of a token after the first"},
    {.name = "e2e",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(e2e_ns),
     .min = 1e-9,
     .help = "arrival until the last token"},
    {.name = "attain",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(attain_frac),
     .unless = "0.9",
     .help = "share of the requests that must meet it"},
    {.name = NULL},
};

static enum sp_status read_slo(struct model_reader *r,
                               const struct model_yaml_node *node,
                               struct model_slo *slo)
{
    *slo = (struct model_slo){-1, -1, -1, 0.9};
    if (node == NULL)
        return SP_OK;
    if (model_keys_read(r, node, "an slo", slo_keys, slo) != SP_OK)
        return SP_EINPUT;
    if (slo->ttft_ns < 0 && slo->tpot_ns < 0 && slo->e2e_ns < 0)
        return model_read_fail(r, model_read_owner(node),
                               "slo: expected one or more of ttft, tpot and e2e");
    if (slo->attain_frac <= 0)
        return model_read_fail(r, model_yaml_get(node, "attain"),
                               "attain: found 0, expected a share above 0");
    return SP_OK;
}

static enum sp_status read_classes(struct model_reader *r,
                                   const struct model_yaml_node *node,
                                   struct model_serving *s)
{
    static const int64_t usual[] = {256, 1024, 4096, 16384};
    const struct model_key key = {.name = "classes",
                                  .kind = MODEL_KEY_COUNT64,
                                  .min = 1,
                                  .max = MODEL_PROMPT_MAX};

    s->n_classes = node == NULL ? 4 : node->n;
    for (int32_t i = 0; node == NULL && i < 4; i++)
        s->class_tokens[i] = usual[i];
    if (node != NULL && model_read_kind(r, node, MODEL_YAML_SEQ, "classes") != SP_OK)
        return SP_EINPUT;
    if (s->n_classes > MODEL_CLASSES_MAX - 1)
        return model_read_fail(r, node, "classes: found %d bounds, expected at most %d",
                               (int)node->n, (int)MODEL_CLASSES_MAX - 1);
    for (int32_t i = 0; node != NULL && i < node->n; i++) {
        if (model_key_parse(r, node->items[i], &key, &s->class_tokens[i]) != SP_OK)
            return SP_EINPUT;
        if (i > 0 && s->class_tokens[i] <= s->class_tokens[i - 1])
            return model_read_fail(
                r, node->items[i],
                "classes: %lld after %lld, expected bounds of prompt tokens that rise",
                (long long)s->class_tokens[i], (long long)s->class_tokens[i - 1]);
    }
    s->class_tokens[s->n_classes++] = INT64_MAX;
    return SP_OK;
}

static enum sp_status check_map(struct model_reader *r,
                                const struct model_yaml_node *node, const char *what)
{
    return node == NULL ? SP_OK : model_read_kind(r, node, MODEL_YAML_MAP, what);
}

enum sp_status model_serving_read(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  const struct model_yaml_node *model,
                                  struct model_plan *plan)
{
    struct model_serving *s = sp_arena_alloc(r->arena, sizeof *s);

    *s = (struct model_serving){0};
    plan->serving = s;
    if (model == NULL)
        model = model_yaml_get(map, "model");
    if (model_llm_read(r, model, &s->llm) != SP_OK ||
        read_slo(r, model_yaml_get(map, "slo"), &s->slo) != SP_OK ||
        read_classes(r, model_yaml_get(map, "classes"), s) != SP_OK ||
        check_map(r, model_yaml_get(map, "engine"), "engine") != SP_OK)
        return SP_EINPUT;
    return model_source_read(r, model_yaml_get(map, "source"), plan);
}

/* ---- a policy's ---- */

#undef AT
#define AT(field) offsetof(struct model_serving, field)

struct transfer {
    struct model_transfer transfer;
};

static const struct model_key transfer_keys[] = {
    {.name = "bandwidth",
     .kind = MODEL_KEY_BYTES_PER_S,
     .offset = offsetof(struct transfer, transfer.bytes_per_s),
     .help = "of one transfer"},
    {.name = "latency",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct transfer, transfer.latency_ns),
     .help = "of one transfer"},
    {.name = "overlap",
     .kind = MODEL_KEY_BOOL,
     .offset = offsetof(struct transfer, transfer.overlap),
     .help = "layer by layer, while the prompt is computed"},
    {.name = NULL},
};

static enum sp_status read_transfer(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct transfer t = {{0}};

    if (model_keys_read(r, node, "transfer", transfer_keys, &t) != SP_OK)
        return SP_EINPUT;
    ((struct model_serving *)record)->transfer = t.transfer;
    return SP_OK;
}

static const struct model_key serving_keys[] = {
    {.name = "replicas", .kind = MODEL_KEY_NOTE, .help = "how many, of one kind"},
    {.name = "pools", .kind = MODEL_KEY_NOTE, .help = "a map of pools of replicas"},
    {.name = "engine", .kind = MODEL_KEY_NOTE, .help = "settings of all pools"},
    {.name = "model", .kind = MODEL_KEY_NOTE, .help = "another shape"},
    {.name = "router",
     .kind = MODEL_KEY_WORD,
     .offset = AT(router),
     .words = model_router_words,
     .unless = MODEL_ROUTER_DEFAULT,
     .help = "which replica a request goes to"},
    {.name = "decode_router",
     .kind = MODEL_KEY_WORD,
     .offset = AT(decode_router),
     .words = model_router_words,
     .unless = MODEL_ROUTER_DEFAULT,
     .help = "which decode replica a prefilled request goes to"},
    {.name = "transfer",
     .kind = MODEL_KEY_READ,
     .read = read_transfer,
     .help = "of KV caches"},
    {.name = "retries",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(retries_max),
     .max = 1000,
     .unless = "3",
     .help = "of a request whose replica was lost"},
    {.name = "team", .kind = MODEL_KEY_NOTE, .help = "whose it is"},
    {.name = "priority", .kind = MODEL_KEY_NOTE, .help = "of its units"},
    {.name = "preemptible", .kind = MODEL_KEY_NOTE, .help = "its units"},
    {.name = NULL},
};

/* `replicas: 4` is a pool of that name and number. */
static const struct model_yaml_node *short_pools(struct model_reader *r,
                                                 const struct model_yaml_node *replicas)
{
    struct model_yaml_node *nodes = sp_arena_array(r->arena, 3, sizeof *nodes);
    const struct model_yaml_node **lists = sp_arena_array(r->arena, 4, sizeof *lists);
    struct model_yaml_node *map = &nodes[0], *pool = &nodes[1], *count = &nodes[2];

    count[0] = *replicas->key;
    count->text = "count";
    lists[0] = count;
    lists[1] = replicas;
    lists[2] = replicas->key;
    lists[3] = pool;
    *pool = (struct model_yaml_node){.kind = MODEL_YAML_MAP,
                                     .line = replicas->line,
                                     .col = replicas->col,
                                     .text = "",
                                     .n = 1,
                                     .keys = &lists[0],
                                     .items = &lists[1],
                                     .key = replicas->key,
                                     .set = replicas->set};
    *map = *pool;
    map->keys = &lists[2];
    map->items = &lists[3];
    return map;
}

static enum sp_status find_pools(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_yaml_node **pools)
{
    const struct model_yaml_node *replicas = model_yaml_get(map, "replicas");
    const struct model_key key = {.name = "replicas",
                                  .kind = MODEL_KEY_COUNT32,
                                  .min = 1,
                                  .max = MODEL_UNITS_MAX};
    int32_t count = 0;

    *pools = model_yaml_get(map, "pools");
    if ((*pools == NULL) == (replicas == NULL))
        return model_read_fail(
            r, model_read_owner(map),
            "a serving workload in a policy needs one of 'replicas' and 'pools'");
    if (replicas != NULL) {
        if (model_key_parse(r, replicas, &key, &count) != SP_OK)
            return SP_EINPUT;
        *pools = short_pools(r, replicas);
    }
    if (model_read_kind(r, *pools, MODEL_YAML_MAP, "pools") != SP_OK)
        return SP_EINPUT;
    if ((*pools)->n == 0 || (*pools)->n > MODEL_POOLS_MAX)
        return model_read_fail(r, model_read_owner(*pools),
                               "pools: found %d, expected 1 to %d", (int)(*pools)->n,
                               (int)MODEL_POOLS_MAX);
    return SP_OK;
}

static enum sp_status read_pools(struct model_reader *r,
                                 const struct model_yaml_node *pools,
                                 const struct model_yaml_node *engine,
                                 const struct model_policy *policy,
                                 struct model_plan *plan)
{
    struct model_serving *s = plan->serving;
    const size_t n = (size_t)pools->n;

    s->n_pools = plan->n_stages = plan->n_units = pools->n;
    s->pools = sp_arena_array(r->arena, n, sizeof *s->pools);
    plan->stages = sp_arena_array(r->arena, n, sizeof *plan->stages);
    plan->units = sp_arena_array(r->arena, n, sizeof *plan->units);
    for (int32_t i = 0; i < pools->n; i++) {
        if (model_read_name(r, pools->keys[i], "pool", &s->pools[i].name) != SP_OK ||
            model_read_kind(r, pools->items[i], MODEL_YAML_MAP, "a pool") != SP_OK)
            return SP_EINPUT;
        s->pools[i].line = pools->keys[i]->line;
        if (model_pool_read(r, model_engine_merge(r, engine, pools->items[i]), policy,
                            i, plan) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

static bool has_role(const struct model_serving *s, enum model_role role)
{
    for (int32_t i = 0; i < s->n_pools; i++)
        if (s->pools[i].role == role)
            return true;
    return false;
}

static enum sp_status check_roles(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  const struct model_yaml_node *pools,
                                  const struct model_serving *s)
{
    static const char *const of_split[] = {"transfer", "decode_router"};
    bool prefill = has_role(s, MODEL_ROLE_PREFILL);
    bool decode = has_role(s, MODEL_ROLE_DECODE);

    if (prefill && !decode)
        return model_read_fail(r, model_read_owner(pools),
                               "pools: one has role prefill and none has role decode, "
                               "to which its requests would go");
    if (decode && !prefill)
        return model_read_fail(r, model_read_owner(pools),
                               "pools: one has role decode and none has role prefill, "
                               "from which its requests would come");
    for (int i = 0; !decode && i < 2; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, of_split[i]);

        if (node != NULL)
            return model_read_fail(r, node->key,
                                   "'%s' goes with pools of role prefill and decode",
                                   of_split[i]);
    }
    return SP_OK;
}

/* Requests have a priority where one is drawn, or a trace is asked for it. */
static enum sp_status add_priority(struct model_reader *r,
                                   const struct model_yaml_node *pools,
                                   struct model_plan *plan)
{
    const struct model_source *source = &plan->source;
    const struct model_serving *s = plan->serving;

    for (int32_t i = 0; i < s->n_pools; i++) {
        if (strcmp(s->pools[i].order, "priority") != 0 ||
            plan->n_sizes > MODEL_PRIORITY)
            continue;
        if (source->kind != MODEL_SOURCE_TRACE)
            return model_read_fail(r, pools->keys[i],
                                   "order: priority needs the key 'priority' at the "
                                   "source");
        if (strcmp(source->trace_format, "auto") != 0 &&
            strcmp(source->trace_format, "csv") != 0)
            return model_read_fail(r, pools->keys[i],
                                   "order: priority needs the trace's column "
                                   "'priority', which format %s has not",
                                   source->trace_format);
        plan->size_names[MODEL_PRIORITY] = "priority";
        plan->n_sizes = MODEL_PRIORITY + 1;
    }
    return SP_OK;
}

enum sp_status model_serving_plan_read(struct model_reader *r,
                                       const struct model_yaml_node *map,
                                       const struct model_yaml_node *workload,
                                       const struct model_policy *policy,
                                       struct model_plan *plan)
{
    const struct model_yaml_node *engine = model_yaml_get(map, "engine");
    const struct model_yaml_node *pools = NULL;

    if (model_keys_read(r, map, "a serving workload in a policy", serving_keys,
                        plan->serving) != SP_OK ||
        check_map(r, engine, "engine") != SP_OK || find_pools(r, map, &pools) != SP_OK)
        return SP_EINPUT;
    engine = model_engine_merge(r, model_yaml_get(workload, "engine"), engine);
    if (read_pools(r, pools, engine, policy, plan) != SP_OK ||
        check_roles(r, map, pools, plan->serving) != SP_OK)
        return SP_EINPUT;
    return add_priority(r, pools, plan);
}
