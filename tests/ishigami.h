/* The function of Ishigami and Homma (1990), a = 7, b = 0.1, of three inputs uniform on
 * -pi..pi, and its Sobol' indices from the variances in closed form:
 *
 *   V1 = (1 + b pi^4 / 5)^2 / 2,  V2 = a^2 / 8,  V3 = 0,  V13 = 8 b^2 pi^8 / 225. */
#ifndef TESTS_ISHIGAMI_H
#define TESTS_ISHIGAMI_H

#include <math.h>

enum { ISHIGAMI_INPUTS = 3 };
#define ISHIGAMI_PI 3.14159265358979323846

#define ISHIGAMI_FIRST                                                                 \
    {                                                                                  \
        0.3139, 0.4424, 0                                                              \
    }
#define ISHIGAMI_TOTAL                                                                 \
    {                                                                                  \
        0.5576, 0.4424, 0.2437                                                         \
    }

static inline double ishigami(const double x[ISHIGAMI_INPUTS])
{
    double s = sin(x[1]);

    return sin(x[0]) + 7 * s * s + 0.1 * x[2] * x[2] * x[2] * x[2] * sin(x[0]);
}

#endif
