/* Many draws of data with known coefficients, and what their fits must have in common:
 * 95 % intervals that hold the truth in near 95 % of them, estimates that miss it by
 * nothing on average.
 *
 * The share of intervals that hold is binomial: with 1,250 draws its standard deviation
 * is sqrt(0.95 x 0.05 / 1250) = 0.616 %, so four of them are 92.5 to 97.5 %.
 */
#ifndef TESTS_FIT_RIG_H
#define TESTS_FIT_RIG_H

#include <stdint.h>

#include "base/rng.h"

enum { FIT_DRAWS = 1250 };

double fit_normal(struct sp_rng *r);

/* What was seen of one coefficient. */
struct fit_tally {
    int32_t n, held;
    double sum, squares; /* of estimate - truth */
};

/* An estimate with its standard deviation; `quantile` of them are half an interval. */
void fit_tally_add(struct fit_tally *tally, double estimate, double truth, double sd,
                   double quantile);

/* Share of 95 % intervals that hold where the variance is the one that was given or
 * that of the residuals (`freedom` degrees), whichever is more: somewhat above 95 %,
 * for a sample's variance is above its law's half of the time.  freedom 0: 0.95. */
double fit_share_of_the_larger(int32_t freedom);

/* Fail (cmocka) and say `what` was off: by more than four standard deviations. */
void fit_assert_covers(const struct fit_tally *tally, double share, const char *what);
void fit_assert_unbiased(const struct fit_tally *tally, const char *what);

/* Coefficients with the least sum of ((s - rows c) / weight)^2 by normal equations in
 * long double, Gauss and Jordan by hand: the second implementation.  p <= 4.
 * inverse: of the normal matrix, p x p. */
void fit_normal_equations(const double *rows, const double *s, const double *weight,
                          int32_t n, int32_t p, long double *c, long double *inverse);

#endif
