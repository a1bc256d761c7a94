/* Every round is predicted from what was measured in it; figures are medians over the
 * rounds that count. */
#include "cli/validate_compare.h"

#include <math.h>

#include "calibrate/verdict.h"
#include "cli/validate_predict.h"

enum { REPLICATIONS = 40 }; /* runs that a round's prediction is the mean of */

/* A figure of every round, measured and simulated. */
struct figures {
    double *measured, *simulated;
};

enum { PER_S, MEAN_S, P50_S, P99_S, BUSY, N_FIGURES = BUSY + CAL_STAGES_MAX };

struct comparison {
    const struct cal_pipeline *p;
    int32_t cores, n;
    struct cal_round *rounds;
    struct model_validation_round *told;
    struct figures figures[N_FIGURES];
    struct sp_arena *arena;
};

/* A device's kernel, whichever device it is. */
static const struct model_kernel *on_device(const struct model_profile *profile,
                                            const char *name)
{
    for (int32_t i = 0; i < profile->n_devices; i++) {
        const struct model_kernel *kernel;

        if (profile->devices[i].is_gpu &&
            model_profile_find(profile, name, profile->devices[i].name, &kernel,
                               NULL) == SP_OK)
            return kernel;
    }
    return NULL;
}

/* The first part that the profile lacks, or NULL. */
static const char *part_lacks(const struct model_profile *profile,
                              const struct cal_part *parts)
{
    while (parts->kernel != NULL && on_device(profile, parts->kernel) != NULL)
        parts++;
    return parts->kernel;
}

const char *cli_validate_lacks(const struct cal_pipeline_row *row,
                               const struct model_profile *profile)
{
    for (int32_t s = 0; s < CAL_STAGES_MAX && row->stages[s].kernel != NULL; s++) {
        const struct cal_part *parts = cal_stage_parts(row->stages[s].kernel);
        const char *lacks = parts != NULL ? part_lacks(profile, parts) : NULL;
        const struct model_kernel *kernel;

        if (lacks != NULL)
            return lacks;
        if (parts == NULL && model_profile_find(profile, row->stages[s].kernel, "cpu",
                                                &kernel, NULL) != SP_OK)
            return row->stages[s].kernel;
    }
    return NULL;
}

double cli_validate_profile_s(const struct model_profile *profile,
                              const struct cal_stage *stage)
{
    const struct model_kernel_draw none = {0};
    const struct model_kernel *kernel;
    double s = 0;

    for (const struct cal_part *p = stage->parts; p != NULL && p->kernel != NULL; p++)
        s += model_kernel_at(on_device(profile, p->kernel), &none, p->x).s;
    if (stage->parts != NULL)
        return stage->calls * s;
    if (model_profile_find(profile, stage->kernel->name, "cpu", &kernel, NULL) != SP_OK)
        return NAN;
    return stage->calls * model_kernel_at(kernel, &none, stage->x).s;
}

/* ---- a round's prediction ---- */

/* A stage's samples are served as they are; a thread that hands an item on is busy for
 * as long as a push takes. */
static struct cli_predict predict_of(const struct comparison *c,
                                     const struct cal_round *r, uint64_t seed)
{
    struct cli_predict what = {.n = c->p->n,
                               .fused = c->p->fused,
                               .cores = c->cores,
                               .items = (int32_t)r->items,
                               .replications = REPLICATIONS,
                               .seed = seed};

    for (int32_t s = 0; s < c->p->n; s++)
        what.stages[s] = (struct cli_predict_stage){
            .workers = c->p->stages[s].workers,
            .queue = c->p->stages[s].queue,
            .n_samples = r->stages[s].n_samples,
            .samples_s = r->stages[s].samples_s,
            .extra_s = c->p->fused || s + 1 == c->p->n ? 0 : r->push_s,
        };
    return what;
}

static double rule_of(const struct comparison *c, const double *mean_s)
{
    int32_t workers[CAL_STAGES_MAX];

    for (int32_t s = 0; s < c->p->n; s++)
        workers[s] = c->p->stages[s].workers;
    return cli_predict_rule(mean_s, workers, c->p->n, c->p->fused, c->cores);
}

