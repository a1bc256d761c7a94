/* Cost against time or latency: from the figure of the cheapest fleet down to that of
 * fleets so large that more makes nothing faster, a ladder of targets; for each the
 * cheapest fleet that repair and moves find.  What is told are those of all fleets that
 * were run that no cheaper one is faster than. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/planned.h"

enum { RUNGS = 8, DOUBLINGS = 6, STEEPEST = 256 /* slowest to the last rung */ };
static const double no_faster = 0.98; /* of the figure: more nodes no longer help */

struct ladder {
    struct plan_look *l;
    struct model_figure_of of;
    const struct model_goal_kind *kind;
    struct model_goals goals; /* those of the search and one more */
    double *most_s;           /* of each space, as it was */
    double slowest, fastest;  /* the figure's */
};

/* ---- what is traded ---- */

static const struct model_figure *figure_named(const struct model_figure *table,
                                               const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    return table;
}

static bool ends(const struct plan_look *l)
{
    for (int32_t i = 0; i < l->n_spaces; i++)
        if (l->spaces[i].time_known)
            return false;
    return true;
}

/* The time of work that ends; else of the first workload how long it makes wait. */
static void choose_figure(struct ladder *ladder)
{
    static const char *const names[] = {[MODEL_KIND_PIPELINE] = "latency_p99_s",
                                        [MODEL_KIND_SERVING] = "ttft_p99_s",
                                        [MODEL_KIND_JOBS] = "queue_p90_s"};
    const enum model_kind kind = ladder->l->ask->scenario->policies[0].plans[0].kind;
    const bool run = ends(ladder->l);
    const char *name = run ? "time_s" : names[kind];

    ladder->of = (struct model_figure_of){
        run ? SP_NO_ID : 0,
        figure_named(run ? model_figures_run : model_figures_workload, name)};
    for (const struct model_goal_kind *k = model_goal_kinds; k->key != NULL; k++)
        if (strcmp(k->figure, name) == 0 && k->at_most && k->of_workload != run &&
            (run || k->work_kind == kind))
            ladder->kind = k;
}

static double value_of(const struct ladder *ladder, int32_t id)
{
    return plan_planned_value(ladder->l, plan_evaluated_of(ladder->l->e, id),
                              ladder->of)
        .mean;
}

static bool counts(const struct plan_look *l, int32_t id)
{
    const struct plan_evaluated *row = plan_evaluated_of(l->e, id);

    return plan_evaluated_met(row) && row->n_runs == l->ask->replications;
}

/* ---- the fastest ---- */

static void forget_best(struct plan_look *l)
{
    l->best = SP_NO_ID;
    l->best_usd = INFINITY;
    l->n_lost = 0;
}

static double fastest_so_far(const struct ladder *ladder)
{
    double least = INFINITY;

    for (int32_t id = 0; id < plan_evaluator_candidates(ladder->l->e); id++)
        if (counts(ladder->l, id))
            least = fmin(least, value_of(ladder, id));
    return least;
}

/* Twice, four times, ... the plan's nodes, as far as that makes it faster. */
static void find_fastest(struct ladder *ladder, int32_t best)
{
    struct plan_look *l = ladder->l;
    const struct plan_candidate *c = &plan_evaluated_of(l->e, best)->candidate;
    const struct plan_space *s = plan_look_space(l, c->policy);
    int32_t *nodes = sp_arena_array(l->arena, (size_t)s->n_types + 1, sizeof *nodes);

    ladder->slowest = value_of(ladder, best);
    ladder->fastest = fastest_so_far(ladder);
    for (int i = 1; i <= DOUBLINGS && !l->over; i++) {
        double before = ladder->fastest;

        for (int32_t t = 0; t < s->n_types; t++) {
            int64_t want = (int64_t)c->nodes[t] << i;

            nodes[t] = want < s->most[t] ? (int32_t)want : s->most[t];
        }
        if (!plan_space_allows(l, s, nodes))
            return;
        forget_best(l);
        (void)plan_fleet_try(l, &(struct plan_try){.space = s,
                                                   .nodes = nodes,
                                                   .family = SP_NO_ID,
                                                   .most = PLAN_OPTIONS_LIGHT});
        ladder->fastest = fastest_so_far(ladder);
        if (ladder->fastest >= before * no_faster)
            return;
    }
}

