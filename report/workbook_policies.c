/* The sheets with money in them: Fleet (hours times price), Policies (totals, ratios,
 * the reconciliation) and Cost lines. */
#include <inttypes.h>
#include <math.h>

#include "base/units.h"
#include "report/workbook_parts.h"

enum {
    FLEET_POLICY,
    FLEET_TYPE,
    FLEET_OPTION,
    FLEET_PEAK,
    FLEET_MEAN,
    FLEET_HOURS,
    FLEET_BILLED,
    FLEET_PRICE,
    FLEET_USD,
    FLEET_SIM_PRICE,
    FLEET_SIM_USD,
    FLEET_COLUMNS
};
enum {
    LINE_POLICY,
    LINE_WORKLOAD,
    LINE_STAGE,
    LINE_KIND,
    LINE_USD,
    LINE_SHARE,
    LINE_COLUMNS
};
/* What rounding each lease to a micro-dollar may make of the bill. */
#define RECONCILE_USD "0.005"
static const double reconcile_usd = 0.005;

double report_live_usd(const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        sum += p->nodes[i].billed_hours.mean * p->nodes[i].usd_per_h;
    return sum;
}

/* "Fleet!$I$4:$I$5" */
static const char *range(const struct report_workbook *w, const char *sheet,
                         struct report_rows rows, int column)
{
    return sp_arena_printf(w->arena, "%s!%s:%s", sheet,
                           report_cell_fixed(w->arena, rows.first, column),
                           report_cell_fixed(w->arena, rows.last, column));
}

/* ---- Fleet ---- */

static void write_node(const struct report_workbook *w, struct report_sheet *s, int row,
                       int32_t policy, const struct model_node_use *n)
{
    const struct report_price *price = report_price_of(w, n);
    const char *missing = isnan(n->usd_per_h) ? "no price" : NULL;
    const char *cell = report_cell_at(w->arena, row, FLEET_PRICE);

    report_sheet_text(s, row, FLEET_POLICY, w->r->policies[policy].name,
                      REPORT_LOOK_TEXT);
    report_sheet_text(s, row, FLEET_TYPE, n->type, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, FLEET_OPTION, n->option, REPORT_LOOK_TEXT);
    report_sheet_number(s, row, FLEET_PEAK, n->peak, REPORT_LOOK_COUNT);
    report_sheet_number(s, row, FLEET_MEAN, n->mean.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, FLEET_HOURS, n->hours.mean, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, FLEET_BILLED, n->billed_hours.mean, REPORT_LOOK_UUSD);
    report_sheet_formula(s, row, FLEET_PRICE,
                         sp_arena_printf(w->arena, "=IF(ISNUMBER(%s),%s,\"no price\")",
                                         price->name, price->name),
                         n->usd_per_h, missing, REPORT_LOOK_UUSD);
    report_sheet_formula(
        s, row, FLEET_USD,
        sp_arena_printf(w->arena, "=IF(ISNUMBER(%s),%s*%s,\"unknown\")", cell,
                        report_cell_at(w->arena, row, FLEET_BILLED), cell),
        n->billed_hours.mean * n->usd_per_h, missing != NULL ? "unknown" : NULL,
        REPORT_LOOK_UUSD);
    report_sheet_number(s, row, FLEET_SIM_PRICE, n->usd_per_h, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, FLEET_SIM_USD, n->usd.mean, REPORT_LOOK_UUSD);
}

void report_write_fleet(struct report_workbook *w)
{
    static const double widths[] = {24, 24, 12, 8, 10, 15, 15, 14, 16, 15, 16};
    static const char *const heads[FLEET_COLUMNS] = {
        "policy", "node type",          "option",           "peak",
        "mean",   "node-hours",         "billed hours",     "USD/h",
        "USD",    "USD/h as simulated", "USD as simulated",
    };
    struct report_sheet *s =
        report_book_sheet(w->book, "Fleet", widths, FLEET_COLUMNS, 3);

    report_write_title(
        s, "Fleet",
        "USD = billed hours x USD/h; USD/h is the named cell on Assumptions.");
    report_write_heads(s, 2, heads, FLEET_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t n = 0; n < w->r->policies[i].n_nodes; n++)
            write_node(w, s, w->fleet[i].first + n, i, &w->r->policies[i].nodes[n]);
}

/* ---- Cost lines ---- */

