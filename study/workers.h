/* Who does the work of a study: threads of this process, or ranks under MPI.
 *
 * An item of work is a function of its number, and what it gives are bytes; they are
 * told in the order of the numbers, in the caller's thread, on one process alone: so
 * what is made of them is the same with any number of threads and ranks.
 */
#ifndef STUDY_WORKERS_H
#define STUDY_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct study_bytes {
    size_t n;
    void *data; /* malloc()ed */
};

struct study_work {
    int64_t first, end; /* items first .. end - 1 */
    /* Any thread, any rank; may not fail: failures are part of what it gives. */
    struct study_bytes (*work)(void *self, int64_t item);
    /* In order, on rank 0 alone; frees nothing.  False: begin no more. */
    bool (*done)(void *self, int64_t item, const struct study_bytes *bytes);
    /* Every fifth of a second or so; false: begin no more.  May be NULL. */
    bool (*wait)(void *self);
    void *self;
};

/* Whether this process is one of several ranks, and which.  Without MPI, or outside of
 * mpirun: 0 of 1. */
struct study_ranks {
    int32_t rank, n;
};

/* Joins the other ranks where there are any; once in a process, before other threads.
 *   SP_EIO  MPI can't be started; or mpirun has started several processes of a program
 *           that was built without MPI. */
SP_CHECKED enum sp_status study_ranks_begin(struct study_ranks *ranks,
                                            struct sp_err *err);

/* Waits for the other ranks, for a minute at most (then ends them), and leaves them. On
 * every way out after study_ranks_begin(); does nothing where there are none. */
void study_ranks_end(void);

/* Rank 0 sends everybody the same bytes (its own), *bytes is theirs afterwards: what a
 * rank can't know by itself.  With one rank does nothing. */
void study_ranks_share(struct study_bytes *bytes);

/* The same of a number: rank 0's. */
int64_t study_ranks_share_number(int64_t mine);

/* How each rank fared, told to all: where `mine` is not SP_OK on one of them, all
 * return the status of the first such rank and have its message in *err (which says
 * what rank and machine unless it is 0).  So either all go on or none does, and rank 0
 * alone has something to print. */
SP_CHECKED enum sp_status study_ranks_agree(enum sp_status mine, struct sp_err *err);

/* Threads that this rank had best use: the cores that it may run on, shared with the
 * ranks of the same machine that may run there, too. */
int32_t study_ranks_threads(void);

/* Does all of it with `threads` threads on each rank (each may have its own number).
 * On rank 0 returns how many items were told: first .. first + this - 1; on others,
 * which hand over what they did and need not know `first` and `end`, 0 at the end.
 * Fewer than there are, though neither done() nor wait() said so: a rank was lost. */
int64_t study_workers_run(const struct study_work *work, int32_t threads);

#endif
