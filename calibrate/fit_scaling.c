/* Speed over cores: the Universal Scalability Law (Gunther 1993; kappa as in his
 * "Guerrilla Capacity Planning", 2007), and a shared bandwidth.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/gsl_fit.h"
#include "calibrate/fit.h"

#define SD_UNKNOWN 0.01 /* of S(n), where no sd is given */

enum { CORES_MOST = 1 << 20, COUNTS_FOR_KAPPA = 4 };

static enum sp_status check(const int32_t *cores, const double *speedup, int32_t n,
                            struct sp_err *err)
{
    if (n < 2)
        return sp_fail(err, SP_EINPUT,
                       "scaling: %d core counts, expected 2 or more, the first 1",
                       (int)n);
    for (int32_t i = 0; i < n; i++) {
        if (cores[i] < 1 || cores[i] > CORES_MOST ||
            (i == 0 ? cores[i] != 1 : cores[i] <= cores[i - 1]))
            return sp_fail(err, SP_EINPUT,
                           "scaling: %d cores, expected 1, then more each time",
                           (int)cores[i]);
        if (!(isfinite(speedup[i]) && speedup[i] > 0))
            return sp_fail(err, SP_EINPUT,
                           "scaling: a speed-up of %g with %d cores, expected more "
                           "than 0",
                           speedup[i], (int)cores[i]);
    }
    return SP_OK;
}

static double sd_at(const double *speedup, const double *sd, int32_t i)
{
    return sd != NULL && sd[i] > 0 ? sd[i] : SD_UNKNOWN * speedup[i];
}

/* ---- USL ---- */

/* Points but the first: S(1) is 1 by definition.  `held`: which of sigma and kappa are
 * held at 0; the others are coefficients in their order. */
struct usl {
    int32_t n;
    const int32_t *cores;
    const double *speedup, *sd; /* of all points, n of them */
    bool held[2];
};

static double usl_at(double cores, double sigma, double kappa)
{
    return cores / (1 + (cores - 1) * (sigma + kappa * cores));
}

static void usl_residuals(const void *self, const double *c, double *residual,
                          double *jacobian)
{
    const struct usl *usl = self;
    int32_t p = (usl->held[0] ? 0 : 1) + (usl->held[1] ? 0 : 1);
    double sigma = usl->held[0] ? 0 : c[0];
    double kappa = usl->held[1] ? 0 : c[p - 1];

    for (int32_t i = 1; i < usl->n; i++) {
        double n = usl->cores[i], s = usl_at(n, sigma, kappa);
        double sd = sd_at(usl->speedup, usl->sd, i), slope = -s * s / n * (n - 1) / sd;

        residual[i - 1] = (s - usl->speedup[i]) / sd;
        if (jacobian == NULL)
            continue;
        if (!usl->held[0])
            jacobian[(i - 1) * p] = slope;
        if (!usl->held[1])
            jacobian[(i - 1) * p + p - 1] = slope * n;
    }
}

/* n / S - 1 = sigma (n - 1) + kappa n (n - 1): Gunther's, where S is S[0], and linear.
 */
static bool usl_start(const struct usl *usl, double *c)
{
    int32_t p = (usl->held[0] ? 0 : 1) + (usl->held[1] ? 0 : 1), m = usl->n - 1;
    double *rows = sp_xcalloc((size_t)m * (size_t)(p + 1), sizeof *rows);
    double *y = rows + m * p;
    bool ok;

    for (int32_t i = 1; i <= m; i++) {
        double n = usl->cores[i], s = usl->speedup[i];
        double sd = n / (s * s) * sd_at(usl->speedup, usl->sd, i);

        y[i - 1] = (n / s - 1) / sd;
        if (!usl->held[0])
            rows[(i - 1) * p] = (n - 1) / sd;
        if (!usl->held[1])
            rows[(i - 1) * p + p - 1] = n * (n - 1) / sd;
    }
    ok = sp_gsl_least_squares(rows, y, (size_t)m, (size_t)p, c, NULL, NULL);
    free(rows);
    return ok;
}

/* The sum of squares of the free ones' fit, their values to value[2]; INFINITY where
 * one is negative, or there is no fit. */
static double usl_fit(struct usl *usl, double value[2])
{
    int32_t p = (usl->held[0] ? 0 : 1) + (usl->held[1] ? 0 : 1);
    struct sp_gsl_curve curve = {
        .n = (size_t)usl->n - 1, .p = (size_t)p, .at = usl_residuals, .self = usl};
    double c[2] = {0, 0}, sum;

    if (!usl_start(usl, c))
        return INFINITY;
    if (!sp_gsl_least_squares_curve(&curve, c, NULL, &sum))
        return INFINITY;
    value[0] = usl->held[0] ? 0 : c[0];
    value[1] = usl->held[1] ? 0 : c[p - 1];
    return value[0] >= 0 && value[1] >= 0 ? sum : INFINITY;
}

static double usl_sum(const struct usl *usl, const double value[2])
{
    double sum = 0;

    for (int32_t i = 1; i < usl->n; i++) {
        double off = usl_at(usl->cores[i], value[0], value[1]) - usl->speedup[i];
        double sd = sd_at(usl->speedup, usl->sd, i);

        sum += off * off / (sd * sd);
    }
    return sum;
}

