/* Serving and its twin agree to the nanosecond on random scenarios; the twin itself
 * agrees with timelines made by hand from docs/design.md, section 7.
 *
 * TWIN_SEED=n with TWIN_FAMILY=one|routed|... runs that case alone and prints it;
 * STAGEPLAN_SLOW=1 runs eight times as many.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/units.h"
#include "sim/run.h"
#include "tests/twin_serving.h"
#include "tests/twin_serving_case.h"

enum { N_QUICK = 800, SLOW_TIMES = 8 };

/* ---- timelines by hand ---- */

#define MS INT64_C(1000000)
#define US INT64_C(1000)

/* A prompt's chunk of c tokens takes c ms, a decoding iteration 10 ms plus 1 ms a
 * sequence, one of both the sum. */
static struct model_iteration *hand_time(struct sp_arena *arena)
{
    static const struct model_fit_options fit = {.prefill = {0, 1e-3, 0},
                                                 .decode = {10e-3, 0, 1e-3}};
    struct model_iteration *it = NULL;

    assert_int_equal(model_iteration_fit(&fit, arena, &it, NULL), SP_OK);
    return it;
}

enum { HAND_REQUESTS = 5 };

static struct hand {
    const char *name;
    struct model_pool pool; /* what is 0 or NULL stays the default */
    int32_t n;
    struct serving_request requests[HAND_REQUESTS];
    struct {
        int64_t first_ms, last_ms;
    } want[HAND_REQUESTS];
    int64_t preemptions, recomputed, iterations, busy_ms;
} hands[] = {
    {.name = "a_lone_request_has_its_prompt_then_a_token_per_iteration",
     .n = 1,
     .requests = {{.time_ns = 5 * MS, .prompt = 20, .output = 3}},
     .want = {{25, 47}},
     .iterations = 3,
     .busy_ms = 42},
    {.name = "an_output_of_one_token_ends_with_the_prompt",
     .n = 1,
     .requests = {{.time_ns = 0, .prompt = 7, .output = 1}},
     .want = {{7, 7}},
     .iterations = 1,
     .busy_ms = 7},
    /* Budget 16: 16, then 4 and 12 of the next, then 8 beside a decode. */
    {.name = "chunks_take_what_the_budget_has_left",
     .pool = {.max_num_batched_tokens = 16},
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 20, .output = 2},
                  {.time_ns = 0, .prompt = 20, .output = 1}},
     .want = {{32, 32 + 8 + 11}, {51, 51}},
     .iterations = 3,
     .busy_ms = 51},
    /* The second comes while the first decodes: it waits for the iteration's end. */
    {.name = "chunked_prefill_shares_the_iteration_with_decodes",
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 4},
                  {.time_ns = 12 * MS, .prompt = 5, .output = 2}},
     .want = {{10, 10 + 11 + 16 + 12}, {10 + 11 + 16, 10 + 11 + 16 + 12}},
     .iterations = 4,
     .busy_ms = 49},
    {.name = "prefill_first_lets_decodes_wait",
     .pool = {.scheduling = "prefill-first"},
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 4},
                  {.time_ns = 12 * MS, .prompt = 5, .output = 2}},
     .want = {{10, 10 + 11 + 5 + 12 + 11}, {26, 38}},
     .iterations = 5,
     .busy_ms = 49},
    {.name = "decode_first_lets_prompts_wait",
     .pool = {.scheduling = "decode-first"},
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 4},
                  {.time_ns = 12 * MS, .prompt = 5, .output = 2}},
     .want = {{10, 43}, {48, 59}},
     .iterations = 6,
     .busy_ms = 59},
    /* The decode fits beside 10 of 16 tokens, twice; 30 goes alone, and it waits. */
    {.name = "mixed_takes_whole_prompts_and_a_longer_one_alone",
     .pool = {.scheduling = "mixed", .max_num_batched_tokens = 16},
     .n = 4,
     .requests = {{.time_ns = 0, .prompt = 4, .output = 4},
                  {.time_ns = 1 * MS, .prompt = 10, .output = 1},
                  {.time_ns = 1 * MS, .prompt = 10, .output = 1},
                  {.time_ns = 1 * MS, .prompt = 30, .output = 1}},
     .want = {{4, 4 + 21 + 21 + 30 + 11}, {25, 25}, {46, 46}, {76, 76}},
     .iterations = 5,
     .busy_ms = 87},
    /* Prompts of 8 and 7 leave 1 of 16: one of the two decodes would fit, so none. */
    {.name = "mixed_lets_all_decodes_wait_where_one_does_not_fit",
     .pool = {.scheduling = "mixed", .max_num_batched_tokens = 16},
     .n = 4,
     .requests = {{.time_ns = 0, .prompt = 4, .output = 2},
                  {.time_ns = 0, .prompt = 4, .output = 2},
                  {.time_ns = 1 * MS, .prompt = 8, .output = 1},
                  {.time_ns = 1 * MS, .prompt = 7, .output = 1}},
     .want = {{8, 8 + 15 + 12}, {8, 35}, {23, 23}, {23, 23}},
     .iterations = 3,
     .busy_ms = 35},
    {.name = "the_shortest_prompt_goes_first",
     .pool = {.order = "shortest-prompt", .max_num_seqs = 1},
     .n = 3,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 1},
                  {.time_ns = 1 * MS, .prompt = 9, .output = 1},
                  {.time_ns = 2 * MS, .prompt = 3, .output = 1}},
     .want = {{10, 10}, {22, 22}, {13, 13}},
     .iterations = 3,
     .busy_ms = 22},
    {.name = "the_lower_priority_number_goes_first",
     .pool = {.order = "priority", .max_num_seqs = 1},
     .n = 3,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 1, .priority = 3},
                  {.time_ns = 1 * MS, .prompt = 9, .output = 1, .priority = 2},
                  {.time_ns = 2 * MS, .prompt = 3, .output = 1, .priority = 1}},
     .want = {{10, 10}, {22, 22}, {13, 13}},
     .iterations = 3,
     .busy_ms = 22},
    /* Blocks of 4, 5 of them.  Prompts of 8: both in at once (16 ms), contexts 8 and 8
     * hold 4 blocks; the first decode wants a block each: the older gets the fifth, the
     * newer is preempted with one token out, and 9 to compute.  Four decodes of 11 ms
     * take the older to context 12 and its 5 tokens; then the newer: 9 ms, its second
     * token; and three decodes. */
    {.name = "out_of_blocks_the_newest_goes_and_is_computed_again",
     .pool = {.kv_blocks = 5},
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 8, .output = 5},
                  {.time_ns = 0, .prompt = 8, .output = 5}},
     .want = {{16, 60}, {16, 60 + 9 + 33}},
     .preemptions = 1,
     .recomputed = 8,
     .iterations = 9,
     .busy_ms = 102},
    /* The same by priority: the older one counts less and goes. */
    {.name = "by_priority_the_last_in_that_order_is_preempted",
     .pool = {.kv_blocks = 5, .order = "priority"},
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 8, .output = 5, .priority = 1},
                  {.time_ns = 0, .prompt = 8, .output = 5, .priority = 0}},
     .want = {{16, 60 + 9 + 33}, {16, 60}},
     .preemptions = 1,
     .recomputed = 8,
     .iterations = 9,
     .busy_ms = 102},
    /* The second needs 3 blocks, and 2 are free until the first leaves; the third
     * would fit and may not overtake. */
    {.name = "nobody_overtakes_the_first_that_does_not_fit",
     .pool = {.kv_blocks = 5},
     .n = 3,
     .requests = {{.time_ns = 0, .prompt = 9, .output = 2},
                  {.time_ns = 1 * MS, .prompt = 12, .output = 1},
                  {.time_ns = 1 * MS, .prompt = 4, .output = 1}},
     .want = {{9, 20}, {36, 36}, {36, 36}},
     .iterations = 3,
     .busy_ms = 36},
    /* Two full blocks of the prompt are there; 8 of 10 tokens need no computing.  Of a
     * prompt of 8 one block stays to be computed. */
    {.name = "a_prompt_seen_before_is_found_but_for_its_end",
     .pool = {.prefix = MODEL_PREFIX_GPU},
     .n = 3,
     .requests = {{.time_ns = 0,
                   .prompt = 10,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}},
                  {.time_ns = 20 * MS,
                   .prompt = 10,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}},
                  {.time_ns = 30 * MS,
                   .prompt = 8,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}}},
     .want = {{10, 10}, {22, 22}, {34, 34}},
     .iterations = 3,
     .busy_ms = 16},
    /* The second is found in the iteration in which the first is computed: 10 + 2. */
    {.name = "blocks_are_found_from_the_moment_they_are_in_an_iteration",
     .pool = {.prefix = MODEL_PREFIX_GPU},
     .n = 2,
     .requests = {{.time_ns = 0,
                   .prompt = 10,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}},
                  {.time_ns = 0,
                   .prompt = 10,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}}},
     .want = {{12, 12}, {12, 12}},
     .iterations = 1,
     .busy_ms = 12},
    /* A store of one block: the second prompt finds nothing, for block 2 drove out 1;
     * the third finds its only one. */
    {.name = "a_store_keeps_the_blocks_used_last",
     .pool = {.prefix = MODEL_PREFIX_STORE, .prefix_blocks = 1},
     .n = 3,
     .requests = {{.time_ns = 0,
                   .prompt = 10,
                   .output = 1,
                   .n_hashes = 2,
                   .hashes = (const uint64_t[]){1, 2}},
                  {.time_ns = 20 * MS,
                   .prompt = 7,
                   .output = 1,
                   .n_hashes = 1,
                   .hashes = (const uint64_t[]){1}},
                  {.time_ns = 30 * MS,
                   .prompt = 7,
                   .output = 1,
                   .n_hashes = 1,
                   .hashes = (const uint64_t[]){1}}},
     .want = {{10, 10}, {27, 27}, {33, 33}},
     .iterations = 3,
     .busy_ms = 20},
};

