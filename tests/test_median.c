/* base/median.h: by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/median.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

static struct row {
    const char *name;
    int32_t n;
    double x[6], median;
} rows[] = {
    {"none_has_none", 0, {1}, NAN},
    {"one_value_is_its_median", 1, {7}, 7},
    {"the_mean_of_two", 2, {4, 1}, 2.5},
    {"the_middle_of_three", 3, {3, 1, 2}, 2},
    {"the_mean_of_the_middle_two", 4, {4, 1, 3, 2}, 2.5},
    {"an_outlier_does_not_move_it", 5, {2, 100, 1, -4e9, 3}, 2},
    {"all_equal", 6, {5, 5, 5, 5, 5, 5}, 5},
    {"infinity_is_a_number", 3, {INFINITY, 1, 2}, 2},
};

static void median_by_hand(void **state)
{
    const struct row *row = *state;
    double x[6], got;

    memcpy(x, row->x, sizeof x);
    got = sp_median(x, row->n);
    if (isnan(row->median))
        assert_true(isnan(got));
    else
        assert_true(got == row->median);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS];

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = median_by_hand,
                                       .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("median", tests, NULL, NULL);
}
