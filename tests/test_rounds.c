/* Replications by threads: in order, the same at any number of threads, and what ends
 * them early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "plan_build.h"
#include "sim/rounds.h"

enum { POLICIES = 3, RUNS = 5, ITEMS = 400 };

/* Three policies whose runs take different times. */
static struct plan_build build(struct sp_arena *arena)
{
    struct plan_build b = plan_new(arena);

    plan_stage(&b, "serve", plan_exponential(1));
    plan_unit(&b, 0, 1, 1);
    b.source->items = ITEMS;
    plan_policy_copy(&b, "two");
    b.policy->plans[0].units[0].count = 2;
    plan_policy_copy(&b, "four");
    b.policy->plans[0].units[0].count = 4;
    return b;
}

struct rows {
    int64_t n;
    struct model_item_row row[POLICIES * ITEMS];
};

static void keep(void *self, const struct model_item_row *row)
{
    struct rows *rows = self;

    assert_true(rows->n < POLICIES * ITEMS);
    rows->row[rows->n++] = *row;
}

static struct sim_rounds run(const struct plan_build *b, int32_t threads,
                             const int32_t *to, struct rows *rows)
{
    static struct sim_options options; /* outlives the rounds */
    struct model_item_sink sink = {.self = rows, .row = keep};
    struct sim_rounds r;

    memset(rows, 0, sizeof *rows);
    options = (struct sim_options){
        .seed = 5, .threads = threads, .digest = true, .items = &sink};
    sim_rounds_init(&r, b->sc, &options, b->arena);
    for (; *to > 0; to++)
        assert_int_equal(sim_rounds_add(&r, *to, NULL), SP_OK);
    return r;
}

static void same_runs_at_any_number_of_threads_and_in_any_rounds(void **state)
{
    static const int32_t rounds[][4] = {{RUNS}, {1, 2, RUNS}, {3, RUNS}};
    static const int32_t threads[] = {1, 2, 3, 16};
    static struct rows first, rows;
    struct sp_arena *arena = sp_arena_new();
    const struct plan_build b = build(arena);
    const struct sim_rounds want = run(&b, 1, rounds[0], &first);

    (void)state;
    assert_int_equal(first.n, POLICIES * ITEMS);
    for (size_t i = 0; i < 12; i++) {
        const struct sim_rounds r = run(&b, threads[i % 4], rounds[i / 4], &rows);

        assert_memory_equal(&rows, &first, sizeof rows);
        assert_int_equal(sim_rounds_pairs(&r), RUNS);
        for (int32_t k = 0; k < POLICIES * RUNS; k++) {
            const struct model_policy_result *a = &r.policies[k / RUNS].runs[k % RUNS];
            const struct model_policy_result *e =
                &want.policies[k / RUNS].runs[k % RUNS];

            assert_true(a->digest == e->digest && a->events == e->events);
            assert_true(a->workloads[0].latency.p99_s.mean ==
                        e->workloads[0].latency.p99_s.mean);
        }
    }
    sp_arena_free(arena);
}

/* ---- stopped ---- */

static bool stop_after(void *self, const struct sim_progress *now)
{
    assert_int_equal(now->runs, POLICIES * RUNS);
    return now->runs_done >= *(int32_t *)self;
}

static void stopped_runs_are_the_first_ones(void **state)
{
    static const int32_t threads[] = {1, 2, 7};

    (void)state;
    for (int32_t after = 1; after < POLICIES * RUNS; after++)
        for (size_t t = 0; t < 3; t++) {
            struct sp_arena *arena = sp_arena_new();
            const struct plan_build b = build(arena);
            const struct sim_options options = {.seed = 5,
                                                .replications = RUNS,
                                                .threads = threads[t],
                                                .progress = stop_after,
                                                .progress_self = &after};
            struct model_result *r;
            int32_t begun;

            assert_int_equal(sim_run(b.sc, &options, arena, &r, NULL), SP_OK);
            begun = r->n_policies;
            if (threads[t] == 1) { /* with more, those under way are done, too */
                assert_true(r->partial);
                assert_int_equal(begun, (after + RUNS - 1) / RUNS);
                assert_int_equal(r->n_runs, after % RUNS == 0 ? RUNS : after % RUNS);
            }
            assert_true(begun >= 1 && r->n_runs >= 1 && r->n_runs <= RUNS);
            assert_true((r->not_run != NULL) == (begun < POLICIES));
            sp_arena_free(arena);
        }
}

/* ---- failing ---- */

static enum sp_status no_trace(void *self, const struct model_plan *plan,
                               struct model_arrivals *arrivals, struct sp_err *err)
{
    (void)self;
    (void)arrivals;
    return sp_fail(err, SP_EINPUT, "no trace with %d units", plan->units[0].count);
}

static void the_first_failure_in_order_is_told(void **state)
{
    static const int32_t threads[] = {1, 2, 16};

    (void)state;
    for (size_t t = 0; t < 3; t++) {
        struct sp_arena *arena = sp_arena_new();
        struct plan_build b = build(arena);
        const struct model_trace_opener opener = {.open = no_trace};
        const struct sim_options options = {
            .replications = RUNS, .threads = threads[t], .traces = &opener};
        struct sp_err err = {0};
        struct model_result *r = NULL;

        for (int32_t p = 1; p < POLICIES; p++) /* the first policy is fine */
            b.sc->policies[p].plans[0].source.kind = MODEL_SOURCE_TRACE;
        assert_int_equal(sim_run(b.sc, &options, arena, &r, &err), SP_EINPUT);
        assert_string_equal(err.text, "no trace with 2 units");
        assert_null(r);
        sp_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_runs_at_any_number_of_threads_and_in_any_rounds),
        cmocka_unit_test(stopped_runs_are_the_first_ones),
        cmocka_unit_test(the_first_failure_in_order_is_told),
    };

    return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
