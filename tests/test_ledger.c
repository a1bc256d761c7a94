/* sim/ledger.h: bills and their lines by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "base/units.h"
#include "sim/ledger.h"

#define SECONDS(n) ((n)*SP_NS_PER_S)
#define N_ROWS     (sizeof rows / sizeof rows[0])

static const struct row {
    const char *name;
    enum model_billing billing;
    int64_t minimum_s, held_ns, want_s;
} rows[] = {
    {"nothing_held_is_nothing_billed", MODEL_BILLING_SECOND, 60, 0, 0},
    {"minimum_of_a_minute", MODEL_BILLING_SECOND, 60, SECONDS(1), 60},
    {"exactly_the_minimum", MODEL_BILLING_SECOND, 60, SECONDS(60), 60},
    {"past_the_minimum_by_a_nanosecond", MODEL_BILLING_SECOND, 60, SECONDS(60) + 1, 61},
    {"whole_seconds_stay", MODEL_BILLING_SECOND, 60, SECONDS(61), 61},
    {"no_minimum", MODEL_BILLING_SECOND, 0, 1, 1},
    {"hours_round_up", MODEL_BILLING_HOUR, 0, 1, 3600},
    {"whole_hours_stay", MODEL_BILLING_HOUR, 0, SECONDS(7200), 7200},
    {"hours_and_a_nanosecond", MODEL_BILLING_HOUR, 0, SECONDS(7200) + 1, 10800},
    {"minimum_above_an_hour", MODEL_BILLING_HOUR, 5000, SECONDS(10), 7200},
};

static void billed_time_is_as_on_paper(void **state)
{
    const struct row *row = *state;
    struct model_node_type t = {.billing = row->billing,
                                .billing_minimum_ns = SECONDS(row->minimum_s)};

    assert_true(sim_ledger_billed_ns(&t, row->held_ns) == SECONDS(row->want_s));
}

static void price_of_time_is_to_the_nearest_micro_dollar(void **state)
{
    (void)state;
    assert_true(sim_ledger_uusd(32000000, SECONDS(3600)) == 32000000);
    assert_true(sim_ledger_uusd(32000000, SECONDS(60)) == 533333); /* 533333.33 */
    assert_true(sim_ledger_uusd(1000000, SECONDS(6)) == 1667);     /* 1666.67 */
    assert_true(sim_ledger_uusd(3600, SECONDS(1) / 2) == 1);       /* a half: up */
    assert_true(sim_ledger_uusd(1000000000000, 8760 * SECONDS(3600)) ==
                8760000000000000);
    assert_true(sim_ledger_uusd(0, SECONDS(3600)) == 0);
}

static const char *const workloads[] = {"embed", "train"};

static int64_t line_of(const struct model_cost_line *lines, int32_t n,
                       enum model_line_kind kind, const char *workload,
                       const char *stage)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < n; i++)
        if (lines[i].kind == kind && lines[i].workload == workload &&
            lines[i].stage == stage)
            sum += lines[i].uusd;
    return sum;
}

static void hold(struct sim_ledger *l, int32_t node, int32_t owner,
                 struct model_amounts needs, int64_t ns)
{
    sp_i128 amount_ns[MODEL_RESOURCES];

    for (int r = 0; r < MODEL_RESOURCES; r++)
        amount_ns[r] = (sp_i128)sim_amount(&needs, r) * ns;
    sim_ledger_allocated(l, node, owner, amount_ns);
}

/* A node of 10 CPUs and no more at 10 USD/h, held 1000 s of which 3600 are billed (an
 * hour): 10 USD, of which 1000/3600 for the time held, 2,777,777 micro-dollars (floor).
 * A unit of 8 CPUs sat there for 500 s: 40 % of the node's CPU-time; its stage of 2
 * CPUs a slot was busy for 1000 slot-seconds: 20 %, so 20 % are idle and 60 %
 * unallocated. */
