/* sim/placement.h: which node each strategy takes, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fleet.h"
#include "sim/placement.h"

/* Nodes 0 and 1 have 8 CPUs and 2 GPUs, nodes 2 and 3 have 4 CPUs.  The setting puts 2
 * CPUs on node 0, 3 on node 2 and half a GPU on node 1; then one unit is asked for. */
static const struct row {
    const char *name, *placement;
    struct model_amounts needs;
    int32_t want;
} rows[] = {
    {"first_fit_takes_the_first", "first-fit", {1000, 0, 0}, 0},
    {"first_fit_skips_what_is_full", "first-fit", {7000, 0, 0}, 1},
    {"best_fit_takes_what_is_left_with_least", "best-fit", {1000, 0, 0}, 2},
    {"best_fit_needs_to_fit", "best-fit", {2000, 0, 0}, 3},
    {"worst_fit_takes_what_is_left_with_most", "worst-fit", {1000, 0, 0}, 1},
    {"cpu_avoids_gpu_nodes", "cpu-avoids-gpu", {1000, 0, 0}, 2},
    {"cpu_takes_gpu_nodes_that_are_paid_for", "cpu-avoids-gpu", {5000, 0, 0}, 0},
    {"gpu_unit_takes_the_first_gpu_node", "cpu-avoids-gpu", {1000, 500, 0}, 0},
    {"best_fit_for_gpu_keeps_whole_nodes_whole", "best-fit", {1000, 500, 0}, 1},
    {"worst_fit_for_gpu_spreads", "worst-fit", {1000, 500, 0}, 0},
    {"least_left_of_both", "weighted-best-fit", {1000, 0, 0}, 2},
    {"least_product", "dot-product", {1000, 0, 0}, 2},
    {"packing_takes_the_gpu_in_use", "gpu-packing", {1000, 500, 0}, 1},
    {"packing_takes_the_node_in_use", "gpu-packing", {1000, 1000, 0}, 1},
    {"clustering_puts_share_to_share", "gpu-clustering", {1000, 500, 0}, 1},
    {"clustering_keeps_whole_gpus_from_shares", "gpu-clustering", {1000, 1000, 0}, 0},
    {"random_takes_the_only_one", "random", {7000, 0, 0}, 1},
    {"fgd_needs_to_fit", "fgd", {7000, 0, 0}, 1},
    {"nothing_fits", "best-fit", {9000, 0, 0}, SP_NO_ID},
    {"nothing_fits_a_score", "fgd", {9000, 0, 0}, SP_NO_ID},
    {"nothing_fits_a_draw", "random", {9000, 0, 0}, SP_NO_ID},
    {"too_many_gpus", "first-fit", {0, 3000, 0}, SP_NO_ID},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static int32_t place(struct fleet *f, int32_t kind)
{
    int32_t cookie = fleet_ask(f, kind);

    fleet_run(f, 0);
    return f->node[cookie];
}

static void goes_where_the_strategy_says(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type types[4];
    struct fleet *f;
    int32_t two, three, half, asked;

    for (int i = 0; i < 4;
         i++) /* a type for each node, so that the setting can name them */
        types[i] = fleet_fixed(1, i < 2 ? (struct model_amounts){8000, 2000, -1}
                                        : (struct model_amounts){4000, 0, -1});
    f = fleet_new(arena, types, 4, row->placement);
    two = fleet_kind(f, (struct model_amounts){2000, 0, 0}, 1 << 0);
    three = fleet_kind(f, (struct model_amounts){3000, 0, 0}, 1 << 2);
    half = fleet_kind(f, (struct model_amounts){0, 500, 0}, 1 << 1);
    asked = fleet_kind(f, row->needs, -1);
    fleet_start(f);
    assert_int_equal(place(f, two), 0);
    assert_int_equal(place(f, half), 1);
    assert_int_equal(place(f, three), 2);
    assert_int_equal(place(f, asked), row->want);
    sp_arena_free(arena);
}

static void strategies_are_found_by_name(void **state)
{
    (void)state;
    for (int32_t i = 0; i < sim_n_placements; i++)
        assert_ptr_equal(sim_placement_find(sim_placements[i].name),
                         &sim_placements[i]);
    assert_null(sim_placement_find("tightest-fit"));
    assert_null(sim_placement_find(""));
}

int main(void)
{
    enum { OTHERS = 1 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(strategies_are_found_by_name),
    };
    struct row copies[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++) {
        copies[i] = rows[i];
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = goes_where_the_strategy_says,
                                .initial_state = &copies[i]};
    }
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
