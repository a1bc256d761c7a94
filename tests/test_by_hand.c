/* Small pipelines against arithmetic on paper: batches, units, data that moves, and
 * policies as pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/units.h"
#include "by_hand.h"
#include "plan_build.h"

/* ---- batches ---- */

/* Items at 0, 1, .. 9 s; batches of 4, the first waits 2.5 s at most; a task takes 1 s.
 * {0,1,2} start at 2.5, {3,4,5} at 5.5, {6,7,8} at 8.5; 9 ends the input, and starts
 * when the server is free, at 9.5. */
static void linger_starts_short_batches_on_time(void **state)
{
    struct plan_build *b = *state;
    struct model_stage *s = plan_stage(b, "serve", plan_constant(1));
    const struct model_policy_result *p;
    const struct model_stage_result *r;

    s->batch = 4;
    s->linger_ns = 5 * SP_NS_PER_S / 2;
    plan_apart(b, 1);
    *b->source = (struct model_source){
        .kind = MODEL_SOURCE_CONSTANT, .rate_per_s = 1, .items = 10, .for_ns = -1};
    p = hand_run(b);
    r = &p->workloads[0].stages[0];
    hand_is(p->time_s.mean, 10.5);
    hand_is(r->batch_mean.mean, 10.0 / 4);
    hand_is(r->wait.mean_s.mean, (3 * (2.5 + 1.5 + 0.5) + 0.5) / 10);
    hand_is(r->wait.max_s.mean, 2.5);
    hand_is(p->workloads[0].latency.mean_s.mean, (3 * (3.5 + 2.5 + 1.5) + 1.5) / 10);
    hand_is(r->queue_mean.mean, (3 * (2.5 + 1.5 + 0.5) + 0.5) / 10.5);
    hand_is(r->queue_peak.mean, 3);
    hand_is(r->busy_frac.mean, 4 / 10.5);
}

/* The same arrivals without linger: {0..3} at 3, {4..7} at 7, {8, 9} when the input
 * ends. */
static void batch_waits_until_full_or_the_input_ends(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(1))->batch = 4;
    plan_apart(b, 1);
    *b->source = (struct model_source){
        .kind = MODEL_SOURCE_CONSTANT, .rate_per_s = 1, .items = 10, .for_ns = -1};
    p = hand_run(b);
    hand_is(p->time_s.mean, 10);
    hand_is(p->workloads[0].stages[0].wait.mean_s.mean, (6 + 6 + 1) / 10.0);
    hand_is(p->workloads[0].stages[0].batch_mean.mean, 10.0 / 3);
}

/* D/D/1 at load 2: item i comes at i/2 s, leaves at i + 1. */
static void queue_of_an_overloaded_server_grows_as_on_paper(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(1));
    plan_apart(b, 1);
    *b->source = (struct model_source){
        .kind = MODEL_SOURCE_CONSTANT, .rate_per_s = 2, .items = 20, .for_ns = -1};
    p = hand_run(b);
    hand_is(p->time_s.mean, 20);
    hand_is(p->workloads[0].latency.mean_s.mean,
            19 / 4.0 + 1); /* mean of i/2, i = 0..19; + 1 */
    hand_is(p->workloads[0].latency.max_s.mean, 10.5);
}

/* ---- units ---- */

/* One unit of 2 CPUs, both stages need 1 and are capped at 2: six items of 1 s and 2 s
 * keep both CPUs busy to the end: 6 * 3 / 2. */
static void stages_of_a_unit_share_its_cpus(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "first", plan_constant(1));
    plan_stage(b, "second", plan_constant(2));
    u = plan_unit(b, 0, 2, 1);
    plan_unit_add(u, 1, 2);
    u->own_needs = true;
    u->needs = (struct model_amounts){.mcpu = 2000};
    b->node->has.mcpu = 2000;
    b->source->items = 6;
    p = hand_run(b);
    hand_is(p->time_s.mean, 9);
    hand_is(p->resources[MODEL_CPU].busy_of_provisioned.mean, 1);
}

/* An item takes 4 + 2 s of two CPUs, so one leaves every 3 s; the GPU's slot is
 * busy 2.4 s of them, four fifths, more than the slots of the first stage (4 of 6 s) or
 * of the second.  The CPUs are full all the same, and the first stage is what fills
 * them. */
