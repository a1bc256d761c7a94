/* The floor: what no bill can be below that pays for the work that was done, whatever
 * was bought and how it was used (docs/design.md, "Floor").
 *
 * Nodes that are paid for have at least the resource-time that their busy time takes.
 * So the cheapest mix of node-hours that has as much, of the node types of all policies
 * of the scenario, costs at most the bill: billing, boot, idle and stranded time only
 * add.  The mix is a linear program; what is worked out is its dual, of which every
 * feasible point is a bound, so no rounding can make it too high.
 */
#ifndef SIM_FLOOR_H
#define SIM_FLOOR_H

#include "model/result.h"
#include "model/scenario.h"

enum { SIM_FLOOR_ROWS = 12 };

/* max sum of want[r] y[r], where for each supplier t the sum over r of has[t][r] y[r]
 * is at most price[t], and no y is below 0; prices are not below 0 and every row with a
 * want has a supplier.  Rows: 1..SIM_FLOOR_ROWS. */
struct sim_floor_supplier {
    double has[SIM_FLOOR_ROWS], price;
};
double sim_floor_bound(int32_t n_rows, const double *want, int32_t n,
                       const struct sim_floor_supplier *of);

/* USD; NaN where a price is not known, or times depend on the node otherwise than by
 * its cpu_speed.  Needs cells (by types of the policy) and workloads of the result. */
double sim_floor_usd(const struct model_scenario *sc, const struct model_policy *policy,
                     const struct model_policy_result *p);

#endif
