/* The system's clock. */
#include "base/clock.h"

#include <time.h>

#include "base/units.h"

int64_t sp_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SP_NS_PER_S + now.tv_nsec;
}

double sp_clock_s(void)
{
    return sp_s_from_ns(sp_clock_ns());
}
