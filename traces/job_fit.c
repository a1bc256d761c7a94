#include "traces/job_fit.h"

#include "model/jobs.h"

struct trace_job_fit {
    int32_t n_kinds;
    const struct model_listed_kind *kinds;
    int32_t n_models;  /* of those that `allowed` knows */
    uint64_t *allowed; /* of each kind: bits of the models that it stands for */
};

struct trace_job_fit *trace_job_fit_new(int32_t n_kinds,
                                        const struct model_listed_kind *kinds,
                                        struct sp_arena *arena)
{
    struct trace_job_fit *fit = sp_arena_alloc(arena, sizeof *fit);

    *fit = (struct trace_job_fit){
        .n_kinds = n_kinds,
        .kinds = kinds,
        .allowed = sp_arena_array(arena, (size_t)n_kinds, sizeof *fit->allowed),
    };
    return fit;
}

static void learn_models(struct trace_job_fit *fit, struct model_names models)
{
    for (; fit->n_models < models.n; fit->n_models++)
        for (int32_t k = 0; k < fit->n_kinds; k++)
            if (model_gpu_names_match(models.name[fit->n_models],
                                      fit->kinds[k].gpu_model))
                fit->allowed[k] |= UINT64_C(1) << fit->n_models;
}

/* How often `need` goes into `has`, at most INT32_MAX. */
static int64_t times(int64_t has, int64_t need)
{
    if (need <= 0)
        return INT32_MAX;
    return has / need < INT32_MAX ? has / need : INT32_MAX;
}

/* Members that an empty node of the kind holds. */
static int64_t members_on(const struct model_amounts *has,
                          const struct model_amounts *needs)
{
    int64_t by_cpu = times(has->mcpu, needs->mcpu), by_memory = INT32_MAX, by_gpu;

    if (has->memory_bytes >= 0)
        by_memory = times(has->memory_bytes, needs->memory_bytes);
    if (needs->mgpu > 0 && needs->mgpu < 1000) /* shares of one device each */
        by_gpu = has->mgpu / 1000 * (1000 / needs->mgpu);
    else
        by_gpu = times(has->mgpu, needs->mgpu);
    by_cpu = by_cpu < by_memory ? by_cpu : by_memory;
    return by_cpu < by_gpu ? by_cpu : by_gpu;
}

enum trace_job_fits trace_job_fit_of(struct trace_job_fit *fit,
                                     const struct model_job *job,
                                     struct model_names models)
{
    int64_t members = 0, mgpu = 0;

    learn_models(fit, models);
    for (int32_t k = 0; k < fit->n_kinds; k++) {
        const struct model_listed_kind *kind = &fit->kinds[k];

        if (job->models != 0 && (job->models & fit->allowed[k]) == 0)
            continue;
        members += kind->count * members_on(&kind->has, &job->needs);
        mgpu += kind->count * kind->has.mgpu;
    }
    if (job->members == 0)
        return job->needs.mgpu <= mgpu ? TRACE_JOB_FITS : TRACE_JOB_GANG_TOO_LARGE;
    if (members == 0)
        return TRACE_JOB_MEMBER_TOO_LARGE;
    return job->members <= members ? TRACE_JOB_FITS : TRACE_JOB_GANG_TOO_LARGE;
}
