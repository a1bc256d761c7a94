/* `stages`: what each of them needs, takes and emits. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/scenario_parts.h"

static const struct model_word join_words[] = {
    {"any", "each item passes by itself"},
    {"all", "wait for the copy of the item on every input"},
    {NULL, NULL},
};

static const struct model_word basis_words[] = {
    {"assumed", "the scenario states it and nothing backs it"},
    {"measured", "measured"},
    {"trace", "from a trace"},
    {"datasheet", "from a data sheet"},
    {NULL, NULL},
};

/* The record while it is read. */
struct stage_keys {
    struct model_stage stage;
    const struct model_plan *plan;
    const char *join, *basis;
    int32_t expand;
};

/* ---- keys with a grammar of their own ---- */

static enum sp_status read_time(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct stage_keys *keys = record;

    return model_time_read(r, node, keys->plan, &keys->stage.time);
}

struct output {
    double factor;
    int64_t fixed_bytes;
};

/* Bytes for one unit of size: a number, which may be a fraction, or "4Ki". */
static enum sp_status read_output_per(struct model_reader *r,
                                      const struct model_yaml_node *map,
                                      struct stage_keys *keys)
{
    const struct model_key bytes = {.name = "per", .kind = MODEL_KEY_BYTES};

    if (model_read_kind(r, map, MODEL_YAML_MAP, "per") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < map->n; i++) {
        const struct model_yaml_node *node = map->items[i];
        int64_t whole = 0;
        int32_t size = 0;
        double per = 0;

        if (model_size_find(r, map->keys[i], keys->plan, &size) != SP_OK)
            return SP_EINPUT;
        if (size == MODEL_BY_BYTES)
            return model_read_fail(
                r, map->keys[i], "per: bytes that went in scale with the key 'factor'");
        if (sp_parse_number(node->text, 0, 1e15, &per, NULL) != SP_OK) {
            if (model_key_parse(r, node, &bytes, &whole) != SP_OK)
                return SP_EINPUT;
            per = (double)whole;
        }
        keys->stage.output_per_size[size] = per;
    }
    return SP_OK;
}

static const struct model_key output_keys[] = {
    {.name = "fixed",
     .kind = MODEL_KEY_BYTES,
     .offset = offsetof(struct output, fixed_bytes),
     .help = "bytes of every item"},
    {.name = "factor",
     .kind = MODEL_KEY_NUMBER,
     .offset = offsetof(struct output, factor),
     .max = 1e6,
     .help = "of the bytes that went in"},
    {.name = "per", .kind = MODEL_KEY_NOTE, .help = "bytes per unit of size"},
    {.name = NULL},
};

static enum sp_status read_output(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    const struct model_key bytes = {.name = "output", .kind = MODEL_KEY_BYTES};
    const struct model_yaml_node *per = model_yaml_get(node, "per");
    struct stage_keys *keys = record;
    struct output output = {0};
    enum sp_status status;

    if (node->kind == MODEL_YAML_SCALAR)
        status = model_key_parse(r, node, &bytes, &output.fixed_bytes);
    else
        status = model_keys_read(r, node, "output", output_keys, &output);
    if (status == SP_OK && per != NULL)
        status = read_output_per(r, per, keys);
    keys->stage.output_bytes = (double)output.fixed_bytes;
    keys->stage.output_factor = output.factor;
    return status;
}

struct gather {
    int32_t in, out;
};

static const struct model_key gather_keys[] = {
    {.name = "in",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct gather, in),
     .min = 1,
     .max = 1e6,
     .required = true,
     .help = "items that go in"},
    {.name = "out",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct gather, out),
     .min = 1,
     .max = 1e6,
     .required = true,
     .help = "items that come out"},
    {.name = NULL},
};

static enum sp_status read_gather(struct model_reader *r,
                                  const struct model_yaml_node *node, void *record)
{
    struct stage_keys *keys = record;
    struct gather gather = {0};

    if (model_keys_read(r, node, "gather", gather_keys, &gather) != SP_OK)
        return SP_EINPUT;
    keys->stage.gather_in = gather.in;
    keys->stage.gather_out = gather.out;
    return SP_OK;
}

static const struct model_key retry_keys[] = {
    {.name = "rate",
     .kind = MODEL_KEY_FRACTION,
     .offset = offsetof(struct model_stage, fail_frac),
     .required = true,
     .help = "chance that a task fails"},
    {.name = "max",
     .kind = MODEL_KEY_COUNT32,
     .offset = offsetof(struct model_stage, retries_max),
     .max = 1000,
     .unless = "3",
     .help = "then its items are dropped"},
    {.name = "delay",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = offsetof(struct model_stage, retry_delay_ns),
     .unless = "0",
     .help = "before its items are back in the queue"},
    {.name = NULL},
};

