/* Small deterministic pipelines through sim_run(), against arithmetic on paper.
 *
 * Every row of the simulation is verified the slow way after every event.  Times are
 * exact integers of nanoseconds, so figures agree to the rounding of a double.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "plan_build.h"

static int fresh(void **state)
{
    struct plan_build *b;
    struct sp_arena *arena = sp_arena_new();

    b = sp_arena_alloc(arena, sizeof *b);
    *b = plan_new(arena);
    *state = b;
    return 0;
}

static int gone(void **state)
{
    sp_arena_free(((struct plan_build *)*state)->arena);
    return 0;
}

static const struct model_policy_result *run(const struct plan_build *b)
{
    return plan_run(b, (struct plan_how){1, 1, .verify = true})->policies;
}

static void is(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}

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
    p = run(b);
    r = &p->workloads[0].stages[0];
    is(p->time_s.mean, 10.5);
    is(r->batch_mean.mean, 10.0 / 4);
    is(r->wait.mean_s.mean, (3 * (2.5 + 1.5 + 0.5) + 0.5) / 10);
    is(r->wait.max_s.mean, 2.5);
    is(p->workloads[0].latency.mean_s.mean, (3 * (3.5 + 2.5 + 1.5) + 1.5) / 10);
    is(r->queue_mean.mean, (3 * (2.5 + 1.5 + 0.5) + 0.5) / 10.5);
    is(r->queue_peak.mean, 3);
    is(r->busy_frac.mean, 4 / 10.5);
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
    p = run(b);
    is(p->time_s.mean, 10);
    is(p->workloads[0].stages[0].wait.mean_s.mean, (6 + 6 + 1) / 10.0);
    is(p->workloads[0].stages[0].batch_mean.mean, 10.0 / 3);
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
    p = run(b);
    is(p->time_s.mean, 20);
    is(p->workloads[0].latency.mean_s.mean,
       19 / 4.0 + 1); /* mean of i/2, i = 0..19; + 1 */
    is(p->workloads[0].latency.max_s.mean, 10.5);
}

/* ---- graphs ---- */

/* A (1 s) copies to B (3 s) and C (5 s), joined at D (1 s); three items, one slot each:
 * A ends 1 2 3, B 4 7 10, C 6 11 16, D 7 12 17. */
static void fork_and_join_take_the_longer_branch(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;
    struct model_stage *d;

    plan_stage(b, "a", plan_constant(1));
    plan_stage(b, "b", plan_constant(3));
    plan_stage(b, "c", plan_constant(5))->from[0] = 0;
    d = plan_stage(b, "d", plan_constant(1));
    d->n_from = 2;
    d->from[0] = 1;
    d->from[1] = 2;
    d->join = MODEL_JOIN_ALL;
    plan_apart(b, 1);
    b->source->items = 3;
    p = run(b);
    is(p->time_s.mean, 17);
    is(p->workloads[0].latency.mean_s.mean, (7 + 12 + 17) / 3.0);
    is(p->workloads[0].stages[3].wait.max_s.mean, 0);
    is(p->workloads[0].stages[2].wait.mean_s.mean, (0 + 4 + 8) / 3.0);
    assert_int_equal(p->workloads[0].stages[3].in, 3);
    assert_int_equal(p->workloads[0].done, 3);
}

/* A copies to B and Y; B routes halves to C and D, merged at M; J joins M with Y.  An
 * item takes one way only through the merge, so every item finds its copy: 1 + 1 + 1 +
 * 1 + 1 s. */
static void routed_and_merged_items_still_find_their_copies(void **state)
{
    static const int32_t from[] = {0, 1, 1, 0, 2, 5};
    struct plan_build *b = *state;
    const struct model_workload_result *w;
    struct model_stage *s[7];

    for (int32_t i = 0; i < 7; i++) {
        static const char *const names[] = {"a", "b", "c", "d", "y", "m", "j"};

        s[i] = plan_stage(b, names[i], plan_constant(1));
        if (i > 0)
            s[i]->from[0] = from[i - 1];
    }
    s[1]->has_route = true;
    s[1]->n_route = 2;
    s[1]->route_to[0] = 2;
    s[1]->route_to[1] = 3;
    s[1]->route_share[0] = s[1]->route_share[1] = 0.5;
    s[5]->n_from = 2;
    s[5]->from[1] = 3;
    s[6]->n_from = 2;
    s[6]->from[0] = 4;
    s[6]->from[1] = 5;
    s[6]->join = MODEL_JOIN_ALL;
    plan_apart(b, 20);
    b->source->items = 20;
    w = run(b)->workloads;
    assert_int_equal(w->stages[2].in + w->stages[3].in, 20);
    assert_int_equal(w->stages[5].in, 20);
    assert_int_equal(w->stages[6].in, 20);
    assert_int_equal(w->done, 20);
    is(w->latency.max_s.mean, 5);
}

