/* Estimates that a busy machine can't bend: quantiles of blocks' quantiles and their
 * half-width.  Pure functions of the samples.
 */
#ifndef CALIBRATE_ESTIMATE_H
#define CALIBRATE_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

/* One clean sample: time of a call on one input, in a block that counts. */
struct cal_sample {
    int32_t item, block; /* from 0; blocks in rising order */
    double s;            /* > 0 */
};

enum {
    CAL_BLOCKS_LEAST = 8,  /* for a median of blocks, or of pairs, to be converged */
    CAL_SERIES_LEAST = 12, /* for a series: a decile needs more than its least block */
    CAL_SAMPLES_OF_INPUT = 4, /* on average, for a half-width where there are several */
};

/* The standard error of a median of n values, 1.2533 MADn / sqrt(n), with MADn 1.4826
 * times their median distance from it: exact of many values of a normal law.  NaN of
 * fewer than two.  Overwrites x[]. */
double cal_median_sd(double *x, int32_t n, double median);

/* The half-width of a median: twice its standard error, relative to it; INFINITY of
 * fewer than two.  Overwrites x[]. */
double cal_half_frac(double *x, int32_t n, double median);

/* Where in its samples a series' time lies. */
enum cal_centre {
    CAL_CENTRE_MEDIAN, /* median of the blocks' medians */
    CAL_CENTRE_LOW,    /* lowest decile of the blocks' lower quartiles: others can only
                        * make a computation slower, so its own time is at the low end */
};

/* What the samples of a series say of the time of a call. */
struct cal_summary {
    double s;         /* mean over inputs of their medians, times the blocks' centre */
    double half_frac; /* of s, relative; INFINITY where it can't be told */
    int32_t blocks;   /* with a sample */
    int32_t inputs;   /* seen */
};

/* A block's value is the median (LOW: lower quartile) over its samples of (time /
 * median of that input), so that it does not matter which inputs a block has met; the
 * centre is the blocks' median (LOW: lowest decile).  The half-width is twice the
 * standard error for blocks of a normal law: MEDIAN 1.2533 x MADn(blocks) /
 * sqrt(blocks); LOW 1.7094 x (lower quartile - lowest decile of the blocks) / 0.6071 /
 * sqrt(blocks), as only their density near it tells how well a quantile is known.  It
 * is widened by sqrt(n / (n - inputs)) where inputs' own medians came from the same n
 * samples; with fewer than four samples of an input there is none, as blocks then agree
 * by construction.
 *
 * items_s: room for `n_items` times (NaN where an input was not seen), whose mean is s,
 * or NULL.  n = 0 gives NaN.  O(n log n). */
struct cal_summary cal_summarise(const struct cal_sample *samples, int32_t n,
                                 int32_t n_items, enum cal_centre centre,
                                 double *items_s);

/* Known well enough: CAL_SERIES_LEAST blocks, all inputs seen, half-width of
 * `half_frac` or less. */
bool cal_summary_converged(const struct cal_summary *is, int32_t n_items,
                           double half_frac);

#endif
