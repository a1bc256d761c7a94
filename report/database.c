/* From the result to rows, table by table. */
#include "report/database.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/database_parts.h"
#include "report/schema.h"
#include "report/store.h"
#include "report/text.h"

enum { ITEM_ROWS = 50, ITEM_COLUMNS = 5, JOB_COLUMNS = 17 };

/* Waits in the order of enum model_cause. */
#define JOB_ITEMS                                                                      \
    "items(workload_id, item, arrived_ns, left_ns, dropped, team, started_ns, gpus,"   \
    " preemptions, first_node, waited_quota_ns, waited_head_of_line_ns,"               \
    " waited_capacity_ns, waited_fragmentation_ns, waited_gang_ns,"                    \
    " waited_spot_loss_ns, waited_start_up_ns)"

static const struct {
    int columns, rows;
    const char *into;
} tables[REPORT_TABLES] = {
    [REPORT_IN_RUNS] =
        {7, 1,
         "runs(created_at, version, scenario, description, seed, replications,"
         " partial)"},
    [REPORT_IN_INPUTS] = {4, 1, "inputs(run_id, position, file, xxh64)"},
    [REPORT_IN_POLICIES] =
        {24, 1,
         "policies(run_id, position, name, \"end\", end_text, time_s,"
         " time_s_half95, \"window\", window_from_s, window_to_s,"
         " gpu_nodes_peak, events, digest, uusd, usd, usd_half95,"
         " usd_per_1k_items, usd_per_1k_items_half95, idle_usd,"
         " unallocated_usd, nodes_taken_back, nodes_failed, launches_refused,"
         " peak_gpus_demand)"},
    [REPORT_IN_NODES] = {11, 1,
                         "nodes(policy_id, position, type, option, peak, mean, hours,"
                         " billed_hours, usd, usd_half95, usd_per_h)"},
    [REPORT_IN_RESOURCES] =
        {11, 1,
         "resources(policy_id, resource, provisioned_h, allocated_h, busy_h,"
         " busy_of_provisioned, busy_of_provisioned_half95,"
         " allocated_of_provisioned, ledger_provisioned, ledger_allocated,"
         " ledger_busy)"},
    [REPORT_IN_WORKLOADS] =
        {25, 1,
         "workloads(policy_id, position, name, kind, items_in, items_done,"
         " items_in_flight, items_dropped, dropped_filtered, dropped_retries,"
         " per_s, per_s_half95, latency_mean_s, latency_p50_s, latency_p90_s,"
         " latency_p99_s, latency_p99_s_half95, latency_max_s, bound_per_s,"
         " moved_bytes, spilled_bytes, dropped_kv_capacity,"
         " dropped_zero_tokens, dropped_too_large, dropped_gang)"},
    [REPORT_IN_STAGES] =
        {26, 1,
         "stages(workload_id, position, name, unit, slots, busy_frac,"
         " busy_frac_half95, blocked_frac, fetch_frac, wait_mean_s, wait_p50_s,"
         " wait_p90_s, wait_p99_s, wait_max_s, service_mean_s, service_p99_s,"
         " queue_mean, queue_peak, batch_mean, items_in, items_done,"
         " items_emitted, items_retried, items_dropped, tasks_lost, bottleneck)"},
    [REPORT_IN_COST_LINES] =
        {6, 1, "cost_lines(policy_id, position, workload, stage, kind, uusd)"},
    [REPORT_IN_SERIES] =
        {8, 1,
         "series(policy_id, resource, bucket, from_s, to_s, provisioned,"
         " allocated, busy)"},
    [REPORT_IN_QUEUE_SERIES] = {4, 1, "queue_series(policy_id, bucket, at_s, queued)"},
    [REPORT_IN_COMPARISONS] =
        {8, 1,
         "comparisons(policy_id, baseline_id, usd_ratio, usd_ratio_half95,"
         " time_ratio, time_ratio_half95, gpu_nodes_ratio, verdict)"},
    [REPORT_IN_ASSUMPTIONS] = {3, 1, "assumptions(run_id, id, text)"},
    [REPORT_IN_WARNINGS] = {3, 1, "warnings(run_id, position, text)"},
    [REPORT_IN_SERVING] =
        {21, 1,
         "serving(workload_id, model, requests, retried, slo_ttft_s, "
         "slo_tpot_s, slo_e2e_s, goodput_per_s, goodput_per_s_half95, "
         "slo_attained, slo_attained_half95, prompt_tokens_per_s, "
         "output_tokens_per_s, tokens_per_s_per_gpu, "
         "usd_per_million_tokens, usd_per_million_tokens_half95, "
         "usd_per_million_prompt_tokens, "
         "usd_per_million_output_tokens, transfers, transfer_bytes, "
         "bucket_s)"},
    [REPORT_IN_LATENCIES] = {10, 1,
                             "serving_latencies(workload_id, prompts, figure, count, "
                             "mean_s, p50_s, p90_s, p99_s, p99_s_half95, max_s)"},
    [REPORT_IN_CLASSES] = {5, 1,
                           "serving_classes(workload_id, position, up_to_tokens, "
                           "slo_attained, prompts)"},
    [REPORT_IN_POOLS] = {31, 1,
                         "serving_pools(workload_id, position, name, role, "
                         "iteration_time, kv_capacity, gpus, kv_blocks, block_size, "
                         "replicas, busy_frac, compute_bound_of_busy, decode_of_busy, "
                         "flop_utilization, kv_used_frac, kv_peak_frac, batch_mean, "
                         "tokens_per_s_per_gpu, queue_mean_s, queue_p99_s, iterations, "
                         "prefill_tokens, decode_tokens, recomputed_tokens, "
                         "preemptions, prefix_blocks, prefix_found_blocks, "
                         "prefix_tokens, prefix_found_tokens, iterations_beyond, "
                         "replicas_lost)"},
    [REPORT_IN_ATTAINMENT] =
        {6, 1, "attainment(workload_id, bucket, from_s, to_s, finished, met)"},
    [REPORT_IN_SERVED_COMPARISONS] =
        {14, 1,
         "serving_comparisons(policy_id, workload_id, ttft_p99_ratio, "
         "ttft_p99_ratio_half95, tpot_p99_ratio, "
         "tpot_p99_ratio_half95, e2e_p99_ratio, e2e_p99_ratio_half95, "
         "goodput_ratio, goodput_ratio_half95, "
         "usd_per_million_tokens_ratio, "
         "usd_per_million_tokens_ratio_half95, "
         "slo_attained_difference, slo_attained_difference_half95)"},
    [REPORT_IN_ITEMS] = {ITEM_COLUMNS, 1,
                         "items(workload_id, item, arrived_ns, left_ns, dropped)"},
    [REPORT_IN_ITEMS_MANY] = {ITEM_COLUMNS, ITEM_ROWS,
                              "items(workload_id, item, arrived_ns, left_ns, dropped)"},
    [REPORT_IN_JOB_ITEMS] = {JOB_COLUMNS, 1, JOB_ITEMS},
    [REPORT_IN_JOB_ITEMS_MANY] = {JOB_COLUMNS, ITEM_ROWS, JOB_ITEMS},
    [REPORT_IN_JOBS] = {14, 1,
                        "jobs(workload_id, preempted, interrupted, failed, moved, "
                        "deadlines, deadlines_missed, useful_gpu_h, lost_gpu_h, "
                        "overhead_gpu_h, makespan_s, makespan_s_half95, floor_usd, "
                        "floor_usd_half95)"},
    [REPORT_IN_JOBS_GROUP] =
        {24, 1,
         "jobs_group(workload_id, position, kind, name, arrived, done, queue_mean_s, "
         "queue_mean_s_half95, queue_p50_s, queue_p90_s, queue_p99_s, queue_max_s, "
         "completion_mean_s, completion_mean_s_half95, completion_p50_s, "
         "completion_p90_s, completion_p99_s, completion_max_s, wait_mean_s, "
         "slowdown_mean, slowdown_p50, slowdown_p90, slowdown_p99, gpu_h)"},
    [REPORT_IN_JOBS_CAUSE] = {4, 1,
                              "jobs_cause(workload_id, position, cause, wait_frac)"},
    [REPORT_IN_JOBS_ALLOCATION] =
        {5, 1,
         "jobs_allocation(workload_id, point, asked_pct, allocated_pct, "
         "fragmented_pct)"},
    [REPORT_IN_TEAM] =
        {13, 1,
         "team(policy_id, position, name, allocated_uusd, busy_uusd, gpu_allocated_h, "
         "gpu_busy_h, cpu_allocated_h, cpu_busy_h, memory_allocated_h, memory_busy_h, "
         "borrowed_gpu_h, peak_gpus)"},
    [REPORT_IN_FRAGMENTATION] =
        {8, 1,
         "fragmentation(policy_id, samples, free_gpus, usable, unwanted, by_shape, "
         "by_cpu, by_memory)"},
    [REPORT_IN_BOUGHT] = {5, 1, "bought(policy_id, position, type, nodes, reason)"},
    [REPORT_IN_EXPLAINED] = {3, 1, "explained(policy_id, position, text)"},
    [REPORT_IN_JOBS_COMPARISONS] =
        {12, 1,
         "jobs_comparisons(policy_id, workload_id, usd_ratio, usd_ratio_half95, "
         "wait_difference_s, wait_difference_s_half95, wait_ratio, wait_ratio_half95, "
         "completion_ratio, completion_ratio_half95, deadlines_missed_difference, "
         "deadlines_missed_difference_half95)"},
    [REPORT_IN_TEAM_WAITS] =
        {8, 1,
         "team_waits(policy_id, workload_id, position, team, wait_s, baseline_wait_s, "
         "difference_s, difference_s_half95)"},
    [REPORT_IN_KERNELS] =
        {23, 1,
         "kernels(workload_id, position, stage, fused, kernel, device, profile, "
         "basis, axis, by_features, converged, calls, extrapolated, asked_least, "
         "asked_most, measured_least, measured_most, cores_most, measured_cores, "
         "slowdown_most, slowdown_low, slowdown_high, sd_frac)"},
};

