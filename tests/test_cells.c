/* The bill by part against arithmetic on paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "base/units.h"
#include "by_hand.h"
#include "cell_laws.h"
#include "plan_build.h"
#include "sim/ledger.h"

static void keeps_the_laws(const struct model_policy_result *p)
{
    char text[256];
    const char *what = cell_laws_broken(p, text);

    if (what != NULL)
        fail_msg("%s", what);
}

/* Within so many micro-dollars. */
static void is_uusd(int64_t got, double want, double within)
{
    if (fabs((double)got - want) > within)
        fail_msg("%lld uusd, expected %.9g", (long long)got, want);
}

/* ---- stranded ---- */

/* 32 nodes of 64 CPUs and 8 GPUs at 32 USD/h for 10 minutes, 170.67 USD; a container
 * of 64 CPUs and 1 GPU on each leaves 7 of 8 GPUs without a CPU.  Of the price a GPU
 * weighs 0.95 and a CPU 0.031611: the GPUs bear 7.6 / (7.6 + 2.023104) of it.  Memory
 * is asked for by nobody: it weighs nothing and is unused, not stranded. */
static void gpus_are_stranded_where_cpus_ran_out(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;
    struct model_unit *unit;
    double gpus_usd = 32 * 32.0 / 6 * 7.6 / (7.6 + 64 * 0.031611);

    *b->node = (struct model_node_type){.name = "gpu-node",
                                        .group = "gpu-node",
                                        .option = "on-demand",
                                        .has = {64000, 8000, INT64_C(512) << 30},
                                        .has_price = true,
                                        .uusd_per_h = 32000000,
                                        .price_source = "scenario",
                                        .price_date = "",
                                        .billing_minimum_ns = 60 * SP_NS_PER_S,
                                        .store_bytes = -1,
                                        .cpu_speed = 1,
                                        .fixed = true,
                                        .count = 32,
                                        .min = 32,
                                        .max = 32};
    plan_stage(b, "preprocess", plan_constant(2));
    plan_stage(b, "infer", plan_constant(1))->slot_needs =
        (struct model_amounts){.mgpu = 1000};
    unit = plan_unit(b, 0, 64, 32);
    plan_unit_add(unit, 1, 1);
    *b->source = (struct model_source){
        .kind = MODEL_SOURCE_CONSTANT, .rate_per_s = 1, .items = 598, .for_ns = -1};
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(p->time_s.mean, 600); /* the last comes at 597 s and takes 3 s */
    is_uusd(p->cost.uusd, 32 * 5333333.0, 0);
    is_uusd(cell_uusd(p, MODEL_PART_STRANDED, MODEL_GPU), gpus_usd * 7 / 8 * 1e6, 64);
    is_uusd(cell_uusd(p, MODEL_PART_STRANDED, -1), gpus_usd * 7 / 8 * 1e6, 64);
    is_uusd(cell_uusd(p, MODEL_PART_UNUSED, -1), 0, 0);
    hand_is(p->resources[MODEL_GPU].stranded_h.mean, 32 * 7 / 6.0);
    hand_is(p->resources[MODEL_CPU].stranded_h.mean, 0);
    hand_is(p->resources[MODEL_MEMORY].stranded_h.mean, 0);
    hand_is(p->series.stranded[MODEL_GPU][0], 32 * 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAND(gpus_are_stranded_where_cpus_ran_out),
    };

    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
