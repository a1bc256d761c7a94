/* Small tables of facts: CSV as RFC 4180 has it, read by the names in its header.
 *
 * Strict: quotes where they belong, as many fields in each row as in the header, no
 * unknown or repeated column, printable UTF-8.  Lines end in LF or CRLF.  A failure is
 * "file:line:column: what was found, what was expected" (the column in bytes, from 1).
 */
#ifndef MODEL_CSV_H
#define MODEL_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct model_csv_field {
    const char *text;     /* without its quotes */
    int32_t line, column; /* where it begins */
};

/* A reader of records over a text in memory. */
struct model_csv {
    const char *name; /* of the file, for messages */
    const char *p, *start_of_line;
    int32_t line;
    struct sp_arena *arena;
};

/* `text` must live as long as the reader. */
void model_csv_init(struct model_csv *csv, const char *name, const char *text,
                    struct sp_arena *arena);

/* The next record: *n fields, which live in the arena.  At the end *n is 0. */
SP_CHECKED enum sp_status model_csv_next(struct model_csv *csv,
                                         struct model_csv_field **fields, int32_t *n,
                                         struct sp_err *err);

/* The first record of a text that may break off: *n fields, or 0 where it is none. */
void model_csv_first(const char *text, size_t size, struct sp_arena *arena,
                     struct model_csv_field **fields, int32_t *n);

enum model_column_kind {
    MODEL_COLUMN_TEXT,
    MODEL_COLUMN_NUMBER, /* empty: NaN */
    MODEL_COLUMN_DATE,   /* YYYY-MM-DD, "undated" or empty */
};

/* A column that a table may have, and the member of the row that it fills: a const char
 * *
 * ("" where the column or the field is missing) or a double (NaN likewise). */
struct model_column {
    const char *name; /* NULL ends a table */
    enum model_column_kind kind;
    size_t offset; /* of the member */
    bool required; /* the header must name it */
    double min, max;
};

/* Called for each row once it is filled, in file order.  It may refuse it: the message
 * is put behind "file:line: ". */
typedef enum sp_status model_row_check(const void *row, struct sp_err *err);

/* Reads a whole table into *rows: *n structs of `row_size` bytes in the arena.  The
 * first text column names a row: it must be there and be unique. */
SP_CHECKED enum sp_status model_csv_read_rows(struct model_csv *csv,
                                              const struct model_column *columns,
                                              size_t row_size, model_row_check *check,
                                              void **rows, int32_t *n,
                                              struct sp_err *err);

/* The whole file (plain, gzip or zstd) as text with a NUL behind it.
 *   SP_EIO     it can't be opened or read.
 *   SP_EINPUT  it has more than `most_mib` MiB (unpacked) or holds a NUL byte. */
SP_CHECKED enum sp_status model_text_load(const char *path, size_t most_mib,
                                          struct sp_arena *arena, char **text,
                                          struct sp_err *err);

/* The same of at most 16 MiB. */
SP_CHECKED enum sp_status model_csv_load(const char *path, struct sp_arena *arena,
                                         char **text, struct sp_err *err);

#endif
