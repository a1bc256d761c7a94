/* What belongs to a serving workload, and to a jobs workload. */
#include "report/tables_parts.h"

/* ---- serving ---- */

#define RECORD model_serving_result
static const struct report_column serving[] = {
    COLUMN(TEXT_EMPTY, "model", model),
    COLUMN(REAL, "weight_bytes", weight_bytes),
    COLUMN(COUNT64, "requests", requests),
    COLUMN(COUNT64, "retried", retried),
    COLUMN(BOOL, "has_slo", has_slo),
    COLUMN(REAL, "slo_ttft_s", slo_ttft_s),
    COLUMN(REAL, "slo_tpot_s", slo_tpot_s),
    COLUMN(REAL, "slo_e2e_s", slo_e2e_s),
    COLUMN(REAL, "slo_attain_frac", slo_attain_frac),
    COLUMN(STAT, "goodput_per_s", goodput_per_s),
    COLUMN(STAT, "slo_attained", slo_attained),
    COLUMN(STAT, "prompt_tokens_per_s", prompt_tokens_per_s),
    COLUMN(STAT, "output_tokens_per_s", output_tokens_per_s),
    COLUMN(STAT, "tokens_per_s_per_gpu", tokens_per_s_per_gpu),
    COLUMN(STAT, "usd_per_million_tokens", usd_per_million_tokens),
    COLUMN(STAT, "usd_per_million_prompt_tokens", usd_per_million_prompt_tokens),
    COLUMN(STAT, "usd_per_million_output_tokens", usd_per_million_output_tokens),
    COLUMN(COUNT64, "transfers", transfers),
    COLUMN(COUNT64, "transfer_bytes", transfer_bytes),
    COLUMN(REAL, "bucket_s", bucket_s),
};
#undef RECORD

const struct report_table report_table_serving = {
    .name = "serving",
    .parent = "workload_id",
    .size = sizeof(struct model_serving_result),
    COLUMNS(serving),
};

#define RECORD report_latency_row
static const struct report_column latencies[] = {
    COLUMN(TEXT, "prompts", prompts),
    COLUMN(TEXT, "figure", figure),
    COLUMN(TIMES, "", times),
};
#undef RECORD

const struct report_table report_table_latencies = {
    .name = "serving_latencies",
    .parent = "workload_id",
    .order = "prompts, figure",
    .size = sizeof(struct report_latency_row),
    COLUMNS(latencies),
};

const struct report_latency report_latencies[REPORT_LATENCIES] = {
    {"ttft", offsetof(struct model_serving_result, ttft)},
    {"tpot", offsetof(struct model_serving_result, tpot)},
    {"itl", offsetof(struct model_serving_result, itl)},
    {"e2e", offsetof(struct model_serving_result, e2e)},
    {"queue", offsetof(struct model_serving_result, queue)},
    {"transfer", offsetof(struct model_serving_result, transfer)},
    {"held back", offsetof(struct model_serving_result, held_back)},
};

const struct report_latency report_class_latencies[REPORT_CLASS_LATENCIES] = {
    {"ttft", offsetof(struct model_serving_class, ttft)},
    {"tpot", offsetof(struct model_serving_class, tpot)},
    {"e2e", offsetof(struct model_serving_class, e2e)},
};

#define RECORD report_class_row
static const struct report_column classes[] = {
    COLUMN(LIMIT64, "up_to_tokens", c.up_to_tokens),
    COLUMN(STAT, "slo_attained", c.slo_attained),
    COLUMN(TEXT, "prompts", prompts),
};
#undef RECORD

const struct report_table report_table_classes = {
    .name = "serving_classes",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct report_class_row),
    COLUMNS(classes),
};

#define RECORD model_serving_pool
static const struct report_column pools[] = {
    COLUMN(TEXT, "name", name),
    COLUMN(TEXT, "role", role),
    COLUMN(TEXT_EMPTY, "iteration_time", iteration),
    COLUMN(TEXT_EMPTY, "kv_capacity", kv_text),
    COLUMN(COUNT32, "gpus", gpus),
    COLUMN(LIMIT64, "kv_blocks", kv_blocks),
    COLUMN(COUNT32, "block_size", block_size),
    COLUMN(STAT, "replicas", replicas),
    COLUMN(STAT, "busy_frac", busy_frac),
    COLUMN(STAT, "compute_bound_of_busy", compute_frac),
    COLUMN(STAT, "decode_of_busy", decode_frac),
    COLUMN(STAT, "flop_utilization", flop_utilization),
    COLUMN(STAT, "kv_used_frac", kv_used_frac),
    COLUMN(STAT, "kv_peak_frac", kv_peak_frac),
    COLUMN(STAT, "batch_mean", batch_mean),
    COLUMN(STAT, "tokens_per_s_per_gpu", tokens_per_s_per_gpu),
    COLUMN(TIMES, "queue_", queue),
    COLUMN(COUNT64, "iterations", iterations),
    COLUMN(COUNT64, "prefill_tokens", prefill_tokens),
    COLUMN(COUNT64, "decode_tokens", decode_tokens),
    COLUMN(COUNT64, "recomputed_tokens", recomputed_tokens),
    COLUMN(COUNT64, "preemptions", preemptions),
    COLUMN(BOOL, "prefix_caching", prefix_caching),
    COLUMN(COUNT64, "prefix_blocks", prefix_blocks),
    COLUMN(COUNT64, "prefix_found_blocks", prefix_found_blocks),
    COLUMN(COUNT64, "prefix_tokens", prefix_tokens),
    COLUMN(COUNT64, "prefix_found_tokens", prefix_found_tokens),
    COLUMN(COUNT64, "iterations_beyond", beyond),
    COLUMN(COUNT64, "replicas_lost", lost),
};
#undef RECORD

