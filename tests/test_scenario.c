/* Scenario files: what every key becomes, and the message that each mistake gets. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/units.h"
#include "model/feasible.h"
#include "model/sizing.h"
#include "model/words.h"
#include "tests/scenario_text.h"

#define N(rows) (sizeof rows / sizeof rows[0])
#define ROW_TEST(test_name, function, row)                                             \
    (struct CMUnitTest)                                                                \
    {                                                                                  \
        .name = test_name, .test_func = function,                                      \
        .initial_state = (void *)(uintptr_t)(row)                                      \
    }

enum { BAD_MAX = 400 };

static const char *source_folder(void)
{
    const char *folder = getenv("SRCDIR");

    return folder != NULL ? folder : ".";
}

static struct model_scenario *read_or_fail(const char *path,
                                           const struct model_set *sets, int32_t n_sets,
                                           struct sp_arena *arena)
{
    struct model_scenario *s = NULL;
    struct sp_err err = {0};

    if (model_scenario_read(path, sets, n_sets, arena, &s, &err) != SP_OK)
        fail_msg("%s", err.text);
    return s;
}

static const char *every_key(struct sp_arena *arena)
{
    return sp_arena_printf(arena, "%s/tests/scenarios/every-key.yaml", source_folder());
}

/* ---- wrong inputs: tests/bad/NAME.yaml gets the message in NAME.err ---- */

/* As the command line does: read, size, check. */
static enum sp_status check_file(const char *path, struct sp_arena *arena,
                                 struct sp_err *err)
{
    struct model_scenario *s = NULL;
    enum sp_status status = model_scenario_read(path, NULL, 0, arena, &s, err);

    for (int32_t i = 0; status == SP_OK && i < s->n_policies; i++) {
        struct model_policy *p = &s->policies[i];

        for (int32_t w = 0; status == SP_OK && w < p->n_plans; w++)
            status = model_size_plan(&p->plans[w], p->types, p->n_types, err);
        if (status == SP_OK)
            status = model_feasible_check(s, p, err);
    }
    return status;
}

static void read_golden(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL)
        fail_msg("%s is missing", path);
    n = fread(text, 1, size - 1, f);
    fclose(f);
    text[n] = '\0';
}

static void write_golden(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    fprintf(f, "%s\n", text);
    assert_int_equal(fclose(f), 0);
}

static void a_mistake_gets_its_message(void **state)
{
    const char *name = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sp_err err = {0};
    char golden[300], want[4096], found[4096];
    enum sp_status status = check_file(name, arena, &err);

    if (status == SP_OK)
        fail_msg("%s is accepted", name);
    assert_int_equal(err.status, status);
    assert_true(status == SP_EINPUT || status == SP_EINFEASIBLE);
    snprintf(golden, sizeof golden, "%.*s.err", (int)(strlen(name) - strlen(".yaml")),
             name);
    if (getenv("UPDATE_GOLDEN") != NULL)
        write_golden(golden, err.text);
    read_golden(golden, want, sizeof want);
    snprintf(found, sizeof found, "%s\n", err.text);
    assert_string_equal(found, want);
    sp_arena_free(arena);
}

/* Names of tests/bad/NAME.yaml; the folder becomes the current one, so that messages do
 * not depend on where the sources are. */
static void find_mistakes(struct CMUnitTest *tests, struct sp_arena *arena)
{
    char *folder = sp_arena_printf(arena, "%s/tests/bad", source_folder());
    struct dirent *entry;
    DIR *dir = opendir(folder);
    size_t n = 0;

    sp_assert(dir != NULL && chdir(folder) == 0);
    while ((entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');

        if (dot == NULL || strcmp(dot, ".yaml") != 0)
            continue;
        sp_assert(n < BAD_MAX);
        tests[n] = ROW_TEST(NULL, a_mistake_gets_its_message,
                            sp_arena_strdup(arena, entry->d_name));
        tests[n].name = tests[n].initial_state;
        n++;
    }
    closedir(dir);
    sp_assert(n >= 120);
}

/* ---- right inputs ---- */

static void the_top_level_is_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);

    (void)state;
    assert_string_equal(s->name, "every 'key' <b>");
    assert_string_equal(s->description, "Two workloads, all kinds of\neverything.\n");
    assert_int_equal(s->seed, 7);
    assert_int_equal(s->replications, 3);
    assert_int_equal(s->until_ns, 5400 * SP_NS_PER_S);
    assert_int_equal(s->measure, MODEL_MEASURE_WINDOW);
    assert_int_equal(s->measure_from_ns, 60 * SP_NS_PER_S);
    assert_int_equal(s->measure_to_ns, 600 * SP_NS_PER_S);
    assert_int_equal(s->baseline, 0);
    assert_int_equal(s->n_workloads, 2);
    assert_string_equal(s->workloads[1], "desk");
    assert_int_equal(s->n_policies, 2);
    assert_string_equal(s->policies[0].name, "=cmd()");
    assert_string_equal(s->policies[0].placement, "best-fit");
    assert_string_equal(s->policies[1].placement, "cpu-avoids-gpu");
    sp_arena_free(arena);
}

