/* stageplan validate: real pipelines of calibrated kernels on this machine, measured
 * beside what is predicted of them. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "calibrate/machine.h"
#include "calibrate/measure.h"
#include "calibrate/validate.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/validate_compare.h"
#include "config.h"
#include "report/file.h"
#include "report/validation_print.h"

enum { ROUNDS = 12, ROUNDS_QUICK = 5, ROUNDS_MAX = 1000 };
#define ROUND_S       0.5
#define ROUND_QUICK_S 0.2

static const struct cli_option options[] = {
    {"pipeline", 'p', "NAME", "run this pipeline alone; may be repeated"},
    {"rounds", 'n', "N", "rounds of each pipeline (default: 12; --quick: 5)"},
    {"quick", 'q', NULL, "fewer and shorter rounds"},
    {"realtime", 0, NULL,
     "under SCHED_FIFO, so that others can't push our threads off; needs the right to"},
    {"seed", 0, "N", "of the kernels' inputs and of the items' work (default: 1)"},
    {"json", 0, "FILE", "write all figures as JSON"},
    {"list", 'l', NULL, "list the pipelines and run nothing"},
    {0},
};

/* ---- progress ---- */

struct progress {
    struct cli_progress line;
    int32_t at, n; /* pipelines */
};

static bool on_progress(void *self, const char *doing, double done_frac)
{
    struct progress *p = self;
    char line[160];

    if (cli_progress_due(&p->line, 0)) {
        snprintf(line, sizeof line, "%3.0f %% %d/%d: %s",
                 100 * (p->at + done_frac) / p->n, p->at + 1, p->n, doing);
        cli_progress_line(&p->line, line);
    }
    return cli_interrupted();
}

/* ---- --list ---- */

static void print_stages(const struct cal_pipeline_row *row)
{
    for (int32_t s = 0; s < CAL_STAGES_MAX && row->stages[s].kernel != NULL; s++) {
        const struct cal_pipeline_stage *stage = &row->stages[s];

        printf("%s%s%s", s > 0 ? " -> " : "", stage->workers == 0 ? "n x " : "",
               stage->kernel);
    }
    printf("\n");
}

static int list_pipelines(void)
{
    for (const struct cal_pipeline_row *row = cal_pipelines; row->name != NULL; row++) {
        printf("%-18s ", row->name);
        cli_print_wrapped(19, row->text);
        printf("%19s", "");
        print_stages(row);
    }
    return CLI_OK;
}

/* ---- options ---- */

struct job {
    const struct cli_parsed *parsed;
    struct cal_validate_options how;
    const struct cal_pipeline_row **rows; /* NULL-ended */
    const char *json;
    struct progress progress;
    struct model_validation v;
};

static int32_t count_rows(void)
{
    int32_t n = 0;

    while (cal_pipelines[n].name != NULL)
        n++;
    return n;
}

static enum sp_status unknown_pipeline(const char *name, struct sp_arena *arena,
                                       struct sp_err *err)
{
    const char **names = sp_arena_array(arena, (size_t)count_rows(), sizeof *names);
    const char *nearest, *all = "";
    char quoted[80];
    int32_t n = count_rows();

    for (int32_t i = 0; i < n; i++) {
        names[i] = cal_pipelines[i].name;
        all = sp_arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
    }
    sp_text_quote(name, quoted, sizeof quoted);
    nearest = sp_text_nearest(name, names, (size_t)n);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT,
                       "--pipeline: there is no pipeline %s, did you mean '%s'?",
                       quoted, nearest);
    return sp_fail(err, SP_EINPUT,
                   "--pipeline: there is no pipeline %s, expected one of %s", quoted,
                   all);
}

static bool is_asked(const struct job *job, const char *name)
{
    bool any = false;

    for (int i = 0; i < job->parsed->n_options; i++) {
        if (strcmp(job->parsed->options[i].option->name, "pipeline") != 0)
            continue;
        any = true;
        if (strcmp(job->parsed->options[i].value, name) == 0)
            return true;
    }
    return !any;
}

static enum sp_status choose_rows(struct job *job, struct sp_arena *arena,
                                  struct sp_err *err)
{
    int32_t n = 0;

    for (int i = 0; i < job->parsed->n_options; i++) {
        const char *name = job->parsed->options[i].value;
        bool known = false;

        if (strcmp(job->parsed->options[i].option->name, "pipeline") != 0)
            continue;
        for (int32_t r = 0; r < count_rows(); r++)
            known = known || strcmp(cal_pipelines[r].name, name) == 0;
        if (!known)
            return unknown_pipeline(name, arena, err);
    }
    job->rows = sp_arena_array(arena, (size_t)count_rows() + 1, sizeof *job->rows);
    for (int32_t r = 0; r < count_rows(); r++)
        if (is_asked(job, cal_pipelines[r].name))
            job->rows[n++] = &cal_pipelines[r];
    job->progress.n = n;
    return SP_OK;
}

static enum sp_status read_job(struct job *job, struct sp_arena *arena,
                               struct sp_err *err)
{
    bool quick = cli_given(job->parsed, "quick");
    int64_t rounds = quick ? ROUNDS_QUICK : ROUNDS, seed = 1;
    enum sp_status s =
        cli_read_count(job->parsed, "rounds", 1, ROUNDS_MAX, &rounds, err);

