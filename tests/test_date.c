#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/date.h"

/* Seconds of `date -u +%s`, or -1. */
static const struct row {
    const char *name, *date, *time;
    int64_t want;
} rows[] = {
    {"the_epoch_is_0", "1970-01-01", "00:00:00", 0},
    {"a_second_before_the_epoch_is_refused", "1969-12-31", "23:59:59", -1},
    {"a_day_of_2021", "2021-12-11", "11:11:30", 1639221090},
    {"the_leap_day_of_2000_is_there", "2000-02-29", "12:00:00", 951825600},
    {"1900s_rule_holds_in_2100", "2100-02-29", "00:00:00", -1},
    {"the_last_second_of_2199", "2199-12-31", "23:59:59", 7258118399},
    {"the_year_2200_is_refused", "2200-01-01", "00:00:00", -1},
    {"february_30_is_refused", "2020-02-30", "00:00:00", -1},
    {"month_13_is_refused", "2020-13-01", "00:00:00", -1},
    {"hour_24_is_refused", "2020-01-01", "24:00:00", -1},
    {"minute_60_is_refused", "2020-01-01", "00:60:00", -1},
    {"a_leap_second_is_refused", "2016-12-31", "23:59:60", -1},
    {"a_short_date_is_refused", "2020-1-01", "00:00:00", -1},
    {"other_separators_are_refused", "2020/01/01", "00:00:00", -1},
    {"a_sign_is_refused", "-020-01-01", "00:00:00", -1},
    {"an_empty_time_is_refused", "2020-01-01", "", -1},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void date_is_as_wanted(void **state)
{
    const struct row *row = *state;

    assert_int_equal(sp_seconds_from_date(row->date, row->time), row->want);
}

static void every_day_is_that_of_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 84006; day++) { /* to the end of 2199 */
        time_t t = (time_t)(day * 86400);
        struct tm tm;

        assert_non_null(gmtime_r(&t, &tm));
        assert_int_equal(
            sp_days_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday), day);
    }
}

int main(void)
{
    struct CMUnitTest tests[1 + N_ROWS] = {
        cmocka_unit_test(every_day_is_that_of_the_c_library)};

    for (int i = 0; i < N_ROWS; i++)
        tests[1 + i] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = date_is_as_wanted,
                                .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
