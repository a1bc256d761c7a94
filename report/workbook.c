/* The workbook's order, its prices, and the two sheets that are read first. */
#include "report/workbook.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "report/text.h"
#include "report/workbook_parts.h"

/* ---- prices ---- */

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

const struct report_price *report_price_of(const struct report_workbook *w,
                                           const struct model_node_use *use)
{
    for (int32_t i = 0; i < w->n_prices; i++)
        if (strcmp(w->prices[i].type, use->type) == 0 &&
            same_price(w->prices[i].usd_per_h, use->usd_per_h))
            return &w->prices[i];
    return NULL;
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
    const struct report_price *known = report_price_of(w, use);
    int32_t at = known != NULL ? (int32_t)(known - w->prices) : w->n_prices;

    if (known == NULL) {
        w->prices[at] = (struct report_price){
            .type = use->type,
            .option = use->option,
            .usd_per_h = use->usd_per_h,
            .name = price_name(w, use->type),
            .basis = model_basis_name(use->price_basis),
            .source = use->price_source,
            .last_policy = SP_NO_ID,
        };
        w->n_prices++;
    }
    note_user(w, &w->prices[at], policy);
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
}

/* ---- Assumptions ---- */

enum {
    A_GROUP,
    A_NAME,
    A_VALUE,
    A_UNIT,
    A_BASIS,
    A_SOURCE,
    A_USED_BY,
    A_CELL,
    A_BEFORE
};

static void write_price(const struct report_workbook *w, struct report_sheet *s,
                        int row, const struct report_price *p)
{
    report_sheet_text(s, row, A_GROUP, "price", REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_NAME,
                      sp_arena_printf(w->arena, "%s (%s)", p->type,
                                      p->option != NULL ? p->option : "-"),
                      REPORT_LOOK_TEXT);
    report_sheet_number(s, row, A_VALUE, p->usd_per_h, REPORT_LOOK_EDIT);
    report_sheet_text(s, row, A_UNIT, "USD/h", REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_BASIS, p->basis, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_SOURCE, p->source, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_USED_BY,
                      p->n_policies == w->r->n_policies ? "all policies" : p->used_by,
                      REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_CELL, p->name, REPORT_LOOK_TEXT);
    report_sheet_number(s, row, A_BEFORE, p->usd_per_h, REPORT_LOOK_GENERAL);
    report_book_name(w->book, p->name, "Assumptions", row, A_VALUE);
}

static void write_input(struct report_sheet *s, int row, const struct model_input *in)
{
    report_sheet_text(s, row, A_GROUP, in->group, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_NAME, in->name, REPORT_LOOK_TEXT);
    if (in->text != NULL)
        report_sheet_text(s, row, A_VALUE, in->text, REPORT_LOOK_TEXT);
    else
        report_sheet_number(s, row, A_VALUE, in->number, REPORT_LOOK_GENERAL);
    report_sheet_text(s, row, A_UNIT, in->unit, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_BASIS, in->basis, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_SOURCE, in->source, REPORT_LOOK_TEXT);
    report_sheet_text(s, row, A_USED_BY, in->used_by, REPORT_LOOK_TEXT);
}

/* Lines that a text of this length takes in a merged cell some 150 characters wide. */
static int lines_of(const char *text)
{
    int lines = report_text_width(text) / 125 + 1;

    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    return lines;
}

static int write_model_assumptions(const struct report_workbook *w,
                                   struct report_sheet *s, int row)
{
    report_sheet_text(s, row++, 0, "What the model assumes", REPORT_LOOK_SECTION);
    for (int32_t i = 0; i < w->r->n_assumptions; i++, row++) {
        const struct model_assumption *a = &w->r->assumptions[i];

        report_sheet_text(s, row, 0, a->id, REPORT_LOOK_TEXT);
        report_sheet_paragraph(s, row, 1, A_BEFORE, lines_of(a->text), a->text,
                               REPORT_LOOK_WRAP);
    }
    return row;
}

