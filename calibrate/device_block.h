/* Blocks of samples on a device, and the estimate they make in a campaign.
 *
 * A block is a look at the clock, samples, a look at the clock.  It counts where both
 * looks are within CAL_CLOCK_SLACK of the best ever seen, the driver tells of no reason
 * to be slow, nobody else computes there and enough samples were held.
 */
#ifndef CALIBRATE_DEVICE_BLOCK_H
#define CALIBRATE_DEVICE_BLOCK_H

#include "calibrate/device_rows.h"

#define CAL_CLOCK_SLACK 0.03

enum { CAL_SERIES_BLOCKS_MAX = 64, CAL_SERIES_ASIDE_MAX = 256 };

/* A row at one x. */
struct cal_device_series {
    struct cal_sampling of;
    double call_s;                /* about, of the first call */
    double spent_s;               /* in this campaign */
    const char *out;              /* why it is measured no more, or NULL */
    int32_t n_values, n_doubtful; /* of blocks that count; that only the clock or others
                                   * spoke against */
    double values[CAL_SERIES_BLOCKS_MAX], doubtful[CAL_SERIES_BLOCKS_MAX];
    int32_t by_clock, by_host, by_others;
    uint64_t throttle;  /* reasons seen */
    double worst_clock; /* share of the best, of rejected blocks */
    double best_s, sum_s;
    int64_t samples;
    int32_t n_aside;
    double aside[CAL_SERIES_ASIDE_MAX];
    int32_t n_estimates; /* of the campaigns so far */
    struct cal_estimate *estimates;
};

/* How long, how exact. */
struct cal_block_rules {
    double block_s, sample_s; /* samples of a block together; one sample, at least */
    int32_t samples_least, samples_most, blocks_most;
    double half_frac; /* wanted */
    double series_s;  /* a campaign may take */
    double call_s;    /* a longer call is not measured */
    double warm_up_s, sustain_s;
    double campaign_s; /* for all series */
};
struct cal_block_rules cal_block_rules(const struct cal_device_plan *plan);

/* Forgets the blocks of the last campaign. */
void cal_device_series_begin(struct cal_device_series *s);

/* First call of all: warms up, sets call_s and the calls of a sample. */
SP_CHECKED enum sp_status cal_device_series_try(struct cal_rig *rig,
                                                const struct cal_block_rules *rules,
                                                struct cal_device_series *s,
                                                struct sp_err *err);

/* One block more. */
SP_CHECKED enum sp_status cal_device_series_block(struct cal_rig *rig,
                                                  const struct cal_block_rules *rules,
                                                  struct cal_device_series *s,
                                                  struct sp_err *err);

/* Known well enough, or its time is up. */
bool cal_device_series_is_done(const struct cal_device_series *s,
                               const struct cal_block_rules *rules);

/* Adds the campaign's estimate, unless there is not a single block.  Where no block
 * counts, those that only the clock or others spoke against make it: not converged,
 * with the reason. */
void cal_device_series_end(struct cal_device_series *s,
                           const struct cal_block_rules *rules, struct sp_arena *arena);

/* Median of what the row derives aside; NaN: nothing. */
double cal_device_series_aside(struct cal_device_series *s);

/* Instead of blocks: calls without a pause for so long.  The estimate is of the last of
 * them, at whatever clock the device then has (*clock: as a share of its best); aside
 * is the first ones' time by the last ones'. */
SP_CHECKED enum sp_status cal_device_series_sustain(struct cal_rig *rig,
                                                    double sustain_s,
                                                    struct cal_device_series *s,
                                                    double *clock, struct sp_err *err);

/* Keeps a device busy until its clock is up. */
SP_CHECKED enum sp_status cal_rig_warm_up(struct cal_rig *rig, double s,
                                          struct sp_err *err);

#endif