    if (s == SP_OK)
        s = cli_read_count(job->parsed, "seed", 0, INT64_MAX, &seed, err);
    if (s == SP_OK)
        s = choose_rows(job, arena, err);
    job->json = cli_value(job->parsed, "json");
    if (s == SP_OK && job->json != NULL)
        s = report_file_check(job->json, err);
    job->how = (struct cal_validate_options){
        .rounds = (int32_t)rounds,
        .round_s = quick ? ROUND_QUICK_S : ROUND_S,
        .seed = (uint64_t)seed,
        .realtime = cli_given(job->parsed, "realtime"),
        .progress = on_progress,
        .progress_self = &job->progress,
    };
    job->v = (struct model_validation){.version = PACKAGE_VERSION,
                                       .rounds = (int32_t)rounds,
                                       .seed = (uint64_t)seed,
                                       .quick = quick,
                                       .realtime = job->how.realtime};
    return s;
}

/* ---- running ---- */

static struct model_validation_pipeline skipped(const struct cal_pipeline_row *row,
                                                const char *why)
{
    return (struct model_validation_pipeline){.name = row->name,
                                              .text = row->text,
                                              .verdict = MODEL_VERDICT_SKIPPED,
                                              .why = why};
}

static enum sp_status run_row(struct job *job, const struct cal_pipeline_row *row,
                              const struct model_profile *profile,
                              struct sp_arena *arena,
                              struct model_validation_pipeline *out, struct sp_err *err)
{
    const char *lacks = cli_validate_lacks(row, profile);
    struct cal_pipeline pipeline;

    if (lacks != NULL) {
        *out = skipped(
            row,
            sp_arena_printf(arena, "the profile has no kernel %s of %s", lacks,
                            cal_kernel_find(lacks) != NULL ? "the CPU" : "a device"));
        return SP_OK;
    }
    if (!cal_pipeline_make(row, job->v.cores, &pipeline, &lacks)) {
        *out = skipped(row,
                       sp_arena_printf(arena, "this program has no kernel %s", lacks));
        return SP_OK;
    }
    return cli_validate_compare(&pipeline, job->v.cores, &job->how, profile, arena, out,
                                err);
}

static enum sp_status run_rows(struct job *job, const struct model_profile *profile,
                               struct sp_arena *arena, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    job->v.pipelines =
        sp_arena_array(arena, (size_t)job->progress.n, sizeof *job->v.pipelines);
    cli_progress_begin(&job->progress.line, true);
    for (int32_t i = 0; job->rows[i] != NULL && s == SP_OK; i++) {
        job->progress.at = i;
        s = run_row(job, job->rows[i], profile, arena, &job->v.pipelines[i], err);
        job->v.n += s == SP_OK;
    }
    cli_progress_end(&job->progress.line);
    job->v.partial = cli_interrupted();
    return job->v.partial ? SP_OK : s; /* what was finished is told */
}

static enum sp_status validate(struct job *job, const char *path,
                               struct sp_arena *arena, struct sp_err *err)
{
    struct cal_machine *machine;
    struct model_profile *profile;
    enum sp_status s = read_job(job, arena, err);

    if (s == SP_OK)
        s = model_profile_read(path, arena, &profile, err);
    if (s != SP_OK)
        return s;
    machine = cal_machine_new();
    job->v.cores = cal_machine_cores(machine);
    cal_machine_free(machine);
    job->v.profile = path;
    job->v.created = profile->created;
    job->how.reference = cal_measure_reference(profile);
    s = run_rows(job, profile, arena, err);
    if (s == SP_OK && job->json != NULL)
        s = report_validation_write_json(job->json, &job->v, err);
    if (s == SP_OK)
        s = report_validation_print(stdout, &job->v, err);
    return s;
}

static bool any_failed(const struct model_validation *v)
{
    for (int32_t i = 0; i < v->n; i++)
        if (v->pipelines[i].verdict == MODEL_VERDICT_FAIL)
            return true;
    return false;
}

/* A check that checked nothing has not passed. */
static bool all_skipped(const struct model_validation *v)
{
    for (int32_t i = 0; i < v->n; i++)
        if (v->pipelines[i].verdict != MODEL_VERDICT_SKIPPED)
            return false;
    return v->n > 0;
}

static int cmd_validate(const struct cli_command *self, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct job job = {.parsed = &parsed};
    struct sp_err err = {.status = SP_OK};
    struct sp_arena *arena;
    bool failed, skipped_all;
    enum sp_status s;

    if (!cli_parse(self, argc, argv, &parsed))
        return CLI_USAGE;
    if (parsed.help)
        return CLI_OK;
    if (cli_given(&parsed, "list"))
        return list_pipelines();
    if (parsed.n_operands != 1)
        return cli_fail(CLI_USAGE,
                        "validate: expected one profile, found %d; try 'stageplan "
                        "validate --help'",
                        parsed.n_operands);
    arena = sp_arena_new();
    s = validate(&job, parsed.operands[0], arena, &err);
    failed = s == SP_OK && any_failed(&job.v);
    skipped_all = s == SP_OK && !job.v.partial && all_skipped(&job.v);
    sp_arena_free(arena);
    if (s != SP_OK)
        return cli_fail_err(&err);
    if (skipped_all) {
        fflush(stdout);
        return cli_fail(CLI_USAGE,
                        "validate: nothing was validated: %s has all kernels of no "
                        "pipeline asked for",
                        parsed.operands[0]);
    }
    return cli_interrupted() || failed ? CLI_FAILED : CLI_OK;
}

const struct cli_command cli_cmd_validate = {
    .name = "validate",
    .operands = "PROFILE",
    .help = "run real pipelines of calibrated kernels here and compare them with what "
            "the simulator says",
    .options = options,
    .run = cmd_validate,
};
