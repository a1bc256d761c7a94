/* The calendar is the C library's, in UTC. */
#include "report/utc.h"

#include <stdio.h>
#include <time.h>

char *report_utc_text(int64_t unix_s, char buf[static REPORT_UTC])
{
    time_t at = unix_s;
    struct tm utc;

    gmtime_r(&at, &utc);
    if (strftime(buf, REPORT_UTC, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        buf[0] = '\0';
    return buf;
}

int64_t report_utc_month(int64_t unix_s, int months)
{
    time_t at = unix_s;
    struct tm utc, first = {.tm_mday = 1};

    gmtime_r(&at, &utc);
    first.tm_year = utc.tm_year;
    first.tm_mon = utc.tm_mon + months;
    return timegm(&first);
}

int64_t report_utc_start(const struct report_context *c)
{
    return c->start_s > 0 ? c->start_s : report_utc_month(c->created_s, 0);
}

/* ---- reading ---- */

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    int64_t era, yoe, doy, doe;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

bool report_utc_read(const char *text, int64_t *s)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    int y, mo, d, h, mi, se;

    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &y, &mo, &d, &h, &mi, &se) != 6 ||
        mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || se > 60)
        return false;
    *s = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + se;
    return true;
}
