/* Sums in one pass, distances in the next. */
#include "traces/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/gsl.h"
#include "base/units.h"
#include "model/diurnal.h"
#include "traces/histogram.h"
#include "traces/info.h"
#include "traces/reader.h"

enum { GRID = 4096 }; /* of probabilities: distances of gaps are within 1/4096 */

#define CONSTANT_CV    0.02 /* of gaps: rounded times of an even process have less */
#define AMPLITUDE_MIN  0.05 /* a smaller swing is not worth a word */
#define SURE_SES       5    /* standard errors from which a swing is believed */
#define POISSON_SES    3    /* within which a shape of 1 is */
#define ZEROS_MAX_FRAC 0.01 /* of lengths, for a law that has none */

static const char *const size_names[TRACE_FIT_SIZES] = {"prompt_tokens",
                                                        "output_tokens"};

struct length_sums {
    double log, log_squared, squared;
    int64_t positive;
};

struct pass {
    struct trace_fit *fit;
    int32_t column[TRACE_FIT_SIZES]; /* index in a row's sizes */
    struct trace_histogram *lengths; /* TRACE_FIT_SIZES of them */
    struct length_sums sums[TRACE_FIT_SIZES];
    double log_product; /* of the two lengths' logarithms, where both are above 0 */
    double both_log[2], both_squared[2];
    int64_t both;
    int64_t last_ns;
    double gap_log; /* over gaps above 0 */
    /* the harmonic: over whole periods, and over what came since */
    double cos_sum, sin_sum, cos_whole, sin_whole;
    int64_t rows, rows_whole;
    int64_t *grid[3]; /* of the Poisson's, the gamma's, the diurnal's probabilities */
};

/* ---- first pass ---- */

static void add_length(struct pass *p, int32_t i, uint32_t length)
{
    struct length_sums *s = &p->sums[i];
    double log_length;

    trace_histogram_add(&p->lengths[i], length);
    s->squared += (double)length * (double)length;
    if (length == 0)
        return;
    log_length = log((double)length);
    s->positive++;
    s->log += log_length;
    s->log_squared += log_length * log_length;
}

static void add_both(struct pass *p, uint32_t a, uint32_t b)
{
    double x, y;

    if (a == 0 || b == 0)
        return;
    x = log((double)a);
    y = log((double)b);
    p->both++;
    p->both_log[0] += x;
    p->both_log[1] += y;
    p->both_squared[0] += x * x;
    p->both_squared[1] += y * y;
    p->log_product += x * y;
}

static void add_time(struct pass *p, int64_t time_ns)
{
    struct trace_fit_arrivals *a = &p->fit->arrivals;
    double t = sp_s_from_ns(time_ns), angle = 2 * MODEL_PI * t / a->period_s;
    int64_t period = (int64_t)(t / a->period_s), gap = time_ns - p->last_ns;

    while (time_ns % a->resolution_ns != 0)
        a->resolution_ns /= 10;
    if (period > a->periods) {
        a->periods = period;
        p->rows_whole = p->rows;
        p->cos_whole = p->cos_sum;
        p->sin_whole = p->sin_sum;
    }
    p->cos_sum += cos(angle);
    p->sin_sum += sin(angle);
    if (p->rows++ > 0 && gap == 0)
        a->simultaneous++;
    else if (p->rows > 1)
        p->gap_log += log(sp_s_from_ns(gap));
    p->last_ns = time_ns;
}

static enum sp_status first_pass(struct trace_reader *reader, struct pass *p,
                                 struct sp_err *err)
{
    struct trace_row row;
    enum sp_status status;

    while (trace_reader_next(reader, &row, &status, err)) {
        add_time(p, row.time_ns);
        for (int32_t i = 0; i < p->fit->n_sizes; i++)
            add_length(p, i, row.size[p->column[i]]);
        if (p->fit->n_sizes == 2)
            add_both(p, row.size[p->column[0]], row.size[p->column[1]]);
    }
    return status;
}

/* ---- arrivals ---- */

