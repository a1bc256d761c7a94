/* Made-up words and sentences. */
#include "calibrate/input_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

uint64_t cal_draw_below(struct sp_rng *rng, uint64_t n)
{
    return (sp_rng_next(rng) >> 32) * n >> 32;
}

/* ---- words ---- */

/* Syllables, so that words share pieces as those of a language do; rarer words are
 * longer. */
static void make_word(struct sp_rng *rng, int32_t rank, char *word)
{
    static const char *const onsets[] = {"",   "b",  "d",  "f",  "k",  "l",  "m",  "n",
                                         "p",  "r",  "s",  "t",  "v",  "st", "tr", "ch",
                                         "gr", "th", "pl", "sh", "qu", "w",  "h",  "c"};
    static const char *const cores[] = {"a",  "e",  "i",  "o",  "u",  "ea",
                                        "ou", "ai", "io", "ee", "er", "an"};
    static const char *const codas[] = {"",  "",  "",  "n",  "s",
                                        "t", "r", "l", "ng", "nd"};
    uint64_t syllables = 1 + cal_draw_below(rng, rank < 100 ? 2 : 3);

    if (rank >= 1000)
        syllables += cal_draw_below(rng, 2);
    word[0] = '\0';
    for (uint64_t i = 0; i < syllables; i++) {
        strcat(word, onsets[cal_draw_below(rng, sizeof onsets / sizeof onsets[0])]);
        strcat(word, cores[cal_draw_below(rng, sizeof cores / sizeof cores[0])]);
        strcat(word, codas[cal_draw_below(rng, sizeof codas / sizeof codas[0])]);
    }
}

struct cal_words *cal_words_new(int32_t n, uint64_t key)
{
    struct cal_words *words = sp_xcalloc(1, sizeof *words);
    struct sp_rng rng = sp_rng_from_key(key);
    double sum = 0;

    words->n = n;
    words->text = sp_xcalloc((size_t)n, sizeof *words->text);
    words->upto = sp_xcalloc((size_t)n, sizeof *words->upto);
    for (int32_t k = 0; k < n; k++) {
        make_word(&rng, k, words->text[k]);
        sum += 1.0 / (k + 1);
        words->upto[k] = sum;
    }
    for (int32_t k = 0; k < n; k++)
        words->upto[k] /= sum;
    return words;
}

void cal_words_free(struct cal_words *words)
{
    if (words == NULL)
        return;
    free(words->text);
    free(words->upto);
    free(words);
}

const char *cal_words_draw(const struct cal_words *words, struct sp_rng *rng)
{
    double u = sp_rng_uniform(rng);
    int32_t low = 0, high = words->n - 1;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;

        if (words->upto[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return words->text[low];
}

/* ---- sentences ---- */

/* A word or a number with what stands around it: a blank before (not at the start of a
 * text), capitals and stops where a sentence of `*left` more words begins or ends. */
static int put_token(const struct cal_words *words, struct sp_rng *rng, uint64_t *left,
                     bool first, char *out, size_t room)
{
    const char *blank = first ? "" : " ";
    const char *after = "";
    bool begins = *left == 0;
    int n;

    if (begins)
        *left = 4 + cal_draw_below(rng, 20);
    if (--*left == 0)
        after = cal_draw_below(rng, 5) == 0 ? ".\n" : ".";
    else if (cal_draw_below(rng, 12) == 0)
        after = ",";
    if (cal_draw_below(rng, 40) == 0)
        return snprintf(out, room, "%s%u%s", blank,
                        (unsigned)cal_draw_below(rng, 10000), after);
    n = snprintf(out, room, "%s%s%s", blank, cal_words_draw(words, rng), after);
    if (begins)
        out[!first] = (char)(out[!first] - 'a' + 'A');
    return n;
}

void cal_text_fill(const struct cal_words *words, struct sp_rng *rng, char *text,
                   size_t size)
{
    uint64_t left = 0;

    for (size_t at = 0; at < size;) {
        char token[CAL_WORD_MAX + 8];
        size_t n = (size_t)put_token(words, rng, &left, at == 0, token, sizeof token);

        memcpy(text + at, token, n < size - at ? n : size - at);
        at += n;
    }
}
