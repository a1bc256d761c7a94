/* The figures of one run that sweeps keep, targets are about and intervals are made of:
 * one table says once what each is called, its unit and which way is better.
 *
 * "One run" is one policy, one replication.  NaN: not measured.
 */
#ifndef MODEL_FIGURE_H
#define MODEL_FIGURE_H

#include <stddef.h>
#include <stdint.h>

#include "model/result.h"

/* Of the whole run. */
struct model_run_figures {
    enum model_end end;
    int64_t refused;       /* requests, jobs: model_refused() */
    double usd, usd_per_h; /* the bill; divided by the time */
    double time_s;
    double floor_usd, idle_usd, unallocated_usd;
    double gpu_busy_frac, gpu_allocated_frac; /* of provisioned, over the window */
    double cpu_busy_frac, cpu_allocated_frac;
    double gpu_nodes_peak, nodes_mean; /* nodes held, all types, time average */
    double nodes_lost;                 /* taken back or broken */
    double events;
};

/* Of one workload; those of another kind are NaN. */
struct model_workload_figures {
    double done, dropped, in_flight; /* source items */
    double per_s;
    double keeps_up_frac; /* items done per item arrived, over the window; 1 where the
                           * source ends and all was done */
    double usd_per_1k_items;
    double latency_mean_s, latency_p50_s, latency_p90_s, latency_p99_s;
    double busy_frac; /* of the slots of its bottleneck stage, over the window */
    /* serving */
    double ttft_mean_s, ttft_p50_s, ttft_p90_s, ttft_p99_s, tpot_mean_s, tpot_p99_s,
        e2e_mean_s, e2e_p99_s;
    double slo_attained, goodput_per_s, usd_per_million_tokens;
    /* jobs */
    double queue_mean_s, queue_p50_s, queue_p90_s, queue_p99_s, completion_mean_s,
        completion_p99_s, makespan_s, deadlines_missed_frac;
};

enum model_better { MODEL_BETTER_NEITHER, MODEL_BETTER_LOWER, MODEL_BETTER_HIGHER };

struct model_figure {
    const char *name; /* "usd", "latency_p99_s": also its column's name; NULL ends */
    const char *unit; /* "USD", "s", "items/s", "" */
    const char *help; /* a few words for a heading: "cost", "latency p99" */
    enum model_better better;
    size_t at; /* of the double in its struct */
};

extern const struct model_figure model_figures_run[];      /* ends with a NULL name */
extern const struct model_figure model_figures_workload[]; /* likewise */

/* One figure of a scenario: "usd", or "embed.latency_p99_s". */
struct model_figure_of {
    int32_t workload; /* SP_NO_ID: of the run */
    const struct model_figure *figure;
};

/* The figure of that name, which is one of the table's (a word of our own source): of
 * the run where `workload` is SP_NO_ID, else of the workload. */
struct model_figure_of model_figure_named(const char *name, int32_t workload);

/* Takes them from a run with one value behind each figure; workloads[] has
 * p->n_workloads rows. */
void model_figures_take(const struct model_policy_result *p,
                        struct model_run_figures *run,
                        struct model_workload_figures *workloads);

double model_figure_value(struct model_figure_of of,
                          const struct model_run_figures *run,
                          const struct model_workload_figures *workloads);

/* What `text` names, "FIGURE" or "WORKLOAD.FIGURE"; a figure of a workload may stand
 * alone where there is one workload.
 *   SP_EINPUT  no such figure or workload: the message names the nearest. */
SP_CHECKED enum sp_status
model_figure_parse(const char *text, const char *const *workloads, int32_t n_workloads,
                   struct model_figure_of *of, struct sp_err *err);

#endif
