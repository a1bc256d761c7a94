/* Messages between the ranks of a study: what MPI is to us.
 *
 * Messages of one rank arrive in the order in which it sent them.  Nothing here waits.
 */
#ifndef STUDY_LINK_H
#define STUDY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "study/workers.h"

struct study_message {
    int32_t kind; /* 0: there is none */
    int32_t from;
    struct study_bytes bytes; /* the receiver frees them */
};

struct study_link {
    int32_t rank, n;
    /* Sends a copy of `n` bytes; `kind` > 0.  False: that rank can't be reached. */
    bool (*send)(void *self, int32_t to, int32_t kind, const void *data, size_t n);
    /* The next message that has come.  False: the link is broken. */
    bool (*receive)(void *self, struct study_message *message);
    /* Whether all that was sent has been received. */
    bool (*all_received)(void *self);
    void *self;
};

/* study_workers_run() of rank 0 and of the others.  Rank 0 hands out spans of items,
 * long enough that none waits for more, works itself, and tells what came in order. */
int64_t study_link_lead(const struct study_link *link, const struct study_work *work,
                        int32_t threads);
void study_link_follow(const struct study_link *link, const struct study_work *work,
                       int32_t threads);

/* What they say to each other. */
enum {
    STUDY_BEGIN = 1, /* 0 to all: a run begins */
    STUDY_HERE,      /* to 0: int64_t threads */
    STUDY_SPAN,      /* 0 to one: int64_t first, n */
    STUDY_FINISHED,  /* to 0: int64_t n, then n times item and size, then the bytes */
    STUDY_STOP,      /* 0 to all: begin no more */
    STUDY_BYE,       /* to 0: nothing more of this run will come */
};

/* How long a rank naps that has nothing to hear and nothing to say: what it hands on
 * lasts ten times longer, so nobody waits for it, and it costs a hundredth of a core.
 */
enum { STUDY_NAP_NS = 1000000 };
void study_link_nap(void);

#endif
