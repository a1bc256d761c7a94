/* The rows of leases: shared by the files sim/leases*.c and by nobody else. */
#ifndef SIM_LEASES_ROWS_H
#define SIM_LEASES_ROWS_H

#include "sim/leases.h"
#include "sim/timeline.h"

struct sim_lease_node {
    int32_t type, slot; /* slot: boot, then idle timer, repair */
    int32_t fate_slot;  /* notice, taken back, broken; SP_NO_ID: none yet */
    enum sim_node_life life;
    bool spare;        /* replaces one of the minimum: nobody asked for it */
    bool lost;         /* its units are leaving it in this instant */
    int64_t from_ns;   /* lease began */
    int64_t ready_ns;  /* -1: it has not booted yet */
    int64_t order;     /* of all leases */
    int32_t stands_in; /* the shape for which an earlier option could not be had */
    int32_t reason;    /* why it was bought; SP_NO_ID: it was not */
    int64_t nth;       /* of its type's */
    int64_t broke;     /* how often so far */
    int32_t uses;      /* units on it, data pinned to it */
    int64_t taken_ns, breaks_ns; /* what is drawn for it; INT64_MAX: never */
    enum sim_loss why;           /* DRAINING */
    int64_t gone_ns;             /* likewise; INT64_MAX: when it is empty */
};

struct sim_lease_type {
    struct sim_level held;
    int32_t ready, peak;
    int64_t leased;    /* so far */
    int32_t standing;  /* held and not noticed */
    int32_t moved;     /* noticed without an end, for an earlier option */
    int32_t stand_ins; /* held in place of an earlier option, not noticed */
    bool grouped;      /* other types are options of its group */
    /* What can be had: the nodes that the record has now, that it has now and for as
     * long as a notice takes, and the most of the latter that there ever are. */
    int32_t there, stays, reach;
    int32_t market_slot;  /* SP_NO_ID: nothing about it changes */
    int64_t *launched_ns; /* the last launch_max launches, a ring */
    int64_t launches;     /* so far */
    int64_t had_since_ns; /* can be had since then; INT64_MAX: can't */
    bool wanted;          /* somebody was refused it */
};

/* Why nodes were bought. */
struct sim_lease_reason {
    int32_t type, shape;    /* shape SP_NO_ID: for the minimum */
    int32_t runner, passed; /* next best type; first option that could not be had */
    int64_t nodes;
};

struct sim_leases {
    struct sp_arena *arena;
    struct sim_event_queue *queue;
    const struct model_policy *policy;
    struct sim_nodes *nodes_free; /* what is free on them */
    struct sim_ledger *ledger;
    struct sim_leases_client client;
    struct sim_leases_events events;
    uint64_t key;
    struct sim_lease_type *types;
    struct sim_lease_node *nodes;
    int32_t n_nodes, nodes_room;
    int64_t n_leases, now_ns; /* now_ns: of the last change */
    const int32_t *beside;    /* by type, what a question counts as bought; or NULL */
    bool closed;              /* the run is over: nothing is set any more */
    bool refused;             /* somebody wants a node and could have none */
    int32_t booting, broken, gpu_nodes, peak_gpu_nodes;
    /* booting: on their way, spare ones only where somebody is on them */
    int64_t repairs_unused; /* since somebody was put on a node */
    int64_t taken_back, failed, launches_refused;
    struct sim_level provisioned[MODEL_RESOURCES];
    int32_t n_reasons, reasons_room;
    struct sim_lease_reason *reasons;
    struct sim_timeline *timeline; /* NULL: nothing is recorded */
    struct sp_err err;
};

/* ---- leases.c ---- */
enum sim_lease_how { SIM_LEASE_AT_ONCE, SIM_LEASE_BOOTS, SIM_LEASE_SPARE };
/* A new lease: there at once, or in its time to boot; SPARE: for the minimum's sake. */
int32_t sim_lease_new(struct sim_leases *l, int32_t type, enum sim_lease_how how,
                      int64_t now_ns);
/* `ended`: why, as struct model_lease says it. */
void sim_lease_end(struct sim_leases *l, int32_t node, const char *ended,
                   int64_t now_ns);
/* A node without units or data waits for its time to go. */
void sim_lease_emptied(struct sim_leases *l, int32_t node, int64_t now_ns);
/* Who was refused looks again, if what it wanted can be had now; whatever it wanted. */
void sim_lease_wake(struct sim_leases *l, int64_t now_ns);
void sim_lease_wake_all(struct sim_leases *l, int64_t now_ns);
void sim_lease_ready(struct sim_leases *l, int32_t node, int64_t now_ns);

/* ---- leases_market.c ---- */
void sim_market_init(struct sim_leases *l, int32_t type);
/* What can be had of a type at time 0, before anything is leased. */
void sim_market_open(struct sim_leases *l, int32_t type);
/* The availability of a type changes, a launch is allowed again, or an earlier option
 * has been there for long enough. */
void sim_market_event(struct sim_leases *l, int32_t type, int64_t now_ns);
/* A lease of the type began or ended, or a node was noticed. */
void sim_market_changed(struct sim_leases *l, int32_t type, int64_t now_ns);
/* Nodes that the type lacks of its minimum are leased, as far as they can be had. */
bool sim_market_keep_min(struct sim_leases *l, int32_t type, int64_t now_ns);
/* How many more nodes of it there are to be had, launch rate aside. */
int32_t sim_market_room(const struct sim_leases *l, int32_t type);
/* Whether an option that somebody wants can be had now; will be had again. */
bool sim_market_here(const struct sim_leases *l);
bool sim_market_comes(const struct sim_leases *l);

/* ---- leases_record.c: of a loss with a record ---- */
int32_t sim_record_nodes(const struct model_loss *loss, int64_t t_ns);
/* The fewest nodes from t_ns until a notice later; the most that this ever is. */
int32_t sim_record_stays(const struct model_loss *loss, int64_t t_ns);
int32_t sim_record_reach(const struct model_loss *loss);
/* When there will be fewer than `n` nodes: now, or within a notice.  There must be such
 * a time. */
int64_t sim_record_fewer_ns(const struct model_loss *loss, int32_t n, int64_t t_ns);
/* When what is known of the record changes after now; INT64_MAX: never, or there is no
 * record. */
int64_t sim_record_event_ns(const struct model_loss *loss, int64_t now_ns);

/* ---- leases_loss.c ---- */
/* Why a lease ended that was lost so. */
const char *sim_loss_ended(enum sim_loss why);
/* Draws when the cloud takes a new lease back; when a node that is ready breaks. */
void sim_loss_draw_taken(struct sim_leases *l, int32_t node, int64_t now_ns);
void sim_loss_draw_break(struct sim_leases *l, int32_t node, int64_t now_ns);
/* What is to happen to it next is set. */
void sim_loss_arm(struct sim_leases *l, int32_t node, int64_t now_ns);
void sim_loss_event(struct sim_leases *l, int32_t node, int64_t now_ns);
/* The node takes nothing new and will be gone at gone_ns: now where that is now, or
 * where it is not ready yet. */
void sim_loss_notice(struct sim_leases *l, int32_t node, enum sim_loss why,
                     int64_t gone_ns, int64_t now_ns);
void sim_loss_repaired(struct sim_leases *l, int32_t node, int64_t now_ns);

/* ---- leases_reason.c ---- */
/* USD/h of the part of a node of the type that a member of the shape takes. */
double sim_reason_cost(const struct sim_leases *l, int32_t type, int32_t shape);
/* Counts one node. */
/* The row that it is counted in. */
int32_t sim_reason_count(struct sim_leases *l, const struct sim_lease_reason *why);

#endif
