/* What jobs of a trace ask for, and how many ask for the same: known before a run, for
 * placements that look ahead (sim/mix.h).
 */
#ifndef TRACES_JOB_SHAPES_H
#define TRACES_JOB_SHAPES_H

#include "base/arena.h"
#include "model/job.h"

enum { TRACE_JOB_SHAPES_MAX = 4096 };

struct trace_job_shapes;

/* Memory of its own, until it is freed. */
struct trace_job_shapes *trace_job_shapes_new(void);
void trace_job_shapes_free(struct trace_job_shapes *s);

void trace_job_shapes_add(struct trace_job_shapes *s, const struct model_job *job);

/* The most frequent shapes, at most TRACE_JOB_SHAPES_MAX, ties by first appearance, in
 * `arena`; returns their number.  Jobs that differ only in memory are of one shape,
 * with the most that one of them asks for. */
int32_t trace_job_shapes_list(const struct trace_job_shapes *s, struct sp_arena *arena,
                              struct model_job_shape **shapes);

#endif
