/* The sheet Summary: the decision, what each policy costs now, what drives it and what
 * it rests on. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/story.h"
#include "report/text.h"
#include "report/workbook_parts.h"

enum {
    S_NAME,
    S_USD,
    S_USD_95,
    S_MONTH,
    S_MONTH_95,
    S_SAVING,
    S_SAVING_95,
    S_SAVING_FRAC,
    S_PER_1K,
    S_PER_MILLION,
    S_PER_GPU_H,
    S_TIME,
    S_GPU_NODES,
    S_NODES,
    S_GPU_BUSY,
    S_CPU_BUSY,
    S_COLUMNS
};
enum { WIDE = 165 }; /* characters over all columns */

/* ---- the table ---- */

static const struct column {
    const char *head;
    enum report_policy_table table;
    int column;
    enum report_look look;
} columns[S_COLUMNS] = {
    [S_NAME] = {"policy", REPORT_HARDWARE, HW_NAME, REPORT_LOOK_NAME},
    [S_USD] = {"USD per run", REPORT_COST, COST_USD, REPORT_LOOK_USD},
    [S_USD_95] = {"+- 95 %", REPORT_COST, COST_USD_95, REPORT_LOOK_USD},
    [S_MONTH] = {"USD per month", REPORT_COST, COST_MONTH, REPORT_LOOK_USD},
    [S_MONTH_95] = {"+- 95 %", REPORT_COST, COST_MONTH_95, REPORT_LOOK_USD},
    [S_SAVING] = {"saving (USD per month)", REPORT_DIFFERENCE, DIFF_SAVING,
                  REPORT_LOOK_SIGNED},
    [S_SAVING_95] = {"+- 95 %", REPORT_DIFFERENCE, DIFF_SAVING_95, REPORT_LOOK_USD},
    [S_SAVING_FRAC] = {"saving", REPORT_DIFFERENCE, DIFF_SAVING_FRAC,
                       REPORT_LOOK_PERCENT},
    [S_PER_1K] = {"USD per 1k items", REPORT_COST, COST_PER_1K, REPORT_LOOK_UUSD},
    [S_PER_MILLION] = {"USD per million tokens", REPORT_COST, -1, REPORT_LOOK_UUSD},
    [S_PER_GPU_H] = {"USD per busy GPU-hour", REPORT_COST, COST_PER_GPU_H,
                     REPORT_LOOK_USD},
    [S_TIME] = {"time (s)", REPORT_HARDWARE, HW_TIME, REPORT_LOOK_NUMBER},
    [S_GPU_NODES] = {"GPU nodes", REPORT_HARDWARE, HW_GPU_NODES, REPORT_LOOK_COUNT},
    [S_NODES] = {"nodes", REPORT_HARDWARE, HW_NODES, REPORT_LOOK_COUNT},
    [S_GPU_BUSY] = {"GPU busy", REPORT_HARDWARE, HW_GPU_BUSY, REPORT_LOOK_PERCENT},
    [S_CPU_BUSY] = {"CPU busy", REPORT_HARDWARE, HW_CPU_BUSY, REPORT_LOOK_PERCENT},
};

/* What the cell of the column gives now; NaN: it is blank, or "unknown". */
struct figure {
    double value;
    bool blank;
};

static struct figure simulated(const struct model_policy_result *p, int column)
{
    double nodes = 0, v;

    for (int32_t i = 0; i < p->n_nodes; i++)
        nodes += p->nodes[i].peak;
    v = column == S_TIME        ? p->time_s.mean
        : column == S_GPU_NODES ? p->n_gpu_nodes_peak
        : column == S_NODES     ? nodes
        : column == S_GPU_BUSY  ? p->resources[MODEL_GPU].busy_of_provisioned.mean
                                : p->resources[MODEL_CPU].busy_of_provisioned.mean;
    return (struct figure){v, isnan(v)};
}

