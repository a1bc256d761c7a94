/* Names of files as texts: the folder of one, and one named from a folder.  No such
 * file is looked up.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"

/* The folder that `path` lies in: what is in front of its last slash, with the slash;
 * "" where it has none.  In the arena. */
char *sp_path_folder(struct sp_arena *arena, const char *path);

/* `name` as found from `folder`, which may end in a slash: the name alone where it is
 * absolute or the folder is "" or NULL.  In the arena. */
char *sp_path_from(struct sp_arena *arena, const char *folder, const char *name);

/* The folder that the running program lies in, with the slash; NULL where the system
 * does not tell.  In the arena. */
char *sp_path_program(struct sp_arena *arena);

#endif
