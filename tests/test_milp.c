/* Mixed-integer programs against trying every whole point of small random ones, and
 * known answers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "plan/milp.h"

enum { N_RANDOM = 400, COLUMNS = 4, ROWS = 4, TOP = 6 };

/* ---- all whole: every point is tried ---- */

struct small {
    int32_t n, m;
    double cost[COLUMNS], a[ROWS][COLUMNS], low[ROWS], high[ROWS];
};

static int32_t pick(struct sp_rng *rng, int32_t low, int32_t high)
{
    return low + (int32_t)(sp_rng_next(rng) % (uint64_t)(high - low + 1));
}

/* Whole numbers throughout, so that sums are exact. */
static struct small small_random(uint64_t seed)
{
    struct sp_rng rng = sp_rng_from_key(seed);
    struct small s = {.n = pick(&rng, 1, COLUMNS), .m = pick(&rng, 1, ROWS)};

    for (int32_t j = 0; j < s.n; j++)
        s.cost[j] = pick(&rng, -3, 9);
    for (int32_t i = 0; i < s.m; i++) {
        for (int32_t j = 0; j < s.n; j++)
            s.a[i][j] = pick(&rng, -4, 7);
        s.low[i] = pick(&rng, 0, 2) == 0 ? -INFINITY : (double)pick(&rng, -5, 15);
        s.high[i] = pick(&rng, 0, 2) > 0 ? INFINITY : (double)pick(&rng, 0, 25);
        if (s.low[i] > s.high[i])
            s.high[i] = s.low[i];
    }
    return s;
}

static bool allows(const struct small *s, const int32_t *x)
{
    for (int32_t i = 0; i < s->m; i++) {
        double sum = 0;

        for (int32_t j = 0; j < s->n; j++)
            sum += s->a[i][j] * x[j];
        if (sum < s->low[i] || sum > s->high[i])
            return false;
    }
    return true;
}

/* INFINITY: no point is allowed. */
static double least_of_all(const struct small *s)
{
    int32_t x[COLUMNS] = {0}, j = 0;
    double least = INFINITY;

    while (j < s->n) {
        double cost = 0;

        for (int32_t k = 0; k < s->n; k++)
            cost += s->cost[k] * x[k];
        if (cost < least && allows(s, x))
            least = cost;
        for (j = 0; j < s->n && ++x[j] > TOP; j++)
            x[j] = 0;
    }
    return least;
}

static struct plan_milp *program_of(const struct small *s, struct sp_arena *arena)
{
    struct plan_milp *p = plan_milp_new(arena);

    for (int32_t j = 0; j < s->n; j++)
        plan_milp_column(p, "x", s->cost[j], 0, TOP, true);
    for (int32_t i = 0; i < s->m; i++) {
        plan_milp_row(p, "row", s->low[i], s->high[i]);
        for (int32_t j = 0; j < s->n; j++)
            plan_milp_set(p, i, j, s->a[i][j]);
    }
    return p;
}

static void check_small(uint64_t seed, int64_t nodes_max, int32_t *feasible,
                        int32_t *stopped)
{
    struct sp_arena *arena = sp_arena_new();
    const struct small s = small_random(seed);
    const double least = least_of_all(&s);
    struct plan_milp_answer a =
        plan_milp_solve(program_of(&s, arena), nodes_max, arena);
    int32_t x[COLUMNS];

    *feasible += isfinite(least);
    *stopped += a.end == PLAN_MILP_STOPPED;
    if (a.bound > least)
        fail_msg("seed %d: bound %.17g is above %.17g", (int)seed, a.bound, least);
    if (a.cost < least)
        fail_msg("seed %d: cost %.17g is below %.17g", (int)seed, a.cost, least);
    assert_int_equal(a.end == PLAN_MILP_INFEASIBLE && isinf(least), isinf(least));
    if (a.end == PLAN_MILP_OPTIMAL) {
        assert_true(a.cost == least);
        assert_true(a.bound >= least - 1e-5 * fmax(1, fabs(least)));
    }
    if (!isinf(a.cost)) {
        for (int32_t j = 0; j < s.n; j++) {
            x[j] = (int32_t)a.x[j];
            assert_true((double)x[j] == a.x[j]);
        }
        assert_true(allows(&s, x));
    }
    sp_arena_free(arena);
}

