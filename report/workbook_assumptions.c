/* The sheet Assumptions: what a reader may change, what follows from it at once, and
 * every input of the run. */
#include <math.h>

#include "model/inputs.h"
#include "report/month.h"
#include "report/sensitivity.h"
#include "report/whatif.h"
#include "report/workbook_parts.h"

enum {
    A_GROUP,
    A_NAME,
    A_VALUE,
    A_UNIT,
    A_SOURCE,
    A_DATE,
    A_BASIS,
    A_USED_BY,
    A_CELL,
    A_BEFORE,
    A_COLUMNS
};

/* ---- what may be changed ---- */

/* Cells of ours; prices come first. */
static const struct knob {
    const char *cell, *name, *unit, *basis, *source;
    double value, least, most;
    enum report_look look;
    const char *title, *text;
} knobs[] = {
    {"hours_per_month", "hours per month", "h", "assumed", "cloud calculators",
     REPORT_HOURS_PER_MONTH, 1, 744, REPORT_LOOK_EDIT, "Hours per month",
     "A month is as many runs as fit in so many hours at the baseline's pace; every "
     "policy is charged for that many."},
    {"discount", "discount on on-demand prices", "of the price", "assumed", "none", 0,
     0, 1, REPORT_LOOK_EDIT_PERCENT, "Discount",
     "Taken off the price of every on-demand node, 0 % to 100 %."},
    {"reserved_share", "share of on-demand hours that is reserved", "of node-hours",
     "assumed", "none", 0, 0, 1, REPORT_LOOK_EDIT_PERCENT, "Reserved share",
     "This share of the on-demand node-hours is paid at the reserved discount. Hours "
     "reserved and not used are not counted."},
    {"reserved_discount", "discount on reserved hours", "of the price", "assumed",
     "typical of a one-year commitment", REPORT_RESERVED_DISCOUNT, 0, 1,
     REPORT_LOOK_EDIT_PERCENT, "Reserved discount",
     "Off the price of the share that is reserved."},
    {"swing", "swing of prices on Sensitivity", "of the price", "assumed", "none",
     REPORT_PRICE_SWING, 0, 1, REPORT_LOOK_EDIT_PERCENT, "Swing",
     "Each price is moved down and up by this share on the sheet Sensitivity."},
};

static void write_texts(struct report_sheet *s, int row, const char *const texts[],
                        const int columns[], int n)
{
    for (int i = 0; i < n; i++)
        report_sheet_text(s, row, columns[i], texts[i], REPORT_LOOK_TEXT);
}

static void write_price(const struct report_workbook *w, struct report_sheet *s,
                        int row, const struct report_price *p)
{
    const char *const texts[] = {
        "price",
        sp_arena_printf(w->arena, "%s (%s)", p->type,
                        p->option[0] != '\0' ? p->option : "-"),
        "USD/h",
        p->source,
        p->date,
        p->basis,
        p->n_policies == w->r->n_policies ? "all policies" : p->used_by,
        p->name};
    static const int columns[] = {A_GROUP, A_NAME,  A_UNIT,    A_SOURCE,
                                  A_DATE,  A_BASIS, A_USED_BY, A_CELL};

    write_texts(s, row, texts, columns, 8);
    report_sheet_number(s, row, A_VALUE, p->usd_per_h, REPORT_LOOK_EDIT);
    report_sheet_number(s, row, A_BEFORE, p->usd_per_h, REPORT_LOOK_CALC);
    report_sheet_allow(
        s, row, A_VALUE, 0, 1e6, "Price of a node",
        "USD for an hour of one node of this type and option, before the "
        "discounts below. All money in this workbook follows.");
    report_book_name(w->book, p->name, "Assumptions", row, A_VALUE);
}