struct report_insert *report_database_into(struct report_database *d,
                                           enum report_table t)
{
    if (d->inserts[t] == NULL)
        d->inserts[t] = report_store_insert(d->store, tables[t].into, tables[t].columns,
                                            tables[t].rows);
    return d->inserts[t];
}

void report_database_put_text(struct report_database *d, struct report_insert *to,
                              const char *text)
{
    report_insert_text(
        to, text == NULL ? NULL : report_text_clean(d->arena, text, REPORT_TEXT_DATA));
}

static void put_hex64(struct report_database *d, struct report_insert *to,
                      uint64_t value)
{
    report_insert_text(to, sp_arena_printf(d->arena, "%016" PRIx64, value));
}

void report_database_put_stat(struct report_insert *to, struct model_stat stat)
{
    report_insert_real(to, stat.mean);
    report_insert_real(to, stat.half95);
}

/* 39 digits hold any 128-bit number. */
static void put_i128(struct report_database *d, struct report_insert *to, sp_i128 value)
{
    char *text = sp_arena_alloc(d->arena, 48), *p = text + 47;
    sp_u128 rest = value < 0 ? -(sp_u128)value : (sp_u128)value;

    do {
        *--p = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    report_insert_text(to, p);
}

/* ---- below a workload ---- */

static void add_stage(struct report_database *d, int64_t workload, int32_t id,
                      const struct model_stage_result *s)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_STAGES);
    const int64_t counts[] = {s->in,      s->done,    s->emitted,
                              s->retried, s->dropped, s->lost};
    const double figures[] = {
        s->blocked_frac.mean, s->fetch_frac.mean,     s->wait.mean_s.mean,
        s->wait.p50_s.mean,   s->wait.p90_s.mean,     s->wait.p99_s.mean,
        s->wait.max_s.mean,   s->service.mean_s.mean, s->service.p99_s.mean,
        s->queue_mean.mean,   s->queue_peak.mean,     s->batch_mean.mean,
    };

    report_insert_int(to, workload);
    report_insert_int(to, id);
    report_database_put_text(d, to, s->name);
    report_database_put_text(d, to, s->unit);
    report_insert_real(to, s->slots.mean);
    report_database_put_stat(to, s->busy_frac);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        report_insert_real(to, figures[i]);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        report_insert_int(to, counts[i]);
    report_insert_int(to, s->bottleneck);
    report_insert_done(to);
}

