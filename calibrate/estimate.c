/* Quantiles, distances between them, and when to stop. */
#include "calibrate/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/median.h"
#include "base/status.h"

/* Of a normal law: its sd by its MAD, 1 / Phi^-1(3/4); the sd of a median of many by
 * that of their mean, sqrt(pi / 2). */
#define SD_OF_MAD    1.482602218505602
#define SD_OF_MEDIAN 1.2533141373155003

double cal_median_sd(double *x, int32_t n, double median)
{
    if (n < 2)
        return (double)NAN;
    for (int32_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - median);
    return SD_OF_MEDIAN * SD_OF_MAD * sp_median(x, n) / sqrt((double)n);
}

double cal_half_frac(double *x, int32_t n, double median)
{
    return n < 2 ? (double)INFINITY : 2 * cal_median_sd(x, n, median) / median;
}

/* What a centre is, and how far twice its standard error reaches. */
struct centre {
    double of_samples, of_blocks; /* quantiles */
    double (*reach)(double *blocks, int32_t n, double middle);
};

static double reach_of_median(double *blocks, int32_t n, double middle)
{
    return 2 * cal_median_sd(blocks, n, middle);
}

/* A quantile's standard error is sqrt(p (1 - p) / n) by the density there; of a normal
 * law, p = 0.1: 0.3 / 0.17550 = 1.7094 sigma / sqrt(n), and sigma is the distance to
 * the lower quartile by (1.28155 - 0.67449).  What others do to the slow blocks is not
 * in it. */
static double reach_of_decile(double *blocks, int32_t n, double middle)
{
    double sigma = (sp_quantile(blocks, n, 0.25) - middle) / (1.28155 - 0.67449);

    return 2 * 1.7094 * sigma / sqrt((double)n);
}

static const struct centre centres[] = {
    [CAL_CENTRE_MEDIAN] = {0.5, 0.5, reach_of_median},
    [CAL_CENTRE_LOW] = {0.25, 0.1, reach_of_decile},
};

/* Median time of each input, NaN where there is none; returns how many were seen.
 * `start` has room for n_items + 1, `sorted` for n. */
static int32_t medians_of_inputs(const struct cal_sample *samples, int32_t n,
                                 int32_t n_items, int32_t *start, double *sorted,
                                 double *items_s)
{
    int32_t seen = 0;

    for (int32_t i = 0; i < n; i++) {
        sp_assert(samples[i].item >= 0 && samples[i].item < n_items);
        start[samples[i].item + 1]++;
    }
    for (int32_t i = 0; i < n_items; i++)
        start[i + 1] += start[i];
    for (int32_t i = n - 1; i >= 0; i--) /* fills each input's stretch from its end */
        sorted[--start[samples[i].item + 1]] = samples[i].s;
    /* start[i + 1] is now where input i begins, and the next one's where it ends */
    for (int32_t i = 0; i < n_items; i++) {
        int32_t from = start[i + 1], to = i + 1 < n_items ? start[i + 2] : n;

        items_s[i] = to > from ? sp_median(&sorted[from], to - from) : (double)NAN;
        seen += to > from;
    }
    return seen;
}

/* The blocks' values into values[]; returns how many there are. */
static int32_t block_values(const struct cal_sample *samples, int32_t n,
                            const double *items_s, double of_samples, double *scratch,
                            double *values)
{
    int32_t blocks = 0;

    for (int32_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && samples[to].block == samples[from].block; to++)
            scratch[to - from] = samples[to].s / items_s[samples[to].item];
        values[blocks++] = sp_quantile(scratch, to - from, of_samples);
    }
    return blocks;
}

static double mean_seen(const double *items_s, int32_t n_items, int32_t seen)
{
    double sum = 0;

    for (int32_t i = 0; i < n_items; i++)
        if (!isnan(items_s[i]))
            sum += items_s[i];
    return sum / seen;
}

static struct cal_summary summarise(const struct cal_sample *samples, int32_t n,
                                    int32_t n_items, const struct centre *centre,
                                    double *scratch, double *values, int32_t *start,
                                    double *items_s)
{
    struct cal_summary is = {.half_frac = (double)INFINITY};
    double middle;

    is.inputs = medians_of_inputs(samples, n, n_items, start, scratch, items_s);
    is.blocks = block_values(samples, n, items_s, centre->of_samples, scratch, values);
    middle = sp_quantile(values, is.blocks, centre->of_blocks);
    is.s = middle * mean_seen(items_s, n_items, is.inputs);
    if (is.blocks >= 2 && (n_items == 1 || n >= CAL_SAMPLES_OF_INPUT * is.inputs)) {
        is.half_frac = centre->reach(values, is.blocks, middle) / middle;
        if (n_items > 1)
            is.half_frac *= sqrt((double)n / (double)(n - is.inputs));
    }
    for (int32_t i = 0; i < n_items; i++)
        items_s[i] *= middle;
    return is;
}

struct cal_summary cal_summarise(const struct cal_sample *samples, int32_t n,
                                 int32_t n_items, enum cal_centre centre,
                                 double *items_s)
{
    struct cal_summary is = {.s = (double)NAN, .half_frac = (double)INFINITY};
    double *own, *scratch, *values;
    int32_t *start;

    sp_assert(n_items >= 1);
    own = items_s == NULL ? sp_xcalloc((size_t)n_items, sizeof *own) : items_s;
    for (int32_t i = 0; i < n_items; i++)
        own[i] = (double)NAN;
    if (n > 0) {
        scratch = sp_xcalloc((size_t)n, sizeof *scratch);
        values = sp_xcalloc((size_t)n, sizeof *values);
        start = sp_xcalloc((size_t)n_items + 1, sizeof *start);
        is = summarise(samples, n, n_items, &centres[centre], scratch, values, start,
                       own);
        free(start);
        free(values);
        free(scratch);
    }
    if (items_s == NULL)
        free(own);
    return is;
}

bool cal_summary_converged(const struct cal_summary *is, int32_t n_items,
                           double half_frac)
{
    return is->blocks >= CAL_SERIES_LEAST && is->inputs == n_items &&
           is->half_frac <= half_frac;
}
