/* The traces of a scenario before its runs: each is read once, for what sizing and the
 * simulation must know of it beforehand, and for what in it would mislead.
 */
#ifndef CLI_RUN_TRACES_H
#define CLI_RUN_TRACES_H

#include "model/result.h"
#include "model/scenario.h"

struct cli_traces {
    char *folder; /* of the scenario: paths of traces start there */
    int32_t n_warnings;
    const char **warnings;
};

/* Fills the summaries of all traces, and what names in job traces mean.  What is filled
 * lives in the scenario's arena, *traces in `arena`. */
SP_CHECKED enum sp_status cli_traces_sum_up(struct model_scenario *sc,
                                            struct sp_arena *arena,
                                            struct cli_traces *traces,
                                            struct sp_err *err);

/* Adds what is odd about the traces to a result's warnings. */
void cli_traces_warn(const struct cli_traces *traces, struct sp_arena *arena,
                     struct model_result *result);

#endif
