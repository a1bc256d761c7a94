/* A bounded queue between threads: a mutex and two condition variables, as a pipeline's
 * stages use it.
 *
 * Items are numbers (ids of rows that the caller keeps) and leave in the order in which
 * they came.  Every function but _new and _free may be called by any thread at any
 * time; what was written before a push is seen after the pop of that item.
 */
#ifndef CALIBRATE_QUEUE_H
#define CALIBRATE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cal_queue;

/* An empty, open queue for at most `capacity` (>= 1) items, on the heap. */
struct cal_queue *cal_queue_new(size_t capacity);

/* Nobody may be using it any more.  NULL is fine. */
void cal_queue_free(struct cal_queue *q);

/* Waits while the queue is full, then adds the item; false, and nothing is added, where
 * the queue is closed or is closed meanwhile. */
bool cal_queue_push(struct cal_queue *q, int64_t item);

/* Waits while the queue is empty and open, then takes the oldest item; false when it is
 * closed and empty: what was pushed before is still handed out. */
bool cal_queue_pop(struct cal_queue *q, int64_t *item);

/* No more pushes; wakes all who wait.  Closing twice is fine. */
void cal_queue_close(struct cal_queue *q);

/* Items in it now. */
size_t cal_queue_len(struct cal_queue *q);

#endif
