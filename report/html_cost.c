/* Money: what each policy's bill was paid for, and the steps from one to another.  The
 * layouts are drawn again by page.js when a price is moved: both must be changed
 * together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/format.h"
#include "report/parts.h"
#include "report/svg.h"
#include "report/text.h"

enum { ROW = 46, STEP_ROW = 26, NAME_COLUMNS = 34, STEP_COLUMNS = 18 };
static const double bar_from = 2, bar_to = 474, step_from = 154, step_to = 392;

static const char *usd_text(struct report_html *h, double usd)
{
    return report_html_figure(h, report_html_usd, usd);
}

/* ---- by part ---- */

/* Micro-dollars as the panel counts them: cells, each rounded. */
static void part_sums(const struct model_policy_result *p, int64_t sums[MODEL_PARTS])
{
    memset(sums, 0, MODEL_PARTS * sizeof *sums);
    for (int32_t i = 0; i < p->cost.n_cells; i++)
        sums[p->cost.cells[i].part] += sp_uusd_from_usd(p->cost.cells[i].mean_usd);
}

static int64_t sum_of(const int64_t sums[MODEL_PARTS])
{
    int64_t all = 0;

    for (int i = 0; i < MODEL_PARTS; i++)
        all += sums[i];
    return all;
}

static bool taken_apart(const struct model_policy_result *p)
{
    return p->cost.known && p->cost.n_cells > 0;
}

static double largest_bill(const struct report_html *h)
{
    double most = 0;

    for (int32_t p = 0; p < h->n_charted; p++) {
        int64_t sums[MODEL_PARTS];

        part_sums(&h->r->policies[p], sums);
        most = fmax(most, sp_usd_from_uusd(sum_of(sums)));
    }
    return most;
}

static void draw_bill(struct report_html *h, const struct model_policy_result *p,
                      double y, double per_usd)
{
    int64_t sums[MODEL_PARTS];
    double x = bar_from;

    part_sums(p, sums);
    report_svg_text(
        h, bar_from, y + 14, "name",
        report_text_fit(h->arena,
                        report_text_clean(h->arena, p->name, REPORT_TEXT_LINE),
                        NAME_COLUMNS, "\u2026"));
    report_svg_text(h, bar_to, y + 14, "e",
                    taken_apart(p)
                        ? sp_arena_printf(h->arena, "%s USD",
                                          usd_text(h, sp_usd_from_uusd(sum_of(sums))))
                        : "not known");
    for (int i = 0; i < MODEL_PARTS; i++) {
        double usd = sp_usd_from_uusd(sums[i]);
        const char *name = model_part_name((enum model_part)i);

        if (!(usd > 0))
            continue;
        report_svg_rect(h, x, y + 21, usd * per_usd, 18,
                        sp_arena_printf(h->arena, "p-%s", name),
                        sp_arena_printf(h->arena, "%s, %s: %s USD, %.1f %%", p->name,
                                        name, usd_text(h, usd),
                                        100 * (double)sums[i] / (double)sum_of(sums)));
        x += usd * per_usd;
    }
}

static void draw_parts(struct report_html *h)
{
    struct report_svg_axis axis = report_svg_axis_of(0, largest_bill(h), 4);
    double per_usd = (bar_to - bar_from) / axis.hi, end = ROW * h->n_charted + 4;

    report_svg_open(h, end + 22,
                    "Cost of a run by what was paid for, in USD; the data "
                    "are in the table below",
                    " data-chart=\"parts\"");
    for (int i = 0; i <= axis.n; i++) {
        double x = bar_from + (bar_to - bar_from) * i / axis.n;

        report_svg_line(h, x, 0, x, end, "grid");
        report_svg_text(h, x, end + 16,
                        i == 0        ? "tick"
                        : i == axis.n ? "tick e"
                                      : "tick m",
                        report_html_figure(h, report_format_number, i * axis.step));
    }
    for (int32_t p = 0; p < h->n_charted; p++)
        draw_bill(h, &h->r->policies[p], ROW * p, per_usd);
    report_svg_close(h);
}

