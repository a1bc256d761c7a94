/* A device made ready for measuring: its streams, events and buffers full of random
 * numbers that all kernels share, so that a kernel of any size is ready at once and
 * kernels can take turns.
 */
#ifndef CALIBRATE_DEVICE_RIG_H
#define CALIBRATE_DEVICE_RIG_H

#include "calibrate/device.h"
#include "calibrate/device_plan.h"

enum cal_pool {
    CAL_POOL_IN32, /* two of each */
    CAL_POOL_IN16,
    CAL_POOL_OUT,
    CAL_POOL_PINNED,
    CAL_POOL_PAGEABLE,
    CAL_POOLS
};

/* What fixes the sizes of kernels, for the device at hand. */
struct cal_shapes {
    int32_t width;       /* n = k of the GEMMs */
    int32_t heads, keys; /* of attention: heads of a sequence, its length */
    int32_t dim;
    int32_t columns; /* of softmax and rms_norm */
    int32_t image_w, image_h, to_w, to_h;
    int32_t shared_m; /* rows of the GEMM that shares the device */
    double shared_bytes, shared_kv_bytes;
    size_t pool_most; /* bytes of a buffer; 0: as many as are wanted */
};

struct cal_rig {
    const struct cal_device_ops *ops;
    struct cal_device *d;
    const struct cal_device_plan *plan;
    struct sp_arena *arena;
    struct cal_device_info info;
    struct cal_shapes shapes;
    struct cal_stream *streams[2];
    struct cal_event *begin[2], *end[2]; /* one of each stream */
    size_t pool_bytes[CAL_POOLS];        /* of each of the two */
    cal_memory *in32[2], *in16[2], *out[2];
    void *pinned[2], *pageable;
    struct cal_function *clock_probe, *spin;
    cal_memory *clock_out;
    int64_t *clock_pinned;
    double clock_best; /* the fastest seen, 0: none yet */
    double hottest_c;  /* NaN: not known */
};

/* Sizes for a device that multiplies so fast; NaN: as a fast one. */
struct cal_shapes cal_shapes_of(const struct cal_device_plan *plan, double flop_per_s);

/* Streams, events, clock.  *rig is zeroed but for ops, d, plan, arena and info.
 *   SP_EIO  the device refused. */
SP_CHECKED enum sp_status cal_rig_open(struct cal_rig *rig, struct sp_err *err);
void cal_rig_close(struct cal_rig *rig); /* also after a failure */

/* Buffers of `want` bytes or less where there is less memory; filled.  An empty pool is
 * left out, and what needs it can't be measured. */
SP_CHECKED enum sp_status
cal_rig_fill(struct cal_rig *rig, const size_t want[CAL_POOLS], struct sp_err *err);

/* Launches a kernel in stream 0 or 1, over the grid that fits its arguments, which end
 * with kind CAL_ARG_END. */
#define CAL_ARG_END ((enum cal_arg_kind)99)
SP_CHECKED enum sp_status cal_rig_launch(struct cal_rig *rig, const char *function,
                                         int stream, const struct cal_arg *args,
                                         struct sp_err *err);

#define CAL_MEM(m)                                                                     \
    {                                                                                  \
        .kind = CAL_ARG_MEMORY, .of.memory = (m)                                       \
    }
#define CAL_I32(i)                                                                     \
    {                                                                                  \
        .kind = CAL_ARG_I32, .of.i32 = (i)                                             \
    }
#define CAL_I64(i)                                                                     \
    {                                                                                  \
        .kind = CAL_ARG_I64, .of.i64 = (i)                                             \
    }
#define CAL_F32(f)                                                                     \
    {                                                                                  \
        .kind = CAL_ARG_F32, .of.f32 = (f)                                             \
    }

/* A look at the device's clock: something proportional to it, in *clock; NaN where the
 * device has no way to tell. */
SP_CHECKED enum sp_status cal_rig_clock(struct cal_rig *rig, double *clock,
                                        struct sp_err *err);

#endif
