/* Future-event list of one simulation run: a winner tree over slots.
 *
 * Whatever can have an event pending (an arrival stream, a running task, a node) owns a
 * slot and has at most one event at a time there; setting the slot again reschedules
 * it, and clearing it cancels.  Both cost the same few nanoseconds as scheduling, which
 * preemption, lingering batches and idle timers do all the time.  So the number of
 * pending events is the number of active things, never the length of a trace.
 *
 * Events leave in the order (time_ns, priority, order of setting), so two runs that set
 * the same things see them happen in the same order.  Those set by slot go before the
 * others of their time and priority, in the order of their slots: for what must not
 * depend on when it was set.  kind and subject are the caller's and belong to the slot.
 *
 * Memory: 16 * 4/3 + 8 bytes a slot, in one block from the arena.  One queue belongs to
 * one run.
 */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sim_event_queue;

enum {
    SIM_EVENT_SLOTS_MAX = 1 << 22, /* slots of one queue */
    SIM_EVENT_PRIORITIES = 4,      /* 0 goes first at equal times */
};

struct sim_event {
    int64_t time_ns; /* simulated time since the run began, >= 0 */
    int32_t slot;
    int32_t kind;    /* the caller's enum; the queue never looks inside */
    int32_t subject; /* id of the row this is about, or SP_NO_ID */
};

struct sim_event_queue *sim_event_queue_new(struct sp_arena *arena);

/* A new slot with nothing pending.  The caller's limit is SIM_EVENT_SLOTS_MAX; one more
 * is a bug in the caller and aborts.  Amortized O(1). */
int32_t sim_event_queue_slot_new(struct sim_event_queue *q, int32_t kind,
                                 int32_t subject);
int32_t sim_event_queue_slots(const struct sim_event_queue *q);

/* Sets the slot's event, replacing a pending one.  A time earlier than that of the last
 * event popped is a bug in the caller and aborts.  O(log slots). */
void sim_event_queue_set(struct sim_event_queue *q, int32_t slot, int64_t time_ns,
                         int32_t priority);

/* The same, to go by slot. */
void sim_event_queue_set_by_slot(struct sim_event_queue *q, int32_t slot,
                                 int64_t time_ns, int32_t priority);

/* Whether, of the instant of the last event popped, one has been popped that goes after
 * all that are set by slot with this priority. */
bool sim_event_queue_past(const struct sim_event_queue *q, int32_t priority);

/* Withdraws the slot's event, if there is one.  O(log slots). */
void sim_event_queue_clear(struct sim_event_queue *q, int32_t slot);

bool sim_event_queue_pending(const struct sim_event_queue *q, int32_t slot);

/* Moves the next event to *ev; false when nothing is pending.  Cheapest when the caller
 * sets the popped slot again before the next pop: one update serves both. */
bool sim_event_queue_pop(struct sim_event_queue *q, struct sim_event *ev);

/* Events set since the queue was made. */
uint64_t sim_event_queue_count(const struct sim_event_queue *q);

/* Recomputes every node of the tree the slow way; aborts on a difference.  O(slots). */
void sim_event_queue_verify(const struct sim_event_queue *q);

#endif
