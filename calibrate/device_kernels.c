/* The table of device kernels and their grids. */
#include "calibrate/device_kernels.h"

#include <string.h>

#include "base/status.h"

enum {
    BLOCKS_A_UNIT = 16,  /* of a kernel that steps over the grid: enough to fill it */
    BLOCKS_MOST = 65535, /* where units are not known, and of a grid's second axis */
};

#define ROW_THREADS                                                                    \
    {                                                                                  \
        CAL_ROW_THREADS, 1, 1                                                          \
    }

static const struct cal_device_kernel kernels[] = {
    {"empty", "", CAL_SPREAD_ONE, {1, 1, 1}},
    {"gate", "ml", CAL_SPREAD_ONE, {1, 1, 1}},
    {"spin", "mi", CAL_SPREAD_THREADS, ROW_THREADS},
    {"clock_probe", "mi", CAL_SPREAD_ONE, {1, 1, 1}},
    {"triad", "mmmfl", CAL_SPREAD_ALONG, ROW_THREADS},
    {"silu_mul", "mmml", CAL_SPREAD_ALONG, ROW_THREADS},
    {"gemm_f32", "mmmiii", CAL_SPREAD_TILES, {CAL_TILE, CAL_TILE, 1}},
    {"gemm_f16", "mmmiii", CAL_SPREAD_TILES, {CAL_TILE, CAL_TILE, 1}},
    {"gemm_bf16", "mmmiii", CAL_SPREAD_TILES, {CAL_TILE, CAL_TILE, 1}},
    {"gemv_f32", "mmmii", CAL_SPREAD_ROWS, ROW_THREADS},
    {"attention_decode", "mmmmiii", CAL_SPREAD_ROWS, ROW_THREADS},
    {"softmax", "mmii", CAL_SPREAD_ROWS, ROW_THREADS},
    {"rms_norm", "mmmiif", CAL_SPREAD_ROWS, ROW_THREADS},
    {"resize_normalise", "mmiiiii", CAL_SPREAD_ALONG, ROW_THREADS},
};

const struct cal_device_kernel *cal_device_kernel(int32_t i)
{
    int32_t n = (int32_t)(sizeof kernels / sizeof kernels[0]);

    return i >= 0 && i < n ? &kernels[i] : NULL;
}

const struct cal_device_kernel *cal_device_kernel_find(const char *name)
{
    const struct cal_device_kernel *kernel;

    for (int32_t i = 0; (kernel = cal_device_kernel(i)) != NULL; i++)
        if (strcmp(kernel->name, name) == 0)
            return kernel;
    return NULL;
}

/* The i-th number among the arguments, counted without memory and floats. */
static int64_t number(const struct cal_device_kernel *kernel,
                      const struct cal_arg *args, int32_t i)
{
    for (int32_t a = 0; kernel->args[a] != '\0'; a++) {
        bool is_number = kernel->args[a] == 'i' || kernel->args[a] == 'l';

        if (is_number && i-- == 0)
            return args[a].kind == CAL_ARG_I32 ? args[a].of.i32 : args[a].of.i64;
    }
    sp_bug(__FILE__, __LINE__, "%s has no such number", kernel->name);
}

/* Elements of a kernel that goes along them: of images, pixels of the result. */
static int64_t elements(const struct cal_device_kernel *kernel,
                        const struct cal_arg *args)
{
    if (strcmp(kernel->name, "resize_normalise") == 0)
        return number(kernel, args, 0) * number(kernel, args, 3) *
               number(kernel, args, 4);
    return number(kernel, args, 0);
}

static uint32_t blocks_for(int64_t n, int64_t each, int64_t most)
{
    int64_t blocks = (n + each - 1) / each;

    return (uint32_t)(blocks < 1 ? 1 : blocks > most ? most : blocks);
}

struct cal_grid cal_device_grid(const struct cal_device_kernel *kernel,
                                const struct cal_arg *args, int32_t units)
{
    int64_t most = units > 0 ? (int64_t)units * BLOCKS_A_UNIT : BLOCKS_MOST;
    struct cal_grid grid = {{1, 1, 1}, {1, 1, 1}};

    memcpy(grid.threads, kernel->threads, sizeof grid.threads);
    switch (kernel->spread) {
    case CAL_SPREAD_ONE:
        break;
    case CAL_SPREAD_ALONG:
        grid.blocks[0] = blocks_for(elements(kernel, args), grid.threads[0], most);
        break;
    case CAL_SPREAD_ROWS:
        grid.blocks[0] = blocks_for(number(kernel, args, 0), 1, INT32_MAX);
        break;
    case CAL_SPREAD_TILES:
        grid.blocks[0] = blocks_for(number(kernel, args, 1), CAL_GEMM_TILE, INT32_MAX);
        grid.blocks[1] =
            blocks_for(number(kernel, args, 0), CAL_GEMM_TILE, BLOCKS_MOST);
        break;
    case CAL_SPREAD_THREADS:
        grid.blocks[0] = units > 0 ? (uint32_t)units : 1;
        break;
    }
    return grid;
}
