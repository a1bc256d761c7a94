/* Version 1 of the database, and the steps from each version to the next.  A change of
 * a table is a step: a fresh database takes them all, an old one those that it lacks.
 */
#include "report/schema.h"

static const char schema_sql[] =
    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY, created_at TEXT NOT NULL, version TEXT NOT NULL,"
    " scenario TEXT NOT NULL, description TEXT, seed INTEGER NOT NULL,"
    " replications INTEGER NOT NULL, partial INTEGER NOT NULL) STRICT;"

    "CREATE TABLE inputs ("
    " run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, file TEXT NOT NULL, xxh64 TEXT NOT NULL,"
    " PRIMARY KEY (run_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE policies ("
    " id INTEGER PRIMARY KEY,"
    " run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, \"end\" TEXT NOT NULL, end_text "
    "TEXT,"
    " time_s REAL, time_s_half95 REAL, \"window\" TEXT, window_from_s REAL,"
    " window_to_s REAL, gpu_nodes_peak INTEGER NOT NULL, events INTEGER NOT NULL,"
    " digest TEXT, uusd INTEGER, usd REAL, usd_half95 REAL, usd_per_1k_items REAL,"
    " usd_per_1k_items_half95 REAL, idle_usd REAL, unallocated_usd REAL,"
    " UNIQUE (run_id, position)) STRICT;"

    "CREATE TABLE nodes ("
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, type TEXT NOT NULL, option TEXT,"
    " peak INTEGER NOT NULL, mean REAL, hours REAL, billed_hours REAL, usd REAL,"
    " usd_half95 REAL, usd_per_h REAL,"
    " PRIMARY KEY (policy_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE resources ("
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " resource TEXT NOT NULL CHECK (resource IN ('gpu', 'cpu', 'memory')),"
    " provisioned_h REAL, allocated_h REAL, busy_h REAL, busy_of_provisioned REAL,"
    " busy_of_provisioned_half95 REAL, allocated_of_provisioned REAL,"
    " ledger_provisioned TEXT NOT NULL, ledger_allocated TEXT NOT NULL,"
    " ledger_busy TEXT NOT NULL,"
    " PRIMARY KEY (policy_id, resource)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE workloads ("
    " id INTEGER PRIMARY KEY,"
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,"
    " items_in INTEGER NOT NULL, items_done INTEGER NOT NULL,"
    " items_in_flight INTEGER NOT NULL, items_dropped INTEGER NOT NULL,"
    " dropped_filtered INTEGER NOT NULL, dropped_retries INTEGER NOT NULL,"
    " per_s REAL, per_s_half95 REAL, latency_mean_s REAL, latency_p50_s REAL,"
    " latency_p90_s REAL, latency_p99_s REAL, latency_p99_s_half95 REAL,"
    " latency_max_s REAL, bound_per_s REAL, moved_bytes INTEGER NOT NULL,"
    " spilled_bytes INTEGER NOT NULL, UNIQUE (policy_id, position)) STRICT;"

    "CREATE TABLE stages ("
    " workload_id INTEGER NOT NULL REFERENCES workloads(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT, slots REAL,"
    " busy_frac REAL, busy_frac_half95 REAL, blocked_frac REAL, fetch_frac REAL,"
    " wait_mean_s REAL, wait_p50_s REAL, wait_p90_s REAL, wait_p99_s REAL,"
    " wait_max_s REAL, service_mean_s REAL, service_p99_s REAL, queue_mean REAL,"
    " queue_peak REAL, batch_mean REAL, items_in INTEGER NOT NULL,"
    " items_done INTEGER NOT NULL, items_emitted INTEGER NOT NULL,"
    " items_retried INTEGER NOT NULL, items_dropped INTEGER NOT NULL,"
    " bottleneck INTEGER NOT NULL,"
    " PRIMARY KEY (workload_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE cost_lines ("
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, workload TEXT, stage TEXT, kind TEXT NOT NULL,"
    " uusd INTEGER NOT NULL,"
    " PRIMARY KEY (policy_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE series ("
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " resource TEXT NOT NULL, bucket INTEGER NOT NULL, from_s REAL NOT NULL,"
    " to_s REAL NOT NULL, provisioned REAL, allocated REAL, busy REAL,"
    " PRIMARY KEY (policy_id, resource, bucket)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE queue_series ("
    " policy_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " bucket INTEGER NOT NULL, at_s REAL NOT NULL, queued REAL,"
    " PRIMARY KEY (policy_id, bucket)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE comparisons ("
    " policy_id INTEGER PRIMARY KEY REFERENCES policies(id) ON DELETE CASCADE,"
    " baseline_id INTEGER NOT NULL REFERENCES policies(id) ON DELETE CASCADE,"
    " usd_ratio REAL, usd_ratio_half95 REAL, time_ratio REAL, time_ratio_half95 REAL,"
    " gpu_nodes_ratio REAL, verdict TEXT) STRICT;"

    "CREATE TABLE assumptions ("
    " run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " id TEXT NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (run_id, id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE warnings ("
    " run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (run_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE items ("
    " workload_id INTEGER NOT NULL REFERENCES workloads(id) ON DELETE CASCADE,"
    " item INTEGER NOT NULL, arrived_ns INTEGER NOT NULL, left_ns INTEGER,"
    " dropped TEXT) STRICT;";

static const char views_sql[] =
    "CREATE VIEW v_policy AS"
    " SELECT r.id AS run_id, r.scenario, p.name AS policy, p.\"end\", p.time_s,"
    "  p.gpu_nodes_peak, g.busy_of_provisioned AS gpu_busy,"
    "  g.allocated_of_provisioned AS gpu_allocated, c.busy_of_provisioned AS cpu_busy,"
    "  c.allocated_of_provisioned AS cpu_allocated, p.usd, p.usd_per_1k_items,"
    "  p.\"window\", p.id AS policy_id"
    " FROM policies p JOIN runs r ON r.id = p.run_id"
    " LEFT JOIN resources g ON g.policy_id = p.id AND g.resource = 'gpu'"
    " LEFT JOIN resources c ON c.policy_id = p.id AND c.resource = 'cpu'"
    " ORDER BY r.id, p.position;"

    "CREATE VIEW v_comparison AS"
    " SELECT v.run_id, v.scenario, v.policy, b.name AS baseline, k.usd_ratio, "
    "k.time_ratio,"
    "  k.gpu_nodes_ratio, v.usd, b.usd AS baseline_usd, v.time_s,"
    "  b.time_s AS baseline_time_s, v.gpu_busy, v.cpu_busy, k.verdict"
    " FROM comparisons k JOIN v_policy v ON v.policy_id = k.policy_id"
    " JOIN policies b ON b.id = k.baseline_id;"

    "CREATE VIEW v_stage_utilization AS"
    " SELECT p.run_id, p.name AS policy, w.name AS workload, s.name AS stage, s.unit,"
    "  s.slots, s.busy_frac, s.blocked_frac, s.fetch_frac, s.wait_mean_s, s.wait_p99_s,"
    "  s.queue_mean, s.bottleneck"
    " FROM stages s JOIN workloads w ON w.id = s.workload_id"
    " JOIN policies p ON p.id = w.policy_id"
    " ORDER BY p.run_id, p.position, w.position, s.position;"

    "CREATE VIEW v_cost_by_stage AS"
    " SELECT p.run_id, p.name AS policy, l.workload, l.stage, l.kind,"
    "  sum(l.uusd) / 1e6 AS usd, sum(l.uusd) * 1.0 / nullif(p.uusd, 0) AS share"
    " FROM cost_lines l JOIN policies p ON p.id = l.policy_id"
    " GROUP BY p.id, l.workload, l.stage, l.kind ORDER BY p.run_id, p.position, usd "
    "DESC;"

    "CREATE VIEW v_idle AS"
    " SELECT p.run_id, p.name AS policy, x.resource,"
    "  x.allocated_h - x.busy_h AS idle_h, x.provisioned_h - x.allocated_h AS "
    "unallocated_h,"
    "  1 - x.busy_of_provisioned AS not_busy_frac, p.idle_usd, p.unallocated_usd"
    " FROM resources x JOIN policies p ON p.id = x.policy_id"
    " ORDER BY p.run_id, p.position, x.resource;"

    "CREATE VIEW v_fleet AS"
    " SELECT p.run_id, p.name AS policy, n.type, n.option, n.peak, n.mean, n.hours,"
    "  n.billed_hours, n.usd_per_h, n.usd"
    " FROM nodes n JOIN policies p ON p.id = n.policy_id"
    " ORDER BY p.run_id, p.position, n.position;"

    "CREATE VIEW v_utilization AS"
    " SELECT p.run_id, p.name AS policy, s.resource, s.from_s, s.to_s, s.provisioned,"
    "  s.allocated, s.busy, s.busy / nullif(s.provisioned, 0) AS busy_frac"
    " FROM series s JOIN policies p ON p.id = s.policy_id"
    " ORDER BY p.run_id, p.position, s.resource, s.bucket;";

static const char serving_sql[] = /* 1 to 2 */
    "ALTER TABLE workloads ADD COLUMN dropped_kv_capacity INTEGER NOT NULL DEFAULT "
    "0;"

    "ALTER TABLE workloads ADD COLUMN dropped_zero_tokens INTEGER NOT NULL DEFAULT "
    "0;"

    "CREATE TABLE serving ( workload_id INTEGER PRIMARY KEY REFERENCES "
    "workloads(id) ON DELETE CASCADE, model TEXT, requests INTEGER NOT NULL, "
    "retried INTEGER NOT NULL, slo_ttft_s REAL, slo_tpot_s REAL, slo_e2e_s REAL, "
    "goodput_per_s REAL, goodput_per_s_half95 REAL, slo_attained REAL, "
    "slo_attained_half95 REAL, prompt_tokens_per_s REAL, output_tokens_per_s REAL, "
    "tokens_per_s_per_gpu REAL, usd_per_million_tokens REAL, "
    "usd_per_million_tokens_half95 REAL, usd_per_million_prompt_tokens REAL, "
    "usd_per_million_output_tokens REAL, transfers INTEGER NOT NULL, transfer_bytes "
    "INTEGER NOT NULL, bucket_s REAL) STRICT;"

    "CREATE TABLE serving_latencies ( workload_id INTEGER NOT NULL REFERENCES "
    "workloads(id) ON DELETE CASCADE, prompts TEXT NOT NULL, figure TEXT NOT NULL, "
    "count INTEGER NOT NULL, mean_s REAL, p50_s REAL, p90_s REAL, p99_s REAL, "
    "p99_s_half95 REAL, max_s REAL, PRIMARY KEY (workload_id, prompts, figure)) "
    "STRICT, WITHOUT ROWID;"

    "CREATE TABLE serving_classes ( workload_id INTEGER NOT NULL REFERENCES "
    "workloads(id) ON DELETE CASCADE, position INTEGER NOT NULL, up_to_tokens "
    "INTEGER, slo_attained REAL, prompts TEXT NOT NULL, PRIMARY KEY (workload_id, "
    "position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE serving_pools ( workload_id INTEGER NOT NULL REFERENCES "
    "workloads(id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT "
    "NULL, role TEXT NOT NULL, iteration_time TEXT, kv_capacity TEXT, gpus INTEGER "
    "NOT NULL, kv_blocks INTEGER, block_size INTEGER NOT NULL, replicas REAL, "
    "busy_frac REAL, compute_bound_of_busy REAL, decode_of_busy REAL, "
    "flop_utilization REAL, kv_used_frac REAL, kv_peak_frac REAL, batch_mean REAL, "
    "tokens_per_s_per_gpu REAL, queue_mean_s REAL, queue_p99_s REAL, iterations "
    "INTEGER NOT NULL, prefill_tokens INTEGER NOT NULL, decode_tokens INTEGER NOT "
    "NULL, recomputed_tokens INTEGER NOT NULL, preemptions INTEGER NOT NULL, "
    "prefix_blocks INTEGER NOT NULL, prefix_found_blocks INTEGER NOT NULL, "
    "prefix_tokens INTEGER NOT NULL, prefix_found_tokens INTEGER NOT NULL, "
    "iterations_beyond INTEGER NOT NULL, replicas_lost INTEGER NOT NULL, PRIMARY "
    "KEY (workload_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE attainment ( workload_id INTEGER NOT NULL REFERENCES "
    "workloads(id) ON DELETE CASCADE, bucket INTEGER NOT NULL, from_s REAL NOT "
    "NULL, to_s REAL NOT NULL, finished INTEGER NOT NULL, met INTEGER NOT NULL, "
    "PRIMARY KEY (workload_id, bucket)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE serving_comparisons ( policy_id INTEGER NOT NULL REFERENCES "
    "policies(id) ON DELETE CASCADE, workload_id INTEGER NOT NULL REFERENCES "
    "workloads(id) ON DELETE CASCADE, ttft_p99_ratio REAL, ttft_p99_ratio_half95 "
    "REAL, tpot_p99_ratio REAL, tpot_p99_ratio_half95 REAL, e2e_p99_ratio REAL, "
    "e2e_p99_ratio_half95 REAL, goodput_ratio REAL, goodput_ratio_half95 REAL, "
    "usd_per_million_tokens_ratio REAL, usd_per_million_tokens_ratio_half95 REAL, "
    "slo_attained_difference REAL, slo_attained_difference_half95 REAL, PRIMARY KEY "
    "(policy_id, workload_id)) STRICT, WITHOUT ROWID;"

    "CREATE VIEW v_serving AS SELECT p.run_id, p.name AS policy, w.name AS "
    "workload, s.model, s.requests, w.items_done AS done, w.items_dropped AS "
    "dropped, t.p50_s AS ttft_p50_s, t.p99_s AS ttft_p99_s, o.p50_s AS tpot_p50_s, "
    "o.p99_s AS tpot_p99_s, e.p50_s AS e2e_p50_s, e.p99_s AS e2e_p99_s, "
    "s.slo_attained, s.goodput_per_s, s.prompt_tokens_per_s, s.output_tokens_per_s, "
    "s.tokens_per_s_per_gpu, s.usd_per_million_tokens, p.usd FROM serving s JOIN "
    "workloads w ON w.id = s.workload_id JOIN policies p ON p.id = w.policy_id LEFT "
    "JOIN serving_latencies t ON t.workload_id = w.id AND t.prompts = 'all' AND "
    "t.figure = 'ttft' LEFT JOIN serving_latencies o ON o.workload_id = w.id AND "
    "o.prompts = 'all' AND o.figure = 'tpot' LEFT JOIN serving_latencies e ON "
    "e.workload_id = w.id AND e.prompts = 'all' AND e.figure = 'e2e' ORDER BY "
    "p.run_id, p.position, w.position;"

    "CREATE VIEW v_serving_pool AS SELECT p.run_id, p.name AS policy, w.name AS "
    "workload, q.name AS pool, q.role, q.replicas, q.gpus, q.busy_frac, "
    "q.decode_of_busy, q.compute_bound_of_busy, q.flop_utilization, q.kv_used_frac, "
    "q.kv_peak_frac, q.batch_mean, q.preemptions, q.prefix_found_blocks * 1.0 / "
    "nullif(q.prefix_blocks, 0) AS prefix_found_frac, q.iteration_time FROM "
    "serving_pools q JOIN workloads w ON w.id = q.workload_id JOIN policies p ON "
    "p.id = w.policy_id ORDER BY p.run_id, p.position, w.position, q.position;";

static const char *const steps[] = {serving_sql};

const struct report_store_kind report_schema = {
    .name = "stageplan database",
    .application_id = 0x53504c4e, /* "SPLN" */
    .user_version = 1 + sizeof steps / sizeof steps[0],
    .schema = {schema_sql, views_sql},
    .steps = steps,
};