void report_write_assumptions(struct report_workbook *w)
{
    static const double widths[] = {18, 36, 34, 15, 12, 30, 26, 24, 12};
    static const char *const heads[] = {
        "of",          "input",  "value",   "unit",
        "basis",       "source", "used by", "name of the cell",
        "as simulated"};
    struct report_sheet *s = report_book_sheet(w->book, "Assumptions", widths, 9, 3);
    int row = 3;

    report_write_title(
        s, "Assumptions",
        "Every input of the run. Yellow cells are prices: change one and the "
        "costs in this workbook follow; hours and times stay as simulated.");
    report_write_heads(s, 2, heads, 9);
    for (int32_t i = 0; i < w->n_prices; i++)
        write_price(w, s, row++, &w->prices[i]);
    for (int32_t i = 0; i < w->r->n_inputs; i++)
        write_input(s, row++, &w->r->inputs[i]);
    report_sheet_filter(s, 2, row - 1, A_BEFORE);
    write_model_assumptions(w, s, row + 1);
}

/* ---- Summary ---- */

enum {
    S_NAME,
    S_GPU_NODES,
    S_NODES,
    S_GPU_BUSY,
    S_CPU_BUSY,
    S_TIME,
    S_PER_S,
    S_USD,
    S_PER_1K,
    S_RATIO,
    S_TIME_RATIO,
    S_COLUMNS
};
enum { S_HEAD = 5 };

/* A cell of the sheet Policies; blank where nothing was measured. */
static void refer(const struct report_workbook *w, struct report_sheet *s, int row,
                  int column, const char *cell, double value, enum report_look look)
{
    if (isnan(value))
        report_sheet_number(s, row, column, value, look);
    else
        report_sheet_formula(s, row, column,
                             sp_arena_printf(w->arena, "=Policies!%s", cell), value,
                             NULL, look);
}

/* As refer(), for costs: unknown until the reader gives a price. */
static void refer_cost(const struct report_workbook *w, struct report_sheet *s, int row,
                       int column, const char *cell, double value,
                       enum report_look look)
{
    report_sheet_formula(s, row, column,
                         sp_arena_printf(w->arena, "=Policies!%s", cell), value,
                         isnan(value) ? "unknown" : NULL, look);
}

static double nodes_peak(const struct model_policy_result *p)
{
    double sum = 0;

    for (int32_t i = 0; i < p->n_nodes; i++)
        sum += p->nodes[i].peak;
    return sum;
}

static double all_per_s(const struct model_policy_result *p)
{
    double sum = p->n_workloads > 0 ? 0 : NAN;

    for (int32_t i = 0; i < p->n_workloads; i++)
        sum += p->workloads[i].per_s.mean;
    return sum;
}

static void write_summary_row(const struct report_workbook *w, struct report_sheet *s,
                              int32_t id)
{
    const struct model_policy_result *p = &w->r->policies[id];
    const struct model_policy_result *base = &w->r->policies[report_baseline(w->r)];
    int row = S_HEAD + 1 + id, hw = report_policy_row(w, REPORT_HARDWARE, id);
    int cost = report_policy_row(w, REPORT_COST, id);
    double usd = report_live_usd(p);

    report_sheet_text(s, row, S_NAME, p->name, REPORT_LOOK_NAME);
#define CELL(row, column) report_cell_fixed(w->arena, (row), (column))
    refer(w, s, row, S_GPU_NODES, CELL(hw, HW_GPU_NODES), p->n_gpu_nodes_peak,
          REPORT_LOOK_COUNT);
    refer(w, s, row, S_NODES, CELL(hw, HW_NODES), nodes_peak(p), REPORT_LOOK_COUNT);
    refer(w, s, row, S_GPU_BUSY, CELL(hw, HW_GPU_BUSY),
          p->resources[MODEL_GPU].busy_of_provisioned.mean, REPORT_LOOK_PERCENT);
    refer(w, s, row, S_CPU_BUSY, CELL(hw, HW_CPU_BUSY),
          p->resources[MODEL_CPU].busy_of_provisioned.mean, REPORT_LOOK_PERCENT);
    refer(w, s, row, S_TIME, CELL(hw, HW_TIME), p->time_s.mean, REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, S_PER_S, all_per_s(p), REPORT_LOOK_NUMBER);
    refer_cost(w, s, row, S_USD, CELL(cost, COST_USD), usd, REPORT_LOOK_USD);
    refer_cost(w, s, row, S_PER_1K, CELL(cost, COST_PER_1K),
               report_k_items(p) > 0 ? usd / report_k_items(p) : NAN, REPORT_LOOK_UUSD);
    refer_cost(w, s, row, S_RATIO, CELL(cost, COST_RATIO),
               report_live_usd(base) > 0 ? usd / report_live_usd(base) : NAN,
               REPORT_LOOK_RATIO);
    refer_cost(w, s, row, S_TIME_RATIO, CELL(cost, COST_TIME_RATIO),
               base->time_s.mean > 0 ? p->time_s.mean / base->time_s.mean : NAN,
               REPORT_LOOK_RATIO);
#undef CELL
}

