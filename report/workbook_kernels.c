/* The sheet Kernels: what stages asked of calibrated kernels. */
#include <math.h>

#include "report/workbook_parts.h"

enum { K_TEXTS = 8, K_COLUMNS = 21 };

static bool has_kernels(const struct model_result *r)
{
    for (int32_t p = 0; p < r->n_policies; p++)
        for (int32_t w = 0; w < r->policies[p].n_workloads; w++)
            if (r->policies[p].workloads[w].n_kernels > 0)
                return true;
    return false;
}

static void write_kernel(struct report_sheet *s, int row, const char *policy,
                         const struct model_kernel_asked *k)
{
    const char *const texts[K_TEXTS] = {
        policy,
        k->workload,
        k->stage,
        k->kernel,
        k->device,
        k->profile,
        model_basis_name(k->basis),
        k->by_features ? "features" : k->axis,
    };
    const double figures[] = {k->x_least,       k->x_most,       k->known_least,
                              k->known_most,    k->cores_most,   k->known_cores,
                              k->slowdown_most, k->slowdown_low, k->slowdown_high};
    int column = 0;

    for (; column < K_TEXTS; column++)
        report_sheet_text(s, row, column, texts[column], REPORT_LOOK_TEXT);
    report_sheet_number(s, row, column++, (double)k->calls, REPORT_LOOK_COUNT);
    if (k->extrapolated > 0)
        report_sheet_text(s, row, column + 1, "extrapolated", REPORT_LOOK_STRONG);
    report_sheet_number(s, row, column, (double)k->extrapolated, REPORT_LOOK_COUNT);
    column += 2;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++, column++)
        report_sheet_number(s, row, column, figures[i], REPORT_LOOK_NUMBER);
    report_sheet_number(s, row, column, k->sd_frac, REPORT_LOOK_PERCENT);
}

void report_write_kernels(struct report_workbook *w)
{
    static const double widths[K_COLUMNS] = {24, 18, 20, 20, 10, 14, 12, 14, 11, 12, 14,
                                             11, 11, 11, 11, 10, 10, 10, 10, 10, 10};
    static const char *const heads[K_COLUMNS] = {"policy",
                                                 "workload",
                                                 "stage or unit",
                                                 "kernel",
                                                 "device",
                                                 "profile",
                                                 "basis",
                                                 "asked by",
                                                 "calls",
                                                 "extrapolated",
                                                 "",
                                                 "least asked",
                                                 "most asked",
                                                 "least measured",
                                                 "most measured",
                                                 "most CPUs at once",
                                                 "CPUs measured",
                                                 "slow-down then",
                                                 "95 % from",
                                                 "95 % to",
                                                 "sd of its times"};
    struct report_sheet *s;
    int row = 3;

    if (!has_kernels(w->r))
        return;
    s = report_book_sheet(w->book, "Kernels", widths, K_COLUMNS, 3);
    report_write_title(s, "Kernels",
                       "Calibrated kernels that service times rest on, over all "
                       "replications: what was asked of them against what was "
                       "measured.");
    report_write_heads(s, 2, heads, K_COLUMNS);
    for (int32_t p = 0; p < w->r->n_policies; p++)
        for (int32_t i = 0; i < w->r->policies[p].n_workloads; i++) {
            const struct model_workload_result *x = &w->r->policies[p].workloads[i];

            for (int32_t k = 0; k < x->n_kernels; k++, row++)
                write_kernel(s, row, w->r->policies[p].name, &x->kernels[k]);
        }
    report_sheet_filter(s, 2, row - 1, K_COLUMNS - 1);
}
