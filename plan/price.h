/* What nodes cost a plan, and what they have. */
#ifndef PLAN_PRICE_H
#define PLAN_PRICE_H

#include <math.h>

#include "base/units.h"
#include "model/scenario.h"

static inline double plan_price_usd_per_h(const struct model_node_type *type)
{
    return sp_usd_from_uusd(type->uusd_per_h);
}

/* What a node held for `s` seconds is billed for, hours. */
static inline double plan_billed_h(const struct model_node_type *type, double s)
{
    double held = fmax(s, sp_s_from_ns(type->billing_minimum_ns)) / 3600;

    return type->billing == MODEL_BILLING_HOUR ? ceil(held - 1e-9) : held;
}

/* Of an enum model_resource; -1 is no limit (where sim_amount() says 0). */
static inline double plan_amount(const struct model_amounts *a, int resource)
{
    return (double)(resource == MODEL_GPU   ? a->mgpu
                    : resource == MODEL_CPU ? a->mcpu
                                            : a->memory_bytes);
}

#endif
