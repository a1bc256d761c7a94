#include "report/sparkline.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

enum { LEVELS = 8, LONGEST = 3 }; /* bytes of a character */

static const char *const blocks_of[LEVELS] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                              "\u2585", "\u2586", "\u2587", "\u2588"};
static const char *const plain_of[LEVELS] = {"_", ".", ":", "-", "=", "+", "*", "#"};

static double share(double part, double whole)
{
    return whole > 0 ? fmin(fmax(part / whole, 0), 1) : NAN;
}

double report_share_at(const struct report_share_series *s, int32_t bucket)
{
    return isnan(s->part[bucket]) ? NAN : share(s->part[bucket], s->whole[bucket]);
}

/* The share over from..to, of which `columns` are a bucket: whole numbers, so that
 * means at the border of two levels don't hang on rounding. */
static double share_within(const struct report_share_series *s, int columns,
                           int64_t from, int64_t to)
{
    double part = 0, whole = 0;

    for (int64_t i = from / columns; i < s->n && i * columns < to; i++) {
        int64_t begin = i * columns > from ? i * columns : from;
        int64_t end = (i + 1) * columns < to ? (i + 1) * columns : to;

        if (isnan(report_share_at(s, (int32_t)i)))
            continue;
        part += (double)(end - begin) * s->part[i];
        whole += (double)(end - begin) * s->whole[i];
    }
    return share(part, whole);
}

static const char *character(double v, bool blocks)
{
    int level = isnan(v) ? 0 : (int)(v * LEVELS);

    if (isnan(v))
        return " ";
    level = level < LEVELS ? level : LEVELS - 1;
    return blocks ? blocks_of[level] : plain_of[level];
}

const char *report_sparkline(struct sp_arena *arena,
                             const struct report_share_series *s, int columns,
                             bool blocks)
{
    char *text;
    size_t at = 0;

    sp_assert(columns > 0);
    text = sp_arena_alloc(arena, (size_t)columns * LONGEST + 1);
    for (int c = 0; c < columns; c++) {
        const char *one = character(
            share_within(s, columns, (int64_t)c * s->n, (int64_t)(c + 1) * s->n),
            blocks);
        size_t n = strlen(one);

        memcpy(text + at, one, n);
        at += n;
    }
    text[at] = '\0';
    return text;
}
