/* Pictures of a sweep: those of runs over its points, the front, and what figures
 * depend on. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"
#include "report/sweep_context.h"
#include "report/sweep_depends_plot.h"
#include "report/sweep_out.h"
#include "report/sweep_parts.h"

enum { SHOWN_MAX = 2000, DEPENDS_MAX = 12 };

/* The plots, and the sweep they are of: families get a pointer to the first member. */
struct sweep_plots {
    struct report_plots p;
    const struct report_sweep *s;
    const struct report_sweep_figure *figures; /* those that count */
    int32_t n;
};

static const struct sweep_plots *of(const struct report_plots *p)
{
    return (const struct sweep_plots *)p;
}

/* ---- the front ---- */

/* Figure 0 is the cost; number `id` is drawn against figure id + 1. */
static int32_t count_fronts(const struct report_plots *p)
{
    const struct sweep_plots *w = of(p);
    bool cost = w->n > 0 && strcmp(w->figures[0].of.figure->name, "usd") == 0;

    return cost ? w->n - 1 : 0;
}

static const char *front_name(const struct report_plots *p, int32_t id)
{
    return of(p)->figures[id + 1].of.figure->name;
}

static bool differs(const struct report_sweep_figure *f, int64_t cells)
{
    double first = NAN;

    for (int64_t i = 0; i < cells; i++) {
        double v = f->stats[i].mean;

        if (isnan(v))
            continue;
        if (!isnan(first) && fabs(v - first) > 1e-9 * fabs(first))
            return true;
        first = v;
    }
    return false;
}

static int64_t cells_of(const struct report_sweep *s)
{
    return s->n_points * s->sweep.n_policies;
}

/* Whether a policy has both figures at some point. */
static bool front_has(const struct sweep_plots *w, int32_t id, int32_t policy)
{
    const int32_t n = w->s->sweep.n_policies;

    for (int64_t point = 0; point < w->s->n_points; point++)
        if (isfinite(w->figures[0].stats[point * n + policy].mean) &&
            isfinite(w->figures[id + 1].stats[point * n + policy].mean))
            return true;
    return false;
}

static bool front_applies(const struct report_plots *p, int32_t id)
{
    const struct sweep_plots *w = of(p);

    return w->s->n_points > 1 && differs(&w->figures[id + 1], cells_of(w->s)) &&
           differs(&w->figures[0], cells_of(w->s));
}

static struct report_time_unit front_unit(const struct sweep_plots *w, int32_t id)
{
    const struct report_sweep_figure *f = &w->figures[id + 1];
    double longest = 0;

    if (strcmp(f->of.figure->unit, "s") != 0)
        return (struct report_time_unit){f->of.figure->unit, 1};
    for (int64_t i = 0; i < cells_of(w->s); i++)
        longest = fmax(longest, f->stats[i].mean);
    return report_time_unit_of(longest);
}

static void front_row(const struct sweep_plots *w, int32_t id, int64_t at, FILE *out)
{
    double per = front_unit(w, id).seconds;

    report_plot_value(out, w->figures[id + 1].stats[at].mean / per);
    report_plot_value(out, w->figures[0].stats[at].mean);
    fprintf(out, " # point %" PRId64 "\n", at / w->s->sweep.n_policies);
}

static void front_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct sweep_plots *w = of(p);
    const int32_t n = w->s->sweep.n_policies;
    const int64_t step = (w->s->n_points + SHOWN_MAX - 1) / SHOWN_MAX;
    int64_t n_front, *front = report_sweep_front(
                         w->s, &w->figures[0], &w->figures[id + 1], p->arena, &n_front);

    report_plot_data_head(
        p, "cost against a figure, a block for each policy; the front", out);
    if (step > 1)
        fprintf(out, "# of the points one in %" PRId64 "; all of the front\n", step);
    for (int32_t i = 0; i < n; i++) {
        fprintf(
            out, "\n\n# policy %s\n",
            report_plot_quoted(p->arena, p->r->policies[i].name, REPORT_PLOT_TITLE));
        for (int64_t point = 0; point < w->s->n_points; point += step)
            front_row(w, id, point * n + i, out);
    }
    fputs("\n\n# the front\n", out);
    for (int64_t i = 0; i < n_front; i++)
        front_row(w, id, front[i], out);
}

static void front_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct sweep_plots *w = of(p);
    const struct model_figure *f = w->figures[id + 1].of.figure;
    const struct report_time_unit unit = front_unit(w, id);
    const struct report_panel panel = {
        .height = 500, .rows = 1, .columns = 1, .legend_frac = 0.22};
    struct report_plot_family family = {.stem = "front", .name = front_name};
    const char *stem = report_plot_stem(p, &family, id);

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title = sp_arena_printf(p->arena, "Cost against %s", f->help),
            .subtitle = sp_arena_printf(p->arena,
                                        "%" PRId64 " points of a sweep of scenario %s; "
                                        "on the line nothing is better in both",
                                        w->s->n_points, p->r->name),
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    fprintf(out,
            "set ylabel 'cost (USD)'\nset yrange [0:*]\nset grid x\nset xlabel %s\n"
            "set offsets graph 0.04,graph 0.04,graph 0.05,0\nplot ",
            report_plot_quoted(
                p->arena,
                unit.name[0] == '\0'
                    ? f->help
                    : sp_arena_printf(p->arena, "%s (%s)", f->help, unit.name),
                60));
    for (int32_t i = 0; i < p->r->n_policies; i++)
        if (front_has(w, id, i))
            fprintf(out,
                    "'%s.dat' index %" PRId32 " using 1:2 with points %s title %s, ",
                    stem, i, report_plot_point(p, i),
                    report_plot_quoted(p->arena, p->r->policies[i].name,
                                       REPORT_PLOT_LEGEND));
    fprintf(out,
            "'%s.dat' index %" PRId32
            " using 1:2 with steps lc rgb '#404040' lw 1.5 dt 2 title 'nothing is "
            "better'\n",
            stem, p->r->n_policies);
    report_plot_end(out);
}

