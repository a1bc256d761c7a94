/* Serving cases small enough to be worked out by hand: every expected time is added up
 * in the row's comment from iterations of 10 ms where one decodes and 1 ms for each
 * token of a prompt.  Runs are verified after every event. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/units.h"
#include "tests/serving_build.h"

enum { ROOM = 16 };

/* When each request left, in milliseconds; -1: dropped. */
struct left {
    double ms[ROOM];
    int n, order[ROOM];
};

static void note_left(void *self, const struct model_item_row *row)
{
    struct left *l = self;

    assert_in_range(row->item, 0, ROOM - 1);
    l->ms[row->item] = row->dropped < 0 ? (double)row->left_ns / 1e6 : -1;
    l->order[l->n++] = (int)row->item;
}

static const struct model_policy_result *
run(const struct serving_build *b, const struct serving_trace *trace, struct left *left)
{
    struct model_item_sink sink = {left, note_left};
    const struct model_policy_result *p;

    *left = (struct left){.n = 0};
    p = &serving_run(b, (struct serving_how){.seed = 1, .trace = trace, .items = &sink})
             ->policies[0];
    assert_int_equal(p->end, MODEL_END_DONE);
    return p;
}

#define TRACE(...)                                                                     \
    {                                                                                  \
        sizeof((struct serving_arrival[]){__VA_ARGS__}) /                              \
            sizeof(struct serving_arrival),                                            \
            (const struct serving_arrival[])                                           \
        {                                                                              \
            __VA_ARGS__                                                                \
        }                                                                              \
    }

static void close_ms(double is, double want)
{
    if (fabs(is - want) > 1e-5) /* 10 ns: each iteration is seen at the next one */
        fail_msg("%.9g ms, expected %.9g ms", is, want);
}

/* ---- co-located ---- */

/* 20 tokens of prompt: 20 ms until the first token, then 4 iterations of 10 ms. */
static void lone_request_takes_its_iterations(void **state)
{
    const struct serving_trace trace = TRACE({1, 20, 5});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_policy_result *p;
    const struct model_serving_result *s;
    struct left left;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1);
    serving_trace(&b, &trace);
    p = run(&b, &trace, &left);
    s = p->workloads[0].serving;
    close_ms(left.ms[0], 1060);
    close_ms(1e3 * s->ttft.mean_s.mean, 20);
    close_ms(1e3 * s->tpot.mean_s.mean, 10);
    close_ms(1e3 * s->e2e.mean_s.mean, 60);
    close_ms(1e3 * s->queue.mean_s.mean, 0);
    assert_int_equal(s->itl.count, 4);
    close_ms(1e3 * s->itl.max_s.mean, 10);
    assert_int_equal(s->pools[0].iterations, 5);
    assert_int_equal(s->pools[0].prefill_tokens, 20);
    assert_int_equal(s->pools[0].decode_tokens, 4);
    assert_true(isnan(s->goodput_per_s.mean));
    sp_arena_free(arena);
}

/* Zero tokens, a prompt beyond the KV cache (12 blocks of 10 tokens), and one that
 * just fits: 111 + 10 - 1 tokens are 120. */