static void write_line(const struct report_workbook *w, struct report_sheet *s, int row,
                       int32_t policy, const struct model_cost_line *l)
{
    const struct model_policy_result *p = &w->r->policies[policy];
    double usd = sp_usd_from_uusd(l->uusd), total = sp_usd_from_uusd(p->cost.uusd);
    const char *lines = range(w, "'Cost lines'", w->lines[policy], LINE_USD);

    report_sheet_text(s, row, LINE_POLICY, p->name, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, LINE_WORKLOAD, l->workload, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, LINE_STAGE, l->stage, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, LINE_KIND, model_line_kind_name(l->kind),
                      REPORT_LOOK_TEXT);
    report_sheet_number(s, row, LINE_USD, p->cost.known ? usd : NAN, REPORT_LOOK_UUSD);
    if (p->cost.known && total != 0)
        report_sheet_formula(s, row, LINE_SHARE,
                             sp_arena_printf(w->arena, "=%s/SUM(%s)",
                                             report_cell_at(w->arena, row, LINE_USD),
                                             lines),
                             usd / total, NULL, REPORT_LOOK_PERCENT);
}

void report_write_cost_lines(struct report_workbook *w)
{
    static const double widths[] = {24, 24, 24, 18, 18, 12};
    static const char *const heads[LINE_COLUMNS] = {
        "policy", "workload", "stage", "cost of", "USD", "share of the bill"};
    struct report_sheet *s =
        report_book_sheet(w->book, "Cost lines", widths, LINE_COLUMNS, 3);
    int last = w->lines[w->r->n_policies - 1].last;

    report_write_title(
        s, "Cost lines",
        "Where the bill of the first replication went, at the prices of the "
        "run. The lines of a policy sum to its bill.");
    report_write_heads(s, 2, heads, LINE_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t n = 0; n < w->r->policies[i].cost.n_lines; n++)
            write_line(w, s, w->lines[i].first + n, i,
                       &w->r->policies[i].cost.lines[n]);
    report_sheet_share_bars(s, 3, last, LINE_SHARE);
    if (last >= 3)
        report_sheet_filter(s, 2, last, LINE_COLUMNS - 1);
}

/* ---- Policies ---- */

int report_policy_row(const struct report_workbook *w, enum report_policy_table table,
                      int32_t policy)
{
    /* A table is its title, its heads, a row for each policy, and a blank row. */
    return 3 + (int)table * (w->r->n_policies + 3) + policy;
}

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
    report_sheet_text(s, row, HW_WINDOW, p->window, REPORT_LOOK_WRAP);
}

double report_k_items(const struct model_policy_result *p)
{
    double k = 0;

    if (p->cost.known && p->cost.usd_per_1k_items.mean > 0)
        return p->cost.usd.mean / p->cost.usd_per_1k_items.mean;
    for (int32_t i = 0; i < p->n_workloads; i++)
        k += (double)p->workloads[i].done / 1000;
    return k;
}

/* AND looks at all of its arguments, and comparing a text with 0 is no error. */
void report_write_quotient(const struct report_workbook *w, struct report_sheet *s,
                           int row, int column, const char *a, const char *b,
                           double value, enum report_look look)
{
    bool known = isfinite(value);

    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena,
                        "=IF(AND(ISNUMBER(%s),ISNUMBER(%s),%s<>0),%s/%s,\"unknown\")",
                        a, b, b, a, b),
        known ? value : 0, known ? NULL : "unknown", look);
}

static void write_total(const struct report_workbook *w, struct report_sheet *s,
                        int row, int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    const char *fleet = range(w, "Fleet", w->fleet[id], FLEET_USD);
    double usd = report_live_usd(p);

    if (p->n_nodes == 0)
        report_sheet_number(s, row, COST_USD, 0, REPORT_LOOK_USD);
    else
        report_sheet_formula(
            s, row, COST_USD,
            sp_arena_printf(w->arena, "=IF(COUNT(%s)=ROWS(%s),SUM(%s),\"unknown\")",
                            fleet, fleet, fleet),
            usd, isnan(usd) ? "unknown" : NULL, REPORT_LOOK_USD);
}

