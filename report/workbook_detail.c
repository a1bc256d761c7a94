/* The sheets of figures: Stages, and Utilization with its charts. */
#include <inttypes.h>
#include <math.h>

#include "report/format.h"
#include "report/workbook_parts.h"

/* ---- Stages ---- */

enum { STAGE_TEXTS = 4, STAGE_BUSY = 5, STAGE_BOTTLENECK = 21, STAGE_COLUMNS };

static void write_stage(struct report_sheet *s, int row,
                        const struct model_stage_result *g)
{
    const double figures[] = {
        g->slots.mean,      g->busy_frac.mean,   g->blocked_frac.mean,
        g->fetch_frac.mean, g->wait.mean_s.mean, g->wait.p50_s.mean,
        g->wait.p99_s.mean, g->wait.max_s.mean,  g->service.mean_s.mean,
        g->queue_mean.mean, g->queue_peak.mean,  g->batch_mean.mean,
    };
    const int64_t counts[] = {g->in, g->done, g->retried, g->dropped, g->lost};
    int column = STAGE_TEXTS;

    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++, column++)
        report_sheet_number(s, row, column, figures[i],
                            column >= STAGE_BUSY && column < STAGE_BUSY + 3
                                ? REPORT_LOOK_PERCENT
                                : REPORT_LOOK_NUMBER);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++, column++)
        report_sheet_number(s, row, column, (double)counts[i], REPORT_LOOK_COUNT);
    report_sheet_text(s, row, column, g->bottleneck ? "busiest" : "",
                      REPORT_LOOK_STRONG);
}

