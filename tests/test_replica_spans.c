/* A span of iterations is its iterations one by one: on random small cases, whatever
 * the pattern of settling and cutting, the same is told at the same instants and the
 * same is counted, to the tick.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "replica_rig.h"
#include "sim/gaps.h"

enum { CASES = 3000, REQUESTS_MOST = 40 };

static uint32_t within(struct sp_rng *rng, uint32_t low, uint32_t high)
{
    return low + (uint32_t)(sp_rng_next(rng) % (high - low + 1));
}

struct shape {
    struct rig_options o;
    struct rig_request requests[REQUESTS_MOST];
};

/* Prompts of three families whose blocks have common beginnings. */
static void random_hashes(struct sp_rng *rng, struct rig_request *q, uint32_t block)
{
    uint64_t family = within(rng, 1, 3);
    int32_t shared = (int32_t)within(rng, 0, 16);

    q->n_hashes = (int32_t)((q->prompt + block - 1) / block);
    q->n_hashes = q->n_hashes < 16 ? q->n_hashes : 16;
    for (int32_t i = 0; i < q->n_hashes; i++)
        q->hashes[i] = i < shared ? family * 1000 + (uint64_t)i : sp_rng_next(rng);
}

static void random_requests(struct sp_rng *rng, struct shape *s)
{
    uint32_t gap_us = within(rng, 1, 5000), long_prompts = within(rng, 1, 120);
    int64_t at_ns = 0;

    for (int32_t i = 0; i < s->o.n; i++) {
        struct rig_request *q = &s->requests[i];

        *q = (struct rig_request){.at_ns = at_ns,
                                  .prompt = within(rng, 1, long_prompts),
                                  .output = within(rng, 1, 80),
                                  .priority = within(rng, 0, 3)};
        if (s->o.hash_tokens > 0)
            random_hashes(rng, q, (uint32_t)s->o.hash_tokens);
        if (within(rng, 0, 3) > 0) /* some come together */
            at_ns += within(rng, 0, 2 * gap_us) * 1000 + within(rng, 0, 3);
    }
    s->o.requests = s->requests;
}

static void random_pool(struct sp_rng *rng, struct model_pool *p, int32_t *hash_tokens)
{
    static const char *const rules[] = {"chunked-prefill", "mixed", "prefill-first",
                                        "decode-first"};
    static const char *const orders[] = {"fcfs", "shortest-prompt", "priority"};

    p->scheduling = rules[within(rng, 0, 3)];
    p->order = orders[within(rng, 0, 2)];
    p->block_size = (int32_t)within(rng, 1, 16);
    p->max_num_seqs = (int32_t)within(rng, 1, 24);
    p->max_num_batched_tokens = (int32_t)within(rng, 8, 100);
    p->prefix = (enum model_prefix)within(rng, 0, 2);
    p->prefix_blocks = within(rng, 1, 50);
    *hash_tokens = (int32_t)within(rng, 0, 2) * p->block_size;
    /* a request has at most 120 + 80 tokens; little more fits */
    p->kv_blocks =
        (200 + (int32_t)within(rng, 0, 60) + p->block_size - 1) / p->block_size;
    if (within(rng, 0, 4) == 0)
        p->kv_blocks = INT64_MAX;
}

static void random_shape(struct sp_rng *rng, struct shape *s)
{
    struct model_iteration *it = &s->o.it;
    /* ticks: about a millisecond, or a microsecond, where instants meet more often */
    const int64_t ms = (int64_t)1 << (within(rng, 0, 3) == 0 ? 30 : 40);

    *s = (struct shape){.o = {.n = (int32_t)within(rng, 1, REQUESTS_MOST)}};
    *it = (struct model_iteration){
        .prompt = within(rng, 0, 1000) * (ms / 1000),
        .token = within(rng, 0, 1000) * (ms / 64000),
        .pair = within(rng, 0, 1000),
        .decode = (1 << 20) + within(rng, 0, 1000) * (ms / 1000),
        .each = within(rng, 0, 1000) * (ms / 16000),
        .context = within(rng, 0, 1000) * (ms / 256000),
        .kink = within(rng, 0, 1) * within(rng, 1, 600),
        .bend = within(rng, 0, 1000) * (ms / 128000),
        .line_most = within(rng, 0, 2) == 0 ? within(rng, 1, 9) : 0,
        .fails_past = within(rng, 0, 15) == 0 ? within(rng, 100, 900) : 0,
    };
    if (within(rng, 0, 19) == 0) /* several iterations in a nanosecond */
        *it = (struct model_iteration){.token = within(rng, 0, 1 << 18),
                                       .decode = within(rng, 0, 1 << 21),
                                       .context = within(rng, 0, 1 << 10)};
    random_pool(rng, &s->o.pool, &s->o.hash_tokens);
    s->o.split = within(rng, 0, 3) == 0;
    s->o.overlap = within(rng, 0, 1);
    s->o.transfer_ns = within(rng, 0, 3000000);
    s->o.decode_kv_blocks = s->o.pool.kv_blocks;
    if (!s->o.split && within(rng, 0, 5) == 0)
        s->o.lose_ns = within(rng, 1, 100000000);
    random_requests(rng, s);
}

