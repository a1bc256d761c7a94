/* What follows where no goal is written, and how far a run misses one. */
#include "model/goals.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/jobs.h"
#include "model/serving.h"
#include "model/sizing.h"

/* A rate of a source that the simulation lets arrive, less so much, was kept. */
#define RATE_TOLERANCE_FRAC (1 - MODEL_KEEPS_UP_FRAC)
#define RUNS_MET_FRAC       0.9
/* Bills are of whole seconds and micro-dollars: a fleet at just that price meets it. */
#define PER_H_TOLERANCE_FRAC 0.001

int32_t model_goal_runs_enough(int32_t n)
{
    return (int32_t)ceil(RUNS_MET_FRAC * n - 1e-9);
}

static const struct model_goal_kind *kind_of(const char *key, bool of_workload,
                                             enum model_kind work)
{
    const struct model_goal_kind *k = model_goal_kinds;

    while (strcmp(k->key, key) != 0 || k->of_workload != of_workload ||
           (of_workload && k->work_kind != work))
        k++;
    return k;
}

/* ---- time on the way ---- */

/* How long a full batch takes to come together at the stage, by means. */
static double batch_s(const struct model_plan *plan, const struct model_flow *flow,
                      int32_t stage)
{
    const struct model_stage *s = &plan->stages[stage];
    double per_s = plan->source.rate_per_s * flow->visits[stage];
    double wait = per_s > 0 ? (s->batch - 1) / per_s : 0;

    return s->linger_ns >= 0 ? fmin(wait, sp_s_from_ns(s->linger_ns)) : wait;
}

static double slowest(const struct model_policy *policy)
{
    double speed = 1;

    for (int32_t t = 0; t < policy->n_types; t++)
        speed = fmin(speed, policy->types[t].cpu_speed);
    return speed;
}

/* The longest way through the stages; 0 where a mean is not known. */
static double path_of(const struct model_policy *policy, const struct model_plan *plan)
{
    double until_s[MODEL_STAGES_MAX], longest = 0, speed = slowest(policy);
    struct model_flow flow;

    model_plan_flow(plan, &flow);
    for (int32_t s = 0; s < plan->n_stages; s++) {
        const struct model_stage *stage = &plan->stages[s];
        double from = 0;

        for (int32_t i = 0; i < stage->n_from; i++)
            from = fmax(from, until_s[stage->from[i]]);
        until_s[s] =
            from + batch_s(plan, &flow, s) + model_stage_mean_time_s(plan, s, speed);
        if (isnan(until_s[s]))
            return 0;
        longest = fmax(longest, until_s[s]);
    }
    return longest;
}

/* Fills all of a goal that its kind, workload and value say. */
static void complete(const struct model_scenario *sc, struct model_goal *goal)
{
    int32_t w = goal->of.workload;
    const struct model_plan *plan =
        w == SP_NO_ID ? NULL : &sc->policies[sc->baseline].plans[w];

    goal->of = model_figure_named(goal->kind->figure, w);
    if (goal->kind->unit == MODEL_GOAL_PER_S)
        goal->tolerance_frac = RATE_TOLERANCE_FRAC;
    if (goal->kind->unit == MODEL_GOAL_USD_PER_H)
        goal->tolerance_frac = PER_H_TOLERANCE_FRAC;
    if (plan != NULL && plan->kind == MODEL_KIND_PIPELINE)
        goal->path_s = path_of(&sc->policies[sc->baseline], plan);
    if (plan != NULL && plan->kind == MODEL_KIND_SERVING)
        goal->slo = &plan->serving->slo;
    goal->text =
        model_goal_say(sc->arena, goal->kind, plan == NULL ? NULL : sc->workloads[w],
                       goal->value, goal->tolerance_frac);
}

/* ---- what follows where nothing is written ---- */

struct implying {
    struct model_scenario *sc;
    struct model_goals *goals; /* with room for one more */
    int32_t workload;
    const struct model_plan *plan;
    struct sp_err *err;
};

static void imply(struct implying *in, const char *key, double value)
{
    bool run = strcmp(key, "deadline") == 0;
    struct model_goal *goal = &in->goals->goals[in->goals->n++];

    *goal = (struct model_goal){.kind = kind_of(key, !run, in->plan->kind),
                                .of = {.workload = run ? SP_NO_ID : in->workload},
                                .value = value,
                                .implied = true};
    complete(in->sc, goal);
}

