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

#endif
