/* Serving workloads in scenario files: what every key becomes, what is taken from whom,
 * and how many KV blocks a replica has. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "model/feasible.h"
#include "model/serving.h"
#include "model/sizing.h"
#include "tests/scenario_text.h"

#define N(rows) (sizeof rows / sizeof rows[0])
#define S       SP_NS_PER_S

static struct model_scenario *read_file(const char *name, const struct model_set *sets,
                                        int32_t n_sets, struct sp_arena *arena)
{
    const char *folder = getenv("SRCDIR");
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    const char *path = sp_arena_printf(arena, "%s/tests/scenarios/%s",
                                       folder != NULL ? folder : ".", name);

    if (model_scenario_read(path, sets, n_sets, arena, &s, &err) != SP_OK)
        fail_msg("%s", err.text);
    return s;
}

/* One workload w under one policy p; NULL takes what follows. */
struct text {
    const char *top;    /* further lines at the top, "" */
    const char *fleet;  /* "n: { cpu: 96, gpu: 8, gpu_model: H100-SXM5-80GB }" */
    const char *model;  /* "llama-3.1-8b" */
    const char *source; /* one request a second for a minute */
    const char *engine; /* "{ time: roofline }" */
    const char *plan;   /* "{ replicas: 2 }" */
};

static enum sp_status read_text(const struct text *t, struct sp_arena *arena,
                                struct model_scenario **s, struct sp_err *err)
{
    const char *text = sp_arena_printf(
        arena,
        "scenario: s\n%s\nfleet: { %s }\nworkloads:\n  w:\n    kind: serving\n"
        "    model: %s\n    source: %s\n    engine: %s\npolicies:\n  p: { w: %s }\n",
        text_or(t->top, ""),
        text_or(t->fleet, "n: { cpu: 96, gpu: 8, gpu_model: H100-SXM5-80GB }"),
        text_or(t->model, "llama-3.1-8b"),
        text_or(t->source,
                "{ rate: 1/s, for: 60s, prompt_tokens: 9, output_tokens: 9 }"),
        text_or(t->engine, "{ time: roofline }"), text_or(t->plan, "{ replicas: 2 }"));

    return scenario_from_bytes(text, strlen(text), arena, s, err);
}

static const struct model_plan *plan_of(const struct text *t, struct sp_arena *arena)
{
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    if (read_text(t, arena, &s, &err) != SP_OK)
        fail_msg("%s", err.text);
    return &s->policies[0].plans[0];
}

/* ---- what is read ---- */

static void the_least_scenario_has_the_documented_defaults(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_file("serving.yaml", NULL, 0, arena);
    const struct model_plan *plan = &s->policies[0].plans[0];
    const struct model_serving *v = plan->serving;
    const struct model_pool *p = &v->pools[0];
    const int64_t classes[] = {256, 1024, 4096, 16384, INT64_MAX};

    (void)state;
    assert_int_equal(plan->kind, MODEL_KIND_SERVING);
    assert_string_equal(v->llm->name, "llama-3.1-70b");
    assert_int_equal(v->slo.ttft_ns, S);
    assert_int_equal(v->slo.tpot_ns, S / 10);
    assert_int_equal(v->slo.e2e_ns, -1);
    assert_true(v->slo.attain_frac == 0.9);
    assert_int_equal(v->n_classes, 5);
    assert_memory_equal(v->class_tokens, classes, sizeof classes);
    assert_int_equal(v->retries_max, 3);
    assert_string_equal(v->router, "least-outstanding-tokens");
    assert_string_equal(v->decode_router, "round-robin");
    assert_true(v->transfer.bytes_per_s == 0 && !v->transfer.overlap);
    assert_int_equal(v->n_pools, 1);
    assert_string_equal(p->name, "replicas");
    assert_int_equal(p->role, MODEL_ROLE_BOTH);
    assert_int_equal(p->gpus, 4);
    assert_non_null(p->iteration);
    assert_string_equal(p->scheduling, "chunked-prefill");
    assert_string_equal(p->order, "fcfs");
    assert_int_equal(p->block_size, 16);
    assert_int_equal(p->prefix, MODEL_PREFIX_GPU);
    assert_int_equal(p->load_ns, 0);
    assert_false(p->has_failures);
    assert_string_equal(p->gpu->name, "H100-SXM5-80GB");
    sp_arena_free(arena);
}

