/* What a sweep is, from a scenario file and options; the same on every rank. */
#ifndef CLI_SWEEP_SETUP_H
#define CLI_SWEEP_SETUP_H

#include "cli/cli.h"
#include "cli/run_traces.h"
#include "model/sweep.h"
#include "study/sweep.h"
#include "study/workers.h"

struct cli_sweep {
    const char *db;
    struct study_ranks ranks;
    int32_t threads;             /* of this rank */
    struct model_scenario *base; /* as it stands, with the user's overrides */
    const bool *chosen;          /* of its policies */
    struct cli_traces traces;
    struct model_sweep sweep;
    struct study_sweep study;
    struct model_trace_opener trace_opener; /* of the study */
    struct model_job_opener job_opener;
};

/* Fills *job, which must not move afterwards, in `arena`; its ranks and, for where the
 * user says nothing, its threads are the caller's.
 *   SP_EINPUT  an option is wrong, or the scenario, or the first values of an axis. */
SP_CHECKED enum sp_status cli_sweep_set_up(const struct cli_parsed *parsed,
                                           struct sp_arena *arena,
                                           struct cli_sweep *job, struct sp_err *err);

/* "point 7 (fleet.gpu-node.count=2 load=as it is)", in `arena`. */
const char *cli_sweep_point_text(const struct model_sweep *sweep, int64_t point,
                                 const char *const *texts, struct sp_arena *arena);

#endif
