/* sim/compare_serving.h: who wins, by what, and why; both ways round.  And every figure
 * of a serving workload over replications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/compare_serving.h"
#include "sim/run_parts.h"

enum { RUNS = 2 };

/* A policy of one workload; a zero member: what `usual` has. */
struct side {
    bool split, idle; /* idle: replicas that take prompts have next to nothing to do */
    double attained[RUNS];                 /* NaN: no SLO */
    double goodput, usd;                   /* usd NaN: no price */
    double ttft_s, tpot_s, e2e_s, queue_s; /* p99, and twice the mean */
    double prompt_share; /* of busy time of replicas that decode, where not split */
    double batch;
    double transfer_s, held_s; /* mean; p99 is four times it */
    int64_t preemptions, in_flight, dropped, retried;
    double found;                /* of prompt tokens, in a prefix cache */
    double gateway_s;            /* of queue_s, before a replica is up */
    const struct model_gpu *gpu; /* of all pools */
    double weight_bytes;
    double asked; /* share of requests that must meet the SLO; 0: not known */
};

/* What a zero member of `side` stands for. */
static const struct side usual[] = {
    {.attained = {0.8, 0.8},
     .goodput = 4,
     .usd = 1,
     .ttft_s = 0.5,
     .tpot_s = 0.08,
     .e2e_s = 10,
     .queue_s = 0.1,
     .prompt_share = 0.43,
     .batch = 30},
    {.attained = {0.95, 0.95},
     .goodput = 4.75,
     .usd = 1,
     .ttft_s = 1,
     .tpot_s = 0.04,
     .e2e_s = 8,
     .queue_s = 0.5,
     .batch = 30},
};
static const struct model_gpu slow = {.name = "slow",
                                      .bytes_per_s = 1e12,
                                      .bf16_flop_per_s = 3e14},
                              fast = {.name = "fast",
                                      .bytes_per_s = 3e12,
                                      .bf16_flop_per_s = 9e14};
#define MONO  .split = false
#define SPLIT .split = true