/* The least sum with both >= 0: both free, else the better edge, else 0 and 0. */
static double usl_best(struct usl *usl, bool with_kappa, double value[2])
{
    static const bool edges[3][2] = {{false, false}, {false, true}, {true, false}};
    double best = INFINITY, trial[2];

    for (int32_t k = with_kappa ? 0 : 1; k < (with_kappa ? 3 : 2); k++) {
        double sum;

        memcpy(usl->held, edges[k], sizeof usl->held);
        sum = usl_fit(usl, trial);
        if (sum < best) {
            best = sum;
            memcpy(value, trial, sizeof trial);
        }
        if (k == 0 && isfinite(sum))
            break;
    }
    if (!isfinite(best)) {
        value[0] = value[1] = 0;
        best = usl_sum(usl, value);
    }
    return best;
}

/* Of all that were asked for, at the values found: one that came out as 0 is not known
 * to be 0. */
static bool usl_covariance(struct usl *usl, bool with_kappa, const double value[2],
                           double sum, double cov[2][2])
{
    int32_t m = usl->n - 1, p = with_kappa ? 2 : 1;
    double *residual = sp_xcalloc((size_t)m * (size_t)(p + 1), sizeof *residual);
    double *jacobian = residual + m, inverse[4], step[2];
    double more = m > p ? fmax(1, sum / (m - p)) : 1;
    bool ok;

    usl->held[0] = false;
    usl->held[1] = !with_kappa;
    usl_residuals(usl, value, residual, jacobian);
    ok = sp_gsl_least_squares(jacobian, residual, (size_t)m, (size_t)p, step, inverse,
                              NULL);
    free(residual);
    for (int32_t a = 0; ok && a < p; a++)
        for (int32_t b = 0; b < p; b++)
            cov[a][b] = inverse[a * p + b] * more;
    return ok;
}

enum sp_status cal_fit_usl(const int32_t *cores, const double *speedup,
                           const double *sd, int32_t n, struct model_scaling *scaling,
                           struct sp_err *err)
{
    enum sp_status status = check(cores, speedup, n, err);
    struct usl usl = {.n = n, .cores = cores, .speedup = speedup, .sd = sd};
    bool with_kappa = n >= COUNTS_FOR_KAPPA;
    double value[2], cov[2][2] = {{0}}, sum;

    if (status != SP_OK)
        return status;
    sum = usl_best(&usl, with_kappa, value);
    if (!usl_covariance(&usl, with_kappa, value, sum, cov))
        return sp_fail(err, SP_EINPUT,
                       "scaling: the speed-ups do not tell sigma from kappa");
    scaling->kind = MODEL_SCALING_USL;
    scaling->sigma = value[0];
    scaling->kappa = value[1];
    memcpy(scaling->cov, cov, sizeof cov);
    return SP_OK;
}

/* ---- bandwidth ---- */

/* The last step brought less than half of what it brings where nothing is shared, by
 * more than twice the step's sd. */
static bool stands_still(const int32_t *cores, const double *speedup, const double *sd,
                         int32_t n)
{
    int32_t i = n - 1;
    double gain = speedup[i] - speedup[i - 1], full = cores[i] - cores[i - 1];
    double before = i > 1 ? sd_at(speedup, sd, i - 1) : 0; /* S(1) is 1 */

    return gain + 2 * hypot(sd_at(speedup, sd, i), before) < full / 2;
}

/* `most` with the points from k on at it; the sum of squares of all. */
static double level_from(const int32_t *cores, const double *speedup, const double *sd,
                         int32_t n, int32_t k, double *most, double *variance)
{
    double weights = 0, sum = 0;

    *most = 0;
    for (int32_t i = k; i < n; i++) {
        double weight = 1 / pow(sd_at(speedup, sd, i), 2);

        weights += weight;
        *most += weight * speedup[i];
    }
    *most /= weights;
    *variance = 1 / weights;
    for (int32_t i = 1; i < n; i++) {
        double off = speedup[i] - (i < k ? cores[i] : *most);

        sum += pow(off / sd_at(speedup, sd, i), 2);
    }
    return sum;
}

enum sp_status cal_fit_bandwidth(const int32_t *cores, const double *speedup,
                                 const double *sd, int32_t n,
                                 struct model_scaling *scaling, struct sp_err *err)
{
    enum sp_status status = check(cores, speedup, n, err);
    double best = INFINITY;

    if (status != SP_OK)
        return status;
    scaling->kind = MODEL_SCALING_BANDWIDTH;
    scaling->most = INFINITY;
    scaling->most_sd = 0;
    if (!stands_still(cores, speedup, sd, n))
        return SP_OK;
    for (int32_t k = 1; k < n; k++) {
        double most, variance;
        double sum = level_from(cores, speedup, sd, n, k, &most, &variance);

        if (sum >= best)
            continue;
        best = sum;
        scaling->most = fmax(1, most);
        scaling->most_sd = sqrt(variance * (n > 2 ? fmax(1, sum / (n - 2)) : 1));
    }
    return SP_OK;
}
