/* Options, axes, design; then a look at points before any is run. */
#include "cli/sweep_setup.h"

#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "cli/prepare.h"
#include "config.h"
#include "study/axis.h"
#include "traces/arrivals.h"
#include "traces/jobs.h"

/* Points whose scenario is read before the first is run, at most. */
enum { LOOK_POINTS = 20000, LOOK_READINGS = 200, THREADS_MAX = 1024 };

/* ---- options ---- */

static enum sp_status read_design(const struct cli_parsed *parsed,
                                  enum model_design *design, struct sp_err *err)
{
    const char *names[MODEL_DESIGNS], *want = cli_value(parsed, "design"), *nearest;

    *design = MODEL_DESIGN_GRID;
    for (int i = 0; i < MODEL_DESIGNS; i++) {
        names[i] = model_design_name((enum model_design)i);
        if (want != NULL && strcmp(names[i], want) == 0)
            *design = (enum model_design)i;
    }
    if (want == NULL || strcmp(names[*design], want) == 0)
        return SP_OK;
    nearest = sp_text_nearest(want, names, MODEL_DESIGNS);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT,
                       "--design %s: no such design, did you mean '%s'?", want,
                       nearest);
    return sp_fail(err, SP_EINPUT,
                   "--design %s: no such design, expected grid, zip, latin, sobol, "
                   "indices or one-at-a-time",
                   want);
}

/* Points meet the same chance, and have as many runs. */
static enum sp_status check_path(const struct model_axis *axis, struct sp_err *err)
{
    if (strcmp(axis->path, "seed") == 0 || strcmp(axis->path, "replications") == 0)
        return sp_fail(err, SP_EINPUT,
                       "--vary %s: is the same at all points, expected --%s or "
                       "--replications for more runs of each",
                       axis->path, axis->path);
    if (strcmp(axis->path, "precision") == 0 ||
        strcmp(axis->path, "replications_max") == 0)
        return sp_fail(err, SP_EINPUT,
                       "--vary %s: has no effect on a sweep, expected --replications",
                       axis->path);
    if (strcmp(axis->path, "baseline") == 0)
        return sp_fail(err, SP_EINPUT,
                       "--vary baseline: is the same at all points, expected --set "
                       "baseline=NAME");
    return SP_OK;
}

static enum sp_status read_axes(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct model_sweep *sweep, struct sp_err *err)
{
    struct model_axis *axes =
        sp_arena_array(arena, (size_t)parsed->n_options + 1, sizeof *axes);
    enum sp_status s = SP_OK;

    for (int i = 0; i < parsed->n_options && s == SP_OK; i++) {
        if (strcmp(parsed->options[i].option->name, "vary") != 0)
            continue;
        s = study_axis_parse(parsed->options[i].value, arena, &axes[sweep->n_axes],
                             err);
        if (s == SP_OK)
            s = check_path(&axes[sweep->n_axes++], err);
    }
    sweep->axes = axes;
    if (s == SP_OK && sweep->n_axes == 0)
        return sp_fail(err, SP_EINPUT,
                       "sweep: nothing to vary, expected --vary path=values, such as "
                       "--vary fleet.gpu-node.count=1..8");
    return s;
}

static enum sp_status read_numbers(const struct cli_parsed *parsed,
                                   struct cli_sweep *job, struct sp_err *err)
{
    int64_t seed = (int64_t)job->base->seed, replications = job->base->replications;
    int64_t threads = job->threads;
    struct model_sweep *sweep = &job->sweep;
    enum sp_status s = cli_read_count(parsed, "seed", 0, INT64_MAX, &seed, err);

    if (s == SP_OK)
        s = cli_read_count(parsed, "replications", 1, 10000, &replications, err);
    if (s == SP_OK)
        s = cli_read_count(parsed, "samples", 1, MODEL_POINTS_MAX, &sweep->samples,
                           err);
    if (s == SP_OK)
        s = cli_read_count(parsed, "jobs", 1, THREADS_MAX, &threads, err);
    sweep->seed = (uint64_t)seed;
    sweep->replications = (int32_t)replications;
    job->threads = (int32_t)threads;
    return s;
}

/* ---- the scenario as it stands ---- */

static void name_all(struct cli_sweep *job, struct sp_arena *arena)
{
    const struct model_scenario *sc = job->base;
    struct model_sweep *sweep = &job->sweep;
    const char **names = sp_arena_array(arena, (size_t)sc->n_policies, sizeof *names);

    for (int32_t p = 0; p < sc->n_policies; p++) {
        if (!job->chosen[p])
            continue;
        if (p == sc->baseline)
            sweep->baseline = sweep->n_policies;
        names[sweep->n_policies++] = sc->policies[p].name;
    }
    sweep->policies = names;
    sweep->scenario = sc->name;
    sweep->path = sc->path;
    sweep->n_files = sc->n_inputs;
    sweep->files = sc->inputs;
    sweep->n_workloads = sc->n_workloads;
    sweep->workloads = sc->workloads;
    sweep->version = PACKAGE_VERSION;
}

static enum sp_status read_base(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct cli_sweep *job, struct sp_err *err)
{
    struct model_set *sets;
    enum sp_status s = cli_read_sets(parsed, arena, &sets, &job->sweep.n_sets, err);

