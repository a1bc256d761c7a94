/* The sheet Cost: the bill by part, from the baseline's bill to each policy's in steps,
 * and its lines; all at the prices on Assumptions, means over the replications. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/waterfall.h"
#include "report/workbook_tables.h"

enum { CHART_HEIGHT = 320, POLICIES_TOLD = 12 };

#define AT(row, column) report_cell_at(at->w->arena, (row), (column))

static bool any_known(const struct report_workbook *w)
{
    for (int32_t i = 0; i < w->r->n_policies; i++)
        if (report_cells_known(w, i))
            return true;
    return false;
}

/* Checks of sums: 0 to the hundred-thousandth of a cent, or red. */
static void write_check(const struct report_place *at, int column, const char *a,
                        const char *b, double difference)
{
    report_sheet_formula(at->s, at->row, column,
                         sp_arena_printf(at->w->arena, "=ROUND(%s-%s,5)", a, b),
                         rint(difference * 1e5) / 1e5, NULL, REPORT_LOOK_COUNT);
    report_sheet_zero(at->s, at->row, column);
}

/* ---- parts ---- */

static void write_part_chart(const struct report_place *at, int first, int n)
{
    static const uint32_t colours[MODEL_PARTS] = {0x1F4E79, 0x7030A0, 0x2E75B6,
                                                  0x5B9BD5, 0xFFC000, 0x9DC3E6,
                                                  0xED7D31, 0xD9D9D9, 0x7F7F7F};
    struct report_chart_series series[MODEL_PARTS];
    const struct report_chart chart = {.title = "The bill by part, USD per run",
                                       .x_title = "",
                                       .y_title = "USD per run",
                                       .y_format = "#,##0.##",
                                       .data_sheet = "Cost",
                                       .first_row = first,
                                       .last_row = first + n - 1,
                                       .x_column = 0,
                                       .n_series = MODEL_PARTS,
                                       .series = series,
                                       .kind = REPORT_CHART_STACKED,
                                       .width = 760,
                                       .height = CHART_HEIGHT};

    for (int i = 0; i < MODEL_PARTS; i++)
        series[i] =
            (struct report_chart_series){.name = model_part_name((enum model_part)i),
                                         .column = 1 + i,
                                         .rgb = colours[i]};
    report_sheet_chart(at->s, at->row, 0, &chart);
}

static void write_part_row(struct report_place *at, int32_t policy)
{
    const struct report_workbook *w = at->w;
    double sum = 0, bill = report_live_usd(&w->r->policies[policy]);
    int column = 1;

    report_sheet_text(at->s, at->row, 0, w->r->policies[policy].name, REPORT_LOOK_NAME);
    for (int i = 0; i < MODEL_PARTS; i++) {
        struct report_which which = REPORT_ANY_CELL;

        which.part = i + 1;
        sum += report_write_cells(w, at->s, at->row, column++, policy, REPORT_PAID,
                                  which, REPORT_LOOK_USD);
    }
    report_sheet_formula(at->s, at->row, column,
                         sp_arena_printf(w->arena, "=SUM(%s:%s)", AT(at->row, 1),
                                         AT(at->row, column - 1)),
                         sum, NULL, REPORT_LOOK_USD);
    report_sheet_formula(
        at->s, at->row, column + 1,
        sp_arena_printf(w->arena, "=%s",
                        report_policy_cell(w, REPORT_COST, policy, COST_USD)),
        bill, NULL, REPORT_LOOK_USD);
    write_check(at, column + 2, AT(at->row, column), AT(at->row, column + 1),
                sum - bill);
    at->row++;
}

static void write_parts(struct report_place *at)
{
    const char *heads[MODEL_PARTS + 4] = {"policy"};
    int n = 1, first;

    for (int i = 0; i < MODEL_PARTS; i++)
        heads[n++] = model_part_name((enum model_part)i);
    heads[n++] = "sum";
    heads[n++] = "bill (Policies)";
    heads[n++] = "check: must be 0";
    report_place_start(at, "The bill by part (USD per run)", heads, n);
    first = at->row;
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        if (report_cells_known(at->w, i))
            write_part_row(at, i);
    write_part_chart(at, first, at->row - first);
    at->row += report_chart_rows(CHART_HEIGHT);
}

