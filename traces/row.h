/* One row of a CSV, or of JSON lines, by its layout.
 *
 * The common form of a row is read by a hand parser; a row with quotes or blanks around
 * a field, and every wrong one, by a second that goes field by field and can say what
 * is wrong.  Both give the same answer where both give one. */
#ifndef TRACES_ROW_H
#define TRACES_ROW_H

#include "traces/format.h"

/* struct trace_format's row(). */
const char *trace_row_read(const struct trace_layout *layout,
                           struct trace_row_state *state, const char *text,
                           const char *end, struct trace_row *row, struct sp_err *err);

/* The careful half: any row at all. */
const char *trace_row_read_odd(const struct trace_layout *layout,
                               struct trace_row_state *state, const char *text,
                               const char *end, struct trace_row *row,
                               struct sp_err *err);

/* struct trace_format's row() for a JSON object a line whose keys are the layout's
 * columns, in any order and among others. */
const char *trace_row_read_json(const struct trace_layout *layout,
                                struct trace_row_state *state, const char *text,
                                const char *end, struct trace_row *row,
                                struct sp_err *err);

/* The careful half (jansson). */
const char *trace_row_read_json_odd(const struct trace_layout *layout,
                                    struct trace_row_state *state, const char *text,
                                    const char *end, struct trace_row *row,
                                    struct sp_err *err);

/* Days since 1970-01-01 of a date of the Gregorian calendar, year >= 1970; -1 for a
 * date that there is not (February 30). */
int64_t trace_days_from_civil(int year, int month, int day);

/* One field: blanks around it and a pair of quotes are off. */
struct trace_field {
    const char *text;
    size_t size;
    bool odd; /* there were blanks or quotes */
};

/* The field that begins at `text`; returns where the next one begins, or NULL after the
 * last of the line, which ends before `end` (no newline within). */
const char *trace_field_next(const char *text, const char *end,
                             struct trace_field *field);

#endif
