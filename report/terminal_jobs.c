/* Sentences for what happened once, tables for what happened to every job: waits,
 * completion times, causes; teams and size classes a row each. */
#include "report/terminal_jobs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/text.h"
#include "report/top.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const char *seconds(struct report_page *page, struct model_stat stat)
{
    return report_page_figure(page, report_format_seconds, stat.mean);
}

static const char *number(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_number, v);
}

static const char *narrow(struct report_page *page, double v, int columns)
{
    return report_format_number_in(v, columns,
                                   sp_arena_alloc(page->arena, REPORT_FIGURE));
}

static const char *usd(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_usd, v);
}

static const char *count(struct report_page *page, int64_t n)
{
    return sp_arena_printf(page->arena, "%" PRId64, n);
}

/* "text; clause", "clause" */
static const char *with(struct report_page *page, const char *text, const char *clause)
{
    return text[0] == '\0' ? clause
                           : sp_arena_printf(page->arena, "%s; %s", text, clause);
}

/* ---- which groups have a row ---- */

/* "all", then the teams that weigh most, then size classes, all that some job is of;
 * `rest` what is left out. */
struct rows {
    int32_t n;
    const struct model_job_group **group;
    int32_t n_rest;
    struct model_job_group rest;
};

static const struct model_job_group *teams_of(const struct model_jobs_result *j)
{
    return j->groups + 1;
}

static bool teams_have_names(const struct model_jobs_result *j)
{
    return j->n_teams > 1 || (j->n_teams == 1 && strcmp(teams_of(j)->name, "-") != 0);
}

static double weighted(const struct model_times *a, const struct model_times *b)
{
    double n = (double)(a->count + b->count);
    double x = a->count > 0 ? (double)a->count * a->mean_s.mean : 0;
    double y = b->count > 0 ? (double)b->count * b->mean_s.mean : 0;

    return n > 0 ? (x + y) / n : NAN;
}

/* Counts and means of a group that stands for several; it has no quantiles. */
static void merge(struct model_job_group *into, const struct model_job_group *g)
{
    double a = (double)into->wait.count * into->wait.mean_s.mean;
    double b = (double)g->wait.count * g->wait.mean_s.mean;

    a = a > 0 ? a : 0;
    b = b > 0 ? b : 0;
    for (int c = 0; c < MODEL_CAUSES && a + b > 0; c++)
        into->wait_frac[c] =
            ((a > 0 ? a * into->wait_frac[c] : 0) + (b > 0 ? b * g->wait_frac[c] : 0)) /
            (a + b);
    into->queue.mean_s.mean = weighted(&into->queue, &g->queue);
    into->completion.mean_s.mean = weighted(&into->completion, &g->completion);
    into->wait.mean_s.mean = weighted(&into->wait, &g->wait);
    into->queue.count += g->queue.count;
    into->completion.count += g->completion.count;
    into->wait.count += g->wait.count;
    into->arrived += g->arrived;
    into->done += g->done;
    into->gpu_h.mean += g->gpu_h.mean;
}

static struct model_job_group nothing(void)
{
    const struct model_stat none = {NAN, NAN};
    const struct model_times times = {
        .mean_s = none, .p50_s = none, .p90_s = none, .p99_s = none, .max_s = none};

    return (struct model_job_group){.queue = times,
                                    .completion = times,
                                    .wait = times,
                                    .slowdown_mean = none,
                                    .slowdown_p50 = none,
                                    .slowdown_p90 = none,
                                    .slowdown_p99 = none};
}

static void add_teams(struct report_page *page, const struct model_jobs_result *j,
                      struct rows *rows)
{
    size_t n = (size_t)j->n_teams;
    double *weights = sp_arena_array(page->arena, n, sizeof *weights);
    int32_t *ids = sp_arena_array(page->arena, n, sizeof *ids), n_teams = 0, kept;
    const struct model_job_group **teams =
        sp_arena_array(page->arena, n, sizeof(void *));

