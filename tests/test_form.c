/* The forms of model/profile.h against arithmetic done by hand, and their slopes
 * against differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/profile.h"

#define N_ROWS (sizeof rows / sizeof rows[0])

/* 1e9 + 2e9 x operations, 4e6 + 1e6 x bytes. */
static const struct model_work work = {
    .flop_fixed = 1e9, .flop = 2e9, .bytes_fixed = 4e6, .bytes = 1e6};

static struct row {
    const char *name, *form;
    double coef[MODEL_FORM_COEFS_MAX], x, want;
    bool corner;
} rows[] = {
    {"constant", "constant", {0.25}, 7, 0.25, false},
    {"constant_at_zero", "constant", {0.25}, 0, 0.25, false},
    {"linear", "linear", {0.5, 0.25}, 6, 2, false},
    {"linear_at_zero", "linear", {0.5, 0.25}, 0, 0.5, false},
    {"floor_below_the_corner", "floor", {1, 8, 2}, 3, 9, false},
    {"floor_at_the_corner", "floor", {1, 8, 2}, 4, 9, true},
    {"floor_above_the_corner", "floor", {1, 8, 2}, 5, 11, false},
    {"floor_at_zero", "floor", {1, 8, 2}, 0, 9, false},
    /* x = 3: 7e9 operations at 1e12/s are 7 ms, 7e6 bytes at 1e9/s 7 ms: the corner */
    {"roofline_at_the_corner", "roofline", {1e-3, 1e12, 1e9}, 3, 8e-3, true},
    {"roofline_by_bytes", "roofline", {1e-3, 1e12, 1e9}, 1, 6e-3, false},
    {"roofline_by_operations", "roofline", {1e-3, 1e12, 1e9}, 10, 22e-3, false},
    {"roofline_without_limit_of_operations",
     "roofline",
     {0, INFINITY, 1e9},
     10,
     14e-3,
     false},
    {"roofline_without_limit_of_bytes",
     "roofline",
     {0, 1e12, INFINITY},
     10,
     21e-3,
     false},
};

/* A central difference over h of a smooth function errs by h^2 f''' / 6: here 1e-10 of
 * the slope (h is 1e-5 of a coefficient), and rounding by 1e-16 / 1e-5. */
static void check_slope(const struct model_form *form, const struct row *row)
{
    double d[MODEL_FORM_COEFS_MAX] = {0};

    if (row->corner) /* there are two slopes */
        return;
    form->slope(&work, row->coef, row->x, d);
    for (int32_t i = 0; i < form->n; i++) {
        double coef[MODEL_FORM_COEFS_MAX], h, up, down;

        if (isinf(row->coef[i])) { /* a rate without limit has no slope */
            assert_true(d[i] == 0);
            continue;
        }
        memcpy(coef, row->coef, sizeof coef);
        h = 1e-5 * fmax(coef[i], 1e-3);
        coef[i] = row->coef[i] + h;
        up = form->at(&work, coef, row->x);
        coef[i] = row->coef[i] - h;
        down = form->at(&work, coef, row->x);
        assert_true(fabs((up - down) / (2 * h) - d[i]) <=
                    1e-8 * fabs(d[i]) + 1e-10 * row->want / h);
    }
}

static void gives(void **state)
{
    const struct row *row = *state;
    const struct model_form *form = model_form_find(row->form);

    assert_non_null(form);
    assert_true(fabs(form->at(&work, row->coef, row->x) - row->want) <=
                1e-15 * row->want);
    check_slope(form, row);
}

static void forms_are_found_by_name_and_number(void **state)
{
    static const char *const names[] = {"constant", "linear", "floor", "roofline"};

    (void)state;
    for (int32_t i = 0; i < 4; i++) {
        assert_string_equal(model_form_at(i)->name, names[i]);
        assert_ptr_equal(model_form_find(names[i]), model_form_at(i));
        assert_true(model_form_at(i)->n <= MODEL_FORM_COEFS_MAX);
        for (int32_t c = 0; c < model_form_at(i)->n; c++)
            assert_non_null(model_form_at(i)->coefs[c]);
    }
    assert_null(model_form_at(4));
    assert_null(model_form_at(-1));
    assert_null(model_form_find("cubic"));
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 1] = {
        cmocka_unit_test(forms_are_found_by_name_and_number),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = gives, .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
