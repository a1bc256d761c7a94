/* What belongs to a workload of any kind, and to a pair of policies. */
#include "report/tables_parts.h"

static const char *basis_name(int32_t i)
{
    return model_basis_name((enum model_basis)i);
}
static const struct report_names bases = {basis_name, MODEL_BASIS_LIST_PRICE + 1};

static const char *outcome_name(int32_t i)
{
    return model_outcome_name((enum model_outcome)i);
}
static const struct report_names outcomes = {outcome_name, MODEL_OUTCOMES};

#define RECORD model_workload_result
static const struct report_column workloads[] = {
    COLUMN(TEXT, "name", name),
    COLUMN(TEXT, "kind", kind),
    COLUMN(COUNT64, "items_in", in),
    COLUMN(COUNT64, "items_done", done),
    COLUMN(COUNT64, "items_in_flight", in_flight),
    COLUMN(COUNT64, "items_dropped", dropped),
    COLUMN(COUNT64, "dropped_filtered", dropped_by[MODEL_DROP_FILTERED]),
    COLUMN(COUNT64, "dropped_retries", dropped_by[MODEL_DROP_RETRIES]),
    COLUMN(COUNT64, "dropped_kv_capacity", dropped_by[MODEL_DROP_KV_CAPACITY]),
    COLUMN(COUNT64, "dropped_zero_tokens", dropped_by[MODEL_DROP_ZERO_TOKENS]),
    COLUMN(COUNT64, "dropped_too_large", dropped_by[MODEL_DROP_TOO_LARGE]),
    COLUMN(COUNT64, "dropped_gang", dropped_by[MODEL_DROP_GANG]),
    COLUMN(STAT, "per_s", per_s),
    COLUMN(TEXT_NULL, "interval", interval),
    COLUMN(TIMES, "latency_", latency),
    COLUMN(REAL, "bound_per_s", bound_per_s),
    COLUMN(ID32, "bound_stage", bound_stage),
    COLUMN(COUNT64, "moved_bytes", moved_bytes),
    COLUMN(COUNT64, "spilled_bytes", spilled_bytes),
};
#undef RECORD

const struct report_table report_table_workloads = {
    .name = "workloads",
    .parent = "policy_id",
    .position = "position",
    .has_id = true,
    .size = sizeof(struct model_workload_result),
    COLUMNS(workloads),
};

#define RECORD model_stage_result
static const struct report_column stages[] = {
    COLUMN(TEXT, "name", name),
    COLUMN(TEXT_EMPTY, "unit", unit),
    COLUMN(STAT, "slots", slots),
    COLUMN(STAT, "busy_frac", busy_frac),
    COLUMN(STAT, "blocked_frac", blocked_frac),
    COLUMN(STAT, "fetch_frac", fetch_frac),
    COLUMN(TIMES, "wait_", wait),
    COLUMN(TIMES, "service_", service),
    COLUMN(STAT, "queue_mean", queue_mean),
    COLUMN(STAT, "queue_peak", queue_peak),
    COLUMN(STAT, "batch_mean", batch_mean),
    COLUMN(COUNT64, "items_in", in),
    COLUMN(COUNT64, "items_done", done),
    COLUMN(COUNT64, "items_emitted", emitted),
    COLUMN(COUNT64, "items_retried", retried),
    COLUMN(COUNT64, "items_dropped", dropped),
    COLUMN(COUNT64, "tasks_lost", lost),
    COLUMN(REAL, "described_service_s", mean_service_s),
    COLUMN(BOOL, "bottleneck", bottleneck),
};
#undef RECORD

const struct report_table report_table_stages = {
    .name = "stages",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct model_stage_result),
    COLUMNS(stages),
};

#define RECORD model_kernel_asked
static const struct report_column kernels[] = {
    COLUMN(TEXT_EMPTY, "workload", workload),
    COLUMN(TEXT, "stage", stage),
    COLUMN(BOOL, "fused", fused),
    COLUMN(TEXT, "kernel", kernel),
    COLUMN(TEXT, "device", device),
    COLUMN(TEXT, "profile", profile),
    NAMED(NAME, "basis", basis, bases),
    COLUMN(TEXT, "axis", axis),
    COLUMN(BOOL, "by_features", by_features),
    COLUMN(BOOL, "converged", converged),
    COLUMN(TEXT_NULL, "why", why),
    COLUMN(COUNT64, "calls", calls),
    COLUMN(COUNT64, "extrapolated", extrapolated),
    COLUMN(REAL, "asked_least", x_least),
    COLUMN(REAL, "asked_most", x_most),
    COLUMN(REAL, "measured_least", known_least),
    COLUMN(REAL, "measured_most", known_most),
    COLUMN(REAL, "cores_most", cores_most),
    COLUMN(REAL, "measured_cores", known_cores),
    COLUMN(REAL, "slowdown_most", slowdown_most),
    COLUMN(REAL, "slowdown_low", slowdown_low),
    COLUMN(REAL, "slowdown_high", slowdown_high),
    COLUMN(REAL, "sd_frac", sd_frac),
};
#undef RECORD

