/* Reading a log-linear histogram. */
#include "sim/histogram.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "sim/batches.h"

void sim_histogram_init(struct sim_histogram *h, struct sp_arena *arena)
{
    h->buckets = sp_arena_array(arena, SIM_HIST_BUCKETS, sizeof *h->buckets);
    h->batches = NULL;
    sim_histogram_reset(h);
}

void sim_histogram_reset(struct sim_histogram *h)
{
    memset(h->buckets, 0, SIM_HIST_BUCKETS * sizeof *h->buckets);
    h->count = 0;
    h->sum_ns = 0;
    h->min_ns = INT64_MAX;
    h->max_ns = 0;
    h->mark = UINT64_MAX;
    if (h->batches != NULL)
        sim_batches_reset(h);
}

void sim_histogram_merge(struct sim_histogram *to, const struct sim_histogram *from)
{
    to->count += from->count;
    to->sum_ns += from->sum_ns;
    to->min_ns = from->min_ns < to->min_ns ? from->min_ns : to->min_ns;
    to->max_ns = from->max_ns > to->max_ns ? from->max_ns : to->max_ns;
    for (int32_t i = 0; i < SIM_HIST_BUCKETS; i++)
        to->buckets[i] += from->buckets[i];
}

/* Middle of a bucket. */
static double bucket_ns(int32_t bucket)
{
    int32_t shift;

    if (bucket < 256)
        return bucket;
    shift = (bucket - 256) / 128 + 1;
    return ldexp((double)((bucket - 256) % 128 + 128) + 0.5, shift) - 0.5;
}

double sim_histogram_bucket_s(const struct sim_histogram *h, int32_t bucket)
{
    double ns = bucket_ns(bucket);

    ns = ns > (double)h->max_ns ? (double)h->max_ns : ns;
    ns = ns < (double)h->min_ns ? (double)h->min_ns : ns;
    return ns / (double)SP_NS_PER_S;
}

double sim_histogram_quantile_s(const struct sim_histogram *h, double p)
{
    uint64_t rank, seen = 0;
    int32_t i = 0;

    if (h->count == 0)
        return NAN;
    rank = (uint64_t)ceil(p * (double)h->count);
    if (rank < 1)
        rank = 1;
    for (seen = h->buckets[0]; seen < rank && i + 1 < SIM_HIST_BUCKETS;)
        seen += h->buckets[++i];
    return sim_histogram_bucket_s(h, i);
}

double sim_histogram_mean_s(const struct sim_histogram *h)
{
    if (h->count == 0)
        return NAN;
    return sp_double_from_i128(h->sum_ns) / (double)h->count / (double)SP_NS_PER_S;
}

double sim_histogram_max_s(const struct sim_histogram *h)
{
    return h->count == 0 ? NAN : sp_s_from_ns(h->max_ns);
}

struct model_times sim_histogram_times(const struct sim_histogram *h)
{
    struct model_times t = {
        .count = (int64_t)h->count,
        .mean_s = model_stat_one(sim_histogram_mean_s(h)),
        .p50_s = model_stat_one(sim_histogram_quantile_s(h, 0.50)),
        .p90_s = model_stat_one(sim_histogram_quantile_s(h, 0.90)),
        .p99_s = model_stat_one(sim_histogram_quantile_s(h, 0.99)),
        .max_s = model_stat_one(sim_histogram_max_s(h)),
    };

    if (h->batches != NULL)
        sim_batches_times(h, &t);
    return t;
}