static void set_pool(struct model_pool *pool, const struct model_pool *as)
{
    pool->scheduling = as->scheduling != NULL ? as->scheduling : pool->scheduling;
    pool->order = as->order != NULL ? as->order : pool->order;
    if (as->max_num_batched_tokens > 0)
        pool->max_num_batched_tokens = as->max_num_batched_tokens;
    if (as->max_num_seqs > 0)
        pool->max_num_seqs = as->max_num_seqs;
    if (as->kv_blocks > 0)
        pool->kv_blocks = as->kv_blocks;
    pool->prefix = as->prefix;
    pool->prefix_blocks = as->prefix_blocks;
}

static void twin_does_what_was_worked_out_by_hand(void **state)
{
    const struct hand *hand = *state;
    struct sp_arena *arena = sp_arena_new();
    struct serving_case c = serving_case_new(arena);
    struct model_pool *pool = serving_case_pool(&c, 1);
    struct twin_serving_result *r = sp_arena_alloc(arena, sizeof *r);

    set_pool(pool, &hand->pool);
    pool->iteration = hand_time(arena);
    c.trace.n = hand->n;
    c.trace.rows = hand->requests;
    c.trace.hash_block_tokens = 4;
    twin_serving_run(c.b.policy, &c.trace, arena, NULL, r);
    for (int32_t i = 0; i < hand->n; i++) {
        assert_int_equal(r->requests[i].first_ns, hand->want[i].first_ms * MS);
        assert_int_equal(r->requests[i].last_ns, hand->want[i].last_ms * MS);
    }
    assert_int_equal(r->pools[0].preemptions, hand->preemptions);
    assert_int_equal(r->pools[0].recomputed_tokens, hand->recomputed);
    assert_int_equal(r->pools[0].iterations, hand->iterations);
    assert_true(r->pools[0].busy_ticks == (sp_i128)(hand->busy_ms * MS)
                                              << MODEL_TICK_BITS);
    sp_arena_free(arena);
}

