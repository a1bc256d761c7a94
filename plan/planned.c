#include "plan/planned.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "model/stat.h"
#include "plan/candidate.h"
#include "sim/run_parts.h"

/* ---- figures ---- */

static struct model_stat stat_of(const struct plan_evaluated *row, size_t at)
{
    double *v = sp_xcalloc((size_t)row->n_runs + 1, sizeof *v);
    struct model_stat stat;

    for (int32_t k = 0; k < row->n_runs; k++)
        v[k] = *(const double *)(const void *)((const char *)&row->runs[k] + at);
    stat = model_stat_of(v, row->n_runs);
    free(v);
    return stat;
}

struct model_stat plan_planned_value(const struct plan_look *l,
                                     const struct plan_evaluated *row,
                                     struct model_figure_of of)
{
    size_t works = (size_t)l->ask->scenario->n_workloads;
    double *value = sp_xcalloc((size_t)row->n_runs + 1, sizeof *value);
    struct model_stat stat;

    for (int32_t k = 0; k < row->n_runs; k++)
        value[k] =
            model_figure_value(of, &row->runs[k], &row->workloads[(size_t)k * works]);
    stat = model_stat_of(value, row->n_runs);
    free(value);
    return stat;
}

struct model_planned_goal plan_planned_goal(const struct plan_look *l,
                                            const struct plan_evaluated *row,
                                            int32_t goal_id)
{
    const struct model_goal *goal = &l->ask->goals->goals[goal_id];
    size_t works = (size_t)l->ask->scenario->n_workloads;
    double *value = sp_xcalloc((size_t)row->n_runs + 1, sizeof *value);
    struct model_planned_goal g = {.miss = plan_evaluated_miss(l->e, row, goal_id)};

    for (int32_t k = 0; k < row->n_runs; k++) {
        const struct model_workload_figures *w = &row->workloads[(size_t)k * works];

        value[k] = model_goal_value(goal, &row->runs[k], w);
        g.met_frac +=
            (model_goal_miss(goal, &row->runs[k], w) <= 0) / (double)row->n_runs;
    }
    g.value = model_stat_of(value, row->n_runs);
    free(value);
    return g;
}

static void fill_goals(const struct plan_look *l, const struct plan_evaluated *row,
                       struct model_planned_fleet *out)
{
    const struct model_goals *goals = l->ask->goals;

    out->goals = sp_arena_array(l->arena, (size_t)goals->n + 1, sizeof *out->goals);
    for (int32_t g = 0; g < goals->n; g++)
        out->goals[g] = plan_planned_goal(l, row, g);
}

/* ---- nodes and units ---- */

/* A candidate holds its nodes from start to end, and has others for those it loses; a
 * policy as written what it asks for: at most, and in the mean, of its first run. */
static void fill_nodes(const struct plan_look *l, const struct plan_candidate *c,
                       const struct model_policy *policy,
                       const struct model_policy_result *p,
                       struct model_planned_fleet *out)
{
    out->nodes =
        sp_arena_array(l->arena, (size_t)policy->n_types + 1, sizeof *out->nodes);
    for (int32_t t = 0; t < policy->n_types; t++) {
        const struct model_node_type *type = &policy->types[t];
        const bool fixed = type->fixed || type->listed, has = !fixed && p != NULL;
        const int32_t count = c->shape != SP_NO_ID ? c->nodes[t]
                              : fixed              ? type->count
                              : has                ? p->nodes[t].peak
                                                   : SP_NO_ID;

        if (count == 0 && (fixed || c->shape != SP_NO_ID))
            continue;
        out->nodes[out->n_nodes++] = (struct model_planned_nodes){
            .type = type->name,
            .option = type->option,
            .group = type->group != NULL ? type->group : type->name,
            .count = count,
            .mean = has && c->shape == SP_NO_ID ? p->nodes[t].mean.mean : NAN,
            .usd_per_h = type->has_price ? (double)type->uusd_per_h / 1e6 : NAN};
    }
}

static const char *slots_text(const struct plan_look *l, const struct model_plan *plan,
                              const struct model_unit *unit)
{
    const char *text = "";

    for (int32_t i = 0; i < unit->n_slots; i++)
        text = sp_arena_printf(l->arena, "%s%s%s %d", text, i > 0 ? " + " : "",
                               plan->stages[unit->slots[i].stage].name,
                               (int)unit->slots[i].cap);
    return text;
}

