/* stageplan plan: workloads, prices and targets in, the cheapest fleet and bundling
 * out.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/pool.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/prepare.h"
#include "cli/progress.h"
#include "cli/run_traces.h"
#include "config.h"
#include "model/catalog_used.h"
#include "model/goals.h"
#include "model/inputs.h"
#include "model/sizing.h"
#include "plan/search.h"
#include "report/file.h"
#include "report/planned.h"
#include "traces/arrivals.h"
#include "traces/jobs.h"

enum { RUNS_MAX = 20000, REPLICATIONS = 10 };
#define PRECISION_FRAC 0.01
#define BUSY_FRAC      0.95

static const struct cli_option options[] = {
    {"target", 't', "PATH=VALUE",
     "what must be met, such as deadline=1h or embed.latency_p99=2s: --set "
     "plan.targets.PATH=VALUE; may be repeated"},
    {"set", 's', "PATH=VALUE", "override a scalar of the scenario; may be repeated"},
    {"policy", 'p', "NAME",
     "start from this policy and compare with it alone; may be repeated"},
    {"seed", 0, "N", "seed of every stream (default: the scenario's, else 1)"},
    {"replications", 'n', "N", "runs of each fleet that is told (default: 10)"},
    {"precision", 0, "SHARE", "how near to the cheapest is near enough (default: 1%)"},
    {"runs-max", 0, "N", "end the search after so many runs (default: 20000)"},
    {"jobs", 'j', "N", "runs at a time (default: one for each core)"},
    {"frontier", 0, NULL, "the cheapest fleets for less and less time, too"},
    {"ratio", 0, "A:B", "instead: how many units of A keep those of B busy"},
    {"busy", 0, "SHARE", "with --ratio: how busy (default: 95%)"},
    {"json", 0, "FILE", "write the plan and all beside it as JSON"},
    {"write", 0, "FILE", "write the plan as a policy of the scenario, to be run"},
    {"quiet", 'q', NULL, "no report on stdout, no progress on stderr"},
    {0},
};

/* ---- options ---- */

/* Values of --set and --target, in the order of the command line. */
static enum sp_status read_sets(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct model_set **sets, int32_t *n, struct sp_err *err)
{
    *sets = sp_arena_array(arena, (size_t)parsed->n_options + 1, sizeof **sets);
    *n = 0;
    for (int i = 0; i < parsed->n_options; i++) {
        const char *name = parsed->options[i].option->name, *text, *equals;
        bool target = strcmp(name, "target") == 0;

        if (!target && strcmp(name, "set") != 0)
            continue;
        text = parsed->options[i].value;
        equals = strchr(text, '=');
        if (equals == NULL || equals == text)
            return sp_fail(err, SP_EINPUT, "--%s %s: expected path=value, such as %s",
                           name, text,
                           target ? "deadline=1h" : "fleet.gpu-node.price=16");
        (*sets)[(*n)++] = (struct model_set){
            .path = sp_arena_printf(arena, "%s%.*s", target ? "plan.targets." : "",
                                    (int)(equals - text), text),
            .value = sp_arena_strdup(arena, equals + 1)};
    }
    return SP_OK;
}

static enum sp_status read_share(const struct cli_parsed *parsed, const char *name,
                                 double *frac, struct sp_err *err)
{
    const char *text = cli_value(parsed, name);
    struct sp_err why = {0};
    double found = 0;

    if (text == NULL)
        return SP_OK;
    if (sp_parse_fraction(text, &found, &why) != SP_OK)
        return sp_fail(err, SP_EINPUT, "--%s %s: %s", name, text, why.text);
    if (!(found > 0))
        return sp_fail(err, SP_EINPUT, "--%s %s: expected more than 0", name, text);
    *frac = found;
    return SP_OK;
}

