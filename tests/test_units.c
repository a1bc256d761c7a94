/* base/units.h: every form that a person may write, and every one that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/units.h"

#define N_ROWS    (sizeof rows / sizeof rows[0])
#define UNTOUCHED (-77.0)

enum parser {
    DURATION,
    THOUSANDTHS,
    BYTES,
    BANDWIDTH,
    PRICE,
    AMOUNT,
    RATE,
    COUNT,
    NUMBER,
    SHARE,
    MULTIPLE
};
enum { N_PARSERS = MULTIPLE + 1 };

/* COUNT is 1..1000000, NUMBER is -1..10. */
static enum sp_status parse(enum parser parser, const char *text, double *value,
                            struct sp_err *err)
{
    int64_t whole = (int64_t)UNTOUCHED;
    enum sp_status status = SP_OK;

    switch (parser) {
    case DURATION:
        return sp_parse_duration_s(text, value, err);
    case BANDWIDTH:
        return sp_parse_bytes_per_s(text, value, err);
    case PRICE:
        return sp_parse_usd_per_h(text, value, err);
    case AMOUNT:
        return sp_parse_usd(text, value, err);
    case RATE:
        return sp_parse_per_s(text, value, err);
    case NUMBER:
        return sp_parse_number(text, -1, 10, value, err);
    case SHARE:
        return sp_parse_fraction(text, value, err);
    case MULTIPLE:
        return sp_parse_multiple(text, value, err);
    case THOUSANDTHS:
        status = sp_parse_thousandths(text, &whole, err);
        break;
    case BYTES:
        status = sp_parse_bytes(text, &whole, err);
        break;
    case COUNT:
        status = sp_parse_count(text, 1, 1000000, &whole, err);
        break;
    }
    *value = (double)whole;
    return status;
}

/* `why` NULL: accepted as `want`, exactly.  Else refused, and the message holds `why`.
 */
