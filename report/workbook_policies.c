/* The sheet Policies: side by side, the difference to the baseline, the bills
 * reconciled, and workloads. */
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "report/workbook_parts.h"

/* What rounding each lease to a micro-dollar may make of the bill. */
#define RECONCILE_USD "0.005"
static const double reconcile_usd = 0.005;

#define AT(row, column)    report_cell_at(w->arena, (row), (column))
#define FIXED(row, column) report_cell_fixed(w->arena, (row), (column))

/* ---- where things stand ---- */

int report_policy_row(const struct report_workbook *w, enum report_policy_table table,
                      int32_t policy)
{
    /* A table is its title, its heads, a row for each policy, and a blank row. */
    return 3 + (int)table * (w->r->n_policies + 3) + policy;
}

const char *report_policy_cell(const struct report_workbook *w,
                               enum report_policy_table table, int32_t policy,
                               int column)
{
    return sp_arena_printf(w->arena, "Policies!%s",
                           FIXED(report_policy_row(w, table, policy), column));
}

/* ---- side by side ---- */

static void write_hardware(const struct report_workbook *w, struct report_sheet *s,
                           int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    int row = report_policy_row(w, REPORT_HARDWARE, id);
    double nodes = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        nodes += p->nodes[i].peak;
    report_sheet_text(s, row, HW_NAME, p->name, REPORT_LOOK_NAME);
    report_sheet_text(s, row, HW_END, model_end_name(p->end), REPORT_LOOK_TEXT);
    report_sheet_number(s, row, HW_TIME, p->time_s.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, HW_TIME_95, p->time_s.half95, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, HW_NODES, nodes, REPORT_LOOK_COUNT);
    report_sheet_number(s, row, HW_GPU_NODES, p->n_gpu_nodes_peak, REPORT_LOOK_COUNT);
    for (int r = MODEL_GPU; r <= MODEL_CPU; r++) {
        const struct model_resource_use *use = &p->resources[r];

        report_sheet_number(s, row,
                            r == MODEL_GPU ? HW_GPU_ALLOCATED : HW_CPU_ALLOCATED,
                            use->allocated_of_provisioned.mean, REPORT_LOOK_PERCENT);
        report_sheet_number(s, row, r == MODEL_GPU ? HW_GPU_BUSY : HW_CPU_BUSY,
                            use->busy_of_provisioned.mean, REPORT_LOOK_PERCENT);
    }
    report_sheet_text(s, row, HW_WINDOW, p->window, REPORT_LOOK_TEXT);
}

/* ---- money ---- */

double report_k_items(const struct model_policy_result *p)
{
    double k = 0;

    if (p->cost.known && p->cost.usd_per_1k_items.mean > 0)
        return p->cost.usd.mean / p->cost.usd_per_1k_items.mean;
    for (int32_t i = 0; i < p->n_workloads; i++)
        k += (double)p->workloads[i].done / 1000;
    return k;
}

static void write_total(const struct report_workbook *w, struct report_sheet *s,
                        int row, int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    const char *fleet = report_fleet_usd(w, id);
    double usd = report_live_usd(p);

    if (p->n_nodes == 0)
        report_sheet_number(s, row, COST_USD, 0, REPORT_LOOK_USD);
    else
        report_sheet_formula(
            s, row, COST_USD,
            sp_arena_printf(w->arena, "=IF(COUNT(%s)=ROWS(%s),SUM(%s),\"unknown\")",
                            fleet, fleet, fleet),
            isnan(usd) ? 0 : usd, isnan(usd) ? "unknown" : NULL, REPORT_LOOK_USD);
}

