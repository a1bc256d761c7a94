/* Trace formats, as descriptors in one array: what a header line means and how a row is
 * read.  The reader, `--format`, --help and the manual all go by that array.
 */
#ifndef TRACES_FORMAT_H
#define TRACES_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "model/scenario.h"

enum { TRACE_COLUMNS_MAX = 16 };

enum trace_column_kind {
    TRACE_COLUMN_S,   /* seconds, up to 9 decimals */
    TRACE_COLUMN_NS,  /* whole nanoseconds */
    TRACE_COLUMN_MS,  /* milliseconds, up to 6 decimals (JSON lines only) */
    TRACE_COLUMN_ISO, /* "2023-11-16 18:15:46.6805900", a T for the blank, a zone at the
                         end; the last of the times */
    TRACE_COLUMN_BYTES,  /* 0 .. 2^60 */
    TRACE_COLUMN_SIZE,   /* 0 .. 2^32 - 1 */
    TRACE_COLUMN_HASHES, /* names of the prompt's blocks, each 0 .. 2^63 - 1 */
    TRACE_COLUMN_TEXT,   /* anything: not read */
};

/* Whether times carry a zone ("Z", "+02:00").  Mixed files are refused. */
enum trace_zone { TRACE_ZONE_AS_FIRST_ROW, TRACE_ZONE_NONE, TRACE_ZONE_GIVEN };

/* How many hashes a row of n prompt tokens must have, with blocks of b tokens. */
enum trace_hash_rule {
    TRACE_HASHES_AT_MOST, /* up to ceil(n / b): our own CSV; not checked without
                             prompt_tokens */
    TRACE_HASHES_FULL,    /* floor(n / b): whole blocks only */
    TRACE_HASHES_ALL,     /* ceil(n / b): a partial block at the end too */
};

struct trace_column {
    char name[MODEL_NAME_MAX + 1];     /* as in the header */
    char known_as[MODEL_NAME_MAX + 1]; /* as scenarios call it */
    enum trace_column_kind kind;
    int32_t size; /* TRACE_COLUMN_SIZE: index in a row's sizes; else 0 */
};

struct trace_layout {
    int32_t n; /* columns, in the order of the file; exactly one of them is a time */
    struct trace_column columns[TRACE_COLUMNS_MAX];
    int32_t n_sizes;
    bool has_bytes;
    enum trace_zone zone;
    int32_t hash_block_tokens; /* prompt tokens that one hash names; 0: no hashes */
    enum trace_hash_rule hash_rule;
};

/* The hashes of the row that was read last; the memory is reused. */
struct trace_hashes {
    uint64_t *ids;
    int32_t n, room;
};
void trace_hashes_add(struct trace_hashes *hashes, uint64_t id);
void trace_hashes_fini(struct trace_hashes *hashes);

struct trace_row {
    int64_t time_ns;                  /* since whatever the file counts from */
    int64_t bytes;                    /* 0 where the file has none */
    uint32_t size[TRACE_COLUMNS_MAX]; /* in the order of the file's size columns */
    int32_t n_hashes;
    const uint64_t *hashes; /* good until the next row; NULL where there are none */
};

/* What reading one row leaves for the next. */
struct trace_row_state {
    char minute[16]; /* the text of the minute that minute_ns belongs to */
    int64_t minute_ns;
    enum trace_zone zone;        /* what rows must have; AS_FIRST_ROW until the first */
    int64_t crlf_rows, odd_rows; /* rows ended by CR LF; with quotes or blanks around */
    struct trace_hashes hashes;  /* emptied by the caller before each row */
};

struct trace_format {
    const char *name, *help;
    bool headless; /* the first line is a row; columns() then reads nothing */
    /* Whether a file with this header line and first row (not ended; "" for none) looks
     * like this format. */
    bool (*sniff)(const char *header, size_t header_size, const char *row,
                  size_t row_size);
    /* Reads the header line.  The message has no place: the caller puts it in front. */
    enum sp_status (*columns)(const char *header, size_t size,
                              struct trace_layout *layout, struct sp_err *err);
    /* Reads the row at `text`, which ends before `end`; the last byte before `end` is a
     * newline and SP_INPUT_PAD_BYTES more can be read.  Returns where the next row
     * begins, or NULL: a message without place is in *err. */
    const char *(*row)(const struct trace_layout *layout, struct trace_row_state *state,
                       const char *text, const char *end, struct trace_row *row,
                       struct sp_err *err);
};

extern const struct trace_format trace_format_csv;
extern const struct trace_format trace_format_azure_2023, trace_format_azure_2024;
extern const struct trace_format trace_format_burstgpt;
extern const struct trace_format trace_format_mooncake, trace_format_serving_jsonl;

/* Whether a column holds the row's time. */
static inline bool trace_column_is_time(const struct trace_column *column)
{
    return column->kind <= TRACE_COLUMN_ISO;
}

/* The size column that scenarios call `name`, or NULL. */
const struct trace_column *trace_layout_size(const struct trace_layout *layout,
                                             const char *name);

/* The format called `name`.
 *   SP_EINPUT  there is none: the message lists them. */
SP_CHECKED enum sp_status trace_format_find(const char *name,
                                            const struct trace_format **format,
                                            struct sp_err *err);

/* The first format whose sniff() says yes, or NULL. */
const struct trace_format *trace_format_sniff(const char *header, size_t header_size,
                                              const char *row, size_t row_size);

/* Text for a message: at most 40 bytes of it, what is not printable as \xNN, "..."
 * where it was cut.  Into buf, which is returned. */
enum { TRACE_QUOTE_SIZE = 4 * 40 + 4 };
const char *trace_quote(const char *text, size_t size, char buf[TRACE_QUOTE_SIZE]);

#endif
