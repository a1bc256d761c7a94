/* What must hold in every serving scenario: the laws of docs/design.md section 3, on
 * small random ones with everything in them (several pools, apart or not, failures,
 * autoscaling, start-up, NICs, closed loops), verified after every event.
 *
 * Exact where the engine keeps whole numbers: the books of GPU time, money, requests
 * and tokens are asserted within the run as well.  SERVING_SEED=n runs and prints one
 * scenario; STAGEPLAN_SLOW=1 runs more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cell_laws.h"

#include "base/gsl.h"
#include "base/units.h"
#include "tests/serving_random.h"

enum { N_SMALL = 400, SLOW_FACTOR = 8 };

struct world {
    struct serving_build b;
    const struct model_policy_result *p;
    uint64_t seed;
};

typedef void law(const struct world *w);

#define BROKEN(w, ...)                                                                 \
    do {                                                                               \
        print_error("SERVING_SEED=%llu: ", (unsigned long long)(w)->seed);             \
        fail_msg(__VA_ARGS__);                                                         \
    } while (0)

static void hold(struct serving_random how, law *holds)
{
    const char *one = getenv("SERVING_SEED"), *slow = getenv("STAGEPLAN_SLOW");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;
    uint64_t last = one != NULL
                        ? first
                        : N_SMALL * (slow != NULL && *slow == '1' ? SLOW_FACTOR : 1u);

    for (how.seed = first; how.seed <= last; how.seed++) {
        struct sp_arena *arena = sp_arena_new();
        struct world w = {.b = serving_random_new(&how, arena), .seed = how.seed};

        if (one != NULL)
            serving_random_print(stderr, &w.b);
        w.p = &serving_run(&w.b, (struct serving_how){.seed = how.seed})->policies[0];
        holds(&w);
        sp_arena_free(arena);
    }
}

static bool same(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

/* ---- the laws ---- */

static void requests_hold(const struct world *w)
{
    for (int32_t i = 0; i < w->p->n_workloads; i++) {
        const struct model_workload_result *r = &w->p->workloads[i];
        int64_t dropped = 0;

        for (int d = 0; d < MODEL_DROP_REASONS; d++)
            dropped += r->dropped_by[d];
        if (r->in != r->done + r->in_flight + dropped || dropped != r->dropped)
            BROKEN(w, "in %lld, done %lld, in flight %lld, dropped %lld",
                   (long long)r->in, (long long)r->done, (long long)r->in_flight,
                   (long long)dropped);
        if (w->p->end == MODEL_END_DONE && r->in_flight != 0)
            BROKEN(w, "done with %lld requests in flight", (long long)r->in_flight);
        if (r->latency.count != r->done)
            BROKEN(w, "%lld latencies of %lld requests", (long long)r->latency.count,
                   (long long)r->done);
    }
}

/* Requests that could be held by some pool are served to the end: none is forgotten.
 * Only what has no nodes may stand still. */
static void nobody_starves(const struct world *w)
{
    if (w->p->end == MODEL_END_DEADLOCK && w->p->unplaced_text == NULL)
        BROKEN(w, "deadlock: %s", w->p->end_text);
}

static void kv_stays_within_capacity(const struct world *w)
{
    const struct model_serving_result *s = w->p->workloads[0].serving;

    for (int32_t i = 0; i < s->n_pools; i++)
        if (s->pools[i].kv_peak_frac.mean > 1 ||
            s->pools[i].kv_used_frac.mean > s->pools[i].kv_peak_frac.mean + 1e-12)
            BROKEN(w, "pool %s: KV peak %.17g, mean %.17g", s->pools[i].name,
                   s->pools[i].kv_peak_frac.mean, s->pools[i].kv_used_frac.mean);
}

static void bill_holds(const struct world *w)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < w->p->cost.n_lines; i++)
        sum += w->p->cost.lines[i].uusd;
    if (sum != w->p->cost.uusd)
        BROKEN(w, "lines of %lld uusd, a bill of %lld", (long long)sum,
               (long long)w->p->cost.uusd);
}

static void cells_hold(const struct world *w)
{
    char text[256];
    const char *what = cell_laws_broken(w->p, text);

    if (what != NULL)
        BROKEN(w, "%s", what);
}

