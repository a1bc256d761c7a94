#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/trace_files.h"
#include "traces/info.h"

#define HEADER "arrival_s,prompt_tokens,hash_ids_100\n"

/* Small traces, and what a cache without limit would have saved. */
static struct row {
    const char *name, *text;
    int64_t blocks, tokens, distinct, hit_blocks, hit_tokens;
} rows[] = {
    {"the_first_request_hits_nothing", HEADER "0,300,1 2 3\n", 3, 300, 3, 0, 0},
    {"a_leading_run_hits", HEADER "0,300,1 2 3\n1,300,1 2 4\n", 6, 600, 4, 2, 200},
    {"a_block_behind_a_miss_is_no_hit", HEADER "0,300,1 2 3\n1,300,4 2 3\n", 6, 600, 4,
     0, 0},
    {"a_partial_block_counts_its_tokens", HEADER "0,250,1 2 3\n1,250,1 2 3\n", 6, 500,
     3, 3, 250},
    {"tokens_without_a_hash_never_hit", HEADER "0,250,1 2\n1,250,1 2\n", 4, 500, 2, 2,
     200},
    {"a_block_twice_in_one_prompt_is_no_hit_of_its_own", HEADER "0,200,7 7\n", 2, 200,
     1, 0, 0},
    {"rows_without_hashes_count_their_tokens", HEADER "0,50,\n1,70,\n", 0, 120, 0, 0,
     0},
    {"without_prompt_tokens_blocks_are_full", "arrival_s,hash_ids_16\n0,1 2\n0,1 3\n",
     4, 64, 3, 1, 16},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void saves_what_is_counted_by_hand(void **state)
{
    const struct row *row = *state;
    char *path = file_of_text(row->text);
    struct trace_info info;
    struct sp_err err = {0};

    (void)!trace_info_read(path, "csv", &info, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(info.prefix.blocks, row->blocks);
    assert_int_equal(info.prefix.tokens, row->tokens);
    assert_int_equal(info.prefix.distinct, row->distinct);
    assert_int_equal(info.prefix.unlimited.blocks, row->hit_blocks);
    assert_int_equal(info.prefix.unlimited.tokens, row->hit_tokens);
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        assert_int_equal(info.prefix.caches[i].blocks, row->hit_blocks);
    file_drop(path);
}

/* A loop over 1001 blocks: a cache of 1000 has always just forgotten the next one. */
static void a_loop_one_longer_than_the_cache_never_hits(void **state)
{
    struct trace_prefix_pass *pass = trace_prefix_new(16);
    struct trace_prefix found;

    (void)state;
    for (uint64_t i = 0; i < 5 * 1001; i++) {
        uint64_t block = i % 1001;

        trace_prefix_add(pass, &block, 1, 16);
    }
    found = trace_prefix_result(pass);
    assert_int_equal(found.caches[0].capacity, 1000);
    assert_int_equal(found.caches[0].blocks, 0);
    assert_int_equal(found.caches[1].blocks, 4 * 1001);
    assert_int_equal(found.unlimited.blocks, 4 * 1001);
    trace_prefix_free(pass);
}

static void assert_percent(int64_t part, int64_t whole, const char *want)
{
    char text[32];

    snprintf(text, sizeof text, "%.2f", 100 * (double)part / (double)whole);
    assert_string_equal(text, want);
}

/* Figures of the conversation trace of the FAST'25 release, found by another program.
 */
static void the_conversation_trace_saves_what_is_known(void **state)
{
    static const char *const wanted[TRACE_PREFIX_CACHES] = {"4.45", "21.12", "32.57",
                                                            "35.46", "36.37"};
    char *path = file_shared("llm/mooncake_fast25_conversation.jsonl");
    struct trace_info info;
    const struct trace_prefix *p = &info.prefix;

    (void)state;
    if (path == NULL)
        skip();
    assert_int_equal(trace_info_read(path, NULL, &info, NULL), SP_OK);
    assert_string_equal(info.format->name, "mooncake");
    assert_int_equal(info.rows, 12031);
    assert_int_equal(p->distinct, 182790);
    assert_percent(p->unlimited.blocks, p->blocks, "36.64");
    assert_percent(p->unlimited.tokens, p->tokens, "37.36");
    for (int i = 0; i < TRACE_PREFIX_CACHES; i++)
        assert_percent(p->caches[i].blocks, p->blocks, wanted[i]);
    assert_int_equal(info.sizes[0].min, 891);
    assert_int_equal(info.sizes[0].max, 126195);
    assert_int_equal(info.sizes[1].min, 1);
    assert_int_equal(info.sizes[1].max, 2000);
    free(path);
}

static void the_full_blocks_of_the_vllm_runs_are_read(void **state)
{
    char *path = file_shared("llm/vllm_rtxpro6000_llama31_8b/trace.jsonl");
    struct trace_info info;

    (void)state;
    if (path == NULL)
        skip();
    assert_int_equal(trace_info_read(path, NULL, &info, NULL), SP_OK);
    assert_string_equal(info.format->name, "serving-jsonl");
    assert_int_equal(info.rows, 300);
    assert_int_equal(info.prefix.block_tokens, 16);
    free(path);
}

int main(void)
{
    enum { OTHERS = 3 };
    struct CMUnitTest tests[N_ROWS + OTHERS] = {
        cmocka_unit_test(a_loop_one_longer_than_the_cache_never_hits),
        cmocka_unit_test(the_conversation_trace_saves_what_is_known),
        cmocka_unit_test(the_full_blocks_of_the_vllm_runs_are_read),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + OTHERS] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = saves_what_is_counted_by_hand,
                                .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_prefix", tests, NULL, NULL);
}
