/* The wrapper around jansson.  The tree is built by functions that own what they
 * return; running out of memory is the only way in which building can fail, and it
 * stops us. */
#include "report/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/arena.h"
#include "base/units.h"
#include "report/format.h"
#include "report/json_parts.h"

static json_t *hex64(const struct report_json *j, uint64_t value)
{
    return json_string(sp_arena_printf(j->arena, "%016" PRIx64, value));
}

static json_t *node(const struct report_json *j, const struct model_node_use *n)
{
    json_t *object = json_object();

    report_json_put(object, "type", report_json_text(j, n->type));
    report_json_put(object, "option", report_json_text(j, n->option));
    report_json_put(object, "peak", json_integer(n->peak));
    report_json_put_stat(j, object, "mean", n->mean);
    report_json_put_stat(j, object, "hours", n->hours);
    report_json_put_stat(j, object, "usd", n->usd);
    report_json_put_stat(j, object, "billed_hours", n->billed_hours);
    report_json_put(object, "usd_per_h", report_json_number(n->usd_per_h));
    report_json_put_prices(j, object, n);
    return object;
}

static json_t *resources(const struct report_json *j,
                         const struct model_policy_result *p)
{
    json_t *object = json_object();

    for (int i = 0; i < MODEL_RESOURCES; i++) {
        const struct model_resource_use *use = &p->resources[i];
        json_t *one = json_object();

        report_json_put_stat(j, one, "provisioned_h", use->provisioned_h);
        report_json_put_stat(j, one, "allocated_h", use->allocated_h);
        report_json_put_stat(j, one, "busy_h", use->busy_h);
        report_json_put_stat(j, one, "busy_of_provisioned", use->busy_of_provisioned);
        report_json_put_stat(j, one, "allocated_of_provisioned",
                             use->allocated_of_provisioned);
        report_json_put_resource(j, one, p, (enum model_resource)i);
        report_json_put(object, model_resource_name((enum model_resource)i), one);
    }
    return object;
}

static json_t *stage(const struct report_json *j, const struct model_stage_result *s)
{
    json_t *object = json_object();

    report_json_put(object, "name", report_json_text(j, s->name));
    report_json_put_stat(j, object, "slots", s->slots);
    report_json_put_stat(j, object, "busy_frac", s->busy_frac);
    report_json_put(object, "wait_s", report_json_times(j, &s->wait));
    report_json_put(object, "bottleneck", json_boolean(s->bottleneck));
    report_json_put(object, "unit", report_json_text(j, s->unit));
    report_json_put_stat(j, object, "blocked_frac", s->blocked_frac);
    report_json_put_stat(j, object, "fetch_frac", s->fetch_frac);
    report_json_put(object, "service_s", report_json_times(j, &s->service));
    report_json_put_stat(j, object, "queue_mean", s->queue_mean);
    report_json_put_stat(j, object, "queue_peak", s->queue_peak);
    report_json_put_stat(j, object, "batch_mean", s->batch_mean);
    report_json_put(object, "in", json_integer(s->in));
    report_json_put(object, "done", json_integer(s->done));
    report_json_put(object, "emitted", json_integer(s->emitted));
    report_json_put(object, "retried", json_integer(s->retried));
    report_json_put(object, "dropped", json_integer(s->dropped));
    report_json_put(object, "tasks_lost", json_integer(s->lost));
    return object;
}

static json_t *items(const struct model_workload_result *w)
{
    json_t *object = json_object(), *by = json_object();

    report_json_put(object, "in", json_integer(w->in));
    report_json_put(object, "done", json_integer(w->done));
    report_json_put(object, "in_flight", json_integer(w->in_flight));
    report_json_put(object, "dropped", json_integer(w->dropped));
    for (int i = 0; i < MODEL_DROP_REASONS; i++)
        report_json_put(by, model_drop_name((enum model_drop)i),
                        json_integer(w->dropped_by[i]));
    report_json_put(object, "dropped_by", by);
    return object;
}

static json_t *workload(const struct report_json *j,
                        const struct model_workload_result *w)
{
    json_t *object = json_object(), *stages = json_array();
    bool bound = w->bound_stage >= 0 && w->bound_stage < w->n_stages;

    report_json_put(object, "name", report_json_text(j, w->name));
    report_json_put(object, "kind", report_json_text(j, w->kind));
    report_json_put(object, "items", items(w));
    report_json_put_stat(j, object, "per_s", w->per_s);
    if (w->interval != NULL)
        report_json_put(object, "interval", report_json_text(j, w->interval));
    report_json_put(object, "latency_s", report_json_times(j, &w->latency));
    for (int32_t i = 0; i < w->n_stages; i++)
        report_json_append(stages, stage(j, &w->stages[i]));
    report_json_put(object, "stages", stages);
    report_json_put(object, "bound_per_s", report_json_number(w->bound_per_s));
    report_json_put(object, "bound_stage",
                    report_json_text(j, bound ? w->stages[w->bound_stage].name : NULL));
    report_json_put(object, "moved_bytes", json_integer(w->moved_bytes));
    report_json_put(object, "spilled_bytes", json_integer(w->spilled_bytes));
    if (w->n_cdfs > 0)
        report_json_put(object, "cdfs", report_json_cdfs(j, w));
    if (w->n_kernels > 0)
        report_json_put(object, "kernels", report_json_kernels(j, w));
    if (w->serving != NULL)
        report_json_put(object, "serving", report_json_serving(j, w->serving));
    if (w->jobs != NULL)
        report_json_put(object, "jobs", report_json_jobs(j, w->jobs));
    return object;
}

