#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/units.h"
#include "tests/trace_files.h"
#include "traces/demand_file.h"
#include "traces/level_times.h"

/* cmocka compares floats, which hold seven figures. */
#define assert_near(found, want, tolerance)                                            \
    assert_true(fabs((found) - (want)) <= (tolerance))

#define N_ELEMENTS(a) (sizeof(a) / sizeof(a)[0])

/* ---- times at levels ---- */

static void quantiles_are_of_the_time_and_not_of_the_steps(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_level_times *t = trace_level_times_new(arena);

    (void)state;
    assert_int_equal(trace_level_times_quantile(t, 500), 0);
    trace_level_times_add(t, 9, 1); /* 1 % */
    trace_level_times_add(t, 3, 40);
    trace_level_times_add(t, 0, 49);
    trace_level_times_add(t, 7, 0); /* no time, no level */
    trace_level_times_add(t, 3, 10);
    assert_int_equal(trace_level_times_total(t), 100);
    assert_true(trace_level_times_integral(t) == 9 + 150);
    assert_int_equal(trace_level_times_quantile(t, 1), 0);
    assert_int_equal(trace_level_times_quantile(t, 490), 0);
    assert_int_equal(trace_level_times_quantile(t, 491), 3);
    assert_int_equal(trace_level_times_quantile(t, 990), 3);
    assert_int_equal(trace_level_times_quantile(t, 991), 9);
    assert_int_equal(trace_level_times_quantile(t, 1000), 9);
    sp_arena_free(arena);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Against the sorted list of a level for every unit of time. */
static void many_levels_agree_with_a_sorted_list(void **state)
{
    enum { N = 20000 };
    struct sp_arena *arena = sp_arena_new();
    struct trace_level_times *t = trace_level_times_new(arena);
    struct sp_rng rng = sp_rng_from_key(5);
    int64_t *every = sp_xcalloc(3 * N, sizeof *every);
    size_t n = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        int64_t level = (int64_t)(sp_rng_next(&rng) % 5000) * 1000;
        int64_t time = (int64_t)(sp_rng_next(&rng) % 4);

        trace_level_times_add(t, level, time);
        while (time-- > 0)
            every[n++] = level;
    }
    qsort(every, n, sizeof *every, by_value);
    for (int permille = 1; permille <= 1000; permille++)
        assert_int_equal(trace_level_times_quantile(t, permille),
                         every[(n * (size_t)permille + 999) / 1000 - 1]);
    free(every);
    sp_arena_free(arena);
}

/* ---- demand ---- */

/* By hand: A wants 2 GPUs in [0, 6), B 3 in [4, 10), A 1 more in [9, 10); to 20. */
static void the_peak_of_the_sum_is_not_the_sum_of_the_peaks(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_demand *d = trace_demand_new(arena);
    struct trace_demand_result *r;

    (void)state;
    trace_demand_change(d, 0, 0, 2000);
    trace_demand_change(d, 1, 4, 4000); /* gone at once: it lasts no time */
    trace_demand_change(d, 1, 4, -1000);
    trace_demand_change(d, 0, 6, -2000);
    trace_demand_change(d, 0, 9, 1000);
    trace_demand_change(d, 0, 10, -1000);
    trace_demand_change(d, 1, 10, -3000);
    r = trace_demand_end(d, 20);
    assert_int_equal(r->length_ns, 20);
    assert_int_equal(r->n_teams, 2);
    assert_int_equal(r->all.peak_mgpu, 5000); /* in [4, 6) */
    assert_int_equal(r->all.peak_at_ns, 4);
    assert_int_equal(r->sum_peak_mgpu, 2000 + 3000);
    assert_true(r->all.mgpu_ns == 2000 * 6 + 3000 * 6 + 1000);
    assert_near(r->all.mean_mgpu, 31000 / 20.0, 1e-9);
    /* levels of the sum: 0 x 10, 2 x 4, 3 x 3, 4 x 1, 5 x 2 */
    assert_int_equal(r->all.p50_mgpu, 0);
    assert_int_equal(r->all.p95_mgpu, 5000);
    assert_int_equal(r->teams[0].p50_mgpu, 0);
    assert_int_equal(r->teams[0].p95_mgpu, 2000);
    assert_int_equal(r->teams[1].p99_mgpu, 3000);
    assert_int_equal(r->sum_p99_mgpu, 5000);
    sp_arena_free(arena);
}

