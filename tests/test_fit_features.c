/* cal_fit_features(): items whose time is known by their features. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/gsl.h"
#include "base/gsl_fit.h"
#include "calibrate/fit.h"
#include "fit_rig.h"

enum { N = 32 };

static const char *const names[2] = {"bytes", "megapixels"};

/* Images as in the reference: 267 us and 8.78 ns a byte; and by area. */
static const double truth[3] = {267e-6, 8.78e-9, 300e-6};

static void make_items(struct sp_rng *r, int32_t n_features, double cv,
                       struct cal_item *items)
{
    for (int32_t i = 0; i < N; i++) {
        double *f = items[i].features;

        f[0] = 4e4 + 1.2e5 * sp_rng_uniform(r);
        f[1] = 0.2 + 2 * sp_rng_uniform(r);
        items[i].x = 1;
        items[i].s = truth[0] + truth[1] * f[0];
        if (n_features == 2)
            items[i].s += truth[2] * f[1];
        items[i].s *= 1 + cv * fit_normal(r);
    }
}

static void intervals_hold_the_truth_in_95_of_100_draws(void **state)
{
    struct sp_rng r = sp_rng_from_key(21);

    (void)state;
    for (int32_t n_features = 1; n_features <= 2; n_features++) {
        struct fit_tally tally[3] = {{0}}, cv = {0};
        double quantile = sp_gsl_student_t_quantile(0.975, N - n_features - 1);

        for (int32_t d = 0; d < FIT_DRAWS; d++) {
            struct cal_item items[N];
            struct model_features f;

            make_items(&r, n_features, 0.025, items);
            assert_int_equal(cal_fit_features(items, N, names, n_features, &f, NULL),
                             SP_OK);
            for (int32_t k = 0; k <= n_features; k++)
                fit_tally_add(&tally[k], f.coef[k], truth[k], sqrt(f.cov[k][k]),
                              quantile);
            /* of squares: a sample's sd itself is biased, its variance is not */
            fit_tally_add(&cv, f.cv * f.cv, 0.025 * 0.025, 0, 0);
        }
        for (int32_t k = 0; k <= n_features; k++) {
            char what[64];

            snprintf(what, sizeof what, "coefficient %d of %d features", (int)k,
                     (int)n_features);
            fit_assert_covers(&tally[k], 0.95, what);
            fit_assert_unbiased(&tally[k], what);
        }
        fit_assert_unbiased(&cv, "what is unexplained, squared");
    }
}

/* Normal equations weighted by the times that the fit gave: its own fixed point. */
static void the_fit_is_that_of_the_normal_equations(void **state)
{
    struct sp_rng r = sp_rng_from_key(22);
    struct cal_item items[N];
    struct model_features f;
    double rows[N * 3], s[N], t[N];
    long double hand[3], inverse[9], left = 0, all = 0, mean = 0, weights = 0;

    (void)state;
    make_items(&r, 2, 0.05, items);
    assert_int_equal(cal_fit_features(items, N, names, 2, &f, NULL), SP_OK);
    for (int32_t i = 0; i < N; i++) {
        s[i] = items[i].s;
        rows[i * 3] = 1;
        rows[i * 3 + 1] = items[i].features[0];
        rows[i * 3 + 2] = items[i].features[1];
        t[i] = f.coef[0] + f.coef[1] * rows[i * 3 + 1] + f.coef[2] * rows[i * 3 + 2];
        mean += s[i] / (t[i] * t[i]);
        weights += 1 / (t[i] * t[i]);
    }
    mean /= weights;
    fit_normal_equations(rows, s, t, N, 3, hand, inverse);
    for (int32_t i = 0; i < N; i++) {
        left += (s[i] - t[i]) * (s[i] - t[i]) / (t[i] * t[i]);
        all += (s[i] - mean) * (s[i] - mean) / (t[i] * t[i]);
    }
    for (int32_t k = 0; k < 3; k++)
        assert_true(fabsl(f.coef[k] / hand[k] - 1) < 1e-6L);
    for (int32_t a = 0; a < 3; a++)
        for (int32_t b = 0; b < 3; b++)
            assert_true(fabsl(f.cov[a][b] / (inverse[a * 3 + b] * left / (N - 3)) - 1) <
                        1e-6L);
    assert_true(fabsl(f.cv * f.cv / (left / (N - 3)) - 1) < 1e-9L);
    assert_true(fabsl(f.r2 - (1 - left / all)) < 1e-9L);
    assert_true(
        sp_gsl_least_eigenvalue((double[]){f.cov[0][0] * 1e8, f.cov[0][1] * 1e12,
                                           f.cov[1][0] * 1e12, f.cov[1][1] * 1e16},
                                2) > 0);
}

