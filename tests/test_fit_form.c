/* cal_fit_form() and cal_fit_forms(): data whose form and coefficients are known. */
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

enum { N_X = 16, N_FORMS = 4 };

static const double xs[N_X] = {1,  2,  3,  4,   6,   8,   12,  16,
                               24, 32, 64, 128, 256, 512, 768, 1024};

/* A product with a 512 x 512 matrix in two bytes: 2^18 m / (2^18 + 2^10 m) operations
 * a byte, so at p / q = 40 memory binds up to x = 47.4. */
static const struct model_work square = {
    .flop = 524288, .bytes_fixed = 524288, .bytes = 2048};
static const struct model_work unknown = {.flop = 0};
/* Operations per byte that fall with x. */
static const struct model_work falling = {.flop_fixed = 1e9, .flop = 1e4, .bytes = 1e6};

static void make(const char *form, const struct model_work *work, const double *coef,
                 double noise, struct sp_rng *r, int32_t n, double *s)
{
    for (int32_t i = 0; i < n; i++)
        s[i] = model_form_find(form)->at(work, coef, xs[i]) *
               (noise > 0 ? exp(noise * fit_normal(r)) : 1);
}

/* ---- known coefficients ---- */

static struct truth {
    const char *name, *drawn, *form;
    const struct model_work *work;
    double coef[3];
} truths[] = {
    {"exact_constant", "drawn_constant", "constant", &square, {3e-3}},
    {"exact_linear", "drawn_linear", "linear", &square, {1e-4, 2e-5}},
    {"exact_linear_mostly_slope",
     "drawn_linear_mostly_slope",
     "linear",
     &square,
     {5e-4, 1e-3}},
    {"exact_floor", "drawn_floor", "floor", &square, {2e-4, 5e-4, 2.5e-5}},
    {"exact_roofline_memory_first",
     "drawn_roofline_memory_first",
     "roofline",
     &square,
     {2e-6, 4e13, 1e12}},
    {"exact_roofline_compute_first",
     "drawn_roofline_compute_first",
     "roofline",
     &falling,
     {5e-5, 1e12, 2e10}},
};

static void data_without_noise_give_their_coefficients(void **state)
{
    const struct truth *t = *state;
    const struct model_form *form = model_form_find(t->form);
    struct model_fit fit;
    double s[N_X];

    make(t->form, t->work, t->coef, 0, NULL, N_X, s);
    assert_int_equal(cal_fit_form(form, t->work, xs, s, NULL, N_X, &fit, NULL), SP_OK);
    assert_ptr_equal(fit.form, form);
    for (int32_t k = 0; k < form->n; k++)
        assert_true(fabs(fit.coef[k] / t->coef[k] - 1) < 1e-6);
    assert_true(fit.rms_frac < 1e-7 && fit.max_frac < 1e-7);
}

/* The noise is lognormal with median 1, of 2 %.  Where the points' sd is given, the
 * normal law; where not, Student's with the degrees of freedom that are left. */
static void cover(const struct truth *t, bool given)
{
    const struct model_form *form = model_form_find(t->form);
    struct sp_rng r = sp_rng_from_key(given ? 11 : 12);
    struct fit_tally tally[3] = {{0}};
    double s[N_X], sd[N_X];
    double quantile = given ? sp_gsl_normal_quantile(0.975)
                            : sp_gsl_student_t_quantile(0.975, N_X - form->n);

    for (int32_t d = 0; d < FIT_DRAWS; d++) {
        struct model_fit fit;

        for (int32_t i = 0; i < N_X; i++)
            sd[i] = given ? 0.02 : 0;
        make(t->form, t->work, t->coef, 0.02, &r, N_X, s);
        assert_int_equal(cal_fit_form(form, t->work, xs, s, sd, N_X, &fit, NULL),
                         SP_OK);
        for (int32_t k = 0; k < form->n; k++)
            fit_tally_add(&tally[k], fit.coef[k], t->coef[k], sqrt(fit.cov[k][k]),
                          quantile);
    }
    for (int32_t k = 0; k < form->n; k++) {
        char what[64];

        snprintf(what, sizeof what, "%s %s, sd %s", t->drawn, form->coefs[k],
                 given ? "given" : "of the residuals");
        fit_assert_covers(&tally[k],
                          given ? fit_share_of_the_larger(N_X - form->n) : 0.95, what);
        fit_assert_unbiased(&tally[k], what);
    }
}

