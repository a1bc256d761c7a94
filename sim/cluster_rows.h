/* The rows of the cluster; only its own files include this.
 *
 * Units of a kind that wait are in a heap by the order's key within a kind; kinds that
 * a pass has to look at are in the heap of their queue, by their first units.  With
 * `strict` that is every kind of which some wait; else a kind that failed leaves the
 * heap (it is *shut*) until something that it could use was given back.
 */
#ifndef SIM_CLUSTER_ROWS_H
#define SIM_CLUSTER_ROWS_H

#include "base/heap.h"
#include "sim/causes.h"
#include "sim/cluster.h"
#include "sim/evict_again.h"
#include "sim/explain.h"
#include "sim/id_table.h"
#include "sim/nodes.h"
#include "sim/quota.h"
#include "sim/scheduler.h"

enum sim_unit_life { SIM_UNIT_GONE, SIM_UNIT_WAITS, SIM_UNIT_PLACED };

/* A unit that was asked for. */
struct sim_asked {
    enum sim_unit_life life;
    int32_t kind, cookie;
    int32_t at;    /* in the heap of its kind (waiting) or of those expected to leave */
    int32_t seats; /* first of its seats, where placed */
    int32_t not_ready;  /* seats on nodes that boot */
    int32_t next, prev; /* of its bucket, where placed; of the free rows */
    bool told;          /* its owner knows that the nodes are ready */
    bool excess;        /* over its team's guarantee: sim/evict_again.h */
    bool after_loss, explain;
    int32_t said;        /* with `explain`: the cause told last, + 1 */
    bool first_in_queue; /* its wait runs by the queue's clock */
    int64_t since_ns, number, work_ns, asked_ns;
    int64_t placed_ns, told_ns;
    int64_t end_ns;                  /* expected; INT64_MAX: not known */
    uint64_t serial;                 /* of its ask; no two units have the same */
    uint64_t order;                  /* of its placement, among all */
    int64_t waited_ns[MODEL_CAUSES]; /* while it waits, less a reading of the clock */
};

/* A member that is placed; those of a unit lie in a row. */
struct sim_seat {
    struct sim_hold hold;
    int32_t unit, next, prev; /* on the node: the last placed first */
    bool ready;               /* counted as ready */
};

enum { SIM_SEAT_STEPS = 24 }; /* rows of 1, 2, 4, ... seats */

/* Placed units of one team and priority that may be evicted, the last placed first. */
struct sim_bucket {
    int32_t team, priority, first;
    int64_t held[MODEL_RESOURCES];
    bool known;           /* to sim/evict_again.c: */
    int32_t deepest;      /* the last of those over the guarantee, or SP_NO_ID */
    int32_t next_of_team; /* another bucket */
};

struct sim_kind {
    struct sim_cluster_kind spec;
    int32_t queue, priority, bucket; /* bucket SP_NO_ID: may not be evicted */
    int32_t members;                 /* all of them */
    int32_t shape, rest_shape;       /* rest_shape SP_NO_ID: no rest */
    int32_t sum_shape;               /* strict-pack: what the node is looked for by */
    bool trial_pack;                 /* strict-pack of shares: fits only if tried */
    int64_t total[MODEL_RESOURCES];
    struct sp_heap units; /* that wait, but those set aside */
    int32_t n_waiting;    /* all that wait */
    bool deployed;        /* some was asked for */
    int32_t at;           /* in the heap of its queue; SP_NO_ID: shut, or none waits */
    int32_t waiting_at;   /* among the kinds of which some wait */
    bool no_room;         /* shut, as there was no room: true until nodes gain some */
    int64_t full_pass;    /* the last pass in which there was no room */
    int32_t lacks;        /* then: members (at least) that nodes must gain room for */
    int32_t witness;      /* a node that had room for a member, or SP_NO_ID */
    uint64_t evict_tried; /* sim_cluster.changes when eviction was tried last */
    struct sim_claim tried; /* then; sim/evict_again.c: */
    int64_t tried_lacks;    /* members without room; 0: not known */
    int64_t tried_at;       /* nodes that were noted before are looked at */
    struct sim_clock clock;
};

struct sim_queue {
    struct sp_heap kinds;
    int64_t closed_pass, looked_pass; /* the last ones */
    int32_t first; /* `strict`: the unit that is told by itself, or SP_NO_ID */
    struct sim_clock clock;
};

/* A head that has a reservation. */
struct sim_head {
    int32_t unit;
    int64_t shadow_ns; /* INT64_MAX: nothing that leaves helps */
};

struct sim_plan;
struct sim_stranded;

