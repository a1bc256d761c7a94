/* The bill by part against arithmetic on paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "base/units.h"
#include "by_hand.h"
#include "cell_laws.h"
#include "model/availability.h"
#include "plan_build.h"
#include "sim/floor.h"
#include "sim/ledger.h"

#define GIB (INT64_C(1) << 30)

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

/* Jobs may ask for 2 CPUs each: the last CPU of a node of 5 is too little by itself,
 * and that is no other resource's doing. */
static void what_is_too_little_by_itself_is_unused(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    b->node->has = (struct model_amounts){.mcpu = 5000, .memory_bytes = -1};
    plan_stage(b, "work", plan_constant(1800))->slot_needs.mcpu = 2000;
    plan_unit(b, 0, 1, 2);
    b->source->items = 2;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(cell_hours(p, MODEL_PART_UNUSED, MODEL_CPU), 0.5);
    hand_is(cell_hours(p, MODEL_PART_STRANDED, MODEL_CPU), 0);
}

/* A node of 4 CPUs and 8 GiB: a unit of 7 GiB leaves 3 CPUs that no other one could
 * use, for want of memory; when it has gone, at 10 s, nothing is placed, so nothing is
 * stranded any more.  (1 GiB is too little by itself.) */
static void nothing_is_stranded_on_an_empty_node(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    b->node->has = (struct model_amounts){.mcpu = 4000, .memory_bytes = 8 * GIB};
    plan_stage(b, "large", plan_constant(10))->slot_needs.memory_bytes = 7 * GIB;
    plan_unit(b, 0, 1, 1);
    plan_stage(b, "other", plan_constant(1))->slot_needs = (struct model_amounts){
        .mcpu = 1000,
        .memory_bytes = 9 * GIB}; /* fits nowhere: no shape of this node */
    plan_unit(b, 1, 1, 1);
    b->sc->until_ns = 30 * SP_NS_PER_S;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(cell_hours(p, MODEL_PART_STRANDED, MODEL_CPU), 3 * 10 / 3600.0);
    hand_is(cell_hours(p, MODEL_PART_STRANDED, MODEL_MEMORY), 0);
}

/* ---- parts of a lease: a node of 2 CPUs at a micro-dollar a millisecond ---- */

static void small_node(struct plan_build *b)
{
    b->node->has = (struct model_amounts){.mcpu = 2000, .memory_bytes = -1};
    b->node->uusd_per_h = 3600000;
}

/* Of a CPU, half of 1,000 micro-dollars a second. */
static void costs_s(const struct model_policy_result *p, enum model_part part,
                    double cpu_s)
{
    hand_is(cell_hours(p, part, MODEL_CPU), cpu_s / 3600);
    is_uusd(cell_uusd(p, part, -1), cpu_s * 500, 1);
}

/* The node boots for 100 s, the unit starts for 20, its item takes 30.  Its CPU boots
 * for 120 s and works for 30; the other one boots for 100 s and is unused for 50. */
static void boot_is_the_nodes_and_the_units(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    small_node(b);
    b->node->fixed = false;
    b->node->count = 0;
    b->node->max = 1;
    b->node->boot_s = plan_constant(100);
    plan_stage(b, "work", plan_constant(30));
    plan_unit(b, 0, 1, 1)->startup_s = plan_constant(20);
    p = hand_run(b);
    keeps_the_laws(p);
    is_uusd(p->cost.uusd, 150000, 0);
    costs_s(p, MODEL_PART_BOOT, 120 + 100);
    costs_s(p, MODEL_PART_WORK, 30);
    costs_s(p, MODEL_PART_UNUSED, 50);
    costs_s(p, MODEL_PART_IDLE, 0);
}

/* Each attempt fails after 10 s; the second comes 5 s later and is the last. */
static void work_that_failed_is_redone(void **state)
{
    struct plan_build *b = *state;
    struct model_stage *s = plan_stage(b, "work", plan_constant(10));
    const struct model_policy_result *p;

    small_node(b);
    s->fail_frac = 1;
    s->retries_max = 1;
    s->retry_delay_ns = 5 * SP_NS_PER_S;
    plan_apart(b, 1);
    p = hand_run(b);
    keeps_the_laws(p);
    costs_s(p, MODEL_PART_REDONE, 20);
    costs_s(p, MODEL_PART_WORK, 0);
    costs_s(p, MODEL_PART_IDLE, 5);
    costs_s(p, MODEL_PART_UNUSED, 25);
    hand_is(p->cost.floor_usd.mean, 0); /* nothing came of it */
}

