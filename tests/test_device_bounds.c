/* Every bounds test of the device kernels is needed: each is loosened in turn (i <= n
 * for i < n), and the address sanitizer, with which the emulation is compiled here,
 * reports the access beyond the end. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kernel_mutants.h"

static struct driver driver;
static struct mutants mutants;

/* Looked for by the sanitizer when the program starts.  Line numbers would need a
 * second for each report; the line that was changed is known. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:symbolize=0:detect_stack_use_after_return=0:"
           "allocator_may_return_null=1";
}

static void every_bounds_test_is_reached(void **state)
{
    (void)state;
    assert_true(mutants.n >= 20);
    for (int i = 0; i < mutants.n; i++)
        if (mutant_cases(&mutants, i) == 0)
            fail_msg("kernels.inc:%d: no case comes to this test", mutants.lines[i]);
}

/* Two of them keep within a block's array and read what no thread wrote: NaN. */
static void a_loosened_bounds_test_is_noticed(void **state)
{
    char said[4000];
    int reported = 0;

    (void)state;
    for (int i = 0; i < mutants.n; i++) {
        if (!mutant_fails(&mutants, i, "forward", said, sizeof said))
            fail_msg("kernels.inc:%d: with this test loosened all is well",
                     mutants.lines[i]);
        reported += strstr(said, "heap-buffer-overflow") != NULL;
    }
    print_message("of %d loosened bounds tests the sanitizer reported %d\n", mutants.n,
                  reported);
    assert_true(reported >= mutants.n - 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bounds_test_is_reached),
        cmocka_unit_test(a_loosened_bounds_test_is_noticed),
    };
    const bool *has_asan;

    unsetenv("FAKE_CUDA");
    driver_load(&driver, NULL);
    has_asan = dlsym(driver.library, "emu_has_asan");
    if (has_asan == NULL || !*has_asan) {
        puts("the C++ compiler has no address sanitizer");
        return 77;
    }
    if (driver_start(&driver) != 0)
        return 1;
    mutants_find(&mutants, &driver, "INSIDE(", "emu_inside_lines");
    return cmocka_run_group_tests_name("device_bounds", tests, NULL, NULL);
}
