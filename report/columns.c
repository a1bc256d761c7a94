/* One switch to write a member and one to read it, side by side. */
#include "report/columns.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/wide.h"
#include "model/result.h"
#include "report/store.h"
#include "report/text.h"

/* ---- names ---- */

/* Of counts that a file claims: reports may add up a few of them. */
#define COUNT_MOST (INT64_MAX / 16)

static const char *const times_parts[] = {"mean_s", "p50_s", "p90_s", "p99_s", "max_s"};
static const size_t times_at[] = {
    offsetof(struct model_times, mean_s), offsetof(struct model_times, p50_s),
    offsetof(struct model_times, p90_s),  offsetof(struct model_times, p99_s),
    offsetof(struct model_times, max_s),
};
enum { TIMES_PARTS = 5 };

int report_column_names(const struct report_column *c,
                        char names[REPORT_COLUMN_PARTS][REPORT_COLUMN_NAME])
{
    int n = 0;

    if (c->kind == REPORT_TIMES) {
        snprintf(names[n++], REPORT_COLUMN_NAME, "%scount", c->name);
        for (int i = 0; i < TIMES_PARTS; i++) {
            snprintf(names[n++], REPORT_COLUMN_NAME, "%s%s", c->name, times_parts[i]);
            snprintf(names[n++], REPORT_COLUMN_NAME, "%s%s_half95", c->name,
                     times_parts[i]);
        }
        return n;
    }
    snprintf(names[n++], REPORT_COLUMN_NAME, "%s", c->name);
    if (c->kind == REPORT_STAT)
        snprintf(names[n++], REPORT_COLUMN_NAME, "%s_half95", c->name);
    return n;
}

char *report_table_columns(const struct report_table *t, int *n)
{
    enum { ROOM = REPORT_COLUMN_PARTS * (REPORT_COLUMN_NAME + 4) };
    char names[REPORT_COLUMN_PARTS][REPORT_COLUMN_NAME];
    char *sql = sp_xcalloc((size_t)t->n + 1, ROOM), *p = sql;

    *n = 0;
    for (int32_t i = 0; i < t->n; i++) {
        int parts = report_column_names(&t->columns[i], names);

        for (int k = 0; k < parts; k++)
            p += sprintf(p, "%s\"%s\"", (*n)++ > 0 ? ", " : "", names[k]);
    }
    return sql;
}

/* ---- writing ---- */

