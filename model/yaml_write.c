/* Trees that are made, and the text of a tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/yaml.h"

/* ---- making ---- */

const struct model_yaml_node *model_yaml_scalar(struct sp_arena *arena,
                                                const char *text)
{
    struct model_yaml_node *node = sp_arena_alloc(arena, sizeof *node);

    *node = (struct model_yaml_node){.kind = MODEL_YAML_SCALAR,
                                     .text = sp_arena_strdup(arena, text)};
    return node;
}

const struct model_yaml_node *model_yaml_empty_map(void)
{
    static const struct model_yaml_node empty = {.kind = MODEL_YAML_MAP, .text = ""};

    return &empty;
}

static int32_t find(const struct model_yaml_node *map, const char *key)
{
    for (int32_t i = 0; i < map->n; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return i;
    return SP_NO_ID;
}

const struct model_yaml_node *model_yaml_with(struct sp_arena *arena,
                                              const struct model_yaml_node *map,
                                              const char *key,
                                              const struct model_yaml_node *item)
{
    struct model_yaml_node *copy = sp_arena_alloc(arena, sizeof *copy);
    size_t n = (size_t)map->n;
    int32_t at = find(map, key);

    *copy = *map;
    copy->keys = sp_arena_array(arena, n + 1, sizeof *copy->keys);
    copy->items = sp_arena_array(arena, n + 1, sizeof *copy->items);
    for (size_t i = 0; i < n; i++) {
        copy->keys[i] = map->keys[i];
        copy->items[i] = map->items[i];
    }
    if (at == SP_NO_ID) {
        at = copy->n++;
        copy->keys[at] = model_yaml_scalar(arena, key);
    }
    copy->items[at] = item;
    return copy;
}

const struct model_yaml_node *model_yaml_without(struct sp_arena *arena,
                                                 const struct model_yaml_node *map,
                                                 const char *key)
{
    const char *const drop[] = {key, NULL};

    return model_yaml_merge(arena, map, model_yaml_empty_map(), drop);
}

const struct model_yaml_node *
model_yaml_list(struct sp_arena *arena, const struct model_yaml_node *const *items,
                int32_t n)
{
    struct model_yaml_node *list = sp_arena_alloc(arena, sizeof *list);

    *list = (struct model_yaml_node){.kind = MODEL_YAML_SEQ, .text = "", .n = n};
    list->items = sp_arena_array(arena, (size_t)n + 1, sizeof *list->items);
    for (int32_t i = 0; i < n; i++)
        list->items[i] = items[i];
    return list;
}

/* ---- scalars ---- */

static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Nothing that YAML gives a meaning, wherever it stands. */
static bool is_plain(const char *text)
{
    size_t n = strlen(text);

    if (n == 0 || !is_word_start(text[0]) || text[n - 1] == ' ')
        return false;
    for (size_t i = 1; i < n; i++)
        if (!is_word_start(text[i]) && strchr("_./%+- ", text[i]) == NULL)
            return false;
    return true;
}

static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c < ' ' || c == 0x7f)
            fprintf(out, "\\x%02X", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void put_scalar(FILE *out, const char *text)
{
    if (is_plain(text))
        fputs(text, out);
    else
        put_quoted(out, text);
}

/* ---- maps and lists ---- */

enum { LINE_MOST = 90, STEP = 2, DEEP = 4 };

static void put_flow(FILE *out, const struct model_yaml_node *node)
{
    bool map = node->kind == MODEL_YAML_MAP;

    if (node->kind == MODEL_YAML_SCALAR) {
        put_scalar(out, node->text);
        return;
    }
    if (node->n == 0) {
        fputs(map ? "{}" : "[]", out);
        return;
    }
    fputs(map ? "{ " : "[", out);
    for (int32_t i = 0; i < node->n; i++) {
        if (i > 0)
            fputs(", ", out);
        if (map) {
            put_scalar(out, node->keys[i]->text);
            fputs(": ", out);
        }
        put_flow(out, node->items[i]);
    }
    fputs(map ? " }" : "]", out);
}

/* Bytes of it on one line. */
static size_t flow_size(const struct model_yaml_node *node)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    sp_assert(out != NULL);
    put_flow(out, node);
    sp_assert(fclose(out) == 0);
    free(text);
    return size;
}

static bool holds_only_scalars(const struct model_yaml_node *node)
{
    for (int32_t i = 0; i < node->n; i++)
        if (node->items[i]->kind != MODEL_YAML_SCALAR)
            return false;
    return true;
}

static bool on_one_line(const struct model_yaml_node *node, int indent, size_t key)
{
    if (node->kind == MODEL_YAML_SCALAR || node->n == 0)
        return true;
    return (indent >= DEEP || holds_only_scalars(node)) &&
           (size_t)indent + key + flow_size(node) <= LINE_MOST;
}

static void put_block(FILE *out, const struct model_yaml_node *node, int indent);

/* What stands behind "key:" or "-". */
static void put_value(FILE *out, const struct model_yaml_node *item, int indent,
                      size_t key)
{
    if (on_one_line(item, indent, key)) {
        fputc(' ', out);
        put_flow(out, item);
        fputc('\n', out);
        return;
    }
    fputc('\n', out);
    put_block(out, item, indent + STEP);
}

static void put_block(FILE *out, const struct model_yaml_node *node, int indent)
{
    for (int32_t i = 0; i < node->n; i++) {
        fprintf(out, "%*s", indent, "");
        if (node->kind == MODEL_YAML_MAP) {
            put_scalar(out, node->keys[i]->text);
            fputc(':', out);
            put_value(out, node->items[i], indent, strlen(node->keys[i]->text) + 2);
        } else {
            fputc('-', out);
            put_value(out, node->items[i], indent, STEP);
        }
    }
}

char *model_yaml_text(struct sp_arena *arena, const struct model_yaml_node *root)
{
    char *text = NULL, *own;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    sp_assert(out != NULL);
    if (root->kind == MODEL_YAML_SCALAR || root->n == 0) {
        put_flow(out, root);
        fputc('\n', out);
    } else {
        put_block(out, root, 0);
    }
    sp_assert(fclose(out) == 0);
    own = sp_arena_strdup(arena, text);
    free(text);
    return own;
}
