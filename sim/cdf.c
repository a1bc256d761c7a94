/* One walk over the buckets, keeping those where a wanted share is reached. */
#include "sim/cdf.h"

#include "base/units.h"

/* Where the steps change, in ten-thousandths. */
static const struct {
    int32_t below, step;
} grid[] = {{9000, 100}, {9900, 20}, {9990, 10}, {9995, 5}, {9999, 4}, {10000, 1}};

static int32_t share_after(int32_t share)
{
    size_t i = 0;

    while (share >= grid[i].below)
        i++;
    return share + grid[i].step;
}

/* The least count that is a share, in ten-thousandths, of `all`. */
static uint64_t rank_of(int32_t share, uint64_t all)
{
    const sp_i128 whole = 10000;

    return (uint64_t)(((sp_i128)all * share + whole - 1) / whole);
}

static struct model_cdf cdf_of(const struct sim_cdf_source *source,
                               struct sp_arena *arena)
{
    const struct sim_histogram *h = source->times;
    struct model_cdf cdf = {.what = source->what};
    uint64_t seen = 0;
    int32_t share = share_after(0);

    cdf.s = sp_arena_array(arena, SIM_CDF_POINTS, sizeof *cdf.s);
    cdf.frac = sp_arena_array(arena, SIM_CDF_POINTS, sizeof *cdf.frac);
    for (int32_t i = 0; seen < h->count; i++) {
        seen += h->buckets[i];
        if (seen < rank_of(share, h->count))
            continue;
        sp_assert(cdf.n < SIM_CDF_POINTS);
        cdf.s[cdf.n] = sim_histogram_bucket_s(h, i);
        cdf.frac[cdf.n++] = (double)seen / (double)h->count;
        while (share < 10000 && rank_of(share, h->count) <= seen)
            share = share_after(share);
    }
    cdf.s[cdf.n - 1] = sim_histogram_max_s(h);
    return cdf;
}

void sim_cdf_fill(const struct sim_cdf_source *sources, int32_t n,
                  struct sp_arena *arena, struct model_workload_result *r)
{
    r->n_cdfs = 0;
    r->cdfs = sp_arena_array(arena, (size_t)n, sizeof *r->cdfs);
    for (int32_t i = 0; i < n; i++)
        if (sources[i].times != NULL && sources[i].times->count > 0)
            r->cdfs[r->n_cdfs++] = cdf_of(&sources[i], arena);
}
