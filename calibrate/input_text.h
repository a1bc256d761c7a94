/* Seeded text for kernels: words of a made-up vocabulary by Zipf's law, with numbers,
 * capitals and punctuation, as compressible as prose.
 */
#ifndef CALIBRATE_INPUT_TEXT_H
#define CALIBRATE_INPUT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { CAL_WORD_MAX = 32 }; /* bytes of a word, with the final 0 */

/* A vocabulary: words in the order of their frequency (the k-th is used in proportion
 * to 1/(k+1)).  All of them are lower-case ASCII letters; some may be equal. */
struct cal_words {
    int32_t n;
    char (*text)[CAL_WORD_MAX];
    double *upto; /* cumulated frequencies, the last is 1 */
};

/* The vocabulary of `n` words that belongs to `key`; on the heap. */
struct cal_words *cal_words_new(int32_t n, uint64_t key);
void cal_words_free(struct cal_words *words); /* NULL is fine */

/* A whole number from 0 to n - 1, n below 2^32. */
uint64_t cal_draw_below(struct sp_rng *rng, uint64_t n);

/* A word by its frequency. */
const char *cal_words_draw(const struct cal_words *words, struct sp_rng *rng);

/* Fills `size` bytes with sentences; no final 0.  Cut where the room ends. */
void cal_text_fill(const struct cal_words *words, struct sp_rng *rng, char *text,
                   size_t size);

#endif
