/* Medians, distances from them, and when to stop. */
#include "calibrate/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/status.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double cal_median(double *x, int32_t n)
{
    sp_assert(n >= 1);
    qsort(x, (size_t)n, sizeof *x, by_value);
    return n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

double cal_madn(double *x, int32_t n, double middle)
{
    for (int32_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - middle);
    return 1.4826 * cal_median(x, n);
}

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

        items_s[i] = to > from ? cal_median(&sorted[from], to - from) : (double)NAN;
        seen += to > from;
    }
    return seen;
}

/* The blocks' values into values[]; returns how many there are. */
static int32_t block_values(const struct cal_sample *samples, int32_t n,
                            const double *items_s, double *scratch, double *values)
{
    int32_t blocks = 0;

    for (int32_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && samples[to].block == samples[from].block; to++)
            scratch[to - from] = samples[to].s / items_s[samples[to].item];
        values[blocks++] = cal_median(scratch, to - from);
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
                                    int32_t n_items, double *scratch, double *values,
                                    int32_t *start, double *items_s)
{
    struct cal_summary is = {.half_frac = (double)INFINITY};
    double middle;

    is.inputs = medians_of_inputs(samples, n, n_items, start, scratch, items_s);
    is.blocks = block_values(samples, n, items_s, scratch, values);
    middle = cal_median(values, is.blocks);
    is.s = middle * mean_seen(items_s, n_items, is.inputs);
    if (is.blocks >= 2 && (n_items == 1 || n >= CAL_SAMPLES_OF_INPUT * is.inputs)) {
        is.half_frac = 2 * 1.2533 * cal_madn(values, is.blocks, middle) /
                       sqrt((double)is.blocks) / middle;
        if (n_items > 1)
            is.half_frac *= sqrt((double)n / (double)(n - is.inputs));
    }
    return is;
}

struct cal_summary cal_summarise(const struct cal_sample *samples, int32_t n,
                                 int32_t n_items, double *items_s)
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
        is = summarise(samples, n, n_items, scratch, values, start, own);
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
    return is->blocks >= CAL_BLOCKS_LEAST && is->inputs == n_items &&
           is->half_frac <= half_frac;
}
