/* A bill by what it was paid for: the cells of a policy (struct model_cost_cell) summed
 * up by part and resource. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/result.h"

/* Means over the replications.  The last column is what is of no resource. */
struct report_parts {
    double usd[MODEL_PARTS][MODEL_RESOURCES + 1]; /* as paid */
    double hours[MODEL_PARTS][MODEL_RESOURCES];   /* CPU-h, GPU-h, GiB-h */
    double all_usd;                               /* the bill */
};

/* False where the bill is not known or not taken apart.
 *
 * Cells have the hours of the first replication and the money of all; an hour of a
 * resource has one list price on all nodes of a type, so the mean hours are the mean
 * money at list prices over that (where it costs nothing: the first replication's). */
bool report_parts_of(struct sp_arena *scratch, const struct model_policy_result *policy,
                     struct report_parts *parts);

#endif
