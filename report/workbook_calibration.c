/* The sheet Calibration: profiles, and each kernel that was used as measured and as
 * fitted. */
#include <math.h>

#include "report/workbook_tables.h"

enum { POINTS_MOST = 200, CURVES_MOST = 40, CHART_WIDTH = 560, CHART_HEIGHT = 300 };
enum { K_X, K_MEASURED, K_HALF, K_FITTED, K_OFF, K_CONVERGED, K_COLUMNS, CHART = 7 };

static void write_profiles(struct report_place *at)
{
    static const char *const heads[] = {"profile", "file", "measured on", "driver",
                                        "date"};

    if (at->w->r->n_calibrations == 0)
        return;
    report_place_start(at, "Profiles", heads, 5);
    for (int32_t i = 0; i < at->w->r->n_calibrations; i++, at->row++) {
        const struct model_calibration *c = &at->w->r->calibrations[i];
        const char *const texts[] = {c->name, c->file, c->machine, c->driver, c->date};

        for (int k = 0; k < 5; k++)
            report_sheet_text(at->s, at->row, k, texts[k],
                              k == 0 ? REPORT_LOOK_NAME : REPORT_LOOK_TEXT);
    }
    at->row++;
}

static void write_point(struct report_place *at, const struct model_kernel_point *p)
{
    const char *a = report_cell_at(at->w->arena, at->row, K_FITTED);
    const char *b = report_cell_at(at->w->arena, at->row, K_MEASURED);

    report_sheet_number(at->s, at->row, K_X, p->x, REPORT_LOOK_GENERAL);
    report_sheet_number(at->s, at->row, K_MEASURED, p->measured_s, REPORT_LOOK_SCIENCE);
    report_sheet_number(at->s, at->row, K_HALF, p->half95_s, REPORT_LOOK_SCIENCE);
    report_sheet_number(at->s, at->row, K_FITTED, p->fitted_s, REPORT_LOOK_SCIENCE);
    if (p->measured_s > 0 && isfinite(p->fitted_s))
        report_sheet_formula(
            at->s, at->row, K_OFF, sp_arena_printf(at->w->arena, "=%s/%s-1", a, b),
            p->fitted_s / p->measured_s - 1, NULL, REPORT_LOOK_PERCENT);
    report_sheet_text(at->s, at->row, K_CONVERGED, p->converged ? "" : "not converged",
                      REPORT_LOOK_TEXT);
    at->row++;
}

static bool spans_decades(const struct model_kernel_curve *c)
{
    double least = INFINITY, most = 0;

    for (int32_t i = 0; i < c->n; i++) {
        least = fmin(least, c->points[i].x);
        most = fmax(most, c->points[i].x);
    }
    return least > 0 && most > 20 * least;
}

static void write_chart(const struct report_place *at,
                        const struct model_kernel_curve *c, int first, int last)
{
    const struct report_chart_series series[] = {{.name = "measured",
                                                  .column = K_MEASURED,
                                                  .rgb = 0x1F4E79,
                                                  .points = true,
                                                  .first_row = first,
                                                  .last_row = last,
                                                  .x_column = K_X},
                                                 {.name = "fitted",
                                                  .column = K_FITTED,
                                                  .rgb = 0xED7D31,
                                                  .first_row = first,
                                                  .last_row = last,
                                                  .x_column = K_X}};
    const struct report_chart chart = {
        .title = sp_arena_printf(at->w->arena, "Kernel %s on %s", c->kernel, c->device),
        .x_title = sp_arena_printf(at->w->arena, "at %s", c->axis),
        .y_title = "s of a call",
        .y_format = "General",
        .data_sheet = "Calibration",
        .n_series = isfinite(c->points[0].fitted_s) ? 2 : 1,
        .series = series,
        .kind = REPORT_CHART_SCATTER,
        .log_x = spans_decades(c),
        .log_y = spans_decades(c),
        .width = CHART_WIDTH,
        .height = CHART_HEIGHT,
    };

    report_sheet_chart(at->s, first, CHART, &chart);
}

static void write_facts(struct report_place *at, const struct model_kernel_curve *c)
{
    if (c->form != NULL && c->form[0] != '\0')
        report_sheet_text(at->s, at->row++, 0,
                          sp_arena_printf(at->w->arena, "fitted: %s", c->form),
                          REPORT_LOOK_TEXT);
    if (isfinite(c->off_frac))
        report_sheet_text(
            at->s, at->row++, 0,
            sp_arena_printf(at->w->arena, "off by at most %.2f %%", c->off_frac * 100),
            REPORT_LOOK_TEXT);
    if (isfinite(c->peak_flop_per_s))
        report_sheet_text(
            at->s, at->row++, 0,
            sp_arena_printf(at->w->arena,
                            "the device's peak: %.4g FLOP/s, %.4g B/s (%s)",
                            c->peak_flop_per_s, c->peak_bytes_per_s,
                            c->peak_source != NULL ? c->peak_source : ""),
            REPORT_LOOK_TEXT);
}

static void write_curve(struct report_place *at, const struct model_kernel_curve *c)
{
    const char *const heads[K_COLUMNS] = {
        c->axis[0] != '\0' ? c->axis : "-", "measured (s)", "+- 95 % (s)", "fitted (s)",
        "fitted against measured",          "measuring"};
    int32_t n = c->n < POINTS_MOST ? c->n : POINTS_MOST;
    int top = at->row, first;

    report_sheet_text(at->s, at->row, 0,
                      sp_arena_printf(at->w->arena, "%s on %s, profile %s", c->kernel,
                                      c->device, c->profile),
                      REPORT_LOOK_SECTION);
    report_sheet_height(at->s, at->row++, 1.7);
    write_facts(at, c);
    report_write_heads(at->s, at->row++, heads, K_COLUMNS);
    first = at->row;
    for (int32_t i = 0; i < n; i++)
        write_point(at, &c->points[(int64_t)i * c->n / n]);
    if (n > 1 && isfinite(c->points[0].x)) {
        write_chart(at, c, first, at->row - 1);
        if (at->row < top + report_chart_rows(CHART_HEIGHT) + 3)
            at->row = top + report_chart_rows(CHART_HEIGHT) + 3;
    }
    at->row++;
}

void report_write_calibration(struct report_workbook *w)
{
    static const double widths[] = {24, 24, 24, 16, 18, 16};
    struct report_place at = {.w = w, .row = 3};
    const struct model_result *r = w->r;

    if (r->n_curves == 0 && r->n_calibrations == 0)
        return;
    at.s = report_book_sheet(w->book, "Calibration", widths, K_COLUMNS, 0);
    report_write_title(at.s, "Calibration",
                       "Kernels that service times rest on: seconds of a call, as "
                       "measured and as fitted.");
    write_profiles(&at);
    for (int32_t i = 0; i < r->n_curves && i < CURVES_MOST; i++)
        write_curve(&at, &r->curves[i]);
    if (r->n_curves > CURVES_MOST)
        report_sheet_text(at.s, at.row, 0,
                          sp_arena_printf(w->arena,
                                          "%d kernels more are in the profiles.",
                                          (int)r->n_curves - CURVES_MOST),
                          REPORT_LOOK_NOTE);
}
