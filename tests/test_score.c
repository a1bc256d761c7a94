/* sim/mix.h, sim/fragment.h and sim/score.h, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/jobs.h"
#include "sim/score.h"

/* Two types, both as large as the fleet's largest is: 128 CPUs and 8 GPUs. */
static struct model_node_type types[] = {
    {.name = "a", .has = {128000, 8000, -1}},
    {.name = "b", .has = {128000, 8000, -1}},
    {.name = "c", .has = {64000, 0, -1}},
};
static const struct model_policy policy = {.n_types = 3, .types = types};

/* A node with these thousandths free on its devices; -1 ends them. */
struct node {
    int32_t type;
    int64_t mcpu;
    int16_t free[9];
    uint64_t classes;
};

static struct sim_node_state state_of(const struct node *n)
{
    struct sim_node_state s = {.type = n->type,
                               .has = types[n->type].has,
                               .free_mcpu = n->mcpu,
                               .free_memory = INT64_MAX,
                               .classes = n->classes};

    for (; n->free[s.gpus] >= 0; s.gpus++) {
        s.device_mgpu[s.gpus] = n->free[s.gpus];
        s.free_mgpu += n->free[s.gpus];
    }
    return s;
}

/* ---- the fragment measure ---- */

/* A quarter each: half a GPU and 8 CPUs; two GPUs and 4 CPUs; a GPU of type b, without
 * CPU; 2 CPUs. */
static struct sim_target targets[] = {
    {8000, 500, -1, 1}, {4000, 2000, -1, 1}, {0, 1000, 2, 1}, {2000, 0, -1, 1}};

static const struct measure_row {
    const char *name;
    struct node node;
    double quarters; /* of a thousandth of a GPU */
} measures[] = {
    /* Nobody who needs no GPU can use it; b's GPU can't be here. */
    {"empty_node_of_a", {0, 128000, {1000, 1000, 1000, 1000, -1}, 0}, 8000},
    {"empty_node_of_b", {1, 128000, {1000, 1000, 1000, 1000, -1}, 0}, 4000},
    {"full_node_has_none", {1, 128000, {0, 0, -1}, 0}, 0},
    {"node_without_gpus_has_none", {2, 64000, {-1}, 0}, 0},
    /* 400 are too small for half a GPU; one whole GPU is no two. */
    {"devices_too_small", {0, 128000, {400, 1000, -1}, 0}, 400 + 1400 + 1400 + 1400},
    /* The whole GPU of the target of b is there, its part of 600 is not. */
    {"part_of_a_device", {1, 128000, {600, 1000, -1}, 0}, 0 + 1600 + 600 + 1600},
    /* 7 CPUs are too few for half a GPU, 3 too few for two. */
    {"seven_cpus", {0, 7000, {1000, 1000, -1}, 0}, 2000 + 0 + 2000 + 2000},
    {"three_cpus", {0, 3000, {1000, 1000, -1}, 0}, 8000},
    {"no_cpus_on_b", {1, 0, {1000, 1000, -1}, 0}, 2000 + 2000 + 0 + 2000},
};
#define N_MEASURES (sizeof measures / sizeof measures[0])

static void fragment_is_the_mean_over_the_mix(void **state)
{
    const struct measure_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sim_mix mix = {4, targets};
    struct sim_fragment *f = sim_fragment_new(arena, &policy, &mix);
    struct sim_node_state s = state_of(&row->node);

    assert_int_equal(sim_fragment_weight(f), 4);
    assert_true((double)sim_fragment_of(f, &s) == row->quarters);
    sp_arena_free(arena);
}

/* A member more: the measure is that of the node as it is then. */
static void fragment_after_a_member_is_that_of_the_node_then(void **state)
{
    static const struct sim_room needs[] = {
        {2000, 0, 0, 0}, {4000, 0, 2, 0}, {0, 0, 1, 0}, {1000, 0, 0, 300}};
    static const struct node node = {1, 10000, {1000, 300, 1000, 299, 650, -1}, 0};
    struct sp_arena *arena = sp_arena_new();
    struct sim_mix mix = {4, targets};
    struct sim_fragment *f = sim_fragment_new(arena, &policy, &mix);
    struct sim_node_state s = state_of(&node);
    int64_t after[MODEL_GPUS_MAX];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sim_node_state then = s;
        const struct sim_room *n = &needs[i];

        sim_fragment_after(f, &s, n, after);
        then.free_mcpu -= n->mcpu;
        then.free_mgpu -= 1000 * n->whole_gpus + n->share_mgpu;
        if (n->whole_gpus > 0)
            then.device_mgpu[0] = 0;
        if (n->whole_gpus > 1)
            then.device_mgpu[2] = 0;
        if (n->share_mgpu == 0) {
            assert_true(after[0] == sim_fragment_of(f, &then));
            continue;
        }
        for (int32_t g = 0; g < 5; g++) {
            struct sim_node_state with = then;

            with.device_mgpu[g] = (int16_t)(with.device_mgpu[g] - n->share_mgpu);
            if (g == 3)
                assert_true(after[g] == -1); /* 299 are too few */
            else
                assert_true(after[g] == sim_fragment_of(f, &with));
        }
    }
    sp_arena_free(arena);
}

