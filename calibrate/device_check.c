/* Results of device kernels against references in double, at sizes that are no multiple
 * of anything.  Inputs are small whole numbers over 64: exact in half and bfloat16. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "calibrate/device_rows.h"

enum { HELD_MAX = 6 };
#define END                                                                            \
    {                                                                                  \
        .kind = CAL_ARG_END                                                            \
    }

/* Host's and device's buffers of one check. */
struct bench {
    struct cal_rig *rig;
    cal_memory *memory[HELD_MAX];
    void *host[HELD_MAX];
    int n_memory, n_host;
    struct sp_rng rng;
};

static struct bench bench_of(struct cal_rig *rig)
{
    return (struct bench){.rig = rig, .rng = sp_rng_from_key(rig->plan->seed)};
}

static void bench_free(struct bench *b)
{
    (void)b->rig->ops->finish(b->rig->streams[0], NULL); /* copies may be under way */
    for (int i = 0; i < b->n_memory; i++)
        b->rig->ops->free(b->rig->d, b->memory[i]);
    for (int i = 0; i < b->n_host; i++)
        free(b->host[i]);
}

static void *host(struct bench *b, size_t bytes)
{
    sp_assert(b->n_host < HELD_MAX);
    return b->host[b->n_host++] = sp_xcalloc(1, bytes);
}

static cal_memory *device(struct bench *b, size_t bytes, struct sp_err *err)
{
    cal_memory *memory = b->rig->ops->alloc(b->rig->d, bytes, err);

    sp_assert(b->n_memory < HELD_MAX);
    if (memory != NULL)
        b->memory[b->n_memory++] = memory;
    return memory;
}

static cal_memory *sent(struct bench *b, const void *from, size_t bytes,
                        struct sp_err *err)
{
    cal_memory *memory = device(b, bytes, err);

    if (memory == NULL ||
        b->rig->ops->to_device(b->rig->streams[0], memory, from, bytes, err) != SP_OK)
        return NULL;
    return memory;
}

/* In -2 .. 2, in steps of 1/64 and never so many bits that bfloat16 rounds. */
static float small_number(struct bench *b)
{
    return (float)((int)(sp_rng_next(&b->rng) % 257) - 128) / 64.0f;
}

static float *numbers(struct bench *b, int n)
{
    float *x = host(b, (size_t)n * sizeof *x);

    for (int i = 0; i < n; i++)
        x[i] = small_number(b);
    return x;
}

static enum sp_status received(struct bench *b, void *to, cal_memory *from,
                               size_t bytes, struct sp_err *err)
{
    if (b->rig->ops->to_host(b->rig->streams[0], to, from, bytes, err) != SP_OK)
        return SP_EIO;
    return b->rig->ops->finish(b->rig->streams[0], err);
}

/* Element i against `expected`, within `within` absolute. */
static enum sp_status compare(const struct cal_row *row, int i, double found,
                              double expected, double within, struct sp_err *err)
{
    if (fabs(found - expected) <= within)
        return SP_OK;
    return sp_fail(err, SP_EINPUT,
                   "wrong result: element %d of %s is %g, expected %g within %.1g", i,
                   row->name, found, expected, within);
}

/* Runs a kernel of n inputs and one output of `out` floats; reads it. */
struct run {
    const char *function;
    const struct cal_arg *args; /* args[0] is the output */
    int n_out;
};

static enum sp_status run(struct bench *b, const struct run *r, float *out,
                          struct sp_err *err)
{
    if (cal_rig_launch(b->rig, r->function, 0, r->args, err) != SP_OK)
        return SP_EIO;
    return received(b, out, r->args[0].of.memory, (size_t)r->n_out * sizeof *out, err);
}

/* ---- element by element ---- */

enum { ELEMENTS = 1009 };

