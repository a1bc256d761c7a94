/* Cost against what is had for it: a point for each policy with its intervals, and the
 * Pareto front, on which nothing is both cheaper and better. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/format.h"
#include "report/plot_parts.h"

/* ---- what is had ---- */

static const struct model_stat nothing = {NAN, NAN};

static struct model_stat run_time(const struct model_policy_result *x,
                                  const struct model_workload_result *w)
{
    return w->serving == NULL && w->done > 0 ? x->time_s : nothing;
}

static struct model_stat slo_attained(const struct model_policy_result *x,
                                      const struct model_workload_result *w)
{
    (void)x;
    if (w->serving == NULL || !w->serving->has_slo)
        return nothing;
    return (struct model_stat){100 * w->serving->slo_attained.mean,
                               100 * w->serving->slo_attained.half95};
}

static struct model_stat e2e_p99(const struct model_policy_result *x,
                                 const struct model_workload_result *w)
{
    (void)x;
    return w->serving != NULL ? w->serving->e2e.p99_s : nothing;
}

static struct model_stat latency_p99(const struct model_policy_result *x,
                                     const struct model_workload_result *w)
{
    (void)x;
    return w->serving == NULL && w->jobs == NULL && w->done > 0 ? w->latency.p99_s
                                                                : nothing;
}

static struct model_stat completion_mean(const struct model_policy_result *x,
                                         const struct model_workload_result *w)
{
    (void)x;
    return w->jobs != NULL && w->jobs->groups[0].done > 0
               ? w->jobs->groups[0].completion.mean_s
               : nothing;
}

static const struct measure {
    const char *title, *label;
    bool more_is_better, is_time;
    struct model_stat (*of)(const struct model_policy_result *x,
                            const struct model_workload_result *w);
} measures[] = {
    {"Cost against the time of the run", "run", false, true, run_time},
    {"Cost against SLO attainment", "requests that met the SLO (%)", true, false,
     slo_attained},
    {"Cost against end-to-end p99", "end to end, p99", false, true, e2e_p99},
    {"Cost against latency p99", "latency, p99", false, true, latency_p99},
    {"Cost against completion time", "completion, mean", false, true, completion_mean},
};
enum { MEASURES = sizeof measures / sizeof measures[0] };

static struct model_stat had(const struct report_plots *p, int32_t policy, int32_t id,
                             int measure)
{
    const struct model_workload_result *w = report_plot_workload(p, policy, id);

    if (w == NULL || !p->r->policies[policy].cost.known)
        return nothing;
    return measures[measure].of(&p->r->policies[policy], w);
}

/* Two policies at least have it, and it is not the same in all of them. */
static bool shows(const struct report_plots *p, int32_t id, int measure)
{
    double first = NAN;
    bool differs = false;
    int n = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        double x = had(p, i, id, measure).mean;

        if (isnan(x))
            continue;
        first = n++ == 0 ? x : first;
        differs = differs || fabs(x - first) > 1e-9 * fabs(first);
    }
    return n > 1 && (differs || measure == 0);
}

static int n_shown(const struct report_plots *p, int32_t id)
{
    int n = 0;

    for (int m = 0; m < MEASURES; m++)
        n += shows(p, id, m);
    return n;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return n_shown(p, id) > 0;
}

/* ---- the front ---- */

static bool dominated(const struct report_plots *p, int32_t policy, int32_t id,
                      int measure)
{
    const double sign = measures[measure].more_is_better ? -1 : 1;
    double usd = p->r->policies[policy].cost.usd.mean;
    double x = sign * had(p, policy, id, measure).mean;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        double other_usd = p->r->policies[i].cost.usd.mean;
        double other = sign * had(p, i, id, measure).mean;

        if (other_usd <= usd && other <= x && (other_usd < usd || other < x))
            return true;
    }
    return false;
}

static int32_t front(const struct report_plots *p, int32_t id, int measure,
                     int32_t *policies)
{
    int32_t n = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        int32_t at = n;

        if (isnan(had(p, i, id, measure).mean) || dominated(p, i, id, measure))
            continue;
        for (; at > 0 &&
               had(p, policies[at - 1], id, measure).mean > had(p, i, id, measure).mean;
             at--)
            policies[at] = policies[at - 1];
        policies[at] = i;
        n++;
    }
    return n;
}

/* ---- data ---- */

static struct report_time_unit unit_of(const struct report_plots *p, int32_t id,
                                       int measure)
{
    double longest = 0;

    if (!measures[measure].is_time)
        return (struct report_time_unit){"", 1};
    for (int32_t i = 0; i < p->r->n_policies; i++)
        longest = fmax(longest, had(p, i, id, measure).mean);
    return report_time_unit_of(longest);
}

