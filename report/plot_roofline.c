/* Roofline: what kernels reach against what their device could at most, by how many
 * operations they do for each byte that they move. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/plot_parts.h"

static bool has_place(const struct model_kernel_curve *c)
{
    return c->n > 0 && c->flop > 0 && c->bytes > 0 &&
           c->points[c->n - 1].measured_s > 0;
}

static double intensity(const struct model_kernel_curve *c)
{
    return c->flop / c->bytes;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    (void)id;
    for (int32_t i = 0; i < p->r->n_curves; i++)
        if (has_place(&p->r->curves[i]))
            return true;
    return false;
}

/* ---- roofs ---- */

static bool has_roof(const struct model_kernel_curve *c)
{
    return has_place(c) && c->peak_flop_per_s > 0 && c->peak_bytes_per_s > 0;
}

static bool same_roof(const struct model_kernel_curve *a,
                      const struct model_kernel_curve *b)
{
    return strcmp(a->device, b->device) == 0 && strcmp(a->profile, b->profile) == 0 &&
           a->peak_flop_per_s == b->peak_flop_per_s &&
           a->peak_bytes_per_s == b->peak_bytes_per_s;
}

/* Whether no curve before has the same. */
static bool first_of_roof(const struct report_plots *p, int32_t id)
{
    for (int32_t i = 0; i < id; i++)
        if (has_roof(&p->r->curves[i]) &&
            same_roof(&p->r->curves[i], &p->r->curves[id]))
            return false;
    return has_roof(&p->r->curves[id]);
}

/* ---- data ---- */

static void range_of(const struct report_plots *p, double *least, double *most)
{
    *least = INFINITY;
    *most = 0;
    for (int32_t i = 0; i < p->r->n_curves; i++) {
        const struct model_kernel_curve *c = &p->r->curves[i];

        if (!has_place(c))
            continue;
        *least = fmin(*least, intensity(c));
        *most = fmax(*most, intensity(c));
        if (has_roof(c)) {
            *least = fmin(*least, c->peak_flop_per_s / c->peak_bytes_per_s);
            *most = fmax(*most, c->peak_flop_per_s / c->peak_bytes_per_s);
        }
    }
    *least /= 4;
    *most *= 4;
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    double least, most;

    (void)id;
    range_of(p, &least, &most);
    report_plot_data_head(p, "roofline, calls at the largest x measured", out);
    for (int32_t i = 0; i < p->r->n_curves; i++)
        report_plot_data_name(p, i, p->r->curves[i].kernel, out);
    fputs("# kernel, flop per byte, reached (flop/s), roof there (flop/s)\n", out);
    for (int32_t i = 0; i < p->r->n_curves; i++) {
        const struct model_kernel_curve *c = &p->r->curves[i];

        if (!has_place(c))
            continue;
        fprintf(out, "%" PRId32, i);
        report_plot_value(out, intensity(c));
        report_plot_value(out, c->flop / c->points[c->n - 1].measured_s);
        report_plot_value(out, has_roof(c) ? fmin(c->peak_flop_per_s,
                                                  intensity(c) * c->peak_bytes_per_s)
                                           : NAN);
        fputc('\n', out);
    }
    for (int32_t i = 0; i < p->r->n_curves; i++) {
        const struct model_kernel_curve *c = &p->r->curves[i];

        if (!first_of_roof(p, i))
            continue;
        fprintf(out, "\n\n# roof of %s (%s): flop per byte, flop/s\n",
                report_plot_quoted(p->arena, c->device, REPORT_PLOT_TITLE),
                report_plot_quoted(p->arena, c->peak_source, REPORT_PLOT_TITLE));
        fprintf(out, "%.17g %.17g\n", least, least * c->peak_bytes_per_s);
        fprintf(out, "%.17g %.17g\n", c->peak_flop_per_s / c->peak_bytes_per_s,
                c->peak_flop_per_s);
        fprintf(out, "%.17g %.17g\n", most, c->peak_flop_per_s);
    }
}

/* ---- script ---- */

static void write_plot(const struct report_plots *p, FILE *out)
{
    const char *comma = "";
    int32_t row = 0, block = 1;

    fputs("plot ", out);
    for (int32_t i = 0; i < p->r->n_curves; i++)
        if (first_of_roof(p, i)) {
            fprintf(out,
                    "%s'roofline.dat' index %" PRId32 " with lines lw 2 %s title %s",
                    comma, block, report_plot_line(p, block - 1),
                    report_plot_quoted(p->arena,
                                       sp_arena_printf(p->arena, "%s, %s",
                                                       p->r->curves[i].device,
                                                       p->r->curves[i].peak_source),
                                       REPORT_PLOT_LEGEND));
            block++;
            comma = ", ";
        }
    for (int32_t i = 0; i < p->r->n_curves; i++)
        if (has_place(&p->r->curves[i])) {
            fprintf(out,
                    "%s'roofline.dat' index 0 every ::%" PRId32 "::%" PRId32
                    " using 2:3 with points ps 1.6 %s title %s",
                    comma, row, row, report_plot_point(p, row),
                    report_plot_quoted(p->arena, p->r->curves[i].kernel,
                                       REPORT_PLOT_LEGEND));
            row++;
            comma = ", ";
        }
    fputc('\n', out);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    struct report_panel panel = {
        .height = 560, .rows = 1, .columns = 1, .legend_frac = 0.24, .left = 104};

    (void)id;
    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = "roofline",
            .title = sp_arena_printf(p->arena, "Roofline of calibrated kernels: %s",
                                     p->r->name),
            .subtitle = "calls at the largest size measured; a device's roof is the "
                        "lesser of its operations and of what its memory feeds",
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fputs("set logscale xy\nset grid x\nset format x '%.3g'\nset format y '%.0e'\n"
          "set xlabel 'operations for each byte moved (flop/byte)'\n"
          "set ylabel 'reached (flop/s)'\n",
          out);
    write_plot(p, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_roofline = {
    .stem = "roofline",
    .count = report_plot_count_one,
    .applies = applies,
    .data = write_data,
    .script = write_script,
};
