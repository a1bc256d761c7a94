/* stageplan trace convert, of jobs: any format as our own CSV. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/trace.h"
#include "traces/job_write.h"
#include "traces/jobs.h"

/* What of the file is not in what was written, or not as it stood there: on stderr. */
static void tell_changes(const char *path, const struct trace_job_facts *facts)
{
    const struct {
        int64_t n;
        const char *text;
    } changes[] = {
        {facts->never_ran, "rows that never ran, left out"},
        {facts->parts, "rows that are parts of other jobs, left out"},
        {facts->cut, "shares above one GPU, cut to one"},
        {facts->rounded, "numbers of GPUs that are not whole, rounded up"},
        {facts->unstarted, "jobs that never started, as long as they were there"},
        {facts->estimated, "durations by a speed measured on fewer GPUs"},
    };

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (changes[i].n > 0)
            fprintf(stderr, "stageplan: %s: %s: %" PRId64 "\n", path, changes[i].text,
                    changes[i].n);
    if (facts->sorted)
        fprintf(stderr, "stageplan: %s: its rows were not in order of arrival\n", path);
}

static enum sp_status copy_jobs(struct model_job_stream *stream, FILE *out,
                                struct sp_err *err)
{
    const struct trace_job_writer w = {.out = out,
                                       .has = trace_jobs_facts(stream)->has};
    enum sp_status status;
    struct model_job job;

    trace_job_write_header(&w);
    while (stream->next(stream->self, &job, &status, err) && !ferror(out))
        trace_job_write(&w, &job, trace_jobs_teams(stream), trace_jobs_models(stream));
    return status;
}

int cli_trace_convert_jobs(const struct cli_parsed *parsed)
{
    const struct trace_job_request request = {.path = parsed->operands[1],
                                              .format = cli_value(parsed, "format"),
                                              .scale = 1,
                                              .jobs = -1,
                                              .for_ns = -1};
    struct model_job_stream stream;
    struct sp_err err = {0};
    int code = CLI_FAILED;
    FILE *out;

    if (trace_jobs_open(&request, &stream, &err) != SP_OK)
        return cli_fail_err(&err);
    out = cli_trace_out(parsed);
    if (out != NULL)
        code = cli_trace_close(
            parsed, out,
            copy_jobs(&stream, out, &err) == SP_OK ? CLI_OK : cli_fail_err(&err));
    if (code == CLI_OK)
        tell_changes(request.path, trace_jobs_facts(&stream));
    stream.close(stream.self);
    return code;
}
