/* A run cut at the ends of calendar months, and amounts shared out over them. */
#ifndef REPORT_FOCUS_MONTHS_H
#define REPORT_FOCUS_MONTHS_H

#include <stdint.h>

#include "base/arena.h"
#include "model/result.h"

/* The part of a run in one month. */
struct report_month_piece {
    int64_t month_from_s, month_to_s; /* the whole month, Unix time, end-exclusive */
    int64_t from_s, to_s;             /* what of it the run takes, likewise */
    /* What was provisioned up to the end of this piece, of all: 0..1, rising, the last
     * is 1; [MODEL_RESOURCES]: time itself. */
    double until_frac[MODEL_RESOURCES + 1];
};

/* The pieces, at least one, in `arena`: the run begins at start_s and takes as long as
 * the policy's mean time, rounded up to whole seconds, at least one. */
int32_t report_months_of(struct sp_arena *arena, const struct model_policy_result *p,
                         int64_t start_s, struct report_month_piece **pieces);

/* What of `uusd` falls to piece i: the pieces sum to it exactly. */
int64_t report_month_share(const struct report_month_piece *pieces, int32_t i,
                           int32_t resource, int64_t uusd);

/* The same of a quantity. */
double report_month_part(const struct report_month_piece *pieces, int32_t i,
                         int32_t resource, double quantity);

#endif
