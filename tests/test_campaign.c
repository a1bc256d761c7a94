/* Campaigns in made-up worlds: bad neighbours, pushing-off, drift, clocks that leap.
 * What the time of a call is, is known; nothing is measured here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/near.h"
#include "tests/scripted_world.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { ITEMS_MOST = 32, SERIES = 3 };

struct rig {
    struct script script;
    struct cal_world world;
    struct cal_reference reference;
    struct cal_campaign campaign;
    struct sp_arena *arena;
};

static void rig_begin(struct rig *r, const struct script *script, double budget_s)
{
    *r = (struct rig){.script = *script, .arena = sp_arena_new()};
    r->script.rng = sp_rng_from_key(7);
    r->world = script_world(&r->script);
    r->reference.best =
        (struct cal_speed){script->no_canary ? 0 : 1.25, script->no_canary ? 0 : 16.9};
    r->campaign = (struct cal_campaign){.world = &r->world,
                                        .reference = &r->reference,
                                        .half_frac = 0.01,
                                        .budget_s = budget_s,
                                        .rng = sp_rng_from_key(1)};
}

/* ---- one series in one world ---- */

static struct row {
    const char *name;
    struct script script;
    struct cal_state state;
    bool of_two_threads;
    enum model_bound bound;
    double s, within; /* the estimate; NaN: none */
    bool converged;
    bool by_canary, by_scheduler, by_clock, by_cpu; /* some were */
    double mean_off; /* the plain mean is off by so much or more */
    const char *why; /* in the text */
} rows[] = {
    {"a_quiet_machine_needs_twelve_blocks", .state = {.s = 1e-3, .items = 1}, .s = 1e-3,
     .within = 1e-9, .converged = true},
    {"short_calls_are_bundled", .state = {.s = 1e-7, .items = 1}, .s = 1e-7,
     .within = 1e-3, /* whole nanoseconds */
     .converged = true},
    {"a_neighbour_for_two_thirds_of_the_time_is_not_seen_in_the_estimate",
     .script = {.shared_every_s = 0.9, .shared_for_s = 0.6, .slow = 1.5},
     .state = {.s = 1e-3, .items = 1, .noise = 0.02}, .s = 1e-3, .within = 0.01,
     .converged = true, .by_canary = true, .mean_off = 0.2},
    /* noise is +-2 %: a block's lower quartile is 1 % below, their decile a bit more */
    {"a_computation_is_the_low_end_of_what_was_seen", .bound = MODEL_BOUND_COMPUTE,
     .state = {.s = 1e-3, .items = 1, .noise = 0.02}, .s = 0.985e-3, .within = 0.005,
     .converged = true},
    {"what_slows_down_most_of_it_unseen_is_no_part_of_a_computation",
     .script = {.shared_every_s = 0.00731,
                .shared_for_s = 0.0051,
                .slow = 1.5,
                .no_canary = true},
     .bound = MODEL_BOUND_ROOFLINE, .state = {.s = 1e-3, .items = 1}, .s = 1e-3,
     .within = 1e-6, .converged = true, .mean_off = 0.15},
    {"but_is_a_part_of_what_memory_takes",
     .script = {.shared_every_s = 0.00731,
                .shared_for_s = 0.0051,
                .slow = 1.5,
                .no_canary = true},
     .bound = MODEL_BOUND_MEMORY, .state = {.s = 1e-3, .items = 1}, .s = 1.5e-3,
     .within = 1e-6, .converged = true},
    {"a_neighbour_who_never_leaves_lets_no_block_count",
     .script = {.shared_every_s = 1, .shared_for_s = 2, .slow = 1.5},
     .state = {.s = 1e-3, .items = 1}, .s = NAN, .by_canary = true,
     .why = "no block counts; rejected "},
    {"without_canaries_he_is_part_of_the_time",
     .script = {.shared_every_s = 1, .shared_for_s = 2, .slow = 1.5, .no_canary = true},
     .state = {.s = 1e-3, .items = 1}, .s = 1.5e-3, .within = 1e-6, .converged = true},
    {"samples_pushed_off_are_left_out", .script = {.pushed_off_frac = 0.6},
     .state = {.s = 1e-3, .items = 1, .noise = 0.02}, .s = 1e-3, .within = 0.01,
     .converged = true, .by_scheduler = true, .mean_off = 1.5},
    {"all_samples_pushed_off_leave_nothing", .script = {.pushed_off_frac = 1},
     .state = {.s = 1e-3, .items = 1}, .s = NAN, .by_scheduler = true,
     .why = "0 by canary"},
    {"long_calls_fall_back_on_cpu_time", .script = {.pushed_off_frac = 1},
     .state = {.s = 5e-3, .items = 1}, .s = 5e-3, .within = 1e-6, .converged = true,
     .by_cpu = true, .mean_off = 0.7},
    {"cpu_time_is_left_alone_where_some_calls_stay_undisturbed",
     .script = {.pushed_off_frac = 0.6, .spoilt_s = 5e-4},
     .state = {.s = 3e-3, .items = 1}, .s = 3e-3, .within = 1e-6, .converged = true,
     .by_scheduler = true, .mean_off = 0.7},
    {"a_kernel_that_wanders_does_not_converge_and_says_so",
     .state = {.s = 1e-3, .items = 1, .wander = 0.4}, .s = 1e-3, .within = 0.1,
     .why = "half-width "},
    {"drift_is_not_averaged_away", .state = {.s = 1e-3, .items = 1, .drift = 0.5},
     .s = 1.5e-3, .within = 0.3, .why = "expected 1.0 %"},
    {"a_clock_that_leaps_forward_costs_its_block_alone", .script = {.jump_frac = 0.02},
     .state = {.s = 1e-3, .items = 1}, .s = 1e-3, .within = 1e-6, .converged = true,
     .by_clock = true},
    {"a_clock_that_leaps_back_costs_its_block_alone",
     .script = {.jump_frac = 0.02, .jump_back = true}, .state = {.s = 1e-3, .items = 1},
     .s = 1e-3, .within = 1e-6, .converged = true, .by_clock = true},
    {"a_clock_that_stands_still_ends_it", .script = {.stands_still = true},
     .state = {.s = 1e-3, .items = 1}, .s = NAN, .by_clock = true, .why = " by clock"},
    /* 1, 2, ... 32 times 0.1 ms: 1.65 ms on average, a block sees seven of them */
    {"inputs_that_differ_count_alike", .script = {.pushed_off_frac = 0.2},
     .state = {.s = 1e-4, .items = 32, .noise = 0.02}, .s = 1.65e-3, .within = 0.005,
     .converged = true},
    /* 20 ms a call: four samples of each input take 2.5 s, in blocks that drop some
     * more than 3 s */
    {"long_calls_of_many_inputs_have_more_time",
     .state = {.s = 1.2e-3, .items = 32, .noise = 0.002}, .s = 1.2e-3 * 16.5,
     .within = 0.005, .converged = true},
    {"inputs_too_long_to_be_seen_all", .state = {.s = 1e-2, .items = 32},
     .s = NAN, /* not looked at: a mean of some */
     .within = 10, .why = " of 32 inputs seen"},
    {"threads_that_wait_for_each_other_are_no_disturbance",
     .state = {.s = 1e-3, .items = 1}, .of_two_threads = true, .s = 1e-3,
     .within = 1e-9, .converged = true},
};

