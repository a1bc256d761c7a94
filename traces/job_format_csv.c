/* Our own CSV of jobs: every column but two may be missing. */
#include "base/units.h"
#include "traces/job_format.h"

enum {
    JOB,
    ARRIVAL,
    DURATION,
    ESTIMATE,
    DEADLINE,
    MEMBERS,
    GPU,
    CPU,
    MEMORY,
    TEAM,
    PRIORITY,
    PREEMPTIBLE,
    MODELS,
    CHECKPOINT,
};

static const struct trace_job_column columns[] = {
    {"job", TRACE_JOB_TEXT, JOB, false, 0},
    {"arrival_s", TRACE_JOB_S, ARRIVAL, true, TRACE_JOB_HAS_ARRIVAL},
    {"duration_s", TRACE_JOB_S_OR_NEVER, DURATION, true, TRACE_JOB_HAS_DURATION},
    {"estimate_s", TRACE_JOB_S, ESTIMATE, false, TRACE_JOB_HAS_ESTIMATE},
    {"deadline_s", TRACE_JOB_S, DEADLINE, false, TRACE_JOB_HAS_DEADLINE},
    {"members", TRACE_JOB_WHOLE, MEMBERS, false, 0},
    {"gpu", TRACE_JOB_THOUSANDTHS, GPU, false, TRACE_JOB_HAS_GPU},
    {"gpus", TRACE_JOB_THOUSANDTHS, GPU, false, TRACE_JOB_HAS_GPU},
    {"cpu", TRACE_JOB_THOUSANDTHS, CPU, false, TRACE_JOB_HAS_CPU},
    {"cpus", TRACE_JOB_THOUSANDTHS, CPU, false, TRACE_JOB_HAS_CPU},
    {"memory_bytes", TRACE_JOB_BYTES, MEMORY, false, TRACE_JOB_HAS_MEMORY},
    {"memory_mib", TRACE_JOB_MIB, MEMORY, false, TRACE_JOB_HAS_MEMORY},
    {"memory_gib", TRACE_JOB_GIB, MEMORY, false, TRACE_JOB_HAS_MEMORY},
    {"team", TRACE_JOB_TEXT, TEAM, false, TRACE_JOB_HAS_TEAM},
    {"priority", TRACE_JOB_WHOLE, PRIORITY, false, TRACE_JOB_HAS_PRIORITY},
    {"preemptible", TRACE_JOB_FLAG, PREEMPTIBLE, false, TRACE_JOB_HAS_PREEMPTIBLE},
    {"gpu_models", TRACE_JOB_TEXT, MODELS, false, TRACE_JOB_HAS_MODELS},
    {"checkpoint_s", TRACE_JOB_S, CHECKPOINT, false, TRACE_JOB_HAS_CHECKPOINT},
};

static enum sp_status begin(struct trace_job_context *ctx, unsigned gives,
                            struct sp_err *err)
{
    (void)ctx;
    if ((gives & (TRACE_JOB_HAS_GPU | TRACE_JOB_HAS_CPU)) == 0)
        return sp_fail(err, SP_EINPUT,
                       "found no column of what jobs need, expected gpu, cpu or both");
    return SP_OK;
}

/* A span of time, where there is one. */
static enum sp_status take_span(const struct trace_job_cell *cell, int64_t *span_ns,
                                struct sp_err *err)
{
    if (!cell->given)
        return SP_OK;
    if (cell->value < 0 || (cell->value > SP_NS_MAX && cell->value != MODEL_NEVER))
        return trace_job_wrong(cell, "0 or more seconds, at most 100 years", err);
    *span_ns = cell->value;
    return SP_OK;
}

/* A whole number, where there is one. */
static enum sp_status take_number(const struct trace_job_cell *cell, int64_t most,
                                  const char *expected, int32_t *number,
                                  struct sp_err *err)
{
    if (!cell->given)
        return SP_OK;
    if (cell->value < (most == MODEL_JOB_MEMBERS_MAX ? 0 : -most) || cell->value > most)
        return trace_job_wrong(cell, expected, err);
    *number = (int32_t)cell->value;
    return SP_OK;
}

static void take_needs(const struct trace_job_cell *cell, struct model_job *job)
{
    if (cell[GPU].given)
        job->needs.mgpu = cell[GPU].value;
    if (cell[CPU].given)
        job->needs.mcpu = cell[CPU].value;
    if (cell[MEMORY].given)
        job->needs.memory_bytes = cell[MEMORY].value;
    if (cell[PREEMPTIBLE].given)
        job->preemptible = (int8_t)cell[PREEMPTIBLE].value;
}

static enum trace_job_verdict read_job(struct trace_job_context *ctx,
                                       const struct trace_job_cell *cell,
                                       struct model_job *job, struct sp_err *err)
{
    enum { PRIORITY_MOST = 1000000000 };
    bool fine = cell[ARRIVAL].given && cell[DURATION].given;

    if (!fine) {
        trace_job_wrong(&cell[cell[ARRIVAL].given ? DURATION : ARRIVAL],
                        cell[ARRIVAL].given ? "seconds such as 12 or 12.5, or 'never'"
                                            : "seconds such as 12 or 12.5",
                        err);
        return TRACE_JOB_BROKEN;
    }
    job->arrival_ns = cell[ARRIVAL].value;
    take_needs(cell, job);
    fine = take_span(&cell[DURATION], &job->duration_ns, err) == SP_OK &&
           take_span(&cell[ESTIMATE], &job->estimate_ns, err) == SP_OK &&
           take_span(&cell[DEADLINE], &job->deadline_ns, err) == SP_OK &&
           take_span(&cell[CHECKPOINT], &job->checkpoint_ns, err) == SP_OK &&
           take_number(&cell[MEMBERS], MODEL_JOB_MEMBERS_MAX,
                       "members, 1 to 100000, or 0: needs are a total", &job->members,
                       err) == SP_OK &&
           take_number(&cell[PRIORITY], PRIORITY_MOST, "-1000000000 to 1000000000",
                       &job->priority, err) == SP_OK &&
           trace_job_set_name(ctx, &cell[JOB], job, err) == SP_OK &&
           trace_job_set_team(ctx, &cell[TEAM], job, err) == SP_OK &&
           trace_job_set_models(ctx, &cell[MODELS], job, err) == SP_OK;
    return fine ? TRACE_JOB_IS : TRACE_JOB_BROKEN;
}

/* By an arrival and something that only jobs have, so that a slip in one name still
 * gets the message of this format. */
static bool sniff(const struct trace_job_sample *sample)
{
    static const char *const of_jobs[] = {"duration_s", "gpu", "gpus", "members"};
    bool any = false;

    for (int i = 0; i < TRACE_JOB_COUNT(of_jobs); i++)
        any = any || trace_job_has_column(sample, ',', of_jobs[i]);
    return any && trace_job_has_column(sample, ',', "arrival_s");
}

const struct trace_job_format trace_job_csv = {
    .name = "csv",
    .help = "our own: arrival_s, duration_s and more",
    .delimiter = ',',
    .strict = true,
    .columns = columns,
    .n_columns = TRACE_JOB_COUNT(columns),
    .sniff = sniff,
    .begin = begin,
    .job = read_job,
};