/* 10 items, each 3 out, gathered 4 : 10: seven groups of 4 make 70, the last two make
 * floor(10 * 2 / 4) = 5. */
static void expanding_and_gathering_count_as_on_paper(void **state)
{
    struct plan_build *b = *state;
    const struct model_workload_result *w;
    struct model_stage *s;

    plan_stage(b, "expand", plan_constant(1))->gather_out = 3;
    s = plan_stage(b, "gather", plan_constant(1));
    s->gather_in = s->batch = 4;
    s->gather_out = 10;
    plan_stage(b, "count", plan_constant(1));
    plan_apart(b, 4);
    b->source->items = 10;
    w = run(b)->workloads;
    assert_int_equal(w->stages[0].emitted, 30);
    assert_int_equal(w->stages[1].in, 30);
    assert_int_equal(w->stages[1].emitted, 75);
    assert_int_equal(w->stages[2].in, 75);
    assert_int_equal(w->in, 10);
    assert_int_equal(w->done, 10);
}

/* 6000 items in two tasks of 1 s become twice 2000, of which each takes 1 ms: from 1 s
 * on. */
static void a_group_may_be_large(void **state)
{
    struct plan_build *b = *state;
    struct model_stage *s = plan_stage(b, "gather", plan_constant(1));
    const struct model_policy_result *p;

    s->gather_in = s->batch = 3000;
    s->gather_out = 2000;
    plan_stage(b, "count", plan_constant(0.001));
    plan_apart(b, 1);
    b->source->items = 6000;
    p = run(b);
    is(p->time_s.mean, 1 + 4000 * 0.001);
    assert_int_equal(p->workloads[0].stages[1].in, 4000);
    assert_int_equal(p->workloads[0].done, 6000);
}

/* Stages of 2 s and 3 s on one slot each, 4 items: streamed 2 + 4 * 3; with a barrier
 * the second starts when the first has done all: 8 + 12. */
static void barrier_waits_for_all_of_the_input(void **state)
{
    struct plan_build *b = *state;

    plan_stage(b, "first", plan_constant(2));
    plan_stage(b, "second", plan_constant(3));
    plan_apart(b, 1);
    b->source->items = 4;
    is(run(b)->time_s.mean, 14);
    b->plan->stages[1].barrier = true;
    is(run(b)->time_s.mean, 20);
}

/* A fast producer (1 s), a buffer of 1, a slow consumer (3 s): the producer finishes
 * item k at 1, 2, then is held until the consumer takes one: its slot is blocked 2 s of
 * each 3. */
static void full_buffer_holds_the_producer(void **state)
{
    struct plan_build *b = *state;
    const struct model_policy_result *p;

    plan_stage(b, "fast", plan_constant(1));
    plan_stage(b, "slow", plan_constant(3))->buffer = 1;
    plan_apart(b, 1);
    b->source->items = 4;
    p = run(b);
    /* fast: 0-1, 1-2, 2-3 held to 4, 4-5 held to 7; slow: 1-4, 4-7, 7-10, 10-13 */
    is(p->time_s.mean, 13);
    is(p->workloads[0].stages[0].blocked_frac.mean,
       (1 + 2) / 7.0); /* its unit left at 7 */
    is(p->workloads[0].stages[1].queue_peak.mean, 1);
}

/* "second" can't move for want of its CPU, which "first" holds, not because its buffer
 * is full. */
