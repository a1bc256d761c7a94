/* Records as rows: a table says once which column holds which member of a struct, and
 * that is used to write and to read, so that the two can't drift apart.
 *
 * A kind of member may take several columns: a model_stat its mean and NAME_half95, a
 * model_times its count and five of those.  What was not measured (NaN) is NULL.
 */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum report_kind {
    REPORT_TEXT,       /* const char *, never NULL */
    REPORT_TEXT_NULL,  /* const char *, or NULL */
    REPORT_TEXT_EMPTY, /* const char *, never NULL; NULL is read as "" */
    REPORT_COUNT32,    /* int32_t, at least 0 */
    REPORT_COUNT64,    /* int64_t, 0 to INT64_MAX / 16 */
    REPORT_ID32,       /* int32_t, at least -1 */
    REPORT_ID64,       /* int64_t, at least -1 */
    REPORT_INT64,      /* int64_t */
    REPORT_LIMIT64,    /* int64_t; INT64_MAX ("not limited"): NULL */
    REPORT_UUSD,       /* int64_t; REPORT_NO_UUSD: NULL, and read as 0 */
    REPORT_WORD64,     /* uint64_t, as the number of the same bits */
    REPORT_HEX64,      /* uint64_t, 16 digits */
    REPORT_HEX64_NULL, /* likewise; 0: NULL */
    REPORT_BOOL,       /* bool */
    REPORT_REAL,       /* double */
    REPORT_STAT,       /* struct model_stat: NAME, NAME_half95 */
    REPORT_TIMES,      /* struct model_times; NAME is what its columns begin with */
    REPORT_WIDE,       /* sp_i128, decimal digits as text */
    REPORT_NAME,       /* an enum, by its name */
    REPORT_NAME_NULL,  /* likewise; one past the last: NULL */
};

#define REPORT_NO_UUSD INT64_MIN

/* The names of an enum: 0 to n - 1. */
struct report_names {
    const char *(*name)(int32_t value);
    int32_t n;
};

struct report_column {
    const char *name;
    enum report_kind kind;
    size_t at; /* of the member in the record */
    const struct report_names *names;
};

/* Rows of a table belong to a row of another: PARENT_id.  The first columns are the
 * parent's and, where there is a `position`, the number of the row below it, from 0. */
struct report_table {
    const char *name;
    const char *parent;   /* "run_id", ...; NULL: of none */
    const char *position; /* or NULL */
    const char *order; /* of the rows of a parent where there is no position; or NULL:
                        * there is one at most */
    bool has_id;       /* has rows below it: reading wants its id */
    size_t size;       /* of the record */
    int32_t n;
    const struct report_column *columns;
};

/* How many columns of SQL a member takes, and their names. */
enum { REPORT_COLUMN_PARTS = 11, REPORT_COLUMN_NAME = 64 };
int report_column_names(const struct report_column *column,
                        char names[REPORT_COLUMN_PARTS][REPORT_COLUMN_NAME]);

/* "\"a\", \"b\"": all columns of the table but the keys, in a text from malloc(); their
 * number to *n. */
char *report_table_columns(const struct report_table *table, int *n);

/* ---- writing and reading ---- */

struct sp_arena;
struct report_insert;
struct report_row;

/* Gives the values of a record to an insert; texts live in `arena` until it is done. */
void report_columns_put(struct report_insert *to, const struct report_table *table,
                        const void *record, struct sp_arena *arena);

/* Fills a record from a row whose columns from `first` on are the table's.  What is not
 * as expected is told to the row, which keeps the first of it; texts go to `arena`. */
void report_columns_get(struct report_row *row, int first,
                        const struct report_table *table, void *record,
                        struct sp_arena *arena);

#endif
