/* Counts, slots and bounds against figures worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/sizing.h"
#include "tests/scenario_text.h"

#define N(rows) (sizeof rows / sizeof rows[0])
#define RATE(r) "{ bundle: apart, size: { items_per_s: " #r " } }"

static void read_plan(const struct scenario_text *t, struct sp_arena *arena,
                      struct model_scenario **s)
{
    struct sp_err err = {0};

    if (scenario_from(t, arena, s, &err) != SP_OK)
        fail_msg("%s", err.text);
}

/* "unit:count unit:count", with "(slots,slots)" behind counts where there are several.
 */
static void describe(const struct model_plan *plan, char *out, size_t size)
{
    size_t used = 0;

    for (int32_t u = 0; u < plan->n_units; u++) {
        const struct model_unit *unit = &plan->units[u];

        used += (size_t)snprintf(out + used, size - used, "%s%s:%d", u > 0 ? " " : "",
                                 unit->name, (int)unit->count);
        for (int32_t i = 0; unit->n_slots > 1 && i < unit->n_slots; i++)
            used += (size_t)snprintf(out + used, size - used, "%c%d",
                                     i == 0 ? '(' : ',', (int)unit->slots[i].cap);
        if (unit->n_slots > 1)
            used += (size_t)snprintf(out + used, size - used, ")");
    }
}

