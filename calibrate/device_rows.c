/* The table: sizes, work, launches.  How samples are taken is
 * calibrate/device_sample.c, what results should be calibrate/device_check.c. */
#include "calibrate/device_rows.h"

#include <stdio.h>
#include <string.h>

#define END                                                                            \
    {                                                                                  \
        .kind = CAL_ARG_END                                                            \
    }

/* ---- launches ---- */

static enum sp_status enqueue_empty(struct cal_rig *rig, const struct cal_row *row,
                                    double x, int stream, struct sp_err *err)
{
    const struct cal_arg args[] = {END};

    (void)row, (void)x;
    return cal_rig_launch(rig, "empty", stream, args, err);
}

/* ---- streams of memory; x is the bytes that are read and written ---- */

/* Two read, one written, of `x` / 12 floats. */
static void wants_three(const struct cal_rig *rig, const struct cal_row *row, double x,
                        size_t want[CAL_POOLS])
{
    (void)rig, (void)row;
    want[CAL_POOL_IN32] = want[CAL_POOL_OUT] = (size_t)(x / 3);
}

static enum sp_status enqueue_triad(struct cal_rig *rig, const struct cal_row *row,
                                    double x, int stream, struct sp_err *err)
{
    int64_t n = (int64_t)(x / 12);
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]),
                                   CAL_MEM(rig->in32[0]),
                                   CAL_MEM(rig->in32[1]),
                                   CAL_F32(3),
                                   CAL_I64(n),
                                   END};

    (void)row;
    return cal_rig_launch(rig, "triad", stream, args, err);
}

static enum sp_status enqueue_silu_mul(struct cal_rig *rig, const struct cal_row *row,
                                       double x, int stream, struct sp_err *err)
{
    int64_t n = (int64_t)(x / 12);
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]), CAL_MEM(rig->in32[0]),
                                   CAL_MEM(rig->in32[1]), CAL_I64(n), END};

    (void)row;
    return cal_rig_launch(rig, "silu_mul", stream, args, err);
}

static void about_three(const struct cal_rig *rig, const struct cal_row *row,
                        struct model_work *work, struct model_fact *params, int32_t *n)
{
    (void)rig, (void)row, (void)params;
    *work = (struct model_work){.bytes = 1, .flop = 2.0 / 12};
    *n = 0;
}

/* One read, one written. */
static void wants_two(const struct cal_rig *rig, const struct cal_row *row, double x,
                      size_t want[CAL_POOLS])
{
    (void)row;
    want[CAL_POOL_IN32] = want[CAL_POOL_OUT] =
        (size_t)(x / 2) + (size_t)rig->shapes.columns * 4;
}

static int32_t rows_of(const struct cal_rig *rig, double x)
{
    double rows = x / 8 / rig->shapes.columns;

    return rows < 1 ? 1 : (int32_t)rows;
}

static enum sp_status enqueue_softmax(struct cal_rig *rig, const struct cal_row *row,
                                      double x, int stream, struct sp_err *err)
{
    int32_t rows = rows_of(rig, x);
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]), CAL_MEM(rig->in32[0]),
                                   CAL_I32(rows), CAL_I32(rig->shapes.columns), END};

    (void)row;
    return cal_rig_launch(rig, "softmax", stream, args, err);
}

static enum sp_status enqueue_rms_norm(struct cal_rig *rig, const struct cal_row *row,
                                       double x, int stream, struct sp_err *err)
{
    int32_t rows = rows_of(rig, x);
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]),
                                   CAL_MEM(rig->in32[0]),
                                   CAL_MEM(rig->in32[1]),
                                   CAL_I32(rows),
                                   CAL_I32(rig->shapes.columns),
                                   CAL_F32(1e-5f),
                                   END};

    (void)row;
    return cal_rig_launch(rig, "rms_norm", stream, args, err);
}

static struct model_fact number_fact(const struct cal_rig *rig, const char *name,
                                     int32_t value)
{
    return (struct model_fact){name, sp_arena_printf(rig->arena, "%d", (int)value)};
}

