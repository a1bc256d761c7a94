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
#include "base/input.h"
#include "base/rng.h"
#include "tests/trace_files.h"
#include "traces/arrivals.h"
#include "traces/reader.h"
#include "traces/row.h"

#define MOON  "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 5, "
#define BURST "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
#define BURST_3                                                                        \
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,"          \
    "Total tokens,Log Type\n"

/* A file of requests: its last row, or what is said after its path.  `hashes` in order,
 * ended by n_hashes. */
static struct row {
    const char *name, *format, *text;
    const char *sniffed;
    int64_t rows, last_ns;
    uint32_t prompt, output;
    int32_t block_tokens, n_hashes;
    uint64_t hashes[4];
    const char *error; /* NULL: it is read to its end */
} rows[] = {
    {"mooncake_counts_milliseconds_and_blocks_of_512", "auto",
     MOON "\"hash_ids\": [0, 1]}\n{\"timestamp\": 3000, \"input_length\": 513, "
          "\"output_length\": 2000, \"hash_ids\": [0, 46170]}\n",
     "mooncake", 2, 3000000000, 513, 2000, 512, 2, .hashes = {0, 46170}},
    {"the_order_of_keys_is_free", "auto",
     "{\"hash_ids\":[7],\"output_length\":1,\"timestamp\":4,\"input_length\":512}",
     "mooncake", 1, 0, 512, 1, 512, 1, .hashes = {7}},
    {"unknown_keys_are_passed_over", "auto",
     MOON "\"hash_ids\": [0, 1]}\n{\"id\": {\"a\": [1, \"}\\n\"]}, \"timestamp\": 7, "
          "\"input_length\": 1, \"model\": \"x\", \"output_length\": 3, "
          "\"hash_ids\": [9], \"end\": null}\r\n",
     "mooncake", 2, 7000000, 1, 3, 512, 1, .hashes = {9}},
    {"an_escaped_key_is_the_same_key", "mooncake",
     "{\"time\\u0073tamp\":4,\"output_length\":1,\"input_length\":0,\"hash_ids\":[]}",
     "mooncake", 1, 0, 0, 1, 512, 0, .hashes = {0}},
    {"milliseconds_may_have_decimals", "auto",
     MOON "\"hash_ids\": [0, 1]}\n{\"timestamp\": 1.000001, \"input_length\": 1, "
          "\"output_length\": 1, \"hash_ids\": [3]}\n",
     "mooncake", 2, 1000001, 1, 1, 512, 1, .hashes = {3}},
    {"so_may_those_of_an_odd_line", "auto",
     MOON "\"hash_ids\": [0, 1]}\n{\"timestamp\": 2701.25, \"input_length\": 1, "
          "\"output_length\": 1, \"hash_ids\": [3], \"x\": 1e3}\n",
     "mooncake", 2, 2701250000, 1, 1, 512, 1, .hashes = {3}},
    {"unix_times_in_milliseconds_are_fine", "auto",
     "{\"timestamp\": 1715299200000.5, \"input_length\": 1, \"output_length\": 1, "
     "\"hash_ids\": [1]}\n{\"timestamp\": 1715299200001.75, \"input_length\": 1, "
     "\"output_length\": 1, \"hash_ids\": [1]}\n",
     "mooncake", 2, 1250000, 1, 1, 512, 1, .hashes = {1}},
    {"serving_jsonl_counts_nanoseconds_and_full_blocks_of_16", "auto",
     "{\"arrival_time_ns\":46926808,\"input_length\":33,\"output_length\":531,"
     "\"hash_ids\":[0,1]}\n{\"arrival_time_ns\":46926809,\"input_length\":15,"
     "\"output_length\":1,\"hash_ids\":[]}\n",
     "serving-jsonl", 2, 1, 15, 1, 16, 0, .hashes = {0}},
    {"hashes_may_be_63_bits_wide", "auto",
     "{\"arrival_time_ns\":0,\"input_length\":16,\"output_length\":1,"
     "\"hash_ids\":[9223372036854775807]}\n",
     "serving-jsonl", 1, 0, 16, 1, 16, 1, .hashes = {INT64_MAX}},
    {"our_csv_names_the_blocks_tokens", "auto",
     "arrival_s,prompt_tokens,output_tokens,hash_ids_512,priority\n0,1,2,,0\n"
     "1,1537,3,5 6;7 8,1\n",
     "csv", 2, 1000000000, 1537, 3, 512, 4, .hashes = {5, 6, 7, 8}},
    {"quoted_hashes_are_fine", "auto",
     "arrival_s,prompt_tokens,output_tokens,hash_ids_16\n1,99,3,\" 5 ; 6  7 \"\n",
     "csv", 1, 0, 99, 3, 16, 3, .hashes = {5, 6, 7}},
    {"burstgpt_has_six_columns", "auto",
     BURST "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,API log\n",
     "burstgpt", 2, 40000000000, 1087, 230, 0, 0, .hashes = {0}},
    {"or_eight_in_another_order", "auto",
     BURST_3 "19440110.0,1722ac82-0a46-4bf0-aa08-89794e7a2b3f,43,GPT-4,906,446,1352,"
             "Conversation log\r\n19440161.5,,2,ChatGPT,36,29,65,API log\r\n",
     "burstgpt", 2, 51500000000, 36, 29, 0, 0, .hashes = {0}},
    {"a_failed_request_is_passed_on", "auto", BURST "120,GPT-4,300,0,300,API log\n",
     "burstgpt", 1, 0, 300, 0, 0, 0, .hashes = {0}},
    {"quotes_hide_commas_in_text", "auto", BURST "1,\"a,b\",3,4,7,\"x, y\"\n",
     "burstgpt", 1, 0, 3, 4, 0, 0, .hashes = {0}},

    {"missing_hash_ids_are_refused", "auto",
     MOON "\"hash_ids\": [0, 1]}\n" MOON "\"x\": 1}",
     .error = ":2: the key 'hash_ids' is missing"},
    {"too_few_hash_ids_are_refused", "auto", MOON "\"hash_ids\": [0]}",
     .error =
         ":1: found 1 hash ids for 600 tokens in input_length, expected 2: one for "
         "each 512 tokens"},
    {"a_partial_block_of_16_has_no_hash", "auto",
     "{\"arrival_time_ns\":0,\"input_length\":17,\"output_length\":1,"
     "\"hash_ids\":[1,2]}\n",
     .error = ":1: found 2 hash ids for 17 tokens in input_length, expected 1: one for "
              "each 16 tokens, whole blocks only"},
    {"more_hashes_than_blocks_are_refused", "auto",
     "arrival_s,prompt_tokens,hash_ids_16\n0,17,1 2 3\n",
     .error =
         ":2: found 3 hash ids for 17 tokens in prompt_tokens, expected at most 2: "
         "one for each 16 tokens"},
    {"negative_tokens_are_refused", "auto",
     "{\"timestamp\": 0, \"input_length\": -5, \"output_length\": 5, \"hash_ids\": []}",
     .error = ":1: key input_length: found '-5', expected a whole number, 0 to "
              "4294967295"},
    {"a_million_million_tokens_are_refused", "auto",
     "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 1000000000000, "
     "\"hash_ids\": [1]}",
     .error =
         ":1: key output_length: found '1000000000000', expected a whole number, 0 "
         "to 4294967295"},
    {"also_with_an_exponent", "auto",
     "{\"timestamp\": 0, \"input_length\": 1e12, \"output_length\": 1, \"hash_ids\": "
     "[1]}",
     .error =
         ":1: key input_length: found '1000000000000.0', expected a whole number, 0 "
         "to 4294967295"},
    {"also_in_a_csv", "auto", BURST "0,x,1000000000000,1,1,y\n",
     .error = ":2: column Request tokens: found '1000000000000', expected 0 to "
              "4294967295"},
    {"text_for_tokens_is_refused", "auto",
     "{\"timestamp\": 0, \"input_length\": \"5\", \"output_length\": 1, \"hash_ids\": "
     "[1]}",
     .error = ":1: key input_length: found '\"5\"', expected a whole number, 0 to "
              "4294967295"},
    {"a_seventh_decimal_is_refused", "auto",
     "{\"timestamp\": 0.1234567, \"input_length\": 5, \"output_length\": 1, "
     "\"hash_ids\": [1]}",
     .error = ":1: key timestamp: found '0.1234567', expected milliseconds, 0 or more, "
              "at most 6 decimals"},
    {"a_hash_that_is_no_number_is_refused", "auto", MOON "\"hash_ids\": [0, null]}",
     .error = ":1: key hash_ids: found 'null', expected whole numbers, 0 to 2^63 - 1"},
    {"a_lone_hash_is_refused", "auto", MOON "\"hash_ids\": 7}",
     .error = ":1: key hash_ids: found '7', expected a list of whole numbers"},
    {"a_hash_in_a_csv_that_is_no_number_is_refused", "auto",
     "arrival_s,prompt_tokens,hash_ids_16\n0,170,1 x 3\n",
     .error =
         ":2: column hash_ids_16: found 'x', expected whole numbers, 0 to 2^63 - 1, "
         "with a blank or ';' between them"},
    {"time_going_backwards_is_refused", "auto",
     "{\"timestamp\": 9, \"input_length\": 1, \"output_length\": 5, \"hash_ids\": "
     "[1]}\n"
     "{\"timestamp\": 8, \"input_length\": 1, \"output_length\": 5, \"hash_ids\": "
     "[1]}\n",
     .error = ":2: column timestamp: the time goes backwards: found one 0.001000000 s "
              "before the row above, expected rows sorted by time"},
    {"a_truncated_line_is_refused", "auto",
     MOON "\"hash_ids\": [0, 1]}\n" MOON "\"hash_ids\": [0,",
     .error = ":2: column 73: this is not a JSON object: ']' expected near end of "
              "file"},
    {"a_key_twice_is_refused", "auto", MOON "\"hash_ids\": [0, 1], \"timestamp\": 0}",
     .error = ":1: column 89: this is not a JSON object: duplicate object key near "
              "'\"timestamp\"'"},
    {"a_blank_line_is_refused", "auto", MOON "\"hash_ids\": [0, 1]}\n\n",
     .error = ":2: found an empty line, expected a JSON object"},
    {"control_bytes_are_not_repeated", "mooncake", "{\033[2J\n",
     .error = ":1: column 2: this is not a JSON object: string or '}' expected near "
              "'?'"},
    {"a_json_without_known_keys_is_refused", "auto", "{\"time\": 3}\n",
     .error = ":1: no known trace format begins like this: found '{\"time\": 3}', "
              "expected a header line, or a JSON object a line with a timestamp or "
              "arrival_time_ns"},
    {"one_big_array_is_refused", "auto", "[{\"timestamp\": 3},\n",
     .error =
         ":1: no known trace format begins like this: found '[{\"timestamp\": 3},', "
         "expected a header line, or a JSON object a line with a timestamp or "
         "arrival_time_ns"},
    {"hash_ids_need_their_blocks_tokens", "auto", "arrival_s,hash_ids\n0,1\n",
     .error = ":1: column 'hash_ids': expected the tokens of a block in its name, such "
              "as hash_ids_16 or hash_ids_512 (1 to 1000000)"},
    {"blocks_of_no_tokens_are_refused", "auto", "arrival_s,hash_ids_0\n0,1\n",
     .error =
         ":1: column 'hash_ids_0': expected the tokens of a block in its name, such "
         "as hash_ids_16 or hash_ids_512 (1 to 1000000)"},
    {"two_columns_of_hashes_are_refused", "auto",
     "arrival_s,hash_ids_16,hash_ids_32\n0,1,1\n",
     .error =
         ":1: found two columns of hash ids, the second is 'hash_ids_32', expected "
         "one"},
    {"another_header_is_no_burstgpt", "burstgpt", "arrival_s,a\n1,2\n",
     .error = ":1: no column 'Timestamp', expected a header such as Timestamp,Model,"
              "Request tokens,Response tokens,Total tokens,Log Type"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void check_good(const struct row *row, const char *path)
{
    static const char *const names[] = {"prompt_tokens", "output_tokens"};
    struct trace_request request = {.path = path,
                                    .format = row->format,
                                    .n_sizes = 2,
                                    .size_names = names,
                                    .scale = 1,
                                    .items = -1,
                                    .for_ns = -1};
    struct model_arrivals arrivals;
    struct model_arrival a;
    struct trace_reader *reader;
    struct sp_err err = {0};
    enum sp_status status;
    int64_t n = 0;

    (void)!trace_open(&request, &arrivals, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(arrivals.hash_block_tokens, row->block_tokens);
    for (; arrivals.next(arrivals.self, &a, &status, &err); n++)
        if (n + 1 == row->rows) {
            assert_int_equal(a.time_ns, row->last_ns);
            assert_int_equal(a.size[0], row->prompt);
            assert_int_equal(a.size[1], row->output);
            assert_int_equal(a.n_hashes, row->n_hashes);
            assert_true((a.hashes == NULL) == (row->n_hashes == 0));
            for (int32_t i = 0; i < row->n_hashes; i++)
                assert_int_equal(a.hashes[i], row->hashes[i]);
        }
    arrivals.close(arrivals.self);
    assert_string_equal(err.text, "");
    assert_int_equal(n, row->rows);
    assert_int_equal(trace_reader_open(path, row->format, &reader, NULL), SP_OK);
    assert_string_equal(trace_reader_format(reader)->name, row->sniffed);
    trace_reader_close(reader);
}

static void is_read_or_refused_as_stated(void **state)
{
    const struct row *row = *state;
    char *path = file_of_text(row->text), want[2048];
    struct sp_err err = {0};
    struct trace_reader *reader = NULL;
    struct trace_row got;
    enum sp_status status;

    if (row->error == NULL) {
        check_good(row, path);
        file_drop(path);
        return;
    }
    status = trace_reader_open(path, row->format, &reader, &err);
    if (status == SP_OK)
        while (trace_reader_next(reader, &got, &status, &err))
            ;
    snprintf(want, sizeof want, "%s%s", path, row->error);
    assert_string_equal(err.text, want);
    assert_int_equal(status, SP_EINPUT);
    if (reader != NULL)
        trace_reader_close(reader);
    file_drop(path);
}

/* Random damage to good lines: both parsers take the same lines to mean the same. */
static void both_parsers_agree_on_damaged_lines(void **unused)
{
    static const char *const good[] = {
        "{\"timestamp\": 1017, \"input_length\": 600, \"output_length\": 52, "
        "\"hash_ids\": [10, 11]}",
        "{\"timestamp\":10.25,\"input_length\":6000,\"hash_ids\":[10],"
        "\"output_length\":5}\r",
        " { \"hash_ids\" : [ ] , \"timestamp\": 0, \"output_length\": 1, "
        "\"input_length\": 0 } "};
    static const char bytes[] = "0123456789.,:-+ \"[]{}e\r\t\0\xff_tu\\";
    struct trace_layout layout;
    struct sp_rng rng = sp_rng_from_key(41);
    struct trace_row_state fast = {0}, odd = {0};
    int taken = 0;

    (void)unused;
    assert_int_equal(trace_format_mooncake.columns("", 0, &layout, NULL), SP_OK);
    for (int i = 0; i < 60000; i++) {
        char text[256 + SP_INPUT_PAD_BYTES];
        size_t size = strlen(good[i % 3]) + 1;
        struct trace_row a = {0}, b = {0};
        struct sp_err ea = {0}, eb = {0};
        const char *after_a, *after_b;

        memset(text, '7', sizeof text);
        memcpy(text, good[i % 3], size);
        text[size - 1] = '\n';
        for (uint64_t k = sp_rng_next(&rng) % 3; k > 0; k--)
            text[sp_rng_next(&rng) % (size - 1)] =
                bytes[sp_rng_next(&rng) % (sizeof bytes - 1)];
        fast.hashes.n = odd.hashes.n = 0;
        after_a = trace_row_read_json(&layout, &fast, text, text + size, &a, &ea);
        after_b = trace_row_read_json_odd(&layout, &odd, text, text + size, &b, &eb);
        assert_ptr_equal(after_a, after_b);
        assert_string_equal(ea.text, eb.text);
        if (after_a == NULL)
            continue;
        taken++;
        assert_int_equal(a.time_ns, b.time_ns);
        assert_int_equal(a.size[0], b.size[0]);
        assert_int_equal(a.size[1], b.size[1]);
        assert_int_equal(fast.crlf_rows, odd.crlf_rows);
        assert_int_equal(fast.hashes.n, odd.hashes.n);
        if (odd.hashes.n > 0)
            assert_memory_equal(fast.hashes.ids, odd.hashes.ids,
                                (size_t)odd.hashes.n * sizeof(uint64_t));
    }
    assert_true(taken > 6000 && taken < 54000);
    trace_hashes_fini(&fast.hashes);
    trace_hashes_fini(&odd.hashes);
}

/* A line of 60,000 hashes, longer than a block of the file, as the second. */
static void a_very_long_prompt_is_read(void **unused)
{
    enum { N = 60000 };
    char *text = sp_xcalloc(N + 100, 10), *path;
    int at = sprintf(text, "{\"arrival_time_ns\": 0, \"input_length\": 0, "
                           "\"output_length\": 1, \"hash_ids\": []}\n");
    struct trace_reader *reader;
    struct trace_row row;
    enum sp_status status;

    (void)unused;
    at +=
        sprintf(text + at,
                "{\"arrival_time_ns\": 9, \"input_length\": %d, \"output_length\": 1, "
                "\"hash_ids\": [%d",
                16 * N, 1000000);
    for (int i = 1; i < N; i++)
        at += sprintf(text + at, ", %d", 1000000 + i);
    at += sprintf(text + at, "]}\n");
    assert_true(at > 2 * SP_INPUT_BLOCK_BYTES);
    path = file_new(text, (size_t)at);
    assert_int_equal(trace_reader_open(path, "auto", &reader, NULL), SP_OK);
    assert_true(trace_reader_next(reader, &row, &status, NULL));
    assert_true(trace_reader_next(reader, &row, &status, NULL));
    assert_int_equal(row.n_hashes, N);
    for (uint64_t i = 0; i < N; i++)
        assert_int_equal(row.hashes[i], 1000000 + i);
    assert_false(trace_reader_next(reader, &row, &status, NULL));
    assert_int_equal(status, SP_OK);
    trace_reader_close(reader);
    file_drop(path);
    free(text);
}

int main(void)
{
    enum { OTHERS = 2 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(both_parsers_agree_on_damaged_lines),
        cmocka_unit_test(a_very_long_prompt_is_read),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = is_read_or_refused_as_stated,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_json", tests, NULL, NULL);
}