static struct figure money(const struct report_workbook *w, int32_t id, int column)
{
    const struct model_policy_result *p = &w->r->policies[id];
    const struct model_comparison *c = report_compared_of(w->r, id);
    double runs = report_live_runs(w), usd = report_live_usd(p);
    double base = report_live_usd(&w->r->policies[report_baseline(w->r)]);
    double half = p->cost.known && p->cost.usd.mean > 0 ? p->cost.usd.half95 : NAN;
    double gpu_h = p->resources[MODEL_GPU].busy_h.mean;

    switch (column) {
    case S_USD:
        return (struct figure){usd, false};
    case S_USD_95:
        return (struct figure){half, isnan(half)};
    case S_MONTH:
        return (struct figure){usd * runs, false};
    case S_MONTH_95:
        return (struct figure){half * runs, isnan(half)};
    case S_SAVING:
        return (struct figure){base * runs - usd * runs, false};
    case S_SAVING_95:
        return c == NULL || isnan(c->usd_ratio.half95)
                   ? (struct figure){NAN, true}
                   : (struct figure){base * runs * c->usd_ratio.half95, false};
    case S_SAVING_FRAC:
        return (struct figure){(base * runs - usd * runs) / (base * runs), false};
    case S_PER_1K:
        return (struct figure){usd / report_k_items(p), false};
    default:
        return (struct figure){usd / gpu_h, !(gpu_h > 0)};
    }
}

static void write_figure(const struct report_workbook *w, struct report_sheet *s,
                         int row, int32_t id, int column)
{
    const struct column *c = &columns[column];
    struct figure f = column >= S_TIME ? simulated(&w->r->policies[id], column)
                                       : money(w, id, column);
    const char *cell = report_policy_cell(w, c->table, id, c->column);

    if (column == S_PER_MILLION) {
        cell = report_serving_usd(w, id, &f.value);
        f.blank = cell == NULL;
    }
    if (f.blank)
        report_sheet_number(s, row, column, NAN, c->look);
    else
        report_sheet_formula(s, row, column, sp_arena_printf(w->arena, "=%s", cell),
                             isfinite(f.value) ? f.value : 0,
                             isfinite(f.value) ? NULL : "unknown", c->look);
}

/* The columns that say something; those for GPUs, tokens and intervals often don't. */
static bool has_column(const struct report_workbook *w, int column)
{
    double usd;

    if (column == S_NAME)
        return true;
    for (int32_t i = 0; i < w->r->n_policies; i++) {
        const struct model_policy_result *p = &w->r->policies[i];

        if (column == S_PER_MILLION ? report_serving_usd(w, i, &usd) != NULL
            : column >= S_TIME      ? !simulated(p, column).blank
                                    : !money(w, i, column).blank)
            return true;
    }
    return false;
}

static void write_table(const struct report_workbook *w, struct report_sheet *s,
                        int row)
{
    for (int c = 0; c < S_COLUMNS; c++) {
        if (!has_column(w, c)) {
            report_sheet_hide(s, c);
            continue;
        }
        report_sheet_text(s, row, c, columns[c].head, REPORT_LOOK_HEAD);
        for (int32_t i = 0; i < w->r->n_policies; i++)
            if (c == S_NAME)
                report_sheet_text(s, row + 1 + i, c, w->r->policies[i].name,
                                  REPORT_LOOK_NAME);
            else
                write_figure(w, s, row + 1 + i, i, c);
    }
    report_sheet_height(s, row, 2.2);
    report_sheet_share_bars(s, row + 1, row + w->r->n_policies, S_GPU_BUSY);
    report_sheet_share_bars(s, row + 1, row + w->r->n_policies, S_CPU_BUSY);
}

/* ---- the decision, live ---- */

/* The first of the cheapest; SP_NO_ID: a price is missing. */
static int32_t cheapest(const struct report_workbook *w)
{
    int32_t best = 0;

    for (int32_t i = 0; i < w->r->n_policies; i++) {
        double usd = report_live_usd(&w->r->policies[i]) * report_live_runs(w);

        if (isnan(usd))
            return SP_NO_ID;
        if (usd < report_live_usd(&w->r->policies[best]) * report_live_runs(w))
            best = i;
    }
    return best;
}

