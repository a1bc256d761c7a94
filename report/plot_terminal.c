/* A few plots as text.  The data goes into the script: nothing but this one stream is
 * read by gnuplot. */
#include "report/plot.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/units.h"
#include "report/format.h"
#include "report/gnuplot.h"
#include "report/plot_parts.h"
#include "report/terminal.h"
#include "report/text.h"
#include "report/waterfall.h"

enum {
    COLUMNS = 80,
    ROWS = 24,
    COLUMNS_LEAST = 40,
    COLUMNS_MOST = 240,
    BARS_MOST = 12
};

struct report_plot_terminal report_plot_terminal_for(FILE *out)
{
    struct report_plot_terminal t = {COLUMNS, ROWS,
                                     report_terminal_options_for(out).colour};
    struct winsize size;

    if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= COLUMNS_LEAST)
        t.columns = size.ws_col < COLUMNS_MOST ? size.ws_col : COLUMNS_MOST;
    return t;
}

/* In ASCII: the dumb terminal knows no other letters. */
static const char *quoted(const struct report_plots *p, const char *text, int columns)
{
    return report_plot_quoted(
        p->arena, report_text_clean(p->arena, text, REPORT_TEXT_ASCII), columns);
}

static void begin(const struct report_plots *p, const struct report_plot_terminal *t,
                  const char *title, FILE *out)
{
    fprintf(out,
            "reset\nset encoding utf8\nset terminal dumb noenhanced size %d,%d %s\n"
            "set datafile missing '?'\nset tics nomirror noenhanced\nset border 3\n"
            "set key noenhanced\nset title %s noenhanced\n",
            t->columns, t->rows, t->colour ? "ansi" : "mono",
            quoted(p, title, t->columns - 8));
}

/* ---- bars ---- */

struct bar {
    const char *name;
    double from, to;
    const char *label;
};

/* Bars side by side, named beneath by number or name as there is room. */
static void write_bars(const struct report_plots *p,
                       const struct report_plot_terminal *t, const struct bar *bars,
                       int32_t n, FILE *out)
{
    const int room = (t->columns - 14) / n - 1;

    fputs("$bars << END\n", out);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%" PRId32 " %.17g %.17g %s\n", i, bars[i].from, bars[i].to,
                bars[i].label);
    fputs("END\nset xtics (", out);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                quoted(p, bars[i].name, room < 4 ? 4 : room), i);
    fprintf(out,
            ")\nset xrange [-0.6:%.1f]\nset yrange [*<0:*]\nset ylabel 'USD'\n"
            "set offsets 0,0,graph 0.1,0\nplot $bars using "
            "1:2:($1-0.4):($1+0.4):2:3 with boxxyerror notitle, $bars using "
            "1:($2>$3?$2:$3):(stringcolumn(4)) with labels offset 0,1 notitle\n",
            n - 0.4);
}

static const char *usd_text(const struct report_plots *p, double usd, const char *sign)
{
    char figure[REPORT_FIGURE];

    return sp_arena_printf(p->arena, "%s%s", sign,
                           report_format_usd(fabs(usd), figure));
}

static void draw_cost(const struct report_plots *p,
                      const struct report_plot_terminal *t, FILE *out)
{
    struct bar bars[BARS_MOST];
    int32_t n = 0;

    for (int32_t i = 0; i < p->r->n_policies && n < BARS_MOST; i++)
        if (p->r->policies[i].cost.known) {
            double usd = p->r->policies[i].cost.usd.mean;

            bars[n++] =
                (struct bar){p->r->policies[i].name, 0, usd, usd_text(p, usd, "")};
        }
    if (n == 0)
        return;
    begin(p, t,
          sp_arena_printf(p->arena, "Cost by policy (USD of the run): %s", p->r->name),
          out);
    write_bars(p, t, bars, n, out);
}

/* Of the choice that is cheapest. */
static int32_t cheapest(const struct report_plots *p)
{
    int32_t best = SP_NO_ID;

    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (i != p->r->baseline && p->r->policies[i].cost.known &&
            (best == SP_NO_ID ||
             p->r->policies[i].cost.usd.mean < p->r->policies[best].cost.usd.mean))
            best = i;
    return best;
}

