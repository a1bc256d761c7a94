/* base/gsl.h: variates against closed-form moments and distribution functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/gsl.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

enum { N = 100000 };
enum variate { GAMMA, LOGNORMAL, WEIBULL };

/* m4: fourth central moment; cdf only where it has a closed form. */
static struct row {
    const char *name;
    enum variate variate;
    double a, b;
    double mean, variance, m4;
} rows[] = {
    /* shape k, scale t: k t, k t^2, (3 k^2 + 6 k) t^4 */
    {"gamma_of_shape_3", GAMMA, 3, 2, 6, 12, (27 + 18) * 16.0},
    {"gamma_of_shape_1_is_exponential", GAMMA, 1, 5, 5, 25, 9 * 625.0},
    {"gamma_of_shape_below_1", GAMMA, 0.25, 4, 1, 4, (3 / 16.0 + 1.5) * 256},
    /* sigma 0.5: w = e^(1/4); e^(1/8), (w - 1) w, (w - 1)^2 w^2 (w^4 + 2 w^3 + 3 w^2 -
       3) */
    {"lognormal", LOGNORMAL, 0, 0.5, 1.1331484530668263, 0.36469596, 1.1828},
    /* shape 2 (Rayleigh), scale 1: sqrt(pi)/2, 1 - pi/4, 2 - 3 pi^2 / 16 */
    {"weibull_of_shape_2", WEIBULL, 1, 2, 0.88622692545275801, 0.21460183660255169,
     0.14944975},
    {"weibull_of_shape_1_is_exponential", WEIBULL, 3, 1, 3, 9, 9 * 81.0},
};

static double draw(const struct row *row, struct sp_rng *r)
{
    if (row->variate == GAMMA)
        return sp_gsl_gamma(r, row->a, row->b);
    if (row->variate == LOGNORMAL)
        return sp_gsl_lognormal(r, row->a, row->b);
    return sp_gsl_weibull(r, row->a, row->b);
}

/* NaN where the function has no closed form. */
static double cdf(const struct row *row, double x)
{
    double t = x / row->b;

    if (row->variate == WEIBULL)
        return -expm1(-pow(x / row->a, row->b));
    if (row->variate == LOGNORMAL)
        return 0.5 * erfc((row->a - log(x)) / (row->b * sqrt(2)));
    if (row->a == 3)
        return 1 - exp(-t) * (1 + t + t * t / 2);
    return row->a == 1 ? -expm1(-t) : NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Kolmogorov's D times sqrt(n); above 1.95 once in a thousand samples. */
static double kolmogorov(const struct row *row, double *x)
{
    double d = 0;

    qsort(x, N, sizeof *x, by_value);
    for (int i = 0; i < N; i++) {
        double f = cdf(row, x[i]);

        d = fmax(d, fmax(fabs(f - (double)i / N), fabs(f - (double)(i + 1) / N)));
    }
    return d * sqrt(N);
}

static void variate_has_its_moments_and_its_shape(void **state)
{
    static double x[N];
    const struct row *row = *state;
    struct sp_rng r = sp_rng_from_key(sp_rng_stream_key(3, 0, row->name));
    double mean = 0, variance = 0;

    for (int i = 0; i < N; i++) {
        x[i] = draw(row, &r);
        assert_true(x[i] > 0 && isfinite(x[i]));
        mean += x[i] / N;
    }
    for (int i = 0; i < N; i++)
        variance += (x[i] - mean) * (x[i] - mean) / (N - 1);
    assert_true(fabs(mean - row->mean) < 4 * sqrt(row->variance / N));
    assert_true(fabs(variance - row->variance) <
                4 * sqrt((row->m4 - row->variance * row->variance) / N));
    if (!isnan(cdf(row, 1)))
        assert_true(kolmogorov(row, x) < 1.95);
}

static void same_key_gives_the_same_draws(void **state)
{
    struct sp_rng a = sp_rng_from_key(5), b = sp_rng_from_key(5);

    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_true(sp_gsl_gamma(&a, 0.7, 1) == sp_gsl_gamma(&b, 0.7, 1));
        assert_memory_equal(&a, &b, sizeof a);
    }
}