static void set_figures(const struct comparison *c, int32_t round,
                        const struct cli_predicted *predicted)
{
    const struct cal_round *r = &c->rounds[round];
    const double flow[] = {[PER_S] = predicted->flow.per_s,
                           [MEAN_S] = predicted->flow.mean_s,
                           [P50_S] = predicted->flow.p50_s,
                           [P99_S] = predicted->flow.p99_s};
    const double measured[] = {[PER_S] = r->items_per_s,
                               [MEAN_S] = r->mean_s,
                               [P50_S] = r->p50_s,
                               [P99_S] = r->p99_s};

    for (int f = 0; f < BUSY; f++) {
        c->figures[f].measured[round] = measured[f];
        c->figures[f].simulated[round] = flow[f];
    }
    for (int32_t s = 0; s < c->p->n; s++) {
        c->figures[BUSY + s].measured[round] = r->stages[s].busy_frac;
        c->figures[BUSY + s].simulated[round] = predicted->busy_frac[s];
    }
}

static enum sp_status predict_round(const struct comparison *c, int32_t round,
                                    uint64_t seed, struct sp_err *err)
{
    const struct cal_round *r = &c->rounds[round];
    struct cli_predict what = predict_of(c, r, seed);
    struct cli_predicted predicted;
    double mean_s[CAL_STAGES_MAX];
    enum sp_status status = cli_predict_run(&what, &predicted, err);

    if (status != SP_OK)
        return status;
    for (int32_t s = 0; s < c->p->n; s++)
        mean_s[s] = r->stages[s].isolated_mean_s;
    set_figures(c, round, &predicted);
    c->told[round] =
        (struct model_validation_round){.per_s = r->items_per_s,
                                        .simulated_per_s = predicted.flow.per_s,
                                        .rule_per_s = rule_of(c, mean_s),
                                        .foreign_cores = r->foreign_cores,
                                        .waited_frac = r->waited_frac,
                                        .hand_off_s = r->hand_off_s,
                                        .push_s = r->push_s,
                                        .canary_good = r->canary_good,
                                        .items = r->items};
    return SP_OK;
}

/* ---- over the rounds ---- */

/* Median of values of the rounds that count. */
static double counted_median(const struct comparison *c, const double *values)
{
    double *kept = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *kept);
    int32_t n = 0;

    for (int32_t i = 0; i < c->n; i++)
        if (c->told[i].counts)
            kept[n++] = values[i];
    return model_validation_median(kept, n);
}

/* Median of the errors of predicted[] against measured[]. */
static double error_of(const struct comparison *c, const double *predicted,
                       const double *measured)
{
    double *errors = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *errors);

    for (int32_t i = 0; i < c->n; i++)
        errors[i] = predicted[i] / measured[i] - 1;
    return counted_median(c, errors);
}

static struct model_validation_figure figure(const struct comparison *c, int which)
{
    const struct figures *f = &c->figures[which];

    return (struct model_validation_figure){
        .measured = counted_median(c, f->measured),
        .simulated = counted_median(c, f->simulated),
        .error = error_of(c, f->simulated, f->measured),
    };
}

static struct model_validation_stage stage_of(const struct comparison *c, int32_t s,
                                              const struct model_profile *profile)
{
    const struct cal_stage *stage = &c->p->stages[s];
    double *mean_s = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *mean_s);
    double *cv = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *cv);
    double *together = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *together);
    bool shares = cal_pipeline_threads(c->p) > c->cores;

    for (int32_t i = 0; i < c->n; i++) {
        mean_s[i] = c->rounds[i].stages[s].isolated_mean_s;
        cv[i] = c->rounds[i].stages[s].isolated_cv;
        together[i] = shares ? NAN : c->rounds[i].stages[s].together_mean_s;
    }
    return (struct model_validation_stage){
        .kernel = stage->kernel->name,
        .x = stage->x,
        .cv = stage->cv,
        .calls = stage->calls,
        .workers = stage->workers,
        .queue = stage->queue,
        .isolated_mean_s = counted_median(c, mean_s),
        .isolated_cv = counted_median(c, cv),
        .together_mean_s = counted_median(c, together),
        .profile_s = cli_validate_profile_s(profile, stage),
        .busy_frac = figure(c, BUSY + s),
    };
}

