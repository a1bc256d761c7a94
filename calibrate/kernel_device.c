/* A stage on the device, for validate: an image goes to the first device there is, is
 * resized and normalised there, and comes back, while the host's thread waits.
 *
 * It is no kernel of a calibration: there the device's kernels and copies are measured
 * one by one, by the worker.  This one runs in the process that validates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/device_kernels.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"
#include "calibrate/validate.h"

enum { WIDE = 640, HIGH = 480, SIDE = 224, CHANNELS = 3 };
enum { IN_BYTES = WIDE * HIGH * CHANNELS, OUT_FLOATS = SIDE * SIDE * CHANNELS };

struct cal_state {
    struct sp_arena *arena;
    const struct cal_device_ops *ops;
    struct cal_device *device;
    struct cal_stream *stream;
    struct cal_function *resize;
    cal_memory *in, *out;
    unsigned char *image; /* pinned */
    float *result;        /* pinned */
    int32_t units;
};

/* The first backend that has a device. */
static enum sp_status find_device(struct cal_state *s, struct sp_err *err)
{
    const char *why = "", *last = "";

    for (int32_t i = 0; cal_backends[i] != NULL; i++) {
        enum cal_device_state is = cal_backends[i]->open(s->arena, &s->device, &why);

        if (is == CAL_DEVICE_OK) {
            s->ops = cal_backends[i];
            return SP_OK;
        }
        last = sp_arena_printf(s->arena, "%s%s%s: %s", last, i > 0 ? "; " : "",
                               cal_backends[i]->name, cal_device_state_name(is));
    }
    return sp_fail(err, SP_EIO, "no device: %s", last);
}

static enum sp_status make_ready(struct cal_state *s, struct sp_err *err)
{
    const struct cal_device_ops *ops = s->ops;
    struct cal_device_info info;

    if (ops->select(s->device, 0, &info, err) != SP_OK)
        return SP_EIO;
    s->units = info.units;
    s->stream = ops->stream_new(s->device, err);
    s->resize = ops->function(s->device, "resize_normalise", err);
    s->in = ops->alloc(s->device, IN_BYTES, err);
    s->out = ops->alloc(s->device, OUT_FLOATS * sizeof(float), err);
    s->image = ops->host_alloc(s->device, IN_BYTES, err);
    s->result = ops->host_alloc(s->device, OUT_FLOATS * sizeof(float), err);
    return s->stream != NULL && s->resize != NULL && s->in != NULL && s->out != NULL &&
                   s->image != NULL && s->result != NULL
               ? SP_OK
               : SP_EIO;
}

static void device_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    if (s->device != NULL) {
        s->ops->stream_free(s->device, s->stream);
        s->ops->free(s->device, s->in);
        s->ops->free(s->device, s->out);
        s->ops->host_free(s->device, s->image);
        s->ops->host_free(s->device, s->result);
        s->ops->close(s->device);
    }
    sp_arena_free(s->arena);
    free(s);
}

/* Every channel has one value all over: 60, 120, 180. */
static unsigned char value_of(int channel)
{
    return (unsigned char)(60 * (channel + 1));
}

static enum sp_status device_open(const struct cal_kernel *kernel, double x,
                                  uint64_t seed, struct cal_state **state,
                                  struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);

    (void)kernel, (void)x, (void)seed;
    s->arena = sp_arena_new();
    if (find_device(s, err) != SP_OK || make_ready(s, err) != SP_OK) {
        device_close(s);
        return SP_EIO;
    }
    for (int32_t i = 0; i < IN_BYTES; i++)
        s->image[i] = value_of(i % CHANNELS);
    *state = s;
    return SP_OK;
}

static enum sp_status step(struct cal_state *s, struct sp_err *err)
{
    const struct cal_arg args[] = {
        {CAL_ARG_MEMORY, {.memory = s->out}},
        {CAL_ARG_MEMORY, {.memory = s->in}},
        {CAL_ARG_I32, {.i32 = 1}},
        {CAL_ARG_I32, {.i32 = WIDE}},
        {CAL_ARG_I32, {.i32 = HIGH}},
        {CAL_ARG_I32, {.i32 = SIDE}},
        {CAL_ARG_I32, {.i32 = SIDE}},
    };
    const struct cal_grid grid =
        cal_device_grid(cal_device_kernel_find("resize_normalise"), args, s->units);
    const struct cal_device_ops *ops = s->ops;

    if (ops->enter != NULL && ops->enter(s->device, err) != SP_OK)
        return SP_EIO;
    if (ops->to_device(s->stream, s->in, s->image, IN_BYTES, err) != SP_OK ||
        ops->launch(s->stream, s->resize, &grid, args, sizeof args / sizeof args[0],
                    err) != SP_OK ||
        ops->to_host(s->stream, s->result, s->out, OUT_FLOATS * sizeof(float), err) !=
            SP_OK)
        return SP_EIO;
    return ops->finish(s->stream, err);
}

/* A device that fails in the middle leaves nothing to go on with. */
static void device_run(struct cal_state *s, int64_t call)
{
    struct sp_err err = {0};

    (void)call;
    if (step(s, &err) != SP_OK)
        sp_bug(__FILE__, __LINE__, "the device failed: %s", err.text);
}

/* A picture of one colour stays one, whatever its size. */
static enum sp_status device_check(struct cal_state *s, struct sp_err *err)
{
    static const double mean[] = {0.485, 0.456, 0.406}, sd[] = {0.229, 0.224, 0.225};

    if (step(s, err) != SP_OK)
        return SP_EIO;
    for (int32_t i = 0; i < OUT_FLOATS; i++) {
        int c = i / (SIDE * SIDE);
        double want = (value_of(c) / 255.0 - mean[c]) / sd[c];

        if (!(fabs((double)s->result[i] - want) < 1e-5))
            return sp_fail(err, SP_EIO, "device_resize: found %g, expected %g",
                           (double)s->result[i], want);
    }
    return SP_OK;
}

static int32_t device_items(const struct cal_state *s)
{
    (void)s;
    return 1;
}

static uint64_t device_digest(const struct cal_state *s)
{
    return (uint64_t)(int64_t)(s->result[0] * 1e6f);
}

static void device_damage(struct cal_state *s)
{
    s->image[IN_BYTES / 2] ^= 0xff;
}

const struct cal_kernel cal_kernel_device_resize = {
    .name = "device_resize",
    .item = "one image of 640 x 480 to the device, 224 x 224 floats back",
    .axis = "",
    .help = "preprocessing on the device",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_LINK,
    .threads = 1,
    .n_points = 1,
    .x = {1},
    .open = device_open,
    .close = device_close,
    .items = device_items,
    .run = device_run,
    .check = device_check,
    .digest = device_digest,
    .damage = device_damage,
};

const struct cal_part *cal_stage_parts(const char *kernel)
{
    static const struct cal_part parts[] = {
        {"copy_to_device", IN_BYTES},
        {"resize_normalise", 1},
        {"copy_to_host", OUT_FLOATS * sizeof(float)},
        {"launch_and_wait", 1},
        {NULL, 0},
    };

    return strcmp(kernel, cal_kernel_device_resize.name) == 0 ? parts : NULL;
}