static void about_columns(const struct cal_rig *rig, const struct cal_row *row,
                          struct model_work *work, struct model_fact *params,
                          int32_t *n)
{
    (void)row;
    *work = (struct model_work){.bytes = 1, .flop = 5.0 / 8};
    params[(*n)++] = number_fact(rig, "columns", rig->shapes.columns);
}

/* ---- images ---- */

static double image_bytes(const struct cal_shapes *s)
{
    return 3.0 * s->image_w * s->image_h + 12.0 * s->to_w * s->to_h;
}

static void wants_images(const struct cal_rig *rig, const struct cal_row *row, double x,
                         size_t want[CAL_POOLS])
{
    const struct cal_shapes *s = &rig->shapes;

    (void)row;
    want[CAL_POOL_IN16] = (size_t)(x * 3 * s->image_w * s->image_h);
    want[CAL_POOL_OUT] = (size_t)(x * 12 * s->to_w * s->to_h);
}

static enum sp_status enqueue_resize(struct cal_rig *rig, const struct cal_row *row,
                                     double x, int stream, struct sp_err *err)
{
    const struct cal_shapes *s = &rig->shapes;
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]), CAL_MEM(rig->in16[0]),
                                   CAL_I32((int32_t)x),       CAL_I32(s->image_w),
                                   CAL_I32(s->image_h),       CAL_I32(s->to_w),
                                   CAL_I32(s->to_h),          END};

    (void)row;
    return cal_rig_launch(rig, "resize_normalise", stream, args, err);
}

static void about_images(const struct cal_rig *rig, const struct cal_row *row,
                         struct model_work *work, struct model_fact *params, int32_t *n)
{
    const struct cal_shapes *s = &rig->shapes;

    (void)row;
    *work =
        (struct model_work){.bytes = image_bytes(s), .flop = 36.0 * s->to_w * s->to_h};
    params[(*n)++] = (struct model_fact){
        "from", sp_arena_printf(rig->arena, "%dx%d", (int)s->image_w, (int)s->image_h)};
    params[(*n)++] = (struct model_fact){
        "to", sp_arena_printf(rig->arena, "%dx%d", (int)s->to_w, (int)s->to_h)};
}

/* ---- attention; x is the bytes of keys and values ---- */

static void wants_keys(const struct cal_rig *rig, const struct cal_row *row, double x,
                       size_t want[CAL_POOLS])
{
    (void)row;
    want[CAL_POOL_IN32] = (size_t)(x / 2);
    want[CAL_POOL_OUT] = (size_t)(x / 2 / rig->shapes.keys);
}

enum sp_status cal_enqueue_attention(struct cal_rig *rig, double kv_bytes, int stream,
                                     struct sp_err *err)
{
    const struct cal_shapes *s = &rig->shapes;
    int32_t heads = (int32_t)(kv_bytes / 8 / s->keys / s->dim);
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]),
                                   CAL_MEM(rig->in32[0]),
                                   CAL_MEM(rig->in32[0]),
                                   CAL_MEM(rig->in32[1]),
                                   CAL_I32(heads < 1 ? 1 : heads),
                                   CAL_I32(s->keys),
                                   CAL_I32(s->dim),
                                   END};

    return cal_rig_launch(rig, "attention_decode", stream, args, err);
}

static enum sp_status enqueue_attention(struct cal_rig *rig, const struct cal_row *row,
                                        double x, int stream, struct sp_err *err)
{
    (void)row;
    return cal_enqueue_attention(rig, x, stream, err);
}

static void about_attention(const struct cal_rig *rig, const struct cal_row *row,
                            struct model_work *work, struct model_fact *params,
                            int32_t *n)
{
    *work = (struct model_work){.bytes = 1, .flop = 0.5};
    params[(*n)++] = (struct model_fact){"format", row->format};
    params[(*n)++] = number_fact(rig, "heads_of_sequence", rig->shapes.heads);
    params[(*n)++] = number_fact(rig, "length", rig->shapes.keys);
    params[(*n)++] = number_fact(rig, "dim", rig->shapes.dim);
}

/* ---- matrix products; x is m ---- */

static bool is_f32(const char *format)
{
    return strcmp(format, "f32") == 0;
}

