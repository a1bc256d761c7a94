#include "tests/plan_world.h"

#include <string.h>

#include "model/jobs.h"
#include "model/sizing.h"

static void must(enum sp_status status, const struct sp_err *err, const char *text)
{
    if (status != SP_OK)
        sp_bug(__FILE__, __LINE__, "%s\n%s", err->text, text);
}

struct plan_world *plan_world_new(const char *text)
{
    struct sp_arena *arena = sp_arena_new();
    struct plan_world *w = sp_arena_alloc(arena, sizeof *w);
    struct sp_err err = {0};

    w->arena = arena;
    must(model_scenario_parse("random.yaml", text, arena, &w->sc, &err), &err, text);
    for (int32_t p = 0; p < w->sc->n_policies; p++)
        for (int32_t i = 0; i < w->sc->n_workloads; i++) {
            struct model_policy *policy = &w->sc->policies[p];

            must(model_size_plan(&policy->plans[i], policy->types, policy->n_types,
                                 &err),
                 &err, text);
        }
    must(model_jobs_resolve(w->sc, &err), &err, text);
    must(model_goals_of(w->sc, &w->goals, &err), &err, text);
    w->run = (struct sim_options){
        .seed = 7, .replications = w->sc->replications, .version = "test"};
    return w;
}

void plan_world_free(struct plan_world *w)
{
    sp_arena_free(w->arena);
}

const struct model_planned *plan_world_search(struct plan_world *w,
                                              struct plan_world_how how)
{
    const struct plan_ask ask = {.scenario = w->sc,
                                 .goals = &w->goals,
                                 .run = &w->run,
                                 .replications = w->run.replications,
                                 .precision_frac = 0.01,
                                 .runs_max = how.runs_max > 0 ? how.runs_max : 100000,
                                 .threads = how.threads > 0 ? how.threads : 1,
                                 .frontier = how.frontier,
                                 .ratio = how.ratio,
                                 .busy_frac = how.busy_frac};
    struct model_planned *planned = NULL;
    struct sp_err err = {0};

    must(plan_search(&ask, w->arena, &planned, &err), &err, "");
    return planned;
}

int32_t plan_world_nodes(const struct model_planned_fleet *f, const char *type)
{
    for (int32_t i = 0; i < f->n_nodes; i++)
        if (strcmp(f->nodes[i].type, type) == 0)
            return f->nodes[i].count;
    return 0;
}

int32_t plan_world_units(const struct model_planned_fleet *f, const char *unit)
{
    for (int32_t i = 0; i < f->n_units; i++)
        if (strcmp(f->units[i].unit, unit) == 0)
            return f->units[i].count;
    return 0;
}

/* ---- as text ---- */

static const char *fleet_text(const char *text, const struct model_planned *p,
                              const struct model_planned_fleet *f,
                              struct sp_arena *arena)
{
    if (f->partition == NULL)
        return sp_arena_printf(arena, "%snone\n", text);
    text = sp_arena_printf(
        arena, "%s%s, %s: %d runs, met %d, %a +- %a USD, %a USD/h, %a s, %s\n", text,
        f->partition, f->policy != NULL ? f->policy : "-", (int)f->n_runs, f->met,
        f->usd.mean, f->usd.half95, f->usd_per_h.mean, f->time_s.mean,
        f->why_not != NULL ? f->why_not : "can run");
    for (int32_t i = 0; i < f->n_nodes; i++)
        text = sp_arena_printf(arena, "%s  %d x %s %s\n", text, (int)f->nodes[i].count,
                               f->nodes[i].type, f->nodes[i].option);
    for (int32_t i = 0; i < f->n_units; i++)
        text = sp_arena_printf(arena, "%s  %d x %s (%s), busy %a\n", text,
                               (int)f->units[i].count, f->units[i].unit,
                               f->units[i].slots, f->units[i].busy_frac);
    for (int32_t i = 0; f->goals != NULL && i < p->goals->n; i++)
        text = sp_arena_printf(arena, "%s  %s: %a, met %a, miss %a\n", text,
                               p->goals->goals[i].text, f->goals[i].value.mean,
                               f->goals[i].met_frac, f->goals[i].miss);
    return text;
}

const char *plan_world_print(const struct model_planned *p, struct sp_arena *arena)
{
    const char *text = sp_arena_printf(
        arena, "feasible %d, bound %a, floor %a, gap %a, complete %d: %s; %lld, %lld\n",
        p->feasible, p->bound_usd, p->floor_usd, p->gap_frac, p->complete,
        p->complete_text != NULL ? p->complete_text : "-", (long long)p->candidates,
        (long long)p->runs);

    text = fleet_text(text, p, &p->best, arena);
    text = fleet_text(text, p, &p->runner_up, arena);
    for (int32_t i = 0; i < p->n_written; i++)
        text = fleet_text(text, p, &p->written[i], arena);
    for (int32_t i = 0; i < p->n_bindings; i++)
        text = sp_arena_printf(arena, "%s%s %a of %a\n", text, p->bindings[i].what,
                               p->bindings[i].value, p->bindings[i].limit);
    for (int32_t i = 0; i < p->n_steps; i++)
        text =
            sp_arena_printf(arena, "%s%s: %a +- %a, met %d, %s\n", text,
                            p->steps[i].what, p->steps[i].usd.mean,
                            p->steps[i].usd.half95, p->steps[i].met, p->steps[i].text);
    for (int32_t i = 0; i < p->n_frontier; i++)
        text = fleet_text(text, p, &p->frontier[i], arena);
    for (int32_t i = 0; i < p->n_ratios; i++)
        text = sp_arena_printf(arena, "%s%d of %d: %a, enough %d\n", text,
                               (int)p->ratios[i].count, (int)p->ratios[i].of,
                               p->ratios[i].busy_frac.mean, p->ratios[i].enough);
    return text;
}