/* The shape of the gamma of largest likelihood: ln k - psi(k) = s, where s = ln of the
 * mean - mean of the logarithms > 0.  Minka's first guess is within 1.5 %; Newton's
 * steps double its digits. */
static double gamma_shape(double s)
{
    double k = (3 - s + sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);

    for (int i = 0; i < 8; i++)
        k -= (log(k) - sp_gsl_psi(k) - s) / (1 / k - sp_gsl_psi_1(k));
    return k;
}

/* Standard errors of the shape: of likelihood k / (n (k psi'(k) - 1)), of moments
 * 2 k (k + 1) / n, both to the first order in 1/n. */
static void fit_gamma(const struct pass *p, struct trace_fit_arrivals *a)
{
    double n = (double)(p->rows - 1), k, variance;

    a->by_moments = a->simultaneous > 0;
    if (a->by_moments) {
        k = 1 / (a->gap_cv * a->gap_cv);
        variance = 2 * k * (k + 1) / n;
    } else {
        k = gamma_shape(fmax(-log(a->rate_per_s) - p->gap_log / n, 1e-9));
        variance = k / (n * (k * sp_gsl_psi_1(k) - 1));
    }
    a->cv = 1 / sqrt(k);
    a->cv_se = sqrt(variance) / (2 * k * sqrt(k));
    a->rate_se = a->rate_per_s * a->cv / sqrt(n);
}

/* Of the density (1 + a cos x) / 2 pi: E cos = a/2, Var cos = 1/2 - a^2/4,
 * Var sin = 1/2, hence the standard errors. */
static void fit_harmonic(const struct pass *p, struct trace_fit_arrivals *a)
{
    double n = (double)p->rows_whole, r, phase;

    if (a->periods == 0 || p->rows_whole == 0)
        return;
    r = hypot(p->cos_whole, p->sin_whole);
    phase = atan2(p->sin_whole, p->cos_whole);
    a->amplitude = fmin(2 * r / n, 1);
    a->amplitude_se = sqrt((2 - a->amplitude * a->amplitude) / n);
    a->peak_s =
        (phase < 0 ? phase + 2 * MODEL_PI : phase) / (2 * MODEL_PI) * a->period_s;
    a->peak_se_s = sqrt(2 / n) / a->amplitude / (2 * MODEL_PI) * a->period_s;
}

static void choose_process(struct trace_fit_arrivals *a)
{
    double shape_ses = fabs(a->cv - 1) / a->cv_se;

    if (a->gap_cv < CONSTANT_CV)
        a->kind = MODEL_SOURCE_CONSTANT;
    else if (a->periods > 0 && a->amplitude >= AMPLITUDE_MIN &&
             a->amplitude > SURE_SES * a->amplitude_se)
        a->kind = MODEL_SOURCE_DIURNAL;
    else if (shape_ses <= POISSON_SES)
        a->kind = MODEL_SOURCE_POISSON;
    else
        a->kind = MODEL_SOURCE_GAMMA;
}

static double rate_of(const struct pass *p, const struct trace_fit_arrivals *a)
{
    return a->kind == MODEL_SOURCE_DIURNAL
               ? (double)p->rows_whole / ((double)a->periods * a->period_s)
               : a->rate_per_s;
}

/* Long windows of a renewal process have the squared CV of its gaps; a rate that swings
 * by a over a window w much shorter than its period adds rate w a^2 / 2. */
static void expect_dispersion(const struct trace_info *info,
                              struct trace_fit_arrivals *a)
{
    a->dispersion = a->window_s = NAN;
    for (int w = 0; w < TRACE_WINDOWS; w++)
        if (info->windows[w].n >= 10) {
            a->window_s = sp_s_from_ns(info->windows[w].width_ns);
            a->dispersion = info->windows[w].dispersion;
        }
    a->dispersion_expected = a->kind == MODEL_SOURCE_GAMMA      ? a->cv * a->cv
                             : a->kind == MODEL_SOURCE_CONSTANT ? 0
                                                                : 1;
    if (a->kind == MODEL_SOURCE_DIURNAL)
        a->dispersion_expected +=
            a->rate_per_s * a->window_s * a->amplitude * a->amplitude / 2;
}

