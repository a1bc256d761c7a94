/* What the sheets of the workbook know of each other: where a price, a policy's rows of
 * the fleet and its cells stand.  Internal to report/workbook*.c.
 *
 * Money follows from three tables, each by formula from the one before:
 *
 *   Prices   a row a price: what is paid (the cell on Assumptions, less discounts), and
 *            what it is of the price of the run: its factor
 *   Cells    a row a cell of the bill (struct model_cost_cell): its money of the run,
 *            and that times the factor
 *   others   sums over cells, found by number: names from files never are criteria
 *
 * Whatever writes a formula computes its value here, too, in the same order.
 */
#ifndef REPORT_WORKBOOK_PARTS_H
#define REPORT_WORKBOOK_PARTS_H

#include "report/book.h"
#include "report/context.h"
#include "report/lookup.h"

/* A price as some policies have it: one named cell. */
struct report_price {
    const char *type, *option, *group;
    double usd_per_h;      /* NaN: none was given */
    double list_usd_per_h; /* NaN likewise */
    int32_t list_of;  /* the price that is its list price (often itself); SP_NO_ID: none
                       * of them, the list price stays */
    const char *name; /* of the cell: "price_gpu_node" */
    const char *basis, *source, *date;
    const char *used_by;
    int32_t n_policies;
    int32_t last_policy; /* that was noted in used_by */
};

/* Rows of a table that belong to one policy; last < first: none. */
struct report_rows {
    int first, last;
};

/* What formulas find a cell by; from 1 on, 0: of none. */
struct report_cell_keys {
    int part, resource;
    int line;  /* of the policy's lines */
    int owner; /* of the policy's owners: workload, stage and team */
    int used;  /* 1: it worked */
};

/* To whom part of a bill is allocated. */
struct report_owner {
    const char *workload, *stage, *team;
};

struct report_policy_cells {
    struct report_rows rows; /* on the sheet Cells */
    struct report_cell_keys *keys;
    int32_t n_owners;
    struct report_owner *owners;
};

struct report_workbook {
    struct report_book *book;
    struct sp_arena *arena;
    const struct report_context *context;
    const struct model_result *r;
    int32_t n_prices;
    struct report_price *prices;
    struct report_rows *fleet;         /* by policy id */
    struct report_policy_cells *cells; /* likewise */
};

/* ---- prices ---- */

void report_prices_collect(struct report_workbook *w);
int32_t report_price_of(const struct report_workbook *w,
                        const struct model_node_use *use);
/* "Prices!$D$4": what is paid, and its factors of the price and list price of the run.
 */
const char *report_price_paid(const struct report_workbook *w, int32_t price);
const char *report_price_factor(const struct report_workbook *w, int32_t price);
const char *report_price_list_factor(const struct report_workbook *w, int32_t price);

/* ---- cells ---- */

/* Which money: as paid, at list prices, the latter of the first replication; or hours.
 */
enum report_money { REPORT_PAID, REPORT_LIST, REPORT_LIST_FIRST, REPORT_HOURS };

/* Which cells: those that have these keys; -1: any. */
struct report_which {
    int part, resource, line, owner, used;
};
#define REPORT_ANY_CELL ((struct report_which){-1, -1, -1, -1, -1})

void report_cells_number(struct report_workbook *w);
bool report_cells_known(const struct report_workbook *w, int32_t policy);

/* "SUMIFS(...)" over a policy's cells, and what it gives. */
const char *report_cells_formula(const struct report_workbook *w, int32_t policy,
                                 enum report_money money, struct report_which which);
double report_cells_sum(const struct report_workbook *w, int32_t policy,
                        enum report_money money, struct report_which which);
/* Both, in a cell. */
double report_write_cells(const struct report_workbook *w, struct report_sheet *s,
                          int row, int column, int32_t policy, enum report_money money,
                          struct report_which which, enum report_look look);

/* ---- policies ---- */

/* The tables on the sheet Policies, one below the other. */
enum report_policy_table {
    REPORT_HARDWARE,
    REPORT_COST,
    REPORT_DIFFERENCE,
    REPORT_RECONCILE
};
int report_policy_row(const struct report_workbook *w, enum report_policy_table table,
                      int32_t policy);

