/* --find min_nodes: the fewest nodes of one fixed node type with which a workload does
 * what it must, the rest of the fleet being as it is.
 *
 *   jobs      `target` (a quantile or the mean of the queue waits), or, without one, no
 *             deadline missed; a run that leaves more than 5 % of its jobs undone, or
 *             refuses a gang for want of nodes, does not meet it
 *   serving   its SLO, as max_rate judges it
 *   pipeline  the deadline of `size`
 *
 * Each fleet is run with every seed of the replications and meets the goal where nine
 * tenths of the runs do: the 90th percentile (nearest rank) decides.
 */
#ifndef CLI_FIND_NODES_H
#define CLI_FIND_NODES_H

#include "cli/find.h"

/* Members of struct cli_search. */
SP_CHECKED enum sp_status cli_find_nodes_check(const struct model_scenario *sc,
                                               int32_t workload, struct sp_err *err);
void cli_find_nodes_begin(const struct cli_find_job *job, struct sp_arena *arena,
                          struct model_found *all);
SP_CHECKED enum sp_status cli_find_nodes(const struct cli_find_job *job, int32_t policy,
                                         struct model_found *all,
                                         struct model_found_policy *found,
                                         struct sp_err *err);

/* Whether a search for nodes can be about the workload. */
bool cli_find_nodes_has_goal(const struct model_scenario *sc, int32_t workload);

/* How many fixed nodes of a group of node types a policy has; 0 where it has none, or
 * where they stand in a list, whose number can't change. */
int32_t cli_find_nodes_of(const struct model_policy *policy, const char *group);

#endif
