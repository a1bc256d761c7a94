/* An accelerator behind one interface: CUDA (driver API found at run time), OpenCL
 * (likewise).  Used by the worker process alone: whatever a driver does, the program
 * that asked for the profile lives on.
 *
 * A stream takes what is enqueued in order; events are times on the device's clock.
 * Every function that fails fills *err and returns SP_EIO.  One thread.
 */
#ifndef CALIBRATE_DEVICE_H
#define CALIBRATE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/profile.h"

/* Why a backend has no device for us. */
enum cal_device_state {
    CAL_DEVICE_OK,
    CAL_DEVICE_NO_DRIVER,  /* the library is not there */
    CAL_DEVICE_STUB,       /* the toolkit's stand-in for linking, not a driver */
    CAL_DEVICE_OLD_DRIVER, /* a function we need is missing, or it says so */
    CAL_DEVICE_NO_DEVICE,  /* a driver, and nothing it drives */
    CAL_DEVICE_BROKEN,     /* anything else it said */
};
const char *cal_device_state_name(enum cal_device_state state);

struct cal_device;                    /* an open backend with its current device */
struct cal_stream;                    /* in-order queue */
struct cal_event;                     /* a point in it */
struct cal_function;                  /* a kernel of calibrate/device_kernels.h */
typedef struct cal_memory cal_memory; /* device memory */

enum cal_arg_kind { CAL_ARG_MEMORY, CAL_ARG_I32, CAL_ARG_I64, CAL_ARG_F32 };
struct cal_arg {
    enum cal_arg_kind kind;
    union {
        cal_memory *memory;
        int32_t i32;
        int64_t i64;
        float f32;
    } of;
};

struct cal_grid {
    uint32_t blocks[3], threads[3]; /* work-groups and work-items of each; >= 1 */
};

/* What the gate of a sample looks at. */
struct cal_device_health {
    double sm_clock_hz;   /* now, as the driver says; NaN not known */
    double temperature_c; /* NaN not known */
    uint64_t throttle;    /* NVML's clock event reasons that slow down; 0: none known */
    int32_t other_processes; /* computing on the device; -1 not known */
};

/* "power cap", "thermal" ... of throttle bits, in buf (returned); "" of 0. */
char *cal_device_throttle_text(uint64_t throttle, char *buf, size_t size);

/* What select() learns of a device.  `is` is what goes into the profile; the rest is
 * for laying out the plan, 0 where not known. */
struct cal_device_info {
    struct model_profile_device is; /* name is the plan's to give: "gpu0" */
    int64_t memory_bytes, l2_bytes;
    int64_t threads_most; /* of a block */
    int32_t units;        /* multiprocessors, compute units */
    bool holds; /* hold() keeps what follows waiting; false: launches block the host,
                 * and the host's pace is in the times */
    const char *library;   /* "CUDA driver 13.0"; of the profile's kernels */
    const char *code_path; /* "sm_90", "spir-v"; may be NULL */
    const char *gemm;      /* "cuBLASLt 13.0.0" where gemm() works, else NULL */
    const char *gemm_why;  /* why it does not, in words; or NULL */
};

struct cal_device_ops {
    const char *name;    /* "cuda", "opencl" */
    const char *library; /* looked for: "libcuda.so.1" */
    const char *env;     /* environment variable that names another */

    /* Opens the library and says what state it is in; *device only where OK.  `why` is
     * the library's own word on it, in `arena`. */
    enum cal_device_state (*open)(struct sp_arena *arena, struct cal_device **device,
                                  const char **why);
    void (*close)(struct cal_device *device);
    int32_t (*count)(struct cal_device *device);
    /* Makes device i current, builds or loads the kernels, describes it (texts live as
     * long as the arena given to open()).
     *   SP_EINPUT  the kernels are not there: "built without the CUDA toolkit". */
    enum sp_status (*select)(struct cal_device *d, int32_t i,
                             struct cal_device_info *info, struct sp_err *err);

    /* Makes the selected device current in the calling thread, where another selected
     * it.  NULL: all threads are alike. */
    enum sp_status (*enter)(struct cal_device *d, struct sp_err *err);

    /* NULL: *err says why.  bytes > 0.  What is freed, here and below, may be NULL. */
    cal_memory *(*alloc)(struct cal_device *d, size_t bytes, struct sp_err *err);
    void (*free)(struct cal_device *d, cal_memory *memory);
    void *(*host_alloc)(struct cal_device *d, size_t bytes, struct sp_err *err);
    void (*host_free)(struct cal_device *d, void *memory); /* pinned memory */

    struct cal_stream *(*stream_new)(struct cal_device *d, struct sp_err *err);
    void (*stream_free)(struct cal_device *d, struct cal_stream *s);
    /* Copies between the host and the start of `memory`.  Where the host's side is
     * pinned they are enqueued; else they may wait for all before them: never between
     * hold() and release(). */
    enum sp_status (*to_device)(struct cal_stream *s, cal_memory *to, const void *from,
                                size_t bytes, struct sp_err *err);
    enum sp_status (*to_host)(struct cal_stream *s, void *to, cal_memory *from,
                              size_t bytes, struct sp_err *err);

    /* The kernel, the device's until close() (asked twice: the same).  NULL: not there,
     * *err says why (a number format that the device lacks). */
    struct cal_function *(*function)(struct cal_device *d, const char *name,
                                     struct sp_err *err);
    enum sp_status (*launch)(struct cal_stream *s, struct cal_function *f,
                             const struct cal_grid *grid, const struct cal_arg *args,
                             int32_t n_args, struct sp_err *err);

    /* c = a b of the device's own library (cuBLASLt), row-major, float results; format
     * "f16" or "bf16".  NULL where info.gemm never is. */
    enum sp_status (*gemm)(struct cal_stream *s, const char *format, cal_memory *c,
                           cal_memory *a, cal_memory *b, int32_t m, int32_t n,
                           int32_t k, struct sp_err *err);

    /* Holds what is enqueued from now on until release(): so that launches are timed
     * on the device and not by how fast the host enqueues.  *held is false where the
     * wait ran out before release() (the host was kept from enqueuing for a tenth of a
     * second): the sample is worthless. */
    enum sp_status (*hold)(struct cal_stream *s, struct sp_err *err);
    enum sp_status (*release)(struct cal_stream *s, bool *held, struct sp_err *err);

    struct cal_event *(*event)(struct cal_device *d, struct sp_err *err);
    void (*event_free)(struct cal_device *d, struct cal_event *e);
    enum sp_status (*record)(struct cal_stream *s, struct cal_event *e,
                             struct sp_err *err);
    /* Time between two events that have happened (after finish()), which may lie in
     * different streams; negative where `to` was first. */
    enum sp_status (*elapsed)(struct cal_device *d, struct cal_event *from,
                              struct cal_event *to, double *s, struct sp_err *err);
    /* Waits until all that is in the stream is done; reports what failed in it. */
    enum sp_status (*finish)(struct cal_stream *s, struct sp_err *err);

    void (*health)(struct cal_device *d, struct cal_device_health *now);
};

extern const struct cal_device_ops cal_cuda, cal_opencl;

/* All backends, NULL-ended; by name, or NULL. */
extern const struct cal_device_ops *const cal_backends[];
const struct cal_device_ops *cal_backend_find(const char *name);

#endif
