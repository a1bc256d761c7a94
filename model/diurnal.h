/* A rate that swings around its mean once a period: arrivals by the hour of the day. */
#ifndef MODEL_DIURNAL_H
#define MODEL_DIURNAL_H

#include <math.h>

#define MODEL_PI 3.14159265358979323846

struct model_diurnal {
    double amplitude; /* 0 .. 1: of the mean rate */
    double period_s;  /* > 0 */
    double peak_s;    /* a time at which the rate is highest */
};

/* The rate at a time over the mean rate: 1 + amplitude cos(2 pi (t - peak) / period).
 */
static inline double model_diurnal_factor(const struct model_diurnal *d, double time_s)
{
    return 1 + d->amplitude * cos(2 * MODEL_PI * (time_s - d->peak_s) / d->period_s);
}

#endif
