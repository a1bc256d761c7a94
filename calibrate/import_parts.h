/* Reading a measured table: what its two parts share.  For calibrate/import*.c only. */
#ifndef CALIBRATE_IMPORT_PARTS_H
#define CALIBRATE_IMPORT_PARTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/profile.h"

/* One measurement. */
struct cal_import_row {
    int32_t kernel; /* of cal_import_rows */
    double x, s;
    double sd_s; /* of one measurement; NaN: not told */
    double repeats;
    int32_t order; /* in the file */
};

struct cal_import_kernel {
    const char *name, *axis, *format; /* format may be NULL */
    int32_t gpu;                      /* of cal_import_rows */
    enum model_bound bound;
    int32_t line; /* it was first met in */
};

struct cal_import_gpu {
    const char *name;
    const char *datasheet; /* another name for it, or NULL */
};

struct cal_import_rows {
    const char *set; /* name of the set of columns */
    int32_t n, n_kernels, n_gpus;
    struct cal_import_row *rows;
    struct cal_import_kernel *kernels; /* in the order they were met */
    struct cal_import_gpu *gpus;
};

/* Reads a CSV of any known set of columns. */
SP_CHECKED enum sp_status cal_import_rows_read(const char *path, struct sp_arena *arena,
                                               struct cal_import_rows *rows,
                                               struct sp_err *err);

#endif
