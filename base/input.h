/* Whole lines of a text file in constant memory, whatever its length: plain, gzip or
 * zstd, told by the first bytes and not by the name.
 *
 * Lines are handed out where they lie in a block of SP_INPUT_BLOCK_BYTES (more where a
 * line is longer); only the piece of a line that a block's end cuts off is moved.
 * Compressed data that is truncated or damaged is an error, never a short file.  One
 * input belongs to one thread.
 */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    SP_INPUT_BLOCK_BYTES = 256 * 1024,
    SP_INPUT_LINE_MAX = 1024 * 1024, /* bytes of a line, its newline included */
    SP_INPUT_PAD_BYTES = 64, /* readable past the end of the lines, of no meaning */
};

struct sp_input;

/* Opens a file.
 *   SP_EIO  it can't be opened. */
SP_CHECKED enum sp_status sp_input_open(const char *path, struct sp_input **input,
                                        struct sp_err *err);
void sp_input_close(struct sp_input *input); /* NULL is fine */

/* The next lines: [*begin, *end) holds at least one line and ends with a newline (a
 * missing last one is supplied), or is empty at the end of the file.  The first call
 * gives at least two lines where the file has them.  Valid until the next call. SP_EIO
 * the file can't be read. SP_EINPUT  compressed data is truncated or damaged (the
 * message gives the offset in the stored file), or a line is longer than
 * SP_INPUT_LINE_MAX. */
SP_CHECKED enum sp_status sp_input_lines(struct sp_input *input, const char **begin,
                                         const char **end, struct sp_err *err);

/* All of a file's text, unpacked, for what is small: *text (the caller's, to be freed)
 * has *size bytes, lines of any length, and a NUL behind them.
 *   SP_EIO     it can't be opened or read.
 *   SP_EINPUT  damaged data, or more than `most_mib` MiB. */
SP_CHECKED enum sp_status sp_input_load(const char *path, size_t most_mib, char **text,
                                        size_t *size, struct sp_err *err);

const char *sp_input_path(const struct sp_input *input);

/* "plain", "gzip" or "zstd"; known after the first sp_input_lines(). */
const char *sp_input_compression(const struct sp_input *input);

/* Bytes read so far, as stored and as unpacked. */
int64_t sp_input_stored_bytes(const struct sp_input *input);
int64_t sp_input_text_bytes(const struct sp_input *input);

/* Whether the last line had no newline; known at the end. */
bool sp_input_lacks_newline(const struct sp_input *input);

#endif
