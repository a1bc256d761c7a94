/* Alibaba's GPU clusters: cluster-trace-gpu-v2023 (openb pods), -v2025 (instances of
 * recommendation models). */
#include <string.h>

#include "traces/job_format.h"

/* ---- openb ---- */

enum { NAME, CPU, MEMORY, GPUS, GPU_MILLI, SPEC, QOS, CREATED, DELETED, SCHEDULED };

static const struct trace_job_column openb_columns[] = {
    {"name", TRACE_JOB_TEXT, NAME, true, 0},
    {"cpu_milli", TRACE_JOB_WHOLE, CPU, true, TRACE_JOB_HAS_CPU},
    {"memory_mib", TRACE_JOB_MIB, MEMORY, true, TRACE_JOB_HAS_MEMORY},
    {"num_gpu", TRACE_JOB_WHOLE, GPUS, true, TRACE_JOB_HAS_GPU},
    {"gpu_milli", TRACE_JOB_WHOLE, GPU_MILLI, true, 0},
    {"gpu_spec", TRACE_JOB_TEXT, SPEC, false, TRACE_JOB_HAS_MODELS},
    {"qos", TRACE_JOB_TEXT, QOS, false,
     TRACE_JOB_HAS_PRIORITY | TRACE_JOB_HAS_PREEMPTIBLE},
    {"creation_time", TRACE_JOB_S, CREATED, false, TRACE_JOB_HAS_ARRIVAL},
    {"deletion_time", TRACE_JOB_S, DELETED, false, TRACE_JOB_HAS_DURATION},
    {"scheduled_time", TRACE_JOB_S, SCHEDULED, false, 0},
};

/* What a class of service is worth.  Kubernetes evicts best-effort pods first, then
 * burstable ones; "LS" is the operator's word for services that must not wait. */
static const struct {
    const char *name;
    int32_t priority;
    int8_t preemptible;
} classes[] = {{"BE", 0, 1}, {"Burstable", 1, 0}, {"LS", 2, 0}, {"Guaranteed", 2, 0}};

static enum sp_status take_class(const struct trace_job_cell *cell,
                                 struct model_job *job, struct sp_err *err)
{
    if (!cell->given)
        return SP_OK;
    for (int i = 0; i < TRACE_JOB_COUNT(classes); i++)
        if (cell->size == strlen(classes[i].name) &&
            memcmp(cell->text, classes[i].name, cell->size) == 0) {
            job->priority = classes[i].priority;
            job->preemptible = classes[i].preemptible;
            return SP_OK;
        }
    return trace_job_wrong(cell, "BE, Burstable, LS or Guaranteed", err);
}

/* One GPU may be a share; more are whole. */
static enum sp_status take_gpus(struct trace_job_context *ctx,
                                const struct trace_job_cell *cell,
                                struct model_job *job, struct sp_err *err)
{
    enum { MOST = 1000000 };
    int64_t share = cell[GPU_MILLI].value;

    if (!cell[GPUS].given || cell[GPUS].value < 0 || cell[GPUS].value > MOST)
        return trace_job_wrong(&cell[GPUS], "a number of GPUs, 0 to 1000000", err);
    if (!cell[GPU_MILLI].given || share < 0 || (share == 0 && cell[GPUS].value > 0))
        return trace_job_wrong(&cell[GPU_MILLI],
                               "thousandths of each GPU, 1 to 1000 (0 without GPUs)",
                               err);
    if (cell[GPUS].value > 1 && share < 1000)
        return trace_job_wrong(&cell[GPU_MILLI],
                               "1000: a share of more than one GPU is not known here",
                               err);
    job->needs.mgpu = 1000 * cell[GPUS].value;
    if (cell[GPUS].value == 1 && share < 1000)
        job->needs.mgpu = share;
    ctx->facts->cut += cell[GPUS].value > 0 && share > 1000;
    return SP_OK;
}

/* From when it was scheduled (or created, where it never was) until it was deleted. */
static void take_times(struct trace_job_context *ctx, const struct trace_job_cell *cell,
                       struct model_job *job)
{
    job->arrival_ns = cell[CREATED].value;
    job->duration_ns = MODEL_NEVER;
    if (!cell[DELETED].given)
        return;
    ctx->facts->unstarted += !cell[SCHEDULED].given;
    job->duration_ns =
        cell[DELETED].value - cell[cell[SCHEDULED].given ? SCHEDULED : CREATED].value;
}

