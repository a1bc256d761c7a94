/* One pool of replicas: its engine, its GPUs, and where it runs. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* The record while it is read. */
struct pool_keys {
    struct model_pool pool;
    struct model_unit unit;
    struct model_amounts needs;
    const char *role;
    double load_bytes_per_s;
    struct model_kv_room kv;
    const struct model_policy *policy;
};

/* ---- keys with a grammar of their own ---- */

static enum sp_status read_startup(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct pool_keys *keys = record;

    return model_dist_read(r, node, "startup", MODEL_SECONDS, &keys->unit.startup_s);
}

static enum sp_status read_failures(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct pool_keys *keys = record;

    if (model_dist_read(r, node, "failures", MODEL_SECONDS, &keys->pool.failure_s) !=
        SP_OK)
        return SP_EINPUT;
    if (model_dist_mean(&keys->pool.failure_s) < 1)
        return model_read_fail(
            r, node,
            "failures: a mean of %g s, expected a replica to be up for 1 s or "
            "more",
            model_dist_mean(&keys->pool.failure_s));
    keys->pool.has_failures = true;
    return SP_OK;
}

static enum sp_status read_on(struct model_reader *r,
                              const struct model_yaml_node *node, void *record)
{
    struct pool_keys *keys = record;

    return model_on_read(r, node, keys->policy, &keys->unit.allowed_types);
}

static enum sp_status read_autoscale(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    struct pool_keys *keys = record;

    keys->unit.count_kind = MODEL_COUNT_AUTOSCALED;
    return model_autoscale_read(r, node, MODEL_KIND_SERVING, &keys->unit.autoscale);
}

static bool is_unlimited(const struct model_yaml_node *node)
{
    return node->kind == MODEL_YAML_SCALAR && strcmp(node->text, "unlimited") == 0;
}

/* A number of blocks, or "unlimited". */
static enum sp_status read_blocks(struct model_reader *r,
                                  const struct model_yaml_node *node, int64_t *blocks)
{
    const struct model_key key = {
        .name = node->key->text, .kind = MODEL_KEY_COUNT64, .min = 1, .max = 1e15};

    if (is_unlimited(node)) {
        *blocks = INT64_MAX;
        return SP_OK;
    }
    return model_key_parse(r, node, &key, blocks);
}

static enum sp_status read_num_gpu_blocks(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          void *record)
{
    struct pool_keys *keys = record;

    keys->pool.kv_text = is_unlimited(node) ? "not limited" : "given";
    return read_blocks(r, node, &keys->pool.kv_blocks);
}

static enum sp_status read_store(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    return read_blocks(r, node, &((struct pool_keys *)record)->pool.prefix_blocks);
}

static enum sp_status read_prefix_caching(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          void *record)
{
    static const struct model_key store_keys[] = {
        {.name = "store",
         .kind = MODEL_KEY_READ,
         .read = read_store,
         .required = true,
         .help = "blocks of the trace's size, or unlimited"},
        {.name = NULL},
    };
    const struct model_key key = {
        .name = "prefix_caching", .kind = MODEL_KEY_WORD, .words = model_prefix_words};
    struct pool_keys *keys = record;
    const char *word = NULL;

    if (node->kind == MODEL_YAML_MAP) {
        keys->pool.prefix = MODEL_PREFIX_STORE;
        return model_keys_read(r, node, "prefix_caching", store_keys, record);
    }
    if (model_key_parse(r, node, &key, &word) != SP_OK)
        return SP_EINPUT;
    keys->pool.prefix = (enum model_prefix)model_word_index(model_prefix_words, word);
    if (keys->pool.prefix == MODEL_PREFIX_STORE)
        return model_read_fail(r, node,
                               "prefix_caching: a store needs its room, expected "
                               "{ store: 50000 } or { store: unlimited }");
    return SP_OK;
}

static enum sp_status read_gpu_model(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    return model_gpu_read(r, node, &((struct pool_keys *)record)->pool.gpu);
}

/* ---- one pool ---- */

#define AT(field) offsetof(struct pool_keys, field)

