/* Devices are measured in a process of its own: a driver that crashes, hangs or prints
 * nonsense becomes a note, and the CPU's profile is still written.
 *
 * The worker is the program that STAGEPLAN_WORKER names, else `stageplan-worker` beside
 * the running program, else the one in the folder of installed helpers.  It is called
 * with a backend's name and options, and prints one JSON object a line
 * (docs/calibration.md, "The worker"): "hello", "state", "device", "kernel", "note",
 * "doing", "done".  Lines are believed only as far as they make sense; a kernel is one
 * line, so it is whole or not there; a later line about the same kernel of the same
 * device takes the place of the earlier.
 */
#ifndef CALIBRATE_WORKER_H
#define CALIBRATE_WORKER_H

#include "calibrate/measured.h"

struct cal_worker_options {
    const char *const *backends; /* NULL-ended: "cuda", "opencl" */
    bool quick;
    uint64_t seed;
    int32_t campaigns;
    double silence_s; /* without a line for so long it is hung, and killed; 0: 60 */
    double limit_s;   /* for all of a backend; 0: 60 quick, 600 a campaign else */
    double plan_s;    /* of that for measuring, once its kernels are built and checked;
                       * 0: seven tenths of the limit */
    bool (*progress)(void *self, const char *doing, double done_frac);
    void *progress_self;
};

/* Adds devices, measured kernels and notes to *c (their lists are copied to grow, so
 * what was in them stays good); whatever the worker does, it returns SP_OK, but
 * SP_ELIMIT where progress() returned true: stop. */
SP_CHECKED enum sp_status cal_worker_measure(const struct cal_worker_options *options,
                                             struct sp_arena *arena,
                                             struct cal_campaigns *c,
                                             struct sp_err *err);

#endif
