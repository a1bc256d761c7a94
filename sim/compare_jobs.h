/* Jobs workloads of two policies side by side: figures as pairs, and who wins by what:
 * the bill, queue waits, completion times, deadlines; and which teams pay for it.
 * Internal to sim/compare.c. */
#ifndef SIM_COMPARE_JOBS_H
#define SIM_COMPARE_JOBS_H

#include "model/result.h"
#include "sim/leaning.h"

/* Fills c->n_jobs and c->jobs from n replications of each; c->usd_ratio is known. */
void sim_compare_jobs(const struct model_policy_result *a,
                      const struct model_policy_result *b, int32_t n,
                      struct sp_arena *arena, struct model_comparison *c);

/* What it says in words, after that: a sentence or more for each jobs workload;
 * its figures lean on *all, too. */
const char *sim_jobs_verdict(const struct model_policy_result *a,
                             const struct model_policy_result *b, int32_t n,
                             const struct model_comparison *c, struct sp_arena *arena,
                             struct sim_leaning *all);

#endif