static enum trace_job_verdict openb_job(struct trace_job_context *ctx,
                                        const struct trace_job_cell *cell,
                                        struct model_job *job, struct sp_err *err)
{
    enum { SECOND_NS = 1000000000 };

    if (!cell[CPU].given || cell[CPU].value < 0 || cell[CPU].value > SECOND_NS) {
        trace_job_wrong(&cell[CPU], "thousandths of a CPU, 0 to 10^9", err);
        return TRACE_JOB_BROKEN;
    }
    job->needs.mcpu = cell[CPU].value;
    if (cell[MEMORY].given)
        job->needs.memory_bytes = cell[MEMORY].value;
    if (cell[CREATED].given) {
        take_times(ctx, cell, job);
    } else if ((ctx->facts->has & TRACE_JOB_HAS_ARRIVAL) == 0) {
        job->arrival_ns = (ctx->row - 1) * SECOND_NS;
        job->duration_ns = MODEL_NEVER;
    } else {
        trace_job_wrong(&cell[CREATED], "seconds", err);
        return TRACE_JOB_BROKEN;
    }
    if (take_gpus(ctx, cell, job, err) != SP_OK ||
        take_class(&cell[QOS], job, err) != SP_OK ||
        trace_job_set_name(ctx, &cell[NAME], job, err) != SP_OK ||
        trace_job_set_models(ctx, &cell[SPEC], job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

const struct trace_job_format trace_job_openb = {
    .name = "openb",
    .help = "Alibaba cluster-trace-gpu-v2023, pods; without times: 1 s apart, for ever",
    .delimiter = ',',
    .columns = openb_columns,
    .n_columns = TRACE_JOB_COUNT(openb_columns),
    .job = openb_job,
};

/* ---- dlrm 2025 ---- */

enum { SN, APP, D_CPU, D_GPU, D_MEMORY, D_CREATED, D_SCHEDULED, D_DELETED };

static const struct trace_job_column dlrm_columns[] = {
    {"instance_sn", TRACE_JOB_TEXT, SN, true, 0},
    {"app_name", TRACE_JOB_TEXT, APP, true, TRACE_JOB_HAS_TEAM},
    {"cpu_request", TRACE_JOB_THOUSANDTHS, D_CPU, true, TRACE_JOB_HAS_CPU},
    {"gpu_request", TRACE_JOB_THOUSANDTHS, D_GPU, true, TRACE_JOB_HAS_GPU},
    {"memory_request", TRACE_JOB_GIB, D_MEMORY, true, TRACE_JOB_HAS_MEMORY},
    {"creation_time", TRACE_JOB_S, D_CREATED, true, TRACE_JOB_HAS_ARRIVAL},
    {"scheduled_time", TRACE_JOB_S, D_SCHEDULED, true, 0},
    {"deletion_time", TRACE_JOB_S, D_DELETED, true, TRACE_JOB_HAS_DURATION},
};

/* Created before the trace began where it has no such time: there from its start on. */
static enum trace_job_verdict dlrm_job(struct trace_job_context *ctx,
                                       const struct trace_job_cell *cell,
                                       struct model_job *job, struct sp_err *err)
{
    int64_t from_ns =
        cell[D_SCHEDULED].given ? cell[D_SCHEDULED].value : cell[D_CREATED].value;

    job->arrival_ns = cell[D_CREATED].given ? cell[D_CREATED].value : 0;
    job->duration_ns = MODEL_NEVER;
    if (cell[D_DELETED].given)
        job->duration_ns = cell[D_DELETED].value - from_ns;
    if (cell[D_CPU].given)
        job->needs.mcpu = cell[D_CPU].value;
    job->needs.mgpu = cell[D_GPU].value;
    if (cell[D_MEMORY].given)
        job->needs.memory_bytes = cell[D_MEMORY].value;
    if (trace_job_set_name(ctx, &cell[SN], job, err) != SP_OK ||
        trace_job_set_team(ctx, &cell[APP], job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

const struct trace_job_format trace_job_dlrm = {
    .name = "dlrm-2025",
    .help = "Alibaba cluster-trace-gpu-v2025, instances; applications are the teams",
    .delimiter = ',',
    .columns = dlrm_columns,
    .n_columns = TRACE_JOB_COUNT(dlrm_columns),
    .job = dlrm_job,
};
