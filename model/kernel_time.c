/* From a kernel's records to times: the table, its forms beyond it, features. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/gsl.h"
#include "model/profile.h"

static double normal(struct sp_rng *rng)
{
    return sp_gsl_normal_quantile(sp_rng_uniform(rng));
}

struct model_kernel_draw model_kernel_draw(struct sp_rng *rng)
{
    struct model_kernel_draw draw = {0};

    draw.level = normal(rng);
    draw.shape = normal(rng);
    draw.sigma = normal(rng);
    draw.kappa = normal(rng);
    return draw;
}

/* Lognormal of mean 1; the estimate for z = 0. */
static double factor(double sd, double z)
{
    return z == 0 ? 1 : exp(sd * z - sd * sd / 2);
}

/* Of a form far outside: a lognormal of mean 1 has all but nothing of its mass above 0
 * where its sd is larger, and none where it is infinite. */
static const double SHAPE_SD_MOST = 2;

/* g' C g over n coefficients, rows of C `stride` apart; rounding may not make it
 * negative.  Terms of which nothing is known about the derivative add nothing. */
static double spread_of(const double *g, const double *cov, int32_t n, int32_t stride)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            if (g[i] != 0 && g[j] != 0)
                sum += g[i] * g[j] * cov[i * stride + j];
    return fmin(sqrt(fmax(sum, 0)), SHAPE_SD_MOST);
}

/* ---- the table ---- */

/* Log-log between two points; linear where a logarithm would not be finite. */
static double between(const struct model_profile_point *a,
                      const struct model_profile_point *b, double x)
{
    if (!(a->x > 0))
        return a->s + (b->s - a->s) * (x - a->x) / (b->x - a->x);
    return a->s * exp(log(b->s / a->s) * log(x / a->x) / log(b->x / a->x));
}

/* Time at an x within the table. */
static double table_at(const struct model_kernel *k, double x)
{
    int32_t low = 0, high = k->n_points - 1;

    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;

        if (k->points[middle].x <= x)
            low = middle;
        else
            high = middle;
    }
    if (x <= k->points[low].x)
        return k->points[low].s;
    if (x >= k->points[high].x)
        return k->points[high].s;
    return between(&k->points[low], &k->points[high], x);
}

/* ---- outside of it ---- */

/* sd of log(form(x) / form(end)). */
static double shape_sd(const struct model_kernel *k, const struct model_fit *fit,
                       double end, double x)
{
    const struct model_form *form = fit->form;
    double at_end = form->at(&k->work, fit->coef, end);
    double at_x = form->at(&k->work, fit->coef, x);
    double g[MODEL_FORM_COEFS_MAX] = {0}, g_end[MODEL_FORM_COEFS_MAX] = {0};

    if (!(at_x > 0))
        return 0;
    form->slope(&k->work, fit->coef, x, g);
    form->slope(&k->work, fit->coef, end, g_end);
    for (int32_t i = 0; i < form->n; i++)
        g[i] = g[i] / at_x - g_end[i] / at_end;
    return spread_of(g, &fit->cov[0][0], form->n, MODEL_FORM_COEFS_MAX);
}

/* The form joined to the table's end. */
static double form_at(const struct model_kernel *k,
                      const struct model_kernel_draw *draw,
                      const struct model_profile_point *end, double x)
{
    const struct model_fit *fit = k->fits;
    double at_end, at_x;

    if (k->n_fits == 0)
        return NAN;
    at_end = fit->form->at(&k->work, fit->coef, end->x);
    at_x = fit->form->at(&k->work, fit->coef, x);
    return end->s * (at_x / at_end) * factor(shape_sd(k, fit, end->x, x), draw->shape);
}

struct model_kernel_time model_kernel_at(const struct model_kernel *k,
                                         const struct model_kernel_draw *draw, double x)
{
    const struct model_profile_point *first, *last;
    struct model_kernel_time time = {0};

    sp_assert(k->n_points > 0);
    first = &k->points[0];
    last = &k->points[k->n_points - 1];
    if (k->axis[0] == '\0')
        x = first->x;
    time.extrapolated = !(x >= first->x && x <= last->x);
    if (!(x >= 0))
        time.s = NAN;
    else if (time.extrapolated)
        time.s = form_at(k, draw, x < first->x ? first : last, x);
    else
        time.s = table_at(k, x);
    time.s *= factor(k->sd_frac, draw->level);
    return time;
}

/* ---- features ---- */

static double features_sum(const struct model_features *f, const double *features)
{
    double sum = f->coef[0];

    for (int32_t i = 0; i < f->n; i++)
        sum += f->coef[i + 1] * features[i];
    return sum;
}

/* sd of log(sum(features) / sum(near)). */
static double features_sd(const struct model_features *f, const double *features,
                          const double *near)
{
    double at = features_sum(f, features), at_near = features_sum(f, near);
    double g[MODEL_FEATURES_MAX + 1] = {1 / at - 1 / at_near};

    for (int32_t i = 0; i < f->n; i++)
        g[i + 1] = features[i] / at - near[i] / at_near;
    return spread_of(g, &f->cov[0][0], f->n + 1, MODEL_FEATURES_MAX + 1);
}

struct model_kernel_time model_kernel_by_features(const struct model_kernel *k,
                                                  const struct model_kernel_draw *draw,
                                                  const double *features)
{
    const struct model_features *f = &k->features;
    double near[MODEL_FEATURES_MAX] = {0};
    struct model_kernel_time time = {0};

    sp_assert(f->n > 0);
    for (int32_t i = 0; i < f->n; i++) {
        near[i] = fmin(fmax(features[i], f->least[i]), f->most[i]);
        time.extrapolated |= near[i] < features[i] || near[i] > features[i];
    }
    time.s = features_sum(f, features);
    if (!(time.s > 0))
        time.s = fmax(features_sum(f, near), 0);
    else if (time.extrapolated)
        time.s *= factor(features_sd(f, features, near), draw->shape);
    time.s *= factor(k->sd_frac, draw->level);
    return time;
}
