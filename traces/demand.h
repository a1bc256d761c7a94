/* What teams want at a time, and what they want together: how many GPUs would be busy
 * if nobody ever waited.
 *
 * Static clusters need the sum of the teams' peaks, one pool the peak of their sum; the
 * same holds for any quantile.  Figures are over time from 0 to the end, exact;
 * quantiles are of trace_level_times.  Amounts are thousandths of GPUs (of CPUs where
 * that is what is counted).
 */
#ifndef TRACES_DEMAND_H
#define TRACES_DEMAND_H

#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"

enum { TRACE_DEMAND_SERIES_MAX = 64 };

struct trace_demand_figures {
    double mean_mgpu; /* NaN: no time */
    int64_t p50_mgpu, p95_mgpu, p99_mgpu, peak_mgpu;
    int64_t peak_at_ns; /* when the peak is first reached */
    sp_i128 mgpu_ns;    /* its integral */
};

struct trace_demand_result {
    int64_t length_ns;
    struct trace_demand_figures all; /* of the sum of the teams */
    /* Sums over the teams of their own figures. */
    int64_t sum_p95_mgpu, sum_p99_mgpu, sum_peak_mgpu;
    int32_t n_teams;
    struct trace_demand_figures *teams;
    int32_t n_series;
    int64_t series_ns;                           /* width of a bucket */
    double series_mgpu[TRACE_DEMAND_SERIES_MAX]; /* mean demand in each */
};

struct trace_demand;

/* Levels begin at 0 at time 0.  It and its result live in the arena. */
struct trace_demand *trace_demand_new(struct sp_arena *arena);

/* From `at_ns`, which never falls, the team (from 0) wants so much more; its level
 * never falls below 0, and past 10^15 it saturates. */
void trace_demand_change(struct trace_demand *d, int32_t team, int64_t at_ns,
                         int64_t mgpu);

/* The same until `end_ns`; ends it. */
struct trace_demand_result *trace_demand_end(struct trace_demand *d, int64_t end_ns);

#endif
