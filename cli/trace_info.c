/* stageplan trace info: what a recorded file is, whatever it records. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "cli/trace.h"
#include "traces/info.h"
#include "traces/job_info_print.h"
#include "traces/kind.h"

static bool is_utf8_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && *value != '\0')
            return strcasestr(value, "utf-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static struct trace_info_style style_of_stdout(void)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO) == 1;

    return (struct trace_info_style){
        .chart = terminal,
        .utf8 = is_utf8_locale(),
        .colour = terminal && (no_colour == NULL || *no_colour == '\0') &&
                  term != NULL && strcmp(term, "dumb") != 0,
    };
}

/* One `trace info`. */
struct ask {
    const char *path, *format, *fleet;
    bool json;
    struct sp_arena *arena;
};

static enum sp_status tell_requests(const struct ask *ask, struct sp_err *err)
{
    struct trace_info *info = sp_arena_alloc(ask->arena, sizeof *info);
    enum sp_status status = trace_info_read(ask->path, ask->format, info, err);

    if (status != SP_OK)
        return status;
    if (ask->json)
        trace_info_print_json(info, stdout);
    else
        trace_info_print(info, style_of_stdout(), stdout);
    return SP_OK;
}

/* ---- jobs ---- */

static enum sp_status print_jobs(const struct ask *ask,
                                 const struct trace_job_study *study,
                                 struct sp_err *err)
{
    struct trace_job_info *info;
    struct trace_warnings warnings;
    uint64_t xxh64 = 0;
    enum sp_status status = trace_job_info_read(study, ask->arena, &info, err);

    if (status == SP_OK)
        status = sp_hash64_file(ask->path, &xxh64, err);
    if (status != SP_OK)
        return status;
    warnings = trace_job_check(study, info, ask->arena);
    if (ask->json)
        trace_job_info_print_json(info, study->facts, xxh64, &warnings, stdout);
    else
        trace_job_info_print(info, study->facts, xxh64, &warnings, style_of_stdout(),
                             stdout);
    return SP_OK;
}

static enum sp_status tell_jobs(const struct ask *ask, struct sp_err *err)
{
    struct trace_job_request request = {
        .path = ask->path, .format = ask->format, .scale = 1, .jobs = -1, .for_ns = -1};
    struct model_job_stream stream;
    struct trace_job_study study = {.path = ask->path,
                                    .stream = &stream,
                                    .teams = trace_jobs_teams,
                                    .models = trace_jobs_models};
    struct model_node_list *fleet = NULL;
    enum sp_status status = SP_OK;

    if (ask->fleet != NULL)
        status = model_node_list_read(ask->fleet, ask->arena, &fleet, err);
    if (status == SP_OK)
        status = trace_jobs_open(&request, &stream, err);
    if (status != SP_OK)
        return status;
    study.facts = trace_jobs_facts(&stream);
    if (fleet != NULL) {
        study.n_kinds = fleet->n_kinds;
        study.kinds = fleet->kinds;
    }
    status = print_jobs(ask, &study, err);
    stream.close(stream.self);
    return status;
}

/* ---- the others ---- */

static enum sp_status tell_availability(const struct ask *ask, struct sp_err *err)
{
    struct model_availability *a;
    uint64_t xxh64 = 0;
    enum sp_status status = model_availability_read(ask->path, ask->arena, &a, err);

    if (status == SP_OK)
        status = sp_hash64_file(ask->path, &xxh64, err);
    if (status != SP_OK)
        return status;
    if (ask->json)
        trace_availability_print_json(a, xxh64, stdout);
    else
        trace_availability_print(a, xxh64, style_of_stdout(), stdout);
    return SP_OK;
}

static enum sp_status tell_nodes(const struct ask *ask, struct sp_err *err)
{
    struct model_node_list *list;
    uint64_t xxh64 = 0;
    enum sp_status status = model_node_list_read(ask->path, ask->arena, &list, err);

    if (status == SP_OK)
        status = sp_hash64_file(ask->path, &xxh64, err);
    if (status != SP_OK)
        return status;
    if (ask->json)
        trace_node_list_print_json(list, ask->path, xxh64, stdout);
    else
        trace_node_list_print(list, ask->path, xxh64, stdout);
    return SP_OK;
}

static enum sp_status tell_demand(const struct ask *ask, struct sp_err *err)
{
    struct trace_demand_file *file;
    uint64_t xxh64 = 0;
    enum sp_status status = trace_demand_read(ask->path, ask->arena, &file, err);

    if (status == SP_OK)
        status = sp_hash64_file(ask->path, &xxh64, err);
    if (status != SP_OK)
        return status;
    if (ask->json)
        trace_demand_print_json(file, ask->path, xxh64, stdout);
    else
        trace_demand_print(file, ask->path, xxh64, style_of_stdout(), stdout);
    return SP_OK;
}

int cli_trace_info(const struct cli_parsed *parsed)
{
    static enum sp_status (*const tell[])(const struct ask *ask, struct sp_err *err) = {
        [TRACE_KIND_REQUESTS] = tell_requests,
        [TRACE_KIND_JOBS] = tell_jobs,
        [TRACE_KIND_AVAILABILITY] = tell_availability,
        [TRACE_KIND_NODES] = tell_nodes,
        [TRACE_KIND_DEMAND] = tell_demand,
    };
    struct ask ask = {.path = parsed->operands[1],
                      .format = cli_value(parsed, "format"),
                      .fleet = cli_value(parsed, "fleet"),
                      .json = cli_given(parsed, "json"),
                      .arena = sp_arena_new()};
    enum trace_kind kind = TRACE_KIND_REQUESTS;
    struct sp_err err = {0};
    int code = CLI_OK;

    if (trace_kind_of(ask.path, ask.format, &kind, &err) != SP_OK)
        code = cli_fail_err(&err);
    else if (ask.fleet != NULL && kind != TRACE_KIND_JOBS)
        code = cli_fail(CLI_USAGE,
                        "trace info: --fleet goes with a trace of jobs only; try "
                        "'stageplan trace --help'");
    else if (tell[kind](&ask, &err) != SP_OK)
        code = cli_fail_err(&err);
    sp_arena_free(ask.arena);
    return code;
}
