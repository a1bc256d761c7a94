/* The sheet Teams: whose the bill is, on both bases, with a check of each sum; free
 * GPUs and nodes lost; what was bought. */
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "report/bill.h"
#include "report/workbook_tables.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- the bill ---- */

enum {
    T_POLICY,
    T_TEAM,
    T_ALLOCATED,
    T_BUSY,
    T_HOURS,
    T_BORROWED = T_HOURS + 2 * MODEL_RESOURCES,
    T_PEAK,
    T_COLUMNS
};

static void write_money(const struct report_place *at, int column, int64_t uusd)
{
    report_sheet_number(at->s, at->row, column, sp_usd_from_uusd(uusd),
                        REPORT_LOOK_UUSD);
}

static void write_team(struct report_place *at, const struct model_policy_result *p,
                       const struct model_team_result *t)
{
    report_sheet_text(at->s, at->row, T_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, T_TEAM, t->name, REPORT_LOOK_TEXT);
    if (p->cost.known) {
        write_money(at, T_ALLOCATED, t->allocated_uusd);
        write_money(at, T_BUSY, t->busy_uusd);
    }
    for (int r = 0; r < MODEL_RESOURCES; r++) {
        report_sheet_number(at->s, at->row, T_HOURS + 2 * r, t->allocated_h[r].mean,
                            REPORT_LOOK_NUMBER);
        report_sheet_number(at->s, at->row, T_HOURS + 2 * r + 1, t->busy_h[r].mean,
                            REPORT_LOOK_NUMBER);
    }
    report_sheet_number(at->s, at->row, T_BORROWED, t->borrowed_gpu_h.mean,
                        REPORT_LOOK_NUMBER);
    report_sheet_number(at->s, at->row, T_PEAK, t->peak_gpus, REPORT_LOOK_NUMBER);
    at->row++;
}

/* A line of the bill that is no team's; idle is in what teams hold. */
static void write_rest(struct report_place *at, const struct model_policy_result *p,
                       const char *name, int64_t uusd, bool idle)
{
    report_sheet_text(at->s, at->row, T_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, T_TEAM, name, REPORT_LOOK_NOTE);
    write_money(at, T_ALLOCATED, idle ? 0 : uusd);
    write_money(at, T_BUSY, uusd);
    at->row++;
}

static void write_sum(const struct report_place *at, int column, int first,
                      int64_t uusd)
{
    report_sheet_formula(
        at->s, at->row, column,
        sp_arena_printf(at->w->arena, "=SUM(%s:%s)",
                        report_cell_at(at->w->arena, first, column),
                        report_cell_at(at->w->arena, at->row - 1, column)),
        sp_usd_from_uusd(uusd), NULL, REPORT_LOOK_UUSD);
}

/* In whole micro-dollars, so that no rounding of sums shows. */
static void write_check(const struct report_place *at, int column, int64_t uusd,
                        int64_t bill_uusd)
{
    report_sheet_formula(
        at->s, at->row, column,
        sp_arena_printf(at->w->arena, "=ROUND(1000000*(%s-%s),0)",
                        report_cell_at(at->w->arena, at->row - 2, column),
                        report_cell_at(at->w->arena, at->row - 1, column)),
        (double)(uusd - bill_uusd), NULL, REPORT_LOOK_COUNT);
}

static void write_checks(struct report_place *at, const struct model_policy_result *p,
                         const struct report_bill *b, int first)
{
    bool adds_up =
        b->allocated_sum_uusd == p->cost.uusd && b->busy_sum_uusd == p->cost.uusd;

    report_sheet_text(at->s, at->row, T_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, T_TEAM, "sum", REPORT_LOOK_STRONG);
    write_sum(at, T_ALLOCATED, first, b->allocated_sum_uusd);
    write_sum(at, T_BUSY, first, b->busy_sum_uusd);
    at->row++;
    report_sheet_text(at->s, at->row, T_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, T_TEAM, "the bill", REPORT_LOOK_STRONG);
    write_money(at, T_ALLOCATED, p->cost.uusd);
    write_money(at, T_BUSY, p->cost.uusd);
    at->row++;
    report_sheet_text(at->s, at->row, T_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, T_TEAM, "check: micro-USD that must be 0",
                      REPORT_LOOK_STRONG);
    write_check(at, T_ALLOCATED, b->allocated_sum_uusd, p->cost.uusd);
    write_check(at, T_BUSY, b->busy_sum_uusd, p->cost.uusd);
    report_sheet_formula(
        at->s, at->row, T_HOURS,
        sp_arena_printf(at->w->arena, "=IF(AND(%s=0,%s=0),\"ok\",\"DIFFERS\")",
                        report_cell_at(at->w->arena, at->row, T_ALLOCATED),
                        report_cell_at(at->w->arena, at->row, T_BUSY)),
        0, adds_up ? "ok" : "DIFFERS", REPORT_LOOK_TEXT);
    report_sheet_flag(at->s, at->row, T_HOURS, "ok");
    at->row += 2;
}

