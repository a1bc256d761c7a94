/* calibrate/kernel.h: every CPU kernel keeps what its row promises, and its check can
 * fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calibrate/kernel.h"
#include "calibrate/openblas.h"

enum { MOST_KERNELS = 32 };

/* Points whose inputs take more than a second to make wait for STAGEPLAN_SLOW. */
static double greatest_short_x(const struct cal_kernel *k)
{
    return strcmp(k->axis, "megapixels") == 0 ? 0.8 : INFINITY;
}

static bool takes_part(const struct cal_kernel *k, int32_t point)
{
    if (getenv("STAGEPLAN_SLOW") != NULL)
        return true;
    return (k->quick >> point & 1) != 0 && k->x[point] <= greatest_short_x(k);
}

/* A library that is loaded when needed may not be there: then there is nothing to test.
 */
static struct cal_state *state_of(const struct cal_kernel *k, double x, uint64_t seed)
{
    struct cal_state *state = NULL;
    struct sp_err err = {0};

    if (k->open(k, x, seed, &state, &err) != SP_OK) {
        print_message("%s: %s\n", k->name, err.text);
        if (strstr(err.text, "is not there") != NULL)
            skip();
        fail();
    }
    assert_non_null(state);
    return state;
}

/* ---- of every kernel ---- */

static void its_result_is_right_at_every_point(void **state)
{
    const struct cal_kernel *k = *state;

    for (int32_t i = 0; i < k->n_points; i++) {
        struct sp_err err = {0};
        struct cal_state *s;

        if (!takes_part(k, i))
            continue;
        s = state_of(k, k->x[i], 1);
        assert_true(k->items(s) >= 1);
        if (k->check(s, &err) != SP_OK)
            fail_msg("%s at %g: %s", k->name, k->x[i], err.text);
        k->close(s);
    }
}

static void what_is_damaged_is_found_and_told(void **state)
{
    const struct cal_kernel *k = *state;

    for (int32_t i = 0; i < k->n_points; i++) {
        struct sp_err err = {0};
        struct cal_state *s;

        if (!takes_part(k, i))
            continue;
        s = state_of(k, k->x[i], 1);
        assert_int_equal(k->check(s, &err), SP_OK);
        k->damage(s);
        assert_int_equal(k->check(s, &err), SP_EIO);
        assert_memory_equal(err.text, k->name, strlen(k->name));
        assert_non_null(strstr(err.text, "expected"));
        k->close(s);
    }
}

static void the_same_seed_gives_the_same_results(void **state)
{
    const struct cal_kernel *k = *state;
    struct cal_state *a = state_of(k, k->x[0], 7), *b = state_of(k, k->x[0], 7);

    assert_int_equal(k->items(a), k->items(b));
    for (int32_t i = 0; i < k->items(a) + 1; i++) {
        uint64_t first;

        k->run(a, i);
        k->run(b, i);
        first = k->digest(a);
        assert_true(first == k->digest(b));
        k->run(a, i);
        assert_true(first == k->digest(a));
    }
    k->close(a);
    k->close(b);
}

static void another_seed_gives_other_results(void **state)
{
    const struct cal_kernel *k = *state;
    struct cal_state *a = state_of(k, k->x[0], 7), *b = state_of(k, k->x[0], 8);

    k->run(a, 0);
    k->run(b, 0);
    assert_true(k->digest(a) != k->digest(b));
    k->close(a);
    k->close(b);
}

static void its_inputs_differ(void **state)
{
    const struct cal_kernel *k = *state;
    struct cal_state *s = state_of(k, k->x[0], 1);
    uint64_t seen[64] = {0};

    assert_in_range(k->items(s), 1, 64);
    for (int32_t i = 0; i < k->items(s); i++) {
        k->run(s, i);
        seen[i] = k->digest(s);
        for (int32_t j = 0; j < i; j++)
            assert_true(seen[i] != seen[j]);
    }
    k->close(s);
}

static bool has_point(const struct cal_kernel *k, double x)
{
    for (int32_t i = 0; i < k->n_points; i++)
        if (k->x[i] == x)
            return true;
    return false;
}