    for (int32_t i = 0; i < j->n_teams; i++)
        if (teams_of(j)[i].arrived > 0) {
            weights[n_teams] = teams_of(j)[i].gpu_h.mean;
            teams[n_teams++] = &teams_of(j)[i];
        }
    kept = report_top_rows(weights, n_teams, REPORT_TOP_ROWS, ids);
    rows->n_rest = n_teams - kept;
    for (int32_t i = 0, k = 0; i < n_teams; i++)
        if (k < kept && ids[k] == i) {
            rows->group[rows->n++] = teams[i];
            k++;
        } else {
            merge(&rows->rest, teams[i]);
        }
    if (rows->n_rest == 0)
        return;
    rows->rest.name =
        sp_arena_printf(page->arena, "%" PRId32 " more teams", rows->n_rest);
    rows->group[rows->n++] = &rows->rest;
}

static void choose_rows(struct report_page *page, const struct model_jobs_result *j,
                        struct rows *rows)
{
    int32_t filled = 0;

    *rows = (struct rows){.rest = nothing()};
    rows->group = sp_arena_array(page->arena, (size_t)j->n_groups + 1, sizeof(void *));
    rows->group[rows->n++] = &j->groups[0];
    if (teams_have_names(j))
        add_teams(page, j, rows);
    for (int32_t i = 1 + j->n_teams; i < j->n_groups; i++)
        filled += j->groups[i].arrived > 0;
    for (int32_t i = 1 + j->n_teams; i < j->n_groups && filled > 1; i++)
        if (j->groups[i].arrived > 0)
            rows->group[rows->n++] = &j->groups[i];
}

/* ---- tables ---- */

static const struct report_column wait_columns[] = {
    {"queue wait of", 17, REPORT_LEFT}, {"jobs", 8, REPORT_RIGHT},
    {"mean", 8, REPORT_RIGHT},          {"p50", 8, REPORT_RIGHT},
    {"p90", 8, REPORT_RIGHT},           {"p99", 8, REPORT_RIGHT},
    {"max", 8, REPORT_RIGHT},
};

static void print_wait(struct report_page *page, const struct model_job_group *g)
{
    const char *texts[COUNT(wait_columns)] = {
        g->name,
        count(page, g->arrived),
        seconds(page, g->queue.mean_s),
        seconds(page, g->queue.p50_s),
        seconds(page, g->queue.p90_s),
        seconds(page, g->queue.p99_s),
        seconds(page, g->queue.max_s),
    };

    report_page_row(page, wait_columns, COUNT(wait_columns), texts, ' ', REPORT_PLAIN);
}

static const struct report_column completion_columns[] = {
    {"completion of", 17, REPORT_LEFT}, {"done", 8, REPORT_RIGHT},
    {"mean", 8, REPORT_RIGHT},          {"p50", 8, REPORT_RIGHT},
    {"p90", 8, REPORT_RIGHT},           {"p99", 8, REPORT_RIGHT},
    {"slowd.", 6, REPORT_RIGHT},        {"p99", 6, REPORT_RIGHT},
};

static void print_completion(struct report_page *page, const struct model_job_group *g)
{
    const char *texts[COUNT(completion_columns)] = {
        g->name,
        count(page, g->done),
        seconds(page, g->completion.mean_s),
        seconds(page, g->completion.p50_s),
        seconds(page, g->completion.p90_s),
        seconds(page, g->completion.p99_s),
        narrow(page, g->slowdown_mean.mean, 6),
        narrow(page, g->slowdown_p99.mean, 6),
    };

    report_page_row(page, completion_columns, COUNT(completion_columns), texts, ' ',
                    REPORT_PLAIN);
}

static const char *const cause_heads[MODEL_CAUSES] = {
    [MODEL_CAUSE_QUOTA] = "quota",       [MODEL_CAUSE_HEAD_OF_LINE] = "in line",
    [MODEL_CAUSE_CAPACITY] = "capac.",   [MODEL_CAUSE_FRAGMENTATION] = "fragm.",
    [MODEL_CAUSE_GANG] = "gang",         [MODEL_CAUSE_SPOT_LOSS] = "lost",
    [MODEL_CAUSE_START_UP] = "start-up",
};
enum { CAUSE_COLUMNS = 2 + MODEL_CAUSES };

static void cause_columns(struct report_column *columns)
{
    columns[0] = (struct report_column){"waits by cause", 17, REPORT_LEFT};
    columns[1] = (struct report_column){"mean", 8, REPORT_RIGHT};
    for (int c = 0; c < MODEL_CAUSES; c++)
        columns[2 + c] = (struct report_column){
            cause_heads[c], c == MODEL_CAUSES - 1 ? 8 : 6, REPORT_RIGHT};
    columns[2 + MODEL_CAUSE_HEAD_OF_LINE].columns = 7;
}

