/* Quantiles of quantiles, their half-width, and when it is enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/median.h"
#include "base/rng.h"
#include "calibrate/estimate.h"
#include "tests/near.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- standard errors: by hand ---- */

/* sqrt(pi / 2) by the normal law's upper quartile */
#define SD_BY_MAD (1.2533141373155003 / 0.6744897501960817)

static struct error_row {
    const char *name;
    int32_t n;
    double x[6], median, sd, half_frac;
} error_rows[] = {
    {"one_value_tells_no_error", 1, {7}, 7, NAN, INFINITY},
    {"all_equal_have_no_error", 6, {5, 5, 5, 5, 5, 5}, 5, 0, 0},
    /* distances from 2.5: 1.5, 0.5, 0.5, 1.5, their median 1 */
    {"of_four", 4, {4, 1, 3, 2}, 2.5, SD_BY_MAD / 2, SD_BY_MAD / 2.5},
    /* distances from 3: 2, 1, 0, 1 and a large one */
    {"an_outlier_does_not_count", 5, {2, 100, 1, 4, 3}, 3, 0.83099, 0.55399},
};

/* ---- quantiles: by hand ---- */

static struct quantile_row {
    const char *name;
    int32_t n;
    double x[6], p, value;
} quantile_rows[] = {
    {"one_value_is_its_every_quantile", 1, {7}, 0.9, 7},
    {"the_least_is_at_0", 4, {4, 1, 3, 2}, 0, 1},
    {"the_most_is_at_1", 4, {4, 1, 3, 2}, 1, 4},
    {"the_median_is_at_a_half", 4, {4, 1, 3, 2}, 0.5, 2.5},
    /* place 0.25 x 5 = 1.25 of 0..5 */
    {"a_quarter_of_the_way_from_the_second_to_the_third",
     6,
     {6, 20, 2, 1, 5, 10},
     0.25,
     2.75},
};

static void quantile_by_hand(void **state)
{
    const struct quantile_row *row = *state;
    double x[6];

    memcpy(x, row->x, sizeof x);
    assert_near(sp_quantile(x, row->n, row->p), row->value, 1e-14);
}

static void error_by_hand(void **state)
{
    const struct error_row *row = *state;
    double x[6], sd, half_frac;

    memcpy(x, row->x, sizeof x);
    sd = cal_median_sd(x, row->n, row->median);
    memcpy(x, row->x, sizeof x);
    half_frac = cal_half_frac(x, row->n, row->median);
    if (isnan(row->sd)) {
        assert_true(isnan(sd));
        assert_true(isinf(half_frac));
        return;
    }
    assert_near(sd, row->sd, 1e-5);
    assert_near(half_frac, row->half_frac, 1e-5);
}

/* ---- summaries: by hand ---- */

enum { SAMPLES_MOST = 24 };

