/* A serving workload of one policy on a terminal: latencies, pools, classes, transfers,
 * and where iteration times and KV capacities come from. */
#ifndef REPORT_TERMINAL_SERVING_H
#define REPORT_TERMINAL_SERVING_H

#include "report/page.h"

/* With `explain`, what columns and characters mean. */
void report_terminal_serving(struct report_page *page,
                             const struct model_serving_result *serving, bool explain);

#endif
