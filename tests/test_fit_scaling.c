/* cal_fit_usl() and cal_fit_bandwidth(): speed-ups whose law is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gsl.h"
#include "base/gsl_fit.h"
#include "calibrate/fit.h"
#include "fit_rig.h"

enum { COUNTS_MOST = 12 };

static double usl(double n, double sigma, double kappa)
{
    return n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/* ---- known coefficients ---- */

static struct truth {
    const char *name, *drawn;
    int32_t n, cores[COUNTS_MOST];
    double sigma, kappa;
    bool tells_kappa;
} truths[] = {
    {"exact_two_counts", "drawn_two_counts", 2, {1, 2}, 0.08, 0, false},
    {"exact_three_counts", "drawn_three_counts", 3, {1, 2, 4}, 0.05, 0, false},
    {"exact_to_8", "drawn_to_8", 8, {1, 2, 3, 4, 5, 6, 7, 8}, 0.08, 0.01, true},
    {"exact_to_32", "drawn_to_32", 6, {1, 2, 4, 8, 16, 32}, 0.03, 5e-4, true},
    {"exact_no_sigma", "", 6, {1, 2, 4, 8, 16, 32}, 0, 1e-3, true},
    {"exact_no_kappa", "", 6, {1, 2, 4, 8, 16, 32}, 0.04, 0, true},
    {"exact_neither", "", 6, {1, 2, 4, 8, 16, 32}, 0, 0, true},
};

static void data_without_noise_give_their_coefficients(void **state)
{
    const struct truth *t = *state;
    struct model_scaling m = {.n = 77};
    double s[COUNTS_MOST], sd[COUNTS_MOST];

    for (int32_t i = 0; i < t->n; i++) {
        s[i] = usl(t->cores[i], t->sigma, t->kappa);
        sd[i] = 0.01 * s[i];
    }
    assert_int_equal(cal_fit_usl(t->cores, s, sd, t->n, &m, NULL), SP_OK);
    assert_int_equal(m.kind, MODEL_SCALING_USL);
    assert_int_equal(m.n, 77); /* the points are the caller's */
    assert_true(fabs(m.sigma - t->sigma) < 1e-8);
    assert_true(fabs(m.kappa - t->kappa) < 1e-9);
    assert_true(m.cov[0][0] > 0 && (m.cov[1][1] > 0) == t->tells_kappa);
    assert_true(
        sp_gsl_least_eigenvalue((double[]){m.cov[0][0] * 1e4, m.cov[0][1] * 1e4,
                                           m.cov[1][0] * 1e4, m.cov[1][1] * 1e4},
                                2) >= 0);
}

/* The noise is normal, 1 % of S(n), and the sd is given: known, or the residuals' if
 * that is more. */
static void intervals_hold_the_truth_in_95_of_100_draws(void **state)
{
    const struct truth *t = *state;
    struct sp_rng r = sp_rng_from_key(31);
    struct fit_tally sigma = {0}, kappa = {0};
    double quantile = sp_gsl_normal_quantile(0.975);
    double share = fit_share_of_the_larger(t->n - 1 - (t->tells_kappa ? 2 : 1));

    for (int32_t d = 0; d < FIT_DRAWS; d++) {
        struct model_scaling m;
        double s[COUNTS_MOST], sd[COUNTS_MOST];

        for (int32_t i = 0; i < t->n; i++) {
            double known = usl(t->cores[i], t->sigma, t->kappa);

            sd[i] = i == 0 ? 0 : 0.01 * known;
            s[i] = known + sd[i] * fit_normal(&r);
        }
        assert_int_equal(cal_fit_usl(t->cores, s, sd, t->n, &m, NULL), SP_OK);
        assert_true(m.sigma >= 0 && m.kappa >= 0);
        fit_tally_add(&sigma, m.sigma, t->sigma, sqrt(m.cov[0][0]), quantile);
        fit_tally_add(&kappa, m.kappa, t->kappa, sqrt(m.cov[1][1]), quantile);
    }
    fit_assert_covers(&sigma, share, "sigma");
    fit_assert_unbiased(&sigma, "sigma");
    if (t->tells_kappa) {
        fit_assert_covers(&kappa, share, "kappa");
        fit_assert_unbiased(&kappa, "kappa");
    }
}