/* ---- rungs ---- */

static void aim_at(struct ladder *ladder, double target)
{
    struct plan_look *l = ladder->l;

    ladder->goals.goals[ladder->goals.n - 1].value = target;
    plan_evaluator_aim(l->e, &ladder->goals);
    for (int32_t i = 0; ladder->of.workload == SP_NO_ID && i < l->n_spaces; i++)
        l->spaces[i].demand.most_s = fmin(ladder->most_s[i], target);
    forget_best(l);
    for (int32_t id = 0; id < plan_evaluator_candidates(l->e); id++)
        plan_look_note(l, id);
}

static void climb(struct ladder *ladder)
{
    struct plan_look *l = ladder->l;
    const double step = pow(ladder->fastest / ladder->slowest, 1.0 / RUNGS);

    for (int i = 1; i <= RUNGS && !l->over; i++) {
        aim_at(ladder, ladder->slowest * pow(step, i) * (1 + 1e-9));
        for (int32_t s = 0; s < l->n_spaces && !l->over; s++) {
            plan_repair(l, &l->spaces[s]);
            plan_improve(l, &l->spaces[s]);
        }
    }
}

/* ---- what is told ---- */

struct point {
    int32_t id;
    double usd, value;
};

static int cheaper(const void *x, const void *y)
{
    const struct point *a = x, *b = y;

    if (a->usd != b->usd)
        return a->usd < b->usd ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static void tell(const struct ladder *ladder, struct model_planned *out)
{
    struct plan_look *l = ladder->l;
    const int32_t all = plan_evaluator_candidates(l->e);
    struct point *points = sp_arena_array(l->arena, (size_t)all + 1, sizeof *points);
    const double step = fmin(1 - l->ask->precision_frac,
                             pow(ladder->fastest / ladder->slowest, 0.5 / RUNGS));
    double last = INFINITY;
    int32_t n = 0;

    for (int32_t id = 0; id < all; id++)
        if (counts(l, id))
            points[n++] =
                (struct point){id, plan_evaluated_usd(plan_evaluated_of(l->e, id)).mean,
                               value_of(ladder, id)};
    qsort(points, (size_t)n, sizeof *points, cheaper);
    out->frontier_of = ladder->of;
    out->frontier = sp_arena_array(l->arena, (size_t)n + 1, sizeof *out->frontier);
    for (int32_t i = 0; i < n; i++) {
        struct model_planned_fleet *f = &out->frontier[out->n_frontier];

        if (i > 0 && !(points[i].value <= last * step && points[i].value < last))
            continue;
        last = points[i].value;
        plan_planned_fleet(l, points[i].id, true, f);
        f->traded =
            plan_planned_value(l, plan_evaluated_of(l->e, points[i].id), ladder->of);
        out->n_frontier++;
    }
}

void plan_frontier_of(struct plan_look *l, int32_t best, struct model_planned *out)
{
    struct ladder ladder = {.l = l, .goals = l->goals};

    choose_figure(&ladder);
    if (ladder.kind == NULL || ladder.of.figure->name == NULL ||
        plan_evaluated_of(l->e, best)->candidate.shape == SP_NO_ID)
        return;
    ladder.goals.goals =
        sp_arena_array(l->arena, (size_t)l->goals.n + 1, sizeof *ladder.goals.goals);
    memcpy(ladder.goals.goals, l->goals.goals,
           (size_t)l->goals.n * sizeof *ladder.goals.goals);
    ladder.goals.goals[ladder.goals.n++] =
        (struct model_goal){.kind = ladder.kind, .of = ladder.of, .text = ""};
    ladder.most_s =
        sp_arena_array(l->arena, (size_t)l->n_spaces + 1, sizeof *ladder.most_s);
    for (int32_t i = 0; i < l->n_spaces; i++)
        ladder.most_s[i] = l->spaces[i].demand.most_s;
    find_fastest(&ladder, best);
    ladder.fastest = fmax(ladder.fastest, ladder.slowest / STEEPEST);
    if (ladder.fastest < ladder.slowest * no_faster)
        climb(&ladder);
    for (int32_t i = 0; i < l->n_spaces; i++)
        l->spaces[i].demand.most_s = ladder.most_s[i];
    plan_evaluator_aim(l->e, l->ask->goals);
    tell(&ladder, out);
}