/* Half an interval of the run, as large a share of the bill now as it was then. */
static void write_interval(const struct report_workbook *w, struct report_sheet *s,
                           int row, const struct model_policy_result *p)
{
    double half = p->cost.usd.half95, runs = report_live_runs(w);

    report_sheet_number(s, row, COST_SIM, p->cost.known ? p->cost.usd.mean : NAN,
                        REPORT_LOOK_USD);
    if (!p->cost.known || isnan(half) || !(p->cost.usd.mean > 0))
        return;
    report_sheet_number(s, row, COST_SIM_95, half, REPORT_LOOK_UUSD);
    report_write_known(w, s, row, COST_USD_95,
                       (const char *const[]){AT(row, COST_USD), NULL, NULL},
                       sp_arena_printf(w->arena, "%s*%s/%s", AT(row, COST_SIM_95),
                                       AT(row, COST_USD), AT(row, COST_SIM)),
                       half, REPORT_LOOK_USD);
    report_write_known(
        w, s, row, COST_MONTH_95,
        (const char *const[]){AT(row, COST_USD_95), "runs_per_month", NULL},
        sp_arena_printf(w->arena, "%s*runs_per_month", AT(row, COST_USD_95)),
        half * runs, REPORT_LOOK_USD);
}

/* What was allocated and did not work, and what nobody held: by the bill's cells. */
static void write_waste(const struct report_workbook *w, struct report_sheet *s,
                        int row, int32_t id)
{
    const struct report_which any = REPORT_ANY_CELL;
    struct report_which used = any, nobody = any, rounding = any;
    const char *all, *no_one;
    double all_usd, nobody_usd;

    if (!report_cells_known(w, id))
        return;
    used.used = 1;
    nobody.owner = 0;
    rounding.part = (int)MODEL_PART_ROUNDING + 1;
    all = report_cells_formula(w, id, REPORT_PAID, any);
    no_one = report_cells_formula(w, id, REPORT_PAID, nobody);
    all_usd = report_cells_sum(w, id, REPORT_PAID, any);
    nobody_usd = report_cells_sum(w, id, REPORT_PAID, nobody);
    report_sheet_formula(
        s, row, COST_IDLE,
        sp_arena_printf(w->arena, "=%s-%s-%s", all, no_one,
                        report_cells_formula(w, id, REPORT_PAID, used)),
        all_usd - nobody_usd - report_cells_sum(w, id, REPORT_PAID, used), NULL,
        REPORT_LOOK_USD);
    report_sheet_formula(
        s, row, COST_UNALLOCATED,
        sp_arena_printf(w->arena, "=%s-%s", no_one,
                        report_cells_formula(w, id, REPORT_PAID, rounding)),
        nobody_usd - report_cells_sum(w, id, REPORT_PAID, rounding), NULL,
        REPORT_LOOK_USD);
}

static void write_cost(const struct report_workbook *w, struct report_sheet *s,
                       int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    int row = report_policy_row(w, REPORT_COST, id);
    const char *usd = AT(row, COST_USD);
    double now = report_live_usd(p), gpu_h = p->resources[MODEL_GPU].busy_h.mean;

    report_sheet_text(s, row, COST_NAME, p->name, REPORT_LOOK_NAME);
    write_total(w, s, row, id);
    report_write_known(w, s, row, COST_MONTH,
                       (const char *const[]){usd, "runs_per_month", NULL},
                       sp_arena_printf(w->arena, "%s*runs_per_month", usd),
                       now * report_live_runs(w), REPORT_LOOK_USD);
    write_interval(w, s, row, p);
    report_sheet_number(s, row, COST_K_ITEMS, report_k_items(p), REPORT_LOOK_NUMBER);
    report_write_quotient(w, s, row, COST_PER_1K, usd, AT(row, COST_K_ITEMS),
                          now / report_k_items(p), REPORT_LOOK_UUSD);
    if (gpu_h > 0) {
        report_sheet_number(s, row, COST_GPU_H, gpu_h, REPORT_LOOK_NUMBER);
        report_write_quotient(w, s, row, COST_PER_GPU_H, usd, AT(row, COST_GPU_H),
                              now / gpu_h, REPORT_LOOK_USD);
    }
    write_waste(w, s, row, id);
    report_sheet_number(s, row, COST_FLOOR, p->cost.floor_usd.mean, REPORT_LOOK_USD);
}

