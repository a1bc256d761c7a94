/* Sobol' indices: which share of a figure's variance comes from which input.
 *
 * From Saltelli's design of n base rows: y_a and y_b are the figure at the rows of two
 * independent samples A and B, y_ab[i] at A with column i taken from B.
 *
 *   first order  S_i = mean(y_b (y_ab[i] - y_a)) / V     (Saltelli et al., 2010)
 *   total        T_i = mean((y_a - y_ab[i])^2) / (2 V)   (Jansen, 1999)
 *
 * with V the variance of y_a and y_b together, of which the mean is taken off first.
 * Intervals by bootstrap over rows.  Rows with a NaN are left out.
 */
#ifndef MODEL_INDICES_H
#define MODEL_INDICES_H

#include <stdint.h>

#include "base/arena.h"
#include "model/result.h"

struct model_index {
    struct model_stat first, total; /* half95: of the bootstrap's 2.5 to 97.5 % */
};

struct model_indices {
    int64_t n;             /* rows that counted */
    double mean, variance; /* 0 up to rounding: 1e-12 of the mean, squared */
    int32_t n_inputs;
    struct model_index *inputs; /* NaN where nothing varies */
};

/* y_ab[i * n + row].  Deterministic: the bootstrap's draws come from `seed`.
 * O(1000 n inputs). */
void model_indices_of(int64_t n, int32_t n_inputs, const double *y_a, const double *y_b,
                      const double *y_ab, uint64_t seed, struct sp_arena *arena,
                      struct model_indices *out);

#endif
