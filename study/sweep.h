/* A sweep as work: a point's number in, the rows of its runs out, as bytes.
 *
 * Every point reads the scenario anew with its overrides; all runs of a point have the
 * same seed, so policies (and points) meet the same chance.
 */
#ifndef STUDY_SWEEP_H
#define STUDY_SWEEP_H

#include "model/arrivals.h"
#include "model/job.h"
#include "model/scenario.h"
#include "model/sweep.h"
#include "study/design.h"
#include "study/workers.h"

struct study_sweep {
    const struct model_sweep *sweep;
    const struct study_design *design;
    const bool *policies; /* of the scenario; NULL: all */
    /* Fills summaries of traces, as before any run; NULL: there are none. */
    enum sp_status (*prepare)(void *self, struct model_scenario *sc,
                              struct sp_err *err);
    void *prepare_self;
    /* Asked now and then, in any thread: true gives the point up.  May be NULL. */
    bool (*stop)(void *self);
    void *stop_self;
    const struct model_trace_opener *traces;
    const struct model_job_opener *jobs;
};

/* The scenario at values of the axes (NULL: as it is), in `arena`: the user's overrides
 * first, then these. */
SP_CHECKED enum sp_status study_sweep_scenario(const struct study_sweep *study,
                                               const char *const *texts,
                                               struct sp_arena *arena,
                                               struct model_scenario **scenario,
                                               struct sp_err *err);

/* The rows of one point, in memory. */
struct study_point {
    int64_t point;
    enum sp_status status; /* SP_OK; SP_EINPUT, SP_EIO end the sweep, `text` says why */
    const char *text; /* why not, also of the policies that are infeasible; or NULL */
    bool given_up;    /* there are no runs */
    int32_t n_axes, n_runs, n_workloads; /* runs: policies x replications, in order */
    const double *numbers;               /* coordinates */
    const char **texts;                  /* NULL entries: as it is */
    const struct model_sweep_run *runs;
    const struct model_sweep_workload *workloads; /* n_workloads of each run */
};

/* The function of a struct study_work; `self` is a struct study_sweep. */
struct study_bytes study_sweep_point(void *self, int64_t point);

/* What it gave; false where the bytes are not of a point (of another build). */
bool study_point_read(const struct study_bytes *bytes, struct sp_arena *arena,
                      struct study_point *point);

#endif
