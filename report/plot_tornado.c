/* What would change the answer: report/sensitivity.h, the widest swing on top. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/plot_parts.h"
#include "report/sensitivity.h"
#include "report/text.h"

enum { ROWS_MOST = 14, NAME_COLUMNS = 44 };

static const struct report_sensitivity *make(const struct report_plots *p, int32_t id)
{
    if (id == p->r->baseline || p->r->n_comparisons == 0)
        return NULL;
    return report_sensitivity_of(p->arena, p->context, id, REPORT_PRICE_SWING);
}

static bool applies(const struct report_plots *p, int32_t id)
{
    const struct report_sensitivity *s = make(p, id);

    return s != NULL && s->n > 0 && !isnan(s->usd);
}

static int32_t n_rows(const struct report_sensitivity *s)
{
    return s->n < ROWS_MOST ? s->n : ROWS_MOST;
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct report_sensitivity *s = make(p, id);

    report_plot_data_head(p, "saving against the baseline, one input at a time", out);
    for (int32_t i = 0; i < n_rows(s); i++)
        report_plot_data_name(p, i, s->swings[i].input, out);
    fputs("# row; input's low, here, high; saving (USD) at low, here, high\n", out);
    for (int32_t i = 0; i < n_rows(s); i++) {
        const struct report_swing *w = &s->swings[i];

        fprintf(out, "%" PRId32, i);
        report_plot_value(out, w->low);
        report_plot_value(out, w->here);
        report_plot_value(out, w->high);
        report_plot_value(out, w->usd_low);
        report_plot_value(out, s->usd);
        report_plot_value(out, w->usd_high);
        fputc('\n', out);
    }
}

static const char *range_of(const struct report_plots *p, const struct report_swing *w)
{
    char low[REPORT_FIGURE], high[REPORT_FIGURE];

    return sp_arena_printf(
        p->arena, "%s .. %s%s%s",
        report_format_number(isnan(w->low) ? w->here : w->low, low),
        report_format_number(isnan(w->high) ? w->here : w->high, high),
        *w->unit != '\0' ? " " : "", w->unit);
}

static void write_tics(const struct report_plots *p, const struct report_sensitivity *s,
                       FILE *out)
{
    fputs("set ytics noenhanced (", out);
    for (int32_t i = 0; i < n_rows(s); i++) {
        const char *name = report_text_fit(
            p->arena,
            report_text_clean(p->arena, s->swings[i].input, REPORT_TEXT_PLAIN), 26,
            "...");

        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                report_plot_tic(p->arena,
                                sp_arena_printf(p->arena, "%s: %s", name,
                                                range_of(p, &s->swings[i])),
                                NAME_COLUMNS),
                i);
    }
    fprintf(out, ")\nset yrange [%.1f:-0.6]\n", n_rows(s) - 0.4);
}

/* Whether some input turns the answer. */
static bool turns(const struct report_sensitivity *s)
{
    for (int32_t i = 0; i < n_rows(s); i++)
        if (s->swings[i].usd_low * s->usd < 0 || s->swings[i].usd_high * s->usd < 0)
            return true;
    return false;
}

static void write_bars(const struct report_sensitivity *s, const char *stem, FILE *out)
{
    fprintf(out,
            "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead lc rgb "
            "'#404040' front\n",
            s->usd, s->usd);
    if (turns(s))
        fputs(
            "set arrow from first 0, graph 0 to first 0, graph 1 nohead lw 1.5 dt '-' "
            "lc rgb '#b2182b' front\n",
            out);
    fprintf(out,
            "plot '%s.dat' using 5:1:5:6:($1-0.3):($1+0.3) with boxxyerror fs solid 1 "
            "noborder lc rgb '#6baed6' title 'input lower', "
            "'%s.dat' using 7:1:6:7:($1-0.3):($1+0.3) with boxxyerror fs pattern 4 "
            "border lc rgb '#08306b' lc rgb '#08306b' title 'input higher'%s\n",
            stem, stem,
            turns(s) ? ", NaN with lines lw 1.5 dt '-' lc rgb '#b2182b' title "
                       "'break-even'"
                     : "");
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct report_sensitivity *s = make(p, id);
    const char *stem = report_plot_stem(p, &report_plot_tornado, id);
    struct report_panel panel = {.height = 190 + 30 * n_rows(s),
                                 .rows = 1,
                                 .columns = 1,
                                 .legend_frac = 0.16,
                                 .left = 310};

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title = sp_arena_printf(p->arena, "What would change the answer: %s",
                                     report_plot_policy_name(p, id)),
            .subtitle = sp_arena_printf(
                p->arena,
                "saving against %s, one input at a time; prices by %.0f %% either way",
                report_plot_policy_name(p, p->r->baseline), 100 * REPORT_PRICE_SWING),
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fputs("unset grid\nset grid x\nset xlabel 'saving (USD)'\n"
          "set offsets 0,0,0,0\n",
          out);
    write_tics(p, s, out);
    write_bars(s, stem, out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_tornado = {
    .stem = "tornado",
    .count = report_plot_count_policies,
    .applies = applies,
    .name = report_plot_policy_name,
    .data = write_data,
    .script = write_script,
};