static const struct row {
    const char *name;
    struct side a, b;
    const char *says[4];
    const char *never; /* NULL: nothing to avoid */
} rows[] = {
    {"split_wins_on_tpot_and_its_ttft_is_told",
     {SPLIT},
     {MONO},
     {"'new' wins over 'old': 95.0 % of its requests meet the SLO against 80.0 %, "
      "goodput 4.75/s against 4/s, the same 1 USD per million tokens.",
      "TPOT p99 is 2.0x lower (40 ms against 80 ms): no prompt is in a decode's way "
      "with 'new', while with 'old' prompts take 43.0 % of the busy time of the "
      "replicas that decode.",
      "TTFT p99 is 2.0x higher (1 s against 500 ms): requests of 'new' wait 500 ms "
      "until their prompt is begun, of 'old' 100 ms (p99), and 8 GPUs of 'new' take "
      "prompts, which keep them busy 90.0 % of the time, against 16 and 25.8 % with "
      "'old'.",
      "E2E p99 is 20 % lower (8 s against 10 s)."},
     "not certain"},
    {"split_loses_and_says_what_it_gained",
     {SPLIT, .attained = {0.6, 0.6}},
     {MONO},
     {"'new' loses to 'old': 60.0 %", "TPOT p99 is 2.0x lower",
      "TTFT p99 is 2.0x higher"},
     "wins"},
    {"the_same_figures_the_other_way_round",
     {MONO},
     {SPLIT},
     {"'new' loses to 'old': 80.0 %",
      "TPOT p99 is 2.0x higher (80 ms against 40 ms): no prompt is in a decode's way "
      "with 'old', while with 'new' prompts",
      "TTFT p99 is 2.0x lower (500 ms against 1 s): requests of 'old' wait 500 ms"},
     "wins"},
    {"better_and_dearer_is_a_trade",
     {SPLIT, .usd = 1.2},
     {MONO},
     {"'new' is a trade against 'old': ",
      "1.2 USD per million tokens against 1 (20.0 % more)"},
     "wins"},
    {"equal_slo_and_cheaper_wins",
     {SPLIT, .attained = {0.8, 0.8}, .usd = 0.5},
     {MONO},
     {"'new' wins over 'old': 80.0 %",
      "0.5 USD per million tokens against 1 (50.0 % less)"},
     "loses"},
    {"without_slo_latencies_decide",
     {SPLIT, .attained = {NAN, NAN}},
     {MONO, .attained = {NAN, NAN}},
     {"'new' is a trade against 'old': the same 1 USD"},
     "SLO"},
    {"without_price_nothing_is_said_of_cost",
     {SPLIT, .usd = NAN},
     {MONO, .usd = NAN},
     {"'new' wins over 'old': 95.0 %"},
     "USD"},
    {"equal_is_no_gain",
     {MONO},
     {MONO},
     {"no gain: 'new' meets the SLO as often as 'old' does: 80.0 %",
      "TTFT p99 is the same (500 ms)."},
     "wins"},
    {"latencies_within_an_slo_are_no_gain",
     {MONO, .tpot_s = 0.04},
     {MONO},
     {"no gain: 'new' meets the SLO as often as 'old' does: ",
      "TPOT p99 is 2.0x lower"},
     "wins"},
    {"more_than_what_is_asked_for_is_no_gain",
     {SPLIT, .asked = 0.75},
     {MONO, .asked = 0.75},
     {"no gain: 'new' meets the SLO as 'old' does: 95.0 % of its requests meet the SLO "
      "against 80.0 % (asked for: 75 %), goodput"},
     "wins"},
    {"who_alone_meets_what_is_asked_for_wins",
     {SPLIT, .asked = 0.9},
     {MONO, .asked = 0.9},
     {"'new' wins over 'old': 95.0 % of its requests meet the SLO against 80.0 % "
      "(asked "
      "for: 90 %)"},
     "no gain"},
    {"goodput_of_a_run_without_time_is_not_told",
     {SPLIT},
     {MONO, .goodput = NAN},
     {"95.0 % of its requests meet the SLO against 80.0 %, the same 1 USD"},
     "nan"},
    {"equal_without_slo_is_no_gain",
     {MONO, .attained = {NAN, NAN}},
     {MONO, .attained = {NAN, NAN}},
     {"no gain: 'new' serves as 'old' does: the same 1 USD"},
     "SLO"},
    {"caches_that_wait_for_room_are_a_reason",
     {SPLIT, .tpot_s = 0.16, .transfer_s = 2, .held_s = 1.5},
     {MONO},
     {"TPOT p99 is 2.0x higher (160 ms against 80 ms): between the first two tokens "
      "the "
      "KV cache moves, which takes 'new' 2 s on average, of that 1.5 s until a decode "
      "replica has room"},
     "in a decode's way"},
    {"a_full_decode_pool_lengthens_ttft",
     {SPLIT, .queue_s = 0.1, .transfer_s = 0.2, .held_s = 0.1},
     {MONO},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms): 8 GPUs of 'new' take prompts",
      "and prefill replicas of 'new' hold KV caches until a decode replica has room "
      "(400 ms at p99)"},
     NULL},
    {"preemptions_are_a_reason",
     {MONO, .tpot_s = 0.16, .preemptions = 300},
     {MONO},
     {"TPOT p99 is 2.0x higher (160 ms against 80 ms): 'new' runs out of KV blocks and "
      "preempts 300 times (3000 tokens computed again), 'old' 0 times"},
     NULL},
    {"larger_batches_are_a_reason",
     {MONO, .tpot_s = 0.1, .batch = 60},
     {MONO},
     {"TPOT p99 is 25 % higher (100 ms against 80 ms): an iteration of 'new' decodes "
      "for "
      "60.0 requests at a time, of 'old' for 30.0."},
     NULL},
    {"waiting_for_a_replica_to_start_is_told",
     {MONO, .ttft_s = 90, .queue_s = 90, .gateway_s = 90},
     {MONO},
     {"TTFT p99 is 180x higher (1m 30s against 500 ms): requests of 'new' wait 1m 30s "
      "until their prompt is begun, of 'old' 100 ms (p99); meanwhile 'new' has no "
      "replica up: at one they wait 0 s. TPOT"},
     "take prompts"},
    {"waiting_at_a_replica_is_not_for_its_start",
     {MONO, .ttft_s = 90, .queue_s = 90, .gateway_s = 40},
     {MONO},
     {"requests of 'new' wait 1m 30s until their prompt is begun, of 'old' 100 ms "
      "(p99). TPOT"},
     "no replica up"},
    {"lost_replicas_are_a_reason",
     {MONO, .ttft_s = 1, .retried = 20},
     {MONO},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms): 'new' loses 4 replicas, so that "
      "requests begin anew 20 times, 'old' 0 times. TPOT"},
     NULL},
    {"what_a_prefix_cache_has_is_a_reason",
     {MONO, .ttft_s = 1, .tpot_s = 0.1, .prompt_share = 0.5, .found = 0.05},
     {MONO, .found = 0.3},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms): a prefix cache has 5.0 % of the "
      "prompt tokens of 'new', 30.0 % of those of 'old'. TPOT",
      "prompts take 50.0 % of the busy time of the replicas that decode with 'new', "
      "43.0 % with 'old', and a prefix cache has 5.0 %"},
     NULL},
    {"fewer_gpus_without_more_to_do_are_no_reason",
     {SPLIT, .ttft_s = 1, .queue_s = 0.1, .idle = true},
     {MONO},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms). TPOT"},
     "take prompts"},
    {"slower_gpus_are_a_reason",
     {SPLIT, .ttft_s = 1, .tpot_s = 0.16, .queue_s = 0.1, .gpu = &slow},
     {MONO, .gpu = &fast},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms): 'new' takes prompts on slow, "
      "'old' on fast",
      "TPOT p99 is 2.0x higher (160 ms against 80 ms): 'new' decodes on slow, 'old' on "
      "fast. E2E"},
     NULL},
    {"faster_gpus_are_none",
     {SPLIT, .ttft_s = 1, .tpot_s = 0.16, .queue_s = 0.1, .gpu = &fast},
     {MONO, .gpu = &slow},
     {"TPOT p99 is 2.0x higher (160 ms against 80 ms). E2E"},
     " on fast"},
    {"unknown_gpus_are_none",
     {SPLIT, .tpot_s = 0.16, .gpu = &slow},
     {MONO},
     {"TPOT p99 is 2.0x higher (160 ms against 80 ms). E2E"},
     " on slow"},
    {"weights_of_a_wider_format_are_a_reason",
     {MONO, .ttft_s = 1, .tpot_s = 0.1, .weight_bytes = 16.0 * (1 << 30)},
     {MONO, .weight_bytes = 8.0 * (1 << 30)},
     {"TTFT p99 is 2.0x higher (1 s against 500 ms): the model has 16 GiB of weights "
      "with 'new', 8 GiB with 'old'. TPOT p99 is 25 % higher (100 ms against 80 ms): "
      "the model has 16 GiB of weights with 'new', 8 GiB with 'old'. E2E"},
     NULL},
    {"no_figure_no_reason",
     {MONO, .tpot_s = 0.1},
     {MONO},
     {"TPOT p99 is 25 % higher (100 ms against 80 ms). E2E"},
     NULL},
    {"who_drowns_is_named",
     {SPLIT, .in_flight = 400, .dropped = 100},
     {MONO},
     {"'new' is a trade against 'old': 95.0 %",
      "'new' left 400 of 1000 requests unanswered at the end of the first run. 'new' "
      "dropped "
      "100 of 1000 in the first run."},
     "'old' left"},
    {"who_drops_most_does_not_win_by_being_cheap",
     {MONO, .attained = {NAN, NAN}, .usd = 0.5, .dropped = 900},
     {MONO, .attained = {NAN, NAN}},
     {"'new' is a trade against 'old'", "'new' dropped 900 of 1000 in the first run."},
     "'new' wins"},
    /* differences 0.3 and 0: mean 0.15, half width 12.7 x 0.15 */
    {"within_the_bars_is_not_certain",
     {SPLIT, .attained = {1.1, 0.8}},
     {MONO},
     {"'new' wins over 'old' (within the error bars: not certain): 95.0 % of its "
      "requests meet the SLO against 80.0 % (no difference shown: +15.0 points +- "
      "190.6)"},
     NULL},
    {"shares_that_are_the_same_by_their_means_alone_are_not_certain",
     {MONO, .attained = {1.1, 0.5}},
     {MONO},
     {"no gain: 'new' meets the SLO as often as 'old' does (within the error bars: not "
      "certain): 80.0 % of its requests meet the SLO against 80.0 % (no difference "
      "shown: "},
     NULL},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static double or_usual(double v, double otherwise)
{
    return v == 0 ? otherwise : v;
}