static void shared_cpus_are_the_bottleneck_though_slots_are_free(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_stage_result *r;

    b->node->has.mgpu = 1000;
    plan_stage(b, "first", plan_constant(4));
    plan_stage(b, "second", plan_constant(2));
    plan_stage(b, "third", plan_constant(2.4))->slot_needs =
        (struct model_amounts){.mgpu = 1000};
    u = plan_unit(b, 0, 2, 1);
    plan_unit_add(u, 1, 2);
    plan_unit_add(u, 2, 1);
    u->own_needs = true;
    u->needs = (struct model_amounts){.mcpu = 2000, .mgpu = 1000};
    b->source->items = 1000;
    r = hand_run(b)->workloads[0].stages;
    assert_true(r[2].busy_frac.mean > 0.79 && r[0].busy_frac.mean < 0.67);
    assert_true(r[0].bottleneck && !r[1].bottleneck && !r[2].bottleneck);
}

/* Four slots of the first stage are busy all their time, which is 1 s; the one of the
 * second for 12 s of the 13 that it is there. */
static void a_pool_that_is_soon_through_is_no_bottleneck(void **state)
{
    struct plan_build *b = *state;
    const struct model_stage_result *r;

    plan_stage(b, "short", plan_constant(1));
    plan_stage(b, "long", plan_constant(3));
    plan_unit(b, 0, 4, 1);
    plan_unit(b, 1, 1, 1);
    b->source->items = 4;
    r = hand_run(b)->workloads[0].stages;
    hand_is(r[0].busy_frac.mean, 1);
    hand_is(r[1].busy_frac.mean, 12 / 13.0);
    assert_true(r[1].bottleneck && !r[0].bottleneck);
}

/* As many stages as there may be, each a unit of its own, under every rule: the last of
 * 3 items starts after 2 s and takes 64 s more. */
static void every_rule_takes_the_most_stages(void **state)
{
    static const char *const rules[] = {"downstream-first", "upstream-first", "fifo",
                                        "ray-budgets", "reserve-output"};
    struct plan_build *b = *state;

    for (int i = 0; i < MODEL_STAGES_MAX; i++)
        plan_stage(b, "step", plan_constant(1))->output_bytes = 10;
    plan_apart(b, 1);
    b->node->store_bytes = 100000;
    b->source->items = 3;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        b->plan->rule = rules[i];
        hand_is(hand_run(b)->time_s.mean, MODEL_STAGES_MAX + 2);
    }
}

/* A fused task holds the unit for 1 + 2 s; given a whole time of 6 s its stages are
 * busy for 2 and 4. */
static void fused_unit_runs_its_stages_in_a_row(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "first", plan_constant(1));
    plan_stage(b, "second", plan_constant(2));
    u = plan_unit(b, 0, 1, 2);
    plan_unit_add(u, 1, 1);
    u->fused = true;
    b->source->items = 10;
    p = hand_run(b);
    hand_is(p->time_s.mean, 15);
    u->has_fused_time = true;
    u->fused_time.fixed = plan_constant(6);
    p = hand_run(b);
    hand_is(p->time_s.mean, 30);
    hand_is(p->workloads[0].stages[0].service.mean_s.mean, 2);
    hand_is(p->workloads[0].stages[1].service.mean_s.mean, 4);
    b->node->max = 1;
    b->node->cpu_speed = 0.5; /* measured on a node of speed 1, like any other time */
    p = hand_run(b);
    hand_is(p->time_s.mean, 60);
    hand_is(p->workloads[0].bound_per_s, 2 / 12.0);
}

/* An elastic node boots for 100 s and the unit starts up for 5; 10 tasks of 2 s; the
 * node is given back 60 s after the run's last work, which the run does not wait for.
 */
static void nodes_boot_before_units_start(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "serve", plan_constant(2));
    plan_unit(b, 0, 1, 1)->startup_s = plan_constant(5);
    b->node->fixed = false;
    b->node->max = 1;
    b->node->boot_s = plan_constant(100);
    b->node->idle_timeout_ns = 60 * SP_NS_PER_S;
    b->source->items = 10;
    p = hand_run(b);
    hand_is(p->time_s.mean, 125);
    hand_is(p->nodes[0].hours.mean, 125 / 3600.0);
}

