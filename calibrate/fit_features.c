/* An item's time by what is known of the item. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"

enum { ITEMS_MORE = 4 }; /* than features */

static enum sp_status check(const struct cal_item *items, int32_t n,
                            const char *const *names, int32_t n_features,
                            struct sp_err *err)
{
    sp_assert(n_features >= 1 && n_features <= MODEL_FEATURES_MAX);
    if (n < n_features + ITEMS_MORE)
        return sp_fail(err, SP_EINPUT, "%d items for %d features, expected %d or more",
                       (int)n, (int)n_features, (int)n_features + ITEMS_MORE);
    for (int32_t i = 0; i < n; i++) {
        if (!(isfinite(items[i].s) && items[i].s > 0))
            return sp_fail(err, SP_EINPUT, "item %d takes %g s, expected more than 0",
                           (int)i + 1, items[i].s);
        for (int32_t k = 0; k < n_features; k++)
            if (!isfinite(items[i].features[k]))
                return sp_fail(err, SP_EINPUT, "item %d: %s is %g, expected a number",
                               (int)i + 1, names[k], items[i].features[k]);
    }
    return SP_OK;
}

static void find_ranges(const struct cal_item *items, int32_t n,
                        struct model_features *made)
{
    for (int32_t k = 0; k < made->n; k++) {
        made->least[k] = made->most[k] = items[0].features[k];
        for (int32_t i = 1; i < n; i++) {
            made->least[k] = fmin(made->least[k], items[i].features[k]);
            made->most[k] = fmax(made->most[k], items[i].features[k]);
        }
    }
}

/* Share of the spread, relative to the times fitted, that the features explain: beside
 * the one time that would be nearest to all. */
static double explained(const struct cal_terms *terms, const double *c, double left)
{
    double weights = 0, mean = 0, spread = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (int32_t i = 0; i < terms->n; i++) {
            double t = 0;

            for (int32_t j = 0; j < terms->p; j++)
                t += terms->rows[i * terms->p + j] * c[j];
            if (pass == 0) {
                weights += 1 / (t * t);
                mean += terms->s[i] / (t * t);
            } else {
                spread += (terms->s[i] - mean) * (terms->s[i] - mean) / (t * t);
            }
        }
        if (pass == 0)
            mean /= weights;
    }
    return spread > 0 ? 1 - left / spread : 1;
}

static bool fit(const struct cal_terms *terms, struct model_features *made)
{
    double cov[CAL_TERMS_MAX * CAL_TERMS_MAX], sum;
    int32_t p = terms->p;

    if (!cal_fit_terms(terms, CAL_FIT_MEAN, made->coef, &sum) ||
        !cal_fit_covariance(terms, made->coef, NULL, sum, cov))
        return false;
    for (int32_t a = 0; a < p; a++)
        for (int32_t b = 0; b < p; b++)
            made->cov[a][b] = cov[a * p + b];
    made->cv = sqrt(sum / (terms->n - p));
    made->r2 = explained(terms, made->coef, sum);
    return true;
}

enum sp_status cal_fit_features(const struct cal_item *items, int32_t n,
                                const char *const *names, int32_t n_features,
                                struct model_features *features, struct sp_err *err)
{
    enum sp_status status = check(items, n, names, n_features, err);
    struct model_features made = {.n = n_features};
    int32_t p = n_features + 1;
    double *rows, *s;
    bool ok;

    if (status != SP_OK)
        return status;
    rows = sp_xcalloc((size_t)n * (size_t)(p + 1), sizeof *rows);
    s = rows + (size_t)n * (size_t)p;
    for (int32_t i = 0; i < n; i++) {
        s[i] = items[i].s;
        rows[i * p] = 1;
        for (int32_t k = 0; k < n_features; k++)
            rows[i * p + 1 + k] = items[i].features[k];
    }
    for (int32_t k = 0; k < n_features; k++)
        made.names[k] = names[k];
    find_ranges(items, n, &made);
    ok = fit(&(struct cal_terms){.n = n, .p = p, .rows = rows, .s = s}, &made);
    free(rows);
    if (!ok)
        return sp_fail(err, SP_EINPUT,
                       "the features are collinear, or give times that are not "
                       "positive: the items do not tell their shares");
    *features = made;
    return SP_OK;
}
