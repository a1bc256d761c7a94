/* The functions of the CUDA driver, of NVML and of cuBLASLt that we use: prototypes are
 * our own, so that nothing of the toolkit is needed to build; names, numbers and
 * layouts are those that the vendor documents.
 */
#ifndef CALIBRATE_CUDA_API_H
#define CALIBRATE_CUDA_API_H

#include <stddef.h>
#include <stdint.h>

typedef unsigned long long cal_cu_ptr; /* device memory */

/* X(needed, name, parameters) */
#define CAL_CUDA_FUNCTIONS(X)                                                          \
    X(1, cuInit, (unsigned flags))                                                     \
    X(1, cuDriverGetVersion, (int *version))                                           \
    X(1, cuDeviceGetCount, (int *count))                                               \
    X(1, cuDeviceGet, (int *device, int ordinal))                                      \
    X(1, cuDeviceGetName, (char *name, int size, int device))                          \
    X(1, cuDeviceTotalMem_v2, (size_t * bytes, int device))                            \
    X(1, cuDeviceGetAttribute, (int *value, int attribute, int device))                \
    X(1, cuDevicePrimaryCtxRetain, (void **context, int device))                       \
    X(1, cuDevicePrimaryCtxRelease_v2, (int device))                                   \
    X(1, cuCtxSetCurrent, (void *context))                                             \
    X(1, cuModuleLoadData, (void **module, const void *image))                         \
    X(1, cuModuleUnload, (void *module))                                               \
    X(1, cuModuleGetFunction, (void **function, void *module, const char *name))       \
    X(1, cuMemAlloc_v2, (cal_cu_ptr * at, size_t bytes))                               \
    X(1, cuMemFree_v2, (cal_cu_ptr at))                                                \
    X(1, cuMemHostAlloc, (void **at, size_t bytes, unsigned flags))                    \
    X(1, cuMemFreeHost, (void *at))                                                    \
    X(1, cuMemHostGetDevicePointer_v2, (cal_cu_ptr * at, void *host, unsigned flags))  \
    X(1, cuMemcpyHtoDAsync_v2,                                                         \
      (cal_cu_ptr to, const void *from, size_t bytes, void *stream))                   \
    X(1, cuMemcpyDtoHAsync_v2,                                                         \
      (void *to, cal_cu_ptr from, size_t bytes, void *stream))                         \
    X(1, cuStreamCreate, (void **stream, unsigned flags))                              \
    X(1, cuStreamDestroy_v2, (void *stream))                                           \
    X(1, cuStreamSynchronize, (void *stream))                                          \
    X(1, cuEventCreate, (void **event, unsigned flags))                                \
    X(1, cuEventDestroy_v2, (void *event))                                             \
    X(1, cuEventRecord, (void *event, void *stream))                                   \
    X(1, cuEventQuery, (void *event))                                                  \
    X(1, cuEventElapsedTime, (float *ms, void *from, void *to))                        \
    X(1, cuLaunchKernel,                                                               \
      (void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z,              \
       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,    \
       void *stream, void **args, void **extra))                                       \
    X(0, cuDeviceGetPCIBusId, (char *id, int size, int device))                        \
    X(0, cuGetErrorName, (int code, const char **name))                                \
    X(0, cuGetErrorString, (int code, const char **text))

enum {
    CAL_CU_SUCCESS = 0,
    CAL_CU_STUB_LIBRARY = 34,
    CAL_CU_INSUFFICIENT_DRIVER = 35,
    CAL_CU_NO_DEVICE = 100,
    CAL_CU_NO_BINARY = 209,
    CAL_CU_UNSUPPORTED_PTX = 222,
    CAL_CU_SYSTEM_DRIVER_MISMATCH = 803,
    CAL_CU_NOT_READY = 600,
    CAL_CU_HOST_ALLOC_DEVICEMAP = 2,
    CAL_CU_STREAM_NON_BLOCKING = 1,
    CAL_CU_EVENT_DEFAULT = 0,
};

enum {
    CAL_CU_ATTRIBUTE_MAX_THREADS = 1,
    CAL_CU_ATTRIBUTE_UNITS = 16,
    CAL_CU_ATTRIBUTE_L2_BYTES = 38,
    CAL_CU_ATTRIBUTE_CC_MAJOR = 75,
    CAL_CU_ATTRIBUTE_CC_MINOR = 76,
};

