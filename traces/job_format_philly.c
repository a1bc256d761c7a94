/* Philly's job log (msr-fiddle/philly-traces, CC-BY-4.0; Jeon et al., ATC 2019): an
 * array of
 *
 *   {"status": "Pass", "vc": "...", "jobid": "...", "user": "...",
 *    "submitted_time": "2017-10-09 07:01:55",
 *    "attempts": [{"start_time": "...", "end_time": "...",
 *                  "detail": [{"ip": "m12", "gpus": ["gpu0", ...]}]}]}
 *
 * A job lasts as long as its attempts together.  One whose last attempt has a start but
 * no end was still running when the log was taken: it never ends; any other attempt
 * that lacks a time is an error of the log and counts for nothing.  It takes the GPUs
 * of its largest attempt: where they were is the old scheduler's choice, so they are a
 * total.  Times are local ones without zone. */
#include <stdio.h>
#include <string.h>

#include "traces/job_format.h"
#include "traces/job_json.h"

/* The text of a key; one without text, or with "None", is not given. */
static enum sp_status read_text(const struct trace_json_value *object, const char *key,
                                struct trace_job_cell *cell, struct sp_err *err)
{
    const struct trace_json_value *value = trace_json_member(object, key);

    *cell = (struct trace_job_cell){.column = key};
    cell->text = trace_json_text(value, &cell->size);
    if (cell->text == NULL)
        cell->size = 0;
    if (cell->text == NULL && trace_json_number(value) == trace_json_number(value))
        return sp_fail(err, SP_EINPUT, "key %s: found a number, expected text", key);
    if (cell->size == strlen("None") && memcmp(cell->text, "None", cell->size) == 0)
        cell->size = 0;
    cell->given = cell->size > 0;
    return SP_OK;
}

static enum sp_status read_time(const struct trace_json_value *object, const char *key,
                                struct trace_job_cell *cell, struct sp_err *err)
{
    enum sp_status status = read_text(object, key, cell, err);

    return status == SP_OK ? trace_job_read_cell(TRACE_JOB_DATE, cell, err) : status;
}

static int64_t count_gpus(const struct trace_json_value *attempt)
{
    const struct trace_json_value *detail = trace_json_member(attempt, "detail");
    int64_t gpus = 0;

    for (int64_t i = 0; i < trace_json_count(detail); i++) {
        const struct trace_json_value *server = trace_json_element(detail, i);
        int64_t n = trace_json_count(trace_json_member(server, "gpus"));

        gpus += n > 0 ? n : 0;
    }
    return gpus;
}

static enum sp_status add_attempt(const struct trace_json_value *attempt, bool last,
                                  struct model_job *job, bool *ran, struct sp_err *err)
{
    struct trace_job_cell start, end;
    int64_t gpus = count_gpus(attempt);

    if (read_time(attempt, "start_time", &start, err) != SP_OK ||
        read_time(attempt, "end_time", &end, err) != SP_OK)
        return SP_EINPUT;
    if (!start.given || (!end.given && !last))
        return SP_OK;
    if (end.given && end.value < start.value)
        return trace_job_wrong(&end, "a time not before the attempt's start_time", err);
    *ran = true;
    if (end.given)
        job->duration_ns += end.value - start.value;
    else
        job->duration_ns = MODEL_NEVER;
    if (1000 * gpus > job->needs.mgpu)
        job->needs.mgpu = 1000 * gpus;
    return SP_OK;
}

static enum trace_job_verdict read_job(struct trace_job_context *ctx,
                                       const struct trace_json_value *top,
                                       struct model_job *job, struct sp_err *err)
{
    const struct trace_json_value *attempts = trace_json_member(top, "attempts");
    struct trace_job_cell name, team, submitted;
    int64_t n = trace_json_count(attempts);
    bool ran = false;

    if (n < 0) {
        sp_fail(err, SP_EINPUT, "found a job without an array 'attempts'");
        return TRACE_JOB_BROKEN;
    }
    for (int64_t i = 0; i < n; i++)
        if (add_attempt(trace_json_element(attempts, i), i == n - 1, job, &ran, err) !=
            SP_OK)
            return TRACE_JOB_BROKEN;
    if (read_text(top, "jobid", &name, err) != SP_OK ||
        read_text(top, "vc", &team, err) != SP_OK ||
        read_time(top, "submitted_time", &submitted, err) != SP_OK ||
        trace_job_set_name(ctx, &name, job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    if (!ran || !submitted.given)
        return trace_job_never_ran(ctx);
    if (trace_job_set_team(ctx, &team, job, err) != SP_OK)
        return TRACE_JOB_BROKEN;
    job->arrival_ns = submitted.value;
    job->members = 0;
    return TRACE_JOB_IS;
}

static enum trace_job_verdict read_object(struct trace_job_context *ctx,
                                          const char *text, size_t size,
                                          struct model_job *job, struct sp_err *err)
{
    struct trace_json *document = trace_json_parse(text, size);
    enum trace_job_verdict verdict = TRACE_JOB_BROKEN;

    if (document == NULL)
        sp_fail(err, SP_EINPUT, "the job's object is no valid JSON");
    else
        verdict = read_job(ctx, trace_json_top(document), job, err);
    trace_json_free(document);
    return verdict;
}

static bool sniff(const struct trace_job_sample *sample)
{
    return sample->line_size > 0 && sample->line[0] == '[';
}

const struct trace_job_format trace_job_philly = {
    .name = "philly",
    .help = "Philly's cluster_job_log, JSON",
    .headless = true,
    .objects = true,
    .gives = TRACE_JOB_HAS_ARRIVAL | TRACE_JOB_HAS_DURATION | TRACE_JOB_HAS_GPU |
             TRACE_JOB_HAS_TEAM,
    .sniff = sniff,
    .object = read_object,
};