static const struct model_key pool_keys[] = {
    {.name = "role",
     .kind = MODEL_KEY_WORD,
     .offset = AT(role),
     .words = model_role_words,
     .unless = "both",
     .help = "both, prefill or decode"},
    {.name = "count",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(unit.count),
     .min = 1,
     .max = MODEL_UNITS_MAX,
     .help = "how many replicas"},
    {.name = "autoscale",
     .kind = MODEL_KEY_READ,
     .read = read_autoscale,
     .help = "rule"},
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(pool.gpus),
     .min = 1,
     .max = MODEL_GPUS_MAX,
     .unless = "1",
     .help = "GPUs of a replica (tensor parallel)"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(needs.mcpu),
     .help = "CPUs of a replica"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(needs.memory_bytes),
     .help = "of the node, for a replica"},
    {.name = "on", .kind = MODEL_KEY_READ, .read = read_on, .help = "node types"},
    {.name = "gpu_model",
     .kind = MODEL_KEY_READ,
     .read = read_gpu_model,
     .help = "the GPU, where the node types don't say"},
    {.name = "startup",
     .kind = MODEL_KEY_READ,
     .read = read_startup,
     .help = "of a replica"},
    {.name = "load",
     .kind = MODEL_KEY_BYTES_PER_S,
     .offset = AT(load_bytes_per_s),
     .help = "bandwidth at which its weights are loaded"},
    {.name = "failures",
     .kind = MODEL_KEY_READ,
     .read = read_failures,
     .help = "time that a replica is up until it is lost"},
    {.name = "time",
     .kind = MODEL_KEY_NOTE,
     .required = true,
     .help = "of an iteration, such as roofline"},
    {.name = "scheduling",
     .kind = MODEL_KEY_WORD,
     .offset = AT(pool.scheduling),
     .words = model_scheduling_words,
     .unless = MODEL_SCHEDULING_DEFAULT,
     .help = "what goes into an iteration"},
    {.name = "order",
     .kind = MODEL_KEY_WORD,
     .offset = AT(pool.order),
     .words = model_order_words,
     .unless = MODEL_ORDER_DEFAULT,
     .help = "of waiting requests"},
    {.name = "max_num_batched_tokens",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(pool.max_num_batched_tokens),
     .min = 1,
     .max = MODEL_PROMPT_MAX,
     .help = "tokens of an iteration"},
    {.name = "max_num_seqs",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(pool.max_num_seqs),
     .min = 1,
     .max = 1e6,
     .help = "sequences at a time"},
    {.name = "block_size",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(pool.block_size),
     .min = 1,
     .max = MODEL_BLOCK_TOKENS_MAX,
     .unless = "16",
     .help = "tokens of a KV block"},
    {.name = "num_gpu_blocks",
     .kind = MODEL_KEY_READ,
     .read = read_num_gpu_blocks,
     .help = "KV blocks of a replica, or unlimited"},
    {.name = "gpu_memory_utilization",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(kv.utilization_frac),
     .unless = "0.9",
     .help = "share of a GPU's memory that the engine takes"},
    {.name = "reserve",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(kv.reserve_bytes),
     .unless = "2Gi",
     .help = "of that, for activations and the rest, a GPU"},
    {.name = "prefix_caching",
     .kind = MODEL_KEY_READ,
     .read = read_prefix_caching,
     .help = "gpu, none, or { store: BLOCKS }"},
    {.name = NULL},
};

/* What one map says and the map over it takes back. */
static const struct {
    const char *key, *drops[3];
} rivals[] = {
    {"count", {"autoscale"}},
    {"autoscale", {"count"}},
    {"num_gpu_blocks", {"gpu_memory_utilization", "reserve"}},
    {"gpu_memory_utilization", {"num_gpu_blocks"}},
    {"reserve", {"num_gpu_blocks"}},
    {"cpu", {"num_cpus"}},
    {"num_cpus", {"cpu"}},
    {"gpu", {"num_gpus"}},
    {"num_gpus", {"gpu"}},
};

