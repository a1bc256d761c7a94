/* Nodes and what is free on them: taking room, giving it back, and finding the node
 * that the placement strategy puts a member on.
 *
 * A *shape* is what one member needs and on which node types it may be; shapes are
 * interned, so a strategy may keep what it worked out for one.  Nodes are open
 * (searches find them) or closed (draining, or set aside for a moment).  Knows neither
 * units nor leases.
 */
#ifndef SIM_NODES_H
#define SIM_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"
#include "sim/mix.h"
#include "sim/node_index.h"

struct sim_nodes;

/* What is free on a node: all that strategies look at. */
struct sim_node_state {
    int32_t type;
    int32_t gpus; /* devices */
    struct model_amounts has;
    int64_t free_mcpu, free_memory;      /* memory INT64_MAX where it is not limited */
    int64_t free_mgpu;                   /* sum over devices */
    int16_t device_mgpu[MODEL_GPUS_MAX]; /* free thousandths of each */
    int64_t fragment; /* sim/fragment.h, for strategies that look at it; else as it was
                       * when sim_nodes_fragment_mgpu() was asked last */
    uint64_t classes; /* bit sim_gpu_class() of every member with GPUs (sim/score.h);
                       * kept for strategies that look at it */
};

/* Where a member sits. */
struct sim_hold {
    int32_t node;
    int32_t device; /* of a share, or SP_NO_ID */
    uint64_t whole; /* devices held whole, as bits */
};

/* What is free in sum on the open nodes of a type. */
struct sim_nodes_free {
    int64_t mcpu, mgpu, memory_bytes; /* memory of the nodes where it is limited */
    int32_t nodes, unlimited;         /* nodes; of these, where memory is not limited */
};

/* `seed` is for strategies that draw, and for the order among equals.  `mix` is what
 * the fragment measure is of, or NULL: it is not kept then (0 everywhere). */
struct sim_nodes *sim_nodes_new(struct sp_arena *arena,
                                const struct model_policy *policy,
                                const struct sim_mix *mix, uint64_t seed);

/* The shape of these needs on these node types (bits): the same id for the same ones.
 * mgpu below 1000 is a share of one device. */
int32_t sim_nodes_shape(struct sim_nodes *ns, const struct model_amounts *needs,
                        int64_t allowed_types);
const struct sim_room *sim_nodes_need(const struct sim_nodes *ns, int32_t shape);

/* An empty, open node of a type (the first ones are those of the policy's lists).  Ids
 * count from 0; the id of a removed node is used again by the next one of its type, the
 * one removed last first. */
int32_t sim_nodes_add(struct sim_nodes *ns, int32_t type);
void sim_nodes_remove(struct sim_nodes *ns, int32_t node);
int32_t sim_nodes_n(const struct sim_nodes *ns); /* ids so far, removed ones too */

void sim_nodes_close(struct sim_nodes *ns, int32_t node); /* again: nothing */
void sim_nodes_open(struct sim_nodes *ns, int32_t node);  /* a closed one */
bool sim_nodes_is_open(const struct sim_nodes *ns, int32_t node);
const struct sim_nodes_free *sim_nodes_free(const struct sim_nodes *ns, int32_t type);

/* Open nodes that got room (added, opened, given back to) since they were last
 * forgotten, each once, in that order; some may be closed or removed by now.  Only
 * these can hold what fitted nowhere before.  The list is good until the next change.
 */
int32_t sim_nodes_gained(const struct sim_nodes *ns, const int32_t **nodes);
void sim_nodes_forget_gained(struct sim_nodes *ns);

/* Makes this what is free on a node, whatever is on it: for what is thought out on a
 * copy. */
void sim_nodes_set_free(struct sim_nodes *ns, int32_t node,
                        const struct sim_node_state *free);

/* While on, nothing counts as gained: for what is tried and undone. */
void sim_nodes_trial(struct sim_nodes *ns, bool on);

const struct sim_node_state *sim_nodes_state(const struct sim_nodes *ns, int32_t node);
/* The same as searches see it. */
struct sim_room sim_nodes_room(const struct sim_node_state *s);
bool sim_nodes_fits(const struct sim_nodes *ns, int32_t node, int32_t shape);

/* Whether a member may be on nodes of a type; whether it could be on an empty one. */
bool sim_nodes_type_allowed(const struct sim_nodes *ns, int32_t type, int32_t shape);
bool sim_nodes_type_holds(const struct sim_nodes *ns, int32_t type, int32_t shape);

/* The open node that the strategy puts a member of the shape on, or SP_NO_ID: none has
 * room.  `draw` names the draw of strategies that draw (the unit's number). */
int32_t sim_nodes_find(struct sim_nodes *ns, int32_t shape, uint64_t draw);

/* Takes the room of one member, on devices as the strategy chooses them; the node has
 * it. */
struct sim_hold sim_nodes_take(struct sim_nodes *ns, int32_t node, int32_t shape);
/* Takes exactly what `hold` says (it was given back for a moment). */
void sim_nodes_retake(struct sim_nodes *ns, const struct sim_hold *hold, int32_t shape);
void sim_nodes_give(struct sim_nodes *ns, const struct sim_hold *hold, int32_t shape);

/* Idle GPU that is fragment (sim/fragment.h), over all nodes; NaN without a mix. */
double sim_nodes_fragment_mgpu(struct sim_nodes *ns);

/* Steps of all searches so far: the cost of placement, as a count. */
uint64_t sim_nodes_search_steps(const struct sim_nodes *ns);

/* Recomputes what is derived from the states; aborts on a difference. */
void sim_nodes_verify(const struct sim_nodes *ns);

#endif
