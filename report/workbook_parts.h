/* What the sheets of the workbook know of each other: where a price, a policy's rows of
 * the fleet and its cost lines stand.  Internal to report/workbook*.c. */
#ifndef REPORT_WORKBOOK_PARTS_H
#define REPORT_WORKBOOK_PARTS_H

#include "model/result.h"
#include "report/book.h"

/* A price as some policies have it: one named cell. */
struct report_price {
    const char *type, *option;
    double usd_per_h; /* NaN: none was given */
    const char *name; /* of the cell: "price_gpu_node" */
    const char *basis, *source;
    const char *used_by;
    int32_t n_policies;
    int32_t last_policy; /* that was noted in used_by */
};

/* Rows of a table that belong to one policy; last < first: none. */
struct report_rows {
    int first, last;
};

struct report_workbook {
    struct report_book *book;
    struct sp_arena *arena;
    const struct model_result *r;
    int32_t n_prices;
    struct report_price *prices;
    struct report_rows *fleet, *lines; /* by policy id */
};

/* The tables on the sheet Policies, one below the other. */
enum report_policy_table { REPORT_HARDWARE, REPORT_COST, REPORT_RECONCILE };
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
    COST_PER_1K,
    COST_RATIO,
    COST_TIME_RATIO,
    COST_GPU_RATIO,
    COST_K_ITEMS,
    COST_IDLE,
    COST_UNALLOCATED,
    COST_SIM_RATIO,
    COST_SIM_RATIO_95
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

void report_prices_collect(struct report_workbook *w);
const struct report_price *report_price_of(const struct report_workbook *w,
                                           const struct model_node_use *use);

/* Billed hours times price, summed over the node types; NaN where a price is missing.
 */
double report_live_usd(const struct model_policy_result *p);

/* The policy that ratios are taken to: the baseline, or the first where it did not run.
 */
static inline int32_t report_baseline(const struct model_result *r)
{
    return r->baseline != SP_NO_ID ? r->baseline : 0;
}

/* Thousands of items that USD per 1k items divides by. */
double report_k_items(const struct model_policy_result *p);

/* What the reconciliation says: "ok", "DIFFERS" or "no price". */
const char *report_reconciled(const struct model_policy_result *p);

void report_write_summary(struct report_workbook *w);
void report_write_assumptions(struct report_workbook *w);
void report_write_policies(struct report_workbook *w);
void report_write_serving(struct report_workbook *w); /* where something serves */
void report_write_jobs(struct report_workbook *w);    /* where there are jobs */
void report_write_teams(struct report_workbook *w);   /* where jobs or teams share */
void report_write_stages(struct report_workbook *w);
void report_write_kernels(struct report_workbook *w); /* where there are any */
void report_write_fleet(struct report_workbook *w);
void report_write_utilization(struct report_workbook *w);
void report_write_cost_lines(struct report_workbook *w);

/* =IF(AND(ISNUMBER(a),ISNUMBER(b),b<>0),a/b,"unknown") with the value it has now; NaN:
 * not known. */
void report_write_quotient(const struct report_workbook *w, struct report_sheet *s,
                           int row, int column, const char *a, const char *b,
                           double value, enum report_look look);

/* Title and (unless NULL) a sentence below it, in the first two rows. */
void report_write_title(struct report_sheet *sheet, const char *title,
                        const char *note);

void report_write_heads(struct report_sheet *sheet, int row, const char *const *heads,
                        int n);

#endif
