/* From the baseline's bill to a policy's, step by step: report/waterfall.h. */
#include "report/waterfall.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "report/format.h"
#include "report/plot_parts.h"

static bool make(const struct report_plots *p, int32_t id, struct report_waterfall *w)
{
    return p->r->baseline >= 0 && p->r->baseline < p->r->n_policies &&
           id != p->r->baseline && report_waterfall_make(p->r, p->r->baseline, id, w);
}

static bool applies(const struct report_plots *p, int32_t id)
{
    struct report_waterfall w;

    return make(p, id, &w);
}

/* Steps too small to be seen are one row: "others". */
static bool is_small(const struct report_waterfall *w, int step)
{
    const int64_t most = w->from_uusd > w->to_uusd ? w->from_uusd : w->to_uusd;

    return llabs(w->uusd[step]) * 10000 < most;
}

static int64_t others_uusd(const struct report_waterfall *w)
{
    int64_t sum = 0;

    for (int s = 0; s < REPORT_STEPS; s++)
        sum += is_small(w, s) ? w->uusd[s] : 0;
    return sum;
}

/* ---- data ---- */

static void write_row(int32_t row, const char *name, int64_t from_uusd, int64_t to_uusd,
                      bool total, FILE *out)
{
    char figure[REPORT_FIGURE];
    double by = sp_usd_from_uusd(to_uusd - from_uusd);

    fprintf(out, "%" PRId32, row);
    report_plot_value(out, sp_usd_from_uusd(from_uusd));
    report_plot_value(out, sp_usd_from_uusd(to_uusd));
    report_plot_value(out, by);
    fprintf(out, " %d %s%s \"%s\"\n",
            total    ? 0
            : by < 0 ? -1
                     : 1,
            total    ? ""
            : by < 0 ? "-"
                     : "+",
            report_format_usd(fabs(by), figure), name);
}

static void write_rows(const struct report_waterfall *w, FILE *out)
{
    int64_t at = w->from_uusd;
    int32_t row = 1;

    write_row(0, "from", 0, at, true, out);
    for (int s = 0; s < REPORT_STEPS; s++) {
        if (is_small(w, s))
            continue;
        write_row(row++, report_step_name((enum report_step_kind)s), at,
                  at + w->uusd[s], false, out);
        at += w->uusd[s];
    }
    if (others_uusd(w) != 0) {
        write_row(row++, "others", at, at + others_uusd(w), false, out);
        at += others_uusd(w);
    }
    write_row(row, "to", 0, at, true, out);
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    struct report_waterfall w;

    if (!make(p, id, &w))
        return;
    report_plot_data_head(p, "waterfall of cost in USD, means over the replications",
                          out);
    fprintf(
        out, "# from is %s\n",
        report_plot_quoted(p->arena, p->r->policies[w.from].name, REPORT_PLOT_TITLE));
    fprintf(out, "# to is %s\n",
            report_plot_quoted(p->arena, p->r->policies[w.to].name, REPORT_PLOT_TITLE));
    fputs(
        "# row, bar's beginning (USD), its end (USD), change (USD); 0 total, -1 less, "
        "1 more; label, step\n",
        out);
    write_rows(&w, out);
}

/* ---- script ---- */

static int32_t write_tics(const struct report_plots *p,
                          const struct report_waterfall *w, FILE *out)
{
    int32_t row = 1;

    fprintf(out, "set xtics noenhanced rotate by -20 (%s 0",
            report_plot_tic(p->arena, p->r->policies[w->from].name, 20));
    for (int s = 0; s < REPORT_STEPS; s++)
        if (!is_small(w, s))
            fprintf(out, ", '%s' %" PRId32, report_step_name((enum report_step_kind)s),
                    row++);
    if (others_uusd(w) != 0)
        fprintf(out, ", 'others' %" PRId32, row++);
    fprintf(out, ", %s %" PRId32 ")\n",
            report_plot_tic(p->arena, p->r->policies[w->to].name, 20), row);
    return row;
}

static void write_bars(const char *stem, FILE *out)
{
    static const struct {
        int sign;
        const char *fill, *rgb, *title;
    } bars[] = {{0, "solid 1 noborder", "#4d4d4d", "the bill"},
                {1, "solid 1 noborder", "#d55e00", "costs more"},
                {-1, "pattern 4 border lc rgb '#0072b2'", "#0072b2", "costs less"}};

    fputs("plot ", out);
    for (int i = 0; i < 3; i++)
        fprintf(out,
                "'%s.dat' using ($5==%d?$1:NaN):2:($1-0.36):($1+0.36):2:3 with "
                "boxxyerror fs %s lc rgb '%s' title '%s', ",
                stem, bars[i].sign, bars[i].fill, bars[i].rgb, bars[i].title);
    fprintf(
        out,
        "'%s.dat' using ($1+0.36):3:(0.28):(0) with vectors nohead lc rgb '#909090' "
        "notitle, '%s.dat' using 1:($2>$3?$2:$3):(stringcolumn(6)) with labels "
        "offset 0,0.8 noenhanced notitle\n",
        stem, stem);
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const char *stem = report_plot_stem(p, &report_plot_waterfall, id);
    struct report_panel panel = {.height = 560,
                                 .rows = 1,
                                 .columns = 1,
                                 .legend_frac = 0.14,
                                 .under = 100,
                                 .left = 104};
    struct report_waterfall w;
    int32_t last;

    if (!make(p, id, &w))
        return;
    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title =
                sp_arena_printf(p->arena, "What moves the bill: %s to %s",
                                p->r->policies[w.from].name, p->r->policies[w.to].name),
            .subtitle = sp_arena_printf(
                p->arena, "USD of the run, in steps that add up exactly; scenario %s",
                p->r->name),
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fputs("set ylabel 'USD'\nset yrange [*<0:*]\nset offsets 0,0,graph 0.08,0\n", out);
    last = write_tics(p, &w, out);
    fprintf(out, "set xrange [-0.6:%.1f]\n", last + 0.6);
    write_bars(stem, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_waterfall = {
    .stem = "waterfall",
    .count = report_plot_count_policies,
    .applies = applies,
    .name = report_plot_policy_name,
    .data = write_data,
    .script = write_script,
};
