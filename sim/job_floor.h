/* The floor: what a perfect autoscaler would pay for jobs, which no bill of theirs can
 * be below.
 *
 * Split a node's price among its resources by any weights that add up to at most 1, the
 * same for all jobs, and charge a job for its share of each while it works, on the
 * cheapest node type that it may use: the sum is at most what the nodes cost, as no
 * instant gives out more than a node has.  So every choice of weights gives a bound,
 * and the best of a few is the floor: all of a price on the GPUs, on the CPUs, on the
 * memory (nodes without are free then), and OpenCost's split (sim_ledger_rates).
 */
#ifndef SIM_JOB_FLOOR_H
#define SIM_JOB_FLOOR_H

#include "model/result.h"
#include "sim/job_split.h"

enum { SIM_FLOORS = MODEL_RESOURCES + 1 };

/* Micro-dollars, or micro-dollars per ns of work, by each choice of weights. */
struct sim_job_floor {
    double uusd[SIM_FLOORS];
};

/* Of a job's members on the cheapest of `types` (bits) by each choice; `speed[t]` is in
 * SIM_SPEED_ONE.  NaN where no type that has room for a member has a price. */
struct sim_job_floor sim_job_floor_rate(const struct model_policy *policy,
                                        const int64_t *speed,
                                        const struct sim_job_split *split,
                                        int64_t types);

void sim_job_floor_add(struct sim_job_floor *sum, const struct sim_job_floor *rate,
                       int64_t work_ns);

/* The highest of the bounds. */
double sim_job_floor_uusd(const struct sim_job_floor *sum);

#endif
