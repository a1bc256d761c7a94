/* What campaigns see of the machine, as a struct of functions: a clock, the thread's
 * counters, the canaries, and several cores at once.  gate.h and cores.h have the real
 * one; tests script theirs, so that hours of a bad neighbour pass in no time.
 */
#ifndef CALIBRATE_WORLD_H
#define CALIBRATE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/canary.h"

/* Counters of the calling thread. */
struct cal_mark {
    int64_t wait_ns;  /* it was ready and waited for a CPU */
    int64_t switches; /* it was pushed off one */
    int64_t cpu_ns;   /* it ran */
};

struct cal_together; /* calibrate/block.h */

struct cal_world {
    void *self;
    int64_t (*now_ns)(void *self);
    struct cal_mark (*mark)(void *self); /* counters that are not known stay 0 */
    struct cal_speed (*canary)(void *self);
    void (*pause)(void *self, double s);
    /* Runs the job's blocks at the same time, one on each of its cores. */
    void (*together)(void *self, struct cal_together *job);
};

#endif