static void write_summary_head(const struct report_workbook *w, struct report_sheet *s)
{
    static const char *const heads[S_COLUMNS] = {
        "policy",           "GPU nodes",  "nodes",      "GPU busy",
        "CPU busy",         "time (s)",   "items/s",    "USD",
        "USD per 1k items", "cost ratio", "time ratio",
    };
    const char *description = w->r->description != NULL ? w->r->description : "";

    report_write_title(s, w->r->name, NULL);
    report_sheet_paragraph(s, 1, 0, S_COLUMNS - 1, lines_of(description), description,
                           REPORT_LOOK_NOTE);
    report_sheet_paragraph(
        s, 2, 0, S_COLUMNS - 1, 1,
        sp_arena_printf(
            w->arena,
            "stageplan %s, seed %" PRIu64 ", %" PRId32 " replication%s, "
            "utilization over: %s%s",
            w->r->version, w->r->seed, w->r->n_runs, w->r->n_runs == 1 ? "" : "s",
            w->r->policies[0].window != NULL ? w->r->policies[0].window : "-",
            w->r->partial ? ". PARTIAL: the run was interrupted" : ""),
        REPORT_LOOK_NOTE);
    report_write_heads(s, S_HEAD, heads, S_COLUMNS);
}

static void write_overall_check(const struct report_workbook *w, struct report_sheet *s)
{
    int32_t n = w->r->n_policies;
    const char *first = report_cell_fixed(
        w->arena, report_policy_row(w, REPORT_RECONCILE, 0), REC_CHECK);
    const char *last = report_cell_fixed(
        w->arena, report_policy_row(w, REPORT_RECONCILE, n - 1), REC_CHECK);
    bool known = true;

    for (int32_t i = 0; i < n; i++)
        known = known && strcmp(report_reconciled(&w->r->policies[i]), "ok") == 0;
    report_sheet_text(s, 3, 0, "bills reconcile:", REPORT_LOOK_TEXT);
    report_sheet_formula(s, 3, 1,
                         sp_arena_printf(w->arena,
                                         "=IF(COUNTIF(Policies!%s:%s,\"ok\")=%" PRId32
                                         ",\"ok\",\"see Policies\")",
                                         first, last, n),
                         0, known ? "ok" : "see Policies", REPORT_LOOK_TEXT);
    report_sheet_flag(s, 3, 1, "ok");
}

static int write_sentences(const struct report_workbook *w, struct report_sheet *s,
                           int row)
{
    for (int32_t i = 0; i < w->r->n_comparisons; i++)
        if (w->r->comparisons[i].verdict != NULL) {
            const char *verdict = w->r->comparisons[i].verdict;

            report_sheet_paragraph(s, row++, 0, S_COLUMNS - 1, lines_of(verdict),
                                   verdict, REPORT_LOOK_STRONG);
        }
    for (int32_t i = 0; i < w->r->n_policies; i++)
        if (w->r->policies[i].end_text != NULL) {
            const char *text = sp_arena_printf(
                w->arena, "%s ended: %s. %s", w->r->policies[i].name,
                model_end_name(w->r->policies[i].end), w->r->policies[i].end_text);

            report_sheet_paragraph(s, row++, 0, S_COLUMNS - 1, lines_of(text), text,
                                   REPORT_LOOK_STRONG);
        }
    for (int32_t i = 0; i < w->r->n_warnings; i++) {
        const char *text = sp_arena_printf(w->arena, "Warning: %s", w->r->warnings[i]);

        report_sheet_paragraph(s, row++, 0, S_COLUMNS - 1, lines_of(text), text,
                               REPORT_LOOK_NOTE);
    }
    return row;
}

