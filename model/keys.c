/* Tables of keys applied to maps. */
#include "model/keys.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

enum { LISTED_BYTES = 400, QUOTED_BYTES = 80 };

/* ---- messages ---- */

enum sp_status model_read_fail(struct model_reader *r,
                               const struct model_yaml_node *node, const char *fmt, ...)
{
    char message[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    return model_yaml_fail(&r->doc, node, r->err, SP_EINPUT, "%s", message);
}

const struct model_yaml_node *model_read_owner(const struct model_yaml_node *node)
{
    return node->key != NULL ? node->key : node;
}

int32_t model_read_find(const char *text, const char *const *names, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return SP_NO_ID;
}

enum sp_status model_read_unknown(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what,
                                  const char *const *names, int32_t n)
{
    const char *nearest = sp_text_nearest(node->text, names, (size_t)n);
    char quoted[QUOTED_BYTES], name[QUOTED_BYTES], list[LISTED_BYTES] = "";
    size_t used = 0;

    sp_text_quote(node->text, quoted, sizeof quoted);
    if (nearest != NULL)
        return model_read_fail(r, node, "unknown %s %s, did you mean %s?", what, quoted,
                               sp_text_quote(nearest, name, sizeof name));
    for (int32_t i = 0; i < n && used + QUOTED_BYTES + 8 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0 ? "" : ", ",
                                 sp_text_quote(names[i], name, sizeof name));
    if (n == 0)
        return model_read_fail(r, node, "unknown %s %s, there is none", what, quoted);
    return model_read_fail(r, node, "unknown %s %s, expected %s%s", what, quoted,
                           n > 1 ? "one of " : "", list);
}

/* ---- kinds of values ---- */

enum sp_status model_read_kind(struct model_reader *r,
                               const struct model_yaml_node *node,
                               enum model_yaml_kind kind, const char *what)
{
    if (node->kind == kind)
        return SP_OK;
    if (node->kind == MODEL_YAML_SCALAR && node->text[0] == '\0' && !node->quoted)
        return model_read_fail(r, model_read_owner(node),
                               "%s: found nothing, expected %s", what,
                               model_yaml_kind_name(kind));
    return model_read_fail(r, node, "%s: found %s, expected %s", what,
                           model_yaml_kind_name(node->kind),
                           model_yaml_kind_name(kind));
}

enum sp_status model_read_name(struct model_reader *r,
                               const struct model_yaml_node *node, const char *what,
                               const char **name)
{
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, what);
    size_t size = strlen(node->text);

    if (status != SP_OK)
        return status;
    if (size == 0 || size > MODEL_NAME_MAX)
        return model_read_fail(r, node, "%s: a name of %zu bytes, expected 1 to %d",
                               what, size, (int)MODEL_NAME_MAX);
    if (!sp_text_is_clean(node->text))
        return model_read_fail(
            r, node, "%s: found a line break or tab, expected printable text", what);
    *name = node->text;
    return SP_OK;
}

static enum sp_status parse_word(const char *text, const struct model_word *words,
                                 const char **word, struct sp_err *err)
{
    const char *names[64];
    char quoted[QUOTED_BYTES], list[LISTED_BYTES] = "";
    size_t n = 0, used = 0;
    const char *nearest;

    for (; words[n].name != NULL; n++) {
        names[n] = words[n].name;
        if (strcmp(text, names[n]) == 0) {
            *word = names[n];
            return SP_OK;
        }
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     n == 0 ? "" : ", ", names[n]);
    }
    sp_text_quote(text, quoted, sizeof quoted);
    nearest = sp_text_nearest(text, names, n);
    if (nearest != NULL)
        return sp_fail(err, SP_EINPUT, "found %s, did you mean '%s'?", quoted, nearest);
    return sp_fail(err, SP_EINPUT, "found %s, expected one of %s", quoted, list);
}

static enum sp_status parse_bool(const char *text, bool *value, struct sp_err *err)
{
    char quoted[QUOTED_BYTES];

    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return sp_fail(err, SP_EINPUT, "found %s, expected true or false",
                       sp_text_quote(text, quoted, sizeof quoted));
    *value = strcmp(text, "true") == 0;
    return SP_OK;
}

static enum sp_status parse_gpu(const char *text, int64_t *mgpu, struct sp_err *err)
{
    char quoted[QUOTED_BYTES];
    int64_t found = 0;
    enum sp_status status = sp_parse_thousandths(text, &found, err);

    if (status != SP_OK)
        return status;
    if (found >= 1000 && found % 1000 != 0)
        return sp_fail(err, SP_EINPUT,
                       "found %s, a share of a GPU is below 1, from 1 GPUs are whole",
                       sp_text_quote(text, quoted, sizeof quoted));
    *mgpu = found;
    return SP_OK;
}

static enum sp_status parse_duration(const char *text, double min_s, double *s,
                                     struct sp_err *err)
{
    char quoted[QUOTED_BYTES], least[32];
    double found = 0;
    enum sp_status status = sp_parse_duration_s(text, &found, err);

    if (status != SP_OK)
        return status;
    if (found < min_s)
        return sp_fail(err, SP_EINPUT, "found %s, expected a duration of at least %s",
                       sp_text_quote(text, quoted, sizeof quoted),
                       sp_format_duration(min_s, least, sizeof least));
    *s = found;
    return SP_OK;
}

