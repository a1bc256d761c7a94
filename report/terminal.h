/* The comparison of policies as text: what `stageplan run` prints on stdout.
 *
 * Fits the terminal, or 80 columns, whatever the names are: names are cut with an
 * ellipsis, sentences are wrapped, columns of a table that have no room go to a line
 * below, figures are never cut.  No control character of a name reaches the terminal.
 */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"
#include "model/result.h"

enum {
    REPORT_TERMINAL_COLUMNS = 80, /* where nothing else is known */
    REPORT_TERMINAL_LEAST = 60,
    REPORT_TERMINAL_MOST = 200
};

struct report_terminal_options {
    int columns;     /* kept to LEAST..MOST; 0: 80 */
    bool blocks;     /* bars, dots and plus-minus beyond ASCII */
    bool ascii_only; /* names too: what isn't ASCII becomes '?' */
    bool colour;
    bool assumptions;    /* the full text of every assumption, not only its id */
    const char *explain; /* name of the job whose story is told at the end, or NULL */
    bool brief; /* the comparison and the warnings alone, no details of policies */
};

/* What suits a stream: block characters and colour on a UTF-8 terminal, as wide as it
 * is; plain and 80 columns when piped; colour goes with NO_COLOR set to anything or
 * TERM=dumb.  Reads the environment. */
struct report_terminal_options report_terminal_options_for(FILE *out);

/* Prints the report.  SP_EIO where `out` could not take it all. */
SP_CHECKED enum sp_status
report_terminal_print(FILE *out, const struct model_result *result,
                      const struct report_terminal_options *options,
                      struct sp_err *err);

#endif
