/* Counts of arrivals per window of time, as they come: how bursty they are.
 *
 * Window k holds the arrivals of [k w, (k + 1) w).  The index of dispersion of counts
 * is their variance (unbiased) over their mean: 1 for a Poisson process, more for a
 * burstier one.
 */
#ifndef TRACES_WINDOWS_H
#define TRACES_WINDOWS_H

#include <stdint.h>

#include "base/wide.h"

/* All zeros, but for the width, at first. */
struct trace_windows {
    int64_t width_ns;
    int64_t current;          /* window that is being filled */
    int64_t rows;             /* in it */
    sp_i128 sum, sum_squares; /* over the windows before it */
    int64_t peak_rows, peak_window;
};

void trace_windows_add(struct trace_windows *w, int64_t time_ns); /* never falling */

/* Ends the count after `span_ns`.  The dispersion is of the whole windows, empty ones
 * included; NaN with fewer than two.  The peak counts the last piece too. */
double trace_windows_end(struct trace_windows *w, int64_t span_ns);

#endif
