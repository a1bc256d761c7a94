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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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
    double cost_frac; /* of on-demand; NaN: see above */
} rows[] = {
    {60, 0.2, 0.644},  {60, 0.05, 0.614}, {70, 0.2, 0.566},
    {70, 0.05, 0.535}, {52, 0.2, NAN},    {52, 0.05, NAN},
};

/* Of the mean: the stepper begins at a tick, and sees a net that closes only at the
 * next one. */
#define STEPPER_TOLERANCE_FRAC 0.003
/* Of the values of others. */
#define TOLERANCE_FRAC 0.01

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
    free(path);
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

/* ---- from tick to tick ---- */

enum place { NOWHERE, ON_SPOT, ON_DEMAND };

struct stepper {
    const struct row *row;
    double tick_h, t_h, left_h, start_up_h, usd;
    enum place place;
};

static void move_to(struct stepper *s, enum place place)
{
    if (s->place != place && place != NOWHERE)
        s->start_up_h = s->row->restart_h;
    s->place = place;
}

static void choose(struct stepper *s, bool spot_there)
{
    bool late =
        s->row->deadline_h - s->t_h <= s->left_h + 2 * s->row->restart_h + s->tick_h;

    if (s->place == ON_DEMAND || (s->place == ON_SPOT && spot_there))
        return;
    if (late)
        move_to(s, ON_DEMAND);
    else
        move_to(s, spot_there ? ON_SPOT : NOWHERE);
}

static void work_for_a_tick(struct stepper *s)
{
    double start_up_h = fmin(s->start_up_h, s->tick_h);
    double work_h = fmin(s->left_h, s->tick_h - start_up_h);

    if (s->place != NOWHERE) {
        s->start_up_h -= start_up_h;
        s->left_h -= work_h;
        s->usd += (start_up_h + work_h) * (s->place == ON_SPOT ? 0.3 : 1);
    }
    s->t_h += s->tick_h;
}

static double stepped_frac(const struct zone *z,
                           const struct model_availability *record,
                           const struct row *row, int start)
{
    struct stepper s = {.row = row, .tick_h = z->tick_s / 3600, .left_h = WORK_H};
    int64_t first = llround(12 * 3600.0 * start / z->tick_s);

    for (int64_t tick = 0; s.left_h > 1e-9; tick++) {
        choose(&s, model_availability_at(
                       record, sp_ns_from_s((double)(first + tick) * z->tick_s)) > 0);
        work_for_a_tick(&s);
    }
    return s.usd / WORK_H;
}

/* ---- the simulation ---- */

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
    double sum = 0, stepped = 0;

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
            stepped += stepped_frac(&zones[z], record, row, k);
        }
    }
    sum /= ZONES * STARTS;
    stepped /= ZONES * STARTS;
    print_message("%g h, restarts of %g h: %.4f of on-demand, stepped %.4f\n",
                  row->deadline_h, row->restart_h, sum, stepped);
    assert_true(fabs(sum / stepped - 1) <= STEPPER_TOLERANCE_FRAC);
    if (!isnan(row->cost_frac))
        assert_true(fabs(sum / row->cost_frac - 1) <= TOLERANCE_FRAC);
    sp_arena_free(arena);
}

/* Whoever waits hears of capacity that comes, whatever the rule of passing. */
static void a_job_starts_when_spot_nodes_come(void **state)
{
    static const char *const passings[] = {"strict", "skip", "easy", "conservative"};
    static const int64_t at_ns[] = {0, INT64_C(100000000000)};
    static const int32_t nodes[] = {0, 1};
    static const struct model_availability record = {.n = 2,
                                                     .at_ns = at_ns,
                                                     .nodes = nodes,
                                                     .length_ns =
                                                         INT64_C(1000000000000),
                                                     .most = 1};

    (void)state;
    for (size_t i = 0; i < sizeof passings / sizeof passings[0]; i++) {
        struct sp_arena *arena = sp_arena_new();
        struct jobs_build b = jobs_new(arena);
        struct jobs_ran ran;

        elastic(b.node, "spot", MODEL_OPTION_SPOT, 300000);
        b.node->loss = (struct model_loss){.availability = &record};
        b.policy->scheduling.passing = passings[i];
        jobs_add(&b, 0, 50, 1);
        ran = jobs_run(&b, (struct jobs_how){0});
        assert_int_equal(ran.row[0].started_ns, at_ns[1]);
        assert_int_equal(ran.row[0].left_ns, at_ns[1] + INT64_C(50000000000));
        sp_arena_free(arena);
    }
}

#define N_ROWS (sizeof rows / sizeof rows[0])

int main(void)
{
    static const char *const names[N_ROWS] = {
        "deadline_60_h_restart_12_min", "deadline_60_h_restart_3_min",
        "deadline_70_h_restart_12_min", "deadline_70_h_restart_3_min",
        "deadline_52_h_restart_12_min", "deadline_52_h_restart_3_min",
    };
    struct CMUnitTest tests[N_ROWS + 1] = {
        cmocka_unit_test(a_job_starts_when_spot_nodes_come),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){
            .name = names[i],
            .test_func = greedy_costs_what_the_records_say_and_misses_no_deadline,
            .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("spot_deadline", tests, NULL, NULL);
}