static void wants_matrices(const struct cal_rig *rig, const struct cal_row *row,
                           double x, size_t want[CAL_POOLS])
{
    size_t width = (size_t)rig->shapes.width, m = (size_t)x;
    size_t rows = m > width ? m : width, operand = is_f32(row->format) ? 4 : 2;

    want[operand == 4 ? CAL_POOL_IN32 : CAL_POOL_IN16] = rows * width * operand;
    want[CAL_POOL_OUT] = m * width * 4;
}

static enum sp_status launch_gemm(struct cal_rig *rig, const char *format, int32_t m,
                                  int stream, struct sp_err *err)
{
    int32_t width = rig->shapes.width;
    cal_memory *const *in = is_f32(format) ? rig->in32 : rig->in16;
    const struct cal_arg args[] = {CAL_MEM(rig->out[stream]),
                                   CAL_MEM(in[0]),
                                   CAL_MEM(in[1]),
                                   CAL_I32(m),
                                   CAL_I32(width),
                                   CAL_I32(width),
                                   END};

    return cal_rig_launch(rig,
                          is_f32(format)               ? "gemm_f32"
                          : strcmp(format, "f16") == 0 ? "gemm_f16"
                                                       : "gemm_bf16",
                          stream, args, err);
}

static enum sp_status enqueue_gemm(struct cal_rig *rig, const struct cal_row *row,
                                   double x, int stream, struct sp_err *err)
{
    return launch_gemm(rig, row->format, (int32_t)x, stream, err);
}

static enum sp_status enqueue_library(struct cal_rig *rig, const struct cal_row *row,
                                      double x, int stream, struct sp_err *err)
{
    return rig->ops->gemm(rig->streams[stream], row->format, rig->out[stream],
                          rig->in16[0], rig->in16[1], (int32_t)x, rig->shapes.width,
                          rig->shapes.width, err);
}

/* The format of the GEMM that shares the device. */
static const char *shared_format(const struct cal_rig *rig)
{
    if (rig->in16[0] == NULL)
        return "f32";
    if (rig->info.gemm != NULL || rig->ops->function(rig->d, "gemm_bf16", NULL) != NULL)
        return "bf16";
    return rig->ops->function(rig->d, "gemm_f16", NULL) != NULL ? "f16" : "f32";
}

enum sp_status cal_enqueue_gemm(struct cal_rig *rig, double m, int stream,
                                struct sp_err *err)
{
    const char *format = shared_format(rig);

    if (rig->info.gemm != NULL && !is_f32(format))
        return rig->ops->gemm(rig->streams[stream], format, rig->out[stream],
                              rig->in16[0], rig->in16[1], (int32_t)m, rig->shapes.width,
                              rig->shapes.width, err);
    return launch_gemm(rig, format, (int32_t)m, stream, err);
}

static enum sp_status enqueue_any_gemm(struct cal_rig *rig, const struct cal_row *row,
                                       double x, int stream, struct sp_err *err)
{
    (void)row, (void)x;
    return cal_enqueue_gemm(rig, rig->shapes.shared_m, stream, err);
}

static struct model_work gemm_work(const struct cal_rig *rig, const char *format)
{
    double width = rig->shapes.width, operand = is_f32(format) ? 4 : 2;

    return (struct model_work){.flop = 2 * width * width,
                               .bytes_fixed = width * width * operand,
                               .bytes = width * (operand + 4)};
}

/* Our own kernels multiply and add in float on the plain cores, whatever is stored. */
static const struct model_fact plain_cores = {MODEL_TRANSFER_RATE, "fp32"};

static void about_gemm(const struct cal_rig *rig, const struct cal_row *row,
                       struct model_work *work, struct model_fact *params, int32_t *n)
{
    *work = gemm_work(rig, row->format);
    params[(*n)++] = (struct model_fact){"format", row->format};
    if (!row->library)
        params[(*n)++] = plain_cores;
    params[(*n)++] = number_fact(rig, "n", rig->shapes.width);
    params[(*n)++] = number_fact(rig, "k", rig->shapes.width);
}

