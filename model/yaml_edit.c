/* Trees that differ from the file: values from the command line, maps laid over maps.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "model/yaml.h"

/* ---- overrides ---- */

struct edit {
    struct model_yaml *doc;
    const char *shown; /* "--set path=value" */
    const char *value;
    struct sp_err *err;
};

/* Whether `key` is the first part of `path`; keys may hold dots themselves. */
static bool is_first_part(const char *path, const char *key)
{
    size_t n = strlen(key);

    return n > 0 && strncmp(path, key, n) == 0 && (path[n] == '.' || path[n] == '\0');
}

/* The entry that `path` goes through: the longest key that fits; SP_NO_ID for none. */
static int32_t find_entry(const struct model_yaml_node *node, const char *path)
{
    int32_t found = SP_NO_ID;
    char number[16];

    for (int32_t i = 0; i < node->n; i++) {
        const char *key = number;

        if (node->kind == MODEL_YAML_MAP)
            key = node->keys[i]->text;
        else
            snprintf(number, sizeof number, "%d", (int)i);
        if (is_first_part(path, key) &&
            (found == SP_NO_ID || node->kind != MODEL_YAML_MAP ||
             strlen(key) > strlen(node->keys[found]->text)))
            found = i;
    }
    return found;
}

bool model_yaml_has_path(const struct model_yaml_node *node, const char *path)
{
    return find_entry(node, path) != SP_NO_ID;
}

static size_t part_length(const struct model_yaml_node *node, int32_t entry)
{
    char number[16];

    if (node->kind == MODEL_YAML_MAP)
        return strlen(node->keys[entry]->text);
    return (size_t)snprintf(number, sizeof number, "%d", (int)entry);
}

const struct model_yaml_node *model_yaml_at(const struct model_yaml_node *node,
                                            const char *path)
{
    int32_t at = find_entry(node, path);
    size_t n;

    if (at == SP_NO_ID)
        return NULL;
    n = part_length(node, at);
    return path[n] == '.' ? model_yaml_at(node->items[at], path + n + 1)
                          : node->items[at];
}

static enum sp_status unknown_part(const struct edit *e,
                                   const struct model_yaml_node *node, const char *rest)
{
    const char *names[MODEL_YAML_KEYS_MAX + 1], *nearest = NULL;
    char *part = sp_arena_strdup(e->doc->arena, rest), quoted[80], near[80];

    part[strcspn(part, ".")] = '\0';
    sp_text_quote(part, quoted, sizeof quoted);
    if (node->kind != MODEL_YAML_MAP)
        return sp_fail(e->err, SP_EINPUT, "%s: nothing is below %s at %s", e->shown,
                       model_yaml_kind_name(node->kind), quoted);
    for (int32_t i = 0; i < node->n; i++)
        names[i] = node->keys[i]->text;
    nearest = sp_text_nearest(part, names, (size_t)node->n);
    if (nearest != NULL)
        return sp_fail(e->err, SP_EINPUT, "%s: there is no %s, did you mean %s?",
                       e->shown, quoted, sp_text_quote(nearest, near, sizeof near));
    return sp_fail(e->err, SP_EINPUT, "%s: there is no %s", e->shown, quoted);
}

static struct model_yaml_node *scalar_new(const struct edit *e, const char *text)
{
    struct model_yaml_node *node = sp_arena_alloc(e->doc->arena, sizeof *node);

    *node = (struct model_yaml_node){.kind = MODEL_YAML_SCALAR,
                                     .text = sp_arena_strdup(e->doc->arena, text),
                                     .set = e->shown};
    return node;
}

/* A copy of `node` whose entry `at` (node->n: a new one) is `item` under `key`. */
static const struct model_yaml_node *
with_entry(const struct edit *e, const struct model_yaml_node *node, int32_t at,
           const struct model_yaml_node *key, const struct model_yaml_node *item)
{
    struct sp_arena *arena = e->doc->arena;
    struct model_yaml_node *copy = sp_arena_alloc(arena, sizeof *copy);
    size_t n = (size_t)node->n, want = at == node->n ? n + 1 : n;

    *copy = *node;
    copy->n = (int32_t)want;
    copy->items = sp_arena_grow(arena, NULL, 0, want, sizeof *copy->items);
    for (size_t i = 0; i < n; i++)
        copy->items[i] = node->items[i];
    copy->items[at] = item;
    if (node->kind == MODEL_YAML_MAP) {
        copy->keys = sp_arena_grow(arena, NULL, 0, want, sizeof *copy->keys);
        for (size_t i = 0; i < n; i++)
            copy->keys[i] = node->keys[i];
        copy->keys[at] = key;
    }
    return copy;
}

static const struct model_yaml_node *
edited(const struct edit *e, const struct model_yaml_node *node, const char *path);

/* A new key at the end of the path, or NULL with *err filled. */
static const struct model_yaml_node *
added(const struct edit *e, const struct model_yaml_node *map, const char *path)
{
    struct model_yaml_node *key, *item;

    if (map->kind != MODEL_YAML_MAP || strchr(path, '.') != NULL || *path == '\0') {
        unknown_part(e, map, path);
        return NULL;
    }
    if (map->n == MODEL_YAML_KEYS_MAX) {
        sp_fail(e->err, SP_EINPUT, "%s: more than %d keys in one map", e->shown,
                (int)MODEL_YAML_KEYS_MAX);
        return NULL;
    }
    key = scalar_new(e, path);
    item = scalar_new(e, e->value);
    item->key = key;
    return with_entry(e, map, map->n, key, item);
}