void report_write_summary(struct report_workbook *w)
{
    static const double widths[] = {24, 11, 11, 11, 11, 13, 13, 13, 13, 11, 11};
    static const struct report_chart_series usd = {"USD", S_USD, 0x2E75B6};
    struct report_sheet *s =
        report_book_sheet(w->book, "Summary", widths, S_COLUMNS, 0);
    int last = S_HEAD + w->r->n_policies, row;
    const struct report_chart chart = {.title = "Cost by policy",
                                       .x_title = "",
                                       .y_title = "USD",
                                       .data_sheet = "Summary",
                                       .first_row = S_HEAD + 1,
                                       .last_row = last,
                                       .x_column = S_NAME,
                                       .n_series = 1,
                                       .series = &usd,
                                       .columns = true,
                                       .width = 640,
                                       .height = 300};

    write_summary_head(w, s);
    write_overall_check(w, s);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        write_summary_row(w, s, i);
    report_sheet_share_bars(s, S_HEAD + 1, last, S_GPU_BUSY);
    report_sheet_share_bars(s, S_HEAD + 1, last, S_CPU_BUSY);
    row = write_sentences(w, s, last + 2);
    report_sheet_paragraph(
        s, row, 0, S_COLUMNS - 1, 1,
        "Costs are formulas over the prices on sheet Assumptions (yellow "
        "cells): change a price and they follow.",
        REPORT_LOOK_NOTE);
    report_sheet_chart(s, row + 2, 0, &chart);
}

void report_write_heads(struct report_sheet *s, int row, const char *const *heads,
                        int n)
{
    for (int i = 0; i < n; i++)
        report_sheet_text(s, row, i, heads[i], REPORT_LOOK_HEAD);
    report_sheet_height(s, row, 2.2);
}

void report_write_title(struct report_sheet *s, const char *title, const char *note)
{
    report_sheet_text(s, 0, 0, title, REPORT_LOOK_TITLE);
    report_sheet_height(s, 0, 1.7);
    if (note != NULL)
        report_sheet_text(s, 1, 0, note, REPORT_LOOK_TEXT);
}

static void number_rows(struct report_workbook *w)
{
    enum { FIRST = 3 };
    int fleet = FIRST, lines = FIRST;

    w->fleet = sp_arena_array(w->arena, (size_t)w->r->n_policies, sizeof *w->fleet);
    w->lines = sp_arena_array(w->arena, (size_t)w->r->n_policies, sizeof *w->lines);
    for (int32_t i = 0; i < w->r->n_policies; i++) {
        const struct model_policy_result *p = &w->r->policies[i];

        w->fleet[i] = (struct report_rows){fleet, fleet + p->n_nodes - 1};
        fleet += p->n_nodes;
        w->lines[i] = (struct report_rows){lines, lines + p->cost.n_lines - 1};
        lines += p->cost.n_lines;
    }
}

enum sp_status report_workbook_write(const char *path, const struct model_result *r,
                                     int64_t created_s, struct sp_err *err)
{
    struct report_workbook w = {.r = r};
    enum sp_status status = report_book_open(path, r->name, created_s, &w.book, err);

    if (status != SP_OK)
        return status;
    w.arena = sp_arena_new();
    number_rows(&w);
    report_prices_collect(&w);
    report_write_summary(&w);
    report_write_assumptions(&w);
    report_write_policies(&w);
    report_write_serving(&w);
    report_write_jobs(&w);
    report_write_teams(&w);
    report_write_stages(&w);
    report_write_kernels(&w);
    report_write_fleet(&w);
    report_write_utilization(&w);
    report_write_cost_lines(&w);
    status = report_book_close(w.book, err);
    sp_arena_free(w.arena);
    return status;
}