static enum sp_status lacks(const struct implying *in, const char *expected)
{
    char quoted[80];

    return sp_fail(in->err, SP_EINPUT,
                   "%s: workload %s has nothing to meet, expected %s", in->sc->path,
                   sp_text_quote(in->plan->workload, quoted, sizeof quoted), expected);
}

static enum sp_status imply_pipeline(struct implying *in)
{
    const struct model_source *source = &in->plan->source;

    if (in->plan->size_deadline_ns > 0)
        imply(in, "deadline", sp_s_from_ns(in->plan->size_deadline_ns));
    else if (in->plan->size_items_per_s > 0)
        imply(in, "rate", in->plan->size_items_per_s);
    else if (source->kind == MODEL_SOURCE_FIXED)
        return lacks(in, "plan.targets with 'deadline: 1h' or a 'rate'");
    else if (source->kind == MODEL_SOURCE_CLOSED)
        return lacks(in, "plan.targets with its 'rate' or a latency");
    else
        imply(in, "keeps_up", MODEL_KEEPS_UP_FRAC);
    return SP_OK;
}

static enum sp_status imply_serving(struct implying *in)
{
    const struct model_slo *slo = &in->plan->serving->slo;

    if (slo->ttft_ns < 0 && slo->tpot_ns < 0 && slo->e2e_ns < 0)
        return lacks(in, "its slo, such as 'slo: { ttft: 1s, tpot: 100ms }', or "
                         "plan.targets such as 'ttft_p99: 1s'");
    imply(in, "slo_attained", slo->attain_frac);
    return SP_OK;
}

static bool has_deadlines(const struct model_jobs *jobs)
{
    for (int32_t i = 0; i < jobs->n_classes; i++)
        if (jobs->classes[i].deadline_ns >= 0)
            return true;
    return jobs->deadline_ns >= 0;
}

/* The wait that a jobs' `target` is about. */
static const char *wait_key(double quantile)
{
    static const struct {
        double q;
        const char *key;
    } keys[] = {{0.5, "queue_p50"}, {0.9, "queue_p90"}, {0.99, "queue_p99"}};

    if (isnan(quantile))
        return "queue_mean";
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].q == quantile)
            return keys[i].key;
    return NULL;
}

static enum sp_status imply_jobs(struct implying *in)
{
    const struct model_jobs *jobs = in->plan->jobs;

    if (!isnan(jobs->wait_target_s)) {
        if (wait_key(jobs->target_quantile) == NULL)
            return lacks(in, "its 'target' to be of quantile 0.5, 0.9, 0.99 or mean");
        imply(in, wait_key(jobs->target_quantile), jobs->wait_target_s);
        return SP_OK;
    }
    if (!has_deadlines(jobs))
        return lacks(in, "its 'target', such as 'target: { wait: 1h, quantile: 0.9 }', "
                         "deadlines of its jobs, or plan.targets such as 'queue_p90: "
                         "1h'");
    imply(in, "deadlines_missed", 0);
    return SP_OK;
}

/* Whether what is written says what the workload must do. */
static bool is_told(const struct implying *in, int32_t n_written)
{
    for (int32_t i = 0; i < n_written; i++) {
        const struct model_goal *goal = &in->goals->goals[i];

        if (goal->of.workload == in->workload && !model_goal_is_cost(goal->kind))
            return true;
        if (strcmp(goal->kind->key, "deadline") == 0 &&
            model_source_ends(&in->plan->source))
            return true;
    }
    return false;
}

static enum sp_status imply_workload(struct implying *in, int32_t n_written)
{
    if (is_told(in, n_written))
        return SP_OK;
    switch (in->plan->kind) {
    case MODEL_KIND_PIPELINE:
        return imply_pipeline(in);
    case MODEL_KIND_SERVING:
        return imply_serving(in);
    case MODEL_KIND_JOBS:
        return imply_jobs(in);
    }
    return SP_OK;
}

enum sp_status model_goals_of(struct model_scenario *sc, struct model_goals *goals,
                              struct sp_err *err)
{
    struct model_goals all = {0};
    int32_t n_written = sc->goals != NULL ? sc->goals->n : 0;
    enum sp_status status = SP_OK;

