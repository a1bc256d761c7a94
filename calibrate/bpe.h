/* Byte-pair encoding as GPT-2's tokeniser does it: text is cut into words, and in each
 * word neighbours are merged, the pair learned earliest first, until none is known.
 *
 * A word is a run of letters, of digits or of other marks with a blank before it, if
 * there is one; or a run of white space.  None is longer than CAL_BPE_WORD_MAX bytes.
 * Tokens 0 to 255 are bytes, 256 + k is what the k-th merge makes.
 */
#ifndef CALIBRATE_BPE_H
#define CALIBRATE_BPE_H

#include <stddef.h>
#include <stdint.h>

#include "calibrate/input_text.h"

enum { CAL_BPE_WORD_MAX = 64 };

struct cal_bpe;

/* Learns up to `merges` merges from the words of a vocabulary, each as often as it is
 * used and with a blank before it: always the most frequent pair, of equals the one
 * with the lowest tokens.  On the heap. */
struct cal_bpe *cal_bpe_new(const struct cal_words *words, int32_t merges);
void cal_bpe_free(struct cal_bpe *bpe); /* NULL is fine */

int32_t cal_bpe_merges(const struct cal_bpe *bpe);

/* Length of the first word of a text; 0 where it is empty. */
size_t cal_bpe_word(const char *text, size_t size);

/* Tokens of a text; tokens[] has room for `size` of them.  Returns how many.  No
 * memory is allocated. */
size_t cal_bpe_tokenise(const struct cal_bpe *bpe, const char *text, size_t size,
                        int32_t *tokens);

/* The same as learning defines it: every merge in turn, over the whole word. */
size_t cal_bpe_tokenise_plainly(const struct cal_bpe *bpe, const char *text,
                                size_t size, int32_t *tokens);

/* The bytes of tokens: as many as `room` holds; returns how many there are. */
size_t cal_bpe_text(const struct cal_bpe *bpe, const int32_t *tokens, size_t n,
                    char *text, size_t room);

/* For tests: cal_bpe_tokenise() no longer knows the first merge. */
void cal_bpe_damage(struct cal_bpe *bpe);

#endif
