/* calibrate/bpe.h: merges and tokens worked out by hand, and by the plain way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "calibrate/bpe.h"
#include "calibrate/input_text.h"

/* ---- by hand ---- */

/* One word, "abab", so " abab" with the blank before it.  Its pairs: (a, b) twice,
 * (blank, a) and (b, a) once.  So merge 256 is ab; of blank-ab-ab both pairs occur once
 * and blank is the lower token: 257 is blank-ab; 258 is blank-ab-ab; then none is left.
 */
static struct cal_bpe *abab_new(int32_t merges)
{
    char text[1][CAL_WORD_MAX] = {"abab"};
    double upto[1] = {1};
    struct cal_words words = {.n = 1, .text = text, .upto = upto};

    return cal_bpe_new(&words, merges);
}

static struct row {
    const char *name;
    int32_t merges;
    const char *text;
    int32_t n, tokens[8];
} rows[] = {
    {"nothing_has_no_tokens", 9, "", 0, {0}},
    {"a_byte_is_its_token", 9, "a", 1, {'a'}},
    {"high_bytes_are_tokens_below_256", 9, "\xc3\xa9", 2, {0xc3, 0xa9}},
    {"a_known_pair_is_merged", 9, "ab", 1, {256}},
    {"an_unknown_pair_is_not", 9, "ba", 2, {'b', 'a'}},
    {"merges_build_on_merges", 9, " abab", 1, {258}},
    {"without_the_blank_the_later_merges_do_not_apply", 9, "abab", 2, {256, 256}},
    {"overlapping_pairs_are_merged_from_the_left", 9, "aab", 2, {'a', 256}},
    {"what_follows_a_merge_stays", 9, " abc", 2, {257, 'c'}},
    {"no_token_reaches_over_two_words", 9, "ab abab", 2, {256, 258}},
    {"digits_are_a_word_of_their_own", 9, "ab1ab", 3, {256, '1', 256}},
    {"no_merges_leave_the_bytes", 0, "abab", 4, {'a', 'b', 'a', 'b'}},
    {"one_merge_is_the_most_frequent_pair", 1, " abab", 3, {' ', 256, 256}},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static void tokens_are_those_by_hand(void **state)
{
    const struct row *row = *state;
    struct cal_bpe *bpe = abab_new(row->merges);
    size_t size = strlen(row->text);
    int32_t tokens[16];
    char spelt[16];

    assert_int_equal(cal_bpe_merges(bpe), row->merges < 3 ? row->merges : 3);
    assert_int_equal(cal_bpe_tokenise(bpe, row->text, size, tokens), row->n);
    for (int32_t i = 0; i < row->n; i++)
        assert_int_equal(tokens[i], row->tokens[i]);
    assert_int_equal(cal_bpe_tokenise_plainly(bpe, row->text, size, tokens), row->n);
    for (int32_t i = 0; i < row->n; i++)
        assert_int_equal(tokens[i], row->tokens[i]);
    assert_int_equal(cal_bpe_text(bpe, tokens, (size_t)row->n, spelt, sizeof spelt),
                     size);
    assert_memory_equal(spelt, row->text, size);
    cal_bpe_free(bpe);
}

static void a_text_is_cut_into_words_by_kinds_of_marks(void **state)
{
    static const struct {
        const char *text;
        size_t want;
    } cuts[] = {
        {"", 0},
        {"hello world", 5},
        {" world", 6},
        {"  two", 2},
        {"\n\nx", 2},
        {" ", 1},
        {"12ab", 2},
        {" 12ab", 3},
        {"...a", 3},
        {"a.", 1},
        {" \nx", 2},
        {"don't", 3},
        {"\xc3\xa9t\xc3\xa9 x", 5},
    };
    char longer[100];

    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        assert_int_equal(cal_bpe_word(cuts[i].text, strlen(cuts[i].text)),
                         cuts[i].want);
    memset(longer, 'a', sizeof longer);
    assert_int_equal(cal_bpe_word(longer, sizeof longer), CAL_BPE_WORD_MAX);
    assert_int_equal(cal_bpe_word(longer, CAL_BPE_WORD_MAX), CAL_BPE_WORD_MAX);
}

/* ---- by the plain way ---- */

/* Few letters, so that pairs overlap and merges chain. */
static void random_text(struct sp_rng *rng, char *text, size_t size)
{
    static const char marks[] = "aaaabbbcc d.1\n";

    for (size_t i = 0; i < size; i++)
        text[i] = marks[sp_rng_next(rng) % (sizeof marks - 1)];
}

static void both_ways_agree_on_random_texts(void **state)
{
    enum { SIZE = 2000 };
    char vocabulary[200][CAL_WORD_MAX] = {{0}};
    double upto[200] = {0};
    struct cal_words words = {.n = 200, .text = vocabulary, .upto = upto};
    struct sp_rng rng = sp_rng_from_key(5);

    (void)state;
    for (int round = 0; round < 20; round++) {
        char text[SIZE];
        int32_t fast[SIZE], plain[SIZE];
        struct cal_bpe *bpe;
        size_t n;

        for (int i = 0; i < 200; i++)
            for (uint64_t k = 0, n_letters = 1 + sp_rng_next(&rng) % 12; k < n_letters;
                 k++)
                vocabulary[i][k] = (char)('a' + sp_rng_next(&rng) % 3);
        bpe = cal_bpe_new(&words, 10 * round);
        random_text(&rng, text, SIZE);
        n = cal_bpe_tokenise(bpe, text, SIZE, fast);
        assert_int_equal(cal_bpe_tokenise_plainly(bpe, text, SIZE, plain), n);
        assert_memory_equal(fast, plain, n * sizeof *fast);
        assert_true(round < 5 || n < SIZE * 3 / 4);
        cal_bpe_free(bpe);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 2] = {
        cmocka_unit_test(a_text_is_cut_into_words_by_kinds_of_marks),
        cmocka_unit_test(both_ways_agree_on_random_texts),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 2] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = tokens_are_those_by_hand,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("bpe", tests, NULL, NULL);
}
