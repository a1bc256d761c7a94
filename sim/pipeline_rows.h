/* The rows of a running pipeline: shared by the files sim/pipeline_*.c and by the
 * scheduling and autoscaling rules, and by nobody else.
 *
 * Rows are named by int32_t ids.  Items, tasks and families are slabs with free lists,
 * so nothing is allocated per event once the run has reached its size.
 */
#ifndef SIM_PIPELINE_ROWS_H
#define SIM_PIPELINE_ROWS_H

#include "base/rng.h"
#include "sim/arrivals.h"
#include "sim/autoscaler.h"
#include "sim/bitset.h"
#include "sim/histogram.h"
#include "sim/mser.h"
#include "sim/pipeline.h"

struct sim_rule;
struct sim_kernel; /* pipeline_kernel.c */

/* One item on its way: a cache line. */
struct sim_item {
    int64_t arrival_ns; /* of the source item */
    int64_t ready_ns;   /* since when it waits in its queue */
    uint64_t key;       /* what its draws are seeded from; copies share it */
    int64_t bytes;
    uint32_t size[MODEL_SIZES_MAX];
    int32_t family; /* source item it descends from; where no plan needs families, its
                       number */
    int32_t node;   /* where its bytes are, or SP_NO_ID: outside the fleet */
    int32_t next;
    int16_t attempt;
    int8_t stored;   /* 1: counted in the node's store; 2: spilled to its disk */
    int8_t producer; /* stage that made it, while it is stored */
};

/* Descendants of one source item (or of a gathered group), where plans expand, gather
 * or copy.  The source item is done when the last of them has left. */
struct sim_family {
    int64_t index; /* number of the source item; -1: a gathered group */
    int64_t arrival_ns;
    int32_t live;
    int32_t parents; /* first link of a gathered group, or SP_NO_ID */
    int32_t next;    /* in the free list */
    bool done;       /* some descendant went all the way */
    int8_t drop;     /* why the others did not */
};

struct sim_link {
    int32_t family, next;
};

enum sim_task_state {
    SIM_TASK_FREE,
    SIM_TASK_FETCHING, /* its input is on the wire */
    SIM_TASK_SERVING,
    SIM_TASK_AT_BARRIER, /* a gang's task that waits for the slowest */
    SIM_TASK_BLOCKED,    /* its output has no room */
    SIM_TASK_RETRYING,   /* its slot is free, its items wait for the delay */
};

struct sim_task {
    int32_t stage;                 /* of a fused unit: the first of its chain */
    int32_t unit, node, node_type; /* unit SP_NO_ID: lost, BLOCKED with its output */
    int32_t slot;                  /* of the event queue; the row keeps it for ever */
    int32_t head;                  /* its items; while BLOCKED its output */
    int32_t n_items;               /* items (a joined item counts once) */
    int32_t next;  /* in a blocked list, a gang's list or the free list */
    int32_t phase; /* stage that is being served (changes in fused units) */
    enum sim_task_state state;
    int64_t from_ns;   /* took its slot */
    int64_t phase_ns;  /* service (of this phase) began; BLOCKED: since when it is */
    int64_t served_ns; /* AT_BARRIER, or at its end: what its service took */
    int64_t reserved_bytes;
    int32_t reserved_items;
    int32_t thread;      /* of the timeline, or SP_NO_ID */
    int64_t store_wait;  /* its place among those that wait for a store */
    double fused_factor; /* stretch of the phases' times */
    int64_t slice;       /* of the timeline: what it did last; -1 */
};

struct sim_queue {
    int32_t first, last; /* records; a joined item has one per input, in a row */
};

/* Part-way joined items, by key: open addressing, never iterated for results. */
struct sim_join_table {
    int32_t room, n; /* room is a power of two */
    uint64_t *keys;
    int32_t *
        heads; /* records so far, linked; SP_NO_ID: empty cell; below: a copy is lost */
    int32_t *counts;
};

