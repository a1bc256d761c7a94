/* What belongs to a sweep. */
#include "report/tables_sweep.h"
#include "base/status.h"
#include "report/tables_parts.h"

static const char *design_name(int32_t design)
{
    return model_design_name((enum model_design)design);
}

static const char *kind_name(int32_t kind)
{
    return model_axis_kind_name((enum model_axis_kind)kind);
}

static const char *end_name(int32_t end)
{
    return model_end_name((enum model_end)end);
}

static const char *name_kind_name(int32_t kind)
{
    return kind == REPORT_SWEEP_POLICY ? "policy" : "workload";
}

static const struct report_names designs = {design_name, MODEL_DESIGNS};
static const struct report_names kinds = {kind_name, MODEL_AXIS_KINDS};
static const struct report_names ends = {end_name, REPORT_SWEEP_NO_END};
static const struct report_names name_kinds = {name_kind_name, 2};

#define RECORD report_sweep_row
static const struct report_column sweeps[] = {
    COLUMN(TEXT, "created_at", created_at),
    COLUMN(HEX64, "fingerprint", s.fingerprint),
    COLUMN(TEXT, "version", s.version),
    COLUMN(TEXT, "scenario", s.scenario),
    COLUMN(TEXT_EMPTY, "path", s.path),
    NAMED(NAME, "design", s.design, designs),
    COLUMN(COUNT64, "samples", s.samples),
    COLUMN(COUNT64, "points", s.n_points),
    COLUMN(WORD64, "seed", s.seed),
    COLUMN(COUNT32, "replications", s.replications),
    COLUMN(ID32, "baseline", s.baseline),
};
#undef RECORD

/* Of the run it began with: NULL where there is none. */
const struct report_table report_table_sweeps = {
    .name = "sweeps",
    .parent = "run_id",
    .order = "id",
    .has_id = true,
    .size = sizeof(struct report_sweep_row),
    COLUMNS(sweeps),
};

#define RECORD model_input_file
static const struct report_column files[] = {
    COLUMN(TEXT, "file", file),
    COLUMN(HEX64, "xxh64", xxh64),
};
#undef RECORD

const struct report_table report_table_sweep_files = {
    .name = "sweep_files",
    .parent = "sweep_id",
    .position = "position",
    .size = sizeof(struct model_input_file),
    COLUMNS(files),
};

#define RECORD model_set
static const struct report_column sets[] = {
    COLUMN(TEXT, "path", path),
    COLUMN(TEXT, "value", value),
};
#undef RECORD

const struct report_table report_table_sweep_sets = {
    .name = "sweep_sets",
    .parent = "sweep_id",
    .position = "position",
    .size = sizeof(struct model_set),
    COLUMNS(sets),
};

#define RECORD report_sweep_name_row
static const struct report_column names[] = {
    NAMED(NAME, "kind", kind, name_kinds),
    COLUMN(COUNT32, "position", position),
    COLUMN(TEXT, "name", name),
};
#undef RECORD

const struct report_table report_table_sweep_names = {
    .name = "sweep_names",
    .parent = "sweep_id",
    .order = "kind, position",
    .size = sizeof(struct report_sweep_name_row),
    COLUMNS(names),
};

#define RECORD model_axis
static const struct report_column axes[] = {
    COLUMN(TEXT, "path", path),         COLUMN(TEXT, "text", text),
    NAMED(NAME, "kind", kind, kinds),   COLUMN(BOOL, "whole", whole),
    COLUMN(BOOL, "relative", relative), COLUMN(TEXT, "unit", unit),
    COLUMN(REAL, "low", low),           COLUMN(REAL, "high", high),
};
#undef RECORD

const struct report_table report_table_sweep_axes = {
    .name = "sweep_axes",
    .parent = "sweep_id",
    .position = "position",
    .size = sizeof(struct model_axis),
    COLUMNS(axes),
};

#define RECORD report_sweep_value_row
static const struct report_column values[] = {
    COLUMN(COUNT32, "axis", axis),
    COLUMN(COUNT32, "position", position),
    COLUMN(REAL, "number", number),
    COLUMN(TEXT, "text", text),
};
#undef RECORD

const struct report_table report_table_sweep_values = {
    .name = "sweep_values",
    .parent = "sweep_id",
    .order = "axis, position",
    .size = sizeof(struct report_sweep_value_row),
    COLUMNS(values),
};

#define RECORD report_sweep_point_row
static const struct report_column points[] = {
    COLUMN(COUNT64, "point", point),
    COLUMN(COUNT32, "axis", axis),
    COLUMN(REAL, "number", at.number),
    COLUMN(TEXT_NULL, "text", at.text),
};
#undef RECORD

const struct report_table report_table_sweep_points = {
    .name = "sweep_points",
    .parent = "sweep_id",
    .order = "point, axis",
    .size = sizeof(struct report_sweep_point_row),
    COLUMNS(points),
};

#define RECORD report_sweep_reason_row
static const struct report_column reasons[] = {
    COLUMN(COUNT64, "point", point),
    COLUMN(TEXT, "text", text),
};
#undef RECORD

