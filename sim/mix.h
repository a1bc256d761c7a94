/* What the cluster is asked for: kinds of request with their shares, as far as the
 * policy's plans say it beforehand.  The fragment measure (sim/fragment.h) weighs what
 * is free by who could use it.
 */
#ifndef SIM_MIX_H
#define SIM_MIX_H

#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

enum { SIM_MIX_MAX = 512 }; /* targets of a mix */

/* Targets that differ in memory only are one: memory is in no measure. */
struct sim_target {
    int64_t mcpu, mgpu;    /* mgpu below 1000 is a share of one device, else whole */
    int64_t allowed_types; /* node types, as bits (-1: all); of GPU targets only */
    double weight;         /* > 0, in any unit */
};

struct sim_mix {
    int32_t n;
    const struct sim_target *target;
};

/* Equal targets added up, the heaviest first (then those that need more CPU, more GPU,
 * more types), until they weigh 95 % of all, at most SIM_MIX_MAX: FGD's "typical pods".
 * `targets` is reordered. */
struct sim_mix sim_mix_new(struct sp_arena *arena, struct sim_target *targets,
                           int32_t n);

/* Of the policy's plans: of jobs their members as the trace's summary or the
 * generator's classes have them, of pipelines and serving their units as often as there
 * are. A plan counts for as many members as it has (classes: for 1000 jobs).  After
 * model_size_plan() and model_jobs_resolve(). */
struct sim_mix sim_mix_of_policy(struct sp_arena *arena,
                                 const struct model_policy *policy);

#endif
