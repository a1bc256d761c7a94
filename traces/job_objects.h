/* The objects of a JSON array, one after the other, in constant memory: the text of
 * each as it stands in the file, which may be one line or many. */
#ifndef TRACES_JOB_OBJECTS_H
#define TRACES_JOB_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/input.h"
#include "base/status.h"

struct trace_job_objects;

/* Of `input`, whose first lines [text, end) have been read. */
struct trace_job_objects *trace_job_objects_new(struct sp_input *input,
                                                const char *text, const char *end);
void trace_job_objects_free(struct trace_job_objects *objects); /* NULL is fine */

/* The next object, from its '{' to its '}', and the line that it begins in; good until
 * the next call.  False at the end of the array, with *status SP_OK, and on a failure:
 *   SP_EINPUT  something else than an object, no end, damaged data, an object of more
 *              than 1 MiB, text behind the array. */
bool trace_job_objects_next(struct trace_job_objects *objects, const char **text,
                            size_t *size, int64_t *line, enum sp_status *status,
                            struct sp_err *err);

#endif
