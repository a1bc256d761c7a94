/* stageplan trace generate: options to a recipe, its rows to a file. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/trace.h"
#include "traces/generate.h"
#include "traces/job_generate.h"
#include "traces/job_write.h"
#include "traces/write.h"

static const struct {
    const char *name;
    enum model_source_kind kind;
} processes[] = {
    {"poisson", MODEL_SOURCE_POISSON}, /* the first is taken where none is named */
    {"constant", MODEL_SOURCE_CONSTANT},
    {"gamma", MODEL_SOURCE_GAMMA},
    {"diurnal", MODEL_SOURCE_DIURNAL},
};
enum { N_PROCESSES = sizeof processes / sizeof processes[0] };

/* An option's value by the parser of its unit; the defaults are there already.  Those
 * of one arrival process are refused with the others. */
enum unit {
    UNIT_RATE,
    UNIT_FOR,
    UNIT_REQUESTS,
    UNIT_SEED,
    UNIT_CV,
    UNIT_SHARE,
    UNIT_S
};

static const struct {
    const char *name;
    enum unit unit;
    size_t offset;
    const char *process; /* NULL: with any */
    bool required;       /* by that process, or always */
} numbers[] = {
    {"rate", UNIT_RATE, offsetof(struct trace_recipe, rate_per_s), NULL, true},
    {"for", UNIT_FOR, offsetof(struct trace_recipe, for_ns), NULL, false},
    {"requests", UNIT_REQUESTS, offsetof(struct trace_recipe, requests), NULL, false},
    {"seed", UNIT_SEED, offsetof(struct trace_recipe, seed), NULL, false},
    {"cv", UNIT_CV, offsetof(struct trace_recipe, cv), "gamma", true},
    {"amplitude", UNIT_SHARE, offsetof(struct trace_recipe, amplitude), "diurnal",
     true},
    {"period", UNIT_S, offsetof(struct trace_recipe, period_s), "diurnal", false},
    {"peak", UNIT_S, offsetof(struct trace_recipe, peak_s), "diurnal", false},
};
enum { N_NUMBERS = sizeof numbers / sizeof numbers[0] };

static enum sp_status parse_number(enum unit unit, const char *text, void *to,
                                   struct sp_err *err)
{
    double s = 0;
    int64_t n = 0;
    enum sp_status status;

    switch (unit) {
    case UNIT_RATE:
        return sp_parse_per_s(text, to, err);
    case UNIT_CV:
        return sp_parse_number(text, 0.01, 100, to, err);
    case UNIT_SHARE:
        return sp_parse_fraction(text, to, err);
    case UNIT_S:
        return sp_parse_duration_s(text, to, err);
    case UNIT_REQUESTS:
        return sp_parse_count(text, 1, INT64_C(1000000000000), to, err);
    case UNIT_SEED:
        status = sp_parse_count(text, 0, INT64_MAX, &n, err);
        *(uint64_t *)to = (uint64_t)n;
        return status;
    case UNIT_FOR:
        break;
    }
    status = sp_parse_duration_s(text, &s, err);
    *(int64_t *)to = sp_ns_from_s(s);
    return status;
}

static enum sp_status read_numbers(const struct cli_parsed *parsed, const char *process,
                                   struct trace_recipe *recipe, struct sp_err *err)
{
    for (int i = 0; i < N_NUMBERS; i++) {
        const char *text = cli_value(parsed, numbers[i].name);
        bool fits =
            numbers[i].process == NULL || strcmp(numbers[i].process, process) == 0;
        struct sp_err what = {0};

        if (text == NULL && fits && numbers[i].required)
            return sp_fail(err, SP_EINPUT, "trace generate: --%s is missing%s%s",
                           numbers[i].name,
                           numbers[i].process != NULL ? ", which goes with --arrivals "
                                                      : ", expected one such as 10/s",
                           numbers[i].process != NULL ? process : "");
        if (text == NULL)
            continue;
        if (!fits)
            return sp_fail(err, SP_EINPUT,
                           "trace generate: --%s goes with --arrivals %s, found %s",
                           numbers[i].name, numbers[i].process, process);
        if (parse_number(numbers[i].unit, text, (char *)recipe + numbers[i].offset,
                         &what) != SP_OK)
            return sp_fail(err, SP_EINPUT, "trace generate: --%s: %s", numbers[i].name,
                           what.text);
    }
    return SP_OK;
}

