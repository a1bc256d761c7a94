/* The same work on many things at once, by threads; what comes of it is told in order.
 *
 * Items are begun in order, finished in any, and told in order, each once, in the
 * caller's thread: what is made of what was told is the same with any number of
 * threads.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct sp_pool_work {
    int64_t n;       /* items 0 .. n - 1 */
    int32_t threads; /* 1: all of it in the caller's thread, an item at a time */
    int64_t ahead;   /* items begun and not yet told, at most; at least 1 */
    /* In any thread: does item `i`.  What it gives is handed to done(). */
    void *(*work)(void *self, int64_t i);
    /* In the caller's thread, in order: takes over `result`.  False: begin no more.
     * Those under way are finished and told all the same. */
    bool (*done)(void *self, int64_t i, void *result);
    /* In the caller's thread, every fifth of a second or so while it waits (with one
     * thread: after each item); false as above.  May be NULL. */
    bool (*wait)(void *self);
    void *self;
};

/* How many items were told: all of 0 .. this - 1.  Threads that can't be started are
 * done without. */
int64_t sp_pool_run(const struct sp_pool_work *work);

/* Processors that this process may run on, at least 1. */
int32_t sp_pool_cores(void);

#endif
