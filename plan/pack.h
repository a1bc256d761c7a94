/* The cheapest nodes on which given numbers of units have room: vector bin packing, as
 * a mixed-integer program over ways to fill a node, checked by packing first fit
 * decreasing. */
#ifndef PLAN_PACK_H
#define PLAN_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

struct plan_kind {
    struct model_amounts needs;
    uint64_t allowed_types; /* bit i: may run on node type i */
};

struct plan_packed {
    bool fits;
    double usd_per_h;
    double bound_usd_per_h; /* no nodes that hold them cost less */
    int32_t *nodes;         /* by node type */
};

/* units[i] of kinds[i]; least[t] <= nodes[t] <= most[t]. */
void plan_pack(const struct model_node_type *types, int32_t n_types,
               const int32_t *least, const int32_t *most, const struct plan_kind *kinds,
               const int32_t *units, int32_t n_kinds, struct sp_arena *arena,
               struct plan_packed *packed);

/* As many more units of each kind, in turn by `weight`, as nodes[] have room for. */
void plan_pack_fill(const struct model_node_type *types, int32_t n_types,
                    const int32_t *nodes, const struct plan_kind *kinds,
                    const double *weight, int32_t n_kinds, int32_t *units);

#endif