static enum sp_status read_numbers(const struct cli_parsed *parsed,
                                   struct sim_options *run, struct plan_ask *ask,
                                   struct sp_err *err)
{
    int64_t seed = (int64_t)ask->scenario->seed, replications = REPLICATIONS,
            threads = sp_pool_cores();
    enum sp_status s = cli_read_count(parsed, "seed", 0, INT64_MAX, &seed, err);

    if (s == SP_OK)
        s = cli_read_count(parsed, "replications", 1, 10000, &replications, err);
    if (s == SP_OK)
        s = cli_read_count(parsed, "runs-max", 1, INT64_MAX, &ask->runs_max, err);
    if (s == SP_OK)
        s = cli_read_count(parsed, "jobs", 1, 4096, &threads, err);
    if (s == SP_OK)
        s = read_share(parsed, "precision", &ask->precision_frac, err);
    if (s == SP_OK)
        s = read_share(parsed, "busy", &ask->busy_frac, err);
    if (s == SP_OK && cli_given(parsed, "busy") && ask->ratio == NULL)
        s = sp_fail(err, SP_EINPUT, "--busy goes with --ratio, which is not there");
    run->seed = (uint64_t)seed;
    run->replications = ask->replications = (int32_t)replications;
    ask->threads = (int32_t)threads;
    return s;
}

/* ---- the scenario ---- */

/* The policies that are chosen alone; the baseline is among them or the first. */
static void keep_chosen(struct model_scenario *sc, const bool *chosen)
{
    int32_t n = 0, baseline = 0;

    for (int32_t p = 0; p < sc->n_policies; p++) {
        if (!chosen[p])
            continue;
        if (p == sc->baseline)
            baseline = n;
        sc->policies[n++] = sc->policies[p];
    }
    sc->n_policies = n;
    sc->baseline = baseline;
}

static bool names_policy(const struct cli_parsed *parsed, const char *name)
{
    for (int i = 0; i < parsed->n_options; i++)
        if (strcmp(parsed->options[i].option->name, "policy") == 0 &&
            strcmp(parsed->options[i].value, name) == 0)
            return true;
    return false;
}

static enum sp_status choose(const struct cli_parsed *parsed, struct model_scenario *sc,
                             struct sp_arena *arena, struct sp_err *err)
{
    bool *named = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *named);
    const bool *chosen;
    enum sp_status s;

    if (!cli_given(parsed, "policy"))
        return SP_OK;
    if (sc->policies_implied)
        return sp_fail(err, SP_EINPUT, "--policy %s: the scenario has no policies",
                       cli_value(parsed, "policy"));
    s = cli_choose_policies(parsed, sc, arena, &chosen, err);
    if (s != SP_OK)
        return s;
    for (int32_t p = 0; p < sc->n_policies; p++)
        named[p] = names_policy(parsed, sc->policies[p].name);
    keep_chosen(sc, named);
    return SP_OK;
}

/* What follows from means, for every policy.  Whether it could run is not asked: counts
 * are the plan's to choose. */
static enum sp_status size_policies(struct model_scenario *sc, struct sp_err *err)
{
    for (int32_t p = 0; p < sc->n_policies; p++) {
        struct model_policy *policy = &sc->policies[p];

        for (int32_t w = 0; w < policy->n_plans; w++) {
            struct model_plan *plan = &policy->plans[w];
            struct sp_err why = {0};
            enum sp_status s =
                model_size_plan(plan, policy->types, policy->n_types, &why);

            if (s != SP_OK)
                return sp_fail(err, s, "%s:%d: %s", sc->path, (int)plan->line,
                               why.text);
        }
    }
    return SP_OK;
}

struct job {
    const struct cli_parsed *parsed;
    struct model_scenario *sc;
    struct cli_traces traces;
    struct model_goals goals;
    struct model_planned *planned;
};

static enum sp_status prepare(struct job *job, struct sp_arena *arena,
                              struct sp_err *err)
{
    struct model_set *sets;
    int32_t n_sets;
    enum sp_status s = read_sets(job->parsed, arena, &sets, &n_sets, err);

