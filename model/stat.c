/* Welford's sums. */
#include "model/stat.h"

#include <math.h>

#include "base/gsl.h"

struct sums {
    int32_t n;
    double mean, m2;
};

static void add(struct sums *s, double value)
{
    const double delta = value - s->mean;

    if (isnan(value))
        return;
    s->n++;
    s->mean += delta / s->n;
    s->m2 += delta * (value - s->mean);
}

static struct model_stat stat_of(const struct sums *s)
{
    if (s->n == 0)
        return (struct model_stat){NAN, NAN};
    if (s->n == 1)
        return (struct model_stat){s->mean, NAN};
    return (struct model_stat){s->mean, sp_gsl_student_t_quantile(0.975, s->n - 1) *
                                            sqrt(s->m2 / (s->n - 1) / s->n)};
}

struct model_stat model_stat_of(const double *values, int32_t n)
{
    struct sums sums = {0};

    for (int32_t i = 0; i < n; i++)
        add(&sums, values[i]);
    return stat_of(&sums);
}

struct model_stat model_stat_ratio(const double *a, const double *b, int32_t n)
{
    struct sums over = {0}, under = {0}, off = {0};
    double ratio;

    for (int32_t i = 0; i < n; i++) {
        add(&over, isnan(b[i]) ? NAN : a[i]);
        add(&under, isnan(a[i]) ? NAN : b[i]);
    }
    if (!(under.mean > 0))
        return (struct model_stat){NAN, NAN};
    ratio = over.mean / under.mean;
    for (int32_t i = 0; i < n; i++)
        add(&off, a[i] - ratio * b[i]);
    return (struct model_stat){ratio, stat_of(&off).half95 / under.mean};
}

bool model_stat_differs(struct model_stat difference)
{
    return fabs(difference.mean) > difference.half95;
}
