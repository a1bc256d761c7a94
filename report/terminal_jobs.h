/* The details of a jobs workload, below its heading; what teams hold and what nodes
 * were bought, below the fleet; what happened to one job, at the end.  Internal to
 * report/terminal*.c. */
#ifndef REPORT_TERMINAL_JOBS_H
#define REPORT_TERMINAL_JOBS_H

#include "report/page.h"

/* Workload `id` of `p`; with `explain` the words of the tables are explained. */
void report_terminal_jobs(struct report_page *page, const struct model_policy_result *p,
                          int32_t id, bool explain);

/* Nodes bought, lost or refused, and why free GPUs are free. */
void report_terminal_capacity(struct report_page *page,
                              const struct model_policy_result *p);

/* Each team's part of the bill and of the hours; nothing where there are none. */
void report_terminal_teams(struct report_page *page,
                           const struct model_policy_result *p, bool explain);

/* What every policy did to the job called `name`, or that it never came. */
void report_terminal_explained(struct report_page *page, const struct model_result *r,
                               const char *name);

#endif