static void put_rules(const struct comparison *c, struct model_validation_pipeline *out)
{
    double *rule = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *rule);
    double *profile = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *profile);
    double *foreign = sp_arena_array(c->arena, (size_t)c->n + 1, sizeof *foreign);
    double mean_s[CAL_STAGES_MAX];

    for (int32_t s = 0; s < c->p->n; s++)
        mean_s[s] = out->stages[s].profile_s;
    for (int32_t i = 0; i < c->n; i++) {
        rule[i] = c->told[i].rule_per_s;
        profile[i] = rule_of(c, mean_s);
        foreign[i] = c->told[i].foreign_cores;
    }
    out->rule_per_s = counted_median(c, rule);
    out->rule_error = error_of(c, rule, c->figures[PER_S].measured);
    out->profile_per_s = counted_median(c, profile);
    out->profile_error = error_of(c, profile, c->figures[PER_S].measured);
    out->foreign_cores = model_validation_median(foreign, c->n);
}

/* The simulator gives a CPU to a task until its end; the system gives turns. */
static void forget_latencies(struct model_validation_pipeline *out)
{
    struct model_validation_figure *const figures[] = {&out->mean_s, &out->p50_s,
                                                       &out->p99_s};

    for (int i = 0; i < 3; i++)
        figures[i]->simulated = figures[i]->error = NAN;
}

static void put_all(const struct comparison *c, bool realtime,
                    const struct model_profile *profile,
                    struct model_validation_pipeline *out)
{
    struct cal_verdict v = cal_verdict_of(c->told, c->n, realtime, c->arena);

    *out = (struct model_validation_pipeline){
        .name = c->p->name,
        .text = c->p->text,
        .fused = c->p->fused,
        .shared = !c->p->fused && cal_pipeline_threads(c->p) > c->cores,
        .n_stages = c->p->n,
        .n_rounds = c->n,
        .n_counting = v.counting,
        .rounds = c->told,
        .per_s = figure(c, PER_S),
        .mean_s = figure(c, MEAN_S),
        .p50_s = figure(c, P50_S),
        .p99_s = figure(c, P99_S),
        .error_se = v.error_se,
        .verdict = v.verdict,
        .why = v.why,
    };
    for (int32_t s = 0; s < c->p->n; s++)
        out->stages[s] = stage_of(c, s, profile);
    put_rules(c, out);
    if (out->shared)
        forget_latencies(out);
}

enum sp_status cli_validate_compare(const struct cal_pipeline *pipeline, int32_t cores,
                                    const struct cal_validate_options *o,
                                    const struct model_profile *profile,
                                    struct sp_arena *arena,
                                    struct model_validation_pipeline *out,
                                    struct sp_err *err)
{
    size_t n = (size_t)o->rounds;
    struct comparison c = {
        .p = pipeline, .cores = cores, .n = o->rounds, .arena = arena};
    enum sp_status status;

    c.rounds = sp_arena_array(arena, n, sizeof *c.rounds);
    c.told = sp_arena_array(arena, n, sizeof *c.told);
    for (int f = 0; f < N_FIGURES; f++)
        c.figures[f] = (struct figures){sp_arena_array(arena, n, sizeof(double)),
                                        sp_arena_array(arena, n, sizeof(double))};
    status = cal_validate_run(pipeline, o, arena, c.rounds, err);
    for (int32_t i = 0; i < c.n && status == SP_OK; i++)
        status = predict_round(&c, i, sp_mix_keys(o->seed, (uint64_t)i), err);
    if (status == SP_OK)
        put_all(&c, o->realtime, profile, out);
    return status;
}
