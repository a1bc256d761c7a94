/* Quotas of teams, as Kueue's ClusterQueues of one cohort: pure arithmetic on what each
 * team holds, per resource.
 *
 *   local_i  = guarantee_i - lend_limit_i (0 where all may be lent): only for team i
 *   pool     = sum over teams of min(guarantee_i, lend_limit_i): shared
 *   from pool, team i: p_i = max(0, used_i - local_i)
 * A request r of team i is admitted iff, for every resource that is limited,
 *   used_i + r <= guarantee_i + borrow_limit_i   and   sum of p after it <= pool.
 * It *borrows* iff used_i + r > guarantee_i.  A team without guarantee in a resource
 * (-1) is not limited in it, and its use of it counts for nobody.
 * https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/ (nominalQuota, borrowingLimit,
 * lendingLimit).
 */
#ifndef SIM_QUOTA_H
#define SIM_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/scenario.h"

struct sim_quota;

struct sim_quota *sim_quota_new(struct sp_arena *arena,
                                const struct model_policy *policy);

/* sign 1: the team takes so much; -1: it gives it back. */
void sim_quota_use(struct sim_quota *q, int32_t team,
                   const int64_t amount[MODEL_RESOURCES], int sign);
int64_t sim_quota_used(const struct sim_quota *q, int32_t team, int r);

bool sim_quota_admits(const struct sim_quota *q, int32_t team,
                      const int64_t amount[MODEL_RESOURCES]);

/* Whether it could be admitted if nobody else held anything. */
bool sim_quota_could_admit(const struct sim_quota *q, int32_t team,
                           const int64_t amount[MODEL_RESOURCES]);

/* Whether the team would hold more than its guarantee with `amount` more; with NULL:
 * holds more now. */
bool sim_quota_borrows(const struct sim_quota *q, int32_t team,
                       const int64_t amount[MODEL_RESOURCES]);

/* Fair share: what the team holds beyond its guarantee, the most over resources of
 * borrowed / (sum of guarantees), over its weight (Kueue's dominant resource share); 0
 * where it borrows nothing. */
double sim_quota_share(const struct sim_quota *q, int32_t team,
                       const int64_t amount[MODEL_RESOURCES]);

#endif
