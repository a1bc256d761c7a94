/* What `stageplan validate` found: on a terminal, and as JSON. */
#ifndef REPORT_VALIDATION_PRINT_H
#define REPORT_VALIDATION_PRINT_H

#include <stdio.h>

#include "base/status.h"
#include "model/validation.h"

/* A table of throughputs, a row for each pipeline; then of each its stages, latencies,
 * and the verdict with its reason.  At most 80 columns.
 *   SP_EIO  `out` could not take it all. */
SP_CHECKED enum sp_status report_validation_print(FILE *out,
                                                  const struct model_validation *v,
                                                  struct sp_err *err);

/* {"stageplan", "profile", "validate": {...}}; whole or not at all. */
SP_CHECKED enum sp_status report_validation_write_json(const char *path,
                                                       const struct model_validation *v,
                                                       struct sp_err *err);

#endif
