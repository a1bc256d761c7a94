/* Streams, buffers and the clock of a device under measurement. */
#include "calibrate/device_rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "calibrate/device_kernels.h"

enum { FILL_BYTES = 4 << 20, ARGS_MAX = 12, CLOCK_CHAIN = 100000 };
enum { CLOCK_OUT_BYTES = 64 };
static const size_t POOL_LEAST = 64 * 1024;

/* ---- launching ---- */

enum sp_status cal_rig_launch(struct cal_rig *rig, const char *function, int stream,
                              const struct cal_arg *args, struct sp_err *err)
{
    const struct cal_device_kernel *kernel = cal_device_kernel_find(function);
    struct cal_function *f = rig->ops->function(rig->d, function, err);
    struct cal_grid grid;
    int32_t n = 0;

    if (f == NULL || kernel == NULL)
        return sp_fail(err, SP_EIO, "there is no kernel %s", function);
    while (n < ARGS_MAX && args[n].kind != CAL_ARG_END)
        n++;
    grid = cal_device_grid(kernel, args, rig->info.units);
    return rig->ops->launch(rig->streams[stream], f, &grid, args, n, err);
}

/* ---- the clock ---- */

static enum sp_status probe_clock(struct cal_rig *rig, double *clock,
                                  struct sp_err *err)
{
    const struct cal_grid one = {{1, 1, 1}, {1, 1, 1}};
    const struct cal_arg args[] = {CAL_MEM(rig->clock_out), CAL_I32(CLOCK_CHAIN)};
    enum sp_status status;

    status = rig->ops->launch(rig->streams[0], rig->clock_probe, &one, args, 2, err);
    if (status == SP_OK)
        status = rig->ops->to_host(rig->streams[0], rig->clock_pinned, rig->clock_out,
                                   CLOCK_OUT_BYTES, err);
    if (status == SP_OK)
        status = rig->ops->finish(rig->streams[0], err);
    if (status == SP_OK && rig->clock_pinned[0] > 0 && rig->clock_pinned[1] > 0)
        *clock = (double)rig->clock_pinned[0] / (double)rig->clock_pinned[1];
    return status;
}

static enum sp_status time_chain(struct cal_rig *rig, double *clock, struct sp_err *err)
{
    const struct cal_grid one = {{1, 1, 1}, {1, 1, 1}};
    const struct cal_arg args[] = {CAL_MEM(rig->clock_out), CAL_I32(CLOCK_CHAIN)};
    double s = 0;

    if (rig->ops->record(rig->streams[0], rig->begin[0], err) != SP_OK ||
        rig->ops->launch(rig->streams[0], rig->spin, &one, args, 2, err) != SP_OK ||
        rig->ops->record(rig->streams[0], rig->end[0], err) != SP_OK ||
        rig->ops->finish(rig->streams[0], err) != SP_OK ||
        rig->ops->elapsed(rig->d, rig->begin[0], rig->end[0], &s, err) != SP_OK)
        return SP_EIO;
    if (s > 0)
        *clock = CLOCK_CHAIN / s;
    return SP_OK;
}

enum sp_status cal_rig_clock(struct cal_rig *rig, double *clock, struct sp_err *err)
{
    *clock = NAN;
    if (rig->clock_probe != NULL)
        return probe_clock(rig, clock, err);
    if (rig->spin != NULL)
        return time_chain(rig, clock, err);
    return SP_OK;
}

/* ---- opening ---- */

static const double FAST_FLOP_PER_S = 2e11, SLOW_FLOP_PER_S = 1e10;

static const struct cal_shapes small_shapes = {.width = 96,
                                               .heads = 2,
                                               .keys = 32,
                                               .dim = 64,
                                               .columns = 64,
                                               .image_w = 20,
                                               .image_h = 15,
                                               .to_w = 7,
                                               .to_h = 7,
                                               .shared_m = 16,
                                               .shared_bytes = 64 * 1024,
                                               .shared_kv_bytes = 32768};
static const struct cal_shapes slowest_shapes = {.width = 128,
                                                 .heads = 2,
                                                 .keys = 256,
                                                 .dim = 128,
                                                 .columns = 256,
                                                 .image_w = 640,
                                                 .image_h = 480,
                                                 .to_w = 224,
                                                 .to_h = 224,
                                                 .shared_m = 16,
                                                 .shared_bytes = 256 << 10,
                                                 .shared_kv_bytes = 256 << 10};