static void intervals_hold_the_truth_in_95_of_100_draws(void **state)
{
    cover(*state, true);
    cover(*state, false);
}

/* Points of unequal sd: the plain inverse would claim too much or too little. */
static void unequal_sd_of_points_is_in_the_covariance(void **state)
{
    static const double coef[2] = {1e-3, 1e-4};
    struct sp_rng r = sp_rng_from_key(13);
    struct fit_tally tally[2] = {{0}};
    double s[N_X], sd[N_X];

    (void)state;
    for (int32_t d = 0; d < FIT_DRAWS; d++) {
        struct model_fit fit;

        for (int32_t i = 0; i < N_X; i++) {
            sd[i] = i < N_X / 2 ? 0.005 : 0.03;
            s[i] = (coef[0] + coef[1] * xs[i]) * exp(sd[i] * fit_normal(&r));
        }
        assert_int_equal(cal_fit_form(model_form_find("linear"), &square, xs, s, sd,
                                      N_X, &fit, NULL),
                         SP_OK);
        for (int32_t k = 0; k < 2; k++)
            fit_tally_add(&tally[k], fit.coef[k], coef[k], sqrt(fit.cov[k][k]),
                          sp_gsl_normal_quantile(0.975));
    }
    for (int32_t k = 0; k < 2; k++) {
        fit_assert_covers(&tally[k], fit_share_of_the_larger(N_X - 2),
                          k == 0 ? "unequal a" : "unequal b");
        fit_assert_unbiased(&tally[k], k == 0 ? "unequal a" : "unequal b");
    }
}

/* Scatter of 5 % where 1 % was claimed: the residuals have the word. */
static void residuals_that_are_more_than_the_sd_widen_the_covariance(void **state)
{
    static const double coef[2] = {1e-3, 1e-4};
    struct sp_rng r = sp_rng_from_key(14);
    struct model_fit claimed, seen;
    double s[N_X], sd[N_X];

    (void)state;
    for (int32_t i = 0; i < N_X; i++)
        sd[i] = 0.01;
    make("linear", &square, coef, 0.05, &r, N_X, s);
    assert_int_equal(cal_fit_form(model_form_find("linear"), &square, xs, s, sd, N_X,
                                  &claimed, NULL),
                     SP_OK);
    assert_int_equal(
        cal_fit_form(model_form_find("linear"), &square, xs, s, NULL, N_X, &seen, NULL),
        SP_OK);
    for (int32_t a = 0; a < 2; a++)
        for (int32_t b = 0; b < 2; b++)
            assert_true(fabs(claimed.cov[a][b] / seen.cov[a][b] - 1) < 1e-9);
}

/* The same line by normal equations, weighted by the times that the fit gave: at the
 * minimum of the squared logarithms that is the next step, so nothing may move by more
 * than the second order of 2 %. */
static void a_line_is_that_of_the_normal_equations(void **state)
{
    static const double coef[2] = {3e-4, 2e-5};
    struct sp_rng r = sp_rng_from_key(15);
    struct model_fit fit;
    double s[N_X], t[N_X], rows[N_X * 2], y[N_X];
    long double hand[2], inverse[4], sum = 0;

    (void)state;
    make("linear", &square, coef, 0.02, &r, N_X, s);
    assert_int_equal(
        cal_fit_form(model_form_find("linear"), &square, xs, s, NULL, N_X, &fit, NULL),
        SP_OK);
    for (int32_t i = 0; i < N_X; i++) {
        t[i] = fit.coef[0] + fit.coef[1] * xs[i];
        y[i] = t[i] * (1 + log(s[i] / t[i]));
        rows[i * 2] = 1;
        rows[i * 2 + 1] = xs[i];
        sum += log(s[i] / t[i]) * log(s[i] / t[i]);
    }
    fit_normal_equations(rows, y, t, N_X, 2, hand, inverse);
    for (int32_t k = 0; k < 2; k++)
        assert_true(fabsl(fit.coef[k] / hand[k] - 1) < 1e-6L);
    for (int32_t a = 0; a < 2; a++)
        for (int32_t b = 0; b < 2; b++)
            assert_true(fabsl(fit.cov[a][b] / (inverse[a * 2 + b] * sum / (N_X - 2)) -
                              1) < 1e-6L);
}

