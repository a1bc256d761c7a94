/* A calibrated kernel: measured points with their intervals, the form fitted to them,
 * and how far off it is. */
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"

static const struct model_kernel_curve *curve_of(const struct report_plots *p,
                                                 int32_t id)
{
    return &p->r->curves[id];
}

static int32_t count(const struct report_plots *p)
{
    return p->r->n_curves;
}

static const char *name(const struct report_plots *p, int32_t id)
{
    return sp_arena_printf(p->arena, "%s-%s", curve_of(p, id)->kernel,
                           curve_of(p, id)->device);
}

/* One point needs no picture. */
static bool applies(const struct report_plots *p, int32_t id)
{
    const struct model_kernel_curve *c = curve_of(p, id);

    return c->n > 1 && !isnan(c->points[0].x);
}

static bool has_form(const struct model_kernel_curve *c)
{
    return c->n > 0 && !isnan(c->points[0].fitted_s);
}

static bool logarithmic(const struct model_kernel_curve *c)
{
    return c->points[0].x > 0 && c->points[c->n - 1].x >= 20 * c->points[0].x;
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_kernel_curve *c = curve_of(p, id);

    report_plot_data_head(p, "a kernel's times", out);
    fprintf(out, "# kernel %s on %s\n",
            report_plot_quoted(p->arena, c->kernel, REPORT_PLOT_TITLE),
            report_plot_quoted(p->arena, c->device, REPORT_PLOT_TITLE));
    fputs("# x, measured (s), half width of its 95 % interval (s), fitted (s), fitted "
          "against measured (%), half width of the measured (%), 1: converged\n",
          out);
    for (int32_t i = 0; i < c->n; i++) {
        const struct model_kernel_point *x = &c->points[i];

        fprintf(out, "%.17g", x->x);
        report_plot_value(out, x->measured_s);
        report_plot_value(out, x->half95_s);
        report_plot_value(out, x->fitted_s);
        report_plot_value(out, 100 * (x->fitted_s / x->measured_s - 1));
        report_plot_value(out, 100 * x->half95_s / x->measured_s);
        fprintf(out, " %d\n", x->converged);
    }
}

static void write_times(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_kernel_curve *c = curve_of(p, id);
    const char *stem = report_plot_stem(p, &report_plot_fit, id);

    fprintf(out, "set ylabel 'time of a call (s)'\nplot ");
    if (has_form(c))
        fprintf(out, "'%s.dat' using 1:4 with lines lw 2 lc rgb '#d55e00' title %s, ",
                stem,
                report_plot_quoted(p->arena, "the fitted form", REPORT_PLOT_LEGEND));
    fprintf(out,
            "'%s.dat' using 1:2:3 with yerrorbars pt 7 ps 0.9 lw 1.5 lc rgb '#08306b' "
            "title 'measured, 95 %% interval', "
            "'%s.dat' using 1:($7==0?$2:NaN) with points pt 6 ps 2 lc rgb '#000000' "
            "title 'not converged'\n",
            stem, stem);
}

static void write_residuals(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_fit, id);

    fprintf(out,
            "unset key\nunset logscale y\nset format y '%%g'\nset ylabel 'fitted "
            "against measured (%%)'\n"
            "plot 0 with lines lc rgb '#404040' notitle, '%s.dat' using 1:5:6 with "
            "yerrorbars pt 7 ps 0.9 lw 1.5 lc rgb '#d55e00' notitle\n",
            stem);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_kernel_curve *c = curve_of(p, id);
    char off[REPORT_FIGURE];
    struct report_panel panel = {.height = has_form(c) ? 720 : 480,
                                 .rows = has_form(c) ? 2 : 1,
                                 .columns = 1,
                                 .legend_frac = 0.22};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = report_plot_stem(p, &report_plot_fit, id),
            .title = sp_arena_printf(p->arena, "Kernel %s on %s", c->kernel, c->device),
            .subtitle =
                has_form(c)
                    ? sp_arena_printf(
                          p->arena, "profile %s; fitted: %s; at most %s off",
                          c->profile, c->form, report_format_percent(c->off_frac, off))
                    : sp_arena_printf(p->arena, "profile %s; no form was fitted",
                                      c->profile),
            .height = panel.height},
        out);
    fprintf(out, "set xlabel %s\nset grid x\nset offsets graph 0.03,graph 0.03,0,0\n",
            report_plot_quoted(p->arena, c->axis, REPORT_PLOT_LEGEND));
    if (logarithmic(c))
        fputs("set logscale xy\nset format x '%.4g'\nset format y '%.2g'\n", out);
    report_plot_panel(&panel, out);
    write_times(p, id, out);
    if (has_form(c)) {
        panel.index++;
        report_plot_panel(&panel, out);
        write_residuals(p, id, out);
    }
    report_plot_end(out);
}

const struct report_plot_family report_plot_fit = {
    .stem = "fit",
    .count = count,
    .applies = applies,
    .name = name,
    .data = write_data,
    .script = write_script,
};
