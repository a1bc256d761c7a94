/* Whether a kind for which evicting all that it may was not enough need try again.
 *
 * Such a kind lacks room for so many members on the nodes as they would be without its
 * victims.  Only a node that gained room can have more of that, or one with a unit that
 * may be evicted since: these nodes are noted, in order, and a kind looks at those that
 * were noted since its last try, each by itself.
 *
 * Whose units are over their team's guarantee, so that other teams may reclaim them, is
 * kept at each change: by lowest priority, then the last placed, as few as it takes.
 */
#ifndef SIM_EVICT_AGAIN_H
#define SIM_EVICT_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

struct sim_cluster;
struct sim_evict_again;

/* What a kind may do, by its policy and by what its team holds. */
struct sim_claim {
    enum model_evict own;    /* to units of its team (without quotas: of anybody) */
    enum model_evict others; /* to those of teams that borrow */
};

struct sim_evict_again *sim_evict_again_new(struct sp_arena *arena,
                                            const struct model_policy *policy);

/* A unit that may be evicted was placed, and is the first of its bucket; is about to
 * leave it. */
void sim_evict_again_joins(struct sim_cluster *c, int32_t unit);
void sim_evict_again_leaves(struct sim_cluster *c, int32_t unit);
/* What a team holds changed. */
void sim_evict_again_team(struct sim_cluster *c, int32_t team);
/* The nodes that gained room are about to be forgotten. */
void sim_evict_again_note(struct sim_cluster *c);

/* All that the kind may evict left so many members without room, now. */
void sim_evict_again_failed(struct sim_cluster *c, int32_t kind, struct sim_claim claim,
                            int64_t lacks);
/* Whether it could be that there is room now: false is certain. */
bool sim_evict_again_may(struct sim_cluster *c, int32_t kind, struct sim_claim claim);

/* Whether those over the guarantee are as few as it takes, in order; aborts if not. */
void sim_evict_again_verify(const struct sim_cluster *c);

#endif
