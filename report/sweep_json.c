/* The tree of a sweep. */
#include <inttypes.h>
#include <string.h>

#include "report/json_parts.h"
#include "report/sweep_out.h"

struct tree {
    struct report_json j;
    const struct report_sweep *s;
    struct report_sweep_figure *rows;
    int32_t n;
};

static json_t *hex64(const struct tree *t, uint64_t value)
{
    return json_string(sp_arena_printf(t->j.arena, "%016" PRIx64, value));
}

static json_t *files(const struct tree *t)
{
    const struct model_sweep *m = &t->s->sweep;
    json_t *array = json_array();

    for (int32_t i = 0; i < m->n_files; i++) {
        json_t *object = json_object();

        report_json_put(object, "file", report_json_text(&t->j, m->files[i].file));
        report_json_put(object, "xxh64", hex64(t, m->files[i].xxh64));
        report_json_append(array, object);
    }
    return array;
}

static json_t *axes(const struct tree *t)
{
    const struct model_sweep *m = &t->s->sweep;
    json_t *array = json_array();

    for (int32_t a = 0; a < m->n_axes; a++) {
        json_t *object = json_object();

        report_json_put(object, "path", report_json_text(&t->j, m->axes[a].path));
        report_json_put(object, "values", report_json_text(&t->j, m->axes[a].text));
        report_json_put(object, "unit", report_json_text(&t->j, m->axes[a].unit));
        report_json_put(object, "relative", json_boolean(m->axes[a].relative));
        report_json_append(array, object);
    }
    return array;
}

static json_t *sets(const struct tree *t)
{
    const struct model_sweep *m = &t->s->sweep;
    json_t *array = json_array();

    for (int32_t i = 0; i < m->n_sets; i++) {
        json_t *object = json_object();

        report_json_put(object, "path", report_json_text(&t->j, m->sets[i].path));
        report_json_put(object, "value", report_json_text(&t->j, m->sets[i].value));
        report_json_append(array, object);
    }
    return array;
}

static json_t *names(const struct tree *t, const char *const *list, int32_t n)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < n; i++)
        report_json_append(array, report_json_text(&t->j, list[i]));
    return array;
}

static json_t *stat(struct model_stat s)
{
    json_t *object = json_object();

    report_json_put(object, "mean", report_json_number(s.mean));
    report_json_put(object, "half95", report_json_number(s.half95));
    return object;
}

/* Figures of one workload (or of the run) at a place, under their names. */
static json_t *figures_of(const struct tree *t, int32_t workload, size_t at)
{
    json_t *object = json_object();

    for (int32_t i = 0; i < t->n; i++) {
        const struct report_sweep_figure *f = &t->rows[i];
        json_t *one;

        if (f->of.workload != workload)
            continue;
        one = stat(f->stats[at]);
        if (f->difference != NULL)
            report_json_put(one, "difference", stat(f->difference[at]));
        report_json_put(object, f->of.figure->name, one);
    }
    return object;
}

static json_t *result(const struct tree *t, int64_t point, int32_t policy)
{
    const struct model_sweep *m = &t->s->sweep;
    const size_t at = (size_t)(point * m->n_policies + policy);
    json_t *object = json_object(), *workloads = json_array();

    report_json_put(object, "policy", report_json_text(&t->j, m->policies[policy]));
    report_json_put(object, "undone",
                    json_boolean(report_sweep_undone(t->s, (int64_t)at)));
    report_json_put(object, "run", figures_of(t, SP_NO_ID, at));
    for (int32_t w = 0; w < m->n_workloads; w++) {
        json_t *one = json_object();

        report_json_put(one, "name", report_json_text(&t->j, m->workloads[w]));
        report_json_put(one, "figures", figures_of(t, w, at));
        report_json_append(workloads, one);
    }
    report_json_put(object, "workloads", workloads);
    return object;
}

static json_t *point(const struct tree *t, int64_t id)
{
    const struct model_sweep *m = &t->s->sweep;
    json_t *object = json_object(), *at = json_array(), *results = json_array();

    for (int32_t a = 0; a < m->n_axes; a++) {
        json_t *one = json_object();
        const size_t i = (size_t)(id * m->n_axes + a);

        report_json_put(one, "number", report_json_number(t->s->numbers[i]));
        report_json_put(one, "text", report_json_text(&t->j, t->s->texts[i]));
        report_json_append(at, one);
    }
    report_json_put(object, "point", json_integer(id));
    report_json_put(object, "at", at);
    if (t->s->reasons != NULL && t->s->reasons[id] != NULL)
        report_json_put(object, "infeasible",
                        report_json_text(&t->j, t->s->reasons[id]));
    for (int32_t p = 0; p < m->n_policies; p++)
        report_json_append(results, result(t, id, p));
    report_json_put(object, "results", results);
    return object;
}

static json_t *build(const struct tree *t)
{
    const struct model_sweep *m = &t->s->sweep;
    json_t *root = json_object(), *points = json_array();
    struct model_figure_of *figures =
        sp_arena_array(t->j.arena, (size_t)t->n + 1, sizeof *figures);

    for (int32_t i = 0; i < t->n; i++)
        figures[i] = t->rows[i].of;
    report_json_put(root, "stageplan", report_json_text(&t->j, m->version));
    report_json_put(root, "scenario", report_json_text(&t->j, m->scenario));
    report_json_put(root, "seed", json_integer((json_int_t)m->seed));
    report_json_put(root, "inputs", files(t));
    report_json_put(root, "design", json_string(model_design_name(m->design)));
    report_json_put(root, "samples", json_integer(m->samples));
    report_json_put(root, "replications", json_integer(m->replications));
    report_json_put(root, "points_asked", json_integer(m->n_points));
    report_json_put(root, "points_done", json_integer(t->s->n_points));
    report_json_put(root, "set", sets(t));
    report_json_put(root, "axes", axes(t));
    report_json_put(root, "policies", names(t, m->policies, m->n_policies));
    report_json_put(root, "baseline",
                    m->baseline == SP_NO_ID
                        ? json_null()
                        : report_json_text(&t->j, m->policies[m->baseline]));
    for (int64_t i = 0; i < t->s->n_points; i++)
        report_json_append(points, point(t, i));
    report_json_put(root, "points", points);
    report_json_put(root, "depends_on",
                    report_json_sweep_depends(&t->j, t->s, figures, t->n));
    return root;
}

enum sp_status report_sweep_json_write(const char *path,
                                       const struct report_sweep *sweep,
                                       struct sp_err *err)
{
    struct tree t = {.s = sweep, .j = {.arena = sp_arena_new()}};
    enum sp_status status = SP_OK;

    if (sweep->n_points > REPORT_SWEEP_JSON_MAX) {
        sp_arena_free(t.j.arena);
        return sp_fail(err, SP_EINPUT,
                       "--json %s: found %" PRId64
                       " points, expected at most %d for one file; --csv takes any "
                       "number",
                       path, sweep->n_points, REPORT_SWEEP_JSON_MAX);
    }
    t.rows = report_sweep_figures(sweep, t.j.arena, &t.n);
    if (t.rows != NULL)
        status = report_json_save(build(&t), path, err);
    sp_arena_free(t.j.arena);
    return status;
}
