/* `time` of a pool: where the time of its iterations comes from. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"
#include "model/serving.h"

/* The sources, told by a key that only one of them has. */
enum form { FORM_TABLE, FORM_ROOFLINE, FORM_PROFILE, FORM_FIT, N_FORMS };

static const char *const marks[N_FORMS] = {"table", "roofline", "profile", "fit"};

/* Which other keys go with which sources. */
static const struct {
    const char *key;
    unsigned forms;
} key_forms[] = {
    {"mixed", 1u << FORM_TABLE | 1u << FORM_FIT},
    {"mixed_factor", 1u << FORM_TABLE | 1u << FORM_FIT},
    {"beyond", 1u << FORM_TABLE | 1u << FORM_PROFILE},
    {"monotone", 1u << FORM_TABLE},
    {"link", 1u << FORM_PROFILE},
    {"all_reduce", 1u << FORM_PROFILE},
    {"step", 1u << FORM_PROFILE},
};

/* The record while it is read. */
struct time_keys {
    const char *table, *profile, *mixed, *beyond;
    bool monotone;
    double mixed_factor, link_bytes_per_s, all_reduce_s, step_s;
    struct model_roofline_options roofline;
    struct model_fit_options fit;
    bool has_decode_large;
};

static enum sp_status read_table(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    ((struct time_keys *)record)->table = node->text;
    return model_file_note(r, node, "table");
}

static enum sp_status read_profile(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    ((struct time_keys *)record)->profile = node->text;
    return model_folder_check(r, node, "profile");
}

/* ---- roofline ---- */

#define AT(field) offsetof(struct model_roofline_options, field)

static const struct model_key roofline_keys[] = {
    {.name = "compute",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(compute_frac),
     .help = "reached share of the GPU's operations per second"},
    {.name = "memory",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(memory_frac),
     .help = "reached share of its memory bandwidth"},
    {.name = "link",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(link_frac),
     .help = "reached share of its bandwidth to other GPUs"},
    {.name = "layer",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(layer_s),
     .help = "overhead of a layer"},
    {.name = "step",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(step_s),
     .help = "overhead of an iteration"},
    {.name = "all_reduce",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(all_reduce_s),
     .help = "latency of an all-reduce, two a layer"},
    {.name = "profile",
     .kind = MODEL_KEY_NOTE,
     .help = "in which compute and memory were measured"},
    {.name = "device", .kind = MODEL_KEY_NOTE, .help = "on which of its GPUs"},
    {.name = NULL},
};

static enum sp_status read_roofline(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    struct time_keys *keys = record;
    static const char *const shares[] = {"compute", "memory", "link"};
    const double *const values[] = {&keys->roofline.compute_frac,
                                    &keys->roofline.memory_frac,
                                    &keys->roofline.link_frac};

    if (model_keys_read(r, node, "a roofline", roofline_keys, &keys->roofline) != SP_OK)
        return SP_EINPUT;
    for (int i = 0; i < 3; i++)
        if (*values[i] <= 0)
            return model_read_fail(r, model_yaml_get(node, shares[i]),
                                   "%s: found 0, expected a share above 0", shares[i]);
    return SP_OK;
}

/* ---- fit ---- */

static enum sp_status read_coefficients(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        double *seconds)
{
    const struct model_key key = {.name = node->key->text,
                                  .kind = MODEL_KEY_DURATION_S};

    if (model_read_kind(r, node, MODEL_YAML_SEQ, key.name) != SP_OK)
        return SP_EINPUT;
    if (node->n != 3)
        return model_read_fail(r, node, "%s: found %d coefficients, expected 3",
                               key.name, (int)node->n);
    for (int i = 0; i < 3; i++)
        if (model_key_parse(r, node->items[i], &key, &seconds[i]) != SP_OK)
            return SP_EINPUT;
    return SP_OK;
}

static enum sp_status read_prefill(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    return read_coefficients(r, node, ((struct time_keys *)record)->fit.prefill);
}

static enum sp_status read_decode(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    return read_coefficients(r, node, ((struct time_keys *)record)->fit.decode);
}

static enum sp_status read_decode_large(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    return read_coefficients(r, node, ((struct time_keys *)record)->fit.decode_large);
}

static const struct model_key fit_keys[] = {
    {.name = "prefill",
     .kind = MODEL_KEY_READ,
     .read = read_prefill,
     .required = true,
     .help = "three times: constant, per token, per squared token of a chunk"},
    {.name = "decode",
     .kind = MODEL_KEY_READ,
     .read = read_decode,
     .required = true,
     .help = "three times: constant, per token of context, per sequence"},
    {.name = "decode_large",
     .kind = MODEL_KEY_READ,
     .read = read_decode_large,
     .help = "the same from `threshold` sequences on"},
    {.name = "threshold",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct time_keys, fit.threshold),
     .min = 1,
     .max = 1e6,
     .help = "sequences from which decode_large counts"},
    {.name = NULL},
};

