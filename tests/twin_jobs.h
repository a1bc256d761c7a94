/* The twin of jobs: docs/design.md, "Scheduling" and "Jobs", a second time, slow and
 * naive.
 *
 * Plain arrays scanned from one end to the other; every question "would it fit" is put
 * to a copy of all nodes.  It was written from the page, not from sim/, and shares with
 * it the records of model/ only.
 *
 * Left out: losses by chance, records of availability, deadlines, generators, other
 * kinds of workload.  Boot delays are constant.
 */
#ifndef TESTS_TWIN_JOBS_H
#define TESTS_TWIN_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/job.h"
#include "model/jobs.h"
#include "model/result.h"
#include "model/scenario.h"

/* What became of one job. */
struct twin_job_result {
    int64_t started_ns; /* first; -1: never */
    int64_t done_ns;    /* -1: not done */
    int32_t dropped;    /* enum model_drop, or SP_NO_ID */
    int32_t preempted;
    int64_t wait_ns[MODEL_CAUSES];
    int32_t first_node; /* of its first member, when first placed; SP_NO_ID */
};

struct twin_jobs_result {
    int64_t end_ns;
    struct twin_job_result *jobs; /* by number */
    sp_i128 busy[MODEL_RESOURCES], allocated[MODEL_RESOURCES];
    sp_i128 lost_gpu_ns; /* thousandths of GPUs x ns of work that was done again */
    sp_i128 held_ns[MODEL_JOB_SIZES_MAX]; /* of node types */
    bool stuck;                           /* some wait for ever */
};

/* Runs jobs[0 .. n) under the policy, whose only plan is theirs; `seed` is for the
 * strategies that draw. */
void twin_jobs_run(const struct model_policy *policy, const struct model_job *jobs,
                   int32_t n, uint64_t seed, struct sp_arena *arena,
                   struct twin_jobs_result *result);

#endif