static const struct cal_shapes slow_shapes = {.width = 512,
                                              .heads = 8,
                                              .keys = 256,
                                              .dim = 128,
                                              .columns = 1024,
                                              .image_w = 640,
                                              .image_h = 480,
                                              .to_w = 224,
                                              .to_h = 224,
                                              .shared_m = 64,
                                              .shared_bytes = 4 << 20,
                                              .shared_kv_bytes = 4 << 20};
static const struct cal_shapes fast_shapes = {.width = 4096,
                                              .heads = 32,
                                              .keys = 1024,
                                              .dim = 128,
                                              .columns = 4096,
                                              .image_w = 640,
                                              .image_h = 480,
                                              .to_w = 224,
                                              .to_h = 224,
                                              .shared_m = 256,
                                              .shared_bytes = 16 << 20,
                                              .shared_kv_bytes = 64 << 20};

struct cal_shapes cal_shapes_of(const struct cal_device_plan *plan, double flop_per_s)
{
    if (plan->small)
        return small_shapes;
    if (flop_per_s < SLOW_FLOP_PER_S)
        return slowest_shapes;
    return flop_per_s < FAST_FLOP_PER_S ? slow_shapes : fast_shapes;
}

/* A backend without clocks has the kernel, too: then the chain itself is timed. */
static enum sp_status try_probe(struct cal_rig *rig, struct sp_err *err)
{
    double clock;
    enum sp_status status = cal_rig_clock(rig, &clock, err);

    if (isnan(clock))
        rig->clock_probe = NULL;
    return status;
}

enum sp_status cal_rig_open(struct cal_rig *rig, struct sp_err *err)
{
    rig->shapes = cal_shapes_of(rig->plan, NAN);
    rig->hottest_c = NAN;
    for (int i = 0; i < 2; i++) {
        rig->streams[i] = rig->ops->stream_new(rig->d, err);
        rig->begin[i] = rig->ops->event(rig->d, err);
        rig->end[i] = rig->ops->event(rig->d, err);
        if (rig->streams[i] == NULL || rig->begin[i] == NULL || rig->end[i] == NULL)
            return SP_EIO;
    }
    rig->clock_out = rig->ops->alloc(rig->d, CLOCK_OUT_BYTES, err);
    rig->clock_pinned = rig->ops->host_alloc(rig->d, CLOCK_OUT_BYTES, err);
    if (rig->clock_out == NULL || rig->clock_pinned == NULL)
        return SP_EIO;
    rig->clock_probe = rig->ops->function(rig->d, "clock_probe", NULL);
    rig->spin = rig->ops->function(rig->d, "spin", NULL);
    return try_probe(rig, err);
}

static void free_memory(struct cal_rig *rig, cal_memory **memory)
{
    if (*memory != NULL)
        rig->ops->free(rig->d, *memory);
    *memory = NULL;
}

static void free_pinned(struct cal_rig *rig, void **memory)
{
    if (*memory != NULL)
        rig->ops->host_free(rig->d, *memory);
    *memory = NULL;
}

static void drop_pools(struct cal_rig *rig)
{
    for (int i = 0; i < 2; i++) {
        free_memory(rig, &rig->in32[i]);
        free_memory(rig, &rig->in16[i]);
        free_memory(rig, &rig->out[i]);
        free_pinned(rig, &rig->pinned[i]);
    }
    free(rig->pageable);
    rig->pageable = NULL;
}

void cal_rig_close(struct cal_rig *rig)
{
    void *pinned = rig->clock_pinned;

    drop_pools(rig);
    free_memory(rig, &rig->clock_out);
    free_pinned(rig, &pinned);
    for (int i = 0; i < 2; i++) {
        if (rig->begin[i] != NULL)
            rig->ops->event_free(rig->d, rig->begin[i]);
        if (rig->end[i] != NULL)
            rig->ops->event_free(rig->d, rig->end[i]);
        if (rig->streams[i] != NULL)
            rig->ops->stream_free(rig->d, rig->streams[i]);
    }
}

/* ---- buffers ---- */