static double busiest(const struct model_unit *unit,
                      const struct model_workload_result *w)
{
    double most = NAN;

    for (int32_t i = 0; w != NULL && i < unit->n_slots; i++)
        most = fmax(most, w->stages[unit->slots[i].stage].busy_frac.mean);
    return most;
}

static void fill_units(const struct plan_look *l, const struct model_policy *policy,
                       const struct model_policy_result *p,
                       struct model_planned_fleet *out)
{
    int32_t n = 0;

    for (int32_t w = 0; w < policy->n_plans; w++)
        n += policy->plans[w].n_units;
    out->units = sp_arena_array(l->arena, (size_t)n + 1, sizeof *out->units);
    for (int32_t w = 0; w < policy->n_plans; w++) {
        const struct model_plan *plan = &policy->plans[w];

        for (int32_t u = 0; u < plan->n_units; u++)
            out->units[out->n_units++] = (struct model_planned_unit){
                .workload = plan->workload,
                .unit = plan->units[u].name,
                .slots = slots_text(l, plan, &plan->units[u]),
                .n_stages = plan->units[u].n_slots,
                .count = plan->units[u].count_kind == MODEL_COUNT_AUTOSCALED
                             ? SP_NO_ID
                             : plan->units[u].count,
                .busy_frac =
                    busiest(&plan->units[u], p != NULL ? &p->workloads[w] : NULL)};
    }
}

/* ---- a fleet ---- */

const char *plan_planned_refused(const struct plan_look *l,
                                 const struct model_planned_fleet *fleet)
{
    return fleet->refused <= 0
               ? NULL
               : sp_arena_printf(l->arena,
                                 "refuses %" PRId64 " of what comes: no node or "
                                 "replica of the fleet could ever hold %s",
                                 fleet->refused, fleet->refused == 1 ? "it" : "them");
}

bool plan_planned_detail(const struct plan_look *l, const struct plan_candidate *c,
                         struct sp_arena *arena, struct model_policy_result *p)
{
    struct model_scenario *sc =
        plan_candidate_scenario(&l->options, c, "planned", arena);
    struct sim_options run = *l->ask->run;
    const struct sim_run_one one = {
        .scenario = sc, .policy = sc->policies, .options = &run};
    struct sp_err err = {0};

    run.replications = l->ask->replications;
    run.items = NULL;
    run.explain = NULL;
    run.policies = NULL;
    run.timeline_slices = 0;
    return sim_run_one(&one, arena, p, &err) == SP_OK &&
           p->end != MODEL_END_INTERRUPTED;
}

void plan_planned_fleet(const struct plan_look *l, int32_t id, bool detailed,
                        struct model_planned_fleet *out)
{
    const struct plan_evaluated *row = plan_evaluated_of(l->e, id);
    const struct plan_candidate *c = &row->candidate;
    struct sp_arena *scratch = sp_arena_new();
    const struct model_policy *policy =
        plan_candidate_scenario(&l->options, c, "planned", scratch)->policies;
    struct model_policy_result p = {0};
    const bool has =
        detailed && row->why_not == NULL && plan_planned_detail(l, c, scratch, &p);

    *out = (struct model_planned_fleet){
        .partition = c->shape == SP_NO_ID ? "as written" : l->shapes[c->shape].name,
        .policy =
            c->shape == SP_NO_ID ? l->ask->scenario->policies[c->policy].name : NULL,
        .n_runs = row->n_runs,
        .met = plan_evaluated_met(row),
        .why_not = row->why_not,
        .usd = stat_of(row, offsetof(struct model_run_figures, usd)),
        .usd_per_h = stat_of(row, offsetof(struct model_run_figures, usd_per_h)),
        .time_s = stat_of(row, offsetof(struct model_run_figures, time_s))};
    for (int32_t k = 0; k < row->n_runs; k++)
        if (row->runs[k].refused > out->refused)
            out->refused = row->runs[k].refused;
    fill_nodes(l, c, policy, has ? &p : NULL, out);
    fill_units(l, policy, has ? &p : NULL, out);
    fill_goals(l, row, out);
    sp_arena_free(scratch);
}
