/* The bill in steps, what would change the answer, and what is said of it: on two
 * policies worked out by hand.
 *
 *   base  10 CPU-h of work at 1 USD, idle 5, stranded GPUs 20: 35 USD, all on nodes "a"
 *   other  8 CPU-h of work at 0.50 USD, idle 1, redone 2 at list and 1 as paid: 6 USD,
 *          2 of it on "a", 4 on "b"
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "report/month.h"
#include "report/sensitivity.h"
#include "report/story.h"
#include "report/waterfall.h"

#define USD INT64_C(1000000)

static struct model_cost_cell cell(enum model_part part, int32_t resource, double hours,
                                   int64_t paid_uusd, int64_t list_uusd)
{
    return (struct model_cost_cell){.part = part,
                                    .resource = resource,
                                    .hours = hours,
                                    .uusd = paid_uusd,
                                    .list_uusd = list_uusd,
                                    .mean_usd = (double)paid_uusd / 1e6,
                                    .mean_list_usd = (double)list_uusd / 1e6};
}

static struct model_node_use node(const char *type, double usd_per_h, double usd)
{
    return (struct model_node_use){.type = type,
                                   .group = type,
                                   .option = "on-demand",
                                   .usd = {usd, NAN},
                                   .usd_per_h = usd_per_h,
                                   .list_usd_per_h = usd_per_h,
                                   .price_source = "scenario",
                                   .price_date = ""};
}

struct hand {
    struct model_result r;
    struct model_policy_result policies[2];
    struct model_cost_cell base[3], other[3];
    struct model_node_use base_nodes[1], other_nodes[2];
    struct model_comparison comparison;
};

static void by_hand(struct hand *h)
{
    *h = (struct hand){
        .base = {cell(MODEL_PART_WORK, MODEL_CPU, 10, 10 * USD, 10 * USD),
                 cell(MODEL_PART_IDLE, MODEL_CPU, 5, 5 * USD, 5 * USD),
                 cell(MODEL_PART_STRANDED, MODEL_GPU, 20, 20 * USD, 20 * USD)},
        .other = {cell(MODEL_PART_WORK, MODEL_CPU, 8, 4 * USD, 4 * USD),
                  cell(MODEL_PART_IDLE, MODEL_CPU, 2, 1 * USD, 1 * USD),
                  cell(MODEL_PART_REDONE, MODEL_CPU, 4, 1 * USD, 2 * USD)},
        .base_nodes = {node("a", 7, 35)},
        .other_nodes = {node("a", 7, 2), node("b", 2, 4)},
        .comparison = {.policy = 1,
                       .baseline = 0,
                       .outcome = MODEL_OUTCOME_WINS,
                       .certain = true,
                       .verdict = "'apart' costs 82.9 % less than 'fused', in the same "
                                  "time; GPUs are busy"},
    };
    h->policies[0] = (struct model_policy_result){
        .name = "fused",
        .time_s = {1800, NAN},
        .n_nodes = 1,
        .nodes = h->base_nodes,
        .cost = {.known = true, .usd = {35, NAN}, .n_cells = 3, .cells = h->base}};
    h->policies[1] = (struct model_policy_result){
        .name = "apart",
        .time_s = {1800, NAN},
        .n_nodes = 2,
        .nodes = h->other_nodes,
        .cost = {.known = true, .usd = {6, NAN}, .n_cells = 3, .cells = h->other}};
    h->r = (struct model_result){.name = "hand",
                                 .version = "0",
                                 .n_runs = 1,
                                 .n_policies = 2,
                                 .policies = h->policies,
                                 .n_comparisons = 1,
                                 .comparisons = &h->comparison};
}

/* ---- waterfall ---- */

static void steps_are_those_worked_out_by_hand(void **state)
{
    static const int64_t want_usd[REPORT_STEPS] = {
        [REPORT_STEP_VOLUME] = -2, /* 2 hours less, at 1 USD */
        [REPORT_STEP_MIX] = -4,    /* 8 hours at 0.50 instead of 1 USD */
        [REPORT_STEP_IDLE] = -4,   [REPORT_STEP_STRANDED] = -20,
        [REPORT_STEP_REDONE] = 2,  [REPORT_STEP_PURCHASE] = -1,
    };
    struct hand h;
    struct report_waterfall w;

    (void)state;
    by_hand(&h);
    assert_true(report_waterfall_make(&h.r, 0, 1, &w));
    assert_int_equal(w.from_uusd, 35 * USD);
    assert_int_equal(w.to_uusd, 6 * USD);
    for (int s = 0; s < REPORT_STEPS; s++)
        assert_int_equal(w.uusd[s], want_usd[s] * USD);
}

/* The same hours where the nodes of one of them cost nothing: no work more or less. */
static void work_for_nothing_is_another_mix(void **state)
{
    struct hand h;
    struct report_waterfall w;

    (void)state;
    by_hand(&h);
    h.base[0] = cell(MODEL_PART_WORK, MODEL_CPU, 8, 0, 0);
    assert_true(report_waterfall_make(&h.r, 0, 1, &w));
    assert_int_equal(w.uusd[REPORT_STEP_VOLUME], 0);
    assert_int_equal(w.uusd[REPORT_STEP_MIX], 4 * USD);
    assert_true(report_waterfall_make(&h.r, 1, 0, &w));
    assert_int_equal(w.uusd[REPORT_STEP_VOLUME], 0);
    assert_int_equal(w.uusd[REPORT_STEP_MIX], -4 * USD);
}