/* What the pools' replicas were busy with is what the nodes' GPUs were busy with. */
static void busy_replicas_are_busy_gpus(const struct world *w)
{
    const struct model_workload_result *r = &w->p->workloads[0];
    double busy_h = 0;

    for (int32_t i = 0; i < r->n_stages; i++)
        if (r->stages[i].slots.mean > 0)
            busy_h += r->stages[i].busy_frac.mean * r->stages[i].slots.mean *
                      w->p->time_s.mean / 3600;
    if (fabs(busy_h - w->p->resources[MODEL_GPU].busy_h.mean) > 1e-11 * (busy_h + 1e-3))
        BROKEN(w, "replicas busy %.17g h, GPUs %.17g h", busy_h,
               w->p->resources[MODEL_GPU].busy_h.mean);
}

/* Little: with nobody at the gateway and nothing lost, the integral of those that wait
 * is the sum of their waits. */
static void littles_law_holds(const struct world *w)
{
    const struct model_workload_result *r = &w->p->workloads[0];
    double queue_s = 0, waits_s = 0;

    if (w->p->end != MODEL_END_DONE)
        BROKEN(w, "a steady scenario ended as %s", model_end_name(w->p->end));
    for (int32_t i = 0; i < r->n_stages; i++) {
        queue_s += r->stages[i].queue_mean.mean * w->p->time_s.mean;
        if (r->stages[i].wait.count > 0)
            waits_s += r->stages[i].wait.mean_s.mean * (double)r->stages[i].wait.count;
    }
    if (w->p->time_s.mean > 0 && !same(queue_s, waits_s))
        BROKEN(w, "queue x time %.17g s, waits %.17g s", queue_s, waits_s);
}

/* Tokens in = tokens out: of each request done the engines computed all of its prompt
 * and all of its output but the last token, once; the rest they counted as computed
 * anew. */
static void tokens_in_are_tokens_out(const struct world *w)
{
    const struct model_workload_result *r = &w->p->workloads[0];
    const struct model_serving_result *s = r->serving;
    double window_s = w->p->window_to_s - w->p->window_from_s;
    double prompt = s->prompt_tokens_per_s.mean * window_s;
    double output = s->output_tokens_per_s.mean * window_s;
    int64_t once = 0;

    if (window_s <= 0)
        return;
    for (int32_t i = 0; i < s->n_pools; i++)
        once += s->pools[i].prefill_tokens - s->pools[i].recomputed_tokens +
                s->pools[i].decode_tokens;
    if (once != llround(prompt + output) - r->done)
        BROKEN(w, "%lld tokens computed once, %.17g + %.17g of %lld requests done",
               (long long)once, prompt, output, (long long)r->done);
    if (s->itl.count != llround(output) - r->done)
        BROKEN(w, "%lld gaps between %.17g tokens of %lld requests",
               (long long)s->itl.count, output, (long long)r->done);
}

static void second_run_is_the_same(const struct world *w)
{
    const struct model_policy_result *b =
        &serving_run(&w->b, (struct serving_how){.seed = w->seed, .lax = true})
             ->policies[0];
    const struct model_workload_result *x = &w->p->workloads[0], *y = &b->workloads[0];

    if (w->p->digest != b->digest || w->p->events != b->events ||
        memcmp(w->p->ledger, b->ledger, sizeof b->ledger) != 0 ||
        memcmp(&x->latency, &y->latency, sizeof x->latency) != 0 ||
        memcmp(&x->serving->itl, &y->serving->itl, sizeof x->serving->itl) != 0)
        BROKEN(w, "a second run gave digest %016llx after %016llx",
               (unsigned long long)b->digest, (unsigned long long)w->p->digest);
}