static void every_file_is_fingerprinted_once(void **state)
{
    static const char *const names[] = {"own-catalog.csv", "times.csv", "table.csv"};
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    uint64_t hash = 0;

    (void)state;
    assert_int_equal(s->n_inputs, 4);
    assert_string_equal(s->inputs[0].file, every_key(arena));
    assert_int_equal(sp_hash64_file(every_key(arena), &hash, NULL), SP_OK);
    assert_true(s->inputs[0].xxh64 == hash);
    for (int i = 0; i < 3; i++) {
        const char *path =
            sp_arena_printf(arena, "%s/tests/scenarios/%s", source_folder(), names[i]);

        assert_string_equal(s->inputs[i + 1].file, names[i]);
        assert_int_equal(sp_hash64_file(path, &hash, NULL), SP_OK);
        assert_true(s->inputs[i + 1].xxh64 == hash);
    }
    sp_arena_free(arena);
}

static void node_types_are_read_and_overridden(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    const struct model_node_type *t = s->policies[0].types;
    const struct model_node_type *o = s->policies[1].types;

    (void)state;
    assert_int_equal(s->policies[0].n_types, 3);
    assert_string_equal(t[0].catalog_type, "g4dn.12xlarge");
    assert_int_equal(t[0].has.mcpu, 48000); /* of the catalog */
    assert_int_equal(t[0].has.mgpu, 8000);  /* of the scenario */
    assert_int_equal(t[0].has.memory_bytes, INT64_C(192) << 30);
    assert_int_equal(t[0].uusd_per_h, 3500000);
    assert_int_equal(t[0].price_basis, MODEL_BASIS_ASSUMED);
    assert_int_equal(t[0].billing, MODEL_BILLING_HOUR);
    assert_true(t[0].nic_bytes_per_s == 25e9 / 8);
    assert_int_equal(t[0].store_bytes, INT64_C(8000000000));
    assert_true(t[0].spill_bytes_per_s == 500 * 0x1p20);
    assert_int_equal(t[0].boot_s.kind, MODEL_DIST_LOGNORMAL);
    assert_true(fabs(model_dist_mean(&t[0].boot_s) - 120) < 1e-9);
    assert_false(t[0].fixed);
    assert_int_equal(t[0].min, 1);
    assert_int_equal(t[0].idle_timeout_ns, 300 * SP_NS_PER_S);
    assert_string_equal(t[1].name, "it's");
    assert_string_equal(t[1].option, "owned");
    assert_true(t[1].fixed && !t[1].has_price);
    assert_int_equal(t[1].billing_minimum_ns, 30 * SP_NS_PER_S);
    assert_int_equal(t[1].store_bytes, -1);
    assert_int_equal(t[2].has.mcpu, 16000); /* of the user's catalog */
    assert_string_equal(t[0].catalog, "built-in");
    assert_null(t[1].catalog);
    assert_non_null(strstr(t[2].catalog, "own-catalog.csv"));
    assert_int_equal(t[2].max, MODEL_NODES_MAX);
    /* A count takes the place of min and max, and the other way round. */
    assert_true(o[0].fixed && o[0].count == 3 && o[0].cpu_speed == 2);
    assert_true(!o[1].fixed && o[1].min == 0 && o[1].max == MODEL_NODES_MAX);
    sp_arena_free(arena);
}

