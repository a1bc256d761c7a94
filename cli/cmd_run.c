/* stageplan run: a scenario in, the comparison of its policies out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/find.h"
#include "cli/outputs.h"
#include "cli/prepare.h"
#include "cli/progress.h"
#include "cli/run_traces.h"
#include "config.h"
#include "model/scenario.h"
#include "report/found.h"
#include "report/terminal.h"
#include "sim/run.h"
#include "traces/arrivals.h"
#include "traces/jobs.h"

static const struct cli_option options[] = {
    {"policy", 'p', "NAME", "run this policy (and the baseline); may be repeated"},
    {"set", 's', "PATH=VALUE", "override a scalar of the scenario; may be repeated"},
    {"seed", 0, "N", "seed of every stream (default: the scenario's, else 1)"},
    {"replications", 'n', "N", "runs of each policy, for 95 % confidence intervals"},
    {"precision", 0, "SHARE",
     "add replications until figures are known to within this, such as 1%"},
    {"replications-max", 0, "N", "with --precision: at most (default: 200)"},
    {"jobs", 'j', "N", "runs at a time (default: one for each core)"},
    {"find", 0, "WHAT",
     "search instead: max_rate[:WORKLOAD], the highest request rate "
     "that still meets the SLO; min_nodes[:WORKLOAD][:TYPE], the fewest fixed nodes "
     "that meet its target"},
    {"explain", 0, "JOB",
     "tell what happened to the job of this name, under each policy"},
    {"db", 0, "FILE", "add the run to an SQLite database"},
    {"items", 0, NULL, "with --db: a row for every source item or job, too"},
    CLI_OUTPUT_OPTIONS,
    {"brief", 'b', NULL, "print the comparison alone, without each policy's details"},
    {"assumptions", 0, NULL, "print every modelling assumption in full"},
    {"digest", 0, NULL, "print a hash of each policy's event log"},
    {"quiet", 'q', NULL, "no report on stdout, no progress on stderr"},
    {0},
};

/* ---- progress ---- */

static bool on_progress(void *self, const struct sim_progress *now)
{
    struct cli_progress *p = self;
    char simulated[32], policy[32], of_all[48] = "", line[160];

    if (cli_interrupted())
        return true;
    if (!cli_progress_due(p, 1))
        return false;
    sp_format_duration(sp_s_from_ns(now->time_ns), simulated, sizeof simulated);
    sp_text_quote(now->policy, policy, sizeof policy);
    if (now->runs > 1)
        snprintf(of_all, sizeof of_all, "%d of %d runs; ", now->runs_done, now->runs);
    snprintf(line, sizeof line, "%s%.20s %d/%d: %s, %lld items, %.1f M events", of_all,
             policy, now->replication + 1, now->n_replications, simulated,
             (long long)now->items_done, (double)now->events / 1e6);
    cli_progress_line(p, line);
    return false;
}

/* ---- after the run ---- */

static enum sp_status print_report(const struct cli_parsed *parsed,
                                   const struct model_result *r, struct sp_err *err)
{
    struct report_terminal_options how = report_terminal_options_for(stdout);
    enum sp_status s;

    how.assumptions = cli_given(parsed, "assumptions");
    how.brief = cli_given(parsed, "brief");
    how.explain = cli_value(parsed, "explain");
    s = report_terminal_print(stdout, r, &how, err);
    for (int32_t p = 0; p < r->n_policies && cli_given(parsed, "digest"); p++)
        printf("digest %016llx %llu events\n",
               (unsigned long long)r->policies[p].digest,
               (unsigned long long)r->policies[p].events);
    return s;
}

/* Files first: a reader who closes the pipe, as head does, loses none of them and ends
 * us in silence.  The report is printed even where a file could not be written; the
 * first failure is the one that is told. */
static enum sp_status tell(const struct cli_parsed *parsed,
                           const struct cli_outputs *outputs,
                           const struct model_result *r, struct sp_err *err)
{
    struct report_context c = {.result = r, .created_s = cli_outputs_now_s()};
    enum sp_status written = cli_outputs_write(outputs, &c, err), printed;

    signal(SIGPIPE, SIG_DFL);
    if (cli_given(parsed, "quiet"))
        return written;
    printed = print_report(parsed, r, written == SP_OK ? err : NULL);
    if (written != SP_OK || printed != SP_OK)
        return written != SP_OK ? written : printed;
    printed = cli_outputs_show(outputs, &c, err);
    if (printed == SP_OK)
        cli_outputs_print(outputs);
    return printed;
}

/* ---- the run ---- */