/* ---- waterfall ---- */

/* Columns: the step, what it is, its money, the level after it; then what the chart
 * stacks, each above or below zero: what holds it up, what is more, what is less. */
enum {
    W_STEP,
    W_USD,
    W_LEVEL,
    W_TOTAL,
    W_UNDER,
    W_MORE,
    W_LESS,
    W_UNDER_BELOW,
    W_MORE_BELOW,
    W_LESS_BELOW,
    W_TEXT,
    W_COLUMNS
};

/* A sum over cells as text and as number. */
struct amount {
    const char *text;
    double usd;
};

static struct amount amount_of(const struct report_workbook *w, int32_t policy,
                               enum report_money money, struct report_which which)
{
    return (struct amount){report_cells_formula(w, policy, money, which),
                           report_cells_sum(w, policy, money, which)};
}

static struct amount part_step(const struct report_workbook *w, int32_t from,
                               int32_t to, enum model_part part)
{
    struct report_which which = REPORT_ANY_CELL;
    struct amount a, b;

    which.part = (int)part + 1;
    a = amount_of(w, from, REPORT_LIST, which);
    b = amount_of(w, to, REPORT_LIST, which);
    return (struct amount){sp_arena_printf(w->arena, "%s-%s", b.text, a.text),
                           b.usd - a.usd};
}

/* Paid less list price, of both. */
static struct amount purchase_step(const struct report_workbook *w, int32_t from,
                                   int32_t to)
{
    const struct report_which any = REPORT_ANY_CELL;
    const struct amount a = amount_of(w, from, REPORT_PAID, any),
                        b = amount_of(w, from, REPORT_LIST, any),
                        c = amount_of(w, to, REPORT_PAID, any),
                        d = amount_of(w, to, REPORT_LIST, any);

    return (struct amount){
        sp_arena_printf(w->arena, "(%s-%s)-(%s-%s)", c.text, d.text, a.text, b.text),
        (c.usd - d.usd) - (a.usd - b.usd)};
}

/* What the hours of work that `to` has more would have cost at what an hour had cost:
 * as report_waterfall_make() has it, resource by resource. */
static struct amount volume_of(const struct report_workbook *w, int32_t from,
                               int32_t to, int resource)
{
    const struct report_which which = {(int)MODEL_PART_WORK + 1, resource, -1, -1, -1};
    const struct amount a = amount_of(w, from, REPORT_LIST, which),
                        b = amount_of(w, to, REPORT_LIST, which),
                        a1 = amount_of(w, from, REPORT_LIST_FIRST, which),
                        b1 = amount_of(w, to, REPORT_LIST_FIRST, which),
                        ah = amount_of(w, from, REPORT_HOURS, which),
                        bh = amount_of(w, to, REPORT_HOURS, which);
    double hours = b1.usd > 0 ? b.usd * bh.usd / b1.usd : bh.usd;
    bool rates = ah.usd > 0 && bh.usd > 0;

    return (struct amount){
        sp_arena_printf(w->arena, "IF(AND(%s>0,%s>0),IF(%s>0,%s*%s/%s,%s)*%s/%s,%s)-%s",
                        ah.text, bh.text, b1.text, b.text, bh.text, b1.text, bh.text,
                        a1.text, ah.text, b.text, a.text),
        (rates ? hours * a1.usd / ah.usd : b.usd) - a.usd};
}

static struct amount volume_step(const struct report_workbook *w, int32_t from,
                                 int32_t to)
{
    struct amount sum = {"", 0};

    for (int r = 1; r <= MODEL_RESOURCES; r++) {
        struct amount of = volume_of(w, from, to, r);

        sum.text =
            sp_arena_printf(w->arena, "%s%s%s", sum.text, r > 1 ? "+" : "", of.text);
        sum.usd += of.usd;
    }
    return sum;
}

static enum model_part part_of(enum report_step_kind kind)
{
    for (int i = 0; i < MODEL_PARTS; i++)
        if (report_step_of((enum model_part)i) == kind)
            return (enum model_part)i;
    return MODEL_PART_WORK;
}

