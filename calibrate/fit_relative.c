/* Relative least squares of a sum of terms: steps of linear least squares, each
 * weighted by the times that the last one gave.  Weights by the measured times would do
 * almost as well, but a point that came out small by chance would weigh more for it,
 * which makes the whole fit 2 sd^2 too small.
 */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/gsl_fit.h"
#include "calibrate/fit_parts.h"

enum { STEPS_MOST = 60, HALVINGS_MOST = 20 };

/* The linear problem of one step. */
struct step {
    double *rows, *y, *t;
};

static struct step step_new(const struct cal_terms *terms)
{
    size_t n = (size_t)terms->n, p = (size_t)terms->p;
    double *block = sp_xcalloc(n * (p + 2), sizeof *block);

    return (struct step){.rows = block, .y = block + n * p, .t = block + n * (p + 1)};
}

static void step_free(struct step *step)
{
    free(step->rows);
}

static double time_of(const struct cal_terms *terms, const double *c, int32_t i)
{
    double t = 0;

    for (int32_t j = 0; j < terms->p; j++)
        t += terms->rows[i * terms->p + j] * c[j];
    return t;
}

/* Sum of squares at c; INFINITY where a time is not positive. */
static double squares(const struct cal_terms *terms, enum cal_nearness nearness,
                      const double *c)
{
    double sum = 0;

    for (int32_t i = 0; i < terms->n; i++) {
        double t = time_of(terms, c, i);
        double off =
            nearness == CAL_FIT_TYPICAL ? log(terms->s[i] / t) : (terms->s[i] - t) / t;

        if (!(t > 0))
            return INFINITY;
        sum += off * off;
    }
    return sum;
}

/* c[] with the least squares of (s - t) / s: where the steps begin. */
static bool start(const struct cal_terms *terms, struct step *step, double *c)
{
    for (int32_t i = 0; i < terms->n; i++) {
        step->y[i] = 1;
        for (int32_t j = 0; j < terms->p; j++)
            step->rows[i * terms->p + j] = terms->rows[i * terms->p + j] / terms->s[i];
    }
    return sp_gsl_least_squares(step->rows, step->y, (size_t)terms->n, (size_t)terms->p,
                                c, NULL, NULL);
}

/* The change of c that linear least squares wants, with rows and differences relative
 * to the times at c. */
static bool change(const struct cal_terms *terms, enum cal_nearness nearness,
                   struct step *step, const double *c, double *by)
{
    for (int32_t i = 0; i < terms->n; i++) {
        double t = time_of(terms, c, i);

        step->y[i] =
            nearness == CAL_FIT_TYPICAL ? log(terms->s[i] / t) : (terms->s[i] - t) / t;
        for (int32_t j = 0; j < terms->p; j++)
            step->rows[i * terms->p + j] = terms->rows[i * terms->p + j] / t;
    }
    return sp_gsl_least_squares(step->rows, step->y, (size_t)terms->n, (size_t)terms->p,
                                by, NULL, NULL);
}

/* c + share by, the share halved until every time is positive and, where a sum is
 * minimised, the sum no larger.  Returns the sum there; c unchanged: there is none. */
static double move(const struct cal_terms *terms, enum cal_nearness nearness,
                   const double *by, double before, double *c)
{
    double share = 1, next[CAL_TERMS_MAX];

    for (int32_t k = 0; k < HALVINGS_MOST; k++, share /= 2) {
        double sum;

        for (int32_t j = 0; j < terms->p; j++)
            next[j] = c[j] + share * by[j];
        sum = squares(terms, nearness, next);
        if (nearness == CAL_FIT_TYPICAL ? sum <= before : isfinite(sum)) {
            for (int32_t j = 0; j < terms->p; j++)
                c[j] = next[j];
            return sum;
        }
    }
    return before;
}

/* Is every |by[j]| nothing beside the times it would change? */
static bool still(const struct cal_terms *terms, const double *c, const double *by)
{
    double most = 0;

    for (int32_t i = 0; i < terms->n; i++)
        most = fmax(most, fabs(time_of(terms, by, i) / time_of(terms, c, i)));
    return most < 1e-7;
}

static bool hopeless(const struct cal_terms *terms, double sum)
{
    return terms->hopeless > 0 && sum > terms->hopeless;
}

bool cal_fit_terms(const struct cal_terms *terms, enum cal_nearness nearness, double *c,
                   double *sum)
{
    double at[CAL_TERMS_MAX], by[CAL_TERMS_MAX], now;
    struct step step;
    bool ok;

    if (terms->n < terms->p)
        return false;
    step = step_new(terms);
    ok = start(terms, &step, at);
    now = ok ? squares(terms, nearness, at) : INFINITY;
    ok = isfinite(now) && !hopeless(terms, now);
    for (int32_t k = 0; ok && k < STEPS_MOST; k++) {
        ok = change(terms, nearness, &step, at, by);
        if (!ok || still(terms, at, by))
            break;
        now = move(terms, nearness, by, now, at);
        ok = !hopeless(terms, now);
    }
    step_free(&step);
    if (!ok)
        return false;
    for (int32_t j = 0; j < terms->p; j++)
        c[j] = at[j];
    *sum = now;
    return true;
}

/* ---- covariance ---- */

/* Mean variance of the points that have one, 0: none has. */
static double mean_variance(const double *sd_frac, int32_t n)
{
    double sum = 0;
    int32_t known = 0;

    for (int32_t i = 0; sd_frac != NULL && i < n; i++)
        if (sd_frac[i] > 0) {
            sum += sd_frac[i] * sd_frac[i];
            known++;
        }
    return known > 0 ? sum / known : 0;
}

/* Variance of point i where their mean, `mean`, is known, and `more` times as large by
 * the residuals. */
static double variance_of(const double *sd_frac, int32_t i, double mean, double more)
{
    return (sd_frac[i] > 0 ? sd_frac[i] * sd_frac[i] : mean) * more;
}

/* By what each point moves each coefficient when it is one sd off: a covariance made of
 * that is symmetric and of no negative eigenvalue, whatever the rounding. */
bool cal_fit_covariance(const struct cal_terms *terms, const double *c,
                        const double *sd_frac, double sum, double *cov)
{
    double inverse[CAL_TERMS_MAX * CAL_TERMS_MAX], by[CAL_TERMS_MAX];
    double mean = mean_variance(sd_frac, terms->n);
    double residual = terms->n > terms->p ? sum / (terms->n - terms->p) : 0;
    double more = mean > 0 ? fmax(1, residual / mean) : 1;
    int32_t p = terms->p;
    struct step step = step_new(terms);
    bool ok = change(terms, CAL_FIT_MEAN, &step, c, by) &&
              sp_gsl_least_squares(step.rows, step.y, (size_t)terms->n, (size_t)p, by,
                                   inverse, NULL);

    for (int32_t k = 0; ok && k < p * p; k++)
        cov[k] = 0;
    for (int32_t i = 0; ok && i < terms->n; i++) {
        double sd = sqrt(mean > 0 ? variance_of(sd_frac, i, mean, more) : residual);

        for (int32_t a = 0; a < p; a++) {
            by[a] = 0;
            for (int32_t j = 0; j < p; j++)
                by[a] += inverse[a * p + j] * step.rows[i * p + j] * sd;
        }
        for (int32_t a = 0; a < p; a++)
            for (int32_t b = 0; b < p; b++)
                cov[a * p + b] += by[a] * by[b];
    }
    step_free(&step);
    return ok;
}