struct sim_stage {
    const struct model_stage *m;
    int32_t id, pool, local; /* its pool, and its place among the pool's stages */
    int32_t ledger_stage;
    int32_t pieces; /* records per item in its queue: inputs of a join, else 1 */
    int32_t n_to, to[MODEL_EDGES_MAX];
    bool simple; /* plain, alone in its pool, one item a task, started whenever it can
                    be */
    bool plain;  /* one in, one out, nothing to wait for at the end: the common case */
    bool copies_meet; /* several copies of an item may pass one by one: their keys must
                         differ */
    bool pull;        /* an item arrives when it is taken */
    bool entry, fused_inner; /* fed by the source; runs inside a fused task */
    bool input_done, complete;
    int32_t inputs_left;
    uint64_t draw_key, mixed_key; /* mixed_key: sp_mix64(draw_key) */
    int64_t const_ns;             /* service time where it is a constant, else -1 */
    struct sim_kernel *kernel;    /* of its time, or NULL */
    bool draw_only;     /* service time is one draw, whatever the items and the node */
    uint64_t ahead_key; /* of the item for which ahead_ns was drawn, before it starts */
    int64_t ahead_ns;
    int32_t linger_slot;
    int64_t linger_due_ns; /* of the event pending there */

    struct sim_queue queue;
    int64_t virtual_items;  /* of a fixed source, not made yet */
    int64_t reserved_items; /* room held in its buffer by running producers */
    struct sim_join_table join;
    int64_t partial;           /* items that wait for their copies */
    struct sim_queue blocked;  /* tasks (of any producer) that wait for its buffer */
    int32_t running, retrying; /* tasks that hold a slot; that wait for a retry */
    int32_t serving;
    int32_t gang_left;          /* a step under way: tasks that have not ended */
    struct sim_queue gang_done; /* those that have, in that order */

    /* For the budget rules: bytes of its output that wait or are on their way. */
    int64_t out_bytes, pending_bytes;

    struct sim_level waiting, slots, fetching, blocked_slots, at_barrier;
    struct sim_level *busy; /* by node type */
    sp_i128 base_waiting, base_slots, base_busy, base_fetching, base_blocked;
    sp_i128 end_waiting, end_slots, end_busy, end_fetching, end_blocked;
    int64_t peak_waiting;
    struct sim_histogram wait, service;
    int64_t in, done, emitted, retried, dropped, lost, tasks, task_items;
};

enum sim_unit_state {
    SIM_UNIT_FREE,
    SIM_UNIT_ASKED,
    SIM_UNIT_STARTING,
    SIM_UNIT_UP,
    SIM_UNIT_DRAINING,
    SIM_UNIT_LOST, /* its tasks are leaving it in this instant */
};

struct sim_unit {
    enum sim_unit_state state;
    int32_t cluster_unit, node, slot;
    int32_t running;   /* tasks that hold one of its slots */
    int32_t thread;    /* of the timeline, STARTING; or SP_NO_ID */
    int64_t placed_ns; /* STARTING: since then */
    int32_t next_on_node, prev_on_node;
    int64_t free_mcpu, free_mgpu, free_memory; /* where its resources are shared */
};

/* Slot-time of a unit at one of its stages, to be booked when the unit goes. */
struct sim_slot_time {
    sp_i128 busy, redone; /* redone: of busy */
    sp_i128 fetching, blocked;
    int64_t phase_ns; /* of a fused unit's task: what the phase took */
};

/* What a pool's kind of unit is registered with at the cluster. */
struct sim_pool_client {
    struct sim_pipeline *pipeline;
    int32_t pool;
    struct sim_cluster_client client;
};