static struct side completed(struct side s)
{
    const struct side *u = &usual[s.split];

    for (int i = 0; i < RUNS; i++)
        s.attained[i] = or_usual(s.attained[i], u->attained[i]);
    s.goodput = or_usual(s.goodput, u->goodput);
    s.usd = or_usual(s.usd, u->usd);
    s.ttft_s = or_usual(s.ttft_s, u->ttft_s);
    s.tpot_s = or_usual(s.tpot_s, u->tpot_s);
    s.e2e_s = or_usual(s.e2e_s, u->e2e_s);
    s.queue_s = or_usual(s.queue_s, u->queue_s);
    s.prompt_share = or_usual(s.prompt_share, u->prompt_share);
    s.batch = or_usual(s.batch, u->batch);
    return s;
}

static struct model_stat one(double v)
{
    return model_stat_one(v);
}

static struct model_times times_of(double p99_s)
{
    return (struct model_times){.mean_s = one(p99_s / 2), .p99_s = one(p99_s)};
}

static void fill_pool(struct model_serving_pool *p, const struct side *side,
                      const char *role)
{
    bool prefill = role[0] == 'p', both = role[0] == 'b';

    *p = (struct model_serving_pool){
        .name = role,
        .role = role,
        .iteration = "a fit",
        .kv_text = "given",
        .gpus = 4,
        .gpu = side->gpu,
        .replicas = one(both ? 4 : 2),
        .busy_frac = one(side->idle ? 0.001
                         : prefill  ? 0.9
                                    : 0.6),
        .decode_frac = one(prefill ? 0
                           : both  ? 1 - side->prompt_share
                                   : 1),
        .batch_mean = one(prefill ? NAN : side->batch),
        .iterations = 1000,
        .decode_tokens = prefill ? 0 : (int64_t)(800 * side->batch),
        .preemptions = prefill ? 0 : side->preemptions,
        .recomputed_tokens = prefill ? 0 : 10 * side->preemptions,
        .queue = times_of(side->queue_s - side->gateway_s),
        .lost = side->retried / 5,
        .prefix_tokens = 1000,
        .prefix_found_tokens = (int64_t)(1000 * side->found),
    };
}

