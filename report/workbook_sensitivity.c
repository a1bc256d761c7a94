/* The sheet Sensitivity: for each policy, what the saving would be with one input lower
 * or higher.  Prices follow Assumptions; what other runs measured stays. */
#include <math.h>
#include <string.h>

#include "report/sensitivity.h"
#include "report/workbook_tables.h"

enum { CHART_MOST = 12, POLICIES_TOLD = 12 };

enum {
    V_INPUT,
    V_UNIT,
    V_LOW,
    V_HERE,
    V_HIGH,
    V_MOVES, /* what of the saving the input carries */
    V_SAVING_LOW,
    V_SAVING_HIGH,
    V_CHANGE_LOW,
    V_CHANGE_HIGH,
    V_FROM,
    V_COLUMNS
};

#define AT(row, column) report_cell_at(at->w->arena, (row), (column))

/* ---- prices ---- */

/* Which of the prices a swing is of. */
static int32_t price_of(const struct report_workbook *w, const struct report_swing *v)
{
    for (int32_t i = 0; i < w->n_prices; i++)
        if (strcmp(v->input,
                   sp_arena_printf(w->arena, "price of %s", w->prices[i].type)) == 0 &&
            w->prices[i].usd_per_h == v->here)
            return i;
    return SP_NO_ID;
}

/* "+Fleet!$I$4": what a policy pays at a price. */
static const char *paid_at(const struct report_workbook *w, int32_t policy,
                           int32_t price, char sign, double *usd)
{
    const struct model_policy_result *p = &w->r->policies[policy];
    const char *sum = "";

    for (int32_t n = 0; n < p->n_nodes; n++)
        if (report_price_of(w, &p->nodes[n]) == price) {
            sum = sp_arena_printf(w->arena, "%s%c%s", sum, sign,
                                  report_fleet_node(w, policy, n));
            *usd += (sign == '-' ? -1 : 1) * report_live_node_usd(&p->nodes[n]);
        }
    return sum;
}

static void write_moved(const struct report_place *at, int column, const char *saving,
                        char sign, double value)
{
    report_sheet_formula(at->s, at->row, column,
                         sp_arena_printf(at->w->arena, "=%s%cswing*%s", saving, sign,
                                         AT(at->row, V_MOVES)),
                         value, NULL, REPORT_LOOK_SIGNED);
}

static void write_price(const struct report_place *at, const struct report_swing *v,
                        int32_t price, int32_t policy, const char *saving, double usd)
{
    const struct report_workbook *w = at->w;
    const char *name = w->prices[price].name;
    double moves = 0;
    const char *plus = paid_at(w, report_baseline(w->r), price, '+', &moves);
    const char *minus = paid_at(w, policy, price, '-', &moves);

    report_sheet_formula(at->s, at->row, V_LOW,
                         sp_arena_printf(w->arena, "=%s*(1-swing)", name),
                         v->here * (1 - REPORT_PRICE_SWING), NULL, REPORT_LOOK_CALC);
    report_sheet_formula(at->s, at->row, V_HERE, sp_arena_printf(w->arena, "=%s", name),
                         v->here, NULL, REPORT_LOOK_CALC);
    report_sheet_formula(at->s, at->row, V_HIGH,
                         sp_arena_printf(w->arena, "=%s*(1+swing)", name),
                         v->here * (1 + REPORT_PRICE_SWING), NULL, REPORT_LOOK_CALC);
    report_sheet_formula(at->s, at->row, V_MOVES,
                         sp_arena_printf(w->arena, "=0%s%s", plus, minus), moves, NULL,
                         REPORT_LOOK_SIGNED);
    write_moved(at, V_SAVING_LOW, saving, '-', usd - REPORT_PRICE_SWING * moves);
    write_moved(at, V_SAVING_HIGH, saving, '+', usd + REPORT_PRICE_SWING * moves);
    report_sheet_text(at->s, at->row, V_FROM, "the bill's node types, live",
                      REPORT_LOOK_TEXT);
}

/* ---- other runs ---- */

static void write_measured(const struct report_place *at, const struct report_swing *v)
{
    report_sheet_number(at->s, at->row, V_LOW, v->low, REPORT_LOOK_GENERAL);
    report_sheet_number(at->s, at->row, V_HERE, v->here, REPORT_LOOK_GENERAL);
    report_sheet_number(at->s, at->row, V_HIGH, v->high, REPORT_LOOK_GENERAL);
    report_sheet_number(at->s, at->row, V_SAVING_LOW, v->usd_low, REPORT_LOOK_SIGNED);
    report_sheet_number(at->s, at->row, V_SAVING_HIGH, v->usd_high, REPORT_LOOK_SIGNED);
    report_sheet_text(at->s, at->row, V_FROM, "other runs, at their prices",
                      REPORT_LOOK_TEXT);
}

/* ---- a policy ---- */