const struct report_table report_table_sweep_reasons = {
    .name = "sweep_reasons",
    .parent = "sweep_id",
    .order = "point",
    .size = sizeof(struct report_sweep_reason_row),
    COLUMNS(reasons),
};

/* Columns of figures have the names of model/figure.c; a test compares. */
#define RECORD report_sweep_run_row
static const struct report_column runs[] = {
    COLUMN(COUNT64, "point", point),
    COLUMN(COUNT32, "policy", policy),
    COLUMN(COUNT32, "replication", replication),
    NAMED(NAME_NULL, "end", end, ends),
    COLUMN(REAL, "usd", figures.usd),
    COLUMN(REAL, "usd_per_h", figures.usd_per_h),
    COLUMN(REAL, "time_s", figures.time_s),
    COLUMN(REAL, "floor_usd", figures.floor_usd),
    COLUMN(REAL, "idle_usd", figures.idle_usd),
    COLUMN(REAL, "unallocated_usd", figures.unallocated_usd),
    COLUMN(REAL, "gpu_busy_frac", figures.gpu_busy_frac),
    COLUMN(REAL, "gpu_allocated_frac", figures.gpu_allocated_frac),
    COLUMN(REAL, "cpu_busy_frac", figures.cpu_busy_frac),
    COLUMN(REAL, "cpu_allocated_frac", figures.cpu_allocated_frac),
    COLUMN(REAL, "gpu_nodes_peak", figures.gpu_nodes_peak),
    COLUMN(REAL, "nodes_mean", figures.nodes_mean),
    COLUMN(REAL, "nodes_lost", figures.nodes_lost),
    COLUMN(REAL, "events", figures.events),
};
#undef RECORD

const struct report_table report_table_sweep_runs = {
    .name = "sweep_runs",
    .parent = "sweep_id",
    .order = "point, policy, replication",
    .size = sizeof(struct report_sweep_run_row),
    COLUMNS(runs),
};

#define RECORD report_sweep_workload_row
static const struct report_column workloads[] = {
    COLUMN(COUNT64, "point", point),
    COLUMN(COUNT32, "policy", policy),
    COLUMN(COUNT32, "replication", replication),
    COLUMN(COUNT32, "workload", workload),
    COLUMN(REAL, "done", figures.done),
    COLUMN(REAL, "dropped", figures.dropped),
    COLUMN(REAL, "in_flight", figures.in_flight),
    COLUMN(REAL, "per_s", figures.per_s),
    COLUMN(REAL, "keeps_up_frac", figures.keeps_up_frac),
    COLUMN(REAL, "usd_per_1k_items", figures.usd_per_1k_items),
    COLUMN(REAL, "latency_mean_s", figures.latency_mean_s),
    COLUMN(REAL, "latency_p50_s", figures.latency_p50_s),
    COLUMN(REAL, "latency_p90_s", figures.latency_p90_s),
    COLUMN(REAL, "latency_p99_s", figures.latency_p99_s),
    COLUMN(REAL, "busy_frac", figures.busy_frac),
    COLUMN(REAL, "ttft_mean_s", figures.ttft_mean_s),
    COLUMN(REAL, "ttft_p50_s", figures.ttft_p50_s),
    COLUMN(REAL, "ttft_p90_s", figures.ttft_p90_s),
    COLUMN(REAL, "ttft_p99_s", figures.ttft_p99_s),
    COLUMN(REAL, "tpot_mean_s", figures.tpot_mean_s),
    COLUMN(REAL, "tpot_p99_s", figures.tpot_p99_s),
    COLUMN(REAL, "e2e_mean_s", figures.e2e_mean_s),
    COLUMN(REAL, "e2e_p99_s", figures.e2e_p99_s),
    COLUMN(REAL, "slo_attained", figures.slo_attained),
    COLUMN(REAL, "goodput_per_s", figures.goodput_per_s),
    COLUMN(REAL, "usd_per_million_tokens", figures.usd_per_million_tokens),
    COLUMN(REAL, "queue_mean_s", figures.queue_mean_s),
    COLUMN(REAL, "queue_p50_s", figures.queue_p50_s),
    COLUMN(REAL, "queue_p90_s", figures.queue_p90_s),
    COLUMN(REAL, "queue_p99_s", figures.queue_p99_s),
    COLUMN(REAL, "completion_mean_s", figures.completion_mean_s),
    COLUMN(REAL, "completion_p99_s", figures.completion_p99_s),
    COLUMN(REAL, "makespan_s", figures.makespan_s),
    COLUMN(REAL, "deadlines_missed_frac", figures.deadlines_missed_frac),
};
#undef RECORD

const struct report_table report_table_sweep_workloads = {
    .name = "sweep_workloads",
    .parent = "sweep_id",
    .order = "point, policy, replication, workload",
    .size = sizeof(struct report_sweep_workload_row),
    COLUMNS(workloads),
};

const struct report_table *const report_sweep_tables[] = {
    &report_table_sweeps,
    &report_table_sweep_files,
    &report_table_sweep_sets,
    &report_table_sweep_names,
    &report_table_sweep_axes,
    &report_table_sweep_values,
    &report_table_sweep_points,
    &report_table_sweep_reasons,
    &report_table_sweep_runs,
    &report_table_sweep_workloads,
    NULL,
};
