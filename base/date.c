#include "base/date.h"

#include <stdbool.h>
#include <string.h>

enum { YEAR_END = 2200 }; /* the first year that is refused */

int64_t sp_days_from_civil(int year, int month, int day)
{
    static const int before[12] = {0,   31,  59,  90,  120, 151,
                                   181, 212, 243, 273, 304, 334};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int in_month, past;

    if (year < 1970 || year >= YEAR_END || month < 1 || month > 12 || day < 1)
        return -1;
    in_month = (month == 12 ? 365 : before[month]) - before[month - 1];
    if (day > in_month + (leap && month == 2))
        return -1;
    past = year - 1;
    return (int64_t)(year - 1970) * 365 + (past / 4 - 1969 / 4) -
           (past / 100 - 1969 / 100) + (past / 400 - 1969 / 400) + before[month - 1] +
           (leap && month > 2) + day - 1;
}

/* Whether `text` has the shape of `form`, in which 0 stands for a digit. */
static bool has_form(const char *text, const char *form)
{
    if (strlen(text) != strlen(form))
        return false;
    for (; *form != '\0'; text++, form++)
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return true;
}

static int pair(const char *p)
{
    return (p[0] - '0') * 10 + p[1] - '0';
}

int64_t sp_seconds_from_date(const char *date, const char *time)
{
    int64_t days;

    if (!has_form(date, "0000-00-00") || !has_form(time, "00:00:00"))
        return -1;
    days = sp_days_from_civil(pair(date) * 100 + pair(date + 2), pair(date + 5),
                              pair(date + 8));
    if (days < 0 || pair(time) > 23 || pair(time + 3) > 59 || pair(time + 6) > 59)
        return -1;
    return ((days * 24 + pair(time)) * 60 + pair(time + 3)) * 60 + pair(time + 6);
}
