/* Databases for tests: as an older version would have left them, and damaged ones. */
#ifndef TESTS_DATABASE_HELP_H
#define TESTS_DATABASE_HELP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Runs SQL on a database; fails the test with SQLite's words. */
void help_database_change(const char *path, const char *sql);

/* The same, but whether it worked is only told. */
bool help_database_try(const char *path, const char *sql);

/* The first value of the first row as text; "NULL"; "no row". */
const char *help_database_asked(struct sp_arena *arena, const char *path,
                                const char *sql);

/* Makes `path` a database of an older version: its tables as that version makes them,
 * with the rows that are in it, in the columns that there were. */
void help_database_age(struct sp_arena *arena, const char *path, int32_t version);

/* Every column of every table of ours, as "table.column". */
const char **help_database_columns(struct sp_arena *arena, const char *path,
                                   int32_t *n);

#endif
