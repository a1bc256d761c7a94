/* A profile's file: its head, its devices, its lists. */
#include "model/profile_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/llm.h"

enum { QUOTED_BYTES = 80 };

/* ---- devices ---- */

static enum sp_status read_device_name(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    struct model_profile_device *d = record;

    return model_read_name(r, node, "name", &d->name);
}

static enum sp_status read_device_kind(struct model_reader *r,
                                       const struct model_yaml_node *node, void *record)
{
    static const char *const kinds[] = {"cpu", "gpu", NULL};
    struct model_profile_device *d = record;
    int32_t place = 0;
    enum sp_status status = model_profile_word(r, node, "kind", kinds, &place);

    d->is_gpu = place == 1;
    return status;
}

static enum sp_status read_catalog(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_profile_device *d = record;
    struct model_gpu gpu;
    struct sp_err found = {0};
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, "catalog");

    if (status != SP_OK)
        return status;
    if (model_gpu_find(node->text, r->arena, &gpu, &found) != SP_OK)
        return model_read_fail(r, node, "catalog: %s", found.text);
    d->catalog = node->text;
    return SP_OK;
}

static enum sp_status read_device_facts(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        void *record)
{
    struct model_profile_device *d = record;

    return model_profile_facts(r, node, "facts", &d->n_facts, &d->facts);
}

#define AT(field) offsetof(struct model_profile_device, field)
static const struct model_key device_keys[] = {
    {.name = "name",
     .kind = MODEL_KEY_READ,
     .read = read_device_name,
     .required = true,
     .help = "how kernels name it"},
    {.name = "kind",
     .kind = MODEL_KEY_READ,
     .read = read_device_kind,
     .required = true,
     .help = "cpu or gpu"},
    {.name = "model",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(model),
     .unless = "",
     .help = "as the hardware calls itself"},
    {.name = "catalog",
     .kind = MODEL_KEY_READ,
     .read = read_catalog,
     .help = "its row of the GPU datasheets"},
    {.name = "cores",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(cores),
     .min = 0,
     .max = 1e6,
     .unless = "0",
     .help = "of a CPU, that may be used"},
    {.name = "facts",
     .kind = MODEL_KEY_READ,
     .read = read_device_facts,
     .help = "identity, as text"},
    {.name = NULL},
};
#undef AT

static enum sp_status read_device(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  struct model_profile *p)
{
    struct model_profile_device *d = &p->devices[p->n_devices];
    enum sp_status status = model_profile_element(r, node, "a device", device_keys, d);
    char quoted[QUOTED_BYTES];

    if (status != SP_OK)
        return status;
    if (!d->is_gpu && d->cores == 0)
        return model_read_fail(r, node, "a device of kind cpu needs the key 'cores'");
    if (!d->is_gpu && d->catalog != NULL)
        return model_read_fail(r, model_yaml_get(node, "catalog"),
                               "catalog: a row of the GPU datasheets, and the device "
                               "is of kind cpu");
    for (int32_t i = 0; i < p->n_devices; i++)
        if (strcmp(p->devices[i].name, d->name) == 0)
            return model_read_fail(r, model_yaml_get(node, "name"),
                                   "device %s is there twice",
                                   sp_text_quote(d->name, quoted, sizeof quoted));
    p->n_devices++;
    return SP_OK;
}

static enum sp_status read_devices(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;
    enum sp_status status =
        model_profile_list(r, node, "devices", 1, MODEL_PROFILE_DEVICES_MAX);

    if (status != SP_OK)
        return status;
    p->devices = sp_arena_array(r->arena, (size_t)node->n, sizeof *p->devices);
    for (int32_t i = 0; status == SP_OK && i < node->n; i++)
        status = read_device(r, node->items[i], p);
    return status;
}

/* ---- kernels and the rest ---- */

