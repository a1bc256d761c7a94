#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/units.h"
#include "tests/trace_files.h"
#include "traces/reader.h"

/* Reads a file to its end: rows counted, times summed; the last status. */
static enum sp_status read_all(const char *path, const char *format, int64_t *n_rows,
                               int64_t *last_ns, struct sp_err *err)
{
    struct trace_reader *reader;
    struct trace_row row = {0};
    enum sp_status status = trace_reader_open(path, format, &reader, err);

    *n_rows = 0;
    *last_ns = -1;
    if (status != SP_OK)
        return status;
    while (trace_reader_next(reader, &row, &status, err)) {
        ++*n_rows;
        *last_ns = row.time_ns;
    }
    assert_false(trace_reader_next(reader, &row, &(enum sp_status){SP_OK}, NULL));
    trace_reader_close(reader);
    return status;
}

#define AZURE "TIMESTAMP,ContextTokens,GeneratedTokens\n"

/* A file: what comes of it, or what is said after its path. */
static struct row {
    const char *name, *format, *text;
    int64_t rows, last_ns;
    const char *sniffed; /* the format it is read as */
    const char *error;   /* NULL: it is read to its end */
} rows[] = {
    {"times_count_from_the_first_row", "auto", "arrival_s,a\n5,1\n7.5,2\n", 2,
     2500000000, .sniffed = "csv"},
    {"the_last_newline_may_lack", "auto", "arrival_s,a\n5,1\n7.5,2", 2, 2500000000,
     .sniffed = "csv"},
    {"cr_lf_is_fine", "auto", "arrival_s,a\r\n5,1\r\n7.5,2\r\n", 2, 2500000000,
     .sniffed = "csv"},
    {"a_byte_order_mark_is_skipped", "auto",
     "\xef\xbb\xbf"
     "arrival_s,a\n5,1\n",
     1, 0, .sniffed = "csv"},
    {"a_header_may_have_quotes_and_blanks", "auto", "\"arrival_s\", a \n5,1\n", 1, 0,
     .sniffed = "csv"},
    {"equal_times_are_fine", "auto", "arrival_s,a\n5,1\n5,2\n", 2, 0, .sniffed = "csv"},
    {"azure_2023_is_told_by_its_times", "auto",
     AZURE "2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109",
     2, 4314579000, .sniffed = "azure-2023"},
    {"azure_2024_is_told_by_its_zone", NULL,
     AZURE "2024-05-10 00:00:00.009930+00:00,2162,5\n"
           "2024-05-10 00:00:01+00:00,2399,6\n2024-05-11 00:00:01+00:00,76,15\n",
     3, 86400990070000, .sniffed = "azure-2024"},
    {"midnight_of_new_year_is_passed", "auto",
     AZURE "2023-12-31 23:59:59.9999999,1,1\n2024-01-01 00:00:00.0000000,1,1\n", 2, 100,
     .sniffed = "azure-2023"},

    {"an_empty_file_is_refused", "auto", "",
     .error = ": the file is empty, expected a header line"},
    {"a_header_alone_is_refused", "auto", "arrival_s,a\n",
     .error = ": the trace is empty: a header line and no rows, expected at least one "
              "row"},
    {"a_header_alone_without_newline_is_refused", "csv", "arrival_s,a",
     .error = ": the trace is empty: a header line and no rows, expected at least one "
              "row"},
    {"an_azure_header_alone_is_refused", "auto", AZURE,
     .error = ": the trace is empty: a header line and no rows, expected at least one "
              "row"},
    {"an_unknown_format_is_refused", "azure-2022", "arrival_s,a\n1,2\n",
     .error = "unknown trace format 'azure-2022', expected one of auto, azure-2023, "
              "azure-2024, burstgpt, mooncake, serving-jsonl, csv; did you mean "
              "'azure-2023'?"},
    {"no_header_line_is_refused", "auto", "0.5,17,200\n0.6,18,201\n",
     .error = ":1: no column of time: expected a header line with one of arrival_s, "
              "arrival_ns, timestamp, found '0.5', ..."},
    {"a_wrong_unit_is_told", "auto", "arrival_ms,a\n1,2\n",
     .error = ":1: no column of time: found 'arrival_ms', did you mean 'arrival_s'?  "
              "Expected one of arrival_s, arrival_ns, timestamp"},
    {"two_times_are_refused", "auto", "arrival_s,arrival_ns\n1,2\n",
     .error =
         ":1: found two columns of time, 'arrival_s' and 'arrival_ns', expected one"},
    {"a_column_twice_is_refused", "auto", "arrival_s,a,a\n1,2,3\n",
     .error = ":1: column 'a' is there twice"},
    {"a_column_without_name_is_refused", "auto", "arrival_s,,b\n1,2,3\n",
     .error = ":1: column 2 has no name, expected one"},
    {"an_empty_header_line_is_refused", "auto", "\n1,2\n",
     .error = ":1: column 1 has no name, expected one"},
    {"control_bytes_in_a_name_are_refused", "auto", "arrival_s,a\033[2J\n1,2\n",
     .error =
         ":1: the name of column 2 has control bytes, quotes or bytes that are not "
         "UTF-8"},
    {"seventeen_columns_are_refused", "auto",
     "arrival_s,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
     "16,17\n",
     .error = ":1: found more than 16 columns, expected fewer"},
    {"another_header_is_no_azure_trace", "azure-2023", "arrival_s,a\n1,2\n",
     .error = ":1: found the header 'arrival_s,a', expected "
              "'TIMESTAMP,ContextTokens,GeneratedTokens'"},
    {"a_2024_row_is_no_2023_row", "azure-2023", AZURE "2024-05-10 00:00:00+00:00,1,2\n",
     .error =
         ":2: column TIMESTAMP: found '2024-05-10 00:00:00+00:00', expected a time "
         "without a zone such as 2023-11-16 18:15:46.6805900, years 1970 to 2199"},
    {"a_2023_row_is_no_2024_row", "auto",
     AZURE "2024-05-10 00:00:00+00:00,1,2\n2024-05-10 00:00:00,1,2\n",
     .error =
         ":3: column TIMESTAMP: found '2024-05-10 00:00:00', expected a time with a "
         "zone such as 2024-05-10 00:00:00.009930+00:00, years 1970 to 2199"},
    {"time_going_backwards_is_refused", "auto",
     "arrival_s,a\n5,1\n7.5,2\n7.25,3\n9,1\n",
     .error = ":4: column arrival_s: the time goes backwards: found one 0.250000000 s "
              "before the row above, expected rows sorted by time"},
    {"before_the_first_row_is_backwards_too", "auto", "a,arrival_ns\n1,500\n1,499\n",
     .error = ":3: column arrival_ns: the time goes backwards: found one 0.000000001 s "
              "before the row above, expected rows sorted by time"},
    {"more_than_a_century_is_refused", "auto", "arrival_s,a\n0,1\n3153600001,2\n",
     .error = ":3: column arrival_s: found a time more than 100 years after the first "
              "row's"},
    {"a_century_is_not", "auto", "arrival_s,a\n0,1\n3153600000,2\n", 2, SP_NS_MAX,
     .sniffed = "csv"},
    {"a_blank_line_is_refused", "auto", "arrival_s,a\n0,1\n\n1,2\n",
     .error = ":3: found an empty line, expected 2 columns"},
    {"a_line_that_ends_early_is_refused", "auto", "arrival_s,a\n0,1\n3",
     .error = ":3: found 1 column, expected 2"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void is_read_or_refused_as_stated(void **state)
{
    const struct row *row = *state;

    for (int kind = 0; kind < FILE_KINDS; kind++) {
        size_t packed_size;
        char *packed =
            file_pack((enum file_kind)kind, row->text, strlen(row->text), &packed_size);
        char *path = file_new(packed, packed_size), want[2048];
        struct sp_err err = {0};
        struct trace_reader *reader;
        int64_t n, last_ns;
        enum sp_status status = read_all(path, row->format, &n, &last_ns, &err);

        if (row->error != NULL) {
            snprintf(want, sizeof want, "%s%s", row->error[0] == ':' ? path : "",
                     row->error);
            assert_string_equal(err.text, want);
            assert_int_equal(status, SP_EINPUT);
        } else {
            assert_string_equal(err.text, "");
            assert_int_equal(status, SP_OK);
            assert_int_equal(n, row->rows);
            assert_int_equal(last_ns, row->last_ns);
            assert_int_equal(trace_reader_open(path, row->format, &reader, NULL),
                             SP_OK);
            assert_string_equal(trace_reader_format(reader)->name, row->sniffed);
            assert_string_equal(trace_reader_facts(reader).compression,
                                file_kind_names[kind]);
            trace_reader_close(reader);
        }
        free(packed);
        file_drop(path);
    }
}

/* Lines of `n` rows, "arrival_s,a,b"; row `broken` (its line) replaced. */
static char *many_rows(int n, int broken, const char *instead, size_t *size)
{
    char *text = sp_xcalloc((size_t)n + 2, 40);
    struct sp_rng rng = sp_rng_from_key(21);
    int at = sprintf(text, "arrival_s,a,b\n");
    int64_t us = 0;

    for (int line = 2; line <= n + 1; line++) {
        us += (int64_t)(sp_rng_next(&rng) % 300000);
        if (line == broken)
            at += sprintf(text + at, "%s\n", instead);
        else
            at += sprintf(text + at, "%" PRId64 ".%06d,%u,%u\n", us / 1000000,
                          (int)(us % 1000000), (unsigned)(sp_rng_next(&rng) % 5000),
                          (unsigned)(sp_rng_next(&rng) % 900));
    }
    *size = (size_t)at;
    return text;
}

static void a_broken_row_at_line_40000_is_named(void **state)
{
    size_t size, packed_size;
    char *text = many_rows(50000, 40000, "3600.25,12,abc", &size);

    (void)state;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        char *packed = file_pack((enum file_kind)kind, text, size, &packed_size);
        char *path = file_new(packed, packed_size), want[512];
        struct sp_err err = {0};
        int64_t n, last_ns;

        assert_int_equal(read_all(path, "auto", &n, &last_ns, &err), SP_EINPUT);
        assert_int_equal(n, 39998);
        snprintf(want, sizeof want,
                 "%s:40000: column b: found 'abc', expected a whole number, 0 or more",
                 path);
        assert_string_equal(err.text, want);
        free(packed);
        file_drop(path);
    }
    free(text);
}

/* Random rows, written with all nine decimals, come back field by field from every kind
 * of file, over several blocks. */
static void random_rows_come_back(void **state)
{
    enum { N = 60000 };
    char *text = sp_xcalloc(N + 1, 80);
    int at = sprintf(text, "x,bytes,arrival_s,y\n");
    struct sp_rng rng = sp_rng_from_key(22);
    int64_t time_ns = 987654321;
    size_t packed_size;

    (void)state;
    for (int i = 0; i < N; i++) {
        uint64_t draw = sp_rng_next(&rng);

        time_ns += i == 0 ? 0 : (int64_t)(sp_rng_next(&rng) >> (34 + draw % 30));
        at += sprintf(text + at, "%u,%" PRIu64 ",%" PRId64 ".%09d,%u%s\n",
                      (unsigned)(draw >> 32), draw >> 4, time_ns / SP_NS_PER_S,
                      (int)(time_ns % SP_NS_PER_S), (unsigned)(draw & 0xffff),
                      draw % 7 == 0 ? "\r" : "");
    }
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        char *packed = file_pack((enum file_kind)kind, text, (size_t)at, &packed_size);
        char *path = file_new(packed, packed_size);
        struct trace_reader *reader;
        struct trace_row row;
        enum sp_status status;

        assert_int_equal(trace_reader_open(path, "auto", &reader, NULL), SP_OK);
        rng = sp_rng_from_key(22);
        time_ns = 0;
        for (int i = 0; i < N; i++) {
            uint64_t draw = sp_rng_next(&rng);

            time_ns += i == 0 ? 0 : (int64_t)(sp_rng_next(&rng) >> (34 + draw % 30));
            assert_true(trace_reader_next(reader, &row, &status, NULL));
            assert_int_equal(row.time_ns, time_ns);
            assert_int_equal(row.bytes, draw >> 4);
            assert_int_equal(row.size[0], draw >> 32);
            assert_int_equal(row.size[1], draw & 0xffff);
            assert_int_equal(trace_reader_line(reader), i + 2);
        }
        assert_false(trace_reader_next(reader, &row, &status, NULL));
        assert_int_equal(status, SP_OK);
        trace_reader_close(reader);
        free(packed);
        file_drop(path);
    }
    free(text);
}

