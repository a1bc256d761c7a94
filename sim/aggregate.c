/* Replications put together: every figure that is a model_stat is found through tables
 * of offsets, so a figure added to the result is aggregated by adding it here. */
#include "sim/run_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/stat.h"

static struct model_stat widened(struct model_stat stat, int32_t count, bool drawn)
{
    if (drawn)
        stat.half95 *= sqrt(1.0 + count);
    return stat;
}

struct model_stat sim_stat_of_runs(const double *values, int32_t n, bool drawn)
{
    int32_t count = 0;

    for (int32_t i = 0; i < n; i++)
        count += !isnan(values[i]);
    return widened(model_stat_of(values, n), count, drawn);
}

struct model_stat sim_ratio_of_runs(const double *a, const double *b, int32_t n,
                                    bool drawn)
{
    int32_t count = 0;

    for (int32_t i = 0; i < n; i++)
        count += !isnan(a[i]) && !isnan(b[i]);
    return widened(model_stat_ratio(a, b, n), count, drawn);
}

static double undone_frac(const struct model_workload_result *w)
{
    return w->in > 0 ? (double)(w->in_flight + w->dropped) / (double)w->in : 0;
}

struct model_stat sim_undone_of_runs(const struct model_policy_result *a,
                                     const struct model_policy_result *b, int32_t n,
                                     int32_t workload, double *scratch)
{
    for (int32_t i = 0; i < n; i++)
        scratch[i] = undone_frac(&a[i].workloads[workload]) -
                     undone_frac(&b[i].workloads[workload]);
    return sim_stat_of_runs(scratch, n, sim_pairs_draw(a, b, n));
}

bool sim_pairs_draw(const struct model_policy_result *a,
                    const struct model_policy_result *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (sim_run_draws(&a[i]) || sim_run_draws(&b[i]))
            return true;
    return false;
}

/* A kernel known exactly, never asked beyond its measurements, draws nothing that
 * matters. */
bool sim_run_draws(const struct model_policy_result *run)
{
    for (int32_t w = 0; w < run->n_workloads && !run->same_kernels; w++)
        for (int32_t k = 0; k < run->workloads[w].n_kernels; k++) {
            const struct model_kernel_asked *asked = &run->workloads[w].kernels[k];

            if (asked->sd_frac > 0 || asked->extrapolated > 0 ||
                asked->slowdown_high > asked->slowdown_low)
                return true;
        }
    return false;
}

#define STAT(type, member) offsetof(struct type, member)
#define TIMES(type, member)                                                            \
    offsetof(struct type, member.mean_s), offsetof(struct type, member.p50_s),         \
        offsetof(struct type, member.p90_s), offsetof(struct type, member.p99_s),      \
        offsetof(struct type, member.max_s)

