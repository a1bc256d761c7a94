/* A step function that repeats: where a time falls in it, and what it comes to. */
#include "model/availability.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "base/wide.h"

/* The step that holds at `phase_ns` of the recording. */
static int32_t step_of(const struct model_availability *a, int64_t phase_ns)
{
    int32_t low = 0, high = a->n; /* at_ns[low] <= phase < at_ns[high] */

    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;

        if (a->at_ns[middle] <= phase_ns)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t model_availability_at(const struct model_availability *a, int64_t t_ns)
{
    return a->nodes[step_of(a, t_ns % a->length_ns)];
}

int64_t model_availability_next(const struct model_availability *a, int64_t t_ns)
{
    int64_t phase_ns = t_ns % a->length_ns;
    int32_t next = step_of(a, phase_ns) + 1;
    sp_i128 at_ns = t_ns - phase_ns;

    if (a->n == 1)
        return INT64_MAX;
    if (next < a->n)
        at_ns += a->at_ns[next];
    else if (a->nodes[0] != a->nodes[a->n - 1])
        at_ns += a->length_ns;
    else
        at_ns += (sp_i128)a->length_ns + a->at_ns[1];
    return at_ns < INT64_MAX ? (int64_t)at_ns : INT64_MAX;
}

/* ---- facts ---- */

static int64_t step_ns(const struct model_availability *a, int32_t i)
{
    return (i + 1 < a->n ? a->at_ns[i + 1] : a->length_ns) - a->at_ns[i];
}

static int compare_times(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Lengths of the runs of steps with nodes (or without), in runs_ns[]; how many. */
static int32_t find_runs(const struct model_availability *a, bool up, int64_t *runs_ns)
{
    bool within = false;
    int32_t n = 0;

    for (int32_t i = 0; i < a->n; i++) {
        bool so = (a->nodes[i] > 0) == up;

        if (so && !within)
            runs_ns[n++] = 0;
        if (so)
            runs_ns[n - 1] += step_ns(a, i);
        within = so;
    }
    return n;
}

static double mean_s(const int64_t *runs_ns, int32_t n)
{
    sp_i128 sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += runs_ns[i];
    return sp_i128_ratio(sum, n) / (double)SP_NS_PER_S;
}

struct model_availability_facts
model_availability_facts(const struct model_availability *a)
{
    struct model_availability_facts f = {.up_median_s = NAN};
    int64_t *runs_ns = sp_xcalloc((size_t)a->n, sizeof *runs_ns);
    sp_i128 any = 0, most = 0, nodes = 0;

    for (int32_t i = 0; i < a->n; i++) {
        any += a->nodes[i] > 0 ? step_ns(a, i) : 0;
        most += a->nodes[i] == a->most ? step_ns(a, i) : 0;
        nodes += sp_i128_mul(a->nodes[i], step_ns(a, i));
        if (i > 0 && a->nodes[i] < a->nodes[i - 1])
            f.losses += a->nodes[i - 1] - a->nodes[i];
    }
    f.any_frac = sp_i128_ratio(any, a->length_ns);
    f.most_frac = sp_i128_ratio(most, a->length_ns);
    f.mean_nodes = sp_i128_ratio(nodes, a->length_ns);
    f.down_runs = find_runs(a, false, runs_ns);
    f.down_mean_s = mean_s(runs_ns, f.down_runs);
    f.up_runs = find_runs(a, true, runs_ns);
    f.up_mean_s = mean_s(runs_ns, f.up_runs);
    qsort(runs_ns, (size_t)f.up_runs, sizeof *runs_ns, compare_times);
    if (f.up_runs > 0)
        f.up_median_s = sp_s_from_ns(runs_ns[(f.up_runs - 1) / 2]);
    free(runs_ns);
    return f;
}
