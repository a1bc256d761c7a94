/* What holds a workload up: its busiest stage, or what its jobs wait for. */
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/terminal_why_parts.h"

static const struct model_workload_result *work_of(const struct report_compare *c,
                                                   int32_t policy, int32_t workload)
{
    const struct model_policy_result *p = &c->r->policies[policy];

    return workload < p->n_workloads ? &p->workloads[workload] : NULL;
}

static const struct model_stage_result *
bottleneck_of(const struct model_workload_result *w)
{
    for (int32_t i = 0; w != NULL && i < w->n_stages; i++)
        if (w->stages[i].bottleneck)
            return &w->stages[i];
    return NULL;
}

static bool shares_unit(const struct model_workload_result *w,
                        const struct model_stage_result *s)
{
    for (int32_t i = 0; i < w->n_stages; i++)
        if (&w->stages[i] != s && strcmp(w->stages[i].unit, s->unit) == 0)
            return true;
    return false;
}

/* What of it is in use, and how much of that: slots (or replicas), unless the CPUs or
 * GPUs that it shares with the other stages of its unit are busier. */
static const char *busy_words(const struct report_compare *c,
                              const struct model_policy_result *p,
                              const struct model_workload_result *w)
{
    const struct model_stage_result *s = bottleneck_of(w);
    const char *of = w != NULL && w->serving != NULL ? "of replicas" : "of slots";
    double busy;

    if (s == NULL)
        return "-";
    busy = s->busy_frac.mean + (isnan(s->fetch_frac.mean) ? 0 : s->fetch_frac.mean);
    for (int r = MODEL_GPU; r <= MODEL_CPU && shares_unit(w, s); r++) {
        double used = p->resources[r].busy_h.mean / p->resources[r].allocated_h.mean;

        if (used > busy + 0.02) {
            busy = used;
            of = r == MODEL_GPU ? "of its GPUs" : "of its CPUs";
        }
    }
    return sp_arena_printf(c->page->arena, "%s %s",
                           report_page_figure(c->page, report_format_percent, busy),
                           of);
}

static const char *stage_name(const struct model_workload_result *w)
{
    const struct model_stage_result *s = bottleneck_of(w);

    return s != NULL ? s->name : "-";
}

/* The cause of most of the waiting: "96.2% head of line". */
static const char *wait_words(const struct report_compare *c,
                              const struct model_workload_result *w)
{
    const struct model_job_group *all;
    int most = 0;

    if (w == NULL || w->jobs == NULL)
        return "-";
    all = &w->jobs->groups[0];
    for (int i = 1; i < MODEL_CAUSES; i++)
        if (all->wait_frac[i] > all->wait_frac[most])
            most = i;
    if (!(all->wait.mean_s.mean > 0) || !(all->wait_frac[most] > 0))
        return "-";
    return sp_arena_printf(
        c->page->arena, "%s %s",
        report_page_figure(c->page, report_format_percent, all->wait_frac[most]),
        model_cause_name((enum model_cause)most));
}

static bool any_of(const struct report_compare *c, int32_t workload)
{
    bool any = false;

    for (int32_t p = 0; p < c->r->n_policies && !any; p++) {
        const struct model_workload_result *w = work_of(c, p, workload);

        any = bottleneck_of(w) != NULL || strcmp(wait_words(c, w), "-") != 0;
    }
    return any;
}

bool report_why_any_bottleneck(const struct report_compare *c)
{
    for (int32_t w = 0; w < c->r->policies[0].n_workloads; w++)
        if (any_of(c, w))
            return true;
    return false;
}

static void print_jobs(const struct report_compare *c, int32_t workload,
                       const char *label)
{
    report_compare_label(c, label);
    for (int32_t p = c->from; p < c->to; p++)
        report_compare_value(c, wait_words(c, work_of(c, p, workload)), REPORT_PLAIN);
    report_page_end_line(c->page);
}

static void print_stages(const struct report_compare *c, int32_t workload,
                         const char *label, const char *busy_label)
{
    report_compare_label(c, label);
    for (int32_t p = c->from; p < c->to; p++)
        report_compare_value(c, stage_name(work_of(c, p, workload)), REPORT_PLAIN);
    report_page_end_line(c->page);
    report_compare_label(c, busy_label);
    for (int32_t p = c->from; p < c->to; p++)
        report_compare_value(c,
                             busy_words(c, &c->r->policies[p], work_of(c, p, workload)),
                             REPORT_PLAIN);
    report_page_end_line(c->page);
}

void report_why_bottlenecks(const struct report_compare *c)
{
    int32_t n = c->r->policies[0].n_workloads;

    for (int32_t w = 0; w < n; w++) {
        if (!any_of(c, w))
            continue;
        if (n > 1)
            report_page_wrap(c->page, 0, "", c->r->policies[0].workloads[w].name,
                             REPORT_DIM);
        if (report_compare_is_jobs(c->r, w))
            print_jobs(c, w, n > 1 ? "  jobs wait for" : "jobs wait for");
        else
            print_stages(c, w, n > 1 ? "  bottleneck" : "bottleneck",
                         n > 1 ? "    busy" : "  busy");
    }
}
