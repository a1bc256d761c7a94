/* Job traces: struct model_job_stream over a file, whatever its format.
 *
 * Formats are descriptors in one array (traces/job_format.h); told apart by the header
 * or the first row.  Rows of a file that is not in order of arrival are sorted first
 * (then memory grows with the file, and the check says so); else memory is constant,
 * but for names.  Teams and GPU models get their ids in the order of first appearance.
 */
#ifndef TRACES_JOBS_H
#define TRACES_JOBS_H

#include <stdint.h>

#include "base/status.h"
#include "model/job.h"

struct trace_job_request {
    const char *path;
    const char *format;      /* "auto" or NULL: by the header */
    double scale;            /* arrival times are divided by it; 1 */
    int64_t jobs;            /* at most; -1 not limited */
    int64_t from_ns, for_ns; /* only arrivals from .. from + for, of which from becomes
                              * 0; 0 and -1: all */
};

/* Opens a pass; nothing of *request is kept.  Close with stream->close().
 *   SP_EIO     the file can't be opened or read.
 *   SP_EINPUT  wrong format or header, no rows, damaged data. */
SP_CHECKED enum sp_status trace_jobs_open(const struct trace_job_request *request,
                                          struct model_job_stream *stream,
                                          struct sp_err *err);

/* Teams and models met so far in a stream that trace_jobs_open() made. */
struct model_names trace_jobs_teams(const struct model_job_stream *stream);
struct model_names trace_jobs_models(const struct model_job_stream *stream);

/* An opener for runs, as trace_opener(): the plan's source and model_jobs say what is
 * shuffled, drawn again or limited (with a seed that `seed` and the replication give:
 * the same for every policy). */
struct model_job_opener trace_job_opener(char *folder);

/* One pass over the trace of a plan's source; names live in `arena`. */
SP_CHECKED enum sp_status trace_jobs_summary(const char *folder,
                                             const struct model_plan *plan,
                                             struct sp_arena *arena,
                                             struct model_job_summary *summary,
                                             struct sp_err *err);

#endif