/* So the cluster, the ledger and the reports know replicas as any other unit. */
static void a_pool_is_a_stage_and_a_unit(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_file("serving.yaml", NULL, 0, arena);
    struct model_policy *split = &s->policies[1];
    struct model_plan *plan = &split->plans[0];
    static const char *const names[] = {"prefill", "decode"};

    (void)state;
    assert_int_equal(plan->n_stages, 2);
    assert_int_equal(plan->n_units, 2);
    for (int32_t i = 0; i < 2; i++) {
        const struct model_unit *unit = &plan->units[i];

        assert_string_equal(plan->serving->pools[i].name, names[i]);
        assert_int_equal(plan->serving->pools[i].role, MODEL_ROLE_PREFILL + i);
        assert_string_equal(plan->stages[i].name, names[i]);
        assert_string_equal(unit->name, names[i]);
        assert_int_equal(plan->stages[i].slot_needs.mgpu, 4000);
        assert_int_equal(plan->stages[i].slot_needs.mcpu, 8000);
        assert_int_equal(plan->stages[i].slot_needs.memory_bytes, INT64_C(200) << 30);
        assert_int_equal(plan->stages[i].batch, 1);
        assert_int_equal(unit->n_slots, 1);
        assert_int_equal(unit->slots[0].stage, i);
        assert_int_equal(unit->slots[0].cap, 1);
        assert_int_equal(unit->count, 2);
        assert_int_equal(model_unit_needs(plan, unit).mgpu, 4000);
    }
    assert_int_equal(model_size_plan(plan, split->types, split->n_types, NULL), SP_OK);
    assert_int_equal(plan->units[0].count, 2);
    assert_true(isnan(model_plan_bound(plan, split->types, split->n_types).per_s));
    assert_int_equal(model_feasible_check(s, split, NULL), SP_OK);
    sp_arena_free(arena);
}

static void a_shape_by_hand_is_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_file("serving-keys.yaml", NULL, 0, arena);
    const struct model_llm *m = s->policies[0].plans[0].serving->llm;
    const struct model_llm *like = s->policies[1].plans[0].serving->llm;

    (void)state;
    assert_string_equal(m->name, "ours");
    assert_int_equal(m->layers, 32);
    assert_int_equal(m->hidden, 4096);
    assert_int_equal(m->heads, 32);
    assert_int_equal(m->kv_heads, 8);
    assert_int_equal(m->head_dim, 128);
    assert_int_equal(m->ffn, 14336);
    assert_int_equal(m->experts, 8);
    assert_int_equal(m->experts_per_token, 2);
    assert_int_equal(m->shared_ffn, 1024);
    assert_int_equal(m->vocabulary, 32000);
    assert_true(m->gated && m->tied);
    assert_int_equal(m->weight_bits, 8);
    assert_int_equal(m->kv_bits, 8);
    /* what differs from a model of the library, under one policy */
    assert_int_equal(like->kv_bits, 8);
    assert_int_equal(like->weight_bits, 16);
    assert_int_equal(like->vocabulary, 128256);
    assert_string_equal(like->name, "llama-3.1-8b, changed");
    sp_arena_free(arena);
}

static void a_shape_by_hand_has_defaults(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct text t = {
        .model = "{ layers: 2, hidden: 64, heads: 8, ffn: 256, vocabulary: 1000 }",
        .engine = "{ time: roofline, num_gpu_blocks: 10 }"};
    const struct model_llm *m = plan_of(&t, arena)->serving->llm;

    (void)state;
    assert_int_equal(m->kv_heads, 8);
    assert_int_equal(m->head_dim, 8);
    assert_int_equal(m->experts, 1);
    assert_int_equal(m->experts_per_token, 1);
    assert_int_equal(m->weight_bits, 16);
    assert_int_equal(m->kv_bits, 16);
    assert_true(m->gated && !m->tied && m->shared_ffn == 0);
    sp_arena_free(arena);
}

