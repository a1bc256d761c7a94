/* A jobs workload, teams, free GPUs and purchases as JSON: keys in tables, so that a
 * figure added to the result is added here by a row. */
#include <math.h>
#include <stddef.h>

#include "base/units.h"
#include "report/bill.h"
#include "report/json_parts.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* ---- groups ---- */

#define AT(member) offsetof(struct model_job_group, member)
static const struct report_json_key group_times[] = {
    {"queue_s", AT(queue)}, {"completion_s", AT(completion)}, {"wait_s", AT(wait)}};
static const struct report_json_key group_stats[] = {{"gpu_h", AT(gpu_h)}};
static const struct report_json_key slowdown_stats[] = {
    {"mean", AT(slowdown_mean)},
    {"p50", AT(slowdown_p50)},
    {"p90", AT(slowdown_p90)},
    {"p99", AT(slowdown_p99)},
};
#undef AT

static json_t *causes(const struct model_job_group *g)
{
    json_t *object = json_object();

    for (int c = 0; c < MODEL_CAUSES; c++)
        report_json_put(object, model_cause_name((enum model_cause)c),
                        report_json_number(g->wait_frac[c]));
    return object;
}

static json_t *group(const struct report_json *j, const struct model_job_group *g)
{
    json_t *object = json_object(), *slowdown = json_object();

    report_json_put(object, "name", report_json_text(j, g->name));
    report_json_put(object, "arrived", json_integer(g->arrived));
    report_json_put(object, "done", json_integer(g->done));
    report_json_put_times(j, object, g, group_times, COUNT(group_times));
    report_json_put_stats(j, slowdown, g, slowdown_stats, COUNT(slowdown_stats));
    report_json_put(object, "slowdown", slowdown);
    report_json_put(object, "wait_by_cause", causes(g));
    report_json_put_stats(j, object, g, group_stats, COUNT(group_stats));
    return object;
}

static json_t *groups(const struct report_json *j, const struct model_jobs_result *s,
                      int32_t from, int32_t n)
{
    json_t *array = json_array();

    for (int32_t i = from; i < from + n; i++)
        report_json_append(array, group(j, &s->groups[i]));
    return array;
}

/* ---- the workload ---- */

#define AT(member) offsetof(struct model_jobs_result, member)
static const struct report_json_key jobs_counts[] = {
    {"preempted", AT(preempted)}, {"interrupted", AT(interrupted)},
    {"failed", AT(failed)},       {"moved", AT(moved)},
    {"deadlines", AT(deadlines)}, {"deadlines_missed", AT(deadlines_missed)},
};
static const struct report_json_key jobs_stats[] = {
    {"useful_gpu_h", AT(useful_gpu_h)},     {"lost_gpu_h", AT(lost_gpu_h)},
    {"overhead_gpu_h", AT(overhead_gpu_h)}, {"makespan_s", AT(makespan_s)},
    {"floor_usd", AT(floor_usd)},
};
#undef AT

static json_t *numbers(const double *values, int32_t n)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < n; i++)
        report_json_append(array, report_json_number(values[i]));
    return array;
}

static json_t *curve(const struct model_job_curve *c)
{
    json_t *object = json_object();

    report_json_put(object, "asked_pct", numbers(c->arrived_pct, c->n));
    report_json_put(object, "allocated_pct", numbers(c->allocated_pct, c->n));
    report_json_put(object, "fragmented_pct", numbers(c->fragment_pct, c->n));
    return object;
}

json_t *report_json_jobs(const struct report_json *j, const struct model_jobs_result *s)
{
    json_t *object = json_object();

    report_json_put(object, "all", group(j, &s->groups[0]));
    report_json_put(object, "teams", groups(j, s, 1, s->n_teams));
    report_json_put(object, "sizes", groups(j, s, 1 + s->n_teams, s->n_sizes));
    report_json_put_counts(object, s, jobs_counts, COUNT(jobs_counts));
    report_json_put_stats(j, object, s, jobs_stats, COUNT(jobs_stats));
    report_json_put(object, "allocation",
                    s->curve.n > 0 ? curve(&s->curve) : json_null());
    return object;
}

/* ---- below a policy ---- */

static json_t *hours(const struct report_json *j, const struct model_team_result *t)
{
    json_t *object = json_object();

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        json_t *one = json_object();

        report_json_put_stat(j, one, "allocated_h", t->allocated_h[r]);
        report_json_put_stat(j, one, "busy_h", t->busy_h[r]);
        report_json_put(object, model_resource_name((enum model_resource)r), one);
    }
    return object;
}

static json_t *team(const struct report_json *j, const struct model_team_result *t,
                    bool known)
{
    json_t *object = json_object();

    report_json_put(object, "name", report_json_text(j, t->name));
    report_json_put(object, "allocated_uusd",
                    known ? json_integer(t->allocated_uusd) : json_null());
    report_json_put(object, "busy_uusd",
                    known ? json_integer(t->busy_uusd) : json_null());
    report_json_put(object, "resources", hours(j, t));
    report_json_put_stat(j, object, "borrowed_gpu_h", t->borrowed_gpu_h);
    report_json_put(object, "peak_gpus", report_json_number(t->peak_gpus));
    return object;
}

