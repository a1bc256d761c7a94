/* A run: (scenario, policy, seed) -> result, for every policy and replication.
 *
 * Nothing outside the arguments changes the answer: no file, clock, environment or
 * global. Replication k of every policy meets the same arrivals and the same service
 * draws (streams are named by workload and stage, draws by item), so policies are
 * compared as pairs.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "model/arrivals.h"
#include "model/items.h"
#include "model/job.h"
#include "model/result.h"
#include "model/scenario.h"

struct sim_progress {
    const char *policy;
    int32_t replication, n_replications;
    int64_t time_ns, items_done; /* of the run under way that is told first */
    uint64_t events;
    int32_t runs_done, runs; /* of this round: replications of all policies */
};

struct sim_options {
    uint64_t seed;
    int32_t replications; /* >= 1 */
    bool batches; /* where there is one replication and a window: intervals within it,
                   * by batches (sim/batches.h) */
    /* Not 0: so many, 10 at least, are the first round; more follow until figures are
     * known to within this share (sim/precision.h) or there are replications_most. */
    double precision_frac;
    int32_t replications_most;
    int32_t threads; /* runs under way at a time; 0, 1: none but the caller's */
    const bool
        *policies; /* which to run, or NULL: all; the baseline is added by the caller */
    const struct model_trace_opener *traces; /* needed where a source is a trace */
    const struct model_job_opener *jobs;     /* needed where jobs come from a trace */
    const char *explain;  /* name of a job whose story is told, or NULL */
    uint64_t event_limit; /* events of one run; 0: not limited */
    const struct model_item_sink *items; /* rows of first replications, or NULL */
    bool digest;                         /* hash the event log */
    int64_t span_limit; /* iterations that a replica works out at a time, at most; 0: no
                         * limit.  For tests and benches: changes no figure */
    /* Slices kept of first replications' timelines, at most; 0: leases alone. */
    int32_t timeline_slices;
    /* For sim_run_one(): no series and no samples over time, whose buckets cost more
     * than a small run. */
    bool figures_only;
    bool verify; /* recompute every row the slow way after every event: for tests */
    /* Called now and then (each 2^16 events, after each run), in the caller's thread;
     * true stops the run, which then has partial results.  May be NULL. */
    bool (*progress)(void *self, const struct sim_progress *now);
    void *progress_self;
    const char *version;
};

/* Runs every policy.  *result lives in `arena`.
 *   SP_EINPUT   a trace row is broken, a table does not cover what is asked of it, a
 * node that is needed has no price. A deadlock, the horizon or an interrupt is a
 * result. */
SP_CHECKED enum sp_status sim_run(const struct model_scenario *scenario,
                                  const struct sim_options *options,
                                  struct sp_arena *arena, struct model_result **result,
                                  struct sp_err *err);

#endif