const struct model_yaml_node *model_engine_merge(struct model_reader *r,
                                                 const struct model_yaml_node *base,
                                                 const struct model_yaml_node *over)
{
    const char *drop[16] = {NULL};
    struct model_yaml_node *merged;
    int n = 0;

    if (base == NULL || over == NULL)
        return base == NULL ? over : base;
    for (size_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++)
        for (int k = 0; k < 3 && rivals[i].drops[k] != NULL; k++)
            if (model_yaml_get(over, rivals[i].key) != NULL)
                drop[n++] = rivals[i].drops[k];
    merged = sp_arena_alloc(r->arena, sizeof *merged);
    *merged = *model_yaml_merge(r->arena, base, over, drop);
    merged->key = over->key;
    merged->line = over->line;
    merged->col = over->col;
    return merged;
}

static enum sp_status check_rivals(struct model_reader *r,
                                   const struct model_yaml_node *map)
{
    for (size_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, rivals[i].key);
        const struct model_yaml_node *rival = model_yaml_get(map, rivals[i].drops[0]);

        if (node != NULL && rival != NULL)
            return model_read_fail(r, node->key,
                                   "'%s' does not go with '%s': one or the other",
                                   rivals[i].key, rivals[i].drops[0]);
    }
    return SP_OK;
}

/* ---- the GPU ---- */

enum sp_status model_gpu_read(struct model_reader *r,
                              const struct model_yaml_node *node,
                              const struct model_gpu **gpu)
{
    struct model_gpu *row = sp_arena_alloc(r->arena, sizeof *row);
    struct sp_err found = {0};

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "gpu_model") != SP_OK)
        return SP_EINPUT;
    if (model_gpu_find(node->text, r->arena, row, &found) != SP_OK)
        return model_read_fail(r, node, "gpu_model: %s", found.text);
    *gpu = row;
    return SP_OK;
}

const char *model_gpu_name(const struct model_gpu *gpu)
{
    return gpu->name;
}

/* The one model that the nodes have on which a replica can run; else NULL and why. */
static const char *gpu_of_nodes(struct model_reader *r, const struct pool_keys *keys,
                                const char **why)
{
    const char *only = NULL;

    *why = "none of the nodes it may run on has the key 'gpu_model' or a 'type' of the "
           "catalog that says which; expected 'gpu_model' there or here";
    for (int32_t t = 0; t < keys->policy->n_types; t++) {
        const struct model_node_type *type = &keys->policy->types[t];

        if ((keys->unit.allowed_types >> t & 1) == 0 || type->gpu_model == NULL ||
            type->has.mgpu < INT64_C(1000) * keys->pool.gpus)
            continue;
        if (only != NULL && strcmp(only, type->gpu_model) != 0) {
            *why = sp_arena_printf(r->arena,
                                   "the nodes it may run on have %s and %s; expected "
                                   "'on' or 'gpu_model'",
                                   only, type->gpu_model);
            return NULL;
        }
        only = type->gpu_model;
    }
    return only;
}

static void find_gpu(struct model_reader *r, struct pool_keys *keys, const char **why)
{
    struct model_gpu *row = sp_arena_alloc(r->arena, sizeof *row);
    struct sp_err found = {0};
    const char *name;

    *why = NULL;
    if (keys->pool.gpu != NULL)
        return;
    name = gpu_of_nodes(r, keys, why);
    if (name == NULL)
        return;
    if (model_gpu_find(name, r->arena, row, &found) == SP_OK)
        keys->pool.gpu = row;
    else
        *why = sp_arena_strdup(r->arena, found.text);
}

/* ---- what the keys say together ---- */

/* vLLM's defaults for a server: large GPUs but the A100 take more at a time. */
static void complete_batch(struct model_pool *pool)
{
    bool large = pool->gpu != NULL && pool->gpu->memory_bytes >= 70 * 0x1p30 &&
                 strncmp(pool->gpu->name, "A100", 4) != 0;
    int32_t tokens = large ? 8192 : 2048, seqs = large ? 1024 : 256;

    if (pool->max_num_batched_tokens == 0)
        pool->max_num_batched_tokens =
            pool->max_num_seqs > tokens ? pool->max_num_seqs : tokens;
    if (pool->max_num_seqs == 0)
        pool->max_num_seqs =
            seqs < pool->max_num_batched_tokens ? seqs : pool->max_num_batched_tokens;
}

