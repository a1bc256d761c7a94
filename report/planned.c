/* A plan on a terminal, from its headline down to what it rests on. */
#include "report/planned.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/inputs.h"
#include "report/format.h"
#include "report/page.h"
#include "report/planned_parts.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- head ---- */

static void print_head(struct report_page *page, const struct model_planned *p)
{
    enum { HASH = 24 };

    fprintf(page->out, "stageplan %s  ", report_page_name(page, p->version, 16));
    report_page_cell(page, p->name, page->columns - 20, REPORT_LEFT, REPORT_BOLD);
    report_page_end_line(page);
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(page->arena,
                        "seed %" PRIu64 ", %" PRId32 " replication%s a fleet%s",
                        p->seed, p->replications, p->replications == 1 ? "" : "s",
                        p->replications == 1 ? "" : " (means, +- 95 % confidence)"),
        REPORT_PLAIN);
    for (int32_t i = 0; i < p->n_files; i++) {
        int room = page->columns - HASH - 2;

        fputs("  ", page->out);
        report_page_cell(page, report_page_path(page, p->files[i].file, room), room,
                         REPORT_LEFT, REPORT_PLAIN);
        fprintf(page->out, " xxh64 %016" PRIx64 "\n", p->files[i].xxh64);
    }
    if (p->interrupted)
        report_page_wrap(page, 0, "PARTIAL: ",
                         "interrupted; this is the best that had been found by then.",
                         REPORT_ALARM);
}

/* ---- the answer ---- */

/* "240.00 USD/h, 175200 USD a month (40.00 USD a run of 10m)" */
static const char *cost_words(struct report_page *page,
                              const struct model_planned_fleet *f)
{
    return sp_arena_printf(
        page->arena, "%s USD/h, %s USD a month (%s USD a run of %s)",
        report_planned_stat(page, f->usd_per_h, report_format_usd),
        report_planned_month_stat(page, f->usd_per_h),
        report_planned_stat(page, f->usd, report_format_usd),
        report_page_figure(page, report_format_seconds, f->time_s.mean));
}

/* "2 l40s"; "policy 'hpa' as written, up to 8 a100 (2.48 in the mean)" */
static const char *fleet_words(struct report_page *page,
                               const struct model_planned_fleet *f)
{
    const char *nodes = report_planned_nodes(page, f, 40);

    return f->policy == NULL
               ? nodes
               : sp_arena_printf(page->arena, "policy '%s' as written, %s",
                                 report_page_name(page, f->policy, 40), nodes);
}

static void print_plan(struct report_page *page, const struct model_planned *p)
{
    report_page_wrap(page, 0, "=> ",
                     sp_arena_printf(page->arena, "%s: %s", fleet_words(page, &p->best),
                                     cost_words(page, &p->best)),
                     REPORT_BOLD);
    report_planned_fleet(page, &p->best);
}

static void print_closest(struct report_page *page, const struct model_planned *p)
{
    report_page_wrap(page, 0, "INFEASIBLE: ",
                     p->missed != NULL ? p->missed : "a target can't be met",
                     REPORT_ALARM);
    if (p->best.n_nodes == 0)
        return;
    report_page_wrap(page, 0, "=> closest: ",
                     sp_arena_printf(page->arena, "%s: %s", fleet_words(page, &p->best),
                                     p->best.why_not != NULL
                                         ? p->best.why_not
                                         : cost_words(page, &p->best)),
                     REPORT_BOLD);
    report_planned_fleet(page, &p->best);
}

/* ---- the bound ---- */

/* Of a fleet of fixed size to the bound, of a policy as written to the floor. */
static const char *gap_words(struct report_page *page, const struct model_planned *p,
                             bool to_floor)
{
    if (!p->feasible || !isfinite(p->gap_frac) || to_floor != (p->best.policy != NULL))
        return "";
    if (p->gap_frac < 5e-5)
        return " The plan costs just that.";
    return sp_arena_printf(page->arena, " The plan is %.*f %% above it.",
                           p->gap_frac < 0.001 ? 2 : 1, 100 * p->gap_frac);
}

static const char *because(struct report_page *page, const char *text)
{
    return text == NULL || text[0] == '\0' ? ""
                                           : sp_arena_printf(page->arena, ": %s", text);
}

static void print_bound(struct report_page *page, const struct model_planned *p)
{
    double per_h = p->bound_usd * p->best.usd_per_h.mean / p->best.usd.mean;
    const char *hours =
        isfinite(per_h) && p->feasible
            ? sp_arena_printf(page->arena, " (%s USD/h at the plan's time)",
                              report_page_figure(page, report_format_usd, per_h))
            : "";

    if (isnan(p->bound_usd))
        report_page_wrap(page, 2, "",
                         "No bound is known: a price or a mean time is missing.",
                         REPORT_PLAIN);
    else if (p->bound_usd <= 0)
        report_page_wrap(page, 2, "",
                         "No bound above 0 is known: the targets alone ask for no "
                         "certain amount of work.",
                         REPORT_PLAIN);
    else if (isfinite(p->bound_usd))
        report_page_wrap(
            page, 2, "",
            sp_arena_printf(
                page->arena,
                "No fleet of fixed size costs less than %s USD a run%s%s.%s",
                report_page_figure(page, report_format_usd, p->bound_usd), hours,
                because(page, p->bound_text), gap_words(page, p, false)),
            REPORT_PLAIN);
    if (p->floor_usd > 0)
        report_page_wrap(
            page, 2, "",
            sp_arena_printf(page->arena,
                            "Whatever is bought, in any parts and by the second, the "
                            "work costs %s USD or more.%s",
                            report_page_figure(page, report_format_usd, p->floor_usd),
                            gap_words(page, p, true)),
            REPORT_PLAIN);
}