static void the_ranges_are_those_of_the_items(void **state)
{
    struct sp_rng r = sp_rng_from_key(23);
    struct cal_item items[N];
    struct model_features f;

    (void)state;
    make_items(&r, 1, 0, items);
    items[7].features[0] = 1e4;
    items[9].features[0] = 9e5;
    items[7].s = truth[0] + truth[1] * 1e4;
    items[9].s = truth[0] + truth[1] * 9e5;
    assert_int_equal(cal_fit_features(items, N, names, 1, &f, NULL), SP_OK);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.names[0], "bytes");
    assert_true(f.least[0] == 1e4 && f.most[0] == 9e5);
    assert_true(f.cv < 1e-9 && f.r2 > 1 - 1e-12);
}

/* ---- refusals ---- */

enum slip { FEW, ZERO, NOT_A_NUMBER, DOUBLED, CONSTANT };

static struct refusal {
    const char *name;
    enum slip slip;
    const char *says;
} refusals[] = {
    {"five_items_for_two_features", FEW, "5 items for 2 features, expected 6 or more"},
    {"an_item_without_time", ZERO, "item 4 takes 0 s, expected more than 0"},
    {"a_feature_that_is_no_number", NOT_A_NUMBER,
     "item 3: megapixels is nan, expected a number"},
    {"one_feature_twice", DOUBLED,
     "the features are collinear, or give times that are not positive: the items do "
     "not tell their shares"},
    {"a_feature_that_never_changes", CONSTANT,
     "the features are collinear, or give times that are not positive: the items do "
     "not tell their shares"},
};

static void refuses_and_says_why(void **state)
{
    const struct refusal *t = *state;
    struct sp_rng r = sp_rng_from_key(24);
    struct cal_item items[N];
    struct model_features f, before;
    struct sp_err err = {SP_OK, ""};

    memset(&f, 7, sizeof f);
    before = f;
    make_items(&r, 2, 0.02, items);
    if (t->slip == ZERO)
        items[3].s = 0;
    if (t->slip == NOT_A_NUMBER)
        items[2].features[1] = NAN;
    for (int32_t i = 0; i < N && t->slip >= DOUBLED; i++)
        items[i].features[1] =
            t->slip == CONSTANT ? 2 : 3e-6 * items[i].features[0] + 1;
    assert_int_equal(
        cal_fit_features(items, t->slip == FEW ? 5 : N, names, 2, &f, &err), SP_EINPUT);
    assert_string_equal(err.text, t->says);
    assert_memory_equal(&f, &before, sizeof f);
}

int main(void)
{
    enum { N_REFUSALS = sizeof refusals / sizeof refusals[0] };
    struct CMUnitTest tests[3 + N_REFUSALS] = {
        cmocka_unit_test(intervals_hold_the_truth_in_95_of_100_draws),
        cmocka_unit_test(the_fit_is_that_of_the_normal_equations),
        cmocka_unit_test(the_ranges_are_those_of_the_items),
    };

    sp_gsl_quiet();
    for (size_t i = 0; i < N_REFUSALS; i++)
        tests[i + 3] = (struct CMUnitTest){.name = refusals[i].name,
                                           .test_func = refuses_and_says_why,
                                           .initial_state = &refusals[i]};
    return cmocka_run_group_tests_name("fit_features", tests, NULL, NULL);
}