enum {
    HW_NAME,
    HW_END,
    HW_TIME,
    HW_TIME_95,
    HW_NODES,
    HW_GPU_NODES,
    HW_GPU_ALLOCATED,
    HW_GPU_BUSY,
    HW_CPU_ALLOCATED,
    HW_CPU_BUSY,
    HW_WINDOW
};
enum {
    COST_NAME,
    COST_USD,
    COST_USD_95,
    COST_MONTH,
    COST_MONTH_95,
    COST_PER_1K,
    COST_PER_GPU_H,
    COST_IDLE,
    COST_UNALLOCATED,
    COST_K_ITEMS,
    COST_GPU_H,
    COST_SIM,
    COST_SIM_95,
    COST_FLOOR,
    COST_COLUMNS
};
enum {
    DIFF_NAME,
    DIFF_SAVING, /* in a month */
    DIFF_SAVING_95,
    DIFF_SAVING_FRAC,
    DIFF_RATIO,
    DIFF_TIME,
    DIFF_GPU_NODES,
    DIFF_SIM_RATIO,
    DIFF_SIM_RATIO_95,
    DIFF_OUTCOME,
    DIFF_COLUMNS
};
enum {
    REC_NAME,
    REC_FLEET,
    REC_BILL,
    REC_FLEET_DIFF,
    REC_LINES,
    REC_BILL_1,
    REC_LINES_DIFF,
    REC_CHECK
};

/* A cell of the sheet Policies: "Policies!$B$9". */
const char *report_policy_cell(const struct report_workbook *w,
                               enum report_policy_table table, int32_t policy,
                               int column);

/* What a policy costs at the prices of the workbook as it is written: by node type, and
 * in all.  NaN where a price is missing. */
double report_live_node_usd(const struct model_node_use *use);
double report_live_usd(const struct model_policy_result *p);

/* Runs in a month, as the cell `runs_per_month` has it. */
double report_live_runs(const struct report_workbook *w);

const struct model_comparison *report_compared_of(const struct model_result *r,
                                                  int32_t policy);

/* Thousands of items that USD per 1k items divides by. */
double report_k_items(const struct model_policy_result *p);

/* What the reconciliation says: "ok", "DIFFERS" or "no price". */
const char *report_reconciled(const struct model_policy_result *p);

/* Row on Serving of the policy's only serving workload; -1: it has none, or more. */
int report_serving_row(const struct report_workbook *w, int32_t policy);
/* "Serving!$W$6": its USD per million tokens, and that figure now. */
const char *report_serving_usd(const struct report_workbook *w, int32_t policy,
                               double *usd);

/* "Fleet!$I$4:$I$5": what the nodes of a policy cost. */
const char *report_fleet_usd(const struct report_workbook *w, int32_t policy);
/* A node's row there: "Fleet!$I$4". */
const char *report_fleet_node(const struct report_workbook *w, int32_t policy,
                              int32_t node);

/* ---- sheets, in their order; each is left out where it has nothing to say ---- */

void report_write_summary(struct report_workbook *w);
void report_write_assumptions(struct report_workbook *w);
void report_write_policies(struct report_workbook *w);
void report_write_stages(struct report_workbook *w);
void report_write_serving(struct report_workbook *w);
void report_write_jobs(struct report_workbook *w);
void report_write_teams(struct report_workbook *w);
void report_write_kernels(struct report_workbook *w);
void report_write_fleet(struct report_workbook *w);
void report_write_utilization(struct report_workbook *w);
void report_write_latency(struct report_workbook *w);
void report_write_cost(struct report_workbook *w);
void report_write_allocation(struct report_workbook *w);
void report_write_sensitivity(struct report_workbook *w);
void report_write_timeline(struct report_workbook *w);
void report_write_prices(struct report_workbook *w);
void report_write_calibration(struct report_workbook *w);
void report_write_log(struct report_workbook *w);
void report_write_cell_table(struct report_workbook *w);

/* ---- pieces ---- */

/* =IF(AND(ISNUMBER(a),ISNUMBER(b),b<>0),a/b,"unknown") with the value it has now; NaN:
 * not known. */
void report_write_quotient(const struct report_workbook *w, struct report_sheet *s,
                           int row, int column, const char *a, const char *b,
                           double value, enum report_look look);

/* =IF(AND(ISNUMBER(a),...),expression,"unknown"), of cells a, b and c (NULL: fewer). */
void report_write_known(const struct report_workbook *w, struct report_sheet *s,
                        int row, int column, const char *const cells[3],
                        const char *expression, double value, enum report_look look);

/* Title and (unless NULL) a sentence below it, in the first two rows. */
void report_write_title(struct report_sheet *sheet, const char *title,
                        const char *note);

void report_write_heads(struct report_sheet *sheet, int row, const char *const *heads,
                        int n);

/* Lines that a text takes in a merged cell some `characters` wide. */
int report_lines_of(const char *text, int characters);

#endif
