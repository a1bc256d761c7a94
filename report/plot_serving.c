/* Latencies of a serving workload by policy, and how many requests met the SLO over
 * time.  The data's first block has a row for each policy, the others (one a policy)
 * a row for each span of time in which a request ended. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { LEGEND_COLUMNS = 24, PERCENTILES = 3, COLOURS = 6 };

static const struct model_serving_result *served(const struct report_plots *p,
                                                 int32_t policy, int32_t id)
{
    const struct model_policy_result *x = &p->r->policies[policy];

    return id < x->n_workloads ? x->workloads[id].serving : NULL;
}

bool report_plot_serves(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (served(p, i, id) != NULL)
            return true;
    return false;
}

/* Policies whose requests have an SLO and ended at some time. */
static bool shows_times(const struct report_plots *p, int32_t policy, int32_t id)
{
    const struct model_serving_result *s = served(p, policy, id);
    int64_t finished = 0;

    for (int32_t b = 0; s != NULL && s->has_slo && b < s->n_buckets; b++)
        finished += s->finished[b];
    return finished > 0;
}

static bool any_times(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (shows_times(p, i, id))
            return true;
    return false;
}

static struct report_time_unit unit_of(const struct report_plots *p, int32_t id)
{
    double longest = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_serving_result *s = served(p, i, id);

        if (s != NULL)
            longest = fmax(longest, s->n_buckets * s->bucket_s);
    }
    return report_time_unit_of(longest);
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

static void write_times(FILE *out, const struct model_times *t, double per)
{
    write_value(out, t->p50_s.mean * per);
    write_value(out, t->p90_s.mean * per);
    write_value(out, t->p99_s.mean * per);
}

static void write_latencies(const struct report_plots *p, int32_t id, FILE *out)
{
    static const struct model_times none = {
        .p50_s = {NAN, NAN}, .p90_s = {NAN, NAN}, .p99_s = {NAN, NAN}};

    fputs("# policy, p50 p90 p99 of: TTFT (s), TPOT (ms), E2E (s)\n", out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_serving_result *s = served(p, i, id);

        fprintf(out, "%" PRId32, i);
        write_times(out, s != NULL ? &s->ttft : &none, 1);
        write_times(out, s != NULL ? &s->tpot : &none, 1000);
        write_times(out, s != NULL ? &s->e2e : &none, 1);
        fputc('\n', out);
    }
}

void report_plot_serving_data(const struct report_plots *p, int32_t id, FILE *out)
{
    struct report_time_unit unit = unit_of(p, id);

    write_latencies(p, id, out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_serving_result *s = served(p, i, id);

        fprintf(out, "\n\n# policy %" PRId32 ": middle of the span (%s), %% that met\n",
                i, unit.name);
        fputs("? ?\n", out); /* a block without rows would not be counted */
        for (int32_t b = 0; s != NULL && s->has_slo && b < s->n_buckets; b++)
            if (s->finished[b] > 0)
                fprintf(out, "%.17g %.17g\n", (b + 0.5) * s->bucket_s / unit.seconds,
                        100 * (double)s->met[b] / (double)s->finished[b]);
    }
}

/* ---- script ---- */

static const char *data_of(const struct report_plots *p, int32_t id)
{
    return sp_arena_printf(
        p->arena, "%s.dat",
        report_plot_stem(p, "serving", id, p->r->policies[0].workloads[id].name));
}

static void write_tics(const struct report_plots *p, FILE *out)
{
    fputs("set xtics noenhanced (", out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                report_plot_tic(p, p->r->policies[i].name), i);
    fprintf(out, ")\nset xtics %s\n",
            p->r->n_policies > 3 ? "rotate by -30" : "norotate");
}

static void write_bars(const struct report_plots *p, int32_t id, const char *title,
                       const char *unit, int first, FILE *out)
{
    static const char *const colours[PERCENTILES] = {"#9dc3e6", "#2e75b6", "#1f4e79"};
    static const char *const names[PERCENTILES] = {"p50", "p90", "p99"};

    fprintf(out, "set title '%s'\nset ylabel '%s'\nplot ", title, unit);
    for (int i = 0; i < PERCENTILES; i++)
        fprintf(out, "%s'%s' index 0 using %d lc rgb '%s' title '%s'",
                i > 0 ? ", " : "", data_of(p, id), first + i, colours[i], names[i]);
    fputc('\n', out);
}

static void write_attainment(const struct report_plots *p, int32_t id, FILE *out)
{
    static const char *const colours[COLOURS] = {"#1f4e79", "#ed7d31", "#70ad47",
                                                 "#7030a0", "#a6a6a6", "#c00000"};
    const char *comma = "";

    fprintf(out,
            "set title 'Requests that met the SLO'\nset ylabel '%%'\n"
            "set style data linespoints\nset xtics autofreq norotate\n"
            "set xlabel 'time (%s)'\nset yrange [0:105]\nset xrange [0:*]\nplot ",
            unit_of(p, id).name);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        if (!shows_times(p, i, id))
            continue;
        fprintf(out,
                "%s'%s' index %" PRId32 " using 1:2 lc rgb '%s' pt 7 ps 0.4 title %s",
                comma, data_of(p, id), i + 1, colours[i % COLOURS],
                report_plot_quoted(p, p->r->policies[i].name, LEGEND_COLUMNS));
        comma = ", ";
    }
    fputc('\n', out);
}

void report_plot_serving_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *name = p->r->policies[0].workloads[id].name;

    report_plot_head(p, report_plot_stem(p, "serving", id, name), 800, out);
    fprintf(out, "set multiplot layout 2,2 title %s font ',14' noenhanced\n",
            report_plot_quoted(p, sp_arena_printf(p->arena, "Serving: %s", name),
                               REPORT_PLOT_TITLE));
    fputs("set datafile missing '?'\nset yrange [0:*]\n"
          "set key outside top center horizontal noenhanced\nset style histogram "
          "clustered gap 1\n"
          "set style data histogram\nset boxwidth 0.9\n",
          out);
    write_tics(p, out);
    write_bars(p, id, "Time to first token", "s", 2, out);
    fputs("unset key\n", out);
    write_bars(p, id, "Time per output token", "ms", 5, out);
    write_bars(p, id, "End to end", "s", 8, out);
    fputs("set key inside bottom left vertical noenhanced\n", out);
    if (any_times(p, id))
        write_attainment(p, id, out);
    fputs("unset multiplot\nunset output\n", out);
}
