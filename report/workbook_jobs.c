/* The sheet Jobs: what became of them, and waits, completion times and causes by team
 * and size. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "report/workbook_tables.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static void each_jobs(struct report_place *at,
                      void (*write)(struct report_place *at,
                                    const struct model_policy_result *p,
                                    const struct model_workload_result *x))
{
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        for (int32_t k = 0; k < at->w->r->policies[i].n_workloads; k++)
            if (at->w->r->policies[i].workloads[k].jobs != NULL)
                write(at, &at->w->r->policies[i], &at->w->r->policies[i].workloads[k]);
}

/* ---- Jobs: one row a workload ---- */

#define AT(member) offsetof(struct model_jobs_result, member)
static const struct report_stat_column jobs_columns[] = {
    {"makespan (s)", AT(makespan_s), REPORT_LOOK_NUMBER},
    {"GPU-hours of work", AT(useful_gpu_h), REPORT_LOOK_NUMBER},
    {"done again (GPU-h)", AT(lost_gpu_h), REPORT_LOOK_NUMBER},
    {"overhead (GPU-h)", AT(overhead_gpu_h), REPORT_LOOK_NUMBER},
    {"floor (USD)", AT(floor_usd), REPORT_LOOK_USD},
};
#undef AT
static const char *const count_heads[] = {
    "jobs in",       "done",     "in flight", "refused",   "preemptions",
    "interruptions", "failures", "moves",     "deadlines", "missed"};

static void write_workload(struct report_place *at, const struct model_policy_result *p,
                           const struct model_workload_result *x)
{
    const struct model_jobs_result *j = x->jobs;
    const int64_t counts[] = {
        x->in,          x->done,   x->in_flight, x->dropped,   j->preempted,
        j->interrupted, j->failed, j->moved,     j->deadlines, j->deadlines_missed};
    int column = 2;

    report_sheet_text(at->s, at->row, 0, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, 1, x->name, REPORT_LOOK_TEXT);
    for (int i = 0; i < COUNT(counts); i++)
        report_sheet_number(at->s, at->row, column++, (double)counts[i],
                            REPORT_LOOK_COUNT);
    report_place_stats(at, column, j, jobs_columns, COUNT(jobs_columns));
    at->row++;
}

static void write_workloads(struct report_place *at)
{
    const char *heads[2 + COUNT(count_heads) + COUNT(jobs_columns)] = {"policy",
                                                                       "workload"};
    int n = 2;

    for (int i = 0; i < COUNT(count_heads); i++)
        heads[n++] = count_heads[i];
    n = report_place_heads(heads, n, jobs_columns, COUNT(jobs_columns));
    report_place_start(at, "Jobs; counts are of the first replication", heads, n);
    each_jobs(at, write_workload);
    at->row++;
}

/* ---- Jobs: groups ---- */

#define AT(member) offsetof(struct model_job_group, member)
static const struct report_stat_column group_columns[] = {
    {"queue wait mean (s)", AT(queue.mean_s), REPORT_LOOK_NUMBER},
    {"p50 (s)", AT(queue.p50_s), REPORT_LOOK_NUMBER},
    {"p90 (s)", AT(queue.p90_s), REPORT_LOOK_NUMBER},
    {"p99 (s)", AT(queue.p99_s), REPORT_LOOK_NUMBER},
    {"completion mean (s)", AT(completion.mean_s), REPORT_LOOK_NUMBER},
    {"p50 (s)", AT(completion.p50_s), REPORT_LOOK_NUMBER},
    {"p90 (s)", AT(completion.p90_s), REPORT_LOOK_NUMBER},
    {"p99 (s)", AT(completion.p99_s), REPORT_LOOK_NUMBER},
    {"slowdown mean", AT(slowdown_mean), REPORT_LOOK_NUMBER},
    {"p50", AT(slowdown_p50), REPORT_LOOK_NUMBER},
    {"p90", AT(slowdown_p90), REPORT_LOOK_NUMBER},
    {"p99", AT(slowdown_p99), REPORT_LOOK_NUMBER},
    {"GPU-hours allocated", AT(gpu_h), REPORT_LOOK_NUMBER},
    {"all waiting, mean (s)", AT(wait.mean_s), REPORT_LOOK_NUMBER},
};
#undef AT
enum {
    G_POLICY,
    G_WORKLOAD,
    G_KIND,
    G_NAME,
    G_ARRIVED,
    G_DONE,
    G_STATS,
    G_COMPLETION = G_STATS + 4,
    G_CAUSES = G_STATS + COUNT(group_columns),
    G_COLUMNS = G_CAUSES + MODEL_CAUSES
};

static void write_group(struct report_place *at, const struct model_policy_result *p,
                        const struct model_workload_result *x, int32_t id)
{
    const struct model_job_group *g = &x->jobs->groups[id];
    int column;

    report_sheet_text(at->s, at->row, G_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, G_WORKLOAD, x->name, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, G_KIND,
                      id == 0                  ? "all"
                      : id <= x->jobs->n_teams ? "team"
                                               : "size",
                      REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, G_NAME, g->name, REPORT_LOOK_TEXT);
    report_sheet_number(at->s, at->row, G_ARRIVED, (double)g->arrived,
                        REPORT_LOOK_COUNT);
    report_sheet_number(at->s, at->row, G_DONE, (double)g->done, REPORT_LOOK_COUNT);
    column = report_place_stats(at, G_STATS, g, group_columns, COUNT(group_columns));
    for (int c = 0; c < MODEL_CAUSES; c++)
        report_sheet_number(at->s, at->row, column + c, g->wait_frac[c],
                            REPORT_LOOK_PERCENT);
    at->row++;
}

