/* Cost ratio over two inputs, from runs of the database that differ in these alone: a
 * cell for each pair of values, and where the ratio is 1.  Values stand at even steps:
 * the grid of a sweep need not be even. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_parts.h"
#include "report/plot_runs.h"

enum { SIDE_MOST = 24, GRIDS_MOST = 64 };

bool report_plot_same_input(const struct report_change *a,
                            const struct report_change *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->name, b->name) == 0;
}

struct report_plot_inputs report_plot_inputs_of(const struct report_plots *p)
{
    struct report_plot_inputs all = {0};
    int32_t room = 0;

    for (int32_t i = 0; i < p->context->n_others; i++) {
        const struct report_other *o = &p->context->others[i];

        for (int32_t k = 0; k < o->n_changes && o->n_changes <= 2; k++) {
            const struct report_change *c = &o->changes[k];
            bool known = !isfinite(c->here) || !isfinite(c->there);

            for (int32_t j = 0; j < all.n && !known; j++)
                known = report_plot_same_input(all.inputs[j], c);
            if (known)
                continue;
            all.inputs =
                sp_arena_more(p->arena, all.inputs, all.n, &room, sizeof *all.inputs);
            all.inputs[all.n++] = c;
        }
    }
    return all;
}

/* ---- which grids there are: two inputs and a policy ---- */

struct grid {
    const struct report_change *a, *b;
    int32_t policy;
    int32_t n_a, n_b;
    double at_a[SIDE_MOST], at_b[SIDE_MOST]; /* rising */
    double ratio[SIDE_MOST][SIDE_MOST];      /* [b][a]; NaN: no such run */
};

/* Whether some run differs in exactly these two. */
static bool are_pair(const struct report_plots *p, const struct report_change *a,
                     const struct report_change *b)
{
    for (int32_t i = 0; i < p->context->n_others; i++) {
        const struct report_other *o = &p->context->others[i];

        if (o->n_changes == 2 && ((report_plot_same_input(&o->changes[0], a) &&
                                   report_plot_same_input(&o->changes[1], b)) ||
                                  (report_plot_same_input(&o->changes[1], a) &&
                                   report_plot_same_input(&o->changes[0], b))))
            return true;
    }
    return false;
}

/* Number `id` of them into *g; false where there are fewer.  *n counts them. */
static bool choose(const struct report_plots *p, int32_t id, struct grid *g, int32_t *n)
{
    const struct report_plot_inputs all = report_plot_inputs_of(p);

    *n = 0;
    for (int32_t i = 0; i < all.n; i++)
        for (int32_t k = i + 1; k < all.n; k++) {
            if (!are_pair(p, all.inputs[i], all.inputs[k]))
                continue;
            for (int32_t policy = 0; policy < p->r->n_policies; policy++) {
                if (policy == p->r->baseline || *n >= GRIDS_MOST)
                    continue;
                if ((*n)++ != id)
                    continue;
                *g = (struct grid){
                    .a = all.inputs[i], .b = all.inputs[k], .policy = policy};
                return true;
            }
        }
    return false;
}

static int32_t count(const struct report_plots *p)
{
    struct grid g;
    int32_t n;

    if (p->r->baseline < 0)
        return 0;
    choose(p, -1, &g, &n);
    return n;
}

static const char *name(const struct report_plots *p, int32_t id)
{
    struct grid g = {0};
    int32_t n;

    choose(p, id, &g, &n);
    return p->r->policies[g.policy].name;
}

/* ---- its cells ---- */

/* The place of `x` among those that rise; -1: there is no room. */
static int32_t place(double *at, int32_t *n, double x)
{
    int32_t i = *n;

    for (int32_t k = 0; k < *n; k++)
        if (at[k] == x)
            return k;
    if (*n == SIDE_MOST)
        return -1;
    for (; i > 0 && at[i - 1] > x; i--)
        at[i] = at[i - 1];
    at[i] = x;
    (*n)++;
    return i;
}

/* Where a run stands: false where it differs in anything else, or in no number. */
static bool stands(const struct grid *g, const struct report_other *o, double *a,
                   double *b)
{
    *a = g->a->here;
    *b = g->b->here;
    for (int32_t k = 0; k < o->n_changes; k++) {
        const struct report_change *c = &o->changes[k];

        if (o->n_changes > 2 || !isfinite(c->there))
            return false;
        if (report_plot_same_input(c, g->a))
            *a = c->there;
        else if (report_plot_same_input(c, g->b))
            *b = c->there;
        else
            return false;
    }
    return true;
}

