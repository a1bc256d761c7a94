/* sim/network.h: transfers and stores by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/units.h"
#include "sim/network.h"

#define GB   INT64_C(1000000000)
#define S(n) ((int64_t)((n)*1e9))

static int fresh(void **state)
{
    *state = sp_arena_new();
    return 0;
}

static int gone(void **state)
{
    sp_arena_free(*state);
    return 0;
}

/* Nodes 0, 1, 2 of types with 1, 1 and 4 GB/s; node 3 without limit; node 1 may spill.
 */
static struct model_node_type types[] = {
    {.name = "slow", .nic_bytes_per_s = 1e9, .store_bytes = 10},
    {.name = "fast",
     .nic_bytes_per_s = 4e9,
     .store_bytes = -1,
     .spill_bytes_per_s = 2e9},
    {.name = "free", .nic_bytes_per_s = 0, .store_bytes = -1},
};
static const struct model_policy policy = {.n_types = 3, .types = types};

static struct sim_network *four_nodes(struct sp_arena *arena)
{
    struct sim_network *n = sim_network_new(arena, &policy);

    sim_network_node(n, 0, 0);
    sim_network_node(n, 1, 0);
    sim_network_node(n, 2, 1);
    sim_network_node(n, 3, 2);
    return n;
}

static void transfers_queue_at_both_ends(void **state)
{
    struct sim_network *n = four_nodes(*state);

    assert_true(sim_network_transfer(n, 0, 2, 2 * GB, S(0)) ==
                S(2)); /* at the slower rate */
    assert_true(sim_network_transfer(n, 0, 1, GB, S(0)) == S(3)); /* 0 sends till 2 */
    assert_true(sim_network_transfer(n, 2, 0, GB, S(0)) == S(1)); /* other directions */
    assert_true(sim_network_transfer(n, 1, 2, GB, S(1)) ==
                S(3)); /* 2 receives till 2 */
    assert_true(sim_network_transfer(n, 2, 1, GB, S(1)) ==
                S(4)); /* 1 receives till 3 */
    assert_true(sim_network_transfer(n, 2, 1, GB, S(10)) ==
                S(11)); /* all is free again */
}

/* Each would take a century at the least: their sum is past what 63 bits of nanoseconds
 * hold. */
static void endless_queue_ends_after_all_time(void **state)
{
    static struct model_node_type snail = {.name = "snail", .nic_bytes_per_s = 1};
    const struct model_policy snails = {.n_types = 1, .types = &snail};
    struct sim_network *n = sim_network_new(*state, &snails);

    sim_network_node(n, 0, 0);
    sim_network_node(n, 1, 0);
    assert_true(sim_network_transfer(n, 0, 1, INT64_MAX, 0) == SP_NS_MAX);
    for (int i = 0; i < 5; i++)
        assert_true(sim_network_transfer(n, 0, 1, INT64_MAX, 0) == SP_NS_FAR);
}

static void end_without_limit_runs_at_the_other_ends_rate(void **state)
{
    struct sim_network *n = four_nodes(*state);

    assert_true(sim_network_transfer(n, 3, 2, 4 * GB, S(0)) == S(1));
    assert_true(sim_network_transfer(n, 3, 0, GB, S(0)) ==
                S(1)); /* 3 sends two at once */
    assert_true(sim_network_transfer(n, 3, 3, GB, S(5)) == S(5));
    assert_true(sim_network_transfer(n, 0, 2, 0, S(0)) ==
                S(0)); /* nothing takes no time */
}

static void disk_reads_one_after_the_other(void **state)
{
    struct sim_network *n = four_nodes(*state);

    assert_true(sim_network_spills(n, 2) && !sim_network_spills(n, 0));
    assert_true(sim_network_unspill(n, 2, 2 * GB, S(1)) == S(2));
    assert_true(sim_network_unspill(n, 2, 4 * GB, S(1)) == S(4));
    assert_true(sim_network_unspill(n, 2, GB, S(9)) == S(9.5));
    assert_true(sim_network_unspill(n, 0, GB, S(9)) == S(9)); /* no disk */
}

static void store_counts_what_is_in_it(void **state)
{
    struct sim_network *n = four_nodes(*state);

    assert_true(sim_network_store_limit(n, 0) == 10 &&
                sim_network_store_limit(n, 2) == -1);
    sim_network_store_add(n, 0, 7);
    sim_network_store_add(n, 1, 1);
    sim_network_store_add(n, 2, 5);
    assert_true(sim_network_store_left(n, 0) == 3 && sim_network_store_left(n, 1) == 9);
    assert_true(sim_network_store_left(n, 2) == INT64_MAX);
    assert_true(sim_network_store_used(n) == 13);
    sim_network_store_add(n, 0, -7);
    assert_true(sim_network_store_left(n, 0) == 10);
}

#define NET(test) cmocka_unit_test_setup_teardown(test, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET(transfers_queue_at_both_ends),
        NET(endless_queue_ends_after_all_time),
        NET(end_without_limit_runs_at_the_other_ends_rate),
        NET(disk_reads_one_after_the_other),
        NET(store_counts_what_is_in_it),
    };

    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