static const struct report_plot_family front_family = {
    .stem = "front",
    .count = count_fronts,
    .applies = front_applies,
    .name = front_name,
    .data = front_data,
    .script = front_script,
};

/* ---- what figures depend on ---- */

/* Of each figure every policy, then every difference to the baseline. */
static bool measure_of(const struct sweep_plots *w, int32_t id,
                       struct report_sweep_measure *m)
{
    const int32_t n = w->s->sweep.n_policies, base = w->s->sweep.baseline;
    const int32_t each = base == SP_NO_ID ? n : 2 * n;
    const int32_t k = id % each;

    *m = (struct report_sweep_measure){w->figures[id / each].of, k % n, k >= n};
    return !m->difference || m->policy != base;
}

static int32_t count_depends(const struct report_plots *p)
{
    const struct sweep_plots *w = of(p);
    const int32_t n = w->s->sweep.n_policies;
    const int32_t all = w->n * (w->s->sweep.baseline == SP_NO_ID ? n : 2 * n);

    return all < DEPENDS_MAX ? all : DEPENDS_MAX;
}

static const char *depends_name(const struct report_plots *p, int32_t id)
{
    struct report_sweep_measure m;

    measure_of(of(p), id, &m);
    return sp_arena_printf(p->arena, "%s-%s%s", m.of.figure->name,
                           p->r->policies[m.policy].name,
                           m.difference ? "-difference" : "");
}

static bool bars_of(const struct report_plots *p, int32_t id,
                    struct report_sweep_measure *m, struct report_sweep_bars *bars)
{
    return measure_of(of(p), id, m) &&
           report_sweep_bars_of(of(p)->s, m, p->arena, bars);
}

static bool depends_applies(const struct report_plots *p, int32_t id)
{
    struct report_sweep_measure m;
    struct report_sweep_bars bars;

    return bars_of(p, id, &m, &bars);
}

static void depends_data(const struct report_plots *p, int32_t id, FILE *out)
{
    struct report_sweep_measure m;
    struct report_sweep_bars bars;

    if (!bars_of(p, id, &m, &bars))
        return;
    report_plot_data_head(p, "what a figure depends on", out);
    report_sweep_bars_data(of(p)->s, &bars, p->arena, out);
}

static void depends_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct report_plot_family family = {.stem = "depends", .name = depends_name};
    const char *stem = report_plot_stem(p, &family, id);
    struct report_sweep_measure m;
    struct report_sweep_bars bars;

    if (!bars_of(p, id, &m, &bars))
        return;
    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title = sp_arena_printf(
                p->arena, "What the %s%s of %s depends on", m.of.figure->help,
                m.difference ? " difference" : "", p->r->policies[m.policy].name),
            .subtitle =
                m.difference
                    ? sp_arena_printf(p->arena, "less that of %s, scenario %s",
                                      p->r->policies[p->r->baseline].name, p->r->name)
                    : sp_arena_printf(p->arena, "scenario %s", p->r->name),
            .height = report_sweep_bars_height(&bars)},
        out);
    report_sweep_bars_panel(of(p)->s, &m, &bars, stem, p->arena, out);
    report_plot_end(out);
}

static const struct report_plot_family depends_family = {
    .stem = "depends",
    .count = count_depends,
    .applies = depends_applies,
    .name = depends_name,
    .data = depends_data,
    .script = depends_script,
};

/* ---- all of them ---- */

static const struct report_plot_family *const families[] = {
    &report_plot_sweep, &report_plot_grid, &front_family, &depends_family};

enum sp_status report_sweep_plot_write(const char *folder,
                                       const struct report_sweep *sweep,
                                       const char *gnuplot, bool *drawn,
                                       struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_context *c = report_sweep_context(sweep, arena);
    struct sweep_plots w = {.s = sweep, .p = {.arena = arena, .folder = folder}};
    enum sp_status status = SP_OK;

    *drawn = true;
    w.figures = report_sweep_main_figures(sweep, arena, &w.n);
    if (c != NULL && w.figures != NULL) {
        w.p.context = c;
        w.p.r = c->result;
        status = report_plot_write_families(&w.p, families,
                                            (int)(sizeof families / sizeof families[0]),
                                            gnuplot, drawn, err);
    }
    sp_arena_free(arena);
    return status;
}
