/* Integrals are 128 bits wide: thousandths of a GPU times nanoseconds pass 64 bits
 * after 107 GPU-days.  Sums stay exact and do not depend on their order. */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include <math.h>
#include <stdint.h>

__extension__ typedef __int128 sp_i128;
__extension__ typedef unsigned __int128 sp_u128;

/* The nearest double: for hours on paper, never for sums. */
static inline double sp_double_from_i128(sp_i128 v)
{
    return (double)v;
}

/* a / b; NaN where b is 0. */
static inline double sp_i128_ratio(sp_i128 a, sp_i128 b)
{
    return b == 0 ? NAN : sp_double_from_i128(a) / sp_double_from_i128(b);
}

/* a * b without overflow for any two 64-bit numbers. */
static inline sp_i128 sp_i128_mul(int64_t a, int64_t b)
{
    return (sp_i128)a * b;
}

#endif
