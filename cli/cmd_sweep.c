/* stageplan sweep: one scenario at many points, into a database. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/outputs.h"
#include "cli/prepare.h"
#include "cli/sweep_setup.h"
#include "cli/sweep_store.h"
#include "config.h"
#include "report/database.h"
#include "report/sweep.h"
#include "report/sweep_print.h"
#include "report/terminal.h"
#include "report/utc.h"
#include "sim/run.h"
#include "study/launched.h"
#include "study/workers.h"

static const struct cli_option options[] = {
    {"vary", 0, "PATH=VALUES",
     "what takes which values: a,b,c; lo..hi; lo..hi/n; log:lo..hi/n; @FILE; or *... "
     "for factors of what stands there; may be repeated"},
    {"db", 0, "FILE", "the SQLite database that its runs go to"},
    {"design", 0, "NAME",
     "which points: grid (default), zip, latin, sobol, indices, one-at-a-time"},
    {"samples", 0, "N", "points of a sampled design"},
    {"policy", 'p', "NAME", "run this policy (and the baseline); may be repeated"},
    {"set", 's', "PATH=VALUE", "override a scalar of the scenario; may be repeated"},
    {"seed", 0, "N", "seed of all runs and of the design (default: the scenario's)"},
    {"replications", 'n', "N", "runs of each policy at each point"},
    {"jobs", 'j', "N", "points at a time (default: one for each core)"},
    {"new", 0, NULL, "begin anew, also where the same sweep is in the database"},
    {"quiet", 'q', NULL, "no report on stdout, no progress on stderr"},
    {0},
};

/* ---- the run of the scenario as it stands ---- */

/* Comes first in the database, so that a report has what points are held against.  NULL
 * where it can't be run though points may: the sweep goes without. */
static enum sp_status run_base(const struct cli_sweep *job, struct sp_arena *arena,
                               struct model_result **base, struct sp_err *err)
{
    const struct sim_options o = {.seed = job->sweep.seed,
                                  .replications = job->sweep.replications,
                                  .policies = job->chosen,
                                  .traces = &job->trace_opener,
                                  .jobs = &job->job_opener,
                                  .version = PACKAGE_VERSION};
    struct sp_err why = {0};
    enum sp_status s = cli_prepare_policies(job->base, job->chosen, &why);

    *base = NULL;
    if (s == SP_EINFEASIBLE) {
        fprintf(stderr, "stageplan: as it stands it can't be run, points may: %s\n",
                why.text);
        return SP_OK;
    }
    if (s != SP_OK)
        return sp_fail(err, s, "%s", why.text);
    s = sim_run(job->base, &o, arena, base, err);
    if (s == SP_OK)
        cli_traces_warn(&job->traces, arena, *base);
    return s;
}

/* ---- beginning, or going on ---- */

static enum sp_status begin(const struct cli_parsed *parsed,
                            const struct cli_sweep *job, struct sp_arena *arena,
                            struct report_sweep_writer **writer,
                            struct report_sweep_at *at, struct sp_err *err)
{
    const bool anew = cli_given(parsed, "new");
    struct model_result *base = NULL;
    char stamp[REPORT_UTC];
    enum sp_status s = report_database_check(job->db, err);

    if (s == SP_OK)
        s = cli_outputs_refuse_input(&(struct cli_outputs){.db = job->db}, "scenario",
                                     job->base->path, err);
    if (s == SP_OK && !anew)
        s = report_sweep_find(job->db, job->sweep.fingerprint, at, err);
    if (s != SP_OK || at->points == job->sweep.n_points)
        return s;
    cli_prepare_say_precision(job->base, "a sweep");
    if (at->sweep == 0)
        s = run_base(job, arena, &base, err);
    if (s != SP_OK)
        return s;
    return report_sweep_begin(job->db, &job->sweep, base,
                              report_utc_text(cli_outputs_now_s(), stamp), anew, writer,
                              at, err);
}

/* ---- what is said ---- */

