/* Every barrier of the device kernels is needed, and the tests would notice its
 * absence: each is taken away in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/kernel_mutants.h"

static struct driver driver;
static const char *const orders[] = {"forward", "backward", "shuffled"};
enum { ORDERS_N = sizeof orders / sizeof orders[0] };

static void unchanged_kernels_pass(void **state)
{
    char said[1000];

    (void)state;
    for (int i = 0; i < ORDERS_N; i++)
        if (mutant_fails(&driver, 0, orders[i], said, sizeof said))
            fail_msg("%s: %s", orders[i], said);
}

static void a_removed_barrier_is_noticed(void **state)
{
    int lines[MUTANTS_MAX], n = mutant_lines("BARRIER()", lines);
    char said[1000];

    (void)state;
    assert_true(n >= 8);
    for (int i = 0; i < n; i++) {
        bool noticed = false;

        for (int o = 0; o < ORDERS_N && !noticed; o++)
            noticed = mutant_fails(&driver, lines[i], orders[o], said, sizeof said);
        if (!noticed)
            fail_msg("kernels.inc:%d: without this barrier all tests pass", lines[i]);
        print_message("kernels.inc:%d removed: %s", lines[i], said);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unchanged_kernels_pass),
        cmocka_unit_test(a_removed_barrier_is_noticed),
    };

    unsetenv("FAKE_CUDA");
    driver_load(&driver, getenv("FAKE_CUDA_LIBRARY"));
    if (driver_start(&driver) != 0)
        return 1;
    return cmocka_run_group_tests_name("device_barriers", tests, NULL, NULL);
}
