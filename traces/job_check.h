/* The check of a job trace that comes before a simulation: what in it would mislead
 * whoever looks at the result.  Nothing here is an error; a broken row is one, and the
 * reader refuses it.
 *
 * Each text begins with the file, and with "file:line" where one line shows it.
 */
#ifndef TRACES_JOB_CHECK_H
#define TRACES_JOB_CHECK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "traces/job_info.h"

struct trace_warnings {
    int32_t n, room;
    const char **text;
};

/* What is odd about a trace that was studied: times that do not reproduce the load,
 * load against the capacity of the study's fleet, jobs that can never run there, gaps,
 * rows out of order, durations of zero, what the file does not say. */
struct trace_warnings trace_job_check(const struct trace_job_study *study,
                                      const struct trace_job_info *info,
                                      struct sp_arena *arena);

/* One pass over a file and its check, for whoever wants no more. */
SP_CHECKED enum sp_status
trace_job_check_file(const struct trace_job_request *request, int32_t n_kinds,
                     const struct model_listed_kind *kinds, struct sp_arena *arena,
                     struct trace_warnings *warnings, struct sp_err *err);

#endif
