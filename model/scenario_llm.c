/* `model`: the shape of a language model, from the library or by hand. */
#include <string.h>

#include "base/text.h"
#include "model/llm.h"
#include "model/scenario_parts.h"

enum { LIBRARY_MAX = 256 };

static const struct {
    struct model_word word;
    int32_t bits;
} formats[] = {
    {{"bf16", "16 bits"}, 16}, {{"fp16", "16 bits"}, 16}, {{"fp8", "8 bits"}, 8},
    {{"int8", "8 bits"}, 8},   {{"fp4", "4 bits"}, 4},    {{"int4", "4 bits"}, 4},
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

static enum sp_status find_shape(struct model_reader *r,
                                 const struct model_yaml_node *node,
                                 struct model_llm *llm)
{
    const char *names[LIBRARY_MAX];
    const struct model_llm *row;
    int32_t n = 0;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "model") != SP_OK)
        return SP_EINPUT;
    row = model_llm_find(node->text);
    for (; row == NULL && n < LIBRARY_MAX && model_llm_at(n) != NULL; n++)
        names[n] = model_llm_at(n)->name;
    if (row == NULL)
        return model_read_unknown(r, node, "model", names, n);
    *llm = *row;
    return SP_OK;
}

static enum sp_status read_bits(struct model_reader *r,
                                const struct model_yaml_node *node, int32_t *bits)
{
    struct model_word words[N_FORMATS + 1] = {{NULL, NULL}};
    const struct model_key key = {
        .name = node->key->text, .kind = MODEL_KEY_WORD, .words = words};
    const char *word = NULL;

    for (int i = 0; i < N_FORMATS; i++)
        words[i] = formats[i].word;
    if (model_key_parse(r, node, &key, &word) != SP_OK)
        return SP_EINPUT;
    for (int i = 0; i < N_FORMATS; i++)
        if (strcmp(word, formats[i].word.name) == 0)
            *bits = formats[i].bits;
    return SP_OK;
}

static enum sp_status read_weights(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    return read_bits(r, node, &((struct model_llm *)record)->weight_bits);
}

static enum sp_status read_kv_cache(struct model_reader *r,
                                    const struct model_yaml_node *node, void *record)
{
    return read_bits(r, node, &((struct model_llm *)record)->kv_bits);
}

static enum sp_status read_shape_name(struct model_reader *r,
                                      const struct model_yaml_node *node, void *record)
{
    return model_read_name(r, node, "name", &((struct model_llm *)record)->name);
}

#define AT(field) offsetof(struct model_llm, field)

static const struct model_key shape_keys[] = {
    {.name = "like", .kind = MODEL_KEY_NOTE, .help = "a model of the library"},
    {.name = "name",
     .kind = MODEL_KEY_READ,
     .read = read_shape_name,
     .help = "what reports call it"},
    {.name = "layers",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(layers),
     .min = 1,
     .max = 10000,
     .help = "transformer blocks"},
    {.name = "hidden",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(hidden),
     .min = 1,
     .max = 1e6,
     .help = "width of a token between layers"},
    {.name = "heads",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(heads),
     .min = 1,
     .max = 10000,
     .help = "query heads"},
    {.name = "kv_heads",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(kv_heads),
     .min = 1,
     .max = 10000,
     .help = "key and value heads"},
    {.name = "head_dim",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(head_dim),
     .min = 1,
     .max = 10000,
     .help = "values of a head"},
    {.name = "ffn",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(ffn),
     .min = 1,
     .max = 1e7,
     .help = "width of the feed-forward block, or of one expert"},
    {.name = "gated",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(gated),
     .help = "three matrices instead of two"},
    {.name = "experts",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(experts),
     .min = 1,
     .max = 10000,
     .help = "of a layer"},
    {.name = "experts_per_token",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(experts_per_token),
     .min = 1,
     .max = 10000,
     .help = "that a token visits"},
    {.name = "shared_ffn",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(shared_ffn),
     .max = 1e7,
     .help = "width of the experts that every token visits"},
    {.name = "vocabulary",
     .kind = MODEL_KEY_COUNT64,
     .offset = AT(vocabulary),
     .min = 1,
     .max = 1e8,
     .help = "rows of the head"},
    {.name = "tied",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(tied),
     .help = "embedding and head share their weights"},
    {.name = "weights",
     .kind = MODEL_KEY_READ,
     .read = read_weights,
     .help = "their number format"},
    {.name = "kv_cache",
     .kind = MODEL_KEY_READ,
     .read = read_kv_cache,
     .help = "its number format"},
    {.name = NULL},
};

