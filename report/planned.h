/* What `stageplan plan` found: on a terminal, and as JSON (docs/exports.md). */
#ifndef REPORT_PLANNED_H
#define REPORT_PLANNED_H

#include <stdio.h>

#include "base/status.h"
#include "model/planned.h"
#include "report/terminal.h"

/* The plan first: fleet, units, cost; the bound and the gap; targets and what binds;
 * what is next to it: the runner-up, policies as written, a step more and fewer; the
 * frontier; prices.  Without a plan, which target can't be met and what comes closest.
 * SP_EIO where `out` could not take it all. */
SP_CHECKED enum sp_status
report_planned_print(FILE *out, const struct model_planned *planned,
                     const struct report_terminal_options *options, struct sp_err *err);

/* All of it unrounded; whole or not at all. */
SP_CHECKED enum sp_status report_planned_write_json(const char *path,
                                                    const struct model_planned *planned,
                                                    struct sp_err *err);

/* The scenario with the plan as a policy of it, to be run: model_planned_tree().  The
 * plan must be feasible.  Whole or not at all. */
SP_CHECKED enum sp_status
report_planned_write_scenario(const char *path, const struct model_scenario *scenario,
                              const struct model_planned *planned, struct sp_err *err);

#endif
