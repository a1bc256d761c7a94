/* The jobs of a trace file, one after the other and in the order of the file: format
 * told by the header line, rows checked.  Constant memory but for names; one reader
 * belongs to one thread.
 *
 * Messages read "FILE:LINE: column C: found '...', expected ...". */
#ifndef TRACES_JOB_READER_H
#define TRACES_JOB_READER_H

#include <stdbool.h>

#include "base/status.h"
#include "model/job.h"
#include "traces/jobs.h"

struct trace_job_reader;

/* Opens a trace; `format` is a format's name, or "auto" or NULL.
 *   SP_EIO     it can't be opened or read.
 *   SP_EINPUT  no such format; no header line, or a wrong one; damaged data. */
SP_CHECKED enum sp_status trace_job_reader_open(const char *path, const char *format,
                                                struct trace_job_reader **reader,
                                                struct sp_err *err);
void trace_job_reader_close(struct trace_job_reader *reader); /* NULL is fine */

/* Whether the first lines of a file look like a trace of jobs.
 *   SP_EIO     it can't be opened or read.
 *   SP_EINPUT  damaged data. */
SP_CHECKED enum sp_status trace_job_reader_sniff(const char *path, bool *are_jobs,
                                                 struct sp_err *err);

/* The next job, its arrival on the clock of the file (0 or more) and in the order of
 * the file; its name is good until the next call.  False at the end, with *status
 * SP_OK, and on a failure, which ends it. */
bool trace_job_reader_next(struct trace_job_reader *reader, struct model_job *job,
                           enum sp_status *status, struct sp_err *err);

/* So far; complete at the end.  Names are good until the next job. */
struct trace_job_facts trace_job_reader_facts(const struct trace_job_reader *reader);
struct model_names trace_job_reader_teams(const struct trace_job_reader *reader);
struct model_names trace_job_reader_models(const struct trace_job_reader *reader);

#endif
