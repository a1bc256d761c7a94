/* A text as a JSON string, for files that are written as a stream. */
#ifndef REPORT_JSON_QUOTE_H
#define REPORT_JSON_QUOTE_H

#include "base/arena.h"

/* In quotes, in `arena`: UTF-8 made valid, control characters replaced (as
 * REPORT_TEXT_LINE does), quotes and backslashes escaped, and < > & as \u003c, ... so
 * that it may stand in a page.  NULL gives "". */
char *report_json_quote(struct sp_arena *arena, const char *text);

#endif