static void one_lease_is_split_as_on_paper(void **state)
{
    static const char stage[] = "infer";
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type t = {.has = {.mcpu = 10000, .memory_bytes = -1},
                                .has_price = true,
                                .uusd_per_h = 10000000,
                                .billing = MODEL_BILLING_HOUR};
    struct model_policy policy = {.types = &t, .n_types = 1, .n_plans = 2};
    struct sim_ledger *l = sim_ledger_new(arena, &policy);
    int32_t owner = sim_ledger_owner_new(l, 1, 0);
    int32_t row =
        sim_ledger_stage_new(l, owner, stage, (struct model_amounts){.mcpu = 2000});
    struct model_cost_line *lines;
    struct model_ledger total;
    int32_t n;
    int64_t busy, idle, unallocated;

    (void)state;
    hold(l, 3, owner, (struct model_amounts){.mcpu = 8000}, SECONDS(500));
    sim_ledger_busy(l, 3, row, SECONDS(1000));
    sim_ledger_close(l, 3, 0, SECONDS(50), SECONDS(1050));
    assert_true(sim_ledger_total_uusd(l) == 10000000);
    sim_ledger_lines(l, arena, workloads, &lines, &n);
    busy = line_of(lines, n, MODEL_LINE_BUSY, workloads[1], stage);
    idle = line_of(lines, n, MODEL_LINE_IDLE, workloads[1], NULL);
    unallocated = line_of(lines, n, MODEL_LINE_UNALLOCATED_CPU, NULL, NULL);
    assert_true(line_of(lines, n, MODEL_LINE_ROUNDING, NULL, NULL) ==
                10000000 - 2777777);
    assert_true(busy + idle + unallocated == 2777777);
    assert_in_range(busy, 555555 - 2, 555555 + 2); /* 20 % of 2,777,777 is 555,555.4 */
    assert_in_range(idle, 555555 - 2, 555555 + 2);
    assert_in_range(unallocated, 1666666 - 2, 1666666 + 3);
    total = sim_ledger_total(l, MODEL_CPU);
    assert_true(total.provisioned == (sp_i128)10000 * SECONDS(1000));
    assert_true(total.allocated == (sp_i128)8000 * SECONDS(500));
    assert_true(total.busy == (sp_i128)2000 * SECONDS(1000));
    assert_true(sim_ledger_total(l, MODEL_MEMORY).provisioned == 0);
    assert_true(sim_ledger_type(l, 0)->billed_ns == SECONDS(3600));
    assert_true(sim_ledger_type(l, 0)->leases == 1);
    sp_arena_free(arena);
}

/* A lease of 100 USD on 8 GPUs, 64 CPUs and 512 GiB, all GPUs taken by an idle unit; a
 * stage that never ran asks for `memory_bytes`.  The lines come in USD. */
static void idle_gpus(int64_t memory_bytes, double usd[4])
{
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type t = {
        .has = {64000, 8000, INT64_C(512) << 30},
        .has_price = true,
        .uusd_per_h = 100000000,
    };
    struct model_policy policy = {.types = &t, .n_types = 1, .n_plans = 1};
    struct sim_ledger *l = sim_ledger_new(arena, &policy);
    int32_t owner = sim_ledger_owner_new(l, 0, 0), n;
    struct model_cost_line *lines;

    sim_ledger_stage_new(l, owner, "s",
                         (struct model_amounts){.memory_bytes = memory_bytes});
    hold(l, 0, owner, (struct model_amounts){.mgpu = 8000}, SECONDS(3600));
    sim_ledger_close(l, 0, 0, 0, SECONDS(3600));
    sim_ledger_lines(l, arena, workloads, &lines, &n);
    usd[0] = (double)line_of(lines, n, MODEL_LINE_IDLE, workloads[0], NULL) / 1e6;
    usd[1] = (double)line_of(lines, n, MODEL_LINE_UNALLOCATED_GPU, NULL, NULL) / 1e6;
    usd[2] = (double)line_of(lines, n, MODEL_LINE_UNALLOCATED_CPU, NULL, NULL) / 1e6;
    usd[3] = (double)line_of(lines, n, MODEL_LINE_UNALLOCATED_MEMORY, NULL, NULL) / 1e6;
    sp_arena_free(arena);
}

/* 8 GPUs, 64 CPUs and 512 GiB weigh 8 * 0.95, 64 * 0.031611 and 512 *
 * 0.004237: 7.6, 2.023104 and 2.169344 of 11.792448. */
static void price_is_split_by_the_weights_of_resources(void **state)
{
    double usd[4];

    (void)state;
    idle_gpus(1, usd);
    assert_true(fabs(usd[0] - 100 * 7.6 / 11.792448) <= 2e-6);
    assert_true(usd[1] == 0);
    assert_true(fabs(usd[2] - 100 * 2.023104 / 11.792448) <= 2e-6);
    assert_true(fabs(usd[3] - 100 * 2.169344 / 11.792448) <= 2e-6);
}

