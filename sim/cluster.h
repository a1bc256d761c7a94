/* The cluster: units that ask for nodes, wait for their turn, are placed, and leave or
 * lose their place.
 *
 * Workloads ask for units and are told when each may start; they never see prices or
 * other workloads.  A unit is a gang of one or more members, each on one node: all are
 * placed or none.  Who goes first, who may pass whom and who is evicted is
 * docs/design.md, "Scheduling"; the rules are tables in sim/scheduler.h, quotas are
 * sim/quota.h, what is free is sim/nodes.h, what is paid for is sim/leases.h.
 */
#ifndef SIM_CLUSTER_H
#define SIM_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/jobs.h"
#include "model/result.h"
#include "model/scenario.h"
#include "sim/event_queue.h"
#include "sim/leases.h"
#include "sim/ledger.h"
#include "sim/level.h"

struct sim_cluster;
struct sim_explain;
struct sim_timeline;

/* What the owner of units is told.  `cookie` is what it gave with the ask. */
struct sim_cluster_client {
    void *self;
    /* All nodes of the unit are ready: its start-up may begin.  `node` is that of its
     * first member. */
    void (*unit_placed)(void *self, int32_t cookie, int32_t unit, int32_t node,
                        int64_t now_ns);
    /* A node of the unit will be gone at gone_ns (INT64_MAX: when its last unit has
     * left) and takes nothing new.  The owner may release the unit earlier, and ask for
     * another one. */
    void (*unit_notice)(void *self, int32_t cookie, int32_t unit, enum sim_loss why,
                        int64_t gone_ns, int64_t now_ns);
    /* The unit is taken from its nodes now: books what it did there; on return its id
     * is free (it is not released).  It may ask again. */
    void (*unit_lost)(void *self, int32_t cookie, int32_t unit, enum sim_loss why,
                      int64_t now_ns);
};

struct sim_cluster_kind {
    int32_t workload;
    int32_t owner;              /* row of the ledger, see sim_ledger_owner_new() */
    struct model_amounts needs; /* of one member */
    int32_t members;            /* that need this; 0 counts as 1 */
    struct model_amounts rest;  /* of one member more: what is left of a total that was
                                 * split; all 0: there is none */
    enum model_gang gang;
    int64_t allowed_types;
    int32_t team, priority; /* higher goes first */
    bool preemptible;
    const struct sim_cluster_client *client;
};

/* How a unit waits. */
struct sim_ask {
    int64_t since_ns; /* when it, or the job that it runs, first asked */
    int64_t number;   /* among those of that instant, from sim_cluster_number() */
    int64_t work_ns;  /* how long it is expected to hold its place; INT64_MAX: not
                       * known */
    bool after_loss;  /* its nodes were taken back or broke */
    bool explain;     /* its story is told, see sim/explain.h */
};

/* Event kinds that the run routes to sim_cluster_event(). */
struct sim_cluster_events {
    int32_t place, node, /* placement of what asked; the life of nodes */
        market;          /* what can be bought changes */
};

/* `boot_key` seeds the boot delays. */
struct sim_cluster *
sim_cluster_new(struct sp_arena *arena, struct sim_event_queue *queue,
                const struct model_policy *policy, struct sim_ledger *ledger,
                struct sim_cluster_events events, uint64_t boot_key);

/* The kind of unit that this describes; the same id for the same one.  At any time. */
int32_t sim_cluster_kind_new(struct sim_cluster *c,
                             const struct sim_cluster_kind *kind);

/* Whether all members of such a unit could ever be there at once, on the fleet as large
 * as it may become and within its team's quota with all it may borrow; MODEL_DROP_*
 * says why not, SP_NO_ID: they could. */
int32_t sim_cluster_refuses(struct sim_cluster *c, int32_t kind);

/* Leases are recorded: before sim_cluster_start(). */
void sim_cluster_record(struct sim_cluster *c, struct sim_timeline *timeline);

/* Buys the fixed nodes and the elastic minimum. */
void sim_cluster_start(struct sim_cluster *c);

/* The next number for struct sim_ask. */
int64_t sim_cluster_number(struct sim_cluster *c);

/* Asks for one unit; it is placed later in this instant or when there is room. */
int32_t sim_cluster_ask(struct sim_cluster *c, int32_t kind, int32_t cookie,
                        int64_t now_ns);

