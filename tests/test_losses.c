/* Pipelines and serving on nodes that are taken back, against arithmetic on paper.  The
 * record of what the cloud has says when: rows are verified after every event. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "base/units.h"
#include "model/availability.h"
#include "tests/plan_build.h"
#include "tests/serving_build.h"

static void is(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}

/* One node until `until_s`, none until `from_s`, then one, for a year. */
static const struct model_availability *gone_between(struct sp_arena *arena,
                                                     int64_t until_s, int64_t from_s)
{
    struct model_availability *a = sp_arena_alloc(arena, sizeof *a);
    int64_t *at = sp_arena_array(arena, 3, sizeof *at);
    int32_t *nodes = sp_arena_array(arena, 3, sizeof *nodes);

    at[1] = until_s * SP_NS_PER_S;
    at[2] = from_s * SP_NS_PER_S;
    nodes[0] = nodes[2] = 1;
    *a = (struct model_availability){.n = 3,
                                     .at_ns = at,
                                     .nodes = nodes,
                                     .length_ns = 365 * 86400 * SP_NS_PER_S,
                                     .most = 1};
    return a;
}

/* The node type becomes a spot option of which there is one node; 3.6 USD/h are 1,000
 * micro-dollars a second. */
static void make_spot(struct model_node_type *t, const struct model_availability *a,
                      int64_t notice_s)
{
    t->name = t->option = "spot";
    t->kind = MODEL_OPTION_SPOT;
    t->fixed = false;
    t->count = 0;
    t->max = 10;
    t->uusd_per_h = 3600000;
    t->loss.availability = a;
    t->loss.notice_ns = notice_s * SP_NS_PER_S;
}

/* ---- pipelines ---- */

static struct plan_build pipeline(struct sp_arena **arena)
{
    *arena = sp_arena_new();
    return plan_new(*arena);
}

static const struct model_policy_result *run(const struct plan_build *b)
{
    const struct model_policy_result *p =
        plan_run(b, (struct plan_how){1, 1, .verify = true})->policies;

    assert_int_equal(p->end, MODEL_END_DONE);
    return p;
}

/* Two items of 50 s on the spot node, one slot: 0..50, and 50..70, when the node is
 * taken back; at 100 there is one again: 100..150.  The node is there for 70 + 50 s,
 * and busy.  The second item waits for 50 s, then for 30. */
static void task_lost_halfway_begins_again(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;
    const struct model_stage_result *s;

    (void)state;
    make_spot(b.node, gone_between(arena, 70, 100), 0);
    plan_stage(&b, "work", plan_constant(50));
    plan_apart(&b, 1);
    b.source->items = 2;
    p = run(&b);
    s = &p->workloads[0].stages[0];
    is(p->time_s.mean, 150);
    assert_int_equal(s->lost, 1);
    assert_int_equal(s->retried, 0);
    assert_int_equal(s->done, 2);
    assert_int_equal(s->wait.count, 3); /* each time that it is taken */
    is(s->wait.mean_s.mean * 3, 0 + 50 + 30);
    is(p->workloads[0].latency.max_s.mean, 150);
    is(p->resources[MODEL_CPU].busy_h.mean, 120.0 / 3600);
    is(p->nodes[0].hours.mean, 120.0 / 3600);
    assert_int_equal(p->cost.uusd, 120000);
    assert_int_equal(p->nodes_taken_back, 1);
    assert_int_equal(p->nodes_failed, 0);
    assert_int_equal(p->launches_refused, 1); /* at 70 */
    sp_arena_free(arena);
}

/* The same with half a minute of notice: what runs at 40 goes on until 50, then nothing
 * new begins, so the node goes at 50.  The second item begins at 100. */
static void noticed_unit_takes_nothing_new(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    make_spot(b.node, gone_between(arena, 70, 100), 30);
    plan_stage(&b, "work", plan_constant(50));
    plan_apart(&b, 1);
    b.source->items = 2;
    p = run(&b);
    is(p->time_s.mean, 150);
    assert_int_equal(p->workloads[0].stages[0].lost, 0);
    is(p->nodes[0].hours.mean, 100.0 / 3600);
    assert_int_equal(p->cost.uusd, 100000);
    sp_arena_free(arena);
}

