/* The prices of the workbook: collected from the nodes that policies used, and the
 * sheet Prices, where each becomes what is paid and its factor. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "report/whatif.h"
#include "report/workbook_parts.h"

enum { FIRST = 3 };
enum {
    P_TYPE,
    P_OPTION,
    P_PRICE, /* that of Assumptions */
    P_PAID,
    P_LIST,
    P_RUN,
    P_RUN_LIST,
    P_FACTOR,
    P_LIST_FACTOR,
    P_SOURCE,
    P_DATE,
    P_BASIS,
    P_USED_BY,
    P_CELL,
    P_COLUMNS
};

/* ---- collecting ---- */

static bool same_price(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool name_taken(const struct report_workbook *w, const char *name)
{
    for (int32_t i = 0; i < w->n_prices; i++)
        if (strcasecmp(w->prices[i].name, name) == 0)
            return true;
    return false;
}

/* "price_" and the letters and digits of the type: valid whatever it is called, since
 * no cell's address holds an underscore. */
static const char *price_name(const struct report_workbook *w, const char *type)
{
    enum { LONGEST = 60 };
    char *stem = sp_arena_printf(w->arena, "price_%.*s", LONGEST, type);
    const char *name = stem;

    for (char *p = stem; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80)
            *p = '_';
    for (int i = 2; name_taken(w, name); i++)
        name = sp_arena_printf(w->arena, "%s_%d", stem, i);
    return name;
}

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

int32_t report_price_of(const struct report_workbook *w,
                        const struct model_node_use *use)
{
    for (int32_t i = 0; i < w->n_prices; i++)
        if (strcmp(w->prices[i].type, use->type) == 0 &&
            strcmp(w->prices[i].option, text_of(use->option)) == 0 &&
            same_price(w->prices[i].usd_per_h, use->usd_per_h))
            return i;
    return SP_NO_ID;
}

static void note_user(struct report_workbook *w, struct report_price *price,
                      int32_t policy)
{
    if (price->last_policy == policy)
        return;
    price->last_policy = policy;
    price->used_by = price->n_policies++ == 0
                         ? w->r->policies[policy].name
                         : sp_arena_printf(w->arena, "%s, %s", price->used_by,
                                           w->r->policies[policy].name);
}

static void collect_price(struct report_workbook *w, int32_t policy,
                          const struct model_node_use *use)
{
    int32_t at = report_price_of(w, use);

    if (at == SP_NO_ID) {
        at = w->n_prices;
        w->prices[at] = (struct report_price){
            .type = use->type,
            .option = text_of(use->option),
            .group = text_of(use->group),
            .usd_per_h = use->usd_per_h,
            .list_usd_per_h =
                isnan(use->list_usd_per_h) ? use->usd_per_h : use->list_usd_per_h,
            .name = price_name(w, use->type),
            .basis = model_basis_name(use->price_basis),
            .source = text_of(use->price_source),
            .date = text_of(use->price_date),
            .last_policy = SP_NO_ID,
        };
        w->n_prices++;
    }
    note_user(w, &w->prices[at], policy);
}

/* Whether the list price moves with the price: it is the same, or on demand and less a
 * discount of the scenario. */
static bool moves_list(const struct report_price *p)
{
    return same_price(p->usd_per_h, p->list_usd_per_h) ||
           (report_is_on_demand(p->option) && p->usd_per_h > 0);
}

/* Whose price a list price moves with: its own; that of a spot or reserved node is the
 * on-demand price of its group, where somebody used that. */
static int32_t list_of(const struct report_workbook *w, int32_t price)
{
    const struct report_price *p = &w->prices[price];

    if (moves_list(p))
        return price;
    for (int32_t i = 0; i < w->n_prices; i++)
        if (strcmp(w->prices[i].group, p->group) == 0 && moves_list(&w->prices[i]) &&
            same_price(w->prices[i].list_usd_per_h, p->list_usd_per_h))
            return i;
    return SP_NO_ID;
}

void report_prices_collect(struct report_workbook *w)
{
    size_t most = 0;

    for (int32_t i = 0; i < w->r->n_policies; i++)
        most += (size_t)w->r->policies[i].n_nodes;
    w->prices = sp_arena_array(w->arena, most, sizeof *w->prices);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t n = 0; n < w->r->policies[i].n_nodes; n++)
            collect_price(w, i, &w->r->policies[i].nodes[n]);
    for (int32_t i = 0; i < w->n_prices; i++)
        w->prices[i].list_of = list_of(w, i);
}

/* ---- where they stand ---- */

static const char *price_cell(const struct report_workbook *w, int32_t price,
                              int column)
{
    return sp_arena_printf(w->arena, "Prices!%s",
                           report_cell_fixed(w->arena, FIRST + price, column));
}

const char *report_price_paid(const struct report_workbook *w, int32_t price)
{
    return price_cell(w, price, P_PAID);
}

const char *report_price_factor(const struct report_workbook *w, int32_t price)
{
    return price_cell(w, price, P_FACTOR);
}

const char *report_price_list_factor(const struct report_workbook *w, int32_t price)
{
    return price_cell(w, price, P_LIST_FACTOR);
}

/* ---- the sheet ---- */

/* What is paid of the price: of nodes on demand less the discount, and less what is
 * reserved of them. */
