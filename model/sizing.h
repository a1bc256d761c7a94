/* Bottleneck analysis: how many slots a rate needs, and what rate some units can bear.
 *
 * Pure functions of means.  A source item visits stage s `visits[s]` times (expansion,
 * gathering, filters, routes and joins multiply along the way), a full batch of b items
 * takes the mean time t_s, so that a rate R of source items needs
 *
 *     slots_s = R * visits[s] * attempts[s] * t_s / b_s
 *
 * slots (the utilization law); attempts are the tries that retries cost on average.  A
 * unit kind needs the largest of slots_s / cap_s over its stages and, where the user
 * gave the unit's resources, of sum(slots_s * needs_s) / has over CPU, GPU and memory.
 * A fused unit is one slot whose time is the sum over its stages, or what the user
 * gave.
 *
 * Where a stage turns `in` items into `out`, bytes and sizes are shared out, so that
 * their sums are kept; the copies that a join brings together have one size and the sum
 * of their bytes.
 *
 * Assumptions: everything runs at its mean, batches are full, queues never run dry,
 * data moves at no cost, stages without GPU run on the slowest node type allowed, and
 * kernels by their estimates, at mean sizes, on the slowest GPU allowed, their cores to
 * themselves.
 * A serving plan is left alone: its counts are given, and it has no bound.
 * So a plan sized for R falls short of R in the simulation by as much as variable work
 * and short queues cost; headroom is for that.  O(stages + edges).
 */
#ifndef MODEL_SIZING_H
#define MODEL_SIZING_H

#include <stdint.h>

#include "base/status.h"
#include "model/scenario.h"

struct model_flow {
    double visits[MODEL_STAGES_MAX]; /* items that enter the stage, per source item */
    double bytes[MODEL_STAGES_MAX];  /* mean bytes of such an item; NaN unknown */
    double size[MODEL_STAGES_MAX][MODEL_SIZES_MAX]; /* likewise */
    double attempts[MODEL_STAGES_MAX]; /* tasks started per task that is to be done, >=
                                          1 */
};

void model_plan_flow(const struct model_plan *plan, struct model_flow *flow);

/* Mean service time of a task with a full batch on a node of `cpu_speed`, which divides
 * it where the stage uses no GPU.  NaN: a trace that has not been summed up, or a table
 * that does not cover the batch. */
double model_stage_mean_time_s(const struct model_plan *plan, int32_t stage,
                               double cpu_speed);

/* Fills what the scenario left to be sized: slots of 0 (bundle: together) and the
 * counts of sized units.  Such a container has one slot of the GPU stage that needs
 * least (of all stages, where none uses a GPU) and of the others as many as keep up
 * with it, rounded up, at least one; shares of GPUs that sum to more than one become
 * whole ones.  Call it on every plan before a run, after the summary of its trace is
 * known. SP_EINPUT       a mean time that it needs is not known (see above).
 *   SP_EINFEASIBLE  more than MODEL_UNITS_MAX units or slots. */
SP_CHECKED enum sp_status model_size_plan(struct model_plan *plan,
                                          const struct model_node_type *types,
                                          int32_t n_types, struct sp_err *err);

/* A unit whose slots were chosen needs their sum; shares of GPUs that sum to more than
 * one device become whole devices. */
void model_unit_fill_needs(const struct model_plan *plan, struct model_unit *unit);

/* Slots of each stage that a rate of one source item per second keeps busy, each on the
 * slowest node type that its unit may use; slots[plan->n_stages], NaN where a mean is
 * not known.  Stages of no unit: 0. */
void model_plan_slots(const struct model_plan *plan,
                      const struct model_node_type *types, int32_t n_types,
                      double *slots);

/* Mean service time of a task with a full batch on a node of that type (of the policy,
 * by its number): its cpu_speed, its own times of a kernel.  INFINITY where the kernel
 * can't run there; NaN as model_stage_mean_time_s(). */
double model_stage_time_on_s(const struct model_plan *plan, int32_t stage,
                             const struct model_node_type *types, int32_t type);

/* Source items that a source will bring in all; NaN: not known, or without end. */
double model_source_items(const struct model_source *source);

/* Source items per second that the units can bear (autoscaled ones at their max), and
 * the stage that binds; NaN and SP_NO_ID where it is not known or nothing takes time.
 */
struct model_rate_bound {
    double per_s;
    int32_t stage;
};
struct model_rate_bound model_plan_bound(const struct model_plan *plan,
                                         const struct model_node_type *types,
                                         int32_t n_types);

#endif
