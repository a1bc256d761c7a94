/* What is simulated of a pipeline of threads, against times worked out on paper and
 * against the exact throughput of two stages with exponential service and a bounded
 * queue, from the balance of its states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "cli/validate_predict.h"

#define COUNT(x) (sizeof(x) / sizeof(x)[0])

static struct cli_predicted run(const struct cli_predict *what)
{
    struct cli_predicted p = {0};
    struct sp_err err = {0};

    if (cli_predict_run(what, &p, &err) != SP_OK)
        fail_msg("%s", err.text);
    return p;
}

static void near(double got, double want, double frac)
{
    if (!(fabs(got - want) <= frac * fabs(want)))
        fail_msg("%.9g, expected %.9g within %g", got, want, frac);
}

/* ---- constant times: by hand ---- */

/* Times in ms.  In the middle an item leaves every `gap` ms and takes `way` ms.
 *
 * Bound by the second stage (1 thread, b > a): each item enters when the one before is
 * pushed, which is when the second stage takes one; it then finds its thread's place, q
 * items and the one in service before it: way = (q + 2) b.  (a is hidden in the first
 * b.) Bound by the first stage: nothing waits: way = a + b. */
static struct hand {
    const char *name;
    int32_t n;
    double ms[3];
    int32_t workers[3], queue[3];
    bool fused;
    int32_t cores;
    double gap_ms, way_ms, busy[3];
    double p50_ms, p99_ms; /* of ways, where they differ */
} hands[] = {
    {"second_stage_binds",
     2,
     {1, 3},
     {1, 1},
     {0, 2},
     false,
     2,
     3,
     12,
     {1.0 / 3, 1},
     0,
     0},
    {"queue_of_one", 2, {1, 3}, {1, 1}, {0, 1}, false, 2, 3, 9, {1.0 / 3, 1}, 0, 0},
    {"first_stage_binds",
     2,
     {3, 1},
     {1, 1},
     {0, 4},
     false,
     2,
     3,
     4,
     {1, 1.0 / 3},
     0,
     0},
    /* both threads begin at 0: items come in pairs, one of which waits 1 ms */
    {"two_threads_first", 2, {4, 1}, {2, 1}, {0, 4}, false, 3, 2, 5.5, {1, 0.5}, 5, 6},
    /* the last of three binds: way = 1 hand + q2 + 1 hand + q3 + its service = 6 gaps
     */
    {"three_stages",
     3,
     {1, 1, 2},
     {1, 1, 1},
     {0, 1, 1},
     false,
     3,
     2,
     10,
     {.5, .5, 1},
     0,
     0},
    {"fused_is_the_sum", 2, {1, 3}, {2, 0}, {0, 2}, true, 2, 2, 4, {.25, .75}, 0, 0},
    {"fused_one_thread", 2, {1, 3}, {1, 0}, {0, 2}, true, 1, 4, 4, {.25, .75}, 0, 0},
};

static struct cli_predict of_hand(const struct hand *h, double *seconds)
{
    struct cli_predict what = {.n = h->n,
                               .fused = h->fused,
                               .cores = h->cores,
                               .items = 2000,
                               .replications = 1,
                               .seed = 1};

    for (int32_t s = 0; s < h->n; s++) {
        seconds[s] = h->ms[s] / 1000;
        what.stages[s] =
            (struct cli_predict_stage){h->workers[s], h->queue[s], 1, &seconds[s], 0};
    }
    return what;
}

/* Times are whole nanoseconds, so figures of the middle are exact; utilizations count
 * filling and draining, at most 12 ms of 4 s. */
static void constant_times_as_on_paper(void **state)
{
    const struct hand *h = *state;
    double seconds[3];
    struct cli_predict what = of_hand(h, seconds);
    struct cli_predicted p = run(&what);

    near(p.flow.per_s, 1000 / h->gap_ms, 1e-9);
    near(p.flow.mean_s, h->way_ms / 1000, 1e-9);
    near(p.flow.p50_s, (h->p50_ms > 0 ? h->p50_ms : h->way_ms) / 1000, 1e-9);
    near(p.flow.p99_s, (h->p99_ms > 0 ? h->p99_ms : h->way_ms) / 1000, 1e-9);
    for (int32_t s = 0; s < h->n; s++)
        near(p.busy_frac[s], h->busy[s], 0.005);
}

static void hand_off_is_added_to_every_item(void **state)
{
    const struct hand *h = &hands[0];
    double seconds[3];
    struct cli_predict what = of_hand(h, seconds);

    (void)state;
    what.stages[1].extra_s = 0.001;
    near(run(&what).flow.per_s, 1000.0 / 4, 1e-9);
}