    if (s != SP_OK)
        return s;
    job->sweep.sets = sets;
    s = model_scenario_read(parsed->operands[0], sets, job->sweep.n_sets, arena,
                            &job->base, err);
    if (s == SP_OK)
        s = cli_choose_policies(parsed, job->base, arena, &job->chosen, err);
    if (s == SP_OK)
        s = cli_traces_sum_up(job->base, arena, &job->traces, err);
    if (s == SP_OK)
        name_all(job, arena);
    return s;
}

/* ---- the study ---- */

static enum sp_status sum_up(void *self, struct model_scenario *sc, struct sp_err *err)
{
    struct cli_traces traces;

    (void)self;
    return cli_traces_sum_up(sc, sc->arena, &traces, err);
}

static void set_study(struct cli_sweep *job, const struct study_design *design)
{
    job->trace_opener = trace_opener(job->traces.folder);
    job->job_opener = trace_job_opener(job->traces.folder);
    job->study = (struct study_sweep){.sweep = &job->sweep,
                                      .design = design,
                                      .policies = job->chosen,
                                      .prepare = sum_up,
                                      .traces = &job->trace_opener,
                                      .jobs = &job->job_opener};
}

/* ---- a look at points ---- */

const char *cli_sweep_point_text(const struct model_sweep *sweep, int64_t point,
                                 const char *const *texts, struct sp_arena *arena)
{
    const char *text = sp_arena_printf(arena, "point %lld (", (long long)point);
    char quoted[120];

    for (int32_t a = 0; a < sweep->n_axes; a++) {
        sp_text_quote(texts[a] != NULL ? texts[a] : "as it is", quoted, sizeof quoted);
        quoted[strlen(quoted) - 1] = '\0'; /* without the quotes */
        text = sp_arena_printf(arena, "%s%s%s=%s", text, a > 0 ? " " : "",
                               sweep->axes[a].path, quoted + 1);
    }
    return sp_arena_printf(arena, "%s)", text);
}

/* Whether the point has a value that none before had, of any axis. */
static bool any_new(struct sp_names **seen, const char **texts, int32_t n)
{
    bool is_new = false;

    for (int32_t a = 0; a < n; a++) {
        const char *text = texts[a] != NULL ? texts[a] : "";

        if (sp_names_find(seen[a], text, strlen(text)) == SP_NO_ID) {
            sp_names_add(seen[a], text, strlen(text), INT32_MAX);
            is_new = true;
        }
    }
    return is_new;
}

static enum sp_status look_at(const struct cli_sweep *job, int64_t point,
                              const char *const *texts, struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_scenario *sc;
    struct sp_err why = {0};
    enum sp_status s = study_sweep_scenario(&job->study, texts, arena, &sc, &why);

    if (s != SP_OK)
        s = sp_fail(err, s, "%s: %s",
                    cli_sweep_point_text(&job->sweep, point, texts, arena), why.text);
    sp_arena_free(arena);
    return s;
}

/* A path that is none, and most values that are refused, are told before any point is
 * run: points are read until each value of an axis was. */
static enum sp_status look_at_points(const struct cli_sweep *job, struct sp_err *err)
{
    const int32_t n = job->sweep.n_axes;
    struct sp_arena *arena = sp_arena_new();
    struct model_coordinate *at = sp_arena_array(arena, (size_t)n, sizeof *at);
    const char **texts = sp_arena_array(arena, (size_t)n, sizeof *texts);
    struct sp_names **seen = sp_arena_array(arena, (size_t)n, sizeof *seen);
    enum sp_status s = SP_OK;
    int32_t readings = 0;

    for (int32_t a = 0; a < n; a++)
        seen[a] = sp_names_new(arena);
    for (int64_t i = 0; i < job->sweep.n_points && i < LOOK_POINTS && s == SP_OK &&
                        readings < LOOK_READINGS;
         i++) {
        study_design_point(job->study.design, i, arena, at);
        for (int32_t a = 0; a < n; a++)
            texts[a] = at[a].text;
        if (!any_new(seen, texts, n))
            continue;
        s = look_at(job, i, texts, err);
        readings++;
    }
    sp_arena_free(arena);
    return s;
}

/* ---- all of it ---- */

enum sp_status cli_sweep_set_up(const struct cli_parsed *parsed, struct sp_arena *arena,
                                struct cli_sweep *job, struct sp_err *err)
{
    struct study_design *design;
    enum sp_status s;

    *job = (struct cli_sweep){
        .db = cli_value(parsed, "db"), .ranks = job->ranks, .threads = job->threads};
    if (job->db == NULL)
        return sp_fail(err, SP_EINPUT,
                       "sweep: no place for its runs, expected --db FILE");
    s = read_axes(parsed, arena, &job->sweep, err);
    if (s == SP_OK)
        s = read_design(parsed, &job->sweep.design, err);
    if (s == SP_OK)
        s = read_base(parsed, arena, job, err);
    if (s == SP_OK)
        s = read_numbers(parsed, job, err);
    if (s == SP_OK)
        s = study_design_new(arena, &job->sweep, &design, err);
    if (s != SP_OK)
        return s;
    job->sweep.fingerprint = model_sweep_fingerprint(&job->sweep);
    set_study(job, design);
    return look_at_points(job, err);
}
