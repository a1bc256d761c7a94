/* The part of workers.h that knows MPI; ranks_mpi.c, or ranks_alone.c in a build
 * without it.
 */
#ifndef STUDY_RANKS_H
#define STUDY_RANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "study/workers.h"

/* Whether this process is one of several ranks. */
bool study_ranks_are(void);

/* study_workers_run() among them. */
int64_t study_ranks_run(const struct study_work *work, int32_t threads);

#endif
