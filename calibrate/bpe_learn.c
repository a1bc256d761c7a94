/* Learning merges: the frequencies of all pairs are kept up to date, so that a merge
 * costs a look at the words and at the pairs, not a count of everything. */
#include "calibrate/bpe_learn.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"

enum { N_SLOTS = 1 << 15, FIRST_MERGED = 256 };

struct word {
    int32_t n; /* tokens */
    int32_t tokens[CAL_WORD_MAX + 1];
    int64_t weight;
};

/* A pair and how often it occurs; open addressing, key 0 where free. */
struct count {
    uint64_t key;
    int64_t weight;
};

struct learner {
    int32_t n;
    struct word *words;
    size_t used; /* slots */
    struct count *counts;
};

static uint64_t key_at(const struct word *w, int32_t i)
{
    return (uint64_t)(uint32_t)w->tokens[i] << 32 | (uint32_t)w->tokens[i + 1];
}

static struct count *count_of(struct learner *l, uint64_t key)
{
    size_t i = (size_t)sp_mix64(key) % N_SLOTS;

    while (l->counts[i].key != 0 && l->counts[i].key != key)
        i = (i + 1) % N_SLOTS;
    if (l->counts[i].key == 0) {
        sp_assert(++l->used < N_SLOTS / 2);
        l->counts[i].key = key;
    }
    return &l->counts[i];
}

static void count_word(struct learner *l, const struct word *w, int64_t sign)
{
    for (int32_t i = 0; i + 1 < w->n; i++)
        count_of(l, key_at(w, i))->weight += sign * w->weight;
}

/* A blank and the word, as often as Zipf's law has it in a million. */
static void word_init(struct word *w, const char *text, int32_t rank)
{
    w->tokens[w->n++] = ' ';
    for (const char *c = text; *c != '\0'; c++)
        w->tokens[w->n++] = (unsigned char)*c;
    w->weight = 1000000 / (rank + 1) + 1;
}

static const struct count *most_frequent(const struct learner *l)
{
    const struct count *best = NULL;

    for (size_t i = 0; i < N_SLOTS; i++) {
        const struct count *c = &l->counts[i];

        if (c->weight > 0 && (best == NULL || c->weight > best->weight ||
                              (c->weight == best->weight && c->key < best->key)))
            best = c;
    }
    return best;
}

static bool has(const struct word *w, uint64_t key)
{
    for (int32_t i = 0; i + 1 < w->n; i++)
        if (key_at(w, i) == key)
            return true;
    return false;
}

static void merge_in(struct word *w, uint64_t key, int32_t merged)
{
    int32_t to = 0;

    for (int32_t from = 0; from < w->n; to++)
        if (from + 1 < w->n && key_at(w, from) == key) {
            w->tokens[to] = merged;
            from += 2;
        } else {
            w->tokens[to] = w->tokens[from++];
        }
    w->n = to;
}

static void merge_everywhere(struct learner *l, uint64_t key, int32_t merged)
{
    for (int32_t i = 0; i < l->n; i++) {
        struct word *w = &l->words[i];

        if (!has(w, key))
            continue;
        count_word(l, w, -1);
        merge_in(w, key, merged);
        count_word(l, w, 1);
    }
}

int32_t cal_bpe_learn(const struct cal_words *words, int32_t most,
                      struct cal_bpe_pair *merges)
{
    struct learner l = {.n = words->n};
    int32_t learned = 0;

    l.words = sp_xcalloc((size_t)l.n, sizeof *l.words);
    l.counts = sp_xcalloc(N_SLOTS, sizeof *l.counts);
    for (int32_t i = 0; i < l.n; i++) {
        word_init(&l.words[i], words->text[i], i);
        count_word(&l, &l.words[i], 1);
    }
    while (learned < most) {
        const struct count *best = most_frequent(&l);
        uint64_t key;

        if (best == NULL)
            break;
        key = best->key;
        merges[learned] = (struct cal_bpe_pair){.left = (int32_t)(key >> 32),
                                                .right = (int32_t)(key & 0xffffffff)};
        merge_everywhere(&l, key, FIRST_MERGED + learned++);
    }
    free(l.words);
    free(l.counts);
    return learned;
}