static const struct row {
    const char *name;
    struct scenario_text text;
    const char *want;
} rows[] = {
    {"slots_are_rate_times_time",
     {.stages = "{ a: { time: 2s } }", .plan = RATE(1024)},
     "a:2048"},
    {"exact_load_needs_no_extra_unit",
     {.stages = "{ a: { time: 0.1s } }", .plan = RATE(30)},
     "a:3"},
    {"a_little_more_needs_one_more",
     {.stages = "{ a: { time: 0.1s } }", .plan = RATE(30.001)},
     "a:4"},
    {"no_time_needs_one_unit",
     {.stages = "{ a: { time: 0 } }", .plan = RATE(9)},
     "a:1"},
    {"a_batch_shares_its_fixed_time",
     {.stages = "{ a: { batch: 8, time: { fixed: 10ms, per_item: 30ms } } }",
      .plan = RATE(1024)},
     "a:32"},
    {"headroom_is_on_top",
     {.stages = "{ a: { time: 2s } }",
      .plan = "{ bundle: apart, size: { items_per_s: 1024, headroom: 20% } }"},
     "a:2458"},
    {"a_deadline_is_items_over_time",
     {.source = "{ items: 100 }",
      .stages = "{ a: { time: 1s } }",
      .plan = "{ bundle: apart, size: { deadline: 10s } }"},
     "a:10"},
    {"a_deadline_of_arrivals_counts_those_that_come",
     {.source = "{ rate: 10/s, for: 60s }",
      .plan = "{ bundle: apart, size: { deadline: 30s } }"},
     "a:20"},
    {"expansion_multiplies_what_follows",
     {.stages = "{ a: { time: 1s, expand: 5 }, b: { time: 1s } }", .plan = RATE(2)},
     "a:2 b:10"},
    {"gathering_divides_what_follows",
     {.stages = "{ a: { time: 4s, gather: { in: 4, out: 10 } }, b: { time: 1s } }",
      .plan = RATE(4)},
     "a:4 b:10"},
    {"a_filter_thins_what_follows",
     {.stages = "{ a: { time: 1s, keep: 30% }, b: { time: 1s } }", .plan = RATE(100)},
     "a:100 b:30"},
    {"a_route_splits_by_share",
     {.stages = "{ a: { time: 1s, route: { b: 25%, c: 75% } }, b: { time: 1s }, "
                "c: { time: 1s, from: a } }",
      .plan = RATE(8)},
     "a:8 b:2 c:6"},
    {"a_fork_copies_and_a_merge_adds",
     {.stages = "{ a: { time: 1s }, b: { time: 1s }, c: { time: 1s, from: a }, "
                "d: { time: 1s, from: [b, c] } }",
      .plan = RATE(3)},
     "a:3 b:3 c:3 d:6"},
    {"a_join_makes_one_of_the_copies",
     {.stages = "{ a: { time: 1s }, b: { time: 1s }, c: { time: 1s, from: a }, "
                "d: { time: 1s, from: [b, c], join: all } }",
      .plan = RATE(3)},
     "a:3 b:3 c:3 d:3"},
    {"retries_cost_tries_and_lose_items", /* tries 1.5; 1/4 lost */
     {.stages = "{ a: { time: 1s, retries: { rate: 0.5, max: 1 } }, b: { time: 1s } }",
      .plan = RATE(8)},
     "a:12 b:6"},
    {"a_fast_cpu_needs_fewer_slots",
     {.fleet = "n: { cpu: 64, cpu_speed: 2 }", .plan = RATE(10)},
     "a:5"},
    {"the_slowest_allowed_node_counts",
     {.fleet = "n: { cpu: 64, cpu_speed: 2 }, m: { cpu: 64, cpu_speed: 0.5 }",
      .plan = RATE(10)},
     "a:20"},
    {"gpu_work_does_not_run_faster_on_a_fast_cpu",
     {.fleet = "n: { cpu: 64, gpu: 8, cpu_speed: 2 }",
      .stages = "{ a: { gpu: 1, time: 1s } }",
      .plan = RATE(10)},
     "a:10"},
    {"time_scales_with_mean_sizes",
     {.source = "{ items: 5, sizes: { t: { dist: uniform, min: 100, max: 300 } }, "
                "bytes: 1000 }",
      .stages = "{ a: { time: { per: { t: 1ms, bytes: 0.1ms } } } }",
      .plan = RATE(10)},
     "a:3"},
    {"bytes_are_those_that_reach_the_stage",
     {.source = "{ items: 5, bytes: 1000 }",
      .stages = "{ a: { time: 1s, expand: 2, output: { fixed: 500, factor: 1 } }, "
                "b: { time: { per: { bytes: 1ms } } } }",
      .plan = RATE(1)}, /* 500 + 1000 / 2 bytes, two items */
     "a:1 b:2"},
    {"sizes_are_shared_out_by_an_expansion",
     {.source = "{ items: 5, sizes: { t: 1000 } }",
      .stages = "{ a: { time: 1s, expand: 4 }, b: { time: { per: { t: 1ms } } } }",
      .plan = RATE(3)}, /* four items of 250 */
     "a:3 b:3"},
    {"sizes_add_up_in_a_gathering",
     {.source = "{ items: 5, sizes: { t: 1000 } }",
      .stages = "{ a: { time: 4s, gather: { in: 4, out: 1 } }, "
                "b: { batch: 2, time: { per: { t: 1ms } } } }",
      .plan = RATE(8)}, /* two items of 4000 a second; a batch takes 8 s */
     "a:8 b:8"},
    {"caps_share_the_load_of_a_unit",
     {.stages = "{ a: { time: 1s }, b: { time: 4s } }",
      .plan = "{ size: { items_per_s: 10 }, units: { u: { slots: { a: 2, b: 4 } } } }"},
     "u:10(2,4)"},
    {"resources_of_a_unit_bind_below_its_caps",
     {.stages = "{ a: { time: 1s }, b: { time: 4s } }",
      .plan = "{ size: { items_per_s: 10 }, "
              "units: { u: { slots: { a: 4, b: 4 }, cpu: 2 } } }"},
     "u:25(4,4)"},
    {"a_fused_unit_takes_the_sum",
     {.stages = "{ a: { time: 1s }, b: { gpu: 1, time: 2s } }",
      .plan = "{ size: { items_per_s: 10 }, "
              "units: { u: { slots: { a: 1, b: 1 }, fused: true } } }"},
     "u:30(1,1)"},
    {"a_fused_unit_takes_the_time_given",
     {.stages = "{ a: { time: 1s }, b: { gpu: 1, time: 2s } }",
      .plan = "{ size: { items_per_s: 10 }, "
              "units: { u: { slots: { a: 1, b: 1 }, fused: true, time: 5s } } }"},
     "u:50(1,1)"},
    {"a_given_count_stays",
     {.plan =
          "{ size: { items_per_s: 10 }, units: { u: { slots: { a: 1 }, count: 2 } } }"},
     "u:2"},
    {"together_keeps_the_proportions",
     {.stages = "{ a: { time: 2s }, b: { gpu: 1, batch: 8, time: 250ms } }",
      .plan = "{ bundle: together, size: { items_per_s: 1024 } }"},
     "container:32(64,1)"},
    {"together_is_built_round_the_gpu",
     {.stages = "{ a: { time: 10ms }, b: { gpu: 1, time: 1s }, c: { time: 1.5s } }",
      .plan = "{ bundle: together }"},
     "container:1(1,1,2)"},
    {"together_without_gpu_gives_the_least_one_slot",
     {.stages = "{ a: { time: 1s }, b: { time: 3s } }", .plan = "{ bundle: together }"},
     "container:1(1,3)"},
};

