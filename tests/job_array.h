/* A stream over a literal array of jobs. */
#ifndef TESTS_JOB_ARRAY_H
#define TESTS_JOB_ARRAY_H

#include "model/job.h"

struct job_array {
    const struct model_job *jobs;
    int64_t n, at;
    struct model_names teams, models;
    /* Where not SP_OK: the stream breaks off behind the jobs. */
    enum sp_status broken;
};

/* Begins again with each call; `a` is the caller's. */
struct model_job_stream job_array_stream(struct job_array *a);

struct model_names job_array_teams(const struct model_job_stream *stream);
struct model_names job_array_models(const struct model_job_stream *stream);

/* A job of one member that the trace says no more of than this. */
struct model_job job_of(int64_t arrival_s, int64_t duration_s, int64_t mgpu,
                        int32_t team);

#endif