static void estimate_is_as_scripted(void **state)
{
    const struct row *row = *state;
    struct cal_kernel kernel =
        row->of_two_threads ? script_kernel_of_two : script_kernel;
    double items_s[ITEMS_MOST];
    struct cal_state k = row->state;
    struct cal_series series;
    const struct cal_estimate *e = &series.estimate;
    struct rig r;

    k.name = row->name;
    kernel.bound = row->bound;
    rig_begin(&r, &row->script, 2);
    series = script_series(&r.script, &kernel, &k, items_s);
    assert_int_equal(cal_campaign_run(&r.campaign, &series, 1, r.arena, NULL), SP_OK);
    if (!isnan(row->s))
        assert_near(e->s / row->s, 1, row->within);
    else if (row->within == 0)
        assert_true(isnan(e->s) && e->blocks == 0);
    assert_int_equal(e->converged, row->converged);
    assert_int_equal(e->by_canary > 0, row->by_canary);
    assert_int_equal(e->by_scheduler > 0, row->by_scheduler);
    assert_int_equal(e->by_clock > 0, row->by_clock);
    assert_int_equal(series.by_cpu > 0, row->by_cpu);
    if (row->mean_off > 0)
        assert_true(e->mean_s > row->s * (1 + row->mean_off));
    assert_int_equal(e->why == NULL, row->converged);
    if (row->why != NULL && strstr(e->why, row->why) == NULL)
        fail_msg("found '%s', expected '%s' in it", e->why, row->why);
    if (row->converged)
        assert_true(e->blocks >= 12 && e->half_frac <= 0.01 && e->best_s <= e->s);
    sp_arena_free(r.arena);
}

