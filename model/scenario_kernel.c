/* Calibrated kernels: `profiles` of a scenario, and `kernel` of a time. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/profile.h"
#include "model/scenario_parts.h"

enum { QUOTED_BYTES = 80 };
#define AMOUNT_MAX 1e15

/* "'a', 'b' and 'c'" */
static const char *names_text(struct sp_arena *arena, const char *const *names,
                              int32_t n)
{
    const char *text = "";
    char quoted[QUOTED_BYTES];

    for (int32_t i = 0; i < n; i++)
        text = sp_arena_printf(arena, "%s%s%s", text,
                               i == 0       ? ""
                               : i == n - 1 ? " and "
                                            : ", ",
                               sp_text_quote(names[i], quoted, sizeof quoted));
    return text;
}

/* ---- profiles ---- */

static enum sp_status read_profile(struct model_reader *r,
                                   const struct model_yaml_node *node, const char *name,
                                   struct model_profile_use *use)
{
    struct model_profile *profile = NULL;
    enum sp_status status = model_file_note(r, node, "profiles");

    if (status == SP_OK)
        status = model_profile_read(model_file_path(r, node->text), r->arena, &profile,
                                    r->err);
    if (status == SP_OK)
        *use = (struct model_profile_use){.name = name, .profile = profile};
    return status;
}

enum sp_status model_profiles_note(struct model_reader *r,
                                   const struct model_yaml_node *node, void *scenario)
{
    struct model_scenario *s = scenario;
    const bool one = node->kind == MODEL_YAML_SCALAR;
    enum sp_status status = SP_OK;

    if (!one && model_read_kind(r, node, MODEL_YAML_MAP, "profiles") != SP_OK)
        return SP_EINPUT;
    if (!one && node->n == 0)
        return model_read_fail(r, model_read_owner(node),
                               "profiles: found none, expected a name and its file");
    s->profiles =
        sp_arena_array(r->arena, one ? 1 : (size_t)node->n, sizeof *s->profiles);
    s->n_profiles = one ? 1 : node->n;
    if (one)
        return read_profile(r, node, "profile", &s->profiles[0]);
    for (int32_t i = 0; i < node->n && status == SP_OK; i++) {
        const char *name = NULL;

        status = model_read_name(r, node->keys[i], "profile", &name);
        if (status == SP_OK)
            status = read_profile(r, node->items[i], name, &s->profiles[i]);
    }
    return status;
}

/* ---- which kernel ---- */

enum sp_status model_profile_named(struct model_reader *r,
                                   const struct model_yaml_node *owner,
                                   const struct model_yaml_node *node,
                                   const struct model_profile_use **found)
{
    const struct model_scenario *s = r->scenario;
    const char **names =
        sp_arena_array(r->arena, (size_t)s->n_profiles + 1, sizeof *names);
    int32_t id = 0;

    if (s->n_profiles == 0)
        return model_read_fail(r, owner,
                               "'%s' needs the scenario's key 'profiles': a file that "
                               "stageplan calibrate wrote",
                               owner->text);
    for (int32_t i = 0; i < s->n_profiles; i++)
        names[i] = s->profiles[i].name;
    if (node == NULL && s->n_profiles > 1)
        return model_read_fail(r, owner,
                               "the scenario has %d profiles, expected the key "
                               "'profile', too: %s",
                               (int)s->n_profiles,
                               names_text(r->arena, names, s->n_profiles));
    if (node != NULL) {
        if (model_read_kind(r, node, MODEL_YAML_SCALAR, "profile") != SP_OK)
            return SP_EINPUT;
        id = model_read_find(node->text, names, s->n_profiles);
        if (id == SP_NO_ID)
            return model_read_unknown(r, node, "profile", names, s->n_profiles);
    }
    *found = &s->profiles[id];
    return SP_OK;
}

static enum sp_status find_kernel(struct model_reader *r,
                                  const struct model_yaml_node *map,
                                  struct model_kernel_use *use)
{
    const struct model_yaml_node *kernel = model_yaml_get(map, "kernel");
    const struct model_yaml_node *device = model_yaml_get(map, "device");
    const struct model_profile_use *from = NULL;
    struct sp_err found = {0};

