/* One function per distribution; inversion wherever there is a closed inverse, so that
 * a draw uses one uniform and rises with it. */
#include "sim/draw.h"

#include "base/gsl.h"

double sim_draw(const struct model_dist *d, struct sp_rng *r)
{
    switch (d->kind) {
    case MODEL_DIST_EXPONENTIAL:
        return d->a * sp_rng_exponential(r);
    case MODEL_DIST_UNIFORM:
        return d->a + (d->b - d->a) * sp_rng_uniform(r);
    case MODEL_DIST_GAMMA:
        return sp_gsl_gamma(r, d->a, d->b);
    case MODEL_DIST_LOGNORMAL:
        return sp_gsl_lognormal(r, d->a, d->b);
    case MODEL_DIST_WEIBULL:
        return sp_gsl_weibull(r, d->a, d->b);
    case MODEL_DIST_EMPIRICAL:
        return model_dist_empirical(d, sp_rng_uniform(r));
    case MODEL_DIST_CONSTANT:
        break;
    }
    return d->a;
}

bool sim_table_at(const struct model_table *t, double x, double *s)
{
    int32_t low = 0, high = t->n - 1;

    if (!(x >= t->x[0] && x <= t->x[high]))
        return false;
    while (high - low > 1) {
        int32_t mid = (low + high) / 2;

        if (t->x[mid] <= x)
            low = mid;
        else
            high = mid;
    }
    if (t->n == 1) {
        *s = t->s[0];
        return true;
    }
    *s = t->s[low] +
         (t->s[high] - t->s[low]) * (x - t->x[low]) / (t->x[high] - t->x[low]);
    return true;
}