void report_write_stages(struct report_workbook *w)
{
    static const double widths[] = {24, 18, 20, 18, 10, 10, 10, 10, 11, 11, 11,
                                    11, 12, 11, 11, 10, 11, 11, 10, 10, 10, 11};
    static const char *const heads[] = {
        "policy",
        "workload",
        "stage",
        "unit",
        "slots",
        "busy",
        "blocked",
        "fetching",
        "wait mean (s)",
        "wait p50 (s)",
        "wait p99 (s)",
        "wait max (s)",
        "service mean (s)",
        "queue mean",
        "queue peak",
        "items per task",
        "items in",
        "items done",
        "retried",
        "dropped",
        "tasks lost",
        "bottleneck",
    };
    struct report_sheet *s =
        report_book_sheet(w->book, "Stages", widths, STAGE_COLUMNS, 3);
    int row = 3;

    report_write_title(
        s, "Stages",
        "Shares are of slot time over the window; items are of the first "
        "replication, whole run.");
    report_write_heads(s, 2, heads, STAGE_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        for (int32_t k = 0; k < w->r->policies[i].n_workloads; k++) {
            const struct model_workload_result *x = &w->r->policies[i].workloads[k];

            for (int32_t g = 0; g < x->n_stages; g++, row++) {
                report_sheet_text(s, row, 0, w->r->policies[i].name, REPORT_LOOK_TEXT);
                report_sheet_text(s, row, 1, x->name, REPORT_LOOK_TEXT);
                report_sheet_text(s, row, 2, x->stages[g].name, REPORT_LOOK_TEXT);
                report_sheet_text(s, row, 3, x->stages[g].unit, REPORT_LOOK_TEXT);
                write_stage(s, row, &x->stages[g]);
            }
        }
    report_sheet_share_bars(s, 3, row - 1, STAGE_BUSY);
    if (row > 3)
        report_sheet_filter(s, 2, row - 1, STAGE_BOTTLENECK);
}

/* ---- Utilization ---- */

enum {
    U_POLICY,
    U_FROM,
    U_FIRST,
    U_QUEUED = U_FIRST + 9,
    U_PARTS,
    U_COLUMNS = U_PARTS + 4
};
enum {
    CHART_TOP = 2,
    CHART_ROWS = 16,
    CHART_WIDTH = 660,
    CHART_HEIGHT = 300,
    CHART_RIGHT = 7
};

/* One unit of time for the whole sheet. */
static struct report_time_unit time_unit_of(const struct model_result *r)
{
    double longest = 0;

    for (int32_t p = 0; p < r->n_policies; p++)
        longest =
            fmax(longest, r->policies[p].series.n * r->policies[p].series.bucket_s);
    return report_time_unit_of(longest);
}

static void write_bucket(struct report_sheet *s, int row, const struct model_series *x,
                         int32_t b)
{
    static const double per[MODEL_RESOURCES] = {1, 1, 1024.0 * 1024 * 1024};
    int column = U_FIRST;

    for (int r = 0; r < MODEL_RESOURCES; r++) {
        report_sheet_number(s, row, column++, x->provisioned[r][b] / per[r],
                            REPORT_LOOK_NUMBER);
        report_sheet_number(s, row, column++, x->allocated[r][b] / per[r],
                            REPORT_LOOK_NUMBER);
        report_sheet_number(s, row, column++, x->busy[r][b] / per[r],
                            REPORT_LOOK_NUMBER);
    }
    report_sheet_number(s, row, U_QUEUED, x->queued[b], REPORT_LOOK_NUMBER);
    for (int r = MODEL_GPU; r <= MODEL_CPU; r++) {
        report_sheet_number(s, row, U_PARTS + 2 * r, x->allocated[r][b] - x->busy[r][b],
                            REPORT_LOOK_NUMBER);
        report_sheet_number(s, row, U_PARTS + 2 * r + 1,
                            x->provisioned[r][b] - x->allocated[r][b],
                            REPORT_LOOK_NUMBER);
    }
}

static void write_chart(const struct report_workbook *w, struct report_sheet *s,
                        int32_t policy, enum model_resource resource, int first,
                        int last)
{
    static const char *const words[] = {"GPUs", "CPUs"};
    int column = U_FIRST + 3 * (int)resource, parts = U_PARTS + 2 * (int)resource;
    const struct report_chart_series series[] = {
        {"busy", column + 2, 0x1F4E79},
        {"allocated, idle", parts, 0xED7D31},
        {"not allocated", parts + 1, 0xD9D9D9}};
    struct report_chart chart = {
        .title = sp_arena_printf(w->arena, "%s: %s", words[resource],
                                 w->r->policies[policy].name),
        .x_title = sp_arena_printf(w->arena, "time (%s)", time_unit_of(w->r).name),
        .y_title = words[resource],
        .data_sheet = "Utilization",
        .first_row = first,
        .last_row = last,
        .x_column = U_FROM,
        .n_series = 3,
        .series = series,
        .width = CHART_WIDTH,
        .height = CHART_HEIGHT,
    };

    report_sheet_chart(s, CHART_TOP + CHART_ROWS * policy,
                       resource == MODEL_GPU ? 0 : CHART_RIGHT, &chart);
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
    if (row > first) {
        write_chart(w, s, policy, MODEL_GPU, first, row - 1);
        write_chart(w, s, policy, MODEL_CPU, first, row - 1);
    }
    return row;
}

void report_write_utilization(struct report_workbook *w)
{
    static const double widths[] = {24, 10, 12, 12, 12, 12, 12, 12,
                                    12, 12, 12, 12, 12, 12, 12, 12};
    const char *const heads[U_COLUMNS] = {
        "policy",
        sp_arena_printf(w->arena, "from (%s)", time_unit_of(w->r).name),
        "GPUs provisioned",
        "GPUs allocated",
        "GPUs busy",
        "CPUs provisioned",
        "CPUs allocated",
        "CPUs busy",
        "GiB provisioned",
        "GiB allocated",
        "GiB in use",
        "items queued",
        "GPUs idle",
        "GPUs not allocated",
        "CPUs idle",
        "CPUs not allocated",
    };
    struct report_sheet *s =
        report_book_sheet(w->book, "Utilization", widths, U_COLUMNS, 0);
    int head = CHART_TOP + CHART_ROWS * w->r->n_policies, row = head + 1;

    report_write_title(
        s, "Utilization over time",
        "Means over buckets of equal width, first replication; the figures "
        "are below the charts.");
    report_write_heads(s, head, heads, U_COLUMNS);
    for (int32_t i = 0; i < w->r->n_policies; i++)
        row = write_series(w, s, i, row);
    if (row > head + 1)
        report_sheet_filter(s, head, row - 1, U_COLUMNS - 1);
}
