/* Sobol' indices: functions whose indices have a closed form, the rate at which the
 * intervals hold the truth, and what there is where nothing varies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "base/rng.h"
#include "model/indices.h"
#include "tests/ishigami.h"
#include "tests/near.h"

#define N(rows) (sizeof rows / sizeof rows[0])

enum { INPUTS_MAX = 4, ROWS_MAX = 4096 };

/* ---- functions of inputs uniform on -1..1 ---- */

static double linear(const double *x)
{
    return 5 + x[0] + 2 * x[1] - 3 * x[2];
}

static double product(const double *x)
{
    return 1e6 * x[0] * x[1];
}

static double alone(const double *x)
{
    return exp(x[0]);
}

static double deaf(const double *x)
{
    return 1e9 + x[1] * x[1] * x[1];
}

static double scaled_ishigami(const double *x)
{
    const double at[ISHIGAMI_INPUTS] = {ISHIGAMI_PI * x[0], ISHIGAMI_PI * x[1],
                                        ISHIGAMI_PI * x[2]};

    return ishigami(at);
}

/* y = 5 + x1 + 2 x2 - 3 x3: shares 1, 4 and 9 of 14.  A product of two inputs of mean 0
 * has no first order, and all of it in both totals. */
static const struct function {
    const char *name;
    double (*of)(const double *x);
    int32_t n_inputs;
    double first[INPUTS_MAX], total[INPUTS_MAX];
} functions[] = {
    {"linear", linear, 3, {1 / 14., 4 / 14., 9 / 14.}, {1 / 14., 4 / 14., 9 / 14.}},
    {"product", product, 2, {0, 0}, {1, 1}},
    {"one_input_has_it_all", alone, 1, {1}, {1}},
    {"an_input_without_effect", deaf, 2, {0, 1}, {0, 1}},
    {"ishigami", scaled_ishigami, ISHIGAMI_INPUTS, ISHIGAMI_FIRST, ISHIGAMI_TOTAL},
};

/* Values of a design of independent draws. */
struct sample {
    double y_a[ROWS_MAX], y_b[ROWS_MAX], y_ab[INPUTS_MAX * ROWS_MAX];
};

static void draw(const struct function *f, int64_t n, uint64_t seed, struct sample *s)
{
    struct sp_rng r = sp_rng_from_key(seed);
    double a[INPUTS_MAX], b[INPUTS_MAX];

    for (int64_t row = 0; row < n; row++) {
        for (int32_t i = 0; i < f->n_inputs; i++) {
            a[i] = 2 * sp_rng_uniform(&r) - 1;
            b[i] = 2 * sp_rng_uniform(&r) - 1;
        }
        s->y_a[row] = f->of(a);
        s->y_b[row] = f->of(b);
        for (int32_t i = 0; i < f->n_inputs; i++) {
            double keep = a[i];

            a[i] = b[i];
            s->y_ab[i * n + row] = f->of(a);
            a[i] = keep;
        }
    }
}

/* ---- closed forms ---- */

static bool covers(struct model_stat found, double truth)
{
    return fabs(found.mean - truth) <= found.half95 + 1e-9;
}

struct tally {
    int32_t held;
    double sum, squares;
};

static void add(struct tally *t, struct model_stat found, double truth)
{
    t->held += covers(found, truth);
    t->sum += found.mean;
    t->squares += found.mean * found.mean;
}

/* Of `seeds` experiments: the mean within 4 standard errors of the truth plus 1/rows,
 * the order of the bias of a ratio of means; and as many intervals that hold the truth
 * as the 95 % say, within 3 standard errors of a binomial share, and 2 % less: the
 * percentile bootstrap of some hundred rows is that much too narrow. */
static void check(const struct tally *t, int32_t seeds, int64_t rows, double truth)
{
    double n = seeds, mean = t->sum / n,
           variance = fmax(0, (t->squares - n * mean * mean) / (n - 1));
    double held = t->held / n, slack = 3 * sqrt(0.95 * 0.05 / n);

    assert_near(mean, truth, 4 * sqrt(variance / n) + 1 / (double)rows + 5e-5);
    if (held < 0.93 - slack || (held > 0.95 + slack && variance > 1e-12))
        fail_msg("%d of %d intervals hold %g", (int)t->held, (int)seeds, truth);
}

static void indices_and_intervals_are_as_the_closed_form_says(void **state)
{
    enum { SEEDS = 200, ROWS = 300 };
    const struct function *f = *state;
    static struct sample s;
    struct tally first[INPUTS_MAX] = {{0}}, total[INPUTS_MAX] = {{0}};
    struct sp_arena *arena = sp_arena_new();

    for (int32_t seed = 0; seed < SEEDS; seed++) {
        struct model_indices found;

        draw(f, ROWS, sp_mix_keys(7, (uint64_t)seed), &s);
        model_indices_of(ROWS, f->n_inputs, s.y_a, s.y_b, s.y_ab, (uint64_t)seed, arena,
                         &found);
        assert_int_equal(found.n, ROWS);
        assert_int_equal(found.n_inputs, f->n_inputs);
        for (int32_t i = 0; i < f->n_inputs; i++) {
            add(&first[i], found.inputs[i].first, f->first[i]);
            add(&total[i], found.inputs[i].total, f->total[i]);
        }
    }
    for (int32_t i = 0; i < f->n_inputs; i++) {
        check(&first[i], SEEDS, ROWS, f->first[i]);
        check(&total[i], SEEDS, ROWS, f->total[i]);
    }
    sp_arena_free(arena);
}

