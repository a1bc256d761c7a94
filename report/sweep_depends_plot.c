/* Bars for gnuplot; a name is a string of its own in the script, whatever it holds. */
#include "report/sweep_depends_plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/plot_parts.h"
#include "report/sweep_parts.h"
#include "report/text.h"

enum {
    BARS_MOST = 14,
    NAME_COLUMNS = 44,
    BASE_HEIGHT = 190,
    BAR_HEIGHT = 30,
    LEFT = 310
};

/* ---- which bars ---- */

static void rank_indices(struct sp_arena *arena, struct report_sweep_bars *bars)
{
    bars->n = bars->of_rows.n_inputs;
    bars->axes = report_sweep_indices_order(&bars->of_rows, arena);
}

static void rank_swings(struct sp_arena *arena, struct report_sweep_bars *bars)
{
    const struct report_sweep_tornado *t = &bars->tornado;
    int32_t *axes = sp_arena_array(arena, (size_t)t->n + 1, sizeof *axes);

    for (int32_t i = 0; i < t->n; i++)
        axes[i] = t->swings[i].axis;
    bars->n = t->n;
    bars->axes = axes;
}

/* Whether some axis does anything at all. */
static bool any_swing(const struct report_sweep_tornado *t)
{
    for (int32_t i = 0; i < t->n; i++)
        if (fabs(t->swings[i].low.mean - t->here.mean) > 0 ||
            fabs(t->swings[i].high.mean - t->here.mean) > 0)
            return true;
    return false;
}

bool report_sweep_bars_of(const struct report_sweep *s,
                          const struct report_sweep_measure *m, struct sp_arena *arena,
                          struct report_sweep_bars *bars)
{
    *bars =
        (struct report_sweep_bars){.indices = s->sweep.design == MODEL_DESIGN_INDICES};
    if (bars->indices) {
        if (!report_sweep_indices_of(s, m, arena, &bars->of_rows) ||
            !(bars->of_rows.variance > 0))
            return false;
        rank_indices(arena, bars);
    } else {
        if (!report_sweep_tornado_of(s, m, arena, &bars->tornado) ||
            isnan(bars->tornado.here.mean) || !any_swing(&bars->tornado))
            return false;
        rank_swings(arena, bars);
    }
    if (bars->n > BARS_MOST)
        bars->n = BARS_MOST;
    return bars->n > 0;
}

/* ---- data ---- */

static void write_stat(struct model_stat stat, FILE *out)
{
    report_plot_value(out, stat.mean);
    report_plot_value(out, isnan(stat.half95) ? 0 : stat.half95);
}

void report_sweep_bars_data(const struct report_sweep *s,
                            const struct report_sweep_bars *bars,
                            struct sp_arena *arena, FILE *out)
{
    for (int32_t i = 0; i < bars->n; i++)
        fprintf(out, "# %" PRId32 ": %s\n", i,
                report_text_clean(arena, s->sweep.axes[bars->axes[i]].path,
                                  REPORT_TEXT_PLAIN));
    fputs(bars->indices
              ? "# row; first order, half width; total, half width\n"
              : "# row; here; low, half width; high, half width; change, half "
                "width\n",
          out);
    for (int32_t i = 0; i < bars->n; i++) {
        fprintf(out, "%" PRId32, i);
        if (bars->indices) {
            write_stat(bars->of_rows.inputs[bars->axes[i]].first, out);
            write_stat(bars->of_rows.inputs[bars->axes[i]].total, out);
        } else {
            report_plot_value(out, bars->tornado.here.mean);
            write_stat(bars->tornado.swings[i].low, out);
            write_stat(bars->tornado.swings[i].high, out);
            write_stat(bars->tornado.swings[i].change, out);
        }
        fputc('\n', out);
    }
}

/* ---- the panel ---- */

int report_sweep_bars_height(const struct report_sweep_bars *bars)
{
    return BASE_HEIGHT + BAR_HEIGHT * bars->n;
}

