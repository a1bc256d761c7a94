/* The kernels that run on accelerators, as the host knows them.  Their source,
 * calibrate/device/kernels.inc, is one for CUDA, for OpenCL and for the emulation in
 * which tests run them on the CPU.
 *
 *   empty            ()                                     nothing
 *   gate             (int *flag, long spins)                waits until flag[0] != 0;
 *                                                           after so many looks it sets
 *                                                           flag[1] to 1 and goes on
 *   spin             (float *out, int n)                    chain of n dependent
 *                                                           multiply-adds a thread; out
 *                                                           has an element a thread
 *   clock_probe      (long *out, int n)                     such a chain of one thread:
 *                                                           out[0] the SM cycles and
 *                                                           out[1] the nanoseconds that
 *                                                           it took (0: no such clock;
 *                                                           steps of up to 1024 ns, so
 *                                                           n of 100,000 or more);
 *                                                           out has three elements
 *   triad            (float *a, float *b, float *c, float q, long n)  a = b + q c
 *   silu_mul         (float *y, float *g, float *u, long n) y = g / (1 + e^-g) u
 *   gemm_f32         (float *c, float *a, float *b, int m, int n, int k)  row-major,
 *   gemm_f16         (float *c, half *a, half *b, ...)      c = a b, sums in float
 *   gemm_bf16        (float *c, bf16 *a, bf16 *b, ...)
 *   gemv_f32         (float *y, float *a, float *x, int rows, int columns)  y = a x
 *   attention_decode (float *o, float *q, float *k, float *v, int heads, int length,
 *                     int dim)   one query a (batch x head) against `length` keys, its
 *                     own; scores are scaled by 1 / sqrt(dim); dim at most
 *                     CAL_ROW_THREADS
 *   softmax          (float *y, float *x, int rows, int columns)
 *   rms_norm         (float *y, float *x, float *g, int rows, int columns, float eps)
 *   resize_normalise (float *y, unsigned char *x, int n, int w, int h, int ow, int oh)
 *                     bilinear, half-pixel centres, 3 interleaved channels in, planar
 *                     out, (v / 255 - mean) / sd of ImageNet
 *
 * All pointers are device memory (gate: or pinned memory that the device sees); float
 * arrays are aligned to 4 bytes, of halves to 2.  Backends that lack a number format
 * lack its kernel.  The result does not depend on how many blocks run.
 */
#ifndef CALIBRATE_DEVICE_KERNELS_H
#define CALIBRATE_DEVICE_KERNELS_H

#include "calibrate/device.h"

enum {
    CAL_TILE = 16,         /* threads a side of a GEMM's block: 16 x 16, no other */
    CAL_GEMM_TILE = 64,    /* results a side of it */
    CAL_ROW_THREADS = 256, /* of kernels that reduce a row or a head per block */
};

/* How a kernel is spread over a device. */
enum cal_spread {
    CAL_SPREAD_ONE,     /* one thread */
    CAL_SPREAD_ALONG,   /* a thread an element, each then steps over the grid */
    CAL_SPREAD_ROWS,    /* a block a row or a head */
    CAL_SPREAD_TILES,   /* a block a tile of the result */
    CAL_SPREAD_THREADS, /* no work to be shared out: as many as one likes */
};

struct cal_device_kernel {
    const char *name;
    const char *args; /* a letter each: m memory, i int, l long, f float */
    enum cal_spread spread;
    uint32_t threads[3]; /* of a block */
};

/* By name, or NULL; the i-th, NULL past the end. */
const struct cal_device_kernel *cal_device_kernel_find(const char *name);
const struct cal_device_kernel *cal_device_kernel(int32_t i);

/* The grid for these arguments, on a device of `units` multiprocessors (0: not known).
 */
struct cal_grid cal_device_grid(const struct cal_device_kernel *kernel,
                                const struct cal_arg *args, int32_t units);

#endif
