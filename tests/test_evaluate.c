/* Candidates are run as often as is needed, and no more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/gsl.h"
#include "plan/candidate.h"
#include "tests/near.h"
#include "tests/plan_world.h"

/* 40 s of work in the mean; 4 CPUs take about 10 s, 8 about 5 s. */
static const char text[] =
    "scenario: s\nreplications: 10\nfleet:\n"
    "  n: { cpu: 4, price: 36 USD/h, billing: { per: second, minimum: 0s } }\n"
    "workloads:\n  w:\n    kind: pipeline\n    source: { items: 40 }\n    stages:\n"
    "      s: { cpu: 1, time: { dist: exponential, mean: 1s } }\n"
    "plan: { targets: { deadline: 30s } }\n";

struct rig {
    struct plan_world *w;
    struct plan_shape *shapes;
    struct plan_evaluate_options o;
    struct plan_evaluator *e;
};

static struct rig *rig_new(double deadline_s, int32_t replications, int64_t runs_max)
{
    struct plan_world *w = plan_world_new(text);
    struct rig *r = sp_arena_alloc(w->arena, sizeof *r);
    bool all;

    r->w = w;
    w->goals.goals[0].value = deadline_s;
    r->o = (struct plan_evaluate_options){.scenario = w->sc,
                                          .goals = &w->goals,
                                          .run = &w->run,
                                          .replications = replications,
                                          .threads = 1,
                                          .runs_max = runs_max};
    r->shapes = plan_shapes_of(w->sc, true, 8, w->arena, &r->o.n_shapes, &all);
    r->o.shapes = r->shapes;
    r->e = plan_evaluator_new(w->arena, &r->o);
    return r;
}

/* So many nodes, full of units. */
static struct plan_candidate nodes_of(struct rig *r, int32_t nodes)
{
    int32_t *numbers = sp_arena_array(r->w->arena, 2, sizeof *numbers);

    numbers[0] = nodes;
    numbers[1] = 4 * nodes;
    return (struct plan_candidate){
        .shape = 0, .nodes = &numbers[0], .units = &numbers[1]};
}

static const struct plan_evaluated *evaluated(struct rig *r, int32_t nodes,
                                              int32_t replications, bool *enough)
{
    struct plan_candidate c = nodes_of(r, nodes);
    int32_t id;

    assert_int_equal(plan_evaluate(r->e, &c, 1, replications, &id, enough, NULL),
                     SP_OK);
    return plan_evaluated_of(r->e, id);
}

static void no_candidate_is_run_twice(void **state)
{
    struct rig *r = rig_new(30, 10, 1000);
    bool enough;

    (void)state;
    assert_int_equal(evaluated(r, 1, 10, &enough)->n_runs, 10);
    assert_int_equal(plan_evaluator_runs(r->e), 10);
    (void)evaluated(r, 1, 10, &enough);
    assert_int_equal(plan_evaluator_runs(r->e), 10);
    assert_int_equal(plan_evaluator_candidates(r->e), 1);
    assert_true(enough);
    plan_world_free(r->w);
}

static void more_replications_add_to_those_that_are_there(void **state)
{
    struct rig *r = rig_new(30, 10, 1000);
    bool enough;
    double first;

    (void)state;
    first = evaluated(r, 1, 3, &enough)->runs[0].usd;
    assert_int_equal(plan_evaluator_runs(r->e), 3);
    assert_near(evaluated(r, 1, 10, &enough)->runs[0].usd, first, 0);
    assert_int_equal(plan_evaluator_runs(r->e), 10);
    plan_world_free(r->w);
}

/* A tenth of ten may miss: the second miss ends it, in waves of 1, 1, 2. */
static void one_that_misses_is_dropped_early(void **state)
{
    struct rig *r = rig_new(1, 10, 1000);
    bool enough;
    const struct plan_evaluated *c = evaluated(r, 1, 10, &enough);

    (void)state;
    assert_true(c->lost && !plan_evaluated_met(c) && enough);
    assert_int_equal(c->n_runs, 2);
    assert_int_equal(c->n_missed, 2);
    plan_world_free(r->w);
}

