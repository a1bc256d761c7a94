/* The device kernels, run by the fake driver, against references in double; in three
 * orders of a block's threads, so that what holds by the order alone shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/driver_rig.h"

static struct driver driver;

static const char *const orders[] = {"order=forward", "order=backward",
                                     "order=shuffled"};

static void kernel_agrees_with_its_reference(void **state)
{
    const struct device_case *c = *state;
    struct device_rig rig = driver_rig(&driver);
    char why[300];

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        setenv("FAKE_CUDA", orders[i], 1);
        if (device_case_run(c, &rig, why, sizeof why) != DEVICE_RIGHT)
            fail_msg("%s: %s", orders[i], why);
    }
}

static void every_kernel_of_the_table_has_a_case(void **state)
{
    static const char *const without[] = {"empty", "gate", "clock_probe"};
    const struct cal_device_kernel *kernel;

    (void)state;
    for (int32_t i = 0; (kernel = cal_device_kernel(i)) != NULL; i++) {
        int cases = 0;

        for (size_t w = 0; w < sizeof without / sizeof without[0]; w++)
            cases += strcmp(kernel->name, without[w]) == 0;
        for (int c = 0; c < device_cases_n; c++)
            cases += strcmp(kernel->name, device_cases[c].kernel) == 0;
        if (cases == 0)
            fail_msg("%s is never run", kernel->name);
    }
}

int main(void)
{
    struct CMUnitTest tests[200] = {
        cmocka_unit_test(every_kernel_of_the_table_has_a_case),
    };
    int n = 1;

    unsetenv("FAKE_CUDA");
    driver_load(&driver, getenv("FAKE_CUDA_LIBRARY"));
    if (driver_start(&driver) != 0)
        return 1;
    for (int i = 0; i < device_cases_n; i++)
        tests[n++] =
            (struct CMUnitTest){.name = device_cases[i].name,
                                .test_func = kernel_agrees_with_its_reference,
                                .initial_state = (void *)(uintptr_t)&device_cases[i]};
    return _cmocka_run_group_tests("device_kernels", tests, (size_t)n, NULL, NULL);
}