/* The same in a fused unit, whose second stage fails: both stages' time is redone. */
static void all_phases_of_a_fused_task_are_redone(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *unit;
    struct model_stage *s;
    const struct model_policy_result *p;

    small_node(b);
    plan_stage(b, "first", plan_constant(4));
    s = plan_stage(b, "second", plan_constant(6));
    s->fail_frac = 1;
    unit = plan_unit(b, 0, 1, 1);
    plan_unit_add(unit, 1, 1);
    unit->fused = true;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(cell_hours(p, MODEL_PART_REDONE, MODEL_CPU), 10 / 3600.0);
    hand_is(cell_hours(p, MODEL_PART_WORK, MODEL_CPU), 0);
}

/* Two items of 50 s; there is a node until 70 s, and again from 100 s on: 20 s of the
 * second item's work are lost. */
static void work_lost_with_a_node_is_redone(void **state)
{
    struct plan_build *b = *state;
    const int64_t at_ns[] = {0, 70 * SP_NS_PER_S, 100 * SP_NS_PER_S};
    const int32_t nodes[] = {1, 0, 1};
    const struct model_availability had = {.n = 3,
                                           .at_ns = at_ns,
                                           .nodes = nodes,
                                           .length_ns = 365 * 86400 * SP_NS_PER_S,
                                           .most = 1};
    const struct model_policy_result *p;

    small_node(b);
    b->node->kind = MODEL_OPTION_SPOT;
    b->node->fixed = false;
    b->node->count = 0;
    b->node->max = 10;
    b->node->loss.availability = &had;
    plan_stage(b, "work", plan_constant(50));
    plan_apart(b, 1);
    b->source->items = 2;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(p->time_s.mean, 150);
    costs_s(p, MODEL_PART_REDONE, 20);
    costs_s(p, MODEL_PART_WORK, 100);
    costs_s(p, MODEL_PART_IDLE, 0);
    costs_s(p, MODEL_PART_UNUSED, 120);
}

/* One item of 100 bytes goes from one node to the other at 10 bytes a second: the
 * second stage's slot waits for 10 s. */
static void a_slot_that_fetches_is_transfer(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    small_node(b);
    b->node->has.mcpu = 1000; /* the stages have a node each */
    b->node->count = 2;
    b->node->nic_bytes_per_s = 10;
    plan_stage(b, "first", plan_constant(1))->output_bytes = 100;
    plan_stage(b, "second", plan_constant(4));
    plan_apart(b, 1);
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(p->time_s.mean, 1 + 10 + 4);
    hand_is(cell_hours(p, MODEL_PART_TRANSFER, MODEL_CPU), 10 / 3600.0);
    hand_is(cell_hours(p, MODEL_PART_WORK, MODEL_CPU), 5 / 3600.0);
    is_uusd(cell_uusd(p, MODEL_PART_TRANSFER, -1), 10000, 1);
}

/* Items of 1 s come to a stage that takes 10 s and lets one wait: the third is done at
 * 3 s and handed over at 11 s, when the second is taken. */
static void a_slot_that_cannot_hand_over_is_blocked(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    small_node(b);
    plan_stage(b, "fast", plan_constant(1));
    plan_stage(b, "slow", plan_constant(10))->buffer = 1;
    plan_apart(b, 1);
    b->source->items = 3;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(p->time_s.mean, 31);
    costs_s(p, MODEL_PART_BLOCKED, 8);
    costs_s(p, MODEL_PART_WORK, 33);
}

/* ---- prices ---- */

/* A quarter of an hour of a reserved node at 6 USD/h, billed by the hour; on demand it
 * costs 10. */
static void cells_are_told_at_list_price_too(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;
    int64_t list = 0;

    small_node(b);
    b->node->uusd_per_h = 6000000;
    b->node->has_list_price = true;
    b->node->list_uusd_per_h = 10000000;
    b->node->billing = MODEL_BILLING_HOUR;
    plan_stage(b, "work", plan_constant(900));
    plan_apart(b, 2);
    b->source->items = 2;
    p = hand_run(b);
    keeps_the_laws(p);
    hand_is(p->nodes[0].list_usd_per_h, 10);
    assert_int_equal(p->cost.n_cells, 2);
    assert_int_equal(p->cost.cells[0].part, MODEL_PART_WORK);
    assert_int_equal(p->cost.cells[0].uusd, 1500000);
    assert_int_equal(p->cost.cells[0].list_uusd, 2500000);
    assert_int_equal(p->cost.cells[1].part, MODEL_PART_ROUNDING);
    assert_int_equal(p->cost.cells[1].resource, MODEL_RESOURCES);
    assert_int_equal(p->cost.cells[1].uusd, 4500000);
    list = p->cost.cells[0].list_uusd + p->cost.cells[1].list_uusd;
    assert_int_equal(list, 10000000);
}