static void fit_arrivals(const struct pass *p, const struct trace_info *info)
{
    struct trace_fit_arrivals *a = &p->fit->arrivals;

    a->rate_per_s = info->rate_per_s;
    a->gap_cv = info->gap_cv;
    if (a->gap_cv >= CONSTANT_CV)
        fit_gamma(p, a);
    fit_harmonic(p, a);
    choose_process(a);
    a->rate_per_s = rate_of(p, a);
    expect_dispersion(info, a);
}

/* ---- distances of the gaps ---- */

/* The k-th gap, whose probability lies between the two: spread evenly by multiples of
 * the golden section. */
static void count(int64_t *grid, double low, double high, int64_t k)
{
    double golden = 0.6180339887498949 * (double)k;
    int at = (int)((low + (high - low) * (golden - floor(golden))) * GRID);

    grid[at < 0 ? 0 : at < GRID ? at : GRID - 1]++;
}

static double exponential_cdf(double x)
{
    return -expm1(-fmax(x, 0));
}

/* The integral of the diurnal rate from 0 to t, in arrivals. */
static double expected_until(const struct trace_fit_arrivals *a, double t)
{
    double w = 2 * MODEL_PI / a->period_s;

    return a->rate_per_s *
           (t + a->amplitude / w * (sin(w * (t - a->peak_s)) + sin(w * a->peak_s)));
}

static double diurnal_rate(const struct trace_fit_arrivals *a, double t)
{
    const struct model_diurnal swing = {a->amplitude, a->period_s, a->peak_s};

    return a->rate_per_s * model_diurnal_factor(&swing, t);
}

struct gap {
    int64_t k;            /* counted from 1 */
    double low_s, high_s; /* what its time may have been before it was rounded */
};

static void count_renewals(struct pass *p, const struct gap *g, double rate_per_s)
{
    const struct trace_fit_arrivals *a = &p->fit->arrivals;
    double shape = 1 / (a->cv * a->cv), scale = 1 / (shape * rate_per_s);

    count(p->grid[0], exponential_cdf(g->low_s * rate_per_s),
          exponential_cdf(g->high_s * rate_per_s), g->k);
    if (a->cv > 0)
        count(p->grid[1], sp_gsl_gamma_cdf(g->low_s, shape, scale),
              sp_gsl_gamma_cdf(g->high_s, shape, scale), g->k);
}

/* What a law says of a gap is uniform if the law holds. */
static enum sp_status second_pass(struct trace_reader *reader, struct pass *p,
                                  double mean_rate_per_s, struct sp_err *err)
{
    const struct trace_fit_arrivals *a = &p->fit->arrivals;
    double half_s = sp_s_from_ns(a->resolution_ns) / 2, last_expected = 0;
    bool diurnal = a->kind == MODEL_SOURCE_DIURNAL;
    struct trace_row row;
    enum sp_status status;
    int64_t last_ns = 0;

    for (int64_t k = 0; trace_reader_next(reader, &row, &status, err); k++) {
        double t = sp_s_from_ns(row.time_ns);
        double gap_s = sp_s_from_ns(row.time_ns - last_ns);
        double expected = diurnal ? expected_until(a, t) : 0;
        double more = diurnal ? diurnal_rate(a, t) * half_s : 0;
        struct gap gap = {k, fmax(gap_s - half_s, 0), gap_s + half_s};

        if (k > 0)
            count_renewals(p, &gap, mean_rate_per_s);
        if (k > 0 && diurnal)
            count(p->grid[2], exponential_cdf(expected - last_expected - more),
                  exponential_cdf(expected - last_expected + more), k);
        last_ns = row.time_ns;
        last_expected = expected;
    }
    return status;
}

