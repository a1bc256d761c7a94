/* The steps of plan/search.h in turn, and what came of them. */
#include "plan/search.h"

#include <math.h>
#include <string.h>

#include "plan/candidate.h"
#include "plan/least.h"
#include "plan/pack_nodes.h"
#include "plan/planned.h"
#include "plan/search_parts.h"

enum { STEP_RUNS = 100 }; /* times the replications */

/* ---- the scenario's own policies ---- */

/* How many there are: what stands in for policies where there are none, for its units
 * and rules, is nobody's plan. */
static int32_t n_written(const struct plan_look *l)
{
    return l->ask->scenario->policies_implied ? 0 : l->ask->scenario->n_policies;
}

static bool run_written(struct plan_look *l, int32_t *ids)
{
    const int32_t n = n_written(l);
    struct plan_candidate *c = sp_arena_array(l->arena, (size_t)n + 1, sizeof *c);

    for (int32_t p = 0; p < n; p++)
        c[p] = (struct plan_candidate){.shape = SP_NO_ID, .policy = p};
    return plan_look_evaluate(l, c, n, l->ask->replications, ids);
}

/* One of them may be cheaper than any fleet of fixed size. */
static void look_at_written(struct plan_look *l, const int32_t *ids)
{
    for (int32_t p = 0; p < n_written(l); p++) {
        const struct plan_evaluated *row = plan_evaluated_of(l->e, ids[p]);
        double usd = plan_evaluated_usd(row).mean;

        if (!plan_evaluated_met(row) || row->n_runs < l->ask->replications ||
            usd >= l->best_usd * (1 - 1e-9) || !plan_written_allowed(l, p))
            continue;
        l->best = ids[p];
        l->best_usd = usd;
    }
}

/* ---- the search ---- */

static bool all_spaces(struct plan_look *l)
{
    bool all = true;

    for (int32_t i = 0; i < l->n_spaces && !l->over; i++)
        plan_repair(l, &l->spaces[i]);
    for (int32_t i = 0; i < l->n_spaces && !l->over && l->best == SP_NO_ID; i++)
        plan_try_largest(l, &l->spaces[i]);
    for (int32_t i = 0; i < l->n_spaces && !l->over; i++)
        plan_improve(l, &l->spaces[i]);
    for (int32_t i = 0; i < l->n_spaces && !l->over; i++)
        if (l->best != SP_NO_ID || plan_space_is_small(&l->spaces[i]))
            all = plan_search_rest(l, &l->spaces[i]) && all;
    return all && !l->over;
}

/* ---- what came of it ---- */

static void tell_bounds(const struct plan_look *l, struct model_planned *out)
{
    out->bound_usd = out->floor_usd = l->n_spaces > 0 ? INFINITY : NAN;
    out->bound_text = "";
    for (int32_t i = 0; i < l->n_spaces; i++) {
        const struct plan_bound *b = &l->spaces[i].bound;

        if (!(b->usd >= out->bound_usd)) {
            out->bound_usd = b->usd;
            out->bound_text = b->text;
        }
        if (!(b->floor_usd >= out->floor_usd))
            out->floor_usd = b->floor_usd;
    }
}

static bool more_of_all(const int32_t *a, const int32_t *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (a[i] < b[i])
            return false;
    return true;
}

static bool same_types(const struct plan_look *l, int32_t a, int32_t b)
{
    const struct model_policy *x = &l->ask->scenario->policies[a];
    const struct model_policy *y = &l->ask->scenario->policies[b];

    for (int32_t t = 0; t < x->n_types && x->n_types == y->n_types; t++)
        if (strcmp(x->types[t].name, y->types[t].name) != 0)
            return false;
    return x->n_types == y->n_types;
}

/* The plan with some nodes more, or other numbers of units, is no other plan; policies
 * as written are told elsewhere. */
static bool is_other(const struct plan_look *l, const struct plan_evaluated *row,
                     const struct plan_evaluated *best)
{
    const struct plan_candidate *a = &row->candidate, *b = &best->candidate;
    const struct plan_shape *x, *y;

    if (a->shape == SP_NO_ID || b->shape == SP_NO_ID)
        return a->shape != SP_NO_ID;
    x = &l->shapes[a->shape];
    y = &l->shapes[b->shape];
    if (strcmp(x->name, y->name) != 0 || !same_types(l, x->policy, y->policy))
        return true;
    return !more_of_all(a->nodes, b->nodes,
                        l->ask->scenario->policies[x->policy].n_types);
}

/* Other nodes or another partition, not the plan with other numbers of units; or a
 * dearer policy as written. */
