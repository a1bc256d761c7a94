/* Saltelli's and Jansen's estimators, and Efron's percentile bootstrap over rows. */
#include "model/indices.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/median.h"
#include "base/rng.h"

enum { RESAMPLES = 1000 };
#define ROUNDING 1e-12 /* of the mean: figures are sums of many numbers */

/* Of one row, whose sums over rows give all indices: the sum and the sum of squares of
 * y_a and y_b, then of each input the terms of its first-order and its total index. */
enum { SUM, SQUARES, INPUTS };

struct rows {
    int64_t n;
    int32_t n_inputs;
    double tiny;   /* a variance up to here is rounding */
    double *terms; /* [row][INPUTS + 2 * n_inputs] */
};

static size_t width_of(const struct rows *r)
{
    return INPUTS + 2 * (size_t)r->n_inputs;
}

/* V of the header: both samples together, their mean taken off. */
static double variance_of(const struct rows *r, const double *sums)
{
    double n = 2 * (double)r->n, mean = sums[SUM] / n;
    double v = (sums[SQUARES] - n * mean * mean) / (n - 1);

    return v > r->tiny ? v : 0;
}

static void add_row(const struct rows *r, int64_t row, double *sums)
{
    const size_t width = width_of(r);
    const double *terms = r->terms + (size_t)row * width;

    for (size_t i = 0; i < width; i++)
        sums[i] += terms[i];
}

static void index_of(const struct rows *r, const double *sums, int32_t i, double *first,
                     double *total)
{
    double v = variance_of(r, sums), n = (double)r->n;

    *first = v > 0 ? sums[INPUTS + 2 * i] / n / v : NAN;
    *total = v > 0 ? sums[INPUTS + 2 * i + 1] / (2 * n) / v : NAN;
}

/* ---- the bootstrap ---- */

/* A resample may have drawn one row n times: nothing varies then. */
static double half_of(double *values)
{
    int32_t n = 0;

    for (int32_t i = 0; i < RESAMPLES; i++)
        if (!isnan(values[i]))
            values[n++] = values[i];
    if (n < RESAMPLES / 2)
        return NAN;
    return (sp_quantile(values, n, 0.975) - sp_quantile(values, n, 0.025)) / 2;
}

/* Every resample draws the same rows for all inputs. */
static void bootstrap(const struct rows *r, uint64_t seed, struct model_index *inputs)
{
    const size_t width = width_of(r), inputs_n = (size_t)r->n_inputs;
    double *first = sp_xcalloc(RESAMPLES * inputs_n, sizeof *first);
    double *total = sp_xcalloc(RESAMPLES * inputs_n, sizeof *total);
    double *sums = sp_xcalloc(width, sizeof *sums);

    for (int32_t b = 0; b < RESAMPLES; b++) {
        struct sp_rng rng = sp_rng_from_key(sp_mix_keys(seed, (uint64_t)b));

        for (size_t k = 0; k < width; k++)
            sums[k] = 0;
        for (int64_t i = 0; i < r->n; i++)
            add_row(r, (int64_t)(sp_rng_uniform(&rng) * (double)r->n), sums);
        for (int32_t i = 0; i < r->n_inputs; i++)
            index_of(r, sums, i, &first[i * RESAMPLES + b], &total[i * RESAMPLES + b]);
    }
    for (int32_t i = 0; i < r->n_inputs; i++) {
        inputs[i].first.half95 = half_of(&first[i * RESAMPLES]);
        inputs[i].total.half95 = half_of(&total[i * RESAMPLES]);
    }
    free(first);
    free(total);
    free(sums);
}

/* ---- rows that count ---- */

/* What is asked about. */
struct values {
    int64_t n;
    int32_t n_inputs;
    const double *y_a, *y_b, *y_ab;
};

static double mixed(const struct values *v, int32_t input, int64_t row)
{
    return v->y_ab[(size_t)input * (size_t)v->n + (size_t)row];
}

static bool counts(const struct values *v, int64_t row)
{
    bool known = isfinite(v->y_a[row]) && isfinite(v->y_b[row]);

    for (int32_t i = 0; i < v->n_inputs; i++)
        known = known && isfinite(mixed(v, i, row));
    return known;
}

/* The estimators are less noisy, and sums lose fewer digits, when the mean has been
 * taken off. */
static double mean_of(const struct values *v, const int64_t *row, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += v->y_a[row[i]] + v->y_b[row[i]];
    return sum / (2 * (double)n);
}

static void fill_terms(const struct values *v, const int64_t *row, double mean,
                       const struct rows *r)
{
    for (int64_t i = 0; i < r->n; i++) {
        double *terms = r->terms + (size_t)i * width_of(r);
        double a = v->y_a[row[i]] - mean, b = v->y_b[row[i]] - mean;

        terms[SUM] = a + b;
        terms[SQUARES] = a * a + b * b;
        for (int32_t k = 0; k < r->n_inputs; k++) {
            double ab = mixed(v, k, row[i]) - mean;

            terms[INPUTS + 2 * k] = b * (ab - a);
            terms[INPUTS + 2 * k + 1] = (a - ab) * (a - ab);
        }
    }
}

static void estimate(const struct rows *r, uint64_t seed, struct model_indices *out)
{
    double *sums = sp_xcalloc(width_of(r), sizeof *sums);

    for (int64_t i = 0; i < r->n; i++)
        add_row(r, i, sums);
    out->variance = variance_of(r, sums);
    for (int32_t i = 0; i < r->n_inputs; i++)
        index_of(r, sums, i, &out->inputs[i].first.mean, &out->inputs[i].total.mean);
    if (out->variance > 0)
        bootstrap(r, seed, out->inputs);
    free(sums);
}

void model_indices_of(int64_t n, int32_t n_inputs, const double *y_a, const double *y_b,
                      const double *y_ab, uint64_t seed, struct sp_arena *arena,
                      struct model_indices *out)
{
    const struct values v = {n, n_inputs, y_a, y_b, y_ab};
    int64_t *row = sp_xcalloc((size_t)n + 1, sizeof *row);
    struct rows r = {.n_inputs = n_inputs};

    for (int64_t i = 0; i < n; i++)
        if (counts(&v, i))
            row[r.n++] = i;
    *out = (struct model_indices){
        .n = r.n, .mean = NAN, .variance = NAN, .n_inputs = n_inputs};
    out->inputs = sp_arena_array(arena, (size_t)n_inputs + 1, sizeof *out->inputs);
    for (int32_t i = 0; i < n_inputs; i++)
        out->inputs[i] = (struct model_index){{NAN, NAN}, {NAN, NAN}};
    if (r.n >= 2) {
        out->mean = mean_of(&v, row, r.n);
        r.tiny = ROUNDING * ROUNDING * out->mean * out->mean;
        r.terms = sp_xcalloc((size_t)r.n * width_of(&r), sizeof *r.terms);
        fill_terms(&v, row, out->mean, &r);
        estimate(&r, seed, out);
    }
    free(r.terms);
    free(row);
}
