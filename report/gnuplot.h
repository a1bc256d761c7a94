/* gnuplot as a process of its own, without a shell and without the user's settings. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

/* Scripts STEM.gp of a folder, which draw STEM.svg and STEM.png, or the same under the
 * name that the variable `out` holds. */
struct report_gnuplot_scripts {
    const char *folder;
    int n;
    const char *const *stems;
};

/* Has `gnuplot` (a name to be found in PATH, or a path) draw them.  The pictures take
 * their places when all are drawn; before, they have other names, and none is left
 * where it fails.  *drawn is false where there is no gnuplot.
 *   SP_EIO  it can't be started, failed or was killed, or drew less than that. */
SP_CHECKED enum sp_status
report_gnuplot_draw(const struct report_gnuplot_scripts *scripts, const char *gnuplot,
                    struct sp_arena *arena, bool *drawn, struct sp_err *err);

/* Has it draw `script` (an open file, read from where it stands) as text to `out`, a
 * file too. */
SP_CHECKED enum sp_status report_gnuplot_text(FILE *script, FILE *out,
                                              const char *gnuplot,
                                              struct sp_arena *arena, bool *drawn,
                                              struct sp_err *err);

#endif