static void no_time_has_no_mean(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_demand_result *r = trace_demand_end(trace_demand_new(arena), 0);

    (void)state;
    assert_true(isnan(r->all.mean_mgpu));
    assert_int_equal(r->n_teams, 0);
    assert_int_equal(r->n_series, 0);
    sp_arena_free(arena);
}

/* However the width doubles, the buckets hold what the integral holds. */
static void the_series_integrates_to_the_demand(void **state)
{
    static const int64_t ends_ns[] = {1,        1000000,     64000000,
                                      64000001, SP_NS_PER_H, SP_NS_MAX};

    (void)state;
    for (size_t e = 0; e < N_ELEMENTS(ends_ns); e++) {
        struct sp_arena *arena = sp_arena_new();
        struct trace_demand *d = trace_demand_new(arena);
        struct trace_demand_result *r;
        double sum = 0;

        trace_demand_change(d, 0, ends_ns[e] / 3, 700);
        trace_demand_change(d, 3, ends_ns[e] / 2, 1300);
        r = trace_demand_end(d, ends_ns[e]);
        assert_true(r->n_series >= 1 && r->n_series <= TRACE_DEMAND_SERIES_MAX);
        for (int32_t i = 0; i < r->n_series; i++) {
            int64_t left_ns = r->length_ns - i * r->series_ns;

            sum += r->series_mgpu[i] *
                   (double)(left_ns < r->series_ns ? left_ns : r->series_ns);
        }
        assert_near(sum / sp_double_from_i128(r->all.mgpu_ns), 1, 1e-12);
        sp_arena_free(arena);
    }
}

/* ---- recorded demand ---- */

static struct row {
    const char *name, *text;
    double length_s, mean; /* of the sum of the teams, GPUs */
    int64_t peak, sum_peak;
    const char *wrong;
} rows[] = {
    {"running_and_pending_add_up",
     "minute,a_run_gpus,a_pend_gpus,a_run_jobs,b_run_gpus\n0,1,2,9,0\n1,0,0,9,4\n", 120,
     3.5, 4, 7, NULL},
    {"seconds_may_jump_and_the_last_row_holds_as_long_as_the_one_before",
     "second,a_gpus\n10,5\n12,1\n15,0\n", 8, (5 * 2 + 3) / 8.0, 5, 5, NULL},
    {"one_row_is_a_tick", "minute,a_gpus\n7,5\n", 60, 5, 5, 5, NULL},
    {"a_time_twice_is_refused", "minute,a_gpus\n1,5\n1,5\n", 0, 0, 0, 0,
     ":3:1: found '1', expected a time after that of the row above"},
    {"a_part_of_a_gpu_is_refused", "minute,a_gpus\n1,0.5\n", 0, 0, 0, 0,
     ":2:3: found '0.5', expected a whole number of GPUs, 0 to 1000000"},
    {"negative_gpus_are_refused", "minute,a_gpus\n1,-5\n", 0, 0, 0, 0,
     ":2:3: found '-5', expected a whole number of GPUs, 0 to 1000000"},
    {"a_wild_number_is_refused", "minute,a_gpus\n1,1e30\n", 0, 0, 0, 0,
     ":2:3: found '1e30', expected a whole number of GPUs, 0 to 1000000"},
    {"a_column_of_something_else_is_refused", "minute,a_gpus,colour\n1,5,2\n", 0, 0, 0,
     0,
     ":1:15: found 'colour', expected a team's name with _gpus, _run_gpus or "
     "_pend_gpus"},
    {"a_short_row_is_refused", "minute,a_gpus,b_gpus\n1,5\n", 0, 0, 0, 0,
     ":2: found 2 fields, expected 3"},
    {"a_header_alone_is_refused", "minute,a_gpus\n", 0, 0, 0, 0, ": has no rows"},
    {"another_file_is_refused", "arrival_s,bytes\n1,5\n", 0, 0, 0, 0,
     ":1: not a table of demand, expected columns such as "
     "minute,TEAM_run_gpus,TEAM_pend_gpus"},
    {"an_empty_file_is_refused", "", 0, 0, 0, 0,
     ":1: not a table of demand, expected columns such as "
     "minute,TEAM_run_gpus,TEAM_pend_gpus"},
};

