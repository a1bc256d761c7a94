/* What belongs to a policy: fleet, money, time, teams. */
#include "report/tables_parts.h"

static const char *end_name(int32_t i)
{
    return model_end_name((enum model_end)i);
}
static const struct report_names ends = {end_name, MODEL_END_EVENT_LIMIT + 1};

static const char *resource_name(int32_t i)
{
    return model_resource_name((enum model_resource)i);
}
static const struct report_names resource_names = {resource_name, MODEL_RESOURCES};

static const char *basis_name(int32_t i)
{
    return model_basis_name((enum model_basis)i);
}
static const struct report_names bases = {basis_name, MODEL_BASIS_LIST_PRICE + 1};

static const char *line_name(int32_t i)
{
    return model_line_kind_name((enum model_line_kind)i);
}
static const struct report_names line_kinds = {line_name, MODEL_LINE_ROUNDING + 1};

static const char *part_name(int32_t i)
{
    return model_part_name((enum model_part)i);
}
static const struct report_names parts = {part_name, MODEL_PARTS};

static const char *slice_name(int32_t i)
{
    return model_slice_kind_name((enum model_slice_kind)i);
}
static const struct report_names slice_kinds = {slice_name, MODEL_SLICE_KINDS};

#define RECORD model_policy_result
static const struct report_column policies[] = {
    COLUMN(TEXT, "name", name),
    NAMED(NAME, "end", end, ends),
    COLUMN(TEXT_NULL, "end_text", end_text),
    COLUMN(TEXT_NULL, "unplaced_text", unplaced_text),
    COLUMN(STAT, "time_s", time_s),
    COLUMN(TEXT_EMPTY, "window", window),
    COLUMN(REAL, "window_from_s", window_from_s),
    COLUMN(REAL, "window_to_s", window_to_s),
    COLUMN(COUNT32, "gpu_nodes_peak", n_gpu_nodes_peak),
    COLUMN(WORD64, "events", events),
    COLUMN(HEX64_NULL, "digest", digest),
    COLUMN(BOOL, "cost_known", cost.known),
    COLUMN(UUSD, "uusd", cost.uusd),
    COLUMN(STAT, "usd", cost.usd),
    COLUMN(STAT, "usd_per_1k_items", cost.usd_per_1k_items),
    COLUMN(STAT, "idle_usd", cost.idle_usd),
    COLUMN(STAT, "unallocated_usd", cost.unallocated_usd),
    COLUMN(STAT, "floor_usd", cost.floor_usd),
    COLUMN(COUNT64, "nodes_taken_back", nodes_taken_back),
    COLUMN(COUNT64, "nodes_failed", nodes_failed),
    COLUMN(COUNT64, "launches_refused", launches_refused),
    COLUMN(REAL, "peak_gpus_demand", peak_gpus_demand),
    COLUMN(REAL, "series_bucket_s", series.bucket_s),
    COLUMN(COUNT64, "timeline_leases", timeline.all_leases),
    COLUMN(COUNT64, "timeline_slices", timeline.all_slices),
    COLUMN(TEXT_EMPTY, "timeline_sample", timeline.sample),
};
#undef RECORD

const struct report_table report_table_policies = {
    .name = "policies",
    .parent = "run_id",
    .position = "position",
    .has_id = true,
    .size = sizeof(struct model_policy_result),
    COLUMNS(policies),
};

#define RECORD model_node_use
static const struct report_column nodes[] = {
    COLUMN(TEXT, "type", type),
    COLUMN(TEXT_EMPTY, "option", option),
    COLUMN(TEXT_EMPTY, "fleet_group", group),
    COLUMN(TEXT_NULL, "catalog_type", catalog_type),
    COLUMN(TEXT_NULL, "gpu_model", gpu_model),
    COLUMN(COUNT64, "mcpu", has.mcpu),
    COLUMN(COUNT64, "mgpu", has.mgpu),
    COLUMN(ID64, "memory_bytes", has.memory_bytes),
    COLUMN(COUNT32, "peak", peak),
    COLUMN(STAT, "mean", mean),
    COLUMN(STAT, "hours", hours),
    COLUMN(STAT, "billed_hours", billed_hours),
    COLUMN(STAT, "usd", usd),
    COLUMN(REAL, "usd_per_h", usd_per_h),
    COLUMN(REAL, "list_usd_per_h", list_usd_per_h),
    NAMED(NAME, "price_basis", price_basis, bases),
    COLUMN(TEXT_EMPTY, "price_source", price_source),
    COLUMN(TEXT_EMPTY, "price_date", price_date),
};
#undef RECORD

