#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/rng.h"
#include "base/units.h"
#include "traces/row.h"

#define DAY_NS (24 * SP_NS_PER_H)

typedef const char *reader(const struct trace_layout *layout,
                           struct trace_row_state *state, const char *text,
                           const char *end, struct trace_row *row, struct sp_err *err);

/* A line as it lies in a block: padding behind it, and a row that must not be looked
 * at. */
struct line {
    char text[512];
    size_t size;
};

static struct line line_of(const char *text, size_t size)
{
    struct line line = {.size = size + 1};

    assert_true(size + 1 + SP_INPUT_PAD_BYTES < sizeof line.text);
    memset(line.text, '7', sizeof line.text);
    memcpy(line.text, text, size);
    line.text[size] = '\n';
    return line;
}

static struct trace_layout layout_of(const char *header)
{
    struct trace_layout layout;
    struct sp_err err = {0};

    assert_int_equal(trace_format_csv.columns(header, strlen(header), &layout, &err),
                     SP_OK);
    return layout;
}

static struct trace_row_state fresh(enum trace_zone zone)
{
    struct trace_row_state state = {.zone = zone};

    memcpy(state.minute, "1970-01-01 00:00", 16);
    return state;
}

/* One line under one header: what it means, or what is said.  Both parsers must agree.
 */
