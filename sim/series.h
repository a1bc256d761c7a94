/* Utilization over time: cumulative integrals at bucket boundaries.
 *
 * The number of buckets is bounded: when they are used up the width steps to the next
 * of a ladder of round widths (1 ms ... 100 days) and boundaries that no longer fit are
 * forgotten, which loses nothing, since what is kept is cumulative and exact.
 */
#ifndef SIM_SERIES_H
#define SIM_SERIES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"

enum { SIM_SERIES_BUCKETS = 1000, SIM_SERIES_CHANNELS = 13 };

struct sim_series {
    int64_t width_ns, next_ns; /* the next boundary */
    int32_t n, step; /* boundaries kept, the one at 0 not counted; ladder step */
    sp_i128 *at;     /* [boundary * SIM_SERIES_CHANNELS + channel] */
};

void sim_series_init(struct sim_series *s, struct sp_arena *arena);

/* Records the channels' integrals at boundary s->next_ns and moves on. */
void sim_series_record(struct sim_series *s,
                       const sp_i128 channels[SIM_SERIES_CHANNELS]);

/* Mean of channel `c` in bucket `i` (0 based; i < s->n), per ns. */
double sim_series_mean(const struct sim_series *s, int32_t i, int32_t c);

#endif
