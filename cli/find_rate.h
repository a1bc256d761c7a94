/* --find max_rate: the highest rate of requests at which the share `attain` of them
 * meets the SLO, found by scaling the workload's source.
 *
 * A run meets it where slo_attained, over the scenario's window, is `attain` or more,
 * once requests that are late at the end of the run count as missed.  Late: those in
 * flight at the horizon beyond as many as arrive in the longest time that a request of
 * mean length may take and still meet the SLO.  (A run that ends with its last request
 * has none.)
 */
#ifndef CLI_FIND_RATE_H
#define CLI_FIND_RATE_H

#include "cli/find.h"

/* Members of struct cli_search. */
SP_CHECKED enum sp_status cli_find_rate_check(const struct model_scenario *sc,
                                              int32_t workload, struct sp_err *err);
SP_CHECKED enum sp_status cli_find_rate(const struct cli_find_job *job, int32_t policy,
                                        struct model_found *all,
                                        struct model_found_policy *found,
                                        struct sp_err *err);

void cli_find_rate_begin(const struct cli_find_job *job, struct sp_arena *arena,
                         struct model_found *all);

/* The share of requests of a run that met the SLO, those that are late at its end being
 * missed; `rate_per_s` arrive.  How many were late goes to *late unless NULL. */
double cli_find_attained(const struct model_workload_result *workload,
                         double rate_per_s, double *late);

/* Requests per second of a workload's source as it is now. */
double cli_find_rate_of(const struct model_scenario *sc, int32_t workload);

#endif