/* With another option the unit that was noticed at 40 has its replacement at once: the
 * second item runs there from 40 on, beside the first. */
static void noticed_unit_is_replaced_at_once(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node[1] = b.node[0];
    make_spot(&b.node[0], gone_between(arena, 70, 100), 30);
    make_spot(&b.node[1], NULL, 0);
    b.node[1].name = b.node[1].option = "on-demand";
    b.node[1].uusd_per_h = 7200000;
    for (int i = 0; i < 2; i++) {
        b.node[i].group = "node";
        b.node[i].group_rank = i;
        b.node[i].return_after_ns = -1;
    }
    b.policy->n_types = 2;
    plan_stage(&b, "work", plan_constant(50));
    plan_apart(&b, 1);
    b.source->items = 2;
    p = run(&b);
    is(p->time_s.mean, 90);
    is(p->nodes[0].hours.mean, 50.0 / 3600);
    is(p->nodes[1].hours.mean, 50.0 / 3600);
    assert_int_equal(p->cost.uusd, 50000 + 100000);
    sp_arena_free(arena);
}

/* Two units, one on a fixed node, one on the spot node (each node has one CPU), work a
 * step of 100 s together.  At 60 one is lost, and the step with it: both begin again
 * when both are there, at 90. */
static void step_of_a_gang_is_lost_whole(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node[0].has.mcpu = 1000;
    b.node[1] = b.node[0];
    make_spot(&b.node[1], gone_between(arena, 60, 90), 0);
    b.policy->n_types = 2;
    plan_stage(&b, "step", plan_constant(100))->gang = true;
    plan_unit(&b, 0, 1, 2);
    b.source->items = 2;
    p = run(&b);
    is(p->time_s.mean, 190);
    assert_int_equal(p->workloads[0].stages[0].lost, 2);
    is(p->resources[MODEL_CPU].busy_h.mean, 2 * 160.0 / 3600);
    sp_arena_free(arena);
}

/* a (10 s, on the spot node) feeds b (100 s, one slot, a buffer of one): b has the
 * items from 10, 110 and 210 on.  The third is finished at 30 and finds no room; at 60
 * its node is lost, its output is not: it is handed on at 110, when the second leaves
 * the buffer.  Nothing is done twice, and nothing is bought again. */
static void finished_output_outlives_its_node(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node[1] = b.node[0];
    make_spot(&b.node[1], gone_between(arena, 60, 1000), 0);
    b.policy->n_types = 2;
    plan_stage(&b, "a", plan_constant(10));
    plan_stage(&b, "b", plan_constant(100))->buffer = 1;
    plan_unit(&b, 0, 1, 1)->allowed_types = 2;
    plan_unit(&b, 1, 1, 1)->allowed_types = 1;
    b.source->items = 3;
    p = run(&b);
    is(p->time_s.mean, 310);
    assert_int_equal(p->workloads[0].stages[0].lost, 0);
    is(p->resources[MODEL_CPU].busy_h.mean, (3 * 10 + 3 * 100) / 3600.0);
    is(p->nodes[1].hours.mean, 60.0 / 3600);
    sp_arena_free(arena);
}

/* The same with stores: a's outputs of 100 bytes lie in the store of the lost node (300
 * bytes), and b has them from there, one by one, as if it were still there.  Over the
 * NICs (100 bytes/s) each takes 1 s. */
static void data_outlives_its_node(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node[0].nic_bytes_per_s = 100;
    b.node[1] = b.node[0];
    make_spot(&b.node[1], gone_between(arena, 60, 1000), 0);
    b.node[1].store_bytes = 300;
    b.policy->n_types = 2;
    plan_stage(&b, "a", plan_constant(10))->output_bytes = 100;
    plan_stage(&b, "b", plan_constant(100));
    plan_unit(&b, 0, 1, 1)->allowed_types = 2;
    plan_unit(&b, 1, 1, 1)->allowed_types = 1;
    b.source->items = 3;
    p = run(&b);
    is(p->time_s.mean, 10 + 3 * 101);
    assert_int_equal(p->workloads[0].moved_bytes, 300);
    /* a's unit has left at 30; what b needs of its output holds the node */
    is(p->nodes[1].hours.mean, 60.0 / 3600);
    sp_arena_free(arena);
}