    if (model_read_kind(r, kernel, MODEL_YAML_SCALAR, "kernel") != SP_OK ||
        (device != NULL &&
         model_read_kind(r, device, MODEL_YAML_SCALAR, "device") != SP_OK) ||
        model_profile_named(r, kernel->key, model_yaml_get(map, "profile"), &from) !=
            SP_OK)
        return SP_EINPUT;
    use->profile_name = from->name;
    use->profile = from->profile;
    if (model_profile_find(from->profile, kernel->text,
                           device != NULL ? device->text : NULL, &use->kernel,
                           &found) != SP_OK)
        return model_read_fail(r, kernel, "%s", found.text);
    return SP_OK;
}

/* ---- what it is asked for ---- */

static bool counts_bytes(const char *name)
{
    size_t n = strlen(name);

    return strcmp(name, "bytes") == 0 || strncmp(name, "bytes_", 6) == 0 ||
           (n > 6 && strcmp(name + n - 6, "_bytes") == 0);
}

/* A number as the quantity is written; false: it is none. */
static bool parse_amount(const char *name, const char *text, double *number,
                         struct sp_err *err)
{
    int64_t bytes = 0;

    if (sp_parse_number(text, 0, AMOUNT_MAX, number, err) == SP_OK)
        return true;
    if (!counts_bytes(name) || sp_parse_bytes(text, &bytes, NULL) != SP_OK)
        return false;
    *number = (double)bytes;
    return true;
}