static void write_change(const struct report_place *at, int column, int of,
                         const char *saving, double value)
{
    if (isnan(value))
        return;
    report_sheet_formula(
        at->s, at->row, column,
        sp_arena_printf(at->w->arena, "=%s-%s", AT(at->row, of), saving), value, NULL,
        REPORT_LOOK_SIGNED);
}

static void write_swing(struct report_place *at, const struct report_swing *v,
                        int32_t policy, const char *saving, double usd)
{
    int32_t price = v->measured ? SP_NO_ID : price_of(at->w, v);

    if (!v->measured && price == SP_NO_ID)
        return;
    report_sheet_text(at->s, at->row, V_INPUT, v->input, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, V_UNIT, v->unit, REPORT_LOOK_TEXT);
    if (v->measured)
        write_measured(at, v);
    else
        write_price(at, v, price, policy, saving, usd);
    /* A run at other prices is set against the saving of this run, as simulated. */
    write_change(at, V_CHANGE_LOW, V_SAVING_LOW, saving, v->usd_low - usd);
    write_change(at, V_CHANGE_HIGH, V_SAVING_HIGH, saving, v->usd_high - usd);
    at->row++;
}

static void write_chart(const struct report_place *at, int32_t policy, int first,
                        int last)
{
    static const struct report_chart_series series[] = {
        {.name = "input lower", .column = V_CHANGE_LOW, .rgb = 0x9DC3E6},
        {.name = "input higher", .column = V_CHANGE_HIGH, .rgb = 0xED7D31}};
    int n = last - first + 1 < CHART_MOST ? last - first + 1 : CHART_MOST;
    const struct report_chart chart = {
        .title =
            sp_arena_printf(at->w->arena, "Change of the saving of %s, USD per run",
                            at->w->r->policies[policy].name),
        .x_title = "",
        .y_title = "change of the saving, USD per run",
        .y_format = "+#,##0.##;-#,##0.##;0",
        .data_sheet = "Sensitivity",
        .first_row = first,
        .last_row = first + n - 1,
        .x_column = V_INPUT,
        .n_series = 2,
        .series = series,
        .kind = REPORT_CHART_BARS,
        .width = 860,
        .height = 180 + 28 * n,
    };

    report_sheet_chart(at->s, at->row, 0, &chart);
}

static void write_policy(struct report_place *at, const struct report_sensitivity *of)
{
    static const char *const heads[V_COLUMNS] = {"input",
                                                 "unit",
                                                 "low",
                                                 "now",
                                                 "high",
                                                 "saving that follows it (USD)",
                                                 "saving if low (USD per run)",
                                                 "saving if high (USD per run)",
                                                 "change if low",
                                                 "change if high",
                                                 "from"};
    const struct report_workbook *w = at->w;
    int32_t base = report_baseline(w->r);
    double usd = report_live_usd(&w->r->policies[base]) -
                 report_live_usd(&w->r->policies[of->policy]);
    const char *saving;
    int first, n;

    report_sheet_text(at->s, at->row, 0,
                      sp_arena_printf(w->arena, "Saving of %s against %s, USD per run:",
                                      w->r->policies[of->policy].name,
                                      w->r->policies[base].name),
                      REPORT_LOOK_SECTION);
    report_sheet_formula(
        at->s, at->row, V_SAVING_LOW,
        sp_arena_printf(w->arena, "=%s-%s",
                        report_policy_cell(w, REPORT_COST, base, COST_USD),
                        report_policy_cell(w, REPORT_COST, of->policy, COST_USD)),
        usd, NULL, REPORT_LOOK_SIGNED);
    saving = report_cell_fixed(w->arena, at->row, V_SAVING_LOW);
    report_sheet_height(at->s, at->row++, 1.7);
    report_write_heads(at->s, at->row++, heads, V_COLUMNS);
    first = at->row;
    for (int32_t i = 0; i < of->n; i++)
        write_swing(at, &of->swings[i], of->policy, saving, usd);
    n = at->row - first;
    if (n > 0) {
        write_chart(at, of->policy, first, at->row - 1);
        at->row += report_chart_rows(180 + 28 * (n < CHART_MOST ? n : CHART_MOST));
    }
    at->row++;
}

void report_write_sensitivity(struct report_workbook *w)
{
    static const double widths[] = {40, 16, 12, 12, 12, 16, 16, 16, 14, 14, 26};
    struct report_place at = {.w = w, .row = 3};
    int told = 0;

    for (int32_t i = 0; i < w->r->n_policies && told < POLICIES_TOLD; i++) {
        const struct report_sensitivity *of =
            report_sensitivity_of(w->arena, w->context, i, REPORT_PRICE_SWING);

        if (of == NULL || of->n == 0)
            continue;
        if (told++ == 0) {
            at.s = report_book_sheet(w->book, "Sensitivity", widths, V_COLUMNS, 0);
            report_write_title(
                at.s, "Sensitivity",
                "One thing at a time, others as they are; the widest first. Prices "
                "move "
                "by the cell 'swing' on Assumptions, down and up; other inputs are as "
                "other runs had them.");
        }
        write_policy(&at, of);
    }
}
