/* Replications until figures are known well enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plan_build.h"
#include "sim/precision.h"

/* A single queue, of 500 customers; and the same with another server. */
static struct plan_build build(struct sp_arena *arena, struct model_dist service)
{
    struct plan_build b = plan_new(arena);

    plan_stage(&b, "serve", service);
    plan_unit(&b, 0, 1, 1);
    b.source->items = 500;
    b.node->has_price = true;
    b.node->uusd_per_h = 3600000;
    plan_policy_copy(&b, "two");
    b.policy->plans[0].units[0].count = 2;
    return b;
}

static const struct model_result *run(const struct plan_build *b, double frac,
                                      int32_t least, int32_t most)
{
    const struct sim_options o = {.seed = 11,
                                  .replications = least,
                                  .precision_frac = frac,
                                  .replications_most = most,
                                  .threads = 2};
    struct model_result *r;

    assert_int_equal(sim_run(b->sc, &o, b->arena, &r, NULL), SP_OK);
    return r;
}

static void rounds_grow_by_half_up_to_the_most(void **state)
{
    static const int32_t want[] = {10, 15, 23, 35, 53, 80, 120, 180, 200, 200};
    int32_t n = sim_precision_first(1, 200);

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(n, want[i]);
        n = sim_precision_next(n, 200);
    }
    assert_int_equal(sim_precision_first(40, 200), 40);
    assert_int_equal(sim_precision_first(400, 200), 200);
}

static void what_does_not_vary_is_known_after_the_first_round(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct plan_build b = build(arena, plan_constant(1));
    const struct model_result *r = run(&b, 0.0001, 1, 200);

    (void)state;
    assert_int_equal(r->n_runs, 10);
    assert_true(r->precision.reached && r->precision.worst_frac == 0);
    sp_arena_free(arena);
}

/* Half widths of all that counts here, worked out from the result alone; ratios by the
 * comparison's own. */
static double widest(const struct model_result *r)
{
    const struct model_stat stats[] = {
        r->policies[0].cost.usd,
        r->policies[0].time_s,
        r->policies[0].cost.usd_per_1k_items,
        r->policies[0].workloads[0].latency.p99_s,
        r->policies[1].cost.usd,
        r->policies[1].time_s,
        r->policies[1].cost.usd_per_1k_items,
        r->policies[1].workloads[0].latency.p99_s,
        r->comparisons[0].usd_ratio,
        r->comparisons[0].time_ratio,
    };
    double most = 0;

    for (size_t i = 0; i < sizeof stats / sizeof *stats; i++)
        most = fmax(most, stats[i].half95 / stats[i].mean);
    return most;
}

static void it_stops_at_the_first_round_that_is_narrow_enough(void **state)
{
    static const double fracs[] = {0.05, 0.03, 0.02, 0.015};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sp_arena *arena = sp_arena_new();
        const struct plan_build b = build(arena, plan_exponential(1));
        const double target = fracs[i] / (1 + fracs[i]);
        const struct model_result *r = run(&b, fracs[i], 1, 2000);
        int32_t n = 10;

        assert_true(r->precision.reached && r->n_runs < 2000);
        assert_true(widest(r) <= target);
        for (; n < r->n_runs; n = sim_precision_next(n, 2000)) {
            const struct model_result *before =
                plan_run(&b, (struct plan_how){.seed = 11, .replications = n});

            assert_true(widest(before) > target);
        }
        assert_int_equal(n, r->n_runs);
        sp_arena_free(arena);
    }
}

static void what_is_not_reached_is_named_with_its_width(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct plan_build b = build(arena, plan_exponential(1));
    const struct model_result *r = run(&b, 0.0001, 25, 30);

    (void)state;
    assert_int_equal(r->n_runs, 30);
    assert_false(r->precision.reached);
    assert_true(fabs(r->precision.worst_frac / widest(r) - 1) < 1e-9);
    assert_non_null(strstr(r->precision.worst, "' under '"));
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_grow_by_half_up_to_the_most),
        cmocka_unit_test(what_does_not_vary_is_known_after_the_first_round),
        cmocka_unit_test(it_stops_at_the_first_round_that_is_narrow_enough),
        cmocka_unit_test(what_is_not_reached_is_named_with_its_width),
    };

    return cmocka_run_group_tests_name("precision", tests, NULL, NULL);
}