/* What a shape by hand can't do without. */
static enum sp_status check_complete(struct model_reader *r,
                                     const struct model_yaml_node *map)
{
    static const char *const required[] = {"layers", "hidden", "heads", "ffn",
                                           "vocabulary"};

    for (int i = 0; i < 5; i++)
        if (model_yaml_get(map, required[i]) == NULL)
            return model_read_fail(r, model_read_owner(map),
                                   "a model needs the key '%s', or 'like' with a model "
                                   "of the library",
                                   required[i]);
    return SP_OK;
}

static enum sp_status complete_heads(struct model_reader *r,
                                     const struct model_yaml_node *map,
                                     struct model_llm *llm)
{
    if (llm->kv_heads == 0)
        llm->kv_heads = llm->heads;
    if (llm->heads % llm->kv_heads != 0)
        return model_read_fail(r, model_read_owner(map),
                               "a model of %d heads and %d kv_heads, expected heads to "
                               "be a multiple",
                               (int)llm->heads, (int)llm->kv_heads);
    if (llm->head_dim == 0 && llm->hidden % llm->heads != 0)
        return model_read_fail(r, model_read_owner(map),
                               "a model needs the key 'head_dim': hidden, which is %d, "
                               "is no multiple of heads, %d",
                               (int)llm->hidden, (int)llm->heads);
    if (llm->head_dim == 0)
        llm->head_dim = llm->hidden / llm->heads;
    return SP_OK;
}

static enum sp_status complete_experts(struct model_reader *r,
                                       const struct model_yaml_node *map,
                                       struct model_llm *llm)
{
    if (llm->experts > 1 && llm->experts_per_token == 0)
        return model_read_fail(r, model_yaml_get(map, "experts"),
                               "experts: needs the key 'experts_per_token' with it");
    if (llm->experts_per_token == 0)
        llm->experts_per_token = 1;
    if (llm->experts_per_token > llm->experts)
        return model_read_fail(
            r, model_read_owner(map),
            "experts_per_token is %d, expected at most experts, which is %d",
            (int)llm->experts_per_token, (int)llm->experts);
    return SP_OK;
}

/* An override of a library's shape keeps its source, and is told apart by its name. */
static void name_shape(struct model_reader *r, const struct model_yaml_node *map,
                       const struct model_yaml_node *like, struct model_llm *llm)
{
    if (like == NULL) {
        llm->source = "scenario";
        llm->name = llm->name != NULL ? llm->name : "own model";
    } else if (map->n > 1) {
        llm->source = sp_arena_printf(r->arena, "%s, changed by the scenario",
                                      llm->source != NULL ? llm->source : like->text);
        if (model_yaml_get(map, "name") == NULL)
            llm->name = sp_arena_printf(r->arena, "%s, changed", like->text);
    }
}

enum sp_status model_llm_read(struct model_reader *r,
                              const struct model_yaml_node *node,
                              const struct model_llm **shape)
{
    struct model_llm *llm = sp_arena_alloc(r->arena, sizeof *llm);
    const struct model_yaml_node *like;

    *llm = (struct model_llm){
        .gated = true, .experts = 1, .weight_bits = 16, .kv_bits = 16};
    *shape = llm;
    if (node->kind != MODEL_YAML_MAP)
        return find_shape(r, node, llm);
    like = model_yaml_get(node, "like");
    if ((like != NULL && find_shape(r, like, llm) != SP_OK) ||
        model_keys_read(r, node, "a model", shape_keys, llm) != SP_OK ||
        (like == NULL && check_complete(r, node) != SP_OK) ||
        complete_heads(r, node, llm) != SP_OK ||
        complete_experts(r, node, llm) != SP_OK)
        return SP_EINPUT;
    name_shape(r, node, like, llm);
    return SP_OK;
}
