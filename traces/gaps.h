/* Gaps between the times of events that follow each other: what their sums say. */
#ifndef TRACES_GAPS_H
#define TRACES_GAPS_H

#include <stdint.h>

#include "base/wide.h"

struct trace_gaps {
    double rate_per_s; /* gaps over span; NaN: no span */
    double mean_s;     /* likewise */
    double cv;         /* by the unbiased variance; NaN: fewer than two gaps */
};

/* Of `events` events over span_ns whose squared gaps add up to squares_ns2.  (The
 * square of the sum, over the number of gaps, is cut to a whole ns^2: nothing beside
 * the sum of squares.) */
struct trace_gaps trace_gaps_of(int64_t events, int64_t span_ns, sp_i128 squares_ns2);

#endif
