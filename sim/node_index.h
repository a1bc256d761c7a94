/* Free capacity of nodes, indexed: the first node in a given order that a unit fits on,
 * in about log(nodes) steps, whatever the number of nodes.
 *
 * A treap ordered by (key, id); every subtree knows the most free CPU, memory, whole
 * GPUs and GPU share in it, and the most CPU beside 1, 2, 4 and 8 whole GPUs, so a
 * search skips subtrees in which nothing can fit.  It is exact: a node is found if and
 * only if one fits.  (A subtree may hold its maxima on different nodes, which costs
 * extra steps, never a wrong answer.)  Rows are node ids; memory 120 bytes a node.
 */
#ifndef SIM_NODE_INDEX_H
#define SIM_NODE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* What a node has free, or what a unit asks for. */
struct sim_room {
    int64_t mcpu, memory_bytes;
    int32_t whole_gpus; /* devices that nobody holds a share of */
    int32_t share_mgpu; /* most free thousandths of a single device */
};

/* Order in which nodes are tried: lower first, then the lower id. */
struct sim_node_key {
    int64_t first, second;
};

struct sim_node_index;

struct sim_node_index *sim_node_index_new(struct sp_arena *arena);

/* Adds node `id` (>= 0, not in the index), or moves it after its room or key changed.
 */
void sim_node_index_put(struct sim_node_index *ix, int32_t id, struct sim_node_key key,
                        struct sim_room room);
void sim_node_index_remove(struct sim_node_index *ix, int32_t id);

/* The first node in order with room for `need`, or SP_NO_ID. */
int32_t sim_node_index_first(struct sim_node_index *ix, const struct sim_room *need);

/* The first of id `from` or more, of an index whose keys are all equal. */
int32_t sim_node_index_first_from(struct sim_node_index *ix,
                                  const struct sim_room *need, int32_t from);

/* Whether the node is in the index, with this room. */
bool sim_node_index_says(const struct sim_node_index *ix, int32_t id,
                         const struct sim_room *room);

/* Nodes looked at by all searches so far: the cost, as a count (for the bench). */
uint64_t sim_node_index_steps(const struct sim_node_index *ix);

/* Recomputes order, heap property and maxima; aborts on a difference. */
void sim_node_index_verify(const struct sim_node_index *ix);

static inline bool sim_room_fits(const struct sim_room *has,
                                 const struct sim_room *need)
{
    return has->mcpu >= need->mcpu && has->memory_bytes >= need->memory_bytes &&
           has->whole_gpus >= need->whole_gpus && has->share_mgpu >= need->share_mgpu;
}

#endif