static void a_deadlock_names_what_each_stage_lacks(void **state)
{
    struct plan_build *b = *state;
    struct model_unit *u;
    const struct model_policy_result *p;

    plan_stage(b, "first", plan_constant(1));
    plan_stage(b, "second", plan_constant(1))->buffer = 1;
    u = plan_unit(b, 0, 1, 1);
    plan_unit_add(u, 1, 1);
    u->own_needs = true;
    u->needs = (struct model_amounts){.mcpu = 1000};
    b->plan->rule = "upstream-first";
    b->source->items = 3;
    p = run(b);
    assert_int_equal(p->end, MODEL_END_DEADLOCK);
    assert_non_null(strstr(p->end_text,
                           "'first' of 'work' can't move (1 items wait): 1 finished "
                           "tasks hold their slots"));
    assert_non_null(
        strstr(p->end_text, "'second' of 'work' can't move (1 items wait): no unit "));
}

/* Two workloads on one node with a store of 100 bytes.  The first fills it from 1 s
 * until its second stage ends at 11 s.  The other's first stage ends at 2 s and is held
 * until then; its second takes 1 s more.  Where both reserve it may only start at 11 s,
 * and where it alone does it has its room from the start, and the first workload is
 * held from 1 to 3 s. */
static void a_store_that_one_workload_leaves_lets_the_other_go(void **state)
{
    struct plan_build *b = *state;
    struct model_plan *plans = sp_arena_array(b->arena, 2, sizeof *plans);
    const char **workloads = sp_arena_array(b->arena, 2, sizeof *workloads);
    struct plan_build late = *b;

    plan_stage(b, "fill", plan_constant(1))->output_bytes = 100;
    plan_stage(b, "keep", plan_constant(10));
    plan_apart(b, 1);
    b->node->store_bytes = 100;
    late.plan = &plans[1];
    plans[1] = *b->plan;
    plans[1].workload = workloads[1] = "late";
    plans[1].stages = sp_arena_array(b->arena, 2, sizeof *plans[1].stages);
    plans[1].units = sp_arena_array(b->arena, 2, sizeof *plans[1].units);
    plans[1].n_stages = plans[1].n_units = 0;
    plan_stage(&late, "first", plan_constant(2))->output_bytes = 50;
    plan_stage(&late, "second", plan_constant(1));
    plan_apart(&late, 1);
    plans[0] = *b->plan;
    workloads[0] = plans[0].workload;
    b->sc->workloads = workloads;
    b->sc->n_workloads = b->policy->n_plans = 2;
    b->policy->plans = plans;

    is(run(b)->time_s.mean, 12);
    is(run(b)->workloads[1].stages[0].blocked_frac.mean, 9 / 11.0);
    plans[1].rule = "reserve-output";
    is(run(b)->time_s.mean, 13);
    plans[0].rule = "reserve-output";
    is(run(b)->time_s.mean, 14);
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
    p = run(b);
    is(p->time_s.mean, 9);
    is(p->resources[MODEL_CPU].busy_of_provisioned.mean, 1);
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
    r = run(b)->workloads[0].stages;
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
    r = run(b)->workloads[0].stages;
    is(r[0].busy_frac.mean, 1);
    is(r[1].busy_frac.mean, 12 / 13.0);
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
        is(run(b)->time_s.mean, MODEL_STAGES_MAX + 2);
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
    p = run(b);
    is(p->time_s.mean, 15);
    u->has_fused_time = true;
    u->fused_time.fixed = plan_constant(6);
    p = run(b);
    is(p->time_s.mean, 30);
    is(p->workloads[0].stages[0].service.mean_s.mean, 2);
    is(p->workloads[0].stages[1].service.mean_s.mean, 4);
    b->node->max = 1;
    b->node->cpu_speed = 0.5; /* measured on a node of speed 1, like any other time */
    p = run(b);
    is(p->time_s.mean, 60);
    is(p->workloads[0].bound_per_s, 2 / 12.0);
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
    p = run(b);
    is(p->time_s.mean, 125);
    is(p->nodes[0].hours.mean, 125 / 3600.0);
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
    p = run(b);
    assert_int_equal(p->end, MODEL_END_DONE);
    is(p->time_s.mean, 15);
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
        p = run(b);
        assert_int_equal(p->end, MODEL_END_DONE);
        is(p->time_s.mean, 3 * (1 + 1 + 9));
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
    p = run(b);
    is(p->time_s.mean, 13);
    is(p->workloads[0].stages[1].fetch_frac.mean, 8 / 13.0);
    is(p->workloads[0].stages[1].busy_frac.mean, 4 / 13.0);
    assert_true(p->workloads[0].moved_bytes == INT64_C(8000000000));
}

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
    p = run(b);
    is(p->time_s.mean, 110);
    is(p->workloads[0].stages[0].slots.mean, (225 + 500) / 110.0);
    is(p->workloads[0].stages[0].busy_frac.mean, 1);
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
    p = run(b);
    is(p->time_s.mean, 40);
    is(p->workloads[0].stages[0].slots.mean, (2 * 15 + 4 * 25) / 40.0);
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
    p = run(b);
    is(p->time_s.mean, 120);
    is(p->workloads[0].stages[0].slots.mean, (80 + 35) / 120.0);
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
    p = run(b); /* 15 s each of 1, 5, 10 and 20 slots */
    is(p->time_s.mean, 60);
    is(p->workloads[0].stages[0].slots.mean, (15 + 75 + 150 + 300) / 60.0);
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
    is(p->time_s.mean, 1005);
    is(p->workloads[0].stages[0].slots.mean, (15 + 30 + 60 + 8 * 60 + 900) / 1005.0);
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
    is(p->time_s.mean, 135);
    is(p->workloads[0].stages[0].slots.mean, (45 + 180) / 135.0);
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
    p = run(b);
    is(p->time_s.mean, 110);
    is(p->workloads[0].stages[0].slots.mean, (15 + 3 * 95) / 110.0);
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
    p = run(b);
    is(p->time_s.mean, 5);
    is(p->workloads[0].stages[0].slots.mean, (4 + 3 + 2 + 1) / 5.0);
    is(p->workloads[0].stages[0].busy_frac.mean, 1);
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
    p = run(b);
    is(p->window_from_s, 114.1);
    is(p->workloads[0].latency.mean_s.mean, 0.1);
    assert_int_equal(p->workloads[0].latency.count,
                     1000 - 114); /* 114 leaves at 114.1 */
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
    is(work_s(&r->policies[1]), work_s(&r->policies[0]));
    assert_true(r->policies[1].time_s.mean < r->policies[0].time_s.mean / 4);
}

