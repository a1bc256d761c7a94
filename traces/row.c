/* The hand parser: every delimiter, digit count and overflow is checked, and whatever
 * is not the common form goes to trace_row_read_odd().
 *
 * No step needs a bound: every loop stops at the newline that ends the lines, and reads
 * of fixed width stay within the padding behind it. */
#include "traces/row.h"

#include <string.h>

#include "base/units.h"

#define MINUTE_NS (60 * SP_NS_PER_S)

static const int64_t ns_of_digits[10] = {
    1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};

/* A run of digits: where it ends and what it says (of 20 digits and more, nothing). */
struct digits {
    const char *end;
    uint64_t value;
};

static struct digits many_digits(const char *p)
{
    uint64_t v = 0;
    unsigned d;

    while ((d = (unsigned)(unsigned char)*p - '0') < 10) {
        v = v * 10 + d;
        p++;
    }
    return (struct digits){p, v};
}

/* Up to 7 digits without a branch on how many there are: field widths vary from row to
 * row, and a mispredicted loop exit costs more than the whole conversion. */
static inline struct digits digits(const char *p)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t x, not_digit;
    int bits;

    memcpy(&x, p, sizeof x);
    x ^= 0x3030303030303030u; /* digits are now 0 to 9, all else is more */
    not_digit = (x | (x + 0x0606060606060606u)) & 0xf0f0f0f0f0f0f0f0u;
    if (not_digit != 0) {
        bits = __builtin_ctzll(not_digit) & ~7; /* 8 for each digit */
        x = x << 1
              << (63 - bits); /* the first digit in the lowest byte that is not 0 */
        x = (x * (1 + (10u << 8)) >> 8) & 0x00ff00ff00ff00ffu;    /* pairs */
        x = (x * (1 + (100u << 16)) >> 16) & 0x0000ffff0000ffffu; /* fours */
        return (struct digits){p + bits / 8, x * (1 + (UINT64_C(10000) << 32)) >> 32};
    }
#endif
    return many_digits(p);
}

/* ".123": up to 9 digits as nanoseconds.  NULL: odd. */
static inline const char *fraction(const char *p, int64_t *ns)
{
    struct digits d = digits(p);
    ptrdiff_t n = d.end - p;

    if (n < 1 || n > 9)
        return NULL;
    *ns = (int64_t)d.value * ns_of_digits[n];
    return d.end;
}

static inline const char *fast_s(const char *p, int64_t *time_ns)
{
    struct digits d = digits(p);
    const char *end = d.end;
    int64_t ns = 0;

    if (end == p || end - p > 10 || d.value >= (uint64_t)(INT64_MAX / SP_NS_PER_S))
        return NULL;
    if (*end == '.')
        end = fraction(end + 1, &ns);
    *time_ns = (int64_t)d.value * SP_NS_PER_S + ns;
    return end;
}

/* NULL: no digits, too many, or a number past `max`. */
static inline const char *fast_integer(const char *p, int digits_max, uint64_t max,
                                       uint64_t *value)
{
    struct digits d = digits(p);

    if (d.end == p || d.end - p > digits_max || d.value > max)
        return NULL;
    *value = d.value;
    return d.end;
}

static inline int two_digits(const char *p)
{
    unsigned tens = (unsigned)(unsigned char)p[0] - '0';
    unsigned ones = (unsigned)(unsigned char)p[1] - '0';

    return tens < 10 && ones < 10 ? (int)(tens * 10 + ones) : -1;
}

