/* When the items of a source arrive, one after the other: synthetic processes and
 * traces, for every kind of workload.
 *
 * One item is known ahead at a time, whatever the source's length.  Closed loops decide
 * when their customers come by themselves; of these only sim_arrivals_may() is used.
 */
#ifndef SIM_ARRIVALS_H
#define SIM_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/status.h"
#include "model/arrivals.h"
#include "model/scenario.h"

struct sim_arrivals {
    const struct model_source *m;
    const struct model_arrivals *trace; /* MODEL_SOURCE_TRACE */
    struct sp_rng rng;
    double gap_ahead_s; /* Poisson: the gap after the arrival that is next */
    int64_t made;       /* items so far; the caller counts */
};

/* `key` seeds the gaps. */
void sim_arrivals_init(struct sim_arrivals *s, const struct model_source *m,
                       const struct model_arrivals *trace, uint64_t key);

/* Whether an item at this time is within the source's limits. */
bool sim_arrivals_may(const struct sim_arrivals *s, int64_t time_ns);

/* When item number s->made arrives, given that the one before came at `now_ns`: its
 * time, and all else where it comes from a trace.  False: none does; a failure of the
 * trace is in *err. */
bool sim_arrivals_next(struct sim_arrivals *s, int64_t now_ns, struct model_arrival *a,
                       struct sp_err *err);

/* A size drawn for an item, to the nearest whole number that 32 bits hold. */
uint32_t sim_size_from(double v);

#endif
