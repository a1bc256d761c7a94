/* Matrix product in single precision by OpenBLAS on one thread: rows of activations
 * times one layer's weights, as inference on CPUs does. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"
#include "calibrate/openblas.h"

enum { SIDE = 1024, ROWS_BY_HAND = 4 };

struct cal_state {
    struct cal_openblas blas;
    int32_t rows;
    float *a, *b, *c; /* c = a b: rows x SIDE, SIDE x SIDE, rows x SIDE */
    float *sent_b;    /* as made: what check() multiplies by hand */
};

static float *matrix_new(size_t rows)
{
    return cal_aligned_room(rows * SIDE * sizeof(float));
}

/* Uniform on [-1, 1). */
static void fill(float *m, size_t rows, uint64_t key)
{
    struct sp_rng rng = sp_rng_from_key(key);

    for (size_t i = 0; i < rows * SIDE; i++)
        m[i] = (float)(2 * sp_rng_uniform(&rng) - 1);
}

static enum sp_status sgemm_open(const struct cal_kernel *kernel, double x,
                                 uint64_t seed, struct cal_state **state,
                                 struct sp_err *err)
{
    struct cal_openblas blas;
    struct cal_state *s;

    if (cal_openblas_open(&blas, err) != SP_OK)
        return SP_EIO;
    s = sp_xcalloc(1, sizeof *s);
    s->blas = blas;
    s->rows = (int32_t)x;
    s->a = matrix_new((size_t)s->rows);
    s->b = matrix_new(SIDE);
    s->sent_b = matrix_new(SIDE);
    s->c = matrix_new((size_t)s->rows);
    fill(s->a, (size_t)s->rows, cal_item_key(kernel, seed, 0));
    fill(s->b, SIDE, cal_item_key(kernel, seed, 1));
    memcpy(s->sent_b, s->b, SIDE * SIDE * sizeof *s->b);
    memset(s->c, 0, (size_t)s->rows * SIDE * sizeof *s->c);
    *state = s;
    return SP_OK;
}

static void sgemm_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    cal_openblas_close(&s->blas);
    free(s->a);
    free(s->b);
    free(s->sent_b);
    free(s->c);
    free(s);
}

static int32_t sgemm_items(const struct cal_state *s)
{
    (void)s;
    return 1;
}

static void sgemm_run(struct cal_state *s, int64_t call)
{
    (void)call;
    s->blas.sgemm(CAL_BLAS_ROW_MAJOR, CAL_BLAS_NO_TRANS, CAL_BLAS_NO_TRANS, s->rows,
                  SIDE, SIDE, 1, s->a, SIDE, s->b, SIDE, 0, s->c, SIDE);
}

/* ---- check ---- */

/* Rounding error of a sum of `terms` products whose absolute values add up to `sum`, in
 * whatever order (Higham, Accuracy and Stability, 3.1): gamma_n = n u / (1 - n u). */
static double error_bound(double terms, double sum)
{
    const double u = 0x1p-24;

    return terms * u / (1 - terms * u) * sum;
}

static enum sp_status check_row(const struct cal_state *s, int32_t row,
                                struct sp_err *err)
{
    const float *a = s->a + (size_t)row * SIDE;
    double want[SIDE] = {0}, size[SIDE] = {0};

    for (size_t k = 0; k < SIDE; k++)
        for (size_t j = 0; j < SIDE; j++) {
            double product = (double)a[k] * s->sent_b[k * SIDE + j];

            want[j] += product;
            size[j] += fabs(product);
        }
    for (size_t j = 0; j < SIDE; j++) {
        double found = s->c[(size_t)row * SIDE + j];

        if (!(fabs(found - want[j]) <= error_bound(SIDE, size[j])))
            return sp_fail(
                err, SP_EIO,
                "sgemm: element (%d, %zu) is %.9g, expected %.9g within %.2g", row, j,
                found, want[j], error_bound(SIDE, size[j]));
    }
    return SP_OK;
}

