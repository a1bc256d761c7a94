#include "tests/device_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tests/device_reference.h"

/* Sizes: one, just below, at and above what a block or a step holds, primes. */
const struct device_case device_cases[] = {
    {"spin_is_the_chain_that_it_says", "spin", {1000, 257}, 1, 257, 0},
    {"spin_of_no_steps_gives_its_start", "spin", {0, 256}, 1, 256, 0},
    {"triad_of_one", "triad", {1}, 0, 0, 0},
    {"triad_ragged", "triad", {1009}, 0, 0, 5},
    {"triad_full_block", "triad", {256}, 0, 0, 0},
    {"triad_steps_over_a_small_grid", "triad", {5003}, 2, 64, 0},
    {"triad_of_more_blocks_than_needed", "triad", {100}, 9, 32, 0},
    {"silu_mul_of_one", "silu_mul", {1}, 0, 0, 0},
    {"silu_mul_ragged", "silu_mul", {521}, 0, 0, 0},
    {"silu_mul_of_uneven_numbers", "silu_mul", {769}, 1, 128, 5},
    {"gemm_f32_of_one", "gemm_f32", {1, 1, 1}, 0, 0, 0},
    {"gemm_f32_of_a_tile", "gemm_f32", {64, 64, 16}, 0, 0, 0},
    {"gemm_f32_ragged", "gemm_f32", {100, 70, 130}, 0, 0, 0},
    {"gemm_f32_row", "gemm_f32", {1, 131, 67}, 0, 0, 0},
    {"gemm_f32_column", "gemm_f32", {67, 1, 33}, 0, 0, 0},
    {"gemm_f32_steps_over_one_block", "gemm_f32", {65, 129, 17}, 1, 0, 0},
    {"gemm_f32_of_uneven_numbers", "gemm_f32", {31, 37, 41}, 0, 0, 5},
    {"gemm_f16_ragged", "gemm_f16", {65, 67, 37}, 0, 0, 0},
    {"gemm_f16_with_subnormals", "gemm_f16", {7, 5, 3}, 0, 0, 5},
    {"gemm_bf16_ragged", "gemm_bf16", {65, 67, 37}, 0, 0, 0},
    {"gemm_bf16_of_uneven_numbers", "gemm_bf16", {17, 3, 19}, 0, 0, 5},
    {"gemv_of_one", "gemv_f32", {1, 1}, 0, 0, 0},
    {"gemv_ragged", "gemv_f32", {13, 1031}, 0, 0, 0},
    {"gemv_of_few_blocks", "gemv_f32", {11, 300}, 3, 0, 0},
    {"gemv_of_more_blocks_than_rows", "gemv_f32", {3, 257}, 4, 0, 0},
    {"gemv_of_an_odd_block", "gemv_f32", {5, 211}, 2, 100, 0},
    {"attention_of_one_key", "attention_decode", {1, 1, 1}, 0, 0, 0},
    {"attention_of_a_full_step", "attention_decode", {2, 64, 64}, 0, 0, 0},
    {"attention_ragged", "attention_decode", {3, 131, 80}, 0, 0, 0},
    {"attention_of_wide_heads", "attention_decode", {2, 67, 256}, 0, 0, 0},
    {"attention_of_odd_heads", "attention_decode", {5, 129, 37}, 2, 48, 0},
    {"attention_of_uneven_scores", "attention_decode", {2, 200, 16}, 0, 0, 5},
    {"softmax_of_one", "softmax", {1, 1}, 0, 0, 0},
    {"softmax_ragged", "softmax", {7, 1021}, 0, 0, 0},
    {"softmax_of_short_rows", "softmax", {5, 3}, 2, 0, 0},
    {"softmax_of_an_odd_block", "softmax", {4, 300}, 3, 77, 0},
    {"softmax_of_uneven_numbers", "softmax", {3, 257}, 0, 0, 5},
    {"softmax_needs_the_largest_of_all", "softmax", {40, 2}, 0, 2, 9},
    {"rms_norm_of_one", "rms_norm", {1, 1}, 0, 0, 0},
    {"rms_norm_ragged", "rms_norm", {7, 1021}, 0, 0, 0},
    {"rms_norm_of_few_blocks", "rms_norm", {9, 256}, 2, 0, 0},
    {"rms_norm_of_an_odd_block", "rms_norm", {3, 255}, 0, 129, 0},
    {"resize_of_a_pixel", "resize_normalise", {1, 1, 1, 1, 1}, 0, 0, 0},
    {"resize_smaller", "resize_normalise", {2, 83, 54, 37, 31}, 0, 0, 0},
    {"resize_larger", "resize_normalise", {1, 7, 5, 31, 33}, 0, 0, 0},
    {"resize_to_the_same", "resize_normalise", {2, 19, 17, 19, 17}, 1, 64, 0},
    {"resize_of_a_line", "resize_normalise", {1, 40, 1, 17, 3}, 0, 0, 0},
};
const int device_cases_n = sizeof device_cases / sizeof device_cases[0];

static const double q = 0.4; /* of triad and, as eps, of rms_norm */

/* ---- inputs ---- */

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* -1..1; uneven: sizes from 2^-8. */
static float random_float(uint64_t *state, int32_t uneven)
{
    float x = (float)next_random(state) * 0x1p-30f - 1.0f;

    if (uneven > 0)
        x = ldexpf(x, (int)(next_random(state) % (uint32_t)(uneven + 9)) - 8);
    return x;
}

