/* The wrapper around SQLite. */
#include "report/store.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

enum { BUSY_MS = 60000 };

struct report_insert {
    struct report_store *store;
    struct report_insert *before; /* made before this one; or NULL */
    sqlite3_stmt *statement;
    int next, values; /* the one to bind next, 1-based; how many there are */
};

struct report_store {
    struct sp_arena *arena;
    const char *path;
    sqlite3 *db;
    bool made; /* there was no such file */
    bool idle; /* no transaction is open */
    enum sp_status status;
    struct sp_err err;
    struct report_insert *inserts; /* the last one made */
};

/* ---- the failure that sticks ---- */

static enum sp_status fail(struct report_store *s)
{
    if (s->status == SP_OK) {
        s->err.status = SP_OK;
        s->status = sp_fail(&s->err, SP_EIO, "%s: can't be written: %s", s->path,
                            sqlite3_errmsg(s->db));
    }
    return s->status;
}

static void run(struct report_store *s, const char *sql)
{
    if (s->status == SP_OK && sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(s);
}

/* ---- whose file is it ---- */

static int32_t big_endian(const unsigned char *p)
{
    return (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
                     p[3]);
}

static enum sp_status refuse_kind(const char *path,
                                  const struct report_store_kind *kind,
                                  int32_t application_id, int32_t user_version,
                                  struct sp_err *err)
{
    if (application_id != kind->application_id)
        return sp_fail(err, SP_EINPUT,
                       "%s: is the database of another application (id %" PRId32
                       "), expected a new file or a %s",
                       path, application_id, kind->name);
    if (user_version < 1 || user_version > kind->user_version)
        return sp_fail(err, SP_EINPUT,
                       "%s: is a %s of version %" PRId32 ", expected 1 to %" PRId32
                       ": written by a newer stageplan",
                       path, kind->name, user_version, kind->user_version);
    return SP_OK;
}

static bool has_journal(const char *path)
{
    static const char *const tails[] = {"-journal", "-wal"};
    char name[4096];

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, tails[i]);
        if (access(name, F_OK) == 0)
            return true;
    }
    return false;
}

/* Reads the header as the file format documents it, so that a foreign file is refused
 * before SQLite, which might recover or checkpoint it, has touched it. */
static enum sp_status
check_header(const char *path, const struct report_store_kind *kind, struct sp_err *err)
{
    enum { HEADER = 100, USER_VERSION_AT = 60, APPLICATION_ID_AT = 68 };
    unsigned char header[HEADER];
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL)
        return sp_fail(err, SP_EIO, "%s: can't be opened: %s", path, strerror(errno));
    n = fread(header, 1, HEADER, f);
    fclose(f);
    if (n == 0 || has_journal(path)) /* fresh; or only SQLite knows what is in it */
        return SP_OK;
    if (n < HEADER || memcmp(header, "SQLite format 3", 16) != 0)
        return sp_fail(err, SP_EINPUT,
                       "%s: is no SQLite database, expected a new file or a %s", path,
                       kind->name);
    return refuse_kind(path, kind, big_endian(header + APPLICATION_ID_AT),
                       big_endian(header + USER_VERSION_AT), err);
}

enum sp_status report_store_check(const char *path,
                                  const struct report_store_kind *kind,
                                  struct sp_err *err)
{
    const char *slash = strrchr(path, '/');
    struct stat st;
    char folder[4096];

    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return sp_fail(err, SP_EIO, "%s: is no regular file, expected a %s", path,
                           kind->name);
        if (access(path, R_OK | W_OK) != 0)
            return sp_fail(err, SP_EIO, "%s: can't be written: %s", path,
                           strerror(errno));
        return check_header(path, kind, err);
    }
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
             slash != NULL ? path : ".");
    if (access(folder, W_OK) != 0)
        return sp_fail(err, SP_EIO, "%s: can't be made: %s", path, strerror(errno));
    return SP_OK;
}

/* ---- opening ---- */