static void list_parts(struct report_html *h)
{
    const char *heads[REPORT_HTML_CHARTED + 1] = {"USD per run"};

    for (int32_t p = 0; p < h->n_charted; p++)
        heads[p + 1] = h->r->policies[p].name;
    report_html_data(h, heads, h->n_charted + 1);
    for (int i = 0; i < MODEL_PARTS; i++) {
        report_html_head(h, model_part_name((enum model_part)i));
        for (int32_t p = 0; p < h->n_charted; p++) {
            int64_t sums[MODEL_PARTS];

            part_sums(&h->r->policies[p], sums);
            fprintf(h->out, "<td class=\"n\" data-v=\"part %d %d\">%s</td>", (int)p, i,
                    taken_apart(&h->r->policies[p])
                        ? usd_text(h, sp_usd_from_uusd(sums[i]))
                        : "\u2013");
        }
        fputs("</tr>\n", h->out);
    }
    report_html_data_end(h);
}

static void legend(struct report_html *h)
{
    report_svg_legend(h);
    for (int i = 0; i < MODEL_PARTS; i++) {
        bool some = false;

        for (int32_t p = 0; p < h->n_charted; p++) {
            int64_t sums[MODEL_PARTS];

            part_sums(&h->r->policies[p], sums);
            some = some || sums[i] != 0;
        }
        if (some)
            report_svg_legend_item(
                h,
                sp_arena_printf(h->arena, "p-%s", model_part_name((enum model_part)i)),
                model_part_name((enum model_part)i));
    }
    report_svg_legend_end(h);
}

/* ---- from one bill to another ---- */

struct range {
    double lo, hi;
};

static struct range range_of(const struct report_waterfall *w)
{
    double at = sp_usd_from_uusd(w->from_uusd), to = sp_usd_from_uusd(w->to_uusd);
    struct range r = {fmin(0, fmin(at, to)), fmax(at, to)};

    for (int s = 0; s < REPORT_STEPS; s++) {
        at += sp_usd_from_uusd(w->uusd[s]);
        r.lo = fmin(r.lo, at);
        r.hi = fmax(r.hi, at);
    }
    return r;
}

static double place(const struct range *r, double usd)
{
    double width = r->hi > r->lo ? r->hi - r->lo : 1;

    return step_from + (step_to - step_from) * (usd - r->lo) / width;
}

static void draw_row(struct report_html *h, const struct range *r, double y,
                     const char *name, const char *class_name, double from, double to,
                     const char *value)
{
    double x = place(r, fmin(from, to)), end = place(r, fmax(from, to));

    report_svg_text(h, 0, y + 17, strcmp(class_name, "total") == 0 ? "name" : "step",
                    report_text_fit(h->arena,
                                    report_text_clean(h->arena, name, REPORT_TEXT_LINE),
                                    STEP_COLUMNS, "\u2026"));
    report_svg_rect(h, x, y + 4, fmax(end - x, 0.8), 18, class_name,
                    sp_arena_printf(h->arena, "%s: %s USD", name, value));
    report_svg_text(h, 478, y + 17, "e", value);
}

static const char *signed_text(struct report_html *h, double usd)
{
    return sp_arena_printf(h->arena, "%s%s", usd > 0 ? "+" : "", usd_text(h, usd));
}

static int count_steps(const struct report_waterfall *w)
{
    int n = 0;

    for (int s = 0; s < REPORT_STEPS; s++)
        n += w->uusd[s] != 0;
    return n;
}

