/* How a job spreads over nodes: members of a gang, and what is left of a total that was
 * split.
 */
#ifndef SIM_JOB_SPLIT_H
#define SIM_JOB_SPLIT_H

#include "model/job.h"
#include "model/jobs.h"
#include "model/scenario.h"

struct sim_job_split {
    struct model_amounts needs; /* of one member */
    int32_t members;
    struct model_amounts rest; /* of one member more; all 0: there is none */
};

/* The node types of the policy that the job's GPU models and its team (of the policy)
 * leave it, as bits. */
int64_t sim_job_types(const struct model_policy *policy, const struct model_jobs *jobs,
                      const struct model_job *job, int32_t team);

/* Members of a job that may run on `types`.  What the trace leaves open is filled in; a
 * total is split among members of jobs->gpus_per_member GPUs (0: the most that a node
 * of `types` has), and the rest. */
struct sim_job_split sim_job_split(const struct model_policy *policy,
                                   const struct model_jobs *jobs,
                                   const struct model_job *job, int64_t types);

/* Thousandths of GPUs of all members. */
int64_t sim_job_split_mgpu(const struct sim_job_split *split);

#endif