static void counts_are_those_by_hand(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct model_policy *p;
    struct sp_err err = {0};
    char found[200];

    read_plan(&row->text, arena, &s);
    p = &s->policies[0];
    if (model_size_plan(&p->plans[0], p->types, p->n_types, &err) != SP_OK)
        fail_msg("%s", err.text);
    describe(&p->plans[0], found, sizeof found);
    assert_string_equal(found, row->want);
    sp_arena_free(arena);
}

static void gpu_shares_together_become_whole(void **state)
{
    const struct scenario_text t = {
        .stages = "{ a: { gpu: 0.5, time: 1s }, b: { gpu: 0.5, time: 2s } }",
        .plan = "{ bundle: together }"};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct model_plan *plan;

    (void)state;
    read_plan(&t, arena, &s);
    plan = &s->policies[0].plans[0];
    assert_int_equal(model_size_plan(plan, s->policies[0].types, 1, NULL), SP_OK);
    assert_int_equal(plan->units[0].slots[1].cap, 2);
    assert_int_equal(model_unit_needs(plan, &plan->units[0]).mgpu, 2000);
    sp_arena_free(arena);
}

static const struct bound_row {
    const char *name;
    struct scenario_text text;
    double want_per_s;
    int32_t want_stage;
} bound_rows[] = {
    {"the_narrowest_stage_bounds",
     {.stages = "{ a: { time: 2s }, b: { time: 1s } }",
      .plan = "{ units: { u: { slots: { a: 1 }, count: 10 }, "
              "v: { slots: { b: 3 }, count: 1 } } }"},
     3,
     1},
    {"an_autoscaled_unit_counts_at_its_most",
     {.plan =
          "{ units: { u: { slots: { a: 1 }, autoscale: { rule: hpa, max: 7 } } } }"},
     7,
     0},
    {"a_shared_resource_bounds", /* 1 * 1 s + 2 * 3 s of CPU for an item, 14 CPUs */
     {.stages = "{ a: { time: 1s }, b: { cpu: 2, time: 3s } }",
      .plan = "{ units: { u: { slots: { a: 50, b: 50 }, cpu: 14 } } }"},
     2,
     1},
    {"nothing_takes_time", {.stages = "{ a: { time: 0 } }"}, NAN, SP_NO_ID},
};

static void bounds_are_those_by_hand(void **state)
{
    const struct bound_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct model_rate_bound bound;

    read_plan(&row->text, arena, &s);
    bound = model_plan_bound(&s->policies[0].plans[0], s->policies[0].types,
                             s->policies[0].n_types);
    if (isnan(row->want_per_s))
        assert_true(isnan(bound.per_s));
    else
        assert_true(fabs(bound.per_s - row->want_per_s) < 1e-9 * row->want_per_s);
    assert_int_equal(bound.stage, row->want_stage);
    sp_arena_free(arena);
}

