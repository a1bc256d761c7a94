/* The CUDA backend's parts: the driver, NVML beside it, cuBLASLt. */
#ifndef CALIBRATE_CUDA_PARTS_H
#define CALIBRATE_CUDA_PARTS_H

#include <stdbool.h>

#include "calibrate/device.h"

/* Fills a struct of function pointers by their names; false and the first missing one's
 * name where one that is needed is not there. */
struct cal_symbol {
    const char *name;
    bool needed;
};
bool cal_symbols_find(void *library, const struct cal_symbol *symbols, size_t n,
                      void *functions, const char **missing);

/* ---- calibrate/nvml.c ---- */

struct cal_nvml;

/* libnvidia-ml.so.1, or what STAGEPLAN_NVML names; NULL and why where it can't be used.
 */
struct cal_nvml *cal_nvml_open(struct sp_arena *arena, const char **why);
void cal_nvml_close(struct cal_nvml *nvml); /* NULL is fine */

/* The device of this PCI address ("0000:01:00.0") is the one that health is of; false:
 * it has none such. */
bool cal_nvml_select(struct cal_nvml *nvml, const char *pci);
void cal_nvml_health(struct cal_nvml *nvml, struct cal_device_health *now);
/* "580.65.06", or NULL. */
const char *cal_nvml_driver(struct cal_nvml *nvml, struct sp_arena *arena);

/* ---- calibrate/cublaslt.c ---- */

struct cal_cublaslt;

/* libcublasLt.so.13, .12 or .11, or what STAGEPLAN_CUBLASLT names ("none": not).  The
 * device's context is current. */
struct cal_cublaslt *cal_cublaslt_open(struct sp_arena *arena, const char **why);
void cal_cublaslt_close(struct cal_cublaslt *lt); /* NULL is fine */
const char *cal_cublaslt_version(const struct cal_cublaslt *lt, struct sp_arena *arena);

/* c[m][n] = a[m][k] b[k][n], all row-major; c of floats, a and b "f16" or "bf16". */
struct cal_cublaslt_gemm {
    const char *format;
    unsigned long long a, b, c, workspace;
    size_t workspace_bytes;
    int32_t m, n, k;
};
SP_CHECKED enum sp_status cal_cublaslt_multiply(struct cal_cublaslt *lt,
                                                const struct cal_cublaslt_gemm *gemm,
                                                void *stream, struct sp_err *err);

/* ---- calibrate/cuda_module.c ---- */

/* The kernels' fat binary: STAGEPLAN_FATBIN, else calibrate/device/kernels.fatbin
 * beside the running program, else the one installed as data.  In `arena`. SP_EINPUT
 * there is none: built without the CUDA toolkit. */
SP_CHECKED enum sp_status cal_cuda_fatbin(struct sp_arena *arena, const void **image,
                                          struct sp_err *err);

#endif
