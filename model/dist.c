/* Moments of the distributions, in closed form.
 *
 * Source: any table of distributions, e.g. Johnson, Kotz and Balakrishnan, Continuous
 * Univariate Distributions, vol. 1 (1994).  Exact up to rounding. */
#include "model/dist.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "base/gsl.h"
#include "base/status.h"

static double empirical_moment(const struct model_dist *d, double centre, int power)
{
    double sum = 0, below = 0;

    for (int32_t i = 0; i < d->n; i++) {
        double x = d->values[i] - centre;

        sum += (d->cdf[i] - below) * (power == 2 ? x * x : x);
        below = d->cdf[i];
    }
    return sum;
}

double model_dist_mean(const struct model_dist *d)
{
    switch (d->kind) {
    case MODEL_DIST_CONSTANT:
    case MODEL_DIST_EXPONENTIAL:
        return d->a;
    case MODEL_DIST_GAMMA:
        return d->a * d->b;
    case MODEL_DIST_LOGNORMAL:
        return exp(d->a + d->b * d->b / 2);
    case MODEL_DIST_WEIBULL:
        return d->a * sp_gsl_gamma_function(1 + 1 / d->b);
    case MODEL_DIST_UNIFORM:
        return d->a + (d->b - d->a) / 2;
    case MODEL_DIST_EMPIRICAL:
        return empirical_moment(d, 0, 1);
    }
    sp_bug(__FILE__, __LINE__, "kind of distribution %d", (int)d->kind);
}

/* Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 - 1 for shape k. */
static double weibull_scv(double shape)
{
    double first = sp_gsl_gamma_function(1 + 1 / shape);

    return sp_gsl_gamma_function(1 + 2 / shape) / (first * first) - 1;
}

static double scv_of_variance(const struct model_dist *d, double variance)
{
    double mean = model_dist_mean(d);

    return mean == 0 ? 0 : variance / (mean * mean);
}

double model_dist_scv(const struct model_dist *d)
{
    switch (d->kind) {
    case MODEL_DIST_CONSTANT:
        return 0;
    case MODEL_DIST_EXPONENTIAL:
        return d->a == 0 ? 0 : 1;
    case MODEL_DIST_GAMMA:
        return 1 / d->a;
    case MODEL_DIST_LOGNORMAL:
        return expm1(d->b * d->b);
    case MODEL_DIST_WEIBULL:
        return weibull_scv(d->b);
    case MODEL_DIST_UNIFORM:
        return scv_of_variance(d, (d->b - d->a) * (d->b - d->a) / 12);
    case MODEL_DIST_EMPIRICAL:
        return scv_of_variance(d, empirical_moment(d, model_dist_mean(d), 2));
    }
    sp_bug(__FILE__, __LINE__, "kind of distribution %d", (int)d->kind);
}

double model_dist_empirical(const struct model_dist *d, double u)
{
    int32_t low = 0, high = d->n - 1;

    while (low < high) {
        int32_t mid = (low + high) / 2;

        if (d->cdf[mid] < u)
            low = mid + 1;
        else
            high = mid;
    }
    return d->values[low];
}

struct model_dist model_dist_gamma(double mean, double cv)
{
    sp_assert(mean > 0 && cv > 0);
    return (struct model_dist){
        .kind = MODEL_DIST_GAMMA, .a = 1 / (cv * cv), .b = mean * cv * cv};
}

struct model_dist model_dist_lognormal(double mean, double cv)
{
    double sigma2 = log1p(cv * cv);

    sp_assert(mean > 0 && cv > 0);
    return (struct model_dist){
        .kind = MODEL_DIST_LOGNORMAL, .a = log(mean) - sigma2 / 2, .b = sqrt(sigma2)};
}

char *model_dist_words(const struct model_dist *d, char *buf, int size)
{
    static const char *const names[] = {
        [MODEL_DIST_EXPONENTIAL] = "exponential", [MODEL_DIST_GAMMA] = "gamma",
        [MODEL_DIST_LOGNORMAL] = "lognormal",     [MODEL_DIST_WEIBULL] = "weibull",
        [MODEL_DIST_UNIFORM] = "uniform",         [MODEL_DIST_EMPIRICAL] = "empirical",
    };

    if (d->kind == MODEL_DIST_CONSTANT)
        snprintf(buf, (size_t)size, "%.10g", d->a);
    else
        snprintf(buf, (size_t)size, "%s, mean %.6g, cv %.4g", names[d->kind],
                 model_dist_mean(d), sqrt(model_dist_scv(d)));
    return buf;
}