static int on_int(void *to, int n, char **values, char **names)
{
    (void)n;
    (void)names;
    if (values[0] != NULL)
        *(int64_t *)to = strtoll(values[0], NULL, 10);
    return 0;
}

static int64_t ask_int(struct report_store *s, const char *sql)
{
    int64_t answer = 0;

    if (s->status == SP_OK &&
        sqlite3_exec(s->db, sql, on_int, &answer, NULL) != SQLITE_OK)
        fail(s);
    return answer;
}

/* Takes every step from `version` on: a fresh database goes the same way as an old one.
 */
static void bring_up(struct report_store *s, const struct report_store_kind *kind,
                     int32_t version)
{
    char sql[96];

    for (int32_t v = version; v < kind->user_version; v++)
        run(s, kind->steps[v - 1]);
    snprintf(sql, sizeof sql,
             "PRAGMA application_id=%" PRId32 "; PRAGMA user_version=%" PRId32,
             kind->application_id, kind->user_version);
    run(s, sql);
}

static void begin(struct report_store *s, const struct report_store_kind *kind)
{
    int32_t version = 1;

    sqlite3_busy_timeout(s->db, BUSY_MS);
    run(s, "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
           "BEGIN IMMEDIATE");
    if (s->status == SP_OK && ask_int(s, "SELECT count(*) FROM sqlite_schema") == 0) {
        run(s, kind->schema[0]);
        run(s, kind->schema[1]);
    } else if (s->status == SP_OK) {
        version = (int32_t)ask_int(s, "PRAGMA user_version");
        s->status =
            refuse_kind(s->path, kind, (int32_t)ask_int(s, "PRAGMA application_id"),
                        version, &s->err);
        if (s->status == SP_OK && version == kind->user_version)
            return;
    }
    if (s->status == SP_OK)
        bring_up(s, kind, version);
}

enum sp_status report_store_open(const char *path, const struct report_store_kind *kind,
                                 struct report_store **store, struct sp_err *err)
{
    enum sp_status status = report_store_check(path, kind, err);
    struct report_store *s;

    if (status != SP_OK)
        return status;
    s = sp_xcalloc(1, sizeof *s);
    s->arena = sp_arena_new();
    s->path = sp_arena_strdup(s->arena, path);
    s->made = access(path, F_OK) != 0;
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        NULL) != SQLITE_OK)
        fail(s);
    begin(s, kind);
    if (s->status != SP_OK)
        return report_store_close(s, SP_OK, err);
    *store = s;
    return SP_OK;
}

enum sp_status report_store_commit(struct report_store *s)
{
    run(s, "COMMIT");
    s->idle = s->status == SP_OK;
    return s->status;
}

enum sp_status report_store_begin(struct report_store *s)
{
    run(s, "BEGIN IMMEDIATE");
    s->idle = s->status != SP_OK && s->idle;
    return s->status;
}

int64_t report_store_ask(struct report_store *s, const char *sql, int64_t parameter)
{
    sqlite3_stmt *statement = NULL;
    int64_t answer = 0;
    int code;

    if (s->status != SP_OK)
        return 0;
    if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail(s);
        return 0;
    }
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, parameter);
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    else if (code != SQLITE_DONE)
        fail(s);
    sqlite3_finalize(statement);
    return answer;
}

/* A file that we made and that holds nothing is taken away; one that another process
 * has filled meanwhile stays. */
static void remove_if_empty(const struct report_store *s)
{
    struct stat st;

    if (s->made && stat(s->path, &st) == 0 && st.st_size == 0)
        unlink(s->path);
}

enum sp_status report_store_close(struct report_store *s, enum sp_status status,
                                  struct sp_err *err)
{
    bool keep;