/* Both stages of a fused unit take 50 s; the second phase is under way when the node is
 * lost at 70: the task begins again at 100, from its first stage. */
static void fused_task_begins_again_at_its_first_stage(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;
    struct model_unit *u;

    (void)state;
    make_spot(b.node, gone_between(arena, 70, 100), 0);
    plan_stage(&b, "a", plan_constant(50));
    plan_stage(&b, "b", plan_constant(50));
    u = plan_unit(&b, 0, 1, 1);
    plan_unit_add(u, 1, 1);
    u->fused = true;
    p = run(&b);
    is(p->time_s.mean, 200);
    assert_int_equal(p->workloads[0].stages[0].lost, 1);
    assert_int_equal(p->workloads[0].stages[1].done, 1);
    is(p->resources[MODEL_CPU].busy_h.mean, (50 + 20 + 50 + 50) / 3600.0);
    sp_arena_free(arena);
}

/* A fixed node breaks every 100 s and takes 20 s to repair: an item of 80 s that began
 * at 0 is done at 80; the second is lost at 100 and runs from 120 to 200.  The node is
 * paid for all along. */
static void broken_node_is_paid_for_and_used_again(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node->loss = (struct model_loss){.fails = true,
                                       .fail_after_s = plan_constant(100),
                                       .repair_s = plan_constant(20)};
    b.node->uusd_per_h = 3600000;
    plan_stage(&b, "work", plan_constant(80));
    plan_apart(&b, 1);
    b.source->items = 2;
    p = run(&b);
    is(p->time_s.mean, 200);
    assert_int_equal(p->workloads[0].stages[0].lost, 1);
    is(p->resources[MODEL_CPU].busy_h.mean, (80 + 20 + 80) / 3600.0);
    is(p->resources[MODEL_CPU].allocated_h.mean, 180 / 3600.0);
    assert_int_equal(p->cost.uusd, 200000);
    assert_int_equal(p->nodes_failed, 1); /* the next would be at 220 */
    sp_arena_free(arena);
}

/* The node breaks at 60 and is not repaired in this century; the item needs 100 s: the
 * run ends when the node is lost, and names who waits. */
static void who_waits_for_what_never_comes_is_named(void **state)
{
    struct sp_arena *arena;
    struct plan_build b = pipeline(&arena);
    const struct model_policy_result *p;

    (void)state;
    b.node->loss = (struct model_loss){.fails = true,
                                       .fail_after_s = plan_constant(60),
                                       .repair_s = plan_constant(1e30)};
    plan_stage(&b, "work", plan_constant(100));
    plan_apart(&b, 1);
    p = plan_run(&b, (struct plan_how){1, 1, .verify = true})->policies;
    assert_int_equal(p->end, MODEL_END_DEADLOCK);
    is(p->time_s.mean, 60);
    assert_non_null(strstr(p->end_text, "no unit 'work' is up (1 wait for a node)"));
    sp_arena_free(arena);
}

/* ---- serving ---- */

static void note_left(void *self, const struct model_item_row *row)
{
    double *left_s = self;

    assert_in_range(row->item, 0, 7);
    assert_true(row->dropped < 0);
    left_s[row->item] = sp_s_from_ns(row->left_ns);
}

/* A replica on the one spot node that there is until 300 s, with two minutes of notice;
 * in its place an on-demand node, which boots for 30 s. */
static struct serving_build on_spot(struct sp_arena *arena)
{
    struct serving_build b = serving_new(arena);