static void fill_serving(struct model_serving_result *s, const struct side *side,
                         int run, struct sp_arena *arena)
{
    *s = (struct model_serving_result){
        .model = "m",
        .weight_bytes = side->weight_bytes,
        .requests = 1000,
        .retried = side->retried,
        .ttft = times_of(side->ttft_s),
        .tpot = times_of(side->tpot_s),
        .itl = times_of(side->tpot_s),
        .e2e = times_of(side->e2e_s),
        .queue = times_of(side->queue_s),
        .has_slo = !isnan(side->attained[run]),
        .slo_attained = one(side->attained[run]),
        .slo_attain_frac = side->asked,
        .goodput_per_s = one(side->goodput),
        .usd_per_million_tokens = one(side->usd),
        .n_pools = side->split ? 2 : 1,
        .transfers = side->split ? 1000 : 0,
        .transfer = {.mean_s = one(side->transfer_s),
                     .p99_s = one(4 * side->transfer_s)},
        .held_back = {.mean_s = one(side->held_s), .p99_s = one(4 * side->held_s)},
    };
    s->pools = sp_arena_array(arena, 2, sizeof *s->pools);
    fill_pool(&s->pools[0], side, side->split ? "prefill" : "both");
    fill_pool(&s->pools[1], side, "decode");
}

