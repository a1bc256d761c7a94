/* sim/autoscaler.h: what a rule sees, look after look, and what it must want, worked
 * out by hand in the row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/units.h"
#include "model/words.h"
#include "sim/autoscaler.h"

enum { LOOKS = 16, AS_ASKED = -1 };

/* One look, and the units that are wanted after it. */
struct look {
    double seen; /* of the rule's metric; of an actor pool: tasks in flight */
    int32_t up;  /* AS_ASKED: all of them */
    int32_t want;
};

static struct row {
    const char *name;
    const char *preset;
    int32_t min, max, asked; /* asked for before the first look; then what it wants */
    struct {                 /* over the preset where not 0; -1 is 0 */
        const char *metric;
        double target, up_factor, down_factor;
        double interval_s, up_window_s, down_window_s, look_back_s;
        int32_t max_up_units;
    } set;
    struct look looks[LOOKS]; /* want -1 ends */
} rows[] = {
    /* ---- hpa: target 0.8, 10 % tolerance, up to twice or by 4, down after 300 s ----
     */
    {"hpa_within_a_tenth_of_the_target_nothing_happens", /* 0.875 / 0.8 = 1.09375 */
     "hpa",
     1,
     100,
     10,
     {0},
     {{0.8, -1, 10}, {0.875, -1, 10}, {0.725, -1, 10}, {0, 0, -1}}},
    {"hpa_grows_at_once_by_the_ratio", /* 10 x 0.9 / 0.8 = 11.25 */
     "hpa",
     1,
     100,
     10,
     {0},
     {{0.9, -1, 12}, {0.8, -1, 12}, {1.0, -1, 15}, {0, 0, -1}}},
    {"hpa_grows_by_four_or_to_twice", /* 100 waiting, 1 each: 100 units are wanted */
     "hpa",
     1,
     100,
     1,
     {.metric = "queue", .target = 1},
     {{100, -1, 5}, {100, -1, 10}, {100, -1, 20}, {100, -1, 40}, {0, 0, -1}}},
    {"hpa_stays_below_max",
     "hpa",
     1,
     7,
     6,
     {0},
     {{1.0, -1, 7}, {1.0, -1, 7}, {0, 0, -1}}},
    {"hpa_shrinks_to_the_highest_of_the_window", /* 3 looks: 10, 5, 3, 4, 3, 3 */
     "hpa",
     1,
     100,
     10,
     {.metric = "ongoing", .target = 2, .interval_s = 100},
     {{20, -1, 10},
      {10, -1, 10},
      {6, -1, 10},
      {8, -1, 5},
      {6, -1, 4},
      {6, -1, 4},
      {6, -1, 3},
      {0, 0, -1}}},
    {"hpa_grows_to_the_lowest_of_the_window", /* 2 looks: 4, 6, 8, 5 */
     "hpa",
     1,
     100,
     4,
     {.metric = "ongoing", .target = 2, .up_window_s = 30},
     {{8, -1, 4}, {12, -1, 4}, {16, -1, 6}, {10, -1, 6}, {0, 0, -1}}},
    {"hpa_units_that_start_count_as_idle", /* 1.25 x 5 / 10 < 1; 1.25 x 9 / 10 = 1.125
                                            */
     "hpa",
     1,
     100,
     10,
     {0},
     {{1.0, 5, 10}, {1.0, 9, 12}, {0, 0, -1}}},
    {"hpa_keeps_min", "hpa", 3, 9, 3, {0}, {{0, -1, 3}, {0, -1, 3}, {0, 0, -1}}},
    {"hpa_from_none_as_if_there_were_one", /* 3 waiting, 2 each */
     "hpa",
     0,
     9,
     0,
     {.metric = "queue", .target = 2},
     {{0, -1, 0}, {3, -1, 2}, {0, 0, -1}}},
    {"hpa_ongoing_counts_those_in_service", /* 10 / 4 / 2 = 1.25, x 4 = 5 */
     "hpa",
     1,
     9,
     4,
     {.metric = "ongoing", .target = 2},
     {{10, -1, 5}, {0, 0, -1}}},
    /* ---- ray-actor-pool-2.57: up at 1.75 per slot, down at 0.5; two slots a unit ----
     */
    {"ray_actor_pool_grows_at_the_target", /* 6 / 4 = 1.5; 7 / 4 = 1.75; 10 / 6 = 1.67
                                            */
     "ray-actor-pool-2.57",
     1,
     9,
     2,
     {0},
     {{6, -1, 2}, {7, -1, 3}, {10, -1, 3}, {11, -1, 4}, {0, 0, -1}}},
    {"ray_actor_pool_waits_for_units_that_start",
     "ray-actor-pool-2.57",
     1,
     9,
     2,
     {0},
     {{8, 1, 2}, {8, 2, 3}, {0, 0, -1}}},
    {"ray_actor_pool_grows_by_what_is_over", /* 4 (16 / 8 / 1.75 - 1) = 0.57 */
     "ray-actor-pool-2.57",
     1,
     20,
     4,
     {.max_up_units = 9},
     {{16, -1, 5}, {0, 0, -1}}},
    {"ray_actor_pool_grows_by_what_is_over_a_lower_target", /* 4 (14 / 8 / 1 - 1) = 3 */
     "ray-actor-pool-2.57",
     1,
     20,
     4,
     {.max_up_units = 9, .target = 1},
     {{14, -1, 7}, {0, 0, -1}}},
    {"ray_actor_pool_grows_by_max_up_units_at_most",
     "ray-actor-pool-2.57",
     1,
     20,
     4,
     {.max_up_units = 2, .target = 1},
     {{14, -1, 6}, {0, 0, -1}}},
    {"ray_actor_pool_shrinks_by_one_not_soon_after_growth", /* looks at 5, 10, 15, 20 s
                                                             */
     "ray-actor-pool-2.57",
     1,
     9,
     2,
     {.interval_s = 5},
     {{7, -1, 3}, {3, -1, 3}, {3, -1, 2}, {2, -1, 1}, {0, -1, 1}, {0, 0, -1}}},
    {"ray_actor_pool_between_the_thresholds_nothing_happens", /* 5 / 8 > 0.5 */
     "ray-actor-pool-2.57",
     1,
     9,
     4,
     {0},
     {{5, -1, 4}, {4, -1, 3}, {0, 0, -1}}},
    {"ray_actor_pool_asks_for_its_min_first",
     "ray-actor-pool-2.57",
     3,
     9,
     1,
     {0},
     {{0, -1, 3}, {0, 0, -1}}},
    /* ---- ray-serve: 2 ongoing a replica, mean of 3 looks 10 s apart, up after 30 s
       --- */
    {"ray_serve_enough_is_enough",
     "ray-serve",
     1,
     9,
     2,
     {0},
     {{4, -1, 2}, {4, -1, 2}, {3, -1, 2}, {4, -1, 2}, {4, -1, 2}, {0, 0, -1}}},
    {"ray_serve_grows_after_the_delay", /* at 10, 20, 30 and 40 s */
     "ray-serve",
     1,
     9,
     1,
     {0},
     {{4, -1, 1}, {4, -1, 1}, {4, -1, 1}, {4, -1, 2}, {4, -1, 2}, {0, 0, -1}}},
    {"ray_serve_an_interruption_begins_the_delay_anew", /* means 4, 2, 10/3, 4, 6, 6 */
     "ray-serve",
     1,
     9,
     1,
     {0},
     {{4, -1, 1},
      {0, -1, 1},
      {6, -1, 1},
      {6, -1, 1},
      {6, -1, 1},
      {6, -1, 3},
      {0, 0, -1}}},
    {"ray_serve_goes_to_what_is_wanted_last", /* means 4, 6, 8, 12: at 40 s six */
     "ray-serve",
     1,
     9,
     1,
     {0},
     {{4, -1, 1}, {8, -1, 1}, {12, -1, 1}, {16, -1, 6}, {0, 0, -1}}},
    {"ray_serve_looks_back_over_three", /* means 0, 0, 4, 8, 12, 12 */
     "ray-serve",
     1,
     9,
     1,
     {.up_window_s = -1},
     {{0, -1, 1},
      {0, -1, 1},
      {12, -1, 2},
      {12, -1, 4},
      {12, -1, 6},
      {12, -1, 6},
      {0, 0, -1}}},
    {"ray_serve_without_looking_back",
     "ray-serve",
     1,
     9,
     1,
     {.up_window_s = -1, .look_back_s = -1},
     {{0, -1, 1}, {12, -1, 6}, {13, -1, 7}, {0, 0, -1}}},
    {"ray_serve_stays_below_max",
     "ray-serve",
     1,
     5,
     1,
     {.up_window_s = -1},
     {{1e12, -1, 5}, {1e12, -1, 5}, {0, 0, -1}}},
    {"ray_serve_shrinks_after_its_delay", /* 600 s at looks 150 s apart: at 750 s */
     "ray-serve",
     1,
     9,
     4,
     {.interval_s = 150},
     {{3, -1, 4},
      {3, -1, 4},
      {3, -1, 4},
      {3, -1, 4},
      {3, -1, 2},
      {3, -1, 2},
      {0, 0, -1}}},
    {"ray_serve_counts_what_it_asked_for", /* 4 asked, 2 up, 8 ongoing: no more needed
                                            */
     "ray-serve",
     1,
     9,
     4,
     {.up_window_s = -1},
     {{8, 2, 4}, {8, 2, 4}, {12, 2, 5}, {0, 0, -1}}}, /* mean 28 / 3: 4.67 */
    {"ray_serve_to_none_only_from_one", /* 4 to 1 at 40 s, then to 0 at 80 s */
     "ray-serve",
     0,
     9,
     4,
     {.down_window_s = 30},
     {{0, -1, 4},
      {0, -1, 4},
      {0, -1, 4},
      {0, -1, 1},
      {0, -1, 1},
      {0, -1, 1},
      {0, -1, 1},
      {0, -1, 0},
      {0, -1, 0},
      {0, 0, -1}}},
    {"ray_serve_starts_cold_at_once", /* and waits for the first one to come up */
     "ray-serve",
     0,
     9,
     0,
     {.up_window_s = -1},
     {{0, -1, 0}, {0.5, -1, 1}, {20, 0, 1}, {9.5, 1, 5}, {0, 0, -1}}}, /* mean 10 */
    {"ray_serve_half_of_the_way_up", /* 2 + (20 / 2 - 2) / 2 */
     "ray-serve",
     1,
     99,
     2,
     {.up_window_s = -1, .up_factor = 0.5},
     {{20, -1, 6}, {20, -1, 8}, {20, -1, 9}, {20, -1, 10}, {20, -1, 10}, {0, 0, -1}}},
    {"ray_serve_half_of_the_way_down", /* 10 + (4 / 2 - 10) / 2 */
     "ray-serve",
     1,
     99,
     10,
     {.down_window_s = -1, .down_factor = 0.5},
     {{4, -1, 6}, {4, -1, 4}, {4, -1, 3}, {4, -1, 2}, {4, -1, 2}, {0, 0, -1}}},
    {"ray_serve_a_small_factor_is_not_stuck", /* ceil(3 - 0.1) is 3: one fewer */
     "ray-serve",
     1,
     99,
     3,
     {.down_window_s = -1, .down_factor = 0.1, .look_back_s = -1},
     {{4, -1, 2}, {3, -1, 2}, {2, -1, 1}, {0, 0, -1}}},
    {"ray_serve_the_factor_counts_for_a_cold_start",
     "ray-serve",
     0,
     9,
     0,
     {.up_factor = 2.5},
     {{1, -1, 3}, {0, 0, -1}}},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static double set(double given, double preset)
{
    return given == 0 ? preset : given < 0 ? 0 : given;
}

static int64_t set_ns(double given_s, int64_t preset_ns)
{
    return (int64_t)set(given_s * SP_NS_PER_S, (double)preset_ns);
}

static struct model_autoscale parameters(const struct row *row)
{
    const struct model_autoscale_preset *p = model_autoscale_preset_find(row->preset);

    return (struct model_autoscale){
        .rule = p->name,
        .metric = row->set.metric != NULL ? row->set.metric : p->metric,
        .min = row->min,
        .max = row->max,
        .target = set(row->set.target, p->target),
        .down_threshold = p->down_threshold,
        .look_back_ns = set_ns(row->set.look_back_s, p->look_back_ns),
        .up_factor = set(row->set.up_factor, p->up_factor),
        .down_factor = set(row->set.down_factor, p->down_factor),
        .interval_ns = set_ns(row->set.interval_s, p->interval_ns),
        .up_window_ns = set_ns(row->set.up_window_s, p->up_window_ns),
        .down_window_ns = set_ns(row->set.down_window_s, p->down_window_ns),
        .tolerance = p->tolerance,
        .max_up_frac = p->max_up_frac,
        .max_up_units =
            row->set.max_up_units != 0 ? row->set.max_up_units : p->max_up_units};
}

/* A record in which only the metric says something: the others would mislead. */
static struct sim_autoscale_seen seen_of(const struct model_autoscale *a, double value)
{
    struct sim_autoscale_seen seen = {.utilization = 17};

    if (strcmp(a->metric, "utilization") == 0)
        seen.utilization = value;
    else if (strcmp(a->metric, "queue") == 0)
        seen.waiting = (int64_t)value;
    else if (strcmp(a->metric, "ongoing") == 0)
        seen.ongoing = value;
    else
        seen.in_flight = value;
    return seen;
}

static void wants_what_the_row_says(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_autoscale a = parameters(row);
    const struct sim_autoscaler *rule = sim_autoscaler_find(row->preset);
    struct sim_autoscale_state remembered = sim_autoscale_state(arena, &a);
    int32_t asked = row->asked;

    for (int32_t i = 0; row->looks[i].want >= 0; i++) {
        const struct look *look = &row->looks[i];
        struct sim_autoscale_seen seen = seen_of(&a, look->seen);

        seen.now_ns = (i + 1) * a.interval_ns;
        seen.asked = asked;
        seen.up = look->up == AS_ASKED ? asked : look->up;
        seen.slots = 2 * asked;
        asked = rule->desired(&a, &remembered, &seen);
        if (asked != look->want)
            fail_msg("look %d: wants %d, expected %d", (int)i + 1, (int)asked,
                     (int)look->want);
    }
    sp_arena_free(arena);
}

static void an_actor_pool_goes_when_its_work_has_ended(void **state)
{
    const struct row row = {.preset = "ray-actor-pool-2.57", .min = 2, .max = 9};
    struct model_autoscale a = parameters(&row);
    struct sp_arena *arena = sp_arena_new();
    struct sim_autoscale_state remembered = sim_autoscale_state(arena, &a);
    struct sim_autoscale_seen seen = {
        .asked = 4, .up = 4, .slots = 4, .in_flight = 4, .ended = true};
    const struct sim_autoscaler *rule = sim_autoscaler_find(row.preset);

    (void)state;
    assert_int_equal(rule->desired(&a, &remembered, &seen), 0);
    seen.ended = false;
    assert_int_equal(rule->desired(&a, &remembered, &seen), 4);
    sp_arena_free(arena);
}

/* A window of 300 days looked at every millisecond would be 2.6e10 looks; what is kept
 * follows the looks that were. */
static void a_window_of_very_many_looks_costs_what_was_seen(void **state)
{
    const struct row row = {
        .preset = "hpa",
        .min = 1,
        .max = 50,
        .set = {.interval_s = 1e-3, .down_window_s = 300 * 86400.0}};
    struct model_autoscale a = parameters(&row);
    struct sp_arena *arena = sp_arena_new();
    struct sim_autoscale_state remembered = sim_autoscale_state(arena, &a);
    const struct sim_autoscaler *rule = sim_autoscaler_find(row.preset);

    (void)state;
    for (int32_t i = 0; i < 1000; i++) {
        const struct sim_autoscale_seen seen = {
            .asked = 20, .up = 20, .utilization = i == 0 ? 0.8 : 0.1};

        assert_int_equal(rule->desired(&a, &remembered, &seen), 20);
    }
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 2] = {
        cmocka_unit_test(an_actor_pool_goes_when_its_work_has_ended),
        cmocka_unit_test(a_window_of_very_many_looks_costs_what_was_seen),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 2] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = wants_what_the_row_says,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("autoscaler", tests, NULL, NULL);
}