    b.node[0].has =
        (struct model_amounts){.mcpu = 1000, .mgpu = 1000, .memory_bytes = -1};
    b.node[1] = b.node[0];
    make_spot(&b.node[0], gone_between(arena, 300, 100000), 120);
    make_spot(&b.node[1], NULL, 0);
    b.node[1].name = b.node[1].option = "on-demand";
    b.node[1].uusd_per_h = 7200000;
    b.node[1].boot_s = plan_constant(30);
    for (int i = 0; i < 2; i++) {
        b.node[i].group = "node";
        b.node[i].group_rank = i;
        b.node[i].return_after_ns = -1;
    }
    b.policy->n_types = 2;
    serving_pool(&b, MODEL_ROLE_BOTH, 1);
    return b;
}

static const struct model_policy_result *
serve(struct serving_build *b, const struct serving_trace *trace, double *left_s)
{
    struct model_item_sink sink = {left_s, note_left};
    const struct model_policy_result *p;

    serving_trace(b, trace);
    p = &serving_run(b, (struct serving_how){.seed = 1, .trace = trace, .items = &sink})
             ->policies[0];
    assert_int_equal(p->end, MODEL_END_DONE);
    return p;
}

/* A request of 10 tokens and 20,001 of output comes at 170 and would be served until
 * 370.01: it goes on after the notice at 180, is lost at 300 and begins anew on the
 * on-demand node, until 500.01.  One that comes at 181 waits for that node, which was
 * asked for at 180 and is there at 210; 10 ms and 100 iterations later it is done. */
static void replica_on_spot_drains_for_two_minutes_and_is_lost(void **state)
{
    static const struct serving_arrival rows[] = {{170, 10, 20001}, {181, 10, 101}};
    const struct serving_trace trace = {2, rows};
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = on_spot(arena);
    const struct model_policy_result *p;
    double left_s[8];

    (void)state;
    p = serve(&b, &trace, left_s);
    is(left_s[0], 500.01);
    is(left_s[1], 211.01);
    assert_int_equal(p->workloads[0].serving->retried, 1);
    assert_int_equal(p->workloads[0].serving->pools[0].lost, 1);
    is(p->nodes[0].hours.mean, 300.0 / 3600);
    is(p->nodes[1].hours.mean, (500.01 - 180) / 3600);
    assert_int_equal(p->cost.uusd, 300000 + 642000); /* whole seconds */
    sp_arena_free(arena);
}

/* With 5,001 tokens of output it is done at 220.01, within its notice: nothing is lost,
 * and the spot node goes then. */
static void drained_replica_gives_its_node_back(void **state)
{
    static const struct serving_arrival rows[] = {{170, 10, 5001}, {181, 10, 101}};
    const struct serving_trace trace = {2, rows};
    struct sp_arena *arena = sp_arena_new();
    struct serving_build b = on_spot(arena);
    const struct model_policy_result *p;
    double left_s[8];

    (void)state;
    p = serve(&b, &trace, left_s);
    is(left_s[0], 220.01);
    is(left_s[1], 211.01);
    assert_int_equal(p->workloads[0].serving->retried, 0);
    assert_int_equal(p->workloads[0].serving->pools[0].lost, 0);
    is(p->nodes[0].hours.mean, 220.01 / 3600);
    is(p->nodes[1].hours.mean, (220.01 - 180) / 3600);
    sp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(task_lost_halfway_begins_again),
        cmocka_unit_test(noticed_unit_takes_nothing_new),
        cmocka_unit_test(noticed_unit_is_replaced_at_once),
        cmocka_unit_test(step_of_a_gang_is_lost_whole),
        cmocka_unit_test(finished_output_outlives_its_node),
        cmocka_unit_test(data_outlives_its_node),
        cmocka_unit_test(fused_task_begins_again_at_its_first_stage),
        cmocka_unit_test(broken_node_is_paid_for_and_used_again),
        cmocka_unit_test(who_waits_for_what_never_comes_is_named),
        cmocka_unit_test(replica_on_spot_drains_for_two_minutes_and_is_lost),
        cmocka_unit_test(drained_replica_gives_its_node_back),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