static struct row {
    const char *name, *header, *line;
    size_t line_size; /* 0: strlen */
    int64_t time_ns, bytes;
    uint32_t size[2];
    const char *error; /* NULL: a good row */
} rows[] = {
    {"seconds_with_micros", "arrival_s,a,b", "12.000345,7,8", 0, 12000345000, 0,
     .size = {7, 8}},
    {"whole_seconds", "arrival_s,a", "12,7", 0, 12000000000, 0, .size = {7}},
    {"nine_decimals_are_exact", "arrival_s,a", "0.000000001,7", 0, 1, 0, .size = {7}},
    {"time_zero", "arrival_s,a", "0,0", 0, 0, 0, .size = {0}},
    {"unix_seconds", "arrival_s,a", "1700000000.5,1", 0, 1700000000500000000, 0,
     .size = {1}},
    {"leading_zeros", "arrival_s,a", "0012.5,0007", 0, 12500000000, 0, .size = {7}},
    {"largest_seconds", "arrival_s,a", "9223372035.999999999,1", 0, 9223372035999999999,
     0, .size = {1}},
    {"eight_digits_and_more", "arrival_s,a", "123456789.12345678,123456789", 0,
     123456789123456780, 0, .size = {123456789}},
    {"largest_size", "arrival_s,a", "1,4294967295", 0, 1000000000, 0,
     .size = {4294967295u}},
    {"nanoseconds", "arrival_ns,a", "1234567890123456789,3", 0, 1234567890123456789, 0,
     .size = {3}},
    {"largest_nanoseconds", "arrival_ns,a", "9223372036854775807,3", 0, INT64_MAX, 0,
     .size = {3}},
    {"bytes_go_to_bytes", "arrival_s,bytes,a", "1,600000,3", 0, 1000000000, 600000,
     .size = {3}},
    {"largest_bytes", "arrival_s,bytes", "1,1152921504606846976", 0, 1000000000,
     INT64_C(1) << 60, .size = {0}},
    {"time_may_stand_last", "a,b,arrival_s", "7,8,2.5", 0, 2500000000, 0,
     .size = {7, 8}},
    {"time_alone", "arrival_s", "2.5", 0, 2500000000, 0, .size = {0}},
    {"cr_lf", "arrival_s,a", "2.5,7\r", 0, 2500000000, 0, .size = {7}},
    {"quotes_are_taken_off", "arrival_s,a", "\"2.5\",\"7\"", 0, 2500000000, 0,
     .size = {7}},
    {"blanks_are_taken_off", "arrival_s,a", " 2.5 ,\t7 ", 0, 2500000000, 0,
     .size = {7}},
    {"blanks_around_quotes", "arrival_s,a", " \"2.5\" , \"7\"\r", 0, 2500000000, 0,
     .size = {7}},
    {"date_with_seven_decimals", "timestamp,a", "1970-01-02 00:00:01.6805900,7", 0,
     DAY_NS + 1680590000, 0, .size = {7}},
    {"date_with_t_and_z", "timestamp,a", "1970-01-02T00:00:01Z,7", 0,
     DAY_NS + 1000000000, 0, .size = {7}},
    {"date_with_zone", "timestamp,a", "1970-01-02 02:00:01.5+02:00,7", 0,
     DAY_NS + 1500000000, 0, .size = {7}},
    {"date_with_western_zone", "timestamp,a", "1970-01-01 18:30:01-05:30,7", 0,
     DAY_NS + 1000000000, 0, .size = {7}},
    {"zone_without_colon", "timestamp,a", "1970-01-02 02:00:01+0200,7", 0,
     DAY_NS + 1000000000, 0, .size = {7}},
    {"leap_day", "timestamp,a", "2024-02-29 00:00:00,1", 0, 19782 * DAY_NS, 0,
     .size = {1}},
    {"leap_day_of_2000", "timestamp,a", "2000-03-01 00:00:00,1", 0, 11017 * DAY_NS, 0,
     .size = {1}},
    {"last_day_of_a_year", "timestamp,a", "2023-12-31 23:59:59,1", 0,
     19723 * DAY_NS - 1000000000, 0, .size = {1}},
    {"first_minute_of_all", "timestamp,a", "1970-01-01 00:00:00,1", 0, 0, 0,
     .size = {1}},

    {"empty_line", "arrival_s,a", "", 0,
     .error = "found an empty line, expected 2 columns"},
    {"empty_cr_lf_line", "arrival_s,a", "\r", 0,
     .error = "found an empty line, expected 2 columns"},
    {"column_missing", "arrival_s,a,b", "1,2", 0,
     .error = "found 2 columns, expected 3"},
    {"column_too_many", "arrival_s,a", "1,2,3", 0,
     .error = "found 3 columns, expected 2"},
    {"delimiter_at_the_end", "arrival_s,a", "1,2,", 0,
     .error = "found 3 columns, expected 2"},
    {"other_delimiter", "arrival_s,a", "1;2", 0, .error = "found 1 column, expected 2"},
    {"empty_field", "arrival_s,a,b", "1,,3", 0,
     .error = "column a: found nothing, expected a whole number, 0 or more"},
    {"empty_last_field", "arrival_s,a", "1,", 0,
     .error = "column a: found nothing, expected a whole number, 0 or more"},
    {"empty_quotes", "arrival_s,a", "1,\"\"", 0,
     .error = "column a: found nothing, expected a whole number, 0 or more"},
    {"letters", "arrival_s,a", "1,12x", 0,
     .error = "column a: found '12x', expected a whole number, 0 or more"},
    {"minus", "arrival_s,a", "1,-5", 0,
     .error = "column a: found '-5', expected a whole number, 0 or more"},
    {"plus", "arrival_s,a", "1,+5", 0,
     .error = "column a: found '+5', expected a whole number, 0 or more"},
    {"decimals_of_a_size", "arrival_s,a", "1,5.0", 0,
     .error = "column a: found '5.0', expected a whole number, 0 or more"},
    {"blank_within_a_number", "arrival_s,a", "1,5 6", 0,
     .error = "column a: found '5 6', expected a whole number, 0 or more"},
    {"quote_within_a_number", "arrival_s,a", "1,5\"6", 0,
     .error = "column a: found '5\"6', expected a whole number, 0 or more"},
    {"quote_left_open", "arrival_s,a", "1,\"56", 0,
     .error = "column a: found '\"56', expected a whole number, 0 or more"},
    {"size_of_33_bits", "arrival_s,a", "1,4294967296", 0,
     .error = "column a: found '4294967296', expected 0 to 4294967295"},
    {"size_of_many_digits", "arrival_s,a", "1,99999999999999999999999", 0,
     .error = "column a: found '99999999999999999999999', expected 0 to 4294967295"},
    {"size_that_wraps_to_one", "arrival_s,a", "1,18446744073709551617", 0,
     .error = "column a: found '18446744073709551617', expected 0 to 4294967295"},
    {"too_many_bytes", "arrival_s,bytes", "1,1152921504606846977", 0,
     .error = "column bytes: found '1152921504606846977', expected 0 to 2^60"},
    {"nanoseconds_of_64_bits", "arrival_ns,a", "9223372036854775808,1", 0,
     .error = "column arrival_ns: found '9223372036854775808', expected 0 to 2^63 - 1"},
    {"nanoseconds_with_decimals", "arrival_ns,a", "1.5,1", 0,
     .error = "column arrival_ns: found '1.5', expected a whole number, 0 or more"},
    {"ten_decimals", "arrival_s,a", "1.0000000001,1", 0,
     .error =
         "column arrival_s: found '1.0000000001', expected seconds such as 12 or "
         "12.345678901 (at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"exponent", "arrival_s,a", "1e-05,1", 0,
     .error =
         "column arrival_s: found '1e-05', expected seconds such as 12 or "
         "12.345678901 (at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"negative_time", "arrival_s,a", "-1,1", 0,
     .error =
         "column arrival_s: found '-1', expected seconds such as 12 or 12.345678901 "
         "(at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"nan", "arrival_s,a", "nan,1", 0,
     .error =
         "column arrival_s: found 'nan', expected seconds such as 12 or 12.345678901 "
         "(at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"point_alone", "arrival_s,a", "1.,1", 0,
     .error =
         "column arrival_s: found '1.', expected seconds such as 12 or 12.345678901 "
         "(at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"point_first", "arrival_s,a", ".5,1", 0,
     .error =
         "column arrival_s: found '.5', expected seconds such as 12 or 12.345678901 "
         "(at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"seconds_past_64_bits", "arrival_s,a", "9223372036,1", 0,
     .error =
         "column arrival_s: found '9223372036', expected seconds such as 12 or "
         "12.345678901 (at most 9 decimals, below 9223372036, no sign, no exponent)"},
    {"nul_bytes", "arrival_s,a", "1,\0002", 4,
     .error = "column a: found '\\x002', expected a whole number, 0 or more"},
    {"control_bytes_are_shown_as_hex", "arrival_s,a", "1,\033[31m", 0,
     .error = "column a: found '\\x1b[31m', expected a whole number, 0 or more"},
    {"a_long_field_is_cut", "arrival_s,a",
     "1,abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", 0,
     .error =
         "column a: found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn...', expected a "
         "whole number, 0 or more"},
#define ISO_ERROR(found)                                                               \
    "column timestamp: found '" found "', expected a time such as 2024-05-10 "         \
    "00:00:00.009930 with or without a zone, years 1970 to 2199"
    {"february_30", "timestamp,a", "2024-02-30 00:00:00,1", 0,
     .error = ISO_ERROR("2024-02-30 00:00:00")},
    {"february_29_of_2023", "timestamp,a", "2023-02-29 00:00:00,1", 0,
     .error = ISO_ERROR("2023-02-29 00:00:00")},
    {"february_29_of_2100", "timestamp,a", "2100-02-29 00:00:00,1", 0,
     .error = ISO_ERROR("2100-02-29 00:00:00")},
    {"month_13", "timestamp,a", "2023-13-01 00:00:00,1", 0,
     .error = ISO_ERROR("2023-13-01 00:00:00")},
    {"month_0", "timestamp,a", "2023-00-01 00:00:00,1", 0,
     .error = ISO_ERROR("2023-00-01 00:00:00")},
    {"hour_24", "timestamp,a", "2023-01-01 24:00:00,1", 0,
     .error = ISO_ERROR("2023-01-01 24:00:00")},
    {"second_60", "timestamp,a", "2023-01-01 00:00:60,1", 0,
     .error = ISO_ERROR("2023-01-01 00:00:60")},
    {"year_1969", "timestamp,a", "1969-12-31 23:59:59,1", 0,
     .error = ISO_ERROR("1969-12-31 23:59:59")},
    {"year_2200", "timestamp,a", "2200-01-01 00:00:00,1", 0,
     .error = ISO_ERROR("2200-01-01 00:00:00")},
    {"a_zone_that_leads_before_1970", "timestamp,a", "1970-01-01 00:00:00+01:00,1", 0,
     .error = ISO_ERROR("1970-01-01 00:00:00+01:00")},
    {"date_only", "timestamp,a", "2023-01-01,1", 0, .error = ISO_ERROR("2023-01-01")},
    {"ten_decimals_of_a_date", "timestamp,a", "2023-01-01 00:00:00.0123456789,1", 0,
     .error = ISO_ERROR("2023-01-01 00:00:00.0123456789")},
    {"american_date", "timestamp,a", "01/02/2023 00:00:00,1", 0,
     .error = ISO_ERROR("01/02/2023 00:00:00")},
    {"half_a_zone", "timestamp,a", "2023-01-01 00:00:00+1,1", 0,
     .error = ISO_ERROR("2023-01-01 00:00:00+1")},
    {"nul_bytes_for_a_minute", "timestamp,a", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0:01,1",
     21,
     .error = ISO_ERROR("\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
                        "\\x00\\x00\\x00\\x00:01")},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void check_row(const struct row *row, reader *read, enum trace_zone zone)
{
    struct trace_layout layout = layout_of(row->header);
    struct trace_row_state state = fresh(zone);
    struct line line =
        line_of(row->line, row->line_size > 0 ? row->line_size : strlen(row->line));
    const char *end = line.text + line.size, *after;
    struct trace_row got = {0};
    struct sp_err err = {0};

    after = read(&layout, &state, line.text, end, &got, &err);
    if (row->error != NULL) {
        assert_null(after);
        assert_string_equal(err.text, row->error);
        assert_int_equal(err.status, SP_EINPUT);
        return;
    }
    assert_string_equal(err.text, "");
    assert_ptr_equal(after, end);
    assert_int_equal(got.time_ns, row->time_ns);
    assert_int_equal(got.bytes, row->bytes);
    for (int32_t i = 0; i < layout.n_sizes; i++)
        assert_int_equal(got.size[i], row->size[i]);
}

static void is_read_or_refused_as_stated(void **state)
{
    check_row(*state, trace_row_read, TRACE_ZONE_AS_FIRST_ROW);
    check_row(*state, trace_row_read_odd, TRACE_ZONE_AS_FIRST_ROW);
}

static bool read_one(reader *read, const struct trace_layout *layout,
                     struct trace_row_state *state, const char *text,
                     struct trace_row *row)
{
    struct line line = line_of(text, strlen(text));
    struct sp_err err = {0};

    return read(layout, state, line.text, line.text + line.size, row, &err) ==
           line.text + line.size;
}

static void a_file_keeps_the_zone_of_its_first_row(void **unused)
{
    static const char with[] = "2024-05-10 00:00:00+00:00,1";
    static const char without[] = "2024-05-10 00:00:00,1";
    struct trace_layout layout = layout_of("timestamp,a");
    reader *const readers[] = {trace_row_read, trace_row_read_odd};

    (void)unused;
    for (int i = 0; i < 2; i++) {
        struct trace_row_state state = fresh(TRACE_ZONE_AS_FIRST_ROW);
        struct trace_row row;

        assert_true(read_one(readers[i], &layout, &state, with, &row));
        assert_true(read_one(readers[i], &layout, &state, with, &row));
        assert_false(read_one(readers[i], &layout, &state, without, &row));
        state = fresh(TRACE_ZONE_AS_FIRST_ROW);
        assert_true(read_one(readers[i], &layout, &state, without, &row));
        assert_true(read_one(readers[i], &layout, &state, without, &row));
        assert_false(read_one(readers[i], &layout, &state, with, &row));
    }
}

static void odd_and_cr_lf_rows_are_counted(void **unused)
{
    static const char *const lines[] = {"1,2", "1,2\r", "\"1\",2", " 1,2\r", "1,\"2\""};
    struct trace_layout layout = layout_of("arrival_s,a");
    struct trace_row_state state = fresh(TRACE_ZONE_NONE);
    struct trace_row row;

    (void)unused;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_true(read_one(trace_row_read, &layout, &state, lines[i], &row));
    assert_int_equal(state.crlf_rows, 2);
    assert_int_equal(state.odd_rows, 3);
}

/* A naive parser: sscanf, timegm.  Random good rows must come out the same three ways.
 */
static void naive_iso(const char *line, int64_t *time_ns, unsigned size[2])
{
    int year, month, day, hour, minute, second, digits = 0, used = 0;
    long fraction = 0;
    int64_t days = 0;

    assert_int_equal(sscanf(line, "%d-%d-%d%*c%d:%d:%d%n", &year, &month, &day, &hour,
                            &minute, &second, &used),
                     6);
    if (line[used] == '.') {
        int start = used + 1, n = 0;

        assert_int_equal(sscanf(line + start, "%ld%n", &fraction, &n), 1);
        digits = n;
        used = start + n;
    }
    for (; digits < 9; digits++)
        fraction *= 10;
    assert_int_equal(sscanf(line + used, "%*[+0:],%u,%u", &size[0], &size[1]), 2);
    for (int y = 1970; y < year; y++)
        days += (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += m == 2
                    ? 28 + ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0)
                    : 30 + (m == 1 || m == 3 || m == 5 || m == 7 || m == 8 || m == 10);
    *time_ns = (((days + day - 1) * 24 + hour) * 60 + minute) * 60 * SP_NS_PER_S +
               second * SP_NS_PER_S + fraction;
}

static unsigned below(struct sp_rng *rng, unsigned n)
{
    return (unsigned)(sp_rng_next(rng) % n);
}

/* A number of 1 to 10 digits, each count as likely as the others. */
static unsigned any_size(struct sp_rng *rng)
{
    static const uint64_t tens[] = {1,         10,         100,        1000,
                                    10000,     100000,     1000000,    10000000,
                                    100000000, 1000000000, 4294967296u};
    unsigned n = below(rng, 10);

    return (unsigned)(tens[n] - (n == 0) +
                      sp_rng_next(rng) % (tens[n + 1] - tens[n] + (n == 0)));
}

static void dates_agree_with_a_naive_parser(void **unused)
{
    struct trace_layout layout = layout_of("timestamp,a,b");
    struct trace_row_state fast = fresh(TRACE_ZONE_GIVEN),
                           odd = fresh(TRACE_ZONE_GIVEN);
    struct sp_rng rng = sp_rng_from_key(11);

    (void)unused;
    for (int i = 0; i < 20000; i++) {
        size_t decimals = below(&rng, 10);
        char line[128], fraction[16];
        struct trace_row a, b;
        unsigned size[2];
        int64_t time_ns;

        snprintf(fraction, sizeof fraction, ".%09u", below(&rng, 1000000000));
        fraction[decimals > 0 ? 1 + decimals : 0] = '\0';
        snprintf(line, sizeof line, "%u-%02u-%02u%c%02u:%02u:%02u%s+00:00,%u,%u",
                 1970 + below(&rng, 230), 1 + below(&rng, 12), 1 + below(&rng, 28),
                 " T"[below(&rng, 2)], below(&rng, 24), below(&rng, 60),
                 below(&rng, 60), fraction, any_size(&rng), any_size(&rng));
        naive_iso(line, &time_ns, size);
        assert_true(read_one(trace_row_read, &layout, &fast, line, &a));
        assert_true(read_one(trace_row_read_odd, &layout, &odd, line, &b));
        assert_int_equal(a.time_ns, time_ns);
        assert_int_equal(b.time_ns, time_ns);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(a.size[k], size[k]);
            assert_int_equal(b.size[k], size[k]);
        }
    }
    assert_int_equal(odd.odd_rows, 0);
}

