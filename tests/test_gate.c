/* The kernel's files, parsed: what they say, and what is no such file.  Then what the
 * real ones say of this thread, without any time in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "calibrate/circumstances.h"
#include "calibrate/gate.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

enum file { SCHEDSTAT, PRESSURE, LOAD, QUOTA };

static struct row {
    const char *name;
    enum file file;
    const char *text;
    double want; /* NAN: refused */
} rows[] = {
    {"schedstat_waits_are_its_second_number", SCHEDSTAT, "1203 42092 17\n", 42092},
    {"schedstat_of_a_new_thread", SCHEDSTAT, "0 0 0\n", 0},
    {"schedstat_of_a_long_life", SCHEDSTAT, "1 9223372036854775807 3\n", 0x1p63},
    {"schedstat_empty", SCHEDSTAT, "", NAN},
    {"schedstat_of_one_number", SCHEDSTAT, "12\n", NAN},
    {"schedstat_of_two_numbers", SCHEDSTAT, "12 13\n", NAN},
    {"schedstat_of_words", SCHEDSTAT, "a b c\n", NAN},
    {"schedstat_below_zero", SCHEDSTAT, "1 -1 1\n", NAN},
    {"pressure_total_of_some", PRESSURE,
     "some avg10=3.78 avg60=1.67 avg300=0.63 total=9975571805\n"
     "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
     9975571805.0},
    {"pressure_without_a_total", PRESSURE, "some avg10=3.78\nfull total=7\n", NAN},
    {"pressure_of_full_alone", PRESSURE, "full avg10=3.78 total=7\n", NAN},
    {"pressure_of_a_word", PRESSURE, "some total=x\n", NAN},
    {"pressure_empty", PRESSURE, "", NAN},
    {"load_of_a_minute", LOAD, "1.25 0.50 0.10 2/345 6789\n", 1.25},
    {"load_of_a_word", LOAD, "none\n", NAN},
    {"quota_of_two_cpus", QUOTA, "200000 100000\n", 2},
    {"quota_of_half_a_cpu", QUOTA, "50000 100000\n", 0.5},
    {"quota_without_limit", QUOTA, "max 100000\n", INFINITY},
    {"quota_without_period", QUOTA, "200000\n", NAN},
    {"quota_of_nothing", QUOTA, "0 100000\n", NAN},
    {"quota_over_nothing", QUOTA, "100000 0\n", NAN},
    {"quota_empty", QUOTA, "", NAN},
};

static bool parse(enum file file, const char *text, double *value)
{
    int64_t wait_ns;

    switch (file) {
    case SCHEDSTAT:
        if (!cal_gate_parse_schedstat(text, &wait_ns))
            return false;
        *value = (double)wait_ns;
        return true;
    case PRESSURE:
        return cal_parse_pressure(text, value);
    case LOAD:
        return cal_parse_load(text, value);
    case QUOTA:
        return cal_parse_quota(text, value);
    }
    return false;
}

static void file_is_read_or_refused(void **state)
{
    const struct row *row = *state;
    double value = -1;

    assert_int_equal(parse(row->file, row->text, &value), !isnan(row->want));
    if (isnan(row->want))
        assert_true(value == -1);
    else
        assert_true(value == row->want);
}

static struct stat_row {
    const char *name, *text;
    double busy, steal, all; /* busy < 0: refused */
} stat_rows[] = {
    /* user, nice, system, irq and softirq work; idle and iowait rest; guests are in
     * user already */
    {"ticks_that_work_rest_and_are_stolen",
     "cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 163, 8, 621},
    {"ticks_of_an_idle_machine", "cpu  0 0 0 1000 0 0 0 0 0 0\n", 0, 0, 1000},
    {"too_few_ticks", "cpu  1 2 3 4 5 6 7\n", -1, 0, 0},
    {"ticks_of_one_cpu_alone", "cpu0 1 2 3 4 5 6 7 8 9 10\n", -1, 0, 0},
    {"no_ticks", "", -1, 0, 0},
};

static void ticks_are_sorted(void **state)
{
    const struct stat_row *row = *state;
    double busy = -1, steal = -1, all = -1;

    assert_int_equal(cal_parse_stat(row->text, &busy, &steal, &all), row->busy >= 0);
    if (row->busy < 0)
        return;
    assert_true(busy == row->busy && steal == row->steal && all == row->all);
}

static void absent_file_is_told(void **state)
{
    char text[16];

    (void)state;
    assert_false(cal_slurp("/nowhere/at/all", text, sizeof text));
    assert_false(cal_slurp("/dev/null", text, sizeof text));
}

/* Whatever system this is: counters never go back, and the gate says what it sees. */
static void counters_of_this_thread_never_go_back(void **state)
{
    struct cal_gate gate;
    struct cal_mark before, after;
    volatile uint64_t work = 1;

    (void)state;
    cal_gate_open(&gate);
    before = cal_gate_mark(&gate);
    for (int i = 0; i < 100000; i++)
        work *= 3;
    after = cal_gate_mark(&gate);
    assert_int_equal(work % 2, 1);
    assert_true(after.wait_ns >= before.wait_ns);
    assert_true(after.switches >= before.switches);
    assert_true(after.cpu_ns >= before.cpu_ns && before.cpu_ns >= 0);
    assert_string_equal(cal_gate_text(&gate),
                        gate.fd >= 0 ? "run-queue wait, switches" : "switches");
    cal_gate_close(&gate);
    assert_string_equal(cal_gate_text(&gate), "switches");
    assert_int_equal(cal_gate_mark(&gate).wait_ns, 0);
    cal_gate_close(&gate); /* twice is fine */
}

static void unknown_load_is_not_quiet(void **state)
{
    struct cal_circumstances is = {.foreign_cores = (double)NAN};

    (void)state;
    assert_false(cal_circumstances_quiet(&is));
    is.foreign_cores = 0.06;
    assert_false(cal_circumstances_quiet(&is));
    is.foreign_cores = 0.04;
    assert_true(cal_circumstances_quiet(&is));
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS(rows) + N_ROWS(stat_rows) + 3] = {
        cmocka_unit_test(absent_file_is_told),
        cmocka_unit_test(counters_of_this_thread_never_go_back),
        cmocka_unit_test(unknown_load_is_not_quiet),
    };
    size_t n = 3;

    for (size_t i = 0; i < N_ROWS(rows); i++)
        tests[n++] = (struct CMUnitTest){.name = rows[i].name,
                                         .test_func = file_is_read_or_refused,
                                         .initial_state = &rows[i]};
    for (size_t i = 0; i < N_ROWS(stat_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = stat_rows[i].name,
                                         .test_func = ticks_are_sorted,
                                         .initial_state = &stat_rows[i]};
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
