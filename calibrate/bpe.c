/* Byte-pair encoding: the table of merges, and tokenising with it. */
#include "calibrate/bpe.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "calibrate/bpe_learn.h"

enum { NO_RANK = INT32_MAX, FIRST_MERGED = 256 };

/* The rank of a pair, found by hashing; open addressing, key 0 where free (no pair is
 * (0, 0): text has no zero bytes). */
struct slot {
    uint64_t key;
    int32_t rank;
};

struct cal_bpe {
    int32_t n;
    struct cal_bpe_pair *merges; /* in the order in which they were learned */
    size_t mask;                 /* slots less one, a power of two less one */
    struct slot *slots;
};

static uint64_t key_of(int32_t left, int32_t right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

static struct slot *slot_of(const struct cal_bpe *bpe, uint64_t key)
{
    size_t i = (size_t)sp_mix64(key) & bpe->mask;

    while (bpe->slots[i].key != 0 && bpe->slots[i].key != key)
        i = (i + 1) & bpe->mask;
    return &bpe->slots[i];
}

static int32_t rank_of(const struct cal_bpe *bpe, int32_t left, int32_t right)
{
    const struct slot *slot = slot_of(bpe, key_of(left, right));

    return slot->key != 0 ? slot->rank : NO_RANK;
}

struct cal_bpe *cal_bpe_new(const struct cal_words *words, int32_t merges)
{
    struct cal_bpe *bpe = sp_xcalloc(1, sizeof *bpe);
    size_t slots = 16;

    bpe->merges = sp_xcalloc((size_t)merges, sizeof *bpe->merges);
    bpe->n = cal_bpe_learn(words, merges, bpe->merges);
    while (slots < 2 * (size_t)bpe->n)
        slots *= 2;
    bpe->mask = slots - 1;
    bpe->slots = sp_xcalloc(slots, sizeof *bpe->slots);
    for (int32_t k = 0; k < bpe->n; k++) {
        uint64_t key = key_of(bpe->merges[k].left, bpe->merges[k].right);

        *slot_of(bpe, key) = (struct slot){.key = key, .rank = k};
    }
    return bpe;
}

void cal_bpe_free(struct cal_bpe *bpe)
{
    if (bpe == NULL)
        return;
    free(bpe->merges);
    free(bpe->slots);
    free(bpe);
}

int32_t cal_bpe_merges(const struct cal_bpe *bpe)
{
    return bpe->n;
}

void cal_bpe_damage(struct cal_bpe *bpe)
{
    slot_of(bpe, key_of(bpe->merges[0].left, bpe->merges[0].right))->rank = NO_RANK;
}

/* ---- words ---- */

enum mark { WHITE, LETTER, DIGIT, OTHER };

static enum mark mark_of(char c)
{
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
        return WHITE;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 128)
        return LETTER;
    return c >= '0' && c <= '9' ? DIGIT : OTHER;
}

size_t cal_bpe_word(const char *text, size_t size)
{
    size_t most = size < CAL_BPE_WORD_MAX ? size : CAL_BPE_WORD_MAX;
    size_t n = size > 1 && text[0] == ' ' && mark_of(text[1]) != WHITE;

    if (size == 0)
        return 0;
    for (enum mark mark = mark_of(text[n]); n < most && mark_of(text[n]) == mark;)
        n++;
    return n;
}

/* ---- tokens of a word ---- */

/* Merges the leftmost pair of the lowest rank, again and again; only the ranks beside
 * it change. */
static size_t merge_word(const struct cal_bpe *bpe, int32_t *tokens, size_t n)
{
    int32_t ranks[CAL_BPE_WORD_MAX];

    for (size_t i = 0; i + 1 < n; i++)
        ranks[i] = rank_of(bpe, tokens[i], tokens[i + 1]);
    while (n > 1) {
        size_t at = 0;

        for (size_t i = 1; i + 1 < n; i++)
            if (ranks[i] < ranks[at])
                at = i;
        if (ranks[at] == NO_RANK)
            break;
        tokens[at] = FIRST_MERGED + ranks[at];
        n--;
        memmove(tokens + at + 1, tokens + at + 2, (n - at - 1) * sizeof *tokens);
        memmove(ranks + at, ranks + at + 1, (n - at) * sizeof *ranks);
        if (at > 0)
            ranks[at - 1] = rank_of(bpe, tokens[at - 1], tokens[at]);
        if (at + 1 < n)
            ranks[at] = rank_of(bpe, tokens[at], tokens[at + 1]);
    }
    return n;
}

/* Each merge in the order of learning, over the whole word. */
static size_t merge_word_plainly(const struct cal_bpe *bpe, int32_t *tokens, size_t n)
{
    for (int32_t k = 0; k < bpe->n && n > 1; k++) {
        size_t to = 0;

        for (size_t from = 0; from < n; to++)
            if (from + 1 < n && tokens[from] == bpe->merges[k].left &&
                tokens[from + 1] == bpe->merges[k].right) {
                tokens[to] = FIRST_MERGED + k;
                from += 2;
            } else {
                tokens[to] = tokens[from++];
            }
        n = to;
    }
    return n;
}

typedef size_t merge_fn(const struct cal_bpe *bpe, int32_t *tokens, size_t n);

static inline size_t tokenise(const struct cal_bpe *bpe, const char *text, size_t size,
                              int32_t *tokens, merge_fn *merge)
{
    size_t n = 0;

    for (size_t at = 0, length; at < size; at += length) {
        length = cal_bpe_word(text + at, size - at);
        for (size_t i = 0; i < length; i++)
            tokens[n + i] = (unsigned char)text[at + i];
        n += merge(bpe, tokens + n, length);
    }
    return n;
}

size_t cal_bpe_tokenise(const struct cal_bpe *bpe, const char *text, size_t size,
                        int32_t *tokens)
{
    return tokenise(bpe, text, size, tokens, merge_word);
}

size_t cal_bpe_tokenise_plainly(const struct cal_bpe *bpe, const char *text,
                                size_t size, int32_t *tokens)
{
    return tokenise(bpe, text, size, tokens, merge_word_plainly);
}

/* ---- and back ---- */

static size_t token_text(const struct cal_bpe *bpe, int32_t token, char *text,
                         size_t room)
{
    size_t n;

    if (token < FIRST_MERGED) {
        if (room > 0)
            *text = (char)token;
        return 1;
    }
    n = token_text(bpe, bpe->merges[token - FIRST_MERGED].left, text, room);
    return n + token_text(bpe, bpe->merges[token - FIRST_MERGED].right,
                          n < room ? text + n : NULL, n < room ? room - n : 0);
}

size_t cal_bpe_text(const struct cal_bpe *bpe, const int32_t *tokens, size_t n,
                    char *text, size_t room)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        at += token_text(bpe, tokens[i], at < room ? text + at : NULL,
                         at < room ? room - at : 0);
    return at;
}
