/* Each test of the search is one sim_run_one() for every seed, in an arena of its own.
 */
#include "cli/find_nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/find_rate.h"
#include "model/goals.h"
#include "model/jobs.h"
#include "model/search.h"
#include "model/serving.h"
#include "sim/run_parts.h"

enum { MOST_TIMES = 4096 }; /* the nodes of the scenario, at most */

/* ---- what is asked ---- */

static const struct model_plan *plan_of(const struct model_scenario *sc, int32_t policy,
                                        int32_t workload)
{
    return &sc->policies[policy].plans[workload];
}

/* The wait that a target is about, of the group of all jobs. */
static const struct quantile {
    double q; /* NaN: the mean */
    const char *name;
    size_t at; /* of a struct model_stat in struct model_times */
} quantiles[] = {
    {0.5, "median queue wait", offsetof(struct model_times, p50_s)},
    {0.9, "90th percentile of the queue wait", offsetof(struct model_times, p90_s)},
    {0.99, "99th percentile of the queue wait", offsetof(struct model_times, p99_s)},
    {1, "longest queue wait", offsetof(struct model_times, max_s)},
    {NAN, "mean queue wait", offsetof(struct model_times, mean_s)},
};
enum { N_QUANTILES = sizeof quantiles / sizeof quantiles[0] };

static const struct quantile *quantile_of(double q)
{
    for (int i = 0; i < N_QUANTILES; i++)
        if (quantiles[i].q == q || (isnan(q) && isnan(quantiles[i].q)))
            return &quantiles[i];
    return NULL;
}

static bool has_deadlines(const struct model_jobs *jobs)
{
    for (int32_t i = 0; i < jobs->n_classes; i++)
        if (jobs->classes[i].deadline_ns >= 0)
            return true;
    return jobs->deadline_ns >= 0;
}

bool cli_find_nodes_has_goal(const struct model_scenario *sc, int32_t workload)
{
    const struct model_plan *plan = plan_of(sc, 0, workload);

    switch (plan->kind) {
    case MODEL_KIND_JOBS:
        return !isnan(plan->jobs->wait_target_s) || has_deadlines(plan->jobs);
    case MODEL_KIND_SERVING:
        return plan->serving->slo.ttft_ns >= 0 || plan->serving->slo.tpot_ns >= 0 ||
               plan->serving->slo.e2e_ns >= 0;
    case MODEL_KIND_PIPELINE:
        return plan->size_deadline_ns > 0;
    }
    return false;
}

static const char *lacking(enum model_kind kind)
{
    switch (kind) {
    case MODEL_KIND_JOBS:
        return "no target, expected one such as 'target: { wait: 1h, quantile: 0.9 }', "
               "or a deadline of its jobs";
    case MODEL_KIND_SERVING:
        return "no slo, expected one such as 'slo: { ttft: 1s, tpot: 100ms }'";
    case MODEL_KIND_PIPELINE:
        return "no deadline, expected one such as 'size: { deadline: 8h }'";
    }
    return "";
}

enum sp_status cli_find_nodes_check(const struct model_scenario *sc, int32_t workload,
                                    struct sp_err *err)
{
    const struct model_plan *plan = plan_of(sc, 0, workload);

    if (!cli_find_nodes_has_goal(sc, workload))
        return sp_fail(err, SP_EINPUT, "workload '%s' has %s", sc->workloads[workload],
                       lacking(plan->kind));
    if (plan->kind == MODEL_KIND_SERVING)
        return cli_find_rate_check(sc, workload, err);
    if (plan->kind == MODEL_KIND_JOBS && !isnan(plan->jobs->wait_target_s) &&
        quantile_of(plan->jobs->target_quantile) == NULL)
        return sp_fail(err, SP_EINPUT,
                       "the target of workload '%s' is of quantile %g, expected 0.5, "
                       "0.9, 0.99, 1 or mean",
                       sc->workloads[workload], plan->jobs->target_quantile);
    return SP_OK;
}

void cli_find_nodes_begin(const struct cli_find_job *job, struct sp_arena *arena,
                          struct model_found *all)
{
    const struct model_plan *plan = plan_of(job->sc, 0, job->asked.workload);
    struct model_found_goal *goal = &all->goal;

