/* A replica against closed forms: M/G/1, saturation, the bound by KV blocks, and what
 * must be conserved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "replica_rig.h"

#define MS    ((int64_t)1000000)
#define TICKS (MS << MODEL_TICK_BITS)

static struct rig_options options(struct rig_request *requests, int32_t n)
{
    return (struct rig_options){
        .it = {.token = TICKS / 64, .decode = 10 * TICKS},
        .pool = {.scheduling = "chunked-prefill",
                 .order = "fcfs",
                 .max_num_seqs = 1,
                 .max_num_batched_tokens = 512,
                 .block_size = 16,
                 .kv_blocks = INT64_MAX},
        .n = n,
        .requests = requests,
    };
}

/* ---- one sequence at a time is M/G/1 ---- */

enum { RUNS = 20, PER_RUN = 20000 };

/* Mean wait for the first chunk over one run of Poisson arrivals; the service is P/64
 * ms
 * + 10 ms (O - 1), with P and O even on 1..256 and 1..20. */
static double mean_wait_ms(struct sp_rng *rng, double rate_per_ms)
{
    struct rig_request *requests = sp_xcalloc(PER_RUN, sizeof *requests);
    struct rig_options o = options(requests, PER_RUN);
    struct rig_result *result;
    double at_ms = 0, sum = 0;

    for (int32_t i = 0; i < PER_RUN; i++) {
        double u = ((double)(sp_rng_next(rng) >> 11) + 0.5) / 9007199254740992.0;

        at_ms -= log(u) / rate_per_ms;
        requests[i] =
            (struct rig_request){.at_ns = (int64_t)(at_ms * (double)MS),
                                 .prompt = 1 + (uint32_t)(sp_rng_next(rng) % 256),
                                 .output = 1 + (uint32_t)(sp_rng_next(rng) % 20)};
    }
    result = rig_run(&o);
    for (int32_t i = 0; i < result->n_events; i++)
        if (result->events[i].kind == RIG_SCHEDULED)
            sum += (double)(result->events[i].ns -
                            requests[result->events[i].number].at_ns);
    rig_free(result);
    free(requests);
    return sum / PER_RUN / (double)MS;
}

/* Pollaczek-Khinchine: W = rate E[S^2] / (2 (1 - rho)).  The mean of 20 runs is within
 * 4 of its own standard errors (19 degrees of freedom: by chance once in 1,300), and
 * that error is below 3 % of W; the empty start takes off less than W / 1000 (a
 * relaxation time is some ten services of 20,000). */
static void one_sequence_at_a_time_is_m_g_1(void **state)
{
    struct sp_rng rng = sp_rng_from_key(31);
    double mean = 0, square = 0, wait, error, want, e1, e2, rate;

    (void)state;
    /* E and Var of P/64: 257/128 and (256^2 - 1)/12/4096; of 10 (O - 1): 95, 3325 */
    e1 = 257.0 / 128 + 95;
    e2 = e1 * e1 + (65536.0 - 1) / 12 / 4096 + 100 * (400.0 - 1) / 12;
    rate = 0.6 / e1;
    want = rate * e2 / (2 * (1 - 0.6));
    for (int i = 0; i < RUNS; i++) {
        wait = mean_wait_ms(&rng, rate);
        mean += wait / RUNS;
        square += wait * wait / RUNS;
    }
    error = sqrt((square - mean * mean) / (RUNS - 1));
    assert_true(error < 0.03 * want);
    assert_true(fabs(mean - want) < 4 * error + want / 1000);
}

/* ---- saturation ---- */

static struct row {
    const char *name;
    const char *scheduling;
    int32_t seqs, n;
    int64_t blocks;
    uint32_t prompt, output;
    int64_t batch; /* how many run at a time */
} rows[] = {
    /* all end together, so that rounds of `batch` follow each other in every rule */
    {"the_most_sequences_bound_the_batch", "prefill-first", 8, 64, INT64_MAX, 32, 20,
     8},
    {"request_level_batches_too", "decode-first", 8, 64, INT64_MAX, 32, 20, 8},
    {"chunks_too_where_a_round_is_within_the_budget", "chunked-prefill", 8, 64,
     INT64_MAX, 32, 20, 8},
    {"a_batch_of_one", "mixed", 1, 16, INT64_MAX, 32, 20, 1},
    /* 31 tokens in 2 blocks, 32 with the last but one: 20 blocks are 10 sequences */
    {"kv_blocks_bound_the_batch", "prefill-first", 64, 60, 20, 31, 2, 10},
    {"kv_blocks_bound_chunks", "chunked-prefill", 64, 60, 21, 31, 2, 10},
};

/* Each round computes batch x prompt tokens, then output - 1 decodes of `batch`
 * sequences at (10 + 0.5 batch) ms: exactly. */
