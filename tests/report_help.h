/* What the tests of report/ share: a folder of their own, whole files, and a disk that
 * is full. */
#ifndef TESTS_REPORT_HELP_H
#define TESTS_REPORT_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

/* A new folder; ends the test program where there can't be one. */
char *help_folder_new(struct sp_arena *arena);

/* Removes the folder and the files in it. */
void help_folder_remove(const char *folder);

/* What a test that writes files begins with; set_up and tear_down are cmocka's. */
struct help_place {
    struct sp_arena *arena;
    char *folder;
    const char *path; /* of a database in it, which is not there yet */
};
int help_place_set_up(void **state);
int help_place_tear_down(void **state);

int help_folder_count(const char *folder); /* entries in it */

/* "FOLDER/NAME" */
char *help_path(struct sp_arena *arena, const char *folder, const char *name);

/* The file with a NUL behind it, its size in *size unless NULL; NULL where there is
 * none. */
char *help_file_read(struct sp_arena *arena, const char *path, size_t *size);
void help_file_write(const char *path, const char *bytes, size_t size);

/* Runs `work` in a process that can write no file beyond `bytes`; its status. */
enum sp_status help_with_full_disk(size_t bytes, enum sp_status (*work)(void *context),
                                   void *context);

/* The member `name` of a zip file, unpacked, with a NUL behind it; NULL where absent.
 */
char *help_unzip(struct sp_arena *arena, const char *path, const char *name);

/* How often `part` occurs in `text`. */
int help_occurrences(const char *text, const char *part);

#endif