/* Cut anywhere, a plain file gives fewer rows or a message; a packed one always a
 * message. */
static void no_truncation_crashes(void **state)
{
    static const char text[] = AZURE "2024-05-10 00:00:00.009930+00:00,2162,5\r\n"
                                     "\"2024-05-10 00:00:01+00:00\", 2399 ,6\r\n"
                                     "2024-05-11 00:00:01+00:00,76,4294967295\r\n";

    (void)state;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        size_t packed_size;
        char *packed =
            file_pack((enum file_kind)kind, text, strlen(text), &packed_size);

        for (size_t cut = 0; cut <= packed_size; cut++) {
            char *path = file_new(packed, cut);
            struct sp_err err = {0};
            int64_t n, last_ns;
            enum sp_status status = read_all(path, "auto", &n, &last_ns, &err);

            assert_true((status == SP_OK) == (err.text[0] == '\0'));
            if (cut == packed_size)
                assert_int_equal(n, 3);
            else if (kind != FILE_PLAIN)
                assert_int_equal(status, SP_EINPUT);
            file_drop(path);
        }
        free(packed);
    }
}

/* Any bytes at all: an answer or a message, nothing worse. */
static void no_garbage_crashes(void **state)
{
    static const char alphabet[] = "0123456789,.\n\n\r\":-+ Z\0arivl_snte";
    struct sp_rng rng = sp_rng_from_key(23);

    (void)state;
    for (int i = 0; i < 3000; i++) {
        char text[256] = "arrival_s,a\n1,2\n";
        size_t size = sizeof text - sp_rng_next(&rng) % 200;
        char *path;
        int64_t n, last_ns;

        for (size_t k = i % 2 == 0 ? 12 : 0; k < size; k++)
            text[k] = i % 3 == 0 ? (char)sp_rng_next(&rng)
                                 : alphabet[sp_rng_next(&rng) % (sizeof alphabet - 1)];
        path = file_new(text, size);
        (void)!read_all(path, "auto", &n, &last_ns, NULL);
        file_drop(path);
    }
}

