/* A YAML file as a plain tree, each node with its place, and errors that show the
 * place.
 *
 * A document is one map, sequence or scalar in UTF-8.  Refused, with a message: aliases
 * and tags (so nothing expands), duplicate keys, keys that are not plain text, control
 * characters, several documents in a file, and whatever is over the limits below.  The
 * tree lives in the caller's arena; nodes are never changed once read, save by
 * model_yaml_set(). The only file that knows libfyaml is yaml.c.
 */
#ifndef MODEL_YAML_H
#define MODEL_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum {
    MODEL_YAML_BYTES_MAX = 16 * 1024 * 1024,
    MODEL_YAML_NODES_MAX = 200000,
    MODEL_YAML_DEPTH_MAX = 24,
    MODEL_YAML_KEYS_MAX = 1024, /* of one map */
};

enum model_yaml_kind { MODEL_YAML_SCALAR, MODEL_YAML_MAP, MODEL_YAML_SEQ };
/* "a plain value", "a map", "a list" */
const char *model_yaml_kind_name(enum model_yaml_kind kind);

struct model_yaml_node {
    enum model_yaml_kind kind;
    int32_t line, col; /* from 1; col counts characters */
    const char *text;  /* SCALAR: never NULL; otherwise "" */
    bool quoted;
    int32_t n;                            /* entries of a MAP, elements of a SEQ */
    const struct model_yaml_node **keys;  /* MAP: scalars; otherwise NULL */
    const struct model_yaml_node **items; /* values or elements */
    const struct model_yaml_node *key;    /* the key it stands under, or NULL */
    const char *set; /* "--set path=value" where it came from there, or NULL */
};

struct model_yaml {
    const char *path;
    const char *text; /* the whole file, NUL-terminated */
    size_t size;
    uint64_t xxh64; /* of the bytes as they were in the file */
    struct sp_arena *arena;
    const struct model_yaml_node *root;
};

/* Reads a file.
 *   SP_EINPUT  it is no YAML, or of a refused kind.
 *   SP_EIO     it can't be opened or read. */
SP_CHECKED enum sp_status model_yaml_read(const char *path, struct sp_arena *arena,
                                          struct model_yaml *doc, struct sp_err *err);

/* The same from memory; `path` is for messages.  `text` is copied. */
SP_CHECKED enum sp_status model_yaml_parse(const char *path, const char *text,
                                           size_t size, struct sp_arena *arena,
                                           struct model_yaml *doc, struct sp_err *err);

/* Value under `key` of a map, or NULL. */
const struct model_yaml_node *model_yaml_get(const struct model_yaml_node *map,
                                             const char *key);

/* Fills *err with "file:line:col: MESSAGE", the line and a caret below the node; for a
 * node that came from the command line with "--set path=value: MESSAGE".  Returns
 * `status`. */
enum sp_status model_yaml_fail(const struct model_yaml *doc,
                               const struct model_yaml_node *node, struct sp_err *err,
                               enum sp_status status, const char *fmt, ...)
    SP_PRINTF(5, 6);

/* Puts a scalar at `path` (keys joined by dots, list elements by number from 0):
 * replaces the scalar there or adds a key to the map above it. SP_EINPUT  no such map
 * (the nearest key is suggested), or a map or list stands there. */
SP_CHECKED enum sp_status model_yaml_set(struct model_yaml *doc, const char *path,
                                         const char *value, struct sp_err *err);

/* The same at the end of `n` keys, one or more, each below the one before; maps that
 * are not there are made.  `path` is for messages.
 *   SP_EINPUT  something else than a map stands on the way, a map or list at the end.
 */
SP_CHECKED enum sp_status model_yaml_put(struct model_yaml *doc,
                                         const char *const *keys, int32_t n,
                                         const char *path, const char *value,
                                         struct sp_err *err);

/* What stands at such a path below `node`, or NULL. */
const struct model_yaml_node *model_yaml_at(const struct model_yaml_node *node,
                                            const char *path);

/* Whether such a path goes through an entry of `node`. */
bool model_yaml_has_path(const struct model_yaml_node *node, const char *path);

/* A map with the entries of `base` whose keys `over` has not, then those of `over`;
 * places are kept.  Keys of `base` named in `drop` (NULL-ended, may be NULL) are left
 * out.  Both are maps; `over` may be NULL: then it is `base`. */
const struct model_yaml_node *model_yaml_merge(struct sp_arena *arena,
                                               const struct model_yaml_node *base,
                                               const struct model_yaml_node *over,
                                               const char *const *drop);

/* ---- trees that are made ---- */

const struct model_yaml_node *model_yaml_scalar(struct sp_arena *arena,
                                                const char *text);
const struct model_yaml_node *model_yaml_empty_map(void);

/* A map with `item` under `key`, in the place of what was there, else at the end. */
const struct model_yaml_node *model_yaml_with(struct sp_arena *arena,
                                              const struct model_yaml_node *map,
                                              const char *key,
                                              const struct model_yaml_node *item);

/* The same without it. */
const struct model_yaml_node *model_yaml_without(struct sp_arena *arena,
                                                 const struct model_yaml_node *map,
                                                 const char *key);

/* A list of `n` nodes, which is copied. */
const struct model_yaml_node *
model_yaml_list(struct sp_arena *arena, const struct model_yaml_node *const *items,
                int32_t n);

/* The tree as a document that reads back as the same tree, whatever its texts hold:
 * what is not plainly a word or a number is quoted.  Maps and lists of plain values
 * that fit stand on one line. */
char *model_yaml_text(struct sp_arena *arena, const struct model_yaml_node *root);

#endif
