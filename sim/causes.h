/* Why something waits, as time: a clock that always runs for one cause.
 *
 * Many that wait for the same cause at a time share a clock; what one of them waited is
 * the difference of two readings, so a change of cause costs the same for one and for a
 * million, and the parts add up to the wait exactly.
 */
#ifndef SIM_CAUSES_H
#define SIM_CAUSES_H

#include <stdint.h>

#include "model/result.h"

struct sim_clock {
    int64_t sum_ns[MODEL_CAUSES]; /* until at_ns */
    int64_t at_ns;                /* since when `now` is the cause */
    enum model_cause now;
};

/* From now_ns on the cause is this one. */
static inline void sim_clock_set(struct sim_clock *c, enum model_cause cause,
                                 int64_t now_ns)
{
    c->sum_ns[c->now] += now_ns - c->at_ns;
    c->at_ns = now_ns;
    c->now = cause;
}

/* Adds sign times the reading of now_ns to `waited_ns`: -1 where a wait by this clock
 * begins, 1 where it ends. */
static inline void sim_clock_read(const struct sim_clock *c, int64_t now_ns, int sign,
                                  int64_t waited_ns[MODEL_CAUSES])
{
    for (int i = 0; i < MODEL_CAUSES; i++)
        waited_ns[i] += sign * c->sum_ns[i];
    waited_ns[c->now] += sign * (now_ns - c->at_ns);
}

#endif