static double distance_of_grid(const int64_t *grid)
{
    int64_t n = 0, below = 0;
    double d = 0;

    for (int i = 0; i < GRID; i++)
        n += grid[i];
    if (n == 0)
        return NAN;
    for (int i = 0; i < GRID; i++) {
        below += grid[i];
        d = fmax(d, fabs((double)below / (double)n - (double)(i + 1) / GRID));
    }
    return d;
}

/* ---- lengths ---- */

/* A law's value is rounded to a whole number, so one of at most x is below x + 1/2;
 * what rounds to 0 counts as 1, as it is generated. */
static double lognormal_distance(const struct trace_histogram *h,
                                 const struct trace_fit_length *l)
{
    double n = (double)(h->n - h->zeros), d = 0;
    int64_t below = -h->zeros;

    for (int bin = 0; bin < TRACE_HISTOGRAM_BINS; bin++) {
        double top = (double)trace_histogram_bin_top(bin), law;

        below += h->bins[bin];
        if (bin == 0)
            continue;
        law = sp_gsl_normal_cdf((log(top + 0.5) - l->mu) / l->sigma);
        d = fmax(d, fabs((double)below / n - law));
        if (below == h->n - h->zeros)
            break;
    }
    return d;
}

/* mean = exp(mu + sigma^2/2) and CV^2 = exp(sigma^2) - 1, whose errors follow from
 * those of mu (sigma / sqrt n) and sigma (sigma / sqrt 2n), which are independent. */
static void fit_lognormal(const struct length_sums *s, struct trace_fit_length *l)
{
    double n = (double)s->positive, v, growth;

    l->mu = s->log / n;
    v = fmax(s->log_squared / n - l->mu * l->mu, 0);
    l->sigma = sqrt(v);
    growth = exp(v);
    l->fit_mean = exp(l->mu + v / 2);
    l->fit_mean_se = l->fit_mean * sqrt(v / n + v * v / (2 * n));
    l->fit_cv = sqrt(growth - 1);
    l->fit_cv_se = l->sigma * growth / l->fit_cv * l->sigma / sqrt(2 * n);
}

static void fit_length(const struct pass *p, int32_t i, struct trace_fit_length *l)
{
    const struct trace_histogram *h = &p->lengths[i];
    double n = (double)h->n, variance;

    l->zeros = h->zeros;
    l->mean = trace_histogram_mean(h);
    variance = fmax(p->sums[i].squared / n - l->mean * l->mean, 0);
    l->cv = l->mean > 0 ? sqrt(variance) / l->mean : 0;
    l->fit_mean = l->fit_cv = l->distance = l->mu = l->sigma = NAN;
    l->fit_mean_se = l->fit_cv_se = NAN;
    for (int q = 0; q < TRACE_FIT_QUANTILES; q++)
        l->quantiles[q] = trace_histogram_value(
            h, (int64_t)ceil(n * (q + 0.5) / TRACE_FIT_QUANTILES));
    if (h->min == h->max) {
        l->law = h->max > 0 ? TRACE_FIT_CONSTANT : TRACE_FIT_EMPIRICAL;
        return;
    }
    l->law = TRACE_FIT_EMPIRICAL;
    if (p->sums[i].positive < TRACE_FIT_ROWS_MIN)
        return;
    fit_lognormal(&p->sums[i], l);
    if (!(l->sigma > 1e-6))
        return;
    l->distance = lognormal_distance(h, l);
    if (l->distance <= TRACE_FIT_FAIR && (double)h->zeros <= ZEROS_MAX_FRAC * n)
        l->law = TRACE_FIT_LOGNORMAL;
}

static double correlation_of(const struct pass *p)
{
    double n = (double)p->both, x = p->both_log[0] / n, y = p->both_log[1] / n;
    double vx = p->both_squared[0] / n - x * x, vy = p->both_squared[1] / n - y * y;

    if (p->both < TRACE_FIT_ROWS_MIN || !(vx > 1e-12) || !(vy > 1e-12))
        return NAN;
    return (p->log_product / n - x * y) / sqrt(vx * vy);
}

