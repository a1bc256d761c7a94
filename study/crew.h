/* Threads that do the items they are given, in the order given; what is finished is
 * fetched in any order.  Whoever gives and fetches is one thread, which never waits.
 */
#ifndef STUDY_CREW_H
#define STUDY_CREW_H

#include <stdint.h>

#include "study/workers.h"

struct study_crew;

struct study_finished {
    int64_t item;
    struct study_bytes bytes; /* whoever fetched them frees them */
};

/* Of `work` only work() and self are used, until study_crew_free(). */
struct study_crew *study_crew_new(const struct study_work *work, int32_t threads);

/* Items first .. first + n - 1. */
void study_crew_give(struct study_crew *crew, int64_t first, int64_t n);

/* What is finished and was not fetched before; *n of them.  The array is the caller's,
 * NULL where there is none. */
struct study_finished *study_crew_fetch(struct study_crew *crew, int64_t *n);

/* Begins no more, waits for the items under way, and frees what nobody fetched. */
void study_crew_free(struct study_crew *crew);

#endif