/* ---- the difference to the baseline ---- */

static void write_saving(const struct report_workbook *w, struct report_sheet *s,
                         int row, int32_t id)
{
    int32_t base = report_baseline(w->r);
    const char *a = AT(report_policy_row(w, REPORT_COST, base), COST_MONTH);
    const char *b = AT(report_policy_row(w, REPORT_COST, id), COST_MONTH);
    double was = report_live_usd(&w->r->policies[base]) * report_live_runs(w);
    double is = report_live_usd(&w->r->policies[id]) * report_live_runs(w);
    const struct model_comparison *c = report_compared_of(w->r, id);

    report_write_known(w, s, row, DIFF_SAVING, (const char *const[]){a, b, NULL},
                       sp_arena_printf(w->arena, "%s-%s", a, b), was - is,
                       REPORT_LOOK_SIGNED);
    report_write_quotient(w, s, row, DIFF_SAVING_FRAC, AT(row, DIFF_SAVING), a,
                          (was - is) / was, REPORT_LOOK_PERCENT);
    if (c == NULL)
        return;
    report_sheet_number(s, row, DIFF_SIM_RATIO, c->usd_ratio.mean, REPORT_LOOK_RATIO);
    report_sheet_number(s, row, DIFF_SIM_RATIO_95, c->usd_ratio.half95,
                        REPORT_LOOK_RATIO);
    report_sheet_text(s, row, DIFF_OUTCOME, model_outcome_name(c->outcome),
                      REPORT_LOOK_TEXT);
    if (!isnan(c->usd_ratio.half95))
        report_write_known(
            w, s, row, DIFF_SAVING_95, (const char *const[]){a, NULL, NULL},
            sp_arena_printf(w->arena, "%s*%s", a, AT(row, DIFF_SIM_RATIO_95)),
            was * c->usd_ratio.half95, REPORT_LOOK_USD);
}

static void write_difference(const struct report_workbook *w, struct report_sheet *s,
                             int32_t id)
{
    int32_t base = report_baseline(w->r);
    const struct model_policy_result *p = &w->r->policies[id],
                                     *b = &w->r->policies[base];
    int row = report_policy_row(w, REPORT_DIFFERENCE, id);
    int cost = report_policy_row(w, REPORT_COST, id);
    int base_cost = report_policy_row(w, REPORT_COST, base);
    int hw = report_policy_row(w, REPORT_HARDWARE, id);
    int base_hw = report_policy_row(w, REPORT_HARDWARE, base);

    report_sheet_text(s, row, DIFF_NAME, p->name, REPORT_LOOK_NAME);
    write_saving(w, s, row, id);
    report_write_quotient(w, s, row, DIFF_RATIO, AT(cost, COST_USD),
                          FIXED(base_cost, COST_USD),
                          report_live_usd(p) / report_live_usd(b), REPORT_LOOK_RATIO);
    report_write_quotient(w, s, row, DIFF_TIME, AT(hw, HW_TIME),
                          FIXED(base_hw, HW_TIME), p->time_s.mean / b->time_s.mean,
                          REPORT_LOOK_RATIO);
    if (b->n_gpu_nodes_peak > 0)
        report_write_quotient(w, s, row, DIFF_GPU_NODES, AT(hw, HW_GPU_NODES),
                              FIXED(base_hw, HW_GPU_NODES),
                              (double)p->n_gpu_nodes_peak / b->n_gpu_nodes_peak,
                              REPORT_LOOK_RATIO);
}

/* ---- reconciliation ---- */

static double lines_usd(const struct model_cost *c)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < c->n_lines; i++)
        sum += c->lines[i].uusd;
    return sp_usd_from_uusd(sum);
}