static const char *complete_words(const struct model_planned *p)
{
    if (p->complete_text != NULL && p->complete_text[0] != '\0')
        return p->complete_text;
    return p->complete ? "every fleet that could be cheaper was ruled out."
                       : "fleets that could be cheaper were not looked at.";
}

/* Whether a search was complete and how near a bound is are two things: a wide gap is
 * the bound's where nothing cheaper is left, else what is not known. */
static const char *gap_meaning(struct report_page *page, const struct model_planned *p)
{
    enum { WIDE_PERCENT = 5 };

    if (!p->feasible || p->best.policy != NULL || !(p->gap_frac > 0))
        return "";
    if (!p->complete && isfinite(p->gap_frac))
        return sp_arena_printf(page->arena,
                               "; a fleet up to %.1f %% cheaper is not ruled out",
                               100 * p->gap_frac / (1 + p->gap_frac));
    if (!p->complete || !isfinite(p->gap_frac) || p->gap_frac < WIDE_PERCENT / 100.0)
        return "";
    return "; the gap to the bound is no saving that was left out: the bound knows of "
           "work alone, not of bursts, waiting and nodes partly used";
}

static void print_complete(struct report_page *page, const struct model_planned *p)
{
    if (p->feasible || (p->complete_text != NULL && p->complete_text[0] != '\0'))
        report_page_wrap(page, 2, p->complete ? "Complete: " : "Not complete: ",
                         sp_arena_printf(page->arena, "%s%s", complete_words(p),
                                         gap_meaning(page, p)),
                         REPORT_PLAIN);
    report_page_wrap(
        page, 2, "",
        sp_arena_printf(
            page->arena, "%" PRId64 " candidate%s, %" PRId64 " run%s; cost to %s.",
            p->candidates, p->candidates == 1 ? "" : "s", p->runs,
            p->runs == 1 ? "" : "s",
            report_page_figure(page, report_format_percent, p->precision_frac)),
        REPORT_DIM);
}

/* ---- what it rests on ---- */

static const struct report_column price_columns[] = {
    {"price of", 16, REPORT_LEFT}, {"USD/h", 8, REPORT_RIGHT},
    {"basis", 10, REPORT_LEFT},    {"source", 30, REPORT_LEFT},
    {"of", 10, REPORT_LEFT},
};

/* "gpu-node" of "gpu-node: price". */
static const char *priced(struct report_page *page, const char *name)
{
    static const char suffix[] = ": price";
    size_t size = strlen(name), cut = sizeof suffix - 1;

    if (size <= cut || strcmp(name + size - cut, suffix) != 0)
        return name;
    return sp_arena_printf(page->arena, "%.*s", (int)(size - cut), name);
}

static void print_prices(struct report_page *page, const struct model_planned *p)
{
    bool headed = false;

    for (int32_t i = 0; i < p->n_inputs; i++) {
        const struct model_input *in = &p->inputs[i];
        const char *texts[COUNT(price_columns)] = {
            priced(page, in->name),
            report_page_figure(page, report_format_usd, in->number),
            in->basis,
            in->source,
            in->date[0] != '\0' ? in->date : "undated",
        };

        if (!model_input_is_price(in))
            continue;
        if (!headed) {
            report_page_rule(page, "prices");
            report_page_head(page, price_columns, COUNT(price_columns));
        }
        headed = true;
        report_page_row(page, price_columns, COUNT(price_columns), texts, ' ',
                        REPORT_PLAIN);
    }
    if (p->catalog != NULL)
        report_page_wrap(page, 0, "catalog: ", p->catalog, REPORT_DIM);
}

/* ---- all of it ---- */

static void print_all(struct report_page *page, const struct model_planned *p)
{
    print_head(page, p);
    report_page_end_line(page);
    if (p->n_ratios > 0) {
        report_planned_ratios(page, p);
        print_prices(page, p);
        return;
    }
    if (p->feasible)
        print_plan(page, p);
    else
        print_closest(page, p);
    report_page_end_line(page);
    print_bound(page, p);
    print_complete(page, p);
    report_planned_targets(page, p, &p->best);
    report_planned_bindings(page, p);
    report_planned_beside(page, p);
    report_planned_steps(page, p);
    report_planned_frontier(page, p);
    print_prices(page, p);
}

enum sp_status report_planned_print(FILE *out, const struct model_planned *p,
                                    const struct report_terminal_options *options,
                                    struct sp_err *err)
{
    struct report_page page;

    report_page_open(&page, options);
    print_all(&page, p);
    return report_page_close(&page, out, err);
}
