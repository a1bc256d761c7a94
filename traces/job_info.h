/* What a trace of jobs is: one pass over its stream.
 *
 * Demand is of GPUs; of CPUs where no job asks for a GPU.
 * Demand is what would run if nobody ever waited: each job from its arrival for its
 * duration (on the reference GPU), those that never end until the last arrival or end.
 * Memory grows with the jobs that run at a time and with the levels of demand, not with
 * the jobs.
 */
#ifndef TRACES_JOB_INFO_H
#define TRACES_JOB_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/wide.h"
#include "model/job.h"
#include "model/node_list.h"
#include "traces/demand.h"
#include "traces/jobs.h"

enum {
    TRACE_JOB_SIZES = 6,
    TRACE_JOB_NAMED = 3, /* how many of a kind are named */
    TRACE_JOB_NAMES_MAX = 100,
    TRACE_JOB_PRIORITIES_MAX = 8, /* of those listed one by one */
};

/* What is studied.  Names of teams and models come from the stream as it goes. */
struct trace_job_study {
    const char *path;
    struct model_job_stream *stream;
    struct model_names (*teams)(const struct model_job_stream *stream);
    struct model_names (*models)(const struct model_job_stream *stream);
    const struct trace_job_facts *facts; /* NULL: not of a file */
    /* The fleet that it is held against, by kinds of nodes; none: 0. */
    int32_t n_kinds;
    const struct model_listed_kind *kinds;
};

/* GPUs of all members: 0, a share, 1, 2 to 7, 8, more. */
struct trace_job_size {
    int64_t jobs;
    sp_i128 mgpu_ns; /* of those that end */
};
extern const char *const trace_job_size_names[TRACE_JOB_SIZES];

struct trace_job_team {
    int64_t jobs;
    sp_i128 mgpu_ns; /* of those that end */
};

struct trace_job_durations {
    double mean_s;                          /* NaN: none ends */
    int64_t p50_ns, p90_ns, p99_ns, max_ns; /* within TRACE_QUANTILE_ERROR */
};

/* Jobs that are worth a word: how many, and the first of them. */
struct trace_job_found {
    int64_t jobs;
    int64_t line[TRACE_JOB_NAMED];
    char name[TRACE_JOB_NAMED][TRACE_JOB_NAMES_MAX + 1];
};

struct trace_job_info {
    const char *path;
    int64_t jobs, gpu_jobs;
    int64_t span_ns; /* first arrival to the last */
    struct model_names teams, models;
    struct trace_job_team *by_team; /* of teams.n */
    struct trace_job_size sizes[TRACE_JOB_SIZES];
    int64_t gangs, totals; /* of several members; of members to be made */
    int32_t members_max;
    int64_t max_mgpu;               /* of a job */
    bool of_cpus;                   /* no job asks for a GPU: `demand` is of CPUs */
    sp_i128 asked_mgpu, asked_mcpu; /* sum of what the jobs ask for */
    sp_i128 mgpu_ns, mcpu_ns;       /* of those that end */
    int64_t *by_model;              /* jobs that may run on it, of models.n */
    int64_t any_model;              /* GPU jobs that may run on any */
    struct trace_job_durations durations, gpu_durations;
    int64_t with_estimate, with_deadline, preemptible, not_preemptible;
    /* Priorities, the most frequent first; n_priorities counts all (at most 1000). */
    int64_t with_priority;
    int32_t n_priorities, priority[TRACE_JOB_PRIORITIES_MAX];
    int64_t priority_jobs[TRACE_JOB_PRIORITIES_MAX];
    /* Arrivals. */
    double rate_per_s, gap_mean_s, gap_cv; /* NaN: no gaps */
    int64_t gap_max_ns, gap_max_line, gap_p99_ns;
    int64_t simultaneous;
    double dispersion_minute, dispersion_hour; /* NaN: fewer than two whole ones */
    struct trace_demand_result *demand;
    /* For the check. */
    struct trace_job_found zero_duration, never, disordered, oversized, homeless;
    int64_t cpu_unknown, memory_unknown; /* jobs that don't say */
    int64_t fleet_mgpu, fleet_mcpu;      /* of the study's kinds; 0: none */
};

/* Draws the stream to its end (the caller closes it) and fills *info, which lives in
 * `arena`.  Fails as the stream does. */
SP_CHECKED enum sp_status trace_job_info_read(const struct trace_job_study *study,
                                              struct sp_arena *arena,
                                              struct trace_job_info **info,
                                              struct sp_err *err);

#endif
