/* What a bill is made of, what its nodes cost and why, how times are spread, what the
 * run rests on. */
#include <math.h>

#include "report/json_parts.h"

/* ---- nodes and resources ---- */

void report_json_put_prices(const struct report_json *j, json_t *object,
                            const struct model_node_use *n)
{
    report_json_put(object, "list_usd_per_h", report_json_number(n->list_usd_per_h));
    report_json_put(object, "price_basis",
                    report_json_text(j, model_basis_name(n->price_basis)));
    report_json_put(object, "price_source", report_json_text(j, n->price_source));
    report_json_put(object, "price_date", report_json_text(j, n->price_date));
    report_json_put(object, "group", report_json_text(j, n->group));
    report_json_put(object, "catalog_type", report_json_text(j, n->catalog_type));
    report_json_put(object, "gpu_model", report_json_text(j, n->gpu_model));
    report_json_put(object, "mcpu", json_integer(n->has.mcpu));
    report_json_put(object, "mgpu", json_integer(n->has.mgpu));
    report_json_put(object, "memory_bytes",
                    n->has.memory_bytes < 0 ? json_null()
                                            : json_integer(n->has.memory_bytes));
}

/* Digits, as no number of JSON holds 128 bits. */
static json_t *wide(sp_i128 value)
{
    char text[48], *p = text + sizeof text - 1;
    sp_u128 rest = value < 0 ? -(sp_u128)value : (sp_u128)value;

    *p = '\0';
    do {
        *--p = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    return json_string(p);
}

void report_json_put_resource(const struct report_json *j, json_t *object,
                              const struct model_policy_result *p,
                              enum model_resource r)
{
    const struct model_ledger *l = &p->ledger[r];
    json_t *ledger = json_object();

    report_json_put_stat(j, object, "stranded_h", p->resources[r].stranded_h);
    report_json_put(ledger, "provisioned", wide(l->provisioned));
    report_json_put(ledger, "allocated", wide(l->allocated));
    report_json_put(ledger, "busy", wide(l->busy));
    report_json_put(ledger, "stranded", wide(l->stranded));
    report_json_put(object, "ledger", ledger);
}

/* ---- the bill taken apart ---- */

static json_t *cell(const struct report_json *j, const struct model_policy_result *p,
                    const struct model_cost_cell *c)
{
    json_t *object = json_object();
    bool of_one = c->resource >= 0 && c->resource < MODEL_RESOURCES;

    report_json_put(object, "part", report_json_text(j, model_part_name(c->part)));
    report_json_put(object, "resource",
                    of_one ? report_json_text(j, model_resource_name(
                                                     (enum model_resource)c->resource))
                           : json_null());
    report_json_put(object, "node", report_json_text(j, p->nodes[c->node].type));
    report_json_put(object, "option", report_json_text(j, p->nodes[c->node].option));
    report_json_put(object, "workload", report_json_text(j, c->workload));
    report_json_put(object, "stage", report_json_text(j, c->stage));
    report_json_put(object, "team", report_json_text(j, c->team));
    report_json_put(object, "hours", report_json_number(c->hours));
    report_json_put(object, "uusd", json_integer(c->uusd));
    report_json_put(object, "list_uusd", json_integer(c->list_uusd));
    report_json_put(object, "mean_usd", report_json_number(c->mean_usd));
    report_json_put(object, "mean_list_usd", report_json_number(c->mean_list_usd));
    return object;
}

json_t *report_json_cells(const struct report_json *j,
                          const struct model_policy_result *p)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < p->cost.n_cells && p->cost.known; i++)
        report_json_append(array, cell(j, p, &p->cost.cells[i]));
    return array;
}

/* ---- times ---- */

json_t *report_json_cdfs(const struct report_json *j,
                         const struct model_workload_result *w)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < w->n_cdfs; i++) {
        const struct model_cdf *c = &w->cdfs[i];
        json_t *object = json_object(), *s = json_array(), *frac = json_array();

        for (int32_t k = 0; k < c->n; k++) {
            report_json_append(s, report_json_number(c->s[k]));
            report_json_append(frac, report_json_number(c->frac[k]));
        }
        report_json_put(object, "what", report_json_text(j, c->what));
        report_json_put(object, "at_most_s", s);
        report_json_put(object, "frac", frac);
        report_json_append(array, object);
    }
    return array;
}