static void table_is_read_as_wanted(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    struct trace_demand_file *file = NULL;
    struct sp_err err = {0};
    char *path = file_of_text(row->text);
    enum sp_status status = trace_demand_read(path, arena, &file, &err);

    if (row->wrong == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        assert_near(sp_s_from_ns(file->demand->length_ns), row->length_s, 0);
        assert_near(file->demand->all.mean_mgpu, 1000 * row->mean, 1e-9);
        assert_int_equal(file->demand->all.peak_mgpu, 1000 * row->peak);
        assert_int_equal(file->demand->sum_peak_mgpu, 1000 * row->sum_peak);
        assert_true(trace_demand_recognise(row->text, strlen(row->text)));
    } else {
        assert_int_equal(status, SP_EINPUT);
        assert_null(file);
        assert_memory_equal(err.text, path, strlen(path));
        assert_string_equal(err.text + strlen(path), row->wrong);
    }
    file_drop(path);
    sp_arena_free(arena);
}

/* Helios, Earth, May 2020 (S-Lab-System-Group/HeliosArtifact bdaae10): running and
 * pending GPUs of 16 clusters, minute by minute; figures by another program.  Private
 * clusters at their own 99th percentile need 1203 GPUs, one pool 858. */
static void pooling_helios_earth_saves_345_gpus(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    char *path = file_shared("cluster/helios/earth_2020-05_vc_minute.csv.gz");
    struct trace_demand_file *file = NULL;
    const struct trace_demand_figures *all;
    struct sp_err err = {0};

    (void)state;
    if (path == NULL) {
        sp_arena_free(arena);
        skip();
    }
    if (trace_demand_read(path, arena, &file, &err) != SP_OK)
        fail_msg("%s", err.text);
    all = &file->demand->all;
    assert_int_equal(file->rows, 44640);
    assert_int_equal(file->teams.n, 16);
    assert_near(all->mean_mgpu / 1000, 632, .5);
    assert_int_equal(all->p50_mgpu, 665000);
    assert_int_equal(all->p95_mgpu, 812000);
    assert_int_equal(all->p99_mgpu, 858000);
    assert_int_equal(all->peak_mgpu, 933000);
    assert_int_equal(file->demand->sum_p95_mgpu, 1047000);
    assert_int_equal(file->demand->sum_p99_mgpu, 1203000);
    free(path);
    sp_arena_free(arena);
}

enum { N_ROWS = N_ELEMENTS(rows), OTHERS = 6 };

int main(void)
{
    struct CMUnitTest tests[OTHERS + N_ROWS] = {
        cmocka_unit_test(quantiles_are_of_the_time_and_not_of_the_steps),
        cmocka_unit_test(many_levels_agree_with_a_sorted_list),
        cmocka_unit_test(the_peak_of_the_sum_is_not_the_sum_of_the_peaks),
        cmocka_unit_test(no_time_has_no_mean),
        cmocka_unit_test(the_series_integrates_to_the_demand),
        cmocka_unit_test(pooling_helios_earth_saves_345_gpus),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[OTHERS + i] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = table_is_read_as_wanted,
                                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
