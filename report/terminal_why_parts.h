/* The pieces of report/terminal_why.h.  Internal to report/terminal_why*.c. */
#ifndef REPORT_TERMINAL_WHY_PARTS_H
#define REPORT_TERMINAL_WHY_PARTS_H

#include "report/compare_parts.h"

/* Whether there is anything to tell of one of them, in any policy. */
bool report_why_any_bottleneck(const struct report_compare *c);

/* Rows of a block: the stage that is busiest, and with what. */
void report_why_bottlenecks(const struct report_compare *c);

/* Utilization over time, a line for each policy, where some run was long enough. */
bool report_why_has_time(const struct model_result *result);
void report_why_over_time(struct report_page *page, const struct model_result *result);

#endif
