/* How much of the machine others used, and how long our threads waited for a CPU. */
#ifndef CALIBRATE_FOREIGN_H
#define CALIBRATE_FOREIGN_H

#include <stdint.h>

struct cal_foreign {
    double busy_s;  /* of all CPUs together, since boot; NaN: not known */
    double own_s;   /* of this process */
    int64_t now_ns; /* monotonic */
};

struct cal_foreign cal_foreign_now(void);

/* CPUs used by others between the two, mean; at least 0; NaN: not known. */
double cal_foreign_cores(const struct cal_foreign *then, const struct cal_foreign *now);

/* Time that the calling thread has spent able to run and not running; 0: not known. */
int64_t cal_foreign_waited_ns(void);

/* Busy ticks of the line "cpu ..." of /proc/stat: all but idle and iowait; -1: it is no
 * such line. */
int64_t cal_foreign_busy_ticks(const char *line);

int64_t cal_now_ns(void); /* monotonic */

#endif