/* 40 s of work on 4 CPUs is over long after 4 x 1 s, where it is cut; a node for 4 s
 * costs 0.04 USD. */
static void hopeless_run_is_not_run_to_its_end(void **state)
{
    struct rig *r = rig_new(1, 1, 1000);
    bool enough;
    const struct plan_evaluated *c = evaluated(r, 1, 1, &enough);

    (void)state;
    assert_true(c->lost);
    assert_near(c->runs[0].time_s, 4, 1e-9);
    assert_near(c->runs[0].usd, 0.04, 1e-6);
    plan_world_free(r->w);
}

static void runs_end_where_they_are_used_up(void **state)
{
    struct rig *r = rig_new(30, 10, 7);
    bool enough;
    const struct plan_evaluated *c = evaluated(r, 1, 10, &enough);

    (void)state;
    assert_false(enough);
    assert_int_equal(c->n_runs, 7);
    assert_int_equal(plan_evaluator_runs(r->e), 7);
    plan_world_free(r->w);
}

static void candidate_that_has_no_room_is_not_run(void **state)
{
    struct rig *r = rig_new(30, 10, 1000);
    struct plan_candidate c = nodes_of(r, 1);
    int32_t many = 5, id;
    bool enough;

    (void)state;
    c.units = &many;
    assert_int_equal(plan_evaluate(r->e, &c, 1, 10, &id, &enough, NULL), SP_OK);
    assert_non_null(plan_evaluated_of(r->e, id)->why_not);
    assert_int_equal(plan_evaluator_runs(r->e), 0);
    plan_world_free(r->w);
}

/* Fewer runs are the same with the other goals: only what counts as a miss changes. */
static void other_goals_count_anew(void **state)
{
    struct rig *r = rig_new(30, 4, 1000);
    struct model_goals strict = r->w->goals;
    struct model_goal goal = strict.goals[0];
    bool enough;
    const struct plan_evaluated *c = evaluated(r, 1, 4, &enough);

    (void)state;
    assert_true(plan_evaluated_met(c));
    goal.value = 1;
    strict.goals = &goal;
    plan_evaluator_aim(r->e, &strict);
    assert_true(c->lost);
    assert_int_equal(c->n_missed, 4);
    assert_near(plan_evaluated_total_miss(r->e, c), plan_evaluated_miss(r->e, c, 0), 0);
    plan_evaluator_aim(r->e, &r->w->goals);
    assert_true(plan_evaluated_met(c));
    plan_world_free(r->w);
}

/* With common draws the difference of a fleet with itself is nothing, and the figures
 * of pairs are those of the runs. */
static void differences_are_of_pairs(void **state)
{
    struct rig *r = rig_new(30, 6, 1000);
    bool enough;
    const struct plan_evaluated *a = evaluated(r, 1, 6, &enough);
    const struct plan_evaluated *b = evaluated(r, 2, 6, &enough);
    struct model_stat none = plan_evaluated_difference(a, a);
    struct model_stat d = plan_evaluated_difference(a, b);
    double sum = 0;

    (void)state;
    assert_near(none.mean, 0, 0);
    assert_near(none.half95, 0, 0);
    for (int k = 0; k < 6; k++)
        sum += a->runs[k].usd - b->runs[k].usd;
    assert_near(d.mean, sum / 6, 1e-12);
    plan_world_free(r->w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_candidate_is_run_twice),
        cmocka_unit_test(more_replications_add_to_those_that_are_there),
        cmocka_unit_test(one_that_misses_is_dropped_early),
        cmocka_unit_test(hopeless_run_is_not_run_to_its_end),
        cmocka_unit_test(runs_end_where_they_are_used_up),
        cmocka_unit_test(candidate_that_has_no_room_is_not_run),
        cmocka_unit_test(other_goals_count_anew),
        cmocka_unit_test(differences_are_of_pairs),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
