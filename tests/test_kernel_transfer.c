/* model_kernel_transfer(): each term by its own ratio, done by hand; what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/llm.h"
#include "model/profile.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* Times on the second are: of memory 1/2, of bf16 1/4, of fp32 1/5, of the link 1/8. */
static const struct model_gpu small_gpu = {.name = "Small",
                                           .bytes_per_s = 1e12,
                                           .bf16_flop_per_s = 1e14,
                                           .fp32_flop_per_s = 1e13,
                                           .fp8_flop_per_s = NAN,
                                           .host_bytes_per_s = 16e9};
static const struct model_gpu large_gpu = {.name = "Large",
                                           .bytes_per_s = 2e12,
                                           .bf16_flop_per_s = 4e14,
                                           .fp32_flop_per_s = 5e13,
                                           .fp8_flop_per_s = 8e14,
                                           .host_bytes_per_s = 128e9};

/* The first point, at x = 1, has twice the time of its form; the second, at x = 4, what
 * the form says. */
static struct row {
    const char *name;
    enum model_bound bound;
    const char *format; /* or NULL */
    const char *form;   /* or NULL: points of 2 s and 1 s */
    double coef[MODEL_FORM_COEFS_MAX], flop, bytes;
    double want[MODEL_FORM_COEFS_MAX]; /* coefficients */
    double first, last;                /* points */
} rows[] = {
    {"constant_by_memory", MODEL_BOUND_MEMORY, NULL, "constant", {4}, 0, 0, {2}, 4, 2},
    {"constant_by_operations",
     MODEL_BOUND_COMPUTE,
     "bf16",
     "constant",
     {4},
     0,
     0,
     {1},
     2,
     1},
    {"constant_by_operations_of_the_plain_cores",
     MODEL_BOUND_COMPUTE,
     "fp32",
     "constant",
     {5},
     0,
     0,
     {1},
     2,
     1},
    {"constant_by_the_link", MODEL_BOUND_LINK, NULL, "constant", {8}, 0, 0, {1}, 2, 1},
    {"latency_stays",
     MODEL_BOUND_LATENCY,
     NULL,
     "linear",
     {4, 2},
     0,
     0,
     {4, 2},
     12,
     12},
    /* work that is not known: what is always read */
    {"constant_of_a_line_by_memory",
     MODEL_BOUND_MEMORY,
     NULL,
     "linear",
     {1, 2},
     0,
     0,
     {0.5, 1},
     3,
     4.5},
    {"overhead_of_a_line_stays",
     MODEL_BOUND_MEMORY,
     NULL,
     "linear",
     {1, 2},
     0,
     1e9,
     {1, 1},
     4,
     5},
    {"line_by_operations",
     MODEL_BOUND_COMPUTE,
     "bf16",
     "linear",
     {1, 8},
     0,
     0,
     {1, 2},
     6,
     9},
    {"line_by_the_link", MODEL_BOUND_LINK, NULL, "linear", {1, 8}, 0, 0, {1, 1}, 4, 5},
    /* 1e12 operations take 10 ms, 1e9 bytes 1 ms; and the other way round */
    {"line_by_what_binds_operations",
     MODEL_BOUND_ROOFLINE,
     "bf16",
     "linear",
     {1, 8},
     1e12,
     1e9,
     {1, 2},
     6,
     9},
    {"line_by_what_binds_bytes",
     MODEL_BOUND_ROOFLINE,
     "bf16",
     "linear",
     {1, 8},
     1e12,
     1e11,
     {1, 4},
     10,
     17},
    {"floor_by_memory",
     MODEL_BOUND_MEMORY,
     NULL,
     "floor",
     {1, 8, 4},
     0,
     0,
     {1, 4, 2},
     10,
     9},
    /* weights by memory, the rest by operations: 1 + max(4, 1 x) */
    {"floor_of_a_roofline",
     MODEL_BOUND_ROOFLINE,
     "bf16",
     "floor",
     {1, 8, 4},
     1e12,
     1e9,
     {1, 4, 1},
     10,
     5},
    /* o + max(1e12 x / p, 1e10 x / q): on the old by operations, 10 ms each x, on the
     * new by bytes, 5 ms each x */
    {"roofline_may_change_sides",
     MODEL_BOUND_ROOFLINE,
     "bf16",
     "roofline",
     {1e-3, 1e14, 1e12},
     1e12,
     1e10,
     {1e-3, 4e14, 2e12},
     12e-3,
     21e-3},
    {"roofline_without_limit_of_operations",
     MODEL_BOUND_MEMORY,
     NULL,
     "roofline",
     {1e-3, INFINITY, 1e12},
     1e12,
     1e10,
     {1e-3, INFINITY, 2e12},
     12e-3,
     21e-3},
    {"roofline_of_a_link",
     MODEL_BOUND_LINK,
     NULL,
     "roofline",
     {1e-3, INFINITY, 16e9},
     0,
     16e6,
     {1e-3, INFINITY, 128e9},
     2 * 1.125e-3,
     1.5e-3},
    {"points_alone_by_memory", MODEL_BOUND_MEMORY, NULL, NULL, {0}, 0, 0, {0}, 1, 0.5},
};

