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
#include "model/sizing.h"
#include "plan/search.h"
#include "tests/plan_naive.h"
#include "tests/plan_random.h"

enum { N_QUICK = 20, N_SLOW = 200, SHAPES = 64, UNITS = 40 };
static const double precision_frac = 0.01;

/* A bill is in whole micro-dollars, rounded for each of the few nodes. */
static const double rounding_usd = 1e-5;

struct world {
    struct sp_arena *arena;
    struct model_scenario *sc;
    struct model_goals goals;
    struct sim_options run;
    struct plan_naive naive;
};

static struct world world_of(const char *text)
{
    struct world w = {.arena = sp_arena_new()};
    struct sp_err err = {0};
    bool all;

    if (model_scenario_parse("random.yaml", text, w.arena, &w.sc, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s\n%s", err.text, text);
    for (int32_t i = 0; i < w.sc->n_workloads; i++)
        assert_int_equal(model_size_plan(&w.sc->policies[0].plans[i],
                                         w.sc->policies[0].types,
                                         w.sc->policies[0].n_types, NULL),
                         SP_OK);
    if (model_goals_of(w.sc, &w.goals, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s\n%s", err.text, text);
    w.run = (struct sim_options){
        .seed = 7, .replications = w.sc->replications, .version = ""};
    w.naive = (struct plan_naive){.scenario = w.sc, .units_max = UNITS};
    w.naive.shapes =
        plan_shapes_of(w.sc, false, SHAPES, w.arena, &w.naive.n_shapes, &all);
    return w;
}

static const struct model_planned *planned_by(struct world *w, int32_t threads)
{
    const struct plan_ask ask = {.scenario = w->sc,
                                 .goals = &w->goals,
                                 .run = &w->run,
                                 .replications = w->run.replications,
                                 .precision_frac = precision_frac,
                                 .runs_max = 100000,
                                 .threads = threads};
    struct model_planned *planned;
    struct sp_err err = {0};

    if (plan_search(&ask, w->arena, &planned, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s", err.text);
    return planned;
}

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

static void print_naive(const struct world *w, const struct plan_naive_best *b)
{
    printf("naive: %.8g USD, %s, %lld tried; nodes", b->usd,
           b->shape != SP_NO_ID ? w->naive.shapes[b->shape].name : "-",
           (long long)b->tried);
    for (int32_t i = 0; i < w->sc->policies[0].n_types; i++)
        printf(" %d", b->nodes[i]);
    printf("; units");
    for (int32_t i = 0; b->shape != SP_NO_ID && i < w->naive.shapes[b->shape].n_pools;
         i++)
        printf(" %d", b->units[i]);
    printf("\n");
}

/* True where they agree. */
static bool agree(uint64_t seed, bool print)
{
    struct sp_arena *arena = sp_arena_new();
    const char *text = plan_random_text(seed, arena);
    struct world w = world_of(text);
    const struct model_planned *p;
    struct plan_naive_best best;
    bool ok;

    w.naive.run = &w.run; /* not before: w has its place now */
    w.naive.goals = &w.goals;
    best = plan_naive_search(&w.naive);
    p = planned_by(&w, 1);
    ok = p->feasible == isfinite(best.usd);
    if (ok && p->feasible)
        ok = p->best.usd.mean <= best.usd * (1 + precision_frac) + 1e-9 &&
             p->best.usd.mean >= best.usd * (1 - 1e-9) - 1e-9 &&
             p->bound_usd <= best.usd + rounding_usd && p->complete;
    if (!ok || print) {
        printf("PLAN_SEED=%llu\n%s", (unsigned long long)seed, text);
        print_planned(p);
        print_naive(&w, &best);
    }
    sp_arena_free(w.arena);
    sp_arena_free(arena);
    return ok;
}

static void planner_finds_what_trying_everything_finds(void **state)
{
    const char *one = getenv("PLAN_SEED");
    uint64_t n = getenv("STAGEPLAN_SLOW") != NULL ? N_SLOW : N_QUICK;
    int bad = 0;

    (void)state;
    if (one != NULL) {
        assert_true(agree(strtoull(one, NULL, 10), true));
        return;
    }
    for (uint64_t seed = 1; seed <= n; seed++)
        bad += !agree(seed, false);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planner_finds_what_trying_everything_finds),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("plan_exhaustive", tests, NULL, NULL);
}
