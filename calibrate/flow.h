/* What a flow of items comes to, from the times at which each entered and left: the
 * same for items that were timed and for items that were simulated.
 */
#ifndef CALIBRATE_FLOW_H
#define CALIBRATE_FLOW_H

#include <stdint.h>

struct cal_flow {
    double per_s;                /* items that left, per second, the ends cut off */
    double mean_s, p50_s, p99_s; /* of their ways from entering to leaving */
};

/* Of n items in any order.  In the order of leaving, a tenth at each end is not counted
 * (at least the first): there the pipeline fills and drains.  Quantiles are nearest
 * ranks.  NaN where fewer than two are left. */
struct cal_flow cal_flow_of(const int64_t *entered_ns, const int64_t *left_ns,
                            int32_t n);

#endif