static struct row {
    const char *name;
    enum parser parser;
    const char *text;
    double want;
    const char *why;
} rows[] = {
    {"zero_duration_needs_no_unit", DURATION, "0", 0, NULL},
    {"seconds", DURATION, "90s", 90, NULL},
    {"milliseconds_are_rounded_once", DURATION, "0.1ms", 0.0001, NULL},
    {"microseconds", DURATION, "15us", 15e-6, NULL},
    {"micro_sign", DURATION, "15\xc2\xb5s", 15e-6, NULL},
    {"greek_mu", DURATION, "15\xce\xbcs", 15e-6, NULL},
    {"nanoseconds", DURATION, "10ns", 10e-9, NULL},
    {"m_is_minutes", DURATION, "3m", 180, NULL},
    {"hours_and_minutes", DURATION, "1h30m", 5400, NULL},
    {"parts_may_have_blanks", DURATION, " 1 h 30 m ", 5400, NULL},
    {"fraction_in_the_last_part", DURATION, "1m1.5s", 61.5, NULL},
    {"days_and_weeks", DURATION, "1w2d", 9 * 86400.0, NULL},
    {"exponent", DURATION, "1.5e3s", 1500, NULL},
    {"a_century_fits", DURATION, "36500d", 36500 * 86400.0, NULL},
    {"iso_hours_minutes", DURATION, "PT1H30M", 5400, NULL},
    {"iso_day", DURATION, "P1D", 86400, NULL},
    {"iso_day_and_time", DURATION, "P1DT12H", 129600, NULL},
    {"iso_weeks", DURATION, "P2W", 14 * 86400.0, NULL},
    {"iso_fraction", DURATION, "PT0.5S", 0.5, NULL},
    {"over_a_century", DURATION, "36501d", 0, "longer than a century"},
    {"absurd_duration", DURATION, "1e30s", 0, "longer than a century"},
    {"overflowing_duration", DURATION, "1e999s", 0, "longer than a century"},
    {"duration_without_unit", DURATION, "5", 0, "no unit"},
    {"duration_whose_last_part_has_no_unit", DURATION, "1h30", 0, "no unit"},
    {"unknown_duration_unit", DURATION, "5 parsecs", 0, "unknown unit 'parsecs'"},
    {"case_counts", DURATION, "5S", 0, "unknown unit 'S'"},
    {"negative_duration", DURATION, "-3s", 0, "negative"},
    {"negative_second_part", DURATION, "1h-3m", 0, "negative"},
    {"rising_units", DURATION, "30m1h", 0, "'h' must come before"},
    {"unit_twice", DURATION, "1h1h", 0, "once"},
    {"fraction_in_the_middle", DURATION, "1.5h30m", 0, "only the last part"},
    {"iso_month", DURATION, "P1M", 0, "no fixed length"},
    {"iso_year", DURATION, "P1Y", 0, "no fixed length"},
    {"iso_month_before_time", DURATION, "P1MT1H", 0, "no fixed length"},
    {"iso_nothing", DURATION, "P", 0, "no number"},
    {"iso_empty_time", DURATION, "P1DT", 0, "nothing after the T"},
    {"iso_hours_without_T", DURATION, "P1H", 0, "unknown unit 'H'"},
    {"iso_time_twice", DURATION, "PT1HT1M", 0, "unknown unit 'HT'"},
    {"nan_duration", DURATION, "nan", 0, "not a finite number"},
    {"yaml_infinity", DURATION, ".inf", 0, "not a finite number"},
    {"negative_infinity", DURATION, "-.inf", 0, "not a finite number"},
    {"empty_text", DURATION, "", 0, "found nothing"},
    {"only_blanks", DURATION, "  ", 0, "found nothing"},
    {"line_break_is_no_blank", DURATION, "1s\n", 0, "unknown unit 's\\x0a'"},
    {"comma_for_a_point", DURATION, "1,5s", 0, "',5s' is out of place"},

    {"whole_cpus", THOUSANDTHS, "64", 64000, NULL},
    {"half_a_gpu", THOUSANDTHS, "0.5", 500, NULL},
    {"milli", THOUSANDTHS, "500m", 500, NULL},
    {"a_third_in_thousandths", THOUSANDTHS, "0.333", 333, NULL},
    {"trailing_zeros_are_fine", THOUSANDTHS, "0.2500000", 250, NULL},
    {"most_thousandths", THOUSANDTHS, "1e6", 1e9, NULL},
    {"one_too_many_thousandths", THOUSANDTHS, "1000000.001", 0, "more than 1000000"},
    {"too_many_by_very_little", THOUSANDTHS, "1000000.0001", 0, "more than 1000000"},
    {"rays_smallest_share", THOUSANDTHS, "0.0001", 0, "finer than a thousandth"},
    {"half_a_milli", THOUSANDTHS, "0.5m", 0, "finer than a thousandth"},
    {"endless_digits", THOUSANDTHS, "0.33333333333333333333", 0, "finer than"},
    {"cpus_with_kilo", THOUSANDTHS, "1k", 0, "unknown unit 'k'"},
    {"absurd_cpus", THOUSANDTHS, "1e30", 0, "more than 1000000"},
    {"hex", THOUSANDTHS, "0x10", 0, "unknown unit 'x'"},

    {"plain_bytes", BYTES, "1024", 1024, NULL},
    {"bytes_with_exponent", BYTES, "1e9", 1e9, NULL},
    {"kibi", BYTES, "600Ki", 614400, NULL},
    {"gibibytes", BYTES, "80GiB", 80.0 * 1073741824, NULL},
    {"gigabytes", BYTES, "8GB", 8e9, NULL},
    {"small_k", BYTES, "2k", 2000, NULL},
    {"E_is_exa", BYTES, "1E", 1e18, NULL},
    {"rounded_up", BYTES, "0.1Ki", 103, NULL},
    {"half_a_byte_is_one", BYTES, "0.5", 1, NULL},
    {"most_bytes", BYTES, "1Ei", 0x1p60, NULL},
    {"more_than_most_bytes", BYTES, "1152921504606846977", 0, "more than 1Ei"},
    {"just_over_the_most_bytes", BYTES, "1152921504606846976.1", 0, "digits"},
    {"bits_for_bytes", BYTES, "8Gb", 0, "a small b means bits"},
    {"kubernetes_milli_bytes", BYTES, "128m", 0, "unknown unit 'm'"},
    {"negative_bytes", BYTES, "-1", 0, "negative"},
    {"word_after_bytes", BYTES, "8GB RAM", 0, "unknown unit 'GB'"},

    {"gigabits", BANDWIDTH, "25Gbit/s", 3.125e9, NULL},
    {"gbps", BANDWIDTH, "100 Gbps", 12.5e9, NULL},
    {"gigabytes_per_s", BANDWIDTH, "3GB/s", 3e9, NULL},
    {"mebibytes_per_s", BANDWIDTH, "500MiB/s", 500 * 1048576.0, NULL},
    {"bandwidth_without_time", BANDWIDTH, "3GB", 0, "unknown unit 'GB'"},
    {"bandwidth_without_unit", BANDWIDTH, "100", 0, "no unit"},
    {"no_bandwidth", BANDWIDTH, "0 Gbps", 0, "not above 0"},
    {"absurd_bandwidth", BANDWIDTH, "1e12 GB/s", 0, "more than 1e18"},

    {"usd_per_hour", PRICE, "32 USD/h", 32, NULL},
    {"dollars", PRICE, "$0.50/h", 0.5, NULL},
    {"bare_price", PRICE, "4", 4, NULL},
    {"free", PRICE, "0", 0, NULL},
    {"dearest", PRICE, "1e6", 1e6, NULL},
    {"too_dear", PRICE, "1000001", 0, "more than 1e6"},
    {"dollars_without_hour", PRICE, "$4", 0, "no unit"},
    {"usd_without_hour", PRICE, "4 USD", 0, "unknown unit 'USD'"},
    {"other_currency", PRICE, "4 EUR/h", 0, "unknown unit 'EUR/h'"},
    {"negative_price", PRICE, "-4", 0, "negative"},
    {"negative_dollars", PRICE, "$-4/h", 0, "negative"},

    {"per_second", RATE, "1024/s", 1024, NULL},
    {"per_minute", RATE, "60/min", 1, NULL},
    {"usd", AMOUNT, "100 USD", 100, NULL},
    {"dollars_alone", AMOUNT, "$0.50", 0.5, NULL},
    {"plain_amount", AMOUNT, "4", 4, NULL},
    {"no_amount", AMOUNT, "0", 0, NULL},
    {"the_most_usd", AMOUNT, "1e12", 1e12, NULL},
    {"too_many_usd", AMOUNT, "1e13 USD", 0, "more than 1e12 USD"},
    {"usd_are_no_price", AMOUNT, "3 USD/h", 0, "unknown unit 'USD/h'"},
    {"usd_twice", AMOUNT, "$3 USD", 0, "unknown unit 'USD'"},
    {"per_hour", RATE, "1000/h", 1000 / 3600.0, NULL},
    {"bare_rate", RATE, "5", 5, NULL},
    {"no_rate", RATE, "0/s", 0, "not above 0"},
    {"absurd_rate", RATE, "1e13/s", 0, "more than 1e12/s"},
    {"rate_of_unknown_time", RATE, "5/fortnight", 0, "unknown unit '/fortnight'"},

    {"count", COUNT, "12", 12, NULL},
    {"count_with_underscores", COUNT, "1_000_000", 1e6, NULL},
    {"whole_exponent", COUNT, "1e6", 1e6, NULL},
    {"whole_with_point", COUNT, "2.50e1", 25, NULL},
    {"count_below", COUNT, "0", 0, "too small), expected a whole number from 1 to"},
    {"count_above", COUNT, "1000001", 0, "too large"},
    {"absurd_count", COUNT, "1e30", 0, "too large"},
    {"count_with_fraction", COUNT, "1.5", 0, "not whole"},
    {"count_underscore_at_the_end", COUNT, "1_", 0, "unexpected '_'"},
    {"count_two_underscores", COUNT, "1__0", 0, "unexpected '__0'"},
    {"count_with_unit", COUNT, "12 items", 0, "unexpected 'items'"},
    {"count_of_20_digits", COUNT, "12345678901234567891", 0, "19 digits"},
    {"count_with_plus", COUNT, "+5", 0, "'+' is not needed"},

    {"number", NUMBER, "3.25", 3.25, NULL},
    {"number_below_zero_where_the_range_is", NUMBER, "-0.5", -0.5, NULL},
    {"number_without_leading_zero", NUMBER, ".5", 0.5, NULL},
    {"number_too_small", NUMBER, "-1.01", 0,
     "too small), expected a number from -1 to"},
    {"number_too_large", NUMBER, "10.01", 0, "too large"},
    {"number_overflowing", NUMBER, "-1e999", 0, "too small"},
    {"two_points", NUMBER, "1.2.3", 0, "not a number"},
    {"point_at_the_end", NUMBER, "1.", 0, "not a number"},
    {"two_minus_signs", NUMBER, "--1", 0, "negative"},
    {"a_word", NUMBER, "many", 0, "not a number"},

    {"share", SHARE, "0.3", 0.3, NULL},
    {"percent_is_rounded_once", SHARE, "30%", 0.3, NULL},
    {"whole_share", SHARE, "100 %", 1, NULL},
    {"share_over_one", SHARE, "1.01", 0, "more than 1"},
    {"percent_over_hundred", SHARE, "101%", 0, "more than 1"},
    {"multiple", MULTIPLE, "1.3", 1.3, NULL},
    {"multiple_in_percent", MULTIPLE, "130%", 1.3, NULL},
    {"multiple_at_most", MULTIPLE, "1000000", 1e6, NULL},
    {"multiple_too_large", MULTIPLE, "1000001", 0, "more than a million"},
    {"multiple_negative", MULTIPLE, "-1%", 0, "negative"},
    {"two_percents", SHARE, "3%%", 0, "unknown unit '%%'"},
};