/* Of two counts the answer is arithmetic: sigma = 2 / S - 1, sd 2 sd(S) / S^2. */
static void two_counts_are_done_by_hand(void **state)
{
    struct model_scaling m;

    (void)state;
    assert_int_equal(cal_fit_usl((int32_t[]){1, 2}, (double[]){1, 1.951},
                                 (double[]){0, 0.012}, 2, &m, NULL),
                     SP_OK);
    assert_true(fabs(m.sigma - (2 / 1.951 - 1)) < 1e-9);
    assert_true(fabs(sqrt(m.cov[0][0]) - 2 * 0.012 / (1.951 * 1.951)) < 1e-9);
    assert_true(m.kappa == 0 && m.cov[1][1] == 0 && m.cov[0][1] == 0);
}

/* More than linear, by chance or by caches: sigma is 0, and its sd that of S. */
static void a_speedup_above_the_cores_is_no_negative_sigma(void **state)
{
    struct model_scaling m;

    (void)state;
    assert_int_equal(cal_fit_usl((int32_t[]){1, 2}, (double[]){1, 2.02},
                                 (double[]){0, 0.03}, 2, &m, NULL),
                     SP_OK);
    assert_true(m.sigma == 0);
    /* the slope at sigma = 0: dS/dsigma = -2 */
    assert_true(fabs(sqrt(m.cov[0][0]) - 0.015) < 1e-9);
}

/* A kappa of 0 is at the edge: the sum of squares is least there among all >= 0. */
static void the_edge_is_the_least_of_a_grid(void **state)
{
    static const int32_t cores[6] = {1, 2, 4, 8, 16, 32};
    struct sp_rng r = sp_rng_from_key(32);
    int32_t edges = 0;

    (void)state;
    for (int32_t d = 0; d < 40; d++) {
        double s[6], sd[6], found = 0, best = INFINITY;
        struct model_scaling m;

        for (int32_t i = 0; i < 6; i++) {
            sd[i] = 0.05 * usl(cores[i], 0.02, 1e-4);
            s[i] = usl(cores[i], 0.02, 1e-4) + (i == 0 ? 0 : sd[i] * fit_normal(&r));
        }
        assert_int_equal(cal_fit_usl(cores, s, sd, 6, &m, NULL), SP_OK);
        edges += m.sigma == 0 || m.kappa == 0;
        for (int32_t i = 1; i < 6; i++)
            found += pow((usl(cores[i], m.sigma, m.kappa) - s[i]) / sd[i], 2);
        for (double sigma = 0; sigma < 0.08; sigma += 4e-4)
            for (double kappa = 0; kappa < 2e-3; kappa += 2e-5) {
                double sum = 0;

                for (int32_t i = 1; i < 6; i++)
                    sum += pow((usl(cores[i], sigma, kappa) - s[i]) / sd[i], 2);
                best = fmin(best, sum);
            }
        assert_true(found <= best * (1 + 1e-9));
    }
    assert_true(edges > 0); /* else this has shown nothing */
}

/* ---- what the core counts tell: reference section 4.5 ---- */

/* The published figures: of 300 fits, noise of 1 % in every throughput (that of one
 * core included), all weighted alike; error of the median and width of the inner 90 %,
 * in percent of the true S(64) = 13.05 and S(16) = 10.19. */
static struct published {
    const char *name;
    int32_t n, cores[6];
    double median_64, width_64, median_16, width_16;
} published[] = {
    {"core_counts_1_2", 2, {1, 2}, 68, 209, 8, 50},
    {"core_counts_1_to_4", 4, {1, 2, 3, 4}, -13, 164, -2, 56},
    {"core_counts_1_2_4_8", 4, {1, 2, 4, 8}, 0, 118, 0, 19},
    {"core_counts_to_16", 5, {1, 2, 4, 8, 16}, -1, 56, 0, 3},
    {"core_counts_to_32", 6, {1, 2, 4, 8, 16, 32}, 0, 11, 0, 2},
};

