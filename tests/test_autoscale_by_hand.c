/* Pools that grow and shrink, and a warm-up that is cut, against arithmetic on paper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/units.h"
#include "by_hand.h"
#include "plan_build.h"

/* ---- autoscaling ---- */

static struct model_autoscale hpa(void)
{
    return (struct model_autoscale){.rule = "hpa",
                                    .metric = "utilization",
                                    .min = 1,
                                    .max = 10,
                                    .target = 0.5,
                                    .interval_ns = 15 * SP_NS_PER_S,
                                    .down_window_ns = 60 * SP_NS_PER_S,
                                    .tolerance = 0.1,
                                    .max_up_frac = 1,
                                    .max_up_units = 4};
}

/* Slots are busy all the time, so the ratio is 1 / 0.5 and the pool doubles: 1 until 15
 * s, 2 until 30, 4 until 45, 8 until 60, then 10.  That is 225 slot-seconds, 45 tasks
 * of 5 s, until 60; the other 100 take ten rounds. */
static void hpa_doubles_a_busy_pool(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    b->source->items = 145;
    p = hand_run(b);
    hand_is(p->time_s.mean, 110);
    hand_is(p->workloads[0].stages[0].slots.mean, (225 + 500) / 110.0);
    hand_is(p->workloads[0].stages[0].busy_frac.mean, 1);
}

/* Two stages with 2 slots each share 2 CPUs, so that at most half of the slots are held
 * and the CPUs are full: ratio 2.  24 tasks of 5 s: 2 at a time until 15 s, then 4: 6 +
 * 16 by 35, and the last two.  */
static void hpa_follows_cpus_that_stages_share(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "first", plan_constant(5));
    plan_stage(b, "second", plan_constant(5));
    u = plan_unit(b, 0, 2, 1);
    plan_unit_add(u, 1, 2);
    u->own_needs = true;
    u->needs = (struct model_amounts){.mcpu = 2000};
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    u->autoscale.max = 2;
    b->source->items = 12;
    p = hand_run(b);
    hand_is(p->time_s.mean, 40);
    hand_is(p->workloads[0].stages[0].slots.mean, (2 * 15 + 4 * 25) / 40.0);
}

/* Units start for 40 s.  The first is up at 40; at 45 its slot is busy, so 2 are asked
 * for; at 60 and 75 the one that starts counts as idle: ratio 1.  Up at 85; at 90 4 are
 * asked for, which are up at 130: by 120 the first has done 16 tasks and the second 7.
 */
static void hpa_counts_units_that_start_as_idle(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->startup_s = plan_constant(40);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    b->source->items = 23;
    p = hand_run(b);
    hand_is(p->time_s.mean, 120);
    hand_is(p->workloads[0].stages[0].slots.mean, (80 + 35) / 120.0);
}

/* Growth a tick is at most 100 % or 4: a target that asks for 1000 gets 1, 5, 10. */
static void hpa_grows_by_four_or_doubles(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    u->autoscale.target = 0.001;
    u->autoscale.max = 1000;
    b->source->items = 3 + 15 + 30 + 60;
    p = hand_run(b); /* 15 s each of 1, 5, 10 and 20 slots */
    hand_is(p->time_s.mean, 60);
    hand_is(p->workloads[0].stages[0].slots.mean, (15 + 75 + 150 + 300) / 60.0);
}

/* 20 items at 0, one at 1000 s.  1 unit does 3 by 15 s, 2 do 6 by 30, 4 do the other 11
 * by 45: busy 55 of 60 slot-seconds, ratio 1.83, so 8.  Then nothing is busy; within 60
 * s of the recommendation of 8 at 45 nobody goes, at 105 all but one do. */
static void hpa_shrinks_when_its_window_has_passed(void **state)
{
    struct plan_build *b = *state;
    struct plan_times times = {21, NULL};
    double at[21] = {0};
    struct model_unit *u;
    const struct model_policy_result *p;

    at[20] = 1000;
    times.s = at;
    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    plan_trace(b, &times);
    p = plan_run(b, (struct plan_how){1, 1, .verify = true, .times = &times})->policies;
    hand_is(p->time_s.mean, 1005);
    hand_is(p->workloads[0].stages[0].slots.mean,
            (15 + 30 + 60 + 8 * 60 + 900) / 1005.0);
}

/* With an up window of 30 s the lowest recommendation of the last two ticks counts: 2
 * is asked for at 15 s and had at 30 (1 before, as nothing was recommended). */
