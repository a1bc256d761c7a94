/* Where jobs come from: a stream, or a generator whose draws belong to the job's
 * number, so that every policy meets the same jobs. */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "sim/draw.h"
#include "sim/jobs_rows.h"

static const uint64_t salt_gaps = 0x6a67617073, salt_draws = 0x6a64726177;

void sim_jobs_source_init(struct sim_jobs *w)
{
    w->draw_key = sp_mix_keys(w->env.key, salt_draws);
    for (int32_t i = 0; i < w->m->n_classes; i++)
        w->share_sum += w->m->classes[i].share;
    if (w->m->n_classes > 0)
        sim_arrivals_init(&w->arrivals, &w->plan->source, NULL,
                          sp_mix_keys(w->env.key, salt_gaps));
    w->arrival_slot = sim_event_queue_slot_new(
        w->env.queue, w->env.first_kind + SIM_JOBS_ARRIVAL, SP_NO_ID);
}

static const struct model_job_class *class_at(const struct sim_jobs *w, double share)
{
    int32_t i = 0;

    while (i < w->m->n_classes - 1 && share >= w->m->classes[i].share)
        share -= w->m->classes[i++].share;
    return &w->m->classes[i];
}

static int64_t estimate_of(int64_t duration_ns, const struct model_dist *ratio,
                           struct sp_rng *r)
{
    if (duration_ns == MODEL_NEVER)
        return -1;
    return sp_ns_from_s(sp_s_from_ns(duration_ns) * sim_draw(ratio, r));
}

/* The class, then the duration, then the estimate. */
static void draw_job(struct sim_jobs *w, int64_t number, struct model_job *job)
{
    struct sp_rng r = sp_rng_from_key(sp_mix_keys(w->draw_key, (uint64_t)number));
    const struct model_job_class *c = class_at(w, sp_rng_uniform(&r) * w->share_sum);

    snprintf(w->next_name, sizeof w->next_name, "%s-%lld", c->name, (long long)number);
    *job = (struct model_job){
        .number = number,
        .name = w->next_name,
        .arrival_ns = job->arrival_ns,
        .duration_ns =
            c->forever ? MODEL_NEVER : sp_ns_from_s(sim_draw(&c->duration_s, &r)),
        .estimate_ns = -1,
        .deadline_ns = c->deadline_ns,
        .members = c->members,
        .needs = c->needs,
        .team = c->team,
        .priority = c->priority,
        .preemptible = c->preemptible,
        .models = c->models,
        .checkpoint_ns = -1};
    if (c->has_estimate)
        job->estimate_ns = estimate_of(job->duration_ns, &c->estimate, &r);
}

static bool generate(struct sim_jobs *w)
{
    struct model_arrival a = {.time_ns = 0};

    if (!sim_arrivals_next(&w->arrivals, w->now_ns, &a, &w->err))
        return false;
    w->next.arrival_ns = a.time_ns;
    draw_job(w, w->arrivals.made++, &w->next);
    return true;
}

/* What a trace leaves open is what the workload says. */
static void fill_in(struct sim_jobs *w, struct model_job *job)
{
    const struct model_jobs *m = w->m;

    if (m->forever)
        job->duration_ns = MODEL_NEVER;
    if (job->priority == MODEL_PRIORITY_UNSAID)
        job->priority = m->priority;
    if (job->preemptible < 0)
        job->preemptible = m->preemptible;
    if (job->deadline_ns < 0)
        job->deadline_ns = m->deadline_ns;
    if (job->estimate_ns < 0 && m->has_estimate) {
        struct sp_rng r =
            sp_rng_from_key(sp_mix_keys(w->draw_key, (uint64_t)job->number));

        job->estimate_ns = estimate_of(job->duration_ns, &m->estimate, &r);
    }
}

static bool pull(struct sim_jobs *w)
{
    const struct model_job_stream *s = w->env.jobs;

    if (!s->next(s->self, &w->next, &w->err.status, &w->err))
        return false;
    sp_assert(w->next.arrival_ns >= w->now_ns);
    if (w->next.team < 0 || w->next.team >= w->m->summary.teams.n ||
        (w->m->summary.models.n < MODEL_JOB_MODELS_MAX &&
         w->next.models >> w->m->summary.models.n != 0)) {
        (void)sp_fail(
            &w->err, SP_EINPUT,
            "workload '%s': a team or GPU model in line %lld of the trace was "
            "not there when it was read first; expected a file that does not "
            "change",
            w->plan->workload, (long long)w->next.line);
        return false;
    }
    fill_in(w, &w->next);
    return true;
}

void sim_jobs_next(struct sim_jobs *w)
{
    if (w->m->n_classes > 0 ? generate(w) : pull(w))
        sim_event_queue_set(w->env.queue, w->arrival_slot, w->next.arrival_ns, 0);
    else
        w->source_done = true;
}