struct sim_pool {
    const struct model_unit *m;
    struct sim_pool_client *client;
    int32_t id, cluster_kind;
    int32_t n_stages;
    int32_t *stages; /* in the plan's (topological) order */
    int32_t *caps;
    struct sim_kernel *kernel; /* of a fused unit's own time, or NULL */
    bool shares;               /* resources may bind before the caps do */
    struct model_amounts needs;
    int32_t n_units, units_room; /* rows */
    struct sim_unit *units;
    int32_t *running;           /* [unit * n_stages + local] */
    struct sim_slot_time *time; /* the same */
    struct sim_bitset *can_run; /* by local stage: units that can take a task now */
    struct sim_bitset free_rows;
    int32_t asked, up; /* units that are held in any state; that take work */
    int64_t first_up_ns,
        last_gone_ns; /* when there came to be slots, and were none again; -1 */
    int32_t *on_node, n_on_node; /* first unit on each node */
    bool complete;
    uint64_t started; /* units so far, for the start-up draws */

    /* autoscaling: see sim/pipeline_autoscale.c */
    int32_t tick_slot;
    int64_t last_tick_ns;
    sp_i128 last_mcpu, last_mgpu, last_units, last_ongoing; /* integrals by then */
    struct sim_autoscale_state autoscale;
};

/* Tasks that wait for room in their node's store.  Where no stage has a buffer nothing
 * else can hold them, and only those on the nodes that freed up need be asked: a list
 * for each node. */
struct sim_store_waits {
    bool by_node;
    struct sim_queue lost;  /* whose nodes are lost */
    struct sim_queue all;   /* the other tasks, unless by node */
    struct sim_queue *node; /* by node */
    int32_t n_nodes;
    int64_t n_waits;            /* so far: gives the order */
    uint64_t freed_seen;        /* of sim_network_store_freed() */
    int32_t *found, found_room; /* scratch */
};

struct sim_pipeline {
    struct sim_workload_env env;
    const struct model_plan *plan;
    const struct sim_rule *rule;
    struct sp_arena *arena;
    bool families_used, joins_used, locality, stores_used, source_has_sizes;
    bool measuring;
    struct sp_err err;
    int64_t now_ns;

    struct sim_item *items;
    int32_t n_items, items_room, free_item;
    int64_t *made_by; /* by item: slice that made it, or -1; NULL: not recorded */
    int64_t live_items;
    struct sim_family *families;
    int32_t n_families, families_room, free_family;
    struct sim_link *links;
    int32_t n_links, links_room, free_link;
    struct sim_task *tasks;
    int32_t n_tasks, tasks_room, free_task;
    int32_t *group; /* make_output()'s: the ids of one group */
    int32_t group_room;

    int32_t n_stages;
    struct sim_stage *stages;
    int32_t n_pools;
    struct sim_pool *pools;
    uint64_t dirty_pools; /* bit: has to be dispatched */
    uint64_t relieved;    /* bit: a stage whose buffer lost items */
    bool store_relieved;
    struct sim_store_waits store_waits;
    int32_t n_complete; /* stages */
    uint64_t fused_pools;

    /* source */
    uint64_t source_key;
    struct sim_arrivals arrivals;
    int32_t arrival_slot, entry_stage;
    bool source_done;
    struct model_arrival next_arrival;
    int32_t customers_room, *customer_slots, free_customers; /* closed loop */

    int64_t in, done, in_flight, dropped_by[MODEL_DROP_REASONS];
    int64_t done_measured;
    int64_t moved_bytes, spilled_bytes;
    struct sim_histogram latency;
    struct sim_means means; /* of latencies, for MSER */
};

/* ---- pipeline_items.c: slabs, families, keys ---- */
int32_t sim_item_new(struct sim_pipeline *p);
void sim_item_free(struct sim_pipeline *p, int32_t item);
int32_t sim_family_new(struct sim_pipeline *p, int64_t index, int64_t arrival_ns);
/* An item leaves for good: done, or dropped for a reason (-1: done). */
void sim_item_leave(struct sim_pipeline *p, int32_t item, int drop);
void sim_group_item(struct sim_pipeline *p, int32_t family, int32_t parent);
/* Takes an item's bytes off the store or disk that holds them. */
void sim_item_unstore(struct sim_pipeline *p, struct sim_item *it);