#define HAND(test) cmocka_unit_test_setup_teardown(test, fresh, gone)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        HAND(linger_starts_short_batches_on_time),
        HAND(batch_waits_until_full_or_the_input_ends),
        HAND(queue_of_an_overloaded_server_grows_as_on_paper),
        HAND(fork_and_join_take_the_longer_branch),
        HAND(routed_and_merged_items_still_find_their_copies),
        HAND(expanding_and_gathering_count_as_on_paper),
        HAND(a_group_may_be_large),
        HAND(barrier_waits_for_all_of_the_input),
        HAND(full_buffer_holds_the_producer),
        HAND(stages_of_a_unit_share_its_cpus),
        HAND(a_store_that_one_workload_leaves_lets_the_other_go),
        HAND(a_deadlock_names_what_each_stage_lacks),
        HAND(shared_cpus_are_the_bottleneck_though_slots_are_free),
        HAND(a_pool_that_is_soon_through_is_no_bottleneck),
        HAND(every_rule_takes_the_most_stages),
        HAND(fused_unit_runs_its_stages_in_a_row),
        HAND(nodes_boot_before_units_start),
        HAND(lost_copy_takes_the_others_with_it),
        HAND(lost_copy_is_lost_to_later_joins),
        HAND(fetching_holds_the_slot_and_is_not_busy),
        HAND(hpa_doubles_a_busy_pool),
        HAND(hpa_follows_cpus_that_stages_share),
        HAND(hpa_counts_units_that_start_as_idle),
        HAND(hpa_grows_by_four_or_doubles),
        HAND(hpa_shrinks_when_its_window_has_passed),
        HAND(hpa_up_window_holds_growth_back),
        HAND(hpa_follows_what_is_ongoing),
        HAND(ray_actor_pool_grows_by_one_at_a_time),
        HAND(mser_cuts_a_known_transient),
        HAND(same_deployment_has_no_difference_at_all),
        HAND(other_deployment_meets_the_same_work),
    };

    return cmocka_run_group_tests_name("by_hand", tests, NULL, NULL);
}