static enum sp_status parse_count32(const char *text, const struct model_key *key,
                                    int32_t *count, struct sp_err *err)
{
    int64_t wide = 0;
    enum sp_status status =
        sp_parse_count(text, (int64_t)key->min, (int64_t)key->max, &wide, err);

    if (status == SP_OK)
        *count = (int32_t)wide;
    return status;
}

static enum sp_status parse_duration_ns(const char *text, const struct model_key *key,
                                        int64_t *ns, struct sp_err *err)
{
    double s = 0;
    enum sp_status status = parse_duration(text, key->min, &s, err);

    if (status == SP_OK)
        *ns = sp_ns_from_s(s);
    return status;
}

static enum sp_status parse_scalar(const char *text, const struct model_key *key,
                                   void *field, struct sp_err *err)
{
    int64_t max = key->max >= 0x1p63 ? INT64_MAX : (int64_t)key->max;

    switch (key->kind) {
    case MODEL_KEY_TEXT:
        *(const char **)field = text;
        return SP_OK;
    case MODEL_KEY_WORD:
        return parse_word(text, key->words, field, err);
    case MODEL_KEY_COUNT32:
        return parse_count32(text, key, field, err);
    case MODEL_KEY_COUNT64:
        return sp_parse_count(text, (int64_t)key->min, max, field, err);
    case MODEL_KEY_NUMBER:
        return sp_parse_number(text, key->min, key->max, field, err);
    case MODEL_KEY_FRACTION:
        return sp_parse_fraction(text, field, err);
    case MODEL_KEY_MULTIPLE:
        return sp_parse_multiple(text, field, err);
    case MODEL_KEY_DURATION_NS:
        return parse_duration_ns(text, key, field, err);
    case MODEL_KEY_DURATION_S:
        return parse_duration(text, key->min, field, err);
    case MODEL_KEY_THOUSANDTHS:
        return sp_parse_thousandths(text, field, err);
    case MODEL_KEY_GPU:
        return parse_gpu(text, field, err);
    case MODEL_KEY_BYTES:
        return sp_parse_bytes(text, field, err);
    case MODEL_KEY_BYTES_PER_S:
        return sp_parse_bytes_per_s(text, field, err);
    case MODEL_KEY_PER_S:
        return sp_parse_per_s(text, field, err);
    case MODEL_KEY_BOOL:
        return parse_bool(text, field, err);
    case MODEL_KEY_READ:
    case MODEL_KEY_NOTE:
        break;
    }
    sp_assert(false);
    return SP_OK;
}

enum sp_status model_key_parse(struct model_reader *r,
                               const struct model_yaml_node *node,
                               const struct model_key *key, void *field)
{
    struct sp_err found = {0};
    enum sp_status status = model_read_kind(r, node, MODEL_YAML_SCALAR, key->name);

    if (status != SP_OK)
        return status;
    if (parse_scalar(node->text, key, field, &found) != SP_OK)
        return model_read_fail(r, node, "%s: %s", key->name, found.text);
    return SP_OK;
}

/* ---- maps ---- */

const struct model_yaml_node *model_keys_get(const struct model_yaml_node *map,
                                             const struct model_key *key)
{
    const struct model_yaml_node *node = model_yaml_get(map, key->name);

    return node == NULL && key->also != NULL ? model_yaml_get(map, key->also) : node;
}

static enum sp_status check_known(struct model_reader *r,
                                  const struct model_yaml_node *map, const char *what,
                                  const struct model_key *keys)
{
    const char *names[64];
    char key_of[QUOTED_BYTES];
    int32_t n = 0;

    for (; keys->name != NULL; keys++) {
        names[n++] = keys->name;
        if (keys->also == NULL)
            continue;
        names[n++] = keys->also;
        if (model_yaml_get(map, keys->name) != NULL &&
            model_yaml_get(map, keys->also) != NULL)
            return model_read_fail(r, model_yaml_get(map, keys->also)->key,
                                   "'%s' is another name for '%s', which is there too",
                                   keys->also, keys->name);
    }
    sp_assert(n < 60);
    snprintf(key_of, sizeof key_of, "key of %s", what);
    for (int32_t i = 0; i < map->n; i++)
        if (model_read_find(map->keys[i]->text, names, n) == SP_NO_ID)
            return model_read_unknown(r, map->keys[i], key_of, names, n);
    return SP_OK;
}

static enum sp_status read_row(struct model_reader *r,
                               const struct model_yaml_node *map, const char *what,
                               const struct model_key *key, void *record)
{
    const struct model_yaml_node *node = model_keys_get(map, key);
    void *field = (char *)record + key->offset;

    if (key->kind == MODEL_KEY_NOTE && !(node == NULL && key->required))
        return SP_OK;
    if (node == NULL && key->required)
        return model_read_fail(r, model_read_owner(map), "%s needs the key '%s': %s",
                               what, key->name, key->help);
    if (node == NULL && key->unless != NULL)
        sp_assert(parse_scalar(key->unless, key, field, NULL) == SP_OK);
    if (node == NULL)
        return SP_OK;
    if (key->kind == MODEL_KEY_READ)
        return key->read(r, node, record);
    return model_key_parse(r, node, key, field);
}

enum sp_status model_keys_read(struct model_reader *r,
                               const struct model_yaml_node *map, const char *what,
                               const struct model_key *keys, void *record)
{
    enum sp_status status = model_read_kind(r, map, MODEL_YAML_MAP, what);

    if (status == SP_OK)
        status = check_known(r, map, what, keys);
    for (; status == SP_OK && keys->name != NULL; keys++)
        status = read_row(r, map, what, keys, record);
    return status;
}
