/* A page for a browser: one file that holds all it needs and loads nothing.
 *
 * Its Content-Security-Policy allows no source but its own styles and script, which it
 * names by their SHA-256; there is no attribute that holds either.  Everything is said
 * without the script, too: that adds tooltips, a filter, a switch between light and
 * dark, and the panel that works out what other prices would change.  Bytes are bounded
 * (report/html_parts.h), whatever the run was.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/status.h"
#include "report/context.h"

/* Writes the page to `path`, whole or not at all.
 *   SP_EIO  it can't be written. */
SP_CHECKED enum sp_status report_html_write(const char *path,
                                            const struct report_context *context,
                                            struct sp_err *err);

#endif