static double billed_usd(const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        sum += p->nodes[i].billed_hours.mean * p->nodes[i].usd_per_h;
    return sum;
}

/* What the check says: "ok", "DIFFERS", or "no price". */
const char *report_reconciled(const struct model_policy_result *p)
{
    double first = sp_usd_from_uusd(p->cost.uusd);

    if (!p->cost.known)
        return "no price";
    return fabs(billed_usd(p) - p->cost.usd.mean) <= reconcile_usd &&
                   fabs(lines_usd(&p->cost) - first) < 0.0000005
               ? "ok"
               : "DIFFERS";
}

static void write_rounded(const struct report_workbook *w, struct report_sheet *s,
                          int row, int column, int a, int b, double value)
{
    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena, "=ROUND(%s-%s,6)", AT(row, a), AT(row, b)),
        rint(value * 1e6) / 1e6, NULL, REPORT_LOOK_UUSD);
}

/* A bill at the prices of the run, three ways. */
static void write_reconciled(const struct report_workbook *w, struct report_sheet *s,
                             int row, int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    double bill = p->cost.usd.mean, first = sp_usd_from_uusd(p->cost.uusd);
    double lines = lines_usd(&p->cost);

    report_sheet_number(s, row, REC_FLEET, billed_usd(p), REPORT_LOOK_UUSD);
    report_sheet_number(s, row, REC_BILL, bill, REPORT_LOOK_UUSD);
    write_rounded(w, s, row, REC_FLEET_DIFF, REC_FLEET, REC_BILL, billed_usd(p) - bill);
    report_sheet_number(s, row, REC_LINES, lines, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, REC_BILL_1, first, REPORT_LOOK_UUSD);
    write_rounded(w, s, row, REC_LINES_DIFF, REC_LINES, REC_BILL_1, lines - first);
    report_sheet_formula(
        s, row, REC_CHECK,
        sp_arena_printf(w->arena,
                        "=IF(AND(ABS(%s)<=" RECONCILE_USD ",%s=0),\"ok\",\"DIFFERS\")",
                        AT(row, REC_FLEET_DIFF), AT(row, REC_LINES_DIFF)),
        0, report_reconciled(p), REPORT_LOOK_TEXT);
}

static void write_reconcile(const struct report_workbook *w, struct report_sheet *s,
                            int32_t id)
{
    int row = report_policy_row(w, REPORT_RECONCILE, id);

    report_sheet_text(s, row, REC_NAME, w->r->policies[id].name, REPORT_LOOK_NAME);
    if (w->r->policies[id].cost.known)
        write_reconciled(w, s, row, id);
    else
        report_sheet_text(s, row, REC_CHECK, report_reconciled(&w->r->policies[id]),
                          REPORT_LOOK_TEXT);
    report_sheet_flag(s, row, REC_CHECK, "ok");
}

/* ---- workloads ---- */

static void write_workload(struct report_sheet *s, int row, const char *policy,
                           const struct model_workload_result *x)
{
    const int64_t counts[] = {x->in, x->done, x->in_flight, x->dropped};
    const double figures[] = {x->per_s.mean, x->per_s.half95, x->latency.p50_s.mean,
                              x->latency.p99_s.mean, x->bound_per_s};

    report_sheet_text(s, row, 0, policy, REPORT_LOOK_NAME);
    report_sheet_text(s, row, 1, x->name, REPORT_LOOK_TEXT);
    for (int c = 0; c < 4; c++)
        report_sheet_number(s, row, 2 + c, (double)counts[c], REPORT_LOOK_COUNT);
    for (int c = 0; c < 5; c++)
        report_sheet_number(s, row, 6 + c, figures[c], REPORT_LOOK_NUMBER);
}

