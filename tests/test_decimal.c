/* base/decimal.h: against strtod of the C library and against long division by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/rng.h"

static void scan_takes_the_number_and_no_more(void **state)
{
    static const struct {
        const char *text, *rest; /* rest NULL: no number */
        uint64_t mantissa;
        int exponent;
    } cases[] = {
        {"0", "", 0, 0},
        {"000", "", 0, 0},
        {"0.00e5", "", 0, 0},
        {"12", "", 12, 0},
        {"100", "", 1, 2},
        {"1.50", "", 15, -1},
        {".5", "", 5, -1},
        {"0.001", "", 1, -3},
        {"10.01", "", 1001, -2},
        {"1e3", "", 1, 3},
        {"1E+3", "", 1, 3},
        {"1.5e-3", "", 15, -4},
        {"1E", "E", 1, 0},
        {"1e-", "e-", 1, 0},
        {"1Ei", "Ei", 1, 0},
        {"1_000", "", 1, 3},
        {"1_", "_", 1, 0},
        {"5h", "h", 5, 0},
        {"1e99999999999", "", 1, 99999},
        {"9999999999999999999", "", 9999999999999999999u, 0},
        {"", NULL, 0, 0},
        {".", NULL, 0, 0},
        {"5.", NULL, 0, 0},
        {"1.2.3", NULL, 0, 0},
        {"-1", NULL, 0, 0},
        {"e5", NULL, 0, 0},
        {"_1", NULL, 0, 0},
        {" 1", NULL, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *p = cases[i].text;
        struct sp_decimal d;

        if (cases[i].rest == NULL) {
            assert_false(sp_decimal_scan(&p, &d));
            assert_ptr_equal(p, cases[i].text);
            continue;
        }
        assert_true(sp_decimal_scan(&p, &d));
        assert_string_equal(p, cases[i].rest);
        assert_true(d.exact && d.mantissa == cases[i].mantissa);
        assert_int_equal(d.exponent, cases[i].exponent);
    }
}

static void twenty_digits_are_not_exact(void **state)
{
    const char *p = "1.0000000000000000001", *q = "1.0000000000000000000000000";
    struct sp_decimal d;
    int64_t whole = -7;
    bool rest = false;

    (void)state;
    assert_true(sp_decimal_scan(&p, &d));
    assert_false(d.exact);
    assert_false(sp_decimal_whole(&d, 1, &whole, &rest));
    assert_int_equal(whole, -7);
    assert_true(sp_decimal_double(&d, 0) == 1);
    assert_true(sp_decimal_scan(&q, &d));
    assert_true(d.exact && d.mantissa == 1);
}

static void double_is_the_nearest_one(void **state)
{
    struct sp_rng r = sp_rng_from_key(4);

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[64], shifted[80];
        const char *p = text;
        int exponent = (int)(sp_rng_next(&r) % 600) - 300,
            shift = -(int)(sp_rng_next(&r) % 10);
        struct sp_decimal d;

        snprintf(text, sizeof text, "%llu.%llue%d",
                 (unsigned long long)(sp_rng_next(&r) >> (sp_rng_next(&r) % 64)),
                 (unsigned long long)(sp_rng_next(&r) >> (sp_rng_next(&r) % 64)),
                 exponent);
        snprintf(shifted, sizeof shifted, "%.*se%d", (int)strcspn(text, "e"), text,
                 exponent + shift);
        assert_true(sp_decimal_scan(&p, &d));
        assert_true(sp_decimal_double(&d, 0) == strtod(text, NULL));
        assert_true(sp_decimal_double(&d, shift) == strtod(shifted, NULL));
    }
}

/* About 2^53 and 10^22, where a single product or quotient is exactly rounded no more.
 */
static void double_is_the_nearest_one_at_the_edge_of_short_ones(void **state)
{
    static const char *const digits[] = {
        "0",
        "1",
        "3",
        "0.1",
        "123.456",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "900719925474099.3",
        "1234567890123456789",
        "9999999999999999999",
        "0.9007199254740993",
        "10000000000000000000000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        for (int exponent = -48; exponent <= 48; exponent++) {
            char text[64];
            const char *p = digits[i];
            struct sp_decimal d;

            snprintf(text, sizeof text, "%se%d", digits[i], exponent);
            assert_true(sp_decimal_scan(&p, &d));
            assert_true(sp_decimal_double(&d, exponent) == strtod(text, NULL));
        }
}

/* a.b times unit: a * unit + b * unit / 10^digits, in parts that fit 64 bits. */
static void whole_agrees_with_a_sum_by_hand(void **state)
{
    struct sp_rng r = sp_rng_from_key(5);

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t a = sp_rng_next(&r) % 1000000, b = sp_rng_next(&r) % 1000000;
        uint64_t unit = sp_rng_next(&r) % 1000000000;
        uint64_t want = a * unit + b * unit / 1000000;
        bool cut = b * unit % 1000000 != 0, rest = !cut;
        char text[40];
        const char *p = text;
        struct sp_decimal d;
        int64_t whole = -1;

        snprintf(text, sizeof text, "%llu.%06llu", (unsigned long long)a,
                 (unsigned long long)b);
        assert_true(sp_decimal_scan(&p, &d));
        assert_true(sp_decimal_whole(&d, unit, &whole, &rest));
        assert_true((uint64_t)whole == want && rest == cut);
    }
}

static void whole_that_does_not_fit_is_refused(void **state)
{
    static const char *const texts[] = {"9223372036854775808", "1e19", "1e99999"};
    const char *most = "9223372036854775807.5", *tiny = "1e-99999";
    struct sp_decimal d;
    int64_t whole = -7;
    bool rest = false;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *p = texts[i];

        assert_true(sp_decimal_scan(&p, &d));
        assert_false(sp_decimal_whole(&d, 1, &whole, &rest));
    }
    assert_true(sp_decimal_scan(&most, &d));
    assert_false(d.exact); /* 20 digits */
    most = "9223372036854775807";
    assert_true(sp_decimal_scan(&most, &d));
    assert_true(sp_decimal_whole(&d, 1, &whole, &rest));
    assert_true(whole == INT64_MAX && !rest);
    assert_false(sp_decimal_whole(&d, 2, &whole, &rest));
    assert_true(sp_decimal_scan(&tiny, &d));
    assert_true(sp_decimal_whole(&d, 1, &whole, &rest));
    assert_true(whole == 0 && rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_takes_the_number_and_no_more),
        cmocka_unit_test(twenty_digits_are_not_exact),
        cmocka_unit_test(double_is_the_nearest_one),
        cmocka_unit_test(double_is_the_nearest_one_at_the_edge_of_short_ones),
        cmocka_unit_test(whole_agrees_with_a_sum_by_hand),
        cmocka_unit_test(whole_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
