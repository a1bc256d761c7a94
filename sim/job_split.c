/* Totals and members. */
#include "sim/job_split.h"

#include "base/wide.h"

int64_t sim_job_types(const struct model_policy *policy, const struct model_jobs *jobs,
                      const struct model_job *job, int32_t team)
{
    int64_t by_model = job->models == 0 ? -1 : 0, types = 0;

    for (int32_t i = 0; i < MODEL_JOB_MODELS_MAX; i++)
        if ((job->models >> i & 1) != 0)
            by_model |= jobs->types_of[i];
    for (int32_t t = 0; t < policy->n_types && t < 63; t++)
        if ((by_model >> t & 1) != 0 &&
            (policy->types[t].team == SP_NO_ID || policy->types[t].team == team))
            types |= INT64_C(1) << t;
    return types;
}

/* part / whole of an amount, rounded down. */
static int64_t part_of(int64_t amount, int64_t part, int64_t whole)
{
    return (int64_t)((sp_i128)amount * part / whole);
}

/* What goes with so many GPUs, rounded up. */
static int64_t with_gpus(int64_t per_gpu, int64_t mgpu)
{
    return (int64_t)(((sp_i128)per_gpu * mgpu + 999) / 1000);
}

static int64_t most_gpus(const struct model_policy *policy, int64_t types)
{
    int64_t most = 0;

    for (int32_t t = 0; t < policy->n_types && t < 63; t++)
        if ((types >> t & 1) != 0 && policy->types[t].has.mgpu / 1000 > most)
            most = policy->types[t].has.mgpu / 1000;
    return most;
}

struct sim_job_split sim_job_split(const struct model_policy *policy,
                                   const struct model_jobs *jobs,
                                   const struct model_job *job, int64_t types)
{
    struct model_amounts all = job->needs;
    struct sim_job_split s;
    int64_t gpus, each;

    if (all.mcpu < 0)
        all.mcpu = with_gpus(jobs->mcpu_per_gpu, all.mgpu);
    if (all.memory_bytes < 0)
        all.memory_bytes = with_gpus(jobs->memory_per_gpu, all.mgpu);
    s = (struct sim_job_split){.needs = all, .members = job->members};
    if (job->members > 0)
        return s;
    s.members = 1;
    gpus = all.mgpu / 1000;
    each = jobs->gpus_per_member > 0 ? jobs->gpus_per_member : most_gpus(policy, types);
    if (each == 0 || gpus <= each)
        return s;
    s.members = (int32_t)(gpus / each);
    s.needs =
        (struct model_amounts){.mgpu = each * 1000,
                               .mcpu = part_of(all.mcpu, each, gpus),
                               .memory_bytes = part_of(all.memory_bytes, each, gpus)};
    if (gpus % each > 0)
        s.rest = (struct model_amounts){
            .mgpu = gpus % each * 1000,
            .mcpu = all.mcpu - s.members * s.needs.mcpu,
            .memory_bytes = all.memory_bytes - s.members * s.needs.memory_bytes};
    return s;
}

int64_t sim_job_split_mgpu(const struct sim_job_split *split)
{
    return split->needs.mgpu * split->members + split->rest.mgpu;
}