/* Looks up, by the row of the cheapest, what stands in a column. */
static void write_of_cheapest(const struct report_workbook *w, struct report_sheet *s,
                              int row, int column, int first, int of, double value,
                              const char *text, enum report_look look)
{
    int last = first + w->r->n_policies - 1;
    const char *usd =
        sp_arena_printf(w->arena, "%s:%s", report_cell_fixed(w->arena, first, S_MONTH),
                        report_cell_fixed(w->arena, last, S_MONTH));

    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena,
                        "=IF(COUNT(%s)=ROWS(%s),INDEX(%s:%s,MATCH(MIN(%s),%s,0)),"
                        "\"unknown\")",
                        usd, usd, report_cell_fixed(w->arena, first, of),
                        report_cell_fixed(w->arena, last, of), usd, usd),
        value, text, look);
}

static void write_live(const struct report_workbook *w, struct report_sheet *s, int row,
                       int first)
{
    int32_t best = cheapest(w);
    bool known = best != SP_NO_ID;
    double month = known ? money(w, best, S_MONTH).value : 0;
    double saving = known ? money(w, best, S_SAVING).value : 0;
    double frac = known ? money(w, best, S_SAVING_FRAC).value : NAN;
    const char *unknown = known ? NULL : "unknown";

    report_sheet_text(s, row, 0, "At the prices on Assumptions:", REPORT_LOOK_STRONG);
    report_sheet_text(s, row, 1, "cheapest", REPORT_LOOK_HEAD);
    report_sheet_text(s, row, 3, "USD per month", REPORT_LOOK_HEAD);
    report_sheet_text(s, row, 5, "saving (USD per month)", REPORT_LOOK_HEAD);
    report_sheet_text(s, row, 7, "saving", REPORT_LOOK_HEAD);
    report_sheet_height(s, row, 2.2);
    write_of_cheapest(
        w, s, row + 1, 1, first, S_NAME, 0,
        known ? report_text_clean(w->arena, w->r->policies[best].name, REPORT_TEXT_CELL)
              : unknown,
        REPORT_LOOK_NAME);
    write_of_cheapest(w, s, row + 1, 3, first, S_MONTH, month, unknown,
                      REPORT_LOOK_USD);
    write_of_cheapest(w, s, row + 1, 5, first, S_SAVING, saving, unknown,
                      REPORT_LOOK_SIGNED);
    write_of_cheapest(w, s, row + 1, 7, first, S_SAVING_FRAC, isnan(frac) ? 0 : frac,
                      isnan(frac) ? "unknown" : NULL, REPORT_LOOK_PERCENT);
}

/* ---- texts ---- */

static int write_line(struct report_sheet *s, int row, const char *text,
                      enum report_look look)
{
    report_sheet_paragraph(s, row, 0, S_COLUMNS - 1, report_lines_of(text, WIDE), text,
                           look);
    return row + 1;
}

static int write_section(struct report_sheet *s, int row, const char *title,
                         const char *const *lines, int32_t n)
{
    if (n == 0)
        return row;
    report_sheet_text(s, row, 0, title, REPORT_LOOK_SECTION);
    report_sheet_height(s, row++, 1.7);
    for (int32_t i = 0; i < n; i++)
        row = write_line(s, row, lines[i], REPORT_LOOK_WRAP);
    return row + 1;
}

/* What came of the comparisons, how policies ended, and warnings. */
static int write_findings(const struct report_workbook *w, struct report_sheet *s,
                          int row)
{
    const struct model_result *r = w->r;
    int32_t most = r->n_comparisons + r->n_policies, n = 0;
    const char **lines = sp_arena_array(w->arena, (size_t)most, sizeof *lines);

    for (int32_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].verdict != NULL)
            lines[n++] = r->comparisons[i].verdict;
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].end_text != NULL)
            lines[n++] = sp_arena_printf(
                w->arena, "%s ended: %s. %s", r->policies[i].name,
                model_end_name(r->policies[i].end), r->policies[i].end_text);
    row = write_section(s, row, "What came out, as simulated", lines, n);
    return write_section(s, row, "Warnings", r->warnings, r->n_warnings);
}