/* Two customers think for 1 s; a (1 s) copies to b, which always fails after 1 s, and c
 * (3 s), joined at d.  c's copy is dropped when it comes to d, so each customer is free
 * again after 1 + 1 + 3 s: five items leave at 5 5 10 10 15. */
static void lost_copy_takes_the_others_with_it(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;
    struct model_stage *d;

    plan_stage(b, "a", plan_constant(1));
    plan_stage(b, "b", plan_constant(1))->fail_frac = 1;
    plan_stage(b, "c", plan_constant(3))->from[0] = 0;
    d = plan_stage(b, "d", plan_constant(1));
    d->join = MODEL_JOIN_ALL;
    d->n_from = 2;
    d->from[0] = 1;
    d->from[1] = 2;
    plan_apart(b, 2);
    *b->source = (struct model_source){.kind = MODEL_SOURCE_CLOSED,
                                       .population = 2,
                                       .think_s = plan_constant(1),
                                       .items = 5,
                                       .for_ns = -1};
    p = hand_run(b);
    assert_int_equal(p->end, MODEL_END_DONE);
    hand_is(p->time_s.mean, 15);
    assert_int_equal(p->workloads[0].dropped_by[MODEL_DROP_RETRIES], 5);
    assert_int_equal(p->workloads[0].stages[3].dropped, 5);
}

/* The join e of b and c, and behind it the join f of e and d: what b loses is lost to
 * both, whichever copy comes first.  All of it leaves when d's copy comes, at 1 + 9 s.
 */
static void lost_copy_is_lost_to_later_joins(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;
    static const struct {
        double b_s, c_s;
    } rows[] = {{1, 3}, {3, 1}};

    plan_stage(b, "a", plan_constant(1));
    plan_stage(b, "b", plan_constant(1))->fail_frac = 1;
    plan_stage(b, "c", plan_constant(3))->from[0] = 0;
    plan_stage(b, "d", plan_constant(9))->from[0] = 0;
    for (int32_t i = 4; i < 6; i++) {
        struct model_stage *join = plan_stage(b, i == 4 ? "e" : "f", plan_constant(1));

        join->join = MODEL_JOIN_ALL;
        join->n_from = 2;
        join->from[0] = i == 4 ? 1 : 4;
        join->from[1] = i == 4 ? 2 : 3;
    }
    plan_apart(b, 1);
    *b->source = (struct model_source){.kind = MODEL_SOURCE_CLOSED,
                                       .population = 1,
                                       .think_s = plan_constant(1),
                                       .items = 3,
                                       .for_ns = -1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b->plan->stages[1].time.fixed = plan_constant(rows[i].b_s);
        b->plan->stages[2].time.fixed = plan_constant(rows[i].c_s);
        p = hand_run(b);
        assert_int_equal(p->end, MODEL_END_DONE);
        hand_is(p->time_s.mean, 3 * (1 + 1 + 9));
        assert_int_equal(p->workloads[0].stages[4].dropped, 3);
        assert_int_equal(p->workloads[0].stages[5].dropped, 3);
    }
}

/* ---- data that moves ---- */

/* Two nodes of one CPU joined by 1 GB/s: the consumer fetches 2 GB for 2 s before each
 * task of 1 s; NIC and slot take turns, so 4 items end at 1 + 4 * 3. */
static void fetching_holds_the_slot_and_is_not_busy(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "make", plan_constant(1))->output_bytes = 2e9;
    plan_stage(b, "use", plan_constant(1));
    plan_apart(b, 1);
    b->node->has.mcpu = 1000;
    b->node->count = 2;
    b->node->nic_bytes_per_s = 1e9;
    b->source->items = 4;
    p = hand_run(b);
    hand_is(p->time_s.mean, 13);
    hand_is(p->workloads[0].stages[1].fetch_frac.mean, 8 / 13.0);
    hand_is(p->workloads[0].stages[1].busy_frac.mean, 4 / 13.0);
    assert_true(p->workloads[0].moved_bytes == INT64_C(8000000000));
}

/* ---- policies as pairs ---- */

