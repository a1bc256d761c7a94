/* A sweep in a database, point by point.
 *
 * Points go in by their number, in transactions of as many as the caller likes, so what
 * is there after any end of the process is points 0 to k - 1, whole.  Between two
 * transactions others may write to the file.
 */
#ifndef REPORT_DATABASE_SWEEP_H
#define REPORT_DATABASE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "model/result.h"
#include "model/sweep.h"

/* How far a sweep is. */
struct report_sweep_at {
    int64_t sweep;  /* its number in the database; 0: there is none */
    int64_t points; /* how many of its points are there */
};

/* The last sweep of this fingerprint; sweep 0 where there is none, or no database.
 *   SP_EINPUT, SP_EIO  as report_database_runs(). */
SP_CHECKED enum sp_status report_sweep_find(const char *path, uint64_t fingerprint,
                                            struct report_sweep_at *at,
                                            struct sp_err *err);

struct report_sweep_writer;

/* Opens or makes the database and begins a sweep there: with `base` (or NULL), the run
 * of the scenario as it stands, in one transaction.  Unless `anew`, one of this
 * fingerprint that is there is gone on with instead: *at says which and from where.
 *   SP_EINPUT, SP_EIO  as report_database_open(). */
SP_CHECKED enum sp_status
report_sweep_begin(const char *path, const struct model_sweep *sweep,
                   const struct model_result *base, const char *created_at, bool anew,
                   struct report_sweep_writer **writer, struct report_sweep_at *at,
                   struct sp_err *err);

/* A point's rows: `n_runs` runs (0: none), `n_workloads` rows of each. */
struct report_sweep_point {
    int64_t point;
    int32_t n_axes, n_runs, n_workloads;
    const double *numbers;
    const char *const *texts;
    const struct model_sweep_run *runs;
    const struct model_sweep_workload *workloads;
    const char *reason; /* why it is infeasible, or NULL */
};

/* Begins a transaction for the next points.
 *   SP_EIO  the lock can't be had; or another process has added points to this sweep
 *           meanwhile. */
SP_CHECKED enum sp_status report_sweep_open_points(struct report_sweep_writer *writer);

/* Adds the next point; its number is checked. */
void report_sweep_add(struct report_sweep_writer *writer,
                      const struct report_sweep_point *point);

/* Commits them. */
SP_CHECKED enum sp_status report_sweep_close_points(struct report_sweep_writer *writer);

/* Frees it.  What was not committed is not there.  `status`, or the first failure. */
SP_CHECKED enum sp_status report_sweep_end(struct report_sweep_writer *writer,
                                           enum sp_status status, struct sp_err *err);

#endif