    (void)arena;
    all->node_type = job->asked.node_type;
    switch (plan->kind) {
    case MODEL_KIND_JOBS:
        if (isnan(plan->jobs->wait_target_s))
            *goal = (struct model_found_goal){.figure = "number of deadlines missed",
                                              .unit = MODEL_FOUND_COUNT};
        else
            *goal = (struct model_found_goal){
                .figure = quantile_of(plan->jobs->target_quantile)->name,
                .target = plan->jobs->wait_target_s};
        break;
    case MODEL_KIND_SERVING:
        cli_find_rate_begin(job, arena, all);
        *goal = (struct model_found_goal){.figure =
                                              "share of the requests that meet the SLO",
                                          .unit = MODEL_FOUND_SHARE,
                                          .at_least = true,
                                          .target = plan->serving->slo.attain_frac};
        break;
    case MODEL_KIND_PIPELINE:
        *goal =
            (struct model_found_goal){.figure = "time until all is done",
                                      .target = sp_s_from_ns(plan->size_deadline_ns)};
        break;
    }
}

/* ---- nodes ---- */

static bool is_of(const struct model_node_type *t, const char *group)
{
    return t->fixed && !t->listed && t->count > 0 &&
           strcmp(t->group != NULL ? t->group : t->name, group) == 0;
}

int32_t cli_find_nodes_of(const struct model_policy *policy, const char *group)
{
    int32_t n = 0;

    for (int32_t i = 0; i < policy->n_types; i++)
        if (is_of(&policy->types[i], group))
            n += policy->types[i].count;
    return n;
}

/* Shares n whole nodes among the types of a group, as they are in `types`. */
static void set_nodes(struct model_policy *policy, const struct model_node_type *types,
                      const char *group, int32_t all, int64_t n)
{
    int64_t before = 0;

    for (int32_t i = 0; i < policy->n_types; i++) {
        int64_t until = before + types[i].count;

        if (!is_of(&types[i], group))
            continue;
        policy->types[i].count = (int32_t)(n * until / all - n * before / all);
        before = until;
    }
}

/* ---- one fleet ---- */

struct nodes_search {
    const struct cli_find_job *job;
    int32_t policy;
    const struct model_node_type *types; /* of the policy, as they were */
    struct model_found *all;
    struct model_found_policy *found;
    double rate_per_s; /* of a serving workload's source */
};

static double wait_s(const struct model_jobs *asked, const struct model_jobs_result *j)
{
    const void *at =
        (const char *)&j->groups[0].queue + quantile_of(asked->target_quantile)->at;

    return ((const struct model_stat *)at)->mean;
}

static double jobs_figure(const struct model_jobs *asked,
                          const struct model_workload_result *w)
{
    bool undone = (double)w->in_flight > MODEL_UNDONE_FRAC * (double)w->in;

    if (w->in == 0)
        return 0;
    if (w->done == 0 || undone || w->dropped_by[MODEL_DROP_GANG] > 0)
        return INFINITY;
    if (isnan(asked->wait_target_s))
        return (double)w->jobs->deadlines_missed;
    return wait_s(asked, w->jobs);
}

static bool ended_well(enum model_end end)
{
    return end == MODEL_END_DONE || end == MODEL_END_HORIZON;
}

/* What is asked about, the larger the worse; infinite where the run can't meet it. */
static double badness(const struct nodes_search *s, const struct model_policy_result *p)
{
    const struct model_workload_result *w = &p->workloads[s->job->asked.workload];
    const struct model_plan *plan =
        plan_of(s->job->sc, s->policy, s->job->asked.workload);
    double figure = INFINITY;

    if (!ended_well(p->end))
        return INFINITY;
    switch (plan->kind) {
    case MODEL_KIND_JOBS:
        figure = jobs_figure(plan->jobs, w);
        break;
    case MODEL_KIND_SERVING:
        figure = -cli_find_attained(w, s->rate_per_s, NULL);
        break;
    case MODEL_KIND_PIPELINE:
        figure = p->end == MODEL_END_DONE ? p->time_s.mean : INFINITY;
        break;
    }
    return isnan(figure) ? INFINITY : figure;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nodes of elastic types, mean over time. */
static double bought_mean(const struct model_policy *policy,
                          const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t t = 0; t < policy->n_types; t++)
        if (!policy->types[t].fixed)
            sum += p->nodes[t].mean.mean;
    return sum;
}

static enum sp_status run_seeds(const struct nodes_search *s, struct sp_arena *arena,
                                double *bad, struct model_found_fleet *fleet,
                                struct sp_err *err)
{
    const struct model_scenario *sc = s->job->sc;
    struct sim_options o = *s->job->o;
    double *usd = sp_arena_array(s->job->arena, (size_t)o.replications, sizeof *usd);

