/* Job logs as CSV with a header: Helios (SenseTime), Philly's derived table, Tiresias.
 */
#include <string.h>

#include "traces/job_format.h"

/* GPUs over nodes that are not named: a total, to be split. */
static enum sp_status take_total(const struct trace_job_cell *gpus,
                                 struct model_job *job, struct sp_err *err)
{
    enum { MOST = 1000000 };

    if (!gpus->given || gpus->value < 0 || gpus->value > MOST)
        return trace_job_wrong(gpus, "a number of GPUs, 0 to 1000000", err);
    job->needs.mgpu = 1000 * gpus->value;
    job->members = 0;
    return SP_OK;
}

/* ---- Philly, as a table ---- */

enum { P_SUBMIT, P_DURATION, P_GPUS, P_VC };

static const struct trace_job_column philly_columns[] = {
    {"submit_time", TRACE_JOB_DATE, P_SUBMIT, true, TRACE_JOB_HAS_ARRIVAL},
    {"duration_s", TRACE_JOB_S, P_DURATION, true, TRACE_JOB_HAS_DURATION},
    {"num_gpus", TRACE_JOB_WHOLE, P_GPUS, true, TRACE_JOB_HAS_GPU},
    {"vc", TRACE_JOB_TEXT, P_VC, true, TRACE_JOB_HAS_TEAM},
};

static const struct trace_job_cell no_name = {.column = "job"};