static const char *short_text(struct sp_arena *arena, const char *text)
{
    return report_text_fit(arena, report_text_clean(arena, text, REPORT_TEXT_PLAIN), 10,
                           "...");
}

static const char *bar_name(const struct report_sweep *s,
                            const struct report_sweep_bars *bars, int32_t i,
                            struct sp_arena *arena)
{
    const char *name = report_text_fit(
        arena, report_sweep_axis_name(s, bars->axes[i], arena), 24, "...");

    if (bars->indices)
        return name;
    return sp_arena_printf(arena, "%s: %s .. %s", name,
                           short_text(arena, bars->tornado.swings[i].low_text),
                           short_text(arena, bars->tornado.swings[i].high_text));
}

static void write_tics(const struct report_sweep *s,
                       const struct report_sweep_bars *bars, struct sp_arena *arena,
                       FILE *out)
{
    fputs("set ytics noenhanced (", out);
    for (int32_t i = 0; i < bars->n; i++)
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                report_plot_tic(arena, bar_name(s, bars, i, arena), NAME_COLUMNS), i);
    fprintf(out, ")\nset yrange [%.1f:-0.6]\n", bars->n - 0.4);
}

static void draw_indices(const char *stem, FILE *out)
{
    fprintf(
        out,
        "set xrange [0:*]\nset xlabel 'share of the variance'\n"
        "plot '%s.dat' using (0):($1-0.16):(0):2:($1-0.3):($1-0.02) with boxxyerror "
        "fs solid 1 noborder lc rgb '#6baed6' title 'alone', "
        "'' using (0):($1+0.16):(0):4:($1+0.02):($1+0.3) with boxxyerror fs pattern "
        "4 border lc rgb '#08306b' lc rgb '#08306b' title 'with all others', "
        "'' using 2:($1-0.16):3 with xerrorbars lc rgb '#404040' pt 0 notitle, "
        "'' using 4:($1+0.16):5 with xerrorbars lc rgb '#404040' pt 0 notitle\n",
        stem);
}

static void draw_tornado(const struct report_sweep_bars *bars, bool difference,
                         const char *stem, FILE *out)
{
    const double here = bars->tornado.here.mean;

    fprintf(out,
            "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead lc rgb "
            "'#404040' front\n",
            here, here);
    if (difference)
        fputs(
            "set arrow from first 0, graph 0 to first 0, graph 1 nohead lw 1.5 dt '-' "
            "lc rgb '#b2182b' front\n",
            out);
    fprintf(out,
            "plot '%s.dat' using 3:1:2:3:($1-0.3):($1+0.3) with boxxyerror fs solid 1 "
            "noborder lc rgb '#6baed6' title 'input low', "
            "'' using 5:1:2:5:($1-0.3):($1+0.3) with boxxyerror fs pattern 4 border lc "
            "rgb '#08306b' lc rgb '#08306b' title 'input high', "
            "'' using 3:1:4 with xerrorbars lc rgb '#404040' pt 0 notitle, "
            "'' using 5:1:6 with xerrorbars lc rgb '#404040' pt 0 notitle%s\n",
            stem,
            difference ? ", NaN with lines lw 1.5 dt '-' lc rgb '#b2182b' title "
                         "'break-even'"
                       : "");
}

void report_sweep_bars_panel(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             const struct report_sweep_bars *bars, const char *stem,
                             struct sp_arena *arena, FILE *out)
{
    const struct report_panel panel = {.height = report_sweep_bars_height(bars),
                                       .rows = 1,
                                       .columns = 1,
                                       .legend_frac = 0.18,
                                       .left = LEFT};

    report_plot_panel(&panel, out);
    fputs("unset grid\nset grid x\nset offsets 0,0,0,0\n", out);
    write_tics(s, bars, arena, out);
    if (bars->indices) {
        draw_indices(stem, out);
        return;
    }
    fprintf(out, "set xlabel %s noenhanced\n",
            report_plot_quoted(arena, report_sweep_figure_name(s, m->of, arena), 60));
    draw_tornado(bars, m->difference, stem, out);
}
