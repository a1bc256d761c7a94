/* Decompression: one zstd frame of text, as shards of a data set are stored. */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/hash.h"
#include "calibrate/input_text.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

enum { LEVEL = 3, N_WORDS = 4096 };

struct cal_state {
    ZSTD_DCtx *context;
    int32_t n;                            /* texts */
    size_t size;                          /* unpacked */
    char *text[CAL_TEXTS_MAX];            /* as it went in */
    unsigned char *packed[CAL_TEXTS_MAX]; /* frames */
    size_t packed_size[CAL_TEXTS_MAX];
    char *out;
    size_t result; /* bytes, or the library's error */
};

static void zstd_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    for (int32_t i = 0; i < s->n; i++) {
        free(s->text[i]);
        free(s->packed[i]);
    }
    free(s->out);
    ZSTD_freeDCtx(s->context);
    free(s);
}

static enum sp_status pack(struct cal_state *s, int32_t i, struct sp_err *err)
{
    size_t room = ZSTD_compressBound(s->size);

    s->packed[i] = sp_xcalloc(room, 1);
    s->packed_size[i] = ZSTD_compress(s->packed[i], room, s->text[i], s->size, LEVEL);
    if (ZSTD_isError(s->packed_size[i]))
        return sp_fail(err, SP_EIO, "zstd_decompress: compressing failed: %s",
                       ZSTD_getErrorName(s->packed_size[i]));
    return SP_OK;
}

static enum sp_status zstd_open(const struct cal_kernel *kernel, double x,
                                uint64_t seed, struct cal_state **state,
                                struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);
    struct cal_words *words = cal_words_new(N_WORDS, cal_item_key(kernel, seed, -1));
    enum sp_status status = SP_OK;

    s->size = (size_t)x;
    s->n = cal_texts_of(s->size);
    s->out = sp_xcalloc(s->size, 1);
    s->context = ZSTD_createDCtx();
    sp_assert(s->context != NULL);
    for (int32_t i = 0; i < s->n && status == SP_OK; i++) {
        struct sp_rng rng = sp_rng_from_key(cal_item_key(kernel, seed, i));

        s->text[i] = sp_xcalloc(s->size, 1);
        cal_text_fill(words, &rng, s->text[i], s->size);
        status = pack(s, i, err);
    }
    cal_words_free(words);
    if (status == SP_OK)
        *state = s;
    else
        zstd_close(s);
    return status;
}

static int32_t zstd_items(const struct cal_state *s)
{
    (void)s;
    return CAL_TEXT_ITEMS;
}

static void zstd_run(struct cal_state *s, int64_t call)
{
    int64_t i = call % s->n;

    s->result = ZSTD_decompressDCtx(s->context, s->out, s->size, s->packed[i],
                                    s->packed_size[i]);
}

static enum sp_status check_text(const struct cal_state *s, int32_t i,
                                 struct sp_err *err)
{
    if (ZSTD_isError(s->result))
        return sp_fail(err, SP_EIO, "zstd_decompress: input %d: %s, expected no error",
                       i, ZSTD_getErrorName(s->result));
    if (s->result != s->size)
        return sp_fail(err, SP_EIO,
                       "zstd_decompress: input %d gives %zu bytes, expected %zu", i,
                       s->result, s->size);
    for (size_t at = 0; at < s->size; at++)
        if (s->out[at] != s->text[i][at])
            return sp_fail(err, SP_EIO,
                           "zstd_decompress: input %d has %#x at byte %zu of %zu, "
                           "expected %#x",
                           i, (unsigned char)s->out[at], at, s->size,
                           (unsigned char)s->text[i][at]);
    return SP_OK;
}

static enum sp_status zstd_check(struct cal_state *s, struct sp_err *err)
{
    enum sp_status status = SP_OK;

    for (int32_t i = 0; i < s->n && status == SP_OK; i++) {
        memset(s->out, 0, s->size);
        zstd_run(s, i);
        status = check_text(s, i, err);
    }
    return status;
}

static const char *zstd_library(struct sp_arena *arena)
{
    return sp_arena_printf(arena, "zstd %s", ZSTD_versionString());
}

static uint64_t zstd_digest(const struct cal_state *s)
{
    return sp_hash64(s->out, s->size);
}

static void zstd_damage(struct cal_state *s)
{
    s->text[s->n - 1][s->size - 1] ^= 1;
}

const struct cal_kernel cal_kernel_zstd_decompress = {
    .name = "zstd_decompress",
    .item = "one frame of text; bytes unpacked",
    .axis = "bytes",
    .help = "reading compressed shards, logs and records",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 6,
    .x = {4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20},
    .quick = 1u << 0 | 1u << 2 | 1u << 4,
    .scaling_x = 256 << 10,
    .n_params = 1,
    .params = {{"level", "3"}},
    .open = zstd_open,
    .close = zstd_close,
    .items = zstd_items,
    .run = zstd_run,
    .check = zstd_check,
    .library = zstd_library,
    .code_path = cal_code_path_of_library,
    .digest = zstd_digest,
    .damage = zstd_damage,
};