/* The i-th of 32 inputs takes 1 + i times 0.1 ms: known one by one. */
static void each_input_is_known(void **state)
{
    const struct script script = {.pushed_off_frac = 0.2};
    struct cal_state k = {.name = "a", .s = 1e-4, .items = 32, .noise = 0.01};
    double items_s[ITEMS_MOST];
    struct cal_series series;
    struct rig r;

    (void)state;
    rig_begin(&r, &script, 2);
    series = script_series(&r.script, &script_kernel, &k, items_s);
    assert_int_equal(cal_campaign_run(&r.campaign, &series, 1, r.arena, NULL), SP_OK);
    for (int32_t i = 0; i < 32; i++)
        assert_near(items_s[i] / (1e-4 * (1 + i)), 1, 0.01);
    sp_arena_free(r.arena);
}

/* Looks come at ever longer distances, so the last may be far from the budget's end:
 * what the blocks say there counts, and what is told of it never contradicts itself. */
static void what_is_known_well_enough_at_the_end_has_converged(void **state)
{
    enum { RUNS = 60 };
    struct script script = {.pushed_off_frac = 0.1};
    int32_t good = 0, bad = 0;

    (void)state;
    for (int32_t i = 0; i < RUNS; i++) {
        struct cal_state k = {
            .name = "a", .s = 1e-3, .items = 1, .noise = 0.02, .wander = 0.04};
        double items_s[ITEMS_MOST];
        struct cal_series series;
        const struct cal_estimate *e = &series.estimate;
        struct rig r;

        rig_begin(&r, &script, 0.15 + 0.03 * i);
        series = script_series(&r.script, &script_kernel, &k, items_s);
        assert_int_equal(cal_campaign_run(&r.campaign, &series, 1, r.arena, NULL),
                         SP_OK);
        if (e->blocks >= CAL_BLOCKS_LEAST)
            assert_int_equal(e->converged, e->half_frac <= 0.01);
        if (e->why != NULL) {
            assert_null(strstr(e->why, "half-width 0."));
            assert_null(strstr(e->why, "half-width 1.0 %"));
        }
        good += e->converged;
        bad += !e->converged;
        sp_arena_free(r.arena);
    }
    assert_true(good > 0 && bad > 0);
}

/* 32 inputs, all seen, of which there are too few samples for a half-width. */
static void too_few_samples_of_each_input_are_told_as_that(void **state)
{
    struct script script = {.pushed_off_frac = 0.1};
    struct cal_state k = {.name = "a", .s = 3e-4, .items = 32, .noise = 0.02};
    double items_s[ITEMS_MOST];
    struct cal_series series;
    const struct cal_estimate *e = &series.estimate;
    int32_t told = 0;

    (void)state;
    for (int32_t i = 0; i < 40; i++) {
        struct rig r;

        rig_begin(&r, &script, 0.2 + 0.05 * i);
        series = script_series(&r.script, &script_kernel, &k, items_s);
        assert_int_equal(cal_campaign_run(&r.campaign, &series, 1, r.arena, NULL),
                         SP_OK);
        assert_true(e->why == NULL || strstr(e->why, "inf") == NULL);
        told += e->why != NULL &&
                strstr(e->why, " samples of 32 inputs, expected 128 or more") != NULL;
        sp_arena_free(r.arena);
    }
    assert_true(told > 0);
}

/* ---- several series ---- */

struct several {
    struct rig rig;
    struct cal_state states[SERIES];
    struct cal_series series[SERIES];
    double items_s[SERIES];
};