static void requests_are_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_file("serving-keys.yaml", NULL, 0, arena);
    const struct model_plan *plan = &s->policies[0].plans[0];
    const struct model_source *source = &plan->source;

    (void)state;
    assert_int_equal(source->kind, MODEL_SOURCE_GAMMA);
    assert_true(source->rate_per_s == 10 && source->trace_scale == 2);
    assert_int_equal(plan->n_sizes, 3);
    assert_string_equal(plan->size_names[MODEL_PROMPT_TOKENS], "prompt_tokens");
    assert_string_equal(plan->size_names[MODEL_OUTPUT_TOKENS], "output_tokens");
    assert_string_equal(plan->size_names[MODEL_PRIORITY], "priority");
    assert_true(fabs(model_dist_mean(&source->size[0]) - 1000) < 1e-9);
    assert_true(model_dist_mean(&source->size[1]) == 200.5);
    assert_true(model_dist_mean(&source->size[2]) == 0.5);
    assert_true(fabs(model_dist_mean(&plan->serving->prompt_tokens) - 1000) < 1e-9);
    assert_true(model_dist_mean(&plan->serving->output_tokens) == 200.5);
    assert_int_equal(plan->serving->n_classes, 3);
    assert_int_equal(plan->serving->class_tokens[1], 1000);
    assert_int_equal(plan->serving->class_tokens[2], INT64_MAX);
    assert_int_equal(plan->serving->slo.e2e_ns, 30 * S);
    assert_true(plan->serving->slo.attain_frac == 0.95);
    sp_arena_free(arena);
}

/* ---- what is taken from whom ---- */

static void a_pool_overrides_the_policy_and_that_the_workload(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_file("serving-keys.yaml", NULL, 0, arena);
    const struct model_plan *plan = &s->policies[0].plans[0];
    const struct model_pool *prefill = &plan->serving->pools[0];
    const struct model_pool *decode = &plan->serving->pools[1];

    (void)state;
    assert_string_equal(prefill->order, "shortest-prompt"); /* the pool's */
    assert_string_equal(decode->order, "priority");         /* the policy's */
    assert_int_equal(prefill->block_size, 8);               /* over the workload's */
    assert_int_equal(prefill->gpus, 8);                     /* the workload's */
    assert_int_equal(decode->gpus, 4);
    assert_int_equal(plan->stages[0].slot_needs.mcpu, 4000);
    assert_int_equal(plan->stages[1].slot_needs.mcpu, 8000);
    /* a count takes the place of autoscaling, a share of memory that of blocks */
    assert_int_equal(plan->units[0].count_kind, MODEL_COUNT_GIVEN);
    assert_int_equal(plan->units[0].count, 3);
    assert_int_equal(plan->units[1].count_kind, MODEL_COUNT_AUTOSCALED);
    assert_int_equal(decode->kv_blocks, 5000);
    assert_string_equal(decode->kv_text, "given");
    assert_true(prefill->kv_blocks != 5000 && prefill->kv_blocks > 0);
    assert_int_equal(prefill->max_num_batched_tokens, 4096);
    assert_int_equal(prefill->max_num_seqs, 64);
    assert_string_equal(prefill->scheduling, "mixed");
    assert_int_equal(prefill->prefix, MODEL_PREFIX_STORE);
    assert_int_equal(prefill->prefix_blocks, 50000);
    assert_int_equal(decode->prefix, MODEL_PREFIX_NONE);
    assert_true(decode->has_failures);
    assert_true(model_dist_mean(&decode->failure_s) == 86400);
    sp_arena_free(arena);
}

static void a_policy_of_serving_is_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_file("serving-keys.yaml", NULL, 0, arena);
    const struct model_plan *plan = &s->policies[0].plans[0];
    const struct model_serving *v = plan->serving;
    const struct model_autoscale *a = &plan->units[1].autoscale;

    (void)state;
    assert_string_equal(v->router, "kv-aware");
    assert_string_equal(v->decode_router, "least-requests");
    assert_true(v->transfer.bytes_per_s == 50e9 && v->transfer.overlap);
    assert_int_equal(v->transfer.latency_ns, S / 1000);
    assert_int_equal(v->retries_max, 5);
    assert_int_equal(plan->units[0].allowed_types, 1);
    assert_int_equal(plan->units[1].allowed_types, 3);
    assert_true(model_dist_mean(&plan->units[0].startup_s) == 60);
    /* Ray Serve's AutoscalingConfig: 2 ongoing, every 10 s over 30 s, 30 s and 600 s */
    assert_string_equal(a->rule, "ray-serve");
    assert_int_equal(a->min, 0);
    assert_int_equal(a->max, 8);
    assert_true(a->target == 2);
    assert_int_equal(a->interval_ns, 10 * S);
    assert_int_equal(a->look_back_ns, 30 * S);
    assert_int_equal(a->up_window_ns, 30 * S);
    assert_int_equal(a->down_window_ns, 600 * S);
    assert_int_equal(plan->units[1].count, 0);
    /* the other policy */
    assert_int_equal(s->policies[1].plans[0].serving->pools[0].kv_blocks, INT64_MAX);
    assert_int_equal(s->policies[1].plans[0].units[0].count, 2);
    sp_arena_free(arena);
}