    if (s == SP_OK)
        s = model_scenario_read_to_plan(job->parsed->operands[0], sets, n_sets, arena,
                                        &job->sc, err);
    if (s == SP_OK)
        s = choose(job->parsed, job->sc, arena, err);
    if (s == SP_OK)
        s = cli_traces_sum_up(job->sc, arena, &job->traces, err);
    if (s == SP_OK)
        s = size_policies(job->sc, err);
    if (s == SP_OK)
        s = model_goals_of(job->sc, &job->goals, err);
    if (s == SP_OK)
        cli_prepare_say_precision(job->sc, "plan");
    return s;
}

/* ---- the search ---- */

static bool on_runs(void *self, const struct plan_progress *now)
{
    struct cli_progress *p = self;
    char line[120], best[48] = "no plan yet", gap[48] = "";

    if (cli_interrupted())
        return true;
    if (!cli_progress_due(p, 1))
        return false;
    if (isfinite(now->best_usd))
        snprintf(best, sizeof best, "best %.2f USD a run", now->best_usd);
    if (isfinite(now->best_usd) && now->bound_usd > 0)
        snprintf(gap, sizeof gap, ", %.1f %% above the bound",
                 100 * (now->best_usd / now->bound_usd - 1));
    snprintf(line, sizeof line, "%d candidates, %lld runs: %s%s", (int)now->candidates,
             (long long)now->runs, best, gap);
    cli_progress_line(p, line);
    return false;
}

static void tell_basis(struct job *job, struct sp_arena *arena)
{
    struct model_planned *p = job->planned;

    p->interrupted = p->interrupted || cli_interrupted();
    p->inputs =
        model_inputs_collect(arena, job->sc, p->seed, p->replications, &p->n_inputs);
    p->catalog = model_catalog_used(arena, job->sc);
}

static enum sp_status search(struct job *job, struct sp_arena *arena,
                             struct sp_err *err)
{
    const struct cli_parsed *parsed = job->parsed;
    struct model_trace_opener traces = trace_opener(job->traces.folder);
    struct model_job_opener jobs = trace_job_opener(job->traces.folder);
    struct sim_options run = {
        .traces = &traces, .jobs = &jobs, .version = PACKAGE_VERSION};
    struct cli_progress progress;
    struct plan_ask ask = {.scenario = job->sc,
                           .goals = &job->goals,
                           .run = &run,
                           .precision_frac = PRECISION_FRAC,
                           .runs_max = RUNS_MAX,
                           .frontier = cli_given(parsed, "frontier"),
                           .ratio = cli_value(parsed, "ratio"),
                           .busy_frac = BUSY_FRAC,
                           .stop = on_runs,
                           .stop_self = &progress};
    enum sp_status s = read_numbers(parsed, &run, &ask, err);

    if (s != SP_OK)
        return s;
    cli_progress_begin(&progress, !cli_given(parsed, "quiet"));
    s = plan_search(&ask, arena, &job->planned, err);
    cli_progress_end(&progress);
    if (s != SP_OK)
        return s;
    if (ask.ratio != NULL) {
        job->planned->ratio = ask.ratio;
        job->planned->ratio_busy_frac = ask.busy_frac;
    }
    tell_basis(job, arena);
    return SP_OK;
}

/* ---- before and after ---- */

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

static enum sp_status check_file(const struct job *job, const char *option,
                                 struct sp_err *err)
{
    const char *path = cli_value(job->parsed, option);

    if (path == NULL)
        return SP_OK;
    if (same_file(path, job->sc->path))
        return sp_fail(err, SP_EINPUT,
                       "--%s %s: that is the scenario, expected another file", option,
                       path);
    return report_file_check(path, err);
}

