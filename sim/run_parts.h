/* The parts of a run: one replication, and putting replications together. */
#ifndef SIM_RUN_PARTS_H
#define SIM_RUN_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run.h"

struct sim_run_one {
    const struct model_scenario *scenario;
    const struct model_policy *policy;
    const struct sim_options *options;
    int32_t policy_id; /* in the result */
    int32_t replication;
};

/* One policy, one replication: figures with one value behind them (half95 NaN). */
SP_CHECKED enum sp_status sim_run_one(const struct sim_run_one *run,
                                      struct sp_arena *arena,
                                      struct model_policy_result *p,
                                      struct sp_err *err);

/* Whether a replication drew what is not known of calibrated kernels. */
bool sim_run_draws(const struct model_policy_result *run);

/* The same of replications; where they drew parameters the half width is that of one
 * more run, t s sqrt(1 + 1/n): more draws don't make a measurement any better known, so
 * the interval must not shrink with their number.  It holds what the true parameters
 * would give as often as it says (estimate and draws have one law), and more often
 * where runs differ by other chance, too. */
struct model_stat sim_stat_of_runs(const double *values, int32_t n, bool drawn);

/* The same of the ratio of two policies' means, as pairs of one replication each. */
struct model_stat sim_ratio_of_runs(const double *a, const double *b, int32_t n,
                                    bool drawn);

/* Of n pairs, the share of what came to a workload that was dropped or not done at the
 * end: the policy's less the baseline's. */
struct model_stat sim_undone_of_runs(const struct model_policy_result *a,
                                     const struct model_policy_result *b, int32_t n,
                                     int32_t workload, double *scratch);

/* Whether any of n pairs drew. */
bool sim_pairs_draw(const struct model_policy_result *a,
                    const struct model_policy_result *b, int32_t n);

/* Puts n replications of one policy together: every model_stat gets its mean and
 * interval, peaks their maximum, the rest stays the first replication's. */
void sim_aggregate(const struct model_policy_result *runs, int32_t n,
                   struct sp_arena *arena, struct model_policy_result *p);

/* Of that, the cells of the bill, by node types of the whole. */
void sim_aggregate_cells(const struct model_policy_result *runs, int32_t n,
                         struct sp_arena *arena, struct model_cost *cost);

/* Compares policy `a` with baseline `b`, pair by pair of n replications. */
void sim_compare(const struct model_policy_result *a,
                 const struct model_policy_result *b, int32_t n, struct sp_arena *arena,
                 struct model_comparison *c);

/* Adds warnings about calibrated kernels: extrapolated times, cores far beyond those
 * measured, measurements that did not converge. */
void sim_warn_of_kernels(struct model_result *r, struct sp_arena *arena);

/* What is assumed where such a scenario is run, into `arena`. */
const struct model_assumption *sim_assumptions(const struct model_scenario *sc,
                                               struct sp_arena *arena, int32_t *n);

#endif