/* What the command asks for: runs, or a search over runs. */
struct job {
    const struct cli_parsed *parsed;
    struct model_scenario *sc;
    const bool *chosen;
    struct cli_asked asked; /* a search, or none */
    struct cli_traces traces;
    struct cli_outputs *outputs;
    struct model_result *result;
    struct model_found *found;
};

enum { THREADS_MAX = 4096, REPLICATIONS_MAX = 10000 };

static enum sp_status read_precision(const struct job *job, struct sim_options *o,
                                     struct sp_err *err)
{
    const char *text = cli_value(job->parsed, "precision");
    int64_t most = job->sc->replications_most;
    double frac = job->sc->precision_frac;
    enum sp_status s = cli_read_count(job->parsed, "replications-max", 10,
                                      REPLICATIONS_MAX, &most, err);

    if (s == SP_OK && text != NULL &&
        (sp_parse_fraction(text, &frac, NULL) != SP_OK || !(frac >= 0.0001)))
        s = sp_fail(err, SP_EINPUT,
                    "--precision %s: expected a share of 0.01%% to 100%%, such as 1%%",
                    text);
    if (s == SP_OK && text == NULL && frac == 0 &&
        cli_given(job->parsed, "replications-max"))
        s = sp_fail(err, SP_EINPUT,
                    "--replications-max: needs --precision, or the scenario's key");
    if (s == SP_OK && job->asked.search != NULL &&
        (text != NULL || cli_given(job->parsed, "replications-max")))
        s = sp_fail(err, SP_EINPUT,
                    "--%s: has no effect on --find, which makes the runs that "
                    "--replications says for all it tries",
                    text != NULL ? "precision" : "replications-max");
    o->precision_frac = job->asked.search != NULL ? 0 : frac;
    o->replications_most = (int32_t)most;
    return s;
}

static enum sp_status read_numbers(const struct job *job, struct sim_options *o,
                                   struct sp_err *err)
{
    int64_t seed = (int64_t)job->sc->seed, replications = job->sc->replications;
    int64_t threads = sp_pool_cores();
    enum sp_status s = cli_read_count(job->parsed, "seed", 0, INT64_MAX, &seed, err);

    if (s == SP_OK)
        s = cli_read_count(job->parsed, "replications", 1, REPLICATIONS_MAX,
                           &replications, err);
    if (s == SP_OK)
        s = read_precision(job, o, err);
    if (s == SP_OK)
        s = cli_read_count(job->parsed, "jobs", 1, THREADS_MAX, &threads, err);
    o->seed = (uint64_t)seed;
    o->replications = (int32_t)replications;
    o->threads = (int32_t)threads;
    return s;
}

static enum sp_status simulate(struct job *job, struct sp_arena *arena,
                               struct sp_err *err)
{
    struct model_item_sink items = {.self = job->outputs, .row = cli_outputs_keep_item};
    struct model_trace_opener traces = trace_opener(job->traces.folder);
    struct model_job_opener jobs = trace_job_opener(job->traces.folder);
    struct cli_progress progress;
    struct sim_options o = {.policies = job->chosen,
                            .traces = &traces,
                            .jobs = &jobs,
                            .explain = cli_value(job->parsed, "explain"),
                            .items = job->outputs->want_items ? &items : NULL,
                            .timeline_slices =
                                cli_outputs_timeline_slices(job->outputs),
                            .batches = true,
                            .digest = cli_given(job->parsed, "digest"),
                            .progress = on_progress,
                            .progress_self = &progress,
                            .version = PACKAGE_VERSION};
    enum sp_status s = read_numbers(job, &o, err);

    if (s != SP_OK)
        return s;
    cli_progress_begin(&progress, !cli_given(job->parsed, "quiet"));
    if (job->asked.search != NULL)
        cli_prepare_say_precision(job->sc, "--find");
    if (job->asked.search != NULL)
        s = cli_find_run(&(struct cli_find_job){job->asked, job->sc, &o, arena}, arena,
                         &job->found, err);
    else
        s = sim_run(job->sc, &o, arena, &job->result, err);
    cli_progress_end(&progress);
    return s;
}

static bool any_jobs(const struct model_scenario *sc)
{
    for (int32_t w = 0; w < sc->n_workloads; w++)
        if (sc->policies[0].plans[w].kind == MODEL_KIND_JOBS)
            return true;
    return false;
}

/* Neither the scenario nor a trace is written over. */
static enum sp_status refuse_inputs(const struct job *job, struct sp_err *err)
{
    const struct model_scenario *sc = job->sc;
    struct sp_arena *arena = sp_arena_new();
    enum sp_status s =
        cli_outputs_refuse_input(job->outputs, "scenario", sc->path, err);

