#include "traces/windows.h"

static void close_window(struct trace_windows *w)
{
    if (w->rows > w->peak_rows) {
        w->peak_rows = w->rows;
        w->peak_window = w->current;
    }
    w->sum += w->rows;
    w->sum_squares += sp_i128_mul(w->rows, w->rows);
    w->rows = 0;
}

void trace_windows_add(struct trace_windows *w, int64_t time_ns)
{
    int64_t window = time_ns / w->width_ns;

    if (window != w->current) {
        close_window(w); /* those skipped are empty and add nothing to the sums */
        w->current = window;
    }
    w->rows++;
}

/* Unbiased variance over mean of n counts with these sums: exact until the division. */
static double dispersion(int64_t n, sp_i128 sum, sp_i128 sum_squares)
{
    if (n < 2 || sum == 0)
        return NAN;
    return sp_double_from_i128(n * sum_squares - sum * sum) /
           (sp_double_from_i128(sum) * (double)(n - 1));
}

double trace_windows_end(struct trace_windows *w, int64_t span_ns)
{
    /* The last window is a piece: it counts for the peak, not for the dispersion. */
    double d = dispersion(span_ns / w->width_ns, w->sum, w->sum_squares);

    close_window(w);
    return d;
}
