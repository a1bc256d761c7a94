/* The median. */
#ifndef BASE_MEDIAN_H
#define BASE_MEDIAN_H

#include <stdint.h>

/* The middle one of n numbers, or the mean of the two in the middle; NaN of none.  No
 * NaN among them.  Sorts x[]; O(n log n). */
double sp_median(double *x, int32_t n);

#endif
