/* A child process that prints lines: started in a group of its own with both outputs
 * piped here, read line by line with limits, killed with all it started, and reaped.
 *
 * One process belongs to one thread.
 */
#ifndef CALIBRATE_WORKER_PROCESS_H
#define CALIBRATE_WORKER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum {
    CAL_LINE_MAX = 256 * 1024, /* bytes of a line */
    CAL_WORDS_MAX = 200,       /* of its last words */
};

struct cal_process;

/* Starts `path` with argv (NULL-ended, argv[0] included); stdin is empty.
 *   SP_EIO  it can't be: the system's own word. */
SP_CHECKED enum sp_status cal_process_start(const char *path, const char *const *argv,
                                            struct cal_process **process,
                                            struct sp_err *err);

enum cal_process_read {
    CAL_READ_LINE, /* *line, NUL-ended, without its newline, good until the next call */
    CAL_READ_NONE, /* nothing whole came in the time */
    CAL_READ_LONG, /* a line is longer than CAL_LINE_MAX: kill it */
    CAL_READ_HALF, /* it ended in the middle of a line: *line is what there was */
    CAL_READ_END,  /* it ended, or closed its output */
};
enum cal_process_read cal_process_read(struct cal_process *p, double wait_s,
                                       const char **line, size_t *size);

/* How it ended; signal 0 and exit code where by itself. */
struct cal_process_end {
    int exit_code, signal;
    bool killed;   /* by us, since it did not end by itself in its time */
    bool immortal; /* it does not die (stuck in the kernel) and was left behind */
};

/* Ends it: waits up to `grace_s` for it to do so by itself, then kills its group;
 * reaps. What the killed one's signal was is SIGKILL. */
struct cal_process_end cal_process_finish(struct cal_process *p, double grace_s);

/* The last line of its stderr, made fit to print, "" where there is none.  After
 * finish(). */
const char *cal_process_words(const struct cal_process *p);

void cal_process_free(struct cal_process *p); /* after finish(); NULL is fine */

/* "SIGSEGV", or "signal 40", in buf (returned). */
char *cal_signal_name(int signal, char *buf, size_t size);

#endif
