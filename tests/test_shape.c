/* Partitions of stage graphs against known counts, and the slots of their units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/shape.h"
#include "tests/plan_build.h"

/* ---- counts ---- */

static struct graph {
    const char *name;
    int32_t n;
    uint32_t from[6]; /* by stage: bits of those that feed it */
    int32_t want;
} graphs[] = {
    {"one stage", 1, {0}, 1},
    {"a chain of two", 2, {0, 1}, 2},
    {"a chain of five has 2^4", 5, {0, 1, 2, 4, 8}, 16},
    {"a chain of six has 2^5", 6, {0, 1, 2, 4, 8, 16}, 32},
    {"a star of four leaves has 2^4", 5, {0, 1, 1, 1, 1}, 16},
    {"all with all: Bell's number of 3 is 5", 3, {0, 1, 3}, 5},
    {"all with all: Bell's number of 4 is 15", 4, {0, 1, 3, 7}, 15},
    {"all with all: Bell's number of 5 is 52", 5, {0, 1, 3, 7, 15}, 52},
    {"a ring of four has 2^4 - 4", 4, {0, 1, 1, 6}, 12},
    {"two that no edge joins: apart, and all in one", 2, {0, 0}, 2},
};

static struct plan_build graph_build(const struct graph *g, struct sp_arena *arena)
{
    struct plan_build b = plan_new(arena);

    for (int32_t s = 0; s < g->n; s++) {
        struct model_stage *stage = plan_stage(&b, "s", plan_constant(1));

        stage->name = sp_arena_printf(arena, "%c", 'a' + (int)s);
        stage->n_from = 0;
        for (int32_t f = 0; f < s; f++)
            if ((g->from[s] >> f & 1) != 0)
                stage->from[stage->n_from++] = f;
    }
    plan_apart(&b, 1);
    b.node->has.mcpu = 1000000;
    return b;
}

/* Which stages share a unit with which: equal for two shapes of one partition. */
static uint64_t partition_of(const struct model_plan *plan)
{
    uint64_t key = 0;

    for (int32_t u = 0; u < plan->n_units; u++)
        for (int32_t i = 0; i < plan->units[u].n_slots; i++)
            key |= (uint64_t)plan->units[u].slots[0].stage
                   << (8 * plan->units[u].slots[i].stage);
    return key;
}

static int32_t partitions(const struct plan_shape *shapes, int32_t n)
{
    int32_t count = 0;

    for (int32_t i = 0; i < n; i++) {
        bool had = shapes[i].as_written;

        for (int32_t k = 0; k < i && !had; k++)
            had = !shapes[k].as_written && partition_of(&shapes[k].plans[0]) ==
                                               partition_of(&shapes[i].plans[0]);
        count += !had;
    }
    return count;
}

static void every_connected_partition_is_there_once(void **state)
{
    const struct graph *g = *state;
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = graph_build(g, arena);
    struct plan_shape *shapes;
    int32_t n;
    bool all;

    shapes = plan_shapes_of(b.sc, false, PLAN_SHAPES_MAX, arena, &n, &all);
    assert_true(all);
    assert_int_equal(partitions(shapes, n), g->want);
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < i; k++)
            assert_true(shapes[i].as_written || shapes[k].as_written ||
                        strcmp(shapes[i].name, shapes[k].name) != 0);
    sp_arena_free(arena);
}

/* ---- the seed's example ---- */

static struct plan_build practical(struct sp_arena *arena)
{
    struct plan_build b = plan_new(arena);
    struct model_stage *s = plan_stage(&b, "prep", plan_constant(2));

    s = plan_stage(&b, "infer", plan_constant(0.01));
    s->slot_needs = (struct model_amounts){.mgpu = 1000};
    s->time.per_item = plan_constant(0.03);
    s->batch = 8;
    s->linger_ns = 0;
    plan_apart(&b, 1);
    b.policy->plans[0].units[0].startup_s = plan_constant(7);
    b.node->has = (struct model_amounts){64000 * 6, 6000, -1};
    return b;
}

static bool has_shape(const struct plan_shape *shapes, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (!shapes[i].as_written && strcmp(shapes[i].name, name) == 0)
            return true;
    return false;
}

/* A GPU does 8 items in 0.25 s, 32 a second, which takes 64 CPUs for 2 s each. */
static void containers_keep_up_with_their_gpu(void **state)
{
    static const char *const want[] = {
        "prep | infer",       "prep 64 + infer 1",  "prep 128 + infer 2",
        "prep 256 + infer 4", "prep 384 + infer 6", /* all of a node */
    };
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = practical(arena);
    struct plan_shape *shapes;
    int32_t n;
    bool all;

    (void)state;
    shapes = plan_shapes_of(b.sc, false, PLAN_SHAPES_MAX, arena, &n, &all);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (!has_shape(shapes, n, want[i]))
            fail_msg("no '%s'", want[i]);
    assert_false(has_shape(shapes, n, "prep 512 + infer 8")); /* no node has room */
    for (int32_t i = 0; i < n; i++)
        for (int32_t u = 0; u < shapes[i].plans[0].n_units; u++) {
            const struct model_unit *unit = &shapes[i].plans[0].units[u];

            assert_true(shapes[i].as_written || !unit->fused);
            if (unit->slots[0].stage == 0 && unit->n_slots == 1)
                assert_true(unit->startup_s.a == 7);
        }
    sp_arena_free(arena);
}

static void blocks_may_run_where_any_of_their_stages_may(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = practical(arena);
    struct plan_shape *shapes;
    int32_t n;
    bool all, seen = false;

    (void)state;
    b.policy->plans[0].units[0].allowed_types = 1;
    b.policy->plans[0].units[1].allowed_types = 2;
    shapes = plan_shapes_of(b.sc, false, PLAN_SHAPES_MAX, arena, &n, &all);
    for (int32_t i = 0; i < n; i++)
        if (!shapes[i].as_written && shapes[i].plans[0].n_units == 1) {
            assert_int_equal(shapes[i].plans[0].units[0].allowed_types, 3);
            seen = true;
        }
    assert_true(seen);
    sp_arena_free(arena);
}

/* Both ends of a chain of six are among the first few. */
static void of_too_many_the_ends_are_kept(void **state)
{
    struct graph g = {"chain", 6, {0, 1, 2, 4, 8, 16}, 0};
    struct sp_arena *arena = sp_arena_new();
    struct plan_build b = graph_build(&g, arena);
    struct plan_shape *shapes;
    int32_t n;
    bool all;

    (void)state;
    shapes = plan_shapes_of(b.sc, false, 5, arena, &n, &all);
    assert_int_equal(n, 5);
    assert_false(all);
    assert_true(has_shape(shapes, n, "a | b | c | d | e | f"));
    assert_true(has_shape(shapes, n, "a 1 + b 1 + c 1 + d 1 + e 1 + f 1"));
    sp_arena_free(arena);
}

int main(void)
{
    enum { N_GRAPHS = sizeof graphs / sizeof graphs[0] };
    struct CMUnitTest tests[N_GRAPHS + 3] = {
        cmocka_unit_test(containers_keep_up_with_their_gpu),
        cmocka_unit_test(blocks_may_run_where_any_of_their_stages_may),
        cmocka_unit_test(of_too_many_the_ends_are_kept),
    };

    for (size_t i = 0; i < N_GRAPHS; i++)
        tests[i + 3] =
            (struct CMUnitTest){.name = graphs[i].name,
                                .test_func = every_connected_partition_is_there_once,
                                .initial_state = &graphs[i]};
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
