/* What figures of a sweep depend on, as JSON. */
#include "report/json_parts.h"
#include "report/sweep_sensitivity.h"

/* ---- pieces ---- */

/* The mean under `key`, its half width under "KEY_half95". */
static void put_stat(const struct report_json *j, json_t *object, const char *key,
                     struct model_stat stat)
{
    report_json_put(object, key, report_json_number(stat.mean));
    report_json_put(object, sp_arena_printf(j->arena, "%s_half95", key),
                    report_json_number(stat.half95));
}

/* "usd", "embed.latency_p99_s" */
static const char *figure_text(const struct report_json *j,
                               const struct report_sweep *s, struct model_figure_of of)
{
    if (of.workload == SP_NO_ID)
        return of.figure->name;
    return sp_arena_printf(j->arena, "%s.%s", s->sweep.workloads[of.workload],
                           of.figure->name);
}

static json_t *measure(const struct report_json *j, const struct report_sweep *s,
                       const struct report_sweep_measure *m)
{
    json_t *object = json_object();

    report_json_put(object, "figure", report_json_text(j, figure_text(j, s, m->of)));
    report_json_put(object, "policy",
                    report_json_text(j, s->sweep.policies[m->policy]));
    report_json_put(object, "less",
                    m->difference
                        ? report_json_text(j, s->sweep.policies[s->sweep.baseline])
                        : json_null());
    return object;
}

static json_t *input(const struct report_json *j, const struct report_sweep *s,
                     int32_t axis)
{
    json_t *object = json_object();

    report_json_put(object, "path", report_json_text(j, s->sweep.axes[axis].path));
    return object;
}

/* ---- of one figure ---- */

static json_t *indices(const struct report_json *j, const struct report_sweep *s,
                       const struct report_sweep_measure *m)
{
    json_t *object, *inputs = json_array();
    struct model_indices x;

    if (!report_sweep_indices_of(s, m, j->arena, &x)) {
        json_decref(inputs);
        return NULL;
    }
    object = measure(j, s, m);
    report_json_put(object, "rows", json_integer(x.n));
    report_json_put(object, "mean", report_json_number(x.mean));
    report_json_put(object, "variance", report_json_number(x.variance));
    for (int32_t i = 0; i < x.n_inputs; i++) {
        json_t *in = input(j, s, i);

        put_stat(j, in, "first", x.inputs[i].first);
        put_stat(j, in, "total", x.inputs[i].total);
        report_json_append(inputs, in);
    }
    report_json_put(object, "inputs", inputs);
    return object;
}

static json_t *tornado(const struct report_json *j, const struct report_sweep *s,
                       const struct report_sweep_measure *m)
{
    json_t *object, *inputs = json_array();
    struct report_sweep_tornado t;

    if (!report_sweep_tornado_of(s, m, j->arena, &t)) {
        json_decref(inputs);
        return NULL;
    }
    object = measure(j, s, m);
    put_stat(j, object, "here", t.here);
    for (int32_t i = 0; i < t.n; i++) {
        const struct report_sweep_swing *w = &t.swings[i];
        json_t *in = input(j, s, w->axis);

        report_json_put(in, "low", report_json_text(j, w->low_text));
        report_json_put(in, "high", report_json_text(j, w->high_text));
        put_stat(j, in, "at_low", w->low);
        put_stat(j, in, "at_high", w->high);
        put_stat(j, in, "change", w->change);
        report_json_put(in, "turns", json_boolean(w->turns));
        report_json_append(inputs, in);
    }
    report_json_put(object, "inputs", inputs);
    return object;
}

/* ---- of all ---- */

json_t *report_json_sweep_depends(const struct report_json *j,
                                  const struct report_sweep *s,
                                  const struct model_figure_of *figures, int32_t n)
{
    const bool by_rows = s->sweep.design == MODEL_DESIGN_INDICES;
    const bool compared = s->sweep.baseline != SP_NO_ID;
    json_t *all = json_array();

    if (!by_rows && s->sweep.design != MODEL_DESIGN_ONE_AT_A_TIME)
        return all;
    for (int32_t f = 0; f < n; f++)
        for (int32_t p = 0; p < s->sweep.n_policies; p++)
            for (int d = 0; d < (compared && p != s->sweep.baseline ? 2 : 1); d++) {
                const struct report_sweep_measure m = {figures[f], p, d == 1};
                json_t *one = by_rows ? indices(j, s, &m) : tornado(j, s, &m);

                if (one != NULL)
                    report_json_append(all, one);
            }
    return all;
}