static void print_causes(struct report_page *page, const struct model_job_group *g)
{
    struct report_column columns[CAUSE_COLUMNS];
    const char *texts[CAUSE_COLUMNS] = {g->name, seconds(page, g->wait.mean_s)};
    bool any = g->wait.mean_s.mean > 0;

    if (g->wait.count == 0)
        return;
    cause_columns(columns);
    for (int c = 0; c < MODEL_CAUSES; c++)
        texts[2 + c] =
            !any || g->wait_frac[c] == 0
                ? "."
                : report_page_figure(page, report_format_percent, g->wait_frac[c]);
    report_page_row(page, columns, CAUSE_COLUMNS, texts, ' ', REPORT_PLAIN);
}

static void print_rows(struct report_page *page, const struct rows *rows,
                       void (*print)(struct report_page *page,
                                     const struct model_job_group *g))
{
    for (int32_t i = 0; i < rows->n; i++)
        print(page, rows->group[i]);
}

static void print_tables(struct report_page *page, const struct model_jobs_result *j,
                         bool explain)
{
    struct report_column causes[CAUSE_COLUMNS];
    struct rows rows;

    choose_rows(page, j, &rows);
    report_page_end_line(page);
    report_page_head(page, wait_columns, COUNT(wait_columns));
    print_rows(page, &rows, print_wait);
    report_page_end_line(page);
    report_page_head(page, completion_columns, COUNT(completion_columns));
    print_rows(page, &rows, print_completion);
    if (j->groups[0].wait.mean_s.mean > 0) {
        cause_columns(causes);
        report_page_end_line(page);
        report_page_head(page, causes, CAUSE_COLUMNS);
        print_rows(page, &rows, print_causes);
    }
    if (explain)
        report_page_wrap(
            page, 2, "",
            "Of jobs done. Queue wait: arrival until it first runs. Completion: "
            "arrival until done. Slowdown: completion / run time (at least 10 s), mean "
            "and p99. Causes: shares of all waiting, mean a job: quota; in line (not "
            "its turn); capacity (less free than a member needs); fragmentation "
            "(enough in sum, on no one node); gang (room for some members); lost "
            "(nodes taken back or broken); start-up.",
            REPORT_DIM);
}

/* ---- jobs that never end ---- */

static const struct report_column curve_columns[] = {
    {"GPUs asked for, of the fleet", 28, REPORT_LEFT},
    {"allocated", 10, REPORT_RIGHT},
    {"fragmented", 10, REPORT_RIGHT},
};

static const char *percent_at(struct report_page *page, const double *values, int32_t i)
{
    return report_page_figure(page, report_format_percent, values[i] / 100);
}

static void print_point(struct report_page *page, const struct model_job_curve *c,
                        int32_t i)
{
    const char *texts[COUNT(curve_columns)] = {percent_at(page, c->arrived_pct, i),
                                               percent_at(page, c->allocated_pct, i),
                                               percent_at(page, c->fragment_pct, i)};

    report_page_row(page, curve_columns, COUNT(curve_columns), texts, ' ',
                    REPORT_PLAIN);
}

static void print_curve(struct report_page *page, const struct model_job_curve *c)
{
    enum { POINTS = 8 };
    int32_t last = SP_NO_ID;

    if (c->n == 0)
        return;
    report_page_end_line(page);
    report_page_head(page, curve_columns, COUNT(curve_columns));
    for (int k = 1; k <= POINTS; k++) {
        int32_t i = (int32_t)((int64_t)(c->n - 1) * k / POINTS);

        if (i != last)
            print_point(page, c, i);
        last = i;
    }
}

/* ---- sentences ---- */

static const char *times_of(struct report_page *page, int64_t n, const char *what)
{
    return n == 0 ? ""
                  : sp_arena_printf(page->arena, "%" PRId64 " %s%s", n, what,
                                    n == 1 ? "" : "s");
}

static const char *add_times(struct report_page *page, const char *text, int64_t n,
                             const char *what)
{
    const char *clause = times_of(page, n, what);

    if (clause[0] == '\0')
        return text;
    return text[0] == '\0' ? clause
                           : sp_arena_printf(page->arena, "%s, %s", text, clause);
}

