/* What a plan must do and may buy: the scenario's `plan` block, or what follows from
 * the scenario where it has none.
 *
 *   plan:
 *     targets:
 *       deadline: 1h                # all work is done by then
 *       budget: 100 USD             # the bill of the run, at most
 *       embed: { rate: 1000/s, latency_p99: 2s }
 *       chat: { slo_attained: 95%, ttft_p99: 500ms }
 *     nodes: { gpu-node: 0..64, cpu-node: 10 }     # how many may be held
 *     partitions: all               # or as-written: only the scenario's policies
 *
 * Every key of a workload's targets is a row of a table that names the figure it bounds
 * (model/figure.h) and which way.  Without targets: of serving its `slo` (attain), of
 * jobs its `target` or deadlines, of pipelines the deadline of `size` or `rate`, else
 * that it keeps up with its source.
 */
#ifndef MODEL_GOALS_H
#define MODEL_GOALS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/figure.h"
#include "model/scenario.h"

struct model_goal_kind {
    const char *key;  /* "latency_p99"; NULL ends the table */
    bool of_workload; /* else of the run: deadline, budget */
    const char *figure;
    bool at_most; /* else at least */
    const char *help;
};
extern const struct model_goal_kind model_goal_kinds[];

struct model_goal {
    const struct model_goal_kind *kind;
    struct model_figure_of of;
    double value;     /* in the figure's unit */
    const char *text; /* "embed: latency p99 at most 2 s" */
    bool implied;     /* not written: it follows from the scenario */
    int32_t line;     /* of the scenario's file; 0: implied */
};

/* How far behind its source a pipeline may fall and still keep up. */
#define MODEL_KEEPS_UP_FRAC 0.99

struct model_node_range {
    const char *group; /* the fleet's name */
    int32_t min, max;
};

struct model_goals {
    int32_t n;
    struct model_goal *goals;
    int32_t n_ranges;
    struct model_node_range *ranges; /* groups not named: 0 .. as many as it takes */
    bool as_written;                 /* only the scenario's own bundling */
};

/* Those of the scenario, in its arena.
 *   SP_EINPUT  nothing to meet: the message says what could be. */
SP_CHECKED enum sp_status model_goals_of(struct model_scenario *sc,
                                         struct model_goals *goals, struct sp_err *err);

/* How far a run is from a goal, as a share of the target: 0 or less where it is met;
 * infinite where the run did not end well or has no such figure. */
double model_goal_miss(const struct model_goal *goal,
                       const struct model_run_figures *run,
                       const struct model_workload_figures *workloads);

#endif