static void a_price_of_the_catalog_names_its_source(void **state)
{
    const struct scenario_text t = {.fleet = "n: { type: g4dn.xlarge }"};
    struct sp_arena *arena = sp_arena_new();
    const struct model_node_type *type;
    struct model_scenario *s = NULL;

    (void)state;
    assert_int_equal(scenario_from(&t, arena, &s, NULL), SP_OK);
    type = &s->policies[0].types[0];
    assert_int_equal(type->uusd_per_h, 526000);
    assert_int_equal(type->price_basis, MODEL_BASIS_LIST_PRICE);
    assert_string_equal(type->price_source, "catalog karpenter-aws-prices 2026-07-20");
    sp_arena_free(arena);
}

static void sources_are_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    const struct model_plan *video = &s->policies[0].plans[0];
    const struct model_source *a = &video->source, *b = &s->policies[0].plans[1].source;

    (void)state;
    assert_int_equal(a->kind, MODEL_SOURCE_DIURNAL);
    assert_true(a->rate_per_s == 1 && a->amplitude == 0.3);
    assert_true(a->period_s == 43200 && a->peak_s == 7200);
    assert_int_equal(a->items, 1000);
    assert_int_equal(a->for_ns, SP_NS_PER_H);
    assert_true(model_dist_mean(&a->bytes) == 2 * 0x1p20);
    assert_int_equal(video->n_sizes, 2);
    assert_string_equal(video->size_names[1], "seconds");
    assert_true(model_dist_mean(&a->size[1]) == 12);
    assert_int_equal(b->kind, MODEL_SOURCE_CLOSED);
    assert_int_equal(b->population, 10);
    assert_int_equal(b->think_s.n, 2); /* sorted, the one without weight left out */
    assert_true(b->think_s.values[0] == 2 && b->think_s.cdf[0] == 0.75);
    assert_true(b->think_s.values[1] == 3 && b->think_s.cdf[1] == 1);
    sp_arena_free(arena);
}

static void stages_are_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    const struct model_stage *st = s->policies[0].plans[0].stages;

    (void)state;
    assert_int_equal(st[0].slot_needs.mcpu, 500);
    assert_int_equal(st[0].slot_needs.memory_bytes, 1 << 30);
    assert_int_equal(st[0].gather_out, 5);
    assert_int_equal(st[0].linger_ns, -1);
    assert_true(st[0].output_bytes == 600 * 1024);
    assert_int_equal(st[1].slot_needs.mcpu, 1000); /* neither cpu nor gpu given */
    assert_int_equal(st[1].batch, 8);
    assert_int_equal(st[1].linger_ns, 250000000);
    assert_int_equal(st[1].gather_in, 4);
    assert_true(st[1].time.per_size_s[0] == 1e-3 && st[1].time.per_byte_s == 1e-9);
    assert_true(st[1].output_factor == 0.5 && st[1].output_per_size[0] == 4);
    assert_int_equal(st[1].buffer, 64);
    assert_int_equal(st[1].n_route, 2);
    assert_int_equal(st[1].route_to[0], 2);
    assert_true(st[1].route_share[0] == 0.3 && st[1].route_share[1] == 0.7);
    assert_string_equal(st[2].name, "a\"b");
    assert_int_equal(st[2].slot_needs.mgpu, 250);
    assert_int_equal(st[2].slot_needs.mcpu, 0);
    assert_true(st[2].gang && st[2].time.basis == MODEL_BASIS_MEASURED);
    assert_true(fabs(model_dist_mean(&st[2].time.fixed) - 1) < 1e-9);
    assert_int_equal(st[3].time.table->n, 3);
    assert_int_equal(st[3].time.table_by, 0);
    assert_int_equal(st[3].time.per_item.kind, MODEL_DIST_EMPIRICAL);
    assert_true(st[3].fail_frac == 0.02 && st[3].keep_frac == 0.9);
    assert_int_equal(st[3].retries_max, 5);
    assert_int_equal(st[3].retry_delay_ns, SP_NS_PER_S);
    assert_int_equal(st[4].n_from, 2);
    assert_true(st[4].barrier);
    assert_int_equal(s->policies[0].plans[1].stages[3].join, MODEL_JOIN_ALL);
    sp_arena_free(arena);
}