json_t *report_json_timeline(const struct report_json *j,
                             const struct model_timeline *t)
{
    json_t *object = json_object();

    report_json_put(object, "leases", json_integer(t->n_leases));
    report_json_put(object, "slices", json_integer(t->n_slices));
    report_json_put(object, "links", json_integer(t->n_links));
    report_json_put(object, "all_leases", json_integer(t->all_leases));
    report_json_put(object, "all_slices", json_integer(t->all_slices));
    report_json_put(object, "sample", report_json_text(j, t->sample));
    return object;
}

/* ---- what the run rests on ---- */

static json_t *input(const struct report_json *j, const struct model_input *i)
{
    json_t *object = json_object();

    report_json_put(object, "group", report_json_text(j, i->group));
    report_json_put(object, "name", report_json_text(j, i->name));
    report_json_put(object, "value",
                    isnan(i->number) ? report_json_text(j, i->text)
                                     : report_json_number(i->number));
    report_json_put(object, "unit", report_json_text(j, i->unit));
    report_json_put(object, "basis", report_json_text(j, i->basis));
    report_json_put(object, "source", report_json_text(j, i->source));
    report_json_put(object, "date", report_json_text(j, i->date));
    report_json_put(object, "used_by", report_json_text(j, i->used_by));
    return object;
}

static json_t *calibration(const struct report_json *j,
                           const struct model_calibration *c)
{
    json_t *object = json_object();

    report_json_put(object, "name", report_json_text(j, c->name));
    report_json_put(object, "file", report_json_text(j, c->file));
    report_json_put(object, "machine", report_json_text(j, c->machine));
    report_json_put(object, "driver", report_json_text(j, c->driver));
    report_json_put(object, "date", report_json_text(j, c->date));
    return object;
}

static json_t *points(const struct model_kernel_curve *c)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < c->n; i++) {
        const struct model_kernel_point *p = &c->points[i];
        json_t *object = json_object();

        report_json_put(object, "x", report_json_number(p->x));
        report_json_put(object, "measured_s", report_json_number(p->measured_s));
        report_json_put(object, "half95_s", report_json_number(p->half95_s));
        report_json_put(object, "fitted_s", report_json_number(p->fitted_s));
        report_json_put(object, "converged", json_boolean(p->converged));
        report_json_append(array, object);
    }
    return array;
}

static json_t *curve(const struct report_json *j, const struct model_kernel_curve *c)
{
    json_t *object = json_object();

    report_json_put(object, "profile", report_json_text(j, c->profile));
    report_json_put(object, "kernel", report_json_text(j, c->kernel));
    report_json_put(object, "device", report_json_text(j, c->device));
    report_json_put(object, "axis", report_json_text(j, c->axis));
    report_json_put(object, "form", report_json_text(j, c->form));
    report_json_put(object, "off_frac", report_json_number(c->off_frac));
    report_json_put(object, "flop", report_json_number(c->flop));
    report_json_put(object, "bytes", report_json_number(c->bytes));
    report_json_put(object, "peak_flop_per_s", report_json_number(c->peak_flop_per_s));
    report_json_put(object, "peak_bytes_per_s",
                    report_json_number(c->peak_bytes_per_s));
    report_json_put(object, "peak_source", report_json_text(j, c->peak_source));
    report_json_put(object, "points", points(c));
    return object;
}

void report_json_put_basis(const struct report_json *j, json_t *root)
{
    const struct model_result *r = j->r;
    json_t *inputs = json_array(), *calibrations = json_array(), *curves = json_array();

    for (int32_t i = 0; i < r->n_inputs; i++)
        report_json_append(inputs, input(j, &r->inputs[i]));
    for (int32_t i = 0; i < r->n_calibrations; i++)
        report_json_append(calibrations, calibration(j, &r->calibrations[i]));
    for (int32_t i = 0; i < r->n_curves; i++)
        report_json_append(curves, curve(j, &r->curves[i]));
    report_json_put(root, "values", inputs);
    report_json_put(root, "catalog", report_json_text(j, r->catalog));
    report_json_put(root, "calibrations", calibrations);
    report_json_put(root, "kernel_curves", curves);
    report_json_put(root, "not_run", report_json_text(j, r->not_run));
}
