/* What the GPUs and CPUs of a policy did over time, stacked, and what waited. */
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"

enum { BUSY, IDLE, STRANDED, UNALLOCATED, LAYERS };

static const struct layer {
    const char *name, *rgb;
} layers[LAYERS] = {{"busy", "#08306b"},
                    {"idle: allocated, not busy", "#6baed6"},
                    {"stranded: of no use", "#d95f0e"},
                    {"unallocated", "#dcdcdc"}};

static const struct model_series *series_of(const struct report_plots *p, int32_t id)
{
    return &p->r->policies[id].series;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    return series_of(p, id)->n > 0;
}

static struct report_time_unit unit_of(const struct model_series *s)
{
    return report_time_unit_of(s->n * s->bucket_s);
}

/* ---- data ---- */

static void amounts_of(const struct model_series *s, int r, int32_t b,
                       double amounts[LAYERS])
{
    const double free = s->provisioned[r][b] - s->allocated[r][b];

    amounts[BUSY] = s->busy[r][b];
    amounts[IDLE] = fmax(s->allocated[r][b] - s->busy[r][b], 0);
    amounts[STRANDED] = s->stranded[r] != NULL && s->stranded[r][b] > 0
                            ? fmin(s->stranded[r][b], free)
                            : 0;
    amounts[UNALLOCATED] = fmax(free - amounts[STRANDED], 0);
}

static void write_row(const struct model_series *s, double time, int32_t b, FILE *out)
{
    double amounts[LAYERS];

    fprintf(out, "%.17g", time);
    for (int r = MODEL_GPU; r <= MODEL_CPU; r++) {
        amounts_of(s, r, b, amounts);
        for (int i = 0; i < LAYERS; i++)
            report_plot_value(out, amounts[i]);
    }
    report_plot_value(out, s->queued[b]);
    fputc('\n', out);
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_series *s = series_of(p, id);
    struct report_time_unit unit = unit_of(s);

    report_plot_data_head(p, "utilization over time, means over spans", out);
    fprintf(out,
            "# from (%s); GPUs: busy idle stranded unallocated; CPUs: busy idle "
            "stranded unallocated; items queued at the span's end\n",
            unit.name);
    for (int32_t b = 0; b < s->n; b++)
        write_row(s, b * s->bucket_s / unit.seconds, b, out);
    write_row(s, s->n * s->bucket_s / unit.seconds, s->n - 1, out);
}

/* ---- script ---- */

static bool any_of(const struct model_series *s, int r, int layer)
{
    double amounts[LAYERS];

    for (int32_t b = 0; b < s->n; b++) {
        amounts_of(s, r, b, amounts);
        if (layer < 0 ? s->provisioned[r][b] > 0 : amounts[layer] > 0)
            return true;
    }
    return false;
}

static bool any_queued(const struct model_series *s)
{
    for (int32_t b = 0; b < s->n; b++)
        if (s->queued[b] > 0)
            return true;
    return false;
}

/* From the top of the stack down, each layer over the one before. */
static void write_stack(const struct report_plots *p, int32_t id, int r, int first,
                        FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_utilization, id);
    const struct model_series *s = series_of(p, id);

    fprintf(out, "set ylabel '%s'\nplot ", r == MODEL_GPU ? "GPUs" : "CPUs");
    for (int i = LAYERS - 1; i >= 0; i--) {
        if (i == STRANDED && !any_of(s, r, i) && !any_of(s, MODEL_GPU, i))
            continue;
        fprintf(out,
                "%s'%s.dat' using 1:(sum [c=%d:%d] column(c)) with fillsteps lc rgb "
                "'%s' title '%s'",
                i < LAYERS - 1 ? ", " : "", stem, first, first + i, layers[i].rgb,
                layers[i].name);
    }
    fputc('\n', out);
}

/* Panels share one axis of time: the last one names it. */
static void write_time_label(const struct model_policy_result *x, bool last, FILE *out)
{
    if (last)
        fprintf(out, "set xlabel 'time (%s)'\n", unit_of(&x->series).name);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct model_policy_result *x = &p->r->policies[id];
    const char *stem = report_plot_stem(p, &report_plot_utilization, id);
    const bool gpus = any_of(&x->series, MODEL_GPU, -1), queue = any_queued(&x->series);
    const int rows = 1 + gpus + queue;
    struct report_panel panel = {
        .height = 100 + 230 * rows, .rows = rows, .columns = 1, .legend_frac = 0.24};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title = sp_arena_printf(p->arena, "Utilization over time: %s", x->name),
            .subtitle =
                sp_arena_printf(p->arena, "scenario %s; first replication", p->r->name),
            .height = panel.height},
        out);
    fputs("set yrange [0:*]\nset autoscale xfix\n", out);
    for (int r = gpus ? MODEL_GPU : MODEL_CPU; r <= MODEL_CPU; r++) {
        report_plot_panel(&panel, out);
        write_time_label(x, panel.index == rows - 1, out);
        write_stack(p, id, r, r == MODEL_GPU ? 2 : 2 + LAYERS, out);
        fputs("unset key\n", out);
        panel.index++;
    }
    if (queue) {
        report_plot_panel(&panel, out);
        write_time_label(x, true, out);
        fprintf(out,
                "set ylabel 'items queued'\nplot '%s.dat' using 1:%d with steps lw 1.5 "
                "lc rgb '#000000'\n",
                stem, 2 + 2 * LAYERS);
    }
    report_plot_end(out);
}

const struct report_plot_family report_plot_utilization = {
    .stem = "utilization",
    .count = report_plot_count_policies,
    .applies = applies,
    .name = report_plot_policy_name,
    .data = write_data,
    .script = write_script,
};
