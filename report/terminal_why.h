/* Why the bills are what they are, below the comparison: bottlenecks, what was paid for
 * (the bill by part and resource, in USD and hours), how far from the floor, the steps
 * from the baseline to the policy to choose, and utilization over time. */
#ifndef REPORT_TERMINAL_WHY_H
#define REPORT_TERMINAL_WHY_H

#include "report/page.h"

/* Nothing where there is nothing to say. */
void report_terminal_why(struct report_page *page, const struct model_result *result);

#endif