static void hpa_up_window_holds_growth_back(void **state)
{
    struct plan_build *b = *state;
    struct plan_times times = {41, NULL};
    double at[41];
    struct model_unit *u;
    const struct model_policy_result *p;

    /* Nothing until 20 s, so that the tick at 15 recommends 1 and the one at 30 (busy
     * 10 of 15 s: ratio 4/3) 2; that is had at 45, when 15 s is no longer in the
     * window. */
    for (int i = 0; i < 41; i++)
        at[i] = 20;
    times.s = at;
    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    u->autoscale.max = 2;
    u->autoscale.up_window_ns = 30 * SP_NS_PER_S;
    plan_trace(b, &times);
    p = plan_run(b, (struct plan_how){1, 1, .verify = true, .times = &times})->policies;
    /* 1 slot from 20 to 45 does 5, two do the other 36 in 90 s */
    hand_is(p->time_s.mean, 135);
    hand_is(p->workloads[0].stages[0].slots.mean, (45 + 180) / 135.0);
}

/* 60 items and one slot: 60, 59 and 58 wait or are in a task in the first 15 s, 59 on
 * average and 2.007 targets, so 3 units (those that wait alone, or what is there at 15
 * s, would ask for 2).  3 items are done by then, the other 57 in 19 rounds. */
static void hpa_follows_what_is_ongoing(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(5));
    u = plan_unit(b, 0, 1, 1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = hpa();
    u->autoscale.metric = "ongoing";
    u->autoscale.target = 29.4;
    u->autoscale.down_window_ns = 600 * SP_NS_PER_S;
    b->source->items = 60;
    p = hand_run(b);
    hand_is(p->time_s.mean, 110);
    hand_is(p->workloads[0].stages[0].slots.mean, (15 + 3 * 95) / 110.0);
}

/* Ray Data 2.51: one more actor when tasks in flight reach 2 a slot, none while one
 * starts. Actors start for 1 s and tasks take 1 s; at 1 s the first actor is up, takes
 * a task, and the tick after that asks for the second, which is up at 2, and so on: up
 * at 1, 2, 3, 4.  Items start at 1; 2 2; 3 3 3; 4 4 4 4: ten, done at 5. */
static void ray_actor_pool_grows_by_one_at_a_time(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(1));
    u = plan_unit(b, 0, 1, 1);
    u->startup_s = plan_constant(1);
    u->count_kind = MODEL_COUNT_AUTOSCALED;
    u->autoscale = (struct model_autoscale){
        .rule = "ray-actor-pool-2.51",
        .metric = "in-flight",
        .min = 1,
        .max = 4,
        .target = 2,
        .down_threshold = 0.5,
        .interval_ns = SP_NS_PER_S / 10,
        .down_window_ns = 10 * SP_NS_PER_S,
        .max_up_units = 1,
    };
    b->source->items = 10;
    p = hand_run(b);
    hand_is(p->time_s.mean, 5);
    hand_is(p->workloads[0].stages[0].slots.mean, (4 + 3 + 2 + 1) / 5.0);
    hand_is(p->workloads[0].stages[0].busy_frac.mean, 1);
}

/* ---- warm-up ---- */

/* Items come at 1/s from 0, the node boots until 100, a task takes 0.1 s: the backlog
 * of 101 shrinks by 9 a second and is gone after item k, 100 + 0.1 (k + 1) = k + 0.1,
 * so k = 111.1; from item 112 on every latency is 0.1 s and the standard error 0.  MSER
 * works on batches of five, so it cuts at the end of the batch that holds item 111:
 * items 110 to 114. */
static void mser_cuts_a_known_transient(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(0.1));
    plan_apart(b, 1);
    b->node->fixed = false;
    b->node->max = 1;
    b->node->boot_s = plan_constant(100);
    b->node->idle_timeout_ns = 1000 * SP_NS_PER_S;
    *b->source = (struct model_source){
        .kind = MODEL_SOURCE_CONSTANT, .rate_per_s = 1, .items = 1000, .for_ns = -1};
    b->sc->measure = MODEL_MEASURE_MSER;
    p = hand_run(b);
    hand_is(p->window_from_s, 114.1);
    hand_is(p->workloads[0].latency.mean_s.mean, 0.1);
    assert_int_equal(p->workloads[0].latency.count,
                     1000 - 114); /* 114 leaves at 114.1 */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        HAND(hpa_doubles_a_busy_pool),
        HAND(hpa_follows_cpus_that_stages_share),
        HAND(hpa_counts_units_that_start_as_idle),
        HAND(hpa_grows_by_four_or_doubles),
        HAND(hpa_shrinks_when_its_window_has_passed),
        HAND(hpa_up_window_holds_growth_back),
        HAND(hpa_follows_what_is_ongoing),
        HAND(ray_actor_pool_grows_by_one_at_a_time),
        HAND(mser_cuts_a_known_transient),
    };

    return cmocka_run_group_tests_name("autoscale_by_hand", tests, NULL, NULL);
}
