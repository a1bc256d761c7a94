/* The figures a cluster is judged by, side by side. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "report/compare_parts.h"
#include "report/format.h"

static const struct model_jobs_result *jobs_of(const struct model_result *r,
                                               int32_t policy, int32_t workload)
{
    return workload < r->policies[policy].n_workloads
               ? r->policies[policy].workloads[workload].jobs
               : NULL;
}

bool report_compare_is_jobs(const struct model_result *r, int32_t workload)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        if (jobs_of(r, p, workload) != NULL)
            return true;
    return false;
}

/* ---- figures: of all jobs of the workload ---- */

#define GROUP(name, member)                                                            \
    static struct model_stat name(const struct model_jobs_result *j)                   \
    {                                                                                  \
        return j->groups[0].member;                                                    \
    }
GROUP(wait_mean, queue.mean_s)
GROUP(wait_p50, queue.p50_s)
GROUP(wait_p99, queue.p99_s)
GROUP(completion_mean, completion.mean_s)
GROUP(completion_p99, completion.p99_s)
GROUP(slowdown_mean, slowdown_mean)
#undef GROUP

static struct model_stat makespan(const struct model_jobs_result *j)
{
    return j->makespan_s;
}

static struct model_stat lost(const struct model_jobs_result *j)
{
    return j->lost_gpu_h;
}

static struct model_stat floor_usd(const struct model_jobs_result *j)
{
    return j->floor_usd;
}

static struct model_stat peak_allocated(const struct model_jobs_result *j)
{
    const struct model_job_curve *c = &j->curve;

    return model_stat_one(c->n > 0 ? c->allocated_pct[c->n - 1] / 100 : NAN);
}

static struct model_stat preempted(const struct model_jobs_result *j)
{
    return model_stat_one((double)(j->preempted + j->interrupted + j->failed));
}

static struct model_stat missed(const struct model_jobs_result *j)
{
    return model_stat_one(j->deadlines > 0 ? (double)j->deadlines_missed : NAN);
}

static const struct row {
    const char *label;
    struct model_stat (*of)(const struct model_jobs_result *j);
    char *(*format)(double v, char *buf);
    bool when_some; /* only where it is above 0 under some policy */
} rows[] = {
    {"queue wait, mean", wait_mean, report_format_seconds, false},
    {"queue wait p50", wait_p50, report_format_seconds, false},
    {"queue wait p99", wait_p99, report_format_seconds, false},
    {"completion mean", completion_mean, report_format_seconds, false},
    {"completion p99", completion_p99, report_format_seconds, false},
    {"slowdown, mean", slowdown_mean, report_format_number, false},
    {"makespan", makespan, report_format_seconds, false},
    {"GPUs taken, at end", peak_allocated, report_format_percent, true},
    {"interruptions", preempted, report_format_number, true},
    {"lost GPU-hours", lost, report_format_number, true},
    {"deadlines missed", missed, report_format_number, true},
    {"floor USD", floor_usd, report_format_usd, false},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* ---- rows ---- */

static const char *label_of(const struct report_compare *c, const char *label,
                            bool named)
{
    return named ? sp_arena_printf(c->page->arena, "  %s", label) : label;
}

static bool is_wanted(const struct report_compare *c, int32_t workload,
                      const struct row *row)
{
    bool known = false, some = false;

    for (int32_t p = 0; p < c->r->n_policies; p++) {
        const struct model_jobs_result *j = jobs_of(c->r, p, workload);
        double v = j != NULL ? row->of(j).mean : NAN;

        known = known || !isnan(v);
        some = some || v > 0;
    }
    return row->when_some ? some : known;
}

static void print_row(const struct report_compare *c, int32_t workload,
                      const struct row *row, bool named)
{
    report_compare_label(c, label_of(c, row->label, named));
    for (int32_t p = c->from; p < c->to; p++) {
        const struct model_jobs_result *j = jobs_of(c->r, p, workload);

        report_compare_value(
            c, j != NULL ? report_compare_stat(c, row->of(j), row->format) : "-",
            REPORT_PLAIN);
    }
    report_page_end_line(c->page);
}

static int64_t done_of(const struct model_workload_result *w)
{
    return w->done;
}

static int64_t undone_of(const struct model_workload_result *w)
{
    return w->in_flight;
}

static int64_t refused_of(const struct model_workload_result *w)
{
    return w->dropped;
}

static void print_counts(const struct report_compare *c, int32_t workload,
                         const char *label, bool always,
                         int64_t (*of)(const struct model_workload_result *w))
{
    bool some = always;

    for (int32_t p = 0; p < c->r->n_policies; p++)
        some = some || (jobs_of(c->r, p, workload) != NULL &&
                        of(&c->r->policies[p].workloads[workload]) > 0);
    if (!some)
        return;
    report_compare_label(c, label);
    for (int32_t p = c->from; p < c->to; p++)
        report_compare_value(
            c,
            jobs_of(c->r, p, workload) == NULL
                ? "-"
                : sp_arena_printf(c->page->arena, "%" PRId64,
                                  of(&c->r->policies[p].workloads[workload])),
            REPORT_PLAIN);
    report_page_end_line(c->page);
}

void report_compare_jobs(const struct report_compare *c, int32_t workload, bool named)
{
    print_counts(c, workload, label_of(c, "jobs done", named), true, done_of);
    print_counts(c, workload, label_of(c, "not done at end", named), false, undone_of);
    print_counts(c, workload, label_of(c, "refused", named), false, refused_of);
    for (int i = 0; i < N_ROWS; i++)
        if (is_wanted(c, workload, &rows[i]))
            print_row(c, workload, &rows[i], named);
}
