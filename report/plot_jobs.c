/* Waits and completion times of a jobs workload by team and size, a bar for each
 * policy, and what the waiting was for; of jobs that never end what was allocated.  The
 * data's first block has a row for each group, the second one for each policy, the
 * others (one a policy) the allocation. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { GROUPS_MOST = 12, LEGEND_COLUMNS = 24, COLOURS = 7, FIGURES = 3 };

static const char *const colours[COLOURS] = {"#1f4e79", "#ed7d31", "#70ad47", "#7030a0",
                                             "#a6a6a6", "#c00000", "#9dc3e6"};

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

bool report_plot_has_jobs(const struct report_plots *p, int32_t id)
{
    return any_of(p, id) != NULL;
}

static int32_t n_groups(const struct report_plots *p, int32_t id)
{
    int32_t n = any_of(p, id)->n_groups;

    return n < GROUPS_MOST ? n : GROUPS_MOST;
}

static bool any_done(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (jobs_of(p, i, id) != NULL && jobs_of(p, i, id)->groups[0].done > 0)
            return true;
    return false;
}

/* ---- data ---- */

/* "?" is gnuplot's missing value. */
static void write_value(FILE *out, double v)
{
    if (isfinite(v))
        fprintf(out, " %.17g", v);
    else
        fputs(" ?", out);
}

/* Mean wait, its p99, mean completion. */
static double figure_of(const struct model_job_group *g, int figure)
{
    return figure == 0   ? g->queue.mean_s.mean
           : figure == 1 ? g->queue.p99_s.mean
                         : g->completion.mean_s.mean;
}

static struct report_time_unit unit_of(const struct report_plots *p, int32_t id,
                                       int figure)
{
    double longest = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++)
        for (int32_t g = 0; jobs_of(p, i, id) != NULL && g < n_groups(p, id); g++)
            if (g < jobs_of(p, i, id)->n_groups)
                longest =
                    fmax(longest, figure_of(&jobs_of(p, i, id)->groups[g], figure));
    return report_time_unit_of(longest);
}

static void write_groups(const struct report_plots *p, int32_t id, FILE *out)
{
    fputs("# group; then, a column for each policy: mean queue wait, its p99, mean "
          "completion\n",
          out);
    for (int32_t g = 0; g < n_groups(p, id); g++) {
        fprintf(out, "%" PRId32, g);
        for (int figure = 0; figure < FIGURES; figure++)
            for (int32_t i = 0; i < p->r->n_policies; i++) {
                const struct model_jobs_result *j = jobs_of(p, i, id);

                write_value(out, j != NULL && g < j->n_groups
                                     ? figure_of(&j->groups[g], figure) /
                                           unit_of(p, id, figure).seconds
                                     : NAN);
            }
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
            write_value(out, j != NULL ? 100 * j->groups[0].wait_frac[c] : NAN);
        fputc('\n', out);
    }
}

void report_plot_jobs_data(const struct report_plots *p, int32_t id, FILE *out)
{
    write_groups(p, id, out);
    write_causes(p, id, out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_jobs_result *j = jobs_of(p, i, id);

        fprintf(out, "\n\n# policy %" PRId32 ": GPUs asked for, allocated (%%)\n", i);
        fputs("? ?\n", out); /* a block without rows would not be counted */
        for (int32_t k = 0; j != NULL && k < j->curve.n; k++) {
            write_value(out, j->curve.arrived_pct[k]);
            write_value(out, j->curve.allocated_pct[k]);
            fputc('\n', out);
        }
    }
}

/* ---- script ---- */

static const char *data_of(const struct report_plots *p, int32_t id)
{
    return sp_arena_printf(
        p->arena, "%s.dat",
        report_plot_stem(p, "jobs", id, p->r->policies[0].workloads[id].name));
}

static const char *legend_of(const struct report_plots *p, int32_t policy)
{
    return report_plot_quoted(p, p->r->policies[policy].name, LEGEND_COLUMNS);
}

static void write_group_tics(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_jobs_result *j = any_of(p, id);

    fputs("set xtics noenhanced (", out);
    for (int32_t g = 0; g < n_groups(p, id); g++)
        fprintf(out, "%s%s %" PRId32, g > 0 ? ", " : "",
                report_plot_tic(p, j->groups[g].name), g);
    fputs(")\nset xtics rotate by -30\n", out);
}

static void write_bars(const struct report_plots *p, int32_t id, int figure,
                       const char *title, FILE *out)
{
    int32_t n = p->r->n_policies;

    fprintf(out, "set title '%s'\nset ylabel '%s'\nplot ", title,
            unit_of(p, id, figure).name);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%s'%s' index 0 using %" PRId32 " lc rgb '%s' title %s",
                i > 0 ? ", " : "", data_of(p, id), 2 + figure * n + i,
                colours[i % COLOURS], legend_of(p, i));
    fputc('\n', out);
}

static void write_cause_bars(const struct report_plots *p, int32_t id, FILE *out)
{
    fputs("set title 'What the waiting was for'\nset ylabel '%'\nset yrange [0:100]\n"
          "set style histogram rowstacked\nset boxwidth 0.6\n"
          "set key outside right vertical noenhanced\nset xtics noenhanced (",
          out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                report_plot_tic(p, p->r->policies[i].name), i);
    fprintf(out, ")\nset xtics %s\nplot ",
            p->r->n_policies > 1 ? "rotate by -30" : "norotate");
    for (int c = 0; c < MODEL_CAUSES; c++)
        fprintf(out, "%s'%s' index 1 using %d lc rgb '%s' title '%s'",
                c > 0 ? ", " : "", data_of(p, id), 2 + c, colours[c % COLOURS],
                model_cause_name((enum model_cause)c));
    fputc('\n', out);
}

static void write_allocation(const struct report_plots *p, int32_t id, FILE *out)
{
    fputs("set title 'GPUs allocated while jobs come'\nset ylabel '% of the fleet'\n"
          "set xlabel 'GPUs asked for, % of the fleet'\nset yrange [0:105]\n"
          "set key bottom right noenhanced\nplot ",
          out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(out,
                "%s'%s' index %" PRId32 " using 1:2 with lines lw 2 lc rgb '%s' "
                "title %s",
                i > 0 ? ", " : "", data_of(p, id), i + 2, colours[i % COLOURS],
                legend_of(p, i));
    fputc('\n', out);
}

void report_plot_jobs_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *name = p->r->policies[0].workloads[id].name;
    bool done = any_done(p, id);

    report_plot_head(p, report_plot_stem(p, "jobs", id, name), done ? 900 : 520, out);
    fprintf(out,
            "set datafile missing '?'\nset multiplot layout %s title %s font "
            "',14' noenhanced\n",
            done ? "2,2" : "1,1",
            report_plot_quoted(p, sp_arena_printf(p->arena, "Jobs: %s", name),
                               REPORT_PLOT_TITLE));
    if (!done) {
        write_allocation(p, id, out);
    } else {
        fputs("set yrange [0:*]\nset style histogram clustered gap 1\n"
              "set style data histogram\nset boxwidth 0.9\n"
              "set key outside top center horizontal noenhanced\n",
              out);
        write_group_tics(p, id, out);
        write_bars(p, id, 0, "Queue wait, mean", out);
        fputs("unset key\n", out);
        write_bars(p, id, 1, "Queue wait, 99th percentile", out);
        write_bars(p, id, 2, "Completion, mean", out);
        write_cause_bars(p, id, out);
    }
    fputs("unset multiplot\nunset output\n", out);
}
