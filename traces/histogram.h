/* Quantiles of a stream of whole numbers in constant memory: exact below 256, within
 * one part in 256 above (a value 2^e .. 2^(e+1) falls in one of 128 equal bins, and the
 * bin's middle is reported, never beyond the smallest and the largest value).  Values 0
 * .. 2^62.
 */
#ifndef TRACES_HISTOGRAM_H
#define TRACES_HISTOGRAM_H

#include <stdint.h>

#include "base/wide.h"

#define TRACE_QUANTILE_ERROR (1.0 / 256)

enum { TRACE_HISTOGRAM_BINS = 256 + 55 * 128 };

struct trace_histogram {
    int64_t n, zeros, min, max; /* min and max of nothing: 0 */
    sp_i128 sum;
    int64_t bins[TRACE_HISTOGRAM_BINS];
};

/* An empty one is all zeros. */
void trace_histogram_add(struct trace_histogram *h, int64_t value);

/* The value of rank ceil(n * permille / 1000) in rising order, permille 1 .. 1000; 0 of
 * nothing. */
int64_t trace_histogram_quantile(const struct trace_histogram *h, int permille);

/* The value of rank `rank` (1 .. n) in rising order. */
int64_t trace_histogram_value(const struct trace_histogram *h, int64_t rank);

/* The largest value that falls in a bin. */
int64_t trace_histogram_bin_top(int bin);

double
trace_histogram_mean(const struct trace_histogram *h); /* exact sum; NaN of nothing */

#endif