static enum sp_status check_elements(struct cal_rig *rig, const struct cal_row *row,
                                     bool triad, struct sp_err *err)
{
    struct bench b = bench_of(rig);
    float *x = numbers(&b, ELEMENTS), *z = numbers(&b, ELEMENTS);
    float *y = host(&b, sizeof *y * ELEMENTS);
    cal_memory *dy = device(&b, sizeof *y * ELEMENTS, err);
    cal_memory *dx = sent(&b, x, sizeof *y * ELEMENTS, err);
    cal_memory *dz = sent(&b, z, sizeof *y * ELEMENTS, err);
    const struct cal_arg of_triad[] = {CAL_MEM(dy), CAL_MEM(dx),       CAL_MEM(dz),
                                       CAL_F32(3),  CAL_I64(ELEMENTS), END};
    const struct cal_arg of_silu[] = {CAL_MEM(dy), CAL_MEM(dx), CAL_MEM(dz),
                                      CAL_I64(ELEMENTS), END};
    const struct run r = {row->name, triad ? of_triad : of_silu, ELEMENTS};
    enum sp_status status = SP_EIO;

    if (dy != NULL && dx != NULL && dz != NULL)
        status = run(&b, &r, y, err);
    for (int i = 0; i < ELEMENTS && status == SP_OK; i++) {
        double expected = triad ? x[i] + 3.0 * z[i] : x[i] / (1 + exp(-x[i])) * z[i];

        status = compare(row, i, y[i], expected, 1e-5 * (1 + fabs(expected)), err);
    }
    bench_free(&b);
    return status;
}

enum sp_status cal_check_triad(struct cal_rig *rig, const struct cal_row *row,
                               struct sp_err *err)
{
    return check_elements(rig, row, true, err);
}

enum sp_status cal_check_silu_mul(struct cal_rig *rig, const struct cal_row *row,
                                  struct sp_err *err)
{
    return check_elements(rig, row, false, err);
}

/* ---- rows ---- */

enum { ROWS = 3, COLUMNS = 301 };

static double softmax_at(const float *row, int column)
{
    double sum = 0;

    for (int i = 0; i < COLUMNS; i++)
        sum += exp(row[i]);
    return exp(row[column]) / sum;
}

static double rms_norm_at(const float *row, const float *g, int column)
{
    double sum = 0;

    for (int i = 0; i < COLUMNS; i++)
        sum += (double)row[i] * row[i];
    return row[column] / sqrt(sum / COLUMNS + 1e-5) * g[column];
}

static enum sp_status check_rows(struct cal_rig *rig, const struct cal_row *row,
                                 bool softmax, struct sp_err *err)
{
    enum { N = ROWS * COLUMNS };
    struct bench b = bench_of(rig);
    float *x = numbers(&b, N), *g = numbers(&b, COLUMNS), *y = host(&b, N * sizeof *y);
    cal_memory *dy = device(&b, N * sizeof *y, err),
               *dx = sent(&b, x, N * sizeof *x, err),
               *dg = sent(&b, g, COLUMNS * sizeof *g, err);
    const struct cal_arg of_softmax[] = {CAL_MEM(dy), CAL_MEM(dx), CAL_I32(ROWS),
                                         CAL_I32(COLUMNS), END};
    const struct cal_arg of_norm[] = {
        CAL_MEM(dy),      CAL_MEM(dx),    CAL_MEM(dg), CAL_I32(ROWS),
        CAL_I32(COLUMNS), CAL_F32(1e-5f), END};
    const struct run r = {row->name, softmax ? of_softmax : of_norm, N};
    enum sp_status status = SP_EIO;

    if (dy != NULL && dx != NULL && dg != NULL)
        status = run(&b, &r, y, err);
    for (int i = 0; i < N && status == SP_OK; i++) {
        const float *from = x + i / COLUMNS * COLUMNS;
        double expected =
            softmax ? softmax_at(from, i % COLUMNS) : rms_norm_at(from, g, i % COLUMNS);

        status = compare(row, i, y[i], expected, 1e-5 * (0.01 + fabs(expected)), err);
    }
    bench_free(&b);
    return status;
}

enum sp_status cal_check_softmax(struct cal_rig *rig, const struct cal_row *row,
                                 struct sp_err *err)
{
    return check_rows(rig, row, true, err);
}

enum sp_status cal_check_rms_norm(struct cal_rig *rig, const struct cal_row *row,
                                  struct sp_err *err)
{
    return check_rows(rig, row, false, err);
}

/* ---- attention ---- */

enum { HEADS = 3, LENGTH = 71, DIM = 64 };

/* Two passes: all scores, then the weighted sum of one element. */
static double attention_at(const float *q, const float *k, const float *v, int element)
{
    double sum = 0, total = 0;

    for (int j = 0; j < LENGTH; j++) {
        double score = 0;

        for (int i = 0; i < DIM; i++)
            score += (double)q[i] * k[j * DIM + i];
        score = exp(score / sqrt(DIM));
        total += score;
        sum += score * v[j * DIM + element];
    }
    return sum / total;
}