/* ---- prefill and decode apart, by hand: a prefill and a decode replica ---- */

/* The cache of a token has 256 bytes, the model 4 layers. */
static struct split {
    const char *name;
    struct model_transfer transfer;
    double nic_bytes_per_s;
    int32_t decode_seqs, prefill_blocks; /* 0: enough */
    int32_t n;
    struct serving_request requests[3];
    struct {
        int64_t first_us, last_us;
    } want[3];
    int64_t held_back_us; /* the longest */
} splits[] = {
    /* 10 tokens are 2560 bytes: 10 ms at 256,000 a second, and 5 ms. */
    {.name = "the_cache_moves_when_the_prompt_is_done",
     .transfer = {.bytes_per_s = 256e3, .latency_ns = 5 * MS},
     .n = 1,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 3}},
     .want = {{10000, 10000 + 15000 + 22000}}},
    {.name = "one_token_of_output_needs_no_decode_replica",
     .transfer = {.bytes_per_s = 256e3, .latency_ns = 5 * MS},
     .n = 1,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 1}},
     .want = {{10000, 10000}}},
    /* Half as fast: 20 ms, 5 a layer.  The last layer: 10 + 5 + 5; all in a row from
     * the first layer's end: 2.5 + 5 + 20. */
    {.name = "layer_by_layer_a_slow_link_begins_with_the_first_layer",
     .transfer = {.bytes_per_s = 128e3, .latency_ns = 5 * MS, .overlap = true},
     .n = 1,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 2}},
     .want = {{10000, 27500 + 11000}}},
    /* 2 ms: the last layer alone, 10 + 5 + 0.5, comes later than 2.5 + 5 + 2. */
    {.name = "layer_by_layer_a_fast_link_ends_with_the_last_layer",
     .transfer = {.bytes_per_s = 1280e3, .latency_ns = 5 * MS, .overlap = true},
     .n = 1,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 2}},
     .want = {{10000, 15500 + 11000}}},
    /* Both prompts end at 20 ms; 10 ms each on the wire, one after the other.  The
     * first has decoded alone from 30 to 41 when the second, there at 40, joins. */
    {.name = "nics_carry_one_cache_at_a_time",
     .nic_bytes_per_s = 256e3,
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 3},
                  {.time_ns = 0, .prompt = 10, .output = 2}},
     .want = {{20000, 41000 + 12000}, {20000, 53000}}},
    /* One place: the second is picked when the first leaves, at 20 + 10 + 11, and needs
     * 10 ms of its own. */
    {.name = "a_full_decode_pool_holds_the_transfer_back",
     .transfer = {.bytes_per_s = 256e3},
     .decode_seqs = 1,
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 2},
                  {.time_ns = 0, .prompt = 10, .output = 2}},
     .want = {{20000, 41000}, {20000, 41000 + 10000 + 11000}},
     .held_back_us = 21000},
    /* The prefill replica has 3 blocks of 4: the second prompt waits until the first's
     * cache has gone, at 10 + 10. */
    {.name = "blocks_stay_with_the_source_until_the_cache_has_moved",
     .transfer = {.bytes_per_s = 256e3},
     .prefill_blocks = 3,
     .n = 2,
     .requests = {{.time_ns = 0, .prompt = 10, .output = 2},
                  {.time_ns = 0, .prompt = 10, .output = 1}},
     .want = {{10000, 31000}, {30000, 30000}}},
};

