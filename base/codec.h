/* How a stored file becomes the bytes it holds: one struct of functions per
 * compression.
 *
 * A codec works on memory only; files, offsets and messages are the business of
 * input.c.
 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <stddef.h>

/* Advanced by decode(): what is left to read, and what is left to fill. */
struct sp_codec_io {
    const unsigned char *in;
    size_t in_left;
    unsigned char *out;
    size_t out_left;
};

enum sp_codec_state {
    SP_CODEC_MORE,      /* inside a frame: wants input, or room for output */
    SP_CODEC_FRAME_END, /* a frame (gzip: a member) is complete; another may follow
                         */
    SP_CODEC_BROKEN,    /* no valid data: *why says what the library found */
};

struct sp_codec {
    const char *name;
    unsigned char magic[4];
    size_t magic_size;
    void *(*open)(void);
    /* Works until the input is used up, the output full or a frame ends. */
    enum sp_codec_state (*decode)(void *self, struct sp_codec_io *io, const char **why);
    void (*close)(void *self);
};

extern const struct sp_codec sp_codec_gzip, sp_codec_zstd;

#endif
