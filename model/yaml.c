/* libfyaml's events, turned into our tree: what can't be bounded is refused on the way.
 */
#include "model/yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

struct builder {
    struct model_yaml *doc;
    struct fy_parser *parser;
    struct fy_diag *diag;
    int32_t n_nodes;
    struct sp_err *err;
};

const char *model_yaml_kind_name(enum model_yaml_kind kind)
{
    static const char *const names[] = {
        [MODEL_YAML_SCALAR] = "a plain value",
        [MODEL_YAML_MAP] = "a map",
        [MODEL_YAML_SEQ] = "a list",
    };

    return names[kind];
}

/* ---- characters ---- */

/* Bytes of the character at `p`, by its first byte; a broken one counts as 1. */
static size_t char_length(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return (size_t)(end - p) < n ? 1 : n;
}

static bool char_is_clean(const char *p, size_t n)
{
    char one[5] = "";

    if (n == 1)
        return *p >= 0x20 && *p < 0x7f;
    memcpy(one, p, n);
    return sp_text_is_clean(one);
}

/* ---- messages ---- */

enum { SHOWN_CHARS = 100 }; /* of a source line */

static const char *line_start(const struct model_yaml *doc, int32_t line)
{
    const char *p = doc->text, *end = doc->text + doc->size;

    for (; line > 1; line--) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        if (nl == NULL)
            return end;
        p = nl + 1;
    }
    return p;
}

/* Up to SHOWN_CHARS characters from p; what could do harm on a terminal as '?'. */
static void copy_shown(const char *p, const char *end, char *out)
{
    for (int i = 0; p < end && i < SHOWN_CHARS; i++) {
        size_t n = char_length(p, end);
        bool clean = char_is_clean(p, n);

        memcpy(out, clean ? p : *p == '\t' ? " " : "?", clean ? n : 1);
        out += clean ? n : 1;
        p += n;
    }
    *out = '\0';
}

/* The line around column `col` and a caret below it, each with a newline before;
 * nothing for an empty line. */
static void append_source(const struct model_yaml *doc, int32_t line, int32_t col,
                          char *out, size_t size)
{
    const char *p = line_start(doc, line), *end = p + strcspn(p, "\r\n");
    int32_t first = col > SHOWN_CHARS - 20 ? col - SHOWN_CHARS / 2 : 1;
    char shown[4 * SHOWN_CHARS + 1];

    *out = '\0';
    if (p == end)
        return;
    for (int32_t at = 1; p < end && at < first; at++)
        p += char_length(p, end);
    copy_shown(p, end, shown);
    snprintf(out, size, "\n  %s\n  %*s^", shown, (int)(col - first), "");
}

struct place {
    int32_t line, col; /* from 1 */
};

static enum sp_status fail_at(const struct model_yaml *doc, struct place at,
                              struct sp_err *err, enum sp_status status,
                              const char *message)
{
    char source[1024];

    append_source(doc, at.line, at.col, source, sizeof source);
    return sp_fail(err, status, "%s:%d:%d: %.900s%s", doc->path, at.line, at.col,
                   message, source);
}

enum sp_status model_yaml_fail(const struct model_yaml *doc,
                               const struct model_yaml_node *node, struct sp_err *err,
                               enum sp_status status, const char *fmt, ...)
{
    char message[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (node->set != NULL)
        return sp_fail(err, status, "%.200s: %s", node->set, message);
    return fail_at(doc, (struct place){node->line, node->col}, err, status, message);
}

/* Before they are YAML: every character is printable, a tab or the end of a line. */
static enum sp_status check_bytes(const struct model_yaml *doc, struct sp_err *err)
{
    const char *p = doc->text, *end = p + doc->size;
    struct place at = {1, 1};
    char message[100];

    for (size_t n; p < end; p += n, at.col++) {
        n = char_length(p, end);
        if (*p == '\n') {
            at.line++;
            at.col = 0;
        } else if (*p != '\t' && *p != '\r' && !char_is_clean(p, n)) {
            snprintf(
                message, sizeof message,
                "found byte 0x%02x, which is no printable UTF-8, expected a text file",
                (unsigned)(unsigned char)*p);
            return fail_at(doc, at, err, SP_EINPUT, message);
        }
    }
    return SP_OK;
}

/* ---- from events to nodes ---- */

/* Where an event begins; libfyaml's marks of quoted scalars and aliases lie behind the
 * quote or star. */
static struct place event_place(struct fy_event *ev)
{
    const struct fy_mark *mark = fy_event_start_mark(ev);
    enum fy_scalar_style style = FYSS_PLAIN;
    bool inside = ev->type == FYET_ALIAS;