static void write_policy_teams(struct report_place *at,
                               const struct model_policy_result *p)
{
    const struct report_bill b = report_bill_of(p);
    int first = at->row;

    for (int32_t i = 0; i < p->n_teams; i++)
        write_team(at, p, &p->teams[i]);
    if (!p->cost.known || p->n_teams == 0)
        return;
    write_rest(at, p, "idle", b.idle_uusd, true);
    write_rest(at, p, "unallocated", b.unallocated_uusd, false);
    write_rest(at, p, "billing rounding", b.rounding_uusd, false);
    write_checks(at, p, &b, first);
}

static void write_teams(struct report_place *at)
{
    static const char *const heads[T_COLUMNS] = {"policy",
                                                 "team",
                                                 "USD, of what it held",
                                                 "USD, of that what worked",
                                                 "GPU-h held",
                                                 "GPU-h worked",
                                                 "CPU-h held",
                                                 "CPU-h worked",
                                                 "GiB-h held",
                                                 "GiB-h worked",
                                                 "borrowed (GPU-h)",
                                                 "peak GPUs"};

    report_place_start(at, "Whose the bill is; money is of the first replication",
                       heads, T_COLUMNS);
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        write_policy_teams(at, &at->w->r->policies[i]);
    at->row++;
}

/* ---- free GPUs, what was bought ---- */

static void write_fragmentation(struct report_place *at)
{
    static const char *const heads[] = {"policy",           "GPUs free, mean",
                                        "nothing waits",    "something would fit",
                                        "shape or model",   "want of CPUs",
                                        "want of memory",   "most GPUs asked for",
                                        "nodes taken back", "nodes failed",
                                        "requested in vain"};

    report_place_start(at, "Free GPUs and why, means over time; nodes lost", heads,
                       COUNT(heads));
    for (int32_t i = 0; i < at->w->r->n_policies; i++, at->row++) {
        const struct model_policy_result *p = &at->w->r->policies[i];
        const struct model_fragmentation *f = &p->fragmentation;
        const double figures[] = {f->free_gpus, f->unwanted, f->usable,
                                  f->by_shape,  f->by_cpu,   f->by_memory};
        const int64_t counts[] = {p->nodes_taken_back, p->nodes_failed,
                                  p->launches_refused};
        int column = 1;

        report_sheet_text(at->s, at->row, 0, p->name, REPORT_LOOK_NAME);
        for (int k = 0; k < COUNT(figures); k++)
            report_sheet_number(at->s, at->row, column++,
                                f->samples > 0 ? figures[k] : NAN, REPORT_LOOK_NUMBER);
        report_sheet_number(at->s, at->row, column++, p->peak_gpus_demand,
                            REPORT_LOOK_NUMBER);
        for (int k = 0; k < COUNT(counts); k++)
            report_sheet_number(at->s, at->row, column++, (double)counts[k],
                                REPORT_LOOK_COUNT);
    }
    at->row++;
}

static void write_bought(struct report_place *at)
{
    static const char *const heads[] = {"policy", "node type", "nodes", "why"};

    report_place_start(at, "Nodes bought, first replication", heads, COUNT(heads));
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        for (int32_t k = 0; k < at->w->r->policies[i].n_bought; k++, at->row++) {
            const struct model_bought *b = &at->w->r->policies[i].bought[k];

            report_sheet_text(at->s, at->row, 0, at->w->r->policies[i].name,
                              REPORT_LOOK_NAME);
            report_sheet_text(at->s, at->row, 1, b->type, REPORT_LOOK_TEXT);
            report_sheet_number(at->s, at->row, 2, (double)b->nodes, REPORT_LOOK_COUNT);
            report_sheet_text(at->s, at->row, 3, b->reason, REPORT_LOOK_TEXT);
        }
}

/* ---- the sheet ---- */

static bool any_shared(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        if (report_is_shared(&r->policies[i]))
            return true;
    return false;
}

void report_write_teams(struct report_workbook *w)
{
    static const double widths[] = {24, 30, 18, 18, 14, 14, 14, 14, 14, 14, 14, 12};
    struct report_place at = {.w = w, .row = 3};
    bool teams = false;

    if (!any_shared(w->r))
        return;
    for (int32_t i = 0; i < w->r->n_policies; i++)
        teams = teams || w->r->policies[i].n_teams > 0;
    at.s = report_book_sheet(w->book, "Teams", widths, COUNT(widths), 0);
    report_write_title(
        at.s, "Teams",
        "Both columns of money add up to the bill: what teams held, with what nobody "
        "held; or what worked of that, with what was held and idle and what nobody "
        "held.");
    if (teams)
        write_teams(&at);
    write_fragmentation(&at);
    write_bought(&at);
}
