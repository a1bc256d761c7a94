/* What the worker says, a line at a time: records, their JSON, and the reading of it
 * with all that may be wrong.  docs/calibration.md, "The worker", has the lines.
 */
#ifndef CALIBRATE_WORKER_LINE_H
#define CALIBRATE_WORKER_LINE_H

#include <stdio.h>

#include "calibrate/device.h"
#include "calibrate/measured.h"

enum { CAL_WORKER_PROTOCOL = 1, CAL_LINE_TEXT_MAX = 400 };

enum cal_line_kind {
    CAL_LINE_HELLO,  /* protocol, text: the backend; always the first */
    CAL_LINE_STATE,  /* state, text: why; not OK: the last but "done" */
    CAL_LINE_DEVICE, /* device */
    CAL_LINE_KERNEL, /* kernel, on: name of a device that has been told of */
    CAL_LINE_NOTE,   /* text */
    CAL_LINE_DOING,  /* text, done_frac */
    CAL_LINE_DONE,   /* nothing is missing */
};

struct cal_line {
    enum cal_line_kind kind;
    int protocol;
    enum cal_device_state state;
    const char *text, *on;
    double done_frac;
    struct model_profile_device device;
    struct cal_measured kernel; /* item, axis, calls and bound are those of the plan's
                                 * row of that name; `device` is not filled */
};

/* Writes a line and its newline; flushed. */
void cal_line_print(FILE *out, const struct cal_line *line);

/* Reads one into `arena`.
 *   SP_EINPUT  it is no JSON, of no known kind, or a value has the wrong type or makes
 *              no sense: says which, what was found and what was expected. */
SP_CHECKED enum sp_status cal_line_parse(const char *text, size_t size,
                                         struct sp_arena *arena, struct cal_line *line,
                                         struct sp_err *err);

#endif
