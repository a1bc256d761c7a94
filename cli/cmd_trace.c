/* stageplan trace info|fit|generate|convert: what a trace is before it is replayed, one
 * that resembles it, and another form of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/trace.h"
#include "traces/fit.h"
#include "traces/jobs.h"
#include "traces/reader.h"
#include "traces/write.h"

static const struct cli_option options[] = {
    {"format", 'f', "NAME",
     "auto, csv, azure-2023, azure-2024, burstgpt, mooncake or serving-jsonl; of jobs: "
     "csv, openb, pai, dlrm-2025, philly, philly-csv, helios, tiresias, swf or gavel "
     "(default: auto)"},
    {"json", 0, NULL, "info: one JSON object instead of text"},
    {"fleet", 0, "FILE", "info: a list of nodes to hold a trace of jobs against"},
    {"out", 'o', "FILE", "generate, convert: write here instead of on standard output"},
    {"rate", 0, "RATE", "generate: arrivals, \"10/s\" or \"300/min\""},
    {"arrivals", 0, "NAME", "generate: poisson (default), constant, gamma or diurnal"},
    {"cv", 0, "X", "generate: coefficient of variation of gamma gaps"},
    {"amplitude", 0, "X", "generate: swing of a diurnal rate, 0 to 1"},
    {"period", 0, "TIME", "generate, fit: of a diurnal rate (default: 24h)"},
    {"peak", 0, "TIME", "generate: when a diurnal rate is highest (default: 14h)"},
    {"for", 0, "TIME", "generate: none arrives at or after this time"},
    {"requests", 0, "N", "generate: so many at most"},
    {"seed", 0, "N", "generate: of every random stream (default: 1)"},
    {"prompt-tokens", 0, "LAW",
     "generate: N, lognormal:MEAN,CV, empirical:FILE or trace:FILE"},
    {"output-tokens", 0, "LAW", "generate: the same for the answers"},
    {"rows-of", 0, "FILE", "generate: both lengths from whole rows of this trace"},
    {"job", 0, "KIND",
     "generate: jobs of this kind, \"gpu=8 duration=lognormal:1h,2 team=a share=3\"; "
     "may be given again"},
    {NULL, 0, NULL, NULL},
};

/* ---- output ---- */

FILE *cli_trace_out(const struct cli_parsed *parsed)
{
    const char *path = cli_value(parsed, "out");
    FILE *out = path != NULL ? fopen(path, "w") : stdout;

    if (out == NULL)
        cli_fail(CLI_FAILED, "%s: can't be written: %s", path, strerror(errno));
    return out;
}

