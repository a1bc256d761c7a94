/* Any JSON line at all, with a message for every way in which it can be wrong.  One of
 * two files of traces/ that know jansson (the other: job_json.c). */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "traces/row.h"

#define NS_PER_MS       1000000.0
#define MS_EXPECTED     "milliseconds, 0 or more, at most 6 decimals"
#define FRACTION_MAX_NS 0x1p50 /* 13 days: decimals are exact below */

static enum sp_status wrong(const struct trace_column *c, const json_t *value,
                            const char *expected, struct sp_err *err)
{
    char found[TRACE_QUOTE_SIZE],
        *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    sp_fail(err, SP_EINPUT, "key %s: found '%s', expected %s", c->name,
            text != NULL ? trace_quote(text, strlen(text), found) : "?", expected);
    free(text);
    return SP_EINPUT;
}

static enum sp_status read_ms(const struct trace_column *c, const json_t *value,
                              int64_t *time_ns, struct sp_err *err)
{
    double ns = json_number_value(value) * NS_PER_MS, whole = nearbyint(ns);

    if (json_is_integer(value)) {
        json_int_t ms = json_integer_value(value);

        if (ms < 0 || ms >= INT64_MAX / (int64_t)NS_PER_MS)
            return wrong(c, value, MS_EXPECTED, err);
        *time_ns = ms * (int64_t)NS_PER_MS;
        return SP_OK;
    }
    /* The nearest double of at most 6 decimals is off by less than 2^-3 ns here. */
    if (!json_is_real(value) || !(ns >= 0 && ns < FRACTION_MAX_NS) ||
        fabs(ns - whole) > 0.25)
        return wrong(c, value, MS_EXPECTED, err);
    *time_ns = (int64_t)whole;
    return SP_OK;
}

static enum sp_status read_whole(const struct trace_column *c, const json_t *value,
                                 int64_t max, const char *expected, int64_t *whole,
                                 struct sp_err *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > max)
        return wrong(c, value, expected, err);
    *whole = json_integer_value(value);
    return SP_OK;
}

static enum sp_status read_hashes(const struct trace_column *c, const json_t *value,
                                  struct trace_hashes *hashes, struct sp_err *err)
{
    int64_t id = 0;

    if (!json_is_array(value))
        return wrong(c, value, "a list of whole numbers", err);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (read_whole(c, json_array_get(value, i), INT64_MAX,
                       "whole numbers, 0 to 2^63 - 1", &id, err) != SP_OK)
            return SP_EINPUT;
        trace_hashes_add(hashes, (uint64_t)id);
    }
    return SP_OK;
}

static enum sp_status read_value(const struct trace_column *c, const json_t *value,
                                 struct trace_row_state *state, struct trace_row *row,
                                 struct sp_err *err)
{
    int64_t size = 0;

    switch (c->kind) {
    case TRACE_COLUMN_MS:
        return read_ms(c, value, &row->time_ns, err);
    case TRACE_COLUMN_NS:
        return read_whole(c, value, INT64_MAX, "whole nanoseconds, 0 to 2^63 - 1",
                          &row->time_ns, err);
    case TRACE_COLUMN_HASHES:
        return read_hashes(c, value, &state->hashes, err);
    case TRACE_COLUMN_SIZE:
        if (read_whole(c, value, UINT32_MAX, "a whole number, 0 to 4294967295", &size,
                       err) != SP_OK)
            return SP_EINPUT;
        row->size[c->size] = (uint32_t)size;
        return SP_OK;
    default:
        return SP_OK;
    }
}

static enum sp_status read_object(const struct trace_layout *layout, const json_t *o,
                                  struct trace_row_state *state, struct trace_row *row,
                                  struct sp_err *err)
{
    for (int32_t i = 0; i < layout->n; i++) {
        const struct trace_column *c = &layout->columns[i];
        const json_t *value = json_object_get(o, c->name);

        if (value == NULL)
            return sp_fail(err, SP_EINPUT, "the key '%s' is missing", c->name);
        if (read_value(c, value, state, row, err) != SP_OK)
            return SP_EINPUT;
    }
    return SP_OK;
}

/* What jansson says may quote the line: without the bytes that could drive a terminal.
 */
static enum sp_status no_json(const json_error_t *error, struct sp_err *err)
{
    char said[JSON_ERROR_TEXT_LENGTH];

    for (size_t i = 0; i < sizeof said; i++)
        said[i] =
            error->text[i] != '\0' && (error->text[i] < 0x20 || error->text[i] > 0x7e)
                ? '?'
                : error->text[i];
    said[sizeof said - 1] = '\0';
    return sp_fail(err, SP_EINPUT, "column %d: this is not a JSON object: %s",
                   error->column, said);
}

const char *trace_row_read_json_odd(const struct trace_layout *layout,
                                    struct trace_row_state *state, const char *text,
                                    const char *end, struct trace_row *row,
                                    struct sp_err *err)
{
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    json_error_t error;
    enum sp_status status;
    json_t *o;

    sp_assert(newline != NULL);
    state->hashes.n = 0; /* the fast reader may have begun */
    if (newline == text || (newline == text + 1 && *text == '\r')) {
        sp_fail(err, SP_EINPUT, "found an empty line, expected a JSON object");
        return NULL;
    }
    o = json_loadb(text, (size_t)(newline - text), JSON_REJECT_DUPLICATES, &error);
    if (o == NULL)
        status = no_json(&error, err);
    else if (!json_is_object(o))
        status = sp_fail(err, SP_EINPUT, "found a JSON array, expected an object");
    else
        status = read_object(layout, o, state, row, err);
    json_decref(o);
    if (status != SP_OK)
        return NULL;
    state->crlf_rows += newline[-1] == '\r';
    return newline + 1;
}