static void draw_waterfall(const struct report_plots *p,
                           const struct report_plot_terminal *t, FILE *out)
{
    const int32_t to = cheapest(p);
    struct bar bars[REPORT_STEPS + 2];
    struct report_waterfall w;
    int32_t n = 0;
    int64_t at;

    if (p->r->baseline == SP_NO_ID || to == SP_NO_ID ||
        !report_waterfall_make(p->r, p->r->baseline, to, &w))
        return;
    at = w.from_uusd;
    bars[n++] = (struct bar){p->r->policies[w.from].name, 0, sp_usd_from_uusd(at),
                             usd_text(p, sp_usd_from_uusd(at), "")};
    for (int s = 0; s < REPORT_STEPS; s++) {
        const double by = sp_usd_from_uusd(w.uusd[s]);

        if (w.uusd[s] == 0)
            continue;
        bars[n++] = (struct bar){report_step_name((enum report_step_kind)s),
                                 sp_usd_from_uusd(at), sp_usd_from_uusd(at) + by,
                                 usd_text(p, by, by < 0 ? "-" : "+")};
        at += w.uusd[s];
    }
    bars[n++] = (struct bar){p->r->policies[to].name, 0, sp_usd_from_uusd(at),
                             usd_text(p, sp_usd_from_uusd(at), "")};
    begin(p, t,
          sp_arena_printf(p->arena, "What moves the bill (USD): %s to %s",
                          p->r->policies[w.from].name, p->r->policies[to].name),
          out);
    write_bars(p, t, bars, n, out);
}

/* ---- lines ---- */

static enum model_resource drawn_resource(const struct model_series *s)
{
    for (int32_t b = 0; b < s->n; b++)
        if (s->provisioned[MODEL_GPU][b] > 0)
            return MODEL_GPU;
    return MODEL_CPU;
}

static void draw_utilization(const struct report_plots *p,
                             const struct report_plot_terminal *t, int32_t id,
                             FILE *out)
{
    const struct model_series *s = &p->r->policies[id].series;
    const struct report_time_unit unit = report_time_unit_of(s->n * s->bucket_s);
    const enum model_resource r = s->n > 0 ? drawn_resource(s) : MODEL_CPU;

    if (s->n == 0)
        return;
    begin(p, t,
          sp_arena_printf(p->arena, "%s over time: %s",
                          r == MODEL_GPU ? "GPUs" : "CPUs", p->r->policies[id].name),
          out);
    fputs("$series << END\n", out);
    for (int32_t b = 0; b <= s->n; b++) {
        const int32_t k = b < s->n ? b : s->n - 1;

        fprintf(out, "%.17g %.17g %.17g %.17g\n", b * s->bucket_s / unit.seconds,
                s->provisioned[r][k], s->allocated[r][k], s->busy[r][k]);
    }
    fprintf(out,
            "END\nset xlabel 'time (%s)'\nset yrange [0:*]\nset key outside top center "
            "horizontal\nset autoscale xfix\nset offsets 0,0,graph 0.05,0\n"
            "plot $series using 1:2 with steps title 'provisioned', $series using 1:3 "
            "with steps title 'allocated', $series using 1:4 with steps title 'busy'\n",
            unit.name);
}

/* The kind of time that most tells of a workload. */
static const struct model_cdf *cdf_of(const struct model_workload_result *w)
{
    static const char *const kinds[] = {"e2e", "completion", "latency"};

    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (int32_t i = 0; w != NULL && i < w->n_cdfs; i++)
            if (strcmp(w->cdfs[i].what, kinds[k]) == 0 && w->cdfs[i].n > 0 &&
                w->cdfs[i].s[w->cdfs[i].n - 1] > 0)
                return &w->cdfs[i];
    return NULL;
}