static void say_where(const struct cli_sweep *job, const struct report_sweep_at *at)
{
    if (at->points == job->sweep.n_points)
        fprintf(stderr,
                "stageplan: sweep %lld of %s has all of its %lld points: nothing is "
                "run (--new runs it again)\n",
                (long long)at->sweep, job->db, (long long)at->points);
    else if (at->points > 0)
        fprintf(stderr,
                "stageplan: goes on with sweep %lld of %s, which has %lld of %lld "
                "points\n",
                (long long)at->sweep, job->db, (long long)at->points,
                (long long)job->sweep.n_points);
}

/* Why a lost rank was lost only mpirun can tell. */
static void say_interrupted(const struct cli_sweep *job, int64_t done)
{
    fprintf(stderr,
            "stageplan: %s with %lld of %lld points in %s; the same command "
            "goes on from there\n",
            job->ranks.n > 1 ? "a rank was lost, or mpirun was told to end: stopped"
                             : "interrupted",
            (long long)done, (long long)job->sweep.n_points, job->db);
}

/* As `report` tells it, from what is stored. */
static enum sp_status print_report(const struct cli_sweep *job, int64_t id,
                                   struct sp_err *err)
{
    const struct report_terminal_options plain = {0};
    const struct report_terminal_options how =
        study_is_launched() ? plain : report_terminal_options_for(stdout);
    struct report_sweep *sweep;
    enum sp_status s = report_sweep_open(job->db, id, &sweep, err);

    if (s != SP_OK)
        return s;
    signal(SIGPIPE, SIG_DFL);
    s = report_sweep_print(stdout, sweep, &(struct report_sweep_asked){0}, &how, err);
    return report_sweep_close(sweep, s, err);
}

/* ---- the sweep ---- */

static bool is_stopped(void *self)
{
    (void)self;
    return cli_interrupted();
}

/* Two functions with two selves behind one. */
struct both {
    struct study_sweep *study;
    struct cli_sweep_store store;
};

static struct study_bytes do_point(void *self, int64_t point)
{
    struct both *both = self;

    return study_sweep_point(both->study, point);
}

static bool store_point(void *self, int64_t point, const struct study_bytes *bytes)
{
    struct both *both = self;

    return cli_sweep_store_point(&both->store, point, bytes);
}

static bool wait_for(void *self)
{
    struct both *both = self;

    return cli_sweep_store_wait(&both->store);
}

static enum sp_status run_points(struct cli_sweep *job, bool quiet,
                                 struct report_sweep_writer *writer,
                                 struct report_sweep_at *at, struct sp_err *err)
{
    struct both both = {.study = &job->study};
    const struct study_work work = {.first = at->points,
                                    .end = job->sweep.n_points,
                                    .work = do_point,
                                    .done = store_point,
                                    .wait = wait_for,
                                    .self = &both};
    enum sp_status s;

    job->study.stop = is_stopped;
    if (job->ranks.rank != 0) {
        study_workers_run(&work, job->threads);
        return SP_OK;
    }
    cli_sweep_store_begin(&both.store, job, writer, at->points, quiet, err);
    study_workers_run(&work, job->threads);
    s = cli_sweep_store_end(&both.store);
    at->points = both.store.done;
    return s;
}

/* The points and the end of the database; a refused point keeps those before it. */
static enum sp_status run_and_close(struct cli_sweep *job, bool quiet,
                                    struct report_sweep_writer *writer,
                                    struct report_sweep_at *at, struct sp_err *err)
{
    struct sp_err refused = {0};
    enum sp_status s = run_points(job, quiet, writer, at, &refused);
    enum sp_status closed = report_sweep_end(writer, SP_OK, err);

    if (closed != SP_OK)
        return closed;
    return s == SP_OK ? SP_OK : sp_fail(err, s, "%s", refused.text);
}

/* ---- ranks ---- */

/* All read the same files, or what they hand over would be of different sweeps. */
static enum sp_status check_same(const struct cli_sweep *job, struct sp_err *err)
{
    const uint64_t mine = job->sweep.fingerprint;
    const uint64_t rank_0s = (uint64_t)study_ranks_share_number((int64_t)mine);
    enum sp_status s = SP_OK;

    if (mine != rank_0s)
        s = sp_fail(err, SP_EINPUT,
                    "the scenario, or a file that it names, is another one here than "
                    "on rank 0 (fingerprint %016llx, expected %016llx)",
                    (unsigned long long)mine, (unsigned long long)rank_0s);
    return study_ranks_agree(s, err);
}