static void write_cost_ratios(const struct report_workbook *w, struct report_sheet *s,
                              int row, int32_t id)
{
    int32_t base = report_baseline(w->r);
    const struct model_policy_result *p = &w->r->policies[id],
                                     *b = &w->r->policies[base];
    int base_row = report_policy_row(w, REPORT_COST, base);
    int hw = report_policy_row(w, REPORT_HARDWARE, id);
    int base_hw = report_policy_row(w, REPORT_HARDWARE, base);

#define AT(row, column)    report_cell_at(w->arena, (row), (column))
#define FIXED(row, column) report_cell_fixed(w->arena, (row), (column))
    report_write_quotient(w, s, row, COST_RATIO, AT(row, COST_USD),
                          FIXED(base_row, COST_USD),
                          report_live_usd(p) / report_live_usd(b), REPORT_LOOK_RATIO);
    report_write_quotient(w, s, row, COST_TIME_RATIO, AT(hw, HW_TIME),
                          FIXED(base_hw, HW_TIME), p->time_s.mean / b->time_s.mean,
                          REPORT_LOOK_RATIO);
    report_write_quotient(
        w, s, row, COST_GPU_RATIO, AT(hw, HW_GPU_NODES), FIXED(base_hw, HW_GPU_NODES),
        (double)p->n_gpu_nodes_peak / b->n_gpu_nodes_peak, REPORT_LOOK_RATIO);
}

static void write_cost(const struct report_workbook *w, struct report_sheet *s,
                       int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    int row = report_policy_row(w, REPORT_COST, id);
    bool known = p->cost.known;

    report_sheet_text(s, row, COST_NAME, p->name, REPORT_LOOK_NAME);
    write_total(w, s, row, id);
    report_write_quotient(w, s, row, COST_PER_1K, AT(row, COST_USD),
                          AT(row, COST_K_ITEMS), report_live_usd(p) / report_k_items(p),
                          REPORT_LOOK_UUSD);
    write_cost_ratios(w, s, row, id);
    report_sheet_number(s, row, COST_K_ITEMS, report_k_items(p), REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, COST_IDLE, known ? p->cost.idle_usd.mean : NAN,
                        REPORT_LOOK_USD);
    report_sheet_number(s, row, COST_UNALLOCATED,
                        known ? p->cost.unallocated_usd.mean : NAN, REPORT_LOOK_USD);
    for (int32_t i = 0; i < w->r->n_comparisons; i++)
        if (w->r->comparisons[i].policy == id) {
            report_sheet_number(s, row, COST_SIM_RATIO,
                                w->r->comparisons[i].usd_ratio.mean, REPORT_LOOK_RATIO);
            report_sheet_number(s, row, COST_SIM_RATIO_95,
                                w->r->comparisons[i].usd_ratio.half95,
                                REPORT_LOOK_RATIO);
        }
}

static double lines_usd(const struct model_cost *c)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < c->n_lines; i++)
        sum += c->lines[i].uusd;
    return sp_usd_from_uusd(sum);
}

/* What the check says: "ok", "DIFFERS", or "no price". */
const char *report_reconciled(const struct model_policy_result *p)
{
    double first = sp_usd_from_uusd(p->cost.uusd);

    if (!p->cost.known)
        return "no price";
    return fabs(report_live_usd(p) - p->cost.usd.mean) <= reconcile_usd &&
                   fabs(lines_usd(&p->cost) - first) < 0.0000005
               ? "ok"
               : "DIFFERS";
}

static void write_difference(const struct report_workbook *w, struct report_sheet *s,
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
    double fleet = report_live_usd(p), lines = lines_usd(&p->cost);

    if (p->n_nodes == 0)
        report_sheet_number(s, row, REC_FLEET, 0, REPORT_LOOK_UUSD);
    else
        report_sheet_formula(
            s, row, REC_FLEET,
            sp_arena_printf(w->arena, "=SUMPRODUCT(%s,%s)",
                            range(w, "Fleet", w->fleet[id], FLEET_BILLED),
                            range(w, "Fleet", w->fleet[id], FLEET_SIM_PRICE)),
            fleet, NULL, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, REC_BILL, bill, REPORT_LOOK_UUSD);
    write_difference(w, s, row, REC_FLEET_DIFF, REC_FLEET, REC_BILL, fleet - bill);
    if (p->cost.n_lines == 0)
        report_sheet_number(s, row, REC_LINES, 0, REPORT_LOOK_UUSD);
    else
        report_sheet_formula(
            s, row, REC_LINES,
            sp_arena_printf(w->arena, "=SUM(%s)",
                            range(w, "'Cost lines'", w->lines[id], LINE_USD)),
            lines, NULL, REPORT_LOOK_UUSD);
    report_sheet_number(s, row, REC_BILL_1, first, REPORT_LOOK_UUSD);
    write_difference(w, s, row, REC_LINES_DIFF, REC_LINES, REC_BILL_1, lines - first);
    report_sheet_formula(
        s, row, REC_CHECK,
        sp_arena_printf(w->arena,
                        "=IF(AND(ABS(%s)<=" RECONCILE_USD ",%s=0),\"ok\",\"DIFFERS\")",
                        AT(row, REC_FLEET_DIFF), AT(row, REC_LINES_DIFF)),
        0, report_reconciled(p), REPORT_LOOK_TEXT);
}
#undef AT
#undef FIXED

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

