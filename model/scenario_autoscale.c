/* `autoscale` of a unit or a pool: a preset, and what differs from it. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

#define AT(field) offsetof(struct model_autoscale, field)

static enum sp_status read_rule(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    const struct model_autoscale_preset *preset;
    struct model_autoscale *a = record;
    const char *names[16];
    int32_t n = 0;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "rule") != SP_OK)
        return SP_EINPUT;
    preset = model_autoscale_preset_find(node->text);
    if (preset == NULL) {
        for (preset = model_autoscale_presets; preset->name != NULL; preset++)
            names[n++] = preset->name;
        return model_read_unknown(r, node, "rule of autoscaling", names, n);
    }
    *a = (struct model_autoscale){.rule = preset->name,
                                  .metric = preset->metric,
                                  .target = preset->target,
                                  .down_threshold = preset->down_threshold,
                                  .look_back_ns = preset->look_back_ns,
                                  .interval_ns = preset->interval_ns,
                                  .up_window_ns = preset->up_window_ns,
                                  .down_window_ns = preset->down_window_ns,
                                  .tolerance = preset->tolerance,
                                  .max_up_frac = preset->max_up_frac,
                                  .up_factor = preset->up_factor,
                                  .down_factor = preset->down_factor,
                                  .max_up_units = preset->max_up_units};
    return SP_OK;
}

static const struct model_key autoscale_keys[] = {
    {.name = "rule",
     .kind = MODEL_KEY_READ,
     .read = read_rule,
     .required = true,
     .help = "hpa, ray-actor-pool or ray-serve"},
    {.name = "min",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(min),
     .max = MODEL_UNITS_MAX,
     .unless = "1",
     .help = "units kept"},
    {.name = "max",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(max),
     .min = 1,
     .max = MODEL_UNITS_MAX,
     .required = true,
     .help = "units at most"},
    {.name = "metric",
     .kind = MODEL_KEY_WORD,
     .offset = AT(metric),
     .words = model_metric_words,
     .help = "what is watched"},
    {.name = "target",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(target),
     .min = 1e-6,
     .max = 1e12,
     .help = "of the metric"},
    {.name = "down_threshold",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(down_threshold),
     .max = 1e12,
     .help = "shrinks below this"},
    {.name = "interval",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(interval_ns),
     .min = 1e-3,
     .help = "between decisions"},
    {.name = "up_window",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(up_window_ns),
     .help = "looked back over before growing"},
    {.name = "down_window",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(down_window_ns),
     .help = "looked back over before shrinking"},
    {.name = "look_back",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(look_back_ns),
     .help = "ray-serve: the metric is its mean over this long"},
    {.name = "tolerance",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(tolerance),
     .max = 10,
     .help = "no action within this of the target"},
    {.name = "max_up_frac",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(max_up_frac),
     .max = 1e6,
     .help = "growth per interval, of the units there are"},
    {.name = "max_up_units",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(max_up_units),
     .min = 1,
     .max = MODEL_UNITS_MAX,
     .help = "growth per interval, units"},
    {.name = "up_factor",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(up_factor),
     .min = 1e-6,
     .max = 1e6,
     .help = "ray-serve: times the growth that is wanted"},
    {.name = "down_factor",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(down_factor),
     .min = 1e-6,
     .max = 1,
     .help = "ray-serve: times the shrinking that is wanted"},
    {.name = NULL},
};

/* The rule is one for this kind of workload, and so are its settings. */
static enum sp_status check_rule(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 enum model_kind kind, const struct model_autoscale *a)
{
    const struct model_autoscale_preset *preset = model_autoscale_preset_find(a->rule);
    static const char *const of_ray_serve[] = {"look_back", "up_factor", "down_factor"};

    if (!(kind == MODEL_KIND_SERVING ? preset->serving : preset->pipeline))
        return model_read_fail(r, model_yaml_get(node, "rule"),
                               "rule: %s is for workloads of kind %s", a->rule,
                               kind == MODEL_KIND_SERVING ? "pipeline" : "serving");
    for (size_t i = 0; i < sizeof of_ray_serve / sizeof of_ray_serve[0]; i++) {
        const struct model_yaml_node *value = model_yaml_get(node, of_ray_serve[i]);

        if (value != NULL && preset->look_back_ns == 0)
            return model_read_fail(r, value->key, "%s: %s has none", of_ray_serve[i],
                                   a->rule);
    }
    if (kind == MODEL_KIND_PIPELINE && a->min == 0)
        return model_read_fail(r, model_yaml_get(node, "min"),
                               "min: found 0, expected at least 1 in a pipeline");
    return SP_OK;
}

enum sp_status model_autoscale_read(struct model_reader *r,
                                    const struct model_yaml_node *node,
                                    enum model_kind kind, struct model_autoscale *a)
{
    const struct model_yaml_node *metric = model_yaml_get(node, "metric");

    if (model_keys_read(r, node, "autoscale", autoscale_keys, a) != SP_OK ||
        check_rule(r, node, kind, a) != SP_OK)
        return SP_EINPUT;
    if (a->min > a->max)
        return model_read_fail(
            r, model_read_owner(node),
            "autoscale: min is %d, expected at most max, which is %d", (int)a->min,
            (int)a->max);
    if (metric != NULL && strcmp(a->rule, "hpa") != 0)
        return model_read_fail(
            r, metric->key, "metric: %s always looks at the %s", a->rule,
            kind == MODEL_KIND_SERVING ? "requests ongoing per replica"
                                       : "tasks in flight per slot");
    if (a->down_threshold > a->target)
        return model_read_fail(
            r, model_read_owner(node),
            "autoscale: down_threshold is %g, expected at most target, "
            "which is %g",
            a->down_threshold, a->target);
    return SP_OK;
}