const struct report_table report_table_pools = {
    .name = "serving_pools",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct model_serving_pool),
    COLUMNS(pools),
};

#define RECORD report_gpu_row
static const struct report_column gpus[] = {
    COLUMN(COUNT32, "pool", pool),
    COLUMN(TEXT, "name", gpu.name),
    COLUMN(TEXT_EMPTY, "source", gpu.source),
    COLUMN(REAL, "memory_bytes", gpu.memory_bytes),
    COLUMN(REAL, "bytes_per_s", gpu.bytes_per_s),
    COLUMN(REAL, "bf16_flop_per_s", gpu.bf16_flop_per_s),
    COLUMN(REAL, "fp8_flop_per_s", gpu.fp8_flop_per_s),
    COLUMN(REAL, "fp16_flop_per_s", gpu.fp16_flop_per_s),
    COLUMN(REAL, "int8_op_per_s", gpu.int8_op_per_s),
    COLUMN(REAL, "fp32_flop_per_s", gpu.fp32_flop_per_s),
    COLUMN(REAL, "host_bytes_per_s", gpu.host_bytes_per_s),
    COLUMN(REAL, "link_bytes_per_s", gpu.link_bytes_per_s),
    COLUMN(BOOL, "link_is_pcie", gpu.link_is_pcie),
};
#undef RECORD

const struct report_table report_table_gpus = {
    .name = "serving_gpus",
    .parent = "workload_id",
    .order = "pool",
    .size = sizeof(struct report_gpu_row),
    COLUMNS(gpus),
};

#define RECORD report_attainment_row
static const struct report_column attainment[] = {
    COLUMN(COUNT32, "bucket", bucket), COLUMN(REAL, "from_s", from_s),
    COLUMN(REAL, "to_s", to_s),        COLUMN(COUNT64, "finished", finished),
    COLUMN(COUNT64, "met", met),
};
#undef RECORD

const struct report_table report_table_attainment = {
    .name = "attainment",
    .parent = "workload_id",
    .order = "bucket",
    .size = sizeof(struct report_attainment_row),
    COLUMNS(attainment),
};

/* ---- jobs ---- */

static const char *group_name(int32_t i)
{
    static const char *const names[] = {"all", "team", "size"};

    return names[i];
}
static const struct report_names group_names = {group_name, REPORT_GROUPS};

static const char *cause_name(int32_t i)
{
    return model_cause_name((enum model_cause)i);
}
static const struct report_names cause_names = {cause_name, MODEL_CAUSES};

#define RECORD model_jobs_result
static const struct report_column jobs[] = {
    COLUMN(COUNT64, "preempted", preempted),
    COLUMN(COUNT64, "interrupted", interrupted),
    COLUMN(COUNT64, "failed", failed),
    COLUMN(COUNT64, "moved", moved),
    COLUMN(COUNT64, "deadlines", deadlines),
    COLUMN(COUNT64, "deadlines_missed", deadlines_missed),
    COLUMN(STAT, "useful_gpu_h", useful_gpu_h),
    COLUMN(STAT, "lost_gpu_h", lost_gpu_h),
    COLUMN(STAT, "overhead_gpu_h", overhead_gpu_h),
    COLUMN(STAT, "makespan_s", makespan_s),
    COLUMN(STAT, "floor_usd", floor_usd),
    COLUMN(COUNT64, "refused", refused),
    COLUMN(TEXT_NULL, "refused_text", refused_text),
};
#undef RECORD

const struct report_table report_table_jobs = {
    .name = "jobs",
    .parent = "workload_id",
    .size = sizeof(struct model_jobs_result),
    COLUMNS(jobs),
};

#define RECORD report_group_row
static const struct report_column groups[] = {
    NAMED(NAME, "kind", kind, group_names),
    COLUMN(TEXT, "name", g.name),
    COLUMN(COUNT64, "arrived", g.arrived),
    COLUMN(COUNT64, "done", g.done),
    COLUMN(TIMES, "queue_", g.queue),
    COLUMN(TIMES, "completion_", g.completion),
    COLUMN(TIMES, "wait_", g.wait),
    COLUMN(STAT, "slowdown_mean", g.slowdown_mean),
    COLUMN(STAT, "slowdown_p50", g.slowdown_p50),
    COLUMN(STAT, "slowdown_p90", g.slowdown_p90),
    COLUMN(STAT, "slowdown_p99", g.slowdown_p99),
    COLUMN(STAT, "gpu_h", g.gpu_h),
};
#undef RECORD

const struct report_table report_table_groups = {
    .name = "jobs_group",
    .parent = "workload_id",
    .position = "position",
    .size = sizeof(struct report_group_row),
    COLUMNS(groups),
};

#define RECORD report_cause_row
static const struct report_column causes[] = {
    COLUMN(COUNT32, "position", group),
    NAMED(NAME, "cause", cause, cause_names),
    COLUMN(REAL, "wait_frac", wait_frac),
};
#undef RECORD

const struct report_table report_table_causes = {
    .name = "jobs_cause",
    .parent = "workload_id",
    .order = "position, cause",
    .size = sizeof(struct report_cause_row),
    COLUMNS(causes),
};

#define RECORD report_curve_row
static const struct report_column allocation[] = {
    COLUMN(COUNT32, "point", point),
    COLUMN(REAL, "asked_pct", asked_pct),
    COLUMN(REAL, "allocated_pct", allocated_pct),
    COLUMN(REAL, "fragmented_pct", fragmented_pct),
};
#undef RECORD

const struct report_table report_table_allocation = {
    .name = "jobs_allocation",
    .parent = "workload_id",
    .order = "point",
    .size = sizeof(struct report_curve_row),
    COLUMNS(allocation),
};
