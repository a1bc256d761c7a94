/* What the verbs of `stageplan trace` share. */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include <stdio.h>

#include "cli/cli.h"

/* The file of --out, or stdout; NULL after a message on stderr. */
FILE *cli_trace_out(const struct cli_parsed *parsed);

/* Ends it: what was written is checked.  With a code that is not CLI_OK what is there
 * is taken away again.  Returns `code`, or CLI_FAILED after a message. */
int cli_trace_close(const struct cli_parsed *parsed, FILE *out, int code);

/* stageplan trace info. */
int cli_trace_info(const struct cli_parsed *parsed);

/* stageplan trace convert, of a trace of jobs. */
int cli_trace_convert_jobs(const struct cli_parsed *parsed);

/* stageplan trace generate. */
int cli_trace_generate(const struct cli_parsed *parsed);

#endif