static void facts_tell_what_was_odd(void **state)
{
    char *path = file_of_text("\xef\xbb\xbf"
                              "arrival_s,a\n5,1\r\n\"7\",2\n8,3");
    struct trace_reader *reader;
    struct trace_file_facts facts;
    struct trace_row row;
    enum sp_status status;

    (void)state;
    assert_int_equal(trace_reader_open(path, NULL, &reader, NULL), SP_OK);
    while (trace_reader_next(reader, &row, &status, NULL))
        ;
    facts = trace_reader_facts(reader);
    assert_true(facts.has_bom);
    assert_true(facts.lacks_newline);
    assert_int_equal(facts.crlf_rows, 1);
    assert_int_equal(facts.odd_rows, 1);
    assert_int_equal(facts.stored_bytes, 29);
    assert_int_equal(facts.text_bytes, 29);
    trace_reader_close(reader);
    file_drop(path);
}

int main(void)
{
    enum { OTHERS = 5 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(a_broken_row_at_line_40000_is_named),
        cmocka_unit_test(random_rows_come_back),
        cmocka_unit_test(no_truncation_crashes),
        cmocka_unit_test(no_garbage_crashes),
        cmocka_unit_test(facts_tell_what_was_odd),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = is_read_or_refused_as_stated,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_reader", tests, NULL, NULL);
}
