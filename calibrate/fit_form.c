/* Forms fitted to a kernel's table, and which of them counts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/fit.h"
#include "calibrate/fit_parts.h"

/* Differences smaller than that tell no form from another. */
#define RMS_LEAST 1e-4
/* Relative sd of points where there are too few to ask the residuals. */
#define SD_FEW_POINTS 0.03

enum { FEW_POINTS = 7 }; /* below that AICc is not defined for a kink */

/* What is fitted. */
struct table {
    const struct model_form *form;
    const struct model_work *work;
    const double *x, *s, *sd_frac;
    int32_t n;
};

/* A fit in the terms it was made in. */
struct found {
    double c[3], cov[3][3];
    double sum;   /* of squares of ln(s / t) */
    int32_t free; /* coefficients that are not held at 0 */
    bool kinked;
};

/* Coefficient k of the terms, and of its covariance, becomes coefficient `to[k]` of the
 * form, inverted where it is a rate. */
struct kind {
    const char *name;
    enum sp_status (*fit)(const struct table *table, struct found *found, int32_t to[3],
                          struct sp_err *err);
    bool rates; /* coefficients 1 and 2 are the inverses of the terms' */
};

/* ---- without a kink ---- */

/* Terms 0..p-1 of 1, x with those that `held` marks held at 0. */
static bool fit_line(const struct table *table, int32_t p, const bool *held,
                     struct found *found)
{
    double *rows = sp_xcalloc((size_t)table->n * (size_t)p, sizeof *rows);
    double c[2], cov[4];
    int32_t of[2], free_n = 0;
    struct cal_terms terms = {.n = table->n, .rows = rows, .s = table->s};
    bool ok;

    for (int32_t j = 0; j < p; j++)
        if (!held[j])
            of[free_n++] = j;
    for (int32_t i = 0; i < table->n; i++)
        for (int32_t j = 0; j < free_n; j++)
            rows[i * free_n + j] = of[j] == 0 ? 1 : table->x[i];
    terms.p = free_n;
    *found = (struct found){.free = free_n};
    ok = cal_fit_terms(&terms, CAL_FIT_TYPICAL, c, &found->sum) &&
         cal_fit_covariance(&terms, c, table->sd_frac, found->sum, cov);
    for (int32_t a = 0; ok && a < free_n; a++) {
        found->c[of[a]] = c[a];
        for (int32_t b = 0; b < free_n; b++)
            found->cov[of[a]][of[b]] = cov[a * free_n + b];
    }
    free(rows);
    return ok;
}

static enum sp_status no_fit(const struct table *table, struct sp_err *err)
{
    return sp_fail(err, SP_EINPUT, "form %s: the points do not tell its coefficients",
                   table->form->name);
}

static enum sp_status fit_constant(const struct table *table, struct found *found,
                                   int32_t to[3], struct sp_err *err)
{
    to[0] = 0;
    return fit_line(table, 1, (bool[]){false}, found) ? SP_OK : no_fit(table, err);
}

/* A coefficient that would be negative is held at 0: whichever of the two lines that
 * are left is nearer. */
static enum sp_status fit_linear(const struct table *table, struct found *found,
                                 int32_t to[3], struct sp_err *err)
{
    struct found flat, through_0;
    bool is_flat, is_through_0;

    to[0] = 0;
    to[1] = 1;
    if (fit_line(table, 2, (bool[]){false, false}, found) && found->c[0] >= 0 &&
        found->c[1] >= 0)
        return SP_OK;
    is_flat = fit_line(table, 2, (bool[]){false, true}, &flat);
    is_through_0 = fit_line(table, 2, (bool[]){true, false}, &through_0);
    if (!is_flat && !is_through_0)
        return no_fit(table, err);
    *found = is_flat && (!is_through_0 || flat.sum < through_0.sum) ? flat : through_0;
    return SP_OK;
}

/* ---- with a kink ---- */

static bool kink_covariance(const struct table *table, const struct cal_kink *kink,
                            const struct cal_kink_fit *fit, struct found *found)
{
    double *rows = sp_xcalloc((size_t)kink->n * 3, sizeof *rows);
    double cov[9];
    int32_t first = fit->c[0] > 0 ? 0 : 1, p = 3 - first;
    struct cal_terms terms = {.n = kink->n, .p = p, .rows = rows, .s = kink->s};
    bool ok;

    cal_kink_rows(kink, fit, rows);
    for (int32_t i = 0; first == 1 && i < kink->n; i++)
        memmove(&rows[i * 2], &rows[i * 3 + 1], 2 * sizeof *rows);
    ok = cal_fit_covariance(&terms, fit->c + first, table->sd_frac, fit->sum, cov);
    free(rows);
    *found = (struct found){.sum = fit->sum, .free = p, .kinked = true};
    memcpy(found->c, fit->c, sizeof found->c);
    for (int32_t a = 0; ok && a < p; a++)
        for (int32_t b = 0; b < p; b++)
            found->cov[a + first][b + first] = cov[a * p + b];
    return ok;
}