/* ---- pipeline_source.c ---- */
void sim_source_start(struct sim_pipeline *p);
void sim_source_arrival(struct sim_pipeline *p);
void sim_source_customer(struct sim_pipeline *p, int32_t slot);
void sim_source_item_left(struct sim_pipeline *p);
/* Makes the next item of a fixed set. */
/* Makes what a full batch of the stage still lacks. */
void sim_source_fill(struct sim_pipeline *p, struct sim_stage *s);
int32_t sim_source_make_virtual(struct sim_pipeline *p, struct sim_stage *s);
/* Of a source whose items arrive as they are taken. */
void sim_source_item_taken(struct sim_pipeline *p, int32_t item);

/* ---- pipeline_join.c ---- */
/* A copy comes in at a stage that joins; with the last one the item waits. */
void sim_join_item(struct sim_pipeline *p, struct sim_stage *s, int32_t item);
/* An item was dropped at a stage: the copies that it had are lost where they would have
 * met. */
void sim_join_copy_lost(struct sim_pipeline *p, const struct sim_stage *at,
                        uint64_t key);
void sim_join_end(struct sim_pipeline *p, struct sim_stage *s);

/* ---- pipeline_flow.c: queues, delivery, completion ---- */
/* The item whose records run from first to last waits from now on. */
void sim_stage_item_waits(struct sim_pipeline *p, struct sim_stage *s, int32_t first,
                          int32_t last);
/* The consumer to which `from` routes the item of a key. */
int32_t sim_route_of(const struct sim_stage *from, uint64_t key);
/* An item comes in on one of the stage's inputs. */
void sim_stage_enqueue(struct sim_pipeline *p, struct sim_stage *s, int32_t item);
void sim_stage_requeue(struct sim_pipeline *p, struct sim_stage *s, int32_t head,
                       int32_t n_items);
/* Takes n items (with all their records) off the queue; returns the first record. */
int32_t sim_stage_take(struct sim_pipeline *p, struct sim_stage *s, int32_t n);
/* Items of a full start: a batch, or one for every slot of a gang. */
int64_t sim_stage_full(const struct sim_stage *s);
/* Sets, moves or clears the event at which the stage's first item has waited long
 * enough. */
void sim_linger_arm(struct sim_pipeline *p, struct sim_stage *s);
bool sim_batch_ready(const struct sim_pipeline *p, const struct sim_stage *s);
/* Whether n items may join `there` others at the stage's buffer.  While it lacks a full
 * batch (a gang: a full step) it takes them whatever the limit, or it might wait for
 * ever. */
bool sim_buffer_takes(const struct sim_stage *to, int64_t there, int64_t n);
bool sim_output_fits(const struct sim_pipeline *p, const struct sim_task *t,
                     struct sim_stage **blocker);
void sim_output_deliver(struct sim_pipeline *p, const struct sim_stage *from,
                        int32_t head);
void sim_stage_input_done(struct sim_pipeline *p, struct sim_stage *s);
void sim_stage_check_complete(struct sim_pipeline *p, struct sim_stage *s);

/* ---- pipeline_service.c ---- */
/* What the draws of an item at a stage are seeded from. */
static inline uint64_t sim_draw_key(const struct sim_stage *s,
                                    const struct sim_item *it)
{
    if (it->attempt == 0)
        return sp_mix_mixed(s->mixed_key, it->key);
    return sp_mix_keys(s->draw_key + (uint64_t)it->attempt, it->key);
}

/* Service time of the task's phase, which is stage s. */
int64_t sim_service_ns(struct sim_pipeline *p, const struct sim_stage *s,
                       const struct sim_task *t);