const struct report_table report_table_nodes = {
    .name = "nodes",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_node_use),
    COLUMNS(nodes),
};

#define RECORD report_resource_row
static const struct report_column resources[] = {
    NAMED(NAME, "resource", resource, resource_names),
    COLUMN(STAT, "provisioned_h", use.provisioned_h),
    COLUMN(STAT, "allocated_h", use.allocated_h),
    COLUMN(STAT, "busy_h", use.busy_h),
    COLUMN(STAT, "stranded_h", use.stranded_h),
    COLUMN(STAT, "busy_of_provisioned", use.busy_of_provisioned),
    COLUMN(STAT, "allocated_of_provisioned", use.allocated_of_provisioned),
    COLUMN(WIDE, "ledger_provisioned", ledger.provisioned),
    COLUMN(WIDE, "ledger_allocated", ledger.allocated),
    COLUMN(WIDE, "ledger_busy", ledger.busy),
    COLUMN(WIDE, "ledger_stranded", ledger.stranded),
};
#undef RECORD

const struct report_table report_table_resources = {
    .name = "resources",
    .parent = "policy_id",
    .order = "resource",
    .size = sizeof(struct report_resource_row),
    COLUMNS(resources),
};

#define RECORD model_cost_line
static const struct report_column cost_lines[] = {
    COLUMN(TEXT_NULL, "workload", workload),
    COLUMN(TEXT_NULL, "stage", stage),
    NAMED(NAME, "kind", kind, line_kinds),
    COLUMN(INT64, "uusd", uusd),
};
#undef RECORD

const struct report_table report_table_cost_lines = {
    .name = "cost_lines",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_cost_line),
    COLUMNS(cost_lines),
};

#define RECORD model_cost_cell
static const struct report_column cells[] = {
    NAMED(NAME, "part", part, parts),
    NAMED(NAME_NULL, "resource", resource, resource_names),
    COLUMN(COUNT32, "node", node),
    COLUMN(TEXT_NULL, "workload", workload),
    COLUMN(TEXT_NULL, "stage", stage),
    COLUMN(TEXT_NULL, "team", team),
    COLUMN(REAL, "hours", hours),
    COLUMN(INT64, "uusd", uusd),
    COLUMN(INT64, "list_uusd", list_uusd),
    COLUMN(REAL, "mean_usd", mean_usd),
    COLUMN(REAL, "mean_list_usd", mean_list_usd),
};
#undef RECORD

const struct report_table report_table_cells = {
    .name = "cost_cells",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_cost_cell),
    COLUMNS(cells),
};

/* ---- over time ---- */

#define RECORD report_series_row
static const struct report_column series[] = {
    NAMED(NAME, "resource", resource, resource_names),
    COLUMN(COUNT32, "bucket", bucket),
    COLUMN(REAL, "from_s", from_s),
    COLUMN(REAL, "to_s", to_s),
    COLUMN(REAL, "provisioned", provisioned),
    COLUMN(REAL, "allocated", allocated),
    COLUMN(REAL, "busy", busy),
    COLUMN(REAL, "stranded", stranded),
};
#undef RECORD

const struct report_table report_table_series = {
    .name = "series",
    .parent = "policy_id",
    .order = "resource, bucket",
    .size = sizeof(struct report_series_row),
    COLUMNS(series),
};

#define RECORD report_queued_row
static const struct report_column queued[] = {
    COLUMN(COUNT32, "bucket", bucket),
    COLUMN(REAL, "at_s", at_s),
    COLUMN(REAL, "queued", queued),
};
#undef RECORD

const struct report_table report_table_queued = {
    .name = "queue_series",
    .parent = "policy_id",
    .order = "bucket",
    .size = sizeof(struct report_queued_row),
    COLUMNS(queued),
};

