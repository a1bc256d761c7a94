/* From a scenario file and options to a scenario that can be run: what `run`, `sweep`
 * and `plan` do before anything else. */
#ifndef CLI_PREPARE_H
#define CLI_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/run_traces.h"
#include "model/scenario.h"

/* Values of --set path=value, in order, in `arena`.
 *   SP_EINPUT  one has no path or no '='. */
SP_CHECKED enum sp_status cli_read_sets(const struct cli_parsed *parsed,
                                        struct sp_arena *arena, struct model_set **sets,
                                        int32_t *n, struct sp_err *err);

/* Those that --policy names, and the baseline; all where none is named.  *chosen, by
 * policy of the scenario, in `arena`.
 *   SP_EINPUT  there is no such policy, or the scenario has none at all. */
SP_CHECKED enum sp_status cli_choose_policies(const struct cli_parsed *parsed,
                                              const struct model_scenario *sc,
                                              struct sp_arena *arena,
                                              const bool **chosen, struct sp_err *err);

/* Sizes and checks every policy that is chosen; after cli_traces_sum_up().
 *   SP_EINPUT, SP_EINFEASIBLE  the first that can't be run. */
SP_CHECKED enum sp_status cli_prepare_policies(struct model_scenario *sc,
                                               const bool *chosen, struct sp_err *err);

/* Says on stderr, of a scenario that asks for a precision, that `command` makes as many
 * runs as it is told to: only 'run' adds replications. */
void cli_prepare_say_precision(const struct model_scenario *sc, const char *command);

#endif