/* 8.03e9 parameters of 2 bytes at 5 GB/s: 16,059,990,016 bytes in 3.212 s. */
static void loading_takes_weights_over_bandwidth(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct text t = {.engine = "{ time: roofline, load: 5GB/s, startup: 10s }"};
    const struct model_plan *plan = plan_of(&t, arena);

    (void)state;
    assert_int_equal(plan->serving->pools[0].load_ns, INT64_C(3211998003));
    assert_true(model_dist_mean(&plan->units[0].startup_s) == 10);
    sp_arena_free(arena);
}

/* ---- GPUs and what follows from them ---- */

struct gpu_row {
    const char *name;
    struct text text;
    const char *gpu; /* NULL: not known */
    int32_t tokens, seqs;
};

#define BLOCKS                                                                         \
    "num_gpu_blocks: 9, time: { fit: { prefill: [1ms, 1us, 0], decode: [1ms, 0, 1us] " \
    "} }"

static const struct gpu_row gpu_rows[] = {
    {"a_large_gpu_takes_more_at_a_time", {0}, "H100-SXM5-80GB", 8192, 1024},
    {"but_not_the_a100",
     {.fleet = "n: { cpu: 96, gpu: 8, gpu_model: A100-SXM4-80GB }"},
     "A100-SXM4-80GB",
     2048,
     256},
    {"nor_a_small_one",
     {.fleet = "n: { cpu: 96, gpu: 8, gpu_model: L40S }"},
     "L40S",
     2048,
     256},
    {"nor_one_that_is_not_known",
     {.fleet = "n: { cpu: 96, gpu: 8 }", .engine = "{ " BLOCKS " }"},
     NULL,
     2048,
     256},
    {"fewer_tokens_are_fewer_sequences",
     {.engine = "{ time: roofline, max_num_batched_tokens: 100 }"},
     "H100-SXM5-80GB",
     100,
     100},
    {"more_sequences_are_more_tokens",
     {.engine = "{ time: roofline, max_num_seqs: 10000 }"},
     "H100-SXM5-80GB",
     10000,
     10000},
    {"the_catalog_says_which_gpu",
     {.fleet = "n: { type: p5.48xlarge }"},
     "H100-SXM5-80GB",
     8192,
     1024},
    {"nodes_too_small_do_not_count",
     {.fleet = "n: { cpu: 96, gpu: 8, gpu_model: H200-SXM }, m: { cpu: 9, gpu: 1, "
               "gpu_model: L40S }",
      .engine = "{ time: roofline, gpu: 2 }"},
     "H200-SXM-141GB",
     8192,
     1024},
    {"nodes_it_may_not_run_on_do_not_count",
     {.fleet = "n: { cpu: 96, gpu: 8, gpu_model: H200-SXM }, m: { cpu: 9, gpu: 1, "
               "gpu_model: L40S }",
      .engine = "{ time: roofline, on: m }"},
     "L40S",
     2048,
     256},
    {"nodes_of_two_kinds_leave_it_open",
     {.fleet = "n: { cpu: 96, gpu: 8, gpu_model: H200-SXM }, m: { cpu: 9, gpu: 1, "
               "gpu_model: L40S }",
      .engine = "{ " BLOCKS " }"},
     NULL,
     2048,
     256},
    {"the_pool_has_the_last_word",
     {.engine = "{ time: roofline, gpu_model: L40S }"},
     "L40S",
     2048,
     256},
};

static void the_gpu_is_found(void **state)
{
    const struct gpu_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_pool *p = &plan_of(&row->text, arena)->serving->pools[0];

    if (row->gpu == NULL)
        assert_null(p->gpu);
    else
        assert_string_equal(p->gpu->name, row->gpu);
    assert_int_equal(p->max_num_batched_tokens, row->tokens);
    assert_int_equal(p->max_num_seqs, row->seqs);
    sp_arena_free(arena);
}

