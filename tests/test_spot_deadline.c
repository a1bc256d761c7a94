/* A job of 48 h on one V100 with a deadline, over recorded spot capacity: what greedy
 * use of spot nodes costs, as a share of on-demand.
 *
 * The records (github.com/skypilot-org/spot-traces) and the rule are those of "Can't Be
 * Late" (Wu et al., NSDI 2024); the values were recomputed from the records by another
 * program that steps from tick to tick: mean over nine zones of the mean over 86
 * starts, 12 h apart, of a record that begins again after its end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/units.h"
#include "model/availability.h"
#include "tests/jobs_build.h"
#include "tests/trace_files.h"

enum { ZONES = 9, STARTS = 86, WORK_H = 48 };

#define AVAILABILITY "cluster/spot/skypilot/availability__1-node__aws-"

static const struct zone {
    const char *name;
    double tick_s;
} zones[ZONES] = {
    {"02-15-2023__us-east-1a", 195}, {"02-15-2023__us-east-1c", 195},
    {"02-15-2023__us-east-1d", 195}, {"02-15-2023__us-east-2a", 195},
    {"02-15-2023__us-east-2b", 195}, {"02-15-2023__us-west-2a", 195},
    {"02-15-2023__us-west-2b", 195}, {"10-26-2022__us-west-2a", 600},
    {"10-26-2022__us-west-2b", 600},
};

static const struct row {
    double deadline_h, restart_h;
    double cost_frac;      /* of on-demand; NaN: no value that this rule explains */
    double tolerance_frac; /* ticks against continuous time */
} rows[] = {
    {60, 0.2, 0.644, 0.01},  {60, 0.05, 0.614, 0.01}, {70, 0.2, 0.566, 0.01},
    {70, 0.05, 0.535, 0.01}, {52, 0.05, 0.719, 0.01}, {52, 0.2, NAN, 0},
};

static struct model_availability *record_of(const struct zone *z,
                                            struct sp_arena *arena)
{
    char *path =
        file_shared(sp_arena_printf(arena, AVAILABILITY "%s_v100_1.json.gz", z->name));
    struct model_availability *a = NULL;
    struct sp_err err = {.status = SP_OK};

    if (path == NULL)
        return NULL;
    if (model_availability_read(path, arena, &a, &err) != SP_OK)
        fail_msg("%s", err.text);
    return a;
}

static void elastic(struct model_node_type *t, const char *name, enum model_option kind,
                    int64_t uusd_per_h)
{
    t->name = name;
    t->kind = kind;
    t->option = model_option_name(kind);
    t->group = "v100";
    t->group_id = 0;
    t->has.mgpu = 1000;
    t->uusd_per_h = uusd_per_h;
    t->fixed = false;
    t->count = 0;
    t->max = 1;
}

/* What one run costs, as a share of the work's time on demand. */
static double cost_frac(const struct zone *z, const struct model_availability *record,
                        const struct row *row, int start)
{
    struct sp_arena *arena = sp_arena_new();
    struct jobs_build b = jobs_new(arena);
    struct model_node_type *on_demand = jobs_type(&b, "on-demand");
    struct jobs_ran ran;
    double usd;

    elastic(b.node, "spot", MODEL_OPTION_SPOT, 300000);
    elastic(on_demand, "on-demand", MODEL_OPTION_ON_DEMAND, 1000000);
    on_demand->group_rank = 1;
    b.node->loss =
        (struct model_loss){.availability = record,
                            .availability_from_ns = sp_ns_from_s(12 * 3600.0 * start)};
    b.jobs->start_ns = b.jobs->restart_ns = sp_ns_from_s(3600 * row->restart_h);
    b.jobs->checkpoint_ns = sp_ns_from_s(1);
    b.jobs->fallback = MODEL_FALLBACK_DEADLINE;
    b.jobs->fallback_margin_ns = sp_ns_from_s(z->tick_s);
    jobs_add(&b, 0, 3600.0 * WORK_H, 1)->deadline_ns =
        sp_ns_from_s(3600 * row->deadline_h);
    ran = jobs_run(&b, (struct jobs_how){0});
    assert_int_equal(ran.work->done, 1);
    assert_int_equal(ran.jobs->deadlines_missed, 0);
    usd = (double)ran.policy->cost.uusd / 1e6;
    sp_arena_free(arena);
    return usd / WORK_H;
}

static void greedy_costs_what_the_records_say_and_misses_no_deadline(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    double sum = 0;

    for (int z = 0; z < ZONES; z++) {
        const struct model_availability *record = record_of(&zones[z], arena);

        if (record == NULL) {
            sp_arena_free(arena);
            skip();
        }
        for (int k = 0; k < STARTS; k++) {
            double cost = cost_frac(&zones[z], record, row, k);

            /* all on spot at best; at worst paid twice for the lost starts */
            assert_true(cost > 0.3 && cost < 1 + 3 * row->restart_h / WORK_H + 0.3);
            sum += cost;
        }
    }
    sum /= ZONES * STARTS;
    print_message("%g h, restarts of %g h: %.4f of on-demand, expected %g\n",
                  row->deadline_h, row->restart_h, sum, row->cost_frac);
    if (!isnan(row->cost_frac))
        assert_true(fabs(sum / row->cost_frac - 1) <= row->tolerance_frac);
    sp_arena_free(arena);
}

#define N_ROWS (sizeof rows / sizeof rows[0])

int main(void)
{
    static const char *const names[N_ROWS] = {
        "deadline_60_h_restart_12_min", "deadline_60_h_restart_3_min",
        "deadline_70_h_restart_12_min", "deadline_70_h_restart_3_min",
        "deadline_52_h_restart_3_min",  "deadline_52_h_restart_12_min",
    };
    struct CMUnitTest tests[N_ROWS] = {{0}};

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){
            .name = names[i],
            .test_func = greedy_costs_what_the_records_say_and_misses_no_deadline,
            .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("spot_deadline", tests, NULL, NULL);
}
