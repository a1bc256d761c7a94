/* The fewest nodes: a row for each policy, and the fleets beside them as evidence. */
#include <inttypes.h>
#include <math.h>

#include "model/stat.h"
#include "report/format.h"
#include "report/found_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* "2d 1h" is too coarse to see which of two fleets waits longer: from a day on, hours.
 */
static const char *seconds(struct report_page *page, double v)
{
    if (v < 86400 || !isfinite(v))
        return report_page_figure(page, report_format_seconds, v);
    return sp_arena_printf(page->arena, "%s h",
                           report_page_figure(page, report_format_number, v / 3600));
}

/* A share is rounded against the goal: 89.996 % is no 90 %. */
static const char *figure(struct report_page *page, const struct model_found *f,
                          double v)
{
    if (isnan(v))
        return "-";
    switch (f->goal.unit) {
    case MODEL_FOUND_SECONDS:
        return seconds(page, v);
    case MODEL_FOUND_COUNT:
        return report_page_figure(page, report_format_number, v);
    case MODEL_FOUND_SHARE:
        return sp_arena_printf(page->arena, "%.2f%%", floor(1e4 * v) / 100);
    }
    return "-";
}

static const char *usd(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_usd, v);
}

static const char *share(struct report_page *page, double v)
{
    return report_page_figure(page, report_format_percent, v);
}

/* ---- table ---- */

static const struct report_column columns[] = {
    {"policy", 17, REPORT_LEFT},      {"nodes", 8, REPORT_RIGHT},
    {"has", 8, REPORT_RIGHT},         {"figure", 9, REPORT_RIGHT},
    {"GPU alloc.", 10, REPORT_RIGHT}, {"GPU busy", 8, REPORT_RIGHT},
    {"USD", 12, REPORT_RIGHT},
};

static void print_row(struct report_page *page, const struct model_found *f,
                      const struct model_found_policy *p)
{
    const struct model_found_fleet *l = &p->least;
    bool found = l->nodes > 0;
    const char *texts[COUNT(columns)] = {
        p->name,
        found ? sp_arena_printf(page->arena, "%" PRId32, l->nodes) : "-",
        p->nodes > 0 ? sp_arena_printf(page->arena, "%" PRId32, p->nodes) : "-",
        figure(page, f, found ? l->figure : NAN),
        share(page, found ? l->gpu_allocated : NAN),
        share(page, found ? l->gpu_busy : NAN),
        usd(page, found ? l->usd : NAN),
    };

    report_page_row(page, columns, COUNT(columns), texts, ' ', REPORT_PLAIN);
}

/* ---- sentences ---- */

/* "67 nodes miss it (2d 3h; 0 of 10 runs meet it)" */
static const char *fleet_words(struct report_page *page, const struct model_found *f,
                               const struct model_found_fleet *x, bool meets)
{
    const char *verb = meets ? (x->nodes == 1 ? "meets" : "meet")
                             : (x->nodes == 1 ? "misses" : "miss");
    const char *runs =
        f->replications == 1
            ? ""
            : sp_arena_printf(page->arena, "; %" PRId32 " of %" PRId32 " runs meet it",
                              x->met, f->replications);

    return sp_arena_printf(
        page->arena, "%" PRId32 " node%s %s it (%s%s)", x->nodes,
        x->nodes == 1 ? "" : "s", verb,
        isnan(x->figure) ? "not all work is done" : figure(page, f, x->figure), runs);
}

static bool meets(const struct model_found *f, const struct model_found_fleet *x)
{
    return x->met >= (int32_t)ceil(0.9 * f->replications - 1e-9);
}

static const char *evidence(struct report_page *page, const struct model_found *f,
                            const struct model_found_policy *p)
{
    const char *text;

    if (p->nodes == 0)
        return sp_arena_printf(page->arena, "has no fixed nodes of type %s",
                               report_page_name(page, f->node_type, 40));
    if (p->least.nodes == 0 && p->fewer.nodes == 0)
        return "no run was completed";
    if (p->least.nodes == 0)
        return sp_arena_printf(page->arena, "no number found: even %s",
                               fleet_words(page, f, &p->fewer, false));
    text = fleet_words(page, f, &p->least, true);
    if (p->fewer.nodes > 0)
        text = sp_arena_printf(page->arena, "%s, %s", text,
                               fleet_words(page, f, &p->fewer, false));
    if (p->more.nodes > 0)
        text = sp_arena_printf(page->arena, "%s, %s", text,
                               fleet_words(page, f, &p->more, meets(f, &p->more)));
    return text;
}

static void print_evidence(struct report_page *page, const struct model_found *f,
                           const struct model_found_policy *p)
{
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "%s: %s%s", report_page_name(page, p->name, 40),
            evidence(page, f, p),
            p->runs == 0
                ? ""
                : sp_arena_printf(page->arena, "; %" PRId32 " fleets tried", p->runs)),
        REPORT_PLAIN);
}

