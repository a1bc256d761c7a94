/* stageplan trace info: what a trace is, before it is replayed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "traces/info.h"

static const struct cli_option options[] = {
    {"format", 'f', "NAME", "auto, csv, azure-2023, azure-2024, burstgpt, mooncake or serving-jsonl (default: auto)"},
    {"json", 0, NULL, "one JSON object instead of text"},
    {NULL, 0, NULL, NULL},
};

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

static int run_info(const struct cli_parsed *parsed)
{
    struct trace_info *info = malloc(sizeof *info);
    struct sp_err err = {0};
    int code = CLI_OK;

    if (info == NULL)
        return cli_fail(CLI_FAILED, "out of memory: %zu bytes were asked for",
                        sizeof *info);
    if (trace_info_read(parsed->operands[1], cli_value(parsed, "format"), info, &err) !=
        SP_OK)
        code = cli_fail_err(&err);
    else if (cli_given(parsed, "json"))
        trace_info_print_json(info, stdout);
    else
        trace_info_print(info, style_of_stdout(), stdout);
    free(info);
    return code;
}

static int usage(const char *found)
{
    static const char *const verbs[] = {"info"};
    const char *nearest = found != NULL ? sp_text_nearest(found, verbs, 1) : NULL;

    if (found == NULL)
        return cli_fail(CLI_USAGE,
                        "trace: what to do is missing, expected 'info FILE'; "
                        "try 'stageplan trace --help'");
    if (nearest != NULL)
        return cli_fail(CLI_USAGE, "trace: unknown command '%s', did you mean '%s'?",
                        found, nearest);
    return cli_fail(
        CLI_USAGE,
        "trace: unknown command '%s', expected 'info'; try 'stageplan trace "
        "--help'",
        found);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    if (parsed.n_operands == 0 || strcmp(parsed.operands[0], "info") != 0)
        return usage(parsed.n_operands > 0 ? parsed.operands[0] : NULL);
    if (parsed.n_operands != 2)
        return cli_fail(
            CLI_USAGE,
            "trace info: found %d files, expected one; try 'stageplan trace "
            "--help'",
            parsed.n_operands - 1);
    return run_info(&parsed);
}

const struct cli_command cli_cmd_trace = {
    .name = "trace",
    .operands = "info FILE",
    .help = "what a trace is: rows, span, rate, burstiness, sizes, oddities",
    .options = options,
    .run = run,
};
