/* A jobs workload's figures. */
#include <math.h>

#include "base/units.h"
#include "sim/cdf.h"
#include "sim/jobs_rows.h"

static double gpu_h(sp_i128 mgpu_ns)
{
    return sp_double_from_i128(mgpu_ns) / 1000 / (double)SP_NS_PER_H;
}

/* Slowdowns lie in the histogram as if a millionth were a nanosecond. */
static struct model_stat slowdown_quantile(const struct sim_histogram *h, double p)
{
    return model_stat_one(sim_histogram_quantile_s(h, p) * 1000);
}

static void group_result(const struct sim_jobs_group *g, struct model_job_group *r)
{
    static const struct sim_histogram none = {.min_ns = INT64_MAX};
    bool has = g->has_histograms;
    sp_i128 sum = 0;

    *r = (struct model_job_group){
        .name = g->name,
        .arrived = g->arrived,
        .done = g->done,
        .queue = sim_histogram_times(has ? &g->queue : &none),
        .completion = sim_histogram_times(has ? &g->completion : &none),
        .wait = sim_histogram_times(has ? &g->wait : &none),
        .slowdown_mean = model_stat_one(
            has && g->slowdown.count > 0 ? g->slowdown_sum / (double)g->slowdown.count
                                         : NAN),
        .slowdown_p50 = slowdown_quantile(has ? &g->slowdown : &none, 0.5),
        .slowdown_p90 = slowdown_quantile(has ? &g->slowdown : &none, 0.9),
        .slowdown_p99 = slowdown_quantile(has ? &g->slowdown : &none, 0.99),
        .gpu_h = model_stat_one(gpu_h(g->allocated)),
    };
    for (int c = 0; c < MODEL_CAUSES; c++)
        sum += g->wait_ns[c];
    for (int c = 0; c < MODEL_CAUSES; c++)
        r->wait_frac[c] = sp_i128_ratio(g->wait_ns[c], sum);
}

static void curve_result(const struct sim_jobs_curve *c, struct sp_arena *arena,
                         struct model_job_curve *r)
{
    size_t n = (size_t)c->n;

    *r = (struct model_job_curve){
        .n = c->n,
        .arrived_pct = sp_arena_array(arena, n, sizeof *r->arrived_pct),
        .allocated_pct = sp_arena_array(arena, n, sizeof *r->allocated_pct),
        .fragment_pct = sp_arena_array(arena, n, sizeof *r->fragment_pct)};
    for (int32_t i = 0; i < c->n; i++) {
        r->arrived_pct[i] = c->arrived_pct[i];
        r->allocated_pct[i] = 100 * (double)c->at[i] / (double)c->fleet_mgpu;
        r->fragment_pct[i] = c->fragment_pct[i];
    }
}

static struct model_jobs_result *jobs_result(const struct sim_jobs *w,
                                             struct sp_arena *arena)
{
    struct model_jobs_result *r = sp_arena_alloc(arena, sizeof *r);
    int64_t span = w->last_done_ns - w->first_arrival_ns;

    *r = (struct model_jobs_result){
        .n_groups = w->n_groups,
        .groups = sp_arena_array(arena, (size_t)w->n_groups, sizeof *r->groups),
        .n_teams = w->n_teams,
        .n_sizes = w->m->n_size_classes,
        .preempted = w->lost_by[SIM_LOSS_PREEMPTED],
        .interrupted = w->lost_by[SIM_LOSS_INTERRUPTED],
        .failed = w->lost_by[SIM_LOSS_FAILED],
        .moved = w->lost_by[SIM_LOSS_MOVED],
        .lost_gpu_h = model_stat_one(gpu_h(w->lost)),
        .overhead_gpu_h = model_stat_one(gpu_h(w->overhead)),
        .useful_gpu_h = model_stat_one(gpu_h(w->useful)),
        .makespan_s = model_stat_one(w->last_done_ns < 0 ? NAN : sp_s_from_ns(span)),
        .deadlines = w->deadlines,
        .deadlines_missed = w->deadlines_missed,
        .floor_usd = model_stat_one(sim_job_floor_uusd(&w->floor) / 1e6),
        .refused_text = w->refused != NULL ? sp_arena_strdup(arena, w->refused) : NULL,
        .refused = w->n_refused,
    };
    for (int32_t i = 0; i < w->n_groups; i++) {
        group_result(&w->groups[i], &r->groups[i]);
        r->groups[i].name = sp_arena_strdup(arena, w->groups[i].name);
    }
    curve_result(&w->curve, arena, &r->curve);
    return r;
}

/* Those that wait or run. */
static int64_t jobs_there(const struct sim_jobs *w)
{
    int64_t n = 0;

    for (int32_t i = 0; i < w->n_jobs; i++)
        n += w->jobs[i].state != SIM_JOB_FREE;
    return n;
}

void sim_jobs_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                     int64_t to_ns, struct model_workload_result *r)
{
    const struct sim_jobs *w = self;
    const struct sim_jobs_group *all = &w->groups[0];
    const struct sim_cdf_source times[] = {
        {"queue", all->has_histograms ? &all->queue : NULL},
        {"completion", all->has_histograms ? &all->completion : NULL}};
    double window_s = sp_s_from_ns(to_ns - from_ns);

    *r = (struct model_workload_result){
        .name = w->plan->workload,
        .kind = "jobs",
        .jobs = jobs_result(w, arena),
        .in = w->in,
        .done = w->done,
        .in_flight = jobs_there(w),
        .per_s =
            model_stat_one(window_s > 0 ? (double)w->done_measured / window_s : NAN),
        .bound_per_s = NAN,
        .bound_stage = SP_NO_ID,
    };
    for (int i = 0; i < MODEL_DROP_REASONS; i++) {
        r->dropped_by[i] = w->dropped_by[i];
        r->dropped += w->dropped_by[i];
    }
    sp_assert(r->in == r->done + r->in_flight + r->dropped);
    r->latency = r->jobs->groups[0].completion;
    sim_cdf_fill(times, 2, arena, r);
}
