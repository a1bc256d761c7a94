/* Replications of a scenario in which nothing is left to chance. */
#ifndef REPORT_ALIKE_H
#define REPORT_ALIKE_H

#include <stdbool.h>

#include "model/result.h"

/* Whether several runs came out all the same, in time, bill, rates and latencies of
 * every policy: then their intervals of no width say nothing, and are not shown. */
bool report_all_alike(const struct model_result *r);

#endif
