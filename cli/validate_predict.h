/* What the simulator, and the bottleneck rule, say of a pipeline that validate runs.
 *
 * The pipeline becomes a scenario: a node with so many CPUs, a stage of one CPU for
 * each stage, a slot for each of its threads, `buffer` for the queue before it, service
 * times drawn from those measured alone.  The source gives an item whenever one is
 * taken
 * (`pull`).
 *
 * Threads that fit the CPUs get a CPU each.  More threads than CPUs share them: one
 * unit of all CPUs, in which a task has its CPU to its end, and begins only where its
 * output will have room (else threads that wait, which need no CPU, would hold one);
 * the queue grows by the items that those would have in their hands.  That is an
 * approximation.
 */
#ifndef CLI_VALIDATE_PREDICT_H
#define CLI_VALIDATE_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "calibrate/flow.h"

enum { CLI_PREDICT_STAGES = 4 };

struct cli_predict_stage {
    int32_t workers, queue; /* as struct cal_stage */
    int32_t n_samples;
    const double *samples_s; /* of service; drawn with equal chance */
    double extra_s;          /* added to each: hand-offs */
};

struct cli_predict {
    int32_t n;
    struct cli_predict_stage stages[CLI_PREDICT_STAGES];
    bool fused;
    int32_t cores;
    int32_t items;
    int32_t replications; /* runs, each with other draws: means over them */
    uint64_t seed;
};

struct cli_predicted {
    struct cal_flow flow;
    double busy_frac[CLI_PREDICT_STAGES];
};

/* Whether its threads must share the CPUs. */
bool cli_predict_shares(const struct cli_predict *what);

/* The scenario, as a file would say it; lives in `arena`. */
const char *cli_predict_scenario(const struct cli_predict *what,
                                 struct sp_arena *arena);

/* Simulates it. */
SP_CHECKED enum sp_status cli_predict_run(const struct cli_predict *what,
                                          struct cli_predicted *predicted,
                                          struct sp_err *err);

/* Items per second by the bottleneck rule: the slowest stage's threads / its mean time;
 * fused, threads / the sum of the means; never more than the CPUs can do. */
double cli_predict_rule(const double *mean_s, const int32_t *workers, int32_t n,
                        bool fused, int32_t cores);

#endif