/* "1 node and 2.519 that it buys (mean)" */
static const char *all_nodes(struct report_page *page,
                             const struct model_found_fleet *x)
{
    const char *fixed = sp_arena_printf(page->arena, "%" PRId32 " node%s", x->nodes,
                                        x->nodes == 1 ? "" : "s");

    if (!(x->bought > 0))
        return fixed;
    return sp_arena_printf(page->arena, "%s and %s that it buys (mean)", fixed,
                           report_page_figure(page, report_format_number, x->bought));
}

/* Of runs with the same seeds, as pairs. */
static const char *bill_words(struct report_page *page, const struct model_found *f,
                              const struct model_found_policy *p,
                              const struct model_found_policy *b)
{
    const bool known = p->least.run_usd != NULL && b->least.run_usd != NULL;
    const struct model_stat ratio =
        known ? model_stat_ratio(p->least.run_usd, b->least.run_usd, f->replications)
              : (struct model_stat){NAN, NAN};
    const double more = 100 * (ratio.mean - 1), half = 100 * ratio.half95;
    const char *bar = half >= 0.05 ? sp_arena_printf(page->arena, " %s %.1f",
                                                     report_page_plus_minus(page), half)
                                   : "";

    if (!isfinite(ratio.mean))
        return "";
    if (half > fabs(more))
        return sp_arena_printf(page->arena,
                               "; no difference in cost shown (%+.1f %%%s)", more, bar);
    if (fabs(more) < 0.05 && bar[0] == '\0')
        return ", and costs the same";
    return sp_arena_printf(page->arena, ", and costs %.1f %%%s %s", fabs(more), bar,
                           more <= 0 ? "less" : "more");
}

/* How sure a number of nodes is: it comes of a count of runs, which has no bar. */
static const char *sure_words(struct report_page *page, const struct model_found *f)
{
    return f->replications == 1
               ? REPORT_FOUND_ONE_RUN
               : sp_arena_printf(page->arena, " (nodes: with these %" PRId32 " seeds)",
                                 f->replications);
}

/* Where nodes are bought besides, their number alone says nothing. */
static void print_bills(struct report_page *page, const struct model_found *f,
                        const struct model_found_policy *p,
                        const struct model_found_policy *b)
{
    report_page_wrap(
        page, 0, "=> ",
        sp_arena_printf(page->arena, "'%s' needs %s against %s of '%s'%s%s",
                        report_page_name(page, p->name, 40), all_nodes(page, &p->least),
                        all_nodes(page, &b->least), report_page_name(page, b->name, 40),
                        bill_words(page, f, p, b), sure_words(page, f)),
        REPORT_BOLD);
}

static void print_verdict(struct report_page *page, const struct model_found *f,
                          const struct model_found_policy *p)
{
    const struct model_found_policy *b = &f->policies[f->baseline];
    int32_t n = p->least.nodes, m = b->least.nodes;
    const char *change;

    if (p == b || n == 0 || m == 0)
        return;
    if (p->least.bought > 0 || b->least.bought > 0) {
        print_bills(page, f, p, b);
        return;
    }
    if (n == m)
        change = "as many as";
    else
        change =
            sp_arena_printf(page->arena, "%.1f %% %s than the %" PRId32 " of",
                            100 * fabs((double)n / m - 1), n < m ? "fewer" : "more", m);
    report_page_wrap(
        page, 0, "=> ",
        sp_arena_printf(page->arena, "'%s' needs %" PRId32 " node%s, %s '%s'%s",
                        report_page_name(page, p->name, 40), n, n == 1 ? "" : "s",
                        change, report_page_name(page, b->name, 40),
                        sure_words(page, f)),
        REPORT_BOLD);
}

static void print_asked(struct report_page *page, const struct model_found *f)
{
    const char *runs =
        f->replications == 1
            ? ""
            : ", in nine of ten runs (the 90th percentile over the seeds decides)";

    report_page_wrap(
        page, 2, "",
        sp_arena_printf(page->arena,
                        "%s of %s: the fewest nodes of type %s with which the %s is at "
                        "%s %s%s; the rest of the fleet stays as it is.",
                        f->what, report_page_name(page, f->workload, 40),
                        report_page_name(page, f->node_type, 40), f->goal.figure,
                        f->goal.at_least ? "least" : "most",
                        figure(page, f, f->goal.target), runs),
        REPORT_DIM);
}

void report_found_nodes(struct report_page *page, const struct model_found *f)
{
    report_found_head(page, f, "fleet");
    print_asked(page, f);
    report_found_partial(page, f);
    report_page_end_line(page);
    report_page_head(page, columns, COUNT(columns));
    for (int32_t i = 0; i < f->n_policies; i++)
        print_row(page, f, &f->policies[i]);
    report_page_end_line(page);
    for (int32_t i = 0; i < f->n_policies; i++)
        print_evidence(page, f, &f->policies[i]);
    report_page_wrap(page, 2, "",
                     "Figures are those of that many nodes; has: nodes in the "
                     "scenario. A target need not be met evenly: fewer nodes that were "
                     "not tried may meet it too.",
                     REPORT_DIM);
    report_page_end_line(page);
    for (int32_t i = 0; i < f->n_policies; i++)
        print_verdict(page, f, &f->policies[i]);
}
