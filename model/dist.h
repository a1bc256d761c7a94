/* A distribution as the user described it: a plain record, without any state.
 *
 * Unit: whatever the owner says (seconds for service times, items for sizes).
 */
#ifndef MODEL_DIST_H
#define MODEL_DIST_H

#include <stdint.h>

enum model_dist_kind {
    MODEL_DIST_CONSTANT,    /* a */
    MODEL_DIST_EXPONENTIAL, /* mean a */
    MODEL_DIST_GAMMA,       /* shape a, scale b: mean a*b, cv 1/sqrt(a) */
    MODEL_DIST_LOGNORMAL,   /* mu a, sigma b of the logarithm */
    MODEL_DIST_WEIBULL,     /* scale a, shape b */
    MODEL_DIST_UNIFORM,     /* a .. b */
    MODEL_DIST_EMPIRICAL, /* n values, cumulative probabilities cdf[0..n-1], cdf[n-1] =
                             1 */
};

struct model_dist {
    enum model_dist_kind kind;
    double a, b;
    int32_t n;
    const double *values, *cdf; /* owned by the scenario's arena */
};

/* Mean in the owner's unit. */
double model_dist_mean(const struct model_dist *d);

/* Squared coefficient of variation: variance / mean^2; 0 for a constant (also for 0).
 */
double model_dist_scv(const struct model_dist *d);

/* Of an empirical one: the first value whose cumulative probability is u (0..1) or
 * more; it rises with u.  O(log n). */
double model_dist_empirical(const struct model_dist *d, double u);

/* In a few words: "lognormal, mean 2, cv 0.5"; a constant's value.  Returns `buf`. */
char *model_dist_words(const struct model_dist *d, char *buf, int size);

/* Distributions of a given mean (> 0) and coefficient of variation (> 0).
 * Gamma: shape 1/cv^2.  Lognormal: sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
 */
struct model_dist model_dist_gamma(double mean, double cv);
struct model_dist model_dist_lognormal(double mean, double cv);

#endif
