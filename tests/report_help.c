/* Folders, files, full disks, zips. */
#include "tests/report_help.h"

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

char *help_folder_new(struct sp_arena *arena)
{
    const char *base = getenv("TMPDIR");
    char *folder =
        sp_arena_printf(arena, "%s/stageplan-XXXXXX", base != NULL ? base : "/tmp");

    sp_assert(mkdtemp(folder) != NULL);
    return folder;
}

static int each_entry(const char *folder, bool remove_them)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    int n = 0;

    sp_assert(d != NULL);
    while ((entry = readdir(d)) != NULL) {
        char path[4096];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (remove_them && unlink(path) != 0)
            help_folder_remove(path);
        n++;
    }
    closedir(d);
    return n;
}

void help_folder_remove(const char *folder)
{
    each_entry(folder, true);
    rmdir(folder);
}

int help_folder_count(const char *folder)
{
    return each_entry(folder, false);
}

char *help_path(struct sp_arena *arena, const char *folder, const char *name)
{
    return sp_arena_printf(arena, "%s/%s", folder, name);
}

char *help_file_read(struct sp_arena *arena, const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *bytes;
    long n;

    if (f == NULL)
        return NULL;
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);
    bytes = sp_arena_alloc(arena, (size_t)n + 1);
    sp_assert(fread(bytes, 1, (size_t)n, f) == (size_t)n);
    fclose(f);
    if (size != NULL)
        *size = (size_t)n;
    return bytes;
}

void help_file_write(const char *path, const char *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");

    sp_assert(f != NULL && fwrite(bytes, 1, size, f) == size);
    sp_assert(fclose(f) == 0);
}

enum sp_status help_with_full_disk(size_t bytes, enum sp_status (*work)(void *context),
                                   void *context)
{
    struct rlimit limit = {bytes, bytes};
    int state = 0;
    pid_t pid = fork();

    sp_assert(pid >= 0);
    if (pid == 0) {
        signal(SIGXFSZ, SIG_IGN);
        sp_assert(freopen("/dev/null", "w", stderr) != NULL); /* libraries complain */
        sp_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        _exit((int)work(context));
    }
    sp_assert(waitpid(pid, &state, 0) == pid && WIFEXITED(state));
    return (enum sp_status)WEXITSTATUS(state);
}

static uint32_t little_endian(const unsigned char *p, int bytes)
{
    uint32_t v = 0;

    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static char *inflated(struct sp_arena *arena, unsigned char *packed,
                      uint32_t packed_size, uint32_t size)
{
    char *out = sp_arena_alloc(arena, (size_t)size + 1);
    z_stream z = {.next_in = packed,
                  .avail_in = packed_size,
                  .next_out = (unsigned char *)out,
                  .avail_out = size};

    sp_assert(inflateInit2(&z, -MAX_WBITS) == Z_OK);
    sp_assert(inflate(&z, Z_FINISH) == Z_STREAM_END);
    inflateEnd(&z);
    return out;
}

/* Walks the central directory, whose entries are found by their signature "PK\1\2". */
char *help_unzip(struct sp_arena *arena, const char *path, const char *name)
{
    size_t size = 0, length = strlen(name);
    unsigned char *zip = (unsigned char *)help_file_read(arena, path, &size);

    for (size_t i = 0; zip != NULL && i + 46 + length <= size; i++) {
        const unsigned char *e = zip + i;
        unsigned char *local;

        if (memcmp(e, "PK\1\2", 4) != 0 || little_endian(e + 28, 2) != length ||
            memcmp(e + 46, name, length) != 0)
            continue;
        local = zip + little_endian(e + 42, 4);
        local += 30 + little_endian(local + 26, 2) + little_endian(local + 28, 2);
        return inflated(arena, local, little_endian(e + 20, 4),
                        little_endian(e + 24, 4));
    }
    return NULL;
}

int help_occurrences(const char *text, const char *part)
{
    int n = 0;

    for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part))
        n++;
    return n;
}

int help_place_set_up(void **state)
{
    struct sp_arena *arena = sp_arena_new();
    struct help_place *p = sp_arena_alloc(arena, sizeof *p);

    p->arena = arena;
    p->folder = help_folder_new(arena);
    p->path = help_path(arena, p->folder, "results.db");
    *state = p;
    return 0;
}

int help_place_tear_down(void **state)
{
    struct help_place *p = *state;

    help_folder_remove(p->folder);
    sp_arena_free(p->arena);
    return 0;
}