static void write_workloads(const struct report_workbook *w, struct report_sheet *s,
                            int row)
{
    static const char *const heads[] = {
        "policy",          "workload",        "items in",       "done",
        "in flight",       "dropped",         "items/s",        "+- 95 %",
        "latency p50 (s)", "latency p99 (s)", "bound (items/s)"};

    report_sheet_text(s, row++, 0, "Workloads", REPORT_LOOK_SECTION);
    report_write_heads(s, row++, heads, 11);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t k = 0; k < w->r->policies[i].n_workloads; k++, row++) {
            const struct model_workload_result *x = &w->r->policies[i].workloads[k];
            const int64_t counts[] = {x->in, x->done, x->in_flight, x->dropped};
            const double figures[] = {x->per_s.mean, x->per_s.half95,
                                      x->latency.p50_s.mean, x->latency.p99_s.mean,
                                      x->bound_per_s};

            report_sheet_text(s, row, 0, w->r->policies[i].name, REPORT_LOOK_NAME);
            report_sheet_text(s, row, 1, x->name, REPORT_LOOK_TEXT);
            for (int c = 0; c < 4; c++)
                report_sheet_number(s, row, 2 + c, (double)counts[c],
                                    REPORT_LOOK_COUNT);
            for (int c = 0; c < 5; c++)
                report_sheet_number(s, row, 6 + c, figures[c], REPORT_LOOK_NUMBER);
        }
}

static void write_table(struct report_workbook *w, struct report_sheet *s,
                        enum report_policy_table table, const char *title,
                        const char *const *heads, int n,
                        void (*write)(const struct report_workbook *w,
                                      struct report_sheet *s, int32_t id))
{
    int row = report_policy_row(w, table, 0);

    report_sheet_text(s, row - 2, 0, title,
                      table == REPORT_HARDWARE ? REPORT_LOOK_TITLE
                                               : REPORT_LOOK_SECTION);
    report_write_heads(s, row - 1, heads, n);
    report_sheet_height(s, row - 2, 1.7);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        write(w, s, i);
}

void report_write_policies(struct report_workbook *w)
{
    static const double widths[] = {24, 14, 16, 14, 14, 14, 14, 14, 14, 14, 26};
    static const char *const hardware[] = {
        "policy",        "ended",     "time (s)",         "+- 95 %",
        "nodes, peak",   "GPU nodes", "GPU allocated",    "GPU busy",
        "CPU allocated", "CPU busy",  "utilization over",
    };
    static const char *const cost[] = {
        "policy",
        "USD",
        "USD per 1k items",
        "cost ratio",
        "time ratio",
        "GPU nodes ratio",
        "thousand items",
        "idle (USD as simulated)",
        "unallocated (USD as simulated)",
        "cost ratio as simulated",
        "+- 95 %",
    };
    static const char *const reconcile[] = {
        "policy",
        "hours x prices of the run",
        "bill",
        "difference",
        "sum of cost lines",
        "bill, first replication",
        "difference",
        "check",
    };
    struct report_sheet *s = report_book_sheet(w->book, "Policies", widths, 11, 0);
    int last = report_policy_row(w, REPORT_RECONCILE, w->r->n_policies - 1);

    write_table(w, s, REPORT_HARDWARE, "Policies", hardware, 11, write_hardware);
    write_table(w, s, REPORT_COST, "Cost at the prices on Assumptions", cost, 11,
                write_cost);
    write_table(w, s, REPORT_RECONCILE, "Reconciliation at the prices of the run",
                reconcile, 8, write_reconcile);
    for (int c = HW_GPU_ALLOCATED; c <= HW_CPU_BUSY; c++)
        report_sheet_share_bars(
            s, report_policy_row(w, REPORT_HARDWARE, 0),
            report_policy_row(w, REPORT_HARDWARE, w->r->n_policies - 1), c);
    write_workloads(w, s, last + 2);
}