static void text_is_read_or_refused_with_its_reason(void **state)
{
    const struct row *row = *state;
    struct sp_err err = {0};
    double value = UNTOUCHED;
    enum sp_status status = parse(row->parser, row->text, &value, &err);

    if (row->why == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, SP_OK);
        assert_true(value == row->want);
        return;
    }
    assert_int_equal(status, SP_EINPUT);
    assert_int_equal(err.status, SP_EINPUT);
    assert_true(value == UNTOUCHED);
    assert_non_null(strstr(err.text, "expected "));
    if (strstr(err.text, row->why) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, row->why);
}

/* Half grammar, half noise: a text that begins well and goes wrong is the hard case. */
static void random_text(struct sp_rng *r, char *text, size_t room)
{
    static const char *const bits[] = {
        "1",     "0",      "9",         "25",        ".",
        "e",     "E",      "-",         "+",         "_",
        " ",     "ms",     "s",         "h",         "m",
        "d",     "PT",     "P",         "T",         "M",
        "H",     "Ki",     "G",         "GiB",       "B/s",
        "bit/s", "/h",     "$",         "USD/h",     "%",
        "nan",   "inf",    "NaN",       "0x",        ",",
        "\t",    "\n",     "\xff",      "\xc2\xb5s", "999999999999999999999",
        "1e308", "1e-400", "e99999999",
    };
    size_t n = sp_rng_next(r) % 6, used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        size_t among = i == 0 && n < 4 ? 4 : sizeof bits / sizeof bits[0];
        const char *bit = bits[sp_rng_next(r) % among];

        if (used + strlen(bit) >= room)
            break;
        strcpy(text + used, bit);
        used += strlen(bit);
    }
}

