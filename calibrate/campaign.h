/* A campaign: every series gets a block in turn, in an order shuffled anew each round,
 * until it is known well enough or has spent its time.  Then the speed of several cores
 * against one, in pairs of blocks.
 */
#ifndef CALIBRATE_CAMPAIGN_H
#define CALIBRATE_CAMPAIGN_H

#include "base/rng.h"
#include "calibrate/block.h"
#include "calibrate/measure.h"

/* One kernel at one x. */
struct cal_series {
    const struct cal_kernel *kernel;
    double x;
    struct cal_load load; /* made ready */

    /* What a campaign leaves behind. */
    struct cal_estimate estimate;
    int64_t by_cpu;  /* samples for which CPU time was taken: no block counted
                      * without them */
    double *items_s; /* room for load.items times */

    /* Of the campaign under way. */
    struct cal_samples samples, by_cpu_samples; /* of blocks without and with them */
    int32_t by_cpu_blocks;
    struct cal_summary summary;
    double spent_s, sum_s;
    int64_t taken;
    int32_t next_look; /* blocks at which to look whether it has converged */
    bool over;
};

/* `cores` at once against one, of a kernel at one x. */
struct cal_cores {
    const struct cal_kernel *kernel;
    double x;
    int32_t cores;
    struct cal_load *loads; /* `cores` of them, each with its own state */

    double speedup; /* of this campaign; NaN: no pair of blocks counted */
    double half_frac;
    int32_t pairs, rejected;
};

struct cal_campaign {
    const struct cal_world *world;
    struct cal_reference *reference;
    double half_frac, budget_s; /* as in struct cal_measure_options */
    struct sp_rng rng;
    struct cal_progress now;
    double done_s, all_s; /* time of the whole calibration: behind, and at most */
    bool (*progress)(void *self, const struct cal_progress *now);
    void *progress_self;
};

/* Measures n series; estimates of series without a block that counts have blocks == 0
 * and s NaN.  Why one did not converge is told in `arena`.
 *   SP_ELIMIT  progress() stopped it. */
SP_CHECKED enum sp_status cal_campaign_run(struct cal_campaign *c,
                                           struct cal_series *series, int32_t n,
                                           struct sp_arena *arena, struct sp_err *err);

/* Measures n core counts, one after the other. */
SP_CHECKED enum sp_status cal_campaign_cores(struct cal_campaign *c,
                                             struct cal_cores *cores, int32_t n,
                                             struct sp_err *err);

/* Core counts to measure: 1, 2, 4, ... and `most` itself; returns how many. */
int32_t cal_core_counts(int32_t most, int32_t *counts, int32_t room);

#endif
