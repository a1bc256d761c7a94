/* The rows of a running serving workload: shared by the files sim/serving*.c and by
 * nobody else.
 *
 * Rows are named by int32_t ids and used again; what is remembered follows the requests
 * in flight, never the length of the trace.  What an engine (sim/replica.h) tells
 * during a step is noted and acted upon when the step is over, so nothing calls back
 * into an engine that is at work.
 */
#ifndef SIM_SERVING_ROWS_H
#define SIM_SERVING_ROWS_H

#include "sim/arrivals.h"
#include "sim/autoscaler.h"
#include "sim/histogram.h"
#include "sim/level.h"
#include "sim/mser.h"
#include "sim/replica.h"
#include "sim/request.h"
#include "sim/router.h"
#include "sim/serving.h"

/* What the workload knows of a request beyond its row: the same id. */
struct sim_serving_flight {
    int64_t scheduled_ns; /* its first chunk's iteration began; -1: not yet */
    int64_t here_ns;      /* taken up by the replica that it is at */
    int32_t handover;     /* row, or SP_NO_ID */
    bool waiting;         /* at a replica, not scheduled there yet */
};

enum sim_replica_state {
    SIM_REPLICA_FREE,
    SIM_REPLICA_ASKED,
    SIM_REPLICA_STARTING,
    SIM_REPLICA_UP,
    SIM_REPLICA_DRAINING, /* takes nothing new and goes when it is empty */
};

struct sim_serving_replica {
    enum sim_replica_state state;
    int32_t pool, cluster_unit, node, node_type;
    struct sim_replica *engine; /* made when it is first up, kept for the next lease */
    int32_t step_slot, unit_slot, failure_slot; /* of the event queue, or SP_NO_ID */
    int64_t step_ns;                            /* of the event pending; INT64_MAX */
    int64_t starts_ns;                          /* STARTING: since then */
    int64_t busy_from_ns;                       /* -1: idle */
    sp_i128 busy_ns; /* to be booked when the unit goes; not the time since then */
    int32_t thread;  /* of the timeline, on a node that is ready; or SP_NO_ID */
    int64_t slice, input; /* its last busy span; what the one that runs came of; -1 */
};

/* Replicas that are up and not draining, in rising order of their numbers. */
struct sim_serving_list {
    int32_t n, room;
    int32_t *numbers;
    struct sim_replica **engines;
};

/* Integrals at one end of the window. */
struct sim_serving_mark {
    sp_i128 waiting, slots, busy;
};

struct sim_serving_pool {
    const struct model_pool *m;
    const struct model_unit *unit;
    int32_t id, cluster_kind, ledger_stage;
    struct model_amounts needs;
    struct sim_replica_stats stats;    /* since the window began */
    struct sim_replica_counts before;  /* until then */
    struct sim_replica_stats measured; /* of the window, once it is closed */
    struct sim_prefix_store *store;
    int32_t *rows, n_rows, rows_room, n_free; /* replicas by number */
    int32_t asked, up; /* held and not draining; that take requests */
    uint64_t started;  /* so far, for the draws of start-up and failure */
    /* Requests: at its replicas, on their way there, at the gateway and in line; of
     * these (but for those on their way) not scheduled yet. */
    struct sim_level ongoing, waiting;
    struct sim_level slots, *busy; /* replicas up; that iterate, by node type */
    struct sim_serving_mark from, to;
    int64_t peak_waiting, kv_peak;
    struct sim_histogram wait, service;
    int64_t in, done, retried, dropped, lost;
    int32_t tick_slot; /* autoscaling, or SP_NO_ID */
    struct sim_autoscale_state autoscale;
    int64_t seen_ns;
    sp_i128 seen_slots, seen_busy, seen_ongoing; /* at its last look */
};

enum sim_handover_state {
    SIM_HANDOVER_FREE,
    SIM_HANDOVER_AHEAD,  /* overlapped: a decode replica is reserved, prefill goes on */
    SIM_HANDOVER_WAITS,  /* the prompt is done; in line for a decode replica */
    SIM_HANDOVER_MOVING, /* its KV cache is on its way */
};

struct sim_handover {
    enum sim_handover_state state;
    int32_t request, source, dest; /* dest SP_NO_ID: none yet */
    int32_t slot;                  /* of the event queue; the row keeps it for ever */
    int32_t next, prev;            /* in line, or the free list */
    int64_t begin_ns, ready_ns;    /* prefill began and was done */
    int64_t net_ns, alone_ns; /* AHEAD: when the NICs are through with it; how long they
                               * take for it alone */
};

enum sim_serving_note_kind {
    SIM_NOTE_SCHEDULED,
    SIM_NOTE_PREEMPTED,
    SIM_NOTE_DONE,
    SIM_NOTE_PREFILLED,
};
struct sim_serving_note {
    enum sim_serving_note_kind kind;
    int32_t request;
};

/* Figures over requests that left within the window. */
struct sim_serving_tally {
    struct sim_histogram ttft, tpot, e2e;
    int64_t done, dropped, good;
};