static bool is_second(const struct plan_look *l, const struct plan_evaluated *row,
                      const struct plan_evaluated *best)
{
    const struct plan_candidate *a = &row->candidate, *b = &best->candidate;

    if (a->shape == SP_NO_ID)
        return plan_written_allowed(l, a->policy) &&
               plan_evaluated_usd(row).mean >
                   plan_evaluated_usd(best).mean * (1 + 1e-9);
    return is_other(l, row, best) ||
           memcmp(a->nodes, b->nodes,
                  (size_t)plan_look_space(l, a->policy)->n_types * sizeof *a->nodes) !=
               0;
}

/* The cheapest that meets the goals and `counts` as another fleet than the best. */
static int32_t cheapest_other(const struct plan_look *l, int32_t best,
                              bool (*counts)(const struct plan_look *l,
                                             const struct plan_evaluated *row,
                                             const struct plan_evaluated *best))
{
    const struct plan_evaluated *of = plan_evaluated_of(l->e, best);
    int32_t found = SP_NO_ID;
    double least = INFINITY;

    for (int32_t id = 0; id < plan_evaluator_candidates(l->e); id++) {
        const struct plan_evaluated *row = plan_evaluated_of(l->e, id);
        double usd;

        if (id == best || !plan_evaluated_met(row) ||
            row->n_runs < l->ask->replications || !counts(l, row, of))
            continue;
        usd = plan_evaluated_usd(row).mean;
        if (usd < least) {
            least = usd;
            found = id;
        }
    }
    return found;
}

/* The share of what came that was not done, over the runs. */
static double undone_of(const struct plan_look *l, const struct plan_evaluated *row)
{
    const int32_t works = l->ask->scenario->n_workloads;
    double undone = 0, came = 0;

    for (int32_t i = 0; i < row->n_runs * works; i++) {
        const struct model_workload_figures *w = &row->workloads[i];

        undone += w->in_flight + w->dropped;
        came += w->in_flight + w->dropped + w->done;
    }
    return came > 0 ? undone / came : 0;
}

/* How near a fleet comes: by the least total miss; where that is infinite, by what is
 * left undone; then by cost. */
struct nearness {
    double miss, undone, usd;
};

static struct nearness nearness_of(const struct plan_look *l,
                                   const struct plan_evaluated *row)
{
    const double miss = plan_evaluated_total_miss(l->e, row);

    return (struct nearness){miss, isinf(miss) ? undone_of(l, row) : 0,
                             plan_evaluated_usd(row).mean};
}

static bool is_nearer(const struct nearness *a, const struct nearness *b)
{
    if (a->miss != b->miss)
        return a->miss < b->miss;
    if (a->undone != b->undone)
        return a->undone < b->undone;
    return a->usd < b->usd;
}

/* Policies that may buy more nodes than are allowed count where `any`. */
static int32_t closest_of(const struct plan_look *l, bool any)
{
    int32_t found = SP_NO_ID;
    struct nearness least = {INFINITY, INFINITY, INFINITY};

    for (int32_t id = 0; id < plan_evaluator_candidates(l->e); id++) {
        const struct plan_evaluated *row = plan_evaluated_of(l->e, id);
        struct nearness near;

        if (row->n_runs == 0 || (!any && row->candidate.shape == SP_NO_ID &&
                                 !plan_written_allowed(l, row->candidate.policy)))
            continue;
        near = nearness_of(l, row);
        if (found != SP_NO_ID && !is_nearer(&near, &least))
            continue;
        found = id;
        least = near;
    }
    return found;
}

static void tell_written(struct plan_look *l, const int32_t *ids,
                         struct model_planned *out)
{
    out->n_written = n_written(l);
    out->written =
        sp_arena_array(l->arena, (size_t)out->n_written + 1, sizeof *out->written);
    for (int32_t p = 0; p < out->n_written; p++)
        plan_planned_fleet(l, ids[p], true, &out->written[p]);
}

static bool any_may_be_lost(const struct plan_look *l)
{
    for (int32_t i = 0; i < l->n_spaces; i++)
        if (l->spaces[i].may_be_lost)
            return true;
    return false;
}

static bool all_times_known(const struct plan_look *l)
{
    for (int32_t i = 0; i < l->n_spaces; i++)
        if (!l->spaces[i].time_known)
            return false;
    return true;
}

static bool ran_out(const struct plan_look *l)
{
    return l->status == SP_OK && l->over &&
           plan_evaluator_runs(l->e) >= l->ask->runs_max;
}

static bool is_fixed(const struct plan_look *l, int32_t id)
{
    return plan_evaluated_of(l->e, id)->candidate.shape != SP_NO_ID;
}

