/* The sheet Cells: the bill of each policy taken apart, and sums over it. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/workbook_parts.h"

enum { FIRST = 3 };
enum {
    C_POLICY,
    C_TYPE,
    C_OPTION,
    C_PART,
    C_RESOURCE,
    C_WORKLOAD,
    C_STAGE,
    C_TEAM,
    C_HOURS,
    C_SIM,
    C_SIM_LIST,
    C_SIM_FIRST,
    C_PAID,
    C_LIST,
    C_LIST_FIRST,
    C_KEYS,
    C_COLUMNS = C_KEYS + 5
};

/* ---- keys ---- */

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The kind of line that a cell's money stands in. */
static enum model_line_kind line_kind(const struct model_cost_cell *c)
{
    switch (c->part) {
    case MODEL_PART_WORK:
    case MODEL_PART_REDONE:
        return MODEL_LINE_BUSY;
    case MODEL_PART_TRANSFER:
    case MODEL_PART_BLOCKED:
    case MODEL_PART_IDLE:
        return MODEL_LINE_IDLE;
    case MODEL_PART_BOOT:
        if (c->workload != NULL)
            return MODEL_LINE_IDLE;
        break;
    case MODEL_PART_ROUNDING:
        return MODEL_LINE_ROUNDING;
    case MODEL_PART_STRANDED:
    case MODEL_PART_UNUSED:
        break;
    }
    return c->resource < MODEL_RESOURCES
               ? (enum model_line_kind)((int)MODEL_LINE_UNALLOCATED + c->resource)
               : MODEL_LINE_ROUNDING;
}

/* The line of a cell, from 1 on: that of its stage, else that of its workload. */
static int line_of(const struct model_cost *cost, const struct model_cost_cell *c)
{
    enum model_line_kind kind = line_kind(c);
    int found = 0;

    for (int32_t i = 0; i < cost->n_lines; i++) {
        const struct model_cost_line *l = &cost->lines[i];

        if (l->kind != kind || !same(l->workload, c->workload))
            continue;
        if (same(l->stage, c->stage))
            return i + 1;
        if (l->stage == NULL)
            found = i + 1;
    }
    return found;
}

static int owner_of(struct report_policy_cells *all, const struct model_cost_cell *c)
{
    if (c->workload == NULL && c->team == NULL)
        return 0;
    for (int32_t i = 0; i < all->n_owners; i++)
        if (same(all->owners[i].workload, c->workload) &&
            same(all->owners[i].stage, c->stage) && same(all->owners[i].team, c->team))
            return i + 1;
    all->owners[all->n_owners++] =
        (struct report_owner){c->workload, c->stage, c->team};
    return all->n_owners;
}

static void number_policy(struct report_workbook *w, int32_t policy, int first)
{
    const struct model_cost *cost = &w->r->policies[policy].cost;
    struct report_policy_cells *all = &w->cells[policy];
    size_t n = (size_t)cost->n_cells;

    all->rows = (struct report_rows){first, first + cost->n_cells - 1};
    all->keys = sp_arena_array(w->arena, n, sizeof *all->keys);
    all->owners = sp_arena_array(w->arena, n, sizeof *all->owners);
    for (int32_t i = 0; i < cost->n_cells; i++) {
        const struct model_cost_cell *c = &cost->cells[i];

        all->keys[i] = (struct report_cell_keys){
            .part = (int)c->part + 1,
            .resource = c->resource < MODEL_RESOURCES ? c->resource + 1 : 0,
            .line = line_of(cost, c),
            .owner = owner_of(all, c),
            .used = c->part == MODEL_PART_WORK || c->part == MODEL_PART_REDONE,
        };
    }
}

void report_cells_number(struct report_workbook *w)
{
    int first = FIRST;

    w->cells = sp_arena_array(w->arena, (size_t)w->r->n_policies, sizeof *w->cells);
    for (int32_t i = 0; i < w->r->n_policies; i++) {
        number_policy(w, i, first);
        first += w->r->policies[i].cost.n_cells;
    }
}

bool report_cells_known(const struct report_workbook *w, int32_t policy)
{
    const struct model_cost *cost = &w->r->policies[policy].cost;

    return cost->known && cost->n_cells > 0;
}

/* ---- sums ---- */

static const int money_columns[] = {[REPORT_PAID] = C_PAID,
                                    [REPORT_LIST] = C_LIST,
                                    [REPORT_LIST_FIRST] = C_LIST_FIRST,
                                    [REPORT_HOURS] = C_HOURS};

static const char *range(const struct report_workbook *w, int32_t policy, int column)
{
    const struct report_rows *rows = &w->cells[policy].rows;

    return sp_arena_printf(w->arena, "Cells!%s:%s",
                           report_cell_fixed(w->arena, rows->first, column),
                           report_cell_fixed(w->arena, rows->last, column));
}

const char *report_cells_formula(const struct report_workbook *w, int32_t policy,
                                 enum report_money money, struct report_which which)
{
    const int wanted[] = {which.part, which.resource, which.line, which.owner,
                          which.used};
    const char *sum = range(w, policy, money_columns[money]), *criteria = "";

    for (int k = 0; k < (int)(sizeof wanted / sizeof wanted[0]); k++)
        if (wanted[k] >= 0)
            criteria = sp_arena_printf(w->arena, "%s,%s,%d", criteria,
                                       range(w, policy, C_KEYS + k), wanted[k]);
    return sp_arena_printf(w->arena, "%s(%s%s)", criteria[0] != '\0' ? "SUMIFS" : "SUM",
                           sum, criteria);
}

