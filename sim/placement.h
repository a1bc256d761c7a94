/* Placement strategies: on which of the nodes that are paid for a unit goes, and which
 * type is bought when it goes on none.  One array lists them; the scenario's
 * `placement` names one. */
#ifndef SIM_PLACEMENT_H
#define SIM_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/node_index.h"
#include "sim/score.h"

struct sim_placement {
    const char *name;
    const char *help; /* one line */
    /* One of the three. */
    /* Order in which nodes of one type are tried: lower keys first, ties by node id. */
    struct sim_node_key (*key)(int64_t free_mcpu, int64_t free_mgpu, bool wants_gpu);
    sim_score_fn *score; /* the node with the highest score */
    bool draws;          /* a node by chance */
    /* Of strategies with keys: */
    /* Nodes without GPUs come before nodes with, for units that need none. */
    bool spares_gpu_nodes;
    /* The best key over all types wins; else types are tried in the fleet's order. */
    bool across_types;
    /* Of those with scores: */
    bool wants_mix;     /* looks at the fragment measure */
    bool wants_classes; /* looks at what members are on a node */
    /* The device of a share; NULL: the fullest that has room. */
    int32_t (*device)(const struct sim_scoring *sc, const struct sim_node_state *s,
                      const struct sim_room *need);
};

extern const struct sim_placement sim_placements[];
extern const int32_t sim_n_placements;

/* The strategy called `name`, or NULL. */
const struct sim_placement *sim_placement_find(const char *name);

#endif