/* ---- bounds ---- */

static void a_negative_coefficient_is_held_at_0_without_variance(void **state)
{
    double s[N_X];
    struct model_fit fit;

    (void)state;
    for (int32_t i = 0; i < N_X; i++)
        s[i] = 1e-3 * pow(xs[i], 1.1); /* bends upward: the line would start below 0 */
    assert_int_equal(
        cal_fit_form(model_form_find("linear"), &square, xs, s, NULL, N_X, &fit, NULL),
        SP_OK);
    assert_true(fit.coef[0] == 0 && fit.coef[1] > 0);
    assert_true(fit.cov[0][0] == 0 && fit.cov[0][1] == 0 && fit.cov[1][1] > 0);
    for (int32_t i = 0; i < N_X; i++)
        s[i] = 1e-3 * pow(xs[i], -0.1);
    assert_int_equal(
        cal_fit_form(model_form_find("linear"), &square, xs, s, NULL, N_X, &fit, NULL),
        SP_OK);
    assert_true(fit.coef[0] > 0 && fit.coef[1] == 0);
    assert_true(fit.cov[1][1] == 0 && fit.cov[0][1] == 0 && fit.cov[0][0] > 0);
}

static void a_floor_through_0_has_no_offset(void **state)
{
    static const double coef[3] = {0, 3e-3, 1e-4}, down = 2e-4;
    double s[N_X];
    struct model_fit fit;

    (void)state;
    make("floor", &square, coef, 0, NULL, N_X, s);
    for (int32_t i = 0; i < N_X; i++) /* as if the offset were below 0 */
        s[i] -= down;
    assert_int_equal(
        cal_fit_form(model_form_find("floor"), &square, xs, s, NULL, N_X, &fit, NULL),
        SP_OK);
    assert_true(fit.coef[0] == 0 && fit.cov[0][0] == 0);
    assert_true(fit.cov[1][1] > 0 && fit.cov[2][2] > 0);
}

/* The slow way: a grid over the kink, lines by normal equations. */
static void the_kink_is_the_best_of_a_fine_grid(void **state)
{
    static const double coef[3] = {2e-4, 5e-4, 2.5e-5};
    const struct model_form *form = model_form_find("floor");
    struct sp_rng r = sp_rng_from_key(16);

    (void)state;
    for (int32_t d = 0; d < 20; d++) {
        struct model_fit fit;
        double s[N_X], sum = 0, best = INFINITY;

        make("floor", &square, coef, 0.05, &r, N_X, s);
        assert_int_equal(cal_fit_form(form, &square, xs, s, NULL, N_X, &fit, NULL),
                         SP_OK);
        for (int32_t i = 0; i < N_X; i++)
            sum += pow(log(s[i] / form->at(&square, fit.coef, xs[i])), 2);
        for (double kink = 3; kink < 500; kink *= 1.002) {
            double rows[N_X * 2], t[N_X], off = 0;
            long double c[2], inverse[4];

            for (int32_t i = 0; i < N_X; i++) {
                rows[i * 2] = 1;
                rows[i * 2 + 1] = fmax(kink, xs[i]);
                t[i] = s[i];
            }
            for (int32_t k = 0; k < 8; k++) {
                double y[N_X];

                for (int32_t i = 0; i < N_X; i++)
                    y[i] = t[i] * (1 + log(s[i] / t[i]));
                fit_normal_equations(rows, y, t, N_X, 2, c, inverse);
                for (int32_t i = 0; i < N_X; i++)
                    t[i] = (double)(c[0] + c[1] * (long double)rows[i * 2 + 1]);
            }
            for (int32_t i = 0; i < N_X; i++)
                off += pow(log(s[i] / t[i]), 2);
            if (c[0] >= 0)
                best = fmin(best, off);
        }
        assert_true(sum <= best * (1 + 1e-6));
    }
}

/* ---- what can't be told ---- */

