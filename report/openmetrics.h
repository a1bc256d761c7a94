/* The result as OpenMetrics text 1.0, for what reads metrics of running systems:
 * docs/exports.md names the families.  No sample has a timestamp, and a figure that was
 * not measured has no sample. */
#ifndef REPORT_OPENMETRICS_H
#define REPORT_OPENMETRICS_H

#include "report/context.h"

/*   SP_EIO  it can't be written. */
SP_CHECKED enum sp_status report_openmetrics_write(const char *path,
                                                   const struct report_context *c,
                                                   struct sp_err *err);

#endif