/* Two stages of 1 ms with a thread each on one CPU: every item needs 2 ms of it. */
static void threads_share_one_cpu(void **state)
{
    double ms = 0.001;
    struct cli_predict what = {.n = 2,
                               .stages = {{1, 0, 1, &ms, 0}, {1, 4, 1, &ms, 0}},
                               .cores = 1,
                               .items = 2000,
                               .replications = 1,
                               .seed = 1};

    (void)state;
    assert_true(cli_predict_shares(&what));
    near(run(&what).flow.per_s, 500, 1e-3);
    what.cores = 2;
    assert_false(cli_predict_shares(&what));
    near(run(&what).flow.per_s, 1000, 1e-9);
}

/* ---- exponential times: by the balance of states ---- */

/* Two stages, one thread each, rates a and b, queue of q, source never at a loss,
 * blocking after service.  State k = items that the first stage has finished and the
 * second has not: 0 .. q + 2 (q + 2: the first is blocked).  Up with a below q + 2,
 * down with b above 0: a birth-death chain, p_k = (a / b)^k p_0, throughput b (1 -
 * p_0); by Little the mean way is (1 - p_(q+2) + sum k p_k) / throughput: the item in
 * the first thread's hands while it works, and those beyond. */
static void tandem(double a, double b, int32_t q, double *per_s, double *way_s)
{
    double sum = 0, items = 0, p = 1, last = 0;

    for (int32_t k = 0; k <= q + 2; k++) {
        sum += p;
        items += k * p;
        last = p;
        p *= a / b;
    }
    *per_s = b * (1 - 1 / sum);
    *way_s = (1 - last / sum + items / sum) / *per_s;
}

/* Exponential times by their quantiles: mean and all moments to 1/1000. */
enum { QUANTILES = 20000 };

static struct chain {
    const char *name;
    double a, b; /* per second */
    int32_t queue;
} chains[] = {
    {"balanced_queue_1", 1000, 1000, 1},      {"balanced_queue_4", 1000, 1000, 4},
    {"balanced_queue_32", 1000, 1000, 32},    {"first_slower_queue_1", 800, 1000, 1},
    {"second_slower_queue_2", 1250, 1000, 2},
};

/* 20 runs of 20,000 items: the standard deviation of a throughput is at most that of
 * the mean of 400,000 exponentials, 0.16 %, so 0.8 % is five of them; beyond the queue
 * of 32 ways are correlated over some 34^2 items, so their mean, of 400,000 / 1156
 * independent ones with a cv below 1, has 5.4 % at most; shorter queues 36 items: 1 %.
 */
static void exponential_times_as_the_chain_says(void **state)
{
    const struct chain *c = *state;
    static double one[QUANTILES], two[QUANTILES];
    struct cli_predict what = {
        .n = 2,
        .stages = {{1, 0, QUANTILES, one, 0}, {1, c->queue, QUANTILES, two, 0}},
        .cores = 2,
        .items = 20000,
        .replications = 20,
        .seed = 7};
    double per_s, way_s;
    struct cli_predicted p;

    for (int i = 0; i < QUANTILES; i++) {
        one[i] = -log((i + 0.5) / QUANTILES) / c->a;
        two[i] = -log((i + 0.5) / QUANTILES) / c->b;
    }
    tandem(c->a, c->b, c->queue, &per_s, &way_s);
    p = run(&what);
    near(p.flow.per_s, per_s, 0.008);
    near(p.flow.mean_s, way_s, c->queue > 8 ? 0.16 : 0.03);
    near(p.busy_frac[1], per_s / c->b, 0.01);
}

/* ---- the rule ---- */

static void bottleneck_rule(void **state)
{
    const double mean_s[] = {0.001, 0.003};
    const int32_t one[] = {1, 1}, more[] = {1, 6}, fused[] = {2, 2};

    (void)state;
    near(cli_predict_rule(mean_s, one, 2, false, 2), 1000.0 / 3, 1e-12);
    near(cli_predict_rule(mean_s, more, 2, false, 8), 1000, 1e-12);
    near(cli_predict_rule(mean_s, more, 2, false, 2), 500, 1e-12); /* the CPUs bind */
    near(cli_predict_rule(mean_s, fused, 2, true, 2), 500, 1e-12);
}

int main(void)
{
    struct CMUnitTest tests[COUNT(hands) + COUNT(chains) + 3] = {
        cmocka_unit_test(hand_off_is_added_to_every_item),
        cmocka_unit_test(threads_share_one_cpu),
        cmocka_unit_test(bottleneck_rule),
    };
    size_t n = 3;

    for (size_t i = 0; i < COUNT(hands); i++)
        tests[n++] = (struct CMUnitTest){.name = hands[i].name,
                                         .test_func = constant_times_as_on_paper,
                                         .initial_state = &hands[i]};
    for (size_t i = 0; i < COUNT(chains); i++)
        tests[n++] =
            (struct CMUnitTest){.name = chains[i].name,
                                .test_func = exponential_times_as_the_chain_says,
                                .initial_state = &chains[i]};
    return cmocka_run_group_tests_name("validate_predict", tests, NULL, NULL);
}