static void draw_latency(const struct report_plots *p,
                         const struct report_plot_terminal *t, int32_t id, FILE *out)
{
    const char *comma = "plot ";
    double least = INFINITY, most = 0;
    int32_t n = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++)
        n += cdf_of(report_plot_workload(p, i, id)) != NULL;
    if (n == 0)
        return;
    begin(p, t,
          sp_arena_printf(p->arena, "%% of all that took at most so long: %s",
                          report_plot_workload_name(p, id)),
          out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const struct model_cdf *c = cdf_of(report_plot_workload(p, i, id));

        if (c == NULL)
            continue;
        fprintf(out, "$policy%" PRId32 " << END\n%.17g 0\n", i, c->s[0]);
        for (int32_t k = 0; k < c->n; k++) {
            least = c->s[k] > 0 ? fmin(least, c->s[k]) : least;
            most = fmax(most, c->s[k]);
        }
        for (int32_t k = 0; k < c->n; k++)
            fprintf(out, "%.17g %.17g\n", c->s[k], 100 * c->frac[k]);
        fputs("END\n", out);
    }
    fprintf(out,
            "set logscale x\nset format x '%%.3g'\nset xlabel 'time (s)'\n"
            "set xrange [%.3g:%.3g]\nset yrange [0:100]\n"
            "set key outside top center horizontal\n",
            0.8 * least, 1.25 * most);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        if (cdf_of(report_plot_workload(p, i, id)) == NULL)
            continue;
        fprintf(out, "%s$policy%" PRId32 " using 1:2 with steps title %s", comma, i,
                quoted(p, p->r->policies[i].name, 24));
        comma = ", ";
    }
    fputc('\n', out);
}

/* ---- all of them ---- */

static void write_script(const struct report_plots *p,
                         const struct report_plot_terminal *t, FILE *out)
{
    draw_cost(p, t, out);
    draw_waterfall(p, t, out);
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (i == p->r->baseline || i == cheapest(p) || p->r->n_policies == 1)
            draw_utilization(p, t, i, out);
    for (int32_t w = 0; w < report_plot_count_workloads(p); w++)
        draw_latency(p, t, w, out);
}

/* Without the form feeds and the blanks at the ends of lines that gnuplot fills its
 * pages with, and with one empty line between plots. */
static enum sp_status copy_text(FILE *from, FILE *to, struct sp_err *err)
{
    char line[4 * COLUMNS_MOST + 64]; /* with the escapes of colours */
    bool empty = false;

    rewind(from);
    while (fgets(line, sizeof line, from) != NULL) {
        const char *text = line[0] == '\f' ? line + 1 : line;
        size_t n = strlen(text);

        while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\n'))
            n--;
        if (n > 0 || !empty)
            fprintf(to, "%.*s\n", (int)n, text);
        empty = n == 0;
    }
    if (ferror(from) != 0 || fflush(to) != 0)
        return sp_fail(err, SP_EIO, "the plots: %s", strerror(errno));
    return SP_OK;
}

static enum sp_status print(FILE *script, FILE *drawing, FILE *out, const char *gnuplot,
                            struct sp_arena *arena, bool *drawn, struct sp_err *err)
{
    enum sp_status status;

    if (fflush(script) != 0 || ferror(script) != 0)
        return sp_fail(err, SP_EIO, "the plots: %s", strerror(errno));
    rewind(script);
    status = report_gnuplot_text(script, drawing, gnuplot, arena, drawn, err);
    if (status != SP_OK || !*drawn)
        return status;
    return copy_text(drawing, out, err);
}

enum sp_status report_plot_print(FILE *out, const struct report_plot_terminal *t,
                                 const struct report_context *c, const char *gnuplot,
                                 bool *drawn, struct sp_err *err)
{
    struct report_plots p = {.context = c, .r = c->result};
    FILE *script = tmpfile(), *drawing = tmpfile();
    enum sp_status status = SP_OK;

    *drawn = true;
    if (script == NULL || drawing == NULL) {
        status = sp_fail(err, SP_EIO, "no temporary file for the plots: %s",
                         strerror(errno));
        goto out;
    }
    p.arena = sp_arena_new();
    write_script(&p, t, script);
    if (ftell(script) > 0)
        status = print(script, drawing, out, gnuplot, p.arena, drawn, err);
out:
    sp_arena_free(p.arena);
    if (script != NULL)
        fclose(script);
    if (drawing != NULL)
        fclose(drawing);
    return status;
}