static void write_checks(const struct report_workbook *w, struct report_sheet *s,
                         int row)
{
    int32_t n = w->r->n_policies;
    const char *first = report_cell_fixed(
        w->arena, report_policy_row(w, REPORT_RECONCILE, 0), REC_CHECK);
    const char *last = report_cell_fixed(
        w->arena, report_policy_row(w, REPORT_RECONCILE, n - 1), REC_CHECK);
    bool known = true;

    for (int32_t i = 0; i < n; i++)
        known = known && strcmp(report_reconciled(&w->r->policies[i]), "ok") == 0;
    report_sheet_text(s, row, 0, "bills reconcile:", REPORT_LOOK_TEXT);
    report_sheet_formula(s, row, 1,
                         sp_arena_printf(w->arena,
                                         "=IF(COUNTIF(Policies!%s:%s,\"ok\")=%" PRId32
                                         ",\"ok\",\"see Policies\")",
                                         first, last, n),
                         0, known ? "ok" : "see Policies", REPORT_LOOK_TEXT);
    report_sheet_flag(s, row, 1, "ok");
}

static const char *made_from(const struct report_workbook *w)
{
    return sp_arena_printf(
        w->arena,
        "stageplan %s, seed %" PRIu64 ", %" PRId32
        " replication%s, utilization over: %s; catalog: %s%s",
        w->r->version, w->r->seed, w->r->n_runs, w->r->n_runs == 1 ? "" : "s",
        w->r->policies[0].window != NULL ? w->r->policies[0].window : "-",
        w->r->catalog != NULL ? w->r->catalog : "not used",
        w->r->partial ? ". PARTIAL: the run was interrupted" : "");
}

static void write_chart(const struct report_workbook *w, struct report_sheet *s,
                        int row, int first)
{
    static const struct report_chart_series usd = {
        .name = "USD per month", .column = S_MONTH, .rgb = 0x1F4E79};
    const struct report_chart chart = {.title = "Cost by policy, USD per month",
                                       .x_title = "",
                                       .y_title = "USD per month",
                                       .y_format = "#,##0",
                                       .data_sheet = "Summary",
                                       .first_row = first,
                                       .last_row = first + w->r->n_policies - 1,
                                       .x_column = S_NAME,
                                       .n_series = 1,
                                       .series = &usd,
                                       .kind = REPORT_CHART_COLUMNS,
                                       .width = 720,
                                       .height = 300};

    report_sheet_chart(s, row, 0, &chart);
}

void report_write_summary(struct report_workbook *w)
{
    static const double widths[] = {30, 13, 11, 14, 12, 15, 12, 10,
                                    12, 12, 12, 12, 9,  9,  10, 10};
    const struct report_story *story = report_story_of(w->arena, w->r);
    struct report_sheet *s =
        report_book_sheet(w->book, "Summary", widths, S_COLUMNS, 0);
    int row = 1, table;

    report_write_title(s, w->r->name, NULL);
    if (w->r->description != NULL && w->r->description[0] != '\0')
        row = write_line(s, row, w->r->description, REPORT_LOOK_NOTE);
    row = write_line(s, row, made_from(w), REPORT_LOOK_NOTE);
    write_checks(w, s, row);
    row += 2;
    if (story->decision != NULL)
        row = write_line(s, row, story->decision, REPORT_LOOK_STRONG) + 1;
    table = row + 3;
    write_live(w, s, row, table + 1);
    write_table(w, s, table);
    row = table + w->r->n_policies + 2;
    write_chart(w, s, row, table + 1);
    row += report_chart_rows(300);
    row = write_section(s, row, "What drives it, as simulated", story->drivers,
                        story->n_drivers);
    row = write_section(s, row, "What it rests on", story->rests, story->n_rests);
    row = write_findings(w, s, row);
    write_line(
        s, row,
        "Money follows the yellow cells on Assumptions; sentences are as "
        "simulated. A month is as many runs as fit in it at the baseline's pace.",
        REPORT_LOOK_NOTE);
}
