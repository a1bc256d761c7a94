/* The median, and quantiles. */
#ifndef BASE_MEDIAN_H
#define BASE_MEDIAN_H

#include <stdint.h>

/* The middle one of n numbers, or the mean of the two in the middle; NaN of none.  No
 * NaN among them.  Sorts x[]; O(n log n). */
double sp_median(double *x, int32_t n);

/* The p-quantile, 0 <= p <= 1: linear between the sorted values, the least at 0 and the
 * most at 1 (0.5 is the median).  Sorts x[]; n >= 1. */
double sp_quantile(double *x, int32_t n, double p);

#endif