/* Draws the service time of the queue's first item before it is needed. */
void sim_service_ahead(const struct sim_pipeline *p, struct sim_stage *s);
/* How the phases of a fused task are stretched so that they add up to its own time;
 * negative: the seconds of each of equal phases. */
double sim_fused_factor(struct sim_pipeline *p, const struct sim_pool *pool,
                        const struct sim_task *t);
/* Bytes of an item that stage s emits, of `bytes_in` that went into it. */
int64_t sim_bytes_out(const struct sim_pipeline *p, const struct sim_stage *s,
                      const struct sim_item *it, double bytes_in);
/* Bytes of an item as it comes to stage s, given what came to its pool. */
double sim_bytes_at(const struct sim_pipeline *p, const struct sim_stage *s,
                    const struct sim_item *it, double bytes);
/* The same of the item that starts at record id, all of its copies. */
double sim_item_bytes(const struct sim_pipeline *p, const struct sim_stage *s,
                      int32_t pieces, int32_t id);
/* Records per item in the task's input. */
int32_t sim_task_pieces(const struct sim_pipeline *p, const struct sim_task *t);

/* ---- pipeline_kernel.c ---- */
enum sim_kernel_part {
    SIM_KERNEL_OF_STAGE,
    SIM_KERNEL_SHARES, /* of a stage of a fused unit with a time of its own, which the
                        * stages' times only share out: no slow-down, not counted */
    SIM_KERNEL_WHOLE,  /* of that unit */
};
/* NULL where `use` is. */
struct sim_kernel *sim_kernel_new(const struct sim_pipeline *p,
                                  const struct model_kernel_use *use,
                                  enum sim_kernel_part part);
/* What the kernel adds to the time of a task at stage s. */
double sim_kernel_s(struct sim_pipeline *p, struct sim_kernel *k,
                    const struct sim_stage *s, const struct sim_task *t);
/* What was asked of the pipeline's kernels. */
void sim_kernels_result(const struct sim_pipeline *p, struct sp_arena *arena,
                        struct model_workload_result *r);

/* ---- pipeline_output.c ---- */
/* The stage whose output a task that starts at s will hand on: of a fused unit the
 * last. */
const struct sim_stage *sim_stage_emitter(const struct sim_pipeline *p,
                                          const struct sim_stage *s);
/* Items that come out of n that go in. */
int32_t sim_stage_output_items(const struct sim_stage *s, int64_t n_in);
/* Bytes that a task of the n items at `head` will emit at most, all copies. */
int64_t sim_output_bytes(const struct sim_pipeline *p, const struct sim_stage *s,
                         int32_t head, int64_t n_items);
/* The same of a full (or the waiting) batch. */
int64_t sim_stage_output_bytes(const struct sim_pipeline *p, const struct sim_stage *s);
/* Turns the task's input into its output, in place: t->head. */
void sim_make_output(struct sim_pipeline *p, struct sim_task *t);

/* ---- pipeline_task.c ---- */
void sim_task_start(struct sim_pipeline *p, struct sim_stage *s);
void sim_gang_start(struct sim_pipeline *p, struct sim_stage *s);
void sim_task_event(struct sim_pipeline *p, int32_t task);
void sim_task_push(struct sim_pipeline *p, struct sim_queue *q, int32_t task);
int32_t sim_task_pop(struct sim_pipeline *p, struct sim_queue *q);
/* Takes a task out of a list, wherever it is in it; false: it is not.  O(list). */
bool sim_task_unlist(struct sim_pipeline *p, struct sim_queue *q, int32_t task);
void sim_task_free(struct sim_pipeline *p, int32_t task);
/* What a task that starts (sign 1) or ends (-1) will emit, for the budget rules; room
 * for it in buffers and stores, under rules that reserve. */