static void twin_moves_caches_as_worked_out_by_hand(void **state)
{
    const struct split *split = *state;
    struct sp_arena *arena = sp_arena_new();
    struct serving_case c = serving_case_new(arena);
    struct model_pool *prefill = serving_case_pool(&c, 1);
    struct model_pool *decode = serving_case_pool(&c, 1);
    struct twin_serving_result *r = sp_arena_alloc(arena, sizeof *r);

    prefill->role = MODEL_ROLE_PREFILL;
    decode->role = MODEL_ROLE_DECODE;
    prefill->iteration = decode->iteration = hand_time(arena);
    if (split->decode_seqs > 0)
        decode->max_num_seqs = split->decode_seqs;
    if (split->prefill_blocks > 0)
        prefill->kv_blocks = split->prefill_blocks;
    c.m->transfer = split->transfer;
    for (int32_t i = 0; i < 2; i++)
        c.b.policy->types[i].nic_bytes_per_s = split->nic_bytes_per_s;
    c.trace.n = split->n;
    c.trace.rows = split->requests;
    twin_serving_run(c.b.policy, &c.trace, arena, NULL, r);
    for (int32_t i = 0; i < split->n; i++) {
        assert_int_equal(r->requests[i].first_ns, split->want[i].first_us * US);
        assert_int_equal(r->requests[i].last_ns, split->want[i].last_us * US);
    }
    assert_int_equal(r->held_back.max_ns, split->held_back_us * US);
    sp_arena_free(arena);
}

