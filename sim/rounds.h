/* Replications of every policy of a scenario, added in rounds.
 *
 * Runs are independent of each other, so threads do them; each fills an arena of its
 * own, which the result's takes over.  They are told in order - policy by policy, and
 * of a policy its replications - so what comes out is the same with any number of
 * threads.
 */
#ifndef SIM_ROUNDS_H
#define SIM_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run_parts.h"

struct sim_rounds_policy {
    int32_t policy; /* of the scenario */
    int32_t n, room;
    struct model_policy_result *runs; /* replications 0 .. n - 1 */
};

struct sim_rounds {
    const struct model_scenario *scenario;
    const struct sim_options *options;
    struct sp_arena *arena; /* all of it lives there */
    int32_t n_policies;     /* those that are wanted; a row's number is its id in the
                             * result */
    struct sim_rounds_policy *policies;
    int32_t asked; /* replications of each, by all rounds so far */
    bool stopped;  /* told to: policies may have fewer, and one that has none but an
                    * interrupted first one has that */
};

void sim_rounds_init(struct sim_rounds *r, const struct model_scenario *scenario,
                     const struct sim_options *options, struct sp_arena *arena);

/* Adds replications until every policy has `to` of them.
 *   others  as sim_run_one(): of the first run, in order, that fails. */
SP_CHECKED enum sp_status sim_rounds_add(struct sim_rounds *r, int32_t to,
                                         struct sp_err *err);

/* Replications that all policies which were begun have: the pairs. */
int32_t sim_rounds_pairs(const struct sim_rounds *r);

#endif
