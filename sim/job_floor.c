/* Bounds by weights, and the best of them. */
#include "sim/job_floor.h"

#include <math.h>

#include "base/units.h"
#include "sim/job_stint.h"
#include "sim/ledger.h"

/* Parts of a node's price by the k-th choice of weights; those of resources that it
 * does not have, or not count, are 0. */
static void weights_of(const struct model_amounts *has, int k,
                       double weight[MODEL_RESOURCES])
{
    static const double unit[MODEL_RESOURCES] = {
        [MODEL_GPU] = 1000, [MODEL_CPU] = 1000, [MODEL_MEMORY] = 1073741824.0};
    double sum = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        weight[r] = k == r && sim_amount(has, r) > 0 ? 1 : 0;
        if (k == MODEL_RESOURCES)
            weight[r] = sim_ledger_rates[r] * (double)sim_amount(has, r) / unit[r];
        sum += weight[r];
    }
    for (int r = 0; r < MODEL_RESOURCES && k == MODEL_RESOURCES; r++)
        weight[r] /= sum;
}

static bool holds(const struct model_amounts *has, const struct model_amounts *needs)
{
    return needs->mcpu <= has->mcpu && needs->mgpu <= has->mgpu &&
           (has->memory_bytes < 0 || needs->memory_bytes <= has->memory_bytes);
}

static double charge(const struct model_amounts *has, const struct model_amounts *needs,
                     const double weight[MODEL_RESOURCES])
{
    double part = 0;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (weight[r] > 0)
            part +=
                weight[r] * (double)sim_amount(needs, r) / (double)sim_amount(has, r);
    return part;
}

static bool has_rest(const struct sim_job_split *split)
{
    return split->rest.mgpu > 0;
}

static double rate_on(const struct model_node_type *type, int64_t speed,
                      const struct sim_job_split *split, int k)
{
    double weight[MODEL_RESOURCES], part;

    weights_of(&type->has, k, weight);
    part = split->members * charge(&type->has, &split->needs, weight);
    if (has_rest(split))
        part += charge(&type->has, &split->rest, weight);
    return part * (double)type->uusd_per_h / (double)SP_NS_PER_H * SIM_SPEED_ONE /
           (double)speed;
}

/* Nodes of the type that there can be under this policy. */
static int32_t most_of(const struct model_node_type *type)
{
    return type->fixed ? type->count : type->max;
}

struct sim_job_floor sim_job_floor_rate(const struct model_policy *policy,
                                        const int64_t *speed,
                                        const struct sim_job_split *split,
                                        int64_t types)
{
    struct sim_job_floor rate;

    for (int k = 0; k < SIM_FLOORS; k++)
        rate.uusd[k] = NAN;
    for (int32_t t = 0; t < policy->n_types && t < 63; t++) {
        const struct model_node_type *type = &policy->types[t];
        bool rest = has_rest(split) && holds(&type->has, &split->rest);

        if ((types >> t & 1) == 0 || !type->has_price || most_of(type) == 0 ||
            (!holds(&type->has, &split->needs) && !rest))
            continue;
        for (int k = 0; k < SIM_FLOORS; k++)
            rate.uusd[k] = fmin(rate.uusd[k], rate_on(type, speed[t], split, k));
    }
    return rate;
}

void sim_job_floor_add(struct sim_job_floor *sum, const struct sim_job_floor *rate,
                       int64_t work_ns)
{
    for (int k = 0; k < SIM_FLOORS; k++)
        sum->uusd[k] += rate->uusd[k] * (double)work_ns;
}

double sim_job_floor_uusd(const struct sim_job_floor *sum)
{
    double most = sum->uusd[0];

    for (int k = 1; k < SIM_FLOORS; k++)
        most = sum->uusd[k] > most ? sum->uusd[k] : most;
    return most;
}
