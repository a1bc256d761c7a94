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

/* Looked for by the sanitizer when the program starts.  Line numbers would need a
 * second for each report; the line that was changed is known. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:symbolize=0:detect_stack_use_after_return=0:"
           "allocator_may_return_null=1";
}

static void unchanged_kernels_pass(void **state)
{
    char said[4000];

    (void)state;
    if (mutant_fails(&driver, 0, "forward", said, sizeof said))
        fail_msg("%s", said);
}

/* Two of them keep within a block's array and read what no thread wrote: NaN. */
static void a_loosened_bounds_test_is_noticed(void **state)
{
    int lines[MUTANTS_MAX], n = mutant_lines("INSIDE(", lines), reported = 0;
    char said[4000];

    (void)state;
    assert_true(n >= 20);
    for (int i = 0; i < n; i++) {
        if (!mutant_fails(&driver, lines[i], "forward", said, sizeof said))
            fail_msg("kernels.inc:%d: with this test loosened all is well", lines[i]);
        reported += strstr(said, "heap-buffer-overflow") != NULL;
    }
    print_message("of %d loosened bounds tests the sanitizer reported %d\n", n,
                  reported);
    assert_true(reported >= n - 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unchanged_kernels_pass),
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
    return cmocka_run_group_tests_name("device_bounds", tests, NULL, NULL);
}