static void a_policy_changes_its_own_stages_only(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    const struct model_stage *first = s->policies[0].plans[0].stages;
    const struct model_stage *second = s->policies[1].plans[0].stages;

    (void)state;
    assert_int_equal(second[0].gather_in, 2); /* gather took the place of expand */
    assert_int_equal(second[0].gather_out, 3);
    assert_int_equal(second[0].batch, 2);
    assert_true(second[0].time.fixed.a == 1);
    assert_true(second[0].output_bytes == first[0].output_bytes);
    assert_true(first[4].barrier && !second[4].barrier);
    assert_int_equal(first[0].gather_in, 1);
    sp_arena_free(arena);
}

static void units_are_read(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_scenario *s = read_or_fail(every_key(arena), NULL, 0, arena);
    const struct model_plan *sized = &s->policies[0].plans[0];
    const struct model_plan *given = &s->policies[1].plans[0];
    const struct model_unit *front = &given->units[0], *tail = &given->units[2];

    (void)state;
    assert_string_equal(sized->rule, "ray-budgets");
    assert_int_equal(sized->n_units, 5);
    assert_int_equal(sized->units[0].count_kind, MODEL_COUNT_SIZED);
    assert_int_equal(sized->size_deadline_ns, 7200 * SP_NS_PER_S);
    assert_true(sized->headroom_frac == 0.2);
    assert_int_equal(s->policies[0].plans[1].units[0].slots[0].cap, 0);
    /* Slots in the order of the stages; what is not given is the sum over the slots. */
    assert_int_equal(front->slots[0].stage, 0);
    assert_int_equal(front->slots[0].cap, 4);
    assert_true(front->own_needs && front->needs.mcpu == 3000 &&
                front->needs.mgpu == 0);
    assert_int_equal(front->allowed_types, 3);
    assert_int_equal(front->count_kind, MODEL_COUNT_AUTOSCALED);
    assert_string_equal(front->autoscale.metric, "queue");
    assert_true(front->autoscale.target == 3 && front->autoscale.tolerance == 0.05);
    assert_int_equal(front->autoscale.interval_ns, 30 * SP_NS_PER_S);
    assert_int_equal(given->units[1].count, 2);
    assert_true(given->units[1].startup_s.a == 30);
    assert_string_equal(tail->autoscale.rule, "ray-actor-pool-2.57");
    assert_int_equal(tail->autoscale.min, 1);
    assert_true(tail->autoscale.target == 1.8 && tail->autoscale.down_threshold == 0.4);
    assert_int_equal(tail->autoscale.down_window_ns, 10 * SP_NS_PER_S);
    assert_int_equal(tail->allowed_types, 7);
    sp_arena_free(arena);
}

static void defaults_are_those_of_the_manual(void **state)
{
    const struct scenario_text t = {.source = "{ rate: 2/s, items: 5 }"};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    const struct model_plan *plan;
    const struct model_stage *a;

    (void)state;
    assert_int_equal(scenario_from(&t, arena, &s, NULL), SP_OK);
    plan = &s->policies[0].plans[0];
    a = &plan->stages[0];
    assert_true(s->seed == 1 && s->replications == 1 && s->until_ns == -1);
    assert_int_equal(s->measure, MODEL_MEASURE_ALL);
    assert_int_equal(plan->source.kind, MODEL_SOURCE_POISSON);
    assert_int_equal(plan->source.for_ns, -1);
    assert_string_equal(plan->rule, "downstream-first");
    assert_true(a->batch == 1 && a->linger_ns == -1 && a->keep_frac == 1 &&
                a->buffer == 0);
    assert_true(a->gather_in == 1 && a->gather_out == 1 && a->fail_frac == 0);
    assert_int_equal(a->time.basis, MODEL_BASIS_ASSUMED);
    assert_true(plan->n_units == 1 && plan->units[0].count == 1);
    assert_int_equal(s->policies[0].types[0].has.memory_bytes, -1);
    assert_int_equal(s->policies[0].types[0].idle_timeout_ns, 60 * SP_NS_PER_S);
    assert_int_equal(s->policies[0].types[0].billing_minimum_ns, 60 * SP_NS_PER_S);
    sp_arena_free(arena);
}