/* x = 1 stands for one GEMM of shared_m rows. */
static void about_one_gemm(const struct cal_rig *rig, const struct cal_row *row,
                           struct model_work *work, struct model_fact *params,
                           int32_t *n)
{
    const char *format = shared_format(rig);
    struct model_work of_row = gemm_work(rig, format);
    double m = rig->shapes.shared_m;

    (void)row;
    *work = (struct model_work){.flop = of_row.flop * m,
                                .bytes = of_row.bytes_fixed + of_row.bytes * m};
    params[(*n)++] = (struct model_fact){"format", format};
    if (rig->info.gemm == NULL || is_f32(format))
        params[(*n)++] = plain_cores;
    params[(*n)++] = number_fact(rig, "m", rig->shapes.shared_m);
    params[(*n)++] = number_fact(rig, "n", rig->shapes.width);
    params[(*n)++] = number_fact(rig, "k", rig->shapes.width);
}

static void about_one_attention(const struct cal_rig *rig, const struct cal_row *row,
                                struct model_work *work, struct model_fact *params,
                                int32_t *n)
{
    (void)row;
    *work = (struct model_work){.bytes = rig->shapes.shared_kv_bytes,
                                .flop = rig->shapes.shared_kv_bytes / 2};
    params[(*n)++] = (struct model_fact){"format", "f32"};
    params[(*n)++] = (struct model_fact){
        "kv_bytes", sp_arena_printf(rig->arena, "%.0f", rig->shapes.shared_kv_bytes)};
}

static void wants_shared(const struct cal_rig *rig, const struct cal_row *row, double x,
                         size_t want[CAL_POOLS])
{
    const struct cal_row gemm = {.format = shared_format(rig)};
    size_t keys = (size_t)(rig->shapes.shared_kv_bytes / 2);

    (void)row, (void)x;
    wants_matrices(rig, &gemm, rig->shapes.shared_m, want);
    if (want[CAL_POOL_IN32] < keys)
        want[CAL_POOL_IN32] = keys;
}

/* ---- copies ---- */

static void wants_pinned(const struct cal_rig *rig, const struct cal_row *row, double x,
                         size_t want[CAL_POOLS])
{
    (void)rig, (void)row;
    want[CAL_POOL_PINNED] = want[CAL_POOL_OUT] = (size_t)x;
}

static void wants_pageable(const struct cal_rig *rig, const struct cal_row *row,
                           double x, size_t want[CAL_POOLS])
{
    (void)rig, (void)row;
    want[CAL_POOL_PAGEABLE] = want[CAL_POOL_OUT] = (size_t)x;
}

static void wants_overlap(const struct cal_rig *rig, const struct cal_row *row,
                          double x, size_t want[CAL_POOLS])
{
    wants_shared(rig, row, x, want);
    want[CAL_POOL_PINNED] = (size_t)x;
    if (want[CAL_POOL_OUT] < (size_t)x)
        want[CAL_POOL_OUT] = (size_t)x;
}

static enum sp_status enqueue_up(struct cal_rig *rig, const struct cal_row *row,
                                 double x, int stream, struct sp_err *err)
{
    (void)row;
    return rig->ops->to_device(rig->streams[stream], rig->out[stream],
                               rig->pinned[stream], (size_t)x, err);
}

static enum sp_status enqueue_down(struct cal_rig *rig, const struct cal_row *row,
                                   double x, int stream, struct sp_err *err)
{
    (void)row;
    return rig->ops->to_host(rig->streams[stream], rig->pinned[stream],
                             rig->out[stream], (size_t)x, err);
}

static enum sp_status enqueue_up_pageable(struct cal_rig *rig,
                                          const struct cal_row *row, double x,
                                          int stream, struct sp_err *err)
{
    (void)row;
    return rig->ops->to_device(rig->streams[stream], rig->out[stream], rig->pageable,
                               (size_t)x, err);
}

static enum sp_status enqueue_down_pageable(struct cal_rig *rig,
                                            const struct cal_row *row, double x,
                                            int stream, struct sp_err *err)
{
    (void)row;
    return rig->ops->to_host(rig->streams[stream], rig->pageable, rig->out[stream],
                             (size_t)x, err);
}

static void about_copy(const struct cal_rig *rig, const struct cal_row *row,
                       struct model_work *work, struct model_fact *params, int32_t *n)
{
    (void)rig;
    *work = (struct model_work){.bytes = 1};
    params[(*n)++] = (struct model_fact){
        "memory", strstr(row->name, "pageable") != NULL ? "pageable" : "pinned"};
}