void sim_task_step_pending(struct sim_pipeline *p, const struct sim_task *t, int sign);
void sim_task_reserve(struct sim_pipeline *p, struct sim_task *t, int sign);
/* Its slot is free. */
void sim_task_release_slot(struct sim_pipeline *p, struct sim_task *t);
/* Delivers the output of a blocked task; its slot is free afterwards. */
void sim_task_unblock(struct sim_pipeline *p, int32_t task);
void sim_task_book(struct sim_pipeline *p, struct sim_task *t, int64_t now_ns);
/* Its fetch, its wait for room ends. */
void sim_task_book_fetch(struct sim_pipeline *p, const struct sim_task *t);
void sim_task_book_blocked(struct sim_pipeline *p, const struct sim_task *t);
/* All that was served of it is done again; served_ns: of the phase that it is in. */
void sim_task_book_redone(struct sim_pipeline *p, const struct sim_task *t,
                          int64_t served_ns);
void sim_task_stage_finish(struct sim_pipeline *p, int64_t now_ns);
/* The unit on which its next task would run; there must be one. */
int32_t sim_stage_choose_unit(const struct sim_pipeline *p, const struct sim_stage *s);

/* ---- pipeline_record.c: for timelines; only where there is one (the functions without
 * _on ask) ---- */
/* Room for what is known of items, after their slab has grown. */
void sim_record_items(struct sim_pipeline *p, int32_t old_room);
void sim_record_begins_on(struct sim_pipeline *p, struct sim_task *t);
void sim_record_ends_on(struct sim_pipeline *p, const struct sim_task *t);
void sim_record_fetch_on(struct sim_pipeline *p, const struct sim_task *t,
                         int64_t now_ns);
void sim_record_service_on(struct sim_pipeline *p, struct sim_task *t, int64_t now_ns);
void sim_record_blocked_on(struct sim_pipeline *p, const struct sim_task *t,
                           int64_t now_ns);
void sim_record_output_on(struct sim_pipeline *p, const struct sim_task *t,
                          int32_t head);
void sim_record_unit_starts(struct sim_pipeline *p, const struct sim_pool *pool,
                            struct sim_unit *u);
void sim_record_unit_started(struct sim_pipeline *p, const struct sim_pool *pool,
                             struct sim_unit *u);

/* The task has its place; its place is free. */
static inline void sim_record_task_begins(struct sim_pipeline *p, struct sim_task *t)
{
    if (p->env.timeline != NULL)
        sim_record_begins_on(p, t);
}

static inline void sim_record_task_ends(struct sim_pipeline *p,
                                        const struct sim_task *t)
{
    if (p->env.timeline != NULL)
        sim_record_ends_on(p, t);
}

/* It fetched, was served, was blocked until now. */
static inline void sim_record_fetch(struct sim_pipeline *p, const struct sim_task *t,
                                    int64_t now_ns)
{
    if (p->env.timeline != NULL)
        sim_record_fetch_on(p, t, now_ns);
}

static inline void sim_record_service(struct sim_pipeline *p, struct sim_task *t,
                                      int64_t now_ns)
{
    if (p->env.timeline != NULL)
        sim_record_service_on(p, t, now_ns);
}

static inline void sim_record_blocked(struct sim_pipeline *p, const struct sim_task *t,
                                      int64_t now_ns)
{
    if (p->env.timeline != NULL)
        sim_record_blocked_on(p, t, now_ns);
}

/* What is at `head` comes of what the task did last. */
static inline void sim_record_output(struct sim_pipeline *p, const struct sim_task *t,
                                     int32_t head)
{
    if (p->env.timeline != NULL)
        sim_record_output_on(p, t, head);
}

/* ---- pipeline_loss.c ---- */
/* The tasks of a unit end there: their items go back to the head of their queues; what
 * they had finished is kept. */
void sim_tasks_lose(struct sim_pipeline *p, const struct sim_pool *pool, int32_t unit);