static enum trace_job_verdict philly_job(struct trace_job_context *ctx,
                                         const struct trace_job_cell *cell,
                                         struct model_job *job, struct sp_err *err)
{
    for (int i = P_SUBMIT; i <= P_DURATION; i++)
        if (!cell[i].given) {
            trace_job_wrong(&cell[i], "a time", err);
            return TRACE_JOB_BROKEN;
        }
    job->arrival_ns = cell[P_SUBMIT].value;
    job->duration_ns = cell[P_DURATION].value;
    if (take_total(&cell[P_GPUS], job, err) != SP_OK ||
        trace_job_set_name(ctx, &no_name, job, err) != SP_OK ||
        trace_job_set_team(ctx, &cell[P_VC], job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

const struct trace_job_format trace_job_philly_csv = {
    .name = "philly-csv",
    .help = "Philly's successful jobs as a table: submit_time,duration_s,num_gpus,vc",
    .delimiter = ',',
    .columns = philly_columns,
    .n_columns = TRACE_JOB_COUNT(philly_columns),
    .job = philly_job,
};

/* ---- Helios ---- */

enum { H_JOB, H_VC, H_GPUS, H_CPUS, H_NODES, H_SUBMIT, H_START, H_DURATION };

static const struct trace_job_column helios_columns[] = {
    {"job_id", TRACE_JOB_TEXT, H_JOB, true, 0},
    {"vc", TRACE_JOB_TEXT, H_VC, true, TRACE_JOB_HAS_TEAM},
    {"gpu_num", TRACE_JOB_WHOLE, H_GPUS, true, TRACE_JOB_HAS_GPU},
    {"cpu_num", TRACE_JOB_WHOLE, H_CPUS, true, TRACE_JOB_HAS_CPU},
    {"node_num", TRACE_JOB_WHOLE, H_NODES, false, 0},
    {"submit_time", TRACE_JOB_DATE, H_SUBMIT, true, TRACE_JOB_HAS_ARRIVAL},
    {"start_time", TRACE_JOB_TEXT, H_START, false, 0},
    {"duration", TRACE_JOB_S, H_DURATION, true, TRACE_JOB_HAS_DURATION},
};

/* CPUs of a job without GPUs are spread over its nodes; else they go with the GPUs. */
static enum sp_status take_cpus(const struct trace_job_cell *cell,
                                struct model_job *job, struct sp_err *err)
{
    enum { MOST = 1000000 };
    int64_t nodes = cell[H_NODES].given ? cell[H_NODES].value : 1;

    if (!cell[H_CPUS].given)
        return SP_OK;
    if (cell[H_CPUS].value < 0 || cell[H_CPUS].value > MOST)
        return trace_job_wrong(&cell[H_CPUS], "a number of CPUs, 0 to 1000000", err);
    job->needs.mcpu = 1000 * cell[H_CPUS].value;
    if (job->needs.mgpu > 0)
        return SP_OK;
    if (nodes < 0 || nodes > MODEL_JOB_MEMBERS_MAX)
        return trace_job_wrong(&cell[H_NODES], "a number of nodes, 0 to 100000", err);
    job->members = nodes > 0 ? (int32_t)nodes : 1;
    job->needs.mcpu = (job->needs.mcpu + job->members - 1) / job->members;
    return SP_OK;
}

/* Whether it was cancelled before it began: its start is empty, or "None". */
static bool never_began(const struct trace_job_cell *cell)
{
    return cell->column != NULL &&
           (!cell->given || memchr(cell->text, ':', cell->size) == NULL);
}

static enum trace_job_verdict helios_job(struct trace_job_context *ctx,
                                         const struct trace_job_cell *cell,
                                         struct model_job *job, struct sp_err *err)
{
    if (!cell[H_SUBMIT].given) {
        trace_job_wrong(&cell[H_SUBMIT], "a time such as 2020-04-08 13:09:04", err);
        return TRACE_JOB_BROKEN;
    }
    if (!cell[H_DURATION].given || never_began(&cell[H_START]))
        return trace_job_never_ran(ctx);
    job->arrival_ns = cell[H_SUBMIT].value;
    job->duration_ns = cell[H_DURATION].value;
    if (take_total(&cell[H_GPUS], job, err) != SP_OK ||
        take_cpus(cell, job, err) != SP_OK ||
        trace_job_set_name(ctx, &cell[H_JOB], job, err) != SP_OK ||
        trace_job_set_team(ctx, &cell[H_VC], job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

const struct trace_job_format trace_job_helios = {
    .name = "helios",
    .help = "SenseTime Helios, cluster_log.csv",
    .delimiter = ',',
    .columns = helios_columns,
    .n_columns = TRACE_JOB_COUNT(helios_columns),
    .job = helios_job,
};

/* ---- Tiresias ---- */

enum { T_JOB, T_GPUS, T_SUBMIT, T_DURATION };

static const struct trace_job_column tiresias_columns[] = {
    {"job_id", TRACE_JOB_TEXT, T_JOB, true, 0},
    {"num_gpu", TRACE_JOB_WHOLE, T_GPUS, true, TRACE_JOB_HAS_GPU},
    {"submit_time", TRACE_JOB_S, T_SUBMIT, true, TRACE_JOB_HAS_ARRIVAL},
    {"duration", TRACE_JOB_S, T_DURATION, true, TRACE_JOB_HAS_DURATION},
};

static enum trace_job_verdict tiresias_job(struct trace_job_context *ctx,
                                           const struct trace_job_cell *cell,
                                           struct model_job *job, struct sp_err *err)
{
    for (int i = T_SUBMIT; i <= T_DURATION; i++)
        if (!cell[i].given) {
            trace_job_wrong(&cell[i], "seconds", err);
            return TRACE_JOB_BROKEN;
        }
    job->arrival_ns = cell[T_SUBMIT].value;
    job->duration_ns = cell[T_DURATION].value;
    if (take_total(&cell[T_GPUS], job, err) != SP_OK ||
        trace_job_set_name(ctx, &cell[T_JOB], job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

const struct trace_job_format trace_job_tiresias = {
    .name = "tiresias",
    .help =
        "Tiresias: job_id,num_gpu,submit_time,iterations,model_name,duration,interval",
    .delimiter = ',',
    .columns = tiresias_columns,
    .n_columns = TRACE_JOB_COUNT(tiresias_columns),
    .job = tiresias_job,
};
