/* Waits and completion times of a jobs workload by team and size, a bar for each
 * policy, and what the waiting was for; of jobs that never end what was allocated.  The
 * data's first block has a row for each group, the second one for each policy, the
 * others (one a policy) the allocation. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { GROUPS_MOST = 12, FIGURES = 3 };

static const struct model_jobs_result *jobs_of(const struct report_plots *p,
                                               int32_t policy, int32_t id)
{
    const struct model_policy_result *x = &p->r->policies[policy];

    return id < x->n_workloads ? x->workloads[id].jobs : NULL;
}

/* The first policy that has it, for the names of groups. */
static const struct model_jobs_result *any_of(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (jobs_of(p, i, id) != NULL)
            return jobs_of(p, i, id);
    return NULL;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return any_of(p, id) != NULL;
}

/* Groups that have jobs, the first few; in `groups`, of GROUPS_MOST. */
static int32_t groups_of(const struct report_plots *p, int32_t id, int32_t *groups)
{
    const struct model_jobs_result *j = any_of(p, id);
    int32_t n = 0;

    for (int32_t g = 0; g < j->n_groups && n < GROUPS_MOST; g++)
        if (j->groups[g].arrived > 0)
            groups[n++] = g;
    return n;
}

static bool any_done(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (jobs_of(p, i, id) != NULL && jobs_of(p, i, id)->groups[0].done > 0)
            return true;
    return false;
}

/* ---- data ---- */

/* Mean wait, its p99, mean completion. */
static double figure_of(const struct model_job_group *g, int figure)
{
    return figure == 0   ? g->queue.mean_s.mean
           : figure == 1 ? g->queue.p99_s.mean
                         : g->completion.mean_s.mean;
}

/* NaN where a policy has no such group. */
static double figure_in(const struct report_plots *p, int32_t policy, int32_t id,
                        int32_t group, int figure)
{
    const struct model_jobs_result *j = jobs_of(p, policy, id);

    return j != NULL && group < j->n_groups ? figure_of(&j->groups[group], figure)
                                            : NAN;
}

static struct report_time_unit unit_of(const struct report_plots *p, int32_t id,
                                       int figure)
{
    int32_t groups[GROUPS_MOST], n = groups_of(p, id, groups);
    double longest = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++)
        for (int32_t k = 0; k < n; k++)
            longest = fmax(longest, figure_in(p, i, id, groups[k], figure));
    return report_time_unit_of(longest);
}

