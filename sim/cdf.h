/* Cumulative distributions for reports, from histograms. */
#ifndef SIM_CDF_H
#define SIM_CDF_H

#include "base/arena.h"
#include "model/result.h"
#include "sim/histogram.h"

enum { SIM_CDF_POINTS = 200 }; /* at most */

/* A histogram and what its times are. */
struct sim_cdf_source {
    const char *what;
    const struct sim_histogram *times; /* may be NULL: nothing was recorded */
};

/* Fills in `cdfs` and `n_cdfs` from those of the sources that have any time.  Points
 * are those where the share reaches whole percents, from 90 % on fifths of one and from
 * 99 % on tenths, then 99.95 %, 99.99 % and all.  The least s whose share is at least p
 * is sim_histogram_quantile_s() of p, for p any of these, or is within the bucket of
 * the largest time; the last point is that time exactly, and the share 1. */
void sim_cdf_fill(const struct sim_cdf_source *sources, int32_t n,
                  struct sp_arena *arena, struct model_workload_result *r);

#endif