static struct model_policy_result *runs_of(struct sp_arena *arena, const char *name,
                                           const struct side *given)
{
    struct model_policy_result *p = sp_arena_array(arena, RUNS, sizeof *p);
    const struct side whole = completed(*given), *side = &whole;

    for (int i = 0; i < RUNS; i++) {
        struct model_workload_result *w = sp_arena_alloc(arena, sizeof *w);

        w->name = "chat";
        w->kind = "serving";
        w->in = 1000;
        w->in_flight = side->in_flight;
        w->dropped = side->dropped;
        w->serving = sp_arena_alloc(arena, sizeof *w->serving);
        fill_serving(w->serving, side, i, arena);
        p[i] = (struct model_policy_result){
            .name = name, .n_workloads = 1, .workloads = w};
    }
    return p;
}

static void verdict_says_who_wins_and_why(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_comparison c = {0};

    sim_compare(runs_of(arena, "new", &row->a), runs_of(arena, "old", &row->b), RUNS,
                arena, &c);
    assert_int_equal(c.n_serving, 1);
    for (int i = 0; i < 4 && row->says[i] != NULL; i++)
        if (strstr(c.verdict, row->says[i]) == NULL)
            fail_msg("'%s' doesn't say '%s'", c.verdict, row->says[i]);
    if (row->never != NULL && strstr(c.verdict, row->never) != NULL)
        fail_msg("'%s' says '%s'", c.verdict, row->never);
    sp_arena_free(arena);
}

/* ---- ratios and intervals ---- */

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}

static void ratios_are_of_means(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct side a = {SPLIT, .attained = {0.9, 0.95}}, b = {MONO};
    struct model_policy_result *runs_a = runs_of(arena, "a", &a);
    struct model_policy_result *runs_b = runs_of(arena, "b", &b);
    struct model_comparison c = {0};

    (void)state;
    runs_a[1].workloads->serving->ttft.p99_s.mean = 2;
    runs_b[1].workloads->serving->ttft.p99_s.mean = 4;
    sim_compare_serving(runs_a, runs_b, RUNS, arena, &c);
    near(c.serving[0].ttft_p99_ratio.mean, (1 + 2.0) / (0.5 + 4));
    near(c.serving[0].tpot_p99_ratio.mean, 0.5);
    near(c.serving[0].tpot_p99_ratio.half95, 0);
    near(c.serving[0].attained_difference.mean, (0.1 + 0.15) / 2);
    near(c.serving[0].goodput_ratio.mean, 4.75 / 4);
    near(c.serving[0].usd_per_million_ratio.mean, 1);
    sp_arena_free(arena);
}

/* 0.4 dropped in one run of two, none in the other: 0.2 +- 12.7 x 0.2. */
static void what_is_dropped_in_one_run_is_not_certain(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct side a = {MONO, .dropped = 400}, b = {MONO};
    struct model_policy_result *runs_a = runs_of(arena, "a", &a);
    struct model_comparison c = {0};

    (void)state;
    runs_a[1].workloads->dropped = 0;
    sim_compare(runs_a, runs_of(arena, "b", &b), RUNS, arena, &c);
    near(c.serving[0].undone_difference.mean, 0.2);
    assert_int_equal(c.outcome, MODEL_OUTCOME_LOSES);
    assert_false(c.certain);
    assert_non_null(strstr(c.verdict, "loses to 'b' (within the error bars"));
    sp_arena_free(arena);
}

static void other_kinds_are_no_serving(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct side a = {SPLIT}, b = {MONO};
    struct model_policy_result *runs_a = runs_of(arena, "a", &a);
    struct model_policy_result *runs_b = runs_of(arena, "b", &b);
    struct model_comparison c = {0};

    (void)state;
    runs_b[0].workloads->serving = NULL;
    sim_compare_serving(runs_a, runs_b, RUNS, arena, &c);
    assert_int_equal(c.n_serving, 0);
    sp_arena_free(arena);
}

/* Two runs with v and 3v in a figure: mean 2v, half width 12.7062 v. */
static void check_stat(struct model_stat s, double v)
{
    near(s.mean, 2 * v);
    if (!(fabs(s.half95 / v - 12.7062) < 1e-4))
        fail_msg("half width %g of %g", s.half95, v);
}

static void spread(struct model_stat *low, struct model_stat *high, double v)
{
    *low = one(v);
    *high = one(3 * v);
}

