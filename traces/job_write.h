/* Jobs written as our own CSV (docs/traces.md): what the reader reads again, without
 * loss but for the time of the first arrival, which is 0. */
#ifndef TRACES_JOB_WRITE_H
#define TRACES_JOB_WRITE_H

#include <stdio.h>

#include "model/job.h"

struct trace_job_writer {
    FILE *out;    /* the caller's; whether all was written is asked with ferror() */
    unsigned has; /* bits of enum trace_job_has: what gets a column */
};

void trace_job_write_header(const struct trace_job_writer *w);

/* Names are those that the job's team and models stand for. */
void trace_job_write(const struct trace_job_writer *w, const struct model_job *job,
                     struct model_names teams, struct model_names models);

#endif