/* "2023-11-16 18:15": the minute of the row above, or a new one to be remembered. */
static bool new_minute(const char *p, struct trace_row_state *state)
{
    int century = two_digits(p), year = two_digits(p + 2), month = two_digits(p + 5);
    int day = two_digits(p + 8), hour = two_digits(p + 11), minute = two_digits(p + 14);
    int64_t days;

    if (p[4] != '-' || p[7] != '-' || (p[10] != ' ' && p[10] != 'T') || p[13] != ':' ||
        century < 0 || year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    days = trace_days_from_civil(century * 100 + year, month, day);
    if (days < 0)
        return false;
    memcpy(state->minute, p, sizeof state->minute);
    state->minute_ns = ((days * 24 + hour) * 60 + minute) * MINUTE_NS;
    return true;
}

/* "+02:00", "Z" or nothing; *offset_ns is to be taken off.  NULL: odd. */
static inline const char *fast_zone(const char *p, enum trace_zone want,
                                    int64_t *offset_ns)
{
    int hour, minute;

    *offset_ns = 0;
    if (want == TRACE_ZONE_NONE)
        return p;
    if (want != TRACE_ZONE_GIVEN)
        return NULL;
    if (*p == 'Z')
        return p + 1;
    hour = two_digits(p + 1);
    minute = two_digits(p + 4);
    if ((*p != '+' && *p != '-') || p[3] != ':' || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59)
        return NULL;
    *offset_ns = (*p == '+' ? 1 : -1) * (hour * 60 + minute) * MINUTE_NS;
    return p + 6;
}

static inline const char *fast_iso(const char *p, struct trace_row_state *state,
                                   int64_t *time_ns)
{
    int64_t ns = 0, offset_ns;
    int second = two_digits(p + 17);
    const char *end = p + 19;

    if (memcmp(p, state->minute, sizeof state->minute) != 0 && !new_minute(p, state))
        return NULL;
    if (p[16] != ':' || second < 0 || second > 59)
        return NULL;
    if (*end == '.') {
        end = fraction(end + 1, &ns);
        if (end == NULL)
            return NULL;
    }
    end = fast_zone(end, state->zone, &offset_ns);
    *time_ns = state->minute_ns + second * SP_NS_PER_S + ns - offset_ns;
    return *time_ns >= 0 ? end : NULL;
}

/* "17 18 19" or "17;18;19", possibly nothing.  Not inlined: the common fields' code
 * stays small. */
__attribute__((noinline)) static const char *fast_hashes(const char *p,
                                                         struct trace_hashes *hashes)
{
    uint64_t id = 0;

    if (*p == ',' || *p == '\n' || *p == '\r')
        return p;
    for (;; p++) {
        p = fast_integer(p, 18, INT64_MAX, &id);
        if (p == NULL)
            return NULL;
        trace_hashes_add(hashes, id);
        if (*p != ' ' && *p != ';')
            return p;
    }
}

/* What is not read, where no quote can hide a comma. */
__attribute__((noinline)) static const char *fast_text(const char *p)
{
    while (*p != ',' && *p != '\n' && *p != '\r' && *p != '"' && *p != '\0')
        p++;
    return *p != '"' && *p != '\0' ? p : NULL;
}

static inline const char *fast_field(const struct trace_column *column,
                                     struct trace_row_state *state, const char *p,
                                     struct trace_row *row)
{
    uint64_t value = 0;

    switch (column->kind) {
    case TRACE_COLUMN_SIZE:
        p = fast_integer(p, 10, UINT32_MAX, &value);
        row->size[column->size] = (uint32_t)value;
        return p;
    case TRACE_COLUMN_S:
        return fast_s(p, &row->time_ns);
    case TRACE_COLUMN_ISO:
        return fast_iso(p, state, &row->time_ns);
    case TRACE_COLUMN_NS:
        p = fast_integer(p, 18, INT64_MAX, &value);
        row->time_ns = (int64_t)value;
        return p;
    case TRACE_COLUMN_BYTES:
        p = fast_integer(p, 18, UINT64_C(1) << 60, &value);
        row->bytes = (int64_t)value;
        return p;
    case TRACE_COLUMN_HASHES:
        return fast_hashes(p, &state->hashes);
    case TRACE_COLUMN_TEXT:
        return fast_text(p);
    case TRACE_COLUMN_MS:
        break;
    }
    return NULL;
}

const char *trace_row_read(const struct trace_layout *layout,
                           struct trace_row_state *state, const char *text,
                           const char *end, struct trace_row *row, struct sp_err *err)
{
    const struct trace_column *c = layout->columns, *last = c + layout->n - 1;
    const char *p = text;

    for (; c < last; c++) {
        p = fast_field(c, state, p, row);
        if (p == NULL || *p++ != ',')
            return trace_row_read_odd(layout, state, text, end, row, err);
    }
    p = fast_field(last, state, p, row);
    if (p != NULL && *p == '\n')
        return p + 1;
    if (p == NULL || p[0] != '\r' || p[1] != '\n')
        return trace_row_read_odd(layout, state, text, end, row, err);
    state->crlf_rows++;
    return p + 2;
}