/* ---- the table ---- */

#define KIB      1024.0
#define MIB      (1024.0 * KIB)
#define ONE      .n = 1, .x = {1}, .quick = 1, .n_small = 1, .small = {1}
#define ONE_CALL .item = "one kernel launch", .axis = "", .bound = MODEL_BOUND_LATENCY
#define STREAM                                                                         \
    .axis = "bytes", .bound = MODEL_BOUND_MEMORY, .group = CAL_GROUP_MEMORY, .n = 7,   \
    .x = {48 * KIB, 384 * KIB, 3 * MIB, 12 * MIB, 48 * MIB, 192 * MIB, 768 * MIB},     \
    .quick = 0x6d, .n_small = 3, .small = {6 * KIB, 384 * KIB, 1 * MIB}
#define MATRIX                                                                         \
    .item = "one row of the left matrix", .axis = "rows",                              \
    .bound = MODEL_BOUND_ROOFLINE, .group = CAL_GROUP_COMPUTE, .n = 8,                 \
    .x = {1, 16, 64, 256, 1024, 2048, 4096, 8192}, .quick = 0x5d, .n_small = 3,        \
    .small = {1, 32, 96}, .wants = wants_matrices, .about = about_gemm
#define COPY                                                                           \
    .axis = "bytes", .bound = MODEL_BOUND_LINK, .group = CAL_GROUP_LINK, .n = 7,       \
    .x = {4 * KIB, 64 * KIB, 512 * KIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB},       \
    .quick = 0x2b, .n_small = 3, .small = {4 * KIB, 64 * KIB, 256 * KIB},              \
    .about = about_copy, .check = cal_check_copies
#define SHARED                                                                         \
    .axis = "", .group = CAL_GROUP_SHARED, ONE, .aside = "slow_down",                  \
    .wants = wants_shared, .sample = cal_sample_shared

