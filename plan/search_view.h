/* How a shape meets the rows of a demand. */
#ifndef PLAN_SEARCH_VIEW_H
#define PLAN_SEARCH_VIEW_H

#include "plan/shape.h"

/* Slots of a stage in a unit of a pool. */
int32_t plan_pool_slots(const struct plan_shape *shape, int32_t pool, int32_t workload,
                        int32_t stage);

#endif