static const char *complete_text(const struct plan_look *l)
{
    const char *text,
        *of = all_times_known(l)
                  ? "could be cheaper"
                  : sp_arena_printf(l->arena, "could be cheaper by more than %g %%",
                                    100 * l->ask->precision_frac);

    if (ran_out(l))
        return sp_arena_printf(l->arena, "the search ended after %lld runs",
                               (long long)plan_evaluator_runs(l->e));
    if (l->over)
        return "the search was stopped";
    if (!l->complete)
        return sp_arena_printf(l->arena, "more fleets %s than were looked at (%lld)",
                               of, (long long)l->fleets);
    text =
        sp_arena_printf(l->arena,
                        "every fleet of fixed size that %s was ruled out one by one: "
                        "by a bound of its own, by runs, or by a larger one that "
                        "missed",
                        of);
    if (!is_fixed(l, l->best))
        text =
            sp_arena_printf(l->arena,
                            "%s; of fleets that grow and shrink only the policies as "
                            "written were run",
                            text);
    if (l->fills_cut)
        text = sp_arena_printf(
            l->arena, "%s; units were filled in in up to %d proportions a fleet", text,
            (int)PLAN_FILLS_MAX);
    if (!l->all_shapes)
        text = sp_arena_printf(l->arena, "%s; of all partitions %d were tried", text,
                               (int)l->n_shapes);
    if (l->luck < 1)
        text =
            sp_arena_printf(l->arena,
                            "%s; the runs had up to %.2g %% less work than the mean, "
                            "of which the bound is",
                            text, 100 * (1 - l->luck));
    if (any_may_be_lost(l))
        text = sp_arena_printf(
            l->arena, "%s; nodes that are taken back count at the full price", text);
    return text;
}

/* ---- infeasible ---- */

/* The first stage, pool of replicas or class of jobs that no node which may be held has
 * room for. */
static const char *no_room_text(const struct plan_look *l)
{
    for (int32_t i = 0; i < l->n_spaces; i++) {
        const struct plan_space *s = &l->spaces[i];

        for (int32_t r = 0; r < s->load.n; r++) {
            const struct plan_demand_row *row = &s->load.rows[r];
            const struct plan_kind kind = {row->needs, row->allowed_types};
            bool any = false;

            for (int32_t t = 0; t < s->n_types; t++)
                any = any || (s->most[t] > 0 &&
                              plan_pack_alone(&s->p->types[t], t, &kind) > 0);
            if (!any)
                return sp_arena_printf(
                    l->arena, "%s has room on no node that may be held", row->name);
        }
    }
    return "no fleet that may be held has room for a unit of each kind";
}

/* What is missed by that much: "by 130 %", ": 28.5 times as much as that". */
static const char *by_how_much(const struct plan_look *l, const struct model_goal *goal,
                               double miss)
{
    if (goal->kind->at_most && miss >= 2)
        return sp_arena_printf(l->arena, ": of the best fleet it is %.*f times as much",
                               miss < 99 ? 1 : 0, 1 + miss);
    return sp_arena_printf(l->arena, ": the best fleet misses it by %.*f %%",
                           miss < 0.1 ? 2 : 1, 100 * miss);
}

/* All but what it may cost can be met. */
static const char *too_dear_text(const struct plan_look *l,
                                 const struct model_planned *o, int32_t goal)
{
    return sp_arena_printf(
        l->arena,
        "%s: the cheapest fleet found that meets everything else misses it by %.*f %%",
        l->ask->goals->goals[goal].text, o->best.goals[goal].miss < 0.1 ? 2 : 1,
        100 * o->best.goals[goal].miss);
}

static const char *missed_text(const struct plan_look *l, const struct model_planned *o)
{
    const struct model_goals *goals = l->ask->goals;
    const struct model_goal *goal;
    int32_t worst = SP_NO_ID;

    if (isinf(o->bound_usd) && o->bound_text != NULL && *o->bound_text != '\0')
        return o->bound_text;
    for (int32_t g = 0; g < goals->n && o->best.goals != NULL; g++)
        if (o->best.goals[g].miss > 0 &&
            (worst == SP_NO_ID || o->best.goals[g].miss > o->best.goals[worst].miss))
            worst = g;
    if (worst == SP_NO_ID)
        return o->best.why_not != NULL ? o->best.why_not : no_room_text(l);
    goal = &goals->goals[worst];
    if (l->best != SP_NO_ID)
        return too_dear_text(l, o, worst);
    if (isinf(o->best.goals[worst].miss) && o->best.refused > 0)
        return sp_arena_printf(l->arena, "%s: the fleet that comes closest %s",
                               goal->text, plan_planned_refused(l, &o->best));
    return sp_arena_printf(l->arena, "%s%s%s", goal->text,
                           isinf(o->best.goals[worst].miss)
                               ? ": no fleet comes near, its work is not done"
                               : by_how_much(l, goal, o->best.goals[worst].miss),
                           plan_least_text(l->ask->scenario, goal, l->arena));
}

