/* Tables measured elsewhere: a CSV of tokens or batch against milliseconds becomes a
 * profile.
 *
 * Columns by their names in the header: `model`, `gpu`, one of `tokens`, `batch` and
 * `x`, `ms`; and where they are there `tensor_parallel`, `operator` or `kernel`, and
 * `phase`, which name the kernel further, `sd` (of one measurement, milliseconds) and
 * `repeats` (measurements behind the row).  Others are refused: what distinguishes rows
 * must not be lost.  Known sets of columns of published tables are read as they are
 * (calibrate/import.c lists them).
 *
 * Each (model, ..., phase) on a gpu is a kernel, named by these joined with '/'; its
 * points are the medians of the rows of the same x, their sd that of the median
 * (1.2533 x 1.4826 x MAD / sqrt(n)) or of the rows' own, whichever is more.  One source
 * measured once says nothing of how campaigns differ: the floor of a busy machine
 * counts.
 */
#ifndef CALIBRATE_IMPORT_H
#define CALIBRATE_IMPORT_H

#include "base/arena.h"
#include "base/status.h"
#include "model/profile.h"

struct cal_import {
    const char *path;    /* plain, gzip or zstd */
    const char *created; /* of the profile: ISO 8601, UTC */
    const char *tool;    /* "stageplan 0.1.0" */
};

/* The whole of it: mode "import", basis measured, `source` naming the file, forms
 * fitted by cal_fit_forms().  The GPU's row of datasheets is looked up by its name;
 * without one there is a note. SP_EINPUT  "file:line:column: what, expected what"; more
 * kernels, devices or points than a profile holds; no rows. SP_EIO     the file can't
 * be read. */
SP_CHECKED enum sp_status cal_import_profile(const struct cal_import *import,
                                             struct sp_arena *arena,
                                             struct model_profile **profile,
                                             struct sp_err *err);

#endif
