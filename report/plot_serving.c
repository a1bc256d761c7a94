/* Latencies of a serving workload by policy, and how many requests met the SLO over
 * time.  The data's first block has a row for each policy, the others (one a policy)
 * a row for each span of time in which a request ended. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { PERCENTILES = 3 };

static const struct model_serving_result *served(const struct report_plots *p,
                                                 int32_t policy, int32_t id)
{
    const struct model_policy_result *x = &p->r->policies[policy];

    return id < x->n_workloads ? x->workloads[id].serving : NULL;
}

static bool applies(const struct report_plots *p, int32_t id)
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

static void write_times(FILE *out, const struct model_times *t, double per)
{
    report_plot_value(out, t->p50_s.mean * per);
    report_plot_value(out, t->p90_s.mean * per);
    report_plot_value(out, t->p99_s.mean * per);
}

static void write_latencies(const struct report_plots *p, int32_t id, FILE *out)
{
    static const struct model_times none = {
        .p50_s = {NAN, NAN}, .p90_s = {NAN, NAN}, .p99_s = {NAN, NAN}};

    report_plot_data_head(p, "latencies of requests and who met the SLO", out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        report_plot_data_name(p, i, p->r->policies[i].name, out);
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

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
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
    return sp_arena_printf(p->arena, "%s.dat",
                           report_plot_stem(p, &report_plot_serving, id));
}

static void write_bars(const struct report_plots *p, int32_t id, const char *title,
                       const char *unit, int first, FILE *out)
{
    static const char *const colours[PERCENTILES] = {"#9ecae1", "#3182bd", "#08306b"};
    static const char *const names[PERCENTILES] = {"p50", "p90", "p99"};

    fprintf(out, "set title '%s' offset 0,-0.6\nset ylabel '%s'\nplot ", title, unit);
    for (int i = 0; i < PERCENTILES; i++)
        fprintf(out,
                "%s'%s' index 0 using ($1+%.2f):%d with boxes lc rgb '%s' title '%s'",
                i > 0 ? ", " : "", data_of(p, id), 0.25 * (i - 1), first + i,
                colours[i], names[i]);
    fputc('\n', out);
}

static void write_attainment(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *comma = "";

    fprintf(out,
            "set title 'Requests that met the SLO' offset 0,-0.6\nset ylabel '%%'\n"
            "set xtics autofreq norotate\nset xlabel 'time (%s)'\nset yrange [0:105]\n"
            "set xrange [0:*]\nset key at screen 0.83,%.3f left top vertical Left "
            "reverse noenhanced samplen 2\nplot ",
            unit_of(p, id).name, 0.48);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        if (!shows_times(p, i, id))
            continue;
        fprintf(out,
                "%s'%s' index %" PRId32 " using 1:2 with linespoints ps 0.6 lw 1.5 %s "
                "%s title %s",
                comma, data_of(p, id), i + 1, report_plot_line(p, i),
                strstr(report_plot_point(p, i), "pt"),
                report_plot_quoted(p->arena, p->r->policies[i].name, 22));
        comma = ", ";
    }
    fputc('\n', out);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    static const struct {
        const char *title, *unit;
        int column;
    } figures[] = {{"Time to first token", "s", 2},
                   {"Time per output token", "ms", 5},
                   {"End to end", "s", 8}};
    struct report_panel panel = {.height = 860,
                                 .rows = 2,
                                 .columns = 2,
                                 .legend_frac = 0.18,
                                 .under = report_plot_policy_tics_px(p)};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_serving, id),
            .title = sp_arena_printf(p->arena, "Serving: %s",
                                     report_plot_workload_name(p, id)),
            .subtitle = sp_arena_printf(
                p->arena,
                "latencies, means over the replications; SLO over time, first "
                "replication; scenario %s",
                p->r->name),
            .height = panel.height},
        out);
    fputs("set yrange [0:*]\nset boxwidth 0.23\n", out);
    report_plot_policy_tics(p, NULL, out);
    for (int i = 0; i < 3; i++, panel.index++) {
        report_plot_panel(&panel, out);
        write_bars(p, id, figures[i].title, figures[i].unit, figures[i].column, out);
        fputs("unset key\n", out);
    }
    report_plot_panel(&panel, out);
    if (any_times(p, id))
        write_attainment(p, id, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_serving = {
    .stem = "serving",
    .count = report_plot_count_workloads,
    .applies = applies,
    .name = report_plot_workload_name,
    .data = write_data,
    .script = write_script,
};
