/* Random pools, requests and iteration times. */
#include "tests/twin_serving_case.h"

#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/units.h"

const char *const serving_family_names[SERVING_FAMILIES] = {
    "one", "routed", "cached", "split", "overlap", "mixed"};

static const char *const pool_names[MODEL_POOLS_MAX] = {"a", "b", "c", "d",
                                                        "e", "f", "g", "h"};

/* KV bytes of a token: 2 x 4 layers x 2 heads x 8 x 2 = 256. */
static const struct model_llm small_llm = {.name = "small",
                                           .source = "made up",
                                           .layers = 4,
                                           .hidden = 64,
                                           .heads = 8,
                                           .kv_heads = 2,
                                           .head_dim = 8,
                                           .ffn = 128,
                                           .gated = true,
                                           .experts = 1,
                                           .vocabulary = 1000,
                                           .weight_bits = 16,
                                           .kv_bits = 16};

static const struct model_gpu small_gpu = {.name = "small",
                                           .source = "made up",
                                           .memory_bytes = 1e9,
                                           .bytes_per_s = 1e9,
                                           .bf16_flop_per_s = 1e9,
                                           .fp8_flop_per_s = 2e9,
                                           .link_bytes_per_s = 1e9};

struct serving_case serving_case_new(struct sp_arena *arena)
{
    struct serving_case c = {.arena = arena, .b = plan_new(arena)};
    struct model_plan *plan = c.b.plan;

    c.m = sp_arena_alloc(arena, sizeof *c.m);
    *c.m = (struct model_serving){.llm = &small_llm,
                                  .slo = {-1, -1, -1, 0},
                                  .n_classes = 1,
                                  .class_tokens = {INT64_MAX},
                                  .router = "round-robin",
                                  .decode_router = "round-robin",
                                  .retries_max = 3};
    c.m->pools = sp_arena_array(arena, MODEL_POOLS_MAX, sizeof *c.m->pools);
    plan->kind = MODEL_KIND_SERVING;
    plan->serving = c.m;
    plan->n_sizes = 3;
    plan->size_names[MODEL_PROMPT_TOKENS] = "prompt_tokens";
    plan->size_names[MODEL_OUTPUT_TOKENS] = "output_tokens";
    plan->size_names[MODEL_PRIORITY] = "priority";
    plan->source = (struct model_source){
        .kind = MODEL_SOURCE_TRACE, .items = -1, .for_ns = -1, .trace_scale = 1};
    c.b.policy->n_types = 0;
    c.b.policy->types =
        sp_arena_array(arena, MODEL_POOLS_MAX, sizeof *c.b.policy->types);
    c.trace.arena = arena;
    return c;
}

struct model_pool *serving_case_pool(struct serving_case *c, int32_t count)
{
    int32_t id = c->m->n_pools++;
    const struct model_amounts needs = {.mgpu = 1000};
    struct model_pool *pool = &c->m->pools[id];
    struct model_node_type *type = &c->b.policy->types[c->b.policy->n_types++];

    *type = *c->b.node;
    type->name = pool_names[id];
    type->has = (struct model_amounts){.mcpu = 8000, .mgpu = 1000, .memory_bytes = -1};
    type->count = count;
    *pool = (struct model_pool){.name = pool_names[id],
                                .gpus = 1,
                                .scheduling = "chunked-prefill",
                                .order = "fcfs",
                                .max_num_batched_tokens = 64,
                                .max_num_seqs = 8,
                                .block_size = 4,
                                .kv_blocks = INT64_MAX,
                                .kv_text = "given",
                                .gpu = &small_gpu};
    c->b.plan->stages[id] = (struct model_stage){.name = pool->name,
                                                 .slot_needs = needs,
                                                 .batch = 1,
                                                 .gather_in = 1,
                                                 .gather_out = 1,
                                                 .keep_frac = 1};
    c->b.plan->units[id] = (struct model_unit){.name = pool->name,
                                               .n_slots = 1,
                                               .slots = {{.stage = id, .cap = 1}},
                                               .needs = needs,
                                               .count = count,
                                               .allowed_types = INT64_C(1) << id};
    c->b.plan->n_stages = c->b.plan->n_units = c->m->n_pools;
    return pool;
}