struct made {
    struct model_kernel k;
    struct model_profile_point points[2];
    struct model_fit fit;
    struct model_fact format;
};

static void make(const struct row *row, struct made *m)
{
    *m = (struct made){.k = {.name = "k",
                             .axis = "items",
                             .basis = MODEL_BASIS_MEASURED,
                             .bound = row->bound,
                             .work = {.flop = row->flop, .bytes = row->bytes},
                             .n_points = 2,
                             .sd_frac = 0.08},
                       .points = {{.x = 1, .s = 2}, {.x = 4, .s = 1}},
                       .format = {"format", row->format}};
    m->k.points = m->points;
    m->k.fits = &m->fit;
    m->k.params = &m->format;
    m->k.n_params = row->format != NULL;
    if (row->form == NULL)
        return;
    m->k.n_fits = 1;
    m->fit.form = model_form_find(row->form);
    memcpy(m->fit.coef, row->coef, sizeof m->fit.coef);
    for (int32_t i = 0; i < m->fit.form->n; i++)
        for (int32_t j = 0; j < m->fit.form->n; j++)
            m->fit.cov[i][j] = 1 + i + j;
    m->points[0].s = 2 * m->fit.form->at(&m->k.work, row->coef, 1);
    m->points[1].s = m->fit.form->at(&m->k.work, row->coef, 4);
}

static bool is_near(double found, double want)
{
    return isinf(want) ? found == want : fabs(found - want) <= 1e-14 * fabs(want);
}

static void each_term_by_its_own_ratio(void **state)
{
    const struct row *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *moved = NULL;
    struct sp_err err = {0};
    struct made m;

    make(row, &m);
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, &err),
        SP_OK);
    assert_true(is_near(moved->points[0].s, row->first));
    assert_true(is_near(moved->points[1].s, row->last));
    for (int32_t i = 0; row->form != NULL && i < m.fit.form->n; i++) {
        assert_true(is_near(moved->fits[0].coef[i], row->want[i]));
        for (int32_t j = 0; j < m.fit.form->n; j++)
            if (isfinite(row->coef[i]) && isfinite(row->coef[j]) && row->coef[i] > 0 &&
                row->coef[j] > 0)
                assert_true(is_near(moved->fits[0].cov[i][j],
                                    (1 + i + j) * (row->want[i] / row->coef[i]) *
                                        (row->want[j] / row->coef[j])));
    }
    assert_int_equal(moved->basis, MODEL_BASIS_DATASHEET);
    /* 0.08 and 0.15: 8, 15, 17 */
    assert_true(is_near(moved->sd_frac, row->bound == MODEL_BOUND_COMPUTE ||
                                                row->bound == MODEL_BOUND_ROOFLINE
                                            ? sqrt(0.0064 + 0.0625)
                                            : 0.17));
    assert_string_equal(moved->source, "measured on Small, scaled to Large");
    /* what was given is as it was */
    assert_int_equal(m.k.basis, MODEL_BASIS_MEASURED);
    assert_true(m.k.sd_frac == 0.08 && m.points[1].x == 4);
    assert_memory_equal(m.fit.coef, row->coef, sizeof m.fit.coef);
    sp_arena_free(arena);
}