static void write_groups(const struct report_plots *p, int32_t id, FILE *out)
{
    int32_t groups[GROUPS_MOST], n = groups_of(p, id, groups);

    report_plot_data_head(p, "waits and completion of jobs", out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        report_plot_data_name(p, i, p->r->policies[i].name, out);
    fprintf(out,
            "# group; then, a column for each policy: mean queue wait (%s), its p99 "
            "(%s), mean completion (%s)\n",
            unit_of(p, id, 0).name, unit_of(p, id, 1).name, unit_of(p, id, 2).name);
    for (int32_t k = 0; k < n; k++) {
        fprintf(out, "%" PRId32, k);
        for (int figure = 0; figure < FIGURES; figure++)
            for (int32_t i = 0; i < p->r->n_policies; i++)
                report_plot_value(out, figure_in(p, i, id, groups[k], figure) /
                                           unit_of(p, id, figure).seconds);
        fputc('\n', out);
    }
}

static void write_causes(const struct report_plots *p, int32_t id, FILE *out)
{
    fputs("\n\n# policy; % of all waiting by cause\n", out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_jobs_result *j = jobs_of(p, i, id);

        fprintf(out, "%" PRId32, i);
        for (int c = 0; c < MODEL_CAUSES; c++)
            report_plot_value(out, j != NULL ? 100 * j->groups[0].wait_frac[c] : NAN);
        fputc('\n', out);
    }
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    write_groups(p, id, out);
    write_causes(p, id, out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_jobs_result *j = jobs_of(p, i, id);

        fprintf(out, "\n\n# policy %" PRId32 ": GPUs asked for, allocated (%%)\n", i);
        fputs("? ?\n", out); /* a block without rows would not be counted */
        for (int32_t k = 0; j != NULL && k < j->curve.n; k++) {
            report_plot_value(out, j->curve.arrived_pct[k]);
            report_plot_value(out, j->curve.allocated_pct[k]);
            fputc('\n', out);
        }
    }
}

/* ---- script ---- */

static const char *data_of(const struct report_plots *p, int32_t id)
{
    return sp_arena_printf(p->arena, "%s.dat",
                           report_plot_stem(p, &report_plot_jobs, id));
}

static const char *legend_of(const struct report_plots *p, int32_t policy)
{
    return report_plot_quoted(p->arena, p->r->policies[policy].name,
                              REPORT_PLOT_LEGEND);
}

static void write_group_tics(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_jobs_result *j = any_of(p, id);
    int32_t groups[GROUPS_MOST], n = groups_of(p, id, groups);

    fputs("set xtics noenhanced (", out);
    for (int32_t k = 0; k < n; k++)
        fprintf(out, "%s%s %" PRId32, k > 0 ? ", " : "",
                report_plot_tic(p->arena, j->groups[groups[k]].name, 16), k);
    fprintf(out, ")\nset xtics rotate by -30\nset xrange [-0.6:%.1f]\n", n - 0.4);
}

/* Bars of one group side by side. */
static void write_bars(const struct report_plots *p, int32_t id, int figure,
                       const char *title, FILE *out)
{
    int32_t n = p->r->n_policies;
    double wide = 0.84 / n;

    fprintf(out,
            "set title '%s' offset 0,-0.6\nset ylabel '%s'\nset boxwidth %.4f\nplot ",
            title, unit_of(p, id, figure).name, 0.92 * wide);
    for (int32_t i = 0; i < n; i++)
        fprintf(out,
                "%s'%s' index 0 using ($1+%.4f):%" PRId32
                " with boxes lc rgb '%.7s' title %s",
                i > 0 ? ", " : "", data_of(p, id), (i - (n - 1) / 2.0) * wide,
                2 + figure * n + i, strchr(report_plot_line(p, i), '#'),
                legend_of(p, i));
    fputc('\n', out);
}

static void write_cause_bars(const struct report_plots *p, int32_t id, FILE *out)
{
    static const char *const rgb[MODEL_CAUSES] = {
        "#08306b", "#6baed6", "#d95f0e", "#fdd0a2", "#807dba", "#7f0000", "#dcdcdc"};

    fputs("set title 'What the waiting was for' offset 0,-0.6\nset ylabel '%'\n"
          "set yrange [0:100]\nset boxwidth 0.6\nset key at screen 0.83,0.48 left top "
          "vertical Left reverse noenhanced samplen 2\n",
          out);
    report_plot_policy_tics(p, NULL, out);
    fputs("set xtics rotate by -30\nplot ", out);
    for (int c = MODEL_CAUSES - 1; c >= 0; c--)
        fprintf(
            out,
            "%s'%s' index 1 using 1:(sum [c=2:%d] column(c)) with boxes lc rgb '%s' "
            "title '%s'",
            c < MODEL_CAUSES - 1 ? ", " : "", data_of(p, id), 2 + c, rgb[c],
            model_cause_name((enum model_cause)c));
    fputc('\n', out);
}

static void write_allocation(const struct report_plots *p, int32_t id, FILE *out)
{
    fputs("set ylabel 'GPUs allocated (% of the fleet)'\n"
          "set xlabel 'GPUs asked for (% of the fleet)'\nset yrange [0:105]\nplot ",
          out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(out, "%s'%s' index %" PRId32 " using 1:2 with lines lw 2 %s title %s",
                i > 0 ? ", " : "", data_of(p, id), i + 2, report_plot_line(p, i),
                legend_of(p, i));
    fputc('\n', out);
}

static void write_waits(const struct report_plots *p, int32_t id,
                        struct report_panel *panel, FILE *out)
{
    static const char *const titles[FIGURES] = {
        "Queue wait, mean", "Queue wait, 99th percentile", "Completion, mean"};

    fputs("set yrange [0:*]\n", out);
    write_group_tics(p, id, out);
    for (int figure = 0; figure < FIGURES; figure++, panel->index++) {
        report_plot_panel(panel, out);
        write_bars(p, id, figure, titles[figure], out);
        fputs("unset key\n", out);
    }
    report_plot_panel(panel, out);
    write_cause_bars(p, id, out);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const bool done = any_done(p, id);
    struct report_panel panel = {.height = done ? 940 : 540,
                                 .rows = done ? 2 : 1,
                                 .columns = done ? 2 : 1,
                                 .legend_frac = 0.18,
                                 .under = done ? 96 : 0};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_jobs, id),
            .title =
                sp_arena_printf(p->arena, "Jobs: %s", report_plot_workload_name(p, id)),
            .subtitle = sp_arena_printf(p->arena, "%s; scenario %s",
                                        done ? "means over the replications"
                                             : "GPUs allocated while jobs come",
                                        p->r->name),
            .height = panel.height},
        out);
    if (done) {
        write_waits(p, id, &panel, out);
    } else {
        report_plot_panel(&panel, out);
        write_allocation(p, id, out);
    }
    report_plot_end(out);
}

const struct report_plot_family report_plot_jobs = {
    .stem = "jobs",
    .count = report_plot_count_workloads,
    .applies = applies,
    .name = report_plot_workload_name,
    .data = write_data,
    .script = write_script,
};
