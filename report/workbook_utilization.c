/* The sheet Utilization: a chart for each policy of GPUs, of CPUs, and of what waits;
 * the figures are below. */
#include <math.h>

#include "report/format.h"
#include "report/workbook_parts.h"

/* Columns of one resource: what there is, and how it is used. */
enum { R_PROVISIONED, R_BUSY, R_IDLE, R_STRANDED, R_FREE, R_COLUMNS };
enum {
    U_POLICY,
    U_FROM,
    U_FIRST,
    U_QUEUED = U_FIRST + R_COLUMNS * MODEL_RESOURCES,
    U_COLUMNS
};
enum { TOP = 2, WIDTH = 560, HEIGHT = 280, RIGHT = 6, FAR_RIGHT = 12 };

/* One unit of time for the whole sheet. */
static struct report_time_unit time_unit_of(const struct model_result *r)
{
    double longest = 0;

    for (int32_t p = 0; p < r->n_policies; p++)
        longest =
            fmax(longest, r->policies[p].series.n * r->policies[p].series.bucket_s);
    return report_time_unit_of(longest);
}

static bool any_of(const struct model_series *x, enum model_resource r)
{
    for (int32_t b = 0; b < x->n; b++)
        if (x->provisioned[r][b] > 0)
            return true;
    return false;
}

static double stranded_of(const struct model_series *x, int r, int32_t b)
{
    return x->stranded[r] != NULL ? x->stranded[r][b] : 0;
}

static bool any_stranded(const struct model_series *x, enum model_resource r)
{
    for (int32_t b = 0; b < x->n; b++)
        if (stranded_of(x, (int)r, b) > 0)
            return true;
    return false;
}

static void write_bucket(struct report_sheet *s, int row, const struct model_series *x,
                         int32_t b)
{
    static const double per[MODEL_RESOURCES] = {1, 1, 1024.0 * 1024 * 1024};

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        double free = x->provisioned[r][b] - x->allocated[r][b];
        double stranded = stranded_of(x, r, b);
        const double amounts[R_COLUMNS] = {x->provisioned[r][b], x->busy[r][b],
                                           x->allocated[r][b] - x->busy[r][b], stranded,
                                           free - stranded};

        for (int c = 0; c < R_COLUMNS; c++)
            report_sheet_number(s, row, U_FIRST + R_COLUMNS * r + c,
                                amounts[c] / per[r], REPORT_LOOK_NUMBER);
    }
    report_sheet_number(s, row, U_QUEUED, x->queued[b], REPORT_LOOK_NUMBER);
}

static void place_chart(const struct report_workbook *w, struct report_sheet *s,
                        int32_t policy, int column, struct report_chart *chart,
                        int first, int last)
{
    chart->x_title = sp_arena_printf(w->arena, "time (%s)", time_unit_of(w->r).name);
    chart->data_sheet = "Utilization";
    chart->first_row = first;
    chart->last_row = last;
    chart->x_column = U_FROM;
    chart->width = WIDTH;
    chart->height = HEIGHT;
    report_sheet_chart(s, TOP + report_chart_rows(HEIGHT) * policy, column, chart);
}

static void write_shares(const struct report_workbook *w, struct report_sheet *s,
                         int32_t policy, enum model_resource r, int first, int last)
{
    static const char *const words[] = {"CPUs", "GPUs", "Memory"};
    const struct model_policy_result *p = &w->r->policies[policy];
    int from = U_FIRST + R_COLUMNS * (int)r;
    struct report_chart_series series[4] = {
        {.name = "busy", .column = from + R_BUSY, .rgb = 0x1F4E79},
        {.name = "allocated, idle", .column = from + R_IDLE, .rgb = 0x9DC3E6},
        {.name = "not allocated", .column = from + R_FREE, .rgb = 0xD9D9D9},
        {.name = "stranded", .column = from + R_STRANDED, .rgb = 0xED7D31}};
    struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "%s: %s",
                                 r == MODEL_GPU   ? words[1]
                                 : r == MODEL_CPU ? words[0]
                                                  : words[2],
                                 p->name),
        .y_title = "of what is provisioned",
        .y_format = "0%",
        .n_series = any_stranded(&p->series, r) ? 4 : 3,
        .series = series,
        .kind = REPORT_CHART_SHARES,
    };

    place_chart(w, s, policy, r == MODEL_GPU ? 0 : RIGHT, &chart, first, last);
}