#define RECORD model_lease
static const struct report_column leases[] = {
    COLUMN(COUNT32, "node", node),
    COLUMN(COUNT32, "node_use", use),
    COLUMN(COUNT64, "requested_ns", requested_ns),
    COLUMN(ID64, "ready_ns", ready_ns),
    COLUMN(COUNT64, "end_ns", end_ns),
    COLUMN(TEXT, "ended", ended),
};
#undef RECORD

const struct report_table report_table_leases = {
    .name = "leases",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_lease),
    COLUMNS(leases),
};

#define RECORD model_slice
static const struct report_column slices[] = {
    COLUMN(COUNT32, "lease", lease),        COLUMN(COUNT32, "thread", thread),
    COLUMN(COUNT32, "workload", workload),  COLUMN(ID32, "stage", stage),
    NAMED(NAME, "kind", kind, slice_kinds), COLUMN(TEXT_NULL, "name", name),
    COLUMN(COUNT64, "from_ns", from_ns),    COLUMN(COUNT64, "to_ns", to_ns),
    COLUMN(COUNT64, "items", items),        COLUMN(ID64, "first_item", first_item),
};
#undef RECORD

const struct report_table report_table_slices = {
    .name = "slices",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_slice),
    COLUMNS(slices),
};

#define RECORD model_slice_link
static const struct report_column links[] = {
    COLUMN(COUNT32, "from_slice", from),
    COLUMN(COUNT32, "to_slice", to),
};
#undef RECORD

const struct report_table report_table_links = {
    .name = "slice_links",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_slice_link),
    COLUMNS(links),
};

/* ---- teams, and what they share ---- */

#define RECORD model_team_result
static const struct report_column teams[] = {
    COLUMN(TEXT, "name", name),
    COLUMN(UUSD, "allocated_uusd", allocated_uusd),
    COLUMN(UUSD, "busy_uusd", busy_uusd),
    COLUMN(STAT, "gpu_allocated_h", allocated_h[MODEL_GPU]),
    COLUMN(STAT, "gpu_busy_h", busy_h[MODEL_GPU]),
    COLUMN(STAT, "cpu_allocated_h", allocated_h[MODEL_CPU]),
    COLUMN(STAT, "cpu_busy_h", busy_h[MODEL_CPU]),
    COLUMN(STAT, "memory_allocated_h", allocated_h[MODEL_MEMORY]),
    COLUMN(STAT, "memory_busy_h", busy_h[MODEL_MEMORY]),
    COLUMN(STAT, "borrowed_gpu_h", borrowed_gpu_h),
    COLUMN(REAL, "peak_gpus", peak_gpus),
};
#undef RECORD

const struct report_table report_table_teams = {
    .name = "team",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_team_result),
    COLUMNS(teams),
};

#define RECORD model_fragmentation
static const struct report_column fragmentation[] = {
    COLUMN(COUNT32, "samples", samples),  COLUMN(REAL, "free_gpus", free_gpus),
    COLUMN(REAL, "usable", usable),       COLUMN(REAL, "unwanted", unwanted),
    COLUMN(REAL, "by_shape", by_shape),   COLUMN(REAL, "by_cpu", by_cpu),
    COLUMN(REAL, "by_memory", by_memory),
};
#undef RECORD

const struct report_table report_table_fragmentation = {
    .name = "fragmentation",
    .parent = "policy_id",
    .size = sizeof(struct model_fragmentation),
    COLUMNS(fragmentation),
};

#define RECORD model_bought
static const struct report_column bought[] = {
    COLUMN(TEXT, "type", type),
    COLUMN(COUNT64, "nodes", nodes),
    COLUMN(TEXT_EMPTY, "reason", reason),
};
#undef RECORD

const struct report_table report_table_bought = {
    .name = "bought",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct model_bought),
    COLUMNS(bought),
};

#define RECORD report_line_row
static const struct report_column explained[] = {
    COLUMN(TEXT, "text", text),
};
#undef RECORD

const struct report_table report_table_explained = {
    .name = "explained",
    .parent = "policy_id",
    .position = "position",
    .size = sizeof(struct report_line_row),
    COLUMNS(explained),
};