    o.items = NULL;
    fleet->run_usd = usd;
    for (int32_t k = 0; k < o.replications; k++) {
        struct model_policy_result p = {0};
        const struct sim_run_one one = {.scenario = sc,
                                        .policy = &sc->policies[s->policy],
                                        .options = &o,
                                        .replication = k};
        enum sp_status status = sim_run_one(&one, arena, &p, err);

        if (status != SP_OK)
            return status;
        if (p.end == MODEL_END_INTERRUPTED) {
            s->all->partial = true;
            return sp_fail(NULL, SP_ELIMIT, "interrupted");
        }
        bad[k] = badness(s, &p);
        fleet->gpu_allocated +=
            p.resources[MODEL_GPU].allocated_of_provisioned.mean / o.replications;
        fleet->gpu_busy +=
            p.resources[MODEL_GPU].busy_of_provisioned.mean / o.replications;
        usd[k] = p.cost.known ? p.cost.usd.mean : NAN;
        fleet->usd += usd[k] / o.replications;
        fleet->bought += bought_mean(one.policy, &p) / o.replications;
    }
    return SP_OK;
}

/* A fleet of n nodes under every seed. */
static enum sp_status try_fleet(struct nodes_search *s, int64_t n,
                                struct model_found_fleet *fleet, struct sp_err *err)
{
    int32_t runs = s->job->o->replications;
    struct sp_arena *arena = sp_arena_new();
    double *bad = sp_arena_array(arena, (size_t)runs, sizeof *bad);
    const struct model_found_goal *goal = &s->all->goal;
    double limit = goal->at_least ? -goal->target : goal->target;
    enum sp_status status;

    *fleet = (struct model_found_fleet){.nodes = (int32_t)n};
    set_nodes(&s->job->sc->policies[s->policy], s->types, s->all->node_type,
              s->found->nodes, n);
    status = run_seeds(s, arena, bad, fleet, err);
    qsort(bad, (size_t)runs, sizeof *bad, rising);
    for (int32_t k = 0; k < runs; k++)
        fleet->met += bad[k] <= limit;
    fleet->figure = bad[model_goal_runs_enough(runs) - 1];
    if (goal->at_least && isfinite(fleet->figure))
        fleet->figure = -fleet->figure;
    else if (isinf(fleet->figure))
        fleet->figure = NAN;
    sp_arena_free(arena);
    return status;
}

static enum sp_status test_nodes(void *self, int64_t n, bool *passes,
                                 struct sp_err *err)
{
    struct nodes_search *s = self;
    struct model_found_fleet fleet;
    enum sp_status status = try_fleet(s, n, &fleet, err);

    if (status != SP_OK)
        return status;
    *passes = fleet.met >= model_goal_runs_enough(s->job->o->replications);
    *(*passes ? &s->found->least : &s->found->fewer) = fleet;
    s->found->runs++;
    return SP_OK;
}

/* ---- the search ---- */

static enum sp_status search_nodes(struct nodes_search *s, struct sp_err *err)
{
    int64_t start = s->found->nodes, most = start * MOST_TIMES;
    struct model_search_least search = {
        .test = test_nodes,
        .self = s,
        .start = start,
        .most = most < MODEL_NODES_MAX ? most : MODEL_NODES_MAX};
    enum sp_status status = model_search_smallest(&search, err);

    if (status != SP_OK || search.passes == 0 || search.passes == search.most)
        return status;
    status = try_fleet(s, search.passes + 1, &s->found->more, err);
    s->found->runs += status == SP_OK;
    return status;
}

enum sp_status cli_find_nodes(const struct cli_find_job *job, int32_t policy,
                              struct model_found *all, struct model_found_policy *found,
                              struct sp_err *err)
{
    struct model_policy *p = &job->sc->policies[policy];
    struct sp_arena *arena = sp_arena_new();
    struct model_node_type *types =
        sp_arena_array(arena, (size_t)p->n_types, sizeof *types);
    struct nodes_search s = {.job = job,
                             .policy = policy,
                             .types = types,
                             .all = all,
                             .found = found,
                             .rate_per_s =
                                 cli_find_rate_of(job->sc, job->asked.workload)};
    enum sp_status status = SP_OK;

    memcpy(types, p->types, (size_t)p->n_types * sizeof *types);
    found->nodes = cli_find_nodes_of(p, all->node_type);
    if (found->nodes > 0)
        status = search_nodes(&s, err);
    memcpy(p->types, types, (size_t)p->n_types * sizeof *types);
    sp_arena_free(arena);
    if (!all->partial)
        return status;
    found->more = (struct model_found_fleet){0};
    return SP_OK;
}
