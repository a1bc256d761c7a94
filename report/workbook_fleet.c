/* The sheet Fleet: nodes, hours and money by policy and node type. */
#include <math.h>

#include "report/workbook_parts.h"

enum {
    F_POLICY,
    F_TYPE,
    F_OPTION,
    F_PEAK,
    F_MEAN,
    F_HOURS,
    F_BILLED,
    F_PAID,
    F_USD,
    F_MONTH,
    F_SIM_PAID,
    F_SIM_USD,
    F_COLUMNS
};

double report_live_node_usd(const struct model_node_use *n)
{
    return isnan(n->usd_per_h) ? NAN : n->usd.mean;
}

double report_live_usd(const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        sum += report_live_node_usd(&p->nodes[i]);
    return sum;
}

const char *report_fleet_usd(const struct report_workbook *w, int32_t policy)
{
    return sp_arena_printf(w->arena, "Fleet!%s:%s",
                           report_cell_fixed(w->arena, w->fleet[policy].first, F_USD),
                           report_cell_fixed(w->arena, w->fleet[policy].last, F_USD));
}

const char *report_fleet_node(const struct report_workbook *w, int32_t policy,
                              int32_t node)
{
    return sp_arena_printf(
        w->arena, "Fleet!%s",
        report_cell_fixed(w->arena, w->fleet[policy].first + node, F_USD));
}

/* The run's money times the price's factor: that is billed hours times price, with each
 * lease rounded to a micro-dollar as bills are.  Where the run had no price, billed
 * hours times price. */
static void write_money(const struct report_workbook *w, struct report_sheet *s,
                        int row, const struct model_node_use *n)
{
    int32_t price = report_price_of(w, n);
    const char *paid = report_price_paid(w, price);
    const char *factor = report_price_factor(w, price);
    const char *cell = report_cell_at(w->arena, row, F_PAID);
    const char *usd = report_cell_at(w->arena, row, F_USD);
    double now = report_live_node_usd(n);
    const char *missing = isnan(n->usd_per_h) ? "no price" : NULL;

    report_sheet_formula(s, row, F_PAID, sp_arena_printf(w->arena, "=%s", paid),
                         n->usd_per_h, missing, REPORT_LOOK_CALC);
    report_sheet_formula(
        s, row, F_USD,
        sp_arena_printf(w->arena,
                        "=IF(ISNUMBER(%s),%s*%s,IF(ISNUMBER(%s),%s*%s,\"unknown\"))",
                        factor, report_cell_at(w->arena, row, F_SIM_USD), factor, cell,
                        report_cell_at(w->arena, row, F_BILLED), cell),
        now, missing != NULL ? "unknown" : NULL, REPORT_LOOK_UUSD);
    report_write_known(w, s, row, F_MONTH,
                       (const char *const[]){usd, "runs_per_month", NULL},
                       sp_arena_printf(w->arena, "%s*runs_per_month", usd),
                       now * report_live_runs(w), REPORT_LOOK_USD);
}

static void write_node(const struct report_workbook *w, struct report_sheet *s, int row,
                       int32_t policy, const struct model_node_use *n)
{
    report_sheet_text(s, row, F_POLICY, w->r->policies[policy].name, REPORT_LOOK_NAME);
    report_sheet_text(s, row, F_TYPE, n->type, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, F_OPTION, n->option, REPORT_LOOK_TEXT);
    report_sheet_number(s, row, F_PEAK, n->peak, REPORT_LOOK_COUNT);
    report_sheet_number(s, row, F_MEAN, n->mean.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, F_HOURS, n->hours.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, F_BILLED, n->billed_hours.mean, REPORT_LOOK_NUMBER);
    write_money(w, s, row, n);
    report_sheet_number(s, row, F_SIM_PAID, n->usd_per_h, REPORT_LOOK_CALC);
    report_sheet_number(s, row, F_SIM_USD, n->usd.mean, REPORT_LOOK_UUSD);
}

void report_write_fleet(struct report_workbook *w)
{
    static const double widths[] = {24, 24, 12, 8, 10, 14, 14, 13, 16, 16, 13, 16};
    static const char *const heads[F_COLUMNS] = {
        "policy",      "node type",     "option",           "nodes, peak",
        "nodes, mean", "node-hours",    "billed hours",     "USD/h paid",
        "USD per run", "USD per month", "USD/h of the run", "USD of the run",
    };
    struct report_sheet *s = report_book_sheet(w->book, "Fleet", widths, F_COLUMNS, 3);

    report_write_title(
        s, "Fleet",
        "USD = billed hours x USD/h paid (sheet Prices); a run is what was "
        "simulated, a month as many as fit in it.");
    report_write_heads(s, 2, heads, F_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t n = 0; n < w->r->policies[i].n_nodes; n++)
            write_node(w, s, w->fleet[i].first + n, i, &w->r->policies[i].nodes[n]);
}
