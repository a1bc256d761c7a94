/* Blocks of whole lines, through a codec where the first bytes ask for one. */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/codec.h"

enum {
    STORED_BYTES = 128 * 1024,
    TEXT_ROOM =
        2 * SP_INPUT_LINE_MAX + SP_INPUT_BLOCK_BYTES /* two lines, and a block */
};

static const struct sp_codec *const codecs[] = {&sp_codec_gzip, &sp_codec_zstd};
enum { N_CODECS = sizeof codecs / sizeof codecs[0] };

struct sp_input {
    char *path;
    int fd;
    bool begun, at_end; /* at_end: the stored file has no more bytes */
    bool lacks_newline;
    int64_t stored_bytes, text_bytes;
    /* compressed files only */
    const struct sp_codec *codec;
    void *decoder;
    bool in_frame;
    unsigned char *stored;
    size_t stored_from, stored_to;
    /* text[0 .. held) is a piece of a line that the next block completes */
    char *text;
    size_t held;
    size_t lines_end; /* what the caller has had ends here; the piece begins here */
};

enum sp_status sp_input_open(const char *path, struct sp_input **input,
                             struct sp_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct sp_input *in;

    if (fd < 0)
        return sp_fail(err, SP_EIO, "%s: can't be opened: %s", path, strerror(errno));
    in = sp_xcalloc(1, sizeof *in);
    in->path = sp_xcalloc(strlen(path) + 1, 1);
    memcpy(in->path, path, strlen(path));
    in->fd = fd;
    in->text = sp_xcalloc(TEXT_ROOM + 1 + SP_INPUT_PAD_BYTES, 1);
    *input = in;
    return SP_OK;
}

void sp_input_close(struct sp_input *in)
{
    if (in == NULL)
        return;
    if (in->codec != NULL)
        in->codec->close(in->decoder);
    close(in->fd);
    free(in->stored);
    free(in->text);
    free(in->path);
    free(in);
}

/* Reads up to `size` bytes, fewer only at the end of the file. */
static enum sp_status read_stored(struct sp_input *in, void *to, size_t size,
                                  size_t *got, struct sp_err *err)
{
    size_t done = 0;

    while (done < size && !in->at_end) {
        ssize_t n = read(in->fd, (char *)to + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sp_fail(err, SP_EIO, "%s: can't be read: %s", in->path,
                           strerror(errno));
        in->at_end = n == 0;
        done += (size_t)n;
    }
    in->stored_bytes += (int64_t)done;
    *got = done;
    return SP_OK;
}

static enum sp_status refill(struct sp_input *in, struct sp_err *err)
{
    size_t got = 0;
    enum sp_status status = read_stored(in, in->stored, STORED_BYTES, &got, err);

    in->stored_from = 0;
    in->stored_to = got;
    return status;
}

static long long stored_offset(const struct sp_input *in)
{
    return (long long)(in->stored_bytes - (int64_t)(in->stored_to - in->stored_from));
}

/* One call of the codec.  *stuck: neither bytes came out nor went in. */
static enum sp_status decode_some(struct sp_input *in, char *to, size_t room,
                                  size_t *got, bool *stuck, struct sp_err *err)
{
    struct sp_codec_io io = {.in = in->stored + in->stored_from,
                             .in_left = in->stored_to - in->stored_from,
                             .out = (unsigned char *)to,
                             .out_left = room};
    const char *why = "";
    enum sp_codec_state state = in->codec->decode(in->decoder, &io, &why);
    size_t used = (in->stored_to - in->stored_from) - io.in_left;

    in->stored_from += used;
    if (state == SP_CODEC_BROKEN)
        return sp_fail(err, SP_EINPUT, "%s: damaged %s data at byte %lld: %s", in->path,
                       in->codec->name, stored_offset(in), why);
    in->in_frame = state == SP_CODEC_MORE;
    *got = room - io.out_left;
    *stuck = used == 0 && *got == 0 && in->in_frame;
    return SP_OK;
}

static enum sp_status read_decoded(struct sp_input *in, char *to, size_t size,
                                   size_t *got, struct sp_err *err)
{
    enum sp_status status;
    size_t done = 0;

    while (done < size) {
        size_t n = 0;
        bool stuck = false;

        if (in->stored_from == in->stored_to && !in->at_end) {
            status = refill(in, err);
            if (status != SP_OK)
                return status;
        }
        if (in->stored_from == in->stored_to && in->at_end && !in->in_frame)
            break;
        status = decode_some(in, to + done, size - done, &n, &stuck, err);
        if (status != SP_OK)
            return status;
        if (stuck && in->at_end)
            return sp_fail(err, SP_EINPUT,
                           "%s: truncated %s data: the file ends at byte %lld in the "
                           "middle of a compressed frame",
                           in->path, in->codec->name, stored_offset(in));
        done += n;
    }
    *got = done;
    return SP_OK;
}

static const struct sp_codec *codec_of_magic(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < N_CODECS; i++)
        if (n >= codecs[i]->magic_size &&
            memcmp(bytes, codecs[i]->magic, codecs[i]->magic_size) == 0)
            return codecs[i];
    return NULL;
}

/* The first read: it decides between plain and compressed. */
static enum sp_status begin(struct sp_input *in, struct sp_err *err)
{
    enum { MAGIC_MAX = 4 };
    size_t got = 0;
    enum sp_status status = read_stored(in, in->text, MAGIC_MAX, &got, err);