/* Common random numbers need this: a larger uniform is a larger draw. */
static void lognormal_uses_one_uniform_and_rises_with_it(void **state)
{
    struct sp_rng a = sp_rng_from_key(11), b = a;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        double u = sp_rng_uniform(&b), x = sp_gsl_lognormal(&a, 0, 1);

        assert_memory_equal(&a, &b, sizeof a);
        assert_true((u > 0.5) == (x > 1));
    }
}

static void close_to(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fabs(want)))
        fail_msg("%.17g, expected %.17g", got, want);
}

static void quantiles_have_their_closed_forms(void **state)
{
    const double p = 0.975, pi = acos(-1);

    (void)state;
    close_to(sp_gsl_student_t_quantile(p, 1), tan(pi * (p - 0.5)));
    close_to(sp_gsl_student_t_quantile(p, 2), (2 * p - 1) / sqrt(2 * p * (1 - p)));
    close_to(sp_gsl_student_t_quantile(1 - p, 2), -(2 * p - 1) / sqrt(2 * p * (1 - p)));
    close_to(sp_gsl_normal_quantile(0.975), 1.9599639845400545);
    close_to(0.5 * erfc(-sp_gsl_normal_quantile(0.01) / sqrt(2)), 0.01);
    assert_true(fabs(sp_gsl_normal_quantile(0.5)) < 1e-12);
}

static void gamma_function_has_its_closed_forms(void **state)
{
    (void)state;
    close_to(sp_gsl_gamma_function(0.5), sqrt(acos(-1)));
    close_to(sp_gsl_gamma_function(1), 1);
    close_to(sp_gsl_gamma_function(6), 120);
}

static void interpolation_is_exact_at_points_and_on_lines(void **state)
{
    const double x[] = {1, 2, 4, 8}, y[] = {10, 20, 20, 40};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_true(sp_gsl_linear(x, y, 4, x[i]) == y[i]);
    assert_true(sp_gsl_linear(x, y, 4, 1.5) == 15);
    assert_true(sp_gsl_linear(x, y, 4, 3) == 20);
    assert_true(sp_gsl_linear(x, y, 4, 7) == 35);
}

/* psi(1) = -Euler's constant, psi'(1) = pi^2 / 6, and both recurrences. */
static void psi_has_its_closed_forms(void **state)
{
    const double euler = 0.57721566490153286;

    (void)state;
    close_to(sp_gsl_psi(1), -euler);
    close_to(sp_gsl_psi(2), 1 - euler);
    close_to(sp_gsl_psi(0.5), -euler - 2 * log(2));
    close_to(sp_gsl_psi_1(1), acos(-1) * acos(-1) / 6);
    close_to(sp_gsl_psi_1(0.5), acos(-1) * acos(-1) / 2);
}

/* A gamma of shape 1 is exponential, one of shape 2 the sum of two. */
static void probabilities_have_their_closed_forms(void **state)
{
    (void)state;
    close_to(sp_gsl_gamma_cdf(3, 1, 2), 1 - exp(-1.5));
    close_to(sp_gsl_gamma_cdf(3, 2, 2), 1 - exp(-1.5) * 2.5);
    assert_true(sp_gsl_gamma_cdf(0, 0.3, 1) == 0);
    close_to(sp_gsl_normal_cdf(0), 0.5);
    close_to(sp_gsl_normal_cdf(1.5), erfc(-1.5 / sqrt(2)) / 2);
    close_to(sp_gsl_normal_cdf(sp_gsl_normal_quantile(0.975)), 0.975);
}

int main(void)
{
    enum { OTHERS = 7 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(same_key_gives_the_same_draws),
        cmocka_unit_test(lognormal_uses_one_uniform_and_rises_with_it),
        cmocka_unit_test(quantiles_have_their_closed_forms),
        cmocka_unit_test(gamma_function_has_its_closed_forms),
        cmocka_unit_test(interpolation_is_exact_at_points_and_on_lines),
        cmocka_unit_test(psi_has_its_closed_forms),
        cmocka_unit_test(probabilities_have_their_closed_forms),
    };

    sp_gsl_quiet();
    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = variate_has_its_moments_and_its_shape,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("gsl", tests, NULL, NULL);
}