static void seconds_agree_with_a_naive_parser(void **unused)
{
    struct trace_layout layout = layout_of("arrival_s,bytes,a");
    struct trace_row_state state = fresh(TRACE_ZONE_NONE);
    struct sp_rng rng = sp_rng_from_key(12);

    (void)unused;
    for (int i = 0; i < 20000; i++) {
        struct trace_row row;
        char line[128];
        unsigned s, ns, size;
        uint64_t bytes;

        snprintf(line, sizeof line, "%u.%09u,%" PRIu64 ",%u", any_size(&rng),
                 below(&rng, 1000000000), (uint64_t)any_size(&rng) << below(&rng, 28),
                 any_size(&rng));
        assert_int_equal(sscanf(line, "%u.%u,%" SCNu64 ",%u", &s, &ns, &bytes, &size),
                         4);
        assert_true(read_one(trace_row_read, &layout, &state, line, &row));
        assert_int_equal(row.time_ns, (int64_t)s * 1000000000 + ns);
        assert_int_equal(row.bytes, bytes);
        assert_int_equal(row.size[0], size);
    }
}

/* Random damage to good rows: both parsers take the same rows to mean the same. */
static void both_parsers_agree_on_damaged_rows(void **unused)
{
    static const char *const good[] = {"2024-05-10 10:11:12.345678,17,200",
                                       "2024-05-10 10:11:12.345678+00:00,17,200\r",
                                       "\"2024-05-10 10:11:12\", 17 ,200"};
    static const char bytes[] = "0123456789.,:-+ T\"Z\r\t\0\xff"
                                "e";
    struct trace_layout layout = layout_of("timestamp,a,b");
    struct sp_rng rng = sp_rng_from_key(13);
    int taken = 0;

    (void)unused;
    for (int i = 0; i < 60000; i++) {
        struct trace_row_state fast = fresh(TRACE_ZONE_AS_FIRST_ROW), odd = fast;
        char text[128];
        struct trace_row a = {0}, b = {0};
        struct line line;
        struct sp_err ea = {0}, eb = {0};
        const char *after_a, *after_b;

        snprintf(text, sizeof text, "%s", good[i % 3]);
        fast.zone = odd.zone = (enum trace_zone)below(&rng, 3);
        line = line_of(text, strlen(text));
        for (unsigned k = below(&rng, 3); k > 0; k--)
            line.text[below(&rng, (unsigned)line.size - 1)] =
                bytes[below(&rng, sizeof bytes - 1)];
        after_a =
            trace_row_read(&layout, &fast, line.text, line.text + line.size, &a, &ea);
        after_b = trace_row_read_odd(&layout, &odd, line.text, line.text + line.size,
                                     &b, &eb);
        assert_ptr_equal(after_a, after_b);
        assert_string_equal(ea.text, eb.text);
        if (after_a == NULL)
            continue;
        taken++;
        assert_int_equal(a.time_ns, b.time_ns);
        assert_int_equal(a.size[0], b.size[0]);
        assert_int_equal(a.size[1], b.size[1]);
        assert_int_equal(fast.crlf_rows, odd.crlf_rows);
    }
    assert_true(taken > 6000 && taken < 54000);
}

int main(void)
{
    enum { OTHERS = 5 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(a_file_keeps_the_zone_of_its_first_row),
        cmocka_unit_test(odd_and_cr_lf_rows_are_counted),
        cmocka_unit_test(dates_agree_with_a_naive_parser),
        cmocka_unit_test(seconds_agree_with_a_naive_parser),
        cmocka_unit_test(both_parsers_agree_on_damaged_rows),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = is_read_or_refused_as_stated,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_row", tests, NULL, NULL);
}
