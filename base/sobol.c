/* The wrapper around GSL's quasi-random numbers. */
#include "base/sobol.h"

#include <gsl/gsl_qrng.h>
#include <string.h>

#include "base/status.h"

enum { EVERY = 256 };

struct sp_sobol {
    int32_t dimensions;
    int64_t n;
    size_t state_size;
    char *states; /* [i]: before point i x EVERY */
};

struct sp_sobol *sp_sobol_new(struct sp_arena *arena, int32_t dimensions, int64_t n)
{
    struct sp_sobol *s = sp_arena_alloc(arena, sizeof *s);
    double u[SP_SOBOL_DIMENSIONS_MAX];
    gsl_qrng *q;

    sp_assert(dimensions >= 1 && dimensions <= SP_SOBOL_DIMENSIONS_MAX && n >= 1);
    q = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    sp_assert(q != NULL);
    *s = (struct sp_sobol){
        .dimensions = dimensions, .n = n, .state_size = gsl_qrng_size(q)};
    s->states = sp_arena_array(arena, (size_t)(n + EVERY - 1) / EVERY, s->state_size);
    for (int64_t i = 0; i < n; i++) {
        if (i % EVERY == 0)
            memcpy(s->states + (size_t)(i / EVERY) * s->state_size, gsl_qrng_state(q),
                   s->state_size);
        gsl_qrng_get(q, u);
    }
    gsl_qrng_free(q);
    return s;
}

void sp_sobol_at(const struct sp_sobol *s, int64_t i, double *u)
{
    gsl_qrng *q = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)s->dimensions);

    sp_assert(i >= 0 && i < s->n && q != NULL);
    memcpy(gsl_qrng_state(q), s->states + (size_t)(i / EVERY) * s->state_size,
           s->state_size);
    for (int64_t k = i - i % EVERY; k <= i; k++)
        gsl_qrng_get(q, u);
    gsl_qrng_free(q);
}
