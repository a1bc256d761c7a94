/* What belongs to a run as a whole. */
#include "report/tables_parts.h"

#define RECORD report_run_row
static const struct report_column runs[] = {
    COLUMN(TEXT, "created_at", created_at),
    COLUMN(TEXT, "version", r.version),
    COLUMN(TEXT, "scenario", r.name),
    COLUMN(TEXT_NULL, "description", r.description),
    COLUMN(TEXT_EMPTY, "path", r.path),
    COLUMN(WORD64, "seed", r.seed),
    COLUMN(COUNT32, "replications", r.n_runs),
    COLUMN(REAL, "precision", r.precision.asked_frac),
    COLUMN(COUNT32, "replications_max", r.precision.most),
    COLUMN(BOOL, "precision_reached", r.precision.reached),
    COLUMN(BOOL, "precision_drawn", r.precision.drawn),
    COLUMN(REAL, "precision_worst", r.precision.worst_frac),
    COLUMN(TEXT_NULL, "precision_worst_figure", r.precision.worst),
    COLUMN(BOOL, "partial", r.partial),
    COLUMN(TEXT_NULL, "not_run", r.not_run),
    COLUMN(ID32, "baseline", r.baseline),
    COLUMN(TEXT_NULL, "catalog", r.catalog),
};
#undef RECORD

const struct report_table report_table_runs = {
    .name = "runs",
    .has_id = true,
    .size = sizeof(struct report_run_row),
    COLUMNS(runs),
};

#define RECORD model_input_file
static const struct report_column files[] = {
    COLUMN(TEXT, "file", file),
    COLUMN(HEX64, "xxh64", xxh64),
};
#undef RECORD

const struct report_table report_table_files = {
    .name = "inputs",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct model_input_file),
    COLUMNS(files),
};

#define RECORD model_input
static const struct report_column inputs[] = {
    COLUMN(TEXT, "group", group),     COLUMN(TEXT, "name", name),
    COLUMN(REAL, "value", number),    COLUMN(TEXT_NULL, "text", text),
    COLUMN(TEXT, "unit", unit),       COLUMN(TEXT, "basis", basis),
    COLUMN(TEXT, "source", source),   COLUMN(TEXT, "date", date),
    COLUMN(TEXT, "used_by", used_by),
};
#undef RECORD

const struct report_table report_table_inputs = {
    .name = "input_values",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct model_input),
    COLUMNS(inputs),
};

#define RECORD model_assumption
static const struct report_column assumptions[] = {
    COLUMN(TEXT, "id", id),
    COLUMN(TEXT, "text", text),
};
#undef RECORD

/* Of an old database the order is that of the ids. */
const struct report_table report_table_assumptions = {
    .name = "assumptions",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct model_assumption),
    COLUMNS(assumptions),
};

#define RECORD report_warning_row
static const struct report_column warnings[] = {
    COLUMN(TEXT, "text", text),
};
#undef RECORD

const struct report_table report_table_warnings = {
    .name = "warnings",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct report_warning_row),
    COLUMNS(warnings),
};

#define RECORD model_calibration
static const struct report_column calibrations[] = {
    COLUMN(TEXT, "name", name),       COLUMN(TEXT, "file", file),
    COLUMN(TEXT, "machine", machine), COLUMN(TEXT, "driver", driver),
    COLUMN(TEXT, "date", date),
};
#undef RECORD

const struct report_table report_table_calibrations = {
    .name = "calibrations",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct model_calibration),
    COLUMNS(calibrations),
};

#define RECORD model_kernel_curve
static const struct report_column curves[] = {
    COLUMN(TEXT, "profile", profile),
    COLUMN(TEXT, "kernel", kernel),
    COLUMN(TEXT, "device", device),
    COLUMN(TEXT, "axis", axis),
    COLUMN(TEXT, "form", form),
    COLUMN(REAL, "off_frac", off_frac),
    COLUMN(REAL, "flop", flop),
    COLUMN(REAL, "bytes", bytes),
    COLUMN(REAL, "peak_flop_per_s", peak_flop_per_s),
    COLUMN(REAL, "peak_bytes_per_s", peak_bytes_per_s),
    COLUMN(TEXT, "peak_source", peak_source),
};
#undef RECORD

const struct report_table report_table_curves = {
    .name = "kernel_curves",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct model_kernel_curve),
    COLUMNS(curves),
};

#define RECORD report_kernel_point_row
static const struct report_column kernel_points[] = {
    COLUMN(COUNT32, "curve", curve),
    COLUMN(REAL, "x", point.x),
    COLUMN(REAL, "measured_s", point.measured_s),
    COLUMN(REAL, "measured_s_half95", point.half95_s),
    COLUMN(REAL, "fitted_s", point.fitted_s),
    COLUMN(BOOL, "converged", point.converged),
};
#undef RECORD

const struct report_table report_table_kernel_points = {
    .name = "kernel_points",
    .parent = "run_id",
    .position = "position",
    .size = sizeof(struct report_kernel_point_row),
    COLUMNS(kernel_points),
};

const struct report_table *const report_tables[] = {
    &report_table_runs,       &report_table_files,
    &report_table_inputs,     &report_table_assumptions,
    &report_table_warnings,   &report_table_calibrations,
    &report_table_curves,     &report_table_kernel_points,
    &report_table_policies,   &report_table_nodes,
    &report_table_resources,  &report_table_cost_lines,
    &report_table_cells,      &report_table_series,
    &report_table_queued,     &report_table_leases,
    &report_table_slices,     &report_table_links,
    &report_table_teams,      &report_table_fragmentation,
    &report_table_bought,     &report_table_explained,
    &report_table_workloads,  &report_table_stages,
    &report_table_kernels,    &report_table_cdfs,
    &report_table_cdf_points, &report_table_serving,
    &report_table_latencies,  &report_table_classes,
    &report_table_pools,      &report_table_gpus,
    &report_table_attainment, &report_table_jobs,
    &report_table_groups,     &report_table_causes,
    &report_table_allocation, &report_table_comparisons,
    &report_table_served,     &report_table_jobs_compared,
    &report_table_team_waits, NULL,
};
