/* Measuring a window, and filling in the workload's result. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "model/sizing.h"
#include "sim/cdf.h"
#include "sim/pipeline_rows.h"

static sp_i128 busy_slot_time(const struct sim_pipeline *p, const struct sim_stage *s,
                              int64_t now_ns)
{
    sp_i128 sum = 0;

    for (int32_t t = 0; t < p->env.policy->n_types; t++)
        sum += sim_level_integral(&s->busy[t], now_ns);
    return sum;
}

static void begin_window(struct sim_pipeline *p, int64_t now_ns)
{
    sim_histogram_reset(&p->latency);
    p->done_measured = 0;
    for (int32_t i = 0; i < p->n_stages; i++) {
        struct sim_stage *s = &p->stages[i];

        sim_histogram_reset(&s->wait);
        sim_histogram_reset(&s->service);
        s->base_waiting = sim_level_integral(&s->waiting, now_ns);
        s->base_slots = sim_level_integral(&s->slots, now_ns);
        s->base_busy = busy_slot_time(p, s, now_ns);
        s->base_fetching = sim_level_integral(&s->fetching, now_ns);
        s->base_blocked = sim_level_integral(&s->blocked_slots, now_ns);
    }
}

static void end_window(struct sim_pipeline *p, int64_t now_ns)
{
    for (int32_t i = 0; i < p->n_stages; i++) {
        struct sim_stage *s = &p->stages[i];

        s->end_waiting = sim_level_integral(&s->waiting, now_ns);
        s->end_slots = sim_level_integral(&s->slots, now_ns);
        s->end_busy = busy_slot_time(p, s, now_ns);
        s->end_fetching = sim_level_integral(&s->fetching, now_ns);
        s->end_blocked = sim_level_integral(&s->blocked_slots, now_ns);
    }
}

void sim_pipeline_measure(void *self, bool on, int64_t now_ns)
{
    struct sim_pipeline *p = self;

    if (on)
        begin_window(p, now_ns);
    else if (p->measuring)
        end_window(p, now_ns);
    p->measuring = on;
}

sp_i128 sim_pipeline_busy(const void *self, int r, int64_t now_ns)
{
    const struct sim_pipeline *p = self;

    sp_i128 sum = 0;

    for (int32_t t = 0; t < p->env.policy->n_types; t++) {
        if (sim_amount(&p->env.policy->types[t].has, r) == 0)
            continue;
        for (int32_t i = 0; i < p->n_stages; i++)
            sum += sim_level_integral(&p->stages[i].busy[t], now_ns) *
                   sim_amount(&p->stages[i].m->slot_needs, r);
    }
    return sum;
}

sp_i128 sim_pipeline_queue_integral(const void *self, int64_t now_ns)
{
    const struct sim_pipeline *p = self;

    sp_i128 sum = 0;

    for (int32_t i = 0; i < p->n_stages; i++)
        sum += sim_level_integral(&p->stages[i].waiting, now_ns);
    return sum;
}

int64_t sim_pipeline_items_done(const void *self)
{
    const struct sim_pipeline *p = self;

    return p->done;
}

int32_t sim_pipeline_latency_means(const void *self, const double **means_s,
                                   const int64_t **batch_ends_ns)
{
    const struct sim_pipeline *p = self;

    *means_s = p->means.mean;
    *batch_ends_ns = p->means.ends_ns;
    return p->means.n;
}

static void stage_result(const struct sim_pipeline *p, const struct sim_stage *s,
                         int64_t window_ns, struct model_stage_result *r)
{
    sp_i128 slot_ns = s->end_slots - s->base_slots;

    *r = (struct model_stage_result){
        .name = s->m->name,
        .unit = p->pools[s->pool].m->name,
        .slots = model_stat_one(sp_i128_ratio(slot_ns, window_ns)),
        .busy_frac = model_stat_one(sp_i128_ratio(s->end_busy - s->base_busy, slot_ns)),
        .blocked_frac =
            model_stat_one(sp_i128_ratio(s->end_blocked - s->base_blocked, slot_ns)),
        .fetch_frac =
            model_stat_one(sp_i128_ratio(s->end_fetching - s->base_fetching, slot_ns)),
        .wait = sim_histogram_times(&s->wait),
        .service = sim_histogram_times(&s->service),
        .queue_mean =
            model_stat_one(sp_i128_ratio(s->end_waiting - s->base_waiting, window_ns)),
        .queue_peak = model_stat_one((double)s->peak_waiting),
        .batch_mean = model_stat_one(
            s->tasks == 0 ? NAN : (double)s->task_items / (double)s->tasks),
        .in = s->in,
        .done = s->done,
        .emitted = s->emitted,
        .retried = s->retried,
        .dropped = s->dropped,
        .lost = s->lost,
        .mean_service_s = model_stage_mean_time_s(p->plan, s->id, 1.0),
    };
}

static int64_t need_of(const struct model_amounts *needs, bool gpu)
{
    return gpu ? needs->mgpu : needs->mcpu;
}

/* Where the stages of a unit share its CPUs or GPUs these can be short though slots are
 * free: then the stage that uses most of them is as busy as they are. */