static enum sp_status fit_kinked(const struct table *table, const double *left,
                                 const double *right, struct found *found,
                                 struct sp_err *err)
{
    struct cal_kink kink = {.n = table->n, .left = left, .right = right, .s = table->s};
    struct cal_kink_fit fit;

    if (!cal_fit_kink(&kink, &fit))
        return sp_fail(err, SP_EINPUT,
                       "form %s: no kink with two points on each side in x = %g..%g, "
                       "so only one of its regimes was measured",
                       table->form->name, table->x[0], table->x[table->n - 1]);
    return kink_covariance(table, &kink, &fit, found) ? SP_OK : no_fit(table, err);
}

static enum sp_status fit_floor(const struct table *table, struct found *found,
                                int32_t to[3], struct sp_err *err)
{
    double *ones = sp_xcalloc((size_t)table->n, sizeof *ones);
    enum sp_status status;

    for (int32_t i = 0; i < table->n; i++)
        ones[i] = 1;
    for (int32_t k = 0; k < 3; k++)
        to[k] = k;
    status = fit_kinked(table, ones, table->x, found, err);
    free(ones);
    return status;
}

/* +1: operations per byte rise with x, -1: they fall, 0: one regime at every x. */
static int intensity_trend(const double *flop, const double *bytes, int32_t n)
{
    double first = flop[0] / bytes[0], last = flop[n - 1] / bytes[n - 1];

    if (fabs(last / first - 1) < 1e-9)
        return 0;
    return last > first ? 1 : -1;
}

static enum sp_status fit_roofline_of(const struct table *table, double *flop,
                                      double *bytes, struct found *found, int32_t to[3],
                                      struct sp_err *err)
{
    const struct model_work *work = table->work;
    int trend;

    for (int32_t i = 0; i < table->n; i++) {
        flop[i] = work->flop_fixed + work->flop * table->x[i];
        bytes[i] = work->bytes_fixed + work->bytes * table->x[i];
        if (!(flop[i] > 0 && bytes[i] > 0))
            return sp_fail(err, SP_EINPUT,
                           "form roofline: a call of x = %g has %g operations and %g "
                           "bytes, expected both above 0",
                           table->x[i], flop[i], bytes[i]);
    }
    trend = intensity_trend(flop, bytes, table->n);
    if (trend == 0)
        return sp_fail(err, SP_EINPUT,
                       "form roofline: as many operations per byte at every x, so only "
                       "one of its regimes was measured");
    to[0] = 0;
    to[1] = trend > 0 ? 2 : 1; /* bytes bind first where intensity rises: q is left */
    to[2] = trend > 0 ? 1 : 2;
    return trend > 0 ? fit_kinked(table, bytes, flop, found, err)
                     : fit_kinked(table, flop, bytes, found, err);
}

static enum sp_status fit_roofline(const struct table *table, struct found *found,
                                   int32_t to[3], struct sp_err *err)
{
    double *work = sp_xcalloc((size_t)table->n * 2, sizeof *work);
    enum sp_status status =
        table->work == NULL
            ? sp_fail(err, SP_EINPUT, "form roofline: the kernel's work is not known")
            : fit_roofline_of(table, work, work + table->n, found, to, err);

    free(work);
    return status;
}

static const struct kind kinds[] = {
    {"constant", fit_constant, false},
    {"linear", fit_linear, false},
    {"floor", fit_floor, false},
    {"roofline", fit_roofline, true},
};

/* ---- the fit ---- */

static const struct kind *kind_of(const struct model_form *form)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, form->name) == 0)
            return &kinds[i];
    return NULL;
}

static enum sp_status check(const struct table *table, struct sp_err *err)
{
    const struct model_form *form = table->form;

    if (table->n <= form->n)
        return sp_fail(err, SP_EINPUT,
                       "form %s: %d points, expected %d or more for its %d "
                       "coefficients",
                       form->name, (int)table->n, (int)form->n + 1, (int)form->n);
    for (int32_t i = 0; i < table->n; i++) {
        double x = table->x[i], s = table->s[i];

        if (!(isfinite(x) && x > (i > 0 ? table->x[i - 1] : 0)))
            return sp_fail(err, SP_EINPUT,
                           "form %s: x is %g, expected numbers above 0, rising",
                           form->name, x);
        if (!(isfinite(s) && s > 0))
            return sp_fail(err, SP_EINPUT,
                           "form %s: a time of %g s at x = %g, expected more than 0",
                           form->name, s, x);
    }
    return SP_OK;
}