static enum sp_status refuse_twin(struct model_reader *r,
                                  const struct model_yaml_node *node,
                                  const struct model_profile *p,
                                  const struct model_kernel *k)
{
    char quoted[QUOTED_BYTES], on[QUOTED_BYTES];

    for (int32_t i = 0; i < p->n_kernels; i++)
        if (p->kernels[i].device_id == k->device_id &&
            strcmp(p->kernels[i].name, k->name) == 0)
            return model_read_fail(r, model_yaml_get(node, "name"),
                                   "kernel %s of device %s is there twice",
                                   sp_text_quote(k->name, quoted, sizeof quoted),
                                   sp_text_quote(k->device, on, sizeof on));
    return SP_OK;
}

static enum sp_status read_kernels(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;
    enum sp_status status =
        model_profile_list(r, node, "kernels", 0, MODEL_PROFILE_KERNELS_MAX);

    if (status != SP_OK)
        return status;
    p->kernels = sp_arena_array(r->arena, (size_t)node->n, sizeof *p->kernels);
    for (int32_t i = 0; status == SP_OK && i < node->n; i++) {
        struct model_kernel *k = &p->kernels[i];

        status = model_profile_read_kernel(r, node->items[i], p, k);
        if (status == SP_OK)
            status = refuse_twin(r, node->items[i], p, k);
        p->n_kernels = i + 1;
    }
    return status;
}

static enum sp_status read_notes(struct model_reader *r,
                                 const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;
    enum sp_status status =
        model_profile_list(r, node, "notes", 0, MODEL_PROFILE_NOTES_MAX);

    if (status != SP_OK)
        return status;
    p->notes = sp_arena_array(r->arena, (size_t)node->n, sizeof *p->notes);
    for (int32_t i = 0; status == SP_OK && i < node->n; i++) {
        status = model_read_kind(r, node->items[i], MODEL_YAML_SCALAR, "a note");
        p->notes[i] = node->items[i]->text;
    }
    p->n_notes = node->n;
    return status;
}

static enum sp_status read_machine(struct model_reader *r,
                                   const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;

    return model_profile_facts(r, node, "machine", &p->n_facts, &p->facts);
}

static enum sp_status read_mode(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;
    int32_t place = 0;
    enum sp_status status =
        model_profile_word(r, node, "mode", model_profile_modes, &place);

    if (status == SP_OK)
        p->mode = model_profile_modes[place];
    return status;
}

/* All of 64 bits. */
static enum sp_status read_seed(struct model_reader *r,
                                const struct model_yaml_node *node, void *record)
{
    struct model_profile *p = record;
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, "seed");
    size_t digits = strspn(node->text, "0123456789");
    char quoted[QUOTED_BYTES];
    unsigned long long seed;

    if (status != SP_OK)
        return status;
    errno = 0;
    seed = strtoull(node->text, NULL, 10);
    if (digits == 0 || node->text[digits] != '\0' || errno != 0)
        return model_read_fail(r, node,
                               "seed: found %s, expected a whole number from 0 to %llu",
                               sp_text_quote(node->text, quoted, sizeof quoted),
                               (unsigned long long)UINT64_MAX);
    p->seed = seed;
    return SP_OK;
}

#define AT(field) offsetof(struct model_profile, field)
static const struct model_key profile_keys[] = {
    {.name = MODEL_PROFILE_KEY, .kind = MODEL_KEY_NOTE, .help = "version"},
    {.name = "created",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(created),
     .unless = "",
     .help = "when, ISO 8601, UTC"},
    {.name = "tool",
     .kind = MODEL_KEY_TEXT,
     .offset = AT(tool),
     .unless = "",
     .help = "by what"},
    {.name = "mode",
     .kind = MODEL_KEY_READ,
     .read = read_mode,
     .required = true,
     .help = "full, quick or import"},
    {.name = "campaigns",
     .kind = MODEL_KEY_COUNT32,
     .offset = AT(campaigns),
     .min = 0,
     .max = 1e6,
     .unless = "1",
     .help = "how many, apart in time"},
    {.name = "seed",
     .kind = MODEL_KEY_READ,
     .read = read_seed,
     .help = "of the inputs"},
    {.name = "machine",
     .kind = MODEL_KEY_READ,
     .read = read_machine,
     .help = "facts, as text"},
    {.name = "devices",
     .kind = MODEL_KEY_READ,
     .read = read_devices,
     .required = true,
     .help = "what kernels ran on"},
    {.name = "kernels",
     .kind = MODEL_KEY_READ,
     .read = read_kernels,
     .required = true,
     .help = "what was measured"},
    {.name = "notes",
     .kind = MODEL_KEY_READ,
     .read = read_notes,
     .help = "what went wrong"},
    {.name = MODEL_PROFILE_LAST_KEY, .kind = MODEL_KEY_NOTE, .help = "true"},
    {.name = NULL},
};
#undef AT

