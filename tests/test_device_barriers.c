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
static struct mutants mutants;
static const char *const orders[] = {"forward", "backward", "shuffled"};
enum { ORDERS_N = sizeof orders / sizeof orders[0] };

static void every_barrier_is_reached(void **state)
{
    (void)state;
    assert_true(mutants.n >= 8);
    for (int i = 0; i < mutants.n; i++)
        if (mutant_cases(&mutants, i) == 0)
            fail_msg("kernels.inc:%d: no case comes to this barrier", mutants.lines[i]);
}

static void a_removed_barrier_is_noticed(void **state)
{
    char said[1000];

    (void)state;
    for (int i = 0; i < mutants.n; i++) {
        bool noticed = false;

        for (int o = 0; o < ORDERS_N && !noticed; o++)
            noticed = mutant_fails(&mutants, i, orders[o], said, sizeof said);
        if (!noticed)
            fail_msg("kernels.inc:%d: without this barrier all is well",
                     mutants.lines[i]);
        print_message("kernels.inc:%d removed: %s", mutants.lines[i], said);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_barrier_is_reached),
        cmocka_unit_test(a_removed_barrier_is_noticed),
    };

    unsetenv("FAKE_CUDA");
    driver_load(&driver, getenv("FAKE_CUDA_LIBRARY"));
    if (driver_start(&driver) != 0)
        return 1;
    mutants_find(&mutants, &driver, "BARRIER()", "emu_barrier_lines");
    return cmocka_run_group_tests_name("device_barriers", tests, NULL, NULL);
}