static void several_begin(struct several *s, const struct script *script, uint64_t seed)
{
    static const char *const names[SERIES] = {"a", "b", "c"};

    rig_begin(&s->rig, script, 1);
    s->rig.campaign.rng = sp_rng_from_key(seed);
    for (int32_t i = 0; i < SERIES; i++) {
        s->states[i] =
            (struct cal_state){.name = names[i], .s = 1e-3, .items = 1, .wander = 0.5};
        s->series[i] = script_series(&s->rig.script, &script_kernel, &s->states[i],
                                     &s->items_s[i]);
    }
}

static enum sp_status several_run(struct several *s, struct sp_err *err)
{
    return cal_campaign_run(&s->rig.campaign, s->series, SERIES, s->rig.arena, err);
}

/* The kernels in the order of their blocks; where a series had two in a row, one. */
static void order_of(const struct several *s, char *order, int32_t room)
{
    int32_t n = 0;

    for (; n < s->rig.script.n_ran && n < room - 1; n++)
        order[n] = s->rig.script.ran[n][0];
    order[n] = '\0';
}

static void order_is_of_the_seed(void **state)
{
    const struct script script = {0};
    static struct several runs[3];
    char orders[3][64];

    (void)state;
    for (int i = 0; i < 3; i++) {
        several_begin(&runs[i], &script, i < 2 ? 5 : 6);
        assert_int_equal(several_run(&runs[i], NULL), SP_OK);
        order_of(&runs[i], orders[i], sizeof orders[i]);
        sp_arena_free(runs[i].rig.arena);
    }
    assert_int_equal(strlen(orders[0]), sizeof orders[0] - 1);
    assert_string_equal(orders[0], orders[1]);
    assert_string_not_equal(orders[0], orders[2]);
}

/* None gets a block more than the others while all are at it. */
static void blocks_are_interleaved(void **state)
{
    const struct script script = {0};
    static struct several s;
    int32_t blocks[SERIES];

    (void)state;
    several_begin(&s, &script, 1);
    assert_int_equal(several_run(&s, NULL), SP_OK);
    for (int32_t i = 0; i < SERIES; i++) {
        blocks[i] = s.series[i].estimate.blocks;
        assert_false(s.series[i].estimate.converged);
        assert_in_range(blocks[i], blocks[0] - 8, blocks[0] + 8); /* budgets differ */
        assert_true(blocks[i] > 40); /* a second of 12 ms and canaries */
    }
    sp_arena_free(s.rig.arena);
}

/* A bad time hits all alike: no series is a victim of the order. */
static void one_that_converged_gives_its_time_away(void **state)
{
    const struct script script = {0};
    static struct several s;

    (void)state;
    several_begin(&s, &script, 1);
    s.states[1].wander = 0;
    assert_int_equal(several_run(&s, NULL), SP_OK);
    assert_int_equal(s.series[1].estimate.blocks, 12);
    assert_true(s.series[1].estimate.converged);
    assert_true(s.series[0].estimate.blocks > 40);
    assert_int_equal(s.rig.campaign.now.converged, 1);
    sp_arena_free(s.rig.arena);
}

struct teller {
    int32_t calls, stop_at;
    double last_frac;
};

static bool tell(void *self, const struct cal_progress *now)
{
    struct teller *t = self;

    assert_true(now->done_frac >= t->last_frac && now->done_frac <= 1);
    assert_non_null(now->kernel);
    t->last_frac = now->done_frac;
    return ++t->calls == t->stop_at;
}

static void progress_rises_and_can_stop_it(void **state)
{
    const struct script script = {0};
    static struct several s;
    struct teller teller = {.stop_at = 20};
    struct sp_err err = {0};

    (void)state;
    several_begin(&s, &script, 1);
    s.rig.campaign.all_s = SERIES;
    s.rig.campaign.progress = tell;
    s.rig.campaign.progress_self = &teller;
    assert_int_equal(several_run(&s, &err), SP_ELIMIT);
    assert_string_equal(err.text, "calibration was stopped");
    assert_int_equal(teller.calls, 20);
    sp_arena_free(s.rig.arena);
}

static void nothing_to_measure_is_done_at_once(void **state)
{
    const struct script script = {0};
    struct rig r;

    (void)state;
    rig_begin(&r, &script, 1);
    assert_int_equal(cal_campaign_run(&r.campaign, NULL, 0, r.arena, NULL), SP_OK);
    assert_int_equal(cal_campaign_cores(&r.campaign, NULL, 0, NULL), SP_OK);
    assert_int_equal(r.script.now_ns, 0);
    sp_arena_free(r.arena);
}

