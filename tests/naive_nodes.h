/* The laws of docs/design.md on strategies of placement, the slow way: every search
 * looks at every node, every score is worked out from its definition. */
#ifndef TESTS_NAIVE_NODES_H
#define TESTS_NAIVE_NODES_H

#include <stdbool.h>

#include "sim/mix.h"
#include "sim/nodes.h"

struct naive_member {
    struct model_amounts needs;
    int64_t allowed_types;
};

struct naive_node {
    bool open, used;
    int32_t type, gpus;
    int64_t free_mcpu, free_memory; /* memory -1: not limited */
    int32_t free_mgpu[MODEL_GPUS_MAX];
    int32_t shares, whole[MODEL_GPUS_MAX + 1]; /* members of so many GPUs */
};

struct naive_nodes {
    const struct model_policy *policy;
    const struct sim_mix *mix; /* weights are whole */
    uint64_t seed;
    int32_t n;
    struct naive_node *nodes;
    double most_mcpu, most_mgpu;
    double weight;
};

/* Room for `max` nodes. */
struct naive_nodes naive_nodes_new(struct sp_arena *arena,
                                   const struct model_policy *policy,
                                   const struct sim_mix *mix, uint64_t seed,
                                   int32_t max);

/* An empty node with this id. */
void naive_nodes_add(struct naive_nodes *ns, int32_t id, int32_t type);

int32_t naive_nodes_find(const struct naive_nodes *ns, const struct naive_member *m,
                         uint64_t draw);

/* Takes room on a node, or gives back what `hold` says. */
struct sim_hold naive_nodes_take(struct naive_nodes *ns, int32_t id,
                                 const struct naive_member *m);
void naive_nodes_give(struct naive_nodes *ns, const struct sim_hold *hold,
                      const struct naive_member *m);

/* The fragment measure of all nodes, in thousandths of a GPU. */
double naive_nodes_fragment_mgpu(const struct naive_nodes *ns);

#endif