/* Subjects of SIM_SERVE_GATE. */
enum sim_serving_gate { SIM_GATE_REPLICAS, SIM_GATE_LINE };

enum { SIM_ATTAIN_BUCKETS = 256 };
struct sim_attain { /* over the whole run; the width doubles when they are used up */
    int64_t width_ns;
    int32_t n;
    int64_t *finished, *met;
};

struct sim_serving {
    struct sim_workload_env env;
    const struct model_plan *plan;
    const struct model_serving *m;
    struct sp_arena *arena;
    struct sp_err err;
    int64_t now_ns;
    int64_t stepped_ns; /* the instant whose steps are over; -1: none */
    bool stepping;      /* in what a step leads to */
    bool measuring, complete;

    int32_t n_pools;
    struct sim_serving_pool *pools;
    int32_t n_replicas, replicas_room;
    struct sim_serving_replica *replicas;
    struct sim_cluster_client units;
    struct sim_replica_client engines;
    int32_t n_starting, n_stepping, n_moving; /* what will happen by itself */

    struct sim_requests *requests;
    struct sim_serving_flight *flights;
    int32_t flights_room;

    /* arrivals */
    struct sim_arrivals arrivals;
    uint64_t source_key;
    struct model_arrival next_arrival;
    int32_t arrival_slot;
    bool source_done;
    int32_t customers_room, *customer_slots, free_customers;

    /* routes */
    bool apart;                                     /* some pools prefill only */
    struct sim_serving_list prompts, decodes, some; /* some: scratch */
    const struct sim_router *router, *decode_router;
    struct sim_router_state router_state, decode_state;
    int32_t gate_first, gate_last; /* of requests, by their links */
    int64_t n_gate;
    int32_t gate_slot; /* when it opens: after all that come up at an instant */
    int32_t gate_pool; /* at which those in the gateway are counted as waiting */

    /* handover */
    struct sim_handover *handovers;
    int32_t n_handovers, handovers_room, free_handover;
    int32_t line_first, line_last;
    int64_t n_line;
    int32_t line_pool;
    int32_t line_slot; /* when it is looked at: after all steps of an instant */
    int32_t *held, n_held, held_room; /* slots of events that steps led to at once */
    bool drained;                     /* so did the end of draining replicas */
    bool look; /* a decode replica may have room for the first in line */
    int32_t *ahead, n_ahead, ahead_room; /* requests to be reserved for ahead */
    int32_t *back, n_back, back_room;    /* handovers whose reservation is given back */
    int64_t transfers, transfer_bytes;
    struct sim_histogram transfer, held_back;

    struct sim_serving_note *notes;
    int32_t n_notes, notes_room;
    int32_t *lost_ids, lost_room;

    /* requests, whole run; tokens of them */
    int64_t in, done, in_flight, dropped_by[MODEL_DROP_REASONS], retried;
    sp_i128 prompt_in, prompt_done, prompt_dropped, output_done;
    sp_i128 output_lost; /* made, and lost with a replica */
    /* window */
    struct sim_serving_tally all, *classes;
    struct sim_histogram queue;
    int64_t prompt_measured, output_measured;
    struct sim_attain attain;
    struct sim_means means;
};

/* ---- serving.c ---- */
/* After any call into an engine: its event, and whether it is busy. */
void sim_serving_follow(struct sim_serving *w, int32_t replica);
/* An event that goes before the steps of its instant; one that a step leads to at once
 * waits until all steps of this instant are over. */
void sim_serving_set(struct sim_serving *w, int32_t slot, int64_t time_ns);
/* n more requests (fewer: negative) wait at the pool; are there. */
void sim_serving_wait(struct sim_serving *w, int32_t pool, int64_t n);
void sim_serving_here(struct sim_serving *w, int32_t pool, int64_t n);

/* ---- serving_told.c ---- */
/* Whom engines tell: what they do is noted. */
struct sim_replica_client sim_serving_listener(struct sim_serving *w);
/* Acts upon what engines told, until nothing is left to do; ends every event. */
void sim_serving_act(struct sim_serving *w);

/* ---- serving_source.c ---- */
void sim_serving_source_start(struct sim_serving *w);
void sim_serving_arrival(struct sim_serving *w);
void sim_serving_customer(struct sim_serving *w, int32_t slot);
/* The request has left: done, or dropped for a reason (-1: done). */
void sim_serving_leave(struct sim_serving *w, int32_t request, int drop);

/* ---- serving_route.c ---- */
/* Whether a replica of the pool could ever do its part of a request; one that prefills:
 * if some pool could decode it then. */
bool sim_serving_pool_holds(const struct sim_serving *w, int32_t pool, int64_t prompt,
                            int64_t output);
/* Sends a request to a replica, or to the gateway. */
void sim_serving_route(struct sim_serving *w, int32_t request);
/* Requests at the gateway try again: replicas have come up. */
void sim_serving_open_gate(struct sim_serving *w);
/* Whether somebody waits whom a replica of the pool could take.  O(gateway) where none
 * is found. */