/* Then the weights are 7.6 and 2.023104 of 9.623104. */
static void memory_that_no_stage_asks_for_carries_no_price(void **state)
{
    double usd[4];

    (void)state;
    idle_gpus(0, usd);
    assert_true(fabs(usd[0] - 100 * 7.6 / 9.623104) <= 2e-6);
    assert_true(fabs(usd[2] - 100 * 2.023104 / 9.623104) <= 2e-6);
    assert_true(usd[1] == 0 && usd[3] == 0);
}

/* Law 3 on leases at random: the lines sum to the bill, whatever rounding does. */
static void lines_of_random_leases_sum_to_the_bill(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sp_rng r = sp_rng_from_key(31);
    struct model_node_type t = {.has = {7000, 3000, 1 << 30},
                                .has_price = true,
                                .uusd_per_h = 1234567,
                                .billing_minimum_ns = SECONDS(60)};
    struct model_policy policy = {.types = &t, .n_types = 1, .n_plans = 2};
    struct sim_ledger *l = sim_ledger_new(arena, &policy);
    int64_t sum = 0, bill = 0;
    struct model_cost_line *lines;
    int32_t n;

    (void)state;
    for (int32_t w = 0; w < 2; w++) {
        assert_int_equal(sim_ledger_owner_new(l, w, 0), w);
        sim_ledger_stage_new(l, w, "s", (struct model_amounts){3000, 1000, 0});
    }
    for (int i = 0; i < 2000; i++) {
        int64_t held = (int64_t)(sp_rng_uniform(&r) * 1e12), ns;

        for (int32_t w = 0; w < 2; w++) {
            ns = (int64_t)(sp_rng_uniform(&r) * (double)held);
            hold(l, i % 5, w, (struct model_amounts){3000, 1000, 1 << 28}, ns);
            sim_ledger_busy(l, i % 5, w, (int64_t)(sp_rng_uniform(&r) * (double)ns));
        }
        bill += sim_ledger_uusd(1234567, sim_ledger_billed_ns(&t, held));
        sim_ledger_close(l, i % 5, 0, SECONDS(i), SECONDS(i) + held);
    }
    sim_ledger_lines(l, arena, workloads, &lines, &n);
    for (int32_t i = 0; i < n; i++) {
        assert_true(lines[i].uusd > 0);
        sum += lines[i].uusd;
    }
    assert_true(sum == bill && sim_ledger_total_uusd(l) == bill);
    assert_int_equal(n, 2 + 2 + 2 + 1); /* no memory: no stage asks for any */
    sp_arena_free(arena);
}

/* Two teams on a node of 8 GPUs (and no more) at 36 USD/h, held 1000 s: 10 USD.  Team 1
 * holds 4 GPUs for 500 s (2.50 USD) and works half of that time (1.25), team 2 holds 8
 * GPUs for 250 s (2.50 USD) and works all of it; 5 USD are unallocated.  Both are of
 * one workload, whose work is one line of the bill. */
static void teams_bear_what_they_hold_and_what_they_use(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type t = {.has = {.mgpu = 8000, .memory_bytes = -1},
                                .has_price = true,
                                .uusd_per_h = 36000000};
    struct model_policy policy = {.types = &t, .n_types = 1, .n_plans = 2};
    struct sim_ledger *l = sim_ledger_new(arena, &policy);
    struct sim_ledger_team teams[3];
    struct model_cost_line *lines;
    int32_t n, owner[2], stage[2];

    (void)state;
    for (int32_t w = 0; w < 2; w++) {
        owner[w] = sim_ledger_owner_new(l, 1, w + 1);
        assert_int_equal(owner[w], w);
        assert_int_equal(sim_ledger_owner_new(l, 1, w + 1), w);
        stage[w] = sim_ledger_stage_new(l, owner[w], NULL, (struct model_amounts){0});
    }
    hold(l, 0, owner[0], (struct model_amounts){.mgpu = 4000}, SECONDS(500));
    hold(l, 0, owner[1], (struct model_amounts){.mgpu = 8000}, SECONDS(250));
    sim_ledger_busy_amounts(
        l, 0, stage[0],
        (sp_i128[MODEL_RESOURCES]){[MODEL_GPU] = (sp_i128)4000 * SECONDS(250)});
    sim_ledger_busy_amounts(
        l, 0, stage[1],
        (sp_i128[MODEL_RESOURCES]){[MODEL_GPU] = (sp_i128)8000 * SECONDS(250)});
    sim_ledger_close(l, 0, 0, 0, SECONDS(1000));
    sim_ledger_teams(l, 3, teams);
    assert_true(teams[0].busy_uusd == 0 && teams[0].idle_uusd == 0);
    assert_true(teams[1].busy_uusd == 1250000 && teams[1].idle_uusd == 1250000);
    assert_true(teams[2].busy_uusd == 2500000 && teams[2].idle_uusd == 0);
    assert_true(teams[1].allocated[MODEL_GPU] == (sp_i128)4000 * SECONDS(500));
    assert_true(teams[1].busy[MODEL_GPU] == (sp_i128)4000 * SECONDS(250));
    assert_true(teams[2].busy[MODEL_GPU] == (sp_i128)8000 * SECONDS(250));
    sim_ledger_lines(l, arena, workloads, &lines, &n);
    assert_int_equal(n, 3);
    assert_true(line_of(lines, n, MODEL_LINE_BUSY, workloads[1], NULL) == 3750000);
    assert_true(line_of(lines, n, MODEL_LINE_IDLE, workloads[1], NULL) == 1250000);
    assert_true(line_of(lines, n, MODEL_LINE_UNALLOCATED_GPU, NULL, NULL) == 5000000);
    sp_arena_free(arena);
}