struct cal_cuda_api {
#define X(needed, name, parameters) int(*name) parameters;
    CAL_CUDA_FUNCTIONS(X)
#undef X
};

/* ---- NVML ---- */

/* X(needed, name, parameters) */
#define CAL_NVML_FUNCTIONS(X)                                                          \
    X(1, nvmlInit_v2, (void))                                                          \
    X(1, nvmlShutdown, (void))                                                         \
    X(1, nvmlDeviceGetHandleByPciBusId_v2, (const char *id, void **device))            \
    X(0, nvmlDeviceGetClockInfo, (void *device, int type, unsigned *mhz))              \
    X(0, nvmlDeviceGetTemperature, (void *device, int sensor, unsigned *c))            \
    X(0, nvmlDeviceGetCurrentClocksEventReasons,                                       \
      (void *device, unsigned long long *reasons))                                     \
    X(0, nvmlDeviceGetCurrentClocksThrottleReasons, /* its name until 2023 */          \
      (void *device, unsigned long long *reasons))                                     \
    X(0, nvmlDeviceGetComputeRunningProcesses_v3,                                      \
      (void *device, unsigned *n, void *processes))                                    \
    X(0, nvmlDeviceGetComputeRunningProcesses_v2,                                      \
      (void *device, unsigned *n, void *processes))                                    \
    X(0, nvmlSystemGetDriverVersion, (char *version, unsigned size))

struct cal_nvml_api {
#define X(needed, name, parameters) int(*name) parameters;
    CAL_NVML_FUNCTIONS(X)
#undef X
};

/* Of functions ..._v2 and ..._v3. */
struct cal_nvml_process {
    unsigned pid;
    unsigned long long used_bytes;
    unsigned gpu_instance, compute_instance;
};

/* ---- cuBLASLt ---- */

struct cal_lt_algo {
    uint64_t data[8];
};
struct cal_lt_choice {
    struct cal_lt_algo algo;
    size_t workspace_bytes;
    int state;
    float waves;
    int reserved[4];
};

#define CAL_LT_FUNCTIONS(X)                                                            \
    X(1, cublasLtCreate, (void **handle))                                              \
    X(1, cublasLtDestroy, (void *handle))                                              \
    X(1, cublasLtMatmulDescCreate, (void **operation, int compute, int scale))         \
    X(1, cublasLtMatmulDescDestroy, (void *operation))                                 \
    X(1, cublasLtMatrixLayoutCreate,                                                   \
      (void **layout, int type, uint64_t rows, uint64_t columns, int64_t leading))     \
    X(1, cublasLtMatrixLayoutDestroy, (void *layout))                                  \
    X(1, cublasLtMatmulPreferenceCreate, (void **preference))                          \
    X(1, cublasLtMatmulPreferenceSetAttribute,                                         \
      (void *preference, int attribute, const void *value, size_t bytes))              \
    X(1, cublasLtMatmulPreferenceDestroy, (void *preference))                          \
    X(1, cublasLtMatmulAlgoGetHeuristic,                                               \
      (void *handle, void *operation, void *a, void *b, void *c, void *d,              \
       void *preference, int wanted, struct cal_lt_choice *choices, int *n))           \
    X(1, cublasLtMatmul,                                                               \
      (void *handle, void *operation, const void *alpha, const void *a,                \
       void *a_layout, const void *b, void *b_layout, const void *beta, const void *c, \
       void *c_layout, void *d, void *d_layout, const struct cal_lt_algo *algo,        \
       void *workspace, size_t workspace_bytes, void *stream))

struct cal_lt_api {
#define X(needed, name, parameters) int(*name) parameters;
    CAL_LT_FUNCTIONS(X)
#undef X
    size_t (*cublasLtGetVersion)(void);
};

enum {
    CAL_LT_R_32F = 0,
    CAL_LT_R_16F = 2,
    CAL_LT_R_16BF = 14,
    CAL_LT_COMPUTE_32F = 68,
    CAL_LT_PREFERENCE_WORKSPACE_BYTES = 1,
};

#endif