static void write_point(const struct report_plots *p, int32_t policy, int32_t id,
                        int measure, FILE *out)
{
    struct model_stat x = had(p, policy, id, measure);
    struct model_stat usd = p->r->policies[policy].cost.usd;
    double per = unit_of(p, id, measure).seconds;

    fprintf(out, "%" PRId32, policy);
    report_plot_value(out, x.mean / per);
    report_plot_value(out, isfinite(x.mean) && isnan(x.half95) ? 0 : x.half95 / per);
    report_plot_value(out, isnan(x.mean) ? NAN : usd.mean);
    report_plot_value(out, isnan(x.mean) ? NAN : isnan(usd.half95) ? 0 : usd.half95);
    fprintf(out, " %d\n", !isnan(x.mean) && !dominated(p, policy, id, measure));
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    int32_t *policies =
        sp_arena_array(p->arena, (size_t)p->r->n_policies, sizeof *policies);

    report_plot_data_head(p, "cost against what is had for it", out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        report_plot_data_name(p, i, p->r->policies[i].name, out);
    for (int m = 0; m < MEASURES; m++) {
        int32_t n = front(p, id, m, policies);

        if (!shows(p, id, m))
            continue;
        fprintf(out,
                "\n\n# policy, %s%s%s%s, half width, cost (USD), half width; 1: on the "
                "Pareto front\n",
                measures[m].label, measures[m].is_time ? " (" : "",
                unit_of(p, id, m).name, measures[m].is_time ? ")" : "");
        for (int32_t i = 0; i < p->r->n_policies; i++)
            write_point(p, i, id, m, out);
        fputs("\n\n# the front, in order\n", out);
        for (int32_t i = 0; i < n; i++)
            write_point(p, policies[i], id, m, out);
    }
}

/* ---- script ---- */

static void write_panel(const struct report_plots *p, int32_t id, int measure,
                        int block, FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_tradeoff, id);
    const struct measure *m = &measures[measure];
    int32_t *policies =
        sp_arena_array(p->arena, (size_t)p->r->n_policies, sizeof *policies);

    fprintf(
        out,
        "set title '%s' offset 0,-0.6\nset xrange [0:%s]\nset xlabel '%s%s%s%s'\nplot ",
        m->title, m->is_time ? "*" : "105", m->label, m->is_time ? " (" : "",
        unit_of(p, id, measure).name, m->is_time ? ")" : "");
    if (front(p, id, measure, policies) > 1)
        fprintf(out,
                "'%s.dat' index %d using 2:4 with %s lw 1 dt '-' lc rgb '#707070' "
                "title 'Pareto front', ",
                stem, block + 1, m->more_is_better ? "fsteps" : "steps");
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(
            out,
            "'%s.dat' index %d every ::%" PRId32 "::%" PRId32
            " using 2:4:($3):($5) with xyerrorbars ps 1.4 lw 1.5 %s title %s, ",
            stem, block, i, i, report_plot_point(p, i),
            report_plot_quoted(p->arena, p->r->policies[i].name, REPORT_PLOT_LEGEND));
    fprintf(out,
            "'%s.dat' index %d using 2:($6==1?$4:NaN) with points pt 6 ps 2.6 lw 1.5 "
            "lc rgb '#404040' title 'on the front'\n",
            stem, block);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const int n = n_shown(p, id);
    struct report_panel panel = {
        .height = 540, .rows = 1, .columns = n, .legend_frac = 0.22, .left = 104};
    int block = 0;

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_tradeoff, id),
            .title = sp_arena_printf(p->arena, "What the money buys: %s",
                                     report_plot_workload_name(p, id)),
            .subtitle = sp_arena_printf(
                p->arena, "a point for each policy%s; scenario %s",
                p->r->n_runs > 1 ? ", bars: 95 % intervals" : "", p->r->name),
            .height = panel.height},
        out);
    fputs("set ylabel 'USD'\nset yrange [0:*]\nset grid x\n"
          "set offsets 0,graph 0.05,graph 0.08,0\n",
          out);
    for (int m = 0; m < MEASURES; m++) {
        if (!shows(p, id, m))
            continue;
        report_plot_panel(&panel, out);
        write_panel(p, id, m, block, out);
        fputs("unset key\n", out);
        block += 2;
        panel.index++;
    }
    report_plot_end(out);
}

const struct report_plot_family report_plot_tradeoff = {
    .stem = "tradeoff",
    .count = report_plot_count_workloads,
    .applies = applies,
    .name = report_plot_workload_name,
    .data = write_data,
    .script = write_script,
};