static json_t *cost_line(const struct report_json *j,
                         const struct model_cost_line *line)
{
    json_t *object = json_object();

    report_json_put(object, "workload", report_json_text(j, line->workload));
    report_json_put(object, "stage", report_json_text(j, line->stage));
    report_json_put(object, "kind",
                    report_json_text(j, model_line_kind_name(line->kind)));
    report_json_put(object, "usd", report_json_number(sp_usd_from_uusd(line->uusd)));
    report_json_put(object, "uusd", json_integer(line->uusd));
    return object;
}

static json_t *cost(const struct report_json *j, const struct model_policy_result *p)
{
    const struct model_cost *c = &p->cost;
    json_t *object = json_object(), *lines = json_array();
    const struct model_stat unknown = {NAN, NAN};

    report_json_put_stat(j, object, "usd", c->known ? c->usd : unknown);
    report_json_put_stat(j, object, "usd_per_1k_items",
                         c->known ? c->usd_per_1k_items : unknown);
    report_json_put_stat(j, object, "idle_usd", c->known ? c->idle_usd : unknown);
    report_json_put_stat(j, object, "unallocated_usd",
                         c->known ? c->unallocated_usd : unknown);
    for (int32_t i = 0; i < c->n_lines && c->known; i++)
        report_json_append(lines, cost_line(j, &c->lines[i]));
    report_json_put(object, "lines", lines);
    report_json_put(object, "known", json_boolean(c->known));
    report_json_put(object, "uusd", c->known ? json_integer(c->uusd) : json_null());
    report_json_put_stat(j, object, "floor_usd", c->known ? c->floor_usd : unknown);
    report_json_put(object, "cells", report_json_cells(j, p));
    return object;
}

/* Empty where none was measured. */
static json_t *numbers(const double *values, int32_t n)
{
    json_t *array = json_array();
    bool any = false;

    for (int32_t i = 0; i < n && values != NULL && !any; i++)
        any = !isnan(values[i]);
    for (int32_t i = 0; i < n && any; i++)
        report_json_append(array, report_json_number(values[i]));
    return array;
}

static json_t *series(const struct model_series *s)
{
    json_t *object = json_object();

    report_json_put(object, "bucket_s", report_json_number(s->bucket_s));
    for (int i = 0; i < MODEL_RESOURCES; i++) {
        json_t *one = json_object();

        report_json_put(one, "provisioned", numbers(s->provisioned[i], s->n));
        report_json_put(one, "allocated", numbers(s->allocated[i], s->n));
        report_json_put(one, "busy", numbers(s->busy[i], s->n));
        report_json_put(one, "stranded", numbers(s->stranded[i], s->n));
        report_json_put(object, model_resource_name((enum model_resource)i), one);
    }
    report_json_put(object, "queued", numbers(s->queued, s->n));
    return object;
}

static json_t *window(const struct report_json *j, const struct model_policy_result *p)
{
    json_t *object = json_object();

    report_json_put(object, "over", report_json_text(j, p->window));
    report_json_put(object, "from_s", report_json_number(p->window_from_s));
    report_json_put(object, "to_s", report_json_number(p->window_to_s));
    return object;
}

static json_t *policy(const struct report_json *j, const struct model_policy_result *p)
{
    json_t *object = json_object(), *nodes = json_array(), *workloads = json_array();

    report_json_put(object, "name", report_json_text(j, p->name));
    report_json_put(object, "end", report_json_text(j, model_end_name(p->end)));
    report_json_put_stat(j, object, "time_s", p->time_s);
    for (int32_t i = 0; i < p->n_nodes; i++)
        report_json_append(nodes, node(j, &p->nodes[i]));
    report_json_put(object, "nodes", nodes);
    report_json_put(object, "resources", resources(j, p));
    for (int32_t i = 0; i < p->n_workloads; i++)
        report_json_append(workloads, workload(j, &p->workloads[i]));
    report_json_put(object, "workloads", workloads);
    report_json_put(object, "cost", cost(j, p));
    report_json_put_shared(j, object, p);
    report_json_put(object, "end_text", report_json_text(j, p->end_text));
    report_json_put(object, "unplaced_text", report_json_text(j, p->unplaced_text));
    report_json_put(object, "window", window(j, p));
    report_json_put(object, "gpu_nodes_peak", json_integer(p->n_gpu_nodes_peak));
    report_json_put(object, "events", json_integer((json_int_t)p->events));
    report_json_put(object, "digest",
                    p->digest != 0 ? hex64(j, p->digest) : json_null());
    report_json_put(object, "series", series(&p->series));
    if (p->timeline.all_leases > 0)
        report_json_put(object, "timeline", report_json_timeline(j, &p->timeline));
    return object;
}