    if (ev->type == FYET_SCALAR && ev->scalar.value != NULL)
        style = fy_token_scalar_style(ev->scalar.value);
    inside |= style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    if (mark == NULL)
        return (struct place){1, 1};
    return (struct place){mark->line + 1, mark->column + (inside ? 0 : 1)};
}

static struct place token_place(struct fy_token *token)
{
    const struct fy_mark *mark = fy_token_start_mark(token);

    if (mark == NULL)
        return (struct place){1, 1};
    return (struct place){mark->line + 1, mark->column + 1};
}

static enum sp_status build_fail(struct builder *b, struct fy_event *ev,
                                 const char *message)
{
    return fail_at(b->doc, event_place(ev), b->err, SP_EINPUT, message);
}

/* What libfyaml found wrong, at its place. */
static enum sp_status syntax_error(struct builder *b)
{
    void *iter = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(b->diag, &iter);

    if (e == NULL)
        return sp_fail(b->err, SP_EINPUT, "%s: this is not YAML", b->doc->path);
    return fail_at(
        b->doc,
        (struct place){e->line > 0 ? e->line : 1, e->column > 0 ? e->column : 1},
        b->err, SP_EINPUT, e->msg);
}

/* The next event, or NULL with *err filled. */
static struct fy_event *next_event(struct builder *b)
{
    struct fy_event *ev = fy_parser_parse(b->parser);

    if (ev == NULL)
        syntax_error(b);
    return ev;
}

/* An escape in quotes can make what the file itself may not hold. */
static bool scalar_is_clean(const char *text, size_t size)
{
    const char *p = text, *end = text + size;

    for (size_t n; p < end; p += n) {
        n = char_length(p, end);
        if (*p != '\n' && *p != '\t' && !char_is_clean(p, n))
            return false;
    }
    return true;
}

static enum sp_status fill_scalar(struct builder *b, struct fy_event *ev,
                                  struct model_yaml_node *node)
{
    enum fy_scalar_style style = FYSS_PLAIN;
    const char *text = "";
    size_t size = 0;
    char *copy;

    if (ev->scalar.value != NULL) {
        text = fy_token_get_text(ev->scalar.value, &size);
        style = fy_token_scalar_style(ev->scalar.value);
    }
    if (text == NULL)
        size = 0;
    copy = sp_arena_alloc(b->doc->arena, size + 2);
    if (size > 0)
        memcpy(copy, text, size);
    if (!scalar_is_clean(copy, size))
        return build_fail(b, ev, "found a control character, expected printable text");
    node->text = copy;
    node->quoted = style != FYSS_PLAIN;
    return SP_OK;
}

static void append(struct builder *b, struct model_yaml_node *node, int32_t *cap,
                   const struct model_yaml_node *key,
                   const struct model_yaml_node *item)
{
    struct sp_arena *arena = b->doc->arena;
    size_t n = (size_t)node->n, want;

    if (node->n == *cap) {
        *cap = *cap > 0 ? 2 * *cap : 8;
        want = (size_t)*cap;
        if (node->kind == MODEL_YAML_MAP)
            node->keys = sp_arena_grow(arena, node->keys, n, want, sizeof *node->keys);
        node->items = sp_arena_grow(arena, node->items, n, want, sizeof *node->items);
    }
    if (node->kind == MODEL_YAML_MAP)
        node->keys[node->n] = key;
    node->items[node->n++] = item;
}

static enum sp_status build(struct builder *b, struct fy_event *ev, int32_t depth,
                            const struct model_yaml_node *key,
                            struct model_yaml_node **out);

static enum sp_status check_key(struct builder *b, const struct model_yaml_node *map,
                                const struct model_yaml_node *key)
{
    char quoted[80];

    if (key->kind != MODEL_YAML_SCALAR)
        return model_yaml_fail(b->doc, key, b->err, SP_EINPUT,
                               "a key is %s, expected a name",
                               model_yaml_kind_name(key->kind));
    for (int32_t i = 0; i < map->n; i++)
        if (strcmp(map->keys[i]->text, key->text) == 0)
            return model_yaml_fail(
                b->doc, key, b->err, SP_EINPUT, "%s is there twice, first in line %d",
                sp_text_quote(key->text, quoted, sizeof quoted), map->keys[i]->line);
    if (map->n == MODEL_YAML_KEYS_MAX)
        return model_yaml_fail(b->doc, key, b->err, SP_EINPUT,
                               "more than %d keys in one map",
                               (int)MODEL_YAML_KEYS_MAX);
    return SP_OK;
}

/* The entries of a map or sequence up to its end; `ev` events are freed here. */
static enum sp_status fill_entries(struct builder *b, int32_t depth,
                                   struct model_yaml_node *node)
{
    const bool map = node->kind == MODEL_YAML_MAP;
    const enum fy_event_type end = map ? FYET_MAPPING_END : FYET_SEQUENCE_END;
    struct model_yaml_node *key = NULL, *item = NULL;
    struct fy_event *ev;
    int32_t cap = 0;

