/* Times of model/profile.h: the table, the forms beyond it, features, draws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/gsl.h"
#include "model/profile.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

enum table { THREE, FROM_ZERO, ONE, PLAIN };

/* x and seconds; ended by a time of 0. */
static const double tables[][4][2] = {
    [THREE] = {{1, 1e-3}, {4, 2e-3}, {16, 16e-3}},
    [FROM_ZERO] = {{0, 1e-3}, {10, 3e-3}},
    [ONE] = {{4, 5e-3}},
    [PLAIN] = {{1, 7e-3}},
};

static struct model_profile_point points[4];
static struct model_fit fit;

/* With `form` NULL no fit. */
static struct model_kernel kernel_of(enum table table, const char *form,
                                     const double *coef)
{
    struct model_kernel k = {.name = "k",
                             .axis = table == PLAIN ? "" : "items",
                             .work = {.flop = 1e9, .bytes_fixed = 1e7},
                             .points = points,
                             .fits = &fit};

    for (; tables[table][k.n_points][1] > 0; k.n_points++)
        points[k.n_points] = (struct model_profile_point){
            .x = tables[table][k.n_points][0], .s = tables[table][k.n_points][1]};
    fit = (struct model_fit){.form = form != NULL ? model_form_find(form) : NULL};
    if (coef != NULL)
        memcpy(fit.coef, coef, sizeof fit.coef);
    k.n_fits = form != NULL;
    return k;
}

static bool is_near(double found, double want)
{
    return isnan(want) ? isnan(found) : fabs(found - want) <= 1e-14 * fabs(want);
}

static struct row {
    const char *name;
    enum table table;
    const char *form;
    double coef[MODEL_FORM_COEFS_MAX], x, want;
    bool extrapolated;
} rows[] = {
    {"first_point", THREE, NULL, {0}, 1, 1e-3, false},
    {"point_between", THREE, NULL, {0}, 4, 2e-3, false},
    {"last_point", THREE, NULL, {0}, 16, 16e-3, false},
    /* halfway in log x: the geometric mean */
    {"between_two_points", THREE, NULL, {0}, 2, 1.4142135623730951e-3, false},
    {"between_the_last_two", THREE, NULL, {0}, 8, 5.656854249492381e-3, false},
    {"above_without_a_fit", THREE, NULL, {0}, 17, NAN, true},
    {"below_without_a_fit", THREE, NULL, {0}, 0.5, NAN, true},
    {"no_number", THREE, "linear", {1, 1}, NAN, NAN, true},
    /* 16 ms x (1 + 33) / (1 + 16) */
    {"above_by_a_line", THREE, "linear", {1e-3, 1e-3}, 33, 32e-3, true},
    /* 1 ms x 1 / (1 + 1) */
    {"nothing_by_a_line", THREE, "linear", {1e-3, 1e-3}, 0, 0.5e-3, true},
    {"nothing_by_a_line_through_zero", THREE, "linear", {0, 1e-3}, 0, 0, true},
    {"above_by_a_constant", THREE, "constant", {1}, 1000, 16e-3, true},
    /* 16 ms x (1 + 40) / (1 + 10) */
    {"above_by_a_floor", THREE, "floor", {1, 10, 0.5}, 80, 16e-3 * 41 / 11, true},
    /* at 16: 1 ms + max(16 ms, 10 ms); at 64: 1 + 64 */
    {"above_by_a_roofline",
     THREE,
     "roofline",
     {1e-3, 1e12, 1e9},
     64,
     16e-3 * 65 / 17,
     true},
    {"table_that_begins_at_zero", FROM_ZERO, NULL, {0}, 0, 1e-3, false},
    {"next_to_zero_a_line", FROM_ZERO, NULL, {0}, 5, 2e-3, false},
    {"one_point_at_it", ONE, "linear", {1e-3, 1e-3}, 4, 5e-3, false},
    {"one_point_above", ONE, "linear", {1e-3, 1e-3}, 9, 10e-3, true},
    {"one_point_below", ONE, "linear", {1e-3, 1e-3}, 1, 2e-3, true},
    {"one_point_above_without_a_fit", ONE, NULL, {0}, 4.5, NAN, true},
    {"without_axis_at_one", PLAIN, NULL, {0}, 1, 7e-3, false},
    {"without_axis_anywhere", PLAIN, NULL, {0}, 1e6, 7e-3, false},
};