static json_t *comparison(const struct report_json *j, const struct model_comparison *c)
{
    json_t *object = json_object();

    report_json_put(object, "policy",
                    report_json_text(j, j->r->policies[c->policy].name));
    report_json_put(object, "baseline",
                    report_json_text(j, j->r->policies[c->baseline].name));
    report_json_put_stat(j, object, "usd_ratio", c->usd_ratio);
    report_json_put_stat(j, object, "time_ratio", c->time_ratio);
    report_json_put(object, "gpu_nodes_ratio", report_json_number(c->gpu_nodes_ratio));
    if (c->n_serving > 0)
        report_json_put(object, "serving", report_json_serving_comparisons(j, c));
    if (c->n_jobs > 0)
        report_json_put(object, "jobs", report_json_jobs_comparisons(j, c));
    report_json_put(object, "outcome",
                    report_json_text(j, model_outcome_name(c->outcome)));
    report_json_put(object, "certain", json_boolean(c->certain));
    report_json_put(object, "verdict", report_json_text(j, c->verdict));
    return object;
}

static json_t *inputs(const struct report_json *j, const struct model_result *r)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < r->n_files; i++) {
        json_t *object = json_object();

        report_json_put(object, "file", report_json_text(j, r->files[i].file));
        report_json_put(object, "xxh64", hex64(j, r->files[i].xxh64));
        report_json_append(array, object);
    }
    return array;
}

static void put_notes(const struct report_json *j, json_t *root)
{
    json_t *assumptions = json_array(), *warnings = json_array();

    for (int32_t i = 0; i < j->r->n_assumptions; i++) {
        json_t *object = json_object();

        report_json_put(object, "id", report_json_text(j, j->r->assumptions[i].id));
        report_json_put(object, "text", report_json_text(j, j->r->assumptions[i].text));
        report_json_append(assumptions, object);
    }
    for (int32_t i = 0; i < j->r->n_warnings; i++)
        report_json_append(warnings, report_json_text(j, j->r->warnings[i]));
    report_json_put(root, "assumptions", assumptions);
    report_json_put(root, "warnings", warnings);
}

static json_t *precision(const struct report_json *j, const struct model_result *r)
{
    const struct model_precision *p = &r->precision;
    json_t *object = json_object();

    report_json_put(object, "asked", report_json_number(p->asked_frac));
    report_json_put(object, "replications_max", json_integer(p->most));
    report_json_put(object, "reached", json_boolean(p->reached));
    report_json_put(object, "worst", report_json_number(p->worst_frac));
    report_json_put(object, "worst_figure", report_json_text(j, p->worst));
    report_json_put(object, "text",
                    report_json_text(j, report_format_precision(r, j->arena)));
    return object;
}

static json_t *result(const struct report_json *j)
{
    const struct model_result *r = j->r;
    json_t *root = json_object(), *policies = json_array(), *comparisons = json_array();

    report_json_put(root, "stageplan", report_json_text(j, r->version));
    report_json_put(root, "scenario", report_json_text(j, r->name));
    report_json_put(root, "description", report_json_text(j, r->description));
    report_json_put(root, "path", report_json_text(j, r->path));
    report_json_put(root, "seed", json_integer((json_int_t)r->seed));
    report_json_put(root, "inputs", inputs(j, r));
    report_json_put(root, "replications", json_integer(r->n_runs));
    if (r->precision.asked_frac > 0)
        report_json_put(root, "precision", precision(j, r));
    report_json_put(root, "partial", json_boolean(r->partial));
    for (int32_t i = 0; i < r->n_policies; i++)
        report_json_append(policies, policy(j, &r->policies[i]));
    report_json_put(root, "policies", policies);
    for (int32_t i = 0; i < r->n_comparisons; i++)
        report_json_append(comparisons, comparison(j, &r->comparisons[i]));
    report_json_put(root, "comparison", comparisons);
    put_notes(j, root);
    report_json_put_basis(j, root);
    return root;
}

enum sp_status report_json_write(const char *path, const struct model_result *r,
                                 struct sp_err *err)
{
    struct report_json j = {.r = r, .arena = sp_arena_new()};
    enum sp_status status = report_json_save(result(&j), path, err);

    sp_arena_free(j.arena);
    return status;
}
