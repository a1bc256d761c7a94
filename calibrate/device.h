/* An accelerator behind one interface: CUDA (driver API found at run time), OpenCL
 * (likewise).  Used by the worker process alone: whatever a driver does, the program
 * that asked for the profile lives on.
 *
 * A stream takes what is enqueued in order; events are times on the device's clock.
 * Every function that fails fills *err and returns SP_EIO.
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

/* What the gate of a sample looks at; NaN or 0 where the backend can't tell. */
struct cal_device_health {
    double sm_clock_hz; /* now */
    double temperature_c;
    uint64_t throttle;       /* NVML's clock event reasons that slow down */
    int32_t other_processes; /* computing on the device; -1 not known */
};

struct cal_device_ops {
    const char *name;    /* "cuda", "opencl" */
    const char *library; /* looked for: "libcuda.so.1"; an environment variable (see
                          * calibrate/worker.h) names another */

    /* Opens the library and says what state it is in; *device only where OK.  `why` is
     * the library's own word on it, in `arena`. */
    enum cal_device_state (*open)(struct sp_arena *arena, struct cal_device **device,
                                  const char **why);
    void (*close)(struct cal_device *device);
    int32_t (*count)(struct cal_device *device);
    /* Makes device i current, builds or loads the kernels, describes it. */
    enum sp_status (*select)(struct cal_device *d, int32_t i,
                             struct model_profile_device *is, struct sp_err *err);

    cal_memory *(*alloc)(struct cal_device *d, size_t bytes, struct sp_err *err);
    void (*free)(struct cal_device *d, cal_memory *memory);
    void *(*host_alloc)(struct cal_device *d, size_t bytes, struct sp_err *err);
    void (*host_free)(struct cal_device *d, void *memory); /* pinned memory */

    struct cal_stream *(*stream_new)(struct cal_device *d, struct sp_err *err);
    void (*stream_free)(struct cal_device *d, struct cal_stream *s);
    enum sp_status (*to_device)(struct cal_stream *s, cal_memory *to, const void *from,
                                size_t bytes,
                                struct sp_err *err); /* may return early */
    enum sp_status (*to_host)(struct cal_stream *s, void *to, cal_memory *from,
                              size_t bytes, struct sp_err *err);

    struct cal_function *(*function)(struct cal_device *d, const char *name,
                                     struct sp_err *err); /* NULL: not there */
    enum sp_status (*launch)(struct cal_stream *s, struct cal_function *f,
                             const struct cal_grid *grid, const struct cal_arg *args,
                             int32_t n_args, struct sp_err *err);

    /* Holds what is enqueued from now on until release(): so that launches are timed
     * on the device and not by how fast the host enqueues. */
    enum sp_status (*hold)(struct cal_stream *s, struct sp_err *err);
    enum sp_status (*release)(struct cal_stream *s, struct sp_err *err);

    struct cal_event *(*event)(struct cal_device *d, struct sp_err *err);
    void (*event_free)(struct cal_device *d, struct cal_event *e);
    enum sp_status (*record)(struct cal_stream *s, struct cal_event *e,
                             struct sp_err *err);
    enum sp_status (*elapsed)(struct cal_device *d, struct cal_event *from,
                              struct cal_event *to, double *s, struct sp_err *err);
    enum sp_status (*finish)(struct cal_stream *s, struct sp_err *err);

    void (*health)(struct cal_device *d, struct cal_device_health *now);
};

extern const struct cal_device_ops cal_cuda, cal_opencl;

#endif
