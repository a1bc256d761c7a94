/* What is said of jobs, of teams, and of nodes that are lost. */
#include <math.h>

#include "base/units.h"
#include "model/dist.h"
#include "model/inputs_parts.h"
#include "model/jobs.h"
#include "model/words.h"

static double s_of(int64_t ns)
{
    return sp_s_from_ns(ns);
}

/* ---- losses ---- */

void model_list_add_loss(struct model_input_list *l, const struct model_node_type *t)
{
    const struct model_loss *loss = &t->loss;
    bool by_chance = loss->taken_back && loss->availability == NULL;

    if (by_chance)
        model_list_number(l, "taken back", loss->per_hour, "per hour and node");
    if (by_chance && loss->basis_text != NULL)
        model_list_text(l, "taken back, from", loss->basis_text);
    if (loss->availability != NULL)
        model_list_text(l, "availability", "as recorded");
    if (loss->notice_ns > 0)
        model_list_number(l, "notice", s_of(loss->notice_ns), "s");
    if (loss->fails) {
        model_list_dist(l, "fails after", &loss->fail_after_s, "s");
        model_list_dist(l, "repair", &loss->repair_s, "s");
    }
    if (t->return_after_ns > 0)
        model_list_number(l, "given up for a cheaper option after",
                          s_of(t->return_after_ns), "s");
    if (t->launch_max > 0)
        model_list_text(l, "launches at most",
                        sp_arena_printf(l->arena, "%d in %g s", (int)t->launch_max,
                                        s_of(t->launch_every_ns)));
}

/* ---- jobs ---- */

static void add_class(struct model_input_list *l, const struct model_jobs *jobs,
                      const struct model_job_class *c)
{
    l->thing = sp_arena_printf(l->arena, "jobs %s", c->name);
    model_list_number(l, "share", c->share, "");
    if (c->members > 0)
        model_list_number(l, "members", c->members, "");
    model_list_amounts(l, &c->needs);
    if (c->forever)
        model_list_text(l, "duration", "forever");
    else
        model_list_dist(l, "duration", &c->duration_s, "s");
    if (c->has_estimate)
        model_list_dist(l, "estimate / duration", &c->estimate, "");
    if (c->team >= 0 && c->team < jobs->teams.n)
        model_list_text(l, "team", jobs->teams.name[c->team]);
    model_list_number(l, "priority", c->priority, "");
    if (c->deadline_ns >= 0)
        model_list_number(l, "deadline", s_of(c->deadline_ns), "s");
}

static void add_checkpoints(struct model_input_list *l, const struct model_jobs *jobs)
{
    if (jobs->checkpoint_ns > 0) {
        model_list_number(l, "checkpoint every", s_of(jobs->checkpoint_ns),
                          "s of work");
        model_list_number(l, "checkpoint cost", s_of(jobs->checkpoint_cost_ns), "s");
    }
    if (jobs->restart_ns > 0)
        model_list_number(l, "restart", s_of(jobs->restart_ns), "s");
    if (jobs->start_ns > 0)
        model_list_number(l, "start", s_of(jobs->start_ns), "s");
    if (jobs->checkpoint_on_notice)
        model_list_text(l, "checkpoint on notice", "yes");
}

static void add_defaults(struct model_input_list *l, const struct model_jobs *jobs)
{
    const struct model_amounts per_gpu = {jobs->mcpu_per_gpu, 0, jobs->memory_per_gpu};

    if (jobs->n_classes > 0)
        return;
    model_list_amounts(l, &per_gpu);
    model_list_number(l, "priority", jobs->priority, "");
    model_list_text(l, "preemptible", jobs->preemptible ? "yes" : "no");
    if (jobs->deadline_ns >= 0)
        model_list_number(l, "deadline", s_of(jobs->deadline_ns), "s");
    if (jobs->has_estimate)
        model_list_dist(l, "estimate / duration", &jobs->estimate, "");
}

static void add_target(struct model_input_list *l, const struct model_jobs *jobs)
{
    if (isnan(jobs->wait_target_s))
        return;
    model_list_number(l, "target: wait", jobs->wait_target_s, "s");
    if (isnan(jobs->target_quantile))
        model_list_text(l, "target: quantile", "mean");
    else
        model_list_number(l, "target: quantile", jobs->target_quantile, "");
}

void model_list_add_jobs(struct model_input_list *l, const struct model_plan *plan)
{
    const struct model_jobs *jobs = plan->jobs;

    l->thing = NULL;
    l->basis = model_basis_name(MODEL_BASIS_ASSUMED);
    if (jobs->forever)
        model_list_text(l, "duration", "forever");
    add_defaults(l, jobs);
    model_list_text(l, "gang", model_gang_words[jobs->gang].name);
    if (jobs->gpus_per_member > 0)
        model_list_number(l, "GPUs per member", jobs->gpus_per_member, "GPUs");
    add_checkpoints(l, jobs);
    if (jobs->demand_mgpu > 0)
        model_list_number(l, "demand", (double)jobs->demand_mgpu / 1000, "GPUs");
    for (int32_t i = 0; i < jobs->n_speeds; i++)
        model_list_number(
            l, sp_arena_printf(l->arena, "speed of %s", jobs->speeds[i].gpu_model),
            jobs->speeds[i].speed, "relative");
    add_target(l, jobs);
    for (int32_t i = 0; i < jobs->n_classes; i++)
        add_class(l, jobs, &jobs->classes[i]);
    l->thing = NULL;
}

/* ---- sharing ---- */

static void add_quota(struct model_input_list *l, const char *what,
                      const struct model_quota *q)
{
    static const char *const names[] = {"gpu", "cpu", "memory"};
    static const char *const units[] = {"GPUs", "CPUs", "GiB"};
    static const double per[] = {1000, 1000, 1024.0 * 1024 * 1024};

    for (int r = 0; r < MODEL_RESOURCES; r++)
        if (q->amount[r] >= 0)
            model_list_number(l, sp_arena_printf(l->arena, "%s %s", what, names[r]),
                              (double)q->amount[r] / per[r], units[r]);
}

static void add_team(struct model_input_list *l, const struct model_team *t)
{
    l->thing = sp_arena_printf(l->arena, "team %s", t->name);
    add_quota(l, "guarantee:", &t->guarantee);
    add_quota(l, "borrows at most:", &t->borrow_limit);
    add_quota(l, "lends at most:", &t->lend_limit);
    model_list_number(l, "weight", t->weight, "");
    if (t->priority != 0)
        model_list_number(l, "priority", t->priority, "");
}

static bool any_jobs(const struct model_policy *p)
{
    for (int32_t w = 0; w < p->n_plans; w++)
        if (p->plans[w].kind == MODEL_KIND_JOBS)
            return true;
    return false;
}

void model_list_add_sharing(struct model_input_list *l, const struct model_policy *p)
{
    if (!p->has_teams && !any_jobs(p))
        return;
    if (p->scheduling.order != NULL)
        model_list_text(l, "scheduling order", p->scheduling.order);
    if (p->scheduling.passing != NULL)
        model_list_text(l, "scheduling passing", p->scheduling.passing);
    for (int32_t t = 0; t < p->n_teams && p->has_teams; t++)
        add_team(l, &p->teams[t]);
    l->thing = NULL;
}
