/* Cumulative ends; differences of them are batches. */
#include "sim/batches.h"

#include <math.h>
#include <string.h>

#include "base/gsl.h"
#include "base/status.h"
#include "base/units.h"

enum { FIRST_SIZE = 32 };

/* ---- keeping ends ---- */

void sim_batches_follow(struct sim_histogram *h, struct sp_arena *arena)
{
    h->batches = sp_arena_alloc(arena, sizeof *h->batches);
    h->batches->arena = arena;
    sim_batches_reset(h);
}

void sim_batches_reset(struct sim_histogram *h)
{
    h->batches->n = 0;
    h->batches->size = FIRST_SIZE;
    h->mark = FIRST_SIZE;
}

/* Every second end stays; the pages of the others are used again. */
static void halve(struct sim_batches *b)
{
    b->n /= 2;
    for (int32_t i = 0; i < b->n; i++) {
        uint64_t *free_one = b->buckets[i];

        b->count[i] = b->count[2 * i + 1];
        b->sum_ns[i] = b->sum_ns[2 * i + 1];
        b->buckets[i] = b->buckets[2 * i + 1];
        b->buckets[2 * i + 1] = free_one;
    }
    b->size *= 2;
}

void sim_batches_end(struct sim_histogram *h)
{
    struct sim_batches *b = h->batches;
    const size_t bytes = SIM_HIST_BUCKETS * sizeof **b->buckets;

    if (b->buckets[b->n] == NULL)
        b->buckets[b->n] = sp_arena_alloc(b->arena, bytes);
    memcpy(b->buckets[b->n], h->buckets, bytes);
    b->count[b->n] = h->count;
    b->sum_ns[b->n] = h->sum_ns;
    if (++b->n == SIM_BATCHES_MOST)
        halve(b);
    h->mark = h->count + b->size;
}

/* ---- independence ---- */

/* Fishman (1978): 1 - Q/2 of von Neumann's ratio Q has mean 0 and variance
 * (n - 2) / (n^2 - 1) where values are independent, and grows where neighbours are
 * alike. */
bool sim_batches_independent(const double *values, int32_t n)
{
    const double z90 = 1.2815515655446004;
    double mean = 0, steps = 0, squares = 0;

    for (int32_t i = 0; i < n; i++)
        mean += values[i] / n;
    for (int32_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    for (int32_t i = 1; i < n; i++)
        steps += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
    if (squares <= 1e-24 * mean * mean * n) /* nothing varies */
        return true;
    return 1 - steps / squares / 2 <= z90 * sqrt((n - 2.0) / ((double)n * n - 1));
}

static double half95_about(const double *values, int32_t n, double centre)
{
    double squares = 0;

    for (int32_t i = 0; i < n; i++)
        squares += (values[i] - centre) * (values[i] - centre);
    return sp_gsl_student_t_quantile(0.975, n - 1) * sqrt(squares / (n - 1) / n);
}

double sim_batches_half95(const double *values, int32_t n, enum model_interval *from)
{
    double merged[SIM_BATCHES_MOST], mean = 0;

    sp_assert(n <= SIM_BATCHES_MOST);
    *from = MODEL_INTERVAL_FEW;
    for (int32_t i = 0; i < n; i++)
        merged[i] = values[i];
    for (; n >= SIM_BATCHES_LEAST; n /= 2) {
        *from = MODEL_INTERVAL_DEPENDENT;
        if (sim_batches_independent(merged, n)) {
            *from = MODEL_INTERVAL_BATCHES;
            for (int32_t i = 0; i < n; i++)
                mean += merged[i] / n;
            return half95_about(merged, n, mean);
        }
        for (int32_t i = 0; i < n / 2; i++)
            merged[i] = (merged[2 * i] + merged[2 * i + 1]) / 2;
    }
    return NAN;
}

/* ---- figures of a batch: of the ends `first` (-1: the begin) to `last` ---- */

static uint64_t counted(const struct sim_batches *b, int32_t first, int32_t last)
{
    return b->count[last] - (first < 0 ? 0 : b->count[first]);
}

static double mean_s(const struct sim_batches *b, int32_t first, int32_t last)
{
    const sp_i128 sum = b->sum_ns[last] - (first < 0 ? 0 : b->sum_ns[first]);

    return sp_double_from_i128(sum) / (double)counted(b, first, last) /
           (double)SP_NS_PER_S;
}

static double quantile_s(const struct sim_histogram *h, double p, int32_t first,
                         int32_t last)
{
    const struct sim_batches *b = h->batches;
    const uint64_t *from = first < 0 ? NULL : b->buckets[first], *to = b->buckets[last];
    uint64_t rank = (uint64_t)ceil(p * (double)counted(b, first, last)), seen = 0;
    int32_t i = -1;

    if (rank < 1)
        rank = 1;
    while (seen < rank && i + 1 < SIM_HIST_BUCKETS) {
        i++;
        seen += to[i] - (from == NULL ? 0 : from[i]);
    }
    return sim_histogram_bucket_s(h, i);
}

/* p NaN: of the mean.  Merging `by` neighbours. */
static int32_t values_of(const struct sim_histogram *h, double p, int32_t by,
                         double *values)
{
    const int32_t n = h->batches->n / by;

    for (int32_t i = 0; i < n; i++) {
        const int32_t first = i * by - 1, last = (i + 1) * by - 1;

        values[i] =
            isnan(p) ? mean_s(h->batches, first, last) : quantile_s(h, p, first, last);
    }
    return n;
}

static bool enough_beyond(const struct sim_histogram *h, double p, int32_t by)
{
    const double tail = p < 1 - p ? p : 1 - p;

    return isnan(p) || (double)(h->batches->size * (uint64_t)by) * tail >=
                           SIM_BATCHES_BEYOND * (1 - 1e-9);
}

static double half95_of(const struct sim_histogram *h, double p, double centre,
                        enum model_interval *from)
{
    double values[SIM_BATCHES_MOST];
    int32_t n;

    *from = MODEL_INTERVAL_FEW;
    for (int32_t by = 1; (n = h->batches->n / by) >= SIM_BATCHES_LEAST; by *= 2) {
        if (!enough_beyond(h, p, by))
            continue;
        *from = MODEL_INTERVAL_DEPENDENT;
        values_of(h, p, by, values);
        if (sim_batches_independent(values, n)) {
            *from = MODEL_INTERVAL_BATCHES;
            return half95_about(values, n, centre);
        }
    }
    return NAN;
}

void sim_batches_times(const struct sim_histogram *h, struct model_times *t)
{
    enum model_interval unused;

    if (h->count == 0)
        return;
    t->mean_s.half95 = half95_of(h, NAN, t->mean_s.mean, &t->mean_from);
    t->p50_s.half95 = half95_of(h, 0.50, t->p50_s.mean, &unused);
    t->p90_s.half95 = half95_of(h, 0.90, t->p90_s.mean, &unused);
    t->p99_s.half95 = half95_of(h, 0.99, t->p99_s.mean, &t->p99_from);
}