enum sp_status cal_check_attention(struct cal_rig *rig, const struct cal_row *row,
                                   struct sp_err *err)
{
    enum { KEYS = HEADS * LENGTH * DIM, N = HEADS * DIM };
    struct bench b = bench_of(rig);
    float *q = numbers(&b, N), *k = numbers(&b, KEYS), *v = numbers(&b, KEYS);
    float *o = host(&b, N * sizeof *o);
    cal_memory *d_o = device(&b, N * sizeof *o, err),
               *dq = sent(&b, q, N * sizeof *q, err),
               *dk = sent(&b, k, KEYS * sizeof *k, err),
               *dv = sent(&b, v, KEYS * sizeof *v, err);
    const struct cal_arg args[] = {
        CAL_MEM(d_o),   CAL_MEM(dq),     CAL_MEM(dk),  CAL_MEM(dv),
        CAL_I32(HEADS), CAL_I32(LENGTH), CAL_I32(DIM), END};
    const struct run r = {row->name, args, N};
    enum sp_status status = SP_EIO;

    if (d_o != NULL && dq != NULL && dk != NULL && dv != NULL)
        status = run(&b, &r, o, err);
    for (int i = 0; i < N && status == SP_OK; i++) {
        int head = i / DIM;

        status = compare(row, i, o[i],
                         attention_at(q + head * DIM, k + head * LENGTH * DIM,
                                      v + head * LENGTH * DIM, i % DIM),
                         1e-4, err);
    }
    bench_free(&b);
    return status;
}

/* ---- matrix products ---- */

enum { M = 37, N_COLUMNS = 83, K = 41 };

/* A float of few bits as half or bfloat16. */
static uint16_t as_half(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7fffffff) == 0)
        return 0;
    return (uint16_t)((bits >> 16 & 0x8000) | ((bits >> 13 & 0x3ffff) - (112 << 10)));
}

static uint16_t as_bf16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)(bits >> 16);
}

/* The matrix on the device, in the row's format. */
static cal_memory *matrix(struct bench *b, const struct cal_row *row, const float *x,
                          int n, struct sp_err *err)
{
    bool half = strcmp(row->format, "f16") == 0;
    uint16_t *narrow;

    if (strcmp(row->format, "f32") == 0)
        return sent(b, x, (size_t)n * sizeof *x, err);
    narrow = host(b, (size_t)n * sizeof *narrow);
    for (int i = 0; i < n; i++)
        narrow[i] = half ? as_half(x[i]) : as_bf16(x[i]);
    return sent(b, narrow, (size_t)n * sizeof *narrow, err);
}

static enum sp_status multiply(struct bench *b, const struct cal_row *row,
                               cal_memory *c, cal_memory *a, cal_memory *with,
                               float *out, struct sp_err *err)
{
    enum { N_OUT = M * N_COLUMNS };
    struct cal_rig *rig = b->rig;
    const struct cal_arg args[] = {CAL_MEM(c), CAL_MEM(a),         CAL_MEM(with),
                                   CAL_I32(M), CAL_I32(N_COLUMNS), CAL_I32(K),
                                   END};
    const struct run r = {row->name, args, N_OUT};

    if (!row->library)
        return run(b, &r, out, err);
    if (rig->ops->gemm(rig->streams[0], row->format, c, a, with, M, N_COLUMNS, K,
                       err) != SP_OK)
        return SP_EIO;
    return received(b, out, c, N_OUT * sizeof *out, err);
}

enum sp_status cal_check_gemm(struct cal_rig *rig, const struct cal_row *row,
                              struct sp_err *err)
{
    enum { N_OUT = M * N_COLUMNS };
    struct bench b = bench_of(rig);
    float *x = numbers(&b, M * K), *y = numbers(&b, K * N_COLUMNS);
    float *out = host(&b, N_OUT * sizeof *out);
    cal_memory *c = device(&b, N_OUT * sizeof *out, err),
               *a = matrix(&b, row, x, M * K, err),
               *with = matrix(&b, row, y, K * N_COLUMNS, err);
    enum sp_status status = SP_EIO;