static double money_of(const struct model_cost_cell *c, enum report_money money)
{
    switch (money) {
    case REPORT_PAID:
        return c->mean_usd;
    case REPORT_LIST:
        return c->mean_list_usd;
    case REPORT_LIST_FIRST:
        return sp_usd_from_uusd(c->list_uusd);
    case REPORT_HOURS:
        return isnan(c->hours) ? 0 : c->hours;
    }
    return NAN;
}

static bool fits(int wanted, int key)
{
    return wanted < 0 || wanted == key;
}

double report_cells_sum(const struct report_workbook *w, int32_t policy,
                        enum report_money money, struct report_which which)
{
    const struct model_cost *cost = &w->r->policies[policy].cost;
    double sum = 0;

    for (int32_t i = 0; i < cost->n_cells; i++) {
        const struct report_cell_keys *k = &w->cells[policy].keys[i];

        if (fits(which.part, k->part) && fits(which.resource, k->resource) &&
            fits(which.line, k->line) && fits(which.owner, k->owner) &&
            fits(which.used, k->used))
            sum += money_of(&cost->cells[i], money);
    }
    return sum;
}

double report_write_cells(const struct report_workbook *w, struct report_sheet *s,
                          int row, int column, int32_t policy, enum report_money money,
                          struct report_which which, enum report_look look)
{
    double sum = report_cells_sum(w, policy, money, which);

    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena, "=%s", report_cells_formula(w, policy, money, which)),
        sum, NULL, look);
    return sum;
}

/* ---- the sheet ---- */

/* A cell's money of the run times what its price is of that of the run. */
static void write_now(const struct report_workbook *w, struct report_sheet *s, int row,
                      int column, int sim, const char *factor, double usd)
{
    report_sheet_formula(s, row, column,
                         sp_arena_printf(w->arena,
                                         "=IF(ISNUMBER(%s),%s*%s,\"new run\")", factor,
                                         report_cell_at(w->arena, row, sim), factor),
                         usd, NULL, REPORT_LOOK_UUSD);
}

static void write_names(const struct report_workbook *w, struct report_sheet *s,
                        int row, int32_t policy, const struct model_cost_cell *c)
{
    const struct model_policy_result *p = &w->r->policies[policy];

    report_sheet_text(s, row, C_POLICY, p->name, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_TYPE, p->nodes[c->node].type, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_OPTION, p->nodes[c->node].option, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_PART, model_part_name(c->part), REPORT_LOOK_TEXT);
    if (c->resource < MODEL_RESOURCES)
        report_sheet_text(s, row, C_RESOURCE,
                          model_resource_name((enum model_resource)c->resource),
                          REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_WORKLOAD, c->workload, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_STAGE, c->stage, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, C_TEAM, c->team, REPORT_LOOK_TEXT);
}

static void write_cell(const struct report_workbook *w, struct report_sheet *s, int row,
                       int32_t policy, int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[policy];
    const struct model_cost_cell *c = &p->cost.cells[id];
    const struct report_cell_keys *k = &w->cells[policy].keys[id];
    const int keys[] = {k->part, k->resource, k->line, k->owner, k->used};
    int32_t price = report_price_of(w, &p->nodes[c->node]);
    const char *factor = report_price_factor(w, price);
    const char *list_factor = report_price_list_factor(w, price);

    write_names(w, s, row, policy, c);
    report_sheet_number(s, row, C_HOURS, c->hours, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, C_SIM, c->mean_usd, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, C_SIM_LIST, c->mean_list_usd, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, C_SIM_FIRST, sp_usd_from_uusd(c->list_uusd),
                        REPORT_LOOK_UUSD);
    write_now(w, s, row, C_PAID, C_SIM, factor, c->mean_usd);
    write_now(w, s, row, C_LIST, C_SIM_LIST, list_factor, c->mean_list_usd);
    write_now(w, s, row, C_LIST_FIRST, C_SIM_FIRST, list_factor,
              sp_usd_from_uusd(c->list_uusd));
    for (int i = 0; i < (int)(sizeof keys / sizeof keys[0]); i++)
        report_sheet_number(s, row, C_KEYS + i, keys[i], REPORT_LOOK_KEY);
}

void report_write_cell_table(struct report_workbook *w)
{
    static const double widths[] = {22, 22, 12, 12, 10, 18, 20, 16, 14, 15,
                                    15, 15, 15, 15, 15, 7,  7,  7,  7,  7};
    static const char *const heads[C_COLUMNS] = {"policy",
                                                 "node type",
                                                 "option",
                                                 "part",
                                                 "resource",
                                                 "workload",
                                                 "stage",
                                                 "team",
                                                 "hours (GPU-h, CPU-h, GiB-h)",
                                                 "USD of the run, mean",
                                                 "at list prices, mean",
                                                 "at list prices, first replication",
                                                 "USD now",
                                                 "at list prices now",
                                                 "first replication now",
                                                 "part",
                                                 "resource",
                                                 "line",
                                                 "owner",
                                                 "worked"};
    struct report_sheet *s;
    int last = w->cells[w->r->n_policies - 1].rows.last;

    if (last < FIRST)
        return;
    s = report_book_sheet(w->book, "Cells", widths, C_COLUMNS, FIRST);
    report_write_title(
        s, "Cells",
        "What the other sheets add up: the bill by node type, part, resource, stage "
        "and "
        "team. Now = of the run x the factor on Prices. The last columns are what "
        "formulas find a cell by.");
    report_write_heads(s, FIRST - 1, heads, C_COLUMNS);
    report_sheet_height(s, FIRST - 1, 3.2);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t c = 0; c < w->r->policies[i].cost.n_cells; c++)
            write_cell(w, s, w->cells[i].rows.first + c, i, c);
    report_sheet_filter(s, FIRST - 1, last, C_COLUMNS - 1);
}
