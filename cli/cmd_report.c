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
#include "report/sweep.h"
#include "report/sweep_out.h"
#include "report/sweep_print.h"
#include "report/terminal.h"
#include "report/text.h"

static const struct cli_option options[] = {
    {"run", 'r', "N", "report this run of the database (default: the last)"},
    {"sweep", 0, "N",
     "report this sweep of the database (default: the last, where it is "
     "newer than the last run)"},
    {"figure", 'f', "NAME",
     "of a sweep, tell this figure: usd, WORKLOAD.latency_p99_s; may be repeated"},
    {"list", 'l', NULL, "list the runs and sweeps of the database, and nothing else"},
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

static void print_sweeps(const struct report_stored_sweep *sweeps, int32_t n,
                         struct sp_arena *arena)
{
    printf("\nsweep  %-20s  %15s  %8s  %12s  %s\n", "made", "points", "policies",
           "replications", "scenario");
    for (int32_t i = 0; i < n; i++)
        printf("%5" PRId64 "  %-20s  %15s  %8" PRId32 "  %12" PRId32 "  %s%s\n",
               sweeps[i].sweep,
               report_text_clean(arena, sweeps[i].created_at, REPORT_TEXT_LINE),
               sp_arena_printf(arena, "%" PRId64 " of %" PRId64, sweeps[i].points_done,
                               sweeps[i].points),
               sweeps[i].n_policies, sweeps[i].replications,
               report_text_clean(arena, sweeps[i].scenario, REPORT_TEXT_LINE),
               sweeps[i].points_done < sweeps[i].points ? " (not finished)" : "");
}

static enum sp_status list(const char *path, struct sp_arena *arena, struct sp_err *err)
{
    struct report_stored_run *runs;
    int32_t n;
    struct report_stored_sweep *sweeps;
    int32_t n_sweeps;
    enum sp_status s = report_database_runs(path, arena, &runs, &n, err);

    if (s == SP_OK)
        s = report_sweeps_list(path, arena, &sweeps, &n_sweeps, err);
    if (s != SP_OK)
        return s;
    print_runs(runs, n, arena);
    if (n_sweeps > 0)
        print_sweeps(sweeps, n_sweeps, arena);
    return SP_OK;
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

/* ---- a sweep ---- */

/* The number asked for; 0: a run is meant.  Without a word the newest entry: a sweep
 * comes after the run it began with. */
static enum sp_status sweep_meant(const struct cli_parsed *parsed,
                                  struct sp_arena *arena, int64_t *sweep,
                                  struct sp_err *err)
{
    struct report_stored_sweep *sweeps;
    struct report_stored_run *runs;
    int32_t n_sweeps, n_runs;
    enum sp_status s = cli_read_count(parsed, "sweep", 1, INT64_MAX, sweep, err);

    if (s != SP_OK || *sweep > 0 || cli_given(parsed, "run"))
        return s;
    s = report_sweeps_list(parsed->operands[0], arena, &sweeps, &n_sweeps, err);
    if (s == SP_OK)
        s = report_database_runs(parsed->operands[0], arena, &runs, &n_runs, err);
    if (s == SP_OK && n_sweeps > 0 &&
        (n_runs == 0 || sweeps[n_sweeps - 1].run == runs[n_runs - 1].run ||
         (sweeps[n_sweeps - 1].run == 0 &&
          strcmp(sweeps[n_sweeps - 1].created_at, runs[n_runs - 1].created_at) >= 0)))
        *sweep = sweeps[n_sweeps - 1].sweep;
    return s;
}

static enum sp_status figures_asked(const struct cli_parsed *parsed,
                                    const struct report_sweep *sweep,
                                    struct report_sweep_asked *asked,
                                    struct sp_err *err)
{
    struct model_figure_of *list =
        sp_arena_array(sweep->arena, (size_t)parsed->n_options + 1, sizeof *list);

    *asked = (struct report_sweep_asked){0, list};
    for (int i = 0; i < parsed->n_options; i++) {
        struct sp_err why = {0};

        if (strcmp(parsed->options[i].option->name, "figure") != 0)
            continue;
        if (model_figure_parse(parsed->options[i].value, sweep->sweep.workloads,
                               sweep->sweep.n_workloads, &list[asked->n],
                               &why) != SP_OK)
            return sp_fail(err, SP_EINPUT, "--figure %s", why.text);
        asked->n++;
    }
    return SP_OK;
}

/* Of a run alone: a sweep has no bill of one fleet, no timeline. */
static enum sp_status check_sweep_outputs(const struct cli_parsed *parsed,
                                          struct sp_err *err)
{
    static const char *const of_runs[] = {"xlsx",    "html",        "focus", "timeline",
                                          "metrics", "assumptions", "start"};

    for (size_t i = 0; i < sizeof of_runs / sizeof of_runs[0]; i++)
        if (cli_given(parsed, of_runs[i]))
            return sp_fail(
                err, SP_EINPUT,
                "--%s: is of a run, and the newest entry is a sweep; "
                "expected --run N too (--list tells them), or --json, --csv, "
                "--plot",
                of_runs[i]);
    if (cli_value(parsed, "plot") != NULL &&
        strcmp(cli_value(parsed, "plot"), "-") == 0)
        return sp_fail(err, SP_EINPUT,
                       "--plot -: a sweep is drawn to files, expected --plot DIR");
    return SP_OK;
}

static enum sp_status write_sweep(const struct cli_parsed *parsed,
                                  const struct report_sweep *sweep, struct sp_err *err)
{
    const char *json = cli_value(parsed, "json"), *csv = cli_value(parsed, "csv");
    const char *plot = cli_value(parsed, "plot");
    enum sp_status s = SP_OK;
    bool drawn = true;

    if (json != NULL)
        s = report_sweep_json_write(json, sweep, err);
    if (s == SP_OK && csv != NULL)
        s = report_sweep_csv_write(csv, sweep, err);
    if (s == SP_OK && plot != NULL)
        s = report_sweep_plot_write(plot, sweep, "gnuplot", &drawn, err);
    if (s == SP_OK && !drawn)
        fprintf(
            stderr,
            "stageplan: gnuplot not found: the scripts and data in %s wait for it\n",
            plot);
    return s;
}

/* Files first, as of a run; where any was asked for, they are the report. */
static enum sp_status tell_sweep(const struct cli_parsed *parsed,
                                 const struct cli_outputs *outputs,
                                 const struct report_sweep *sweep, struct sp_err *err)
{
    const struct report_terminal_options how = report_terminal_options_for(stdout);
    struct report_sweep_asked asked;
    enum sp_status s = figures_asked(parsed, sweep, &asked, err);

    if (s == SP_OK)
        s = write_sweep(parsed, sweep, err);
    if (s != SP_OK || cli_given(parsed, "quiet"))
        return s;
    signal(SIGPIPE, SIG_DFL);
    if (!cli_outputs_any(outputs, ""))
        return report_sweep_print(stdout, sweep, &asked, &how, err);
    cli_outputs_print(outputs);
    return SP_OK;
}

static enum sp_status report_a_sweep(const struct cli_parsed *parsed,
                                     const struct cli_outputs *outputs, int64_t id,
                                     struct sp_err *err)
{
    struct report_sweep *sweep;
    enum sp_status s = check_sweep_outputs(parsed, err);

    if (s == SP_OK)
        s = report_sweep_open(parsed->operands[0], id, &sweep, err);
    if (s != SP_OK)
        return s;
    return report_sweep_close(sweep, tell_sweep(parsed, outputs, sweep, err), err);
}

static enum sp_status report(const struct cli_parsed *parsed, struct sp_arena *arena,
                             struct sp_err *err)
{
    struct cli_outputs outputs = cli_outputs_asked(parsed);
    struct report_context *c;
    int64_t run = 0, sweep = 0;
    enum sp_status s = cli_read_count(parsed, "run", 1, INT64_MAX, &run, err);

    if (s == SP_OK && cli_given(parsed, "list"))
        return list(parsed->operands[0], arena, err);
    if (s == SP_OK)
        s = refuse_database(parsed, err);
    if (s == SP_OK)
        s = cli_outputs_check(&outputs, err);
    if (s == SP_OK)
        s = sweep_meant(parsed, arena, &sweep, err);
    if (s == SP_OK && sweep > 0) {
        s = report_a_sweep(parsed, &outputs, sweep, err);
        cli_outputs_fini(&outputs);
        return s;
    }
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
    .help = "report a run or a sweep that a database holds",
    .options = options,
    .run = cmd_report,
};