static struct refusal {
    const char *name, *form;
    struct model_work work;
    int32_t n;
    double x[8], s[8];
    const char *says;
} refusals[] = {
    {"as_many_points_as_coefficients",
     "linear",
     {.flop = 0},
     2,
     {1, 2},
     {1, 2},
     "form linear: 2 points, expected 3 or more for its 2 coefficients"},
    {"no_time",
     "constant",
     {.flop = 0},
     2,
     {1, 2},
     {1, 0},
     "form constant: a time of 0 s at x = 2, expected more than 0"},
    {"no_number",
     "constant",
     {.flop = 0},
     2,
     {1, 2},
     {1, NAN},
     "form constant: a time of nan s at x = 2, expected more than 0"},
    {"x_that_falls",
     "constant",
     {.flop = 0},
     2,
     {2, 1},
     {1, 1},
     "form constant: x is 1, expected numbers above 0, rising"},
    {"x_of_0",
     "constant",
     {.flop = 0},
     2,
     {0, 1},
     {1, 1},
     "form constant: x is 0, expected numbers above 0, rising"},
    {"a_line_has_no_floor",
     "floor",
     {.flop = 0},
     6,
     {1, 2, 4, 8, 16, 32},
     {1, 2, 4, 8, 16, 32},
     "form floor: no kink with two points on each side in x = 1..32, so only one of "
     "its regimes was measured"},
    {"a_constant_has_no_floor",
     "floor",
     {.flop = 0},
     6,
     {1, 2, 4, 8, 16, 32},
     {3, 3, 3, 3, 3, 3},
     "form floor: no kink with two points on each side in x = 1..32, so only one of "
     "its regimes was measured"},
    {"a_kink_before_the_last_point",
     "floor",
     {.flop = 0},
     6,
     {1, 2, 4, 8, 16, 32},
     {1, 1, 1, 1, 1, 2},
     "form floor: no kink with two points on each side in x = 1..32, so only one of "
     "its regimes was measured"},
    {"roofline_without_work",
     "roofline",
     {.flop = 0},
     6,
     {1, 2, 4, 8, 16, 32},
     {1, 1, 1, 2, 4, 8},
     "form roofline: a call of x = 1 has 0 operations and 0 bytes, expected both "
     "above 0"},
    {"roofline_of_one_intensity",
     "roofline",
     {.flop = 2, .bytes = 8},
     6,
     {1, 2, 4, 8, 16, 32},
     {1, 1, 1, 2, 4, 8},
     "form roofline: as many operations per byte at every x, so only one of its "
     "regimes was measured"},
};

static void refuses_and_says_why(void **state)
{
    const struct refusal *t = *state;
    struct sp_err err = {SP_OK, ""};
    struct model_fit fit, before;

    memset(&fit, 7, sizeof fit);
    before = fit;
    assert_int_equal(cal_fit_form(model_form_find(t->form), &t->work, t->x, t->s, NULL,
                                  t->n, &fit, &err),
                     SP_EINPUT);
    assert_string_equal(err.text, t->says);
    assert_memory_equal(&fit, &before, sizeof fit);
}

/* ---- the choice ---- */

static struct choice {
    const char *name, *form;
    const struct model_work *work;
    double coef[3], least_share; /* of draws with 2 % noise */
} choices[] = {
    {"choice_constant", "constant", &square, {3e-3}, 0.93},
    {"choice_linear", "linear", &square, {2e-3, 2e-5}, 0.95},
    {"choice_linear_through_0", "linear", &square, {0, 1e-4}, 0.95},
    {"choice_floor", "floor", &unknown, {2e-4, 5e-4, 2.5e-5}, 0.99},
    {"choice_roofline", "roofline", &square, {2e-6, 1e14, 1e12}, 0.90},
};

