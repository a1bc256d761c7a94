/* Maps of the scenario file, read through tables: one row per key, written once and
 * used for reading, checking and the names of what is not known.
 */
#ifndef MODEL_KEYS_H
#define MODEL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/scenario.h"
#include "model/words.h"
#include "model/yaml.h"

struct model_catalog;
struct model_file; /* a table or data file already read, see scenario_file.c */
struct model_kernel_note;

/* What every reading function needs. */
struct model_reader {
    struct model_yaml doc;
    struct sp_arena *arena;
    struct sp_err *err;
    struct model_scenario *scenario; /* being filled */
    const char *folder;              /* of the scenario file, "" or ending in '/' */
    struct model_file *files;        /* newest first */
    const struct model_catalog *catalogs[2]; /* the user's, the built-in; NULL: none, or
                                              * not looked at yet */
    int32_t n_teams; /* that the file has named so far; the first is "-" */
    const char **teams;
    bool has_jobs; /* some workload is of kind jobs */
    bool to_plan;  /* policies and counts of nodes may be left out */
    struct model_kernel_note *kernels; /* uses of calibrated kernels, newest first */
};

/* How a scalar is read and what it is stored as. */
enum model_key_kind {
    MODEL_KEY_READ,        /* by the row's function */
    MODEL_KEY_NOTE,        /* known, and read by the owner of the table */
    MODEL_KEY_TEXT,        /* const char *, any text */
    MODEL_KEY_WORD,        /* const char *, one of `words` */
    MODEL_KEY_COUNT32,     /* int32_t, min..max */
    MODEL_KEY_COUNT64,     /* int64_t, min..max */
    MODEL_KEY_NUMBER,      /* double, min..max */
    MODEL_KEY_FRACTION,    /* double, 0..1 */
    MODEL_KEY_MULTIPLE,    /* double, a share that may pass 1 */
    MODEL_KEY_DURATION_NS, /* int64_t; at least `min` seconds */
    MODEL_KEY_DURATION_S,  /* double; at least `min` seconds */
    MODEL_KEY_THOUSANDTHS, /* int64_t */
    MODEL_KEY_GPU,         /* int64_t of thousandths: below 1 a share, else whole */
    MODEL_KEY_BYTES,       /* int64_t */
    MODEL_KEY_BYTES_PER_S, /* double */
    MODEL_KEY_PER_S,       /* double */
    MODEL_KEY_BOOL,        /* bool */
};

struct model_key {
    const char *name; /* NULL ends a table */
    const char *also; /* another name for it, or NULL */
    enum model_key_kind kind;
    size_t offset; /* of the field in the record */
    double min, max;
    const char *unless; /* what it is without the key, as text to be read, or NULL: the
                         * record's own value stays */
    bool required;
    const struct model_word *words;
    enum sp_status (*read)(struct model_reader *r, const struct model_yaml_node *node,
                           void *record);
    const char *help;
};

/* Reads a map into `record` row by row, in the order of the table, after looking for
 * unknown keys.  `what` names the map in messages ("a stage"). */
SP_CHECKED enum sp_status model_keys_read(struct model_reader *r,
                                          const struct model_yaml_node *map,
                                          const char *what,
                                          const struct model_key *keys, void *record);

/* The value of a row's key by either of its names, or NULL. */
const struct model_yaml_node *model_keys_get(const struct model_yaml_node *map,
                                             const struct model_key *key);

/* One scalar by a row's kind, into `field`. */
SP_CHECKED enum sp_status model_key_parse(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const struct model_key *key, void *field);

/* ---- for reading functions ---- */

/* The kind of a node, or a message that says what was found. */
SP_CHECKED enum sp_status model_read_kind(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          enum model_yaml_kind kind, const char *what);

/* A name: 1 to MODEL_NAME_MAX bytes, printable. */
SP_CHECKED enum sp_status model_read_name(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const char *what, const char **name);

/* A message at `node`; SP_EINPUT. */
enum sp_status model_read_fail(struct model_reader *r,
                               const struct model_yaml_node *node, const char *fmt, ...)
    SP_PRINTF(3, 4);

/* The key a map stands under, or the map itself: where a missing key is shown. */
const struct model_yaml_node *model_read_owner(const struct model_yaml_node *node);

/* Index of `text` among `names`, or SP_NO_ID. */
int32_t model_read_find(const char *text, const char *const *names, int32_t n);

/* "unknown WHAT 'x', did you mean 'y'?" or ", expected one of a, b, c". */
enum sp_status model_read_unknown(struct model_reader *r,
                                  const struct model_yaml_node *node, const char *what,
                                  const char *const *names, int32_t n);

#endif
