/* How much a timeline tells of each lease, which a reader must know where only a sample
 * of the slices was kept: no slice then is not the same as no work. */
#ifndef MODEL_TIMELINE_H
#define MODEL_TIMELINE_H

#include <stdint.h>

#include "model/result.h"

/* until_ns[lease]: slices tell what went on there until then.  Its end where all slices
 * are there; of a sample the end of the last slice kept of any lease, or its end if
 * that is earlier; -1: none of its slices is there.  O(leases + slices). */
void model_timeline_known(const struct model_timeline *t, int64_t *until_ns);

#endif
