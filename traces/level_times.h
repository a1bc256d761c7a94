/* How long a quantity that steps stood at each of its levels: exact quantiles over
 * time.  Memory grows with the levels that differ, not with the steps.
 */
#ifndef TRACES_LEVEL_TIMES_H
#define TRACES_LEVEL_TIMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"

struct trace_level_times;

struct trace_level_times *trace_level_times_new(struct sp_arena *arena);

/* `time` more at `level`; both >= 0.  The sum of all times stays below 2^63. */
void trace_level_times_add(struct trace_level_times *t, int64_t level, int64_t time);

/* The least level at or below which it stood for at least this share of the time,
 * permille 1 .. 1000; 0 of no time. */
int64_t trace_level_times_quantile(const struct trace_level_times *t, int permille);

int64_t trace_level_times_total(const struct trace_level_times *t);
sp_i128
trace_level_times_integral(const struct trace_level_times *t); /* level x time */

#endif