struct sim_cluster {
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    const struct model_policy *policy;
    struct sim_ledger *ledger;
    struct sim_cluster_events events;
    struct sim_nodes *nodes;
    struct sim_leases *leases;
    struct sim_quota *quota;
    struct sim_evict_again *again;
    struct sim_explain *explain;
    struct sim_stranded *stranded;
    struct sim_plan *plan; /* NULL: the passing rule has none */
    const struct sim_queue_order *order;
    const struct sim_passing *passing;
    int32_t place_slot;
    bool closed;  /* the run is over: nothing is set any more */
    bool elastic; /* some nodes can be bought */
    bool asks; /* who finds no room asks for nodes: elastic, or broken ones come back */
    int64_t now_ns;

    struct sim_kind *kinds;
    int32_t n_kinds, kinds_room;
    struct sim_id_table kind_names;
    int32_t *waiting, n_waiting, waiting_room; /* kinds of which some wait */
    struct sim_queue *queues;
    int32_t n_queues;

    struct sim_asked *units;
    int32_t n_units, units_room, free_unit;
    int64_t numbers;
    uint64_t serials, placements;
    struct sim_seat *seats;
    int32_t n_seats, seats_room, free_seats[SIM_SEAT_STEPS];
    int32_t *first_on_node, n_node_rows; /* seats */
    struct sim_bucket *buckets;
    int32_t n_buckets, buckets_room;
    struct sp_heap leaving; /* placed, by when they are expected to leave */

    /* Of a pass. */
    int64_t pass;
    int64_t evicted_pass;           /* the last one that evicted */
    uint64_t changes;               /* of who holds what */
    uint64_t told_change;           /* `changes` when causes were looked at last */
    bool quota_freed, market_moved; /* since the last pass */
    bool market_open; /* of this pass: something can be had that could not before */
    int32_t *fresh, n_fresh, fresh_room; /* nodes that gained room before this pass */
    struct sim_hold *holds;              /* of the unit that is being placed */
    int32_t n_holds, holds_room;
    int32_t *bought, n_bought, bought_room; /* types of nodes it lacks, tried so far */
    int32_t *bought_node, bought_node_room;
    int32_t *bought_of; /* how many of each type */
    struct sim_head *heads;
    int32_t n_heads, heads_room;
    int32_t *aside, n_aside, aside_room; /* units looked at alone, waiting still */
    int32_t *list, list_room;            /* scratch of gang.c */
    int32_t *victims, victims_room;      /* units lifted for a moment */

    int32_t *stories, n_stories, stories_room; /* waiting units that are explained */

    struct sim_level allocated[MODEL_RESOURCES];
    struct sim_level *team_level; /* [team * MODEL_RESOURCES + r] */
    struct sim_level *team_borrowed;
    int64_t *team_peak_mgpu;
    int64_t asked_mgpu, peak_asked_mgpu;
};

/* ---- cluster.c ---- */

/* Its first unit is looked at again by passes: the kind was shut. */
void sim_cluster_unshut(struct sim_cluster *c, int32_t kind);
void sim_cluster_shut(struct sim_cluster *c, int32_t kind);
/* The unit leaves (or joins again) those that passes look at, waiting still. */
void sim_cluster_set_aside(struct sim_cluster *c, int32_t unit);
void sim_cluster_put_back(struct sim_cluster *c, int32_t unit);
/* The waiting unit takes the seats in c->holds, whose room is taken already. */
void sim_cluster_seat(struct sim_cluster *c, int32_t unit, int64_t now_ns);
/* A placed unit loses its place: its owner is told, its row is free. */
void sim_cluster_take_away(struct sim_cluster *c, int32_t unit, enum sim_loss why,
                           int64_t now_ns);
int32_t sim_cluster_first_of(const struct sim_cluster *c, int32_t kind);
struct sp_heap_rule sim_cluster_kind_rule(struct sim_cluster *c);
struct sp_heap_rule sim_cluster_unit_rule(struct sim_cluster *c);
struct sp_heap_rule sim_cluster_leaving_rule(struct sim_cluster *c);
int32_t sim_cluster_seat_shape(const struct sim_kind *k, int32_t member);

/* ---- gang.c: places for all members, into c->holds ---- */

/* Takes room for all members on nodes that are there; false, and nothing taken: some
 * find none; *found says how many did. */