    if (status != SP_OK)
        return status;
    in->begun = true;
    in->codec = codec_of_magic((unsigned char *)in->text, got);
    if (in->codec == NULL) {
        in->held = got;
        in->text_bytes = (int64_t)got;
        return SP_OK;
    }
    in->decoder = in->codec->open();
    in->stored = sp_xcalloc(STORED_BYTES, 1);
    memcpy(in->stored, in->text, got);
    in->stored_to = got;
    in->in_frame = true;
    return SP_OK;
}

/* Supplies the newline that the last line lacks; returns where the lines end. */
static size_t finish_last_line(struct sp_input *in, size_t n)
{
    if (n == 0 || in->text[n - 1] == '\n')
        return n;
    in->lacks_newline = true;
    in->text[n] = '\n';
    return n + 1;
}

/* Where the whole lines of text[0 .. n) end. */
static enum sp_status cut_lines(struct sp_input *in, size_t n, bool last,
                                size_t *lines_end, struct sp_err *err)
{
    const char *newline;
    size_t end = 0;

    newline = memrchr(in->text, '\n', n);
    if (newline != NULL)
        end = (size_t)(newline - in->text) + 1;
    if (n - end > SP_INPUT_LINE_MAX || (!last && end == 0))
        return sp_fail(err, SP_EINPUT,
                       "%s: the line that begins at byte %lld is longer than %d bytes: "
                       "this is not text in lines",
                       in->path, (long long)(in->text_bytes - (int64_t)(n - end)),
                       (int)SP_INPUT_LINE_MAX);
    *lines_end = last ? finish_last_line(in, n) : end;
    return SP_OK;
}

/* Whether text[0 .. n) holds `want` newlines. */
static bool has_lines(const struct sp_input *in, size_t n, int want)
{
    const char *p = in->text, *end = p + n;

    while (want > 0 && p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        want--;
        p++;
    }
    return want == 0;
}

/* Reads block after block behind the piece that is held until there are `want` lines,
 * or no room for them; *n bytes are then there, and *last says whether they are all. */
static enum sp_status read_blocks(struct sp_input *in, int want, size_t *n, bool *last,
                                  struct sp_err *err)
{
    size_t got = 0;

    *n = in->held;
    do {
        char *to = in->text + *n;
        enum sp_status status =
            in->codec != NULL ? read_decoded(in, to, SP_INPUT_BLOCK_BYTES, &got, err)
                              : read_stored(in, to, SP_INPUT_BLOCK_BYTES, &got, err);

        if (status != SP_OK)
            return status;
        in->text_bytes += (int64_t)got;
        *n += got;
        *last = got < SP_INPUT_BLOCK_BYTES;
    } while (!*last && *n <= TEXT_ROOM - SP_INPUT_BLOCK_BYTES &&
             !has_lines(in, *n, want));
    return SP_OK;
}

enum sp_status sp_input_lines(struct sp_input *in, const char **begin_,
                              const char **end, struct sp_err *err)
{
    bool first = !in->begun, last = false;
    size_t n = 0, lines_end = 0;
    enum sp_status status = first ? begin(in, err) : SP_OK;

    if (status != SP_OK)
        return status;
    memmove(in->text, in->text + in->lines_end, in->held);
    status = read_blocks(in, first ? 2 : 1, &n, &last, err);
    if (status == SP_OK)
        status = cut_lines(in, n, last, &lines_end, err);
    if (status != SP_OK)
        return status;
    in->lines_end = lines_end;
    in->held = lines_end < n ? n - lines_end : 0;
    *begin_ = in->text;
    *end = in->text + lines_end;
    return SP_OK;
}

/* Reads on behind text[0 .. *n) until the file ends or more than `most` are there. */
static enum sp_status load_rest(struct sp_input *in, size_t most, char **text,
                                size_t *n, struct sp_err *err)
{
    size_t room = *n + SP_INPUT_BLOCK_BYTES, got = 0;

    do {
        enum sp_status status;

        while (room - *n < SP_INPUT_BLOCK_BYTES)
            room *= 2;
        *text = sp_xrealloc(*text, room + 1);
        status = in->codec != NULL
                     ? read_decoded(in, *text + *n, SP_INPUT_BLOCK_BYTES, &got, err)
                     : read_stored(in, *text + *n, SP_INPUT_BLOCK_BYTES, &got, err);
        if (status != SP_OK)
            return status;
        *n += got;
    } while (got == SP_INPUT_BLOCK_BYTES && *n <= most);
    return SP_OK;
}

enum sp_status sp_input_load(const char *path, size_t most_mib, char **text,
                             size_t *size, struct sp_err *err)
{
    struct sp_input *in;
    char *all = NULL;
    size_t n = 0, most = most_mib << 20;
    enum sp_status status = sp_input_open(path, &in, err);

    if (status != SP_OK)
        return status;
    status = begin(in, err);
    if (status == SP_OK) {
        n = in->held;
        all = sp_xcalloc(n + 1, 1);
        memcpy(all, in->text, n);
        status = load_rest(in, most, &all, &n, err);
    }
    if (status == SP_OK && n > most)
        status = sp_fail(err, SP_EINPUT, "%s: larger than %zu MiB", path, most_mib);
    sp_input_close(in);
    if (status != SP_OK) {
        free(all);
        return status;
    }
    all[n] = '\0';
    *text = all;
    *size = n;
    return SP_OK;
}

const char *sp_input_path(const struct sp_input *in)
{
    return in->path;
}

const char *sp_input_compression(const struct sp_input *in)
{
    return in->codec != NULL ? in->codec->name : "plain";
}

int64_t sp_input_stored_bytes(const struct sp_input *in)
{
    return in->stored_bytes;
}

int64_t sp_input_text_bytes(const struct sp_input *in)
{
    return in->text_bytes;
}

bool sp_input_lacks_newline(const struct sp_input *in)
{
    return in->lacks_newline;
}
