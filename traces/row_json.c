/* The hand parser of flat JSON lines: known keys, each once, in any order; whole
 * numbers (milliseconds with decimals), lists of whole numbers.  Whatever else a line
 * holds goes to trace_row_read_json_odd(), which costs several times as much.
 *
 * No step needs a bound: every loop stops at the newline that ends the lines, and reads
 * of fixed width stay within the padding behind it. */
#include <string.h>

#include "base/units.h"
#include "traces/row.h"

enum { NS_PER_MS = 1000000, DIGITS_MAX = 18, MS_DIGITS_MAX = 13 };

static inline const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* NULL: no digit, more than `digits_max`, or a zero in front. */
static inline const char *integer(const char *p, int digits_max, uint64_t *value)
{
    const char *from = p;
    uint64_t v = 0;
    unsigned d;

    while ((d = (unsigned)(unsigned char)*p - '0') < 10) {
        v = v * 10 + d;
        p++;
    }
    if (p == from || p - from > digits_max || (*from == '0' && p - from > 1))
        return NULL;
    *value = v;
    return p;
}

static const char *milliseconds(const char *p, int64_t *time_ns)
{
    uint64_t whole = 0;
    int64_t ns = 0, unit = NS_PER_MS;

    p = integer(p, MS_DIGITS_MAX, &whole);
    if (p == NULL || whole >= INT64_MAX / NS_PER_MS)
        return NULL;
    if (*p == '.') {
        const char *from = ++p;

        for (; *p >= '0' && *p <= '9' && unit > 1; p++) {
            unit /= 10;
            ns += (*p - '0') * unit;
        }
        if (p == from || (*p >= '0' && *p <= '9'))
            return NULL;
    }
    *time_ns = (int64_t)whole * NS_PER_MS + ns;
    return p;
}

static const char *list(const char *p, struct trace_hashes *hashes)
{
    uint64_t id = 0;

    if (*p != '[')
        return NULL;
    p = skip_blanks(p + 1);
    if (*p == ']')
        return p + 1;
    for (;;) {
        p = integer(p, DIGITS_MAX, &id);
        if (p == NULL)
            return NULL;
        trace_hashes_add(hashes, id);
        p = skip_blanks(p);
        if (*p == ']')
            return p + 1;
        if (*p != ',')
            return NULL;
        p = skip_blanks(p + 1);
    }
}

static inline const char *value(const struct trace_column *c,
                                struct trace_row_state *state, const char *p,
                                struct trace_row *row)
{
    uint64_t v = 0;

    switch (c->kind) {
    case TRACE_COLUMN_SIZE:
        p = integer(p, 10, &v);
        row->size[c->size] = (uint32_t)v;
        return v <= UINT32_MAX ? p : NULL;
    case TRACE_COLUMN_MS:
        return milliseconds(p, &row->time_ns);
    case TRACE_COLUMN_NS:
        p = integer(p, DIGITS_MAX, &v);
        row->time_ns = (int64_t)v;
        return p;
    case TRACE_COLUMN_HASHES:
        return list(p, &state->hashes);
    default:
        return NULL;
    }
}

/* The column that the key at `p` (behind its opening quote) names: the one at `guess`,
 * as keys keep their order from line to line, or another; -1 for none. */
static inline int32_t column_of(const struct trace_layout *layout, int32_t guess,
                                const char *p, size_t *length)
{
    for (int32_t i = 0; i < layout->n; i++) {
        int32_t k = guess + i < layout->n ? guess + i : guess + i - layout->n;

        *length = strlen(layout->columns[k].name);
        if (strncmp(p, layout->columns[k].name, *length) == 0 && p[*length] == '"')
            return k;
    }
    return -1;
}

/* One "key": value; a key's second coming is odd. */
static inline const char *member(const struct trace_layout *layout,
                                 struct trace_row_state *state, const char *p,
                                 struct trace_row *row, int32_t guess, unsigned *seen)
{
    size_t length;
    int32_t k;

    if (*p != '"')
        return NULL;
    k = column_of(layout, guess, p + 1, &length);
    if (k < 0 || (*seen & 1u << k) != 0)
        return NULL;
    *seen |= 1u << k;
    p = skip_blanks(p + length + 2);
    if (*p != ':')
        return NULL;
    p = value(&layout->columns[k], state, skip_blanks(p + 1), row);
    return p != NULL ? skip_blanks(p) : NULL;
}

/* Behind the closing brace; NULL: odd. */
static const char *object(const struct trace_layout *layout,
                          struct trace_row_state *state, const char *p,
                          struct trace_row *row)
{
    unsigned seen = 0;

    p = skip_blanks(p);
    if (*p != '{')
        return NULL;
    for (int32_t i = 0; i < layout->n; i++) {
        p = member(layout, state, skip_blanks(p + 1), row, i, &seen);
        if (p == NULL || *p != (i + 1 < layout->n ? ',' : '}'))
            return NULL;
    }
    return skip_blanks(p + 1);
}

const char *trace_row_read_json(const struct trace_layout *layout,
                                struct trace_row_state *state, const char *text,
                                const char *end, struct trace_row *row,
                                struct sp_err *err)
{
    const char *p = object(layout, state, text, row);

    if (p != NULL && *p == '\n')
        return p + 1;
    if (p == NULL || p[0] != '\r' || p[1] != '\n')
        return trace_row_read_json_odd(layout, state, text, end, row, err);
    state->crlf_rows++;
    return p + 2;
}
