/* The kernels that run on accelerators, as the host knows them.  Their source,
 * calibrate/device/kernels.inc, is one for CUDA, for OpenCL and for the emulation in
 * which tests run them on the CPU.
 *
 *   empty            ()                                     nothing
 *   gate             (int *flag, long spins)                waits until *flag != 0, or
 *                                                           so many looks
 *   spin             (float *out, int n)                    chain of n dependent
 *                                                           multiply-adds a thread
 *   triad            (float *a, float *b, float *c, float q, long n)  a = b + q c
 *   silu_mul         (float *y, float *g, float *u, long n) y = g / (1 + e^-g) u
 *   gemm_f32         (float *c, float *a, float *b, int m, int n, int k)  row-major,
 *   gemm_f16         (float *c, half *a, half *b, ...)      c = a b, sums in float
 *   gemm_bf16        (float *c, bf16 *a, bf16 *b, ...)
 *   attention_decode (float *o, float *q, float *k, float *v, int heads, int length,
 *                     int dim)   one query a (batch x head) against `length` keys
 *   softmax          (float *y, float *x, int rows, int columns)
 *   rms_norm         (float *y, float *x, float *g, int rows, int columns, float eps)
 *   resize_normalise (float *y, unsigned char *x, int n, int w, int h, int ow, int oh)
 *                     bilinear, half-pixel centres, 3 interleaved channels in, planar
 *                     out, (v / 255 - mean) / sd of ImageNet
 *
 *   clock_probe      (long *out, int n)   out[0] cycles and out[1] nanoseconds of a
 * chain of n dependent multiply-adds, one thread
 *
 * Layout: triad, silu_mul and resize_normalise step by the whole grid, so any number of
 * blocks does; a GEMM has a block of CAL_TILE x CAL_TILE threads for each tile of the
 * result, columns in x and rows in y; attention_decode has a block of CAL_ROW_THREADS
 * for each head, softmax and rms_norm for each row.
 *
 * All pointers are device memory.  Backends that lack a number format lack its kernel.
 */
#ifndef CALIBRATE_DEVICE_KERNELS_H
#define CALIBRATE_DEVICE_KERNELS_H

#include "calibrate/device.h"

/* How a kernel is laid out over a device for given sizes. */
struct cal_device_kernel {
    const char *name;
    uint32_t threads[3]; /* of a block */
};

enum {
    CAL_TILE = 16,        /* of the GEMMs: blocks of 16 x 16 threads and results */
    CAL_ROW_THREADS = 256 /* of kernels that reduce a row or a head per block */
};

#endif