static void print_losses(struct report_page *page, const struct model_jobs_result *j)
{
    const char *text = add_times(page, "", j->preempted, "preemption");

    text = add_times(page, text, j->interrupted, "interruption");
    text = add_times(page, text, j->failed, "failure");
    text = add_times(page, text, j->moved, "move");
    if (j->moved > 0)
        text = sp_arena_printf(page->arena, "%s to a cheaper option", text);
    text =
        with(page, text,
             sp_arena_printf(page->arena,
                             "GPU-hours: %s of work, %s more lost and done again, %s "
                             "held without work (boot, start, restart, checkpoints)",
                             number(page, j->useful_gpu_h.mean),
                             number(page, j->lost_gpu_h.mean),
                             number(page, j->overhead_gpu_h.mean)));
    report_page_wrap(page, 2, "", text, REPORT_PLAIN);
}

/* What of the bill is this workload's: all of it where it is alone, else its lines. */
static double usd_of(const struct model_policy_result *p, int32_t id)
{
    const char *name = p->workloads[id].name;
    int64_t uusd = 0;

    if (p->n_workloads == 1)
        return p->cost.usd.mean;
    for (int32_t i = 0; i < p->cost.n_lines; i++)
        if (p->cost.lines[i].workload != NULL &&
            strcmp(p->cost.lines[i].workload, name) == 0)
            uusd += p->cost.lines[i].uusd;
    return sp_usd_from_uusd(uusd);
}

static void print_floor(struct report_page *page, const struct model_policy_result *p,
                        int32_t id)
{
    double floor_usd = p->workloads[id].jobs->floor_usd.mean, paid = usd_of(p, id);
    const char *text;

    if (isnan(floor_usd) || !p->cost.known)
        return;
    text = sp_arena_printf(page->arena, "floor, a perfect autoscaler%s: %s USD",
                           p->n_workloads == 1 ? "" : " for these jobs alone",
                           usd(page, floor_usd));
    if (floor_usd > 0 && p->n_workloads == 1)
        text = sp_arena_printf(page->arena, "%s; the bill is %s USD, %.2fx of it", text,
                               usd(page, paid), paid / floor_usd);
    report_page_wrap(page, 2, "", text, REPORT_PLAIN);
}

static void print_deadlines(struct report_page *page, const struct model_jobs_result *j)
{
    if (j->deadlines == 0)
        return;
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "deadlines: %" PRId64 " of %" PRId64 " missed (%s)",
            j->deadlines_missed, j->deadlines,
            report_page_figure(page, report_format_percent,
                               (double)j->deadlines_missed / (double)j->deadlines)),
        j->deadlines_missed > 0 ? REPORT_BOLD : REPORT_PLAIN);
}

void report_terminal_jobs(struct report_page *page, const struct model_policy_result *p,
                          int32_t id, bool explain)
{
    const struct model_jobs_result *j = p->workloads[id].jobs;

    if (!isnan(j->makespan_s.mean))
        report_page_wrap(page, 2, "",
                         sp_arena_printf(page->arena,
                                         "makespan %s, first arrival to last job done",
                                         seconds(page, j->makespan_s)),
                         REPORT_PLAIN);
    print_losses(page, j);
    print_deadlines(page, j);
    print_floor(page, p, id);
    print_curve(page, &j->curve);
    if (j->groups[0].done > 0)
        print_tables(page, j, explain);
}

/* ---- one job ---- */

void report_terminal_explained(struct report_page *page, const struct model_result *r,
                               const char *name)
{
    for (int32_t i = 0; i < r->n_policies; i++) {
        const struct model_explained *x = &r->policies[i].explained;

        report_page_rule(
            page, sp_arena_printf(page->arena, "job %s under %s",
                                  report_page_name(page, name, 30),
                                  report_page_name(page, r->policies[i].name, 30)));
        for (int32_t k = 0; k < x->n; k++)
            report_page_wrap(page, 2, "", x->lines[k], REPORT_PLAIN);
        if (x->n == 0)
            report_page_wrap(page, 2, "",
                             sp_arena_printf(page->arena, "no job called '%s' arrived",
                                             report_page_name(page, name, 60)),
                             REPORT_ALARM);
    }
}
