/* How much longer a call takes where several cores work at once. */
#include <math.h>
#include <stddef.h>

#include "model/profile.h"

enum { REACH = 2 }; /* times the most cores measured: no more is predicted */
static const double Z95 = 1.959963984540054;

static double law(double sigma, double kappa, double cores)
{
    return 1 + sigma * (cores - 1) + kappa * cores * (cores - 1);
}

/* n / S(n) of a point; less than 1 is the noise of measuring. */
static double slowdown_at(const struct model_scaling *s, int32_t i)
{
    return fmax(s->cores[i] / s->speedup[i], 1);
}

/* Of the table, `cores` being at most the last point's. */
static double table_at(const struct model_scaling *s, double cores)
{
    int32_t i = 1;

    if (s->n < 2)
        return 1;
    while (i < s->n - 1 && s->cores[i] < cores)
        i++;
    return slowdown_at(s, i - 1) + (slowdown_at(s, i) - slowdown_at(s, i - 1)) *
                                       (cores - s->cores[i - 1]) /
                                       (s->cores[i] - s->cores[i - 1]);
}

/* The parameters of one replication. */
struct parameters {
    double sigma, kappa, most;
};

static struct parameters drawn(const struct model_scaling *s,
                               const struct model_kernel_draw *draw)
{
    double l11 = sqrt(fmax(s->cov[0][0], 0));
    double l21 = l11 > 0 ? s->cov[1][0] / l11 : 0;
    double l22 = sqrt(fmax(s->cov[1][1] - l21 * l21, 0));

    return (struct parameters){
        .sigma = fmax(s->sigma + l11 * draw->sigma, 0),
        .kappa = fmax(s->kappa + l21 * draw->sigma + l22 * draw->kappa, 0),
        .most = isinf(s->most) ? s->most : fmax(s->most + s->most_sd * draw->sigma, 1),
    };
}

static double model_at(enum model_scaling_kind kind, const struct parameters *p,
                       double cores)
{
    return kind == MODEL_SCALING_USL ? law(p->sigma, p->kappa, cores)
                                     : fmax(cores / p->most, 1);
}

static double most_cores(const struct model_scaling *s)
{
    return s->kind == MODEL_SCALING_NONE || s->n == 0 ? 1 : s->cores[s->n - 1];
}

/* The table, carried on by the model, shifted as the parameters are. */
static double joined(const struct model_scaling *s, const struct parameters *p,
                     double cores)
{
    const struct parameters estimate = {s->sigma, s->kappa, s->most};
    double end = fmin(cores, most_cores(s));

    return fmax(table_at(s, end) / model_at(s->kind, &estimate, end) *
                    model_at(s->kind, p, cores),
                1);
}

struct model_kernel_time model_kernel_slowdown(const struct model_kernel *k,
                                               const struct model_kernel_draw *draw,
                                               double cores)
{
    const struct model_scaling *s = &k->scaling;
    struct model_kernel_time time = {.s = 1};

    sp_assert(cores >= 1);
    if (s->kind == MODEL_SCALING_NONE) {
        time.extrapolated = cores > 1;
    } else {
        struct parameters p = drawn(s, draw);

        time.s = joined(s, &p, cores);
        time.extrapolated = cores > REACH * most_cores(s);
    }
    return time;
}

/* sd of the law at `cores`: it is linear in its parameters. */
static double law_sd(const struct model_scaling *s, double cores)
{
    double a = cores - 1, b = cores * (cores - 1);

    return sqrt(fmax(
        a * a * s->cov[0][0] + 2 * a * b * s->cov[0][1] + b * b * s->cov[1][1], 0));
}

void model_kernel_slowdown_interval(const struct model_kernel *k, double cores,
                                    double *low, double *high)
{
    const struct model_scaling *s = &k->scaling;
    const struct model_kernel_draw none = {0};
    double middle = model_kernel_slowdown(k, &none, cores).s;
    double measured = most_cores(s);

    *low = *high = middle;
    if (s->kind == MODEL_SCALING_USL) {
        double half = Z95 * law_sd(s, cores) / law(s->sigma, s->kappa, cores);

        *low = fmax(middle * (1 - half), 1);
        *high = middle * (1 + half);
    } else if (s->kind == MODEL_SCALING_BANDWIDTH && isfinite(s->most)) {
        const struct parameters fast = {.most = s->most + Z95 * s->most_sd};
        const struct parameters slow = {.most = fmax(s->most - Z95 * s->most_sd, 1)};

        *low = joined(s, &fast, cores);
        *high = joined(s, &slow, cores);
    } else if (cores > measured) {
        *high = middle * cores / measured;
    }
}
