/* What every script begins and ends with, and how things are called and told apart. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/plot_parts.h"
#include "report/text.h"

enum {
    WIDTH = 1100,
    HEAD_PX = 70,
    FOOT_PX = 30,
    UNDER_PX = 52,
    LEFT_PX = 86,
    TOP_PX = 34,
    NAME_COLUMNS = 44,
};

/* ---- text ---- */

/* Whether a byte means only itself in a string of gnuplot. */
static bool means_itself(char c)
{
    return isalnum((unsigned char)c) != 0 || strchr(" .,:;?-+_/()=", c) != NULL;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Names are cut in the middle: what tells many of them apart is at their ends. */
static const char *fit(struct sp_arena *arena, const char *text, int columns)
{
    const char *tail = text;

    if (columns > NAME_COLUMNS || report_text_width(text) <= columns)
        return report_text_fit(arena, text, columns, "...");
    while (report_text_width(tail) > columns / 2 - 2)
        report_text_next(&tail);
    text = report_text_fit(arena, text, columns - report_text_width(tail), "...");
    return sp_arena_printf(arena, "%s%s", text, tail);
}

/* Every byte that could mean something in a string or on a command line is written as
 * its octal number, which is read after both were taken apart; of a
 * number that begins with 0 a fourth digit is read, if one follows.  (Within single
 * quotes a doubled quote stands for one, but not as the first character.)  Letters that
 * the usual fonts don't have are gone, which pngcairo draws as boxes as large as the
 * picture.  Of what XML gives a meaning, gnuplot leaves "]]>" as it is: it is broken
 * up. */
const char *report_plot_quoted(struct sp_arena *arena, const char *text, int columns)
{
    const char *clean = report_text_clean(arena, text, REPORT_TEXT_PLAIN);
    const char *from = fit(arena, clean, columns);
    char *to = sp_arena_alloc(arena, 5 * strlen(from) + 3), *out = to;

    *out++ = '"';
    for (const char *c = from; *c != '\0'; c++) {
        if (c - from >= 2 && strncmp(c - 2, "]]>", 3) == 0)
            *out++ = ' ';
        if (means_itself(*c))
            *out++ = *c;
        else
            out += sprintf(
                out, (unsigned char)*c < 0100 && is_octal(c[1]) ? "\\0%03o" : "\\%03o",
                (unsigned char)*c);
    }
    *out = '"';
    return to;
}

const char *report_plot_tic(struct sp_arena *arena, const char *text, int columns)
{
    char *doubled = sp_arena_alloc(arena, 2 * strlen(text) + 1), *out = doubled;

    for (; *text != '\0'; text++) {
        if (*text == '%')
            *out++ = '%';
        *out++ = *text;
    }
    return report_plot_quoted(arena, doubled, columns);
}

const char *report_plot_stem(const struct report_plots *p,
                             const struct report_plot_family *family, int32_t id)
{
    enum { LONGEST = 40 };
    char *stem;

    if (family->name == NULL)
        return family->stem;
    stem = sp_arena_printf(p->arena, "%s-%" PRId32 "-%.*s", family->stem, id + 1,
                           LONGEST, family->name(p, id));
    for (char *c = stem; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80)
            *c = '-';
    return stem;
}

/* ---- counts and names ---- */

int32_t report_plot_count_one(const struct report_plots *p)
{
    (void)p;
    return 1;
}

int32_t report_plot_count_policies(const struct report_plots *p)
{
    return p->r->n_policies;
}

int32_t report_plot_count_workloads(const struct report_plots *p)
{
    return p->r->n_policies > 0 ? p->r->policies[0].n_workloads : 0;
}

const char *report_plot_policy_name(const struct report_plots *p, int32_t id)
{
    return p->r->policies[id].name;
}

const char *report_plot_workload_name(const struct report_plots *p, int32_t id)
{
    return p->r->policies[0].workloads[id].name;
}

const struct model_workload_result *report_plot_workload(const struct report_plots *p,
                                                         int32_t policy, int32_t id)
{
    const struct model_policy_result *x = &p->r->policies[policy];

    return id < x->n_workloads ? &x->workloads[id] : NULL;
}

/* ---- data ---- */

void report_plot_data_head(const struct report_plots *p, const char *what, FILE *out)
{
    fprintf(out, "# stageplan %s: %s; ? where not measured\n",
            report_text_clean(p->arena, p->r->version, REPORT_TEXT_ASCII), what);
}

void report_plot_data_name(const struct report_plots *p, int32_t i, const char *name,
                           FILE *out)
{
    fprintf(out, "# %" PRId32 " is %s\n", i,
            report_plot_quoted(p->arena, name, REPORT_PLOT_TITLE));
}

void report_plot_value(FILE *out, double v)
{
    if (isfinite(v))
        fprintf(out, " %.17g", v);
    else
        fputs(" ?", out);
}

/* ---- scripts ---- */

static const char *footer(const struct report_plots *p)
{
    const struct model_result *r = p->r;

    if (r->n_policies == 0)
        return sp_arena_printf(p->arena, "stageplan %s, %s", r->version, r->path);
    return sp_arena_printf(
        p->arena, "stageplan %s, seed %" PRIu64 ", %" PRId32 " replication%s, %s%s",
        r->version, r->seed, r->n_runs, r->n_runs == 1 ? "" : "s", r->path,
        r->partial ? ", interrupted: partial" : "");
}

static void write_label(const struct report_plots *p, int id, const char *text,
                        double y, const char *look, FILE *out)
{
    fprintf(out, "set label %d %s at screen 0.015,%.4f left %s noenhanced\n", id,
            report_plot_quoted(p->arena, text, id == 1 ? REPORT_PLOT_TITLE : 150), y,
            look);
}

void report_plot_begin(const struct report_plots *p, const struct report_picture *x,
                       FILE *out)
{
    double h = x->height;

    fprintf(out,
            "# stageplan %s: draws %s.svg and %s.png of %s.dat, in this folder\n"
            "set encoding utf8\n"
            "if (!exists('out')) out = '%s'\n"
            "do for [kind in 'svg png'] {\n"
            "reset\n"
            "if (kind eq 'svg') { set terminal svg noenhanced size %d,%d font "
            "'sans-serif,13' background '#ffffff' } else { set terminal pngcairo "
            "noenhanced size %d,%d font 'sans,10' background '#ffffff' }\n"
            "set output out.'.'.kind\n",
            report_text_clean(p->arena, p->r->version, REPORT_TEXT_ASCII), x->stem,
            x->stem, x->stem, x->stem, WIDTH, x->height, WIDTH, x->height);
    fputs("set datafile missing '?'\nset border 3 lc rgb '#606060'\nset tics nomirror "
          "out noenhanced\n"
          "set grid y lc rgb '#d8d8d8' lt 1\nset style fill solid 1 noborder\n"
          "set multiplot\n",
          out);
    write_label(p, 1, x->title, 1 - 20 / h, "font (kind eq 'svg' ? ',18' : ',14')",
                out);
    if (*x->subtitle != '\0')
        write_label(p, 2, x->subtitle, 1 - 44 / h, "tc rgb '#505050'", out);
    write_label(p, 3, footer(p), 12 / h,
                "font (kind eq 'svg' ? ',11' : ',8') tc rgb '#707070'", out);
}

void report_plot_end(FILE *out)
{
    fputs("unset multiplot\nset output\n}\n", out);
}

void report_plot_panel(const struct report_panel *x, FILE *out)
{
    double h = x->height, under = x->under > 0 ? x->under : UNDER_PX;
    double left = x->left > 0 ? x->left : LEFT_PX;
    double width = (WIDTH * (1 - x->legend_frac) - 20) / x->columns;
    double tall = (h - HEAD_PX - FOOT_PX) / x->rows;
    int row = x->index / x->columns, column = x->index % x->columns;
    double top = h - HEAD_PX - row * tall - (x->columns > 1 ? TOP_PX : 10);
    double bottom = h - HEAD_PX - (row + 1) * tall + under;

    if (x->index > 0)
        fputs("unset label 1\nunset label 2\nunset label 3\n", out);
    fprintf(out,
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
            (column * width + left) / WIDTH, ((column + 1) * width) / WIDTH, top / h,
            bottom / h);
    if (x->legend_frac > 0 && x->index == 0)
        fprintf(out,
                "set key at screen %.4f,%.4f left top vertical Left reverse noenhanced "
                "samplen 2 width -2 maxrows 40\n",
                1 - x->legend_frac, top / h);
}

enum { TIC_COLUMNS = 22, TIC_PX = 7 };

static bool tics_rotate(const struct report_plots *p)
{
    int longest = 0;

    for (int32_t i = 0; i < p->r->n_policies; i++) {
        int width = report_text_width(
            report_text_clean(p->arena, p->r->policies[i].name, REPORT_TEXT_PLAIN));

        longest = width > longest ? width : longest;
    }
    longest = longest > TIC_COLUMNS ? TIC_COLUMNS : longest;
    return longest * TIC_PX * p->r->n_policies > WIDTH * 2 / 3;
}

int report_plot_policy_tics_px(const struct report_plots *p)
{
    return tics_rotate(p) ? 110 : 0;
}

void report_plot_policy_tics(const struct report_plots *p,
                             const char *(*mark)(const struct report_plots *p,
                                                 int32_t policy),
                             FILE *out)
{
    fputs("set xtics noenhanced (", out);
    for (int32_t i = 0; i < p->r->n_policies; i++) {
        const char *behind = mark != NULL ? mark(p, i) : NULL;
        const char *name = p->r->policies[i].name;

        if (behind != NULL)
            name = sp_arena_printf(p->arena, "%s (%s)", name, behind);
        fprintf(out, "%s%s %" PRId32, i > 0 ? ", " : "",
                report_plot_tic(p->arena, name, behind != NULL ? 34 : TIC_COLUMNS), i);
    }
    fprintf(out, ")\nset xtics %s\nset xrange [-0.6:%.1f]\n",
            tics_rotate(p) ? "rotate by -25" : "norotate", p->r->n_policies - 0.4);
}

/* Of one palette that the colour-blind tell apart; dashes and points tell too. */
static const char *const colours[REPORT_PLOT_COLOURS] = {
    "#0072b2", "#d55e00", "#000000", "#56b4e9",
    "#cc79a7", "#009e73", "#e69f00", "#707070"};

const char *report_plot_line(const struct report_plots *p, int32_t id)
{
    static const char *const dashes[] = {"1", "'-'", "'.'", "'_.'"};
    int32_t dash = id / REPORT_PLOT_COLOURS + id;

    return sp_arena_printf(p->arena, "lc rgb '%s' dt %s",
                           colours[id % REPORT_PLOT_COLOURS], dashes[dash % 4]);
}

const char *report_plot_point(const struct report_plots *p, int32_t id)
{
    static const int points[] = {5, 7, 9, 11, 13, 4, 6, 8, 10, 12};

    return sp_arena_printf(p->arena, "lc rgb '%s' pt %d",
                           colours[id % REPORT_PLOT_COLOURS], points[id % 10]);
}