static enum sp_status read_retries(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct stage_keys *keys = record;

    return model_keys_read(r, node, "retries", retry_keys, &keys->stage);
}

/* ---- one stage ---- */

#define AT(field) offsetof(struct stage_keys, field)

static const struct model_key stage_keys[] = {
    {.name = "from", .kind = MODEL_KEY_NOTE, .help = "the stages it takes items from"},
    {.name = "join",
     .kind = MODEL_KEY_WORD,
     .offset = AT(join),
     .words = join_words,
     .unless = "any",
     .help = "any or all"},
    {.name = "cpu",
     .also = "num_cpus",
     .kind = MODEL_KEY_THOUSANDTHS,
     .offset = AT(stage.slot_needs.mcpu),
     .help = "CPUs of a slot"},
    {.name = "gpu",
     .also = "num_gpus",
     .kind = MODEL_KEY_GPU,
     .offset = AT(stage.slot_needs.mgpu),
     .help = "GPUs of a slot"},
    {.name = "memory",
     .kind = MODEL_KEY_BYTES,
     .offset = AT(stage.slot_needs.memory_bytes),
     .help = "of a slot"},
    {.name = "time",
     .kind = MODEL_KEY_READ,
     .read = read_time,
     .required = true,
     .help = "what a task takes, such as 2s"},
    {.name = "batch",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(stage.batch),
     .min = 1,
     .max = 1e6,
     .help = "items of a full task"},
    {.name = "linger",
     .kind = MODEL_KEY_DURATION_NS,
     .offset = AT(stage.linger_ns),
     .help = "longest wait for a full batch"},
    {.name = "output", .kind = MODEL_KEY_READ, .read = read_output, .help = "bytes"},
    {.name = "expand",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(expand),
     .min = 1,
     .max = 1e6,
     .unless = "1",
     .help = "one item in, this many out"},
    {.name = "gather",
     .kind = MODEL_KEY_READ,
     .read = read_gather,
     .help = "in and out"},
    {.name = "keep",
     .kind = MODEL_KEY_FRACTION,
     .offset = AT(stage.keep_frac),
     .unless = "1",
     .help = "share of the items that pass"},
    {.name = "route", .kind = MODEL_KEY_NOTE, .help = "shares of the consumers"},
    {.name = "gang",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(stage.gang),
     .help = "in step"},
    {.name = "barrier",
     .kind = MODEL_KEY_BOOL,
     .offset = AT(stage.barrier),
     .help = "waits for all of its input"},
    {.name = "buffer",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(stage.buffer),
     .min = 1,
     .max = 2e9,
     .help = "items that may wait at its input"},
    {.name = "retries",
     .kind = MODEL_KEY_READ,
     .read = read_retries,
     .help = "failures"},
    {.name = "basis",
     .kind = MODEL_KEY_WORD,
     .offset = AT(basis),
     .words = basis_words,
     .unless = "assumed",
     .help = "where time came from"},
    {.name = NULL},
};

static enum model_basis basis_of(const char *word)
{
    enum model_basis b = MODEL_BASIS_ASSUMED;

    while (strcmp(model_basis_name(b), word) != 0)
        b++;
    return b;
}

/* Of a kernel its profile says where the times came from. */
static enum sp_status check_basis(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct stage_keys *keys)
{
    const struct model_yaml_node *basis = model_yaml_get(map, "basis");

    if (keys->stage.time.kernel == NULL)
        keys->stage.time.basis = basis_of(keys->basis);
    else if (basis != NULL)
        return model_read_fail(r, basis->key,
                               "'basis' does not go with a kernel, whose profile says "
                               "%s",
                               model_basis_name(keys->stage.time.basis));
    return SP_OK;
}

/* `expand` is `gather` of one; without `batch` a task takes what one gathering needs.
 */
static enum sp_status check_batch(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct stage_keys *keys)
{
    const struct model_yaml_node *gather = model_yaml_get(map, "gather");
    const struct model_yaml_node *expand = model_yaml_get(map, "expand");
    struct model_stage *s = &keys->stage;

    if (gather != NULL && expand != NULL)
        return model_read_fail(r, expand->key,
                               "'expand' does not go with 'gather', "
                               "expected { in: 1, out: %d } there",
                               (int)keys->expand);
    if (gather == NULL)
        s->gather_out = keys->expand;
    if (s->batch == 0)
        s->batch = s->gather_in;
    if (s->batch % s->gather_in != 0)
        return model_read_fail(
            r, model_yaml_get(map, "batch"),
            "batch: found %d, expected a multiple of gather's in, which "
            "is %d",
            (int)s->batch, (int)s->gather_in);
    if ((int64_t)s->batch / s->gather_in * s->gather_out > 100000000)
        return model_read_fail(r, model_read_owner(map),
                               "a task emits %lld items, expected at most 100000000",
                               (long long)s->batch / s->gather_in * s->gather_out);
    return SP_OK;
}

