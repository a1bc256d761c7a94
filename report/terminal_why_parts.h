/* The pieces of report/terminal_why.h.  Internal to report/terminal_why*.c. */
#ifndef REPORT_TERMINAL_WHY_PARTS_H
#define REPORT_TERMINAL_WHY_PARTS_H

#include "report/compare_parts.h"

/* Rows of a block: the stage that is busiest, and with what. */
void report_why_bottlenecks(const struct report_compare *c);

/* Utilization over time, a line for each policy. */
void report_why_over_time(struct report_page *page, const struct model_result *result);

#endif