static double work_s(const struct model_policy_result *p)
{
    const struct model_times *t = &p->workloads[0].stages[0].service;

    return t->mean_s.mean * (double)t->count;
}

static void same_deployment_has_no_difference_at_all(void **state)
{
    struct plan_build *b = *state;
    const struct model_result *r;

    plan_stage(b, "first", plan_exponential(1))->fail_frac = 0.1;
    b->plan->stages[0].retries_max = 3;
    plan_stage(b, "second", model_dist_lognormal(0.5, 2))->batch = 2;
    plan_apart(b, 2);
    plan_poisson(b, 1.5, 0, 2000);
    b->sc->until_ns = -1;
    b->source->items = 2000;
    plan_policy_copy(b, "twin");
    r = plan_run(b, (struct plan_how){7, 5, .verify = false});
    assert_int_equal(r->n_comparisons, 1);
    assert_true(r->comparisons[0].usd_ratio.mean == 1);
    assert_true(r->comparisons[0].usd_ratio.half95 == 0);
    assert_true(r->comparisons[0].time_ratio.mean == 1);
    assert_true(r->comparisons[0].time_ratio.half95 == 0);
    assert_true(r->policies[0].digest == r->policies[1].digest);
    assert_true(r->policies[0].workloads[0].latency.mean_s.mean ==
                r->policies[1].workloads[0].latency.mean_s.mean);
    assert_true(r->policies[0].time_s.half95 > 0); /* replications do differ */
}

/* Draws belong to items: one server or five, the work is the same to the nanosecond. */
static void other_deployment_meets_the_same_work(void **state)
{
    struct plan_build *b = *state;
    const struct model_result *r;

    plan_stage(b, "serve", plan_exponential(1));
    plan_apart(b, 1);
    b->source->items = 500;
    plan_policy_copy(b, "wider");
    b->plan->units[0].slots[0].cap = 5;
    r = plan_run(b, (struct plan_how){3, 1, .verify = true});
    hand_is(work_s(&r->policies[1]), work_s(&r->policies[0]));
    assert_true(r->policies[1].time_s.mean < r->policies[0].time_s.mean / 4);
}

/* Three items, 2 s at the first stage, where each becomes two, 1 s each at the second.
 * Taken at 0, 2, 4; their parts are done at 3 and 4, 5 and 6, 7 and 8: each took 4 s,
 * and none waited to be taken.  All there at the start they took 4, 6 and 8. */
static void pulled_items_arrive_when_they_are_taken(void **state)
{
    struct plan_build *b = *state;
    struct model_stage *first = plan_stage(b, "split", plan_constant(2));
    const struct model_policy_result *p;

    first->gather_out = 2;
    plan_stage(b, "serve", plan_constant(1));
    plan_apart(b, 1);
    b->source->items = 3;
    p = hand_run(b);
    hand_is(p->workloads[0].latency.mean_s.mean, (4 + 6 + 8) / 3.0);
    b->source->pull = true;
    p = hand_run(b);
    hand_is(p->time_s.mean, 8);
    hand_is(p->workloads[0].latency.mean_s.mean, 4);
    hand_is(p->workloads[0].latency.max_s.mean, 4);
    hand_is(p->workloads[0].stages[0].wait.max_s.mean, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        HAND(linger_starts_short_batches_on_time),
        HAND(batch_waits_until_full_or_the_input_ends),
        HAND(queue_of_an_overloaded_server_grows_as_on_paper),
        HAND(pulled_items_arrive_when_they_are_taken),
        HAND(stages_of_a_unit_share_its_cpus),
        HAND(shared_cpus_are_the_bottleneck_though_slots_are_free),
        HAND(a_pool_that_is_soon_through_is_no_bottleneck),
        HAND(every_rule_takes_the_most_stages),
        HAND(fused_unit_runs_its_stages_in_a_row),
        HAND(nodes_boot_before_units_start),
        HAND(lost_copy_takes_the_others_with_it),
        HAND(lost_copy_is_lost_to_later_joins),
        HAND(fetching_holds_the_slot_and_is_not_busy),
        HAND(same_deployment_has_no_difference_at_all),
        HAND(other_deployment_meets_the_same_work),
    };

    return cmocka_run_group_tests_name("by_hand", tests, NULL, NULL);
}