    for (;;) {
        ev = next_event(b);
        if (ev == NULL)
            return SP_EINPUT;
        if (ev->type == end)
            break;
        if (build(b, ev, depth + 1, map ? NULL : node->key, map ? &key : &item) !=
            SP_OK)
            return SP_EINPUT;
        if (map) {
            if (check_key(b, node, key) != SP_OK)
                return SP_EINPUT;
            ev = next_event(b);
            if (ev == NULL || build(b, ev, depth + 1, key, &item) != SP_OK)
                return SP_EINPUT;
        }
        append(b, node, &cap, key, item);
    }
    fy_parser_event_free(b->parser, ev);
    return SP_OK;
}

static enum sp_status check_event(struct builder *b, struct fy_event *ev, int32_t depth)
{
    struct fy_token *tag = ev->type != FYET_ALIAS ? fy_event_get_tag_token(ev) : NULL;
    char message[100];

    if (ev->type == FYET_ALIAS)
        return build_fail(b, ev,
                          "found an alias (*name), expected the value written out");
    if (tag != NULL)
        return fail_at(b->doc, token_place(tag), b->err, SP_EINPUT,
                       "found a tag (!name), expected a plain value, map or list");
    if (depth > MODEL_YAML_DEPTH_MAX) {
        snprintf(message, sizeof message, "nested more than %d deep",
                 (int)MODEL_YAML_DEPTH_MAX);
        return build_fail(b, ev, message);
    }
    if (++b->n_nodes > MODEL_YAML_NODES_MAX) {
        snprintf(message, sizeof message, "more than %d values in one file",
                 (int)MODEL_YAML_NODES_MAX);
        return build_fail(b, ev, message);
    }
    return SP_OK;
}

static struct model_yaml_node *node_new(struct builder *b, struct fy_event *ev,
                                        const struct model_yaml_node *key)
{
    struct model_yaml_node *node = sp_arena_alloc(b->doc->arena, sizeof *node);
    const struct place at = event_place(ev);

    node->kind = ev->type == FYET_MAPPING_START    ? MODEL_YAML_MAP
                 : ev->type == FYET_SEQUENCE_START ? MODEL_YAML_SEQ
                                                   : MODEL_YAML_SCALAR;
    node->text = "";
    node->key = key;
    node->line = at.line;
    node->col = at.col;
    /* An empty value has no place of its own worth showing. */
    if (key != NULL && ev->type == FYET_SCALAR && ev->scalar.value == NULL) {
        node->line = key->line;
        node->col = key->col;
    }
    return node;
}

/* The node that begins with `ev`, which is freed here. */
static enum sp_status build(struct builder *b, struct fy_event *ev, int32_t depth,
                            const struct model_yaml_node *key,
                            struct model_yaml_node **out)
{
    struct model_yaml_node *node = node_new(b, ev, key);
    enum sp_status status = check_event(b, ev, depth);

    if (status == SP_OK && node->kind == MODEL_YAML_SCALAR)
        status = fill_scalar(b, ev, node);
    fy_parser_event_free(b->parser, ev);
    if (status == SP_OK && node->kind != MODEL_YAML_SCALAR)
        status = fill_entries(b, depth, node);
    if (status == SP_OK)
        *out = node;
    return status;
}

/* The stream: one document, nothing behind it. */
static enum sp_status build_stream(struct builder *b)
{
    struct model_yaml_node *root = NULL;
    enum sp_status status = SP_OK;
    bool ended = false;