    for (int32_t p = 0; p < sc->n_policies; p++)
        for (int32_t w = 0; w < sc->policies[p].n_plans && s == SP_OK; w++) {
            const char *trace = sc->policies[p].plans[w].source.trace_path;

            if (trace != NULL)
                s = cli_outputs_refuse_input(
                    job->outputs, "trace",
                    sp_path_from(arena, job->traces.folder, trace), err);
        }
    sp_arena_free(arena);
    return s;
}

/* Before the run: what is searched for, and whether the files could be written. */
static enum sp_status check_asked(struct job *job, struct sp_err *err)
{
    const struct cli_outputs *o = job->outputs;
    const char *find = cli_value(job->parsed, "find");
    enum sp_status s = SP_OK;

    if (find != NULL)
        s = cli_find_parse(find, job->sc, &job->asked, err);
    if (s == SP_OK && find != NULL &&
        (o->db != NULL || cli_outputs_any(o, "json") || o->want_items))
        return sp_fail(err, SP_EINPUT,
                       "--find %s: what is found goes to --json alone, not to --db, "
                       "--items or another kind of report",
                       find);
    if (s == SP_OK && find != NULL && cli_given(job->parsed, "explain"))
        return sp_fail(err, SP_EINPUT,
                       "--find %s: a search runs many fleets, of which --explain could "
                       "tell nothing",
                       find);
    if (s == SP_OK && cli_given(job->parsed, "explain") && !any_jobs(job->sc))
        return sp_fail(err, SP_EINPUT,
                       "--explain %s: the scenario has no workload of kind jobs",
                       cli_value(job->parsed, "explain"));
    if (s == SP_OK)
        s = refuse_inputs(job, err);
    return s != SP_OK ? s : cli_outputs_check(o, err);
}

/* As tell(), for what was found. */
static enum sp_status tell_found(const struct job *job, struct sp_err *err)
{
    struct report_terminal_options how = report_terminal_options_for(stdout);
    const char *json = cli_outputs_path(job->outputs, "json");
    enum sp_status s = SP_OK;

    if (json != NULL)
        s = report_found_write_json(json, job->found, err);
    signal(SIGPIPE, SIG_DFL);
    if (s != SP_OK || cli_given(job->parsed, "quiet"))
        return s;
    s = report_found_print(stdout, job->found, &how, err);
    if (s == SP_OK)
        cli_outputs_print(job->outputs);
    return s;
}

static enum sp_status run(const struct cli_parsed *parsed, struct sp_arena *arena,
                          struct sp_err *err)
{
    struct cli_outputs outputs = cli_outputs_asked(parsed);
    struct job job = {.parsed = parsed, .outputs = &outputs};
    struct model_set *sets;
    int32_t n_sets;
    enum sp_status s = cli_read_sets(parsed, arena, &sets, &n_sets, err);

    if (s == SP_OK)
        s = model_scenario_read(parsed->operands[0], sets, n_sets, arena, &job.sc, err);
    if (s == SP_OK)
        s = cli_choose_policies(parsed, job.sc, arena, &job.chosen, err);
    if (s == SP_OK)
        s = cli_traces_sum_up(job.sc, arena, &job.traces, err);
    if (s == SP_OK)
        s = cli_prepare_policies(job.sc, job.chosen, err);
    if (s == SP_OK)
        s = check_asked(&job, err);
    if (s == SP_OK)
        s = simulate(&job, arena, err);
    if (s == SP_OK && job.result != NULL)
        cli_traces_warn(&job.traces, arena, job.result);
    if (s == SP_OK)
        s = job.found != NULL ? tell_found(&job, err)
                              : tell(parsed, &outputs, job.result, err);
    cli_outputs_fini(&outputs);
    return s;
}

static int cmd_run(const struct cli_command *self, int argc, char **argv)
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
        return cli_fail(
            CLI_USAGE,
            "run: expected one scenario file, found %d; try 'stageplan run --help'",
            parsed.n_operands);
    signal(SIGPIPE, SIG_IGN); /* until files are written; gnuplot may close its pipe */
    arena = sp_arena_new();
    s = run(&parsed, arena, &err);
    sp_arena_free(arena);
    if (s != SP_OK)
        return cli_fail_err(&err);
    return cli_interrupted() ? CLI_FAILED : CLI_OK;
}

const struct cli_command cli_cmd_run = {
    .name = "run",
    .operands = "SCENARIO",
    .help = "replay a scenario under its policies and compare them",
    .options = options,
    .run = cmd_run,
};
