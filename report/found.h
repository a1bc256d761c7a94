/* What `stageplan run --find` found: on a terminal, and as JSON. */
#ifndef REPORT_FOUND_H
#define REPORT_FOUND_H

#include <stdio.h>

#include "base/status.h"
#include "model/found.h"
#include "report/terminal.h"

/* A table, a row per policy, in 80 columns; then between which rates each lies, and
 * what the policies come to beside each other.  SP_EIO where `out` could not take it
 * all. */
SP_CHECKED enum sp_status
report_found_print(FILE *out, const struct model_found *found,
                   const struct report_terminal_options *options, struct sp_err *err);

/* {"stageplan", "scenario", "seed", "find": {...}}; whole or not at all. */
SP_CHECKED enum sp_status report_found_write_json(const char *path,
                                                  const struct model_found *found,
                                                  struct sp_err *err);

#endif