/* Stored as bf16, computed by the plain cores: 1/5, not 1/4. */
static void rate_goes_before_format(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct model_fact params[] = {{"format", "bf16"}, {"rate", "fp32"}};
    const struct model_kernel *moved = NULL;
    struct made m;

    (void)state;
    make(&(struct row){.bound = MODEL_BOUND_COMPUTE}, &m);
    m.k.params = params;
    for (m.k.n_params = 1; m.k.n_params <= 2; m.k.n_params++) {
        assert_int_equal(
            model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, NULL),
            SP_OK);
        assert_true(is_near(moved->points[0].s, m.k.n_params == 1 ? 0.5 : 0.4));
    }
    params[0].value = "f32";
    m.k.n_params = 1;
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, NULL),
        SP_OK);
    assert_true(is_near(moved->points[0].s, 0.4));
    sp_arena_free(arena);
}

/* 0.5e12 bytes of every call take half of the second that the constant is; of
 * operations 2e14, at 1e14 a second, would take all of it. */
static void fixed_work_is_not_overhead(void **state)
{
    const struct row *line = NULL, *computing = NULL;
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *moved = NULL;
    struct made m;

    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].name, "overhead_of_a_line_stays") == 0)
            line = &rows[i];
        if (strcmp(rows[i].name, "line_by_operations") == 0)
            computing = &rows[i];
    }
    assert_true(line != NULL && computing != NULL);
    make(line, &m);
    m.k.work.bytes_fixed = 0.5e12;
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, NULL),
        SP_OK);
    assert_true(is_near(moved->fits[0].coef[0], 0.75));
    make(computing, &m);
    m.k.work.flop_fixed = 2e14;
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, NULL),
        SP_OK);
    assert_true(is_near(moved->fits[0].coef[0], 0.25));
    sp_arena_free(arena);
}

static void features_by_the_bound(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *moved = NULL;
    struct made m;

    (void)state;
    make(&rows[0], &m); /* by memory */
    m.k.features = (struct model_features){.n = 1, .names = {"bytes"}, .coef = {3, 4}};
    m.k.features.cov[0][0] = m.k.features.cov[0][1] = m.k.features.cov[1][1] = 1;
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, NULL),
        SP_OK);
    assert_true(moved->features.coef[0] == 3 && moved->features.coef[1] == 2);
    assert_true(moved->features.cov[0][0] == 1 && moved->features.cov[0][1] == 0.5 &&
                moved->features.cov[1][1] == 0.25);
    sp_arena_free(arena);
}

static void there_and_back_is_what_was_measured(void **state)
{
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct model_kernel *there = NULL, *back = NULL;
        struct made m;

        make(&rows[i], &m);
        assert_int_equal(
            model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &there, NULL),
            SP_OK);
        assert_int_equal(
            model_kernel_transfer(there, &large_gpu, &small_gpu, arena, &back, NULL),
            SP_OK);
        if (strstr(rows[i].name, "what_binds") != NULL) /* may differ on the way back */
            continue;
        assert_true(is_near(back->points[0].s, m.points[0].s));
        assert_true(is_near(back->points[1].s, m.points[1].s));
    }
    sp_arena_free(arena);
}