static int64_t sum_of(const struct report_waterfall *w)
{
    int64_t sum = w->from_uusd;

    for (int s = 0; s < REPORT_STEPS; s++)
        sum += w->uusd[s];
    return sum;
}

static void steps_add_up_whatever_the_cells(void **state)
{
    struct hand h;
    struct report_waterfall w;
    uint32_t x = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        by_hand(&h);
        for (int i = 0; i < 6; i++) {
            struct model_cost_cell *c = i < 3 ? &h.base[i] : &h.other[i - 3];

            x = x * 1664525u + 1013904223u;
            c->part = (enum model_part)((x >> 16) % MODEL_PARTS);
            c->resource = (int32_t)((x >> 20) % (MODEL_RESOURCES + 1));
            c->mean_usd = (x >> 8) / 3e5;
            c->mean_list_usd = c->mean_usd * (1 + (x % 7) / 5.0);
            c->list_uusd = (int64_t)(c->mean_list_usd * 1e6);
            c->hours = (x % 5) * 1.7;
        }
        assert_true(report_waterfall_make(&h.r, 0, 1, &w));
        assert_int_equal(sum_of(&w), w.to_uusd);
        assert_true(report_waterfall_make(&h.r, 1, 0, &w));
        assert_int_equal(sum_of(&w), w.to_uusd);
    }
}

static void from_a_policy_to_itself_there_is_no_step(void **state)
{
    struct hand h;
    struct report_waterfall w;

    (void)state;
    by_hand(&h);
    assert_true(report_waterfall_make(&h.r, 1, 1, &w));
    for (int s = 0; s < REPORT_STEPS; s++)
        assert_int_equal(w.uusd[s], 0);
}

static void without_prices_there_is_no_waterfall(void **state)
{
    struct hand h;
    struct report_waterfall w;

    (void)state;
    by_hand(&h);
    h.policies[0].cost.known = false;
    assert_false(report_waterfall_make(&h.r, 0, 1, &w));
}

/* ---- sensitivity ---- */

static void is(double found, double want)
{
    if (!(fabs(found - want) < 1e-9))
        fail_msg("found %.17g, expected %.17g", found, want);
}

static void a_price_moves_the_saving_by_what_both_pay_at_it(void **state)
{
    struct hand h;
    struct report_context c = {.result = &h.r};
    struct sp_arena *arena = sp_arena_new();
    struct report_sensitivity *s;

    (void)state;
    by_hand(&h);
    s = report_sensitivity_of(arena, &c, 1, 0.2);
    is(s->usd, 29);
    assert_int_equal(s->n, 2); /* the widest first: a 13.2 wide, b 1.6 */
    assert_string_equal(s->swings[0].input, "price of a");
    is(s->swings[0].low, 5.6);
    is(s->swings[0].usd_low, 29 - 0.2 * 33);
    is(s->swings[0].usd_high, 29 + 0.2 * 33);
    assert_string_equal(s->swings[1].input, "price of b");
    is(s->swings[1].usd_low, 29 + 0.2 * 4);
    is(s->swings[1].usd_high, 29 - 0.2 * 4);
    sp_arena_free(arena);
}

static void the_runs_furthest_away_on_either_side_count(void **state)
{
    static const struct model_stat usd[4][2] = {{{30, NAN}, {10, NAN}},
                                                {{50, NAN}, {8, NAN}},
                                                {{34, NAN}, {7, NAN}},
                                                {{9, NAN}, {9, NAN}}};
    static const struct report_change changes[4] = {
        {"workload x", "source: rate", "items/s", 4, 2, NULL, NULL},
        {"workload x", "source: rate", "items/s", 4, 8, NULL, NULL},
        {"workload x", "source: rate", "items/s", 4, 5, NULL, NULL},
        {"policy", "placement", "", NAN, NAN, "pack", "spread"},
    };
    struct report_other others[4];
    struct hand h;
    struct report_context c = {.result = &h.r, .n_others = 4, .others = others};
    struct sp_arena *arena = sp_arena_new();
    struct report_sensitivity *s;

    (void)state;
    by_hand(&h);
    for (int i = 0; i < 4; i++)
        others[i] = (struct report_other){
            .run = i + 2, .n_changes = 1, .changes = &changes[i], .usd = usd[i]};
    s = report_sensitivity_of(arena, &c, 1, 0.2);
    assert_int_equal(s->n, 3);
    assert_true(s->swings[0].measured); /* 20 to 42: 22 wide */
    is(s->swings[0].low, 2);
    is(s->swings[0].usd_low, 20);
    is(s->swings[0].high, 8);
    is(s->swings[0].usd_high, 42);
    sp_arena_free(arena);
}

/* ---- story ---- */