/* ---- comparing ---- */

struct comparison {
    bool differs;
    FILE *out;
};

static void same_i(struct comparison *c, const char *what, int32_t row, int64_t twin,
                   int64_t sim)
{
    if (twin == sim)
        return;
    c->differs = true;
    if (c->out != NULL)
        fprintf(c->out, "  %s [%d]: twin %lld, sim %lld\n", what, (int)row,
                (long long)twin, (long long)sim);
}

/* Within `part` of each other; 0: the same double. */
static void same_d(struct comparison *c, const char *what, int32_t row, double twin,
                   double sim, double part)
{
    if (fabs(twin - sim) <= part * fabs(twin) || (isnan(twin) && isnan(sim)))
        return;
    c->differs = true;
    if (c->out != NULL)
        fprintf(c->out, "  %s [%d]: twin %.17g, sim %.17g\n", what, (int)row, twin,
                sim);
}

static void same_times(struct comparison *c, const char *what, int32_t row,
                       const struct sim_histogram *a, const struct model_times *b)
{
    same_i(c, what, row, (int64_t)a->count, b->count);
    same_d(c, what, row, sim_histogram_mean_s(a), b->mean_s.mean, 0);
    same_d(c, what, row, sim_histogram_quantile_s(a, 0.5), b->p50_s.mean, 0);
    same_d(c, what, row, sim_histogram_quantile_s(a, 0.9), b->p90_s.mean, 0);
    same_d(c, what, row, sim_histogram_quantile_s(a, 0.99), b->p99_s.mean, 0);
    same_d(c, what, row, sim_histogram_max_s(a), b->max_s.mean, 0);
}

static double ratio(double a, double b)
{
    return b == 0 ? NAN : a / b;
}

static double seconds(sp_i128 ticks)
{
    return sp_double_from_i128(ticks) / (double)(1 << MODEL_TICK_BITS) / 1e9;
}

#define NEAR 1e-9 /* relative: sums of doubles in another order */

static double flop_of(const struct model_llm *m, const struct twin_pool_result *a)
{
    return model_llm_dense_flop(m, (double)(a->prefill_tokens + a->decode_tokens)) +
           model_llm_head_flop(m, (double)a->rows) +
           model_llm_attention_flop(m, sp_double_from_i128(a->pairs));
}