/* The file is only looked at to fingerprint it. */
static void a_trace_is_sized_once_it_is_known(void **state)
{
    char *root = realpath(getenv("SRCDIR") != NULL ? getenv("SRCDIR") : ".", NULL);
    char source[4200];
    const struct scenario_text t = {
        .source = source,
        .stages = "{ a: { time: { per: { tokens: 10ms } } } }",
        .plan = "{ bundle: apart, size: { deadline: 100s } }"};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    struct model_plan *plan;

    (void)state;
    assert_non_null(root);
    snprintf(source, sizeof source, "{ trace: '%s/README.md', sizes: [tokens] }", root);
    free(root);
    read_plan(&t, arena, &s);
    plan = &s->policies[0].plans[0];
    assert_true(isnan(model_stage_mean_time_s(plan, 0, 1)));
    assert_int_equal(model_size_plan(plan, s->policies[0].types, 1, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "the trace has not been read"));
    plan->source.trace = (struct model_trace_summary){
        .known = true, .rows = 500, .span_s = 60, .mean_size = {200}};
    assert_int_equal(model_size_plan(plan, s->policies[0].types, 1, NULL), SP_OK);
    assert_int_equal(plan->units[0].count, 10); /* 5 items/s of 2 s */
    sp_arena_free(arena);
}

/* Stage `other` of the scenario with every key: frames of mean 40 * exp(0.5^2 / 2),
 * shared out over five and then 10/4 items; its table rises from 0.5 s to 2 s over 1000
 * of them, and an item takes 1.5 s or, three times as often, 0.5 s. */
static void mean_times_follow_tables_and_sizes(void **state)
{
    const char *root = getenv("SRCDIR") != NULL ? getenv("SRCDIR") : ".";
    const double frames = 40 * exp(0.125) / 5 * 4 / 10;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    double found;

    (void)state;
    if (model_scenario_read(
            sp_arena_printf(arena, "%s/tests/scenarios/every-key.yaml", root), NULL, 0,
            arena, &s, &err) != SP_OK)
        fail_msg("%s", err.text);
    found = model_stage_mean_time_s(&s->policies[0].plans[0], 3, 2);
    assert_true(fabs(found - (0.5 + 1.5 * frames / 1000 + 0.75)) < 1e-12);
    sp_arena_free(arena);
}

static void a_million_units_are_too_many(void **state)
{
    const struct scenario_text t = {.plan = RATE(1000001)};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    (void)state;
    read_plan(&t, arena, &s);
    assert_int_equal(
        model_size_plan(&s->policies[0].plans[0], s->policies[0].types, 1, &err),
        SP_EINFEASIBLE);
    assert_string_equal(err.text,
                        "workload 'w': unit 'a' needs 1e+06 copies, expected at "
                        "most 1000000");
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[N(rows) + N(bound_rows) + 4] = {
        cmocka_unit_test(gpu_shares_together_become_whole),
        cmocka_unit_test(a_trace_is_sized_once_it_is_known),
        cmocka_unit_test(a_million_units_are_too_many),
        cmocka_unit_test(mean_times_follow_tables_and_sizes),
    };
    size_t n = 4;

    for (size_t i = 0; i < N(rows); i++)
        tests[n++] = (struct CMUnitTest){.name = rows[i].name,
                                         .test_func = counts_are_those_by_hand,
                                         .initial_state = (void *)(uintptr_t)&rows[i]};
    for (size_t i = 0; i < N(bound_rows); i++)
        tests[n++] =
            (struct CMUnitTest){.name = bound_rows[i].name,
                                .test_func = bounds_are_those_by_hand,
                                .initial_state = (void *)(uintptr_t)&bound_rows[i]};
    return cmocka_run_group_tests_name("sizing", tests, NULL, NULL);
}