static const struct verdict {
    const char *name;
    enum model_outcome outcome;
    bool certain;
    const char *verdict, *decision;
    bool chosen;
} verdicts[] = {
    {"a_policy_that_wins_is_chosen", MODEL_OUTCOME_WINS, true,
     "'apart' costs 82.9 % less than 'fused', in the same time; GPUs are busy",
     "Choose 'apart': it costs 82.9 % less than 'fused', in the same time.", true},
    {"one_within_the_error_bars_is_leant_to", MODEL_OUTCOME_WINS, false,
     "'apart' costs 2.0 % less than 'fused' (within the error bars: not certain), in "
     "the same time",
     "Lean towards 'apart': it costs 2.0 % less than 'fused' (within the error bars: "
     "not "
     "certain), in the same time.",
     true},
    {"one_that_loses_is_not", MODEL_OUTCOME_LOSES, true,
     "'apart' loses: it costs 9.0 % more than 'fused', in the same time; more",
     "Keep 'fused': 'apart' loses: it costs 9.0 % more than 'fused', in the same time.",
     false},
    {"nothing_gained_keeps_the_baseline", MODEL_OUTCOME_SAME, true,
     "no gain: 'apart' costs the same as 'fused', in the same time",
     "Keep 'fused': no gain: 'apart' costs the same as 'fused', in the same time.",
     false},
    {"a_trade_is_told_as_one", MODEL_OUTCOME_TRADE, true,
     "'apart' is a trade against 'fused': queue wait 2h instead of 1h. Team a waits.",
     "No policy is better in all that counts: 'apart' is a trade against 'fused': "
     "queue "
     "wait 2h instead of 1h.",
     false},
    {"a_deadlock_decides_nothing", MODEL_OUTCOME_NONE, true,
     "no comparison: 'apart' deadlocked",
     "No decision: no comparison: 'apart' deadlocked.", false},
};

static void decision_follows_the_outcome(void **state)
{
    const struct verdict *v = *state;
    struct sp_arena *arena = sp_arena_new();
    struct report_story *story;
    struct hand h;

    by_hand(&h);
    h.comparison.outcome = v->outcome;
    h.comparison.certain = v->certain;
    h.comparison.verdict = v->verdict;
    story = report_story_of(arena, &h.r);
    assert_string_equal(story->decision, v->decision);
    assert_int_equal(story->choice, v->chosen ? 1 : SP_NO_ID);
    sp_arena_free(arena);
}

static void drivers_are_the_largest_steps(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_story *story;
    struct hand h;

    (void)state;
    by_hand(&h);
    story = report_story_of(arena, &h.r);
    assert_int_equal(story->n_drivers, 4);
    assert_int_equal(strncmp(story->drivers[0], "stranded: 20.00 USD less", 24), 0);
    assert_int_equal(strncmp(story->drivers[1], "node mix: 4.00 USD less", 23), 0);
    assert_int_equal(strncmp(story->drivers[2], "idle: 4.00 USD less", 19), 0);
    assert_int_equal(strncmp(story->drivers[3], "work done: 2.00 USD less", 24), 0);
    sp_arena_free(arena);
}

static void a_price_is_named_once_with_its_basis(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_story *story;
    struct hand h;

    (void)state;
    by_hand(&h);
    h.other_nodes[1].price_basis = MODEL_BASIS_LIST_PRICE;
    h.other_nodes[1].price_date = "2026-07-20";
    story = report_story_of(arena, &h.r);
    assert_string_equal(story->rests[0], "price of a: assumed");
    assert_string_equal(story->rests[1], "price of b: list price of 2026-07-20");
    sp_arena_free(arena);
}

/* ---- month ---- */

static void a_month_is_as_many_runs_as_fit_in_it(void **state)
{
    struct hand h;

    (void)state;
    by_hand(&h);
    is(report_runs_per_month(&h.r, 730), 1460); /* half an hour each */
    h.policies[0].time_s.mean = 0;
    assert_true(isnan(report_runs_per_month(&h.r, 730)));
}

enum { N_VERDICTS = sizeof verdicts / sizeof verdicts[0] };

int main(void)
{
    struct CMUnitTest tests[9 + N_VERDICTS] = {
        cmocka_unit_test(steps_are_those_worked_out_by_hand),
        cmocka_unit_test(work_for_nothing_is_another_mix),
        cmocka_unit_test(steps_add_up_whatever_the_cells),
        cmocka_unit_test(from_a_policy_to_itself_there_is_no_step),
        cmocka_unit_test(without_prices_there_is_no_waterfall),
        cmocka_unit_test(a_price_moves_the_saving_by_what_both_pay_at_it),
        cmocka_unit_test(the_runs_furthest_away_on_either_side_count),
        cmocka_unit_test(drivers_are_the_largest_steps),
        cmocka_unit_test(a_price_is_named_once_with_its_basis),
        cmocka_unit_test(a_month_is_as_many_runs_as_fit_in_it),
    };

    for (int i = 0; i < N_VERDICTS; i++)
        tests[9 + i] =
            (struct CMUnitTest){.name = verdicts[i].name,
                                .test_func = decision_follows_the_outcome,
                                .initial_state = (void *)(uintptr_t)&verdicts[i]};
    return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