/* The same with all that is known of it. */
int32_t sim_cluster_ask_as(struct sim_cluster *c, int32_t kind, int32_t cookie,
                           const struct sim_ask *ask, int64_t now_ns);

/* Members of a unit that is placed, and where each is: needs first, the rest last. */
int32_t sim_cluster_members(const struct sim_cluster *c, int32_t unit);
struct sim_hold sim_cluster_member(const struct sim_cluster *c, int32_t unit,
                                   int32_t member);
const struct model_amounts *sim_cluster_member_needs(const struct sim_cluster *c,
                                                     int32_t unit, int32_t member);

/* How long the unit has waited since it was asked for, by cause: they add up to now -
 * the time of the ask, exactly (or to when it was told that it may start). */
void sim_cluster_waited(const struct sim_cluster *c, int32_t unit, int64_t now_ns,
                        int64_t by_cause_ns[MODEL_CAUSES]);

/* When a placed unit is now expected to leave; INT64_MAX: not known. */
void sim_cluster_expect(struct sim_cluster *c, int32_t unit, int64_t end_ns);

/* Gives a unit back, waiting or placed. */
void sim_cluster_release(struct sim_cluster *c, int32_t unit, int64_t now_ns);

/* Data on the node that work still waits for: a pinned node is not idle.  `delta` is
 * added to its pins. */
void sim_cluster_pin(struct sim_cluster *c, int32_t node, int32_t delta,
                     int64_t now_ns);

/* Handles one of the events above. */
void sim_cluster_event(struct sim_cluster *c, const struct sim_event *ev);

/* The run is over: what is given back from now on moves nothing any more. */
void sim_cluster_close(struct sim_cluster *c);

/* Ends every lease; after sim_cluster_close(). */
void sim_cluster_finish(struct sim_cluster *c, int64_t now_ns);

/* SP_EINPUT once a node without a price was needed: the run must stop. */
enum sp_status sim_cluster_status(const struct sim_cluster *c, struct sp_err *err);

bool sim_cluster_moving(
    const struct sim_cluster *c); /* placement or boots are pending */
int32_t sim_cluster_booting(const struct sim_cluster *c); /* nodes on their way */
int32_t sim_cluster_waiting(const struct sim_cluster *c, int32_t kind); /* units */
/* Nodes of a type that are ready. */
int32_t sim_cluster_ready(const struct sim_cluster *c, int32_t type);
int32_t sim_cluster_node_type(const struct sim_cluster *c, int32_t node);
int32_t sim_cluster_peak(const struct sim_cluster *c, int32_t type);
int32_t sim_cluster_peak_gpu_nodes(const struct sim_cluster *c);

/* Provisioned and allocated amounts over time, and nodes held by type. */
const struct sim_level *sim_cluster_provisioned(const struct sim_cluster *c, int r);
const struct sim_level *sim_cluster_allocated(const struct sim_cluster *c, int r);
/* Of provisioned - allocated: stranded (docs/design.md, "Stranded"). */
const struct sim_level *sim_cluster_stranded(struct sim_cluster *c, int r);
const struct sim_level *sim_cluster_held(const struct sim_cluster *c, int32_t type);

/* Nodes that searches for room looked at so far: the cost of placement, as a count. */
uint64_t sim_cluster_search_steps(const struct sim_cluster *c);

/* The story of the units that are asked for with `explain`: owners may add to it. */
struct sim_explain *sim_cluster_explain(const struct sim_cluster *c);

/* GPUs free and why nobody who waits can use them, now: adds one sample. */
void sim_cluster_sample(struct sim_cluster *c, struct model_fragmentation *sum);

/* Idle GPU that the fragment measure counts (sim/fragment.h), in thousandths of a GPU;
 * NaN where the plans ask for nothing.  O(1). */
double sim_cluster_fragment_mgpu(const struct sim_cluster *c);

/* What teams held, what was bought and lost, first replication, into the result. */
void sim_cluster_result(const struct sim_cluster *c, struct sp_arena *arena,
                        int64_t now_ns, struct model_policy_result *p);

/* Recomputes free amounts and the index the slow way; aborts on a difference. */
void sim_cluster_verify(const struct sim_cluster *c);

#endif