/* Two teams share a node of 4 CPUs for 100 s, of which it boots for 10; a CPU-second is
 * 250 micro-dollars.  One held 2 CPUs, and one of those worked, 40 s of it for nothing;
 * the other held a CPU for 50 s, the boot included. */
static void teams_have_cells_of_their_own(void **state)
{
    const struct plan_build *b = *state;
    static const char *const names[] = {"work"};
    struct model_team teams[] = {{.name = "vision"}, {.name = "speech"}};
    struct model_node_type t = {.has = {.mcpu = 4000, .memory_bytes = -1},
                                .has_price = true,
                                .uusd_per_h = 3600000};
    struct model_policy policy = {
        .types = &t, .n_types = 1, .n_plans = 1, .n_teams = 2, .teams = teams};
    const struct model_amounts one = {.mcpu = 1000};
    struct sim_ledger *l = sim_ledger_new(b->arena, &policy);
    int32_t vision = sim_ledger_owner_new(l, 0, 0);
    int32_t speech = sim_ledger_owner_new(l, 0, 1);
    int32_t stage = sim_ledger_stage_new(l, vision, NULL, one);
    const sp_i128 second = (sp_i128)1000 * SP_NS_PER_S; /* of a CPU */
    struct model_cost_cell *c;
    int32_t n;

    sim_ledger_allocated(l, 0, vision, (sp_i128[]){0, 200 * second, 0});
    sim_ledger_busy(l, 0, stage, 100 * (sp_i128)SP_NS_PER_S);
    sim_ledger_redone(l, 0, stage, 40 * (sp_i128)SP_NS_PER_S);
    sim_ledger_allocated(l, 0, speech, (sp_i128[]){0, 50 * second, 0});
    sim_ledger_waited(l, 0, speech, MODEL_PART_BOOT, &one, 10 * (sp_i128)SP_NS_PER_S);
    sim_ledger_booted(l, 0, 10 * SP_NS_PER_S);
    sim_ledger_in_boot(l, 0, (sp_i128[]){0, 10 * second, 0});
    sim_ledger_stranded(l, 0, (sp_i128[]){0, 70 * second, 0});
    sim_ledger_close(l, 0, 0, 0, 100 * SP_NS_PER_S);
    sim_ledger_cells(l, b->arena, names, &c, &n);
    static const struct {
        enum model_part part;
        const char *team;
        int64_t cpu_s;
    } want[] = {
        {MODEL_PART_WORK, "vision", 60},  {MODEL_PART_REDONE, "vision", 40},
        {MODEL_PART_BOOT, NULL, 30},      {MODEL_PART_BOOT, "speech", 10},
        {MODEL_PART_IDLE, "vision", 100}, {MODEL_PART_IDLE, "speech", 40},
        {MODEL_PART_STRANDED, NULL, 70},  {MODEL_PART_UNUSED, NULL, 50},
    };
    assert_int_equal(n, sizeof want / sizeof want[0]);
    for (int32_t i = 0; i < n; i++) {
        assert_int_equal(c[i].part, want[i].part);
        assert_int_equal(c[i].resource, MODEL_CPU);
        assert_ptr_equal(c[i].workload, want[i].team == NULL ? NULL : names[0]);
        if (want[i].team != NULL)
            assert_string_equal(c[i].team, want[i].team);
        else
            assert_null(c[i].team);
        hand_is(c[i].hours, (double)want[i].cpu_s / 3600);
        is_uusd(c[i].uusd, (double)want[i].cpu_s * 250, 1);
    }
}

/* ---- the floor ---- */

/* 5 GPU-hours and 340 CPU-hours, on nodes of 8 GPUs and 64 CPUs at 32 USD/h and of 64
 * CPUs at 4: 5/8 of an hour of the first, which has 40 CPU-hours, and 300/64 of the
 * second. */
static void the_floor_is_the_cheapest_mix(void **state)
{
    static const struct {
        const char *name;
        double gpu_h, cpu_h, want_usd;
    } rows[] = {
        {"nothing", 0, 0, 0},
        {"cpus_alone", 0, 64, 4},
        {"gpus_bring_cpus", 8, 64, 32},
        {"and_some_more", 5, 340, 20 + 300 * 4 / 64.0},
    };
    const struct sim_floor_supplier of[] = {{.has = {64, 8}, .price = 32},
                                            {.has = {64, 0}, .price = 4},
                                            {.has = {1, 1}, .price = 40}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double got =
            sim_floor_bound(2, (double[]){rows[i].cpu_h, rows[i].gpu_h}, 3, of);

        if (fabs(got - rows[i].want_usd) > 1e-9)
            fail_msg("%s: %.17g, expected %.17g", rows[i].name, got, rows[i].want_usd);
    }
}

