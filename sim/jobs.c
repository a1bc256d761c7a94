/* The descriptor of jobs, and their events. */
#include "sim/jobs.h"

#include "base/units.h"
#include "sim/jobs_rows.h"

static bool asks_memory(const struct model_jobs *m)
{
    bool asks = m->memory_per_gpu > 0;

    for (int32_t i = 0; i < m->n_classes; i++)
        asks = asks || m->classes[i].needs.memory_bytes > 0;
    for (int32_t i = 0; i < m->summary.n_shapes; i++)
        asks = asks || m->summary.shapes[i].needs.memory_bytes > 0;
    return asks;
}

static void *jobs_make(const struct sim_workload_env *env)
{
    struct sim_jobs *w = sp_arena_alloc(env->arena, sizeof *w);
    int32_t n_teams = env->policy->n_teams > 0 ? env->policy->n_teams : 1;

    w->env = *env;
    w->arena = env->arena;
    w->plan = env->plan;
    w->m = env->plan->jobs;
    w->free_job = SP_NO_ID;
    w->owner = sp_arena_array(w->arena, (size_t)n_teams, sizeof *w->owner);
    w->stage = sp_arena_array(w->arena, (size_t)n_teams, sizeof *w->stage);
    for (int32_t i = 0; i < n_teams; i++)
        w->owner[i] = w->stage[i] = SP_NO_ID;
    w->asks_memory = asks_memory(w->m);
    sim_jobs_source_init(w);
    sim_jobs_run_init(w);
    sim_jobs_count_init(w);
    return w;
}

static void jobs_start(void *self)
{
    sim_jobs_next(self);
}

static bool jobs_done(const void *self)
{
    const struct sim_jobs *w = self;

    return w->source_done && w->n_waiting == 0 && w->n_ending == 0;
}

static bool jobs_event(void *self, const struct sim_event *ev)
{
    struct sim_jobs *w = self;

    w->now_ns = ev->time_ns;
    if (ev->kind == w->env.first_kind + SIM_JOBS_ARRIVAL) {
        sim_jobs_count_curve(w);
        sim_jobs_arrive(w, &w->next);
        sim_jobs_next(w);
    } else if (w->jobs[ev->subject].state == SIM_JOB_WAITING) {
        sim_jobs_net_closes(w, ev->subject);
    } else {
        sim_jobs_due(w, ev->subject);
    }
    return jobs_done(w);
}

static void jobs_store_freed(void *self, int64_t now_ns)
{
    (void)self;
    (void)now_ns;
}

static enum sp_status jobs_status(const void *self, struct sp_err *err)
{
    const struct sim_jobs *w = self;

    if (w->err.status == SP_OK)
        return SP_OK;
    return sp_fail(err, w->err.status, "%s", w->err.text);
}

static bool jobs_moving(const void *self)
{
    const struct sim_jobs *w = self;

    return !w->source_done || w->n_ending > 0 || w->n_timers > 0;
}

static bool jobs_run_for_ever(const void *self)
{
    const struct sim_jobs *w = self;

    return w->n_forever > 0;
}

static bool jobs_autoscales(const void *self)
{
    (void)self;
    return false;
}

static sp_i128 jobs_queue_integral(const void *self, int64_t now_ns)
{
    const struct sim_jobs *w = self;

    return sim_level_integral(&w->waiting, now_ns);
}

static int64_t jobs_items_done(const void *self)
{
    const struct sim_jobs *w = self;

    return w->done;
}

static int32_t jobs_latency_means(const void *self, const double **means_s,
                                  const int64_t **batch_ends_ns)
{
    const struct sim_jobs *w = self;

    *means_s = w->means.mean;
    *batch_ends_ns = w->means.ends_ns;
    return w->means.n;
}

static void jobs_price(const void *self, const struct model_cost *cost, bool sole,
                       struct model_workload_result *r)
{
    (void)self;
    (void)cost;
    (void)sole;
    (void)r;
}

static void jobs_verify(const void *self)
{
    const struct sim_jobs *w = self;
    int64_t waiting = 0, ending = 0, forever = 0, timers = 0, free_rows = 0;

    for (int32_t i = 0; i < w->n_jobs; i++) {
        const struct sim_job *j = &w->jobs[i];
        bool pending = sim_event_queue_pending(w->env.queue, j->slot);

        waiting += j->state == SIM_JOB_WAITING;
        timers += j->state == SIM_JOB_WAITING && pending;
        ending += j->state == SIM_JOB_RUNNING && j->left_ns != MODEL_NEVER;
        forever += j->state == SIM_JOB_RUNNING && j->left_ns == MODEL_NEVER;
        sp_assert(j->state != SIM_JOB_RUNNING || j->left_ns == MODEL_NEVER || pending);
        sp_assert(j->state == SIM_JOB_RUNNING || j->closed_form == SP_NO_ID);
        sp_assert(j->closed_form == SP_NO_ID || w->closed_form[j->closed_form] == i);
    }
    for (int32_t i = w->free_job; i != SP_NO_ID; i = w->jobs[i].next_free)
        free_rows++;
    sp_assert(waiting == w->n_waiting && waiting == w->waiting.n);
    sp_assert(timers == w->n_timers);
    sp_assert(ending == w->n_ending && forever == w->n_forever);
    sp_assert(free_rows + waiting + ending + forever == w->n_jobs);
}

const struct sim_workload_kind sim_jobs_kind = {
    .name = "jobs",
    .make = jobs_make,
    .start = jobs_start,
    .event = jobs_event,
    .store_freed = jobs_store_freed,
    .status = jobs_status,
    .done = jobs_done,
    .moving = jobs_moving,
    .autoscales = jobs_autoscales,
    .runs_for_ever = jobs_run_for_ever,
    .stuck_text = sim_jobs_stuck_text,
    .unplaced_text = sim_jobs_unplaced_text,
    .measure = sim_jobs_measure,
    .busy = sim_jobs_busy,
    .queue_integral = jobs_queue_integral,
    .items_done = jobs_items_done,
    .latency_means = jobs_latency_means,
    .finish = sim_jobs_finish,
    .result = sim_jobs_result,
    .price = jobs_price,
    .verify = jobs_verify,
};