    for (struct report_insert *i = s->inserts; i != NULL; i = i->before)
        sqlite3_finalize(i->statement);
    if (status == SP_OK && !s->idle)
        run(s, "COMMIT");
    keep = status == SP_OK && s->status == SP_OK;
    if (!keep && s->db != NULL && sqlite3_get_autocommit(s->db) == 0)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(s->db);
    if (!keep)
        remove_if_empty(s);
    if (status == SP_OK && s->status != SP_OK)
        status = sp_fail(err, s->status, "%s", s->err.text);
    sp_arena_free(s->arena);
    free(s);
    return status;
}

/* ---- rows ---- */

struct report_insert *report_store_insert(struct report_store *s, const char *into,
                                          int columns, int rows)
{
    struct report_insert *insert = sp_arena_alloc(s->arena, sizeof *insert);
    char *sql, *p;

    sp_assert(columns > 0 && rows > 0);
    sql = sp_arena_alloc(s->arena,
                         strlen(into) + 32 + (size_t)(rows * (2 * columns + 3)));
    p = sql + sprintf(sql, "INSERT INTO %s VALUES ", into);
    for (int r = 0; r < rows; r++) {
        *p++ = r > 0 ? ',' : ' ';
        for (int c = 0; c < columns; c++) {
            *p++ = c > 0 ? ',' : '(';
            *p++ = '?';
        }
        *p++ = ')';
    }
    *insert = (struct report_insert){
        .store = s, .before = s->inserts, .next = 1, .values = rows * columns};
    s->inserts = insert;
    if (s->status == SP_OK &&
        sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &insert->statement, NULL) != SQLITE_OK)
        fail(s);
    return insert;
}

void report_insert_int(struct report_insert *insert, int64_t value)
{
    sqlite3_bind_int64(insert->statement, insert->next++, value);
}

void report_insert_real(struct report_insert *insert, double value)
{
    if (isfinite(value))
        sqlite3_bind_double(insert->statement, insert->next++, value);
    else
        report_insert_null(insert);
}

void report_insert_text(struct report_insert *insert, const char *value)
{
    sqlite3_bind_text(insert->statement, insert->next++, value, -1, SQLITE_STATIC);
}

void report_insert_null(struct report_insert *insert)
{
    sqlite3_bind_null(insert->statement, insert->next++);
}

int64_t report_insert_done(struct report_insert *insert)
{
    struct report_store *s = insert->store;

    sp_assert(insert->next == insert->values + 1);
    insert->next = 1;
    if (s->status != SP_OK)
        return 0;
    if (sqlite3_step(insert->statement) != SQLITE_DONE)
        fail(s);
    sqlite3_reset(insert->statement);
    return sqlite3_last_insert_rowid(s->db);
}

/* ---- reading ---- */

enum { TEXT_BYTES_MAX = 1 << 24, SQL_BYTES_MAX = 1 << 20 };

struct report_row {
    struct report_reader *reader;
    struct report_row *before;
    const char *table;
    sqlite3_stmt *statement;
};

struct report_reader {
    struct sp_arena *arena;
    const char *path;
    sqlite3 *db;
    enum sp_status status;
    struct sp_err err;
    struct report_row *rows; /* the last ones made */
};

static enum sp_status fail_reader(struct report_reader *r, sqlite3 *db)
{
    int code = sqlite3_errcode(db);

    if (r->status != SP_OK)
        return r->status;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR)
        r->status = sp_fail(&r->err, SP_EINPUT, "%s: is damaged: %s", r->path,
                            sqlite3_errmsg(db));
    else
        r->status = sp_fail(&r->err, SP_EIO, "%s: can't be read: %s", r->path,
                            sqlite3_errmsg(db));
    return r->status;
}

