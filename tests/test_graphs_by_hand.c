/* Small graphs of stages against arithmetic on paper: forks, joins, groups, buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "by_hand.h"
#include "plan_build.h"

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
    p = hand_run(b);
    hand_is(p->time_s.mean, 17);
    hand_is(p->workloads[0].latency.mean_s.mean, (7 + 12 + 17) / 3.0);
    hand_is(p->workloads[0].stages[3].wait.max_s.mean, 0);
    hand_is(p->workloads[0].stages[2].wait.mean_s.mean, (0 + 4 + 8) / 3.0);
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
    w = hand_run(b)->workloads;
    assert_int_equal(w->stages[2].in + w->stages[3].in, 20);
    assert_int_equal(w->stages[5].in, 20);
    assert_int_equal(w->stages[6].in, 20);
    assert_int_equal(w->done, 20);
    hand_is(w->latency.max_s.mean, 5);
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
    w = hand_run(b)->workloads;
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
    p = hand_run(b);
    hand_is(p->time_s.mean, 1 + 4000 * 0.001);
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
    hand_is(hand_run(b)->time_s.mean, 14);
    b->plan->stages[1].barrier = true;
    hand_is(hand_run(b)->time_s.mean, 20);
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
    p = hand_run(b);
    /* fast: 0-1, 1-2, 2-3 held to 4, 4-5 held to 7; slow: 1-4, 4-7, 7-10, 10-13 */
    hand_is(p->time_s.mean, 13);
    hand_is(p->workloads[0].stages[0].blocked_frac.mean,
            (1 + 2) / 7.0); /* its unit left at 7 */
    hand_is(p->workloads[0].stages[1].queue_peak.mean, 1);
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
    p = hand_run(b);
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

    hand_is(hand_run(b)->time_s.mean, 12);
    hand_is(hand_run(b)->workloads[1].stages[0].blocked_frac.mean, 9 / 11.0);
    plans[1].rule = "reserve-output";
    hand_is(hand_run(b)->time_s.mean, 13);
    plans[0].rule = "reserve-output";
    hand_is(hand_run(b)->time_s.mean, 14);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        HAND(fork_and_join_take_the_longer_branch),
        HAND(routed_and_merged_items_still_find_their_copies),
        HAND(expanding_and_gathering_count_as_on_paper),
        HAND(a_group_may_be_large),
        HAND(barrier_waits_for_all_of_the_input),
        HAND(full_buffer_holds_the_producer),
        HAND(a_store_that_one_workload_leaves_lets_the_other_go),
        HAND(a_deadlock_names_what_each_stage_lacks),
    };

    return cmocka_run_group_tests_name("graphs_by_hand", tests, NULL, NULL);
}