static void write_group_chart(const struct report_place *at,
                              const struct report_chart *of, const char *title,
                              int column)
{
    const struct report_chart_series series[] = {
        {.name = "mean", .column = column, .rgb = 0xED7D31},
        {.name = "p50", .column = column + 1, .rgb = 0x9DC3E6},
        {.name = "p90", .column = column + 2, .rgb = 0x2E75B6},
        {.name = "p99", .column = column + 3, .rgb = 0x1F4E79}};
    struct report_chart chart = *of;

    chart.title = title;
    chart.n_series = 4;
    chart.series = series;
    report_sheet_chart(at->s, at->row, column < G_COMPLETION ? 0 : G_DONE + 1, &chart);
}

/* The groups of one workload under one policy, and their charts. */
static void write_groups(struct report_place *at, const struct model_policy_result *p,
                         const struct model_workload_result *x)
{
    enum { CHART_ROWS = 16, BARS = 24 };
    int first = at->row, n = x->jobs->n_groups < BARS ? x->jobs->n_groups : BARS;
    const struct report_chart chart = {.x_title = "",
                                       .y_title = "s",
                                       .data_sheet = "Jobs",
                                       .first_row = first,
                                       .last_row = first + n - 1,
                                       .x_column = G_NAME,
                                       .kind = REPORT_CHART_COLUMNS,
                                       .width = 620,
                                       .height = 300};

    for (int32_t id = 0; id < x->jobs->n_groups; id++)
        write_group(at, p, x, id);
    for (int c = 0; c < MODEL_CAUSES; c++)
        report_sheet_share_bars(at->s, first, at->row - 1, G_CAUSES + c);
    if (x->jobs->groups[0].done == 0)
        return;
    write_group_chart(
        at, &chart,
        sp_arena_printf(at->w->arena, "Queue wait: %s, %s", p->name, x->name), G_STATS);
    write_group_chart(
        at, &chart,
        sp_arena_printf(at->w->arena, "Completion: %s, %s", p->name, x->name),
        G_COMPLETION);
    at->row += CHART_ROWS;
}

static void write_all_groups(struct report_place *at)
{
    const char *heads[G_COLUMNS] = {"policy",  "workload", "kind",
                                    "jobs of", "jobs in",  "done"};
    int n = report_place_heads(heads, G_STATS, group_columns, COUNT(group_columns));

    for (int c = 0; c < MODEL_CAUSES; c++)
        heads[n++] = sp_arena_printf(at->w->arena, "waiting: %s",
                                     model_cause_name((enum model_cause)c));
    report_place_start(at, "By team and size", heads, n);
    each_jobs(at, write_groups);
    at->row++;
}

/* ---- Jobs: jobs that never end ---- */

enum { C_ASKED = 2, C_ALLOCATED, C_FRAGMENTED, C_COLUMNS };

static void write_curve(struct report_place *at, const struct model_policy_result *p,
                        const struct model_workload_result *x)
{
    const struct model_job_curve *c = &x->jobs->curve;

    for (int32_t i = 0; i < c->n; i++, at->row++) {
        report_sheet_text(at->s, at->row, 0, p->name, REPORT_LOOK_NAME);
        report_sheet_text(at->s, at->row, 1, x->name, REPORT_LOOK_TEXT);
        report_sheet_number(at->s, at->row, C_ASKED, c->arrived_pct[i] / 100,
                            REPORT_LOOK_PERCENT);
        report_sheet_number(at->s, at->row, C_ALLOCATED, c->allocated_pct[i] / 100,
                            REPORT_LOOK_PERCENT);
        report_sheet_number(at->s, at->row, C_FRAGMENTED, c->fragment_pct[i] / 100,
                            REPORT_LOOK_PERCENT);
    }
}

static bool any_curve(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++)
            if (r->policies[i].workloads[k].jobs != NULL &&
                r->policies[i].workloads[k].jobs->curve.n > 0)
                return true;
    return false;
}

static void write_curves(struct report_place *at)
{
    static const char *const heads[C_COLUMNS] = {"policy", "workload",
                                                 "GPUs asked for, of the fleet's",
                                                 "GPUs allocated", "GPUs fragmented"};

    if (!any_curve(at->w->r))
        return;
    report_place_start(at, "Allocation while jobs come and none leaves", heads,
                       C_COLUMNS);
    each_jobs(at, write_curve);
}

/* ---- the sheet ---- */

static bool any_jobs(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        for (int32_t k = 0; k < r->policies[i].n_workloads; k++)
            if (r->policies[i].workloads[k].jobs != NULL)
                return true;
    return false;
}

void report_write_jobs(struct report_workbook *w)
{
    static const double widths[] = {24, 18, 12, 20, 11, 11, 12, 12, 12,
                                    12, 13, 12, 12, 12, 12, 12, 12, 12,
                                    13, 13, 11, 11, 11, 13, 11, 11, 11};
    struct report_place at = {.w = w, .row = 3};

    if (!any_jobs(w->r))
        return;
    at.s = report_book_sheet(w->book, "Jobs", widths, COUNT(widths), 0);
    report_write_title(
        at.s, "Jobs",
        "Of jobs done. Queue wait: arrival until a job first runs. Completion: arrival "
        "until done. Slowdown: completion / run time (at least 10 s). Causes are "
        "shares of all waiting. The floor is a perfect autoscaler: each job on the "
        "cheapest node it may use, paid for what it takes while it works.");
    write_workloads(&at);
    write_all_groups(&at);
    write_curves(&at);
}
