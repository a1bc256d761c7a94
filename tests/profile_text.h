/* Profiles from text, for tests: written to a file of their own and read as a user's.
 */
#ifndef TESTS_PROFILE_TEXT_H
#define TESTS_PROFILE_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "model/profile.h"

/* Reads `text`; a message's path becomes "FILE". */
static inline enum sp_status profile_from(const char *text, struct sp_arena *arena,
                                          struct model_profile **profile,
                                          struct sp_err *err)
{
    char path[] = "/tmp/stageplan-test-XXXXXX";
    int fd = mkstemp(path);
    enum sp_status status;
    FILE *f;

    sp_assert(fd >= 0);
    f = fdopen(fd, "wb");
    sp_assert(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
    status = model_profile_read(path, arena, profile, err);
    unlink(path);
    if (status != SP_OK && strncmp(err->text, path, strlen(path)) == 0) {
        char *rest = sp_arena_strdup(arena, err->text + strlen(path));

        snprintf(err->text, sizeof err->text, "FILE%s", rest);
    }
    return status;
}

/* What model_profile_print() writes, in the arena. */
static inline char *profile_printed(const struct model_profile *profile,
                                    struct sp_arena *arena)
{
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    sp_assert(f != NULL);
    model_profile_print(f, profile);
    sp_assert(fclose(f) == 0);
    copy = sp_arena_strdup(arena, text);
    free(text);
    return copy;
}

#endif