/* ---- cores ---- */

static struct cores_row {
    const char *name;
    struct script script;
    int32_t cores;
    double noise;
    double speedup; /* NaN: no pair counted */
    bool rejected;
} cores_rows[] = {
    {"cores_that_do_not_meet", {.contention = 1}, 2, 0, 2, false},
    {"cores_that_share", {.contention = 1.25}, 2, 0, 2 / 1.25, false},
    {"cores_that_share_all", {.contention = 4}, 4, 0, 1, false},
    {"disturbed_pairs_are_left_out",
     {.contention = 1.25, .pushed_off_frac = 0.3},
     2,
     0.01,
     2 / 1.25,
     true},
    {"a_core_with_a_bad_canary_lets_no_pair_count",
     {.spoilt_canary_together = true},
     2,
     0,
     NAN,
     true},
    {"one_core_against_itself", {.contention = 1.25}, 1, 0, 1, false},
};

static void speedup_is_as_scripted(void **state)
{
    const struct cores_row *row = *state;
    struct cal_state states[4];
    struct cal_load loads[4];
    struct cal_cores cores = {
        .kernel = &script_kernel, .x = 1, .cores = row->cores, .loads = loads};
    double items_s;
    struct rig r;

    rig_begin(&r, &row->script, 2);
    for (int32_t i = 0; i < row->cores; i++) {
        states[i] =
            (struct cal_state){.name = "a", .s = 1e-3, .items = 1, .noise = row->noise};
        loads[i] = script_series(&r.script, &script_kernel, &states[i], &items_s).load;
    }
    assert_int_equal(cal_campaign_cores(&r.campaign, &cores, 1, NULL), SP_OK);
    if (isnan(row->speedup))
        assert_true(isnan(cores.speedup) && cores.pairs == 0);
    else
        assert_near(cores.speedup / row->speedup, 1, 0.01);
    assert_int_equal(cores.rejected > 0, row->rejected);
    for (int32_t i = 0; i < row->cores; i++)
        assert_true(states[i].calls > 0);
    sp_arena_free(r.arena);
}

static void core_counts_double_up_to_the_most(void **state)
{
    static const struct {
        int32_t most, n, counts[8];
    } cases[] = {{1, 1, {1}},
                 {2, 2, {1, 2}},
                 {3, 3, {1, 2, 3}},
                 {6, 4, {1, 2, 4, 6}},
                 {64, 7, {1, 2, 4, 8, 16, 32, 64}},
                 {1000, 8, {1, 2, 4, 8, 16, 32, 64, 1000}}};

    (void)state;
    for (size_t i = 0; i < N_ROWS(cases); i++) {
        int32_t counts[8];

        assert_int_equal(cal_core_counts(cases[i].most, counts, 8), cases[i].n);
        assert_memory_equal(counts, cases[i].counts,
                            (size_t)cases[i].n * sizeof counts[0]);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS(rows) + N_ROWS(cores_rows) + 7] = {
        cmocka_unit_test(what_is_known_well_enough_at_the_end_has_converged),
        cmocka_unit_test(too_few_samples_of_each_input_are_told_as_that),
        cmocka_unit_test(each_input_is_known),
        cmocka_unit_test(order_is_of_the_seed),
        cmocka_unit_test(blocks_are_interleaved),
        cmocka_unit_test(one_that_converged_gives_its_time_away),
        cmocka_unit_test(progress_rises_and_can_stop_it),
        cmocka_unit_test(nothing_to_measure_is_done_at_once),
        cmocka_unit_test(core_counts_double_up_to_the_most),
    };
    size_t n = 7;

    for (size_t i = 0; i < N_ROWS(rows); i++)
        tests[n++] = (struct CMUnitTest){.name = rows[i].name,
                                         .test_func = estimate_is_as_scripted,
                                         .initial_state = &rows[i]};
    for (size_t i = 0; i < N_ROWS(cores_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = cores_rows[i].name,
                                         .test_func = speedup_is_as_scripted,
                                         .initial_state = &cores_rows[i]};
    return cmocka_run_group_tests_name("campaign", tests, NULL, NULL);
}