static void write_workloads(const struct report_workbook *w, struct report_sheet *s,
                            int row)
{
    static const char *const heads[] = {
        "policy",          "workload",        "items in",       "done",
        "in flight",       "dropped",         "items/s",        "+- 95 %",
        "latency p50 (s)", "latency p99 (s)", "bound (items/s)"};

    report_sheet_text(s, row, 0, "Workloads, as simulated", REPORT_LOOK_SECTION);
    report_sheet_height(s, row++, 1.7);
    report_write_heads(s, row++, heads, 11);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t k = 0; k < w->r->policies[i].n_workloads; k++)
            write_workload(s, row++, w->r->policies[i].name,
                           &w->r->policies[i].workloads[k]);
}

/* ---- the sheet ---- */

static const char *const hardware_heads[] = {
    "policy",        "ended",     "time (s)",         "+- 95 %",
    "nodes, peak",   "GPU nodes", "GPU allocated",    "GPU busy",
    "CPU allocated", "CPU busy",  "utilization over",
};
static const char *const cost_heads[COST_COLUMNS] = {
    "policy",
    "USD per run",
    "+- 95 %",
    "USD per month",
    "+- 95 %",
    "USD per 1k items",
    "USD per busy GPU-hour",
    "of it idle (USD)",
    "not allocated (USD)",
    "thousand items",
    "busy GPU-hours",
    "USD of the run",
    "+- 95 % of the run",
    "floor (USD of the run)",
};
static const char *const difference_heads[DIFF_COLUMNS] = {
    "policy",          "saving (USD per month)",
    "+- 95 %",         "saving",
    "cost ratio",      "time ratio",
    "GPU nodes ratio", "cost ratio of the run",
    "+- 95 %",         "all figures together",
};
static const char *const reconcile_heads[] = {
    "policy",
    "billed hours x prices of the run",
    "bill of the run, mean",
    "difference",
    "sum of its lines, first replication",
    "bill, first replication",
    "difference",
    "check",
};

static const struct table {
    const char *title;
    const char *const *heads;
    int n;
    void (*write)(const struct report_workbook *w, struct report_sheet *s, int32_t id);
} tables[] = {
    [REPORT_HARDWARE] = {"Policies side by side", hardware_heads, 11, write_hardware},
    [REPORT_COST] = {"Money at the prices on Assumptions", cost_heads, COST_COLUMNS,
                     write_cost},
    [REPORT_DIFFERENCE] = {"Difference to the baseline", difference_heads, DIFF_COLUMNS,
                           write_difference},
    [REPORT_RECONCILE] = {"The bills of the run reconciled", reconcile_heads, 8,
                          write_reconcile},
};

static void write_table(const struct report_workbook *w, struct report_sheet *s,
                        enum report_policy_table table)
{
    const struct table *t = &tables[table];
    int row = report_policy_row(w, table, 0);

    report_sheet_text(s, row - 2, 0,
                      table == REPORT_DIFFERENCE
                          ? sp_arena_printf(w->arena, "%s, %s", t->title,
                                            w->r->policies[report_baseline(w->r)].name)
                          : t->title,
                      REPORT_LOOK_SECTION);
    report_sheet_height(s, row - 2, 1.7);
    report_write_heads(s, row - 1, t->heads, t->n);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        t->write(w, s, i);
}

void report_write_policies(struct report_workbook *w)
{
    static const double widths[] = {24, 18, 15, 15, 14, 14, 14,
                                    14, 14, 14, 14, 14, 14, 14};
    struct report_sheet *s =
        report_book_sheet(w->book, "Policies", widths, COST_COLUMNS, 0);
    int last = report_policy_row(w, REPORT_RECONCILE, w->r->n_policies - 1);

    report_write_title(s, "Policies", NULL);
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        write_table(w, s, (enum report_policy_table)t);
    for (int c = HW_GPU_ALLOCATED; c <= HW_CPU_BUSY; c++)
        report_sheet_share_bars(
            s, report_policy_row(w, REPORT_HARDWARE, 0),
            report_policy_row(w, REPORT_HARDWARE, w->r->n_policies - 1), c);
    write_workloads(w, s, last + 2);
}
