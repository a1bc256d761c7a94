/* Sizes of a source's items, and tokens of its requests. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* ---- sizes ---- */

static enum sp_status add_size(struct model_reader *r,
                               const struct model_yaml_node *name,
                               struct model_plan *plan)
{
    const char *text = NULL;

    if (model_read_name(r, name, "sizes", &text) != SP_OK)
        return SP_EINPUT;
    if (strcmp(text, "bytes") == 0)
        return model_read_fail(r, name,
                               "sizes: 'bytes' is always there, expected another name");
    if (model_read_find(text, plan->size_names, plan->n_sizes) != SP_NO_ID)
        return model_read_fail(r, name, "sizes: '%s' is there twice", text);
    if (plan->n_sizes == MODEL_SIZES_MAX)
        return model_read_fail(r, name, "sizes: more than %d", (int)MODEL_SIZES_MAX);
    plan->size_names[plan->n_sizes++] = text;
    return SP_OK;
}

/* Traces of LLM requests have two sizes; those of a CSV are known when it is opened. */
static enum sp_status check_trace_size(struct model_reader *r,
                                       const struct model_yaml_node *name,
                                       const struct model_plan *plan)
{
    static const char *const tokens[] = {"prompt_tokens", "output_tokens"};
    const char *format = plan->source.trace_format;

    if (strcmp(format, "auto") == 0 || strcmp(format, "csv") == 0 ||
        model_read_find(name->text, tokens, 2) != SP_NO_ID)
        return SP_OK;
    return model_read_unknown(r, name, "size of a trace of requests", tokens, 2);
}

enum sp_status model_sizes_read(struct model_reader *r,
                                const struct model_yaml_node *node,
                                struct model_plan *plan)
{
    bool trace = plan->source.kind == MODEL_SOURCE_TRACE;
    const enum model_yaml_kind kind = trace ? MODEL_YAML_SEQ : MODEL_YAML_MAP;

    if (model_read_kind(r, node, kind, trace ? "sizes of a trace" : "sizes") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < node->n; i++) {
        const struct model_yaml_node *name = trace ? node->items[i] : node->keys[i];

        if (add_size(r, name, plan) != SP_OK)
            return SP_EINPUT;
        if (trace && check_trace_size(r, name, plan) != SP_OK)
            return SP_EINPUT;
        if (!trace && model_dist_read(r, node->items[i], name->text, MODEL_PIECES,
                                      &plan->source.size[i]) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* ---- requests ---- */

static enum sp_status read_tokens(struct model_reader *r,
                                  const struct model_yaml_node *map, const char *key,
                                  struct model_dist *dist)
{
    const struct model_yaml_node *node = model_yaml_get(map, key);

    if (node == NULL)
        return model_read_fail(r, model_read_owner(map),
                               "a source of requests needs the key '%s', or 'trace'",
                               key);
    if (model_dist_read(r, node, key, MODEL_PIECES, dist) != SP_OK)
        return SP_EINPUT;
    if (!(model_dist_mean(dist) <= MODEL_PROMPT_MAX))
        return model_read_fail(r, node, "%s: a mean of %g tokens, expected at most %d",
                               key, model_dist_mean(dist), (int)MODEL_PROMPT_MAX);
    if (model_dist_mean(dist) <= 0)
        return model_read_fail(r, node, "%s: a mean of 0, expected at least 1 token",
                               key);
    return SP_OK;
}

/* Requests have two sizes, and a priority where one is drawn. */
enum sp_status model_request_sizes_read(struct model_reader *r,
                                        const struct model_yaml_node *map,
                                        struct model_plan *plan)
{
    struct model_dist *size = plan->source.size;
    struct model_serving *s = plan->serving;

    plan->n_sizes = MODEL_OUTPUT_TOKENS + 1;
    plan->size_names[MODEL_PROMPT_TOKENS] = "prompt_tokens";
    plan->size_names[MODEL_OUTPUT_TOKENS] = "output_tokens";
    if (plan->source.kind == MODEL_SOURCE_TRACE)
        return SP_OK;
    if (read_tokens(r, map, "prompt_tokens", &size[MODEL_PROMPT_TOKENS]) != SP_OK ||
        read_tokens(r, map, "output_tokens", &size[MODEL_OUTPUT_TOKENS]) != SP_OK)
        return SP_EINPUT;
    s->prompt_tokens = size[MODEL_PROMPT_TOKENS];
    s->output_tokens = size[MODEL_OUTPUT_TOKENS];
    if (model_yaml_get(map, "priority") == NULL)
        return SP_OK;
    plan->size_names[MODEL_PRIORITY] = "priority";
    plan->n_sizes = MODEL_PRIORITY + 1;
    return model_dist_read(r, model_yaml_get(map, "priority"), "priority", MODEL_PIECES,
                           &size[MODEL_PRIORITY]);
}
