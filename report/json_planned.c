/* A plan as JSON. */
#include <math.h>

#include "report/json_parts.h"
#include "report/planned.h"

static json_t *number(double v)
{
    return report_json_number(v);
}

/* {"mean", "half95"} */
static json_t *stat(struct model_stat s)
{
    json_t *object = json_object();

    report_json_put(object, "mean", number(s.mean));
    report_json_put(object, "half95", number(s.half95));
    return object;
}

/* ---- a fleet ---- */

/* Null: as many as it takes. */
static json_t *count(int32_t n)
{
    return n < 0 ? json_null() : json_integer(n);
}

static json_t *nodes_of(const struct report_json *j,
                        const struct model_planned_fleet *f)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < f->n_nodes; i++) {
        const struct model_planned_nodes *n = &f->nodes[i];
        json_t *object = json_object();

        report_json_put(object, "type", report_json_text(j, n->type));
        report_json_put(object, "group", report_json_text(j, n->group));
        report_json_put(object, "option", report_json_text(j, n->option));
        report_json_put(object, "count", count(n->count));
        report_json_put(object, "mean", number(n->mean));
        report_json_put(object, "usd_per_h", number(n->usd_per_h));
        report_json_append(array, object);
    }
    return array;
}

static json_t *units_of(const struct report_json *j,
                        const struct model_planned_fleet *f)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < f->n_units; i++) {
        const struct model_planned_unit *u = &f->units[i];
        json_t *object = json_object();

        report_json_put(object, "workload", report_json_text(j, u->workload));
        report_json_put(object, "name", report_json_text(j, u->unit));
        report_json_put(object, "slots", report_json_text(j, u->slots));
        report_json_put(object, "count", count(u->count));
        report_json_put(object, "busy_frac", number(u->busy_frac));
        report_json_append(array, object);
    }
    return array;
}

static json_t *met_of(const struct model_planned *p,
                      const struct model_planned_fleet *f)
{
    json_t *array = json_array();

    for (int32_t g = 0; f->goals != NULL && f->n_runs > 0 && g < p->goals->n; g++) {
        json_t *object = json_object();

        report_json_put(object, "value", stat(f->goals[g].value));
        report_json_put(object, "met_frac", number(f->goals[g].met_frac));
        report_json_put(object, "miss_frac", number(f->goals[g].miss));
        report_json_append(array, object);
    }
    return array;
}

static json_t *fleet_of(const struct report_json *j, const struct model_planned *p,
                        const struct model_planned_fleet *f)
{
    json_t *object = json_object();
    bool ran = f->n_runs > 0;

    report_json_put(object, "partition", report_json_text(j, f->partition));
    report_json_put(object, "policy", report_json_text(j, f->policy));
    report_json_put(object, "nodes", nodes_of(j, f));
    report_json_put(object, "units", units_of(j, f));
    report_json_put(object, "runs", json_integer(f->n_runs));
    report_json_put(object, "met", json_boolean(f->met));
    report_json_put(object, "usd", ran ? stat(f->usd) : json_null());
    report_json_put(object, "usd_per_h", ran ? stat(f->usd_per_h) : json_null());
    report_json_put(object, "time_s", ran ? stat(f->time_s) : json_null());
    report_json_put(object, "targets", met_of(p, f));
    report_json_put(object, "why_not", report_json_text(j, f->why_not));
    return object;
}

static json_t *fleets_of(const struct report_json *j, const struct model_planned *p,
                         const struct model_planned_fleet *fleets, int32_t n)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < n; i++)
        report_json_append(array, fleet_of(j, p, &fleets[i]));
    return array;
}

/* ---- what was asked for ---- */

static json_t *targets_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *array = json_array();

    for (int32_t g = 0; p->goals != NULL && g < p->goals->n; g++) {
        const struct model_goal *goal = &p->goals->goals[g];
        json_t *object = json_object();

        report_json_put(object, "key", report_json_text(j, goal->kind->key));
        report_json_put(object, "text", report_json_text(j, goal->text));
        report_json_put(object, "figure", report_json_text(j, goal->kind->figure));
        report_json_put(object, goal->kind->at_most ? "at_most" : "at_least",
                        number(goal->value));
        report_json_put(object, "tolerance_frac", number(goal->tolerance_frac));
        report_json_put(object, "implied", json_boolean(goal->implied));
        report_json_append(array, object);
    }
    return array;
}

static json_t *files_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < p->n_files; i++) {
        json_t *object = json_object();

        report_json_put(object, "file", report_json_text(j, p->files[i].file));
        report_json_put(object, "xxh64",
                        report_json_text(
                            j, sp_arena_printf(j->arena, "%016llx",
                                               (unsigned long long)p->files[i].xxh64)));
        report_json_append(array, object);
    }
    return array;
}

/* ---- around it ---- */

static json_t *other_of(const struct report_json *j, const struct model_planned *p,
                        const struct model_planned_fleet *other,
                        struct model_stat usd_more)
{
    json_t *object;

    if (other->partition == NULL)
        return json_null();
    object = fleet_of(j, p, other);
    report_json_put(object, "usd_more", stat(usd_more));
    return object;
}

