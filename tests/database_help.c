#include "tests/database_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/schema.h"

bool help_database_try(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    bool done;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    done = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return done;
}

void help_database_change(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static const char **ask_all(struct sp_arena *arena, const char *path, const char *sql,
                            int32_t *n)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char **texts = NULL;
    int32_t room = 0;

    *n = 0;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);

        texts = sp_arena_more(arena, texts, *n, &room, sizeof *texts);
        texts[(*n)++] = sp_arena_strdup(arena, text != NULL ? text : "NULL");
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return texts;
}

const char *help_database_asked(struct sp_arena *arena, const char *path,
                                const char *sql)
{
    int32_t n;
    const char **texts = ask_all(arena, path, sql, &n);

    return n == 0 ? "no row" : texts[0];
}

/* The columns of a table that both databases have: "a, b". */
static const char *common(struct sp_arena *arena, const char *old, const char *path,
                          const char *table)
{
    const char *ask =
        sp_arena_printf(arena, "SELECT name FROM pragma_table_info('%s')", table);
    int32_t n, m;
    const char **have = ask_all(arena, old, ask, &n),
               **now = ask_all(arena, path, ask, &m);
    const char *list = "";

    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < m; k++)
            if (strcmp(have[i], now[k]) == 0)
                list = sp_arena_printf(arena, "%s%s\"%s\"", list, *list ? ", " : "",
                                       have[i]);
    return list;
}

void help_database_age(struct sp_arena *arena, const char *path, int32_t version)
{
    static const char tables[] = "SELECT name FROM sqlite_schema WHERE type='table'";
    const char *old = sp_arena_printf(arena, "%s.old", path);
    const char **names;
    int32_t n;

    help_database_change(old, report_schema.schema[0]);
    help_database_change(old, report_schema.schema[1]);
    for (int32_t v = 1; v < version; v++)
        help_database_change(old, report_schema.steps[v - 1]);
    names = ask_all(arena, old, tables, &n);
    for (int32_t i = 0; i < n; i++) {
        const char *columns = common(arena, old, path, names[i]);

        help_database_change(
            old,
            sp_arena_printf(arena,
                            "ATTACH '%s' AS now; INSERT INTO main.%s(%s) SELECT %s "
                            "FROM now.%s",
                            path, names[i], columns, columns, names[i]));
    }
    help_database_change(
        old, sp_arena_printf(arena, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                             (int)report_schema.application_id, (int)version));
    assert_int_equal(rename(old, path), 0);
}

const char **help_database_columns(struct sp_arena *arena, const char *path, int32_t *n)
{
    return ask_all(arena, path,
                   "SELECT s.name || '.' || c.name FROM sqlite_schema s,"
                   " pragma_table_info(s.name) c WHERE s.type='table'"
                   " AND s.name NOT LIKE 'sqlite%' ORDER BY 1",
                   n);
}