static void gives(void **state)
{
    const struct row *row = *state;
    struct model_kernel k = kernel_of(row->table, row->form, row->coef);
    const struct model_kernel_draw none = {0};
    struct model_kernel_time time = model_kernel_at(&k, &none, row->x);

    assert_true(is_near(time.s, row->want));
    assert_int_equal(time.extrapolated, row->extrapolated);
    k.sd_frac = 0.5; /* the estimate does not depend on it */
    assert_true(is_near(model_kernel_at(&k, &none, row->x).s, row->want));
}

/* The two sides of an end differ by no more than a step in x can make. */
static void no_jump_at_the_ends(void **state)
{
    static const struct {
        const char *form;
        double coef[MODEL_FORM_COEFS_MAX];
    } forms[] = {{"constant", {3}},
                 {"linear", {5, 0.01}},
                 {"floor", {1, 2, 0.3}},
                 {"roofline", {1e-3, 3e11, 2e9}}};
    const struct model_kernel_draw draws[] = {{0}, {.level = 1.5, .shape = -2}};

    (void)state;
    for (int f = 0; f < 4; f++)
        for (int d = 0; d < 2; d++) {
            struct model_kernel k = kernel_of(THREE, forms[f].form, forms[f].coef);
            double low, high;

            k.sd_frac = 0.1;
            for (int i = 0; i < 4; i++)
                fit.cov[i][i] = 0.01 * fit.coef[i] * fit.coef[i];
            low = model_kernel_at(&k, &draws[d], 1).s;
            high = model_kernel_at(&k, &draws[d], 16).s;
            assert_true(fabs(model_kernel_at(&k, &draws[d], 1 - 1e-9).s / low - 1) <
                        1e-8);
            assert_true(fabs(model_kernel_at(&k, &draws[d], 16 + 1e-9).s / high - 1) <
                        1e-8);
        }
}

/* ---- draws ---- */

static void level_moves_all_times_alike(void **state)
{
    static const double coef[MODEL_FORM_COEFS_MAX] = {1e-3, 1e-3};
    struct model_kernel k = kernel_of(THREE, "linear", coef);
    const struct model_kernel_draw none = {0}, high = {.level = 2};

    (void)state;
    k.sd_frac = 0.1;
    for (double x = 0.25; x < 40; x *= 1.7)
        assert_true(is_near(model_kernel_at(&k, &high, x).s,
                            model_kernel_at(&k, &none, x).s * exp(0.2 - 0.005)));
}

/* f = a + b x with a = b = 1, end 16, x = 50: the derivatives of log f(x) / f(16) are
 * 1/51 - 1/17 = -2/51 by a and 50/51 - 16/17 = 2/51 by b. */
static void shape_moves_what_lies_outside_alone(void **state)
{
    static const double coef[MODEL_FORM_COEFS_MAX] = {1, 1};
    struct model_kernel k = kernel_of(THREE, "linear", coef);
    const struct model_kernel_draw none = {0}, up = {.shape = 1}, down = {.shape = -1};
    const double var = (0.5 + 0.7 - 2 * 0.1) * (2.0 / 51) * (2.0 / 51);

    (void)state;
    fit.cov[0][0] = 0.5;
    fit.cov[1][1] = 0.7;
    fit.cov[0][1] = fit.cov[1][0] = 0.1;
    for (double x = 1; x <= 16; x += 0.5)
        assert_true(model_kernel_at(&k, &up, x).s == model_kernel_at(&k, &none, x).s);
    assert_true(
        is_near(model_kernel_at(&k, &up, 50).s, 48e-3 * exp(sqrt(var) - var / 2)));
    assert_true(
        is_near(model_kernel_at(&k, &down, 50).s, 48e-3 * exp(-sqrt(var) - var / 2)));
}

