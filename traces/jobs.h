/* Job traces: struct model_job_stream over a file, whatever its format.
 *
 * Formats are descriptors in one array (traces/job_format.h); told apart by the header
 * or the first row.  Rows of a file that is not in order of arrival are sorted first
 * (then memory grows with the file, and the check says so); else memory is constant,
 * but for names.  Teams and GPU models get their ids in the order of first appearance.
 */
#ifndef TRACES_JOBS_H
#define TRACES_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "model/job.h"

struct trace_job_request {
    const char *path;
    const char *format; /* "auto" or NULL: by the header */
    double scale;       /* arrival times are divided by it; 1 */
    int64_t jobs;       /* at most; -1 not limited */
    /* Only arrivals from .. from + for, of which from becomes 0; 0 and -1: all.  from
     * is a time of the trace as it stands, for one of the run: after `scale`. */
    int64_t from_ns, for_ns;
};

/* Whether a file is a trace of jobs and no other: by its format's name where that
 * tells, else by its first lines.  What can't be read twice (a pipe) goes by the name
 * only. SP_EIO     it can't be opened or read. SP_EINPUT  damaged data. */
SP_CHECKED enum sp_status trace_jobs_recognize(const char *path, const char *format,
                                               bool *are_jobs, struct sp_err *err);

/* Opens a pass; nothing of *request is kept.  Close with stream->close().  The whole
 * file is read once before (is it in order?), so that a broken row shows here.
 *   SP_EIO     the file can't be opened or read.
 *   SP_EINPUT  wrong format or header, no rows, damaged data, a broken row. */
SP_CHECKED enum sp_status trace_jobs_open(const struct trace_job_request *request,
                                          struct model_job_stream *stream,
                                          struct sp_err *err);

/* What a file gives of its jobs, as bits. */
enum trace_job_has {
    TRACE_JOB_HAS_ARRIVAL = 1 << 0,  /* else they come a second apart, in file order */
    TRACE_JOB_HAS_DURATION = 1 << 1, /* else they never end */
    TRACE_JOB_HAS_GPU = 1 << 2,
    TRACE_JOB_HAS_CPU = 1 << 3,
    TRACE_JOB_HAS_MEMORY = 1 << 4,
    TRACE_JOB_HAS_TEAM = 1 << 5,
    TRACE_JOB_HAS_ESTIMATE = 1 << 6,
    TRACE_JOB_HAS_MODELS = 1 << 7,
    TRACE_JOB_HAS_PRIORITY = 1 << 8,
    TRACE_JOB_HAS_PREEMPTIBLE = 1 << 9,
    TRACE_JOB_HAS_DEADLINE = 1 << 10,
    TRACE_JOB_HAS_CHECKPOINT = 1 << 11,
};

/* What a pass over a whole file found, whatever the request's limits. */
struct trace_job_facts {
    const char *format, *compression; /* names: "openb"; "plain", "gzip", "zstd" */
    int64_t stored_bytes, text_bytes;
    unsigned has;      /* bits of enum trace_job_has */
    int64_t rows;      /* jobs */
    int64_t never_ran; /* rows without a run: no jobs */
    int64_t parts;     /* rows that are parts of a job which has a row of its own */
    int64_t cut;       /* shares above a whole GPU that were cut to one */
    int64_t rounded;   /* GPUs that were not whole and were rounded up */
    int64_t unstarted; /* never started: they run as long as they waited */
    int64_t waited;    /* of SWF: jobs that the log says waited */
    int64_t estimated; /* durations from a speed measured on fewer GPUs */
    bool sorted;       /* rows were not in order of arrival: read into memory */
};
const struct trace_job_facts *trace_jobs_facts(const struct model_job_stream *stream);

/* Teams and models met so far in a stream that trace_jobs_open() made. */
struct model_names trace_jobs_teams(const struct model_job_stream *stream);
struct model_names trace_jobs_models(const struct model_job_stream *stream);

/* An opener for runs, as trace_opener(); `folder`, the scenario's, is the caller's.
 * The plan's source and jobs say what becomes of the trace's rows:
 *
 *   shuffle      the k-th job in a random order gets the trace's k-th time.
 *   demand_mgpu  shuffled; when all have come, rows are drawn again with replacement,
 *                each as likely, until the next would take the sum of the GPUs past
 *                the demand.  The trace's times go round: a mean gap after the last
 *                comes the first again.
 *   own_times    arrivals of the source's process (constant, Poisson, gamma, diurnal)
 *                take the place of the trace's times; then the source's `for_ns`
 *                limits these.
 *   items        so many jobs at most.
 *
 * What is random has streams of `seed` and the workload's name: the same for every
 * policy.  Shuffled jobs are held in memory. */
struct model_job_opener trace_job_opener(char *folder);

/* One pass over the trace of a plan's source; names live in `arena`.  It describes the
 * rows that a run may draw from, each once: what is drawn again, or in another order,
 * has the same teams and models. */
SP_CHECKED enum sp_status trace_jobs_summary(const char *folder,
                                             const struct model_plan *plan,
                                             struct sp_arena *arena,
                                             struct model_job_summary *summary,
                                             struct sp_err *err);

#endif
