/* Sorting, and the middle. */
#include "base/median.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double sp_median(double *x, int32_t n)
{
    if (n <= 0)
        return (double)NAN;
    qsort(x, (size_t)n, sizeof *x, by_value);
    return n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

double sp_quantile(double *x, int32_t n, double p)
{
    double at = p * (n - 1);
    int32_t below = (int32_t)at;

    sp_assert(n >= 1 && p >= 0 && p <= 1);
    qsort(x, (size_t)n, sizeof *x, by_value);
    return below + 1 < n ? x[below] + (at - below) * (x[below + 1] - x[below])
                         : x[below];
}