// clang-format off
const struct cal_row cal_rows[] = {
    {.name = "launch_enqueue", ONE_CALL, .group = CAL_GROUP_LAUNCH, ONE,
     .needs = {"empty"}, .enqueue = enqueue_empty, .sample = cal_sample_enqueue},
    {.name = "launch", ONE_CALL, .group = CAL_GROUP_LAUNCH, ONE, .needs = {"empty"},
     .enqueue = enqueue_empty},
    {.name = "launch_and_wait", ONE_CALL, .group = CAL_GROUP_LAUNCH, ONE,
     .needs = {"empty"}, .enqueue = enqueue_empty, .sample = cal_sample_host},

    {.name = "triad", .item = "one byte of a = b + q c, read or written", STREAM,
     .needs = {"triad"}, .wants = wants_three, .about = about_three,
     .enqueue = enqueue_triad, .check = cal_check_triad},
    {.name = "silu_mul", .item = "one byte of y = silu(g) u, read or written", STREAM,
     .needs = {"silu_mul"}, .wants = wants_three, .about = about_three,
     .enqueue = enqueue_silu_mul, .check = cal_check_silu_mul},
    {.name = "softmax", .item = "one byte of rows, read or written", STREAM,
     .needs = {"softmax"}, .wants = wants_two, .about = about_columns,
     .enqueue = enqueue_softmax, .check = cal_check_softmax},
    {.name = "rms_norm", .item = "one byte of rows, read or written", STREAM,
     .needs = {"rms_norm"}, .wants = wants_two, .about = about_columns,
     .enqueue = enqueue_rms_norm, .check = cal_check_rms_norm},
    {.name = "resize_normalise", .item = "one image", .axis = "images",
     .bound = MODEL_BOUND_MEMORY, .group = CAL_GROUP_MEMORY, .n = 5,
     .x = {1, 4, 16, 64, 256}, .quick = 0x0d, .n_small = 2, .small = {1, 4},
     .needs = {"resize_normalise"}, .wants = wants_images, .about = about_images,
     .enqueue = enqueue_resize, .check = cal_check_resize},
    {.name = "attention_decode", .item = "one byte of keys and values read",
     .axis = "bytes", .bound = MODEL_BOUND_MEMORY, .group = CAL_GROUP_MEMORY,
     .format = "f32", .n = 6,
     .x = {1 * MIB, 8 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 512 * MIB}, .quick = 0x2d,
     .n_small = 2, .small = {32 * KIB, 512 * KIB}, .needs = {"attention_decode"},
     .wants = wants_keys, .about = about_attention, .enqueue = enqueue_attention,
     .check = cal_check_attention},

    {.name = "gemm_f32", .format = "f32", MATRIX, .needs = {"gemm_f32"},
     .enqueue = enqueue_gemm, .check = cal_check_gemm},
    {.name = "gemm_f16", .format = "f16", MATRIX, .needs = {"gemm_f16"},
     .enqueue = enqueue_gemm, .check = cal_check_gemm},
    {.name = "gemm_bf16", .format = "bf16", MATRIX, .needs = {"gemm_bf16"},
     .enqueue = enqueue_gemm, .check = cal_check_gemm},
    {.name = "cublaslt_f16", .format = "f16", MATRIX, .library = true,
     .enqueue = enqueue_library, .check = cal_check_gemm},
    {.name = "cublaslt_bf16", .format = "bf16", MATRIX, .library = true,
     .enqueue = enqueue_library, .check = cal_check_gemm},

    {.name = "copy_to_device", .item = "one byte copied", COPY, .wants = wants_pinned,
     .enqueue = enqueue_up},
    {.name = "copy_to_host", .item = "one byte copied", COPY, .wants = wants_pinned,
     .enqueue = enqueue_down},
    {.name = "copy_to_device_pageable", .item = "one byte copied", COPY,
     .wants = wants_pageable, .enqueue = enqueue_up_pageable,
     .sample = cal_sample_host},
    {.name = "copy_to_host_pageable", .item = "one byte copied", COPY,
     .wants = wants_pageable, .enqueue = enqueue_down_pageable,
     .sample = cal_sample_host},
    {.name = "copy_both_ways", .item = "one byte copied each way", COPY,
     .wants = wants_pinned, .sample = cal_sample_duplex, .aside = "duplex_factor"},

    {.name = "copy_beside_gemm", .item = "one byte copied while GEMMs run",
     .axis = "bytes", .bound = MODEL_BOUND_LINK, .group = CAL_GROUP_SHARED, .n = 1,
     .x = {16 * MIB}, .quick = 1, .n_small = 1, .small = {64 * KIB},
     .needs = {"gemm_f32"}, .aside = "overlap", .wants = wants_overlap,
     .about = about_copy, .sample = cal_sample_overlap},
    {.name = "share_gemm_gemm", .item = "one GEMM beside GEMMs",
     .bound = MODEL_BOUND_ROOFLINE, SHARED, .needs = {"gemm_f32"},
     .about = about_one_gemm},
    {.name = "share_gemm_attention", .item = "one GEMM beside decode attention",
     .bound = MODEL_BOUND_ROOFLINE, SHARED, .needs = {"gemm_f32", "attention_decode"},
     .about = about_one_gemm},
    {.name = "share_attention_gemm", .item = "one decode attention beside GEMMs",
     .bound = MODEL_BOUND_MEMORY, SHARED, .needs = {"gemm_f32", "attention_decode"},
     .about = about_one_attention},
    {.name = "share_attention_attention",
     .item = "one decode attention beside another", .bound = MODEL_BOUND_MEMORY, SHARED,
     .needs = {"attention_decode"}, .about = about_one_attention},
    {.name = "gemm_sustained", .item = "one GEMM of many in a row", .axis = "",
     .bound = MODEL_BOUND_ROOFLINE, .group = CAL_GROUP_SHARED, ONE,
     .needs = {"gemm_f32"}, .sustained = true, .aside = "burst_time", .wants = wants_shared,
     .about = about_one_gemm, .enqueue = enqueue_any_gemm},
};
// clang-format on
const int32_t cal_n_rows = sizeof cal_rows / sizeof cal_rows[0];

const struct cal_row *cal_row_find(const char *name)
{
    for (int32_t i = 0; i < cal_n_rows; i++)
        if (strcmp(cal_rows[i].name, name) == 0)
            return &cal_rows[i];
    return NULL;
}