static void write_queue(const struct report_workbook *w, struct report_sheet *s,
                        int32_t policy, int first, int last)
{
    static const struct report_chart_series queue = {
        .name = "queued", .column = U_QUEUED, .rgb = 0x1F4E79};
    struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "Items that wait: %s",
                                 w->r->policies[policy].name),
        .y_title = "items",
        .y_format = "#,##0",
        .n_series = 1,
        .series = &queue,
        .kind = REPORT_CHART_LINES,
    };

    place_chart(w, s, policy, FAR_RIGHT, &chart, first, last);
}

static int write_series(const struct report_workbook *w, struct report_sheet *s,
                        int32_t policy, int row)
{
    const struct model_policy_result *p = &w->r->policies[policy];
    double per_s = time_unit_of(w->r).seconds;
    int first = row;

    for (int32_t b = 0; b < p->series.n; b++, row++) {
        report_sheet_text(s, row, U_POLICY, p->name, REPORT_LOOK_TEXT);
        report_sheet_number(s, row, U_FROM, b * p->series.bucket_s / per_s,
                            REPORT_LOOK_NUMBER);
        write_bucket(s, row, &p->series, b);
    }
    if (row == first)
        return row;
    for (int r = MODEL_GPU; r <= MODEL_CPU; r++)
        if (any_of(&p->series, (enum model_resource)r))
            write_shares(w, s, policy, (enum model_resource)r, first, row - 1);
    write_queue(w, s, policy, first, row - 1);
    return row;
}

static bool any_series(const struct model_result *r)
{
    for (int32_t i = 0; i < r->n_policies; i++)
        if (r->policies[i].series.n > 0)
            return true;
    return false;
}

static void write_all_heads(const struct report_workbook *w, struct report_sheet *s,
                            int row)
{
    static const char *const of[MODEL_RESOURCES] = {
        [MODEL_GPU] = "GPUs", [MODEL_CPU] = "CPUs", [MODEL_MEMORY] = "GiB"};
    static const char *const words[R_COLUMNS] = {"provisioned", "busy", "idle",
                                                 "stranded", "not allocated"};
    const char *heads[U_COLUMNS] = {
        "policy", sp_arena_printf(w->arena, "from (%s)", time_unit_of(w->r).name)};
    int n = U_FIRST;

    for (int r = 0; r < MODEL_RESOURCES; r++)
        for (int c = 0; c < R_COLUMNS; c++)
            heads[n++] = sp_arena_printf(w->arena, "%s %s", of[r], words[c]);
    heads[n] = "items queued";
    report_write_heads(s, row, heads, U_COLUMNS);
}

void report_write_utilization(struct report_workbook *w)
{
    static const double widths[] = {24, 12, 13, 13, 13, 13, 13, 13, 13,
                                    13, 13, 13, 13, 13, 13, 13, 13, 13};
    int head = TOP + report_chart_rows(HEIGHT) * w->r->n_policies, row = head + 1;
    struct report_sheet *s;

    if (!any_series(w->r))
        return;
    s = report_book_sheet(w->book, "Utilization", widths, U_COLUMNS, 0);
    report_write_title(
        s, "Utilization over time",
        "Means over buckets of equal width, first replication. Stranded: "
        "free and of no use, as another resource of the node had run out.");
    write_all_heads(w, s, head);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        row = write_series(w, s, i, row);
    report_sheet_filter(s, head, row - 1, U_COLUMNS - 1);
}
