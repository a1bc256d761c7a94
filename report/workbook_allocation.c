/* The sheet Allocation: whose the bill is, by team and stage, on both bases, with what
 * is nobody's; all at the prices on Assumptions. */
#include <math.h>

#include "report/workbook_tables.h"

enum {
    O_POLICY,
    O_TEAM,
    O_WORKLOAD,
    O_STAGE,
    O_ALLOCATED,
    O_USED,
    O_IDLE,
    O_SHARE,
    O_HOURS,
    O_COLUMNS = O_HOURS + MODEL_RESOURCES
};

#define AT(row, column) report_cell_at(at->w->arena, (row), (column))

/* What one policy's rows add up to. */
struct sums {
    double allocated, used;
};

/* Of the bill, on usage basis. */
static void write_share(const struct report_place *at, int32_t policy, double used)
{
    report_write_quotient(at->w, at->s, at->row, O_SHARE, AT(at->row, O_USED),
                          report_policy_cell(at->w, REPORT_COST, policy, COST_USD),
                          used / report_live_usd(&at->w->r->policies[policy]),
                          REPORT_LOOK_PERCENT);
}

/* On allocation basis an owner pays for all that it held, on usage basis for what of it
 * worked. */
static void write_owner(struct report_place *at, int32_t policy, int32_t id,
                        struct sums *sums)
{
    const struct report_workbook *w = at->w;
    const struct report_owner *o = &w->cells[policy].owners[id];
    struct report_which which = REPORT_ANY_CELL;
    double allocated, used;

    which.owner = id + 1;
    report_sheet_text(at->s, at->row, O_POLICY, w->r->policies[policy].name,
                      REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, O_TEAM, o->team, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, O_WORKLOAD, o->workload, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, O_STAGE, o->stage, REPORT_LOOK_TEXT);
    allocated = report_write_cells(w, at->s, at->row, O_ALLOCATED, policy, REPORT_PAID,
                                   which, REPORT_LOOK_UUSD);
    sums->allocated += allocated;
    which.used = 1;
    used = report_write_cells(w, at->s, at->row, O_USED, policy, REPORT_PAID, which,
                              REPORT_LOOK_UUSD);
    sums->used += used;
    report_sheet_formula(at->s, at->row, O_IDLE,
                         sp_arena_printf(w->arena, "=%s-%s", AT(at->row, O_ALLOCATED),
                                         AT(at->row, O_USED)),
                         allocated - used, NULL, REPORT_LOOK_UUSD);
    write_share(at, policy, used);
    which.used = -1;
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        which.resource = r + 1;
        report_sheet_number(at->s, at->row, O_HOURS + r,
                            report_cells_sum(w, policy, REPORT_HOURS, which),
                            REPORT_LOOK_NUMBER);
    }
    at->row++;
}

/* The rows of a policy are owners, idle, not allocated, billing rounding. */
static void write_rest(struct report_place *at, int32_t policy, const char *name,
                       const char *allocated, const char *used, double allocated_usd,
                       double used_usd, struct sums *sums)
{
    const struct report_workbook *w = at->w;

    report_sheet_text(at->s, at->row, O_POLICY, w->r->policies[policy].name,
                      REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, O_TEAM, name, REPORT_LOOK_NOTE);
    if (allocated != NULL)
        report_sheet_formula(at->s, at->row, O_ALLOCATED, allocated, allocated_usd,
                             NULL, REPORT_LOOK_UUSD);
    else
        report_sheet_number(at->s, at->row, O_ALLOCATED, 0, REPORT_LOOK_UUSD);
    report_sheet_formula(at->s, at->row, O_USED, used, used_usd, NULL,
                         REPORT_LOOK_UUSD);
    sums->allocated += allocated != NULL ? allocated_usd : 0;
    sums->used += used_usd;
    write_share(at, policy, used_usd);
    at->row++;
}

static void write_nobodys(struct report_place *at, int32_t policy, int first,
                          struct sums *sums)
{
    const struct report_workbook *w = at->w;
    struct report_which nobody = REPORT_ANY_CELL, rounding = REPORT_ANY_CELL;
    const char *free, *rounded;
    double free_usd, rounded_usd, idle = sums->allocated - sums->used;
    int last = at->row - 1;