static enum sp_status check_engine(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct model_llm *llm,
                                   const struct model_pool *pool)
{
    if (pool->max_num_batched_tokens < pool->max_num_seqs)
        return model_read_fail(
            r, model_yaml_get(map, "max_num_batched_tokens"),
            "max_num_batched_tokens: found %d, expected at least max_num_seqs, which "
            "is %d: each sequence that decodes takes a token of the budget",
            (int)pool->max_num_batched_tokens, (int)pool->max_num_seqs);
    if (llm->heads % pool->gpus != 0)
        return model_read_fail(
            r, model_keys_get(map, &pool_keys[3]),
            "gpu: found %d, expected a divisor of the %d heads of %s: tensor parallel "
            "GPUs share them evenly",
            (int)pool->gpus, (int)llm->heads, llm->name);
    return SP_OK;
}

static enum sp_status find_kv(struct model_reader *r, const struct model_yaml_node *map,
                              const char *no_gpu, const struct model_llm *llm,
                              struct pool_keys *keys)
{
    const struct model_yaml_node *where = model_read_owner(map);

    if (keys->pool.kv_blocks > 0)
        return SP_OK;
    if (keys->pool.gpu == NULL)
        return model_read_fail(
            r, where,
            "the KV cache needs num_gpu_blocks, or the GPU's memory: "
            "%s",
            no_gpu);
    if (!(keys->pool.gpu->memory_bytes > 0))
        return model_read_fail(r, where,
                               "the KV cache needs num_gpu_blocks: the memory of %s is "
                               "not known",
                               keys->pool.gpu->name);
    return model_kv_capacity(r, where, &keys->kv, llm, &keys->pool);
}

/* The pool as the cluster sees it: a stage of one slot, and its unit. */
static void make_stage(const struct pool_keys *keys, struct model_stage *stage)
{
    *stage = (struct model_stage){.name = keys->pool.name,
                                  .line = keys->pool.line,
                                  .slot_needs = keys->needs,
                                  .batch = 1,
                                  .gather_in = 1,
                                  .gather_out = 1,
                                  .keep_frac = 1};
}

static void make_unit(const struct pool_keys *keys, int32_t id, struct model_unit *unit)
{
    *unit = keys->unit;
    unit->name = keys->pool.name;
    unit->line = keys->pool.line;
    unit->n_slots = 1;
    unit->slots[0] = (struct model_slots){.stage = id, .cap = 1};
    unit->needs = keys->needs;
    if (unit->count_kind == MODEL_COUNT_AUTOSCALED)
        unit->count = unit->autoscale.min;
    else if (unit->count == 0)
        unit->count = 1;
}

enum sp_status model_pool_read(struct model_reader *r,
                               const struct model_yaml_node *map,
                               const struct model_policy *policy, int32_t id,
                               struct model_plan *plan)
{
    const struct model_llm *llm = plan->serving->llm;
    struct model_pool *pool = &plan->serving->pools[id];
    struct pool_keys keys = {.pool = *pool, .policy = policy};
    const char *no_gpu = NULL;

    keys.pool.prefix = MODEL_PREFIX_GPU;
    if (model_keys_read(r, map, "a pool", pool_keys, &keys) != SP_OK ||
        check_rivals(r, map) != SP_OK)
        return SP_EINPUT;
    if (keys.unit.allowed_types == 0)
        keys.unit.allowed_types = (INT64_C(1) << policy->n_types) - 1;
    keys.pool.role = (enum model_role)model_word_index(model_role_words, keys.role);
    keys.needs.mgpu = INT64_C(1000) * keys.pool.gpus;
    find_gpu(r, &keys, &no_gpu);
    complete_batch(&keys.pool);
    if (check_engine(r, map, llm, &keys.pool) != SP_OK ||
        find_kv(r, map, no_gpu, llm, &keys) != SP_OK ||
        model_iteration_read(r, model_yaml_get(map, "time"), llm, no_gpu, &keys.pool) !=
            SP_OK)
        return SP_EINPUT;
    if (keys.load_bytes_per_s > 0)
        keys.pool.load_ns =
            sp_ns_from_s((double)model_llm_weight_bytes(llm) / keys.load_bytes_per_s);
    *pool = keys.pool;
    make_stage(&keys, &plan->stages[id]);
    make_unit(&keys, id, &plan->units[id]);
    return SP_OK;
}
