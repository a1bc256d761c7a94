/* Least squares by GSL.  Rows come scaled: a point of standard deviation s has its row
 * and its value divided by s, so that what is minimised is the sum of squares as it is.
 * Matrices are row by row.  Nothing is kept.
 */
#ifndef BASE_GSL_FIT_H
#define BASE_GSL_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Coefficients c[p] with the least sum of (y - rows c)^2, rows n x p, n >= p >= 1, by
 * singular values of the balanced rows.  inverse (p x p, may be NULL) is that of
 * rows^T rows: times the variance of y the covariance.  sum: of squares, may be NULL.
 * False, and nothing written, where the columns are collinear (a singular value below
 * 1e-7 of the largest) or something is not finite. */
bool sp_gsl_least_squares(const double *rows, const double *y, size_t n, size_t p,
                          double *c, double *inverse, double *sum);

/* What is fitted where the coefficients are not linear in it. */
struct sp_gsl_curve {
    size_t n, p; /* points, coefficients: n >= p */
    /* residual[n], and jacobian[n * p] of the residuals unless it is NULL. */
    void (*at)(const void *self, const double *c, double *residual, double *jacobian);
    const void *self;
};

/* Levenberg and Marquardt from c[p], which is replaced by the minimum found; inverse
 * and sum as above, there.  False, with c unchanged, where no minimum was reached in
 * 100 steps or the coefficients can't be told apart at it. */
bool sp_gsl_least_squares_curve(const struct sp_gsl_curve *curve, double *c,
                                double *inverse, double *sum);

/* Least eigenvalue of a symmetric matrix: below 0 it is no covariance. */
double sp_gsl_least_eigenvalue(const double *matrix, size_t n);

#endif
