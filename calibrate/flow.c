/* Throughput over the middle, and quantiles by sorting. */
#include "calibrate/flow.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"

struct passed {
    int64_t left_ns, took_ns;
};

static int by_leaving(const void *a, const void *b)
{
    const struct passed *x = a, *y = b;

    return (x->left_ns > y->left_ns) - (x->left_ns < y->left_ns);
}

static int by_time(const void *a, const void *b)
{
    const struct passed *x = a, *y = b;

    return (x->took_ns > y->took_ns) - (x->took_ns < y->took_ns);
}

/* Nearest rank of items sorted by time. */
static double quantile_s(const struct passed *items, int32_t n, double q)
{
    int32_t rank = (int32_t)ceil(q * n);

    return sp_s_from_ns(items[rank > 0 ? rank - 1 : 0].took_ns);
}

struct cal_flow cal_flow_of(const int64_t *entered_ns, const int64_t *left_ns,
                            int32_t n)
{
    struct cal_flow flow = {NAN, NAN, NAN, NAN};
    int32_t cut = n / 10 > 1 ? n / 10 : 1, kept = n - 2 * cut;
    struct passed *items;
    double sum_s = 0;

    if (kept < 1)
        return flow;
    items = sp_xcalloc((size_t)n, sizeof *items);
    for (int32_t i = 0; i < n; i++)
        items[i] = (struct passed){left_ns[i], left_ns[i] - entered_ns[i]};
    qsort(items, (size_t)n, sizeof *items, by_leaving);
    flow.per_s =
        kept / sp_s_from_ns(items[cut + kept - 1].left_ns - items[cut - 1].left_ns);
    qsort(items + cut, (size_t)kept, sizeof *items, by_time);
    for (int32_t i = 0; i < kept; i++)
        sum_s += sp_s_from_ns(items[cut + i].took_ns);
    flow.mean_s = sum_s / kept;
    flow.p50_s = quantile_s(items + cut, kept, 0.5);
    flow.p99_s = quantile_s(items + cut, kept, 0.99);
    free(items);
    return flow;
}
