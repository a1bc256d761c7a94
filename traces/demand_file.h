/* Recorded demand: how many GPUs each team used and waited for, row by row of time.
 *
 * A CSV: the first column `minute` or `second` (whole, rising), the others TEAM_gpus,
 * or TEAM_run_gpus and TEAM_pend_gpus, which are added up; TEAM_run_jobs and
 * TEAM_pend_jobs are passed over.  A row holds until the next; the last as long as the
 * one before it.
 */
#ifndef TRACES_DEMAND_FILE_H
#define TRACES_DEMAND_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "model/job.h"
#include "traces/demand.h"

struct trace_demand_file {
    int64_t rows;
    struct model_names teams;
    struct trace_demand_result *demand;
};

/* Whether a file whose text begins so is meant as such a table. */
bool trace_demand_recognise(const char *text, size_t size);

/* Reads a file; what it gives lives in `arena`.
 *   SP_EIO     it can't be read.
 *   SP_EINPUT  file:line:column, what was found, what was expected. */
SP_CHECKED enum sp_status trace_demand_read(const char *path, struct sp_arena *arena,
                                            struct trace_demand_file **file,
                                            struct sp_err *err);

#endif