/* `node` with the value at `path` below it, or NULL with *err filled. */
static const struct model_yaml_node *
edited(const struct edit *e, const struct model_yaml_node *node, const char *path)
{
    int32_t at = find_entry(node, path);
    const struct model_yaml_node *key, *item;
    struct model_yaml_node *scalar;
    size_t n;

    if (at == SP_NO_ID)
        return added(e, node, path);
    key = node->kind == MODEL_YAML_MAP ? node->keys[at] : NULL;
    item = node->items[at];
    n = part_length(node, at);
    if (path[n] == '.') {
        item = edited(e, item, path + n + 1);
        return item == NULL ? NULL : with_entry(e, node, at, key, item);
    }
    if (item->kind != MODEL_YAML_SCALAR) {
        sp_fail(e->err, SP_EINPUT,
                "%s: %s stands there, expected the path of a plain value", e->shown,
                model_yaml_kind_name(item->kind));
        return NULL;
    }
    scalar = scalar_new(e, e->value);
    scalar->key = item->key;
    return with_entry(e, node, at, key, scalar);
}

/* `node` with the value at the end of the keys below it, or NULL with *err filled. */
static const struct model_yaml_node *put(const struct edit *e,
                                         const struct model_yaml_node *node,
                                         const char *const *keys, int32_t n)
{
    const struct model_yaml_node *item, *key;
    struct model_yaml_node *fresh;
    int32_t at = 0;

    if (n == 0 && node->kind == MODEL_YAML_SCALAR)
        return node;
    if (n == 0 || node->kind != MODEL_YAML_MAP) {
        sp_fail(e->err, SP_EINPUT, "%s: %s stands there, expected %s", e->shown,
                model_yaml_kind_name(node->kind),
                n == 0 ? "the path of a plain value" : "a map");
        return NULL;
    }
    while (at < node->n && strcmp(node->keys[at]->text, keys[0]) != 0)
        at++;
    if (at == MODEL_YAML_KEYS_MAX) {
        sp_fail(e->err, SP_EINPUT, "%s: more than %d keys in one map", e->shown,
                (int)MODEL_YAML_KEYS_MAX);
        return NULL;
    }
    key = at < node->n ? node->keys[at] : scalar_new(e, keys[0]);
    item = at < node->n ? node->items[at] : NULL;
    if (item == NULL || (n == 1 && item->kind == MODEL_YAML_SCALAR)) {
        fresh = scalar_new(e, n == 1 ? e->value : "");
        fresh->key = key;
        fresh->kind = n == 1 ? MODEL_YAML_SCALAR : MODEL_YAML_MAP;
        item = fresh;
    }
    item = put(e, item, keys + 1, n - 1);
    return item == NULL ? NULL : with_entry(e, node, at, key, item);
}

static enum sp_status begin(struct edit *e, const char *path)
{
    char quoted[80];

    if (!sp_text_is_clean(path) || !sp_text_is_clean(e->value))
        return sp_fail(e->err, SP_EINPUT,
                       "--set %s: not printable, expected path=value",
                       sp_text_quote(path, quoted, sizeof quoted));
    e->shown = sp_arena_printf(e->doc->arena, "--set %s=%s", path, e->value);
    return SP_OK;
}

enum sp_status model_yaml_put(struct model_yaml *doc, const char *const *keys,
                              int32_t n, const char *path, const char *value,
                              struct sp_err *err)
{
    struct edit e = {.doc = doc, .value = value, .err = err};
    const struct model_yaml_node *root;

    if (begin(&e, path) != SP_OK)
        return SP_EINPUT;
    root = put(&e, doc->root, keys, n);
    if (root == NULL)
        return SP_EINPUT;
    doc->root = root;
    return SP_OK;
}

enum sp_status model_yaml_set(struct model_yaml *doc, const char *path,
                              const char *value, struct sp_err *err)
{
    struct edit e = {.doc = doc, .value = value, .err = err};
    const struct model_yaml_node *root;

    if (begin(&e, path) != SP_OK)
        return SP_EINPUT;
    root = edited(&e, doc->root, path);
    if (root == NULL)
        return SP_EINPUT;
    doc->root = root;
    return SP_OK;
}

/* ---- one map over another ---- */

static bool is_dropped(const char *const *drop, const char *key)
{
    for (; drop != NULL && *drop != NULL; drop++)
        if (strcmp(*drop, key) == 0)
            return true;
    return false;
}

const struct model_yaml_node *model_yaml_merge(struct sp_arena *arena,
                                               const struct model_yaml_node *base,
                                               const struct model_yaml_node *over,
                                               const char *const *drop)
{
    struct model_yaml_node *merged = sp_arena_alloc(arena, sizeof *merged);
    size_t room;

    if (over == NULL)
        return base;
    room = (size_t)base->n + (size_t)over->n;
    *merged = *base;
    merged->n = 0;
    merged->keys = sp_arena_grow(arena, NULL, 0, room, sizeof *merged->keys);
    merged->items = sp_arena_grow(arena, NULL, 0, room, sizeof *merged->items);
    for (int32_t i = 0; i < base->n; i++) {
        const char *key = base->keys[i]->text;

        if (is_dropped(drop, key) || model_yaml_get(over, key) != NULL)
            continue;
        merged->keys[merged->n] = base->keys[i];
        merged->items[merged->n++] = base->items[i];
    }
    for (int32_t i = 0; i < over->n; i++) {
        merged->keys[merged->n] = over->keys[i];
        merged->items[merged->n++] = over->items[i];
    }
    return merged;
}