/* ---- scores ---- */

static const struct score_row {
    const char *name;
    sim_score_fn *score;
    struct node node;
    struct sim_room need;
    int32_t want;
} scores[] = {
    /* 100 (1 - (64/128 x 32/128 + 4/8 x 1/8) / 2) = 90.6 */
    {"dot_product",
     sim_score_dot_product,
     {0, 64000, {1000, 1000, 1000, 1000, -1}, 0},
     {32000, 0, 1, 0},
     90},
    {"dot_product_of_a_full_node", sim_score_dot_product, {0, 0, {0, -1}, 0}, {0}, 100},
    /* 100 (1 - (32/128 + 3/8) / 2) = 68.75 */
    {"least_left",
     sim_score_best_fit,
     {0, 64000, {1000, 1000, 1000, 1000, -1}, 0},
     {32000, 0, 1, 0},
     68},
    {"nothing_left",
     sim_score_best_fit,
     {0, 1000, {500, -1}, 0},
     {1000, 0, 0, 500},
     100},
    /* An empty node: 33 less its GPUs. */
    {"packing_empty_node",
     sim_score_gpu_packing,
     {0, 1000, {1000, 1000, 1000, -1}, 0},
     {0, 0, 2, 0},
     30},
    /* A node in use: 50 less the free GPUs that it takes. */
    {"packing_two_free_gpus",
     sim_score_gpu_packing,
     {0, 1000, {1000, 400, 1000, -1}, 0},
     {0, 0, 2, 0},
     48},
    {"packing_share_on_a_free_gpu",
     sim_score_gpu_packing,
     {0, 1000, {1000, 400, 1000, -1}, 0},
     {0, 0, 0, 500},
     49},
    /* A GPU in use: 100 less a tenth of the per cent that it has free, rounded down. */
    {"packing_share_on_a_gpu_in_use",
     sim_score_gpu_packing,
     {0, 1000, {1000, 590, 700, -1}, 0},
     {0, 0, 0, 500},
     95},
    {"packing_without_gpu",
     sim_score_gpu_packing,
     {0, 1000, {1000, 590, -1}, 0},
     {1000, 0, 0, 0},
     0},
    /* Quarters: others, empty, such and others, such only; within 25 (8 - free) / 8. */
    {"clustering_among_others",
     sim_score_gpu_clustering,
     {0, 1000, {1000, 1000, 0, -1}, 1 << 1},
     {0, 0, 2, 0},
     18},
    {"clustering_empty_node",
     sim_score_gpu_clustering,
     {0, 1000, {1000, 1000, 1000, -1}, 0},
     {0, 0, 2, 0},
     40},
    {"clustering_such_and_others",
     sim_score_gpu_clustering,
     {0, 1000, {1000, 1000, 0, -1}, 1 << 1 | 1 << 2},
     {0, 0, 2, 0},
     68},
    {"clustering_such_only",
     sim_score_gpu_clustering,
     {0, 1000, {1000, 1000, 0, -1}, 1 << 2},
     {0, 0, 2, 0},
     93},
    {"clustering_shares",
     sim_score_gpu_clustering,
     {0, 1000, {200, 0, -1}, 1},
     {0, 0, 0, 200},
     99},
    {"clustering_without_gpu",
     sim_score_gpu_clustering,
     {0, 1000, {1000, -1}, 0},
     {1000, 0, 0, 0},
     0},
    /* Of two idle GPUs on b a quarter of the mix has no use: taking both makes the
     * measure drop by half a GPU: 100 / (1 + e^-0.5) = 62.2 */
    {"fgd_last_two_gpus",
     sim_score_fgd,
     {1, 128000, {1000, 1000, -1}, 0},
     {0, 0, 2, 0},
     62},
    /* On a it is half of the mix, a drop of one: 100 / (1 + e^-1) = 73.1 */
    {"fgd_last_two_gpus_of_a",
     sim_score_fgd,
     {0, 128000, {1000, 1000, -1}, 0},
     {0, 0, 2, 0},
     73},
    {"fgd_of_what_touches_nothing",
     sim_score_fgd,
     {2, 64000, {-1}, 0},
     {1000, 0, 0, 0},
     50},
    /* Without CPUs half a GPU and two GPUs can't be there: the measure rises from 0.5
     * to 1.5 GPUs: 100 / (1 + e^1) = 26.9 */
    {"fgd_cpus_that_gpus_need",
     sim_score_fgd,
     {1, 128000, {1000, 1000, -1}, 0},
     {128000, 0, 0, 0},
     26},
};
#define N_SCORES (sizeof scores / sizeof scores[0])

static void score_is_as_by_hand(void **state)
{
    const struct score_row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct sim_mix mix = {4, targets};
    struct sim_fragment *f = sim_fragment_new(arena, &policy, &mix);
    struct sim_scoring sc = sim_scoring_of(&policy, f);
    struct sim_node_state s = state_of(&row->node);

    s.fragment = sim_fragment_of(f, &s);
    assert_int_equal(row->score(&sc, &s, &row->need), row->want);
    sp_arena_free(arena);
}