static void what_can_never_be_served_is_rejected(void **state)
{
    const struct serving_trace trace =
        TRACE({0, 0, 5}, {0, 5, 0}, {0, 111, 10}, {0, 111, 11}, {0, 4000000000u, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_workload_result *r;
    struct left left;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1)->kv_blocks = 12;
    serving_trace(&b, &trace);
    r = &run(&b, &trace, &left)->workloads[0];
    assert_int_equal(r->in, 5);
    assert_int_equal(r->done, 1);
    assert_int_equal(r->dropped_by[MODEL_DROP_ZERO_TOKENS], 2);
    assert_int_equal(r->dropped_by[MODEL_DROP_KV_CAPACITY], 2);
    close_ms(left.ms[2], 111 + 90);
    sp_arena_free(arena);
}

/* ---- routers ---- */

struct router_row {
    const char *name, *router;
    double ms[4]; /* when each left */
};

/* Two replicas; prompts of 100, 10, 10 and 10 tokens and one token of output, all at 0.
 * Round robin: 0 and 2 at the first, 1 and 3 at the second.  All are there when the
 * iteration begins, so each takes the sum of the prompts at its replica: 110 and 20.
 * Least requests: 0 to the first, 1 to the second, 2 (1 and 1: the lower) to the first,
 * 3 to the second: the same.  Least outstanding tokens: 0 to the first (101), all
 * others to the second (11, 22, 33): 100 and 30.  */
static struct router_row router_rows[] = {
    {"round_robin_takes_turns", "round-robin", {110, 20, 110, 20}},
    {"shortest_queue_counts_requests", "least-requests", {110, 20, 110, 20}},
    {"least_outstanding_counts_tokens", "least-outstanding-tokens", {100, 30, 30, 30}},
    {"kv_aware_counts_tokens_without_hits", "kv-aware", {100, 30, 30, 30}},
};

static void goes_where_the_router_says(void **state)
{
    const struct router_row *row = *state;
    const struct serving_trace trace =
        TRACE({0, 100, 1}, {0, 10, 1}, {0, 10, 1}, {0, 10, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    struct left left;

    serving_pool(&b, MODEL_ROLE_BOTH, 2);
    b.serving->router = row->router;
    serving_trace(&b, &trace);
    run(&b, &trace, &left);
    for (int i = 0; i < 4; i++)
        close_ms(left.ms[i], row->ms[i]);
    sp_arena_free(arena);
}

/* A request that only the second pool can hold waits for it, and not for the first. */
static void pool_that_cannot_hold_it_is_no_candidate(void **state)
{
    const struct serving_trace trace = TRACE({0, 100, 1}, {0, 200, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_policy_result *p;
    struct left left;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1)->kv_blocks = 12;
    serving_pool(&b, MODEL_ROLE_BOTH, 1);
    serving_unit(&b)->startup_s.a = 3; /* up at 3 s */
    serving_trace(&b, &trace);
    p = run(&b, &trace, &left);
    close_ms(left.ms[0], 100);
    close_ms(left.ms[1], 3200);
    close_ms(1e3 * p->workloads[0].serving->queue.max_s.mean, 3000);
    sp_arena_free(arena);
}

/* ---- prefill and decode apart ---- */

static void apart(struct serving_build *b, int32_t prefills, int32_t decodes)
{
    serving_pool(b, MODEL_ROLE_PREFILL, prefills);
    serving_pool(b, MODEL_ROLE_DECODE, decodes);
}

/* Bytes of KV cache of a token of llama-3.1-8b: 2 x 32 layers x 8 heads x 128 x 2
 * bytes.
 */
static const double kv_bytes = 131072;

struct move_row {
    const char *name;
    bool overlap;
    double rate_tokens_per_s; /* of the transfer */
    double latency_s;
    double ms; /* when a request of 100 tokens of prompt and 3 of output leaves */
};

/* Its prompt takes 100 ms, then comes the transfer, then 2 iterations of 10 ms.  Rate
 * 1,000 tokens/s: 100 ms; the layers are 32. */
static struct move_row move_rows[] = {
    {"without_limits_it_arrives_at_once", false, 0, 0, 100 + 20},
    {"latency_alone", false, 0, 7e-3, 100 + 7 + 20},
    {"whole_cache_after_the_prompt", false, 1000, 7e-3, 100 + 7 + 100 + 20},
    /* max(100 + 7 + 100/32, 100/32 + 7 + 100) */
    {"layers_go_while_the_prompt_is_computed", true, 1000, 7e-3, 100 + 7 + 3.125 + 20},
    /* Transfer of 400 ms: max(100 + 400/32, 100/32 + 400) */
    {"slow_link_goes_on_after_the_prompt", true, 250, 0, 3.125 + 400 + 20},
    /* Transfer of 10 ms: max(100 + 10/32, 100/32 + 10) */
    {"fast_link_waits_for_the_last_layer", true, 10000, 0, 100 + 0.3125 + 20},
};

static void cache_arrives_when_it_has_moved(void **state)
{
    const struct move_row *row = *state;
    const struct serving_trace trace = TRACE({0, 100, 3});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_serving_result *s;
    struct left left;

    apart(&b, 1, 1);
    b.serving->transfer =
        (struct model_transfer){.bytes_per_s = row->rate_tokens_per_s * kv_bytes,
                                .latency_ns = sp_ns_from_s(row->latency_s),
                                .overlap = row->overlap};
    serving_trace(&b, &trace);
    s = run(&b, &trace, &left)->workloads[0].serving;
    close_ms(left.ms[0], row->ms);
    close_ms(1e3 * s->ttft.mean_s.mean, 100);
    close_ms(1e3 * s->transfer.mean_s.mean, row->ms - 120);
    close_ms(1e3 * s->held_back.mean_s.mean, 0);
    assert_int_equal(s->transfers, 1);
    assert_int_equal(s->transfer_bytes, 100 * (int64_t)kv_bytes);
    sp_arena_free(arena);
}

/* The first decodes from 50 ms on, an iteration ends every 10 ms, until 240 ms.  The
 * second's prompt ends at 150 ms, as one of these does, and its cache takes no time: it
 * comes after the steps of that instant, in which an iteration began, and has its two
 * from 160 ms on.  So it is with spans and without, whoever has the lower number. */
static void cache_that_comes_with_a_step_comes_after_it(void **state)
{
    const struct serving_trace trace = TRACE({0, 50, 20}, {1e-3, 100, 3});

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct serving_build b = serving_new(arena);
        struct left left = {.n = 0};
        struct model_item_sink sink = {&left, note_left};

        serving_pool(&b, i & 1 ? MODEL_ROLE_PREFILL : MODEL_ROLE_DECODE, 1);
        serving_pool(&b, i & 1 ? MODEL_ROLE_DECODE : MODEL_ROLE_PREFILL, 1);
        b.serving->transfer.overlap = (i & 2) != 0;
        serving_trace(&b, &trace);
        serving_run(&b, (struct serving_how){.seed = 1,
                                             .trace = &trace,
                                             .items = &sink,
                                             .span_limit = i & 4 ? 1 : 0});
        close_ms(left.ms[0], 240);
        close_ms(left.ms[1], 180);
        sp_arena_free(arena);
    }
}

/* NICs of 1,000 tokens/s on two nodes of one GPU each: two prompts of 100 tokens are
 * done at 200 ms, and the second cache leaves when the first has: at 300 and 400 ms. */
static void transfers_share_the_nics_in_turn(void **state)
{
    const struct serving_trace trace = TRACE({0, 100, 2}, {0, 100, 2});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    struct left left;

    (void)state;
    apart(&b, 1, 1);
    b.node->has.mgpu = 1000;
    b.node->count = 2;
    b.node->nic_bytes_per_s = 1000 * kv_bytes;
    serving_trace(&b, &trace);
    run(&b, &trace, &left);
    close_ms(left.ms[0], 310);
    close_ms(left.ms[1], 410);
    sp_arena_free(arena);
}

/* The decode replica has one place.  Prompts of 10 tokens end together at 20 ms; the
 * first decodes 3 tokens until 50 ms, the second goes then: until 80 ms.  The third, of
 * one token of output, needs no decode replica; it was there at 0, too. */
static void full_decode_pool_holds_back(void **state)
{
    const struct serving_trace trace = TRACE({0, 10, 4}, {0, 10, 4}, {0, 10, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_serving_result *s;
    struct left left;

    (void)state;
    apart(&b, 1, 1);
    b.serving->pools[1].max_num_seqs = 1;
    serving_trace(&b, &trace);
    s = run(&b, &trace, &left)->workloads[0].serving;
    close_ms(left.ms[0], 60);
    close_ms(left.ms[1], 90);
    close_ms(left.ms[2], 30);
    close_ms(1e3 * s->held_back.max_s.mean, 30);
    sp_arena_free(arena);
}

/* A prefill replica with room for two prompts of 10 tokens.  Both are done at 20 ms and
 * stay until they have moved; the decode replica has one place, of 30 ms.  So the first
 * goes at 20 and leaves room for the third prompt, which takes until 30; the second
 * goes at 50 ms, the fourth prompt is computed then. */
static void held_prompts_hold_prefill_back(void **state)
{
    const struct serving_trace trace =
        TRACE({0, 10, 4}, {0, 10, 4}, {0, 10, 4}, {0, 10, 4});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_serving_result *s;
    struct left left;

    (void)state;
    apart(&b, 1, 1);
    b.serving->pools[0].kv_blocks = 2;
    b.serving->pools[1].max_num_seqs = 1;
    serving_trace(&b, &trace);
    s = run(&b, &trace, &left)->workloads[0].serving;
    for (int i = 0; i < 4; i++)
        close_ms(left.ms[i], 50 + 30 * i);
    close_ms(1e3 * s->ttft.max_s.mean, 60); /* the fourth: 50 + 10 */
    sp_arena_free(arena);
}

/* ---- scale to zero ---- */

static void autoscaled(struct serving_build *b, int32_t min, int32_t max)
{
    serving_unit(b)->count_kind = MODEL_COUNT_AUTOSCALED;
    serving_unit(b)->autoscale = (struct model_autoscale){.rule = "hpa",
                                                          .metric = "utilization",
                                                          .min = min,
                                                          .max = max,
                                                          .target = 0.5,
                                                          .interval_ns = SP_NS_PER_S,
                                                          .up_window_ns = 0,
                                                          .down_window_ns = 0,
                                                          .tolerance = 0.1,
                                                          .max_up_frac = 1,
                                                          .max_up_units = 4};
}

/* Up at 2 s + 3 s, as if its startup took all of that. */
static void weights_load_after_the_startup(void **state)
{
    const struct serving_trace trace = TRACE({0, 10, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    struct left left;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 1)->load_ns = 3 * SP_NS_PER_S;
    serving_unit(&b)->startup_s.a = 2;
    serving_trace(&b, &trace);
    run(&b, &trace, &left);
    close_ms(left.ms[0], 5010);
    sp_arena_free(arena);
}

/* Nobody is there at 10.5 s; one is asked for at once and loads for 2 s; the prompt of
 * 10 tokens then takes 10 ms. */
static void first_request_wakes_a_replica(void **state)
{
    const struct serving_trace trace = TRACE({10.5, 10, 1}, {11, 10, 1});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_policy_result *p;
    struct left left;

    (void)state;
    serving_pool(&b, MODEL_ROLE_BOTH, 0);
    autoscaled(&b, 0, 2);
    serving_unit(&b)->autoscale.interval_ns = 100 * SP_NS_PER_S;
    serving_unit(&b)->startup_s.a = 2;
    serving_trace(&b, &trace);
    p = run(&b, &trace, &left);
    close_ms(left.ms[0], 12520);
    close_ms(left.ms[1], 12520);
    close_ms(1e3 * p->time_s.mean, 12520);
    sp_arena_free(arena);
}

/* The same for a decode pool: asked for when the prompt is done. */
static void first_prompt_wakes_a_decode_replica(void **state)
{
    const struct serving_trace trace = TRACE({1, 10, 2});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    struct left left;

    (void)state;
    apart(&b, 1, 0);
    autoscaled(&b, 0, 2);
    serving_unit(&b)->autoscale.interval_ns = 100 * SP_NS_PER_S;
    serving_unit(&b)->startup_s.a = 2;
    serving_trace(&b, &trace);
    run(&b, &trace, &left);
    close_ms(left.ms[0], 1010 + 2000 + 10);
    sp_arena_free(arena);
}

/* ---- loss ---- */

static void fails_after(struct model_pool *pool, double s)
{
    pool->has_failures = true;
    pool->failure_s = (struct model_dist){.kind = MODEL_DIST_CONSTANT, .a = s};
}

/* Up at 0, lost at 1 s: the prompt of 900 tokens was done at 0.985 s, and at 0.995 s
 * came the second token.  Up again at 1.5 s: the prompt until 2.4 s, four more tokens
 * until 2.44 s.  The next loss would be at 2.5 s. */
static void lost_request_begins_anew(void **state)
{
    const struct serving_trace trace = TRACE({0.085, 900, 5});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_serving_result *s;
    struct left left;

    (void)state;
    fails_after(serving_pool(&b, MODEL_ROLE_BOTH, 1), 1);
    serving_trace(&b, &trace);
    b.plan->units[0].startup_s = (struct model_dist){.kind = MODEL_DIST_CONSTANT};
    s = run(&b, &trace, &left)->workloads[0].serving;
    close_ms(left.ms[0], 1000 + 940);
    assert_int_equal(s->retried, 1);
    assert_int_equal(s->pools[0].lost, 1);
    close_ms(1e3 * s->ttft.mean_s.mean, 1900 - 85); /* of the attempt that finished */
    assert_int_equal(s->itl.count, 1 + 4);
    sp_arena_free(arena);
}

/* Each attempt would take 1.5 s and the replica lives for 1 s: of retries: 2, three
 * attempts are lost, at 1, 2 and 3 s. */
static void too_many_losses_drop_a_request(void **state)
{
    const struct serving_trace trace = TRACE({0, 1500, 5});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_policy_result *p;
    struct left left;

    (void)state;
    fails_after(serving_pool(&b, MODEL_ROLE_BOTH, 1), 1);
    b.serving->retries_max = 2;
    serving_trace(&b, &trace);
    p = run(&b, &trace, &left);
    assert_int_equal(p->workloads[0].dropped_by[MODEL_DROP_RETRIES], 1);
    assert_int_equal(p->workloads[0].serving->retried, 2);
    assert_true(left.ms[0] == -1);
    close_ms(1e3 * p->time_s.mean, 3000);
    sp_arena_free(arena);
}

struct loss_row {
    const char *name;
    double prefill_s, decode_s; /* each replica of the pool is lost after so long */
    double transfer_s;
    bool overlap;
    double ms; /* when the request leaves */
    int retried;
    int transfers;
};

/* One prefill and one decode replica, back at once when lost; a prompt of 100 tokens
 * (100 ms), 3 tokens of output, and a transfer that is under way from 100 ms on. */
static struct loss_row loss_rows[] = {
    {"nothing_is_lost", 0, 0, 1, false, 100 + 1000 + 20, 0, 1},
    /* The source is lost at 650 ms, when the cache has long moved. */
    {"source_lost_after_the_transfer_matters_not", 0.65, 0, 0.3, false, 420, 0, 1},
    /* Lost every 300 ms, and it would take 350: after three retries it is dropped. */
    {"source_lost_under_the_transfer_begins_anew", 0.3, 0, 0.25, false, -1, 3, 0},
    /* The decode replica is lost at 450 ms: all is sent again, until 850. */
    {"destination_lost_sends_again", 0, 0.45, 0.4, false, 450 + 400 + 20, 0, 1},
    /* Sent at 100, 300, 600 and 900 ms, in vain: after three retries it is dropped. */
    {"destination_lost_for_ever_drops", 0, 0.3, 0.4, false, -1, 0, 0},
    /* Lost at 50 ms with the reservation, and at 100 ms when the whole cache has just
     * left: it is sent again in that instant; the next loss is at 150. */
    {"destination_lost_ahead_waits_in_line", 0, 0.05, 0.01, true, 100 + 10 + 20, 0, 1},
};

static void cache_on_its_way_survives_what_it_can(void **state)
{
    const struct loss_row *row = *state;
    const struct serving_trace trace = TRACE({0, 100, 3});
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = serving_new(arena);
    const struct model_serving_result *s;
    struct left left;

    apart(&b, 1, 1);
    if (row->prefill_s > 0)
        fails_after(&b.serving->pools[0], row->prefill_s);
    if (row->decode_s > 0)
        fails_after(&b.serving->pools[1], row->decode_s);
    b.serving->transfer = (struct model_transfer){
        .bytes_per_s = 100 * kv_bytes / row->transfer_s, .overlap = row->overlap};
    serving_trace(&b, &trace);
    s = run(&b, &trace, &left)->workloads[0].serving;
    if (row->ms < 0)
        assert_true(left.ms[0] == -1);
    else
        close_ms(left.ms[0], row->ms);
    assert_int_equal(s->retried, row->retried);
    assert_int_equal(s->transfers, row->transfers);
    sp_arena_free(arena);
}

/* Asked for in the last hour of the century, bytes and latency take one more each: the
 * sum is past what 63 bits hold. */
static void endless_transfer_is_on_its_way_at_the_horizon(void **state)
{
    const struct serving_trace trace = TRACE({100.0 * 365 * 24 * 3600 - 3600, 100, 3});

    (void)state;
    for (int overlap = 0; overlap < 2; overlap++) {
        struct sp_arena *arena = sp_arena_new();
        struct serving_build b = serving_new(arena);
        const struct model_policy_result *p;

        apart(&b, 1, 1);
        b.sc->until_ns = SP_NS_MAX;
        b.serving->transfer = (struct model_transfer){
            .bytes_per_s = 1e-9, .latency_ns = SP_NS_MAX, .overlap = overlap == 1};
        serving_trace(&b, &trace);
        p = &serving_run(&b, (struct serving_how){.seed = 1, .trace = &trace})
                 ->policies[0];
        assert_int_equal(p->end, MODEL_END_HORIZON);
        assert_int_equal(p->workloads[0].in_flight, 1);
        sp_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(lone_request_takes_its_iterations),
        cmocka_unit_test(what_can_never_be_served_is_rejected),
        cmocka_unit_test(pool_that_cannot_hold_it_is_no_candidate),
        cmocka_unit_test(cache_that_comes_with_a_step_comes_after_it),
        cmocka_unit_test(transfers_share_the_nics_in_turn),
        cmocka_unit_test(full_decode_pool_holds_back),
        cmocka_unit_test(held_prompts_hold_prefill_back),
        cmocka_unit_test(weights_load_after_the_startup),
        cmocka_unit_test(first_request_wakes_a_replica),
        cmocka_unit_test(first_prompt_wakes_a_decode_replica),
        cmocka_unit_test(lost_request_begins_anew),
        cmocka_unit_test(too_many_losses_drop_a_request),
        cmocka_unit_test(endless_transfer_is_on_its_way_at_the_horizon),
    };
    enum {
        N_ROUTERS = sizeof router_rows / sizeof router_rows[0],
        N_MOVES = sizeof move_rows / sizeof move_rows[0],
        N_LOSSES = sizeof loss_rows / sizeof loss_rows[0],
        OTHERS = sizeof others / sizeof others[0]
    };
    struct CMUnitTest tests[OTHERS + N_ROUTERS + N_MOVES + N_LOSSES];

    sp_gsl_quiet();
    memcpy(tests, others, sizeof others);
    for (size_t i = 0; i < N_ROUTERS; i++)
        tests[OTHERS + i] = (struct CMUnitTest){.name = router_rows[i].name,
                                                .test_func = goes_where_the_router_says,
                                                .initial_state = &router_rows[i]};
    for (size_t i = 0; i < N_MOVES; i++)
        tests[OTHERS + N_ROUTERS + i] =
            (struct CMUnitTest){.name = move_rows[i].name,
                                .test_func = cache_arrives_when_it_has_moved,
                                .initial_state = &move_rows[i]};
    for (size_t i = 0; i < N_LOSSES; i++)
        tests[OTHERS + N_ROUTERS + N_MOVES + i] =
            (struct CMUnitTest){.name = loss_rows[i].name,
                                .test_func = cache_on_its_way_survives_what_it_can,
                                .initial_state = &loss_rows[i]};
    return cmocka_run_group_tests_name("serving_by_hand", tests, NULL, NULL);
}