static void take_away(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

int cli_trace_close(const struct cli_parsed *parsed, FILE *out, int code)
{
    const char *path = cli_value(parsed, "out");
    bool failed;

    if (path == NULL)
        return code; /* main() looks at stdout */
    failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    if (failed || code != CLI_OK)
        take_away(path);
    if (failed && code == CLI_OK)
        return cli_fail(CLI_FAILED, "%s: can't be written", path);
    return code;
}

/* ---- convert ---- */

static enum sp_status copy_rows(struct trace_reader *reader, FILE *out,
                                struct sp_err *err)
{
    const struct trace_layout *layout = trace_reader_layout(reader);
    struct trace_writer w = {.out = out,
                             .bytes = layout->has_bytes,
                             .n_sizes = layout->n_sizes,
                             .hash_block_tokens = layout->hash_block_tokens};
    struct trace_row row;
    enum sp_status status;

    for (int32_t i = 0; i < layout->n; i++)
        if (layout->columns[i].kind == TRACE_COLUMN_SIZE)
            w.names[layout->columns[i].size] = layout->columns[i].known_as;
    trace_write_header(&w);
    while (trace_reader_next(reader, &row, &status, err) && !ferror(out))
        trace_write_row(&w, &row);
    return status;
}

static int convert_requests(const struct cli_parsed *parsed)
{
    struct trace_reader *reader;
    struct sp_err err = {0};
    int code = CLI_FAILED;
    FILE *out;

    if (trace_reader_open(parsed->operands[1], cli_value(parsed, "format"), &reader,
                          &err) != SP_OK)
        return cli_fail_err(&err);
    out = cli_trace_out(parsed);
    if (out != NULL)
        code = cli_trace_close(
            parsed, out,
            copy_rows(reader, out, &err) == SP_OK ? CLI_OK : cli_fail_err(&err));
    trace_reader_close(reader);
    return code;
}

static int run_convert(const struct cli_parsed *parsed)
{
    struct sp_err err = {0};
    bool are_jobs = false;

    if (trace_jobs_recognize(parsed->operands[1], cli_value(parsed, "format"),
                             &are_jobs, &err) != SP_OK)
        return cli_fail_err(&err);
    return are_jobs ? cli_trace_convert_jobs(parsed) : convert_requests(parsed);
}

/* ---- fit ---- */

static int run_fit(const struct cli_parsed *parsed)
{
    const char *period = cli_value(parsed, "period");
    double period_s = 24 * 3600.0;
    struct trace_fit fit;
    struct sp_err err = {0};

    if (period != NULL && sp_parse_duration_s(period, &period_s, &err) != SP_OK)
        return cli_fail(CLI_USAGE, "trace fit: --period: %s", err.text);
    if (!(period_s >= 1e-3))
        return cli_fail(CLI_USAGE, "trace fit: --period: expected 1ms or more");
    if (trace_fit_read(parsed->operands[1], cli_value(parsed, "format"), period_s, &fit,
                       &err) != SP_OK)
        return cli_fail_err(&err);
    trace_fit_print(&fit, stdout);
    return CLI_OK;
}

/* ---- the verbs ---- */

static const struct verb {
    const char *name;
    int files;
    const char *takes[16]; /* its options */
    int (*run)(const struct cli_parsed *parsed);
} verbs[] = {
    {"info", 1, {"format", "json", "fleet"}, cli_trace_info},
    {"fit", 1, {"format", "period"}, run_fit},
    {"convert", 1, {"format", "out"}, run_convert},
    {"generate",
     0,
     {"out", "rate", "arrivals", "cv", "amplitude", "period", "peak", "for", "requests",
      "seed", "prompt-tokens", "output-tokens", "rows-of", "job"},
     cli_trace_generate},
};
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

#define EXPECTED "'info FILE', 'fit FILE', 'convert FILE' or 'generate'"

static const struct verb *find_verb(const char *name)
{
    const char *names[N_VERBS], *nearest;
    char quoted[80];

    if (name == NULL) {
        cli_fail(CLI_USAGE, "trace: what to do is missing, expected " EXPECTED
                            "; try 'stageplan trace --help'");
        return NULL;
    }
    for (int i = 0; i < N_VERBS; i++) {
        names[i] = verbs[i].name;
        if (strcmp(name, names[i]) == 0)
            return &verbs[i];
    }
    nearest = sp_text_nearest(name, names, N_VERBS);
    sp_text_quote(name, quoted, sizeof quoted);
    if (nearest != NULL)
        cli_fail(CLI_USAGE, "trace: unknown command %s, did you mean '%s'?", quoted,
                 nearest);
    else
        cli_fail(CLI_USAGE,
                 "trace: unknown command %s, expected " EXPECTED
                 "; try 'stageplan trace --help'",
                 quoted);
    return NULL;
}

static bool takes(const struct verb *verb, const char *option)
{
    for (int i = 0; verb->takes[i] != NULL; i++)
        if (strcmp(verb->takes[i], option) == 0)
            return true;
    return false;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    const struct verb *verb;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    verb = find_verb(parsed.n_operands > 0 ? parsed.operands[0] : NULL);
    if (verb == NULL)
        return CLI_USAGE;
    for (int i = 0; i < parsed.n_options; i++)
        if (!takes(verb, parsed.options[i].option->name))
            return cli_fail(CLI_USAGE,
                            "trace %s: --%s does not go with it; try 'stageplan trace "
                            "--help'",
                            verb->name, parsed.options[i].option->name);
    if (parsed.n_operands != 1 + verb->files)
        return cli_fail(CLI_USAGE,
                        "trace %s: found %d files, expected %s; try 'stageplan trace "
                        "--help'",
                        verb->name, parsed.n_operands - 1,
                        verb->files == 1 ? "one" : "none");
    return verb->run(&parsed);
}

const struct cli_command cli_cmd_trace = {
    .name = "trace",
    .operands = "VERB [FILE]",
    .help = "info, fit, convert FILE; generate: recorded and made-up arrivals",
    .options = options,
    .run = run,
};