/* By hand, from the shapes of the models' config.json and the GPUs' usable memory
 * (model/gpus.csv): H100-SXM5-80GB 79.647 GiB = 85,520,315,056 bytes.
 *
 * Llama-3.1-8B: 32 layers of 4096 x 4096 (Q, O) x 2 + 4096 x 1024 (K, V) x 2 + 3 x
 * 4096 x 14336 = 218,103,808 weights, and 2 x 128,256 x 4096 for embedding and head:
 * 8,029,995,008 of 2 bytes, 16,059,990,016.  KV: 2 x 32 x 8 x 128 x 2 = 131,072 bytes a
 * token, 2 MiB a block of 16.  0.9 x 85,520,315,056 - 2 GiB = 74,820,799,902; less the
 * weights 58,760,809,886: 28,019.3 blocks.
 *
 * Llama-3.1-70B on 4: 80 x (2 x 8192^2 + 2 x 8192 x 1024 + 3 x 8192 x 28672) + 2 x
 * 128,256 x 8192 = 70,552,387,584 weights, 141,104,775,168 bytes; 4 x 74,820,799,902 =
 * 299,283,199,609; 320 KiB a token, 5 MiB a block: 30,170.1 blocks. */
static const struct kv_row {
    const char *name;
    struct text text;
    int64_t blocks;
} kv_rows[] = {
    {"llama_8b_on_one_gpu", {0}, 28019},
    {"half_as_long_blocks_are_twice_as_many",
     {.engine = "{ time: roofline, block_size: 8 }"},
     56038},
    {"fp8_cache_is_twice_as_many",
     {.model = "{ like: llama-3.1-8b, kv_cache: fp8 }"},
     56038},
    /* weights 8,029,995,008: 66,790,804,894 / 2 MiB = 31,848.3 */
    {"fp8_weights_leave_more",
     {.model = "{ like: llama-3.1-8b, weights: fp8 }"},
     31848},
    /* 0.5 x 85,520,315,056 - 16,059,990,016 = 26,700,167,512 / 2 MiB = 12,731.6 */
    {"no_reserve_and_half_of_the_memory",
     {.engine = "{ time: roofline, reserve: 0, gpu_memory_utilization: 50% }"},
     12731},
    {"llama_70b_on_four",
     {.model = "llama-3.1-70b", .engine = "{ time: roofline, gpu: 4 }"},
     30170},
    /* one KV head, so each of 4 GPUs has a copy: 2 x 32 x 1 x 128 x 2 x 16 = 256 KiB a
     * block, 4 times.  Weights 32 x (2 x 4096^2 + 2 x 4096 x 128 + 3 x 4096 x 14336) +
     * 2 x 128,256 x 4096 = 7,795,113,984 of 2 bytes; 4 x 74,820,799,902 -
     * 15,590,227,968 = 283,692,971,641 / 1 MiB = 270,550.7 */
    {"more_gpus_than_kv_heads_keep_copies",
     {.model = "{ like: llama-3.1-8b, kv_heads: 1 }",
      .engine = "{ time: roofline, gpu: 4 }"},
     270550},
    {"given", {.engine = "{ time: roofline, num_gpu_blocks: 12345 }"}, 12345},
    {"not_limited",
     {.engine = "{ time: roofline, num_gpu_blocks: unlimited }"},
     INT64_MAX},
};

static void kv_blocks_are_as_by_hand(void **state)
{
    const struct kv_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_pool *p = &plan_of(&row->text, arena)->serving->pools[0];

    assert_int_equal(p->kv_blocks, row->blocks);
    assert_non_null(p->kv_text);
    sp_arena_free(arena);
}

static void how_the_blocks_came_about_is_said(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct text t = {0};

    (void)state;
    assert_string_equal(
        plan_of(&t, arena)->serving->pools[0].kv_text,
        "((79.6 GiB x 0.9 - 2 GiB) x 1 GPU - 15 GiB of weights) / 2 MiB "
        "a block of 16 tokens");
    sp_arena_free(arena);
}

/* ---- iteration times ---- */

/* Nanoseconds of an iteration of `decodes` sequences of `context` tokens each, or of
 * one prompt of `prompt` tokens. */
static double iteration_ns(const struct model_pool *p, int32_t decodes, int64_t context,
                           int64_t prompt)
{
    const struct model_batch batch = {.decodes = decodes,
                                      .decode_context = decodes * context,
                                      .decode_least = context,
                                      .decode_most = context,
                                      .prefills = prompt > 0,
                                      .prefill_tokens = prompt,
                                      .prefill_pairs = prompt * (prompt + 1) / 2,
                                      .prefill_ends = prompt > 0,
                                      .prefill_squares = prompt * prompt};
    struct model_iteration_time time = {0};
    struct sp_err err = {0};

    if (model_iteration_time(p->iteration, &batch, &time, &err) != SP_OK)
        fail_msg("%s", err.text);
    return ldexp((double)time.ticks, -MODEL_TICK_BITS);
}