static void stages_stand_behind_their_inputs(void **state)
{
    const struct scenario_text t = {
        .stages = "{ z: { time: 1s, from: [y, x] }, x: { time: 2s, from: source }, "
                  "y: { time: 3s }, w: { time: 4s, from: x } }"};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    const struct model_stage *st;

    (void)state;
    assert_int_equal(scenario_from(&t, arena, &s, NULL), SP_OK);
    st = s->policies[0].plans[0].stages;
    assert_string_equal(st[0].name, "x");
    assert_string_equal(st[1].name, "y"); /* behind the stage above it */
    assert_string_equal(st[2].name, "z");
    assert_string_equal(st[3].name, "w");
    assert_int_equal(st[0].n_from, 0);
    assert_int_equal(st[2].from[0], 1); /* in the user's order */
    assert_int_equal(st[2].from[1], 0);
    sp_arena_free(arena);
}

/* ---- names ---- */

static const struct name_row {
    const char *name, *yaml;
    const char *want; /* NULL: refused */
} name_rows[] = {
    {"a_formula", "'=cmd()'", "=cmd()"},
    {"an_apostrophe", "\"it's\"", "it's"},
    {"a_quote", "'a\"b'", "a\"b"},
    {"markup", "<b>", "<b>"},
    {"sql", "\"'; DROP TABLE run; --\"", "'; DROP TABLE run; --"},
    {"a_backslash_and_a_dollar", "'\\n$(x)`y`'", "\\n$(x)`y`"},
    {"another_script", "\xe6\xa8\xa1\xe5\x9e\x8b", "\xe6\xa8\xa1\xe5\x9e\x8b"},
    {"an_escaped_newline", "\"a\\nb\"", NULL},
    {"an_escaped_tab", "\"a\\tb\"", NULL},
    {"an_escape_sequence", "\"\\e[31m\"", NULL},
    {"nothing", "''", NULL},
};

static void names_stay_plain_text(void **state)
{
    const struct name_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    const char *n = row->yaml;
    const char *text = sp_arena_printf(
        arena,
        "scenario: %s\nfleet: { %s: { cpu: 9 } }\nworkloads:\n  %s:\n    kind: "
        "pipeline\n"
        "    source: { items: 1, sizes: { %s: 3 } }\n    stages: { %s: { time: 1s } }\n"
        "policies: { %s: { %s: { units: { %s: { slots: { %s: 1 } } } } } }\n",
        n, n, n, n, n, n, n, n, n);
    enum sp_status status = scenario_from_bytes(text, strlen(text), arena, &s, &err);
    const struct model_plan *plan;

    if (row->want == NULL) {
        assert_int_equal(status, SP_EINPUT);
        sp_arena_free(arena);
        return;
    }
    if (status != SP_OK)
        fail_msg("%s", err.text);
    plan = &s->policies[0].plans[0];
    assert_string_equal(s->name, row->want);
    assert_string_equal(s->policies[0].name, row->want);
    assert_string_equal(s->policies[0].types[0].name, row->want);
    assert_string_equal(plan->workload, row->want);
    assert_string_equal(plan->size_names[0], row->want);
    assert_string_equal(plan->stages[0].name, row->want);
    assert_string_equal(plan->units[0].name, row->want);
    sp_arena_free(arena);
}

/* ---- graphs and fusion ---- */