static int64_t add_workload(struct report_database *d, int64_t policy, int32_t id,
                            const struct model_workload_result *w)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_WORKLOADS);
    const int64_t counts[] = {w->in,
                              w->done,
                              w->in_flight,
                              w->dropped,
                              w->dropped_by[MODEL_DROP_FILTERED],
                              w->dropped_by[MODEL_DROP_RETRIES]};
    int64_t row;

    report_insert_int(to, policy);
    report_insert_int(to, id);
    report_database_put_text(d, to, w->name);
    report_database_put_text(d, to, w->kind);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        report_insert_int(to, counts[i]);
    report_database_put_stat(to, w->per_s);
    report_insert_real(to, w->latency.mean_s.mean);
    report_insert_real(to, w->latency.p50_s.mean);
    report_insert_real(to, w->latency.p90_s.mean);
    report_database_put_stat(to, w->latency.p99_s);
    report_insert_real(to, w->latency.max_s.mean);
    report_insert_real(to, w->bound_per_s);
    report_insert_int(to, w->moved_bytes);
    report_insert_int(to, w->spilled_bytes);
    report_insert_int(to, w->dropped_by[MODEL_DROP_KV_CAPACITY]);
    report_insert_int(to, w->dropped_by[MODEL_DROP_ZERO_TOKENS]);
    report_insert_int(to, w->dropped_by[MODEL_DROP_TOO_LARGE]);
    report_insert_int(to, w->dropped_by[MODEL_DROP_GANG]);
    row = report_insert_done(to);
    if (w->serving != NULL)
        report_database_add_serving(d, row, w->serving);
    if (w->jobs != NULL)
        report_database_add_jobs(d, row, w->jobs);
    for (int32_t i = 0; i < w->n_stages; i++)
        add_stage(d, row, i, &w->stages[i]);
    report_database_add_kernels(d, row, w);
    return row;
}