/* Whether a text that is no number was meant as one. */
static bool looks_like_number(const char *text)
{
    return (text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '+' ||
           text[0] == '.' || text[0] == '\0';
}

static void add_size(int32_t size, double factor, struct model_item_amount *amount)
{
    if (size == MODEL_BY_BYTES)
        amount->per_byte = factor;
    else
        amount->per_size[size] = factor;
}

struct amount_keys {
    const struct model_plan *plan;
    int32_t size;
    double factor;
};

static enum sp_status read_size_name(struct model_reader *r,
                                     const struct model_yaml_node *node, void *record)
{
    struct amount_keys *keys = record;

    if (model_read_kind(r, node, MODEL_YAML_SCALAR, "size") != SP_OK)
        return SP_EINPUT;
    return model_size_find(r, node, keys->plan, &keys->size);
}

static const struct model_key amount_keys[] = {
    {.name = "size",
     .kind = MODEL_KEY_READ,
     .read = read_size_name,
     .required = true,
     .help = "a size of the items, or bytes"},
    {.name = "times",
     .kind = MODEL_KEY_NUMBER,
     .offset = offsetof(struct amount_keys, factor),
     .max = AMOUNT_MAX,
     .unless = "1",
     .help = "of it"},
    {.name = "plus", .kind = MODEL_KEY_NOTE, .help = "more of every item"},
    {.name = NULL},
};

static enum sp_status read_scaled(struct model_reader *r,
                                  const struct model_yaml_node *map, const char *name,
                                  const struct model_plan *plan,
                                  struct model_item_amount *amount)
{
    const struct model_yaml_node *plus = model_yaml_get(map, "plus");
    struct amount_keys keys = {.plan = plan};
    struct sp_err found = {0};
    char quoted[QUOTED_BYTES];

    if (model_keys_read(r, map, sp_text_quote(name, quoted, sizeof quoted), amount_keys,
                        &keys) != SP_OK)
        return SP_EINPUT;
    add_size(keys.size, keys.factor, amount);
    if (plus == NULL)
        return SP_OK;
    if (model_read_kind(r, plus, MODEL_YAML_SCALAR, "plus") != SP_OK)
        return SP_EINPUT;
    if (!parse_amount(name, plus->text, &amount->fixed, &found))
        return model_read_fail(r, plus, "plus: %s", found.text);
    return SP_OK;
}

/* `megapixels: 2`, `bytes: 600Ki`, `tokens: prompt_tokens`, or
 * `frames: { size: frames, times: 0.5, plus: 1 }`. */
static enum sp_status read_amount(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_plan *plan,
                                  struct model_item_amount *amount)
{
    const char *name = node->key->text;
    struct sp_err found = {0};
    char quoted[QUOTED_BYTES];
    int32_t size = 0;

    *amount = (struct model_item_amount){0};
    if (node->kind == MODEL_YAML_MAP)
        return read_scaled(r, node, name, plan, amount);
    sp_text_quote(name, quoted, sizeof quoted);
    if (node->kind != MODEL_YAML_SCALAR)
        return model_read_fail(r, node,
                               "%s: found a list, expected a number, a size of the "
                               "items or { size: .., times: .., plus: .. }",
                               quoted);
    if (parse_amount(name, node->text, &amount->fixed, &found))
        return SP_OK;
    if (looks_like_number(node->text))
        return model_read_fail(r, node, "%s: %s", quoted, found.text);
    if (model_size_find(r, node, plan, &size) != SP_OK)
        return SP_EINPUT;
    add_size(size, 1, amount);
    return SP_OK;
}

static const char *features_text(struct sp_arena *arena, const struct model_features *f)
{
    return names_text(arena, f->names, f->n);
}

static enum sp_status lacks_axis(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_kernel *k)
{
    char name[QUOTED_BYTES], axis[QUOTED_BYTES], item[2 * QUOTED_BYTES];
    const char *or_features = "";

    if (k->features.n > 0)
        or_features = sp_arena_printf(
            r->arena, "; or all of %s, by which single items are told apart",
            features_text(r->arena, &k->features));
    return model_read_fail(r, model_yaml_get(map, "kernel")->key,
                           "kernel %s needs the key %s: how many of them an item has "
                           "(the profile's is %s)%s",
                           sp_text_quote(k->name, name, sizeof name),
                           sp_text_quote(k->axis, axis, sizeof axis),
                           sp_text_quote(k->item, item, sizeof item), or_features);
}

/* The first feature that is there and can't be used alone, or NULL. */
static const struct model_yaml_node *odd_feature(const struct model_yaml_node *map,
                                                 const struct model_kernel *k)
{
    for (int32_t i = 0; i < k->features.n; i++) {
        const char *name = k->features.names[i];

        if (strcmp(name, k->axis) != 0 && model_yaml_get(map, name) != NULL)
            return model_yaml_get(map, name)->key;
    }
    return NULL;
}

/* All features: by them; else the axis alone. */
static enum sp_status read_amounts(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct model_plan *plan,
                                   struct model_kernel_use *use)
{
    const struct model_kernel *k = use->kernel;
    const struct model_yaml_node *axis = model_yaml_get(map, k->axis);
    const struct model_yaml_node *odd = odd_feature(map, k);
    int32_t given = 0;

    for (int32_t i = 0; i < k->features.n; i++) {
        const struct model_yaml_node *node = model_yaml_get(map, k->features.names[i]);

        if (node != NULL && read_amount(r, node, plan, &use->features[i]) != SP_OK)
            return SP_EINPUT;
        given += node != NULL;
    }
    use->by_features = given > 0 && given == k->features.n;
    if (k->axis[0] == '\0')
        use->x.fixed = 1;
    else if (axis == NULL && !use->by_features && odd == NULL)
        return lacks_axis(r, map, k);
    else if (axis != NULL && read_amount(r, axis, plan, &use->x) != SP_OK)
        return SP_EINPUT;
    if (!use->by_features && odd != NULL)
        return model_read_fail(r, odd, "the features of an item go together: %s",
                               features_text(r->arena, &k->features));
    return SP_OK;
}

/* ---- the keys of a time with a kernel ---- */

enum { OWN_KEYS = 4, KEYS_MAX = 24 };
static const struct model_key own_keys[OWN_KEYS] = {
    {.name = "profile", .kind = MODEL_KEY_NOTE, .help = "which, of several"},
    {.name = "device", .kind = MODEL_KEY_NOTE, .help = "on which it was measured"},
    {.name = "times", .kind = MODEL_KEY_NOTE, .help = "calls an item"},
    {.name = "contention", .kind = MODEL_KEY_NOTE, .help = "by CPUs at work"},
};

static enum sp_status add_key(struct model_reader *r, const struct model_yaml_node *map,
                              const char *name, struct model_key *keys, int32_t *n)
{
    char quoted[QUOTED_BYTES];

    for (int32_t i = 0; i < *n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return model_read_fail(r, model_yaml_get(map, "kernel"),
                                   "kernel: it is measured over %s, which is another "
                                   "key of time",
                                   sp_text_quote(name, quoted, sizeof quoted));
    keys[(*n)++] = (struct model_key){.name = name, .kind = MODEL_KEY_NOTE};
    return SP_OK;
}

/* `others`, our own, and what the kernel is measured over. */
static enum sp_status collect_keys(struct model_reader *r,
                                   const struct model_yaml_node *map,
                                   const struct model_key *others,
                                   const struct model_kernel *k, struct model_key *keys)
{
    int32_t n = 0;

    for (; others->name != NULL; others++)
        keys[n++] = *others;
    for (int32_t i = 0; i < OWN_KEYS; i++)
        if (add_key(r, map, own_keys[i].name, keys, &n) != SP_OK)
            return SP_EINPUT;
    if (k->axis[0] != '\0' && add_key(r, map, k->axis, keys, &n) != SP_OK)
        return SP_EINPUT;
    for (int32_t i = 0; i < k->features.n; i++)
        if (strcmp(k->features.names[i], k->axis) != 0 &&
            add_key(r, map, k->features.names[i], keys, &n) != SP_OK)
            return SP_EINPUT;
    sp_assert(n < KEYS_MAX);
    keys[n] = (struct model_key){.name = NULL};
    return SP_OK;
}

static enum sp_status read_settings(struct model_reader *r,
                                    const struct model_yaml_node *map,
                                    struct model_kernel_use *use)
{
    const struct model_key times_key = {
        .name = "times", .kind = MODEL_KEY_NUMBER, .min = 1e-9, .max = 1e9};
    const struct model_key contention_key = {.name = "contention",
                                             .kind = MODEL_KEY_BOOL};
    const struct model_yaml_node *times = model_yaml_get(map, "times");
    const struct model_yaml_node *contention = model_yaml_get(map, "contention");
    const struct model_kernel *k = use->kernel;
    const bool has_curve = k->scaling.kind != MODEL_SCALING_NONE;

    use->times = 1;
    use->contention = has_curve && !use->profile->devices[k->device_id].is_gpu;
    if (times != NULL && model_key_parse(r, times, &times_key, &use->times) != SP_OK)
        return SP_EINPUT;
    if (contention != NULL &&
        model_key_parse(r, contention, &contention_key, &use->contention) != SP_OK)
        return SP_EINPUT;
    if (use->contention && !has_curve)
        return model_read_fail(r, contention,
                               "contention: the kernel was measured on one core "
                               "alone, expected false");
    return SP_OK;
}

enum sp_status model_kernel_read(struct model_reader *r,
                                 const struct model_yaml_node *map,
                                 const struct model_plan *plan,
                                 const struct model_key *others, void *record,
                                 struct model_time *time)
{
    struct model_kernel_use *use = sp_arena_alloc(r->arena, sizeof *use);
    struct model_kernel_note *note = sp_arena_alloc(r->arena, sizeof *note);
    struct model_key keys[KEYS_MAX];

    *use = (struct model_kernel_use){0};
    if (find_kernel(r, map, use) != SP_OK ||
        collect_keys(r, map, others, use->kernel, keys) != SP_OK ||
        model_keys_read(r, map, "time", keys, record) != SP_OK ||
        read_amounts(r, map, plan, use) != SP_OK || read_settings(r, map, use) != SP_OK)
        return SP_EINPUT;
    *note = (struct model_kernel_note){.next = r->kernels, .use = use, .map = map};
    r->kernels = note;
    time->kernel = use;
    time->basis = use->kernel->basis;
    return SP_OK;
}