static void random_texts_give_a_number_in_range_or_a_message(void **state)
{
    static const double max[N_PARSERS] = {
        36500 * 86400.0, 1e9, 0x1p60, 1e18, 1e6, 1e12, 1e12, 1e6, 10, 1, 1e6};
    struct sp_rng r = sp_rng_from_key(20260101);
    char text[256];
    int accepted = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        enum parser parser = (enum parser)(sp_rng_next(&r) % N_PARSERS);
        struct sp_err err = {0};
        double value = UNTOUCHED;

        random_text(&r, text, sizeof text);
        if (parse(parser, text, &value, &err) == SP_OK) {
            accepted++;
            if (!(value >= (parser == NUMBER ? -1 : 0) && value <= max[parser]))
                fail_msg("'%s' became %g", text, value);
            if (strpbrk(text, "nfNx,\n\xff") != NULL && strstr(text, "ns") == NULL &&
                strstr(text, "min") == NULL)
                fail_msg("'%s' was accepted", text);
        } else {
            assert_true(value == UNTOUCHED);
            assert_non_null(strstr(err.text, "expected "));
            assert_null(strchr(err.text, '\n'));
        }
    }
    assert_in_range(accepted, 2000, 60000);
}

static void very_long_text_is_refused_and_cut_in_the_message(void **state)
{
    char text[5000];
    struct sp_err err = {0};
    double value = UNTOUCHED;

    (void)state;
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(sp_parse_number(text, 0, 1, &value, &err), SP_EINPUT);
    assert_non_null(strstr(err.text, "too long"));
    assert_true(strlen(err.text) < 300);
    assert_true(value == UNTOUCHED);
}

