/* A run before its first event: traces, the cluster, the workloads. */
#include "base/rng.h"
#include "base/units.h"
#include "sim/jobs.h"
#include "sim/pipeline.h"
#include "sim/run_rows.h"
#include "sim/serving.h"

const struct sim_workload_kind *sim_workload_kind(enum model_kind kind)
{
    static const struct sim_workload_kind *const kinds[] = {
        [MODEL_KIND_PIPELINE] = &sim_pipeline_kind,
        [MODEL_KIND_SERVING] = &sim_serving_kind,
        [MODEL_KIND_JOBS] = &sim_jobs_kind,
    };

    return kinds[kind];
}

static enum sp_status open_jobs(struct sim_run_now *r, int32_t i, struct sp_err *err)
{
    const struct model_job_opener *jobs = r->options->jobs;

    sp_assert(jobs != NULL);
    return jobs->open(
        jobs->self, &r->policy->plans[i],
        sp_rng_stream_key(r->options->seed, (uint32_t)r->replication, "job trace"),
        &r->job_streams[i], err);
}

enum sp_status sim_run_open_traces(struct sim_run_now *r, struct sp_err *err)
{
    enum sp_status s = SP_OK;

    for (int32_t i = 0; i < r->n_works && s == SP_OK; i++) {
        const struct model_plan *plan = &r->policy->plans[i];

        if (plan->kind == MODEL_KIND_JOBS) {
            if (plan->jobs->n_classes == 0)
                s = open_jobs(r, i, err);
        } else if (plan->source.kind == MODEL_SOURCE_TRACE) {
            sp_assert(r->options->traces != NULL);
            s = r->options->traces->open(r->options->traces->self, plan, &r->traces[i],
                                         err);
        }
    }
    return s;
}

void sim_run_close_traces(struct sim_run_now *r)
{
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->traces[i].next != NULL && r->traces[i].close != NULL)
            r->traces[i].close(r->traces[i].self);
    for (int32_t i = 0; i < r->n_works; i++)
        if (r->job_streams[i].next != NULL && r->job_streams[i].close != NULL)
            r->job_streams[i].close(r->job_streams[i].self);
}

static bool contends(const struct model_time *t)
{
    return t->kernel != NULL && t->kernel->contention;
}

/* Whether some kernel is slowed down by the CPUs at work beside it. */
static bool has_contention(const struct model_policy *p)
{
    for (int32_t w = 0; w < p->n_plans; w++) {
        const struct model_plan *plan = &p->plans[w];

        for (int32_t s = 0; s < plan->n_stages; s++)
            if (contends(&plan->stages[s].time))
                return true;
        for (int32_t u = 0; u < plan->n_units; u++)
            if (plan->units[u].has_fused_time && contends(&plan->units[u].fused_time))
                return true;
    }
    return false;
}

static struct sim_cpu_use *cpu_use_new(const struct sim_run_now *r)
{
    struct sim_cpu_use *u;

    if (!has_contention(r->policy))
        return NULL;
    u = sp_arena_alloc(r->arena, sizeof *u);
    *u = (struct sim_cpu_use){.arena = r->arena};
    return u;
}

/* A draw that the scenario names depends on nothing else.  With one replication there
 * is no interval that parameters could go into. */
static uint64_t kernel_key(const struct sim_run_now *r, uint64_t seed)
{
    const int64_t draw = r->scenario->calibration_draw;

    if (draw >= 0)
        return draw > 0
                   ? sp_mix_keys(sp_rng_stream_key(0, 0, "calibration"), (uint64_t)draw)
                   : 0;
    return r->options->replications > 1
               ? sp_rng_stream_key(seed, (uint32_t)r->replication, "kernel")
               : 0;
}

/* Means over time are of first replications, and of no use where figures alone are
 * wanted. */
static void set_series(struct sim_run_now *r)
{
    sim_samples_init(&r->samples);
    if (r->replication == 0 && !r->options->figures_only) {
        sim_series_init(&r->series, r->arena);
        return;
    }
    r->series = (struct sim_series){.next_ns = INT64_MAX};
    r->samples.next_ns = INT64_MAX;
}

void sim_run_build(struct sim_run_now *r, uint64_t seed, bool follow_means)
{
    struct sim_cluster_events events = {
        .place = SIM_EV_PLACE, .node = SIM_EV_NODE, .market = SIM_EV_MARKET};
    uint32_t rep = (uint32_t)r->replication;

    r->queue = sim_event_queue_new(r->arena);
    r->ledger = sim_ledger_new(r->arena, r->policy);
    r->network = sim_network_new(r->arena, r->policy);
    r->freed = 0;
    r->cpu_use = cpu_use_new(r);
    r->cluster = sim_cluster_new(r->arena, r->queue, r->policy, r->ledger, events,
                                 sp_rng_stream_key(seed, rep, "boot"));
    if (r->replication == 0 && !follow_means) {
        r->timeline = sim_timeline_new(r->arena, r->options->timeline_slices);
        sim_cluster_record(r->cluster, r->timeline);
    }
    r->rates = follow_means ? NULL : sim_run_rates_new(r);
    for (int32_t i = 0; i < r->n_works; i++) {
        const struct model_plan *plan = &r->policy->plans[i];

        r->works[i].kind = sim_workload_kind(plan->kind);
        r->works[i].self = r->works[i].kind->make(&(struct sim_workload_env){
            .arena = r->arena,
            .queue = r->queue,
            .cluster = r->cluster,
            .network = r->network,
            .ledger = r->ledger,
            .policy = r->policy,
            .plan = plan,
            .policy_id = r->policy_id,
            .items = r->replication == 0 && !follow_means ? r->options->items : NULL,
            .workload = i,
            .owner = sim_ledger_owner_new(r->ledger, i, plan->team),
            .first_kind = SIM_EV_FIRST_WORKLOAD + i * SIM_WORKLOAD_EVENTS,
            .key = sp_mix_keys(sp_rng_stream_key(seed, rep, "workload"),
                               sp_rng_stream_key(0, 0, plan->workload)),
            .kernel_key = kernel_key(r, seed),
            .cpu_use = r->cpu_use,
            .trace = &r->traces[i],
            .jobs = &r->job_streams[i],
            .explain = r->options->explain != NULL && r->replication == 0
                           ? sim_cluster_explain(r->cluster)
                           : NULL,
            .explain_name = r->options->explain,
            .timeline = r->options->timeline_slices > 0 ? r->timeline : NULL,
            .follow_means = follow_means,
            .follow_batches = r->rates != NULL,
            .span_limit = r->options->span_limit,
            .verify = r->options->verify});
    }
    set_series(r);
    sim_cluster_start(r->cluster);
    sim_run_pass_marks(r, 0);
    for (int32_t i = 0; i < r->n_works; i++)
        r->works[i].kind->start(r->works[i].self);
}