/* ---- pipeline_store.c ---- */
void sim_store_waits_init(struct sim_pipeline *p);
/* A task begins to wait for room in the store of its node. */
void sim_store_wait(struct sim_pipeline *p, int32_t task);
/* The task's node is lost: if it waits for a store it has its try when stores are next
 * relieved, which is in this instant. */
void sim_store_forget(struct sim_pipeline *p, int32_t task);
/* Stores freed up: those that wait for one have their try, in the order in which they
 * came. */
void sim_store_relieve(struct sim_pipeline *p);

/* ---- pipeline_units.c ---- */
void sim_units_ask(struct sim_pipeline *p, struct sim_pool *pool, int32_t n);
/* Gives back up to n units: waiting ones first, then starting, then idle, then (where
 * `busy_too`) busy ones once they are empty.  Returns how many. */
int32_t sim_units_give_back(struct sim_pipeline *p, struct sim_pool *pool, int32_t n,
                            bool busy_too);
void sim_units_started(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit);
void sim_units_placed(void *self, int32_t cookie, int32_t cluster_unit, int32_t node,
                      int64_t now_ns);
/* The node will go: the unit takes no new task, and another one is asked for. */
void sim_units_notice(void *self, int32_t cookie, int32_t cluster_unit,
                      enum sim_loss why, int64_t gone_ns, int64_t now_ns);
/* The node is gone: the unit's tasks are lost, and another one is asked for. */
void sim_units_lost(void *self, int32_t cookie, int32_t cluster_unit, enum sim_loss why,
                    int64_t now_ns);
void sim_unit_take(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit,
                   int32_t local);
void sim_unit_give(struct sim_pipeline *p, struct sim_pool *pool, int32_t unit,
                   int32_t local);
void sim_pool_finish(struct sim_pipeline *p, struct sim_pool *pool);

/* ---- pipeline_autoscale.c ---- */
void sim_pool_autoscale_start(struct sim_pipeline *p, struct sim_pool *pool);
void sim_pool_autoscale_tick(struct sim_pipeline *p, struct sim_pool *pool);

/* ---- pipeline_settle.c ---- */
void sim_settle_all(struct sim_pipeline *p);
bool sim_stage_can_start(const struct sim_pipeline *p, const struct sim_stage *s);

/* Puts a run of linked records, first .. last, at the end of a list. */
static inline void sim_items_append(struct sim_pipeline *p, struct sim_queue *q,
                                    int32_t first, int32_t last)
{
    p->items[last].next = SP_NO_ID;
    if (q->last == SP_NO_ID)
        q->first = first;
    else
        p->items[q->last].next = first;
    q->last = last;
}

/* Something changed that may let the stage's pool start a task.  Where no unit has a
 * slot for the stage nothing can, and the unit that frees one says so itself. */
static inline void sim_dirty(struct sim_pipeline *p, const struct sim_stage *s)
{
    if (sim_bitset_any(&p->pools[s->pool].can_run[s->local]))
        p->dirty_pools |= UINT64_C(1) << s->pool;
}

static inline void sim_dirty_all(struct sim_pipeline *p)
{
    p->dirty_pools |= UINT64_MAX >> (MODEL_STAGES_MAX - p->n_pools);
}

static inline void sim_settle(struct sim_pipeline *p)
{
    if (p->dirty_pools != 0 || p->relieved != 0 || p->store_relieved)
        sim_settle_all(p);
}

/* ---- pipeline_result.c: of struct sim_workload_kind ---- */

void sim_pipeline_measure(void *self, bool on, int64_t now_ns);
sp_i128 sim_pipeline_busy(const void *self, int r, int64_t now_ns);
sp_i128 sim_pipeline_queue_integral(const void *self, int64_t now_ns);
int64_t sim_pipeline_items_done(const void *self);
int32_t sim_pipeline_latency_means(const void *self, const double **means_s,
                                   const int64_t **batch_ends_ns);
void sim_pipeline_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                         int64_t to_ns, struct model_workload_result *r);

#endif
