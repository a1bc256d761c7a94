/* One point: the scenario with its overrides, every policy, every replication. */
#include "study/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/prepare.h"
#include "sim/run_parts.h"
#include "study/sweep_bytes.h"

/* ---- one run ---- */

struct point {
    const struct study_sweep *study;
    struct sp_arena *arena;
    struct model_scenario *sc;
    struct study_point *out;
    struct model_sweep_run *run;           /* the next row */
    struct model_sweep_workload *workload; /* likewise */
};

static bool on_progress(void *self, const struct sim_progress *now)
{
    const struct point *p = self;

    (void)now;
    return p->study->stop != NULL && p->study->stop(p->study->stop_self);
}

static void set_nan(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = NAN;
}

/* Figures of a run that there was none of. */
static void no_figures(struct model_run_figures *f)
{
    *f = (struct model_run_figures){.end = MODEL_END_DONE};
    set_nan(&f->usd,
            (sizeof *f - offsetof(struct model_run_figures, usd)) / sizeof(double));
}

/* The rows of one run, from its result; without one it could not be. */
static void add_rows(struct point *p, int32_t policy, int32_t replication,
                     const struct model_policy_result *result)
{
    const int32_t n = p->out->n_workloads;
    struct model_workload_figures *figures =
        sp_arena_array(p->arena, (size_t)n + 1, sizeof *figures);

    *p->run =
        (struct model_sweep_run){.point = p->out->point,
                                 .policy = policy,
                                 .replication = replication,
                                 .outcome = result != NULL ? SP_OK : SP_EINFEASIBLE};
    if (result != NULL) {
        model_figures_take(result, &p->run->figures, figures);
    } else {
        no_figures(&p->run->figures);
        set_nan((double *)figures, (size_t)n * sizeof *figures / sizeof(double));
    }
    p->run++;
    for (int32_t w = 0; w < n; w++)
        *p->workload++ =
            (struct model_sweep_workload){.workload = w, .figures = figures[w]};
}

static enum sp_status run_one(struct point *p, const struct model_policy *policy,
                              int32_t id, const struct sim_options *o,
                              int32_t replication, struct sp_err *err)
{
    const struct sim_run_one one = {.scenario = p->sc,
                                    .policy = policy,
                                    .options = o,
                                    .policy_id = id,
                                    .replication = replication};
    struct sp_arena *arena = sp_arena_new();
    struct model_policy_result result;
    enum sp_status s = sim_run_one(&one, arena, &result, err);

    if (s == SP_OK && result.end == MODEL_END_INTERRUPTED)
        p->out->given_up = true;
    else if (s == SP_OK)
        add_rows(p, id, replication, &result);
    sp_arena_free(arena);
    return s;
}

/* What is infeasible is a result of the point: the reasons of all its policies are
 * kept, each of which names its own. */
static enum sp_status run_policy(struct point *p, struct model_policy *policy,
                                 int32_t id, const struct sim_options *o,
                                 struct sp_err *err)
{
    struct sp_err why = {0};
    enum sp_status s = model_policy_prepare(p->sc, policy, &why);

    if (s == SP_EINFEASIBLE) {
        p->out->text = sp_arena_printf(p->arena, "%s%s%s",
                                       p->out->text != NULL ? p->out->text : "",
                                       p->out->text != NULL ? "; " : "", why.text);
        for (int32_t r = 0; r < o->replications; r++)
            add_rows(p, id, r, NULL);
        return SP_OK;
    }
    if (s != SP_OK)
        return sp_fail(err, s, "%s", why.text);
    for (int32_t r = 0; r < o->replications && s == SP_OK && !p->out->given_up; r++)
        s = run_one(p, policy, id, o, r, err);
    return s;
}

/* ---- the point ---- */

enum sp_status study_sweep_scenario(const struct study_sweep *study,
                                    const char *const *texts, struct sp_arena *arena,
                                    struct model_scenario **scenario,
                                    struct sp_err *err)
{
    const struct model_sweep *sweep = study->sweep;
    const int32_t most = sweep->n_sets + sweep->n_axes;
    struct model_set *sets = sp_arena_array(arena, (size_t)most + 1, sizeof *sets);
    int32_t n = sweep->n_sets;

    if (n > 0)
        memcpy(sets, sweep->sets, (size_t)n * sizeof *sets);
    for (int32_t a = 0; a < sweep->n_axes; a++)
        if (texts[a] != NULL)
            sets[n++] = (struct model_set){sweep->axes[a].path, texts[a]};
    return model_scenario_read(sweep->path, sets, n, arena, scenario, err);
}

static bool wanted(const struct study_sweep *study, int32_t policy)
{
    return study->policies == NULL || study->policies[policy];
}

static enum sp_status run_all(struct point *p, struct sp_err *err)
{
    const struct model_sweep *sweep = p->study->sweep;
    const struct sim_options o = {.seed = sweep->seed,
                                  .replications = sweep->replications,
                                  .traces = p->study->traces,
                                  .jobs = p->study->jobs,
                                  .figures_only = true,
                                  .progress = on_progress,
                                  .progress_self = p,
                                  .version = sweep->version};
    enum sp_status s =
        study_sweep_scenario(p->study, p->out->texts, p->arena, &p->sc, err);
    int32_t id = 0;

    if (s == SP_OK && p->study->prepare != NULL)
        s = p->study->prepare(p->study->prepare_self, p->sc, err);
    for (int32_t i = 0; s == SP_OK && i < p->sc->n_policies; i++)
        if (wanted(p->study, i) && !p->out->given_up)
            s = run_policy(p, &p->sc->policies[i], id++, &o, err);
    return s;
}

static void make_rows(struct point *p)
{
    const struct model_sweep *sweep = p->study->sweep;
    struct study_point *out = p->out;
    const size_t runs = (size_t)(sweep->n_policies * sweep->replications);

    out->n_runs = (int32_t)runs;
    out->n_workloads = sweep->n_workloads;
    p->run = sp_arena_array(p->arena, runs + 1, sizeof *p->run);
    p->workload = sp_arena_array(p->arena, runs * (size_t)sweep->n_workloads + 1,
                                 sizeof *p->workload);
    out->runs = p->run;
    out->workloads = p->workload;
}

static void take_coordinates(struct point *p)
{
    const int32_t n = p->study->sweep->n_axes;
    struct model_coordinate *at = sp_arena_array(p->arena, (size_t)n + 1, sizeof *at);
    double *numbers = sp_arena_array(p->arena, (size_t)n + 1, sizeof *numbers);
    const char **texts = sp_arena_array(p->arena, (size_t)n + 1, sizeof *texts);

    study_design_point(p->study->design, p->out->point, p->arena, at);
    for (int32_t a = 0; a < n; a++) {
        numbers[a] = at[a].number;
        texts[a] = at[a].text;
    }
    p->out->n_axes = n;
    p->out->numbers = numbers;
    p->out->texts = texts;
}

struct study_bytes study_sweep_point(void *self, int64_t number)
{
    struct study_point out = {.point = number};
    struct point p = {.study = self, .arena = sp_arena_new(), .out = &out};
    struct study_bytes bytes;
    struct sp_err err = {0};

    take_coordinates(&p);
    make_rows(&p);
    out.status = run_all(&p, &err);
    if (out.status != SP_OK)
        out.text = err.text;
    if (out.status != SP_OK || out.given_up)
        out.n_runs = 0;
    bytes = study_point_write(&out);
    sp_arena_free(p.arena);
    return bytes;
}