/* Both of a pool, smaller where that is refused; false: not even the least. */
static bool alloc_pool(struct cal_rig *rig, enum cal_pool pool, size_t bytes,
                       void *both[2])
{
    if (bytes > 0 && bytes < POOL_LEAST)
        bytes = POOL_LEAST;
    for (; bytes >= POOL_LEAST; bytes /= 2) {
        for (int i = 0; i < 2; i++)
            both[i] = pool == CAL_POOL_PINNED
                          ? rig->ops->host_alloc(rig->d, bytes, NULL)
                          : rig->ops->alloc(rig->d, bytes, NULL);
        if (both[0] != NULL && both[1] != NULL) {
            rig->pool_bytes[pool] = bytes;
            return true;
        }
        for (int i = 0; i < 2; i++)
            if (both[i] != NULL && pool == CAL_POOL_PINNED)
                rig->ops->host_free(rig->d, both[i]);
            else if (both[i] != NULL)
                rig->ops->free(rig->d, both[i]);
    }
    rig->pool_bytes[pool] = 0;
    return false;
}

/* Floats in (-1, 1); or 16-bit patterns that are moderate numbers both as half
 * (1.75 to 2) and as bfloat16 (0.5 to 1), of either sign. */
static void *random_numbers(uint64_t seed, bool half, size_t bytes)
{
    struct sp_rng rng = sp_rng_from_key(sp_mix_keys(seed, half));
    char *numbers = sp_xcalloc(1, bytes);

    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        uint64_t bits = sp_rng_next(&rng);
        float two[2];

        if (half) {
            bits = (bits & 0x807f807f807f807fu) | 0x3f003f003f003f00u;
            memcpy(numbers + i, &bits, 8);
            continue;
        }
        two[0] = (float)((double)(bits >> 40) / 0x1p23 - 1);
        two[1] = (float)((double)(bits & 0xffffff) / 0x1p23 - 1);
        memcpy(numbers + i, two, 8);
    }
    return numbers;
}

/* Memory is written from its start only, so the random numbers come in one piece. */
static enum sp_status fill_pool(struct cal_rig *rig, cal_memory *both[2], size_t bytes,
                                bool half, struct sp_err *err)
{
    size_t piece = bytes < FILL_BYTES ? bytes : FILL_BYTES;
    char *numbers = random_numbers(rig->plan->seed, half, piece), *whole;
    enum sp_status status = SP_OK;

    whole = sp_xcalloc(1, bytes);
    for (size_t at = 0; at < bytes; at += piece)
        memcpy(whole + at, numbers, bytes - at < piece ? bytes - at : piece);
    for (int i = 0; i < 2 && status == SP_OK; i++)
        status = rig->ops->to_device(rig->streams[0], both[i], whole, bytes, err);
    if (status == SP_OK)
        status = rig->ops->finish(rig->streams[0], err);
    free(whole);
    free(numbers);
    return status;
}

static enum sp_status fill_device(struct cal_rig *rig, const size_t want[CAL_POOLS],
                                  struct sp_err *err)
{
    cal_memory **to[] = {rig->in32, rig->in16, rig->out};

    for (int pool = CAL_POOL_IN32; pool <= CAL_POOL_OUT; pool++) {
        void *both[2];
        size_t most =
            rig->info.memory_bytes > 0 ? (size_t)rig->info.memory_bytes / 12 : SIZE_MAX;

        if (!alloc_pool(rig, (enum cal_pool)pool, want[pool] < most ? want[pool] : most,
                        both))
            continue;
        to[pool][0] = both[0];
        to[pool][1] = both[1];
        if (pool != CAL_POOL_OUT && fill_pool(rig, to[pool], rig->pool_bytes[pool],
                                              pool == CAL_POOL_IN16, err) != SP_OK)
            return SP_EIO;
    }
    return SP_OK;
}

enum sp_status cal_rig_fill(struct cal_rig *rig, const size_t want[CAL_POOLS],
                            struct sp_err *err)
{
    void *both[2];

    drop_pools(rig);
    if (fill_device(rig, want, err) != SP_OK)
        return SP_EIO;
    if (alloc_pool(rig, CAL_POOL_PINNED, want[CAL_POOL_PINNED], both)) {
        rig->pinned[0] = both[0];
        rig->pinned[1] = both[1];
        memset(rig->pinned[0], 1, rig->pool_bytes[CAL_POOL_PINNED]);
        memset(rig->pinned[1], 2, rig->pool_bytes[CAL_POOL_PINNED]);
    }
    rig->pool_bytes[CAL_POOL_PAGEABLE] = want[CAL_POOL_PAGEABLE];
    rig->pageable = sp_xcalloc(1, want[CAL_POOL_PAGEABLE] + 1);
    memset(rig->pageable, 3, want[CAL_POOL_PAGEABLE]);
    return SP_OK;
}