    while (status == SP_OK && !ended) {
        struct fy_event *ev = next_event(b);

        if (ev == NULL)
            return SP_EINPUT;
        ended = ev->type == FYET_STREAM_END;
        if (ev->type == FYET_DOCUMENT_START && root != NULL) {
            status =
                build_fail(b, ev, "found a second document, expected one in a file");
        } else if (ev->type != FYET_STREAM_START && ev->type != FYET_STREAM_END &&
                   ev->type != FYET_DOCUMENT_START && ev->type != FYET_DOCUMENT_END) {
            status = build(b, ev, 1, NULL, &root);
            continue;
        }
        fy_parser_event_free(b->parser, ev);
    }
    if (status == SP_OK &&
        (root == NULL || (root->kind == MODEL_YAML_SCALAR && root->text[0] == '\0')))
        return fail_at(b->doc, (struct place){1, 1}, b->err, SP_EINPUT,
                       "the file is empty, expected a map");
    b->doc->root = root;
    return status;
}

static struct fy_diag *diag_new(void)
{
    struct fy_diag_cfg cfg;
    struct fy_diag *diag;

    fy_diag_cfg_default(&cfg);
    cfg.fp = NULL;
    cfg.colorize = false;
    cfg.level = FYET_ERROR;
    diag = fy_diag_create(&cfg);
    if (diag != NULL)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

static enum sp_status parse_tree(struct model_yaml *doc, struct sp_err *err)
{
    struct builder b = {.doc = doc, .err = err};
    enum sp_status status = SP_EIO;

    b.diag = diag_new();
    b.parser = fy_parser_create(&(struct fy_parse_cfg){
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = b.diag});
    if (b.diag == NULL || b.parser == NULL ||
        fy_parser_set_string(b.parser, doc->text, doc->size) != 0)
        sp_fail(err, SP_EIO, "%s: libfyaml can't be started", doc->path);
    else
        status = build_stream(&b);
    fy_parser_destroy(b.parser);
    fy_diag_destroy(b.diag);
    return status;
}

enum sp_status model_yaml_parse(const char *path, const char *text, size_t size,
                                struct sp_arena *arena, struct model_yaml *doc,
                                struct sp_err *err)
{
    struct model_yaml d = {.arena = arena, .xxh64 = sp_hash64(text, size)};
    enum sp_status status;
    char *copy;

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    copy = sp_arena_alloc(arena, size + 1);
    if (size > 0)
        memcpy(copy, text, size);
    d.path = sp_arena_strdup(arena, path);
    d.text = copy;
    d.size = size;
    if (size == 0)
        return fail_at(&d, (struct place){1, 1}, err, SP_EINPUT,
                       "the file is empty, expected a map");
    status = check_bytes(&d, err);
    if (status == SP_OK)
        status = parse_tree(&d, err);
    if (status == SP_OK)
        *doc = d;
    return status;
}

/* At most `limit` bytes of a stream, to be given back with free(). */
static char *read_stream(FILE *f, size_t limit, size_t *size)
{
    size_t room = 64 * 1024;
    char *text = sp_xrealloc(NULL, room);

    *size = fread(text, 1, room, f);
    while (*size == room && room < limit) {
        room = 2 * room < limit ? 2 * room : limit;
        text = sp_xrealloc(text, room);
        *size += fread(text + *size, 1, room - *size, f);
    }
    return text;
}

enum sp_status model_yaml_read(const char *path, struct sp_arena *arena,
                               struct model_yaml *doc, struct sp_err *err)
{
    FILE *f = fopen(path, "rb");
    enum sp_status status;
    char *text;
    size_t size;

    if (f == NULL)
        return sp_fail(err, SP_EIO, "%s: %s", path, strerror(errno));
    errno = 0;
    text = read_stream(f, (size_t)MODEL_YAML_BYTES_MAX + 1, &size);
    if (ferror(f))
        status = sp_fail(err, SP_EIO, "%s: %s", path, strerror(errno));
    else if (size > MODEL_YAML_BYTES_MAX)
        status =
            sp_fail(err, SP_EINPUT, "%s: larger than %d MiB, expected a smaller file",
                    path, MODEL_YAML_BYTES_MAX / (1024 * 1024));
    else
        status = model_yaml_parse(path, text, size, arena, doc, err);
    fclose(f);
    free(text);
    return status;
}

const struct model_yaml_node *model_yaml_get(const struct model_yaml_node *map,
                                             const char *key)
{
    for (int32_t i = 0; map->kind == MODEL_YAML_MAP && i < map->n; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}