/* 39 digits hold any 128-bit number. */
static const char *wide_text(struct sp_arena *arena, sp_i128 value)
{
    char *text = sp_arena_alloc(arena, 48), *p = text + 47;
    sp_u128 rest = value < 0 ? -(sp_u128)value : (sp_u128)value;

    do {
        *--p = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    return p;
}

static void put_int_or_null(struct report_insert *to, int64_t value, int64_t null)
{
    if (value == null)
        report_insert_null(to);
    else
        report_insert_int(to, value);
}

static void put_stat(struct report_insert *to, const struct model_stat *s)
{
    report_insert_real(to, s->mean);
    report_insert_real(to, s->half95);
}

static void put_times(struct report_insert *to, const char *times)
{
    report_insert_int(to, ((const struct model_times *)(const void *)times)->count);
    for (int i = 0; i < TIMES_PARTS; i++)
        put_stat(to, (const struct model_stat *)(const void *)(times + times_at[i]));
}

static void put_text(struct report_insert *to, struct sp_arena *arena, const char *text)
{
    report_insert_text(
        to, text == NULL ? NULL : report_text_clean(arena, text, REPORT_TEXT_DATA));
}

static void put_hex(struct report_insert *to, struct sp_arena *arena, uint64_t value)
{
    report_insert_text(to, sp_arena_printf(arena, "%016" PRIx64, value));
}

static void put_name(struct report_insert *to, const struct report_names *names,
                     int32_t value)
{
    if (value >= 0 && value < names->n)
        report_insert_text(to, names->name(value));
    else
        report_insert_null(to);
}

static void put_member(struct report_insert *to, const struct report_column *c,
                       const void *record, struct sp_arena *arena)
{
    const char *at = (const char *)record + c->at;
    int64_t i64 = 0;
    int32_t i32 = 0;
    double real;
    const char *text;
    sp_i128 wide;

    switch (c->kind) {
    case REPORT_TEXT:
    case REPORT_TEXT_NULL:
    case REPORT_TEXT_EMPTY:
        memcpy(&text, at, sizeof text);
        put_text(to, arena, text == NULL && c->kind == REPORT_TEXT ? "" : text);
        break;
    case REPORT_COUNT32:
    case REPORT_ID32:
        memcpy(&i32, at, sizeof i32);
        report_insert_int(to, i32);
        break;
    case REPORT_COUNT64:
    case REPORT_ID64:
    case REPORT_INT64:
    case REPORT_WORD64:
        memcpy(&i64, at, sizeof i64);
        report_insert_int(to, i64);
        break;
    case REPORT_LIMIT64:
    case REPORT_UUSD:
        memcpy(&i64, at, sizeof i64);
        put_int_or_null(to, i64,
                        c->kind == REPORT_LIMIT64 ? INT64_MAX : REPORT_NO_UUSD);
        break;
    case REPORT_HEX64:
    case REPORT_HEX64_NULL:
        memcpy(&i64, at, sizeof i64);
        if (i64 == 0 && c->kind == REPORT_HEX64_NULL)
            report_insert_null(to);
        else
            put_hex(to, arena, (uint64_t)i64);
        break;
    case REPORT_BOOL:
        report_insert_int(to, *(const bool *)(const void *)at);
        break;
    case REPORT_REAL:
        memcpy(&real, at, sizeof real);
        report_insert_real(to, real);
        break;
    case REPORT_STAT:
        put_stat(to, (const struct model_stat *)(const void *)at);
        break;
    case REPORT_TIMES:
        put_times(to, at);
        break;
    case REPORT_WIDE:
        memcpy(&wide, at, sizeof wide);
        report_insert_text(to, wide_text(arena, wide));
        break;
    case REPORT_NAME:
    case REPORT_NAME_NULL:
        memcpy(&i32, at, sizeof i32);
        put_name(to, c->names, i32);
        break;
    }
}

void report_columns_put(struct report_insert *to, const struct report_table *t,
                        const void *record, struct sp_arena *arena)
{
    for (int32_t i = 0; i < t->n; i++)
        put_member(to, &t->columns[i], record, arena);
}

/* ---- reading ---- */

static void get_stat(struct report_row *row, int column, char *to)
{
    struct model_stat s = {report_row_real(row, column),
                           report_row_real(row, column + 1)};

    memcpy(to, &s, sizeof s);
}

static void get_times(struct report_row *row, int column, char *to)
{
    int64_t count = report_row_int(row, column, 0, COUNT_MOST);

    memcpy(to + offsetof(struct model_times, count), &count, sizeof count);
    for (int i = 0; i < TIMES_PARTS; i++)
        get_stat(row, column + 1 + 2 * i, to + times_at[i]);
}

static uint64_t get_hex(struct report_row *row, int column, bool may_be_null)
{
    uint64_t value = 0;
    const char *text;

    if (may_be_null && report_row_null(row, column))
        return 0;
    text = report_row_text(row, column);
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        report_row_refuse(row, column, "16 hexadecimal digits");
    else
        value = strtoull(text, NULL, 16);
    return value;
}

/* Below 10^37, so that sums of some hundreds of them fit. */
static sp_i128 get_wide(struct report_row *row, int column)
{
    const char *text = report_row_text(row, column);
    bool minus = text[0] == '-';
    size_t n = strlen(text + minus);
    sp_i128 value = 0;

    if (n == 0 || n > 37 || strspn(text + minus, "0123456789") != n) {
        report_row_refuse(row, column, "a whole number of at most 37 digits");
        return 0;
    }
    for (const char *p = text + minus; *p != '\0'; p++)
        value = value * 10 + (*p - '0');
    return minus ? -value : value;
}

static int32_t get_name(struct report_row *row, int column,
                        const struct report_names *names, bool may_be_null)
{
    const char *text;

    if (may_be_null && report_row_null(row, column))
        return names->n;
    text = report_row_text(row, column);
    for (int32_t i = 0; i < names->n; i++)
        if (strcmp(names->name(i), text) == 0)
            return i;
    report_row_refuse(row, column, "a name that this version knows");
    return 0;
}

static int64_t get_int(struct report_row *row, int column, enum report_kind kind)
{
    switch (kind) {
    case REPORT_COUNT64:
        return report_row_int(row, column, 0, COUNT_MOST);
    case REPORT_ID64:
        return report_row_int(row, column, -1, INT64_MAX);
    case REPORT_LIMIT64:
        return report_row_null(row, column) ? INT64_MAX
                                            : report_row_int(row, column, 0, INT64_MAX);
    case REPORT_UUSD:
        return report_row_null(row, column)
                   ? 0
                   : report_row_int(row, column, INT64_MIN, INT64_MAX);
    default:
        return report_row_int(row, column, INT64_MIN, INT64_MAX);
    }
}

static void get_member(struct report_row *row, int column,
                       const struct report_column *c, void *record,
                       struct sp_arena *arena)
{
    char *at = (char *)record + c->at;
    int64_t i64;
    int32_t i32;
    uint64_t word;
    double real;
    const char *text = NULL;
    sp_i128 wide;

    switch (c->kind) {
    case REPORT_TEXT:
    case REPORT_TEXT_NULL:
    case REPORT_TEXT_EMPTY:
        if (c->kind == REPORT_TEXT || !report_row_null(row, column))
            text = sp_arena_strdup(arena, report_row_text(row, column));
        else if (c->kind == REPORT_TEXT_EMPTY)
            text = "";
        memcpy(at, &text, sizeof text);
        break;
    case REPORT_COUNT32:
    case REPORT_ID32:
        i32 = (int32_t)report_row_int(row, column, c->kind == REPORT_ID32 ? -1 : 0,
                                      INT32_MAX);
        memcpy(at, &i32, sizeof i32);
        break;
    case REPORT_COUNT64:
    case REPORT_ID64:
    case REPORT_INT64:
    case REPORT_WORD64:
    case REPORT_LIMIT64:
    case REPORT_UUSD:
        i64 = get_int(row, column, c->kind);
        memcpy(at, &i64, sizeof i64);
        break;
    case REPORT_HEX64:
    case REPORT_HEX64_NULL:
        word = get_hex(row, column, c->kind == REPORT_HEX64_NULL);
        memcpy(at, &word, sizeof word);
        break;
    case REPORT_BOOL:
        *(bool *)(void *)at = report_row_int(row, column, 0, 1) == 1;
        break;
    case REPORT_REAL:
        real = report_row_real(row, column);
        memcpy(at, &real, sizeof real);
        break;
    case REPORT_STAT:
        get_stat(row, column, at);
        break;
    case REPORT_TIMES:
        get_times(row, column, at);
        break;
    case REPORT_WIDE:
        wide = get_wide(row, column);
        memcpy(at, &wide, sizeof wide);
        break;
    case REPORT_NAME:
    case REPORT_NAME_NULL:
        i32 = get_name(row, column, c->names, c->kind == REPORT_NAME_NULL);
        memcpy(at, &i32, sizeof i32);
        break;
    }
}

void report_columns_get(struct report_row *row, int first, const struct report_table *t,
                        void *record, struct sp_arena *arena)
{
    int column = first;

    for (int32_t i = 0; i < t->n; i++) {
        enum report_kind kind = t->columns[i].kind;

        get_member(row, column, &t->columns[i], record, arena);
        column += kind == REPORT_TIMES  ? REPORT_COLUMN_PARTS
                  : kind == REPORT_STAT ? 2
                                        : 1;
    }
}