static const size_t policy_stats[] = {
    STAT(model_policy_result, time_s),
    STAT(model_policy_result, cost.usd),
    STAT(model_policy_result, cost.usd_per_1k_items),
    STAT(model_policy_result, cost.idle_usd),
    STAT(model_policy_result, cost.unallocated_usd),
    STAT(model_policy_result, cost.floor_usd),
};
static const size_t resource_stats[] = {
    STAT(model_resource_use, provisioned_h),
    STAT(model_resource_use, allocated_h),
    STAT(model_resource_use, busy_h),
    STAT(model_resource_use, stranded_h),
    STAT(model_resource_use, busy_of_provisioned),
    STAT(model_resource_use, allocated_of_provisioned),
};
static const size_t node_stats[] = {
    STAT(model_node_use, mean),
    STAT(model_node_use, hours),
    STAT(model_node_use, billed_hours),
    STAT(model_node_use, usd),
};
static const size_t workload_stats[] = {
    STAT(model_workload_result, per_s),
    TIMES(model_workload_result, latency),
};
static const size_t stage_stats[] = {
    STAT(model_stage_result, slots),        STAT(model_stage_result, busy_frac),
    STAT(model_stage_result, blocked_frac), STAT(model_stage_result, fetch_frac),
    STAT(model_stage_result, queue_mean),   STAT(model_stage_result, queue_peak),
    STAT(model_stage_result, batch_mean),   TIMES(model_stage_result, wait),
    TIMES(model_stage_result, service),
};
static const size_t serving_stats[] = {
    TIMES(model_serving_result, ttft),
    TIMES(model_serving_result, tpot),
    TIMES(model_serving_result, itl),
    TIMES(model_serving_result, e2e),
    TIMES(model_serving_result, queue),
    TIMES(model_serving_result, transfer),
    TIMES(model_serving_result, held_back),
    STAT(model_serving_result, goodput_per_s),
    STAT(model_serving_result, slo_attained),
    STAT(model_serving_result, prompt_tokens_per_s),
    STAT(model_serving_result, output_tokens_per_s),
    STAT(model_serving_result, tokens_per_s_per_gpu),
    STAT(model_serving_result, usd_per_million_tokens),
    STAT(model_serving_result, usd_per_million_prompt_tokens),
    STAT(model_serving_result, usd_per_million_output_tokens),
};
static const size_t class_stats[] = {
    TIMES(model_serving_class, ttft),
    TIMES(model_serving_class, tpot),
    TIMES(model_serving_class, e2e),
    STAT(model_serving_class, slo_attained),
};
static const size_t pool_stats[] = {
    STAT(model_serving_pool, replicas),
    STAT(model_serving_pool, busy_frac),
    STAT(model_serving_pool, compute_frac),
    STAT(model_serving_pool, decode_frac),
    STAT(model_serving_pool, flop_utilization),
    STAT(model_serving_pool, kv_used_frac),
    STAT(model_serving_pool, kv_peak_frac),
    STAT(model_serving_pool, batch_mean),
    STAT(model_serving_pool, tokens_per_s_per_gpu),
    TIMES(model_serving_pool, queue),
};
static const size_t jobs_stats[] = {
    STAT(model_jobs_result, lost_gpu_h),   STAT(model_jobs_result, overhead_gpu_h),
    STAT(model_jobs_result, useful_gpu_h), STAT(model_jobs_result, makespan_s),
    STAT(model_jobs_result, floor_usd),
};
static const size_t group_stats[] = {
    TIMES(model_job_group, queue),       TIMES(model_job_group, completion),
    TIMES(model_job_group, wait),        STAT(model_job_group, slowdown_mean),
    STAT(model_job_group, slowdown_p50), STAT(model_job_group, slowdown_p90),
    STAT(model_job_group, slowdown_p99), STAT(model_job_group, gpu_h),
};
static const size_t team_stats[] = {
    STAT(model_team_result, allocated_h[MODEL_GPU]),
    STAT(model_team_result, allocated_h[MODEL_CPU]),
    STAT(model_team_result, allocated_h[MODEL_MEMORY]),
    STAT(model_team_result, busy_h[MODEL_GPU]),
    STAT(model_team_result, busy_h[MODEL_CPU]),
    STAT(model_team_result, busy_h[MODEL_MEMORY]),
    STAT(model_team_result, borrowed_gpu_h),
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Rows of one kind in n replications: `at(runs + i)` is replication i's. */
struct rows {
    const void **row; /* n of them */
    int32_t n;
    bool drawn; /* sim_run_draws() */
    double *scratch;
};

static void combine(const struct rows *rows, const size_t *offsets, size_t n_offsets,
                    void *out)
{
    for (size_t o = 0; o < n_offsets; o++) {
        struct model_stat *stat =
            (struct model_stat *)(void *)((char *)out + offsets[o]);

        if (rows->n == 1) { /* an interval within the run stays */
            *stat =
                *(const struct model_stat *)(const void *)((const char *)rows->row[0] +
                                                           offsets[o]);
            continue;
        }
        for (int32_t i = 0; i < rows->n; i++) {
            const void *from = (const char *)rows->row[i] + offsets[o];

            rows->scratch[i] = ((const struct model_stat *)from)->mean;
        }
        *stat = sim_stat_of_runs(rows->scratch, rows->n, rows->drawn);
    }
}

static void combine_nodes(const struct model_policy_result *runs, struct rows *rows,
                          struct sp_arena *arena, struct model_policy_result *p)
{
    struct model_node_use *all = p->nodes;
    int32_t *now_at = sp_arena_array(arena, (size_t)p->n_nodes, sizeof *now_at);
    int32_t kept = 0;

    p->nodes = sp_arena_array(arena, (size_t)p->n_nodes, sizeof *p->nodes);
    for (int32_t t = 0; t < p->n_nodes; t++) {
        struct model_node_use *out = &p->nodes[kept];

        now_at[t] = kept;
        *out = all[t];
        for (int32_t i = 0; i < rows->n; i++) {
            rows->row[i] = &runs[i].nodes[t];
            if (runs[i].nodes[t].peak > out->peak)
                out->peak = runs[i].nodes[t].peak;
        }
        combine(rows, node_stats, COUNT(node_stats), out);
        kept += out->peak > 0; /* types that nobody used are not reported */
    }
    p->n_nodes = kept;
    for (int32_t i = 0; i < p->timeline.n_leases; i++)
        p->timeline.leases[i].use = now_at[p->timeline.leases[i].use];
}

static struct model_serving_result *
combine_serving(const struct model_policy_result *runs, struct rows *rows,
                struct sp_arena *arena, int32_t w)
{
    const struct model_serving_result *first = runs[0].workloads[w].serving;
    struct model_serving_result *out;

    if (first == NULL)
        return NULL;
    out = sp_arena_alloc(arena, sizeof *out);
    *out = *first;
    out->classes =
        sp_arena_array(arena, (size_t)first->n_classes, sizeof *out->classes);
    out->pools = sp_arena_array(arena, (size_t)first->n_pools, sizeof *out->pools);
    for (int32_t i = 0; i < rows->n; i++)
        rows->row[i] = runs[i].workloads[w].serving;
    combine(rows, serving_stats, COUNT(serving_stats), out);
    for (int32_t c = 0; c < first->n_classes; c++) {
        out->classes[c] = first->classes[c];
        for (int32_t i = 0; i < rows->n; i++)
            rows->row[i] = &runs[i].workloads[w].serving->classes[c];
        combine(rows, class_stats, COUNT(class_stats), &out->classes[c]);
    }
    for (int32_t p = 0; p < first->n_pools; p++) {
        out->pools[p] = first->pools[p];
        for (int32_t i = 0; i < rows->n; i++)
            rows->row[i] = &runs[i].workloads[w].serving->pools[p];
        combine(rows, pool_stats, COUNT(pool_stats), &out->pools[p]);
    }
    return out;
}

/* Shares of the mean wait, so a replication counts as its jobs waited: the mean of a
 * cause's time over the mean of all. */
static void combine_causes(const struct rows *rows, struct model_job_group *out)
{
    double by_cause[MODEL_CAUSES] = {0}, all = 0;

    for (int32_t i = 0; i < rows->n; i++) {
        const struct model_job_group *g = rows->row[i];
        double wait = g->wait.mean_s.mean;

        if (!(wait > 0)) /* nobody was done, or nobody waited */
            continue;
        all += wait;
        for (int c = 0; c < MODEL_CAUSES; c++)
            by_cause[c] += g->wait_frac[c] * wait;
    }
    for (int c = 0; c < MODEL_CAUSES; c++)
        out->wait_frac[c] = all > 0 ? by_cause[c] / all : NAN;
}

static struct model_jobs_result *combine_jobs(const struct model_policy_result *runs,
                                              struct rows *rows, struct sp_arena *arena,
                                              int32_t w)
{
    const struct model_jobs_result *first = runs[0].workloads[w].jobs;
    struct model_jobs_result *out;

    if (first == NULL)
        return NULL;
    out = sp_arena_alloc(arena, sizeof *out);
    *out = *first;
    out->groups = sp_arena_array(arena, (size_t)first->n_groups, sizeof *out->groups);
    for (int32_t i = 0; i < rows->n; i++)
        rows->row[i] = runs[i].workloads[w].jobs;
    combine(rows, jobs_stats, COUNT(jobs_stats), out);
    for (int32_t g = 0; g < first->n_groups; g++) {
        out->groups[g] = first->groups[g];
        for (int32_t i = 0; i < rows->n; i++)
            rows->row[i] = &runs[i].workloads[w].jobs->groups[g];
        combine(rows, group_stats, COUNT(group_stats), &out->groups[g]);
        combine_causes(rows, &out->groups[g]);
    }
    return out;
}

static void combine_teams(const struct model_policy_result *runs, struct rows *rows,
                          struct sp_arena *arena, struct model_policy_result *p)
{
    const struct model_team_result *first = p->teams;

    p->teams = sp_arena_array(arena, (size_t)p->n_teams, sizeof *p->teams);
    for (int32_t t = 0; t < p->n_teams; t++) {
        p->teams[t] = first[t];
        for (int32_t i = 0; i < rows->n; i++) {
            rows->row[i] = &runs[i].teams[t];
            if (runs[i].teams[t].peak_gpus > p->teams[t].peak_gpus)
                p->teams[t].peak_gpus = runs[i].teams[t].peak_gpus;
        }
        combine(rows, team_stats, COUNT(team_stats), &p->teams[t]);
    }
}

/* Counts add up, ranges widen; what was asked of most cores is kept whole. */
static void combine_kernel(const struct model_kernel_asked *one,
                           struct model_kernel_asked *all)
{
    all->calls += one->calls;
    all->extrapolated += one->extrapolated;
    all->x_least = fmin(all->x_least, one->x_least);
    all->x_most = fmax(all->x_most, one->x_most);
    if (one->sd_frac > all->sd_frac) {
        all->sd_frac = one->sd_frac;
        all->basis = one->basis;
    }
    if (isnan(one->cores_most) || one->cores_most <= all->cores_most)
        return;
    all->cores_most = one->cores_most;
    all->slowdown_most = one->slowdown_most;
    all->slowdown_low = one->slowdown_low;
    all->slowdown_high = one->slowdown_high;
}

static void combine_kernels(const struct model_policy_result *runs, int32_t n,
                            struct sp_arena *arena, int32_t w,
                            struct model_workload_result *out)
{
    const struct model_workload_result *first = &runs[0].workloads[w];

    out->kernels =
        sp_arena_array(arena, (size_t)first->n_kernels, sizeof *out->kernels);
    for (int32_t k = 0; k < first->n_kernels; k++) {
        out->kernels[k] = first->kernels[k];
        for (int32_t i = 1; i < n; i++)
            combine_kernel(&runs[i].workloads[w].kernels[k], &out->kernels[k]);
    }
}

static void combine_workload(const struct model_policy_result *runs, struct rows *rows,
                             struct sp_arena *arena, int32_t w,
                             struct model_workload_result *out)
{
    struct model_stage_result *stages =
        sp_arena_array(arena, (size_t)out->n_stages, sizeof *stages);

    for (int32_t i = 0; i < rows->n; i++)
        rows->row[i] = &runs[i].workloads[w];
    combine(rows, workload_stats, COUNT(workload_stats), out);
    for (int32_t s = 0; s < out->n_stages; s++) {
        stages[s] = out->stages[s];
        for (int32_t i = 0; i < rows->n; i++)
            rows->row[i] = &runs[i].workloads[w].stages[s];
        combine(rows, stage_stats, COUNT(stage_stats), &stages[s]);
    }
    out->stages = stages;
    out->serving = combine_serving(runs, rows, arena, w);
    out->jobs = combine_jobs(runs, rows, arena, w);
    combine_kernels(runs, rows->n, arena, w, out);
}

/* The end to worry about most: a deadlock over an interrupt over the horizon over done.
 */
static int severity(enum model_end end)
{
    static const int rank[] = {[MODEL_END_DONE] = 0,
                               [MODEL_END_HORIZON] = 1,
                               [MODEL_END_EVENT_LIMIT] = 2,
                               [MODEL_END_INTERRUPTED] = 3,
                               [MODEL_END_DEADLOCK] = 4};

    return rank[end];
}

void sim_aggregate(const struct model_policy_result *runs, int32_t n,
                   struct sp_arena *arena, struct model_policy_result *p)
{
    struct rows rows = {.n = n};

    rows.row = sp_arena_array(arena, (size_t)n, sizeof *rows.row);
    rows.scratch = sp_arena_array(arena, (size_t)n, sizeof *rows.scratch);
    *p = runs[0];
    for (int32_t i = 0; i < n; i++) {
        rows.row[i] = &runs[i];
        rows.drawn = rows.drawn || sim_run_draws(&runs[i]);
        if (severity(runs[i].end) > severity(p->end)) {
            p->end = runs[i].end;
            p->end_text = runs[i].end_text;
        }
        if (runs[i].n_gpu_nodes_peak > p->n_gpu_nodes_peak)
            p->n_gpu_nodes_peak = runs[i].n_gpu_nodes_peak;
        if (runs[i].peak_gpus_demand > p->peak_gpus_demand)
            p->peak_gpus_demand = runs[i].peak_gpus_demand;
    }
    combine(&rows, policy_stats, COUNT(policy_stats), p);
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        for (int32_t i = 0; i < n; i++)
            rows.row[i] = &runs[i].resources[r];
        combine(&rows, resource_stats, COUNT(resource_stats), &p->resources[r]);
    }
    combine_nodes(runs, &rows, arena, p);
    combine_teams(runs, &rows, arena, p);
    sim_aggregate_cells(runs, n, arena, &p->cost);
    p->workloads = sp_arena_array(arena, (size_t)p->n_workloads, sizeof *p->workloads);
    for (int32_t w = 0; w < p->n_workloads; w++) {
        p->workloads[w] = runs[0].workloads[w];
        combine_workload(runs, &rows, arena, w, &p->workloads[w]);
    }
}