static struct summary_row {
    const char *name;
    int32_t n_items, n;
    struct cal_sample samples[SAMPLES_MOST];
    double s, half_frac;
    int32_t blocks, inputs;
    double items_s[3];
    enum cal_centre centre;
} summary_rows[] = {
    {"no_sample_says_nothing",
     1,
     0,
     {{0}},
     NAN,
     INFINITY,
     0,
     0,
     {NAN},
     CAL_CENTRE_MEDIAN},
    {"one_block_has_no_half_width",
     1,
     3,
     {{0, 0, 1}, {0, 0, 2}, {0, 0, 4}},
     2,
     INFINITY,
     1,
     1,
     {2},
     CAL_CENTRE_MEDIAN},
    /* medians of blocks 2, 3, 11: distances from 3 are 1, 0, 8 */
    {"the_median_of_the_blocks_medians",
     1,
     9,
     {{0, 0, 1},
      {0, 0, 2},
      {0, 0, 3},
      {0, 1, 2},
      {0, 1, 3},
      {0, 1, 4},
      {0, 2, 10},
      {0, 2, 11},
      {0, 2, 12}},
     3,
     2 * SD_BY_MAD * 1 / 1.7320508075688772 / 3,
     3,
     1,
     {3},
     CAL_CENTRE_MEDIAN},
    /* a plain median of all would say 1, a median of blocks 1 or 3 */
    {"unequal_inputs_count_alike_whichever_blocks_met_them",
     2,
     12,
     {{0, 0, 1},
      {0, 0, 1},
      {0, 0, 1},
      {0, 1, 1},
      {0, 1, 1},
      {0, 1, 1},
      {1, 2, 3},
      {1, 2, 3},
      {1, 2, 3},
      {1, 2, 3},
      {1, 2, 3},
      {1, 2, 3}},
     2,
     0,
     3,
     2,
     {1, 3},
     CAL_CENTRE_MEDIAN},
    {"an_input_that_was_not_seen_is_left_out",
     3,
     4,
     {{2, 0, 4}, {0, 0, 2}, {2, 1, 4}, {0, 1, 2}},
     3,
     INFINITY,
     2,
     2,
     {2, NAN, 4},
     CAL_CENTRE_MEDIAN},
    /* ratios are 1 by construction: that must not look like certainty */
    {"fewer_than_four_samples_of_an_input_have_no_half_width",
     2,
     2,
     {{0, 0, 1}, {1, 1, 3}},
     2,
     INFINITY,
     2,
     2,
     {1, 3},
     CAL_CENTRE_MEDIAN},
    /* item medians 1 and 2; block values 1, 1.1, 0.9, 1; MADn 1.4826 x 0.05; 8 samples
     * of 2 inputs: times sqrt(8 / 6) */
    {"medians_from_the_same_samples_widen_it",
     2,
     8,
     {{0, 0, 1},
      {1, 0, 2},
      {0, 1, 1.1},
      {1, 1, 2.2},
      {0, 2, 0.9},
      {1, 2, 1.8},
      {0, 3, 1},
      {1, 3, 2}},
     1.5,
     2 * SD_BY_MAD * 0.05 / 2 * 1.1547005383792515,
     4,
     2,
     {1, 2},
     CAL_CENTRE_MEDIAN},
    /* lower quartiles of the blocks 1.5, 2.5, 10.5, the slow ones above do not count;
     * decile 1.5 + 0.2 x 1, quartile 1.5 + 0.5 x 1; the input's time is the estimate */
    {"the_low_end_is_the_lowest_decile_of_lower_quartiles",
     1,
     9,
     {{0, 0, 1},
      {0, 0, 2},
      {0, 0, 30},
      {0, 1, 2},
      {0, 1, 3},
      {0, 1, 40},
      {0, 2, 10},
      {0, 2, 11},
      {0, 2, 50}},
     1.7,
     2 * 1.7094 * (0.3 / 0.60706) / 1.7320508075688772 / 1.7,
     3,
     1,
     {1.7},
     CAL_CENTRE_LOW},
    /* medians of inputs 1 and 2; blocks 1, 1.1, 0.9, 1 of them: decile 0.9 + 0.3 x 0.1,
     * quartile 0.9 + 0.75 x 0.1 */
    {"the_inputs_times_agree_with_the_low_end",
     2,
     8,
     {{0, 0, 1},
      {1, 0, 2},
      {0, 1, 1.1},
      {1, 1, 2.2},
      {0, 2, 0.9},
      {1, 2, 1.8},
      {0, 3, 1},
      {1, 3, 2}},
     0.93 * 1.5,
     2 * 1.7094 * (0.045 / 0.60706) / 2 / 0.93 * 1.1547005383792515,
     4,
     2,
     {0.93, 1.86},
     CAL_CENTRE_LOW},
};

static void assert_same(double found, double expected)
{
    if (isnan(expected))
        assert_true(isnan(found));
    else if (isinf(expected))
        assert_true(isinf(found));
    else
        assert_near(found, expected, 1e-12);
}

