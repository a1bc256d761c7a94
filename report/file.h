/* A file that is there whole or not at all.
 *
 * The bytes go to a temporary file in the folder of the destination, which takes its
 * place when everything is on the disk; on any failure the temporary is removed and
 * what was there stays.  A destination that exists and is no regular file (a pipe,
 * /dev/stdout) is written to directly.  A symbolic link is followed, not replaced.
 */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include <stdio.h>

#include "base/status.h"

struct report_file;

/* Starts a file that will be `path`.
 *   SP_EIO  its folder can't be written to. */
SP_CHECKED enum sp_status report_file_open(const char *path, struct report_file **file,
                                           struct sp_err *err);

/* Where to write, until report_file_close(). */
FILE *report_file_stream(struct report_file *file);

/* The name of the file being written, for libraries that open it by themselves. */
const char *report_file_path(const struct report_file *file);

/* Ends it: `status` is how writing went so far.  On SP_OK and with every byte written
 * the file takes its place.  Frees `file`; returns `status` or SP_EIO. */
SP_CHECKED enum sp_status report_file_close(struct report_file *file,
                                            enum sp_status status, struct sp_err *err);

/* Whether `path` could be written now: for a word before a long run, not a promise.
 *   SP_EIO  it can't. */
SP_CHECKED enum sp_status report_file_check(const char *path, struct sp_err *err);

/* The folder `path`, made where there is none.  SP_EIO  it can't be made. */
SP_CHECKED enum sp_status report_folder_make(const char *path, struct sp_err *err);

/* Whether files could be written to a folder that is there, or it could be made.
 *   SP_EIO  they can't, or `path` is something else. */
SP_CHECKED enum sp_status report_folder_check(const char *path, struct sp_err *err);

#endif