static const struct shape_row {
    const char *name;
    struct scenario_text text;
    const char *want; /* part of the message; NULL: accepted */
} shape_rows[] = {
    {"a_diamond_may_join",
     {.stages = "{ a: { time: 1s }, b: { time: 1s }, c: { time: 1s, from: a }, "
                "d: { time: 1s, from: [b, c], join: all } }"},
     NULL},
    {"branches_behind_one_route_may_join",
     {.stages = "{ a: { time: 1s, route: { b: 0.5, e: 0.5 } }, b: { time: 1s }, "
                "c: { time: 1s, from: b }, d: { time: 1s, from: b }, "
                "j: { time: 1s, from: [c, d], join: all }, e: { time: 1s, from: a } }"},
     NULL},
    {"a_filter_before_the_fork_may_join",
     {.stages =
          "{ f: { time: 1s, keep: 30% }, a: { time: 1s }, b: { time: 1s, from: f }, "
          "j: { time: 1s, from: [a, b], join: all } }"},
     NULL},
    {"a_filter_in_one_branch_may_not",
     {.stages =
          "{ f: { time: 1s }, a: { time: 1s, keep: 30% }, b: { time: 1s, from: f }, "
          "j: { time: 1s, from: [a, b], join: all } }"},
     "join: all needs every item on every input"},
    {"a_merge_in_one_branch_may_not",
     {.stages =
          "{ a: { time: 1s }, b: { time: 1s }, c: { time: 1s, from: a }, "
          "m: { time: 1s, from: [b, c] }, j: { time: 1s, from: [a, m], join: all } }"},
     "join: all needs every item on every input"},
    {"shares_may_be_off_by_rounding",
     {.stages =
          "{ a: { time: 1s, route: { b: 0.3333333, c: 0.3333333, d: 0.3333334 } }, "
          "b: { time: 1s }, c: { time: 1s, from: a }, d: { time: 1s, from: a } }"},
     NULL},
    {"two_cycles_name_one",
     {.stages =
          "{ a: { time: 1s, from: b }, b: { time: 1s }, c: { time: 1s, from: d }, "
          "d: { time: 1s } }"},
     "the stages form a cycle: 'a' -> 'b' -> 'a'"},
    {"source_and_stages_do_not_mix",
     {.stages = "{ a: { time: 1s }, b: { time: 1s, from: [a, source] } }"},
     "the source and stages don't mix"},
    {"a_chain_may_be_fused",
     {.stages = "{ a: { time: 1s }, b: { gpu: 1, time: 1s, keep: 50% } }",
      .plan = "{ units: { u: { slots: { a: 1, b: 1 }, fused: true, time: 3s } } }"},
     NULL},
    {"an_expansion_inside_may_not_be_fused",
     {.stages = "{ a: { time: 1s, expand: 2 }, b: { time: 1s } }",
      .plan = "{ units: { u: { slots: { a: 1, b: 1 }, fused: true } } }"},
     "stage 'a' can't be part of one task: one item in must be one out"},
    {"a_fork_may_not_be_fused",
     {.stages = "{ a: { time: 1s }, b: { time: 1s }, c: { time: 1s, from: a } }",
      .plan = "{ units: { u: { slots: { a: 1, b: 1 }, fused: true }, "
              "v: { slots: { c: 1 } } } }"},
     "the stages are no chain"},
};

static void shapes_that_work_are_accepted(void **state)
{
    const struct shape_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = NULL;
    struct sp_err err = {0};
    enum sp_status status = scenario_from(&row->text, arena, &s, &err);

    if (row->want == NULL && status != SP_OK)
        fail_msg("%s", err.text);
    if (row->want != NULL &&
        (status != SP_EINPUT || strstr(err.text, row->want) == NULL))
        fail_msg("found '%s', wanted '%s'", err.text, row->want);
    sp_arena_free(arena);
}

/* ---- overrides ---- */

static void a_set_value_is_checked_like_the_file(void **state)
{
    static const struct model_set good[] = {
        {"fleet.it's.count", "5"},
        {"seed", "9"},
        {"policies.second.desk.units.fused.count", "4"},
    };
    static const struct model_set slip = {"fleet.big.prise", "3"};
    static const struct model_set wrong = {"fleet.it's.count", "many"};
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *s = read_or_fail(every_key(arena), good, 3, arena);
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(s->policies[0].types[1].count, 5);
    assert_int_equal(s->seed, 9);
    assert_int_equal(s->policies[1].plans[1].units[0].count, 4);
    assert_int_equal(model_scenario_read(every_key(arena), &slip, 1, arena, &s, &err),
                     SP_EINPUT);
    assert_string_equal(err.text, "--set fleet.big.prise=3: unknown key of a node type "
                                  "'prise', did you mean 'price'?");
    err = (struct sp_err){0};
    assert_int_equal(model_scenario_read(every_key(arena), &wrong, 1, arena, &s, &err),
                     SP_EINPUT);
    assert_string_equal(err.text,
                        "--set fleet.it's.count=many: count: found 'many' (not a "
                        "number), expected a whole number from 0 to 1000000");
    sp_arena_free(arena);
}

/* ---- words ---- */