static const char *paid_formula(const struct report_workbook *w, int row,
                                const struct report_price *p)
{
    const char *cell = report_cell_at(w->arena, row, P_PRICE);
    const char *less = report_is_on_demand(p->option)
                           ? "*(1-discount)*(1-reserved_share*reserved_discount)"
                           : "";

    return sp_arena_printf(w->arena, "=IF(ISNUMBER(%s),%s%s,\"no price\")", cell, cell,
                           less);
}

/* The list price of another row, or this row's price before the scenario's discount. */
static const char *list_formula(const struct report_workbook *w, int row,
                                const struct report_price *p)
{
    const char *cell = report_cell_at(w->arena, row, P_PRICE);

    if (FIRST + p->list_of != row)
        return sp_arena_printf(w->arena, "=%s",
                               report_cell_at(w->arena, FIRST + p->list_of, P_LIST));
    if (same_price(p->usd_per_h, p->list_usd_per_h))
        return sp_arena_printf(w->arena, "=%s", cell);
    return sp_arena_printf(w->arena, "=IF(ISNUMBER(%s),%s*%s/%s,\"no price\")", cell,
                           cell, report_cell_at(w->arena, row, P_RUN_LIST),
                           report_cell_at(w->arena, row, P_RUN));
}

static void write_live(const struct report_workbook *w, struct report_sheet *s, int row,
                       const struct report_price *p)
{
    bool known = !isnan(p->usd_per_h);
    const char *text = known ? NULL : "no price";

    report_sheet_formula(s, row, P_PRICE,
                         sp_arena_printf(w->arena, "=IF(ISNUMBER(%s),%s,\"no price\")",
                                         p->name, p->name),
                         p->usd_per_h, text, REPORT_LOOK_CALC);
    report_sheet_formula(s, row, P_PAID, paid_formula(w, row, p), p->usd_per_h, text,
                         REPORT_LOOK_CALC);
    if (p->list_of == SP_NO_ID)
        report_sheet_number(s, row, P_LIST, p->list_usd_per_h, REPORT_LOOK_CALC);
    else
        report_sheet_formula(s, row, P_LIST, list_formula(w, row, p), p->list_usd_per_h,
                             text, REPORT_LOOK_CALC);
}

/* Now / as in the run.  Nothing in the bill says where money went that was not paid. */
static void write_factor(const struct report_workbook *w, struct report_sheet *s,
                         int row, int column, int now, int run, double was)
{
    const char *a = report_cell_at(w->arena, row, now);
    const char *b = report_cell_at(w->arena, row, run);

    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena,
                        "=IF(AND(ISNUMBER(%s),ISNUMBER(%s)),IF(%s>0,%s/%s,IF(%s=0,1,"
                        "\"new run\")),\"new run\")",
                        a, b, b, a, b, a),
        1, isnan(was) ? "new run" : NULL, REPORT_LOOK_GENERAL);
}

static void write_price(const struct report_workbook *w, struct report_sheet *s,
                        int32_t id)
{
    const struct report_price *p = &w->prices[id];
    int row = FIRST + id;

    report_sheet_text(s, row, P_TYPE, p->type, REPORT_LOOK_NAME);
    report_sheet_text(s, row, P_OPTION, p->option, REPORT_LOOK_TEXT);
    write_live(w, s, row, p);
    report_sheet_number(s, row, P_RUN, p->usd_per_h, REPORT_LOOK_CALC);
    report_sheet_number(s, row, P_RUN_LIST, p->list_usd_per_h, REPORT_LOOK_CALC);
    write_factor(w, s, row, P_FACTOR, P_PAID, P_RUN, p->usd_per_h);
    write_factor(w, s, row, P_LIST_FACTOR, P_LIST, P_RUN_LIST, p->list_usd_per_h);
    report_sheet_text(s, row, P_SOURCE, p->source, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, P_DATE, p->date, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, P_BASIS, p->basis, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, P_USED_BY,
                      p->n_policies == w->r->n_policies ? "all policies" : p->used_by,
                      REPORT_LOOK_TEXT);
    report_sheet_text(s, row, P_CELL, p->name, REPORT_LOOK_TEXT);
}

void report_write_prices(struct report_workbook *w)
{
    static const double widths[] = {26, 13, 13, 13, 13, 13, 13,
                                    12, 12, 34, 12, 12, 26, 24};
    static const char *const heads[P_COLUMNS] = {"node type",
                                                 "option",
                                                 "USD/h on Assumptions",
                                                 "USD/h paid",
                                                 "USD/h list",
                                                 "USD/h of the run",
                                                 "list, of the run",
                                                 "paid, of the run's",
                                                 "list, of the run's",
                                                 "source",
                                                 "date",
                                                 "basis",
                                                 "used by",
                                                 "name of the cell"};
    struct report_sheet *s;

    if (w->n_prices == 0)
        return;
    s = report_book_sheet(w->book, "Prices", widths, P_COLUMNS, FIRST);
    report_write_title(
        s, "Prices",
        "Paid, on demand: price x (1 - discount) x (1 - reserved_share x "
        "reserved_discount); else the price. "
        "'new run': a price that was 0 or missing, whose money only a new run can "
        "place.");
    report_write_heads(s, FIRST - 1, heads, P_COLUMNS);
    for (int32_t i = 0; i < w->n_prices; i++)
        write_price(w, s, i);
}