static enum sp_status read_fit(struct model_reader *r,
                               const struct model_yaml_node *node, void *record)
{
    const struct model_yaml_node *large, *threshold;

    if (model_keys_read(r, node, "a fit", fit_keys, record) != SP_OK)
        return SP_EINPUT;
    large = model_yaml_get(node, "decode_large");
    threshold = model_yaml_get(node, "threshold");
    if ((large != NULL) != (threshold != NULL))
        return model_read_fail(r, (large != NULL ? large : threshold)->key,
                               "'%s' needs the key '%s' with it",
                               large != NULL ? "decode_large" : "threshold",
                               large != NULL ? "threshold" : "decode_large");
    return SP_OK;
}

/* ---- the source ---- */

#undef AT
#define AT(field) offsetof(struct time_keys, field)

static const struct model_key time_keys[] = {
    {.name = "table", .kind = MODEL_KEY_READ, .read = read_table, .help = "a CSV"},
    {.name = "roofline",
     .kind = MODEL_KEY_READ,
     .read = read_roofline,
     .help = "from the model's shape and the GPU's datasheet"},
    {.name = "profile",
     .kind = MODEL_KEY_READ,
     .read = read_profile,
     .help = "a folder of measured kernels"},
    {.name = "fit", .kind = MODEL_KEY_READ, .read = read_fit, .help = "coefficients"},
    {.name = "mixed",
     .kind = MODEL_KEY_WORD,
     .offset = AT(mixed),
     .words = model_mixed_words,
     .unless = "sum",
     .help = "time of an iteration that prefills and decodes"},
    {.name = "mixed_factor",
     .kind = MODEL_KEY_NUMBER,
     .offset = AT(mixed_factor),
     .min = 0.01,
     .max = 100,
     .unless = "1",
     .help = "of mixed: tokens"},
    {.name = "beyond",
     .kind = MODEL_KEY_WORD,
     .offset = AT(beyond),
     .words = model_beyond_words,
     .unless = "fail",
     .help = "outside of what is known"},
    {.name = "monotone",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(monotone),
     .help = "made to rise along both axes"},
    {.name = "link",
     .kind = MODEL_KEY_BYTES_PER_S,
     .offset = AT(link_bytes_per_s),
     .help = "bandwidth between the GPUs of a replica"},
    {.name = "all_reduce",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(all_reduce_s),
     .help = "latency of an all-reduce"},
    {.name = "step",
     .kind = MODEL_KEY_DURATION_S,
     .offset = AT(step_s),
     .help = "overhead of an iteration"},
    {.name = NULL},
};

static enum sp_status find_form(struct model_reader *r,
                                const struct model_yaml_node *map, enum form *form)
{
    const struct model_yaml_node *mark = NULL;

    for (int f = 0; f < N_FORMS; f++) {
        const struct model_yaml_node *node = model_yaml_get(map, marks[f]);

        if (node == NULL)
            continue;
        if (mark != NULL)
            return model_read_fail(r, node->key,
                                   "'%s' does not go with '%s': iteration times have "
                                   "one source",
                                   marks[f], mark->key->text);
        mark = node;
        *form = (enum form)f;
    }
    if (mark == NULL)
        return model_read_fail(
            r, model_read_owner(map),
            "time: expected one of table, roofline, profile and fit");
    for (size_t i = 0; i < sizeof key_forms / sizeof key_forms[0]; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, key_forms[i].key);

        if (node != NULL && (key_forms[i].forms & 1u << *form) == 0)
            return model_read_fail(r, node->key, "'%s' does not go with '%s'",
                                   key_forms[i].key, marks[*form]);
    }
    return SP_OK;
}

static enum sp_status check_factor(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct time_keys *keys)
{
    const struct model_yaml_node *node = model_yaml_get(map, "mixed_factor");

    if (node == NULL || strcmp(keys->mixed, "tokens") == 0)
        return SP_OK;
    return model_read_fail(r, node->key, "'mixed_factor' goes with mixed: tokens");
}

static enum sp_status make_table(struct model_reader *r, const struct time_keys *keys,
                                 struct model_iteration **it, struct sp_err *err)
{
    const struct model_table_options o = {
        .path = model_file_path(r, keys->table),
        .shown = keys->table,
        .mixed = (enum model_mixed)model_word_index(model_mixed_words, keys->mixed),
        .mixed_factor = keys->mixed_factor,
        .beyond = (enum model_beyond)model_word_index(model_beyond_words, keys->beyond),
        .monotone = keys->monotone};

