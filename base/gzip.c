/* The wrapper around zlib: gzip members, one after the other. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/codec.h"
#include "base/status.h"

enum { WINDOW_BITS_GZIP_ONLY = 15 + 16 };

static void *gzip_open(void)
{
    z_stream *z = sp_xcalloc(1, sizeof *z);
    int rc = inflateInit2(z, WINDOW_BITS_GZIP_ONLY);

    sp_assert(rc == Z_OK);
    return z;
}

static uInt clamp(size_t n)
{
    return n < UINT_MAX ? (uInt)n : UINT_MAX;
}

static enum sp_codec_state gzip_decode(void *self, struct sp_codec_io *io,
                                       const char **why)
{
    z_stream *z = self;
    uInt in = clamp(io->in_left), out = clamp(io->out_left);
    int rc;

    /* zlib's own member is not const unless ZLIB_CONST; it never writes there. */
    z->next_in = (unsigned char *)(uintptr_t)io->in;
    z->avail_in = in;
    z->next_out = io->out;
    z->avail_out = out;
    rc = inflate(z, Z_NO_FLUSH);
    io->in += in - z->avail_in;
    io->in_left -= in - z->avail_in;
    io->out += out - z->avail_out;
    io->out_left -= out - z->avail_out;
    switch (rc) {
    case Z_OK:
    case Z_BUF_ERROR: /* no progress for want of input: not an error */
        return SP_CODEC_MORE;
    case Z_STREAM_END:
        sp_assert(inflateReset(z) == Z_OK);
        return SP_CODEC_FRAME_END;
    default:
        *why = z->msg != NULL ? z->msg : zError(rc);
        return SP_CODEC_BROKEN;
    }
}

static void gzip_close(void *self)
{
    if (self != NULL)
        inflateEnd(self);
    free(self);
}

const struct sp_codec sp_codec_gzip = {
    .name = "gzip",
    .magic = {0x1f, 0x8b},
    .magic_size = 2,
    .open = gzip_open,
    .decode = gzip_decode,
    .close = gzip_close,
};
