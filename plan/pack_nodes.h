/* Nodes that are being filled, unit by unit, first fit.  Internal to plan/pack*.c. */
#ifndef PLAN_PACK_NODES_H
#define PLAN_PACK_NODES_H

#include "plan/pack.h"

struct plan_filled;

/* Empty nodes, nodes[t] of type t, in the order of the types. */
struct plan_filled *plan_filled_new(struct sp_arena *arena,
                                    const struct model_node_type *types,
                                    int32_t n_types, const int32_t *nodes,
                                    const struct plan_kind *kinds, int32_t n_kinds);

/* Puts one more unit on the first node with room.  Nothing is ever taken off, so a kind
 * goes on where it found room last: O(1) a unit and O(nodes) a kind in all. */
bool plan_filled_add(struct plan_filled *f, int32_t kind);

/* Those that need most first: GPUs, then memory, then CPUs, as the cluster places them;
 * false where one finds no room. */
bool plan_filled_add_all(struct plan_filled *f, const int32_t *units);

/* How many units of a kind one empty node of the type holds. */
int32_t plan_pack_alone(const struct model_node_type *type, int32_t type_id,
                        const struct plan_kind *kind);

#endif
