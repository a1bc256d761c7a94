/* Values of a profile: numbers, lists of them, covariances, facts. */
#include "model/profile_parts.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

const char *const model_profile_calls[] = {
    [MODEL_CALLS_PER_ITEM] = "per-item",
    [MODEL_CALLS_PER_TASK] = "per-task",
    NULL,
};
const char *const model_profile_bounds[] = {
    [MODEL_BOUND_UNKNOWN] = "unknown",
    [MODEL_BOUND_COMPUTE] = "compute",
    [MODEL_BOUND_MEMORY] = "memory",
    [MODEL_BOUND_LATENCY] = "latency",
    [MODEL_BOUND_LINK] = "link",
    [MODEL_BOUND_ROOFLINE] = "roofline",
    NULL,
};
const char *const model_profile_scalings[] = {
    [MODEL_SCALING_NONE] = "none",
    [MODEL_SCALING_USL] = "usl",
    [MODEL_SCALING_BANDWIDTH] = "bandwidth",
    NULL,
};
const char *const model_profile_modes[] = {"full", "quick", "import", NULL};

char *model_axis_format(const char *axis, double x, char *buf, int size)
{
    return strcmp(axis, "bytes") == 0 ? sp_format_size(x, buf, size)
                                      : sp_format_count(x, buf, size);
}

/* ---- numbers ---- */

enum sp_status model_profile_number(struct model_reader *r,
                                    const struct model_yaml_node *node,
                                    const char *what, const struct model_range *range,
                                    double *value)
{
    struct sp_err found = {0};
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, what);

    if (status != SP_OK)
        return status;
    if (range->infinite && strcmp(node->text, ".inf") == 0) {
        *value = INFINITY;
        return SP_OK;
    }
    if (range->infinite && range->min < 0 && strcmp(node->text, "-.inf") == 0) {
        *value = -INFINITY;
        return SP_OK;
    }
    if (sp_parse_number(node->text, range->min, range->max, value, &found) != SP_OK)
        return model_read_fail(r, node, "%s: %s%s", what, found.text,
                               range->infinite ? " or .inf" : "");
    return SP_OK;
}

enum sp_status model_profile_list(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what,
                                  int32_t least, int32_t most)
{
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SEQ, what);

    if (status != SP_OK || (node->n >= least && node->n <= most))
        return status;
    if (least == most)
        return model_read_fail(r, node, "%s: found %d elements, expected %d", what,
                               node->n, most);
    return model_read_fail(r, node, "%s: found %d elements, expected %d to %d", what,
                           node->n, least, most);
}

enum sp_status model_profile_numbers(struct model_reader *r,
                                     const struct model_yaml_node *node,
                                     const char *what, int32_t n,
                                     const struct model_range *range, double *values)
{
    enum sp_status status = model_profile_list(r, node, what, n, n);

    for (int32_t i = 0; status == SP_OK && i < n; i++)
        status = model_profile_number(r, node->items[i], what, range, &values[i]);
    return status;
}

/* ---- covariances ---- */

static const double ASYMMETRY = 1e-9, INDEFINITE = 1e-8; /* of rounding */

/* Whether no eigenvalue of the correlations is below -INDEFINITE: Cholesky's
 * factorisation of what it is above. */
static bool is_semi_definite(const double *cov, int32_t n, int32_t stride)
{
    double l[MODEL_FORM_COEFS_MAX + 1][MODEL_FORM_COEFS_MAX + 1] = {{0}};

    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j <= i; j++) {
            double scale = sqrt(cov[i * stride + i]) * sqrt(cov[j * stride + j]);
            double sum = i == j ? 1 + INDEFINITE : 0;

            if (i != j && scale > 0)
                sum = cov[i * stride + j] / scale;
            else if (i != j && fabs(cov[i * stride + j]) > 0)
                return false;
            for (int32_t k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i == j && !(sum > 0))
                return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    return true;
}

enum sp_status model_profile_covariance(struct model_reader *r,
                                        const struct model_yaml_node *node, int32_t n,
                                        int32_t stride, double *values)
{
    static const char *const what = "covariance";
    const double most = MODEL_PROFILE_COEF_MAX * MODEL_PROFILE_COEF_MAX;
    const struct model_range range = {.min = -most, .max = most};
    enum sp_status status = model_profile_list(r, node, what, n, n);

    for (int32_t i = 0; status == SP_OK && i < n; i++)
        status = model_profile_numbers(r, node->items[i], what, n, &range,
                                       values + i * stride);
    for (int32_t i = 0; status == SP_OK && i < n; i++) {
        double d = values[i * stride + i];

        if (d < 0)
            return model_read_fail(r, node->items[i]->items[i],
                                   "covariance: found %.6g on the diagonal, expected a "
                                   "variance of at least 0",
                                   d);
        for (int32_t j = 0; j < i; j++) {
            double low = values[i * stride + j], high = values[j * stride + i];

            if (!(fabs(low - high) <=
                  ASYMMETRY * sqrt(d) * sqrt(values[j * stride + j])))
                return model_read_fail(
                    r, node->items[i]->items[j],
                    "covariance: found %.6g in row %d, column %d and %.6g in row %d, "
                    "column %d, expected a symmetric matrix",
                    low, i + 1, j + 1, high, j + 1, i + 1);
        }
    }
    if (status == SP_OK && !is_semi_definite(values, n, stride))
        return model_read_fail(r, node,
                               "covariance: not positive semi-definite, expected "
                               "variances and correlations within -1 and 1");
    return status;
}

/* ---- texts ---- */

enum sp_status model_profile_facts(struct model_reader *r,
                                   const struct model_yaml_node *node, const char *what,
                                   int32_t *n, struct model_fact **facts)
{
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_MAP, what);

    if (status != SP_OK)
        return status;
    if (node->n > MODEL_PROFILE_FACTS_MAX)
        return model_read_fail(r, node, "%s: found %d facts, expected at most %d", what,
                               node->n, (int)MODEL_PROFILE_FACTS_MAX);
    *facts = sp_arena_array(r->arena, (size_t)node->n, sizeof **facts);
    for (int32_t i = 0; status == SP_OK && i < node->n; i++) {
        status = model_read_name(r, node->keys[i], what, &(*facts)[i].name);
        if (status == SP_OK)
            status = model_read_kind(r, node->items[i], MODEL_YAML_SCALAR,
                                     node->keys[i]->text);
        (*facts)[i].value = node->items[i]->text;
    }
    *n = node->n;
    return status;
}

enum sp_status model_profile_word(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what,
                                  const char *const *words, int32_t *place)
{
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, what);
    int32_t n = 0;

    if (status != SP_OK)
        return status;
    while (words[n] != NULL)
        n++;
    *place = model_read_find(node->text, words, n);
    return *place != SP_NO_ID ? SP_OK : model_read_unknown(r, node, what, words, n);
}

enum sp_status model_profile_element(struct model_reader *r,
                                     const struct model_yaml_node *node,
                                     const char *what, const struct model_key *keys,
                                     void *record)
{
    struct model_yaml_node element = *node;

    element.key = NULL;
    return model_keys_read(r, &element, what, keys, record);
}