static enum sp_status read_process(const struct cli_parsed *parsed, const char **name,
                                   struct trace_recipe *recipe, struct sp_err *err)
{
    const char *text = cli_value(parsed, "arrivals");
    char quoted[80];

    for (int i = 0; i < N_PROCESSES; i++)
        if (text == NULL || strcmp(processes[i].name, text) == 0) {
            *name = processes[i].name;
            recipe->arrivals = processes[i].kind;
            return SP_OK;
        }
    return sp_fail(err, SP_EINPUT,
                   "trace generate: --arrivals: found %s, expected one of poisson, "
                   "constant, gamma, diurnal",
                   sp_text_quote(text, quoted, sizeof quoted));
}

/* ---- lengths ---- */

static const struct {
    const char *option, *name;
} sizes[] = {{"prompt-tokens", "prompt_tokens"}, {"output-tokens", "output_tokens"}};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

static enum sp_status read_laws(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct trace_recipe *recipe, struct sp_err *err)
{
    for (int i = 0; i < N_SIZES; i++) {
        const char *text = cli_value(parsed, sizes[i].option);
        enum sp_status status;

        if (text == NULL)
            continue;
        recipe->names[recipe->n_sizes] = sizes[i].name;
        status = trace_lengths_parse(text, sizes[i].name, arena,
                                     &recipe->sizes[recipe->n_sizes], err);
        if (status != SP_OK)
            return status;
        recipe->n_sizes++;
    }
    return SP_OK;
}

static enum sp_status read_rows(const char *path, struct sp_arena *arena,
                                struct trace_recipe *recipe, struct sp_err *err)
{
    struct trace_length_rows *rows = sp_arena_alloc(arena, sizeof *rows);
    const char *names[N_SIZES];
    enum sp_status status;

    for (int i = 0; i < N_SIZES; i++)
        names[i] = sizes[i].name;
    status = trace_lengths_of_trace(path, names, N_SIZES, arena, rows, err);
    if (status != SP_OK)
        return status;
    recipe->rows = rows;
    recipe->n_sizes = rows->n_sizes;
    for (int32_t i = 0; i < rows->n_sizes; i++)
        recipe->names[i] = rows->names[i];
    return SP_OK;
}

static enum sp_status read_lengths(const struct cli_parsed *parsed,
                                   struct sp_arena *arena, struct trace_recipe *recipe,
                                   struct sp_err *err)
{
    const char *rows_of = cli_value(parsed, "rows-of");

    if (rows_of == NULL)
        return read_laws(parsed, arena, recipe, err);
    for (int i = 0; i < N_SIZES; i++)
        if (cli_given(parsed, sizes[i].option))
            return sp_fail(err, SP_EINPUT,
                           "trace generate: --%s does not go with --rows-of, which "
                           "brings all lengths",
                           sizes[i].option);
    return read_rows(rows_of, arena, recipe, err);
}

static enum sp_status read_recipe(const struct cli_parsed *parsed,
                                  struct sp_arena *arena, struct trace_recipe *recipe,
                                  struct sp_err *err)
{
    const char *process = "";
    enum sp_status status;