static void rounds_take_what_their_iterations_do(void **state)
{
    const struct row *row = *state;
    struct rig_request requests[64];
    struct rig_options o = options(requests, row->n);
    struct rig_result *result;
    int64_t rounds = row->n / row->batch, decodes = row->output - 1;
    int64_t round_ticks = row->batch * row->prompt * (TICKS / 64) +
                          decodes * (10 * TICKS + row->batch * (TICKS / 2));

    o.it.each = TICKS / 2;
    o.pool.scheduling = row->scheduling;
    o.pool.max_num_seqs = row->seqs;
    o.pool.kv_blocks = row->blocks;
    o.verify = true;
    for (int32_t i = 0; i < row->n; i++)
        requests[i] =
            (struct rig_request){.prompt = row->prompt, .output = row->output};
    result = rig_run(&o);
    assert_int_equal(result->stats[0].counts.iterations, rounds * (1 + decodes));
    assert_true(result->stats[0].counts.busy_ticks == sp_i128_mul(rounds, round_ticks));
    assert_int_equal(result->stats[0].counts.decode_tokens,
                     rounds * decodes * row->batch);
    assert_true(result->kv_peak <= row->blocks);
    rig_free(result);
}

/* ---- conservation ---- */

static void tokens_are_conserved_and_nobody_starves(void **state)
{
    static const char *const rules[] = {"chunked-prefill", "mixed", "prefill-first",
                                        "decode-first"};
    struct sp_rng rng = sp_rng_from_key(5);
    int64_t preemptions = 0;

    (void)state;
    for (int32_t i = 0; i < 400; i++) {
        struct rig_request requests[60];
        struct rig_options o = options(requests, 60);
        struct rig_result *result;
        int64_t output = 0, computed = 0, found = 0, at_ns = 0;
        const struct sim_replica_counts *c;

        o.pool.scheduling = rules[i % 4];
        o.pool.max_num_seqs = 16;
        o.pool.max_num_batched_tokens = 64;
        o.pool.kv_blocks = 20 + (int64_t)(sp_rng_next(&rng) % 20);
        for (int32_t k = 0; k < 60; k++) {
            requests[k] =
                (struct rig_request){.at_ns = at_ns,
                                     .prompt = 1 + (uint32_t)(sp_rng_next(&rng) % 200),
                                     .output = 1 + (uint32_t)(sp_rng_next(&rng) % 100)};
            at_ns += (int64_t)(sp_rng_next(&rng) % (200 * (uint64_t)MS));
            output += requests[k].output;
            computed += requests[k].prompt + requests[k].output - 1;
        }
        result = rig_run(&o); /* ends: all are done */
        c = &result->stats[0].counts;
        assert_int_equal(c->output_tokens, output);
        assert_int_equal(c->rows, output);
        assert_int_equal(c->prefill_tokens + c->decode_tokens,
                         computed + c->recomputed_tokens);
        assert_int_equal(result->stats[0].gaps.count, output - 60);
        assert_true(c->kv_block_ticks <= c->busy_ticks * o.pool.kv_blocks);
        preemptions += c->preemptions;
        for (int32_t k = 0; k < result->n_events; k++)
            if (result->events[k].kind == RIG_SCHEDULED)
                assert_int_equal(result->events[k].number, found++);
        assert_int_equal(found, 60);
        rig_free(result);
    }
    assert_true(preemptions > 400);
}

/* Time per request does not grow with the number that wait: submits into a queue of
 * 100,000 neither end spans nor scan. */
static void a_long_queue_ends_no_spans(void **state)
{
    const int32_t n = 100000;
    struct rig_request *requests = sp_xcalloc((size_t)n, sizeof *requests);
    struct rig_options o = options(requests, n);
    struct rig_result *result;

    (void)state;
    for (int32_t i = 0; i < n; i++)
        requests[i] =
            (struct rig_request){.at_ns = i * (MS / 10), .prompt = 16, .output = 100};
    result = rig_run(&o);
    /* one step to begin with, then each request's prompt and its decodes */
    assert_int_equal(result->steps, 1 + 2 * n);
    assert_int_equal(result->stats[0].counts.iterations, 100 * (int64_t)n);
    rig_free(result);
    free(requests);
}

int main(void)
{
    struct CMUnitTest tests[sizeof rows / sizeof rows[0] + 3] = {
        cmocka_unit_test(one_sequence_at_a_time_is_m_g_1),
        cmocka_unit_test(tokens_are_conserved_and_nobody_starves),
        cmocka_unit_test(a_long_queue_ends_no_spans),
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tests[i + 3] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = rounds_take_what_their_iterations_do,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("replica_theory", tests, NULL, NULL);
}