/* Other files are found from the scenario's folder, also by who reads the plan. */
static enum sp_status check_folder(const struct job *job, struct sp_arena *arena,
                                   struct sp_err *err)
{
    const char *path = cli_value(job->parsed, "write"), *from, *to;
    bool others = job->sc->n_inputs > 1;

    for (int32_t w = 0; w < job->sc->n_workloads; w++)
        others = others || job->sc->policies[0].plans[w].source.trace_path != NULL;
    if (path == NULL || !others)
        return SP_OK;
    from = sp_path_folder(arena, job->sc->path);
    to = sp_path_folder(arena, path);
    if (same_file(from[0] != '\0' ? from : ".", to[0] != '\0' ? to : "."))
        return SP_OK;
    return sp_fail(err, SP_EINPUT,
                   "--write %s: the scenario names other files, expected a file in its "
                   "folder, where they are found from",
                   path);
}

static enum sp_status check_files(const struct job *job, struct sp_arena *arena,
                                  struct sp_err *err)
{
    const char *json = cli_value(job->parsed, "json");
    const char *written = cli_value(job->parsed, "write");
    enum sp_status s = check_file(job, "json", err);

    if (written != NULL && cli_given(job->parsed, "ratio"))
        return sp_fail(err, SP_EINPUT, "--write %s: --ratio finds no plan", written);
    if (json != NULL && written != NULL && strcmp(json, written) == 0)
        return sp_fail(err, SP_EINPUT, "--write %s: --json goes there, too", written);
    if (s == SP_OK)
        s = check_file(job, "write", err);
    return s != SP_OK ? s : check_folder(job, arena, err);
}

/* Without a plan nothing is written, and a word says so. */
static enum sp_status write_scenario(const struct job *job, struct sp_err *err)
{
    const char *path = cli_value(job->parsed, "write");

    if (path == NULL)
        return SP_OK;
    if (job->planned->feasible)
        return report_planned_write_scenario(path, job->sc, job->planned, err);
    fprintf(stderr, "stageplan: %s is not written: there is no plan\n", path);
    return SP_OK;
}

static enum sp_status tell(const struct job *job, struct sp_err *err)
{
    struct report_terminal_options how = report_terminal_options_for(stdout);
    const char *json = cli_value(job->parsed, "json");
    enum sp_status s = SP_OK;

    if (json != NULL)
        s = report_planned_write_json(json, job->planned, err);
    if (s == SP_OK)
        s = write_scenario(job, err);
    signal(SIGPIPE, SIG_DFL);
    if (s != SP_OK || cli_given(job->parsed, "quiet"))
        return s;
    return report_planned_print(stdout, job->planned, &how, err);
}

static int code_of(const struct model_planned *p)
{
    if (p->interrupted)
        return CLI_FAILED;
    return p->ratio != NULL || p->feasible ? CLI_OK : CLI_INFEASIBLE;
}

static int cmd_plan(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct job job = {.parsed = &parsed};
    struct sp_err err = {0};
    struct sp_arena *arena;
    enum sp_status s;
    int code = CLI_OK;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    if (parsed.n_operands != 1)
        return cli_fail(
            CLI_USAGE,
            "plan: expected one scenario file, found %d; try 'stageplan plan --help'",
            parsed.n_operands);
    signal(SIGPIPE, SIG_IGN);
    arena = sp_arena_new();
    s = prepare(&job, arena, &err);
    if (s == SP_OK)
        s = check_files(&job, arena, &err);
    if (s == SP_OK)
        s = search(&job, arena, &err);
    if (s == SP_OK)
        s = tell(&job, &err);
    if (s == SP_OK)
        code = code_of(job.planned);
    sp_arena_free(arena);
    return s != SP_OK ? cli_fail_err(&err) : code;
}

const struct cli_command cli_cmd_plan = {
    .name = "plan",
    .operands = "SCENARIO",
    .help = "find the cheapest fleet and bundling that meet the targets",
    .options = options,
    .run = cmd_plan,
};
