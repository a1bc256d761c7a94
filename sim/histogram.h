/* Streaming distribution of times: a log-linear histogram.
 *
 * Times below 256 ns are exact; above, each power of two is cut in 128 equal buckets
 * and a quantile is the middle of its bucket, so it is within 1/256 (0.4 %) of the true
 * order statistic.  Count, sum, minimum and maximum are exact.  Memory: 60 KiB at most,
 * in pieces as they are needed.  Recording costs a shift, two additions and a maximum.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/result.h"

enum {
    SIM_HIST_SUB_BITS = 7,
    SIM_HIST_BUCKETS = 256 + (63 - 8) * 128,
};

struct sim_histogram {
    uint64_t count;
    sp_i128 sum_ns;
    int64_t min_ns, max_ns;
    uint64_t *buckets; /* SIM_HIST_BUCKETS */
    uint64_t mark;     /* a count at which a batch ends; UINT64_MAX: none does */
    struct sim_batches *batches; /* sim/batches.h; NULL: not followed */
};

void sim_histogram_init(struct sim_histogram *h, struct sp_arena *arena);
void sim_histogram_reset(struct sim_histogram *h);

static inline int32_t sim_histogram_bucket(int64_t ns)
{
    uint64_t v = (uint64_t)ns;
    int32_t shift;

    if (v < 256)
        return (int32_t)v;
    shift = 63 - __builtin_clzll(v) - SIM_HIST_SUB_BITS; /* >= 1 */
    return 256 + (shift - 1) * 128 + (int32_t)((v >> shift) - 128);
}

void sim_batches_end(struct sim_histogram *h); /* sim/batches.h */

/* Records `times` occurrences of a time >= 0. */
static inline void sim_histogram_add(struct sim_histogram *h, int64_t ns,
                                     uint64_t times)
{
    h->buckets[sim_histogram_bucket(ns)] += times;
    h->count += times;
    h->sum_ns += (sp_i128)ns * (int64_t)times;
    h->max_ns = ns > h->max_ns ? ns : h->max_ns;
    h->min_ns = ns < h->min_ns ? ns : h->min_ns;
    if (h->count >= h->mark)
        sim_batches_end(h);
}

/* Adds all that `from` has. */
void sim_histogram_merge(struct sim_histogram *to, const struct sim_histogram *from);

/* What a time in a bucket is taken for, in seconds: its middle, but never outside
 * [min, max]. */
double sim_histogram_bucket_s(const struct sim_histogram *h, int32_t bucket);

/* The p-quantile (0 <= p <= 1: the ceil(p * count)-th smallest) in seconds, NaN when
 * empty.  Never outside [min, max]. */
double sim_histogram_quantile_s(const struct sim_histogram *h, double p);
double sim_histogram_mean_s(const struct sim_histogram *h); /* NaN when empty */
double sim_histogram_max_s(const struct sim_histogram *h);  /* NaN when empty */

/* All of these as a run's figures. */
struct model_times sim_histogram_times(const struct sim_histogram *h);

#endif