/* a + b x with a = 0 +- 1 and b = 1, well below the table: the sd of log f is 1 / x. */
static void a_shape_that_nobody_knows_is_still_a_time(void **state)
{
    static const double coef[MODEL_FORM_COEFS_MAX] = {0, 1};
    struct model_kernel k = kernel_of(THREE, "linear", coef);
    const struct model_kernel_draw draws[] = {{.shape = 1}, {.shape = -1}};

    (void)state;
    fit.cov[0][0] = 1;
    for (int i = 0; i < 2; i++)
        for (double x = 0.1; x > 1e-305; x /= 10) {
            double s = model_kernel_at(&k, &draws[i], x).s;

            assert_true(s > 0 && s < 1e-3);
        }
}

static void shape_of_a_constant_is_certain(void **state)
{
    static const double coef[MODEL_FORM_COEFS_MAX] = {1};
    struct model_kernel k = kernel_of(THREE, "constant", coef);
    const struct model_kernel_draw up = {.shape = 3};

    (void)state;
    fit.cov[0][0] = 0.5;
    assert_true(is_near(model_kernel_at(&k, &up, 50).s, 16e-3));
}

/* Of N normal variates the mean lies within 5 / sqrt(N) and the sd within
 * 5 / sqrt(2 N) but for one seed in two million; correlations within 5 / sqrt(N). */
static void draws_are_standard_normal_and_independent(void **state)
{
    enum { N = 20000 };
    struct sp_rng rng = sp_rng_from_key(1);
    double sum[4] = {0}, product[4][4] = {{0}};

    (void)state;
    for (int i = 0; i < N; i++) {
        struct model_kernel_draw draw = model_kernel_draw(&rng);
        const double z[4] = {draw.level, draw.shape, draw.sigma, draw.kappa};

        for (int a = 0; a < 4; a++) {
            assert_true(z[a] != 0);
            sum[a] += z[a];
            for (int b = 0; b < 4; b++)
                product[a][b] += z[a] * z[b];
        }
    }
    for (int a = 0; a < 4; a++) {
        assert_true(fabs(sum[a] / N) < 5 / sqrt(N));
        assert_true(fabs(sqrt(product[a][a] / N) - 1) < 5 / sqrt(2.0 * N));
        for (int b = 0; b < a; b++)
            assert_true(fabs(product[a][b] / N) < 5 / sqrt(N));
    }
}

/* Lognormal with sd 0.3 of the logarithm: mean 1, sd sqrt(exp(0.09) - 1) = 0.307.  The
 * mean of N within five of its sd; the sd's own error by the fourth moment, of a
 * lognormal of this sd below 4.1 sd^4: sqrt((4.1 - 1) / N) / 2 of it, five times. */
static void drawn_times_have_the_mean_of_the_estimate(void **state)
{
    enum { N = 20000 };
    const double sd = sqrt(expm1(0.09));
    struct model_kernel k = kernel_of(THREE, NULL, NULL);
    struct sp_rng rng = sp_rng_from_key(2);
    double sum = 0, squares = 0;

    (void)state;
    k.sd_frac = 0.3;
    for (int i = 0; i < N; i++) {
        struct model_kernel_draw draw = model_kernel_draw(&rng);
        double rate = model_kernel_at(&k, &draw, 4).s / 2e-3;

        sum += rate;
        squares += rate * rate;
    }
    assert_true(fabs(sum / N - 1) < 5 * sd / sqrt(N));
    assert_true(fabs(sqrt(squares / N - sum / N * (sum / N)) / sd - 1) <
                2.5 * sqrt(3.1 / N));
}

