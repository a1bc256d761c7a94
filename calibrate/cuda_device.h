/* An open CUDA device: shared by calibrate/cuda.c and calibrate/cuda_stream.c and
 * nobody else.
 */
#ifndef CALIBRATE_CUDA_DEVICE_H
#define CALIBRATE_CUDA_DEVICE_H

#include "calibrate/cuda_api.h"
#include "calibrate/device.h"

enum { CAL_CUDA_FUNCTIONS_MAX = 32, CAL_CUDA_WORKSPACE_BYTES = 32 << 20 };

struct cal_memory {
    cal_cu_ptr at;
};

struct cal_stream {
    struct cal_device *d;
    void *stream, *event; /* the event tells whether the gate was reached */
    /* pinned, seen by the device: [0] go on, [1] the gate ran out */
    volatile int *flag;
    cal_cu_ptr flag_at;
    bool held;
};

struct cal_event {
    void *event;
};

struct cal_function {
    const char *name;
    void *function;
};

struct cal_device {
    void *library;
    struct cal_cuda_api cu;
    struct sp_arena *arena;
    int version, count;
    int device; /* the current one, -1: none */
    void *context, *module;
    struct cal_nvml *nvml;
    struct cal_cublaslt *lt;
    cal_cu_ptr workspace;
    int64_t gate_spins; /* that take a tenth of a second; 0: streams can't be held */
    int n_functions;
    struct cal_function functions[CAL_CUDA_FUNCTIONS_MAX];
};

/* SP_EIO and "WHAT: CUDA_ERROR_OUT_OF_MEMORY: out of memory" where code says so. */
SP_CHECKED enum sp_status cal_cuda_check(struct cal_device *d, int code,
                                         const char *what, struct sp_err *err);

/* cal_cuda_check(d, d->cu.cuFoo(..), "cuFoo", err) */
#define CAL_CUDA_CALL(d, name, args, err)                                              \
    cal_cuda_check(d, (d)->cu.name args, #name, err)

/* The rows of calibrate/device.h that are about streams, kernels and events. */
void cal_cuda_stream_free(struct cal_device *d, struct cal_stream *s);
struct cal_stream *cal_cuda_stream_new(struct cal_device *d, struct sp_err *err);
enum sp_status cal_cuda_to_device(struct cal_stream *s, cal_memory *to,
                                  const void *from, size_t bytes, struct sp_err *err);
enum sp_status cal_cuda_to_host(struct cal_stream *s, void *to, cal_memory *from,
                                size_t bytes, struct sp_err *err);
enum sp_status cal_cuda_finish(struct cal_stream *s, struct sp_err *err);
struct cal_event *cal_cuda_event(struct cal_device *d, struct sp_err *err);
void cal_cuda_event_free(struct cal_device *d, struct cal_event *e);
enum sp_status cal_cuda_record(struct cal_stream *s, struct cal_event *e,
                               struct sp_err *err);
enum sp_status cal_cuda_elapsed(struct cal_device *d, struct cal_event *from,
                                struct cal_event *to, double *s, struct sp_err *err);
struct cal_function *cal_cuda_function(struct cal_device *d, const char *name,
                                       struct sp_err *err);
enum sp_status cal_cuda_launch(struct cal_stream *s, struct cal_function *f,
                               const struct cal_grid *grid, const struct cal_arg *args,
                               int32_t n_args, struct sp_err *err);
enum sp_status cal_cuda_gemm(struct cal_stream *s, const char *format, cal_memory *c,
                             cal_memory *a, cal_memory *b, int32_t m, int32_t n,
                             int32_t k, struct sp_err *err);
enum sp_status cal_cuda_hold(struct cal_stream *s, struct sp_err *err);
enum sp_status cal_cuda_release(struct cal_stream *s, bool *held, struct sp_err *err);

/* d->gate_spins; needs the module. */
SP_CHECKED enum sp_status cal_cuda_measure_gate(struct cal_device *d,
                                                struct sp_err *err);

#endif
