/* What the planner found: a fleet and a bundling that meet the targets, and how sure
 * it is that nothing is cheaper. */
#ifndef MODEL_PLANNED_H
#define MODEL_PLANNED_H

#include <stdbool.h>
#include <stdint.h>

#include "model/goals.h"
#include "model/result.h"
#include "model/yaml.h"

struct model_planned_nodes {
    const char *type, *option, *group;
    int32_t count; /* fixed, from start to end; of a policy as written that buys them as
                    * it needs them: the most at a time, -1 not known */
    double mean; /* of a policy as written, over its first run; NaN: fixed, not known */
    double usd_per_h;
};

struct model_planned_unit {
    const char *workload, *unit;
    const char *slots; /* "preprocess 64 + infer 1" */
    int32_t n_stages;  /* in it */
    int32_t count;     /* -1: scaled while it runs */
    double busy_frac;  /* of the slots of its busiest stage */
};

struct model_planned_goal {
    struct model_stat value;
    double met_frac; /* of runs */
    double miss;     /* of the runs that decide: see model_goal_miss() */
};

/* A fleet with a bundling, and what its runs say. */
struct model_planned_fleet {
    const char
        *partition;     /* "preprocess | infer"; of several workloads joined by "; " */
    const char *policy; /* of the scenario, where it is one as written; else NULL */
    int32_t n_nodes, n_units;
    struct model_planned_nodes *nodes;
    struct model_planned_unit *units;
    int32_t n_runs;  /* replications behind the figures */
    int64_t refused; /* most in a run: requests, jobs that it could never hold */
    bool met;        /* every goal, in nine of ten runs */
    struct model_stat usd, usd_per_h, time_s;
    struct model_planned_goal *goals; /* as many as there are goals */
    struct model_stat traded;         /* of the frontier: the figure that is traded for
                                       * cost, over the runs */
    const char *why_not;              /* what can't work at all: no room for a unit; or
                                       * NULL, and there are figures */
};

/* One more or one fewer of something, all else as planned. */
struct model_planned_step {
    const char *what; /* "one gpu-node fewer" */
    bool fewer_nodes;
    struct model_stat usd; /* cost then - cost of the plan, as pairs */
    bool met;
    const char *text; /* what misses and by how much, or what it gains */
    struct model_planned_fleet fleet;
};

struct model_planned_binding {
    const char *what; /* "GPU of gpu-node", "target embed: latency p99" */
    bool is_target;
    double value, limit; /* in `unit`: use and capacity, figure and target */
    const char *unit;
};

/* CPU workers per GPU worker, say: `per` of the one for each of the other. */
struct model_planned_ratio {
    double per;
    int32_t count, of; /* units of each */
    struct model_stat busy_frac;
    bool enough;
};

struct model_planned {
    const char *name, *path, *version;
    int32_t n_files;
    const struct model_input_file *files;
    uint64_t seed;
    int32_t replications;
    double precision_frac;
    const struct model_goals *goals;
    bool feasible;
    struct model_planned_fleet best; /* feasible: the plan; else what comes closest */
    /* The cheapest others of the fleets of fixed size that were run and meet the
     * targets: of all with other nodes or another partition, and of those that are not
     * the plan with more nodes.  Partition NULL: there is none. */
    struct model_planned_fleet second, runner_up;
    struct model_stat second_usd, runner_up_usd; /* cost - the plan's, as pairs */
    int32_t n_written;
    struct model_planned_fleet *written; /* the scenario's policies as they stand */
    /* Bounds on the bill of a run, USD; NaN where a price or a time is not known. */
    double bound_usd; /* of any fleet of fixed size, whole nodes */
    double floor_usd; /* of anything at all: node-hours in any parts, bought by the
                       * second */
    const char *bound_text; /* what makes it so: "GPU time of infer, CPU time of ..." */
    double gap_frac; /* of the plan to bound_usd (of a policy as written to floor_usd):
                      * (usd - bound) / bound */
    bool complete; /* every fleet that could be cheaper was ruled out, by a bound or by
                    * a run */
    const char *complete_text; /* by what; or why the search ended before */
    int32_t n_bindings;
    struct model_planned_binding *bindings; /* the tightest first */
    int32_t n_steps;
    struct model_planned_step *steps;
    const char *missed; /* infeasible: which target can't be met, one sentence */
    int32_t n_frontier;
    struct model_planned_fleet *frontier; /* cheapest first; each is faster than those
                                           * before it */
    struct model_figure_of frontier_of;   /* what is traded for cost */
    const char *ratio;                    /* "prep:gpu": what was asked for, or NULL */
    double ratio_busy_frac;
    double ratio_analysis; /* the one per each of the other by bottleneck analysis */
    int32_t n_ratios;
    struct model_planned_ratio *ratios;
    int64_t candidates, runs;          /* looked at; simulated */
    const struct model_policy *policy; /* feasible: the plan as a policy to be run;
                                        * NULL: it is best.policy, as written */
    int32_t policy_of;                 /* the scenario's that it was made from */
    bool interrupted; /* the search ended before it would have by itself */
    /* Filled by who asked: what it all rests on (model_inputs_collect(),
     * model_catalog_used()). */
    int32_t n_inputs;
    const struct model_input *inputs;
    const char *catalog;
};

/* The scenario's tree with the plan laid over: one more policy, the baseline, whose
 * name goes to *policy; seed and replications as planned; policies that can't be run
 * left out.  Read and run it gives what was planned, to the micro-dollar.  The plan
 * must be feasible. */
const struct model_yaml_node *model_planned_tree(const struct model_scenario *sc,
                                                 const struct model_planned *planned,
                                                 struct sp_arena *arena,
                                                 const char **policy);

#endif
