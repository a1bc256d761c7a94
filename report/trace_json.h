/* What happened when, as a trace in Chrome's JSON form, which Perfetto
 * (ui.perfetto.dev) shows: docs/exports.md says what is what in it.
 *
 * Written as a stream: memory does not grow with the number of slices.  A result
 * without a timeline has counters alone.
 */
#ifndef REPORT_TRACE_JSON_H
#define REPORT_TRACE_JSON_H

#include "report/context.h"

/*   SP_EIO  it can't be written. */
SP_CHECKED enum sp_status report_trace_json_write(const char *path,
                                                  const struct report_context *c,
                                                  struct sp_err *err);

#endif