static double ratio_of(const struct report_plots *p, const struct grid *g,
                       const struct report_other *o)
{
    const int32_t base = p->r->baseline;
    const double was =
        o != NULL ? o->usd[base].mean : p->r->policies[base].cost.usd.mean;
    const double is =
        o != NULL ? o->usd[g->policy].mean : p->r->policies[g->policy].cost.usd.mean;

    return was > 0 ? is / was : NAN;
}

static void put(struct grid *g, double a, double b, double ratio)
{
    int32_t column = place(g->at_a, &g->n_a, a), row = place(g->at_b, &g->n_b, b);

    if (column >= 0 && row >= 0)
        g->ratio[row][column] = ratio;
}

static struct grid *grid_of(const struct report_plots *p, int32_t id)
{
    struct grid *g = sp_arena_alloc(p->arena, sizeof *g);
    double a, b;
    int32_t n;

    if (!choose(p, id, g, &n))
        return NULL;
    for (int32_t i = 0; i < p->context->n_others; i++)
        if (stands(g, &p->context->others[i], &a, &b)) {
            place(g->at_a, &g->n_a, a);
            place(g->at_b, &g->n_b, b);
        }
    place(g->at_a, &g->n_a, g->a->here);
    place(g->at_b, &g->n_b, g->b->here);
    for (int i = 0; i < SIDE_MOST * SIDE_MOST; i++)
        g->ratio[i / SIDE_MOST][i % SIDE_MOST] = NAN;
    for (int32_t i = 0; i < p->context->n_others; i++)
        if (stands(g, &p->context->others[i], &a, &b))
            put(g, a, b, ratio_of(p, g, &p->context->others[i]));
    put(g, g->a->here, g->b->here, ratio_of(p, g, NULL));
    return g;
}

static bool applies(const struct report_plots *p, int32_t id)
{
    const struct grid *g = grid_of(p, id);
    int32_t known = 0;

    for (int32_t b = 0; g != NULL && b < g->n_b; b++)
        for (int32_t a = 0; a < g->n_a; a++)
            known += isfinite(g->ratio[b][a]);
    return g != NULL && g->n_a > 1 && g->n_b > 1 && known > 3;
}

/* ---- data ---- */

/* Between two cells whose ratios lie on either side of 1, on a logarithmic scale. */
static bool crosses(double from, double to, double *frac)
{
    if (!(from > 0) || !(to > 0) || (from < 1) == (to < 1))
        return false;
    *frac = log(from) / (log(from) - log(to));
    return true;
}

/* The break-even within the square of four cells: two or four crossings of its sides,
 * joined in pairs. */
static void write_square(const struct grid *g, int32_t a, int32_t b, FILE *out)
{
    double f;
    int n = 0;

    if (crosses(g->ratio[b][a], g->ratio[b][a + 1], &f))
        fprintf(out, "%.6g %" PRId32 "\n%s", a + f, b, ++n % 2 == 0 ? "\n" : "");
    if (crosses(g->ratio[b][a], g->ratio[b + 1][a], &f))
        fprintf(out, "%" PRId32 " %.6g\n%s", a, b + f, ++n % 2 == 0 ? "\n" : "");
    if (crosses(g->ratio[b + 1][a], g->ratio[b + 1][a + 1], &f))
        fprintf(out, "%.6g %" PRId32 "\n%s", a + f, b + 1, ++n % 2 == 0 ? "\n" : "");
    if (crosses(g->ratio[b][a + 1], g->ratio[b + 1][a + 1], &f))
        fprintf(out, "%" PRId32 " %.6g\n%s", a + 1, b + f, ++n % 2 == 0 ? "\n" : "");
    if (n % 2 != 0) /* a cell is not known */
        fputs("\n", out);
}

/* Whether the ratio passes 1 between two neighbours. */
static bool breaks_even(const struct grid *g)
{
    double f;

    for (int32_t b = 0; b < g->n_b; b++)
        for (int32_t a = 0; a < g->n_a; a++)
            if ((a + 1 < g->n_a && crosses(g->ratio[b][a], g->ratio[b][a + 1], &f)) ||
                (b + 1 < g->n_b && crosses(g->ratio[b][a], g->ratio[b + 1][a], &f)))
                return true;
    return false;
}