    return model_iteration_table(&o, r->arena, it, err);
}

static enum sp_status note_profile_file(void *self, const char *shown, const char *path,
                                        struct sp_err *err)
{
    return model_file_add(self, shown, path, err);
}

static enum sp_status make_profile(struct model_reader *r, const struct time_keys *keys,
                                   const struct model_pool *pool,
                                   const struct model_llm *llm,
                                   struct model_iteration **it, struct sp_err *err)
{
    const struct model_folder_options o = {
        .path = model_file_path(r, keys->profile),
        .shown = keys->profile,
        .llm = llm,
        .gpu = pool->gpu,
        .tensor_parallel = pool->gpus,
        .link_bytes_per_s = keys->link_bytes_per_s,
        .all_reduce_s = keys->all_reduce_s,
        .step_s = keys->step_s,
        .beyond = (enum model_beyond)model_word_index(model_beyond_words, keys->beyond),
        .self = r,
        .reads = note_profile_file};

    return model_iteration_profile(&o, r->arena, it, err);
}

static enum sp_status make_roofline(struct model_reader *r,
                                    const struct time_keys *keys,
                                    const struct model_pool *pool,
                                    const struct model_llm *llm,
                                    struct model_iteration **it, struct sp_err *err)
{
    struct model_roofline_options o = keys->roofline;

    o.llm = llm;
    o.gpu = pool->gpu;
    o.tensor_parallel = pool->gpus;
    return model_iteration_roofline(&o, r->arena, it, err);
}

static enum sp_status make_fit(struct model_reader *r, const struct time_keys *keys,
                               struct model_iteration **it, struct sp_err *err)
{
    struct model_fit_options o = keys->fit;

    o.mixed = (enum model_mixed)model_word_index(model_mixed_words, keys->mixed);
    o.mixed_factor = keys->mixed_factor;
    return model_iteration_fit(&o, r->arena, it, err);
}

static enum sp_status make(struct model_reader *r, enum form form,
                           const struct time_keys *keys, const struct model_pool *pool,
                           const struct model_llm *llm, struct model_iteration **it,
                           struct sp_err *err)
{
    switch (form) {
    case FORM_TABLE:
        return make_table(r, keys, it, err);
    case FORM_PROFILE:
        return make_profile(r, keys, pool, llm, it, err);
    case FORM_FIT:
        return make_fit(r, keys, it, err);
    case FORM_ROOFLINE:
    case N_FORMS:
        break;
    }
    return make_roofline(r, keys, pool, llm, it, err);
}

/* `time: roofline` is a roofline with all of its defaults. */
static bool is_plain_roofline(const struct model_yaml_node *node)
{
    return node->kind == MODEL_YAML_SCALAR && strcmp(node->text, "roofline") == 0;
}

enum sp_status model_iteration_read(struct model_reader *r,
                                    const struct model_yaml_node *node,
                                    const struct model_llm *llm, const char *no_gpu,
                                    struct model_pool *pool)
{
    struct time_keys keys = {
        .roofline = model_roofline_defaults(), .mixed = "sum", .beyond = "fail"};
    enum form form = FORM_ROOFLINE;
    struct sp_err found = {0};
    char quoted[80];

    if (node->kind == MODEL_YAML_SCALAR && !is_plain_roofline(node))
        return model_read_fail(r, node,
                               "time: found %s, expected roofline, or a map with one "
                               "of table, roofline, profile and fit",
                               sp_text_quote(node->text, quoted, sizeof quoted));
    if (!is_plain_roofline(node) &&
        (model_keys_read(r, node, "iteration times", time_keys, &keys) != SP_OK ||
         find_form(r, node, &form) != SP_OK || check_factor(r, node, &keys) != SP_OK))
        return SP_EINPUT;
    if (form == FORM_ROOFLINE && pool->gpu == NULL)
        return model_read_fail(r, model_read_owner(node),
                               "time: a roofline needs the GPU's datasheet: %s",
                               no_gpu);
    if (form == FORM_ROOFLINE && !is_plain_roofline(node) &&
        model_roofline_measured(r, model_yaml_get(node, "roofline"), pool->gpu,
                                &keys.roofline) != SP_OK)
        return SP_EINPUT;
    if (make(r, form, &keys, pool, llm, &pool->iteration, &found) != SP_OK)
        return model_read_fail(r, model_read_owner(node), "time: %s", found.text);
    return SP_OK;
}