static struct refusal {
    const char *name;
    enum model_bound bound;
    const char *format;
    double flop;
    const char *want;
} refusals[] = {
    {"unknown_bound", MODEL_BOUND_UNKNOWN, "bf16", 1,
     "it is not known what binds it (its 'bound' in the profile)"},
    {"no_format", MODEL_BOUND_COMPUTE, NULL, 1,
     "its parameters lack 'rate' or 'format', expected fp32, bf16, fp16, fp8 or int8"},
    {"unknown_format", MODEL_BOUND_COMPUTE, "fp12", 1,
     "its format is 'fp12', expected fp32, bf16, fp16, fp8 or int8"},
    {"rate_that_the_old_lacks", MODEL_BOUND_COMPUTE, "fp8", 1,
     "the datasheet of Small has no rate of fp8"},
    {"rate_that_is_not_known", MODEL_BOUND_COMPUTE, "int8", 1,
     "the datasheet of Small has no rate of int8"},
    {"roofline_without_work", MODEL_BOUND_ROOFLINE, "bf16", 0, "its work is not known"},
};

static void is_refused(void **state)
{
    const struct refusal *row = *state;
    struct sp_arena *arena = sp_arena_new();
    const struct model_kernel *moved = NULL;
    struct sp_err err = {0};
    char want[300];
    struct made m;

    make(&(struct row){.bound = row->bound, .format = row->format, .flop = row->flop},
         &m);
    assert_int_equal(
        model_kernel_transfer(&m.k, &small_gpu, &large_gpu, arena, &moved, &err),
        SP_EINPUT);
    snprintf(want, sizeof want, "kernel 'k' can't be scaled from Small to Large: %s",
             row->want);
    assert_string_equal(err.text, want);
    assert_null(moved);
    sp_arena_free(arena);
}

/* The rates of model/gpus.csv: 2039 and 3350 GB/s, 312 and 989.5 TFLOP/s of bf16, 19.5
 * and 67 of fp32, PCIe 4 and 5. */
static void datasheets_have_the_rates(void **state)
{
    static const struct {
        enum model_bound bound;
        const char *format;
        double factor;
    } cases[] = {{MODEL_BOUND_MEMORY, NULL, 2039.0 / 3350},
                 {MODEL_BOUND_COMPUTE, "bf16", 312 / 989.5},
                 {MODEL_BOUND_COMPUTE, "fp16", 312 / 989.5},
                 {MODEL_BOUND_COMPUTE, "fp32", 19.5 / 67},
                 {MODEL_BOUND_COMPUTE, "int8", 624.0 / 1979},
                 {MODEL_BOUND_LINK, NULL, 0.5}};
    struct sp_arena *arena = sp_arena_new();
    struct model_gpu from, to;

    (void)state;
    assert_int_equal(model_gpu_find("A100-SXM4-80GB", arena, &from, NULL), SP_OK);
    assert_int_equal(model_gpu_find("H100-SXM5-80GB", arena, &to, NULL), SP_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct model_kernel *moved = NULL;
        struct made m;

        make(&(struct row){.bound = cases[i].bound, .format = cases[i].format}, &m);
        assert_int_equal(model_kernel_transfer(&m.k, &from, &to, arena, &moved, NULL),
                         SP_OK);
        assert_true(is_near(moved->points[0].s, 2 * cases[i].factor));
    }
    sp_arena_free(arena);
}

int main(void)
{
    enum { REFUSALS = sizeof refusals / sizeof refusals[0], FIXED = 5 };
    struct CMUnitTest tests[N_ROWS + REFUSALS + FIXED] = {
        cmocka_unit_test(fixed_work_is_not_overhead),
        cmocka_unit_test(rate_goes_before_format),
        cmocka_unit_test(features_by_the_bound),
        cmocka_unit_test(there_and_back_is_what_was_measured),
        cmocka_unit_test(datasheets_have_the_rates),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[FIXED + i] = (struct CMUnitTest){.name = rows[i].name,
                                               .test_func = each_term_by_its_own_ratio,
                                               .initial_state = &rows[i]};
    for (size_t i = 0; i < REFUSALS; i++)
        tests[FIXED + N_ROWS + i] = (struct CMUnitTest){.name = refusals[i].name,
                                                        .test_func = is_refused,
                                                        .initial_state = &refusals[i]};
    return cmocka_run_group_tests_name("kernel_transfer", tests, NULL, NULL);
}
