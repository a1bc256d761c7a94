/* The sheet Stages. */
#include <inttypes.h>
#include <math.h>

#include "report/workbook_parts.h"

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
