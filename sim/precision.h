/* How many replications are enough: rounds of them until every figure that policies are
 * compared by is known well enough (Law & Kelton, "Simulation Modeling and Analysis",
 * section 9.4: a sequential procedure for a relative error).
 *
 * A figure counts as known to within `frac` when the half width of its 95 % interval is
 * at most frac / (1 + frac) of its mean: then the mean is off by at most `frac` of the
 * truth, which is not known, with that confidence.  Rounds grow by half: 10, 15, 23,
 * 35, 53, 80, 120, 180, ...: looking after each single one would stop where the
 * intervals happen to be narrow.
 */
#ifndef SIM_PRECISION_H
#define SIM_PRECISION_H

#include "sim/rounds.h"

enum { SIM_PRECISION_FIRST = 10 };

/* Replications after the first round (at least `asked`) and the one after `n`; never
 * more than `most`. */
int32_t sim_precision_first(int32_t asked, int32_t most);
int32_t sim_precision_next(int32_t n, int32_t most);

/* What the rounds so far have: `reached`, and the figure that is known worst.  `hope`
 * false: more replications can't help, as what is too wide is how well kernels were
 * measured.  Its texts live in the rounds' arena. */
struct sim_precision {
    struct model_precision told;
    bool hope;
};
struct sim_precision sim_precision_of(const struct sim_rounds *r, double frac,
                                      int32_t most);

#endif