/* The step in `volume_row` is the work done, the rest of what work costs the mix. */
static struct amount step_of(const struct report_place *at, int32_t from, int32_t to,
                             enum report_step_kind kind, int volume_row)
{
    struct amount a, volume;

    switch (kind) {
    case REPORT_STEP_VOLUME:
        return volume_step(at->w, from, to);
    case REPORT_STEP_PURCHASE:
        return purchase_step(at->w, from, to);
    case REPORT_STEP_MIX:
        a = part_step(at->w, from, to, MODEL_PART_WORK);
        volume = volume_step(at->w, from, to);
        return (struct amount){
            sp_arena_printf(at->w->arena, "%s-%s", a.text, AT(volume_row, W_USD)),
            a.usd - volume.usd};
    default:
        return part_step(at->w, from, to, part_of(kind));
    }
}

static void write_stack(const struct report_place *at, int column, const char *formula,
                        double value)
{
    report_sheet_formula(at->s, at->row, column,
                         sp_arena_printf(at->w->arena, "=%s", formula), value, NULL,
                         REPORT_LOOK_CALC);
}

/* From level a to level b: what lies between zero and both holds the step up. */
static void write_stacks(const struct report_place *at, double a, double b)
{
    const char *x = AT(at->row - 1, W_LEVEL), *y = AT(at->row, W_LEVEL);
    struct sp_arena *m = at->w->arena;

#define F(...) sp_arena_printf(m, __VA_ARGS__)
    write_stack(at, W_UNDER, F("MAX(0,MIN(%s,%s))", x, y), fmax(0, fmin(a, b)));
    write_stack(at, W_MORE, F("MAX(0,MAX(0,%s)-MAX(0,%s))", y, x),
                fmax(0, fmax(0, b) - fmax(0, a)));
    write_stack(at, W_LESS, F("MAX(0,MAX(0,%s)-MAX(0,%s))", x, y),
                fmax(0, fmax(0, a) - fmax(0, b)));
    write_stack(at, W_UNDER_BELOW, F("MIN(0,MAX(%s,%s))", x, y), fmin(0, fmax(a, b)));
    write_stack(at, W_MORE_BELOW, F("MIN(0,MIN(0,%s)-MIN(0,%s))", x, y),
                fmin(0, fmin(0, a) - fmin(0, b)));
    write_stack(at, W_LESS_BELOW, F("MIN(0,MIN(0,%s)-MIN(0,%s))", y, x),
                fmin(0, fmin(0, b) - fmin(0, a)));
#undef F
}

static void write_end(struct report_place *at, int32_t policy)
{
    double usd = report_live_usd(&at->w->r->policies[policy]);
    const char *cell = report_policy_cell(at->w, REPORT_COST, policy, COST_USD);

    report_sheet_text(at->s, at->row, W_STEP, at->w->r->policies[policy].name,
                      REPORT_LOOK_NAME);
    write_stack(at, W_USD, cell, usd);
    write_stack(at, W_LEVEL, AT(at->row, W_USD), usd);
    write_stack(at, W_TOTAL, AT(at->row, W_USD), usd);
    at->row++;
}

static double write_step(struct report_place *at, enum report_step_kind kind,
                         struct amount step, double level)
{
    report_sheet_text(at->s, at->row, W_STEP, report_step_name(kind), REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, W_TEXT, report_step_text(kind), REPORT_LOOK_TEXT);
    report_sheet_formula(at->s, at->row, W_USD,
                         sp_arena_printf(at->w->arena, "=%s", step.text), step.usd,
                         NULL, REPORT_LOOK_SIGNED);
    write_stack(at, W_LEVEL,
                sp_arena_printf(at->w->arena, "%s+%s", AT(at->row - 1, W_LEVEL),
                                AT(at->row, W_USD)),
                level + step.usd);
    write_stacks(at, level, level + step.usd);
    at->row++;
    return level + step.usd;
}

