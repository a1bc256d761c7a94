/* Jobs of a trace held in memory, in order of arrival: for files that are not, and for
 * what is drawn in another order.  About 150 bytes a job. */
#ifndef TRACES_JOB_TABLE_H
#define TRACES_JOB_TABLE_H

#include <stdint.h>

#include "base/arena.h"
#include "model/job.h"

struct trace_job_table {
    struct sp_arena *arena; /* of the names */
    struct model_job *jobs;
    int64_t n, room;
};

/* Adds a copy, its name included.  Begin with an empty record. */
void trace_job_table_add(struct trace_job_table *table, const struct model_job *job);

/* By arrival; equal ones keep the order in which they were added. */
void trace_job_table_sort(struct trace_job_table *table);

void trace_job_table_fini(struct trace_job_table *table);

#endif
