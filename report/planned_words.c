/* Figures and names of a plan, as they stand in tables and sentences. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/month.h"
#include "report/planned_parts.h"

const char *report_planned_stat(struct report_page *page, struct model_stat stat,
                                char *(*format)(double v, char *buf))
{
    const char *value = report_page_figure(page, format, stat.mean);

    if (isnan(stat.mean) || !(stat.half95 > 1e-9 * fabs(stat.mean)))
        return value;
    return sp_arena_printf(page->arena, "%s %s %s", value, report_page_plus_minus(page),
                           report_page_figure(page, format, stat.half95));
}

const char *report_planned_figure(struct report_page *page,
                                  const struct model_goal_kind *kind, double value)
{
    double percent;

    if (isnan(value))
        return "-";
    switch (kind->unit) {
    case MODEL_GOAL_S:
        return report_page_figure(page, report_format_seconds, value);
    case MODEL_GOAL_PER_S:
        return sp_arena_printf(page->arena, "%s/s",
                               report_page_figure(page, report_format_number, value));
    case MODEL_GOAL_FRAC:
        percent = kind->at_most ? ceil(1e4 * value - 1e-6) / 100
                                : floor(1e4 * value + 1e-6) / 100;
        return sp_arena_printf(page->arena, "%.2f%%", percent);
    case MODEL_GOAL_USD:
    case MODEL_GOAL_USD_PER_H:
        return report_page_figure(page, report_format_usd, value);
    }
    return "-";
}

/* ---- nodes ---- */

const char *report_planned_count(struct report_page *page, int32_t n)
{
    return n < 0 ? "any" : sp_arena_printf(page->arena, "%" PRId32, n);
}

static int32_t kinds_held(const struct model_planned_fleet *fleet)
{
    int32_t n = 0;

    for (int32_t i = 0; i < fleet->n_nodes; i++)
        n += fleet->nodes[i].count != 0;
    return n;
}

/* "8"; "up to 8" of what comes and goes. */
static const char *count_words(struct report_page *page,
                               const struct model_planned_nodes *nodes)
{
    const char *count = report_planned_count(page, nodes->count);

    return isnan(nodes->mean) || nodes->count < 0
               ? count
               : sp_arena_printf(page->arena, "up to %s", count);
}

static const char *mean_words(struct report_page *page,
                              const struct model_planned_nodes *nodes)
{
    return isnan(nodes->mean)
               ? ""
               : sp_arena_printf(
                     page->arena, " (%s in the mean)",
                     report_page_figure(page, report_format_number, nodes->mean));
}

const char *report_planned_nodes(struct report_page *page,
                                 const struct model_planned_fleet *fleet, int columns)
{
    const char *text = "";
    int32_t n = kinds_held(fleet), told = 0;

    for (int32_t i = 0; i < fleet->n_nodes; i++) {
        const struct model_planned_nodes *nodes = &fleet->nodes[i];

        if (nodes->count == 0)
            continue;
        text = sp_arena_printf(page->arena, "%s%s%s %s%s", text,
                               told == 0       ? ""
                               : told == n - 1 ? " and "
                                               : ", ",
                               count_words(page, nodes),
                               report_page_name(page, nodes->type, columns),
                               mean_words(page, nodes));
        told++;
    }
    return n > 0 ? text : "no nodes";
}

const char *report_planned_what(struct report_page *page,
                                const struct model_planned_fleet *fleet)
{
    if (fleet->policy == NULL)
        return report_page_name(page, fleet->partition, 200);
    return sp_arena_printf(page->arena, "policy '%s' as written",
                           report_page_name(page, fleet->policy, 40));
}

/* ---- bundling ---- */

static bool same_workload(const struct model_planned_unit *a,
                          const struct model_planned_unit *b)
{
    return strcmp(a->workload, b->workload) == 0;
}

/* Units of a workload stand together. */
enum report_bundling report_planned_bundling(const struct model_planned_fleet *fleet)
{
    bool any_apart = false, any_all = false, any_between = false;

    for (int32_t i = 0, n; i < fleet->n_units; i += n) {
        bool joined = false;

        for (n = 0; i + n < fleet->n_units &&
                    same_workload(&fleet->units[i], &fleet->units[i + n]);
             n++)
            joined |= fleet->units[i + n].n_stages > 1;
        any_between |= n > 1 && joined;
        any_apart |= n > 1 && !joined;
        any_all |= n == 1 && joined;
    }
    if (any_between || (any_apart && any_all))
        return REPORT_BUNDLING_BETWEEN;
    if (any_all)
        return REPORT_BUNDLING_ALL;
    return any_apart ? REPORT_BUNDLING_APART : REPORT_BUNDLING_NONE;
}

/* ---- money ---- */

const char *report_planned_cheaper(struct report_page *page, double usd,
                                   struct model_stat more)
{
    double other = usd + more.mean;
    const char *word = more.mean >= 0 ? "cheaper" : "dearer", *about = "";

    if (isnan(more.mean) || !(other > 0))
        return "its cost is not known";
    if (fabs(more.mean) <= (isnan(more.half95) ? 0 : more.half95))
        return "no difference in cost shown";
    if (100 * more.half95 / other >= 0.05) /* else narrower than the last digit */
        about = sp_arena_printf(page->arena, " %s %.1f", report_page_plus_minus(page),
                                100 * more.half95 / other);
    return sp_arena_printf(page->arena, "%s by %.1f %%%s", word,
                           100 * fabs(more.mean) / other, about);
}

const char *report_planned_month_usd(struct report_page *page, double usd_per_h)
{
    const double usd = usd_per_h * REPORT_HOURS_PER_MONTH;

    if (!(usd >= 99.5))
        return report_page_figure(page, report_format_usd, usd);
    return report_format_decimals(usd, 0, sp_arena_alloc(page->arena, REPORT_FIGURE));
}

const char *report_planned_month_stat(struct report_page *page,
                                      struct model_stat usd_per_h)
{
    const char *value = report_planned_month_usd(page, usd_per_h.mean);

    if (isnan(usd_per_h.mean) || !(usd_per_h.half95 > 1e-9 * fabs(usd_per_h.mean)))
        return value;
    return sp_arena_printf(page->arena, "%s %s %s", value, report_page_plus_minus(page),
                           report_planned_month_usd(page, usd_per_h.half95));
}
