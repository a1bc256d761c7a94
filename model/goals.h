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
 * Where there is one workload, its targets may stand beside those of the run.  Every
 * key is a row of a table that names the figure it bounds (model/figure.h) and which
 * way.  A workload without a target of its own (of cost does not count) has what
 * follows from the scenario: of serving its `slo` (attain), of jobs its `target` or
 * deadlines, of pipelines the deadline of `size` or `rate`, else that it keeps up with
 * its source; nothing where there is a deadline of the run and its source ends.
 */
#ifndef MODEL_GOALS_H
#define MODEL_GOALS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/figure.h"
#include "model/scenario.h"

enum model_goal_unit {
    MODEL_GOAL_S,
    MODEL_GOAL_PER_S,
    MODEL_GOAL_FRAC,
    MODEL_GOAL_USD,
    MODEL_GOAL_USD_PER_H,
};

struct model_goal_kind {
    const char *key;           /* "latency_p99"; NULL ends the table */
    bool of_workload;          /* else of the run: deadline, budget */
    enum model_kind work_kind; /* of workloads of this kind alone */
    const char *figure;
    enum model_goal_unit unit;
    bool at_most; /* else at least */
    const char *help;
};
extern const struct model_goal_kind model_goal_kinds[];

struct model_goal {
    const struct model_goal_kind *kind;
    struct model_figure_of of;
    double value;          /* in the figure's unit */
    double tolerance_frac; /* of a rate: so far below it still meets it, as what arrives
                            * just as fast is never all done; of a cost per hour so far
                            * above it, as bills are rounded up; else 0 */
    double path_s; /* of a pipeline's: what an item takes on the way when nothing waits,
                    * by means; 0: not known */
    const struct model_slo *slo; /* of a serving workload's, else NULL */
    const char *text;            /* "embed: latency p99 at most 2 s" */
    bool implied;                /* not written: it follows from the scenario */
    int32_t line;                /* of the scenario's file; 0: implied, --set */
};

/* How far behind its source a pipeline may fall and still keep up. */
#define MODEL_KEEPS_UP_FRAC 0.99

/* Of the things that came, so many may be undone and late at the end of a run; of more,
 * no quantile or mean of those that were done says that a target is met. */
#define MODEL_UNDONE_FRAC 0.05

/* Runs that must meet a goal, of n: nine tenths, rounded up. */
int32_t model_goal_runs_enough(int32_t n);

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

/* Those of the scenario, in its arena.  Figures of goals that were written are looked
 * up, what is not written is added.
 *   SP_EINPUT  a workload has nothing to meet: the message says what it could have. */
SP_CHECKED enum sp_status model_goals_of(struct model_scenario *sc,
                                         struct model_goals *goals, struct sp_err *err);

/* The figure that a run has of a goal, but for what can't be blamed on it: of
 * `keeps_up`, in flight at the end is only what is more than `path_s` holds; of the
 * SLO, requests that can't be on time any more are misses. */
double model_goal_value(const struct model_goal *goal,
                        const struct model_run_figures *run,
                        const struct model_workload_figures *workloads);

/* How far a run is from a goal, as a share of the target (of a target of 0, the figure
 * itself): 0 or less where it is met; infinite where the run did not end well (a
 * deadline: with all done), refused what its fleet could never hold (but for targets of
 * cost), has no such figure, or too much is undone (jobs: in flight or dropped; else in
 * flight beyond what arrives in the time that the target allows). */
double model_goal_miss(const struct model_goal *goal,
                       const struct model_run_figures *run,
                       const struct model_workload_figures *workloads);

/* Whether it is about money, which is never all that a workload must meet. */
bool model_goal_is_cost(const struct model_goal_kind *kind);

/* "embed: latency p99 at most 2 s", in `arena`; `workload` NULL: of the run. */
const char *model_goal_say(struct sp_arena *arena, const struct model_goal_kind *kind,
                           const char *workload, double value, double tolerance_frac);

#endif
