/* Jobs: their GPUs, CPUs and memory for as long as they run on the fastest GPU. */
#include <math.h>

#include "base/units.h"
#include "model/job.h"
#include "model/jobs.h"
#include "plan/demand_parts.h"

static double fastest_speed(const struct plan_demand_builder *b,
                            const struct model_jobs *jobs, double *factor)
{
    double best = 0;

    for (int32_t t = 0; t < b->policy->n_types; t++) {
        factor[t] = model_job_speed(jobs, b->policy->types[t].gpu_model);
        best = fmax(best, factor[t]);
    }
    for (int32_t t = 0; t < b->policy->n_types; t++)
        factor[t] = best / factor[t];
    return best;
}

/* ---- classes ---- */

static int64_t part_of(int64_t amount, int64_t parts)
{
    return amount > 0 ? amount / parts : 0;
}

/* Seconds of all jobs of a class of which `share` of all jobs are, if up to `undone` of
 * all jobs are not done: those that would take longest; less what chance may take. */
static double class_s(const struct model_dist *d, double arrive, double share,
                      double undone)
{
    const double mean = model_dist_mean(d), kept = fmax(0, share - undone);
    const double least = plan_demand_least_mean(d, kept / share) * share;

    return fmax(0, arrive * least -
                       PLAN_DEMAND_SIGMAS * mean *
                           sqrt(arrive * share * (1 - share + model_dist_scv(d))));
}

/* Slots of one GPU where a job may be split, else of a member. */
static void add_class(struct plan_demand_builder *b, int32_t w, int32_t class,
                      double share, const struct plan_wanted *wanted)
{
    const struct model_jobs *jobs = b->policy->plans[w].jobs;
    const struct model_job_class *c = &jobs->classes[class];
    struct plan_demand_row *row = plan_demand_add_row(b, w);
    int64_t parts = c->members > 0 || c->needs.mgpu < 1000 ? 1 : c->needs.mgpu / 1000;
    double speed = fastest_speed(b, jobs, row->factor);

    if (c->members == 0 && c->needs.mgpu < 1000)
        parts = c->needs.mcpu > 1000 ? c->needs.mcpu / 1000 : 1;
    row->name = sp_arena_printf(b->arena, "jobs %s", c->name);
    row->allowed_types = UINT64_MAX;
    row->needs = (struct model_amounts){part_of(c->needs.mcpu, parts),
                                        part_of(c->needs.mgpu, parts),
                                        part_of(c->needs.memory_bytes, parts)};
    row->slot_s = class_s(&c->duration_s, wanted->arrive, share,
                          1 - wanted->items / wanted->arrive) *
                  (double)parts * (c->members > 0 ? c->members : 1) / speed;
    row->floor_s = row->slot_s;
}

static void add_classes(struct plan_demand_builder *b, int32_t w,
                        const struct plan_wanted *wanted)
{
    const struct model_jobs *jobs = b->policy->plans[w].jobs;
    double shares = 0;

    for (int32_t c = 0; c < jobs->n_classes; c++)
        shares += jobs->classes[c].share;
    for (int32_t c = 0; c < jobs->n_classes; c++)
        if (!jobs->classes[c].forever && jobs->classes[c].share > 0)
            add_class(b, w, c, jobs->classes[c].share / shares, wanted);
}

/* ---- traces ---- */

/* Thousandths, so that none is lost to whole slots. */
static void add_trace(struct plan_demand_builder *b, int32_t w)
{
    const struct model_job_summary *sum = &b->policy->plans[w].jobs->summary;
    const struct {
        const char *name;
        struct model_amounts needs;
        double s;
    } rows[] = {{"jobs, GPUs", {0, 1, 0}, sum->gpu_s},
                {"jobs, CPUs", {1, 0, 0}, sum->cpu_s}};

    for (int i = 0; i < 2; i++) {
        struct plan_demand_row *row = plan_demand_add_row(b, w);
        double speed = fastest_speed(b, b->policy->plans[w].jobs, row->factor);

        row->name = rows[i].name;
        row->allowed_types = UINT64_MAX;
        row->needs = rows[i].needs;
        row->slot_s = row->floor_s = 1000 * rows[i].s / speed;
    }
}

static const char *trace_unknown(const struct plan_demand_builder *b,
                                 const struct model_plan *plan,
                                 const struct plan_wanted *wanted)
{
    const struct model_jobs *jobs = plan->jobs;
    const double span_s =
        sp_s_from_ns(jobs->summary.span_ns) / plan->source.trace_scale;

    if (!jobs->summary.known || jobs->shuffle || jobs->own_times ||
        jobs->demand_mgpu > 0 || plan->source.for_ns >= 0 || plan->source.items >= 0 ||
        plan->source.from_ns > 0 || span_s >= plan_demand_horizon_s(b->sc))
        return "how much of the trace a run sees";
    return wanted->items < wanted->arrive ? "which of the trace's jobs may be undone"
                                          : NULL;
}

void plan_demand_jobs(struct plan_demand_builder *b, int32_t w)
{
    const struct model_plan *plan = &b->policy->plans[w];
    struct plan_wanted wanted = plan_demand_wanted(b, w, INFINITY);
    const char *unknown = NULL;

    if (plan->jobs->forever)
        unknown = "its jobs never end";
    else if (plan->jobs->n_classes == 0)
        unknown = trace_unknown(b, plan, &wanted);
    else if (isnan(wanted.arrive))
        unknown = "how much arrives is not known before a run";
    if (unknown != NULL)
        plan_demand_leave_out(b, plan->workload, unknown);
    else if (wanted.items > 0 && plan->jobs->n_classes > 0)
        add_classes(b, w, &wanted);
    else if (wanted.items > 0)
        add_trace(b, w);
}
