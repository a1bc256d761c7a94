/* Error bars of one long run: non-overlapping batches of successive values.
 *
 * Means of batches that are long against the memory of the run are as good as
 * independent, and Student's t gives the interval of their mean (batch means).  A
 * quantile is that of all values; its interval comes from how the batches' own
 * quantiles lie about it (sectioning; Asmussen & Glynn, "Stochastic Simulation", 2007,
 * III.5).  Whether batches are long enough is tested: Fishman's one-sided test on von
 * Neumann's ratio of what is averaged, at 10 %; where it fails neighbours make one,
 * down to ten batches, and where it fails then, too, there is no interval.
 *
 * Memory is bounded: what is kept are cumulative histograms at the ends of batches;
 * when there are too many every second end is forgotten and batches are twice as long
 * from then on.  A value costs one comparison, and a batch a copy of 60 KB.
 */
#ifndef SIM_BATCHES_H
#define SIM_BATCHES_H

#include "sim/histogram.h"

enum {
    SIM_BATCHES_MOST = 40,  /* ends kept, at most; 20 or more once there were 40 */
    SIM_BATCHES_LEAST = 10, /* for an interval */
    SIM_BATCHES_BEYOND = 10 /* values beyond a quantile in each batch, at least */
};

struct sim_batches {
    int32_t n;
    uint64_t size;                    /* values of a batch */
    uint64_t count[SIM_BATCHES_MOST]; /* all of them until the end of each */
    sp_i128 sum_ns[SIM_BATCHES_MOST];
    uint64_t *buckets[SIM_BATCHES_MOST]; /* SIM_HIST_BUCKETS each; NULL: not yet used */
    struct sp_arena *arena;
};

/* From now on the histogram keeps batches, and its times have intervals. */
void sim_batches_follow(struct sim_histogram *h, struct sp_arena *arena);

/* An end is reached; for sim_histogram_add() alone. */
void sim_batches_end(struct sim_histogram *h);
void sim_batches_reset(struct sim_histogram *h);

/* Intervals of a histogram that is followed, into its times. */
void sim_batches_times(const struct sim_histogram *h, struct model_times *t);

/* ---- the parts, for other batches ---- */

/* The half width of the 95 % interval of the mean of n values in order, neighbours of
 * which are put together while they are not independent.  *from: MODEL_INTERVAL_BATCHES
 * or why there is none (then NaN). */
double sim_batches_half95(const double *values, int32_t n, enum model_interval *from);

/* Whether n values in order pass the test of independence. */
bool sim_batches_independent(const double *values, int32_t n);

#endif
