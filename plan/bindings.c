/* What is nearest to full: resources of node types and slots of stages, by one run with
 * all of its figures, and targets by all runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/planned.h"

struct row {
    struct model_planned_binding b;
    double full; /* 1: at the limit */
};

struct rows {
    struct sp_arena *arena;
    struct row *rows;
    int32_t n, room;
};

static void add(struct rows *r, struct model_planned_binding b, double full)
{
    if (isnan(b.value) || isnan(full))
        return;
    r->rows = sp_arena_more(r->arena, r->rows, r->n, &r->room, sizeof *r->rows);
    r->rows[r->n++] = (struct row){b, full};
}

/* Of something of which there is as much as 1. */
static void add_use(struct rows *r, const char *what, double frac)
{
    add(r, (struct model_planned_binding){what, .value = frac, .limit = 1, .unit = ""},
        frac);
}

/* ---- nodes ---- */

static bool is_busy(const struct model_cost_cell *c)
{
    return c->part == MODEL_PART_WORK || c->part == MODEL_PART_REDONE;
}

/* Memory is never busy: what counts is who has it. */
static bool is_allocated(const struct model_cost_cell *c)
{
    return c->part < MODEL_PART_STRANDED && c->workload != NULL;
}

static double used_frac(const struct model_policy_result *p, int32_t node,
                        enum model_resource r)
{
    double used = 0, all = 0;

    for (int32_t i = 0; i < p->cost.n_cells; i++) {
        const struct model_cost_cell *c = &p->cost.cells[i];

        if (c->node != node || c->resource != (int32_t)r)
            continue;
        all += c->hours;
        if (r == MODEL_MEMORY ? is_allocated(c) : is_busy(c))
            used += c->hours;
    }
    return all > 0 && used > 0 ? used / all : NAN;
}

static void add_nodes(struct rows *r, const struct model_policy_result *p)
{
    static const char *const names[] = {
        [MODEL_GPU] = "GPU", [MODEL_CPU] = "CPU", [MODEL_MEMORY] = "memory"};

    for (int32_t i = 0; i < p->n_nodes; i++)
        for (enum model_resource k = MODEL_GPU; k <= MODEL_MEMORY; k++)
            add_use(r,
                    sp_arena_printf(r->arena, "%s of %s", names[k], p->nodes[i].type),
                    used_frac(p, i, k));
}

/* ---- stages ---- */

static void add_stages(struct rows *r, const struct model_policy_result *p)
{
    for (int32_t w = 0; w < p->n_workloads; w++)
        for (int32_t s = 0; s < p->workloads[w].n_stages; s++) {
            const struct model_stage_result *stage = &p->workloads[w].stages[s];

            add_use(r,
                    sp_arena_printf(r->arena, "slots of %s: %s", p->workloads[w].name,
                                    stage->name),
                    stage->busy_frac.mean);
        }
}

/* ---- targets ---- */

static void add_targets(struct rows *r, const struct plan_look *l,
                        const struct plan_evaluated *row)
{
    const struct model_goals *goals = l->ask->goals;

    for (int32_t g = 0; g < goals->n; g++) {
        const struct model_goal *goal = &goals->goals[g];
        double value = plan_planned_goal(l, row, g).value.mean;

        add(r,
            (struct model_planned_binding){
                .what = sp_arena_printf(r->arena, "target %s", goal->text),
                .is_target = true,
                .value = value,
                .limit = goal->value,
                .unit = goal->of.figure->unit},
            goal->kind->at_most ? value / goal->value : goal->value / value);
    }
}

/* ---- all ---- */

static int fuller(const void *x, const void *y)
{
    const struct row *a = x, *b = y;

    if (a->full != b->full)
        return a->full > b->full ? -1 : 1;
    if (a->b.is_target != b->b.is_target)
        return a->b.is_target ? 1 : -1;
    return strcmp(a->b.what, b->b.what);
}

void plan_bindings_of(const struct plan_look *l, int32_t id, struct model_planned *out)
{
    const struct plan_evaluated *row = plan_evaluated_of(l->e, id);
    struct sp_arena *scratch = sp_arena_new();
    struct rows r = {.arena = l->arena};
    struct model_policy_result p = {0};

    if (plan_planned_detail(l, &row->candidate, scratch, &p)) {
        add_nodes(&r, &p);
        add_stages(&r, &p);
    }
    add_targets(&r, l, row);
    sp_arena_free(scratch);
    if (r.n > 1)
        qsort(r.rows, (size_t)r.n, sizeof *r.rows, fuller);
    out->n_bindings = r.n;
    out->bindings = sp_arena_array(l->arena, (size_t)r.n + 1, sizeof *out->bindings);
    for (int32_t i = 0; i < r.n; i++)
        out->bindings[i] = r.rows[i].b;
}
