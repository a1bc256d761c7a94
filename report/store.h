/* An SQLite file of a kind, written in one transaction.  The only file that knows
 * SQLite is store.c.
 *
 * Opening takes the write lock (waiting for other writers) and starts the transaction;
 * closing commits or rolls back, so a process that dies in between leaves the database
 * as it was.  The journal is SQLite's rollback journal: there is one file to copy, mail
 * or put on a network disk, appending journals next to nothing, and a bulk load writes
 * its pages once where a write-ahead log writes them twice.  `synchronous` stays FULL:
 * one fsync or two per run.
 *
 * Rows go in through prepared statements with bound values only.  The first failure
 * sticks and is told at close; after it, rows are ignored.
 */
#ifndef REPORT_STORE_H
#define REPORT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct report_store;
struct report_insert;

/* What tells a database of ours from others. */
struct report_store_kind {
    const char *name; /* "stageplan database", for messages */
    int32_t application_id;
    int32_t user_version;     /* newer ones are refused, older ones brought up to it */
    const char *schema[2];    /* SQL that makes one of version 1: tables, views */
    const char *const *steps; /* [i]: SQL from version i + 1 to i + 2 */
};

/* Opens or makes a database, brings it up to the kind's version and begins the
 * transaction, of which that is part.
 *   SP_EINPUT  `path` is something else: no database, another application's, a newer
 *              version's.  It is untouched.
 *   SP_EIO     it can't be opened, locked or written. */
SP_CHECKED enum sp_status report_store_open(const char *path,
                                            const struct report_store_kind *kind,
                                            struct report_store **store,
                                            struct sp_err *err);

/* Commits where `status` and every row so far went well, else rolls back; a file that
 * did not exist before is then gone again.  Frees `store`.  Returns `status` or the
 * failure. */
SP_CHECKED enum sp_status report_store_close(struct report_store *store,
                                             enum sp_status status, struct sp_err *err);

/* Commits what there is so far and lets others write; the next row needs a
 * report_store_begin() before it, which waits for the lock.  What goes wrong sticks:
 * SP_OK, or the failure that report_store_close() will tell. */
SP_CHECKED enum sp_status report_store_commit(struct report_store *store);
SP_CHECKED enum sp_status report_store_begin(struct report_store *store);

/* The number that a query of our source gives, with `parameter` for its ? and 0 where
 * it gives none. */
int64_t report_store_ask(struct report_store *store, const char *sql,
                         int64_t parameter);

/* Whether report_store_open() would take `path` as it is now; changes nothing. */
SP_CHECKED enum sp_status report_store_check(const char *path,
                                             const struct report_store_kind *kind,
                                             struct sp_err *err);

/* A statement that inserts `rows` rows at a time of `columns` columns; `into` is
 * "table(column, ...)" and comes from our source, never from a user.  Belongs to
 * `store`. */
struct report_insert *report_store_insert(struct report_store *store, const char *into,
                                          int columns, int rows);

/* The next value.  NaN and a NULL text are NULL; a text must live until the row is in.
 */
void report_insert_int(struct report_insert *insert, int64_t value);
void report_insert_real(struct report_insert *insert, double value);
void report_insert_text(struct report_insert *insert, const char *value);
void report_insert_null(struct report_insert *insert);

/* All values of all its rows were given: inserts them; the id of the last row. */
int64_t report_insert_done(struct report_insert *insert);

/* ---- reading ----
 *
 * The file is somebody's: nothing of it is believed.  It is opened for reading alone
 * and stays as it is; one of an older version is read through a copy that is brought up
 * to date, in a temporary file of SQLite's that is gone at close.  The first thing that
 * is not as expected sticks, ends all loops over rows and is told at close: the file,
 * the table and the column, what was found and what was expected.
 */

struct report_reader;
struct report_row;

/*   SP_EINPUT  it is no database of the kind, or of a newer version.
 *   SP_EIO     there is none, or it can't be read. */
SP_CHECKED enum sp_status report_reader_open(const char *path,
                                             const struct report_store_kind *kind,
                                             struct report_reader **reader,
                                             struct sp_err *err);

/* Frees it; `status`, or what went wrong. */
SP_CHECKED enum sp_status report_reader_close(struct report_reader *reader,
                                              enum sp_status status,
                                              struct sp_err *err);

bool report_reader_failed(const struct report_reader *reader);

/* Says that the contents of `table` make no sense: SP_EINPUT at close. */
void report_reader_refuse(struct report_reader *reader, const char *table,
                          const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The rows of "SELECT columns FROM table rest" (all of it from our source), of which
 * `rest` may hold one ?.  Belongs to the reader; may be run again and again. */
struct report_row *report_reader_rows(struct report_reader *reader, const char *table,
                                      const char *columns, const char *rest);
void report_rows_begin(struct report_row *row, int64_t parameter);
bool report_rows_next(
    struct report_row *row); /* false at the end, or after a failure */

/* Values of the row, by number of the column from 0; texts until the next row. */
bool report_row_null(const struct report_row *row, int column);
int64_t report_row_int(struct report_row *row, int column, int64_t min, int64_t max);
double report_row_real(struct report_row *row, int column);      /* NULL: NaN */
const char *report_row_text(struct report_row *row, int column); /* never NULL */

/* What stands there is not `expected`. */
void report_row_refuse(struct report_row *row, int column, const char *expected);

#endif