static void the_manual_knows_every_word(void **state)
{
    static const struct model_word *const tables[] = {
        model_placement_words,  model_rule_words,   model_arrivals_words,
        model_metric_words,     model_order_words,  model_router_words,
        model_scheduling_words, model_role_words,   model_prefix_words,
        model_mixed_words,      model_beyond_words, model_queue_words,
        model_passing_words,    model_gang_words,   model_fallback_words,
        model_evict_words,      model_option_words, model_job_format_words};
    struct sp_arena *arena = sp_arena_new();
    char manual[60000], quoted[100];

    (void)state;
    read_golden(sp_arena_printf(arena, "%s/docs/scenario.md", source_folder()), manual,
                sizeof manual);
    for (size_t t = 0; t < N(tables); t++)
        for (const struct model_word *w = tables[t]; w->name != NULL; w++) {
            snprintf(quoted, sizeof quoted, "`%s`", w->name);
            if (strstr(manual, quoted) == NULL)
                fail_msg("%s is not in docs/scenario.md", quoted);
        }
    for (const struct model_advisor_band *b = model_advisor_bands; b->name != NULL; b++)
        assert_non_null(strstr(manual, b->name));
    for (const struct model_autoscale_preset *p = model_autoscale_presets;
         p->name != NULL; p++) {
        snprintf(quoted, sizeof quoted, "`%s`", p->name);
        assert_non_null(strstr(manual, quoted));
        assert_non_null(model_autoscale_preset_find(p->name));
    }
    sp_arena_free(arena);
}

/* ---- the practical example ---- */

static void the_practical_example_is_exactly_loaded(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const char *path =
        sp_arena_printf(arena, "%s/tests/scenarios/practical.yaml", source_folder());
    struct model_scenario *s = read_or_fail(path, NULL, 0, arena);
    static const int32_t counts[][2] = {{32, 0}, {2048, 32}, {2048, 32}, {32, 0}};

    (void)state;
    assert_int_equal(s->n_policies, 4);
    for (int32_t i = 0; i < s->n_policies; i++) {
        struct model_policy *p = &s->policies[i];
        struct model_rate_bound bound;

        assert_int_equal(model_size_plan(&p->plans[0], p->types, p->n_types, NULL),
                         SP_OK);
        assert_int_equal(model_feasible_check(s, p, NULL), SP_OK);
        bound = model_plan_bound(&p->plans[0], p->types, p->n_types);
        assert_true(fabs(bound.per_s - 1024) < 1e-6);
        for (int32_t u = 0; u < p->plans[0].n_units; u++)
            assert_int_equal(p->plans[0].units[u].count, counts[i][u]);
    }
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[BAD_MAX + N(name_rows) + N(shape_rows) + 16] = {
        cmocka_unit_test(the_top_level_is_read),
        cmocka_unit_test(every_file_is_fingerprinted_once),
        cmocka_unit_test(node_types_are_read_and_overridden),
        cmocka_unit_test(a_price_of_the_catalog_names_its_source),
        cmocka_unit_test(sources_are_read),
        cmocka_unit_test(stages_are_read),
        cmocka_unit_test(a_policy_changes_its_own_stages_only),
        cmocka_unit_test(units_are_read),
        cmocka_unit_test(defaults_are_those_of_the_manual),
        cmocka_unit_test(stages_stand_behind_their_inputs),
        cmocka_unit_test(a_set_value_is_checked_like_the_file),
        cmocka_unit_test(the_manual_knows_every_word),
        cmocka_unit_test(the_practical_example_is_exactly_loaded),
    };
    struct sp_arena *arena = sp_arena_new();
    char *root = realpath(source_folder(), NULL);
    size_t n = 13;
    int failed;

    /* The tests run from another folder: see find_mistakes(). */
    sp_assert(root != NULL && setenv("SRCDIR", root, 1) == 0);
    free(root);
    for (size_t i = 0; i < N(name_rows); i++)
        tests[n++] = ROW_TEST(name_rows[i].name, names_stay_plain_text, &name_rows[i]);
    for (size_t i = 0; i < N(shape_rows); i++)
        tests[n++] =
            ROW_TEST(shape_rows[i].name, shapes_that_work_are_accepted, &shape_rows[i]);
    find_mistakes(tests + n, arena);
    /* Rows without a function at the end are left out by cmocka. */
    failed = cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
    sp_arena_free(arena);
    return failed;
}
