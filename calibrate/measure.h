/* Campaigns on the CPU: kernels are measured in blocks of samples between two canaries,
 * interleaved, until each is known well enough or its budget is spent.
 * docs/calibration.md, "How it is measured", has the rules and their reasons.
 */
#ifndef CALIBRATE_MEASURE_H
#define CALIBRATE_MEASURE_H

#include "calibrate/canary.h"
#include "calibrate/kernel.h"
#include "calibrate/measured.h"

enum { CAL_CAMPAIGNS_MAX = 100 };

struct cal_progress {
    const char *doing; /* "campaign 2 of 3" */
    const char *kernel;
    double done_frac; /* of the time it may take */
    int32_t converged, series;
    int32_t rejected; /* blocks so far */
};

struct cal_measure_options {
    const struct cal_kernel *const *kernels; /* NULL-ended */
    bool quick;
    int32_t campaigns; /* 1..CAL_CAMPAIGNS_MAX */
    double pause_s;    /* between campaigns */
    double half_frac;  /* wanted: 0.01 */
    double budget_s;   /* of one series (kernel at one x) in one campaign */
    double total_s; /* > 0: of everything but the pauses, at most; shared out evenly */
    int32_t cores_most; /* for scaling; 0: all that we may use */
    uint64_t seed;
    struct cal_speed reference; /* of an earlier calibration; 0: none */
    /* Called several times a second; true stops.  May be NULL. */
    bool (*progress)(void *self, const struct cal_progress *now);
    void *progress_self;
};

/* Options of --quick and of a full calibration. */
struct cal_measure_options cal_measure_defaults(bool quick);

/* The canaries' best of a profile made on a machine with the same CPU by the same
 * canaries; 0 where it is of another, or has none. */
struct cal_speed cal_measure_reference(const struct model_profile *earlier);

/* The facts of the machine alone, into c, for a calibration that leaves out its CPU. */
void cal_measure_machine(struct sp_arena *arena, struct cal_campaigns *c);

/* Measures; fills c: its campaigns and seed, facts, c->devices[0] (the CPU), what was
 * measured, notes.  What could not be measured has `skipped` and is
 * no failure.
 *   SP_EIO    a kernel's result is wrong, or the clock does not work.
 *   SP_ELIMIT progress() stopped it. */
SP_CHECKED enum sp_status cal_measure_cpu(const struct cal_measure_options *options,
                                          struct sp_arena *arena,
                                          struct cal_campaigns *c, struct sp_err *err);

#endif