    if (sc->goals != NULL)
        all = *sc->goals;
    all.goals = sp_arena_array(sc->arena, (size_t)n_written + (size_t)sc->n_workloads,
                               sizeof *all.goals);
    for (int32_t i = 0; i < n_written; i++) {
        all.goals[i] = sc->goals->goals[i];
        complete(sc, &all.goals[i]);
    }
    for (int32_t w = 0; status == SP_OK && w < sc->n_workloads; w++) {
        struct implying in = {.sc = sc,
                              .goals = &all,
                              .workload = w,
                              .plan = &sc->policies[sc->baseline].plans[w],
                              .err = err};

        status = imply_workload(&in, n_written);
    }
    if (status == SP_OK)
        *goals = all;
    return status;
}

/* ---- how far a run misses ---- */

static bool ended_well(const struct model_goal *goal, enum model_end end)
{
    if (strcmp(goal->kind->key, "deadline") == 0)
        return end == MODEL_END_DONE;
    return end == MODEL_END_DONE || end == MODEL_END_HORIZON;
}

/* The longest that a request of mean length may take and meet the SLO; where that has
 * no limit on a part, what the part took. */
static double slo_time_s(const struct model_slo *slo,
                         const struct model_workload_figures *w)
{
    double first = slo->ttft_ns < 0 ? w->ttft_mean_s : sp_s_from_ns(slo->ttft_ns);
    double rest = w->e2e_mean_s - w->ttft_mean_s, all;

    if (slo->tpot_ns >= 0 && w->tpot_mean_s > 0)
        rest *= sp_s_from_ns(slo->tpot_ns) / w->tpot_mean_s;
    all = first + rest;
    if (slo->e2e_ns >= 0 && !(all < sp_s_from_ns(slo->e2e_ns)))
        return sp_s_from_ns(slo->e2e_ns);
    return all;
}

static double came_of(const struct model_workload_figures *w)
{
    return w->done + w->dropped + w->in_flight;
}

/* In flight at the end beyond what arrives in `grace_s`. */
static double late_of(const struct model_run_figures *run,
                      const struct model_workload_figures *w, double grace_s)
{
    double per_s = run->time_s > 0 ? came_of(w) / run->time_s : 0;
    double allowed = grace_s > 0 ? per_s * grace_s : 0;

    return w->in_flight > allowed ? w->in_flight - allowed : 0;
}

static bool too_much_undone(const struct model_goal *goal,
                            const struct model_run_figures *run,
                            const struct model_workload_figures *w)
{
    double undone;

    if (goal->kind->work_kind == MODEL_KIND_JOBS)
        undone = w->in_flight + w->dropped;
    else if (goal->kind->unit == MODEL_GOAL_S)
        undone = late_of(run, w, goal->value);
    else
        return false;
    return undone > MODEL_UNDONE_FRAC * came_of(w);
}

double model_goal_value(const struct model_goal *goal,
                        const struct model_run_figures *run,
                        const struct model_workload_figures *workloads)
{
    double value = model_figure_value(goal->of, run, workloads), ended;
    const struct model_workload_figures *w;

    if (goal->of.workload == SP_NO_ID)
        return value;
    w = &workloads[goal->of.workload];
    ended = w->done + w->dropped;
    if (strcmp(goal->kind->figure, "slo_attained") == 0)
        return value * ended / (ended + late_of(run, w, slo_time_s(goal->slo, w)));
    if (strcmp(goal->kind->figure, "keeps_up_frac") == 0 && came_of(w) > 0)
        return 1 - late_of(run, w, goal->path_s) / came_of(w);
    return value;
}

static double share_missed(const struct model_goal *goal, double value)
{
    double slack = goal->kind->at_most ? goal->tolerance_frac : -goal->tolerance_frac;
    double target = goal->value * (1 + slack);
    double by = goal->kind->at_most ? value - target : target - value;

    if (isnan(value))
        return INFINITY;
    return target > 0 ? by / target : by;
}

double model_goal_miss(const struct model_goal *goal,
                       const struct model_run_figures *run,
                       const struct model_workload_figures *workloads)
{
    const struct model_workload_figures *w =
        goal->of.workload == SP_NO_ID ? NULL : &workloads[goal->of.workload];

    if (!ended_well(goal, run->end))
        return INFINITY;
    if (run->refused > 0 && !model_goal_is_cost(goal->kind))
        return INFINITY;
    if (w != NULL && goal->kind->at_most && came_of(w) == 0)
        return 0; /* nothing came, nothing waited */
    if (w != NULL && too_much_undone(goal, run, w))
        return INFINITY;
    return share_missed(goal, model_goal_value(goal, run, workloads));
}