static enum sp_status set_up(const struct cli_parsed *parsed, struct sp_arena *arena,
                             struct cli_sweep *job, struct sp_err *err)
{
    enum sp_status s = cli_sweep_set_up(parsed, arena, job, err);

    s = study_ranks_agree(s, err);
    return s == SP_OK ? check_same(job, err) : s;
}

/* Rank 0 alone reads what the user asks for until it is known to be well formed, so
 * that what is wrong is told once.  False: *code is all there is left to do. */
static bool parse(const struct cli_command *self, int argc, char **argv, int32_t rank,
                  struct cli_parsed *parsed, int *code)
{
    enum { GO_ON = -1 };

    *code = GO_ON;
    if (rank == 0 && !cli_parse(self, argc, argv, parsed))
        *code = CLI_USAGE;
    else if (rank == 0 && parsed->help)
        *code = CLI_OK;
    else if (rank == 0 && parsed->n_operands != 1)
        *code = cli_fail(CLI_USAGE,
                         "sweep: expected one scenario file, found %d; try 'stageplan "
                         "sweep --help'",
                         parsed->n_operands);
    *code = (int)study_ranks_share_number(*code);
    return *code == GO_ON && (rank == 0 || cli_parse(self, argc, argv, parsed));
}

/* ---- the command ---- */

/* On rank 0, which alone sees the database and the terminal. */
static enum sp_status lead(const struct cli_parsed *parsed, struct cli_sweep *job,
                           struct sp_arena *arena, struct sp_err *err)
{
    const bool quiet = cli_given(parsed, "quiet");
    struct report_sweep_writer *writer = NULL;
    struct report_sweep_at at = {0};
    enum sp_status s =
        study_ranks_agree(begin(parsed, job, arena, &writer, &at, err), err);

    if (s != SP_OK)
        return s;
    if (!quiet)
        say_where(job, &at);
    (void)study_ranks_share_number(writer != NULL);
    if (writer != NULL)
        s = run_and_close(job, quiet, writer, &at, err);
    if (s != SP_OK)
        return s;
    if (at.points < job->sweep.n_points) {
        say_interrupted(job, at.points);
        return SP_ELIMIT;
    }
    return quiet ? SP_OK : print_report(job, at.sweep, err);
}

static enum sp_status follow(struct cli_sweep *job, struct sp_err *err)
{
    enum sp_status s = study_ranks_agree(SP_OK, err);

    if (s == SP_OK && study_ranks_share_number(0) != 0)
        s = run_points(job, true, NULL, &(struct report_sweep_at){0}, err);
    return s;
}

static int sweep(const struct cli_parsed *parsed, struct study_ranks ranks)
{
    struct sp_arena *arena = sp_arena_new();
    struct cli_sweep *job = sp_arena_alloc(arena, sizeof *job);
    struct sp_err err = {0};
    enum sp_status s;

    job->ranks = ranks;
    job->threads = study_ranks_threads();
    s = set_up(parsed, arena, job, &err);
    if (s == SP_OK)
        s = ranks.rank == 0 ? lead(parsed, job, arena, &err) : follow(job, &err);
    sp_arena_free(arena);
    if (s == SP_OK)
        return CLI_OK;
    if (err.status == SP_OK) /* interrupted: it was said */
        return CLI_FAILED;
    if (ranks.rank == 0)
        return cli_fail_err(&err);
    return s == SP_EINPUT || s == SP_EINFEASIBLE ? CLI_USAGE : CLI_FAILED;
}

static int cmd_sweep(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct study_ranks ranks;
    struct sp_err err = {0};
    int code;

    if (study_ranks_begin(&ranks, &err) != SP_OK)
        return cli_fail_err(&err);
    if (parse(self, argc, argv, ranks.rank, &parsed, &code))
        code = sweep(&parsed, ranks);
    fflush(stdout);
    study_ranks_end();
    return code;
}

const struct cli_command cli_cmd_sweep = {
    .name = "sweep",
    .operands = "SCENARIO",
    .help = "run a scenario at many points and store what came of each",
    .options = options,
    .run = cmd_sweep,
};
