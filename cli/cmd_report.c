/* stageplan report: what a stored run says, in any form that `run` could have written.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/outputs.h"
#include "report/database_read.h"
#include "report/terminal.h"
#include "report/text.h"

static const struct cli_option options[] = {
    {"run", 'r', "N", "report this run of the database (default: the last)"},
    {"list", 'l', NULL, "list the runs of the database, and nothing else"},
    CLI_OUTPUT_OPTIONS,
    {"brief", 'b', NULL, "print the comparison alone, without each policy's details"},
    {"assumptions", 0, NULL, "print every modelling assumption in full"},
    {"quiet", 'q', NULL, "no report on stdout"},
    {0},
};

/* ---- the list ---- */

static void print_runs(const struct report_stored_run *runs, int32_t n,
                       struct sp_arena *arena)
{
    int digits = 3;

    for (int32_t i = 0; i < n; i++) {
        int width = (int)strlen(sp_arena_printf(arena, "%" PRId64, runs[i].run));

        digits = width > digits ? width : digits;
    }
    printf("%*s  %-20s  %-8s  %-12s  %s\n", digits, "run", "made", "policies",
           "replications", "scenario");
    for (int32_t i = 0; i < n; i++)
        printf("%*" PRId64 "  %-20s  %8" PRId32 "  %12" PRId32 "  %s%s\n", digits,
               runs[i].run,
               report_text_clean(arena, runs[i].created_at, REPORT_TEXT_LINE),
               runs[i].n_policies, runs[i].n_runs,
               report_text_clean(arena, runs[i].scenario, REPORT_TEXT_LINE),
               runs[i].partial ? " (partial)" : "");
}

static enum sp_status list(const char *path, struct sp_arena *arena, struct sp_err *err)
{
    struct report_stored_run *runs;
    int32_t n;
    enum sp_status s = report_database_runs(path, arena, &runs, &n, err);

    if (s == SP_OK)
        print_runs(runs, n, arena);
    return s;
}

/* ---- the report ---- */

/* An output that is the database would destroy what it is made from. */
static enum sp_status refuse_database(const struct cli_parsed *parsed,
                                      struct sp_err *err)
{
    const char *database = parsed->operands[0];
    struct stat db, out;

    if (stat(database, &db) != 0)
        return SP_OK;
    for (int i = 0; i < parsed->n_options; i++) {
        const char *path = parsed->options[i].value;

        if (path != NULL && strcmp(parsed->options[i].option->name, "run") != 0 &&
            stat(path, &out) == 0 && out.st_dev == db.st_dev && out.st_ino == db.st_ino)
            return sp_fail(err, SP_EINPUT,
                           "--%s %s: is the database itself, expected another file",
                           parsed->options[i].option->name, path);
    }
    return SP_OK;
}

static enum sp_status print_report(const struct cli_parsed *parsed,
                                   const struct model_result *r, struct sp_err *err)
{
    struct report_terminal_options how = report_terminal_options_for(stdout);

    how.assumptions = cli_given(parsed, "assumptions");
    how.brief = cli_given(parsed, "brief");
    return report_terminal_print(stdout, r, &how, err);
}

/* Files first, as in `run`; where any was asked for, they are the report. */
static enum sp_status tell(const struct cli_parsed *parsed,
                           const struct cli_outputs *outputs,
                           const struct report_context *c, struct sp_err *err)
{
    enum sp_status s = cli_outputs_write(outputs, c, err);

    signal(SIGPIPE, SIG_DFL);
    if (s != SP_OK || cli_given(parsed, "quiet"))
        return s;
    if (!cli_outputs_any(outputs, ""))
        return print_report(parsed, c->result, err);
    s = cli_outputs_show(outputs, c, err);
    if (s == SP_OK)
        cli_outputs_print(outputs);
    return s;
}

static enum sp_status report(const struct cli_parsed *parsed, struct sp_arena *arena,
                             struct sp_err *err)
{
    struct cli_outputs outputs = cli_outputs_asked(parsed);
    struct report_context *c;
    int64_t run = 0;
    enum sp_status s = cli_read_count(parsed, "run", 1, INT64_MAX, &run, err);

    if (s == SP_OK && cli_given(parsed, "list"))
        return list(parsed->operands[0], arena, err);
    if (s == SP_OK)
        s = refuse_database(parsed, err);
    if (s == SP_OK)
        s = cli_outputs_check(&outputs, err);
    if (s == SP_OK)
        s = report_database_read(parsed->operands[0], run, arena, &c, err);
    if (s == SP_OK)
        s = tell(parsed, &outputs, c, err);
    cli_outputs_fini(&outputs);
    return s;
}

static int cmd_report(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct sp_err err = {0};
    struct sp_arena *arena;
    enum sp_status s;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    if (parsed.n_operands != 1)
        return cli_fail(CLI_USAGE,
                        "report: expected one database, found %d; try 'stageplan "
                        "report --help'",
                        parsed.n_operands);
    signal(SIGPIPE, SIG_IGN); /* until files are written; gnuplot may close its pipe */
    arena = sp_arena_new();
    s = report(&parsed, arena, &err);
    sp_arena_free(arena);
    return s != SP_OK ? cli_fail_err(&err) : CLI_OK;
}

const struct cli_command cli_cmd_report = {
    .name = "report",
    .operands = "DATABASE",
    .help = "report a run that 'run --db' has stored",
    .options = options,
    .run = cmd_report,
};
