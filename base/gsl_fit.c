/* The wrapper around GSL's least squares. */
#include "base/gsl_fit.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define TOLERANCE                                                                      \
    1e-7 /* of singular values: columns nearer to collinear are refused                \
          */

enum { STEPS_MOST = 100 };

static bool all_finite(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static gsl_matrix *matrix_of(const double *rows, size_t n, size_t p)
{
    gsl_matrix_const_view view = gsl_matrix_const_view_array(rows, n, p);
    gsl_matrix *m = gsl_matrix_alloc(n, p);

    gsl_matrix_memcpy(m, &view.matrix);
    return m;
}

/* GSL scales the covariance by the residuals' variance: taken out again by the caller,
 * which would divide by 0 where the fit is exact, so the unscaled one of
 * gsl_multifit_wlinear is used, with weights of 1. */
static bool solve(const double *rows, const double *y, size_t n, size_t p,
                  gsl_vector *weights, gsl_vector *c, gsl_matrix *inverse, double *sum)
{
    gsl_matrix *m = matrix_of(rows, n, p);
    gsl_vector_const_view values = gsl_vector_const_view_array(y, n);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(n, p);
    bool ok;

    gsl_vector_set_all(weights, 1);
    ok = gsl_multifit_wlinear(m, weights, &values.vector, c, inverse, sum, work) == 0 &&
         gsl_multifit_linear_rank(TOLERANCE, work) == p;
    gsl_multifit_linear_free(work);
    gsl_matrix_free(m);
    return ok;
}

bool sp_gsl_least_squares(const double *rows, const double *y, size_t n, size_t p,
                          double *c, double *inverse, double *sum)
{
    gsl_vector *found, *weights;
    gsl_matrix *unscaled;
    double least;
    bool ok;

    if (n < p || p < 1 || !all_finite(rows, n * p) || !all_finite(y, n))
        return false;
    found = gsl_vector_alloc(p);
    weights = gsl_vector_alloc(n);
    unscaled = gsl_matrix_alloc(p, p);
    ok = solve(rows, y, n, p, weights, found, unscaled, &least);
    if (ok) {
        memcpy(c, found->data, p * sizeof *c);
        if (inverse != NULL)
            memcpy(inverse, unscaled->data, p * p * sizeof *inverse);
        if (sum != NULL)
            *sum = least;
    }
    gsl_matrix_free(unscaled);
    gsl_vector_free(weights);
    gsl_vector_free(found);
    return ok;
}

/* ---- not linear ---- */

/* The caller's function fills plain arrays; GSL's may have a stride, so copy. */
static int residuals_of(const gsl_vector *c, void *params, gsl_vector *f)
{
    const struct sp_gsl_curve *curve = params;
    double *out = sp_xcalloc(curve->n, sizeof *out);
    double *at = sp_xcalloc(curve->p, sizeof *at);
    bool ok;

    for (size_t j = 0; j < curve->p; j++)
        at[j] = gsl_vector_get(c, j);
    curve->at(curve->self, at, out, NULL);
    ok = all_finite(out, curve->n);
    for (size_t i = 0; i < curve->n; i++)
        gsl_vector_set(f, i, out[i]);
    free(at);
    free(out);
    return ok ? GSL_SUCCESS : GSL_EDOM;
}

static int jacobian_of(const gsl_vector *c, void *params, gsl_matrix *jacobian)
{
    const struct sp_gsl_curve *curve = params;
    double *out = sp_xcalloc(curve->n, sizeof *out);
    double *slopes = sp_xcalloc(curve->n * curve->p, sizeof *slopes);
    double *at = sp_xcalloc(curve->p, sizeof *at);
    bool ok;

    for (size_t j = 0; j < curve->p; j++)
        at[j] = gsl_vector_get(c, j);
    curve->at(curve->self, at, out, slopes);
    ok = all_finite(slopes, curve->n * curve->p);
    for (size_t i = 0; i < curve->n; i++)
        for (size_t j = 0; j < curve->p; j++)
            gsl_matrix_set(jacobian, i, j, slopes[i * curve->p + j]);
    free(at);
    free(slopes);
    free(out);
    return ok ? GSL_SUCCESS : GSL_EDOM;
}

/* Is c a minimum, told by the linear problem there: it wants no step that would make
 * the sum smaller?  With the inverse of J^T J, which it knows to refuse if collinear.
 */
static bool is_minimum(const struct sp_gsl_curve *curve, const double *c,
                       double *inverse, double *sum)
{
    double *residual = sp_xcalloc(curve->n, sizeof *residual);
    double *jacobian = sp_xcalloc(curve->n * curve->p, sizeof *jacobian);
    double *step = sp_xcalloc(curve->p, sizeof *step);
    double here = 0, there;
    bool ok;

    curve->at(curve->self, c, residual, jacobian);
    for (size_t i = 0; i < curve->n; i++)
        here += residual[i] * residual[i];
    ok = sp_gsl_least_squares(jacobian, residual, curve->n, curve->p, step, inverse,
                              &there) &&
         here - there <= 1e-6 * here + 1e-12;
    if (ok && sum != NULL)
        *sum = here;
    free(step);
    free(jacobian);
    free(residual);
    return ok;
}

/* Whatever GSL says at its end: it calls a start that is the minimum already a failure.
 */
bool sp_gsl_least_squares_curve(const struct sp_gsl_curve *curve, double *c,
                                double *inverse, double *sum)
{
    struct sp_gsl_curve copy = *curve;
    gsl_multifit_nlinear_fdf fdf = {.f = residuals_of,
                                    .df = jacobian_of,
                                    .n = curve->n,
                                    .p = curve->p,
                                    .params = &copy};
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *work = gsl_multifit_nlinear_alloc(
        gsl_multifit_nlinear_trust, &how, curve->n, curve->p);
    gsl_vector_view start = gsl_vector_view_array(c, curve->p);
    double *found = sp_xcalloc(curve->p, sizeof *found);
    int info = 0;
    bool ok = gsl_multifit_nlinear_init(&start.vector, &fdf, work) == 0;

    if (ok) {
        (void)gsl_multifit_nlinear_driver(STEPS_MOST, 1e-10, 1e-10, 0, NULL, NULL,
                                          &info, work);
        for (size_t j = 0; j < curve->p; j++)
            found[j] = gsl_vector_get(work->x, j);
        ok = all_finite(found, curve->p) && is_minimum(curve, found, inverse, sum);
    }
    if (ok)
        memcpy(c, found, curve->p * sizeof *c);
    free(found);
    gsl_multifit_nlinear_free(work);
    return ok;
}

double sp_gsl_least_eigenvalue(const double *matrix, size_t n)
{
    gsl_matrix *m = matrix_of(matrix, n, n); /* destroyed by the search */
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
    double least = NAN;

    if (gsl_eigen_symm(m, values, work) == 0)
        least = gsl_vector_min(values);
    gsl_eigen_symm_free(work);
    gsl_vector_free(values);
    gsl_matrix_free(m);
    return least;
}
