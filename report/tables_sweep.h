/* Every record of a sweep as rows, as report/tables.h has those of a run. */
#ifndef REPORT_TABLES_SWEEP_H
#define REPORT_TABLES_SWEEP_H

#include "model/sweep.h"
#include "report/columns.h"

struct report_sweep_row {
    const char *created_at; /* "2026-11-22T10:36:25Z" */
    struct model_sweep s;
};

enum { REPORT_SWEEP_POLICY, REPORT_SWEEP_WORKLOAD };

struct report_sweep_name_row {
    int32_t kind, position;
    const char *name;
};

struct report_sweep_value_row {
    int32_t axis, position;
    double number;
    const char *text;
};

struct report_sweep_point_row {
    int64_t point;
    int32_t axis;
    struct model_coordinate at;
};

/* Why a point is infeasible: of its first policy that is. */
struct report_sweep_reason_row {
    int64_t point;
    const char *text;
};

/* Of a struct model_sweep_run: `end` is the figures', or that it is infeasible. */
enum { REPORT_SWEEP_NO_END = MODEL_END_EVENT_LIMIT + 1 };

struct report_sweep_run_row {
    int64_t point;
    int32_t policy, replication;
    int32_t end;
    struct model_run_figures figures; /* all but its `end` */
};

struct report_sweep_workload_row {
    int64_t point;
    int32_t policy, replication, workload;
    struct model_workload_figures figures;
};

extern const struct report_table report_table_sweeps, report_table_sweep_files,
    report_table_sweep_sets, report_table_sweep_names, report_table_sweep_axes,
    report_table_sweep_values, report_table_sweep_points, report_table_sweep_reasons,
    report_table_sweep_runs, report_table_sweep_workloads;

/* All of them, parents before what is below them; NULL ends the list. */
extern const struct report_table *const report_sweep_tables[];

#endif
