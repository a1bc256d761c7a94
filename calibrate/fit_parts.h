/* What the fits share: relative least squares of a sum of terms, with and without a
 * kink, its covariance, and spreads.
 */
#ifndef CALIBRATE_FIT_PARTS_H
#define CALIBRATE_FIT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/measured.h"

enum { CAL_TERMS_MAX = 4 };

/* t[i] = sum of rows[i * p + j] c[j] is to meet s[i] > 0. */
struct cal_terms {
    int32_t n, p; /* p at most CAL_TERMS_MAX */
    const double *rows, *s;
    double hopeless; /* with a sum above it at the start it is given up; 0: never */
};

/* Two ways to be near, the same to first order in the differences.  TYPICAL minimises
 * the squares of ln(s / t): twice and half are equally wrong, so a form that describes
 * the data badly is not drawn to the small times.  MEAN solves sum (s - t) row / t^2
 * = 0: t is the mean of what scatters around it. */
enum cal_nearness { CAL_FIT_TYPICAL, CAL_FIT_MEAN };

/* Coefficients of any sign, but so that every t > 0; sum of the squares of ln(s / t) or
 * of (s - t) / t.  False where there are none: fewer points than terms, collinear
 * terms, or a t that would not be positive.  O(n) for a dozen steps. */
bool cal_fit_terms(const struct cal_terms *terms, enum cal_nearness nearness, double *c,
                   double *sum);

/* Covariance of c: in the points' relative sd (NULL or 0: not known), in the residuals'
 * where that is more: `sum` over n - p.  p x p, row by row.  False where the terms are
 * collinear. */
bool cal_fit_covariance(const struct cal_terms *terms, const double *c,
                        const double *sd_frac, double sum, double *cov);

/* t = offset + max(c1 left(x), c2 right(x)), right / left rising: left binds first. */
struct cal_kink {
    int32_t n;
    const double *left, *right, *s; /* > 0, at the measured x */
};

struct cal_kink_fit {
    double c[3];     /* offset >= 0, c1 > 0, c2 > 0 */
    double sum;      /* of squares of ln(s / t) */
    int32_t at_left; /* points before the kink */
    bool on_point;   /* the kink is at point at_left, else between it and the one before
                      */
};

/* The least of all kinks, between points and on them (Hudson 1966: the sum has a
 * minimum of its own in each gap, so none is started from).  False where the least has
 * fewer than two points on a side, which is no kink but a line.  O(n^2). */
bool cal_fit_kink(const struct cal_kink *kink, struct cal_kink_fit *fit);

/* rows[n * 3] of the terms offset, c1, c2 at the fit; a point on the kink belongs to
 * both sides by half. */
void cal_kink_rows(const struct cal_kink *kink, const struct cal_kink_fit *fit,
                   double *rows);

/* ---- spreads ---- */

/* With n - 1 degrees of freedom; 0 of fewer than two. */
double cal_fit_sd(const double *values, int32_t n);

/* The least relative sd that a kernel's times may claim. */
double cal_fit_floor(enum model_bound bound, bool quiet);

/* That of a kernel with its table and fits: of a roofline the root of the mean square
 * over its points, of each by what binds there as the first fit says; where that says
 * nothing, memory. */
double cal_fit_floor_of(const struct model_kernel *k, bool quiet);

/* Coefficient of variation of items at the same x, over all x together, less (in
 * squares) the relative noise of each item's measurement; never below 0.  O(n^2). */
double cal_fit_item_cv(const struct cal_item *items, const double *noise_frac,
                       int32_t n);

/* ---- a kernel ---- */

/* Sentences for the profile. */
struct cal_notes {
    struct sp_arena *arena;
    const char **rows;
    int32_t n, room;
};

void cal_note(struct cal_notes *notes, const char *fmt, ...) SP_PRINTF(2, 3);

/* All of a kernel, on device `device`, copied into the notes' arena; `campaigns` were
 * run.  False, with a note, where nothing was measured. */
bool cal_fit_kernel(const struct cal_measured *m, const char *device, int32_t campaigns,
                    struct cal_notes *notes, struct model_kernel *kernel);

#endif