/* ---- features ---- */

/* t = 1 + f, f from 0 to 1. */
static struct model_kernel with_features(double constant)
{
    struct model_kernel k = kernel_of(THREE, NULL, NULL);

    k.features = (struct model_features){.n = 1, .names = {"f"}, .most = {1}};
    k.features.coef[0] = constant;
    k.features.coef[1] = 1;
    return k;
}

static void features_add_up(void **state)
{
    struct model_kernel k = kernel_of(THREE, NULL, NULL);
    const struct model_kernel_draw none = {0}, level = {.level = 1};
    const double image[] = {100000, 1}, large[] = {100000, 2}, small[] = {10000, 1};

    (void)state;
    k.features = (struct model_features){.n = 2,
                                         .names = {"bytes", "megapixels"},
                                         .least = {20000, 0.5},
                                         .most = {400000, 1.5},
                                         .coef = {2e-4, 8e-9, 1e-4}};
    assert_true(is_near(model_kernel_by_features(&k, &none, image).s, 1.1e-3));
    assert_false(model_kernel_by_features(&k, &none, image).extrapolated);
    assert_false(model_kernel_by_features(&k, &none, k.features.least).extrapolated);
    assert_false(model_kernel_by_features(&k, &none, k.features.most).extrapolated);
    assert_true(is_near(model_kernel_by_features(&k, &none, large).s, 1.2e-3));
    assert_true(model_kernel_by_features(&k, &none, large).extrapolated);
    assert_true(model_kernel_by_features(&k, &none, small).extrapolated);
    k.sd_frac = 0.1;
    assert_true(is_near(model_kernel_by_features(&k, &level, image).s,
                        1.1e-3 * exp(0.1 - 0.005)));
}

/* At 3, with 1 the nearest measured: 1/4 - 1/2 by the constant, 3/4 - 1/2 by f. */
static void shape_moves_features_outside_alone(void **state)
{
    struct model_kernel k = with_features(1);
    const struct model_kernel_draw up = {.shape = 1};
    const double inside = 0.5, outside = 3, var = (0.04 + 0.04) / 16;

    (void)state;
    k.features.cov[0][0] = k.features.cov[1][1] = 0.04;
    assert_true(is_near(model_kernel_by_features(&k, &up, &inside).s, 1.5));
    assert_true(is_near(model_kernel_by_features(&k, &up, &outside).s,
                        4 * exp(sqrt(var) - var / 2)));
}

static void no_time_below_zero(void **state)
{
    struct model_kernel k = with_features(-0.5);
    const struct model_kernel_draw none = {0}, up = {.shape = 1};
    const double low = 0.25, outside = -5;

    (void)state;
    k.features.least[0] = 0.75;
    assert_true(is_near(model_kernel_by_features(&k, &none, &low).s, 0.25));
    assert_true(is_near(model_kernel_by_features(&k, &up, &outside).s, 0.25));
    assert_true(model_kernel_by_features(&k, &up, &outside).extrapolated);
}

int main(void)
{
    enum { FIXED = 9 };
    struct CMUnitTest tests[N_ROWS + FIXED] = {
        cmocka_unit_test(no_jump_at_the_ends),
        cmocka_unit_test(level_moves_all_times_alike),
        cmocka_unit_test(shape_moves_what_lies_outside_alone),
        cmocka_unit_test(a_shape_that_nobody_knows_is_still_a_time),
        cmocka_unit_test(shape_of_a_constant_is_certain),
        cmocka_unit_test(draws_are_standard_normal_and_independent),
        cmocka_unit_test(drawn_times_have_the_mean_of_the_estimate),
        cmocka_unit_test(features_add_up),
        cmocka_unit_test(shape_moves_features_outside_alone),
        cmocka_unit_test(no_time_below_zero),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[FIXED + i] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = gives, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("kernel_time", tests, NULL, NULL);
}