/* x uniform on -1..1 has variance 1/3; 5 + x1 + 2 x2 - 3 x3 then 14/3, mean 5. */
static void mean_and_variance_are_those_of_both_samples(void **state)
{
    static struct sample s;
    struct sp_arena *arena = sp_arena_new();
    struct model_indices found;
    double sum = 0, squares = 0;

    (void)state;
    draw(&functions[0], ROWS_MAX, 1, &s);
    model_indices_of(ROWS_MAX, 3, s.y_a, s.y_b, s.y_ab, 1, arena, &found);
    for (int32_t i = 0; i < ROWS_MAX; i++)
        sum += s.y_a[i] + s.y_b[i];
    sum /= 2 * ROWS_MAX;
    for (int32_t i = 0; i < ROWS_MAX; i++)
        squares +=
            (s.y_a[i] - sum) * (s.y_a[i] - sum) + (s.y_b[i] - sum) * (s.y_b[i] - sum);
    assert_near(found.mean, sum, 1e-12);
    assert_near(found.variance, squares / (2 * ROWS_MAX - 1), 1e-9);
    assert_near(found.mean, 5, 4 * sqrt(14 / 3. / (2 * ROWS_MAX)));
    assert_near(found.variance, 14 / 3., 0.3);
    sp_arena_free(arena);
}

/* ---- what is left out, and where there is nothing ---- */

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void rows_with_nan_are_left_out(void **state)
{
    enum { ALL = 40, KEPT = 37 };
    static const int32_t gone[] = {0, 17, 39};
    static struct sample all, kept;
    struct sp_arena *arena = sp_arena_new();
    struct model_indices a, b;
    int32_t n = 0;

    (void)state;
    draw(&functions[0], ALL, 3, &all);
    for (int32_t i = 0; i < ALL; i++) {
        if (i == gone[0] || i == gone[1] || i == gone[2])
            continue;
        kept.y_a[n] = all.y_a[i];
        kept.y_b[n] = all.y_b[i];
        for (int32_t k = 0; k < 3; k++)
            kept.y_ab[k * KEPT + n] = all.y_ab[k * ALL + i];
        n++;
    }
    all.y_a[gone[0]] = NAN;
    all.y_b[gone[1]] = INFINITY;
    all.y_ab[2 * ALL + gone[2]] = NAN;
    model_indices_of(ALL, 3, all.y_a, all.y_b, all.y_ab, 5, arena, &a);
    model_indices_of(KEPT, 3, kept.y_a, kept.y_b, kept.y_ab, 5, arena, &b);
    assert_int_equal(a.n, KEPT);
    assert_true(same(a.mean, b.mean) && same(a.variance, b.variance));
    assert_memory_equal(a.inputs, b.inputs, 3 * sizeof *a.inputs);
    sp_arena_free(arena);
}

static void nothing_varies_gives_nan_and_no_noise(void **state)
{
    static const double constants[] = {0, 1, 0.1, -1e-9, 1e12 / 3};
    static struct sample s;
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (size_t c = 0; c < N(constants); c++) {
        struct model_indices found;

        for (int32_t i = 0; i < 100; i++)
            s.y_a[i] = s.y_b[i] = s.y_ab[i] = s.y_ab[100 + i] = constants[c];
        model_indices_of(100, 2, s.y_a, s.y_b, s.y_ab, 1, arena, &found);
        assert_near(found.mean, constants[c], 1e-14 * fabs(constants[c]));
        assert_true(found.variance == 0);
        for (int32_t i = 0; i < 2; i++) {
            assert_true(isnan(found.inputs[i].first.mean));
            assert_true(isnan(found.inputs[i].total.half95));
        }
    }
    sp_arena_free(arena);
}

static void fewer_than_two_rows_give_nan(void **state)
{
    const double y_a[] = {1, NAN}, y_b[] = {2, 3}, y_ab[] = {3, 4};
    struct sp_arena *arena = sp_arena_new();

    (void)state;
    for (int64_t n = 0; n <= 2; n++) {
        struct model_indices found;

        model_indices_of(n, 1, y_a, y_b, y_ab, 1, arena, &found);
        assert_int_equal(found.n, n > 0);
        assert_true(isnan(found.mean) && isnan(found.variance));
        assert_true(isnan(found.inputs[0].first.mean));
    }
    sp_arena_free(arena);
}

static void an_input_that_changes_nothing_has_zero_without_doubt(void **state)
{
    static struct sample s;
    struct sp_arena *arena = sp_arena_new();
    struct model_indices found;

    (void)state;
    draw(&functions[3], 200, 2, &s);
    model_indices_of(200, 2, s.y_a, s.y_b, s.y_ab, 1, arena, &found);
    assert_true(found.inputs[0].first.mean == 0 && found.inputs[0].first.half95 == 0);
    assert_true(found.inputs[0].total.mean == 0 && found.inputs[0].total.half95 == 0);
    sp_arena_free(arena);
}

int main(void)
{
    struct CMUnitTest tests[5 + N(functions)] = {
        cmocka_unit_test(mean_and_variance_are_those_of_both_samples),
        cmocka_unit_test(rows_with_nan_are_left_out),
        cmocka_unit_test(nothing_varies_gives_nan_and_no_noise),
        cmocka_unit_test(fewer_than_two_rows_give_nan),
        cmocka_unit_test(an_input_that_changes_nothing_has_zero_without_doubt),
    };

    for (size_t i = 0; i < N(functions); i++)
        tests[5 + i] = (struct CMUnitTest){
            .name = functions[i].name,
            .test_func = indices_and_intervals_are_as_the_closed_form_says,
            .initial_state = (void *)(uintptr_t)&functions[i]};
    return cmocka_run_group_tests_name("indices", tests, NULL, NULL);
}