static void summary_by_hand(void **state)
{
    const struct summary_row *row = *state;
    double items_s[3];
    struct cal_summary is =
        cal_summarise(row->samples, row->n, row->n_items, row->centre, items_s);

    assert_same(is.s, row->s);
    assert_same(is.half_frac, row->half_frac);
    assert_int_equal(is.blocks, row->blocks);
    assert_int_equal(is.inputs, row->inputs);
    for (int32_t i = 0; i < row->n_items; i++)
        assert_same(items_s[i], row->items_s[i]);
    assert_same(cal_summarise(row->samples, row->n, row->n_items, row->centre, NULL).s,
                row->s);
}

/* ---- the stop rule ---- */

static struct stop_row {
    const char *name;
    struct cal_summary is;
    int32_t n_items;
    bool converged;
} stop_rows[] = {
    {"twelve_blocks_and_one_percent_are_enough", {1, 0.01, 12, 1}, 1, true},
    {"eleven_blocks_are_not", {1, 0.001, 11, 1}, 1, false},
    {"more_than_one_percent_is_not", {1, 0.0101, 80, 1}, 1, false},
    {"an_input_missing_is_not", {1, 0.001, 80, 31}, 32, false},
    {"all_inputs_seen_is", {1, 0.001, 80, 32}, 32, true},
    {"no_half_width_is_not", {1, INFINITY, 12, 1}, 1, false},
};

static void stops_when_enough(void **state)
{
    const struct stop_row *row = *state;

    assert_int_equal(cal_summary_converged(&row->is, row->n_items, 0.01),
                     row->converged);
}

/* ---- coverage ---- */

static double normal(struct sp_rng *rng)
{
    return sqrt(2 * sp_rng_exponential(rng)) *
           cos(2 * 3.14159265358979323846 * sp_rng_uniform(rng));
}

enum { CAMPAIGNS = 2000, BLOCKS = 101, PER_BLOCK = 8, INPUTS = 16 };

/* Share of the intervals that hold `truth`, of campaigns of blocks of a normal law
 * around 1, sd 2 %. */
static double covered_frac(enum cal_centre centre, double truth)
{
    struct sp_rng rng = sp_rng_from_key(1);
    int32_t covered = 0;

    for (int32_t c = 0; c < CAMPAIGNS; c++) {
        struct cal_sample samples[BLOCKS];
        struct cal_summary is;

        for (int32_t b = 0; b < BLOCKS; b++)
            samples[b] = (struct cal_sample){0, b, 1 + 0.02 * normal(&rng)};
        is = cal_summarise(samples, BLOCKS, 1, centre, NULL);
        covered += fabs(is.s - truth) <= is.half_frac * is.s;
    }
    return (double)covered / CAMPAIGNS;
}

/* Samples of a block all alike: the median's standard error is 1.2533 sigma / sqrt(n),
 * of which the half-width is twice: 95.4 % of intervals hold the truth, some less as
 * sigma is estimated.  2,000 trials: standard error 0.5 %. */
static void half_width_covers_the_truth(void **state)
{
    (void)state;
    assert_near(covered_frac(CAL_CENTRE_MEDIAN, 1), 0.95, 0.02);
}

/* The decile of a normal law lies 1.28155 sigma below its mean.  Sigma is that of the
 * 15 blocks between decile and quartile, so known to a quarter, and is small where the
 * decile is too high: 91.5 % by a simulation apart (73 % of 12 blocks, 84 of 24, 94 of
 * 400), standard error 0.6 %. */
static void half_width_covers_the_low_end(void **state)
{
    (void)state;
    assert_near(covered_frac(CAL_CENTRE_LOW, 1 - 0.02 * 1.28155), 0.915, 0.025);
}

