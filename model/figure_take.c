/* Figures of a run, out of its result. */
#include <math.h>
#include <string.h>

#include "model/figure.h"

/* ---- of the whole run ---- */

static double per_h(double usd, double time_s)
{
    return time_s > 0 ? usd / (time_s / 3600) : NAN;
}

static double nodes_mean(const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        sum += p->nodes[i].mean.mean;
    return sum;
}

static int64_t refused(const struct model_policy_result *p)
{
    int64_t n = 0;

    for (int32_t w = 0; w < p->n_workloads; w++)
        n += model_refused(&p->workloads[w]);
    return n;
}

static struct model_run_figures of_run(const struct model_policy_result *p)
{
    const struct model_resource_use *gpu = &p->resources[MODEL_GPU];
    const struct model_resource_use *cpu = &p->resources[MODEL_CPU];
    const struct model_cost *c = &p->cost;
    const bool known = c->known;

    return (struct model_run_figures){
        .end = p->end,
        .refused = refused(p),
        .usd = known ? c->usd.mean : NAN,
        .usd_per_h = known ? per_h(c->usd.mean, p->time_s.mean) : NAN,
        .time_s = p->time_s.mean,
        .floor_usd = known ? c->floor_usd.mean : NAN,
        .idle_usd = known ? c->idle_usd.mean : NAN,
        .unallocated_usd = known ? c->unallocated_usd.mean : NAN,
        .gpu_busy_frac = gpu->busy_of_provisioned.mean,
        .gpu_allocated_frac = gpu->allocated_of_provisioned.mean,
        .cpu_busy_frac = cpu->busy_of_provisioned.mean,
        .cpu_allocated_frac = cpu->allocated_of_provisioned.mean,
        .gpu_nodes_peak = p->n_gpu_nodes_peak,
        .nodes_mean = nodes_mean(p),
        .nodes_lost = (double)(p->nodes_taken_back + p->nodes_failed),
        .events = (double)p->events,
    };
}

/* ---- of a workload ---- */

/* What it pays: alone on the fleet the bill; beside others what is its own, busy and
 * idle, and nothing of what nobody reserved. */
static double workload_usd(const struct model_policy_result *p, int32_t w)
{
    int64_t uusd = 0;

    if (p->n_workloads == 1)
        return p->cost.usd.mean;
    for (int32_t i = 0; i < p->cost.n_lines; i++) {
        const char *whose = p->cost.lines[i].workload;

        if (whose != NULL && strcmp(whose, p->workloads[w].name) == 0)
            uusd += p->cost.lines[i].uusd;
    }
    return (double)uusd / 1e6;
}

static double usd_per_1k(const struct model_policy_result *p, int32_t w)
{
    const int64_t done = p->workloads[w].done;

    if (!p->cost.known || done <= 0)
        return NAN;
    return workload_usd(p, w) / (double)done * 1000;
}

/* What was dropped was dealt with: a filter keeps up by dropping. */
static double keeps_up(const struct model_workload_result *w)
{
    return w->in > 0 ? (double)(w->done + w->dropped) / (double)w->in : NAN;
}

static double bottleneck_busy(const struct model_workload_result *w)
{
    for (int32_t i = 0; i < w->n_stages; i++)
        if (w->stages[i].bottleneck)
            return w->stages[i].busy_frac.mean;
    return NAN;
}

static void serving_figures(const struct model_serving_result *s,
                            struct model_workload_figures *f)
{
    f->ttft_mean_s = s->ttft.mean_s.mean;
    f->ttft_p50_s = s->ttft.p50_s.mean;
    f->ttft_p90_s = s->ttft.p90_s.mean;
    f->ttft_p99_s = s->ttft.p99_s.mean;
    f->tpot_mean_s = s->tpot.mean_s.mean;
    f->tpot_p99_s = s->tpot.p99_s.mean;
    f->e2e_mean_s = s->e2e.mean_s.mean;
    f->e2e_p99_s = s->e2e.p99_s.mean;
    f->slo_attained = s->has_slo ? s->slo_attained.mean : NAN;
    f->goodput_per_s = s->has_slo ? s->goodput_per_s.mean : NAN;
    f->usd_per_million_tokens = s->usd_per_million_tokens.mean;
}

static void jobs_figures(const struct model_jobs_result *j,
                         struct model_workload_figures *f)
{
    const struct model_job_group *all = &j->groups[0];

    f->queue_mean_s = all->queue.mean_s.mean;
    f->queue_p50_s = all->queue.p50_s.mean;
    f->queue_p90_s = all->queue.p90_s.mean;
    f->queue_p99_s = all->queue.p99_s.mean;
    f->completion_mean_s = all->completion.mean_s.mean;
    f->completion_p99_s = all->completion.p99_s.mean;
    f->makespan_s = j->makespan_s.mean;
    f->deadlines_missed_frac =
        j->deadlines > 0 ? (double)j->deadlines_missed / (double)j->deadlines : NAN;
}

static void set_all_nan(struct model_workload_figures *f)
{
    double *values = (double *)f;

    for (size_t i = 0; i < sizeof *f / sizeof *values; i++)
        values[i] = NAN;
}

static void of_workload(const struct model_policy_result *p, int32_t w,
                        struct model_workload_figures *f)
{
    const struct model_workload_result *r = &p->workloads[w];

    set_all_nan(f);
    f->done = (double)r->done;
    f->dropped = (double)r->dropped;
    f->in_flight = (double)r->in_flight;
    f->per_s = r->per_s.mean;
    f->keeps_up_frac = keeps_up(r);
    f->usd_per_1k_items = usd_per_1k(p, w);
    f->latency_mean_s = r->latency.mean_s.mean;
    f->latency_p50_s = r->latency.p50_s.mean;
    f->latency_p90_s = r->latency.p90_s.mean;
    f->latency_p99_s = r->latency.p99_s.mean;
    f->busy_frac = bottleneck_busy(r);
    if (r->serving != NULL)
        serving_figures(r->serving, f);
    if (r->jobs != NULL)
        jobs_figures(r->jobs, f);
}

void model_figures_take(const struct model_policy_result *p,
                        struct model_run_figures *run,
                        struct model_workload_figures *workloads)
{
    *run = of_run(p);
    for (int32_t w = 0; w < p->n_workloads; w++)
        of_workload(p, w, &workloads[w]);
}