static void write_waterfall_chart(const struct report_place *at, int32_t from,
                                  int32_t to, int first, int last)
{
    static const struct report_chart_series series[] = {
        {.name = "bill", .column = W_TOTAL, .rgb = 0x1F4E79},
        {.name = " ", .column = W_UNDER, .hidden = true},
        {.name = "more", .column = W_MORE, .rgb = 0xED7D31},
        {.name = "less", .column = W_LESS, .rgb = 0x9DC3E6},
        {.name = " ", .column = W_UNDER_BELOW, .hidden = true},
        {.name = " ", .column = W_MORE_BELOW, .rgb = 0xED7D31, .quiet = true},
        {.name = " ", .column = W_LESS_BELOW, .rgb = 0x9DC3E6, .quiet = true},
    };
    const struct report_workbook *w = at->w;
    const struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "From %s to %s, USD per run",
                                 w->r->policies[from].name, w->r->policies[to].name),
        .x_title = "",
        .y_title = "USD per run",
        .y_format = "#,##0.##",
        .data_sheet = "Cost",
        .first_row = first,
        .last_row = last,
        .x_column = W_STEP,
        .n_series = 7,
        .series = series,
        .kind = REPORT_CHART_STACKED,
        .width = 980,
        .height = CHART_HEIGHT,
    };

    report_sheet_chart(at->s, at->row, 0, &chart);
}

static bool has_part(const struct model_cost *cost, enum model_part part)
{
    for (int32_t i = 0; i < cost->n_cells; i++)
        if (cost->cells[i].part == part)
            return true;
    return false;
}

/* Discounts may come with a change of prices; other steps need cells. */
static bool is_told(const struct report_workbook *w, int32_t from, int32_t to,
                    enum report_step_kind kind)
{
    return kind == REPORT_STEP_VOLUME || kind == REPORT_STEP_MIX ||
           kind == REPORT_STEP_PURCHASE ||
           has_part(&w->r->policies[from].cost, part_of(kind)) ||
           has_part(&w->r->policies[to].cost, part_of(kind));
}

static void write_waterfall(struct report_place *at, int32_t from, int32_t to)
{
    static const char *const heads[W_COLUMNS] = {"step",
                                                 "USD per run",
                                                 "bill after it",
                                                 "chart: bill",
                                                 "holds up",
                                                 "more",
                                                 "less",
                                                 "holds down",
                                                 "more, below zero",
                                                 "less, below zero",
                                                 "what it is"};
    const struct report_workbook *w = at->w;
    double level = report_live_usd(&w->r->policies[from]);
    double usd = report_live_usd(&w->r->policies[to]);
    int first, volume_row;

    report_place_start(at,
                       sp_arena_printf(w->arena, "From %s to %s",
                                       w->r->policies[from].name,
                                       w->r->policies[to].name),
                       heads, W_COLUMNS);
    first = at->row;
    write_end(at, from);
    volume_row = at->row;
    for (int k = 0; k < REPORT_STEPS; k++) {
        enum report_step_kind kind = (enum report_step_kind)k;

        if (is_told(w, from, to, kind))
            level =
                write_step(at, kind, step_of(at, from, to, kind, volume_row), level);
    }
    write_end(at, to);
    report_sheet_text(at->s, at->row, W_STEP, "check: must be 0", REPORT_LOOK_STRONG);
    write_check(at, W_USD, AT(at->row - 2, W_LEVEL), AT(at->row - 1, W_USD),
                level - usd);
    at->row += 2;
    write_waterfall_chart(at, from, to, first, at->row - 3);
    at->row += report_chart_rows(CHART_HEIGHT);
}

static void write_waterfalls(struct report_place *at)
{
    int32_t base = report_baseline(at->w->r), told = 0;

    if (!report_cells_known(at->w, base))
        return;
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        if (i != base && report_cells_known(at->w, i) && told++ < POLICIES_TOLD)
            write_waterfall(at, base, i);
    if (told > POLICIES_TOLD)
        report_sheet_text(at->s, at->row++, 0,
                          sp_arena_printf(at->w->arena,
                                          "%d policies more are not taken apart here.",
                                          (int)told - POLICIES_TOLD),
                          REPORT_LOOK_NOTE);
}

/* ---- lines ---- */

enum { L_POLICY, L_WORKLOAD, L_STAGE, L_KIND, L_USD, L_SHARE, L_RUN, L_COLUMNS };