#define FIT                                                                            \
    "fit: { prefill: [1ms, 2us, 1ns], decode: [3ms, 1us, 100us], "                     \
    "decode_large: [4ms, 2us, 200us], threshold: 8 }"
#define TABLE "table: '%s/tests/scenarios/latency.csv'"

static const struct time_row {
    const char *name, *time;
    int32_t decodes;
    int64_t context, prompt;
    double ns;
} time_rows[] = {
    /* 1 ms + 100 x 2 us + 100^2 x 1 ns */
    {"fit_of_a_prompt", "{ " FIT " }", 0, 0, 100, 1210000},
    /* 3 ms + 4 x 1000 x 1 us + 4 x 100 us */
    {"fit_of_a_few_decodes", "{ " FIT " }", 4, 1000, 0, 7400000},
    /* 4 ms + 8 x 1000 x 2 us + 8 x 200 us */
    {"fit_of_many_decodes", "{ " FIT " }", 8, 1000, 0, 21600000},
    {"fit_of_both_the_longer", "{ " FIT ", mixed: max }", 4, 1000, 100, 7400000},
    {"table_of_a_prompt", "{ " TABLE " }", 0, 0, 1000, 100e6},
    {"table_of_decodes", "{ " TABLE " }", 8, 1000, 0, 40e6},
    {"table_of_both_the_sum", "{ " TABLE " }", 8, 1000, 100, 50e6},
    {"table_of_both_the_longer", "{ " TABLE ", mixed: max }", 8, 1000, 100, 40e6},
    {"table_held_at_its_end", "{ " TABLE ", beyond: clamp }", 8, 2000, 0, 40e6},
};

static void iteration_times_are_those_of_the_source(void **state)
{
    const struct time_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR"), *at = strstr(row->time, "%s");
    const char *time =
        at == NULL ? row->time
                   : sp_arena_printf(arena, "%.*s%s%s", (int)(at - row->time),
                                     row->time, folder != NULL ? folder : ".", at + 2);
    const struct text t = {.engine = sp_arena_printf(arena, "{ time: %s }", time)};
    const struct model_pool *p = &plan_of(&t, arena)->serving->pools[0];

    /* coefficients are rounded to ticks of 2^-20 ns */
    assert_true(
        fabs(iteration_ns(p, row->decodes, row->context, row->prompt) - row->ns) < 0.1);
    sp_arena_free(arena);
}

/* Of operations the fastest product, 8192 rows of 134217728 operations in 2 ms; of
 * memory the largest triad, 768 MB in 300 us (the smaller one ran in a cache).  What is
 * stated is not measured. */
static void a_roofline_s_efficiencies_may_be_measured(void **state)
{
    static const struct {
        const char *roofline, *how;
        double compute, memory; /* NaN: as measured */
    } rows[] = {
        {"{ profile: profile }", "cublaslt_bf16 and triad", NAN, NAN},
        {"{ profile: profile, device: gpu0, memory: 0.5 }", "cublaslt_bf16", NAN, 0.5},
        {"{ profile: profile, compute: 0.25 }", "triad", 0.25, NAN},
    };
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR");
    char *path = realpath(sp_arena_printf(arena, "%s/tests/scenarios/kernels.yaml",
                                          folder != NULL ? folder : "."),
                          NULL);
    struct model_gpu gpu;

    (void)state;
    assert_non_null(path);
    assert_int_equal(model_gpu_find("H100-SXM5-80GB", arena, &gpu, NULL), SP_OK);
    for (size_t i = 0; i < N(rows); i++) {
        const double product = 8192 * 134217728.0 / 2e-3, stream = 768e6 / 3e-4;
        const struct text measured = {
            .top = sp_arena_printf(arena, "profiles: %s", path),
            .engine =
                sp_arena_printf(arena, "{ time: { roofline: %s } }", rows[i].roofline)};
        const struct text stated = {
            .engine = sp_arena_printf(
                arena, "{ time: { roofline: { compute: %.17g, memory: %.17g } } }",
                isnan(rows[i].compute) ? product / gpu.bf16_flop_per_s
                                       : rows[i].compute,
                isnan(rows[i].memory) ? stream / gpu.bytes_per_s : rows[i].memory)};
        const struct model_pool *p = &plan_of(&measured, arena)->serving->pools[0];
        const struct model_pool *q = &plan_of(&stated, arena)->serving->pools[0];

        assert_non_null(strstr(
            model_iteration_text(p->iteration),
            sp_arena_printf(arena, "measured: %s of profile profile)", rows[i].how)));
        assert_true(
            fabs(iteration_ns(p, 64, 64000, 0) - iteration_ns(q, 64, 64000, 0)) < 1);
        assert_true(fabs(iteration_ns(p, 0, 0, 4096) - iteration_ns(q, 0, 0, 4096)) <
                    1);
    }
    free(path);
    sp_arena_free(arena);
}