static void raise_to_shared(const struct sim_pipeline *p, const struct sim_pool *pool,
                            const struct model_workload_result *r, bool gpu,
                            double *busy)
{
    double units = r->stages[pool->stages[0]].slots.mean / pool->caps[0];
    double used = 0, most = 0;
    int32_t user = SP_NO_ID;

    for (int32_t i = 0; i < pool->n_stages; i++) {
        int32_t s = pool->stages[i];
        double by_s = r->stages[s].busy_frac.mean * r->stages[s].slots.mean *
                      (double)need_of(&p->stages[s].m->slot_needs, gpu);

        used += by_s > 0 ? by_s : 0;
        if (by_s > most) {
            most = by_s;
            user = s;
        }
    }
    if (user != SP_NO_ID && units > 0)
        busy[user] =
            fmax(busy[user], used / (units * (double)need_of(&pool->needs, gpu)));
}

/* From when the first pool of the workload was up until this one had done its work. */
static double there_ns(const struct sim_pipeline *p, const struct sim_pool *pool,
                       int64_t from_ns, int64_t to_ns)
{
    int64_t begin_ns = to_ns, end_ns = to_ns;

    for (int32_t i = 0; i < p->n_pools; i++)
        if (p->pools[i].first_up_ns >= 0 && p->pools[i].first_up_ns < begin_ns)
            begin_ns = p->pools[i].first_up_ns;
    if (begin_ns < from_ns)
        begin_ns = from_ns;
    if (pool->complete && pool->last_gone_ns < end_ns)
        end_ns = pool->last_gone_ns;
    return end_ns > begin_ns ? (double)(end_ns - begin_ns) : 0;
}

/* The share of a stage's slots that served or fetched, times how long it had work: one
 * that is through with its work at once was busy to its end, but not for long. */
static void mark_bottleneck(const struct sim_pipeline *p, int64_t from_ns,
                            int64_t to_ns, struct model_workload_result *r)
{
    double busy[MODEL_STAGES_MAX];
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < r->n_stages; i++)
        busy[i] = r->stages[i].busy_frac.mean + r->stages[i].fetch_frac.mean;
    for (int32_t i = 0; i < p->n_pools; i++)
        for (int gpu = 0; gpu < 2 && p->pools[i].shares; gpu++)
            raise_to_shared(p, &p->pools[i], r, gpu != 0, busy);
    for (int32_t i = 0; i < r->n_stages; i++)
        busy[i] *= there_ns(p, &p->pools[p->stages[i].pool], from_ns, to_ns);
    for (int32_t i = 0; i < r->n_stages; i++)
        if (busy[i] > 0 && (best == SP_NO_ID || busy[i] > busy[best]))
            best = i;
    if (best != SP_NO_ID)
        r->stages[best].bottleneck = true;
}

void sim_pipeline_result(const void *self, struct sp_arena *arena, int64_t from_ns,
                         int64_t to_ns, struct model_workload_result *r)
{
    const struct sim_pipeline *p = self;
    const struct sim_cdf_source latency = {"latency", &p->latency};
    double window_s = sp_s_from_ns(to_ns - from_ns);
    struct model_rate_bound bound;

    *r = (struct model_workload_result){
        .name = p->plan->workload,
        .kind = "pipeline",
        .in = p->in,
        .done = p->done,
        .in_flight = p->in_flight,
        .per_s =
            model_stat_one(window_s > 0 ? (double)p->done_measured / window_s : NAN),
        .latency = sim_histogram_times(&p->latency),
        .n_stages = p->n_stages,
        .moved_bytes = p->moved_bytes,
        .spilled_bytes = p->spilled_bytes,
    };
    for (int i = 0; i < MODEL_DROP_REASONS; i++) {
        r->dropped_by[i] = p->dropped_by[i];
        r->dropped += p->dropped_by[i];
    }
    r->stages = sp_arena_array(arena, (size_t)r->n_stages, sizeof *r->stages);
    for (int32_t i = 0; i < p->n_stages; i++)
        stage_result(p, &p->stages[i], to_ns - from_ns, &r->stages[i]);
    mark_bottleneck(p, from_ns, to_ns, r);
    sim_kernels_result(p, arena, r);
    sim_cdf_fill(&latency, 1, arena, r);
    bound = model_plan_bound(p->plan, p->env.policy->types, p->env.policy->n_types);
    r->bound_per_s = bound.per_s;
    r->bound_stage = bound.stage;
}