static bool same_times(const struct model_times *a, const struct model_times *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool same_counts(const struct model_serving_pool *a,
                        const struct model_serving_pool *b)
{
    return a->iterations == b->iterations && a->prefill_tokens == b->prefill_tokens &&
           a->decode_tokens == b->decode_tokens && a->preemptions == b->preemptions &&
           a->recomputed_tokens == b->recomputed_tokens && a->lost == b->lost &&
           same_times(&a->queue, &b->queue) &&
           memcmp(&a->busy_frac, &b->busy_frac, sizeof a->busy_frac) == 0;
}

/* The run with spans of iterations is the run with its iterations one by one, to the
 * nanosecond: engines, routes, handover and losses together. */
static void spans_change_nothing(const struct world *w)
{
    const struct model_policy_result *b =
        &serving_run(&w->b, (struct serving_how){.seed = w->seed, .span_limit = 1})
             ->policies[0];
    const struct model_serving_result *x = w->p->workloads[0].serving,
                                      *y = b->workloads[0].serving;

    if (w->p->end != b->end ||
        memcmp(&w->p->time_s, &b->time_s, sizeof b->time_s) != 0 ||
        memcmp(w->p->ledger, b->ledger, sizeof b->ledger) != 0)
        BROKEN(w, "one by one it ends at %.17g s (%s), with spans at %.17g s (%s)",
               b->time_s.mean, model_end_name(b->end), w->p->time_s.mean,
               model_end_name(w->p->end));
    if (!same_times(&x->ttft, &y->ttft) || !same_times(&x->tpot, &y->tpot) ||
        !same_times(&x->e2e, &y->e2e) || !same_times(&x->itl, &y->itl) ||
        !same_times(&x->transfer, &y->transfer))
        BROKEN(w, "latencies differ one by one: E2E mean %.17g, with spans %.17g",
               y->e2e.mean_s.mean, x->e2e.mean_s.mean);
    for (int32_t i = 0; i < x->n_pools; i++)
        if (!same_counts(&x->pools[i], &y->pools[i]) ||
            (b->end == MODEL_END_DONE && /* at a horizon one iteration may have begun */
             memcmp(&x->pools[i].kv_peak_frac, &y->pools[i].kv_peak_frac,
                    sizeof x->pools[i].kv_peak_frac) != 0))
            BROKEN(w, "counts of pool %s differ one by one", x->pools[i].name);
}

struct parts {
    int64_t iterations, prefill, decode, gaps, done;
    double busy_h;
};

static void add_parts(struct parts *sum, const struct model_policy_result *p)
{
    const struct model_serving_result *s = p->workloads[0].serving;

    for (int32_t i = 0; i < s->n_pools; i++) {
        sum->iterations += s->pools[i].iterations;
        sum->prefill += s->pools[i].prefill_tokens;
        sum->decode += s->pools[i].decode_tokens;
    }
    sum->gaps += s->itl.count;
    sum->done += s->e2e.count;
    sum->busy_h += p->resources[MODEL_GPU].busy_h.mean;
}

/* Cut in three windows a run has the same parts, spans of iterations cut as well: and
 * measuring changes nothing. */
static void windows_add_up(const struct world *w)
{
    struct parts whole = {0}, sum = {0};
    int64_t end_ns = sp_ns_from_s(w->p->time_s.mean);
    int64_t cut[] = {0, end_ns / 3, end_ns * 3 / 4 + 1, -1};

    if (end_ns < 10)
        return;
    add_parts(&whole, w->p);
    w->b.sc->measure = MODEL_MEASURE_WINDOW;
    for (int i = 0; i < 3; i++) {
        const struct model_policy_result *p;

        w->b.sc->measure_from_ns = cut[i];
        w->b.sc->measure_to_ns = cut[i + 1];
        p = &serving_run(&w->b, (struct serving_how){.seed = w->seed})->policies[0];
        if (p->digest != w->p->digest)
            BROKEN(w, "measuring changed the run");
        add_parts(&sum, p);
    }
    if (sum.iterations != whole.iterations || sum.prefill != whole.prefill ||
        sum.decode != whole.decode || sum.gaps != whole.gaps ||
        sum.done != whole.done || fabs(sum.busy_h - whole.busy_h) > 1e-12)
        BROKEN(w,
               "iterations %lld of %lld, prefill %lld of %lld, decode %lld of %lld, "
               "gaps %lld of %lld, done %lld of %lld, busy %.17g of %.17g",
               (long long)sum.iterations, (long long)whole.iterations,
               (long long)sum.prefill, (long long)whole.prefill, (long long)sum.decode,
               (long long)whole.decode, (long long)sum.gaps, (long long)whole.gaps,
               (long long)sum.done, (long long)whole.done, sum.busy_h, whole.busy_h);
}

/* ---- the tests ---- */

#define TEST(name, holds, ...)                                                         \
    static void name(void **state)                                                     \
    {                                                                                  \
        (void)state;                                                                   \
        hold((struct serving_random){__VA_ARGS__}, holds);                             \
    }

TEST(requests_in_are_done_in_flight_or_dropped, requests_hold, .seed = 0)
TEST(beside_others_requests_are_accounted_for, requests_hold, .beside = true)
TEST(nothing_waits_for_ever, nobody_starves, .seed = 0)
TEST(kv_never_exceeds_its_capacity, kv_stays_within_capacity, .seed = 0)
TEST(bill_is_the_sum_of_its_lines, bill_holds, .beside = true)
TEST(cells_sum_to_lines_types_and_bill, cells_hold, .beside = true)
TEST(with_nodes_lost_cells_sum_to_lines_types_and_bill, cells_hold, .losses = true,
     .beside = true)
TEST(busy_time_of_replicas_is_that_of_gpus, busy_replicas_are_busy_gpus, .seed = 0)
TEST(integral_of_waiting_is_the_sum_of_waits, littles_law_holds, .steady = true)
TEST(tokens_of_requests_are_tokens_computed, tokens_in_are_tokens_out, .steady = true)
TEST(same_seed_gives_the_same_bytes, second_run_is_the_same, .seed = 0)
TEST(spans_are_their_iterations_one_by_one, spans_change_nothing, .seed = 0)
TEST(spans_are_their_iterations_where_instants_coincide, spans_change_nothing,
     .ties = true)
TEST(spans_are_their_iterations_beside_others, spans_change_nothing, .ties = true,
     .beside = true)
TEST(nothing_waits_for_ever_where_instants_coincide, nobody_starves, .ties = true)
TEST(parts_of_a_run_add_up, windows_add_up, .seed = 0)
TEST(with_nodes_lost_requests_are_accounted_for, requests_hold, .losses = true,
     .beside = true)
TEST(with_nodes_lost_kv_never_exceeds_its_capacity, kv_stays_within_capacity,
     .losses = true)
TEST(with_nodes_lost_bill_is_the_sum_of_its_lines, bill_holds, .losses = true,
     .beside = true)
TEST(with_nodes_lost_busy_time_of_replicas_is_that_of_gpus, busy_replicas_are_busy_gpus,
     .losses = true)
TEST(with_nodes_lost_same_seed_gives_the_same_bytes, second_run_is_the_same,
     .losses = true)
TEST(with_nodes_lost_spans_are_their_iterations, spans_change_nothing, .losses = true)
TEST(with_nodes_lost_spans_are_their_iterations_where_instants_coincide,
     spans_change_nothing, .losses = true, .ties = true)
TEST(with_nodes_lost_nothing_waits_for_ever, nobody_starves, .losses = true)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_in_are_done_in_flight_or_dropped),
        cmocka_unit_test(beside_others_requests_are_accounted_for),
        cmocka_unit_test(nothing_waits_for_ever),
        cmocka_unit_test(kv_never_exceeds_its_capacity),
        cmocka_unit_test(bill_is_the_sum_of_its_lines),
        cmocka_unit_test(cells_sum_to_lines_types_and_bill),
        cmocka_unit_test(with_nodes_lost_cells_sum_to_lines_types_and_bill),
        cmocka_unit_test(busy_time_of_replicas_is_that_of_gpus),
        cmocka_unit_test(integral_of_waiting_is_the_sum_of_waits),
        cmocka_unit_test(tokens_of_requests_are_tokens_computed),
        cmocka_unit_test(same_seed_gives_the_same_bytes),
        cmocka_unit_test(spans_are_their_iterations_one_by_one),
        cmocka_unit_test(spans_are_their_iterations_where_instants_coincide),
        cmocka_unit_test(spans_are_their_iterations_beside_others),
        cmocka_unit_test(nothing_waits_for_ever_where_instants_coincide),
        cmocka_unit_test(parts_of_a_run_add_up),
        cmocka_unit_test(with_nodes_lost_requests_are_accounted_for),
        cmocka_unit_test(with_nodes_lost_kv_never_exceeds_its_capacity),
        cmocka_unit_test(with_nodes_lost_bill_is_the_sum_of_its_lines),
        cmocka_unit_test(with_nodes_lost_busy_time_of_replicas_is_that_of_gpus),
        cmocka_unit_test(with_nodes_lost_same_seed_gives_the_same_bytes),
        cmocka_unit_test(with_nodes_lost_spans_are_their_iterations),
        cmocka_unit_test(
            with_nodes_lost_spans_are_their_iterations_where_instants_coincide),
        cmocka_unit_test(with_nodes_lost_nothing_waits_for_ever),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("serving_laws", tests, NULL, NULL);
}