static void whole_programs_have_the_least_of_all_points(void **state)
{
    int32_t feasible = 0, stopped = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= N_RANDOM; seed++)
        check_small(seed, 10000, &feasible, &stopped);
    assert_true(feasible > N_RANDOM / 2 && feasible < N_RANDOM);
    assert_int_equal(stopped, 0);
}

/* Stopped at once the bound is still one, and what was found is allowed. */
static void stopped_programs_still_bound(void **state)
{
    int32_t feasible = 0, stopped = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= N_RANDOM; seed++) {
        struct sp_arena *arena = sp_arena_new();
        const struct small s = small_random(seed);
        struct plan_milp_answer a = plan_milp_solve(program_of(&s, arena), 1, arena);

        feasible += a.end != PLAN_MILP_INFEASIBLE;
        stopped += a.end == PLAN_MILP_STOPPED;
        assert_true(a.bound <= least_of_all(&s) && a.bound <= a.cost);
        sp_arena_free(arena);
    }
    assert_true(feasible > 0 && stopped > 0);
}

/* ---- known answers ---- */

/* min 3x + 2y with x + y >= 4, x + 3y >= 6: the corner (3, 1), 11; the duals solve
 * u + v = 3, u + 3v = 2: 3.5 and -0.5, of which v is not allowed; so y = 4, x = 0 is
 * cheaper: 8, with u = 2, v = 0. */
static void duals_price_the_rows(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_milp *p = plan_milp_new(arena);
    struct plan_milp_answer a;

    (void)state;
    plan_milp_column(p, "x", 3, 0, INFINITY, false);
    plan_milp_column(p, "y", 2, 0, INFINITY, false);
    plan_milp_row(p, "sum", 4, INFINITY);
    plan_milp_row(p, "more", 6, INFINITY);
    plan_milp_set(p, 0, 0, 1);
    plan_milp_set(p, 0, 1, 1);
    plan_milp_set(p, 1, 0, 1);
    plan_milp_set(p, 1, 1, 3);
    a = plan_milp_solve(p, 10, arena);
    assert_int_equal(a.end, PLAN_MILP_OPTIMAL);
    assert_true(fabs(a.cost - 8) < 1e-9 && a.bound <= 8 && a.bound > 7.9999);
    assert_true(fabs(a.duals[0] - 2) < 1e-9 && fabs(a.duals[1]) < 1e-9);
    sp_arena_free(arena);
}

static void what_contradicts_itself_is_infeasible(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_milp *p = plan_milp_new(arena);
    struct plan_milp_answer a;

    (void)state;
    plan_milp_column(p, "x", 1, 0, 5, true);
    plan_milp_row(p, "more than there is", 6, INFINITY);
    plan_milp_set(p, 0, 0, 1);
    a = plan_milp_solve(p, 10, arena);
    assert_int_equal(a.end, PLAN_MILP_INFEASIBLE);
    assert_true(isinf(a.bound) && isinf(a.cost));
    sp_arena_free(arena);
}

/* Whole x with 2 <= 3x <= 2.9: the relaxation has points, the program none. */
static void no_whole_point_is_infeasible(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_milp *p = plan_milp_new(arena);

    (void)state;
    plan_milp_column(p, "x", 1, 0, 5, true);
    plan_milp_row(p, "between", 2, 2.9);
    plan_milp_set(p, 0, 0, 3);
    assert_int_equal(plan_milp_solve(p, 10, arena).end, PLAN_MILP_INFEASIBLE);
    sp_arena_free(arena);
}

static void nothing_asked_for_costs_nothing(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_milp *p = plan_milp_new(arena);
    struct plan_milp_answer a;

    (void)state;
    a = plan_milp_solve(p, 10, arena);
    assert_int_equal(a.end, PLAN_MILP_OPTIMAL);
    assert_true(a.cost == 0 && a.bound <= 0);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_programs_have_the_least_of_all_points),
        cmocka_unit_test(stopped_programs_still_bound),
        cmocka_unit_test(duals_price_the_rows),
        cmocka_unit_test(what_contradicts_itself_is_infeasible),
        cmocka_unit_test(no_whole_point_is_infeasible),
        cmocka_unit_test(nothing_asked_for_costs_nothing),
    };

    return cmocka_run_group_tests_name("milp", tests, NULL, NULL);
}
