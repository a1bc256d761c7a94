/* Standard Workload Format (Feitelson's Parallel Workloads Archive): 18 fields between
 * blanks, comments behind ';', -1 for what is not known.
 *
 * A job's processors are members of one CPU each. */
#include "traces/job_format.h"

enum {
    JOB,
    SUBMIT,
    WAIT,
    RUN,
    ALLOCATED,
    CPU_TIME,
    USED_MEMORY,
    REQUESTED,
    REQUESTED_TIME,
    REQUESTED_MEMORY,
    STATUS,
    USER,
    GROUP,
    EXECUTABLE,
    QUEUE,
    PARTITION,
    PRECEDING,
    THINK,
    FIELDS,
};

static const struct trace_job_column columns[] = {
    {"job", TRACE_JOB_TEXT, JOB, true, 0},
    {"submit time", TRACE_JOB_S, SUBMIT, true, TRACE_JOB_HAS_ARRIVAL},
    {"wait time", TRACE_JOB_TEXT, WAIT, true, 0},
    {"run time", TRACE_JOB_S, RUN, true, TRACE_JOB_HAS_DURATION},
    {"allocated processors", TRACE_JOB_WHOLE, ALLOCATED, true, TRACE_JOB_HAS_CPU},
    {"average CPU time", TRACE_JOB_TEXT, CPU_TIME, true, 0},
    {"used memory", TRACE_JOB_KIB, USED_MEMORY, true, TRACE_JOB_HAS_MEMORY},
    {"requested processors", TRACE_JOB_WHOLE, REQUESTED, true, 0},
    {"requested time", TRACE_JOB_S, REQUESTED_TIME, true, TRACE_JOB_HAS_ESTIMATE},
    {"requested memory", TRACE_JOB_KIB, REQUESTED_MEMORY, true, 0},
    {"status", TRACE_JOB_WHOLE, STATUS, true, 0},
    {"user", TRACE_JOB_TEXT, USER, true, 0},
    {"group", TRACE_JOB_TEXT, GROUP, true, TRACE_JOB_HAS_TEAM},
    {"executable", TRACE_JOB_TEXT, EXECUTABLE, true, 0},
    {"queue", TRACE_JOB_TEXT, QUEUE, true, 0},
    {"partition", TRACE_JOB_TEXT, PARTITION, true, 0},
    {"preceding job", TRACE_JOB_TEXT, PRECEDING, true, 0},
    {"think time", TRACE_JOB_TEXT, THINK, true, 0},
};

static bool is_unknown(const struct trace_job_cell *cell)
{
    return cell->size == 2 && cell->text[0] == '-' && cell->text[1] == '1';
}

static enum sp_status take_processors(const struct trace_job_cell *cell,
                                      struct model_job *job, struct sp_err *err)
{
    const struct trace_job_cell *n =
        &cell[is_unknown(&cell[ALLOCATED]) || cell[ALLOCATED].value == 0 ? REQUESTED
                                                                         : ALLOCATED];
    const struct trace_job_cell *memory =
        &cell[cell[REQUESTED_MEMORY].value > 0 ? REQUESTED_MEMORY : USED_MEMORY];

    if (n->value < 1 || n->value > MODEL_JOB_MEMBERS_MAX)
        return trace_job_wrong(n, "1 to 100000 processors", err);
    job->members = (int32_t)n->value;
    job->needs.mcpu = 1000;
    if (memory->value > 0)
        job->needs.memory_bytes = memory->value;
    return SP_OK;
}

static enum trace_job_verdict read_job(struct trace_job_context *ctx,
                                       const struct trace_job_cell *cell,
                                       struct model_job *job, struct sp_err *err)
{
    struct trace_job_cell group = cell[GROUP];
    enum { PART_FIRST = 2, PART_LAST = 4 };

    if (cell[STATUS].value >= PART_FIRST && cell[STATUS].value <= PART_LAST) {
        ctx->facts->parts++;
        return TRACE_JOB_PASSED;
    }
    if (is_unknown(&cell[RUN]))
        return trace_job_never_ran(ctx);
    ctx->facts->waited += cell[WAIT].size > 0 && *cell[WAIT].text > '0';
    job->arrival_ns = cell[SUBMIT].value;
    job->duration_ns = cell[RUN].value;
    if (cell[REQUESTED_TIME].value > 0)
        job->estimate_ns = cell[REQUESTED_TIME].value;
    group.given = group.given && !is_unknown(&group);
    if (take_processors(cell, job, err) != SP_OK ||
        trace_job_set_name(ctx, &cell[JOB], job, err) != SP_OK ||
        trace_job_set_team(ctx, &group, job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

static bool sniff(const struct trace_job_sample *sample)
{
    const char *p = sample->line, *end = p + sample->line_size;
    struct trace_job_cell field;
    int n = 0;

    if (sample->line_size > 0 && *sample->line == ';')
        return true;
    for (; p != NULL && n <= FIELDS; n++) {
        p = trace_job_field(' ', p, end, &field);
        if (!trace_job_is_number(&field))
            return false;
    }
    return n == FIELDS;
}

const struct trace_job_format trace_job_swf = {
    .name = "swf",
    .help = "Standard Workload Format: processors are members of one CPU",
    .delimiter = ' ',
    .comment = ';',
    .headless = true,
    .columns = columns,
    .n_columns = TRACE_JOB_COUNT(columns),
    .sniff = sniff,
    .job = read_job,
};