static json_t *bill(const struct model_policy_result *p)
{
    const struct report_bill b = report_bill_of(p);
    json_t *object = json_object();

    report_json_put(object, "idle_uusd", json_integer(b.idle_uusd));
    report_json_put(object, "unallocated_uusd", json_integer(b.unallocated_uusd));
    report_json_put(object, "rounding_uusd", json_integer(b.rounding_uusd));
    report_json_put(object, "sum_allocated_uusd", json_integer(b.allocated_sum_uusd));
    report_json_put(object, "sum_busy_uusd", json_integer(b.busy_sum_uusd));
    return object;
}

static json_t *fragmentation(const struct model_fragmentation *f)
{
    json_t *object = json_object();

    report_json_put(object, "samples", json_integer(f->samples));
    report_json_put(object, "free_gpus", report_json_number(f->free_gpus));
    report_json_put(object, "usable", report_json_number(f->usable));
    report_json_put(object, "unwanted", report_json_number(f->unwanted));
    report_json_put(object, "by_shape", report_json_number(f->by_shape));
    report_json_put(object, "by_cpu", report_json_number(f->by_cpu));
    report_json_put(object, "by_memory", report_json_number(f->by_memory));
    return object;
}

static json_t *bought(const struct report_json *j, const struct model_policy_result *p)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < p->n_bought; i++) {
        json_t *object = json_object();

        report_json_put(object, "type", report_json_text(j, p->bought[i].type));
        report_json_put(object, "nodes", json_integer(p->bought[i].nodes));
        report_json_put(object, "reason", report_json_text(j, p->bought[i].reason));
        report_json_append(array, object);
    }
    return array;
}

static json_t *explained(const struct report_json *j, const struct model_explained *x)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < x->n; i++)
        report_json_append(array, report_json_text(j, x->lines[i]));
    return array;
}

static json_t *nodes_lost(const struct model_policy_result *p)
{
    json_t *object = json_object();

    report_json_put(object, "taken_back", json_integer(p->nodes_taken_back));
    report_json_put(object, "failed", json_integer(p->nodes_failed));
    report_json_put(object, "launches_refused", json_integer(p->launches_refused));
    return object;
}

void report_json_put_shared(const struct report_json *j, json_t *object,
                            const struct model_policy_result *p)
{
    bool lost = p->nodes_taken_back + p->nodes_failed + p->launches_refused > 0;
    json_t *teams;

    if (lost || report_is_shared(p))
        report_json_put(object, "nodes_lost", nodes_lost(p));
    if (!report_is_shared(p))
        return;
    teams = json_array();
    for (int32_t i = 0; i < p->n_teams; i++)
        report_json_append(teams, team(j, &p->teams[i], p->cost.known));
    report_json_put(object, "teams", teams);
    report_json_put(object, "bill",
                    p->n_teams > 0 && p->cost.known ? bill(p) : json_null());
    report_json_put(object, "fragmentation",
                    p->fragmentation.samples > 0 ? fragmentation(&p->fragmentation)
                                                 : json_null());
    report_json_put(object, "bought", bought(j, p));
    report_json_put(object, "peak_gpus_demand",
                    report_json_number(p->peak_gpus_demand));
    if (p->explained.n > 0)
        report_json_put(object, "explained", explained(j, &p->explained));
}

/* ---- comparisons ---- */

#define AT(member) offsetof(struct model_jobs_comparison, member)
static const struct report_json_key comparison_stats[] = {
    {"usd_ratio", AT(usd_ratio)},
    {"wait_difference_s", AT(wait_difference_s)},
    {"wait_ratio", AT(wait_ratio)},
    {"completion_ratio", AT(completion_ratio)},
    {"deadlines_missed_difference", AT(missed_difference)},
    {"completion_difference_s", AT(completion_difference_s)},
    {"undone_difference", AT(undone_difference)},
    {"allocated_difference", AT(allocated_difference)},
};
#undef AT

static json_t *team_difference(const struct report_json *j,
                               const struct model_team_wait *t)
{
    json_t *object = json_object();

    report_json_put(object, "name", report_json_text(j, t->name));
    report_json_put(object, "wait_s", report_json_number(t->wait_s));
    report_json_put(object, "baseline_wait_s", report_json_number(t->baseline_wait_s));
    report_json_put_stat(j, object, "wait_difference_s", t->difference_s);
    return object;
}

json_t *report_json_jobs_comparisons(const struct report_json *j,
                                     const struct model_comparison *c)
{
    json_t *array = json_array();

    for (int32_t i = 0; i < c->n_jobs; i++) {
        const struct model_jobs_comparison *k = &c->jobs[i];
        const struct model_workload_result *w =
            &j->r->policies[c->policy].workloads[k->workload];
        json_t *object = json_object(), *teams = json_array();

        report_json_put(object, "workload", report_json_text(j, w->name));
        report_json_put_stats(j, object, k, comparison_stats, COUNT(comparison_stats));
        for (int32_t t = 0; t < k->n_teams; t++)
            report_json_append(teams, team_difference(j, &k->teams[t]));
        report_json_put(object, "teams", teams);
        report_json_append(array, object);
    }
    return array;
}
