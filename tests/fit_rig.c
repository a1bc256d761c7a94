#include "fit_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "base/gsl.h"

double fit_normal(struct sp_rng *r)
{
    return sp_gsl_normal_quantile(sp_rng_uniform(r));
}

void fit_tally_add(struct fit_tally *tally, double estimate, double truth, double sd,
                   double quantile)
{
    double off = estimate - truth;

    tally->n++;
    tally->held += fabs(off) <= quantile * sd;
    tally->sum += off;
    tally->squares += off * off;
}

/* Integral over the residuals' variance: chi-square over its degrees of freedom. */
double fit_share_of_the_larger(int32_t freedom)
{
    const double step = 1e-3, shape = freedom / 2.0;
    double share = 0, before = 0;

    if (freedom == 0)
        return 0.95;
    for (double c = step; before < 1 - 1e-12 && c < 100; c += step) {
        double now = sp_gsl_gamma_cdf(c, shape, 1 / shape);
        double half = sp_gsl_normal_quantile(0.975) * sqrt(fmax(1, c - step / 2));

        share += (now - before) * (2 * sp_gsl_normal_cdf(half) - 1);
        before = now;
    }
    return share;
}

void fit_assert_covers(const struct fit_tally *tally, double share, const char *what)
{
    double seen = (double)tally->held / tally->n;
    double sd = sqrt(share * (1 - share) / tally->n);

    print_message("    %s: %.1f %% hold, expected %.1f\n", what, 100 * seen,
                  100 * share);
    if (fabs(seen - share) > 4 * sd)
        fail_msg("%s: %.2f %% of %d intervals hold the truth, expected %.2f +- %.2f",
                 what, 100 * seen, (int)tally->n, 100 * share, 400 * sd);
}

void fit_assert_unbiased(const struct fit_tally *tally, const char *what)
{
    double mean = tally->sum / tally->n;
    double sd = sqrt((tally->squares / tally->n - mean * mean) / tally->n);

    if (!(fabs(mean) <= 4 * sd))
        fail_msg("%s: estimates are off by %g on average, standard error %g", what,
                 mean, sd);
}

enum { P = 4 };

/* Turns m (p x 2p, left half any, right half 1) to 1 and the inverse. */
static void invert(long double m[P][2 * P], int32_t p)
{
    for (int32_t k = 0; k < p; k++) {
        int32_t top = k;

        for (int32_t i = k + 1; i < p; i++)
            if (fabsl(m[i][k]) > fabsl(m[top][k]))
                top = i;
        for (int32_t j = 0; j < 2 * p; j++) {
            long double kept = m[k][j];

            m[k][j] = m[top][j];
            m[top][j] = kept;
        }
        for (int32_t j = 2 * p - 1; j >= 0; j--)
            m[k][j] /= m[k][k];
        for (int32_t i = 0; i < p; i++)
            for (int32_t j = 2 * p - 1; i != k && j >= k; j--)
                m[i][j] -= m[i][k] * m[k][j];
    }
}

void fit_normal_equations(const double *rows, const double *s, const double *weight,
                          int32_t n, int32_t p, long double *c, long double *inverse)
{
    long double m[P][2 * P] = {{0}}, right[P] = {0};

    for (int32_t a = 0; a < p; a++) {
        for (int32_t i = 0; i < n; i++) {
            long double w = 1 / ((long double)weight[i] * weight[i]);

            for (int32_t b = 0; b < p; b++)
                m[a][b] += w * rows[i * p + a] * rows[i * p + b];
            right[a] += w * rows[i * p + a] * s[i];
        }
        m[a][p + a] = 1;
    }
    invert(m, p);
    for (int32_t a = 0; a < p; a++) {
        c[a] = 0;
        for (int32_t b = 0; b < p; b++) {
            c[a] += m[a][p + b] * right[b];
            inverse[a * p + b] = m[a][p + b];
        }
    }
}
