/* Saltelli's and Jansen's estimators, and Efron's percentile bootstrap over rows. */
#include "model/indices.h"

#include <math.h>
#include <stdlib.h>

#include "base/median.h"
#include "base/rng.h"

enum { RESAMPLES = 1000 };

/* Rows that count: those with a value everywhere. */
struct rows {
    int64_t n;
    int32_t n_inputs;
    int64_t all; /* rows of y_ab */
    const int64_t *row;
    const double *y_a, *y_b, *y_ab;
    double centre; /* taken off first: the estimators are less noisy then */
};

static double variance_of(const struct rows *r, const int64_t *pick)
{
    double sum = 0, squares = 0, n = 2 * (double)r->n, mean;

    for (int64_t i = 0; i < r->n; i++) {
        double a = r->y_a[pick[i]] - r->centre, b = r->y_b[pick[i]] - r->centre;

        sum += a + b;
        squares += a * a + b * b;
    }
    mean = sum / n;
    return (squares - n * mean * mean) / (n - 1);
}

/* Both indices of input `i` over the rows pick[]. */
static void index_of(const struct rows *r, const int64_t *pick, int32_t i,
                     double *first, double *total)
{
    const double *y_ab = r->y_ab + (size_t)i * (size_t)r->all;
    double v = variance_of(r, pick), sum_first = 0, sum_total = 0;

    for (int64_t k = 0; k < r->n; k++) {
        double a = r->y_a[pick[k]], ab = y_ab[pick[k]];

        sum_first += (r->y_b[pick[k]] - r->centre) * (ab - a);
        sum_total += (a - ab) * (a - ab);
    }
    *first = v > 0 ? sum_first / (double)r->n / v : NAN;
    *total = v > 0 ? sum_total / (2 * (double)r->n) / v : NAN;
}

static double half_of(double *values, int32_t n)
{
    return (sp_quantile(values, n, 0.975) - sp_quantile(values, n, 0.025)) / 2;
}

/* Every resample draws the same rows for all inputs. */
static void bootstrap(const struct rows *r, uint64_t seed, struct model_index *inputs)
{
    int64_t *pick = sp_xcalloc((size_t)r->n, sizeof *pick);
    const size_t inputs_n = (size_t)r->n_inputs;
    double *first = sp_xcalloc(RESAMPLES * inputs_n, sizeof *first);
    double *total = sp_xcalloc(RESAMPLES * inputs_n, sizeof *total);

    for (int32_t b = 0; b < RESAMPLES; b++) {
        struct sp_rng rng = sp_rng_from_key(sp_mix_keys(seed, (uint64_t)b));

        for (int64_t i = 0; i < r->n; i++)
            pick[i] = r->row[(int64_t)(sp_rng_uniform(&rng) * (double)r->n)];
        for (int32_t i = 0; i < r->n_inputs; i++)
            index_of(r, pick, i, &first[i * RESAMPLES + b], &total[i * RESAMPLES + b]);
    }
    for (int32_t i = 0; i < r->n_inputs; i++) {
        inputs[i].first.half95 = half_of(&first[i * RESAMPLES], RESAMPLES);
        inputs[i].total.half95 = half_of(&total[i * RESAMPLES], RESAMPLES);
    }
    free(pick);
    free(first);
    free(total);
}

static bool counts(int64_t n, int32_t n_inputs, const double *y_a, const double *y_b,
                   const double *y_ab, int64_t row)
{
    bool known = isfinite(y_a[row]) && isfinite(y_b[row]);

    for (int32_t i = 0; i < n_inputs; i++)
        known = known && isfinite(y_ab[(size_t)i * (size_t)n + (size_t)row]);
    return known;
}

static double mean_of(const struct rows *r)
{
    double sum = 0;

    for (int64_t i = 0; i < r->n; i++)
        sum += r->y_a[r->row[i]] + r->y_b[r->row[i]];
    return sum / (2 * (double)r->n);
}

void model_indices_of(int64_t n, int32_t n_inputs, const double *y_a, const double *y_b,
                      const double *y_ab, uint64_t seed, struct sp_arena *arena,
                      struct model_indices *out)
{
    int64_t *row = sp_arena_array(arena, (size_t)n + 1, sizeof *row);
    struct rows r = {.n_inputs = n_inputs,
                     .all = n,
                     .row = row,
                     .y_a = y_a,
                     .y_b = y_b,
                     .y_ab = y_ab};

    for (int64_t i = 0; i < n; i++)
        if (counts(n, n_inputs, y_a, y_b, y_ab, i))
            row[r.n++] = i;
    *out = (struct model_indices){
        .n = r.n, .mean = NAN, .variance = NAN, .n_inputs = n_inputs};
    out->inputs = sp_arena_array(arena, (size_t)n_inputs + 1, sizeof *out->inputs);
    for (int32_t i = 0; i < n_inputs; i++)
        out->inputs[i] = (struct model_index){{NAN, NAN}, {NAN, NAN}};
    if (r.n < 2)
        return;
    out->mean = r.centre = mean_of(&r);
    out->variance = variance_of(&r, row);
    if (!(out->variance > 0))
        return;
    for (int32_t i = 0; i < n_inputs; i++)
        index_of(&r, row, i, &out->inputs[i].first.mean, &out->inputs[i].total.mean);
    bootstrap(&r, seed, out->inputs);
}