static void write_knob(const struct report_workbook *w, struct report_sheet *s, int row,
                       const struct knob *k)
{
    const char *const texts[] = {"money",  k->name,        k->unit, k->source,
                                 k->basis, "all policies", k->cell};
    static const int columns[] = {A_GROUP, A_NAME,    A_UNIT, A_SOURCE,
                                  A_BASIS, A_USED_BY, A_CELL};

    write_texts(s, row, texts, columns, 7);
    report_sheet_number(s, row, A_VALUE, k->value, k->look);
    report_sheet_number(s, row, A_BEFORE, k->value,
                        k->look == REPORT_LOOK_EDIT ? REPORT_LOOK_CALC
                                                    : REPORT_LOOK_PERCENT);
    report_sheet_allow(s, row, A_VALUE, k->least, k->most, k->title, k->text);
    report_book_name(w->book, k->cell, "Assumptions", row, A_VALUE);
}

/* Follows, but stands here since everything in a month is multiplied by it. */
static void write_runs(const struct report_workbook *w, struct report_sheet *s, int row)
{
    const char *time =
        report_policy_cell(w, REPORT_HARDWARE, report_baseline(w->r), HW_TIME);
    const char *const texts[] = {"money",         "runs in a month",
                                 "runs",          "hours_per_month x 3600 / time (s)",
                                 "computed",      "all policies",
                                 "runs_per_month"};
    static const int columns[] = {A_GROUP, A_NAME,    A_UNIT, A_SOURCE,
                                  A_BASIS, A_USED_BY, A_CELL};
    double runs = report_live_runs(w);

    write_texts(s, row, texts, columns, 7);
    report_sheet_formula(
        s, row, A_VALUE,
        sp_arena_printf(w->arena, "=IF(%s>0,hours_per_month*3600/%s,\"unknown\")", time,
                        time),
        isnan(runs) ? 0 : runs, isnan(runs) ? "unknown" : NULL, REPORT_LOOK_CALC);
    report_sheet_number(s, row, A_BEFORE, runs, REPORT_LOOK_CALC);
    report_book_name(w->book, "runs_per_month", "Assumptions", row, A_VALUE);
}

/* ---- inputs ---- */

static void write_input(struct report_sheet *s, int row, const struct model_input *in)
{
    const char *const texts[] = {in->group, in->name,  in->unit,   in->source,
                                 in->date,  in->basis, in->used_by};
    static const int columns[] = {A_GROUP, A_NAME,  A_UNIT,   A_SOURCE,
                                  A_DATE,  A_BASIS, A_USED_BY};

    write_texts(s, row, texts, columns, 7);
    if (in->text != NULL)
        report_sheet_text(s, row, A_VALUE, in->text, REPORT_LOOK_TEXT);
    else
        report_sheet_number(s, row, A_VALUE, in->number, REPORT_LOOK_GENERAL);
}

/* ---- the sheet ---- */

void report_write_assumptions(struct report_workbook *w)
{
    enum { HEAD = 4 };
    static const double widths[] = {18, 42, 30, 15, 32, 12, 12, 24, 24, 14};
    static const char *const heads[A_COLUMNS] = {
        "of",          "input",   "value",
        "unit",        "source",  "date",
        "basis",       "used by", "name of the cell",
        "as simulated"};
    struct report_sheet *s =
        report_book_sheet(w->book, "Assumptions", widths, A_COLUMNS, HEAD + 1);
    int row = HEAD + 1, first = row;

    report_write_title(
        s, "Assumptions",
        "Every input of the run. Blue on yellow may be changed: all money "
        "in this workbook follows; hours, times and shares stay as "
        "simulated until a new run (see Log).");
    report_sheet_text(s, 2, 0,
                      "A node on demand costs price x (1 - discount) x (1 - "
                      "reserved_share x reserved_discount); a spot, reserved or owned "
                      "one its price.",
                      REPORT_LOOK_TEXT);
    report_write_heads(s, HEAD, heads, A_COLUMNS);
    for (int32_t i = 0; i < w->n_prices; i++)
        write_price(w, s, row++, &w->prices[i]);
    for (size_t i = 0; i < sizeof knobs / sizeof knobs[0]; i++)
        write_knob(w, s, row++, &knobs[i]);
    write_runs(w, s, row++);
    for (int32_t i = 0; i < w->r->n_inputs; i++)
        if (!model_input_is_price(
                &w->r->inputs[i])) /* they stand above, to be edited */
            write_input(s, row++, &w->r->inputs[i]);
    if (row > first)
        report_sheet_filter(s, HEAD, row - 1, A_COLUMNS - 1);
}
