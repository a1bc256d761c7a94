/* Candidates and what their runs say: simulated once for each replication, kept, never
 * run again.
 *
 * Replication k of every candidate has the same seed, so that candidates are compared
 * as pairs.  A candidate misses as soon as more runs than a tenth of all missed a goal:
 * it is not run further; a run that is still going at four times the deadline of the
 * goals is not run to its end.  Batches are run by threads, and what comes of it does
 * not depend on their number.
 */
#ifndef PLAN_EVALUATE_H
#define PLAN_EVALUATE_H

#include "model/goals.h"
#include "model/job.h"
#include "plan/shape.h"
#include "sim/run.h"

/* A shape with numbers.  Two are the same where all of it is. */
struct plan_candidate {
    int32_t shape; /* SP_NO_ID: policy `policy` of the scenario, as written */
    int32_t policy;
    const int32_t *units; /* by pool of the shape */
    const int32_t *nodes; /* by node type of its policy, fixed */
};

/* What is known of a candidate; by id, in the order in which they were first asked
 * for. */
struct plan_evaluated {
    struct plan_candidate candidate;
    const char *why_not; /* can't be run at all, or NULL */
    int32_t n_runs, n_missed;
    struct model_run_figures *runs;           /* by replication */
    struct model_workload_figures *workloads; /* [run][workload] */
    bool lost;                                /* too many runs missed a goal */
};

struct plan_evaluator;

struct plan_evaluate_options {
    const struct model_scenario *scenario;
    const struct model_goals *goals;
    const struct plan_shape *shapes;
    int32_t n_shapes;
    const struct sim_options *run; /* seed, openers, version */
    int32_t replications;          /* of a candidate that is kept */
    int32_t threads;
    int64_t runs_max; /* of the whole search */
    bool (*stop)(void *self,
                 int64_t runs); /* between batches; Ctrl-C, progress; NULL */
    void *stop_self;
};

/* Keeps `options` and what they point to. */
struct plan_evaluator *plan_evaluator_new(struct sp_arena *arena,
                                          const struct plan_evaluate_options *options);

/* Other goals from now on: of what was run, misses are counted anew. */
void plan_evaluator_aim(struct plan_evaluator *e, const struct model_goals *goals);
const struct model_goals *plan_evaluator_goals(const struct plan_evaluator *e);

/* Brings each of the candidates up to `replications` runs (fewer where it is lost or
 * can't be run); ids[i] is that of candidates[i].  False: runs_max is used up, or it
 * was stopped; what is known stays.
 *   SP_EINPUT  a run failed for what stands in the scenario. */
SP_CHECKED enum sp_status plan_evaluate(struct plan_evaluator *e,
                                        const struct plan_candidate *candidates,
                                        int32_t n, int32_t replications, int32_t *ids,
                                        bool *enough, struct sp_err *err);

const struct plan_evaluated *plan_evaluated_of(const struct plan_evaluator *e,
                                               int32_t id);
int64_t plan_evaluator_runs(const struct plan_evaluator *e);

int32_t plan_evaluator_candidates(const struct plan_evaluator *e);

/* Whether every goal is met in nine of ten of the runs it has. */
bool plan_evaluated_met(const struct plan_evaluated *c);

/* How far it is from goal `goal`, as a share of the target, in the run that decides:
 * the worst of the nine of ten best; 0 or less where the goal is met. */
double plan_evaluated_miss(const struct plan_evaluator *e,
                           const struct plan_evaluated *c, int32_t goal);

/* The sum of the misses over all goals; 0 where none is missed, INFINITY where there is
 * no run. */
double plan_evaluated_total_miss(const struct plan_evaluator *e,
                                 const struct plan_evaluated *c);

/* Mean and interval of what its runs cost. */
struct model_stat plan_evaluated_usd(const struct plan_evaluated *c);

/* Cost of a - cost of b over the replications that both have, as pairs. */
struct model_stat plan_evaluated_difference(const struct plan_evaluated *a,
                                            const struct plan_evaluated *b);

/* The scenario with one policy, `name`, as the candidate has it: in `arena`, sharing
 * what does not differ. */
struct model_scenario *plan_candidate_scenario(const struct plan_evaluate_options *o,
                                               const struct plan_candidate *c,
                                               const char *name,
                                               struct sp_arena *arena);

#endif