/* ---- chance ---- */

static int64_t whole(struct sp_rng *r, int64_t least, int64_t most)
{
    return least + (int64_t)(sp_rng_next(r) % (uint64_t)(most - least + 1));
}

static bool chance(struct sp_rng *r, double p)
{
    return sp_rng_uniform(r) < p;
}

static const char *one_of(struct sp_rng *r, const char *const *words, int32_t n)
{
    return words[whole(r, 0, n - 1)];
}

/* ---- pools ---- */

/* Bytes and operations, of which now the ones and now the others set the time. */
static void random_roofline(struct serving_case *c, struct sp_rng *r,
                            struct model_pool *pool)
{
    struct model_roofline_options o = model_roofline_defaults();
    struct sp_err err = {0};

    o.llm = c->m->llm;
    o.gpu = pool->gpu;
    o.tensor_parallel = 1;
    o.step_s = 1e-4 * sp_rng_uniform(r);
    if (model_iteration_roofline(&o, c->arena, &pool->iteration, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
}

static void random_time(struct serving_case *c, struct sp_rng *r,
                        struct model_pool *pool)
{
    struct model_fit_options fit = {
        .mixed = (enum model_mixed)whole(r, MODEL_MIXED_SUM, MODEL_MIXED_TOKENS)};
    double *all[] = {fit.prefill, fit.decode, fit.decode_large};
    struct sp_err err = {0};

    for (int i = 0; i < 3; i++) {
        all[i][0] = 1e-3 * (0.1 + sp_rng_uniform(r));
        all[i][1] = i == 0 ? 2e-4 * sp_rng_uniform(r) : 1e-5 * sp_rng_uniform(r);
        all[i][2] = i == 0 ? 1e-6 * sp_rng_uniform(r) : 1e-4 * sp_rng_uniform(r);
    }
    fit.threshold = chance(r, 0.5) ? 0 : (int32_t)whole(r, 2, 5);
    if (chance(r, 0.3))
        random_roofline(c, r, pool);
    else if (model_iteration_fit(&fit, c->arena, &pool->iteration, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
}

static struct model_pool *random_pool(struct serving_case *c, struct sp_rng *r,
                                      int32_t count)
{
    static const char *const rules[] = {"chunked-prefill", "mixed", "prefill-first",
                                        "decode-first"};
    static const char *const orders[] = {"fcfs", "shortest-prompt", "priority"};
    static const int32_t sizes[] = {1, 2, 3, 4, 8, 16};
    struct model_pool *pool = serving_case_pool(c, count);

    pool->scheduling = one_of(r, rules, 4);
    pool->order = one_of(r, orders, 3);
    pool->max_num_seqs = (int32_t)whole(r, 1, 8);
    pool->max_num_batched_tokens =
        pool->max_num_seqs + (int32_t)whole(r, 0, chance(r, 0.5) ? 8 : 64);
    pool->block_size = sizes[whole(r, 0, 5)];
    if (chance(r, 0.85))
        pool->kv_blocks =
            whole(r, 20, chance(r, 0.5) ? 90 : 200) / pool->block_size + 1;
    random_time(c, r, pool);
    return pool;
}

/* Prefix caching of some kind; all pools of one block size. */
static void random_prefix(struct serving_case *c, struct sp_rng *r)
{
    for (int32_t i = 0; i < c->m->n_pools; i++) {
        struct model_pool *pool = &c->m->pools[i];

        pool->block_size = c->m->pools[0].block_size;
        pool->prefix = chance(r, 0.65) ? MODEL_PREFIX_GPU : MODEL_PREFIX_STORE;
        pool->prefix_blocks = chance(r, 0.2) ? INT64_MAX : whole(r, 1, 20);
    }
    c->trace.hash_block_tokens = c->m->pools[0].block_size * (int32_t)whole(r, 1, 4);
}

static void random_split(struct serving_case *c, struct sp_rng *r, bool overlap)
{
    int32_t n = (int32_t)whole(r, 2, chance(r, 0.7) ? 2 : 4);

    for (int32_t i = 0; i < n; i++)
        random_pool(c, r, (int32_t)whole(r, 1, 3))->role =
            i % 2 == 0 ? MODEL_ROLE_PREFILL : MODEL_ROLE_DECODE;
    c->m->transfer = (struct model_transfer){
        .bytes_per_s = chance(r, 0.7) ? 1e6 * (1 + 30 * sp_rng_uniform(r)) : 0,
        .latency_ns = chance(r, 0.7) ? whole(r, 0, 2000000) : 0,
        .overlap = overlap};
    if (overlap || chance(r, 0.5))
        return;
    for (int32_t i = 0; i < n; i++)
        c->b.policy->types[i].nic_bytes_per_s =
            chance(r, 0.8) ? 1e6 * (1 + 30 * sp_rng_uniform(r)) : 0;
}

static void random_pools(struct serving_case *c, enum serving_family family,
                         struct sp_rng *r)
{
    switch (family) {
    case SERVING_ONE:
        random_pool(c, r, 1);
        break;
    case SERVING_ROUTED:
        random_pool(c, r, (int32_t)whole(r, 2, 4));
        break;
    case SERVING_CACHED:
        random_pool(c, r, (int32_t)whole(r, 1, 3));
        random_prefix(c, r);
        break;
    case SERVING_SPLIT:
    case SERVING_OVERLAP:
        random_split(c, r, family == SERVING_OVERLAP);
        break;
    default:
        if (chance(r, 0.5))
            random_split(c, r, chance(r, 0.5));
        for (int32_t n = (int32_t)whole(r, c->m->n_pools == 0 ? 2 : 0, 3); n > 0; n--)
            random_pool(c, r, (int32_t)whole(r, 1, 2));
        if (chance(r, 0.5))
            random_prefix(c, r);
    }
}

/* ---- requests ---- */

/* The names of a prompt's blocks: a path in a tree with few branches. */
static void random_hashes(struct serving_case *c, struct sp_rng *r,
                          struct serving_request *q, bool with_partial)
{
    int32_t tokens = c->trace.hash_block_tokens;
    int32_t n = ((int32_t)q->prompt + (with_partial ? tokens - 1 : 0)) / tokens;
    uint64_t *hashes = sp_arena_array(c->arena, (size_t)n + 1, sizeof *hashes);
    uint64_t path = (uint64_t)whole(r, 1, 2);

    for (int32_t i = 0; i < n; i++) {
        path = sp_mix_keys(path, chance(r, 0.85) ? 0 : (uint64_t)whole(r, 1, 2));
        hashes[i] = path;
    }
    q->hashes = hashes;
    q->n_hashes = n;
}

static int64_t random_gap_ns(struct sp_rng *r, double mean_s)
{
    if (chance(r, 0.25))
        return 0;
    return 1 + sp_ns_from_s(mean_s * sp_rng_exponential(r));
}

static void random_requests(struct serving_case *c, struct sp_rng *r)
{
    int32_t n = (int32_t)whole(r, 1, 40);
    struct serving_request *rows = sp_arena_array(c->arena, (size_t)n, sizeof *rows);
    double mean_s = chance(r, 0.5) ? 1e-3 : 1e-2;
    int64_t longest = whole(r, 2, 60), most = whole(r, 1, 30), now = 1;
    bool with_partial = chance(r, 0.5);

    for (int32_t i = 0; i < n; i++) {
        now += random_gap_ns(r, mean_s);
        rows[i] = (struct serving_request){.time_ns = now,
                                           .prompt = (uint32_t)whole(r, 1, longest),
                                           .output = (uint32_t)whole(r, 1, most),
                                           .priority = (uint32_t)whole(r, 0, 2)};
        if (chance(r, 0.02))
            rows[i].prompt = (uint32_t)whole(r, 0, 1) * 300;
        if (chance(r, 0.02))
            rows[i].output = (uint32_t)whole(r, 0, 1) * 300;
        if (c->trace.hash_block_tokens > 0 && chance(r, 0.9))
            random_hashes(c, r, &rows[i], with_partial);
    }
    c->trace.n = n;
    c->trace.rows = rows;
    c->b.source->trace = (struct model_trace_summary){.known = true, .rows = n};
}

struct serving_case serving_case_random(enum serving_family family, uint64_t seed,
                                        struct sp_arena *arena)
{
    static const char *const routers[] = {"round-robin", "least-requests",
                                          "least-outstanding-tokens", "kv-aware"};
    struct serving_case c = serving_case_new(arena);
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(seed, (uint64_t)family));

    c.m->router = one_of(&r, routers, 4);
    c.m->decode_router = one_of(&r, routers, 4);
    c.m->slo = (struct model_slo){
        .ttft_ns = chance(&r, 0.5) ? whole(&r, 1000000, 50000000) : -1,
        .tpot_ns = chance(&r, 0.5) ? whole(&r, 200000, 3000000) : -1,
        .e2e_ns = chance(&r, 0.5) ? whole(&r, 1000000, 90000000) : -1,
        .attain_frac = 0.9};
    c.m->n_classes = (int32_t)whole(&r, 1, 3);
    for (int32_t i = 0; i < c.m->n_classes; i++)
        c.m->class_tokens[i] = i + 1 == c.m->n_classes ? INT64_MAX : 10 * (i + 1);
    random_pools(&c, family, &r);
    random_requests(&c, &r);
    return c;
}

/* ---- for people ---- */

static void print_pool(FILE *out, const struct model_pool *p, int32_t count)
{
    static const char *const roles[] = {"both", "prefill", "decode"};
    static const char *const prefixes[] = {"none", "gpu", "store"};

    fprintf(out,
            "pool %s: %d x %s, %s, %s, %d tokens, %d seqs, blocks of %d: %lld, prefix "
            "%s %lld\n",
            p->name, (int)count, roles[p->role], p->scheduling, p->order,
            (int)p->max_num_batched_tokens, (int)p->max_num_seqs, (int)p->block_size,
            p->kv_blocks == INT64_MAX ? -1LL : (long long)p->kv_blocks,
            prefixes[p->prefix],
            p->prefix_blocks == INT64_MAX ? -1LL : (long long)p->prefix_blocks);
}

void serving_case_print(FILE *out, const struct serving_case *c)
{
    const struct model_transfer *t = &c->m->transfer;

    fprintf(out,
            "router %s, decode router %s, transfer %g B/s, %lld ns%s, hashes of "
            "%d tokens\n",
            c->m->router, c->m->decode_router, t->bytes_per_s, (long long)t->latency_ns,
            t->overlap ? ", overlap" : "", (int)c->trace.hash_block_tokens);
    for (int32_t i = 0; i < c->m->n_pools; i++) {
        print_pool(out, &c->m->pools[i], c->b.plan->units[i].count);
        if (c->b.policy->types[i].nic_bytes_per_s > 0)
            fprintf(out, "  NIC %g B/s\n", c->b.policy->types[i].nic_bytes_per_s);
    }
    for (int32_t i = 0; i < c->trace.n; i++) {
        const struct serving_request *q = &c->trace.rows[i];

        fprintf(out, "request %d at %.3f us: %u + %u, priority %u, blocks", (int)i,
                (double)q->time_ns / 1e3, q->prompt, q->output, q->priority);
        for (int32_t k = 0; k < q->n_hashes; k++)
            fprintf(out, " %03x", (unsigned)(q->hashes[k] & 0xfff));
        fprintf(out, "\n");
    }
}