    if (c != NULL && a != NULL && with != NULL)
        status = multiply(&b, row, c, a, with, out, err);
    for (int i = 0; i < N_OUT && status == SP_OK; i++) {
        double expected = 0;

        for (int k = 0; k < K; k++)
            expected +=
                (double)x[i / N_COLUMNS * K + k] * y[k * N_COLUMNS + i % N_COLUMNS];
        status = compare(row, i, out[i], expected, 1e-3, err);
    }
    bench_free(&b);
    return status;
}

/* ---- images ---- */

enum { IMAGES = 2, FROM_W = 23, FROM_H = 17, TO_W = 9, TO_H = 11 };

static double pixel(const unsigned char *image, int x, int y, int c)
{
    x = x < 0 ? 0 : x >= FROM_W ? FROM_W - 1 : x;
    y = y < 0 ? 0 : y >= FROM_H ? FROM_H - 1 : y;
    return image[(y * FROM_W + x) * 3 + c];
}

static double resized_at(const unsigned char *image, int c, int ox, int oy)
{
    static const double mean[] = {0.485, 0.456, 0.406}, sd[] = {0.229, 0.224, 0.225};
    double fx = (ox + 0.5) * FROM_W / TO_W - 0.5, fy = (oy + 0.5) * FROM_H / TO_H - 0.5;
    int x = (int)floor(fx), y = (int)floor(fy);
    double v;

    fx -= x;
    fy -= y;
    v = (1 - fx) * (1 - fy) * pixel(image, x, y, c) +
        fx * (1 - fy) * pixel(image, x + 1, y, c) +
        (1 - fx) * fy * pixel(image, x, y + 1, c) +
        fx * fy * pixel(image, x + 1, y + 1, c);
    return (v / 255 - mean[c]) / sd[c];
}

enum sp_status cal_check_resize(struct cal_rig *rig, const struct cal_row *row,
                                struct sp_err *err)
{
    enum { PLANE = TO_W * TO_H, N = IMAGES * 3 * PLANE, FROM = 3 * FROM_W * FROM_H };
    struct bench b = bench_of(rig);
    unsigned char *x = host(&b, IMAGES * FROM);
    float *y = host(&b, N * sizeof *y);
    cal_memory *dy = device(&b, N * sizeof *y, err), *dx;
    enum sp_status status = SP_EIO;

    for (int i = 0; i < IMAGES * FROM; i++)
        x[i] = (unsigned char)(sp_rng_next(&b.rng) >> 56);
    dx = sent(&b, x, IMAGES * FROM, err);
    if (dy != NULL && dx != NULL) {
        const struct cal_arg args[] = {
            CAL_MEM(dy),     CAL_MEM(dx),   CAL_I32(IMAGES), CAL_I32(FROM_W),
            CAL_I32(FROM_H), CAL_I32(TO_W), CAL_I32(TO_H),   END};
        const struct run r = {row->name, args, N};

        status = run(&b, &r, y, err);
    }
    for (int i = 0; i < N && status == SP_OK; i++)
        status = compare(row, i, y[i],
                         resized_at(x + i / (3 * PLANE) * FROM, i / PLANE % 3, i % TO_W,
                                    i % PLANE / TO_W),
                         1e-4, err);
    bench_free(&b);
    return status;
}

/* ---- copies ---- */

enum sp_status cal_check_copies(struct cal_rig *rig, const struct cal_row *row,
                                struct sp_err *err)
{
    enum { BYTES = 10007 };
    struct bench b = bench_of(rig);
    bool pinned = strstr(row->name, "pageable") == NULL;
    unsigned char *from = host(&b, BYTES), *back = host(&b, BYTES), *here = back;
    cal_memory *there;
    enum sp_status status = SP_EIO;

    if (pinned && rig->pool_bytes[CAL_POOL_PINNED] >= BYTES)
        here = rig->pinned[0];
    for (int i = 0; i < BYTES; i++)
        from[i] = here[i] = (unsigned char)(sp_rng_next(&b.rng) >> 56);
    there = sent(&b, here, BYTES, err);
    if (there != NULL && rig->ops->finish(rig->streams[0], err) == SP_OK) {
        memset(here, 0, BYTES);
        status = received(&b, here, there, BYTES, err);
    }
    for (int i = 0; i < BYTES && status == SP_OK; i++)
        status = compare(row, i, here[i], from[i], 0, err);
    bench_free(&b);
    return status;
}
