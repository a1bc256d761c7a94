/* Alibaba's cluster-trace-gpu-v2020 (PAI): the task table, which has no header.
 *
 * A task is a job here: its instances are the members of a gang, each with the planned
 * CPU, memory and GPU.  The table does not say when a task was submitted, so it arrives
 * when it started. */
#include <stdio.h>
#include <string.h>

#include "traces/job_format.h"

enum { JOB, TASK, INSTANCES, STATUS, START, END, CPU, MEMORY, GPU, MODEL, FIELDS };

static const struct trace_job_column columns[] = {
    {"job_name", TRACE_JOB_TEXT, JOB, true, 0},
    {"task_name", TRACE_JOB_TEXT, TASK, true, 0},
    {"inst_num", TRACE_JOB_WHOLE, INSTANCES, true, 0},
    {"status", TRACE_JOB_TEXT, STATUS, true, 0},
    {"start_time", TRACE_JOB_S, START, true, TRACE_JOB_HAS_ARRIVAL},
    {"end_time", TRACE_JOB_S, END, true, TRACE_JOB_HAS_DURATION},
    {"plan_cpu", TRACE_JOB_PERCENT, CPU, true, TRACE_JOB_HAS_CPU},
    {"plan_mem", TRACE_JOB_GIB, MEMORY, true, TRACE_JOB_HAS_MEMORY},
    {"plan_gpu", TRACE_JOB_PERCENT, GPU, true, TRACE_JOB_HAS_GPU},
    {"gpu_type", TRACE_JOB_TEXT, MODEL, true, TRACE_JOB_HAS_MODELS},
};

static const char *const statuses[] = {"Terminated", "Failed", "Running", "Waiting",
                                       "Interrupted"};

static bool is_word(const struct trace_job_cell *cell, const char *word)
{
    return cell->size == strlen(word) && memcmp(cell->text, word, cell->size) == 0;
}

static void take_needs(struct trace_job_context *ctx, const struct trace_job_cell *cell,
                       struct model_job *job)
{
    enum { WHOLE = 1000 };
    int64_t over = cell[GPU].value > WHOLE ? cell[GPU].value % WHOLE : 0;

    if (cell[CPU].given)
        job->needs.mcpu = cell[CPU].value;
    if (cell[MEMORY].given)
        job->needs.memory_bytes = cell[MEMORY].value;
    job->needs.mgpu = cell[GPU].value + (over > 0 ? WHOLE - over : 0);
    ctx->facts->rounded += over > 0;
}

/* "job/task", as far as a name goes. */
static enum sp_status take_name(struct trace_job_context *ctx,
                                const struct trace_job_cell *cell,
                                struct model_job *job, struct sp_err *err)
{
    char name[MODEL_NAME_MAX + 2];
    struct trace_job_cell both = cell[JOB];

    if (cell[TASK].given && cell[JOB].size + 1 + cell[TASK].size <= MODEL_NAME_MAX) {
        snprintf(name, sizeof name, "%.*s/%.*s", (int)cell[JOB].size, cell[JOB].text,
                 (int)cell[TASK].size, cell[TASK].text);
        both.text = name;
        both.size = cell[JOB].size + 1 + cell[TASK].size;
    }
    return trace_job_set_name(ctx, &both, job, err);
}

static enum trace_job_verdict read_job(struct trace_job_context *ctx,
                                       const struct trace_job_cell *cell,
                                       struct model_job *job, struct sp_err *err)
{
    struct trace_job_cell model = cell[MODEL];
    bool running = is_word(&cell[STATUS], "Running");

    if (cell[INSTANCES].given &&
        (cell[INSTANCES].value < 1 || cell[INSTANCES].value > MODEL_JOB_MEMBERS_MAX)) {
        trace_job_wrong(&cell[INSTANCES], "1 to 100000 instances", err);
        return TRACE_JOB_BROKEN;
    }
    if (!cell[START].given || (!cell[END].given && !running))
        return trace_job_never_ran(ctx);
    job->arrival_ns = cell[START].value;
    job->duration_ns =
        cell[END].given ? cell[END].value - cell[START].value : MODEL_NEVER;
    if (cell[INSTANCES].given)
        job->members = (int32_t)cell[INSTANCES].value;
    take_needs(ctx, cell, job);
    model.given = model.given && job->needs.mgpu > 0;
    if (take_name(ctx, cell, job, err) != SP_OK ||
        trace_job_set_models(ctx, &model, job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

/* Ten fields, of which the fourth is a status. */
static bool sniff(const struct trace_job_sample *sample)
{
    const char *p = sample->line, *end = p + sample->line_size;
    struct trace_job_cell field;
    bool known = false;
    int n = 0;

    for (; p != NULL && n <= FIELDS; n++) {
        p = trace_job_field(',', p, end, &field);
        for (int i = 0; n == STATUS && i < TRACE_JOB_COUNT(statuses); i++)
            known = known || is_word(&field, statuses[i]);
    }
    return n == FIELDS && known;
}

const struct trace_job_format trace_job_pai = {
    .name = "pai",
    .help = "Alibaba cluster-trace-gpu-v2020, pai_task_table: tasks are the jobs",
    .delimiter = ',',
    .headless = true,
    .columns = columns,
    .n_columns = TRACE_JOB_COUNT(columns),
    .sniff = sniff,
    .job = read_job,
};