static void run_reader(struct report_reader *r, const char *sql)
{
    if (r->status == SP_OK && sqlite3_exec(r->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_reader(r, r->db);
}

/* What a file may ask of us is bounded, and nothing in it runs. */
static void distrust(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, TEXT_BYTES_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(db, BUSY_MS);
}

/* A copy that SQLite deletes, brought up to date: the file itself stays old. */
static void copy_and_bring_up(struct report_reader *r,
                              const struct report_store_kind *kind, int32_t version)
{
    sqlite3 *old = r->db;
    sqlite3_backup *copy = NULL;

    if (sqlite3_open("", &r->db) != SQLITE_OK) {
        fail_reader(r, r->db);
    } else {
        distrust(r->db);
        copy = sqlite3_backup_init(r->db, "main", old, "main");
        if (copy != NULL)
            sqlite3_backup_step(copy, -1);
        if (copy == NULL || sqlite3_backup_finish(copy) != SQLITE_OK)
            fail_reader(r, r->db);
    }
    sqlite3_close(old);
    run_reader(r, "PRAGMA journal_mode=OFF; BEGIN");
    for (int32_t v = version; v < kind->user_version; v++)
        run_reader(r, kind->steps[v - 1]);
}

static void open_reader(struct report_reader *r, const struct report_store_kind *kind)
{
    int64_t version = 0, application_id = 0;

    if (sqlite3_open_v2(r->path, &r->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        fail_reader(r, r->db);
        return;
    }
    distrust(r->db);
    run_reader(r, "PRAGMA cache_size=-16384; BEGIN");
    if (r->status == SP_OK && (sqlite3_exec(r->db, "PRAGMA user_version", on_int,
                                            &version, NULL) != SQLITE_OK ||
                               sqlite3_exec(r->db, "PRAGMA application_id", on_int,
                                            &application_id, NULL) != SQLITE_OK))
        fail_reader(r, r->db);
    if (r->status == SP_OK)
        r->status = refuse_kind(r->path, kind, (int32_t)application_id,
                                (int32_t)version, &r->err);
    if (r->status == SP_OK && version < kind->user_version)
        copy_and_bring_up(r, kind, (int32_t)version);
}

static enum sp_status check_readable(const char *path,
                                     const struct report_store_kind *kind,
                                     struct sp_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return sp_fail(err, SP_EINPUT, "%s: can't be opened: %s", path,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return sp_fail(err, SP_EINPUT, "%s: is no regular file, expected a %s", path,
                       kind->name);
    if (st.st_size == 0)
        return sp_fail(err, SP_EINPUT, "%s: is empty, expected a %s", path, kind->name);
    return check_header(path, kind, err);
}

enum sp_status report_reader_open(const char *path,
                                  const struct report_store_kind *kind,
                                  struct report_reader **reader, struct sp_err *err)
{
    enum sp_status status = check_readable(path, kind, err);
    struct report_reader *r;

    if (status != SP_OK)
        return status;
    r = sp_xcalloc(1, sizeof *r);
    r->arena = sp_arena_new();
    r->path = sp_arena_strdup(r->arena, path);
    open_reader(r, kind);
    if (r->status != SP_OK)
        return report_reader_close(r, SP_OK, err);
    *reader = r;
    return SP_OK;
}

enum sp_status report_reader_close(struct report_reader *r, enum sp_status status,
                                   struct sp_err *err)
{
    for (struct report_row *row = r->rows; row != NULL; row = row->before)
        sqlite3_finalize(row->statement);
    sqlite3_close(r->db);
    if (status == SP_OK && r->status != SP_OK)
        status = sp_fail(err, r->status, "%s", r->err.text);
    sp_arena_free(r->arena);
    free(r);
    return status;
}

bool report_reader_failed(const struct report_reader *r)
{
    return r->status != SP_OK;
}

void report_reader_refuse(struct report_reader *r, const char *table, const char *fmt,
                          ...)
{
    char what[512];
    va_list list;

    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    if (r->status == SP_OK)
        r->status =
            sp_fail(&r->err, SP_EINPUT, "%s: table %s: %s", r->path, table, what);
}

/* A view or a virtual table under the name of a table of ours could run anything. */
static void check_is_table(struct report_reader *r, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM sqlite_schema WHERE name=%Q AND"
                                " type='table' AND sql LIKE 'CREATE TABLE %%'",
                                table);
    int64_t n = 0;

    if (r->status == SP_OK && sqlite3_exec(r->db, sql, on_int, &n, NULL) != SQLITE_OK)
        fail_reader(r, r->db);
    if (r->status == SP_OK && n != 1)
        report_reader_refuse(r, table, "there is none, expected the table");
    sqlite3_free(sql);
}

struct report_row *report_reader_rows(struct report_reader *r, const char *table,
                                      const char *columns, const char *rest)
{
    struct report_row *row = sp_arena_alloc(r->arena, sizeof *row);

    *row = (struct report_row){.reader = r, .before = r->rows, .table = table};
    r->rows = row;
    check_is_table(r, table);
    if (r->status == SP_OK &&
        sqlite3_prepare_v3(
            r->db,
            sp_arena_printf(r->arena, "SELECT %s FROM %s %s", columns, table, rest), -1,
            SQLITE_PREPARE_PERSISTENT, &row->statement, NULL) != SQLITE_OK)
        fail_reader(r, r->db);
    return row;
}

void report_rows_begin(struct report_row *row, int64_t parameter)
{
    if (row->reader->status != SP_OK)
        return;
    sqlite3_reset(row->statement);
    if (sqlite3_bind_parameter_count(row->statement) > 0)
        sqlite3_bind_int64(row->statement, 1, parameter);
}

bool report_rows_next(struct report_row *row)
{
    int code;

    if (row->reader->status != SP_OK)
        return false;
    code = sqlite3_step(row->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        fail_reader(row->reader, row->reader->db);
    return code == SQLITE_ROW;
}

void report_row_refuse(struct report_row *row, int column, const char *expected)
{
    static const char *const types[] = {[SQLITE_INTEGER] = "",
                                        [SQLITE_FLOAT] = "",
                                        [SQLITE_TEXT] = "the text ",
                                        [SQLITE_BLOB] = "the bytes ",
                                        [SQLITE_NULL] = ""};
    int type = sqlite3_column_type(row->statement, column);
    char value[64];

    if (type == SQLITE_NULL)
        snprintf(value, sizeof value, "nothing (NULL)");
    else
        sp_text_quote((const char *)sqlite3_column_text(row->statement, column), value,
                      sizeof value);
    report_reader_refuse(row->reader, row->table, "column %s: found %s%s, expected %s",
                         sqlite3_column_name(row->statement, column), types[type],
                         value, expected);
}

bool report_row_null(const struct report_row *row, int column)
{
    return sqlite3_column_type(row->statement, column) == SQLITE_NULL;
}

int64_t report_row_int(struct report_row *row, int column, int64_t min, int64_t max)
{
    int64_t value = sqlite3_column_int64(row->statement, column);
    char expected[96];

    if (sqlite3_column_type(row->statement, column) == SQLITE_INTEGER && value >= min &&
        value <= max)
        return value;
    if (min == INT64_MIN && max == INT64_MAX)
        snprintf(expected, sizeof expected, "a whole number");
    else if (max == INT64_MAX)
        snprintf(expected, sizeof expected, "a whole number from %" PRId64, min);
    else
        snprintf(expected, sizeof expected,
                 "a whole number from %" PRId64 " to %" PRId64, min, max);
    report_row_refuse(row, column, expected);
    return min > 0 ? min : 0;
}

double report_row_real(struct report_row *row, int column)
{
    int type = sqlite3_column_type(row->statement, column);

    if (type == SQLITE_FLOAT || type == SQLITE_INTEGER)
        return sqlite3_column_double(row->statement, column);
    if (type != SQLITE_NULL)
        report_row_refuse(row, column, "a number");
    return NAN;
}

const char *report_row_text(struct report_row *row, int column)
{
    const char *text;

    if (sqlite3_column_type(row->statement, column) == SQLITE_TEXT) {
        text = (const char *)sqlite3_column_text(row->statement, column);
        if (text != NULL)
            return text;
    }
    report_row_refuse(row, column, "a text");
    return "";
}