/* Half of the blocks slowed down by a quarter on average: the median is of neither
 * kind, the decile becomes the undisturbed ones' quantile of 0.2 at most, 0.84 sigma
 * below their mean. */
static void half_of_the_blocks_slowed_down_hardly_move_the_low_end(void **state)
{
    struct sp_rng rng = sp_rng_from_key(3);
    struct cal_sample samples[BLOCKS];

    (void)state;
    for (int32_t b = 0; b < BLOCKS; b++) {
        samples[b] = (struct cal_sample){0, b, 1 + 0.005 * normal(&rng)};
        if (b % 2 == 0)
            samples[b].s *= 1 + 0.5 * sp_rng_uniform(&rng);
    }
    assert_near(cal_summarise(samples, BLOCKS, 1, CAL_CENTRE_LOW, NULL).s,
                1 - 0.005 * 0.8416, 4 * 0.005 * 1.43 / sqrt(BLOCKS / 2));
    assert_true(cal_summarise(samples, BLOCKS, 1, CAL_CENTRE_MEDIAN, NULL).s > 1.005);
}

/* Inputs that differ by a third, samples by 2 %, blocks by 1 %: 24 blocks of 8, so 12
 * samples of each input.  The error is of the blocks (1 % and 2 % x 1.25 / sqrt(8)) and
 * covered as above; that MADn is of 24 blocks alone costs some per cent, which the
 * widening gives back in part. */
static void half_width_covers_the_mean_of_inputs(void **state)
{
    enum { N = 24 * PER_BLOCK };
    struct sp_rng rng = sp_rng_from_key(2);
    double truth = 0, inputs[INPUTS];
    int32_t covered = 0;

    (void)state;
    for (int32_t i = 0; i < INPUTS; i++) {
        inputs[i] = exp(normal(&rng) / 3);
        truth += inputs[i] / INPUTS;
    }
    for (int32_t c = 0; c < CAMPAIGNS; c++) {
        struct cal_sample samples[N];
        struct cal_summary is;
        double level = 1;

        for (int32_t i = 0; i < N; i++) {
            if (i % PER_BLOCK == 0)
                level = 1 + 0.01 * normal(&rng);
            samples[i] = (struct cal_sample){i % INPUTS, i / PER_BLOCK,
                                             inputs[i % INPUTS] * level *
                                                 (1 + 0.02 * normal(&rng))};
        }
        is = cal_summarise(samples, N, INPUTS, CAL_CENTRE_MEDIAN, NULL);
        covered += fabs(is.s - truth) <= is.half_frac * truth;
    }
    assert_in_range(covered, 0.88 * CAMPAIGNS, 0.98 * CAMPAIGNS);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS(error_rows) + N_ROWS(quantile_rows) +
                            N_ROWS(summary_rows) + N_ROWS(stop_rows) + 4] = {
        cmocka_unit_test(half_width_covers_the_truth),
        cmocka_unit_test(half_width_covers_the_mean_of_inputs),
        cmocka_unit_test(half_width_covers_the_low_end),
        cmocka_unit_test(half_of_the_blocks_slowed_down_hardly_move_the_low_end),
    };
    size_t n = 4;

    for (size_t i = 0; i < N_ROWS(error_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = error_rows[i].name,
                                         .test_func = error_by_hand,
                                         .initial_state = &error_rows[i]};
    for (size_t i = 0; i < N_ROWS(quantile_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = quantile_rows[i].name,
                                         .test_func = quantile_by_hand,
                                         .initial_state = &quantile_rows[i]};
    for (size_t i = 0; i < N_ROWS(summary_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = summary_rows[i].name,
                                         .test_func = summary_by_hand,
                                         .initial_state = &summary_rows[i]};
    for (size_t i = 0; i < N_ROWS(stop_rows); i++)
        tests[n++] = (struct CMUnitTest){.name = stop_rows[i].name,
                                         .test_func = stops_when_enough,
                                         .initial_state = &stop_rows[i]};
    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
