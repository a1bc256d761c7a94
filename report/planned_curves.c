/* Cost against what it buys, and how many units of one kind keep another busy. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/planned_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- frontier ---- */

enum { BAR = 16 };

static const char *traded(struct report_page *page, const struct model_figure *figure,
                          double v)
{
    if (strcmp(figure->unit, "s") == 0)
        return report_page_figure(page, report_format_seconds, v);
    return report_page_figure(page, report_format_number, v);
}

static double most_usd(const struct model_planned *p)
{
    double most = 0;

    for (int32_t i = 0; i < p->n_frontier; i++)
        most = fmax(most, p->frontier[i].usd.mean);
    return most;
}

/* The first figure is named by what is traded: the heads are made here. */
enum { N_FRONTIER = 4 };
static void frontier_columns(const struct model_planned *p,
                             struct report_column columns[N_FRONTIER])
{
    const struct report_column all[N_FRONTIER] = {
        {p->frontier_of.figure->help, 20, REPORT_LEFT},
        {"USD a run", 22, REPORT_RIGHT},
        {"", BAR, REPORT_LEFT},
        {"met", 4, REPORT_LEFT},
    };

    memcpy(columns, all, sizeof all);
}

static void print_point(struct report_page *page, const struct model_planned *p,
                        const struct report_column *columns, int32_t i)
{
    const struct model_planned_fleet *f = &p->frontier[i];
    const bool has_units = f->n_units > 0 || f->policy != NULL;
    const char *texts[N_FRONTIER] = {
        traded(page, p->frontier_of.figure, f->traded.mean),
        report_planned_stat(page, f->usd, report_format_usd),
        report_page_bar(page, f->usd.mean / most_usd(p), BAR),
        f->met ? "yes" : "NO",
    };

    report_page_row(page, columns, N_FRONTIER, texts, ' ', REPORT_PLAIN);
    report_page_wrap(page, 4, "",
                     sp_arena_printf(page->arena, "%s%s%s",
                                     report_planned_nodes(page, f, 40),
                                     has_units ? ": " : "",
                                     has_units ? report_planned_what(page, f) : ""),
                     REPORT_DIM);
}

void report_planned_frontier(struct report_page *page, const struct model_planned *p)
{
    struct report_column columns[N_FRONTIER];

    if (p->n_frontier == 0)
        return;
    report_page_rule(page, "frontier");
    frontier_columns(p, columns);
    report_page_head(page, columns, N_FRONTIER);
    for (int32_t i = 0; i < p->n_frontier; i++)
        print_point(page, p, columns, i);
    report_page_wrap(
        page, 2, "",
        "Cheapest first; each of them is better than those above it. 'met' "
        "is about the targets.",
        REPORT_DIM);
}

/* ---- ratios ---- */

enum { BAR_RATIO = 24 };
static const struct report_column ratio_columns[] = {
    {"per unit of the other", 22, REPORT_LEFT},
    {"units", 12, REPORT_RIGHT},
    {"busy", 18, REPORT_RIGHT},
    {"", BAR_RATIO, REPORT_LEFT},
};

static const struct model_planned_ratio *least_enough(const struct model_planned *p)
{
    const struct model_planned_ratio *least = NULL;

    for (int32_t i = 0; i < p->n_ratios; i++)
        if (p->ratios[i].enough && (least == NULL || p->ratios[i].per < least->per))
            least = &p->ratios[i];
    return least;
}

static void print_answer(struct report_page *page, const struct model_planned *p)
{
    const struct model_planned_ratio *r = least_enough(p);
    const char *asked = report_page_name(page, p->ratio != NULL ? p->ratio : "", 60);
    const char *busy =
        report_page_figure(page, report_format_percent, p->ratio_busy_frac);

    if (r == NULL)
        report_page_wrap(
            page, 0, "=> ",
            sp_arena_printf(page->arena,
                            "%s: no number that was tried keeps it %s busy", asked,
                            busy),
            REPORT_BOLD);
    else
        report_page_wrap(
            page, 0, "=> ",
            sp_arena_printf(
                page->arena, "%s: %s%s for each keep it %s busy (%s asked for)", asked,
                report_page_figure(page, report_format_number, r->per),
                r->count == 1 ? " or fewer" : "",
                report_planned_stat(page, r->busy_frac, report_format_percent), busy),
            REPORT_BOLD);
}

static void print_analysis(struct report_page *page, const struct model_planned *p)
{
    const struct model_planned_ratio *r = least_enough(p);

    if (!(p->ratio_analysis > 0))
        return;
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "By the mean times alone it takes %s for each.%s",
            report_page_figure(page, report_format_number, p->ratio_analysis),
            r != NULL && r->per < 0.8 * p->ratio_analysis
                ? " Fewer are enough: the other does not wait for them, "
                  "and what they can't keep up with piles up before them."
                : ""),
        REPORT_PLAIN);
}

void report_planned_ratios(struct report_page *page, const struct model_planned *p)
{
    if (p->n_ratios == 0)
        return;
    print_answer(page, p);
    print_analysis(page, p);
    report_page_end_line(page);
    report_page_head(page, ratio_columns, COUNT(ratio_columns));
    for (int32_t i = 0; i < p->n_ratios; i++) {
        const struct model_planned_ratio *r = &p->ratios[i];
        const char *texts[COUNT(ratio_columns)] = {
            report_page_figure(page, report_format_number, r->per),
            sp_arena_printf(page->arena, "%" PRId32 " to %" PRId32, r->count, r->of),
            report_planned_stat(page, r->busy_frac, report_format_percent),
            isnan(r->busy_frac.mean)
                ? ""
                : report_page_bar(page, r->busy_frac.mean, BAR_RATIO),
        };

        report_page_row(page, ratio_columns, COUNT(ratio_columns), texts,
                        r->enough ? '*' : ' ', REPORT_PLAIN);
    }
}