static void the_form_that_made_the_data_is_chosen(void **state)
{
    const struct choice *t = *state;
    struct sp_rng r = sp_rng_from_key(17);
    int32_t draws = 400, right = 0;
    double s[N_X];

    for (int32_t d = 0; d < draws; d++) {
        struct model_fit fits[N_FORMS];

        make(t->form, t->work, t->coef, 0.02, &r, N_X, s);
        assert_true(cal_fit_forms(t->work, xs, s, NULL, N_X, fits, N_FORMS) >= 2);
        right += strcmp(fits[0].form->name, t->form) == 0;
    }
    print_message("    %s: %.1f %%\n", t->name, 100.0 * right / draws);
    if (right < t->least_share * draws)
        fail_msg("%s was chosen in %.1f %% of the draws, expected %g or more", t->form,
                 100.0 * right / draws, 100 * t->least_share);
}

static void forms_come_best_first_and_no_more_than_there_is_room(void **state)
{
    static const double coef[3] = {2e-4, 5e-4, 2.5e-5};
    struct sp_rng r = sp_rng_from_key(18);
    struct model_fit fits[N_FORMS], two[2];
    double s[N_X];
    int32_t n;

    (void)state;
    make("floor", &square, coef, 0.02, &r, N_X, s);
    n = cal_fit_forms(&square, xs, s, NULL, N_X, fits, N_FORMS);
    assert_int_equal(n, 4);
    for (int32_t i = 1; i < n; i++)
        assert_true(fits[i - 1].aicc <= fits[i].aicc);
    assert_int_equal(cal_fit_forms(&square, xs, s, NULL, N_X, two, 2), 2);
    assert_ptr_equal(two[0].form, fits[0].form);
    assert_ptr_equal(two[1].form, fits[1].form);
}

/* A --quick table has few points: sd of 1 % each, which count as 3 %. */
static struct few {
    const char *name;
    int32_t n;
    double x[6], s[6];
    const char *form; /* NULL: none */
} fews[] = {
    {"one_point_has_no_form", 1, {1}, {1}, NULL},
    {"two_points_apart_have_none", 2, {1, 2}, {1, 3}, NULL},
    {"two_alike_are_constant", 2, {1, 2}, {1, 1.03}, "constant"},
    /* ln 1.12 = 0.1133: squares of 2 x (0.0567 / 0.03)^2 = 7.1, above 2 */
    {"two_twelve_percent_apart_have_none", 2, {1, 2}, {1, 1.12}, NULL},
    {"three_on_a_line", 3, {1, 2, 3}, {1, 2.02, 2.98}, "linear"},
    {"four_alike", 4, {1, 2, 3, 4}, {1, 1.01, 0.995, 1.005}, "constant"},
    {"four_on_a_line", 4, {1, 8, 64, 128}, {3, 10.1, 65, 131}, "linear"},
    {"four_with_a_knee", 4, {1, 8, 64, 128}, {250, 250, 1250, 2490}, "floor"},
    {"six_with_a_knee",
     6,
     {1, 2, 4, 64, 128, 256},
     {250, 252, 249, 1300, 2500, 4950},
     "floor"},
    {"six_on_a_line",
     6,
     {1, 2, 4, 8, 16, 32},
     {3.05, 3.9, 6.1, 10.1, 17.9, 34},
     "linear"},
};

static void few_points_choose_by_a_known_variance(void **state)
{
    static const double sd[6] = {0.01, 0.01, 0.01, 0.01, 0.01, 0.01};
    const struct few *t = *state;
    struct model_fit fits[N_FORMS];
    int32_t n = cal_fit_forms(&unknown, t->x, t->s, sd, t->n, fits, N_FORMS);

    if (t->form == NULL) {
        assert_int_equal(n, 0);
        return;
    }
    assert_true(n >= 1);
    assert_string_equal(fits[0].form->name, t->form);
}

/* Noise of 0.001 % is nothing to choose by: the simpler form. */
static void exact_data_choose_the_simpler_form(void **state)
{
    static const double coef[2] = {3e-4, 2e-5};
    struct model_fit fits[N_FORMS];
    double s[N_X];

    (void)state;
    make("linear", &square, coef, 0, NULL, N_X, s);
    assert_true(cal_fit_forms(&square, xs, s, NULL, N_X, fits, N_FORMS) >= 2);
    assert_string_equal(fits[0].form->name, "linear");
    make("constant", &square, coef, 0, NULL, N_X, s);
    assert_true(cal_fit_forms(&square, xs, s, NULL, N_X, fits, N_FORMS) >= 2);
    assert_string_equal(fits[0].form->name, "constant");
}