/* ---- below a policy ---- */

static void add_node(struct report_database *d, int64_t policy, int32_t id,
                     const struct model_node_use *n)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_NODES);

    report_insert_int(to, policy);
    report_insert_int(to, id);
    report_database_put_text(d, to, n->type);
    report_database_put_text(d, to, n->option);
    report_insert_int(to, n->peak);
    report_insert_real(to, n->mean.mean);
    report_insert_real(to, n->hours.mean);
    report_insert_real(to, n->billed_hours.mean);
    report_database_put_stat(to, n->usd);
    report_insert_real(to, n->usd_per_h);
    report_insert_done(to);
}

static void add_resource(struct report_database *d, int64_t policy,
                         enum model_resource resource,
                         const struct model_policy_result *p)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_RESOURCES);
    const struct model_resource_use *use = &p->resources[resource];

    report_insert_int(to, policy);
    report_insert_text(to, model_resource_name(resource));
    report_insert_real(to, use->provisioned_h.mean);
    report_insert_real(to, use->allocated_h.mean);
    report_insert_real(to, use->busy_h.mean);
    report_database_put_stat(to, use->busy_of_provisioned);
    report_insert_real(to, use->allocated_of_provisioned.mean);
    put_i128(d, to, p->ledger[resource].provisioned);
    put_i128(d, to, p->ledger[resource].allocated);
    put_i128(d, to, p->ledger[resource].busy);
    report_insert_done(to);
}

static void add_cost_lines(struct report_database *d, int64_t policy,
                           const struct model_cost *c)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_COST_LINES);

    for (int32_t i = 0; i < c->n_lines && c->known; i++) {
        report_insert_int(to, policy);
        report_insert_int(to, i);
        report_database_put_text(d, to, c->lines[i].workload);
        report_database_put_text(d, to, c->lines[i].stage);
        report_insert_text(to, model_line_kind_name(c->lines[i].kind));
        report_insert_int(to, c->lines[i].uusd);
        report_insert_done(to);
    }
}

static void add_series(struct report_database *d, int64_t policy,
                       const struct model_series *s)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_SERIES),
                         *queue = report_database_into(d, REPORT_IN_QUEUE_SERIES);

    for (int r = 0; r < MODEL_RESOURCES; r++)
        for (int32_t b = 0; b < s->n; b++) {
            report_insert_int(to, policy);
            report_insert_text(to, model_resource_name((enum model_resource)r));
            report_insert_int(to, b);
            report_insert_real(to, b * s->bucket_s);
            report_insert_real(to, (b + 1) * s->bucket_s);
            report_insert_real(to, s->provisioned[r][b]);
            report_insert_real(to, s->allocated[r][b]);
            report_insert_real(to, s->busy[r][b]);
            report_insert_done(to);
        }
    for (int32_t b = 0; b < s->n; b++) {
        report_insert_int(queue, policy);
        report_insert_int(queue, b);
        report_insert_real(queue, (b + 1) * s->bucket_s);
        report_insert_real(queue, s->queued[b]);
        report_insert_done(queue);
    }
}

