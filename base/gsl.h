/* What GSL does for us: the rarer distributions (over our xoshiro256++, registered as a
 * gsl_rng_type), quantiles and interpolation.  Only gsl.c and gsl_fit.c know GSL.
 */
#ifndef BASE_GSL_H
#define BASE_GSL_H

#include <stddef.h>

#include "base/rng.h"

/* Switches GSL's aborting error handler off.  Once, in main(). */
void sp_gsl_quiet(void);

/* One variate each; `r` advances.  Shape and scale as in GSL: the gamma has mean
 * shape * scale, the Weibull scale * Gamma(1 + 1/shape). */
double sp_gsl_gamma(struct sp_rng *r, double shape, double scale);
double sp_gsl_lognormal(struct sp_rng *r, double mu, double sigma);
double sp_gsl_weibull(struct sp_rng *r, double scale, double shape);

/* Gamma(x), x > 0: the mean of a Weibull. */
double sp_gsl_gamma_function(double x);

/* The logarithmic derivative of the gamma function and that one's derivative, x > 0. */
double sp_gsl_psi(double x);
double sp_gsl_psi_1(double x);

/* Probability of a value of at most x: gamma of this shape and scale, standard normal.
 */
double sp_gsl_gamma_cdf(double x, double shape, double scale);
double sp_gsl_normal_cdf(double x);

/* Quantile of Student's t with `nu` degrees of freedom, 0 < p < 1, nu > 0. */
double sp_gsl_student_t_quantile(double p, double nu);

/* Quantile of the standard normal, 0 < p < 1. */
double sp_gsl_normal_quantile(double p);

/* Linear interpolation among n >= 2 points with rising x, x[0] <= at <= x[n - 1]. */
double sp_gsl_linear(const double *x, const double *y, size_t n, double at);

#endif
