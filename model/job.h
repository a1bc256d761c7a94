/* Jobs of a cluster trace, and how the simulation pulls them: through a struct of
 * functions, so that a file, a generator and a literal array in a test look the same.
 * Constant memory.
 *
 * A job is rigid: all of its members start and end together.  Amounts are of one
 * member; what a trace gives as a total over nodes that it does not name comes with
 * members 0, and is split when the job is asked for (model/jobs.h, gpus_per_member).
 */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/scenario.h"

enum {
    MODEL_JOB_TEAMS_MAX = 1000, /* teams of one workload */
    MODEL_JOB_MODELS_MAX = 63,  /* GPU models that jobs of one trace name */
    MODEL_JOB_MEMBERS_MAX = 100000,
};

#define MODEL_NEVER           INT64_MAX /* a duration: the job never ends */
#define MODEL_PRIORITY_UNSAID INT32_MIN /* the trace gives a job none */

struct model_job {
    int64_t number;      /* of the job in its stream, from 0 */
    int64_t line;        /* of its file; 0: there is none */
    const char *name;    /* as the trace calls it; good until the next call */
    int64_t arrival_ns;  /* since the start of the trace, never falling */
    int64_t duration_ns; /* of running, on the reference GPU; MODEL_NEVER; >= 0 */
    int64_t estimate_ns; /* that its user gave; -1: none */
    int64_t deadline_ns; /* after its arrival; -1: none */
    int32_t members;     /* >= 1; 0: `needs` is a total, to be split */
    /* Of one member.  mgpu below 1000 is a share of one device, from 1000 whole ones.
     * -1: the trace does not say (mcpu, memory_bytes), 0 is 0. */
    struct model_amounts needs;
    int32_t team;       /* id in the stream's names; 0 is the team of those that name
                           none */
    int32_t priority;   /* higher goes first, as in Kubernetes; MODEL_PRIORITY_UNSAID */
    int8_t preemptible; /* 0, 1; -1: the trace does not say */
    uint64_t models;    /* bits of the stream's GPU models that it may run on; 0: any */
    int64_t checkpoint_ns; /* of work between two checkpoints; -1: it does not say, 0:
                              never takes one */
};

/* Names that ids stand for, in the order in which they first appear. */
struct model_names {
    int32_t n;
    const char *const *name;
};

struct model_job_stream {
    void *self;
    /* The next job; false at the end.  A failure (a broken row) sets *status and *err
     * and ends the stream. */
    bool (*next)(void *self, struct model_job *job, enum sp_status *status,
                 struct sp_err *err);
    void (*close)(void *self); /* may be NULL */
};

/* A kind of request and how many jobs of the trace are of it. */
struct model_job_shape {
    int32_t members;
    struct model_amounts needs;
    uint64_t models;
    int64_t jobs;
};

/* What a pass over a job trace found: known before the first run, equal for all passes.
 */
struct model_job_summary {
    bool known;
    int64_t jobs, span_ns;
    struct model_names teams;  /* of index 0: "-", jobs without team */
    struct model_names models; /* at most MODEL_JOB_MODELS_MAX */
    double gpu_s, cpu_s;       /* durations x amounts of all jobs that end */
    int64_t never;             /* jobs that never end */
    int32_t n_shapes; /* the most frequent ones first, at most 4096; ties by first
                       * appearance; of jobs that differ in memory the most */
    struct model_job_shape *shapes;
};

/* Opens a pass over the trace of a source: once for each run. */
struct model_job_opener {
    void *self;
    enum sp_status (*open)(void *self, const struct model_plan *plan, uint64_t seed,
                           struct model_job_stream *stream, struct sp_err *err);
};

#endif
