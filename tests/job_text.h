/* Jobs as lines of text, for tests that compare them with what was written by hand. */
#ifndef TESTS_JOB_TEXT_H
#define TESTS_JOB_TEXT_H

#include <stddef.h>

#include "model/job.h"
#include "traces/jobs.h"

/* A line a job, for what is not the default:
 *
 *   NAME @ARRIVAL_S DURATION_S [xMEMBERS] gpu=MGPU [cpu=MCPU] [mem=BYTES] [team=NAME]
 *   [est=S] [due=S] [prio=N] [pre=0|1] [on=MODEL|MODEL] [ckpt=S]
 *
 * and closes the stream; its last status. */
enum sp_status job_text_of(struct model_job_stream *stream, char *text, size_t size,
                           struct sp_err *err);

/* The same of a file that holds `file`, as a request asks whose path is left out; the
 * message of a failure begins after the path. */
enum sp_status job_text_of_file(const char *file, struct trace_job_request request,
                                char *text, size_t size, struct trace_job_facts *facts,
                                struct sp_err *err);

#endif
