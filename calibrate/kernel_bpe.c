/* Tokenising text by byte-pair encoding, word by word and without a cache of words. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "calibrate/bpe.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

enum { N_WORDS = 4096, N_MERGES = 2048, PLAIN_BYTES = 16 << 10 };

struct cal_state {
    struct cal_bpe *bpe;
    int32_t n; /* texts */
    size_t size;
    char *text[CAL_TEXTS_MAX];
    int32_t *tokens;
    size_t n_tokens; /* of the last call */
};

static enum sp_status bpe_open(const struct cal_kernel *kernel, double x, uint64_t seed,
                               struct cal_state **state, struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);
    struct cal_words *words = cal_words_new(N_WORDS, cal_item_key(kernel, seed, -1));

    (void)err;
    s->size = (size_t)x;
    s->n = cal_texts_of(s->size);
    s->bpe = cal_bpe_new(words, N_MERGES);
    s->tokens = sp_xcalloc(s->size, sizeof *s->tokens);
    for (int32_t i = 0; i < s->n; i++) {
        struct sp_rng rng = sp_rng_from_key(cal_item_key(kernel, seed, i));

        s->text[i] = sp_xcalloc(s->size, 1);
        cal_text_fill(words, &rng, s->text[i], s->size);
    }
    cal_words_free(words);
    *state = s;
    return SP_OK;
}

static void bpe_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    for (int32_t i = 0; i < s->n; i++)
        free(s->text[i]);
    free(s->tokens);
    cal_bpe_free(s->bpe);
    free(s);
}

static int32_t bpe_items(const struct cal_state *s)
{
    (void)s;
    return CAL_TEXT_ITEMS;
}

static void bpe_run(struct cal_state *s, int64_t call)
{
    s->n_tokens = cal_bpe_tokenise(s->bpe, s->text[call % s->n], s->size, s->tokens);
}

/* ---- check ---- */

/* The tokens must spell the text. */
static enum sp_status check_spelling(const struct cal_state *s, int32_t item,
                                     struct sp_err *err)
{
    char *spelt = sp_xcalloc(s->size, 1);
    size_t size = cal_bpe_text(s->bpe, s->tokens, s->n_tokens, spelt, s->size);
    enum sp_status status = SP_OK;

    if (size != s->size || memcmp(spelt, s->text[item], size) != 0)
        status =
            sp_fail(err, SP_EIO,
                    "bpe_tokenise: the tokens of text %d spell %zu bytes, expected "
                    "its %zu",
                    item, size, s->size);
    free(spelt);
    return status;
}

/* And be those of the plain way, which takes long: at the beginning of the text. */
static enum sp_status check_plainly(const struct cal_state *s, int32_t item,
                                    struct sp_err *err)
{
    size_t size = s->size < PLAIN_BYTES ? s->size : PLAIN_BYTES;
    int32_t *want = sp_xcalloc(size, sizeof *want);
    size_t n = cal_bpe_tokenise_plainly(s->bpe, s->text[item], size, want);
    enum sp_status status = SP_OK;

    if (size < s->size) /* the last word may be cut */
        n = n > CAL_BPE_WORD_MAX ? n - CAL_BPE_WORD_MAX : 0;
    for (size_t i = 0; i < n && status == SP_OK; i++)
        if (i >= s->n_tokens || s->tokens[i] != want[i])
            status = sp_fail(err, SP_EIO,
                             "bpe_tokenise: token %zu of text %d is %d, expected %d", i,
                             item, i < s->n_tokens ? s->tokens[i] : -1, want[i]);
    free(want);
    return status;
}

static enum sp_status bpe_check(struct cal_state *s, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    for (int32_t i = 0; i < s->n && status == SP_OK; i++) {
        bpe_run(s, i);
        status = check_spelling(s, i, err);
        if (status == SP_OK && i < 2)
            status = check_plainly(s, i, err);
    }
    return status;
}

static uint64_t bpe_digest(const struct cal_state *s)
{
    return sp_hash64(s->tokens, s->n_tokens * sizeof *s->tokens);
}

static void bpe_damage(struct cal_state *s)
{
    cal_bpe_damage(s->bpe);
}

const struct cal_kernel cal_kernel_bpe_tokenise = {
    .name = "bpe_tokenise",
    .item = "one text to tokens, byte-pair encoding, no cache of words",
    .axis = "bytes",
    .help = "the tokenise stage before a language model",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 5,
    .x = {1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10},
    .quick = 1u << 0 | 1u << 2 | 1u << 3,
    .scaling_x = 16 << 10,
    .n_params = 1,
    .params = {{"merges", "2048"}},
    .open = bpe_open,
    .close = bpe_close,
    .items = bpe_items,
    .run = bpe_run,
    .check = bpe_check,
    .code_path = cal_code_path_of_ours,
    .digest = bpe_digest,
    .damage = bpe_damage,
};
