/* Temporary file, fsync, rename. */
#include "report/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

struct report_file {
    char *path;  /* as given, for messages */
    char *final; /* where it goes: links resolved */
    char *temp;  /* being written; NULL: `final` itself */
    FILE *stream;
};

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(sp_xcalloc(1, size), text, size);
}

static void report_file_free(struct report_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->temp != NULL)
        unlink(file->temp);
    free(file->path);
    free(file->final);
    free(file->temp);
    free(file);
}

static char *resolved(const char *path)
{
    char *real = realpath(path, NULL);

    return real != NULL ? real : copy_of(path);
}

/* Opens a new file beside `final` that nobody else has: O_EXCL follows no link either.
 */
static int open_beside(struct report_file *file)
{
    enum { TRIES = 100, NAME_KEPT = 200 /* so that a longest name has room */ };
    const char *slash = strrchr(file->final, '/');
    int folder = slash != NULL ? (int)(slash + 1 - file->final) : 0;
    const char *name = file->final + folder;
    size_t size = strlen(file->final) + 48;
    int keep = (int)strnlen(name, NAME_KEPT), fd = -1;

    if (strlen(name) > NAME_MAX) { /* the final name would be refused, too */
        errno = ENAMETOOLONG;
        return -1;
    }

    file->temp = sp_xcalloc(1, size);
    for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(file->temp, size, "%.*s.%ld-%d.tmp", folder + keep, file->final,
                 (long)getpid(), i);
        fd = open(file->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    if (fd < 0) {
        free(file->temp);
        file->temp = NULL;
    }
    return fd;
}

enum sp_status report_file_open(const char *path, struct report_file **file,
                                struct sp_err *err)
{
    struct report_file *f = sp_xcalloc(1, sizeof *f);
    struct stat st;
    int fd, saved;

    f->path = copy_of(path);
    f->final = resolved(path);
    if (stat(f->final, &st) == 0 && !S_ISREG(st.st_mode))
        fd = open(f->final, O_WRONLY | O_CLOEXEC);
    else
        fd = open_beside(f);
    saved = errno;
    if (fd < 0) {
        report_file_free(f);
        return sp_fail(err, SP_EIO, "%s: can't be written: %s", path, strerror(saved));
    }
    f->stream = fdopen(fd, "wb");
    sp_assert(f->stream != NULL);
    *file = f;
    return SP_OK;
}

FILE *report_file_stream(struct report_file *file)
{
    return file->stream;
}

const char *report_file_path(const struct report_file *file)
{
    return file->temp != NULL ? file->temp : file->final;
}

/* Why an earlier write failed, which its stream does not keep: asked again, of a file
 * that nobody will see. */
static int reason(const struct report_file *file)
{
    static const char probe[65536];

    if (file->temp != NULL && write(fileno(file->stream), probe, sizeof probe) < 0)
        return errno;
    return EIO;
}

/* Everything on the disk, the stream closed; false with errno set. */
static bool settled(struct report_file *file)
{
    FILE *stream = file->stream;
    bool good = fflush(stream) == 0;

    if (good && ferror(stream)) {
        errno = reason(file);
        good = false;
    }
    if (good && file->temp != NULL && fsync(fileno(stream)) != 0)
        good = false;
    file->stream = NULL;
    if (!good) {
        int saved = errno;

        fclose(stream);
        errno = saved;
        return false;
    }
    return fclose(stream) == 0;
}

enum sp_status report_file_close(struct report_file *file, enum sp_status status,
                                 struct sp_err *err)
{
    if (status == SP_OK && !settled(file))
        status = sp_fail(err, SP_EIO, "%s: can't be written: %s", file->path,
                         strerror(errno));
    if (status == SP_OK && file->temp != NULL) {
        if (rename(file->temp, file->final) != 0) {
            status = sp_fail(err, SP_EIO, "%s: can't be replaced: %s", file->path,
                             strerror(errno));
        } else {
            free(file->temp);
            file->temp = NULL;
        }
    }
    report_file_free(file);
    return status;
}

enum sp_status report_file_check(const char *path, struct sp_err *err)
{
    struct report_file *file = NULL;
    struct stat st;
    enum sp_status status;

    /* Opening a named pipe waits for its reader, closing it sends the reader home. */
    if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
        return access(path, W_OK) == 0
                   ? SP_OK
                   : sp_fail(err, SP_EIO, "%s: can't be written: %s", path,
                             strerror(errno));
    status = report_file_open(path, &file, err);
    if (status == SP_OK)
        report_file_free(file);
    return status;
}

enum sp_status report_folder_make(const char *path, struct sp_err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return SP_OK;
    return sp_fail(err, SP_EIO, "%s: can't be made: %s", path, strerror(errno));
}

enum sp_status report_folder_check(const char *path, struct sp_err *err)
{
    struct stat st;
    enum sp_status s;

    if (stat(path, &st) != 0) {
        s = report_folder_make(path, err);
        if (s == SP_OK)
            rmdir(path);
        return s;
    }
    if (!S_ISDIR(st.st_mode))
        return sp_fail(err, SP_EIO, "%s: is no folder", path);
    if (access(path, W_OK | X_OK) != 0)
        return sp_fail(err, SP_EIO, "%s: can't be written: %s", path, strerror(errno));
    return SP_OK;
}
