/* The CPU kernels by name, for the table (kernels.c).  Each file calls the library that
 * it measures by itself, whatever wraps it elsewhere: a wrapper's cost is not the
 * library's. */
#ifndef CALIBRATE_KERNELS_H
#define CALIBRATE_KERNELS_H

#include "calibrate/kernel.h"

/* Not in the table: a stage of validate. */
extern const struct cal_kernel cal_kernel_device_resize;

extern const struct cal_kernel cal_kernel_bpe_tokenise, cal_kernel_handoff,
    cal_kernel_hash, cal_kernel_jpeg_decode, cal_kernel_json_parse, cal_kernel_memcpy,
    cal_kernel_resize, cal_kernel_sgemm, cal_kernel_triad, cal_kernel_zstd_decompress;

#endif