static void spread_times(struct model_times *low, struct model_times *high, double v)
{
    spread(&low->mean_s, &high->mean_s, v);
    spread(&low->p50_s, &high->p50_s, v + 1);
    spread(&low->p90_s, &high->p90_s, v + 2);
    spread(&low->p99_s, &high->p99_s, v + 3);
    spread(&low->max_s, &high->max_s, v + 4);
}

static void check_times(const struct model_times *t, double v)
{
    check_stat(t->mean_s, v);
    check_stat(t->p50_s, v + 1);
    check_stat(t->p90_s, v + 2);
    check_stat(t->p99_s, v + 3);
    check_stat(t->max_s, v + 4);
}

#define SERVING_TIMES(X)                                                               \
    X(ttft, 10)                                                                        \
    X(tpot, 20) X(itl, 30) X(e2e, 40) X(queue, 50) X(transfer, 60) X(held_back, 70)
#define SERVING_STATS(X)                                                               \
    X(goodput_per_s, 1)                                                                \
    X(slo_attained, 2)                                                                 \
    X(prompt_tokens_per_s, 3)                                                          \
    X(output_tokens_per_s, 4)                                                          \
    X(tokens_per_s_per_gpu, 5)                                                         \
    X(usd_per_million_tokens, 6)                                                       \
    X(usd_per_million_prompt_tokens, 7) X(usd_per_million_output_tokens, 8)
#define POOL_STATS(X)                                                                  \
    X(replicas, 11)                                                                    \
    X(busy_frac, 12)                                                                   \
    X(compute_frac, 13)                                                                \
    X(decode_frac, 14)                                                                 \
    X(flop_utilization, 15)                                                            \
    X(kv_used_frac, 16)                                                                \
    X(kv_peak_frac, 17) X(batch_mean, 18) X(tokens_per_s_per_gpu, 19)

static void every_figure_is_put_together(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct side side = {MONO};
    struct model_policy_result *runs = runs_of(arena, "p", &side), all;
    struct model_serving_result *low = runs[0].workloads->serving;
    struct model_serving_result *high = runs[1].workloads->serving, *s;

    (void)state;
    low->n_classes = high->n_classes = 1;
    low->classes = sp_arena_alloc(arena, sizeof *low->classes);
    high->classes = sp_arena_alloc(arena, sizeof *high->classes);
#define SPREAD_TIMES(member, v) spread_times(&low->member, &high->member, v);
#define SPREAD(member, v)       spread(&low->member, &high->member, v);
#define SPREAD_POOL(member, v)  spread(&low->pools->member, &high->pools->member, v);
    SERVING_TIMES(SPREAD_TIMES)
    SERVING_STATS(SPREAD)
    POOL_STATS(SPREAD_POOL)
    spread_times(&low->pools->queue, &high->pools->queue, 80);
    spread_times(&low->classes->ttft, &high->classes->ttft, 90);
    spread_times(&low->classes->tpot, &high->classes->tpot, 100);
    spread_times(&low->classes->e2e, &high->classes->e2e, 110);
    spread(&low->classes->slo_attained, &high->classes->slo_attained, 9);
    sim_aggregate(runs, RUNS, arena, &all);
    s = all.workloads->serving;
#define CHECK_TIMES(member, v) check_times(&s->member, v);
#define CHECK(member, v)       check_stat(s->member, v);
#define CHECK_POOL(member, v)  check_stat(s->pools->member, v);
    SERVING_TIMES(CHECK_TIMES)
    SERVING_STATS(CHECK)
    POOL_STATS(CHECK_POOL)
    check_times(&s->pools->queue, 80);
    check_times(&s->classes->ttft, 90);
    check_times(&s->classes->tpot, 100);
    check_times(&s->classes->e2e, 110);
    check_stat(s->classes->slo_attained, 9);
    assert_true(low->ttft.mean_s.mean == 10); /* the runs are as they were */
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(ratios_are_of_means),
        cmocka_unit_test(other_kinds_are_no_serving),
        cmocka_unit_test(what_is_dropped_in_one_run_is_not_certain),
        cmocka_unit_test(every_figure_is_put_together),
    };
    struct row copies[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++) {
        copies[i] = rows[i];
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = verdict_says_who_wins_and_why,
                                .initial_state = &copies[i]};
    }
    return cmocka_run_group_tests_name("compare_serving", tests, NULL, NULL);
}