static void compare_pool(struct comparison *c, const struct serving_case *sc, int32_t i,
                         const struct twin_pool_result *a,
                         const struct model_serving_pool *b, double end_s)
{
    int32_t count = sc->b.plan->units[i].count;
    double replica_s = end_s * (double)count, busy_s = seconds(a->busy_ticks);

    same_i(c, "iterations", i, a->iterations, b->iterations);
    same_i(c, "prefill tokens", i, a->prefill_tokens, b->prefill_tokens);
    same_i(c, "decode tokens", i, a->decode_tokens, b->decode_tokens);
    same_i(c, "recomputed", i, a->recomputed_tokens, b->recomputed_tokens);
    same_i(c, "preemptions", i, a->preemptions, b->preemptions);
    same_i(c, "prefix blocks", i, a->prefix_blocks, b->prefix_blocks);
    same_i(c, "prefix found", i, a->prefix_found_blocks, b->prefix_found_blocks);
    same_i(c, "prefix tokens", i, a->prefix_tokens, b->prefix_tokens);
    same_i(c, "prefix found tokens", i, a->prefix_found_tokens, b->prefix_found_tokens);
    same_i(c, "beyond", i, a->beyond, b->beyond);
    same_d(c, "busy", i, ratio(sp_s_from_ns(a->busy_ns), replica_s), b->busy_frac.mean,
           NEAR);
    same_d(c, "compute", i,
           model_iteration_knows_bound(sc->m->pools[i].iteration)
               ? ratio(seconds(a->compute_ticks), busy_s)
               : NAN,
           b->compute_frac.mean, NEAR);
    same_d(c, "decode", i, ratio(seconds(a->decode_ticks), busy_s), b->decode_frac.mean,
           NEAR);
    same_d(c, "batch", i,
           ratio((double)a->decode_tokens, (double)a->decoding_iterations),
           b->batch_mean.mean, NEAR);
    if (strcmp(b->role, "decode") != 0) /* nobody is submitted to one */
        same_times(c, "pool queue", i, &a->queue, &b->queue);
    same_d(c, "replicas", i, (double)count, b->replicas.mean, NEAR);
    same_d(c, "tokens/s/GPU", i,
           (double)(a->prefill_tokens + a->decode_tokens) / replica_s,
           b->tokens_per_s_per_gpu.mean, NEAR);
    same_d(c, "utilization", i,
           ratio(flop_of(sc->m->llm, a), sc->m->pools[i].gpu->bf16_flop_per_s * busy_s),
           b->flop_utilization.mean, NEAR);
    if (b->kv_blocks == INT64_MAX)
        return;
    same_d(c, "kv used", i, ratio(a->kv_block_s, busy_s * (double)b->kv_blocks),
           b->kv_used_frac.mean, NEAR);
    same_d(c, "kv peak", i, (double)a->kv_peak / (double)b->kv_blocks,
           b->kv_peak_frac.mean, NEAR);
}

static void compare_classes(struct comparison *c, const struct twin_serving_result *a,
                            const struct model_serving_result *b)
{
    for (int32_t i = 0; i < b->n_classes; i++) {
        same_times(c, "class ttft", i, &a->class_ttft[i], &b->classes[i].ttft);
        same_times(c, "class tpot", i, &a->class_tpot[i], &b->classes[i].tpot);
        same_times(c, "class e2e", i, &a->class_e2e[i], &b->classes[i].e2e);
    }
}

static void compare_serving(struct comparison *c, const struct twin_serving_result *a,
                            const struct model_serving_result *b)
{
    double s = sp_s_from_ns(a->end_ns);
    int64_t left = a->in - a->in_flight, finished = 0, met = 0;

    same_i(c, "requests", 0, a->in, b->requests);
    same_times(c, "ttft", 0, &a->ttft, &b->ttft);
    same_times(c, "tpot", 0, &a->tpot, &b->tpot);
    same_times(c, "itl", 0, &a->itl, &b->itl);
    same_times(c, "e2e", 0, &a->e2e, &b->e2e);
    same_times(c, "queue", 0, &a->queue, &b->queue);
    compare_classes(c, a, b);
    if (b->has_slo) {
        same_d(c, "goodput", 0, (double)a->good / s, b->goodput_per_s.mean, NEAR);
        same_d(c, "attained", 0, ratio((double)a->good, (double)left),
               b->slo_attained.mean, NEAR);
    }
    same_d(c, "prompt tokens/s", 0, (double)a->prompt_tokens / s,
           b->prompt_tokens_per_s.mean, NEAR);
    same_d(c, "output tokens/s", 0, (double)a->output_tokens / s,
           b->output_tokens_per_s.mean, NEAR);
    for (int32_t i = 0; i < b->n_buckets; i++) {
        finished += b->finished[i];
        met += b->met[i];
    }
    if (b->has_slo) {
        same_i(c, "finished in buckets", 0, left, finished);
        same_i(c, "met in buckets", 0, a->good, met);
    }
    same_i(c, "transfers", 0, a->transfers, b->transfers);
    same_i(c, "transfer bytes", 0, a->transfer_bytes, b->transfer_bytes);
    same_times(c, "transfer", 0, &a->transfer, &b->transfer);
    same_times(c, "held back", 0, &a->held_back, &b->held_back);
}

struct rows {
    struct model_item_row *row;
    int32_t n;
};

static void keep_row(void *self, const struct model_item_row *row)
{
    struct rows *rows = self;

    rows->row[row->item] = *row;
    rows->n++;
}

