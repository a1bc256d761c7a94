/* The workbook's order, and the pieces that its sheets share. */
#include "report/workbook.h"

#include <inttypes.h>
#include <math.h>

#include "report/month.h"
#include "report/text.h"
#include "report/workbook_parts.h"

/* ---- pieces ---- */

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

void report_write_known(const struct report_workbook *w, struct report_sheet *s,
                        int row, int column, const char *const cells[3],
                        const char *expression, double value, enum report_look look)
{
    const char *tests = "";
    bool known = isfinite(value);

    for (int i = 0; i < 3 && cells[i] != NULL; i++)
        tests = sp_arena_printf(w->arena, "%s%sISNUMBER(%s)", tests, i > 0 ? "," : "",
                                cells[i]);
    report_sheet_formula(
        s, row, column,
        sp_arena_printf(w->arena, "=IF(AND(%s),%s,\"unknown\")", tests, expression),
        known ? value : 0, known ? NULL : "unknown", look);
}

int report_lines_of(const char *text, int characters)
{
    int lines = report_text_width(text) / characters + 1;

    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    return lines;
}

double report_live_runs(const struct report_workbook *w)
{
    return report_runs_per_month(w->r, REPORT_HOURS_PER_MONTH);
}

const struct model_comparison *report_compared_of(const struct model_result *r,
                                                  int32_t policy)
{
    for (int32_t i = 0; i < r->n_comparisons; i++)
        if (r->comparisons[i].policy == policy)
            return &r->comparisons[i];
    return NULL;
}

/* ---- the workbook ---- */

static void number_fleet(struct report_workbook *w)
{
    enum { FIRST = 3 };
    int row = FIRST;

    w->fleet = sp_arena_array(w->arena, (size_t)w->r->n_policies, sizeof *w->fleet);
    for (int32_t i = 0; i < w->r->n_policies; i++) {
        w->fleet[i] = (struct report_rows){row, row + w->r->policies[i].n_nodes - 1};
        row += w->r->policies[i].n_nodes;
    }
}

static void (*const sheets[])(struct report_workbook *w) = {
    report_write_summary,     report_write_assumptions, report_write_policies,
    report_write_stages,      report_write_serving,     report_write_jobs,
    report_write_teams,       report_write_kernels,     report_write_fleet,
    report_write_utilization, report_write_latency,     report_write_cost,
    report_write_allocation,  report_write_sensitivity, report_write_timeline,
    report_write_prices,      report_write_calibration, report_write_log,
    report_write_cell_table,
};

enum sp_status report_workbook_write(const char *path, const struct report_context *c,
                                     struct sp_err *err)
{
    struct report_workbook w = {.context = c, .r = c->result, .arena = sp_arena_new()};
    const struct report_book_head head = {
        .title = w.r->name,
        .subject = sp_arena_printf(w.arena, "stageplan %s, seed %" PRIu64, w.r->version,
                                   w.r->seed),
        .created_s = c->created_s};
    enum sp_status status = report_book_open(path, &head, &w.book, err);

    if (status == SP_OK) {
        number_fleet(&w);
        report_prices_collect(&w);
        report_cells_number(&w);
        for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++)
            sheets[i](&w);
        status = report_book_close(w.book, err);
    }
    sp_arena_free(w.arena);
    return status;
}
