/* model/search.h: the change from passing to failing, wherever it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "model/search.h"

/* Passes up to `limit`, and, where there is an island, within it. */
struct slope {
    double limit, island_from, island_to;
    int32_t fails_after; /* tests, with an error; 0: never */
    int32_t made;
};

static enum sp_status test(void *self, double factor, bool *passes, struct sp_err *err)
{
    struct slope *s = self;

    s->made++;
    if (s->fails_after > 0 && s->made > s->fails_after)
        return sp_fail(err, SP_EIO, "broken");
    *passes =
        factor <= s->limit || (factor >= s->island_from && factor <= s->island_to);
    return SP_OK;
}

static struct model_search search_of(struct slope *s, double precision)
{
    return (struct model_search){.test = test, .self = s, .precision_frac = precision};
}

static void limit_lies_in_a_bracket_of_the_precision(void **state)
{
    static const double limits[] = {0.00013, 0.02, 0.5,  0.99, 1,   1.0001,
                                    1.9,     2,    3.14, 1000, 8191};
    static const double precisions[] = {0.5, 0.01, 1e-6};

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        for (size_t p = 0; p < 3; p++) {
            struct slope slope = {.limit = limits[i], .island_from = INFINITY};
            struct model_search s = search_of(&slope, precisions[p]);

            assert_int_equal(model_search_largest(&s, NULL), SP_OK);
            assert_true(s.passes <= limits[i] && limits[i] < s.fails);
            assert_true(s.fails <= s.passes * (1 + precisions[p]));
            assert_int_equal(s.tests, slope.made);
            /* one, the steps to the bracket, and its logarithm halved each time */
            assert_true(s.tests <= 1 + MODEL_SEARCH_STEPS +
                                       ceil(log2(log(2) / log1p(precisions[p]))));
        }
}

static void nothing_passes_or_nothing_fails(void **state)
{
    struct slope never = {.limit = 0, .island_from = INFINITY};
    struct slope always = {.limit = INFINITY, .island_from = INFINITY};
    struct model_search s = search_of(&never, 0.01);

    (void)state;
    assert_int_equal(model_search_largest(&s, NULL), SP_OK);
    assert_true(isnan(s.passes) && s.fails == 1.0 / 16384);
    assert_int_equal(s.tests, 1 + MODEL_SEARCH_STEPS);
    s = search_of(&always, 0.01);
    assert_int_equal(model_search_largest(&s, NULL), SP_OK);
    assert_true(isnan(s.fails) && s.passes == 16384);
}

static void an_uneven_test_still_gives_a_change(void **state)
{
    struct slope slope = {.limit = 2.5, .island_from = 4, .island_to = 5};
    struct model_search s = search_of(&slope, 0.01);

    (void)state;
    assert_int_equal(model_search_largest(&s, NULL), SP_OK);
    assert_true(s.passes <= 5 && 5 < s.fails); /* 1, 2, 4 pass: it never saw the gap */
}

static void an_error_ends_it_with_what_there_is(void **state)
{
    struct slope slope = {.limit = 3, .island_from = INFINITY, .fails_after = 2};
    struct model_search s = search_of(&slope, 0.01);
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_search_largest(&s, &err), SP_EIO);
    assert_string_equal(err.text, "broken");
    assert_true(s.passes == 2 && isnan(s.fails) && s.tests == 2);
}

/* ---- the smallest number ---- */

static enum sp_status test_number(void *self, int64_t n, bool *passes,
                                  struct sp_err *err)
{
    struct slope *s = self;

    s->made++;
    if (s->fails_after > 0 && s->made > s->fails_after)
        return sp_fail(err, SP_EIO, "broken");
    *passes = (double)n >= s->limit;
    return SP_OK;
}

static struct model_search_least least_of(struct slope *s, int64_t start, int64_t most)
{
    return (struct model_search_least){
        .test = test_number, .self = s, .start = start, .most = most};
}

static void least_number_is_found_with_the_one_below_it(void **state)
{
    enum { MOST = 130 };

    (void)state;
    for (int least = 1; least <= MOST; least++)
        for (int start = 1; start <= MOST; start++) {
            struct slope slope = {.limit = least};
            struct model_search_least s = least_of(&slope, start, MOST);

            assert_int_equal(model_search_smallest(&s, NULL), SP_OK);
            assert_int_equal(s.passes, least);
            assert_int_equal(s.fails, least - 1); /* 0: there is none below 1 */
            assert_int_equal(s.tests, slope.made);
            /* to the bracket by factors of 2, and its halves: 2 x log2 of the span */
            assert_true(s.tests <= 2 + 2 * ceil(log2(MOST)));
        }
}

static void a_number_that_never_passes_is_told_by_the_most(void **state)
{
    struct slope never = {.limit = INFINITY};
    struct model_search_least s = least_of(&never, 3, 100);

    (void)state;
    assert_int_equal(model_search_smallest(&s, NULL), SP_OK);
    assert_int_equal(s.passes, 0);
    assert_int_equal(s.fails, 100);
}

static void an_error_ends_the_search_for_a_number(void **state)
{
    struct slope slope = {.limit = 60, .fails_after = 2};
    struct model_search_least s = least_of(&slope, 88, 1000);
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(model_search_smallest(&s, &err), SP_EIO);
    assert_string_equal(err.text, "broken");
    assert_true(s.passes == 88 && s.fails == 44 && s.tests == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_lies_in_a_bracket_of_the_precision),
        cmocka_unit_test(nothing_passes_or_nothing_fails),
        cmocka_unit_test(an_uneven_test_still_gives_a_change),
        cmocka_unit_test(an_error_ends_it_with_what_there_is),
        cmocka_unit_test(least_number_is_found_with_the_one_below_it),
        cmocka_unit_test(a_number_that_never_passes_is_told_by_the_most),
        cmocka_unit_test(an_error_ends_the_search_for_a_number),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
