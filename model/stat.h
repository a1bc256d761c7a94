/* The mean of values and how far it may be from that of all there could be. */
#ifndef MODEL_STAT_H
#define MODEL_STAT_H

#include "model/result.h"

/* Mean and 95 % half width (Student's t, n - 1 degrees of freedom) of n values; values
 * that are NaN are left out.  One value: half95 is NaN; none: both. */
struct model_stat model_stat_of(const double *values, int32_t n);

/* By what factor the mean of a is that of b, of n pairs; those of which one is NaN are
 * left out.  Not the mean of the pairs' own ratios: where pairs vary that one is above
 * the ratio of the means, so that each of two policies could be the dearer one.  The
 * half width is Student's t of a_i - ratio b_i (the delta method), 0 for pairs in
 * proportion.  NaN: no pairs, or a mean of b that isn't above 0; one pair: half95 is.
 */
struct model_stat model_stat_ratio(const double *a, const double *b, int32_t n);

/* Whether 0 lies outside of the interval: the values' mean differs from it with 95 %
 * confidence.  Without an interval nothing does. */
bool model_stat_differs(struct model_stat difference);

#endif