enum { FITS = 4000 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Percent below which the share p of the errors lies. */
static double below(const double *errors, double p)
{
    return 100 * errors[(int32_t)(p * (FITS - 1))];
}

/* Tolerances are what 300 fits leave open, whatever the law of the errors: their median
 * is a quantile of ours between 0.5 +- 4 sqrt(0.25 / 300), their 5 % and 95 % quantiles
 * are off by 2.5 sqrt(0.05 x 0.95 / 300) = 0.0315 each, and half a point is rounding.
 * There the rate of one core was fitted, too; here it is measured, and its noise of 1 %
 * is in every S: 3.29 points of width, in squares. */
static void agree(const char *what, double *errors, double median, double width)
{
    double low, high, got;

    qsort(errors, FITS, sizeof *errors, by_value);
    got = below(errors, 0.95) - below(errors, 0.05);
    print_message("    %s: median error %+.0f %%, width %.0f %% (published %+.0f, "
                  "%.0f)\n",
                  what, below(errors, 0.5), got, median, width);
    low = below(errors, 0.5 - 4 * sqrt(0.25 / 300));
    high = below(errors, 0.5 + 4 * sqrt(0.25 / 300));
    if (median < low - 0.5 || median > high + 0.5)
        fail_msg("%s: published median error %g %%, expected %.1f to %.1f", what,
                 median, low, high);
    low = below(errors, 0.95 - 0.0315) - below(errors, 0.05 + 0.0315);
    low = sqrt(fmax(0, low * low - 3.29 * 3.29));
    high = below(errors, 0.95 + 0.0315) - below(errors, 0.05 - 0.0315);
    if (width < low - 0.5 || width > high + 0.5)
        fail_msg("%s: published width %g %%, expected %.1f to %.1f", what, width, low,
                 high);
}

static void the_published_table_of_identifiability_is_met(void **state)
{
    const struct published *p = *state;
    struct sp_rng r = sp_rng_from_key(33);
    double *far = calloc(FITS, sizeof *far), *near = calloc(FITS, sizeof *near);
    double true_64 = usl(64, 0.03, 5e-4), true_16 = usl(16, 0.03, 5e-4);

    assert_true(fabs(true_64 - 13.05) < 0.005 && fabs(true_16 - 10.19) < 0.005);
    for (int32_t d = 0; d < FITS; d++) {
        double one = 1 + 0.01 * fit_normal(&r), s[6], sd[6];
        struct model_scaling m;

        for (int32_t i = 0; i < p->n; i++) {
            double rate = usl(p->cores[i], 0.03, 5e-4) * (1 + 0.01 * fit_normal(&r));

            s[i] = i == 0 ? 1 : rate / one;
            sd[i] = 0.01;
        }
        assert_int_equal(cal_fit_usl(p->cores, s, sd, p->n, &m, NULL), SP_OK);
        far[d] = usl(64, m.sigma, m.kappa) / true_64 - 1;
        near[d] = usl(16, m.sigma, m.kappa) / true_16 - 1;
    }
    agree("S(64)", far, p->median_64, p->width_64);
    agree("S(16)", near, p->median_16, p->width_16);
    free(near);
    free(far);
}

/* ---- bandwidth ---- */

static struct level {
    const char *name;
    int32_t n, cores[6];
    double speedup[6], sd; /* of all but the first */
    double most, most_sd;  /* INFINITY, 0: none shown */
} levels[] = {
    /* 1.958 +- 0.04 of two cores: what the reference calls meaningless */
    {"two_cores_near_twice_show_nothing", 2, {1, 2}, {1, 1.958}, 0.04, INFINITY, 0},
    {"a_tenth_less_is_no_standstill", 2, {1, 2}, {1, 1.8}, 0.02, INFINITY, 0},
    {"one_core_takes_most_of_it", 2, {1, 2}, {1, 1.3}, 0.02, 1.3, 0.02},
    {"a_standstill_within_its_noise_is_not_shown",
     2,
     {1, 2},
     {1, 1.3},
     0.15,
     INFINITY,
     0},
    {"proportional_to_8", 4, {1, 2, 4, 8}, {1, 2, 3.98, 7.9}, 0.04, INFINITY, 0},
    /* mean of 5.0 and 5.2; sd 0.1 / sqrt 2, times sqrt(chi2 / 3) where that is more:
       chi2 = (0.0 + 0.0 + 1 + 1), so 0.0707 */
    {"level_from_8", 5, {1, 2, 4, 8, 16}, {1, 2, 4, 5.0, 5.2}, 0.1, 5.1, 0.0707107},
    /* chi2 = 8 + 8 over 2 degrees: 0.1 / sqrt 2 x sqrt 8 */
    {"a_rough_level_is_less_sure",
     4,
     {1, 2, 8, 16},
     {1, 2, 4.8, 5.365685},
     0.1,
     5.0828427,
     0.2},
    {"falls_after_the_level", 3, {1, 2, 4}, {1, 0.9, 0.8}, 0.05, 1, 0.05},
};

static void the_level_is_shown_or_there_is_none(void **state)
{
    const struct level *t = *state;
    struct model_scaling m = {.sigma = 5};
    double sd[6] = {0};

    for (int32_t i = 1; i < t->n; i++)
        sd[i] = t->sd;
    assert_int_equal(cal_fit_bandwidth(t->cores, t->speedup, sd, t->n, &m, NULL),
                     SP_OK);
    assert_int_equal(m.kind, MODEL_SCALING_BANDWIDTH);
    if (isinf(t->most)) {
        assert_true(isinf(m.most) && m.most_sd == 0);
        return;
    }
    assert_true(fabs(m.most - t->most) < 1e-6);
    assert_true(t->most == 1 ? m.most_sd > 0 : fabs(m.most_sd - t->most_sd) < 1e-6);
}

static void intervals_of_the_level_hold_the_truth(void **state)
{
    static const int32_t cores[7] = {1, 2, 4, 8, 12, 16, 24};
    struct sp_rng r = sp_rng_from_key(34);
    struct fit_tally most = {0};

    (void)state;
    for (int32_t d = 0; d < FIT_DRAWS; d++) {
        struct model_scaling m;
        double s[7], sd[7];

        for (int32_t i = 0; i < 7; i++) {
            double known = fmin(cores[i], 5.5);

            sd[i] = i == 0 ? 0 : 0.02 * known;
            s[i] = known + sd[i] * fit_normal(&r);
        }
        assert_int_equal(cal_fit_bandwidth(cores, s, sd, 7, &m, NULL), SP_OK);
        fit_tally_add(&most, m.most, 5.5, m.most_sd, sp_gsl_normal_quantile(0.975));
    }
    fit_assert_covers(&most, fit_share_of_the_larger(5), "most");
    fit_assert_unbiased(&most, "most");
}

/* ---- refusals ---- */

static struct refusal {
    const char *name;
    int32_t n, cores[4];
    double speedup[4];
    const char *says;
} refusals[] = {
    {"one_count",
     1,
     {1},
     {1},
     "scaling: 1 core counts, expected 2 or more, the first 1"},
    {"not_from_one",
     2,
     {2, 4},
     {1, 2},
     "scaling: 2 cores, expected 1, then more each time"},
    {"counts_that_fall",
     3,
     {1, 4, 2},
     {1, 2, 3},
     "scaling: 2 cores, expected 1, then more each time"},
    {"no_speed",
     2,
     {1, 2},
     {1, 0},
     "scaling: a speed-up of 0 with 2 cores, expected more than 0"},
    {"no_number",
     2,
     {1, 2},
     {1, NAN},
     "scaling: a speed-up of nan with 2 cores, expected more than 0"},
};

static void refuses_and_says_why(void **state)
{
    const struct refusal *t = *state;
    struct sp_err err = {SP_OK, ""};
    struct model_scaling m, before;

    memset(&m, 7, sizeof m);
    before = m;
    assert_int_equal(cal_fit_usl(t->cores, t->speedup, NULL, t->n, &m, &err),
                     SP_EINPUT);
    assert_string_equal(err.text, t->says);
    err = (struct sp_err){SP_OK, ""};
    assert_int_equal(cal_fit_bandwidth(t->cores, t->speedup, NULL, t->n, &m, &err),
                     SP_EINPUT);
    assert_string_equal(err.text, t->says);
    assert_memory_equal(&m, &before, sizeof m);
}

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define ADD(title, function, row)                                                      \
    (tests[n++] = (struct CMUnitTest){                                                 \
         .name = (title), .test_func = (function), .initial_state = (row)})

int main(void)
{
    struct CMUnitTest tests[48] = {
        cmocka_unit_test(two_counts_are_done_by_hand),
        cmocka_unit_test(a_speedup_above_the_cores_is_no_negative_sigma),
        cmocka_unit_test(the_edge_is_the_least_of_a_grid),
        cmocka_unit_test(intervals_of_the_level_hold_the_truth),
    };
    size_t n = 4;

    sp_gsl_quiet();
    for (size_t i = 0; i < ROWS(truths); i++) {
        ADD(truths[i].name, data_without_noise_give_their_coefficients, &truths[i]);
        if (truths[i].drawn[0] != '\0')
            ADD(truths[i].drawn, intervals_hold_the_truth_in_95_of_100_draws,
                &truths[i]);
    }
    for (size_t i = 0; i < ROWS(published); i++)
        ADD(published[i].name, the_published_table_of_identifiability_is_met,
            &published[i]);
    for (size_t i = 0; i < ROWS(levels); i++)
        ADD(levels[i].name, the_level_is_shown_or_there_is_none, &levels[i]);
    for (size_t i = 0; i < ROWS(refusals); i++)
        ADD(refusals[i].name, refuses_and_says_why, &refusals[i]);
    return cmocka_run_group_tests_name("fit_scaling", tests, NULL, NULL);
}
