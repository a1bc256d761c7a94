/* Braces counted outside of strings: what is in an object is its reader's business. */
#include "traces/job_objects.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "traces/format.h"

enum { OBJECT_MAX = 1024 * 1024 };

struct trace_job_objects {
    struct sp_input *input;
    const char *text, *end; /* not yet looked at */
    int64_t line;           /* of *text, from 1 */
    char *object;
    size_t size, room;
    bool begun, ended;
};

struct trace_job_objects *trace_job_objects_new(struct sp_input *input,
                                                const char *text, const char *end)
{
    struct trace_job_objects *o = sp_xcalloc(1, sizeof *o);

    *o =
        (struct trace_job_objects){.input = input, .text = text, .end = end, .line = 1};
    return o;
}

void trace_job_objects_free(struct trace_job_objects *o)
{
    if (o != NULL)
        free(o->object);
    free(o);
}

/* The next byte without taking it; -1 at the end or on a failure. */
static int peek(struct trace_job_objects *o, enum sp_status *status, struct sp_err *err)
{
    if (o->text == o->end) {
        *status = sp_input_lines(o->input, &o->text, &o->end, err);
        if (*status != SP_OK || o->text == o->end)
            return -1;
    }
    return (unsigned char)*o->text;
}

static void take(struct trace_job_objects *o)
{
    o->line += *o->text++ == '\n';
}

/* The next byte that is no blank. */
static int peek_solid(struct trace_job_objects *o, enum sp_status *status,
                      struct sp_err *err)
{
    int c;

    while ((c = peek(o, status, err)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        take(o);
    return c;
}

static bool wrong(struct trace_job_objects *o, int found, const char *expected,
                  enum sp_status *status, struct sp_err *err)
{
    char quoted[TRACE_QUOTE_SIZE], byte = (char)found;

    o->ended = true;
    if (*status != SP_OK)
        return false;
    if (found < 0)
        *status = sp_fail(err, SP_EINPUT, "%s:%" PRId64 ": the file ends, expected %s",
                          sp_input_path(o->input), o->line, expected);
    else
        *status = sp_fail(err, SP_EINPUT, "%s:%" PRId64 ": found '%s', expected %s",
                          sp_input_path(o->input), o->line,
                          trace_quote(&byte, 1, quoted), expected);
    return false;
}

static void keep(struct trace_job_objects *o, char c)
{
    if (o->size == o->room) {
        o->room = o->room > 0 ? 2 * o->room : 4096;
        o->object = sp_xrealloc(o->object, o->room);
    }
    o->object[o->size++] = c;
}

/* Takes all of the object that begins here. */
static bool take_object(struct trace_job_objects *o, enum sp_status *status,
                        struct sp_err *err)
{
    bool in_string = false, escaped = false;
    int depth = 0;

    o->size = 0;
    do {
        int c = peek(o, status, err);

        if (c < 0)
            return wrong(o, c, "the end of the job's object", status, err);
        if (o->size == OBJECT_MAX)
            return wrong(o, c, "the end of an object of at most 1 MiB", status, err);
        keep(o, (char)c);
        take(o);
        if (in_string) {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_string = c == '"';
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        }
    } while (depth > 0);
    return true;
}

/* To the first byte of the next object; false: there is none, or a failure. */
static bool find_object(struct trace_job_objects *o, enum sp_status *status,
                        struct sp_err *err)
{
    int c = peek_solid(o, status, err);

    if (!o->begun) {
        if (c != '[')
            return wrong(o, c, "'[': an array of jobs", status, err);
        take(o);
        o->begun = true;
        c = peek_solid(o, status, err);
    } else if (c == ',') {
        take(o);
        c = peek_solid(o, status, err);
        if (c != '{')
            return wrong(o, c, "'{': a job", status, err);
    } else if (c != ']') {
        return wrong(o, c, "',' or ']' after a job", status, err);
    }
    if (c == '{')
        return true;
    if (c != ']')
        return wrong(o, c, "'{': a job, or ']'", status, err);
    take(o);
    o->ended = true;
    c = peek_solid(o, status, err);
    return c >= 0 ? wrong(o, c, "nothing after the array of jobs", status, err) : false;
}

bool trace_job_objects_next(struct trace_job_objects *o, const char **text,
                            size_t *size, int64_t *line, enum sp_status *status,
                            struct sp_err *err)
{
    *status = SP_OK;
    if (o->ended || !find_object(o, status, err)) {
        *line = o->line;
        return false;
    }
    *line = o->line;
    if (!take_object(o, status, err))
        return false;
    *text = o->object;
    *size = o->size;
    return true;
}