static void draw_waterfall(struct report_html *h, const struct report_waterfall *w)
{
    struct range r = range_of(w);
    double at = sp_usd_from_uusd(w->from_uusd), y = STEP_ROW;
    const char *from = h->r->policies[w->from].name, *to = h->r->policies[w->to].name;

    report_svg_open(
        h, STEP_ROW * (count_steps(w) + 2) + 2,
        sp_arena_printf(h->arena,
                        "Steps from the cost of %s to that of %s; the data "
                        "are in the table below",
                        from, to),
        sp_arena_printf(h->arena, " data-chart=\"steps\" data-to=\"%d\"", (int)w->to));
    report_svg_line(h, place(&r, 0), 0, place(&r, 0),
                    STEP_ROW * (count_steps(w) + 2) + 2, "grid");
    draw_row(h, &r, 0, from, "total", 0, at, usd_text(h, at));
    for (int s = 0; s < REPORT_STEPS; s++) {
        double usd = sp_usd_from_uusd(w->uusd[s]);

        if (w->uusd[s] == 0)
            continue;
        draw_row(h, &r, y, report_step_name((enum report_step_kind)s),
                 usd < 0 ? "less" : "more", at, at + usd, signed_text(h, usd));
        at += usd;
        y += STEP_ROW;
    }
    draw_row(h, &r, y, to, "total", 0, sp_usd_from_uusd(w->to_uusd),
             usd_text(h, sp_usd_from_uusd(w->to_uusd)));
    report_svg_close(h);
}

static void list_total(struct report_html *h, int32_t policy, const char *which,
                       int32_t to, int64_t uusd)
{
    report_html_head(h, h->r->policies[policy].name);
    fprintf(h->out,
            "<td class=\"n\" data-v=\"%s %d\">%s</td><td>the whole bill</td></tr>\n",
            which, (int)to, usd_text(h, sp_usd_from_uusd(uusd)));
}

static void list_waterfall(struct report_html *h, const struct report_waterfall *w)
{
    static const char *const heads[] = {"step", "USD per run", "what it is"};

    report_html_data(h, heads, 3);
    list_total(h, w->from, "from", w->to, w->from_uusd);
    for (int s = 0; s < REPORT_STEPS; s++) {
        report_html_head(h, report_step_name((enum report_step_kind)s));
        fprintf(h->out, "<td class=\"n\" data-v=\"step %d %d\">%s</td><td>", (int)w->to,
                s, signed_text(h, sp_usd_from_uusd(w->uusd[s])));
        report_html_text(h, report_step_text((enum report_step_kind)s));
        fputs("</td></tr>\n", h->out);
    }
    list_total(h, w->to, "to", w->to, w->to_uusd);
    report_html_data_end(h);
}

static void show_waterfall(struct report_html *h, int32_t to)
{
    struct report_waterfall w;
    int32_t from = h->r->baseline;

    if (to == from || !report_waterfall_make(h->r, from, to, &w))
        return;
    report_svg_figure(
        h,
        sp_arena_printf(h->arena, "From '%s' to '%s'.", h->r->policies[from].name,
                        h->r->policies[to].name),
        "USD per run; steps are valued at list price and add up exactly.");
    draw_waterfall(h, &w);
    list_waterfall(h, &w);
    report_svg_figure_end(h);
}

void report_html_cost(struct report_html *h)
{
    bool any = false;

    for (int32_t p = 0; p < h->n_charted; p++)
        any = any || taken_apart(&h->r->policies[p]);
    if (!any)
        return;
    report_html_section(h, "cost", "Where the money goes");
    fputs("<div class=\"charts\">\n", h->out);
    report_svg_figure(h, "Cost by what was paid for.", "USD per run.");
    legend(h);
    draw_parts(h);
    list_parts(h);
    report_svg_figure_end(h);
    for (int32_t p = 0; p < h->n_charted && h->r->baseline != SP_NO_ID; p++)
        show_waterfall(h, p);
    fputs("</div>\n", h->out);
    report_html_more(h, h->r->n_policies - h->n_charted, "policies");
    report_html_section_end(h);
}