/* ---- all of it ---- */

static void pick_columns(const struct trace_layout *layout, struct pass *p)
{
    for (int32_t i = 0; i < TRACE_FIT_SIZES; i++) {
        const struct trace_column *c = trace_layout_size(layout, size_names[i]);

        if (c == NULL)
            continue;
        strcpy(p->fit->sizes[p->fit->n_sizes].name, size_names[i]);
        p->column[p->fit->n_sizes++] = c->size;
    }
}

typedef enum sp_status work(struct trace_reader *reader, struct pass *p,
                            const struct trace_info *info, struct sp_err *err);

static enum sp_status sum_up(struct trace_reader *reader, struct pass *p,
                             const struct trace_info *info, struct sp_err *err)
{
    enum sp_status status;

    pick_columns(trace_reader_layout(reader), p);
    status = first_pass(reader, p, err);
    if (status != SP_OK)
        return status;
    fit_arrivals(p, info);
    for (int32_t i = 0; i < p->fit->n_sizes; i++)
        fit_length(p, i, &p->fit->sizes[i]);
    p->fit->correlation = p->fit->n_sizes == 2 ? correlation_of(p) : NAN;
    return SP_OK;
}

static enum sp_status measure(struct trace_reader *reader, struct pass *p,
                              const struct trace_info *info, struct sp_err *err)
{
    struct trace_fit_arrivals *a = &p->fit->arrivals;
    enum sp_status status = second_pass(reader, p, info->rate_per_s, err);

    a->poisson_distance = distance_of_grid(p->grid[0]);
    a->gamma_distance = distance_of_grid(p->grid[1]);
    a->diurnal_distance = distance_of_grid(p->grid[2]);
    return status;
}

static enum sp_status pass_over(const char *path, const char *format, work *function,
                                struct pass *p, const struct trace_info *info,
                                struct sp_err *err)
{
    struct trace_reader *reader;
    enum sp_status status = trace_reader_open(path, format, &reader, err);

    if (status != SP_OK)
        return status;
    status = function(reader, p, info, err);
    trace_reader_close(reader);
    return status;
}

static enum sp_status read_trace(const char *path, const char *format, struct pass *p,
                                 struct trace_info *info, struct sp_err *err)
{
    enum sp_status status = trace_info_read(path, format, info, err);

    if (status != SP_OK)
        return status;
    if (info->rows < TRACE_FIT_ROWS_MIN || info->span_ns == 0)
        return sp_fail(err, SP_EINPUT,
                       "%s: found %lld rows in %g s, expected at least %d at several "
                       "times: nothing can be fitted",
                       path, (long long)info->rows, sp_s_from_ns(info->span_ns),
                       (int)TRACE_FIT_ROWS_MIN);
    p->fit->rows = info->rows;
    p->fit->span_ns = info->span_ns;
    status = pass_over(path, format, sum_up, p, info, err);
    if (status == SP_OK)
        status = pass_over(path, format, measure, p, info, err);
    return status;
}

enum sp_status trace_fit_read(const char *path, const char *format, double period_s,
                              struct trace_fit *fit, struct sp_err *err)
{
    struct trace_fit found = {
        .path = path, .arrivals = {.period_s = period_s, .resolution_ns = SP_NS_PER_S}};
    struct trace_info *info = sp_xcalloc(1, sizeof *info);
    struct pass *p = sp_xcalloc(1, sizeof *p);
    enum sp_status status;

    sp_assert(period_s > 0);
    p->fit = &found;
    p->lengths = sp_xcalloc(TRACE_FIT_SIZES, sizeof *p->lengths);
    for (int i = 0; i < 3; i++)
        p->grid[i] = sp_xcalloc(GRID, sizeof *p->grid[i]);
    status = read_trace(path, format, p, info, err);
    if (status == SP_OK)
        *fit = found;
    for (int i = 0; i < 3; i++)
        free(p->grid[i]);
    free(p->lengths);
    free(p);
    free(info);
    return status;
}