static enum sp_status read_stage(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_plan *plan,
                                 struct model_stage *stage)
{
    struct stage_keys keys = {.stage = *stage, .plan = plan};
    struct model_stage *s = &keys.stage;

    s->gather_in = s->gather_out = 1;
    s->linger_ns = -1;
    if (model_keys_read(r, map, "a stage", stage_keys, &keys) != SP_OK ||
        check_batch(r, map, &keys) != SP_OK || check_basis(r, map, &keys) != SP_OK)
        return SP_EINPUT;
    s->join = strcmp(keys.join, "all") == 0 ? MODEL_JOIN_ALL : MODEL_JOIN_ANY;
    if (s->slot_needs.mcpu == 0 && s->slot_needs.mgpu == 0)
        s->slot_needs.mcpu = 1000;
    *stage = *s;
    return SP_OK;
}

/* ---- all of them ---- */

static enum sp_status check_names(struct model_reader *r,
                                  const struct model_yaml_node *map)
{
    if (model_read_kind(r, map, MODEL_YAML_MAP, "stages") != SP_OK)
        return SP_EINPUT;
    if (map->n == 0 || map->n > MODEL_STAGES_MAX)
        return model_read_fail(r, model_read_owner(map),
                               "stages: found %d, expected 1 to %d", (int)map->n,
                               (int)MODEL_STAGES_MAX);
    for (int32_t i = 0; i < map->n; i++) {
        const char *name = NULL;

        if (model_read_name(r, map->keys[i], "stage", &name) != SP_OK ||
            model_read_kind(r, map->items[i], MODEL_YAML_MAP, "a stage") != SP_OK)
            return SP_EINPUT;
        if (strcmp(name, "source") == 0)
            return model_read_fail(r, map->keys[i],
                                   "a stage called 'source', which 'from' uses for the "
                                   "workload's source");
    }
    return SP_OK;
}

static enum sp_status check_overrides(struct model_reader *r,
                                      const struct model_yaml_node *map,
                                      const struct model_yaml_node *over)
{
    static const char *const fixed[] = {"from", "join"};
    const char *names[MODEL_STAGES_MAX];

    if (over == NULL)
        return SP_OK;
    if (model_read_kind(r, over, MODEL_YAML_MAP, "stages") != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < map->n; i++)
        names[i] = map->keys[i]->text;
    for (int32_t i = 0; i < over->n; i++) {
        if (model_read_find(over->keys[i]->text, names, map->n) == SP_NO_ID)
            return model_read_unknown(r, over->keys[i], "stage", names, map->n);
        if (model_read_kind(r, over->items[i], MODEL_YAML_MAP, "a stage") != SP_OK)
            return SP_EINPUT;
        for (int k = 0; k < 2; k++)
            if (model_yaml_get(over->items[i], fixed[k]) != NULL)
                return model_read_fail(r, model_yaml_get(over->items[i], fixed[k])->key,
                                       "a policy can't change '%s' of a stage",
                                       fixed[k]);
    }
    return SP_OK;
}

/* The stage's map with the policy's keys over it; gather there takes the place of
 * expand here, and the other way round. */
static const struct model_yaml_node *merge_stage(struct model_reader *r,
                                                 const struct model_yaml_node *base,
                                                 const struct model_yaml_node *over)
{
    static const char *const gather[] = {"gather", NULL}, *const expand[] = {"expand",
                                                                             NULL};

    if (over == NULL)
        return base;
    if (model_yaml_get(over, "gather") != NULL)
        return model_yaml_merge(r->arena, base, over, expand);
    if (model_yaml_get(over, "expand") != NULL)
        return model_yaml_merge(r->arena, base, over, gather);
    return model_yaml_merge(r->arena, base, over, NULL);
}

enum sp_status model_stages_read(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_yaml_node *over,
                                 struct model_plan *plan)
{
    const struct model_yaml_node *maps[MODEL_STAGES_MAX];
    int32_t order[MODEL_STAGES_MAX];

    if (check_names(r, map) != SP_OK || check_overrides(r, map, over) != SP_OK)
        return SP_EINPUT;
    plan->n_stages = map->n;
    plan->stages = sp_arena_array(r->arena, (size_t)map->n, sizeof *plan->stages);
    if (model_graph_read(r, map, plan->stages, order) != SP_OK)
        return SP_EINPUT;
    for (int32_t id = 0; id < map->n; id++) {
        const struct model_yaml_node *key = map->keys[order[id]];

        plan->stages[id].name = key->text;
        plan->stages[id].line = key->line;
        maps[id] = merge_stage(r, map->items[order[id]],
                               over != NULL ? model_yaml_get(over, key->text) : NULL);
        if (read_stage(r, maps[id], plan, &plan->stages[id]) != SP_OK)
            return SP_EINPUT;
    }
    return model_graph_check(r, maps, plan);
}