/* Variance of the points as they were given, no less than what few points may claim. */
static double known_variance(const struct table *table)
{
    double sum = 0;

    for (int32_t i = 0; table->sd_frac != NULL && i < table->n; i++)
        sum += table->sd_frac[i] * table->sd_frac[i];
    return fmax(sum / table->n, SD_FEW_POINTS * SD_FEW_POINTS);
}

/* Akaike's criterion, corrected for few points (Hurvich and Tsai 1989): the variance is
 * a coefficient, and so is where a kink lies.  With fewer than FEW_POINTS points the
 * variance is taken as known. */
static double criterion(const struct table *table, const struct found *found)
{
    double n = table->n, k = found->free + (found->kinked ? 1 : 0);

    if (table->n < FEW_POINTS)
        return found->sum / known_variance(table) + 2 * k;
    k++;
    return n * log(fmax(found->sum / n, RMS_LEAST * RMS_LEAST)) + 2 * k +
           2 * k * (k + 1) / (n - k - 1);
}

/* The terms' coefficients as the form's; of a rate p = 1 / c, dp = -p^2 dc. */
static void as_form(const struct kind *kind, const struct found *found,
                    const int32_t to[3], struct model_fit *fit)
{
    const int32_t n = fit->form->n;
    double slope[3] = {1, 1, 1};

    for (int32_t k = 0; k < n; k++) {
        bool rate = kind->rates && k > 0;

        fit->coef[to[k]] = rate ? 1 / found->c[k] : found->c[k];
        slope[k] = rate ? -1 / (found->c[k] * found->c[k]) : 1;
    }
    for (int32_t a = 0; a < n; a++)
        for (int32_t b = 0; b < n; b++)
            if (found->cov[a][b] != 0) /* else a rate's slope would make it -0 */
                fit->cov[to[a]][to[b]] = found->cov[a][b] * slope[a] * slope[b];
}

static void look_at_residuals(const struct table *table, struct model_fit *fit)
{
    static const struct model_work none = {0};
    const struct model_work *work = table->work != NULL ? table->work : &none;
    double sum = 0;

    for (int32_t i = 0; i < table->n; i++) {
        double off = fit->form->at(work, fit->coef, table->x[i]) / table->s[i] - 1;

        sum += off * off;
        fit->max_frac = fmax(fit->max_frac, fabs(off));
    }
    fit->rms_frac = sqrt(sum / table->n);
}

enum sp_status cal_fit_form(const struct model_form *form,
                            const struct model_work *work, const double *x,
                            const double *s, const double *sd_frac, int32_t n,
                            struct model_fit *fit, struct sp_err *err)
{
    struct table table = {
        .form = form, .work = work, .x = x, .s = s, .sd_frac = sd_frac, .n = n};
    const struct kind *kind = kind_of(form);
    struct found found;
    struct model_fit made = {.form = form};
    int32_t to[3] = {0, 1, 2};
    enum sp_status status;

    sp_assert(kind != NULL);
    if ((status = check(&table, err)) != SP_OK)
        return status;
    if ((status = kind->fit(&table, &found, to, err)) != SP_OK)
        return status;
    as_form(kind, &found, to, &made);
    look_at_residuals(&table, &made);
    made.aicc = criterion(&table, &found);
    *fit = made;
    return SP_OK;
}

/* With two points a line through both would be no fit; where a constant is worse than
 * it by the criterion (its sum 0, one coefficient more), nothing is known of the form.
 */
static bool says_too_much(const struct model_fit *fit, int32_t n)
{
    return n == 2 && fit->aicc > 4;
}

int32_t cal_fit_forms(const struct model_work *work, const double *x, const double *s,
                      const double *sd_frac, int32_t n, struct model_fit *fits,
                      int32_t room)
{
    const struct model_form *form;
    int32_t made = 0;

    for (int32_t i = 0; (form = model_form_at(i)) != NULL; i++) {
        struct model_fit fit;
        int32_t at;

        if (cal_fit_form(form, work, x, s, sd_frac, n, &fit, NULL) != SP_OK ||
            says_too_much(&fit, n))
            continue;
        for (at = made; at > 0 && fit.aicc < fits[at - 1].aicc - 1e-6; at--)
            ;
        if (at >= room)
            continue;
        if (made == room)
            made--;
        memmove(&fits[at + 1], &fits[at], (size_t)(made - at) * sizeof fits[0]);
        fits[at] = fit;
        made++;
    }
    return made;
}