static void compare_rows(struct comparison *c, const struct twin_serving_result *a,
                         const struct rows *b)
{
    same_i(c, "rows", 0, a->in - a->in_flight, b->n);
    for (int32_t i = 0; i < a->in; i++) {
        if (a->requests[i].left_ns < 0)
            continue;
        same_i(c, "arrived", i, a->requests[i].arrived_ns, b->row[i].arrived_ns);
        same_i(c, "left", i, a->requests[i].left_ns, b->row[i].left_ns);
        same_i(c, "why", i, a->requests[i].dropped, b->row[i].dropped);
    }
}

static void compare(struct comparison *c, const struct serving_case *sc,
                    const struct twin_serving_result *a,
                    const struct model_policy_result *b)
{
    const struct model_workload_result *w = &b->workloads[0];

    same_d(c, "end", 0, sp_s_from_ns(a->end_ns), b->time_s.mean, 0);
    same_i(c, "in", 0, a->in, w->in);
    same_i(c, "done", 0, a->done, w->done);
    same_i(c, "in flight", 0, a->in_flight, w->in_flight);
    for (int32_t i = 0; i < MODEL_DROP_REASONS; i++)
        same_i(c, "dropped", i, a->dropped_by[i], w->dropped_by[i]);
    compare_serving(c, a, w->serving);
    for (int32_t i = 0; i < w->serving->n_pools; i++)
        compare_pool(c, sc, i, &a->pools[i], &w->serving->pools[i],
                     sp_s_from_ns(a->end_ns));
}

/* ---- what the cases reach ---- */

enum seen {
    SEEN_DONE,
    SEEN_DROPPED,
    SEEN_PREEMPTED,
    SEEN_RECOMPUTED,
    SEEN_FOUND,
    SEEN_MOVED,
    SEEN_HELD_BACK,
    SEEN_GOOD,
    SEEN_BAD,
    SEEN_N
};

static const char *const seen_names[] = {
    "done",  "dropped",   "preempted", "recomputed", "found in a cache",
    "moved", "held back", "good",      "not good"};

static void see(int32_t seen[SEEN_N], const struct twin_serving_result *r)
{
    seen[SEEN_DONE] += r->done > 0;
    seen[SEEN_DROPPED] += r->done < r->in;
    seen[SEEN_MOVED] += r->transfers > 0;
    seen[SEEN_HELD_BACK] += r->held_back.max_ns > 0;
    seen[SEEN_GOOD] += r->good > 0;
    seen[SEEN_BAD] += r->good < r->done;
    for (int32_t i = 0; i < MODEL_POOLS_MAX; i++) {
        seen[SEEN_PREEMPTED] += r->pools[i].preemptions > 0;
        seen[SEEN_RECOMPUTED] += r->pools[i].recomputed_tokens > 0;
        seen[SEEN_FOUND] += r->pools[i].prefix_found_blocks > 0;
    }
}

static const bool expected[SERVING_FAMILIES][SEEN_N] = {
    [SERVING_ONE] = {true, true, true, true, false, false, false, true, true},
    [SERVING_ROUTED] = {true, true, true, true, false, false, false, true, true},
    [SERVING_CACHED] = {true, true, true, true, true, false, false, true, true},
    [SERVING_SPLIT] = {true, true, true, true, false, true, true, true, true},
    [SERVING_OVERLAP] = {true, true, true, true, false, true, true, true, true},
    [SERVING_MIXED] = {true, true, true, true, true, true, true, true, true},
};

/* ---- running ---- */