static void write_data(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct grid *g = grid_of(p, id);

    report_plot_data_head(p, "cost against the baseline over two inputs", out);
    fprintf(out, "# columns are %s\n# rows are %s\n",
            report_plot_quoted(p->arena, g->a->name, REPORT_PLOT_TITLE),
            report_plot_quoted(p->arena, g->b->name, REPORT_PLOT_TITLE));
    fputs("# column, row, value of the column, of the row, cost ratio\n", out);
    for (int32_t b = 0; b < g->n_b; b++)
        for (int32_t a = 0; a < g->n_a; a++) {
            fprintf(out, "%" PRId32 " %" PRId32 " %.17g %.17g", a, b, g->at_a[a],
                    g->at_b[b]);
            report_plot_value(out, g->ratio[b][a]);
            fputc('\n', out);
        }
    fputs("\n\n# break-even: column, row\n? ?\n", out);
    for (int32_t b = 0; b + 1 < g->n_b; b++)
        for (int32_t a = 0; a + 1 < g->n_a; a++)
            write_square(g, a, b, out);
}

/* ---- script ---- */

static void write_axis(const struct report_plots *p, char axis, const double *at,
                       int32_t n, const struct report_change *input, FILE *out)
{
    char figure[REPORT_FIGURE];

    fprintf(out, "set %ctics noenhanced (", axis);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%s'%s' %" PRId32, i > 0 ? ", " : "",
                report_format_number(at[i], figure), i);
    fprintf(out, ")\nset %crange [-0.5:%" PRId32 ".5]\nset %clabel %s\n", axis, n - 1,
            axis,
            report_plot_quoted(
                p->arena,
                *input->unit == '\0'
                    ? input->name
                    : sp_arena_printf(p->arena, "%s (%s)", input->name, input->unit),
                60));
}

static double furthest(const struct grid *g)
{
    double most = log10(1.25);

    for (int32_t b = 0; b < g->n_b; b++)
        for (int32_t a = 0; a < g->n_a; a++)
            if (g->ratio[b][a] > 0)
                most = fmax(most, fabs(log10(g->ratio[b][a])));
    return most;
}

static void write_script(const struct report_plots *p, int32_t id, FILE *out)
{
    const struct grid *g = grid_of(p, id);
    const char *stem = report_plot_stem(p, &report_plot_grid, id);
    struct report_panel panel = {
        .height = 620, .rows = 1, .columns = 1, .legend_frac = 0.16, .left = 110};
    const double most = furthest(g);

    report_plot_begin(
        p,
        &(struct report_picture){
            .stem = stem,
            .title = sp_arena_printf(p->arena, "Cost of %s against %s",
                                     p->r->policies[g->policy].name,
                                     p->r->policies[p->r->baseline].name),
            .subtitle = sp_arena_printf(
                p->arena,
                "cost ratio, below 1 it is cheaper; runs of scenario %s that differ in "
                "these two inputs alone",
                p->r->name),
            .height = panel.height},
        out);
    report_plot_panel(&panel, out);
    write_axis(p, 'x', g->at_a, g->n_a, g->a, out);
    write_axis(p, 'y', g->at_b, g->n_b, g->b, out);
    fprintf(
        out,
        "unset grid\nset palette defined (-1 '#4393c3', -0.5 '#92c5de', 0 '#f7f7f7', "
        "0.5 '#f4a582', 1 '#d6604d')\nset cbrange [%.6g:%.6g]\nset logscale cb\n"
        "set colorbox user origin screen 0.87,0.16 size screen 0.02,0.55\n"
        "set cblabel 'cost ratio'\nset format cb '%%.3g'\n"
        "set cbtics (%.3g, 1, %.3g)\n",
        pow(10, -most), pow(10, most), pow(10, -most), pow(10, most));
    fprintf(
        out,
        "plot '%s.dat' index 0 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):5 with "
        "boxxyerror fs solid 1 border lc rgb '#ffffff' fc palette notitle, ",
        stem);
    if (g->n_a <= 12)
        fprintf(out,
                "'%s.dat' index 0 using 1:2:(sprintf('%%.3g',$5)) with labels "
                "noenhanced notitle, ",
                stem);
    if (breaks_even(g)) /* gnuplot warns of data without a point */
        fprintf(out,
                "'%s.dat' index 1 using 1:2 with lines lw 3 dt '-' lc rgb '#000000' "
                "title 'break-even'\n",
                stem);
    else
        fputs("NaN notitle\n", out);
    report_plot_end(out);
}

const struct report_plot_family report_plot_grid = {
    .stem = "grid",
    .count = count,
    .applies = applies,
    .name = name,
    .data = write_data,
    .script = write_script,
};
