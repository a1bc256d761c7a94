/* The wrapper around libzstd: frames, one after the other; skippable ones are skipped.
 */
#include <zstd.h>

#include "base/codec.h"
#include "base/status.h"

static void *zstd_open(void)
{
    ZSTD_DStream *z = ZSTD_createDStream();

    sp_assert(z != NULL);
    return z;
}

static enum sp_codec_state zstd_decode(void *self, struct sp_codec_io *io,
                                       const char **why)
{
    ZSTD_inBuffer in = {.src = io->in, .size = io->in_left};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->out_left};
    size_t rc = ZSTD_decompressStream(self, &out, &in);

    io->in += in.pos;
    io->in_left -= in.pos;
    io->out += out.pos;
    io->out_left -= out.pos;
    if (ZSTD_isError(rc)) {
        *why = ZSTD_getErrorName(rc);
        return SP_CODEC_BROKEN;
    }
    return rc == 0 ? SP_CODEC_FRAME_END : SP_CODEC_MORE;
}

static void zstd_close(void *self)
{
    ZSTD_freeDStream(self);
}

const struct sp_codec sp_codec_zstd = {
    .name = "zstd",
    .magic = {0x28, 0xb5, 0x2f, 0xfd},
    .magic_size = 4,
    .open = zstd_open,
    .decode = zstd_decode,
    .close = zstd_close,
};
