/* What a figure of a sweep depends on, as a picture's data and panel: bars of the two
 * indices of each input, or a tornado.  Whoever draws it begins and ends the script.
 */
#ifndef REPORT_SWEEP_DEPENDS_PLOT_H
#define REPORT_SWEEP_DEPENDS_PLOT_H

#include <stdio.h>

#include "report/sweep_sensitivity.h"

struct report_sweep_bars {
    bool indices; /* else a tornado */
    int32_t n;    /* inputs shown, those that matter most first; at most 14 */
    struct model_indices of_rows;
    struct report_sweep_tornado tornado;
    const int32_t *axes; /* of each bar */
};

/* False: the design is another, values can't be had, or nothing varies. */
bool report_sweep_bars_of(const struct report_sweep *s,
                          const struct report_sweep_measure *m, struct sp_arena *arena,
                          struct report_sweep_bars *bars);

/* Names as comments, then a row for each input. */
void report_sweep_bars_data(const struct report_sweep *s,
                            const struct report_sweep_bars *bars,
                            struct sp_arena *arena, FILE *out);

/* Pixels that the picture needs. */
int report_sweep_bars_height(const struct report_sweep_bars *bars);

/* The panel that draws "STEM.dat". */
void report_sweep_bars_panel(const struct report_sweep *s,
                             const struct report_sweep_measure *m,
                             const struct report_sweep_bars *bars, const char *stem,
                             struct sp_arena *arena, FILE *out);

#endif