static int64_t add_policy_row(struct report_database *d, int64_t run, int32_t id,
                              const struct model_policy_result *p)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_POLICIES);
    const struct model_cost *c = &p->cost;

    report_insert_int(to, run);
    report_insert_int(to, id);
    report_database_put_text(d, to, p->name);
    report_insert_text(to, model_end_name(p->end));
    report_database_put_text(d, to, p->end_text);
    report_database_put_stat(to, p->time_s);
    report_database_put_text(d, to, p->window);
    report_insert_real(to, p->window_from_s);
    report_insert_real(to, p->window_to_s);
    report_insert_int(to, p->n_gpu_nodes_peak);
    report_insert_int(to, (int64_t)p->events);
    if (p->digest != 0)
        put_hex64(d, to, p->digest);
    else
        report_insert_null(to);
    if (c->known)
        report_insert_int(to, c->uusd);
    else
        report_insert_null(to);
    report_database_put_stat(to, c->known ? c->usd : (struct model_stat){NAN, NAN});
    report_database_put_stat(to, c->known ? c->usd_per_1k_items
                                          : (struct model_stat){NAN, NAN});
    report_insert_real(to, c->known ? c->idle_usd.mean : NAN);
    report_insert_real(to, c->known ? c->unallocated_usd.mean : NAN);
    report_insert_int(to, p->nodes_taken_back);
    report_insert_int(to, p->nodes_failed);
    report_insert_int(to, p->launches_refused);
    report_insert_real(to, p->peak_gpus_demand);
    return report_insert_done(to);
}

static void add_policy(struct report_database *d, int64_t run, int32_t id)
{
    const struct model_policy_result *p = &d->result->policies[id];
    int64_t row = add_policy_row(d, run, id, p);

    d->policy_row[id] = row;
    d->workload_row[id] =
        sp_arena_array(d->arena, (size_t)p->n_workloads, sizeof(int64_t));
    for (int32_t i = 0; i < p->n_nodes; i++)
        add_node(d, row, i, &p->nodes[i]);
    for (int r = 0; r < MODEL_RESOURCES; r++)
        add_resource(d, row, (enum model_resource)r, p);
    for (int32_t i = 0; i < p->n_workloads; i++)
        d->workload_row[id][i] = add_workload(d, row, i, &p->workloads[i]);
    add_cost_lines(d, row, &p->cost);
    add_series(d, row, &p->series);
    report_database_add_shared(d, row, p);
}

/* ---- below a run ---- */

static void add_comparison(struct report_database *d, const struct model_comparison *c)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_COMPARISONS);

    report_insert_int(to, d->policy_row[c->policy]);
    report_insert_int(to, d->policy_row[c->baseline]);
    report_database_put_stat(to, c->usd_ratio);
    report_database_put_stat(to, c->time_ratio);
    report_insert_real(to, c->gpu_nodes_ratio);
    report_database_put_text(d, to, c->verdict);
    report_insert_done(to);
    report_database_add_served(d, c);
    report_database_add_jobs_compared(d, c);
}

static void add_notes(struct report_database *d, int64_t run)
{
    const struct model_result *r = d->result;
    struct report_insert *to = report_database_into(d, REPORT_IN_ASSUMPTIONS);

    for (int32_t i = 0; i < r->n_assumptions; i++) {
        report_insert_int(to, run);
        report_database_put_text(d, to, r->assumptions[i].id);
        report_database_put_text(d, to, r->assumptions[i].text);
        report_insert_done(to);
    }
    to = report_database_into(d, REPORT_IN_WARNINGS);
    for (int32_t i = 0; i < r->n_warnings; i++) {
        report_insert_int(to, run);
        report_insert_int(to, i);
        report_database_put_text(d, to, r->warnings[i]);
        report_insert_done(to);
    }
}

static int64_t add_run_row(struct report_database *d, const char *created_at)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_RUNS);
    const struct model_result *r = d->result;

    report_database_put_text(d, to, created_at);
    report_database_put_text(d, to, r->version);
    report_database_put_text(d, to, r->name);
    report_database_put_text(d, to, r->description);
    report_insert_int(to, (int64_t)r->seed);
    report_insert_int(to, r->n_runs);
    report_insert_int(to, r->partial);
    return report_insert_done(to);
}

