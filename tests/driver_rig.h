/* The driver API found in a shared object, as directly as can be, for tests of the fake
 * driver itself; and a rig over it.  Prototypes are ours. */
#ifndef TESTS_DRIVER_RIG_H
#define TESTS_DRIVER_RIG_H

#include "tests/device_cases.h"

typedef unsigned long long cu_ptr;

/* X(name, parameters): all that the fake driver has. */
#define DRIVER_FUNCTIONS(X)                                                            \
    X(cuInit, (unsigned flags))                                                        \
    X(cuDriverGetVersion, (int *version))                                              \
    X(cuDeviceGetCount, (int *count))                                                  \
    X(cuDeviceGet, (int *device, int ordinal))                                         \
    X(cuDeviceGetName, (char *name, int size, int device))                             \
    X(cuDeviceGetAttribute, (int *value, int attribute, int device))                   \
    X(cuDeviceTotalMem_v2, (size_t * bytes, int device))                               \
    X(cuDeviceGetPCIBusId, (char *id, int size, int device))                           \
    X(cuDevicePrimaryCtxRetain, (void **context, int device))                          \
    X(cuDevicePrimaryCtxRelease_v2, (int device))                                      \
    X(cuCtxSetCurrent, (void *context))                                                \
    X(cuCtxSynchronize, (void))                                                        \
    X(cuModuleLoadData, (void **module, const void *image))                            \
    X(cuModuleUnload, (void *module))                                                  \
    X(cuModuleGetFunction, (void **function, void *module, const char *name))          \
    X(cuMemAlloc_v2, (cu_ptr * p, size_t bytes))                                       \
    X(cuMemFree_v2, (cu_ptr p))                                                        \
    X(cuMemHostAlloc, (void **p, size_t bytes, unsigned flags))                        \
    X(cuMemFreeHost, (void *p))                                                        \
    X(cuMemHostGetDevicePointer_v2, (cu_ptr * p, void *host, unsigned flags))          \
    X(cuMemcpyHtoDAsync_v2, (cu_ptr to, const void *from, size_t bytes, void *stream)) \
    X(cuMemcpyDtoHAsync_v2, (void *to, cu_ptr from, size_t bytes, void *stream))       \
    X(cuMemsetD8Async, (cu_ptr to, unsigned char value, size_t bytes, void *stream))   \
    X(cuStreamCreate, (void **stream, unsigned flags))                                 \
    X(cuStreamDestroy_v2, (void *stream))                                              \
    X(cuStreamSynchronize, (void *stream))                                             \
    X(cuEventCreate, (void **event, unsigned flags))                                   \
    X(cuEventDestroy_v2, (void *event))                                                \
    X(cuEventRecord, (void *event, void *stream))                                      \
    X(cuEventSynchronize, (void *event))                                               \
    X(cuEventQuery, (void *event))                                                     \
    X(cuEventElapsedTime, (float *ms, void *from, void *to))                           \
    X(cuLaunchKernel, (void *function, unsigned gx, unsigned gy, unsigned gz,          \
                       unsigned bx, unsigned by, unsigned bz, unsigned shared,         \
                       void *stream, void **args, void **extra))                       \
    X(cuGetErrorName, (int code, const char **name))                                   \
    X(cuGetErrorString, (int code, const char **text))

struct driver {
#define X(name, parameters) int(*name) parameters;
    DRIVER_FUNCTIONS(X)
#undef X
    void *library, *module;
};

/* From the library at `path`, NULL: from this program itself.  Ends the program with a
 * message where it lacks something. */
void driver_load(struct driver *d, const char *path);

/* cuInit, the first device's context, a module.  The first error, or 0. */
int driver_start(struct driver *d);

struct device_rig driver_rig(struct driver *d);

#endif
