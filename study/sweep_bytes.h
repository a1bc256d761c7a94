/* A point's rows as bytes, for another thread or another rank of the same build. */
#ifndef STUDY_SWEEP_BYTES_H
#define STUDY_SWEEP_BYTES_H

#include "study/sweep.h"

/* All of it, in memory from malloc(). */
struct study_bytes study_point_write(const struct study_point *point);

#endif
