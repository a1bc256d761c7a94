/* What the files that tell a plan share.  Internal to report/planned*.c. */
#ifndef REPORT_PLANNED_PARTS_H
#define REPORT_PLANNED_PARTS_H

#include "model/planned.h"
#include "report/page.h"

/* ---- planned_words.c: figures and names in sentences ---- */

/* "39.99 +- 0.02"; "39.99" where there is no interval, or none that shows. */
const char *report_planned_stat(struct report_page *page, struct model_stat stat,
                                char *(*format)(double v, char *buf));

/* A figure of a goal in its unit; a share is rounded against the goal. */
const char *report_planned_figure(struct report_page *page,
                                  const struct model_goal_kind *kind, double value);

/* "4"; "any" of what comes and goes, whose number is not known (below 0). */
const char *report_planned_count(struct report_page *page, int32_t n);

/* "4 gpu-node and 28 cpu-node", each name in at most `columns`; "no nodes". */
const char *report_planned_nodes(struct report_page *page,
                                 const struct model_planned_fleet *fleet, int columns);

/* "preprocess | infer", "policy 'monolithic' as written". */
const char *report_planned_what(struct report_page *page,
                                const struct model_planned_fleet *fleet);

enum report_bundling {
    REPORT_BUNDLING_NONE,    /* nothing to bundle */
    REPORT_BUNDLING_APART,   /* every stage a unit */
    REPORT_BUNDLING_ALL,     /* one unit for each workload of several stages */
    REPORT_BUNDLING_BETWEEN, /* or not alike over the workloads */
};
enum report_bundling report_planned_bundling(const struct model_planned_fleet *fleet);

/* "cheaper by 12.0 % +- 3.0": how much less `usd` is than `usd` plus `more` (of runs as
 * pairs); "no difference in cost shown" where it is within its interval. */
const char *report_planned_cheaper(struct report_page *page, double usd,
                                   struct model_stat more);

/* USD of a month at so much an hour; whole from 100 on. */
const char *report_planned_month_usd(struct report_page *page, double usd_per_h);
const char *report_planned_month_stat(struct report_page *page,
                                      struct model_stat usd_per_h);

/* ---- planned_fleet.c: what was found ---- */

void report_planned_fleet(struct report_page *page,
                          const struct model_planned_fleet *fleet);
void report_planned_targets(struct report_page *page, const struct model_planned *p,
                            const struct model_planned_fleet *fleet);
void report_planned_bindings(struct report_page *page, const struct model_planned *p);

/* ---- planned_beside.c: what is next to it ---- */

void report_planned_beside(struct report_page *page, const struct model_planned *p);
void report_planned_steps(struct report_page *page, const struct model_planned *p);

/* ---- planned_curves.c: what was asked for besides ---- */

void report_planned_frontier(struct report_page *page, const struct model_planned *p);
void report_planned_ratios(struct report_page *page, const struct model_planned *p);

#endif
