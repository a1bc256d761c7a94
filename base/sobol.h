/* Sobol's low-discrepancy sequence, by GSL (gsl_qrng_sobol: the numbers of Antonov and
 * Saleev, 1 to 40 dimensions), any point of it at once: states are kept at even
 * distances, and a point is reached from the one before it. */
#ifndef BASE_SOBOL_H
#define BASE_SOBOL_H

#include <stdint.h>

#include "base/arena.h"

enum { SP_SOBOL_DIMENSIONS_MAX = 40 };

struct sp_sobol;

/* The first n points (the first is 0.5 in every dimension), in `arena`.  O(n). */
struct sp_sobol *sp_sobol_new(struct sp_arena *arena, int32_t dimensions, int64_t n);

/* Point i, 0 <= i < n, into u[dimensions], each in (0, 1).  Any thread; O(128). */
void sp_sobol_at(const struct sp_sobol *sobol, int64_t i, double *u);

#endif