static void tell_infeasible(struct plan_look *l, struct model_planned *out)
{
    int32_t id = l->best != SP_NO_ID ? l->best : closest_of(l, false);

    if (id == SP_NO_ID)
        id = closest_of(l, true);
    out->gap_frac = NAN;
    out->complete_text = "";
    if (id != SP_NO_ID)
        plan_planned_fleet(l, id, true, &out->best);
    out->missed = missed_text(l, out);
}

/* ---- feasible ---- */

static void tell_other(struct plan_look *l, int32_t id, int32_t best,
                       struct model_planned_fleet *out, struct model_stat *usd)
{
    *usd = (struct model_stat){NAN, NAN};
    if (id == SP_NO_ID)
        return;
    plan_planned_fleet(l, id, true, out);
    *usd = plan_evaluated_difference(plan_evaluated_of(l->e, id),
                                     plan_evaluated_of(l->e, best));
}

/* What follows the search has runs of its own; not where it was stopped. */
static void allow_more(struct plan_look *l, int64_t runs)
{
    if (l->over && plan_evaluator_runs(l->e) < l->options.runs_max)
        return;
    l->over = false;
    l->options.runs_max = plan_evaluator_runs(l->e) + runs;
}

static void tell_policy(struct plan_look *l, int32_t id, struct model_planned *out)
{
    const struct plan_candidate *c = &plan_evaluated_of(l->e, id)->candidate;

    out->policy = plan_candidate_scenario(&l->options, c, "plan", l->arena)->policies;
    out->policy_of = plan_candidate_policy(&l->options, c);
}

static void tell_best(struct plan_look *l, struct model_planned *out)
{
    int32_t best = l->best;
    double bound = is_fixed(l, best) ? out->bound_usd : out->floor_usd;

    plan_planned_fleet(l, best, true, &out->best);
    out->gap_frac = (out->best.usd.mean - bound) / bound;
    tell_other(l, cheapest_other(l, best, is_other), best, &out->runner_up,
               &out->runner_up_usd);
    if (is_fixed(l, best))
        tell_policy(l, best, out);
    out->complete = l->complete;
    out->complete_text = complete_text(l);
    plan_bindings_of(l, best, out);
    allow_more(l, (int64_t)STEP_RUNS * l->ask->replications);
    plan_steps_of(l, best, out);
    tell_other(l, cheapest_other(l, best, is_second), best, &out->second,
               &out->second_usd);
    if (!l->ask->frontier)
        return;
    allow_more(l, l->ask->runs_max);
    plan_frontier_of(l, best, out);
}

static void begin_planned(const struct plan_look *l, struct model_planned *out)
{
    const struct model_scenario *sc = l->ask->scenario;

    *out = (struct model_planned){.name = sc->name,
                                  .path = sc->path,
                                  .version = l->ask->run->version,
                                  .n_files = sc->n_inputs,
                                  .files = sc->inputs,
                                  .seed = l->ask->run->seed,
                                  .replications = l->ask->replications,
                                  .precision_frac = l->ask->precision_frac,
                                  .goals = l->ask->goals};
    tell_bounds(l, out);
}

static void search(struct plan_look *l, struct model_planned *out)
{
    int32_t *written =
        sp_arena_array(l->arena, (size_t)n_written(l) + 1, sizeof *written);

    if (run_written(l, written))
        l->complete = all_spaces(l);
    if (l->status != SP_OK)
        return;
    out->interrupted = l->over && !ran_out(l);
    look_at_written(l, written);
    plan_evaluator_aim(l->e, l->ask->goals);
    out->feasible =
        l->best != SP_NO_ID && plan_evaluated_met(plan_evaluated_of(l->e, l->best));
    tell_written(l, written, out);
    if (out->feasible)
        tell_best(l, out);
    else
        tell_infeasible(l, out);
}

enum sp_status plan_search(const struct plan_ask *ask, struct sp_arena *arena,
                           struct model_planned **planned, struct sp_err *err)
{
    struct model_planned *out = sp_arena_alloc(arena, sizeof *out);
    struct plan_look l;

    if (plan_look_begin(&l, ask, arena, err) != SP_OK)
        return SP_EINPUT;
    begin_planned(&l, out);
    if (ask->ratio != NULL)
        l.status = plan_ratio_of(&l, out, err);
    else
        search(&l, out);
    if (l.status != SP_OK)
        return l.status;
    out->candidates = plan_evaluator_candidates(l.e);
    out->runs = plan_evaluator_runs(l.e);
    *planned = out;
    return SP_OK;
}
