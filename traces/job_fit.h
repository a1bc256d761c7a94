/* Whether a job could ever run on a fleet that had nothing else to do: by CPU, GPU,
 * memory and GPU model.
 */
#ifndef TRACES_JOB_FIT_H
#define TRACES_JOB_FIT_H

#include <stdint.h>

#include "base/arena.h"
#include "model/job.h"
#include "model/node_list.h"

enum trace_job_fits {
    TRACE_JOB_FITS,
    TRACE_JOB_MEMBER_TOO_LARGE, /* no node that it may use holds a member */
    TRACE_JOB_GANG_TOO_LARGE, /* not all members at once; or more GPUs than there are */
};

struct trace_job_fit;

/* `kinds` must live as long as it does. */
struct trace_job_fit *trace_job_fit_new(int32_t n_kinds,
                                        const struct model_listed_kind *kinds,
                                        struct sp_arena *arena);

/* What the trace does not say of a job is taken for 0; of a total only the GPUs are
 * looked at, as its members are still to be made.  About O(kinds). */
enum trace_job_fits trace_job_fit_of(struct trace_job_fit *fit,
                                     const struct model_job *job,
                                     struct model_names models);

#endif