/* Leases at random, at odd prices, of 40 teams in two workloads: to the micro-dollar
 * the teams' parts and what is nobody's are the bill, and a node that was given back
 * owes nothing of its first lease in its second. */
static void parts_of_teams_add_up_to_the_bill(void **state)
{
    enum { TEAMS = 40, NODES = 7 };
    struct sp_arena *arena = sp_arena_new();
    struct sp_rng r = sp_rng_from_key(32);
    struct model_node_type t = {.has = {64000, 8000, 1 << 30},
                                .has_price = true,
                                .uusd_per_h = 7654321,
                                .billing = MODEL_BILLING_HOUR};
    struct model_policy policy = {.types = &t, .n_types = 1, .n_plans = 2};
    struct sim_ledger *l = sim_ledger_new(arena, &policy);
    struct sim_ledger_team teams[TEAMS];
    sp_i128 allocated[TEAMS] = {0};
    struct model_cost_line *lines;
    int64_t sum = 0;
    int32_t n;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        int64_t held = (int64_t)(sp_rng_uniform(&r) * 1e12);

        for (int k = 0; k < 8; k++) {
            int32_t team = (int32_t)(sp_rng_uniform(&r) * TEAMS);
            int32_t owner = sim_ledger_owner_new(l, team % 2, team);
            int32_t stage =
                sim_ledger_stage_new(l, owner, NULL, (struct model_amounts){0});
            int64_t ns = (int64_t)(sp_rng_uniform(&r) * (double)held);

            hold(l, i % NODES, owner, (struct model_amounts){8000, 1000, 0}, ns);
            sim_ledger_busy_amounts(
                l, i % NODES, stage,
                (sp_i128[MODEL_RESOURCES]){
                    [MODEL_GPU] = (sp_i128)500 * ns, [MODEL_CPU] = ns});
            allocated[team] += (sp_i128)1000 * ns;
        }
        sim_ledger_close(l, i % NODES, 0, SECONDS(i), SECONDS(i) + held);
    }
    sim_ledger_teams(l, TEAMS, teams);
    sim_ledger_lines(l, arena, workloads, &lines, &n);
    for (int32_t i = 0; i < TEAMS; i++) {
        assert_true(teams[i].busy_uusd > 0 && teams[i].idle_uusd > 0);
        assert_true(teams[i].allocated[MODEL_GPU] == allocated[i]);
        sum += teams[i].busy_uusd + teams[i].idle_uusd;
    }
    for (int32_t i = 0; i < n; i++)
        if (lines[i].kind >= MODEL_LINE_UNALLOCATED)
            sum += lines[i].uusd;
    assert_true(sum == sim_ledger_total_uusd(l));
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 7 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(price_of_time_is_to_the_nearest_micro_dollar),
        cmocka_unit_test(one_lease_is_split_as_on_paper),
        cmocka_unit_test(price_is_split_by_the_weights_of_resources),
        cmocka_unit_test(memory_that_no_stage_asks_for_carries_no_price),
        cmocka_unit_test(lines_of_random_leases_sum_to_the_bill),
        cmocka_unit_test(teams_bear_what_they_hold_and_what_they_use),
        cmocka_unit_test(parts_of_teams_add_up_to_the_bill),
    };
    struct row copies[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++) {
        copies[i] = rows[i];
        tests[i + OTHERS] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = billed_time_is_as_on_paper,
                                                .initial_state = &copies[i]};
    }
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
