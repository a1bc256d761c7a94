/* The careful parser: field by field within its bounds, with a message for every way in
 * which a row can be wrong. */
#include <string.h>

#include "base/date.h"
#include "base/units.h"
#include "traces/row.h"

#define MINUTE_NS (60 * SP_NS_PER_S)
#define BYTES_MAX (UINT64_C(1) << 60)

int64_t trace_days_from_civil(int year, int month, int day)
{
    return sp_days_from_civil(year, month, day);
}

/* ---- fields ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* After an opening quote at `p`: the closing one that a comma or the end follows, or
 * NULL. */
static const char *closing_quote(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        const char *after = skip_blanks(p + 1, end);

        if (*p == '"' && (after == end || *after == ','))
            return p;
    }
    return NULL;
}

const char *trace_field_next(const char *text, const char *end,
                             struct trace_field *field)
{
    const char *from = skip_blanks(text, end), *to, *close = NULL, *stop;

    if (from < end && *from == '"')
        close = closing_quote(from, end);
    if (close != NULL) {
        *field = (struct trace_field){from + 1, (size_t)(close - from - 1), true};
        stop = skip_blanks(close + 1, end);
        return stop < end ? stop + 1 : NULL;
    }
    stop = memchr(from, ',', (size_t)(end - from));
    to = stop != NULL ? stop : end;
    while (to > from && is_blank(to[-1]))
        to--;
    field->text = from;
    field->size = (size_t)(to - from);
    field->odd = from != text || to != (stop != NULL ? stop : end);
    return stop != NULL ? stop + 1 : NULL;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* All of text[0 .. size) as a whole number of at most `max`. */
static bool whole_number(const char *text, size_t size, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;

    if (size == 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        uint64_t d = (uint64_t)(text[i] - '0');

        if (!is_digit(text[i]) || v > (max - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *value = v;
    return true;
}

/* Whether all of it is digits, so that what is wrong with it is its size. */
static bool only_digits(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_digit(text[i]))
            return false;
    return size > 0;
}

/* "12.345": whole part to *whole, the rest to *ns.  False: not such a number. */
static bool decimal(const char *text, size_t size, uint64_t whole_max, uint64_t *whole,
                    int64_t *ns)
{
    const char *point = memchr(text, '.', size);
    size_t before = point != NULL ? (size_t)(point - text) : size;
    size_t after = point != NULL ? size - before - 1 : 0;
    uint64_t fraction = 0;

    if (!whole_number(text, before, whole_max, whole))
        return false;
    if (point != NULL &&
        (after > 9 || !whole_number(point + 1, after, UINT64_MAX, &fraction)))
        return false;
    for (size_t i = after; i < 9; i++)
        fraction *= 10;
    *ns = (int64_t)fraction;
    return true;
}

/* ---- times ---- */

/* Two digits, or -1. */
static int pair(const char *text)
{
    return is_digit(text[0]) && is_digit(text[1])
               ? (text[0] - '0') * 10 + (text[1] - '0')
               : -1;
}

/* "", "Z", "+02:00", "+0200", "+02". */
static bool read_zone(const char *text, size_t size, enum trace_zone *zone,
                      int64_t *offset_ns)
{
    int hour, minute = 0;

    *zone = size == 0 ? TRACE_ZONE_NONE : TRACE_ZONE_GIVEN;
    *offset_ns = 0;
    if (size == 0 || (size == 1 && *text == 'Z'))
        return true;
    if ((size != 3 && size != 5 && size != 6) || (*text != '+' && *text != '-') ||
        (size == 6 && text[3] != ':'))
        return false;
    hour = pair(text + 1);
    if (size > 3)
        minute = pair(text + size - 2);
    *offset_ns = (*text == '+' ? 1 : -1) * (hour * 60 + minute) * MINUTE_NS;
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

/* "2023-11-16 18:15:46.6805900" and what may follow. */
static bool read_iso(const char *t, size_t size, enum trace_zone *zone,
                     int64_t *time_ns)
{
    static const char form[] = "dddd-dd-dd?dd:dd:dd";
    enum { FORM = sizeof form - 1 };
    size_t at = FORM;
    int64_t days, ns = 0, offset_ns;
    uint64_t second;

    if (size < FORM || (t[10] != ' ' && t[10] != 'T'))
        return false;
    for (size_t i = 0; i < FORM; i++)
        if (form[i] == 'd' ? !is_digit(t[i]) : form[i] != '?' && form[i] != t[i])
            return false;
    if (at < size && t[at] == '.')
        for (at++; at < size && is_digit(t[at]); at++)
            ;
    days = trace_days_from_civil(pair(t) * 100 + pair(t + 2), pair(t + 5), pair(t + 8));
    if (days < 0 || pair(t + 11) > 23 || pair(t + 14) > 59 ||
        !decimal(t + 17, at - 17, 59, &second, &ns) ||
        !read_zone(t + at, size - at, zone, &offset_ns))
        return false;
    *time_ns = ((days * 24 + pair(t + 11)) * 60 + pair(t + 14)) * MINUTE_NS +
               (int64_t)second * SP_NS_PER_S + ns - offset_ns;
    return *time_ns >= 0;
}

/* ---- a row ---- */

static enum sp_status wrong(const struct trace_column *c, const struct trace_field *f,
                            const char *expected, struct sp_err *err)
{
    char found[TRACE_QUOTE_SIZE];

    if (f->size == 0)
        return sp_fail(err, SP_EINPUT, "column %s: found nothing, expected %s", c->name,
                       expected);
    return sp_fail(err, SP_EINPUT, "column %s: found '%s', expected %s", c->name,
                   trace_quote(f->text, f->size, found), expected);
}

static enum sp_status read_whole(const struct trace_column *c,
                                 const struct trace_field *f, uint64_t max,
                                 uint64_t *value, struct sp_err *err)
{
    const char *expected = c->kind == TRACE_COLUMN_SIZE    ? "0 to 4294967295"
                           : c->kind == TRACE_COLUMN_BYTES ? "0 to 2^60"
                                                           : "0 to 2^63 - 1";

    if (whole_number(f->text, f->size, max, value))
        return SP_OK;
    return wrong(c, f,
                 only_digits(f->text, f->size) ? expected : "a whole number, 0 or more",
                 err);
}

static enum sp_status read_seconds(const struct trace_column *c,
                                   const struct trace_field *f, int64_t *time_ns,
                                   struct sp_err *err)
{
    uint64_t s;
    int64_t ns;

    if (!decimal(f->text, f->size, (uint64_t)(INT64_MAX / SP_NS_PER_S) - 1, &s, &ns))
        return wrong(c, f,
                     "seconds such as 12 or 12.345678901 (at most 9 decimals, below "
                     "9223372036, no sign, no exponent)",
                     err);
    *time_ns = (int64_t)s * SP_NS_PER_S + ns;
    return SP_OK;
}

static const char *const expected_iso[] = {
    [TRACE_ZONE_AS_FIRST_ROW] =
        "a time such as 2024-05-10 00:00:00.009930 with or without "
        "a zone, years 1970 to 2199",
    [TRACE_ZONE_NONE] =
        "a time without a zone such as 2023-11-16 18:15:46.6805900, years "
        "1970 to 2199",
    [TRACE_ZONE_GIVEN] = "a time with a zone such as 2024-05-10 00:00:00.009930+00:00, "
                         "years 1970 to 2199",
};

static enum sp_status read_timestamp(const struct trace_column *c,
                                     const struct trace_field *f,
                                     struct trace_row_state *state, int64_t *time_ns,
                                     struct sp_err *err)
{
    enum trace_zone zone;

    if (!read_iso(f->text, f->size, &zone, time_ns) ||
        (state->zone != TRACE_ZONE_AS_FIRST_ROW && state->zone != zone))
        return wrong(c, f, expected_iso[state->zone], err);
    state->zone = zone;
    return SP_OK;
}

/* Whole numbers with blanks, semicolons or both between them; possibly none. */
static enum sp_status read_hashes(const struct trace_column *c,
                                  const struct trace_field *f,
                                  struct trace_hashes *hashes, struct sp_err *err)
{
    const char *end = f->text + f->size, *p = skip_blanks(f->text, end);
    uint64_t id;

    while (p < end) {
        const char *from = p;

        while (p < end && !is_blank(*p) && *p != ';')
            p++;
        if (!whole_number(from, (size_t)(p - from), INT64_MAX, &id)) {
            struct trace_field one = {from, (size_t)(p - from), false};

            return wrong(
                c, &one,
                "whole numbers, 0 to 2^63 - 1, with a blank or ';' between them", err);
        }
        trace_hashes_add(hashes, id);
        p = skip_blanks(p, end);
        if (p < end && *p == ';')
            p = skip_blanks(p + 1, end);
    }
    return SP_OK;
}

static enum sp_status read_field(const struct trace_column *c,
                                 const struct trace_field *f,
                                 struct trace_row_state *state, struct trace_row *row,
                                 struct sp_err *err)
{
    enum sp_status status = SP_OK;
    uint64_t value = 0;

    switch (c->kind) {
    case TRACE_COLUMN_S:
        return read_seconds(c, f, &row->time_ns, err);
    case TRACE_COLUMN_ISO:
        return read_timestamp(c, f, state, &row->time_ns, err);
    case TRACE_COLUMN_NS:
        status = read_whole(c, f, INT64_MAX, &value, err);
        row->time_ns = (int64_t)value;
        break;
    case TRACE_COLUMN_BYTES:
        status = read_whole(c, f, BYTES_MAX, &value, err);
        row->bytes = (int64_t)value;
        break;
    case TRACE_COLUMN_SIZE:
        status = read_whole(c, f, UINT32_MAX, &value, err);
        row->size[c->size] = (uint32_t)value;
        break;
    case TRACE_COLUMN_HASHES:
        return read_hashes(c, f, &state->hashes, err);
    case TRACE_COLUMN_TEXT:
    case TRACE_COLUMN_MS:
        break;
    }
    return status;
}

static int32_t count_fields(const char *text, const char *end)
{
    struct trace_field field;
    int32_t n = 0;

    for (const char *p = text; p != NULL && n < INT32_MAX; n++)
        p = trace_field_next(p, end, &field);
    return n;
}

static void wrong_count(int32_t found, int32_t expected, struct sp_err *err)
{
    if (found == 0)
        sp_fail(err, SP_EINPUT, "found an empty line, expected %d column%s",
                (int)expected, expected == 1 ? "" : "s");
    else
        sp_fail(err, SP_EINPUT, "found %d column%s, expected %d", (int)found,
                found == 1 ? "" : "s", (int)expected);
}

const char *trace_row_read_odd(const struct trace_layout *layout,
                               struct trace_row_state *state, const char *text,
                               const char *end, struct trace_row *row,
                               struct sp_err *err)
{
    const char *newline = memchr(text, '\n', (size_t)(end - text)), *line_end,
               *p = text;
    bool crlf, odd = false;
    int32_t n;

    sp_assert(newline != NULL);
    crlf = newline > text && newline[-1] == '\r';
    line_end = crlf ? newline - 1 : newline;
    n = count_fields(text, line_end);
    if (line_end == text || n != layout->n) {
        wrong_count(line_end == text ? 0 : n, layout->n, err);
        return NULL;
    }
    state->hashes.n = 0; /* the fast reader may have begun */
    for (int32_t i = 0; i < n; i++) {
        struct trace_field field;

        p = trace_field_next(p, line_end, &field);
        odd = odd || field.odd;
        if (read_field(&layout->columns[i], &field, state, row, err) != SP_OK)
            return NULL;
    }
    state->odd_rows += odd;
    state->crlf_rows += crlf;
    return newline + 1;
}
