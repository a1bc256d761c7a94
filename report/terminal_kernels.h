/* What stages asked of calibrated kernels, on a terminal.  Internal to
 * report/terminal*.c. */
#ifndef REPORT_TERMINAL_KERNELS_H
#define REPORT_TERMINAL_KERNELS_H

#include "report/page.h"

struct model_workload_result;
struct model_policy_result;

/* Below a stage's row, where some of its times are extrapolated: how many. */
void report_terminal_extrapolated(struct report_page *page,
                                  const struct model_workload_result *w,
                                  const char *stage);

/* Below a policy's name: which of its stages rest on extrapolated times, if any. */
void report_terminal_rests_on(struct report_page *page,
                              const struct model_policy_result *p);

/* A sentence for each kernel: of which profile, its basis, what was measured against
 * what was asked. */
void report_terminal_kernels(struct report_page *page,
                             const struct model_workload_result *w);

#endif
