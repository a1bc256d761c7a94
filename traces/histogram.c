/* Bins of constant width within each power of two. */
#include "traces/histogram.h"

#include <math.h>

#include "base/status.h"

enum { EXACT = 256, EXACT_BITS = 8, PER_OCTAVE = 128 };

static int octave_of(int64_t value)
{
    return 63 - __builtin_clzll((unsigned long long)value);
}

static int bin_of(int64_t value)
{
    int e;

    if (value < EXACT)
        return (int)value;
    e = octave_of(value);
    return EXACT + (e - EXACT_BITS) * PER_OCTAVE +
           (int)(value >> (e - (EXACT_BITS - 1))) - PER_OCTAVE;
}

/* The middle of a bin, rounded down. */
static int64_t value_of(int bin)
{
    int octave = (bin - EXACT) / PER_OCTAVE; /* of those past the exact ones */
    int64_t width;

    if (bin < EXACT)
        return bin;
    width = INT64_C(2) << octave;
    return (PER_OCTAVE + (bin - EXACT) % PER_OCTAVE) * width + (width - 1) / 2;
}

void trace_histogram_add(struct trace_histogram *h, int64_t value)
{
    sp_assert(value >= 0 && value <= INT64_C(1) << 62);
    h->min = h->n == 0 || value < h->min ? value : h->min;
    h->max = value > h->max ? value : h->max;
    h->n++;
    h->zeros += value == 0;
    h->sum += value;
    h->bins[bin_of(value)]++;
}

int64_t trace_histogram_bin_top(int bin)
{
    int octave = (bin - EXACT) / PER_OCTAVE;

    if (bin < EXACT)
        return bin;
    return (PER_OCTAVE + (bin - EXACT) % PER_OCTAVE + 1) * (INT64_C(2) << octave) - 1;
}

int64_t trace_histogram_value(const struct trace_histogram *h, int64_t rank)
{
    int64_t seen = h->bins[0], value;
    int bin = 0;

    while (seen < rank && bin < TRACE_HISTOGRAM_BINS - 1)
        seen += h->bins[++bin];
    value = value_of(bin);
    return value < h->min ? h->min : value > h->max ? h->max : value;
}

int64_t trace_histogram_quantile(const struct trace_histogram *h, int permille)
{
    return trace_histogram_value(h, (int64_t)(((sp_i128)h->n * permille + 999) / 1000));
}

double trace_histogram_mean(const struct trace_histogram *h)
{
    return h->n > 0 ? sp_double_from_i128(h->sum) / (double)h->n : NAN;
}
