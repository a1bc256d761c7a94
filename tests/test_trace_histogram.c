#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/rng.h"
#include "traces/histogram.h"

enum { VALUES = 5000 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Kinds of values, each with the error that its quantiles may have. */
static struct row {
    const char *name;
    int shift; /* values are uniform below 2^shift */
    double error;
} rows[] = {
    {"all_zero_is_exact", 0, 0},
    {"below_256_is_exact", 8, 0},
    {"nine_bits_are_within_the_bound", 9, TRACE_QUANTILE_ERROR},
    {"token_counts_are_within_the_bound", 14, TRACE_QUANTILE_ERROR},
    {"32_bits_are_within_the_bound", 32, TRACE_QUANTILE_ERROR},
    {"60_bits_are_within_the_bound", 60, TRACE_QUANTILE_ERROR},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void agrees_with_sorting(void **state)
{
    static const int permille[] = {1, 10, 250, 500, 900, 990, 999, 1000};
    const struct row *row = *state;
    struct trace_histogram *h = sp_xcalloc(1, sizeof *h);
    int64_t *values = sp_xcalloc(VALUES, sizeof *values);
    struct sp_rng rng = sp_rng_from_key(7);
    sp_i128 sum = 0;

    for (int i = 0; i < VALUES; i++) {
        values[i] = (int64_t)(sp_rng_next(&rng) & ((UINT64_C(1) << row->shift) - 1));
        trace_histogram_add(h, values[i]);
        sum += values[i];
    }
    qsort(values, VALUES, sizeof *values, by_value);
    for (size_t i = 0; i < sizeof permille / sizeof permille[0]; i++) {
        int rank = (VALUES * permille[i] + 999) / 1000;
        double want = (double)values[rank - 1];
        double got = (double)trace_histogram_quantile(h, permille[i]);

        assert_true(fabs(got - want) <= row->error * want);
    }
    assert_int_equal(h->min, values[0]);
    assert_int_equal(h->max, values[VALUES - 1]);
    assert_true(trace_histogram_mean(h) == (double)sum / VALUES);
    free(values);
    free(h);
}

/* Each value that begins or ends a bin, alone in a histogram, comes back as itself. */
static void one_value_is_its_own_quantile(void **state)
{
    (void)state;
    for (int e = 0; e <= 61; e++)
        for (int64_t d = -1; d <= 1; d++) {
            struct trace_histogram *h = sp_xcalloc(1, sizeof *h);
            int64_t value = (INT64_C(1) << e) + d;

            trace_histogram_add(h, value);
            assert_int_equal(trace_histogram_quantile(h, 500), value);
            assert_int_equal(h->zeros, value == 0);
            free(h);
        }
}

static void every_bin_border_stays_within_the_bound(void **state)
{
    (void)state;
    for (int e = 8; e <= 40; e++)
        for (int64_t k = 128; k < 256; k++) {
            struct trace_histogram *h = sp_xcalloc(1, sizeof *h);
            int64_t value = k << (e - 7);

            trace_histogram_add(h, 0); /* so that min and max do not help */
            trace_histogram_add(h, value);
            trace_histogram_add(h, INT64_C(1) << 62);
            assert_true(llabs(trace_histogram_quantile(h, 500) - value) * 256 <= value);
            free(h);
        }
}

/* A bin's top is in it, the next value in the next: by adding both. */
static void a_bin_ends_at_its_top(void **state)
{
    struct trace_histogram *h = sp_xcalloc(1, sizeof *h);

    (void)state;
    for (int bin = 0; bin < TRACE_HISTOGRAM_BINS - 128; bin++) {
        int64_t top = trace_histogram_bin_top(bin);

        trace_histogram_add(h, top);
        assert_int_equal(h->bins[bin], 1 + (bin > 0));
        trace_histogram_add(h, top + 1);
        assert_int_equal(h->bins[bin + 1], 1);
    }
    free(h);
}

static void nothing_has_no_mean(void **state)
{
    struct trace_histogram *h = sp_xcalloc(1, sizeof *h);

    (void)state;
    assert_true(isnan(trace_histogram_mean(h)));
    assert_int_equal(trace_histogram_quantile(h, 500), 0);
    free(h);
}

int main(void)
{
    enum { OTHERS = 4 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(one_value_is_its_own_quantile),
        cmocka_unit_test(every_bin_border_stays_within_the_bound),
        cmocka_unit_test(a_bin_ends_at_its_top),
        cmocka_unit_test(nothing_has_no_mean),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] = (struct CMUnitTest){.name = rows[i].name,
                                                .test_func = agrees_with_sorting,
                                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_histogram", tests, NULL, NULL);
}