bool sim_gang_take(struct sim_cluster *c, int32_t kind, uint64_t draw, int32_t *found);
/* The same, buying what they lack (all of it or nothing). */
bool sim_gang_buy(struct sim_cluster *c, int32_t kind, uint64_t draw, int64_t now_ns);
/* On nodes bought for it, and on no others. */
bool sim_gang_buy_all(struct sim_cluster *c, int32_t kind, int64_t now_ns);
/* Gives back what sim_gang_take() took. */
void sim_gang_undo(struct sim_cluster *c, int32_t kind);
/* Takes or gives the seats of a placed unit, on its nodes only. */
void sim_gang_lift(struct sim_cluster *c, int32_t unit);
void sim_gang_drop(struct sim_cluster *c, int32_t unit);
void sim_gang_lift_seat(struct sim_cluster *c, const struct sim_asked *u,
                        int32_t member);
void sim_gang_drop_seat(struct sim_cluster *c, const struct sim_asked *u,
                        int32_t member);
/* Members of a shape that have room on a node, at most `most`. */
int32_t sim_gang_room(const struct sim_cluster *c, int32_t node, int32_t shape,
                      int32_t most);
/* Whether the sum of what is free is enough for all members, for one. */
bool sim_gang_enough_free(const struct sim_cluster *c, const struct sim_kind *k);
bool sim_gang_enough_for_one(const struct sim_cluster *c, const struct sim_kind *k);

/* ---- evict.c ---- */

/* Whether the rules let anything be evicted for anybody. */
bool sim_evict_may_ever(const struct sim_cluster *c);

/* Whether it could be that evicting helps the kind: false is certain. */
bool sim_evict_may_help(const struct sim_cluster *c, int32_t kind);
/* Where room for a kind's members is told by what nodes have room for: members of this
 * shape, at most so many on a node. */
struct sim_evict_counts {
    bool ok;  /* so it is */
    bool one; /* on one node */
    int32_t shape, most;
};
struct sim_evict_counts sim_evict_counts_of(const struct sim_kind *k);
/* Evicts for a unit, as few as it takes; true: quota and room suffice now. */
bool sim_evict_for(struct sim_cluster *c, int32_t unit, int64_t now_ns);

/* ---- backfill.c ---- */

/* The unit is a head from now on. */
void sim_backfill_reserve(struct sim_cluster *c, int32_t unit, int64_t now_ns);
/* Placed units whose end is expected, the first to leave first; the caller frees it. */
int32_t *sim_backfill_leaving(struct sim_cluster *c, int32_t *n);
/* Whether a unit that has taken the room in c->holds lets every head have its start. */
bool sim_backfill_spares(struct sim_cluster *c, int32_t unit, int64_t now_ns);

/* ---- cluster_story.c: of units that are explained ---- */

void sim_story_asks(struct sim_cluster *c, int32_t unit, int64_t now_ns);
void sim_story_ends(struct sim_cluster *c, int32_t unit); /* it waits no more */
void sim_story_waits(struct sim_cluster *c, int64_t now_ns);
void sim_story_placed(struct sim_cluster *c, int32_t unit, int64_t now_ns);

/* ---- cluster_stranded.c ---- */

struct sim_stranded *sim_stranded_new(struct sp_arena *arena,
                                      const struct model_policy *policy);
/* Time moves on to now_ns: before anything changes then. */
void sim_stranded_pass_to(struct sim_cluster *c, int64_t now_ns);
/* A node's room changes in this instant, or whether it is ready. */
void sim_stranded_touch(struct sim_cluster *c, int32_t node, int64_t now_ns);
/* Members of this shape are asked for, for the first time. */
void sim_stranded_shape(struct sim_cluster *c, int32_t shape, int64_t now_ns);
/* What was stranded on the node goes to the ledger. */
void sim_stranded_lease_ends(struct sim_cluster *c, int32_t node, int64_t now_ns);
void sim_stranded_verify(const struct sim_cluster *c);

/* ---- plan.c ---- */

/* Where plans are thought out; `first_fit` is the policy with that strategy. */
struct sim_plan *sim_plan_new(struct sp_arena *arena, struct sim_cluster *c,
                              const struct model_policy *first_fit);
/* A shape gets the same id there. */
void sim_plan_shape(struct sim_plan *p, int32_t shape,
                    const struct model_amounts *needs, int64_t allowed_types);
/* A plan of what is placed now. */
void sim_plan_begin(struct sim_plan *p, int64_t now_ns);
/* Whether a unit that waits can start now, beside all that is planned: the room in
 * c->holds is taken then. */
bool sim_plan_start(struct sim_plan *p, int32_t unit);
/* One that cannot has its place as early as may be; or never. */
void sim_plan_reserve(struct sim_plan *p, int32_t unit);
/* A unit was placed, now. */
void sim_plan_note(struct sim_plan *p, int32_t unit);

#endif