static void its_row_makes_sense(void **state)
{
    const struct cal_kernel *k = *state;
    int32_t quick = __builtin_popcount(k->quick);

    assert_true(cal_kernel_find(k->name) == k);
    assert_int_equal(strspn(k->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(k->name));
    assert_true(k->item[0] != '\0' && k->help[0] != '\0');
    assert_in_range(k->n_points, 1, CAL_POINTS_MAX);
    for (int32_t i = 0; i < k->n_points; i++)
        assert_true(k->x[i] > (i > 0 ? k->x[i - 1] : 0));
    assert_true(k->axis[0] != '\0' ? quick >= 3 : k->n_points == 1 && k->x[0] == 1);
    assert_int_equal(k->quick >> k->n_points, 0);
    assert_true(k->scaling_x == 0 || has_point(k, k->scaling_x));
    assert_in_range(k->threads, 1, 2);
    for (int32_t i = 0; i < k->n_params; i++)
        assert_true(k->params[i].name[0] != '\0' && k->params[i].value[0] != '\0');
    assert_true(k->n_features == 0 || k->features_of != NULL);
    assert_true(k->bound != MODEL_BOUND_UNKNOWN);
    assert_true(k->bound != MODEL_BOUND_ROOFLINE ||
                (k->work.flop > 0 && k->work.bytes > 0));
    k->close(NULL);
}

static void what_it_was_measured_with_is_told(void **state)
{
    const struct cal_kernel *k = *state;
    struct sp_arena *arena = sp_arena_new();

    k->close(state_of(k, k->x[0], 1)); /* or skip */
    if (k->library != NULL)
        assert_true(strpbrk(k->library(arena), "0123456789") != NULL ||
                    strstr(k->library(arena), "C library") != NULL);
    if (k->code_path != NULL)
        assert_true(k->code_path(arena)[0] != '\0');
    sp_arena_free(arena);
}

/* ---- of one ---- */

/* Photographs at quality 85 have 0.5 to 4 bits a pixel; 32 of them on the machine of
 * docs/validation.md spread with a sigma of 0.18 in the logarithm. */
static void jpegs_differ_in_bytes_as_photographs_do(void **state)
{
    const struct cal_kernel *k = cal_kernel_find("jpeg_decode");

    (void)state;
    for (int32_t i = 0; i < 2; i++) {
        struct cal_state *s = state_of(k, k->x[i], 3);
        int32_t n = k->items(s);
        double sum = 0, squares = 0;

        assert_true(n >= 32);
        for (int32_t item = 0; item < n; item++) {
            double feature[MODEL_FEATURES_MAX] = {0}, bits;

            k->features_of(s, item, feature);
            assert_true(fabs(feature[1] / k->x[i] - 1) < 1e-12);
            bits = feature[0] * 8 / (feature[1] * 1e6);
            assert_true(bits > 0.5 && bits < 4);
            sum += log(bits);
            squares += log(bits) * log(bits);
        }
        squares = squares / n - sum / n * (sum / n);
        assert_true(squares > 0.1 * 0.1 && squares < 0.3 * 0.3);
        k->close(s);
    }
}

/* GSL brings a BLAS of the same names: it must be neither measured nor replaced. */
static void products_are_openblas_own(void **state)
{
    struct cal_openblas blas;
    struct sp_err err = {0};
    void *address;
    Dl_info info;

    (void)state;
    if (cal_openblas_open(&blas, &err) != SP_OK) {
        print_message("%s\n", err.text);
        skip();
    }
    memcpy(&address, &blas.sgemm, sizeof address);
    assert_true(dladdr(address, &info) != 0);
    assert_non_null(strstr(info.dli_fname, "openblas"));
    cal_openblas_close(&blas);
    address = dlsym(RTLD_DEFAULT, "cblas_sgemm");
    if (address != NULL && dladdr(address, &info) != 0)
        assert_null(strstr(info.dli_fname, "openblas"));
}

static void openblas_that_is_missing_or_another_library_is_told(void **state)
{
    static const struct {
        const char *file, *want;
    } libraries[] = {
        {"/no/such/libopenblas.so", "OpenBLAS is not there: "},
        {"libm.so.6", "libm.so.6: no function openblas_get_config, expected OpenBLAS"},
    };
    const struct cal_kernel *k = cal_kernel_find("sgemm");
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cal_state *s = NULL;
        struct sp_err err = {0};

        setenv("STAGEPLAN_OPENBLAS", libraries[i].file, 1);
        assert_int_equal(k->open(k, 1, 1, &s, &err), SP_EIO);
        assert_null(s);
        assert_memory_equal(err.text, libraries[i].want, strlen(libraries[i].want));
        assert_null(k->library(arena));
        assert_null(k->code_path(arena));
    }
    unsetenv("STAGEPLAN_OPENBLAS");
    sp_arena_free(arena);
}

static void names_that_are_no_kernels_are_not_found(void **state)
{
    (void)state;
    assert_null(cal_kernel_find(""));
    assert_null(cal_kernel_find("jpeg"));
    assert_null(cal_kernel_find("jpeg_decode2"));
}

/* ---- all ---- */

#define PROMISE(function)                                                              \
    {                                                                                  \
#function, function                                                            \
    }

static const struct {
    const char *name;
    CMUnitTestFunction test;
} promises[] = {
    PROMISE(its_row_makes_sense),
    PROMISE(its_result_is_right_at_every_point),
    PROMISE(what_is_damaged_is_found_and_told),
    PROMISE(the_same_seed_gives_the_same_results),
    PROMISE(another_seed_gives_other_results),
    PROMISE(its_inputs_differ),
    PROMISE(what_it_was_measured_with_is_told),
};

enum { N_PROMISES = sizeof promises / sizeof promises[0], N_SINGLE = 4 };

int main(void)
{
    static char names[MOST_KERNELS * N_PROMISES][96];
    struct CMUnitTest tests[N_SINGLE + MOST_KERNELS * N_PROMISES] = {
        cmocka_unit_test(jpegs_differ_in_bytes_as_photographs_do),
        cmocka_unit_test(products_are_openblas_own),
        cmocka_unit_test(openblas_that_is_missing_or_another_library_is_told),
        cmocka_unit_test(names_that_are_no_kernels_are_not_found),
    };
    int32_t n = 0;

    for (; cal_kernels[n] != NULL && n < MOST_KERNELS; n++)
        for (int32_t p = 0; p < N_PROMISES; p++) {
            char *name = names[n * N_PROMISES + p];

            snprintf(name, sizeof names[0], "%s: %s", cal_kernels[n]->name,
                     promises[p].name);
            tests[N_SINGLE + n * N_PROMISES + p] =
                (struct CMUnitTest){.name = name,
                                    .test_func = promises[p].test,
                                    .initial_state = (void *)(uintptr_t)cal_kernels[n]};
        }
    return _cmocka_run_group_tests("kernels", tests,
                                   (size_t)(N_SINGLE + n * N_PROMISES), NULL, NULL);
}
