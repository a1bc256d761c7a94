/* Gaps between tokens, in bulk: the times of a span of iterations enter a histogram at
 * once, exactly as if each had been added by itself.
 */
#ifndef SIM_GAPS_H
#define SIM_GAPS_H

#include <stdint.h>

#include "sim/histogram.h"

/* Adds (first + i * step) >> MODEL_TICK_BITS nanoseconds, `times` times each, for i = 0
 * .. count - 1; first and the last of them are >= 0.  O(buckets met + log(count)). */
void sim_gaps_add_line(struct sim_histogram *h, int64_t first, int64_t step,
                       int64_t count, int64_t times);

/* Sum of floor((first + i * step) / 2^bits), i = 0 .. count - 1; terms >= 0. */
sp_i128 sim_gaps_floor_sum(int64_t first, int64_t step, int64_t count, int bits);

#endif