static void point_stays_a_point_where_the_locale_writes_a_comma(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                        "fr_FR.utf8",  "de_DE",      "fr_FR"};
    const char *set = NULL;
    double s = 0;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && set == NULL; i++)
        set = setlocale(LC_ALL, names[i]);
    if (set == NULL) {
        print_message("no locale with a decimal comma is installed\n");
        skip();
    }
    assert_int_equal(sp_parse_duration_s("1.5s", &s, NULL), SP_OK);
    assert_true(s == 1.5);
    assert_int_equal(sp_parse_duration_s("1,5s", &s, NULL), SP_EINPUT);
    setlocale(LC_ALL, "C");
}

static void seconds_become_nanoseconds_to_nearest_and_clamped(void **state)
{
    (void)state;
    assert_int_equal(sp_ns_from_s(0), 0);
    assert_int_equal(sp_ns_from_s(1.5), 1500000000);
    assert_int_equal(sp_ns_from_s(0.4e-9), 0);
    assert_int_equal(sp_ns_from_s(0.5e-9), 1);
    assert_int_equal(sp_ns_from_s(-1), 0);
    assert_int_equal(sp_ns_from_s(1e300), SP_NS_MAX);
    assert_int_equal(sp_ns_from_s(INFINITY), SP_NS_MAX);
    assert_true(sp_s_from_ns(1500000000) == 1.5);
}

static void instants_end_a_century_and_a_half_on(void **state)
{
    (void)state;
    assert_int_equal(sp_ns_after(3, 4), 7);
    assert_int_equal(sp_ns_after(SP_NS_MAX, 0), SP_NS_MAX);
    assert_int_equal(sp_ns_after(SP_NS_MAX, SP_NS_MAX), SP_NS_FAR);
    assert_int_equal(sp_ns_after(SP_NS_FAR, SP_NS_MAX), SP_NS_FAR);
    assert_int_equal(sp_ns_after(0, SP_NS_FAR), SP_NS_FAR);
    assert_true(SP_NS_FAR > SP_NS_MAX && SP_NS_FAR < INT64_MAX - SP_NS_MAX);
}

