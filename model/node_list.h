/* A list of nodes as a cluster's trace publishes it: nodes alike become node types.
 */
#ifndef MODEL_NODE_LIST_H
#define MODEL_NODE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/scenario.h"

struct model_listed_kind {
    struct model_amounts has; /* memory -1: the list does not say */
    const char *gpu_model;    /* as the list calls it; "" without GPUs */
    int32_t count;
};

struct model_listed_node {
    const char *name, *team; /* team "": the list names none */
    int32_t kind;
};

/* Nodes in the order of the file; kinds in the order of their first node. */
struct model_node_list {
    const char *form; /* "csv", "openb", "spot2026", "pai2020" */
    int32_t n_nodes, n_kinds;
    struct model_listed_node *nodes;
    struct model_listed_kind *kinds;
};

/* Whether a file whose text begins so (whole lines, with a newline or a NUL behind
 * them) is meant as one of the forms below. */
bool model_node_list_recognise(const char *text, size_t size);

/* Reads a list of one of the forms of docs/traces.md, "Node lists", told apart by the
 * header.  Plain, gzip or zstd.
 *   SP_EIO     it can't be read.
 *   SP_EINPUT  file:line:column, what was found, what was expected; a name that is
 * there twice; more than MODEL_NODES_MAX nodes. */
SP_CHECKED enum sp_status model_node_list_read(const char *path, struct sp_arena *arena,
                                               struct model_node_list **list,
                                               struct sp_err *err);

#endif
