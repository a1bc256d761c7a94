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