static void dollars_become_micro_dollars_to_nearest(void **state)
{
    (void)state;
    assert_int_equal(sp_uusd_from_usd(0.52600049), 526000);
    assert_int_equal(sp_uusd_from_usd(0.5260005), 526001);
    assert_int_equal(sp_uusd_from_usd(-1.25), -1250000);
    assert_int_equal(sp_uusd_from_usd(9e12), INT64_C(9000000000000000000));
    assert_true(sp_usd_from_uusd(1250000) == 1.25);
}

static void durations_read_well_at_every_size(void **state)
{
    static const struct {
        double s;
        const char *want;
    } cases[] = {
        {0, "0 s"},        {3e-9, "3 ns"},      {1.5e-5, "15 us"},
        {0.245, "245 ms"}, {0.99949, "999 ms"}, {0.9996, "1 s"},
        {2.5, "2.5 s"},    {59.94, "59.9 s"},   {59.96, "1m"},
        {90, "1m 30s"},    {3599.6, "1h"},      {5400, "1h 30m"},
        {86399, "1d"},     {90000, "1d 1h"},    {36500 * 86400.0, "36500d"},
        {NAN, "n/a"},      {273.9, "4m 34s"},
    };
    char buf[32];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(sp_format_duration(cases[i].s, buf, sizeof buf),
                            cases[i].want);
}

static void bytes_read_well_at_every_size(void **state)
{
    static const struct {
        double bytes;
        const char *want;
    } cases[] = {
        {0, "0 B"},        {512, "512 B"},           {1023, "1023 B"},
        {1024, "1 KiB"},   {614400, "600 KiB"},      {1.5 * 0x1p30, "1.5 GiB"},
        {0x1p60, "1 EiB"}, {1023.6 * 1024, "1 MiB"}, {NAN, "n/a"},
    };
    char buf[32];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(sp_format_bytes(cases[i].bytes, buf, sizeof buf),
                            cases[i].want);
}

/* Whole, so that the parser reads the same. */
static void sizes_are_written_as_scenarios_have_them(void **state)
{
    static const struct {
        double bytes;
        const char *size, *count;
    } cases[] = {
        {0, "0", "0"},
        {1023, "1023", "1023"},
        {1024, "1Ki", "1024"},
        {1536, "1536", "1536"},
        {65536, "64Ki", "65536"},
        {4194304, "4Mi", "4194304"},
        {50331648, "48Mi", "50331648"},
        {201326592, "192Mi", "201326592"},
        {1e8, "100000000", "100000000"},
        {0x1p60, "1Ei", "1.152922e+18"},
        {0.786432, "0.786432", "0.786432"},
        {7.990272, "7.990272", "7.990272"},
    };
    char buf[32];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t back;

        assert_string_equal(sp_format_size(cases[i].bytes, buf, sizeof buf),
                            cases[i].size);
        if (cases[i].bytes == floor(cases[i].bytes)) {
            assert_int_equal(sp_parse_bytes(buf, &back, NULL), SP_OK);
            assert_int_equal(back, (int64_t)cases[i].bytes);
        }
        assert_string_equal(sp_format_count(cases[i].bytes, buf, sizeof buf),
                            cases[i].count);
    }
}

int main(void)
{
    enum { OTHERS = 9 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(sizes_are_written_as_scenarios_have_them),
        cmocka_unit_test(random_texts_give_a_number_in_range_or_a_message),
        cmocka_unit_test(very_long_text_is_refused_and_cut_in_the_message),
        cmocka_unit_test(point_stays_a_point_where_the_locale_writes_a_comma),
        cmocka_unit_test(seconds_become_nanoseconds_to_nearest_and_clamped),
        cmocka_unit_test(instants_end_a_century_and_a_half_on),
        cmocka_unit_test(dollars_become_micro_dollars_to_nearest),
        cmocka_unit_test(durations_read_well_at_every_size),
        cmocka_unit_test(bytes_read_well_at_every_size),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = text_is_read_or_refused_with_its_reason,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
