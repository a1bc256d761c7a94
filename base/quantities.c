/* Quantities without their parsers: the crossings between measured and exact, and how
 * they are written for people. */
#include "base/units.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- crossings ---- */

int64_t sp_uusd_from_usd(double usd)
{
    sp_assert(fabs(usd) <= 9e12);
    return llround(usd * 1e6);
}

double sp_usd_from_uusd(int64_t uusd)
{
    return (double)uusd / 1e6;
}

/* ---- for people ---- */

/* Three significant digits without an exponent, "1.50" as "1.5": v below 1024. */
static void format_short(double v, const char *unit, char *buf, int size)
{
    char digits[32];
    size_t n;

    snprintf(digits, sizeof digits, "%.*f", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
    n = strlen(digits);
    if (strchr(digits, '.') != NULL) {
        while (digits[n - 1] == '0')
            n--;
        if (digits[n - 1] == '.')
            n--;
    }
    snprintf(buf, (size_t)size, "%.*s %s", (int)n, digits, unit);
}

/* "1h 30m" of `whole` small units; the second part is left out where it is zero. */
static void format_pair(int64_t whole, int64_t per_big, const char *big,
                        const char *small, char *buf, int size)
{
    if (whole % per_big == 0)
        snprintf(buf, (size_t)size, "%lld%s", (long long)(whole / per_big), big);
    else
        snprintf(buf, (size_t)size, "%lld%s %lld%s", (long long)(whole / per_big), big,
                 (long long)(whole % per_big), small);
}

static void format_long(double s, char *buf, int size)
{
    if (s < 3599.5)
        format_pair(llround(s), 60, "m", "s", buf, size);
    else if (s < 86400 - 30)
        format_pair(llround(s / 60), 60, "h", "m", buf, size);
    else if (s < 1e15)
        format_pair(llround(s / 3600), 24, "d", "h", buf, size);
    else
        snprintf(buf, (size_t)size, "%.3g s", s);
}

char *sp_format_duration(double s, char *buf, int size)
{
    static const struct {
        const char *unit;
        double per_s;
    } units[] = {{"ns", 1e9}, {"us", 1e6}, {"ms", 1e3}};

    sp_assert(size > 0);
    if (!(s > 0)) {
        snprintf(buf, (size_t)size, "%s",
                 s == 0     ? "0 s"
                 : isnan(s) ? "n/a"
                            : "negative");
        return buf;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (s * units[i].per_s < 999.5) {
            format_short(s * units[i].per_s, units[i].unit, buf, size);
            return buf;
        }
    if (s < 59.95)
        format_short(s, "s", buf, size);
    else
        format_long(s, buf, size);
    return buf;
}

char *sp_format_bytes(double bytes, char *buf, int size)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    enum { LAST = sizeof units / sizeof units[0] - 1 };
    int i = 0;

    sp_assert(size > 0);
    if (!isfinite(bytes)) {
        snprintf(buf, (size_t)size, "n/a");
        return buf;
    }
    while (bytes >= 1023.5 && i < LAST) {
        bytes /= 1024;
        i++;
    }
    format_short(bytes, units[i], buf, size);
    return buf;
}

char *sp_format_count(double n, char *buf, int size)
{
    sp_assert(size > 0);
    snprintf(buf, (size_t)size, n == floor(n) && fabs(n) < 1e15 ? "%.0f" : "%.7g", n);
    return buf;
}

char *sp_format_size(double bytes, char *buf, int size)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    enum { LAST = sizeof units / sizeof units[0] - 1 };
    double n = bytes;
    int i = 0;

    for (; i < LAST && n >= 1024 && fmod(n, 1024) == 0; i++)
        n /= 1024;
    sp_format_count(n, buf, size);
    if (i > 0)
        snprintf(buf + strlen(buf), (size_t)size - strlen(buf), "%s", units[i]);
    return buf;
}