/* Random ones against every vertex of two rows: a supplier alone, or two together. */
static void the_floor_is_that_of_the_best_vertex(void **state)
{
    struct sp_rng r = sp_rng_from_key(7);

    (void)state;
    for (int n = 0; n < 2000; n++) {
        struct sim_floor_supplier of[4] = {{{0}, 0}};
        double want[2], best = INFINITY;

        for (int i = 0; i < 4; i++) {
            of[i].has[0] = 1 + floor(9 * sp_rng_uniform(&r));
            of[i].has[1] = i > 0 ? floor(5 * sp_rng_uniform(&r)) : 1;
            of[i].price = floor(20 * sp_rng_uniform(&r));
        }
        for (int k = 0; k < 2; k++)
            want[k] = floor(10 * sp_rng_uniform(&r));
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                const double *a = of[i].has, *b = of[j].has;
                double det = a[0] * b[1] - a[1] * b[0];
                double x = (want[0] * b[1] - want[1] * b[0]) / det;
                double y = (a[0] * want[1] - a[1] * want[0]) / det;
                double alone = fmax(want[0] / a[0], want[1] > 0 ? want[1] / a[1] : 0);

                if (isfinite(alone))
                    best = fmin(best, alone * of[i].price);
                if (det != 0 && x >= 0 && y >= 0)
                    best = fmin(best, x * of[i].price + y * of[j].price);
            }
        if (fabs(sim_floor_bound(2, want, 4, of) - best) > 1e-9 * (1 + best))
            fail_msg("%d: %.17g, expected %.17g", n, sim_floor_bound(2, want, 4, of),
                     best);
    }
}

/* A stage without GPU takes half as long on the fast nodes of another policy. */
static void the_floor_is_of_the_fastest_nodes_of_all_policies(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    small_node(b);
    plan_stage(b, "work", plan_constant(100));
    plan_apart(b, 1);
    plan_policy_copy(b, "fast");
    b->node->cpu_speed = 2;
    p = hand_run(b);
    keeps_the_laws(&p[0]);
    keeps_the_laws(&p[1]);
    hand_is(p[0].cost.usd.mean, 0.1);
    hand_is(p[1].cost.usd.mean, 0.05);
    hand_is(p[0].cost.floor_usd.mean, 50 * 500e-6);
    hand_is(p[1].cost.floor_usd.mean, 50 * 500e-6);
}

/* ---- replications ---- */

/* The mean of a part is that of the replications' cells, whatever they lack. */
static void means_are_over_the_replications(void **state)
{
    struct plan_build *b = *state;
    const struct model_result *r;
    const struct model_policy_result *p;
    double usd = 0;

    small_node(b);
    plan_stage(b, "work", plan_exponential(10))->fail_frac = 0.3;
    b->plan->stages[0].retries_max = 3;
    plan_apart(b, 1);
    r = plan_run(b, (struct plan_how){1, 8, .verify = true});
    p = &r->policies[0];
    for (int32_t i = 0; i < p->cost.n_cells; i++)
        usd += p->cost.cells[i].mean_usd;
    if (fabs(usd - p->cost.usd.mean) > 1e-9)
        fail_msg("%.17g, expected %.17g", usd, p->cost.usd.mean);
    for (int32_t i = 1; i < p->cost.n_cells; i++)
        assert_true(p->cost.cells[i - 1].part < p->cost.cells[i].part);
    assert_int_equal(p->cost.cells[1].part, MODEL_PART_REDONE);
    assert_true(p->cost.cells[1].mean_usd > 0);
    assert_int_equal(p->cost.cells[1].uusd, 0); /* the first had no failure */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAND(gpus_are_stranded_where_cpus_ran_out),
        HAND(what_is_too_little_by_itself_is_unused),
        HAND(nothing_is_stranded_on_an_empty_node),
        HAND(boot_is_the_nodes_and_the_units),
        HAND(work_that_failed_is_redone),
        HAND(all_phases_of_a_fused_task_are_redone),
        HAND(work_lost_with_a_node_is_redone),
        HAND(a_slot_that_fetches_is_transfer),
        HAND(a_slot_that_cannot_hand_over_is_blocked),
        HAND(cells_are_told_at_list_price_too),
        HAND(teams_have_cells_of_their_own),
        HAND(the_floor_is_the_cheapest_mix),
        HAND(the_floor_is_that_of_the_best_vertex),
        HAND(the_floor_is_of_the_fastest_nodes_of_all_policies),
        HAND(means_are_over_the_replications),
    };

    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
