/* From one policy's bill to another's, in steps that add up exactly.
 *
 * Money is that of the cells (struct model_cost_cell), means over the replications, as
 * whole micro-dollars; cells are valued at list prices, and what was paid less (or
 * more) is a step of its own:
 *
 *   less work      work and redone work are compared by resource and hour: the hours of
 *                  work that one policy has more, at the price an hour had with the
 * other node mix       the rest of what work costs: the same hours on nodes at other
 * prices idle, blocked, transfer, stranded, unused, boot, redone, billing rounding the
 * parts of the bill, one step each purchase       spot, reserved and discounted prices
 * against list
 */
#ifndef REPORT_WATERFALL_H
#define REPORT_WATERFALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/result.h"

enum report_step_kind {
    REPORT_STEP_VOLUME, /* "work done" */
    REPORT_STEP_MIX,    /* "node mix" */
    REPORT_STEP_IDLE,
    REPORT_STEP_STRANDED,
    REPORT_STEP_UNUSED,
    REPORT_STEP_BLOCKED,
    REPORT_STEP_TRANSFER,
    REPORT_STEP_BOOT,
    REPORT_STEP_REDONE, /* "lost and redone": spot losses, failures, evictions */
    REPORT_STEP_ROUNDING,
    REPORT_STEP_PURCHASE, /* "spot and discounts" */
    REPORT_STEPS
};
const char *report_step_name(enum report_step_kind kind); /* "node mix", ... */
const char *report_step_text(enum report_step_kind kind); /* what it is, a sentence */

struct report_waterfall {
    int32_t from, to; /* policy ids */
    int64_t from_uusd, to_uusd;
    int64_t uusd[REPORT_STEPS]; /* from_uusd + their sum = to_uusd, exactly */
};

/* False where a bill is not known or not taken apart. */
bool report_waterfall_make(const struct model_result *result, int32_t from, int32_t to,
                           struct report_waterfall *waterfall);

/* Which step a part belongs to; that of MODEL_PART_WORK is REPORT_STEP_MIX. */
enum report_step_kind report_step_of(enum model_part part);

#endif
