/* Slashes. */
#include "base/path.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

char *sp_path_folder(struct sp_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = sp_arena_strdup(arena, path);

    folder[slash == NULL ? 0 : slash - path + 1] = '\0';
    return folder;
}

char *sp_path_from(struct sp_arena *arena, const char *folder, const char *name)
{
    size_t size = folder == NULL ? 0 : strlen(folder);

    if (size == 0 || name[0] == '/')
        return sp_arena_strdup(arena, name);
    return sp_arena_printf(arena, "%s%s%s", folder, folder[size - 1] == '/' ? "" : "/",
                           name);
}

char *sp_path_program(struct sp_arena *arena)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    if (n <= 0)
        return NULL;
    path[n] = '\0';
    return sp_path_folder(arena, path);
}