/* Half a GPU: on the device of 500 nothing is spoiled, on a whole one the other half
 * is of no use to the two targets of whole GPUs. */
static void fgd_takes_the_device_that_spoils_least(void **state)
{
    static const struct node node = {1, 128000, {1000, 700, 500, 500, -1}, 0};
    struct sp_arena *arena = sp_arena_new();
    struct sim_mix mix = {4, targets};
    struct sim_fragment *f = sim_fragment_new(arena, &policy, &mix);
    struct sim_scoring sc = sim_scoring_of(&policy, f);
    struct sim_node_state s = state_of(&node);
    struct sim_room half = {8000, 0, 0, 500};

    (void)state;
    s.fragment = sim_fragment_of(f, &s);
    assert_int_equal(sim_score_fgd_device(&sc, &s, &half), 2);
    assert_int_equal(sim_tightest_device(&s, 500), 2);
    assert_int_equal(sim_tightest_device(&s, 501), 1);
    assert_int_equal(sim_tightest_device(&s, 1000), 0);
    sp_arena_free(arena);
}

/* ---- the mix ---- */

static void mix_is_the_heaviest_until_95_percent(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct sim_target t[] = {{1000, 0, 1, 3},     {1000, 1000, 1, 30}, {2000, 0, -1, 2},
                             {1000, 1000, 3, 20}, {1000, 0, 2, 39},    {9000, 0, 1, 1},
                             {500, 500, -1, 5}};
    struct sim_mix mix;

    (void)state;
    mix = sim_mix_new(arena, t, 7);
    /* 42 + 30 + 20 = 92 of 100 are too few; 5 more are enough.  Without GPU the types
     * make no difference. */
    assert_int_equal(mix.n, 4);
    assert_true(mix.target[0].weight == 42 && mix.target[0].mcpu == 1000 &&
                mix.target[0].mgpu == 0);
    assert_true(mix.target[1].weight == 30 && mix.target[1].allowed_types == 1);
    assert_true(mix.target[2].weight == 20 && mix.target[2].allowed_types == 3);
    assert_true(mix.target[3].weight == 5 && mix.target[3].mgpu == 500);
    assert_int_equal(sim_mix_new(arena, t, 0).n, 0);
    sp_arena_free(arena);
}

/* Two classes, of one of which a job is a total of 11 GPUs on nodes of 8: one member of
 * 8 and one of 3. */
static void mix_of_a_policy_counts_members(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_job_class classes[] = {
        {.share = 3, .members = 2, .needs = {1000, 500, 0}},
        {.share = 1, .members = 0, .needs = {22000, 11000, 0}}};
    struct model_jobs jobs = {.n_classes = 2, .classes = classes};
    struct model_unit unit = {
        .own_needs = true, .needs = {4000, 1000, 0}, .allowed_types = 1, .count = 700};
    struct model_plan plans[] = {{.kind = MODEL_KIND_JOBS, .jobs = &jobs},
                                 {.n_units = 1, .units = &unit}};
    struct model_policy p = policy;
    struct sim_mix mix;

    (void)state;
    p.n_plans = 2;
    p.plans = plans;
    mix = sim_mix_of_policy(arena, &p);
    assert_int_equal(mix.n, 4);
    assert_true(mix.target[0].weight == 1500 && mix.target[0].mgpu == 500);
    assert_true(mix.target[1].weight == 700 && mix.target[1].mgpu == 1000 &&
                mix.target[1].allowed_types == 1);
    assert_true(mix.target[2].weight == 250 && mix.target[2].mgpu == 8000 &&
                mix.target[2].mcpu == 16000);
    assert_true(mix.target[3].weight == 250 && mix.target[3].mgpu == 3000 &&
                mix.target[3].mcpu == 6000);
    sp_arena_free(arena);
}

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[OTHERS + N_MEASURES + N_SCORES] = {
        cmocka_unit_test(fragment_after_a_member_is_that_of_the_node_then),
        cmocka_unit_test(fgd_takes_the_device_that_spoils_least),
        cmocka_unit_test(mix_is_the_heaviest_until_95_percent),
        cmocka_unit_test(mix_of_a_policy_counts_members),
    };
    struct measure_row m[N_MEASURES];
    struct score_row s[N_SCORES];
    size_t n = OTHERS;

    for (size_t i = 0; i < N_MEASURES; i++) {
        m[i] = measures[i];
        tests[n++] = (struct CMUnitTest){.name = m[i].name,
                                         .test_func = fragment_is_the_mean_over_the_mix,
                                         .initial_state = &m[i]};
    }
    for (size_t i = 0; i < N_SCORES; i++) {
        s[i] = scores[i];
        tests[n++] = (struct CMUnitTest){.name = s[i].name,
                                         .test_func = score_is_as_by_hand,
                                         .initial_state = &s[i]};
    }
    return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
