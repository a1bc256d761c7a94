/* Cumulative distributions of a workload's times: policies over each other, a panel for
 * each kind of time, the SLO as a line. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "report/plot_parts.h"

/* Kinds in the order in which they are drawn. */
static const struct kind {
    const char *what, *title;
    size_t slo; /* of struct model_serving_result; 0: none */
} kinds[] = {
    {"ttft", "Time to first token", offsetof(struct model_serving_result, slo_ttft_s)},
    {"tpot", "Time per output token",
     offsetof(struct model_serving_result, slo_tpot_s)},
    {"e2e", "End to end", offsetof(struct model_serving_result, slo_e2e_s)},
    {"queue", "Queue wait", 0},
    {"completion", "Completion", 0},
    {"latency", "Latency", 0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct model_cdf *cdf_of(const struct report_plots *p, int32_t policy,
                                      int32_t id, int kind)
{
    const struct model_workload_result *w = report_plot_workload(p, policy, id);

    for (int32_t i = 0; w != NULL && i < w->n_cdfs; i++)
        if (strcmp(w->cdfs[i].what, kinds[kind].what) == 0)
            return &w->cdfs[i];
    return NULL;
}

/* Time 0 has no place on a logarithmic axis. */
static bool shows(const struct report_plots *p, int32_t policy, int32_t id, int kind)
{
    const struct model_cdf *c = cdf_of(p, policy, id, kind);

    return c != NULL && c->n > 0 && c->s[c->n - 1] > 0;
}

static bool any_shows(const struct report_plots *p, int32_t id, int kind)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (shows(p, i, id, kind))
            return true;
    return false;
}

static int n_kinds(const struct report_plots *p, int32_t id)
{
    int n = 0;

    for (int k = 0; k < KINDS; k++)
        n += any_shows(p, id, k);
    return n;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return n_kinds(p, id) > 0;
}

/* NaN: none, or policies differ. */
static double slo_of(const struct report_plots *p, int32_t id, int kind)
{
    double slo = NAN, x;

    for (int32_t i = 0; i < p->r->n_policies && kinds[kind].slo > 0; i++) {
        const struct model_workload_result *w = report_plot_workload(p, i, id);

        if (w == NULL || w->serving == NULL || !w->serving->has_slo)
            continue;
        memcpy(&x, (const char *)w->serving + kinds[kind].slo, sizeof x);
        if (x > 0 && !isnan(slo) && x != slo)
            return NAN;
        slo = x > 0 ? x : slo;
    }
    return slo;
}

/* ---- data ---- */

static void write_curve(const struct model_cdf *c, FILE *out)
{
    fprintf(out, "%.17g 0\n", c->s[0]);
    for (int32_t i = 0; i < c->n; i++)
        fprintf(out, "%.17g %.17g\n", c->s[i], 100 * c->frac[i]);
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    report_plot_data_head(p, "cumulative distributions, first replication", out);
    fputs("# a block for each kind of time and policy: time (s), % of all that took at "
          "most that long\n",
          out);
    for (int k = 0; k < KINDS; k++)
        for (int32_t i = 0; any_shows(p, id, k) && i < p->r->n_policies; i++) {
            fprintf(out, "\n\n# %s; policy %s\n", kinds[k].what,
                    report_plot_quoted(p->arena, p->r->policies[i].name,
                                       REPORT_PLOT_TITLE));
            if (shows(p, i, id, k))
                write_curve(cdf_of(p, i, id, k), out);
            else
                fputs("? ?\n", out); /* a block without rows would not be counted */
        }
}

/* ---- script ---- */

/* All of the curves, a little on either side. */
static void write_range(const struct report_plots *p, int32_t id, int kind, FILE *out)
{
    double least = INFINITY, most = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_cdf *c = cdf_of(p, i, id, kind);

        for (int32_t k = 0; shows(p, i, id, kind) && k < c->n; k++) {
            least = c->s[k] > 0 ? fmin(least, c->s[k]) : least;
            most = fmax(most, c->s[k]);
        }
    }
    if (most > 3 * least)
        fprintf(out, "set logscale x\nset xrange [%.3g:%.3g]\n", 0.8 * least,
                1.25 * most);
    else
        fprintf(out, "unset logscale x\nset xrange [0:%.3g]\n", 1.25 * most);
}

static void write_panel(const struct report_plots *p, int32_t id, int kind, int block,
                        FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_latency, id);
    const double slo = slo_of(p, id, kind);

    if (n_kinds(p, id) > 1)
        fprintf(out, "set title '%s' offset 0,-0.6\n", kinds[kind].title);
    fprintf(out, "set xlabel '%s (s)'\n", kinds[kind].title);
    fputs("unset arrow\n", out);
    if (slo > 0)
        fprintf(out,
                "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead "
                "lw 1.5 dt '-' lc rgb '#b2182b' front\n"
                "set label 9 'SLO' at first %.17g, graph 0.06 left offset 0.4,0 tc rgb "
                "'#b2182b' front\n",
                slo, slo, slo);
    else
        fputs("unset label 9\n", out);
    write_range(p, id, kind, out);
    fputs("plot ", out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const char *name =
            report_plot_quoted(p->arena, p->r->policies[i].name, REPORT_PLOT_LEGEND);

        if (shows(p, i, id, kind))
            fprintf(out,
                    "'%s.dat' index %" PRId32
                    " using 1:2 with steps lw 2 %s title %s, ",
                    stem, block + i, report_plot_line(p, i), name);
        else /* in the legend, which is the first panel's, all the same */
            fprintf(out, "NaN with lines lw 2 %s title %s, ", report_plot_line(p, i),
                    name);
    }
    fputs("NaN notitle\n", out);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *name = report_plot_workload_name(p, id);
    const int n = n_kinds(p, id), rows = n > 2 ? 2 : 1;
    struct report_panel panel = {.height = rows > 1 ? 800 : 520,
                                 .rows = rows,
                                 .columns = n > 1 ? 2 : 1,
                                 .legend_frac = 0.22};
    int block = 0;

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_latency, id),
            .title = sp_arena_printf(p->arena, "Times of %s, by policy", name),
            .subtitle = sp_arena_printf(p->arena,
                                        "share of all that took at most so long; "
                                        "scenario %s, first replication",
                                        p->r->name),
            .height = panel.height},
        out);
    fputs("set format x '%.3g'\nset grid x\nset yrange [0:102]\n"
          "set ylabel '%'\n",
          out);
    for (int k = 0; k < KINDS; k++) {
        if (!any_shows(p, id, k))
            continue;
        report_plot_panel(&panel, out);
        write_panel(p, id, k, block, out);
        fputs("unset key\n", out);
        block += p->r->n_policies;
        panel.index++;
    }
    report_plot_end(out);
}

const struct report_plot_family report_plot_latency = {
    .stem = "latency",
    .count = report_plot_count_workloads,
    .applies = applies,
    .name = report_plot_workload_name,
    .data = write_data,
    .script = write_script,
};