    nobody.owner = 0;
    rounding.part = (int)MODEL_PART_ROUNDING + 1;
    rounding.owner = 0;
    rounded = report_cells_formula(w, policy, REPORT_PAID, rounding);
    rounded_usd = report_cells_sum(w, policy, REPORT_PAID, rounding);
    free =
        sp_arena_printf(w->arena, "=%s-%s",
                        report_cells_formula(w, policy, REPORT_PAID, nobody), rounded);
    free_usd = report_cells_sum(w, policy, REPORT_PAID, nobody) - rounded_usd;
    rounded = sp_arena_printf(w->arena, "=%s", rounded);
    if (last >= first)
        write_rest(at, policy, "idle (held, and did not work)", NULL,
                   sp_arena_printf(w->arena, "=SUM(%s:%s)", AT(first, O_IDLE),
                                   AT(last, O_IDLE)),
                   0, idle, sums);
    write_rest(at, policy, "not allocated", free, free, free_usd, free_usd, sums);
    write_rest(at, policy, "billing rounding", rounded, rounded, rounded_usd,
               rounded_usd, sums);
}

static void write_sum(const struct report_place *at, int column, int first, double sum,
                      double bill)
{
    struct sp_arena *m = at->w->arena;
    int row = at->row;

    report_sheet_formula(
        at->s, row, column,
        sp_arena_printf(m, "=SUM(%s:%s)", AT(first, column), AT(row - 1, column)), sum,
        NULL, REPORT_LOOK_TOTAL);
    report_sheet_formula(
        at->s, row + 2, column,
        sp_arena_printf(m, "=ROUND(%s-%s,5)", AT(row, column), AT(row + 1, column)),
        rint((sum - bill) * 1e5) / 1e5, NULL, REPORT_LOOK_COUNT);
    report_sheet_zero(at->s, row + 2, column);
}

static void write_checks(struct report_place *at, int32_t policy, int first,
                         const struct sums *sums)
{
    static const char *const names[] = {"sum", "the bill (Policies)",
                                        "check: must be 0"};
    const struct report_workbook *w = at->w;
    double bill = report_live_usd(&w->r->policies[policy]);
    const char *cell = sp_arena_printf(
        w->arena, "=%s", report_policy_cell(w, REPORT_COST, policy, COST_USD));

    for (int i = 0; i < 3; i++) {
        report_sheet_text(at->s, at->row + i, O_POLICY, w->r->policies[policy].name,
                          REPORT_LOOK_NAME);
        report_sheet_text(at->s, at->row + i, O_TEAM, names[i], REPORT_LOOK_STRONG);
    }
    write_sum(at, O_ALLOCATED, first, sums->allocated, bill);
    write_sum(at, O_USED, first, sums->used, bill);
    for (int c = O_ALLOCATED; c <= O_USED; c++)
        report_sheet_formula(at->s, at->row + 1, c, cell, bill, NULL, REPORT_LOOK_USD);
    at->row += 4;
}

static void write_policy(struct report_place *at, int32_t policy)
{
    struct sums sums = {0, 0};
    int first = at->row;

    for (int32_t i = 0; i < at->w->cells[policy].n_owners; i++)
        write_owner(at, policy, i, &sums);
    write_nobodys(at, policy, first, &sums);
    write_checks(at, policy, first, &sums);
}

void report_write_allocation(struct report_workbook *w)
{
    static const double widths[] = {24, 28, 20, 22, 17, 17, 17, 11, 12, 12, 12};
    static const char *const heads[O_COLUMNS] = {"policy",
                                                 "team",
                                                 "workload",
                                                 "stage",
                                                 "USD, of what it held",
                                                 "USD, of that what worked",
                                                 "USD, held and idle",
                                                 "share of the bill, by use",
                                                 "GPU-h held",
                                                 "CPU-h held",
                                                 "GiB-h held"};
    struct report_place at = {.w = w, .row = 3};
    bool any = false;

    for (int32_t i = 0; i < w->r->n_policies; i++)
        any = any || report_cells_known(w, i);
    if (!any)
        return;
    at.s = report_book_sheet(w->book, "Allocation", widths, O_COLUMNS, 3);
    report_write_title(
        at.s, "Allocation",
        "USD per run, at the prices on Assumptions. Both columns add up to "
        "the bill: what teams and stages held, or what of that worked, "
        "with what was idle and nobody's.");
    report_write_heads(at.s, 2, heads, O_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        if (report_cells_known(w, i))
            write_policy(&at, i);
}