bool sim_serving_waited_for(const struct sim_serving *w, int32_t pool);
void sim_serving_list_add(struct sim_serving *w, struct sim_serving_list *l,
                          int32_t replica);
void sim_serving_list_remove(struct sim_serving_list *l, int32_t replica);
void sim_serving_list_clear(struct sim_serving_list *l);
void sim_serving_list_push(struct sim_serving *w, struct sim_serving_list *l,
                           int32_t replica);
/* Index in the list by the router's choice. */
int32_t sim_serving_choose(struct sim_serving *w, const struct sim_router *router,
                           struct sim_router_state *state,
                           const struct sim_serving_list *l, int32_t request);

/* ---- serving_units.c ---- */
void sim_serving_units_start(struct sim_serving *w);
void sim_serving_units_ask(struct sim_serving *w, int32_t pool, int32_t n);
void sim_serving_unit_placed(void *self, int32_t cookie, int32_t unit, int32_t node,
                             int64_t now_ns);
/* The node will go: the replica takes nothing new, and another one is asked for. */
void sim_serving_unit_notice(void *self, int32_t cookie, int32_t unit,
                             enum sim_loss why, int64_t gone_ns, int64_t now_ns);
/* The node is gone, and the replica with it; another one is asked for. */
void sim_serving_node_lost(void *self, int32_t cookie, int32_t unit, enum sim_loss why,
                           int64_t now_ns);
void sim_serving_unit_up(struct sim_serving *w, int32_t replica);
/* The replica is lost by itself: it starts again on its node. */
void sim_serving_unit_lost(struct sim_serving *w, int32_t replica);
/* Gives a draining replica back once nothing is there; all of those. */
void sim_serving_unit_check(struct sim_serving *w, int32_t replica);
void sim_serving_units_check(struct sim_serving *w);
/* Up to n replicas go: those that are not up first, then those with the highest
 * numbers. */
void sim_serving_units_drain(struct sim_serving *w, int32_t pool, int32_t n);
/* All are given back; busy time until now is booked. */
void sim_serving_units_finish(struct sim_serving *w);

/* ---- serving_record.c: for timelines; all do nothing where there is none ---- */
/* The unit has its node; it starts there, and is up or gone before; it iterated from
 * busy_from_ns until now; it leaves the node. */
void sim_record_replica_placed(struct sim_serving *w, struct sim_serving_replica *r);
void sim_record_replica_started(struct sim_serving *w,
                                const struct sim_serving_replica *r);
void sim_record_busy(struct sim_serving *w, struct sim_serving_replica *r);
void sim_record_replica_leaves(struct sim_serving *w, struct sim_serving_replica *r);
/* A prompt's cache comes to a replica that is idle from one that is idle again. */
void sim_record_handover(struct sim_serving *w, const struct sim_handover *h);

/* ---- serving_scale.c ---- */
void sim_serving_scale_start(struct sim_serving *w, int32_t pool);
/* One replica of the first autoscaled pool that could hold the request, where no
 * replica that could is asked for. */
void sim_serving_wake(struct sim_serving *w, bool decode, int32_t request);
void sim_serving_tick(struct sim_serving *w, int32_t pool);

/* ---- serving_handover.c ---- */
/* Its first chunk begins: with overlap a decode replica is picked ahead, at the end of
 * the instant. */
void sim_handover_ahead(struct sim_serving *w, int32_t request);
/* Its prompt is preempted: what was picked ahead is given back. */
void sim_handover_forget(struct sim_serving *w, int32_t request);
/* Its prompt is computed. */
void sim_handover_ready(struct sim_serving *w, int32_t request);
void sim_handover_arrived(struct sim_serving *w, int32_t handover);
/* Room may have come, or somebody to look for it: at the end of the instant the first
 * in line go where there is room, then those who come ahead.  First what steps led to
 * at once happens, and the steps that this leads to. */
void sim_handover_call(struct sim_serving *w);
void sim_handover_look(struct sim_serving *w);
/* The decode replica of a handover was lost; its prompt is still held.  Past the
 * retries the request is dropped. */
void sim_handover_dest_lost(struct sim_serving *w, int32_t handover);
/* The request's prefill replica was lost: nothing is left to move. */
void sim_handover_drop(struct sim_serving *w, int32_t handover);

/* ---- serving_count.c ---- */
void sim_serving_count_init(struct sim_serving *w);
/* The request leaves: done, or dropped for a reason (-1: done). */
void sim_serving_count_left(struct sim_serving *w, const struct sim_request *r,
                            int32_t request, int drop);
/* Counts of the whole run so far; engines must be settled. */
struct sim_replica_counts sim_serving_counts(const struct sim_serving_pool *p);
/* Engines count what has ended by now. */
void sim_serving_settle(struct sim_serving *w);

/* ---- members of sim_serving_kind (sim/workload.h) ---- */
void sim_serving_measure(void *self, bool on, int64_t now_ns);
void sim_serving_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                        int64_t to_ns, struct model_workload_result *r);
void sim_serving_price(const void *self, const struct model_cost *cost, bool sole,
                       struct model_workload_result *r);
void sim_serving_verify(const void *self);

#endif
