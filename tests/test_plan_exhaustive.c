/* The planner finds what trying everything finds, on random small scenarios.
 *
 * PLAN_SEED=n runs that scenario alone and prints it; STAGEPLAN_SLOW=1 runs many more.
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
#include "tests/plan_naive.h"
#include "tests/plan_random.h"
#include "tests/plan_world.h"

enum { SHAPES = 64, UNITS = 40 };

/* A bill is in whole micro-dollars, rounded for each of the few nodes. */
static const double rounding_usd = 1e-5;

static void print_planned(const struct model_planned *p)
{
    const struct model_planned_fleet *f = &p->best;

    printf("planned: %s, %s, %.8g USD, bound %.8g, %lld runs, %s\n",
           p->feasible ? "feasible" : "infeasible", f->partition, f->usd.mean,
           p->bound_usd, (long long)p->runs, p->complete_text);
    for (int32_t i = 0; i < f->n_nodes; i++)
        printf("  %d x %s\n", f->nodes[i].count, f->nodes[i].type);
    for (int32_t i = 0; i < f->n_units; i++)
        printf("  %d x %s (%s)\n", f->units[i].count, f->units[i].unit,
               f->units[i].slots);
}

static void print_naive(const struct plan_naive *n, const struct plan_naive_best *b)
{
    printf("naive: %.8g USD, %s, %lld tried; nodes", b->usd,
           b->shape != SP_NO_ID ? n->shapes[b->shape].name : "-", (long long)b->tried);
    for (int32_t i = 0; i < n->scenario->policies[0].n_types; i++)
        printf(" %d", b->nodes[i]);
    printf("; units");
    for (int32_t i = 0; b->shape != SP_NO_ID && i < n->shapes[b->shape].n_pools; i++)
        printf(" %d", b->units[i]);
    printf("\n");
}

/* The bound is of work in the mean; n runs of k items with exponential times draw less
 * than that by 1 / sqrt(n k) at one standard deviation, and four are allowed. */
static double drawn_frac(const struct plan_world *w, const char *text)
{
    const struct model_source *source = &w->sc->policies[0].plans[0].source;
    double items = source->items > 0
                       ? (double)source->items
                       : source->rate_per_s * sp_s_from_ns(w->sc->until_ns);

    if (strstr(text, "exponential") == NULL && strstr(text, "poisson") == NULL)
        return 0;
    return 4 / sqrt(items * w->run.replications);
}

static bool same(const struct plan_world *w, const char *text,
                 const struct model_planned *p, const struct plan_naive_best *best)
{
    if (!isfinite(best->usd))
        return !p->feasible && p->missed != NULL;
    return p->feasible && p->complete &&
           p->best.usd.mean <= best->usd * (1 + p->precision_frac) + rounding_usd &&
           p->best.usd.mean >= best->usd - rounding_usd &&
           p->bound_usd <= best->usd * (1 + drawn_frac(w, text)) + rounding_usd;
}

/* True where they agree. */
static bool agree(plan_random_text text_of, uint64_t seed, bool print)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text = text_of(seed, arena);
    struct plan_world *w = plan_world_new(text);
    const struct model_planned *p = plan_world_search(w, (struct plan_world_how){0});
    struct plan_naive naive = {
        .scenario = w->sc, .goals = &w->goals, .run = &w->run, .units_max = UNITS};
    struct plan_naive_best best;
    bool all, ok;

    naive.shapes = plan_shapes_of(w->sc, false, SHAPES, arena, &naive.n_shapes, &all);
    best = plan_naive_search(&naive);
    ok = same(w, text, p, &best);
    if (!ok || print) {
        printf("PLAN_SEED=%llu\n%s", (unsigned long long)seed, text);
        print_planned(p);
        print_naive(&naive, &best);
    }
    plan_world_free(w);
    sp_arena_free(arena);
    return ok;
}

/* PLAN_SEED alone, or so many seeds of a kind. */
static void all_agree(plan_random_text text_of, uint64_t quick, uint64_t slow)
{
    const char *one = getenv("PLAN_SEED");
    uint64_t n = getenv("STAGEPLAN_SLOW") != NULL ? slow : quick;
    int bad = 0;

    if (one != NULL) {
        assert_true(agree(text_of, strtoull(one, NULL, 10), true));
        return;
    }
    for (uint64_t seed = 1; seed <= n; seed++)
        bad += !agree(text_of, seed, false);
    assert_int_equal(bad, 0);
}

static void pipelines_are_planned_as_trying_everything_does(void **state)
{
    (void)state;
    all_agree(plan_random_pipeline, 14, 150);
}

static void serving_is_planned_as_trying_everything_does(void **state)
{
    (void)state;
    all_agree(plan_random_serving, 4, 25);
}

static void jobs_are_planned_as_trying_everything_does(void **state)
{
    (void)state;
    all_agree(plan_random_jobs, 4, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipelines_are_planned_as_trying_everything_does),
        cmocka_unit_test(serving_is_planned_as_trying_everything_does),
        cmocka_unit_test(jobs_are_planned_as_trying_everything_does),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("plan_exhaustive", tests, NULL, NULL);
}