static void write_line(struct report_place *at, int32_t policy, int32_t id, double sum,
                       const char *sum_cell)
{
    const struct report_workbook *w = at->w;
    const struct model_policy_result *p = &w->r->policies[policy];
    const struct model_cost_line *l = &p->cost.lines[id];
    struct report_which which = REPORT_ANY_CELL;
    double usd;

    which.line = id + 1;
    report_sheet_text(at->s, at->row, L_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, L_WORKLOAD, l->workload, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, L_STAGE, l->stage, REPORT_LOOK_TEXT);
    report_sheet_text(at->s, at->row, L_KIND, model_line_kind_name(l->kind),
                      REPORT_LOOK_TEXT);
    usd = report_write_cells(w, at->s, at->row, L_USD, policy, REPORT_PAID, which,
                             REPORT_LOOK_UUSD);
    report_write_quotient(w, at->s, at->row, L_SHARE, AT(at->row, L_USD), sum_cell,
                          usd / sum, REPORT_LOOK_PERCENT);
    report_sheet_number(at->s, at->row, L_RUN, sp_usd_from_uusd(l->uusd),
                        REPORT_LOOK_UUSD);
    at->row++;
}

static double lines_usd(const struct report_workbook *w, int32_t policy)
{
    double sum = 0;

    for (int32_t i = 0; i < w->r->policies[policy].cost.n_lines; i++) {
        struct report_which which = REPORT_ANY_CELL;

        which.line = i + 1;
        sum += report_cells_sum(w, policy, REPORT_PAID, which);
    }
    return sum;
}

static void write_policy_lines(struct report_place *at, int32_t policy)
{
    const struct report_workbook *w = at->w;
    const struct model_policy_result *p = &w->r->policies[policy];
    double sum = lines_usd(w, policy), bill = report_live_usd(p);
    int first = at->row, last = first + p->cost.n_lines;

    for (int32_t i = 0; i < p->cost.n_lines; i++)
        write_line(at, policy, i, sum, report_cell_fixed(w->arena, last, L_USD));
    report_sheet_share_bars(at->s, first, at->row - 1, L_SHARE);
    report_sheet_text(at->s, at->row, L_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, L_KIND, "sum", REPORT_LOOK_STRONG);
    report_sheet_formula(at->s, at->row, L_USD,
                         sp_arena_printf(w->arena, "=SUM(%s:%s)", AT(first, L_USD),
                                         AT(at->row - 1, L_USD)),
                         sum, NULL, REPORT_LOOK_TOTAL);
    at->row++;
    report_sheet_text(at->s, at->row, L_POLICY, p->name, REPORT_LOOK_NAME);
    report_sheet_text(at->s, at->row, L_KIND, "check: must be 0", REPORT_LOOK_STRONG);
    write_check(at, L_USD, AT(at->row - 1, L_USD),
                report_policy_cell(w, REPORT_COST, policy, COST_USD), sum - bill);
    at->row += 2;
}

static void write_lines(struct report_place *at)
{
    static const char *const heads[L_COLUMNS] = {"policy",
                                                 "workload",
                                                 "stage",
                                                 "cost of",
                                                 "USD per run",
                                                 "share of the bill",
                                                 "USD of the run, first replication"};

    report_place_start(at, "Where the bill went", heads, L_COLUMNS);
    for (int32_t i = 0; i < at->w->r->n_policies; i++)
        if (report_cells_known(at->w, i))
            write_policy_lines(at, i);
}

/* ---- the sheet ---- */

void report_write_cost(struct report_workbook *w)
{
    static const double widths[] = {26, 18, 20, 20, 15, 14, 16, 14, 14, 14, 14, 16, 16};
    struct report_place at = {.w = w, .row = 3};

    if (!any_known(w))
        return;
    at.s = report_book_sheet(w->book, "Cost", widths, 13, 0);
    report_write_title(
        at.s, "Cost",
        "Where the money goes, at the prices on Assumptions; means over "
        "the replications. Steps compare list prices; what was paid less "
        "is a step of its own.");
    write_parts(&at);
    write_waterfalls(&at);
    write_lines(&at);
}
