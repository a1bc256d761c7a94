/* How well a node suits a member: the scores of placement strategies that compare all
 * nodes with room.  Whole numbers from 0 to 100, as schedulers of Kubernetes give them;
 * the highest wins, so ties are common, and who wins them is the caller's
 * (sim/nodes.h).
 *
 * Rules as the simulator of Weng et al. (USENIX ATC 2023) has them; memory is in none.
 * Where it divides by its largest node (128 CPUs, 8 GPUs), these divide by the fleet's.
 */
#ifndef SIM_SCORE_H
#define SIM_SCORE_H

#include <stdint.h>

#include "model/scenario.h"
#include "sim/fragment.h"
#include "sim/nodes.h"

enum { SIM_SCORE_MAX = 100 };

struct sim_scoring {
    int64_t most_mcpu, most_mgpu; /* of a node of the fleet, at least 1 */
    const struct sim_fragment *fragment;
};

struct sim_scoring sim_scoring_of(const struct model_policy *policy,
                                  const struct sim_fragment *fragment);

/* Of a node that has room for the member. */
typedef int32_t sim_score_fn(const struct sim_scoring *sc,
                             const struct sim_node_state *s,
                             const struct sim_room *need);

/* The smallest dot product of what is free and what is needed. */
sim_score_fn sim_score_dot_product;
/* Devices that are shared, then free ones of nodes in use, then empty nodes. */
sim_score_fn sim_score_gpu_packing;
/* Nodes with members of as many GPUs only, with such and others, empty, others; of each
 * the fullest. */
sim_score_fn sim_score_gpu_clustering;
/* The least left, CPU and GPU as halves. */
sim_score_fn sim_score_best_fit;
/* The largest drop of the fragment measure. */
sim_score_fn sim_score_fgd;

/* The device of a share by that strategy: the first with the highest score. */
int32_t sim_score_fgd_device(const struct sim_scoring *sc,
                             const struct sim_node_state *s,
                             const struct sim_room *need);

/* The device with the least free that has room for a share, or SP_NO_ID. */
int32_t sim_tightest_device(const struct sim_node_state *s, int32_t share_mgpu);

/* What members that need the same number of GPUs have in common: 0 shares, else how
 * many whole ones, up to 63.  The member must want GPUs. */
static inline int32_t sim_gpu_class(const struct sim_room *need)
{
    if (need->share_mgpu > 0)
        return 0;
    return need->whole_gpus < 63 ? need->whole_gpus : 63;
}

#endif