/* ---- a matrix product: smooth knee, a step where the library changes its path ---- */

enum { N_GEMM = 10 };

static const double gemm_x[N_GEMM] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

static void make_gemm(double *s)
{
    for (int32_t i = 0; i < N_GEMM; i++)
        s[i] = 30e-6 + pow(pow(170e-6, 4) + pow(18.5e-6 * gemm_x[i], 4), 0.25);
    s[1] *= 1.18; /* b = 2 takes longer than b = 4 */
}

/* Mean error where each inner point in turn is left out: of the line, of the table. */
static void a_table_beats_a_line_where_there_is_a_knee(void **state)
{
    double s[N_GEMM], by_line = 0, by_table = 0;
    struct model_fit fits[N_FORMS];
    struct model_kernel_draw none = {0};

    (void)state;
    make_gemm(s);
    for (int32_t out = 1; out < N_GEMM - 1; out++) {
        struct model_profile_point points[N_GEMM];
        struct model_kernel k = {
            .axis = "items", .n_points = N_GEMM - 1, .points = points};
        struct model_fit line;
        double x[N_GEMM], y[N_GEMM];
        int32_t n = 0;

        for (int32_t i = 0; i < N_GEMM; i++)
            if (i != out) {
                points[n] = (struct model_profile_point){.x = gemm_x[i], .s = s[i]};
                x[n] = gemm_x[i];
                y[n++] = s[i];
            }
        assert_int_equal(cal_fit_form(model_form_find("linear"), &k.work, x, y, NULL, n,
                                      &line, NULL),
                         SP_OK);
        by_line += fabs((line.coef[0] + line.coef[1] * gemm_x[out]) / s[out] - 1);
        by_table += fabs(model_kernel_at(&k, &none, gemm_x[out]).s / s[out] - 1);
    }
    assert_true(by_table < by_line);
    assert_true(cal_fit_forms(NULL, gemm_x, s, NULL, N_GEMM, fits, N_FORMS) >= 3);
    assert_string_equal(fits[0].form->name, "floor");
}

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
    struct CMUnitTest tests[64] = {
        cmocka_unit_test(unequal_sd_of_points_is_in_the_covariance),
        cmocka_unit_test(residuals_that_are_more_than_the_sd_widen_the_covariance),
        cmocka_unit_test(a_line_is_that_of_the_normal_equations),
        cmocka_unit_test(a_negative_coefficient_is_held_at_0_without_variance),
        cmocka_unit_test(a_floor_through_0_has_no_offset),
        cmocka_unit_test(the_kink_is_the_best_of_a_fine_grid),
        cmocka_unit_test(forms_come_best_first_and_no_more_than_there_is_room),
        cmocka_unit_test(exact_data_choose_the_simpler_form),
        cmocka_unit_test(a_table_beats_a_line_where_there_is_a_knee),
    };
    size_t n = 9;

    sp_gsl_quiet();
    for (size_t i = 0; i < ROWS(truths); i++) {
        tests[n++] =
            (struct CMUnitTest){.name = truths[i].name,
                                .test_func = data_without_noise_give_their_coefficients,
                                .initial_state = &truths[i]};
        tests[n++] = (struct CMUnitTest){
            .name = truths[i].drawn,
            .test_func = intervals_hold_the_truth_in_95_of_100_draws,
            .initial_state = &truths[i]};
    }
    for (size_t i = 0; i < ROWS(refusals); i++)
        tests[n++] = (struct CMUnitTest){.name = refusals[i].name,
                                         .test_func = refuses_and_says_why,
                                         .initial_state = &refusals[i]};
    for (size_t i = 0; i < ROWS(fews); i++)
        tests[n++] =
            (struct CMUnitTest){.name = fews[i].name,
                                .test_func = few_points_choose_by_a_known_variance,
                                .initial_state = &fews[i]};
    for (size_t i = 0; i < ROWS(choices); i++)
        tests[n++] =
            (struct CMUnitTest){.name = choices[i].name,
                                .test_func = the_form_that_made_the_data_is_chosen,
                                .initial_state = &choices[i]};
    return cmocka_run_group_tests_name("fit_form", tests, NULL, NULL);
}
