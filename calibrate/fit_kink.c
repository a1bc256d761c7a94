/* A kinked curve through points: every place where the kink may lie is tried. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/fit_parts.h"

#define NOTHING 1e-6 /* of a time */

enum { BESIDE = 2 }; /* points that each side needs */

/* Already at the start the sum is near its least: a place for the kink that is so many
 * times worse than the best one yet will not become better than it. */
#define HOPELESS 4

/* Fits the terms; with the first, the offset, left out where it would be negative.
 * rows[] is n x p. */
static bool fit_offset_kept_positive(double *rows, const struct cal_kink *kink,
                                     int32_t p, double best, double *c, double *sum)
{
    struct cal_terms terms = {.n = kink->n,
                              .p = p,
                              .rows = rows,
                              .s = kink->s,
                              .hopeless = isfinite(best) ? HOPELESS * best : 0};

    if (cal_fit_terms(&terms, CAL_FIT_TYPICAL, c, sum) && c[0] >= 0)
        return true;
    for (int32_t i = 0; i < kink->n; i++)
        memmove(&rows[i * (p - 1)], &rows[i * p + 1], (size_t)(p - 1) * sizeof *rows);
    terms.p = p - 1;
    c[0] = 0;
    return cal_fit_terms(&terms, CAL_FIT_TYPICAL, c + 1, sum);
}

/* The kink between points k - 1 and k: `left` binds before, `right` from k on. */
static bool fit_between(const struct cal_kink *kink, int32_t k, double *rows,
                        double best, struct cal_kink_fit *fit)
{
    double *c = fit->c;

    *fit = (struct cal_kink_fit){.at_left = k};
    cal_kink_rows(kink, fit, rows);
    return fit_offset_kept_positive(rows, kink, 3, best, c, &fit->sum) && c[1] > 0 &&
           c[2] > 0 && c[1] * kink->left[k - 1] >= c[2] * kink->right[k - 1] &&
           c[1] * kink->left[k] <= c[2] * kink->right[k];
}

/* The kink on point j, so that c2 follows from c1. */
static bool fit_on(const struct cal_kink *kink, int32_t j, double *rows, double best,
                   struct cal_kink_fit *fit)
{
    double ratio = kink->left[j] / kink->right[j];

    for (int32_t i = 0; i < kink->n; i++) {
        rows[i * 2] = 1;
        rows[i * 2 + 1] = i < j ? kink->left[i] : kink->right[i] * ratio;
    }
    *fit = (struct cal_kink_fit){.at_left = j, .on_point = true};
    if (!fit_offset_kept_positive(rows, kink, 2, best, fit->c, &fit->sum))
        return false;
    fit->c[2] = fit->c[1] * ratio;
    return fit->c[1] > 0;
}

void cal_kink_rows(const struct cal_kink *kink, const struct cal_kink_fit *fit,
                   double *rows)
{
    for (int32_t i = 0; i < kink->n; i++) {
        double share = i < fit->at_left ? 1 : 0; /* of the left side */

        if (fit->on_point && i == fit->at_left)
            share = 0.5;
        rows[i * 3] = 1;
        rows[i * 3 + 1] = share * kink->left[i];
        rows[i * 3 + 2] = (1 - share) * kink->right[i];
    }
}

/* At each end the side that binds there is above the other by more than rounding. */
static bool bends(const struct cal_kink *kink, const double c[3])
{
    int32_t last = kink->n - 1;
    double first_left = c[1] * kink->left[0], first_right = c[2] * kink->right[0];
    double last_left = c[1] * kink->left[last], last_right = c[2] * kink->right[last];

    return first_left - first_right > NOTHING * kink->s[0] &&
           last_right - last_left > NOTHING * kink->s[last];
}

bool cal_fit_kink(const struct cal_kink *kink, struct cal_kink_fit *fit)
{
    double *rows = sp_xcalloc((size_t)kink->n * 3, sizeof *rows);
    struct cal_kink_fit best = {.sum = INFINITY}, next;

    for (int32_t j = BESIDE - 1; j <= kink->n - BESIDE; j++) {
        if (j >= BESIDE && fit_between(kink, j, rows, best.sum, &next) &&
            next.sum < best.sum)
            best = next;
        if (fit_on(kink, j, rows, best.sum, &next) && next.sum < best.sum)
            best = next;
    }
    free(rows);
    if (best.at_left < BESIDE ||
        best.at_left + (best.on_point ? 1 : 0) > kink->n - BESIDE ||
        !bends(kink, best.c))
        return false;
    *fit = best;
    return true;
}