/* Sums of b's rows and of their absolute values. */
static void sum_rows(const float *b, double *sums, double *sizes)
{
    for (size_t k = 0; k < SIDE; k++) {
        sums[k] = sizes[k] = 0;
        for (size_t j = 0; j < SIDE; j++) {
            sums[k] += b[k * SIDE + j];
            sizes[k] += fabs(b[k * SIDE + j]);
        }
    }
}

/* Every row: the sum of its elements is a times the sums of b's rows. */
static enum sp_status check_sums(const struct cal_state *s, struct sp_err *err)
{
    double sums[SIDE], sizes[SIDE];

    sum_rows(s->sent_b, sums, sizes);
    for (size_t i = 0; i < (size_t)s->rows; i++) {
        double want = 0, size = 0, found = 0;

        for (size_t k = 0; k < SIDE; k++) {
            want += s->a[i * SIDE + k] * sums[k];
            size += fabs(s->a[i * SIDE + k]) * sizes[k];
            found += s->c[i * SIDE + k];
        }
        if (!(fabs(found - want) <= error_bound(SIDE, size)))
            return sp_fail(err, SP_EIO,
                           "sgemm: row %zu sums up to %.9g, expected %.9g within %.2g",
                           i, found, want, error_bound(SIDE, size));
    }
    return SP_OK;
}

static enum sp_status sgemm_check(struct cal_state *s, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    memset(s->c, 0xff, (size_t)s->rows * SIDE * sizeof *s->c);
    sgemm_run(s, 0);
    for (int32_t i = 0; i < ROWS_BY_HAND && i < s->rows && status == SP_OK; i++)
        status = check_row(s, s->rows - 1 - i, err);
    return status == SP_OK ? check_sums(s, err) : status;
}

/* What one of OpenBLAS's functions says; NULL where it is not there. */
static const char *blas_says(struct sp_arena *arena, bool code_path)
{
    struct cal_openblas blas;
    const char *text;

    if (cal_openblas_open(&blas, NULL) != SP_OK)
        return NULL;
    text = sp_arena_strdup(arena, code_path ? blas.corename() : blas.config());
    cal_openblas_close(&blas);
    return text;
}

/* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64" */
static const char *sgemm_library(struct sp_arena *arena)
{
    return blas_says(arena, false);
}

static const char *sgemm_code_path(struct sp_arena *arena)
{
    return blas_says(arena, true);
}

static uint64_t sgemm_digest(const struct cal_state *s)
{
    return sp_hash64(s->c, (size_t)s->rows * SIDE * sizeof *s->c);
}

static void sgemm_damage(struct cal_state *s)
{
    s->b[SIDE * SIDE - 1] += 1;
}

const struct cal_kernel cal_kernel_sgemm = {
    .name = "sgemm",
    .item = "rows of 1024 numbers times a 1024 x 1024 matrix, single precision",
    .axis = "rows",
    .help = "a dense layer on the CPU: rankers, classifiers, embeddings",
    .calls = MODEL_CALLS_PER_TASK,
    .bound = MODEL_BOUND_ROOFLINE,
    .threads = 1,
    .n_points = 10,
    .x = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
    .quick = 1u << 0 | 1u << 3 | 1u << 6 | 1u << 7,
    .scaling_x = 64,
    .work = {.flop = 2.0 * SIDE * SIDE,
             .bytes_fixed = sizeof(float) * (double)(SIDE * SIDE),
             .bytes = 2.0 * sizeof(float) * SIDE},
    .n_params = 3,
    .params = {{"columns", "1024"}, {"inner", "1024"}, {"threads", "1"}},
    .open = sgemm_open,
    .close = sgemm_close,
    .items = sgemm_items,
    .run = sgemm_run,
    .check = sgemm_check,
    .library = sgemm_library,
    .code_path = sgemm_code_path,
    .digest = sgemm_digest,
    .damage = sgemm_damage,
};
