#include "tests/job_array.h"

#include "base/units.h"

static bool next(void *self, struct model_job *job, enum sp_status *status,
                 struct sp_err *err)
{
    struct job_array *a = self;

    *status = SP_OK;
    if (a->at == a->n) {
        if (a->broken != SP_OK)
            *status = sp_fail(err, a->broken, "array: broken");
        return false;
    }
    *job = a->jobs[a->at];
    job->number = a->at++;
    return true;
}

struct model_job_stream job_array_stream(struct job_array *a)
{
    a->at = 0;
    return (struct model_job_stream){.self = a, .next = next};
}

struct model_names job_array_teams(const struct model_job_stream *stream)
{
    const struct job_array *a = stream->self;

    return a->teams;
}

struct model_names job_array_models(const struct model_job_stream *stream)
{
    const struct job_array *a = stream->self;

    return a->models;
}

struct model_job job_of(int64_t arrival_s, int64_t duration_s, int64_t mgpu,
                        int32_t team)
{
    return (struct model_job){
        .name = "job",
        .arrival_ns = arrival_s * SP_NS_PER_S,
        .duration_ns = duration_s < 0 ? MODEL_NEVER : duration_s * SP_NS_PER_S,
        .estimate_ns = -1,
        .deadline_ns = -1,
        .members = 1,
        .needs = {.mcpu = -1, .mgpu = mgpu, .memory_bytes = -1},
        .team = team,
        .priority = MODEL_PRIORITY_UNSAID,
        .preemptible = -1,
        .checkpoint_ns = -1,
    };
}
