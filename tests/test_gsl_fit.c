/* base/gsl_fit.h: least squares against normal equations by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "base/gsl.h"
#include "base/gsl_fit.h"
#include "fit_rig.h"

enum { N = 40, P = 3 };

static void a_linear_fit_is_that_of_the_normal_equations(void **state)
{
    struct sp_rng r = sp_rng_from_key(1);
    double rows[N * P], y[N], weight[N], scaled[N * P], by[N], c[P], inverse[P * P],
        sum, hand_sum = 0;
    long double hand[P], hand_inverse[P * P];

    (void)state;
    for (int32_t i = 0; i < N; i++) {
        weight[i] = 0.5 + sp_rng_uniform(&r);
        rows[i * P] = 1;
        rows[i * P + 1] = 1e6 * sp_rng_uniform(&r); /* columns of other sizes */
        rows[i * P + 2] = 1e-3 * sp_rng_uniform(&r);
        y[i] = 3 + 2e-6 * rows[i * P + 1] - 500 * rows[i * P + 2] + fit_normal(&r);
        by[i] = y[i] / weight[i];
        for (int32_t j = 0; j < P; j++)
            scaled[i * P + j] = rows[i * P + j] / weight[i];
    }
    fit_normal_equations(rows, y, weight, N, P, hand, hand_inverse);
    assert_true(sp_gsl_least_squares(scaled, by, N, P, c, inverse, &sum));
    for (int32_t j = 0; j < P; j++)
        assert_true(fabsl(c[j] / hand[j] - 1) < 1e-9L);
    for (int32_t j = 0; j < P * P; j++)
        assert_true(fabsl(inverse[j] / hand_inverse[j] - 1) < 1e-8L);
    for (int32_t i = 0; i < N; i++) {
        long double off = by[i];

        for (int32_t j = 0; j < P; j++)
            off -= hand[j] * scaled[i * P + j];
        hand_sum += (double)(off * off);
    }
    assert_true(fabs(sum / hand_sum - 1) < 1e-9);
}

/* Columns 1, x and x + `apart` z: collinear where apart is 0 or next to it. */
static bool solves(double apart, double spoilt)
{
    double rows[N * P], y[N], c[P] = {7, 7, 7};
    struct sp_rng r = sp_rng_from_key(2);
    bool ok;

    for (int32_t i = 0; i < N; i++) {
        rows[i * P] = 1;
        rows[i * P + 1] = i;
        rows[i * P + 2] = i + apart * fit_normal(&r);
        y[i] = i;
    }
    y[3] += spoilt;
    ok = sp_gsl_least_squares(rows, y, N, P, c, NULL, NULL);
    if (!ok)
        assert_true(c[0] == 7 && c[1] == 7 && c[2] == 7);
    return ok;
}

static void collinear_columns_are_refused_and_near_ones_are_not(void **state)
{
    (void)state;
    assert_false(solves(0, 0));
    assert_false(solves(1e-9, 0));
    assert_true(solves(1e-3, 0));
    assert_false(solves(1, NAN));
    assert_false(solves(1, INFINITY));
}

/* y = c0 exp(-c1 x): two coefficients, one not linear. */
struct decay {
    double x[N], y[N];
};

static void decay_at(const void *self, const double *c, double *residual,
                     double *jacobian)
{
    const struct decay *d = self;

    for (int32_t i = 0; i < N; i++) {
        double e = exp(-c[1] * d->x[i]);

        residual[i] = c[0] * e - d->y[i];
        if (jacobian != NULL) {
            jacobian[i * 2] = e;
            jacobian[i * 2 + 1] = -c[0] * d->x[i] * e;
        }
    }
}

static void a_curve_is_found_from_a_start_near_and_far(void **state)
{
    static const double starts[3][2] = {{5, 0.3}, {1, 1}, {20, 0.01}};
    struct decay d;
    struct sp_gsl_curve curve = {.n = N, .p = 2, .at = decay_at, .self = &d};

    (void)state;
    for (int32_t i = 0; i < N; i++) {
        d.x[i] = 0.25 * i;
        d.y[i] = 5 * exp(-0.3 * d.x[i]);
    }
    for (int32_t k = 0; k < 3; k++) {
        double c[2] = {starts[k][0], starts[k][1]}, inverse[4], sum;

        assert_true(sp_gsl_least_squares_curve(&curve, c, inverse, &sum));
        assert_true(fabs(c[0] - 5) < 1e-7 && fabs(c[1] - 0.3) < 1e-7);
        assert_true(sum < 1e-12);
        assert_true(sp_gsl_least_eigenvalue(inverse, 2) > 0);
    }
}

/* At c0 = 0 the sum does not change with c1: no minimum that tells both. */
static void a_curve_that_does_not_tell_its_coefficients_is_refused(void **state)
{
    struct decay d = {{0}, {0}};
    struct sp_gsl_curve curve = {.n = N, .p = 2, .at = decay_at, .self = &d};
    double c[2] = {1, 1};

    (void)state;
    assert_false(sp_gsl_least_squares_curve(&curve, c, NULL, NULL));
    assert_true(c[0] == 1 && c[1] == 1);
}

/* [2 k; k 2] has eigenvalues 2 - k and 2 + k. */
static void the_least_eigenvalue_tells_a_covariance_from_none(void **state)
{
    (void)state;
    assert_true(fabs(sp_gsl_least_eigenvalue((double[]){2, 1.5, 1.5, 2}, 2) - 0.5) <
                1e-12);
    assert_true(fabs(sp_gsl_least_eigenvalue((double[]){2, 3, 3, 2}, 2) + 1) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_fit_is_that_of_the_normal_equations),
        cmocka_unit_test(collinear_columns_are_refused_and_near_ones_are_not),
        cmocka_unit_test(a_curve_is_found_from_a_start_near_and_far),
        cmocka_unit_test(a_curve_that_does_not_tell_its_coefficients_is_refused),
        cmocka_unit_test(the_least_eigenvalue_tells_a_covariance_from_none),
    };

    sp_gsl_quiet();
    return cmocka_run_group_tests_name("gsl_fit", tests, NULL, NULL);
}