static json_t *bound_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *object = json_object();

    report_json_put(object, "usd", number(p->bound_usd));
    report_json_put(object, "text", report_json_text(j, p->bound_text));
    report_json_put(object, "gap_frac", number(p->gap_frac));
    report_json_put(object, "floor_usd", number(p->floor_usd));
    report_json_put(object, "complete", json_boolean(p->complete));
    report_json_put(object, "complete_text", report_json_text(j, p->complete_text));
    return object;
}

static json_t *bindings_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < p->n_bindings; i++) {
        const struct model_planned_binding *b = &p->bindings[i];
        json_t *object = json_object();

        report_json_put(object, "what", report_json_text(j, b->what));
        report_json_put(object, "is_target", json_boolean(b->is_target));
        report_json_put(object, "value", number(b->value));
        report_json_put(object, "limit", number(b->limit));
        report_json_put(object, "unit", report_json_text(j, b->unit));
        report_json_append(array, object);
    }
    return array;
}

static json_t *steps_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < p->n_steps; i++) {
        const struct model_planned_step *s = &p->steps[i];
        json_t *object = json_object();

        report_json_put(object, "what", report_json_text(j, s->what));
        report_json_put(object, "usd_more", stat(s->usd));
        report_json_put(object, "met", json_boolean(s->met));
        report_json_put(object, "text", report_json_text(j, s->text));
        report_json_put(object, "fleet", fleet_of(j, p, &s->fleet));
        report_json_append(array, object);
    }
    return array;
}

static json_t *frontier_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *object, *points;

    if (p->n_frontier == 0)
        return json_null();
    object = json_object();
    points = fleets_of(j, p, p->frontier, p->n_frontier);
    for (int32_t i = 0; i < p->n_frontier; i++)
        report_json_put(json_array_get(points, (size_t)i), "traded",
                        stat(p->frontier[i].traded));
    report_json_put(object, "figure", report_json_text(j, p->frontier_of.figure->name));
    report_json_put(object, "points", points);
    return object;
}

static json_t *ratios_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *object, *curve;

    if (p->n_ratios == 0)
        return json_null();
    object = json_object();
    curve = json_array();
    for (int32_t i = 0; i < p->n_ratios; i++) {
        const struct model_planned_ratio *r = &p->ratios[i];
        json_t *point = json_object();

        report_json_put(point, "per", number(r->per));
        report_json_put(point, "count", json_integer(r->count));
        report_json_put(point, "of", json_integer(r->of));
        report_json_put(point, "busy_frac", stat(r->busy_frac));
        report_json_put(point, "enough", json_boolean(r->enough));
        report_json_append(curve, point);
    }
    report_json_put(object, "of", report_json_text(j, p->ratio));
    report_json_put(object, "busy_frac", number(p->ratio_busy_frac));
    report_json_put(object, "analysis", number(p->ratio_analysis));
    report_json_put(object, "curve", curve);
    return object;
}

/* ---- all of it ---- */

static json_t *plan_of(const struct report_json *j, const struct model_planned *p)
{
    json_t *object = json_object();

    report_json_put(object, "feasible", json_boolean(p->feasible));
    report_json_put(object, "missed", report_json_text(j, p->missed));
    report_json_put(object, "targets", targets_of(j, p));
    report_json_put(object, p->feasible ? "best" : "closest",
                    p->n_ratios > 0 ? json_null() : fleet_of(j, p, &p->best));
    report_json_put(object, "bound", bound_of(j, p));
    report_json_put(object, "second", other_of(j, p, &p->second, p->second_usd));
    report_json_put(object, "runner_up",
                    other_of(j, p, &p->runner_up, p->runner_up_usd));
    report_json_put(object, "as_written", fleets_of(j, p, p->written, p->n_written));
    report_json_put(object, "binds", bindings_of(j, p));
    report_json_put(object, "steps", steps_of(j, p));
    report_json_put(object, "frontier", frontier_of(j, p));
    report_json_put(object, "ratio", ratios_of(j, p));
    report_json_put(object, "candidates", json_integer(p->candidates));
    report_json_put(object, "runs", json_integer(p->runs));
    return object;
}

enum sp_status report_planned_write_json(const char *path,
                                         const struct model_planned *p,
                                         struct sp_err *err)
{
    const struct model_result r = {.n_runs = p->replications,
                                   .n_inputs = p->n_inputs,
                                   .inputs = p->inputs,
                                   .catalog = p->catalog};
    struct report_json j = {.r = &r, .arena = sp_arena_new()};
    json_t *root = json_object();
    enum sp_status status;

    report_json_put(root, "stageplan", report_json_text(&j, p->version));
    report_json_put(root, "scenario", report_json_text(&j, p->name));
    report_json_put(root, "path", report_json_text(&j, p->path));
    report_json_put(root, "files", files_of(&j, p));
    report_json_put(root, "seed", json_integer((json_int_t)p->seed));
    report_json_put(root, "replications", json_integer(p->replications));
    report_json_put(root, "precision_frac", number(p->precision_frac));
    report_json_put(root, "interrupted", json_boolean(p->interrupted));
    report_json_put(root, "plan", plan_of(&j, p));
    report_json_put_basis(&j, root);
    status = report_json_save(root, path, err);
    sp_arena_free(j.arena);
    return status;
}
