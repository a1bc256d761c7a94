/* Devices are measured in a process of its own: a driver that crashes, hangs or prints
 * nonsense becomes a note, and the CPU's profile is still written.
 *
 * The worker is the program `stageplan-worker`: beside the running program, else in the
 * folder of installed helpers, else what STAGEPLAN_WORKER names.  It is called with a
 * backend's name and options, and prints one JSON object a line: "state", "device",
 * "point", "note", "done".  Lines are believed only as far as they make sense.
 */
#ifndef CALIBRATE_WORKER_H
#define CALIBRATE_WORKER_H

#include "calibrate/measured.h"

struct cal_worker_options {
    const char *const *backends; /* NULL-ended: "cuda", "opencl" */
    bool quick;
    uint64_t seed;
    int32_t campaigns;
    double silence_s; /* without a line for so long it is hung, and killed */
    double limit_s;   /* for all of a backend */
    bool (*progress)(void *self, const char *doing, double done_frac);
    void *progress_self;
};

/* Adds devices, measured kernels and notes to *c; whatever the worker does, it returns
 * (SP_ELIMIT where progress() said to stop). */
SP_CHECKED enum sp_status cal_worker_measure(const struct cal_worker_options *options,
                                             struct sp_arena *arena,
                                             struct cal_campaigns *c,
                                             struct sp_err *err);

#endif
