/* Cost and time against an input, from runs of the database that differ in it alone: a
 * line for each policy. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"
#include "report/plot_runs.h"

static int32_t count(const struct report_plots *p)
{
    return report_plot_inputs_of(p).n;
}

static const struct report_change *input_of(const struct report_plots *p, int32_t id)
{
    return report_plot_inputs_of(p).inputs[id];
}

static const char *name(const struct report_plots *p, int32_t id)
{
    return input_of(p, id)->name;
}

/* Runs at other values of this input alone, in order of the value; this run too, as
 * SP_NO_ID.  Of runs at the same value the last one counts. */
struct points {
    int32_t n;
    double *x;
    int32_t *other;
};

static void add_point(struct points *s, double x, int32_t other)
{
    int32_t at = s->n;

    for (int32_t i = 0; i < s->n; i++)
        if (s->x[i] == x) {
            s->other[i] = other;
            return;
        }
    for (; at > 0 && s->x[at - 1] > x; at--) {
        s->x[at] = s->x[at - 1];
        s->other[at] = s->other[at - 1];
    }
    s->x[at] = x;
    s->other[at] = other;
    s->n++;
}

static struct model_stat usd_of(const struct report_plots *p, int32_t other,
                                int32_t policy)
{
    return other == SP_NO_ID ? p->r->policies[policy].cost.usd
                             : p->context->others[other].usd[policy];
}

static struct model_stat time_of(const struct report_plots *p, int32_t other,
                                 int32_t policy)
{
    return other == SP_NO_ID ? p->r->policies[policy].time_s
                             : p->context->others[other].time_s[policy];
}

static bool any_ran(const struct report_plots *p, int32_t other)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (isfinite(time_of(p, other, i).mean))
            return true;
    return false;
}

static struct points points_of(const struct report_plots *p, int32_t id)
{
    const struct report_change *input = input_of(p, id);
    const size_t room = (size_t)p->context->n_others + 1;
    struct points s = {.x = sp_arena_array(p->arena, room, sizeof *s.x),
                       .other = sp_arena_array(p->arena, room, sizeof *s.other)};

    for (int32_t i = 0; i < p->context->n_others; i++) {
        const struct report_other *o = &p->context->others[i];

        if (o->n_changes == 1 && report_plot_same_input(&o->changes[0], input) &&
            isfinite(o->changes[0].there) && any_ran(p, i))
            add_point(&s, o->changes[0].there, i);
    }
    add_point(&s, input->here, SP_NO_ID);
    return s;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return points_of(p, id).n > 1;
}

static struct report_time_unit unit_of(const struct report_plots *p,
                                       const struct points *s)
{
    double longest = 0;

    for (int32_t k = 0; k < s->n; k++)
        for (int32_t i = 0; i < p->r->n_policies; i++)
            longest = fmax(longest, time_of(p, s->other[k], i).mean);
    return report_time_unit_of(longest);
}

/* ---- data ---- */

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct points s = points_of(p, id);
    const struct report_time_unit unit = unit_of(p, &s);
    const struct report_change *input = input_of(p, id);

    report_plot_data_head(p, "cost and time against an input", out);
    fprintf(
        out,
        "# a block for each policy: %s (%s), cost (USD), half width, time (%s), half "
        "width\n",
        report_plot_quoted(p->arena, input->name, REPORT_PLOT_TITLE),
        report_plot_quoted(p->arena, input->unit, REPORT_PLOT_LEGEND), unit.name);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        fprintf(
            out, "\n\n# policy %s\n",
            report_plot_quoted(p->arena, p->r->policies[i].name, REPORT_PLOT_TITLE));
        for (int32_t k = 0; k < s.n; k++) {
            struct model_stat usd = usd_of(p, s.other[k], i);
            struct model_stat time = time_of(p, s.other[k], i);

            fprintf(out, "%.17g", s.x[k]);
            report_plot_value(out, usd.mean);
            report_plot_value(out, isnan(usd.half95) ? 0 : usd.half95);
            report_plot_value(out, time.mean / unit.seconds);
            report_plot_value(out, isnan(time.half95) ? 0 : time.half95 / unit.seconds);
            fputc('\n', out);
        }
    }
}

/* ---- script ---- */

typedef struct model_stat stat_fn(const struct report_plots *p, int32_t other,
                                  int32_t policy);

/* One of the two panels. */
struct lines {
    stat_fn *of;
    int column;
    const char *label;
};

static bool has_any(const struct report_plots *p, const struct points *s, stat_fn *of,
                    int32_t policy)
{
    for (int32_t k = 0; k < s->n; k++)
        if (isfinite(of(p, s->other[k], policy).mean))
            return true;
    return false;
}

static bool any_usd(const struct report_plots *p, const struct points *s)
{
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (has_any(p, s, usd_of, i))
            return true;
    return false;
}

/* Policies without a figure at any point have no line: gnuplot would complain. */
static void write_lines(const struct report_plots *p, int32_t id,
                        const struct points *s, const struct lines *lines, FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_sweep, id), *before = "plot ";

    fprintf(out, "set ylabel '%s'\n", lines->label);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        if (!has_any(p, s, lines->of, i))
            continue;
        fprintf(
            out,
            "%s'%s.dat' index %" PRId32
            " using 1:%d:%d with yerrorlines lw 1.5 %s %s title %s",
            before, stem, i, lines->column, lines->column + 1, report_plot_line(p, i),
            strstr(report_plot_point(p, i), "pt"),
            report_plot_quoted(p->arena, p->r->policies[i].name, REPORT_PLOT_LEGEND));
        before = ", ";
    }
    fputc('\n', out);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct points s = points_of(p, id);
    const struct report_change *input = input_of(p, id);
    const bool usd = any_usd(p, &s);
    struct report_panel panel = {
        .height = 500, .rows = 1, .columns = 1 + usd, .legend_frac = 0.22};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_sweep, id),
            .title = sp_arena_printf(p->arena, "Against %s", input->name),
            .subtitle = sp_arena_printf(
                p->arena, "%s; %" PRId32 " runs of scenario %s that differ in it alone",
                input->group, s.n, p->r->name),
            .height = panel.height},
        out);
    fprintf(out,
            "set xlabel %s\nset yrange [0:*]\nset grid x\n"
            "set offsets graph 0.04,graph 0.04,graph 0.05,0\n",
            report_plot_quoted(
                p->arena,
                *input->unit == '\0'
                    ? input->name
                    : sp_arena_printf(p->arena, "%s (%s)", input->name, input->unit),
                60));
    report_plot_panel(&panel, out);
    if (usd) {
        write_lines(p, id, &s, &(struct lines){usd_of, 2, "cost (USD)"}, out);
        fputs("unset key\n", out);
        panel.index++;
        report_plot_panel(&panel, out);
    }
    write_lines(p, id, &s,
                &(struct lines){time_of, 4,
                                sp_arena_printf(p->arena, "time of the run (%s)",
                                                unit_of(p, &s).name)},
                out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_sweep = {
    .stem = "sweep",
    .count = count,
    .applies = applies,
    .name = name,
    .data = write_data,
    .script = write_script,
};