/* Settings of a roofline are found in what it says of itself, and in its times: twice
 * the overhead a layer is 32 times more an iteration. */
static void a_roofline_is_of_the_pool_s_model_and_gpu(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct text plain = {.engine = "{ time: { roofline: { compute: 0.45, memory: "
                                         "0.7, layer: 3us, step: 1ms } } }"};
    const struct text slow = {.engine = "{ time: { roofline: { compute: 0.45, memory: "
                                        "0.7, layer: 6us, step: 2ms } } }"};
    const struct model_pool *p = &plan_of(&plain, arena)->serving->pools[0];
    const struct model_pool *q = &plan_of(&slow, arena)->serving->pools[0];
    const char *text = model_iteration_text(p->iteration);
    double more;

    (void)state;
    assert_non_null(strstr(text, "llama-3.1-8b on H100-SXM5-80GB"));
    assert_non_null(strstr(text, "45 %"));
    assert_non_null(strstr(text, "70 %"));
    more = iteration_ns(q, 1, 100, 0) - iteration_ns(p, 1, 100, 0);
    assert_true(fabs(more - (32 * 3000 + 1e6)) < 1);
    /* At least all weights but the embedding are read: (8,029,995,008 - 128,256 x 4096)
     * x 2 bytes at 0.7 x 3.35e12 bytes/s are 6.4006 ms. */
    assert_true(iteration_ns(p, 1, 100, 0) > 6.4e6);
    assert_true(iteration_ns(p, 1, 100, 0) < 6.5e6 + 32 * 3000 + 1e6);
    sp_arena_free(arena);
}

static void files_of_iteration_times_are_inputs(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR");
    const struct text t = {.engine = sp_arena_printf(arena, "{ time: { " TABLE " } }",
                                                     folder != NULL ? folder : ".")};
    struct model_scenario *s = NULL;

    (void)state;
    assert_int_equal(read_text(&t, arena, &s, NULL), SP_OK);
    assert_int_equal(s->n_inputs, 2);
    assert_non_null(strstr(s->inputs[1].file, "latency.csv"));
    sp_arena_free(arena);
}

/* ---- load ---- */

static void a_priority_is_asked_of_a_trace_that_may_have_it(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR");
    const struct text t = {
        .source = sp_arena_printf(arena,
                                  "{ trace: %s/tests/scenarios/times.csv, hash_block: "
                                  "512, scale: 3 }",
                                  folder != NULL ? folder : "."),
        .plan = "{ replicas: 2, engine: { order: priority } }"};
    const struct model_plan *plan;
    struct text fcfs = t;

    (void)state;
    plan = plan_of(&t, arena);
    assert_int_equal(plan->n_sizes, 3);
    assert_string_equal(plan->size_names[MODEL_PRIORITY], "priority");
    assert_int_equal(plan->serving->hash_block_tokens, 512);
    assert_true(plan->source.trace_scale == 3);
    fcfs.plan = NULL;
    assert_int_equal(plan_of(&fcfs, arena)->n_sizes, 2);
    sp_arena_free(arena);
}

static void a_load_is_rescaled_in_every_policy(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_file("serving.yaml", NULL, 0, arena);
    const struct text closed = {.source = "{ population: 3, think: 1s, items: 9, "
                                          "prompt_tokens: 9, output_tokens: 9 }"};
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_source_rescale(s, 0, 2.5, NULL), SP_OK);
    assert_int_equal(model_source_rescale(s, 0, 2, NULL), SP_OK);
    for (int32_t p = 0; p < 2; p++) {
        assert_true(s->policies[p].plans[0].source.rate_per_s == 10);
        assert_true(s->policies[p].plans[0].source.trace_scale == 5);
    }
    assert_int_equal(read_text(&closed, arena, &s, NULL), SP_OK);
    assert_int_equal(model_source_rescale(s, 0, 2, &err), SP_EINPUT);
    assert_string_equal(err.text,
                        "workload 'w': its source has no rate, expected 'rate' "
                        "or 'trace'");
    sp_arena_free(arena);
}

/* ---- --set ---- */

