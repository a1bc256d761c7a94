/* Calibrated kernels as JSON. */
#include "report/json_parts.h"

static json_t *kernel(const struct report_json *j, const struct model_kernel_asked *k)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"asked_least", k->x_least},         {"asked_most", k->x_most},
        {"measured_least", k->known_least},  {"measured_most", k->known_most},
        {"cores_most", k->cores_most},       {"measured_cores", k->known_cores},
        {"slowdown_most", k->slowdown_most}, {"slowdown_low", k->slowdown_low},
        {"slowdown_high", k->slowdown_high}, {"sd_frac", k->sd_frac},
    };
    json_t *object = json_object();

    report_json_put(object, k->fused ? "unit" : "stage", report_json_text(j, k->stage));
    report_json_put(object, "kernel", report_json_text(j, k->kernel));
    report_json_put(object, "device", report_json_text(j, k->device));
    report_json_put(object, "profile", report_json_text(j, k->profile));
    report_json_put(object, "basis", report_json_text(j, model_basis_name(k->basis)));
    report_json_put(object, "axis", report_json_text(j, k->axis));
    report_json_put(object, "by_features", json_boolean(k->by_features));
    report_json_put(object, "converged", json_boolean(k->converged));
    report_json_put(object, "calls", json_integer(k->calls));
    report_json_put(object, "extrapolated", json_integer(k->extrapolated));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        report_json_put(object, numbers[i].key, report_json_number(numbers[i].value));
    return object;
}

json_t *report_json_kernels(const struct report_json *j,
                            const struct model_workload_result *w)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < w->n_kernels; i++)
        report_json_append(array, kernel(j, &w->kernels[i]));
    return array;
}