static void add_inputs(struct report_database *d, int64_t run)
{
    struct report_insert *to = report_database_into(d, REPORT_IN_INPUTS);
    const struct model_result *r = d->result;

    for (int32_t i = 0; i < r->n_files; i++) {
        report_insert_int(to, run);
        report_insert_int(to, i);
        report_database_put_text(d, to, r->files[i].file);
        put_hex64(d, to, r->files[i].xxh64);
        report_insert_done(to);
    }
}

int64_t report_database_add_run(struct report_database *d, const struct model_result *r,
                                const char *created_at)
{
    int64_t run;

    d->result = r;
    d->policy_row = sp_arena_array(d->arena, (size_t)r->n_policies, sizeof(int64_t));
    d->workload_row =
        sp_arena_array(d->arena, (size_t)r->n_policies, sizeof(int64_t *));
    run = add_run_row(d, created_at);
    add_inputs(d, run);
    for (int32_t i = 0; i < r->n_policies; i++)
        add_policy(d, run, i);
    for (int32_t i = 0; i < r->n_comparisons; i++)
        add_comparison(d, &r->comparisons[i]);
    add_notes(d, run);
    return run;
}

static void put_item(struct report_database *d, struct report_insert *to,
                     const struct model_item_row *item)
{
    report_insert_int(to, d->workload_row[item->policy][item->workload]);
    report_insert_int(to, item->item);
    report_insert_int(to, item->arrived_ns);
    if (item->left_ns >= 0)
        report_insert_int(to, item->left_ns);
    else
        report_insert_null(to);
    if (item->dropped != SP_NO_ID)
        report_insert_text(to, model_drop_name((enum model_drop)item->dropped));
    else
        report_insert_null(to);
}

static void put_job(struct report_database *d, struct report_insert *to,
                    const struct model_item_row *item)
{
    report_database_put_text(d, to, item->team);
    if (item->started_ns >= 0)
        report_insert_int(to, item->started_ns);
    else
        report_insert_null(to);
    report_insert_real(to, (double)item->mgpu / 1000);
    report_insert_int(to, item->preemptions);
    if (item->first_node != SP_NO_ID)
        report_insert_int(to, item->first_node);
    else
        report_insert_null(to);
    for (int c = 0; c < MODEL_CAUSES; c++)
        report_insert_int(to, item->wait_ns[c]);
}

/* n rows of one kind. */
static void add_alike(struct report_database *d, const struct model_item_row *items,
                      int64_t n)
{
    bool job = items[0].team != NULL;
    struct report_insert *many =
        report_database_into(d, job ? REPORT_IN_JOB_ITEMS_MANY : REPORT_IN_ITEMS_MANY);
    struct report_insert *one =
        report_database_into(d, job ? REPORT_IN_JOB_ITEMS : REPORT_IN_ITEMS);
    int64_t in_many = n - n % ITEM_ROWS;

    for (int64_t i = 0; i < n; i++) {
        struct report_insert *to = i < in_many ? many : one;

        put_item(d, to, &items[i]);
        if (job)
            put_job(d, to, &items[i]);
        if (to == one || (i + 1) % ITEM_ROWS == 0)
            report_insert_done(to);
    }
}

void report_database_add_items(struct report_database *d,
                               const struct model_item_row *items, int64_t n)
{
    sp_assert(d->result != NULL);
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from + 1;
             to < n && (items[to].team != NULL) == (items[from].team != NULL);)
            to++;
        add_alike(d, items + from, to - from);
    }
}

enum sp_status report_database_check(const char *path, struct sp_err *err)
{
    return report_store_check(path, &report_schema, err);
}

enum sp_status report_database_open(const char *path, struct report_database **database,
                                    struct sp_err *err)
{
    struct report_store *store = NULL;
    enum sp_status status = report_store_open(path, &report_schema, &store, err);

    if (status != SP_OK)
        return status;
    *database = sp_xcalloc(1, sizeof **database);
    (*database)->store = store;
    (*database)->arena = sp_arena_new();
    return SP_OK;
}

enum sp_status report_database_close(struct report_database *d, enum sp_status status,
                                     struct sp_err *err)
{
    status = report_store_close(d->store, status, err);
    sp_arena_free(d->arena);
    free(d);
    return status;
}

enum sp_status report_database_write(const char *path,
                                     const struct model_result *result,
                                     const char *created_at, struct sp_err *err)
{
    struct report_database *d = NULL;
    enum sp_status status = report_database_open(path, &d, err);

    if (status != SP_OK)
        return status;
    report_database_add_run(d, result, created_at);
    return report_database_close(d, SP_OK, err);
}