/* Bits of a small float of size 2^-4 to 2^3; uneven: subnormals among them. */
static uint16_t random_bits(uint64_t *state, int fraction_bits, int32_t uneven)
{
    int bias = (1 << (14 - fraction_bits)) - 1;
    uint32_t r = next_random(state);
    uint32_t exponent = (uint32_t)bias - 4 + r % 8;

    if (uneven > 0 && r % 5 == 0)
        exponent = 0;
    return (uint16_t)((r >> 16 & 1) << 15 | exponent << fraction_bits |
                      (next_random(state) & ((1u << fraction_bits) - 1)));
}

static void fill(struct device_array *a, uint64_t *state, int32_t uneven)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->type == 'f')
            ((float *)a->data)[i] = random_float(state, uneven);
        else if (a->type == 'h')
            ((uint16_t *)a->data)[i] = random_bits(state, 10, uneven);
        else if (a->type == 'b')
            ((uint16_t *)a->data)[i] = random_bits(state, 7, uneven);
        else
            ((unsigned char *)a->data)[i] = (unsigned char)next_random(state);
}

static void make_arrays(struct device_array *arrays, int n, int32_t uneven)
{
    uint64_t state = 1;

    for (int i = 0; i < n; i++) {
        size_t bytes = arrays[i].n * device_type_bytes(arrays[i].type);

        arrays[i].data = sp_xcalloc(1, bytes);
        memset(arrays[i].data, 0xff, bytes); /* NaN, of the result */
        if (i > 0)
            fill(&arrays[i], &state, uneven);
    }
}

/* ---- a run ---- */

struct run {
    const struct device_case *c;
    const struct device_rig *rig;
    const struct cal_device_kernel *kernel;
    int n_arrays;
    struct device_array arrays[DEVICE_ARRAYS_MAX];
    cal_memory *memory[DEVICE_ARRAYS_MAX];
};

static size_t bytes_of(const struct device_array *a)
{
    return a->n * device_type_bytes(a->type);
}

static bool to_device(struct run *run)
{
    for (int i = 0; i < run->n_arrays; i++) {
        run->memory[i] = run->rig->alloc(run->rig->self, bytes_of(&run->arrays[i]));
        if (run->memory[i] == NULL ||
            !run->rig->put(run->rig->self, run->memory[i], run->arrays[i].data,
                           bytes_of(&run->arrays[i])))
            return false;
    }
    return true;
}

static int32_t make_args(const struct run *run, struct cal_arg *args)
{
    int32_t n = 0, memories = 0, numbers = 0;

    for (const char *letter = run->kernel->args; *letter != '\0'; letter++)
        switch (*letter) {
        case 'm':
            args[n++] = (struct cal_arg){.kind = CAL_ARG_MEMORY,
                                         .of.memory = run->memory[memories++]};
            break;
        case 'i':
            args[n++] =
                (struct cal_arg){.kind = CAL_ARG_I32, .of.i32 = run->c->n[numbers++]};
            break;
        case 'l':
            args[n++] =
                (struct cal_arg){.kind = CAL_ARG_I64, .of.i64 = run->c->n[numbers++]};
            break;
        default:
            args[n++] = (struct cal_arg){.kind = CAL_ARG_F32, .of.f32 = (float)q};
        }
    return n;
}

static bool launch(const struct run *run)
{
    struct cal_arg args[12];
    int32_t n = make_args(run, args);
    struct cal_grid grid = cal_device_grid(run->kernel, args, 0);

    if (run->c->blocks > 0) {
        grid.blocks[0] = run->c->blocks;
        grid.blocks[1] = 1;
    }
    if (run->c->threads > 0)
        grid.threads[0] = run->c->threads;
    return run->rig->launch(run->rig->self, run->c->kernel, &grid, args, n) &&
           run->rig->get(run->rig->self, run->arrays[0].data, run->memory[0],
                         bytes_of(&run->arrays[0]));
}

static bool compare(const struct run *run, char *why, size_t size)
{
    size_t n = run->arrays[0].n;
    struct device_expected *want = sp_xcalloc(n, sizeof *want);
    bool good = true;

    device_reference_find(run->c->kernel)(run->arrays, run->c->n, (double)(float)q,
                                          want);
    for (size_t i = 0; i < n && good; i++) {
        double found = device_element(&run->arrays[0], i);

        /* written so that NaN is wrong */
        good = fabs(found - want[i].value) <= want[i].tolerance;
        if (!good)
            snprintf(why, size, "%s: element %zu of %zu is %.9g, expected %.9g +- %.2g",
                     run->c->name, i, n, found, want[i].value, want[i].tolerance);
    }
    free(want);
    return good;
}

enum device_outcome device_case_run(const struct device_case *c,
                                    const struct device_rig *rig, char *why,
                                    size_t size)
{
    struct run run = {.c = c, .rig = rig, .kernel = cal_device_kernel_find(c->kernel)};
    bool good;

    if (!rig->has(rig->self, c->kernel))
        return DEVICE_LACKS_KERNEL;
    run.n_arrays = device_arrays(c->kernel, c->n, run.arrays);
    make_arrays(run.arrays, run.n_arrays, c->uneven);
    snprintf(why, size, "%s: the device refused", c->name);
    good = to_device(&run) && launch(&run) && compare(&run, why, size);
    for (int i = 0; i < run.n_arrays; i++) {
        if (run.memory[i] != NULL)
            rig->free(rig->self, run.memory[i]);
        free(run.arrays[i].data);
    }
    return good ? DEVICE_RIGHT : DEVICE_WRONG;
}