static void spans_are_their_iterations_one_by_one(void **state)
{
    struct sp_rng rng = sp_rng_from_key(20260);
    int64_t saved = 0, preempted = 0, found = 0, failed = 0;

    (void)state;
    for (int32_t i = 0; i < CASES; i++) {
        static struct shape s;
        struct rig_result *one, *all, *settled;

        random_shape(&rng, &s);
        s.o.verify = i % 4 == 0;
        all = rig_run(&s.o);
        s.o.span_limit = 1;
        one = rig_run(&s.o);
        s.o.span_limit = within(&rng, 0, 1) * within(&rng, 1, 20);
        s.o.settle_seed = (uint64_t)i + 1;
        settled = rig_run(&s.o);
        if (!rig_same(one, all) || !rig_same(one, settled))
            fail_msg("case %d differs: %d %d %d events, %s", i, one->n_events,
                     all->n_events, settled->n_events, s.o.pool.scheduling);
        saved += one->steps > all->steps;
        preempted +=
            one->stats[0].counts.preemptions + one->stats[1].counts.preemptions;
        found += one->stats[0].counts.prefix_found_tokens;
        failed += one->status != SP_OK;
        rig_free(one);
        rig_free(all);
        rig_free(settled);
    }
    /* the cases are not empty ones */
    assert_true(saved > CASES / 2 && preempted > CASES / 2);
    assert_true(found > CASES && failed > CASES / 200);
}

static void gaps_of_a_line_are_as_added_one_by_one(void **state)
{
    struct sp_rng rng = sp_rng_from_key(77);
    struct sp_arena *arena = sp_arena_new();
    struct sim_histogram bulk, single;

    (void)state;
    sim_histogram_init(&bulk, arena);
    sim_histogram_init(&single, arena);
    for (int32_t round = 0; round < 3000; round++) {
        int bits = (int)within(&rng, 1, 44);
        int64_t count = within(&rng, 1, 300), times = within(&rng, 1, 5);
        int64_t first = (int64_t)(sp_rng_next(&rng) >> (64 - bits - 1));
        int64_t step = (int64_t)(sp_rng_next(&rng) >> (64 - within(&rng, 1, 40)));

        if (round % 5 == 0)
            step = 0;
        if (round % 3 == 0) {
            first += step * (count - 1);
            step = -step;
        }
        sim_gaps_add_line(&bulk, first, step, count, times);
        for (int64_t i = 0; i < count; i++)
            sim_histogram_add(&single, (first + i * step) >> MODEL_TICK_BITS,
                              (uint64_t)times);
        assert_true(bulk.sum_ns == single.sum_ns);
        assert_int_equal(bulk.count, single.count);
        assert_int_equal(bulk.min_ns, single.min_ns);
        assert_int_equal(bulk.max_ns, single.max_ns);
    }
    assert_memory_equal(bulk.buckets, single.buckets,
                        SIM_HIST_BUCKETS * sizeof *bulk.buckets);
    sim_gaps_add_line(&bulk, 1, 1, 0, 1); /* nothing */
    assert_int_equal(bulk.count, single.count);
    sp_arena_free(arena);
}

/* sum of floor((a + b i) / 2^k) over n terms, n far past what a loop could do: for b =
 * 2^k it is n floor(a / 2^k) + n (n - 1) / 2. */
static void floor_sums_of_long_lines_are_exact(void **state)
{
    const int64_t n = (int64_t)1 << 40, rest = (int64_t)1 << 30;

    (void)state;
    assert_true(sim_gaps_floor_sum(12345678, 1 << 20, 1 << 20, 20) ==
                sp_i128_mul(11, 1 << 20) + sp_i128_mul(1 << 20, (1 << 20) - 1) / 2);
    /* step 1: each value 0 .. n / 2^20 - 1 stands 2^20 times */
    assert_true(sim_gaps_floor_sum(0, 1, n, 20) ==
                sp_i128_mul(n >> 20, (n >> 20) - 1) / 2 * (1 << 20));
    assert_true(sim_gaps_floor_sum(0, 1, rest << 14, 20) ==
                sp_i128_mul(rest >> 6, (rest >> 6) - 1) / 2 * (1 << 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_of_a_line_are_as_added_one_by_one),
        cmocka_unit_test(floor_sums_of_long_lines_are_exact),
        cmocka_unit_test(spans_are_their_iterations_one_by_one),
    };

    return cmocka_run_group_tests_name("replica_spans", tests, NULL, NULL);
}