/* ---- the whole ---- */

static enum sp_status check_version(struct model_reader *r)
{
    const struct model_yaml_node *root = r->doc.root, *node;
    int32_t version = 0;
    const struct model_key key = {
        .name = MODEL_PROFILE_KEY, .kind = MODEL_KEY_COUNT32, .min = 1, .max = 1e9};
    enum sp_status status;

    if (root->kind != MODEL_YAML_MAP)
        return model_read_fail(r, root,
                               "found %s, expected a profile: a map with the "
                               "key '%s'",
                               model_yaml_kind_name(root->kind), key.name);
    node = model_yaml_get(root, key.name);
    if (node == NULL)
        return model_read_fail(r, root, "this is no profile: it has no key '%s'",
                               key.name);
    status = model_key_parse(r, node, &key, &version);
    if (status == SP_OK && version > MODEL_PROFILE_VERSION)
        return model_read_fail(r, node,
                               "a profile of version %d, expected one of at most %d: "
                               "it was written by a newer stageplan",
                               version, (int)MODEL_PROFILE_VERSION);
    return status;
}

static const struct model_yaml_node *last_node(const struct model_yaml_node *node)
{
    while (node->n > 0)
        node = node->items[node->n - 1];
    return node;
}

/* The last line of what is written: without it the end is missing. */
static enum sp_status check_complete(struct model_reader *r)
{
    const struct model_yaml_node *root = r->doc.root;
    const struct model_yaml_node *node = model_yaml_get(root, MODEL_PROFILE_LAST_KEY);

    if (node == NULL)
        return model_read_fail(r, last_node(root),
                               "the file ends here, cut short: expected '%s: true' as "
                               "its last line",
                               MODEL_PROFILE_LAST_KEY);
    if (node->kind != MODEL_YAML_SCALAR || strcmp(node->text, "true") != 0)
        return model_read_fail(r, node, "%s: expected true", MODEL_PROFILE_LAST_KEY);
    return SP_OK;
}

static enum sp_status check_texts(struct model_reader *r,
                                  const struct model_yaml_node *node)
{
    enum sp_status status = SP_OK;

    if (node->kind == MODEL_YAML_SCALAR && strlen(node->text) > MODEL_PROFILE_TEXT_MAX)
        return model_read_fail(r, node, "a text of %zu bytes, expected at most %d",
                               strlen(node->text), (int)MODEL_PROFILE_TEXT_MAX);
    for (int32_t i = 0; status == SP_OK && i < node->n; i++)
        status = check_texts(r, node->items[i]);
    return status;
}

enum sp_status model_profile_read(const char *path, struct sp_arena *arena,
                                  struct model_profile **profile, struct sp_err *err)
{
    struct model_reader r = {.arena = arena, .err = err, .folder = ""};
    struct model_profile *p = sp_arena_alloc(arena, sizeof *p);
    enum sp_status status = model_yaml_read(path, arena, &r.doc, err);

    if (status == SP_OK)
        status = check_version(&r);
    if (status == SP_OK)
        status = check_complete(&r);
    if (status == SP_OK)
        status = check_texts(&r, r.doc.root);
    if (status == SP_OK)
        status = model_keys_read(&r, r.doc.root, "a profile", profile_keys, p);
    if (status != SP_OK)
        return status;
    p->path = sp_arena_strdup(arena, path);
    p->xxh64 = r.doc.xxh64;
    *profile = p;
    return SP_OK;
}
