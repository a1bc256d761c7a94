/* The life of nodes: bought, booted, ready, idle, given back; taken back by the cloud,
 * broken and repaired.  Knows no units: its owner says when a node's last unit left.
 * The rules are docs/design.md, "Nodes" and "Losses".
 *
 * Time of boot, loss and repair is drawn from streams of their own, by node type and
 * how many it is, so that policies meet the same fate.
 *
 * Notices, losses and changes of what can be bought happen at priority 1 of their
 * instant, before the placement of what asks in it; a node that goes by itself (idle,
 * or drained) goes at priority 2.
 */
#ifndef SIM_LEASES_H
#define SIM_LEASES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/result.h"
#include "model/scenario.h"
#include "sim/event_queue.h"
#include "sim/ledger.h"
#include "sim/level.h"
#include "sim/nodes.h"

enum sim_node_life {
    SIM_NODE_GONE,
    SIM_NODE_BOOTING,
    SIM_NODE_READY,
    SIM_NODE_DRAINING, /* noticed: it takes nothing new */
    SIM_NODE_BROKEN,   /* a fixed node that is being repaired: paid for, not there */
};

enum sim_loss {
    SIM_LOSS_PREEMPTED,   /* by what goes first */
    SIM_LOSS_INTERRUPTED, /* the cloud took the node back */
    SIM_LOSS_FAILED,      /* the node broke */
    SIM_LOSS_MOVED,       /* a cheaper option can be had again */
};

struct sim_leases;
struct sim_timeline;

/* What the owner is told, in the instant in which it happens. */
struct sim_leases_client {
    void *self;
    void (*ready)(void *self, int32_t node, int64_t now_ns);
    /* The node will be gone at gone_ns; it is closed already. */
    void (*notice)(void *self, int32_t node, enum sim_loss why, int64_t gone_ns,
                   int64_t now_ns);
    /* The node is gone, or broken: its units must leave it now (their room is given
     * back as usual, then the lease ends). */
    void (*lost)(void *self, int32_t node, enum sim_loss why, int64_t now_ns);
    /* The lease ends now; its units have left.  NULL: the owner need not know. */
    void (*ends)(void *self, int32_t node, int64_t now_ns);
    /* Something can be had that could not before: a node repaired, an option available
     * again, a launch allowed again, a node of the minimum replaced, another in place
     * of one whose lease has ended. */
    void (*room)(void *self, int64_t now_ns);
};

struct sim_leases_events {
    int32_t node;   /* subject: node: booted, idle long enough, taken back, repaired */
    int32_t market; /* subject: node type: its availability changes, launches go on */
};

struct sim_leases *sim_leases_new(struct sp_arena *arena, struct sim_event_queue *queue,
                                  const struct model_policy *policy,
                                  struct sim_nodes *nodes, struct sim_ledger *ledger,
                                  const struct sim_leases_client *client,
                                  struct sim_leases_events events, uint64_t key);

/* Leases are recorded from now on: before sim_leases_start(). */
void sim_leases_record(struct sim_leases *l, struct sim_timeline *timeline);

/* The fixed nodes (of lists first, in their order) and the elastic minimum. */
void sim_leases_start(struct sim_leases *l);

/* Which type to buy for a member of `shape`, or SP_NO_ID: none can be had now, and the
 * owner is told (room) when that may have changed.
 * First no GPU node for what needs none where another type fits (as Ray's autoscaler
 * has it), then the group (whose options count as one, at the price of the first that
 * can be had) that is cheapest for the member's dominant share, then the first in the
 * fleet; within a group the first option that can be had. */
int32_t sim_leases_choose(struct sim_leases *l, int32_t shape);

/* The same as if taken[t] more nodes of each type t had been bought in this instant. */
int32_t sim_leases_choose_beside(struct sim_leases *l, int32_t shape,
                                 const int32_t *taken);

/* Buys a node of a type that sim_leases_choose() gave: it boots, and takes units at
 * once.  `reason` is counted with the type (for reports). */
int32_t sim_leases_buy(struct sim_leases *l, int32_t type, int32_t shape,
                       int64_t now_ns);

enum sim_node_life sim_leases_life(const struct sim_leases *l, int32_t node);

/* A unit was put on a node, or data that somebody waits for (`delta` 1), or it left
 * (-1): a node with none is idle.  Data may outlive its node (assumption A-loss-data);
 * the number of a node that is gone is not used again before its data is. */
void sim_leases_use(struct sim_leases *l, int32_t node, int32_t delta, int64_t now_ns);

void sim_leases_event(struct sim_leases *l, const struct sim_event *ev);

void sim_leases_close(struct sim_leases *l); /* nothing is set from now on */
void sim_leases_finish(struct sim_leases *l, int64_t now_ns); /* ends every lease */

enum sp_status sim_leases_status(const struct sim_leases *l, struct sp_err *err);
/* Whether something may still come of waiting: a node boots (one that replaces another
 * of the minimum only if a unit is on it), or somebody was refused (sim_leases_choose)
 * and an option will be had again, a launch allowed again, a node repaired.  Losses and
 * market events of which nobody can have anything do not count, so a run in which
 * nothing else moves is over. */
bool sim_leases_moving(const struct sim_leases *l);
/* Nodes that boot so, and 1 where something else may come of waiting. */
int32_t sim_leases_booting(const struct sim_leases *l);
/* Nodes that are there: ready or draining. */
int32_t sim_leases_ready(const struct sim_leases *l, int32_t type);
int32_t sim_leases_peak(const struct sim_leases *l, int32_t type);
int32_t sim_leases_peak_gpu_nodes(const struct sim_leases *l);
const struct sim_level *sim_leases_provisioned(const struct sim_leases *l, int r);
const struct sim_level *sim_leases_held(const struct sim_leases *l, int32_t type);

int64_t sim_leases_from_ns(const struct sim_leases *l, int32_t node); /* requested */
/* Booted; -1: not yet. */
int64_t sim_leases_ready_ns(const struct sim_leases *l, int32_t node);
/* Why a node was bought, in words from the arena; NULL: nobody asked for it. */
const char *sim_leases_why(const struct sim_leases *l, int32_t node,
                           struct sp_arena *arena);

/* What was bought and why, and what was lost: into the result. */
void sim_leases_result(const struct sim_leases *l, struct sp_arena *arena,
                       struct model_policy_result *p);

#endif
