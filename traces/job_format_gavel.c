/* Gavel's traces (stanford-futuredata/gavel, MIT; Narayanan et al., OSDI 2020): seven
 * fields between tabs, the second a command, which is not looked at.
 *
 * A trace gives steps, not times: those follow from the steps per second that Gavel
 * measured, in simulation_throughputs.json (plain or gzip), which must lie beside the
 * trace.  The reference is its v100, alone on its GPUs.  Where a number of GPUs is not
 * among those measured the largest below it counts, scaled up in proportion. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/input.h"
#include "base/path.h"
#include "base/units.h"
#include "traces/job_format.h"
#include "traces/job_json.h"

enum { TYPE, COMMAND, STEPS_OPTION, NEEDS_DATA, STEPS, ARRIVAL, GPUS, FIELDS };

static const struct trace_job_column columns[] = {
    {"job type", TRACE_JOB_TEXT, TYPE, true, 0},
    {"command", TRACE_JOB_TEXT, COMMAND, true, 0},
    {"steps option", TRACE_JOB_TEXT, STEPS_OPTION, true, 0},
    {"needs data", TRACE_JOB_TEXT, NEEDS_DATA, true, 0},
    {"total steps", TRACE_JOB_WHOLE, STEPS, true, TRACE_JOB_HAS_DURATION},
    {"arrival", TRACE_JOB_S, ARRIVAL, true, TRACE_JOB_HAS_ARRIVAL},
    {"GPUs", TRACE_JOB_WHOLE, GPUS, true, TRACE_JOB_HAS_GPU},
};

/* What Gavel measured: the document, and its part for the reference GPU. */
struct speeds {
    struct trace_json *document;
    const struct trace_json_value *reference;
};

static enum sp_status find_speeds(const struct trace_job_context *ctx,
                                  const char **path, struct sp_err *err)
{
    static const char *const names[] = {"simulation_throughputs.json",
                                        "simulation_throughputs.json.gz"};

    for (int i = 0; i < TRACE_JOB_COUNT(names); i++) {
        *path = sp_path_from(ctx->arena, ctx->folder, names[i]);
        if (access(*path, R_OK) == 0)
            return SP_OK;
    }
    return sp_fail(err, SP_EINPUT,
                   "a trace of Gavel's gives steps, not times: expected Gavel's "
                   "simulation_throughputs.json (or .json.gz) in the same folder, "
                   "found none");
}

static enum sp_status begin(struct trace_job_context *ctx, unsigned gives,
                            struct sp_err *err)
{
    enum { MOST_MIB = 64 };
    struct speeds *speeds = sp_arena_alloc(ctx->arena, sizeof *speeds);
    const char *path = NULL;
    char *text = NULL;
    size_t size = 0;
    enum sp_status status = find_speeds(ctx, &path, err);

    (void)gives;
    ctx->own = speeds;
    if (status == SP_OK)
        status = sp_input_load(path, MOST_MIB, &text, &size, err);
    if (status != SP_OK)
        return status;
    speeds->document = trace_json_parse(text, size);
    free(text);
    speeds->reference = trace_json_member(trace_json_top(speeds->document), "v100");
    if (speeds->reference == NULL)
        return sp_fail(err, SP_EINPUT,
                       "%s: expected JSON with the speeds of jobs on a 'v100'", path);
    return SP_OK;
}

static void finish(struct trace_job_context *ctx)
{
    struct speeds *speeds = ctx->own;

    if (speeds != NULL)
        trace_json_free(speeds->document);
}

/* Steps per second on so many GPUs, or NaN. */
static double measured(const struct speeds *speeds, const struct trace_job_cell *type,
                       int64_t gpus)
{
    char key[2 * MODEL_NAME_MAX];

    snprintf(key, sizeof key, "('%.*s', %lld)", (int)type->size, type->text,
             (long long)gpus);
    return trace_json_number(
        trace_json_member(trace_json_member(speeds->reference, key), "null"));
}

/* The same, where need be from fewer GPUs in proportion; NaN: none is known. */
static double speed_of(struct trace_job_context *ctx, const struct trace_job_cell *cell)
{
    static const int64_t sizes[] = {8, 4, 2, 1};
    int64_t gpus = cell[GPUS].value;
    double speed = measured(ctx->own, &cell[TYPE], gpus);

    for (int i = 0; i < TRACE_JOB_COUNT(sizes) && !(speed > 0); i++)
        if (sizes[i] < gpus) {
            speed = measured(ctx->own, &cell[TYPE], sizes[i]) * (double)gpus /
                    (double)sizes[i];
            ctx->facts->estimated += speed > 0;
        }
    return speed;
}

static enum trace_job_verdict read_job(struct trace_job_context *ctx,
                                       const struct trace_job_cell *cell,
                                       struct model_job *job, struct sp_err *err)
{
    enum { GPUS_MOST = 1000000 };
    static const struct trace_job_cell no_name = {.column = "job"};
    double speed;

    if (!cell[GPUS].given || cell[GPUS].value < 1 || cell[GPUS].value > GPUS_MOST) {
        trace_job_wrong(&cell[GPUS], "a number of GPUs, 1 to 1000000", err);
        return TRACE_JOB_BROKEN;
    }
    if (!cell[STEPS].given || cell[STEPS].value < 0) {
        trace_job_wrong(&cell[STEPS], "a number of steps, 0 or more", err);
        return TRACE_JOB_BROKEN;
    }
    speed = cell[TYPE].size <= MODEL_NAME_MAX ? speed_of(ctx, cell) : NAN;
    if (!(speed > 0)) {
        trace_job_wrong(&cell[TYPE],
                        "a kind of job whose speed on so many v100 is in "
                        "simulation_throughputs.json",
                        err);
        return TRACE_JOB_BROKEN;
    }
    job->arrival_ns = cell[ARRIVAL].value;
    job->duration_ns = sp_ns_from_s((double)cell[STEPS].value / speed);
    job->members = 0;
    job->needs.mgpu = 1000 * cell[GPUS].value;
    if (trace_job_set_name(ctx, &no_name, job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    return TRACE_JOB_IS;
}

/* Seven fields between tabs, the last three numbers. */
static bool sniff(const struct trace_job_sample *sample)
{
    const char *p = sample->line, *end = p + sample->line_size;
    struct trace_job_cell field;
    int n = 0;

    for (; p != NULL && n <= FIELDS; n++) {
        p = trace_job_field('\t', p, end, &field);
        if (n >= STEPS && !trace_job_is_number(&field))
            return false;
    }
    return n == FIELDS;
}

const struct trace_job_format trace_job_gavel = {
    .name = "gavel",
    .help = "Gavel's traces; simulation_throughputs.json must lie beside them",
    .delimiter = '\t',
    .headless = true,
    .columns = columns,
    .n_columns = TRACE_JOB_COUNT(columns),
    .sniff = sniff,
    .begin = begin,
    .finish = finish,
    .job = read_job,
};