static bool agrees(enum serving_family family, uint64_t seed, int32_t seen[SEEN_N],
                   FILE *out, FILE *log)
{
    struct sp_arena *arena = sp_arena_new();
    struct serving_case sc = serving_case_random(family, seed, arena);
    struct twin_serving_result *twin = sp_arena_alloc(arena, sizeof *twin);
    struct rows rows = {
        .row = sp_arena_array(arena, (size_t)sc.trace.n + 1, sizeof *rows.row)};
    struct model_trace_opener traces = serving_trace_opener(&sc.trace);
    struct model_item_sink items = {&rows, keep_row};
    struct sim_options options = {.seed = seed,
                                  .replications = 1,
                                  .traces = &traces,
                                  .items = &items,
                                  .version = "test",
                                  .verify = true};
    struct comparison c = {.out = out};
    struct model_result *result;
    struct sp_err err = {0};

    if (log != NULL)
        serving_case_print(log, &sc);
    twin_serving_run(sc.b.policy, &sc.trace, arena, log, twin);
    see(seen, twin);
    if (sim_run(sc.b.sc, &options, arena, &result, &err) != SP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    compare(&c, &sc, twin, &result->policies[0]);
    compare_rows(&c, twin, &rows);
    if (c.differs && out != NULL)
        serving_case_print(out, &sc);
    sp_arena_free(arena);
    return !c.differs;
}

static bool is_slow(void)
{
    const char *slow = getenv("STAGEPLAN_SLOW");

    return slow != NULL && *slow == '1';
}

struct random_row {
    const char *name;
    enum serving_family family;
};

static void agrees_on_random_cases(void **state)
{
    enum serving_family family = ((const struct random_row *)*state)->family;
    const char *one = getenv("TWIN_SEED"), *only = getenv("TWIN_FAMILY");
    uint64_t n = is_slow() ? N_QUICK * SLOW_TIMES : N_QUICK;
    int32_t bad = 0, seen[SEEN_N] = {0};

    if (only != NULL && strcmp(only, serving_family_names[family]) != 0)
        skip();
    if (one != NULL) {
        assert_true(agrees(family, strtoull(one, NULL, 10), seen, stderr, stderr));
        return;
    }
    for (uint64_t seed = 1; seed <= n; seed++) {
        if (agrees(family, seed, seen, NULL, NULL))
            continue;
        if (bad++ == 0)
            agrees(family, seed, seen, stderr, NULL);
        print_message("they differ at TWIN_FAMILY=%s TWIN_SEED=%llu\n",
                      serving_family_names[family], (unsigned long long)seed);
    }
    assert_int_equal(bad, 0);
    for (int i = 0; i < SEEN_N; i++) /* agreeing on nothing would be easy */
        if (expected[family][i] && seen[i] < 20)
            fail_msg("only %d cases with: %s", (int)seen[i], seen_names[i]);
}

static struct random_row randoms[] = {
    {"twin_agrees_on_one_replica", SERVING_ONE},
    {"twin_agrees_on_routed_replicas", SERVING_ROUTED},
    {"twin_agrees_on_prefix_caches", SERVING_CACHED},
    {"twin_agrees_on_prefill_and_decode_apart", SERVING_SPLIT},
    {"twin_agrees_on_overlapped_transfers", SERVING_OVERLAP},
    {"twin_agrees_on_pools_of_several_kinds", SERVING_MIXED},
};

#define N_HANDS   (sizeof hands / sizeof hands[0])
#define N_SPLITS  (sizeof splits / sizeof splits[0])
#define N_RANDOMS (sizeof randoms / sizeof randoms[0])

int main(void)
{
    struct CMUnitTest random_tests[N_RANDOMS];
    struct CMUnitTest by_hand[N_HANDS + N_SPLITS];
    int failed;

    sp_gsl_quiet();
    for (size_t i = 0; i < N_HANDS; i++)
        by_hand[i] =
            (struct CMUnitTest){.name = hands[i].name,
                                .test_func = twin_does_what_was_worked_out_by_hand,
                                .initial_state = &hands[i]};
    for (size_t i = 0; i < N_SPLITS; i++)
        by_hand[N_HANDS + i] =
            (struct CMUnitTest){.name = splits[i].name,
                                .test_func = twin_moves_caches_as_worked_out_by_hand,
                                .initial_state = &splits[i]};
    for (size_t i = 0; i < N_RANDOMS; i++)
        random_tests[i] = (struct CMUnitTest){.name = randoms[i].name,
                                              .test_func = agrees_on_random_cases,
                                              .initial_state = &randoms[i]};
    failed = cmocka_run_group_tests_name("twin_serving_by_hand", by_hand, NULL, NULL);
    return failed +
           cmocka_run_group_tests_name("twin_serving", random_tests, NULL, NULL);
}