const struct report_table report_table_kernels = {
    .name = "kernels",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct model_kernel_asked),
    COLUMNS(kernels),
};

#define RECORD report_cdf_row
static const struct report_column cdfs[] = {
    COLUMN(TEXT, "what", what),
};
#undef RECORD

const struct report_table report_table_cdfs = {
    .name = "cdfs",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct report_cdf_row),
    COLUMNS(cdfs),
};

#define RECORD report_cdf_point_row
static const struct report_column cdf_points[] = {
    COLUMN(COUNT32, "cdf", cdf),
    COLUMN(REAL, "at_most_s", s),
    COLUMN(REAL, "frac", frac),
};
#undef RECORD

const struct report_table report_table_cdf_points = {
    .name = "cdf_points",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct report_cdf_point_row),
    COLUMNS(cdf_points),
};

/* ---- comparisons ---- */

#define RECORD report_comparison_row
static const struct report_column comparisons[] = {
    COLUMN(COUNT64, "baseline_id", baseline_id),
    COLUMN(STAT, "usd_ratio", c.usd_ratio),
    COLUMN(STAT, "time_ratio", c.time_ratio),
    COLUMN(REAL, "gpu_nodes_ratio", c.gpu_nodes_ratio),
    NAMED(NAME, "outcome", c.outcome, outcomes),
    COLUMN(BOOL, "certain", c.certain),
    COLUMN(TEXT_EMPTY, "verdict", c.verdict),
};
#undef RECORD

const struct report_table report_table_comparisons = {
    .name = "comparisons",
    .parent = "policy_id",
    .size = sizeof(struct report_comparison_row),
    COLUMNS(comparisons),
};

#define RECORD report_served_row
static const struct report_column served[] = {
    COLUMN(COUNT64, "workload_id", workload_id),
    COLUMN(STAT, "ttft_p99_ratio", c.ttft_p99_ratio),
    COLUMN(STAT, "tpot_p99_ratio", c.tpot_p99_ratio),
    COLUMN(STAT, "e2e_p99_ratio", c.e2e_p99_ratio),
    COLUMN(STAT, "goodput_ratio", c.goodput_ratio),
    COLUMN(STAT, "usd_per_million_tokens_ratio", c.usd_per_million_ratio),
    COLUMN(STAT, "slo_attained_difference", c.attained_difference),
    COLUMN(STAT, "undone_difference", c.undone_difference),
};
#undef RECORD

const struct report_table report_table_served = {
    .name = "serving_comparisons",
    .parent = "policy_id",
    .order = "workload_id",
    .size = sizeof(struct report_served_row),
    COLUMNS(served),
};

#define RECORD report_jobs_compared_row
static const struct report_column jobs_compared[] = {
    COLUMN(COUNT64, "workload_id", workload_id),
    COLUMN(STAT, "usd_ratio", c.usd_ratio),
    COLUMN(STAT, "wait_difference_s", c.wait_difference_s),
    COLUMN(STAT, "wait_ratio", c.wait_ratio),
    COLUMN(STAT, "completion_ratio", c.completion_ratio),
    COLUMN(STAT, "deadlines_missed_difference", c.missed_difference),
    COLUMN(BOOL, "same_jobs", c.same_jobs),
    COLUMN(STAT, "completion_difference_s", c.completion_difference_s),
    COLUMN(STAT, "undone_difference", c.undone_difference),
    COLUMN(REAL, "deadlines_missed_frac", c.missed_frac),
    COLUMN(REAL, "baseline_deadlines_missed_frac", c.baseline_missed_frac),
    COLUMN(REAL, "allocated_frac", c.allocated_frac),
    COLUMN(REAL, "baseline_allocated_frac", c.baseline_allocated_frac),
    COLUMN(STAT, "allocated_difference", c.allocated_difference),
};
#undef RECORD

const struct report_table report_table_jobs_compared = {
    .name = "jobs_comparisons",
    .parent = "policy_id",
    .order = "workload_id",
    .size = sizeof(struct report_jobs_compared_row),
    COLUMNS(jobs_compared),
};

#define RECORD report_team_wait_row
static const struct report_column team_waits[] = {
    COLUMN(COUNT64, "workload_id", workload_id),
    COLUMN(COUNT32, "position", team),
    COLUMN(TEXT, "team", w.name),
    COLUMN(REAL, "wait_s", w.wait_s),
    COLUMN(REAL, "baseline_wait_s", w.baseline_wait_s),
    COLUMN(STAT, "difference_s", w.difference_s),
    COLUMN(REAL, "completion_s", w.completion_s),
    COLUMN(REAL, "baseline_completion_s", w.baseline_completion_s),
    COLUMN(STAT, "completion_difference_s", w.completion_difference_s),
    COLUMN(REAL, "done_frac", w.done_frac),
    COLUMN(REAL, "baseline_done_frac", w.baseline_done_frac),
    COLUMN(STAT, "done_difference", w.done_difference),
};
#undef RECORD

const struct report_table report_table_team_waits = {
    .name = "team_waits",
    .parent = "policy_id",
    .order = "workload_id, position",
    .size = sizeof(struct report_team_wait_row),
    COLUMNS(team_waits),
};