    *recipe = (struct trace_recipe){.requests = -1,
                                    .for_ns = -1,
                                    .seed = 1,
                                    .period_s = 24 * 3600.0,
                                    .peak_s = 14 * 3600.0};
    status = read_process(parsed, &process, recipe, err);
    if (status == SP_OK)
        status = read_numbers(parsed, process, recipe, err);
    if (status == SP_OK && recipe->requests < 0 && recipe->for_ns < 0)
        status = sp_fail(err, SP_EINPUT,
                         "trace generate: the trace never ends, expected --for, "
                         "--requests or both");
    if (status == SP_OK && !(recipe->period_s >= 1e-3))
        status =
            sp_fail(err, SP_EINPUT, "trace generate: --period: expected 1ms or more");
    return status == SP_OK ? read_lengths(parsed, arena, recipe, err) : status;
}

/* ---- jobs ---- */

/* The kinds of --job, each once. */
static enum sp_status read_jobs(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct trace_job_recipe **jobs, struct sp_err *err)
{
    struct trace_job_recipe *r = NULL;

    for (int i = 0; i < parsed->n_options; i++) {
        struct sp_err what = {0};

        if (strcmp(parsed->options[i].option->name, "job") != 0)
            continue;
        if (r == NULL)
            r = trace_job_recipe_new(arena);
        if (trace_job_recipe_add(r, parsed->options[i].value, &what) != SP_OK)
            return sp_fail(err, SP_EINPUT, "trace generate: --job: %s", what.text);
    }
    for (int i = 0; i < N_SIZES && r != NULL; i++)
        if (cli_given(parsed, sizes[i].option) || cli_given(parsed, "rows-of"))
            return sp_fail(
                err, SP_EINPUT,
                "trace generate: --job does not go with lengths of requests");
    *jobs = r;
    return SP_OK;
}

static int write_jobs(const struct trace_job_recipe *jobs,
                      const struct trace_recipe *arrivals, FILE *out)
{
    const struct trace_job_writer w = {.out = out, .has = trace_job_recipe_has(jobs)};
    struct trace_job_generator g = trace_job_generator_of(jobs, arrivals);
    struct model_job job;

    if (!trace_job_generator_next(&g, &job))
        return cli_fail(CLI_USAGE,
                        "trace generate: nothing arrives in so short a time");
    trace_job_write_header(&w);
    do {
        trace_job_write(&w, &job, trace_job_recipe_teams(jobs),
                        trace_job_recipe_models(jobs));
    } while (!ferror(out) && trace_job_generator_next(&g, &job));
    return CLI_OK;
}

/* ---- requests ---- */

/* At least one row: a trace without any is none. */
static int write_rows(const struct trace_recipe *recipe, FILE *out)
{
    struct trace_writer w = {.out = out, .n_sizes = recipe->n_sizes};
    struct trace_generator g = trace_generator_of(recipe);
    struct trace_row row;

    for (int32_t i = 0; i < recipe->n_sizes; i++)
        w.names[i] = recipe->names[i];
    if (!trace_generator_next(&g, &row))
        return cli_fail(CLI_USAGE,
                        "trace generate: nothing arrives in so short a time");
    trace_write_header(&w);
    do {
        trace_write_row(&w, &row);
    } while (!ferror(out) && trace_generator_next(&g, &row));
    return CLI_OK;
}

int cli_trace_generate(const struct cli_parsed *parsed)
{
    struct sp_arena *arena = sp_arena_new();
    struct trace_job_recipe *jobs = NULL;
    struct trace_recipe recipe;
    struct sp_err err = {0};
    FILE *out;
    int code = CLI_FAILED;

    if (read_recipe(parsed, arena, &recipe, &err) != SP_OK ||
        read_jobs(parsed, arena, &jobs, &err) != SP_OK) {
        code = cli_fail_err(&err);
    } else {
        out = cli_trace_out(parsed);
        if (out != NULL)
            code = cli_trace_close(parsed, out,
                                   jobs != NULL ? write_jobs(jobs, &recipe, out)
                                                : write_rows(&recipe, out));
    }
    sp_arena_free(arena);
    return code;
}