static const struct set_row {
    const char *name;
    struct model_set set;
    double rate_per_s; /* of the first policy's first workload, or ... */
    const char *err;
} set_rows[] = {
    {"below_the_only_workload", {"source.scale", "2"}, 4, NULL},
    {"the_whole_path_still_goes", {"workloads.chat.source.scale", "3"}, 6, NULL},
    {"a_value_that_is_there", {"source.rate", "7/s"}, 7, NULL},
    {"a_key_of_the_top_that_is_not_there",
     {"measure.from", "1s"},
     0,
     "--set measure.from=1s: there is no 'measure'"},
    {"a_key_of_nothing",
     {"sorce.rate", "1/s"},
     0,
     "--set sorce.rate=1/s: there is no "
     "'sorce'"},
    {"a_wrong_value",
     {"source.scale", "-1"},
     0,
     "--set workloads.chat.source.scale=-1: scale: found '-1' (negative), expected a "
     "number from 1e-06 to 1000000"},
};

static void a_short_path_goes_where_it_can(void **state)
{
    const struct set_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR");
    const char *path = sp_arena_printf(arena, "%s/tests/scenarios/serving.yaml",
                                       folder != NULL ? folder : ".");
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    enum sp_status status = model_scenario_read(path, &row->set, 1, arena, &s, &err);

    assert_int_equal(status, row->err == NULL ? SP_OK : SP_EINPUT);
    if (row->err == NULL)
        assert_true(s->policies[0].plans[0].source.rate_per_s == row->rate_per_s);
    else
        assert_string_equal(err.text, row->err);
    sp_arena_free(arena);
}

static void a_path_of_two_workloads_names_both(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *folder = getenv("SRCDIR");
    const char *path = sp_arena_printf(arena, "%s/tests/scenarios/every-key.yaml",
                                       folder != NULL ? folder : ".");
    const struct model_set both = {"source.rate", "2/s"};
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_scenario_read(path, &both, 1, arena, &s, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "can have it, expected the path of one, such as "
                                     "workloads.video.source.rate"));
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest
        tests[N(gpu_rows) + N(kv_rows) + N(set_rows) + N(time_rows) + 16] = {
            cmocka_unit_test(the_least_scenario_has_the_documented_defaults),
            cmocka_unit_test(a_pool_is_a_stage_and_a_unit),
            cmocka_unit_test(a_shape_by_hand_is_read),
            cmocka_unit_test(a_shape_by_hand_has_defaults),
            cmocka_unit_test(requests_are_read),
            cmocka_unit_test(a_pool_overrides_the_policy_and_that_the_workload),
            cmocka_unit_test(a_policy_of_serving_is_read),
            cmocka_unit_test(loading_takes_weights_over_bandwidth),
            cmocka_unit_test(how_the_blocks_came_about_is_said),
            cmocka_unit_test(a_priority_is_asked_of_a_trace_that_may_have_it),
            cmocka_unit_test(a_load_is_rescaled_in_every_policy),
            cmocka_unit_test(a_path_of_two_workloads_names_both),
            cmocka_unit_test(a_roofline_s_efficiencies_may_be_measured),
            cmocka_unit_test(a_roofline_is_of_the_pool_s_model_and_gpu),
            cmocka_unit_test(files_of_iteration_times_are_inputs),
        };
    size_t n = 14;

    for (size_t i = 0; i < N(gpu_rows); i++)
        tests[n++] =
            (struct CMUnitTest){.name = gpu_rows[i].name,
                                .test_func = the_gpu_is_found,
                                .initial_state = (void *)(uintptr_t)&gpu_rows[i]};
    for (size_t i = 0; i < N(kv_rows); i++)
        tests[n++] =
            (struct CMUnitTest){.name = kv_rows[i].name,
                                .test_func = kv_blocks_are_as_by_hand,
                                .initial_state = (void *)(uintptr_t)&kv_rows[i]};
    for (size_t i = 0; i < N(time_rows); i++)
        tests[n++] =
            (struct CMUnitTest){.name = time_rows[i].name,
                                .test_func = iteration_times_are_those_of_the_source,
                                .initial_state = (void *)(uintptr_t)&time_rows[i]};
    for (size_t i = 0; i < N(set_rows); i++)
        tests[n++] =
            (struct CMUnitTest){.name = set_rows[i].name,
                                .test_func = a_short_path_goes_where_it_can,
                                .initial_state = (void *)(uintptr_t)&set_rows[i]};
    return cmocka_run_group_tests_name("scenario_serving", tests, NULL, NULL);
}
