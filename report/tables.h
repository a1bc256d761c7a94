/* Every record of a result as rows: its table, its columns and the member that each
 * holds.  Where a row holds more than one record of model/result.h, or part of one, a
 * struct here says what it is. */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include "model/result.h"
#include "report/columns.h"

/* ---- a run ---- */

struct report_run_row {
    const char *created_at; /* "2026-11-22T10:36:25Z" */
    struct model_result r;
};

struct report_kernel_point_row {
    int32_t curve;
    struct model_kernel_point point;
};

struct report_warning_row {
    const char *text;
};

extern const struct report_table report_table_runs, report_table_files,
    report_table_inputs, report_table_assumptions, report_table_warnings,
    report_table_calibrations, report_table_curves, report_table_kernel_points;

/* ---- a policy ---- */

struct report_resource_row {
    int32_t resource;
    struct model_resource_use use;
    struct model_ledger ledger;
};

struct report_series_row {
    int32_t resource;
    int32_t bucket;
    double from_s, to_s, provisioned, allocated, busy, stranded;
};

struct report_queued_row {
    int32_t bucket;
    double at_s, queued;
};

struct report_line_row {
    const char *text;
};

extern const struct report_table report_table_policies, report_table_nodes,
    report_table_resources, report_table_cost_lines, report_table_cells,
    report_table_series, report_table_queued, report_table_leases, report_table_slices,
    report_table_links, report_table_teams, report_table_fragmentation,
    report_table_bought, report_table_explained;

/* ---- a workload ---- */

struct report_cdf_row {
    const char *what;
};

struct report_cdf_point_row {
    int32_t cdf;
    double s, frac;
};

extern const struct report_table report_table_workloads, report_table_stages,
    report_table_kernels, report_table_cdfs, report_table_cdf_points;

struct report_latency_row {
    const char *prompts, *figure; /* "all" or a class; "ttft", "held back", ... */
    struct model_times times;
};

/* Where a figure's times stand: in a struct model_serving_result, and in a struct
 * model_serving_class. */
struct report_latency {
    const char *figure;
    size_t at;
};
enum { REPORT_LATENCIES = 7, REPORT_CLASS_LATENCIES = 3 };
extern const struct report_latency report_latencies[REPORT_LATENCIES],
    report_class_latencies[REPORT_CLASS_LATENCIES];

struct report_class_row {
    struct model_serving_class c;
    const char *prompts; /* what its latencies are stored under */
};

struct report_gpu_row {
    int32_t pool;
    struct model_gpu gpu;
};

struct report_attainment_row {
    int32_t bucket;
    double from_s, to_s;
    int64_t finished, met;
};

extern const struct report_table report_table_serving, report_table_latencies,
    report_table_classes, report_table_pools, report_table_gpus,
    report_table_attainment;

struct report_group_row {
    int32_t kind; /* of report_group_names */
    struct model_job_group g;
};

enum { REPORT_GROUP_ALL, REPORT_GROUP_TEAM, REPORT_GROUP_SIZE, REPORT_GROUPS };

struct report_cause_row {
    int32_t group;
    int32_t cause;
    double wait_frac;
};

struct report_curve_row {
    int32_t point;
    double asked_pct, allocated_pct, fragmented_pct;
};

extern const struct report_table report_table_jobs, report_table_groups,
    report_table_causes, report_table_allocation;

/* ---- comparisons: below the policy that is compared ---- */

struct report_comparison_row {
    int64_t baseline_id;
    struct model_comparison c;
};

struct report_served_row {
    int64_t workload_id;
    struct model_serving_comparison c;
};

struct report_jobs_compared_row {
    int64_t workload_id;
    struct model_jobs_comparison c;
};

struct report_team_wait_row {
    int64_t workload_id;
    int32_t team;
    struct model_team_wait w;
};

extern const struct report_table report_table_comparisons, report_table_served,
    report_table_jobs_compared, report_table_team_waits;

/* All of them, parents before what is below them; NULL ends the list. */
extern const struct report_table *const report_tables[];

#endif
